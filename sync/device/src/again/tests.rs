//! When something is asked for again.
#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

use tempfile::TempDir;

use super::*;
use crate::{Device, stock::tests::founded};

fn sql(device: &Device, text: &str) {
    device.with(|open, _| Ok(open.vault.db().execute_batch(text)?)).unwrap();
}

/// Whether a sync at this time would ask from the beginning.
fn asks(device: &Device, now_ms: i64) -> bool {
    let mut asked = false;
    device
        .with(|open, _| {
            look(open, now_ms)?;
            asked = meta::number(open.vault.db(), meta::PLAIN)? == Some(meta::WANTED);
            meta::remove(open.vault.db(), meta::PLAIN)
        })
        .unwrap();
    asked
}

#[test]
fn what_stays_wrong_is_asked_for_after_a_day_and_then_ever_more_rarely() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    assert!(!asks(&device, 0) && !asks(&device, 400 * FIRST_MS), "nothing is wrong");
    // Whenever it is asked for, the same comes again.
    let comes = "INSERT OR REPLACE INTO inbox (item_id, kind, position, case_id, total, bytes, code)
        VALUES (zeroblob(32), 3, 1, x'', 0, x'', 'env.bad_hash')";
    let asks_then = |day: &i64| {
        sql(&device, comes);
        asks(&device, (1000 + day) * FIRST_MS)
    };
    let days: Vec<i64> = (0..100).filter(asks_then).collect();
    assert_eq!(days, [1, 3, 7, 15, 31, 63, 95]);
    sql(&device, comes);
    assert!(!asks(&device, 500 * FIRST_MS), "a clock set back begins anew");
    assert!(asks(&device, 501 * FIRST_MS));
    assert!(!asks(&device, 503 * FIRST_MS), "all is well, and the next time begins with a day");
    sql(
        &device,
        "INSERT INTO inbox (item_id, kind, position, case_id, total, bytes, code) VALUES (zeroblob(32), 3, 1, x'', 0, x'', 'env.chain_gap')",
    );
    assert!(!asks(&device, 600 * FIRST_MS) && asks(&device, 601 * FIRST_MS));
}

#[test]
fn a_server_that_lacks_what_it_had_is_asked_how_far_it_reaches_each_time_and_for_everything_once_a_day() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    let doubted = |now_ms: i64| {
        let look = |open: &mut Open, _: &dyn crate::Host| {
            let db = open.vault.db();
            doubt(db, now_ms)?;
            let asked = (repair::Repair::read(db)?.asks(), meta::number(db, meta::PLAIN)? == Some(meta::WANTED));
            meta::remove(db, meta::PLAIN)?;
            meta::remove(db, meta::REPAIR)?;
            Ok(asked)
        };
        device.with(look).unwrap()
    };
    let (at, later) = (5 * FIRST_MS, FIRST_MS / 2);
    assert_eq!([at, at + later, at + FIRST_MS].map(doubted), [(true, true), (true, false), (true, true)]);
}
