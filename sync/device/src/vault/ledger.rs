//! The ledgers of cases as they are kept: envelopes as they travelled, entries that wait for a key, and keys as the strongroom takes them.

use rusqlite::{Connection, OptionalExtension};
use wire::{
    envelope::{Compartment, Envelope, Stream},
    id::CaseId,
};

use super::keys::{compartment_number, stream_key};
use crate::error::{DeviceError, Result};

/// Most envelopes that are kept of one ledger. A server that brings more brings nothing of the organisation's.
const MOST: i64 = 4096;

/// Keeps an envelope of a ledger. False when there is no more room in it.
///
/// # Errors
/// When the database fails.
pub fn keep(db: &Connection, envelope: &Envelope, bytes: &[u8]) -> Result<bool> {
    let header = &envelope.header;
    let Some(case) = header.stream.case else { return Ok(false) };
    let compartment = compartment_number(header.stream.compartment);
    let count = "SELECT count(*) FROM ledger WHERE case_id = ?1 AND compartment = ?2";
    if db.query_row(count, (case.as_bytes(), compartment), |row| row.get::<_, i64>(0))? >= MOST {
        return Ok(false);
    }
    db.execute(
        "INSERT OR IGNORE INTO ledger (id, case_id, compartment, device, seq, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (
            envelope.id().as_bytes(),
            case.as_bytes(),
            compartment,
            header.device.as_bytes(),
            i64::try_from(header.seq).unwrap_or(i64::MAX),
            bytes,
        ),
    )?;
    Ok(true)
}

/// Every envelope of a ledger, each author's in order.
///
/// # Errors
/// When the database fails; [`DeviceError::Damaged`] when one is none.
pub fn envelopes(db: &Connection, case: CaseId, compartment: Compartment) -> Result<Vec<Envelope>> {
    let mut statement = db.prepare_cached("SELECT bytes FROM ledger WHERE case_id = ?1 AND compartment = ?2 ORDER BY device, seq, id")?;
    let rows = statement.query_map((case.as_bytes(), compartment_number(compartment)), |row| row.get::<_, Vec<u8>>(0))?;
    rows.map(|bytes| Envelope::decode(&bytes?).map_err(|_| DeviceError::Damaged)).collect()
}

/// An entry that waits for a key.
#[derive(Debug, Clone)]
pub struct Draft {
    pub id: i64,
    pub stream: Stream,
    /// Unix milliseconds.
    pub claimed_ms: i64,
    /// As the strongroom takes it, where it is about an address.
    pub words: Vec<u8>,
}

/// Keeps an entry until there is a key for it.
///
/// # Errors
/// When the database fails.
pub fn wait(db: &Connection, case: CaseId, compartment: Compartment, claimed_ms: i64, words: &[u8]) -> Result<()> {
    db.execute(
        "INSERT INTO ledger_draft (case_id, compartment, claimed_ms, words) VALUES (?1, ?2, ?3, ?4)",
        (case.as_bytes(), compartment_number(compartment), claimed_ms, words),
    )?;
    Ok(())
}

/// Everything that waits for a key, in the order in which it was written.
///
/// # Errors
/// When the database fails.
pub fn waiting(db: &Connection) -> Result<Vec<Draft>> {
    let mut statement = db.prepare_cached("SELECT id, case_id, compartment, claimed_ms, words FROM ledger_draft ORDER BY id")?;
    let rows = statement.query_map([], |row| {
        let compartment =
            if row.get::<_, i64>(2)? == compartment_number(Compartment::Address) { Compartment::Address } else { Compartment::Access };
        let stream = Stream::of(CaseId::from_bytes(row.get(1)?), compartment);
        Ok(Draft { id: row.get(0)?, stream, claimed_ms: row.get(3)?, words: row.get(4)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// An entry waits no more.
///
/// # Errors
/// When the database fails.
pub fn waits_no_more(db: &Connection, id: i64) -> Result<()> {
    db.execute("DELETE FROM ledger_draft WHERE id = ?1", [id])?;
    Ok(())
}

/// The keys of a ledger as the strongroom takes them, by epoch.
///
/// # Errors
/// When the database fails.
pub fn sealed_keys(db: &Connection, case: CaseId, compartment: Compartment) -> Result<Vec<(u32, Vec<u8>)>> {
    let mut statement = db.prepare_cached("SELECT epoch, key FROM epoch_key WHERE log = ?1 AND compartment = ?2 ORDER BY epoch")?;
    let rows = statement.query_map((case.as_bytes().as_slice(), compartment_number(compartment)), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Keeps a key as the strongroom takes it.
///
/// # Errors
/// When the database fails.
pub fn keep_sealed_key(db: &Connection, case: CaseId, compartment: Compartment, epoch: u32, sealed: &[u8]) -> Result<()> {
    db.execute(
        "INSERT INTO epoch_key (log, compartment, epoch, key) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (log, compartment, epoch) DO UPDATE SET key = excluded.key",
        (case.as_bytes().as_slice(), compartment_number(compartment), epoch, sealed),
    )?;
    Ok(())
}

/// Whether anything of a ledger is here: entries, keys, or what waits.
///
/// # Errors
/// When the database fails.
pub fn has_any(db: &Connection, case: CaseId, compartment: Compartment) -> Result<bool> {
    let number = compartment_number(compartment);
    for (table, column) in [("ledger", "case_id"), ("ledger_draft", "case_id"), ("epoch_key", "log")] {
        let sql = format!("SELECT 1 FROM {table} WHERE {column} = ?1 AND compartment = ?2 LIMIT 1");
        if db.query_row(&sql, (case.as_bytes().as_slice(), number), |_| Ok(())).optional()?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Forgets a ledger of which this person is a reader no more: what came, what waits, and the keys. The own chain stays, which goes on
/// if the person is let in again.
///
/// # Errors
/// When the database fails.
pub fn forget(db: &Connection, case: CaseId, compartment: Compartment, me: &wire::id::DeviceId) -> Result<()> {
    let number = compartment_number(compartment);
    for (table, column) in [("ledger", "case_id"), ("ledger_draft", "case_id"), ("epoch_key", "log")] {
        db.execute(&format!("DELETE FROM {table} WHERE {column} = ?1 AND compartment = ?2"), (case.as_bytes().as_slice(), number))?;
    }
    let stream = stream_key(Stream::of(case, compartment));
    db.execute("DELETE FROM statement WHERE stream = ?1 AND device <> ?2", (stream, me.as_bytes()))?;
    Ok(())
}
