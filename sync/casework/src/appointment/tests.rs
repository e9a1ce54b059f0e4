//! An appointment is made, moved, taken away and answered for; two people's moves meet.

use super::*;
use crate::{
    AppointmentView, SalvageKind,
    testing::{Person, aisha, item, meet, mikkel, with_lens},
};

const AT: i64 = 1_700_100_000_000;
const HOUR: i64 = 60 * time::MINUTE_MS;

fn agrees(n: u16) -> Edit {
    Edit::AddAppointment {
        id: item(n),
        meeting: MeetingKind::PrisonVisit,
        at_ms: AT,
        minutes: 90,
        label: Some(" Besøg ".into()),
        zone: Some("Europe/Copenhagen".into()),
    }
}

fn moves(n: u16, at_ms: i64) -> Edit {
    Edit::MoveAppointment { appointment: item(n), at_ms, zone: None }
}

fn settles(n: u16, id: u16, meeting: MeetingKind, outcome: Outcome) -> Edit {
    Edit::SettleAppointment { appointment: item(n), id: item(id), meeting, outcome }
}

fn seen(p: &Person, now_ms: i64) -> Vec<AppointmentView> {
    with_lens(&p.by, now_ms, |lens| p.case.view(lens).appointments)
}

#[test]
fn each_act_is_taken_back_by_the_act_that_it_gives() {
    let mut p = aisha();
    let made = p.does(agrees(1));
    let view = seen(&p, AT - HOUR);
    let expected = AppointmentView {
        id: item(1),
        case: p.case.id(),
        alias: String::new(),
        meeting: MeetingKind::PrisonVisit,
        at: AT,
        minutes: 90,
        label: Some("Besøg".into()),
        two_times: false,
        asked: false,
    };
    assert_eq!(view, [expected]);
    let moved = p.does(moves(1, AT + HOUR));
    assert_eq!(seen(&p, AT)[0].at, AT + HOUR);
    assert!(p.does(moves(1, AT + HOUR)).undo.is_none(), "nothing changed");
    p.does(moved.undo.unwrap());
    assert_eq!(p.shows().appointments[&item(1)].begins_at_ms, AT);
    let removed = p.does(made.undo.unwrap());
    assert_eq!(seen(&p, AT - HOUR), []);
    p.does(removed.undo.unwrap());
    assert_eq!(seen(&p, AT - HOUR).len(), 1);
    let acts: Vec<String> = p.case.history().into_iter().rev().take(5).map(|e| e.act).collect();
    assert_eq!(acts, ["appointment.restore", "appointment.remove", "appointment.move", "appointment.move", "appointment.add"]);
}

#[test]
fn what_came_of_it_is_a_contact_at_its_time_and_taking_that_back_opens_it_again() {
    let mut p = aisha();
    p.does(agrees(1));
    assert!(seen(&p, AT).iter().all(|a| a.asked), "it has begun");
    assert_eq!(p.refused(settles(1, 2, MeetingKind::PrisonVisit, Outcome::TookPlace)), "case.future_date", "nobody has been met yet");
    p.now_ms = AT + HOUR;
    let held = p.does(settles(1, 2, MeetingKind::PrisonVisit, Outcome::TookPlace));
    let meeting = p.shows().meetings[&item(2)].clone();
    assert_eq!((meeting.took_place_at_ms, meeting.minutes, meeting.place.as_deref()), (AT, 90, Some("Besøg")));
    assert_eq!((p.shows().last_contact_at, seen(&p, AT)), (Some(AT), vec![]));
    assert_eq!(p.shows().appointments[&item(1)].meetings, [item(2)]);
    assert_eq!(p.refused(settles(1, 3, MeetingKind::NoShow, Outcome::Not)), "case.appointment_settled");
    p.does(held.undo.unwrap());
    assert_eq!(seen(&p, AT).len(), 1);
    p.does(settles(1, 3, MeetingKind::NoShow, Outcome::Not));
    assert_eq!((p.shows().meetings[&item(3)].minutes, p.shows().last_contact_at), (0, None), "nobody was met");
}

#[test]
fn it_is_asked_about_from_its_beginning_until_six_hours_after_its_end_and_stands_for_thirty_days() {
    let end = AT + 90 * time::MINUTE_MS;
    for (now_ms, asked) in [(AT - 1, false), (AT, true), (end + ASKED_FOR_MS, true), (end + ASKED_FOR_MS + 1, false)] {
        assert_eq!(is_asked(AT, 90, now_ms), asked, "{now_ms}");
    }
    let mut p = aisha();
    p.does(agrees(1));
    assert_eq!(seen(&p, AT + 29 * time::DAY_MS).iter().map(|a| a.asked).collect::<Vec<_>>(), [false]);
    assert_eq!(seen(&p, AT + 31 * time::DAY_MS), []);
}

#[test]
fn two_who_moved_it_apart_are_shown_the_earlier_time_until_one_chooses() {
    let mut people = [aisha(), mikkel()];
    people[0].does(agrees(1));
    meet(&mut people);
    people[0].does(moves(1, AT + 3 * HOUR));
    people[1].does(moves(1, AT + HOUR));
    meet(&mut people);
    assert_eq!(people[0].shows(), people[1].shows());
    let view = seen(&people[0], AT);
    assert_eq!((view[0].at, view[0].two_times), (AT + HOUR, true));
    let found = people[1].case.conflicts();
    assert_eq!((found[0].field(), found[0].applies.clone()), (format!("appointment.{}.at", item(1)), Some((AT + HOUR).to_string())));
    let keep = (AT + 3 * HOUR).to_string();
    assert_eq!(people[1].refused(Edit::Resolve { conflict: found[0].id.clone(), keep: "12".into() }), "case.not_a_choice");
    people[1].does(Edit::Resolve { conflict: found[0].id.clone(), keep });
    meet(&mut people);
    assert_eq!((seen(&people[0], AT)[0].at, people[0].case.conflicts()), (AT + 3 * HOUR, vec![]));
}

#[test]
fn what_is_no_appointment_is_refused_and_changes_nothing() {
    let mut p = aisha();
    p.does(agrees(1));
    assert_eq!(p.refused(agrees(1)), "case.duplicate_id");
    for edit in [
        moves(2, AT),
        settles(2, 3, MeetingKind::Meeting, Outcome::TookPlace),
        Edit::RemoveAppointment { appointment: item(2) },
        Edit::RestoreAppointment { appointment: item(2) },
    ] {
        assert_eq!(p.refused(edit), "case.unknown_appointment");
    }
    let long = Edit::AddAppointment { id: item(4), meeting: MeetingKind::Meeting, at_ms: AT, minutes: 10_081, label: None, zone: None };
    assert_eq!(p.refused(long), "case.bad_minutes");
    let nowhere = Edit::MoveAppointment { appointment: item(1), at_ms: AT, zone: Some("not a zone".into()) };
    assert_eq!(p.refused(nowhere), "case.bad_zone");
}

#[test]
fn what_was_agreed_and_answered_on_a_lost_phone_is_taken_over_thing_by_thing() {
    let (mut desk, mut lost) = (aisha(), mikkel());
    desk.does(agrees(1));
    desk.gives(&mut lost);
    (lost.now_ms, desk.now_ms) = (AT + HOUR, AT + HOUR);
    lost.does(settles(1, 2, MeetingKind::PrisonVisit, Outcome::TookPlace));
    lost.does(agrees(3));
    let words = vec![lost.case.unsent(0).changes];
    let mut next = 100;
    let mut fresh = || {
        next += 1;
        item(next)
    };
    let salvage = desk.case.salvage(lost.case.actor(), &words, &mut fresh);
    let kinds: Vec<SalvageKind> = salvage.things.iter().map(|thing| thing.kind).collect();
    assert_eq!(kinds, [SalvageKind::Meeting, SalvageKind::Appointment]);
    for thing in &salvage.things {
        desk.case.accept(thing, &desk.by, desk.now_ms).unwrap();
    }
    let shows = desk.shows();
    assert_eq!(shows.appointments[&item(1)].meetings.len(), 1, "the answer stands beside what was agreed");
    assert_eq!((shows.meetings.len(), shows.appointments.len()), (1, 2));
}
