//! The two kinds of membership log, and the one reduction of them that server and devices share.
//!
//! A log is linear: each entry names the hash of the one before, the server orders by compare-and-swap, and every
//! client repeats every check. There is one log for the organisation and one for each case.

use minicbor::{Decode, Encode};

use crate::{
    cbor,
    envelope::Compartment,
    id::{CaseId, DeviceId, Digest, MemberId, OrgId},
    label,
    signature::{Signed, VerifyingKey, sha256},
};

mod case;
mod org;
#[cfg(test)]
mod tests;
mod version;

pub use case::{CaseState, CompartmentState, ErasedState, GrantState, ProposalState};
pub use org::{DeviceState, InvitationState, MemberState, OrgState, PolicyProposal, Rotation};
pub use version::AppVersion;

/// The one version of log entries this code reads and writes.
pub const VERSION: u16 = 1;
/// Largest entry, in bytes.
pub const MAX_ENTRY: usize = 256 * 1024;
/// Most devices one epoch or grant may name.
pub const MAX_RECIPIENTS: usize = 512;

/// What a person does in the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, serde::Serialize, serde::Deserialize, ts_rs::TS)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    #[n(1)]
    Mentor,
    #[n(2)]
    CoMentor,
    #[n(3)]
    Substitute,
    #[n(4)]
    Coordinator,
    #[n(5)]
    ProgrammeLead,
    #[n(6)]
    Dpo,
    #[n(7)]
    It,
}

impl Role {
    /// May admit and grant.
    pub const fn admits(self) -> bool {
        matches!(self, Self::Coordinator)
    }

    /// May revoke devices of others.
    pub const fn revokes(self) -> bool {
        self.admits() || matches!(self, Self::It)
    }

    /// May give a second signature where two persons are asked for.
    pub const fn countersigns(self) -> bool {
        matches!(self, Self::Coordinator | Self::ProgrammeLead | Self::Dpo)
    }
}

/// Which log an entry stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum LogId {
    #[n(0)]
    Org,
    #[n(1)]
    Case(#[n(0)] CaseId),
}

/// The last entry of a log: how many came before it, and its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Head {
    #[n(0)]
    pub seq: u64,
    #[n(1)]
    pub hash: Digest,
}

/// The public half of a device: what its sponsor vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct DeviceCard {
    #[n(0)]
    pub device: DeviceId,
    /// Signs log entries and content.
    #[n(1)]
    pub sign: VerifyingKey,
    /// Signs HTTP requests, nothing else.
    #[n(2)]
    pub request: VerifyingKey,
    /// X-Wing public key, 1,216 bytes: what keys are wrapped to.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub receive: Vec<u8>,
}

/// Length of an X-Wing public key, in bytes.
pub const RECEIVE_KEY_LEN: usize = 1216;
/// The part of an X-Wing public key that holds ML-KEM-768's numbers, two in three bytes.
const NUMBERS_LEN: usize = 1152;
/// The modulus of ML-KEM: every number is below it.
const MODULUS: u16 = 3329;

/// Whether these bytes are an X-Wing public key that something can be wrapped to: the length, and each of the 768
/// numbers of its ML-KEM-768 part below the modulus (FIPS 203, section 7.2). Every 32 bytes are an X25519 key.
pub fn is_receive_key(bytes: &[u8]) -> bool {
    let Some(numbers) = bytes.get(..NUMBERS_LEN).filter(|_| bytes.len() == RECEIVE_KEY_LEN) else { return false };
    numbers.as_chunks::<3>().0.iter().all(|[low, middle, high]| {
        let first = u16::from(*low) | u16::from(middle & 0x0f) << 8;
        let second = u16::from(middle >> 4) | u16::from(*high) << 4;
        first < MODULUS && second < MODULUS
    })
}

impl DeviceCard {
    /// SHA-256 of the receive key, as wraps and member sets name it.
    pub fn receive_hash(&self) -> Digest {
        sha256(&[&self.receive])
    }

    /// What reaches the sponsor by eye or camera: a hash of the keys and of the invitation they answer.
    pub fn request_hash(&self, invitation: &Digest) -> Digest {
        sha256(&[
            label::REQUEST.as_bytes(),
            self.device.as_bytes(),
            self.sign.as_bytes(),
            self.request.as_bytes(),
            &self.receive,
            invitation.as_bytes(),
        ])
    }
}

/// The hash by which the server and the log know an invitation.
pub fn invitation_hash(token: &[u8; 16]) -> Digest {
    sha256(&[label::INVITATION.as_bytes(), token])
}

/// Names a wrap that lies beside the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct WrapRef {
    #[n(0)]
    pub device: DeviceId,
    /// SHA-256 of the wrap.
    #[n(1)]
    pub hash: Digest,
}

/// One epoch of a compartment's key.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct EpochCard {
    #[n(0)]
    pub compartment: Compartment,
    /// From 1, without gaps.
    #[n(1)]
    pub number: u32,
    /// Commitment to the key.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub commit: [u8; 32],
    /// One for each recipient device, sorted by device.
    #[n(3)]
    pub wraps: Vec<WrapRef>,
    /// [`members_hash`] of the recipients.
    #[n(4)]
    pub members: Digest,
    /// The key before, sealed under this one; absent in epoch 1.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub back: Option<Vec<u8>>,
    /// How far devices that may write no more have written, sorted by device; absent when there are none.
    #[n(6)]
    pub cuts: Option<Vec<Cut>>,
}

/// How far a device that may write no more has written in a stream. What it signed up to there counts, nothing later does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct Cut {
    #[n(0)]
    pub device: DeviceId,
    /// Segments that count.
    #[n(1)]
    pub seq: u64,
    /// SHA-256 of the last statement that counts; zeros when none does.
    #[n(2)]
    pub hash: Digest,
    /// Place of its last segment on the server, which may be one that nobody can read.
    #[n(3)]
    pub seen: u64,
}

/// SHA-256 over the sorted recipients: `[[device, SHA-256(receive key)], …]`.
pub fn members_hash<'a>(devices: impl Iterator<Item = &'a DeviceCard>) -> Digest {
    recipients_hash(devices.map(|card| (card.device, card.receive_hash())))
}

fn recipients_hash(devices: impl Iterator<Item = (DeviceId, Digest)>) -> Digest {
    let mut rows: Vec<(DeviceId, Digest)> = devices.collect();
    rows.sort_unstable();
    sha256(&[label::MEMBERS.as_bytes(), &cbor::encode(&rows)])
}

/// An act on the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum OrgAct {
    /// Entry 0: the first coordinator and the first device. Its hash is the organisation's fingerprint.
    #[n(0)]
    Found {
        #[n(0)]
        member: MemberId,
        #[n(1)]
        card: DeviceCard,
    },
    /// A new epoch of the directory's key.
    #[n(1)]
    Epoch(#[n(0)] EpochCard),
    /// Where the organisation's server is, and which certificates (DER) it may show.
    #[n(2)]
    Server {
        #[n(0)]
        url: String,
        #[n(1)]
        certificates: Vec<minicbor::bytes::ByteVec>,
    },
    /// The right to ask for admission, as one person in one role.
    #[n(3)]
    Invite {
        #[n(0)]
        invitation: Digest,
        #[n(1)]
        member: MemberId,
        #[n(2)]
        role: Role,
        #[n(3)]
        expires_ms: i64,
    },
    /// A device is admitted on the invitation it answered.
    #[n(4)]
    AddDevice {
        #[n(0)]
        invitation: Digest,
        #[n(1)]
        card: DeviceCard,
        /// The directory's current key, wrapped to it.
        #[n(2)]
        wrap: WrapRef,
    },
    /// An app older than this reads, and writes nothing new. Only ever raised.
    #[n(5)]
    MinVersion {
        #[n(0)]
        version: AppVersion,
    },
    /// From here on nothing more is taken from this device, and it is told nothing more.
    #[n(6)]
    Revoke {
        #[n(0)]
        device: DeviceId,
        #[n(1)]
        reason: RevokeReason,
    },
    /// The signing device takes another receive key and destroys the one before: what was wrapped to that opens no more.
    #[n(7)]
    RotateKey {
        /// X-Wing public key, 1,216 bytes.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        receive: Vec<u8>,
    },
    /// What takes two persons in the organisation is proposed.
    #[n(8)]
    Propose {
        #[n(0)]
        what: Policy,
        /// Unix milliseconds; at most [`MAX_PROPOSAL_MS`] after the claimed time.
        #[n(1)]
        expires_ms: i64,
    },
    /// Another person agrees; from this entry on it holds.
    #[n(9)]
    Approve {
        /// Hash of the entry that proposed it.
        #[n(0)]
        proposal: Digest,
    },
}

/// What holds for everybody's app, and takes two persons once there are two.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Policy {
    /// As [`OrgAct::Server`].
    #[n(0)]
    Server {
        #[n(0)]
        url: String,
        #[n(1)]
        certificates: Vec<minicbor::bytes::ByteVec>,
    },
    /// As [`OrgAct::MinVersion`].
    #[n(1)]
    MinVersion {
        #[n(0)]
        version: AppVersion,
    },
}

/// Why a device is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, serde::Serialize, serde::Deserialize, ts_rs::TS)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum RevokeReason {
    /// Nobody knows where it is. What its owner wrote and did not send is still asked for.
    #[n(0)]
    Lost,
    /// Its owner no longer belongs to the organisation, or no longer uses it.
    #[n(1)]
    Left,
    /// Somebody else has it and may have used it. Nothing of it is asked for.
    #[n(2)]
    Compromised,
}

/// An act on one case.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum CaseAct {
    /// Entry 0: the founder and the coordinators, and the first key.
    #[n(0)]
    Genesis {
        /// Sorted by member.
        #[n(0)]
        members: Vec<(MemberId, Role)>,
        #[n(1)]
        epoch: EpochCard,
    },
    /// A person may read and write a compartment from here on; or, for one who does already, in another role or to another
    /// end.
    #[n(1)]
    Grant {
        #[n(0)]
        compartment: Compartment,
        #[n(1)]
        member: MemberId,
        #[n(2)]
        role: Role,
        /// Unix milliseconds; the server refuses afterwards.
        #[n(3)]
        until_ms: Option<i64>,
        /// The current key, wrapped to each of the person's devices, sorted by device; none for one who has it.
        #[n(4)]
        wraps: Vec<WrapRef>,
    },
    /// A new epoch.
    #[n(2)]
    Epoch(#[n(0)] EpochCard),
    /// The current key for a device its owner got later, or again for one whose wrap does not open.
    #[n(3)]
    Rewrap {
        #[n(0)]
        compartment: Compartment,
        #[n(1)]
        wrap: WrapRef,
    },
    /// From here on a person reads and writes a compartment no more. Nothing is written there before its next epoch.
    #[n(4)]
    Remove {
        #[n(0)]
        compartment: Compartment,
        #[n(1)]
        member: MemberId,
    },
    /// While it holds, nobody erases the case; or it holds no more.
    #[n(5)]
    Hold {
        #[n(0)]
        on: bool,
    },
    /// One of two persons asks for what takes two.
    #[n(6)]
    Propose {
        #[n(0)]
        what: Proposed,
        /// Unix milliseconds; at most [`MAX_PROPOSAL_MS`] after the claimed time.
        #[n(1)]
        expires_ms: i64,
    },
    /// The other person agrees, and it is done.
    #[n(7)]
    Approve {
        /// Hash of the entry that proposed it.
        #[n(0)]
        proposal: Digest,
    },
    /// The case is erased everywhere: on the candidate's own decision, or where nobody else could sign.
    #[n(8)]
    Erase {
        #[n(0)]
        basis: EraseBasis,
    },
    /// The signing device holds nothing of the erased case any more, nor a key that could open a copy of it.
    #[n(9)]
    Receipt,
    /// The first key of a compartment that the case did not have, made by a coordinator. In `address` every coordinator of the
    /// case reads, in `access` the data protection officers too.
    #[n(10)]
    Open {
        /// Sorted by member.
        #[n(0)]
        members: Vec<(MemberId, Role)>,
        #[n(1)]
        epoch: EpochCard,
    },
}

/// What takes two persons in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Proposed {
    #[n(0)]
    Erase {
        #[n(0)]
        basis: EraseBasis,
    },
    /// Somebody may read where the candidate lives, until a time. Once agreed to, a coordinator who has the key grants it.
    #[n(1)]
    Release {
        #[n(0)]
        member: MemberId,
        #[n(1)]
        role: Role,
        /// Unix milliseconds; none only for a coordinator.
        #[n(2)]
        until_ms: Option<i64>,
    },
}

/// Why a case is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, serde::Serialize, serde::Deserialize, ts_rs::TS)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum EraseBasis {
    /// The candidate asked for it (GDPR, article 17). One person carries it out.
    #[n(0)]
    Candidate,
    /// Its time is over.
    #[n(1)]
    Retention,
    /// It was registered by mistake.
    #[n(2)]
    Mistake,
}

/// For a vital interest one coordinator releases an address alone, for at most so long, in milliseconds: two hours.
pub const MAX_VITAL_MS: i64 = 2 * 60 * 60 * 1000;

/// A proposal lives at most this long, in milliseconds: seven days.
pub const MAX_PROPOSAL_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// What is done, and in which kind of log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Act {
    #[n(0)]
    Org(#[n(0)] OrgAct),
    #[n(1)]
    Case(#[n(0)] CaseAct),
}

/// What a signer says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Statement {
    #[n(0)]
    pub version: u16,
    /// Absent only in entry 0 of the organisation's log, whose hash it is.
    #[n(1)]
    pub org: Option<OrgId>,
    #[n(2)]
    pub log: LogId,
    #[n(3)]
    pub seq: u64,
    /// Hash of the entry before; zeros in entry 0.
    #[n(4)]
    pub prev: Digest,
    /// In a case's log: the organisation's log as it was when this was decided.
    #[n(5)]
    pub org_head: Option<Head>,
    #[n(6)]
    pub signer: DeviceId,
    /// Claimed time, Unix milliseconds; shown to people, never used for order.
    #[n(7)]
    pub claimed_ms: i64,
    #[n(8)]
    pub act: Act,
    /// Names and reasons, sealed for those who may read them.
    #[cbor(n(9), with = "minicbor::bytes")]
    pub sealed: Option<Vec<u8>>,
}

/// An entry whose form is right and whose signature is not yet checked.
#[derive(Debug, Clone)]
pub struct Entry {
    bytes: Vec<u8>,
    signed: Signed,
    statement: Statement,
    hash: Digest,
}

/// Why an entry is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    #[error("the entry is longer than any may be")]
    TooLarge,
    #[error("the entry is not canonical, or its act is unknown")]
    NotCanonical,
    #[error("the entry has a version this app does not read")]
    UnknownVersion,
    #[error("the entry belongs to another organisation or log")]
    WrongLog,
    #[error("the entry is not the next one")]
    Conflict,
    #[error("the signature does not hold")]
    BadSignature,
    #[error("the signer is not an active device of the organisation")]
    UnknownSigner,
    #[error("the signer's role does not allow this")]
    NotAllowed,
    #[error("a second person has to agree to this")]
    NeedsSecondPerson,
    #[error("the entry was decided under an unknown or older state of the organisation")]
    OrgHead,
    #[error("the recipients are not exactly those the log names")]
    WrongMembers,
    #[error("the epoch does not follow the one before")]
    BadEpoch,
    #[error("the invitation is unknown, used or expired")]
    BadInvitation,
    #[error("the device's receive key is no key, so nothing could be wrapped to it")]
    BadCard,
    #[error("this is so already")]
    Already,
    #[error("a key that somebody may no longer have has to be changed first")]
    StaleEpoch,
    #[error("nobody who admits and grants would be left")]
    LastCoordinator,
    #[error("the cuts are not those of devices that may write no more, once each")]
    BadCut,
    #[error("the case is held, so nobody erases it")]
    Held,
    #[error("the case is erased")]
    Erased,
    #[error("the proposal is unknown, expired, or by somebody who may not propose it any more")]
    BadProposal,
}

impl LogError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "log.too_large",
            Self::NotCanonical => "log.not_canonical",
            Self::UnknownVersion => "log.unknown_version",
            Self::WrongLog => "log.wrong_log",
            Self::Conflict => "log.conflict",
            Self::BadSignature => "log.bad_signature",
            Self::UnknownSigner => "log.unknown_signer",
            Self::NotAllowed => "log.not_allowed",
            Self::NeedsSecondPerson => "log.needs_second_person",
            Self::OrgHead => "log.org_head",
            Self::WrongMembers => "log.wrong_members",
            Self::BadEpoch => "log.bad_epoch",
            Self::BadInvitation => "log.bad_invitation",
            Self::BadCard => "log.bad_card",
            Self::Already => "log.already",
            Self::StaleEpoch => "log.stale_epoch",
            Self::LastCoordinator => "log.last_coordinator",
            Self::BadCut => "log.bad_cut",
            Self::Held => "log.held",
            Self::Erased => "log.erased",
            Self::BadProposal => "log.bad_proposal",
        }
    }
}

impl Entry {
    /// Reads an entry: size, version, canonical form.
    ///
    /// # Errors
    /// [`LogError`] naming the first of these that fails.
    pub fn decode(bytes: &[u8]) -> Result<Self, LogError> {
        if bytes.len() > MAX_ENTRY {
            return Err(LogError::TooLarge);
        }
        let signed = Signed::parse(bytes).map_err(|_| LogError::NotCanonical)?;
        let mut peek = minicbor::Decoder::new(signed.payload());
        let version = peek.array().and_then(|_| peek.u16()).map_err(|_| LogError::NotCanonical)?;
        if version != VERSION {
            return Err(LogError::UnknownVersion);
        }
        let statement: Statement = cbor::decode(signed.payload()).map_err(|_| LogError::NotCanonical)?;
        Ok(Self { bytes: bytes.to_vec(), hash: sha256(&[bytes]), signed, statement })
    }

    /// Signs a statement.
    pub fn sign(statement: &Statement, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
        Signed::make(cbor::encode(statement), label::LOG.as_bytes(), sign)
    }

    /// What the signer says; nobody has vouched for it until a state has taken it in.
    pub const fn statement(&self) -> &Statement {
        &self.statement
    }

    /// SHA-256 of the entry's bytes.
    pub const fn hash(&self) -> Digest {
        self.hash
    }

    /// The bytes as they travel.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Names every wrap that has to lie beside this entry, with the compartment and epoch it is for.
    pub fn wraps(&self, current: impl Fn(Compartment) -> u32) -> Vec<(Compartment, u32, WrapRef)> {
        let of = |card: &EpochCard| card.wraps.iter().map(|w| (card.compartment, card.number, *w)).collect();
        match &self.statement.act {
            Act::Org(OrgAct::Epoch(card))
            | Act::Case(CaseAct::Epoch(card) | CaseAct::Genesis { epoch: card, .. } | CaseAct::Open { epoch: card, .. }) => of(card),
            Act::Org(OrgAct::AddDevice { wrap, .. }) => vec![(Compartment::Directory, current(Compartment::Directory), *wrap)],
            Act::Case(CaseAct::Grant { compartment, wraps, .. }) => {
                wraps.iter().map(|w| (*compartment, current(*compartment), *w)).collect()
            }
            Act::Case(CaseAct::Rewrap { compartment, wrap }) => vec![(*compartment, current(*compartment), *wrap)],
            Act::Case(
                CaseAct::Remove { .. }
                | CaseAct::Hold { .. }
                | CaseAct::Propose { .. }
                | CaseAct::Approve { .. }
                | CaseAct::Erase { .. }
                | CaseAct::Receipt,
            )
            | Act::Org(
                OrgAct::Found { .. }
                | OrgAct::Server { .. }
                | OrgAct::Invite { .. }
                | OrgAct::MinVersion { .. }
                | OrgAct::Revoke { .. }
                | OrgAct::RotateKey { .. }
                | OrgAct::Propose { .. }
                | OrgAct::Approve { .. },
            ) => Vec::new(),
        }
    }

    fn verify(&self, key: &VerifyingKey) -> Result<(), LogError> {
        self.signed.verify(key, label::LOG.as_bytes()).map_err(|_| LogError::BadSignature)
    }
}

fn follows(statement: &Statement, head: Option<Head>) -> Result<(), LogError> {
    let (seq, prev) = match head {
        None => (Some(0), Digest::ZERO),
        Some(head) => (head.seq.checked_add(1), head.hash),
    };
    if Some(statement.seq) == seq && statement.prev == prev { Ok(()) } else { Err(LogError::Conflict) }
}

fn is_sorted_set<T: Ord>(items: &[T]) -> bool {
    items.windows(2).all(|pair| matches!(pair, [a, b] if a < b))
}

/// The recipients of an epoch or grant must be exactly these devices.
fn check_recipients<'a>(wraps: &[WrapRef], expected: impl Iterator<Item = &'a DeviceCard>) -> Result<(), LogError> {
    let named: Vec<DeviceId> = wraps.iter().map(|wrap| wrap.device).collect();
    let mut expected: Vec<DeviceId> = expected.map(|card| card.device).collect();
    expected.sort_unstable();
    if named.len() <= MAX_RECIPIENTS && is_sorted_set(&named) && named == expected { Ok(()) } else { Err(LogError::WrongMembers) }
}
