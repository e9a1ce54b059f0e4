//! The vault's files, and how they are written so that a crash leaves the one or the other, never neither.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::error::Result;

pub const KEYSLOTS: &str = "keyslots";
/// How many tries were begun since the last right one.
pub const TRIES: &str = "tries";
pub const DATABASE: &str = "vault.db";
pub const LOCK: &str = "lock";
/// Why there is no vault any more.
pub const ENDED: &str = "ended";
/// A copy under way to the present schema; nothing in it counts before it has the database's name.
pub const NEXT: &str = "vault.db.next";
/// What SQLite keeps beside a database.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];
/// The database as it was before a schema, when that schema has not proven itself yet: followed by its number.
const BEFORE: &str = "vault.db.before-";

/// A file's neighbour: its name with more at the end.
pub fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// The log that SQLite writes before the database.
pub fn wal(database: &Path) -> PathBuf {
    beside(database, "-wal")
}

/// Whether there is something in the log that is not in the database.
pub fn has_wal(database: &Path) -> bool {
    fs::metadata(wal(database)).is_ok_and(|meta| meta.len() > 0)
}

/// Where the database of before a schema is kept.
pub fn before(dir: &Path, schema: i64) -> PathBuf {
    dir.join(format!("{BEFORE}{schema}"))
}

/// Databases of before a schema that are still kept, the newest last.
pub fn kept_before(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut schemas: Vec<i64> = entries
        .filter_map(|entry| {
            let name = entry.file_name();
            let number = name.to_str()?.strip_prefix(BEFORE)?;
            number.parse().ok().filter(|schema: &i64| schema.to_string() == number)
        })
        .collect();
    schemas.sort_unstable();
    schemas.into_iter().map(|schema| before(dir, schema)).collect()
}

/// Whether a file by this name belongs to a change of schema that is not settled yet.
pub fn is_leftover(name: &str) -> bool {
    name.starts_with(BEFORE) || name.starts_with(NEXT)
}

/// Ends what a crash left half done: a swap is finished, a copy that was not ready is removed.
///
/// # Errors
/// What the disk says.
pub fn settle(dir: &Path) -> Result<()> {
    let (database, next) = (dir.join(DATABASE), dir.join(NEXT));
    if database.exists() {
        // What is in the way of the next copy is met again there.
        let _ = remove_with_companions(&next);
        return Ok(());
    }
    // The old one stepped aside only after the new one had been checked.
    let kept = kept_before(dir).pop();
    let whole = if next.exists() && kept.is_some() { Some(next) } else { kept };
    if let Some(whole) = whole {
        fs::rename(whole, &database)?;
        sync_dir(dir)?;
    }
    Ok(())
}

/// The file that holds everything now, for reading, when nothing may be settled.
pub fn current(dir: &Path) -> PathBuf {
    let database = dir.join(DATABASE);
    let found = if database.exists() { None } else { kept_before(dir).pop() };
    found.unwrap_or(database)
}

/// Makes an empty file that only its owner can read. SQLite gives what it keeps beside a database the same rights.
///
/// # Errors
/// What the disk says.
pub fn make_private(file: &Path) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?;
    Ok(())
}

/// Removes a database and what SQLite keeps beside it; what is not there is no fault.
///
/// # Errors
/// What the disk says.
pub fn remove_with_companions(database: &Path) -> Result<()> {
    remove(database)?;
    COMPANIONS.iter().try_for_each(|ending| remove(&beside(database, ending)))
}

/// Removes a file; one that is not there is no fault.
///
/// # Errors
/// What the disk says.
pub fn remove(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Writes zeros over a file and removes it. A disk may keep what lay there all the same; what lay there was encrypted.
///
/// # Errors
/// What the disk says.
pub fn shred(file: &Path) -> Result<()> {
    static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];
    let mut open = fs::OpenOptions::new().write(true).open(file)?;
    let mut left = usize::try_from(open.metadata()?.len()).unwrap_or(usize::MAX);
    while left > 0 {
        let (zeros, _) = ZEROS.split_at_checked(left.min(ZEROS.len())).unwrap_or((&ZEROS, &[]));
        open.write_all(zeros)?;
        left = left.saturating_sub(zeros.len());
    }
    open.sync_all()?;
    remove_with_companions(file)
}

/// Makes what was renamed or removed in a folder last through a loss of power.
///
/// # Errors
/// What the disk says.
pub fn sync_dir(dir: &Path) -> Result<()> {
    // Elsewhere a folder cannot be opened, and a rename lasts by itself.
    #[cfg(unix)]
    fs::File::open(dir)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}

/// Where [`write_durably`] writes a file before it has its name.
pub fn unfinished(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.new"))
}

/// Writes a file whole or not at all: beside it, synced, renamed, folder synced.
///
/// # Errors
/// What the disk says; what was there is there.
pub fn write_durably(dir: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let beside = unfinished(dir, name);
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, dir.join(name))?;
    sync_dir(dir)
}
