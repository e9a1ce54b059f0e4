//! Meetings and other contact: the kinds, how long they usually last, and which of them break a silence.

use wire::id::ItemId;

use crate::{
    clock::{Clocks, NO_TIME_BEFORE_MS},
    document::{Origin, Reg},
    edit::EditError,
    time,
    word::words,
};

words! {
    /// What kind of contact it was.
    MeetingKind {
        Meeting = "meeting",
        PrisonVisit = "prison_visit",
        PrisonLeave = "prison_leave",
        Accompaniment = "accompaniment",
        Activity = "activity",
        HomeVisit = "home_visit",
        Phone = "phone",
        Video = "video",
        Message = "message",
        Letter = "letter",
        NetworkMeeting = "network_meeting",
        FamilyMeeting = "family_meeting",
        CrisisCall = "crisis_call",
        PickupRelease = "pickup_release",
        NoShow = "no_show",
        CancelledCandidate = "cancelled_candidate",
        CancelledInstitution = "cancelled_institution",
        CancelledMentor = "cancelled_mentor",
        Attempt = "attempt",
        Other = "other",
    }
}

words! {
    /// How it went.
    Outcome {
        TookPlace = "took_place",
        Partly = "partly",
        Not = "not",
    }
}

/// One logged contact as the document holds it.
#[derive(Debug, Clone)]
pub(crate) struct Meeting {
    pub id: ItemId,
    pub kind: MeetingKind,
    /// The time that is shown: of several the latest said.
    pub at_ms: i64,
    /// When it took place, Unix milliseconds, as everybody said it.
    pub at: Reg<i64>,
    pub minutes: u32,
    pub place: Option<String>,
    pub outcome: Outcome,
    pub zone: Option<String>,
    pub said: Option<String>,
    /// The appointment that it came of.
    pub appointment: Option<ItemId>,
    pub removed: bool,
    pub origin: Origin,
}

impl Meeting {
    /// When it took place by a right clock, as far as that is known; when it was entered, if its own time says nothing.
    pub fn really_at(&self, clocks: &Clocks) -> i64 {
        let Some((said, stamp)) = self.at.0.last() else { return self.at_ms };
        if self.time_is_unknown() {
            return clocks.set_right(self.origin.at_ms, &self.origin.stamp).max(*said);
        }
        let (right, entered) = (clocks.set_right(*said, stamp), clocks.set_right(stamp.at_s.saturating_mul(1000), stamp));
        // A time that would lie behind its own entry was not read from the clock that was wrong: a person knew better.
        if right > entered.saturating_add(time::DAY_MS) { *said } else { right }
    }

    /// How far ahead the clock was by which its time was said, when it was off.
    pub fn clock_off(&self, clocks: &Clocks) -> Option<i64> {
        self.at.0.last().and_then(|(_, stamp)| clocks.off(stamp))
    }

    /// Whether its time says nothing: it was entered by a clock that had lost all time, and nobody has set it since.
    pub const fn time_is_unknown(&self) -> bool {
        self.at_ms < NO_TIME_BEFORE_MS && self.origin.at_ms < NO_TIME_BEFORE_MS
    }
}

/// When a contact began, and how that was said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spoken<'a> {
    pub at_ms: i64,
    pub zone: Option<&'a str>,
    pub said: Option<&'a str>,
}

impl Spoken<'_> {
    /// What was said of an hour that was skipped, as it is kept. Fails with `case.bad_zone` or `case.bad_date`.
    pub fn checked(&self) -> Result<Option<String>, EditError> {
        if self.zone.is_some_and(|zone| !time::is_zone_name(zone)) {
            return Err(EditError::BadZone);
        }
        self.said.map(|said| time::parse_minute(said).ok_or(EditError::BadDate)).transpose()
    }
}

/// The time of the last contact that ended a silence, not counting what was taken back.
pub(crate) fn last_contact<'a>(meetings: impl Iterator<Item = &'a Meeting>, clocks: &Clocks) -> Option<i64> {
    let counts = |m: &&Meeting| !m.removed && is_contact(m.kind, m.outcome);
    meetings.filter(counts).map(|m| m.really_at(clocks)).max()
}

/// Days without two-way contact after which a case counts as silent.
pub const SILENT_DAYS: i64 = 14;

/// Longest contact that can be logged or agreed, in minutes: a week.
pub(crate) const MINUTES_LIMIT: u32 = 7 * 24 * 60;

const ROUNDED_MS: i64 = 5 * time::MINUTE_MS;

/// When a contact of so many minutes began that has just ended, Unix milliseconds: now, down to five whole minutes, less
/// its length.
pub fn began_before(now_ms: i64, minutes: u32) -> i64 {
    let ended = now_ms.saturating_sub(now_ms.rem_euclid(ROUNDED_MS));
    ended.saturating_sub(i64::from(minutes).saturating_mul(time::MINUTE_MS))
}

impl MeetingKind {
    /// Minutes proposed for this kind before the person says otherwise.
    pub const fn usual_minutes(self) -> u32 {
        match self {
            Self::PrisonVisit => 90,
            Self::Phone | Self::CrisisCall => 10,
            Self::Message
            | Self::Letter
            | Self::NoShow
            | Self::CancelledCandidate
            | Self::CancelledInstitution
            | Self::CancelledMentor
            | Self::Attempt => 0,
            _ => 60,
        }
    }

    /// True when both sides speak in this kind of contact. A message counts only if it was answered,
    /// which its outcome `took_place` says.
    pub const fn two_way(self) -> bool {
        !matches!(
            self,
            Self::Letter | Self::NoShow | Self::CancelledCandidate | Self::CancelledInstitution | Self::CancelledMentor | Self::Attempt
        )
    }
}

/// True when a meeting of this kind with this outcome ends a silence.
pub const fn is_contact(kind: MeetingKind, outcome: Outcome) -> bool {
    match outcome {
        Outcome::Not => false,
        Outcome::Partly => kind.two_way() && !matches!(kind, MeetingKind::Message),
        Outcome::TookPlace => kind.two_way(),
    }
}

#[cfg(test)]
mod tests;
