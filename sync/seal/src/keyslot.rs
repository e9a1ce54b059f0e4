//! Keyslots: what stands between a passphrase and the key of everything on this device.
//!
//! A file holds four slots of equal look. One Argon2id run opens the right one; the others are random, or opened by a second secret
//! ([`with_second`]). Nobody without a secret can tell which.

use std::fmt;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
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
/// What a slot holds, in bytes: a key, then what kind of slot it is, its part, and a length.
const PLAIN_LEN: usize = SLOT_LEN - 16 - hazmat::TAG_LEN;
const PART_AT: usize = KEY_LEN + 4;
const PART_LEN: usize = PLAIN_LEN - PART_AT;
/// Slots that are left for a second secret.
const SECOND_SLOTS: usize = SLOTS - 1;
/// Most words that a second secret keeps, in bytes.
pub const SECOND_LEN: usize = SECOND_SLOTS * PART_LEN;
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

    /// The database's raw key under this salt: 32 bytes key and 16 bytes salt, as SQLCipher takes them. Whoever has the secret and not the
    /// salt does not get it. The salt of a vault of before salts is empty.
    ///
    /// # Errors
    /// [`SlotError::Damaged`] when the primitive refuses, which it does not.
    pub fn database_key(&self, salt: &[u8]) -> Result<Zeroizing<[u8; 48]>, SlotError> {
        hazmat::hkdf(salt, self.0.as_slice(), &[label::DATABASE.as_bytes()]).map_err(|_| SlotError::Damaged)
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
    #[error("the second secret is the first")]
    Same,
    #[error("the words of a second secret are too long, or none")]
    TooLong,
}

impl SlotError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongSecret => "vault.wrong_secret",
            Self::Damaged => "vault.damaged",
            Self::Cost => "vault.bad_cost",
            Self::Same => "duress.same",
            Self::TooLong => "duress.too_long",
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
/// with it what the keystore answers and the count of tries. A second secret ends here: nobody has it to wrap it again.
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
    // The slot's whole length is taken at once: a buffer that grew would leave the key behind.
    let plaintext = hazmat::secret_concat(&[master.0.as_slice()], SLOT_LEN);
    fill(&mut file, usize::from(dice) % SLOTS, (&key, keystore), &header(version, &salt, cost), plaintext, rng)?;
    Ok(file)
}

fn slot_mut(file: &mut [u8], at: usize) -> Result<&mut [u8], SlotError> {
    let begin = HEADER_LEN.saturating_add(at.saturating_mul(SLOT_LEN));
    file.get_mut(begin..begin.saturating_add(SLOT_LEN)).ok_or(SlotError::Damaged)
}

/// Seals what a slot holds into it.
fn fill(
    file: &mut [u8],
    at: usize,
    (key, keystore): (&Secret, &KeystoreShare),
    header: &[u8],
    mut plaintext: Zeroizing<Vec<u8>>,
    rng: &mut impl CryptoRng,
) -> Result<(), SlotError> {
    let slot = slot_mut(file, at)?;
    let slot_salt: [u8; 16] = hazmat::random(rng);
    let key = slot_key(key, keystore, &slot_salt)?;
    plaintext.resize(PLAIN_LEN, 0);
    let sealed = hazmat::seal_once(&key, header, plaintext).map_err(|_| SlotError::Damaged)?;
    for (to, from) in slot.iter_mut().zip(slot_salt.iter().chain(&sealed)) {
        *to = *from;
    }
    Ok(())
}

/// A slot that opened, by its place, and what it holds.
type Found = (usize, Zeroizing<Vec<u8>>);

/// The slots that a secret opens, each with what it holds. One Argon2id run, whatever the outcome.
fn opening(file: &[u8], passphrase: &[u8], keystore: &KeystoreShare) -> Result<Vec<Found>, SlotError> {
    let Slots { version, salt, cost, slots } = Slots::parse(file)?;
    let key = hazmat::argon2id(passphrase, &salt, cost.memory_kib, cost.passes, cost.lanes).map_err(|_| SlotError::Cost)?;
    let mut found = Vec::new();
    for (at, slot) in slots.into_iter().enumerate() {
        let (slot_salt, sealed) = slot.split_at_checked(16).ok_or(SlotError::Damaged)?;
        let key = slot_key(&key, keystore, slot_salt)?;
        if let Ok(plaintext) = hazmat::open_once(&key, &header(version, &salt, cost), sealed) {
            found.push((at, plaintext));
        }
    }
    Ok(found)
}

/// What a secret opened.
pub enum Opened {
    /// The vault.
    Master(MasterKey),
    /// What was left beside the second secret ([`with_second`]).
    Second(Zeroizing<Vec<u8>>),
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened")
    }
}

/// Opens whichever slots this secret opens.
///
/// # Errors
/// [`SlotError::WrongSecret`] when none does; [`SlotError::Damaged`] or [`SlotError::Cost`] before any work.
pub fn open_any(file: &[u8], passphrase: &[u8], keystore: &KeystoreShare) -> Result<Opened, SlotError> {
    let found = opening(file, passphrase, keystore)?;
    let mut parts = Vec::new();
    for (_, plaintext) in &found {
        match part(plaintext) {
            None => {
                return plaintext
                    .get(..KEY_LEN)
                    .map(|key| Opened::Master(MasterKey(hazmat::secret_concat(&[key], 0))))
                    .ok_or(SlotError::Damaged);
            }
            Some(part) => parts.push(part),
        }
    }
    if parts.is_empty() {
        return Err(SlotError::WrongSecret);
    }
    parts.sort_unstable_by_key(|(number, _)| *number);
    let words: Vec<&[u8]> = parts.iter().map(|(_, words)| *words).collect();
    Ok(Opened::Second(hazmat::secret_concat(&words, 0)))
}

/// The part of the second secret's words in a slot, with its number; none in the slot of the vault.
fn part(plaintext: &[u8]) -> Option<(u8, &[u8])> {
    let head: &[u8; 4] = plaintext.get(KEY_LEN..PART_AT)?.try_into().ok()?;
    let [number, _, high, low] = *head;
    if number == 0 {
        return None;
    }
    let len = usize::from(u16::from_be_bytes([high, low]));
    Some((number, plaintext.get(PART_AT..)?.get(..len).unwrap_or_default()))
}

/// Opens the slot of the vault. A second secret is as wrong here as any other.
///
/// # Errors
/// [`SlotError::WrongSecret`] when none does; [`SlotError::Damaged`] or [`SlotError::Cost`] before any work.
pub fn open(file: &[u8], passphrase: &[u8], keystore: &KeystoreShare) -> Result<MasterKey, SlotError> {
    match open_any(file, passphrase, keystore)? {
        Opened::Master(master) => Ok(master),
        Opened::Second(_) => Err(SlotError::WrongSecret),
    }
}

/// The same file with a second secret that opens these words and not the vault, or with none. A second secret of before ends here.
///
/// # Errors
/// [`SlotError::WrongSecret`] when the first secret does not open the vault; [`SlotError::Same`] when the second is the first;
/// [`SlotError::TooLong`] for words longer than [`SECOND_LEN`].
pub fn with_second(
    file: &[u8],
    passphrase: &[u8],
    keystore: &KeystoreShare,
    second: Option<(&[u8], &[u8])>,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, SlotError> {
    let found = opening(file, passphrase, keystore)?;
    let home = found.iter().find(|(_, plaintext)| part(plaintext).is_none()).map(|(at, _)| *at).ok_or(SlotError::WrongSecret)?;
    let Slots { version, salt, cost, .. } = Slots::parse(file)?;
    let mut out = file.to_vec();
    let mut others: Vec<usize> = (0..SLOTS).filter(|at| *at != home).collect();
    for at in &others {
        rng.fill_bytes(slot_mut(&mut out, *at)?);
    }
    let Some((second, words)) = second else { return Ok(out) };
    if bool::from(second.ct_eq(passphrase)) {
        return Err(SlotError::Same);
    }
    if words.is_empty() || words.len() > SECOND_LEN {
        return Err(SlotError::TooLong);
    }
    let key = hazmat::argon2id(second, &salt, cost.memory_kib, cost.passes, cost.lanes).map_err(|_| SlotError::Cost)?;
    let header = header(version, &salt, cost);
    for (number, words) in (1_u8..).zip(words.chunks(PART_LEN)) {
        let [dice]: [u8; 1] = hazmat::random(rng);
        let at = others.remove(usize::from(dice).checked_rem(others.len()).unwrap_or_default());
        let len = u16::try_from(words.len()).map_err(|_| SlotError::TooLong)?.to_be_bytes();
        let nothing = [0; KEY_LEN];
        let plaintext = hazmat::secret_concat(&[&nothing, &[number, 0], &len, words], PLAIN_LEN);
        fill(&mut out, at, (&key, keystore), &header, plaintext, rng)?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
