//! What holds for everybody's app: which server, which oldest version. One person says so while nobody else could sign; from
//! then on one proposes and another agrees.

use minicbor::{Decode, Encode};

use super::OrgState;
use crate::{
    id::{Digest, MemberId},
    log::{Entry, LogError, MAX_PROPOSAL_MS, OrgAct, Policy, Role},
};

/// A policy that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct PolicyProposal {
    #[n(0)]
    pub what: Policy,
    #[n(1)]
    pub by: MemberId,
    /// Unix milliseconds.
    #[n(2)]
    pub expires_ms: i64,
}

impl OrgState {
    /// What waits for a second person, by the hash of the entry that proposed it; also what has expired since.
    pub fn proposals(&self) -> impl Iterator<Item = (&Digest, &PolicyProposal)> {
        self.proposals.iter().flatten()
    }

    pub(super) fn take_by_two(&mut self, act: &OrgAct, entry: &Entry, signer: MemberId, role: Role) -> Result<(), LogError> {
        let (claimed_ms, seq) = (entry.statement().claimed_ms, entry.statement().seq);
        match act {
            OrgAct::Propose { what, expires_ms } if role.countersigns() => {
                let proposal = PolicyProposal { what: what.clone(), by: signer, expires_ms: *expires_ms };
                self.take_policy_proposal(entry.hash(), proposal, claimed_ms)
            }
            OrgAct::Approve { proposal } if role.countersigns() => {
                let what = self.policy_of_two(proposal, signer, claimed_ms, seq)?;
                self.take_policy(what)?;
                self.proposals.get_or_insert_default().remove(proposal);
                Ok(())
            }
            _ => Err(LogError::NotAllowed),
        }
    }

    fn take_policy_proposal(&mut self, hash: Digest, proposal: PolicyProposal, claimed_ms: i64) -> Result<(), LogError> {
        let lives_ms = proposal.expires_ms.checked_sub(claimed_ms).filter(|lives| (1..=MAX_PROPOSAL_MS).contains(lives));
        lives_ms.ok_or(LogError::BadProposal)?;
        self.check_rises(&proposal.what)?;
        let waits = |other: &PolicyProposal| other.expires_ms >= claimed_ms;
        // Each person has one of a kind waiting at most: a later one takes its place, so what waits is bounded by people.
        let replaced = |other: &PolicyProposal| {
            other.by == proposal.by && std::mem::discriminant(&other.what) == std::mem::discriminant(&proposal.what)
        };
        if self.proposals().any(|(_, other)| waits(other) && replaced(other) && other.what == proposal.what) {
            return Err(LogError::Already);
        }
        let proposals = self.proposals.get_or_insert_default();
        proposals.retain(|_, other| waits(other) && !replaced(other));
        proposals.insert(hash, proposal);
        Ok(())
    }

    /// What two persons agree on: they are two, the first is still one who could propose it, and it has not expired.
    fn policy_of_two(&self, hash: &Digest, signer: MemberId, claimed_ms: i64, seq: u64) -> Result<Policy, LogError> {
        let known = self.proposals().find(|(known, _)| *known == hash).map(|(_, proposal)| proposal);
        let known = known.filter(|proposal| proposal.expires_ms >= claimed_ms).ok_or(LogError::BadProposal)?;
        if known.by == signer {
            return Err(LogError::NeedsSecondPerson);
        }
        if self.may_countersign(&known.by, seq) { Ok(known.what.clone()) } else { Err(LogError::BadProposal) }
    }

    pub(super) fn take_policy(&mut self, what: Policy) -> Result<(), LogError> {
        self.check_rises(&what)?;
        match what {
            Policy::Server { url, certificates } => self.server = Some((url, certificates)),
            Policy::MinVersion { version } => self.min_version = Some(version),
        }
        Ok(())
    }

    /// The oldest version only rises: an old entry shown again lets no old app back in.
    fn check_rises(&self, what: &Policy) -> Result<(), LogError> {
        match what {
            Policy::MinVersion { version } if self.min_version.is_some_and(|demanded| *version <= demanded) => Err(LogError::Already),
            _ => Ok(()),
        }
    }
}
