//! Flipped bits, torn pages, pages of older content, logs that end too early: everything acknowledged is there, or what is
//! wrong has a code.

use std::{fs, path::Path};

use seal::keyslot::MasterKey;
use tempfile::TempDir;
use wire::id::CaseId;

use super::{SECRET, copied, device, founded, key, master, note, notes, texts};
use crate::vault::{Vault, mark, opening};

/// A vault with some notes, closed.
fn closed(notes: usize) -> (TempDir, CaseId) {
    let dir = TempDir::new().unwrap();
    let (device, case) = founded(dir.path());
    for n in 0..notes {
        note(&device, case, &format!("note {n}: æøå {}", "ordene bliver flere ".repeat(20))).unwrap();
    }
    device.lock();
    (dir, case)
}

/// Places in so many bytes, the first and the last among them.
fn places(length: usize, how_many: u64, seed: u64) -> Vec<usize> {
    let mut state = seed;
    let mut dice = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap()
    };
    let mut all: Vec<usize> = (0..how_many).map(|_| dice() % length).collect();
    all.extend([0, 15, 16, 100, length - 1]);
    all
}

/// Opens what lies in a folder. It is whole, or it is named: by a refusal, or by a reason why it is only read; what is
/// then read is what was there, or is refused with a code.
fn whole_or_named(dir: &Path, lies: &Lies, what: &str) -> bool {
    let Lies { master, case, all } = lies;
    let opened = match opening::open(dir, master, true) {
        Err(error) => {
            assert_eq!(error.code(), "vault.damaged", "{what}");
            return true;
        }
        Ok(opened) => opened,
    };
    let told = texts(&opened.vault, *case);
    match opened.read_only {
        Some(why) => {
            assert_eq!(why, "vault.damaged", "{what}");
            match told {
                Ok(told) => assert!(told.iter().all(|text| all.contains(text)), "{what}: nothing is invented"),
                Err(error) => assert!(["vault.damaged", "crdt.damaged"].contains(&error.code().as_str()), "{what}: {error:?}"),
            }
            true
        }
        None => {
            assert_eq!(told.unwrap(), *all, "{what}: everything acknowledged is there");
            false
        }
    }
}

/// What lies in a vault: how it opens, and every note that was acknowledged.
struct Lies {
    master: MasterKey,
    case: CaseId,
    all: Vec<String>,
}

fn lies(dir: &Path, case: CaseId) -> Lies {
    let all = texts(&Vault::look(&dir.join("vault.db"), &key(dir)).unwrap(), case).unwrap();
    Lies { master: master(dir), case, all }
}

#[test]
fn a_flipped_bit_anywhere_in_a_closed_vault_is_named() {
    let (dir, case) = closed(20);
    let lies = lies(dir.path(), case);
    let file = dir.path().join("vault.db");
    let bytes = fs::read(&file).unwrap();
    for (n, place) in places(bytes.len(), 40, 1).into_iter().enumerate() {
        let copy = copied(dir.path());
        let mut bad = bytes.clone();
        bad[place] ^= 1 << (n % 8);
        fs::write(copy.path().join("vault.db"), &bad).unwrap();
        assert!(whole_or_named(copy.path(), &lies, &format!("a bit at {place}")), "the bit at {place} is named");
    }
}

#[test]
fn a_device_with_a_damaged_page_reads_on_and_writes_nothing() {
    let (dir, case) = closed(20);
    let file = dir.path().join("vault.db");
    let whole = fs::read(&file).unwrap();
    for place in [40_usize, whole.len() / 2, whole.len() - 5] {
        let mut torn = whole.clone();
        torn[place] ^= 0x20;
        fs::write(&file, &torn).unwrap();
        let device = device(dir.path());
        match device.unlock(SECRET) {
            Err(error) => assert_eq!(error.code(), "vault.damaged", "{place}"),
            Ok(()) => {
                assert_eq!(device.read_only(), Some("vault.damaged"), "{place}");
                assert_eq!(note(&device, case, "mere").unwrap_err().code(), "vault.read_only");
                assert_eq!(device.verify().map_or_else(|error| error.code(), |found| found.problems.join(" ")), "vault.damaged");
            }
        }
        device.lock();
        assert_eq!(fs::read(&file).unwrap(), torn, "what is damaged is left as it was found");
    }
    fs::write(&file, &whole).unwrap();
    let device = device(dir.path());
    device.unlock(SECRET).unwrap();
    assert_eq!(device.read_only(), None);
    assert_eq!(notes(&device, case).len(), 20);
}

#[test]
fn a_torn_last_page_and_a_page_of_older_content_are_named() {
    let (dir, case) = closed(6);
    let file = dir.path().join("vault.db");
    let older = fs::read(&file).unwrap();
    let device = device(dir.path());
    device.unlock(SECRET).unwrap();
    for n in 0..6 {
        note(&device, case, &format!("senere {n}")).unwrap();
    }
    device.lock();
    let newer = fs::read(&file).unwrap();
    let lies = lies(dir.path(), case);
    let mut stale = 0;
    for page in 0..older.len() / 4096 {
        let place = page * 4096..(page + 1) * 4096;
        if older[place.clone()] == newer[place.clone()] {
            continue;
        }
        let copy = copied(dir.path());
        let mut mixed = newer.clone();
        mixed[place.clone()].copy_from_slice(&older[place]);
        fs::write(copy.path().join("vault.db"), &mixed).unwrap();
        assert!(whole_or_named(copy.path(), &lies, &format!("page {page} as it was")), "page {page} is named");
        stale += 1;
    }
    assert!(stale > 3, "some pages changed: {stale}");
    for cut in [1, 2048, 4096, newer.len() / 2] {
        let copy = copied(dir.path());
        fs::write(copy.path().join("vault.db"), &newer[..newer.len() - cut]).unwrap();
        assert!(whole_or_named(copy.path(), &lies, &format!("{cut} bytes short")), "{cut} bytes short is named");
        let mut half = newer.clone();
        half[newer.len() - cut..].fill(0);
        fs::write(copy.path().join("vault.db"), &half).unwrap();
        assert!(whole_or_named(copy.path(), &lies, &format!("{cut} bytes of nothing")), "{cut} bytes of nothing are named");
    }
}

#[test]
fn a_flipped_bit_in_the_log_that_a_crash_left_is_named_or_does_no_harm() {
    let dir = TempDir::new().unwrap();
    let (device, case) = founded(dir.path());
    device.lock();
    device.unlock(SECRET).unwrap();
    for n in 0..12 {
        note(&device, case, &format!("note {n}")).unwrap();
    }
    // As a crash leaves it: nothing is closed.
    let crashed = copied(dir.path());
    let lies = lies(crashed.path(), case);
    assert_eq!(lies.all.len(), 12);
    let log = fs::read(crashed.path().join("vault.db-wal")).unwrap();
    let mut named = 0;
    for (n, place) in places(log.len(), 50, 2).into_iter().chain((0..32).step_by(3)).enumerate() {
        let copy = copied(crashed.path());
        let mut bad = log.clone();
        bad[place] ^= 1 << (n % 8);
        fs::write(copy.path().join("vault.db-wal"), &bad).unwrap();
        named += usize::from(whole_or_named(copy.path(), &lies, &format!("a bit of the log at {place}")));
    }
    assert!(named > 50, "a bit in a frame that counts is named: {named}");
    fs::remove_file(crashed.path().join("vault.db-wal")).unwrap();
    assert!(whole_or_named(crashed.path(), &lies, "no log at all"), "a log that somebody removed is named");
}

#[test]
fn a_log_whose_removal_a_loss_of_power_undid_names_nothing_and_takes_nothing_back() {
    let (dir, case) = closed(3);
    let device = device(dir.path());
    device.unlock(SECRET).unwrap();
    for n in 0..6 {
        note(&device, case, &format!("senere {n}")).unwrap();
    }
    let log = fs::read(dir.path().join("vault.db-wal")).unwrap();
    assert!(!log.is_empty());
    device.lock();
    let lies = lies(dir.path(), case);
    assert_eq!(lies.all.len(), 9);
    let copy = copied(dir.path());
    fs::write(copy.path().join("vault.db-wal"), &log).unwrap();
    assert!(!whole_or_named(copy.path(), &lies, "the log is there again"), "it is as it was sealed");
    // Only a part of it would take the file back to an earlier day: that is named.
    for part in [log.len() / 4, log.len() / 2] {
        let copy = copied(dir.path());
        fs::write(copy.path().join("vault.db-wal"), &log[..part]).unwrap();
        whole_or_named(copy.path(), &lies, &format!("{part} bytes of the log"));
    }
}

#[test]
fn a_mark_that_is_damaged_or_gone_names_nothing() {
    let (dir, case) = closed(3);
    let lies = lies(dir.path(), case);
    let file = mark::file_of(&dir.path().join("vault.db"));
    let whole = fs::read(&file).unwrap();
    for place in (0..whole.len()).step_by(5) {
        let copy = copied(dir.path());
        let mut bad = whole.clone();
        bad[place] ^= 1;
        fs::write(mark::file_of(&copy.path().join("vault.db")), &bad).unwrap();
        assert!(!whole_or_named(copy.path(), &lies, &format!("byte {place} of the mark")));
    }
    fs::remove_file(&file).unwrap();
    assert!(!whole_or_named(dir.path(), &lies, "no mark"));
}
