//! After somebody was cut off: new keys before anything new is written, and what waits under the old one sealed again.

use std::collections::BTreeMap;

use seal::{
    KeyError, Keychain,
    sealed::{Chain, Draft, OpenError, Reading, open as open_envelope, seal_again},
};
use wire::{
    envelope::{Compartment, Envelope, Stream},
    id::{CaseId, DeviceId},
    log::{CaseAct, CaseState, CompartmentState, Cut, DeviceCard, LogError, OrgAct, OrgState},
    message::Push,
};

use super::{Ahead, Made, case_entry, directory_key, org_entry, writing_key};
use crate::{
    digest::{WaitingSegment, segments_waiting},
    error::{DeviceError, Result},
    host::{Dice, Host},
    ledger,
    session::Open,
    vault::{commit, inbox, keys, logs, outbox},
};

/// The directory's next key, for every active device.
pub(super) fn directory(open: &Open, host: &dyn Host, ahead: &mut Ahead) -> Result<Made> {
    if !ahead.org.is_directory_stale() {
        return Err(LogError::Already.into());
    }
    let number = ahead.org.directory().map_or(0, |card| card.number).checked_add(1).ok_or(LogError::BadEpoch)?;
    let at = ahead.org.head().seq.saturating_add(1);
    let cards: Vec<&DeviceCard> = ahead.org.devices_at(at).map(|device| &device.card).collect();
    let mut keychain = keys::keychain(open.vault.db(), Stream::DIRECTORY)?;
    if ahead.org.directory().and_then(|card| keychain.true_key(card)).is_none() {
        return Err(KeyError::Hole.into());
    }
    let (epoch, wraps) = keychain.make_epoch(&ahead.org.org(), number, &cards, &open.keys, &mut Dice(host))?;
    let made = org_entry(open, host, ahead, OrgAct::Epoch(epoch), None, wraps)?;
    Ok(Made { keychain: Some(keychain), ..made })
}

/// A case's next key, for the active devices of its members, with how far everybody counts who may write no more.
pub(super) fn case(open: &Open, host: &dyn Host, ahead: &mut Ahead, case: CaseId, compartment: Compartment) -> Result<Made> {
    let org = ahead.org.clone();
    let state = ahead.case(open, case)?.ok_or(DeviceError::UnknownCase)?.clone();
    let part = state.compartment(compartment).ok_or(LogError::BadEpoch)?;
    if !state.is_stale(compartment, &org) {
        return Err(LogError::Already.into());
    }
    let number = part.epoch.number.checked_add(1).ok_or(LogError::BadEpoch)?;
    let at = org.head().seq.saturating_add(1);
    let cards: Vec<&DeviceCard> = org.devices_at(at).filter(|device| part.reads(device)).map(|device| &device.card).collect();
    let mut keychain = ledger::keychain(open, Stream::of(case, compartment))?.ok_or(KeyError::Hole)?;
    if keychain.true_key(&part.epoch).is_none() {
        return Err(KeyError::Hole.into());
    }
    let cuts = cuts(open, &org, &state, part, &keychain)?;
    let (mut epoch, wraps) = keychain.make_epoch(&org.org(), number, &cards, &open.keys, &mut Dice(host))?;
    epoch.cuts = (!cuts.is_empty()).then_some(cuts);
    let made = case_entry(open, host, ahead, case, CaseAct::Epoch(epoch), wraps)?;
    Ok(Made { keychain: Some(keychain), ..made })
}

/// Every revoked device with words here that was not cut before: at the last of its words that has come and can be read, and
/// with the last of its segments that has come at all.
fn cuts(open: &Open, org: &OrgState, state: &CaseState, part: &CompartmentState, keychain: &Keychain) -> Result<Vec<Cut>> {
    let stream = keychain.stream();
    let is_owed = |device: &DeviceId| part.owes_cut(device, org, u64::MAX);
    if stream.is_ledger() {
        return ledger::cuts(open, &Reading { stream, keychain, org, case: Some(state) }, is_owed);
    }
    let mut ends: BTreeMap<DeviceId, (Chain, u64)> = BTreeMap::new();
    for reach in keys::reaches(open.vault.db(), state.case())?.into_iter().filter(|reach| is_owed(&reach.device)) {
        ends.insert(reach.device, (reach.chain, reach.chain.seq));
    }
    let mut waiting = segments_waiting(open, &Reading { stream, keychain, org, case: Some(state) }, is_owed)?;
    waiting.sort_by_key(|segment| (segment.author, segment.seq));
    for (device, last) in inbox::unread(open.vault.db(), state.case())?.into_iter().filter(|(device, _)| is_owed(device)) {
        waiting.push(WaitingSegment { author: device, seq: last, place: None });
    }
    for WaitingSegment { author, seq, place } in waiting {
        let (end, seen) = ends.entry(author).or_insert((Chain::START, 0));
        *seen = (*seen).max(seq);
        if let Some((chain, prev)) = place
            && end.seq.checked_add(1) == Some(chain.seq)
            && end.hash == prev
        {
            *end = chain;
        }
    }
    let said = ends.into_iter().filter(|(_, (_, seen))| *seen > 0);
    Ok(said.map(|(device, (chain, seen))| Cut { device, seq: chain.seq, hash: chain.hash, seen }).collect())
}

/// What was sealed under a key before the newest and waits here is sealed once more: the same words, signed as they were.
pub(super) fn reseal(open: &mut Open, host: &dyn Host, org: &OrgState) -> Result<()> {
    for (before, push) in outbox::sealed(open.vault.db())? {
        let (Push::Envelope(bytes) | Push::Snapshot { envelope: bytes, .. }) = &push else { continue };
        let envelope = Envelope::decode(bytes).map_err(|_| DeviceError::Damaged)?;
        let key = match envelope.header.stream.case {
            Some(_) => writing_key(open, org, envelope.header.stream)?,
            None => directory_key(open, org)?,
        };
        let Some((epoch, key)) = key.filter(|(epoch, _)| *epoch != envelope.header.epoch) else { continue };
        let bytes = under(open, host, org, &envelope, (epoch, &key))?;
        let push = match push {
            Push::Snapshot { covers, .. } => Push::Snapshot { envelope: bytes, covers },
            _ => Push::Envelope(bytes),
        };
        let transaction = open.vault.write()?;
        outbox::reseal(&transaction, &before, &push)?;
        commit(transaction, "compose")?;
    }
    Ok(())
}

/// An own envelope under another key.
fn under(open: &Open, host: &dyn Host, org: &OrgState, envelope: &Envelope, to: (u32, &seal::EpochKey)) -> Result<Vec<u8>> {
    let stream = envelope.header.stream;
    let state = stream.case.map(|case| logs::case(open.vault.db(), case)).transpose()?.flatten();
    let keychain = ledger::keychain(open, stream)?.ok_or(KeyError::Hole)?;
    let reading = Reading { stream, keychain: &keychain, org, case: state.as_ref() };
    let opened = open_envelope(envelope, &reading).map_err(|_: OpenError| DeviceError::Damaged)?;
    let draft = Draft {
        org: org.org(),
        stream,
        kind: opened.kind,
        epoch: to.0,
        key: to.1,
        chain: Chain { seq: opened.chain.seq.saturating_sub(1), hash: opened.statement.prev },
        claimed_ms: opened.statement.claimed_ms,
        last: opened.statement.last,
        count: opened.statement.count,
        body: &opened.body,
    };
    Ok(seal_again(&draft, &opened.signed, &open.keys, &mut Dice(host))?.encode())
}
