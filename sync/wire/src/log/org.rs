//! The organisation's log reduced: who belongs, with which devices, since when.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

mod policy;

pub use policy::PolicyProposal;

use super::{
    Act, AppVersion, DeviceCard, Entry, EpochCard, Head, LogError, LogId, MAX_RECIPIENTS, OrgAct, Policy, RevokeReason, Role, WrapRef,
    check_recipients, follows, is_receive_key, recipients_hash,
};
use crate::{
    envelope::Compartment,
    id::{DeviceId, Digest, MemberId, OrgId},
    signature::sha256,
};

/// Most times one device takes another receive key.
const MAX_ROTATIONS: usize = 4096;

/// A person of the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct MemberState {
    #[n(0)]
    pub role: Role,
    /// Entry that admitted the person.
    #[n(1)]
    pub since: u64,
}

/// A device of the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct DeviceState {
    #[n(0)]
    pub member: MemberId,
    #[n(1)]
    pub card: DeviceCard,
    /// Entry that admitted the device.
    #[n(2)]
    pub since: u64,
    /// Entry that revoked it.
    #[n(3)]
    pub revoked: Option<u64>,
    /// Why, when it is revoked.
    #[n(4)]
    pub reason: Option<RevokeReason>,
    /// When it took another receive key, the first time first; absent while it never did.
    #[n(5)]
    pub rotations: Option<Vec<Rotation>>,
}

/// A device took another receive key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Rotation {
    /// Entry that says so.
    #[n(0)]
    pub seq: u64,
    /// SHA-256 of the key before.
    #[n(1)]
    pub before: Digest,
}

impl DeviceState {
    /// SHA-256 of the receive key it had just before entry `seq`.
    pub fn receive_hash_at(&self, seq: u64) -> Digest {
        let next = self.rotations.iter().flatten().find(|rotation| rotation.seq >= seq);
        next.map_or_else(|| self.card.receive_hash(), |rotation| rotation.before)
    }

    /// Whether it took another receive key at entry `from` or later, and before entry `to`.
    pub fn rotated_between(&self, from: u64, to: u64) -> bool {
        self.rotations.iter().flatten().any(|rotation| (from..to).contains(&rotation.seq))
    }
}

/// An invitation and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct InvitationState {
    #[n(0)]
    pub member: MemberId,
    #[n(1)]
    pub role: Role,
    #[n(2)]
    pub expires_ms: i64,
    #[n(3)]
    pub used: bool,
    /// Who invited somebody who could give a second signature, where that takes two persons; absent otherwise.
    #[n(4)]
    pub by: Option<MemberId>,
}

/// Everything the organisation's log says so far. Server and devices compute the same value from the same entries.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct OrgState {
    #[n(0)]
    org: OrgId,
    #[n(1)]
    hashes: Vec<Digest>,
    #[n(2)]
    members: BTreeMap<MemberId, MemberState>,
    #[n(3)]
    devices: BTreeMap<DeviceId, DeviceState>,
    #[n(4)]
    invitations: BTreeMap<Digest, InvitationState>,
    #[n(5)]
    directory: Option<EpochCard>,
    #[n(6)]
    server: Option<(String, Vec<minicbor::bytes::ByteVec>)>,
    #[n(7)]
    min_version: Option<AppVersion>,
    /// True from a revocation to the next epoch of the directory; absent otherwise.
    #[n(8)]
    directory_stale: Option<bool>,
    /// What waits for a second person, by the hash of the entry that proposed it; absent while nothing ever did.
    #[n(9)]
    proposals: Option<BTreeMap<Digest, PolicyProposal>>,
}

impl OrgState {
    /// Begins from entry 0.
    ///
    /// # Errors
    /// [`LogError`] when it is not a sound entry 0 signed by the device it names.
    pub fn found(entry: &Entry) -> Result<Self, LogError> {
        let statement = entry.statement();
        let Act::Org(OrgAct::Found { member, card }) = &statement.act else { return Err(LogError::WrongLog) };
        follows(statement, None)?;
        let sound =
            statement.org.is_none() && statement.log == LogId::Org && statement.org_head.is_none() && statement.signer == card.device;
        if !sound {
            return Err(LogError::WrongLog);
        }
        if !is_receive_key(&card.receive) {
            return Err(LogError::BadCard);
        }
        if card.sign == card.request {
            return Err(LogError::Already);
        }
        entry.verify(&card.sign)?;
        let founder = MemberState { role: Role::Coordinator, since: 0 };
        let device = DeviceState { member: *member, card: card.clone(), since: 0, revoked: None, reason: None, rotations: None };
        Ok(Self {
            org: OrgId::from_bytes(*entry.hash().as_bytes()),
            hashes: vec![entry.hash()],
            members: BTreeMap::from([(*member, founder)]),
            devices: BTreeMap::from([(card.device, device)]),
            invitations: BTreeMap::new(),
            directory: None,
            server: None,
            min_version: None,
            directory_stale: None,
            proposals: None,
        })
    }

    /// Takes in the next entry, or refuses it and stays as it was.
    ///
    /// # Errors
    /// [`LogError`] naming the first check that fails: place in the log, signer, signature, right, content.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), LogError> {
        let statement = entry.statement();
        if statement.org != Some(self.org) || statement.log != LogId::Org || statement.org_head.is_some() {
            return Err(LogError::WrongLog);
        }
        let Act::Org(act) = &statement.act else { return Err(LogError::WrongLog) };
        follows(statement, self.head_or_none())?;
        let signer = self.active(&statement.signer, statement.seq).ok_or(LogError::UnknownSigner)?;
        entry.verify(&signer.card.sign)?;
        let member = signer.member;
        let signer_role = self.role_of(&member).ok_or(LogError::UnknownSigner)?;
        if let OrgAct::RotateKey { receive } = act {
            self.take_rotation(statement.signer, receive, statement.seq)?;
        } else if let OrgAct::Propose { .. } | OrgAct::Approve { .. } = act {
            self.take_by_two(act, entry, member, signer_role)?;
        } else if signer_role.admits() || self.may_revoke(act, &member, signer_role) || self.may_bring_in(act, &member, signer_role) {
            self.take(act, &member, statement.seq, statement.claimed_ms)?;
        } else {
            return Err(LogError::NotAllowed);
        }
        self.hashes.push(entry.hash());
        Ok(())
    }

    /// Whoever sees to the machines revokes any device, and everybody a device of their own.
    fn may_revoke(&self, act: &OrgAct, signer: &MemberId, role: Role) -> bool {
        let OrgAct::Revoke { device, .. } = act else { return false };
        role == Role::It || self.devices.get(device).is_some_and(|state| state.member == *signer)
    }

    /// Whoever may give a second signature gives it where somebody else of their kind comes in, by admitting them; and brings in
    /// further devices of their own.
    fn may_bring_in(&self, act: &OrgAct, signer: &MemberId, role: Role) -> bool {
        role.countersigns()
            && match act {
                OrgAct::Invite { member, .. } => member == signer,
                OrgAct::AddDevice { invitation, .. } => {
                    self.invitations.get(invitation).is_some_and(|invited| invited.by.is_some() || invited.member == *signer)
                }
                _ => false,
            }
    }

    fn take(&mut self, act: &OrgAct, signer: &MemberId, seq: u64, claimed_ms: i64) -> Result<(), LogError> {
        // What would tell the directory's old key, or names sealed under it, to somebody new waits until it is changed.
        if self.is_directory_stale() && matches!(act, OrgAct::Invite { .. } | OrgAct::AddDevice { .. }) {
            return Err(LogError::StaleEpoch);
        }
        match act {
            // Whose key is changed is the signer's own device, and what takes two persons is theirs: both were asked before.
            OrgAct::Found { .. } | OrgAct::RotateKey { .. } | OrgAct::Propose { .. } | OrgAct::Approve { .. } => Err(LogError::Already),
            OrgAct::Epoch(card) => self.take_epoch(card, seq),
            OrgAct::Server { .. } | OrgAct::MinVersion { .. } if self.has_second_person(seq) => Err(LogError::NeedsSecondPerson),
            OrgAct::Server { url, certificates } => {
                self.take_policy(Policy::Server { url: url.clone(), certificates: certificates.clone() })
            }
            OrgAct::MinVersion { version } => self.take_policy(Policy::MinVersion { version: *version }),
            OrgAct::Revoke { device, reason } => self.take_revocation(device, *reason, seq),
            OrgAct::Invite { invitation, member, role, expires_ms } => {
                let by = self.takes_two(*member, *role).then_some(*signer);
                let invited = InvitationState { member: *member, role: *role, expires_ms: *expires_ms, used: false, by };
                self.take_invitation(*invitation, invited, signer)
            }
            OrgAct::AddDevice { invitation, card, wrap } => {
                let invited = self.invitations.get(invitation).copied().filter(|found| !found.used && found.expires_ms >= claimed_ms);
                let invited = invited.ok_or(LogError::BadInvitation)?;
                self.check_own_hand(&invited, signer)?;
                self.check_second_person(&invited, signer, seq)?;
                self.take_device(invited.member, card, wrap, seq)?;
                self.members.entry(invited.member).or_insert(MemberState { role: invited.role, since: seq });
                self.invitations.insert(*invitation, InvitationState { used: true, ..invited });
                Ok(())
            }
        }
    }

    fn take_revocation(&mut self, device: &DeviceId, reason: RevokeReason, seq: u64) -> Result<(), LogError> {
        let state = self.devices.get(device).ok_or(LogError::WrongMembers)?;
        if state.revoked.is_some() {
            return Err(LogError::Already);
        }
        let admits = |state: &DeviceState| self.members.get(&state.member).is_some_and(|member| member.role.admits());
        if !self.devices.values().any(|other| other.card.device != *device && other.revoked.is_none() && admits(other)) {
            return Err(LogError::LastCoordinator);
        }
        if let Some(state) = self.devices.get_mut(device) {
            (state.revoked, state.reason) = (Some(seq), Some(reason));
        }
        self.directory_stale = Some(true);
        Ok(())
    }

    fn take_rotation(&mut self, device: DeviceId, receive: &[u8], seq: u64) -> Result<(), LogError> {
        if !is_receive_key(receive) {
            return Err(LogError::BadCard);
        }
        let hash = sha256(&[receive]);
        let was_before = |state: &DeviceState| state.rotations.iter().flatten().any(|rotation| rotation.before == hash);
        if self.devices.values().any(|state| state.card.receive == receive || was_before(state)) {
            return Err(LogError::Already);
        }
        let state = self.devices.get_mut(&device).ok_or(LogError::UnknownSigner)?;
        let rotations = state.rotations.get_or_insert_default();
        if rotations.len() >= MAX_ROTATIONS {
            return Err(LogError::NotAllowed);
        }
        rotations.push(Rotation { seq, before: state.card.receive_hash() });
        state.card.receive = receive.to_vec();
        Ok(())
    }

    /// Why this entry revokes a device, for the device itself: it is told nothing of what came between the last entry it knows
    /// and this one, so all it can ask is whether somebody signed it who, as far as it knows, may revoke it.
    ///
    /// # Errors
    /// [`LogError`] naming what fails.
    pub fn order_to(&self, device: &DeviceId, entry: &Entry) -> Result<RevokeReason, LogError> {
        let statement = entry.statement();
        let Act::Org(act @ OrgAct::Revoke { device: meant, reason }) = &statement.act else { return Err(LogError::WrongLog) };
        let is_here = statement.org == Some(self.org) && statement.log == LogId::Org && statement.org_head.is_none();
        if !is_here || meant != device {
            return Err(LogError::WrongLog);
        }
        let head = self.head();
        if statement.seq <= head.seq && !self.contains(Head { seq: statement.seq, hash: entry.hash() }) {
            return Err(LogError::Conflict);
        }
        let signer = self.active(&statement.signer, statement.seq).ok_or(LogError::UnknownSigner)?;
        entry.verify(&signer.card.sign)?;
        let role = self.role_of(&signer.member).ok_or(LogError::UnknownSigner)?;
        if role.admits() || self.may_revoke(act, &signer.member, role) { Ok(*reason) } else { Err(LogError::NotAllowed) }
    }

    /// The receive key that this entry says its signer has taken, for a device that is not told what came before it: a device that
    /// is known here and not revoked signed it with its own key, and can only speak of itself.
    ///
    /// # Errors
    /// [`LogError`] naming what fails.
    pub fn rotation_in(&self, entry: &Entry) -> Result<(DeviceId, Vec<u8>), LogError> {
        let statement = entry.statement();
        let Act::Org(OrgAct::RotateKey { receive }) = &statement.act else { return Err(LogError::WrongLog) };
        if statement.org != Some(self.org) || statement.log != LogId::Org || statement.org_head.is_some() {
            return Err(LogError::WrongLog);
        }
        let signer = self.active(&statement.signer, u64::MAX).ok_or(LogError::UnknownSigner)?;
        entry.verify(&signer.card.sign)?;
        if is_receive_key(receive) { Ok((statement.signer, receive.clone())) } else { Err(LogError::BadCard) }
    }

    /// Whether somebody holds the directory's newest key who is not to read on.
    pub const fn is_directory_stale(&self) -> bool {
        matches!(self.directory_stale, Some(true))
    }

    fn take_epoch(&mut self, card: &EpochCard, seq: u64) -> Result<(), LogError> {
        let before = self.directory.as_ref().map_or(0, |now| now.number);
        let sound =
            card.compartment == Compartment::Directory && Some(card.number) == before.checked_add(1) && card.back.is_some() == (before > 0);
        if !sound {
            return Err(LogError::BadEpoch);
        }
        check_recipients(&card.wraps, self.devices_at(seq).map(|device| &device.card))?;
        if card.members != recipients_hash(self.devices_at(seq).map(|device| (device.card.device, device.receive_hash_at(seq)))) {
            return Err(LogError::WrongMembers);
        }
        // In the directory each word stands for itself, and none of a revoked device is taken.
        if card.cuts.is_some() {
            return Err(LogError::BadCut);
        }
        self.directory = Some(card.clone());
        self.directory_stale = None;
        Ok(())
    }

    fn take_invitation(&mut self, hash: Digest, invited: InvitationState, signer: &MemberId) -> Result<(), LogError> {
        if self.invitations.contains_key(&hash) {
            return Err(LogError::Already);
        }
        if self.members.get(&invited.member).is_some_and(|known| known.role != invited.role) {
            return Err(LogError::NotAllowed);
        }
        self.check_own_hand(&invited, signer)?;
        self.invitations.insert(hash, invited);
        Ok(())
    }

    /// Whether it takes two persons to bring in somebody new in this role.
    fn takes_two(&self, member: MemberId, role: Role) -> bool {
        let is_second = || self.members.values().filter(|member| member.role.countersigns()).count() > 1;
        role.countersigns() && !self.members.contains_key(&member) && is_second()
    }

    /// Who may give a second signature gets further devices only by their own hand: a device that another made would sign for both.
    fn check_own_hand(&self, invited: &InvitationState, signer: &MemberId) -> Result<(), LogError> {
        let is_known = self.members.contains_key(&invited.member);
        if invited.role.countersigns() && is_known && invited.member != *signer { Err(LogError::NeedsSecondPerson) } else { Ok(()) }
    }

    /// Who may give a second signature comes in by two persons: one invites, the other compares the card that answers, which nobody
    /// knew at the invitation, and admits it. The one who invited still belongs to those who may. An invitation that is older than
    /// the second person says nothing of who made it, and is none.
    fn check_second_person(&self, invited: &InvitationState, signer: &MemberId, seq: u64) -> Result<(), LogError> {
        if !self.takes_two(invited.member, invited.role) {
            return Ok(());
        }
        let may = |member: &MemberId| self.may_countersign(member, seq);
        let two = invited.by.is_some_and(|by| by != *signer && may(&by) && may(signer));
        if two { Ok(()) } else { Err(LogError::NeedsSecondPerson) }
    }

    /// Whether a person who may give a second signature has a device just before entry `seq` to give it with.
    pub(super) fn may_countersign(&self, member: &MemberId, seq: u64) -> bool {
        self.role_of(member).is_some_and(Role::countersigns) && self.devices_at(seq).any(|device| device.member == *member)
    }

    fn take_device(&mut self, member: MemberId, card: &DeviceCard, wrap: &WrapRef, seq: u64) -> Result<(), LogError> {
        if self.directory.is_none() || wrap.device != card.device {
            return Err(LogError::WrongMembers);
        }
        if !is_receive_key(&card.receive) {
            return Err(LogError::BadCard);
        }
        // The next epoch has to name every active device.
        if self.devices.values().filter(|device| device.revoked.is_none()).count() >= MAX_RECIPIENTS {
            return Err(LogError::WrongMembers);
        }
        let known = |device: &DeviceState| {
            device.card.device == card.device
                || [device.card.sign, device.card.request].iter().any(|key| [card.sign, card.request].contains(key))
                || device.card.receive == card.receive
        };
        if card.sign == card.request || self.devices.values().any(known) {
            return Err(LogError::Already);
        }
        let state = DeviceState { member, card: card.clone(), since: seq, revoked: None, reason: None, rotations: None };
        self.devices.insert(card.device, state);
        Ok(())
    }

    /// The organisation's name: SHA-256 of entry 0.
    pub const fn org(&self) -> OrgId {
        self.org
    }

    /// The last entry.
    pub fn head(&self) -> Head {
        self.head_or_none().unwrap_or(Head { seq: 0, hash: Digest::ZERO })
    }

    fn head_or_none(&self) -> Option<Head> {
        let hash = *self.hashes.last()?;
        let seq = u64::try_from(self.hashes.len()).ok()?.checked_sub(1)?;
        Some(Head { seq, hash })
    }

    /// Whether this log once ended, or ends now, with exactly that entry.
    pub fn contains(&self, head: Head) -> bool {
        usize::try_from(head.seq).is_ok_and(|at| self.hashes.get(at) == Some(&head.hash))
    }

    /// The role of a person, once admitted.
    pub fn role_of(&self, member: &MemberId) -> Option<Role> {
        self.members.get(member).map(|state| state.role)
    }

    /// The role of a person who was admitted before entry `seq`.
    pub fn role_before(&self, member: &MemberId, seq: u64) -> Option<Role> {
        self.members.get(member).filter(|state| state.since < seq).map(|state| state.role)
    }

    /// Everybody, with the role.
    pub fn members(&self) -> impl Iterator<Item = (&MemberId, &MemberState)> {
        self.members.iter()
    }

    /// Every device, revoked ones too.
    pub fn devices(&self) -> impl Iterator<Item = (&DeviceId, &DeviceState)> {
        self.devices.iter()
    }

    /// A device, active or revoked.
    pub fn device(&self, device: &DeviceId) -> Option<&DeviceState> {
        self.devices.get(device)
    }

    /// A device that was admitted and not revoked just before entry `seq` (or after it, for the newest state).
    pub fn active(&self, device: &DeviceId, seq: u64) -> Option<&DeviceState> {
        self.devices.get(device).filter(|state| is_active(state, seq))
    }

    /// The active devices just before entry `seq`.
    pub fn devices_at(&self, seq: u64) -> impl Iterator<Item = &DeviceState> {
        self.devices.values().filter(move |state| is_active(state, seq))
    }

    /// The active devices of one person as of the newest entry.
    pub fn devices_of(&self, member: MemberId) -> impl Iterator<Item = &DeviceState> {
        self.devices.values().filter(move |state| state.member == member && state.revoked.is_none())
    }

    /// Open and used invitations by the hash of their token.
    pub fn invitations(&self) -> impl Iterator<Item = (&Digest, &InvitationState)> {
        self.invitations.iter()
    }

    /// Whether two people or more may give a signature where two are asked for.
    pub fn has_second_person(&self, seq: u64) -> bool {
        self.members.values().filter(|member| member.since < seq && member.role.countersigns()).count() > 1
    }

    /// The directory's newest epoch; absent only between entry 0 and entry 1.
    pub const fn directory(&self) -> Option<&EpochCard> {
        self.directory.as_ref()
    }

    /// Address and certificates of the server.
    pub fn server(&self) -> Option<(&str, &[minicbor::bytes::ByteVec])> {
        self.server.as_ref().map(|(url, certificates)| (url.as_str(), certificates.as_slice()))
    }

    /// The oldest app that may write, once anybody has said so.
    pub const fn min_version(&self) -> Option<AppVersion> {
        self.min_version
    }
}

fn is_active(state: &DeviceState, seq: u64) -> bool {
    state.since < seq.max(1) && state.revoked.is_none_or(|at| at >= seq)
}
