//! What devices that were cut off had written and not sent, on the devices of those who decide about it.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension};
use seal::quarantine::Contents;
use wire::{
    cbor,
    id::{CaseId, DeviceId, Digest},
};

use crate::error::{DeviceError, Result};

/// An item that was opened.
#[derive(Debug, Clone)]
pub struct Kept {
    pub item: Digest,
    pub device: DeviceId,
    /// Unix milliseconds.
    pub came_ms: i64,
    pub contents: Contents,
    pub rejected: bool,
}

/// Keeps an item, once.
///
/// # Errors
/// When the database fails.
pub fn keep(db: &Connection, item: &Digest, device: DeviceId, contents: &Contents, came_ms: i64) -> Result<()> {
    db.execute(
        "INSERT INTO quarantine (item_id, device, came_ms, contents) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (item_id) DO NOTHING",
        (item.as_bytes(), device.as_bytes(), came_ms, cbor::encode(contents)),
    )?;
    Ok(())
}

/// Every item, in the order in which they came.
///
/// # Errors
/// When the database fails.
pub fn all(db: &Connection) -> Result<Vec<Kept>> {
    let mut statement =
        db.prepare_cached("SELECT item_id, device, came_ms, contents, rejected FROM quarantine ORDER BY came_ms, item_id")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// One item.
///
/// # Errors
/// When the database fails.
pub fn one(db: &Connection, item: &Digest) -> Result<Option<Kept>> {
    let sql = "SELECT item_id, device, came_ms, contents, rejected FROM quarantine WHERE item_id = ?1";
    db.query_row(sql, [item.as_bytes()], |row| Ok(read(row))).optional()?.transpose()
}

/// What else this item's device handed in of the same case, by its place in the chain; the item itself among it.
///
/// # Errors
/// When the database fails.
pub fn together(db: &Connection, item: &Kept) -> Result<Vec<Kept>> {
    let sql = "SELECT item_id, device, came_ms, contents, rejected FROM quarantine WHERE device = ?1 ORDER BY came_ms, item_id";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([item.device.as_bytes()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let kept = read(row)?;
        if kept.contents.case == item.contents.case {
            found.push(kept);
        }
    }
    Ok(found)
}

fn read(row: &rusqlite::Row<'_>) -> Result<Kept> {
    let (device, contents): (Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(3)?);
    Ok(Kept {
        item: Digest::from_bytes(row.get(0)?),
        device: DeviceId::try_from(device.as_slice()).map_err(|_| DeviceError::Damaged)?,
        came_ms: row.get(2)?,
        contents: cbor::decode(&contents).map_err(|_| DeviceError::Damaged)?,
        rejected: row.get(4)?,
    })
}

/// Somebody here said no to all of an item, or thought better of it.
///
/// # Errors
/// When the database fails.
pub fn set_rejected(db: &Connection, item: &Digest, rejected: bool) -> Result<()> {
    db.execute("UPDATE quarantine SET rejected = ?2 WHERE item_id = ?1", (item.as_bytes(), rejected))?;
    Ok(())
}

/// Cases of which something was handed in.
///
/// # Errors
/// When the database fails.
pub fn cases(db: &Connection) -> Result<BTreeSet<CaseId>> {
    Ok(all(db)?.into_iter().map(|kept| kept.contents.case).collect())
}

/// Forgets what was handed in of a case.
///
/// # Errors
/// When the database fails.
pub fn forget(db: &Connection, case: CaseId) -> Result<()> {
    for kept in all(db)?.into_iter().filter(|kept| kept.contents.case == case) {
        db.execute("DELETE FROM quarantine WHERE item_id = ?1", [kept.item.as_bytes()])?;
    }
    Ok(())
}
