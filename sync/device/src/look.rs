//! What this device shows: lists from projections, one case or note from its document.

use casework::{
    AppointmentView, Base, CaseRow, CaseView, HistoryView, MeetingDefaults, NoteView, OfferPack, SILENT_DAYS, Stage, StepChoice, TaskKind,
    TaskView, TodayView, Who, is_asked,
};
use jiff::{Timestamp, tz::TimeZone};
use wire::{
    id::{CaseId, DeviceId, ItemId, MemberId},
    log::Role,
};

use crate::{
    act::{Called, Glass},
    digest::digest_before_looking,
    error::{DeviceError, Result},
    forced::forced,
    heartbeat,
    host::Host,
    repair::Repair,
    revoke,
    session::{Device, Open},
    vault::{
        documents, inbox, logs, meta, outbox,
        projections::{self, Hit},
    },
};

/// Days after today whose appointments stand beside today's.
const AHEAD_DAYS: i64 = 7;
/// After so long without contact the line says so, in milliseconds.
const STALE_MS: i64 = 72 * 60 * 60 * 1000;

/// Whether everything is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    AllSent,
    Waiting,
    Never,
    #[serde(rename = "stale_72h")]
    Stale72h,
    /// There is a line, and for a week no coordinator's sign of life came by it.
    Unheard,
    Sending,
}

/// One line about sync.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct SyncLine {
    pub state: SyncState,
    /// Things of cases, and decisions about who belongs, that only this device has.
    #[ts(type = "number")]
    pub waiting: u64,
    /// Unix milliseconds.
    #[ts(type = "number | null")]
    pub last_fetched_at: Option<i64>,
}

/// What waits in one case.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct WaitingItems {
    #[ts(type = "\"meeting\" | \"note\" | \"task\" | \"appointment\" | \"offer\" | \"stage\" | \"case\" | \"profile\"")]
    pub kind: String,
    pub case: CaseId,
    pub alias: String,
    #[ts(type = "number")]
    pub count: u64,
}

/// A code and how often it was met.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct CodeCount {
    pub code: String,
    #[ts(type = "number")]
    pub count: u64,
}

/// Everything about sync.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct SyncSheet {
    #[serde(flatten)]
    pub line: SyncLine,
    #[ts(type = "number | null")]
    pub last_sent_at: Option<i64>,
    pub items: Vec<WaitingItems>,
    /// Decisions about who belongs that have not reached the server.
    #[ts(type = "number")]
    pub decided: u64,
    #[ts(type = "number")]
    pub parked: u64,
    /// What came and was set aside, by code.
    pub aside: Vec<CodeCount>,
    /// What was sent and refused, by code.
    pub refused: Vec<CodeCount>,
}

/// A person of the organisation.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Person {
    pub id: MemberId,
    pub name: String,
    pub role: Role,
}

/// A device of the organisation.
#[derive(Debug, Clone, serde::Serialize)]
pub struct DeviceRow {
    pub id: DeviceId,
    pub person: String,
    pub name: String,
    pub state: &'static str,
    /// Its owner was made to open it, as the device itself said; known to whoever may revoke it.
    pub forced: bool,
    pub this: bool,
}

/// Who this is, as a person would say it.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Whoami {
    pub organisation: String,
    /// What people compare: SHA-256 of entry 0.
    pub fingerprint: String,
    pub person: String,
    pub role: Role,
    pub device: DeviceId,
    pub device_name: String,
    pub synthetic: bool,
}

fn today(now_ms: i64, zone: &TimeZone) -> jiff::civil::Date {
    Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone.clone()).date()
}

/// The appointments that are asked about now, and those of today and the week after, over all cases.
fn appointments(db: &rusqlite::Connection, now_ms: i64, date: jiff::civil::Date, zone: &TimeZone) -> Result<Vec<AppointmentView>> {
    let mut all = projections::appointments(db)?;
    for one in &mut all {
        one.asked = is_asked(one.at, one.minutes, now_ms);
    }
    let last = date.saturating_add(jiff::Span::new().days(AHEAD_DAYS));
    all.retain(|one| one.asked || (one.at > now_ms && today(one.at, zone) <= last));
    all.sort_by_key(|one| (!one.asked, one.at, one.id));
    Ok(all)
}

/// Days pass while nothing is written: a stored row is brought up to now.
fn brought_up(mut row: CaseRow, now_ms: i64, zone: &TimeZone) -> CaseRow {
    row.days_since = row.last_contact_at.map(|at| {
        let days = today(now_ms, zone).since(today(at, zone)).map(|span| i64::from(span.get_days())).unwrap_or(0);
        days.max(0)
    });
    let over = matches!(row.stage, Stage::Closed | Stage::ScreeningEnded);
    row.silent = !over && row.days_since.is_some_and(|days| days >= SILENT_DAYS);
    row
}

impl Device {
    /// Every case, by name.
    ///
    /// # Errors
    /// When locked, or the database fails.
    pub fn cases(&self) -> Result<Vec<CaseRow>> {
        self.with(|open, host| {
            let (now_ms, zone) = (host.now_ms(), host.time_zone());
            let mut rows: Vec<CaseRow> =
                projections::rows(open.vault.db())?.into_iter().map(|row| brought_up(row, now_ms, &zone)).collect();
            rows.sort_by_cached_key(|row| (row.alias.to_lowercase(), row.id));
            Ok(rows)
        })
    }

    /// What is on today.
    ///
    /// # Errors
    /// When locked, or the database fails.
    pub fn today(&self) -> Result<TodayView> {
        let rows = self.cases()?;
        self.with(|open, host| {
            let date = today(host.now_ms(), &host.time_zone());
            let mut open_tasks = projections::tasks(open.vault.db())?;
            open_tasks.sort_by(|a, b| (a.due.is_none(), &a.due, &a.title, a.id).cmp(&(b.due.is_none(), &b.due, &b.title, b.id)));
            let (promises, tasks): (Vec<TaskView>, Vec<TaskView>) = open_tasks.into_iter().partition(|task| task.kind == TaskKind::Promise);
            let all_cases = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            let mut silent: Vec<CaseRow> = rows.into_iter().filter(|row| row.silent).collect();
            silent.sort_by_key(|row| row.last_contact_at);
            let appointments = appointments(open.vault.db(), host.now_ms(), date, &host.time_zone())?;
            let week = u32::try_from(date.iso_week_date().week()).unwrap_or(0);
            Ok(TodayView { date: date.to_string(), week, appointments, promises, tasks, silent, all_cases })
        })
    }

    fn see<T>(&self, case: CaseId, see: impl FnOnce(&casework::Case, &Glass) -> Result<T>) -> Result<T> {
        self.with(|open, host| {
            digest_before_looking(open, host, case)?;
            let glass = Glass::new(open, host, case)?;
            open.read_case(case, |case, _| see(case, &glass))
        })
    }

    /// One case.
    ///
    /// # Errors
    /// [`DeviceError::UnknownCase`].
    pub fn case(&self, case: CaseId) -> Result<CaseView> {
        self.timed("open_case", || self.see(case, |case, glass| Ok(glass.look(|lens| case.view(lens)))))
    }

    /// Everything in a case that is equal on all devices with equal changes.
    ///
    /// # Errors
    /// [`DeviceError::UnknownCase`].
    pub fn case_show(&self, case: CaseId) -> Result<casework::CaseShow> {
        self.see(case, |case, _| Ok(case.show()))
    }

    /// Who did what in a case.
    ///
    /// # Errors
    /// [`DeviceError::UnknownCase`].
    pub fn history(&self, case: CaseId) -> Result<Vec<casework::HistoryEntry>> {
        self.see(case, |case, _| Ok(case.history()))
    }

    /// Who did what in a case, as a screen shows it: the newest first.
    ///
    /// # Errors
    /// [`DeviceError::UnknownCase`].
    pub fn history_view(&self, case: CaseId) -> Result<Vec<HistoryView>> {
        self.see(case, |case, glass| Ok(glass.look(|lens| case.history_view(lens))))
    }

    /// The usual steps of every offer, from the built-in pack.
    ///
    /// # Errors
    /// [`DeviceError::Damaged`] when the pack cannot be read.
    pub fn step_templates(&self) -> Result<Vec<StepChoice>> {
        let pack: OfferPack = serde_json::from_str(OfferPack::BUILT_IN).map_err(|_| DeviceError::Damaged)?;
        Ok(pack.choices())
    }

    /// One note. `since` is the base with which it was last shown.
    ///
    /// # Errors
    /// [`DeviceError::UnknownCase`], or `case.unknown_note`.
    pub fn note(&self, case: CaseId, note: ItemId, since: Option<&Base>) -> Result<NoteView> {
        self.see(case, |case, glass| Ok(glass.look(|lens| case.note(note, since, lens))?))
    }

    /// What the form for a meeting proposes.
    ///
    /// # Errors
    /// [`DeviceError::UnknownCase`].
    pub fn meeting_defaults(&self, case: CaseId) -> Result<MeetingDefaults> {
        let now_ms = self.host().now_ms();
        self.see(case, |case, _| Ok(case.meeting_defaults(now_ms)))
    }

    /// Where a text is found, best first, at most 50 places.
    ///
    /// # Errors
    /// When locked, or the database fails.
    pub fn search(&self, text: &str) -> Result<Vec<Hit>> {
        self.with(|open, _| projections::search(open.vault.db(), text, 50))
    }

    /// One line about sync.
    ///
    /// # Errors
    /// When locked, or the database fails.
    pub fn sync_line(&self) -> Result<SyncLine> {
        self.with(|open, host| sync_line(open, host))
    }

    /// Everything about sync.
    ///
    /// # Errors
    /// When locked, or the database fails.
    pub fn sync_sheet(&self) -> Result<SyncSheet> {
        self.with(|open, host| {
            let line = sync_line(open, host)?;
            let (items, decided) = (waiting_items(open)?, decided(open)?);
            let db = open.vault.db();
            let aside = inbox::set_aside_codes(db)?;
            let parked = aside.iter().filter(|(code, _)| inbox::may_heal(code)).map(|(_, n)| n).sum();
            let set_back = Repair::read(db)?.codes();
            let beats = heartbeat::codes(db)?;
            let backlog = (inbox::backlog(db)? > inbox::MOST_BACKLOG).then(|| (inbox::BACKLOG.to_owned(), 1));
            let aside =
                aside.into_iter().chain(set_back).chain(beats).chain(backlog).map(|(code, count)| CodeCount { code, count }).collect();
            let refused = outbox::refusals(db)?.into_iter().map(|(code, count)| CodeCount { code, count }).collect();
            Ok(SyncSheet { line, last_sent_at: meta::number(db, meta::LAST_SENT)?, items, decided, parked, aside, refused })
        })
    }

    /// Everybody in the organisation.
    ///
    /// # Errors
    /// [`DeviceError::NoOrganisation`].
    pub fn people(&self) -> Result<Vec<Person>> {
        self.with(|open, _| {
            let names = Called::read(open)?;
            let org = open.org()?;
            Ok(org.members().map(|(id, state)| Person { id: *id, name: names.member_name(*id), role: state.role }).collect())
        })
    }

    /// Every device of the organisation.
    ///
    /// # Errors
    /// [`DeviceError::NoOrganisation`].
    pub fn devices(&self) -> Result<Vec<DeviceRow>> {
        self.with(|open, _| {
            let (names, forced) = (Called::read(open)?, forced(open)?);
            let org = open.org()?;
            let row = |(id, state): (&DeviceId, &wire::log::DeviceState)| DeviceRow {
                id: *id,
                person: names.member_name(state.member),
                name: names.device_name(*id),
                state: if state.revoked.is_some() { "revoked" } else { "active" },
                forced: forced.contains(id),
                this: *id == open.keys.device(),
            };
            Ok(org.devices().map(row).collect())
        })
    }

    /// Who this is.
    ///
    /// # Errors
    /// [`DeviceError::NoOrganisation`].
    pub fn whoami(&self) -> Result<Whoami> {
        self.with(|open, _| {
            let me = open.me()?;
            let names = Called::read(open)?;
            Ok(Whoami {
                organisation: names.of(me.org.as_bytes()),
                fingerprint: me.org.to_string(),
                person: names.member_name(me.member),
                role: me.role,
                device: open.keys.device(),
                device_name: names.device_name(open.keys.device()),
                synthetic: meta::get(open.vault.db(), meta::SYNTHETIC)?.is_some(),
            })
        })
    }

    /// The person with this name or id.
    ///
    /// # Errors
    /// [`DeviceError::UnknownPerson`] when there is none, or more than one.
    pub fn person(&self, text: &str) -> Result<Person> {
        let mut found = self.people()?.into_iter().filter(|person| person.name == text || person.id.to_string() == text);
        match (found.next(), found.next()) {
            (Some(person), None) => Ok(person),
            _ => Err(DeviceError::UnknownPerson),
        }
    }

    /// Devices that were revoked as lost or compromised: what was done there may not be their person's.
    ///
    /// # Errors
    /// When locked, or in no organisation.
    pub fn disputed(&self) -> Result<Vec<DeviceId>> {
        self.with(|open, _| Ok(revoke::disputed(open.org()?.as_ref()).collect()))
    }

    /// What a person's or device's id is called here; for showing, so empty when unknown.
    ///
    /// # Errors
    /// When locked.
    pub fn who(&self, member: MemberId, device: DeviceId) -> Result<Who> {
        self.with(|open, _| {
            let names = Called::read(open)?;
            Ok(Who { member, name: names.member_name(member), device: names.device_name(device) })
        })
    }
}

fn sync_line(open: &Open, host: &dyn Host) -> Result<SyncLine> {
    let db = open.vault.db();
    let things: u64 = waiting_items(open)?.iter().map(|item| item.count).sum();
    let waiting = things.saturating_add(decided(open)?);
    let last_fetched_at = meta::number(db, meta::LAST_FETCHED)?;
    let state = match last_fetched_at {
        None => SyncState::Never,
        Some(at) if host.now_ms().saturating_sub(at) > STALE_MS => SyncState::Stale72h,
        Some(_) if heartbeat::is_silent(open, host)? => SyncState::Unheard,
        Some(_) if waiting > 0 => SyncState::Waiting,
        Some(_) => SyncState::AllSent,
    };
    Ok(SyncLine { state, waiting, last_fetched_at })
}

/// Decisions about who belongs that wait for the server. A case that was born here is counted as a thing already.
fn decided(open: &Open) -> Result<u64> {
    let waits = |one: &outbox::Intended| one.refused.is_none() && !matches!(one.what, outbox::Intent::Genesis { .. });
    let count = outbox::intents(open.vault.db())?.iter().filter(|one| waits(one)).count();
    Ok(u64::try_from(count).unwrap_or(u64::MAX))
}

/// What a person would count: things of a case that only this device has.
fn waiting_items(open: &Open) -> Result<Vec<WaitingItems>> {
    let db = open.vault.db();
    let mut items = Vec::new();
    for case in documents::all(db)? {
        let progress = documents::progress(db, case)?;
        let Some(row) = projections::row(db, case)? else { continue };
        let born_here = logs::case(db, case)?.is_none();
        if born_here {
            items.push(WaitingItems { kind: "case".to_owned(), case, alias: row.alias.clone(), count: 1 });
        }
        if progress.own > progress.acked {
            for (kind, count) in documents::unacked_kinds(db, case)? {
                items.push(WaitingItems { kind, case, alias: row.alias.clone(), count });
            }
        }
    }
    Ok(items)
}
