//! Whatever people write in whatever order, in whatever weather: when it clears, all devices hold the same.

use device::{
    CaseId, ItemId, Role,
    casework::{Edit, MeetingKind, OfferKind, OfferStatus, Outcome, StageAct, TaskKind},
};
use proptest::prelude::*;
use world::{Phone, Weather, World};

const YEAR_MS: i64 = 365 * 24 * 3_600_000;

/// One thing that happens on one phone.
#[derive(Debug, Clone)]
enum Step {
    Write {
        phone: usize,
        what: u8,
        pick: u8,
        text: String,
    },
    Sync {
        phone: usize,
        weather: u8,
        seed: u64,
    },
    Restart {
        phone: usize,
    },
    RestartServer,
    /// Somebody's clock is set wrong by so many years, or right again.
    Clock {
        phone: usize,
        years: i64,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let text = prop_oneof!["[a-zæøå ]{0,12}", Just("🦊‍👩‍🦰 مُحَمَّد a\u{30a}".to_owned()), Just("Hvad med lørdag?\nJa.".to_owned())];
    let step = prop_oneof![
        6 => (0..3_usize, 0..12_u8, any::<u8>(), text).prop_map(|(phone, what, pick, text)| Step::Write { phone, what, pick, text }),
        4 => (0..3_usize, 0..10_u8, any::<u64>()).prop_map(|(phone, weather, seed)| Step::Sync { phone, weather, seed }),
        1 => (0..3_usize).prop_map(|phone| Step::Restart { phone }),
        1 => Just(Step::RestartServer),
        1 => (0..3_usize, prop_oneof![Just(0), Just(-30), Just(4)]).prop_map(|(phone, years)| Step::Clock { phone, years }),
    ];
    prop::collection::vec(step, 10..40)
}

fn nth(items: &[ItemId], pick: u8) -> Option<ItemId> {
    items.get(usize::from(pick) % items.len().max(1)).copied()
}

fn act(phone: &Phone, case: CaseId, what: u8, pick: u8, text: &str) -> Option<Edit> {
    let view = phone.device.case_show(case).ok()?;
    let notes: Vec<ItemId> = view.notes.keys().copied().collect();
    let tasks: Vec<ItemId> = view.tasks.keys().copied().collect();
    let meetings: Vec<ItemId> = view.meetings.keys().copied().collect();
    let id = phone.device.new_item();
    let at_ms = phone.device.host().now_ms();
    let day = format!("2026-12-{:02}", 1 + pick % 28);
    let offer = OfferKind::ALL[usize::from(pick) % OfferKind::ALL.len()];
    Some(match what {
        0 => Edit::AddNote { id, text: text.to_owned(), at_ms },
        1 | 2 => {
            Edit::WriteNote { note: nth(&notes, pick)?, text: format!("{text}{}", view.notes.get(&nth(&notes, pick)?)?.text), base: None }
        }
        3 => Edit::SpliceNote { note: nth(&notes, pick)?, at: 0, delete: 0, insert: text.to_owned() },
        4 => Edit::SetOfferStatus { offer, status: OfferStatus::ALL[usize::from(pick / 16) % OfferStatus::ALL.len()] },
        5 => Edit::LogMeeting {
            id,
            meeting: MeetingKind::ALL[usize::from(pick) % MeetingKind::ALL.len()],
            at_ms,
            minutes: 30,
            place: None,
            outcome: Outcome::TookPlace,
            zone: None,
            said: None,
        },
        6 => Edit::AddTask {
            id,
            title: format!("ring {text}"),
            due: Some(day),
            owner: None,
            task: if pick.is_multiple_of(2) { TaskKind::Task } else { TaskKind::Promise },
            promised_to: None,
        },
        7 => Edit::SetTaskDue { task: nth(&tasks, pick)?, due: Some(day) },
        8 => Edit::SetTaskDone { task: nth(&tasks, pick)?, done: !pick.is_multiple_of(3), on: None },
        9 => Edit::DeleteMeeting { meeting: nth(&meetings, pick)? },
        10 => Edit::FinishNote { note: nth(&notes, pick)?, finished: pick.is_multiple_of(2) },
        _ => Edit::StageEvent {
            id,
            event: StageAct::ALL[usize::from(pick) % StageAct::ALL.len()],
            on: "2026-11-22".to_owned(),
            reason: Some("no_contact".to_owned()),
            text: Some("sådan".to_owned()),
            by: None,
        },
    })
}

fn weather(kind: u8, seed: u64) -> Weather {
    match kind {
        0 => Weather::Offline,
        1 => Weather::Twice,
        2 => Weather::CutAfter(usize::try_from(seed % 4000).unwrap_or(0)),
        3 => Weather::TwiceCutAfter(usize::try_from(seed % 4000).unwrap_or(0)),
        4 => Weather::Unanswered,
        5 => Weather::Late,
        6 => Weather::Drip,
        7 => Weather::Restart(usize::try_from(seed % 4000).unwrap_or(0)),
        8 => Weather::Changing(seed),
        _ => Weather::Clear,
    }
}

fn settle(phones: &[Phone]) {
    for phone in phones {
        phone.weather(Weather::Clear).clock_ahead(0);
    }
    for _ in 0..3 {
        for phone in phones {
            phone.sync();
        }
    }
}

fn assert_alike(phones: &[Phone], case: CaseId) {
    let seen = |phone: &Phone| {
        let show = serde_json::to_value(phone.device.case_show(case).expect("here")).expect("serialises");
        let row = phone.device.cases().expect("rows").into_iter().find(|row| row.id == case);
        let hits = phone.device.search("ring").expect("searches").len();
        (show, serde_json::to_value(row).expect("serialises"), hits)
    };
    let first = seen(&phones[0]);
    for phone in phones {
        assert_eq!(seen(phone), first, "{} sees the same", phone.name);
        let verified = phone.device.verify().expect("verified");
        assert!(verified.problems.is_empty(), "{}: {:?}", phone.name, verified.problems);
        let line = phone.device.sync_line().expect("the line");
        assert_eq!(line.waiting, 0, "{} has sent everything", phone.name);
        let sheet = phone.device.sync_sheet().expect("the sheet");
        assert!(sheet.aside.is_empty() && sheet.refused.is_empty(), "{}: {sheet:?}", phone.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn three_devices_converge_in_any_weather(steps in steps(), seed in any::<u64>()) {
        let world = World::new(seed);
        let (phones, case) = world.team();
        for step in &steps {
            world.pass(61_000);
            match step {
                Step::Write { phone, what, pick, text } => {
                    if let Some(edit) = act(&phones[*phone], case, *what, *pick, text) {
                        let must = matches!(edit, Edit::AddNote { .. } | Edit::LogMeeting { .. } | Edit::AddTask { .. } | Edit::WriteNote { .. });
                        // A stage that cannot follow is refused and changes nothing; the others must agree on the rest.
                        let done = phones[*phone].device.edit(case, edit);
                        prop_assert!(done.is_ok() || !must, "{done:?}");
                    }
                }
                Step::Sync { phone, weather: kind, seed } => {
                    // In such weather a sync may end early; nothing may be lost by it.
                    let _ = phones[*phone].weather(weather(*kind, *seed)).try_sync();
                }
                Step::Restart { phone } => phones[*phone].restart(),
                Step::RestartServer => world.site.restart(),
                Step::Clock { phone, years } => {
                    phones[*phone].clock_ahead(years * YEAR_MS);
                }
            }
        }
        settle(&phones);
        assert_alike(&phones, case);
    }
}

/// So many that a snapshot is made on the way.
fn forty_notes(world: &World, phones: &[Phone], case: CaseId) {
    for n in 0..40 {
        world.pass(3_600_000);
        let phone = &phones[n % 3];
        let edit = Edit::AddNote { id: phone.device.new_item(), text: format!("ring nummer {n}"), at_ms: phone.device.host().now_ms() };
        phone.device.edit(case, edit).expect("a note");
        phone.sync();
    }
    settle(phones);
}

/// Sara, who is let into the case and has fetched nothing yet.
fn newcomer(world: &World, coordinator: &Phone, case: CaseId) -> Phone {
    let sara = world.enrol(coordinator, "Sara", Role::Mentor);
    coordinator.device.assign(case, sara.member(), None).expect("assigned");
    coordinator.sync();
    sara
}

#[test]
fn a_newcomer_reads_a_case_from_its_snapshot() {
    let world = World::new(7);
    let (phones, case) = world.team();
    forty_notes(&world, &phones, case);
    let sara = newcomer(&world, &phones[0], case);
    let report = sara.sync();
    assert_eq!(report.round_trips, 1);
    assert!(report.received < 40, "a snapshot came instead of {} items", report.received);
    let mut all = phones;
    all.push(sara);
    settle(&all);
    assert_alike(&all, case);
}

#[test]
fn a_snapshot_that_is_no_good_costs_another_fetch_and_no_note() {
    let world = World::new(8);
    let (phones, case) = world.team();
    forty_notes(&world, &phones, case);
    let store = rusqlite::Connection::open(world.server_dir().join("log.db")).expect("the store");
    let newest = "SELECT num, bytes FROM envelope WHERE kind = 2 ORDER BY num DESC LIMIT 1";
    let (num, mut bytes): (i64, Vec<u8>) = store.query_row(newest, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("a snapshot");
    let last = bytes.len() - 20;
    bytes[last] ^= 1;
    store.execute("UPDATE envelope SET bytes = ?2, id = ?3 WHERE num = ?1", (num, &bytes, server::sha256(&bytes))).expect("spoilt");
    let sara = newcomer(&world, &phones[0], case);
    assert_eq!(sara.sync().round_trips, 2, "what the snapshot stood for is asked for once");
    assert_eq!(sara.device.case_show(case).expect("here").notes.len(), 40);
    assert_eq!(sara.sync().round_trips, 1);
    let codes: Vec<String> = sara.device.sync_sheet().expect("the sheet").aside.into_iter().map(|one| one.code).collect();
    assert_eq!(codes, ["env.bad_aead"], "and it is told");
    let show = |phone: &Phone| serde_json::to_value(phone.device.case_show(case).expect("here")).expect("serialises");
    assert_eq!(show(&sara), show(&phones[0]));
}
