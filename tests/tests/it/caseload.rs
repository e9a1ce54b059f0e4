//! What syncing costs on the wire: real devices and a real server, with every byte and every turn counted between them.

use std::{collections::BTreeSet, path::PathBuf};

use device::{
    CaseId, Cost, Device,
    casework::{Edit, MeetingKind, OfferKind, OfferStatus, Outcome, TaskKind},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use world::{
    caseload::{
        act::{Act, Writer},
        history::Office,
        office::Desk,
        tap::Tap,
    },
    process::ServerProcess,
};

/// Bytes of a kibibyte.
const KIB: u64 = 1024;

/// Two people's shared history on a server, further devices that have seen none of it, and a tap on the line.
struct Scene {
    dir: TempDir,
    tap: Tap,
    cases: Vec<CaseId>,
    _server: ServerProcess,
}

/// Words that no two lines share, as people's are.
fn words(seed: u64, length: usize) -> String {
    let mut dice = seed;
    let mut out = String::new();
    while out.len() < length {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let letters = format!("{:x}", dice >> 20);
        out.push_str(letters.get(..usize::try_from(3 + dice % 6).unwrap_or(3)).unwrap_or(&letters));
        out.push(' ');
    }
    out.truncate(length);
    out.trim().to_owned()
}

/// One line of a workload, so many minutes into a morning.
fn line(case: &str, minute: usize, who: &str, op: &str, id: &str, value: &Value) -> Value {
    let at = format!("2025-03-01T{:02}:{:02}:00.000Z", minute / 60, minute % 60);
    json!({ "t": at, "c": case, "a": who, "conc": 0, "op": op, "id": id, "v": value })
}

/// A small workload of the same kinds as the large one.
fn workload(cases: usize, letters: usize) -> Vec<Act> {
    let mut lines = Vec::new();
    for case in 0..cases {
        let name = format!("case-{case:02}");
        let mut add = |minute: usize, who: &str, op: &str, id: String, value: Value| lines.push(line(&name, minute, who, op, &id, &value));
        let seed = (case as u64) << 32;
        let profile = json!({ "alias": format!("Falk-{case}"), "born": 1999, "background": words(seed, 300) });
        add(0, "mentor", "case.create", name.clone(), profile);
        for n in 0..4_usize {
            let who = if n == 2 { "coordinator" } else { "mentor" };
            let (minute, seed) = (10 * (n + 1), seed + n as u64 + 1);
            add(minute, who, "note.add", format!("n-{case:02}-{n}"), json!({ "text": words(seed, letters) }));
            add(minute + 1, "mentor", "note.edit", format!("n-{case:02}-{n}"), json!({ "pos": 40, "del": 3, "ins": words(seed, 30) }));
            let meeting = json!({
                "kind": "samtale", "start": "2025-03-01T08:00:00.000Z", "minutes": 60, "place": "telefon",
                "attended": true, "summary": words(seed + 900, 300), "followups": [],
            });
            add(minute + 2, who, "meeting.add", format!("m-{case:02}-{n}"), meeting);
        }
        add(
            55,
            "coordinator",
            "offer.add",
            format!("o-{case:02}-0"),
            json!({ "kind": "bopæl", "status": "foreslået", "goal": "et værelse" }),
        );
    }
    lines.iter().map(Act::parse).collect()
}

/// Two people who write to each other until each case has a snapshot.
fn long_talk(cases: usize) -> Vec<Act> {
    let mut lines = Vec::new();
    for case in 0..cases {
        let name = format!("case-{case:02}");
        let mut add = |minute: usize, who: &str, op: &str, id: String, value: Value| lines.push(line(&name, minute, who, op, &id, &value));
        add(0, "mentor", "case.create", name.clone(), json!({ "alias": format!("Falk-{case}"), "born": 1999, "background": "kort" }));
        for n in 1..30_usize {
            let who = if n % 2 == 0 { "coordinator" } else { "mentor" };
            add(n, who, "note.add", format!("n-{case:02}-{n}"), json!({ "text": words((case * 100 + n) as u64, 40) }));
        }
    }
    lines.iter().map(Act::parse).collect()
}

impl Scene {
    async fn set(cases: usize, letters: usize) -> Self {
        Self::of(&workload(cases, letters)).await
    }

    async fn of(acts: &[Act]) -> Self {
        let dir = TempDir::new().expect("a folder");
        let server = ServerProcess::start(&dir.path().join("server"));
        let office = Office::open(&dir.path().join("office"), &server.url(), None, Cost::FLOOR).await;
        let (cases, _) = office.write(acts).await;
        office.enrol(&dir.path().join("phone"), None, Cost::FLOOR, Writer::Mentor).await;
        office.enrol(&dir.path().join("desk"), None, Cost::FLOOR, Writer::Coordinator).await;
        let tap = Tap::before(&server.address);
        Self { dir, tap, cases: cases.into_values().collect(), _server: server }
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The mentor's new phone, as after a restart: with a connection of its own.
    fn phone(&self) -> Desk {
        Desk::unlock(&self.folder("phone"), Some(&self.tap.url()))
    }

    /// The coordinator's new desktop.
    fn desk(&self) -> Desk {
        Desk::unlock(&self.folder("desk"), Some(&self.tap.url()))
    }

    /// Both new devices have everything and nothing to tell.
    async fn bring_up(&self) {
        for _ in 0..3 {
            self.desk().sync().await;
            self.phone().sync().await;
        }
        self.tap.take();
    }

    fn digests(&self, desk: &Desk) -> Vec<String> {
        self.cases.iter().map(|case| serde_json::to_string(&desk.device.case_show(*case).expect("here")).expect("JSON")).collect()
    }
}

fn log_meeting(device: &Device, case: CaseId, letters: usize) {
    let at_ms = device.host().now_ms();
    let log = Edit::LogMeeting {
        id: device.new_item(),
        meeting: MeetingKind::Phone,
        at_ms,
        minutes: 30,
        place: Some("telefon".to_owned()),
        outcome: Outcome::TookPlace,
        zone: None,
        said: None,
    };
    device.edit(case, log).expect("a meeting");
    device.edit(case, Edit::AddNote { id: device.new_item(), text: words(77, letters), at_ms }).expect("its text");
}

#[tokio::test]
async fn a_new_device_has_everything_after_four_turns_and_asking_again_costs_600_bytes() {
    let scene = Scene::set(3, 800).await;
    let phone = scene.phone();
    phone.sync().await;
    let first = scene.tap.take();
    assert!(first.turns <= 4, "{first:?}");
    assert!(first.up <= 20 * KIB, "{first:?}");
    assert_eq!(phone.device.cases().expect("a list").len(), scene.cases.len());
    drop(phone);
    scene.bring_up().await;
    let report = scene.phone().sync().await;
    let again = scene.tap.take();
    assert_eq!((report.round_trips, again.turns), (1, 1));
    assert!(again.total() <= 600, "{again:?}");
}

#[tokio::test]
async fn the_list_names_every_case_before_a_second_one_is_read() {
    let scene = Scene::of(&long_talk(4)).await;
    let phone = scene.phone();
    let mut changes = phone.device.changes();
    phone.sync().await;
    // With the first case, which is read at once, come the logs of all; then each case is told of by itself.
    let mut told = Vec::new();
    while let Ok(changed) = changes.try_recv() {
        if let [case] = changed.cases.as_slice() {
            told.push(*case);
        }
    }
    let others = scene.cases.len() - 1;
    assert_eq!(told.len(), 2 * others, "{told:?}");
    let (listed, read) = told.split_at(others);
    assert_eq!(listed, read, "listed by their cards, then read");
    assert_eq!(listed.iter().collect::<BTreeSet<_>>().len(), others);
}

#[tokio::test]
async fn a_meeting_of_300_letters_costs_one_round_trip_and_little_more_than_its_letters() {
    let scene = Scene::set(2, 800).await;
    scene.bring_up().await;
    let desk = scene.desk();
    log_meeting(&desk.device, scene.cases[0], 300);
    let report = desk.sync().await;
    let sent = scene.tap.take();
    assert_eq!((report.round_trips, report.sent, report.pending, sent.turns), (1, 1, 0, 1));
    assert!(sent.up * 4 <= 7 * KIB, "{sent:?}");
    let phone = scene.phone();
    let report = phone.sync().await;
    let received = scene.tap.take();
    assert_eq!((report.round_trips, report.received, received.turns), (1, 1, 1));
    assert!(received.down * 2 <= 3 * KIB, "{received:?}");
    assert_eq!(scene.digests(&desk), scene.digests(&phone));
}

#[tokio::test]
async fn a_week_apart_is_made_up_in_three_round_trips_and_both_show_the_same() {
    let scene = Scene::set(3, 800).await;
    scene.bring_up().await;
    let (desk, phone) = (scene.desk(), scene.phone());
    for case in &scene.cases {
        for device in [&desk.device, &phone.device] {
            log_meeting(device, *case, 300);
            let task = Edit::AddTask {
                id: device.new_item(),
                title: "ringe til kommunen".to_owned(),
                due: None,
                owner: None,
                task: TaskKind::Task,
                promised_to: None,
            };
            device.edit(*case, task).expect("a task");
        }
        let statuses = [(&desk, OfferStatus::Offered), (&phone, OfferStatus::Running)];
        for (one, status) in statuses {
            one.device.edit(*case, Edit::SetOfferStatus { offer: OfferKind::Relocation, status }).expect("set");
        }
    }
    desk.sync().await;
    scene.tap.take();
    let report = phone.sync().await;
    let made_up = scene.tap.take();
    assert!(report.round_trips <= 3 && made_up.turns <= 3, "{report:?} {made_up:?}");
    assert_eq!((report.pending, report.parked, report.refused), (0, 0, 0));
    desk.sync().await;
    assert_eq!(scene.digests(&desk), scene.digests(&phone));
}

#[tokio::test]
async fn a_line_cut_every_64_kib_brings_everything_for_a_tenth_more() {
    let scene = Scene::set(3, 20_000).await;
    let whole = Desk::unlock(&scene.folder("desk"), Some(&scene.tap.url()));
    whole.sync().await;
    let clean = scene.tap.take();
    assert!(clean.down > 128 * KIB, "too little to be cut: {clean:?}");
    scene.tap.cut_after(64 * KIB);
    let phone = scene.phone();
    let mut tries = 0;
    while let Err(error) = phone.courier.sync().await {
        tries += 1;
        assert!(tries < 20, "{error}");
    }
    let flaky = scene.tap.take();
    assert!(flaky.cuts >= 2, "{flaky:?}");
    assert!(flaky.total() * 10 <= clean.total() * 11, "{flaky:?} {clean:?}");
    assert_eq!(scene.digests(&whole), scene.digests(&phone));
}
