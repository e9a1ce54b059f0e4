//! This device was cut off: it proves the order to itself, and seals what it had not sent for the coordinators.

use std::collections::BTreeMap;

use casework::Case;
use minicbor::{Decode, Encode, bytes::ByteVec};
use seal::{
    KeyError,
    quarantine::{Contents, Said, Word, close, sign_word},
    sealed::{Reading, open_own},
};
use wire::{
    cbor,
    envelope::{Envelope, Kind, Stream},
    id::{CaseId, DeviceId, Digest},
    log::{DeviceCard, DeviceState, Entry, OrgState, RevokeReason, Role},
    message::Push,
    quarantine::{MAX_BYTES, MAX_ITEMS},
};

use crate::{
    compose::{batches, last_hash},
    error::{DeviceError, Result},
    host::{Dice, Host},
    session::Open,
    vault::{documents, keys, logs, meta, outbox},
};

/// One item holds about this many bytes of bodies, so that most of what there is comes through where all does not fit.
const ITEM_BYTES: usize = 512 * 1024;

/// Why this device was revoked, if that is what the entry says and somebody signed it who may, as far as is known here.
/// Nobody else can make this device destroy what it holds.
pub(crate) fn order(open: &Open, entry: &[u8]) -> Option<RevokeReason> {
    let entry = Entry::decode(entry).ok()?;
    open.org().ok()?.order_to(&open.keys.device(), &entry).ok()
}

/// Everything that was written in these cases and not acknowledged, sealed for each coordinator's device that is known here.
///
/// `rotations` are entries by which such devices changed their receive keys, of which this one was not told before.
pub(crate) fn items(open: &mut Open, host: &dyn Host, cases: &[CaseId], rotations: &[Vec<u8>]) -> Result<HandIn> {
    let org = open.org()?;
    let cards = recipients(&org, open.keys.device(), rotations);
    let to: Vec<&DeviceCard> = cards.iter().collect();
    let (own, keys) = (owned(open, cases)?, cards.iter().map(|card| (card.device, card.receive_hash())).collect());
    if let Some(before) = kept(open, &own, &keys)? {
        return Ok(before);
    }
    let (mut found, mut left) = (HandIn { items: Vec::new(), is_all: true, own, to: keys }, MAX_BYTES);
    let unacked = documents::unacked(open.vault.db())?;
    for case in cases.iter().filter(|case| unacked.contains(case)) {
        let (words, is_all) = words_of(open, host, &org, *case)?;
        found.is_all &= is_all;
        for contents in parts(*case, words) {
            let item = match close(&org.org(), &contents, &to, &open.keys, &mut Dice(host)) {
                Ok(item) => Some(item.encode()),
                Err(KeyError::TooLarge) => None,
                Err(error) => return Err(error.into()),
            };
            let has_room = u64::try_from(found.items.len()).is_ok_and(|count| count < MAX_ITEMS) && !to.is_empty();
            match item.filter(|item| item.len() <= left && has_room) {
                Some(item) => {
                    left = left.saturating_sub(item.len());
                    found.items.push(item.into());
                }
                None => found.is_all = false,
            }
        }
    }
    meta::set(open.vault.db(), meta::HANDING, &cbor::encode(&found))?;
    Ok(found)
}

/// The number of the last own change in each of these cases.
fn owned(open: &Open, cases: &[CaseId]) -> Result<Vec<(CaseId, u64)>> {
    cases.iter().map(|case| Ok((*case, documents::progress(open.vault.db(), *case)?.own))).collect()
}

/// What was sealed before for the same words, byte for byte: the server knows again what it has.
fn kept(open: &Open, own: &[(CaseId, u64)], to: &Vec<(DeviceId, Digest)>) -> Result<Option<HandIn>> {
    let kept = meta::get(open.vault.db(), meta::HANDING)?.and_then(|kept| cbor::decode::<HandIn>(&kept).ok());
    Ok(kept.filter(|kept| kept.own == own && kept.to == *to))
}

/// Every other active device of somebody who admits, with its newest receive key, also where only an entry beside the order tells
/// that. The newest entry of a device counts, so each is judged by its place.
fn recipients(org: &OrgState, me: DeviceId, rotations: &[Vec<u8>]) -> Vec<DeviceCard> {
    let admits = |state: &DeviceState| state.revoked.is_none() && org.role_of(&state.member).is_some_and(Role::admits);
    let mut cards: Vec<DeviceCard> =
        org.devices().filter(|(id, state)| **id != me && admits(state)).map(|(_, state)| state.card.clone()).collect();
    let mut newer: Vec<Entry> = rotations.iter().filter_map(|bytes| Entry::decode(bytes).ok()).collect();
    newer.retain(|entry| entry.statement().seq > org.head().seq);
    newer.sort_by_key(|entry| entry.statement().seq);
    for (device, receive) in newer.iter().filter_map(|entry| org.rotation_in(entry).ok()) {
        for card in cards.iter_mut().filter(|card| card.device == device) {
            card.receive.clone_from(&receive);
        }
    }
    cards
}

/// What can be handed in.
#[derive(Debug, Encode, Decode)]
pub(crate) struct HandIn {
    #[n(0)]
    pub items: Vec<ByteVec>,
    /// Nothing is left that could not be read, is too large, or that nobody is known who could open.
    #[n(1)]
    pub is_all: bool,
    #[n(2)]
    own: Vec<(CaseId, u64)>,
    /// For which receive keys.
    #[n(3)]
    to: Vec<(DeviceId, Digest)>,
}

/// What has to be handed in before something is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// Everything that was written here and not acknowledged.
    Everything,
    /// What was written in the cases that were handed in.
    TheseCases,
}

impl HandIn {
    /// Whether nothing was written since in any case.
    pub fn is_still_all(&self, open: &Open, of: Of) -> Result<bool> {
        let written = documents::unacked(open.vault.db())?;
        let known = |case: &CaseId| self.own.iter().any(|(known, _)| known == case);
        let cases: Vec<CaseId> = self.own.iter().map(|(case, _)| *case).collect();
        Ok(owned(open, &cases)? == self.own && (of == Of::TheseCases || written.iter().all(known)))
    }
}

/// Cases in which something was not acknowledged; the one that was written in last comes first, in case not all is taken.
pub(crate) fn cases(open: &Open) -> Result<Vec<CaseId>> {
    documents::unacked(open.vault.db())
}

/// The own words in a case that the server has not acknowledged: those that were sealed and wait, and then the rest. And
/// whether that is all of them.
fn words_of(open: &mut Open, host: &dyn Host, org: &OrgState, case: CaseId) -> Result<(Vec<Word>, bool)> {
    let stream = Stream::core(case);
    let (mut words, is_all) = sealed_words(open, org, case)?;
    let progress = documents::progress(open.vault.db(), case)?;
    let read = open.read_case(case, |case, _| Ok(case.unsent(progress.sealed)));
    let unsent = match read {
        Ok(unsent) => unsent,
        // What was sealed before can still be handed in.
        Err(DeviceError::Document(_)) => return Ok((words.into_values().collect(), false)),
        Err(error) => return Err(error),
    };
    let mut chain = keys::chain(open.vault.db(), stream, Kind::Segment, open.keys.device())?;
    for batch in batches(&unsent.changes) {
        let body = casework::encode_segment(batch).map_err(|_| DeviceError::Damaged)?;
        let last = batch.last().map(|change| last_hash(change)).transpose()?.ok_or(DeviceError::Damaged)?;
        let count = u32::try_from(batch.len()).unwrap_or(u32::MAX);
        let said = Said { claimed_ms: host.now_ms(), last, count, body: &body };
        let (word, after) = sign_word(&org.org(), case, chain, &said, &open.keys)?;
        words.insert(word.seq, word);
        chain = after;
    }
    Ok((words.into_values().collect(), is_all))
}

/// What lies sealed in the outbox, by its place in the chain.
fn sealed_words(open: &Open, org: &OrgState, case: CaseId) -> Result<(BTreeMap<u64, Word>, bool)> {
    let stream = Stream::core(case);
    let state = logs::case(open.vault.db(), case)?;
    let keychain = keys::keychain(open.vault.db(), stream)?;
    let reading = Reading { stream, keychain: &keychain, org, case: state.as_ref() };
    let (mut words, mut is_all) = (BTreeMap::new(), true);
    for (_, push) in outbox::sealed(open.vault.db())? {
        let Push::Envelope(bytes) = push else { continue };
        let Ok(envelope) = Envelope::decode(&bytes) else { continue };
        if envelope.header.stream != stream || envelope.header.kind != Kind::Segment {
            continue;
        }
        let Ok(opened) = open_own(&envelope, &reading, &open.keys) else {
            is_all = false;
            continue;
        };
        let seq = opened.chain.seq;
        words.insert(seq, Word { seq, signed: opened.signed.into(), body: opened.body.into() });
    }
    Ok((words, is_all))
}

/// Runs of words without a gap between them, each small enough for one item.
fn parts(case: CaseId, words: Vec<Word>) -> Vec<Contents> {
    let mut parts: Vec<(Contents, usize)> = Vec::new();
    for word in words {
        let len = word.body.len();
        let follows = |contents: &Contents| contents.words.last().is_some_and(|last| last.seq.checked_add(1) == Some(word.seq));
        match parts.last_mut() {
            Some((contents, bytes)) if follows(contents) && bytes.saturating_add(len) <= ITEM_BYTES => {
                contents.words.push(word);
                *bytes = bytes.saturating_add(len);
            }
            _ => parts.push((Contents { case, words: vec![word] }, len)),
        }
    }
    parts.into_iter().map(|(contents, _)| contents).collect()
}

/// Most bytes that all words of an item may stand for.
const MOST_SAID: usize = 32 * 1024 * 1024;

/// The changes of each word, if each is what its author signed, and together they are no more than a device can hold.
pub(crate) fn changes_in<'a>(words: impl Iterator<Item = &'a Word>) -> Option<Vec<Vec<Vec<u8>>>> {
    let (mut all, mut bytes) = (Vec::new(), 0_usize);
    for word in words {
        let statement = seal::sealed::read_statement(&word.signed)?;
        let said = casework::decode_segment(&word.body).ok()?;
        let last = said.last().and_then(|change| casework::change_hash(change))?;
        if last != *statement.last.as_bytes() || u32::try_from(said.len()) != Ok(statement.count) {
            return None;
        }
        bytes = said.iter().fold(bytes, |sum, change| sum.saturating_add(change.len()));
        if bytes > MOST_SAID {
            return None;
        }
        all.push(said);
    }
    Some(all)
}

/// An empty case of this name, to see what there would be in one that was never sent.
pub(crate) fn empty(open: &Open, case: CaseId) -> Result<Case> {
    open.found_case(case)
}
