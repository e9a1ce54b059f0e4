//! Every act, the act that takes it back, and why one is refused.

use super::*;
use crate::{
    Case, Stage,
    testing::{CASE, Person, aisha, item, meet, mikkel, with_lens},
};

fn stage(p: &mut Person, n: u16, event: StageAct, on: &str) -> Result<Done, EditError> {
    p.tries(Edit::StageEvent { id: item(n), event, on: on.into(), reason: Some("other".into()), text: None, by: None })
}

fn task(n: u16, due: Option<&str>) -> Edit {
    Edit::AddTask {
        id: item(n),
        title: "Ring".into(),
        due: due.map(Into::into),
        owner: None,
        task: TaskKind::Promise,
        promised_to: Some("ham".into()),
    }
}

#[test]
fn concurrent_words_in_one_note_are_both_kept() {
    let mut people = [aisha(), mikkel()];
    people[0].note(1, "Han kom. Vi talte om bolig.");
    meet(&mut people);
    let (a, m) = (people[0].case.base(), people[1].case.base());
    people[0].writes(1, "Han kom sent. Vi talte om bolig.", Some(a));
    people[1].writes(1, "Han kom. Vi talte længe om bolig.", Some(m.clone()));
    meet(&mut people);
    assert_eq!(people[0].text(1), "Han kom sent. Vi talte længe om bolig.");
    // Mikkel's screen still shows his own text; what came meanwhile stays
    people[1].writes(1, "Han kom. Vi talte længe om bolig og penge.", None);
    assert_eq!(people[1].text(1), "Han kom. Vi talte længe om bolig og penge.");
}

#[test]
fn a_write_from_an_old_screen_does_not_undo_what_came_meanwhile() {
    let mut people = [aisha(), mikkel()];
    people[0].note(1, "en to tre");
    meet(&mut people);
    let screen = people[0].case.base();
    people[1].writes(1, "en to tre fire", None);
    meet(&mut people);
    people[0].writes(1, "nul en to tre", Some(screen.clone()));
    assert_eq!(people[0].text(1), "nul en to tre fire");
    // and again from the same old screen, after our own write: nothing of ours is doubled
    people[0].writes(1, "en tre", Some(screen));
    assert_eq!(people[0].text(1), "nul en tre fire");
    let unknown = Base("00".repeat(32));
    assert_eq!(people[0].refused(Edit::WriteNote { note: item(1), text: "x".into(), base: Some(unknown) }), "case.unknown_base");
    assert_eq!(people[0].refused(Edit::WriteNote { note: item(9), text: "x".into(), base: None }), "case.unknown_note");
}

#[test]
fn positions_count_scalar_values_in_every_script() {
    let mut p = aisha();
    p.note(1, "æøå👨‍👩‍👧مرحباe\u{301}!");
    p.does(Edit::SpliceNote { note: item(1), at: 3, delete: 5, insert: "🇩🇰".into() });
    assert_eq!(p.text(1), "æøå🇩🇰مرحباe\u{301}!");
    p.does(Edit::SpliceNote { note: item(1), at: 10, delete: 2, insert: "é\r\n".into() });
    assert_eq!(p.text(1), "æøå🇩🇰مرحباé\n!");
    assert_eq!(p.refused(Edit::SpliceNote { note: item(1), at: 13, delete: 1, insert: String::new() }), "case.bad_position");
    assert_eq!(p.refused(Edit::SpliceNote { note: item(1), at: u64::MAX, delete: u64::MAX, insert: String::new() }), "case.bad_position");
    assert_eq!(p.refused(Edit::SpliceNote { note: item(1), at: 0, delete: 0, insert: "\0".into() }), "case.text_nul");
}

#[test]
fn a_long_note_is_deleted_in_pieces_that_the_other_takes() {
    let mut people = [aisha(), mikkel()];
    people[0].note(1, &"ord ".repeat(10_000));
    people[0].writes(1, "kort", None);
    meet(&mut people);
    assert_eq!(people[1].text(1), "kort");
    let too_long = Edit::WriteNote { note: item(1), text: "a".repeat(1_000_001), base: None };
    assert_eq!(people[0].refused(too_long), "case.text_too_long");
}

#[test]
fn each_act_is_taken_back_by_its_undo() {
    let mut p = aisha();
    p.note(1, "en");
    p.does(task(2, Some("2023-12-01")));
    p.does(Edit::AddStep { offer: OfferKind::Therapy, id: item(3), title: "Ønske".into(), template: None, owner: None, due: None });
    p.does(Edit::LogMeeting {
        id: item(4),
        meeting: MeetingKind::Phone,
        at_ms: 1,
        minutes: 10,
        place: None,
        outcome: Outcome::TookPlace,
        zone: None,
        said: None,
    });
    let acts = [
        Edit::WriteNote { note: item(1), text: "en to".into(), base: None },
        Edit::SpliceNote { note: item(1), at: 0, delete: 1, insert: "E".into() },
        Edit::RemoveNote { note: item(1) },
        Edit::FinishNote { note: item(1), finished: true },
        Edit::SetTaskDone { task: item(2), done: true, on: None },
        Edit::SetTaskDue { task: item(2), due: None },
        Edit::RemoveTask { task: item(2) },
        Edit::SetStepDone { offer: OfferKind::Therapy, step: item(3), done: true, on: Some("2023-01-02".into()) },
        Edit::RemoveStep { offer: OfferKind::Therapy, step: item(3) },
        Edit::SetMeetingAt { meeting: item(4), at_ms: 1_699_000_000_000, zone: Some("America/Nuuk".into()), said: None },
        Edit::DeleteMeeting { meeting: item(4) },
        Edit::SetProfile { alias: Some("Falken".into()), programme: Some(Programme::Prison), birth_year: Some(1999) },
        Edit::StageEvent { id: item(5), event: StageAct::InquiryReceived, on: "2023-01-01".into(), reason: None, text: None, by: None },
    ];
    for act in acts {
        let view = |p: &Person| {
            with_lens(&p.by, 1_700_000_000_000, |lens| {
                let mut view = p.case.view(lens);
                view.timeline.retain_mut(|e| {
                    if let crate::TimelineEntry::Note(n) = e {
                        n.changed_at = 0;
                        n.dot = crate::Dot::Here;
                    }
                    true
                });
                view
            })
        };
        let before = view(&p);
        let done = p.does(act.clone());
        assert_ne!(view(&p), before, "{act:?}");
        assert!(!done.touched.is_empty());
        p.does(done.undo.unwrap());
        assert_eq!(view(&p), before, "{act:?}");
    }
    let done = p.does(Edit::SetOfferStatus { offer: OfferKind::Therapy, status: OfferStatus::Running });
    p.does(done.undo.unwrap());
    assert_eq!(p.shows().offers[&OfferKind::Therapy].status, OfferStatus::NotAssessed);
    assert_eq!(p.shows().offer_changes.len(), 2);
}

#[test]
fn an_act_that_changes_nothing_writes_nothing() {
    let mut p = aisha();
    p.note(1, "en");
    p.does(task(2, None));
    let before = p.case.own_seq();
    for act in [
        Edit::WriteNote { note: item(1), text: "en".into(), base: None },
        Edit::SetOfferStatus { offer: OfferKind::Other, status: OfferStatus::NotAssessed },
        Edit::SetTaskDone { task: item(2), done: false, on: None },
        Edit::RestoreNote { note: item(1) },
        Edit::SetProfile { alias: None, programme: None, birth_year: None },
    ] {
        let done = p.does(act);
        assert!(done.undo.is_none() && done.touched.is_empty());
    }
    assert_eq!(p.case.own_seq(), before);
}

#[test]
fn an_undo_after_a_merge_takes_back_only_ones_own() {
    let mut people = [aisha(), mikkel()];
    people[0].note(1, "abc");
    meet(&mut people);
    let undo = people[0].writes(1, "abc mit", None).undo.unwrap();
    meet(&mut people);
    people[1].writes(1, "dit abc mit", None);
    meet(&mut people);
    people[0].does(undo);
    assert_eq!(people[0].text(1), "dit abc");
}

#[test]
fn stage_events_are_refused_with_their_codes() {
    let mut p = aisha();
    let code = |r: Result<Done, EditError>| r.unwrap_err().code();
    assert_eq!(code(stage(&mut p, 1, StageAct::AgreementSigned, "2023-01-01")), "case.stage_refused");
    stage(&mut p, 1, StageAct::InquiryReceived, "2023-02").unwrap();
    assert_eq!(code(stage(&mut p, 2, StageAct::ScreeningStarted, "2023-01-31")), "case.before_predecessor");
    assert_eq!(code(stage(&mut p, 2, StageAct::ScreeningStarted, "2023-13-01")), "case.bad_date");
    assert_eq!(code(stage(&mut p, 2, StageAct::ScreeningStarted, "2030-01-01")), "case.future_date");
    stage(&mut p, 2, StageAct::ScreeningStarted, "2023-03-01").unwrap();
    stage(&mut p, 3, StageAct::AgreementSigned, "2023-04-01").unwrap();
    assert_eq!(code(stage(&mut p, 4, StageAct::ScreeningStarted, "2023-05-01")), "case.stage_refused");
    assert_eq!(code(stage(&mut p, 4, StageAct::Completed, "2023-05-01")), "case.no_recent_contact");
    assert_eq!(
        code(p.tries(Edit::StageEvent {
            id: item(4),
            event: StageAct::BrokenOff,
            on: "2023-05-01".into(),
            reason: None,
            text: None,
            by: None
        })),
        "case.reason_missing"
    );
    stage(&mut p, 4, StageAct::BrokenOff, "2023-05-01").unwrap();
    assert_eq!(code(stage(&mut p, 5, StageAct::Reinstated, "2023-06-01")), "case.too_late");
    stage(&mut p, 5, StageAct::Reinstated, "2023-05-31").unwrap();
    assert_eq!(code(stage(&mut p, 5, StageAct::Paused, "2023-06-01")), "case.duplicate_id");
    assert_eq!(p.case.card().stage, Stage::CourseActive);
    assert_eq!(p.refused(Edit::StageCorrect { corrects: item(99) }), "case.unknown_event");
}

#[test]
fn a_correction_and_its_correction_stay_in_the_log() {
    let mut p = aisha();
    stage(&mut p, 1, StageAct::InquiryReceived, "2023-02-01").unwrap();
    stage(&mut p, 2, StageAct::ScreeningStarted, "2023-03-01").unwrap();
    let undo = p.does(Edit::StageCorrect { corrects: item(2) }).undo.unwrap();
    assert_eq!(p.case.card().stage, Stage::Inquiry);
    p.does(undo);
    assert_eq!(p.case.card().stage, Stage::Screening);
    assert_eq!(p.shows().stages.len(), 4);
}

#[test]
fn bad_texts_and_dates_have_their_codes() {
    let mut p = aisha();
    let add = |title: &str, due: Option<&str>| Edit::AddTask {
        id: item(1),
        title: title.into(),
        due: due.map(Into::into),
        owner: None,
        task: TaskKind::Task,
        promised_to: None,
    };
    assert_eq!(p.refused(add("", None)), "case.title_missing");
    assert_eq!(p.refused(add(&"a".repeat(501), None)), "case.text_too_long");
    assert_eq!(p.refused(add("a\0", None)), "case.text_nul");
    assert_eq!(p.refused(add("a", Some("2023-02-30"))), "case.bad_date");
    assert_eq!(p.refused(add("a", Some("2023-2-3"))), "case.bad_date");
    assert_eq!(p.refused(Edit::SetProfile { alias: None, programme: None, birth_year: Some(12) }), "case.bad_year");
    p.does(add("\u{202e}Ring\u{2066}", None));
    assert_eq!(p.shows().tasks[&item(1)].title, "Ring");
    assert_eq!(p.refused(add("a", None)), "case.duplicate_id");
}

#[test]
fn edits_read_back_from_json() {
    let edit = Edit::LogMeeting {
        id: item(1),
        meeting: MeetingKind::PrisonVisit,
        at_ms: 5,
        minutes: 90,
        place: None,
        outcome: Outcome::Partly,
        zone: None,
        said: None,
    };
    let json = serde_json::to_string(&edit).unwrap();
    assert!(json.starts_with(r#"{"kind":"log_meeting","id":""#), "{json}");
    assert_eq!(serde_json::from_str::<Edit>(&json).unwrap(), edit);
}

#[test]
fn many_small_writes_cost_in_proportion_to_their_number() {
    let mut p = aisha();
    p.note(1, "start");
    let mut bytes = Vec::new();
    p.case.save();
    for n in 0..400_u32 {
        let text = p.text(1) + &format!(" {n}");
        p.writes(1, &text, None);
        bytes.push(p.case.incremental().len());
    }
    assert!(bytes.iter().all(|b| *b > 0 && *b < 400), "{:?}", bytes.iter().max());
    assert!(p.case.save().len() < 40_000);
    let case = Case::load(wire::id::CaseId::from_bytes(CASE), [1; 16], &p.case.save()).unwrap();
    assert_eq!(case.own_seq(), p.case.own_seq());
}

#[test]
fn a_very_long_text_is_written_in_changes_that_every_device_can_hold() {
    let (mut aisha, mut mikkel) = (aisha(), mikkel());
    let long: String = ('a'..='z').cycle().take(200_000).collect();
    aisha.note(1, &long);
    let changes = aisha.case.unsent(0).changes;
    assert_eq!(changes.len(), 7);
    assert_eq!(aisha.gives(&mut mikkel).refused, []);
    assert_eq!(mikkel.text(1), long);
    let other: String = ('A'..='Z').cycle().take(150_000).collect();
    mikkel.writes(1, &format!("Før. {other}{}", &long[150_000..]), None);
    assert_eq!(mikkel.gives(&mut aisha).refused, []);
    assert_eq!(aisha.text(1), mikkel.text(1));
    assert!(aisha.text(1).starts_with("Før. ABC") && aisha.text(1).chars().count() == 200_005);
}
