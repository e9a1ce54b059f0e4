//! The road itself: two people's phones, offline edits, a server that cannot read, a merge that loses nothing.

use device::{
    ItemId, Role,
    casework::{Edit, MeetingKind, OfferKind, OfferStatus, Outcome, Programme},
};
use world::{Phone, Weather, World};

fn show(phone: &Phone, case: device::CaseId) -> serde_json::Value {
    serde_json::to_value(phone.device.case_show(case).expect("the case is here")).expect("serialises")
}

fn add_note(phone: &Phone, case: device::CaseId, text: &str) -> ItemId {
    let id = phone.device.new_item();
    let at_ms = phone.device.host().now_ms();
    phone.device.edit(case, Edit::AddNote { id, text: text.to_owned(), at_ms }).expect("a note");
    id
}

#[test]
fn two_people_write_the_same_note_offline_and_lose_nothing() {
    let world = World::new(1);
    let hanne = world.founder("Hanne Østergård");
    let aase = world.enrol(&hanne, "Åse", Role::Mentor);

    aase.weather(Weather::Offline);
    let case = aase.device.new_case("Falken", Programme::National, Some(1999)).expect("a case");
    let note = add_note(&aase, case, "Vi mødtes ved broen.");
    assert!(aase.try_sync().is_err());
    aase.weather(Weather::Clear);
    aase.sync();
    hanne.sync();
    assert_eq!(show(&aase, case), show(&hanne, case));

    aase.weather(Weather::Offline);
    hanne.weather(Weather::Offline);
    let write = |phone: &Phone, text: &str| {
        phone.device.edit(case, Edit::WriteNote { note, text: text.to_owned(), base: None }).expect("written");
    };
    write(&aase, "Vi mødtes ved broen. Han var glad.");
    write(&hanne, "I dag: Vi mødtes ved broen.");
    let set = |phone: &Phone, status| {
        phone.device.edit(case, Edit::SetOfferStatus { offer: OfferKind::Therapy, status }).expect("set");
    };
    set(&aase, OfferStatus::Running);
    set(&hanne, OfferStatus::Declined);
    aase.weather(Weather::Clear).sync();
    hanne.weather(Weather::Clear).sync();
    aase.sync();
    hanne.sync();

    let (one, other) = (show(&aase, case), show(&hanne, case));
    assert_eq!(one, other);
    let text = one["notes"][note.to_string()]["text"].as_str().expect("the note");
    assert_eq!(text, "I dag: Vi mødtes ved broen. Han var glad.");
    assert_eq!(one["conflicts"].as_array().expect("a list").len(), 1);
    for phone in [&aase, &hanne] {
        let view = phone.device.case(case).expect("the view");
        let whos: Vec<&str> = view.conflicts[0].values.iter().map(|value| value.who.as_str()).collect();
        assert!(whos.contains(&"Åse") && whos.contains(&"Hanne Østergård"), "{whos:?}");
        assert!(phone.device.verify().expect("verified").problems.is_empty());
    }
}

#[test]
fn nothing_new_costs_one_round_trip() {
    let world = World::new(2);
    let hanne = world.founder("Hanne");
    let case = hanne.device.new_case("Ø", Programme::Ngo, None).expect("a case");
    hanne.sync();
    let trips = hanne.road.trips();
    let report = hanne.sync();
    assert_eq!((report.round_trips, hanne.road.trips() - trips), (1, 1));
    let meeting = Edit::LogMeeting {
        id: hanne.device.new_item(),
        meeting: MeetingKind::Meeting,
        at_ms: hanne.device.host().now_ms(),
        minutes: 60,
        place: None,
        outcome: Outcome::TookPlace,
        zone: None,
        said: None,
    };
    hanne.device.edit(case, meeting).expect("logged");
    let report = hanne.sync();
    assert_eq!((report.round_trips, report.sent, report.pending), (1, 1, 0));
}

#[test]
fn a_new_case_costs_two_round_trips_once() {
    let world = World::new(3);
    let hanne = world.founder("Hanne");
    let aase = world.enrol(&hanne, "Åse", Role::Mentor);
    aase.sync();
    let before = aase.road.sent().len();
    let case = aase.device.new_case("Falken", Programme::National, None).expect("a case");
    add_note(&aase, case, "Vi mødtes ved broen.");
    let report = aase.sync();
    assert_eq!((report.round_trips, report.sent, report.pending), (2, 2, 0), "the case, and then what is in it");
    assert_eq!(aase.road.sent().len() - before, 2);
    add_note(&aase, case, "Og igen.");
    let report = aase.sync();
    assert_eq!((report.round_trips, report.sent, report.pending), (1, 1, 0));
}

/// Where the second of two bodies goes on behind what the first one holds; `None` unless it holds all of that, byte for byte.
fn goes_on_behind(first: &[u8], second: &[u8]) -> Option<usize> {
    let same = first.iter().zip(second).take_while(|(a, b)| a == b).count();
    if same == first.len() {
        return Some(same);
    }
    // Behind the cursor stands one byte that counts the items; then come the items themselves.
    second.get(same + 1..)?.starts_with(&first[same + 1..]).then_some(first.len())
}

#[test]
fn what_is_sealed_is_sent_again_byte_for_byte_until_it_is_acknowledged() {
    let world = World::new(4);
    let hanne = world.founder("Hanne");
    let aase = world.enrol(&hanne, "Åse", Role::Mentor);
    let case = aase.device.new_case("Falken", Programme::National, None).expect("a case");
    aase.sync();
    hanne.sync();
    let before = aase.road.sent().len();
    add_note(&aase, case, "Først dette.");
    for weather in [Weather::Offline, Weather::Unanswered, Weather::CutAfter(0)] {
        aase.weather(weather).try_sync().expect_err("no answer comes through");
    }
    aase.restart();
    add_note(&aase, case, "Så dette.");
    world.pass(3 * 24 * 3_600_000);
    aase.weather(Weather::Offline).try_sync().expect_err("offline again");
    let report = aase.weather(Weather::Clear).sync();
    assert_eq!((report.sent, report.pending), (2, 0), "the server had the first already, and says so again");
    let bodies: Vec<Vec<u8>> = aase.road.sent().into_iter().skip(before).map(|request| request.body.expect("a batch")).collect();
    assert!(bodies.len() >= 5, "{}", bodies.len());
    let longer = bodies.iter().position(|body| body.len() > bodies[0].len()).expect("the second note joins");
    for body in &bodies[..longer] {
        assert_eq!(body, &bodies[0], "nothing new: the same bytes");
    }
    for body in &bodies[longer..] {
        assert_eq!(body, &bodies[longer]);
        assert!(goes_on_behind(&bodies[0], body).is_some(), "what was sealed before is there as it was");
    }
    assert_eq!(goes_on_behind(&bodies[longer], &bodies[0]), None, "the comparison can fail");
    hanne.sync();
    assert_eq!(show(&aase, case), show(&hanne, case));
    assert!(hanne.device.sync_sheet().expect("the sheet").aside.is_empty());
}
