//! How the courses go: their stage events.

use device::casework::{Edit, Initiator, StageAct};

use super::plan::{CastCase, Course, Draft};

/// Days from the inquiry to the first talk of the screening.
const SCREENING: i64 = 6;
/// Days from the inquiry to the agreement.
pub const AGREEMENT: i64 = 20;

/// What happened on the way, except how it ends twice.
pub fn plan(draft: &mut Draft, at: usize, case: &CastCase) {
    event(draft, (at, case), SCREENING, StageAct::ScreeningStarted, None, None);
    if case.course == Course::Screening {
        return;
    }
    event(draft, (at, case), AGREEMENT, StageAct::AgreementSigned, None, None);
    match case.course {
        Course::Paused => {
            event(draft, (at, case), 62, StageAct::Paused, Some("treatment"), None);
            event(draft, (at, case), 83, StageAct::Resumed, None, None);
        }
        Course::FollowUp => {
            event(draft, (at, case), 140, StageAct::Completed, None, Some("Alle tre mål er nået. Planen for efteråret er skrevet sammen."));
            event(draft, (at, case), 141, StageAct::FollowUpStarted, None, None);
        }
        _ => {}
    }
}

fn event(draft: &mut Draft, (at, case): (usize, &CastCase), days_in: i64, event: StageAct, reason: Option<&str>, text: Option<&str>) {
    let days_back = case.opened.saturating_sub(days_in);
    let by = (event == StageAct::Paused).then_some(Initiator::Candidate);
    let on = draft.day(days_back).to_string();
    let edit = Edit::StageEvent { id: draft.dice.item(), event, on, reason: reason.map(str::to_owned), text: text.map(str::to_owned), by };
    draft.add(draft.at(days_back, 21, 0), case.owner(), at, edit);
}
