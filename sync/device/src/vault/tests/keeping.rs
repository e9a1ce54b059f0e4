//! How long a device keeps what the server has acknowledged.

use rusqlite::Connection;

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
