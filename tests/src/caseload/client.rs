//! The client half of the protocol of `benches/peers`: words in, one JSON object a line out.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, Write},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use device::{
    CaseId, Cost, Device, Role,
    casework::{CaseShow, MeetingKind},
};
use serde_json::{Map, Value, json};
use tokio::sync::broadcast::error::RecvError;

use super::{
    act::{self, Writer},
    history::Office,
    office::Desk,
};

/// Devices that the runner measures, enrolled when the history is made; it copies them for each new device it needs.
const FRESH: [(&str, Writer); 2] = [("dir-fresh-mentor", Writer::Mentor), ("dir-fresh-coordinator", Writer::Coordinator)];

/// The words of one call.
#[derive(Debug, Clone)]
pub struct Words(BTreeMap<String, String>);

impl Words {
    /// `--name value` and `--name` alone.
    pub fn read(arguments: impl Iterator<Item = String>) -> Self {
        let all: Vec<String> = arguments.collect();
        let mut words = BTreeMap::new();
        for (place, word) in all.iter().enumerate() {
            let Some(name) = word.strip_prefix("--") else { continue };
            let value = all.get(place + 1).filter(|next| !next.starts_with("--")).cloned();
            words.insert(name.to_owned(), value.unwrap_or_default());
        }
        Self(words)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn must(&self, name: &str) -> &str {
        self.get(name).unwrap_or_else(|| panic!("--{name} is missing"))
    }

    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from(self.must(name))
    }
}

fn emit(event: &Value) {
    let mut out = std::io::stdout().lock();
    // Whoever started this may have stopped listening.
    let _ = writeln!(out, "{event}").and_then(|()| out.flush());
}

fn read_json(path: &Path) -> Map<String, Value> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("a JSON object")
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

/// Bytes of memory by their name in `/proc/self/status`, in KiB.
fn memory_kib(what: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap_or_default();
    line.split_whitespace().find_map(|word| word.parse().ok()).unwrap_or(0)
}

/// Forgets the peak so far: what unlocking took is told apart.
fn forget_peak() -> u64 {
    let peak = memory_kib("VmHWM:");
    let _ = fs::write("/proc/self/clear_refs", "5");
    peak
}

/// What a case holds, in the workload's own terms: a meeting's text is a note here, and so is the background of a case.
fn counts(show: &CaseShow) -> Value {
    let offers = show.offers.values().filter(|offer| !offer.steps.is_empty()).count();
    let notes = show.notes.len().saturating_sub(show.meetings.len()).saturating_sub(1);
    json!({ "offers": offers, "meetings": show.meetings.len(), "notes": notes, "tasks": show.tasks.len() })
}

fn digest(show: &CaseShow) -> String {
    let bytes = serde_json::to_vec(show).expect("it serialises");
    server::sha256(&bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// What every case holds and what it digests to.
fn contents(device: &Device, cases: &BTreeMap<String, CaseId>) -> Map<String, Value> {
    let shown = cases.iter().filter_map(|(name, case)| Some((name.clone(), device.case_show(*case).ok()?)));
    shown.map(|(name, show)| (name, json!({ "digest": digest(&show), "counts": counts(&show) }))).collect()
}

fn is_as(wanted: &Value, found: Option<&Value>) -> bool {
    let Some(found) = found else { return false };
    found["counts"] == wanted["counts"] && (wanted["digest"].is_null() || wanted["digest"] == found["digest"])
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Does what the words say, until `quit` comes.
pub fn run(words: &Words) {
    if words.get("seed").is_some() { seed(words) } else { measure(words) }
}

fn seed(words: &Words) {
    let dir = words.path("dir");
    let home = dir.parent().expect("a folder in a folder").to_owned();
    let acts = act::read(&words.path("seed"));
    let begun = Instant::now();
    let (office, cases) = runtime().block_on(async {
        let office = Office::open(&dir, words.must("server"), words.get("url"), Cost::DESKTOP).await;
        let (cases, edits) = office.write(&acts).await;
        emit(&json!({ "ev": "built", "ms": ms(begun), "edits": edits, "acts": acts.len() }));
        for (name, writer) in FRESH {
            office.enrol(&home.join(name), words.get("url"), Cost::DESKTOP, writer).await;
        }
        (office, cases)
    });
    let ids: Map<String, Value> = cases.iter().map(|(name, case)| (name.clone(), json!(case.to_string()))).collect();
    let found = contents(&office.mentor.device, &cases);
    fs::write(words.path("ids"), Value::Object(ids).to_string()).expect("written");
    fs::write(words.path("target"), Value::Object(found.clone()).to_string()).expect("written");
    emit(&json!({ "ev": "synced", "ms": 0, "requests": office.mentor.road.trips() + office.coordinator.road.trips() }));
    wait_for_quit();
    let same = found == contents(&office.coordinator.device, &cases);
    emit(&json!({ "ev": "done", "converged": same, "rss_peak_kb": memory_kib("VmHWM:") }));
}

fn wait_for_quit() {
    for line in std::io::stdin().lock().lines() {
        if line.is_ok_and(|line| line == "quit") {
            return;
        }
    }
}

fn measure(words: &Words) {
    let ids = read_json(&words.path("ids"));
    let cases: BTreeMap<String, CaseId> = ids
        .iter()
        .filter_map(|(name, id)| Some((name.clone(), id.as_str()?.parse().ok()?)))
        .filter(|(name, _)| name.starts_with("case-"))
        .collect();
    let begun = Instant::now();
    let desk = Arc::new(Desk::unlock(&words.path("dir"), words.get("url")));
    let kdf_kib = forget_peak();
    let fresh = words.get("fresh").is_some();
    emit(&json!({ "ev": "unlocked", "ms": ms(begun), "rss_peak_kb": kdf_kib }));
    if let Some(file) = words.get("apply") {
        apply(&desk, &cases, Path::new(file));
    }
    emit(&json!({ "ev": "open", "ms": ms(begun) }));
    let mut peak = 0;
    if let Some(file) = words.get("until").filter(|_| words.get("url").is_some()) {
        let target = read_json(Path::new(file));
        sync_until(&desk, &cases, &target, fresh);
        peak = memory_kib("VmHWM:");
        if fresh {
            open_each(&desk, &cases);
        }
    }
    if let Some(rounds) = words.get("rounds") {
        crowd(&desk, &cases, rounds.parse().expect("a number"), words.get("writing").is_some());
    }
    wait_for_quit();
    let found = contents(&desk.device, &cases);
    let part = |key: &str| -> Map<String, Value> { found.iter().map(|(name, one)| (name.clone(), one[key].clone())).collect() };
    let all = memory_kib("VmHWM:");
    emit(&json!({
        "ev": "done", "digest": part("digest"), "counts": part("counts"),
        "rss_peak_kb": if peak > 0 { peak } else { all }, "rss_peak_all_kb": all, "kdf_peak_kb": kdf_kib,
    }));
}

fn apply(desk: &Desk, cases: &BTreeMap<String, CaseId>, file: &Path) {
    let acts = act::read(file);
    let begun = Instant::now();
    let edits: usize = acts
        .iter()
        .map(|act| desk.hold(act.at_ms, |device| act.apply(device, cases[&act.case])).unwrap_or_else(|error| panic!("{act:?}: {error}")))
        .sum();
    emit(&json!({ "ev": "applied", "n": acts.len(), "edits": edits, "ms": ms(begun) }));
}

/// Does what many devices do, one after another: asks whether there is anything new, or first writes a meeting down.
fn crowd(desk: &Desk, cases: &BTreeMap<String, CaseId>, rounds: u32, writing: bool) {
    let (runtime, begun) = (runtime(), Instant::now());
    let case = *cases.values().next().expect("a case");
    for _ in 0..rounds {
        if writing {
            desk.device.log_meeting(case, MeetingKind::Meeting, None, Some(60), None).expect("a meeting");
        }
        runtime.block_on(desk.courier.sync()).expect("a sync on a good line");
    }
    emit(&json!({ "ev": "crowd", "rounds": rounds, "ms": ms(begun) }));
}

/// Syncs until everything is as the target says; on a new device tells of the milestones on the way.
fn sync_until(desk: &Arc<Desk>, cases: &BTreeMap<String, CaseId>, target: &Map<String, Value>, fresh: bool) {
    let begun = Instant::now();
    let watcher = fresh.then(|| watch(desk, cases, target, begun));
    let pause = std::env::var("RETRY_MS").ok().and_then(|text| text.parse().ok()).unwrap_or(1000);
    loop {
        let worker = Arc::clone(desk);
        let ended = thread::spawn(move || runtime().block_on(worker.courier.sync())).join().expect("the courier stands");
        let at = ms(begun);
        match ended {
            Ok(report) => {
                emit(&json!({ "ev": "sync", "ms": at, "report": report, "rss_peak_kb": memory_kib("VmHWM:") }));
                let found = contents(&desk.device, cases);
                if target.iter().all(|(name, wanted)| is_as(wanted, found.get(name))) {
                    emit(&json!({ "ev": "synced", "ms": at, "requests": desk.road.trips() }));
                    break;
                }
            }
            Err(error) => emit(&json!({ "ev": "cut", "ms": at, "code": error.code() })),
        }
        thread::sleep(Duration::from_millis(pause));
    }
    if let Some(watcher) = watcher {
        watcher.join().expect("the watcher saw them all");
    }
    // What a coordinator's device has to tell of what it received goes out with its next question.
    if desk.device.me().is_ok_and(|me| me.role == Role::Coordinator) {
        let rest = runtime().block_on(desk.courier.sync());
        emit(&json!({ "ev": "rest", "report": rest.ok() }));
    }
}

/// Looks as a screen would, whenever the device says that something changed: at the list, then into one case.
fn watch(desk: &Arc<Desk>, cases: &BTreeMap<String, CaseId>, target: &Map<String, Value>, begun: Instant) -> thread::JoinHandle<()> {
    let mut changes = desk.device.changes();
    let (desk, cases, target) = (Arc::clone(desk), cases.clone(), target.clone());
    thread::spawn(move || {
        let (mut first, mut listed) = (false, false);
        while !(first && listed) {
            let changed = match changes.blocking_recv() {
                Ok(changed) => changed,
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return,
            };
            let rows = desk.device.cases().unwrap_or_default();
            if !listed && rows.len() >= target.len() && rows.iter().all(|row| !row.alias.is_empty()) {
                listed = true;
                emit(&json!({ "ev": "listed", "ms": ms(begun), "rows": rows.len() }));
            }
            for case in changed.cases.iter().filter(|_| !first) {
                let Some((name, _)) = cases.iter().find(|(_, id)| *id == case) else { continue };
                let Ok(show) = desk.device.case_show(*case) else { continue };
                if counts(&show) == target[name]["counts"] {
                    first = true;
                    emit(&json!({ "ev": "first_case", "ms": ms(begun) }));
                    break;
                }
            }
        }
    })
}

/// Opens every case as a person would after a restart: nothing of it is in memory.
fn open_each(desk: &Desk, cases: &BTreeMap<String, CaseId>) {
    let mut times = Vec::new();
    for case in cases.values() {
        let begun = Instant::now();
        let view = desk.device.case(*case).expect("the case opens");
        std::hint::black_box(view);
        times.push(ms(begun));
    }
    times.sort_by(f64::total_cmp);
    let begun = Instant::now();
    let hits = desk.device.search("bolig").expect("it searches").len();
    emit(&json!({
        "ev": "opened", "worst_ms": times.last(), "median_ms": times.get(times.len() / 2),
        "search_ms": ms(begun), "hits": hits,
    }));
}
