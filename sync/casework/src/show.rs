//! A whole case as data: everything that two devices with the same changes must agree on.

use std::{cell::OnceCell, collections::BTreeMap};

use serde::{Deserialize, Serialize};
use wire::id::{CaseId, DeviceId, ItemId, MemberId};

use crate::{
    Case,
    both::{Both, Knowing, Version},
    conflict::{Conflict, conflicts},
    document::{Model, Origin},
    meeting::{self, MeetingKind, Outcome},
    note::Note,
    offer::{OfferKind, OfferStatus},
    stage::{Initiator, Programme, Stage, StageAct, standing},
    task::{TaskKind, done_applies},
    view::{NextTask, next_task, open_promises, unfinished_notes},
    word::words,
};

/// All of a case, deterministic when serialised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseShow {
    pub id: CaseId,
    pub alias: String,
    pub programme: Programme,
    pub birth_year: Option<u16>,
    pub stage: Stage,
    pub last_contact_at: Option<i64>,
    pub offers: BTreeMap<OfferKind, OfferShow>,
    pub offer_changes: BTreeMap<ItemId, OfferChangeShow>,
    pub meetings: BTreeMap<ItemId, MeetingShow>,
    pub notes: BTreeMap<ItemId, NoteShow>,
    pub tasks: BTreeMap<ItemId, TaskShow>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub appointments: BTreeMap<ItemId, AppointmentShow>,
    pub stages: BTreeMap<ItemId, StageShow>,
    pub conflicts: Vec<Conflict>,
    /// Hexadecimal hashes of the last changes.
    pub heads: Vec<String>,
}

/// Who made a thing and when they say they did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OriginShow {
    pub by: MemberId,
    pub device: DeviceId,
    pub at_ms: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfferShow {
    pub status: OfferStatus,
    pub steps: BTreeMap<ItemId, StepShow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepShow {
    pub title: String,
    pub template: Option<String>,
    pub owner: Option<String>,
    pub due: Option<String>,
    pub done_on: Option<String>,
    pub removed: bool,
    #[serde(flatten)]
    pub origin: OriginShow,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfferChangeShow {
    pub offer: OfferKind,
    pub from: OfferStatus,
    pub to: OfferStatus,
    #[serde(flatten)]
    pub origin: OriginShow,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MeetingShow {
    pub kind: MeetingKind,
    pub took_place_at_ms: i64,
    pub minutes: u32,
    pub place: Option<String>,
    pub outcome: Outcome,
    pub zone: Option<String>,
    pub said: Option<String>,
    pub removed: bool,
    /// How far ahead the clock was by which its time was said, in milliseconds; `None` when nobody knows that it was off.
    pub clock_ahead_ms: Option<i64>,
    #[serde(flatten)]
    pub origin: OriginShow,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoteShow {
    pub text: String,
    pub of_ms: i64,
    pub changed_at_ms: i64,
    pub finished: bool,
    pub removed: bool,
    pub voices: BTreeMap<String, i64>,
    /// Sentences that several rewrote without knowing of each other, as each meant them.
    pub both: Vec<BothShow>,
    #[serde(flatten)]
    pub origin: OriginShow,
}

/// One place of a note with more than one version; positions are Unicode scalar values in its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BothShow {
    pub start: u64,
    pub end: u64,
    pub versions: Vec<VersionShow>,
}

/// A sentence as one person left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionShow {
    pub text: String,
    /// `None` when its author never said who it was.
    pub member: Option<MemberId>,
    pub device: Option<DeviceId>,
    /// Claimed time, Unix milliseconds.
    pub at_ms: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskShow {
    pub title: String,
    pub kind: TaskKind,
    pub promised_to: Option<String>,
    pub owner: Option<String>,
    pub due: Option<String>,
    pub done_on: Option<String>,
    pub removed: bool,
    #[serde(flatten)]
    pub origin: OriginShow,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AppointmentShow {
    pub kind: MeetingKind,
    pub begins_at_ms: i64,
    pub minutes: u32,
    pub label: Option<String>,
    /// The contacts that came of it.
    pub meetings: Vec<ItemId>,
    pub removed: bool,
    #[serde(flatten)]
    pub origin: OriginShow,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageShow {
    pub event: StageAct,
    pub stage: Stage,
    pub on: String,
    pub reason: Option<String>,
    pub text: Option<String>,
    pub initiated_by: Option<Initiator>,
    pub corrects: Option<ItemId>,
    pub corrected: bool,
    #[serde(flatten)]
    pub origin: OriginShow,
}

/// What a list needs of a case before its document is loaded. Read from a card that an older version wrote, what it does
/// not say is as if there were none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub alias: String,
    pub stage: Stage,
    /// Unix milliseconds.
    pub last_contact_at: Option<i64>,
    #[serde(default)]
    pub open_promises: u32,
    #[serde(default)]
    pub next_task: Option<NextTask>,
    #[serde(default)]
    pub unfinished_notes: u32,
    #[serde(default)]
    pub conflicts: u32,
}

words! {
    /// What a searchable text belongs to.
    SearchKind {
        Profile = "profile",
        Note = "note",
        Meeting = "meeting",
        Task = "task",
        Step = "step",
        Stage = "stage",
    }
}

/// One row for a search index. Things taken away are not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchText {
    pub kind: SearchKind,
    /// `None` for the profile.
    pub item: Option<ItemId>,
    pub text: String,
    /// When what it tells of took place or was written, Unix milliseconds.
    pub at_ms: Option<i64>,
    pub by: Option<MemberId>,
}

impl Case {
    /// Everything in the case that does not depend on the device it is read on.
    pub fn show(&self) -> CaseShow {
        let model = self.model();
        let card = card(&model);
        let stands = standing(&model.stages);
        CaseShow {
            id: self.id(),
            alias: card.alias,
            programme: model.profile.programme.latest().copied().unwrap_or(Programme::National),
            birth_year: birth_year(&model),
            stage: card.stage,
            last_contact_at: card.last_contact_at,
            offers: offers(&model),
            offer_changes: offer_changes(&model),
            meetings: meetings(&model),
            notes: self.notes_shown(&model),
            tasks: tasks(&model),
            appointments: appointments(&model),
            stages: stages(&model, &stands.corrected),
            conflicts: conflicts(&model),
            heads: self.heads().iter().map(|h| h.iter().map(|b| format!("{b:02x}")).collect()).collect(),
        }
    }

    /// Alias, stage and last contact, for lists and snapshots.
    pub fn card(&self) -> Card {
        card(&self.model())
    }

    /// All conflicts, in the order of their fields.
    pub fn conflicts(&self) -> Vec<Conflict> {
        conflicts(&self.model())
    }

    fn notes_shown(&self, model: &Model) -> BTreeMap<ItemId, NoteShow> {
        let (mut out, knowing) = (BTreeMap::new(), OnceCell::new());
        for n in model.notes.values() {
            let show = NoteShow {
                text: n.text.clone(),
                of_ms: n.at_ms,
                changed_at_ms: n.changed_at(),
                finished: n.finished,
                removed: n.removed,
                voices: n.voices.iter().map(|(member, voice)| (member.to_string(), voice.at_ms)).collect(),
                both: self.both_shown(n, model, &knowing),
                origin: origin(&n.origin),
            };
            out.insert(n.id, show);
        }
        out
    }

    /// The places of a note that several rewrote without knowing of each other.
    pub(crate) fn both_shown(&self, note: &Note, model: &Model, knowing: &OnceCell<Knowing>) -> Vec<BothShow> {
        let said = |(actor, version): (automerge::ActorId, Version)| {
            let who = model.authors.get(&actor);
            let at_ms = version.at_s.saturating_mul(1000);
            VersionShow { text: version.text, member: who.map(|w| w.0), device: who.map(|w| w.1), at_ms }
        };
        let shown = |place: Both| BothShow {
            start: place.start as u64,
            end: place.end as u64,
            versions: place.versions.into_iter().map(said).collect(),
        };
        // A state that the document itself names can always be read.
        self.both(note.id, &note.text_object, knowing).unwrap_or_default().into_iter().map(shown).collect()
    }

    /// Everything that can be searched for.
    pub fn search_texts(&self) -> Vec<SearchText> {
        texts(&self.model())
    }
}

/// Everything that can be searched for in what the document holds.
pub(crate) fn texts(model: &Model) -> Vec<SearchText> {
    let mut out = Vec::new();
    let mut add = |kind, item: Option<(ItemId, i64, &Origin)>, text: &str| {
        if !text.is_empty() {
            let (id, at_ms, by) = (item.map(|i| i.0), item.map(|i| i.1), item.map(|i| i.2.by));
            out.push(SearchText { kind, item: id, text: text.to_owned(), at_ms, by });
        }
    };
    add(SearchKind::Profile, None, model.profile.alias.latest().map_or("", String::as_str));
    for note in model.notes.values().filter(|n| !n.removed) {
        add(SearchKind::Note, Some((note.id, note.at_ms, &note.origin)), &note.text);
    }
    for meeting in model.meetings.values().filter(|m| !m.removed) {
        add(SearchKind::Meeting, Some((meeting.id, meeting.at_ms, &meeting.origin)), meeting.place.as_deref().unwrap_or(""));
    }
    for task in model.tasks.values().filter(|t| !t.removed) {
        add(SearchKind::Task, Some((task.id, task.origin.at_ms, &task.origin)), &task.title);
    }
    for step in model.offers.values().flat_map(|o| o.steps.values()).filter(|s| !s.removed) {
        add(SearchKind::Step, Some((step.id, step.origin.at_ms, &step.origin)), &step.title);
    }
    for event in model.stages.values() {
        add(SearchKind::Stage, Some((event.id, event.origin.at_ms, &event.origin)), event.text.as_deref().unwrap_or(""));
    }
    out
}

pub(crate) fn card(model: &Model) -> Card {
    Card {
        alias: model.profile.alias.latest().cloned().unwrap_or_default(),
        stage: standing(&model.stages).stage.unwrap_or(Stage::Inquiry),
        last_contact_at: meeting::last_contact(model.meetings.values(), &model.clocks),
        open_promises: open_promises(model),
        next_task: next_task(model),
        unfinished_notes: unfinished_notes(model),
        conflicts: u32::try_from(conflicts(model).len()).unwrap_or(u32::MAX),
    }
}

pub(crate) fn birth_year(model: &Model) -> Option<u16> {
    model.profile.birth_year.latest().and_then(|y| u16::try_from(*y).ok()).filter(|y| *y != 0)
}

fn origin(origin: &Origin) -> OriginShow {
    OriginShow { by: origin.by, device: origin.device, at_ms: origin.at_ms }
}

fn offers(model: &Model) -> BTreeMap<OfferKind, OfferShow> {
    let mut out = BTreeMap::new();
    for (kind, offer) in &model.offers {
        let mut steps = BTreeMap::new();
        for s in offer.steps.values() {
            let done_on = done_applies(&s.done).map(str::to_owned);
            let (title, template, owner, due) = (s.title.clone(), s.template.clone(), s.owner.clone(), s.due.clone());
            steps.insert(s.id, StepShow { title, template, owner, due, done_on, removed: s.removed, origin: origin(&s.origin) });
        }
        out.insert(*kind, OfferShow { status: offer.applies(), steps });
    }
    out
}

fn offer_changes(model: &Model) -> BTreeMap<ItemId, OfferChangeShow> {
    let all = model.offer_changes.values();
    all.map(|c| (c.id, OfferChangeShow { offer: c.offer, from: c.from, to: c.to, origin: origin(&c.origin) })).collect()
}

fn meetings(model: &Model) -> BTreeMap<ItemId, MeetingShow> {
    let mut out = BTreeMap::new();
    for m in model.meetings.values() {
        let show = MeetingShow {
            kind: m.kind,
            took_place_at_ms: m.at_ms,
            minutes: m.minutes,
            place: m.place.clone(),
            outcome: m.outcome,
            zone: m.zone.clone(),
            said: m.said.clone(),
            removed: m.removed,
            clock_ahead_ms: m.clock_off(&model.clocks),
            origin: origin(&m.origin),
        };
        out.insert(m.id, show);
    }
    out
}

fn tasks(model: &Model) -> BTreeMap<ItemId, TaskShow> {
    let mut out = BTreeMap::new();
    for t in model.tasks.values() {
        let show = TaskShow {
            title: t.title.clone(),
            kind: t.kind,
            promised_to: t.promised_to.clone(),
            owner: t.owner.clone(),
            due: t.due_applies().map(str::to_owned),
            done_on: done_applies(&t.done).map(str::to_owned),
            removed: t.removed,
            origin: origin(&t.origin),
        };
        out.insert(t.id, show);
    }
    out
}

fn appointments(model: &Model) -> BTreeMap<ItemId, AppointmentShow> {
    let mut out = BTreeMap::new();
    for a in model.appointments.values() {
        let show = AppointmentShow {
            kind: a.kind,
            begins_at_ms: a.at_ms(),
            minutes: a.minutes,
            label: a.label.clone(),
            meetings: model.meetings.values().filter(|m| !m.removed && m.appointment == Some(a.id)).map(|m| m.id).collect(),
            removed: a.removed,
            origin: origin(&a.origin),
        };
        out.insert(a.id, show);
    }
    out
}

fn stages(model: &Model, corrected: &std::collections::BTreeSet<ItemId>) -> BTreeMap<ItemId, StageShow> {
    let mut out = BTreeMap::new();
    for e in model.stages.values() {
        let show = StageShow {
            event: e.act,
            stage: e.to,
            on: e.on.clone(),
            reason: e.reason.clone(),
            text: e.text.clone(),
            initiated_by: e.initiated_by,
            corrects: e.corrects,
            corrected: corrected.contains(&e.id),
            origin: origin(&e.origin),
        };
        out.insert(e.id, show);
    }
    out
}
