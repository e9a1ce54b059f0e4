//! A device that was cut off proves the order, hands in what it had not sent, and empties itself; a coordinator decides.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use device::{
    CaseId, Courier, DeviceId, Quarantined, RevokeReason, Road, RoadAnswer, RoadRequest, Role,
    casework::{Edit, MeetingKind, OfferKind, OfferStatus, Outcome, Programme, SalvageKind, SalvageState, TaskKind},
};
use futures_util::{StreamExt, future::BoxFuture, stream};
use world::{PASSPHRASE, Phone, Weather, World};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn does(phone: &Phone, case: CaseId, edit: Edit) {
    phone.device.edit(case, edit).expect("done");
}

/// Three notes, a meeting, a promise and an offer.
fn six_entries(phone: &Phone, case: CaseId) {
    let now_ms = phone.device.host().now_ms();
    for text in ["Han ringede.", "Han vil flytte.", "Vi mødes tirsdag."] {
        phone.note(case, text);
    }
    let (meeting, outcome) = (MeetingKind::Phone, Outcome::TookPlace);
    let id = phone.device.new_item();
    does(phone, case, Edit::LogMeeting { id, meeting, at_ms: now_ms, minutes: 20, place: None, outcome, zone: None, said: None });
    let (id, title) = (phone.device.new_item(), "Ring til banken".to_owned());
    does(phone, case, Edit::AddTask { id, title, due: None, owner: None, task: TaskKind::Promise, promised_to: None });
    does(phone, case, Edit::SetOfferStatus { offer: OfferKind::Therapy, status: OfferStatus::Running });
}

/// Emil's phone is lost with six entries that were never sent; Hanne cuts it off.
fn lost(world: &World, reason: RevokeReason) -> (Vec<Phone>, CaseId) {
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    emil.note(case, "Sendt i tide.");
    emil.sync();
    hanne.sync();
    aase.sync();
    emil.weather(Weather::Offline);
    six_entries(emil, case);
    hanne.device.revoke(emil.id(), reason).expect("revoked");
    hanne.sync();
    aase.sync();
    emil.weather(Weather::Clear);
    (people, case)
}

fn is_empty(phone: &Phone) {
    let left: BTreeSet<String> = std::fs::read_dir(phone.device.dir())
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(left, ["ended", "lock"].map(str::to_owned).into());
    assert!(!phone.device.has_vault() && !phone.device.is_unlocked());
    assert_eq!(phone.device.ended(), Some("device.wiped"));
}

fn only(phone: &Phone) -> Quarantined {
    let mut all = phone.device.quarantine().expect("the list");
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn states(item: &Quarantined) -> Vec<(SalvageKind, SalvageState)> {
    item.things.iter().map(|thing| (thing.kind, thing.state)).collect()
}

#[test]
fn e22_a_lost_phone_that_syncs_five_minutes_later_hands_in_six_entries_learns_nothing_and_is_empty() {
    let world = World::new(71);
    let (people, case) = lost(&world, RevokeReason::Lost);
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    aase.note(case, "Kun for os.");
    aase.sync();
    world.pass(5 * 60 * 1000);
    assert_eq!(emil.try_sync().expect_err("refused").code(), "device.wiped");
    is_empty(emil);
    hanne.sync();
    let item = only(hanne);
    assert_eq!((item.person.as_str(), item.alias.as_str(), item.open, item.code.clone()), ("Emil", "Falken", 6, None));
    let texts: BTreeSet<&str> = item.things.iter().filter_map(|thing| thing.text.as_deref()).collect();
    assert!(texts.contains("Han vil flytte.") && !texts.contains("Kun for os."), "{texts:?}");
    assert_eq!(hanne.texts(case), ["Sendt i tide.", "Kun for os."].map(str::to_owned).into(), "nothing is taken over by itself");
    assert!(aase.device.quarantine().expect("the list").is_empty(), "it is for coordinators");
    for phone in [hanne, aase] {
        let report = phone.sync();
        assert_eq!((report.pending, report.parked, report.refused), (0, 0, 0), "{}", phone.name);
        assert!(phone.device.verify().expect("verified").problems.is_empty());
    }
    world.verify_log();
}

#[test]
fn e23_three_of_the_six_are_taken_over_and_three_are_not_one_by_one() {
    let world = World::new(72);
    let (people, case) = lost(&world, RevokeReason::Lost);
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    emil.try_sync().expect_err("refused");
    hanne.sync();
    let item = only(hanne);
    let (honest, thief): (Vec<_>, Vec<_>) = item.things.iter().partition(|thing| thing.kind == SalvageKind::Note);
    assert_eq!((honest.len(), thief.len()), (3, 3));
    for thing in &honest {
        assert_eq!(hanne.device.accept_quarantined(&item.id, Some(thing.key)).expect("taken over"), 1);
    }
    for thing in &thief {
        assert_eq!(hanne.device.reject_quarantined(&item.id, Some(thing.key)).expect("rejected"), 1);
    }
    let again = hanne.device.accept_quarantined(&item.id, Some(honest[0].key)).expect_err("it is decided");
    assert_eq!(again.code(), "quarantine.unknown");
    assert_eq!(hanne.device.accept_quarantined(&item.id, None).expect("nothing is open"), 0);
    hanne.sync();
    aase.sync();
    let all = ["Sendt i tide.", "Han ringede.", "Han vil flytte.", "Vi mødes tirsdag."].map(str::to_owned);
    for phone in [hanne, aase] {
        let show = phone.device.case_show(case).expect("the case");
        assert_eq!(phone.texts(case), all.clone().into(), "{}", phone.name);
        assert!(show.meetings.is_empty() && show.tasks.is_empty(), "{}", phone.name);
    }
    let decided = only(hanne);
    assert_eq!(decided.open, 0);
    assert_eq!(states(&decided).iter().filter(|(_, state)| *state == SalvageState::Accepted).count(), 3);
    let written = hanne.device.history(case).expect("its history");
    assert_eq!(written.iter().filter(|entry| entry.act == "salvage.accept").count(), 3);
    // Whoever thought better of it still finds what was rejected.
    assert_eq!(hanne.device.accept_quarantined(&item.id, Some(thief[0].key)).expect("taken over after all"), 1);
}

#[test]
fn of_a_phone_that_somebody_else_may_have_used_nothing_is_asked_and_nothing_is_left() {
    let world = World::new(73);
    let (people, _) = lost(&world, RevokeReason::Compromised);
    let [hanne, _, emil] = people.as_slice() else { panic!("three") };
    assert_eq!(emil.try_sync().expect_err("refused").code(), "device.wiped");
    is_empty(emil);
    hanne.sync();
    assert!(hanne.device.quarantine().expect("the list").is_empty());
}

#[test]
fn a_case_that_was_only_on_the_lost_phone_is_taken_over_whole() {
    let world = World::new(74);
    let (people, _) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    emil.weather(Weather::Offline);
    let new = emil.device.new_case("Uglen", Programme::Prison, Some(2001)).expect("a case");
    emil.note(new, "Mødte ham i dag.");
    hanne.device.revoke(emil.id(), RevokeReason::Left).expect("revoked");
    hanne.sync();
    emil.weather(Weather::Clear);
    assert_eq!(emil.try_sync().expect_err("refused").code(), "device.wiped");
    hanne.sync();
    let item = only(hanne);
    assert_eq!((item.alias.as_str(), states(&item)), ("Uglen", vec![(SalvageKind::Case, SalvageState::Open)]));
    assert_eq!(hanne.device.reject_quarantined(&item.id, None).expect("rejected"), 1);
    assert_eq!(states(&only(hanne)), [(SalvageKind::Case, SalvageState::Rejected)]);
    assert_eq!(hanne.device.accept_quarantined(&item.id, Some(item.things[0].key)).expect("after all"), 1);
    hanne.sync();
    assert_eq!(hanne.texts(new), ["Mødte ham i dag.".to_owned()].into());
    let row = hanne.device.cases().expect("lists").into_iter().find(|row| row.id == new).expect("it is listed");
    assert_eq!((row.alias.as_str(), row.waiting_for_server), ("Uglen", false));
    assert!(only(hanne).things.iter().all(|thing| thing.state == SalvageState::Accepted), "{:?}", only(hanne));
    hanne.device.assign(new, aase.member(), None).expect("assigned");
    hanne.sync();
    aase.sync();
    assert_eq!(aase.texts(new), ["Mødte ham i dag.".to_owned()].into());
}

#[test]
fn a_line_that_is_cut_before_all_is_handed_in_leaves_the_phone_as_it_is_until_the_next_time() {
    let world = World::new(75);
    let (people, _) = lost(&world, RevokeReason::Lost);
    let [hanne, _, emil] = people.as_slice() else { panic!("three") };
    emil.road.go_down_after(1);
    assert_eq!(emil.try_sync().expect_err("the line is cut").code(), "net.offline");
    assert!(emil.device.is_unlocked());
    emil.weather(Weather::Clear);
    assert_eq!(emil.try_sync().expect_err("refused").code(), "device.wiped");
    is_empty(emil);
    hanne.sync();
    assert_eq!(only(hanne).open, 6);
}

#[test]
fn after_fourteen_days_nothing_is_taken_and_the_phone_is_emptied_all_the_same() {
    let world = World::new(76);
    let (people, _) = lost(&world, RevokeReason::Lost);
    let [hanne, _, emil] = people.as_slice() else { panic!("three") };
    world.pass(14 * DAY_MS + 1);
    assert_eq!(emil.try_sync().expect_err("refused").code(), "device.wiped");
    is_empty(emil);
    hanne.sync();
    assert!(hanne.device.quarantine().expect("the list").is_empty());
}

#[test]
fn an_emptied_phone_can_be_enrolled_anew() {
    let world = World::new(77);
    let (people, case) = lost(&world, RevokeReason::Lost);
    let [hanne, _, emil] = people.as_slice() else { panic!("three") };
    emil.try_sync().expect_err("refused");
    emil.device.create_vault(world::PASSPHRASE).expect("a new vault");
    assert_eq!(emil.device.ended(), None);
    hanne.sync();
    let invited = hanne.device.invite("Emil", Role::Mentor).expect("invited");
    hanne.sync();
    let request = emil.device.join(&invited.invitation).expect("joined");
    emil.sync();
    hanne.block_on(hanne.courier().approve(&request, "ny telefon", PASSPHRASE)).expect("approved");
    hanne.sync();
    emil.sync();
    hanne.device.assign(case, emil.member(), None).expect("assigned");
    hanne.sync();
    emil.sync();
    assert!(emil.texts(case).contains("Sendt i tide."));
}

/// A server that refuses every request of a device, and shows this for a reason.
struct Liar(Option<Vec<u8>>, Mutex<u32>);

impl Road for Liar {
    fn go(&self, _: RoadRequest) -> BoxFuture<'_, Result<RoadAnswer, device::Cut>> {
        *self.1.lock().expect("whole") += 1;
        let body = stream::iter([Ok(refusal(self.0.as_deref()))]).boxed();
        Box::pin(async move { Ok(RoadAnswer { status: 403, body }) })
    }
}

/// The answer 403 in CBOR: `["auth.revoked", 0]`, or `["auth.revoked", 0, null, order]`.
fn refusal(order: Option<&[u8]>) -> Vec<u8> {
    let code = [&[0x6c], b"auth.revoked".as_slice(), &[0x00]].concat();
    match order {
        None => [&[0x82], code.as_slice()].concat(),
        Some(order) => {
            let len = u16::try_from(order.len()).expect("short").to_be_bytes();
            let head = if order.len() < 24 {
                vec![0x40 + len[1]]
            } else if order.len() < 256 {
                vec![0x58, len[1]]
            } else {
                vec![0x59, len[0], len[1]]
            };
            [&[0x84], code.as_slice(), &[0xf6], &head, order].concat()
        }
    }
}

#[test]
fn a_server_alone_can_empty_no_phone() {
    let world = World::new(78);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    // A true order, but to another device; and one that only a mentor signed.
    let to_another = order_to(&world, hanne, emil.id());
    let entries = [None, Some(Vec::new()), Some(vec![7; 300]), Some(to_another)];
    for order in entries {
        let road = Arc::new(Liar(order, Mutex::new(0)));
        let courier = Courier::new(Arc::clone(&aase.device), road.clone() as Arc<dyn Road>);
        assert_eq!(aase.block_on(courier.sync()).expect_err("refused").code(), "auth.revoked");
        assert!(aase.device.is_unlocked() && aase.device.has_vault());
        assert_eq!(*road.1.lock().expect("whole"), 1, "nothing was handed in either");
    }
    aase.note(case, "Stadig her.");
    assert!(aase.texts(case).contains("Stadig her."));
}

/// The entry by which this device is revoked, as the server keeps it.
fn order_to(world: &World, by: &Phone, device: DeviceId) -> Vec<u8> {
    by.device.revoke(device, RevokeReason::Lost).expect("revoked");
    by.sync();
    let db = rusqlite::Connection::open(world.store()).expect("the store");
    let sql = "SELECT e.bytes FROM device d JOIN entry e ON e.case_num = 0 AND e.position = d.revoked WHERE d.id = ?1";
    db.query_row(sql, [device.as_bytes()], |row| row.get(0)).expect("the entry")
}

#[test]
fn the_sheet_says_which_cases_were_on_the_phone_and_how_far_the_new_keys_have_come() {
    let world = World::new(79);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let other = aase.device.new_case("Uglen", Programme::National, None).expect("a case");
    emil.note(case, "Sidste ord.");
    emil.sync();
    aase.sync();
    hanne.sync();
    let before = hanne.device.breach_sheet(emil.id()).expect("the sheet");
    assert_eq!((before.reason, before.revoked_at, before.renewed, before.directory_renewed), (None, None, 0, false));
    hanne.device.revoke(emil.id(), RevokeReason::Lost).expect("revoked");
    hanne.sync();
    let sheet = hanne.device.breach_sheet(emil.id()).expect("the sheet");
    assert_eq!((sheet.person.as_str(), sheet.reason, sheet.renewed, sheet.directory_renewed), ("Emil", Some(RevokeReason::Lost), 1, true));
    let cases: Vec<_> =
        sheet.cases.iter().map(|row| (row.case, row.alias.as_str(), row.compartments.clone(), row.renewed, row.words)).collect();
    assert_eq!(cases, [(case, "Falken", vec!["core"], true, 1)], "not {other}, which he never had");
    assert!(sheet.last_word_at.is_some() && sheet.revoked_at >= sheet.last_word_at);
    assert_eq!(aase.device.breach_sheet(hanne.id()).expect_err("not hers").code(), "role.not_allowed");
}

#[test]
fn two_coordinators_see_what_the_other_decided() {
    let world = World::new(80);
    let (people, case) = world.team();
    let [hanne, _, emil] = people.as_slice() else { panic!("three") };
    let tariq = world.enrol(hanne, "Tariq", Role::Coordinator);
    hanne.device.assign(case, tariq.member(), None).expect("assigned");
    hanne.sync();
    tariq.sync();
    emil.sync();
    emil.weather(Weather::Offline);
    six_entries(emil, case);
    hanne.device.revoke(emil.id(), RevokeReason::Lost).expect("revoked");
    hanne.sync();
    emil.weather(Weather::Clear);
    emil.try_sync().expect_err("refused");
    for phone in [hanne, &tariq] {
        phone.sync();
        assert_eq!(only(phone).open, 6, "{}", phone.name);
    }
    let item = only(hanne);
    assert_eq!(hanne.device.accept_quarantined(&item.id, None).expect("all of it"), 6);
    hanne.sync();
    tariq.sync();
    let seen = only(&tariq);
    assert_eq!((seen.open, &seen.id), (0, &item.id));
    assert_eq!(tariq.device.accept_quarantined(&seen.id, None).expect("nothing is open"), 0);
    assert_eq!(tariq.texts(case), hanne.texts(case));
}
