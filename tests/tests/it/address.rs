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
        self.second.device.approve_release(self.case, self.aase.member()).expect("agreed");
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
    let log: Vec<_> =
        team.second.device.address_log(team.case).expect("read").into_iter().map(|row| (row.by, row.to, row.purpose)).collect();
    let expected = [("Åse", None, Purpose::Check), ("Hanne", Some("Åse"), Purpose::Visit)];
    assert_eq!(log, expected.map(|(by, to, purpose)| (by.to_owned(), to.map(str::to_owned), purpose)));
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
