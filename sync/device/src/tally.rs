//! How often something went wrong, and how long things took: codes, counts and times, never a word about a person.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use rusqlite::Connection;

use crate::{
    error::Result,
    look::CodeCount,
    session::{Device, Open},
    stock::Stock,
    vault::{self, inbox, outbox},
};

/// Longest code that is kept.
const LONGEST: usize = 64;
/// Stands for what is no code at all, such as a server's own words.
const STRANGE: &str = "other.words";

/// How often something was met, when last, and how long it took where that was measured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// A stable code, or the name of something timed, which has no dot: `unlock`, `open_case`, `search`, `sync`.
    pub code: String,
    pub count: u64,
    /// Unix milliseconds.
    pub last_ms: i64,
    /// Milliseconds of all together; 0 for what is not timed.
    pub total_ms: u64,
    pub worst_ms: u64,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.last_ms = self.last_ms.max(other.last_ms);
        self.total_ms = self.total_ms.saturating_add(other.total_ms);
        self.worst_ms = self.worst_ms.max(other.worst_ms);
    }
}

/// What was counted since it was last written down. A locked vault takes nothing, so this waits in memory.
#[derive(Debug, Default)]
pub(crate) struct Tallies(Mutex<BTreeMap<String, Tally>>);

impl Tallies {
    fn add(&self, code: &str, now_ms: i64, took: Duration) {
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let one = all.entry(code.to_owned()).or_insert_with(|| Tally { code: code.to_owned(), ..Tally::default() });
        one.add(&Tally { code: String::new(), count: 1, last_ms: now_ms, total_ms: ms, worst_ms: ms });
    }

    fn take(&self) -> BTreeMap<String, Tally> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn so_far(&self) -> Vec<Tally> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Writes down what was counted. What the disk does not take now is lost: nobody waits for it.
    pub fn write_down(&self, open: &mut Open) {
        if open.may_sync().is_err() {
            return;
        }
        let counted = self.take();
        if !counted.is_empty() {
            let _ = keep(open, counted.into_values());
        }
    }
}

/// Only what looks like a code of this program.
fn plain(code: &str) -> &str {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'.';
    if code.len() <= LONGEST && code.contains('.') && code.bytes().all(is_plain) { code } else { STRANGE }
}

/// The day of a time, everywhere the same: `yyyy-mm-dd`.
pub fn utc_day(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

/// A code may be a server's: its own words stay here.
fn coded(counts: Vec<(String, u64)>) -> Vec<CodeCount> {
    counts.into_iter().map(|(code, count)| CodeCount { code: plain(&code).to_owned(), count }).collect()
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn keep(open: &mut Open, counted: impl Iterator<Item = Tally>) -> Result<()> {
    let transaction = open.vault.write()?;
    for one in counted {
        transaction.execute(
            "INSERT INTO tally (code, count, last_ms, total_ms, worst_ms) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (code) DO UPDATE SET count = count + excluded.count, last_ms = max(last_ms, excluded.last_ms),
                 total_ms = total_ms + excluded.total_ms, worst_ms = max(worst_ms, excluded.worst_ms)",
            (&one.code, number(one.count), one.last_ms, number(one.total_ms), number(one.worst_ms)),
        )?;
    }
    Ok(transaction.commit()?)
}

fn all(db: &Connection) -> Result<Vec<Tally>> {
    let mut statement = db.prepare_cached("SELECT code, count, last_ms, total_ms, worst_ms FROM tally ORDER BY code")?;
    let rows = statement.query_map([], |row| {
        Ok(Tally { code: row.get(0)?, count: row.get(1)?, last_ms: row.get(2)?, total_ms: row.get(3)?, worst_ms: row.get(4)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What may be told to somebody who looks for a fault: versions, counts, codes and times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Of the vault, as this app reads and writes it.
    pub schema: i64,
    pub sqlite: String,
    /// What only an open vault tells.
    pub inside: Option<Inside>,
    pub tally: Vec<Tally>,
}

/// What only an open vault tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inside {
    pub stock: Stock,
    /// Things that wait to be sent.
    pub outbox: u64,
    /// Things that came and are not taken in.
    pub inbox: u64,
    pub aside: Vec<CodeCount>,
    pub refused: Vec<CodeCount>,
}

impl Device {
    /// Versions, counts, codes and times; of a locked vault, only what was counted since this app began.
    ///
    /// # Errors
    /// When the database or the folder cannot be read.
    pub fn facts(&self) -> Result<Facts> {
        let facts = Facts { schema: vault::SCHEMA, sqlite: rusqlite::version().to_owned(), ..Facts::default() };
        if !self.is_unlocked() {
            return Ok(Facts { tally: self.tallies().so_far(), ..facts });
        }
        let (stock, tally) = (self.stock()?, self.tally()?);
        let inside = self.with(|open, _| {
            let db = open.vault.db();
            let (aside, refused) = (coded(inbox::set_aside_codes(db)?), coded(outbox::refusals(db)?));
            Ok(Inside { stock, outbox: outbox::count(db)?, inbox: inbox::count(db)?, aside, refused })
        })?;
        Ok(Facts { inside: Some(inside), tally, ..facts })
    }

    /// Counts something that went wrong, by its code.
    pub fn count(&self, code: &str) {
        self.tallies().add(plain(code), self.host().now_ms(), Duration::ZERO);
    }

    /// Counts something that was done, and how long it took.
    pub fn took(&self, what: &'static str, time: Duration) {
        self.tallies().add(what, self.host().now_ms(), time);
    }

    /// Does something and counts how long it took, when it succeeds.
    pub(crate) fn timed<T>(&self, what: &'static str, act: impl FnOnce() -> Result<T>) -> Result<T> {
        let begun = Instant::now();
        let done = act()?;
        self.took(what, begun.elapsed());
        Ok(done)
    }

    /// Everything that was counted, by code.
    ///
    /// # Errors
    /// When locked, or the database fails.
    pub fn tally(&self) -> Result<Vec<Tally>> {
        self.with(|open, _| {
            self.tallies().write_down(open);
            // A vault that takes nothing leaves them in memory.
            let mut found: BTreeMap<String, Tally> = all(open.vault.db())?.into_iter().map(|one| (one.code.clone(), one)).collect();
            for one in self.tallies().so_far() {
                found.entry(one.code.clone()).or_insert_with(|| Tally { code: one.code.clone(), ..Tally::default() }).add(&one);
            }
            Ok(found.into_values().collect())
        })
    }

    /// Writes down what was counted so far, when the vault is open.
    pub fn write_tally_down(&self) {
        let _ = self.with(|open, _| {
            self.tallies().write_down(open);
            Ok(())
        });
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn only_what_looks_like_a_code_is_kept() {
        assert_eq!(plain("vault.wrong_secret"), "vault.wrong_secret");
        for strange in ["", "Falken bor her", "http://bro.example", "x/y", "locked", &"a.".repeat(65)] {
            assert_eq!(plain(strange), "other.words");
        }
    }
}
