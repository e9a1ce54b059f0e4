//! What has come and is not yet taken in: durable before anything else happens to it.

use rusqlite::{Connection, OptionalExtension};
use wire::{
    id::{CaseId, DeviceId, Digest},
    message::{ItemHead, ItemKind, Resume},
};

use super::meta;
use crate::error::Result;

/// An item that has come whole.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub id: i64,
    pub item: Digest,
    pub case: Option<CaseId>,
    pub bytes: Vec<u8>,
}

const fn number(kind: ItemKind) -> i64 {
    match kind {
        ItemKind::OrgEntry => 0,
        ItemKind::CaseEntry => 1,
        ItemKind::Wrap => 2,
        ItemKind::Segment => 3,
        ItemKind::Snapshot => 4,
        ItemKind::Seen => 5,
        ItemKind::Quarantine => 6,
        ItemKind::Duress => 7,
    }
}

/// Everything that came for a case but entries of its log, which go on being told.
const OF_CASE: &str = "FROM inbox WHERE case_id = ?1 AND kind <> ?2";

/// Forgets what came for a case, but entries of its log.
///
/// # Errors
/// When the database fails.
pub fn forget_case(db: &Connection, case: CaseId) -> Result<()> {
    db.execute(&format!("DELETE {OF_CASE}"), (case.as_bytes(), number(ItemKind::CaseEntry)))?;
    Ok(())
}

/// Whether anything came for a case but entries of its log.
///
/// # Errors
/// When the database fails.
pub fn has_of_case(db: &Connection, case: CaseId) -> Result<bool> {
    let sql = format!("SELECT 1 {OF_CASE} LIMIT 1");
    Ok(db.query_row(&sql, (case.as_bytes(), number(ItemKind::CaseEntry)), |_| Ok(())).optional()?.is_some())
}

/// Adds bytes to an item, beginning it at offset 0. Bytes that do not continue what is here begin it anew. What it is said
/// to be now counts, whatever it was said to be before, and so it is judged anew.
///
/// # Errors
/// When the database fails.
pub fn keep(db: &Connection, head: &ItemHead, offset: u64, bytes: &[u8]) -> Result<()> {
    let (id, kind) = (head.id.as_bytes(), number(head.kind));
    let position = i64::try_from(head.position).unwrap_or(i64::MAX);
    let case = head.case.map(|case| case.as_bytes().to_vec()).unwrap_or_default();
    let total = i64::try_from(head.total).unwrap_or(i64::MAX);
    if offset == 0 {
        db.execute(
            "INSERT INTO inbox (item_id, kind, position, case_id, total, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (item_id) DO UPDATE SET kind = excluded.kind, position = excluded.position, case_id = excluded.case_id,
                 total = excluded.total, bytes = excluded.bytes, code = NULL",
            (id, kind, position, case, total, bytes),
        )?;
    } else {
        let offset = i64::try_from(offset).unwrap_or(i64::MAX);
        db.execute(
            "UPDATE inbox SET bytes = CAST(bytes || ?6 AS BLOB), kind = ?2, position = ?3, case_id = ?4, total = ?5, code = NULL
              WHERE item_id = ?1 AND length(bytes) = ?7",
            (id, kind, position, case, total, bytes, offset),
        )?;
    }
    Ok(())
}

/// The item that is only partly here, so that the next request can go on inside it.
///
/// # Errors
/// When the database fails.
pub fn partial(db: &Connection) -> Result<Option<Resume>> {
    let mut statement =
        db.prepare_cached("SELECT item_id, length(bytes) FROM inbox WHERE length(bytes) < total ORDER BY id DESC LIMIT 1")?;
    let found = statement.query_row([], |row| Ok(Resume { id: Digest::from_bytes(row.get(0)?), offset: row.get(1)? })).optional()?;
    Ok(found.filter(|resume| resume.offset > 0))
}

/// How many bytes of an item are here.
///
/// # Errors
/// When the database fails.
pub fn length(db: &Connection, item: &Digest) -> Result<u64> {
    let mut statement = db.prepare_cached("SELECT length(bytes) FROM inbox WHERE item_id = ?1")?;
    Ok(statement.query_row([item.as_bytes()], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// The code of changes for which there was no room to wait.
pub const PARKED_FULL: &str = "crdt.parked_full";

/// Codes of items that more of the feed may make good, each between commas.
const HEALABLE: &str = ",crdt.parked_full,env.unknown_epoch,env.chain_gap,env.not_member,env.uncut,log.conflict,log.org_head,log.unknown_signer,\
    duress.unknown_device,";

/// Whether an item set aside with this code is tried again.
pub fn may_heal(code: &str) -> bool {
    HEALABLE.contains(&format!(",{code},"))
}

/// Whole items of the kinds asked for, in order, by their rows; those that may be good by now are among them. An item may be
/// large, so their bytes are loaded one at a time.
///
/// # Errors
/// When the database fails.
pub fn ids(db: &Connection, wanted: &[ItemKind], case: Option<CaseId>) -> Result<Vec<i64>> {
    let mut statement = db.prepare_cached(
        "SELECT id FROM inbox
          WHERE length(bytes) = total AND (?1 IS NULL OR case_id = ?1) AND instr(?2, ',' || kind || ',') > 0
            AND (code IS NULL OR instr(?3, ',' || code || ',') > 0)
          ORDER BY id",
    )?;
    let kinds: String = wanted.iter().map(|kind| format!(",{},", number(*kind))).collect();
    let rows = statement.query_map((case.map(|case| case.as_bytes().to_vec()), kinds, HEALABLE), |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// An item by its row.
///
/// # Errors
/// When the database fails.
pub fn load(db: &Connection, id: i64) -> Result<Option<Arrived>> {
    let mut statement = db.prepare_cached("SELECT item_id, case_id, bytes FROM inbox WHERE id = ?1")?;
    let found = statement.query_row([id], |row| {
        let case: Vec<u8> = row.get(1)?;
        Ok(Arrived { id, item: Digest::from_bytes(row.get(0)?), case: CaseId::try_from(case.as_slice()).ok(), bytes: row.get(2)? })
    });
    Ok(found.optional()?)
}

/// As [`ids`], with their bytes: for kinds of which an item is small.
///
/// # Errors
/// When the database fails.
pub fn whole(db: &Connection, wanted: &[ItemKind], case: Option<CaseId>) -> Result<Vec<Arrived>> {
    ids(db, wanted, case)?.into_iter().filter_map(|id| load(db, id).transpose()).collect()
}

/// Most bytes that are kept of what cannot be taken in yet.
pub const MOST_BACKLOG: u64 = 64 * 1024 * 1024;
/// What is said while more than that is here: nothing more is fetched.
pub const BACKLOG: &str = "env.backlog";

/// Bytes of what is here, whole or not, and may still become good.
///
/// # Errors
/// When the database fails.
pub fn backlog(db: &Connection) -> Result<u64> {
    let mut statement =
        db.prepare_cached("SELECT coalesce(sum(length(bytes)), 0) FROM inbox WHERE code IS NULL OR instr(?1, ',' || code || ',') > 0")?;
    Ok(statement.query_row([HEALABLE], |row| row.get(0))?)
}

/// Cases that have whole content waiting, in order of arrival.
///
/// # Errors
/// When the database fails.
pub fn cases(db: &Connection) -> Result<Vec<CaseId>> {
    let mut statement = db.prepare_cached(
        "SELECT case_id FROM inbox WHERE length(bytes) = total AND kind IN (3, 4) AND length(case_id) = 16
            AND (code IS NULL OR instr(?1, ',' || code || ',') > 0)
          GROUP BY case_id ORDER BY min(id)",
    )?;
    let rows = statement.query_map([HEALABLE], |row| Ok(CaseId::from_bytes(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether whole content of a case waits.
///
/// # Errors
/// When the database fails.
pub fn has_content(db: &Connection, case: CaseId) -> Result<bool> {
    let mut statement = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM inbox WHERE case_id = ?1 AND kind IN (3, 4) AND length(bytes) = total AND code IS NULL)",
    )?;
    Ok(statement.query_row([case.as_bytes().as_slice()], |row| row.get(0))?)
}

/// Done with an item.
///
/// # Errors
/// When the database fails.
pub fn remove(db: &Connection, id: i64) -> Result<()> {
    db.execute("DELETE FROM inbox WHERE id = ?1", [id])?;
    Ok(())
}

/// Forgets an item whose bytes are not what its name says, so that it is fetched again.
///
/// # Errors
/// When the database fails.
pub fn forget(db: &Connection, item: &Digest) -> Result<()> {
    db.execute("DELETE FROM inbox WHERE item_id = ?1", [item.as_bytes()])?;
    Ok(())
}

/// Sets an item aside with a code. Of what can never become good only the code is kept.
///
/// # Errors
/// When the database fails.
pub fn set_aside(db: &Connection, id: i64, code: &str) -> Result<()> {
    let mut statement = db.prepare_cached(
        "UPDATE inbox SET code = ?2, total = CASE WHEN ?3 THEN total ELSE 0 END, bytes = CASE WHEN ?3 THEN bytes ELSE x'' END
          WHERE id = ?1 RETURNING kind",
    )?;
    let kind = statement.query_row((id, code, may_heal(code)), |row| row.get(0)).optional()?;
    fetch_what_it_stood_for(db, kind, code)
}

/// Sets an item aside by its name, with a code that says that its bytes are worth nothing.
///
/// # Errors
/// When the database fails.
pub fn set_aside_item(db: &Connection, item: &Digest, code: &str) -> Result<()> {
    let mut statement = db.prepare_cached("UPDATE inbox SET code = ?2, total = 0, bytes = x'' WHERE item_id = ?1 RETURNING kind")?;
    let kind = statement.query_row((item.as_bytes(), code), |row| row.get(0)).optional()?;
    fetch_what_it_stood_for(db, kind, code)
}

/// The segments that a snapshot stands for did not come with it. One that came although none was asked for stands for what nobody has as
/// segments any more, and another has come beside it.
fn fetch_what_it_stood_for(db: &Connection, kind: Option<i64>, code: &str) -> Result<()> {
    let is_lost = kind == Some(number(ItemKind::Snapshot)) && !may_heal(code);
    match is_lost && meta::number(db, meta::PLAIN)? != Some(meta::UNDER_WAY) {
        true => meta::set_number(db, meta::PLAIN, meta::WANTED),
        false => Ok(()),
    }
}

/// Notes that a segment of this author came and could not be read.
///
/// # Errors
/// When the database fails.
pub fn note_unread(db: &Connection, case: CaseId, device: DeviceId, seq: u64) -> Result<()> {
    db.execute(
        "INSERT INTO unread (case_id, device, seq) VALUES (?1, ?2, ?3)
         ON CONFLICT (case_id, device) DO UPDATE SET seq = max(seq, excluded.seq)",
        (case.as_bytes(), device.as_bytes(), i64::try_from(seq).unwrap_or(i64::MAX)),
    )?;
    Ok(())
}

/// The last segment of each author of a case that came and could not be read.
///
/// # Errors
/// When the database fails.
pub fn unread(db: &Connection, case: CaseId) -> Result<Vec<(DeviceId, u64)>> {
    let mut statement = db.prepare_cached("SELECT device, seq FROM unread WHERE case_id = ?1")?;
    let rows = statement.query_map([case.as_bytes()], |row| Ok((DeviceId::from_bytes(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Forgets the codes of what can never become good; nothing else is kept of it.
///
/// # Errors
/// When the database fails.
pub fn forget_worthless(db: &Connection) -> Result<()> {
    db.execute("DELETE FROM inbox WHERE code IS NOT NULL AND instr(?1, ',' || code || ',') = 0", [HEALABLE])?;
    Ok(())
}

/// Codes of what is set aside, with how often.
///
/// # Errors
/// When the database fails.
pub fn set_aside_codes(db: &Connection) -> Result<Vec<(String, u64)>> {
    let mut statement = db.prepare_cached("SELECT code, count(*) FROM inbox WHERE code IS NOT NULL GROUP BY code ORDER BY code")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether an item is here whole, and its bytes are what its name says.
///
/// # Errors
/// When the database fails.
pub fn is_whole_and_true(db: &Connection, item: &Digest) -> Result<bool> {
    let mut statement = db.prepare_cached("SELECT bytes FROM inbox WHERE item_id = ?1 AND length(bytes) = total")?;
    let bytes: Option<Vec<u8>> = statement.query_row([item.as_bytes()], |row| row.get(0)).optional()?;
    Ok(bytes.is_some_and(|bytes| crate::courier::item_name(&bytes) == *item))
}

/// Whether a wrapped key waits here.
///
/// # Errors
/// When the database fails.
pub fn has_wraps(db: &Connection) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM inbox WHERE kind = ?1 AND code IS NULL)";
    Ok(db.query_row(sql, [number(ItemKind::Wrap)], |row| row.get(0))?)
}

/// Whether anything lies here.
///
/// # Errors
/// When the database fails.
pub fn has_any(db: &Connection) -> Result<bool> {
    Ok(db.query_row("SELECT EXISTS (SELECT 1 FROM inbox)", [], |row| row.get(0))?)
}

/// How many items lie here, whole or not.
///
/// # Errors
/// When the database fails.
pub fn count(db: &Connection) -> Result<u64> {
    Ok(db.query_row("SELECT count(*) FROM inbox", [], |row| row.get(0))?)
}

#[cfg(test)]
mod tests;
