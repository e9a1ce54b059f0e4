//! One case and its rules: the document, every act a person can do, how two people's acts meet, and what a screen shows.
//!
//! ```
//! use casework::{Author, Case, Edit};
//! use wire::id::{CaseId, DeviceId, ItemId, MemberId};
//!
//! let by = Author { member: MemberId::from_bytes([1; 16]), device: DeviceId::from_bytes([2; 16]) };
//! let mut phone = Case::found(CaseId::from_bytes([3; 16]), [4; 16]).unwrap();
//! let note = ItemId::from_bytes([5; 16]);
//! phone.edit(Edit::AddNote { id: note, text: "Vi drak kaffe.".into(), at_ms: 0 }, &by, 0).unwrap();
//!
//! let mut desk = Case::found(CaseId::from_bytes([3; 16]), [6; 16]).unwrap();
//! let unsent = phone.unsent(0);
//! assert_eq!(desk.receive([4; 16], &unsent.changes).applied, 1);
//! assert_eq!(desk.show(), phone.show());
//! ```

#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects,
        clippy::panic
    )
)]

mod address;
mod appointment;
mod both;
mod clock;
mod conflict;
mod document;
mod edit;
mod history;
mod index;
mod meeting;
mod note;
mod offer;
mod receive;
mod salvage;
mod segment;
mod show;
mod stage;
mod task;
mod text;
mod time;
mod view;
mod word;

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use automerge::{ActorId, Automerge, AutomergeError, ChangeHash, ReadDoc, transaction::CommitOptions};
use wire::id::{CaseId, DeviceId, ItemId, MemberId};

pub use address::{AccessEntry, AddressBook, AddressEntry, Entered, Protection, Purpose};
pub use appointment::{ASKED_FOR_MS, is_asked};
pub use clock::RIGHT_ENOUGH_MS;
pub use conflict::{Claim, Conflict, Rule};
pub use edit::{Author, Base, Done, Edit, EditError, Touched};
pub use history::HistoryEntry;
pub use meeting::{MeetingKind, Outcome, SILENT_DAYS, began_before, is_contact};
pub use note::NOTE_LIMIT;
pub use offer::{OfferKind, OfferPack, OfferStatus, StepChoice, StepTemplate};
pub use receive::{Ends, Parked, Received, Refusal, is_snapshot};
pub use salvage::{Salvage, SalvageAct, SalvageKind, SalvageSaid, SalvageState, Salvaged};
pub use segment::{SegmentError, decode_segment, decode_snapshot, encode_segment, encode_snapshot};
pub use show::{Card, CaseShow, SearchKind, SearchText};
pub use stage::{Initiator, Pier, Programme, Stage, StageAct};
pub use task::TaskKind;
pub use text::SHORT_LIMIT;
pub use view::*;

use document::{Authors, Model, Reader, Writer};
use index::Index;

/// One case, as one device holds it.
pub struct Case {
    id: CaseId,
    doc: Automerge,
    actor: [u8; 16],
    index: Index,
    /// Heads of what the caller has stored.
    saved: Vec<ChangeHash>,
    waiting: receive::Waiting,
    /// What was taken in since [`Case::trust`].
    untried: Option<receive::Untried>,
    /// Who this actor says to be, if it has said so.
    stated: Option<(MemberId, DeviceId)>,
    /// Who is who, by something better than their own word.
    proven: Authors,
}

/// An author's changes from a number on, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsent {
    /// Uncompressed change chunks.
    pub changes: Vec<Vec<u8>>,
    /// Number of the last of them: from here the next batch goes on.
    pub mark: u64,
    /// Hash of the last of them.
    pub last: Option<[u8; 32]>,
}

/// A document that could not be made or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    #[error("the stored case is damaged")]
    Damaged,
    #[error("a new case could not be made")]
    NotMade,
}

impl CaseError {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Damaged => "crdt.damaged",
            Self::NotMade => "crdt.not_made",
        }
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Case {
    /// A new case. `actor` is this device's name inside this case; no other device may ever use it.
    pub fn found(id: CaseId, actor: [u8; 16]) -> Result<Self, CaseError> {
        let doc = document::skeleton().map_err(|_| CaseError::NotMade)?;
        Ok(Self::with(id, actor, doc))
    }

    /// A case from what [`Case::save`] gave, with anything [`Case::incremental`] gave appended to it.
    /// Bytes that are damaged in any way give [`CaseError::Damaged`].
    pub fn load(id: CaseId, actor: [u8; 16], bytes: &[u8]) -> Result<Self, CaseError> {
        let doc = guarded(|| {
            let doc = Automerge::load_with_options(bytes, document::load_options()).ok()?;
            doc.get_missing_deps(&[]).is_empty().then_some(doc)
        });
        let doc = doc.flatten().ok_or(CaseError::Damaged)?;
        let expected = document::skeleton().ok().and_then(|s| document::skeleton_hash(&s));
        if expected.is_none() || document::skeleton_hash(&doc) != expected {
            return Err(CaseError::Damaged);
        }
        Ok(Self::with(id, actor, doc))
    }

    fn with(id: CaseId, actor: [u8; 16], doc: Automerge) -> Self {
        let doc = doc.with_actor(ActorId::from(actor));
        let mut index = Index::default();
        index.extend(&doc, &[]);
        let mut case = Self {
            id,
            saved: doc.get_heads(),
            doc,
            actor,
            index,
            waiting: receive::Waiting::default(),
            untried: None,
            stated: None,
            proven: Authors::new(),
        };
        case.stated = case.reader().authors().get(&ActorId::from(actor)).copied();
        case
    }

    /// Who writes under which name in this case, as the keys of the devices prove it. Of these nothing that anybody says of who wrote
    /// counts, in the thing itself or elsewhere; of any other name what it says of itself does.
    pub fn know(&mut self, proven: impl IntoIterator<Item = ([u8; 16], MemberId, DeviceId)>) {
        self.proven = proven.into_iter().map(|(actor, member, device)| (ActorId::from(actor), (member, device))).collect();
    }

    /// The case's id.
    pub const fn id(&self) -> CaseId {
        self.id
    }

    /// This device's name inside the case.
    pub const fn actor(&self) -> [u8; 16] {
        self.actor
    }

    /// The whole document, compressed, for the local store. What [`Case::incremental`] gives later
    /// may be appended to it.
    pub fn save(&mut self) -> Vec<u8> {
        self.saved = self.doc.get_heads();
        self.doc.save()
    }

    /// The whole document, not compressed, for a snapshot.
    pub fn snapshot_bytes(&self) -> Vec<u8> {
        self.doc.save_nocompress()
    }

    /// What came since the last call of this or of [`Case::save`], to be appended to what was stored; empty when nothing did.
    pub fn incremental(&mut self) -> Vec<u8> {
        let bytes = self.doc.save_after(&self.saved);
        self.saved = self.doc.get_heads();
        bytes
    }

    /// Hashes of the changes on which no other builds, sorted.
    pub fn heads(&self) -> Vec<[u8; 32]> {
        self.doc.get_heads().iter().map(hash_bytes).collect()
    }

    /// The own changes with a number greater than `since` (0: all of them), in order.
    pub fn unsent(&self, since: u64) -> Unsent {
        let actor = ActorId::from(self.actor);
        let known: Vec<ChangeHash> = self.index.nth(&actor, since).into_iter().collect();
        let mut own: Vec<_> = Vec::new();
        if self.index.last_seq(&actor) > since {
            own = self.doc.get_changes(&known).into_iter().filter(|c| *c.actor_id() == actor && c.seq() > since).collect();
        }
        own.sort_by_key(automerge::Change::seq);
        Unsent {
            mark: own.last().map_or(since, automerge::Change::seq),
            last: own.last().map(|c| hash_bytes(&c.hash())),
            changes: own.iter().map(|c| c.raw_bytes().to_vec()).collect(),
        }
    }

    /// Every change up to these, as they were signed, each after those it builds on; nothing when one of them is not here.
    pub fn changes_up_to(&self, ends: &[[u8; 32]]) -> Option<Vec<Vec<u8>>> {
        let heads: Vec<ChangeHash> = ends.iter().map(|hash| ChangeHash(*hash)).collect();
        if !heads.iter().all(|hash| self.index.contains(hash)) {
            return None;
        }
        let doc = guarded(|| self.doc.fork_at(&heads).ok()).flatten()?;
        Some(doc.get_changes(&[]).iter().map(|change| change.raw_bytes().to_vec()).collect())
    }

    /// Number of the last own change, 0 when there is none.
    pub fn own_seq(&self) -> u64 {
        self.index.last_seq(&ActorId::from(self.actor))
    }

    /// Number of the last change of an actor in the document, 0 when there is none.
    #[cfg(test)]
    pub(crate) fn seq_of(&self, actor: [u8; 16]) -> u64 {
        self.index.last_seq(&ActorId::from(actor))
    }

    /// Number of the change with this hash among its author's, if the document holds it.
    pub fn seq_at(&self, hash: &[u8; 32]) -> Option<u64> {
        self.index.get(&ChangeHash(*hash)).map(|known| known.seq)
    }

    /// Whether the document holds the change with this hash.
    pub fn has_change(&self, hash: &[u8; 32]) -> bool {
        self.index.contains(&ChangeHash(*hash))
    }

    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader::new(&self.doc, &self.index, &self.proven)
    }

    pub(crate) fn model(&self) -> Model {
        self.reader().model()
    }

    /// The id of an entry that is only ever added: unique by this actor's name and the number of the change.
    pub(crate) fn next_event_id(&self) -> ItemId {
        let number = self.own_seq().saturating_add(1).to_be_bytes();
        let mut id = self.actor;
        for (byte, n) in id.iter_mut().rev().zip(number.iter().rev()) {
            *byte ^= n;
        }
        ItemId::from_bytes(id)
    }

    /// Writes one change. False when it held nothing new, and then nothing was written.
    pub(crate) fn change(
        &mut self,
        by: &Author,
        now_ms: i64,
        message: &str,
        write: impl FnOnce(&mut Writer<'_, '_>) -> Result<(), AutomergeError>,
    ) -> Result<bool, EditError> {
        let who = (by.member, by.device);
        let actor = ActorId::from(self.actor);
        let before = self.doc.get_heads();
        let mut tx = self.doc.transaction();
        let mut writer = Writer { tx: &mut tx, by: who, now_ms };
        write(&mut writer)?;
        if automerge::transaction::Transactable::pending_ops(writer.tx) == 0 {
            tx.rollback();
            return Ok(false);
        }
        if self.stated != Some(who) {
            writer.author(&actor)?;
        }
        let options = CommitOptions::default().with_message(message).with_time(now_ms.div_euclid(1000));
        tx.commit_with(options);
        self.stated = Some(who);
        self.index.extend(&self.doc, &before);
        Ok(true)
    }
}

/// The hash of an uncompressed change chunk; `None` when it is not one.
pub fn change_hash(chunk: &[u8]) -> Option<[u8; 32]> {
    receive::read(chunk).ok().map(|change| hash_bytes(&change.hash()))
}

/// Runs what may panic on hostile input and gives `None` when it did.
pub(crate) fn guarded<T>(run: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(run)).ok()
}

pub(crate) fn hash_bytes(hash: &ChangeHash) -> [u8; 32] {
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(hash.as_ref()) {
        *to = *from;
    }
    out
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
