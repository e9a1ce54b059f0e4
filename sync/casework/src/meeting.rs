//! Meetings and other contact: the kinds, how long they usually last, and which of them break a silence.

use wire::id::ItemId;

use crate::{document::Origin, word::words};

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
    pub at_ms: i64,
    pub minutes: u32,
    pub place: Option<String>,
    pub outcome: Outcome,
    pub zone: Option<String>,
    pub said: Option<String>,
    pub removed: bool,
    pub origin: Origin,
}

/// When a contact began, and how that was said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spoken<'a> {
    pub at_ms: i64,
    pub zone: Option<&'a str>,
    pub said: Option<&'a str>,
}

/// The time of the last contact that ended a silence, not counting what was taken back.
pub(crate) fn last_contact<'a>(meetings: impl Iterator<Item = &'a Meeting>) -> Option<i64> {
    meetings.filter(|m| !m.removed && is_contact(m.kind, m.outcome)).map(|m| m.at_ms).max()
}

/// Days without two-way contact after which a case counts as silent.
pub const SILENT_DAYS: i64 = 14;

const MINUTE_MS: i64 = 60_000;
const ROUNDED_MS: i64 = 5 * MINUTE_MS;

/// When a contact of so many minutes began that has just ended, Unix milliseconds: now, down to five whole minutes, less
/// its length.
pub fn began_before(now_ms: i64, minutes: u32) -> i64 {
    let ended = now_ms.saturating_sub(now_ms.rem_euclid(ROUNDED_MS));
    ended.saturating_sub(i64::from(minutes).saturating_mul(MINUTE_MS))
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
