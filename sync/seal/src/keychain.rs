//! The epochs of a stream's key: made at the start and at removals, wrapped to each device, old under new.

use std::{collections::BTreeMap, fmt};

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use wire::{
    cbor,
    envelope::{Compartment, Stream},
    id::{DeviceId, OrgId},
    label,
    log::{DeviceCard, EpochCard, LogId, WrapRef, members_hash},
    message::Wrap,
};
use zeroize::Zeroizing;

use crate::{
    hazmat::{self, Secret},
    identity::DeviceKeys,
};

/// Why a key cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("a key is damaged")]
    Broken,
    #[error("the wrapped key does not open, or is not the one the log commits to")]
    BadWrap,
    #[error("an epoch is missing from the chain of keys")]
    Hole,
    #[error("what is to be sealed is longer than any envelope may be")]
    TooLarge,
}

impl KeyError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Broken => "key.broken",
            Self::BadWrap => "epoch.bad_wrap",
            Self::Hole => "epoch.hole",
            Self::TooLarge => "env.too_large",
        }
    }
}

/// The key of one epoch of one stream.
#[derive(Clone)]
pub struct EpochKey(pub(crate) Secret);

impl fmt::Debug for EpochKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EpochKey")
    }
}

impl EpochKey {
    /// A new random key.
    pub fn make(rng: &mut impl CryptoRng) -> Self {
        Self(Secret::new(hazmat::random(rng)))
    }

    /// From the vault's own copy.
    pub fn from_secret_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }

    /// For the vault's own copy.
    pub fn to_secret_bytes(&self) -> Secret {
        self.0.clone()
    }

    /// What the log says of the key before anybody can read it.
    ///
    /// # Errors
    /// [`KeyError::Broken`] when the primitive refuses, which it does not.
    pub fn commit(&self, stream: &Stream, epoch: u32) -> Result<[u8; 32], KeyError> {
        self.derive(label::EPOCH, stream, epoch).map(|key| *key)
    }

    fn derive(&self, purpose: &str, stream: &Stream, epoch: u32) -> Result<Secret, KeyError> {
        let context = cbor::encode(&(stream, epoch));
        hazmat::hkdf(&[], self.0.as_slice(), &[purpose.as_bytes(), &context]).map_err(|_| KeyError::Broken)
    }
}

/// The keys of a stream that this device holds.
#[derive(Debug, Clone)]
pub struct Keychain {
    stream: Stream,
    keys: BTreeMap<u32, EpochKey>,
}

impl Keychain {
    /// No keys yet.
    pub const fn new(stream: Stream) -> Self {
        Self { stream, keys: BTreeMap::new() }
    }

    /// The stream the keys are for.
    pub const fn stream(&self) -> Stream {
        self.stream
    }

    /// The key of an epoch.
    pub fn key(&self, epoch: u32) -> Option<&EpochKey> {
        self.keys.get(&epoch)
    }

    /// The key of an epoch, if it is the one the log commits to: one that was made here and lost a race is not.
    pub fn true_key(&self, epoch: &EpochCard) -> Option<&EpochKey> {
        let key = self.keys.get(&epoch.number)?;
        let commit = key.commit(&self.stream, epoch.number).ok()?;
        bool::from(commit.ct_eq(&epoch.commit)).then_some(key)
    }

    /// All held keys by epoch.
    pub fn keys(&self) -> impl Iterator<Item = (u32, &EpochKey)> {
        self.keys.iter().map(|(epoch, key)| (*epoch, key))
    }

    /// Puts in a key that comes from this device's own vault, or was just made here.
    pub fn hold(&mut self, epoch: u32, key: EpochKey) {
        self.keys.insert(epoch, key);
    }

    /// Opens a wrap addressed to this device and takes in its key if it is the one the epoch commits to.
    ///
    /// # Errors
    /// [`KeyError::BadWrap`] for anything else.
    pub fn receive(&mut self, org: &OrgId, wrap: &Wrap, me: &DeviceKeys, epoch: &EpochCard) -> Result<(), KeyError> {
        if wrap.epoch != epoch.number || wrap.compartment != self.stream.compartment || wrap.device != me.device() {
            return Err(KeyError::BadWrap);
        }
        let opened = me.receivers().find_map(|(secret, card)| {
            let (info, aad) = binding(org, wrap.log, &[(wrap.compartment, wrap.epoch, epoch.commit)], card, &wrap.signer);
            hazmat::hpke_open(secret, &info, &aad, &wrap.bytes).ok()
        });
        let opened = opened.ok_or(KeyError::BadWrap)?;
        let key = EpochKey(Secret::new(*opened.last_chunk::<32>().ok_or(KeyError::BadWrap)?));
        let is_form = wrapped_text(wrap.compartment, &key).as_slice().ct_eq(opened.as_slice());
        let is_it = key.commit(&self.stream, epoch.number)?.ct_eq(&epoch.commit);
        if !bool::from(is_form & is_it) {
            return Err(KeyError::BadWrap);
        }
        self.keys.insert(epoch.number, key);
        Ok(())
    }

    /// Opens the key before an epoch from that epoch's back link.
    ///
    /// # Errors
    /// [`KeyError::Hole`] when the epoch's own key is missing or the link does not open.
    pub fn walk_back(&mut self, epoch: &EpochCard, before: &EpochCard) -> Result<(), KeyError> {
        let key = self.true_key(epoch).ok_or(KeyError::Hole)?;
        let link = epoch.back.as_ref().ok_or(KeyError::Hole)?;
        let under = key.derive(label::BACK, &self.stream, epoch.number)?;
        let opened = hazmat::open_once(&under, &[], link).map_err(|_| KeyError::Hole)?;
        let older = EpochKey::from_secret_bytes(opened.as_slice().try_into().map_err(|_| KeyError::Hole)?);
        if !bool::from(older.commit(&self.stream, before.number)?.ct_eq(&before.commit)) {
            return Err(KeyError::Hole);
        }
        self.keys.insert(before.number, older);
        Ok(())
    }

    /// Makes the next epoch for exactly these recipients: its card for the log, its wraps, and the key, held here.
    ///
    /// # Errors
    /// [`KeyError::Broken`] when a recipient's key is not one, [`KeyError::Hole`] when the key before is not held.
    pub fn make_epoch(
        &mut self,
        org: &OrgId,
        number: u32,
        to: &[&DeviceCard],
        me: &DeviceKeys,
        rng: &mut impl CryptoRng,
    ) -> Result<(EpochCard, Vec<Wrap>), KeyError> {
        let key = EpochKey::make(rng);
        let back = match number.checked_sub(1) {
            None | Some(0) => None,
            Some(before) => {
                let older = self.keys.get(&before).ok_or(KeyError::Hole)?;
                let under = key.derive(label::BACK, &self.stream, number)?;
                let text = hazmat::secret_concat(&[older.0.as_slice()], hazmat::TAG_LEN);
                Some(hazmat::seal_once(&under, &[], text).map_err(|_| KeyError::Broken)?)
            }
        };
        let commit = key.commit(&self.stream, number)?;
        let mut next = self.clone();
        next.keys.insert(number, key);
        let mut card = EpochCard {
            compartment: self.stream.compartment,
            number,
            commit,
            wraps: Vec::new(),
            members: members_hash(to.iter().copied()),
            back,
            cuts: None,
        };
        let wraps = next.wrap_to(org, &card, to, me, rng)?;
        card.wraps = wrap_refs(&wraps);
        *self = next;
        Ok((card, wraps))
    }

    /// Wraps the key of an epoch to these devices, sorted by device.
    ///
    /// # Errors
    /// [`KeyError::Hole`] when the key is not held, [`KeyError::Broken`] when a recipient's key is not one.
    pub fn wrap_to(
        &self,
        org: &OrgId,
        epoch: &EpochCard,
        to: &[&DeviceCard],
        me: &DeviceKeys,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Wrap>, KeyError> {
        let key = self.true_key(epoch).ok_or(KeyError::Hole)?;
        let log = self.stream.case.map_or(LogId::Org, LogId::Case);
        let plaintext = wrapped_text(epoch.compartment, key);
        let mut wraps = Vec::with_capacity(to.len());
        for card in to {
            let (info, aad) = binding(org, log, &[(epoch.compartment, epoch.number, epoch.commit)], card, &me.device());
            let bytes = hazmat::hpke_seal(&card.receive, &info, &aad, &plaintext, rng).map_err(|_| KeyError::Broken)?;
            wraps.push(Wrap { log, compartment: epoch.compartment, epoch: epoch.number, device: card.device, bytes, signer: me.device() });
        }
        wraps.sort_by_key(|wrap| wrap.device);
        Ok(wraps)
    }
}

/// What stands inside a wrap: the CBOR of `[[compartment, key]]`, whose length is known, in a buffer that never grows.
fn wrapped_text(compartment: Compartment, key: &EpochKey) -> Zeroizing<Vec<u8>> {
    let before_key = [&[0x81, 0x82], cbor::encode(&compartment).as_slice(), &[0x58, 0x20]].concat();
    hazmat::secret_concat(&[&before_key, key.0.as_slice()], 0)
}

/// How a log entry names wraps.
pub fn wrap_refs(wraps: &[Wrap]) -> Vec<WrapRef> {
    wraps.iter().map(|wrap| WrapRef { device: wrap.device, hash: wrap.hash() }).collect()
}

fn binding(org: &OrgId, log: LogId, epochs: &[(Compartment, u32, [u8; 32])], to: &DeviceCard, signer: &DeviceId) -> (Vec<u8>, Vec<u8>) {
    let case = match log {
        LogId::Org => None,
        LogId::Case(case) => Some(case),
    };
    let epochs: Vec<_> = epochs.iter().map(|(c, n, commit)| (*c, *n, minicbor::bytes::ByteArray::from(*commit))).collect();
    let info = cbor::encode(&(label::WRAP, org, case));
    let aad = cbor::encode(&(epochs, to.device, to.receive_hash(), signer));
    (info, aad)
}

#[cfg(test)]
mod tests;
