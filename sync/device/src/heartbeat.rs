//! Signs of life. A coordinator's device says once a day, signed, how far everything is that it has; whoever hears it and was given less
//! than that is kept from something by the server, and whoever hears nothing for a week may be.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use rusqlite::Connection;
use seal::sealed::{Draft, Opened, Reach, seal};
use wire::{
    cbor,
    envelope::{Compartment, Kind, Stream},
    id::{CaseId, DeviceId, Digest},
    log::{Head, LogId, OrgState, Role},
    message::Push,
    signature::sha256,
};

use crate::{
    again,
    compose::{directory_key, latest_now},
    error::{DeviceError, Result},
    host::{Dice, Host},
    ledger,
    repair::{LOG_FORK, Repair},
    session::Open,
    vault::{
        commit, documents, inbox, keys, logs, meta,
        outbox::{self, Outgoing, Waiting},
    },
};

/// A coordinator's device says so once in so many milliseconds: a day.
const EVERY_MS: i64 = 24 * 60 * 60 * 1000;
/// After so long without one, though there was a line, the screen says so, in milliseconds: seven days.
const SILENT_MS: i64 = 7 * EVERY_MS;
/// What coordinators have was not given to this device.
pub(crate) const WITHHELD: &str = "srv.withheld";

/// How far a device is: `[[head of the organisation's log], [[case, head of its log, [[device, seq], …]], …]]`, with the last segment
/// of each author.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Heartbeat {
    #[n(0)]
    org: Option<Head>,
    #[n(1)]
    cases: Vec<CaseEnds>,
}

/// How far a device is in one case.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
struct CaseEnds {
    #[n(0)]
    case: CaseId,
    #[n(1)]
    log: Head,
    #[n(2)]
    words: Vec<(DeviceId, u64)>,
}

/// What is remembered of others' signs of life.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
struct Heard {
    /// Unix milliseconds of the newest, by its own clock, never later than this device's; or of the first look.
    #[n(0)]
    at_ms: i64,
    /// The newest of each device, until this device was found to have as much.
    #[n(1)]
    beats: BTreeMap<DeviceId, Heartbeat>,
    /// Logs and cases of which this device was given less.
    #[n(2)]
    withheld: u64,
    /// Logs that went on differently there.
    #[n(3)]
    forked: u64,
}

impl Heard {
    fn read(db: &Connection) -> Result<Option<Self>> {
        meta::get(db, meta::HEARTBEATS)?.map(|bytes| cbor::decode(&bytes).map_err(|_| DeviceError::Damaged)).transpose()
    }

    fn write(&self, db: &Connection) -> Result<()> {
        meta::set(db, meta::HEARTBEATS, &cbor::encode(self))
    }
}

/// Says how far this device is, when a day is over and somebody is there to hear it.
pub(crate) fn compose(open: &mut Open, host: &dyn Host, org: &OrgState) -> Result<()> {
    let (db, me, now_ms) = (open.vault.db(), open.keys.device(), host.now_ms());
    if !coordinates(org, &me) || org.devices_at(u64::MAX).count() < 2 {
        return Ok(());
    }
    // A clock that was set back begins the day anew.
    match meta::number(db, meta::HEARTBEAT)?.filter(|last_ms| *last_ms <= now_ms) {
        Some(last_ms) if now_ms.saturating_sub(last_ms) < EVERY_MS => return Ok(()),
        Some(_) => {}
        None => return meta::set_number(db, meta::HEARTBEAT, now_ms),
    }
    let Some((epoch, key)) = directory_key(open, org)? else { return Ok(()) };
    let (stream, body) = (Stream::DIRECTORY, cbor::encode(&reached(open, org)?));
    let chain = keys::chain(db, stream, Kind::Heartbeat, me)?;
    let draft = Draft {
        org: org.org(),
        stream,
        kind: Kind::Heartbeat,
        epoch,
        key: &key,
        chain,
        claimed_ms: now_ms,
        last: Digest::ZERO,
        count: 1,
        body: &body,
    };
    let sealed = seal(&draft, &open.keys, &mut Dice(host))?;
    let push = Push::Envelope(sealed.envelope.encode());
    let reach = Reach { device: me, chain: sealed.chain, last: sha256(&[&body]) };
    let transaction = open.vault.write()?;
    keys::append_statement(&transaction, stream, Kind::Heartbeat, &reach, &sealed.signed)?;
    meta::set_number(&transaction, meta::HEARTBEAT, now_ms)?;
    outbox::put(&transaction, &Outgoing { case: None, kind: Waiting::Envelope, push: &push, changes: 0, intent: None })?;
    commit(transaction, "compose")
}

fn coordinates(org: &OrgState, device: &DeviceId) -> bool {
    org.active(device, u64::MAX).and_then(|state| org.role_of(&state.member)).is_some_and(Role::admits)
}

/// Only what the server has given or acknowledged: what waits here was withheld from nobody.
fn reached(open: &Open, org: &OrgState) -> Result<Heartbeat> {
    let (db, me) = (open.vault.db(), open.keys.device());
    let mut cases = Vec::new();
    for case in logs::cases(db)? {
        let Some(state) = logs::case(db, case)?.filter(|state| state.erased().is_none()) else { continue };
        let others = keys::reaches(db, case)?.into_iter().filter(|reach| reach.device != me);
        let words = others.map(|reach| (reach.device, reach.chain.seq)).collect();
        cases.push(CaseEnds { case, log: state.head(), words });
    }
    Ok(Heartbeat { org: Some(org.head()), cases })
}

/// Somebody's device gave a sign of life, whose signature and place were verified.
pub(crate) fn heard(db: &Connection, org: &OrgState, opened: &Opened, now_ms: i64) -> Result<()> {
    let author = opened.author.device;
    if !coordinates(org, &author) {
        return Ok(());
    }
    let mut heard = Heard::read(db)?.unwrap_or_default();
    heard.at_ms = heard.at_ms.max(opened.statement.claimed_ms.min(now_ms));
    if opened.kind == Kind::Heartbeat {
        let mut beat: Heartbeat = cbor::decode(&opened.body).unwrap_or_default();
        let here = logs::cases(db)?;
        beat.cases.retain(|ends| here.contains(&ends.case));
        heard.beats.insert(author, beat);
    }
    heard.write(db)
}

/// Everything that the server gives has come: whether that is as much as coordinators had. What is missing is asked for once more from
/// the beginning, at most once a day.
pub(crate) fn compare(open: &Open, host: &dyn Host) -> Result<()> {
    // By this device's own clock: a server that is years ahead would never be silent.
    let (db, now_ms) = (open.vault.db(), host.now_ms());
    let Ok(org) = open.org() else { return Ok(()) };
    let Some(mut heard) = Heard::read(db)? else { return Heard { at_ms: now_ms, ..Heard::default() }.write(db) };
    // What came and could not be taken in has a code of its own, and is asked for again by itself; so has a server that was set back.
    if heard.beats.is_empty() || !inbox::set_aside_codes(db)?.is_empty() || !Repair::read(db)?.codes().is_empty() {
        return Ok(());
    }
    let (mut withheld, mut forked, mut left) = (0_u64, 0_u64, BTreeMap::new());
    for (device, beat) in std::mem::take(&mut heard.beats).into_iter().filter(|(device, _)| coordinates(&org, device)) {
        let (missing, split) = beyond(open, &org, &beat, latest_now(open, host)?)?;
        withheld = withheld.max(missing);
        forked = forked.max(split);
        if missing > 0 || split > 0 {
            left.insert(device, beat);
        }
    }
    if withheld > 0 {
        again::ask_once_a_day(db, now_ms)?;
    }
    Heard { at_ms: heard.at_ms, beats: left, withheld, forked }.write(db)
}

/// Of how much this device has less than another said, and how much went on differently there.
fn beyond(open: &Open, org: &OrgState, beat: &Heartbeat, now_ms: i64) -> Result<(u64, u64)> {
    let (db, me, member) = (open.vault.db(), open.keys.device(), open.me()?.member);
    let (mut missing, mut split) = (0_u64, 0_u64);
    let mut judge = |log: LogId, said: Head, end: Head| -> Result<()> {
        if said.seq > end.seq {
            missing = missing.saturating_add(1);
        } else if logs::hash_at(db, log, said.seq)? != Some(said.hash) {
            split = split.saturating_add(1);
        }
        Ok(())
    };
    if let Some(said) = beat.org {
        judge(LogId::Org, said, org.head())?;
    }
    let mut reads = Vec::new();
    for ends in &beat.cases {
        // Whoever reads it no more, by the log or by the time, is given no more of it.
        let read = logs::case(db, ends.case)?.filter(|state| ledger::reads(state, Compartment::Core, member, now_ms));
        let Some(state) = read else { continue };
        judge(LogId::Case(ends.case), ends.log, state.head())?;
        if documents::has(db, ends.case)? {
            reads.push(ends);
        }
    }
    for ends in reads {
        let here: BTreeMap<DeviceId, u64> =
            keys::reaches(db, ends.case)?.into_iter().map(|reach| (reach.device, reach.chain.seq)).collect();
        // Of a device that was cut off nothing counts beyond its cut, and what this one wrote it has.
        let counts = |device: &DeviceId| *device != me && org.active(device, u64::MAX).is_some();
        let lacks = |(device, seq): &(DeviceId, u64)| counts(device) && here.get(device).copied().unwrap_or(0) < *seq;
        missing = missing.saturating_add(u64::from(ends.words.iter().any(lacks)));
    }
    Ok((missing, split))
}

/// Whether there was a line all week, and no coordinator's sign of life came by it.
pub(crate) fn is_silent(open: &Open, host: &dyn Host) -> Result<bool> {
    let (Ok(org), Some(heard)) = (open.org(), Heard::read(open.vault.db())?) else { return Ok(false) };
    let me = open.keys.device();
    let others = org.devices_at(u64::MAX).any(|state| state.card.device != me && coordinates(&org, &state.card.device));
    Ok(others && host.now_ms().saturating_sub(heard.at_ms) >= SILENT_MS)
}

/// What the face is to be told, by code, with how many logs and cases it concerns.
pub(crate) fn codes(db: &Connection) -> Result<Vec<(String, u64)>> {
    let heard = Heard::read(db)?.unwrap_or_default();
    let all = [(WITHHELD, heard.withheld), (LOG_FORK, heard.forked)];
    Ok(all.into_iter().filter(|(_, n)| *n > 0).map(|(code, n)| (code.to_owned(), n)).collect())
}

#[cfg(test)]
mod tests;
