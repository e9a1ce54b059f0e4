//! A server that was put back to an earlier state is offered again what it lost. It can take nothing from this device: a
//! log that is shorter than what was verified here is not news, it is what has to be mended.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};
use rusqlite::Connection;
use seal::sealed::{Chain, Draft, read_statement, seal_again};
use wire::{
    cbor,
    envelope::{Compartment, Envelope, Kind, Stream},
    id::{CaseId, DeviceId, Digest},
    log::{Entry, Head, LogId},
    message::{LogEnd, Push, Vectors},
};

use crate::{
    act::Glass,
    compose::{last_hash, snapshot, writing_key},
    error::{DeviceError, Result},
    host::{Dice, Host},
    session::Open,
    vault::{
        commit, documents, keys, logs, meta,
        outbox::{self, Intent, Outgoing, Waiting},
        projections,
    },
};

/// What the face says while the server lacks something that this device knows it once had.
pub(crate) const SET_BACK: &str = "server.set_back";
/// What the face says when the server's log went on differently from what was verified here.
pub(crate) const LOG_FORK: &str = "log.fork";
/// How long the devices of others are waited for before this one makes a snapshot of what they wrote, in milliseconds: a day.
const OTHERS_MS: i64 = 24 * 60 * 60 * 1000;

/// What is known of a server that was put back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Repair {
    /// How far the server reaches is to be asked before anything is decided.
    #[n(0)]
    ask: bool,
    /// It does not know this device any more.
    #[n(1)]
    forgotten: bool,
    /// Logs of which it has less than was verified here.
    #[n(2)]
    behind: Vec<LogId>,
    /// Logs of which it has something else than was verified here.
    #[n(3)]
    forked: Vec<LogId>,
    /// Cases in which it lacks what others wrote, and since when that is known, Unix milliseconds.
    #[n(4)]
    lacking: Vec<(CaseId, i64)>,
    /// Cases that could not be compared to their end: a document that does not load, or nothing may be sealed now.
    #[cbor(n(5), default)]
    put_off: Vec<CaseId>,
}

impl Repair {
    /// What was kept of it.
    pub fn read(db: &Connection) -> Result<Self> {
        let blob = meta::get(db, meta::REPAIR)?;
        blob.map_or(Ok(Self::default()), |bytes| cbor::decode(&bytes).map_err(|_| DeviceError::Damaged))
    }

    fn write(&self, db: &Connection) -> Result<()> {
        if *self == Self::default() { meta::remove(db, meta::REPAIR) } else { meta::set(db, meta::REPAIR, &cbor::encode(self)) }
    }

    /// Whether the server is to be asked how far it reaches.
    pub const fn asks(&self) -> bool {
        self.ask
    }

    /// Whether a refusal about this log (or what is in its streams) may only say that something before it is still missing.
    pub fn excuses(&self, case: Option<CaseId>) -> bool {
        let at = |log: LogId| self.behind.contains(&log) || self.forked.contains(&log);
        self.ask || at(LogId::Org) || case.is_some_and(|case| at(LogId::Case(case)))
    }

    /// Whether a membership change has to wait until the logs are whole there.
    pub fn holds(&self, intent: &Intent) -> bool {
        self.excuses(intent.case())
    }

    /// Cases whose content cannot be taken there yet.
    pub fn held_cases(&self) -> BTreeSet<CaseId> {
        let case = |log: &LogId| if let LogId::Case(case) = log { Some(*case) } else { None };
        self.behind.iter().filter_map(case).collect()
    }

    /// What the face is to be told, by code, with how many logs it concerns.
    pub fn codes(&self) -> Vec<(String, u64)> {
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let behind = self.behind.len().max(usize::from(self.forgotten));
        let all = [(SET_BACK, behind), (LOG_FORK, self.forked.len())];
        all.into_iter().filter(|(_, n)| *n > 0).map(|(code, n)| (code.to_owned(), count(n))).collect()
    }

    /// Whether the server has all its logs again, as far as is known.
    const fn is_whole(&self) -> bool {
        self.behind.is_empty() && self.forked.is_empty()
    }
}

/// The server said which incarnation it is, so it knows this device.
pub(crate) fn met(db: &Connection, is_another: bool) -> Result<()> {
    let mut repair = Repair::read(db)?;
    if !is_another && !repair.forgotten {
        return Ok(());
    }
    (repair.ask, repair.forgotten) = (repair.ask || is_another, false);
    repair.write(db)
}

/// The server does not know this device, which its organisation has admitted: whether it must have been put back.
pub(crate) fn forgotten(open: &Open) -> Result<bool> {
    let me = open.keys.device();
    let admitted = open.org().is_ok_and(|org| org.device(&me).is_some_and(|state| state.revoked.is_none()));
    if admitted {
        Repair { forgotten: true, ..Repair::read(open.vault.db())? }.write(open.vault.db())?;
    }
    Ok(admitted)
}

/// A new sync begins: what was missing last time is looked at again.
pub(crate) fn look_again(open: &Open, now_ms: i64) -> Result<()> {
    let db = open.vault.db();
    let repair = Repair::read(db)?;
    let others_had_time = repair.lacking.iter().any(|(_, since)| now_ms.saturating_sub(*since) >= OTHERS_MS);
    if !repair.ask && (!repair.is_whole() || others_had_time || !repair.put_off.is_empty()) {
        Repair { ask: true, ..repair }.write(db)?;
    }
    Ok(())
}

/// An entry of a log was taken: more may be possible now.
pub(crate) fn entry_taken(db: &Connection) -> Result<()> {
    let repair = Repair::read(db)?;
    if repair.is_whole() { Ok(()) } else { Repair { ask: true, ..repair }.write(db) }
}

/// This server does not say how far it reaches: nothing more can be found out.
pub(crate) fn cannot_tell(db: &Connection) -> Result<()> {
    Repair { ask: false, ..Repair::read(db)? }.write(db)
}

/// Compares what the server has with what it once acknowledged; what it lost waits to be sent again. Gives the cases that
/// look different now.
pub(crate) fn compare(open: &mut Open, host: &dyn Host, vectors: &Vectors) -> Result<Vec<CaseId>> {
    let now_ms = host.now_ms();
    let before = Repair::read(open.vault.db())?;
    let mut repair = compare_logs(open, vectors, now_ms)?;
    let me = open.keys.device();
    let ends: BTreeMap<(Stream, Kind, DeviceId), u64> =
        vectors.chains.iter().map(|end| ((end.stream, end.kind, end.device), end.seq)).collect();
    let end = |stream, kind, device| ends.get(&(stream, kind, device)).copied().unwrap_or(0);
    let own_end = |case| end(Stream::core(case), Kind::Segment, me);
    let lost = lost(open.vault.db(), &|stream, kind| end(stream, kind, me), vectors)?;
    let mut lowered = Vec::new();
    // All of this may be done twice: only what is written last says that it is done.
    for case in documents::all(open.vault.db())? {
        match compare_case(open, host, case, own_end(case)) {
            Ok(compared) => {
                lowered.extend(compared.is_lowered.then_some(case));
                repair.put_off.extend((!compared.is_sealed).then_some(case));
            }
            // One case that does not load keeps nobody from sending the others again.
            Err(DeviceError::Document(_) | DeviceError::Damaged) => repair.put_off.push(case),
            Err(error) => return Err(error),
        }
        if lacks_others(open.vault.db(), case, me, &end)? {
            let known = before.lacking.iter().find(|(known, _)| *known == case).map(|(_, since)| *since);
            repair.lacking.push((case, known.unwrap_or(now_ms)));
        }
    }
    let transaction = open.vault.write()?;
    meta::set(&transaction, meta::INCARNATION, vectors.incarnation.as_bytes())?;
    if meta::get(&transaction, meta::COMPARED)?.as_deref() != Some(vectors.incarnation.as_bytes()) {
        // What the incarnation before would not have, this one is asked about once more: a refusal is the word of one server.
        outbox::offer_refused_again(&transaction)?;
        meta::set(&transaction, meta::COMPARED, vectors.incarnation.as_bytes())?;
    }
    for id in lost {
        outbox::offer_again(&transaction, id)?;
    }
    stand_in(&transaction, &mut repair, now_ms)?;
    repair.write(&transaction)?;
    commit(transaction, "repair")?;
    Ok(lowered)
}

/// Which logs the server has less of, or otherwise.
fn compare_logs(open: &Open, vectors: &Vectors, now_ms: i64) -> Result<Repair> {
    let db = open.vault.db();
    let reached: BTreeMap<LogId, LogEnd> = vectors.logs.iter().map(|end| (end.log, *end)).collect();
    let mut repair = Repair::default();
    let mut mine = vec![(LogId::Org, open.org()?.head())];
    let me = open.me()?.member;
    for case in logs::cases(db)? {
        let Some(state) = logs::case(db, case)? else { continue };
        let grant = state.compartment(Compartment::Core).and_then(|core| core.members.get(&me));
        // Where this person may not look any more the server says nothing, and is right.
        if grant.is_some_and(|grant| grant.until_ms.is_none_or(|until| until > now_ms)) {
            mine.push((LogId::Case(case), state.head()));
        }
    }
    for (log, head) in mine {
        let there = reached.get(&log).map(|end| (end.length, end.hash));
        match there {
            Some((length, _)) if length > head.seq.saturating_add(1) => {}
            Some((length, hash)) if length > 0 => {
                let last = Head { seq: length.saturating_sub(1), hash };
                if logs::hash_at(db, log, last.seq)? != Some(last.hash) {
                    repair.forked.push(log);
                } else if last.seq < head.seq {
                    repair.behind.push(log);
                }
            }
            _ => repair.behind.push(log),
        }
    }
    Ok(repair)
}

/// What is kept here and lies beyond the end of its log or chain there.
fn lost(db: &Connection, own_end: &dyn Fn(Stream, Kind) -> u64, vectors: &Vectors) -> Result<Vec<i64>> {
    let lengths: BTreeMap<LogId, u64> = vectors.logs.iter().map(|end| (end.log, end.length)).collect();
    let mut lost = Vec::new();
    outbox::each_kept(db, |kept| {
        let is_there = match &kept.push {
            Push::Log { entry, .. } => {
                let entry = Entry::decode(entry)?;
                let statement = entry.statement();
                lengths.get(&statement.log).is_some_and(|length| statement.seq < *length)
            }
            Push::Envelope(bytes) | Push::Snapshot { envelope: bytes, .. } => {
                let header = Envelope::decode(bytes).map_err(|_| DeviceError::Damaged)?.header;
                header.seq <= own_end(header.stream, header.kind)
            }
        };
        if !is_there {
            lost.push(kept.id);
        }
        Ok(())
    })?;
    Ok(lost)
}

fn lacks_others(db: &Connection, case: CaseId, me: DeviceId, end: &dyn Fn(Stream, Kind, DeviceId) -> u64) -> Result<bool> {
    let others = keys::reaches(db, case)?.into_iter().filter(|reach| reach.device != me);
    Ok(others.into_iter().any(|reach| reach.chain.seq > end(Stream::core(case), Kind::Segment, reach.device)))
}

/// Others had a day to offer what they wrote. What they wrote stands in the document here: a snapshot brings it back.
fn stand_in(db: &Connection, repair: &mut Repair, now_ms: i64) -> Result<()> {
    let (due, rest): (Vec<_>, Vec<_>) = repair.lacking.drain(..).partition(|(_, since)| now_ms.saturating_sub(*since) >= OTHERS_MS);
    repair.lacking = rest;
    for (case, _) in due {
        documents::count_segments(db, case, Some(snapshot::EVERY))?;
    }
    Ok(())
}

/// How one case was compared.
struct Compared {
    /// Everything that the server lacks waits to be sent.
    is_sealed: bool,
    /// Lists say otherwise now what only this device has.
    is_lowered: bool,
}

fn compare_case(open: &mut Open, host: &dyn Host, case: CaseId, end: u64) -> Result<Compared> {
    let counts = keys::counts(open.vault.db(), case, open.keys.device())?;
    let is_sealed = seal_missing(open, host, case, end, &counts)?;
    let is_lowered = lower(open, host, case, counts.up_to(end))?;
    Ok(Compared { is_sealed, is_lowered })
}

/// Segments that the server lacks and that are not kept any more are sealed anew: the statements are here, and what they
/// are about stands in the document. Gives whether that is done; an app that is too old seals nothing.
fn seal_missing(open: &mut Open, host: &dyn Host, case: CaseId, from: u64, counts: &keys::Counts) -> Result<bool> {
    let (stream, me) = (Stream::core(case), open.keys.device());
    let own = keys::chain(open.vault.db(), stream, Kind::Segment, me)?.seq;
    let kept = outbox::places(open.vault.db(), case)?;
    let missing: Vec<u64> = (from.saturating_add(1)..=own).filter(|seq| !kept.contains(seq)).collect();
    let Some(first) = missing.first() else { return Ok(true) };
    if open.is_outdated(host) || open.is_restored() {
        return Ok(false);
    }
    let org = open.org()?;
    let Some((epoch, key)) = writing_key(open, &org, Stream::core(case))? else {
        // A reader no more; or one who waits for the next key, and asks again then.
        let me = open.me()?.member;
        return Ok(!logs::case(open.vault.db(), case)?.is_some_and(|state| state.is_member(Compartment::Core, &me)));
    };
    let begun = counts.up_to(first.saturating_sub(1));
    let changes = open.read_case(case, |case, _| Ok(case.unsent(begun).changes))?;
    for seq in missing {
        let before = counts.up_to(seq.saturating_sub(1));
        let Some(signed) = keys::signed_at(open.vault.db(), stream, Kind::Segment, me, seq)? else { continue };
        let statement = read_statement(&signed).ok_or(DeviceError::Damaged)?;
        let after = before.saturating_add(u64::from(statement.count));
        let place = |change: u64| usize::try_from(change.saturating_sub(begun)).map_err(|_| DeviceError::Damaged);
        let Some(batch) = changes.get(place(before)?..place(after)?) else { return Err(DeviceError::Damaged) };
        let last = batch.last().map(|change| last_hash(change)).transpose()?.unwrap_or(Digest::ZERO);
        let body = casework::encode_segment(batch).map_err(|_| DeviceError::Damaged)?;
        let chain = Chain { seq: seq.saturating_sub(1), hash: statement.prev };
        let (org, kind, count, claimed_ms) = (org.org(), Kind::Segment, statement.count, statement.claimed_ms);
        let draft = Draft { org, stream, kind, epoch, key: &key, chain, claimed_ms, last, count, body: &body };
        let push = Push::Envelope(seal_again(&draft, &signed, &open.keys, &mut Dice(host))?.encode());
        let transaction = open.vault.write()?;
        outbox::put(&transaction, &Outgoing { case: Some(case), kind: Waiting::Envelope, push: &push, changes: after, intent: None })?;
        commit(transaction, "repair")?;
    }
    Ok(true)
}

/// The server has only so many own changes: lists say again what only this device has, in the same breath. Gives whether
/// that was news.
fn lower(open: &mut Open, host: &dyn Host, id: CaseId, acked: u64) -> Result<bool> {
    if documents::progress(open.vault.db(), id)?.acked <= acked {
        return Ok(false);
    }
    let glass = Glass::new(open, host, id)?.with_acked(acked);
    let listed = open.read_case(id, |case, _| Ok(glass.look(|lens| case.listed(lens))))?;
    let transaction = open.vault.write()?;
    documents::lower_acked(&transaction, id, acked)?;
    projections::replace(&transaction, id, &listed)?;
    commit(transaction, "repair")?;
    Ok(true)
}

#[cfg(test)]
pub(crate) mod tests;
