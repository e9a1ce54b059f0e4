//! Cases that are erased: their bytes go, and a list outside the store remembers them for backups that are put back.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER_PERMISSIVE;
use rusqlite::{Connection, params};

use super::{super::StoreError, copies};

/// Ending of the list beside a store: a line for each erased case, the organisation's id and the case's in hex.
const ENDING: &str = ".erased";

/// An erased case: id of its organisation, and its own.
pub(crate) type Erased = (Vec<u8>, Vec<u8>);

/// Where the list of a store lies.
pub(crate) fn list_of(store: &Path) -> PathBuf {
    copies::beside(store, ENDING)
}

/// Takes the bytes of everything sealed in a case, at this position. Their rows stay, so that lists under delivery keep their
/// length and chains are counted. The log stays too: it holds no word.
pub(super) fn blank(db: &Connection, org: i64, case: i64, position: i64) -> Result<(), StoreError> {
    let sql = "SELECT (SELECT COALESCE(SUM(length(bytes)), 0) FROM envelope WHERE org = ?1 AND case_num = ?2)
        + (SELECT COALESCE(SUM(length(bytes)), 0) FROM wrap WHERE org = ?1 AND case_num = ?2)";
    let freed: i64 = db.query_row(sql, params![org, case], |row| row.get(0))?;
    db.execute("DELETE FROM cover WHERE snapshot IN (SELECT num FROM envelope WHERE org = ?1 AND case_num = ?2)", params![org, case])?;
    for table in ["envelope", "wrap"] {
        let sql = format!("UPDATE {table} SET bytes = x'', erased = ?3 WHERE org = ?1 AND case_num = ?2 AND erased = 0");
        db.execute(&sql, params![org, case, position])?;
    }
    db.execute("UPDATE organisation SET bytes = bytes - ?2 WHERE num = ?1", params![org, freed])?;
    db.execute("UPDATE case_log SET erased = ?2 WHERE num = ?1 AND erased = 0", params![case, position])?;
    Ok(())
}

/// The cases that are erased in a store.
pub(crate) fn stored(db: &Connection) -> Result<BTreeSet<Erased>, StoreError> {
    let mut statement = db.prepare("SELECT o.id, c.id FROM case_log c JOIN organisation o ON o.num = c.org WHERE c.erased > 0")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Erases again what a copy still has of cases that were erased since. Gives how many.
pub(crate) fn replay(copy: &Path, erased: &BTreeSet<Erased>) -> Result<u64, StoreError> {
    let mut db = super::connect(copy)?;
    let tx = db.transaction()?;
    let mut count = 0_u64;
    for (org, case) in erased {
        let sql = "SELECT o.num, c.num, o.position FROM case_log c JOIN organisation o ON o.num = c.org
            WHERE o.id = ?1 AND c.id = ?2 AND c.erased = 0";
        let found: Vec<(i64, i64, i64)> = {
            let mut statement = tx.prepare(sql)?;
            let rows = statement.query_map(params![org, case], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        for (org, case, position) in found {
            blank(&tx, org, case, position)?;
            count = count.saturating_add(1);
        }
    }
    tx.commit()?;
    Ok(count)
}

/// What a list names. One that is not there names nothing.
pub(crate) fn listed(list: &Path) -> Result<BTreeSet<Erased>, StoreError> {
    let text = match fs::read(list).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeSet::new()),
        other => other.map_err(StoreError::File)?,
    };
    let line = |line: &str| {
        let (org, case) = line.split_once(' ')?;
        Some((HEXLOWER_PERMISSIVE.decode(org.as_bytes()).ok()?, HEXLOWER_PERMISSIVE.decode(case.trim().as_bytes()).ok()?))
    };
    // A line that was torn names nothing; it stands there again, whole, behind it.
    Ok(text.lines().filter_map(line).collect())
}

/// Adds what is not in a list yet, on the disk for good.
pub(crate) fn note(list: &Path, erased: &BTreeSet<Erased>) -> Result<(), StoreError> {
    let known = listed(list)?;
    let new: Vec<_> = erased.difference(&known).collect();
    if new.is_empty() {
        return Ok(());
    }
    let mut text = String::new();
    for (org, case) in new {
        text.push_str(&format!("\n{} {}\n", HEXLOWER_PERMISSIVE.encode(org), HEXLOWER_PERMISSIVE.encode(case)));
    }
    let write = || {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file: File = options.open(list)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(StoreError::File)?;
    copies::sync_folder(list)
}
