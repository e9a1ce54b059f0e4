//! What the database's key opens before and after it was changed.
#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

use std::{fs, path::PathBuf};

use casework::{Edit, Programme};
use seal::keyslot::{self, KeystoreShare, MasterKey};
use tempfile::TempDir;
use wire::{id::CaseId, log::EraseBasis};

use super::*;
use crate::{stock::tests::founded, vault::Vault};

const SECRET: &[u8] = "tolv cykler under broen ved havnen".as_bytes();

fn master(device: &Device) -> MasterKey {
    let slots = fs::read(device.dir().join(files::KEYSLOTS)).unwrap();
    keyslot::open(&slots, SECRET, &KeystoreShare::default()).unwrap()
}

fn names(device: &Device) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(device.dir()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.starts_with("vault."));
    names.sort();
    names
}

fn noted(device: &Device, case: CaseId, text: &str) {
    let note = Edit::AddNote { id: device.new_item(), text: text.to_owned(), at_ms: 0 };
    device.edit(case, note).unwrap();
}

fn texts(device: &Device, case: CaseId) -> Vec<String> {
    device.case_show(case).unwrap().notes.values().map(|note| note.text.clone()).collect()
}

/// A device with a case that stays, after another was erased; and its files of before that, with their key.
fn erased() -> (TempDir, Device, CaseId, PathBuf, salt::Key) {
    let dir = TempDir::new().unwrap();
    let device = founded(&dir.path().join("device"));
    let stays = device.new_case("Uglen", Programme::National, None).unwrap();
    noted(&device, stays, "bliver her");
    let goes = device.new_case("Falken", Programme::National, None).unwrap();
    noted(&device, goes, "kanariefugl");
    device.lock();
    let before = dir.path().join("before.db");
    fs::copy(device.dir().join(files::DATABASE), &before).unwrap();
    let key = opening::key(device.dir(), &master(&device)).unwrap();
    device.unlock(SECRET).unwrap();
    device.erase(goes, EraseBasis::Mistake).unwrap();
    (dir, device, stays, before, key)
}

#[test]
fn what_the_disk_kept_of_before_opens_with_nothing_that_is_left() {
    let (_dir, device, stays, before, (number, key)) = erased();
    assert_eq!(names(&device), ["vault.db", "vault.db-wal", "vault.db.mark", "vault.salt-1"]);
    device.renew().unwrap();
    assert_eq!(texts(&device, stays), ["bliver her"], "and the app goes on");
    noted(&device, stays, "og her");
    device.lock();
    assert_eq!(names(&device), ["vault.db", "vault.db.mark", "vault.salt-2"], "one salt, another one, and no older database");
    let now = opening::key(device.dir(), &master(&device)).unwrap();
    assert_eq!((number, now.0), (Some(1), Some(2)));
    assert!(now.1 != key, "the secret and the keyslots are the same, the key is another");
    assert!(Vault::look(&before, &key).is_ok(), "who kept the key of before would read it");
    for (_, key) in salt::keys(device.dir(), &master(&device)).unwrap() {
        assert_eq!(Vault::look(&before, &key).unwrap_err().code(), "vault.damaged", "nobody else does");
    }
    device.unlock(SECRET).unwrap();
    assert_eq!((device.read_only(), texts(&device, stays).len()), (None, 2));
    device.with(|open, _| open.vault.check()).unwrap();
}

#[test]
fn it_is_done_once_and_again_only_after_something_else_was_erased() {
    let (_dir, device, stays, ..) = erased();
    for _ in 0..2 {
        device.renew().unwrap();
        assert!(names(&device).contains(&"vault.salt-2".to_owned()));
    }
    device.erase(stays, EraseBasis::Mistake).unwrap();
    device.lock();
    device.unlock(SECRET).unwrap();
    assert!(names(&device).contains(&"vault.salt-3".to_owned()), "an unlock does it as well");
}

#[test]
fn what_stands_in_the_way_leaves_the_old_key_and_it_is_tried_again() {
    let (_dir, device, stays, _, (number, _)) = erased();
    let in_the_way = device.dir().join(files::NEXT);
    fs::create_dir(&in_the_way).unwrap();
    device.renew().unwrap();
    assert_eq!((device.read_only(), texts(&device, stays)), (None, vec!["bliver her".to_owned()]));
    noted(&device, stays, "imens");
    assert_eq!(opening_key(&device).0, number);
    assert!(device.with(|open, _| is_demanded(open.vault.db())).unwrap());
    fs::remove_dir(&in_the_way).unwrap();
    device.unlock(SECRET).unwrap();
    device.renew().unwrap();
    assert!(opening_key(&device).0 > number);
    assert!(!device.with(|open, _| is_demanded(open.vault.db())).unwrap());
    assert_eq!(texts(&device, stays).len(), 2);
}

/// The key that the closed database has; the device is open again afterwards.
fn opening_key(device: &Device) -> salt::Key {
    device.lock();
    let key = opening::key(device.dir(), &master(device)).unwrap();
    device.unlock(SECRET).unwrap();
    key
}

#[test]
fn a_salt_that_is_gone_or_damaged_is_named_and_an_unfinished_one_is_no_salt() {
    let (_dir, device, stays, ..) = erased();
    device.renew().unwrap();
    device.lock();
    let salt = device.dir().join("vault.salt-2");
    let whole = fs::read(&salt).unwrap();
    for damaged in [&whole[..whole.len() - 1], &[0; 40], b""] {
        fs::write(&salt, damaged).unwrap();
        assert_eq!(device.unlock(SECRET).unwrap_err().code(), "vault.damaged");
    }
    fs::remove_file(&salt).unwrap();
    assert_eq!(device.unlock(SECRET).unwrap_err().code(), "vault.damaged");
    fs::write(&salt, &whole).unwrap();
    fs::write(device.dir().join("vault.salt-3.new"), &whole[..9]).unwrap();
    fs::write(device.dir().join("vault.salt-03"), &whole).unwrap();
    device.unlock(SECRET).unwrap();
    assert_eq!(texts(&device, stays), ["bliver her"]);
    device.lock();
    assert_eq!(names(&device), ["vault.db", "vault.db.mark", "vault.salt-2"]);
}
