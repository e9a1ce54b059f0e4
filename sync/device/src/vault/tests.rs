//! The vault under bad conditions: wrong secrets, two openers, torn pages, a full disk.
#![allow(clippy::disallowed_methods, reason = "tests read and damage files")]

use std::{fs, path::Path, sync::Arc};

use casework::{Edit, Programme};
use seal::keyslot::Cost;
use tempfile::TempDir;

use crate::{Device, DeviceError, SystemHost};

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
fn a_damaged_page_is_named_and_the_rest_is_left_alone() {
    let dir = TempDir::new().unwrap();
    let (device, case) = founded(dir.path());
    for n in 0..20 {
        note(&device, case, &format!("note {n}")).unwrap();
    }
    device.lock();
    let file = dir.path().join("vault.db");
    let whole = fs::read(&file).unwrap();
    for place in [40_usize, whole.len() / 2, whole.len() - 5] {
        let mut torn = whole.clone();
        torn[place] ^= 0x20;
        fs::write(&file, &torn).unwrap();
        let named = match device.unlock(SECRET) {
            Err(error) => error.code() == "vault.damaged",
            Ok(()) => device.verify().map_or_else(|error| error.code() == "vault.damaged", |found| found.problems == ["vault.damaged"]),
        };
        assert!(named, "the damage at {place} is named");
        device.lock();
    }
    fs::write(&file, &whole).unwrap();
    device.unlock(SECRET).unwrap();
    assert_eq!(notes(&device, case).len(), 20);
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

#[test]
fn an_unfinished_beginning_is_begun_again() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("vault.db"), b"half a database").unwrap();
    let (device, case) = founded(dir.path());
    note(&device, case, "nu").unwrap();
}
