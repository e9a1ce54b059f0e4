//! This machine with a clock that the demo sets: what people say about times lies in the past, keys are as random as ever.

use std::sync::atomic::{AtomicI64, Ordering};

use device::{Cost, Host, Keystore, SystemHost};
use jiff::tz::TimeZone;

/// No time is set: the machine's own clock shows.
const REAL: i64 = i64::MIN;

/// A machine whose clock can be set.
pub struct DemoHost {
    machine: SystemHost,
    now_ms: AtomicI64,
}

impl std::fmt::Debug for DemoHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DemoHost")
    }
}

impl DemoHost {
    /// This machine, by its own clock at first.
    pub const fn new(machine: SystemHost) -> Self {
        Self { machine, now_ms: AtomicI64::new(REAL) }
    }

    /// Sets the clock.
    pub fn set(&self, now_ms: i64) {
        self.now_ms.store(now_ms, Ordering::Relaxed);
    }

    /// Back to the machine's own clock.
    pub fn unset(&self) {
        self.set(REAL);
    }
}

/// Where everything in the demo happens.
pub fn zone() -> TimeZone {
    TimeZone::get("Europe/Copenhagen").unwrap_or(TimeZone::UTC)
}

impl Host for DemoHost {
    fn now_ms(&self) -> i64 {
        match self.now_ms.load(Ordering::Relaxed) {
            REAL => self.machine.now_ms(),
            set => set,
        }
    }

    fn fill_random(&self, out: &mut [u8]) {
        self.machine.fill_random(out);
    }

    fn time_zone(&self) -> TimeZone {
        zone()
    }

    fn keystore(&self) -> Option<&dyn Keystore> {
        self.machine.keystore()
    }

    fn cost(&self) -> Cost {
        self.machine.cost()
    }
}
