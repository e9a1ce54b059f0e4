//! A case's log reduced: who may read which compartment, under which epoch.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};

use super::{
    Act, CaseAct, Cut, DeviceCard, DeviceState, Entry, EpochCard, Head, LogError, LogId, OrgState, Role, WrapRef, check_recipients,
    follows, is_sorted_set, recipients_hash,
};
use crate::{
    envelope::Compartment,
    id::{CaseId, DeviceId, Digest, MemberId},
};

mod end;
mod ledger;

pub use end::{ErasedState, ProposalState};

/// A person's place in a compartment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct GrantState {
    #[n(0)]
    pub role: Role,
    /// Unix milliseconds after which the server refuses.
    #[n(1)]
    pub until_ms: Option<i64>,
}

/// A compartment: its readers and its newest key.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct CompartmentState {
    #[n(0)]
    pub members: BTreeMap<MemberId, GrantState>,
    #[n(1)]
    pub epoch: EpochCard,
    /// Wraps of the newest key by device, those of grants and rewraps too.
    #[n(2)]
    pub wraps: BTreeMap<DeviceId, Digest>,
    /// How far each device counts that may write no more; absent while there is none.
    #[n(3)]
    pub cuts: Option<BTreeMap<DeviceId, Cut>>,
    /// People who were readers and are not any more; absent while there is none.
    #[n(4)]
    pub left: Option<BTreeSet<MemberId>>,
    /// Before which entry of the organisation's log a device of a reader must have been admitted to be given the key, for readers whose
    /// later devices are given none; absent while there is no such reader.
    #[n(5)]
    pub since: Option<BTreeMap<MemberId, u64>>,
}

impl CompartmentState {
    /// Whether somebody who admits is left when this person goes.
    pub fn is_admitted_without(&self, member: &MemberId) -> bool {
        self.members.iter().any(|(other, grant)| other != member && grant.role.admits())
    }

    /// Whether a device is given the key: its owner reads here, and it belonged already when that was decided, where that was for the
    /// devices of that day.
    pub fn reads(&self, device: &DeviceState) -> bool {
        let since = self.since.as_ref().and_then(|since| since.get(&device.member));
        self.members.contains_key(&device.member) && since.is_none_or(|before| device.since < *before)
    }

    fn forget(&mut self, member: &MemberId) {
        self.members.remove(member);
        if let Some(since) = &mut self.since {
            since.remove(member);
        }
        self.left.get_or_insert_default().insert(*member);
    }

    /// Whoever comes back goes on where the cut was; a device that was revoked by then does not come back.
    fn let_back(&mut self, member: &MemberId, org: &OrgState, at: u64) {
        if let Some(cuts) = &mut self.cuts {
            cuts.retain(|device, _| org.active(device, at).is_none_or(|found| found.member != *member));
        }
        if let Some(left) = &mut self.left {
            left.remove(member);
        }
    }

    /// How far a device counts that may write no more, once an epoch has said so.
    pub fn cut(&self, device: &DeviceId) -> Option<&Cut> {
        self.cuts.as_ref()?.get(device)
    }

    /// Whether the next epoch has to say how far a device counts, if it has words here: revoked just before entry `at` of the
    /// organisation's log, or of a person who is no reader here any more; and not cut yet.
    pub fn owes_cut(&self, device: &DeviceId, org: &OrgState, at: u64) -> bool {
        let may_write_no_more = |state: &super::DeviceState| {
            state.revoked.is_some_and(|seq| seq < at) || self.left.as_ref().is_some_and(|left| left.contains(&state.member))
        };
        org.device(device).is_some_and(may_write_no_more) && self.cut(device).is_none()
    }
}

/// Everything a case's log says so far.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct CaseState {
    #[n(0)]
    case: CaseId,
    #[n(1)]
    head: Head,
    #[n(2)]
    org_seq: u64,
    #[n(3)]
    compartments: BTreeMap<Compartment, CompartmentState>,
    /// True while nobody may erase it; absent otherwise.
    #[n(4)]
    held: Option<bool>,
    /// What was proposed, by the hash of the entry; absent while nothing was.
    #[n(5)]
    proposals: Option<BTreeMap<Digest, ProposalState>>,
    /// Absent while the case is not erased.
    #[n(6)]
    erased: Option<ErasedState>,
    /// What two persons agreed to and nobody has carried out yet; absent while there is none.
    #[n(7)]
    agreed: Option<BTreeMap<Digest, ProposalState>>,
}

impl CaseState {
    /// Begins from a genesis entry.
    ///
    /// # Errors
    /// [`LogError`] when its members are not exactly the founder and the coordinators, or anything else is unsound.
    pub fn found(entry: &Entry, org: &OrgState) -> Result<Self, LogError> {
        let statement = entry.statement();
        let (LogId::Case(case), Act::Case(CaseAct::Genesis { members, epoch })) = (statement.log, &statement.act) else {
            return Err(LogError::WrongLog);
        };
        follows(statement, None)?;
        let (founder, at) = signer_of(entry, org, 0)?;
        let mut expected: BTreeMap<MemberId, Role> =
            org.members().filter(|(_, state)| state.role.admits() && state.since < at).map(|(id, state)| (*id, state.role)).collect();
        let founder_role = org.role_of(&founder).ok_or(LogError::UnknownSigner)?;
        if !may_found(founder_role) {
            return Err(LogError::NotAllowed);
        }
        expected.insert(founder, founder_role);
        if !is_sorted_set(members) || !members.iter().copied().eq(expected) {
            return Err(LogError::WrongMembers);
        }
        let first = epoch.compartment == Compartment::Core && epoch.number == 1 && epoch.back.is_none();
        if !first {
            return Err(LogError::BadEpoch);
        }
        let grants: BTreeMap<MemberId, GrantState> =
            members.iter().map(|(id, role)| (*id, GrantState { role: *role, until_ms: None })).collect();
        check_epoch(epoch, org, at, |device| grants.contains_key(&device.member))?;
        if epoch.cuts.is_some() {
            return Err(LogError::BadCut);
        }
        let core =
            CompartmentState { members: grants, epoch: epoch.clone(), wraps: by_device(&epoch.wraps), cuts: None, left: None, since: None };
        Ok(Self {
            case,
            head: Head { seq: 0, hash: entry.hash() },
            org_seq: at.saturating_sub(1),
            compartments: BTreeMap::from([(Compartment::Core, core)]),
            held: None,
            proposals: None,
            erased: None,
            agreed: None,
        })
    }

    /// Takes in the next entry, or refuses it and stays as it was.
    ///
    /// # Errors
    /// [`LogError`] naming the first check that fails.
    pub fn apply(&mut self, entry: &Entry, org: &OrgState) -> Result<(), LogError> {
        let statement = entry.statement();
        if statement.log != LogId::Case(self.case) {
            return Err(LogError::WrongLog);
        }
        let Act::Case(act) = &statement.act else { return Err(LogError::WrongLog) };
        follows(statement, Some(self.head))?;
        let (signer, at) = signer_of(entry, org, self.org_seq)?;
        if self.erased.is_some() {
            self.take_receipt(act, statement.signer, statement.claimed_ms, org, at)?;
        } else {
            self.take(act, entry, &signer, org, at)?;
        }
        self.head = Head { seq: statement.seq, hash: entry.hash() };
        self.org_seq = at.saturating_sub(1);
        Ok(())
    }

    fn take(&mut self, act: &CaseAct, entry: &Entry, signer: &MemberId, org: &OrgState, at: u64) -> Result<(), LogError> {
        let claimed_ms = entry.statement().claimed_ms;
        let admits = org.role_of(signer).ok_or(LogError::UnknownSigner)?.admits();
        match act {
            CaseAct::Genesis { .. } => Err(LogError::Already),
            CaseAct::Grant { compartment, member, role, until_ms, wraps } => {
                self.compartments.get(compartment).ok_or(LogError::BadEpoch)?;
                // Whoever gives the key must have it.
                if !admits || !self.is_member(*compartment, signer) {
                    return Err(LogError::NotAllowed);
                }
                let grant = GrantState { role: *role, until_ms: *until_ms };
                self.take_grant(*compartment, (*member, grant), wraps, claimed_ms, org, at)
            }
            CaseAct::Epoch(card) => self.take_epoch(card, signer, org, at),
            CaseAct::Rewrap { compartment, wrap } => self.take_rewrap(*compartment, wrap, signer, org, at),
            CaseAct::Remove { compartment, member } => {
                if !self.is_member(*compartment, member) {
                    return Err(LogError::Already);
                }
                if !admits && !self.is_over(*compartment, member, signer, claimed_ms) {
                    return Err(LogError::NotAllowed);
                }
                self.take_removal(*compartment, member, claimed_ms)
            }
            CaseAct::Open { members, epoch } => self.take_opening(members, epoch, signer, org, at),
            CaseAct::Hold { .. } | CaseAct::Propose { .. } | CaseAct::Approve { .. } | CaseAct::Erase { .. } => {
                self.take_end(act, entry, signer, org, at)
            }
            CaseAct::Receipt => Err(LogError::NotAllowed),
        }
    }

    fn take_grant(
        &mut self,
        compartment: Compartment,
        (member, grant): (MemberId, GrantState),
        wraps: &[WrapRef],
        claimed_ms: i64,
        org: &OrgState,
        at: u64,
    ) -> Result<(), LogError> {
        let role = org.role_before(&member, at).ok_or(LogError::NotAllowed)?;
        let more_than_the_person_is = grant.role.admits() && !role.admits();
        if more_than_the_person_is || !self.may_be_let_in(compartment, &member, role, &grant) {
            return Err(LogError::NotAllowed);
        }
        let state = self.compartments.get(&compartment).ok_or(LogError::BadEpoch)?;
        match state.members.get(&member) {
            Some(known) if *known == grant => return Err(LogError::Already),
            Some(known) if known.role.admits() && !grant.role.admits() && !state.is_admitted_without(&member) => {
                return Err(LogError::LastCoordinator);
            }
            Some(_) => check_recipients(wraps, std::iter::empty())?,
            None => {
                let devices = self.let_in(compartment, member, &grant, claimed_ms, org, at).into_iter().map(|device| &device.card);
                check_recipients(wraps, devices)?;
            }
        }
        let before = self.let_in_before(compartment, member, &grant, claimed_ms, at);
        if compartment == Compartment::Address {
            self.take_agreed_release(member, &grant, claimed_ms, org, at)?;
        }
        // Nothing is refused from here on.
        if compartment == Compartment::Core {
            self.shorten_in_ledgers(&member, &grant);
        }
        let state = self.compartments.get_mut(&compartment).ok_or(LogError::BadEpoch)?;
        if state.members.insert(member, grant).is_none() {
            state.let_back(&member, org, at);
            state.wraps.extend(by_device(wraps));
            if let Some(before) = before {
                state.since.get_or_insert_default().insert(member, before);
            }
        }
        Ok(())
    }

    /// Whether a person's time here is over, so that any other reader may say so.
    fn is_over(&self, compartment: Compartment, member: &MemberId, signer: &MemberId, claimed_ms: i64) -> bool {
        let Some(state) = self.compartments.get(&compartment) else { return false };
        let until = state.members.get(member).and_then(|grant| grant.until_ms);
        state.members.contains_key(signer) && until.is_some_and(|until| until <= claimed_ms)
    }

    fn take_removal(&mut self, compartment: Compartment, member: &MemberId, claimed_ms: i64) -> Result<(), LogError> {
        let state = self.compartments.get_mut(&compartment).ok_or(LogError::BadEpoch)?;
        if !state.is_admitted_without(member) {
            return Err(LogError::LastCoordinator);
        }
        if compartment == Compartment::Core {
            self.take_out_of_ledgers(member)?;
        }
        self.take_back_agreed(compartment, member, claimed_ms);
        let state = self.compartments.get_mut(&compartment).ok_or(LogError::BadEpoch)?;
        state.forget(member);
        Ok(())
    }

    fn take_epoch(&mut self, card: &EpochCard, signer: &MemberId, org: &OrgState, at: u64) -> Result<(), LogError> {
        let state = self.compartments.get_mut(&card.compartment).ok_or(LogError::BadEpoch)?;
        // Whoever was let in for a time to look would otherwise shut everybody else out, with a key that only they have.
        let may_make = !Compartment::LEDGERS.contains(&card.compartment) || org.role_of(signer).is_some_and(Role::admits);
        if !state.members.contains_key(signer) || !may_make {
            return Err(LogError::NotAllowed);
        }
        if Some(card.number) != state.epoch.number.checked_add(1) || card.back.is_none() {
            return Err(LogError::BadEpoch);
        }
        check_epoch(card, org, at, |device| state.reads(device))?;
        let cuts = card.cuts.as_deref().unwrap_or_default();
        if (card.cuts.is_some() && cuts.is_empty()) || !cuts.is_sorted_by(|a, b| a.device < b.device) {
            return Err(LogError::BadCut);
        }
        // A device is cut once, and only when it may write no more: nobody else's words are taken from them.
        if !cuts.iter().all(|cut| state.owes_cut(&cut.device, org, at) && cut.seq <= cut.seen) {
            return Err(LogError::BadCut);
        }
        if !cuts.is_empty() {
            state.cuts.get_or_insert_default().extend(cuts.iter().map(|cut| (cut.device, *cut)));
        }
        state.epoch = card.clone();
        state.wraps = by_device(&card.wraps);
        Ok(())
    }

    fn take_rewrap(
        &mut self,
        compartment: Compartment,
        wrap: &WrapRef,
        signer: &MemberId,
        org: &OrgState,
        at: u64,
    ) -> Result<(), LogError> {
        let state = self.compartments.get_mut(&compartment).ok_or(LogError::BadEpoch)?;
        let device = org.active(&wrap.device, at).ok_or(LogError::WrongMembers)?;
        if !state.members.contains_key(signer) || !state.reads(device) {
            return Err(LogError::NotAllowed);
        }
        // Another wrap takes the place of the one before: nobody but the device can tell whether that one opens.
        if state.wraps.get(&wrap.device) == Some(&wrap.hash) {
            return Err(LogError::Already);
        }
        state.wraps.insert(wrap.device, wrap.hash);
        Ok(())
    }

    /// The case.
    pub const fn case(&self) -> CaseId {
        self.case
    }

    /// The last entry.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// A compartment's readers and newest key.
    pub fn compartment(&self, compartment: Compartment) -> Option<&CompartmentState> {
        self.compartments.get(&compartment)
    }

    /// Whether a person is a reader and writer of the compartment.
    pub fn is_member(&self, compartment: Compartment, member: &MemberId) -> bool {
        self.compartments.get(&compartment).is_some_and(|state| state.members.contains_key(member))
    }

    /// Every reader, of any compartment.
    pub fn members(&self) -> BTreeSet<MemberId> {
        self.compartments.values().flat_map(|state| state.members.keys().copied()).collect()
    }

    /// Every device that was given the newest key of any compartment.
    pub fn readable_to(&self) -> BTreeSet<DeviceId> {
        self.compartments.values().flat_map(|state| state.wraps.keys().copied()).collect()
    }

    /// The newest epoch of a compartment, 0 when there is none.
    pub fn epoch(&self, compartment: Compartment) -> u32 {
        self.compartments.get(&compartment).map_or(0, |state| state.epoch.number)
    }

    /// Whether a device holds the newest key that is not to read on. Nothing is written before the next epoch.
    pub fn is_stale(&self, compartment: Compartment, org: &OrgState) -> bool {
        let Some(state) = self.compartments.get(&compartment) else { return false };
        let may_read = |device: &DeviceId| org.active(device, u64::MAX).is_some_and(|found| state.reads(found));
        state.wraps.keys().any(|device| !may_read(device))
    }

    /// Active devices of members for which no wrap of the newest key exists.
    pub fn unwrapped<'a>(&'a self, compartment: Compartment, org: &'a OrgState) -> Vec<&'a DeviceCard> {
        let Some(state) = self.compartments.get(&compartment) else { return Vec::new() };
        state
            .members
            .keys()
            .flat_map(|member| org.devices_of(*member))
            .filter(|device| state.reads(device))
            .map(|device| &device.card)
            .filter(|card| !state.wraps.contains_key(&card.device))
            .collect()
    }
}

/// The signer's person, and the place in the organisation's log just after the head it decided under.
fn signer_of(entry: &Entry, org: &OrgState, not_before: u64) -> Result<(MemberId, u64), LogError> {
    let statement = entry.statement();
    if statement.org != Some(org.org()) {
        return Err(LogError::WrongLog);
    }
    let head = statement.org_head.ok_or(LogError::OrgHead)?;
    if head.seq < not_before || !org.contains(head) {
        return Err(LogError::OrgHead);
    }
    let at = head.seq.checked_add(1).ok_or(LogError::OrgHead)?;
    let device = org.active(&statement.signer, at).ok_or(LogError::UnknownSigner)?;
    entry.verify(&device.card.sign)?;
    Ok((device.member, at))
}

fn check_epoch(card: &EpochCard, org: &OrgState, at: u64, reads: impl Fn(&DeviceState) -> bool) -> Result<(), LogError> {
    let recipients = || org.devices_at(at).filter(|device| reads(device));
    check_recipients(&card.wraps, recipients().map(|device| &device.card))?;
    let hash = recipients_hash(recipients().map(|device| (device.card.device, device.receive_hash_at(at))));
    if card.members == hash { Ok(()) } else { Err(LogError::WrongMembers) }
}

fn by_device(wraps: &[WrapRef]) -> BTreeMap<DeviceId, Digest> {
    wraps.iter().map(|wrap| (wrap.device, wrap.hash)).collect()
}

const fn may_found(role: Role) -> bool {
    matches!(role, Role::Mentor | Role::CoMentor | Role::Coordinator)
}

const fn may_read_cases(role: Role) -> bool {
    matches!(role, Role::Mentor | Role::CoMentor | Role::Substitute | Role::Coordinator)
}
