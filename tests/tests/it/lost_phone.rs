//! A phone is lost: from any other device it is cut off, learns nothing written after, and nobody else is stopped.

use std::collections::BTreeSet;

use device::{
    DeviceId, RevokeReason, Role,
    casework::{Edit, Programme},
};
use rusqlite::Connection;
use world::{PASSPHRASE, Phone, Weather, World};

fn said(lines: &[&str]) -> BTreeSet<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// Syncs everybody until nobody has anything to say.
fn settle(phones: &[&Phone]) {
    for _ in 0..6 {
        for phone in phones {
            phone.sync();
        }
    }
}

fn is_well(phone: &Phone) {
    let verified = phone.device.verify().expect("verified");
    assert!(verified.problems.is_empty(), "{}: {:?}", phone.name, verified.problems);
    let report = phone.sync();
    assert_eq!((report.pending, report.parked, report.refused), (0, 0, 0), "{}", phone.name);
}

/// The server, as somebody runs it who helps whoever has the phone.
fn let_in_again(world: &World) {
    let db = Connection::open(world.store()).expect("the store");
    assert_eq!(db.execute("UPDATE device SET revoked = 0", []).expect("SQL"), 3);
}

#[test]
fn a_lost_phone_is_cut_off_and_everybody_else_works_on() {
    let world = World::new(41);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    emil.note(case, "Emil før");
    emil.sync();
    settle(&[hanne, aase, emil]);
    emil.weather(Weather::Offline);
    emil.note(case, "Emil, ikke sendt");
    hanne.device.revoke(emil.id(), RevokeReason::Lost).expect("revoked");
    let report = hanne.sync();
    assert_eq!((report.refused, report.pending), (0, 0), "one act, one sync");
    aase.note(case, "Åse efter");
    hanne.note(case, "Hanne efter");
    settle(&[hanne, aase]);
    for phone in [hanne, aase] {
        assert_eq!(phone.texts(case), said(&["Emil før", "Åse efter", "Hanne efter"]), "{}", phone.name);
        is_well(phone);
    }
    emil.weather(Weather::Clear);
    assert_eq!(emil.try_sync().expect_err("refused").code(), "device.wiped");
    assert!(!emil.device.has_vault(), "and what he wrote waits for Hanne");
    world.verify_log();
}

#[test]
fn what_was_written_on_a_lost_phone_is_marked_and_taken_back_by_hand() {
    let world = World::new(43);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    emil.note(case, "Skrevet af en, der havde telefonen");
    aase.note(case, "Åses egen");
    settle(&[emil, aase, hanne]);
    let marked = |phone: &Phone| {
        let all = phone.device.history_view(case).expect("a history").into_iter().filter(|act| act.disputed);
        all.map(|act| act.by.expect("somebody").member).collect::<BTreeSet<_>>()
    };
    assert_eq!(marked(hanne), BTreeSet::new());
    hanne.device.revoke(emil.id(), RevokeReason::Lost).expect("revoked");
    settle(&[hanne, aase]);
    for phone in [hanne, aase] {
        assert_eq!(marked(phone), BTreeSet::from([emil.member()]), "{}", phone.name);
    }
    let notes = hanne.device.case_show(case).expect("the case").notes;
    let (note, _) = notes.iter().find(|(_, note)| note.origin.by == emil.member()).expect("Emil's");
    hanne.device.edit(case, Edit::RemoveNote { note: *note }).expect("taken back");
    settle(&[hanne, aase]);
    assert!(aase.device.case_show(case).expect("the case").notes[note].removed);
    let left = hanne.device.history_view(case).expect("a history").len();
    assert!(left > 2, "and that it was there stays in the history: {left}");
}

#[test]
fn a_server_that_helps_a_lost_phone_can_hand_it_nothing_it_can_read_and_nobody_takes_its_words() {
    let world = World::new(42);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    emil.note(case, "Emil før");
    settle(&[emil, hanne, aase]);
    hanne.device.revoke(emil.id(), RevokeReason::Compromised).expect("revoked");
    settle(&[hanne]);
    aase.note(case, "Ny adresse: Prøvevej 4");
    settle(&[aase, hanne]);
    let_in_again(&world);
    emil.note(case, "Tyven skriver");
    for _ in 0..4 {
        // It is given everything there is, and may say what it likes.
        let _ = emil.try_sync();
    }
    assert_eq!(emil.texts(case), said(&["Emil før", "Tyven skriver"]));
    settle(&[aase, hanne]);
    for phone in [hanne, aase] {
        assert_eq!(phone.texts(case), said(&["Emil før", "Ny adresse: Prøvevej 4"]), "{}", phone.name);
        assert!(phone.device.verify().expect("verified").problems.is_empty());
    }
}

#[test]
fn what_the_lost_phone_had_sent_counts_also_when_nobody_had_fetched_it() {
    let world = World::new(43);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    settle(&[hanne, aase, emil]);
    hanne.weather(Weather::Offline);
    hanne.device.revoke(emil.id(), RevokeReason::Lost).expect("decided without a signal");
    for n in 0..3 {
        emil.note(case, &format!("Emil {n}"));
        emil.sync();
    }
    hanne.weather(Weather::Clear);
    settle(&[hanne, aase]);
    aase.note(case, "Åse efter");
    settle(&[aase, hanne]);
    for phone in [hanne, aase] {
        assert_eq!(phone.texts(case), said(&["Emil 0", "Emil 1", "Emil 2", "Åse efter"]), "{}", phone.name);
        is_well(phone);
    }
    world.verify_log();
}

#[test]
fn who_joins_after_the_loss_reads_all_that_counts() {
    let world = World::new(44);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let mut all = Vec::new();
    for n in 0..30 {
        all.push(format!("Emil {n}"));
        emil.note(case, &all[n]);
        emil.sync();
        aase.sync();
    }
    settle(&[hanne, aase, emil]);
    hanne.device.revoke(emil.id(), RevokeReason::Left).expect("revoked");
    settle(&[hanne, aase]);
    aase.note(case, "Åse efter");
    all.push("Åse efter".to_owned());
    settle(&[aase, hanne]);
    let tariq = world.enrol(hanne, "Tariq", Role::Mentor);
    hanne.device.assign(case, tariq.member(), None).expect("assigned");
    settle(&[hanne, &tariq]);
    assert_eq!(tariq.texts(case), all.into_iter().collect());
    tariq.note(case, "Tariq her");
    settle(&[&tariq, hanne, aase]);
    assert_eq!(aase.texts(case), tariq.texts(case));
    is_well(&tariq);
    world.verify_log();
}

#[test]
fn a_snapshot_of_the_lost_phone_is_offered_to_nobody_and_costs_nobody_an_alarm() {
    let world = World::new(49);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let mut all = Vec::new();
    for n in 0..50 {
        all.push(format!("Emil {n}"));
        emil.note(case, &all[n]);
        emil.sync();
    }
    emil.sync();
    let db = Connection::open(world.store()).expect("the store");
    let snapshots: i64 = db.query_row("SELECT count(*) FROM envelope WHERE kind = 2", [], |row| row.get(0)).expect("SQL");
    assert!(snapshots > 0, "he made one");
    hanne.device.revoke(emil.id(), RevokeReason::Left).expect("revoked");
    settle(&[hanne, aase]);
    let tariq = world.enrol(hanne, "Tariq", Role::Mentor);
    hanne.device.assign(case, tariq.member(), None).expect("assigned");
    settle(&[hanne, &tariq]);
    for phone in [hanne, aase, &tariq] {
        assert_eq!(phone.texts(case), all.iter().cloned().collect(), "{}", phone.name);
        is_well(phone);
    }
    world.verify_log();
}

#[test]
fn what_was_sealed_under_the_old_key_and_not_sent_is_sealed_again_and_arrives_once() {
    let world = World::new(45);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    settle(&[hanne, aase, emil]);
    aase.weather(Weather::Offline);
    aase.note(case, "Åse, forseglet og ikke sendt");
    assert!(aase.try_sync().is_err(), "sealed, and not sent");
    hanne.device.revoke(emil.id(), RevokeReason::Lost).expect("revoked");
    settle(&[hanne]);
    aase.weather(Weather::Clear);
    aase.note(case, "Åse bagefter");
    settle(&[aase, hanne]);
    for phone in [hanne, aase] {
        assert_eq!(phone.texts(case), said(&["Åse, forseglet og ikke sendt", "Åse bagefter"]), "{}", phone.name);
        is_well(phone);
    }
    world.verify_log();
}

#[test]
fn who_has_no_coordinators_rights_makes_the_new_keys_when_nobody_else_has() {
    let world = World::new(46);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let thea = world.enrol(hanne, "Thea", Role::It);
    settle(&[hanne, aase, emil, &thea]);
    thea.device.revoke(emil.id(), RevokeReason::Lost).expect("whoever sees to the machines may");
    settle(&[&thea]);
    aase.note(case, "Åse før koordinatoren ved det");
    settle(&[aase]);
    is_well(aase);
    settle(&[hanne, aase, &thea]);
    assert_eq!(hanne.texts(case), said(&["Åse før koordinatoren ved det"]));
    is_well(hanne);
    world.verify_log();
}

#[test]
fn a_case_born_without_a_signal_before_the_loss_is_not_given_to_the_lost_phone() {
    let world = World::new(47);
    let (people, _) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    settle(&[hanne, aase, emil]);
    let tablet_of_hanne = world.phone("tablet");
    let id = hanne.member().to_string();
    let invited = hanne.device.invite(&id, Role::Coordinator).expect("invited");
    hanne.sync();
    let request = tablet_of_hanne.device.join(&invited.invitation).expect("joined");
    tablet_of_hanne.sync();
    hanne.block_on(hanne.courier().approve(&request, "tablet", PASSPHRASE)).expect("approved");
    settle(&[hanne, &tablet_of_hanne, aase]);
    aase.weather(Weather::Offline);
    let fox = aase.device.new_case("🦊", Programme::National, None).expect("a case");
    aase.note(fox, "Født uden net");
    hanne.device.revoke(tablet_of_hanne.id(), RevokeReason::Lost).expect("revoked");
    settle(&[hanne]);
    aase.weather(Weather::Clear);
    settle(&[aase, hanne]);
    assert_eq!(hanne.texts(fox), said(&["Født uden net"]));
    world.verify_log();
    Connection::open(world.store()).expect("the store").execute("UPDATE device SET revoked = 0", []).expect("SQL");
    let _ = tablet_of_hanne.try_sync();
    assert!(tablet_of_hanne.device.case_show(fox).is_err(), "its founder named the devices that were left");
}

#[test]
fn who_may_not_revoke_is_told_so_and_the_last_coordinator_stays() {
    let world = World::new(48);
    let (people, _) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let code = |phone: &Phone, of: &Phone| phone.device.revoke(of.id(), RevokeReason::Lost).expect_err("refused").code();
    assert_eq!(code(aase, emil), "role.not_allowed");
    assert_eq!(code(hanne, hanne), "log.last_coordinator");
    assert_eq!(hanne.device.device_called("findes ikke").expect_err("none").code(), "device.unknown");
    hanne.device.revoke(emil.id(), RevokeReason::Lost).expect("revoked");
    hanne.sync();
    assert_eq!(code(hanne, emil), "log.already");
    emil.device.revoke(emil.id(), RevokeReason::Left).expect("not told yet, and may hand in a device of his own");
}

/// Segments of a device that the server keeps, as they count from 1.
fn segments(world: &World, of: DeviceId) -> i64 {
    let db = Connection::open(world.store()).expect("the store");
    db.query_row("SELECT max(seq) FROM envelope WHERE kind = 1 AND device = ?1", [of.as_bytes()], |row| row.get(0)).expect("SQL")
}

#[test]
fn a_thief_who_signs_other_words_in_the_place_of_those_that_count_is_not_believed() {
    let world = World::new(50);
    let (people, case) = world.team();
    for n in 0..3 {
        people[2].note(case, &format!("Emil {n}"));
        people[2].sync();
    }
    settle(&people.iter().collect::<Vec<_>>());
    // The thief has a copy of the phone, and in his own world a server that takes what he writes.
    let (his, copies) = world.twin(&people);
    people.iter().for_each(|phone| phone.try_unlock().expect("unlocks"));
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let (phone, known) = (emil.id(), segments(&world, emil.id()));
    for n in 3..5 {
        copies[2].note(case, &format!("Tyven {n}"));
        copies[2].sync();
        emil.note(case, &format!("Emil {n}"));
        emil.sync();
    }
    hanne.sync();
    hanne.device.revoke(phone, RevokeReason::Compromised).expect("revoked");
    settle(&[hanne]);
    let db = Connection::open(world.store()).expect("the store");
    db.execute("ATTACH ?1 AS his", [his.store().to_str().expect("a path")]).expect("SQL");
    let forged =
        "SELECT f.bytes, f.id FROM his.envelope f WHERE f.device = e.device AND f.kind = 1 AND f.case_num = e.case_num AND f.seq = e.seq";
    let sql = format!("UPDATE envelope AS e SET (bytes, id) = ({forged}) WHERE e.device = ?1 AND e.kind = 1 AND e.seq > ?2");
    assert_eq!(db.execute(&sql, (phone.as_bytes(), known)).expect("SQL"), 2, "the server lies to those who come later");
    for _ in 0..4 {
        aase.sync();
    }
    assert_eq!(aase.texts(case), said(&["Emil 0", "Emil 1", "Emil 2"]));
    assert!(aase.sync().parked > 0, "what is missing is told");
    assert_eq!(hanne.texts(case).len(), 5, "who was there has what counts");
}

#[test]
fn words_that_nobody_can_read_do_not_keep_a_case_from_its_new_key() {
    let world = World::new(51);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    emil.note(case, "Emil før");
    emil.sync();
    settle(&[hanne, aase, emil]);
    emil.note(case, "vrøvl");
    emil.sync();
    let db = Connection::open(world.store()).expect("the store");
    let last = segments(&world, emil.id());
    let row = (emil.id(), last);
    let sql = "SELECT bytes FROM envelope WHERE kind = 1 AND device = ?1 AND seq = ?2";
    let mut bytes: Vec<u8> = db.query_row(sql, (row.0.as_bytes(), row.1), |row| row.get(0)).expect("SQL");
    *bytes.last_mut().expect("bytes") ^= 1;
    let sql = "UPDATE envelope SET bytes = ?3, id = ?4 WHERE kind = 1 AND device = ?1 AND seq = ?2";
    assert_eq!(db.execute(sql, (row.0.as_bytes(), row.1, &bytes, server::sha256(&bytes))).expect("SQL"), 1);
    settle(&[hanne, aase]);
    hanne.device.revoke(emil.id(), RevokeReason::Lost).expect("revoked");
    settle(&[hanne, aase]);
    aase.note(case, "Åse efter");
    settle(&[aase, hanne]);
    for phone in [hanne, aase] {
        assert_eq!(phone.texts(case), said(&["Emil før", "Åse efter"]), "{}", phone.name);
        assert_eq!(phone.sync().pending, 0);
    }
}

#[test]
fn who_decided_without_a_signal_and_was_overtaken_twice_reads_what_was_written_meanwhile() {
    let world = World::new(52);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let thea = world.enrol(hanne, "Thea", Role::It);
    let bo = world.enrol(hanne, "Bo", Role::Mentor);
    hanne.device.assign(case, bo.member(), None).expect("assigned");
    settle(&[hanne, aase, emil, &thea, &bo]);
    hanne.weather(Weather::Offline);
    hanne.device.revoke(emil.id(), RevokeReason::Lost).expect("decided");
    assert!(hanne.try_sync().is_err(), "made here, and not sent");
    for (lost, text) in [(emil, "under den anden nøgle"), (&bo, "under den tredje")] {
        thea.device.revoke(lost.id(), RevokeReason::Lost).expect("revoked");
        settle(&[&thea, aase]);
        aase.note(case, text);
        settle(&[aase]);
    }
    hanne.weather(Weather::Clear);
    settle(&[hanne, aase]);
    assert_eq!(hanne.texts(case), said(&["under den anden nøgle", "under den tredje"]));
    hanne.note(case, "Hanne igen");
    settle(&[hanne, aase]);
    assert_eq!(aase.texts(case), hanne.texts(case));
    is_well(hanne);
    is_well(aase);
    world.verify_log();
}

#[test]
fn what_a_coordinator_was_about_to_tell_is_told_under_the_new_key() {
    let world = World::new(53);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    settle(&[hanne, aase, emil]);
    aase.note(case, "Åse");
    aase.sync();
    hanne.sync();
    hanne.device.revoke(emil.id(), RevokeReason::Left).expect("revoked");
    settle(&[hanne, aase]);
    is_well(hanne);
    let view = aase.device.case_show(case).expect("the case");
    let id = *view.notes.keys().next().expect("a note");
    let shown = serde_json::to_value(aase.device.note(case, id, None).expect("the note")).expect("serialises");
    assert_eq!(shown["dot"], "coordinator");
}
