//! The device's rules of the road: when to ask, how much to send at once, when to try again. Pure: the courier tells it
//! what happened, and does what it orders.
//!
//! A caller runs this loop: hand every happening to [`Exchange::handle`] with the time and a die, and carry out the
//! orders. There is at most one request under way.

#[cfg(test)]
mod tests;

/// Quiet after an edit before it is sent, in milliseconds.
pub const QUIET_MS: i64 = 2_000;
/// The longest that one edit after another can put off the first, in milliseconds.
pub const MAX_QUIET_MS: i64 = 10_000;
/// First pause after a failure, in milliseconds; doubles up to [`MAX_PAUSE_MS`].
pub const FIRST_PAUSE_MS: i64 = 2_000;
/// Longest pause between tries, in milliseconds.
pub const MAX_PAUSE_MS: i64 = 15 * 60 * 1000;
/// How often a device in use asks without a reason, in milliseconds.
pub const IDLE_MS: i64 = 60_000;
/// What one POST may carry on a good line, in bytes.
pub const FULL_BATCH: usize = 1024 * 1024;
/// What one POST may carry after a cut, and before the line has carried more, in bytes.
pub const SMALL_BATCH: usize = 16 * 1024;
/// One POST carries at most this part of what the line has carried since it was cut, so that the next cut costs little.
const PART_OF_CARRIED: u64 = 4;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Something was written and waits to be sent.
    Edited,
    /// Unlocked, a network came up, or a person asked.
    Asked,
    /// The time that was ordered has come.
    Due,
    /// The answer came whole. `waiting` says whether anything is still to be sent.
    Answered { waiting: bool },
    /// The line was cut, or nobody answered.
    Cut,
    /// The server said that this device's clock is off, and told its own, in Unix milliseconds.
    WrongClock { server_ms: i64 },
    /// The server refused the whole request; trying the same again at once is useless.
    Refused,
    /// The server has too much to do, and said when to come back, in seconds.
    Busy { wait_s: u32 },
    /// This side let go of its request: there is something better to do than to wait for the answer.
    LetGo,
}

/// What the courier is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Make one request with at most this many bytes of items; at least one item if any waits.
    Request { batch: usize },
    /// Wake up at this time, Unix milliseconds by the device's clock. Replaces any earlier order of this kind.
    WakeAt(i64),
    /// Add this to the device's clock when signing requests, in milliseconds. Never used for content.
    ClockOffset(i64),
}

/// Where the road is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    under_way: bool,
    again: bool,
    batch: usize,
    /// Bytes that the line has carried both ways since it was cut.
    carried: u64,
    failures: u32,
    clock_tried: bool,
    /// When the oldest edit was made that no request has carried since.
    edited_ms: Option<i64>,
}

impl Default for Exchange {
    fn default() -> Self {
        Self { under_way: false, again: false, batch: FULL_BATCH, carried: 0, failures: 0, clock_tried: false, edited_ms: None }
    }
}

impl Exchange {
    /// Takes in what happened and says what to do. `dice` is any random number; it spreads the tries of many devices.
    pub fn handle(&mut self, now_ms: i64, dice: u64, event: Event) -> Vec<Order> {
        match event {
            Event::Edited if self.under_way => self.remember(),
            Event::Edited if self.failures > 0 => Vec::new(),
            Event::Edited => self.edited(now_ms),
            Event::Asked | Event::Due if self.under_way => self.remember(),
            Event::Asked | Event::Due => self.ask(),
            Event::Answered { waiting } => self.answered(now_ms, dice, waiting),
            Event::Cut => {
                self.batch = SMALL_BATCH;
                self.carried = 0;
                self.pause(now_ms, dice)
            }
            Event::WrongClock { server_ms } if !self.clock_tried => {
                self.clock_tried = true;
                let mut orders = vec![Order::ClockOffset(server_ms.saturating_sub(now_ms))];
                orders.extend(self.ask());
                orders
            }
            Event::WrongClock { .. } | Event::Refused => self.pause(now_ms, dice),
            Event::Busy { wait_s } => self.busy(now_ms, dice, wait_s),
            Event::LetGo => {
                self.under_way = false;
                Vec::new()
            }
        }
    }

    /// A request and its answer went over the line, so many bytes in all.
    pub const fn carried(&mut self, bytes: u64) {
        self.carried = self.carried.saturating_add(bytes);
    }

    /// Whether a request is under way.
    pub const fn is_under_way(&self) -> bool {
        self.under_way
    }

    /// Waits for quiet, but no longer than [`MAX_QUIET_MS`] after the first edit: people write for minutes on end.
    fn edited(&mut self, now_ms: i64) -> Vec<Order> {
        // A clock that was set back must not put it off either.
        let first = self.edited_ms.filter(|first| *first <= now_ms).unwrap_or(now_ms);
        self.edited_ms = Some(first);
        let at = now_ms.saturating_add(QUIET_MS).min(first.saturating_add(MAX_QUIET_MS));
        vec![Order::WakeAt(at.max(now_ms))]
    }

    fn remember(&mut self) -> Vec<Order> {
        self.again = true;
        Vec::new()
    }

    fn ask(&mut self) -> Vec<Order> {
        self.under_way = true;
        self.again = false;
        self.edited_ms = None;
        let shown = usize::try_from(self.carried.div_euclid(PART_OF_CARRIED)).unwrap_or(usize::MAX);
        vec![Order::Request { batch: self.batch.min(shown.max(SMALL_BATCH)) }]
    }

    fn answered(&mut self, now_ms: i64, dice: u64, waiting: bool) -> Vec<Order> {
        self.under_way = false;
        self.failures = 0;
        self.clock_tried = false;
        self.batch = self.batch.saturating_mul(2).min(FULL_BATCH);
        if waiting || self.again {
            return self.ask();
        }
        vec![Order::WakeAt(now_ms.saturating_add(IDLE_MS).saturating_add(jitter(dice, IDLE_MS / 4)))]
    }

    /// Comes back when it was told to, a little spread out; that is no failure of the road.
    fn busy(&mut self, now_ms: i64, dice: u64, wait_s: u32) -> Vec<Order> {
        (self.under_way, self.again) = (false, false);
        let wait = i64::from(wait_s).saturating_mul(1000).clamp(1000, MAX_PAUSE_MS);
        vec![Order::WakeAt(now_ms.saturating_add(wait).saturating_add(jitter(dice, wait / 4)))]
    }

    fn pause(&mut self, now_ms: i64, dice: u64) -> Vec<Order> {
        self.under_way = false;
        self.again = false;
        self.clock_tried = false;
        let doubled = FIRST_PAUSE_MS.saturating_mul(1_i64.checked_shl(self.failures.min(20)).unwrap_or(i64::MAX));
        let pause = doubled.min(MAX_PAUSE_MS);
        self.failures = self.failures.saturating_add(1);
        vec![Order::WakeAt(now_ms.saturating_add(pause / 2).saturating_add(jitter(dice, pause / 2)))]
    }
}

fn jitter(dice: u64, below: i64) -> i64 {
    let below = u64::try_from(below.max(1)).unwrap_or(1);
    dice.checked_rem(below).and_then(|rest| i64::try_from(rest).ok()).unwrap_or(0)
}
