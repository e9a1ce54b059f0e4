//! Where two people said different things without knowing of each other: listed, never hidden.

use automerge::ActorId;
use serde::{Deserialize, Serialize};
use wire::id::{DeviceId, ItemId, MemberId};

use crate::{
    document::{Authors, Model, Reg, Stamp},
    note::Note,
    offer::OfferKind,
    stage::{Stage, standing},
    task::{done_applies, done_disputed},
    word::words,
};

/// One field with several values. The same on every device that has the same changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// Follows from the field and from the operations that disagree; 32 hexadecimal digits.
    pub id: String,
    /// Which field, in words with dots between: `offer.therapy.status`, `task.<id>.due`, `stage`.
    #[serde(serialize_with = "as_text")]
    pub(crate) field: Field,
    pub values: Vec<Claim>,
    /// The value that applies until somebody chooses; `None` when none does.
    #[serde(skip)]
    pub applies: Option<String>,
    #[serde(skip)]
    pub rule: Rule,
}

words! {
    /// Why a value applies while people disagree.
    Rule {
        /// Of two rungs of an offer's ladder, the lower.
        LowerRung = "lower_rung",
        EarliestDue = "earliest_due",
        /// Of two times of an appointment the earlier, so that nobody is waited for.
        Earliest = "earliest",
        /// What somebody says is done stays visible, with the first of the days said.
        DoneStays = "done_stays",
        /// What one takes away while another writes in it is still there.
        NothingLost = "nothing_lost",
        /// What was written last, in the order in which devices knew of each other.
        Latest = "latest",
        /// Of two stages, the later one of a course.
        Furthest = "furthest",
        Nothing = "nothing",
    }
}

impl Conflict {
    /// The field as text.
    pub fn field(&self) -> String {
        self.field.to_string()
    }
}

/// One of the values, and who said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Empty for "not done", "no date", "no value".
    pub value: String,
    /// `None` when its author never said who it was.
    pub member: Option<MemberId>,
    pub device: Option<DeviceId>,
    /// Claimed time, Unix milliseconds.
    pub at_ms: i64,
}

/// The fields about which people may disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Alias,
    Programme,
    BirthYear,
    OfferStatus(OfferKind),
    StepDone(OfferKind, ItemId),
    TaskDone(ItemId),
    TaskDue(ItemId),
    MeetingAt(ItemId),
    AppointmentAt(ItemId),
    NoteRemoved(ItemId),
    Stage,
}

/// What those say who took a note away.
pub(crate) const NOTE_REMOVED: &str = "removed";
/// What those say who wrote in it meanwhile.
pub(crate) const NOTE_KEPT: &str = "kept";

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Alias => f.write_str("profile.alias"),
            Self::Programme => f.write_str("profile.programme"),
            Self::BirthYear => f.write_str("profile.birth_year"),
            Self::OfferStatus(offer) => write!(f, "offer.{offer}.status"),
            Self::StepDone(offer, step) => write!(f, "offer.{offer}.step.{step}.done"),
            Self::TaskDone(task) => write!(f, "task.{task}.done"),
            Self::TaskDue(task) => write!(f, "task.{task}.due"),
            Self::MeetingAt(meeting) => write!(f, "meeting.{meeting}.at"),
            Self::AppointmentAt(appointment) => write!(f, "appointment.{appointment}.at"),
            Self::NoteRemoved(note) => write!(f, "note.{note}.removed"),
            Self::Stage => f.write_str("stage"),
        }
    }
}

fn as_text<S: serde::Serializer>(field: &Field, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(field)
}

/// All conflicts of a case, in the order of their fields.
pub(crate) fn conflicts(model: &Model) -> Vec<Conflict> {
    let mut out = Out { authors: &model.authors, list: Vec::new() };
    let profile = &model.profile;
    if profile.alias.is_disputed() {
        out.latest(Field::Alias, &profile.alias, Clone::clone);
    }
    if profile.programme.is_disputed() {
        out.latest(Field::Programme, &profile.programme, ToString::to_string);
    }
    if profile.birth_year.is_disputed() {
        out.latest(Field::BirthYear, &profile.birth_year, |y| if *y == 0 { String::new() } else { y.to_string() });
    }
    for (kind, offer) in &model.offers {
        if offer.status.is_disputed() {
            let applies = (Some(offer.applies().to_string()), Rule::LowerRung);
            out.register(Field::OfferStatus(*kind), &offer.status, applies, ToString::to_string);
        }
        for step in offer.steps.values().filter(|s| !s.removed) {
            out.done(Field::StepDone(*kind, step.id), &step.done);
        }
    }
    for task in model.tasks.values().filter(|t| !t.removed) {
        out.done(Field::TaskDone(task.id), &task.done);
        if task.due_disputed() {
            let applies = (task.due_applies().map(str::to_owned), Rule::EarliestDue);
            out.register(Field::TaskDue(task.id), &task.due, applies, optional);
        }
    }
    for meeting in model.meetings.values().filter(|m| !m.removed) {
        if meeting.at.is_disputed() {
            out.latest(Field::MeetingAt(meeting.id), &meeting.at, ToString::to_string);
        }
    }
    for appointment in crate::appointment::open(model).into_iter().filter(|a| a.at.is_disputed()) {
        let applies = (Some(appointment.at_ms().to_string()), Rule::Earliest);
        out.register(Field::AppointmentAt(appointment.id), &appointment.at, applies, ToString::to_string);
    }
    for note in model.notes.values() {
        out.contested(note);
    }
    out.stage(model);
    out.list
}

fn optional(value: &Option<String>) -> String {
    value.clone().unwrap_or_default()
}

/// What applies until somebody chooses, and why.
type Applies = (Option<String>, Rule);

struct Out<'a> {
    authors: &'a Authors,
    list: Vec<Conflict>,
}

impl Out<'_> {
    fn register<T>(&mut self, field: Field, register: &Reg<T>, applies: Applies, text: impl Fn(&T) -> String) {
        let values: Vec<(String, Stamp, Option<i64>)> = register.0.iter().map(|(v, stamp)| (text(v), stamp.clone(), None)).collect();
        self.push(field, values, applies);
    }

    fn latest<T: PartialEq>(&mut self, field: Field, register: &Reg<T>, text: impl Fn(&T) -> String) {
        let applies = (register.latest().map(&text), Rule::Latest);
        self.register(field, register, applies, text);
    }

    fn done(&mut self, field: Field, register: &Reg<Option<String>>) {
        if done_disputed(register) {
            let applies = (done_applies(register).map(str::to_owned), Rule::DoneStays);
            self.register(field, register, applies, optional);
        }
    }

    fn contested(&mut self, note: &Note) {
        let Some(contested) = &note.contested else { return };
        let said = |word: &str, stamps: &[Stamp]| -> Vec<(String, Stamp, Option<i64>)> {
            stamps.iter().map(|stamp| (word.to_owned(), stamp.clone(), None)).collect()
        };
        let values = [said(NOTE_REMOVED, &contested.removals), said(NOTE_KEPT, &contested.unseen)].concat();
        self.push(Field::NoteRemoved(note.id), values, (Some(NOTE_KEPT.to_owned()), Rule::NothingLost));
    }

    fn stage(&mut self, model: &Model) {
        let stands = standing(&model.stages);
        if stands.disputed {
            let last = stands.last.iter().filter_map(|id| model.stages.get(id));
            let mut values: Vec<_> = last.map(|e| (e.to.to_string(), e.origin.stamp.clone(), Some(e.origin.at_ms))).collect();
            values.sort_by(|a, b| a.1.cmp(&b.1));
            let applies = stands.stage.filter(|stage| *stage != Stage::UnresolvedEnd).map(|stage| stage.to_string());
            let rule = if applies.is_some() { Rule::Furthest } else { Rule::Nothing };
            self.push(Field::Stage, values, (applies, rule));
        }
    }

    fn push(&mut self, field: Field, values: Vec<(String, Stamp, Option<i64>)>, (applies, rule): Applies) {
        let id = conflict_id(field, values.iter().map(|(_, stamp, _)| stamp));
        let mut claims: Vec<Claim> = Vec::new();
        for (value, stamp, at_ms) in values {
            let who = self.author(&stamp.actor);
            let at_ms = at_ms.unwrap_or_else(|| stamp.at_s.saturating_mul(1000));
            if !claims.iter().any(|c| c.value == value) {
                claims.push(Claim { value, member: who.map(|w| w.0), device: who.map(|w| w.1), at_ms });
            }
        }
        self.list.push(Conflict { id, field, values: claims, applies, rule });
    }

    fn author(&self, actor: &ActorId) -> Option<(MemberId, DeviceId)> {
        self.authors.get(actor).copied()
    }
}

/// FNV-1a over the field and the operations: a name, not a proof.
fn conflict_id<'a>(field: Field, stamps: impl Iterator<Item = &'a Stamp>) -> String {
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    const START: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    let mut name = field.to_string();
    for stamp in stamps {
        name.push_str(&format!(" {}@{}", stamp.counter, stamp.actor));
    }
    let hash = name.bytes().fold(START, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    format!("{hash:032x}")
}

#[cfg(test)]
mod tests;
