//! What waits to be sent, byte for byte until it is acknowledged and for a while after, so that a restored server can be
//! offered it again; and membership changes still to be made.

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};
use rusqlite::{Connection, OptionalExtension};
use wire::{
    cbor,
    envelope::{Compartment, Envelope, Kind, Stream},
    id::{CaseId, DeviceId, Digest, MemberId},
    log::{AppVersion, DeviceCard, EraseBasis, Proposed, RevokeReason, Role},
    message::Push,
};

use super::meta;
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
        /// Absent for the core.
        #[n(4)]
        compartment: Option<Compartment>,
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
    #[n(6)]
    Revoke {
        #[n(0)]
        device: DeviceId,
        #[n(1)]
        reason: RevokeReason,
    },
    /// A new key for a compartment of which somebody has the key who is not to read on; without a case for the directory.
    #[n(7)]
    Rotate {
        #[n(0)]
        case: Option<CaseId>,
        /// Absent for the core, and for the directory.
        #[n(1)]
        compartment: Option<Compartment>,
    },
    #[n(8)]
    Remove {
        #[n(0)]
        case: CaseId,
        #[n(1)]
        member: MemberId,
        /// Whoever takes over: until that person is in, nobody goes.
        #[n(2)]
        instead: Option<MemberId>,
        /// Absent for the core, and with it for all of the case.
        #[n(3)]
        compartment: Option<Compartment>,
    },
    #[n(9)]
    Hold {
        #[n(0)]
        case: CaseId,
        #[n(1)]
        on: bool,
    },
    #[n(10)]
    Propose {
        #[n(0)]
        case: CaseId,
        #[n(1)]
        what: Proposed,
        #[n(2)]
        expires_ms: i64,
    },
    #[n(11)]
    Approve {
        #[n(0)]
        case: CaseId,
        #[n(1)]
        proposal: Digest,
    },
    #[n(12)]
    Erase {
        #[n(0)]
        case: CaseId,
        #[n(1)]
        basis: EraseBasis,
    },
    /// This device holds nothing of an erased case any more.
    #[n(13)]
    Receipt {
        #[n(0)]
        case: CaseId,
    },
    /// This device takes another receive key.
    #[n(14)]
    RotateKey,
    /// The first key of a ledger of a case.
    #[n(15)]
    Open {
        #[n(0)]
        case: CaseId,
        #[n(1)]
        compartment: Compartment,
    },
    /// Agrees to what somebody else proposed for the organisation.
    #[n(16)]
    Agree {
        /// Hash of the entry that proposed it.
        #[n(0)]
        proposal: Digest,
    },
}

impl Intent {
    /// The case it is about.
    pub const fn case(&self) -> Option<CaseId> {
        match self {
            Self::Genesis { case }
            | Self::Grant { case, .. }
            | Self::Rewrap { case, .. }
            | Self::Remove { case, .. }
            | Self::Hold { case, .. }
            | Self::Propose { case, .. }
            | Self::Approve { case, .. }
            | Self::Erase { case, .. }
            | Self::Receipt { case }
            | Self::Open { case, .. } => Some(*case),
            Self::Rotate { case, .. } => *case,
            Self::Invite { .. }
            | Self::AddDevice { .. }
            | Self::MinVersion { .. }
            | Self::Revoke { .. }
            | Self::RotateKey
            | Self::Agree { .. } => None,
        }
    }

    /// The compartment whose key it takes to carry this out, if it takes one.
    pub fn key_of(&self) -> Option<Compartment> {
        match self {
            Self::Grant { compartment, .. } | Self::Rotate { case: Some(_), compartment } => Some(compartment.unwrap_or(Compartment::Core)),
            Self::Rewrap { compartment, .. } | Self::Open { compartment, .. } => Some(*compartment),
            _ => None,
        }
    }
}

/// An intent and how it fares.
#[derive(Debug, Clone)]
pub struct Intended {
    pub id: i64,
    pub what: Intent,
    pub refused: Option<String>,
}

/// How often an intent is tried again before it is set aside.
pub const MAX_ATTEMPTS: u32 = 64;

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

/// Whether an intent is to take somebody out of a case.
///
/// # Errors
/// When the database fails.
pub fn is_removal(db: &Connection, intent: i64) -> Result<bool> {
    Ok(intents(db)?.into_iter().any(|one| one.id == intent && matches!(one.what, Intent::Remove { .. })))
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

/// Whether anything of a case was sealed or sent, or waits to be.
///
/// # Errors
/// When the database fails.
pub fn is_any_of(db: &Connection, case: CaseId) -> Result<bool> {
    Ok(db.query_row("SELECT 1 FROM outbox WHERE case_id = ?1 LIMIT 1", [case_key(Some(case))], |_| Ok(())).optional()?.is_some())
}

/// What was refused of a case with this code is offered once more.
///
/// # Errors
/// When the database fails.
pub fn refused_no_more(db: &Connection, case: CaseId, code: &str) -> Result<()> {
    db.execute("UPDATE outbox SET refused = NULL WHERE case_id = ?1 AND refused = ?2", (case_key(Some(case)), code))?;
    Ok(())
}

/// Whether exactly this waits, or was sent not long ago; what was refused does not count.
///
/// # Errors
/// When the database fails.
pub fn has(db: &Connection, push: &Digest) -> Result<bool> {
    Ok(db.query_row("SELECT 1 FROM outbox WHERE push_id = ?1 AND refused IS NULL", [push.as_bytes()], |_| Ok(())).optional()?.is_some())
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
    // The same may be decided again after it was refused once.
    db.execute("DELETE FROM outbox WHERE push_id = ?1 AND refused IS NOT NULL", [out.push.id().as_bytes()])?;
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

/// The code with which a full server refuses: said, and tried again, because an operator can make room.
const WILL_PASS: &str = "org.quota";

/// What waits, in order, at most so many bytes of it; refused things are left out, content of the cases in `held` too
/// unless entries of their logs go before it, and snapshots, which are large and hurry nobody, come last.
///
/// # Errors
/// When the database fails.
pub fn waiting(db: &Connection, at_most_bytes: usize, held: &BTreeSet<CaseId>) -> Result<Vec<Push>> {
    waiting_but(db, at_most_bytes, held, |_| false)
}

/// As [`waiting`], without those of which the server has told already.
///
/// # Errors
/// When the database fails.
pub fn waiting_but(db: &Connection, at_most_bytes: usize, held: &BTreeSet<CaseId>, is_told: impl Fn(&Digest) -> bool) -> Result<Vec<Push>> {
    let mut statement = db.prepare_cached(
        "SELECT case_id, push, kind = 0, push_id FROM outbox
          WHERE (refused IS NULL OR refused = ?1) AND sent_ms = 0 ORDER BY kind = 2, id",
    )?;
    let mut rows = statement.query([WILL_PASS])?;
    let (mut pushes, mut bytes) = (Vec::new(), 0_usize);
    let mut held = held.clone();
    while let Some(row) = rows.next()? {
        let (case, blob, is_entry): (Vec<u8>, Vec<u8>, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if let Ok(case) = CaseId::try_from(case.as_slice())
            && held.contains(&case)
        {
            if !is_entry {
                continue;
            }
            held.remove(&case);
        }
        if is_told(&Digest::from_bytes(row.get(3)?)) {
            continue;
        }
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
    let sql = "SELECT count(*) FROM outbox WHERE (refused IS NULL OR refused = ?1) AND sent_ms = 0";
    Ok(db.query_row(sql, [WILL_PASS], |row| row.get(0))?)
}

/// How many newly decided entries of logs wait; while any does, nothing more is decided. What is only offered again has
/// been decided long since.
///
/// # Errors
/// When the database fails.
pub fn entries_waiting(db: &Connection) -> Result<u64> {
    let sql = "SELECT count(*) FROM outbox WHERE kind = 0 AND refused IS NULL AND sent_ms = 0 AND intent IS NOT NULL";
    Ok(db.query_row(sql, [], |row| row.get(0))?)
}

/// Whether something of this case waits that is not a log entry.
///
/// # Errors
/// When the database fails.
pub fn case_waits(db: &Connection, case: CaseId, kind: Waiting) -> Result<bool> {
    let sql = "SELECT count(*) FROM outbox WHERE case_id = ?1 AND kind = ?2 AND sent_ms = 0";
    let n: i64 = db.query_row(sql, (case_key(Some(case)), kind.number()), |row| row.get(0))?;
    Ok(n > 0)
}

/// What was acknowledged or refused.
#[derive(Debug, Clone)]
pub struct Sent {
    pub case: Option<CaseId>,
    pub is_entry: bool,
    pub changes: u64,
    pub intent: Option<i64>,
}

/// Envelopes, not entries, that wait, under the names they travel by, in order.
///
/// # Errors
/// When the database fails.
pub fn sealed(db: &Connection) -> Result<Vec<(Digest, Push)>> {
    let mut statement = db.prepare_cached("SELECT push_id, push FROM outbox WHERE sent_ms = 0 AND kind IN (1, 2) ORDER BY id")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    rows.map(|row| {
        let (id, blob) = row?;
        Ok((Digest::from_bytes(id), cbor::decode(&blob).map_err(|_| DeviceError::Damaged)?))
    })
    .collect()
}

/// Puts the same words under a new seal in the place of what waits. Should the server have taken it under the name it had
/// before, it is known by that too.
///
/// # Errors
/// When the database fails.
pub fn reseal(db: &Connection, before: &Digest, push: &Push) -> Result<()> {
    db.execute("UPDATE resealed SET push_id = ?2 WHERE push_id = ?1", (before.as_bytes(), push.id().as_bytes()))?;
    db.execute("INSERT INTO resealed (older, push_id) VALUES (?1, ?2)", (before.as_bytes(), push.id().as_bytes()))?;
    db.execute(
        "UPDATE outbox SET push_id = ?2, push = ?3, refused = NULL WHERE push_id = ?1",
        (before.as_bytes(), push.id().as_bytes(), cbor::encode(push)),
    )?;
    Ok(())
}

/// The name by which something waits now that had this one before.
///
/// # Errors
/// When the database fails.
pub fn present_name(db: &Connection, push_id: &Digest) -> Result<Digest> {
    let mut statement = db.prepare_cached("SELECT push_id FROM resealed WHERE older = ?1")?;
    let found = statement.query_row([push_id.as_bytes()], |row| row.get(0)).optional()?;
    Ok(found.map_or(*push_id, Digest::from_bytes))
}

/// Looks up something that waits by its name.
///
/// # Errors
/// When the database fails.
pub fn find(db: &Connection, push_id: &Digest) -> Result<Option<Sent>> {
    let mut statement = db.prepare_cached("SELECT case_id, changes, intent, kind = 0 FROM outbox WHERE push_id = ?1 AND sent_ms = 0")?;
    let found = statement
        .query_row([push_id.as_bytes()], |row| {
            let case: Vec<u8> = row.get(0)?;
            let case = CaseId::try_from(case.as_slice()).ok();
            Ok(Sent { case, is_entry: row.get(3)?, changes: row.get(1)?, intent: row.get(2)? })
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

/// The server has it, since this time by its clock, Unix milliseconds; it is kept for a while.
///
/// # Errors
/// When the database fails.
pub fn received(db: &Connection, push_id: &Digest, at_ms: i64) -> Result<()> {
    db.execute("UPDATE outbox SET sent_ms = ?2, intent = NULL, refused = NULL WHERE push_id = ?1", (push_id.as_bytes(), at_ms.max(1)))?;
    Ok(())
}

/// Something the server once had.
#[derive(Debug, Clone)]
pub struct Kept {
    pub id: i64,
    pub push: Push,
}

/// Goes through everything that the server once had and is kept, in order.
///
/// # Errors
/// When the database fails, or what `look` says.
pub fn each_kept(db: &Connection, mut look: impl FnMut(Kept) -> Result<()>) -> Result<()> {
    let mut statement = db.prepare("SELECT id, push FROM outbox WHERE sent_ms > 0 ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let blob: Vec<u8> = row.get(1)?;
        look(Kept { id: row.get(0)?, push: cbor::decode(&blob).map_err(|_| DeviceError::Damaged)? })?;
    }
    Ok(())
}

/// The server lost it: it waits again.
///
/// # Errors
/// When the database fails.
pub fn offer_again(db: &Connection, id: i64) -> Result<()> {
    db.execute("UPDATE outbox SET sent_ms = 0, refused = NULL WHERE id = ?1", [id])?;
    Ok(())
}

/// Whether something that was written here was refused.
///
/// # Errors
/// When the database fails.
pub fn has_refused(db: &Connection) -> Result<bool> {
    Ok(db.query_row("SELECT EXISTS (SELECT 1 FROM outbox WHERE refused IS NOT NULL)", [], |row| row.get(0))?)
}

/// What was refused waits again.
///
/// # Errors
/// When the database fails.
pub fn offer_refused_again(db: &Connection) -> Result<()> {
    db.execute("UPDATE outbox SET refused = NULL WHERE sent_ms = 0 AND refused IS NOT NULL", [])?;
    Ok(())
}

/// How long the server's receipt is no reason to forget a thing, in milliseconds: 40 days. Servers are not put back from
/// backups of more than 35.
pub const KEEP_MS: i64 = 40 * 24 * 60 * 60 * 1000;
/// Most bytes of segments that are kept after the receipt. Those beyond it can be sealed anew from document and statements.
const KEEP_BYTES: i64 = 64 * 1024 * 1024;

/// Forgets what the server has had long enough, once a day, since every row is looked at.
///
/// # Errors
/// When the database fails.
pub fn tidy_daily(db: &Connection, now_ms: i64) -> Result<()> {
    let today = now_ms.div_euclid(24 * 60 * 60 * 1000);
    if meta::number(db, meta::TIDIED)? == Some(today) {
        return Ok(());
    }
    forget_received(db, now_ms, KEEP_BYTES)?;
    meta::set_number(db, meta::TIDIED, today)
}

/// Forgets what the server has had long enough: everything after [`KEEP_MS`], all but the newest snapshot of a case, and
/// the oldest segments beyond `most_bytes`.
///
/// # Errors
/// When the database fails.
fn forget_received(db: &Connection, now_ms: i64, most_bytes: i64) -> Result<()> {
    db.execute("DELETE FROM outbox WHERE sent_ms > 0 AND sent_ms < ?1", [now_ms.saturating_sub(KEEP_MS)])?;
    db.execute("DELETE FROM resealed WHERE push_id NOT IN (SELECT push_id FROM outbox)", [])?;
    db.execute(
        "DELETE FROM outbox WHERE kind = 2 AND sent_ms > 0 AND id < (
            SELECT newest FROM (SELECT case_id, max(id) AS newest FROM outbox WHERE kind = 2 AND sent_ms > 0 GROUP BY case_id) AS n
            WHERE n.case_id = outbox.case_id)",
        [],
    )?;
    db.execute(
        "DELETE FROM outbox WHERE id IN (
            SELECT id FROM (
                SELECT id, sum(length(push)) OVER (ORDER BY id DESC) AS newer FROM outbox
                 WHERE kind = 1 AND length(case_id) = 16 AND sent_ms > 0)
             WHERE newer > ?1)",
        [most_bytes],
    )?;
    // What nobody could find missing any more needs no line in the list of what waits.
    db.execute(
        "WITH kept AS MATERIALIZED (SELECT case_id, max(changes) AS most FROM outbox WHERE kind = 1 GROUP BY case_id)
         DELETE FROM unsent_item
          WHERE change <= (SELECT acked FROM document WHERE document.case_id = unsent_item.case_id)
            AND change > COALESCE((SELECT most FROM kept WHERE kept.case_id = unsent_item.case_id), 0)",
        [],
    )?;
    Ok(())
}

/// The places in this device's chain of segments of a case whose envelopes are here, waiting or kept.
///
/// # Errors
/// When the database fails.
pub fn places(db: &Connection, case: CaseId) -> Result<BTreeSet<u64>> {
    let mut statement = db.prepare_cached("SELECT push FROM outbox WHERE case_id = ?1 AND kind = 1")?;
    let mut rows = statement.query([case_key(Some(case))])?;
    let mut places = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let blob: Vec<u8> = row.get(0)?;
        if let Push::Envelope(bytes) = cbor::decode(&blob).map_err(|_| DeviceError::Damaged)? {
            let envelope = Envelope::decode(&bytes).map_err(|_| DeviceError::Damaged)?;
            if envelope.header.kind == Kind::Segment && envelope.header.stream == Stream::core(case) {
                places.insert(envelope.header.seq);
            }
        }
    }
    Ok(places)
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
        "SELECT refused, count(*) FROM (
            SELECT refused FROM outbox WHERE refused IS NOT NULL UNION ALL SELECT refused FROM intent WHERE refused IS NOT NULL)
          GROUP BY refused ORDER BY refused",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
