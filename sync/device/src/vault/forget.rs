//! A case goes from this device, and only what everybody of the organisation's server may know stays: that it was.

use rusqlite::{Connection, OptionalExtension};
use wire::{
    envelope::Envelope,
    id::{CaseId, DeviceId},
    message::Push,
};

use super::{documents, inbox, keys, meta, outbox, quarantine};
use crate::error::Result;

/// Everything that holds something of a case, with the column that names it.
const TABLES: [(&str, &str); 10] = [
    ("document", "case_id"),
    ("document_tail", "case_id"),
    ("unsent_item", "case_id"),
    ("unread", "case_id"),
    ("case_row", "case_id"),
    ("task_row", "case_id"),
    ("search_item", "case_id"),
    ("undo", "case_id"),
    ("ledger", "case_id"),
    ("ledger_draft", "case_id"),
];

/// Deletes a case: words, keys, lists, search, what waited to be sent or taken in. Its log stays, which holds no word of it.
///
/// # Errors
/// When the database fails.
pub fn case(db: &Connection, case: CaseId, me: DeviceId) -> Result<()> {
    let acked = documents::progress(db, case)?.acked;
    for (table, column) in TABLES {
        db.execute(&format!("DELETE FROM {table} WHERE {column} = ?1"), [case.as_bytes()])?;
    }
    inbox::forget_case(db, case)?;
    unsay_unsent(db, case, me)?;
    // Entries of its log hold no word, and a server that is put back may need them.
    db.execute("DELETE FROM outbox WHERE case_id = ?1 AND (kind > 0 OR sent_ms = 0)", [case.as_bytes()])?;
    // Hashes of the own snapshots stay: nobody serves those back, and their chain goes on.
    db.execute("DELETE FROM statement WHERE stream = ?1 AND NOT (kind = 2 AND device = ?2)", (case.as_bytes(), me.as_bytes()))?;
    // Chains of ledgers are named by one byte more than their case. The own chain goes on, should the person come back.
    let of_ledgers = "length(stream) = 17 AND substr(stream, 1, 16) = ?1 AND device <> ?2";
    db.execute(&format!("DELETE FROM statement WHERE {of_ledgers}"), (case.as_bytes(), me.as_bytes()))?;
    quarantine::forget(db, case)?;
    meta::remove(db, meta::HANDING)?;
    meta::set_number(db, &own_words(case), i64::try_from(acked).unwrap_or(i64::MAX))?;
    db.execute("DELETE FROM epoch_key WHERE log = ?1", [case.as_bytes()])?;
    for intended in outbox::intents(db)? {
        if intended.what.case() == Some(case) {
            outbox::carried_out(db, intended.id)?;
        }
    }
    Ok(())
}

/// What was sealed for a ledger and never sent is forgotten with its place: should the person come back, the chain goes on at what
/// the server has.
fn unsay_unsent(db: &Connection, case: CaseId, me: DeviceId) -> Result<()> {
    for (_, push) in outbox::sealed(db)? {
        let Push::Envelope(bytes) = push else { continue };
        let Ok(envelope) = Envelope::decode(&bytes) else { continue };
        let header = &envelope.header;
        if header.stream.case == Some(case) && header.stream.is_ledger() && header.device == me {
            keys::unsay(db, header.stream, header.kind, me, header.seq)?;
        }
    }
    Ok(())
}

/// Deletes an erased case: also what stays of one that somebody only left.
///
/// # Errors
/// When the database fails.
pub fn erased(db: &Connection, erased: CaseId) -> Result<()> {
    case(db, erased, DeviceId::from_bytes([0; 16]))?;
    meta::remove(db, &own_words(erased))
}

/// Whether anything of a case is here but its log and what was handed in.
///
/// # Errors
/// When the database fails.
pub fn is_anything_left(db: &Connection, case: CaseId) -> Result<bool> {
    let keys = [("epoch_key", "log"), ("statement", "stream")];
    for (table, column) in TABLES.into_iter().chain(keys) {
        let sql = format!("SELECT 1 FROM {table} WHERE {column} = ?1 LIMIT 1");
        if db.query_row(&sql, [case.as_bytes()], |_| Ok(())).optional()?.is_some() {
            return Ok(true);
        }
    }
    let of_ledgers = "SELECT 1 FROM statement WHERE length(stream) = 17 AND substr(stream, 1, 16) = ?1 LIMIT 1";
    if db.query_row(of_ledgers, [case.as_bytes()], |_| Ok(())).optional()?.is_some() {
        return Ok(true);
    }
    inbox::has_of_case(db, case)
}

/// Under which name it is kept how many own changes of a case the server has that went from here: whoever is let in again writes
/// nothing there before they are back, since no change may take the place of another.
pub fn own_words(case: CaseId) -> String {
    format!("own_words:{case}")
}

/// Whether a case stands in the lists.
///
/// # Errors
/// When the database fails.
pub fn is_listed(db: &Connection, case: CaseId) -> Result<bool> {
    Ok(db.query_row("SELECT 1 FROM case_row WHERE case_id = ?1", [case.as_bytes()], |_| Ok(())).optional()?.is_some())
}
