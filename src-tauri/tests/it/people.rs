//! People and devices over a real server, through the very commands that the page calls.

use std::{
    fs,
    time::{Duration, Instant},
};

use device::Device;
use serde_json::{Value, json};

use crate::{
    first::{Server, founding},
    phone::{Phone, SECRET},
};

/// Syncs and looks until something is so.
fn until(phone: &Phone, what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(90), "{what}");
        // A device that has emptied itself has nothing more to say.
        let _ = phone.call("sync_now", json!({}));
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn row(phone: &Phone, person: &str) -> Value {
    let people = phone.ask("people");
    people["devices"].as_array().unwrap().iter().find(|row| row["person"] == person).unwrap_or_else(|| panic!("{people}")).clone()
}

/// Hanne founds the organisation and makes a case.
fn hanne(server: &Server) -> (Phone, String) {
    let phone = Phone::new();
    phone.get("create_organisation", founding(&server.url()));
    let case = phone.get("new_case", json!({ "alias": "Falken", "programme": "ngo", "birthYear": null }));
    phone.ask("sync_now");
    (phone, case.as_str().unwrap().to_owned())
}

/// Somebody is invited, compares seven words with Hanne, and is let in.
fn let_in(hanne: &Phone, person: &str) -> (Phone, String) {
    let invited = hanne.get("invite", json!({ "person": format!(" {person} "), "role": "mentor" }));
    hanne.ask("sync_now");
    assert_eq!(hanne.ask("people")["awaited"][0]["person"], person);
    let text = invited["invitation"].as_str().unwrap();
    let picture = hanne.get("picture", json!({ "text": text }));
    assert!(picture["size"].as_u64().unwrap() >= 21 && picture["path"].as_str().unwrap().starts_with("M0 0h7"));
    let phone = Phone::new();
    let waiting = phone.get("join_organisation", json!({ "invitation": text, "secret": SECRET }));
    assert_eq!((&waiting["phase"], waiting["request_words"].as_array().unwrap().len()), (&json!("waiting"), 7));
    let asked = hanne.ask("requests");
    let asked = &asked[0];
    assert_eq!((&asked["person"], &asked["words"]), (&json!(person), &waiting["request_words"]));
    assert_eq!(
        hanne.code("approve", json!({ "request": "ABCD-EFGH", "deviceName": "telefon", "secret": SECRET })),
        "enrol.no_such_request"
    );
    let taken = json!({ "request": asked["id"], "deviceName": "telefon", "secret": "noget andet end koden" });
    assert_eq!(hanne.code("approve", taken), "vault.wrong_secret", "whoever takes it out of her hand lets nobody in");
    hanne.get("approve", json!({ "request": asked["id"], "deviceName": " telefon ", "secret": SECRET }));
    until(&phone, "nobody let them in", || phone.ask("app_state")["phase"] == "unlocked");
    assert!(phone.ask("app_state").get("request_words").is_none());
    (phone, asked["member"].as_str().unwrap().to_owned())
}

#[test]
fn aase_is_let_in_after_seven_words_gets_a_case_loses_her_phone_and_hanne_reads_the_receipt_and_saves_her_words() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(&dir.path().join("server"));
    let (hanne, case) = hanne(&server);
    let (aase, member) = let_in(&hanne, "Åse");
    let here = row(&hanne, "Åse");
    assert_eq!(
        (&here["name"], &here["cases"], &here["standing"], &here["may_revoke"]),
        (&json!("telefon"), &json!(0), &json!("active"), &json!(true))
    );
    assert_eq!(row(&hanne, "Hanne")["may_revoke"], false, "nobody empties the device in their own hand by a slip");
    hanne.get("assign", json!({ "case": case, "member": member }));
    assert!(
        hanne
            .ask("pending")
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["what"] == "grant" && one["alias"] == "Falken" && one["person"] == "Åse")
    );
    until(&hanne, "the case was not given", || hanne.ask("pending") == json!([]));
    until(&aase, "the case did not come", || aase.ask("cases") != json!([]));
    assert_eq!(row(&hanne, "Åse")["cases"], 1);
    let device = row(&hanne, "Åse")["device"].clone();
    assert_eq!(aase.code("breach_sheet", json!({ "device": row(&aase, "Hanne")["device"] })), "role.not_allowed");
    let seen = row(&aase, "Hanne");
    assert_eq!((&seen["cases"], &seen["may_revoke"], &aase.ask("people")["may_admit"]), (&Value::Null, &json!(false), &json!(false)));

    server.stop();
    aase.get("note_write", json!({ "case": case, "note": null, "text": "Han vil flytte.", "base": null }));
    aase.ask("lock");
    hanne.get("revoke", json!({ "device": device, "reason": "lost" }));
    assert_eq!(row(&hanne, "Åse")["standing"], "revoking");
    let what: Vec<Value> = hanne.ask("pending").as_array().unwrap().iter().map(|one| one["what"].clone()).collect();
    assert_eq!(what, ["revoke", "key", "key"], "it, the names, and one case wait for a way to the server");
    let sheet = hanne.get("breach_sheet", json!({ "device": device }));
    assert_eq!((&sheet["renewed"], &sheet["cases"][0]["alias"], &sheet["revoked_at"]), (&json!(0), &json!("Falken"), &Value::Null));
    server.start_again();
    let done = || hanne.ask("pending") == json!([]) && hanne.get("breach_sheet", json!({ "device": device }))["renewed"] == 1;
    until(&hanne, "the new key was not made", done);
    let sheet = hanne.get("breach_sheet", json!({ "device": device }));
    assert_eq!(
        (&sheet["reason"], &sheet["directory_renewed"], &sheet["cases"][0]["compartments"]),
        (&json!("lost"), &json!(true), &json!(["core"]))
    );
    let gone = row(&hanne, "Åse");
    assert_eq!((&gone["standing"], &gone["cases"], &gone["may_revoke"]), (&json!("revoked"), &json!(0), &json!(false)));

    aase.get("unlock", json!({ "kind": "passphrase", "secret": SECRET }));
    until(&aase, "the lost phone did not empty itself", || !aase.with(Device::has_vault));
    assert_eq!(aase.ask("app_state")["ended"], "device.wiped");
    until(&hanne, "what it had not sent did not come", || hanne.ask("quarantine") != json!([]));
    let item = hanne.ask("quarantine")[0].clone();
    assert_eq!(
        (&item["person"], &item["alias"], &item["open"], &item["things"][0]["text"]),
        (&json!("Åse"), &json!("Falken"), &json!(1), &json!("Han vil flytte."))
    );
    assert_eq!(hanne.get("accept_quarantined", json!({ "item": item["id"], "thing": item["things"][0]["key"] })), 1);
    assert_eq!(hanne.ask("quarantine")[0]["open"], 0);
    assert_eq!(hanne.code("reject_quarantined", json!({ "item": "ingen", "thing": null })), "quarantine.unknown");
    assert!(hanne.get("case_view", json!({ "id": case })).to_string().contains("Han vil flytte."));
}

#[test]
fn a_receipt_is_saved_under_a_name_that_names_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("server"));
    let (hanne, case) = hanne(&server);
    let (_, member) = let_in(&hanne, "Emil");
    hanne.get("assign", json!({ "case": case, "member": member }));
    until(&hanne, "the case was not given", || hanne.ask("pending") == json!([]));
    let device = row(&hanne, "Emil")["device"].clone();
    hanne.get("revoke", json!({ "device": device, "reason": "compromised" }));
    until(&hanne, "it was not cut off", || hanne.ask("pending") == json!([]) && row(&hanne, "Emil")["standing"] == "revoked");
    let receipt = hanne.get("receipt", json!({ "device": device }));
    let (name, text) = (receipt["name"].as_str().unwrap(), receipt["text"].as_str().unwrap());
    assert!(name.starts_with("kvittering-20") && name.ends_with(".txt"), "{name}");
    for said in ["Person: Emil", "Enhed: telefon", "Årsag: i andres hænder", "Nye nøgler: 1 / 1", "Falken · hele forløbet"] {
        assert!(text.contains(said), "{said} is not in\n{text}");
    }
    let place = hanne.get("save_report", json!({ "report": receipt }));
    let place = place.as_str().unwrap();
    assert!(place.ends_with(name) && !place.contains("Falken") && !place.contains("Emil"), "{place}");
    assert_eq!(fs::read_to_string(place).unwrap(), text);
    hanne.get("set_lang", json!({ "lang": "en" }));
    let english = hanne.get("receipt", json!({ "device": device }));
    assert!(
        english["name"].as_str().unwrap().starts_with("receipt-20")
            && english["text"].as_str().unwrap().contains("Reason: in somebody else's hands")
    );
}

#[test]
fn a_device_that_nothing_was_heard_of_is_named_and_a_text_too_long_has_no_picture() {
    let (phone, _) = Phone::in_use();
    let own = row(&phone, "Signe");
    assert_eq!(
        (&own["this"], &own["unheard"], &own["cases"], &own["may_see_sheet"]),
        (&json!(true), &json!(false), &json!(0), &json!(true))
    );
    assert!(own["heard_at"].as_i64().unwrap() > 0);
    assert_eq!(phone.get("picture", json!({ "text": "b".repeat(3_000) })), Value::Null);
    assert_eq!(phone.code("revoke", json!({ "device": own["device"], "reason": "lost" })), "log.last_coordinator");
}

#[test]
fn a_case_is_given_for_a_time_and_taken_away_in_the_window() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("server"));
    let (hanne, case) = hanne(&server);
    let (aase, member) = let_in(&hanne, "Åse");
    let readers = |phone: &Phone| {
        let rows = phone.get("readers", json!({ "case": case }));
        rows.as_array().unwrap().iter().map(|row| (row["name"].clone(), row["until"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(readers(&hanne), [(json!("Hanne"), Value::Null)]);
    let end = 4_000_000_000_000_i64;
    hanne.get("assign", json!({ "case": case, "member": member, "until": end }));
    until(&aase, "the case did not come", || aase.ask("cases") != json!([]));
    let mut both = readers(&aase);
    both.sort_by_key(|(name, _)| name.to_string());
    assert_eq!(both, [(json!("Hanne"), Value::Null), (json!("Åse"), json!(end))]);
    for act in
        [("unassign", json!({ "case": case, "member": member })), ("assign", json!({ "case": case, "member": member, "until": null }))]
    {
        assert_eq!(aase.code(act.0, act.1), "role.not_allowed");
    }
    let hanne_herself = hanne.get("readers", json!({ "case": case }));
    let own = hanne_herself.as_array().unwrap().iter().find(|row| row["name"] == "Hanne").unwrap()["member"].clone();
    assert_eq!(hanne.code("unassign", json!({ "case": case, "member": own })), "log.last_coordinator");
    assert_eq!(hanne.code("hand_over", json!({ "case": case, "from": own, "to": member, "overlapDays": 0 })), "log.last_coordinator");
    hanne.get("unassign", json!({ "case": case, "member": member }));
    until(&aase, "it is there still", || aase.ask("cases") == json!([]));
    assert_eq!(readers(&hanne), [(json!("Hanne"), Value::Null)]);
}

#[test]
fn a_case_is_held_let_go_and_erased_in_the_window_with_the_secret_again() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("server"));
    let (hanne, case) = hanne(&server);
    let (aase, member) = let_in(&hanne, "Åse");
    hanne.get("assign", json!({ "case": case, "member": member, "until": null }));
    until(&aase, "the case did not come", || aase.ask("cases") != json!([]));
    assert_eq!(aase.code("hold_case", json!({ "case": case, "on": true })), "role.not_allowed");
    let erase = |secret: &str| json!({ "case": case, "basis": "candidate", "secret": secret });
    assert_eq!(aase.code("erase_case", erase(SECRET)), "role.not_allowed");
    assert_eq!(hanne.code("approve_erasure", json!({ "case": case, "secret": SECRET })), "role.not_allowed", "nobody asked for it");

    hanne.get("hold_case", json!({ "case": case, "on": true }));
    until(&hanne, "it is not held", || hanne.ask("endings")[0]["held"] == true);
    assert_eq!(hanne.code("erase_case", erase(SECRET)), "log.held");
    hanne.get("hold_case", json!({ "case": case, "on": false }));
    until(&hanne, "it is held still", || hanne.ask("endings") == json!([]));

    assert_eq!(hanne.code("erase_case", erase("noget andet end koden")), "vault.wrong_secret");
    assert_eq!(hanne.ask("endings"), json!([]));
    assert_eq!(hanne.get("erase_case", erase(SECRET)), "decided");
    until(&aase, "it is on her phone still", || aase.ask("cases") == json!([]));
    let emptied = || {
        let erased = &hanne.ask("endings")[0]["erased"];
        erased["devices"].as_array().is_some_and(|all| all.len() == 2 && all.iter().all(|device| device["at"].is_i64()))
    };
    until(&hanne, "a receipt is missing", || {
        let _ = aase.call("sync_now", json!({}));
        emptied()
    });
    assert_eq!(hanne.ask("cases"), json!([]));
}
