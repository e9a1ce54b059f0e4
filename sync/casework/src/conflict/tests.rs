//! What is a conflict, what is none, and what applies until somebody chooses.

use super::*;
use crate::{
    Edit, OfferStatus, Stage, StageAct, TaskKind,
    testing::{Person, aisha, item, meet, mikkel, sofie},
};

fn pair() -> [Person; 2] {
    let mut people = [aisha(), mikkel()];
    people[0].does(Edit::AddTask {
        id: item(1),
        title: "Ring".into(),
        due: Some("2023-12-01".into()),
        owner: None,
        task: TaskKind::Task,
        promised_to: None,
    });
    people[0]
        .does(Edit::AddStep { offer: OfferKind::Therapy, id: item(2), title: "Ønske".into(), template: None, owner: None, due: None });
    meet(&mut people);
    people
}

fn fields(p: &Person) -> Vec<String> {
    p.case.conflicts().iter().map(Conflict::field).collect()
}

#[test]
fn two_statuses_are_listed_and_the_lower_rung_applies_until_somebody_chooses() {
    let mut people = pair();
    let set = |status| Edit::SetOfferStatus { offer: OfferKind::Therapy, status };
    people[0].does(set(OfferStatus::Running));
    people[1].does(set(OfferStatus::Offered));
    meet(&mut people);
    assert_eq!(people[0].case.conflicts(), people[1].case.conflicts());
    let found = people[0].case.conflicts();
    assert_eq!(fields(&people[0]), ["offer.therapy.status"]);
    assert_eq!(found[0].values.len(), 2);
    assert!(
        found[0]
            .values
            .iter()
            .any(|v| v.value == "running" && v.member == Some(people[0].by.member) && v.device == Some(people[0].by.device))
    );
    assert_eq!(people[0].shows().offers[&OfferKind::Therapy].status, OfferStatus::Offered);

    assert_eq!(people[0].refused(Edit::Resolve { conflict: found[0].id.clone(), keep: "done".into() }), "case.not_a_choice");
    assert_eq!(people[0].refused(Edit::Resolve { conflict: "0".into(), keep: "done".into() }), "case.unknown_conflict");
    people[0].does(Edit::Resolve { conflict: found[0].id.clone(), keep: "running".into() });
    meet(&mut people);
    assert!(people[1].case.conflicts().is_empty());
    assert_eq!(people[1].shows().offers[&OfferKind::Therapy].status, OfferStatus::Running);
    assert_eq!(people[1].shows().offer_changes.len(), 3);
}

#[test]
fn the_lower_value_can_be_kept_too() {
    let mut people = pair();
    people[0].does(Edit::SetOfferStatus { offer: OfferKind::Therapy, status: OfferStatus::Running });
    people[1].does(Edit::SetOfferStatus { offer: OfferKind::Therapy, status: OfferStatus::Offered });
    meet(&mut people);
    let id = people[1].case.conflicts()[0].id.clone();
    people[1].does(Edit::Resolve { conflict: id, keep: "offered".into() });
    meet(&mut people);
    assert!(people[0].case.conflicts().is_empty());
}

#[test]
fn the_same_value_twice_is_no_conflict() {
    let mut people = pair();
    for p in &mut people {
        p.does(Edit::SetOfferStatus { offer: OfferKind::Therapy, status: OfferStatus::Need });
    }
    meet(&mut people);
    assert!(people[0].case.conflicts().is_empty());
}

#[test]
fn done_stays_visible_until_a_later_reopening() {
    let mut people = pair();
    let set = |done| Edit::SetStepDone { offer: OfferKind::Therapy, step: item(2), done, on: Some("2023-11-01".into()) };
    people[0].does(set(true));
    meet(&mut people);
    people[0].does(set(false));
    people[1].does(Edit::SetStepDone { offer: OfferKind::Therapy, step: item(2), done: true, on: Some("2023-11-02".into()) });
    meet(&mut people);
    assert_eq!(fields(&people[1]), [format!("offer.therapy.step.{}.done", item(2))]);
    assert_eq!(people[0].shows().offers[&OfferKind::Therapy].steps[&item(2)].done_on.as_deref(), Some("2023-11-02"));
    people[1].does(set(false));
    meet(&mut people);
    assert!(people[0].case.conflicts().is_empty());
    assert_eq!(people[0].shows().offers[&OfferKind::Therapy].steps[&item(2)].done_on, None);
}

#[test]
fn the_earliest_date_applies_and_only_a_week_apart_is_a_conflict() {
    let mut people = pair();
    let due = |due: &str| Edit::SetTaskDue { task: item(1), due: Some(due.into()) };
    people[0].does(due("2023-12-10"));
    people[1].does(due("2023-12-05"));
    meet(&mut people);
    assert!(people[0].case.conflicts().is_empty());
    assert_eq!(people[0].shows().tasks[&item(1)].due.as_deref(), Some("2023-12-05"));
    people[0].does(due("2023-12-01"));
    people[1].does(due("2023-12-09"));
    meet(&mut people);
    assert_eq!(fields(&people[0]), [format!("task.{}.due", item(1))]);
    let id = people[0].case.conflicts()[0].id.clone();
    people[0].does(Edit::Resolve { conflict: id, keep: "2023-12-09".into() });
    meet(&mut people);
    assert_eq!(people[1].shows().tasks[&item(1)].due.as_deref(), Some("2023-12-09"));
}

#[test]
fn two_ends_leave_the_course_unresolved_until_one_is_kept() {
    let mut people = pair();
    let act = |n, event, on: &str| Edit::StageEvent {
        id: item(n),
        event,
        on: on.into(),
        reason: Some("other".into()),
        text: Some("ingen".into()),
        by: None,
    };
    people[0].does(act(10, StageAct::InquiryReceived, "2023-01-01"));
    people[0].does(act(11, StageAct::ScreeningStarted, "2023-01-02"));
    people[0].does(act(12, StageAct::AgreementSigned, "2023-01-03"));
    meet(&mut people);
    people[0].does(act(13, StageAct::Completed, "2023-06-01"));
    people[1].does(act(14, StageAct::BrokenOff, "2023-06-01"));
    meet(&mut people);
    assert_eq!(people[0].case.card().stage, Stage::UnresolvedEnd);
    assert_eq!(fields(&people[1]), ["stage"]);
    assert_eq!(people[0].case.conflicts(), people[1].case.conflicts());
    assert_eq!(people[0].refused(act(15, StageAct::FollowUpStarted, "2023-07-01")), "case.unresolved_end");
    let id = people[1].case.conflicts()[0].id.clone();
    people[1].does(Edit::Resolve { conflict: id, keep: "completed".into() });
    meet(&mut people);
    assert_eq!(people[0].case.card().stage, Stage::Completed);
    assert!(people[0].case.conflicts().is_empty());
    assert_eq!(people[0].shows().stages.len(), 6);
}

#[test]
fn two_aliases_are_a_conflict() {
    let mut people = pair();
    for (p, alias) in people.iter_mut().zip(["Falken", "Ørnen"]) {
        p.does(Edit::SetProfile { alias: Some(alias.into()), programme: None, birth_year: None });
    }
    meet(&mut people);
    assert_eq!(fields(&people[0]), ["profile.alias"]);
    assert_eq!(people[0].shows().alias, people[1].shows().alias);
}

#[test]
fn what_applies_until_somebody_chooses_is_said_with_its_rule() {
    let mut people = pair();
    let said = |p: &Person| {
        let found = p.case.conflicts();
        found.into_iter().map(|c| (c.field().split('.').next_back().unwrap_or_default().to_owned(), c.applies, c.rule)).collect::<Vec<_>>()
    };
    for (p, (alias, status, done, due)) in
        people.iter_mut().zip([("Falken", OfferStatus::Running, true, "2023-12-20"), ("Ørnen", OfferStatus::Need, false, "2023-12-02")])
    {
        p.does(Edit::SetProfile { alias: Some(alias.into()), programme: None, birth_year: None });
        p.does(Edit::SetOfferStatus { offer: OfferKind::Therapy, status });
        p.does(Edit::SetTaskDone { task: item(1), done: !done, on: Some("2023-11-04".into()) });
        p.does(Edit::SetTaskDone { task: item(1), done, on: Some("2023-11-05".into()) });
        p.does(Edit::SetTaskDue { task: item(1), due: Some(due.into()) });
    }
    meet(&mut people);
    let alias = people[0].shows().alias;
    let wanted = [
        ("alias", Some(alias.as_str()), Rule::Latest),
        ("status", Some("need"), Rule::LowerRung),
        ("done", Some("2023-11-05"), Rule::DoneStays),
        ("due", Some("2023-12-02"), Rule::EarliestDue),
    ];
    assert_eq!(said(&people[0]), wanted.map(|(field, applies, rule)| (field.to_owned(), applies.map(str::to_owned), rule)));
    assert_eq!(said(&people[0]), said(&people[1]));
}

#[test]
fn of_two_stages_the_furthest_applies_and_of_two_ends_none() {
    let mut people = pair();
    let act = |n, event, on: &str| Edit::StageEvent {
        id: item(n),
        event,
        on: on.into(),
        reason: Some("other".into()),
        text: Some("ingen".into()),
        by: None,
    };
    people[0].does(act(10, StageAct::InquiryReceived, "2023-01-01"));
    people[0].does(act(11, StageAct::ScreeningStarted, "2023-01-02"));
    meet(&mut people);
    people[0].does(act(12, StageAct::AgreementSigned, "2023-01-03"));
    people[1].does(act(13, StageAct::ScreeningInterrupted, "2023-01-03"));
    meet(&mut people);
    let said = |p: &Person| p.case.conflicts().into_iter().map(|c| (c.applies, c.rule)).collect::<Vec<_>>();
    assert_eq!(said(&people[0]), [(Some("course_active".to_owned()), Rule::Furthest)]);
    let mut people = pair();
    people[0].does(act(10, StageAct::InquiryReceived, "2023-01-01"));
    people[0].does(act(11, StageAct::ScreeningStarted, "2023-01-02"));
    people[0].does(act(12, StageAct::AgreementSigned, "2023-01-03"));
    meet(&mut people);
    people[0].does(act(14, StageAct::Completed, "2023-01-04"));
    people[1].does(act(15, StageAct::BrokenOff, "2023-01-04"));
    meet(&mut people);
    assert_eq!(said(&people[1]), [(None, Rule::Nothing)]);
}

#[test]
fn who_removes_a_note_hides_only_the_words_they_knew() {
    let mut people = [aisha(), mikkel(), sofie()];
    people[0].note(1, "Vi mødtes.");
    meet(&mut people);
    people[0].writes(1, "Vi mødtes. Han kom.", None);
    people[1].writes(1, "I går: Vi mødtes.", None);
    people[2].does(Edit::RemoveNote { note: item(1) });
    meet(&mut people);
    for p in &people {
        let note = &p.shows().notes[&item(1)];
        assert_eq!((note.text.as_str(), note.removed), ("I går: Vi mødtes. Han kom.", false));
        assert_eq!(fields(p), [format!("note.{}.removed", item(1))]);
        assert!(p.case.search_texts().iter().any(|text| text.text.contains("I går")));
    }
    let found = people[0].case.conflicts();
    let said: Vec<(&str, Option<wire::id::MemberId>)> = found[0].values.iter().map(|v| (v.value.as_str(), v.member)).collect();
    assert_eq!(said[0], ("removed", Some(people[2].by.member)));
    assert_eq!(said[1].0, "kept");

    // Who knows everything may still take it away, and it can be put back with every word.
    people[1].does(Edit::Resolve { conflict: found[0].id.clone(), keep: "removed".into() });
    meet(&mut people);
    assert!(people.iter().all(|p| p.shows().notes[&item(1)].removed && p.case.conflicts().is_empty()));
    people[0].does(Edit::RestoreNote { note: item(1) });
    meet(&mut people);
    assert_eq!(people[2].text(1), "I går: Vi mødtes. Han kom.");
    assert!(!people[2].shows().notes[&item(1)].removed);
}

#[test]
fn a_note_that_somebody_chose_to_keep_stays_without_a_question() {
    let mut people = [aisha(), mikkel()];
    people[0].note(1, "Vi mødtes.");
    meet(&mut people);
    people[0].writes(1, "Vi mødtes. Han kom.", None);
    people[1].does(Edit::RemoveNote { note: item(1) });
    meet(&mut people);
    let id = people[1].case.conflicts()[0].id.clone();
    people[1].does(Edit::Resolve { conflict: id, keep: "kept".into() });
    meet(&mut people);
    assert!(people.iter().all(|p| !p.shows().notes[&item(1)].removed && p.case.conflicts().is_empty()));
}

#[test]
fn a_removal_that_knew_every_word_hides_the_note_and_a_later_word_brings_it_back() {
    let mut people = [aisha(), mikkel()];
    people[0].note(1, "Vi mødtes.");
    meet(&mut people);
    people[1].does(Edit::RemoveNote { note: item(1) });
    meet(&mut people);
    assert!(people[0].shows().notes[&item(1)].removed && people[0].case.conflicts().is_empty());
    people[0].writes(1, "Vi mødtes, og det var godt.", None);
    meet(&mut people);
    assert!(people.iter().all(|p| !p.shows().notes[&item(1)].removed && p.case.conflicts().len() == 1));
}

#[test]
fn where_one_takes_away_and_another_puts_back_it_is_there() {
    let mut people = pair();
    people[0].does(Edit::RemoveTask { task: item(1) });
    meet(&mut people);
    people[0].does(Edit::RestoreTask { task: item(1) });
    people[1].does(Edit::RestoreTask { task: item(1) });
    people[1].does(Edit::RemoveTask { task: item(1) });
    meet(&mut people);
    assert!(people.iter().all(|p| !p.shows().tasks[&item(1)].removed));
}
