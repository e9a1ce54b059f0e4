//! Bad input has a code of its own, and the rest of the work goes on.

use std::path::PathBuf;

use device::{
    CaseId, Role,
    casework::{Edit, Programme},
};
use rusqlite::Connection;
use world::{Phone, World};

const YEAR_MS: i64 = 365 * 24 * 3_600_000;

fn note(phone: &Phone, case: CaseId, text: &str) {
    let edit = Edit::AddNote { id: phone.device.new_item(), text: text.to_owned(), at_ms: phone.device.host().now_ms() };
    phone.device.edit(case, edit).expect("a note");
}

fn texts(phone: &Phone, case: CaseId) -> Vec<String> {
    let mut texts: Vec<String> = phone.device.case_show(case).expect("here").notes.values().map(|note| note.text.clone()).collect();
    texts.sort();
    texts
}

fn codes(phone: &Phone) -> Vec<String> {
    phone.device.sync_sheet().expect("the sheet").aside.into_iter().map(|one| one.code).collect()
}

fn pair(world: &World) -> (Phone, Phone, CaseId) {
    let hanne = world.founder("Hanne");
    let aase = world.enrol(&hanne, "Åse", Role::Mentor);
    let case = aase.device.new_case("Falken", Programme::National, None).expect("a case");
    aase.sync();
    hanne.sync();
    (hanne, aase, case)
}

/// Somebody who owns the server's database.
fn at_the_server(world: &World, change: impl FnOnce(&Connection)) {
    let file: PathBuf = world.server_dir().join("log.db");
    change(&Connection::open(file).expect("the server's database"));
}

/// Changes the newest envelope on the server, its name too, as only a server that attacks would.
fn swap_newest(world: &World, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    at_the_server(world, |db| {
        let (num, bytes): (i64, Vec<u8>) = db
            .query_row("SELECT num, bytes FROM envelope WHERE kind = 1 ORDER BY num DESC LIMIT 1", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .expect("an envelope");
        let bytes = change(bytes);
        db.execute("UPDATE envelope SET bytes = ?2, id = ?3 WHERE num = ?1", (num, &bytes, server::sha256(&bytes))).expect("changed");
    });
}

/// One spoilt envelope: its code is told, and what another device writes still arrives.
fn spoilt(name: &str, code: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    let world = World::new(31);
    let (hanne, aase, case) = pair(&world);
    note(&aase, case, "fra Åse");
    aase.sync();
    swap_newest(&world, change);
    hanne.sync();
    assert_eq!(codes(&hanne), [code], "{name}");
    assert_eq!(texts(&hanne, case), Vec::<String>::new(), "{name}");
    note(&hanne, case, "fra Hanne");
    hanne.sync();
    aase.sync();
    assert_eq!(texts(&aase, case), ["fra Hanne", "fra Åse"], "{name}");
    assert!(hanne.device.verify().expect("verified").problems.is_empty(), "{name}");
}

#[test]
fn a_flipped_bit_is_set_aside() {
    spoilt("ciphertext", "env.bad_aead", |mut bytes| {
        let at = bytes.len() - 20;
        bytes[at] ^= 1;
        bytes
    });
}

#[test]
fn a_truncated_envelope_is_set_aside() {
    spoilt("truncated", "env.not_canonical", |bytes| bytes[..bytes.len() - 1].to_vec());
}

#[test]
fn an_unknown_version_is_set_aside() {
    // The version is the first number of the inner array: 82 … 87 01.
    spoilt("version", "env.unknown_version", |mut bytes| {
        let at = bytes.windows(2).position(|pair| pair == [0x87, 0x01]).expect("the header");
        bytes[at + 1] = 0x09;
        bytes
    });
}

#[test]
fn bytes_that_are_not_what_their_name_says_are_set_aside() {
    let world = World::new(32);
    let (hanne, aase, case) = pair(&world);
    note(&aase, case, "fra Åse");
    aase.sync();
    at_the_server(&world, |db| {
        db.execute("UPDATE envelope SET bytes = zeroblob(length(bytes)) WHERE num = (SELECT max(num) FROM envelope WHERE kind = 1)", [])
            .expect("changed");
    });
    hanne.sync();
    assert_eq!(codes(&hanne), ["env.bad_hash"]);
    note(&aase, case, "mere fra Åse");
    aase.sync();
    hanne.sync();
    // What follows a gap waits for what is missing; it is kept, and told apart from what is wrong.
    assert_eq!(codes(&hanne), ["env.bad_hash", "env.chain_gap"]);
    assert_eq!(hanne.sync().round_trips, 1);
}

#[test]
fn an_envelope_for_another_case_is_set_aside() {
    let world = World::new(33);
    let (hanne, aase, case) = pair(&world);
    let other = aase.device.new_case("Ø", Programme::Ngo, None).expect("a case");
    aase.sync();
    hanne.sync();
    note(&aase, case, "fra Åse");
    aase.sync();
    at_the_server(&world, |db| {
        db.execute(
            "UPDATE envelope SET seq = 99, case_num = (SELECT num FROM case_log WHERE id = ?1) WHERE num = (SELECT max(num) FROM envelope WHERE kind = 1)",
            [other.as_bytes().as_slice()],
        )
        .expect("changed");
    });
    hanne.sync();
    assert_eq!(codes(&hanne), ["env.bad_context"]);
    assert_eq!(texts(&hanne, other), Vec::<String>::new());
}

#[test]
fn a_clock_that_is_years_off_costs_one_more_try_and_keeps_its_time() {
    for years in [-30, 4] {
        let world = World::new(34);
        let (hanne, aase, case) = pair(&world);
        aase.restart();
        aase.clock_ahead(years * YEAR_MS);
        note(&aase, case, "uret er forkert");
        let report = aase.sync();
        assert!(report.round_trips <= 2, "{report:?}");
        hanne.sync();
        let show = hanne.device.case_show(case).expect("here");
        let written = show.notes.values().next().expect("the note");
        assert_eq!(written.of_ms, aase.device.host().now_ms());
        note(&hanne, case, "rigtigt ur");
        hanne.sync();
        aase.sync();
        assert_eq!(texts(&aase, case), texts(&hanne, case));
    }
}

#[test]
fn an_invitation_that_is_not_one_is_refused() {
    let world = World::new(35);
    let phone = world.phone("Sara");
    for text in ["", "bb1-", "bb1-AAAA", "hej", &"bb1-A".repeat(100_000)] {
        assert_eq!(phone.device.join(text).unwrap_err().code(), "enrol.bad_invitation");
    }
}

#[test]
fn a_coordinator_tells_what_came_and_the_phone_shows_it() {
    let world = World::new(36);
    let (hanne, aase, case) = pair(&world);
    note(&aase, case, "fra Åse");
    let dot = |phone: &Phone| {
        let view = serde_json::to_value(phone.device.case(case).expect("the view")).expect("serialises");
        let timeline = view["timeline"].as_array().expect("a list").clone();
        timeline.into_iter().find(|entry| entry["type"] == "note").expect("the note")["dot"].clone()
    };
    assert_eq!(dot(&aase), "here");
    aase.sync();
    assert_eq!(dot(&aase), "server");
    hanne.sync();
    hanne.sync();
    aase.sync();
    assert_eq!(dot(&aase), "coordinator");
    assert_eq!(aase.sync().bytes_down, 0, "telling is not answered by telling");
}

#[test]
fn a_copied_vault_is_named_and_blocks_nothing() {
    let world = World::new(37);
    let (hanne, aase, case) = pair(&world);
    let copy = world.copy_of(&aase);
    note(&aase, case, "fra telefonen");
    aase.sync();
    note(&copy, case, "fra kopien");
    copy.sync();
    let refused = copy.device.sync_sheet().expect("the sheet").refused;
    assert!(refused.iter().any(|one| one.code == "env.fork"), "{refused:?}");
    assert!(copy.sync().round_trips <= 2);
    hanne.sync();
    assert_eq!(texts(&hanne, case), ["fra telefonen"]);
    assert_eq!(texts(&copy, case), ["fra kopien"], "what the copy wrote stays on it");
}

#[test]
fn an_act_is_taken_back_once() {
    let world = World::new(38);
    let (_, aase, case) = pair(&world);
    let id = aase.device.new_item();
    let at_ms = aase.device.host().now_ms();
    aase.device.edit(case, Edit::AddNote { id, text: "et to tre".to_owned(), at_ms }).expect("a note");
    let done = aase.device.edit(case, Edit::SpliceNote { note: id, at: 3, delete: 3, insert: String::new() }).expect("cut");
    assert_eq!(texts(&aase, case), ["et tre"]);
    aase.device.undo(&done.undo).expect("taken back");
    assert_eq!(aase.device.undo(&done.undo).unwrap_err().code(), "undo.gone");
    assert_eq!(texts(&aase, case), ["et to tre"]);
}
