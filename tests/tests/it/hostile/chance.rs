//! Tricks in any order, on any phone.

use std::{collections::BTreeMap, sync::Arc};

use proptest::{prelude::*, test_runner::RngSeed};
use world::{Lie, Weather};

use super::{DAY_MS, Office, Trick, YEAR_MS, store::Stored, value};

/// One thing that happens: somebody writes, or not, and the server plays a trick on somebody who asks.
#[derive(Debug, Clone, Copy)]
struct Step {
    writes: Option<usize>,
    who: usize,
    trick: usize,
}

const TRICKS: usize = 17;

fn trick(office: &Office, number: usize, who: usize) -> Trick {
    let neighbour = &office.people[(who + 1) % 3];
    match number {
        0 => Trick::Weather(Weather::Unanswered),
        1 => Trick::Weather(Weather::CutAfter(600)),
        2 => Trick::Weather(Weather::TwiceCutAfter(900)),
        3 => Trick::Lie(Lie::Behind),
        4 => Trick::Lie(Lie::Old),
        5 => Trick::Lie(Lie::Half),
        6 => Trick::Lie(Lie::Jumbled),
        7 => Trick::Lie(Lie::Flipped(11)),
        8 => Trick::Lie(Lie::OfAnother(Arc::downgrade(&neighbour.road))),
        9 => Trick::Stored(Stored::WithoutNewest),
        10 => Trick::Stored(Stored::WithoutDevice(neighbour.id())),
        11 => Trick::Stored(Stored::Flipped),
        12 => Trick::Stored(Stored::Emptied),
        13 => Trick::Stored(Stored::Moved(office.case, office.other)),
        14 => Trick::Stored(Stored::Backwards),
        15 => Trick::Clock(YEAR_MS),
        _ => Trick::Yesterday,
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step =
        (prop::option::weighted(0.7, 0_usize..3), 0_usize..3, 0..TRICKS).prop_map(|(writes, who, trick)| Step { writes, who, trick });
    prop::collection::vec(step, 3..9)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 8,
        max_shrink_iters: 20,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_261_122),
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_a_server_did_once_it_is_honest_all_devices_are_equal_and_hold_every_word_once(steps in steps()) {
        let mut office = Office::of(940);
        for (n, step) in steps.iter().enumerate() {
            if let Some(writer) = step.writes {
                office.writes(writer, &format!("ord {n}"));
                let _ = office.people[writer].try_sync();
            }
            office.tricked(step.who, &trick(&office, step.trick, step.who));
            for phone in &office.people {
                prop_assert!(phone.texts(office.case).is_subset(&office.said), "nobody said anything else");
            }
        }
        for n in 0..3 {
            office.writes(n, &format!("{n} bagefter"));
        }
        // What stays wrong is asked for after one day, two, and four.
        for days in [0, 1, 2, 4] {
            office.world.pass(days * DAY_MS);
            office.settle();
        }
        prop_assert_eq!(office.missing(), BTreeMap::new());
        let shown = |n: usize| value(office.people[n].device.case_show(office.case).expect("here"));
        prop_assert_eq!(shown(0), shown(1));
        prop_assert_eq!(shown(1), shown(2));
        for phone in &office.people {
            prop_assert_eq!(phone.device.verify().expect("verified").problems, Vec::<String>::new());
        }
        office.world.verify_log();
    }
}
