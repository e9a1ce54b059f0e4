//! Clocks that were wrong: what a device says of its own, once a server has told it the time.
//!
//! A claimed time is never changed. What is said here is shown beside it, and where entries are shown in the order of the calendar
//! they stand where they belong. Nothing else is ever ordered by a clock.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use automerge::ActorId;

use crate::{Author, Case, EditError, document::Stamp};

/// A clock that is off by no more than this, in milliseconds, counts as right.
pub const RIGHT_ENOUGH_MS: i64 = 5 * 60 * 1000;
/// 2020-01-01 in Unix milliseconds: before it there was no such program, so a clock that shows less shows nothing.
pub(crate) const NO_TIME_BEFORE_MS: i64 = 1_577_836_800_000;

const PREFIX: &str = "clock";
/// What a change is called that says so.
pub(crate) const MESSAGE: &str = "clock.off";

/// What all devices have said of their clocks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clocks {
    /// By actor: the first and the last change of which it speaks, and how far ahead the clock was.
    said: BTreeMap<ActorId, Vec<(u64, u64, i64)>>,
}

impl Clocks {
    pub fn add(&mut self, actor: ActorId, from: u64, upto: u64, ahead_ms: i64) {
        let said = self.said.entry(actor).or_default();
        said.push((from, upto, ahead_ms));
        said.sort_unstable();
    }

    /// How far ahead (or, negative, behind) the clock was at a change, in milliseconds; 0 when nothing was said or it was right.
    pub fn ahead(&self, actor: &ActorId, seq: u64) -> i64 {
        let of_this = |said: &&(u64, u64, i64)| said.0 <= seq && seq <= said.1;
        // Of what overlaps, what was said later of the later changes holds.
        self.said.get(actor).and_then(|said| said.iter().rev().find(of_this)).map_or(0, |said| said.2)
    }

    /// How far off the clock was at a change, when it was more than a little.
    pub fn off(&self, stamp: &Stamp) -> Option<i64> {
        Some(self.ahead(&stamp.actor, stamp.seq)).filter(|ahead_ms| is_off(*ahead_ms))
    }

    /// A claimed time as it was by a right clock, where that is known.
    pub fn set_right(&self, at_ms: i64, stamp: &Stamp) -> i64 {
        at_ms.saturating_sub(self.off(stamp).unwrap_or(0))
    }
}

fn is_off(ahead_ms: i64) -> bool {
    ahead_ms.saturating_abs() > RIGHT_ENOUGH_MS
}

pub(crate) fn key(actor: &ActorId, from: u64) -> String {
    format!("{PREFIX} {} {from}", actor.to_hex_string())
}

pub(crate) fn parse_key(key: &str) -> Option<(ActorId, u64)> {
    let mut parts = key.split(' ');
    let (PREFIX, Some(actor), Some(from), None) = (parts.next()?, parts.next(), parts.next(), parts.next()) else { return None };
    Some((ActorId::try_from(actor).ok()?, from.parse().ok()?))
}

pub(crate) fn said(upto: u64, ahead_ms: i64) -> String {
    format!("{upto} {ahead_ms}")
}

pub(crate) fn parse(text: &str) -> Option<(u64, i64)> {
    let (upto, ahead_ms) = text.split_once(' ')?;
    Some((upto.parse().ok()?, ahead_ms.parse().ok()?))
}

impl Case {
    /// States how far ahead (or, negative, behind) this device's clock was in its own changes from number `from` on, in
    /// milliseconds. False when nothing had to be said: the clock was right, or this stands there already.
    pub fn state_clock(&mut self, from: u64, ahead_ms: i64, by: &Author, now_ms: i64) -> Result<bool, EditError> {
        let actor = ActorId::from(self.actor());
        let (clocks, own) = (self.reader().clocks(), self.own_seq());
        let differs = |seq: u64| is_off(clocks.ahead(&actor, seq).saturating_sub(ahead_ms));
        if from > own || !(from..=own).any(differs) {
            return Ok(false);
        }
        // The change that says so was made by the same clock.
        self.change(by, now_ms, MESSAGE, |w| w.clock(&actor, from, own.saturating_add(1), ahead_ms))
    }
}
