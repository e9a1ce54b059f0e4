//! A server that keeps something from a phone for days, while all that it gives is true.

use std::collections::BTreeSet;

use device::{SyncState, casework::Programme};
use world::{Phone, World};

use super::store::{Stored, database, tell, tell_the_truth};

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn named(phone: &Phone) -> Vec<String> {
    phone.device.sync_sheet().expect("the sheet").aside.into_iter().map(|one| one.code).collect()
}

fn texts(said: &[&str]) -> BTreeSet<String> {
    said.iter().map(|text| (*text).to_owned()).collect()
}

fn state(phone: &Phone) -> SyncState {
    phone.device.sync_line().expect("a line").state
}

/// Hanne coordinates, Åse and Emil share a case, and all have everything.
fn three(world: &World) -> (Phone, Phone, Phone, device::CaseId) {
    let hanne = world.founder("Hanne");
    let aase = world.enrol(&hanne, "Åse", device::Role::Mentor);
    let emil = world.enrol(&hanne, "Emil", device::Role::Mentor);
    let case = hanne.device.new_case("Falken", Programme::National, None).expect("a case");
    hanne.sync();
    for phone in [&aase, &emil] {
        hanne.device.assign(case, phone.member(), None).expect("assigned");
        hanne.sync();
        phone.sync();
    }
    aase.note(case, "Fra Åse.");
    emil.note(case, "Fra Emil.");
    for _ in 0..2 {
        for phone in [&aase, &emil, &hanne] {
            phone.sync();
        }
    }
    (hanne, aase, emil, case)
}

#[test]
fn what_is_kept_from_a_phone_is_named_at_the_next_sign_of_life_and_comes_once_it_is_given() {
    let world = World::new(930);
    let (hanne, aase, emil, case) = three(&world);
    emil.note(case, "Holdt tilbage.");
    emil.sync();
    hanne.sync();
    tell(&world, aase.id(), Stored::WithoutNewest);
    aase.sync();
    assert_eq!(named(&aase), Vec::<String>::new(), "nobody has told her yet that there is more");
    world.pass(DAY_MS + 1000);
    tell_the_truth(&world);
    hanne.sync();
    tell(&world, aase.id(), Stored::WithoutNewest);
    for _ in 0..2 {
        aase.sync();
        assert_eq!(named(&aase), ["srv.withheld"]);
        assert_eq!(aase.texts(case), texts(&["Fra Emil.", "Fra Åse."]), "everything else is there");
        assert_eq!(aase.sync().round_trips, 1, "it is asked for once a day and not without end");
    }
    tell_the_truth(&world);
    world.pass(DAY_MS);
    aase.sync();
    aase.sync();
    assert_eq!(aase.texts(case), texts(&["Fra Emil.", "Fra Åse.", "Holdt tilbage."]));
    assert_eq!(named(&aase), Vec::<String>::new());
}

#[test]
fn a_log_whose_end_is_kept_from_a_phone_is_named_too() {
    let world = World::new(931);
    let (hanne, aase, _, case) = three(&world);
    let sofie = world.enrol(&hanne, "Sofie", device::Role::Mentor);
    aase.sync();
    hanne.device.assign(case, sofie.member(), None).expect("assigned");
    hanne.sync();
    world.pass(DAY_MS + 1000);
    hanne.sync();
    tell(&world, aase.id(), Stored::WithoutLogTail(case));
    aase.sync();
    assert_eq!(named(&aase), ["srv.withheld"]);
    tell_the_truth(&world);
    world.pass(DAY_MS);
    aase.sync();
    aase.sync();
    assert_eq!(named(&aase), Vec::<String>::new());
    assert_eq!(aase.device.readers(case).expect("readers").len(), 4);
}

#[test]
fn a_week_on_the_line_without_a_sign_of_life_is_said_and_an_old_sign_is_none() {
    let world = World::new(932);
    let (hanne, aase, _, _) = three(&world);
    world.pass(DAY_MS + 1000);
    hanne.sync();
    for day in 0..7 {
        aase.sync();
        assert_eq!(state(&aase), SyncState::AllSent, "day {day}");
        world.pass(DAY_MS);
    }
    aase.sync();
    assert_eq!(state(&aase), SyncState::Unheard);
    // What she said a week ago comes once more, as if it were new.
    let db = database(&world);
    let moved = "UPDATE envelope SET position = (SELECT max(position) FROM envelope) WHERE kind = 4";
    assert_eq!(db.execute(moved, []).expect("SQL"), 1, "one sign of life lies there, and no older one");
    aase.sync();
    assert_eq!(state(&aase), SyncState::Unheard, "an old one does not count twice");
    hanne.sync();
    assert_eq!(state(&hanne), SyncState::AllSent, "who coordinates alone waits for nobody");
    aase.sync();
    assert_eq!((state(&aase), named(&aase)), (SyncState::AllSent, Vec::new()));
}

#[test]
fn on_an_honest_server_nobody_is_told_of_anything_and_a_sign_of_life_is_small() {
    let world = World::new(933);
    let (hanne, aase, emil, case) = three(&world);
    let mut quiet = 0;
    for day in 0..20_u32 {
        world.pass(DAY_MS);
        if day % 3 == 0 {
            emil.note(case, &format!("Dag {day}."));
            emil.sync();
        }
        let sent = hanne.sync();
        if day % 3 == 2 {
            quiet += 1;
            assert!(sent.bytes_up < 2048, "{sent:?}");
        }
        aase.note(case, &format!("Aften {day}."));
        aase.sync();
        for phone in [&hanne, &aase, &emil] {
            assert_eq!((named(phone), state(phone)), (Vec::new(), SyncState::AllSent), "{} on day {day}", phone.name);
        }
    }
    assert_eq!(quiet, 6);
    let db = database(&world);
    let kept: (i64, i64) = db
        .query_row("SELECT count(*), sum(replaced = 0) FROM envelope WHERE kind = 4", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("SQL");
    assert_eq!(kept, (20, 1), "one a day, of which the newest is kept");
}

#[test]
fn whose_time_in_a_case_is_over_is_kept_from_nothing() {
    let world = World::new(934);
    let (hanne, aase, emil, case) = three(&world);
    let until = emil.device.host().now_ms() + DAY_MS + HOUR_MS;
    hanne.device.assign(case, emil.member(), Some(until)).expect("assigned");
    hanne.sync();
    emil.sync();
    world.pass(12 * HOUR_MS);
    aase.note(case, "Emil hører det ikke.");
    aase.sync();
    hanne.sync();
    // Hanne says how far she is; then his time is over, and nobody has written that yet.
    world.pass(12 * HOUR_MS + 1000);
    hanne.sync();
    world.pass(2 * HOUR_MS);
    for _ in 0..3 {
        emil.sync();
        assert_eq!(named(&emil), Vec::<String>::new());
    }
}
