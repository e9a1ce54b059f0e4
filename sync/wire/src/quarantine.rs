//! What a device that was cut off had written and not sent: sealed for the coordinators' devices, kept by the server until
//! they have fetched it. Its author can read nothing of it back.

use minicbor::{Decode, Encode, bytes::ByteVec};

use crate::{
    cbor,
    id::{DeviceId, Digest, OrgId},
    log::MAX_RECIPIENTS,
    signature::sha256,
};

/// The one version of these items that this code reads and writes.
pub const VERSION: u16 = 1;
/// Most items that are taken of one device.
pub const MAX_ITEMS: u64 = 50;
/// Most bytes that are taken of one device, in all its items.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;
/// For how long after its revocation a device may hand something in, in milliseconds: 14 days.
pub const OPEN_MS: i64 = 14 * 24 * 60 * 60 * 1000;

/// What the server sees of an item beside its length.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Header {
    #[n(0)]
    pub version: u16,
    #[n(1)]
    pub org: OrgId,
    /// Whose words these are.
    #[n(2)]
    pub device: DeviceId,
    /// Who can open it, sorted: devices of coordinators, as far as the author knew them.
    #[n(3)]
    pub recipients: Vec<DeviceId>,
    #[cbor(n(4), with = "minicbor::bytes")]
    pub salt: [u8; 16],
}

/// One item: what was not sent in one case.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Item {
    #[n(0)]
    pub header: Header,
    /// Commitment to the key.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub commit: [u8; 32],
    /// The key, sealed by HPKE for each recipient, in their order.
    #[n(2)]
    pub keys: Vec<ByteVec>,
    #[cbor(n(3), with = "minicbor::bytes")]
    pub ciphertext: Vec<u8>,
}

/// Bytes that are no item this version reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ItemError {
    #[error("the item is longer than any may be")]
    TooLarge,
    #[error("the item has a version this app does not read")]
    UnknownVersion,
    #[error("the item is not canonical")]
    NotCanonical,
}

impl ItemError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "quarantine.too_large",
            Self::UnknownVersion => "quarantine.unknown_version",
            Self::NotCanonical => "quarantine.not_canonical",
        }
    }
}

impl Item {
    /// Reads an item: size, version, canonical form, one key for each recipient.
    ///
    /// # Errors
    /// [`ItemError`] naming the first of these that fails.
    pub fn decode(bytes: &[u8]) -> Result<Self, ItemError> {
        if bytes.len() > MAX_BYTES {
            return Err(ItemError::TooLarge);
        }
        if version_of(bytes).ok_or(ItemError::NotCanonical)? != VERSION {
            return Err(ItemError::UnknownVersion);
        }
        let item: Self = cbor::decode(bytes).map_err(|_| ItemError::NotCanonical)?;
        let recipients = &item.header.recipients;
        let sorted = recipients.is_sorted_by(|a, b| a < b);
        let sound = sorted && !recipients.is_empty() && recipients.len() <= MAX_RECIPIENTS && recipients.len() == item.keys.len();
        if sound { Ok(item) } else { Err(ItemError::NotCanonical) }
    }

    /// The bytes that travel.
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    /// Its name: SHA-256 of its bytes.
    pub fn id(&self) -> Digest {
        sha256(&[&self.encode()])
    }
}

fn version_of(bytes: &[u8]) -> Option<u16> {
    let mut decoder = minicbor::Decoder::new(bytes);
    decoder.array().ok()??;
    decoder.array().ok()??;
    decoder.u16().ok()
}

#[cfg(test)]
mod tests;
