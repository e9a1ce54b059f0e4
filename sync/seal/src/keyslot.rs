//! Keyslots: what stands between a passphrase and the key of everything on this device.
//!
//! A file holds four slots of equal look. One Argon2id run opens the right one; the rest is random.

use std::fmt;

use rand_core::CryptoRng;
use wire::label;
use zeroize::Zeroizing;

use crate::hazmat::{self, Secret};

const MAGIC: &[u8; 5] = b"BBKS\0";
const HEADER_LEN: usize = 34;
const SLOTS: usize = 4;
/// A master key, in bytes.
const KEY_LEN: usize = 32;
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

    /// The harder of two, number by number.
    #[must_use]
    pub fn or_harder(self, other: Self) -> Self {
        Self {
            memory_kib: self.memory_kib.max(other.memory_kib),
            passes: self.passes.max(other.passes),
            lanes: self.lanes.max(other.lanes),
        }
    }

    fn is_allowed(&self) -> bool {
        (Self::FLOOR.memory_kib..=Self::CEILING.memory_kib).contains(&self.memory_kib)
            && (Self::FLOOR.passes..=Self::CEILING.passes).contains(&self.passes)
            && (Self::FLOOR.lanes..=Self::CEILING.lanes).contains(&self.lanes)
    }
}

/// The device's master key: everything local hangs on it. It lies in one place and is not copied when it is handed on.
pub struct MasterKey(Zeroizing<Vec<u8>>);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey")
    }
}

impl MasterKey {
    /// A new random key.
    pub fn make(rng: &mut impl CryptoRng) -> Self {
        let mut key = Zeroizing::new(vec![0; KEY_LEN]);
        rng.fill_bytes(&mut key);
        Self(key)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
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

/// The number of a file's format. It is in the header, which each slot is sealed with, so no file can pass for another version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// Of before tries were counted.
    First = 1,
    /// A count of tries lies beside the file ([`crate::tries`]).
    Counted = 2,
}

impl Version {
    const fn of(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::First),
            2 => Some(Self::Counted),
            _ => None,
        }
    }
}

/// What anybody can see of a keyslot file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Stays the same for as long as the vault lives; the count of tries is bound to it.
    pub salt: [u8; 16],
    pub cost: Cost,
    /// Whether a count of tries must lie beside it.
    pub is_counted: bool,
}

/// Looks at a file without a secret.
///
/// # Errors
/// [`SlotError::Damaged`] or [`SlotError::Cost`].
pub fn look(file: &[u8]) -> Result<Look, SlotError> {
    let Slots { salt, cost, version, .. } = Slots::parse(file)?;
    Ok(Look { salt, cost, is_counted: version == Version::Counted })
}

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
    version: Version,
    salt: [u8; 16],
    cost: Cost,
    slots: Vec<&'a [u8]>,
}

impl<'a> Slots<'a> {
    fn parse(file: &'a [u8]) -> Result<Self, SlotError> {
        let (header, slots) = file.split_at_checked(HEADER_LEN).ok_or(SlotError::Damaged)?;
        let rest = header.strip_prefix(MAGIC.as_slice()).ok_or(SlotError::Damaged)?;
        let (number, rest) = rest.split_first().ok_or(SlotError::Damaged)?;
        let version = Version::of(*number).ok_or(SlotError::Damaged)?;
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
        Ok(Self { version, salt: *salt, cost, slots: slots.chunks_exact(SLOT_LEN).collect() })
    }
}

fn header(version: Version, salt: &[u8; 16], cost: Cost) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.push(version as u8);
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
    version: Version,
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
    prepare_as(Version::Counted, cost, hazmat::random, rng)
}

pub(crate) fn prepare_as<R: CryptoRng>(
    version: Version,
    cost: Cost,
    salt: impl FnOnce(&mut R) -> [u8; 16],
    rng: &mut R,
) -> Result<Prepared, SlotError> {
    if !cost.is_allowed() {
        return Err(SlotError::Cost);
    }
    let salt = salt(rng);
    let mut file = header(version, &salt, cost);
    file.resize(FILE_LEN, 0);
    let (_, slots) = file.split_at_mut_checked(HEADER_LEN).ok_or(SlotError::Damaged)?;
    rng.fill_bytes(slots);
    Ok(Prepared { version, salt, cost, file })
}

/// The same master key in a new file that costs at least this much to guess at and at least what the old one did. The salt stays, and
/// with it what the keystore answers and the count of tries. Any other slot of the old file ends here: none is in use.
///
/// # Errors
/// [`SlotError`] when the old file is none or the cost is not allowed.
pub fn rewrap(
    file: &[u8],
    cost: Cost,
    passphrase: &[u8],
    keystore: &KeystoreShare,
    master: &MasterKey,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, SlotError> {
    let old = look(file)?;
    let prepared = prepare_as(Version::Counted, cost.or_harder(old.cost), |_| old.salt, rng)?;
    create(prepared, passphrase, keystore, master, rng)
}

/// The same file with nothing in it: all four slots random.
///
/// # Errors
/// [`SlotError::Damaged`] when the file is shorter than its header.
pub fn emptied(file: &[u8], rng: &mut impl CryptoRng) -> Result<Vec<u8>, SlotError> {
    let mut out = file.to_vec();
    let (_, slots) = out.split_at_mut_checked(HEADER_LEN).ok_or(SlotError::Damaged)?;
    rng.fill_bytes(slots);
    Ok(out)
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
    let Prepared { version, salt, cost, mut file } = prepared;
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
    let sealed = hazmat::seal_once(&key, &header(version, &salt, cost), plaintext).map_err(|_| SlotError::Damaged)?;
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
    let Slots { version, salt, cost, slots } = Slots::parse(file)?;
    let key = hazmat::argon2id(passphrase, &salt, cost.memory_kib, cost.passes, cost.lanes).map_err(|_| SlotError::Cost)?;
    let mut found = None;
    for slot in slots {
        let (slot_salt, sealed) = slot.split_at_checked(16).ok_or(SlotError::Damaged)?;
        let key = slot_key(&key, keystore, slot_salt)?;
        if let Ok(plaintext) = hazmat::open_once(&key, &header(version, &salt, cost), sealed) {
            found = plaintext.get(..KEY_LEN).map(|key| MasterKey(hazmat::secret_concat(&[key], 0)));
        }
    }
    found.ok_or(SlotError::WrongSecret)
}

#[cfg(test)]
mod tests;
