//! Somebody leaves a case, for good or for a while: what they had sent stays, what they had not waits in quarantine, their
//! devices keep nothing of it, and whoever is left reads on under a new key.

use device::{
    CaseId, Role,
    casework::{Edit, Programme, SalvageState},
};
use rusqlite::Connection;
use world::{Phone, Weather, World};

use crate::scanner::{CANARY, found_in};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Syncs everybody until nobody has anything to say.
fn settle(phones: &[&Phone]) {
    for _ in 0..5 {
        for phone in phones {
            phone.sync();
        }
    }
}

fn is_well(phone: &Phone) {
    let verified = phone.device.verify().expect("verified");
    assert!(verified.problems.is_empty(), "{}: {:?}", phone.name, verified.problems);
    let report = phone.sync();
    let sheet = phone.device.sync_sheet().expect("the sheet");
    assert_eq!((report.pending, report.parked, report.refused), (0, 0, 0), "{}: {sheet:?}", phone.name);
    assert!(phone.device.pending().expect("what is pending").is_empty(), "{}: {:?}", phone.name, phone.device.pending());
}

fn rewrites(phone: &Phone, case: CaseId, note: device::ItemId, text: &str) {
    phone.device.edit(case, Edit::WriteNote { note, text: text.to_owned(), base: None }).expect("written");
}

fn said(lines: &[&str]) -> std::collections::BTreeSet<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

fn has(phone: &Phone, case: CaseId) -> bool {
    phone.device.cases().expect("lists").iter().any(|row| row.id == case)
}

fn forgot(phone: &Phone, case: CaseId) {
    assert!(!has(phone, case));
    assert_eq!(phone.device.case(case).expect_err("it is gone").code(), "case.unknown");
    assert!(phone.device.search("Falken").expect("a search").is_empty(), "nor is it found");
}

fn names(phone: &Phone, case: CaseId) -> Vec<String> {
    let mut names: Vec<String> = phone.device.readers(case).expect("readers").into_iter().map(|reader| reader.name).collect();
    names.sort();
    names
}

#[test]
fn who_is_taken_out_of_a_case_keeps_nothing_of_it_and_the_others_work_on() {
    let world = World::new(91);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    emil.note(case, CANARY);
    settle(&[emil, hanne, aase]);
    emil.weather(Weather::Offline);
    emil.note(case, "Emil, ikke sendt");
    hanne.device.unassign(case, emil.member()).expect("decided");
    let pending: Vec<_> = hanne.device.pending().expect("pending").into_iter().map(|one| (one.what, one.person)).collect();
    assert_eq!(pending, [("remove", Some("Emil".to_owned())), ("key", None)]);
    hanne.sync();
    aase.sync();
    aase.note(case, "Åse efter");
    settle(&[aase, hanne]);
    emil.weather(Weather::Clear);
    emil.sync();
    forgot(emil, case);
    emil.restart();
    emil.device.lock();
    assert_eq!(found_in(emil.device.dir(), CANARY), Vec::<String>::new());
    emil.try_unlock().expect("unlocks");
    settle(&[hanne, aase, emil]);
    for phone in [hanne, aase] {
        assert_eq!(phone.texts(case), said(&[CANARY, "Åse efter"]), "{}", phone.name);
        assert_eq!(names(phone, case), ["Hanne", "Åse"]);
    }
    let waiting = hanne.device.quarantine().expect("the list");
    assert_eq!((waiting.len(), waiting[0].open, waiting[0].person.as_str()), (1, 1, "Emil"));
    hanne.device.accept_quarantined(&waiting[0].id, None).expect("taken over");
    settle(&[hanne, aase]);
    assert_eq!(aase.texts(case), said(&[CANARY, "Åse efter", "Emil, ikke sendt"]));
    for phone in [hanne, aase, emil] {
        is_well(phone);
    }
    world.verify_log();
}

#[test]
fn e30_a_mentor_who_was_away_for_two_years_finds_the_assignment_ended_and_the_words_in_quarantine() {
    let world = World::new(92);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    emil.weather(Weather::Offline);
    for n in 0..4 {
        emil.note(case, &format!("Emil uden signal {n}"));
        world.pass(20 * DAY_MS);
    }
    hanne.device.unassign(case, emil.member()).expect("decided");
    settle(&[hanne, aase]);
    for month in 0..20 {
        aase.note(case, &format!("Åse, måned {month}"));
        settle(&[aase, hanne]);
        world.pass(30 * DAY_MS);
    }
    emil.weather(Weather::Clear);
    emil.sync();
    forgot(emil, case);
    hanne.sync();
    let waiting = hanne.device.quarantine().expect("the list");
    assert_eq!((waiting.len(), waiting[0].open, waiting[0].code.clone()), (1, 4, None));
    assert_eq!(hanne.device.accept_quarantined(&waiting[0].id, None).expect("taken over"), 4);
    settle(&[hanne, aase]);
    assert_eq!(aase.texts(case).len(), 24);
    assert!(waiting[0].things.iter().all(|thing| thing.state == SalvageState::Open));
    is_well(emil);
}

#[test]
fn e31_a_case_is_handed_over_with_two_weeks_of_both_and_later_back() {
    let world = World::new(93);
    let hanne = world.founder("Hanne");
    let zofia = world.enrol(&hanne, "Zofia", Role::Mentor);
    let (bo, mikkel) = (world.enrol(&hanne, "Bo", Role::Mentor), world.enrol(&hanne, "Mikkel", Role::Mentor));
    let cases = ["Falken", "Uglen"].map(|alias| zofia.device.new_case(alias, Programme::National, None).expect("a case"));
    settle(&[&zofia, &hanne]);
    for (case, to) in cases.iter().zip([&bo, &mikkel]) {
        zofia.note(*case, "Zofia før");
        zofia.sync();
        hanne.sync();
        hanne.device.hand_over(*case, zofia.member(), to.member(), 14).expect("decided");
        settle(&[&hanne, to, &zofia]);
        to.note(*case, "De kender hinanden nu");
        zofia.note(*case, "Zofia i overlappet");
        settle(&[to, &zofia, &hanne, to]);
        assert_eq!(to.texts(*case), said(&["Zofia før", "De kender hinanden nu", "Zofia i overlappet"]));
        assert!(names(&hanne, *case).contains(&"Zofia".to_owned()));
    }
    world.pass(14 * DAY_MS);
    // Nobody sits at a desk: whoever writes next says that the time is over.
    for (case, to) in cases.iter().zip([&bo, &mikkel]) {
        to.note(*case, "Nu alene");
        settle(&[to, &hanne, to]);
        assert!(!names(to, *case).contains(&"Zofia".to_owned()), "{:?}", names(to, *case));
    }
    zofia.sync();
    cases.iter().for_each(|case| assert!(!has(&zofia, *case)));
    hanne.device.hand_over(cases[0], bo.member(), zofia.member(), 0).expect("decided");
    settle(&[&hanne, &zofia, &bo]);
    assert_eq!(zofia.texts(cases[0]), said(&["Zofia før", "De kender hinanden nu", "Zofia i overlappet", "Nu alene"]));
    forgot(&bo, cases[0]);
    zofia.note(cases[0], "Zofia igen");
    settle(&[&zofia, &hanne]);
    assert!(hanne.texts(cases[0]).contains("Zofia igen"));
    assert_eq!(names(&hanne, cases[0]), ["Hanne", "Zofia"]);
    for phone in [&hanne, &zofia, &bo, &mikkel] {
        is_well(phone);
    }
    world.verify_log();
}

#[test]
fn a_server_that_helps_somebody_who_was_taken_out_hands_over_nothing_readable_and_nobody_takes_the_words() {
    let world = World::new(94);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    settle(&[hanne, aase, emil]);
    emil.weather(Weather::Offline);
    hanne.device.unassign(case, emil.member()).expect("decided");
    settle(&[hanne, aase]);
    aase.note(case, "Ny adresse: Prøvevej 4");
    settle(&[aase, hanne]);
    // The server gives him everything but the entry that says that he is out, and takes what he says.
    let db = Connection::open(world.store()).expect("the store");
    let (ended, at): (i64, i64) = db
        .query_row("SELECT COUNT(*), MAX(ended_position) FROM membership WHERE ended_position > 0", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .expect("one was removed");
    assert_eq!(ended, 1);
    db.execute("UPDATE membership SET ended_position = 0", []).expect("SQL");
    db.execute("DELETE FROM entry WHERE position = ?1", [at]).expect("SQL");
    emil.weather(Weather::Clear);
    emil.note(case, "Emil skriver videre");
    for _ in 0..4 {
        let _ = emil.try_sync();
    }
    assert_eq!(emil.texts(case), said(&["Emil skriver videre"]), "he has no key to what came after");
    settle(&[aase, hanne]);
    for phone in [hanne, aase] {
        assert_eq!(phone.texts(case), said(&["Ny adresse: Prøvevej 4"]), "{}", phone.name);
    }
}

#[test]
fn who_is_taken_out_and_let_in_again_has_everything_and_writes_on() {
    let world = World::new(95);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    for n in 0..3 {
        emil.note(case, &format!("Emil {n}"));
        emil.sync();
    }
    settle(&[hanne, aase, emil]);
    for round in 0..2 {
        hanne.device.unassign(case, emil.member()).expect("decided");
        settle(&[hanne, aase, emil]);
        forgot(emil, case);
        aase.note(case, &format!("Åse {round}"));
        settle(&[aase, hanne]);
        hanne.device.assign(case, emil.member(), None).expect("decided");
        settle(&[hanne, emil, aase]);
        assert_eq!(emil.texts(case), hanne.texts(case));
        emil.note(case, &format!("Emil igen {round}"));
        settle(&[emil, hanne, aase]);
        assert!(aase.texts(case).contains(&format!("Emil igen {round}")));
    }
    assert_eq!(emil.device.case_show(case).expect("here"), aase.device.case_show(case).expect("here"));
    for phone in [hanne, aase, emil] {
        is_well(phone);
    }
    let tariq = world.enrol(hanne, "Tariq", Role::Coordinator);
    hanne.device.assign(case, tariq.member(), None).expect("decided");
    settle(&[hanne, &tariq]);
    assert_eq!(tariq.texts(case), hanne.texts(case), "who comes late reads all of it");
    is_well(&tariq);
    world.verify_log();
}

#[test]
fn what_somebody_handed_in_can_be_taken_over_after_they_came_back_and_wrote_on() {
    let world = World::new(97);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let shared = emil.note(case, "Han ringede.");
    settle(&[emil, hanne, aase]);
    emil.weather(Weather::Offline);
    rewrites(emil, case, shared, "Han ringede. Han er bange.");
    emil.note(case, "Skrevet uden net.");
    hanne.device.unassign(case, emil.member()).expect("taken out");
    hanne.sync();
    emil.weather(Weather::Clear);
    settle(&[emil, hanne]);
    forgot(emil, case);
    hanne.device.assign(case, emil.member(), None).expect("let in again");
    settle(&[hanne, emil, aase]);
    emil.note(case, "Tilbage igen.");
    rewrites(emil, case, shared, "Mandag: Han ringede.");
    settle(&[emil, hanne, aase]);
    let waiting = hanne.device.quarantine().expect("the list");
    assert_eq!(waiting.iter().map(|item| (item.open, item.code.clone())).collect::<Vec<_>>(), [(2, None)]);
    assert_eq!(hanne.device.accept_quarantined(&waiting[0].id, None).expect("taken over"), 2);
    settle(&[hanne, aase, emil]);
    for phone in [hanne, aase, emil] {
        let all = said(&["Mandag: Han ringede. Han er bange.", "Skrevet uden net.", "Tilbage igen."]);
        assert_eq!(phone.texts(case), all, "{}", phone.name);
        is_well(phone);
    }
    assert_eq!(hanne.device.quarantine().expect("the list")[0].open, 0);
}

#[test]
fn a_substitute_is_out_when_the_time_is_over_and_nobody_can_say_so_before() {
    let world = World::new(96);
    let hanne = world.founder("Hanne");
    let (aase, vikar) = (world.enrol(&hanne, "Åse", Role::Mentor), world.enrol(&hanne, "Vera", Role::Substitute));
    let case = aase.device.new_case("Falken", Programme::National, None).expect("a case");
    settle(&[&aase, &hanne]);
    let end_ms = hanne.device.host().now_ms() + 10 * DAY_MS;
    hanne.device.assign(case, vikar.member(), Some(end_ms)).expect("decided");
    settle(&[&hanne, &vikar, &aase]);
    vikar.note(case, "Vera er her");
    settle(&[&vikar, &aase, &hanne]);
    // Åse's clock is eleven days ahead: it is not she who decides what time it is.
    aase.clock_ahead(11 * DAY_MS);
    aase.note(case, "Åse med et forkert ur");
    settle(&[&aase, &hanne]);
    assert!(names(&hanne, case).contains(&"Vera".to_owned()));
    aase.clock_ahead(0);
    world.pass(10 * DAY_MS);
    vikar.note(case, "Vera for sent");
    aase.note(case, "Åse skriver videre");
    settle(&[&aase, &hanne]);
    assert_eq!(names(&hanne, case), ["Hanne", "Åse"]);
    settle(&[&vikar, &hanne, &aase]);
    forgot(&vikar, case);
    let waiting = hanne.device.quarantine().expect("the list");
    assert_eq!((waiting.len(), waiting[0].open), (1, 1));
    assert_eq!(waiting[0].things[0].text.as_deref(), Some("Vera for sent"));
    for phone in [&hanne, &aase] {
        is_well(phone);
    }
}

#[test]
fn a_substitute_who_is_given_more_time_sends_what_was_refused_meanwhile() {
    let world = World::new(98);
    let hanne = world.founder("Hanne");
    let vikar = world.enrol(&hanne, "Vera", Role::Substitute);
    let case = hanne.device.new_case("Falken", Programme::National, None).expect("a case");
    hanne.sync();
    hanne.device.assign(case, vikar.member(), Some(hanne.device.host().now_ms() + 10 * DAY_MS)).expect("decided");
    settle(&[&hanne, &vikar]);
    world.pass(11 * DAY_MS);
    vikar.note(case, "Vera skriver, mens tiden er gået.");
    assert_eq!(vikar.sync().refused, 1, "the server takes it no more");
    hanne.device.assign(case, vikar.member(), Some(hanne.device.host().now_ms() + 10 * DAY_MS)).expect("more time");
    settle(&[&hanne, &vikar]);
    assert_eq!(names(&hanne, case), ["Hanne", "Vera"]);
    assert!(hanne.texts(case).contains("Vera skriver, mens tiden er gået."));
    for phone in [&hanne, &vikar] {
        is_well(phone);
    }
}

#[test]
fn only_a_coordinator_takes_somebody_out_and_one_always_stays() {
    let world = World::new(97);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    assert_eq!(aase.device.unassign(case, emil.member()).expect_err("a mentor").code(), "role.not_allowed");
    assert_eq!(hanne.device.unassign(case, hanne.member()).expect_err("nobody would be left").code(), "log.last_coordinator");
    let other = hanne.device.new_case("Uglen", Programme::National, None).expect("a case");
    assert_eq!(hanne.device.unassign(other, emil.member()).expect_err("not there yet").code(), "case.unknown");
    hanne.sync();
    assert_eq!(hanne.device.unassign(other, emil.member()).expect_err("he is not in it").code(), "people.unknown");
}
