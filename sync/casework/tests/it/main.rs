//! What comes from outside: changes made to hurt, and every entrance for bytes of others, with each allocation counted.

#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "these tests read golden files, start a child and wait for it")]

use std::{
    alloc::System,
    panic,
    sync::{Mutex, MutexGuard, Once, PoisonError},
};

mod chunk;
mod entrances;
mod field;
mod hostile;
mod mutation;

/// Counts every byte that is asked for, and refuses those beyond a limit.
#[global_allocator]
static HEAP: cap::Cap<System> = cap::Cap::new(System, usize::MAX);

static ALONE: Mutex<()> = Mutex::new(());

/// Held by every test that counts: the counter knows no threads.
fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Automerge falls over some of what it is given, and the gate catches it. That is not worth a line, nor the search for the names
/// of its functions, which takes more memory than anything that is counted here.
fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if info.location().is_some_and(|place| !place.file().contains("/registry/")) {
                loud(info);
            }
        }));
    });
}
