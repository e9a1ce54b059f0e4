//! Sealing a batch of an author's changes into one envelope, and opening it again.
//!
//! The author's signature stands inside the seal, so it survives re-sealing and gives the server nothing to show around.

use std::cmp::Ordering;

use minicbor::{Decode, Encode, bytes::ByteVec};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use wire::{
    cbor,
    envelope::{Compartment, Envelope, Header, Kind, MAX_LEN, Stream, VERSION, padded_len},
    id::{DeviceId, Digest, OrgId},
    label,
    log::{CaseState, Cut, DeviceCard, DeviceState, OrgState},
    signature::{Signed, sha256},
};
use zeroize::Zeroizing;

use crate::{
    hazmat::{self, Secret},
    identity::DeviceKeys,
    keychain::{EpochKey, KeyError, Keychain},
};

/// Longest signed statement, in bytes; ours have fewer than 200.
pub const MAX_STATEMENT: usize = 512;
/// Longest body. With the longest statement its padded length is the greatest that, with header and commitment around
/// it, is no longer than an envelope may be.
pub const MAX_BODY: usize = MAX_LEN - MAX_LEN / 64 - 8 - MAX_STATEMENT;

/// The end of a device's chain of statements in one stream and kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Chain {
    /// Statements so far.
    #[n(0)]
    pub seq: u64,
    /// SHA-256 of the last; zeros when there is none.
    #[n(1)]
    pub hash: Digest,
}

impl Chain {
    /// Before the first statement.
    pub const START: Self = Self { seq: 0, hash: Digest::ZERO };
}

/// What an author signs about a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Statement {
    /// Generation of the case's document, from 1; higher ones are for repairs to come.
    #[n(0)]
    pub generation: u32,
    /// Hash of the author's statement before this one.
    #[n(1)]
    pub prev: Digest,
    /// Unix milliseconds by the author's own clock.
    #[n(2)]
    pub claimed_ms: i64,
    /// Segments: hash of the author's last change here. Other kinds: SHA-256 of the body.
    #[n(3)]
    pub last: Digest,
    /// Segments: number of changes. Other kinds: 1.
    #[n(4)]
    pub count: u32,
}

/// What is to be sealed.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    pub org: OrgId,
    pub stream: Stream,
    pub kind: Kind,
    pub epoch: u32,
    pub key: &'a EpochKey,
    /// Where the author's chain stands before this.
    pub chain: Chain,
    pub claimed_ms: i64,
    /// For segments the hash of the last change; ignored for other kinds.
    pub last: Digest,
    pub count: u32,
    pub body: &'a [u8],
}

/// A fresh envelope and where the author's chain stands after it.
#[derive(Debug, Clone)]
pub struct Sealed {
    pub envelope: Envelope,
    pub chain: Chain,
    /// The signed statement, kept so that history can be proven without the envelope.
    pub signed: Vec<u8>,
}

/// A body whose envelope was opened, whose author was verified and was a member, in its place in the author's chain.
/// Only [`open`] makes one.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opened {
    pub stream: Stream,
    pub kind: Kind,
    pub author: DeviceCard,
    pub statement: Statement,
    /// Where the author's chain stands after this.
    pub chain: Chain,
    /// The signed statement, kept so that history can be proven without the envelope.
    pub signed: Vec<u8>,
    pub body: Vec<u8>,
}

impl Opened {
    /// The author's Automerge actor in this case; none in the directory.
    pub fn actor(&self) -> Option<[u8; 16]> {
        self.stream.case.map(|case| crate::identity::actor_of(&self.author.sign, &case))
    }
}

/// Why an envelope is set aside, in the order in which a receiver asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("the key of this epoch is not here yet")]
    UnknownEpoch,
    #[error("the envelope is not sealed under the key it names")]
    BadCommit,
    #[error("the envelope was changed on the way")]
    BadAead,
    #[error("the author's signature does not hold")]
    BadSignature,
    #[error("the envelope belongs somewhere else, or does not hold what it says")]
    BadContext,
    #[error("the author is not a member here")]
    NotMember,
    #[error("the author may write no more here, and nobody has said yet how much counts")]
    Uncut,
    #[error("the author's device was revoked, or its owner removed, before this counted")]
    RevokedAuthor,
    #[error("something the author wrote before is missing")]
    ChainGap,
    #[error("the author's chain has two different entries in one place")]
    Fork,
}

impl OpenError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownEpoch => "env.unknown_epoch",
            Self::BadCommit => "env.bad_commit",
            Self::BadAead => "env.bad_aead",
            Self::BadSignature => "env.bad_signature",
            Self::BadContext => "env.bad_context",
            Self::NotMember => "env.not_member",
            Self::Uncut => "env.uncut",
            Self::RevokedAuthor => "env.revoked_author",
            Self::ChainGap => "env.chain_gap",
            Self::Fork => "env.fork",
        }
    }

    /// Whether more of the feed can make it good, so that it is kept and tried again.
    pub const fn may_heal(&self) -> bool {
        matches!(self, Self::UnknownEpoch | Self::ChainGap | Self::NotMember | Self::Uncut)
    }
}

/// What a receiver knows when it opens.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The stream in which the envelope was delivered.
    pub stream: Stream,
    pub keychain: &'a Keychain,
    pub org: &'a OrgState,
    /// The case's verified log; none for the directory.
    pub case: Option<&'a CaseState>,
}

fn okm(org: &OrgId, header: &Header, key: &EpochKey) -> Result<Zeroizing<[u8; 64]>, KeyError> {
    let context = cbor::encode(&(org, header));
    hazmat::hkdf(&header.salt, key.0.as_slice(), &[label::ENVELOPE.as_bytes(), &context]).map_err(|_| KeyError::Broken)
}

/// The envelope's key and its commitment.
pub(crate) fn halves(okm: &[u8; 64]) -> (Secret, [u8; 32]) {
    let (mut key, mut commit) = (Secret::new([0; 32]), [0; 32]);
    for (to, from) in key.iter_mut().chain(commit.iter_mut()).zip(okm) {
        *to = *from;
    }
    (key, commit)
}

fn aad(org: &OrgId, header: &Header, commit: &[u8; 32]) -> Vec<u8> {
    cbor::encode(&(org, header, minicbor::bytes::ByteArray::from(*commit)))
}

fn content_aad(org: &OrgId, stream: Stream, kind: Kind, device: &DeviceId, seq: u64) -> Vec<u8> {
    cbor::encode(&(label::CONTENT, org, stream.case, stream.compartment, kind, device, seq))
}

/// Signs and seals.
///
/// # Errors
/// [`KeyError::TooLarge`], before any work, when the body is longer than [`MAX_BODY`]; [`KeyError::Broken`] when a
/// primitive refuses or a chain is at its end.
pub fn seal(draft: &Draft<'_>, me: &DeviceKeys, rng: &mut impl CryptoRng) -> Result<Sealed, KeyError> {
    if draft.body.len() > MAX_BODY {
        return Err(KeyError::TooLarge);
    }
    let seq = draft.chain.seq.checked_add(1).ok_or(KeyError::Broken)?;
    let (last, count) = match draft.kind {
        Kind::Segment => (draft.last, draft.count),
        Kind::Snapshot | Kind::Seen | Kind::Heartbeat => (sha256(&[draft.body]), 1),
    };
    let statement = Statement { generation: 1, prev: draft.chain.hash, claimed_ms: draft.claimed_ms, last, count };
    let signed = sign_statement(&statement, &draft.org, draft.stream, draft.kind, seq, me);
    let hash = sha256(&[&signed]);
    let envelope = shut(&draft.org, header_at(draft, me, seq, rng), draft.key, &signed, draft.body)?;
    Ok(Sealed { envelope, chain: Chain { seq, hash }, signed })
}

fn header_at(draft: &Draft<'_>, me: &DeviceKeys, seq: u64, rng: &mut impl CryptoRng) -> Header {
    let salt = hazmat::random(rng);
    Header { version: VERSION, kind: draft.kind, stream: draft.stream, epoch: draft.epoch, device: me.device(), seq, salt }
}

/// The statement as the device signs it for this place of its chain.
pub(crate) fn sign_statement(statement: &Statement, org: &OrgId, stream: Stream, kind: Kind, seq: u64, me: &DeviceKeys) -> Vec<u8> {
    let aad = content_aad(org, stream, kind, &me.device(), seq);
    Signed::make(cbor::encode(statement), &aad, |message| me.sign_content(message))
}

/// Seals once more what was signed before, under a fresh salt: the same statement and body in the same place. Used when the
/// envelope is gone; who has taken the statement in knows it again.
///
/// # Errors
/// [`KeyError::TooLarge`] as [`seal`]; [`KeyError::Broken`] when `signed` is not the device's statement about this body in
/// this place, or a primitive refuses.
pub fn seal_again(draft: &Draft<'_>, signed: &[u8], me: &DeviceKeys, rng: &mut impl CryptoRng) -> Result<Envelope, KeyError> {
    if draft.body.len() > MAX_BODY {
        return Err(KeyError::TooLarge);
    }
    let seq = draft.chain.seq.checked_add(1).ok_or(KeyError::Broken)?;
    let statement = verify_statement(signed, &draft.org, draft.stream, draft.kind, me.card(), seq).map_err(|_| KeyError::Broken)?;
    if statement.last != draft.last || statement.count != draft.count {
        return Err(KeyError::Broken);
    }
    shut(&draft.org, header_at(draft, me, seq, rng), draft.key, signed, draft.body)
}

fn shut(org: &OrgId, header: Header, key: &EpochKey, signed: &[u8], body: &[u8]) -> Result<Envelope, KeyError> {
    let plaintext = padded(signed, body).ok_or(KeyError::Broken)?;
    let okm = okm(org, &header, key)?;
    let (key, commit) = halves(&okm);
    let ciphertext = hazmat::seal_once(&key, &aad(org, &header, &commit), plaintext).map_err(|_| KeyError::Broken)?;
    Ok(Envelope::new(header, commit, ciphertext))
}

/// Opens: key, commitment, seal, signature, context, membership, in this order. The chain is [`follows`]'s.
///
/// # Errors
/// [`OpenError`] naming the first that fails.
pub fn open(envelope: &Envelope, reading: &Reading<'_>) -> Result<Opened, OpenError> {
    let (opened, device) = read(envelope, reading)?;
    may_speak(reading, opened.kind, device, opened.chain)?;
    Ok(opened)
}

/// Opens what this device sealed itself, whatever it may say by now.
///
/// # Errors
/// [`OpenError`] naming what fails, [`OpenError::BadContext`] for what another device sealed.
pub fn open_own(envelope: &Envelope, reading: &Reading<'_>, me: &DeviceKeys) -> Result<Opened, OpenError> {
    let (opened, _) = read(envelope, reading)?;
    if opened.author == *me.card() { Ok(opened) } else { Err(OpenError::BadContext) }
}

/// Where a segment stands in the chain of somebody who may write no more: for whoever says how far that counts.
///
/// # Errors
/// [`OpenError`] naming what fails before anybody asks whether it counts, [`OpenError::BadContext`] for other kinds.
pub fn place_of(envelope: &Envelope, reading: &Reading<'_>) -> Result<(Chain, Digest), OpenError> {
    let (opened, _) = read(envelope, reading)?;
    if opened.kind == Kind::Segment { Ok((opened.chain, opened.statement.prev)) } else { Err(OpenError::BadContext) }
}

/// Opens an envelope again whose statement was verified when it came: its author may have been taken out since, and not be cut off yet.
///
/// # Errors
/// As [`open`]; where its author may not speak now, unless `is_kept` says that exactly this statement was taken in before.
pub fn reopen(envelope: &Envelope, reading: &Reading<'_>, is_kept: impl Fn(&Chain) -> bool) -> Result<Opened, OpenError> {
    let (opened, device) = read(envelope, reading)?;
    match may_speak(reading, opened.kind, device, opened.chain) {
        Err(OpenError::Uncut | OpenError::NotMember) if is_kept(&opened.chain) => Ok(opened),
        spoken => spoken.map(|()| opened),
    }
}

/// Everything but whether the author may speak.
fn read<'o>(envelope: &Envelope, reading: &Reading<'o>) -> Result<(Opened, &'o DeviceState), OpenError> {
    let (header, org) = (&envelope.header, reading.org.org());
    if header.stream != reading.stream || reading.keychain.stream() != reading.stream {
        return Err(OpenError::BadContext);
    }
    let key = reading.keychain.key(header.epoch).ok_or(OpenError::UnknownEpoch)?;
    let okm = okm(&org, header, key).map_err(|_| OpenError::BadCommit)?;
    let (key, commit) = halves(&okm);
    if !bool::from(commit.ct_eq(&envelope.commit)) {
        return Err(OpenError::BadCommit);
    }
    let plaintext = hazmat::open_once(&key, &aad(&org, header, &commit), &envelope.ciphertext).map_err(|_| OpenError::BadAead)?;
    let (signed_bytes, body) = unpadded(&plaintext).ok_or(OpenError::BadContext)?;
    if signed_bytes.len() > MAX_STATEMENT {
        return Err(OpenError::BadContext);
    }
    let signed = Signed::parse(signed_bytes).map_err(|_| OpenError::BadSignature)?;
    let device = reading.org.device(&header.device).ok_or(OpenError::NotMember)?;
    let said_of = content_aad(&org, header.stream, header.kind, &header.device, header.seq);
    signed.verify(&device.card.sign, &said_of).map_err(|_| OpenError::BadSignature)?;
    let statement: Statement = cbor::decode(signed.payload()).map_err(|_| OpenError::BadContext)?;
    let honest = match header.kind {
        // Changes of a document name each other by hash; entries of a ledger are held by what is signed of them.
        Kind::Segment => statement.count > 0 && (!header.stream.is_ledger() || statement.last == sha256(&[body])),
        Kind::Snapshot | Kind::Seen | Kind::Heartbeat => statement.last == sha256(&[body]) && statement.count == 1,
    };
    if statement.generation != 1 || !honest {
        return Err(OpenError::BadContext);
    }
    let chain = Chain { seq: header.seq, hash: sha256(&[signed_bytes]) };
    let opened = Opened {
        stream: header.stream,
        kind: header.kind,
        author: device.card.clone(),
        statement,
        chain,
        signed: signed_bytes.to_vec(),
        body: body.to_vec(),
    };
    Ok((opened, device))
}

/// Whether what this device says at this place of its chain counts.
fn may_speak(reading: &Reading<'_>, kind: Kind, device: &DeviceState, chain: Chain) -> Result<(), OpenError> {
    let (compartment, Some(case)) = (reading.stream.compartment, reading.case) else {
        // In the directory each word stands for itself: after a revocation none is needed.
        let is_directory = reading.stream.compartment == Compartment::Directory;
        return match (is_directory, device.revoked) {
            (true, None) => Ok(()),
            (true, Some(_)) => Err(OpenError::RevokedAuthor),
            (false, _) => Err(OpenError::NotMember),
        };
    };
    if Some(case.case()) != reading.stream.case {
        return Err(OpenError::NotMember);
    }
    if let Some(cut) = case.compartment(compartment).and_then(|state| state.cut(&device.card.device)) {
        // A snapshot stands for itself too: somebody else makes another.
        return if kind == Kind::Segment { within(cut, chain) } else { Err(OpenError::RevokedAuthor) };
    }
    match (case.is_member(compartment, &device.member), device.revoked) {
        (true, None) => Ok(()),
        (_, Some(_)) if kind == Kind::Segment => Err(OpenError::Uncut),
        (_, Some(_)) => Err(OpenError::RevokedAuthor),
        (false, None) => Err(OpenError::NotMember),
    }
}

/// Whether a chain's place is at or before its cut, and is the one that was cut at.
fn within(cut: &Cut, chain: Chain) -> Result<(), OpenError> {
    match chain.seq.cmp(&cut.seq) {
        Ordering::Less => Ok(()),
        Ordering::Equal if chain.hash == cut.hash => Ok(()),
        Ordering::Equal => Err(OpenError::Fork),
        Ordering::Greater => Err(OpenError::RevokedAuthor),
    }
}

/// Reads a statement of this device's own vault, without checking it.
pub fn read_statement(signed: &[u8]) -> Option<Statement> {
    if signed.len() > MAX_STATEMENT {
        return None;
    }
    cbor::decode(Signed::parse(signed).ok()?.payload()).ok()
}

/// Checks a kept statement again: the author's signature over it in its place, without the envelope.
///
/// # Errors
/// [`OpenError::BadSignature`] when it does not hold, [`OpenError::BadContext`] when it is not a statement.
pub fn verify_statement(
    signed: &[u8],
    org: &OrgId,
    stream: Stream,
    kind: Kind,
    author: &DeviceCard,
    seq: u64,
) -> Result<Statement, OpenError> {
    if signed.len() > MAX_STATEMENT {
        return Err(OpenError::BadContext);
    }
    let aad = content_aad(org, stream, kind, &author.device, seq);
    let parsed = Signed::parse(signed).map_err(|_| OpenError::BadContext)?;
    parsed.verify(&author.sign, &aad).map_err(|_| OpenError::BadSignature)?;
    cbor::decode(parsed.payload()).map_err(|_| OpenError::BadContext)
}

/// Whether an opened statement is the next of its author's chain.
///
/// # Errors
/// [`OpenError::ChainGap`] when something before it is missing, [`OpenError::Fork`] when its place is taken by another.
pub fn follows(opened: &Opened, known: Chain) -> Result<(), OpenError> {
    match known.seq.checked_add(1) {
        Some(next) if opened.chain.seq == next && opened.statement.prev == known.hash => Ok(()),
        Some(next) if opened.chain.seq > next => Err(OpenError::ChainGap),
        _ => Err(OpenError::Fork),
    }
}

/// `length of inner (4, big-endian) ‖ inner ‖ zeros`, inner = `length of S (4) ‖ S ‖ body`.
pub(crate) fn padded(signed: &[u8], body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let signed_len = u32::try_from(signed.len()).ok()?;
    let inner = signed.len().checked_add(body.len())?.checked_add(4)?;
    let inner_len = u32::try_from(inner).ok()?;
    let target = padded_len(inner.checked_add(4)?);
    let mut out = Zeroizing::new(Vec::with_capacity(target.checked_add(hazmat::TAG_LEN)?));
    out.extend_from_slice(&inner_len.to_be_bytes());
    out.extend_from_slice(&signed_len.to_be_bytes());
    out.extend_from_slice(signed);
    out.extend_from_slice(body);
    out.resize(target, 0);
    Some(out)
}

pub(crate) fn unpadded(plaintext: &[u8]) -> Option<(&[u8], &[u8])> {
    let (inner, rest) = prefixed(plaintext)?;
    let (signed, body) = prefixed(inner)?;
    let sound = plaintext.len() == padded_len(inner.len().checked_add(4)?) && rest.iter().all(|byte| *byte == 0);
    sound.then_some((signed, body))
}

fn prefixed(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*len)).ok()?)
}

/// Where one author's chain stands, and what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    pub device: DeviceId,
    pub chain: Chain,
    /// Hash of the author's last change up to there; of other kinds than segments, of the body.
    pub last: Digest,
}

/// How far one author's chain reaches into a snapshot, as the author signed it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Reached {
    #[n(0)]
    pub device: DeviceId,
    /// The author's newest segment statement that the document holds.
    #[n(1)]
    pub chain: Chain,
    /// Hash of the author's last change in it.
    #[n(2)]
    pub last: Digest,
    /// The author's signed statement itself; the first snapshots had none, and prove nothing.
    #[n(3)]
    pub signed: Option<ByteVec>,
}

impl Reached {
    /// With the statement that proves it.
    pub fn proven(reach: Reach, signed: Vec<u8>) -> Self {
        Self { device: reach.device, chain: reach.chain, last: reach.last, signed: Some(signed.into()) }
    }

    /// How far the chain reaches, and the author's name in the case, if the author's device signed it and it counts that far.
    ///
    /// # Errors
    /// [`OpenError::NotMember`] when the organisation has no such device yet, [`OpenError::BadSignature`] when nobody or
    /// somebody else signed, [`OpenError::BadContext`] when the statement says something else, [`OpenError::RevokedAuthor`] or
    /// [`OpenError::Fork`] when it goes beyond where the author was cut off, or past it by another way.
    pub fn verify(&self, org: &OrgState, state: &CaseState, compartment: Compartment) -> Result<(Reach, [u8; 16]), OpenError> {
        let card = org.device(&self.device).map(|device| &device.card).ok_or(OpenError::NotMember)?;
        let (case, stream) = (state.case(), Stream { case: Some(state.case()), compartment });
        if let Some(cut) = state.compartment(compartment).and_then(|part| part.cut(&self.device)) {
            within(cut, self.chain)?;
        }
        let signed = self.signed.as_ref().ok_or(OpenError::BadSignature)?;
        let statement = verify_statement(signed, &org.org(), stream, Kind::Segment, card, self.chain.seq)?;
        let is_as_said = statement.last == self.last && self.chain.hash == sha256(&[signed]);
        if statement.generation != 1 || statement.count == 0 || !is_as_said {
            return Err(OpenError::BadContext);
        }
        let reach = Reach { device: self.device, chain: self.chain, last: self.last };
        Ok((reach, crate::identity::actor_of(&card.sign, &case)))
    }
}

/// The body of a snapshot: what it reaches in each author's chain, a card for lists, and the document.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SnapshotBody {
    /// Every author in the document, sorted by device.
    #[n(0)]
    pub reaches: Vec<Reached>,
    /// What a list shows before the document is loaded.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub card: Vec<u8>,
    /// The compressed document.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub document: Vec<u8>,
}

#[cfg(test)]
mod tests;
