//! What lists and search read, so that no document is loaded for them.

use std::collections::BTreeMap;

use casework::{AppointmentView, CaseRow, Held, HeldConflict, Listed, SearchText, TaskView};
use rusqlite::{Connection, OptionalExtension};
use wire::id::CaseId;

use crate::{
    error::{DeviceError, Result},
    fold,
};

/// A place where a search found something.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct Hit {
    pub case: CaseId,
    pub kind: String,
    pub id: String,
    pub snippet: String,
}

/// A row with what only lists over all cases read.
#[derive(serde::Serialize)]
struct StoredRow<'a> {
    #[serde(flatten)]
    row: &'a CaseRow,
    held: &'a Held,
}

fn json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|_| DeviceError::Damaged)
}

fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|_| DeviceError::Damaged)
}

/// Replaces everything a case shows in lists and search. Rows that are as they were are not written.
///
/// # Errors
/// When the database fails.
pub fn replace(db: &Connection, case: CaseId, listed: &Listed) -> Result<()> {
    set_row(db, case, &listed.row, &listed.held)?;
    let key = case.as_bytes().as_slice();
    db.execute("DELETE FROM task_row WHERE case_id = ?1", [key])?;
    let mut insert = db.prepare_cached("INSERT INTO task_row (case_id, item, row) VALUES (?1, ?2, ?3)")?;
    for task in &listed.tasks {
        insert.execute((key, task.id.to_string(), json(task)?))?;
    }
    replace_texts(db, key, &listed.texts)
}

/// Replaces a case's row in lists.
///
/// # Errors
/// When the database fails.
pub fn set_row(db: &Connection, case: CaseId, row: &CaseRow, held: &Held) -> Result<()> {
    db.execute(
        "INSERT INTO case_row (case_id, row, last_contact) VALUES (?1, ?2, ?3)
         ON CONFLICT (case_id) DO UPDATE SET row = excluded.row, last_contact = excluded.last_contact",
        (case.as_bytes().as_slice(), json(&StoredRow { row, held })?, row.last_contact_at),
    )?;
    Ok(())
}

/// Takes a case out of the lists: what its card promised did not hold.
///
/// # Errors
/// When the database fails.
pub fn forget_row(db: &Connection, case: CaseId) -> Result<()> {
    db.execute("DELETE FROM case_row WHERE case_id = ?1", [case.as_bytes().as_slice()])?;
    Ok(())
}

/// A row of the index as it is stored: its key, its text, when and by whom.
type KnownText = (i64, String, Option<i64>, Option<Vec<u8>>);

fn replace_texts(db: &Connection, key: &[u8], texts: &[SearchText]) -> Result<()> {
    let mut known = known_texts(db, key)?;
    let mut insert =
        db.prepare_cached("INSERT INTO search_item (case_id, kind, item, text, folded, at, author) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    let mut update = db.prepare_cached("UPDATE search_item SET at = ?2, author = ?3 WHERE id = ?1")?;
    let mut delete = db.prepare_cached("DELETE FROM search_item WHERE id = ?1")?;
    for text in texts {
        let (kind, item) = (text.kind.word(), text.item.map(|id| id.to_string()).unwrap_or_default());
        let author = text.by.map(|member| member.as_bytes().to_vec());
        match known.remove(&(kind.to_owned(), item.clone())) {
            Some((id, same, at, by)) if same == text.text => {
                if (at, &by) != (text.at_ms, &author) {
                    update.execute((id, text.at_ms, author))?;
                }
                continue;
            }
            Some((id, ..)) => delete.execute([id])?,
            None => 0,
        };
        insert.execute((key, kind, &item, &text.text, fold::folded(&text.text), text.at_ms, author))?;
    }
    for (id, ..) in known.into_values() {
        delete.execute([id])?;
    }
    Ok(())
}

fn known_texts(db: &Connection, key: &[u8]) -> Result<BTreeMap<(String, String), KnownText>> {
    let mut select = db.prepare_cached("SELECT kind, item, id, text, at, author FROM search_item WHERE case_id = ?1")?;
    let rows = select.query_map([key], |row| Ok(((row.get(0)?, row.get(1)?), (row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Cases whose row an older version wrote, without what is counted, disputed and agreed.
///
/// # Errors
/// When the database fails.
pub fn outdated(db: &Connection) -> Result<Vec<CaseId>> {
    let mut statement =
        db.prepare_cached("SELECT case_id FROM case_row WHERE json_type(row, '$.held.appointments') IS NULL ORDER BY case_id")?;
    let rows = statement.query_map([], |row| Ok(CaseId::from_bytes(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Every conflict of every case, with the name of its case.
///
/// # Errors
/// When the database fails.
pub fn conflicts(db: &Connection) -> Result<Vec<(CaseId, String, Vec<HeldConflict>)>> {
    let mut statement = db.prepare_cached(
        "SELECT case_id, json_extract(row, '$.alias'), json_extract(row, '$.held.conflicts') FROM case_row
          WHERE json_array_length(row, '$.held.conflicts') > 0 ORDER BY case_id",
    )?;
    let rows = statement.query_map([], |row| Ok((CaseId::from_bytes(row.get(0)?), row.get(1)?, row.get::<_, String>(2)?)))?;
    rows.map(|row| row.map_err(DeviceError::from).and_then(|(case, alias, text)| Ok((case, alias, parsed(&text)?)))).collect()
}

/// Every appointment that was still to come, or unanswered, when its case last changed.
///
/// # Errors
/// When the database fails.
pub fn appointments(db: &Connection) -> Result<Vec<AppointmentView>> {
    let mut statement = db.prepare_cached(
        "SELECT json_extract(row, '$.held.appointments') FROM case_row
          WHERE json_array_length(row, '$.held.appointments') > 0 ORDER BY case_id",
    )?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut out: Vec<AppointmentView> = Vec::new();
    for text in rows {
        out.extend(parsed::<Vec<AppointmentView>>(&text?)?);
    }
    Ok(out)
}

/// How many cases, notes, meetings and tasks there are, things taken away not counted.
///
/// # Errors
/// When the database fails.
pub fn counts(db: &Connection) -> Result<[u64; 4]> {
    let sum = |what: &str| format!("coalesce(sum(json_extract(row, '$.held.{what}')), 0)");
    let sql = format!("SELECT count(*), {}, {}, {} FROM case_row", sum("notes"), sum("meetings"), sum("tasks"));
    Ok(db.query_row(&sql, [], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?)
}

/// Every case in lists, as it was when it last changed.
///
/// # Errors
/// When the database fails.
pub fn rows(db: &Connection) -> Result<Vec<CaseRow>> {
    let mut statement = db.prepare_cached("SELECT row FROM case_row ORDER BY case_id")?;
    let texts = statement.query_map([], |row| row.get::<_, String>(0))?;
    texts.map(|text| parsed(&text?)).collect()
}

/// One case as lists show it.
///
/// # Errors
/// When the database fails.
pub fn row(db: &Connection, case: CaseId) -> Result<Option<CaseRow>> {
    let mut statement = db.prepare_cached("SELECT row FROM case_row WHERE case_id = ?1")?;
    let text: Option<String> = statement.query_row([case.as_bytes().as_slice()], |row| row.get(0)).optional()?;
    text.map(|text| parsed(&text)).transpose()
}

/// Every open task and promise.
///
/// # Errors
/// When the database fails.
pub fn tasks(db: &Connection) -> Result<Vec<TaskView>> {
    let mut statement = db.prepare_cached("SELECT row FROM task_row ORDER BY case_id, item")?;
    let texts = statement.query_map([], |row| row.get::<_, String>(0))?;
    texts.map(|text| parsed(&text?)).collect()
}

/// The server has everything written here in this case: dots say so.
///
/// # Errors
/// When the database fails.
pub fn all_received(db: &Connection, case: CaseId) -> Result<()> {
    db.execute(
        "UPDATE task_row SET row = json_set(row, '$.dot', 'server')
          WHERE case_id = ?1 AND json_extract(row, '$.dot') = 'here'
            AND EXISTS (SELECT 1 FROM document WHERE document.case_id = ?1 AND document.acked >= document.own)",
        [case.as_bytes().as_slice()],
    )?;
    Ok(())
}

/// A coordinator's device has everything written here in this case: dots say so.
///
/// # Errors
/// When the database fails.
pub fn seen(db: &Connection, case: CaseId) -> Result<()> {
    db.execute(
        "UPDATE task_row SET row = json_set(row, '$.dot', 'coordinator')
          WHERE case_id = ?1 AND json_extract(row, '$.dot') = 'server'
            AND EXISTS (SELECT 1 FROM document WHERE document.case_id = ?1 AND document.seen >= document.own)",
        [case.as_bytes().as_slice()],
    )?;
    Ok(())
}

/// A case has its log on the server now.
///
/// # Errors
/// When the database fails.
pub fn on_server(db: &Connection, case: CaseId) -> Result<()> {
    db.execute(
        "UPDATE case_row SET row = json_set(row, '$.waiting_for_server', json('false')) WHERE case_id = ?1",
        [case.as_bytes().as_slice()],
    )?;
    Ok(())
}

/// Where a text is found, best first.
///
/// # Errors
/// When the database fails.
pub fn search(db: &Connection, text: &str, at_most: u32) -> Result<Vec<Hit>> {
    let Some(query) = fold::query(text) else { return Ok(Vec::new()) };
    let mut statement = db.prepare_cached(
        "SELECT i.case_id, i.kind, i.item, i.text FROM search JOIN search_item AS i ON i.id = search.rowid
          WHERE search MATCH ?1 ORDER BY search.rank LIMIT ?2",
    )?;
    let rows = statement.query_map((query, at_most), |row| {
        let whole: String = row.get(3)?;
        Ok(Hit { case: CaseId::from_bytes(row.get(0)?), kind: row.get(1)?, id: row.get(2)?, snippet: fold::snippet(&whole, text) })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One place where a search found something, with all that a screen shows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub case: CaseId,
    pub alias: String,
    pub kind: String,
    pub item: String,
    pub text: String,
    pub at_ms: Option<i64>,
    pub by: Option<String>,
}

/// Where a text is found, best first, in one statement.
///
/// # Errors
/// When the database fails.
pub fn places(db: &Connection, text: &str, at_most: u32) -> Result<Vec<Place>> {
    let Some(query) = fold::query(text) else { return Ok(Vec::new()) };
    let mut statement = db.prepare_cached(
        "SELECT i.case_id, coalesce(json_extract(c.row, '$.alias'), ''), i.kind, i.item, i.text, i.at, n.name
           FROM search JOIN search_item AS i ON i.id = search.rowid
           LEFT JOIN case_row AS c ON c.case_id = i.case_id
           LEFT JOIN name AS n ON n.subject = i.author
          WHERE search MATCH ?1 ORDER BY search.rank LIMIT ?2",
    )?;
    let rows = statement.query_map((query, at_most), |row| {
        Ok(Place {
            case: CaseId::from_bytes(row.get(0)?),
            alias: row.get(1)?,
            kind: row.get(2)?,
            item: row.get(3)?,
            text: row.get(4)?,
            at_ms: row.get(5)?,
            by: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What a person, device or organisation is called.
///
/// # Errors
/// When the database fails.
pub fn name(db: &Connection, subject: &[u8]) -> Result<Option<String>> {
    let mut statement = db.prepare_cached("SELECT name FROM name WHERE subject = ?1")?;
    Ok(statement.query_row([subject], |row| row.get(0)).optional()?)
}

/// Names a person, device or organisation.
///
/// # Errors
/// When the database fails.
pub fn set_name(db: &Connection, subject: &[u8], name: &str) -> Result<()> {
    db.execute(
        "INSERT INTO name (subject, name) VALUES (?1, ?2) ON CONFLICT (subject) DO UPDATE SET name = excluded.name",
        (subject, name),
    )?;
    Ok(())
}

/// Every name.
///
/// # Errors
/// When the database fails.
pub fn names(db: &Connection) -> Result<Vec<(Vec<u8>, String)>> {
    let mut statement = db.prepare_cached("SELECT subject, name FROM name")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Keeps the act that takes another back.
///
/// # Errors
/// When the database fails.
pub fn keep_undo(db: &Connection, token: &str, case: CaseId, edit: &casework::Edit, now_ms: i64) -> Result<()> {
    let edit = json(edit)?.into_bytes();
    db.execute("INSERT INTO undo (token, case_id, edit, made) VALUES (?1, ?2, ?3, ?4)", (token, case.as_bytes(), edit, now_ms))?;
    Ok(())
}

/// The act that takes another back.
///
/// # Errors
/// When the database fails.
pub fn undo(db: &Connection, token: &str, oldest_ms: i64) -> Result<Option<(CaseId, casework::Edit)>> {
    let mut statement = db.prepare_cached("SELECT case_id, edit FROM undo WHERE token = ?1 AND made >= ?2")?;
    let found =
        statement.query_row((token, oldest_ms), |row| Ok((CaseId::from_bytes(row.get(0)?), row.get::<_, Vec<u8>>(1)?))).optional()?;
    found.map(|(case, edit)| Ok((case, serde_json::from_slice(&edit).map_err(|_| DeviceError::Damaged)?))).transpose()
}

/// Forgets the ways back of acts done before a time.
///
/// # Errors
/// When the database fails.
pub fn forget_undos(db: &Connection, before_ms: i64) -> Result<()> {
    db.execute("DELETE FROM undo WHERE made < ?1", [before_ms])?;
    Ok(())
}

/// An act was taken back: once is enough.
///
/// # Errors
/// When the database fails.
pub fn undone(db: &Connection, token: &str) -> Result<()> {
    db.execute("DELETE FROM undo WHERE token = ?1", [token])?;
    Ok(())
}
