//! The count of tries: what it says, how long it makes one wait, and that nothing else passes for it.

use std::convert::Infallible;

use proptest::prelude::*;
use zeroize::Zeroizing;

use super::*;
use crate::keyslot::software_keystore;

const SALT: [u8; 16] = [7; 16];

fn none(_: &[u8]) -> Result<KeystoreShare, Infallible> {
    Ok(Zeroizing::default())
}

fn keystore(asked: &[u8]) -> Result<KeystoreShare, Infallible> {
    Ok(software_keystore(b"a key that never leaves", asked))
}

#[test]
fn the_first_four_tries_are_free_and_each_later_one_waits_twice_as_long_up_to_a_quarter_of_an_hour() {
    let mut tries = Tries::default();
    let mut waits = Vec::new();
    for _ in 0..MOST {
        waits.push(tries.wait_ms(5_000) / 1000);
        tries = tries.begin(5_000);
    }
    assert_eq!(waits, [0, 0, 0, 0, 30, 60, 120, 240, 480, 900]);
    assert!(tries.is_last());
    assert_eq!(Tries::lost(3, 5_000), Tries { used: 9, serial: 3, at_ms: 5_000 });
    assert_eq!((Tries::lost(3, 5_000).wait_ms(5_000), Tries::lost(3, 5_000).left()), (900_000, 1));
}

#[test]
fn a_process_that_died_in_the_last_try_finds_one_try_left() {
    let tries = Tries { used: MOST, serial: 1, at_ms: 0 };
    assert_eq!((tries.left(), tries.begin(9).used, tries.begin(9).is_last()), (1, MOST, true));
    assert_eq!(Tries::default().left(), MOST);
    assert_eq!(tries.forgiven(), Tries { used: 0, serial: 1, at_ms: 0 });
}

#[test]
fn a_count_is_proven_by_the_keystore_and_holds_for_these_keyslots_only() {
    let tries = Tries { used: 6, serial: 0x0102_0304, at_ms: 1_795_334_400_000 };
    let Ok(proven) = tries.encode(&SALT, keystore);
    let Ok(bare) = tries.encode(&SALT, none);
    assert_eq!((proven.len(), bare.len()), (FILE_LEN, FILE_LEN));
    assert_eq!(Tries::decode(&proven, &SALT, keystore), Ok(Some(tries)));
    assert_eq!(Tries::decode(&bare, &SALT, none), Ok(Some(tries)));
    assert_eq!(Tries::decode(&bare, &SALT, keystore), Ok(None), "a proof that anybody can make is none where there is a keystore");
    assert_eq!(Tries::decode(&proven, &SALT, none), Ok(None));
    assert_eq!(Tries::decode(&proven, &[8; 16], keystore), Ok(None), "other keyslots");
    assert_eq!(Tries::decode(&proven, &SALT, |_| Err("gone")), Err("gone"));
    for at in 0..FILE_LEN {
        for flip in [1, 0x80] {
            let mut other = proven.clone();
            other[at] ^= flip;
            assert_eq!(Tries::decode(&other, &SALT, keystore), Ok(None), "byte {at}");
        }
    }
    for len in [0, 5, BODY_LEN, FILE_LEN - 1] {
        assert_eq!(Tries::decode(&proven[..len], &SALT, keystore), Ok(None), "{len} bytes");
    }
    assert_eq!(Tries::decode(&[proven.as_slice(), &[0]].concat(), &SALT, keystore), Ok(None));
    let beyond = Tries { used: MOST + 1, ..tries };
    let Ok(beyond) = beyond.encode(&SALT, keystore);
    assert_eq!(Tries::decode(&beyond, &SALT, keystore), Ok(None), "more than there can be");
}

proptest! {
    /// Whatever a clock does backwards, what remains is never less than it was; and it is never more than the whole wait.
    #[test]
    fn a_clock_set_back_never_shortens_a_wait(used in 0..=MOST, at in 0..i64::MAX / 2, later in 0..2_000_000_i64, back in 0..i64::MAX / 4) {
        let tries = Tries { used, serial: 1, at_ms: at };
        let whole = tries.wait_ms(at);
        let (now, set_back) = (at + later, at + later - back);
        prop_assert!(tries.wait_ms(now) <= whole);
        let rebased = tries.rebased(set_back);
        prop_assert!(rebased.wait_ms(set_back) >= tries.wait_ms(now));
        prop_assert!(rebased.wait_ms(set_back) <= whole);
        prop_assert_eq!(rebased.wait_ms(set_back + 900_000), 0, "and it ends");
    }
}
