//! A new version of the app on a phone that lived with the old one, and an app that is too old.

use std::{collections::BTreeSet, fs};

use device::{
    CaseId, Role,
    casework::{Edit, Programme},
};
use serde_json::Value;
use tempfile::TempDir;
use world::{
    Phone, Weather, World,
    process::{ServerProcess, Shell},
};

use crate::golden_vault::taken_out;

/// A phone used through the command line, with the vault of schema 1 in it.
fn old_phone(dir: &TempDir) -> Shell {
    let shell = Shell::new(dir.path());
    fs::create_dir_all(&shell.data).expect("a folder");
    taken_out(&World::new(3), 1, &shell.data);
    shell
}

fn names(shell: &Shell) -> BTreeSet<String> {
    fs::read_dir(&shell.data).expect("a folder").flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn what_it_holds(shell: &Shell) -> (Vec<Value>, Value) {
    assert_eq!(shell.ok(&["verify"])["problems"], serde_json::json!([]));
    let status = shell.ok(&["status"]);
    assert_eq!(status["read_only"], Value::Null);
    let rows = shell.ok(&["case", "list"]);
    let ids = rows["cases"].as_array().expect("rows").iter().filter_map(|row| row["id"].as_str());
    (ids.map(|id| shell.ok(&["case", "show", id])).collect(), status["items"].clone())
}

fn places() -> impl Iterator<Item = String> {
    device::crash::MIGRATION.iter().flat_map(|stage| ["before", "after"].map(|side| format!("{stage}.{side}")))
}

#[test]
fn killed_anywhere_on_the_way_the_next_unlock_finds_the_old_or_the_new() {
    let whole = {
        let dir = TempDir::new().expect("a folder");
        what_it_holds(&old_phone(&dir))
    };
    for place in places() {
        let dir = TempDir::new().expect("a folder");
        let aase = old_phone(&dir);
        assert!(!aase.run_with_crash(&place, &["case", "list"]).status.success(), "{place} is passed");
        let left = names(&aase);
        assert!(left.contains("vault.db") || left.contains("vault.db.before-5"), "{place}: {left:?}");
        assert_eq!(what_it_holds(&aase), whole, "{place}");
        let settled = names(&aase);
        assert!(settled.contains("vault.db") && !settled.iter().any(|name| name.starts_with("vault.db.next")), "{place}: {settled:?}");
        assert!(settled.contains("vault.db.before-5"), "{place}: what was before is kept until a sync: {settled:?}");
    }
}

#[test]
fn a_phone_that_dies_again_and_again_on_the_way_arrives() {
    let dir = TempDir::new().expect("a folder");
    let aase = old_phone(&dir);
    let died = places().filter(|place| !aase.run_with_crash(place, &["case", "list"]).status.success()).count();
    assert!(died >= 10, "{died}");
    assert_eq!(what_it_holds(&aase).0.len(), 2);
}

/// Hanne and Åse with a case that both have, and a note in it that only Åse has.
fn pair(world: &World) -> (Phone, Phone, CaseId) {
    let hanne = world.founder("Hanne");
    let aase = world.enrol(&hanne, "Åse", Role::Mentor);
    let case = aase.device.new_case("Falken", Programme::National, None).expect("a case");
    write(&aase, case, "Sendt.").expect("a note");
    aase.sync();
    hanne.sync();
    (hanne, aase, case)
}

fn write(phone: &Phone, case: CaseId, text: &str) -> Result<(), device::DeviceError> {
    let id = phone.device.new_item();
    phone.device.edit(case, Edit::AddNote { id, text: text.to_owned(), at_ms: phone.device.host().now_ms() }).map(|_| ())
}

fn texts(phone: &Phone, case: CaseId) -> BTreeSet<String> {
    phone.device.case_show(case).expect("the case").notes.values().map(|note| note.text.clone()).collect()
}

fn set(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn an_app_that_is_too_old_reads_on_sends_what_it_sealed_and_writes_nothing_new() {
    let world = World::new(11);
    let (hanne, aase, case) = pair(&world);
    hanne.app_version("0.4.0").device.demand_version("0.4.0".parse().expect("a version")).expect("demanded");
    write(&hanne, case, "Fra Hanne.").expect("a note");
    hanne.sync();
    aase.app_version("0.4.0").sync();
    write(&aase, case, "Pakket, ikke sendt.").expect("a note");
    aase.weather(Weather::Offline);
    assert!(aase.try_sync().is_err(), "sealed, and not sent");
    write(&aase, case, "Ikke pakket.").expect("a note");

    // Somebody puts the old app back on the phone.
    aase.app_version("0.3.9");
    aase.restart();
    aase.weather(Weather::Clear);
    for _ in 0..2 {
        assert_eq!(aase.device.read_only(), Some("org.min_version"));
        assert_eq!(texts(&aase, case), set(&["Sendt.", "Pakket, ikke sendt.", "Ikke pakket.", "Fra Hanne."]), "everything can be read");
        assert_eq!(write(&aase, case, "Nyt.").expect_err("refused").code(), "org.min_version");
        assert_eq!(aase.device.new_case("Ø", Programme::Ngo, None).expect_err("refused").code(), "org.min_version");
        assert_eq!(aase.sync().pending, 0, "what was sealed is sent");
        aase.restart();
    }
    write(&hanne, case, "Senere fra Hanne.").expect("a note");
    hanne.sync();
    aase.sync();
    assert!(texts(&aase, case).contains("Senere fra Hanne."), "what others write still comes");
    assert!(texts(&hanne, case).contains("Pakket, ikke sendt.") && !texts(&hanne, case).contains("Ikke pakket."));

    aase.app_version("0.4.1");
    assert_eq!(aase.device.read_only(), None);
    write(&aase, case, "Nyt.").expect("a note");
    aase.sync();
    hanne.sync();
    assert_eq!(texts(&hanne, case), texts(&aase, case), "nothing was lost by the wait");
    assert!(texts(&hanne, case).contains("Ikke pakket."));
    assert_eq!(aase.device.sync_line().expect("a line").waiting, 0);
    for phone in [&hanne, &aase] {
        assert_eq!(phone.device.verify().expect("verified").problems, Vec::<String>::new());
    }
}

#[test]
fn only_a_coordinator_demands_a_version_and_none_newer_than_the_own() {
    let world = World::new(12);
    let (hanne, aase, _) = pair(&world);
    let demand = |phone: &Phone, version: &str| phone.device.demand_version(version.parse().expect("a version"));
    assert_eq!(demand(&aase, "0.0.1").expect_err("refused").code(), "role.not_allowed");
    assert_eq!(demand(&hanne, "9.0.0").expect_err("refused").code(), "org.version_ahead");
    hanne.app_version("2.0.0");
    demand(&hanne, "2.0.0").expect("demanded");
    hanne.sync();
    demand(&hanne, "1.0.0").expect("taken up");
    hanne.sync();
    aase.app_version("1.9.9").sync();
    assert_eq!(aase.device.read_only(), Some("org.min_version"), "what was demanded once is never lowered");
}

#[test]
fn the_command_line_says_that_the_app_is_too_old_and_what_helps() {
    let dir = TempDir::new().expect("a folder");
    let server = ServerProcess::start(&dir.path().join("server"));
    let hanne = Shell::new(&dir.path().join("hanne"));
    hanne.ok(&["org", "create", "--server", &server.url(), "--name", "Broen", "--person", "Hanne"]);
    assert_eq!(hanne.run(&["org", "require", "--version", "99.0.0"]).code(), "org.version_ahead");
    assert_eq!(hanne.ok(&["org", "require", "--version", env!("CARGO_PKG_VERSION")])["sent"], true);
    hanne.ok(&["case", "new", "--alias", "Falken", "--programme", "national"]);

    let world = World::new(13);
    let (founder, old, _) = pair(&world);
    founder.app_version("77.0.0").device.demand_version("77.0.0".parse().expect("a version")).expect("demanded");
    founder.sync();
    old.sync();
    old.device.lock();
    let mut aase = Shell::new(&dir.path().join("aase"));
    aase.data = old.device.dir().to_owned();
    assert_eq!(aase.ok(&["case", "list"])["cases"][0]["alias"], "Falken");
    assert_eq!(aase.ok(&["status"])["read_only"], "org.min_version");
    let refused = aase.run(&["note", "add", "Falken", "--text", "Nyt."]);
    assert_eq!(refused.code(), "org.min_version");
    assert!(refused.stderr.contains("Opdatér programmet."), "{refused:?}");
    let doctor = aase.run(&["doctor"]);
    assert_eq!((doctor.status.code(), &doctor.json()["problems"]), (Some(1), &serde_json::json!(["org.min_version"])));
}

#[test]
fn the_doctor_says_what_lies_in_the_folder_and_what_is_wrong() {
    let dir = TempDir::new().expect("a folder");
    let aase = old_phone(&dir);
    let found = aase.ok(&["doctor"]);
    assert_eq!(found["problems"], serde_json::json!([]), "the vault of schema 1 was brought up by opening it");
    assert_eq!((&found["schema"], &found["writes"]), (&device::SCHEMA.into(), &device::SCHEMA.into()));
    assert_eq!(found["leftovers"], serde_json::json!(["vault.db.before-5"]));
    let file = aase.data.join("vault.db");
    let whole = fs::read(&file).expect("a vault");
    let mut bad = whole.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    fs::write(&file, &bad).expect("damaged");
    let ran = aase.run(&["doctor"]);
    assert_eq!((ran.status.code(), &ran.json()["problems"]), (Some(1), &serde_json::json!(["vault.damaged"])));
    let mut human = aase.command(&["case", "list"]);
    let args: Vec<_> = human.get_args().filter(|word| *word != "--json").map(std::ffi::OsStr::to_owned).collect();
    human = std::process::Command::new(world::process::program("brobygger"));
    let said = human.args(args).stdin(std::process::Stdio::null()).output().expect("runs");
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("Slet ikke noget.") && said.contains("(vault.damaged)"), "{said}");
    fs::write(&file, &whole).expect("mended");
    let slots = aase.data.join("keyslots");
    let kept = fs::read(&slots).expect("slots");
    fs::write(&slots, &kept[..50]).expect("damaged");
    assert_eq!(aase.run(&["doctor"]).json()["problems"], serde_json::json!(["vault.damaged"]));
    fs::write(&slots, &kept).expect("mended");
    assert_eq!(aase.ok(&["doctor"])["problems"], serde_json::json!([]));
}
