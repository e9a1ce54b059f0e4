//! Every act a person can do in a case, what it gives back, and why it may be refused.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use wire::id::{DeviceId, ItemId, MemberId};

use crate::{
    meeting::{MeetingKind, Outcome},
    offer::{OfferKind, OfferStatus},
    stage::{Initiator, Programme, StageAct},
    task::TaskKind,
    text::BadText,
};

mod act;
mod stage;
mod write;

pub(crate) use act::{done, word};

/// What a note's text was when it was read. Opaque; goes back with the next write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Base(pub String);

/// One act. Ids of new things are made by the caller, at random. Positions count Unicode scalar
/// values; `at_ms` are Unix milliseconds; days are `yyyy-mm-dd`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Edit {
    /// Sets the parts that are given. An empty alias or year 0 takes the value away.
    SetProfile {
        #[serde(default)]
        alias: Option<String>,
        #[serde(default)]
        programme: Option<Programme>,
        #[serde(default)]
        birth_year: Option<u16>,
    },
    SetOfferStatus {
        offer: OfferKind,
        status: OfferStatus,
    },
    AddStep {
        offer: OfferKind,
        id: ItemId,
        title: String,
        /// Key of the template it was made from.
        #[serde(default)]
        template: Option<String>,
        #[serde(default)]
        owner: Option<String>,
        #[serde(default)]
        due: Option<String>,
    },
    /// `on` is the day it was done; today when left out.
    SetStepDone {
        offer: OfferKind,
        step: ItemId,
        done: bool,
        #[serde(default)]
        on: Option<String>,
    },
    RemoveStep {
        offer: OfferKind,
        step: ItemId,
    },
    RestoreStep {
        offer: OfferKind,
        step: ItemId,
    },
    LogMeeting {
        id: ItemId,
        meeting: MeetingKind,
        #[ts(type = "number")]
        at_ms: i64,
        minutes: u32,
        #[serde(default)]
        place: Option<String>,
        outcome: Outcome,
        /// Name of the time zone where the person was, such as `America/Nuuk`.
        #[serde(default)]
        zone: Option<String>,
        /// The time as it was said, `yyyy-mm-ddThh:mm`, where no clock showed it because an hour was skipped.
        #[serde(default)]
        said: Option<String>,
    },
    /// Sets when a contact took place: asked for where the clock had lost all time. What was said of its zone, and of an hour
    /// that was skipped, goes with the time it was said of.
    SetMeetingAt {
        meeting: ItemId,
        #[ts(type = "number")]
        at_ms: i64,
        #[serde(default)]
        zone: Option<String>,
        #[serde(default)]
        said: Option<String>,
    },
    DeleteMeeting {
        meeting: ItemId,
    },
    RestoreMeeting {
        meeting: ItemId,
    },
    /// Agrees to meet.
    AddAppointment {
        id: ItemId,
        meeting: MeetingKind,
        #[ts(type = "number")]
        at_ms: i64,
        minutes: u32,
        /// A neutral word for the place.
        #[serde(default)]
        label: Option<String>,
        #[serde(default)]
        zone: Option<String>,
    },
    MoveAppointment {
        appointment: ItemId,
        #[ts(type = "number")]
        at_ms: i64,
        #[serde(default)]
        zone: Option<String>,
    },
    RemoveAppointment {
        appointment: ItemId,
    },
    RestoreAppointment {
        appointment: ItemId,
    },
    /// Logs what came of an appointment, at its time: the contact, or that there was none.
    SettleAppointment {
        appointment: ItemId,
        id: ItemId,
        meeting: MeetingKind,
        outcome: Outcome,
    },
    AddNote {
        id: ItemId,
        text: String,
        #[ts(type = "number")]
        at_ms: i64,
    },
    /// The whole text as it should be. What others wrote since `base` stays; without a base the text
    /// is compared with what the note holds now.
    WriteNote {
        note: ItemId,
        text: String,
        #[serde(default)]
        base: Option<Base>,
    },
    SpliceNote {
        note: ItemId,
        #[ts(type = "number")]
        at: u64,
        #[ts(type = "number")]
        delete: u64,
        insert: String,
    },
    FinishNote {
        note: ItemId,
        finished: bool,
    },
    RemoveNote {
        note: ItemId,
    },
    RestoreNote {
        note: ItemId,
    },
    AddTask {
        id: ItemId,
        title: String,
        #[serde(default)]
        due: Option<String>,
        #[serde(default)]
        owner: Option<String>,
        task: TaskKind,
        #[serde(default)]
        promised_to: Option<String>,
    },
    SetTaskDone {
        task: ItemId,
        done: bool,
        #[serde(default)]
        on: Option<String>,
    },
    SetTaskDue {
        task: ItemId,
        #[serde(default)]
        due: Option<String>,
    },
    RemoveTask {
        task: ItemId,
    },
    RestoreTask {
        task: ItemId,
    },
    /// `on` may be a day, a month `yyyy-mm` or a year `yyyy`.
    StageEvent {
        id: ItemId,
        event: StageAct,
        on: String,
        #[serde(default)]
        reason: Option<String>,
        #[serde(default)]
        text: Option<String>,
        #[serde(default)]
        by: Option<Initiator>,
    },
    /// Takes back an event, or a correction; both stay in the log.
    StageCorrect {
        corrects: ItemId,
    },
    /// Chooses one of the values of a conflict, as the conflict lists them.
    Resolve {
        conflict: String,
        keep: String,
    },
}

/// Who acts, on which device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Author {
    pub member: MemberId,
    pub device: DeviceId,
}

/// What an act did.
#[derive(Debug, Clone, Default)]
pub struct Done {
    /// The thing it made or touched.
    pub id: Option<ItemId>,
    /// The act that takes it back; `None` when nothing changed.
    pub undo: Option<Edit>,
    pub touched: Touched,
}

/// What may look different after a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    pub profile: bool,
    pub stages: bool,
    pub offers: BTreeSet<OfferKind>,
    pub meetings: BTreeSet<ItemId>,
    pub notes: BTreeSet<ItemId>,
    pub tasks: BTreeSet<ItemId>,
    pub appointments: BTreeSet<ItemId>,
}

impl Touched {
    /// True when nothing was.
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }

    /// What either touched.
    pub fn add(&mut self, other: Self) {
        self.profile |= other.profile;
        self.stages |= other.stages;
        self.offers.extend(other.offers);
        self.meetings.extend(other.meetings);
        self.notes.extend(other.notes);
        self.tasks.extend(other.tasks);
        self.appointments.extend(other.appointments);
    }
}

/// Why an act was not done. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    #[error("there is no such note")]
    UnknownNote,
    #[error("there is no such task")]
    UnknownTask,
    #[error("there is no such meeting")]
    UnknownMeeting,
    #[error("there is no such appointment")]
    UnknownAppointment,
    #[error("what came of the appointment was said already")]
    AppointmentSettled,
    #[error("there is no such step")]
    UnknownStep,
    #[error("there is no such event")]
    UnknownEvent,
    #[error("there is no such conflict")]
    UnknownConflict,
    #[error("the conflict has no such value")]
    NotAChoice,
    #[error("something with this id is there already")]
    DuplicateId,
    #[error("the base of the text is not known here")]
    UnknownBase,
    #[error("the position is outside the text")]
    BadPosition,
    #[error("the text is too long")]
    TextTooLong,
    #[error("the text holds a NUL")]
    TextNul,
    #[error("a title is needed")]
    TitleMissing,
    #[error("an address is needed")]
    AddressMissing,
    #[error("not a date")]
    BadDate,
    #[error("the date lies in the future")]
    FutureDate,
    #[error("the date lies before the event that it follows")]
    BeforePredecessor,
    #[error("not a year of birth")]
    BadYear,
    #[error("not a length of time")]
    BadMinutes,
    #[error("not the name of a time zone")]
    BadZone,
    #[error("the course cannot go there from where it is")]
    StageRefused,
    #[error("a reason is needed")]
    ReasonMissing,
    #[error("no contact for a long time; a word of explanation is needed")]
    NoRecentContact,
    #[error("the time in which the agreement could be taken up again is over")]
    TooLate,
    #[error("the end of the course is not settled")]
    UnresolvedEnd,
    #[error("the document did not take the change")]
    Document(#[source] automerge::AutomergeError),
}

impl EditError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownNote => "case.unknown_note",
            Self::UnknownTask => "case.unknown_task",
            Self::UnknownMeeting => "case.unknown_meeting",
            Self::UnknownAppointment => "case.unknown_appointment",
            Self::AppointmentSettled => "case.appointment_settled",
            Self::UnknownStep => "case.unknown_step",
            Self::UnknownEvent => "case.unknown_event",
            Self::UnknownConflict => "case.unknown_conflict",
            Self::NotAChoice => "case.not_a_choice",
            Self::DuplicateId => "case.duplicate_id",
            Self::UnknownBase => "case.unknown_base",
            Self::BadPosition => "case.bad_position",
            Self::TextTooLong => "case.text_too_long",
            Self::TextNul => "case.text_nul",
            Self::TitleMissing => "case.title_missing",
            Self::AddressMissing => "address.missing",
            Self::BadDate => "case.bad_date",
            Self::FutureDate => "case.future_date",
            Self::BeforePredecessor => "case.before_predecessor",
            Self::BadYear => "case.bad_year",
            Self::BadMinutes => "case.bad_minutes",
            Self::BadZone => "case.bad_zone",
            Self::StageRefused => "case.stage_refused",
            Self::ReasonMissing => "case.reason_missing",
            Self::NoRecentContact => "case.no_recent_contact",
            Self::TooLate => "case.too_late",
            Self::UnresolvedEnd => "case.unresolved_end",
            Self::Document(_) => "crdt.edit",
        }
    }
}

impl From<automerge::AutomergeError> for EditError {
    fn from(source: automerge::AutomergeError) -> Self {
        Self::Document(source)
    }
}

impl From<BadText> for EditError {
    fn from(bad: BadText) -> Self {
        match bad {
            BadText::TooLong => Self::TextTooLong,
            BadText::Nul => Self::TextNul,
        }
    }
}

#[cfg(test)]
mod tests;
