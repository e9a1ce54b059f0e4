//! What the demo promises, checked on the plan.

use std::collections::BTreeSet;

use device::casework::MeetingKind;

use super::*;
use crate::demo::odd;

const SEED: u64 = 20_261_122;
/// Days of the window.
const DAYS: i64 = 182;

fn anchor() -> Date {
    Date::constant(2026, 11, 22)
}

#[test]
fn the_same_seed_gives_the_same_plan() {
    let plan = Plan::new(SEED, anchor());
    assert_eq!(plan, Plan::new(SEED, anchor()));
    assert_ne!(plan, Plan::new(SEED + 1, anchor()));
    let counts = plan.counts();
    assert_eq!(counts["cases"], 8);
    assert!(counts["meetings"] > 120 && counts["notes"] > 80 && counts["promises"] > 15, "{counts:?}");
    assert!(!counts.contains_key("other") || counts["other"] == 2, "only two due dates are changed: {counts:?}");
}

#[test]
fn everything_lies_in_the_window_before_the_anchor() {
    for seed in 0..20 {
        let plan = Plan::new(seed, anchor());
        let end = host::zone().to_timestamp(anchor().at(0, 0, 0, 0)).unwrap().as_millisecond();
        let begin = end - (DAYS + 1) * 86_400_000;
        for line in plan.lines.iter().chain(&plan.clash) {
            assert!((begin..end).contains(&line.at_ms), "{line:?}");
        }
    }
}

#[test]
fn every_kind_of_meeting_and_every_odd_text_is_there() {
    let plan = Plan::new(SEED, anchor());
    let kinds: BTreeSet<MeetingKind> = plan
        .lines
        .iter()
        .filter_map(|line| match &line.edit {
            Edit::LogMeeting { meeting, .. } => Some(*meeting),
            _ => None,
        })
        .collect();
    assert_eq!(kinds.len(), MeetingKind::ALL.len(), "{kinds:?}");
    let texts: Vec<&String> = plan
        .lines
        .iter()
        .filter_map(|line| match &line.edit {
            Edit::AddNote { text, .. } => Some(text),
            _ => None,
        })
        .collect();
    for odd in odd::ODD {
        assert!(texts.iter().any(|text| text.contains(odd)), "{odd}");
    }
    assert!(texts.iter().any(|text| text.contains(&odd::long_word())));
}

#[test]
fn nobody_meets_at_christmas_except_in_a_crisis() {
    let plan = Plan::new(SEED, Date::constant(2026, 2, 1));
    for line in &plan.lines {
        if let Edit::LogMeeting { meeting, at_ms, .. } = &line.edit {
            let day = jiff::Timestamp::from_millisecond(*at_ms).unwrap().to_zoned(host::zone()).date();
            assert!(!is_christmas(day) || *meeting == MeetingKind::CrisisCall, "{day}");
        }
    }
}
