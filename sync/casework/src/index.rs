//! What is known of every change in the document: its author, number, operations and claimed time.

use std::collections::BTreeMap;

use automerge::{ActorId, Automerge, Change, ChangeHash};

/// What the rules ask about one change.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub hash: ChangeHash,
    pub actor: ActorId,
    pub seq: u64,
    pub start_op: u64,
    pub max_op: u64,
    /// Claimed time, Unix seconds.
    pub at_s: i64,
    /// What was done, as its author's device put it.
    pub message: String,
}

/// All changes by hash, and by actor in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    by_hash: BTreeMap<ChangeHash, Known>,
    by_actor: BTreeMap<ActorId, Vec<(u64, ChangeHash)>>,
}

impl Index {
    /// The index of all changes that are not in the past of `since`.
    pub fn extend(&mut self, doc: &Automerge, since: &[ChangeHash]) {
        for meta in doc.get_changes_meta(since) {
            self.add(Known {
                hash: meta.hash,
                actor: meta.actor.as_ref().clone(),
                seq: meta.seq,
                start_op: meta.start_op,
                max_op: meta.max_op,
                at_s: meta.timestamp,
                message: meta.message.as_deref().unwrap_or("").to_owned(),
            });
        }
    }

    pub fn add_change(&mut self, change: &Change) {
        self.add(Known {
            hash: change.hash(),
            actor: change.actor_id().clone(),
            seq: change.seq(),
            start_op: change.start_op().get(),
            max_op: max_op(change),
            at_s: change.timestamp(),
            message: change.message().unwrap_or("").to_owned(),
        });
    }

    fn add(&mut self, known: Known) {
        if self.by_hash.contains_key(&known.hash) {
            return;
        }
        // changes of one actor come in order, because each depends on the one before
        self.by_actor.entry(known.actor.clone()).or_default().push((known.max_op, known.hash));
        self.by_hash.insert(known.hash, known);
    }

    pub fn get(&self, hash: &ChangeHash) -> Option<&Known> {
        self.by_hash.get(hash)
    }

    pub fn contains(&self, hash: &ChangeHash) -> bool {
        self.by_hash.contains_key(hash)
    }

    /// The number of the last change of an actor, 0 when it has none.
    pub fn last_seq(&self, actor: &ActorId) -> u64 {
        self.by_actor.get(actor).map_or(0, |list| list.len() as u64)
    }

    pub fn last_hash(&self, actor: &ActorId) -> Option<ChangeHash> {
        self.by_actor.get(actor).and_then(|list| list.last()).map(|(_, hash)| *hash)
    }

    /// The change of an actor with this number, from 1.
    pub fn nth(&self, actor: &ActorId, seq: u64) -> Option<ChangeHash> {
        let place = usize::try_from(seq.checked_sub(1)?).ok()?;
        self.by_actor.get(actor)?.get(place).map(|(_, hash)| *hash)
    }

    /// The change that holds an operation.
    pub fn of_op(&self, actor: &ActorId, counter: u64) -> Option<&Known> {
        let list = self.by_actor.get(actor)?;
        let place = list.partition_point(|(max_op, _)| *max_op < counter);
        let (_, hash) = list.get(place)?;
        self.by_hash.get(hash).filter(|known| known.start_op <= counter)
    }

    /// All changes, in no order that means anything.
    pub fn all(&self) -> impl Iterator<Item = &Known> {
        self.by_hash.values()
    }

    /// All changes, none before one that it builds on, in an order that is the same everywhere.
    pub fn in_order(&self) -> Vec<&Known> {
        let mut all: Vec<&Known> = self.by_hash.values().collect();
        all.sort_by(|a, b| (a.start_op, &a.actor, a.seq).cmp(&(b.start_op, &b.actor, b.seq)));
        all
    }
}

/// The counter of the last operation of a change; that before its first when it has none.
pub(crate) fn max_op(change: &Change) -> u64 {
    change.start_op().get().saturating_sub(1).saturating_add(change.len() as u64)
}
