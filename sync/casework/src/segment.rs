//! The body of an envelope: an author's changes as one compressed list, and a snapshot of a whole document.

use std::io::Read;

/// Most bytes that a segment may unpack to.
pub const SEGMENT_CAP: usize = 32 * 1024 * 1024;
/// Most bytes that a snapshot may unpack to.
pub const SNAPSHOT_CAP: usize = 64 * 1024 * 1024;
/// Most changes in one segment.
pub const SEGMENT_CHANGES: usize = 100_000;

/// Beyond this zstd takes more time and saves no more of a document.
const LEVEL: i32 = 16;
const WINDOW_LOG_MAX: u32 = 26;

/// A body that could not be packed or unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SegmentError {
    #[error("the body is not compressed as it should be")]
    Compression,
    #[error("the body unpacks to more than its limit")]
    TooLarge,
    #[error("the body is not a list of byte strings")]
    Shape,
}

impl SegmentError {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Compression => "crdt.bad_compression",
            Self::TooLarge => "crdt.too_large",
            Self::Shape => "crdt.bad_segment",
        }
    }
}

/// The body of a segment: a CBOR array of byte strings, compressed.
/// Fails with [`SegmentError::TooLarge`] when it could not be unpacked again.
pub fn encode_segment(changes: &[Vec<u8>]) -> Result<Vec<u8>, SegmentError> {
    if changes.len() > SEGMENT_CHANGES {
        return Err(SegmentError::TooLarge);
    }
    let mut out = minicbor::Encoder::new(Vec::new());
    out.array(changes.len() as u64).map_err(|_| SegmentError::Shape)?;
    for change in changes {
        out.bytes(change).map_err(|_| SegmentError::Shape)?;
    }
    pack(out.writer(), SEGMENT_CAP)
}

/// The changes of a segment, in the order in which they were put there.
pub fn decode_segment(body: &[u8]) -> Result<Vec<Vec<u8>>, SegmentError> {
    let bytes = unpack(body, SEGMENT_CAP)?;
    let mut input = minicbor::Decoder::new(&bytes);
    let count = input.array().ok().flatten().ok_or(SegmentError::Shape)?;
    let count = usize::try_from(count).map_err(|_| SegmentError::Shape)?;
    if count > SEGMENT_CHANGES {
        return Err(SegmentError::TooLarge);
    }
    let mut changes = Vec::new();
    for _ in 0..count {
        changes.push(input.bytes().map_err(|_| SegmentError::Shape)?.to_vec());
    }
    if input.position() == bytes.len() { Ok(changes) } else { Err(SegmentError::Shape) }
}

/// The body of a snapshot from the uncompressed bytes of a document.
pub fn encode_snapshot(document: &[u8]) -> Result<Vec<u8>, SegmentError> {
    pack(document, SNAPSHOT_CAP)
}

/// The uncompressed bytes of a document from the body of a snapshot.
pub fn decode_snapshot(body: &[u8]) -> Result<Vec<u8>, SegmentError> {
    unpack(body, SNAPSHOT_CAP)
}

fn pack(bytes: &[u8], cap: usize) -> Result<Vec<u8>, SegmentError> {
    if bytes.len() > cap {
        return Err(SegmentError::TooLarge);
    }
    // In one piece, because then zstd knows how long it is, and a kilobyte is not packed with the tables of a large file.
    zstd::bulk::compress(bytes, LEVEL).map_err(|_| SegmentError::Compression)
}

fn unpack(body: &[u8], cap: usize) -> Result<Vec<u8>, SegmentError> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(body).map_err(|_| SegmentError::Compression)?.single_frame();
    decoder.window_log_max(WINDOW_LOG_MAX).map_err(|_| SegmentError::Compression)?;
    let mut bytes = Vec::new();
    let limit = (cap as u64).saturating_add(1);
    decoder.by_ref().take(limit).read_to_end(&mut bytes).map_err(|_| SegmentError::Compression)?;
    if bytes.len() > cap {
        return Err(SegmentError::TooLarge);
    }
    if decoder.finish().is_empty() { Ok(bytes) } else { Err(SegmentError::Compression) }
}

#[cfg(test)]
mod tests;
