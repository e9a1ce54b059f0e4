//! Sealed parts open in their place and nowhere else.

use wire::{
    id::{CaseId, OrgId},
    log::{LogId, MAX_ENTRY},
};

use super::{MIN_PADDED, Place, derive, open_part, padded, seal_part};
use crate::{EpochKey, KeyError, hazmat, tests::Dice};

const PLACE: Place = Place { org: OrgId::from_bytes([1; 32]), log: LogId::Case(CaseId::from_bytes([2; 16])), seq: 3 };

#[test]
fn a_part_opens_only_in_its_place() {
    let mut dice = Dice::new("part");
    let key = EpochKey::make(&mut dice);
    let sealed = seal_part(&PLACE, 4, &key, b"Aisha", &mut dice).unwrap();
    assert_eq!(sealed.len(), 16 + 128 + 16);
    assert_eq!(open_part(&PLACE, 4, &key, &sealed).unwrap().as_slice(), b"Aisha");
    let elsewhere = [
        (Place { org: OrgId::from_bytes([9; 32]), ..PLACE }, 4),
        (Place { log: LogId::Case(CaseId::from_bytes([9; 16])), ..PLACE }, 4),
        (Place { log: LogId::Org, ..PLACE }, 4),
        (Place { seq: 4, ..PLACE }, 4),
        (PLACE, 3),
    ];
    for (place, epoch) in elsewhere {
        assert_eq!(open_part(&place, epoch, &key, &sealed).err(), Some(KeyError::BadWrap), "{place:?} {epoch}");
    }
    assert_eq!(open_part(&PLACE, 4, &EpochKey::make(&mut dice), &sealed).err(), Some(KeyError::BadWrap));
}

#[test]
fn a_damaged_part_does_not_open() {
    let mut dice = Dice::new("part");
    let key = EpochKey::make(&mut dice);
    let sealed = seal_part(&PLACE, 4, &key, b"Aisha", &mut dice).unwrap();
    for at in 0..sealed.len() {
        let mut other = sealed.clone();
        other[at] ^= 1;
        assert_eq!(open_part(&PLACE, 4, &key, &other).err(), Some(KeyError::BadWrap));
        assert_eq!(open_part(&PLACE, 4, &key, &sealed[..at]).err(), Some(KeyError::BadWrap));
    }
    assert_ne!(seal_part(&PLACE, 4, &key, b"Aisha", &mut dice).unwrap(), sealed, "salted afresh");
}

/// What the server keeps says nothing of how long a name is, and little of how long a reason is.
#[test]
fn parts_of_many_lengths_look_alike() {
    let mut dice = Dice::new("part");
    let key = EpochKey::make(&mut dice);
    let mut len_of = |len: usize| {
        let text = vec![7; len];
        let sealed = seal_part(&PLACE, 4, &key, &text, &mut dice).unwrap();
        assert_eq!(*open_part(&PLACE, 4, &key, &sealed).unwrap(), text);
        sealed.len() - 32
    };
    for len in 0..=MIN_PADDED - 4 {
        assert_eq!(len_of(len), MIN_PADDED);
    }
    assert_eq!([125, 140, 141, 1000, 5000].map(len_of), [144, 144, 160, 1024, 5120]);
    let long = vec![0; MAX_ENTRY + 1];
    assert_eq!(seal_part(&PLACE, 4, &key, &long, &mut Dice::new("x")).err(), Some(KeyError::TooLarge));
}

/// Whoever holds the key can seal anything; only what is padded in the one way opens.
#[test]
fn padding_has_one_form() {
    let key = EpochKey::make(&mut Dice::new("part"));
    let opened = |text: &[u8]| {
        let salt = [1; 16];
        let (key_once, aad) = derive(&PLACE, 4, &key, &salt).unwrap();
        let sealed = hazmat::seal_once(&key_once, &aad, text.to_vec().into()).unwrap();
        open_part(&PLACE, 4, &key, &[salt.as_slice(), &sealed].concat()).map(|text| text.to_vec())
    };
    let good = padded(b"Aisha").unwrap().to_vec();
    assert_eq!(opened(&good), Ok(b"Aisha".to_vec()));
    let mut dirty = good.clone();
    dirty[127] = 1;
    let longer = [good.as_slice(), &[0; 8]].concat();
    let with_len = |len: u32| [&len.to_be_bytes(), &good[4..]].concat();
    let past_the_end = with_len(125);
    for text in [&dirty, &longer, &good[..127], b"Aisha".as_slice(), b"", &[0; 3], &past_the_end, &with_len(u32::MAX), &with_len(4)] {
        assert_eq!(opened(text), Err(KeyError::BadWrap));
    }
}
