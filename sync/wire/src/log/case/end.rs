//! The end of a case: held, proposed, agreed to by a second person, erased, and proven gone device by device.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};

use super::CaseState;
use crate::{
    id::{DeviceId, Digest, MemberId},
    log::{CaseAct, Entry, EraseBasis, LogError, MAX_PROPOSAL_MS, OrgState, Proposed, Role},
};

/// Something that waits for a second person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct ProposalState {
    #[n(0)]
    pub what: Proposed,
    #[n(1)]
    pub by: MemberId,
    /// Unix milliseconds.
    #[n(2)]
    pub expires_ms: i64,
    /// Once it is agreed to: the place in the organisation's log just after the head under which that was decided.
    #[n(3)]
    pub at: Option<u64>,
}

/// A case that is erased.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ErasedState {
    #[n(0)]
    pub basis: EraseBasis,
    /// Entry of the case's log from which on it is.
    #[n(1)]
    pub seq: u64,
    /// Claimed time of that entry, Unix milliseconds.
    #[n(2)]
    pub claimed_ms: i64,
    /// Place in the organisation's log just after the head under which it was decided.
    #[n(3)]
    pub at: u64,
    /// Devices that could read it then, and have not said that they hold nothing any more.
    #[n(4)]
    pub owed: BTreeSet<DeviceId>,
    /// Devices that have said so, with the claimed time, Unix milliseconds.
    #[n(5)]
    pub receipts: BTreeMap<DeviceId, i64>,
}

impl CaseState {
    /// Whether nobody may erase it now.
    pub fn is_held(&self) -> bool {
        self.held == Some(true)
    }

    /// What waits for a second person, by the hash of the entry that proposed it; also what has expired since.
    pub fn proposals(&self) -> impl Iterator<Item = (&Digest, &ProposalState)> {
        self.proposals.iter().flatten()
    }

    /// How and when it was erased, once it was.
    pub const fn erased(&self) -> Option<&ErasedState> {
        self.erased.as_ref()
    }

    /// People who are told of this log without reading the case: those who can give a second signature, or may hold words of it in
    /// quarantine, once a signature was asked for, the case was held, or it was erased.
    pub fn watchers(&self, org: &OrgState) -> BTreeSet<MemberId> {
        if self.held.is_none() && self.proposals.is_none() && self.erased.is_none() {
            return BTreeSet::new();
        }
        let readers = self.members();
        let watches = |(member, state): &(&MemberId, &crate::log::MemberState)| state.role.countersigns() && !readers.contains(member);
        org.members().filter(watches).map(|(member, _)| *member).collect()
    }

    pub(super) fn take_end(&mut self, act: &CaseAct, entry: &Entry, signer: &MemberId, org: &OrgState, at: u64) -> Result<(), LogError> {
        let (claimed_ms, seq) = (entry.statement().claimed_ms, entry.statement().seq);
        let role = org.role_of(signer).ok_or(LogError::UnknownSigner)?;
        match act {
            CaseAct::Hold { on } if role.admits() || role == Role::Dpo => {
                if self.is_held() == *on {
                    return Err(LogError::Already);
                }
                self.held = Some(*on);
                Ok(())
            }
            CaseAct::Propose { what, expires_ms } if role.countersigns() => {
                let proposal = ProposalState { what: *what, by: *signer, expires_ms: *expires_ms, at: None };
                self.take_proposal(entry.hash(), proposal, claimed_ms)
            }
            CaseAct::Approve { proposal } if role.countersigns() => match self.agreed_by_two(proposal, signer, claimed_ms, org, at)? {
                Proposed::Erase { basis } => self.take_erasure(basis, seq, claimed_ms, org, at),
                Proposed::Release { .. } => self.take_agreement(proposal, at),
            },
            CaseAct::Erase { basis } if role.admits() => {
                if *basis != EraseBasis::Candidate && org.has_second_person(at) {
                    return Err(LogError::NeedsSecondPerson);
                }
                self.take_erasure(*basis, seq, claimed_ms, org, at)
            }
            _ => Err(LogError::NotAllowed),
        }
    }

    fn take_proposal(&mut self, hash: Digest, proposal: ProposalState, claimed_ms: i64) -> Result<(), LogError> {
        if self.is_held() && matches!(proposal.what, Proposed::Erase { .. }) {
            return Err(LogError::Held);
        }
        let lives_ms = proposal.expires_ms.checked_sub(claimed_ms).filter(|lives| (1..=MAX_PROPOSAL_MS).contains(lives));
        lives_ms.ok_or(LogError::BadProposal)?;
        let waits = |other: &ProposalState| other.expires_ms >= claimed_ms;
        let mut waiting = self.proposals.iter().flatten().filter(|(_, other)| waits(other));
        if waiting.any(|(_, other)| other.by == proposal.by && other.what == proposal.what) {
            return Err(LogError::Already);
        }
        let proposals = self.proposals.get_or_insert_default();
        proposals.retain(|_, other| waits(other));
        proposals.insert(hash, proposal);
        Ok(())
    }

    /// What two persons agree on: they are two, the first is still one who could propose it, and it has not expired.
    fn agreed_by_two(&self, hash: &Digest, signer: &MemberId, claimed_ms: i64, org: &OrgState, at: u64) -> Result<Proposed, LogError> {
        let proposal = self.proposals.iter().flatten().find(|(known, _)| *known == hash).map(|(_, proposal)| proposal);
        let proposal = proposal.filter(|proposal| proposal.expires_ms >= claimed_ms).ok_or(LogError::BadProposal)?;
        // Nobody agrees to what they asked for themselves, or to what is for themselves.
        let is_for_signer = matches!(proposal.what, Proposed::Release { member, .. } if member == *signer);
        if proposal.by == *signer || is_for_signer {
            return Err(LogError::NeedsSecondPerson);
        }
        if org.may_countersign(&proposal.by, at) { Ok(proposal.what) } else { Err(LogError::BadProposal) }
    }

    /// What was agreed to waits for a coordinator who has the key.
    fn take_agreement(&mut self, hash: &Digest, at: u64) -> Result<(), LogError> {
        let proposal = self.proposals.as_mut().and_then(|waiting| waiting.remove(hash)).ok_or(LogError::BadProposal)?;
        self.agreed.get_or_insert_default().insert(*hash, ProposalState { at: Some(at), ..proposal });
        Ok(())
    }

    fn take_erasure(&mut self, basis: EraseBasis, seq: u64, claimed_ms: i64, org: &OrgState, at: u64) -> Result<(), LogError> {
        if self.is_held() {
            return Err(LogError::Held);
        }
        let members = self.members();
        let owed = org.devices_at(at).filter(|device| members.contains(&device.member)).map(|device| device.card.device).collect();
        self.erased = Some(ErasedState { basis, seq, claimed_ms, at, owed, receipts: BTreeMap::new() });
        self.proposals = self.proposals.take().map(|_| BTreeMap::new());
        self.agreed = None;
        Ok(())
    }

    /// Nothing follows an erasure but the word of each device that it holds nothing more; and that is taken only of one that has
    /// taken another receive key since, to which nothing of this case was ever wrapped.
    pub(super) fn take_receipt(
        &mut self,
        act: &CaseAct,
        device: DeviceId,
        claimed_ms: i64,
        org: &OrgState,
        at: u64,
    ) -> Result<(), LogError> {
        let erased = self.erased.as_mut().ok_or(LogError::NotAllowed)?;
        if !matches!(act, CaseAct::Receipt) {
            return Err(LogError::Erased);
        }
        if erased.receipts.contains_key(&device) {
            return Err(LogError::Already);
        }
        let has_other_key = org.device(&device).is_some_and(|state| state.rotated_between(erased.at, at));
        if !erased.owed.contains(&device) || !has_other_key {
            return Err(LogError::NotAllowed);
        }
        erased.owed.remove(&device);
        erased.receipts.insert(device, claimed_ms);
        Ok(())
    }
}
