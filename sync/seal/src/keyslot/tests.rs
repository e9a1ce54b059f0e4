//! Keyslots: the right secret opens one of four; anything else says why not.

use super::*;
use crate::tests::Dice;

const PASSPHRASE: &[u8] = b"seks ord som ingen kan gaette";

fn share() -> KeystoreShare {
    Zeroizing::new(vec![5; 32])
}

fn made(seed: &str) -> (Vec<u8>, MasterKey) {
    let mut dice = Dice::new(seed);
    let master = MasterKey::make(&mut dice);
    let file = create(prepare(Cost::FLOOR, &mut dice).unwrap(), PASSPHRASE, &share(), &master, &mut dice).unwrap();
    (file, master)
}

fn opened(file: &[u8]) -> Result<[u8; 48], SlotError> {
    Ok(*open(file, PASSPHRASE, &share())?.database_key(&[])?)
}

/// Which slot of a file made here is the real one: the one that differs from what was prepared.
fn real_slot(seed: &str, file: &[u8]) -> usize {
    let mut dice = Dice::new(seed);
    MasterKey::make(&mut dice);
    let prepared = prepare(Cost::FLOOR, &mut dice).unwrap().file;
    let differing: Vec<usize> = (0..SLOTS)
        .filter(|slot| {
            let at = HEADER_LEN + slot * SLOT_LEN;
            file[at..at + SLOT_LEN] != prepared[at..at + SLOT_LEN]
        })
        .collect();
    assert_eq!(differing.len(), 1);
    differing[0]
}

#[test]
fn the_right_secret_opens() {
    let (file, master) = made("keyslot");
    assert_eq!(FILE_LEN, 2082);
    assert_eq!(file.len(), FILE_LEN);
    assert_eq!(opened(&file), Ok(*master.database_key(&[]).unwrap()));
    assert_eq!(format!("{master:?}"), "MasterKey");
}

#[test]
fn a_wrong_secret_does_not() {
    let (file, _) = made("keyslot");
    let attempt = |passphrase: &[u8], keystore: &[u8]| open(&file, passphrase, &Zeroizing::new(keystore.to_vec())).err();
    assert_eq!(attempt(b"seks ord som ingen kan gaettE", &[5; 32]), Some(SlotError::WrongSecret));
    assert_eq!(attempt(b"", &[5; 32]), Some(SlotError::WrongSecret));
    assert_eq!(attempt(PASSPHRASE, &[]), Some(SlotError::WrongSecret), "without the keystore");
    assert_eq!(attempt(PASSPHRASE, &[6; 32]), Some(SlotError::WrongSecret), "with another keystore");
    assert_eq!(attempt(PASSPHRASE, &[5; 31]), Some(SlotError::WrongSecret), "with part of the keystore");
}

#[test]
fn every_damaged_byte_of_the_header_is_noticed() {
    let (file, _) = made("keyslot");
    for at in 0..HEADER_LEN {
        for flip in [0x01, 0x80] {
            let mut other = file.clone();
            other[at] ^= flip;
            let expected = match at {
                0..6 => vec![SlotError::Damaged],
                6..22 => vec![SlotError::WrongSecret],
                _ => vec![SlotError::Cost, SlotError::WrongSecret],
            };
            let error = opened(&other).unwrap_err();
            assert!(expected.contains(&error), "byte {at}: {error:?}");
        }
    }
    for len in [0, 5, 6, HEADER_LEN - 1, HEADER_LEN, FILE_LEN - 1] {
        assert_eq!(opened(&file[..len]), Err(SlotError::Damaged), "{len} bytes");
    }
    assert_eq!(opened(&[file.as_slice(), &[0]].concat()), Err(SlotError::Damaged));
}

#[test]
fn a_damaged_slot_does_not_open_and_the_others_do_not_matter() {
    let (file, master) = made("keyslot");
    let real = real_slot("keyslot", &file);
    for slot in 0..SLOTS {
        for offset in [0, 15, 16, 47, 48, SLOT_LEN - 17, SLOT_LEN - 16, SLOT_LEN - 1] {
            let mut other = file.clone();
            other[HEADER_LEN + slot * SLOT_LEN + offset] ^= 1;
            let expected = if slot == real { Err(SlotError::WrongSecret) } else { Ok(*master.database_key(&[]).unwrap()) };
            assert_eq!(opened(&other), expected, "slot {slot}, byte {offset}");
        }
    }
}

#[test]
fn a_cost_outside_the_bounds_is_refused_before_any_work() {
    let (file, _) = made("keyslot");
    let with = |memory_kib: u32, passes: u32, lanes: u32| {
        let cost = Cost { memory_kib, passes, lanes };
        assert_eq!(prepare(cost, &mut Dice::new("cost")).is_err(), !cost.is_allowed());
        let mut other = header(Version::Counted, &[1; 16], cost);
        other.extend(&file[HEADER_LEN..]);
        Slots::parse(&other).err()
    };
    for (memory_kib, passes, lanes) in [(19 * 1024, 2, 1), (1024 * 1024, 10, 4), (64 * 1024, 3, 1), (128 * 1024, 3, 1)] {
        assert_eq!(with(memory_kib, passes, lanes), None);
    }
    for (memory_kib, passes, lanes) in [
        (19 * 1024 - 1, 2, 1),
        (0, 2, 1),
        (19 * 1024, 1, 1),
        (19 * 1024, 2, 0),
        (1024 * 1024 + 1, 10, 4),
        (u32::MAX, 3, 1),
        (64 * 1024, 11, 1),
        (64 * 1024, 3, 5),
    ] {
        assert_eq!(with(memory_kib, passes, lanes), Some(SlotError::Cost), "{memory_kib} {passes} {lanes}");
    }
    assert!(Cost::PHONE.is_allowed() && Cost::DESKTOP.is_allowed());
}

#[test]
fn the_four_slots_look_alike_and_each_is_used() {
    let mut used = std::collections::BTreeSet::new();
    for seed in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"] {
        let (file, _) = made(seed);
        used.insert(real_slot(seed, &file));
        for slot in file[HEADER_LEN..].chunks_exact(SLOT_LEN) {
            let ones: u32 = slot.iter().map(|byte| byte.count_ones()).sum();
            assert!((1888..=2208).contains(&ones), "{ones} ones of 4096 bits");
            let mut counts = [0_u32; 16];
            for byte in slot {
                counts[usize::from(byte >> 4)] += 1;
                counts[usize::from(byte & 15)] += 1;
            }
            let chi: f64 = counts.iter().map(|n| (f64::from(*n) - 64.0).powi(2) / 64.0).sum();
            assert!(chi < 50.0, "half bytes are uneven: {chi}");
            assert!(!slot.windows(8).any(|window| window.iter().all(|byte| *byte == window[0])), "a run of one byte");
        }
    }
    assert_eq!(used.len(), SLOTS);
}

/// The keystore is asked before there is a file, and afterwards of the file, with the same words.
#[test]
fn a_prepared_file_asks_what_the_made_one_asks() {
    let mut dice = Dice::new("keyslot");
    let master = MasterKey::make(&mut dice);
    let prepared = prepare(Cost::FLOOR, &mut dice).unwrap();
    assert_eq!(format!("{prepared:?}"), "Prepared");
    let asked = prepared.challenge();
    let file = create(prepared, PASSPHRASE, &share(), &master, &mut dice).unwrap();
    assert_eq!(keystore_challenge(&file), Ok(asked));
    assert_eq!(file, made("keyslot").0);
}

#[test]
fn a_keystore_is_asked_about_this_file() {
    let (file, _) = made("keyslot");
    let challenge = keystore_challenge(&file).unwrap();
    assert_eq!(challenge, [label::KEYSTORE.as_bytes(), &file[6..22]].concat());
    assert_ne!(keystore_challenge(&made("another").0).unwrap(), challenge);
    assert_eq!(keystore_challenge(&file[1..]), Err(SlotError::Damaged));
    let codes = [SlotError::WrongSecret, SlotError::Damaged, SlotError::Cost].map(|error| error.code());
    assert_eq!(codes, ["vault.wrong_secret", "vault.damaged", "vault.bad_cost"]);
}

/// A file of before tries were counted, made as it was made then.
fn of_before(seed: &str) -> (Vec<u8>, MasterKey) {
    let mut dice = Dice::new(seed);
    let master = MasterKey::make(&mut dice);
    let prepared = prepare_as(Version::First, Cost::FLOOR, hazmat::random, &mut dice).unwrap();
    (create(prepared, PASSPHRASE, &share(), &master, &mut dice).unwrap(), master)
}

#[test]
fn a_file_of_before_the_count_opens_and_neither_version_passes_for_the_other() {
    let (mut old, master) = of_before("keyslot");
    assert_eq!(opened(&old), Ok(*master.database_key(&[]).unwrap()));
    assert!(!look(&old).unwrap().is_counted);
    old[5] = 2;
    assert!(look(&old).unwrap().is_counted);
    assert_eq!(opened(&old), Err(SlotError::WrongSecret));
    let (mut new, _) = made("keyslot");
    assert!(look(&new).unwrap().is_counted);
    new[5] = 1;
    assert_eq!(opened(&new), Err(SlotError::WrongSecret), "who takes the count away takes the key away");
    new[5] = 3;
    assert_eq!(opened(&new), Err(SlotError::Damaged));
}

#[test]
fn a_master_key_is_wrapped_again_upward_only_and_under_the_same_salt() {
    let (old, master) = of_before("keyslot");
    let harder = Cost { memory_kib: 20 * 1024, passes: 2, lanes: 1 };
    let new = rewrap(&old, harder, PASSPHRASE, &share(), &master, &mut Dice::new("again")).unwrap();
    assert_eq!(look(&new), Ok(Look { salt: look(&old).unwrap().salt, cost: harder, is_counted: true }));
    assert_eq!(opened(&new), opened(&old));
    assert_ne!(new[HEADER_LEN..], old[HEADER_LEN..]);
    let lower = rewrap(&new, Cost::FLOOR, PASSPHRASE, &share(), &master, &mut Dice::new("lower")).unwrap();
    assert_eq!(look(&lower).unwrap().cost, harder, "never down");
    let mixed = Cost { memory_kib: 19 * 1024, passes: 3, lanes: 1 };
    assert_eq!(harder.or_harder(mixed), Cost { memory_kib: 20 * 1024, passes: 3, lanes: 1 });
    let beyond = Cost { memory_kib: u32::MAX, ..harder };
    assert_eq!(rewrap(&old, beyond, PASSPHRASE, &share(), &master, &mut Dice::new("beyond")), Err(SlotError::Cost));
}

#[test]
fn an_emptied_file_looks_like_a_file_and_opens_with_nothing() {
    let (file, _) = made("keyslot");
    let empty = emptied(&file, &mut Dice::new("empty")).unwrap();
    assert_eq!(look(&empty), look(&file));
    assert_eq!(opened(&empty), Err(SlotError::WrongSecret));
    for (slot, was) in empty[HEADER_LEN..].chunks_exact(SLOT_LEN).zip(file[HEADER_LEN..].chunks_exact(SLOT_LEN)) {
        assert!(slot.iter().zip(was).filter(|(a, b)| a == b).count() < 20, "no slot is left as it was");
    }
    assert_eq!(emptied(&file[..10], &mut Dice::new("empty")), Err(SlotError::Damaged));
}

/// In form, too: among many files no byte of a used slot is the same more often than chance lets it be.
#[test]
fn no_byte_of_a_used_slot_is_fixed() {
    let files: Vec<(Vec<u8>, usize)> =
        (0..24).map(|n| format!("file {n}")).map(|seed| (made(&seed).0, real_slot(&seed, &made(&seed).0))).collect();
    for at in 0..SLOT_LEN {
        let seen: std::collections::BTreeSet<u8> = files.iter().map(|(file, real)| file[HEADER_LEN + real * SLOT_LEN + at]).collect();
        assert!(seen.len() > 12, "byte {at} is one of {} in 24 files", seen.len());
    }
}

const SECOND: &[u8] = b"et andet ord som man giver fra sig";

fn with(file: &[u8], words: &[u8]) -> Result<Vec<u8>, SlotError> {
    with_second(file, PASSPHRASE, &share(), Some((SECOND, words)), &mut Dice::new("second"))
}

fn second(file: &[u8]) -> Result<Vec<u8>, SlotError> {
    match open_any(file, SECOND, &share())? {
        Opened::Second(words) => Ok(words.to_vec()),
        Opened::Master(_) => panic!("the second secret opens the vault"),
    }
}

#[test]
fn a_second_secret_opens_its_words_and_not_the_vault_and_the_first_opens_the_vault_as_before() {
    let (file, master) = made("keyslot");
    for len in [1, 300, 445, 1000, SECOND_LEN] {
        let words: Vec<u8> = (0..len).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let both = with(&file, &words).unwrap();
        assert_eq!((both.len(), second(&both)), (FILE_LEN, Ok(words)), "{len}");
        assert_eq!(open(&both, SECOND, &share()).err(), Some(SlotError::WrongSecret));
        assert_eq!(opened(&both), Ok(*master.database_key(&[]).unwrap()));
        assert_eq!(open_any(&both, SECOND, &Zeroizing::new(Vec::new())).err(), Some(SlotError::WrongSecret), "without the keystore");
    }
}

#[test]
fn a_second_secret_is_another_has_words_that_fit_and_is_chosen_by_whoever_has_the_first() {
    let (file, _) = made("keyslot");
    let chosen = |first: &[u8], second: &[u8], words: &[u8]| {
        with_second(&file, first, &share(), Some((second, words)), &mut Dice::new("second")).err()
    };
    assert_eq!(chosen(PASSPHRASE, PASSPHRASE, b"x"), Some(SlotError::Same));
    assert_eq!(chosen(b"galt", SECOND, b"x"), Some(SlotError::WrongSecret));
    assert_eq!(chosen(PASSPHRASE, SECOND, b""), Some(SlotError::TooLong));
    assert_eq!(chosen(PASSPHRASE, SECOND, &[0; SECOND_LEN + 1]), Some(SlotError::TooLong));
    let both = with(&file, b"x").unwrap();
    assert_eq!(with_second(&both, SECOND, &share(), None, &mut Dice::new("x")).err(), Some(SlotError::WrongSecret), "nor by the second");
}

#[test]
fn a_second_secret_ends_with_the_next_without_it_and_when_the_file_is_wrapped_again() {
    let (file, master) = made("keyslot");
    let both = with(&file, &[7; SECOND_LEN]).unwrap();
    let again = with(&both, b"kort").unwrap();
    assert_eq!(second(&again), Ok(b"kort".to_vec()));
    let none = with_second(&again, PASSPHRASE, &share(), None, &mut Dice::new("none")).unwrap();
    assert_eq!(second(&none), Err(SlotError::WrongSecret));
    assert_eq!(opened(&none), Ok(*master.database_key(&[]).unwrap()));
    let new = rewrap(&both, Cost::FLOOR, PASSPHRASE, &share(), &master, &mut Dice::new("rewrap")).unwrap();
    assert_eq!(second(&new), Err(SlotError::WrongSecret));
    let emptied = emptied(&both, &mut Dice::new("empty")).unwrap();
    assert_eq!(second(&emptied), Err(SlotError::WrongSecret));
}

#[test]
fn whoever_has_no_secret_sees_the_same_with_a_second_one_as_without() {
    let (file, _) = made("keyslot");
    let both = with(&file, b"ord").unwrap();
    assert_eq!(both[..HEADER_LEN], file[..HEADER_LEN]);
    assert_eq!(look(&both), look(&file));
    let home = real_slot("keyslot", &file);
    for slot in 0..SLOTS {
        let at = HEADER_LEN + slot * SLOT_LEN;
        let (old, new) = (&file[at..at + SLOT_LEN], &both[at..at + SLOT_LEN]);
        assert_eq!(old == new, slot == home, "every other slot is made anew, used or not");
        // Bits of a sealed slot and of a random one are as many: neither has a pattern.
        let ones: u32 = new.iter().map(|byte| byte.count_ones()).sum();
        assert!((1850..2250).contains(&ones), "{slot}: {ones}");
    }
}
