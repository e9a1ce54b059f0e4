//! Where a candidate lives: who enters it, who may see it for how long, and that nobody else can open one byte of it.

use device::{
    AddressShow, CaseId, Releasing, Role,
    casework::{Programme, Protection, Purpose},
};
use rusqlite::Connection;
use world::{PASSPHRASE, Phone, World};

use crate::scanner::found_in;

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// An address that stands nowhere else.
const FORREST: &str = "Kanariestien 3, 2. tv., Ådal";

fn settle(phones: &[&Phone]) {
    for _ in 0..4 {
        for phone in phones {
            phone.sync();
        }
    }
}

fn opened(phone: &Phone) -> &Phone {
    phone.device.open_strongroom(PASSPHRASE).expect("opens");
    phone
}

fn enter(phone: &Phone, case: CaseId, address: &str) {
    opened(phone).device.enter_address(case, address, Protection::NameAndAddress, [None, None]).expect("entered");
    phone.sync();
}

fn look(phone: &Phone, case: CaseId) -> Result<AddressShow, String> {
    opened(phone).device.look_at_address(case, Purpose::Check).map_err(|error| error.code())
}

fn address_of(phone: &Phone, case: CaseId) -> Option<String> {
    look(phone, case).expect("shown").address
}

fn later(phone: &Phone, ms: i64) -> i64 {
    phone.device.host().now_ms() + ms
}

/// A coordinator, a second person who may sign, and a mentor; the address of the mentor's case is on the server.
struct Team {
    world: World,
    hanne: Phone,
    second: Phone,
    aase: Phone,
    case: CaseId,
}

impl Team {
    fn with_address(seed: u64, second: &str, role: Role) -> Self {
        let world = World::new(seed);
        let hanne = world.founder("Hanne");
        let second = world.enrol(&hanne, second, role);
        let aase = world.enrol(&hanne, "Åse", Role::Mentor);
        let case = aase.device.new_case("Falken", Programme::National, None).expect("a case");
        settle(&[&aase, &hanne, &second]);
        enter(&hanne, case, FORREST);
        let team = Self { world, hanne, second, aase, case };
        team.settle();
        team
    }

    fn settle(&self) {
        settle(&[&self.hanne, &self.second, &self.aase]);
    }

    /// Hanne asks, the second person agrees, and Hanne's open strongroom carries it out.
    fn released_to_aase(&self, for_ms: i64) -> i64 {
        let until = later(&self.hanne, for_ms);
        let asked = opened(&self.hanne).device.release_address(self.case, self.aase.member(), until, Purpose::Visit, false);
        assert_eq!(asked.expect("asked"), Releasing::Asked);
        settle(&[&self.hanne, &self.second]);
        self.second.device.approve_release(self.case, self.aase.member(), Some(until)).expect("agreed");
        self.second.sync();
        opened(&self.hanne);
        self.settle();
        until
    }
}

#[test]
fn an_address_is_released_by_two_persons_and_forgotten_when_its_time_is_over() {
    let team = Team::with_address(401, "Dorte", Role::Dpo);
    assert_eq!(look(&team.aase, team.case), Err("address.not_released".to_owned()));
    let until = team.released_to_aase(DAY_MS);
    let seen = look(&team.aase, team.case).expect("released");
    assert_eq!(seen.address.as_deref(), Some(FORREST));
    assert_eq!(seen.until, Some(until));
    assert!(seen.standing.is_empty() && seen.before.is_empty(), "the mentor sees what stands, and no history");
    team.settle();
    let log: Vec<_> = team
        .second
        .device
        .address_log(team.case)
        .expect("read")
        .into_iter()
        .map(|row| (row.by, row.to, row.purpose, row.granted, row.alone))
        .collect();
    let expected = [("Åse", None, Purpose::Check, false), ("Hanne", Some("Åse"), Purpose::Visit, true)];
    assert_eq!(log, expected.map(|(by, to, purpose, granted)| (by.to_owned(), to.map(str::to_owned), Some(purpose), granted, false)));
    // Offline, and her time is over: nothing of it is there any more, before anybody has said so.
    team.world.pass(DAY_MS + 1);
    team.aase.weather(world::Weather::Offline);
    assert_eq!(look(&team.aase, team.case), Err("address.not_released".to_owned()));
    assert!(team.aase.try_sync().is_err());
    team.aase.weather(world::Weather::Clear);
    team.aase.sync();
    assert!(!team.aase.device.address_standing(team.case).expect("told").may_see);
    // Whoever opens the strongroom next changes the key.
    opened(&team.hanne);
    team.settle();
    assert_eq!(team.hanne.device.address_standing(team.case).expect("told").readers.len(), 1);
    team.released_to_aase(HOUR_MS);
    assert_eq!(address_of(&team.aase, team.case).as_deref(), Some(FORREST), "and it can be released again");
}

#[test]
fn a_mentor_of_the_case_cannot_open_one_byte_of_its_address() {
    let team = Team::with_address(402, "Jens", Role::Coordinator);
    assert_eq!(address_of(&team.second, team.case).as_deref(), Some(FORREST));
    team.settle();
    // Nothing of it came to her, and nothing that lies on the server is for her.
    let (db, aase) = (Connection::open(team.world.store()).expect("the store"), &team.aase);
    let column = |sql: &str| -> Vec<Vec<u8>> {
        let mut statement = db.prepare(sql).expect("a statement");
        statement.query_map([], |row| row.get(0)).expect("rows").map(|bytes| bytes.expect("bytes")).collect()
    };
    let envelopes = column("SELECT bytes FROM envelope WHERE compartment IN (2, 3)");
    assert_eq!(envelopes.len(), 2, "the address, and that Jens looked");
    let (entries, wraps) = (column("SELECT bytes FROM entry WHERE case_num > 0"), column("SELECT bytes FROM wrap WHERE case_num > 0"));
    let opens = |phone: &Phone| phone.device.opens(&entries, &wraps).expect("tried");
    assert_eq!((opens(&team.hanne), opens(&team.second), opens(aase)), (3, 3, 1), "core, address and access; and the core alone");
    for folder in [team.world.server_dir().as_path(), team.hanne.device.dir(), team.second.device.dir(), aase.device.dir()] {
        assert!(found_in(folder, FORREST).is_empty());
    }
    let sheet = aase.device.sync_sheet().expect("the sheet");
    assert_eq!((sheet.parked, sheet.line.waiting), (0, 0), "and nobody tried to give it to her");
    opened(aase);
    assert_eq!(look(aase, team.case), Err("address.not_released".to_owned()));
    assert_eq!(aase.device.address_log(team.case).expect_err("not hers").code(), "role.not_allowed");
    let until = later(aase, HOUR_MS);
    let own = aase.device.release_address(team.case, aase.member(), until, Purpose::Visit, true);
    assert_eq!(own.expect_err("not hers").code(), "role.not_allowed");
    let entered = aase.device.enter_address(team.case, "Skovvej 3", Protection::Ordinary, [None, None]);
    assert_eq!(entered.expect_err("not hers").code(), "role.not_allowed");
}

#[test]
fn for_a_vital_interest_one_coordinator_releases_for_two_hours_and_no_longer() {
    let team = Team::with_address(403, "Dorte", Role::Dpo);
    let release =
        |ms| opened(&team.hanne).device.release_address(team.case, team.aase.member(), later(&team.hanne, ms), Purpose::Danger, true);
    assert_eq!(release(3 * HOUR_MS).expect_err("too long").code(), "role.not_allowed");
    assert_eq!(release(HOUR_MS).expect("decided"), Releasing::Decided);
    team.settle();
    assert_eq!(address_of(&team.aase, team.case).as_deref(), Some(FORREST));
    let rows = team.second.device.address_log(team.case).expect("read");
    assert!(
        rows.iter().any(|row| row.alone && row.to.as_deref() == Some("Åse") && row.granted && row.purpose == Some(Purpose::Danger)),
        "{rows:?}"
    );
    team.world.pass(HOUR_MS);
    assert_eq!(look(&team.aase, team.case), Err("address.not_released".to_owned()));
}

#[test]
fn a_release_that_was_made_longer_while_the_phone_was_away_at_its_first_end_comes_back_by_itself() {
    let team = Team::with_address(402, "Dorte", Role::Dpo);
    team.released_to_aase(DAY_MS);
    assert_eq!(address_of(&team.aase, team.case).as_deref(), Some(FORREST));
    team.aase.weather(world::Weather::Offline);
    let until = later(&team.hanne, 5 * DAY_MS);
    let asked = opened(&team.hanne).device.release_address(team.case, team.aase.member(), until, Purpose::Visit, false);
    assert_eq!(asked.expect("asked"), Releasing::Asked);
    settle(&[&team.hanne, &team.second]);
    team.second.device.approve_release(team.case, team.aase.member(), Some(until)).expect("agreed");
    team.second.sync();
    settle(&[opened(&team.hanne), &team.second]);
    team.world.pass(DAY_MS + 1);
    assert_eq!(look(&team.aase, team.case), Err("address.not_released".to_owned()), "the first time is over, and she knows of no other");
    team.aase.weather(world::Weather::Clear);
    let trips: Vec<u64> = (0..6).map(|_| team.aase.sync().round_trips).collect();
    assert_eq!(address_of(&team.aase, team.case).as_deref(), Some(FORREST));
    assert_eq!(look(&team.aase, team.case).expect("shown").until, Some(until));
    assert!(trips.ends_with(&[1, 1]), "it was asked for once: {trips:?}");
    team.world.pass(5 * DAY_MS);
    assert_eq!(look(&team.aase, team.case), Err("address.not_released".to_owned()));
}

#[test]
fn a_release_is_taken_back_before_its_time_and_what_is_entered_then_is_not_for_whoever_had_it() {
    let team = Team::with_address(404, "Dorte", Role::Dpo);
    team.released_to_aase(DAY_MS);
    assert_eq!(address_of(&team.aase, team.case).as_deref(), Some(FORREST));
    let kept = team.world.copy_of(&team.aase);
    opened(&team.hanne).device.take_back_address(team.case, team.aase.member()).expect("decided");
    team.settle();
    assert_eq!(look(&team.aase, team.case), Err("address.not_released".to_owned()));
    assert!(!team.aase.device.address_standing(team.case).expect("told").may_see);
    enter(&team.hanne, team.case, "Havnegade 1, Ærøskov");
    team.settle();
    assert_eq!(address_of(&team.hanne, team.case).as_deref(), Some("Havnegade 1, Ærøskov"));
    // A copy of her phone of before has what it had, and gets nothing more.
    opened(&kept);
    assert_eq!(kept.device.look_at_address(team.case, Purpose::Check).expect("it was hers then").address.as_deref(), Some(FORREST));
    assert!(team.aase.texts(team.case).is_empty(), "and she goes on working in the case");
    team.aase.note(team.case, "Vi gik en tur.");
    team.settle();
    assert_eq!(team.hanne.texts(team.case).len(), 1);
}

#[test]
fn a_lost_coordinators_phone_gets_a_new_key_made_behind_it_when_a_strongroom_is_opened() {
    let team = Team::with_address(405, "Jens", Role::Coordinator);
    enter(&team.second, team.case, "Havnegade 1, Ærøskov");
    team.settle();
    let lost = team.second.id();
    team.hanne.device.close_strongroom();
    team.hanne.device.revoke(lost, device::RevokeReason::Lost).expect("decided");
    team.hanne.sync();
    assert!(look(&team.hanne, team.case).expect("shown").disputed, "whether what Jens entered last counts is open");
    team.hanne.sync();
    assert_eq!(address_of(&team.hanne, team.case).as_deref(), Some("Havnegade 1, Ærøskov"), "it does: he is cut off after it");
    enter(&team.hanne, team.case, "Bakken 9, Mølleby");
    settle(&[&team.hanne, &team.aase]);
    assert_eq!(address_of(&team.hanne, team.case).as_deref(), Some("Bakken 9, Mølleby"));
    let db = Connection::open(team.world.store()).expect("the store");
    let epochs: Vec<u32> = {
        let mut statement = db.prepare("SELECT epoch FROM envelope WHERE compartment = 2 ORDER BY position").expect("a statement");
        statement.query_map([], |row| row.get(0)).expect("rows").map(|epoch| epoch.expect("a number")).collect()
    };
    assert_eq!(epochs, [1, 1, 2], "what is entered after it was lost is sealed under a key that it does not have");
    team.world.verify_log();
    assert!(team.hanne.device.verify().expect("verified").problems.is_empty());
}

#[test]
fn e27_two_addresses_of_two_people_are_unresolved_and_releases_are_frozen() {
    let team = Team::with_address(406, "Jens", Role::Coordinator);
    team.released_to_aase(DAY_MS);
    for (phone, address) in [(&team.hanne, "Havnegade 1, Ærøskov"), (&team.second, "Bakken 9, Mølleby")] {
        opened(phone).device.enter_address(team.case, address, Protection::Ordinary, [None, None]).expect("entered");
    }
    team.settle();
    assert_eq!(look(&team.aase, team.case), Err("address.disputed".to_owned()));
    for coordinator in [&team.hanne, &team.second] {
        let shown = look(coordinator, team.case).expect("shown");
        assert!(shown.disputed && shown.address.is_none() && shown.standing.len() == 2, "{shown:?}");
        let until = later(coordinator, HOUR_MS);
        let release = coordinator.device.release_address(team.case, team.aase.member(), until, Purpose::Visit, false);
        assert_eq!(release.expect_err("frozen").code(), "address.disputed");
    }
    opened(&team.second);
    enter(&team.second, team.case, "Bakken 9, Mølleby");
    team.settle();
    assert_eq!(address_of(&team.aase, team.case).as_deref(), Some("Bakken 9, Mølleby"));
}

#[test]
fn who_leaves_the_case_or_sees_it_erased_keeps_nothing_of_its_address() {
    let team = Team::with_address(407, "Dorte", Role::Dpo);
    team.released_to_aase(DAY_MS);
    assert_eq!(address_of(&team.aase, team.case).as_deref(), Some(FORREST));
    team.hanne.device.unassign(team.case, team.aase.member()).expect("decided");
    team.settle();
    opened(&team.aase);
    assert_eq!(look(&team.aase, team.case), Err("address.not_released".to_owned()));
    opened(&team.hanne).device.erase(team.case, device::EraseBasis::Candidate).expect("decided");
    team.settle();
    team.settle();
    assert_eq!(team.hanne.device.look_at_address(team.case, Purpose::Check).expect_err("gone").code(), "address.not_released");
    let db = Connection::open(team.world.store()).expect("the store");
    let left: i64 =
        db.query_row("SELECT coalesce(sum(length(bytes)), 0) FROM envelope WHERE case_num > 0", [], |row| row.get(0)).expect("a sum");
    assert_eq!(left, 0);
    let receipts = team.hanne.device.endings().expect("endings").remove(0).erased.expect("erased").devices;
    let mut who: Vec<_> = receipts.iter().map(|one| (one.person.as_str(), one.at.is_some())).collect();
    who.sort_unstable();
    assert_eq!(who, [("Dorte", true), ("Hanne", true)], "who only saw who looked gives a receipt too");
}

#[test]
fn an_address_entered_offline_goes_when_there_is_a_line_and_comes_back_to_a_server_that_lost_it() {
    let team = Team::with_address(408, "Jens", Role::Coordinator);
    let backup = team.world.back_up("yesterday");
    team.hanne.weather(world::Weather::Offline);
    opened(&team.hanne).device.enter_address(team.case, "Havnegade 1, Ærøskov", Protection::Special, [None, None]).expect("entered");
    assert!(team.hanne.try_sync().is_err());
    assert_eq!(address_of(&team.hanne, team.case).as_deref(), Some("Havnegade 1, Ærøskov"), "here at once");
    team.hanne.weather(world::Weather::Clear);
    opened(&team.hanne);
    team.settle();
    assert_eq!(address_of(&team.second, team.case).as_deref(), Some("Havnegade 1, Ærøskov"));
    team.world.restore(&backup);
    team.settle();
    team.settle();
    let emil = team.world.enrol(&team.hanne, "Emil", Role::Mentor);
    team.hanne.device.assign(team.case, emil.member(), None).expect("decided");
    settle(&[&team.hanne, &emil]);
    let until = later(&team.hanne, HOUR_MS);
    opened(&team.hanne).device.release_address(team.case, emil.member(), until, Purpose::Move, true).expect("decided");
    settle(&[&team.hanne, &emil]);
    assert_eq!(address_of(&emil, team.case).as_deref(), Some("Havnegade 1, Ærøskov"), "the server has it again");
    team.world.verify_log();
}

/// Hanne's app is hostile and says nothing of what it does.
#[test]
fn a_release_of_which_nobody_said_anything_is_in_the_list_by_the_log_of_the_case() {
    let team = Team::with_address(410, "Dorte", Role::Dpo);
    let until = later(&team.hanne, HOUR_MS);
    opened(&team.hanne).device.release_address(team.case, team.aase.member(), until, Purpose::Danger, true).expect("decided");
    team.hanne.sync();
    let store = rusqlite::Connection::open(team.world.store()).expect("the store");
    let unsaid = store.execute("DELETE FROM envelope WHERE compartment = 3 AND device = ?1", [team.hanne.id().as_bytes()]).expect("SQL");
    assert_eq!(unsaid, 1);
    team.second.sync();
    let log = team.second.device.address_log(team.case).expect("read");
    let [row] = log.as_slice() else { panic!("{log:?}") };
    assert_eq!((row.by.as_str(), row.to.as_deref(), row.until, row.purpose), ("Hanne", Some("Åse"), Some(until), None));
    assert!(row.granted && row.alone);
    // What was asked for and never agreed to is said to be that.
    let asked = later(&team.hanne, DAY_MS);
    opened(&team.hanne).device.release_address(team.case, team.aase.member(), asked, Purpose::Visit, false).expect("asked");
    let log = team.hanne.device.address_log(team.case).expect("read");
    assert!(log.iter().any(|row| row.until == Some(asked) && !row.granted && row.purpose == Some(Purpose::Visit)), "{log:?}");
}

#[test]
fn who_looked_without_a_line_is_told_of_after_the_time_is_over() {
    let team = Team::with_address(409, "Dorte", Role::Dpo);
    team.released_to_aase(HOUR_MS);
    team.aase.weather(world::Weather::Offline);
    assert_eq!(address_of(&team.aase, team.case).as_deref(), Some(FORREST));
    team.world.pass(2 * HOUR_MS);
    assert_eq!(look(&team.aase, team.case), Err("address.not_released".to_owned()));
    team.aase.weather(world::Weather::Clear);
    team.settle();
    let log = team.second.device.address_log(team.case).expect("read");
    assert!(log.iter().any(|row| row.by == "Åse" && row.to.is_none()), "{log:?}");
}

/// Under which keys of the case's address something was sealed that left a device in this request: an envelope's header has the stream,
/// which is case and compartment, and behind it the epoch.
fn sealed_under(body: &[u8], case: CaseId) -> Vec<u8> {
    let stream = [&[0x82, 0x50], case.as_bytes().as_slice(), &[2]].concat();
    let after = body.windows(stream.len() + 1).filter(|part| part.starts_with(&stream));
    after.filter_map(|part| part.last().copied()).collect()
}

/// Her app is hostile and keeps the key, and the server gives her whatever it is sent.
#[test]
fn nothing_goes_out_under_a_key_of_somebody_whose_time_is_over_or_who_is_being_taken_out() {
    for taken_back in [false, true] {
        let team = Team::with_address(410, "Dorte", Role::Dpo);
        team.released_to_aase(HOUR_MS);
        if taken_back {
            opened(&team.hanne).device.take_back_address(team.case, team.aase.member()).expect("decided");
        } else {
            team.world.pass(2 * HOUR_MS);
        }
        let before = team.hanne.road.sent().len();
        enter(&team.hanne, team.case, "Havnegade 1, Ærøskov");
        team.settle();
        assert_eq!(address_of(&team.hanne, team.case).as_deref(), Some("Havnegade 1, Ærøskov"));
        let sent = team.hanne.road.sent();
        let under = |from: usize, to: usize| -> Vec<u8> {
            sent[from..to].iter().flat_map(|request| sealed_under(request.body.as_deref().unwrap_or_default(), team.case)).collect()
        };
        assert_eq!(under(0, before), [1], "what she entered first");
        assert_eq!(under(before, sent.len()), [2], "once, under the next key: {taken_back}");
    }
}

#[test]
fn an_agreement_is_to_what_was_shown_and_to_nothing_else() {
    let team = Team::with_address(421, "Dorte", Role::Dpo);
    let (until, longer) = (later(&team.hanne, HOUR_MS), later(&team.hanne, 300 * DAY_MS));
    let asked = opened(&team.hanne).device.release_address(team.case, team.aase.member(), until, Purpose::Visit, false);
    assert_eq!(asked.expect("asked"), Releasing::Asked);
    settle(&[&team.hanne, &team.second]);
    let agree = |until| team.second.device.approve_release(team.case, team.aase.member(), until).map_err(|error| error.code());
    assert_eq!(agree(Some(longer)), Err("role.not_allowed".to_owned()));
    assert_eq!(agree(None), Err("role.not_allowed".to_owned()));
    assert_eq!(agree(Some(until)), Ok(()));
}

#[test]
fn a_server_that_says_it_is_last_month_keeps_nothing_readable() {
    let team = Team::with_address(422, "Dorte", Role::Dpo);
    team.released_to_aase(HOUR_MS);
    assert!(look(&team.aase, team.case).is_ok());
    team.world.server_clock_ahead(-30 * DAY_MS);
    team.aase.sync();
    assert!(look(&team.aase, team.case).is_ok(), "her time is not over");
    team.world.pass(HOUR_MS + 1);
    team.aase.sync();
    assert_eq!(look(&team.aase, team.case), Err("address.not_released".to_owned()));
}

#[test]
fn who_was_taken_out_with_a_look_unsent_comes_back_and_is_heard_again() {
    let team = Team::with_address(423, "Dorte", Role::Dpo);
    team.released_to_aase(DAY_MS);
    team.aase.weather(world::Weather::Offline);
    assert!(look(&team.aase, team.case).is_ok());
    team.hanne.device.unassign(team.case, team.aase.member()).expect("taken out");
    settle(&[&team.hanne]);
    team.aase.weather(world::Weather::Clear);
    for _ in 0..3 {
        let _ = team.aase.try_sync();
    }
    opened(&team.hanne);
    settle(&[&team.hanne]);
    team.hanne.device.assign(team.case, team.aase.member(), None).expect("let in again");
    team.settle();
    team.released_to_aase(DAY_MS);
    let begun = team.aase.device.host().now_ms();
    assert!(look(&team.aase, team.case).is_ok());
    team.settle();
    let log = team.second.device.address_log(team.case).expect("read");
    assert!(log.iter().any(|row| row.by == "Åse" && row.to.is_none() && row.at >= begun), "{log:?}");
    assert_eq!(team.aase.sync().refused, 0);
}

#[test]
fn what_a_coordinator_entered_last_before_being_taken_out_is_open_until_the_key_has_changed() {
    let team = Team::with_address(424, "Jens", Role::Coordinator);
    team.released_to_aase(DAY_MS);
    enter(&team.second, team.case, "Havnegade 1, Ærøskov");
    settle(&[&team.second, &team.aase]);
    team.hanne.device.close_strongroom();
    team.hanne.device.unassign(team.case, team.second.member()).expect("taken out");
    settle(&[&team.hanne, &team.aase]);
    assert_eq!(look(&team.aase, team.case), Err("address.disputed".to_owned()), "nobody is shown where he lived before as if he did");
    opened(&team.hanne);
    settle(&[&team.hanne, &team.aase]);
    assert_eq!(address_of(&team.aase, team.case).as_deref(), Some("Havnegade 1, Ærøskov"));
}
