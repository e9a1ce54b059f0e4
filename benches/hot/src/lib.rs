//! What a person waits for, one path at a time, on a case of any size.
//!
//! A path is prepared anew for each run, and only the run itself is timed or counted.

use std::any::Any;

mod history;
mod letters;
mod vault;

/// What is left after a run; dropping it is not part of the run.
pub type Left = Box<dyn Any>;
/// One run.
pub type Run = Box<dyn FnOnce() -> Left>;
/// Prepares one run after another.
pub type Scene = Box<dyn FnMut() -> Run>;

/// A path that a person waits for.
#[derive(Debug, Clone, Copy)]
pub struct HotPath {
    /// Like `merge`.
    pub name: &'static str,
    /// Lays out everything it needs, for a case of so many entries.
    pub scene: fn(usize) -> Scene,
}

/// All of them.
pub const PATHS: [HotPath; 9] = [
    HotPath { name: "edit", scene: history::edit },
    HotPath { name: "seal", scene: letters::seal },
    HotPath { name: "open", scene: letters::open },
    HotPath { name: "merge", scene: letters::merge },
    HotPath { name: "load", scene: history::load },
    HotPath { name: "project", scene: history::project },
    HotPath { name: "adopt", scene: history::adopt },
    HotPath { name: "keep", scene: vault::keep },
    HotPath { name: "search", scene: vault::search },
];

/// The run, where a profiler finds it by its name.
#[inline(never)]
pub fn measured(run: Run) -> Left {
    run()
}
