//! How many secrets were tried since the last right one, in a file beside the keyslots.
//!
//! With a keystore the count is proven by it. Without one nothing is secret before the secret is: then the proof only tells
//! damage from a count, and whoever can write the file can set the count. In neither case does it tell an older copy of the
//! file from the newest; whoever keeps [`Tries::serial`] elsewhere can.

use subtle::ConstantTimeEq;
use wire::{label, signature::sha256};

use crate::keyslot::KeystoreShare;

const MAGIC: &[u8; 6] = b"BBTR\0\x01";
/// Magic, salt of the keyslots, used, serial, time.
const BODY_LEN: usize = 6 + 16 + 1 + 8 + 8;
/// The file, in bytes: always as many, so that it is written in place.
pub const FILE_LEN: usize = BODY_LEN + 32;

/// The wrong try that empties the keyslots.
pub const MOST: u8 = 10;
/// After so many wrong tries the next has to wait.
const FREE: u8 = 4;
const FIRST_WAIT_MS: u64 = 30_000;
const LONGEST_WAIT_MS: u64 = 15 * 60_000;

/// The count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tries {
    /// Tries begun since the last right one, at most [`MOST`].
    pub used: u8,
    /// Goes up with each writing, and never down.
    pub serial: u64,
    /// When the last of them began, Unix milliseconds by the device's own clock; 0 when none is used.
    pub at_ms: i64,
}

impl Tries {
    /// What stands where the count is missing, unreadable or too old: all used but one, from now on.
    pub const fn lost(serial: u64, now_ms: i64) -> Self {
        Self { used: MOST - 1, serial, at_ms: now_ms }
    }

    /// One more. Where a process died in the last one, the last one is what is left.
    #[must_use]
    pub fn begin(self, now_ms: i64) -> Self {
        Self { used: self.used.min(MOST - 1).saturating_add(1), at_ms: now_ms, ..self }
    }

    /// The secret was right.
    #[must_use]
    pub const fn forgiven(self) -> Self {
        Self { used: 0, serial: self.serial, at_ms: 0 }
    }

    /// The wait counted from now, when by the clock it would begin only later: a clock that was set back never shortens it.
    #[must_use]
    pub fn rebased(self, now_ms: i64) -> Self {
        Self { at_ms: self.at_ms.min(now_ms), ..self }
    }

    /// Tries that are left, at least one.
    pub const fn left(&self) -> u8 {
        let left = MOST.saturating_sub(self.used);
        if left == 0 { 1 } else { left }
    }

    /// Whether the try that has just begun was the last.
    pub const fn is_last(&self) -> bool {
        self.used >= MOST
    }

    /// Milliseconds before the next try is allowed. A clock set forward shortens it; one set back does not.
    pub fn wait_ms(&self, now_ms: i64) -> u64 {
        let Some(beyond) = self.used.checked_sub(FREE) else { return 0 };
        let whole = FIRST_WAIT_MS.saturating_mul(1_u64 << beyond.min(10)).min(LONGEST_WAIT_MS);
        let passed = u64::try_from(now_ms.saturating_sub(self.at_ms)).unwrap_or(0);
        whole.saturating_sub(passed)
    }

    /// The file. `ask` is the keystore's answer to these bytes; empty where there is none.
    ///
    /// # Errors
    /// What the keystore says.
    pub fn encode<E>(&self, salt: &[u8; 16], ask: impl FnOnce(&[u8]) -> Result<KeystoreShare, E>) -> Result<Vec<u8>, E> {
        let mut out = Vec::with_capacity(FILE_LEN);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(salt);
        out.push(self.used);
        out.extend_from_slice(&self.serial.to_be_bytes());
        out.extend_from_slice(&self.at_ms.to_be_bytes());
        let proof = proof(&out, ask)?;
        out.extend_from_slice(&proof);
        Ok(out)
    }

    /// Reads a file; nothing when it is not whole, not proven, or about other keyslots.
    ///
    /// # Errors
    /// What the keystore says.
    pub fn decode<E>(file: &[u8], salt: &[u8; 16], ask: impl FnOnce(&[u8]) -> Result<KeystoreShare, E>) -> Result<Option<Self>, E> {
        let Some((body, proven)) = file.split_at_checked(BODY_LEN) else { return Ok(None) };
        let Some(tries) = Self::parse(body, salt) else { return Ok(None) };
        Ok(bool::from(proof(body, ask)?.ct_eq(proven)).then_some(tries))
    }

    fn parse(body: &[u8], salt: &[u8; 16]) -> Option<Self> {
        let rest = body.strip_prefix(MAGIC.as_slice())?.strip_prefix(salt.as_slice())?;
        let (used, rest) = rest.split_first()?;
        let (serial, at_ms) = rest.split_first_chunk::<8>()?;
        let at_ms = i64::from_be_bytes(at_ms.try_into().ok()?);
        (*used <= MOST).then_some(Self { used: *used, serial: u64::from_be_bytes(*serial), at_ms })
    }
}

fn proof<E>(body: &[u8], ask: impl FnOnce(&[u8]) -> Result<KeystoreShare, E>) -> Result<[u8; 32], E> {
    let asked = [label::COUNTER.as_bytes(), body].concat();
    let share = ask(&asked)?;
    Ok(*sha256(&[&asked, &share]).as_bytes())
}

#[cfg(test)]
mod tests;
