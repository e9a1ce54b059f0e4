//! Edge cases of the synthetic dataset, each by its number there.

use std::time::Duration;

use device::{
    CaseId, ItemId, Patience, Role,
    casework::{Edit, MeetingKind, MeetingView, Outcome, Programme, TaskKind, TimelineEntry},
};
use tempfile::TempDir;
use world::{Handset, MORNING_MS, Phone, Proxy, Told, WireWeather, World, process::ServerProcess, quick_folder};

const DAY_MS: i64 = 24 * 3_600_000;

/// Sixty words as a mentor writes them, different each time.
fn entry(number: usize) -> String {
    const WORDS: [&str; 24] = [
        "vi",
        "mødtes",
        "ved",
        "broen",
        "og",
        "gik",
        "en",
        "lang",
        "tur",
        "han",
        "fortalte",
        "om",
        "sin",
        "søster",
        "jobcenteret",
        "skriver",
        "igen",
        "på",
        "mandag",
        "nøglen",
        "til",
        "lejligheden",
        "mangler",
        "stadig",
    ];
    let mut state = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut word = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        WORDS[usize::try_from(state >> 40).expect("24 bits") % WORDS.len()]
    };
    let words: Vec<&str> = (0..60).map(|_| word()).collect();
    format!("{number}: {}.", words.join(" "))
}

/// Åse's phone, 45 days without a line, and Hanne's desk.
struct Away {
    _dir: TempDir,
    _server: ServerProcess,
    proxy: Proxy,
    hanne: Handset,
    aase: Handset,
    cases: Vec<CaseId>,
}

const CASES: usize = 8;
const ENTRIES: usize = 400;

impl Away {
    fn forty_five_days() -> Self {
        let dir = quick_folder();
        let server = ServerProcess::start(&dir.path().join("server"));
        let proxy = Proxy::before(&server.address, 45);
        let patience = Patience { connect: Duration::from_secs(1), silence: Duration::from_secs(5) };
        let [hanne, mut aase] = ["Hanne", "Åse"].map(|name| Handset::new(dir.path(), name, &[], patience));
        hanne.device.found_organisation(&proxy.url(), Vec::new(), "Broen", "Hanne", "bordet").expect("founded");
        hanne.sync();
        hanne.enrols(&aase, Role::Mentor);
        let case = |n: usize| aase.device.new_case(&format!("Falken {n}"), Programme::National, None).expect("a case");
        let cases: Vec<CaseId> = (0..CASES).map(case).collect();
        aase.sync();
        hanne.sync();
        for n in 0..ENTRIES {
            let days = i64::try_from(45 * (ENTRIES - n) / ENTRIES).expect("small");
            aase.clock_ahead(-days * DAY_MS);
            writes(&aase, cases[n % CASES], n);
        }
        aase.clock_ahead(0);
        aase.restart();
        Self { _dir: dir, _server: server, proxy, hanne, aase, cases }
    }

    /// Syncs as often as it takes in this weather; gives what the line carried.
    fn comes_back(&self, weather: WireWeather) -> Told {
        let before = self.proxy.told();
        self.proxy.set(weather);
        self.aase.sync_until_through(60);
        self.proxy.set(WireWeather::Clear);
        let after = self.proxy.told();
        Told { up: after.up - before.up, down: after.down - before.down, cut: after.cut - before.cut, ..after }
    }

    fn has_receipts(&self) {
        let sheet = self.aase.device.sync_sheet().expect("the sheet");
        assert_eq!((sheet.line.waiting, sheet.refused.len(), sheet.aside.len()), (0, 0, 0), "{sheet:?}");
        self.hanne.sync();
        let mut entries = 0;
        for case in &self.cases {
            let shown = self.hanne.device.case_show(*case).expect("here");
            assert_eq!(self.aase.device.case_show(*case).expect("here"), shown);
            entries += shown.notes.len() + shown.meetings.len() + shown.tasks.len();
        }
        assert_eq!(entries, ENTRIES, "each is at the coordinator's, once");
    }
}

fn writes(phone: &Handset, case: CaseId, number: usize) {
    let (id, at_ms) = (phone.device.new_item(), phone.device.host().now_ms());
    let edit = match number % 4 {
        0 => Edit::LogMeeting {
            id,
            meeting: MeetingKind::Meeting,
            at_ms,
            minutes: 60,
            place: Some(format!("hallen {number}")),
            outcome: Outcome::TookPlace,
            zone: None,
            said: None,
        },
        1 => Edit::AddTask {
            id,
            title: format!("ring til nummer {number}"),
            due: None,
            owner: None,
            task: TaskKind::Promise,
            promised_to: None,
        },
        _ => Edit::AddNote { id, text: entry(number), at_ms },
    };
    phone.device.edit(case, edit).expect("written");
}

#[test]
fn e20_forty_five_days_offline_come_through_a_line_that_is_cut_again_and_again() {
    /// What a line of 1 Mbit/s carries in a minute, in bytes.
    const A_MINUTE: u64 = 125_000 * 60;
    let clear = Away::forty_five_days();
    let whole = clear.comes_back(WireWeather::Clear);
    clear.has_receipts();
    let away = Away::forty_five_days();
    let cut = away.comes_back(WireWeather::CutEvery(64 * 1024));
    away.has_receipts();
    eprintln!("{whole:?} {cut:?}");
    assert!(cut.cut > 0, "the line was cut: {cut:?}");
    let (all, all_whole) = (cut.up + cut.down, whole.up + whole.down);
    assert!(all * 10 <= all_whole * 12, "{all} bytes with cuts, {all_whole} without");
    assert!(all <= A_MINUTE, "{all} bytes are {} s at 1 Mbit/s", all.div_ceil(125_000));
}

fn meets(phone: &Phone, case: CaseId) -> (ItemId, i64) {
    let (id, at_ms) = (phone.device.new_item(), phone.device.host().now_ms());
    let outcome = Outcome::TookPlace;
    let edit = Edit::LogMeeting { id, meeting: MeetingKind::Meeting, at_ms, minutes: 60, place: None, outcome, zone: None, said: None };
    phone.device.edit(case, edit).expect("logged");
    (id, at_ms)
}

/// The meetings of a case as a phone shows them, newest first.
fn met(phone: &Phone, case: CaseId) -> Vec<MeetingView> {
    let timeline = phone.device.case(case).expect("the view").timeline;
    timeline.into_iter().filter_map(|entry| if let TimelineEntry::Meeting(meeting) = entry { Some(meeting) } else { None }).collect()
}

#[test]
fn e07_a_clock_three_days_ahead_keeps_its_time_shows_by_how_much_and_changes_no_order() {
    let world = World::new(7);
    let hanne = world.founder("Hanne");
    let abdirahman = world.enrol(&hanne, "Abdirahman", Role::Mentor);
    let case = abdirahman.device.new_case("Falken", Programme::National, None).expect("a case");
    abdirahman.sync();
    hanne.sync();
    let (before, _) = meets(&hanne, case);
    hanne.sync();
    abdirahman.clock_ahead(3 * DAY_MS);
    let (mut expected, mut trips) = (vec![before], Vec::new());
    let mut claimed = Vec::new();
    for _ in 0..7 {
        world.pass(2 * DAY_MS);
        let (id, at_ms) = meets(&abdirahman, case);
        trips.push(abdirahman.sync().round_trips);
        world.pass(3_600_000);
        let (hers, _) = meets(&hanne, case);
        hanne.sync();
        expected.extend([id, hers]);
        claimed.push((id, at_ms));
    }
    assert_eq!(trips, [2, 1, 1, 1, 1, 1, 1], "the server's time is asked for once");
    abdirahman.clock_ahead(0);
    world.pass(DAY_MS);
    let (after, _) = meets(&abdirahman, case);
    expected.push(after);
    abdirahman.sync();
    hanne.sync();
    abdirahman.sync();
    expected.reverse();
    assert_eq!(hanne.device.case_show(case).expect("here"), abdirahman.device.case_show(case).expect("here"));
    for phone in [&hanne, &abdirahman] {
        let shown = met(phone, case);
        assert_eq!(shown.iter().map(|m| m.id).collect::<Vec<_>>(), expected, "{}", phone.name);
        for meeting in &shown {
            let said = claimed.iter().find(|(id, _)| *id == meeting.id);
            assert_eq!(meeting.clock_ahead, said.map(|_| 3 * DAY_MS), "{}: {meeting:?}", phone.name);
            assert_eq!(meeting.clock_doubt, said.is_some());
            assert!(said.is_none_or(|(_, at_ms)| *at_ms == meeting.at), "the claimed time is kept");
        }
    }
}

#[test]
fn e08_a_clock_reset_to_1970_is_taken_in_with_its_time_unknown_and_set_by_a_person_later() {
    let world = World::new(8);
    let hanne = world.founder("Hanne");
    let aase = world.enrol(&hanne, "Åse", Role::Mentor);
    let case = aase.device.new_case("Falken", Programme::National, None).expect("a case");
    let (before, _) = meets(&aase, case);
    aase.sync();
    hanne.sync();
    world.pass(20 * DAY_MS);
    assert!(hanne.device.cases().expect("rows")[0].silent, "nothing was heard for twenty days");
    aase.clock_ahead(-(MORNING_MS + 20 * DAY_MS) + 5 * 3_600_000);
    let (lost, at_ms) = meets(&aase, case);
    assert_eq!(at_ms, 5 * 3_600_000, "five hours after the beginning of 1970");
    assert!(met(&aase, case).iter().any(|m| m.id == lost && m.time_unknown && m.clock_doubt), "marked before any sync");
    let report = aase.sync();
    assert_eq!((report.round_trips, report.refused, report.pending), (2, 0, 0));
    hanne.sync();
    let shown = met(&hanne, case);
    assert_eq!(shown.iter().map(|m| m.id).collect::<Vec<_>>(), [lost, before], "it stands where it belongs, not at the end");
    assert_eq!((shown[0].at, shown[0].time_unknown), (at_ms, true), "what the phone said is kept");
    assert!(!hanne.device.cases().expect("rows")[0].silent, "a contact was had, whenever it was");

    aase.clock_ahead(0);
    let real = world_now(&aase) - 2 * 3_600_000;
    let done = aase.device.edit(case, Edit::SetMeetingAt { meeting: lost, at_ms: real, zone: None, said: None }).expect("set");
    aase.sync();
    hanne.sync();
    let shown = &met(&hanne, case)[0];
    assert_eq!((shown.at, shown.time_unknown, shown.clock_doubt, shown.clock_ahead), (real, false, false, None));
    aase.device.undo(&done.undo).expect("taken back");
    assert!(met(&aase, case)[0].time_unknown);
    assert!(hanne.device.verify().expect("verified").problems.is_empty());
}

fn world_now(phone: &Phone) -> i64 {
    phone.device.host().now_ms()
}
