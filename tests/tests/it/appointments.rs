//! Appointments among several devices: made without a line, moved by two, and answered for afterwards; what lists show of them
//! follows the clock, also while nothing is written.

use device::{
    CaseId, ItemId, Role,
    casework::{AppointmentView, Edit, MeetingKind, Programme},
};
use world::{Phone, Weather, World, process::Shell};

use crate::cli::{team, text};

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn today(phone: &Phone) -> Vec<AppointmentView> {
    phone.device.today().expect("today").appointments
}

fn agree(phone: &Phone, case: CaseId, kind: MeetingKind, at_ms: i64, label: &str) -> ItemId {
    let done = phone.device.add_appointment(case, kind, at_ms, None, Some(label.to_owned())).expect("agreed");
    done.id.parse().expect("an id")
}

fn settle(phones: &[&Phone]) {
    for _ in 0..3 {
        for phone in phones {
            phone.sync();
        }
    }
}

/// Hanne, Åse and Mikkel in one case.
fn three(world: &World) -> (Phone, Phone, Phone, CaseId) {
    let hanne = world.founder("Hanne");
    let (aase, mikkel) = (world.enrol(&hanne, "Åse", Role::Mentor), world.enrol(&hanne, "Mikkel", Role::Mentor));
    let case = hanne.device.new_case("Falken", Programme::National, None).expect("a case");
    hanne.sync();
    for mentor in [&aase, &mikkel] {
        hanne.device.assign(case, mentor.member(), None).expect("decided");
    }
    settle(&[&hanne, &aase, &mikkel]);
    (hanne, aase, mikkel, case)
}

#[test]
fn aase_agrees_and_answers_without_a_line_and_hanne_reads_what_came_of_it() {
    let world = World::new(27_001);
    let (hanne, aase, mikkel, case) = three(&world);
    let now_ms = aase.device.host().now_ms();
    aase.weather(Weather::Offline);
    let visit = agree(&aase, case, MeetingKind::PrisonVisit, now_ms + HOUR_MS, "Besøg");
    agree(&aase, case, MeetingKind::Phone, now_ms + 9 * DAY_MS, "Telefon");
    let seen = today(&aase);
    assert_eq!(seen.len(), 1, "what is more than a week away does not stand in today");
    assert_eq!((seen[0].id, seen[0].minutes, seen[0].asked, seen[0].label.as_deref()), (visit, 90, false, Some("Besøg")));
    assert_eq!(aase.device.case(case).expect("the case").appointments.len(), 2);
    let sheet = aase.device.sync_sheet().expect("the sheet");
    assert!(sheet.items.iter().any(|item| (item.kind.as_str(), item.count) == ("appointment", 2)), "{sheet:?}");

    world.pass(2 * HOUR_MS);
    assert!(today(&aase)[0].asked, "nothing was written, and its time has come");
    let early = aase.device.settle_appointment(case, today(&aase)[0].id, MeetingKind::PrisonVisit).expect("logged");
    assert_eq!(today(&aase), []);
    aase.device.undo(&early.undo).expect("taken back");
    assert_eq!(today(&aase).len(), 1, "taking it back asks again");
    aase.device.settle_appointment(case, visit, MeetingKind::PrisonVisit).expect("logged");

    aase.weather(Weather::Clear);
    settle(&[&aase, &hanne, &mikkel]);
    let shown = hanne.device.case_show(case).expect("the case");
    let meeting = shown.meetings.values().find(|meeting| !meeting.removed).expect("the visit");
    assert_eq!((meeting.kind, meeting.took_place_at_ms, meeting.minutes), (MeetingKind::PrisonVisit, now_ms + HOUR_MS, 90));
    assert_eq!(shown.last_contact_at, Some(now_ms + HOUR_MS));
    assert_eq!(shown, mikkel.device.case_show(case).expect("the case"));
    assert!(today(&mikkel).is_empty(), "nobody else is asked");
}

#[test]
fn two_who_move_it_without_knowing_are_shown_the_earlier_time_and_hanne_chooses() {
    let world = World::new(27_002);
    let (hanne, aase, mikkel, case) = three(&world);
    let at_ms = aase.device.host().now_ms() + DAY_MS;
    let visit = agree(&aase, case, MeetingKind::Meeting, at_ms, "Biblioteket");
    settle(&[&aase, &mikkel, &hanne]);
    aase.device.move_appointment(case, visit, at_ms + 3 * HOUR_MS).expect("moved");
    mikkel.device.move_appointment(case, visit, at_ms + HOUR_MS).expect("moved");
    settle(&[&aase, &mikkel, &hanne]);
    for phone in [&hanne, &aase, &mikkel] {
        let seen = today(phone);
        assert_eq!(seen.iter().map(|one| (one.at, one.two_times)).collect::<Vec<_>>(), [(at_ms + HOUR_MS, true)], "{}", phone.name);
    }
    let card = hanne.device.conflicts().expect("conflicts").remove(0);
    let keep = (at_ms + 3 * HOUR_MS).to_string();
    hanne.device.edit(case, Edit::Resolve { conflict: card.conflict.id, keep }).expect("chosen");
    settle(&[&hanne, &aase, &mikkel]);
    assert_eq!(today(&aase).iter().map(|one| (one.at, one.two_times)).collect::<Vec<_>>(), [(at_ms + 3 * HOUR_MS, false)]);
}

#[test]
fn on_the_command_line_an_appointment_is_made_moved_answered_for_and_taken_back() {
    let dir = tempfile::TempDir::new().expect("a folder");
    let (_server, _hanne, aase) = team(&dir);
    let case = text(&aase.ok(&["case", "new", "--alias", "Falken", "--programme", "national"])["case"]);
    let add = ["appointment", "add", &case, "--kind", "phone", "--at", "2020-01-05T14:00", "--label", "Telefon"];
    let made = text(&aase.ok(&add)["appointment"]);
    let show = |shell: &Shell| shell.ok(&["case", "show", &case]);
    assert_eq!(show(&aase)["appointments"][&made]["label"], "Telefon");
    let moved = aase.ok(&["appointment", "move", &case, &made, "--at", "2020-01-05T15:00"]);
    let later = show(&aase)["appointments"][&made]["begins_at_ms"].clone();
    aase.ok(&["undo", &text(&moved["undo"])]);
    assert_ne!(show(&aase)["appointments"][&made]["begins_at_ms"], later);
    let settled = aase.ok(&["appointment", "settle", &case, &made, "--kind", "no_show"]);
    let meeting = text(&settled["meeting"]);
    assert_eq!((&show(&aase)["meetings"][&meeting]["kind"], &show(&aase)["meetings"][&meeting]["minutes"]), (&"no_show".into(), &0.into()));
    assert_eq!(aase.run(&["appointment", "settle", &case, &made]).code(), "case.appointment_settled");
    let far = text(&aase.ok(&["appointment", "add", &case, "--kind", "meeting", "--at", "2099-01-05T14:00"])["appointment"]);
    assert_eq!(aase.run(&["appointment", "settle", &case, &far]).code(), "case.future_date");
    aase.ok(&["appointment", "remove", &case, &far]);
    assert_eq!(show(&aase)["appointments"][&far]["removed"], true);
    assert_eq!(aase.run(&["appointment", "move", &case, "ffff", "--at", "15:00"]).code(), "cli.unknown_item");
}
