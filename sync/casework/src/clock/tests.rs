//! A clock that was wrong: the claimed time stays, everybody learns by how much, and nothing else moves.

use crate::{
    Edit, MeetingKind, Outcome, TimelineEntry,
    testing::{Person, aisha, item, meet, mikkel, with_lens},
};

const DAY: i64 = 86_400_000;

fn met(p: &mut Person, n: u16) {
    let at_ms = p.now_ms;
    p.does(Edit::LogMeeting {
        id: item(n),
        meeting: MeetingKind::Phone,
        at_ms,
        minutes: 10,
        place: None,
        outcome: Outcome::TookPlace,
        zone: None,
        said: None,
    });
}

fn states(p: &mut Person, from: u64, ahead_ms: i64) -> bool {
    let (by, now_ms) = (p.by, p.now_ms);
    p.case.state_clock(from, ahead_ms, &by, now_ms).unwrap()
}

fn timeline(p: &Person, now_ms: i64) -> Vec<crate::MeetingView> {
    let view = with_lens(&p.by, now_ms, |lens| p.case.view(lens));
    let meetings = view.timeline.into_iter().filter_map(|entry| if let TimelineEntry::Meeting(m) = entry { Some(m) } else { None });
    meetings.collect()
}

#[test]
fn what_was_written_by_a_wrong_clock_keeps_its_time_and_stands_where_it_belongs() {
    let now = aisha().now_ms;
    for ahead_ms in [3 * DAY, -2 * 365 * DAY, -now + DAY] {
        let mut people = [aisha(), mikkel()];
        met(&mut people[1], 1);
        meet(&mut people);
        people[0].now_ms = now + 3_600_000 + ahead_ms;
        met(&mut people[0], 2);
        let claimed = people[0].now_ms - 1_000;
        assert!(states(&mut people[0], 1, ahead_ms));
        people[1].now_ms = now + 2 * 3_600_000;
        met(&mut people[1], 3);
        meet(&mut people);
        assert_eq!(people[0].shows(), people[1].shows());
        let shown = timeline(&people[1], now + 3 * 3_600_000);
        assert_eq!(shown.iter().map(|m| m.id).collect::<Vec<_>>(), [item(3), item(2), item(1)], "{ahead_ms}");
        assert_eq!((shown[1].at, shown[1].clock_ahead, shown[1].clock_doubt), (claimed, Some(ahead_ms), true));
        assert_eq!((shown[0].clock_ahead, shown[0].clock_doubt), (None, false));
        assert_eq!(shown[1].time_unknown, claimed < super::NO_TIME_BEFORE_MS);
        let last = people[0].case.card().last_contact_at.unwrap();
        assert!((last - people[1].now_ms).abs() < 10_000, "the last contact is the last one, whatever the clocks say");
        assert!(people[0].case.history().iter().all(|entry| entry.act == "meeting.log"), "what a device says of its clock is no act");
    }
}

#[test]
fn a_clock_is_stated_once_and_only_when_it_is_off() {
    let mut p = aisha();
    assert!(!states(&mut p, 1, 3 * DAY), "nothing was written by it");
    met(&mut p, 1);
    assert!(!states(&mut p, 1, super::RIGHT_ENOUGH_MS), "five minutes are right enough");
    assert!(states(&mut p, 1, 3 * DAY));
    assert!(!states(&mut p, 1, 3 * DAY + 60_000), "it stands there");
    met(&mut p, 2);
    assert!(states(&mut p, 3, 3 * DAY), "and what comes after is a new thing to say");
    assert_eq!(p.case.own_seq(), 4);
}

#[test]
fn what_was_stated_by_mistake_is_stated_anew() {
    let mut p = aisha();
    met(&mut p, 1);
    assert!(states(&mut p, 1, 3 * DAY));
    assert!(states(&mut p, 1, 0), "the clock had been set right meanwhile");
    assert_eq!(timeline(&p, p.now_ms)[0].clock_ahead, None);
    assert!(!states(&mut p, 1, 0));
}

#[test]
fn nobody_speaks_for_anothers_clock() {
    let mut people = [aisha(), mikkel()];
    met(&mut people[0], 1);
    meet(&mut people);
    let (by, now_ms) = (people[1].by, people[1].now_ms);
    let other = automerge::ActorId::from(people[0].case.actor());
    people[1].case.change(&by, now_ms, "clock.off", |w| w.clock(&other, 1, 9, 3 * DAY)).unwrap();
    meet(&mut people);
    assert_eq!(timeline(&people[0], now_ms)[0].clock_ahead, None);
}

#[test]
fn a_time_that_was_lost_is_set_by_a_person_and_can_be_taken_back() {
    let mut people = [aisha(), mikkel()];
    people[0].now_ms = DAY;
    met(&mut people[0], 1);
    meet(&mut people);
    let real = people[1].now_ms - DAY;
    assert!(timeline(&people[1], people[1].now_ms)[0].time_unknown);
    let done = people[1].does(Edit::SetMeetingAt { meeting: item(1), at_ms: real, zone: None, said: None });
    meet(&mut people);
    let shown = &timeline(&people[0], people[1].now_ms)[0];
    assert_eq!((shown.at, shown.time_unknown, shown.clock_doubt), (real, false, false));
    people[1].does(done.undo.unwrap());
    assert!(timeline(&people[1], people[1].now_ms)[0].time_unknown);
    assert_eq!(people[1].refused(Edit::SetMeetingAt { meeting: item(9), at_ms: 1, zone: None, said: None }), "case.unknown_meeting");
}

#[test]
fn two_times_for_one_meeting_are_a_question() {
    let mut people = [aisha(), mikkel()];
    met(&mut people[0], 1);
    meet(&mut people);
    let now = people[0].now_ms;
    people[0].does(Edit::SetMeetingAt { meeting: item(1), at_ms: now - DAY, zone: None, said: None });
    people[1].does(Edit::SetMeetingAt { meeting: item(1), at_ms: now - 2 * DAY, zone: None, said: None });
    meet(&mut people);
    let found = people[0].case.conflicts();
    assert_eq!(found, people[1].case.conflicts());
    assert_eq!(found[0].field(), format!("meeting.{}.at", item(1)));
    people[0].does(Edit::Resolve { conflict: found[0].id.clone(), keep: (now - 2 * DAY).to_string() });
    meet(&mut people);
    assert!(people[1].case.conflicts().is_empty());
    assert_eq!(timeline(&people[1], now)[0].at, now - 2 * DAY);
}

#[test]
fn a_time_that_a_person_said_is_not_set_right_by_a_clock_it_was_not_read_from() {
    let now = aisha().now_ms;
    for ahead_ms in [-2 * 365 * DAY, -now + DAY] {
        let mut people = [aisha(), mikkel()];
        met(&mut people[1], 1);
        meet(&mut people);
        people[0].now_ms = now + 3_600_000 + ahead_ms;
        let said = now - 10 * DAY;
        let (meeting, outcome) = (MeetingKind::Phone, Outcome::TookPlace);
        people[0].does(Edit::LogMeeting { id: item(2), meeting, at_ms: said, minutes: 10, place: None, outcome, zone: None, said: None });
        assert!(states(&mut people[0], 1, ahead_ms));
        meet(&mut people);
        let shown = timeline(&people[1], now + 2 * 3_600_000);
        assert_eq!(shown.iter().map(|m| m.id).collect::<Vec<_>>(), [item(1), item(2)], "{ahead_ms}: it stands where it was said to be");
        assert_eq!((shown[1].at, shown[1].time_unknown, shown[1].clock_ahead), (said, false, Some(ahead_ms)));
    }
}

#[test]
fn a_contact_of_long_ago_entered_by_a_right_clock_has_its_time() {
    let mut p = aisha();
    let (meeting, outcome, at_ms) = (MeetingKind::Meeting, Outcome::TookPlace, super::NO_TIME_BEFORE_MS - 400 * DAY);
    p.does(Edit::LogMeeting { id: item(1), meeting, at_ms, minutes: 60, place: None, outcome, zone: None, said: None });
    let shown = &timeline(&p, p.now_ms)[0];
    assert_eq!((shown.at, shown.time_unknown, shown.clock_doubt), (at_ms, false, false));
    assert_eq!(p.case.card().last_contact_at, Some(at_ms));
}

#[test]
fn what_was_said_of_zone_and_hour_goes_with_the_time_and_comes_back_with_it() {
    let mut p = aisha();
    let (at_ms, zone, said) = (1_743_296_400_000, Some("America/Nuuk".to_owned()), Some("2025-03-30T02:30".to_owned()));
    let (meeting, outcome) = (MeetingKind::Phone, Outcome::TookPlace);
    p.does(Edit::LogMeeting { id: item(1), meeting, at_ms, minutes: 10, place: None, outcome, zone: zone.clone(), said: said.clone() });
    let done = p.does(Edit::SetMeetingAt { meeting: item(1), at_ms: at_ms + DAY, zone: None, said: None });
    let shown = |p: &Person| timeline(p, p.now_ms).remove(0);
    assert_eq!((shown(&p).at, shown(&p).zone, shown(&p).said), (at_ms + DAY, None, None));
    p.does(done.undo.unwrap());
    assert_eq!((shown(&p).at, shown(&p).zone, shown(&p).said), (at_ms, zone, said));
    let bad = |zone: &str| Edit::SetMeetingAt { meeting: item(1), at_ms, zone: Some(zone.into()), said: None };
    assert_eq!(p.refused(bad("ikke en zone")), "case.bad_zone");
}
