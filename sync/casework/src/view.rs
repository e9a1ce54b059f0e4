//! What a screen shows of a case, ready to be drawn.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use wire::id::{CaseId, DeviceId, ItemId, MemberId};

use crate::{
    conflict::{Claim, Rule},
    meeting::{MeetingKind, Outcome},
    offer::{OfferKind, OfferStatus},
    stage::{Pier, Programme, Stage},
    task::TaskKind,
    word::words,
};

mod draw;

pub(crate) use draw::{next_task, open_promises, unfinished_notes};

words! {
    /// How far an entry has come: only here, received by the server, seen by a coordinator's device.
    Dot {
        Here = "here",
        Server = "server",
        Coordinator = "coordinator",
    }
}

/// Names of people and devices, known outside the case.
pub trait Names {
    /// A person's name.
    fn member(&self, member: MemberId) -> String;
    /// A device's name.
    fn device(&self, device: DeviceId) -> String;
}

/// How far the change with this number of this device has come.
pub type DotOf<'a> = dyn Fn(DeviceId, u64) -> Dot + 'a;
/// Whether the clock of this device was far off when it claimed this time (Unix milliseconds).
pub type ClockDoubt<'a> = dyn Fn(DeviceId, i64) -> bool + 'a;

/// All that a view needs and a case does not hold.
pub struct Lens<'a> {
    pub names: &'a dyn Names,
    pub dot: &'a DotOf<'a>,
    pub clock_doubt: &'a ClockDoubt<'a>,
    /// Whether this device was revoked because somebody else may have had it.
    pub disputed: &'a dyn Fn(DeviceId) -> bool,
    /// Who looks.
    pub me: MemberId,
    /// Unix milliseconds.
    pub now_ms: i64,
    /// Where the person is.
    pub zone: &'a TimeZone,
    pub team: &'a [Who],
    /// Born offline and not yet on the server.
    pub waiting_for_server: bool,
}

impl std::fmt::Debug for Lens<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lens").finish_non_exhaustive()
    }
}

/// A person and the device they used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Who {
    pub member: MemberId,
    pub name: String,
    /// The device's name.
    pub device: String,
}

/// One case in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CaseRow {
    pub id: CaseId,
    pub alias: String,
    pub stage: Stage,
    /// From 1.
    pub pier: u32,
    pub piers: u32,
    /// Calendar days since the last two-way contact.
    #[ts(type = "number | null")]
    pub days_since: Option<i64>,
    /// Unix milliseconds.
    #[ts(type = "number | null")]
    pub last_contact_at: Option<i64>,
    pub silent: bool,
    pub open_promises: u32,
    pub next_task: Option<NextTask>,
    pub unfinished_notes: u32,
    pub conflicts: u32,
    pub waiting_for_server: bool,
}

/// The task that comes next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NextTask {
    pub title: String,
    pub due: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TaskView {
    pub id: ItemId,
    pub case: CaseId,
    pub alias: String,
    pub title: String,
    /// `yyyy-mm-dd`.
    pub due: Option<String>,
    pub done: bool,
    pub done_on: Option<String>,
    pub kind: TaskKind,
    pub promised_to: Option<String>,
    pub owner: Option<String>,
    pub by: Option<Who>,
    pub dot: Dot,
}

/// An appointment of which nobody has said yet what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AppointmentView {
    pub id: ItemId,
    pub case: CaseId,
    pub alias: String,
    pub meeting: MeetingKind,
    /// When it is to begin, Unix milliseconds.
    #[ts(type = "number")]
    pub at: i64,
    pub minutes: u32,
    pub label: Option<String>,
    /// True when two people gave it two times: the earlier one is shown.
    pub two_times: bool,
    /// True from its beginning until six hours after its end.
    pub asked: bool,
}

/// What is on today, over all cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TodayView {
    /// `yyyy-mm-dd` where the person is.
    pub date: String,
    pub week: u32,
    /// Those that are asked about, then those to come, of today and the week after; the next first.
    pub appointments: Vec<AppointmentView>,
    pub promises: Vec<TaskView>,
    pub tasks: Vec<TaskView>,
    pub silent: Vec<CaseRow>,
    pub all_cases: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct MeetingView {
    pub id: ItemId,
    pub kind: MeetingKind,
    #[ts(type = "number")]
    pub at: i64,
    pub minutes: u32,
    pub place: Option<String>,
    pub outcome: Outcome,
    /// Name of the time zone where the person was, when it was said.
    pub zone: Option<String>,
    /// The time as it was said, `yyyy-mm-ddThh:mm`, where no clock showed it because an hour was skipped.
    pub said: Option<String>,
    pub by: Who,
    pub dot: Dot,
    pub clock_doubt: bool,
    /// How far ahead (or, negative, behind) the clock was by which the time was said, in milliseconds; left out when nobody
    /// knows that it was off.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(type = "number", optional)]
    pub clock_ahead: Option<i64>,
    /// The clock had lost all time: `at` says nothing, and a person is to be asked. Left out when it is not so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub time_unknown: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct NoteSummary {
    pub id: ItemId,
    pub by: Who,
    #[ts(type = "number")]
    pub at: i64,
    #[ts(type = "number")]
    pub changed_at: i64,
    pub first_line: String,
    pub words: u32,
    pub unfinished: bool,
    pub mine: bool,
    pub voices: Vec<String>,
    pub dot: Dot,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StageEventView {
    pub id: ItemId,
    pub event: String,
    pub stage: Stage,
    /// `yyyy-mm-dd`, `yyyy-mm` or `yyyy`.
    pub on: String,
    pub by: Who,
    pub reason: Option<String>,
    pub dot: Dot,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct OfferChangeView {
    pub offer: OfferKind,
    pub from: OfferStatus,
    pub to: OfferStatus,
    #[ts(type = "number")]
    pub at: i64,
    pub by: Who,
    pub dot: Dot,
}

/// One entry of the timeline, newest first in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TimelineEntry {
    Meeting(MeetingView),
    Note(NoteSummary),
    Stage(StageEventView),
    Offer(OfferChangeView),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct StepView {
    pub id: ItemId,
    pub title: String,
    pub owner: Option<String>,
    pub due: Option<String>,
    pub done: bool,
    pub done_on: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct OfferView {
    pub kind: OfferKind,
    pub status: OfferStatus,
    pub steps: Vec<StepView>,
    pub conflict: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ConflictValue {
    /// Empty for "not done", "no date", "no value".
    pub value: String,
    pub who: String,
    #[ts(type = "number")]
    pub at: i64,
    pub device: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ConflictView {
    pub id: String,
    pub case: CaseId,
    pub field: String,
    pub values: Vec<ConflictValue>,
}

/// One thing said in two ways, with what applies until a person chooses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ConflictCard {
    pub alias: String,
    /// The value that applies now; null when none does until somebody chooses.
    pub applies: Option<String>,
    /// Why: `lower_rung`, `earliest_due`, `done_stays`, `nothing_lost`, `latest`, `furthest`, `nothing`.
    #[ts(type = "string")]
    pub rule: Rule,
    #[serde(flatten)]
    pub conflict: ConflictView,
}

/// One act of one person, as a screen shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HistoryView {
    #[ts(type = "number")]
    pub at: i64,
    pub by: Option<Who>,
    /// Stable word, such as `note.write`; `unknown` for acts of a later version.
    pub act: String,
    pub item: Option<ItemId>,
    /// Stable words that say more, such as the two statuses of an offer; may be empty.
    pub detail: String,
    /// How many changes in a row this stands for.
    #[ts(type = "number")]
    pub changes: u64,
    /// What the thing is called, where it has a name: a title, the first words of a note, the kind of a meeting.
    pub title: Option<String>,
    pub clock_doubt: bool,
    /// Done on a device that was revoked later as lost or compromised: it may have been somebody else, and is taken back by hand.
    pub disputed: bool,
}

words! {
    /// Whether a pier of the bridge is behind, under or before the person.
    PierState {
        Done = "done",
        Now = "now",
        Ahead = "ahead",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct BridgePier {
    pub pier: Pier,
    pub state: PierState,
    /// The day on which the course came there, `yyyy-mm-dd`, `yyyy-mm` or `yyyy`.
    pub on: Option<String>,
}

/// What lists and search show of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub row: CaseRow,
    pub held: Held,
    /// Tasks and promises that are not done, the next first.
    pub tasks: Vec<TaskView>,
    pub texts: Vec<crate::SearchText>,
}

/// What a list over all cases needs beyond [`CaseRow`], so that no document is read for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub notes: u32,
    pub meetings: u32,
    pub tasks: u32,
    #[serde(default)]
    pub appointments: Vec<AppointmentView>,
    pub conflicts: Vec<HeldConflict>,
}

/// A conflict without names, since people's names may become known later than the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldConflict {
    pub id: String,
    pub field: String,
    pub values: Vec<Claim>,
    pub applies: Option<String>,
    pub rule: Rule,
}

impl HeldConflict {
    /// The conflict as a screen shows it.
    pub fn card(self, case: CaseId, alias: String, names: &dyn Names) -> ConflictCard {
        let values = self.values.into_iter().map(|claim| value(claim, names)).collect();
        ConflictCard {
            alias,
            applies: self.applies,
            rule: self.rule,
            conflict: ConflictView { id: self.id, case, field: self.field, values },
        }
    }
}

fn value(claim: Claim, names: &dyn Names) -> ConflictValue {
    ConflictValue {
        value: claim.value,
        who: claim.member.map_or_else(String::new, |member| names.member(member)),
        at: claim.at_ms,
        device: claim.device.map_or_else(String::new, |device| names.device(device)),
    }
}

/// A whole case on its screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CaseView {
    pub id: CaseId,
    pub alias: String,
    pub programme: Programme,
    pub birth_year: Option<u16>,
    pub stage: Stage,
    pub bridge: Vec<BridgePier>,
    #[ts(type = "number | null")]
    pub days_since: Option<i64>,
    #[ts(type = "number | null")]
    pub last_contact_at: Option<i64>,
    pub silent: bool,
    pub next_task: Option<TaskView>,
    pub offers: Vec<OfferView>,
    pub tasks: Vec<TaskView>,
    /// Of which nobody has said yet what came of them, from thirty days ago on; the earliest first.
    pub appointments: Vec<AppointmentView>,
    pub timeline: Vec<TimelineEntry>,
    pub conflicts: Vec<ConflictView>,
    pub team: Vec<Who>,
    pub waiting_for_server: bool,
}

/// A passage that somebody else wrote; positions are Unicode scalar values in the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Passage {
    #[ts(type = "number")]
    pub start: u64,
    #[ts(type = "number")]
    pub end: u64,
    pub who: String,
    #[ts(type = "number")]
    pub at: i64,
}

/// A sentence as one person left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct BothVersion {
    pub text: String,
    pub who: String,
    pub device: String,
    #[ts(type = "number")]
    pub at: i64,
}

/// A place that several rewrote without knowing of each other; positions are Unicode scalar values in the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct BothWrote {
    #[ts(type = "number")]
    pub start: u64,
    #[ts(type = "number")]
    pub end: u64,
    pub versions: Vec<BothVersion>,
}

/// A note on its screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct NoteView {
    pub id: ItemId,
    pub case: CaseId,
    pub alias: String,
    pub text: String,
    /// Goes back with the next write.
    pub base: String,
    #[ts(type = "number")]
    pub at: i64,
    #[ts(type = "number")]
    pub changed_at: i64,
    pub by: Who,
    pub voices: Vec<String>,
    pub unfinished: bool,
    pub dot: Dot,
    pub others: Vec<Passage>,
    /// Left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<BothWrote>>", optional)]
    pub both: Vec<BothWrote>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct KindMinutes {
    pub kind: MeetingKind,
    pub minutes: u32,
}

/// What the form for a meeting proposes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct MeetingDefaults {
    #[ts(type = "number")]
    pub at: i64,
    pub minutes: u32,
    pub place: Option<String>,
    pub minutes_by_kind: Vec<KindMinutes>,
}

#[cfg(test)]
mod tests;
