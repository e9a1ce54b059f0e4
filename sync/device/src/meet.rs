//! Logging a meeting in two taps: what the person did not say is filled in.

use casework::{Edit, MeetingKind, Outcome, began_before};
use wire::id::{CaseId, ItemId};

use crate::{Device, Done, Result};

impl Device {
    /// Logs a meeting. Without a time it has just ended, without a length it took as long as its kind usually does.
    ///
    /// # Errors
    /// As [`Device::edit`].
    pub fn log_meeting(
        &self,
        case: CaseId,
        kind: MeetingKind,
        at_ms: Option<i64>,
        minutes: Option<u32>,
        place: Option<String>,
    ) -> Result<Done> {
        let minutes = minutes.unwrap_or(kind.usual_minutes());
        let edit = Edit::LogMeeting {
            id: self.new_item(),
            meeting: kind,
            at_ms: at_ms.unwrap_or_else(|| began_before(self.host().now_ms(), minutes)),
            minutes,
            place,
            outcome: outcome(kind),
            zone: self.host().time_zone().iana_name().map(str::to_owned),
            said: None,
        };
        self.edit(case, edit)
    }

    /// Agrees to meet, for as long as that kind of contact usually lasts, in the time zone where this device is.
    ///
    /// # Errors
    /// As [`Device::edit`].
    pub fn add_appointment(
        &self,
        case: CaseId,
        kind: MeetingKind,
        at_ms: i64,
        minutes: Option<u32>,
        label: Option<String>,
    ) -> Result<Done> {
        let (id, zone) = (self.new_item(), self.host().time_zone().iana_name().map(str::to_owned));
        let minutes = minutes.unwrap_or(kind.usual_minutes());
        self.edit(case, Edit::AddAppointment { id, meeting: kind, at_ms, minutes, label, zone })
    }

    /// Moves an appointment, in the time zone where this device is.
    ///
    /// # Errors
    /// As [`Device::edit`].
    pub fn move_appointment(&self, case: CaseId, appointment: ItemId, at_ms: i64) -> Result<Done> {
        let zone = self.host().time_zone().iana_name().map(str::to_owned);
        self.edit(case, Edit::MoveAppointment { appointment, at_ms, zone })
    }

    /// Logs what came of an appointment: the contact itself, or why there was none.
    ///
    /// # Errors
    /// As [`Device::edit`].
    pub fn settle_appointment(&self, case: CaseId, appointment: ItemId, kind: MeetingKind) -> Result<Done> {
        self.edit(case, Edit::SettleAppointment { appointment, id: self.new_item(), meeting: kind, outcome: outcome(kind) })
    }

    /// Sets when a contact was, in the time zone where this device is.
    ///
    /// # Errors
    /// As [`Device::edit`].
    pub fn set_meeting_at(&self, case: CaseId, meeting: ItemId, at_ms: i64) -> Result<Done> {
        let zone = self.host().time_zone().iana_name().map(str::to_owned);
        self.edit(case, Edit::SetMeetingAt { meeting, at_ms, zone, said: None })
    }
}

/// Some kinds say by their name that nobody met.
const fn outcome(kind: MeetingKind) -> Outcome {
    match kind {
        MeetingKind::NoShow
        | MeetingKind::CancelledCandidate
        | MeetingKind::CancelledInstitution
        | MeetingKind::CancelledMentor
        | MeetingKind::Attempt => Outcome::Not,
        _ => Outcome::TookPlace,
    }
}
