//! The further screens of a day: offers, tasks, history, search, settings, what is held, and a report of a fault.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::phone::{Phone, SECRET};

/// Words that may never leave the device in a report.
const CANARY: &str = "Kanariefugl";

fn offer(view: &Value, kind: &str) -> Value {
    view["offers"].as_array().unwrap().iter().find(|offer| offer["kind"] == kind).unwrap().clone()
}

#[test]
fn an_offer_gets_steps_and_each_act_is_taken_back() {
    let (phone, case) = Phone::in_use();
    let view = || phone.get("case_view", json!({ "id": case }));
    let template = phone.ask("step_templates")[0].clone();
    assert_eq!((&template["offer"], &template["key"]), (&json!("relocation"), &json!("need_and_threat")));
    phone.get("set_offer_status", json!({ "case": case, "offer": "relocation", "status": "running" }));
    let again = phone.get("set_offer_status", json!({ "case": case, "offer": "relocation", "status": "running" }));
    assert_eq!(again["undo"], "", "where nothing changed there is nothing to take back");
    let added = phone.get(
        "add_step",
        json!({
            "case": case, "offer": "relocation", "title": template["da"], "template": template["key"], "owner": "Signe", "due": "2030-01-02"
        }),
    );
    let step = added["id"].clone();
    let done = phone.get("set_step_done", json!({ "case": case, "offer": "relocation", "step": step, "done": true }));
    let now = offer(&view(), "relocation");
    assert_eq!((&now["status"], &now["steps"][0]["title"], &now["steps"][0]["done"]), (&json!("running"), &template["da"], &json!(true)));
    phone.get("undo", json!({ "token": done["undo"] }));
    assert_eq!(offer(&view(), "relocation")["steps"][0]["done"], false);
    let removed = phone.get("remove_step", json!({ "case": case, "offer": "relocation", "step": step }));
    assert_eq!(offer(&view(), "relocation")["steps"], json!([]));
    phone.get("undo", json!({ "token": removed["undo"] }));
    assert_eq!(offer(&view(), "relocation")["steps"][0]["due"], "2030-01-02");
    let bad = json!({ "case": case, "offer": "relocation", "title": "x", "due": "2030-02-31" });
    assert_eq!(phone.code("add_step", bad), "case.bad_date");
}

#[test]
fn tasks_meetings_and_notes_are_taken_away_and_put_back() {
    let (phone, case) = Phone::in_use();
    let promise = json!({
        "case": case, "kind": "promise", "title": "At ringe", "due": null, "owner": null, "promisedTo": "Falken"
    });
    let task = phone.get("add_task", promise)["id"].clone();
    phone.get("set_task_due", json!({ "case": case, "task": task, "due": "2030-05-06" }));
    let today = phone.ask("today");
    assert_eq!((&today["promises"][0]["due"], &today["promises"][0]["promised_to"]), (&json!("2030-05-06"), &json!("Falken")));
    let meeting = phone.get("log_meeting", json!({ "id": case, "kind": "phone" }))["id"].clone();
    let note = phone.get("note_write", json!({ "case": case, "text": "Vi talte" }))["id"].clone();
    let length = || phone.get("case_view", json!({ "id": case }))["timeline"].as_array().unwrap().len();
    let all = length();
    for (command, name, id) in [("remove_meeting", "meeting", meeting), ("remove_note", "note", note)] {
        let done = phone.get(command, json!({ "case": case, name: id }));
        assert_eq!(length(), all - 1, "{command}");
        phone.get("undo", json!({ "token": done["undo"] }));
        assert_eq!(length(), all, "{command} is taken back");
    }
    let done = phone.get("remove_task", json!({ "case": case, "task": task }));
    assert_eq!(phone.ask("today")["promises"], json!([]));
    phone.get("undo", json!({ "token": done["undo"] }));
    assert_eq!(phone.ask("today")["promises"][0]["id"], task);
}

#[test]
fn the_history_names_people_and_things_the_newest_first() {
    let (phone, case) = Phone::in_use();
    phone.get("log_meeting", json!({ "id": case, "kind": "prison_visit" }));
    let note = phone.get("note_write", json!({ "case": case, "text": "Han lo.\nMeget." }))["id"].clone();
    phone.get("set_offer_status", json!({ "case": case, "offer": "therapy", "status": "need" }));
    let history = phone.get("history", json!({ "case": case }));
    let told: Vec<(&str, &Value, &str)> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["act"].as_str().unwrap(), &one["title"], one["detail"].as_str().unwrap()))
        .collect();
    assert_eq!(told[0], ("offer.status", &Value::Null, "therapy not_assessed need"));
    assert_eq!(told[1], ("note.add", &json!("Han lo."), ""));
    assert_eq!((told[2].0, told[2].1), ("meeting.log", &json!("prison_visit")));
    assert_eq!((told[3].0, told[4].0), ("stage.event", "profile.set"));
    assert_eq!((&history[1]["by"]["name"], &history[1]["by"]["device"]), (&json!("Signe"), &json!("Signes telefon")));
    assert_eq!((&history[1]["item"], &history[1]["changes"], &history[1]["clock_doubt"]), (&note, &json!(1), &json!(false)));
    phone.get("remove_note", json!({ "case": case, "note": note }));
    let history = phone.get("history", json!({ "case": case }));
    assert!(history.as_array().unwrap().iter().filter(|one| one["item"] == note).all(|one| one["title"].is_null()), "{history}");
}

#[test]
fn words_are_found_by_person_with_the_other_spelling() {
    let (phone, case) = Phone::in_use();
    let other = phone.get("new_case", json!({ "alias": "Nøglebarnet", "programme": "municipal", "birthYear": 1999 }));
    assert_eq!(phone.get("case_view", json!({ "id": other }))["birth_year"], 1999);
    phone.get("note_write", json!({ "case": case, "text": "Han fik nøglen." }));
    let found = phone.get("search", json!({ "text": "noegle" }));
    assert_eq!((&found["also"], &found["more"]), (&json!(["Nøgle"]), &json!(false)));
    let groups = found["groups"].as_array().unwrap();
    let hit = &groups.iter().find(|group| group["case"] == case).unwrap()["hits"][0];
    assert_eq!((&hit["kind"], &hit["by"]), (&json!("note"), &json!("Signe")));
    let parts = json!([{ "text": "Han fik ", "hit": false }, { "text": "nøgle", "hit": true }, { "text": "n.", "hit": false }]);
    assert_eq!(hit["parts"], parts);
    let hit = &groups.iter().find(|group| group["case"] == other).unwrap()["hits"][0];
    assert_eq!((&hit["kind"], &hit["id"]), (&json!("profile"), &other));
}

#[test]
fn settings_are_kept_in_bounds_and_read_while_locked() {
    let (phone, _) = Phone::in_use();
    let begun = json!({
        "lock_after_s": 60, "text": 100, "hand": "right", "contrast": "normal", "theme": "system", "single_keys": true
    });
    assert_eq!(phone.ask("settings"), begun);
    let asked = json!({ "lock_after_s": 5, "text": 140, "hand": "left", "contrast": "more", "theme": "dark", "single_keys": false });
    let kept = json!({ "lock_after_s": 15, "text": 150, "hand": "left", "contrast": "more", "theme": "dark", "single_keys": false });
    assert_eq!(phone.get("save_settings", json!({ "settings": asked })), kept);
    phone.ask("lock");
    assert_eq!(phone.ask("settings"), kept);
}

#[test]
fn it_says_what_it_holds_and_what_it_is() {
    let (phone, case) = Phone::in_use();
    phone.get("note_write", json!({ "case": case, "text": "" }));
    phone.get("log_meeting", json!({ "id": case, "kind": "phone" }));
    let storage = phone.ask("storage");
    assert_eq!(
        (&storage["cases"], &storage["notes"], &storage["meetings"], &storage["tasks"]),
        (&json!(1), &json!(1), &json!(1), &json!(0))
    );
    assert!(storage["used"].as_u64().unwrap() > 10_000);
    assert!(cfg!(not(unix)) || storage["free"].as_u64().unwrap() > 0);
    let about = phone.ask("about");
    assert_eq!(
        (&about["organisation"], &about["person"], &about["server"]),
        (&json!("Prøveforeningen"), &json!("Signe"), &json!("http://127.0.0.1:9"))
    );
    for print in ["fingerprint", "device_fingerprint"] {
        let groups: Vec<&str> = about[print].as_str().unwrap().split(' ').collect();
        assert_eq!((groups.len(), groups.concat().len()), (13, 52), "{print}");
    }
    assert_ne!(about["fingerprint"], about["device_fingerprint"]);
    assert!(about["licences"].as_array().unwrap().iter().any(|one| one["name"] == "SQLCipher"));
}

/// A device whose every word is a canary.
fn telling() -> (Phone, Vec<String>) {
    let phone = Phone::new();
    let server = format!("http://127.0.0.1:9/{CANARY}");
    phone.with(|device| {
        device.create_vault(SECRET.as_bytes()).unwrap();
        device.found_organisation(&server, Vec::new(), CANARY, CANARY, CANARY).unwrap();
    });
    let case = phone.get("new_case", json!({ "alias": CANARY, "programme": "ngo", "birthYear": null }));
    phone.get("note_write", json!({ "case": case, "text": CANARY }));
    phone.get("add_task", json!({ "case": case, "kind": "promise", "title": CANARY, "owner": CANARY, "promisedTo": CANARY }));
    phone.get("log_meeting", json!({ "id": case, "kind": "phone", "place": CANARY }));
    phone.get("search", json!({ "text": CANARY }));
    phone.get("case_view", json!({ "id": case }));
    assert_eq!(phone.code("undo", json!({ "token": CANARY })), "undo.gone");
    let me = phone.with(|device| device.whoami().unwrap());
    let secrets =
        vec![CANARY.to_lowercase(), "127.0.0.1".to_owned(), case.as_str().unwrap().to_owned(), me.device.to_string(), me.fingerprint];
    (phone, secrets)
}

#[test]
fn a_report_tells_codes_and_times_and_no_word_of_a_person() {
    let (phone, mut secrets) = telling();
    secrets.push(phone.data.path().file_name().unwrap().to_str().unwrap().to_lowercase());
    for lang in ["da", "en"] {
        phone.get("set_lang", json!({ "lang": lang }));
        for _ in 0..2 {
            let report = phone.ask("report");
            let text = report["text"].as_str().unwrap().to_owned();
            assert!(text.contains("undo.gone 1 20") && text.contains("\nopen_case ") && text.contains("\nsearch "), "{text}");
            assert!(text.contains("SQLite: 3.") && text.contains(std::env::consts::OS), "{text}");
            let all = format!("{} {text}", report["name"]).to_lowercase();
            let leaked: Vec<&String> = secrets.iter().filter(|secret| all.contains(secret.as_str())).collect();
            assert!(leaked.is_empty(), "{leaked:?} in {text}");
        }
    }
    // Counted things outlive the session, and a locked app tells what it may.
    phone.ask("lock");
    assert!(phone.ask("report")["text"].as_str().unwrap().contains("locked"));
    phone.get("unlock", json!({ "kind": "passphrase", "secret": SECRET }));
    let text = phone.ask("report")["text"].as_str().unwrap().to_owned();
    assert!(text.contains("undo.gone 1 20") && text.contains("\nunlock 1 "), "{text}");
}

#[test]
fn a_report_is_saved_as_it_was_shown_under_a_name_that_leads_nowhere() {
    let (phone, _) = Phone::in_use();
    let report = phone.ask("report");
    let place = phone.get("save_report", json!({ "report": report }));
    let file = Path::new(place.as_str().unwrap());
    assert_eq!(fs::read_to_string(file).unwrap(), report["text"].as_str().unwrap());
    assert_eq!(file.file_name().unwrap().to_str(), report["name"].as_str());
    let strange = json!({ "name": "../../settings", "text": "x" });
    let place = phone.get("save_report", json!({ "report": strange }));
    assert_eq!(Path::new(place.as_str().unwrap()).parent(), file.parent());
    let long = json!({ "name": "r.txt", "text": "a".repeat(70_000) });
    assert_eq!(phone.code("save_report", json!({ "report": long })), "vault.file");
}
