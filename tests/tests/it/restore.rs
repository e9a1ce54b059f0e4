//! A server put back from a backup: the devices give back what it lost, once, whoever comes first.

use std::collections::{BTreeMap, BTreeSet};

use device::{
    CaseId, ItemId, Role, SyncState,
    casework::{Edit, Programme},
};
use rusqlite::Connection;
use world::{Phone, Weather, World};

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
