//! The vault under bad conditions: wrong secrets, two openers, torn pages, a full disk.
#![allow(clippy::disallowed_methods, reason = "tests read and damage files")]

use std::{fs, path::Path, sync::Arc};

use casework::{Case, Edit, Programme};
use seal::{
    DeviceKeys,
    keyslot::{self, Cost, KeystoreShare, MasterKey},
};
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::{Vault, documents, meta};
use crate::{Device, DeviceError, SystemHost};

mod damage;
mod keeping;
mod migration;
mod prefixes;

const SECRET: &[u8] = b"tolv cykler under broen ved havnen";

fn device(dir: &Path) -> Device {
    Device::new(dir, Arc::new(SystemHost::with_cost(Cost::FLOOR)))
}

fn founded(dir: &Path) -> (Device, wire::id::CaseId) {
    let device = device(dir);
    device.create_vault(SECRET).unwrap();
    device.found_organisation("http://127.0.0.1:1", Vec::new(), "Broen", "Hanne", "bordet").unwrap();
    let case = device.new_case("Falken", Programme::National, None).unwrap();
    (device, case)
}

fn note(device: &Device, case: wire::id::CaseId, text: &str) -> Result<(), DeviceError> {
    let id = device.new_item();
    device.edit(case, Edit::AddNote { id, text: text.to_owned(), at_ms: device.host().now_ms() }).map(|_| ())
}

fn notes(device: &Device, case: wire::id::CaseId) -> Vec<String> {
    device.case_show(case).unwrap().notes.values().map(|note| note.text.clone()).collect()
}

/// The key of the database in a folder.
fn key(dir: &Path) -> Zeroizing<[u8; 48]> {
    super::opening::key(dir, &master(dir)).unwrap().1
}

fn master(dir: &Path) -> MasterKey {
    let slots = fs::read(dir.join("keyslots")).unwrap();
    keyslot::open(&slots, SECRET, &KeystoreShare::default()).unwrap()
}

/// The notes of a case, read from the document itself.
fn texts(vault: &Vault, case: wire::id::CaseId) -> Result<Vec<String>, DeviceError> {
    let keys = meta::get(vault.db(), meta::DEVICE_KEYS)?.ok_or(DeviceError::Damaged)?;
    let keys = DeviceKeys::from_secret_bytes(&keys)?;
    let Some(stored) = documents::load(vault.db(), case)? else { return Ok(Vec::new()) };
    let show = Case::load(case, keys.actor(&case), &stored.bytes)?.show();
    let mut texts: Vec<String> = show.notes.values().map(|note| note.text.clone()).collect();
    texts.sort();
    Ok(texts)
}

/// A copy of a folder with a vault, on memory's own file system where there is one.
fn copied(from: &Path) -> TempDir {
    let to = tempfile::tempdir_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        fs::copy(entry.path(), to.path().join(entry.file_name())).unwrap();
    }
    to
}

#[test]
fn a_wrong_passphrase_opens_nothing_and_loses_nothing() {
    let dir = TempDir::new().unwrap();
    let (device, case) = founded(dir.path());
    note(&device, case, "det står her").unwrap();
    device.lock();
    assert_eq!(device.cases().unwrap_err().code(), "vault.locked");
    assert_eq!(device.unlock(b"tolv cykler under broen ved stranden").unwrap_err().code(), "vault.wrong_secret");
    assert!(!device.is_unlocked());
    device.unlock(SECRET).unwrap();
    assert_eq!(notes(&device, case), ["det står her"]);
}

#[test]
fn weak_secrets_and_pins_without_a_keystore_are_refused() {
    let dir = TempDir::new().unwrap();
    let device = device(dir.path());
    assert_eq!(device.create_vault(b"kort").unwrap_err().code(), "vault.weak_secret");
    assert_eq!(device.create_vault(b"482913").unwrap_err().code(), "vault.no_keystore");
    assert_eq!(device.create_vault(b"aaaaaaaaaaaaaaaaaaaaaaaa").unwrap_err().code(), "vault.weak_secret");
    assert!(!device.has_vault());
}

#[test]
fn a_vault_has_one_opener_at_a_time() {
    let dir = TempDir::new().unwrap();
    let (first, _) = founded(dir.path());
    let second = device(dir.path());
    assert_eq!(second.unlock(SECRET).unwrap_err().code(), "vault.in_use");
    first.lock();
    second.unlock(SECRET).unwrap();
}

#[test]
fn a_damaged_keyslot_file_is_named() {
    let dir = TempDir::new().unwrap();
    let (device, _) = founded(dir.path());
    device.lock();
    let file = dir.path().join("keyslots");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..100]).unwrap();
    assert_eq!(device.unlock(SECRET).unwrap_err().code(), "vault.damaged");
    fs::write(&file, &whole).unwrap();
    device.unlock(SECRET).unwrap();
}

#[test]
fn a_full_disk_refuses_calmly_and_keeps_what_it_has() {
    let dir = TempDir::new().unwrap();
    let (device, case) = founded(dir.path());
    note(&device, case, "før").unwrap();
    let limit = |pages: &str| {
        device
            .with(|open, _| {
                let now: i64 = open.vault.db().query_row("PRAGMA page_count", [], |row| row.get(0))?;
                let wanted = if pages == "full" { now } else { 1_000_000 };
                let _: i64 = open.vault.db().query_row(&format!("PRAGMA max_page_count = {wanted}"), [], |row| row.get(0))?;
                Ok(())
            })
            .unwrap();
    };
    limit("full");
    let long = "ordene bliver flere ".repeat(2000);
    let refused = note(&device, case, &long).unwrap_err();
    assert_eq!(refused.code(), "vault.full");
    assert!(!refused.is_permanent());
    assert_eq!(notes(&device, case), ["før"]);
    limit("room");
    note(&device, case, &long).unwrap();
    assert_eq!(notes(&device, case).len(), 2);
    assert!(device.verify().unwrap().problems.is_empty());
}

#[cfg(unix)]
#[test]
fn every_file_of_a_vault_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().unwrap();
    let (device, case) = founded(dir.path());
    note(&device, case, "til mig").unwrap();
    let mode = |name: &str| fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777;
    for name in ["vault.db", "vault.db-wal", "vault.db.mark", "keyslots"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    device.lock();
    let old = copied(&std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/vault-1"));
    super::opening::open(old.path(), &master(old.path()), true).unwrap();
    assert_eq!(fs::metadata(old.path().join("vault.db")).unwrap().permissions().mode() & 0o777, 0o600, "one that was brought up, too");
}

#[test]
fn the_newest_of_the_databases_kept_is_found_by_its_number_and_nothing_else_is_taken_for_one() {
    let dir = TempDir::new().unwrap();
    for name in ["9", "10", "10-wal", "2", "x", "02", "11.bak", ""] {
        fs::write(dir.path().join(format!("vault.db.before-{name}")), name).unwrap();
    }
    let numbers: Vec<String> = super::files::kept_before(dir.path()).iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    assert_eq!(numbers, ["2", "9", "10"]);
    assert_eq!(super::files::current(dir.path()), dir.path().join("vault.db.before-10"));
}

#[test]
fn an_unfinished_beginning_is_begun_again() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("vault.db"), b"half a database").unwrap();
    let (device, case) = founded(dir.path());
    note(&device, case, "nu").unwrap();
}
