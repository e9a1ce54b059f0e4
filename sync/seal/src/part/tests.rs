//! Sealed parts open in their place and nowhere else.

use wire::{
    id::{CaseId, OrgId},
    log::LogId,
};

use super::{Place, open_part, seal_part};
use crate::{EpochKey, KeyError, tests::Dice};

const PLACE: Place = Place { org: OrgId::from_bytes([1; 32]), log: LogId::Case(CaseId::from_bytes([2; 16])), seq: 3 };

#[test]
fn a_part_opens_only_in_its_place() {
    let mut dice = Dice::new("part");
    let key = EpochKey::make(&mut dice);
    let sealed = seal_part(&PLACE, 4, &key, b"Aisha", &mut dice).unwrap();
    assert_eq!(sealed.len(), 16 + 5 + 16);
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
