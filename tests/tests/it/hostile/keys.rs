//! Keys that a lying server puts in the place of others, entries that it signs itself, and another organisation's log.

use std::collections::BTreeSet;

use device::{DeviceId, Role};
use rusqlite::Connection;
use world::{PASSPHRASE, Phone, World};

use super::{DAY_MS, Office, named, store::database};

/// Length of a receive key, in bytes, and how a card begins it.
const RECEIVE_KEY: usize = 1216;
const RECEIVE_KEY_BEGINS: [u8; 3] = [0x59, 0x04, 0xC0];

/// The cards of those who asked for admission, oldest invitation first.
fn cards(db: &Connection) -> Vec<(i64, Vec<u8>)> {
    let mut statement = db.prepare("SELECT num, card FROM invitation WHERE card <> x'' ORDER BY num").expect("SQL");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("SQL");
    rows.collect::<Result<_, _>>().expect("rows")
}

fn put_card(db: &Connection, invitation: i64, card: &[u8]) {
    assert_eq!(db.execute("UPDATE invitation SET card = ?2 WHERE num = ?1", (invitation, card)).expect("SQL"), 1);
}

/// The server's own phone, which asks on an invitation of somebody who helps it.
fn own_phone(world: &World, helper: &Phone) -> Phone {
    let phone = world.phone("Skygge");
    let invited = helper.device.invite("Skygge", Role::Mentor).expect("invited");
    helper.sync();
    phone.device.join(&invited.invitation).expect("joined");
    phone.sync();
    phone
}

/// Somebody who was invited, asked, and waits. Gives the phone and the REQUEST that it shows.
fn waiting(office: &Office, name: &str) -> (Phone, String) {
    let (hanne, phone) = (&office.people[0], office.world.phone(name));
    let invited = hanne.device.invite(name, Role::Mentor).expect("invited");
    hanne.sync();
    let request = phone.device.join(&invited.invitation).expect("joined");
    assert!(phone.sync().waiting_for_approval);
    (phone, request)
}

fn known_devices(phone: &Phone) -> BTreeSet<DeviceId> {
    phone.device.devices().expect("devices").into_iter().map(|row| row.id).collect()
}

#[test]
fn keys_put_in_the_place_of_those_that_were_compared_are_not_admitted() {
    let office = Office::of(920);
    let hanne = &office.people[0];
    let (bo, request) = waiting(&office, "Bo");
    let skygge = own_phone(&office.world, hanne);
    let before = known_devices(hanne);
    let db = database(&office.world);
    let there = cards(&db);
    let [.., (bos, bos_card), (_, own)] = there.as_slice() else { panic!("two cards") };
    put_card(&db, *bos, own);
    let shown = hanne.block_on(hanne.courier().requests()).expect("listed");
    assert!(shown.iter().all(|one| one.id != request), "the REQUEST that Bo's phone shows is not among them");
    assert_eq!(
        hanne.block_on(hanne.courier().approve(&request, "telefon", PASSPHRASE)).expect_err("refused").code(),
        "enrol.no_such_request"
    );
    // Only the place of the keys for reading is another: it is one REQUEST all the same.
    put_card(&db, *bos, &with_receive_key_of(bos_card, bos_card, own));
    assert_eq!(
        hanne.block_on(hanne.courier().approve(&request, "telefon", PASSPHRASE)).expect_err("refused").code(),
        "enrol.no_such_request"
    );
    hanne.sync();
    assert_eq!(known_devices(hanne), before);
    put_card(&db, *bos, bos_card);
    hanne.block_on(hanne.courier().approve(&request, "telefon", PASSPHRASE)).expect("approved");
    // What was compared is kept: to change it now changes nothing.
    put_card(&db, *bos, own);
    hanne.sync();
    put_card(&db, *bos, bos_card);
    office.settle();
    bo.sync();
    let added: Vec<DeviceId> = known_devices(hanne).difference(&before).copied().collect();
    assert_eq!(added, [bo.id()]);
    assert!(skygge.device.me().is_err());
    office.world.verify_log();
}

/// These bytes with the receive key of one card where that of another stood.
fn with_receive_key_of(bytes: &[u8], card: &[u8], other: &[u8]) -> Vec<u8> {
    let key = |card: &[u8]| {
        let at = card.windows(3).position(|three| three == RECEIVE_KEY_BEGINS).expect("a receive key") + 3;
        card[at..at + RECEIVE_KEY].to_vec()
    };
    let (old, new) = (key(card), key(other));
    let at = bytes.windows(RECEIVE_KEY).position(|window| window == old).expect("the key stands there");
    [&bytes[..at], &new, &bytes[at + RECEIVE_KEY..]].concat()
}

#[test]
fn a_receive_key_put_in_anothers_place_is_taken_by_nobody_and_the_newcomer_is_let_in_when_the_server_is_honest_again() {
    let mut office = Office::of(921);
    let hanne = &office.people[0];
    let (bo, request) = waiting(&office, "Bo");
    own_phone(&office.world, hanne);
    hanne.block_on(hanne.courier().approve(&request, "telefon", PASSPHRASE)).expect("approved");
    office.settle();
    let db = database(&office.world);
    let there = cards(&db);
    // Åse was the first to be invited, and the server's own phone the last.
    let ((_, aases), (_, own)) = (&there[0], &there[there.len() - 1]);
    let entries: Vec<(i64, Vec<u8>)> = {
        let mut statement = db.prepare("SELECT num, bytes FROM entry WHERE case_num = 0").expect("SQL");
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("SQL");
        rows.collect::<Result<_, _>>().expect("rows")
    };
    let key_at = aases.windows(3).position(|three| three == RECEIVE_KEY_BEGINS).expect("a receive key") + 3;
    let key = &aases[key_at..key_at + RECEIVE_KEY];
    let (num, truth) = entries.into_iter().find(|(_, bytes)| bytes.windows(RECEIVE_KEY).any(|window| window == key)).expect("her entry");
    let lie = with_receive_key_of(&truth, aases, own);
    let put = |bytes: &[u8]| {
        let sql = "UPDATE entry SET bytes = ?2, hash = ?3 WHERE num = ?1";
        assert_eq!(db.execute(sql, (num, bytes, server::sha256(bytes))).expect("SQL"), 1);
    };
    put(&lie);
    bo.sync();
    assert!(named(&bo).contains("log.bad_signature"), "{:?}", named(&bo));
    assert!(bo.device.me().is_err(), "he belongs to nobody yet");
    put(&truth);
    for _ in 0..3 {
        bo.sync();
        office.world.pass(DAY_MS);
    }
    assert_eq!(bo.device.me().expect("admitted").role, Role::Mentor);
    office.people[0].device.assign(office.case, bo.member(), None).expect("assigned");
    office.settle();
    bo.sync();
    assert_eq!(bo.texts(office.case), office.said);
    office.writes(1, "Åse, også til Bo");
    office.settle();
    bo.sync();
    assert_eq!(bo.texts(office.case), office.said);
    office.world.verify_log();
}

#[test]
fn a_newcomer_who_is_shown_another_organisations_log_belongs_to_none_and_is_let_in_by_the_own() {
    let office = Office::of(922);
    let (bo, request) = waiting(&office, "Bo");
    let (_, bos_card) = cards(&database(&office.world)).pop().expect("his card");
    // The owner of the server founds an organisation and admits the keys that it was shown.
    let shadow = World::new(922_000);
    let lord = shadow.founder("Skyggen");
    own_phone(&shadow, &lord);
    let db = database(&shadow);
    let (invitation, _) = cards(&db).pop().expect("a card");
    put_card(&db, invitation, &bos_card);
    let shown = lord.block_on(lord.courier().requests()).expect("listed");
    lord.block_on(lord.courier().approve(&shown[0].id, "telefon", PASSPHRASE)).expect("approved");
    lord.sync();
    assert_eq!(lord.device.devices().expect("devices").len(), 2, "there Bo's phone is let in");
    bo.road.lead_to(std::sync::Arc::clone(&shadow.site));
    for _ in 0..3 {
        let _ = bo.try_sync();
    }
    assert!(named(&bo).contains("log.wrong_log"), "{:?}", named(&bo));
    assert!(bo.device.me().is_err() && bo.device.people().is_err());
    bo.road.lead_to(std::sync::Arc::clone(&office.world.site));
    let hanne = &office.people[0];
    hanne.block_on(hanne.courier().approve(&request, "telefon", PASSPHRASE)).expect("approved");
    hanne.sync();
    bo.sync();
    assert_eq!(bo.device.whoami().expect("admitted").organisation, "Broen");
    hanne.device.assign(office.case, bo.member(), None).expect("assigned");
    hanne.sync();
    bo.sync();
    assert_eq!(bo.texts(office.case), office.said);
    office.world.verify_log();
}

#[test]
fn wraps_that_are_given_to_the_wrong_device_open_nothing_and_the_right_ones_do() {
    let office = Office::of(923);
    let hanne = &office.people[0];
    let newcomers = ["Bo", "Carla"].map(|name| office.world.enrol(hanne, name, Role::Mentor));
    for one in &newcomers {
        hanne.device.assign(office.case, one.member(), None).expect("assigned");
    }
    office.settle();
    let db = database(&office.world);
    let exchange = || {
        let [bo, carla] = [0, 1].map(|n| newcomers[n].id());
        db.execute(
            "UPDATE wrap SET device = CASE device WHEN ?1 THEN ?2 ELSE ?1 END WHERE device IN (?1, ?2)",
            (bo.as_bytes(), carla.as_bytes()),
        )
        .expect("SQL")
    };
    assert!(exchange() >= 4, "a key of the directory and one of the case for each");
    for one in &newcomers {
        one.sync();
        assert!(one.device.case_show(office.case).is_err(), "{} opens nothing", one.name);
        assert!(named(one).contains("epoch.bad_wrap"), "{}: {:?}", one.name, named(one));
    }
    exchange();
    office.world.pass(DAY_MS);
    for one in newcomers.iter().chain(&newcomers) {
        one.sync();
        office.world.pass(DAY_MS);
    }
    for one in &newcomers {
        one.sync();
        assert_eq!(one.texts(office.case), office.said, "{}: {:?}", one.name, named(one));
        assert_eq!(one.device.verify().expect("verified").problems, Vec::<String>::new());
    }
    office.world.verify_log();
}

#[test]
fn entries_that_the_server_signs_itself_let_nobody_in_and_make_nobody_a_coordinator() {
    let mut office = Office::of(924);
    let before = office.held();
    // What Hanne would have to sign, she signs in another world; the server has the words and not the signature.
    let (other, copies) = office.world.twin(&office.people);
    office.people.iter().for_each(|phone| phone.try_unlock().expect("unlocks"));
    let skygge = other.enrol(&copies[0], "Skygge", Role::Mentor);
    copies[0].device.assign(office.case, skygge.member(), None).expect("assigned");
    copies[0].sync();
    skygge.sync();
    skygge.note(office.case, "Serveren skriver");
    skygge.sync();
    let db = database(&office.world);
    db.execute("ATTACH ?1 AS his", [other.store().to_str().expect("a path")]).expect("SQL");
    let new = "SELECT f.num, f.bytes FROM his.entry f WHERE NOT EXISTS (SELECT 1 FROM entry e WHERE e.hash = f.hash) ORDER BY f.num";
    let forged: Vec<(i64, Vec<u8>)> = {
        let mut statement = db.prepare(new).expect("SQL");
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("SQL").collect::<Result<_, _>>().expect("rows")
    };
    assert!(forged.len() >= 3, "invited, let in, and given a case");
    let (last, top): (i64, i64) = db
        .query_row("SELECT (SELECT max(num) FROM entry), position FROM organisation", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("SQL");
    for (num, mut bytes) in forged {
        let at = bytes.len() - 1;
        bytes[at] ^= 1;
        let sql = "INSERT INTO entry SELECT NULL, org, case_num, seq, position, ?2, stored_ms, ?3 FROM his.entry WHERE num = ?1";
        db.execute(sql, (num, server::sha256(&bytes), &bytes)).expect("SQL");
    }
    db.execute_batch("UPDATE organisation SET position = (SELECT position FROM his.organisation)").expect("SQL");
    let words = "INSERT INTO envelope SELECT NULL, org, case_num, compartment, kind, epoch, device, seq, position, id, stored_ms, bytes,
        replaced, replaced_len, erased FROM his.envelope WHERE device = ?1";
    assert!(db.execute(words, [skygge.id().as_bytes()]).expect("SQL") > 0);
    let mut codes = BTreeSet::new();
    for phone in &office.people {
        for _ in 0..2 {
            let _ = phone.try_sync();
        }
        codes.extend(named(phone));
    }
    assert!(codes.contains("log.bad_signature") && codes.contains("env.not_member"), "{codes:?}");
    assert_eq!(office.held(), before, "nobody is let in, and nobody's word is taken");
    db.execute("DELETE FROM entry WHERE num > ?1", [last]).expect("SQL");
    db.execute("DELETE FROM envelope WHERE device = ?1", [skygge.id().as_bytes()]).expect("SQL");
    db.execute("UPDATE organisation SET position = ?1", [top]).expect("SQL");
    let bo = office.world.enrol(&office.people[0], "Bo", Role::Mentor);
    for n in 0..3 {
        office.writes(n, &format!("{n} bagefter"));
    }
    office.settle();
    office.world.pass(DAY_MS);
    office.settle();
    assert_eq!(bo.device.people().expect("people").len(), 4);
    for phone in &office.people {
        assert_eq!((phone.texts(office.case), known_devices(phone).len()), (office.said.clone(), 4), "{}: {:?}", phone.name, named(phone));
    }
    office.world.verify_log();
}
