//! What an operator sees: that all is as the logs say, and when it is not.

use rusqlite::Connection;
use wire::{envelope::Stream, log::Role};

use super::kit::{Field, segment, snapshot};
use crate::{inspect, log::sqlite::SqliteLog, verify};

fn busy() -> Field {
    let mut field = Field::new();
    let mentor = field.join(Role::Mentor);
    let case = field.case(&mentor);
    for seq in 1..=3 {
        assert_eq!(field.verdict(&mentor, segment(&mentor, Stream::core(case), seq, 600)), "ack");
    }
    assert_eq!(field.verdict(&mentor, snapshot(&mentor, Stream::core(case), 1, 600, &[(&mentor, 3)])), "ack");
    field.new_epoch(case);
    field
}

fn codes(field: &Field, spoil: &str) -> Vec<&'static str> {
    let file = field.dir.path().join("store/log.db");
    Connection::open(&file).unwrap().execute_batch(spoil).unwrap();
    let report = verify::verify(&SqliteLog::open_existing(&file).unwrap()).unwrap();
    report.problems.iter().map(|problem| problem.code).collect()
}

#[test]
fn a_sound_store_verifies() {
    let field = busy();
    let file = field.dir.path().join("store/log.db");
    let report = verify::verify(&SqliteLog::open_existing(&file).unwrap()).unwrap();
    assert_eq!(report.problems, []);
    assert_eq!((report.organisations, report.cases, report.entries, report.envelopes), (1, 1, 7, 4));
    assert_eq!(report.wraps, 6);
}

#[test]
fn what_was_tampered_with_is_found() {
    for (spoil, code) in [
        ("UPDATE envelope SET bytes = zeroblob(600) WHERE num = 2", "audit.envelope"),
        ("DELETE FROM envelope WHERE num = 2", "audit.chain"),
        ("DELETE FROM envelope WHERE num = 2", "audit.positions"),
        ("UPDATE case_log SET state = x'80'", "audit.case_state"),
        ("UPDATE organisation SET state = x'80'", "audit.org_state"),
        ("DELETE FROM wrap WHERE num = 1", "audit.wraps"),
        ("UPDATE entry SET bytes = x'00' WHERE num = 2", "audit.entry"),
        ("UPDATE device SET request_key = zeroblob(32)", "audit.devices"),
        ("DELETE FROM membership WHERE num = 1", "audit.members"),
    ] {
        assert!(codes(&busy(), spoil).contains(&code), "{spoil}");
    }
}

#[test]
fn inspect_prints_ids_and_sizes() {
    let field = busy();
    let stored = inspect::inspect(&SqliteLog::open_existing(&field.dir.path().join("store/log.db")).unwrap()).unwrap();
    let text = stored.to_string();
    assert!(text.contains(&field.org.org().to_string()) && text.contains(&field.founder.id().to_string()));
    assert_eq!(text.matches("segment").count(), 3);
    let json = serde_json::to_value(&stored).unwrap();
    assert_eq!(json.pointer("/organisations/0/cases/0/epoch"), Some(&2.into()));
}

#[cfg(unix)]
#[test]
fn a_new_store_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let field = Field::new();
    let mode = |path: &str| field.dir.path().join(path).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("store"), mode("store/log.db"), mode("store/log.db-wal")), (0o700, 0o600, 0o600));
}
