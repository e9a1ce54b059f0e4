//! What people do on this device: the document, its lists, its search and its way back, in one transaction.

use casework::{Case, Dot, Edit, Lens, Names, Programme, StageAct, Touched, Who};
use minicbor::bytes::ByteVec;
use wire::{
    cbor,
    envelope::Compartment,
    id::{CaseId, DeviceId, ItemId, MemberId},
    log::{CaseState, OrgState, Role},
};

use crate::{
    compose::latest_now,
    digest::digest_before_looking,
    error::{DeviceError, Result},
    host::{Dice, Host},
    revoke,
    session::{Changed, Device, Me, Open},
    vault::{
        commit,
        documents::{self, Added},
        forget, logs, meta,
        outbox::{self, Intent},
        projections,
    },
};

/// What an act left behind.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct Done {
    pub id: String,
    /// Takes it back, once.
    pub undo: String,
}

/// What everybody and everything is called.
pub(crate) struct Called(pub std::collections::BTreeMap<Vec<u8>, String>);

impl Called {
    pub fn read(open: &Open) -> Result<Self> {
        Ok(Self(projections::names(open.vault.db())?.into_iter().collect()))
    }

    /// What something is called; empty when unknown.
    pub fn of(&self, subject: &[u8]) -> String {
        self.0.get(subject).cloned().unwrap_or_default()
    }

    pub fn member_name(&self, member: MemberId) -> String {
        self.of(member.as_bytes())
    }

    pub fn device_name(&self, device: DeviceId) -> String {
        self.of(device.as_bytes())
    }
}

impl Names for Called {
    fn member(&self, member: MemberId) -> String {
        self.member_name(member)
    }

    fn device(&self, device: DeviceId) -> String {
        self.device_name(device)
    }
}

/// Everything a view needs and a case does not hold.
pub(crate) struct Glass {
    names: Called,
    me: Me,
    device: DeviceId,
    progress: documents::Progress,
    zone: jiff::tz::TimeZone,
    now_ms: i64,
    /// The latest that now may be: by this device's clock, or by what the server said of it.
    latest_ms: i64,
    team: Vec<Who>,
    /// Devices that somebody else may have had.
    disputed: Vec<DeviceId>,
    waiting_for_server: bool,
}

impl Glass {
    pub fn new(open: &Open, host: &dyn Host, case: CaseId) -> Result<Self> {
        let names = Called::read(open)?;
        let state = logs::case(open.vault.db(), case)?;
        let team = state.as_ref().map(|state| team(state, &*open.org()?, &names)).transpose()?;
        let now_ms = host.now_ms();
        Ok(Self {
            me: open.me()?,
            device: open.keys.device(),
            progress: documents::progress(open.vault.db(), case)?,
            zone: host.time_zone(),
            now_ms,
            latest_ms: latest_now(open, host)?,
            team: team.unwrap_or_default(),
            disputed: open.org().map(|org| revoke::disputed(&org).collect()).unwrap_or_default(),
            waiting_for_server: state.is_none(),
            names,
        })
    }

    /// The same, with so many own changes on the server.
    pub const fn with_acked(mut self, acked: u64) -> Self {
        self.progress.acked = acked;
        self
    }

    /// Looks through it.
    pub fn look<T>(&self, see: impl FnOnce(&Lens<'_>) -> T) -> T {
        let coordinator = self.me.role == Role::Coordinator;
        let dot = |device: DeviceId, change: u64| match device == self.device {
            true if change > self.progress.acked => Dot::Here,
            // What others wrote came over the server; here, on a coordinator's device, a coordinator has it.
            _ if coordinator => Dot::Coordinator,
            true if change <= self.progress.seen => Dot::Coordinator,
            _ => Dot::Server,
        };
        let doubt = |_: DeviceId, at_ms: i64| is_doubtful(at_ms, self.latest_ms);
        see(&Lens {
            names: &self.names,
            dot: &dot,
            clock_doubt: &doubt,
            disputed: &|device| self.disputed.contains(&device),
            me: self.me.member,
            now_ms: self.now_ms,
            zone: &self.zone,
            team: &self.team,
            waiting_for_server: self.waiting_for_server,
        })
    }
}

/// A time no working clock shows: long before this app, or ahead of now.
const fn is_doubtful(at_ms: i64, now_ms: i64) -> bool {
    const YEAR_2020_MS: i64 = 1_577_836_800_000;
    const HOUR_MS: i64 = 3_600_000;
    at_ms < YEAR_2020_MS || at_ms > now_ms.saturating_add(HOUR_MS)
}

fn team(state: &CaseState, org: &OrgState, names: &Called) -> Result<Vec<Who>> {
    let members = state.compartment(Compartment::Core).map(|core| core.members.keys().copied().collect::<Vec<_>>()).unwrap_or_default();
    Ok(members
        .into_iter()
        .map(|member| {
            let device = org.devices_of(member).next().map(|device| names.device(device.card.device)).unwrap_or_default();
            Who { member, name: names.member(member), device }
        })
        .collect())
}

/// What waits outside a document, for the vault.
pub(crate) fn parked_bytes(case: &Case) -> Vec<u8> {
    let parked: Vec<(ByteVec, ByteVec)> =
        case.parked().into_iter().map(|one| (ByteVec::from(one.author.to_vec()), ByteVec::from(one.bytes))).collect();
    if parked.is_empty() { Vec::new() } else { cbor::encode(&parked) }
}

/// What waited outside a document, from the vault.
pub(crate) fn parked_from(bytes: &[u8]) -> Vec<casework::Parked> {
    let parked: Vec<(ByteVec, ByteVec)> = cbor::decode(bytes).unwrap_or_default();
    let whole = parked
        .into_iter()
        .filter_map(|(author, bytes)| Some(casework::Parked { author: author.as_slice().try_into().ok()?, bytes: bytes.into() }));
    whole.collect()
}

impl Device {
    /// Does one act in a case.
    ///
    /// # Errors
    /// What the case's rules say, or the disk. Nothing was changed then.
    pub fn edit(&self, case: CaseId, edit: Edit) -> Result<Done> {
        let done = self.act(|open, host| {
            digest_before_looking(open, host, case)?;
            let mut document = open.take_case(case)?;
            if awaits_own_words(open, &document)? {
                open.put_back(document);
                return Err(DeviceError::Incomplete);
            }
            let answer = edit_and_keep(open, host, &mut document, edit, None);
            // Only what the disk has is kept in memory: after a failure the next act reads it anew.
            if answer.is_ok() {
                open.put_back(document);
            }
            answer
        })?;
        self.tell(Changed { cases: vec![case], sync: true, locked: false });
        Ok(done)
    }

    /// Takes an act back.
    ///
    /// # Errors
    /// [`DeviceError::UndoGone`] when it was taken back before, or long ago.
    pub fn undo(&self, token: &str) -> Result<()> {
        let case = self.act(|open, host| {
            let oldest_ms = host.now_ms().saturating_sub(UNDO_MS);
            let (case, edit) = projections::undo(open.vault.db(), token, oldest_ms)?.ok_or(DeviceError::UndoGone)?;
            let mut document = open.take_case(case)?;
            edit_and_keep(open, host, &mut document, edit, Some(token))?;
            open.put_back(document);
            Ok(case)
        })?;
        self.tell(Changed { cases: vec![case], sync: true, locked: false });
        Ok(())
    }

    /// A new case, here at once and on the server with the next sync.
    ///
    /// # Errors
    /// [`DeviceError::NotAllowed`] for roles that have no cases.
    pub fn new_case(&self, alias: &str, programme: Programme, birth_year: Option<u16>) -> Result<CaseId> {
        let id = self.act(|open, host| {
            let me = open.me()?;
            if !matches!(me.role, Role::Mentor | Role::CoMentor | Role::Coordinator) {
                return Err(DeviceError::NotAllowed);
            }
            let mut dice = Dice(host);
            let id = CaseId::from_bytes(dice.roll());
            let (author, now_ms) = (open.author()?, host.now_ms());
            let mut case = open.found_case(id)?;
            let profile = Edit::SetProfile { alias: Some(alias.to_owned()), programme: Some(programme), birth_year };
            case.edit(profile, &author, now_ms)?;
            let on = jiff::Timestamp::from_millisecond(now_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(host.time_zone()).date();
            let inquiry = Edit::StageEvent {
                id: ItemId::from_bytes(dice.roll()),
                event: StageAct::InquiryReceived,
                on: on.to_string(),
                reason: None,
                text: None,
                by: None,
            };
            case.edit(inquiry, &author, now_ms)?;
            let glass = Glass::new(open, host, id)?;
            let transaction = open.vault.write()?;
            store(&transaction, &mut case, now_ms, &glass)?;
            outbox::intend(&transaction, &Intent::Genesis { case: id })?;
            commit(transaction, "edit")?;
            open.put_back(case);
            Ok(id)
        })?;
        self.tell(Changed { cases: vec![id], sync: true, locked: false });
        Ok(id)
    }

    /// The day on which something is done that is done now, where the person is; none when it is not.
    pub fn day_done(&self, done: bool) -> Option<String> {
        let now = jiff::Timestamp::from_millisecond(self.host().now_ms()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        done.then(|| now.to_zoned(self.host().time_zone()).date().to_string())
    }

    /// A time as people write it where this person is: day, hour and minute. `at_ms` in Unix milliseconds.
    pub fn time_shown(&self, at_ms: i64) -> String {
        let at = jiff::Timestamp::from_millisecond(at_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        at.to_zoned(self.host().time_zone()).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// A fresh id for a thing that an act makes.
    pub fn new_item(&self) -> ItemId {
        ItemId::from_bytes(Dice(self.host()).roll())
    }

    /// Marks this organisation's data as synthetic, for ever.
    ///
    /// # Errors
    /// When the database fails.
    pub fn mark_synthetic(&self) -> Result<()> {
        self.act(|open, _| meta::set(open.vault.db(), meta::SYNTHETIC, &[1]))
    }
}

/// Whether own words of this case are still to come back to whoever was out of it.
pub(crate) fn awaits_own_words(open: &Open, case: &Case) -> Result<bool> {
    let wanted = meta::number(open.vault.db(), &forget::own_words(case.id()))?;
    Ok(wanted.is_some_and(|wanted| u64::try_from(wanted).is_ok_and(|wanted| case.own_seq() < wanted)))
}

/// Writes a changed document with its lists.
pub(crate) fn store(transaction: &rusqlite::Transaction<'_>, case: &mut Case, now_ms: i64, glass: &Glass) -> Result<()> {
    let listed = glass.look(|lens| case.listed(lens));
    let added = Added { bytes: case.incremental(), parked: parked_bytes(case), own: case.own_seq(), touched_ms: now_ms };
    documents::append(transaction, case.id(), &added, || case.save())?;
    projections::replace(transaction, case.id(), &listed)
}

/// What the sync sheet counts until the server has it.
pub(crate) fn note_unsent(transaction: &rusqlite::Transaction<'_>, case: &Case, touched: &Touched) -> Result<()> {
    let change = case.own_seq();
    let note = |kind: &str, item: &str| documents::unsent(transaction, case.id(), kind, item, change);
    if touched.profile {
        note("profile", "")?;
    }
    if touched.stages {
        note("stage", "")?;
    }
    for offer in &touched.offers {
        note("offer", offer.word())?;
    }
    let things =
        [("meeting", &touched.meetings), ("note", &touched.notes), ("task", &touched.tasks), ("appointment", &touched.appointments)];
    for (kind, items) in things {
        for item in items {
            note(kind, &item.to_string())?;
        }
    }
    Ok(())
}

/// How long an act can be taken back, in milliseconds: a day.
const UNDO_MS: i64 = 24 * 60 * 60 * 1000;

/// Does an act and keeps it. `undone` is the token of the act it takes back, used up with it.
fn edit_and_keep(open: &mut Open, host: &dyn Host, document: &mut Case, edit: Edit, undone: Option<&str>) -> Result<Done> {
    let (author, now_ms) = (open.author()?, host.now_ms());
    let done = document.edit(edit, &author, now_ms)?;
    let token = ItemId::from_bytes(Dice(host).roll()).to_string();
    let glass = Glass::new(open, host, document.id())?;
    let transaction = open.vault.write()?;
    if !done.touched.is_empty() || done.undo.is_some() {
        store(&transaction, document, now_ms, &glass)?;
        note_unsent(&transaction, document, &done.touched)?;
    }
    if let Some(token) = undone {
        projections::undone(&transaction, token)?;
    }
    if let Some(undo) = &done.undo {
        projections::forget_undos(&transaction, now_ms.saturating_sub(UNDO_MS))?;
        projections::keep_undo(&transaction, &token, document.id(), undo, now_ms)?;
    }
    commit(transaction, "edit")?;
    // Without a change there is nothing to take back.
    let undo = done.undo.map(|_| token).unwrap_or_default();
    Ok(Done { id: done.id.map(|id| id.to_string()).unwrap_or_default(), undo })
}
