//! A mentor is made to open the app. Her phone said ahead of time what that means: the server refuses it from then on, and
//! whoever may revoke it believes the phone's own signature and nobody else.

use std::{thread, time::Duration};

use device::{DeviceStanding, RevokeReason, Role, RosterDevice, Told, casework::Programme, tell_duress};
use rusqlite::Connection;
use world::{PASSPHRASE, Phone, Weather, World};

const SERVER: &str = "http://127.0.0.1:8787";

/// Syncs everybody until nobody has anything to say.
fn settle(phones: &[&Phone]) {
    for _ in 0..6 {
        for phone in phones {
            phone.sync();
        }
    }
}

fn row(of: &Phone, about: &Phone) -> RosterDevice {
    let roster = of.device.roster().expect("the roster");
    roster.devices.into_iter().find(|row| row.device == about.id()).expect("a row")
}

fn standing(of: &Phone, about: &Phone) -> (DeviceStanding, bool) {
    let row = row(of, about);
    (row.standing, row.forced)
}

/// Brings a notice over this phone's road, as an app does that has nothing left but the notice and an address.
fn tell(phone: &Phone, notice: &[u8]) -> Told {
    phone.block_on(tell_duress(phone.road.as_ref(), SERVER, notice))
}

fn is_well(phone: &Phone) {
    let verified = phone.device.verify().expect("verified");
    assert!(verified.problems.is_empty(), "{}: {:?}", phone.name, verified.problems);
    let report = phone.sync();
    assert_eq!((report.pending, report.parked, report.refused), (0, 0, 0), "{}", phone.name);
}

#[test]
fn a_phone_opened_under_duress_is_refused_at_once_and_the_next_coordinator_to_sync_cuts_it_off() {
    let world = World::new(2_301);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    aase.note(case, "Åse før");
    settle(&[aase, hanne, emil]);
    let notice = aase.device.duress_notice().expect("a notice");
    assert!(notice.len() <= 160);
    assert_eq!(standing(hanne, aase), (DeviceStanding::Active, false));
    assert_eq!(tell(aase.weather(Weather::Offline), &notice), Told::NoLine);
    assert_eq!(tell(aase.weather(Weather::Clear), &notice), Told::Taken);
    assert_eq!(tell(aase, &notice), Told::Taken, "told twice, taken once");
    assert_eq!(aase.try_sync().expect_err("refused").code(), "auth.revoked");
    assert!(aase.device.has_vault(), "no server's word empties a phone: there is no order yet");
    emil.note(case, "Emil imens");
    is_well(emil);
    let report = hanne.sync();
    assert_eq!((report.refused, report.parked, report.pending), (0, 0, 0), "told, verified, decided and done in one sync");
    assert_eq!(standing(hanne, aase), (DeviceStanding::Revoked, true));
    let sheet = hanne.device.breach_sheet(aase.id()).expect("the sheet");
    assert_eq!((sheet.reason, sheet.directory_renewed), (Some(RevokeReason::Compromised), true));
    assert_eq!((sheet.cases.len(), sheet.renewed), (1, 1), "every case it could read has a key that it does not have");
    settle(&[emil, hanne]);
    emil.note(case, "Emil efter");
    settle(&[emil, hanne]);
    assert_eq!(hanne.texts(case), emil.texts(case));
    assert_eq!(hanne.texts(case).len(), 3);
    assert_eq!(standing(emil, aase), (DeviceStanding::Revoked, false), "why it was revoked, those know who may revoke it");
    for phone in [hanne, emil] {
        is_well(phone);
        assert_eq!(phone.sync().round_trips, 1, "with nothing new a sync is one turn");
    }
    hanne.restart();
    assert_eq!(standing(hanne, aase), (DeviceStanding::Revoked, true));
    assert_eq!(aase.try_sync().expect_err("by order").code(), "device.wiped");
    world.verify_log();
}

#[test]
fn a_server_that_makes_a_notice_up_revokes_nobody() {
    let world = World::new(2_302);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    settle(&[hanne, aase, emil]);
    let elsewhere = World::new(2_303);
    let stranger = elsewhere.founder("Ida").device.duress_notice().expect("a notice");
    // Åse's notice with Emil's name in it; half of it; noise; and that of a device that is not of this organisation.
    let notice = aase.device.duress_notice().expect("a notice");
    let name = |phone: &Phone| *phone.id().as_bytes();
    let at = notice.windows(16).position(|window| window == name(aase)).expect("her device's id");
    let mut renamed = notice.clone();
    renamed[at..at + 16].copy_from_slice(&name(emil));
    let mut changed = notice.clone();
    *changed.last_mut().expect("a byte") ^= 1;
    let made_up =
        [(name(emil), renamed), (name(aase), changed), ([1; 16], notice[..64].to_vec()), ([2; 16], vec![0x5a; 128]), ([3; 16], stranger)];
    let db = Connection::open(world.store()).expect("the store");
    for (device, bytes) in &made_up {
        let sql = "INSERT INTO device (id, org, member, request_key, since_position)
            SELECT ?1, num, zeroblob(16), zeroblob(32), 1 FROM organisation WHERE true ON CONFLICT (id) DO NOTHING";
        db.execute(sql, [device]).expect("SQL");
        db.execute("UPDATE organisation SET position = position + 1", []).expect("SQL");
        let sql = "INSERT INTO duress (org, device, position, id, stored_ms, bytes) SELECT num, ?1, position, ?2, 0, ?3 FROM organisation";
        db.execute(sql, (device, server::sha256(bytes), bytes)).expect("SQL");
    }
    let report = hanne.sync();
    assert_eq!((report.refused + report.parked, report.pending), (5, 0), "each is set aside with its code, and stops nothing");
    hanne.note(case, "Hanne skriver videre");
    assert_eq!(hanne.sync().pending, 0);
    for phone in [aase, emil] {
        assert_eq!(standing(hanne, phone), (DeviceStanding::Active, false), "{}", phone.name);
        assert!(hanne.device.pending().expect("what waits").is_empty());
    }
    assert!(hanne.device.verify().expect("verified").problems.is_empty());
}

#[test]
fn several_who_may_revoke_do_it_at_once_and_it_is_done_once() {
    let world = World::new(2_304);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let birgit = world.enrol(hanne, "Birgit", Role::It);
    settle(&[hanne, aase, emil, &birgit]);
    assert_eq!(tell(emil, &aase.device.duress_notice().expect("a notice")), Told::Taken, "whoever brings it");
    // Both have heard before either has spoken.
    for phone in [hanne, &birgit] {
        phone.weather(Weather::CutAfter(600));
        let _ = phone.try_sync();
        phone.weather(Weather::Clear);
    }
    settle(&[&birgit, hanne, emil]);
    for phone in [hanne, &birgit] {
        assert_eq!(standing(phone, aase), (DeviceStanding::Revoked, true), "{}", phone.name);
        is_well(phone);
    }
    emil.note(case, "Emil efter");
    settle(&[emil, hanne]);
    assert_eq!(hanne.texts(case), emil.texts(case));
    is_well(emil);
    world.verify_log();
}

#[test]
fn her_own_other_device_cuts_it_off_and_renews_the_key_of_her_case() {
    let world = World::new(2_306);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let desk = world.enrol(hanne, &aase.member().to_string(), Role::Mentor);
    settle(&[hanne, aase, emil, &desk]);
    assert_eq!(tell(aase, &aase.device.duress_notice().expect("a notice")), Told::Taken);
    desk.sync();
    assert_eq!(standing(&desk, aase), (DeviceStanding::Revoked, true));
    emil.sync();
    assert_eq!(standing(emil, aase), (DeviceStanding::Revoked, false));
    desk.note(case, "Åse fra bordet");
    settle(&[&desk, hanne, emil]);
    assert_eq!(standing(hanne, aase), (DeviceStanding::Revoked, true), "who hears of it after the revocation is told why, too");
    assert_eq!((emil.texts(case).len(), hanne.texts(case)), (1, emil.texts(case)));
    for phone in [&desk, hanne, emil] {
        is_well(phone);
    }
    world.verify_log();
}

#[test]
fn a_coordinator_who_waits_for_news_hears_of_it_at_once_and_the_phone_that_waits_is_let_go() {
    let world = World::new(2_307);
    let (people, _) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    settle(&[hanne, aase, emil]);
    let notice = aase.device.duress_notice().expect("a notice");
    let watch = |phone: &Phone| phone.block_on(phone.courier().watch(Duration::from_secs(50)));
    thread::scope(|scope| {
        let (hannes, aases) = (scope.spawn(|| watch(hanne)), scope.spawn(|| watch(aase)));
        while world.waiting() < 2 {
            assert!(!hannes.is_finished() && !aases.is_finished(), "both wait");
            thread::yield_now();
        }
        assert_eq!(tell(emil, &notice), Told::Taken);
        assert_eq!(aases.join().expect("no panic").expect_err("refused").code(), "auth.revoked");
        assert_eq!(hannes.join().expect("no panic").expect("an answer").refused, 0);
    });
    assert_eq!(standing(hanne, aase), (DeviceStanding::Revoked, true), "in the request that waited and the one behind it");
}

#[test]
fn wherever_the_line_is_cut_on_the_way_the_phone_is_cut_off_in_the_end() {
    for cut in [0, 90, 130, 200, 400] {
        let world = World::new(2_310 + cut as u64);
        let (people, _) = world.team();
        let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
        settle(&[hanne, aase, emil]);
        let notice = aase.device.duress_notice().expect("a notice");
        assert_eq!(tell(aase.weather(Weather::Unanswered), &notice), Told::NoLine);
        assert_eq!(tell(aase.weather(Weather::Clear), &notice), Told::Taken);
        hanne.weather(Weather::CutAfter(cut));
        let _ = hanne.try_sync();
        hanne.weather(Weather::Clear);
        settle(&[hanne, emil]);
        assert_eq!(standing(hanne, aase), (DeviceStanding::Revoked, true), "cut after {cut}");
        is_well(hanne);
    }
}

#[test]
fn the_last_coordinators_device_is_refused_by_the_server_and_revoked_by_nobody_until_there_is_another() {
    let world = World::new(2_305);
    let hanne = world.founder("Hanne");
    let birgit = world.enrol(&hanne, "Birgit", Role::It);
    let case = hanne.device.new_case("Falken", Programme::National, None).expect("a case");
    settle(&[&hanne, &birgit]);
    assert_eq!(tell(&hanne, &hanne.device.duress_notice().expect("a notice")), Told::Taken);
    assert_eq!(hanne.try_sync().expect_err("refused").code(), "auth.revoked");
    is_well(&birgit);
    assert_eq!(standing(&birgit, &hanne), (DeviceStanding::Active, true), "without a coordinator nobody could be let in any more");
    assert!(birgit.device.pending().expect("what waits").is_empty());
    assert!(hanne.device.case_show(case).is_ok());
}

#[test]
fn a_phone_that_opened_the_diary_tells_it_once_and_nothing_else() {
    const SECOND: &[u8] = b"en anden vej ind som man giver fra sig";
    let world = World::new(2_309);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    aase.note(case, "Åse før");
    settle(&[aase, hanne, emil]);
    let hers = aase.id();
    let known = |of: &Phone| {
        let row = of.device.roster().expect("the roster").devices.into_iter().find(|row| row.device == hers).expect("a row");
        (row.standing, row.forced)
    };
    aase.device.choose_duress(PASSPHRASE, SECOND).expect("chosen");
    aase.device.lock();
    aase.weather(Weather::Offline);
    aase.device.unlock(SECOND).expect("it opens");
    let diary: Vec<String> = aase.device.cases().expect("a list").into_iter().map(|row| row.alias).collect();
    assert!(!diary.is_empty() && !diary.contains(&"Falken".to_owned()), "{diary:?}");
    let begun = aase.road.sent().len();
    assert_eq!(aase.try_sync().expect_err("no line").code(), "net.offline");
    assert_eq!(known(hanne), (DeviceStanding::Active, false), "nobody was told yet");
    aase.weather(Weather::Clear);
    for _ in 0..3 {
        assert_eq!(aase.try_sync().expect_err("it looks as if there were no line").code(), "net.offline");
    }
    let asked: Vec<String> = aase.road.sent().into_iter().skip(begun).map(|request| request.url).collect();
    assert!(asked.iter().all(|url| url.ends_with("/v1/duress")) && (1..=2).contains(&asked.len()), "{asked:?}");
    settle(&[hanne, emil]);
    assert_eq!(known(hanne), (DeviceStanding::Revoked, true));
    emil.note(case, "Emil efter");
    settle(&[emil, hanne]);
    assert!(hanne.texts(case).contains("Emil efter"));
    is_well(hanne);
    world.verify_log();
}
