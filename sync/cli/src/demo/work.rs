//! What is to be done: offers with their ladders and steps, tasks and promises.

use device::casework::{Edit, OfferKind, OfferPack, OfferStatus, TaskKind};

use super::{
    course::AGREEMENT,
    plan::{CastCase, Course, Draft},
};

const LADDER: [OfferStatus; 5] = [OfferStatus::Need, OfferStatus::Offered, OfferStatus::Accepted, OfferStatus::Running, OfferStatus::Done];
const TASKS: [&str; 12] = [
    "Ring til jobcentret om indkaldelsen",
    "Find papirerne fra Gældsstyrelsen",
    "Bestil tid hos lægen",
    "Skriv CV færdigt",
    "Spørg foreningen om kontingentet",
    "Følg op på boligansøgningen",
    "Ny adgangskode til hans mail",
    "Aftal møde i netværket",
    "Ring til kontaktpersonen i kommunen",
    "Hent bøgerne på biblioteket",
    "Forbered næste retsmøde",
    "Bestil nyt sygesikringskort",
];
const PROMISES: [&str; 6] = [
    "Jeg ringer, når jeg har talt med kommunen",
    "Jeg tager med til lægen",
    "Jeg finder ud af, hvad en billet koster",
    "Jeg skriver til din søster, at du har det godt",
    "Jeg spørger efter fodboldstøvler i klubben",
    "Jeg ringer søndag aften",
];

/// A case's offers, steps, tasks and promises.
pub fn plan(draft: &mut Draft, at: usize, case: &CastCase) {
    let pack: Option<OfferPack> = serde_json::from_str(OfferPack::BUILT_IN).ok();
    for offer in case.offers {
        ladder(draft, (at, case), *offer);
        if let Some(pack) = &pack {
            steps(draft, (at, case), *offer, pack);
        }
    }
    tasks(draft, (at, case));
    if case.course == Course::Inside {
        let edit = Edit::AddTask {
            id: draft.dice.item(),
            title: "Løsladelse: hent ham ved porten kl. 9".to_owned(),
            due: Some(draft.day(-24).to_string()),
            owner: None,
            task: TaskKind::Task,
            promised_to: None,
        };
        draft.add(draft.at(30, 19, 0), case.owner(), at, edit);
    }
}

/// Days before the anchor on which the agreed work begins.
fn begin(case: &CastCase) -> i64 {
    case.opened.saturating_sub(AGREEMENT.saturating_add(1)).max(12)
}

fn ladder(draft: &mut Draft, (at, case): (usize, &CastCase), offer: OfferKind) {
    let mut days_back = begin(case).saturating_sub(draft.dice.between(0, 6));
    let rungs = if case.course == Course::Screening { 1 } else { draft.dice.between(2, 5) };
    for status in LADDER.into_iter().take(usize::try_from(rungs).unwrap_or(1)) {
        if days_back <= 10 {
            return;
        }
        draft.add(draft.at(days_back, 19, 30), case.owner(), at, Edit::SetOfferStatus { offer, status });
        days_back = days_back.saturating_sub(draft.dice.between(8, 30));
    }
    if offer == OfferKind::SubstanceTreatment && days_back > 10 {
        draft.add(draft.at(days_back, 19, 30), case.owner(), at, Edit::SetOfferStatus { offer, status: OfferStatus::Waiting });
    }
}

fn steps(draft: &mut Draft, (at, case): (usize, &CastCase), offer: OfferKind, pack: &OfferPack) {
    let how_many = usize::try_from(draft.dice.between(3, 5)).unwrap_or(3);
    let mut days_back = begin(case).saturating_sub(2);
    for template in pack.steps(offer).iter().take(how_many) {
        let step = draft.dice.item();
        let due = draft.day(days_back.saturating_sub(21)).to_string();
        let edit = Edit::AddStep {
            offer,
            id: step,
            title: template.da.clone(),
            template: Some(template.key.clone()),
            owner: None,
            due: Some(due),
        };
        draft.add(draft.at(days_back, 20, 0), case.owner(), at, edit);
        let done_back = days_back.saturating_sub(draft.dice.between(5, 25));
        if done_back > 10 && draft.dice.chance(75) {
            let on = Some(draft.day(done_back).to_string());
            draft.add(draft.at(done_back, 20, 0), case.owner(), at, Edit::SetStepDone { offer, step, done: true, on });
        }
        days_back = days_back.saturating_sub(draft.dice.between(2, 12)).max(11);
    }
}

fn tasks(draft: &mut Draft, (at, case): (usize, &CastCase)) {
    let mut days_back = case.opened.saturating_sub(8);
    let mut promise = false;
    while days_back > 6 {
        let id = draft.dice.item();
        let due_back = days_back.saturating_sub(draft.dice.between(3, 14));
        let title = if promise { draft.dice.pick(&PROMISES) } else { draft.dice.pick(&TASKS) };
        let edit = Edit::AddTask {
            id,
            title: title.to_owned(),
            due: Some(draft.day(due_back).to_string()),
            owner: None,
            task: if promise { TaskKind::Promise } else { TaskKind::Task },
            promised_to: promise.then(|| case.alias.to_owned()),
        };
        draft.add(draft.at(days_back, 18, 30), case.owner(), at, edit);
        // What is long overdue was done; of the last weeks' things a few still wait.
        if due_back > 6 && (draft.dice.chance(88) || due_back > 21) {
            let done = draft.at(due_back, 18, 0);
            let on = Some(draft.day(due_back).to_string());
            draft.add(done, case.owner(), at, Edit::SetTaskDone { task: id, done: true, on });
        }
        promise = draft.dice.chance(35);
        days_back = days_back.saturating_sub(draft.dice.between(9, 21));
    }
}
