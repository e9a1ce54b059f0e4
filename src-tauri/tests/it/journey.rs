//! A day on one device without a network, through the very commands that the page calls.

use device::casework::{Edit, TaskKind};
use serde_json::{Value, json};

use crate::phone::{Phone, SECRET};

/// Questions about cases.
fn of_cases(case: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("today", json!({})),
        ("cases", json!({})),
        ("case_view", json!({ "id": case })),
        ("meeting_defaults", json!({ "id": case })),
        ("log_meeting", json!({ "id": case, "kind": "phone" })),
        ("note_write", json!({ "case": case, "text": "x" })),
        ("sync_line", json!({})),
        ("sync_sheet", json!({})),
        ("sync_now", json!({})),
        ("undo", json!({ "token": "x" })),
        ("set_offer_status", json!({ "case": case, "offer": "therapy", "status": "need" })),
        ("add_step", json!({ "case": case, "offer": "therapy", "title": "x" })),
        ("set_step_done", json!({ "case": case, "offer": "therapy", "step": case, "done": true })),
        ("remove_step", json!({ "case": case, "offer": "therapy", "step": case })),
        ("add_task", json!({ "case": case, "kind": "task", "title": "x" })),
        ("set_task_done", json!({ "case": case, "task": case, "done": true })),
        ("set_task_due", json!({ "case": case, "task": case, "due": null })),
        ("remove_task", json!({ "case": case, "task": case })),
        ("add_appointment", json!({ "case": case, "kind": "meeting", "at": 0 })),
        ("move_appointment", json!({ "case": case, "appointment": case, "at": 0 })),
        ("settle_appointment", json!({ "case": case, "appointment": case, "kind": "meeting" })),
        ("remove_appointment", json!({ "case": case, "appointment": case })),
        ("remove_meeting", json!({ "case": case, "meeting": case })),
        ("remove_note", json!({ "case": case, "note": case })),
        ("history", json!({ "case": case })),
        ("search", json!({ "text": "x" })),
        ("conflicts", json!({})),
        ("resolve", json!({ "case": case, "conflict": "x", "keep": "x" })),
        ("new_case", json!({ "alias": "x", "programme": "ngo" })),
    ]
}

/// Questions about people, and what only some may see.
fn of_people(case: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("people", json!({})),
        ("pending", json!({})),
        ("invite", json!({ "person": "x", "role": "mentor" })),
        ("requests", json!({})),
        ("approve", json!({ "request": "x", "deviceName": "x", "secret": SECRET })),
        ("refuse_request", json!({ "request": "x" })),
        ("policies_asked", json!({})),
        ("agree_to_policy", json!({ "id": device::Digest::ZERO, "secret": SECRET })),
        ("assign", json!({ "case": case, "member": case, "until": null })),
        ("readers", json!({ "case": case })),
        ("unassign", json!({ "case": case, "member": case })),
        ("hand_over", json!({ "case": case, "from": case, "to": case, "overlapDays": 0 })),
        ("endings", json!({})),
        ("hold_case", json!({ "case": case, "on": true })),
        ("erase_case", json!({ "case": case, "basis": "mistake", "secret": "x" })),
        ("approve_erasure", json!({ "case": case, "secret": "x" })),
        ("revoke", json!({ "device": case, "reason": "lost" })),
        ("breach_sheet", json!({ "device": case })),
        ("receipt", json!({ "device": case })),
        ("quarantine", json!({})),
        ("accept_quarantined", json!({ "item": "x", "thing": null })),
        ("reject_quarantined", json!({ "item": "x", "thing": null })),
        ("address_standing", json!({ "case": case })),
        ("open_strongroom", json!({ "kind": "passphrase", "secret": SECRET })),
        ("look_at_address", json!({ "case": case, "purpose": "visit" })),
        ("enter_address", json!({ "case": case, "address": "x", "protection": "ordinary", "from": null, "renewBy": null })),
        ("release_address", json!({ "case": case, "member": case, "until": 0, "purpose": "visit", "alone": false })),
        ("approve_release", json!({ "case": case, "member": case, "until": 0 })),
        ("take_back_address", json!({ "case": case, "member": case })),
        ("address_log", json!({ "case": case })),
        ("has_duress", json!({})),
        ("choose_duress", json!({ "secret": SECRET, "second": "x" })),
        ("forget_duress", json!({ "secret": SECRET })),
        ("storage", json!({})),
        ("about", json!({})),
    ]
}

#[test]
fn locked_it_knows_nobody() {
    let (phone, case) = Phone::in_use();
    assert_eq!(phone.get("app_state", json!({}))["me"], json!({ "name": "Signe", "role": "coordinator", "device": "Signes telefon" }));
    phone.get("lock", json!({}));
    let state = phone.get("app_state", json!({}));
    let locked = json!({
        "phase": "locked", "secret": "passphrase", "synthetic": false, "me": null, "wait_s": 0, "request": null, "read_only": false
    });
    assert_eq!(state, locked);
    for (command, arguments) in of_cases(&case).into_iter().chain(of_people(&case)) {
        assert_eq!(phone.code(command, arguments), "vault.locked", "{command}");
    }
    assert_eq!(phone.code("unlock", json!({ "kind": "passphrase", "secret": "et andet" })), "vault.wrong_secret");
    assert_eq!(phone.get("unlock", json!({ "kind": "passphrase", "secret": SECRET }))["phase"], "unlocked");
    assert_eq!(phone.get("cases", json!({}))[0]["alias"], "Falken");
}

#[test]
fn a_wait_is_told_with_the_refusal_and_to_a_page_that_comes_later() {
    let (phone, _) = Phone::in_use();
    phone.get("lock", json!({}));
    let wrong = json!({ "kind": "passphrase", "secret": "et andet" });
    for _ in 0..3 {
        assert_eq!(phone.call("unlock", wrong.clone()), Err(json!({ "code": "vault.wrong_secret", "wait_s": null })));
    }
    // How long exactly is counted with a clock of its own in the device; here real seconds pass meanwhile.
    let fourth = phone.call("unlock", wrong.clone()).unwrap_err();
    assert_eq!(fourth["code"], "vault.wrong_secret");
    assert!((1..=30).contains(&fourth["wait_s"].as_u64().unwrap()));
    let refused = phone.call("unlock", json!({ "kind": "passphrase", "secret": SECRET })).unwrap_err();
    assert_eq!((&refused["code"], refused["left"].is_null()), (&json!("vault.wait"), true));
    assert!((1..=30).contains(&refused["wait_s"].as_u64().unwrap()));
    let state = phone.ask("app_state");
    assert_eq!(state["phase"], "locked");
    assert!((1..=30).contains(&state["wait_s"].as_u64().unwrap()) && state.get("left").is_none());
    std::fs::write(phone.data.path().join("tries"), "lost").unwrap();
    let state = phone.ask("app_state");
    assert_eq!(state["left"], 1);
    assert!((840..=900).contains(&state["wait_s"].as_u64().unwrap()));
}

#[test]
fn a_new_install_says_so_and_keeps_its_language() {
    let phone = Phone::new();
    assert_eq!(phone.get("app_state", json!({}))["phase"], "fresh");
    assert_eq!(phone.code("unlock", json!({ "kind": "pin", "secret": "123456" })), "vault.none");
    phone.get("set_lang", json!({ "lang": "en" }));
    assert_eq!(phone.get("app_state", json!({}))["lang"], "en");
    std::fs::write(phone.data.path().join("demo"), "").unwrap();
    assert_eq!(phone.get("app_state", json!({}))["synthetic"], true);
}

#[test]
fn a_meeting_in_two_taps_can_be_taken_back_once() {
    let (phone, case) = Phone::in_use();
    assert_eq!(phone.get("meeting_defaults", json!({ "id": case }))["minutes"], 60);
    let done = phone.get("log_meeting", json!({ "id": case, "kind": "no_show", "at": null, "minutes": null, "place": null }));
    let view = phone.get("case_view", json!({ "id": case }));
    assert_eq!((&view["timeline"][0]["outcome"], &view["days_since"]), (&json!("not"), &Value::Null));
    phone.get("log_meeting", json!({ "id": case, "kind": "prison_visit", "at": null, "minutes": null, "place": "Biblioteket" }));
    let view = phone.get("case_view", json!({ "id": case }));
    let visit = view["timeline"].as_array().unwrap().iter().find(|entry| entry["kind"] == "prison_visit").unwrap();
    let ended_ms = visit["at"].as_i64().unwrap() + 90 * 60_000;
    let now_ms = phone.with(|device| device.host().now_ms());
    assert_eq!(visit["minutes"], 90);
    assert!((0..6 * 60_000).contains(&(now_ms - ended_ms)), "what is logged has just ended");
    phone.get("undo", json!({ "token": done["undo"] }));
    assert_eq!(phone.code("undo", json!({ "token": done["undo"] })), "undo.gone");
}

#[test]
fn a_task_is_ticked_off() {
    let (phone, case) = Phone::in_use();
    let task = phone.with(|device| {
        let id = device.new_item();
        let edit = Edit::AddTask { id, title: "Ringe".to_owned(), due: None, owner: None, task: TaskKind::Task, promised_to: None };
        device.edit(case.parse().unwrap(), edit).unwrap();
        id
    });
    assert_eq!(phone.get("today", json!({}))["tasks"][0]["title"], "Ringe");
    phone.get("set_task_done", json!({ "case": case, "task": task, "done": true }));
    assert_eq!(phone.get("today", json!({}))["tasks"], json!([]));
}

#[test]
fn a_note_is_made_written_and_finished() {
    let (phone, case) = Phone::in_use();
    let made = phone.get("note_write", json!({ "case": case, "note": null, "text": "Vi talte", "base": null }));
    let note = &made["id"];
    let longer = phone.get("note_write", json!({ "case": case, "note": note, "text": "Vi talte om Åse 🦊", "base": made["base"] }));
    // A write on an old base does not take back what was written since.
    let both = phone.get("note_write", json!({ "case": case, "note": note, "text": "I går: Vi talte", "base": made["base"] }));
    assert_eq!((&longer["text"], &both["text"]), (&json!("Vi talte om Åse 🦊"), &json!("I går: Vi talte om Åse 🦊")));
    assert_eq!(both["unfinished"], true);
    let finished = phone.get("note_finish", json!({ "case": case, "note": note, "finished": true }));
    let opened = phone.get("note_open", json!({ "case": case, "note": note }));
    assert_eq!((&finished["unfinished"], &opened["text"]), (&json!(false), &both["text"]));
}

#[test]
fn offline_is_no_error() {
    let (phone, case) = Phone::in_use();
    phone.get("log_meeting", json!({ "id": case, "kind": "meeting" }));
    let line = phone.get("sync_now", json!({}));
    assert_eq!((&line["state"], &line["last_fetched_at"]), (&json!("never"), &Value::Null));
    let sheet = phone.get("sync_sheet", json!({}));
    let kinds: Vec<&str> = sheet["items"].as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"case") && kinds.contains(&"meeting"), "{kinds:?}");
}

#[test]
fn only_the_app_s_own_page_may_call_and_only_what_is_listed() {
    let phone = Phone::new();
    for url in ["https://example.org", "http://127.0.0.1:1420", "data:text/html,x"] {
        assert_refused(&phone.from(url, "app_state", json!({})), url);
    }
    for command in
        ["plugin:event|emit", "plugin:window|set_title", "plugin:webview|create_webview_window", "plugin:path|resolve", "nothing"]
    {
        assert_refused(&phone.call(command, json!({})), command);
    }
}

fn assert_refused(answer: &Result<Value, Value>, what: &str) {
    let said = answer.as_ref().unwrap_err().as_str().unwrap();
    assert!(said.contains("not allowed"), "{what}: {said}");
}
