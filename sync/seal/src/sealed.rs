//! Sealing a batch of an author's changes into one envelope, and opening it again.

use wire::id::{CaseId, DeviceId};

/// A body whose envelope was opened, whose author was verified and was a member.
/// Only [`open`] makes one.
#[derive(Debug)]
pub struct Opened {
    pub case: CaseId,
    pub author: DeviceId,
    /// Position of this statement in the author's chain in this stream, from 1.
    pub seq: u64,
    /// The author's claimed time, Unix milliseconds.
    pub claimed_at_ms: i64,
    /// Decompressed body: for a segment a CBOR array of Automerge change chunks; for a snapshot an Automerge document.
    pub body: Vec<u8>,
}
