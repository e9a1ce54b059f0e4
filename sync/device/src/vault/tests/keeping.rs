//! How long a device keeps what the server has acknowledged.

use std::{collections::BTreeSet, sync::Mutex};

use rusqlite::{
    Connection,
    trace::{TraceEvent, TraceEventCodes},
};

use super::{super::outbox, *};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// A day in 2026, Unix milliseconds.
const TODAY_MS: i64 = 20_600 * DAY_MS + 1000;

/// An envelope that the server acknowledged then; 0 = it waits.
fn envelope(db: &Connection, case: wire::id::CaseId, name: &str, kind: i64, sent_ms: i64) {
    db.execute(
        "INSERT INTO outbox (push_id, case_id, kind, push, changes, sent_ms) VALUES (?1, ?2, ?3, zeroblob(100), 7, ?4)",
        (name.as_bytes(), case.as_bytes(), kind, sent_ms),
    )
    .unwrap();
}

fn kept(db: &Connection) -> Vec<String> {
    let mut statement = db.prepare("SELECT CAST(push_id AS TEXT) FROM outbox WHERE length(push) = 100 ORDER BY id").unwrap();
    let names = statement.query_map([], |row| row.get(0)).unwrap();
    names.collect::<Result<_, _>>().unwrap()
}

#[test]
fn what_the_server_has_had_for_forty_days_is_forgotten_and_that_is_looked_for_once_a_day() {
    let dir = tempfile::tempdir().unwrap();
    let (device, case) = founded(dir.path());
    let other = device.new_case("Ternen", Programme::National, None).unwrap();
    let story = |open: &mut crate::session::Open, _: &dyn crate::Host| {
        let db = open.vault.db();
        db.execute("DELETE FROM unsent_item", []).unwrap();
        db.execute("UPDATE document SET acked = 9", []).unwrap();
        let long_ago = TODAY_MS - 41 * DAY_MS;
        for (name, kind, sent_ms) in
            [("old", 1, long_ago), ("new", 1, TODAY_MS), ("waits", 1, 0), ("first whole", 2, TODAY_MS), ("second whole", 2, TODAY_MS)]
        {
            envelope(db, case, name, kind, sent_ms);
        }
        envelope(db, other, "whole of another", 2, TODAY_MS);
        // The envelope of change 7 is still here; that of change 8 is not, and that of change 12 was never sent.
        for (item, change) in [("seven", 7), ("eight", 8), ("twelve", 12)] {
            db.execute("INSERT INTO unsent_item VALUES (?1, 'note', ?2, ?3)", (case.as_bytes(), item, change)).unwrap();
        }
        outbox::tidy_daily(db, TODAY_MS)?;
        assert_eq!(kept(db), ["new", "waits", "second whole", "whole of another"]);
        let mut statement = db.prepare("SELECT item FROM unsent_item ORDER BY change").unwrap();
        let items: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(items, ["seven", "twelve"]);
        envelope(db, case, "older", 1, long_ago);
        outbox::tidy_daily(db, TODAY_MS + 3_600_000)?;
        assert!(kept(db).contains(&"older".to_owned()), "it was looked at once today");
        outbox::tidy_daily(db, TODAY_MS + DAY_MS)?;
        assert!(!kept(db).contains(&"older".to_owned()));
        Ok(())
    };
    device.with(story).unwrap();
}

#[test]
fn what_a_sync_asks_of_the_outbox_reads_past_nothing_that_is_kept() {
    static ASKED: Mutex<Vec<String>> = Mutex::new(Vec::new());
    fn listen(event: TraceEvent<'_>) {
        if let TraceEvent::Stmt(_, sql) = event {
            ASKED.lock().unwrap().push(sql.to_owned());
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let (device, case) = founded(dir.path());
    let story = |open: &mut crate::session::Open, _: &dyn crate::Host| {
        open.vault.db_mut().trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(listen))?;
        let db = open.vault.db();
        outbox::count(db)?;
        outbox::waiting(db, 1 << 20, &BTreeSet::new())?;
        outbox::entries_waiting(db)?;
        outbox::sealed(db)?;
        outbox::case_waits(db, case, outbox::Waiting::Snapshot)?;
        outbox::refusals(db)?;
        outbox::places(db, case)?;
        let push = wire::id::Digest::from_bytes([7; 32]);
        outbox::find(db, &push)?;
        outbox::received(db, &push, TODAY_MS)?;
        outbox::set_aside(db, &push, "env.fork")?;
        outbox::offer_refused_again(db)?;
        open.vault.db_mut().trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, None::<fn(TraceEvent<'_>)>)?;
        let asked = std::mem::take(&mut *ASKED.lock().unwrap());
        assert_eq!(asked.len(), 11);
        for sql in asked {
            let mut plan = open.vault.db().prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let parameters = rusqlite::params_from_iter(std::iter::repeat_n(rusqlite::types::Null, plan.parameter_count()));
            let steps: Vec<String> = plan.query_map(parameters, |row| row.get("detail"))?.collect::<rusqlite::Result<_>>()?;
            let of_outbox: Vec<&String> = steps.iter().filter(|step| step.contains("outbox")).collect();
            assert!(!of_outbox.is_empty(), "{sql}: {steps:?}");
            assert!(of_outbox.iter().all(|step| step.contains("USING") && step.contains("INDEX")), "{sql}: {steps:?}");
        }
        Ok(())
    };
    device.with(story).unwrap();
}
