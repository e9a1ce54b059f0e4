//! The strongroom of a device: what lies in it opens only after the secret was given again, whatever else is open.
//!
//! Anything can be put in at any time, for the room has a public key. Its secret key comes from a master key of its own, in keyslots of
//! its own, so that opening it takes a run of Argon2id of its own.

use std::fmt;

use rand_core::CryptoRng;
use wire::{cbor, envelope::Stream, label};
use zeroize::Zeroizing;

use crate::{
    hazmat::{self, Secret},
    keychain::{EpochKey, KeyError},
    keyslot::MasterKey,
};

/// An open strongroom.
pub struct Strongroom {
    seed: Secret,
    public: Vec<u8>,
}

impl fmt::Debug for Strongroom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Strongroom")
    }
}

impl Strongroom {
    /// The room that a master key opens.
    ///
    /// # Errors
    /// [`KeyError::Broken`] when a primitive refuses, which it does not.
    pub fn of(master: &MasterKey) -> Result<Self, KeyError> {
        let seed: Secret = hazmat::hkdf(&[], master.bytes(), &[label::STRONGROOM.as_bytes()]).map_err(|_| KeyError::Broken)?;
        let public = hazmat::xwing_public(&seed).map_err(|_| KeyError::Broken)?;
        Ok(Self { seed, public })
    }

    /// X-Wing public key, 1,216 bytes: with it anything is put in.
    pub fn public(&self) -> &[u8] {
        &self.public
    }

    /// Takes out the key of an epoch.
    ///
    /// # Errors
    /// [`KeyError::Broken`] when it is not that key, or was put into another room.
    pub fn key(&self, stream: Stream, epoch: u32, sealed: &[u8]) -> Result<EpochKey, KeyError> {
        let opened = hazmat::hpke_open(&self.seed, &info(stream, Some(epoch)), &[], sealed).map_err(|_| KeyError::Broken)?;
        Ok(EpochKey(Secret::new(opened.as_slice().try_into().map_err(|_| KeyError::Broken)?)))
    }

    /// Takes out words that wait for a key.
    ///
    /// # Errors
    /// As [`Self::key`].
    pub fn words(&self, stream: Stream, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        hazmat::hpke_open(&self.seed, &info(stream, None), &[], sealed).map_err(|_| KeyError::Broken)
    }
}

/// Puts the key of an epoch into the room with this public key.
///
/// # Errors
/// [`KeyError::Broken`] when the public key is none.
pub fn put_key(public: &[u8], stream: Stream, epoch: u32, key: &EpochKey, rng: &mut impl CryptoRng) -> Result<Vec<u8>, KeyError> {
    hazmat::hpke_seal(public, &info(stream, Some(epoch)), &[], key.0.as_slice(), rng).map_err(|_| KeyError::Broken)
}

/// Puts in words that wait for a key.
///
/// # Errors
/// As [`put_key`].
pub fn put_words(public: &[u8], stream: Stream, words: &[u8], rng: &mut impl CryptoRng) -> Result<Vec<u8>, KeyError> {
    hazmat::hpke_seal(public, &info(stream, None), &[], words, rng).map_err(|_| KeyError::Broken)
}

fn info(stream: Stream, epoch: Option<u32>) -> Vec<u8> {
    cbor::encode(&(label::STRONGROOM, stream, epoch))
}

#[cfg(test)]
mod tests;
