//! Three phones, a real server in a process of its own, and bad weather on the sockets between them: all end with the same case, and
//! everything that was acknowledged is there once.

use std::{collections::BTreeSet, fs, thread, time::Duration};

use device::{
    CaseId, ItemId, Patience, Role,
    casework::{CaseShow, Edit, MeetingKind, OfferKind, OfferStatus, Outcome, Programme, TaskKind},
};
use tempfile::TempDir;
use world::{
    Handset, Proxy, WireWeather,
    process::{ServerProcess, program},
    quick_folder,
};

/// Short, so that a test does not wait for what a phone waits for.
const PATIENCE: Patience = Patience { connect: Duration::from_millis(500), silence: Duration::from_millis(900) };

/// Everything a person was told is kept.
#[derive(Debug, Default)]
struct Said {
    half_hours: usize,
    words: BTreeSet<String>,
    notes: BTreeSet<(ItemId, String)>,
    meetings: BTreeSet<ItemId>,
    tasks: BTreeSet<(ItemId, String)>,
}

/// Hanne, who coordinates, Åse and Emil, who share a case; the weather lies between all of them and the server.
struct Field {
    dir: TempDir,
    server: ServerProcess,
    proxy: Proxy,
    phones: [Handset; 3],
    case: CaseId,
    note: ItemId,
    said: Said,
}

impl Field {
    fn set() -> Self {
        let dir = quick_folder();
        let server = ServerProcess::start(&dir.path().join("server"));
        let proxy = Proxy::before(&server.address, 20_261_122);
        let url = proxy.url();
        Self::with(dir, server, proxy, &url, Vec::new())
    }

    /// The same behind TLS, where one connection carries all requests of a phone.
    fn set_behind_tls() -> Self {
        let dir = quick_folder();
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
        let (certificate, key) = (dir.path().join("own.pem"), dir.path().join("own.key"));
        fs::write(&certificate, made.cert.pem()).expect("written");
        fs::write(&key, made.signing_key.serialize_pem()).expect("written");
        let server = ServerProcess::start_tls(&dir.path().join("server"), &certificate, &key);
        let proxy = Proxy::before(&server.address, 20_261_122);
        let url = proxy.tls_url();
        Self::with(dir, server, proxy, &url, vec![made.cert.der().to_vec()])
    }

    fn with(dir: TempDir, server: ServerProcess, proxy: Proxy, url: &str, certificates: Vec<Vec<u8>>) -> Self {
        let phones = ["Hanne", "Åse", "Emil"].map(|name| Handset::new(dir.path(), name, &certificates, PATIENCE));
        let [hanne, aase, emil] = &phones;
        hanne.device.found_organisation(url, certificates, "Broen", "Hanne", "bordet").expect("founded");
        hanne.sync();
        hanne.enrols(aase, Role::Mentor);
        hanne.enrols(emil, Role::Mentor);
        let case = aase.device.new_case("Falken", Programme::National, None).expect("a case");
        let note = aase.device.new_item();
        aase.device.edit(case, Edit::AddNote { id: note, text: "Vi mødtes.".to_owned(), at_ms: 0 }).expect("a note");
        aase.sync();
        hanne.sync();
        hanne.device.assign(case, emil.member(), None).expect("assigned");
        hanne.sync();
        emil.sync();
        Self { dir, server, proxy, phones, case, note, said: Said::default() }
    }

    /// One person's half hour: words in the note that all share, a note, a meeting, a task and an offer.
    fn works(&mut self, who: usize, filler: usize) {
        self.said.half_hours += 1;
        let number = self.said.half_hours;
        let phone = &self.phones[who];
        let does = |edit: Edit| drop(phone.device.edit(self.case, edit).expect("done"));
        let id = || phone.device.new_item();
        let at_ms = phone.device.host().now_ms();
        let word = format!("{}{number}", phone.name);
        does(Edit::SpliceNote { note: self.note, at: 0, delete: 0, insert: format!("{word} ") });
        self.said.words.insert(word.clone());
        let (note, text) = (id(), format!("{word} skrev: {}", noise(filler, number as u64)));
        does(Edit::AddNote { id: note, text: text.clone(), at_ms });
        self.said.notes.insert((note, text));
        let meeting = id();
        let kind = MeetingKind::Activity;
        does(Edit::LogMeeting {
            id: meeting,
            meeting: kind,
            at_ms,
            minutes: 90,
            place: Some("hallen".into()),
            outcome: Outcome::TookPlace,
            zone: None,
            said: None,
        });
        self.said.meetings.insert(meeting);
        let (task, title) = (id(), format!("{word} ringer"));
        let promised_to = Some("Falken".to_owned());
        does(Edit::AddTask { id: task, title: title.clone(), due: None, owner: None, task: TaskKind::Promise, promised_to });
        self.said.tasks.insert((task, title));
        // Each has an offer of their own: a disagreement is another story.
        let status = OfferStatus::ALL[number % OfferStatus::ALL.len()];
        does(Edit::SetOfferStatus { offer: OfferKind::ALL[who], status });
    }

    /// Rounds of work, everybody syncing after theirs as often as it takes; then until all have all.
    fn story(&mut self, weather: WireWeather, rounds: usize, filler: usize) {
        self.proxy.set(weather);
        for _ in 0..rounds {
            for who in [1, 0, 2] {
                self.works(who, filler);
                self.phones[who].sync_until_through(60);
            }
        }
        self.meet();
    }

    fn meet(&self) {
        for phone in self.phones.iter().chain(&self.phones) {
            phone.sync_until_through(60);
        }
    }

    /// All see the same, everything said is there once, nothing was refused, and every store holds what it should.
    fn end(self) {
        let shown = self.phones[0].device.case_show(self.case).expect("here");
        self.is_all_there_once(&shown);
        for phone in &self.phones {
            assert_eq!(phone.device.case_show(self.case).expect("here"), shown, "{}", phone.name);
            let sheet = phone.device.sync_sheet().expect("the sheet");
            let counts = (sheet.line.waiting, sheet.parked, sheet.aside.len(), sheet.refused.len());
            assert_eq!(counts, (0, 0, 0, 0), "{}: {sheet:?}", phone.name);
            assert!(phone.device.verify().expect("verified").problems.is_empty(), "{}", phone.name);
        }
        assert!(shown.conflicts.is_empty(), "nobody contradicted anybody: {:?}", shown.conflicts);
        let mut check = std::process::Command::new(program("brobygger-server"));
        check.args(["verify-log", "--db"]).arg(format!("sqlite:{}", self.dir.path().join("server/log.db").display()));
        assert!(check.output().expect("runs").status.success());
    }

    fn is_all_there_once(&self, shown: &CaseShow) {
        let shared = &shown.notes[&self.note].text;
        for word in &self.said.words {
            assert_eq!(shared.matches(&format!("{word} ")).count(), 1, "{word} in {shared}");
        }
        let notes: BTreeSet<(ItemId, String)> =
            shown.notes.iter().filter(|(id, _)| **id != self.note).map(|(id, note)| (*id, note.text.clone())).collect();
        assert_eq!(notes, self.said.notes);
        assert_eq!(shown.meetings.keys().copied().collect::<BTreeSet<_>>(), self.said.meetings);
        let tasks: BTreeSet<(ItemId, String)> = shown.tasks.iter().map(|(id, task)| (*id, task.title.clone())).collect();
        assert_eq!(tasks, self.said.tasks);
    }
}

/// So many letters in which nothing repeats, so that no compression makes them few.
fn noise(letters: usize, seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
    let mut letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b"abcdefghijklmnopqrstuvwxyz      "[(state >> 59) as usize])
    };
    (0..letters).map(|_| letter()).collect()
}

#[test]
fn offline_work_waits_and_arrives_once_when_the_line_is_back() {
    let mut field = Field::set();
    field.proxy.set(WireWeather::Offline);
    for _ in 0..3 {
        for who in 0..3 {
            field.works(who, 200);
            assert_eq!(field.phones[who].try_sync().expect_err("nobody answers").code(), "net.offline");
        }
    }
    let waiting: Vec<u64> = field.phones.iter().map(|phone| phone.device.sync_line().expect("the line").waiting).collect();
    assert!(waiting.iter().all(|waiting| *waiting > 0), "{waiting:?}");
    field.story(WireWeather::Clear, 1, 200);
    field.end();
}

#[test]
fn two_hundred_milliseconds_each_way_cost_time_and_nothing_else() {
    let mut field = Field::set();
    field.story(WireWeather::Latency(Duration::from_millis(200)), 2, 200);
    field.end();
}

#[test]
fn three_percent_loss_costs_time_and_nothing_else() {
    let mut field = Field::set();
    field.story(WireWeather::Loss { percent: 3, resent_after: Duration::from_millis(50) }, 3, 10_000);
    assert!(field.proxy.told().resent > 0, "{:?}", field.proxy.told());
    field.end();
}

#[test]
fn a_line_cut_every_64_kib_carries_everything_in_the_end() {
    let mut field = Field::set();
    field.story(WireWeather::CutEvery(64 * 1024), 3, 24_000);
    assert!(field.proxy.told().cut >= 3, "{:?}", field.proxy.told());
    field.end();
}

#[test]
fn a_half_open_line_is_noticed_by_the_phone_itself() {
    let mut field = Field::set();
    field.story(WireWeather::HalfOpen { after: 2_000, every: 2 }, 3, 200);
    assert!(field.proxy.told().silent > 0, "{:?}", field.proxy.told());
    field.end();
}

#[test]
fn a_half_open_line_behind_tls_is_left_for_another() {
    let mut field = Field::set_behind_tls();
    field.story(WireWeather::HalfOpen { after: 6_000, every: 2 }, 3, 200);
    assert!(field.proxy.told().silent > 0, "{:?}", field.proxy.told());
    field.end();
}

#[test]
fn duplicates_of_every_request_leave_everything_there_once() {
    let mut field = Field::set();
    field.story(WireWeather::Duplicates, 2, 200);
    let told = field.proxy.told();
    assert!(told.repeated >= 12, "every request went twice: {told:?}");
    field.end();
}

#[test]
fn a_slow_server_that_goes_on_speaking_is_heard_to_the_end() {
    let mut field = Field::set();
    let every = Duration::from_millis(25);
    assert!(every < PATIENCE.silence);
    field.story(WireWeather::Drip { bytes: 128, every }, 1, 8_000);
    assert_eq!(field.proxy.told().cut, 0);
    field.end();
}

#[test]
fn a_clock_years_off_costs_one_retry_with_the_servers_time() {
    const YEAR_MS: i64 = 365 * 24 * 3_600_000;
    let mut field = Field::set();
    for (who, years) in [(1, -30), (2, 4)] {
        field.phones[who].clock_ahead(years * YEAR_MS);
        field.works(who, 200);
        let report = field.phones[who].sync();
        assert_eq!((report.round_trips, report.pending), (2, 0), "once refused, once with the server's time: {report:?}");
        field.works(who, 200);
        assert_eq!(field.phones[who].sync().round_trips, 1, "it is remembered");
    }
    field.meet();
    field.story(WireWeather::Clear, 1, 200);
    field.end();
}

#[test]
fn a_server_restarted_mid_answer_loses_nothing_and_tells_nothing_twice() {
    let mut field = Field::set();
    for _ in 0..3 {
        field.works(1, 2_000);
        field.phones[1].sync_until_through(10);
        for reader in [0, 2] {
            field.works(reader, 2_000);
            field.proxy.set(WireWeather::HoldAnswer(900));
            let Field { server, proxy, phones, .. } = &mut field;
            thread::scope(|all| {
                all.spawn(|| {
                    assert!(proxy.is_held(), "an answer was under way");
                    server.kill_and_restart();
                    proxy.go_on();
                });
                phones[reader].sync_until_through(30);
            });
        }
    }
    field.meet();
    field.end();
}
