//! Deterministic CBOR (RFC 8949 §4.2): one value has one encoding, and any other is refused.

use minicbor::{Decode, Encode};

/// Bytes that are not the one deterministic encoding of a value of the expected shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the deterministic encoding of the expected value")]
pub struct NotCanonical;

/// Encodes a value. All our shapes are arrays of definite length, so the encoding is deterministic.
pub fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    // Writing to a Vec cannot fail and none of our shapes refuses to be encoded.
    minicbor::to_vec(value).unwrap_or_default()
}

/// Decodes a value, refusing trailing bytes and every encoding but the deterministic one.
///
/// # Errors
/// [`NotCanonical`] for anything else.
pub fn decode<T: Encode<()> + for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Result<T, NotCanonical> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let value: T = decoder.decode().map_err(|_| NotCanonical)?;
    if decoder.position() != bytes.len() || encode(&value) != bytes {
        return Err(NotCanonical);
    }
    Ok(value)
}

#[cfg(test)]
mod tests;
