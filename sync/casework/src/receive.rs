//! The gate: what other devices wrote comes in only if it is sound, in order and by its author.
//!
//! Each bound follows from the change and from what it builds on, so that all devices judge alike.
//! A change is first measured without being unpacked, then read, then judged; what waits for
//! something missing is kept aside, never inside the document. What passes is tried on a copy,
//! which must save and load again, before it replaces the document.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{ActorId, Automerge, Change, ChangeHash, ROOT, ReadDoc, transaction::Transactable};
use seal::Opened;
use wire::envelope::Kind;

use crate::{
    Case, document, guarded, hash_bytes,
    index::Index,
    segment::{SegmentError, decode_segment, decode_snapshot},
};

mod scan;

/// Most changes and bytes kept aside.
pub(crate) const PARKED_CHANGES: usize = 1_000;
pub(crate) const PARKED_BYTES: usize = 8 * 1024 * 1024;
/// No document has more operations than this.
const MAX_OP: u64 = 1 << 21;
/// Most changes that a change may name as those it builds on.
const MAX_DEPS: usize = 1_000;

/// A change kept aside until what it builds on has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    pub author: [u8; 16],
    pub bytes: Vec<u8>,
}

/// Why something was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// Stable code, `crdt.…`.
    pub code: &'static str,
}

/// What became of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Received {
    /// New changes in the document, among them such as had waited.
    pub applied: usize,
    /// How many wait now, in all.
    pub parked: usize,
    pub refused: Vec<Refusal>,
}

/// What is kept outside the document.
#[derive(Default)]
pub(crate) struct Waiting {
    parked: BTreeMap<ChangeHash, (Change, [u8; 16])>,
    bytes: usize,
    refused: BTreeSet<ChangeHash>,
}

/// What was taken in without being tried.
#[derive(Default)]
pub(crate) struct Untried {
    hashes: Vec<ChangeHash>,
    /// The document did not take something, and is not to be used any more.
    fell: bool,
}

type Judged = Result<(), &'static str>;

/// The last change of each author, by its name in the case: what its newest signed statement names.
pub type Ends = BTreeMap<[u8; 16], [u8; 32]>;

impl Case {
    /// Takes in the changes of one author, whose name in this case is `author`.
    pub fn receive(&mut self, author: [u8; 16], changes: &[Vec<u8>]) -> Received {
        let mut out = Received::default();
        let mut batch = Vec::new();
        for bytes in changes {
            match read(bytes) {
                Ok(change) if *change.actor_id() != ActorId::from(author) => out.refuse("crdt.wrong_actor"),
                Ok(change) => batch.push((change, author)),
                Err(code) => out.refuse(code),
            }
        }
        self.settle(batch, &mut out);
        out
    }

    /// Takes in the changes of a segment that was opened. The statement that its author signed must name the last of them
    /// and how many there are.
    pub fn merge(&mut self, opened: &Opened) -> Result<Received, SegmentError> {
        let Some(author) = opened.actor().filter(|_| opened.stream.case == Some(self.id())) else {
            return Ok(Received::none_for("crdt.wrong_case"));
        };
        match opened.kind {
            Kind::Segment => {
                let changes = decode_segment(&opened.body)?;
                let last = changes.last().and_then(|bytes| read(bytes).ok()).map(|change| hash_bytes(&change.hash()));
                let count = u32::try_from(changes.len()).ok();
                if last.as_ref() != Some(opened.statement.last.as_bytes()) || count != Some(opened.statement.count) {
                    return Ok(Received::none_for("crdt.bad_statement"));
                }
                Ok(self.receive(author, &changes))
            }
            Kind::Snapshot | Kind::Seen | Kind::Heartbeat => Ok(Received::none_for("crdt.wrong_kind")),
        }
    }

    /// Takes in the body of a snapshot: all changes in it that are not here yet, each judged on its own. `ends` are the
    /// authors' names in this case with the hash of each one's last change, as its own signature says: whoever made the
    /// snapshot can put nothing into anybody's mouth. Of the document only the changes are taken, never its rows.
    pub fn adopt_snapshot(&mut self, body: &[u8], ends: &Ends) -> Result<Received, SegmentError> {
        let bytes = decode_snapshot(body)?;
        let mut out = Received::default();
        if let Err(code) = scan::document(&bytes) {
            out.refuse(code);
            return Ok(out);
        }
        let loaded = guarded(|| {
            let doc = Automerge::load_with_options(&bytes, document::load_options()).ok()?;
            doc.get_missing_deps(&[]).is_empty().then_some(doc)
        });
        let Some(doc) = loaded.flatten() else {
            out.refuse("crdt.damaged");
            return Ok(out);
        };
        if !is_signed(&doc, ends) {
            out.refuse("crdt.unsigned");
            return Ok(out);
        }
        let changes = guarded(|| doc.get_changes(&self.known_heads(&doc))).unwrap_or_default();
        drop(doc);
        let mut batch = Vec::new();
        for change in changes {
            match (<[u8; 16]>::try_from(change.actor_id().to_bytes()), scan::change(change.raw_bytes())) {
                (Ok(author), Ok(())) => batch.push((change, author)),
                (Err(_), _) => out.refuse("crdt.wrong_actor"),
                (_, Err(code)) => out.refuse(code),
            }
        }
        self.settle(batch, &mut out);
        Ok(out)
    }

    /// From here on nothing that comes is tried by itself: [`Case::proves`] tries all of it together, which for many segments
    /// is many times cheaper. Until then nothing of this case may be shown or stored.
    pub fn trust(&mut self) {
        self.untried = Some(Untried::default());
    }

    /// Whether the document, with all that came since [`Case::trust`], saves, loads and can be written on. When it does not,
    /// this case is to be thrown away, and what came is to be taken in again without trust: then what is sound of it stays.
    pub fn proves(&mut self) -> bool {
        match self.untried.take() {
            Some(untried) => !untried.fell && (untried.hashes.is_empty() || guarded(|| stands(&self.doc, &untried.hashes)) == Some(true)),
            None => true,
        }
    }

    /// The authors' names here with the hash of each one's last change.
    pub fn ends(&self) -> Ends {
        ends_of(&self.doc).unwrap_or_default()
    }

    /// What waits, to be stored beside the document.
    pub fn parked(&self) -> Vec<Parked> {
        self.waiting.parked.values().map(|(change, author)| Parked { author: *author, bytes: change.raw_bytes().to_vec() }).collect()
    }

    /// Puts back what waited when the case was last stored.
    pub fn restore_parked(&mut self, parked: &[Parked]) -> Received {
        let mut out = Received::default();
        for one in parked {
            let got = self.receive(one.author, std::slice::from_ref(&one.bytes));
            out.applied = out.applied.saturating_add(got.applied);
            out.refused.extend(got.refused);
        }
        out.parked = self.waiting.parked.len();
        out
    }

    /// Those heads of this document that another one has too.
    fn known_heads(&self, other: &Automerge) -> Vec<ChangeHash> {
        self.doc.get_heads().into_iter().filter(|h| other.get_change_meta_by_hash(h).is_some()).collect()
    }

    fn settle(&mut self, batch: Vec<(Change, [u8; 16])>, out: &mut Received) {
        let mut pool = std::mem::take(&mut self.waiting.parked);
        self.waiting.bytes = 0;
        for (change, author) in batch {
            let hash = change.hash();
            if self.waiting.refused.contains(&hash) {
                out.refuse("crdt.refused_before");
            } else if !self.index.contains(&hash) {
                pool.insert(hash, (change, author));
            }
        }
        let ready = self.take_ready(&mut pool, out);
        let applied = self.apply(ready, out);
        out.applied = applied;
        self.park(pool, out);
        out.parked = self.waiting.parked.len();
    }

    /// Takes out of the pool what may be applied, in an order in which it may be.
    fn take_ready(&mut self, pool: &mut BTreeMap<ChangeHash, (Change, [u8; 16])>, out: &mut Received) -> Vec<Change> {
        let mut index = self.index.clone();
        let mut waits: BTreeMap<ChangeHash, Vec<ChangeHash>> = BTreeMap::new();
        let mut missing: BTreeMap<ChangeHash, usize> = BTreeMap::new();
        let mut todo: BTreeSet<(u64, ChangeHash)> = BTreeSet::new();
        for (hash, (change, _)) in pool.iter() {
            let open: BTreeSet<ChangeHash> =
                change.deps().iter().copied().filter(|d| !index.contains(d) && !self.waiting.refused.contains(d)).collect();
            missing.insert(*hash, open.len());
            for dep in &open {
                waits.entry(*dep).or_default().push(*hash);
            }
            if open.is_empty() {
                todo.insert((change.start_op().get(), *hash));
            }
        }
        let mut ready = Vec::new();
        while let Some((_, hash)) = todo.pop_first() {
            let Some((change, author)) = pool.remove(&hash) else { continue };
            match self.judge(&change, author, &index) {
                Ok(()) => {
                    index.add_change(&change);
                    ready.push(change);
                }
                Err(code) => self.refuse(hash, code, out),
            }
            for next in waits.remove(&hash).unwrap_or_default() {
                let Some(left) = missing.get_mut(&next) else { continue };
                *left = left.saturating_sub(1);
                if *left == 0
                    && let Some((change, _)) = pool.get(&next)
                {
                    todo.insert((change.start_op().get(), next));
                }
            }
        }
        ready
    }

    fn judge(&self, change: &Change, author: [u8; 16], index: &Index) -> Judged {
        let actor = ActorId::from(author);
        let deps = change.deps();
        if deps.iter().any(|d| self.waiting.refused.contains(d)) {
            return Err("crdt.split");
        }
        if author == document::SKELETON_ACTOR || *change.actor_id() != actor {
            return Err("crdt.wrong_actor");
        }
        let last = index.last_seq(&actor);
        if change.seq() == 0 || change.seq() > last.saturating_add(1) {
            return Err("crdt.bad_seq");
        }
        if change.seq() <= last {
            return Err("crdt.fork_seq");
        }
        if index.last_hash(&actor).is_some_and(|own| !deps.contains(&own)) {
            return Err("crdt.bad_deps");
        }
        let past = deps.iter().filter_map(|d| index.get(d)).map(|k| k.max_op).max().ok_or("crdt.bad_deps")?;
        if change.start_op().get() != past.saturating_add(1) {
            return Err("crdt.bad_start_op");
        }
        if change.is_empty() || past.saturating_add(change.len() as u64) > MAX_OP {
            return Err("crdt.too_many_ops");
        }
        Ok(())
    }

    fn refuse(&mut self, hash: ChangeHash, code: &'static str, out: &mut Received) {
        self.waiting.refused.insert(hash);
        out.refuse(code);
    }

    /// Applies what is sound of an ordered list and gives its number.
    fn apply(&mut self, ready: Vec<Change>, out: &mut Received) -> usize {
        let mut applied: usize = 0;
        let mut todo = in_parts(ready);
        todo.reverse();
        while let Some(mut part) = todo.pop() {
            if part.is_empty() {
                continue;
            }
            if part.iter().any(|c| c.deps().iter().any(|d| self.waiting.refused.contains(d))) {
                let refused = &mut self.waiting.refused;
                part.retain(|change| {
                    let split = change.deps().iter().any(|d| refused.contains(d));
                    if split {
                        refused.insert(change.hash());
                        out.refuse("crdt.split");
                    }
                    !split
                });
                todo.push(part);
            } else if let Some(untried) = &mut self.untried {
                let doc = &mut self.doc;
                untried.fell = untried.fell || guarded(|| doc.apply_changes(part.iter().cloned()).is_ok()) != Some(true);
                if !untried.fell {
                    part.iter().for_each(|c| self.index.add_change(c));
                    untried.hashes.extend(part.iter().map(Change::hash));
                    applied = applied.saturating_add(part.len());
                }
            } else if let Some(doc) = tried(&self.doc, &part) {
                self.doc = doc;
                part.iter().for_each(|c| self.index.add_change(c));
                applied = applied.saturating_add(part.len());
            } else if part.len() == 1 {
                part.iter().for_each(|c| self.refuse(c.hash(), "crdt.unsound", out));
            } else {
                let rest = part.split_off(part.len().div_euclid(2));
                todo.push(rest);
                todo.push(part);
            }
        }
        applied
    }

    fn park(&mut self, pool: BTreeMap<ChangeHash, (Change, [u8; 16])>, out: &mut Received) {
        for (hash, (change, author)) in pool {
            let size = change.raw_bytes().len();
            if self.waiting.parked.len() >= PARKED_CHANGES || self.waiting.bytes.saturating_add(size) > PARKED_BYTES {
                out.refuse("crdt.parked_full");
            } else {
                self.waiting.bytes = self.waiting.bytes.saturating_add(size);
                self.waiting.parked.insert(hash, (change, author));
            }
        }
    }
}

/// Whether others take a document of these bytes in whole.
pub fn is_snapshot(bytes: &[u8]) -> bool {
    scan::document(bytes).is_ok()
}

impl Received {
    fn none_for(code: &'static str) -> Self {
        Self { refused: vec![Refusal { code }], ..Self::default() }
    }

    fn refuse(&mut self, code: &'static str) {
        self.refused.push(Refusal { code });
    }
}

/// Measures a chunk, then reads it.
pub(crate) fn read(bytes: &[u8]) -> Result<Change, &'static str> {
    scan::change(bytes)?;
    let change = guarded(|| Change::from_bytes(bytes.to_vec()).ok()).flatten().ok_or("crdt.damaged")?;
    if bytes.get(4..8) != change.hash().as_ref().get(..4) {
        return Err("crdt.bad_checksum");
    }
    if change.deps().len() > MAX_DEPS {
        return Err("crdt.bad_deps");
    }
    Ok(change)
}

/// Whether the document holds of each author exactly what ends with the change that this author signed. Each change names
/// its author's one before, so the last one's hash stands for all of them.
fn is_signed(doc: &Automerge, ends: &Ends) -> bool {
    guarded(|| ends_of(doc)).flatten().is_some_and(|found| found == *ends)
}

/// Nothing where somebody writes under a name that no device has.
fn ends_of(doc: &Automerge) -> Option<Ends> {
    let mut last: BTreeMap<[u8; 16], (u64, ChangeHash)> = BTreeMap::new();
    for meta in doc.get_changes_meta(&[]) {
        let name = <[u8; 16]>::try_from(meta.actor.to_bytes()).ok()?;
        if name == document::SKELETON_ACTOR {
            continue;
        }
        let known = last.entry(name).or_insert((meta.seq, meta.hash));
        if meta.seq > known.0 {
            *known = (meta.seq, meta.hash);
        }
    }
    Some(last.into_iter().map(|(name, (_, hash))| (name, hash_bytes(&hash))).collect())
}

/// Runs of changes that together stand for no more than one change may: what they stand for is held while they are taken in.
fn in_parts(changes: Vec<Change>) -> Vec<Vec<Change>> {
    let mut parts: Vec<Vec<Change>> = Vec::new();
    let mut room = 0_u64;
    for change in changes {
        let ops = change.len() as u64;
        match parts.last_mut() {
            Some(part) if ops <= room => {
                room = room.saturating_sub(ops);
                part.push(change);
            }
            _ => {
                room = scan::MAX_OPS.saturating_sub(ops);
                parts.push(vec![change]);
            }
        }
    }
    parts
}

/// A copy of a document with these changes in it, if it takes them, saves, loads and can be written on.
fn tried(doc: &Automerge, changes: &[Change]) -> Option<Automerge> {
    guarded(|| {
        let mut copy = doc.clone();
        copy.apply_changes(changes.iter().cloned()).ok()?;
        let hashes: Vec<ChangeHash> = changes.iter().map(Change::hash).collect();
        stands(&copy, &hashes).then_some(copy)
    })
    .flatten()
}

/// Whether a document saves, and what it saved loads with these changes in it and can be written on.
fn stands(doc: &Automerge, hashes: &[ChangeHash]) -> bool {
    let Ok(again) = Automerge::load_with_options(&doc.save_nocompress(), document::load_options()) else { return false };
    again.get_heads() == doc.get_heads()
        && hashes.iter().all(|hash| again.get_change_meta_by_hash(hash).is_some())
        && can_be_written_on(again)
}

/// Whether a document takes a change and saves with it.
fn can_be_written_on(mut doc: Automerge) -> bool {
    doc.set_actor(ActorId::from(*b"brobygger/probe/"));
    let mut tx = doc.transaction();
    if tx.put(ROOT, "probe", 1_i64).is_err() {
        return false;
    }
    tx.commit();
    guarded(|| doc.save_nocompress()).is_some()
}

#[cfg(test)]
mod tests;
