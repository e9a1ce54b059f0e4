//! What screens are promised of a view.

use super::*;
use crate::{
    Edit, StageAct, began_before,
    testing::{aisha, item, meet, mikkel, with_lens},
};

const DAY: i64 = 86_400_000;

#[test]
fn the_view_has_the_fields_of_its_contract() {
    let mut p = aisha();
    p.does(Edit::SetProfile { alias: Some("Falken".into()), programme: None, birth_year: None });
    p.does(Edit::LogMeeting {
        id: item(1),
        meeting: MeetingKind::Phone,
        at_ms: p.now_ms,
        minutes: 10,
        place: None,
        outcome: Outcome::TookPlace,
        zone: None,
        said: None,
    });
    p.note(2, "\nKaffe  og snak\nmere");
    p.does(Edit::StageEvent { id: item(3), event: StageAct::InquiryReceived, on: "2023-01-01".into(), reason: None, text: None, by: None });
    p.does(Edit::SetOfferStatus { offer: OfferKind::Therapy, status: OfferStatus::Need });
    let json = with_lens(&p.by, p.now_ms, |lens| serde_json::to_value(p.case.view(lens)).unwrap());
    let types: Vec<&str> = json["timeline"].as_array().unwrap().iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["offer", "meeting", "stage", "note"]);
    assert_eq!(json["birth_year"], serde_json::Value::Null);
    assert_eq!(json["programme"], "national");
    assert_eq!(json["stage"], "inquiry");
    assert_eq!(json["bridge"].as_array().unwrap().len(), 5);
    assert_eq!(json["bridge"][0]["pier"], "inquiry");
    assert_eq!(json["bridge"][0]["state"], "now");
    assert_eq!(json["offers"].as_array().unwrap().len(), 10);
    let note = &json["timeline"][3];
    assert_eq!(
        (note["first_line"].as_str(), note["words"].as_u64(), note["unfinished"].as_bool()),
        (Some("Kaffe  og snak"), Some(4), Some(true))
    );
    assert_eq!(note["voices"], serde_json::json!(["member 1"]));
    assert_eq!(json["timeline"][1]["by"], serde_json::json!({"member": p.by.member, "name": "member 1", "device": "device 101"}));
}

#[test]
fn the_contract_in_typescript_names_the_same_types() {
    let config = ts_rs::Config::default();
    assert_eq!(Dot::decl(&config), r#"type Dot = "here" | "server" | "coordinator";"#);
    let entry = TimelineEntry::decl(&config);
    assert!(entry.contains(r#""type": "meeting""#), "{entry}");
    assert!(CaseRow::decl(&config).contains("last_contact_at: number | null"), "{}", CaseRow::decl(&config));
}

#[test]
fn a_case_is_silent_after_fourteen_days() {
    let mut p = aisha();
    let met = p.now_ms;
    let row = |p: &crate::testing::Person, at| with_lens(&p.by, at, |lens| p.case.row(lens));
    assert_eq!((row(&p, met).days_since, row(&p, met).silent), (None, false));
    p.does(Edit::LogMeeting {
        id: item(1),
        meeting: MeetingKind::Meeting,
        at_ms: met,
        minutes: 60,
        place: Some("Bane 2".into()),
        outcome: Outcome::TookPlace,
        zone: None,
        said: None,
    });
    p.does(Edit::LogMeeting {
        id: item(2),
        meeting: MeetingKind::Attempt,
        at_ms: met + 10 * DAY,
        minutes: 0,
        place: None,
        outcome: Outcome::TookPlace,
        zone: None,
        said: None,
    });
    assert_eq!((row(&p, met + 13 * DAY).days_since, row(&p, met + 13 * DAY).silent), (Some(13), false));
    assert_eq!((row(&p, met + 14 * DAY).days_since, row(&p, met + 14 * DAY).silent), (Some(14), true));
    assert_eq!(p.case.meeting_defaults(5).place.as_deref(), Some("Bane 2"));
}

#[test]
fn a_contact_is_proposed_to_have_just_ended() {
    let quarter_past_and_a_bit = 1_795_000_500_000 + 4 * 60_000 + 59_999;
    let proposed = aisha().case.meeting_defaults(quarter_past_and_a_bit);
    assert_eq!(proposed.minutes, 60);
    assert_eq!(proposed.at, 1_795_000_500_000 - 60 * 60_000, "it ended at the last five minutes");
    for shown in proposed.minutes_by_kind {
        let ends = began_before(quarter_past_and_a_bit, shown.minutes) + i64::from(shown.minutes) * 60_000;
        assert_eq!(ends, 1_795_000_500_000, "{:?}", shown.kind);
    }
}

#[test]
fn the_next_task_is_the_earliest_open_one() {
    let mut p = aisha();
    for (n, due) in [(1, None), (2, Some("2023-12-05")), (3, Some("2023-12-01"))] {
        p.does(Edit::AddTask {
            id: item(n),
            title: format!("nr {n}"),
            due: due.map(Into::into),
            owner: None,
            task: TaskKind::Promise,
            promised_to: None,
        });
    }
    let row = with_lens(&p.by, 0, |lens| p.case.row(lens));
    assert_eq!((row.open_promises, row.next_task.unwrap().title.as_str()), (3, "nr 3"));
    p.does(Edit::SetTaskDone { task: item(3), done: true, on: None });
    let tasks = with_lens(&p.by, 0, |lens| p.case.open_tasks(lens));
    assert_eq!(tasks.iter().map(|t| t.title.as_str()).collect::<Vec<_>>(), ["nr 2", "nr 1"]);
}

#[test]
fn the_words_of_others_since_the_last_look_are_marked() {
    let mut people = [aisha(), mikkel()];
    people[0].note(1, "Vi talte.");
    meet(&mut people);
    let seen = people[0].case.base();
    people[1].writes(1, "Vi talte længe 👨‍👩‍👧.", None);
    people[0].writes(1, "Ja! Vi talte.", None);
    meet(&mut people);
    let view = with_lens(&people[0].by, 0, |lens| people[0].case.note(item(1), Some(&seen), lens).unwrap());
    assert_eq!(view.text, "Ja! Vi talte længe 👨‍👩‍👧.");
    assert_eq!(view.others.len(), 1);
    let chars: Vec<char> = view.text.chars().collect();
    let passage: String = chars[view.others[0].start as usize..view.others[0].end as usize].iter().collect();
    assert_eq!((passage.as_str(), view.others[0].who.as_str()), (" længe 👨‍👩‍👧", "member 2"));
    assert_eq!(view.voices, ["member 1", "member 2"]);
    assert_eq!(view.base, people[0].case.base().0);
}
