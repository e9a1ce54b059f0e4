//! The verified logs: entries as they travelled, and their reduction.

use rusqlite::{Connection, OptionalExtension};
use wire::{
    cbor,
    id::CaseId,
    log::{CaseState, Entry, LogId, OrgState},
};

use crate::error::{DeviceError, Result};

/// How a log is named in the tables.
pub fn log_key(log: LogId) -> Vec<u8> {
    match log {
        LogId::Org => Vec::new(),
        LogId::Case(case) => case.as_bytes().to_vec(),
    }
}

/// Keeps a verified entry.
///
/// # Errors
/// When the database fails.
pub fn append(db: &Connection, entry: &Entry) -> Result<()> {
    let statement = entry.statement();
    db.execute(
        "INSERT INTO log_entry (log, seq, hash, bytes) VALUES (?1, ?2, ?3, ?4)",
        (log_key(statement.log), i64::try_from(statement.seq).unwrap_or(i64::MAX), entry.hash().as_bytes(), entry.bytes()),
    )?;
    Ok(())
}

/// All entries of a log in order.
///
/// # Errors
/// When the database fails.
pub fn entries(db: &Connection, log: LogId) -> Result<Vec<Vec<u8>>> {
    let mut statement = db.prepare_cached("SELECT bytes FROM log_entry WHERE log = ?1 ORDER BY seq")?;
    let rows = statement.query_map([log_key(log)], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn state<T: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()>>(db: &Connection, log: LogId) -> Result<Option<T>> {
    let mut statement = db.prepare_cached("SELECT state FROM log_state WHERE log = ?1")?;
    let blob: Option<Vec<u8>> = statement.query_row([log_key(log)], |row| row.get(0)).optional()?;
    blob.map(|bytes| cbor::decode(&bytes).map_err(|_| DeviceError::Damaged)).transpose()
}

/// The reduced organisation.
///
/// # Errors
/// When the database fails.
pub fn org(db: &Connection) -> Result<Option<OrgState>> {
    state(db, LogId::Org)
}

/// The reduced log of a case.
///
/// # Errors
/// When the database fails.
pub fn case(db: &Connection, case: CaseId) -> Result<Option<CaseState>> {
    state(db, LogId::Case(case))
}

/// Every case whose log is here.
///
/// # Errors
/// When the database fails.
pub fn cases(db: &Connection) -> Result<Vec<CaseId>> {
    let mut statement = db.prepare_cached("SELECT log FROM log_state WHERE length(log) = 16 ORDER BY log")?;
    let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
    let ids = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    ids.iter().map(|id| CaseId::try_from(id.as_slice()).map_err(|_| DeviceError::Damaged)).collect()
}

fn set_state(db: &Connection, log: LogId, bytes: &[u8]) -> Result<()> {
    db.execute(
        "INSERT INTO log_state (log, state) VALUES (?1, ?2) ON CONFLICT (log) DO UPDATE SET state = excluded.state",
        (log_key(log), bytes),
    )?;
    Ok(())
}

/// Replaces the reduced organisation.
///
/// # Errors
/// When the database fails.
pub fn set_org(db: &Connection, org: &OrgState) -> Result<()> {
    set_state(db, LogId::Org, &cbor::encode(org))
}

/// Replaces the reduced log of a case.
///
/// # Errors
/// When the database fails.
pub fn set_case(db: &Connection, case: &CaseState) -> Result<()> {
    set_state(db, LogId::Case(case.case()), &cbor::encode(case))
}

/// The hash of the entry in this place, if it is here.
///
/// # Errors
/// When the database fails.
pub fn hash_at(db: &Connection, log: LogId, seq: u64) -> Result<Option<wire::id::Digest>> {
    let mut statement = db.prepare_cached("SELECT hash FROM log_entry WHERE log = ?1 AND seq = ?2")?;
    let found = statement.query_row((log_key(log), i64::try_from(seq).unwrap_or(i64::MAX)), |row| row.get(0)).optional()?;
    Ok(found.map(wire::id::Digest::from_bytes))
}

/// Whether an entry is here.
///
/// # Errors
/// When the database fails.
pub fn has(db: &Connection, log: LogId, hash: &wire::id::Digest) -> Result<bool> {
    let mut statement = db.prepare_cached("SELECT count(*) FROM log_entry WHERE log = ?1 AND hash = ?2")?;
    let n: i64 = statement.query_row((log_key(log), hash.as_bytes()), |row| row.get(0))?;
    Ok(n > 0)
}
