//! What a device says to the server and what the server answers: length-prefixed CBOR frames, item bytes behind them.

use minicbor::{Decode, Encode, bytes::ByteVec};

use crate::{
    cbor,
    envelope::{Compartment, Kind, MAX_LEN, Stream},
    id::{CaseId, DeviceId, Digest, IncarnationId},
    log::{DeviceCard, LogId},
    signature::sha256,
};

/// Path of the sync endpoint.
pub const SYNC_PATH: &str = "/v1/sync";
/// Path for founding an organisation.
pub const FOUND_PATH: &str = "/v1/organisations";
/// Path for asking admission on an invitation, and for reading who asked.
pub const REQUESTS_PATH: &str = "/v1/requests";
/// Path for reading how far the server's logs and chains reach.
pub const VECTORS_PATH: &str = "/v1/vectors";
/// Path where a device that was cut off hands in what it had not sent.
pub const QUARANTINE_PATH: &str = "/v1/quarantine";
/// Path where it is told that a device was opened under duress; the body is a [`crate::duress`] notice and nothing else signs.
pub const DURESS_PATH: &str = "/v1/duress";
/// Largest body of a POST, in bytes.
pub const MAX_BODY: usize = 16 * 1024 * 1024;
/// Largest frame, in bytes, without its length before it and the item bytes behind it.
pub const MAX_FRAME: usize = 16 * 1024;
/// Received bytes are committed at least this often, in bytes.
pub const COMMIT_UNIT: usize = 32 * 1024;

/// A wrap with what it is for.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Wrap {
    #[n(0)]
    pub log: LogId,
    #[n(1)]
    pub compartment: Compartment,
    /// Epoch whose key it holds.
    #[n(2)]
    pub epoch: u32,
    #[n(3)]
    pub device: DeviceId,
    /// Sealed by HPKE: `enc ‖ ciphertext`.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
    /// Who made it: part of what the wrap is bound to.
    #[n(5)]
    pub signer: DeviceId,
}

impl Wrap {
    /// The hash by which log entries name it.
    pub fn hash(&self) -> Digest {
        sha256(&[&self.bytes])
    }
}

/// One thing a device asks the server to keep.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Push {
    /// A log entry and the wraps it names.
    #[n(0)]
    Log {
        #[cbor(n(0), with = "minicbor::bytes")]
        entry: Vec<u8>,
        #[n(1)]
        wraps: Vec<Wrap>,
    },
    /// A segment or a seen vector.
    #[n(1)]
    Envelope(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    /// A whole document, and how far in each device's chain it reaches.
    #[n(2)]
    Snapshot {
        #[cbor(n(0), with = "minicbor::bytes")]
        envelope: Vec<u8>,
        #[n(1)]
        covers: Vec<(DeviceId, u64)>,
    },
}

impl Push {
    /// What the acknowledgement names: SHA-256 of the entry or envelope.
    pub fn id(&self) -> Digest {
        match self {
            Self::Log { entry: bytes, .. } | Self::Envelope(bytes) | Self::Snapshot { envelope: bytes, .. } => sha256(&[bytes]),
        }
    }
}

/// The body of a POST to [`SYNC_PATH`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub struct Batch {
    /// Opaque: as the last [`Frame::Mark`] gave it; empty before the first answer.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub cursor: Vec<u8>,
    #[n(1)]
    pub resume: Option<Resume>,
    #[n(2)]
    pub items: Vec<Push>,
    /// No snapshot may stand for segments in the answer: one that did was no good here. Absent means that they may.
    #[n(3)]
    pub plain: Option<bool>,
}

/// Where a cut answer is to go on inside an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Resume {
    #[n(0)]
    pub id: Digest,
    /// Bytes of it already kept.
    #[n(1)]
    pub offset: u64,
}

/// The body of a POST to [`FOUND_PATH`]: the first entries of a new organisation's log, in order, with their wraps.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Founding {
    #[n(0)]
    pub entries: Vec<ByteVec>,
    #[n(1)]
    pub wraps: Vec<Wrap>,
}

/// The body of a POST to [`REQUESTS_PATH`], signed with the request key of the card.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Admission {
    /// The invitation's token; the server keeps only its hash.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub token: [u8; 16],
    #[n(1)]
    pub card: DeviceCard,
}

/// One who asked, as a GET of [`REQUESTS_PATH`] lists them (a CBOR array of these).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Asked {
    #[n(0)]
    pub invitation: Digest,
    #[n(1)]
    pub card: DeviceCard,
}

/// How far one log reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct LogEnd {
    #[n(0)]
    pub log: LogId,
    /// Entries in it.
    #[n(1)]
    pub length: u64,
    /// Hash of the last of them.
    #[n(2)]
    pub hash: Digest,
}

/// How far one chain of envelopes reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct ChainEnd {
    #[n(0)]
    pub stream: Stream,
    #[n(1)]
    pub kind: Kind,
    #[n(2)]
    pub device: DeviceId,
    /// Place of the last envelope, from 1.
    #[n(3)]
    pub seq: u64,
    /// The name of that envelope.
    #[n(4)]
    pub id: Digest,
}

/// What a GET of [`VECTORS_PATH`] answers: how far everything reaches that concerns the asking device, so that it can
/// offer again what a restored server lost.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Vectors {
    #[n(0)]
    pub incarnation: IncarnationId,
    /// The organisation's log, then those of the cases that the device may read.
    #[n(1)]
    pub logs: Vec<LogEnd>,
    /// The device's own chains of every kind, wherever they are; and the segments of others in streams it may read.
    #[n(2)]
    pub chains: Vec<ChainEnd>,
}

/// A refusal of a whole request: the body of every status from 400 up.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Refusal {
    #[n(0)]
    pub code: String,
    /// The server's clock, Unix milliseconds, so that a device whose clock is off can try once more.
    #[n(1)]
    pub server_ms: i64,
    /// When to come back, in seconds, where the server is busy.
    #[n(2)]
    pub wait_s: Option<u32>,
    /// The entry that revoked the device that asks.
    #[n(3)]
    pub order: Option<ByteVec>,
    /// Beside an order: the newest change of a receive key of each active device of somebody who admits, as entries, so that what is
    /// handed in is sealed to keys that are still there.
    #[n(4)]
    pub rotations: Option<Vec<ByteVec>>,
}

/// What kind of bytes follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum ItemKind {
    #[n(0)]
    OrgEntry,
    #[n(1)]
    CaseEntry,
    /// A [`Wrap`] in CBOR, for the asking device only.
    #[n(2)]
    Wrap,
    #[n(3)]
    Segment,
    #[n(4)]
    Snapshot,
    #[n(5)]
    Seen,
    /// What a device that was cut off had not sent ([`crate::quarantine::Item`]).
    #[n(6)]
    Quarantine,
    /// A notice that a device was opened under duress ([`crate::duress::SignedNotice`]).
    #[n(7)]
    Duress,
}

/// What precedes the bytes of an item.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ItemHead {
    #[n(0)]
    pub kind: ItemKind,
    #[n(1)]
    pub position: u64,
    #[n(2)]
    pub case: Option<CaseId>,
    /// SHA-256 of the whole item.
    #[n(3)]
    pub id: Digest,
    /// Length of the whole item, in bytes.
    #[n(4)]
    pub total: u64,
    /// Where the bytes that follow begin.
    #[n(5)]
    pub offset: u64,
}

/// One frame of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Frame {
    /// First of every answer.
    #[n(0)]
    Hello {
        #[n(0)]
        incarnation: IncarnationId,
        /// Unix milliseconds.
        #[n(1)]
        server_ms: i64,
    },
    /// Kept, at this position. Also said of what was kept before.
    #[n(1)]
    Ack {
        #[n(0)]
        id: Digest,
        #[n(1)]
        position: u64,
    },
    /// Not kept.
    #[n(2)]
    Refused {
        #[n(0)]
        id: Digest,
        #[n(1)]
        code: String,
    },
    /// `total − offset` raw bytes follow this frame.
    #[n(3)]
    Item(#[n(0)] ItemHead),
    /// Everything before this has been delivered if the device kept it.
    #[n(4)]
    Mark(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    /// Nothing is missing from this answer.
    #[n(5)]
    End,
}

impl Frame {
    /// The frame with its length before it (two bytes, big-endian). Nothing at all when it is longer than [`MAX_FRAME`]:
    /// only a refusal's code and a mark's cursor have no fixed length, and a device that is told neither asks again.
    pub fn encode(&self) -> Vec<u8> {
        let body = cbor::encode(self);
        let Some(len) = u16::try_from(body.len()).ok().filter(|_| body.len() <= MAX_FRAME) else { return Vec::new() };
        let mut out = Vec::with_capacity(body.len().saturating_add(2));
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(&body);
        out
    }
}

/// A piece of an answer, as soon as it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Frame(Frame),
    /// The next raw bytes of the item last announced.
    Bytes(Vec<u8>),
    /// The item last announced has no more bytes.
    ItemEnd,
}

/// An answer that no server of ours would write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer is not one this app understands")]
pub struct BadAnswer;

/// Reads an answer as it arrives, in chunks of any size.
#[derive(Debug, Default)]
pub struct AnswerReader {
    held: Vec<u8>,
    owed: u64,
    inside: bool,
}

impl AnswerReader {
    /// Takes the next chunk and tells what it completes. Holds back at most one frame head.
    ///
    /// # Errors
    /// [`BadAnswer`] when the bytes are not frames, or announce a frame or an item longer than any may be.
    pub fn feed(&mut self, mut chunk: &[u8]) -> Result<Vec<Piece>, BadAnswer> {
        let mut pieces = Vec::new();
        while !chunk.is_empty() || self.can_finish_item() {
            if self.inside {
                let take = usize::try_from(self.owed).unwrap_or(usize::MAX).min(chunk.len());
                let (now, later) = chunk.split_at_checked(take).ok_or(BadAnswer)?;
                if !now.is_empty() {
                    pieces.push(Piece::Bytes(now.to_vec()));
                }
                self.owed = self.owed.saturating_sub(u64::try_from(take).map_err(|_| BadAnswer)?);
                chunk = later;
                if self.owed == 0 {
                    self.inside = false;
                    pieces.push(Piece::ItemEnd);
                }
                continue;
            }
            let (frame, later) = self.frame(chunk)?;
            chunk = later;
            let Some(frame) = frame else { break };
            if let Frame::Item(head) = &frame {
                self.owed = head.total.checked_sub(head.offset).ok_or(BadAnswer)?;
                if head.total > u64::try_from(MAX_LEN).unwrap_or(u64::MAX) {
                    return Err(BadAnswer);
                }
                self.inside = true;
            }
            pieces.push(Piece::Frame(frame));
        }
        Ok(pieces)
    }

    fn can_finish_item(&self) -> bool {
        self.inside && self.owed == 0
    }

    fn frame<'c>(&mut self, chunk: &'c [u8]) -> Result<(Option<Frame>, &'c [u8]), BadAnswer> {
        let mut rest = chunk;
        loop {
            let wanted = match self.held.first_chunk::<2>() {
                None => 2,
                Some(len) => usize::from(u16::from_be_bytes(*len)).saturating_add(2),
            };
            if self.held.len() == wanted && wanted > 2 {
                let frame = cbor::decode(self.held.get(2..).ok_or(BadAnswer)?).map_err(|_| BadAnswer)?;
                self.held.clear();
                return Ok((Some(frame), rest));
            }
            let no_frame = self.held.len() >= 2 && wanted == 2;
            if no_frame || wanted > MAX_FRAME.saturating_add(2) {
                return Err(BadAnswer);
            }
            let missing = wanted.saturating_sub(self.held.len()).min(rest.len());
            if missing == 0 {
                return Ok((None, rest));
            }
            let (now, later) = rest.split_at_checked(missing).ok_or(BadAnswer)?;
            self.held.extend_from_slice(now);
            rest = later;
        }
    }
}

#[cfg(test)]
mod tests;
