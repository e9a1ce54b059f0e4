//! Documents: a saved base and what was added since.

use rusqlite::{Connection, OptionalExtension};
use wire::id::CaseId;

use crate::error::{DeviceError, Result};

/// Tails are folded into the base when they grow beyond this many bytes.
const FOLD_BYTES: i64 = 64 * 1024;

/// A stored document.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Base and tails, one after another.
    pub bytes: Vec<u8>,
    pub parked: Vec<u8>,
}

/// What came to a document.
#[derive(Debug, Clone, Default)]
pub struct Added {
    /// To be read after what is stored.
    pub bytes: Vec<u8>,
    pub parked: Vec<u8>,
    /// Own changes in the document now.
    pub own: u64,
    /// Unix milliseconds.
    pub touched_ms: i64,
}

/// How far a case has been sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    pub own: u64,
    pub sealed: u64,
    pub acked: u64,
    /// Own changes that a coordinator's device has.
    pub seen: u64,
    /// Segments since the newest snapshot.
    pub covered: u64,
}

/// The document of a case.
///
/// # Errors
/// When the database fails.
pub fn load(db: &Connection, case: CaseId) -> Result<Option<Stored>> {
    let key = case.as_bytes().as_slice();
    let mut statement = db.prepare_cached("SELECT base, parked FROM document WHERE case_id = ?1")?;
    let stored = statement.query_row([key], |row| Ok(Stored { bytes: row.get(0)?, parked: row.get(1)? })).optional()?;
    let Some(mut stored) = stored else { return Ok(None) };
    let mut tails = db.prepare_cached("SELECT bytes FROM document_tail WHERE case_id = ?1 ORDER BY id")?;
    for tail in tails.query_map([key], |row| row.get::<_, Vec<u8>>(0))? {
        stored.bytes.extend_from_slice(&tail?);
    }
    Ok(Some(stored))
}

/// Whether a case has a document here; none of its bytes are read.
///
/// # Errors
/// When the database fails.
pub fn has(db: &Connection, case: CaseId) -> Result<bool> {
    let mut statement = db.prepare_cached("SELECT EXISTS (SELECT 1 FROM document WHERE case_id = ?1)")?;
    Ok(statement.query_row([case.as_bytes().as_slice()], |row| row.get(0))?)
}

/// How far a case has been sent.
///
/// # Errors
/// When the database fails.
pub fn progress(db: &Connection, case: CaseId) -> Result<Progress> {
    let mut statement = db.prepare_cached("SELECT own, sealed, acked, seen, covered FROM document WHERE case_id = ?1")?;
    let found = statement
        .query_row([case.as_bytes().as_slice()], |row| {
            Ok(Progress { own: row.get(0)?, sealed: row.get(1)?, acked: row.get(2)?, seen: row.get(3)?, covered: row.get(4)? })
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// Cases with own changes that lie in no envelope yet, newest touched first.
///
/// # Errors
/// When the database fails.
pub fn unsealed(db: &Connection) -> Result<Vec<CaseId>> {
    let mut statement = db.prepare_cached("SELECT case_id FROM document WHERE own > sealed ORDER BY touched DESC, case_id")?;
    let rows = statement.query_map([], |row| Ok(CaseId::from_bytes(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Cases with own changes that the server has not acknowledged, newest touched first.
///
/// # Errors
/// When the database fails.
pub fn unacked(db: &Connection) -> Result<Vec<CaseId>> {
    let mut statement = db.prepare_cached("SELECT case_id FROM document WHERE own > acked ORDER BY touched DESC, case_id")?;
    let rows = statement.query_map([], |row| Ok(CaseId::from_bytes(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Cases with at least so many segments since the newest snapshot.
///
/// # Errors
/// When the database fails.
pub fn uncovered(db: &Connection, at_least: u64) -> Result<Vec<CaseId>> {
    let mut statement = db.prepare_cached("SELECT case_id FROM document WHERE covered >= ?1 AND own = acked ORDER BY case_id")?;
    let rows = statement.query_map([i64::try_from(at_least).unwrap_or(i64::MAX)], |row| Ok(CaseId::from_bytes(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Every case with a document, newest touched first.
///
/// # Errors
/// When the database fails.
pub fn all(db: &Connection) -> Result<Vec<CaseId>> {
    let mut statement = db.prepare_cached("SELECT case_id FROM document ORDER BY touched DESC, case_id")?;
    let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
    let ids = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    ids.iter().map(|id| CaseId::try_from(id.as_slice()).map_err(|_| DeviceError::Damaged)).collect()
}

/// Adds to a document; `whole` gives a new base when the tails have grown long.
///
/// # Errors
/// When the database fails.
pub fn append(db: &Connection, case: CaseId, added: &Added, whole: impl FnOnce() -> Vec<u8>) -> Result<()> {
    let key = case.as_bytes().as_slice();
    let (bytes, own) = (&added.bytes, i64::try_from(added.own).unwrap_or(i64::MAX));
    let known = db.execute(
        "UPDATE document SET touched = max(touched, ?2), parked = ?3, own = ?4 WHERE case_id = ?1",
        (key, added.touched_ms, &added.parked, own),
    )?;
    if known == 0 {
        db.execute(
            "INSERT INTO document (case_id, base, parked, own, touched) VALUES (?1, ?2, ?3, ?4, ?5)",
            (key, whole(), &added.parked, own, added.touched_ms),
        )?;
        return Ok(());
    }
    if !bytes.is_empty() {
        db.execute("INSERT INTO document_tail (case_id, bytes) VALUES (?1, ?2)", (key, bytes))?;
    }
    let tail: i64 =
        db.query_row("SELECT coalesce(sum(length(bytes)), 0) FROM document_tail WHERE case_id = ?1", [key], |row| row.get(0))?;
    if tail > FOLD_BYTES {
        db.execute("UPDATE document SET base = ?2 WHERE case_id = ?1", (key, whole()))?;
        db.execute("DELETE FROM document_tail WHERE case_id = ?1", [key])?;
    }
    Ok(())
}

/// Sets how many own changes lie in envelopes.
///
/// # Errors
/// When the database fails.
pub fn set_sealed(db: &Connection, case: CaseId, sealed: u64) -> Result<()> {
    let sealed = i64::try_from(sealed).unwrap_or(i64::MAX);
    db.execute("UPDATE document SET sealed = ?2 WHERE case_id = ?1", (case.as_bytes().as_slice(), sealed))?;
    Ok(())
}

/// Raises how many own changes lie in envelopes.
///
/// # Errors
/// When the database fails.
pub fn raise_sealed(db: &Connection, case: CaseId, sealed: u64) -> Result<()> {
    let sealed = i64::try_from(sealed).unwrap_or(i64::MAX);
    db.execute("UPDATE document SET sealed = max(sealed, ?2) WHERE case_id = ?1", (case.as_bytes().as_slice(), sealed))?;
    Ok(())
}

/// Raises how many own changes the server has.
///
/// # Errors
/// When the database fails.
pub fn raise_acked(db: &Connection, case: CaseId, acked: u64) -> Result<()> {
    let acked = i64::try_from(acked).unwrap_or(i64::MAX);
    db.execute("UPDATE document SET acked = max(acked, ?2) WHERE case_id = ?1", (case.as_bytes().as_slice(), acked))?;
    Ok(())
}

/// Lowers how many own changes the server has: it was put back to an earlier state.
///
/// # Errors
/// When the database fails.
pub fn lower_acked(db: &Connection, case: CaseId, acked: u64) -> Result<()> {
    let acked = i64::try_from(acked).unwrap_or(i64::MAX);
    db.execute("UPDATE document SET acked = ?2 WHERE case_id = ?1 AND acked > ?2", (case.as_bytes().as_slice(), acked))?;
    Ok(())
}

/// Raises how many own changes a coordinator's device has.
///
/// # Errors
/// When the database fails.
pub fn raise_seen(db: &Connection, case: CaseId, seen: u64) -> Result<()> {
    let seen = i64::try_from(seen).unwrap_or(i64::MAX);
    db.execute("UPDATE document SET seen = max(seen, ?2) WHERE case_id = ?1", (case.as_bytes().as_slice(), seen))?;
    Ok(())
}

/// Marks that something came which its author may want to know of, or that it was told.
///
/// # Errors
/// When the database fails.
pub fn set_to_tell(db: &Connection, case: CaseId, to_tell: bool) -> Result<()> {
    db.execute("UPDATE document SET tell = ?2 WHERE case_id = ?1", (case.as_bytes().as_slice(), to_tell))?;
    Ok(())
}

/// Cases of which something is to be told.
///
/// # Errors
/// When the database fails.
pub fn to_tell(db: &Connection) -> Result<Vec<CaseId>> {
    let mut statement = db.prepare_cached("SELECT case_id FROM document WHERE tell = 1 ORDER BY case_id")?;
    let rows = statement.query_map([], |row| Ok(CaseId::from_bytes(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Notes that a thing of a case was written here and is not on the server.
///
/// # Errors
/// When the database fails.
pub fn unsent(db: &Connection, case: CaseId, kind: &str, item: &str, change: u64) -> Result<()> {
    db.execute(
        "INSERT INTO unsent_item (case_id, kind, item, change) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (case_id, kind, item) DO UPDATE SET change = excluded.change",
        (case.as_bytes().as_slice(), kind, item, i64::try_from(change).unwrap_or(i64::MAX)),
    )?;
    Ok(())
}

/// Things that only this device has, by kind.
///
/// # Errors
/// When the database fails.
pub fn unacked_kinds(db: &Connection, case: CaseId) -> Result<Vec<(String, u64)>> {
    let mut statement = db.prepare_cached(
        "SELECT kind, count(*) FROM unsent_item
          WHERE case_id = ?1 AND change > (SELECT acked FROM document WHERE document.case_id = ?1)
          GROUP BY kind ORDER BY kind",
    )?;
    let rows = statement.query_map([case.as_bytes().as_slice()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// So many more segments than there ever are: this device makes a snapshot whatever others do.
const ANYWAY: i64 = 1 << 40;

/// The next snapshot of a case is to come from here, also when one of another device arrives before it is made.
///
/// # Errors
/// When the database fails.
pub fn want_snapshot(db: &Connection, case: CaseId) -> Result<()> {
    db.execute("UPDATE document SET covered = ?2 WHERE case_id = ?1", (case.as_bytes(), ANYWAY))?;
    Ok(())
}

/// Another device's snapshot has come: the count starts again.
///
/// # Errors
/// When the database fails.
pub fn covered_by_another(db: &Connection, case: CaseId) -> Result<()> {
    db.execute("UPDATE document SET covered = 0 WHERE case_id = ?1 AND covered < ?2", (case.as_bytes(), ANYWAY))?;
    Ok(())
}

/// Counts segments since the newest snapshot: adds `n`, or starts again.
///
/// # Errors
/// When the database fails.
pub fn count_segments(db: &Connection, case: CaseId, n: Option<u64>) -> Result<()> {
    let key = case.as_bytes().as_slice();
    match n {
        Some(n) => db.execute("UPDATE document SET covered = covered + ?2 WHERE case_id = ?1", (key, i64::try_from(n).unwrap_or(0)))?,
        None => db.execute("UPDATE document SET covered = 0 WHERE case_id = ?1", [key])?,
    };
    Ok(())
}
