//! Epoch keys, and the chains of signed statements that prove who wrote what.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension};
use seal::{
    EpochKey, Keychain,
    sealed::{Chain, Reach},
};
use wire::{
    envelope::{Compartment, Kind, Stream},
    id::{CaseId, DeviceId, Digest},
};

use crate::error::{DeviceError, Result};

/// How a chain is named: by its case, and for a ledger by one byte more.
pub(super) fn stream_key(stream: Stream) -> Vec<u8> {
    let ledger = stream.is_ledger().then(|| u8::try_from(compartment_number(stream.compartment)).unwrap_or_default());
    log_key(stream).into_iter().chain(ledger).collect()
}

fn log_key(stream: Stream) -> Vec<u8> {
    stream.case.map(|case| case.as_bytes().to_vec()).unwrap_or_default()
}

pub(super) const fn compartment_number(compartment: Compartment) -> i64 {
    match compartment {
        Compartment::Directory => 0,
        Compartment::Core => 1,
        Compartment::Address => 2,
        Compartment::Access => 3,
    }
}

const fn kind_number(kind: Kind) -> i64 {
    match kind {
        Kind::Segment => 1,
        Kind::Snapshot => 2,
        Kind::Seen => 3,
        Kind::Heartbeat => 4,
    }
}

/// All held keys of a stream; of one whose keys lie in the strongroom `vault::ledger` has them as they lie there.
///
/// # Errors
/// When the database fails.
pub fn keychain(db: &Connection, stream: Stream) -> Result<Keychain> {
    let mut keychain = Keychain::new(stream);
    let mut statement = db.prepare_cached("SELECT epoch, key FROM epoch_key WHERE log = ?1 AND compartment = ?2")?;
    let rows = statement.query_map((log_key(stream), compartment_number(stream.compartment)), |row| {
        Ok((row.get::<_, u32>(0)?, zeroize::Zeroizing::new(row.get::<_, [u8; 32]>(1)?)))
    })?;
    for row in rows {
        let (epoch, key) = row?;
        keychain.hold(epoch, EpochKey::from_secret_bytes(*key));
    }
    Ok(keychain)
}

/// Keeps every key of the chain.
///
/// # Errors
/// When the database fails.
pub fn keep(db: &Connection, keychain: &Keychain) -> Result<()> {
    let stream = keychain.stream();
    for (epoch, key) in keychain.keys() {
        db.execute(
            "INSERT INTO epoch_key (log, compartment, epoch, key) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (log, compartment, epoch) DO UPDATE SET key = excluded.key",
            (log_key(stream), compartment_number(stream.compartment), epoch, key.to_secret_bytes().as_slice()),
        )?;
    }
    Ok(())
}

/// Where an author's chain stands here.
///
/// # Errors
/// When the database fails.
pub fn chain(db: &Connection, stream: Stream, kind: Kind, device: DeviceId) -> Result<Chain> {
    let mut statement =
        db.prepare_cached("SELECT seq, hash FROM statement WHERE stream = ?1 AND kind = ?2 AND device = ?3 ORDER BY seq DESC LIMIT 1")?;
    let found = statement
        .query_row((stream_key(stream), kind_number(kind), device.as_bytes()), |row| {
            Ok(Chain { seq: row.get(0)?, hash: Digest::from_bytes(row.get(1)?) })
        })
        .optional()?;
    Ok(found.unwrap_or(Chain::START))
}

/// Keeps a statement. `signed` was empty where the first snapshots had nothing to show.
///
/// # Errors
/// When the database fails.
pub fn append_statement(db: &Connection, stream: Stream, kind: Kind, reach: &Reach, signed: &[u8]) -> Result<()> {
    db.execute(
        "INSERT OR IGNORE INTO statement (stream, kind, device, seq, hash, last, signed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (
            stream_key(stream),
            kind_number(kind),
            reach.device.as_bytes(),
            i64::try_from(reach.chain.seq).unwrap_or(i64::MAX),
            reach.chain.hash.as_bytes(),
            reach.last.as_bytes(),
            signed,
        ),
    )?;
    Ok(())
}

/// Takes back a statement that nobody was sent.
///
/// # Errors
/// When the database fails.
pub fn unsay(db: &Connection, stream: Stream, kind: Kind, device: DeviceId, seq: u64) -> Result<()> {
    let place = (stream_key(stream), kind_number(kind), device.as_bytes(), i64::try_from(seq).unwrap_or(i64::MAX));
    db.execute("DELETE FROM statement WHERE stream = ?1 AND kind = ?2 AND device = ?3 AND seq = ?4", place)?;
    Ok(())
}

/// The hash of a kept statement.
///
/// # Errors
/// When the database fails.
pub fn statement_at(db: &Connection, stream: Stream, kind: Kind, device: DeviceId, seq: u64) -> Result<Option<Digest>> {
    let mut statement = db.prepare_cached("SELECT hash FROM statement WHERE stream = ?1 AND kind = ?2 AND device = ?3 AND seq = ?4")?;
    let seq = i64::try_from(seq).unwrap_or(i64::MAX);
    let found = statement.query_row((stream_key(stream), kind_number(kind), device.as_bytes(), seq), |row| row.get(0)).optional()?;
    Ok(found.map(Digest::from_bytes))
}

/// What was signed in this place; nothing where it is not kept, or only a snapshot's author vouches.
///
/// # Errors
/// When the database fails.
pub fn signed_at(db: &Connection, stream: Stream, kind: Kind, device: DeviceId, seq: u64) -> Result<Option<Vec<u8>>> {
    let mut statement = db.prepare_cached("SELECT signed FROM statement WHERE stream = ?1 AND kind = ?2 AND device = ?3 AND seq = ?4")?;
    let seq = i64::try_from(seq).unwrap_or(i64::MAX);
    let found: Option<Vec<u8>> =
        statement.query_row((stream_key(stream), kind_number(kind), device.as_bytes(), seq), |row| row.get(0)).optional()?;
    Ok(found.filter(|signed| !signed.is_empty()))
}

/// When the newest segment of each author was written, by the author's own clock, Unix milliseconds.
///
/// # Errors
/// When the database fails.
pub fn newest_words(db: &Connection) -> Result<BTreeMap<DeviceId, i64>> {
    // Of each group SQLite gives the row that has the greatest number.
    let mut statement = db.prepare_cached("SELECT device, signed, max(seq) FROM statement WHERE kind = ?1 GROUP BY stream, device")?;
    let rows = statement.query_map([kind_number(Kind::Segment)], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    let mut newest = BTreeMap::new();
    for row in rows {
        let (device, signed) = row?;
        let Some(said) = seal::sealed::read_statement(&signed) else { continue };
        let last = newest.entry(DeviceId::from_bytes(device)).or_insert(said.claimed_ms);
        *last = (*last).max(said.claimed_ms);
    }
    Ok(newest)
}

/// A kept statement.
#[derive(Debug, Clone)]
pub struct Kept {
    pub device: DeviceId,
    pub kind: Kind,
    pub chain: Chain,
    pub last: Digest,
    pub signed: Vec<u8>,
}

/// Every kept statement of a stream, each author's in order.
///
/// # Errors
/// When the database fails.
pub fn statements(db: &Connection, case: CaseId) -> Result<Vec<Kept>> {
    let mut statement =
        db.prepare_cached("SELECT device, kind, seq, hash, last, signed FROM statement WHERE stream = ?1 ORDER BY kind, device, seq")?;
    let rows = statement.query_map([case.as_bytes().as_slice()], |row| {
        let kind = match row.get::<_, i64>(1)? {
            1 => Kind::Segment,
            2 => Kind::Snapshot,
            3 => Kind::Seen,
            _ => Kind::Heartbeat,
        };
        let chain = Chain { seq: row.get(2)?, hash: Digest::from_bytes(row.get(3)?) };
        let last = Digest::from_bytes(row.get(4)?);
        Ok(Kept { device: DeviceId::from_bytes(row.get(0)?), kind, chain, last, signed: row.get(5)? })
    })?;
    rows.map(|row| row.map_err(DeviceError::from)).collect()
}

/// How many of an author's changes its segments hold, as their statements say: at each place of the chain, with all before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<u64, u64>);

impl Counts {
    /// Up to and with this place.
    pub fn up_to(&self, seq: u64) -> u64 {
        self.0.range(..=seq).next_back().map_or(0, |(_, sum)| *sum)
    }
}

/// Reads each statement of an author's segments once.
///
/// # Errors
/// When the database fails.
pub fn counts(db: &Connection, case: CaseId, device: DeviceId) -> Result<Counts> {
    let mut statement =
        db.prepare_cached("SELECT seq, signed FROM statement WHERE stream = ?1 AND kind = 1 AND device = ?2 ORDER BY seq")?;
    let mut rows = statement.query((case.as_bytes().as_slice(), device.as_bytes()))?;
    let (mut counts, mut sum) = (BTreeMap::new(), 0_u64);
    while let Some(row) = rows.next()? {
        let signed: Vec<u8> = row.get(1)?;
        sum = sum.saturating_add(u64::from(seal::sealed::read_statement(&signed).map_or(0, |statement| statement.count)));
        counts.insert(row.get(0)?, sum);
    }
    Ok(Counts(counts))
}

/// How many of an author's changes its segments up to `seq` hold, as their statements say.
///
/// # Errors
/// When the database fails.
pub fn changes_up_to(db: &Connection, case: CaseId, device: DeviceId, seq: u64) -> Result<u64> {
    Ok(counts(db, case, device)?.up_to(seq))
}

/// The newest segment statement of every author of a case.
///
/// # Errors
/// When the database fails.
pub fn reaches(db: &Connection, case: CaseId) -> Result<Vec<Reach>> {
    let mut statement = db.prepare_cached(
        "SELECT device, max(seq), hash, last FROM statement WHERE stream = ?1 AND kind = 1 GROUP BY device ORDER BY device",
    )?;
    let rows = statement.query_map([case.as_bytes().as_slice()], |row| {
        Ok(Reach {
            device: DeviceId::from_bytes(row.get(0)?),
            chain: Chain { seq: row.get(1)?, hash: Digest::from_bytes(row.get(2)?) },
            last: Digest::from_bytes(row.get(3)?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
