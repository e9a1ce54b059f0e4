//! The sealed part of a log entry: names and reasons, for those who hold the epoch's key.

use rand_core::CryptoRng;
use wire::{cbor, id::OrgId, label, log::LogId};
use zeroize::Zeroizing;

use crate::{
    hazmat,
    keychain::{EpochKey, KeyError},
};

/// Where in which log a sealed part stands; it opens nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub org: OrgId,
    pub log: LogId,
    pub seq: u64,
}

/// Seals `plaintext` for one place: `salt (16) ‖ ciphertext`.
///
/// # Errors
/// [`KeyError::Broken`] when a primitive refuses.
pub fn seal_part(place: &Place, epoch: u32, key: &EpochKey, plaintext: &[u8], rng: &mut impl CryptoRng) -> Result<Vec<u8>, KeyError> {
    let salt: [u8; 16] = hazmat::random(rng);
    let (key, aad) = derive(place, epoch, key, &salt)?;
    let sealed = hazmat::seal_once(&key, &aad, plaintext.to_vec()).map_err(|_| KeyError::Broken)?;
    Ok([salt.as_slice(), &sealed].concat())
}

/// Opens what [`seal_part`] made for the same place, epoch and key.
///
/// # Errors
/// [`KeyError::BadWrap`] when it does not open.
pub fn open_part(place: &Place, epoch: u32, key: &EpochKey, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let (salt, ciphertext) = sealed.split_at_checked(16).ok_or(KeyError::BadWrap)?;
    let (key, aad) = derive(place, epoch, key, salt)?;
    hazmat::open_once(&key, &aad, ciphertext).map_err(|_| KeyError::BadWrap)
}

fn derive(place: &Place, epoch: u32, key: &EpochKey, salt: &[u8]) -> Result<(hazmat::Secret, Vec<u8>), KeyError> {
    let context = cbor::encode(&(place.org, place.log, place.seq, epoch));
    let derived = hazmat::hkdf(salt, key.0.as_slice(), &[label::SEALED_PART.as_bytes(), &context]).map_err(|_| KeyError::Broken)?;
    Ok((derived, context))
}

#[cfg(test)]
mod tests;
