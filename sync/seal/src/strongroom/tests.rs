//! The room opens with its own key only, and each thing in it only as what it was put in as.

use wire::{
    envelope::{Compartment, Stream},
    id::CaseId,
};

use super::*;
use crate::tests::Dice;

const STREAM: Stream = Stream::of(CaseId::from_bytes([1; 16]), Compartment::Address);

fn room(seed: &str) -> Strongroom {
    Strongroom::of(&MasterKey::make(&mut Dice::new(seed))).unwrap()
}

#[test]
fn a_key_comes_out_as_it_was_put_in_and_from_no_other_room() {
    let (mine, other) = (room("mine"), room("other"));
    let key = EpochKey::make(&mut Dice::new("key"));
    let sealed = put_key(mine.public(), STREAM, 3, &key, &mut Dice::new("seal")).unwrap();
    assert_eq!(*mine.key(STREAM, 3, &sealed).unwrap().0, *key.0);
    assert_eq!(other.key(STREAM, 3, &sealed).err(), Some(KeyError::Broken));
    assert!(!sealed.windows(32).any(|part| part == key.0.as_slice()));
}

#[test]
fn nothing_comes_out_as_something_else() {
    let mine = room("mine");
    let key = EpochKey::make(&mut Dice::new("key"));
    let sealed = put_key(mine.public(), STREAM, 3, &key, &mut Dice::new("seal")).unwrap();
    let elsewhere = Stream::of(CaseId::from_bytes([2; 16]), Compartment::Address);
    let beside = Stream { compartment: Compartment::Core, ..STREAM };
    assert_eq!(mine.key(STREAM, 4, &sealed).err(), Some(KeyError::Broken));
    assert_eq!(mine.key(elsewhere, 3, &sealed).err(), Some(KeyError::Broken));
    assert_eq!(mine.key(beside, 3, &sealed).err(), Some(KeyError::Broken));
    assert_eq!(mine.words(STREAM, &sealed).err(), Some(KeyError::Broken));
    let words = put_words(mine.public(), STREAM, b"Skovvej 3", &mut Dice::new("words")).unwrap();
    assert_eq!(mine.words(STREAM, &words).unwrap().as_slice(), b"Skovvej 3");
    assert_eq!(mine.words(elsewhere, &words).err(), Some(KeyError::Broken));
    for at in (0..words.len()).step_by(61) {
        let mut changed = words.clone();
        changed[at] ^= 1;
        assert!(mine.words(STREAM, &changed).is_err(), "byte {at}");
    }
}

#[test]
fn nothing_can_be_put_into_what_is_no_room() {
    assert_eq!(put_words(&[7; 40], STREAM, b"x", &mut Dice::new("words")).err(), Some(KeyError::Broken));
}
