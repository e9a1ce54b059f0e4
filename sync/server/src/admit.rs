//! May this device append this? Pure: everything that matters is an argument.

use std::collections::BTreeMap;

use wire::{
    envelope::{Compartment, Envelope, EnvelopeError, Header, Kind},
    id::{DeviceId, Digest, MemberId},
    log::{Act, CaseAct, CaseState, Entry, EpochCard, LogError, LogId, MAX_PROPOSAL_MS, MAX_VITAL_MS, OrgAct, OrgState, Proposed},
    message::Wrap,
};

use crate::{
    limits::Quota,
    log::{Fill, Kept},
};

/// How far ahead a proposer's clock may be, in milliseconds: five minutes, as of a request.
const CLOCK_SLACK_MS: i64 = 5 * 60 * 1000;

/// Most devices a snapshot may say it covers.
pub const MAX_COVERS: usize = 4096;

/// Why an item, a founding or an admission is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    #[error("the wraps beside the entry are not exactly those it names")]
    BadWrap,
    #[error("the case has no log here")]
    CaseUnknown,
    #[error("the envelope was written by another device than the one that sends it")]
    NotAuthor,
    #[error("the writer is not, or no longer, a member of the stream")]
    NotMember,
    #[error("the envelope is not sealed under the newest epoch")]
    StaleEpoch,
    #[error("the envelope does not follow the last one of its chain")]
    SeqGap,
    #[error("the envelope is of another kind than it is sent as")]
    WrongKind,
    #[error("the snapshot says it covers what is not here")]
    BadCovers,
    #[error("this server takes no further organisation")]
    Closed,
    #[error("no open invitation has this token")]
    NoInvitation,
    #[error("another device has asked on this invitation")]
    AlreadyAsked,
    #[error("the organisation keeps as much here as it may")]
    Quota,
    #[error("the device is revoked")]
    Revoked,
    #[error("nothing more is taken of this revoked device: it was revoked too long ago, or as compromised")]
    QuarantineClosed,
    #[error("as much has been taken of this revoked device as may be")]
    QuarantineFull,
    #[error("nobody it is sealed for may read it")]
    QuarantineUnread,
    #[error("the case is erased, and nothing more is taken of it")]
    Erased,
}

impl Refused {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Log(error) => error.code(),
            Self::Envelope(error) => error.code(),
            Self::BadWrap => "log.bad_wrap",
            Self::CaseUnknown => "case.unknown",
            Self::NotAuthor => "env.not_author",
            Self::NotMember => "env.not_member",
            Self::StaleEpoch => "env.stale_epoch",
            Self::SeqGap => "env.seq_gap",
            Self::WrongKind => "env.wrong_kind",
            Self::BadCovers => "env.bad_covers",
            Self::Closed => "org.closed",
            Self::NoInvitation => "enrol.no_invitation",
            Self::AlreadyAsked => "enrol.already_asked",
            Self::Quota => "org.quota",
            Self::Revoked => "env.revoked_author",
            Self::QuarantineClosed => "quarantine.closed",
            Self::QuarantineFull => "quarantine.full",
            Self::QuarantineUnread => "quarantine.unread",
            Self::Erased => "env.erased",
        }
    }
}

/// The log after an admitted entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reduced {
    Org(Box<OrgState>),
    Case(Box<CaseState>),
}

/// The founding of an organisation: entry 0 and what follows it at once.
///
/// # Errors
/// [`Refused`] when the entries are not a sound beginning: founded, with a directory, perhaps with servers.
pub fn founding(entries: &[Entry], wraps: &[Wrap]) -> Result<OrgState, Refused> {
    let (first, rest) = entries.split_first().ok_or(LogError::NotCanonical)?;
    let mut state = OrgState::found(first)?;
    let mut left: Vec<&Wrap> = wraps.iter().collect();
    for entry in rest {
        if !matches!(entry.statement().act, Act::Org(OrgAct::Epoch(_) | OrgAct::Server { .. })) {
            return Err(LogError::NotAllowed.into());
        }
        state.apply(entry)?;
        let number = state.directory().map_or(0, |card| card.number);
        let (own, others): (Vec<&Wrap>, Vec<&Wrap>) = left.into_iter().partition(|wrap| is_named(entry, number, wrap));
        exactly_named(entry, number, &own)?;
        left = others;
    }
    match (state.directory(), left.is_empty()) {
        (None, _) => Err(LogError::BadEpoch.into()),
        (Some(_), false) => Err(Refused::BadWrap),
        (Some(_), true) => Ok(state),
    }
}

/// For how long after a restore devices may offer again what was lost, in milliseconds: 40 days, as long as they keep it.
pub const HEALING_MS: i64 = 40 * 24 * 60 * 60 * 1000;

/// An organisation in a store that was put back from a backup not long ago. What the store had taken since that backup is
/// offered again byte for byte, so it is judged as it was then: by the head under which it was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Healing {
    /// Place of the last entry that the organisation's log had when the store was put back.
    pub since_seq: u64,
}

/// A log entry with its wraps.
///
/// # Errors
/// [`Refused`] naming the first check that fails.
pub fn entry(
    entry: &Entry,
    wraps: &[Wrap],
    org: &OrgState,
    case: Option<&CaseState>,
    healing: Option<Healing>,
    now_ms: i64,
) -> Result<Reduced, Refused> {
    let wraps: Vec<&Wrap> = wraps.iter().collect();
    match entry.statement().log {
        LogId::Org => {
            let mut next = org.clone();
            next.apply(entry)?;
            if healing.is_none() && policy_has_expired(entry, org, now_ms) {
                return Err(LogError::BadProposal.into());
            }
            if let Act::Org(OrgAct::AddDevice { invitation, .. }) = &entry.statement().act {
                let expired = org.invitations().any(|(hash, state)| hash == invitation && state.expires_ms < now_ms);
                if expired && healing.is_none() {
                    return Err(LogError::BadInvitation.into());
                }
            }
            let number = next.directory().map_or(0, |card| card.number);
            exactly_named(entry, number, &wraps)?;
            Ok(Reduced::Org(Box::new(next)))
        }
        LogId::Case(_) => {
            let next = next_case(entry, org, case)?;
            let head = entry.statement().org_head;
            // That the head is one of the organisation's log, and follows the entry before, was checked above.
            let decided_since = |healing: Healing| head.is_some_and(|head| head.seq >= healing.since_seq);
            if head != Some(org.head()) && !healing.is_some_and(decided_since) {
                return Err(LogError::OrgHead.into());
            }
            if !may_still_write(entry, org, case, now_ms) || !is_over_by_now(entry, org, case, now_ms) {
                return Err(LogError::NotAllowed.into());
            }
            if has_expired(entry, org, case, now_ms) {
                return Err(LogError::BadProposal.into());
            }
            let compartment = compartment_of(entry).unwrap_or(Compartment::Core);
            exactly_named(entry, next.epoch(compartment), &wraps)?;
            Ok(Reduced::Case(Box::new(next)))
        }
    }
}

/// The cuts of a new epoch: every revoked device with words in the compartment that was not cut before, each having seen
/// exactly the last place taken in its chain (`ends`, sorted by device). While the store heals, words may be missing here
/// that were there when the epoch was made: then each has seen at least so much, and there may be more of them.
///
/// # Errors
/// [`LogError::BadCut`]: the device that signs has not seen everything yet, or says something else.
pub fn cuts(card: &EpochCard, before: &CaseState, org: &OrgState, ends: &[(DeviceId, u64)], is_healing: bool) -> Result<(), Refused> {
    let part = before.compartment(card.compartment).ok_or(LogError::BadEpoch)?;
    let owed: Vec<(DeviceId, u64)> = ends.iter().copied().filter(|(device, _)| part.owes_cut(device, org, u64::MAX)).collect();
    let said: Vec<(DeviceId, u64)> = card.cuts.iter().flatten().map(|cut| (cut.device, cut.seen)).collect();
    let covers = |(device, end): &(DeviceId, u64)| said.iter().any(|(cut, seen)| cut == device && seen >= end);
    let is_right = if is_healing { owed.iter().all(covers) } else { said == owed };
    if is_right { Ok(()) } else { Err(LogError::BadCut.into()) }
}

fn next_case(entry: &Entry, org: &OrgState, case: Option<&CaseState>) -> Result<CaseState, Refused> {
    match case {
        None if entry.statement().seq > 0 => Err(Refused::CaseUnknown),
        None => Ok(CaseState::found(entry, org)?),
        Some(case) => {
            let mut next = case.clone();
            next.apply(entry, org)?;
            Ok(next)
        }
    }
}

/// A grant that has come to its end gives no right to sign further entries. Coordinators sign by their role, and so does
/// everybody about the end of a case.
fn may_still_write(entry: &Entry, org: &OrgState, case: Option<&CaseState>, now_ms: i64) -> bool {
    if compartment_of(entry).is_none() {
        return true;
    }
    let (Some(case), Some(signer)) = (case, org.device(&entry.statement().signer)) else { return true };
    let admits = org.role_of(&signer.member).is_some_and(wire::log::Role::admits);
    let compartment = compartment_of(entry).unwrap_or(Compartment::Core);
    admits || is_current_member(case, compartment, &signer.member, now_ms)
}

/// Whoever does not grant removes only those whose time is over, and it is not the signer's clock that says so.
fn is_over_by_now(entry: &Entry, org: &OrgState, case: Option<&CaseState>, now_ms: i64) -> bool {
    let Act::Case(CaseAct::Remove { compartment, member }) = &entry.statement().act else { return true };
    let signer = org.device(&entry.statement().signer).and_then(|device| org.role_of(&device.member));
    let is_current = case.is_some_and(|case| is_current_member(case, *compartment, member, now_ms));
    signer.is_some_and(wire::log::Role::admits) || !is_current
}

/// A proposal that is agreed to, made or carried out has not expired by the server's clock either.
fn has_expired(entry: &Entry, org: &OrgState, case: Option<&CaseState>, now_ms: i64) -> bool {
    match &entry.statement().act {
        Act::Case(CaseAct::Propose { expires_ms, .. }) => lives_too_long(*expires_ms, now_ms),
        Act::Case(CaseAct::Approve { proposal }) => {
            let known = case.and_then(|case| case.proposals().find(|(hash, _)| *hash == proposal).map(|(_, known)| known.expires_ms));
            known.is_some_and(|expires_ms| expires_ms < now_ms)
        }
        // What one person releases for a vital interest ends soon by this clock too, and what two agreed to is still agreed.
        Act::Case(CaseAct::Grant { compartment: Compartment::Address, member, role, until_ms, .. }) => {
            let asked = Proposed::Release { member: *member, role: *role, until_ms: *until_ms };
            let mut agreed = case.into_iter().flat_map(CaseState::agreed).filter(|(_, known)| known.what == asked);
            let latest_ms = now_ms.saturating_add(MAX_VITAL_MS).saturating_add(CLOCK_SLACK_MS);
            let ends_soon = until_ms.is_some_and(|until| until <= latest_ms);
            !ends_soon && org.has_second_person(u64::MAX) && !agreed.any(|(_, known)| known.expires_ms >= now_ms)
        }
        _ => false,
    }
}

/// The same for what takes two persons in the organisation.
fn policy_has_expired(entry: &Entry, org: &OrgState, now_ms: i64) -> bool {
    match &entry.statement().act {
        Act::Org(OrgAct::Propose { expires_ms, .. }) => lives_too_long(*expires_ms, now_ms),
        Act::Org(OrgAct::Approve { proposal }) => org.proposals().any(|(hash, known)| hash == proposal && known.expires_ms < now_ms),
        _ => false,
    }
}

/// A clock that is ahead must not make a proposal that lives for years.
fn lives_too_long(expires_ms: i64, now_ms: i64) -> bool {
    !(now_ms..=now_ms.saturating_add(MAX_PROPOSAL_MS).saturating_add(CLOCK_SLACK_MS)).contains(&expires_ms)
}

/// Of which compartment an entry speaks; none where it speaks of the end of the case.
pub(crate) fn compartment_of(entry: &Entry) -> Option<Compartment> {
    match &entry.statement().act {
        Act::Case(CaseAct::Genesis { epoch: card, .. } | CaseAct::Open { epoch: card, .. } | CaseAct::Epoch(card))
        | Act::Org(OrgAct::Epoch(card)) => Some(card.compartment),
        Act::Case(CaseAct::Grant { compartment, .. } | CaseAct::Rewrap { compartment, .. } | CaseAct::Remove { compartment, .. }) => {
            Some(*compartment)
        }
        Act::Case(CaseAct::Hold { .. } | CaseAct::Propose { .. } | CaseAct::Approve { .. } | CaseAct::Erase { .. } | CaseAct::Receipt) => {
            None
        }
        Act::Org(_) => Some(Compartment::Directory),
    }
}

fn is_named(entry: &Entry, number: u32, wrap: &Wrap) -> bool {
    let statement = entry.statement();
    wrap.log == statement.log
        && wrap.signer == statement.signer
        && entry
            .wraps(|_| number)
            .iter()
            .any(|(compartment, epoch, named)| *compartment == wrap.compartment && *epoch == wrap.epoch && named.device == wrap.device)
}

/// Every wrap the entry names must be there with the hash it names, and no other.
fn exactly_named(entry: &Entry, number: u32, wraps: &[&Wrap]) -> Result<(), Refused> {
    let statement = entry.statement();
    let mut given: BTreeMap<(Compartment, u32, DeviceId), Digest> = BTreeMap::new();
    for wrap in wraps {
        let beside = wrap.log == statement.log && wrap.signer == statement.signer;
        if !beside || given.insert((wrap.compartment, wrap.epoch, wrap.device), wrap.hash()).is_some() {
            return Err(Refused::BadWrap);
        }
    }
    let named: BTreeMap<_, _> =
        entry.wraps(|_| number).into_iter().map(|(part, epoch, named)| ((part, epoch, named.device), named.hash)).collect();
    if named == given { Ok(()) } else { Err(Refused::BadWrap) }
}

/// Whether a person may read and write a compartment now.
pub fn is_current_member(case: &CaseState, compartment: Compartment, member: &MemberId, now_ms: i64) -> bool {
    case.compartment(compartment)
        .and_then(|state| state.members.get(member))
        .is_some_and(|grant| grant.until_ms.is_none_or(|until| until > now_ms))
}

/// What the store knows about an envelope's place.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Whose device sends it.
    pub member: MemberId,
    /// The directory's newest epoch; asked for only in the directory.
    pub directory_epoch: u32,
    /// Somebody holds the newest key of the stream who is not to read on.
    pub is_stale: bool,
    /// The case's log; absent for the directory, and when there is none.
    pub case: Option<&'a CaseState>,
    /// What already stands at its place in the chain.
    pub stored: Option<Kept>,
    /// The last place taken in the chain.
    pub chain_end: u64,
}

/// What to do with an envelope that is not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admitted {
    /// Keep it.
    Next,
    /// Its place is taken; this is what stands there.
    Stored(Kept),
}

/// Whether an envelope is sent as what it is, by its author. Needs nothing from the store.
///
/// # Errors
/// [`Refused::WrongKind`] or [`Refused::NotAuthor`].
pub fn header(header: &Header, as_snapshot: bool, device: &DeviceId) -> Result<(), Refused> {
    if (header.kind == Kind::Snapshot) != as_snapshot {
        return Err(Refused::WrongKind);
    }
    if header.device == *device { Ok(()) } else { Err(Refused::NotAuthor) }
}

/// An envelope that is not known yet.
///
/// # Errors
/// [`Refused`] naming the first check that fails: case, place, membership, epoch, chain.
pub fn envelope(envelope: &Envelope, place: &Place<'_>, now_ms: i64) -> Result<Admitted, Refused> {
    let header = &envelope.header;
    let stream = header.stream;
    if stream.case.is_some() && place.case.is_none() {
        return Err(Refused::CaseUnknown);
    }
    if let Some(stored) = place.stored {
        return Ok(Admitted::Stored(stored));
    }
    let (member, epoch) = match place.case {
        Some(case) => (is_current_member(case, stream.compartment, &place.member, now_ms), case.epoch(stream.compartment)),
        None => (true, place.directory_epoch),
    };
    if !member {
        return Err(Refused::NotMember);
    }
    // What is written after somebody was cut off is not sealed under a key that he has.
    if header.epoch != epoch || place.is_stale {
        return Err(Refused::StaleEpoch);
    }
    // A snapshot, and what a device says it has seen, stand for themselves: an author keeps only the newest of them, and may
    // have no other to offer to a restored store.
    let follows = match header.kind {
        Kind::Snapshot | Kind::Seen | Kind::Heartbeat => header.seq > place.chain_end,
        Kind::Segment => Some(header.seq) == place.chain_end.checked_add(1),
    };
    if follows { Ok(Admitted::Next) } else { Err(Refused::SeqGap) }
}

/// Whether an envelope, or (with its wraps) an entry, of this many bytes still fits.
///
/// # Errors
/// [`Refused::Quota`].
pub fn room(quota: &Quota, fill: &Fill, bytes: usize, is_entry: bool) -> Result<(), Refused> {
    let bytes = fill.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    let fits = match is_entry {
        true => bytes <= quota.bytes.saturating_add(quota.bytes / 10),
        false => bytes <= quota.bytes && fill.envelopes < quota.envelopes,
    };
    if fits { Ok(()) } else { Err(Refused::Quota) }
}

/// What a snapshot covers of what is here: sorted devices, each no further than `chain_end` says. While the store heals it
/// may hold what is not here again yet; that is not counted as covered.
///
/// # Errors
/// [`Refused::BadCovers`], or whatever `chain_end` fails with.
pub fn covers<E: From<Refused>>(
    covers: &[(DeviceId, u64)],
    healing: Option<Healing>,
    mut chain_end: impl FnMut(&DeviceId) -> Result<u64, E>,
) -> Result<Vec<(DeviceId, u64)>, E> {
    let sorted = covers.windows(2).all(|pair| matches!(pair, [(a, _), (b, _)] if a < b));
    if !sorted || covers.len() > MAX_COVERS {
        return Err(Refused::BadCovers.into());
    }
    let mut here = Vec::with_capacity(covers.len());
    for (device, seq) in covers {
        let end = chain_end(device)?;
        if *seq > end && healing.is_none() {
            return Err(Refused::BadCovers.into());
        }
        here.push((*device, end.min(*seq)));
    }
    Ok(here)
}
