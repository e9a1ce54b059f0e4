//! Waiting with the server for news: what one writes is with the other at once, and nobody asks every minute.

use std::{thread, time::Duration};

use device::{
    CaseId, Role,
    casework::{Edit, Programme},
};
use world::{Phone, Weather, World};

fn add_note(phone: &Phone, case: CaseId, text: &str) {
    let id = phone.device.new_item();
    let at_ms = phone.device.host().now_ms();
    phone.device.edit(case, Edit::AddNote { id, text: text.to_owned(), at_ms }).expect("a note");
}

fn notes(phone: &Phone, case: CaseId) -> usize {
    phone.device.case_show(case).expect("the case is here").notes.len()
}

fn two(seed: u64) -> (World, Phone, Phone, CaseId) {
    let world = World::new(seed);
    let hanne = world.founder("Hanne");
    let aase = world.enrol(&hanne, "Åse", Role::Mentor);
    let case = aase.device.new_case("Falken", Programme::National, None).expect("a case");
    // The second time Hanne's device tells what it has received.
    for phone in [&aase, &hanne, &hanne, &aase] {
        phone.sync();
    }
    (world, hanne, aase, case)
}

#[test]
fn what_one_sends_is_on_the_others_screen_within_the_request_that_waits() {
    let (world, hanne, aase, case) = two(310);
    let trips = hanne.road.trips();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| hanne.block_on(hanne.courier().watch(Duration::from_secs(50))));
        while world.waiting() == 0 {
            assert!(!waiting.is_finished(), "it waits");
            thread::yield_now();
        }
        add_note(&aase, case, "Vi mødtes ved broen.");
        aase.sync();
        let report = waiting.join().expect("no panic").expect("an answer");
        assert_eq!((report.received, report.round_trips), (1, 1));
    });
    assert_eq!((notes(&hanne, case), hanne.road.trips() - trips), (1, 1), "and that was the only request");
    assert_eq!(hanne.courier().pause(), Duration::ZERO, "the next one may wait at once");
}

#[test]
fn a_watch_brings_first_what_waits_here_and_lets_go_without_a_trace() {
    let (world, hanne, aase, case) = two(320);
    add_note(&aase, case, "først");
    let report = aase.block_on(aase.courier().watch(Duration::from_secs(50))).expect("sent");
    assert_eq!((report.sent, report.round_trips), (1, 1), "with something to bring nobody waits");
    for _ in 0..2 {
        hanne.sync();
    }
    let let_go = hanne.block_on(async {
        tokio::select! {
            done = hanne.courier().watch(Duration::from_secs(50)) => Some(done),
            () = tokio::time::sleep(Duration::from_millis(50)) => None,
        }
    });
    assert!(let_go.is_none());
    assert_eq!(world.waiting(), 0, "nobody holds a place any more");
    add_note(&hanne, case, "bagefter");
    let report = hanne.sync();
    assert_eq!((report.sent, report.round_trips), (1, 1));
    aase.sync();
    assert_eq!((notes(&aase, case), notes(&hanne, case)), (2, 2));
}

#[test]
fn a_round_keeps_the_pauses_after_a_failure_and_a_person_who_asks_does_not() {
    let (_world, hanne, ..) = two(330);
    hanne.weather(Weather::Offline);
    let trips = hanne.road.trips();
    let mut pauses = Vec::new();
    for _ in 0..6 {
        assert!(hanne.block_on(hanne.courier().round()).is_err());
        pauses.push(hanne.courier().pause());
    }
    assert_eq!(hanne.road.trips() - trips, 6, "one try, and then the pause");
    assert!(pauses[0] >= Duration::from_secs(1) && pauses[5] >= Duration::from_secs(32), "{pauses:?}");
    assert!(hanne.try_sync().is_err());
    assert_eq!(hanne.road.trips() - trips, 9, "who asks is worth three tries");
}
