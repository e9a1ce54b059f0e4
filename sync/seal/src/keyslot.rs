//! Keyslots: what stands between a passphrase and the key of everything on this device.
//!
//! A file holds four slots of equal look. One Argon2id run opens the right one; the rest is random.

use std::fmt;

use rand_core::CryptoRng;
use wire::label;
use zeroize::Zeroizing;

use crate::hazmat::{self, Secret};

const MAGIC: &[u8; 6] = b"BBKS\0\x01";
const HEADER_LEN: usize = 34;
const SLOTS: usize = 4;
/// One slot, in bytes.
pub const SLOT_LEN: usize = 512;
/// A keyslot file, in bytes.
pub const FILE_LEN: usize = HEADER_LEN + SLOTS * SLOT_LEN;

/// The cost of guessing a passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

impl Cost {
    /// For phones: 64 MiB, three passes.
    pub const PHONE: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 };
    /// For desktops: 128 MiB, three passes.
    pub const DESKTOP: Self = Self { memory_kib: 128 * 1024, passes: 3, lanes: 1 };
    /// The least this app opens.
    pub const FLOOR: Self = Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 };
    /// The most this app opens.
    pub const CEILING: Self = Self { memory_kib: 1024 * 1024, passes: 10, lanes: 4 };

    fn is_allowed(&self) -> bool {
        (Self::FLOOR.memory_kib..=Self::CEILING.memory_kib).contains(&self.memory_kib)
            && (Self::FLOOR.passes..=Self::CEILING.passes).contains(&self.passes)
            && (Self::FLOOR.lanes..=Self::CEILING.lanes).contains(&self.lanes)
    }
}

/// The device's master key: everything local hangs on it.
pub struct MasterKey(Secret);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey")
    }
}

impl MasterKey {
    /// A new random key.
    pub fn make(rng: &mut impl CryptoRng) -> Self {
        Self(Secret::new(hazmat::random(rng)))
    }

    /// The database's raw key: 32 bytes key and 16 bytes salt, as SQLCipher takes them.
    ///
    /// # Errors
    /// [`SlotError::Damaged`] when the primitive refuses, which it does not.
    pub fn database_key(&self) -> Result<Zeroizing<[u8; 48]>, SlotError> {
        hazmat::hkdf(&[], self.0.as_slice(), &[label::DATABASE.as_bytes()]).map_err(|_| SlotError::Damaged)
    }
}

/// Why no slot opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SlotError {
    #[error("no slot opens with this secret")]
    WrongSecret,
    #[error("the keyslots are damaged")]
    Damaged,
    #[error("the keyslots ask for a cost outside what this app opens")]
    Cost,
}

impl SlotError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongSecret => "vault.wrong_secret",
            Self::Damaged => "vault.damaged",
            Self::Cost => "vault.bad_cost",
        }
    }
}

/// What the platform's keystore contributes: an HMAC under a key that never leaves it. Empty where there is none.
pub type KeystoreShare = Zeroizing<Vec<u8>>;

/// What a keystore is asked to authenticate for these slots: label ‖ salt.
///
/// # Errors
/// [`SlotError`] when the file is none.
pub fn keystore_challenge(file: &[u8]) -> Result<Vec<u8>, SlotError> {
    Ok(challenge(&Slots::parse(file)?.salt))
}

fn challenge(salt: &[u8; 16]) -> Vec<u8> {
    [label::KEYSTORE.as_bytes(), salt.as_slice()].concat()
}

/// The act of a keystore in software: HMAC-SHA256. A twin for demo and tests; it protects nothing.
pub fn software_keystore(key: &[u8], challenge: &[u8]) -> KeystoreShare {
    Zeroizing::new(hazmat::hmac(key, challenge))
}

struct Slots<'a> {
    salt: [u8; 16],
    cost: Cost,
    slots: Vec<&'a [u8]>,
}

impl<'a> Slots<'a> {
    fn parse(file: &'a [u8]) -> Result<Self, SlotError> {
        let (header, slots) = file.split_at_checked(HEADER_LEN).ok_or(SlotError::Damaged)?;
        let rest = header.strip_prefix(MAGIC.as_slice()).ok_or(SlotError::Damaged)?;
        let (salt, rest) = rest.split_first_chunk::<16>().ok_or(SlotError::Damaged)?;
        let mut numbers = rest.chunks_exact(4).map(|n| n.try_into().map(u32::from_be_bytes).unwrap_or_default());
        let mut next = || numbers.next().ok_or(SlotError::Damaged);
        let cost = Cost { memory_kib: next()?, passes: next()?, lanes: next()? };
        if slots.len() != SLOTS.saturating_mul(SLOT_LEN) {
            return Err(SlotError::Damaged);
        }
        if !cost.is_allowed() {
            return Err(SlotError::Cost);
        }
        Ok(Self { salt: *salt, cost, slots: slots.chunks_exact(SLOT_LEN).collect() })
    }
}

fn header(salt: &[u8; 16], cost: Cost) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(salt);
    for number in [cost.memory_kib, cost.passes, cost.lanes] {
        out.extend_from_slice(&number.to_be_bytes());
    }
    out
}

fn slot_key(passphrase_key: &Secret, keystore: &[u8], slot_salt: &[u8]) -> Result<Secret, SlotError> {
    let secret = hazmat::secret_concat(&[passphrase_key.as_slice(), keystore], 0);
    hazmat::hkdf(slot_salt, &secret, &[label::KEYSLOT.as_bytes()]).map_err(|_| SlotError::Damaged)
}

/// A new file before anything is in it. Only [`prepare`] makes one, so [`create`] can never write over slots in use.
pub struct Prepared {
    salt: [u8; 16],
    cost: Cost,
    file: Vec<u8>,
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepared")
    }
}

impl Prepared {
    /// What the keystore is asked to authenticate for the file to come.
    pub fn challenge(&self) -> Vec<u8> {
        challenge(&self.salt)
    }
}

/// Begins a new file, so that a keystore can be asked before [`create`].
///
/// # Errors
/// Never for an allowed cost; [`SlotError::Cost`] otherwise.
pub fn prepare(cost: Cost, rng: &mut impl CryptoRng) -> Result<Prepared, SlotError> {
    if !cost.is_allowed() {
        return Err(SlotError::Cost);
    }
    let salt = hazmat::random(rng);
    let mut file = header(&salt, cost);
    file.resize(FILE_LEN, 0);
    let (_, slots) = file.split_at_mut_checked(HEADER_LEN).ok_or(SlotError::Damaged)?;
    rng.fill_bytes(slots);
    Ok(Prepared { salt, cost, file })
}

/// Puts the master key into a random slot of a prepared file; the answer is the file to keep.
///
/// # Errors
/// Never for a prepared file; [`SlotError`] when a primitive refuses.
pub fn create(
    prepared: Prepared,
    passphrase: &[u8],
    keystore: &KeystoreShare,
    master: &MasterKey,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, SlotError> {
    let Prepared { salt, cost, mut file } = prepared;
    let key = hazmat::argon2id(passphrase, &salt, cost.memory_kib, cost.passes, cost.lanes).map_err(|_| SlotError::Cost)?;
    let [dice]: [u8; 1] = hazmat::random(rng);
    let at = usize::from(dice) % SLOTS;
    let begin = HEADER_LEN.saturating_add(at.saturating_mul(SLOT_LEN));
    let slot = file.get_mut(begin..begin.saturating_add(SLOT_LEN)).ok_or(SlotError::Damaged)?;
    let slot_salt: [u8; 16] = hazmat::random(rng);
    let key = slot_key(&key, keystore, &slot_salt)?;
    // The slot's whole length is taken at once: a buffer that grew would leave the key behind.
    let mut plaintext = hazmat::secret_concat(&[master.0.as_slice()], SLOT_LEN);
    plaintext.resize(SLOT_LEN - 16 - hazmat::TAG_LEN, 0);
    let sealed = hazmat::seal_once(&key, &header(&salt, cost), plaintext).map_err(|_| SlotError::Damaged)?;
    for (to, from) in slot.iter_mut().zip(slot_salt.iter().chain(&sealed)) {
        *to = *from;
    }
    Ok(file)
}

/// Opens whichever slot this secret opens. One Argon2id run, whatever the outcome.
///
/// # Errors
/// [`SlotError::WrongSecret`] when none does; [`SlotError::Damaged`] or [`SlotError::Cost`] before any work.
pub fn open(file: &[u8], passphrase: &[u8], keystore: &KeystoreShare) -> Result<MasterKey, SlotError> {
    let Slots { salt, cost, slots } = Slots::parse(file)?;
    let key = hazmat::argon2id(passphrase, &salt, cost.memory_kib, cost.passes, cost.lanes).map_err(|_| SlotError::Cost)?;
    let mut found = None;
    for slot in slots {
        let (slot_salt, sealed) = slot.split_at_checked(16).ok_or(SlotError::Damaged)?;
        let key = slot_key(&key, keystore, slot_salt)?;
        if let Ok(plaintext) = hazmat::open_once(&key, &header(&salt, cost), sealed) {
            found = plaintext.first_chunk::<32>().map(|key| MasterKey(Secret::new(*key)));
        }
    }
    found.ok_or(SlotError::WrongSecret)
}

#[cfg(test)]
mod tests;
