//! What the server left out, or gave otherwise than it was written, is fetched once more from the beginning; what it refused is
//! offered once more. Not at once, since most of it heals by itself, and ever more rarely where it does not.

use minicbor::{Decode, Encode};
use rusqlite::Connection;
use wire::cbor;

use crate::{
    error::{DeviceError, Result},
    repair,
    session::Open,
    vault::{commit, inbox, meta, outbox},
};

/// How long something has to be wrong before it is asked for again, in milliseconds: a day.
const FIRST_MS: i64 = 24 * 60 * 60 * 1000;
/// The longest wait for the next time, in milliseconds: 32 days.
const LONGEST_MS: i64 = 32 * FIRST_MS;

/// Since when something is wrong, or was last asked for again, and how long the next time is waited for, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
struct Again {
    #[n(0)]
    since_ms: i64,
    #[n(1)]
    wait_ms: i64,
}

impl Again {
    fn read(db: &Connection) -> Result<Option<Self>> {
        meta::get(db, meta::AGAIN)?.map(|bytes| cbor::decode(&bytes).map_err(|_| DeviceError::Damaged)).transpose()
    }

    fn write(self, db: &Connection) -> Result<()> {
        meta::set(db, meta::AGAIN, &cbor::encode(&self))
    }

    /// A clock that was set back begins the wait anew.
    const fn is_due(self, now_ms: i64) -> bool {
        now_ms.saturating_sub(self.since_ms) >= self.wait_ms
    }
}

/// A new sync begins: whether the next request is to ask from the beginning, and to offer again what was refused.
///
/// # Errors
/// When the database fails.
pub(crate) fn look(open: &mut Open, now_ms: i64) -> Result<()> {
    let db = open.vault.db();
    let known = Again::read(db)?;
    if inbox::set_aside_codes(db)?.is_empty() && !outbox::has_refused(db)? {
        return if known.is_some() { meta::remove(db, meta::AGAIN) } else { Ok(()) };
    }
    let Some(known) = known.filter(|known| known.since_ms <= now_ms) else {
        return Again { since_ms: now_ms, wait_ms: FIRST_MS }.write(db);
    };
    if !known.is_due(now_ms) {
        return Ok(());
    }
    let transaction = open.vault.write()?;
    // Without snapshots: what was left out of a chain has to come itself.
    meta::set_number(&transaction, meta::PLAIN, meta::WANTED)?;
    // What is still there comes again, and its code with it.
    inbox::forget_worthless(&transaction)?;
    outbox::offer_refused_again(&transaction)?;
    Again { since_ms: now_ms, wait_ms: known.wait_ms.saturating_mul(2).min(LONGEST_MS) }.write(&transaction)?;
    commit(transaction, "repair")
}

/// The server says that it lacks what it had acknowledged: it was put back without saying so, or there are two of it. How far
/// it reaches is asked at once; and, once a day at most, everything from the beginning, since it may have told others other things.
///
/// # Errors
/// When the database fails.
pub(crate) fn doubt(db: &Connection, now_ms: i64) -> Result<()> {
    repair::met(db, true)?;
    ask_once_a_day(db, now_ms)
}

/// Everything is asked for from the beginning, unless it was today.
///
/// # Errors
/// When the database fails.
pub(crate) fn ask_once_a_day(db: &Connection, now_ms: i64) -> Result<()> {
    let today = now_ms.div_euclid(FIRST_MS);
    if meta::number(db, meta::DOUBTED)? == Some(today) {
        return Ok(());
    }
    meta::set_number(db, meta::PLAIN, meta::WANTED)?;
    meta::set_number(db, meta::DOUBTED, today)
}

#[cfg(test)]
mod tests;
