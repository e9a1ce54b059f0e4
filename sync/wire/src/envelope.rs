//! The envelope: a clear header, which is the whole list of what the server learns, and an opaque body.

use minicbor::{Decode, Encode};

use crate::{
    cbor,
    id::{CaseId, DeviceId, EnvelopeId},
    signature::sha256,
};

/// The one envelope format this version reads and writes.
pub const VERSION: u16 = 1;
/// Largest envelope accepted anywhere, in bytes.
pub const MAX_LEN: usize = 8 * 1024 * 1024;
/// Largest envelope of a ledger, in bytes: an entry is a line. A longer one would stand in its author's chain and be kept by nobody.
pub const MAX_LEDGER_LEN: usize = 64 * 1024;
/// Smallest padded plaintext, in bytes.
pub const MIN_PADDED: usize = 512;

/// What an envelope carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Kind {
    /// A batch of its author's changes.
    #[n(1)]
    Segment,
    /// A whole document up to some point.
    #[n(2)]
    Snapshot,
    /// What a coordinator's device has received, so that a phone can show it.
    #[n(3)]
    Seen,
    /// How far everything is that a coordinator's device has, once a day.
    #[n(4)]
    Heartbeat,
}

/// A part of a case (or of the organisation) with its own readers and keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Compartment {
    /// Organisation-wide: names and other things every device may read.
    #[n(0)]
    Directory,
    /// Notes, meetings, offers, tasks of one case.
    #[n(1)]
    Core,
    /// Where the candidate lives, and what else could lead there.
    #[n(2)]
    Address,
    /// Who looked at that, or was allowed to.
    #[n(3)]
    Access,
}

impl Compartment {
    /// The compartments of a case that are opened when they are first needed; each is a set of entries, not a document.
    pub const LEDGERS: [Self; 2] = [Self::Address, Self::Access];

    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Core => "core",
            Self::Address => "address",
            Self::Access => "access",
        }
    }
}

/// One feed of envelopes: a compartment of a case, or of the organisation when there is no case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct Stream {
    #[n(0)]
    pub case: Option<CaseId>,
    #[n(1)]
    pub compartment: Compartment,
}

impl Stream {
    /// The stream that every active device of the organisation reads.
    pub const DIRECTORY: Self = Self { case: None, compartment: Compartment::Directory };

    /// The stream of a case's notes, meetings and plan.
    pub const fn core(case: CaseId) -> Self {
        Self { case: Some(case), compartment: Compartment::Core }
    }

    /// A compartment of a case.
    pub const fn of(case: CaseId, compartment: Compartment) -> Self {
        Self { case: Some(case), compartment }
    }

    /// Whether it is a set of entries, each of which stands for itself, and not a document.
    pub fn is_ledger(&self) -> bool {
        Compartment::LEDGERS.contains(&self.compartment)
    }

    fn is_sound(&self) -> bool {
        self.case.is_none() == (self.compartment == Compartment::Directory)
    }
}

/// The header without the commitment, which the commitment itself covers.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Header {
    #[n(0)]
    pub version: u16,
    #[n(1)]
    pub kind: Kind,
    #[n(2)]
    pub stream: Stream,
    /// Epoch of the stream's key, from 1.
    #[n(3)]
    pub epoch: u32,
    /// The device that wrote it.
    #[n(4)]
    pub device: DeviceId,
    /// Place in this device's chain in this stream and kind, from 1.
    #[n(5)]
    pub seq: u64,
    #[cbor(n(6), with = "minicbor::bytes")]
    pub salt: [u8; 16],
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
struct Whole {
    #[n(0)]
    header: Header,
    #[cbor(n(1), with = "minicbor::bytes")]
    commit: [u8; 32],
    #[cbor(n(2), with = "minicbor::bytes")]
    ciphertext: Vec<u8>,
}

/// An envelope as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    pub header: Header,
    /// Commitment to the key it is sealed under.
    pub commit: [u8; 32],
    pub ciphertext: Vec<u8>,
    id: EnvelopeId,
}

/// Why bytes are not an envelope this version reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    #[error("the envelope is longer than any may be")]
    TooLarge,
    #[error("the envelope is not canonical")]
    NotCanonical,
    #[error("the envelope has a version this app does not read")]
    UnknownVersion,
}

impl EnvelopeError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "env.too_large",
            Self::NotCanonical => "env.not_canonical",
            Self::UnknownVersion => "env.unknown_version",
        }
    }
}

impl Envelope {
    /// Puts the parts together.
    pub fn new(header: Header, commit: [u8; 32], ciphertext: Vec<u8>) -> Self {
        let whole = Whole { header, commit, ciphertext };
        let id = EnvelopeId::from_bytes(*sha256(&[&cbor::encode(&whole)]).as_bytes());
        Self { header: whole.header, commit: whole.commit, ciphertext: whole.ciphertext, id }
    }

    /// Its name: SHA-256 of its bytes.
    pub const fn id(&self) -> EnvelopeId {
        self.id
    }

    /// The bytes that travel.
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&Whole { header: self.header.clone(), commit: self.commit, ciphertext: self.ciphertext.clone() })
    }

    /// Reads an envelope: size, then version, then the canonical form.
    ///
    /// # Errors
    /// [`EnvelopeError`] naming the first of these that fails.
    pub fn decode(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() > MAX_LEN {
            return Err(EnvelopeError::TooLarge);
        }
        match version_of(bytes) {
            Some(VERSION) => {}
            Some(_) => return Err(EnvelopeError::UnknownVersion),
            None => return Err(EnvelopeError::NotCanonical),
        }
        let whole: Whole = cbor::decode(bytes).map_err(|_| EnvelopeError::NotCanonical)?;
        if !whole.header.stream.is_sound() || whole.header.seq == 0 || whole.header.epoch == 0 {
            return Err(EnvelopeError::NotCanonical);
        }
        if whole.header.stream.is_ledger() && bytes.len() > MAX_LEDGER_LEN {
            return Err(EnvelopeError::TooLarge);
        }
        let id = EnvelopeId::from_bytes(*sha256(&[bytes]).as_bytes());
        Ok(Self { header: whole.header, commit: whole.commit, ciphertext: whole.ciphertext, id })
    }
}

fn version_of(bytes: &[u8]) -> Option<u16> {
    let mut decoder = minicbor::Decoder::new(bytes);
    decoder.array().ok()??;
    decoder.array().ok()??;
    decoder.u16().ok()
}

/// The length a plaintext of `len` bytes is padded to: Padmé, never below [`MIN_PADDED`].
pub fn padded_len(len: usize) -> usize {
    padded_to(len, MIN_PADDED)
}

/// The length `len` bytes are padded to: Padmé, never below `least`, which is a power of two of at least 16.
pub fn padded_to(len: usize, least: usize) -> usize {
    if len <= least {
        return least;
    }
    let exponent = len.ilog2();
    let last_bits = exponent.saturating_sub(exponent.ilog2().saturating_add(1));
    let mask = (1_usize << last_bits).saturating_sub(1);
    len.saturating_add(mask) & !mask
}

#[cfg(test)]
mod tests;
