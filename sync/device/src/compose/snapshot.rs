//! A snapshot: the whole of a case in the place of its segments, with what proves each author's part.

use seal::sealed::{Draft, Reach, Reached, SnapshotBody, seal};
use wire::{
    cbor,
    envelope::{Compartment, Kind, Stream},
    id::{CaseId, DeviceId, Digest, MemberId},
    log::{CaseState, OrgState, Role},
    message::Push,
    signature::sha256,
};

use super::writing_key;
use crate::{
    error::{DeviceError, Result},
    host::{Dice, Host},
    session::Open,
    vault::{
        commit, documents, keys, logs,
        outbox::{self, Outgoing, Waiting},
    },
};

/// The first in line makes one when a case has this many segments since the last.
pub(crate) const EVERY: u64 = 24;
/// Each further one in line waits for so many more: somebody's device may be lost.
const PATIENCE: u64 = 12;
/// Nobody waits for more than so many.
const QUEUE: u64 = 2;
/// Of how many people the server wants one before the bytes of what they cover go.
const COUNTERSIGNERS: usize = 2;

/// The devices that can make one, in the order in which it is their turn: coordinators' come first, which more often have a good line,
/// and among equals each case has an order of its own.
fn line_of(org: &OrgState, state: &CaseState) -> Vec<(MemberId, DeviceId)> {
    let members = state.compartment(Compartment::Core).into_iter().flat_map(|core| &core.members);
    let devices = members.flat_map(|(member, grant)| org.devices_of(*member).map(|device| (*member, grant.role, device.card.device)));
    let place = |device: &DeviceId| sha256(&[state.case().as_bytes(), device.as_bytes()]);
    let mut line: Vec<_> = devices.map(|(member, role, device)| (role != Role::Coordinator, place(&device), member, device)).collect();
    line.sort();
    line.into_iter().map(|(.., member, device)| (member, device)).collect()
}

/// After how many segments it is this device's turn.
fn turn(open: &Open, org: &OrgState, case: CaseId) -> Result<u64> {
    let state = logs::case(open.vault.db(), case)?.ok_or(DeviceError::UnknownCase)?;
    let (line, me) = (line_of(org, &state), open.keys.device());
    let before = line.iter().position(|(_, device)| *device == me).unwrap_or(line.len());
    let place_in_line = u64::try_from(before).unwrap_or(u64::MAX).min(QUEUE);
    Ok(place_in_line.saturating_mul(PATIENCE).saturating_add(EVERY))
}

/// Whether a device is to make one as soon as a case has another key: those of the two people first in line are, since what lies sealed
/// under the key before goes once two have.
pub(crate) fn is_due_with_another_key(org: &OrgState, state: &CaseState, device: DeviceId) -> bool {
    let line = line_of(org, state);
    let mut people: Vec<MemberId> = Vec::new();
    for (member, _) in &line {
        if !people.contains(member) {
            people.push(*member);
        }
    }
    people.truncate(COUNTERSIGNERS);
    people.len() == COUNTERSIGNERS && line.iter().any(|(member, known)| *known == device && people.contains(member))
}

pub(super) fn compose(open: &mut Open, host: &dyn Host, org: &OrgState, case: CaseId) -> Result<()> {
    let Some((epoch, key)) = writing_key(open, org, Stream::core(case))? else { return Ok(()) };
    if outbox::case_waits(open.vault.db(), case, Waiting::Snapshot)? {
        return Ok(());
    }
    if documents::progress(open.vault.db(), case)?.covered < turn(open, org, case)? {
        return Ok(());
    }
    let stream = Stream::core(case);
    let Some(state) = logs::case(open.vault.db(), case)? else { return Ok(()) };
    // Where an author's statement is not here to show, another device makes the snapshot.
    let Some((reaches, ends)) = proven_reaches(open, org, &state)? else { return Ok(()) };
    let parts = open.read_case(case, |case, open| {
        if case.ends() != ends || !case.parked().is_empty() {
            return Ok(None);
        }
        let card = serde_json::to_vec(&case.card()).map_err(|_| DeviceError::Damaged)?;
        let whole = case.snapshot_bytes();
        let document = casework::is_snapshot(&whole).then(|| casework::encode_snapshot(&whole));
        let document = document.transpose().map_err(|_| DeviceError::Damaged)?;
        Ok(Some((card, document, open.keys.device())))
    })?;
    let Some((card, document, device)) = parts else { return Ok(()) };
    let Some(document) = document else {
        // A document that nobody would take in whole travels as segments only.
        return documents::count_segments(open.vault.db(), case, None);
    };
    let covers = reaches.iter().map(|reach| (reach.device, reach.chain.seq)).collect();
    let body = cbor::encode(&SnapshotBody { reaches, card, document });
    let chain = keys::chain(open.vault.db(), stream, Kind::Snapshot, device)?;
    let draft = Draft {
        org: org.org(),
        stream,
        kind: Kind::Snapshot,
        epoch,
        key: &key,
        chain,
        claimed_ms: host.now_ms(),
        last: Digest::ZERO,
        count: 1,
        body: &body,
    };
    let sealed = match seal(&draft, &open.keys, &mut Dice(host)) {
        Ok(sealed) => sealed,
        Err(seal::KeyError::TooLarge) => {
            // A document beyond the largest envelope travels as segments only.
            documents::count_segments(open.vault.db(), case, None)?;
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    let push = Push::Snapshot { envelope: sealed.envelope.encode(), covers };
    let reach = Reach { device, chain: sealed.chain, last: sha256(&[&body]) };
    let transaction = open.vault.write()?;
    keys::append_statement(&transaction, stream, Kind::Snapshot, &reach, &sealed.signed)?;
    documents::count_segments(&transaction, case, None)?;
    outbox::put(&transaction, &Outgoing { case: Some(case), kind: Waiting::Snapshot, push: &push, changes: 0, intent: None })?;
    commit(transaction, "compose")
}

/// How far each author's words here reach, with what proves it; nothing where that is not here of somebody.
fn proven_reaches(open: &Open, org: &OrgState, state: &CaseState) -> Result<Option<(Vec<Reached>, casework::Ends)>> {
    let (mut reaches, mut ends) = (Vec::new(), casework::Ends::new());
    let stream = Stream::core(state.case());
    for reach in keys::reaches(open.vault.db(), state.case())? {
        let signed = keys::signed_at(open.vault.db(), stream, Kind::Segment, reach.device, reach.chain.seq)?.unwrap_or_default();
        let reached = Reached::proven(reach, signed);
        let Ok((_, name)) = reached.verify(org, state, Compartment::Core) else { return Ok(None) };
        ends.insert(name, *reach.last.as_bytes());
        reaches.push(reached);
    }
    Ok(Some((reaches, ends)))
}
