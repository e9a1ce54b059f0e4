//! What a device asks behind the question mark, and what somebody else may write there.

use wire::id::IncarnationId;

use super::*;
use crate::answer::Cursor;

#[test]
fn a_question_changed_at_random_is_understood_or_refused() {
    let many = std::env::var("BROBYGGER_INPUTS").map_or(2_000, |number| number.parse().expect("BROBYGGER_INPUTS is a number"));
    let cursor = cbor::encode(&Cursor::read(b"", IncarnationId::from_bytes([1; 16]), 9));
    let seed = format!("c={}&o={}.17&w=25&p=1", BASE64URL_NOPAD.encode(&cursor), Digest::ZERO);
    let sound = asked(&seed).unwrap();
    assert_eq!((sound.cursor, sound.resume.map(|resume| resume.offset), sound.wait_s, sound.plain), (cursor, Some(17), 25, true));
    let mut state: u64 = 7;
    let mut below = |end: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((state >> 33) % end.max(1) as u64).unwrap()
    };
    let mut taken = 0_u64;
    for _ in 0..many {
        let mut bytes = seed.clone().into_bytes();
        for _ in 0..=below(4) {
            let at = below(bytes.len());
            match below(4) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, b"&=.-%cowp9"[below(10)]),
                2 if at < bytes.len() => bytes[at] = b"&=.-%cowp9"[below(10)],
                _ => bytes.extend_from_within(at..),
            }
        }
        if let Some(asked) = String::from_utf8(bytes).ok().and_then(|query| asked(&query)) {
            assert!(asked.wait_s <= MAX_WAIT_S && asked.cursor.len() <= seed.len() * 16);
            let read = Cursor::read(&asked.cursor, IncarnationId::from_bytes([1; 16]), 9);
            assert_eq!(Cursor::read(&cbor::encode(&read), IncarnationId::from_bytes([1; 16]), 9), read);
            taken += 1;
        }
    }
    assert!(taken > 0, "none was understood, and this shows nothing");
}
