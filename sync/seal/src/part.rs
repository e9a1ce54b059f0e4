//! The sealed part of a log entry: names and reasons, for those who hold the epoch's key. It is padded, because the
//! server keeps it and the length of a name says something of whose it is.

use rand_core::CryptoRng;
use wire::{
    cbor,
    envelope::padded_to,
    id::OrgId,
    label,
    log::{LogId, MAX_ENTRY},
};
use zeroize::Zeroizing;

use crate::{
    hazmat,
    keychain::{EpochKey, KeyError},
};

/// Smallest padded text, in bytes.
pub const MIN_PADDED: usize = 128;

/// Where in which log a sealed part stands; it opens nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub org: OrgId,
    pub log: LogId,
    pub seq: u64,
}

/// Seals `plaintext`, padded, for one place: `salt (16) ‖ ciphertext`.
///
/// # Errors
/// [`KeyError::TooLarge`] when no entry could hold it, [`KeyError::Broken`] when a primitive refuses.
pub fn seal_part(place: &Place, epoch: u32, key: &EpochKey, plaintext: &[u8], rng: &mut impl CryptoRng) -> Result<Vec<u8>, KeyError> {
    if plaintext.len() > MAX_ENTRY {
        return Err(KeyError::TooLarge);
    }
    let salt: [u8; 16] = hazmat::random(rng);
    let (key, aad) = derive(place, epoch, key, &salt)?;
    let sealed = hazmat::seal_once(&key, &aad, padded(plaintext).ok_or(KeyError::TooLarge)?).map_err(|_| KeyError::Broken)?;
    Ok([salt.as_slice(), &sealed].concat())
}

/// Opens what [`seal_part`] made for the same place, epoch and key.
///
/// # Errors
/// [`KeyError::BadWrap`] when it does not open.
pub fn open_part(place: &Place, epoch: u32, key: &EpochKey, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let (salt, ciphertext) = sealed.split_at_checked(16).ok_or(KeyError::BadWrap)?;
    let (key, aad) = derive(place, epoch, key, salt)?;
    let opened = hazmat::open_once(&key, &aad, ciphertext).map_err(|_| KeyError::BadWrap)?;
    unpadded(&opened).map(|text| hazmat::secret_concat(&[text], 0)).ok_or(KeyError::BadWrap)
}

/// `length of text (4, big-endian) ‖ text ‖ zeros`.
fn padded(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let len = u32::try_from(text.len()).ok()?;
    let target = padded_to(text.len().checked_add(4)?, MIN_PADDED);
    let mut out = hazmat::secret_concat(&[&len.to_be_bytes(), text], target.checked_add(hazmat::TAG_LEN)?);
    out.resize(target, 0);
    Some(out)
}

fn unpadded(padded: &[u8]) -> Option<&[u8]> {
    let (len, rest) = padded.split_first_chunk::<4>()?;
    let (text, zeros) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*len)).ok()?)?;
    let sound = padded.len() == padded_to(text.len().checked_add(4)?, MIN_PADDED) && zeros.iter().all(|byte| *byte == 0);
    sound.then_some(text)
}

fn derive(place: &Place, epoch: u32, key: &EpochKey, salt: &[u8]) -> Result<(hazmat::Secret, Vec<u8>), KeyError> {
    let context = cbor::encode(&(place.org, place.log, place.seq, epoch));
    let derived = hazmat::hkdf(salt, key.0.as_slice(), &[label::SEALED_PART.as_bytes(), &context]).map_err(|_| KeyError::Broken)?;
    Ok((derived, context))
}

#[cfg(test)]
mod tests;
