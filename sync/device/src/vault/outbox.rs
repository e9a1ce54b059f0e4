//! What waits to be sent: byte for byte until it is acknowledged; and membership changes still to be made.

use minicbor::{Decode, Encode};
use rusqlite::{Connection, OptionalExtension};
use wire::{
    cbor,
    envelope::Compartment,
    id::{CaseId, DeviceId, Digest, MemberId},
    log::{AppVersion, DeviceCard, Role},
    message::Push,
};

use crate::error::{DeviceError, Result};

/// A membership change decided here; it becomes a log entry when the logs are at hand.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Intent {
    #[n(0)]
    Invite {
        #[n(0)]
        invitation: Digest,
        #[n(1)]
        member: MemberId,
        #[n(2)]
        role: Role,
        #[n(3)]
        expires_ms: i64,
        #[n(4)]
        name: String,
    },
    #[n(1)]
    AddDevice {
        #[n(0)]
        invitation: Digest,
        #[n(1)]
        card: DeviceCard,
        #[n(2)]
        name: String,
    },
    /// The first entry of a case born here.
    #[n(2)]
    Genesis {
        #[n(0)]
        case: CaseId,
    },
    #[n(3)]
    Grant {
        #[n(0)]
        case: CaseId,
        #[n(1)]
        member: MemberId,
        #[n(2)]
        role: Role,
        #[n(3)]
        until_ms: Option<i64>,
    },
    #[n(4)]
    Rewrap {
        #[n(0)]
        case: CaseId,
        #[n(1)]
        compartment: Compartment,
        #[n(2)]
        device: DeviceId,
    },
    #[n(5)]
    MinVersion {
        #[n(0)]
        version: AppVersion,
    },
}

/// An intent and how it fares.
#[derive(Debug, Clone)]
pub struct Intended {
    pub id: i64,
    pub what: Intent,
    pub refused: Option<String>,
}

/// How often an intent is tried again before it is set aside.
pub const MAX_ATTEMPTS: u32 = 8;

/// Takes up an intent, unless the same one waits already.
///
/// # Errors
/// When the database fails.
pub fn intend(db: &Connection, what: &Intent) -> Result<()> {
    let blob = cbor::encode(what);
    let known: i64 = db.query_row("SELECT count(*) FROM intent WHERE what = ?1", [&blob], |row| row.get(0))?;
    if known == 0 {
        db.execute("INSERT INTO intent (what) VALUES (?1)", [&blob])?;
    }
    Ok(())
}

/// A person decided the same again: what was refused or tried too often is tried once more.
///
/// # Errors
/// When the database fails.
pub fn intend_again(db: &Connection, what: &Intent) -> Result<()> {
    intend(db, what)?;
    db.execute("UPDATE intent SET refused = NULL, attempts = 0 WHERE what = ?1", [cbor::encode(what)])?;
    Ok(())
}

/// All intents in the order in which they were decided.
///
/// # Errors
/// When the database fails.
pub fn intents(db: &Connection) -> Result<Vec<Intended>> {
    let mut statement = db.prepare_cached("SELECT id, what, refused FROM intent ORDER BY id")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?, row.get(2)?)))?;
    rows.map(|row| {
        let (id, what, refused) = row?;
        let what = cbor::decode(&what).map_err(|_| DeviceError::Damaged)?;
        Ok(Intended { id, what, refused })
    })
    .collect()
}

/// An intent is carried out.
///
/// # Errors
/// When the database fails.
pub fn carried_out(db: &Connection, intent: i64) -> Result<()> {
    db.execute("DELETE FROM intent WHERE id = ?1", [intent])?;
    Ok(())
}

/// An intent did not go through: tried again, or set aside when it cannot succeed.
///
/// # Errors
/// When the database fails.
pub fn failed(db: &Connection, intent: i64, code: &str, for_good: bool) -> Result<()> {
    db.execute(
        "UPDATE intent SET attempts = attempts + 1,
                refused = CASE WHEN ?3 OR attempts + 1 >= ?4 THEN ?2 ELSE refused END
          WHERE id = ?1",
        (intent, code, for_good, MAX_ATTEMPTS),
    )?;
    Ok(())
}

/// What kind of thing waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    Entry,
    Envelope,
    Snapshot,
}

impl Waiting {
    const fn number(self) -> i64 {
        match self {
            Self::Entry => 0,
            Self::Envelope => 1,
            Self::Snapshot => 2,
        }
    }
}

/// Something about to be sent.
#[derive(Debug, Clone)]
pub struct Outgoing<'a> {
    pub case: Option<CaseId>,
    pub kind: Waiting,
    pub push: &'a Push,
    /// Own changes the server has once this is acknowledged.
    pub changes: u64,
    pub intent: Option<i64>,
}

fn case_key(case: Option<CaseId>) -> Vec<u8> {
    case.map(|case| case.as_bytes().to_vec()).unwrap_or_default()
}

/// Puts something into the outbox.
///
/// # Errors
/// When the database fails.
pub fn put(db: &Connection, out: &Outgoing<'_>) -> Result<()> {
    db.execute(
        "INSERT INTO outbox (push_id, case_id, kind, push, changes, intent) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (
            out.push.id().as_bytes(),
            case_key(out.case),
            out.kind.number(),
            cbor::encode(out.push),
            i64::try_from(out.changes).unwrap_or(i64::MAX),
            out.intent,
        ),
    )?;
    Ok(())
}

/// What waits, in order, at most so many bytes of it; refused things are left out, and snapshots, which are large and
/// hurry nobody, come last.
///
/// # Errors
/// When the database fails.
pub fn waiting(db: &Connection, at_most_bytes: usize) -> Result<Vec<Push>> {
    let mut statement = db.prepare_cached("SELECT push FROM outbox WHERE refused IS NULL ORDER BY kind = 2, id")?;
    let mut rows = statement.query([])?;
    let (mut pushes, mut bytes) = (Vec::new(), 0_usize);
    while let Some(row) = rows.next()? {
        let blob: Vec<u8> = row.get(0)?;
        bytes = bytes.saturating_add(blob.len());
        if !pushes.is_empty() && bytes > at_most_bytes {
            break;
        }
        pushes.push(cbor::decode(&blob).map_err(|_| DeviceError::Damaged)?);
    }
    Ok(pushes)
}

/// How many things wait.
///
/// # Errors
/// When the database fails.
pub fn count(db: &Connection) -> Result<u64> {
    Ok(db.query_row("SELECT count(*) FROM outbox WHERE refused IS NULL", [], |row| row.get(0))?)
}

/// How many entries of logs wait; while any does, nothing more is decided.
///
/// # Errors
/// When the database fails.
pub fn entries_waiting(db: &Connection) -> Result<u64> {
    Ok(db.query_row("SELECT count(*) FROM outbox WHERE kind = 0 AND refused IS NULL", [], |row| row.get(0))?)
}

/// Whether something of this case waits that is not a log entry.
///
/// # Errors
/// When the database fails.
pub fn case_waits(db: &Connection, case: CaseId, kind: Waiting) -> Result<bool> {
    let n: i64 =
        db.query_row("SELECT count(*) FROM outbox WHERE case_id = ?1 AND kind = ?2", (case_key(Some(case)), kind.number()), |row| {
            row.get(0)
        })?;
    Ok(n > 0)
}

/// What was acknowledged or refused.
#[derive(Debug, Clone)]
pub struct Sent {
    pub case: Option<CaseId>,
    pub changes: u64,
    pub intent: Option<i64>,
}

/// Looks up something sent by its name.
///
/// # Errors
/// When the database fails.
pub fn find(db: &Connection, push_id: &Digest) -> Result<Option<Sent>> {
    let mut statement = db.prepare_cached("SELECT case_id, changes, intent FROM outbox WHERE push_id = ?1")?;
    let found = statement
        .query_row([push_id.as_bytes()], |row| {
            let case: Vec<u8> = row.get(0)?;
            Ok(Sent { case: CaseId::try_from(case.as_slice()).ok(), changes: row.get(1)?, intent: row.get(2)? })
        })
        .optional()?;
    Ok(found)
}

/// Takes something out.
///
/// # Errors
/// When the database fails.
pub fn remove(db: &Connection, push_id: &Digest) -> Result<()> {
    db.execute("DELETE FROM outbox WHERE push_id = ?1", [push_id.as_bytes()])?;
    Ok(())
}

/// Sets something aside with the server's code; it stays on this device.
///
/// # Errors
/// When the database fails.
pub fn set_aside(db: &Connection, push_id: &Digest, code: &str) -> Result<()> {
    db.execute("UPDATE outbox SET refused = ?2 WHERE push_id = ?1", (push_id.as_bytes(), code))?;
    Ok(())
}

/// Codes of what was refused, outgoing and intended, with how often.
///
/// # Errors
/// When the database fails.
pub fn refusals(db: &Connection) -> Result<Vec<(String, u64)>> {
    let mut statement = db.prepare_cached(
        "SELECT refused, count(*) FROM (SELECT refused FROM outbox UNION ALL SELECT refused FROM intent)
          WHERE refused IS NOT NULL GROUP BY refused ORDER BY refused",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
