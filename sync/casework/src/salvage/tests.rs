//! Six things that Aisha wrote and never sent, and what the office makes of them.

use super::*;
use crate::{
    MeetingKind, OfferStatus, Outcome, Programme, StageAct, TaskKind,
    testing::{Person, aisha, item, mikkel, sofie},
};

/// What Aisha wrote after the office had everything of hers, as the office sees it.
fn lost(aisha: &Person, office: &Person) -> Salvage {
    let since = office.case.seq_of(aisha.case.actor());
    let mut count = 500;
    office.case.salvage(aisha.case.actor(), &[aisha.case.unsent(since).changes], &mut || {
        count += 1;
        item(count)
    })
}

fn found(salvage: &Salvage) -> Vec<(SalvageKind, &str, bool, SalvageState)> {
    salvage.things.iter().map(|thing| (thing.kind, thing.title.as_str(), thing.changes, thing.state)).collect()
}

fn meeting(n: u16, at_ms: i64) -> Edit {
    Edit::LogMeeting {
        id: item(n),
        meeting: MeetingKind::Meeting,
        at_ms,
        minutes: 60,
        place: Some("Biblioteket".into()),
        outcome: Outcome::TookPlace,
        zone: None,
        said: None,
    }
}

/// Aisha and the office have the same; then Aisha writes six things that never come.
fn six_things() -> (Person, Person) {
    let (mut aisha, mut office) = (aisha(), mikkel());
    aisha.does(Edit::SetProfile { alias: Some("Falken".into()), programme: Some(Programme::National), birth_year: None });
    aisha.note(1, "Vi mødtes ved åen.");
    aisha.does(Edit::AddTask {
        id: item(2),
        title: "Ring til banken".into(),
        due: None,
        owner: None,
        task: TaskKind::Promise,
        promised_to: None,
    });
    assert_eq!(aisha.gives(&mut office).refused, []);
    aisha.note(3, "Han vil gerne flytte.\nTil Ådal.");
    aisha.writes(1, "Vi mødtes ved åen. Han lo.", None);
    aisha.does(meeting(4, 1_700_000_000_000));
    aisha.does(Edit::SetTaskDone { task: item(2), done: true, on: Some("2023-11-14".into()) });
    aisha.does(Edit::SetOfferStatus { offer: OfferKind::ALL[0], status: OfferStatus::Running });
    let inquiry =
        Edit::StageEvent { id: item(5), event: StageAct::InquiryReceived, on: "2023-11-14".into(), reason: None, text: None, by: None };
    aisha.does(inquiry);
    (aisha, office)
}

#[test]
fn each_thing_stands_for_itself() {
    use SalvageKind as K;
    let (aisha, office) = six_things();
    let before = office.shows();
    let salvage = lost(&aisha, &office);
    let open = SalvageState::Open;
    assert_eq!(
        found(&salvage),
        [
            (K::Offer, OfferKind::ALL[0].word(), true, open),
            (K::Meeting, "meeting", false, open),
            (K::Stage, "inquiry_received", false, open),
            (K::Note, "Vi mødtes ved åen. Han lo.", true, open),
            (K::Note, "Han vil gerne flytte.", false, open),
            (K::Task, "Ring til banken", true, open),
        ]
    );
    assert_eq!(salvage.things[4].text.as_deref(), Some("Han vil gerne flytte.\nTil Ådal."));
    assert_eq!((salvage.received.parked, salvage.received.refused.len()), (0, 0));
    assert_eq!(office.shows(), before, "looking takes nothing over");
}

#[test]
fn three_are_taken_over_three_are_not_and_nobody_is_asked_again() {
    let (aisha, mut office) = six_things();
    let things = lost(&aisha, &office).things;
    let now_ms = office.now_ms + 5_000;
    for thing in &things[..3] {
        office.case.settle_salvaged(thing.key, false, &office.by, now_ms).unwrap();
    }
    let touched: Vec<Touched> = things[3..].iter().map(|thing| office.case.accept(thing, &office.by, now_ms).unwrap()).collect();
    assert!(touched[0].notes.contains(&item(1)) && touched[2].tasks.contains(&item(2)));
    let shown = office.shows();
    assert_eq!(office.text(1), "Vi mødtes ved åen. Han lo.");
    let texts: Vec<&str> = shown.notes.values().map(|note| note.text.as_str()).collect();
    assert_eq!(texts, ["Vi mødtes ved åen. Han lo.", "Han vil gerne flytte.\nTil Ådal."]);
    assert!(!shown.notes.contains_key(&item(3)), "a new thing has an id of its own");
    assert!(shown.meetings.is_empty() && office.case.reader().stages().is_empty());
    assert_eq!(office.case.reader().offer(OfferKind::ALL[0]).applies(), OfferStatus::NotAssessed);
    assert_eq!(done_applies(&office.case.model().tasks[&item(2)].done), Some("2023-11-14"));
    let acts: Vec<String> = office.case.history().into_iter().map(|entry| entry.act).filter(|act| act.starts_with("salvage")).collect();
    assert_eq!(acts.iter().filter(|act| *act == "salvage.accept").count(), 3);
    assert_eq!(acts.iter().filter(|act| *act == "salvage.reject").count(), 3);
    let mut colleague = sofie();
    assert_eq!(aisha_before(&aisha, &office).gives(&mut colleague).refused, []);
    assert_eq!(office.gives(&mut colleague).refused, []);
    assert!(lost(&aisha, &colleague).things.iter().all(|thing| thing.state != SalvageState::Open), "the colleague sees what was decided");
    assert_eq!(colleague.case.settled().len(), 6);
}

/// Aisha as she was when the office had everything of hers.
fn aisha_before(now: &Person, office: &Person) -> Person {
    let mut before = aisha();
    let sent = office.case.seq_of(now.case.actor());
    let changes: Vec<_> = now.case.unsent(0).changes.into_iter().take(usize::try_from(sent).unwrap()).collect();
    assert_eq!(before.case.receive(now.case.actor(), &changes).refused, []);
    before
}

#[test]
fn what_others_wrote_in_between_stays() {
    let (aisha, mut office) = six_things();
    office.writes(1, "Lørdag: Vi mødtes ved åen.", None);
    let salvage = lost(&aisha, &office);
    let thing = salvage.things.iter().find(|thing| thing.kind == SalvageKind::Note && thing.changes).unwrap();
    let (by, now_ms) = (office.by, office.now_ms + 1_000);
    office.case.accept(thing, &by, now_ms).unwrap();
    assert_eq!(office.text(1), "Lørdag: Vi mødtes ved åen. Han lo.");
}

#[test]
fn where_one_says_yes_and_another_no_it_is_taken_over() {
    let (aisha, mut office) = six_things();
    let mut colleague = sofie();
    aisha_before(&aisha, &office).gives(&mut colleague);
    let stage = |salvage: Salvage| salvage.things.into_iter().find(|thing| thing.kind == SalvageKind::Stage).unwrap();
    let thing = stage(lost(&aisha, &office));
    let (by, other) = (office.by, colleague.by);
    office.case.accept(&thing, &by, office.now_ms + 1_000).unwrap();
    colleague.case.settle_salvaged(thing.key, false, &other, colleague.now_ms + 9_000).unwrap();
    assert_eq!(office.gives(&mut colleague).refused, []);
    assert_eq!(colleague.gives(&mut office).refused, []);
    for person in [&office, &colleague] {
        assert_eq!(stage(lost(&aisha, person)).state, SalvageState::Accepted);
    }
}

#[test]
fn what_is_unsound_or_waits_for_something_is_said_and_brings_nothing() {
    let (aisha, office) = six_things();
    let since = office.case.seq_of(aisha.case.actor());
    let mut changes = aisha.case.unsent(since).changes;
    changes.remove(0);
    let gap = office.case.salvage(aisha.case.actor(), &[changes], &mut || item(900));
    assert_eq!((gap.things.len(), gap.received.parked), (0, 5));
    let forged = office.case.salvage([9; 16], &[aisha.case.unsent(since).changes], &mut || item(900));
    assert_eq!((forged.things.len(), forged.received.refused.len()), (0, 6));
    assert_eq!(forged.received.refused[0].code, "crdt.wrong_actor");
}

#[test]
fn a_case_that_was_never_sent_is_all_new() {
    let (aisha, _) = six_things();
    let empty = mikkel();
    let salvage = lost(&aisha, &empty);
    assert!(salvage.things.iter().all(|thing| !thing.changes || thing.kind == SalvageKind::Offer));
    assert!(salvage.things.iter().any(|thing| thing.kind == SalvageKind::Profile && thing.title == "Falken"));
    let mut again = mikkel();
    for thing in &salvage.things {
        let (by, now_ms) = (again.by, again.now_ms + 1_000);
        again.case.accept(thing, &by, now_ms).unwrap();
    }
    assert_eq!(again.case.card().alias, "Falken");
    assert_eq!(again.shows().notes.len(), 2);
}

#[test]
fn what_she_went_on_writing_is_asked_about_again_and_nothing_else_is() {
    let (mut aisha, mut office) = six_things();
    let since = office.case.seq_of(aisha.case.actor());
    let first = aisha.case.unsent(since);
    let mut fresh = || item(700);
    let actor = aisha.case.actor();
    let things = office.case.salvage(actor, std::slice::from_ref(&first.changes), &mut fresh).things;
    let (by, now_ms) = (office.by, office.now_ms + 1_000);
    for thing in &things {
        office.case.settle_salvaged(thing.key, false, &by, now_ms).unwrap();
    }
    aisha.writes(3, "Han vil gerne flytte.\nTil Ådal.\nSnart.", None);
    let second = aisha.case.unsent(since + u64::try_from(first.changes.len()).unwrap());
    let later = office.case.salvage(actor, &[first.changes, second.changes], &mut fresh).things;
    let open: Vec<_> = later.iter().filter(|thing| thing.state == SalvageState::Open).collect();
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].text.as_deref(), open[0].word), (Some("Han vil gerne flytte.\nTil Ådal.\nSnart."), 1));
    assert!(later.iter().filter(|thing| thing.state == SalvageState::Rejected).all(|thing| thing.word == 0));
    assert_eq!(later.len(), 6);
}

#[test]
fn what_she_handed_in_before_she_came_back_and_wrote_can_still_be_taken_over() {
    let (aisha, mut office) = six_things();
    let since = office.case.seq_of(aisha.case.actor());
    let handed = aisha.case.unsent(since).changes;
    let mut back = aisha_before(&aisha, &office);
    back.note(9, "Nu er jeg her igen.");
    back.writes(1, "Lørdag: Vi mødtes ved åen.", None);
    assert_eq!(back.gives(&mut office).refused, []);
    let salvage = office.case.salvage(aisha.case.actor(), &[handed], &mut || item(800));
    assert_eq!((salvage.received.refused.len(), salvage.things.len()), (0, 6));
    let thing = salvage.things.iter().find(|thing| thing.kind == SalvageKind::Note && thing.changes).unwrap();
    let (by, now_ms) = (office.by, office.now_ms + 1_000);
    office.case.accept(thing, &by, now_ms).unwrap();
    assert_eq!(office.text(1), "Lørdag: Vi mødtes ved åen. Han lo.", "what she wrote since stays");
}

#[test]
fn all_that_would_be_done_is_said() {
    let (mut aisha, mut office) = six_things();
    assert_eq!(aisha.gives(&mut office).refused, []);
    aisha.does(Edit::RemoveNote { note: item(3) });
    aisha.does(Edit::SetTaskDue { task: item(2), due: Some("2023-12-01".into()) });
    aisha.does(Edit::AddTask {
        id: item(6),
        title: "Find en bolig".into(),
        due: Some("2024-01-01".into()),
        owner: Some("Aisha".into()),
        task: TaskKind::Promise,
        promised_to: Some("hans mor".into()),
    });
    aisha.does(meeting(7, 1_700_000_100_000));
    let salvage = lost(&aisha, &office);
    let said = |kind: SalvageKind, title: &str| {
        let thing = salvage.things.iter().find(|thing| thing.kind == kind && thing.title == title).unwrap();
        thing.said.iter().map(|said| (said.act.word(), said.value.as_deref())).collect::<Vec<_>>()
    };
    assert_eq!(said(SalvageKind::Note, "Han vil gerne flytte."), [("removed", None)]);
    assert_eq!(said(SalvageKind::Task, "Ring til banken"), [("due", Some("2023-12-01"))]);
    let asked = [("owner", Some("Aisha")), ("due", Some("2024-01-01")), ("promised_to", Some("hans mor"))];
    assert_eq!(said(SalvageKind::Task, "Find en bolig"), asked);
    assert_eq!(said(SalvageKind::Meeting, "meeting"), [("minutes", Some("60")), ("place", Some("Biblioteket"))]);
}

#[test]
fn a_stage_that_was_taken_back_again_can_be_taken_over_whole() {
    let mut aisha = aisha();
    aisha.does(Edit::SetProfile { alias: Some("Falken".into()), programme: Some(Programme::National), birth_year: None });
    let stage = |n: u16| Edit::StageEvent {
        id: item(n),
        event: StageAct::InquiryReceived,
        on: "2023-11-14".into(),
        reason: None,
        text: None,
        by: None,
    };
    aisha.does(stage(5));
    aisha.does(Edit::StageCorrect { corrects: item(5) });
    aisha.does(stage(6));
    let mut office = mikkel();
    let salvage = lost(&aisha, &office);
    assert_eq!(salvage.things.iter().filter(|thing| thing.kind == SalvageKind::Stage).count(), 3);
    for thing in &salvage.things {
        let (by, now_ms) = (office.by, office.now_ms + 1_000);
        office.case.accept(thing, &by, now_ms).unwrap();
    }
    assert_eq!(office.shows().stages.values().filter(|stage| stage.corrected).count(), 1);
}
