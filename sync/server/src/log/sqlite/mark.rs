//! A line beside the store that says how far it once reached, so that an older file put in its place by hand is noticed.
//!
//! Devices notice a store that was put back only by its incarnation, and only `restore` mints one.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::{StoreError, copies, lock, make_file};

/// How often the line is written, at most. It may lag behind: it only has to be no further than the store ever was.
const EVERY: Duration = Duration::from_secs(10);

/// The line, and when it was last written.
#[derive(Debug)]
pub(super) struct Mark {
    file: PathBuf,
    written: Mutex<Option<Instant>>,
}

/// The incarnation in hex, and the sum of all positions taken.
fn reached(db: &Connection) -> Result<(String, u64), StoreError> {
    let sql = "SELECT lower(hex(incarnation)), (SELECT coalesce(sum(position), 0) FROM organisation) FROM store WHERE id = 1";
    Ok(db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

impl Mark {
    /// Compares a store with the line beside it, if there is one.
    pub(super) fn check(store: &Path, db: &Connection) -> Result<Self, StoreError> {
        let file = copies::beside(store, ".reached");
        let (incarnation, now) = reached(db)?;
        let line = fs::read_to_string(&file).unwrap_or_default();
        let before = line.trim().split_once(' ').filter(|(of, _)| *of == incarnation).and_then(|(_, sum)| sum.parse::<u64>().ok());
        if before.is_some_and(|before| now < before) {
            return Err(StoreError::PutBack);
        }
        Ok(Self { file, written: Mutex::default() })
    }

    /// Something was appended.
    pub(super) fn moved(&self, db: &Connection) {
        let due = lock(&self.written).is_none_or(|at| at.elapsed() >= EVERY);
        if due {
            self.write(db);
        }
    }

    /// Writes the line. What does not succeed is left: the line before it is as true as ever.
    pub(super) fn write(&self, db: &Connection) {
        *lock(&self.written) = Some(Instant::now());
        let Ok((incarnation, sum)) = reached(db) else { return };
        let beside = copies::beside(&self.file, ".new");
        let line = format!("{incarnation} {sum}\n");
        let _ = fs::remove_file(&beside);
        let _ = make_file(&beside).and_then(|()| fs::write(&beside, line)).and_then(|()| fs::rename(&beside, &self.file));
    }
}
