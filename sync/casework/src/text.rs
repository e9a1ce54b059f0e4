//! Text as people write it: cleaning at the door, and the difference between two versions.
//!
//! Short strings are one line, without control characters and without the characters that turn the
//! direction of what follows (U+202A–202E, U+2066–2069): they are shown beside the text of others.
//! A note keeps what was typed: such a character ends its work at the end of its line, and each line is
//! shown on its own.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

/// Most Unicode scalar values in a short string.
pub const SHORT_LIMIT: usize = 500;

/// Largest table that a comparison may fill.
const TABLE_LIMIT: usize = 1_000_000;
/// Most differences that are looked for between lists too long for a table.
const MOST_DIFFERENCES: usize = 1_000;

/// Why a text was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadText {
    TooLong,
    Nul,
}

/// A short string made fit to be shown on one line.
pub(crate) fn short(text: &str) -> Result<String, BadText> {
    if text.contains('\0') {
        return Err(BadText::Nul);
    }
    let clean = plain_line(text);
    if clean.chars().count() > SHORT_LIMIT { Err(BadText::TooLong) } else { Ok(clean) }
}

/// The text of a note with one kind of line end.
pub(crate) fn long(text: &str, limit: usize) -> Result<String, BadText> {
    if text.contains('\0') {
        return Err(BadText::Nul);
    }
    let clean = text.replace("\r\n", "\n").replace('\r', "\n");
    if clean.chars().count() > limit { Err(BadText::TooLong) } else { Ok(clean) }
}

/// A text as one line without anything that acts on its surroundings.
pub(crate) fn plain_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !c.is_control() && !turns(*c)).collect();
    spaced.trim().to_owned()
}

const fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// One place where a text differs: at this position of the old text, this many go and these come.
/// Positions are Unicode scalar values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hunk {
    pub at: usize,
    pub delete: usize,
    pub insert: String,
}

/// The differences from one text to another, in order. No letter that consists of several scalar
/// values is ever cut; a word of which letters are replaced is replaced whole, so that two who rewrite it leave two words;
/// where much was rewritten, whole lines are replaced.
pub(crate) fn diff(old: &str, new: &str) -> Vec<Hunk> {
    let head = common_head(old, new);
    let (head, tail) = whole_words(old, new, head, common_tail(old, new, head));
    let (old_rest, new_rest) = (old.get(head..).unwrap_or(""), new.get(head..).unwrap_or(""));
    let old_mid = old_rest.get(..old_rest.len().saturating_sub(tail)).unwrap_or("");
    let new_mid = new_rest.get(..new_rest.len().saturating_sub(tail)).unwrap_or("");
    let at = old.get(..head).unwrap_or("").chars().count();
    let mut out = Vec::new();
    let (old_lines, new_lines): (Vec<&str>, Vec<&str>) = (old_mid.split_inclusive('\n').collect(), new_mid.split_inclusive('\n').collect());
    compare(&old_lines, &new_lines, at, true, &mut out);
    out
}

fn compare(old: &[&str], new: &[&str], start: usize, lines: bool, out: &mut Vec<Hunk>) {
    let mut at = start;
    let (mut o, mut n) = (0, 0);
    let mut pairs = common(old, new);
    pairs.push((old.len(), new.len()));
    for (next_old, next_new) in pairs {
        let gone = old.get(o..next_old).unwrap_or(&[]);
        let come = new.get(n..next_new).unwrap_or(&[]);
        let gone_length = length(gone);
        if lines && !gone.is_empty() && !come.is_empty() {
            let (gone_text, come_text) = (gone.concat(), come.concat());
            compare(&tokens(&gone_text), &tokens(&come_text), at, false, out);
        } else if !gone.is_empty() || !come.is_empty() {
            out.push(Hunk { at, delete: gone_length, insert: come.concat() });
        }
        let kept = old.get(next_old).map_or(0, |t| t.chars().count());
        at = at.saturating_add(gone_length).saturating_add(kept);
        (o, n) = (next_old.saturating_add(1), next_new.saturating_add(1));
    }
}

/// Places of a longest common part of two lists; none when the lists are long and differ in most of what they hold.
fn common(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let width = new.len().saturating_add(1);
    let size = old.len().saturating_add(1).saturating_mul(width);
    if old.is_empty() || new.is_empty() {
        return Vec::new();
    }
    if size > TABLE_LIMIT {
        return common_of_long(old, new);
    }
    let mut table = vec![0_u32; size];
    let cell = |i: usize, j: usize| i.saturating_mul(width).saturating_add(j);
    let read = |table: &[u32], i: usize, j: usize| table.get(cell(i, j)).copied().unwrap_or(0);
    for (i, a) in old.iter().enumerate().rev() {
        for (j, b) in new.iter().enumerate().rev() {
            let (i1, j1) = (i.saturating_add(1), j.saturating_add(1));
            let best = if a == b { read(&table, i1, j1).saturating_add(1) } else { read(&table, i1, j).max(read(&table, i, j1)) };
            if let Some(slot) = table.get_mut(cell(i, j)) {
                *slot = best;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::new();
    while let (Some(a), Some(b)) = (old.get(i), new.get(j)) {
        let (i1, j1) = (i.saturating_add(1), j.saturating_add(1));
        if a == b {
            pairs.push((i, j));
            (i, j) = (i1, j1);
        } else if read(&table, i1, j) >= read(&table, i, j1) {
            i = i1;
        } else {
            j = j1;
        }
    }
    pairs
}

/// The same for lists that are long and differ in little, by Myers' greedy search: for each number of differences the
/// furthest place that can be reached on each diagonal, until one is the end.
fn common_of_long(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for differences in 0..=MOST_DIFFERENCES {
        let mut row: Vec<usize> = Vec::with_capacity(differences.saturating_add(1));
        for diagonal in 0..=differences {
            let mut at = begin_of(rows.last(), diagonal);
            let mut other = across(at, differences, diagonal);
            while old.get(at).is_some_and(|token| new.get(other) == Some(token)) {
                (at, other) = (at.saturating_add(1), other.saturating_add(1));
            }
            row.push(at);
            if at >= old.len() && other >= new.len() {
                rows.push(row);
                return way_back(&rows, diagonal);
            }
        }
        rows.push(row);
    }
    Vec::new()
}

/// Where in the old list the search on a diagonal begins: a step from the further of its two neighbours of the row before.
fn begin_of(before: Option<&Vec<usize>>, diagonal: usize) -> usize {
    let Some(before) = before else { return 0 };
    let left = diagonal.checked_sub(1).and_then(|n| before.get(n)).map(|at| at.saturating_add(1));
    let right = before.get(diagonal).copied();
    left.max(right).unwrap_or(0)
}

/// The place in the new list that belongs to one in the old: diagonal `n` of `d` differences has `2n - d` more gone than come.
const fn across(at: usize, differences: usize, diagonal: usize) -> usize {
    at.saturating_add(differences).saturating_sub(diagonal.saturating_mul(2))
}

/// The pairs on the way that ends on this diagonal of the last row.
fn way_back(rows: &[Vec<usize>], last: usize) -> Vec<(usize, usize)> {
    let (mut pairs, mut diagonal) = (Vec::new(), last);
    for (differences, row) in rows.iter().enumerate().rev() {
        let before = differences.checked_sub(1).and_then(|n| rows.get(n));
        let (begin, end) = (begin_of(before, diagonal), row.get(diagonal).copied().unwrap_or(0));
        pairs.extend((begin..end).rev().map(|at| (at, across(at, differences, diagonal))));
        let from_left =
            diagonal.checked_sub(1).filter(|left| before.and_then(|row| row.get(*left)).is_some_and(|at| at.saturating_add(1) == begin));
        diagonal = from_left.unwrap_or(diagonal);
    }
    pairs.reverse();
    pairs
}

/// Words, and everything else letter by letter.
fn tokens(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut word: Option<usize> = None;
    for (start, letter) in text.grapheme_indices(true) {
        let in_word = letter.chars().next().is_some_and(char::is_alphanumeric);
        if !in_word {
            if let Some(from) = word.take() {
                out.extend(text.get(from..start));
            }
            out.push(letter);
        } else if word.is_none() {
            word = Some(start);
        }
    }
    if let Some(from) = word {
        out.extend(text.get(from..));
    }
    out
}

fn length(parts: &[&str]) -> usize {
    parts.iter().map(|p| p.chars().count()).sum()
}

/// Bytes of the longest common beginning that ends between two letters in both.
fn common_head(old: &str, new: &str) -> usize {
    let same = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    let mut at = same;
    while at > 0 && !(is_boundary(old, at) && is_boundary(new, at)) {
        at = at.saturating_sub(1);
    }
    at
}

/// Bytes of the longest common end that begins between two letters in both and lies after `head`.
fn common_tail(old: &str, new: &str, head: usize) -> usize {
    let room = old.len().min(new.len()).saturating_sub(head);
    let same = old.bytes().rev().zip(new.bytes().rev()).take(room).take_while(|(a, b)| a == b).count();
    let mut tail = same;
    while tail > 0 && !(is_boundary(old, old.len().saturating_sub(tail)) && is_boundary(new, new.len().saturating_sub(tail))) {
        tail = tail.saturating_sub(1);
    }
    tail
}

/// What is common at both ends without the words that are replaced in part. Letters that are only added or only taken away leave
/// their word standing: that is how people type.
fn whole_words(old: &str, new: &str, head: usize, tail: usize) -> (usize, usize) {
    let (old_end, new_end) = (old.len().saturating_sub(tail), new.len().saturating_sub(tail));
    if head >= old_end || head >= new_end {
        return (head, tail);
    }
    let in_word = |letter: Option<&str>| letter.and_then(|letter| letter.chars().next()).is_some_and(char::is_alphanumeric);
    let begins_in_word = |text: &str, end: usize| in_word(text.get(head..end).and_then(|mid| mid.graphemes(true).next()));
    let ends_in_word = |text: &str, end: usize| in_word(text.get(head..end).and_then(|mid| mid.graphemes(true).next_back()));
    let (mut at, mut rest) = (head, tail);
    if begins_in_word(old, old_end) || begins_in_word(new, new_end) {
        let word = old.get(..head).unwrap_or("").graphemes(true).rev().take_while(|letter| in_word(Some(*letter)));
        at = head.saturating_sub(word.map(str::len).sum());
    }
    if ends_in_word(old, old_end) || ends_in_word(new, new_end) {
        let word = old.get(old_end..).unwrap_or("").graphemes(true).take_while(|letter| in_word(Some(*letter)));
        rest = tail.saturating_sub(word.map(str::len).sum());
    }
    (at, rest)
}

fn is_boundary(text: &str, at: usize) -> bool {
    text.is_char_boundary(at) && GraphemeCursor::new(at, text.len(), true).is_boundary(text, 0).unwrap_or(false)
}

/// How positions of an earlier text lie in a later one: what was kept of it and what came between.
#[derive(Debug, Default)]
pub(crate) struct Shift {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, Copy)]
enum Part {
    Kept { start: usize, len: usize },
    New { len: usize },
}

impl Part {
    const fn len(self) -> usize {
        match self {
            Self::Kept { len, .. } | Self::New { len } => len,
        }
    }

    fn split(self, at: usize) -> (Self, Self) {
        let rest = self.len().saturating_sub(at);
        match self {
            Self::Kept { start, .. } => (Self::Kept { start, len: at }, Self::Kept { start: start.saturating_add(at), len: rest }),
            Self::New { .. } => (Self::New { len: at }, Self::New { len: rest }),
        }
    }
}

/// One act on a text: at this position of the text as it then is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Splice {
    pub at: usize,
    pub delete: usize,
    pub insert: String,
}

impl Shift {
    /// Nothing has changed in a text of this length.
    pub fn none(len: usize) -> Self {
        Self { parts: vec![Part::Kept { start: 0, len }] }
    }

    /// What these differences make of a text of this length.
    pub fn after(len: usize, hunks: &[Hunk]) -> Self {
        let mut shift = Self::none(len);
        for hunk in hunks.iter().rev() {
            shift.delete(hunk.at, hunk.delete);
            shift.insert(hunk.at, hunk.insert.chars().count());
        }
        shift
    }

    /// Where a part of the earlier text lies in the later one, with what came in its place. `is_ended` leaves out what came
    /// behind it.
    pub fn span(&self, start: usize, end: usize, is_ended: bool) -> (usize, usize) {
        let (mut now, mut from, mut to): (usize, usize, Option<usize>) = (0, 0, None);
        let mut last_kept: usize = 0;
        for part in &self.parts {
            let after = now.saturating_add(part.len());
            if let Part::Kept { start: first, len } = *part {
                let last = first.saturating_add(len);
                let place = |at: usize| now.saturating_add(at.saturating_sub(first));
                if (first..last).contains(&start) {
                    from = place(start);
                } else if last <= start {
                    from = after;
                }
                if is_ended && first < end && end <= last {
                    to = Some(place(end));
                } else if to.is_none() && last > end {
                    to = Some(place(end.max(first)));
                }
                last_kept = after;
            }
            now = after;
        }
        let to = to.unwrap_or(if is_ended && last_kept > from { last_kept.max(from) } else { now });
        (from, to.max(from))
    }

    /// Where a part of the earlier text lies in the later one, if nothing in it was touched.
    pub fn whole(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let (mut now, mut at): (usize, usize) = (0, start);
        let mut place: Option<(usize, usize)> = None;
        for part in &self.parts {
            if let Part::Kept { start: first, len } = *part
                && (first..first.saturating_add(len)).contains(&at)
                && at < end
            {
                let from = now.saturating_add(at.saturating_sub(first));
                if place.is_some_and(|(_, to)| to != from) {
                    return None;
                }
                let upto = end.min(first.saturating_add(len));
                let to = from.saturating_add(upto.saturating_sub(at));
                place = Some((place.map_or(from, |(begun, _)| begun), to));
                at = upto;
            }
            now = now.saturating_add(part.len());
        }
        place.filter(|_| at == end)
    }

    pub fn insert(&mut self, at: usize, len: usize) {
        let place = self.cut(at);
        self.parts.insert(place, Part::New { len });
    }

    pub fn delete(&mut self, at: usize, len: usize) {
        let from = self.cut(at);
        let to = self.cut(at.saturating_add(len));
        self.parts.drain(from..to.max(from));
    }

    /// The place in the list at which the part that begins at `at` lies.
    fn cut(&mut self, at: usize) -> usize {
        let mut before: usize = 0;
        for (place, part) in self.parts.iter().copied().enumerate() {
            let after = before.saturating_add(part.len());
            if at == before {
                return place;
            }
            if at < after {
                let (left, right) = part.split(at.saturating_sub(before));
                self.parts.splice(place..place.saturating_add(1), [left, right]);
                return place.saturating_add(1);
            }
            before = after;
        }
        self.parts.len()
    }

    /// The same differences as acts on the later text, to be done in this order.
    /// What was deleted meanwhile is not deleted again, what came meanwhile stays.
    pub fn carry(&self, hunks: &[Hunk]) -> Vec<Splice> {
        hunks.iter().rev().flat_map(|hunk| self.carry_one(hunk)).collect()
    }

    fn carry_one(&self, hunk: &Hunk) -> Vec<Splice> {
        let end = hunk.at.saturating_add(hunk.delete);
        let mut out = Vec::new();
        let (mut now, mut insert_at): (usize, usize) = (0, 0);
        for part in &self.parts {
            if let Part::Kept { start, len } = *part {
                let last = start.saturating_add(len);
                if start < hunk.at {
                    insert_at = now.saturating_add(len.min(hunk.at.saturating_sub(start)));
                }
                let (from, to) = (start.max(hunk.at), last.min(end));
                if from < to {
                    let at = now.saturating_add(from.saturating_sub(start));
                    out.push(Splice { at, delete: to.saturating_sub(from), insert: String::new() });
                }
            }
            now = now.saturating_add(part.len());
        }
        out.reverse();
        match out.last_mut() {
            Some(first) if first.at == insert_at => first.insert.clone_from(&hunk.insert),
            _ if !hunk.insert.is_empty() => out.push(Splice { at: insert_at, delete: 0, insert: hunk.insert.clone() }),
            _ => {}
        }
        out
    }
}

#[cfg(test)]
mod tests;
