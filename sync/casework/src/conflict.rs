//! Where two people said different things without knowing of each other: listed, never hidden.

use automerge::ActorId;
use serde::Serialize;
use wire::id::{DeviceId, ItemId, MemberId};

use crate::{
    document::{Authors, Model, Reg, Stamp},
    note::Note,
    offer::OfferKind,
    stage::standing,
    task::done_disputed,
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
}

impl Conflict {
    /// The field as text.
    pub fn field(&self) -> String {
        self.field.to_string()
    }
}

/// One of the values, and who said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    out.register(Field::Alias, &profile.alias, profile.alias.is_disputed(), Clone::clone);
    out.register(Field::Programme, &profile.programme, profile.programme.is_disputed(), ToString::to_string);
    let year = |y: &i64| if *y == 0 { String::new() } else { y.to_string() };
    out.register(Field::BirthYear, &profile.birth_year, profile.birth_year.is_disputed(), year);
    let optional = |v: &Option<String>| v.clone().unwrap_or_default();
    for (kind, offer) in &model.offers {
        out.register(Field::OfferStatus(*kind), &offer.status, offer.status.is_disputed(), ToString::to_string);
        for step in offer.steps.values().filter(|s| !s.removed) {
            out.register(Field::StepDone(*kind, step.id), &step.done, done_disputed(&step.done), optional);
        }
    }
    for task in model.tasks.values().filter(|t| !t.removed) {
        out.register(Field::TaskDone(task.id), &task.done, done_disputed(&task.done), optional);
        out.register(Field::TaskDue(task.id), &task.due, task.due_disputed(), optional);
    }
    for meeting in model.meetings.values().filter(|m| !m.removed) {
        out.register(Field::MeetingAt(meeting.id), &meeting.at, meeting.at.is_disputed(), ToString::to_string);
    }
    for note in model.notes.values() {
        out.contested(note);
    }
    out.stage(model);
    out.list
}

struct Out<'a> {
    authors: &'a Authors,
    list: Vec<Conflict>,
}

impl Out<'_> {
    fn register<T>(&mut self, field: Field, register: &Reg<T>, disputed: bool, text: impl Fn(&T) -> String) {
        if disputed {
            let values: Vec<(String, Stamp, Option<i64>)> = register.0.iter().map(|(v, stamp)| (text(v), stamp.clone(), None)).collect();
            self.push(field, values);
        }
    }

    fn contested(&mut self, note: &Note) {
        let Some(contested) = &note.contested else { return };
        let said = |word: &str, stamps: &[Stamp]| -> Vec<(String, Stamp, Option<i64>)> {
            stamps.iter().map(|stamp| (word.to_owned(), stamp.clone(), None)).collect()
        };
        let values = [said(NOTE_REMOVED, &contested.removals), said(NOTE_KEPT, &contested.unseen)].concat();
        self.push(Field::NoteRemoved(note.id), values);
    }

    fn stage(&mut self, model: &Model) {
        let stands = standing(&model.stages);
        if stands.disputed {
            let last = stands.last.iter().filter_map(|id| model.stages.get(id));
            let mut values: Vec<_> = last.map(|e| (e.to.to_string(), e.origin.stamp.clone(), Some(e.origin.at_ms))).collect();
            values.sort_by(|a, b| a.1.cmp(&b.1));
            self.push(Field::Stage, values);
        }
    }

    fn push(&mut self, field: Field, values: Vec<(String, Stamp, Option<i64>)>) {
        let id = conflict_id(field, values.iter().map(|(_, stamp, _)| stamp));
        let mut claims: Vec<Claim> = Vec::new();
        for (value, stamp, at_ms) in values {
            let who = self.author(&stamp.actor);
            let at_ms = at_ms.unwrap_or_else(|| stamp.at_s.saturating_mul(1000));
            if !claims.iter().any(|c| c.value == value) {
                claims.push(Claim { value, member: who.map(|w| w.0), device: who.map(|w| w.1), at_ms });
            }
        }
        self.list.push(Conflict { id, field, values: claims });
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
