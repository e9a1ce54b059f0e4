//! Places where a test may kill the process, to see what a crash there leaves behind; nothing in a release build.

/// Every place by its name, as `BROBYGGER_CRASH_AT` names it (with `:N` for the N-th time it is passed, with `:panic` for a panic instead of
/// an abort).
pub const POINTS: [&str; 8] = [
    "push.before_commit",
    "push.after_commit",
    "found.before_commit",
    "found.after_commit",
    "request.before_commit",
    "request.after_commit",
    "answer.before_acks",
    "answer.after_acks",
];

/// Passes a place.
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    use std::sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    };
    static WANTED: OnceLock<Option<(String, u64, bool)>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);
    let wanted = WANTED.get_or_init(|| {
        let value = std::env::var("BROBYGGER_CRASH_AT").ok()?;
        Some(match value.split_once(':') {
            Some((name, times)) => (name.to_owned(), times.parse().unwrap_or(1), times == "panic"),
            None => (value, 1, false),
        })
    });
    if let Some((wanted, times, panics)) = wanted
        && wanted == name
        && PASSED.fetch_add(1, Ordering::SeqCst).saturating_add(1) == *times
    {
        if *panics {
            #[expect(clippy::panic, reason = "a test asked for it")]
            std::panic::panic_any("the words of a person");
        }
        std::process::abort();
    }
}

/// Passes a place.
#[cfg(not(debug_assertions))]
pub const fn point(_name: &str) {}
