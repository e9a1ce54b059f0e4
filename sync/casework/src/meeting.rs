//! Meetings and other contact: the kinds, how long they usually last, and which of them break a silence.

use wire::id::ItemId;

use crate::{
    clock::{Clocks, NO_TIME_BEFORE_MS},
    document::{Origin, Reg},
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
    pub removed: bool,
    pub origin: Origin,
}

impl Meeting {
    /// When it took place by a right clock, as far as that is known; when it was entered, if its own time says nothing.
    pub fn really_at(&self, clocks: &Clocks) -> i64 {
        let said = self.at.0.last().map_or(self.at_ms, |(at_ms, stamp)| clocks.set_right(*at_ms, stamp));
        let entered = clocks.set_right(self.origin.at_ms, &self.origin.stamp);
        if said < NO_TIME_BEFORE_MS { entered.max(said) } else { said }
    }

    /// How far ahead the clock was by which its time was said, when it was off.
    pub fn clock_off(&self, clocks: &Clocks) -> Option<i64> {
        self.at.0.last().and_then(|(_, stamp)| clocks.off(stamp))
    }

    /// Whether its time says nothing, because the clock had lost all time.
    pub const fn time_is_unknown(&self) -> bool {
        self.at_ms < NO_TIME_BEFORE_MS
    }
}

/// The time of the last contact that ended a silence, not counting what was taken back.
pub(crate) fn last_contact<'a>(meetings: impl Iterator<Item = &'a Meeting>, clocks: &Clocks) -> Option<i64> {
    let counts = |m: &&Meeting| !m.removed && is_contact(m.kind, m.outcome);
    meetings.filter(counts).map(|m| m.really_at(clocks)).max()
}

/// Days without two-way contact after which a case counts as silent.
pub const SILENT_DAYS: i64 = 14;

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
