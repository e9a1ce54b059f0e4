//! A server put back from a backup: the devices give back what it lost, once, whoever comes first.

use std::collections::{BTreeMap, BTreeSet};

use device::{
    CaseId, ItemId, Role, SyncState,
    casework::{Edit, Programme},
};
use rusqlite::Connection;
use serde_json::json;
use world::{
    Phone, Weather, World,
    process::{ServerProcess, Shell},
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn add_note(phone: &Phone, case: CaseId, text: &str) -> ItemId {
    let id = phone.device.new_item();
    let at_ms = phone.device.host().now_ms();
    phone.device.edit(case, Edit::AddNote { id, text: text.to_owned(), at_ms }).expect("a note");
    id
}

fn show(phone: &Phone, case: CaseId) -> serde_json::Value {
    serde_json::to_value(phone.device.case_show(case).expect("the case is here")).expect("serialises")
}

fn texts(phone: &Phone, case: CaseId) -> Vec<String> {
    let mut texts: Vec<String> =
        phone.device.case_show(case).expect("the case is here").notes.values().map(|note| note.text.clone()).collect();
    texts.sort();
    texts
}

/// Where a note is said to be.
fn dot(phone: &Phone, case: CaseId, note: ItemId) -> String {
    let note = phone.device.note(case, note, None).expect("the note");
    serde_json::to_value(&note).expect("serialises")["dot"].as_str().expect("a dot").to_owned()
}

/// The names of everything the server keeps.
fn kept(world: &World) -> BTreeSet<Vec<u8>> {
    let db = Connection::open(world.store()).expect("the store");
    let mut statement = db.prepare("SELECT hash FROM entry UNION ALL SELECT id FROM envelope").expect("SQL");
    let rows = statement.query_map([], |row| row.get(0)).expect("SQL");
    rows.collect::<Result<BTreeSet<_>, _>>().expect("rows")
}

/// Four people, and a day of work after the backup.
struct Day {
    world: World,
    people: BTreeMap<&'static str, Phone>,
    cases: Vec<(CaseId, Vec<&'static str>)>,
    backup: std::path::PathBuf,
    /// What the server had acknowledged when it was put back.
    acknowledged: BTreeSet<Vec<u8>>,
}

impl Day {
    fn of(seed: u64) -> Self {
        let world = World::new(seed);
        let hanne = world.founder("Hanne");
        let (aase, bo) = (world.enrol(&hanne, "Åse", Role::Mentor), world.enrol(&hanne, "Bo", Role::Mentor));
        let falken = aase.device.new_case("Falken", Programme::National, None).expect("a case");
        add_note(&aase, falken, "før sikkerhedskopien");
        aase.sync();
        hanne.sync();
        hanne.device.assign(falken, bo.member(), None).expect("assigned");
        hanne.sync();
        bo.sync();
        let backup = world.back_up("nat.backup");

        world.pass(DAY_MS / 3);
        let ravnen = bo.device.new_case("Ravnen", Programme::Prison, None).expect("a case");
        for (who, text) in [(&aase, "Åses dag"), (&bo, "Bos dag"), (&hanne, "Hannes dag")] {
            add_note(who, falken, text);
        }
        add_note(&bo, ravnen, "den nye");
        bo.sync();
        let dorte = world.enrol(&hanne, "Dorte", Role::Mentor);
        hanne.device.assign(ravnen, aase.member(), None).expect("assigned");
        hanne.device.assign(falken, dorte.member(), None).expect("assigned");
        hanne.sync();
        for phone in [&aase, &dorte] {
            phone.sync();
        }
        let uglen = dorte.device.new_case("Uglen", Programme::Ngo, None).expect("a case");
        add_note(&dorte, uglen, "Dortes første");
        add_note(&dorte, falken, "Dortes dag");
        add_note(&aase, ravnen, "Åse i den nye");
        for _ in 0..2 {
            for phone in [&dorte, &aase, &bo, &hanne] {
                assert_eq!(phone.sync().pending, 0);
            }
        }
        let acknowledged = kept(&world);
        let cases =
            vec![(falken, vec!["hanne", "aase", "bo", "dorte"]), (ravnen, vec!["hanne", "aase", "bo"]), (uglen, vec!["hanne", "dorte"])];
        let people = BTreeMap::from([("hanne", hanne), ("aase", aase), ("bo", bo), ("dorte", dorte)]);
        Self { world, people, cases, backup, acknowledged }
    }

    fn restore(&self) {
        self.world.pass(DAY_MS / 3);
        self.world.restore(&self.backup);
        assert!(kept(&self.world).len() + 10 < self.acknowledged.len(), "the server lost a day");
    }

    /// Everybody has everything once, the server too, and nothing is wrong anywhere.
    fn end(&self) {
        let after = kept(&self.world);
        assert_eq!(self.acknowledged.difference(&after).count(), 0, "all that was acknowledged is there again");
        for (case, readers) in &self.cases {
            let first = show(&self.people[readers[0]], *case);
            for name in readers {
                assert_eq!(show(&self.people[name], *case), first, "{name}");
            }
        }
        let falken = texts(&self.people["dorte"], self.cases[0].0);
        assert_eq!(falken, ["Bos dag", "Dortes dag", "Hannes dag", "før sikkerhedskopien", "Åses dag"]);
        for (name, phone) in &self.people {
            let sheet = phone.device.sync_sheet().expect("the sheet");
            assert_eq!((sheet.line.state, sheet.line.waiting, sheet.parked), (SyncState::AllSent, 0, 0), "{name}");
            assert_eq!((sheet.aside, sheet.refused), (Vec::new(), Vec::new()), "{name}");
            assert_eq!(phone.device.verify().expect("verified").problems, Vec::<String>::new(), "{name}");
        }
        self.world.verify_log();
    }
}

#[test]
fn e21_after_a_restore_everybody_has_everything_once_whoever_comes_first() {
    let orders = [
        ["hanne", "aase", "bo", "dorte"],
        ["dorte", "bo", "aase", "hanne"],
        ["aase", "dorte", "hanne", "bo"],
        ["bo", "hanne", "dorte", "aase"],
    ];
    for (n, order) in orders.into_iter().enumerate() {
        let day = Day::of(210 + n as u64);
        day.restore();
        for _ in 0..3 {
            for name in order {
                // Until the coordinator has come, the server does not know who was admitted after the backup.
                if let Err(error) = day.people[name].try_sync() {
                    assert_eq!((name, error.code().as_str()), ("dorte", "server.set_back"));
                }
            }
        }
        day.end();
        let trips: Vec<u64> = day.people.values().map(|phone| phone.sync().round_trips).collect();
        assert_eq!(trips, [1, 1, 1, 1], "nothing is asked any more: {order:?}");
    }
}

#[test]
fn e21_a_device_that_the_server_forgot_keeps_everything_and_goes_on_afterwards() {
    let day = Day::of(220);
    let (dorte, hanne) = (&day.people["dorte"], &day.people["hanne"]);
    let falken = day.cases[0].0;
    day.restore();
    let note = add_note(dorte, falken, "skrevet mens serveren ikke kendte hende");
    for _ in 0..3 {
        assert_eq!(dorte.try_sync().expect_err("not known").code(), "server.set_back");
    }
    let sheet = dorte.device.sync_sheet().expect("the sheet");
    let codes: Vec<&str> = sheet.aside.iter().map(|one| one.code.as_str()).collect();
    assert_eq!((codes, sheet.line.state), (vec!["server.set_back"], SyncState::Waiting));
    assert_eq!(texts(dorte, falken).len(), 6);
    hanne.sync();
    dorte.sync();
    assert_ne!(dot(dorte, falken, note), "here");
    for _ in 0..2 {
        for phone in day.people.values() {
            phone.sync();
        }
    }
    assert_eq!(texts(hanne, falken), texts(dorte, falken));
    assert_eq!(dorte.device.sync_sheet().expect("the sheet").aside, Vec::new());
}

#[test]
fn e21_what_the_server_lost_reads_as_here_until_it_is_acknowledged_again() {
    let world = World::new(230);
    let hanne = world.founder("Hanne");
    let aase = world.enrol(&hanne, "Åse", Role::Mentor);
    let case = aase.device.new_case("Falken", Programme::National, None).expect("a case");
    let before = add_note(&aase, case, "før");
    aase.sync();
    let backup = world.back_up("nat.backup");
    let after = add_note(&aase, case, "efter");
    aase.sync();
    assert_eq!((dot(&aase, case, before), dot(&aase, case, after)), ("server".into(), "server".into()));
    world.restore(&backup);
    // The answer to the question how far the server reaches comes through; what is offered then does not.
    let trips = aase.road.trips();
    aase.road.go_down_after(2);
    assert_eq!(aase.try_sync().expect_err("the line went").code(), "net.offline");
    assert!(aase.road.trips() > trips + 2);
    assert_eq!((dot(&aase, case, before), dot(&aase, case, after)), ("server".into(), "here".into()));
    let sheet = aase.device.sync_sheet().expect("the sheet");
    assert_eq!((sheet.line.state, sheet.line.waiting), (SyncState::Waiting, 1));
    aase.weather(Weather::Clear);
    aase.sync();
    assert_eq!((dot(&aase, case, before), dot(&aase, case, after)), ("server".into(), "server".into()));
    assert_eq!(aase.device.sync_sheet().expect("the sheet").line.state, SyncState::AllSent);
}

/// Two people with a case, and a backup from before the last notes of one of them.
fn two_with_a_backup(seed: u64) -> (World, Phone, Phone, CaseId, std::path::PathBuf) {
    let world = World::new(seed);
    let hanne = world.founder("Hanne");
    let aase = world.enrol(&hanne, "Åse", Role::Mentor);
    let case = aase.device.new_case("Falken", Programme::National, None).expect("a case");
    aase.sync();
    hanne.sync();
    let backup = world.back_up("nat.backup");
    for n in 0..3 {
        add_note(&aase, case, &format!("note {n}"));
        aase.sync();
    }
    hanne.sync();
    (world, hanne, aase, case, backup)
}

#[test]
fn e21_what_is_not_kept_any_more_is_sealed_anew_and_known_again() {
    let (world, hanne, aase, case, backup) = two_with_a_backup(240);
    world.pass(41 * DAY_MS);
    add_note(&aase, case, "note 3");
    aase.sync();
    hanne.sync();
    let before = kept(&world);
    world.restore(&backup);
    aase.sync();
    let report = hanne.sync();
    assert_eq!((report.parked, report.refused), (0, 0), "the statements are the same, so nothing is taken in twice");
    let after = kept(&world);
    // Three notes are in other envelopes; what Hanne's device told of what it had is told anew with the next change.
    assert_eq!(before.difference(&after).count(), 3 + 2);
    assert!(after.len() <= before.len(), "nothing is there twice");
    assert_eq!(texts(&hanne, case), ["note 0", "note 1", "note 2", "note 3"]);
    let bo = world.enrol(&hanne, "Bo", Role::Mentor);
    hanne.device.assign(case, bo.member(), None).expect("assigned");
    hanne.sync();
    bo.sync();
    assert_eq!(show(&bo, case), show(&aase, case));
    for phone in [&hanne, &aase, &bo] {
        assert_eq!(phone.sync().pending, 0);
        assert_eq!(phone.device.verify().expect("verified").problems, Vec::<String>::new());
        assert_eq!(phone.device.sync_sheet().expect("the sheet").aside, Vec::new());
    }
    world.verify_log();
}

#[test]
fn e21_what_somebody_wrote_who_never_comes_back_is_brought_back_by_a_snapshot_after_a_day() {
    let (world, hanne, aase, case, backup) = two_with_a_backup(250);
    drop(aase);
    world.restore(&backup);
    hanne.sync();
    world.pass(DAY_MS / 2);
    assert_eq!(hanne.sync().sent, 0, "the others are given time");
    world.pass(DAY_MS);
    hanne.sync();
    let bo = world.enrol(&hanne, "Bo", Role::Mentor);
    hanne.device.assign(case, bo.member(), None).expect("assigned");
    hanne.sync();
    bo.sync();
    assert_eq!(texts(&bo, case), ["note 0", "note 1", "note 2"]);
    add_note(&bo, case, "og videre");
    bo.sync();
    hanne.sync();
    assert_eq!(show(&bo, case), show(&hanne, case));
    for phone in [&hanne, &bo] {
        let sheet = phone.device.sync_sheet().expect("the sheet");
        assert_eq!((sheet.aside, sheet.refused), (Vec::new(), Vec::new()), "{}", phone.name);
    }
    world.verify_log();
}

#[test]
fn e21_a_log_that_went_on_differently_is_an_alarm_and_changes_nothing_here() {
    let world = World::new(260);
    let hanne = world.founder("Hanne");
    let second = world.enrol(&hanne, "Inger", Role::Coordinator);
    let backup = world.back_up("nat.backup");
    let dorte = world.enrol(&hanne, "Dorte", Role::Mentor);
    world.restore(&backup);
    // Inger's device never saw that Dorte was admitted, and decides something else in that place.
    second.device.invite("Erik", Role::Mentor).expect("invited");
    second.sync();
    for _ in 0..2 {
        hanne.sync();
    }
    let people: Vec<String> = hanne.device.people().expect("people").into_iter().map(|person| person.name).collect();
    assert!(people.contains(&"Dorte".to_owned()) && !people.contains(&"Erik".to_owned()), "{people:?}");
    let codes: BTreeSet<String> = hanne.device.sync_sheet().expect("the sheet").aside.into_iter().map(|one| one.code).collect();
    assert!(codes.contains("log.fork"), "{codes:?}");
    assert_eq!(dorte.try_sync().expect_err("not known").code(), "server.set_back");
    assert_eq!(hanne.device.verify().expect("verified").problems, Vec::<String>::new());
}

#[test]
fn e21_a_device_may_die_at_each_step_of_the_repair_on_a_real_server() {
    for place in ["repair.before", "repair.after", "ack.after", "request.after:2"] {
        let dir = tempfile::TempDir::new().expect("a folder");
        let mut server = ServerProcess::start(&dir.path().join("server"));
        let (hanne, aase) = (Shell::new(&dir.path().join("hanne")), Shell::new(&dir.path().join("aase")));
        hanne.ok(&["org", "create", "--server", &server.url(), "--name", "Broen", "--person", "Hanne"]);
        let invited = hanne.ok(&["invite", "--person", "Åse", "--role", "mentor"]);
        let joined = aase.ok(&["join", invited["invitation"].as_str().expect("text")]);
        let backup = server.operator(&["backup", "--to", dir.path().join("nat.backup").to_str().expect("text")]);
        assert!(backup.status.success(), "{backup:?}");
        hanne.ok(&["approve", joined["request"].as_str().expect("text")]);
        aase.ok(&["sync"]);
        let made = aase.ok(&["case", "new", "--alias", "Falken", "--programme", "national"]);
        let case = made["case"].as_str().expect("an id");
        aase.ok(&["note", "add", case, "--text", "skrevet efter sikkerhedskopien"]);
        aase.ok(&["sync"]);
        hanne.ok(&["sync"]);
        server.stop();
        let restored = server.operator(&["restore", "--replace", "--from", dir.path().join("nat.backup").to_str().expect("text")]);
        assert!(restored.status.success(), "{restored:?}");
        server.kill_and_restart();
        assert_eq!(aase.run(&["sync"]).code(), "server.set_back");
        assert!(!hanne.run_with_crash(place, &["sync"]).status.success(), "{place} was passed");
        for _ in 0..2 {
            hanne.ok(&["sync"]);
            aase.ok(&["sync"]);
        }
        assert_eq!(hanne.ok(&["case", "show", case]), aase.ok(&["case", "show", case]), "{place}");
        for who in [&hanne, &aase] {
            let status = who.ok(&["status"]);
            assert_eq!((&status["waiting"], &status["aside"], &status["refused"]), (&json!(0), &json!([]), &json!([])), "{place}");
            assert_eq!(who.ok(&["verify"])["problems"], json!([]), "{place}");
        }
        assert!(server.operator(&["verify-log"]).status.success());
    }
}
