//! Compartments that a case gets when they are needed: who reads where the candidate lives, and who sees who looked.

use std::collections::BTreeMap;

use super::{CaseState, CompartmentState, GrantState, by_device, check_epoch, may_read_cases};
use crate::{
    envelope::Compartment,
    id::{Digest, MemberId},
    log::{DeviceState, EpochCard, LogError, MAX_VITAL_MS, OrgState, ProposalState, Proposed, Role, is_sorted_set},
};

impl CaseState {
    /// Who reads a compartment when it is opened: in `address` the coordinators of the case, in `access` the data protection
    /// officers too.
    pub fn first_readers(&self, compartment: Compartment, org: &OrgState, at: u64) -> BTreeMap<MemberId, Role> {
        let core = self.compartments.get(&Compartment::Core).into_iter().flat_map(|core| &core.members);
        let coordinators = core.filter(|(_, grant)| grant.role.admits()).map(|(member, grant)| (*member, grant.role));
        let officers = org.members().filter(|(_, state)| state.role == Role::Dpo && state.since < at).map(|(id, state)| (*id, state.role));
        coordinators.chain(officers.filter(|_| compartment == Compartment::Access)).collect()
    }

    pub(super) fn take_opening(
        &mut self,
        members: &[(MemberId, Role)],
        epoch: &EpochCard,
        signer: &MemberId,
        org: &OrgState,
        at: u64,
    ) -> Result<(), LogError> {
        if self.compartments.contains_key(&epoch.compartment) {
            return Err(LogError::Already);
        }
        let grants_here = self.compartments.get(&Compartment::Core).and_then(|core| core.members.get(signer));
        if !org.role_of(signer).is_some_and(Role::admits) || !grants_here.is_some_and(|grant| grant.role.admits()) {
            return Err(LogError::NotAllowed);
        }
        let is_first = epoch.number == 1 && epoch.back.is_none();
        if !Compartment::LEDGERS.contains(&epoch.compartment) || !is_first {
            return Err(LogError::BadEpoch);
        }
        if !is_sorted_set(members) || !members.iter().copied().eq(self.first_readers(epoch.compartment, org, at)) {
            return Err(LogError::WrongMembers);
        }
        let grants: BTreeMap<_, _> = members.iter().map(|(id, role)| (*id, GrantState { role: *role, until_ms: None })).collect();
        check_epoch(epoch, org, at, |device| grants.contains_key(&device.member))?;
        if epoch.cuts.is_some() {
            return Err(LogError::BadCut);
        }
        let state =
            CompartmentState { members: grants, epoch: epoch.clone(), wraps: by_device(&epoch.wraps), cuts: None, left: None, since: None };
        self.compartments.insert(epoch.compartment, state);
        Ok(())
    }

    /// Whether a person may be let into a compartment at all, by what they are.
    pub(super) fn may_be_let_in(&self, compartment: Compartment, member: &MemberId, role: Role, grant: &GrantState) -> bool {
        let reads_cases = may_read_cases(role) && may_read_cases(grant.role);
        let in_core = self.compartments.get(&Compartment::Core).and_then(|core| core.members.get(member));
        match compartment {
            Compartment::Directory => false,
            Compartment::Core => reads_cases,
            Compartment::Access => (role == Role::Dpo && grant.role == Role::Dpo) || (reads_cases && in_core.is_some()),
            // Whoever does not coordinate looks for a time, and for no longer than into the case.
            Compartment::Address => in_core.is_some_and(|core| reads_cases && (grant.role.admits() || ends_within(grant, core))),
        }
    }

    /// Before which entry of the organisation's log a device must have been admitted to be let in by this grant. A release is for the
    /// devices that there were when it was decided: whoever brings another one in later brings it no address.
    pub(super) fn let_in_before(&self, part: Compartment, member: MemberId, grant: &GrantState, claimed_ms: i64, at: u64) -> Option<u64> {
        let agreed_at = self.agreement(member, grant, claimed_ms).and_then(|(_, known)| known.at);
        (part == Compartment::Address && !grant.role.admits()).then_some(agreed_at.unwrap_or(at))
    }

    /// The devices that this grant gives the key to somebody who was not in.
    pub fn let_in<'a>(
        &self,
        part: Compartment,
        member: MemberId,
        grant: &GrantState,
        claimed_ms: i64,
        org: &'a OrgState,
        at: u64,
    ) -> Vec<&'a DeviceState> {
        let before = self.let_in_before(part, member, grant, claimed_ms, at).unwrap_or(u64::MAX);
        org.devices_at(at).filter(|device| device.member == member && device.since < before).collect()
    }

    /// What two persons agreed to that is this release, if it has not expired.
    fn agreement(&self, member: MemberId, grant: &GrantState, claimed_ms: i64) -> Option<(&Digest, &ProposalState)> {
        let asked = Proposed::Release { member, role: grant.role, until_ms: grant.until_ms };
        self.agreed().find(|(_, known)| known.what == asked && known.expires_ms >= claimed_ms)
    }

    /// A release of an address takes two persons, unless it is for two hours at most, or there never was a second.
    ///
    /// # Errors
    /// [`LogError::NeedsSecondPerson`].
    pub(super) fn take_agreed_release(
        &mut self,
        member: MemberId,
        grant: &GrantState,
        claimed_ms: i64,
        org: &OrgState,
        at: u64,
    ) -> Result<(), LogError> {
        let found = self.agreement(member, grant, claimed_ms).map(|(hash, _)| *hash);
        if let (Some(hash), Some(agreed)) = (found, self.agreed.as_mut()) {
            agreed.remove(&hash);
            return Ok(());
        }
        let is_vital = !grant.role.admits() && grant.until_ms.is_some_and(|until| until <= claimed_ms.saturating_add(MAX_VITAL_MS));
        if is_vital || !org.has_second_person(at) { Ok(()) } else { Err(LogError::NeedsSecondPerson) }
    }

    /// Whether this release was agreed to by two persons, and has not been carried out.
    pub fn is_agreed(&self, member: MemberId, role: Role, until_ms: Option<i64>) -> bool {
        self.agreed().any(|(_, known)| known.what == Proposed::Release { member, role, until_ms })
    }

    /// What two persons agreed to and nobody has carried out yet, by the hash of the entry that proposed it.
    pub fn agreed(&self) -> impl Iterator<Item = (&Digest, &ProposalState)> {
        self.agreed.iter().flatten()
    }

    /// The compartments this case has.
    pub fn compartments(&self) -> impl Iterator<Item = (Compartment, &CompartmentState)> {
        self.compartments.iter().map(|(compartment, state)| (*compartment, state))
    }

    /// Who is out of the case is out of all of it.
    ///
    /// # Errors
    /// [`LogError::LastCoordinator`] when nobody would be left in one of its compartments who admits.
    pub(super) fn take_out_of_ledgers(&mut self, member: &MemberId) -> Result<(), LogError> {
        let has = |(compartment, state): &(&Compartment, &CompartmentState)| {
            Compartment::LEDGERS.contains(compartment) && state.members.contains_key(member)
        };
        if self.compartments.iter().filter(has).any(|(_, state)| !state.is_admitted_without(member)) {
            return Err(LogError::LastCoordinator);
        }
        for compartment in Compartment::LEDGERS {
            if let Some(state) = self.compartments.get_mut(&compartment).filter(|state| state.members.contains_key(member)) {
                state.forget(member);
            }
        }
        Ok(())
    }

    /// Taking somebody out before the time is over takes back what was agreed to for them, too: nobody carries that out afterwards. Whose
    /// time was over may have been given more of it.
    pub(super) fn take_back_agreed(&mut self, part: Compartment, member: &MemberId, claimed_ms: i64) {
        let until = self.compartments.get(&Compartment::Address).and_then(|state| state.members.get(member)).map(|grant| grant.until_ms);
        let was_over = until.flatten().is_some_and(|until| until <= claimed_ms);
        let is_about_it = part == Compartment::Core || (part == Compartment::Address && !was_over);
        if let Some(agreed) = self.agreed.as_mut().filter(|_| is_about_it) {
            agreed.retain(|_, known| !matches!(known.what, Proposed::Release { member: to, .. } if to == *member));
        }
    }

    /// Whose time in the case is shorter now looks no longer at the rest of it either.
    pub(super) fn shorten_in_ledgers(&mut self, member: &MemberId, core: &GrantState) {
        for compartment in Compartment::LEDGERS {
            let grant = self.compartments.get_mut(&compartment).and_then(|state| state.members.get_mut(member));
            if let Some(grant) = grant.filter(|grant| !grant.role.admits() && !ends_within(grant, core) && core.until_ms.is_some()) {
                grant.until_ms = core.until_ms;
            }
        }
    }
}

/// Whether a time has an end, and it is not after that of another.
fn ends_within(grant: &GrantState, other: &GrantState) -> bool {
    grant.until_ms.is_some_and(|until| other.until_ms.is_none_or(|end| until <= end))
}
