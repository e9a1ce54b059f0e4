//! Ledgers of a case: sets of signed entries that are kept as they travelled, and read when somebody looks. The keys of addresses lie
//! in the strongroom, so that nothing of an address can be read here before its door was opened.

use std::collections::BTreeMap;

use seal::{
    Keychain,
    sealed::{Chain, Draft, OpenError, Opened, Reach, Reading, follows, place_of, reopen, seal},
    strongroom::{put_key, put_words},
};
use wire::{
    envelope::{Compartment, Envelope, Kind, Stream},
    id::{CaseId, DeviceId, MemberId},
    log::{CaseState, Cut, EpochCard, OrgState},
    message::Push,
    signature::sha256,
};
use zeroize::Zeroizing;

use crate::{
    again,
    compose::{server_now, writing_key},
    error::{DeviceError, Result},
    host::{Dice, Host},
    session::Open,
    strongroom,
    vault::{
        commit, inbox, keys, ledger as rows, logs,
        outbox::{self, Intent, Outgoing, Waiting},
    },
};

/// Whether keys of this stream lie in the strongroom.
pub(crate) fn is_locked_away(stream: Stream) -> bool {
    stream.compartment == Compartment::Address
}

/// The keys of a stream; nothing while they lie behind a door that is shut.
pub(crate) fn keychain(open: &Open, stream: Stream) -> Result<Option<Keychain>> {
    let (true, Some(case)) = (is_locked_away(stream), stream.case) else {
        return keys::keychain(open.vault.db(), stream).map(Some);
    };
    let Some(room) = open.strongroom() else { return Ok(None) };
    let mut keychain = Keychain::new(stream);
    for (epoch, sealed) in rows::sealed_keys(open.vault.db(), case, stream.compartment)? {
        keychain.hold(epoch, room.key(stream, epoch, &sealed)?);
    }
    Ok(Some(keychain))
}

/// Whether the newest key of a stream is here, as far as that can be told with the door shut.
pub(crate) fn has_key(open: &Open, stream: Stream, epoch: &EpochCard) -> Result<bool> {
    match (keychain(open, stream)?, stream.case) {
        (Some(keychain), _) => Ok(keychain.true_key(epoch).is_some()),
        (None, Some(case)) => {
            let sealed = rows::sealed_keys(open.vault.db(), case, stream.compartment)?;
            Ok(sealed.iter().any(|(number, _)| *number == epoch.number))
        }
        (None, None) => Ok(false),
    }
}

/// How keys are kept, made ready before the database is written to.
pub(crate) struct Keeping<'h> {
    public: Option<Vec<u8>>,
    host: &'h dyn Host,
}

impl<'h> Keeping<'h> {
    /// # Errors
    /// When the database fails.
    pub fn of(open: &Open, host: &'h dyn Host) -> Result<Self> {
        Ok(Self { public: strongroom::public(open)?, host })
    }

    /// Keeps every key of a chain: those of an address in the strongroom.
    ///
    /// # Errors
    /// [`DeviceError::AddressLocked`] when there is no strongroom yet; what the database says.
    pub fn keys(&self, db: &rusqlite::Connection, keychain: &Keychain) -> Result<()> {
        let (true, Some(case)) = (is_locked_away(keychain.stream()), keychain.stream().case) else { return keys::keep(db, keychain) };
        if keychain.keys().next().is_none() {
            return Ok(());
        }
        let public = self.public.as_ref().ok_or(DeviceError::AddressLocked)?;
        for (epoch, key) in keychain.keys() {
            let sealed = put_key(public, keychain.stream(), epoch, key, &mut Dice(self.host))?;
            rows::keep_sealed_key(db, case, keychain.stream().compartment, epoch, &sealed)?;
        }
        Ok(())
    }
}

/// Something somebody entered.
#[derive(Debug)]
pub(crate) struct Said {
    pub member: MemberId,
    /// Unix milliseconds.
    pub at_ms: i64,
    pub body: Zeroizing<Vec<u8>>,
    /// Whether the server has it, or somebody else wrote it.
    pub is_sent: bool,
}

/// What stands in a ledger, and the codes of what could not be taken for it.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub said: Vec<Said>,
    pub codes: BTreeMap<&'static str, u64>,
}

impl Account {
    fn note(&mut self, error: OpenError) {
        let count = self.codes.entry(error.code()).or_default();
        *count = count.saturating_add(1);
    }
}

/// Reads a ledger, with what was written here and waits for a key. Nothing while its keys lie behind a door that is shut.
pub(crate) fn read(open: &mut Open, case: CaseId, compartment: Compartment) -> Result<Option<Account>> {
    let stream = Stream::of(case, compartment);
    let Some(keychain) = keychain(open, stream)? else { return Ok(None) };
    let org = open.org()?;
    let mut account = Account::default();
    let Some(state) = logs::case(open.vault.db(), case)? else {
        add_waiting(open, stream, &mut account)?;
        return Ok(Some(account));
    };
    let reading = Reading { stream, keychain: &keychain, org: &org, case: Some(&state) };
    let is_owed = |author: &DeviceId| state.compartment(compartment).is_some_and(|part| part.owes_cut(author, &org, u64::MAX));
    let mut verified = Vec::new();
    let mut known: Option<(DeviceId, Chain)> = None;
    for envelope in rows::envelopes(open.vault.db(), case, compartment)? {
        let author = envelope.header.device;
        let chain = known.filter(|(device, _)| *device == author).map_or(Chain::START, |(_, chain)| chain);
        match take(open, &envelope, &reading, chain) {
            Ok(Taken::Next(opened)) => {
                known = Some((author, opened.chain));
                account.said.extend(said_by(&org, &opened));
                verified.push((Reach { device: author, chain: opened.chain, last: opened.statement.last }, opened.signed));
            }
            // What is missing before it takes nothing from it, and is named.
            Ok(Taken::After(opened)) => {
                known = Some((author, opened.chain));
                account.note(OpenError::ChainGap);
                account.said.extend(said_by(&org, &opened));
            }
            Ok(Taken::Again) => {}
            // Of somebody who was taken out it is open how much counts, until the next key says so.
            Err(OpenError::NotMember) if is_owed(&author) => account.note(OpenError::Uncut),
            Err(error) => account.note(error),
        }
    }
    remember(open, stream, &verified)?;
    add_waiting(open, stream, &mut account)?;
    Ok(Some(account))
}

enum Taken {
    Next(Box<Opened>),
    After(Box<Opened>),
    /// The same words under another seal.
    Again,
}

fn take(open: &Open, envelope: &Envelope, reading: &Reading<'_>, known: Chain) -> std::result::Result<Taken, OpenError> {
    let author = envelope.header.device;
    let is_kept = |chain: &Chain| {
        keys::statement_at(open.vault.db(), reading.stream, Kind::Segment, author, chain.seq).is_ok_and(|hash| hash == Some(chain.hash))
    };
    let opened = reopen(envelope, reading, is_kept)?;
    if opened.kind != Kind::Segment {
        return Err(OpenError::BadContext);
    }
    match follows(&opened, known) {
        Ok(()) => Ok(Taken::Next(Box::new(opened))),
        Err(OpenError::ChainGap) => Ok(Taken::After(Box::new(opened))),
        Err(_) if opened.chain == known => Ok(Taken::Again),
        Err(error) => Err(error),
    }
}

fn said_by(org: &OrgState, opened: &Opened) -> Option<Said> {
    let member = org.device(&opened.author.device)?.member;
    Some(Said { member, at_ms: opened.statement.claimed_ms, body: Zeroizing::new(opened.body.clone()), is_sent: true })
}

/// Statements that were verified once count as long as their authors were not cut off before them.
fn remember(open: &mut Open, stream: Stream, verified: &[(Reach, Vec<u8>)]) -> Result<()> {
    let is_new = |reach: &Reach| {
        let known = keys::statement_at(open.vault.db(), stream, Kind::Segment, reach.device, reach.chain.seq);
        known.map(|known| known.is_none())
    };
    let mut news = Vec::new();
    for (reach, signed) in verified {
        if is_new(reach)? {
            news.push((reach, signed));
        }
    }
    if news.is_empty() || open.may_sync().is_err() {
        return Ok(());
    }
    let transaction = open.vault.write()?;
    for (reach, signed) in news {
        keys::append_statement(&transaction, stream, Kind::Segment, reach, signed)?;
    }
    commit(transaction, "digest_case")
}

fn add_waiting(open: &Open, stream: Stream, account: &mut Account) -> Result<()> {
    let me = open.me()?.member;
    for draft in rows::waiting(open.vault.db())?.into_iter().filter(|draft| draft.stream == stream) {
        if let Some(body) = words_of(open, &draft)? {
            account.said.push(Said { member: me, at_ms: draft.claimed_ms, body, is_sent: false });
        }
    }
    Ok(())
}

fn words_of(open: &Open, draft: &rows::Draft) -> Result<Option<Zeroizing<Vec<u8>>>> {
    if !is_locked_away(draft.stream) {
        return Ok(Some(Zeroizing::new(draft.words.clone())));
    }
    let Some(room) = open.strongroom() else { return Ok(None) };
    Ok(Some(room.words(draft.stream, &draft.words)?))
}

/// An entry as it waits until it is sealed, which is as soon as there is a key for it.
///
/// # Errors
/// [`DeviceError::AddressLocked`] when it belongs into the strongroom, and that is shut.
pub(crate) fn as_it_waits(open: &Open, host: &dyn Host, stream: Stream, body: &[u8]) -> Result<Vec<u8>> {
    if !is_locked_away(stream) {
        return Ok(body.to_vec());
    }
    let room = open.strongroom().ok_or(DeviceError::AddressLocked)?;
    Ok(put_words(room.public(), stream, body, &mut Dice(host))?)
}

/// Whether it takes a key that lies behind a door that is shut: it waits until somebody opens that.
pub(crate) fn is_shut(open: &Open, what: &Intent) -> bool {
    what.key_of() == Some(Compartment::Address) && open.strongroom().is_none()
}

/// Whether anything waits that could be sealed now.
pub(crate) fn something_waits(open: &Open, host: &dyn Host) -> Result<bool> {
    let org = open.org()?;
    for draft in rows::waiting(open.vault.db())? {
        if writing_key(open, &org, draft.stream)?.is_some() && !is_about_to_change(open, host, draft.stream)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the key of a ledger is about to change: somebody has it whose time is over, or who is being taken out. What is sealed now
/// would go out under a key of theirs, and nobody else's server keeps it from them.
fn is_about_to_change(open: &Open, host: &dyn Host, stream: Stream) -> Result<bool> {
    let Some(state) = stream.case.map(|case| logs::case(open.vault.db(), case)).transpose()?.flatten() else { return Ok(false) };
    let Some(part) = state.compartment(stream.compartment) else { return Ok(false) };
    let now_ms = server_now(open, host)?;
    if part.members.values().any(|grant| grant.until_ms.is_some_and(|until| until <= now_ms)) {
        return Ok(true);
    }
    let intents = outbox::intents(open.vault.db())?;
    Ok(intents.iter().filter(|intended| intended.refused.is_none()).any(|intended| match &intended.what {
        Intent::Remove { case, member, .. } => Some(*case) == stream.case && part.members.contains_key(member),
        Intent::Rotate { case, compartment } => *case == stream.case && *compartment == Some(stream.compartment),
        Intent::Revoke { device, .. } => part.wraps.contains_key(device),
        _ => false,
    }))
}

/// Seals what waits and has a key that stays.
pub(crate) fn compose(open: &mut Open, host: &dyn Host, org: &OrgState) -> Result<()> {
    for draft in rows::waiting(open.vault.db())? {
        if is_about_to_change(open, host, draft.stream)? {
            continue;
        }
        let Some((epoch, key)) = writing_key(open, org, draft.stream)? else { continue };
        let Some(body) = words_of(open, &draft)? else { continue };
        let (stream, device) = (draft.stream, open.keys.device());
        let chain = keys::chain(open.vault.db(), stream, Kind::Segment, device)?;
        let (last, kind, count, claimed_ms) = (sha256(&[&body]), Kind::Segment, 1, draft.claimed_ms);
        let sealed = seal(
            &Draft { org: org.org(), stream, kind, epoch, key: &key, chain, claimed_ms, last, count, body: &body },
            &open.keys,
            &mut Dice(host),
        )?;
        let bytes = sealed.envelope.encode();
        let push = Push::Envelope(bytes.clone());
        let transaction = open.vault.write()?;
        keys::append_statement(&transaction, stream, kind, &Reach { device, chain: sealed.chain, last }, &sealed.signed)?;
        if !rows::keep(&transaction, &sealed.envelope, &bytes)? {
            // There is no room for it here: it waits, and is not lost.
            continue;
        }
        rows::waits_no_more(&transaction, draft.id)?;
        outbox::put(&transaction, &Outgoing { case: stream.case, kind: Waiting::Envelope, push: &push, changes: 0, intent: None })?;
        commit(transaction, "compose")?;
    }
    Ok(())
}

/// Where everybody ends who is owed a cut in a ledger: at the last of their words that can be read, and with the last that came at all.
pub(crate) fn cuts(open: &Open, reading: &Reading<'_>, is_owed: impl Fn(&DeviceId) -> bool) -> Result<Vec<Cut>> {
    let Some(case) = reading.stream.case else { return Ok(Vec::new()) };
    let mut ends: BTreeMap<DeviceId, (Chain, u64)> = BTreeMap::new();
    for envelope in rows::envelopes(open.vault.db(), case, reading.stream.compartment)? {
        let author = envelope.header.device;
        if !is_owed(&author) {
            continue;
        }
        let (end, seen) = ends.entry(author).or_insert((Chain::START, 0));
        *seen = (*seen).max(envelope.header.seq);
        if let Ok((chain, prev)) = place_of(&envelope, reading)
            && end.seq.checked_add(1) == Some(chain.seq)
            && end.hash == prev
        {
            *end = chain;
        }
    }
    Ok(ends.into_iter().map(|(device, (chain, seen))| Cut { device, seq: chain.seq, hash: chain.hash, seen }).collect())
}

/// Forgets ledgers of which this person is a reader no more, or whose time is over by the server's clock. Whoever forgot one so, and was
/// given more time meanwhile, asks for the key once more, which the server has still: once a day at most, and not once this device has
/// another receive key, under which that would not open.
pub(crate) fn forget_lapsed(open: &mut Open, now_ms: i64) -> Result<Vec<CaseId>> {
    let (Ok(me), device) = (open.me(), open.keys.device()) else { return Ok(Vec::new()) };
    let keeps_receive_key = open.org()?.device(&device).is_some_and(|state| state.rotations.is_none());
    let (mut went, mut lost) = (Vec::new(), false);
    for case in logs::cases(open.vault.db())? {
        let Some(state) = logs::case(open.vault.db(), case)? else { continue };
        for compartment in Compartment::LEDGERS {
            // What was written before the first key was agreed waits for that.
            let is_opened = state.compartment(compartment).is_some();
            let was_given = || state.compartment(compartment).is_some_and(|part| part.wraps.contains_key(&device));
            if keeps_receive_key && reads(&state, compartment, me.member, now_ms) && was_given() {
                lost |= rows::sealed_keys(open.vault.db(), case, compartment)?.is_empty();
            }
            if is_opened && !reads(&state, compartment, me.member, now_ms) && rows::has_any(open.vault.db(), case, compartment)? {
                let transaction = open.vault.write()?;
                rows::forget(&transaction, case, compartment, &device)?;
                commit(transaction, "leave")?;
                went.push(case);
            }
        }
    }
    if lost && !inbox::has_wraps(open.vault.db())? {
        again::ask_once_a_day(open.vault.db(), now_ms)?;
    }
    if !went.is_empty() {
        open.vault.db().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    Ok(went)
}

/// Whether a person reads a compartment at this time.
pub(crate) fn reads(state: &CaseState, compartment: Compartment, member: MemberId, now_ms: i64) -> bool {
    if state.erased().is_some() {
        return false;
    }
    let grant = state.compartment(compartment).and_then(|part| part.members.get(&member));
    grant.is_some_and(|grant| grant.until_ms.is_none_or(|until| until > now_ms))
}
