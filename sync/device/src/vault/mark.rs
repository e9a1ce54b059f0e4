//! The mark beside the database: how many commits were acknowledged, and, while it is closed, the hash of the whole file.
//!
//! Each page of the database proves that it was written under its key, and not that it is the newest of its name; and a
//! log whose middle is damaged looks to SQLite like one that ends there. The mark notices both: a database that has
//! fewer commits than were acknowledged, or that changed while it was closed, has lost something.

use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use wire::{id::Digest, signature::sha256};

use super::{files, meta};
use crate::error::Result;

const ENDING: &str = ".mark";
const MAGIC: &[u8; 8] = b"BBMARK\0\x01";
/// Magic, commits, hash of the database or zeros.
const BODY: usize = 8 + 8 + 32;
/// Bytes of the database hashed at a time.
const CHUNK: u64 = 256 * 1024;

/// What the mark says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Commits that were acknowledged.
    pub commits: i64,
    /// The closed database; nothing while it is open, or when it was not closed in order.
    pub seal: Option<Digest>,
}

/// Where the mark of a database is.
pub fn file_of(database: &Path) -> PathBuf {
    files::beside(database, ENDING)
}

/// The mark of a database; none when there is none, or when it is not whole itself.
pub fn read(database: &Path) -> Option<Mark> {
    let bytes = fs::read(file_of(database)).ok()?;
    let (body, check) = bytes.split_at_checked(BODY)?;
    if sha256(&[body]).as_bytes() != check {
        return None;
    }
    let rest = body.strip_prefix(MAGIC.as_slice())?;
    let (commits, seal) = rest.split_first_chunk::<8>()?;
    let seal = Digest::from_bytes(seal.try_into().ok()?);
    Some(Mark { commits: i64::from_be_bytes(*commits), seal: (seal != Digest::ZERO).then_some(seal) })
}

fn write(database: &Path, mark: Mark) -> io::Result<fs::File> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&mark.commits.to_be_bytes());
    bytes.extend_from_slice(mark.seal.unwrap_or(Digest::ZERO).as_bytes());
    let check = sha256(&[&bytes]);
    bytes.extend_from_slice(check.as_bytes());
    let mut options = fs::OpenOptions::new();
    // In place: it has one length for ever, so a full disk takes it as well.
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file_of(database))?;
    file.write_all(&bytes)?;
    Ok(file)
}

/// How many commits a database holds.
///
/// # Errors
/// When the database fails.
pub fn commits(db: &Connection) -> Result<i64> {
    Ok(meta::number(db, meta::COMMITS)?.unwrap_or(0))
}

/// Counts one more commit inside the transaction that will be it.
///
/// # Errors
/// When the database fails.
pub fn count(db: &Connection) -> Result<i64> {
    let next = commits(db)?.saturating_add(1);
    meta::set_number(db, meta::COMMITS, next)?;
    Ok(next)
}

/// A commit is on the disk. Where the mark cannot be written it stays behind, which is never wrong.
pub fn acknowledge(database: &Path, commits: i64) {
    let _ = write(database, Mark { commits, seal: None });
}

/// From here on the database may change: its seal goes, and that lasts before anything else is written.
///
/// # Errors
/// What the disk says.
pub fn unseal(database: &Path) -> Result<()> {
    let Some(mark) = read(database).filter(|mark| mark.seal.is_some()) else { return Ok(()) };
    match write(database, Mark { seal: None, ..mark }) {
        Ok(file) => Ok(file.sync_all()?),
        Err(_) => {
            files::remove(&file_of(database))?;
            files::sync_dir(database.parent().unwrap_or(database))
        }
    }
}

/// Whether a database holds every commit that was acknowledged, and is as it was closed.
///
/// # Errors
/// When the database fails.
pub fn is_sound(database: &Path, db: &Connection) -> Result<bool> {
    let Some(mark) = read(database) else { return Ok(true) };
    if mark.seal.is_some_and(|seal| hash(database).ok() != Some(seal)) {
        return Ok(false);
    }
    // A log beside a file that is as it was sealed had been folded in, and a loss of power undid only its removal. Whether
    // anything in it is older than the file, the commits say.
    Ok(commits(db)? >= mark.commits)
}

fn hash(file: &Path) -> io::Result<Digest> {
    let mut open = fs::File::open(file)?;
    let (mut digest, mut chunk) = (Digest::ZERO, Vec::new());
    loop {
        chunk.clear();
        if Read::by_ref(&mut open).take(CHUNK).read_to_end(&mut chunk)? == 0 {
            return Ok(digest);
        }
        digest = sha256(&[digest.as_bytes(), &chunk]);
    }
}

/// Seals the database when it is dropped, which must be after the database was closed.
#[derive(Debug)]
pub struct Sealer(pub PathBuf);

impl Drop for Sealer {
    fn drop(&mut self) {
        // What could not be closed in order keeps its log, and is not sealed.
        if files::has_wal(&self.0) {
            return;
        }
        // That the log is gone lasts before the seal says so.
        if files::sync_dir(self.0.parent().unwrap_or(&self.0)).is_err() {
            return;
        }
        // Without a mark nobody knows how many commits there were; none is never wrong.
        let commits = read(&self.0).map_or(0, |mark| mark.commits);
        if let Ok(hash) = hash(&self.0) {
            let _ = write(&self.0, Mark { commits, seal: Some(hash) });
        }
    }
}
