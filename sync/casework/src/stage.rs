//! The stages of an exit course: which event leads where, and what holds when events meet.

use std::collections::{BTreeMap, BTreeSet};

use wire::id::ItemId;

use crate::{document::Origin, word::words};

words! {
    /// Where a course is.
    Stage {
        Inquiry = "inquiry",
        Screening = "screening",
        ScreeningEnded = "screening_ended",
        CourseActive = "course_active",
        CoursePaused = "course_paused",
        Completed = "completed",
        BrokenOff = "broken_off",
        FollowUp = "follow_up",
        Closed = "closed",
        /// Two contradictory ends were written; neither counts until somebody decides.
        UnresolvedEnd = "unresolved_end",
    }
}

words! {
    /// Under whose programme a course runs.
    Programme {
        National = "national",
        Prison = "prison",
        Municipal = "municipal",
        Ngo = "ngo",
    }
}

words! {
    /// What happened to a course.
    StageAct {
        InquiryReceived = "inquiry_received",
        ScreeningStarted = "screening_started",
        InquiryClosed = "inquiry_closed",
        ScreeningInterrupted = "screening_interrupted",
        AgreementSigned = "agreement_signed",
        Paused = "paused",
        Resumed = "resumed",
        Completed = "completed",
        BrokenOff = "broken_off",
        FollowUpStarted = "follow_up_started",
        Reinstated = "reinstated",
        HandedOver = "handed_over",
        Deceased = "deceased",
        Emigrated = "emigrated",
        FollowUpEnded = "follow_up_ended",
        Voided = "voided",
        /// Takes back another event; both stay in the log.
        Corrected = "corrected",
    }
}

words! {
    /// Whose wish or doing it was.
    Initiator {
        Candidate = "candidate",
        Authority = "authority",
        Outside = "outside",
    }
}

words! {
    /// A pier of the bridge.
    Pier {
        Inquiry = "inquiry",
        Screening = "screening",
        Agreement = "agreement",
        Course = "course",
        FollowUp = "follow_up",
    }
}

impl Pier {
    /// The event that leads onto it; none for the course, which begins with the agreement.
    pub const fn event(self) -> Option<StageAct> {
        match self {
            Self::Inquiry => Some(StageAct::InquiryReceived),
            Self::Screening => Some(StageAct::ScreeningStarted),
            Self::Agreement => Some(StageAct::AgreementSigned),
            Self::Course => None,
            Self::FollowUp => Some(StageAct::FollowUpStarted),
        }
    }
}

/// Days after a break-off within which the same agreement may be taken up again.
pub const REINSTATE_DAYS: i64 = 30;
/// Days without contact after which completing a course needs a word of explanation.
pub const COMPLETE_CONTACT_DAYS: i64 = 60;

impl Stage {
    /// True for the three ways in which a course ends for counting.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::ScreeningEnded | Self::Completed | Self::BrokenOff)
    }

    /// The pier, from 1, on which a course in this stage stands.
    pub const fn pier(self) -> u32 {
        match self {
            Self::Inquiry => 1,
            Self::Screening | Self::ScreeningEnded => 2,
            Self::CourseActive | Self::CoursePaused | Self::Completed | Self::BrokenOff | Self::UnresolvedEnd => 4,
            Self::FollowUp | Self::Closed => 5,
        }
    }
}

impl StageAct {
    /// Where this event leads from a stage, or `None` where it may not happen.
    /// `from` is `None` before the first event.
    pub const fn leads(self, from: Option<Stage>) -> Option<Stage> {
        use Stage as S;
        let Some(from) = from else {
            return if matches!(self, Self::InquiryReceived) { Some(S::Inquiry) } else { None };
        };
        match (self, from) {
            (Self::ScreeningStarted, S::Inquiry) => Some(S::Screening),
            (Self::InquiryClosed, S::Inquiry) => Some(S::Closed),
            (Self::ScreeningInterrupted, S::Screening) => Some(S::ScreeningEnded),
            (Self::AgreementSigned, S::Screening) => Some(S::CourseActive),
            (Self::Paused, S::CourseActive) => Some(S::CoursePaused),
            (Self::Resumed, S::CoursePaused) => Some(S::CourseActive),
            (Self::Completed, S::CourseActive | S::CoursePaused) => Some(S::Completed),
            (Self::BrokenOff, S::CourseActive | S::CoursePaused) => Some(S::BrokenOff),
            (Self::FollowUpStarted, S::Completed | S::BrokenOff) => Some(S::FollowUp),
            (Self::Reinstated, S::BrokenOff) => Some(S::CourseActive),
            (Self::HandedOver, S::CourseActive) => Some(S::CourseActive),
            (Self::Deceased | Self::Emigrated, S::Inquiry | S::Screening | S::CourseActive | S::CoursePaused | S::FollowUp) => {
                Some(S::Closed)
            }
            (Self::FollowUpEnded, S::FollowUp) => Some(S::Closed),
            (Self::Voided, _) => Some(S::Closed),
            _ => None,
        }
    }

    /// True for events that need a reason code, unless the candidate himself wished it.
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::InquiryClosed | Self::ScreeningInterrupted | Self::Paused | Self::BrokenOff)
    }
}

/// One event as the document holds it.
#[derive(Debug, Clone)]
pub(crate) struct StageEvent {
    pub id: ItemId,
    pub act: StageAct,
    /// Where it led.
    pub to: Stage,
    pub on: String,
    pub reason: Option<String>,
    pub text: Option<String>,
    pub initiated_by: Option<Initiator>,
    /// The last events that its author knew.
    pub after: Vec<ItemId>,
    pub corrects: Option<ItemId>,
    pub origin: Origin,
}

/// What holds, all events considered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    /// `None` before the first event.
    pub stage: Option<Stage>,
    /// The last events, those that no other standing event follows, in the order of their ids.
    pub last: Vec<ItemId>,
    /// Events taken back.
    pub corrected: BTreeSet<ItemId>,
    /// True when the last events say different things.
    pub disputed: bool,
}

/// Works out what holds. A correction counts only against an event that was there before it, and
/// not if it was itself taken back.
pub(crate) fn standing(events: &BTreeMap<ItemId, StageEvent>) -> Standing {
    let corrected = corrected(events);
    let live: Vec<&StageEvent> = events.values().filter(|e| e.act != StageAct::Corrected && !corrected.contains(&e.id)).collect();
    let followed: BTreeSet<ItemId> = live.iter().flat_map(|e| standing_before(e, events, &corrected)).collect();
    let mut last: Vec<&StageEvent> = live.iter().copied().filter(|e| !followed.contains(&e.id)).collect();
    last.sort_by_key(|e| e.id);
    let stages: BTreeSet<Stage> = last.iter().map(|e| e.to).collect();
    let ends = stages.iter().filter(|s| s.is_terminal()).count();
    Standing {
        stage: if ends > 1 { Some(Stage::UnresolvedEnd) } else { stages.iter().max().copied() },
        last: last.iter().map(|e| e.id).collect(),
        disputed: stages.len() > 1,
        corrected,
    }
}

fn corrected(events: &BTreeMap<ItemId, StageEvent>) -> BTreeSet<ItemId> {
    let mut corrections: Vec<&StageEvent> = events.values().filter(|e| e.corrects.is_some()).collect();
    corrections.sort_by(|a, b| b.origin.stamp.cmp(&a.origin.stamp));
    let mut out = BTreeSet::new();
    for correction in corrections {
        let Some(target) = correction.corrects.and_then(|id| events.get(&id)) else { continue };
        if !out.contains(&correction.id) && target.origin.stamp < correction.origin.stamp {
            out.insert(target.id);
        }
    }
    out
}

/// The events that one follows; where it follows a corrected one, those that this one followed.
fn standing_before(event: &StageEvent, events: &BTreeMap<ItemId, StageEvent>, corrected: &BTreeSet<ItemId>) -> Vec<ItemId> {
    let mut out = Vec::new();
    let mut seen = BTreeSet::new();
    let mut todo = event.after.clone();
    while let Some(id) = todo.pop() {
        if !seen.insert(id) || id == event.id {
            continue;
        }
        match events.get(&id) {
            Some(before) if corrected.contains(&id) => todo.extend(before.after.iter().copied()),
            Some(before) if before.origin.stamp < event.origin.stamp => out.push(id),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests;
