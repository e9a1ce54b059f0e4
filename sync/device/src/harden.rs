//! What this process does at its start so that nothing it holds is left behind.

use std::panic;

/// No core dumps, no other process looking in, and no message in the report of a panic, since it may hold a person's words.
pub fn harden() {
    panic::set_hook(Box::new(|info| match info.location() {
        Some(place) => eprintln!("stopped at {}:{}", place.file(), place.line()),
        None => eprintln!("stopped"),
    }));
    // A system that refuses leaves it as it would be without; there is nobody to tell.
    #[cfg(unix)]
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, rustix::process::Rlimit { current: Some(0), maximum: Some(0) });
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}
