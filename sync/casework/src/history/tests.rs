//! Who did what, in the order in which they knew of each other.

use super::*;
use crate::{
    Edit, OfferKind, OfferStatus,
    testing::{aisha, item, meet, mikkel},
};

#[test]
fn the_history_says_who_did_what_in_causal_order() {
    let mut people = [aisha(), mikkel()];
    people[0].note(1, "en");
    for n in 0..5 {
        people[0].writes(1, &"x".repeat(n + 1), None);
    }
    meet(&mut people);
    people[1].does(Edit::SetOfferStatus { offer: OfferKind::Therapy, status: OfferStatus::Need });
    meet(&mut people);
    let history = people[0].case.history();
    assert_eq!(history, people[1].case.history());
    let acts: Vec<_> = history.iter().map(|e| (e.act.as_str(), e.member, e.changes)).collect();
    let (a, m) = (Some(people[0].by.member), Some(people[1].by.member));
    assert_eq!(acts, [("note.add", a, 1), ("note.write", a, 5), ("offer.status", m, 1)]);
    assert_eq!(history[0].item, Some(item(1)));
    assert_eq!(history[2].detail, "therapy not_assessed need");
}

#[test]
fn the_history_on_a_screen_begins_with_the_newest_and_calls_things_by_name() {
    let mut people = [aisha(), mikkel()];
    people[0].note(1, "\n Kaffe \u{202e}og snak \nmere");
    people[0].note(2, "hemmeligt");
    people[0].does(Edit::LogMeeting {
        id: item(3),
        meeting: crate::MeetingKind::Phone,
        at_ms: 1,
        minutes: 10,
        place: None,
        outcome: crate::Outcome::TookPlace,
        zone: None,
        said: None,
    });
    people[0].does(Edit::AddStep { offer: OfferKind::Therapy, id: item(4), title: "Ring".into(), template: None, owner: None, due: None });
    people[0].does(Edit::RemoveStep { offer: OfferKind::Therapy, step: item(4) });
    people[0].does(Edit::RemoveNote { note: item(2) });
    meet(&mut people);
    let seen = crate::testing::with_lens(&people[1].by, 0, |lens| people[1].case.history_view(lens));
    let told: Vec<_> = seen.iter().map(|one| (one.act.as_str(), one.title.as_deref())).collect();
    let wanted = [
        ("note.remove", None),
        ("step.remove", Some("Ring")),
        ("step.add", Some("Ring")),
        ("meeting.log", Some("phone")),
        ("note.add", None),
        ("note.add", Some("Kaffe og snak")),
    ];
    assert_eq!(told, wanted);
    assert_eq!(seen[0].by.as_ref().map(|by| (by.name.as_str(), by.device.as_str())), Some(("member 1", "device 101")));
}

#[test]
fn a_foreign_message_says_nothing() {
    assert_eq!(parse("<b>hej</b> Falken").0, "unknown");
    assert_eq!(parse("note.add - Falken bor her").2, "bor her");
    assert_eq!(parse(""), ("unknown".to_owned(), None, String::new()));
}
