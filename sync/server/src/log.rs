//! The append-only store behind the routes: what any database must do for the server.
//!
//! There will be more than one implementation; the tests in `log/conformance.rs` say what each must do.

#[cfg(test)]
pub(crate) mod conformance;
pub mod sqlite;

use std::fmt::Debug;

use wire::{
    envelope::{Compartment, Header, Kind},
    id::{CaseId, DeviceId, Digest, IncarnationId, MemberId, OrgId},
    log::{CaseState, DeviceState, GrantState, InvitationState, OrgState},
    message::{Asked, ChainEnd, ItemKind, LogEnd},
    signature::VerifyingKey,
};

use crate::admit::Healing;

/// Row of an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OrgRow(pub i64);

/// Row of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CaseRow(pub i64);

impl CaseRow {
    /// What stands for "no case": the organisation's own log and the directory.
    pub const NONE: Self = Self(0);
}

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database failed")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the database holds something that was never written so: {0}")]
    Corrupt(&'static str),
    #[error("the database was made by a newer version of this server")]
    Newer,
    #[error("the file is older than the store was; a backup is put back with the restore command, so that devices notice")]
    PutBack,
    #[error("the database was made by an older version of this server, and is to be migrated first")]
    Older,
    #[error("the database file cannot be used")]
    File(#[source] std::io::Error),
}

impl StoreError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Database(_) => "store.database",
            Self::Corrupt(_) => "store.corrupt",
            Self::Newer => "store.newer",
            Self::Older => "store.older",
            Self::PutBack => "store.put_back",
            Self::File(_) => "store.file",
        }
    }
}

/// A device that may sign requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRow {
    pub org: OrgRow,
    pub device: DeviceId,
    pub member: MemberId,
    pub request_key: VerifyingKey,
    /// By an entry of the log.
    pub revoked: bool,
    /// Its owner was made to open it, as a notice of its own says.
    pub forced: bool,
}

impl DeviceRow {
    /// Whether nothing more is taken from it and nothing more told to it.
    pub const fn is_cut_off(&self) -> bool {
        self.revoked || self.forced
    }
}

/// The entry that revoked a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    pub entry: Vec<u8>,
    /// The newest change of a receive key of each active device of somebody who admits, as entries.
    pub rotations: Vec<Vec<u8>>,
    /// Unix milliseconds.
    pub stored_ms: i64,
}

/// What was kept, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    pub id: Digest,
    pub position: u64,
}

/// How a transaction ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict<R> {
    /// Something was written: commit.
    Commit(Vec<Kept>),
    /// All of it was there before: leave everything as it is.
    Known(Vec<Kept>),
    /// Leave everything as it was.
    Refuse(R),
}

/// What a transaction is for; names its kill points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Push,
    Found,
    Ask,
}

/// What is done inside one appending transaction.
pub type Work<'w> = dyn FnMut(&mut dyn Append) -> Result<Verdict<crate::admit::Refused>, StoreError> + 'w;

/// The store.
pub trait Log: Send + Sync + Debug {
    /// Which incarnation of the store this is.
    fn incarnation(&self) -> IncarnationId;

    /// Whether something could be written now.
    ///
    /// # Errors
    /// [`StoreError`] when not.
    fn ready(&self) -> Result<(), StoreError>;

    /// Runs `work` in one transaction that no other append overlaps, and commits it if it says so.
    ///
    /// # Errors
    /// [`StoreError`]; nothing of the work is kept then.
    fn append(&self, purpose: Purpose, work: &mut Work<'_>) -> Result<Verdict<crate::admit::Refused>, StoreError>;

    /// A device by its id.
    ///
    /// # Errors
    /// [`StoreError`].
    fn device(&self, device: &DeviceId) -> Result<Option<DeviceRow>, StoreError>;

    /// What revoked a device; nothing while it is active.
    ///
    /// # Errors
    /// [`StoreError`].
    fn revocation(&self, device: &DeviceId) -> Result<Option<Revocation>, StoreError>;

    /// The organisation's log reduced.
    ///
    /// # Errors
    /// [`StoreError`].
    fn org(&self, org: OrgRow) -> Result<OrgState, StoreError>;

    /// The last position taken in an organisation.
    ///
    /// # Errors
    /// [`StoreError`].
    fn end(&self, org: OrgRow) -> Result<u64, StoreError>;

    /// Who asked on an invitation that is neither used nor expired.
    ///
    /// # Errors
    /// [`StoreError`].
    fn asked(&self, org: OrgRow, now_ms: i64) -> Result<Vec<Asked>, StoreError>;

    /// An invitation by the hash of its token.
    ///
    /// # Errors
    /// [`StoreError`].
    fn invitation(&self, hash: &Digest) -> Result<Option<InvitationRow>, StoreError>;

    /// Whether a grant of the viewer came to its end after `view.made_ms` and up to `now_ms`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn lapsed(&self, view: &View, now_ms: i64) -> Result<bool, StoreError>;

    /// The streams in which there is something for the viewer: the directory, then the newest-touched first.
    ///
    /// # Errors
    /// [`StoreError`].
    fn streams(&self, view: &View) -> Result<Vec<StreamRow>, StoreError>;

    /// What a snapshot would save in one stream.
    ///
    /// # Errors
    /// [`StoreError`].
    fn tail(&self, view: &View, stream: &StreamRow) -> Result<Tail, StoreError>;
    /// Every snapshot in one stream that may hold what segments said of which the bytes are gone, the newest first; none while there are no such.
    fn wholes(&self, view: &View, stream: &StreamRow) -> Result<Vec<ItemRef>, StoreError>;

    /// How many items a section holds.
    ///
    /// # Errors
    /// [`StoreError`].
    fn count(&self, view: &View, section: &Section) -> Result<u64, StoreError>;

    /// Items of a section, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    fn page(&self, view: &View, section: &Section, limit: u32, offset: u64) -> Result<Vec<ItemRef>, StoreError>;

    /// One item with its bytes.
    ///
    /// # Errors
    /// [`StoreError`].
    fn item(&self, item: ItemRef) -> Result<Item, StoreError>;

    /// How far the logs reach that the viewer may read: the organisation's, then those of cases by their id.
    ///
    /// # Errors
    /// [`StoreError`].
    fn log_ends(&self, view: &View) -> Result<Vec<LogEnd>, StoreError>;

    /// How far the viewer's own chains reach, wherever they are; and the segments of others in streams the viewer may read.
    ///
    /// # Errors
    /// [`StoreError`].
    fn chain_ends(&self, view: &View) -> Result<Vec<ChainEnd>, StoreError>;

    /// How large the store is and how well it is looked after.
    ///
    /// # Errors
    /// [`StoreError`].
    fn care(&self) -> Result<Care, StoreError>;

    /// Tidies up before the process ends.
    ///
    /// # Errors
    /// [`StoreError`].
    fn close(&self) -> Result<(), StoreError>;
}

/// How a store is looked after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Care {
    /// Size on disk.
    pub bytes: u64,
    /// When the newest backup was taken, Unix milliseconds.
    pub backup_ms: Option<i64>,
}

/// What a device may see of an organisation, as of a position and a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    pub org: OrgRow,
    pub device: DeviceId,
    pub member: MemberId,
    /// Everything up to here has been delivered.
    pub from: u64,
    /// Nothing after this is part of the answer.
    pub to: u64,
    /// The time at which grants are judged, Unix milliseconds.
    pub made_ms: i64,
    /// Whether segments went while the list before this one was told: what they said is told again by a snapshot.
    pub again: bool,
}

/// A stream of which the viewer has everything up to `low`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamRow {
    pub case: CaseRow,
    pub compartment: Compartment,
    pub low: u64,
}

/// What lies in a stream after `low`, not counting what the viewer wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tail {
    /// The newest snapshot.
    pub snapshot: Option<ItemRef>,
    /// Its length, in bytes.
    pub snapshot_len: u64,
    /// Length of the segments it covers, in bytes.
    pub spared_len: u64,
    /// Whether there are segments in it of which only a snapshot holds what they said.
    pub is_hollow: bool,
}

/// A part of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// The organisation's log.
    Org,
    /// The logs of the viewer's cases and the wraps addressed to the viewer, by position.
    Logs,
    /// One snapshot.
    Snapshot(ItemRef),
    /// The segments of a stream that the snapshot, if there is one, does not cover.
    Segments(StreamRow, Option<ItemRef>),
    /// The seen vectors of all streams, by position.
    Seen,
    /// What revoked devices handed in for the viewer, by position.
    Quarantine,
    /// Notices of devices that were opened under duress and that the viewer may revoke, by position.
    Duress,
}

/// Where an item is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemRef {
    Entry(i64),
    Wrap(i64),
    Envelope(i64),
    Quarantined(i64),
    Notice(i64),
}

/// One thing to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub kind: ItemKind,
    pub position: u64,
    pub case: Option<CaseId>,
    pub id: Digest,
    pub bytes: Vec<u8>,
}

/// A device's chain of one kind in one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    pub org: OrgRow,
    pub case: CaseRow,
    pub compartment: Compartment,
    pub kind: Kind,
    pub device: DeviceId,
}

/// An entry to keep.
#[derive(Debug, Clone, Copy)]
pub struct NewEntry<'a> {
    pub org: OrgRow,
    pub case: CaseRow,
    pub seq: u64,
    pub position: u64,
    pub hash: Digest,
    pub now_ms: i64,
    pub bytes: &'a [u8],
}

/// A wrap to keep.
#[derive(Debug, Clone, Copy)]
pub struct NewWrap<'a> {
    pub org: OrgRow,
    pub case: CaseRow,
    pub position: u64,
    pub device: DeviceId,
    /// The whole wrap in CBOR.
    pub bytes: &'a [u8],
}

/// An envelope to keep.
#[derive(Debug, Clone, Copy)]
pub struct NewEnvelope<'a> {
    pub org: OrgRow,
    pub case: CaseRow,
    pub header: &'a Header,
    pub position: u64,
    pub id: Digest,
    pub now_ms: i64,
    pub bytes: &'a [u8],
    /// Of a snapshot: how far it reaches in each device's chain.
    pub covers: &'a [(DeviceId, u64)],
}

/// What a revoked device hands in.
#[derive(Debug, Clone, Copy)]
pub struct NewQuarantined<'a> {
    pub org: OrgRow,
    pub device: DeviceId,
    pub position: u64,
    pub id: Digest,
    pub now_ms: i64,
    pub bytes: &'a [u8],
    /// To which devices it is given.
    pub recipients: &'a [DeviceId],
}

/// A notice that a device was opened under duress.
#[derive(Debug, Clone, Copy)]
pub struct NewNotice<'a> {
    pub org: OrgRow,
    pub device: DeviceId,
    pub position: u64,
    pub id: Digest,
    pub now_ms: i64,
    pub bytes: &'a [u8],
}

/// How much an organisation keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    /// Bytes of envelopes, entries and wraps.
    pub bytes: u64,
    pub envelopes: u64,
}

/// An invitation as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRow {
    pub expires_ms: i64,
    pub used: bool,
    /// The card of the device that asked, in CBOR; empty until one has.
    pub card: Vec<u8>,
}

/// What can be done inside an appending transaction.
#[expect(clippy::missing_errors_doc, reason = "each fails with StoreError when the database does")]
pub trait Append {
    /// How many organisations there are.
    fn org_count(&mut self) -> Result<u64, StoreError>;
    /// An organisation by its id.
    fn find_org(&mut self, id: &OrgId) -> Result<Option<OrgRow>, StoreError>;
    /// The organisation's log reduced.
    fn org(&mut self, org: OrgRow) -> Result<OrgState, StoreError>;
    /// Whether the organisation may be offered again what a restore lost.
    fn healing(&mut self, org: OrgRow, now_ms: i64) -> Result<Option<Healing>, StoreError>;
    /// How much the organisation keeps here.
    fn fill(&mut self, org: OrgRow) -> Result<Fill, StoreError>;
    /// Begins an organisation.
    fn new_org(&mut self, state: &OrgState, now_ms: i64) -> Result<OrgRow, StoreError>;
    /// Keeps the reduced log.
    fn put_org(&mut self, org: OrgRow, state: &OrgState) -> Result<(), StoreError>;
    /// A case and its log reduced.
    fn case(&mut self, org: OrgRow, case: &CaseId) -> Result<Option<(CaseRow, CaseState)>, StoreError>;
    /// Begins a case.
    fn new_case(&mut self, org: OrgRow, state: &CaseState) -> Result<CaseRow, StoreError>;
    /// Whether a case is erased here: by its log, or by the list of erased cases when this store was put back.
    fn is_erased(&mut self, case: CaseRow) -> Result<bool, StoreError>;
    /// Takes the bytes of everything sealed in a case, at this position, and serves nothing of it any more but its log.
    fn erase(&mut self, org: OrgRow, case: CaseRow, position: u64) -> Result<(), StoreError>;
    /// Keeps a person who is told of a case's log without reading the case.
    fn put_watcher(&mut self, org: OrgRow, case: CaseRow, member: &MemberId, position: u64) -> Result<(), StoreError>;
    /// Keeps the reduced log.
    fn put_case(&mut self, case: CaseRow, state: &CaseState) -> Result<(), StoreError>;
    /// Takes the next position of the organisation.
    fn next_position(&mut self, org: OrgRow) -> Result<u64, StoreError>;
    /// An entry by its hash.
    fn find_entry(&mut self, org: OrgRow, hash: &Digest) -> Result<Option<Kept>, StoreError>;
    /// An envelope by its id.
    fn find_envelope(&mut self, org: OrgRow, id: &Digest) -> Result<Option<Kept>, StoreError>;
    /// What stands at a place of a chain.
    fn in_chain(&mut self, chain: &Chain, seq: u64) -> Result<Option<Kept>, StoreError>;
    /// The last place taken in a chain, 0 when it is empty.
    fn chain_end(&mut self, chain: &Chain) -> Result<u64, StoreError>;
    /// The last place taken in each device's chain of segments in a compartment of a case, sorted by device.
    fn segment_ends(&mut self, org: OrgRow, case: CaseRow, compartment: Compartment) -> Result<Vec<(DeviceId, u64)>, StoreError>;
    /// A device by its id, as it is in this transaction.
    fn device(&mut self, device: &DeviceId) -> Result<Option<DeviceRow>, StoreError>;
    /// Keeps an entry.
    fn put_entry(&mut self, entry: &NewEntry<'_>) -> Result<(), StoreError>;
    /// Keeps a wrap.
    fn put_wrap(&mut self, wrap: &NewWrap<'_>) -> Result<(), StoreError>;
    /// Keeps an envelope.
    fn put_envelope(&mut self, envelope: &NewEnvelope<'_>) -> Result<(), StoreError>;
    /// Keeps or updates a device. False when another organisation or key has its id.
    fn put_device(&mut self, org: OrgRow, device: &DeviceState, position: u64) -> Result<bool, StoreError>;
    /// Keeps a member of a compartment.
    fn put_member(
        &mut self,
        org: OrgRow,
        case: CaseRow,
        compartment: Compartment,
        member: &MemberId,
        grant: &GrantState,
        position: u64,
    ) -> Result<(), StoreError>;
    /// Ends what a person may read of a compartment, at this position.
    fn end_member(&mut self, case: CaseRow, compartment: Compartment, member: &MemberId, position: u64) -> Result<(), StoreError>;
    /// Keeps or updates an invitation. False when another organisation has it.
    fn put_invitation(&mut self, org: OrgRow, hash: &Digest, invitation: &InvitationState) -> Result<bool, StoreError>;
    /// An invitation by the hash of its token.
    fn invitation(&mut self, hash: &Digest) -> Result<Option<InvitationRow>, StoreError>;
    /// Looks for what a revoked device handed in, by its hash.
    fn find_quarantined(&mut self, org: OrgRow, id: &Digest) -> Result<Option<Kept>, StoreError>;
    /// How many items a device handed in since this time (Unix milliseconds), and of how many bytes.
    fn quarantined_of(&mut self, device: &DeviceId, since_ms: i64) -> Result<(u64, usize), StoreError>;
    /// Keeps what a revoked device hands in.
    fn put_quarantined(&mut self, item: &NewQuarantined<'_>) -> Result<(), StoreError>;
    /// Looks for the notice that a device was opened under duress.
    fn find_notice(&mut self, device: &DeviceId) -> Result<Option<Kept>, StoreError>;
    /// Keeps such a notice, one for each device.
    fn put_notice(&mut self, notice: &NewNotice<'_>) -> Result<(), StoreError>;
    /// Keeps the card of the device that asked.
    fn put_card(&mut self, hash: &Digest, card: &[u8]) -> Result<(), StoreError>;
}
