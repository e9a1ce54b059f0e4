//! What `verify` finds in a vault in which a row is another than it was.
#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

use casework::{Edit, Programme};
use tempfile::TempDir;
use wire::log::Role;

use crate::{Device, repair::tests::told, stock::tests::founded};

fn sql(device: &Device, text: &str) {
    device.with(|open, _| Ok(open.vault.db().execute_batch(text)?)).unwrap();
}

fn problems(device: &Device) -> Vec<String> {
    device.verify().unwrap().problems
}

#[test]
fn a_row_of_a_log_that_says_something_else_than_its_entries_is_found() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    let case = device.new_case("Falken", Programme::National, None).unwrap();
    told(&device, Some(case));
    sql(&device, "CREATE TABLE kept AS SELECT * FROM log_state");
    device.invite("Erik", Role::Mentor).unwrap();
    told(&device, None);
    assert_eq!(problems(&device), Vec::<String>::new());
    // The row of an earlier day: whoever was let in or taken out since is not, for whoever believes it.
    sql(&device, "REPLACE INTO log_state SELECT * FROM kept");
    device.lock();
    device.unlock(b"tolv cykler under broen ved havnen").unwrap();
    assert_eq!(problems(&device), ["log.state_differs"]);
}

#[test]
fn a_stored_document_that_lacks_what_was_accepted_is_found() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    let case = device.new_case("Falken", Programme::National, None).unwrap();
    told(&device, Some(case));
    let note = || device.edit(case, Edit::AddNote { id: device.new_item(), text: "før".to_owned(), at_ms: 0 }).unwrap();
    note();
    sql(&device, "CREATE TABLE kept AS SELECT * FROM document; CREATE TABLE kept_tail AS SELECT * FROM document_tail");
    note();
    device.with(|open, host| crate::compose::compose(open, host)).unwrap();
    assert_eq!(problems(&device), Vec::<String>::new());
    sql(&device, "REPLACE INTO document SELECT * FROM kept; DELETE FROM document_tail; INSERT INTO document_tail SELECT * FROM kept_tail");
    device.lock();
    device.unlock(b"tolv cykler under broen ved havnen").unwrap();
    assert_eq!(problems(&device), ["crdt.missing_change"]);
}
