//! Notes: a text that several people may write at once.

use std::collections::BTreeMap;

use automerge::ObjId;
use wire::id::{ItemId, MemberId};

use crate::document::{Origin, Stamp};

/// Most Unicode scalar values in one note.
pub const NOTE_LIMIT: usize = 1_000_000;

/// One note as the document holds it.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    pub id: ItemId,
    pub text_object: ObjId,
    pub text: String,
    /// When what it tells of took place, Unix milliseconds.
    pub at_ms: i64,
    pub finished: bool,
    /// Taken away by somebody who knew all words in it.
    pub removed: bool,
    /// Taken away by somebody who did not: then it stays, and people are asked.
    pub contested: Option<Contested>,
    /// Everyone who wrote in it, with the claimed time and the change of their last words.
    pub voices: BTreeMap<MemberId, Voice>,
    pub origin: Origin,
}

/// One person's part in a note.
#[derive(Debug, Clone)]
pub(crate) struct Voice {
    pub at_ms: i64,
    pub stamp: Stamp,
}

/// A removal that did not know all the words it would have hidden.
#[derive(Debug, Clone)]
pub(crate) struct Contested {
    pub removals: Vec<Stamp>,
    /// The last words, of each who wrote, of which no removal knew.
    pub unseen: Vec<Stamp>,
}

impl Note {
    /// The latest time at which anybody says to have written in it.
    pub fn changed_at(&self) -> i64 {
        self.voices.values().map(|v| v.at_ms).max().unwrap_or(self.origin.at_ms)
    }
}

/// The first line that says something, at most `limit` characters of it.
pub(crate) fn first_line(text: &str, limit: usize) -> String {
    use unicode_segmentation::UnicodeSegmentation;
    let line = text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or("");
    line.graphemes(true).take(limit).collect()
}

/// How many words a text has.
pub(crate) fn words(text: &str) -> u32 {
    u32::try_from(text.split_whitespace().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
