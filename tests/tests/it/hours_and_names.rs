//! Edge cases of the invented organisation, each by its id: hours that come twice or never, names that are alike.

use serde_json::Value;
use tempfile::TempDir;
use world::process::Shell;

use crate::cli::{team, text};

/// Runs a command where the clocks are those of this zone.
fn in_zone(shell: &Shell, zone: &str, arguments: &[&str]) -> Value {
    let mut command = shell.command(arguments);
    command.env("TZ", zone);
    let ran = world::process::finish(command.spawn().expect("the command starts"));
    assert!(ran.status.success(), "{arguments:?}: {ran:?}");
    ran.json()
}

fn at_home(shell: &Shell, arguments: &[&str]) -> Value {
    in_zone(shell, "Europe/Copenhagen", arguments)
}

fn new_case(shell: &Shell, alias: &str) -> String {
    text(&shell.ok(&["case", "new", "--alias", alias, "--programme", "national"])["case"])
}

fn meetings(shell: &Shell, case: &str) -> Vec<Value> {
    let shown = shell.ok(&["case", "show", case]);
    let mut all: Vec<Value> = shown["meetings"].as_object().expect("meetings").values().cloned().collect();
    all.sort_by_key(|one| one["took_place_at_ms"].as_i64());
    all
}

fn ms(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().expect("a time").as_millisecond()
}

#[test]
fn e03_a_meeting_in_the_skipped_hour_is_moved_behind_it_and_says_so() {
    let dir = TempDir::new().expect("a folder");
    let (_server, hanne, aase) = team(&dir);
    let case = new_case(&aase, "Falken");
    let log = ["meeting", "log", &case, "--kind", "phone", "--at", "2025-03-30T02:30", "--minutes", "20"];
    let logged = at_home(&aase, &log);
    assert_eq!(logged["said"], "2025-03-30T02:30");
    at_home(&aase, &["meeting", "log", &case, "--kind", "phone", "--at", "2025-03-30T04:30", "--minutes", "20"]);
    aase.ok(&["sync"]);
    hanne.ok(&["sync"]);
    let seen = meetings(&hanne, &case);
    assert_eq!(seen[0]["took_place_at_ms"], ms("2025-03-30T03:30:00+02:00"));
    assert_eq!((&seen[0]["minutes"], &seen[0]["said"]), (&Value::from(20), &Value::from("2025-03-30T02:30")));
    assert_eq!(seen[1]["said"], Value::Null);
}

#[test]
fn e04_two_calls_in_the_hour_that_comes_twice_stay_two_an_hour_apart() {
    let dir = TempDir::new().expect("a folder");
    let (_server, hanne, aase) = team(&dir);
    let case = new_case(&aase, "Falken");
    for at in ["2025-10-26T02:15+01:00", "2025-10-26T02:15+02:00"] {
        at_home(&aase, &["meeting", "log", &case, "--kind", "phone", "--at", at]);
    }
    aase.ok(&["sync"]);
    hanne.ok(&["sync"]);
    let seen = meetings(&hanne, &case);
    let times: Vec<i64> = seen.iter().filter_map(|one| one["took_place_at_ms"].as_i64()).collect();
    assert_eq!(times, [ms("2025-10-26T00:15:00Z"), ms("2025-10-26T01:15:00Z")]);
    let shown = at_home(&hanne, &["case", "show", &case]);
    assert_eq!(shown["meetings"].as_object().map(serde_json::Map::len), Some(2));
}

#[test]
fn e05_a_meeting_over_midnight_is_one_on_the_day_and_in_the_quarter_it_began() {
    let dir = TempDir::new().expect("a folder");
    let (_server, hanne, aase) = team(&dir);
    let case = new_case(&aase, "Falken");
    for at in ["2025-10-25T23:30", "2025-12-31T23:30"] {
        at_home(&aase, &["meeting", "log", &case, "--kind", "meeting", "--at", at, "--minutes", "60"]);
    }
    // Three hours on the night on which the clocks go back are four hours of the wall clock's reckoning, and still three.
    at_home(&aase, &["meeting", "log", &case, "--kind", "crisis_call", "--at", "2025-10-26T00:30", "--minutes", "180"]);
    aase.ok(&["sync"]);
    hanne.ok(&["sync"]);
    let zone = jiff::tz::TimeZone::get("Europe/Copenhagen").expect("a zone");
    let spans: Vec<(String, String)> = meetings(&hanne, &case)
        .iter()
        .map(|one| {
            let begun = jiff::Timestamp::from_millisecond(one["took_place_at_ms"].as_i64().expect("a time")).expect("a time");
            let ended = begun + jiff::SignedDuration::from_mins(one["minutes"].as_i64().expect("a length"));
            let local = |at: jiff::Timestamp| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
            (local(begun), local(ended))
        })
        .collect();
    let said = |begun: &str, ended: &str| (begun.to_owned(), ended.to_owned());
    assert_eq!(
        spans,
        [
            said("2025-10-25 23:30", "2025-10-26 00:30"),
            said("2025-10-26 00:30", "2025-10-26 02:30"),
            said("2025-12-31 23:30", "2026-01-01 00:30"),
        ]
    );
}

#[test]
fn e06_an_hour_logged_in_nuuk_is_kept_with_where_it_was() {
    let dir = TempDir::new().expect("a folder");
    let (_server, hanne, aase) = team(&dir);
    let case = new_case(&aase, "Falken");
    in_zone(&aase, "America/Nuuk", &["meeting", "log", &case, "--kind", "meeting", "--at", "2026-06-01T14:00"]);
    aase.ok(&["sync"]);
    at_home(&hanne, &["sync"]);
    let seen = meetings(&hanne, &case);
    assert_eq!(seen[0]["took_place_at_ms"], ms("2026-06-01T14:00:00-01:00"));
    assert_eq!(seen[0]["zone"], "America/Nuuk");
}

#[test]
fn e08_when_a_meeting_was_is_set_anew_with_its_zone_and_taken_back() {
    let dir = TempDir::new().expect("a folder");
    let (_server, hanne, aase) = team(&dir);
    let case = new_case(&aase, "Falken");
    let log = ["meeting", "log", &case, "--kind", "phone", "--at", "2025-03-30T02:30"];
    let meeting = text(&at_home(&aase, &log)["meeting"]);
    let short: String = meeting.chars().take(8).collect();
    let set = in_zone(&aase, "America/Nuuk", &["meeting", "time", &case, &short, "--at", "2026-06-01T14:00"]);
    assert_eq!((&set["meeting"], &set["at_ms"]), (&Value::from(meeting.as_str()), &Value::from(ms("2026-06-01T14:00:00-01:00"))));
    aase.ok(&["sync"]);
    hanne.ok(&["sync"]);
    let seen = meetings(&hanne, &case);
    assert_eq!(seen[0]["took_place_at_ms"], ms("2026-06-01T14:00:00-01:00"));
    assert_eq!((&seen[0]["zone"], &seen[0]["said"]), (&Value::from("America/Nuuk"), &Value::Null), "what was said goes with its time");
    let history = hanne.ok(&["history", &case]);
    let acts: Vec<&str> = history["history"].as_array().expect("acts").iter().filter_map(|one| one["act"].as_str()).collect();
    assert!(acts.contains(&"meeting.log") && acts.contains(&"meeting.at"), "{acts:?}");
    aase.ok(&["undo", &text(&set["undo"])]);
    let back = meetings(&aase, &case);
    assert_eq!(back[0]["took_place_at_ms"], ms("2025-03-30T03:30:00+02:00"));
    assert_eq!((&back[0]["zone"], &back[0]["said"]), (&Value::from("Europe/Copenhagen"), &Value::from("2025-03-30T02:30")));
    let ran = aase.run(&["meeting", "time", &case, &short, "--at", "i går"]);
    assert!(!ran.status.success(), "{ran:?}");
}

#[test]
fn e15_people_with_one_name_stay_as_many_as_they_are() {
    let dir = TempDir::new().expect("a folder");
    let (_server, hanne, aase) = team(&dir);
    let mut joined = Vec::new();
    for (folder, name) in [("emil-1", "Emil Sørensen"), ("emil-2", "Emil Sørensen"), ("emil-3", "Emil Sörensen")] {
        let shell = Shell::new(&dir.path().join(folder));
        let invited = hanne.ok(&["invite", "--person", name, "--role", "mentor"]);
        let request = text(&shell.ok(&["join", &text(&invited["invitation"])])["request"]);
        hanne.ok(&["approve", &request]);
        shell.ok(&["sync"]);
        joined.push(shell);
    }
    let cases = [new_case(&aase, "Emil Sørensen"), new_case(&aase, "Emil Sørensen"), new_case(&joined[0], "Emil Sørensen")];
    for who in [&aase, &joined[0], &hanne, &aase] {
        who.ok(&["sync"]);
    }
    let people = hanne.ok(&["people"]);
    let emils: Vec<&Value> =
        people["people"].as_array().expect("people").iter().filter(|one| text(&one["name"]).starts_with("Emil")).collect();
    assert_eq!(emils.len(), 3, "{people}");
    let mut ids: Vec<String> = emils.iter().map(|one| text(&one["id"])).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    for case in &cases {
        assert_eq!(hanne.ok(&["case", "show", case])["id"], case.as_str());
    }
    assert_eq!(hanne.ok(&["case", "list"])["cases"].as_array().map(Vec::len), Some(3));
    assert_eq!(hanne.ok(&["conflicts"])["conflicts"].as_array().map(Vec::len), Some(0));
    let ran = hanne.run(&["case", "assign", &cases[0], "Emil Sørensen"]);
    assert!(!ran.status.success(), "a name that three people have names none: {ran:?}");
    hanne.ok(&["case", "assign", &cases[0], &ids[0]]);
}
