//! Copies of a store: taken while it is in use, checked page by page, and put back as another incarnation.

use std::{
    fs::{self, File},
    io::ErrorKind,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, params};
use wire::{cbor, id::IncarnationId, log::OrgState};

use super::{BUSY, StoreError, connect, incarnation, int, make_file, migrate};

/// The file beside `path` whose name has this ending more.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Removes a database with what SQLite lays beside it. What is not there is no fault.
pub(crate) fn remove(path: &Path) -> Result<(), StoreError> {
    for ending in ["", "-wal", "-shm", "-journal"] {
        match fs::remove_file(beside(path, ending)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(StoreError::File(error)),
            _ => {}
        }
    }
    Ok(())
}

/// Writes a consistent copy of a database into a new file that only its owner can read. The database may be in use.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::metadata(from).map_err(StoreError::File)?;
    remove(to)?;
    make_file(to).map_err(StoreError::File)?;
    let target = to.to_str().ok_or_else(|| StoreError::File(ErrorKind::InvalidFilename.into()))?;
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    source.busy_timeout(BUSY)?;
    source.execute("VACUUM INTO ?1", [target])?;
    Ok(())
}

/// Notes in a store when it was last copied.
pub(crate) fn note_backup(store: &Path, now_ms: i64) -> Result<(), StoreError> {
    connect(store)?.execute("UPDATE store SET backup_ms = ?1 WHERE id = 1", [now_ms])?;
    Ok(())
}

/// When a store was last copied; in a copy, when that was taken. Unix milliseconds, 0 = never.
pub(crate) fn backup_ms(store: &Path) -> Result<i64, StoreError> {
    Ok(connect(store)?.query_row("SELECT backup_ms FROM store WHERE id = 1", [], |row| row.get(0))?)
}

/// Brings a copy to this version's form.
pub(crate) fn bring_up(copy: &Path, now_ms: i64) -> Result<(), StoreError> {
    migrate(&mut connect(copy)?, now_ms)
}

/// Whether every page and index of a database is sound.
pub(crate) fn is_sound(file: &Path) -> Result<bool, StoreError> {
    let verdict: String = connect(file)?.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    Ok(verdict == "ok")
}

/// Makes another incarnation of a copy, and notes how far each organisation's log reached in it.
pub(crate) fn mint(copy: &Path, now_ms: i64) -> Result<IncarnationId, StoreError> {
    let mut db = connect(copy)?;
    let tx = db.transaction()?;
    tx.execute("UPDATE store SET incarnation = randomblob(16), restored_ms = ?1 WHERE id = 1", [now_ms])?;
    let orgs: Vec<(i64, Vec<u8>)> = {
        let mut statement = tx.prepare("SELECT num, state FROM organisation")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    for (num, state) in orgs {
        let state: OrgState = cbor::decode(&state).map_err(|_| StoreError::Corrupt("state"))?;
        tx.execute("UPDATE organisation SET restored_seq = ?2 WHERE num = ?1", params![num, int(state.head().seq)?])?;
    }
    let minted = incarnation(&tx)?;
    tx.commit()?;
    Ok(minted)
}

/// Leaves a copy as one file that nothing has open, on the disk for good.
pub(crate) fn settle(file: &Path) -> Result<(), StoreError> {
    let db = connect(file)?;
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    db.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    db.close().map_err(|(_, error)| StoreError::from(error))?;
    File::open(file).and_then(|file| file.sync_all()).map_err(StoreError::File)
}

/// Whether nobody uses a store. Its log file is folded in on the way. A file that is no database is used by nobody.
pub(crate) fn is_idle(store: &Path) -> Result<bool, StoreError> {
    let db = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // Only the last connection can leave WAL mode.
    match db.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0)) {
        Ok(mode) => Ok(mode != "wal"),
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Ok(false),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Ok(true),
            _ => Err(error.into()),
        },
    }
}

/// Gives a finished file its name, on the disk for good; never takes the place of another.
pub(crate) fn name(finished: &Path, to: &Path) -> Result<(), StoreError> {
    let named = match fs::hard_link(finished, to) {
        Ok(()) => fs::remove_file(finished),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        // A file system without links, such as that of a memory stick.
        Err(_) if !to.exists() => fs::rename(finished, to),
        Err(error) => Err(error),
    };
    named.map_err(StoreError::File)?;
    sync_folder(to)
}

/// Puts a finished file in the place of another, on the disk for good.
pub(crate) fn replace(finished: &Path, store: &Path) -> Result<(), StoreError> {
    fs::rename(finished, store).map_err(StoreError::File)?;
    sync_folder(store)
}

/// What of a store is kept under another name, before its number.
const BEFORE: &str = ".before-";
const BEFORE_RESTORE: &str = ".before-restore-";

/// Where a store is kept that another takes the place of at this time, Unix milliseconds.
pub(crate) fn aside(store: &Path, now_ms: i64) -> PathBuf {
    beside(store, &format!("{BEFORE_RESTORE}{now_ms}"))
}

/// Gives a store a second name under which it stays; it has its own until another takes that. What SQLite left beside it goes along.
pub(crate) fn lay_aside(store: &Path, to: &Path) -> Result<(), StoreError> {
    for ending in ["-wal", "-shm", "-journal"] {
        match fs::rename(beside(store, ending), beside(to, ending)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(StoreError::File(error)),
            _ => {}
        }
    }
    let named = match fs::hard_link(store, to) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        // A file system without links, such as that of a memory stick.
        Err(_) => make_file(to).and_then(|()| fs::copy(store, to)).and_then(|_| File::open(to)?.sync_all()),
        Ok(()) => Ok(()),
    };
    named.map_err(StoreError::File)?;
    sync_folder(store)
}

/// Removes what was laid aside beside a store longer ago than this, in milliseconds: before a restore by the time in its
/// name, before a new form by the time of its file.
pub(crate) fn forget_laid_aside(store: &Path, now_ms: i64, oldest_ms: i64) -> Result<(), StoreError> {
    let Some(name) = store.file_name().and_then(|name| name.to_str()) else { return Ok(()) };
    let folder = store.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    for entry in fs::read_dir(folder).map_err(StoreError::File)?.flatten() {
        let found = entry.file_name();
        let Some(rest) = found.to_str().and_then(|found| found.strip_prefix(name)) else { continue };
        let number = |text: &str| text.parse::<i64>().ok();
        let laid_ms = match (rest.strip_prefix(BEFORE_RESTORE), rest.strip_prefix(BEFORE)) {
            (Some(at), _) => number(at),
            (None, Some(form)) if form.split('.').all(|part| number(part).is_some()) => written_ms(&entry.path()),
            _ => None,
        };
        if laid_ms.is_some_and(|at| at < now_ms.saturating_sub(oldest_ms)) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// When a file was last written, Unix milliseconds.
fn written_ms(file: &Path) -> Option<i64> {
    let since = fs::metadata(file).ok()?.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

pub(super) fn sync_folder(file: &Path) -> Result<(), StoreError> {
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    #[cfg(unix)]
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(StoreError::File)?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
