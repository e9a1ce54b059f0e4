//! From an older schema to the present one, and what a newer one allows.

use std::{collections::BTreeMap, fs, path::PathBuf};

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use super::{SECRET, copied, device, founded, key, master, note, notes};
use crate::{
    Device, DeviceError,
    vault::{SCHEMA, Vault, connect, files, meta, opening},
};

/// A vault of the first schema.
fn golden() -> TempDir {
    golden_of(1)
}

fn golden_of(schema: i64) -> TempDir {
    let from = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../tests/golden/vault-{schema}"));
    let dir = copied(&from);
    fs::remove_file(dir.path().join("manifest.json")).unwrap();
    dir
}

/// A schema without the order of its columns and without its comments.
fn described(db: &Connection) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    let mut tables =
        db.prepare("SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main' AND name <> 'sqlite_schema'").unwrap();
    let rows = tables.query_map([], |row| {
        let (kind, without_rowid, strict): (String, bool, bool) = (row.get(1)?, row.get(2)?, row.get(3)?);
        Ok((row.get::<_, String>(0)?, format!("{kind} {without_rowid} {strict}")))
    });
    for (table, kind) in rows.unwrap().map(Result::unwrap) {
        let mut columns = db.prepare("SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?1)").unwrap();
        let rows = columns.query_map([&table], |row| {
            let (name, kind, default): (String, String, Option<String>) = (row.get(0)?, row.get(1)?, row.get(3)?);
            let (needed, key, hidden): (i64, i64, i64) = (row.get(2)?, row.get(4)?, row.get(5)?);
            Ok(format!("{name} {kind} {needed} {default:?} {key} {hidden}"))
        });
        let mut columns: Vec<String> = rows.unwrap().map(Result::unwrap).collect();
        columns.sort();
        columns.push(kind);
        found.insert(table, columns);
    }
    let mut rest = db
        .prepare("SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema WHERE type <> 'table' OR sql LIKE '%VIRTUAL%'")
        .unwrap();
    let rows = rest.query_map([], |row| Ok((row.get::<_, String>(0)?, vec![row.get::<_, String>(1)?])));
    found.extend(rows.unwrap().map(Result::unwrap));
    found
}

#[test]
fn a_migrated_vault_has_the_schema_of_a_fresh_one() {
    let new = TempDir::new().unwrap();
    let (device, _) = founded(new.path());
    let fresh = device.with(|open, _| Ok((described(open.vault.db()), meta::get(open.vault.db(), meta::READABLE_BY)?))).unwrap();
    for schema in 1..SCHEMA {
        let old = golden_of(schema);
        let opened = opening::open(old.path(), &master(old.path()), true).unwrap();
        assert!(opened.migrated && opened.read_only.is_none());
        assert_eq!(described(opened.vault.db()), fresh.0, "from {schema}");
        assert_eq!(meta::get(opened.vault.db(), meta::READABLE_BY).unwrap(), fresh.1);
        opened.vault.check().unwrap();
    }
}

#[test]
fn what_was_there_before_is_kept_until_the_new_has_been_unlocked_again() {
    let dir = golden();
    let kept = fs::read(dir.path().join("vault.db")).unwrap();
    let device = device(dir.path());
    device.unlock(SECRET).unwrap();
    let before = dir.path().join("vault.db.before-5");
    assert_eq!(fs::read(&before).unwrap(), kept, "byte for byte");
    device.settled();
    assert!(before.exists(), "a sync in the session that migrated proves nothing yet");
    device.lock();
    assert!(before.exists());
    device.unlock(SECRET).unwrap();
    assert_eq!(device.read_only(), None);
    device.settled();
    assert_eq!(files::kept_before(dir.path()), Vec::<PathBuf>::new());
    assert_eq!(device.cases().unwrap().len(), 2);
}

#[test]
fn a_vault_that_cannot_be_brought_up_is_left_as_it_was_and_can_be_read() {
    let dir = golden();
    let before = fs::read(dir.path().join("vault.db")).unwrap();
    let in_the_way = dir.path().join("vault.db.next");
    fs::create_dir(&in_the_way).unwrap();
    let device = device(dir.path());
    device.unlock(SECRET).unwrap();
    assert_eq!(device.read_only(), Some("vault.migration"));
    let cases = device.cases().unwrap();
    assert_eq!(cases.len(), 2);
    for case in &cases {
        assert!(!device.case_show(case.id).unwrap().notes.is_empty());
        assert!(!device.history(case.id).unwrap().is_empty());
        assert!(device.case(case.id).is_ok());
    }
    assert!(!device.search("broen").unwrap().is_empty());
    assert!(device.sync_sheet().unwrap().line.waiting > 0);
    let over_all = |device: &Device| {
        let stock = device.stock().unwrap();
        (device.conflicts().unwrap(), stock.cases, stock.notes, stock.meetings, stock.tasks)
    };
    let seen = over_all(&device);
    let disputed: u32 = cases.iter().map(|row| row.conflicts).sum();
    assert!(seen.2 > 0 && u32::try_from(seen.0.len()) == Ok(disputed), "what an older list does not say is read from the documents");
    assert!(device.find("broen").unwrap().groups[0].hits[0].at.is_none());
    assert!(device.tally().unwrap().iter().any(|one| one.code == "unlock"));
    assert_eq!(device.verify().unwrap().problems, Vec::<String>::new());
    let of_the_present = device.with(|open, _| {
        let read = |sql: &str| open.vault.db().query_row(sql, [], |row| row.get::<_, i64>(0));
        Ok((read("SELECT coalesce(max(sent_ms), -1) FROM outbox")?, read("SELECT count(*) FROM tally")?))
    });
    assert_eq!(of_the_present.unwrap(), (0, 0), "what the older schema lacks reads as empty");
    assert_eq!(note(&device, cases[0].id, "nyt").unwrap_err().code(), "vault.read_only");
    device.lock();
    assert_eq!(fs::read(dir.path().join("vault.db")).unwrap(), before, "byte for byte");
    fs::remove_dir(&in_the_way).unwrap();
    device.unlock(SECRET).unwrap();
    assert_eq!(device.read_only(), None);
    assert_eq!(over_all(&device), seen);
    assert!(device.find("broen").unwrap().groups[0].hits[0].at.is_some());
    note(&device, cases[0].id, "nyt").unwrap();
}

#[test]
fn a_log_that_a_crash_left_is_part_of_what_is_brought_up() {
    let dir = golden();
    let key = key(dir.path());
    let db = connect(&dir.path().join("vault.db"), &key, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    db.execute("INSERT INTO name (subject, name) VALUES (x'01', 'sidste ord')", []).unwrap();
    let crashed = copied(dir.path());
    assert!(files::has_wal(&crashed.path().join("vault.db")));
    let opened = opening::open(crashed.path(), &master(crashed.path()), true).unwrap();
    assert!(opened.migrated);
    let name: String = opened.vault.db().query_row("SELECT name FROM name WHERE subject = x'01'", [], |row| row.get(0)).unwrap();
    assert_eq!(name, "sidste ord");
}

#[test]
fn a_migration_of_a_damaged_vault_changes_nothing() {
    let dir = golden();
    let file = dir.path().join("vault.db");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    fs::write(&file, &bytes).unwrap();
    let opened = opening::open(dir.path(), &master(dir.path()), true).unwrap();
    assert_eq!(opened.read_only, Some("vault.migration"));
    drop(opened);
    assert_eq!(fs::read(&file).unwrap(), bytes);
    let mut names: Vec<String> =
        fs::read_dir(dir.path()).unwrap().flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(names, ["keyslots", "vault.db"], "nothing is left lying about");
}

/// Makes a vault look as a newer version would have written it.
fn newer(dir: &TempDir, schema: i64, readable_by: Option<i64>) {
    let db = connect(&dir.path().join("vault.db"), &key(dir.path()), OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    db.execute_batch(&format!("PRAGMA user_version = {schema}; ALTER TABLE document ADD COLUMN mood TEXT NOT NULL DEFAULT 'god';"))
        .unwrap();
    match readable_by {
        Some(oldest) => meta::set_number(&db, meta::READABLE_BY, oldest).unwrap(),
        None => meta::remove(&db, meta::READABLE_BY).unwrap(),
    }
}

#[test]
fn a_newer_vault_that_says_so_can_be_read_and_is_not_written() {
    for schema in [SCHEMA + 1, SCHEMA + 9] {
        let dir = TempDir::new().unwrap();
        let (device, case) = founded(dir.path());
        note(&device, case, "fra i morgen").unwrap();
        device.lock();
        newer(&dir, schema, Some(SCHEMA));
        let bytes = fs::read(dir.path().join("vault.db")).unwrap();
        device.unlock(SECRET).unwrap();
        assert_eq!(device.read_only(), Some("vault.newer"));
        assert_eq!(notes(&device, case), ["fra i morgen"]);
        assert_eq!(device.search("morgen").unwrap().len(), 1);
        assert_eq!(note(&device, case, "i dag").unwrap_err().code(), "vault.read_only");
        assert_eq!(device.invite("Åse", wire::log::Role::Mentor).unwrap_err().code(), "vault.read_only");
        assert!(
            matches!(device.with(|open, _| meta::set(open.vault.db(), "x", b"y")), Err(DeviceError::ReadOnly)),
            "not even by a mistake"
        );
        device.lock();
        assert_eq!(fs::read(dir.path().join("vault.db")).unwrap(), bytes);
    }
}

#[test]
fn a_newer_vault_that_does_not_say_so_is_refused() {
    for (schema, readable_by) in [(SCHEMA + 1, Some(SCHEMA + 1)), (SCHEMA + 1, None), (SCHEMA + 10, Some(1))] {
        let dir = TempDir::new().unwrap();
        let (device, _) = founded(dir.path());
        device.lock();
        newer(&dir, schema, readable_by);
        assert_eq!(device.unlock(SECRET).unwrap_err().code(), "vault.newer");
        assert!(!device.is_unlocked());
        Vault::look(&dir.path().join("vault.db"), &key(dir.path())).unwrap();
    }
}
