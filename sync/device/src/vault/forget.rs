//! A case goes from this device, and only what everybody of the organisation's server may know stays: that it was.

use rusqlite::{Connection, OptionalExtension};
use wire::id::CaseId;

use super::outbox::{self, Intent};
use crate::error::Result;

/// Everything that holds something of a case, with the column that names it.
const TABLES: [(&str, &str); 10] = [
    ("document", "case_id"),
    ("document_tail", "case_id"),
    ("unsent_item", "case_id"),
    ("unread", "case_id"),
    ("inbox", "case_id"),
    ("case_row", "case_id"),
    ("task_row", "case_id"),
    ("search_item", "case_id"),
    ("undo", "case_id"),
    ("statement", "stream"),
];

/// Deletes a case: words, keys, lists, search, what waited to be sent or taken in. Its log stays, which holds no word of it.
///
/// # Errors
/// When the database fails.
pub fn case(db: &Connection, case: CaseId) -> Result<()> {
    for (table, column) in TABLES {
        db.execute(&format!("DELETE FROM {table} WHERE {column} = ?1"), [case.as_bytes()])?;
    }
    // Entries of its log hold no word, and a server that is put back may need them.
    db.execute("DELETE FROM outbox WHERE case_id = ?1 AND (kind > 0 OR sent_ms = 0)", [case.as_bytes()])?;
    db.execute("DELETE FROM epoch_key WHERE log = ?1", [case.as_bytes()])?;
    for intended in outbox::intents(db)? {
        let about = match intended.what {
            Intent::Genesis { case } | Intent::Grant { case, .. } | Intent::Rewrap { case, .. } | Intent::Remove { case, .. } => Some(case),
            Intent::Rotate { case } => case,
            Intent::Invite { .. } | Intent::AddDevice { .. } | Intent::MinVersion { .. } | Intent::Revoke { .. } => None,
        };
        if about == Some(case) {
            outbox::carried_out(db, intended.id)?;
        }
    }
    Ok(())
}

/// Whether a case stands in the lists.
///
/// # Errors
/// When the database fails.
pub fn is_listed(db: &Connection, case: CaseId) -> Result<bool> {
    Ok(db.query_row("SELECT 1 FROM case_row WHERE case_id = ?1", [case.as_bytes()], |_| Ok(())).optional()?.is_some())
}
