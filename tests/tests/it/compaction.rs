//! What two people's devices hold whole goes from the server; nobody misses a word by it, and nothing stays under a key that was lost.

use device::{CaseId, RevokeReason, Role, casework::Programme};
use rusqlite::Connection;
use world::{Phone, Weather, World};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const SEGMENT: i64 = 1;
const SNAPSHOT: i64 = 2;

fn settle(phones: &[&Phone]) {
    for _ in 0..4 {
        for phone in phones {
            phone.sync();
        }
    }
}

/// Sealed pieces of a case's core that still have their bytes, by kind and epoch.
fn pieces(world: &World, case: CaseId) -> Vec<(i64, i64)> {
    let db = Connection::open(world.store()).expect("the store");
    let sql = "SELECT e.kind, e.epoch FROM envelope e JOIN case_log c ON c.num = e.case_num
        WHERE c.id = ?1 AND e.compartment = 1 AND e.kind < 3 AND length(e.bytes) > 0 ORDER BY e.kind, e.epoch";
    let mut statement = db.prepare(sql).expect("a statement");
    let rows = statement.query_map([case.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    rows.collect::<rusqlite::Result<_>>().expect("pieces")
}

fn agree(phones: &[&Phone], case: CaseId, notes: usize) {
    let first = phones[0].device.case_show(case).expect("the case");
    assert_eq!(phones[0].texts(case).len(), notes);
    for phone in phones {
        assert_eq!(phone.device.case_show(case).expect("the case"), first, "{}", phone.name);
        let problems = phone.device.verify().expect("verified").problems;
        assert!(problems.is_empty(), "{}: {problems:?}", phone.name);
        let report = phone.sync();
        assert_eq!((report.pending, report.parked, report.refused), (0, 0, 0), "{}", phone.name);
    }
}

/// Hanne, Åse and Emil in a case in which each wrote twice.
fn written(world: &World) -> (Vec<Phone>, CaseId) {
    let (people, case) = world.team();
    for round in 0..2 {
        for phone in &people {
            phone.note(case, &format!("{round}: {} skriver.", phone.name));
            phone.sync();
        }
    }
    settle(&people.iter().collect::<Vec<_>>());
    (people, case)
}

#[test]
fn two_years_lie_on_the_server_as_two_wholes_and_whoever_was_away_misses_nothing() {
    let world = World::new(401);
    let hanne = world.founder("Hanne");
    let [aase, emil] = ["Åse", "Emil"].map(|name| world.enrol(&hanne, name, Role::Mentor));
    let case = hanne.device.new_case("Falken", Programme::National, None).expect("a case");
    hanne.sync();
    for phone in [&aase, &emil] {
        hanne.device.assign(case, phone.member(), None).expect("decided");
    }
    settle(&[&hanne, &aase, &emil]);
    emil.weather(Weather::Offline);
    emil.note(case, "Skrevet, da jeg tog af sted.");
    for day in 0..60 {
        world.pass(DAY_MS);
        aase.note(case, &format!("Dag {day}: Vi talte om bolig."));
        hanne.note(case, &format!("Dag {day}: Kommunen ringede."));
        settle(&[&hanne, &aase]);
    }
    let left = pieces(&world, case);
    let (segments, snapshots) =
        (left.iter().filter(|(kind, _)| *kind == SEGMENT).count(), left.iter().filter(|(kind, _)| *kind == SNAPSHOT).count());
    assert!(segments <= 36, "{segments} of 120 segments are left");
    assert_eq!(snapshots, 2, "one of each who was there");
    emil.weather(Weather::Clear);
    let report = emil.sync();
    assert!(report.round_trips <= 2, "{report:?}");
    settle(&[&hanne, &aase, &emil]);
    let tariq = world.enrol(&hanne, "Tariq", Role::Mentor);
    hanne.device.assign(case, tariq.member(), None).expect("decided");
    hanne.sync();
    let report = tariq.sync();
    assert!(report.round_trips <= 2, "{report:?}");
    settle(&[&hanne, &tariq]);
    agree(&[&hanne, &aase, &emil, &tariq], case, 121);
    world.verify_log();
}

#[test]
fn after_a_loss_nothing_is_left_on_the_server_under_the_key_that_was_lost() {
    let world = World::new(402);
    let (people, case) = written(&world);
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    assert!(pieces(&world, case).iter().all(|piece| *piece == (SEGMENT, 1)));
    hanne.device.revoke(emil.id(), RevokeReason::Lost).expect("revoked");
    hanne.sync();
    settle(&[hanne]);
    assert!(pieces(&world, case).contains(&(SEGMENT, 1)), "one person's word takes nothing away");
    settle(&[aase, hanne]);
    assert_eq!(pieces(&world, case), [(SNAPSHOT, 2), (SNAPSHOT, 2)], "everything is sealed again under the new key, and the old is gone");
    let tariq = world.enrol(hanne, "Tariq", Role::Mentor);
    hanne.device.assign(case, tariq.member(), None).expect("decided");
    settle(&[hanne, &tariq, aase]);
    tariq.note(case, "Overtaget efter Emil.");
    settle(&[&tariq, hanne, aase]);
    agree(&[hanne, aase, &tariq], case, 7);
    world.verify_log();
}

#[test]
fn a_snapshot_that_is_no_good_takes_no_word_from_anybody() {
    for bad in 0..2 {
        let world = World::new(410 + bad);
        let (people, case) = written(&world);
        let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
        hanne.device.unassign(case, emil.member()).expect("decided");
        settle(&[hanne, aase, emil]);
        assert_eq!(pieces(&world, case), [(SNAPSHOT, 2), (SNAPSHOT, 2)]);
        let db = Connection::open(world.store()).expect("the store");
        let liar = [hanne, aase][usize::try_from(bad).expect("small")];
        let sql = "UPDATE envelope SET bytes = randomblob(length(bytes)) WHERE kind = 2 AND device = ?1 AND length(bytes) > 0";
        assert_eq!(db.execute(sql, [liar.id().as_bytes()]).expect("spoilt"), 1);
        drop(db);
        let tariq = world.enrol(hanne, "Tariq", Role::Mentor);
        hanne.device.assign(case, tariq.member(), None).expect("decided");
        settle(&[hanne, &tariq]);
        assert_eq!(tariq.texts(case), hanne.texts(case), "{} sent nothing good, the other did", liar.name);
        assert_eq!(tariq.texts(case).len(), 6);
    }
}

#[test]
fn whoever_comes_back_finds_the_own_words_too_and_writes_on() {
    let world = World::new(403);
    let (people, case) = written(&world);
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    hanne.device.unassign(case, emil.member()).expect("decided");
    settle(&[hanne, aase, emil]);
    assert_eq!(pieces(&world, case), [(SNAPSHOT, 2), (SNAPSHOT, 2)]);
    hanne.device.assign(case, emil.member(), None).expect("decided");
    settle(&[hanne, emil, aase]);
    assert_eq!(emil.texts(case), hanne.texts(case));
    emil.note(case, "Tilbage igen.");
    settle(&[emil, hanne, aase]);
    agree(&[hanne, aase, emil], case, 7);
    world.verify_log();
}

#[test]
fn a_server_that_is_put_back_to_before_is_brought_up_again() {
    let world = World::new(404);
    let (people, case) = written(&world);
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let backup = world.back_up("before.db");
    aase.note(case, "Efter sikkerhedskopien.");
    settle(&[aase, hanne]);
    hanne.device.revoke(emil.id(), RevokeReason::Lost).expect("revoked");
    settle(&[hanne, aase]);
    assert_eq!(pieces(&world, case), [(SNAPSHOT, 2), (SNAPSHOT, 2)]);
    world.restore(&backup);
    for _ in 0..3 {
        settle(&[hanne, aase]);
        world.pass(DAY_MS);
    }
    hanne.note(case, "Og videre.");
    settle(&[hanne, aase]);
    let tariq = world.enrol(hanne, "Tariq", Role::Mentor);
    hanne.device.assign(case, tariq.member(), None).expect("decided");
    settle(&[hanne, &tariq, aase]);
    assert_eq!(tariq.texts(case), hanne.texts(case));
    assert_eq!(tariq.texts(case).len(), 8);
    world.verify_log();
}
