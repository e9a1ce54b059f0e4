//! Where two people rewrote the same sentence without knowing of each other: the text holds the words of both, and here stand
//! the sentences as each of them meant them, until somebody who has both writes there.

#[cfg(test)]
mod tests;

use std::{cell::OnceCell, collections::BTreeMap};

use automerge::{ActorId, Automerge, ChangeHash, ObjId, ReadDoc};
use unicode_segmentation::UnicodeSegmentation;
use wire::id::ItemId;

use crate::{
    Case,
    edit::EditError,
    index::Known,
    text::{self, Hunk, Shift},
};

/// Most encounters of two people in one note that are looked at, the newest first.
const MOST_ENCOUNTERS: usize = 64;

/// One place of a note with more than one version. Positions are Unicode scalar values in the present text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Both {
    pub start: usize,
    pub end: usize,
    /// One for each who wrote there, in the order of their names in the case.
    pub versions: BTreeMap<ActorId, Version>,
}

/// A sentence, or a few, as one person left them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    pub text: String,
    /// The claimed time of the person's last words there, Unix seconds.
    pub at_s: i64,
}

/// Which changes each change knows: for every actor the number of the last.
pub(crate) struct Knowing {
    actors: Vec<ActorId>,
    /// By actor, then by number from 1.
    clocks: Vec<Vec<Vec<u64>>>,
    hashes: Vec<Vec<ChangeHash>>,
}

impl Knowing {
    fn read(doc: &Automerge) -> Self {
        let metas = doc.get_changes_meta(&[]);
        let mut actors: Vec<ActorId> = metas.iter().map(|meta| meta.actor.as_ref().clone()).collect();
        actors.sort();
        actors.dedup();
        let mut knowing = Self { clocks: vec![Vec::new(); actors.len()], hashes: vec![Vec::new(); actors.len()], actors };
        let mut by_hash: BTreeMap<ChangeHash, Vec<u64>> = BTreeMap::new();
        // No change comes before one that it builds on.
        for meta in metas {
            let Ok(own) = knowing.actors.binary_search(meta.actor.as_ref()) else { continue };
            let mut clock = vec![0; knowing.actors.len()];
            for known in meta.deps.iter().filter_map(|dep| by_hash.get(dep)) {
                clock.iter_mut().zip(known).for_each(|(mine, theirs)| *mine = (*mine).max(*theirs));
            }
            if let (Some(place), Some(clocks), Some(hashes)) =
                (clock.get_mut(own), knowing.clocks.get_mut(own), knowing.hashes.get_mut(own))
            {
                *place = meta.seq;
                clocks.push(clock.clone());
                hashes.push(meta.hash);
            }
            by_hash.insert(meta.hash, clock);
        }
        knowing
    }

    fn place(&self, actor: &ActorId) -> Option<usize> {
        self.actors.binary_search(actor).ok()
    }

    /// What a change knows, itself included.
    fn clock(&self, actor: usize, seq: u64) -> Option<&Vec<u64>> {
        self.clocks.get(actor)?.get(usize::try_from(seq.checked_sub(1)?).ok()?)
    }

    /// How much of an actor a change knows.
    fn of(&self, actor: usize, seq: u64, other: usize) -> u64 {
        self.clock(actor, seq).and_then(|clock| clock.get(other)).copied().unwrap_or(0)
    }

    /// The changes that name a state in which of every actor so much is known.
    fn heads(&self, clock: &[u64]) -> Vec<ChangeHash> {
        let last = |(place, seq): (usize, &u64)| self.hashes.get(place)?.get(usize::try_from(seq.checked_sub(1)?).ok()?).copied();
        clock.iter().enumerate().filter_map(last).collect()
    }

    /// What both know of everything before these two changes.
    fn common(&self, a: (usize, u64), b: (usize, u64)) -> Vec<u64> {
        let before = |(actor, seq): (usize, u64)| {
            let mut clock = self.clock(actor, seq).cloned().unwrap_or_default();
            if let Some(own) = clock.get_mut(actor) {
                *own = own.saturating_sub(1);
            }
            clock
        };
        before(a).into_iter().zip(before(b)).map(|(one, other)| one.min(other)).collect()
    }

    /// Everything written by those who did not know both of these changes.
    fn without_successors(&self, a: (usize, u64), b: (usize, u64)) -> Vec<u64> {
        let knows_both = |clock: &Vec<u64>| {
            let knows = |(actor, seq): (usize, u64)| clock.get(actor).is_some_and(|known| *known >= seq);
            knows(a) && knows(b)
        };
        let first_that_knows = |clocks: &Vec<Vec<u64>>| clocks.partition_point(|clock| !knows_both(clock)) as u64;
        self.clocks.iter().map(first_that_knows).collect()
    }
}

/// Two people's writing in one note, neither knowing of the other's: the first and the last change of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Encounter {
    a: (usize, u64),
    b: (usize, u64),
    last_a: u64,
    last_b: u64,
}

/// The encounters of two actors, from the numbers of the changes with which each wrote in the note.
fn encounters(knowing: &Knowing, (a, a_seqs): (usize, &[u64]), (b, b_seqs): (usize, &[u64])) -> Vec<Encounter> {
    let mut out: Vec<Encounter> = Vec::new();
    for (at, seq) in a_seqs.iter().enumerate() {
        let known_b = knowing.of(a, *seq, b);
        let next = at.checked_add(1).and_then(|next| a_seqs.get(next));
        if next.is_some_and(|next| knowing.of(a, *next, b) == known_b) {
            continue;
        }
        let unknown_to_a = b_seqs.iter().filter(|b_seq| **b_seq > known_b);
        let theirs: Vec<u64> = unknown_to_a.copied().filter(|b_seq| knowing.of(b, *b_seq, a) < *seq).collect();
        let (Some(first_b), Some(last_b)) = (theirs.first(), theirs.last()) else { continue };
        let known_a = knowing.of(b, *last_b, a);
        let Some(first_a) = a_seqs.iter().find(|a_seq| **a_seq > known_a) else { continue };
        out.push(Encounter { a: (a, *first_a), b: (b, *first_b), last_a: *seq, last_b: *last_b });
    }
    out
}

/// Where the sentences of a text begin and end, the space behind them left out, and whether each was brought to its end.
fn sentences(text: &str) -> Vec<(usize, usize, bool)> {
    let mut out = Vec::new();
    let mut at: usize = 0;
    for sentence in text.split_sentence_bounds() {
        let said = sentence.trim_end();
        let lead = said.chars().take_while(|c| c.is_whitespace()).count();
        let (start, end) = (at.saturating_add(lead), at.saturating_add(said.chars().count()));
        if start < end {
            let is_ended = said.ends_with(['.', '!', '?', '…', '؟', '۔', ':']);
            out.push((start, end, is_ended));
        }
        at = at.saturating_add(sentence.chars().count());
    }
    out
}

/// Whether somebody rewrote a sentence. Words before it, or behind one that was ended, are sentences of their own.
fn rewrites(hunk: &Hunk, (start, end, is_ended): (usize, usize, bool)) -> bool {
    if hunk.delete > 0 {
        return hunk.at < end && hunk.at.saturating_add(hunk.delete) > start;
    }
    let goes_on = hunk.at == end && !is_ended && !hunk.insert.starts_with('\n');
    (start < hunk.at && hunk.at < end) || goes_on
}

/// Runs of sentences that both rewrote: where they begin and end, and whether the last was ended.
fn rewritten_by_both(base: &str, a: &[Hunk], b: &[Hunk]) -> Vec<(usize, usize, bool)> {
    let mut out: Vec<(usize, usize, bool)> = Vec::new();
    let mut goes_on = false;
    for sentence in sentences(base) {
        let both = [a, b].iter().all(|hunks| hunks.iter().any(|hunk| rewrites(hunk, sentence)));
        match out.last_mut() {
            Some(last) if both && goes_on => (last.1, last.2) = (sentence.1, sentence.2),
            _ if both => out.push(sentence),
            _ => {}
        }
        goes_on = both;
    }
    out
}

fn cut(text: &str, start: usize, end: usize) -> String {
    text.chars().skip(start).take(end.saturating_sub(start)).collect()
}

impl Case {
    /// The places of a note that two people rewrote without knowing of each other, in the order of the text.
    /// `knowing` is read once, when a note that several wrote in needs it.
    pub(crate) fn both(&self, note: ItemId, text_object: &ObjId, knowing: &OnceCell<Knowing>) -> Result<Vec<Both>, EditError> {
        let writes = self.writes_in(note);
        if writes.len() < 2 {
            return Ok(Vec::new());
        }
        let knowing = knowing.get_or_init(|| Knowing::read(&self.doc));
        let seqs: Vec<(usize, Vec<u64>)> = writes.iter().filter_map(|(actor, seqs)| Some((knowing.place(actor)?, seqs.clone()))).collect();
        let mut met = Vec::new();
        for (at, (a, a_seqs)) in seqs.iter().enumerate() {
            for (b, b_seqs) in seqs.iter().skip(at.saturating_add(1)) {
                met.extend(encounters(knowing, (*a, a_seqs), (*b, b_seqs)));
            }
        }
        // An encounter is as old as the earlier of its two last changes.
        met.sort_by_key(|one| std::cmp::Reverse(one.last_a.min(one.last_b)));
        let mut out: Vec<Both> = Vec::new();
        for encounter in met.into_iter().take(MOST_ENCOUNTERS) {
            self.add_places(knowing, text_object, &encounter, &mut out)?;
        }
        out.sort_by_key(|place| (place.start, place.end));
        Ok(out)
    }

    /// The numbers of the changes with which each wrote in a note.
    fn writes_in(&self, note: ItemId) -> BTreeMap<ActorId, Vec<u64>> {
        let (add, write) = (format!("note.add {note}"), format!("note.write {note}"));
        let mut writes: Vec<&Known> = self.index.all().filter(|known| known.message == add || known.message == write).collect();
        writes.sort_by_key(|known| known.seq);
        let mut out: BTreeMap<ActorId, Vec<u64>> = BTreeMap::new();
        for known in writes {
            out.entry(known.actor.clone()).or_default().push(known.seq);
        }
        out
    }

    fn add_places(&self, knowing: &Knowing, text_object: &ObjId, encounter: &Encounter, out: &mut Vec<Both>) -> Result<(), EditError> {
        let (last_a, last_b) = ((encounter.a.0, encounter.last_a), (encounter.b.0, encounter.last_b));
        let base_heads = knowing.heads(&knowing.common(encounter.a, encounter.b));
        let base = self.doc.text_at(text_object, &base_heads)?;
        let mut sides = Vec::new();
        for (actor, seq) in [last_a, last_b] {
            let heads = knowing.heads(knowing.clock(actor, seq).map_or(&[], Vec::as_slice));
            let text = self.doc.text_at(text_object, &heads)?;
            sides.push((actor, seq, text::diff(&base, &text), text));
        }
        let [(_, _, a, _), (_, _, b, _)] = sides.as_slice() else { return Ok(()) };
        let places = rewritten_by_both(&base, a, b);
        if places.is_empty() {
            return Ok(());
        }
        let met_heads = knowing.heads(&knowing.without_successors(last_a, last_b));
        let to_met = self.shift_between(text_object, &base_heads, &met_heads)?;
        let to_now = self.shift_between(text_object, &met_heads, &self.doc.get_heads())?;
        for place in places {
            let (from, to) = to_met.span(place.0, place.1, place.2);
            let Some((start, end)) = to_now.whole(from, to) else { continue };
            let mut versions = BTreeMap::new();
            for (actor, seq, hunks, text) in &sides {
                let (from, to) = Shift::after(base.chars().count(), hunks).span(place.0, place.1, place.2);
                let known = knowing.actors.get(*actor).and_then(|name| Some((name, self.index.get(&self.index.nth(name, *seq)?)?)));
                if let Some((name, known)) = known {
                    versions.insert(name.clone(), Version { text: cut(text, from, to), at_s: known.at_s });
                }
            }
            add(out, Both { start, end, versions });
        }
        Ok(())
    }
}

/// Adds a place; what overlaps is one place with the versions of all.
fn add(out: &mut Vec<Both>, mut place: Both) {
    while let Some(at) = out.iter().position(|known| known.start < place.end && place.start < known.end) {
        let known = out.swap_remove(at);
        (place.start, place.end) = (place.start.min(known.start), place.end.max(known.end));
        // What was found first is the newer.
        place.versions.extend(known.versions);
    }
    out.push(place);
}
