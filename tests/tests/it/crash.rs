//! A process may die anywhere: nothing acknowledged is lost, nothing is there twice.

use std::{collections::BTreeMap, os::unix::process::ExitStatusExt, process::Command, thread::sleep, time::Duration};

use serde_json::Value;
use tempfile::TempDir;
use world::{
    copy_folder,
    process::{Ran, ServerProcess, Shell, finish, program},
};

/// Two people, one case and a server, ready to be copied.
struct Scene {
    dir: TempDir,
    address: String,
    case: String,
}

impl Scene {
    fn set() -> Self {
        let dir = TempDir::new().expect("a folder");
        let server = ServerProcess::start(&dir.path().join("server"));
        let (hanne, aase) = (Shell::new(&dir.path().join("hanne")), Shell::new(&dir.path().join("aase")));
        hanne.ok(&["org", "create", "--server", &server.url(), "--name", "Broen", "--person", "Hanne"]);
        let invited = hanne.ok(&["invite", "--person", "Åse", "--role", "mentor"]);
        let joined = aase.ok(&["join", invited["invitation"].as_str().expect("text")]);
        hanne.ok(&["approve", joined["request"].as_str().expect("text")]);
        aase.ok(&["sync"]);
        let made = aase.ok(&["case", "new", "--alias", "Falken", "--programme", "national"]);
        aase.ok(&["sync"]);
        hanne.ok(&["sync"]);
        let address = server.address.clone();
        drop(server);
        Self { dir, address, case: made["case"].as_str().expect("an id").to_owned() }
    }

    fn play(&self, server_crash: Option<&str>) -> Play {
        let dir = TempDir::new().expect("a folder");
        copy_folder(self.dir.path(), dir.path());
        let server = ServerProcess::start_at(&dir.path().join("server"), &self.address, server_crash);
        let (hanne, aase) = (Shell::new(&dir.path().join("hanne")), Shell::new(&dir.path().join("aase")));
        Play { dir, server, hanne, aase, case: self.case.clone(), said: BTreeMap::new() }
    }
}

/// One run of the scene.
struct Play {
    dir: TempDir,
    server: ServerProcess,
    hanne: Shell,
    aase: Shell,
    case: String,
    /// What was written, and whether the device said that it has it.
    said: BTreeMap<String, bool>,
}

impl Play {
    fn say(&mut self, text: &str, ran: &Ran) {
        self.said.insert(text.to_owned(), ran.status.success());
    }

    /// A note by one person, with a place to die at if one is given.
    fn note(&mut self, who: &Shell, text: &str, crash: Option<&str>) {
        let arguments = ["note", "add", &self.case.clone(), "--text", text];
        let ran = crash.map_or_else(|| who.run(&arguments), |place| who.run_with_crash(place, &arguments));
        self.say(text, &ran);
    }

    /// Clears up, and finds everything that was acknowledged exactly once on both devices.
    fn end(mut self) {
        if !self.server.is_alive() {
            self.server.kill_and_restart();
        }
        for _ in 0..2 {
            self.aase.ok(&["sync"]);
            self.hanne.ok(&["sync"]);
        }
        let shows: Vec<Value> = [&self.aase, &self.hanne].iter().map(|who| who.ok(&["case", "show", &self.case])).collect();
        assert_eq!(shows[0], shows[1]);
        let texts: Vec<&str> = shows[0]["notes"].as_object().expect("notes").values().filter_map(|note| note["text"].as_str()).collect();
        for (text, acknowledged) in &self.said {
            let times = texts.iter().filter(|known| *known == text).count();
            assert!(times <= 1 && (times == 1 || !acknowledged), "{text}: {times} times, acknowledged {acknowledged}");
        }
        for who in [&self.aase, &self.hanne] {
            let status = who.ok(&["status"]);
            assert_eq!(status["waiting"], 0, "{status}");
            assert_eq!(who.ok(&["verify"])["problems"], serde_json::json!([]));
        }
        let mut check = std::process::Command::new(program("brobygger-server"));
        check.args(["verify-log", "--db"]).arg(format!("sqlite:{}", self.dir.path().join("server/log.db").display()));
        assert!(check.output().expect("runs").status.success());
    }
}

#[test]
fn a_device_may_die_at_every_named_place() {
    let scene = Scene::set();
    let mut died = BTreeMap::new();
    for point in device::crash::POINTS.iter().filter(|point| **point != "found") {
        for side in ["before", "after"] {
            let place = format!("{point}.{side}");
            let mut play = scene.play(None);
            let (aase, hanne) = (play.aase.clone(), play.hanne.clone());
            play.note(&hanne, "Hannes ord", None);
            hanne.ok(&["sync"]);
            play.note(&aase, "Åses ord", Some(&place));
            play.note(&aase, "Åses næste ord", None);
            let dead = !aase.run_with_crash(&place, &["sync"]).status.success();
            let before = play.said.values().any(|said| !said);
            aase.ok(&["sync"]);
            died.insert(place, dead || before);
            play.end();
        }
    }
    let not_met: Vec<&String> = died.iter().filter(|(_, died)| !**died).map(|(place, _)| place).collect();
    // Only a grant, a refusal or a restored server passes these, and none of them happens in this scene.
    let elsewhere = ["digest_log", "refused", "repair"];
    assert!(not_met.iter().all(|place| elsewhere.iter().any(|other| place.starts_with(other))), "{not_met:?}");
}

#[test]
fn a_device_may_die_while_it_joins() {
    for place in [
        "found.before",
        "found.after",
        "found.before:2",
        "found.after:2",
        "request.before",
        "request.after",
        "inbox.before",
        "inbox.after",
        "digest_log.before",
        "digest_log.after",
    ] {
        let dir = TempDir::new().expect("a folder");
        let server = ServerProcess::start(&dir.path().join("server"));
        let (hanne, aase) = (Shell::new(&dir.path().join("hanne")), Shell::new(&dir.path().join("aase")));
        let found = ["org", "create", "--server", &server.url(), "--name", "Broen", "--person", "Hanne"];
        if !hanne.run_with_crash(place, &found).status.success() {
            hanne.run(&found);
        }
        hanne.ok(&["sync"]);
        let invited = hanne.ok(&["invite", "--person", "Åse", "--role", "mentor"]);
        let invitation = invited["invitation"].as_str().expect("text").to_owned();
        if !aase.run_with_crash(place, &["join", &invitation]).status.success() {
            aase.run(&["join", &invitation]);
        }
        aase.run(&["sync"]);
        let requests = hanne.ok(&["requests"]);
        hanne.ok(&["approve", requests["requests"][0]["id"].as_str().expect("somebody asked")]);
        aase.run_with_crash(place, &["sync"]);
        aase.ok(&["sync"]);
        let people = aase.ok(&["people"]);
        assert_eq!(people["people"].as_array().expect("people").len(), 2, "{place}: {people}");
        assert_eq!(aase.ok(&["verify"])["problems"], serde_json::json!([]), "{place}");
    }
}

#[test]
fn the_server_may_die_at_every_named_place() {
    let scene = Scene::set();
    for place in server::crash::POINTS {
        let mut play = scene.play(Some(place));
        let (aase, hanne) = (play.aase.clone(), play.hanne.clone());
        play.note(&aase, "Åses ord", None);
        play.note(&hanne, "Hannes ord", None);
        aase.run(&["sync"]);
        if !play.server.is_alive() {
            play.server.kill_and_restart();
        }
        hanne.run(&["sync"]);
        play.note(&aase, "Åses næste ord", None);
        play.end();
    }
}

#[test]
fn a_fault_of_the_command_line_says_where_and_not_what_and_leaves_no_core() {
    let scene = Scene::set();
    let play = scene.play(None);
    let note = ["note", "add", &play.case, "--text", "Åses ord"];
    let fell = play.aase.run_with_crash("edit.before:panic", &note);
    assert!(!fell.status.success() && fell.stderr.contains("stopped at ") && !fell.stderr.contains("words"), "{fell:?}");
    // As when somebody has allowed cores: what is started here has the limits of whoever starts it.
    let faulty = play.aase.command(&note);
    let mut allowed = Command::new("sh");
    allowed.args(["-c", "ulimit -c unlimited 2>/dev/null; exec \"$0\" \"$@\""]).arg(faulty.get_program()).args(faulty.get_args());
    let aborted = allowed.current_dir(play.dir.path()).env("BROBYGGER_CRASH_AT", "edit.before").status().expect("starts");
    assert!(aborted.signal().is_some() && !aborted.core_dumped(), "{aborted:?}");
}

#[test]
fn a_fault_of_the_server_says_where_and_not_what_and_leaves_no_core() {
    let scene = Scene::set();
    let mut play = scene.play(Some("push.before_commit:panic"));
    let aase = play.aase.clone();
    play.note(&aase, "Åses ord", None);
    assert!(!aase.run(&["sync"]).status.success());
    let said = play.server.said();
    assert!(said.contains("stopped at ") && !said.contains("words"), "{said}");
    let limits = play.server.limits();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit of cores");
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    play.end();
}

#[test]
fn fifty_kills_lose_nothing_acknowledged() {
    let scene = Scene::set();
    let mut play = scene.play(None);
    let mut seed = 20_261_122_u64;
    for n in 0..50 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let dice = seed >> 33;
        let who = if dice.is_multiple_of(2) { play.aase.clone() } else { play.hanne.clone() };
        let text = format!("ord nummer {n}");
        let case = play.case.clone();
        let writes = !dice.is_multiple_of(3);
        let arguments: Vec<&str> = if writes { vec!["note", "add", &case, "--text", &text] } else { vec!["sync"] };
        let mut child = who.command(&arguments).spawn().expect("starts");
        sleep(Duration::from_millis((dice >> 4) % 160));
        if (dice >> 12).is_multiple_of(4) {
            play.server.kill_and_restart();
        } else {
            let _ = child.kill();
        }
        let ran = finish(child);
        if writes {
            play.say(&text, &ran);
        }
    }
    assert!(play.said.values().any(|said| *said) && play.said.values().any(|said| !said), "some were killed and some were not");
    play.end();
}
