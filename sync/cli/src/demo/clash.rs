//! Five conflicts: what two people write, each on their own device, before either of them syncs.

use device::{
    ItemId,
    casework::{Edit, Initiator, OfferKind, OfferStatus, StageAct, TaskKind},
};

use super::{
    cast::place,
    plan::{Draft, Line, Person},
};

/// How many conflicts there will be.
pub const CONFLICTS: usize = 5;
/// Days before the anchor on which that begins about which they will disagree.
const BEFORE: i64 = 9;
const OFFER: OfferKind = OfferKind::WorkEducation;

/// Adds what leads up to them; gives what must be written apart.
pub fn plan(draft: &mut Draft) -> Vec<Line> {
    let (shared, other, ending) = (place("C004"), place("C005"), place("C007"));
    let (task, step) = (draft.dice.item(), draft.dice.item());
    lead_up(draft, (shared, task), (other, step));
    let (monday, tuesday) = (draft.at(2, 16, 0), draft.at(2, 19, 0));
    let day = |draft: &Draft, back: i64| Some(draft.day(back).to_string());
    let therapy = |status| Edit::SetOfferStatus { offer: OfferKind::Therapy, status };
    let work = |status| Edit::SetOfferStatus { offer: OFFER, status };
    let undone = Edit::SetStepDone { offer: OFFER, step, done: false, on: None };
    let done = Edit::SetStepDone { offer: OFFER, step, done: true, on: day(draft, 3) };
    let (soon, late) = (Edit::SetTaskDue { task, due: day(draft, -3) }, Edit::SetTaskDue { task, due: day(draft, -30) });
    let mut end = |event, back: i64, reason: Option<&str>, text: &str, by| Edit::StageEvent {
        id: draft.dice.item(),
        event,
        on: draft.day(back).to_string(),
        reason: reason.map(str::to_owned),
        text: Some(text.to_owned()),
        by,
    };
    let completed = end(StageAct::Completed, 2, None, "Han er i mål med det hele, og det siger han også selv.", None);
    let why = "Han ringede og sagde tak og farvel: nyt arbejde langt herfra.";
    let broken_off = end(StageAct::BrokenOff, 3, Some("moved_on_job_family"), why, Some(Initiator::Candidate));
    let first = |case, edit| Line { at_ms: monday, by: Person::First, case, edit };
    let second = |case, edit| Line { at_ms: tuesday, by: Person::Second, case, edit };
    vec![
        first(shared, therapy(OfferStatus::Running)),
        second(shared, therapy(OfferStatus::Waiting)),
        first(shared, soon),
        second(shared, late),
        first(other, work(OfferStatus::Accepted)),
        second(other, work(OfferStatus::Declined)),
        first(other, undone),
        second(other, done),
        second(ending, completed),
        Line { at_ms: tuesday, by: Person::Coordinator, case: ending, edit: broken_off },
    ]
}

fn lead_up(draft: &mut Draft, (shared, task): (usize, ItemId), (other, step): (usize, ItemId)) {
    let at = draft.at(BEFORE, 17, 0);
    let (due, done_on) = (Some(draft.day(-7).to_string()), Some(draft.day(BEFORE).to_string()));
    let title = "Søg om hjælp til indskud".to_owned();
    let by = Person::First;
    draft.add(at, by, shared, Edit::SetOfferStatus { offer: OfferKind::Therapy, status: OfferStatus::Offered });
    draft.add(at, by, shared, Edit::AddTask { id: task, title, due, owner: None, task: TaskKind::Task, promised_to: None });
    draft.add(at, by, other, Edit::SetOfferStatus { offer: OFFER, status: OfferStatus::Offered });
    let title = "CV med huller forklaret".to_owned();
    draft.add(at, by, other, Edit::AddStep { offer: OFFER, id: step, title, template: None, owner: None, due: None });
    draft.add(at.saturating_add(60_000), by, other, Edit::SetStepDone { offer: OFFER, step, done: true, on: done_on });
}
