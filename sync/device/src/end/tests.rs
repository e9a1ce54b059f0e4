//! What a vault holds before and after a case is erased, row by row.
#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

use casework::{Edit, MeetingKind, Programme};
use rusqlite::types::Value;
use tempfile::TempDir;

use super::*;
use crate::stock::tests::founded;

const WORDS: [&str; 3] = ["kanariefugl", "Uglen", "Biblioteket"];

/// Every place in which one of these texts, or the case's id, stands: table and column.
fn places(device: &Device, case: CaseId) -> Vec<String> {
    let found = device.with(|open, _| {
        let db = open.vault.db();
        let tables: Vec<String> = {
            let mut statement = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        let mut found = Vec::new();
        for table in tables {
            let mut statement = db.prepare(&format!("SELECT * FROM \"{table}\""))?;
            let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                for (place, column) in columns.iter().enumerate() {
                    let bytes = match row.get::<_, Value>(place)? {
                        Value::Text(text) => text.into_bytes(),
                        Value::Blob(bytes) => bytes,
                        _ => continue,
                    };
                    let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
                    let texts = WORDS.iter().any(|word| has(word.as_bytes()) || has(crate::fold::folded(word).as_bytes()));
                    if texts || has(case.as_bytes()) || has(case.to_string().as_bytes()) {
                        found.push(format!("{table}.{column}"));
                    }
                }
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    });
    found.unwrap()
}

#[test]
fn of_an_erased_case_no_row_is_left_but_how_much_was_never_sent() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    let case = device.new_case("Uglen", Programme::National, None).unwrap();
    let note = Edit::AddNote { id: device.new_item(), text: "Den ærlige kanariefugl".to_owned(), at_ms: 0 };
    device.edit(case, note).unwrap();
    device.log_meeting(case, MeetingKind::Phone, None, None, Some("Biblioteket".to_owned())).unwrap();
    let before = places(&device, case);
    for table in ["document_tail.", "case_row.", "search_item.", "intent.", "undo."] {
        assert!(before.iter().any(|place| place.starts_with(table)), "{table} {before:?}");
    }
    assert_eq!(device.erase(case, EraseBasis::Mistake).unwrap(), Erasing::Gone);
    assert_eq!(places(&device, case), ["meta.key"]);
    device.lock();
    device.unlock("tolv cykler under broen ved havnen".as_bytes()).unwrap();
    assert_eq!(places(&device, case), ["meta.key"]);
}

#[test]
fn a_receive_key_that_the_log_does_not_know_yet_is_the_same_one_every_time() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    let next = || device.with(|open, host| Ok(next_receive(open, host)?.public().to_vec())).unwrap();
    let first = next();
    assert_eq!(next(), first);
    let taken = |device: &Device| device.with(|open, _| take_receive(open).map(|()| open.keys.is_retiring())).unwrap();
    assert!(!taken(&device), "the log does not have it");
    assert_eq!(next(), first);
}
