//! A server that owns its database, its key and its code, and lies: no device takes a change of content, of members or of
//! keys from it, and when it is honest again everybody has everything once.

mod chance;
mod eyes;
mod keys;
mod signs;
mod store;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use device::{CaseId, Role, casework::Programme};
use serde_json::{Value, json};
use world::{Lie, Phone, Weather, World};

use store::{Stored, tell, tell_the_truth};

const DAY_MS: i64 = 24 * 3_600_000;
const YEAR_MS: i64 = 365 * DAY_MS;

/// What a server does while one phone asks it.
#[derive(Debug, Clone)]
enum Trick {
    Weather(Weather),
    Lie(Lie),
    Stored(Stored),
    /// Its clock is wrong by so many milliseconds.
    Clock(i64),
    /// Another server with the store of an earlier day, which says that it is this one.
    Yesterday,
}

/// Hanne, who coordinates, and the mentors Åse and Emil, with two cases that all three have.
struct Office {
    world: World,
    people: Vec<Phone>,
    case: CaseId,
    other: CaseId,
    yesterday: Arc<world::Site>,
    said: BTreeSet<String>,
}

fn value(of: impl serde::Serialize) -> Value {
    serde_json::to_value(of).expect("serialises")
}

impl Office {
    fn of(seed: u64) -> Self {
        let world = World::new(seed);
        let (people, case) = world.team();
        let other = people[1].device.new_case("Uglen", Programme::Prison, None).expect("a case");
        people[1].sync();
        people[0].sync();
        people[0].device.assign(other, people[2].member(), None).expect("assigned");
        let yesterday = Arc::clone(&world.site);
        let mut office = Self { world, people, case, other, yesterday, said: BTreeSet::new() };
        office.settle();
        office.yesterday = office.world.second_site("i-gaar");
        for (n, name) in ["Hanne", "Åse", "Emil"].into_iter().enumerate() {
            office.writes(n, &format!("{name} begynder"));
            office.people[n].sync();
        }
        office.settle();
        office
    }

    /// Somebody writes; nothing is sent yet.
    fn writes(&mut self, who: usize, text: &str) {
        self.people[who].note(self.case, text);
        self.said.insert(text.to_owned());
    }

    fn settle(&self) {
        for _ in 0..4 {
            for phone in &self.people {
                let _ = phone.try_sync();
            }
        }
    }

    /// What each device holds of content, members and keys.
    fn held(&self) -> Vec<Value> {
        let held = |phone: &Phone| {
            let (device, verified) = (&phone.device, phone.device.verify().expect("verified"));
            let logs = (verified.org_entries, verified.case_entries, verified.epoch_keys);
            assert_eq!(verified.problems, Vec::<String>::new(), "{}", phone.name);
            let cases = [self.case, self.other]
                .map(|case| (value(device.case_show(case).expect("here")), value(device.readers(case).expect("readers"))));
            json!({"cases": cases, "people": value(device.people().expect("people")), "devices": value(device.devices().expect("devices")), "logs": logs})
        };
        self.people.iter().map(held).collect()
    }

    /// Plays a trick on one phone while it asks three times. Gives the codes that it names afterwards.
    fn tricked(&self, who: usize, trick: &Trick) -> BTreeSet<String> {
        let phone = &self.people[who];
        let id = phone.id();
        match trick {
            Trick::Weather(weather) => drop(phone.weather(*weather)),
            Trick::Lie(lie) => phone.road.lies(lie.clone()),
            Trick::Stored(stored) => tell(&self.world, id, *stored),
            Trick::Clock(ms) => self.world.server_clock_ahead(*ms),
            Trick::Yesterday => phone.road.lead_to(Arc::clone(&self.yesterday)),
        }
        let mut codes = BTreeSet::new();
        for _ in 0..3 {
            codes.extend(phone.try_sync().err().map(|error| error.code()));
        }
        match trick {
            Trick::Weather(_) => drop(phone.weather(Weather::Clear)),
            Trick::Lie(_) => phone.road.lies(Lie::None),
            Trick::Stored(_) => tell_the_truth(&self.world),
            Trick::Clock(_) => self.world.server_clock_ahead(0),
            Trick::Yesterday => phone.road.lead_to(Arc::clone(&self.world.site)),
        }
        codes.extend(named(phone));
        codes
    }

    /// What is not as it should be once everybody has everything.
    fn missing(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let notes = |phone: &Phone| phone.device.case_show(self.case).expect("here").notes.len();
        for phone in &self.people {
            let texts = phone.texts(self.case);
            let sheet = phone.device.sync_sheet().expect("the sheet");
            // Of what can never become good the code stays.
            let refused: Vec<_> = sheet.refused.iter().map(|one| one.code.clone()).collect();
            let wrong = (sheet.line.waiting, sheet.parked, refused);
            if texts != self.said || notes(phone) != texts.len() || wrong != (0, 0, Vec::new()) {
                found.insert(phone.name.clone(), format!("lacks {:?}, {wrong:?}", self.said.difference(&texts).collect::<Vec<_>>()));
            }
        }
        found
    }

    /// The operator puts the store back as it stands: devices notice, and compare everything with it.
    fn is_put_back(&self) {
        let backup = self.world.back_up("ærlig.backup");
        self.world.restore(&backup);
        self.settle();
    }
}

/// The codes that a device shows.
fn named(phone: &Phone) -> BTreeSet<String> {
    let sheet = phone.device.sync_sheet().expect("the sheet");
    sheet.aside.into_iter().chain(sheet.refused).map(|one| one.code).collect()
}

/// Plays a trick on one phone, once while nobody writes and once while everybody does, and then the server is honest and nothing
/// else happens but that people write and a day passes. Gives the codes that the phone names until then.
fn plays(office: &mut Office, who: usize, trick: &Trick) -> BTreeSet<String> {
    let before = office.held();
    office.tricked(who, trick);
    assert_eq!(office.held(), before, "{trick:?}: while nobody writes nothing changes");
    let round = office.said.len();
    for n in 0..3 {
        office.writes(n, &format!("{n} under {trick:?} {round}"));
        if n != who {
            office.people[n].sync();
        }
    }
    let mut codes = office.tricked(who, trick);
    for phone in &office.people {
        assert!(phone.texts(office.case).is_subset(&office.said), "{trick:?}: nobody said anything else");
        assert_eq!(phone.device.verify().expect("verified").problems, Vec::<String>::new(), "{trick:?}");
    }
    for n in 0..3 {
        office.writes(n, &format!("{n} efter {trick:?} {round}"));
    }
    office.settle();
    codes.extend(named(&office.people[who]));
    office.world.pass(DAY_MS);
    office.settle();
    assert_eq!(office.missing(), BTreeMap::new(), "{trick:?}, {codes:?}");
    codes
}

fn set(codes: &[&str]) -> BTreeSet<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

#[test]
fn answers_that_are_dropped_cut_repeated_late_or_old_change_nothing_and_everything_comes_once() {
    let mut office = Office::of(901);
    let weathers = [Weather::Unanswered, Weather::CutAfter(700), Weather::Twice, Weather::Late];
    let lies = [Lie::Behind, Lie::Old, Lie::Doubled, Lie::Half];
    for trick in weathers.into_iter().map(Trick::Weather).chain(lies.into_iter().map(Trick::Lie)) {
        let codes = plays(&mut office, 2, &trick);
        // An old answer says nothing of what was sent since: it may seem to be taken by somebody else, until an honest one comes.
        let known: &[&str] = if matches!(trick, Trick::Lie(Lie::Old)) { &["net.offline", "env.fork"] } else { &["net.offline"] };
        assert!(codes.is_subset(&set(known)), "{trick:?}: {codes:?}");
        assert_eq!(office.people[2].device.sync_sheet().expect("the sheet").refused.len(), 0, "{trick:?}");
    }
    office.world.verify_log();
}

#[test]
fn answers_that_are_jumbled_changed_or_anothers_change_nothing_and_everything_comes_once() {
    let mut office = Office::of(902);
    let others = Arc::downgrade(&office.people[0].road);
    for (lie, code) in [(Lie::Jumbled, "env.chain_gap"), (Lie::Flipped(7), "env.bad_hash"), (Lie::OfAnother(others), "env.fork")] {
        let codes = plays(&mut office, 2, &Trick::Lie(lie.clone()));
        assert!(codes.contains(code), "{lie:?}: {codes:?}");
    }
    office.world.verify_log();
}

#[test]
fn a_server_that_breaks_off_every_answer_is_asked_a_few_times_and_not_thousands() {
    let mut office = Office::of(906);
    office.writes(1, "Åse");
    office.people[1].sync();
    office.writes(2, "Emil");
    let before = office.people[2].road.trips();
    office.tricked(2, &Trick::Lie(Lie::Half));
    assert!(office.people[2].road.trips() - before < 100, "{}", office.people[2].road.trips() - before);
    office.settle();
    assert_eq!(office.missing(), BTreeMap::new());
}

#[test]
fn a_grant_that_is_withheld_keeps_its_words_waiting_and_both_come_when_the_server_is_honest_again() {
    let mut office = Office::of(907);
    let bo = office.world.enrol(&office.people[0], "Bo", Role::Mentor);
    office.settle();
    office.people[0].device.assign(office.case, bo.member(), None).expect("assigned");
    office.people[0].sync();
    bo.sync();
    bo.note(office.case, "Bo begynder");
    bo.sync();
    let without = Trick::Stored(Stored::WithoutLogTail(office.case));
    let codes = office.tricked(2, &without);
    assert_eq!(codes, set(&["env.not_member"]), "whom he does not know he does not believe");
    office.said.insert("Bo begynder".to_owned());
    assert!(!office.people[2].texts(office.case).contains("Bo begynder"));
    office.settle();
    office.world.pass(DAY_MS);
    office.settle();
    assert_eq!(office.missing(), BTreeMap::new());
    office.world.verify_log();
}

/// Two servers with one name: Åse and Emil are led to one, Hanne to the other.
fn forked(seed: u64) -> Office {
    let mut office = Office::of(seed);
    let fork = office.world.second_site("gaffel");
    for n in [1, 2] {
        office.people[n].road.lead_to(Arc::clone(&fork));
    }
    for (n, name) in ["Hanne", "Åse", "Emil"].into_iter().enumerate() {
        office.writes(n, &format!("{name} ved gaflen"));
    }
    office.settle();
    assert_eq!(office.people[1].texts(office.case), office.people[2].texts(office.case));
    assert_eq!(office.people[0].texts(office.case).len() + 2, office.said.len(), "each side sees its own");
    for n in [1, 2] {
        office.people[n].road.lead_to(Arc::clone(&office.world.site));
    }
    office
}

#[test]
fn what_two_servers_told_apart_comes_together_with_the_next_word_of_each() {
    let mut office = forked(908);
    for (n, name) in ["Hanne", "Åse", "Emil"].into_iter().enumerate() {
        office.writes(n, &format!("{name} bagefter"));
    }
    office.settle();
    assert_eq!(office.missing(), BTreeMap::new());
    office.world.verify_log();
}

#[test]
fn a_case_that_another_server_took_reaches_the_own_with_the_next_word_in_it() {
    let office = Office::of(911);
    let [hanne, aase, _] = office.people.as_slice() else { panic!("three") };
    aase.road.lead_to(office.world.second_site("gaffel"));
    let ravnen = aase.device.new_case("Ravnen", Programme::Prison, None).expect("a case");
    aase.note(ravnen, "Født ved gaflen");
    assert_eq!(aase.sync().pending, 0);
    aase.road.lead_to(Arc::clone(&office.world.site));
    aase.note(ravnen, "Skrevet bagefter");
    office.settle();
    assert_eq!(hanne.texts(ravnen), set(&["Født ved gaflen", "Skrevet bagefter"]));
    office.world.verify_log();
}

#[test]
fn what_two_servers_told_apart_comes_together_when_the_store_is_put_back() {
    let office = forked(909);
    office.settle();
    assert!(!office.missing().is_empty(), "while nobody writes nobody knows");
    office.is_put_back();
    assert_eq!(office.missing(), BTreeMap::new());
    office.world.verify_log();
}

#[test]
fn a_server_that_hides_that_it_was_put_back_is_found_out_by_the_next_word_and_gets_everything_again() {
    let mut office = Office::of(910);
    office.people[0].device.invite("Bo", Role::Mentor).expect("invited");
    office.settle();
    let before = office.held();
    for phone in &office.people {
        phone.road.lead_to(Arc::clone(&office.yesterday));
    }
    office.settle();
    assert_eq!(office.held(), before, "nobody forgets anything");
    for (n, name) in ["Hanne", "Åse", "Emil"].into_iter().enumerate() {
        office.writes(n, &format!("{name} næste dag"));
    }
    let mut codes = BTreeSet::new();
    for n in [1, 2, 0, 1, 2, 0] {
        let _ = office.people[n].try_sync();
        codes.extend(named(&office.people[n]));
    }
    assert_eq!(codes, set(&["server.set_back"]));
    office.settle();
    assert_eq!(office.missing(), BTreeMap::new());
    let there = |file: &std::path::Path| {
        let db = rusqlite::Connection::open(file).expect("the store");
        let mut rows = db.prepare("SELECT hash FROM entry UNION SELECT id FROM envelope WHERE kind = 1").expect("SQL");
        rows.query_map([], |row| row.get(0)).expect("SQL").collect::<Result<BTreeSet<Vec<u8>>, _>>().expect("rows")
    };
    let (lost, mended) = (there(&office.world.store()), there(&office.world.server_dir().with_file_name("i-gaar").join("log.db")));
    assert_eq!(lost.difference(&mended).count(), 0, "it has all that it had acknowledged");
}

#[test]
fn words_that_are_withheld_show_as_a_gap_and_come_when_the_server_is_honest_again() {
    let mut office = Office::of(903);
    for stored in [Stored::WithoutNewest, Stored::WithoutDevice(office.people[1].id())] {
        assert_eq!(plays(&mut office, 2, &Trick::Stored(stored)), set(&["env.chain_gap"]), "{stored:?}");
    }
    office.world.verify_log();
}

#[test]
fn words_that_are_changed_emptied_moved_or_renamed_are_named_and_come_when_the_server_is_honest_again() {
    let mut office = Office::of(904);
    let stored = [
        (Stored::Flipped, "env.bad_aead"),
        (Stored::Emptied, "env.bad_hash"),
        (Stored::Moved(office.case, office.other), "env.bad_context"),
        (Stored::Renamed, "env.chain_gap"),
        (Stored::Backwards, "env.chain_gap"),
    ];
    for (stored, code) in stored {
        let codes = plays(&mut office, 2, &Trick::Stored(stored));
        assert!(codes.contains(code), "{stored:?}: {codes:?}");
    }
    office.world.verify_log();
}

#[test]
fn a_clock_of_the_server_that_is_ten_years_off_changes_no_time_and_ends_nobodys_part() {
    let mut office = Office::of(905);
    for ms in [10 * YEAR_MS, -10 * YEAR_MS] {
        assert_eq!(plays(&mut office, 2, &Trick::Clock(ms)), BTreeSet::new());
        let shown = office.people[0].device.case_show(office.case).expect("here");
        let now = office.people[0].device.host().now_ms();
        assert!(shown.notes.values().all(|note| (now - 10 * DAY_MS..=now).contains(&note.of_ms)), "nobody's time is the server's");
    }
    office.world.verify_log();
}
