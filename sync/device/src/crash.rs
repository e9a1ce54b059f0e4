//! Places where a crash test may kill this process. In a release build there are none.

/// Every place by name; each is met twice, `before` and `after` what it names.
pub const POINTS: [&str; 10] = ["edit", "compose", "inbox", "digest_log", "digest_case", "ack", "refused", "found", "request", "repair"];

/// Every place on the way of an older vault to the present schema, met in this order, each `before` and `after`.
pub const MIGRATION: [&str; 6] = ["settle", "copy", "step", "check", "swap_old", "swap_new"];

/// Every place on the way of a vault to another key, met in this order, each `before` and `after`.
pub const RENEWAL: [&str; 7] = ["salt", "settle", "copy", "step", "check", "swap_old", "swap_new"];

/// Every place on the way to an open vault, or to none, each `before` and `after`: a try is counted, a key wrapped anew, the keys destroyed.
pub const UNLOCK: [&str; 3] = ["try", "rewrap", "wipe"];

/// Aborts when the environment asks for a crash here: `BROBYGGER_CRASH_AT=edit.before` or `…=edit.after:3` for the third time. With
/// `…=edit.before:panic` it panics instead, with a person's words for its message.
pub(crate) fn point(what: &str, side: &str) {
    #[cfg(debug_assertions)]
    {
        use std::sync::atomic::{AtomicU32, Ordering};
        static MET: AtomicU32 = AtomicU32::new(0);
        let Ok(wanted) = std::env::var("BROBYGGER_CRASH_AT") else { return };
        if wanted == format!("{what}.{side}:panic") {
            #[expect(clippy::panic, reason = "a test asked for it")]
            std::panic::panic_any("the words of a person");
        }
        let (place, time) = wanted.split_once(':').unwrap_or((&wanted, "1"));
        if place.split_once('.') == Some((what, side)) && Ok(MET.fetch_add(1, Ordering::Relaxed).saturating_add(1)) == time.parse() {
            std::process::abort();
        }
    }
    #[cfg(not(debug_assertions))]
    let _ = (what, side);
}
