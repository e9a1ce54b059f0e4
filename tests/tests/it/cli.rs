//! The story from outside: two devices, a server, offline edits, conflicts with who and when, and no readable byte at rest.

use std::{fs, path::Path};

use serde_json::Value;
use tempfile::TempDir;
use world::process::{ServerProcess, Shell};

use crate::scanner::{CANARY, found_in};

pub fn team(dir: &TempDir) -> (ServerProcess, Shell, Shell) {
    let server = ServerProcess::start(&dir.path().join("server"));
    let (hanne, aase) = (Shell::new(&dir.path().join("hanne")), Shell::new(&dir.path().join("aase")));
    hanne.ok(&["org", "create", "--server", &server.url(), "--name", "Broen", "--person", "Hanne"]);
    let invited = hanne.ok(&["invite", "--person", "Åse", "--role", "mentor"]);
    let joined = aase.ok(&["join", invited["invitation"].as_str().expect("text")]);
    let requests = hanne.ok(&["requests"]);
    assert_eq!(requests["requests"][0]["id"], joined["request"]);
    assert_eq!(requests["requests"][0]["person"], "Åse");
    hanne.ok(&["approve", joined["request"].as_str().expect("text")]);
    aase.ok(&["sync"]);
    (server, hanne, aase)
}

pub fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

#[test]
fn two_devices_a_server_and_everything_kept() {
    let dir = TempDir::new().expect("a folder");
    let (server, hanne, aase) = team(&dir);
    let address = server.address.clone();
    drop(server);
    let case = text(&aase.ok(&["case", "new", "--alias", "Falken", "--programme", "national"])["case"]);
    let note = text(&aase.ok(&["note", "add", &case, "--text", "Vi gik en tur."])["note"]);
    assert_eq!(aase.run(&["sync"]).code(), "net.offline");
    let server = ServerProcess::start_at(&dir.path().join("server"), &address, None);
    aase.ok(&["sync"]);
    hanne.ok(&["sync"]);
    drop(server);
    aase.ok(&["note", "edit", &case, &note, "--text", "Vi gik en tur. Han lo."]);
    hanne.ok(&["note", "edit", &case, &note, "--text", "Lørdag: Vi gik en tur."]);
    aase.ok(&["offer", "set", &case, "therapy", "running"]);
    hanne.ok(&["offer", "set", &case, "therapy", "declined"]);
    let _server = ServerProcess::start_at(&dir.path().join("server"), &address, None);
    for _ in 0..2 {
        aase.ok(&["sync"]);
        hanne.ok(&["sync"]);
    }
    let (one, other) = (aase.ok(&["case", "show", &case]), hanne.ok(&["case", "show", &case]));
    assert_eq!(one, other);
    assert_eq!(one["notes"][&note]["text"], "Lørdag: Vi gik en tur. Han lo.");
    for who in [&aase, &hanne] {
        let conflicts = who.ok(&["conflicts"]);
        let listed = conflicts["conflicts"].as_array().expect("a list");
        assert_eq!(listed.len(), 1, "{conflicts}");
        let values = listed[0]["values"].as_array().expect("values");
        let mut said: Vec<(String, String)> = values.iter().map(|value| (text(&value["who"]), text(&value["value"]))).collect();
        said.sort();
        assert_eq!(said, [("Hanne".to_owned(), "declined".to_owned()), ("Åse".to_owned(), "running".to_owned())]);
        assert!(values.iter().all(|value| value["at"].as_i64().is_some_and(|at| at > 1_600_000_000_000)));
    }
}

#[test]
fn no_byte_at_rest_can_be_read() {
    let dir = TempDir::new().expect("a folder");
    let (server, hanne, aase) = team(&dir);
    let case = text(&aase.ok(&["case", "new", "--alias", CANARY, "--programme", "national"])["case"]);
    aase.ok(&["note", "add", &case, "--text", CANARY]);
    aase.ok(&["task", "add", &case, CANARY]);
    aase.ok(&["sync"]);
    hanne.ok(&["sync"]);
    drop(server);
    for folder in ["server", "hanne/data", "aase/data"] {
        assert_eq!(found_in(&dir.path().join(folder), CANARY), Vec::<String>::new(), "{folder}");
    }
    for who in [&hanne, &aase] {
        let hits = who.ok(&["search", "kanariefugl osterbro"]);
        assert!(hits["hits"].as_array().expect("hits").iter().any(|hit| hit["kind"] == "note"), "{hits}");
    }
}

#[test]
fn tls_is_trusted_only_with_the_certificate_the_organisation_names() {
    let dir = TempDir::new().expect("a folder");
    let made = |name: &str| {
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
        let (certificate, key) = (dir.path().join(format!("{name}.pem")), dir.path().join(format!("{name}.key")));
        fs::write(&certificate, made.cert.pem()).expect("written");
        fs::write(&key, made.signing_key.serialize_pem()).expect("written");
        (certificate, key)
    };
    let ((own, own_key), (foreign, _)) = (made("own"), made("foreign"));
    let server = ServerProcess::start_tls(&dir.path().join("server"), &own, &own_key);
    let url = format!("https://{}", server.address);
    let found = |shell: &Shell, certificate: &Path| {
        let file = certificate.to_string_lossy().into_owned();
        shell.ok(&["org", "create", "--server", &url, "--server-cert", &file, "--name", "Broen", "--person", "Hanne"])
    };
    let deceived = Shell::new(&dir.path().join("deceived"));
    assert_eq!(found(&deceived, &foreign)["sent"], false);
    assert_eq!(deceived.run(&["sync"]).code(), "net.offline");
    let hanne = Shell::new(&dir.path().join("hanne"));
    assert_eq!(found(&hanne, &own)["sent"], true);
    let invited = hanne.ok(&["invite", "--person", "Åse", "--role", "mentor"]);
    let aase = Shell::new(&dir.path().join("aase"));
    let joined = aase.ok(&["join", &text(&invited["invitation"])]);
    hanne.ok(&["approve", &text(&joined["request"])]);
    aase.ok(&["sync"]);
    assert_eq!(aase.ok(&["people"])["people"].as_array().expect("people").len(), 2);
}

#[test]
fn plain_http_is_spoken_on_this_machine_only() {
    let dir = TempDir::new().expect("a folder");
    let hanne = Shell::new(&dir.path().join("hanne"));
    let ran = hanne.run(&["org", "create", "--server", "http://192.0.2.7:8787", "--name", "Broen", "--person", "Hanne"]);
    assert_eq!(ran.code(), "net.insecure");
    let mut open = std::process::Command::new(world::process::program("brobygger-server"));
    open.args(["serve", "--db"]).arg(format!("sqlite:{}", dir.path().join("log.db").display())).args(["--listen", "0.0.0.0:0"]);
    assert_eq!(open.output().expect("runs").status.code(), Some(2));
}

#[test]
fn a_coordinator_cuts_a_lost_device_off_on_the_command_line() {
    let dir = TempDir::new().expect("a folder");
    let (_server, hanne, aase) = team(&dir);
    let case = text(&aase.ok(&["case", "new", "--alias", "Falken", "--programme", "national"])["case"]);
    aase.ok(&["sync"]);
    hanne.ok(&["sync"]);
    let state = || {
        let devices = hanne.ok(&["devices"]);
        let of_aase = devices["devices"].as_array().expect("a list").iter().find(|row| row["person"] == "Åse").expect("hers").clone();
        (text(&of_aase["id"]), text(&of_aase["state"]))
    };
    let (id, before) = state();
    assert_eq!(before, "active");
    assert_eq!(aase.run(&["device", "revoke", "findes-ikke", "--reason", "lost"]).code(), "device.unknown");
    assert_eq!(hanne.run(&["device", "revoke", "", "--reason", "lost"]).code(), "device.unknown");
    let revoked = hanne.ok(&["device", "revoke", &id[..10], "--reason", "lost"]);
    assert_eq!((revoked["revoked"].as_str(), revoked["sent"].as_bool()), (Some(id.as_str()), Some(true)));
    assert_eq!(state(), (id.clone(), "revoked".to_owned()));
    assert_eq!(hanne.run(&["device", "revoke", &id, "--reason", "left"]).code(), "log.already");
    let sheet = hanne.ok(&["device", "sheet", &id[..10]]);
    assert_eq!(
        (sheet["reason"].as_str(), sheet["renewed"].as_u64(), sheet["directory_renewed"].as_bool()),
        (Some("lost"), Some(1), Some(true))
    );
    assert_eq!((sheet["cases"][0]["case"].as_str(), sheet["cases"][0]["renewed"].as_bool()), (Some(case.as_str()), Some(true)));
    assert_eq!(hanne.ok(&["verify"])["problems"], serde_json::json!([]));
}

/// The phone, and everything the server holds, in the hands of somebody who reads disks.
#[test]
fn a_phone_with_unsent_notes_is_lost_and_its_honest_notes_wait_for_a_coordinator_while_the_team_works_on() {
    let dir = TempDir::new().expect("a folder");
    let (server, hanne, aase) = team(&dir);
    let invited = hanne.ok(&["invite", "--person", "Emil", "--role", "mentor"]);
    let emil = Shell::new(&dir.path().join("emil"));
    let joined = emil.ok(&["join", invited["invitation"].as_str().expect("text")]);
    hanne.ok(&["approve", joined["request"].as_str().expect("text")]);
    emil.ok(&["sync"]);
    let case = text(&aase.ok(&["case", "new", "--alias", "Falken", "--programme", "national"])["case"]);
    aase.ok(&["sync"]);
    hanne.ok(&["sync"]);
    hanne.ok(&["case", "assign", &case, "Emil"]);
    hanne.ok(&["sync"]);
    emil.ok(&["sync"]);
    emil.ok(&["note", "add", &case, "--text", "Han ringede og var glad."]);
    emil.ok(&["note", "add", &case, "--text", "Han sagde noget andet."]);
    let devices = hanne.ok(&["devices"]);
    let of_emil = devices["devices"].as_array().expect("a list").iter().find(|row| row["person"] == "Emil").expect("his").clone();
    let id = text(&of_emil["id"]);
    hanne.ok(&["device", "revoke", &id, "--reason", "lost"]);
    aase.ok(&["sync"]);
    for who in [&hanne, &aase] {
        who.ok(&["note", "add", &case, "--text", CANARY]);
        who.ok(&["sync"]);
    }
    assert_eq!(emil.run(&["sync"]).code(), "device.wiped");
    assert_eq!(emil.run(&["case", "list"]).code(), "vault.none");
    for folder in ["server", "emil/data"] {
        assert_eq!(found_in(&dir.path().join(folder), CANARY), Vec::<String>::new(), "{folder}");
        assert_eq!(found_in(&dir.path().join(folder), "Han ringede og var glad."), Vec::<String>::new(), "{folder}");
    }
    hanne.ok(&["sync"]);
    let waiting = hanne.ok(&["quarantine", "list"]);
    let item = &waiting["quarantine"][0];
    assert_eq!((item["person"].as_str(), item["open"].as_u64()), (Some("Emil"), Some(2)));
    let things = item["things"].as_array().expect("a list");
    let key = |said: &str| text(&things.iter().find(|thing| thing["text"] == said).expect("it is there")["key"]);
    let name = text(&item["id"]);
    assert_eq!(hanne.run(&["quarantine", "accept", &name, "findes-ikke"]).code(), "cli.unknown_item");
    assert_eq!(hanne.run(&["quarantine", "accept", "findes-ikke"]).code(), "quarantine.unknown");
    assert_eq!(hanne.ok(&["quarantine", "accept", &name[..12], &key("Han ringede og var glad.")])["accepted"], 1);
    assert_eq!(hanne.ok(&["quarantine", "reject", &name])["rejected"], 1);
    assert_eq!(hanne.ok(&["quarantine", "list"])["quarantine"][0]["open"], 0);
    hanne.ok(&["sync"]);
    aase.ok(&["sync"]);
    let shown = aase.ok(&["case", "show", &case]);
    let texts: Vec<&str> = shown["notes"].as_object().expect("notes").values().filter_map(|note| note["text"].as_str()).collect();
    assert!(texts.contains(&"Han ringede og var glad.") && !texts.contains(&"Han sagde noget andet."), "{texts:?}");
    assert_eq!(shown, hanne.ok(&["case", "show", &case]));
    for who in [&hanne, &aase] {
        assert_eq!(who.ok(&["verify"])["problems"], serde_json::json!([]));
        let report = who.ok(&["sync"]);
        assert_eq!((&report["pending"], &report["parked"], &report["refused"]), (&0.into(), &0.into(), &0.into()));
    }
    drop(server);
}

#[test]
fn a_case_is_erased_on_three_devices_one_of_them_offline_and_what_no_erasing_reaches_is_said() {
    let dir = TempDir::new().expect("a folder");
    let (server, hanne, aase) = team(&dir);
    let invited = hanne.ok(&["invite", "--person", "Emil", "--role", "mentor"]);
    let emil = Shell::new(&dir.path().join("emil"));
    let joined = emil.ok(&["join", invited["invitation"].as_str().expect("text")]);
    hanne.ok(&["approve", joined["request"].as_str().expect("text")]);
    emil.ok(&["sync"]);
    let case = text(&aase.ok(&["case", "new", "--alias", "Falken", "--programme", "national"])["case"]);
    aase.ok(&["note", "add", &case, "--text", CANARY]);
    aase.ok(&["sync"]);
    hanne.ok(&["sync"]);
    hanne.ok(&["case", "assign", &case, "Emil"]);
    hanne.ok(&["sync"]);
    emil.ok(&["sync"]);
    // Emil writes where there is no signal.
    emil.ok(&["note", "add", &case, "--text", "Skrevet uden net."]);
    assert_eq!(emil.run(&["case", "erase", &case, "--basis", "candidate"]).code(), "role.not_allowed");
    let decided = hanne.ok(&["case", "erase", &case, "--basis", "candidate"]);
    assert_eq!(decided["erasing"], "decided");
    assert!(text(&decided["residual"]).contains("together with its passphrase"), "{decided}");
    for who in [&hanne, &aase, &hanne, &aase] {
        who.ok(&["sync"]);
    }
    let receipts = |who: &Shell| {
        let ended = who.ok(&["case", "endings"]);
        let devices = ended["endings"][0]["erased"]["devices"].as_array().expect("devices").clone();
        (devices.iter().filter(|device| !device["at"].is_null()).count(), devices.len())
    };
    assert_eq!(receipts(&hanne), (2, 3), "one was not there yet");
    for _ in 0..2 {
        emil.ok(&["sync"]);
        hanne.ok(&["sync"]);
    }
    for who in [&hanne, &aase, &emil] {
        who.ok(&["sync"]);
        assert_eq!(receipts(who), (3, 3));
        assert_eq!(who.run(&["case", "show", &case]).code(), "case.unknown");
        assert_eq!(who.ok(&["search", "kanariefugl"])["hits"], serde_json::json!([]));
        assert_eq!(who.ok(&["verify"])["problems"], serde_json::json!([]));
    }
    assert!(emil.ok(&["case", "endings"])["endings"][0]["erased"]["unsent"].as_u64() > Some(0), "he is told what never went");
    for folder in ["server", "hanne/data", "aase/data", "emil/data"] {
        assert_eq!(found_in(&dir.path().join(folder), CANARY), Vec::<String>::new(), "{folder}");
    }
    drop(server);
}

#[test]
fn an_address_is_entered_from_a_file_released_by_two_and_seen_by_nobody_else() {
    let dir = TempDir::new().expect("a folder");
    let (_server, hanne, aase) = team(&dir);
    let dorte = Shell::new(&dir.path().join("dorte"));
    let invited = hanne.ok(&["invite", "--person", "Dorte", "--role", "dpo"]);
    let joined = dorte.ok(&["join", &text(&invited["invitation"])]);
    hanne.ok(&["approve", &text(&joined["request"])]);
    dorte.ok(&["sync"]);
    let case = text(&aase.ok(&["case", "new", "--alias", "Falken", "--programme", "national"])["case"]);
    aase.ok(&["sync"]);
    hanne.ok(&["sync"]);
    let file = dir.path().join("adresse.txt");
    fs::write(&file, "Kanariestien 3, 2. tv., Ådal\n").expect("written");
    let file = file.to_str().expect("a path");
    assert_eq!(aase.run(&["address", "set", &case, "--file", file, "--protection", "special"]).code(), "role.not_allowed");
    hanne.ok(&["address", "set", &case, "--file", file, "--protection", "special", "--renew-by", "2027-11-22"]);
    fs::remove_file(file).expect("removed");
    assert_eq!(hanne.ok(&["address", "state", &case])["waiting"], 1);
    hanne.ok(&["sync"]);
    assert_eq!(hanne.ok(&["address", "state", &case])["waiting"], 1, "it waits for the strongroom");
    hanne.ok(&["sync", "--addresses"]);
    assert_eq!(hanne.ok(&["address", "state", &case])["waiting"], 0);
    aase.ok(&["sync"]);
    assert_eq!(aase.run(&["address", "show", &case, "--for", "visit"]).code(), "address.not_released");
    let asked = hanne.ok(&["address", "release", &case, "Åse", "--until", "2099-01-01", "--for", "visit"]);
    assert_eq!(asked["releasing"], "asked");
    hanne.ok(&["sync", "--addresses"]);
    dorte.ok(&["sync"]);
    assert_eq!(hanne.run(&["address", "agree", &case, "Åse"]).code(), "role.not_allowed", "oneself is no second");
    dorte.ok(&["address", "agree", &case, "Åse"]);
    dorte.ok(&["sync"]);
    hanne.ok(&["sync", "--addresses"]);
    aase.ok(&["sync"]);
    let shown = aase.ok(&["address", "show", &case, "--for", "visit"]);
    assert_eq!((shown["address"].as_str(), shown["protection"].as_str()), (Some("Kanariestien 3, 2. tv., Ådal"), Some("special")));
    assert_eq!(dorte.run(&["address", "show", &case, "--for", "check"]).code(), "address.not_released");
    aase.ok(&["sync"]);
    dorte.ok(&["sync"]);
    let log = dorte.ok(&["address", "log", &case]);
    let who: Vec<_> = log["log"].as_array().expect("rows").iter().map(|row| (text(&row["by"]), text(&row["purpose"]))).collect();
    assert_eq!(who, [("Åse", "visit"), ("Hanne", "visit")].map(|(by, purpose)| (by.to_owned(), purpose.to_owned())));
    for shell in [&hanne, &aase, &dorte] {
        assert!(found_in(&shell.data, "Kanariestien 3, 2. tv., Ådal").is_empty());
        assert_eq!(shell.ok(&["verify"])["problems"], serde_json::json!([]));
    }
    assert!(found_in(&dir.path().join("server"), "Kanariestien 3, 2. tv., Ådal").is_empty());
}
