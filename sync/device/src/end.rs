//! The end of a case: held, or erased on one or two signatures; gone from here, with every key that could open a copy of it;
//! and proven gone, device by device.

use seal::{DeviceKeys, Keychain, NextReceive};
use wire::{
    cbor,
    envelope::Stream,
    id::{CaseId, DeviceId},
    log::{Act, CaseAct, CaseState, Entry, EpochCard, EraseBasis, LogError, LogId, MAX_PROPOSAL_MS, ProposalState, Proposed, Role},
    message::Wrap,
};

use crate::{
    act::Called,
    compose::{SLACK_MS, server_now},
    error::{DeviceError, Result},
    host::{Dice, Host},
    ledger, renew,
    session::{Changed, Device, Open},
    vault::{
        commit, documents, files, forget, keys, logs, meta,
        outbox::{self, Intent},
        projections, quarantine,
    },
};

/// What came of the wish to erase a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Erasing {
    /// It was never on the server, and is gone.
    Gone,
    /// Decided; done with the next sync.
    Decided,
    /// A second person has to agree within seven days.
    Proposed,
}

/// Somebody proposed to erase a case.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct ErasureProposal {
    pub basis: EraseBasis,
    /// Who.
    pub by: String,
    /// Whether it was whoever asks.
    pub mine: bool,
    /// Unix milliseconds.
    #[ts(type = "number")]
    pub expires: i64,
}

/// One device and an erased case.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct ErasureReceipt {
    pub device: DeviceId,
    pub device_name: String,
    pub person: String,
    /// When it said that nothing is left, Unix milliseconds; absent while it has not.
    #[ts(type = "number | null")]
    pub at: Option<i64>,
    /// It was revoked before it said so.
    pub revoked: bool,
}

/// A case that is erased.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct Erasure {
    pub basis: EraseBasis,
    /// Unix milliseconds.
    #[ts(type = "number")]
    pub at: i64,
    /// Every device that could read it.
    pub devices: Vec<ErasureReceipt>,
    /// From this time on no backup of the server is left that holds the sealed bytes, Unix milliseconds.
    #[ts(type = "number")]
    pub backups_lapse: i64,
    /// Changes that were written here, never sent, and are gone with the case.
    #[ts(type = "number")]
    pub unsent: u64,
    /// Whether this device says nothing before its database has another key, for which it may want room on the disk.
    pub renewing: bool,
    /// Whether an older image of a device opens with nothing but the passphrase: so where a device has no keystore.
    pub residual: bool,
}

/// How a case stands that is held, proposed to be erased, or erased.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct Ending {
    pub case: CaseId,
    /// What it is called, where it is still here.
    pub alias: Option<String>,
    pub held: bool,
    pub proposals: Vec<ErasureProposal>,
    pub erased: Option<Erasure>,
}

/// For how long backups of the server live, in milliseconds: 35 days.
const BACKUPS_LIVE_MS: i64 = 35 * 24 * 60 * 60 * 1000;

impl Device {
    /// Erases a case everywhere: at once on the candidate's own decision, or where nobody else could sign; otherwise somebody
    /// else has to agree. A case that was never on the server is gone at once.
    ///
    /// # Errors
    /// [`DeviceError::UnknownCase`]; [`DeviceError::NotAllowed`] for whoever may not; [`DeviceError::Log`] when it is held, or
    /// erased already.
    pub fn erase(&self, case: CaseId, basis: EraseBasis) -> Result<Erasing> {
        let erasing = self.act(|open, host| {
            let me = open.me()?;
            let Some(state) = logs::case(open.vault.db(), case)? else {
                if !documents::has(open.vault.db(), case)? {
                    return Err(DeviceError::UnknownCase);
                }
                if outbox::is_any_of(open.vault.db(), case)? {
                    // It may be there by now: its log has not come back yet.
                    return Err(DeviceError::Incomplete);
                }
                empty_of(open, case)?;
                return Ok(Erasing::Gone);
            };
            check_open(&state)?;
            let alone = basis == EraseBasis::Candidate || !open.org()?.has_second_person(u64::MAX);
            if alone && !me.role.admits() || !me.role.countersigns() {
                return Err(DeviceError::NotAllowed);
            }
            let expires_ms = server_now(open, host)?.saturating_add(MAX_PROPOSAL_MS).saturating_sub(SLACK_MS);
            let intent = match alone {
                true => Intent::Erase { case, basis },
                false => Intent::Propose { case, what: Proposed::Erase { basis }, expires_ms },
            };
            outbox::intend_again(open.vault.db(), &intent)?;
            Ok(if alone { Erasing::Decided } else { Erasing::Proposed })
        })?;
        self.tell(Changed { cases: vec![case], sync: true, locked: false });
        Ok(erasing)
    }

    /// Agrees, as the second person, to what somebody else proposed: the case is erased with the next sync.
    ///
    /// # Errors
    /// [`DeviceError::NotAllowed`] when nothing is proposed that this person may agree to; [`DeviceError::Log`] when the case is
    /// held, or erased already.
    pub fn approve_erasure(&self, case: CaseId) -> Result<()> {
        self.act(|open, host| {
            let (me, now_ms) = (open.me()?, server_now(open, host)?);
            let state = logs::case(open.vault.db(), case)?.ok_or(DeviceError::UnknownCase)?;
            check_open(&state)?;
            let is_this = |known: &ProposalState| matches!(known.what, Proposed::Erase { .. }) && known.expires_ms >= now_ms;
            let mut by_others = state.proposals().filter(|(_, known)| known.by != me.member && is_this(known));
            let proposal = by_others.next().map(|(hash, _)| *hash).filter(|_| me.role.countersigns()).ok_or(DeviceError::NotAllowed)?;
            outbox::intend_again(open.vault.db(), &Intent::Approve { case, proposal })
        })?;
        self.tell(Changed { cases: vec![case], sync: true, locked: false });
        Ok(())
    }

    /// From the next sync on nobody erases a case, until it is let go.
    ///
    /// # Errors
    /// [`DeviceError::NotAllowed`] unless this is a coordinator's or data protection officer's device; [`DeviceError::Log`] when
    /// it is so already, or the case is erased.
    pub fn hold_case(&self, case: CaseId, on: bool) -> Result<()> {
        self.act(|open, _| {
            let role = open.me()?.role;
            if !role.admits() && role != Role::Dpo {
                return Err(DeviceError::NotAllowed);
            }
            let state = logs::case(open.vault.db(), case)?.ok_or(DeviceError::UnknownCase)?;
            if state.erased().is_some() {
                return Err(LogError::Erased.into());
            }
            if state.is_held() == on {
                return Err(LogError::Already.into());
            }
            outbox::intend_again(open.vault.db(), &Intent::Hold { case, on })
        })?;
        self.tell(Changed { cases: vec![case], sync: true, locked: false });
        Ok(())
    }

    /// For drills: how many of these wraps, which stand in these entries of a case's log, open with the receive keys that are
    /// here now. Of an erased case it is none, whatever backup they come from.
    ///
    /// # Errors
    /// When locked; [`DeviceError::BadAnswer`] when they are none.
    pub fn opens(&self, entries: &[Vec<u8>], wraps: &[Vec<u8>]) -> Result<usize> {
        self.with(|open, _| {
            let org = open.org()?.org();
            let entries: Vec<Entry> = entries.iter().map(|bytes| Entry::decode(bytes)).collect::<std::result::Result<_, _>>()?;
            let cards = entries.iter().filter_map(|entry| match &entry.statement().act {
                Act::Case(CaseAct::Genesis { epoch: card, .. } | CaseAct::Open { epoch: card, .. } | CaseAct::Epoch(card)) => {
                    Some((entry.statement().log, card))
                }
                _ => None,
            });
            let cards: Vec<_> = cards.collect();
            let mut count = 0_usize;
            for bytes in wraps {
                let wrap: Wrap = cbor::decode(bytes).map_err(|_| DeviceError::BadAnswer)?;
                let (LogId::Case(case), mine) = (wrap.log, wrap.device == open.keys.device()) else { continue };
                let is_meant = |card: &EpochCard| card.number == wrap.epoch && card.compartment == wrap.compartment;
                let mut meant = cards.iter().filter(|(log, card)| *log == wrap.log && is_meant(card));
                let mut keychain = Keychain::new(Stream::of(case, wrap.compartment));
                let is_open = meant.any(|(_, card)| keychain.receive(&org, &wrap, &open.keys, card).is_ok());
                count = count.saturating_add(usize::from(mine && is_open));
            }
            Ok(count)
        })
    }

    /// Cases that are held, proposed to be erased, or erased. That a case is held, and what is proposed, is for those who could
    /// sign.
    ///
    /// # Errors
    /// When locked, or the database fails.
    pub fn endings(&self) -> Result<Vec<Ending>> {
        self.with(|open, host| {
            let (names, db) = (Called::read(open)?, open.vault.db());
            let Ok(me) = open.me() else { return Ok(Vec::new()) };
            let mut found = Vec::new();
            for case in logs::cases(db)? {
                let Some(state) = logs::case(db, case)? else { continue };
                let signs = me.role.countersigns();
                let now_ms = server_now(open, host)?;
                let waiting = state.proposals().filter(|(_, known)| signs && known.expires_ms >= now_ms);
                let proposals: Vec<ErasureProposal> = waiting
                    .filter_map(|(_, known)| {
                        let Proposed::Erase { basis } = known.what else { return None };
                        let (by, mine) = (names.member_name(known.by), known.by == me.member);
                        Some(ErasureProposal { basis, by, mine, expires: known.expires_ms })
                    })
                    .collect();
                let (held, erased) = (state.is_held() && signs, erasure(open, &names, &state)?);
                if held || !proposals.is_empty() || erased.is_some() {
                    let alias = projections::row(db, case)?.map(|row| row.alias);
                    found.push(Ending { case, alias, held, proposals, erased });
                }
            }
            Ok(found)
        })
    }
}

fn check_open(state: &CaseState) -> Result<()> {
    match (state.erased(), state.is_held()) {
        (Some(_), _) => Err(LogError::Erased.into()),
        (None, true) => Err(LogError::Held.into()),
        (None, false) => Ok(()),
    }
}

fn erasure(open: &Open, names: &Called, state: &CaseState) -> Result<Option<Erasure>> {
    let Some(erased) = state.erased() else { return Ok(None) };
    let org = open.org()?;
    let device = |device: &DeviceId, at: Option<i64>| {
        let known = org.device(device);
        ErasureReceipt {
            device: *device,
            device_name: names.device_name(*device),
            person: known.map(|known| names.member_name(known.member)).unwrap_or_default(),
            at,
            revoked: at.is_none() && known.is_some_and(|known| known.revoked.is_some()),
        }
    };
    let mut devices: Vec<_> = erased.receipts.iter().map(|(id, at)| device(id, Some(*at))).collect();
    devices.extend(erased.owed.iter().map(|id| device(id, None)));
    let unsent = meta::number(open.vault.db(), &shredded(state.case()))?.unwrap_or(0);
    Ok(Some(Erasure {
        basis: erased.basis,
        at: erased.claimed_ms,
        devices,
        backups_lapse: erased.claimed_ms.saturating_add(BACKUPS_LIVE_MS),
        unsent: u64::try_from(unsent).unwrap_or(0),
        renewing: renew::is_demanded(open.vault.db())?,
        residual: true,
    }))
}

/// Under which name it is kept how many changes were never sent of an erased case.
fn shredded(case: CaseId) -> String {
    format!("shredded:{case}")
}

/// Brings what is here in line with cases that are erased: their words and keys go, this device takes another receive key, and
/// then says that nothing is left. Gives the cases of which something went.
pub(crate) fn advance(open: &mut Open, case_ids: &[CaseId]) -> Result<Vec<CaseId>> {
    let Ok(org) = open.org() else { return Ok(Vec::new()) };
    take_receive(open)?;
    let me = open.keys.device();
    let (mut went, mut rotates) = (Vec::new(), false);
    let handed_in = quarantine::cases(open.vault.db())?;
    for case in case_ids {
        let Some(state) = logs::case(open.vault.db(), *case)? else { continue };
        let Some(erased) = state.erased() else { continue };
        if handed_in.contains(case) || forget::is_anything_left(open.vault.db(), *case)? {
            empty_of(open, *case)?;
            went.push(*case);
        }
        if !erased.owed.contains(&me) {
            continue;
        }
        let has_other_key = org.device(&me).is_some_and(|state| state.rotated_between(erased.at, u64::MAX));
        if !has_other_key {
            rotates = true;
        } else if !open.keys.is_retiring() && !renew::is_demanded(open.vault.db())? {
            outbox::intend_again(open.vault.db(), &Intent::Receipt { case: *case })?;
        }
    }
    if rotates && !open.keys.is_retiring() {
        outbox::intend_again(open.vault.db(), &Intent::RotateKey)?;
    }
    Ok(went)
}

/// The same for every case whose log is here.
pub(crate) fn advance_all(open: &mut Open) -> Result<Vec<CaseId>> {
    let cases = logs::cases(open.vault.db())?;
    advance(open, &cases)
}

/// Takes away everything of a case that is here, and what was kept of the database before it had its present form.
fn empty_of(open: &mut Open, case: CaseId) -> Result<()> {
    let progress = documents::progress(open.vault.db(), case)?;
    drop(open.take_case(case));
    let transaction = open.vault.write()?;
    forget::erased(&transaction, case)?;
    renew::demand(&transaction)?;
    let unsent = i64::try_from(progress.own.saturating_sub(progress.acked)).unwrap_or(i64::MAX);
    let before = meta::number(&transaction, &shredded(case))?.unwrap_or(0);
    meta::set_number(&transaction, &shredded(case), unsent.max(before))?;
    commit(transaction, "erase")?;
    // What was taken away lies in the log file until that is folded in.
    open.vault.db().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    let dir = open.vault.db().path().and_then(|file| std::path::Path::new(file).parent()).map(std::path::Path::to_path_buf);
    for kept in dir.iter().flat_map(|dir| files::kept_before(dir)) {
        files::shred(&kept)?;
    }
    Ok(())
}

/// The receive key this device is going to take; the same one until the log has it.
pub(crate) fn next_receive(open: &Open, host: &dyn Host) -> Result<NextReceive> {
    if let Some(kept) = meta::get(open.vault.db(), meta::RECEIVE_NEXT)?.map(zeroize::Zeroizing::new) {
        return Ok(NextReceive::from_secret_bytes(&kept)?);
    }
    let next = NextReceive::make(&mut Dice(host))?;
    meta::set(open.vault.db(), meta::RECEIVE_NEXT, next.to_secret_bytes().as_slice())?;
    Ok(next)
}

/// Once the organisation's log has the key that this device was going to take, it is taken; and the one before is kept until
/// everything has come that was wrapped to it.
pub(crate) fn take_receive(open: &mut Open) -> Result<()> {
    let Some(kept) = meta::get(open.vault.db(), meta::RECEIVE_NEXT)?.map(zeroize::Zeroizing::new) else { return Ok(()) };
    let next = NextReceive::from_secret_bytes(&kept)?;
    let is_in_log = |state: &wire::log::DeviceState| state.card.receive == next.public();
    if !open.org()?.device(&open.keys.device()).is_some_and(is_in_log) {
        return Ok(());
    }
    let mut keys = DeviceKeys::from_secret_bytes(&open.keys.to_secret_bytes())?;
    keys.take_receive(next);
    let transaction = open.vault.write()?;
    meta::set(&transaction, meta::DEVICE_KEYS, &keys.to_secret_bytes())?;
    meta::remove(&transaction, meta::RECEIVE_NEXT)?;
    commit(transaction, "rotate")?;
    open.keys = keys;
    Ok(())
}

/// After a whole answer: nothing is on its way any more that was wrapped to the key before, so it goes.
pub(crate) fn retire(open: &mut Open) -> Result<()> {
    if open.keys.is_retiring() && has_every_key(open)? {
        let mut keys = DeviceKeys::from_secret_bytes(&open.keys.to_secret_bytes())?;
        keys.retire();
        let transaction = open.vault.write()?;
        meta::set(&transaction, meta::DEVICE_KEYS, &keys.to_secret_bytes())?;
        renew::demand(&transaction)?;
        commit(transaction, "rotate")?;
        open.keys = keys;
        open.vault.db().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        advance_all(open)?;
    }
    Ok(())
}

/// Whether this device is on its way from one receive key to another.
///
/// # Errors
/// When the database fails.
pub(crate) fn is_rotating(open: &Open) -> Result<bool> {
    let db = open.vault.db();
    let is_wanted = outbox::intents(db)?.iter().any(|one| matches!(one.what, Intent::RotateKey));
    Ok(open.keys.is_retiring() || is_wanted || meta::get(db, meta::RECEIVE_NEXT)?.is_some())
}

/// Whether this device holds the newest key of the directory, and of each case of which one was wrapped to it.
fn has_every_key(open: &Open) -> Result<bool> {
    let (db, org, me) = (open.vault.db(), open.org()?, open.keys.device());
    let directory = keys::keychain(db, Stream::DIRECTORY)?;
    if org.directory().is_some_and(|card| directory.true_key(card).is_none()) {
        return Ok(false);
    }
    for case in logs::cases(db)? {
        let Some(state) = logs::case(db, case)?.filter(|state| state.erased().is_none()) else { continue };
        for (compartment, part) in state.compartments().filter(|(_, part)| part.wraps.contains_key(&me)) {
            let is_in = open.me().is_ok_and(|me| part.members.contains_key(&me.member));
            if is_in && !ledger::has_key(open, Stream::of(case, compartment), &part.epoch)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Whether a case is erased by its log.
pub(crate) fn is_erased(open: &Open, case: CaseId) -> Result<bool> {
    Ok(logs::case(open.vault.db(), case)?.is_some_and(|state| state.erased().is_some()))
}

#[cfg(test)]
mod tests;
