//! Who did what, and when they said it was: read from the changes themselves, in causal order.

use serde::Serialize;
use wire::id::{DeviceId, ItemId, MemberId};

use crate::{Case, HistoryView, Lens, Who, document::Model, note, text::plain_line};

/// Letters of a note's first line by which the history calls it.
const FIRST_WORDS: usize = 60;

/// One act of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryEntry {
    /// Claimed time of the change, Unix milliseconds (to the second).
    pub at_ms: i64,
    /// `None` when its author never said who it was.
    pub member: Option<MemberId>,
    pub device: Option<DeviceId>,
    /// Stable word, such as `note.write`; `unknown` for acts of a later version.
    pub act: String,
    pub item: Option<ItemId>,
    /// Stable words that say more, such as the two statuses of an offer; may be empty.
    pub detail: String,
    /// How many changes in a row by the same person on the same thing this stands for.
    pub changes: u64,
}

const ACTS: &[&str] = &[
    "profile.set",
    "offer.status",
    "step.add",
    "step.done",
    "step.open",
    "step.remove",
    "step.restore",
    "meeting.log",
    "meeting.at",
    "meeting.remove",
    "meeting.restore",
    "appointment.add",
    "appointment.move",
    "appointment.remove",
    "appointment.restore",
    "note.add",
    "note.write",
    "note.finish",
    "note.reopen",
    "note.remove",
    "note.restore",
    "task.add",
    "task.done",
    "task.open",
    "task.due",
    "task.remove",
    "task.restore",
    "stage.event",
    "stage.correct",
    "salvage.accept",
    "salvage.reject",
];

impl Case {
    /// All acts, none before one that its author had seen. Writing in a note that goes on without
    /// anything between is one entry.
    pub fn history(&self) -> Vec<HistoryEntry> {
        let authors = self.reader().authors();
        let skeleton = automerge::ActorId::from(crate::document::SKELETON_ACTOR);
        let mut out: Vec<HistoryEntry> = Vec::new();
        for known in self.index.in_order() {
            if known.actor == skeleton || known.message == crate::clock::MESSAGE {
                continue;
            }
            let who = authors.get(&known.actor).copied();
            let (act, item, detail) = parse(&known.message);
            let entry = HistoryEntry {
                at_ms: known.at_s.saturating_mul(1000),
                member: who.map(|w| w.0),
                device: who.map(|w| w.1),
                act,
                item,
                detail,
                changes: 1,
            };
            match out.last_mut() {
                Some(last) if goes_on(last, &entry) => {
                    last.at_ms = entry.at_ms;
                    last.changes = last.changes.saturating_add(1);
                }
                _ => out.push(entry),
            }
        }
        out
    }
}

impl Case {
    /// All acts as a screen shows them: the newest first, none after one that its author had seen.
    /// What a note said is not told once the note was taken away.
    pub fn history_view(&self, lens: &Lens<'_>) -> Vec<HistoryView> {
        let model = self.model();
        let who = |entry: &HistoryEntry| {
            let (member, device) = (entry.member?, entry.device?);
            Some(Who { member, name: lens.names.member(member), device: lens.names.device(device) })
        };
        let mut out: Vec<HistoryView> = Vec::new();
        for entry in self.history().into_iter().rev() {
            out.push(HistoryView {
                at: entry.at_ms,
                by: who(&entry),
                title: entry.item.and_then(|item| title(&model, &entry.act, item)),
                disputed: entry.device.is_some_and(|device| (lens.disputed)(device)),
                clock_doubt: entry.device.is_some_and(|device| (lens.clock_doubt)(device, entry.at_ms)),
                act: entry.act,
                item: entry.item,
                detail: entry.detail,
                changes: entry.changes,
            });
        }
        out
    }
}

fn title(model: &Model, act: &str, item: ItemId) -> Option<String> {
    match act.split('.').next()? {
        "task" => model.tasks.get(&item).map(|task| task.title.clone()),
        "step" => model.offers.values().find_map(|offer| offer.steps.get(&item)).map(|step| step.title.clone()),
        "meeting" => model.meetings.get(&item).map(|meeting| meeting.kind.to_string()),
        "appointment" => model.appointments.get(&item).map(|appointment| appointment.kind.to_string()),
        "note" => model.notes.get(&item).filter(|note| !note.removed).map(|note| plain_line(&note::first_line(&note.text, FIRST_WORDS))),
        _ => None,
    }
    .filter(|title| !title.is_empty())
}

fn goes_on(last: &HistoryEntry, next: &HistoryEntry) -> bool {
    next.act == "note.write" && last.act == next.act && last.item == next.item && last.device == next.device && last.member == next.member
}

/// Only words that this program could have written itself come out.
fn parse(message: &str) -> (String, Option<ItemId>, String) {
    let mut parts = message.split(' ');
    let act = parts.next().filter(|a| ACTS.contains(a)).unwrap_or("unknown");
    let item = parts.next().and_then(|id| id.parse().ok());
    let plain = |w: &&str| w.len() <= 40 && w.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let detail: Vec<&str> = parts.filter(plain).take(3).collect();
    (act.to_owned(), item, detail.join(" "))
}

#[cfg(test)]
mod tests;
