//! Search as a screen shows it: by case, the words around each hit, and which other spellings were found.

use std::{collections::BTreeMap, ops::Range};

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;
use wire::id::CaseId;

use crate::{
    error::Result,
    fold,
    session::Device,
    vault::projections::{self, Place},
};

/// Most hits of one search.
const MOST: u32 = 50;
/// Letters before the first hit, and from it on.
const BEFORE: usize = 40;
const AFTER: usize = 80;
/// Most other spellings that are named.
const MOST_SPELLINGS: usize = 3;
/// Words shorter than this are the beginnings of too many others for a spelling to say anything.
const SPELT: usize = 3;

/// A piece of a text; the pieces of a hit, put together, are one line.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct SearchPart {
    pub text: String,
    pub hit: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct SearchHit {
    #[ts(type = "\"profile\" | \"note\" | \"meeting\" | \"task\" | \"offer\"")]
    pub kind: String,
    pub id: String,
    #[ts(type = "number | null")]
    pub at: Option<i64>,
    pub by: Option<String>,
    pub parts: Vec<SearchPart>,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct SearchGroup {
    pub case: CaseId,
    pub alias: String,
    pub hits: Vec<SearchHit>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct SearchView {
    /// Other spellings that were found, at most three; empty when only what was typed was.
    pub also: Vec<String>,
    pub groups: Vec<SearchGroup>,
    /// More hits than are shown.
    pub more: bool,
}

impl Device {
    /// Where a text is found, by case; the case with the best hit first, and in each the best hits first.
    ///
    /// # Errors
    /// When locked, or the database fails.
    pub fn find(&self, text: &str) -> Result<SearchView> {
        self.timed("search", || {
            self.bring_rows_up()?;
            self.with(|open, _| {
                let mut places = projections::places(open.vault.db(), text, MOST.saturating_add(1))?;
                let most = usize::try_from(MOST).unwrap_or(usize::MAX);
                let more = places.len() > most;
                places.truncate(most);
                Ok(shown(text, places, more))
            })
        })
    }
}

fn shown(typed: &str, places: Vec<Place>, more: bool) -> SearchView {
    let wanted = fold::words(typed);
    let mut spellings = Spellings::of(typed);
    let mut groups: Vec<SearchGroup> = Vec::new();
    for place in places {
        let hit = hit(&place, &wanted, &mut spellings);
        match groups.iter_mut().find(|group| group.case == place.case) {
            Some(group) => group.hits.push(hit),
            None => groups.push(SearchGroup { case: place.case, alias: place.alias, hits: vec![hit] }),
        }
    }
    SearchView { also: spellings.others(), groups, more }
}

fn hit(place: &Place, wanted: &[String], spellings: &mut Spellings) -> SearchHit {
    // A step belongs to its offer; what was said of a stage, to the person.
    let kind = match place.kind.as_str() {
        "step" => "offer",
        "stage" => "profile",
        other => other,
    };
    let id = if place.item.is_empty() { place.case.to_string() } else { place.item.clone() };
    let parts = parts(&place.text, wanted);
    for part in parts.iter().filter(|part| part.hit) {
        spellings.found(&part.text);
    }
    SearchHit { kind: kind.to_owned(), id, at: place.at_ms, by: place.by.clone(), parts }
}

/// The words around the first hit, with every hit in them.
fn parts(text: &str, wanted: &[String]) -> Vec<SearchPart> {
    let marks = fold::marks(text, wanted);
    let first = marks.first().map_or(0, |mark| mark.start);
    let window = window(text, first);
    let mut out = Vec::new();
    let mut at = window.start;
    let mut push = |range: Range<usize>, hit: bool| {
        let text: String = one_line(text.get(range).unwrap_or_default());
        if !text.is_empty() {
            out.push(SearchPart { text, hit });
        }
    };
    for mark in marks.into_iter().filter(|mark| mark.start >= window.start && mark.end <= window.end) {
        push(at..mark.start, false);
        at = mark.end;
        push(mark, true);
    }
    push(at..window.end, false);
    with_dots(out, window.start > 0, window.end < text.len())
}

/// Where a line of text around a place begins and ends: between words where there are any.
fn window(text: &str, at: usize) -> Range<usize> {
    let (head, tail) = text.split_at_checked(at).unwrap_or(("", text));
    let taken: usize = head.graphemes(true).rev().take(BEFORE).map(str::len).sum();
    let mut start = at.saturating_sub(taken);
    if start > 0 {
        let lead = text.get(start..at).unwrap_or_default();
        start = lead.find(char::is_whitespace).map_or(start, |space| start.saturating_add(space));
    }
    let taken: usize = tail.graphemes(true).take(AFTER).map(str::len).sum();
    let mut end = at.saturating_add(taken);
    if end < text.len() {
        let rest = text.get(at..end).unwrap_or_default();
        end = rest.rfind(char::is_whitespace).filter(|space| *space > 0).map_or(end, |space| at.saturating_add(space));
    }
    start..end
}

fn with_dots(mut parts: Vec<SearchPart>, before: bool, after: bool) -> Vec<SearchPart> {
    if before {
        parts.insert(0, SearchPart { text: "…".to_owned(), hit: false });
    }
    if after {
        parts.push(SearchPart { text: " …".to_owned(), hit: false });
    }
    let mut out: Vec<SearchPart> = Vec::with_capacity(parts.len());
    for part in parts {
        match out.last_mut() {
            Some(last) if !last.hit && !part.hit => last.text.push_str(&part.text),
            _ => out.push(part),
        }
    }
    out
}

/// Spaces for everything that breaks a line, and nothing that turns what follows it.
fn one_line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !c.is_control() && !turns(*c)).collect()
}

/// How a word was written where it was found, and how it was typed.
struct Spellings {
    typed: Vec<String>,
    /// By what is the same in large and small letters; as first written.
    found: BTreeMap<String, (usize, String)>,
}

impl Spellings {
    fn of(typed: &str) -> Self {
        let typed = typed.split(|c: char| !fold::is_of_a_word(c)).filter(|word| word.chars().count() >= SPELT).map(same);
        Self { typed: typed.collect(), found: BTreeMap::new() }
    }

    fn found(&mut self, written: &str) {
        let key = same(written);
        let as_typed = self.typed.iter().any(|typed| key.starts_with(typed.as_str()));
        let meant = self.typed.iter().any(|typed| fold::folded(&key).starts_with(&fold::folded(typed)));
        if meant && !as_typed {
            let place = self.found.len();
            self.found.entry(key).or_insert((place, written.to_owned()));
        }
    }

    fn others(self) -> Vec<String> {
        let mut found: Vec<_> = self.found.into_values().collect();
        found.sort();
        found.into_iter().take(MOST_SPELLINGS).map(|(_, written)| written).collect()
    }
}

/// Small letters in one form.
fn same(word: &str) -> String {
    word.nfc().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests;
