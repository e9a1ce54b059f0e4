//! What is to be sent: membership changes become log entries, unsent acts become envelopes. Sealing happens here, at
//! send time, a batch at a time; what was sealed stays byte for byte until it is acknowledged.

use std::{collections::BTreeMap, sync::Arc};

use minicbor::{
    Decode, Encode,
    bytes::{ByteArray, ByteVec},
};
use seal::{
    Keychain,
    keychain::wrap_refs,
    sealed::{Draft, Reach, seal},
};
use wire::{
    cbor,
    envelope::{Compartment, Kind, Stream},
    id::{CaseId, DeviceId, Digest, MemberId},
    log::{
        Act, CaseAct, CaseState, DeviceCard, Entry, GrantState, LogError, LogId, MAX_PROPOSAL_MS, OrgAct, OrgState, Policy, Proposed, Role,
        Statement, VERSION,
    },
    message::{Push, Wrap},
    signature::sha256,
};

use crate::{
    act::{Glass, awaits_own_words, store},
    end,
    enrol::{Names, one_wrap, org_statement, seal_names, sign},
    error::{DeviceError, Result},
    heartbeat,
    host::{Dice, Host},
    ledger, policy,
    repair::Repair,
    session::{Me, Open},
    vault::{
        commit, documents, keys, logs, meta,
        outbox::{self, Intended, Intent, Outgoing, Waiting},
    },
};

mod rotate;
pub(crate) mod snapshot;

/// Segments hold at most about this many bytes of changes before compression, so that one passes a line that is cut often.
const SEGMENT_BYTES: usize = 32 * 1024;

/// The logs as they will be once everything decided here is accepted.
pub(crate) struct Ahead {
    pub org: OrgState,
    cases: BTreeMap<CaseId, CaseState>,
}

impl Ahead {
    fn case(&mut self, open: &Open, case: CaseId) -> Result<Option<&mut CaseState>> {
        if let std::collections::btree_map::Entry::Vacant(place) = self.cases.entry(case)
            && let Some(state) = logs::case(open.vault.db(), case)?
        {
            place.insert(state);
        }
        Ok(self.cases.get_mut(&case))
    }
}

/// Fills the outbox with everything that can be sent now.
pub(crate) fn compose(open: &mut Open, host: &dyn Host) -> Result<()> {
    let Ok(org) = open.org() else { return Ok(()) };
    // An app that is too old sends what it had sealed and seals nothing more; what is here waits for the newer app.
    // So does what a copy of before would write: its places are taken.
    if org.device(&open.keys.device()).is_none() || open.is_outdated(host) || open.is_restored() {
        return Ok(());
    }
    ledger::forget_lapsed(open, latest_now(open, host)?)?;
    intend_keys(open, host)?;
    if outbox::entries_waiting(open.vault.db())? == 0 {
        compose_entries(open, host, &org)?;
    }
    state_clocks(open, host)?;
    rotate::reseal(open, host, &org)?;
    ledger::compose(open, host, &org)?;
    for case in documents::unsealed(open.vault.db())? {
        passing_over(compose_segment(open, host, &org, case))?;
    }
    for case in documents::uncovered(open.vault.db(), snapshot::EVERY)? {
        passing_over(snapshot::compose(open, host, &org, case))?;
    }
    passing_over(compose_seen(open, host, &org))?;
    heartbeat::compose(open, host, &org)
}

/// A case whose document does not load is passed over: the others are sent.
fn passing_over(composed: Result<()>) -> Result<()> {
    match composed {
        Err(DeviceError::Document(_)) => Ok(()),
        other => other,
    }
}

/// Says in each case how far off this device's clock was in what the server does not have yet. What the server last said of
/// the time is taken for true: a request made by a time that was wrong is refused, and then this is said anew.
fn state_clocks(open: &mut Open, host: &dyn Host) -> Result<()> {
    let ahead_ms = meta::number(open.vault.db(), meta::CLOCK_OFFSET)?.unwrap_or(0).saturating_neg();
    let is_right = ahead_ms.saturating_abs() <= casework::RIGHT_ENOUGH_MS;
    if is_right && meta::get(open.vault.db(), meta::CLOCK_STATED)?.is_none() {
        return Ok(());
    }
    for case in documents::unacked(open.vault.db())? {
        passing_over(state_clock(open, host, case, ahead_ms))?;
    }
    if is_right { meta::remove(open.vault.db(), meta::CLOCK_STATED) } else { Ok(()) }
}

fn state_clock(open: &mut Open, host: &dyn Host, id: CaseId, ahead_ms: i64) -> Result<()> {
    let from = documents::progress(open.vault.db(), id)?.acked.saturating_add(1);
    let (author, now_ms) = (open.author()?, host.now_ms());
    let mut case = open.take_case(id)?;
    if awaits_own_words(open, &case)? {
        open.put_back(case);
        return Ok(());
    }
    if case.state_clock(from, ahead_ms, &author, now_ms).map_err(DeviceError::from)? {
        let glass = Glass::new(open, host, id)?;
        let transaction = open.vault.write()?;
        store(&transaction, &mut case, now_ms, &glass)?;
        meta::set(&transaction, meta::CLOCK_STATED, &[1])?;
        commit(transaction, "compose")?;
    }
    open.put_back(case);
    Ok(())
}

/// What a coordinator's device has received since it last told, case by case.
pub(crate) type Seen = Vec<(CaseId, Vec<Told>)>;

/// How far an author's words in a case have been received.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Told {
    #[n(0)]
    pub device: DeviceId,
    #[n(1)]
    pub seq: u64,
    /// The first bytes of the hash of the statement there, by which a device that was put back from a copy sees that it is not its own.
    #[n(2)]
    tip: Option<ByteArray<TIP_LEN>>,
}

/// Bytes of a hash that are told.
const TIP_LEN: usize = 8;

impl Told {
    fn of(reach: &Reach) -> Self {
        Self { device: reach.device, seq: reach.chain.seq, tip: tip(&reach.chain.hash).map(ByteArray::from) }
    }

    /// Whether this may be the statement with this hash.
    pub fn is(&self, hash: &Digest) -> bool {
        self.tip.is_none_or(|told| tip(hash) == Some(*told))
    }
}

fn tip(hash: &Digest) -> Option<[u8; TIP_LEN]> {
    hash.as_bytes().first_chunk().copied()
}

fn compose_seen(open: &mut Open, host: &dyn Host, org: &OrgState) -> Result<()> {
    let cases = documents::to_tell(open.vault.db())?;
    let Some((epoch, key)) = directory_key(open, org)?.filter(|_| !cases.is_empty()) else { return Ok(()) };
    let mut seen: Seen = Vec::new();
    for case in &cases {
        let reaches = keys::reaches(open.vault.db(), *case)?;
        // Only what stands in the document: something refused or still waiting here was not received.
        let told = open.read_case(*case, |case, _| {
            let held = reaches.iter().filter(|reach| case.has_change(reach.last.as_bytes()));
            Ok(held.map(Told::of).collect())
        })?;
        seen.push((*case, told));
    }
    let (stream, body) = (Stream::DIRECTORY, cbor::encode(&seen));
    let chain = keys::chain(open.vault.db(), stream, Kind::Seen, open.keys.device())?;
    let draft = Draft {
        org: org.org(),
        stream,
        kind: Kind::Seen,
        epoch,
        key: &key,
        chain,
        claimed_ms: host.now_ms(),
        last: Digest::ZERO,
        count: 1,
        body: &body,
    };
    let sealed = seal(&draft, &open.keys, &mut Dice(host))?;
    let push = Push::Envelope(sealed.envelope.encode());
    let reach = Reach { device: open.keys.device(), chain: sealed.chain, last: sha256(&[&body]) };
    let transaction = open.vault.write()?;
    keys::append_statement(&transaction, stream, Kind::Seen, &reach, &sealed.signed)?;
    for case in cases {
        documents::set_to_tell(&transaction, case, false)?;
    }
    outbox::put(&transaction, &Outgoing { case: None, kind: Waiting::Envelope, push: &push, changes: 0, intent: None })?;
    commit(transaction, "compose")
}

/// What keys there are to be made: a new one wherever somebody has it who is not to read on, by whoever comes first and however
/// often that was refused, since nothing can be written there before; and on a coordinator's device those in use for devices
/// that their owners got after a case was granted to them.
pub(crate) fn intend_keys(open: &mut Open, host: &dyn Host) -> Result<()> {
    let (org, me) = (open.org()?, open.me()?);
    let org = org.as_ref();
    if org.is_directory_stale() && me.role.admits() {
        outbox::intend_again(open.vault.db(), &Intent::Rotate { case: None, compartment: None })?;
    }
    end::advance_all(open)?;
    for case in logs::cases(open.vault.db())? {
        let Some(state) = logs::case(open.vault.db(), case)?.filter(|state| state.erased().is_none()) else { continue };
        for (compartment, _) in state.compartments() {
            // Whose door is shut makes no key for what lies behind it.
            if has_keys_at_hand(open, compartment) {
                intend_keys_of(open, host, org, &state, compartment, me)?;
            }
        }
        intend_access(open, host, org, &state, me)?;
    }
    Ok(())
}

fn has_keys_at_hand(open: &Open, compartment: Compartment) -> bool {
    compartment != Compartment::Address || open.strongroom().is_some()
}

fn intend_keys_of(open: &Open, host: &dyn Host, org: &OrgState, state: &CaseState, compartment: Compartment, me: Me) -> Result<()> {
    let (db, case, part) = (open.vault.db(), state.case(), Some(compartment).filter(|part| *part != Compartment::Core));
    let makes_keys = me.role.admits() || !Compartment::LEDGERS.contains(&compartment);
    for member in overdue(open, host, state, compartment, me.member)? {
        outbox::intend(db, &Intent::Remove { case, member, instead: None, compartment: part })?;
        if makes_keys {
            outbox::intend_again(db, &Intent::Rotate { case: Some(case), compartment: part })?;
        }
    }
    if makes_keys && state.is_member(compartment, &me.member) && state.is_stale(compartment, org) {
        outbox::intend_again(db, &Intent::Rotate { case: Some(case), compartment: part })?;
    }
    if me.role.admits() && state.is_member(compartment, &me.member) {
        for card in state.unwrapped(compartment, org) {
            outbox::intend(db, &Intent::Rewrap { case, compartment, device: card.device })?;
        }
    }
    Ok(())
}

/// Whoever may look at the address may say so, and the data protection officers see it; and what two persons agreed to is carried out
/// by a coordinator who has the key.
fn intend_access(open: &Open, host: &dyn Host, org: &OrgState, state: &CaseState, me: Me) -> Result<()> {
    let (db, case, now_ms) = (open.vault.db(), state.case(), server_now(open, host)?);
    if !me.role.admits() {
        return Ok(());
    }
    if state.is_member(Compartment::Address, &me.member) && open.strongroom().is_some() {
        for (_, known) in state.agreed() {
            let Proposed::Release { member, role, until_ms } = known.what else { continue };
            outbox::intend(db, &Intent::Grant { case, member, role, until_ms, compartment: Some(Compartment::Address) })?;
        }
    }
    let Some(access) = state.compartment(Compartment::Access).filter(|access| access.members.contains_key(&me.member)) else {
        return Ok(());
    };
    let officers = org
        .members()
        .filter(|(_, known)| known.role == Role::Dpo)
        .map(|(id, known)| (*id, GrantState { role: known.role, until_ms: None }));
    // As long as they are in the case: whoever looked without a line says so later, when the time may be over.
    let in_case = |member: &MemberId| state.compartment(Compartment::Core)?.members.get(member).copied();
    let readers = state.compartment(Compartment::Address).into_iter().flat_map(|part| part.members.keys());
    let readers = readers.filter_map(|member| in_case(member).map(|grant| (*member, grant)));
    let readers = readers.filter(|(_, grant)| grant.until_ms.is_none_or(|until| until > now_ms));
    for (member, grant) in officers.chain(readers).filter(|(member, grant)| access.members.get(member) != Some(grant)) {
        let GrantState { role, until_ms } = grant;
        outbox::intend(db, &Intent::Grant { case, member, role, until_ms, compartment: Some(Compartment::Access) })?;
    }
    Ok(())
}

/// Those whose time in a case is over by the server's clock. Whoever writes there next says so.
fn overdue(open: &Open, host: &dyn Host, state: &CaseState, compartment: Compartment, me: MemberId) -> Result<Vec<MemberId>> {
    let Some(part) = state.compartment(compartment).filter(|part| part.members.contains_key(&me)) else { return Ok(Vec::new()) };
    // By the server's clock, and by this one, by which the entry will be dated.
    let now_ms = host.now_ms().saturating_add(meta::number(open.vault.db(), meta::CLOCK_OFFSET)?.unwrap_or(0).min(0));
    let is_over = |until: Option<i64>| until.is_some_and(|until| until <= now_ms);
    // Somebody who is just being given more time stays.
    let intents = outbox::intents(open.vault.db())?;
    let is_here = |known: &Option<Compartment>| known.unwrap_or(Compartment::Core) == compartment;
    let stays = |member: &MemberId| {
        intents.iter().any(|intended| {
            matches!(&intended.what, Intent::Grant { case, member: to, compartment, .. } if *case == state.case() && to == member && is_here(compartment))
        })
    };
    let gone = part.members.iter().filter(|(member, grant)| **member != me && is_over(grant.until_ms) && !stays(member));
    Ok(gone.map(|(member, _)| *member).collect())
}

fn compose_entries(open: &mut Open, host: &dyn Host, org: &Arc<OrgState>) -> Result<()> {
    let mut ahead = Ahead { org: OrgState::clone(org), cases: BTreeMap::new() };
    let repair = Repair::read(open.vault.db())?;
    for intended in outbox::intents(open.vault.db())? {
        if intended.refused.is_some() || repair.holds(&intended.what) {
            continue;
        }
        match compose_entry(open, host, &mut ahead, &intended) {
            Ok(()) => {}
            Err(DeviceError::Log(LogError::Already)) => outbox::carried_out(open.vault.db(), intended.id)?,
            // It waits for the directory's next key, which a coordinator's device makes.
            Err(DeviceError::Log(LogError::StaleEpoch)) => {}
            Err(DeviceError::Log(error)) => outbox::failed(open.vault.db(), intended.id, error.code(), true)?,
            Err(DeviceError::Key(_) | DeviceError::UnknownCase) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(())
}

/// An entry ready to be kept, with the keys it makes.
struct Made {
    entry: Entry,
    wraps: Vec<Wrap>,
    keychain: Option<Keychain>,
    case: Option<CaseId>,
}

fn made(open: &mut Open, host: &dyn Host, ahead: &mut Ahead, what: &Intent) -> Result<Made> {
    Ok(match what {
        Intent::Invite { invitation, member, role, expires_ms, name } => {
            let act = OrgAct::Invite { invitation: *invitation, member: *member, role: *role, expires_ms: *expires_ms };
            named_entry(open, host, ahead, act, &vec![(member.as_bytes().to_vec().into(), name.clone())], Vec::new())?
        }
        Intent::AddDevice { invitation, card, name } => admission_entry(open, host, ahead, *invitation, card, name)?,
        Intent::MinVersion { version } => {
            let act = policy::act(open, host, ahead, Policy::MinVersion { version: *version })?;
            org_entry(open, host, ahead, act, None, Vec::new())?
        }
        Intent::Agree { proposal } => org_entry(open, host, ahead, OrgAct::Approve { proposal: *proposal }, None, Vec::new())?,
        Intent::Revoke { device, reason } => {
            org_entry(open, host, ahead, OrgAct::Revoke { device: *device, reason: *reason }, None, Vec::new())?
        }
        Intent::Rotate { case: None, .. } => rotate::directory(open, host, ahead)?,
        Intent::Rotate { case: Some(case), compartment } => {
            rotate::case(open, host, ahead, *case, compartment.unwrap_or(Compartment::Core))?
        }
        Intent::Open { case, compartment } => opening_entry(open, host, ahead, *case, *compartment)?,
        Intent::Genesis { case } => genesis_entry(open, host, ahead, *case)?,
        Intent::Grant { case, member, role, until_ms, compartment } => {
            let part = compartment.unwrap_or(Compartment::Core);
            grant_entry(open, host, ahead, (*case, part), (*member, *role, *until_ms))?
        }
        Intent::Remove { case, member, instead, compartment } => {
            removal_entry(open, host, ahead, *case, compartment.unwrap_or(Compartment::Core), (*member, *instead))?
        }
        Intent::Hold { case, on } => plain_entry(open, host, ahead, *case, CaseAct::Hold { on: *on })?,
        Intent::Propose { case, what, expires_ms } => {
            // By the clock that the entry will be dated by it lives no longer than it may.
            let expires_ms = (*expires_ms).min(host.now_ms().saturating_add(MAX_PROPOSAL_MS));
            plain_entry(open, host, ahead, *case, CaseAct::Propose { what: *what, expires_ms })?
        }
        Intent::Approve { case, proposal } => plain_entry(open, host, ahead, *case, CaseAct::Approve { proposal: *proposal })?,
        Intent::Erase { case, basis } => plain_entry(open, host, ahead, *case, CaseAct::Erase { basis: *basis })?,
        Intent::Receipt { case } => plain_entry(open, host, ahead, *case, CaseAct::Receipt)?,
        Intent::RotateKey => {
            let receive = end::next_receive(open, host)?.public().to_vec();
            org_entry(open, host, ahead, OrgAct::RotateKey { receive }, None, Vec::new())?
        }
        Intent::Rewrap { case, compartment, device } => rewrap_entry(open, host, ahead, Stream::of(*case, *compartment), device)?,
    })
}

fn removal_entry(
    open: &Open,
    host: &dyn Host,
    ahead: &mut Ahead,
    case: CaseId,
    compartment: Compartment,
    (member, instead): (MemberId, Option<MemberId>),
) -> Result<Made> {
    let state = ahead.case(open, case)?.ok_or(DeviceError::UnknownCase)?;
    if let Some(to) = instead.filter(|to| state.is_member(Compartment::Core, &member) && !state.is_member(Compartment::Core, to)) {
        // Somebody else has taken that person out meanwhile.
        let role = ahead.org.role_of(&to).ok_or(LogError::NotAllowed)?;
        outbox::intend_again(open.vault.db(), &Intent::Grant { case, member: to, role, until_ms: None, compartment: None })?;
        return Err(LogError::StaleEpoch.into());
    }
    plain_entry(open, host, ahead, case, CaseAct::Remove { compartment, member })
}

fn rewrap_entry(open: &Open, host: &dyn Host, ahead: &mut Ahead, stream: Stream, device: &DeviceId) -> Result<Made> {
    let (case, compartment) = (stream.case.ok_or(DeviceError::UnknownCase)?, stream.compartment);
    let wrapped = ahead.case(open, case)?.and_then(|state| state.compartment(compartment)).map(|state| &state.wraps);
    if wrapped.is_some_and(|wraps| wraps.contains_key(device)) {
        return Err(LogError::Already.into());
    }
    let card = ahead.org.device(device).map(|state| state.card.clone()).ok_or(LogError::WrongMembers)?;
    let wraps = wraps_for(open, host, ahead, stream, &[&card])?;
    let act = CaseAct::Rewrap { compartment, wrap: one_wrap(&wraps)? };
    case_entry(open, host, ahead, case, act, wraps)
}

fn compose_entry(open: &mut Open, host: &dyn Host, ahead: &mut Ahead, intended: &Intended) -> Result<()> {
    let made = made(open, host, ahead, &intended.what)?;
    let push = Push::Log { entry: made.entry.bytes().to_vec(), wraps: made.wraps };
    // It went before, and its coming back was cut off.
    if outbox::has(open.vault.db(), &push.id())? {
        return outbox::carried_out(open.vault.db(), intended.id);
    }
    let keep = ledger::Keeping::of(open, host)?;
    let transaction = open.vault.write()?;
    if let Some(keychain) = &made.keychain {
        keep.keys(&transaction, keychain)?;
    }
    outbox::put(&transaction, &Outgoing { case: made.case, kind: Waiting::Entry, push: &push, changes: 0, intent: Some(intended.id) })?;
    commit(transaction, "compose")
}

/// An entry of the organisation's log, with names sealed for those who read the directory.
fn named_entry(open: &Open, host: &dyn Host, ahead: &mut Ahead, act: OrgAct, names: &Names, wraps: Vec<Wrap>) -> Result<Made> {
    let directory = keys::keychain(open.vault.db(), Stream::DIRECTORY)?;
    let epoch = ahead.org.directory().map_or(0, |card| card.number);
    let seq = ahead.org.head().seq.saturating_add(1);
    let sealed = seal_names(&directory, ahead.org.org(), seq, epoch, names, &mut Dice(host))?;
    org_entry(open, host, ahead, act, Some(sealed), wraps)
}

fn org_entry(open: &Open, host: &dyn Host, ahead: &mut Ahead, act: OrgAct, sealed: Option<Vec<u8>>, wraps: Vec<Wrap>) -> Result<Made> {
    let entry = sign(open, &org_statement(Some(&ahead.org), open.keys.device(), host.now_ms(), act, sealed))?;
    ahead.org.apply(&entry)?;
    Ok(Made { entry, wraps, keychain: None, case: None })
}

fn admission_entry(open: &Open, host: &dyn Host, ahead: &mut Ahead, invitation: Digest, card: &DeviceCard, name: &str) -> Result<Made> {
    let directory = keys::keychain(open.vault.db(), Stream::DIRECTORY)?;
    let epoch = ahead.org.directory().cloned().ok_or(LogError::BadEpoch)?;
    let wraps = directory.wrap_to(&ahead.org.org(), &epoch, &[card], &open.keys, &mut Dice(host))?;
    let act = OrgAct::AddDevice { invitation, card: card.clone(), wrap: one_wrap(&wraps)? };
    named_entry(open, host, ahead, act, &vec![(card.device.as_bytes().to_vec().into(), name.to_owned())], wraps)
}

fn case_statement(open: &Open, host: &dyn Host, ahead: &Ahead, case: CaseId, act: CaseAct) -> Statement {
    let head = ahead.cases.get(&case).map(CaseState::head);
    Statement {
        version: VERSION,
        org: Some(ahead.org.org()),
        log: LogId::Case(case),
        seq: head.map_or(0, |head| head.seq.saturating_add(1)),
        prev: head.map_or(Digest::ZERO, |head| head.hash),
        org_head: Some(ahead.org.head()),
        signer: open.keys.device(),
        claimed_ms: host.now_ms(),
        act: Act::Case(act),
        sealed: None,
    }
}

fn case_entry(open: &Open, host: &dyn Host, ahead: &mut Ahead, case: CaseId, act: CaseAct, wraps: Vec<Wrap>) -> Result<Made> {
    ahead.case(open, case)?.ok_or(DeviceError::UnknownCase)?;
    let entry = sign(open, &case_statement(open, host, ahead, case, act))?;
    let org = ahead.org.clone();
    ahead.case(open, case)?.ok_or(DeviceError::UnknownCase)?.apply(&entry, &org)?;
    Ok(Made { entry, wraps, keychain: None, case: Some(case) })
}

/// An entry of a case's log that gives nobody a key.
fn plain_entry(open: &Open, host: &dyn Host, ahead: &mut Ahead, case: CaseId, act: CaseAct) -> Result<Made> {
    case_entry(open, host, ahead, case, act, Vec::new())
}

/// A case born here: its members are its founder and the coordinators.
fn genesis_entry(open: &Open, host: &dyn Host, ahead: &mut Ahead, case: CaseId) -> Result<Made> {
    if ahead.case(open, case)?.is_some() {
        return Err(LogError::Already.into());
    }
    let me = open.me()?;
    let mut members: BTreeMap<MemberId, Role> =
        ahead.org.members().filter(|(_, state)| state.role.admits()).map(|(id, state)| (*id, state.role)).collect();
    members.insert(me.member, me.role);
    let at = ahead.org.head().seq.saturating_add(1);
    let cards: Vec<&DeviceCard> =
        ahead.org.devices_at(at).filter(|device| members.contains_key(&device.member)).map(|device| &device.card).collect();
    let mut keychain = Keychain::new(Stream::core(case));
    let (epoch, wraps) = keychain.make_epoch(&ahead.org.org(), 1, &cards, &open.keys, &mut Dice(host))?;
    let act = CaseAct::Genesis { members: members.into_iter().collect(), epoch };
    let entry = sign(open, &case_statement(open, host, ahead, case, act))?;
    let state = CaseState::found(&entry, &ahead.org)?;
    ahead.cases.insert(case, state);
    Ok(Made { entry, wraps, keychain: Some(keychain), case: Some(case) })
}

/// The first key of a ledger of a case.
fn opening_entry(open: &Open, host: &dyn Host, ahead: &mut Ahead, case: CaseId, compartment: Compartment) -> Result<Made> {
    let org = ahead.org.clone();
    let at = org.head().seq.saturating_add(1);
    let state = ahead.case(open, case)?.ok_or(DeviceError::UnknownCase)?;
    if state.compartment(compartment).is_some() {
        return Err(LogError::Already.into());
    }
    if !has_keys_at_hand(open, compartment) {
        return Err(DeviceError::Key(seal::KeyError::Hole));
    }
    let members = state.first_readers(compartment, &org, at);
    let cards: Vec<&DeviceCard> =
        org.devices_at(at).filter(|device| members.contains_key(&device.member)).map(|device| &device.card).collect();
    let mut keychain = Keychain::new(Stream::of(case, compartment));
    let (epoch, wraps) = keychain.make_epoch(&org.org(), 1, &cards, &open.keys, &mut Dice(host))?;
    let act = CaseAct::Open { members: members.into_iter().collect(), epoch };
    let made = case_entry(open, host, ahead, case, act, wraps)?;
    Ok(Made { keychain: Some(keychain), ..made })
}

fn grant_entry(
    open: &Open,
    host: &dyn Host,
    ahead: &mut Ahead,
    (case, compartment): (CaseId, Compartment),
    (member, role, until_ms): (MemberId, Role, Option<i64>),
) -> Result<Made> {
    let org = ahead.org.clone();
    let now_ms = server_now(open, host)?;
    let known = ahead.case(open, case)?.and_then(|state| state.compartment(compartment)?.members.get(&member).copied());
    // Whose time was over has forgotten the ledger, and comes in anew.
    let is_lapsed = known.is_some_and(|grant| grant.until_ms.is_some_and(|until| until <= now_ms));
    if is_lapsed && compartment != Compartment::Core {
        let goes = Intent::Remove { case, member, instead: None, compartment: Some(compartment) };
        outbox::intend_again(open.vault.db(), &goes)?;
        return Err(LogError::StaleEpoch.into());
    }
    // Who is in has the key: only the role or the end is new.
    let (at, grant) = (org.head().seq.saturating_add(1), GrantState { role, until_ms });
    let let_in = ahead.case(open, case)?.map(|state| state.let_in(compartment, member, &grant, host.now_ms(), &org, at));
    let cards: Vec<&DeviceCard> = let_in.into_iter().flatten().map(|device| &device.card).filter(|_| known.is_none()).collect();
    let wraps = wraps_for(open, host, ahead, Stream::of(case, compartment), &cards)?;
    let act = CaseAct::Grant { compartment, member, role, until_ms, wraps: wrap_refs(&wraps) };
    case_entry(open, host, ahead, case, act, wraps)
}

fn wraps_for(open: &Open, host: &dyn Host, ahead: &mut Ahead, stream: Stream, to: &[&DeviceCard]) -> Result<Vec<Wrap>> {
    let org = ahead.org.org();
    let state = stream.case.map(|case| ahead.case(open, case)).transpose()?.flatten().ok_or(DeviceError::UnknownCase)?;
    let epoch = state.compartment(stream.compartment).map(|part| part.epoch.clone()).ok_or(LogError::BadEpoch)?;
    let keychain = ledger::keychain(open, stream)?.ok_or(seal::KeyError::Hole)?;
    Ok(keychain.wrap_to(&org, &epoch, to, &open.keys, &mut Dice(host))?)
}

/// The key under which a stream of a case is written now, if this device holds it and it is at hand.
pub(crate) fn writing_key(open: &Open, org: &OrgState, stream: Stream) -> Result<Option<(u32, seal::EpochKey)>> {
    let Some(state) = stream.case.map(|case| logs::case(open.vault.db(), case)).transpose()?.flatten() else { return Ok(None) };
    let (me, compartment) = (open.me()?, stream.compartment);
    if !state.is_member(compartment, &me.member) || org.active(&open.keys.device(), u64::MAX).is_none() {
        return Ok(None);
    }
    // Nothing is written under a key of which somebody knows who is not to read on.
    if state.is_stale(compartment, org) {
        return Ok(None);
    }
    let (Some(part), Some(keychain)) = (state.compartment(compartment), ledger::keychain(open, stream)?) else { return Ok(None) };
    Ok(keychain.true_key(&part.epoch).map(|key| (part.epoch.number, key.clone())))
}

/// A clock that is a little ahead of the server's, by so many milliseconds, takes nothing from the time a proposal lives, and makes
/// no release too long.
pub(crate) const SLACK_MS: i64 = 60 * 1000;

/// What the server's clock says now, as far as is known.
pub(crate) fn server_now(open: &Open, host: &dyn Host) -> Result<i64> {
    Ok(host.now_ms().saturating_add(meta::number(open.vault.db(), meta::CLOCK_OFFSET)?.unwrap_or(0)))
}

/// By which clock somebody's time is over: this device's or the server's, whichever is later. A server that says it is last month
/// keeps nothing readable, and a clock that is set back keeps it only while there is no line.
pub(crate) fn latest_now(open: &Open, host: &dyn Host) -> Result<i64> {
    Ok(host.now_ms().max(server_now(open, host)?))
}

/// The key under which the directory is written now, if this device holds it and nobody has it who is not to read on.
pub(crate) fn directory_key(open: &Open, org: &OrgState) -> Result<Option<(u32, seal::EpochKey)>> {
    let Some(card) = org.directory().filter(|_| !org.is_directory_stale()) else { return Ok(None) };
    let keychain = keys::keychain(open.vault.db(), Stream::DIRECTORY)?;
    Ok(keychain.true_key(card).map(|key| (card.number, key.clone())))
}

fn compose_segment(open: &mut Open, host: &dyn Host, org: &OrgState, case: CaseId) -> Result<()> {
    let Some((epoch, key)) = writing_key(open, org, Stream::core(case))? else { return Ok(()) };
    let progress = documents::progress(open.vault.db(), case)?;
    let unsent = open.read_case(case, |case, _| Ok(case.unsent(progress.sealed)))?;
    let mut sealed_to = progress.sealed;
    for batch in batches(&unsent.changes) {
        let stream = Stream::core(case);
        let body = casework::encode_segment(batch).map_err(|_| DeviceError::Damaged)?;
        let last = batch.last().map(|change| last_hash(change)).transpose()?.ok_or(DeviceError::Damaged)?;
        let count = u32::try_from(batch.len()).unwrap_or(u32::MAX);
        sealed_to = sealed_to.saturating_add(u64::from(count));
        let chain = keys::chain(open.vault.db(), stream, Kind::Segment, open.keys.device())?;
        let draft = Draft {
            org: org.org(),
            stream,
            kind: Kind::Segment,
            epoch,
            key: &key,
            chain,
            claimed_ms: host.now_ms(),
            last,
            count,
            body: &body,
        };
        let sealed = seal(&draft, &open.keys, &mut Dice(host))?;
        let push = Push::Envelope(sealed.envelope.encode());
        let reach = Reach { device: open.keys.device(), chain: sealed.chain, last };
        let transaction = open.vault.write()?;
        keys::append_statement(&transaction, stream, Kind::Segment, &reach, &sealed.signed)?;
        documents::set_sealed(&transaction, case, sealed_to)?;
        documents::count_segments(&transaction, case, Some(1))?;
        outbox::put(&transaction, &Outgoing { case: Some(case), kind: Waiting::Envelope, push: &push, changes: sealed_to, intent: None })?;
        commit(transaction, "compose")?;
    }
    Ok(())
}

/// Runs of changes that are small enough for one envelope each.
pub(crate) fn batches(changes: &[Vec<u8>]) -> Vec<&[Vec<u8>]> {
    let mut out = Vec::new();
    let mut rest = changes;
    while !rest.is_empty() {
        let mut bytes = 0_usize;
        let fits = rest.iter().take_while(|change| {
            bytes = bytes.saturating_add(change.len());
            bytes <= SEGMENT_BYTES
        });
        let (now, later) = rest.split_at(fits.count().clamp(1, rest.len()));
        out.push(now);
        rest = later;
    }
    out
}

pub(crate) fn last_hash(change: &[u8]) -> Result<Digest> {
    casework::change_hash(change).map(Digest::from_bytes).ok_or(DeviceError::Damaged)
}

/// Names sealed in entries, opened with whatever directory keys are here.
pub(crate) fn names_in(entry: &Entry, org: &OrgState, directory: &Keychain) -> Option<Names> {
    let sealed = entry.statement().sealed.as_ref()?;
    let (epoch, part): (u32, ByteVec) = cbor::decode(sealed).ok()?;
    let place = seal::part::Place { org: org.org(), log: LogId::Org, seq: entry.statement().seq };
    let opened = seal::part::open_part(&place, epoch, directory.key(epoch)?, &part).ok()?;
    cbor::decode(&opened).ok()
}
