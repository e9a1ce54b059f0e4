//! What a device that was cut off hands in: its signed words in one case, sealed for the devices of coordinators.
//!
//! The case's own key may be gone, or was never anybody else's; so each item has a key of its own, wrapped to every device
//! that may open it. The author's statements stand inside, as they would in an envelope: whoever takes the words over can
//! keep the proof of whose they were.

use minicbor::{Decode, Encode, bytes::ByteVec};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use wire::{
    cbor,
    envelope::{Kind, Stream},
    id::{CaseId, Digest, OrgId},
    label,
    log::{DeviceCard, OrgState},
    quarantine::{Header, Item, MAX_BYTES, VERSION},
    signature::sha256,
};
use zeroize::Zeroizing;

use crate::{
    hazmat::{self, Secret},
    identity::{DeviceKeys, actor_of},
    keychain::KeyError,
    sealed::{Chain, OpenError, Statement, halves, padded, sign_statement, unpadded, verify_statement},
};

/// One statement and the body it is about.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Word {
    /// Place in the author's chain, from 1.
    #[n(0)]
    pub seq: u64,
    #[n(1)]
    pub signed: ByteVec,
    #[n(2)]
    pub body: ByteVec,
}

/// What is handed in of one case, in the order of the author's chain.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Contents {
    #[n(0)]
    pub case: CaseId,
    #[n(1)]
    pub words: Vec<Word>,
}

/// A word whose author is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// Place in the author's chain.
    pub seq: u64,
    pub statement: Statement,
    /// The signed statement itself.
    pub signed: Vec<u8>,
    pub body: Vec<u8>,
}

/// An item that was opened, its author verified. Only [`open`] makes one.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HandedIn {
    pub author: DeviceCard,
    pub case: CaseId,
    pub words: Vec<Proven>,
}

impl HandedIn {
    /// The author's Automerge actor in the case.
    pub fn actor(&self) -> [u8; 16] {
        actor_of(&self.author.sign, &self.case)
    }
}

/// Signs changes that no envelope will carry, as [`crate::sealed::seal`] would have: `last` is the hash of the last of `count`
/// changes in `body`. Gives where the chain stands after it, too.
///
/// # Errors
/// [`KeyError::Broken`] when a chain is at its end.
pub fn sign_word(org: &OrgId, case: CaseId, chain: Chain, said: &Said<'_>, me: &DeviceKeys) -> Result<(Word, Chain), KeyError> {
    let seq = chain.seq.checked_add(1).ok_or(KeyError::Broken)?;
    let Said { claimed_ms, last, count, body } = *said;
    let statement = Statement { generation: 1, prev: chain.hash, claimed_ms, last, count };
    let signed = sign_statement(&statement, org, Stream::core(case), Kind::Segment, seq, me);
    let after = Chain { seq, hash: sha256(&[&signed]) };
    Ok((Word { seq, signed: signed.into(), body: body.to_vec().into() }, after))
}

/// Changes that were not sealed.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// Unix milliseconds by the author's own clock.
    pub claimed_ms: i64,
    pub last: Digest,
    pub count: u32,
    pub body: &'a [u8],
}

/// Seals for these devices, which are sorted and of which each stands once.
///
/// # Errors
/// [`KeyError::TooLarge`] when no server would take it, [`KeyError::Broken`] when a recipient's key is not one.
pub fn close(org: &OrgId, contents: &Contents, to: &[&DeviceCard], me: &DeviceKeys, rng: &mut impl CryptoRng) -> Result<Item, KeyError> {
    let recipients = to.iter().map(|card| card.device).collect();
    let header = Header { version: VERSION, org: *org, device: me.device(), recipients, salt: hazmat::random(rng) };
    let key = Secret::new(hazmat::random(rng));
    let text = Zeroizing::new(cbor::encode(contents));
    let plaintext = padded(&[], &text).filter(|text| text.len() <= MAX_BYTES).ok_or(KeyError::TooLarge)?;
    let (under, commit) = halves(&*okm(&header, &key)?);
    let mut keys = Vec::with_capacity(to.len());
    for card in to {
        let (info, aad) = binding(&header, card);
        keys.push(hazmat::hpke_seal(&card.receive, &info, &aad, key.as_slice(), rng).map_err(|_| KeyError::Broken)?.into());
    }
    let ciphertext = hazmat::seal_once(&under, &aad_of(&header, &commit), plaintext).map_err(|_| KeyError::Broken)?;
    Ok(Item { header, commit, keys, ciphertext })
}

/// Opens an item that names this device: key, commitment, seal, and each statement's signature by the device it names.
///
/// # Errors
/// [`OpenError`] naming the first that fails; [`OpenError::NotMember`] also when it is not for this device.
pub fn open(item: &Item, org: &OrgState, me: &DeviceKeys) -> Result<HandedIn, OpenError> {
    let header = &item.header;
    if header.org != org.org() {
        return Err(OpenError::BadContext);
    }
    let place = header.recipients.iter().position(|device| *device == me.device()).ok_or(OpenError::NotMember)?;
    let author = &org.device(&header.device).ok_or(OpenError::NotMember)?.card;
    let wrapped = item.keys.get(place).ok_or(OpenError::BadContext)?;
    let opened = me.receivers().find_map(|(secret, card)| {
        let (info, aad) = binding(header, card);
        hazmat::hpke_open(secret, &info, &aad, wrapped).ok()
    });
    let opened = opened.ok_or(OpenError::BadAead)?;
    let key = Secret::new(opened.as_slice().try_into().map_err(|_| OpenError::BadContext)?);
    let (under, commit) = halves(&*okm(header, &key).map_err(|_| OpenError::BadCommit)?);
    if !bool::from(commit.ct_eq(&item.commit)) {
        return Err(OpenError::BadCommit);
    }
    let plaintext = hazmat::open_once(&under, &aad_of(header, &commit), &item.ciphertext).map_err(|_| OpenError::BadAead)?;
    let ([], text) = unpadded(&plaintext).ok_or(OpenError::BadContext)? else { return Err(OpenError::BadContext) };
    let contents: Contents = cbor::decode(text).map_err(|_| OpenError::BadContext)?;
    let (stream, mut words) = (Stream::core(contents.case), Vec::with_capacity(contents.words.len()));
    let mut before: Option<(u64, Digest)> = None;
    for word in contents.words {
        let statement = verify_statement(&word.signed, &org.org(), stream, Kind::Segment, author, word.seq)?;
        let follows = before.is_none_or(|(seq, hash)| seq.checked_add(1) == Some(word.seq) && statement.prev == hash);
        if statement.generation != 1 || statement.count == 0 || !follows {
            return Err(OpenError::BadContext);
        }
        before = Some((word.seq, sha256(&[&word.signed])));
        words.push(Proven { seq: word.seq, statement, signed: word.signed.into(), body: word.body.into() });
    }
    Ok(HandedIn { author: author.clone(), case: contents.case, words })
}

fn okm(header: &Header, key: &Secret) -> Result<Zeroizing<[u8; 64]>, KeyError> {
    hazmat::hkdf(&header.salt, key.as_slice(), &[label::QUARANTINE.as_bytes(), &cbor::encode(header)]).map_err(|_| KeyError::Broken)
}

fn aad_of(header: &Header, commit: &[u8; 32]) -> Vec<u8> {
    cbor::encode(&(header, minicbor::bytes::ByteArray::from(*commit)))
}

fn binding(header: &Header, to: &DeviceCard) -> (Vec<u8>, Vec<u8>) {
    let info = cbor::encode(&(label::QUARANTINE, header.org));
    let aad = cbor::encode(&(header.device, to.device, to.receive_hash()));
    (info, aad)
}

#[cfg(test)]
mod tests;
