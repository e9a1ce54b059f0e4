//! Backups: taken while the server runs, checked before anybody relies on them, put back as another incarnation.

use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    log::{
        StoreError,
        sqlite::{
            SqliteLog, copies,
            erased::{self, Erased},
        },
    },
    verify::{self, Report},
};

/// A backup older than this is not put back, in milliseconds: 35 days. What was erased since must not come back, and
/// devices keep what they sent only a little longer.
pub const OLDEST_MS: i64 = 35 * 24 * 60 * 60 * 1000;

/// Why there is no backup, or why it was not put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is a file of that name already; nothing was written")]
    Exists,
    #[error("there is a store already; --replace lays it aside and keeps it")]
    StoreExists,
    #[error("a server uses that store; stop it first")]
    InUse,
    #[error("the copy is not as its logs say:\n{0}")]
    NotSound(String),
    #[error("the backup is more than 35 days old, or does not say when it was taken; --even-if-old puts it back all the same")]
    TooOld,
}

impl BackupError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Exists => "srv.exists",
            Self::StoreExists => "srv.store_exists",
            Self::InUse => "srv.in_use",
            Self::NotSound(_) => "srv.not_sound",
            Self::TooOld => "srv.too_old",
        }
    }
}

/// A backup that was taken and checked.
#[derive(Debug, Serialize)]
pub struct Taken {
    file: PathBuf,
    /// Unix milliseconds.
    taken_ms: i64,
    #[serde(flatten)]
    checked: Report,
}

/// A store that was put back.
#[derive(Debug, Serialize)]
pub struct Restored {
    /// How the store is called from now on, so that devices notice.
    incarnation: String,
    /// When the backup was taken, Unix milliseconds.
    taken_ms: i64,
    /// Cases that were in the backup and were erased since: erased again.
    erased_again: u64,
    /// Where the store that was there before lies now.
    laid_aside: Option<PathBuf>,
    #[serde(flatten)]
    checked: Report,
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "backup        {}\n{}", self.file.display(), self.checked)
    }
}

impl fmt::Display for Restored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "incarnation   {} (new)\ntaken_ms      {}", self.incarnation, self.taken_ms)?;
        if let Some(laid_aside) = &self.laid_aside {
            writeln!(f, "before        {}", laid_aside.display())?;
        }
        writeln!(f, "erased again  {}", self.erased_again)?;
        write!(f, "{}", self.checked)?;
        writeln!(f, "devices will offer again what came after the backup, each at its next sync")
    }
}

/// Copies the store into a new file and checks the copy. The server may run meanwhile. Stores that were laid aside more than
/// 35 days ago go: what was erased must lapse there too.
///
/// # Errors
/// [`BackupError`]; no file of that name is there then, unless it was there before.
pub fn take(store: &Path, to: &Path, now_ms: i64) -> Result<Taken, BackupError> {
    if to.exists() {
        return Err(BackupError::Exists);
    }
    let unfinished = copies::beside(to, ".unfinished");
    let checked = copies::copy(store, &unfinished).map_err(BackupError::from).and_then(|()| {
        SqliteLog::open_existing(&unfinished)?;
        copies::note_backup(&unfinished, now_ms)?;
        let checked = check(&unfinished)?;
        copies::settle(&unfinished)?;
        copies::name(&unfinished, to)?;
        Ok(checked)
    });
    if checked.is_err() {
        copies::remove(&unfinished)?;
    }
    let checked = checked?;
    copies::note_backup(store, now_ms)?;
    copies::forget_laid_aside(store, now_ms, OLDEST_MS)?;
    Ok(Taken { file: to.to_owned(), taken_ms: now_ms, checked })
}

/// What may be done on the way.
#[derive(Debug, Clone, Copy, Default)]
pub struct Allowed {
    /// A store that is there is laid aside.
    pub replace: bool,
    pub even_if_old: bool,
}

/// Checks a backup and makes a store of it.
///
/// # Errors
/// [`BackupError`]; a store that was there is as it was.
pub fn put_back(from: &Path, store: &Path, allowed: Allowed, now_ms: i64) -> Result<Restored, BackupError> {
    if store.exists() && !allowed.replace {
        return Err(BackupError::StoreExists);
    }
    let unfinished = copies::beside(store, ".restoring");
    let erased = erased_since(store)?;
    let made = prepare(from, &unfinished, allowed, &erased, now_ms).and_then(|(incarnation, taken_ms, erased_again, checked)| {
        let laid_aside = lay_aside(store, now_ms)?;
        // At no time is there no store: whoever came then would be served an empty one.
        if laid_aside.is_some() {
            copies::replace(&unfinished, store)?
        } else {
            copies::name(&unfinished, store)?
        }
        Ok(Restored { incarnation, taken_ms, erased_again, laid_aside, checked })
    });
    if made.is_err() {
        copies::remove(&unfinished)?;
    }
    made
}

/// What the list beside the store names, and what the store says that is replaced, if it can be read.
fn erased_since(store: &Path) -> Result<BTreeSet<Erased>, BackupError> {
    let mut found = erased::listed(&erased::list_of(store))?;
    if let Ok(before) = SqliteLog::open_existing(store) {
        found.extend(before.read(erased::stored)?);
    }
    erased::note(&erased::list_of(store), &found)?;
    Ok(found)
}

fn prepare(
    from: &Path,
    unfinished: &Path,
    allowed: Allowed,
    erased: &BTreeSet<Erased>,
    now_ms: i64,
) -> Result<(String, i64, u64, Report), BackupError> {
    copies::copy(from, unfinished)?;
    copies::bring_up(unfinished, now_ms)?;
    let taken_ms = copies::backup_ms(unfinished)?;
    if taken_ms < now_ms.saturating_sub(OLDEST_MS) && !allowed.even_if_old {
        return Err(BackupError::TooOld);
    }
    // Before anything else can be done with it.
    let erased_again = erased::replay(unfinished, erased)?;
    let checked = check(unfinished)?;
    let incarnation = copies::mint(unfinished, now_ms)?;
    copies::settle(unfinished)?;
    Ok((incarnation.to_string(), taken_ms, erased_again, checked))
}

fn check(copy: &Path) -> Result<Report, BackupError> {
    if !copies::is_sound(copy)? {
        return Err(BackupError::NotSound("a page or an index is damaged".to_owned()));
    }
    let report = verify::verify(&SqliteLog::open_existing(copy)?)?;
    if report.problems.is_empty() { Ok(report) } else { Err(BackupError::NotSound(report.to_string())) }
}

fn lay_aside(store: &Path, now_ms: i64) -> Result<Option<PathBuf>, BackupError> {
    if !store.exists() {
        return Ok(None);
    }
    if !copies::is_idle(store)? {
        return Err(BackupError::InUse);
    }
    let free = (now_ms..).map(|at_ms| copies::aside(store, at_ms)).find(|aside| !aside.exists());
    let aside = free.ok_or(BackupError::Exists)?;
    copies::lay_aside(store, &aside)?;
    Ok(Some(aside))
}
