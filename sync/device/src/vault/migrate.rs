//! From an older schema to the present one, or from one key to another: a copy is made, changed and checked, and only then takes the
//! place of what was there. Whatever goes wrong before leaves the old database as it was.

use std::{fs, path::Path};

use casework::Case;
use rusqlite::{Connection, OpenFlags};
use seal::DeviceKeys;
use wire::{
    cbor,
    log::{Entry, LogId},
    message::Push,
};
use zeroize::Zeroizing;

use super::{SCHEMA, Vault, check, connect, crash_side, documents, files, key_text, keys, logs, looked_at, mark, meta, outbox, unlock};
use crate::error::{DeviceError, Result};

/// Each step, by the schema it leads to.
const STEPS: [(i64, &str); 4] = [
    (2, include_str!("migrations/0002.sql")),
    (3, include_str!("migrations/0003.sql")),
    (4, include_str!("migrations/0004.sql")),
    (5, include_str!("migrations/0005.sql")),
];

/// Brings the database in this folder to the present schema, and from one key to another, or the same. It is closed, and so it is
/// afterwards; what was there is kept aside.
///
/// # Errors
/// What stood in the way; the old database is then in its place, under its key.
pub fn migrate(dir: &Path, key: &[u8; 48], to: &[u8; 48]) -> Result<()> {
    let (old, next) = (dir.join(files::DATABASE), dir.join(files::NEXT));
    let done = prepare((dir, &old, &next), key, to).and_then(|()| swap(dir, &old, &next));
    if done.is_err() && old.exists() {
        // It is in the way only of itself: what stays is removed by the next unlock.
        let _ = files::remove_with_companions(&next);
    }
    done
}

/// A stage of the work, with a place to be killed on each side in crash tests.
fn stage<T>(what: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    crate::crash::point(what, crash_side::BEFORE);
    let done = work()?;
    crate::crash::point(what, crash_side::AFTER);
    Ok(done)
}

fn prepare((dir, old, next): (&Path, &Path, &Path), key: &[u8; 48], to: &[u8; 48]) -> Result<()> {
    let from = stage("settle", || emptied_log(old, key))?;
    stage("copy", || copy((old, key), (next, to), from))?;
    stage("step", || step(next, to, from))?;
    stage("check", || compare((old, key), (next, to)))?;
    fs::File::open(next)?.sync_all()?;
    files::sync_dir(dir)
}

/// Moves what is in the log into the database, so that one file is all of it. Gives its schema.
fn emptied_log(old: &Path, key: &[u8; 48]) -> Result<i64> {
    mark::unseal(old)?;
    let db = connect(old, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let busy: i64 = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    let from = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    db.close().map_err(|(_, error)| error)?;
    if busy == 0 && !files::has_wal(old) { Ok(from) } else { Err(DeviceError::InUse) }
}

fn copy((old, key): (&Path, &[u8; 48]), (next, to): (&Path, &[u8; 48]), from: i64) -> Result<()> {
    files::remove_with_companions(next)?;
    files::make_private(next)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_URI;
    let db = Connection::open_with_flags(next, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    unlock(&db, to)?;
    // A copy that is not whole is thrown away: it needs no journal, and is synced once, at its end.
    db.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;")?;
    let mut attach = Zeroizing::new(String::with_capacity(256));
    attach.push_str("ATTACH ?1 AS old KEY \"");
    attach.push_str(&key_text(key));
    attach.push('"');
    db.execute(&attach, [looked_at(old)])?;
    db.query_row("SELECT sqlcipher_export('main', 'old')", [], |_| Ok(()))?;
    db.execute_batch(&format!("PRAGMA user_version = {from}; DETACH old;"))?;
    Ok(db.close().map_err(|(_, error)| error)?)
}

fn step(next: &Path, key: &[u8; 48], from: i64) -> Result<()> {
    let mut db = connect(next, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let transaction = db.transaction()?;
    for (schema, sql) in STEPS.iter().filter(|(schema, _)| *schema > from) {
        transaction.execute_batch(sql)?;
        transaction.execute_batch(&format!("PRAGMA user_version = {schema};"))?;
    }
    transaction.commit()?;
    // The index of the search is held against what it indexes.
    db.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)", [])?;
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    db.close().map_err(|(_, error)| error)?;
    if files::has_wal(next) { Err(DeviceError::Damaged) } else { Ok(()) }
}

/// The new database has every page, every row of every table, and can read everything that the old one can.
fn compare((old, key): (&Path, &[u8; 48]), (next, to): (&Path, &[u8; 48])) -> Result<()> {
    let (old, next) = (Vault::look(old, key)?, Vault::look(next, to)?);
    check(next.db())?;
    let (before, after) = (counts(old.db())?, counts(next.db())?);
    let kept = before.iter().all(|(table, rows)| table == "meta" || after.iter().any(|other| other == &(table.clone(), *rows)));
    let unreadable = unreadable(next.db())?;
    // What the old one cannot read either is no fault of the copy.
    let no_worse = unreadable.is_empty() || unreadable == self::unreadable(old.db())?;
    if next.schema()? == SCHEMA && kept && no_worse { Ok(()) } else { Err(DeviceError::Damaged) }
}

/// Every table and how many rows it has.
fn counts(db: &Connection) -> Result<Vec<(String, i64)>> {
    let mut tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name")?;
    let names = tables.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    let count = |name: String| {
        let rows = db.query_row(&format!("SELECT count(*) FROM \"{name}\""), [], |row| row.get(0))?;
        Ok((name, rows))
    };
    names.into_iter().map(count).collect()
}

/// Names of everything that is there and cannot be read.
fn unreadable(db: &Connection) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let own = Zeroizing::new(meta::get(db, meta::DEVICE_KEYS)?.ok_or(DeviceError::Damaged)?);
    let own = DeviceKeys::from_secret_bytes(&own)?;
    for case in documents::all(db)? {
        let stored = documents::load(db, case)?.ok_or(DeviceError::Damaged)?;
        if Case::load(case, own.actor(&case), &stored.bytes).is_err() {
            found.push(format!("document {case}"));
        }
        let statements = keys::statements(db, case)?.into_iter().filter(|kept| !kept.signed.is_empty());
        let broken = statements.filter(|kept| seal::sealed::read_statement(&kept.signed).is_none()).count();
        found.extend((broken > 0).then(|| format!("{broken} statements of {case}")));
    }
    let cases = logs::cases(db)?.into_iter().map(LogId::Case);
    for log in std::iter::once(LogId::Org).chain(cases) {
        let entries = logs::entries(db, log)?;
        let broken = entries.iter().filter(|bytes| Entry::decode(bytes).is_err()).count();
        found.extend((broken > 0).then(|| format!("{broken} entries of {log:?}")));
    }
    let mut outbox = db.prepare("SELECT id, push FROM outbox ORDER BY id")?;
    let pushes = outbox.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    for push in pushes {
        let (id, bytes) = push?;
        found.extend(cbor::decode::<Push>(&bytes).is_err().then(|| format!("outgoing {id}")));
    }
    outbox::intents(db)?;
    Ok(found)
}

fn swap(dir: &Path, old: &Path, next: &Path) -> Result<()> {
    let aside = files::before(dir, SCHEMA);
    stage("swap_old", || {
        fs::rename(old, &aside)?;
        files::sync_dir(dir)
    })?;
    let done = stage("swap_new", || {
        fs::rename(next, old)?;
        files::sync_dir(dir)
    });
    if done.is_err() && !old.exists() {
        fs::rename(&aside, old)?;
    }
    done
}
