//! A device sends what it has and asks what is new: each item is kept or refused on its own, in its own transaction.

use std::{collections::BTreeMap, sync::Arc};

use http::StatusCode;
use wire::{
    cbor,
    envelope::{Compartment, Envelope, Kind},
    id::{DeviceId, Digest},
    log::{Act, CaseAct, CaseState, Entry, LogId, OrgState},
    message::{Batch, Frame, Push, Wrap},
};

use super::{Request, RequestError, Response, device};
use crate::{
    Server,
    admit::{self, Admitted, Place, Reduced, Refused},
    answer::{Answer, Want},
    limits::Quota,
    log::{Append, CaseRow, Chain, DeviceRow, Kept, NewEntry, NewEnvelope, NewWrap, OrgRow, Purpose, StoreError, Verdict},
};

pub(super) fn sync(server: &Server, request: &Request) -> Result<Response, RequestError> {
    let device = device(server, request)?;
    let batch: Batch = cbor::decode(&request.body).map_err(|_| RequestError::Malformed)?;
    let mut replies = Vec::with_capacity(batch.items.len());
    for item in &batch.items {
        replies.push(reply(server, &device, item)?);
    }
    let want = Want { cursor: &batch.cursor, resume: batch.resume, plain: batch.plain == Some(true) };
    let answer = Answer::begin(Arc::clone(&server.log), &device, &want, &replies, server.now_ms())?;
    Ok(Response::answer(StatusCode::OK, answer))
}

fn reply(server: &Server, device: &DeviceRow, item: &Push) -> Result<Frame, RequestError> {
    let (id, now_ms) = (item.id(), server.now_ms());
    let verdict = match item {
        Push::Log { entry, wraps } => keep_entry(server, device, entry, wraps, now_ms)?,
        Push::Envelope(bytes) => keep_envelope(server, device, bytes, None, now_ms)?,
        Push::Snapshot { envelope, covers } => keep_envelope(server, device, envelope, Some(covers), now_ms)?,
    };
    if let Verdict::Commit(_) = &verdict {
        let (kind, bytes) = measure(item);
        server.metrics.took(kind, bytes);
        server.bells.ring(device.org);
    }
    Ok(match verdict {
        Verdict::Commit(kept) | Verdict::Known(kept) => match kept.first() {
            Some(kept) => Frame::Ack { id: kept.id, position: kept.position },
            None => return Err(StoreError::Corrupt("nothing was kept").into()),
        },
        Verdict::Refuse(refused) => {
            server.metrics.refused(refused.code());
            Frame::Refused { id, code: refused.code().to_owned() }
        }
    })
}

/// What an item is called where it is counted, and how long it is.
fn measure(item: &Push) -> (&'static str, usize) {
    match item {
        Push::Log { entry, wraps } => ("entry", length(entry, wraps)),
        Push::Envelope(bytes) => ("envelope", bytes.len()),
        Push::Snapshot { envelope, .. } => ("snapshot", envelope.len()),
    }
}

fn length(entry: &[u8], wraps: &[Wrap]) -> usize {
    wraps.iter().map(|wrap| wrap.bytes.len()).fold(entry.len(), usize::saturating_add)
}

/// Why work inside a transaction stops: refused, or the store failed.
enum Stop {
    Refused(Refused),
    Store(StoreError),
}

impl<E: Into<Refused>> From<E> for Stop {
    fn from(refused: E) -> Self {
        Self::Refused(refused.into())
    }
}

fn judged(done: Result<Verdict<Refused>, Stop>) -> Result<Verdict<Refused>, StoreError> {
    match done {
        Ok(verdict) => Ok(verdict),
        Err(Stop::Refused(refused)) => Ok(Verdict::Refuse(refused)),
        Err(Stop::Store(error)) => Err(error),
    }
}

fn store<T>(done: Result<T, StoreError>) -> Result<T, Stop> {
    done.map_err(Stop::Store)
}

fn keep_entry(server: &Server, device: &DeviceRow, bytes: &[u8], wraps: &[Wrap], now_ms: i64) -> Result<Verdict<Refused>, StoreError> {
    let entry = match Entry::decode(bytes) {
        Ok(entry) => entry,
        Err(error) => return Ok(Verdict::Refuse(error.into())),
    };
    server.log.append(Purpose::Push, &mut |tx| judged(append_entry(tx, server.quota, device.org, &entry, wraps, now_ms)))
}

fn append_entry(
    tx: &mut dyn Append,
    quota: Quota,
    org_row: OrgRow,
    entry: &Entry,
    wraps: &[Wrap],
    now_ms: i64,
) -> Result<Verdict<Refused>, Stop> {
    if let Some(kept) = store(tx.find_entry(org_row, &entry.hash()))? {
        return Ok(Verdict::Known(vec![kept]));
    }
    let org = store(tx.org(org_row))?;
    let case = match entry.statement().log {
        LogId::Org => None,
        LogId::Case(case) => store(tx.case(org_row, &case))?,
    };
    admit::room(&quota, &store(tx.fill(org_row))?, length(entry.bytes(), wraps), true)?;
    let healing = store(tx.healing(org_row, now_ms))?;
    let reduced = admit::entry(entry, wraps, &org, case.as_ref().map(|(_, state)| state), healing, now_ms)?;
    if let (Act::Case(CaseAct::Epoch(card)), Some((row, before))) = (&entry.statement().act, &case) {
        let ends = store(tx.segment_ends(org_row, *row, card.compartment))?;
        admit::cuts(card, before, &org, &ends, healing.is_some())?;
    }
    let position = store(tx.next_position(org_row))?;
    let case_row = match (&reduced, &case) {
        (Reduced::Org(next), _) => {
            keep_org(tx, org_row, Some(&org), next, position)?;
            CaseRow::NONE
        }
        (Reduced::Case(next), Some((row, before))) => {
            store(tx.put_case(*row, next))?;
            store(keep_members(tx, org_row, *row, Some(before), next, position))?;
            for member in next.watchers(&org) {
                store(tx.put_watcher(org_row, *row, &member, position))?;
            }
            *row
        }
        (Reduced::Case(next), None) => {
            let row = store(tx.new_case(org_row, next))?;
            store(keep_members(tx, org_row, row, None, next, position))?;
            row
        }
    };
    let kept = store(keep_bytes(tx, org_row, case_row, entry, wraps, position, now_ms))?;
    if let Reduced::Case(next) = &reduced {
        let is_new = case.as_ref().is_none_or(|(_, before)| before.erased().is_none());
        // What a list of erased cases names stays without bytes, whatever is offered of it again.
        if (is_new && next.erased().is_some()) || store(tx.is_erased(case_row))? {
            store(tx.erase(org_row, case_row, position))?;
        }
    }
    Ok(Verdict::Commit(vec![kept]))
}

/// Keeps an entry byte for byte, and the wraps beside it.
pub(super) fn keep_bytes<'w>(
    tx: &mut dyn Append,
    org: OrgRow,
    case: CaseRow,
    entry: &Entry,
    wraps: impl IntoIterator<Item = &'w Wrap>,
    position: u64,
    now_ms: i64,
) -> Result<Kept, StoreError> {
    let (seq, hash) = (entry.statement().seq, entry.hash());
    tx.put_entry(&NewEntry { org, case, seq, position, hash, now_ms, bytes: entry.bytes() })?;
    for wrap in wraps {
        tx.put_wrap(&NewWrap { org, case, position, device: wrap.device, bytes: &cbor::encode(wrap) })?;
    }
    Ok(Kept { id: hash, position })
}

/// Keeps the reduced log of the organisation, and the rows that follow from what changed in it.
fn keep_org(tx: &mut dyn Append, row: OrgRow, before: Option<&OrgState>, next: &OrgState, position: u64) -> Result<(), Stop> {
    store(tx.put_org(row, next))?;
    store(keep_rows(tx, row, before, next, position))?.then_some(()).ok_or_else(|| wire::log::LogError::Already.into())
}

/// Keeps rows of devices and invitations. False when one of them already belongs to another organisation.
pub(super) fn keep_rows(
    tx: &mut dyn Append,
    row: OrgRow,
    before: Option<&OrgState>,
    next: &OrgState,
    position: u64,
) -> Result<bool, StoreError> {
    for (id, device) in next.devices() {
        let known = before.and_then(|before| before.device(id)) == Some(device);
        if !known && !tx.put_device(row, device, position)? {
            return Ok(false);
        }
    }
    let known: BTreeMap<_, _> = before.iter().flat_map(|before| before.invitations()).collect();
    for (hash, invitation) in next.invitations() {
        if known.get(hash) != Some(&invitation) && !tx.put_invitation(row, hash, invitation)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn keep_members(
    tx: &mut dyn Append,
    org: OrgRow,
    row: CaseRow,
    before: Option<&CaseState>,
    next: &CaseState,
    position: u64,
) -> Result<(), StoreError> {
    for (compartment, part) in next.compartments() {
        let known = before.and_then(|before| before.compartment(compartment)).map(|state| &state.members);
        for (member, grant) in &part.members {
            if known.and_then(|known| known.get(member)) != Some(grant) {
                tx.put_member(org, row, compartment, member, grant, position)?;
            }
        }
        for member in known.into_iter().flat_map(|known| known.keys()).filter(|member| !part.members.contains_key(member)) {
            tx.end_member(row, compartment, member, position)?;
        }
    }
    Ok(())
}

fn keep_envelope(
    server: &Server,
    device: &DeviceRow,
    bytes: &[u8],
    covers: Option<&Vec<(DeviceId, u64)>>,
    now_ms: i64,
) -> Result<Verdict<Refused>, StoreError> {
    let envelope = match Envelope::decode(bytes) {
        Ok(envelope) => envelope,
        Err(error) => return Ok(Verdict::Refuse(error.into())),
    };
    if let Err(refused) = admit::header(&envelope.header, covers.is_some(), &device.device) {
        return Ok(Verdict::Refuse(refused));
    }
    let covers = covers.map(Vec::as_slice).unwrap_or_default();
    server.log.append(Purpose::Push, &mut |tx| judged(append_envelope(tx, server.quota, device, (&envelope, bytes), covers, now_ms)))
}

fn append_envelope(
    tx: &mut dyn Append,
    quota: Quota,
    device: &DeviceRow,
    (envelope, bytes): (&Envelope, &[u8]),
    covers: &[(DeviceId, u64)],
    now_ms: i64,
) -> Result<Verdict<Refused>, Stop> {
    let (org, header) = (device.org, &envelope.header);
    let id = Digest::from_bytes(*envelope.id().as_bytes());
    if let Some(kept) = store(tx.find_envelope(org, &id))? {
        return Ok(Verdict::Known(vec![kept]));
    }
    // It may have been revoked since it asked.
    if store(tx.device(&device.device))?.is_none_or(|now| now.is_cut_off()) {
        return Err(Refused::Revoked.into());
    }
    let compartment = header.stream.compartment;
    // The organisation's whole log is read only for its own stream: most envelopes belong to a case.
    let (case, directory_epoch, is_stale) = match &header.stream.case {
        Some(case) => {
            let case = store(tx.case(org, case))?;
            if let Some((row, _)) = &case
                && store(tx.is_erased(*row))?
            {
                return Err(Refused::Erased.into());
            }
            let is_stale = is_stale(tx, case.as_ref().map(|(_, state)| state), compartment)?;
            (case, 0, is_stale)
        }
        None => {
            let org = store(tx.org(org))?;
            (None, org.directory().map_or(0, |card| card.number), org.is_directory_stale())
        }
    };
    let row = case.as_ref().map_or(CaseRow::NONE, |(row, _)| *row);
    let chain = Chain { org, case: row, compartment, kind: header.kind, device: device.device };
    let place = Place {
        member: device.member,
        directory_epoch,
        is_stale,
        case: case.as_ref().map(|(_, state)| state),
        stored: store(tx.in_chain(&chain, header.seq))?,
        chain_end: store(tx.chain_end(&chain))?,
    };
    match admit::envelope(envelope, &place, now_ms)? {
        Admitted::Stored(kept) => return Ok(Verdict::Known(vec![kept])),
        Admitted::Next => {}
    }
    admit::room(&quota, &store(tx.fill(org))?, bytes.len(), false)?;
    let healing = store(tx.healing(org, now_ms))?;
    let covers = admit::covers(covers, healing, |device| store(tx.chain_end(&Chain { kind: Kind::Segment, device: *device, ..chain })))?;
    let position = store(tx.next_position(org))?;
    store(tx.put_envelope(&NewEnvelope { org, case: row, header, position, id, now_ms, bytes, covers: &covers }))?;
    Ok(Verdict::Commit(vec![Kept { id, position }]))
}

/// Whether a device holds the newest key of a compartment that is not to read on, as [`CaseState::is_stale`] says; asked of the
/// rows, so that the organisation's whole log need not be read.
fn is_stale(tx: &mut dyn Append, case: Option<&CaseState>, compartment: Compartment) -> Result<bool, Stop> {
    let Some(part) = case.and_then(|case| case.compartment(compartment)) else { return Ok(false) };
    for device in part.wraps.keys() {
        let row = store(tx.device(device))?;
        // Not of one that only a notice has cut off: nobody can make a new key before its revocation is in the log.
        if row.is_none_or(|row| row.revoked || !part.members.contains_key(&row.member)) {
            return Ok(true);
        }
    }
    Ok(false)
}
