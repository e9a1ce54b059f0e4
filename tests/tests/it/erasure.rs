//! A case is erased: on every device, on the server, in a backup that is put back; and held while the law wants it kept.

use device::{CaseId, Ending, EraseBasis, Erasing, RevokeReason, Role, casework::Programme};
use rusqlite::Connection;
use world::{Phone, Weather, World};

use crate::scanner::{CANARY, found_in};

/// Syncs everybody until nobody has anything to say.
fn settle(phones: &[&Phone]) {
    for _ in 0..4 {
        for phone in phones {
            phone.sync();
        }
    }
}

fn ending(phone: &Phone, case: CaseId) -> Ending {
    let endings = phone.device.endings().expect("endings");
    endings.into_iter().find(|ending| ending.case == case).unwrap_or_else(|| panic!("{} knows nothing of the end", phone.name))
}

fn receipts(phone: &Phone, case: CaseId) -> (usize, usize) {
    let erased = ending(phone, case).erased.expect("erased");
    let given = erased.devices.iter().filter(|device| device.at.is_some()).count();
    (given, erased.devices.len())
}

/// Nothing of the case is in this device's database: no word, no key, no chain, no name.
fn holds_nothing(phone: &Phone, case: CaseId) {
    assert!(phone.device.cases().expect("lists").iter().all(|row| row.id != case), "{}", phone.name);
    assert_eq!(phone.device.case(case).expect_err("gone").code(), "case.unknown");
    assert!(phone.device.search("kanariefugl").expect("a search").is_empty());
    assert!(found_in(phone.device.dir(), CANARY).is_empty(), "{}", phone.name);
}

/// Every wrap and envelope of a case that a store holds, with their bytes.
fn sealed_bytes(store: &std::path::Path, case: CaseId) -> (i64, i64) {
    let db = Connection::open(store).expect("the store");
    let count = |table: &str| {
        let sql = format!("SELECT COALESCE(SUM(length(t.bytes)), 0) FROM {table} t JOIN case_log c ON c.num = t.case_num WHERE c.id = ?1");
        db.query_row(&sql, [case.as_bytes()], |row| row.get(0)).expect("a sum")
    };
    (count("envelope"), count("wrap"))
}

/// How many of the wraps in a store open with the keys that each device has now.
fn opens(people: &[Phone], store: &std::path::Path, case: CaseId) -> Vec<usize> {
    let db = Connection::open(store).expect("the store");
    let column = |table: &str| -> Vec<Vec<u8>> {
        let sql = format!("SELECT t.bytes FROM {table} t JOIN case_log c ON c.num = t.case_num WHERE c.id = ?1");
        let mut statement = db.prepare(&sql).expect("a statement");
        let rows = statement.query_map([case.as_bytes()], |row| row.get(0)).expect("rows");
        rows.collect::<rusqlite::Result<_>>().expect("bytes")
    };
    let (entries, wraps) = (column("entry"), column("wrap"));
    people.iter().map(|phone| phone.device.opens(&entries, &wraps).expect("tried")).collect()
}

/// The number of the one salt that makes the key of a device's database.
fn salt(phone: &Phone) -> u64 {
    let names = std::fs::read_dir(phone.device.dir()).expect("a folder").flatten().map(|entry| entry.file_name());
    let salts: Vec<u64> = names.filter_map(|name| name.to_str()?.strip_prefix("vault.salt-")?.parse().ok()).collect();
    let [salt] = salts.as_slice() else { panic!("{} has the salts {salts:?}", phone.name) };
    *salt
}

/// Hanne, Åse and Emil with a case in which all have written.
fn written(world: &World) -> (Vec<Phone>, CaseId) {
    let (people, case) = world.team();
    for phone in &people {
        phone.note(case, &format!("{} skriver: {CANARY}", phone.name));
    }
    settle(&people.iter().collect::<Vec<_>>());
    (people, case)
}

#[test]
fn e28_what_was_written_offline_goes_with_the_case_and_nothing_comes_back() {
    let world = World::new(281);
    let (people, case) = written(&world);
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    emil.weather(Weather::Offline);
    emil.note(case, "Skrevet uden net.");
    assert_eq!(hanne.device.erase(case, EraseBasis::Candidate).expect("decided"), Erasing::Decided);
    settle(&[hanne, aase]);
    for phone in [hanne, aase] {
        holds_nothing(phone, case);
        assert_eq!(receipts(phone, case), (2, 3), "{}", phone.name);
    }
    assert_eq!(sealed_bytes(&world.store(), case), (0, 0), "the server keeps no sealed byte and no wrap");
    emil.weather(Weather::Clear);
    settle(&[emil, hanne, aase]);
    for phone in [hanne, aase, emil] {
        holds_nothing(phone, case);
        assert_eq!(receipts(phone, case), (3, 3), "{}", phone.name);
        let report = phone.sync();
        assert_eq!((report.pending, report.parked, report.refused), (0, 0, 0), "{}", phone.name);
        assert!(phone.device.verify().expect("verified").problems.is_empty(), "{}", phone.name);
    }
    for phone in [hanne, aase, emil] {
        assert_eq!(salt(phone), 2, "{}: what its disk kept of before opens with no key of today", phone.name);
    }
    let erased = ending(emil, case).erased.expect("erased");
    assert!(!erased.renewing && erased.unsent > 0, "he is told that what he wrote went with it");
    assert_eq!(sealed_bytes(&world.store(), case), (0, 0));
    world.verify_log();
}

#[test]
fn the_others_work_on_under_new_receive_keys_and_let_people_in() {
    let world = World::new(282);
    let (people, case) = written(&world);
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let other = hanne.device.new_case("Uglen", Programme::National, None).expect("a case");
    hanne.sync();
    hanne.device.assign(other, aase.member(), None).expect("decided");
    settle(&[hanne, aase, emil]);
    aase.note(other, "Bliver her.");
    hanne.device.erase(case, EraseBasis::Candidate).expect("decided");
    settle(&[hanne, aase, emil]);
    aase.note(other, "Efter sletningen.");
    hanne.device.assign(other, emil.member(), None).expect("decided");
    settle(&[hanne, aase, emil]);
    assert_eq!(emil.texts(other), hanne.texts(other), "a key wrapped to a new receive key opens");
    assert!(emil.texts(other).contains("Efter sletningen."));
    let tariq = world.enrol(hanne, "Tariq", Role::Mentor);
    hanne.device.assign(other, tariq.member(), None).expect("decided");
    settle(&[hanne, &tariq]);
    assert_eq!(tariq.texts(other), hanne.texts(other));
    aase.restart();
    aase.note(other, "Og efter en genstart.");
    settle(&[aase, hanne]);
    assert!(hanne.texts(other).contains("Og efter en genstart."));
    world.verify_log();
}

#[test]
fn without_the_candidates_own_decision_two_persons_are_needed_and_either_alone_does_nothing() {
    let world = World::new(283);
    let (people, case) = written(&world);
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let dpo = world.enrol(hanne, "Dorthe", Role::Dpo);
    settle(&[hanne, aase, emil, &dpo]);
    assert_eq!(emil.device.erase(case, EraseBasis::Retention).expect_err("a mentor").code(), "role.not_allowed");
    assert_eq!(emil.device.erase(case, EraseBasis::Candidate).expect_err("a mentor").code(), "role.not_allowed");
    assert_eq!(hanne.device.erase(case, EraseBasis::Retention).expect("proposed"), Erasing::Proposed);
    settle(&[hanne, aase, emil, &dpo]);
    assert!(!hanne.texts(case).is_empty() && !emil.texts(case).is_empty(), "nothing is erased yet");
    assert!(emil.device.endings().expect("endings").is_empty(), "a mentor is not told of it");
    assert_eq!(hanne.device.approve_erasure(case).expect_err("the same person").code(), "role.not_allowed");
    let told = ending(&dpo, case);
    assert_eq!((told.alias, told.proposals.len(), told.proposals[0].mine), (None, 1, false));
    assert!(dpo.device.cases().expect("lists").is_empty(), "who agrees reads nothing of the case");
    dpo.device.approve_erasure(case).expect("agreed");
    settle(&[&dpo, hanne, aase, emil]);
    for phone in [hanne, aase, emil] {
        holds_nothing(phone, case);
        assert_eq!(receipts(phone, case), (3, 3), "{}", phone.name);
    }
    world.verify_log();
}

#[test]
fn a_proposal_that_nobody_agreed_to_in_seven_days_is_gone() {
    let world = World::new(284);
    let (people, case) = written(&world);
    let [hanne, ..] = people.as_slice() else { panic!("three") };
    let dpo = world.enrol(hanne, "Dorthe", Role::Dpo);
    hanne.device.erase(case, EraseBasis::Mistake).expect("proposed");
    settle(&[hanne, &dpo]);
    dpo.weather(Weather::Offline);
    dpo.device.approve_erasure(case).expect("agreed without a signal");
    world.pass(8 * 24 * 60 * 60 * 1000);
    dpo.weather(Weather::Clear);
    settle(&[&dpo, hanne]);
    assert!(!hanne.texts(case).is_empty());
    assert_eq!(dpo.device.approve_erasure(case).expect_err("expired").code(), "role.not_allowed");
    assert_eq!(hanne.device.erase(case, EraseBasis::Mistake).expect("again"), Erasing::Proposed);
    settle(&[hanne, &dpo]);
    dpo.device.approve_erasure(case).expect("in time");
    settle(&[&dpo, hanne]);
    holds_nothing(hanne, case);
}

#[test]
fn e29_a_held_case_is_not_erased_and_only_those_who_could_sign_are_told_why() {
    let world = World::new(285);
    let (people, case) = written(&world);
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let dpo = world.enrol(hanne, "Dorthe", Role::Dpo);
    hanne.device.hold_case(case, true).expect("held");
    settle(&[hanne, aase, emil, &dpo]);
    for basis in [EraseBasis::Candidate, EraseBasis::Retention] {
        assert_eq!(hanne.device.erase(case, basis).expect_err("held").code(), "log.held");
    }
    assert!(ending(&dpo, case).held && ending(hanne, case).held);
    for phone in [aase, emil] {
        assert!(phone.device.endings().expect("endings").is_empty(), "{} is told nothing", phone.name);
    }
    emil.note(case, "Arbejdet går videre.");
    settle(&[emil, hanne]);
    assert!(hanne.texts(case).contains("Arbejdet går videre."));
    dpo.device.hold_case(case, false).expect("let go");
    settle(&[&dpo, hanne]);
    assert_eq!(hanne.device.erase(case, EraseBasis::Candidate).expect("decided"), Erasing::Decided);
    settle(&[hanne, aase, emil]);
    holds_nothing(emil, case);
    assert_eq!(hanne.device.hold_case(case, true).expect_err("too late").code(), "log.erased");
}

#[test]
fn a_backup_of_yesterday_opens_with_no_key_of_today_and_is_erased_again_when_it_is_put_back() {
    let world = World::new(286);
    let (people, case) = written(&world);
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let backup = world.back_up("yesterday.db");
    let (envelopes, wraps) = sealed_bytes(&backup, case);
    assert!(envelopes > 0 && wraps > 0);
    assert!(opens(&people, &backup, case).iter().all(|count| *count > 0), "today every device can open its own");
    hanne.device.erase(case, EraseBasis::Candidate).expect("decided");
    settle(&[hanne, aase, emil]);
    assert_eq!(opens(&people, &backup, case), [0, 0, 0], "no wrap of the backup opens with a receive key of today");
    world.restore(&backup);
    assert_eq!(sealed_bytes(&world.store(), case), (0, 0), "erased again before anybody could ask");
    settle(&[hanne, aase, emil]);
    settle(&[hanne, aase, emil]);
    for phone in [hanne, aase, emil] {
        holds_nothing(phone, case);
        assert_eq!(receipts(phone, case), (3, 3), "{}", phone.name);
    }
    assert_eq!(sealed_bytes(&world.store(), case), (0, 0));
    world.verify_log();
}

#[test]
fn a_case_that_never_reached_the_server_is_gone_at_once() {
    let world = World::new(287);
    let hanne = world.founder("Hanne");
    hanne.weather(Weather::Offline);
    let case = hanne.device.new_case("Uglen", Programme::National, None).expect("a case");
    hanne.note(case, CANARY);
    assert_eq!(hanne.device.erase(case, EraseBasis::Mistake).expect("gone"), Erasing::Gone);
    holds_nothing(&hanne, case);
    hanne.weather(Weather::Clear);
    settle(&[&hanne]);
    assert_eq!(hanne.sync().pending, 0);
    assert_eq!(hanne.device.erase(case, EraseBasis::Mistake).expect_err("gone").code(), "case.unknown");
}

#[test]
fn a_device_that_was_killed_on_the_way_erases_when_it_wakes() {
    let world = World::new(288);
    let (people, case) = written(&world);
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    hanne.device.erase(case, EraseBasis::Candidate).expect("decided");
    hanne.sync();
    for _ in 0..6 {
        emil.restart();
        emil.sync();
        aase.sync();
    }
    holds_nothing(emil, case);
    assert_eq!(receipts(hanne, case).1, 3);
    settle(&[hanne]);
    assert_eq!(receipts(hanne, case), (3, 3));
}

#[test]
fn no_receipt_is_given_before_the_database_has_another_key() {
    let world = World::new(292);
    let (people, case) = written(&world);
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let in_the_way = emil.device.dir().join("vault.db.next");
    std::fs::create_dir(&in_the_way).expect("as good as a full disk");
    hanne.device.erase(case, EraseBasis::Candidate).expect("decided");
    settle(&[hanne, aase, emil]);
    holds_nothing(emil, case);
    assert_eq!((receipts(hanne, case), salt(emil)), ((2, 3), 1));
    assert!(ending(emil, case).erased.expect("erased").renewing, "and he is told why");
    emil.note(emil.device.new_case("Uglen", Programme::National, None).expect("a case"), "Arbejdet går videre.");
    settle(&[emil]);
    std::fs::remove_dir(&in_the_way).expect("room again");
    settle(&[emil, hanne]);
    assert_eq!((receipts(hanne, case), salt(emil)), ((3, 3), 2));
    assert!(!ending(emil, case).erased.expect("erased").renewing);
    world.verify_log();
}

#[test]
fn a_phone_that_was_lost_before_the_receive_keys_changed_hands_in_what_can_still_be_read() {
    let world = World::new(289);
    let (people, case) = written(&world);
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let other = hanne.device.new_case("Uglen", Programme::National, None).expect("a case");
    hanne.sync();
    for phone in [aase, emil] {
        hanne.device.assign(other, phone.member(), None).expect("decided");
    }
    settle(&[hanne, aase, emil]);
    emil.weather(Weather::Offline);
    emil.note(other, "Skrevet, før nøglerne blev skiftet.");
    hanne.device.erase(case, EraseBasis::Candidate).expect("decided");
    settle(&[hanne, aase]);
    hanne.device.revoke(emil.id(), RevokeReason::Lost).expect("revoked");
    settle(&[hanne, aase]);
    emil.weather(Weather::Clear);
    assert_eq!(emil.try_sync().expect_err("cut off").code(), "device.wiped");
    settle(&[hanne]);
    let waiting = hanne.device.quarantine().expect("the list");
    assert_eq!(waiting.iter().map(|item| (item.case, item.open)).collect::<Vec<_>>(), [(other, 1)], "and nothing of the erased case");
    assert_eq!(hanne.device.accept_quarantined(&waiting[0].id, None).expect("taken over"), 1);
    assert!(hanne.texts(other).contains("Skrevet, før nøglerne blev skiftet."));
    world.verify_log();
}

#[test]
fn whose_time_was_over_before_forgets_an_erased_case_too() {
    let world = World::new(290);
    let hanne = world.founder("Hanne");
    let vikar = world.enrol(&hanne, "Vera", Role::Substitute);
    let case = hanne.device.new_case("Falken", Programme::National, None).expect("a case");
    hanne.note(case, CANARY);
    hanne.sync();
    let day_ms = 24 * 60 * 60 * 1000;
    hanne.device.assign(case, vikar.member(), Some(hanne.device.host().now_ms() + 2 * day_ms)).expect("decided");
    settle(&[&hanne, &vikar]);
    assert!(!vikar.texts(case).is_empty());
    vikar.weather(Weather::Offline);
    world.pass(day_ms);
    hanne.device.erase(case, EraseBasis::Candidate).expect("decided");
    settle(&[&hanne]);
    world.pass(2 * day_ms);
    vikar.weather(Weather::Clear);
    settle(&[&vikar, &hanne]);
    holds_nothing(&vikar, case);
    assert_eq!(receipts(&hanne, case), (2, 2));
    world.verify_log();
}

#[test]
fn a_coordinator_outside_the_case_keeps_nothing_of_it_in_quarantine() {
    let world = World::new(291);
    let (people, case) = written(&world);
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let tariq = world.enrol(hanne, "Tariq", Role::Coordinator);
    settle(&[hanne, aase, emil, &tariq]);
    emil.weather(Weather::Offline);
    emil.note(case, "Skrevet uden net.");
    hanne.device.unassign(case, emil.member()).expect("taken out");
    settle(&[hanne]);
    emil.weather(Weather::Clear);
    settle(&[emil, &tariq]);
    assert_eq!(tariq.device.quarantine().expect("the list").len(), 1, "handed in for every coordinator");
    hanne.device.erase(case, EraseBasis::Candidate).expect("decided");
    settle(&[hanne, aase, &tariq]);
    for phone in [hanne, &tariq] {
        assert!(phone.device.quarantine().expect("the list").is_empty(), "{}", phone.name);
    }
    world.verify_log();
}

#[test]
fn what_has_been_sent_is_not_said_to_have_been_only_here() {
    let world = World::new(292);
    let hanne = world.founder("Hanne");
    let aase = world.enrol(&hanne, "Åse", Role::Mentor);
    let case = aase.device.new_case("Uglen", Programme::National, None).expect("a case");
    aase.weather(Weather::CutAfter(40));
    assert!(aase.try_sync().is_err(), "it went, and no answer came");
    assert_eq!(aase.device.erase(case, EraseBasis::Mistake).expect_err("it may be there").code(), "case.incomplete");
    aase.weather(Weather::Clear);
    settle(&[&aase, &hanne]);
    assert_eq!(aase.device.erase(case, EraseBasis::Mistake).expect_err("a mentor").code(), "role.not_allowed");
}
