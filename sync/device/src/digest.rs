//! What has come is taken in: verified, opened, merged, or set aside with its code. One bad item never stops the rest.

use std::collections::{BTreeMap, BTreeSet};

use casework::{Case, Ends, Held};
use seal::{
    Keychain,
    sealed::{Chain, OpenError, Opened, Reach, Reading, SnapshotBody, follows, open as open_envelope, place_of},
};
use wire::{
    cbor,
    envelope::{Compartment, Envelope, Kind, Stream},
    id::{CaseId, DeviceId, Digest, OrgId},
    log::{Act, CaseAct, CaseState, Cut, Entry, Head, LogError, LogId, OrgAct, OrgState, Role},
    message::{ItemKind, Wrap},
};

use crate::{
    act::{Glass, store},
    compose::{Seen, Told, names_in, snapshot},
    end,
    error::{DeviceError, Result},
    heartbeat,
    host::Host,
    ledger,
    repair::LOG_FORK,
    session::Open,
    strongroom,
    vault::{
        commit, documents, forget,
        inbox::{self, Arrived},
        keys, ledger as ledger_rows, logs, meta, outbox, projections,
    },
};

/// Takes in the logs, the keys and what coordinators tell, as far as they have come whole. Gives the cases that changed.
pub(crate) fn digest_logs(open: &mut Open, host: &dyn Host) -> Result<Vec<CaseId>> {
    digest_org(open)?;
    let mut touched = digest_case_logs(open)?;
    // Before anything of an erased case is shown, or a key of it taken.
    end::advance(open, &touched)?;
    digest_wraps(open, host)?;
    touched.extend(digest_seen(open, host)?);
    Ok(touched)
}

/// Takes in what has come whole of one case's content. Gives whether it changed.
pub(crate) fn digest_content(open: &mut Open, host: &dyn Host, case: CaseId) -> Result<bool> {
    if end::is_erased(open, case)? {
        end::advance(open, &[case])?;
        return Ok(false);
    }
    match digest_case(open, host, case) {
        // A document that does not load keeps its post in the inbox; the other cases go on.
        Err(DeviceError::Document(_) | DeviceError::NoOrganisation) => Ok(false),
        other => other,
    }
}

/// Takes in the content of a case of which only the card has been read, before anybody looks at it.
pub(crate) fn digest_before_looking(open: &mut Open, host: &dyn Host, case: CaseId) -> Result<()> {
    if !documents::has(open.vault.db(), case)? && inbox::has_content(open.vault.db(), case)? {
        digest_content(open, host, case)?;
    }
    Ok(())
}

/// Puts a case into the lists by the card of the newest snapshot that has come, unless its document is here. The card is
/// its author's word like everything else in the snapshot; the document itself is read later, which takes longer.
pub(crate) fn list_by_card(open: &mut Open, host: &dyn Host, case: CaseId) -> Result<bool> {
    let Ok(org) = open.org() else { return Ok(false) };
    if documents::has(open.vault.db(), case)? {
        return Ok(false);
    }
    let Some(state) = logs::case(open.vault.db(), case)? else { return Ok(false) };
    let arrived = inbox::ids(open.vault.db(), &[ItemKind::Snapshot], Some(case))?;
    let keychain = keys::keychain(open.vault.db(), Stream::core(case))?;
    let reading = Reading { stream: Stream::core(case), keychain: &keychain, org: &org, case: Some(&state) };
    let mut newest = None;
    for id in arrived.into_iter().rev() {
        newest = inbox::load(open.vault.db(), id)?.and_then(|item| read_card(&item.bytes, &reading));
        if newest.is_some() {
            break;
        }
    }
    let Some(card) = newest else { return Ok(false) };
    let glass = Glass::new(open, host, case)?;
    let row = glass.look(|lens| casework::CaseRow::of(case, card, lens));
    projections::set_row(open.vault.db(), case, &row, &Held::default())?;
    Ok(true)
}

fn read_card(envelope: &[u8], reading: &Reading<'_>) -> Option<casework::Card> {
    let opened = open_envelope(&Envelope::decode(envelope).ok()?, reading).ok()?;
    if opened.kind != Kind::Snapshot {
        return None;
    }
    let body: SnapshotBody = cbor::decode(&opened.body).ok()?;
    serde_json::from_slice(&body.card).ok()
}

fn server_of(state: Option<&OrgState>) -> Option<String> {
    state.and_then(OrgState::server).map(|(url, _)| url.to_owned())
}

fn digest_org(open: &mut Open) -> Result<()> {
    let arrived = inbox::whole(open.vault.db(), &[ItemKind::OrgEntry], None)?;
    if arrived.is_empty() {
        return Ok(());
    }
    let expected = meta::get(open.vault.db(), meta::ORG)?.and_then(|id| OrgId::try_from(id.as_slice()).ok());
    let mut state = open.org().ok().map(|org| OrgState::clone(&org));
    let server = server_of(state.as_ref());
    let me = open.keys.device();
    let transaction = open.vault.write()?;
    for item in &arrived {
        match next_org(&mut state, expected, &item.bytes) {
            Ok(Some(entry)) => {
                logs::append(&transaction, &entry)?;
                inbox::remove(&transaction, item.id)?;
            }
            Ok(None) => inbox::remove(&transaction, item.id)?,
            Err(error) => inbox::set_aside(&transaction, item.id, code_of(error, item, state.as_ref().map(OrgState::head)))?,
        }
    }
    if let Some(state) = state {
        logs::set_org(&transaction, &state)?;
        if let Some(url) = server_of(Some(&state)).filter(|url| Some(url) != server.as_ref()) {
            meta::set(&transaction, meta::SERVER, url.as_bytes())?;
        }
        if state.device(&me).is_some() {
            meta::remove(&transaction, meta::JOINING)?;
        }
        commit(transaction, "digest_log")?;
        open.set_org(state);
        end::take_receive(open)?;
        return refresh_names(open);
    }
    commit(transaction, "digest_log")
}

/// An entry that stands in the place of another one verified here is not merely early: the server's log went on differently.
fn code_of(error: LogError, item: &Arrived, head: Option<Head>) -> &'static str {
    let is_past = |head: Head| Entry::decode(&item.bytes).is_ok_and(|entry| entry.statement().seq <= head.seq);
    if error == LogError::Conflict && head.is_some_and(is_past) { LOG_FORK } else { error.code() }
}

/// The entry, when it is new and follows; nothing, when it is known.
fn next_org(state: &mut Option<OrgState>, expected: Option<OrgId>, bytes: &[u8]) -> std::result::Result<Option<Entry>, LogError> {
    let entry = Entry::decode(bytes)?;
    match state {
        None => {
            let founded = OrgState::found(&entry)?;
            if Some(founded.org()) != expected {
                return Err(LogError::WrongLog);
            }
            *state = Some(founded);
        }
        Some(state) => {
            if state.contains(Head { seq: entry.statement().seq, hash: entry.hash() }) {
                return Ok(None);
            }
            state.apply(&entry)?;
        }
    }
    Ok(Some(entry))
}

/// Opens the names in every entry of the organisation's log that this device has keys for.
fn refresh_names(open: &mut Open) -> Result<()> {
    let Ok(org) = open.org() else { return Ok(()) };
    let directory = keys::keychain(open.vault.db(), Stream::DIRECTORY)?;
    let entries = logs::entries(open.vault.db(), LogId::Org)?;
    let transaction = open.vault.write()?;
    for bytes in entries {
        let entry = Entry::decode(&bytes)?;
        for (subject, name) in names_in(&entry, &org, &directory).unwrap_or_default() {
            projections::set_name(&transaction, &subject, &name)?;
        }
    }
    commit(transaction, "digest_log")
}

fn digest_case_logs(open: &mut Open) -> Result<Vec<CaseId>> {
    let Ok(org) = open.org() else { return Ok(Vec::new()) };
    let arrived = inbox::whole(open.vault.db(), &[ItemKind::CaseEntry], None)?;
    let mut touched = Vec::new();
    if arrived.is_empty() {
        return Ok(touched);
    }
    let mut states = std::collections::BTreeMap::new();
    for item in &arrived {
        if let Some(case) = item.case
            && let std::collections::btree_map::Entry::Vacant(vacant) = states.entry(case)
        {
            vacant.insert(logs::case(open.vault.db(), case)?);
        }
    }
    let known = arrived_entries_known(open, &arrived)?;
    let me = open.keys.device();
    let epochs: std::collections::BTreeMap<_, _> =
        states.iter().filter_map(|(id, state)| Some((*id, core_epoch(state.as_ref()?)))).collect();
    let transaction = open.vault.write()?;
    for (item, known) in arrived.iter().zip(known) {
        let verdict = match item.case.and_then(|case| states.get_mut(&case)) {
            _ if known => Ok(None),
            Some(state) => next_case(state, item, &org),
            None => Err(LogError::WrongLog),
        };
        match verdict {
            Ok(Some(entry)) => {
                logs::append(&transaction, &entry)?;
                inbox::remove(&transaction, item.id)?;
                touched.extend(item.case);
            }
            Ok(None) => inbox::remove(&transaction, item.id)?,
            Err(error) => {
                let head = item.case.and_then(|case| states.get(&case)).and_then(|state| state.as_ref().map(CaseState::head));
                inbox::set_aside(&transaction, item.id, code_of(error, item, head))?;
            }
        }
    }
    touched.dedup();
    for state in states.values().flatten() {
        logs::set_case(&transaction, state)?;
        let has_another_key = epochs.get(&state.case()).is_some_and(|before| *before < core_epoch(state));
        if has_another_key && snapshot::is_due_with_another_key(&org, state, me) {
            documents::want_snapshot(&transaction, state.case())?;
        }
        // Whose time in a case was over, and is not any more, sends what was refused meanwhile.
        outbox::refused_no_more(&transaction, state.case(), "env.not_member")?;
        projections::on_server(&transaction, state.case())?;
    }
    commit(transaction, "digest_log")?;
    Ok(touched)
}

fn core_epoch(state: &CaseState) -> u32 {
    state.compartment(Compartment::Core).map_or(0, |core| core.epoch.number)
}

fn arrived_entries_known(open: &Open, arrived: &[Arrived]) -> Result<Vec<bool>> {
    let mut known = Vec::with_capacity(arrived.len());
    for item in arrived {
        let entries = item.case.map(|case| logs::has(open.vault.db(), LogId::Case(case), &item.item)).transpose()?;
        known.push(entries.unwrap_or(false));
    }
    Ok(known)
}

fn next_case(state: &mut Option<CaseState>, item: &Arrived, org: &OrgState) -> std::result::Result<Option<Entry>, LogError> {
    let entry = Entry::decode(&item.bytes)?;
    match state {
        None => {
            let founded = CaseState::found(&entry, org)?;
            if Some(founded.case()) != item.case {
                return Err(LogError::WrongLog);
            }
            *state = Some(founded);
        }
        Some(state) => state.apply(&entry, org)?,
    }
    Ok(Some(entry))
}

fn digest_wraps(open: &mut Open, host: &dyn Host) -> Result<()> {
    let arrived = inbox::whole(open.vault.db(), &[ItemKind::Wrap], None)?;
    let Ok(org) = open.org() else { return Ok(()) };
    let mut directory_came = false;
    for item in arrived {
        match take_wrap(open, &org, &item.bytes) {
            Ok(Some(mut keychain)) => {
                walk_back(open, &mut keychain)?;
                directory_came |= keychain.stream() == Stream::DIRECTORY;
                let keep = ledger::Keeping::of(open, host)?;
                let transaction = open.vault.write()?;
                keep.keys(&transaction, &keychain)?;
                inbox::remove(&transaction, item.id)?;
                commit(transaction, "digest_log")?;
            }
            Ok(None) => {}
            Err(DeviceError::Log(LogError::Erased)) => inbox::remove(open.vault.db(), item.id)?,
            Err(DeviceError::Key(error)) => inbox::set_aside(open.vault.db(), item.id, error.code())?,
            Err(DeviceError::BadAnswer) => inbox::set_aside(open.vault.db(), item.id, "epoch.bad_wrap")?,
            Err(other) => return Err(other),
        }
    }
    if directory_came { refresh_names(open) } else { Ok(()) }
}

/// Opens the keys before the oldest held one, as far as the log of the stream has them.
fn walk_back(open: &Open, keychain: &mut seal::Keychain) -> Result<()> {
    let stream = keychain.stream();
    let mut cards = Vec::new();
    for bytes in logs::entries(open.vault.db(), stream.case.map_or(LogId::Org, LogId::Case))? {
        match &Entry::decode(&bytes)?.statement().act {
            Act::Org(OrgAct::Epoch(card))
            | Act::Case(CaseAct::Genesis { epoch: card, .. } | CaseAct::Open { epoch: card, .. } | CaseAct::Epoch(card))
                if card.compartment == stream.compartment =>
            {
                cards.push(card.clone());
            }
            _ => {}
        }
    }
    for (before, epoch) in cards.iter().zip(cards.iter().skip(1)).rev() {
        // A link that does not open takes away what is before it, and nothing else.
        if keychain.true_key(epoch).is_some() && keychain.true_key(before).is_none() && keychain.walk_back(epoch, before).is_err() {
            break;
        }
    }
    Ok(())
}

/// Opens a wrap if its epoch is the newest; nothing when the log that names it is not here yet.
fn take_wrap(open: &Open, org: &OrgState, bytes: &[u8]) -> Result<Option<Keychain>> {
    let wrap: Wrap = cbor::decode(bytes).map_err(|_| DeviceError::BadAnswer)?;
    let (stream, card, named) = match wrap.log {
        LogId::Org => (Stream::DIRECTORY, org.directory().cloned(), true),
        LogId::Case(case) => {
            let Some(state) = logs::case(open.vault.db(), case)? else { return Ok(None) };
            // No key of an erased case comes back.
            if state.erased().is_some() {
                return Err(LogError::Erased.into());
            }
            let Some(part) = state.compartment(wrap.compartment) else { return Ok(None) };
            let named = part.wraps.get(&wrap.device) == Some(&wrap.hash());
            (Stream::of(case, wrap.compartment), Some(part.epoch.clone()), named)
        }
    };
    let Some(card) = card.filter(|card| wrap.epoch <= card.number) else { return Ok(None) };
    // The newest key leads back to those before it.
    if wrap.epoch < card.number {
        return Ok(Some(Keychain::new(stream)));
    }
    if !named {
        let is_here = ledger::has_key(open, stream, &card)?;
        return if is_here { Ok(Some(Keychain::new(stream))) } else { Err(seal::KeyError::BadWrap.into()) };
    }
    // It waits for the strongroom into which it belongs.
    if ledger::is_locked_away(stream) && !strongroom::is_made(open)? {
        return Ok(None);
    }
    let mut keychain = if ledger::is_locked_away(stream) { Keychain::new(stream) } else { keys::keychain(open.vault.db(), stream)? };
    keychain.receive(&org.org(), &wrap, &open.keys, &card)?;
    Ok(Some(keychain))
}

/// One case's content: everything that has come for it, in one load and one save, and tried once. Where that shows something
/// unsound, all of it is taken in again with each item tried by itself.
fn digest_case(open: &mut Open, host: &dyn Host, id: CaseId) -> Result<bool> {
    let Ok(org) = open.org() else { return Ok(false) };
    let Some(state) = logs::case(open.vault.db(), id)? else { return Ok(false) };
    let keychain = keys::keychain(open.vault.db(), Stream::core(id))?;
    let reading = Reading { stream: Stream::core(id), keychain: &keychain, org: &org, case: Some(&state) };
    let is_new = !documents::has(open.vault.db(), id)?;
    let as_it_was = |open: &mut Open| if is_new { open.found_case(id) } else { open.take_case(id) };
    let mut case = as_it_was(open)?;
    case.trust();
    let mut intake = take_all(open, &reading, &mut case)?;
    if !case.proves() {
        case = as_it_was(open)?;
        intake = take_all(open, &reading, &mut case)?;
    }
    let changed = intake.applied > 0 || intake.snapshot;
    let tells = open.me().is_ok_and(|me| me.role == Role::Coordinator);
    let glass = Glass::new(open, host, id)?;
    let transaction = open.vault.write()?;
    for (reach, kind, signed) in &intake.kept {
        keys::append_statement(&transaction, intake.stream, *kind, reach, signed)?;
    }
    for (device, seq) in &intake.unread {
        inbox::note_unread(&transaction, id, *device, *seq)?;
    }
    for (item, envelope, bytes) in &intake.ledgers {
        match ledger_rows::keep(&transaction, envelope, bytes)? {
            true => inbox::remove(&transaction, *item)?,
            false => inbox::set_aside(&transaction, *item, inbox::BACKLOG)?,
        }
    }
    for (item, code) in &intake.verdicts {
        match code {
            None => inbox::remove(&transaction, *item)?,
            Some(code) => inbox::set_aside(&transaction, *item, code)?,
        }
    }
    if changed || !intake.kept.is_empty() {
        store(&transaction, &mut case, host.now_ms(), &glass)?;
        match intake.snapshot {
            true => documents::covered_by_another(&transaction, id)?,
            false => documents::count_segments(&transaction, id, Some(intake.segments))?,
        }
        if tells {
            documents::set_to_tell(&transaction, id, true)?;
        }
    }
    for (reach, ..) in intake.kept.iter().filter(|(reach, kind, _)| reach.device == open.keys.device() && *kind == Kind::Segment) {
        // Written here, sent, and lost here: it came back, signed as it was then.
        let own = case.seq_at(reach.last.as_bytes()).unwrap_or(0);
        documents::raise_sealed(&transaction, id, own)?;
        documents::raise_acked(&transaction, id, own)?;
    }
    let is_kept = !is_new || documents::has(&transaction, id)?;
    if !is_kept {
        projections::forget_row(&transaction, id)?;
    }
    commit(transaction, "digest_case")?;
    if is_kept {
        open.put_back(case);
    }
    Ok(changed || !intake.ledgers.is_empty())
}

/// Takes in what has come for a case, in an order in which it can be.
fn take_all(open: &Open, reading: &Reading<'_>, case: &mut Case) -> Result<Intake> {
    let stream = reading.stream;
    let mut intake = Intake::of(stream);
    let mut todo = inbox::ids(open.vault.db(), &[ItemKind::Segment, ItemKind::Snapshot], stream.case)?;
    // A chain may have come out of order: what could not follow is tried again while anything else could.
    loop {
        let before = intake.kept.len();
        let mut later = Vec::new();
        for item in todo {
            let Some(item) = inbox::load(open.vault.db(), item)? else { continue };
            match take_in(open, reading, case, &mut intake, &item)? {
                Verdict::Later(code) => later.push((item.id, code)),
                Verdict::Taken(()) | Verdict::Known => intake.verdicts.push((item.id, None)),
                Verdict::Aside(code) => intake.verdicts.push((item.id, Some(code))),
                Verdict::Elsewhere => {}
            }
        }
        if intake.kept.len() == before || later.is_empty() {
            intake.verdicts.extend(later.into_iter().map(|(item, code)| (item, Some(code))));
            return Ok(intake);
        }
        todo = later.into_iter().map(|(item, _)| item).collect();
    }
}

/// What coordinators' devices say to have, and their signs of life. Gives the cases in which that makes a difference here.
fn digest_seen(open: &mut Open, host: &dyn Host) -> Result<Vec<CaseId>> {
    let arrived = inbox::whole(open.vault.db(), &[ItemKind::Seen], None)?;
    let Ok(org) = open.org() else { return Ok(Vec::new()) };
    let me = open.keys.device();
    let mut touched = Vec::new();
    for item in arrived {
        let keychain = keys::keychain(open.vault.db(), Stream::DIRECTORY)?;
        let opened = match read_seen(open, &org, &keychain, &item)? {
            Verdict::Taken(opened) => opened,
            Verdict::Known => {
                inbox::remove(open.vault.db(), item.id)?;
                continue;
            }
            Verdict::Later(code) | Verdict::Aside(code) => {
                inbox::set_aside(open.vault.db(), item.id, &code)?;
                continue;
            }
            Verdict::Elsewhere => continue,
        };
        let from_coordinator = org.device(&opened.author.device).and_then(|device| org.role_of(&device.member)) == Some(Role::Coordinator);
        let seen: Seen = if opened.kind == Kind::Seen { cbor::decode(&opened.body).unwrap_or_default() } else { Seen::new() };
        let (mut raised, mut is_restored) = (Vec::new(), false);
        for (case, reaches) in seen.into_iter().filter(|_| from_coordinator) {
            if let Some(told) = reaches.into_iter().find(|told| told.device == me) {
                let seq = told.seq;
                is_restored |= wrote_otherwise(open, case, &told)?;
                raised.push((case, keys::changes_up_to(open.vault.db(), case, me, seq)?));
            }
        }
        let reach = Reach { device: opened.author.device, chain: opened.chain, last: opened.statement.last };
        let transaction = open.vault.write()?;
        keys::append_statement(&transaction, Stream::DIRECTORY, opened.kind, &reach, &opened.signed)?;
        heartbeat::heard(&transaction, &org, &opened, host.now_ms())?;
        if is_restored {
            meta::set(&transaction, meta::RESTORED, &[])?;
        }
        for (case, changes) in raised {
            documents::raise_seen(&transaction, case, changes)?;
            projections::seen(&transaction, case)?;
            touched.push(case);
        }
        inbox::remove(&transaction, item.id)?;
        commit(transaction, "digest_log")?;
    }
    Ok(touched)
}

/// Whether a coordinator's device has words of this device in a case that were never written here. Only what is signed by such a device
/// proves it; a server alone stops nobody from writing.
fn wrote_otherwise(open: &Open, case: CaseId, told: &Told) -> Result<bool> {
    let db = open.vault.db();
    // Who was out of the case has forgotten how far the own words went, and is given them again.
    let was_out = meta::get(db, &forget::own_words(case))?.is_some() || end::is_erased(open, case)?;
    if was_out {
        return Ok(false);
    }
    let (stream, me) = (Stream::core(case), open.keys.device());
    let here = keys::statement_at(db, stream, Kind::Segment, me, told.seq)?;
    Ok(here.is_some_and(|hash| !told.is(&hash)) || told.seq > keys::chain(db, stream, Kind::Segment, me)?.seq)
}

fn read_seen(open: &Open, org: &OrgState, keychain: &seal::Keychain, item: &Arrived) -> Result<Verdict<Box<Opened>>> {
    let envelope = match Envelope::decode(&item.bytes) {
        Ok(envelope) => envelope,
        Err(error) => return Ok(Verdict::Aside(error.code().to_owned())),
    };
    let opened = match open_envelope(&envelope, &Reading { stream: Stream::DIRECTORY, keychain, org, case: None }) {
        Ok(opened) if matches!(opened.kind, Kind::Seen | Kind::Heartbeat) => opened,
        Ok(_) => return Ok(Verdict::Aside("env.bad_context".to_owned())),
        // What a device told before it was revoked is nobody's fault, and is needed no more.
        Err(OpenError::RevokedAuthor) => return Ok(Verdict::Known),
        Err(error) if error.may_heal() => return Ok(Verdict::Later(error.code().to_owned())),
        Err(error) => return Ok(Verdict::Aside(error.code().to_owned())),
    };
    let known = keys::chain(open.vault.db(), Stream::DIRECTORY, opened.kind, opened.author.device)?;
    // Each stands for itself: one that is missing, or comes late, takes nothing away from the others.
    if matches!(follows(&opened, known), Ok(()) | Err(OpenError::ChainGap)) {
        return Ok(Verdict::Taken(Box::new(opened)));
    }
    let here = keys::statement_at(open.vault.db(), Stream::DIRECTORY, opened.kind, opened.author.device, opened.chain.seq)?;
    let late = here.is_none() && opened.chain.seq < known.seq;
    Ok(if late || here == Some(opened.chain.hash) { Verdict::Known } else { Verdict::Aside(OpenError::Fork.code().to_owned()) })
}

struct Intake {
    stream: Stream,
    applied: usize,
    segments: u64,
    snapshot: bool,
    kept: Vec<(Reach, Kind, Vec<u8>)>,
    verdicts: Vec<(i64, Option<String>)>,
    /// What belongs to ledgers of the case, by its place in the inbox.
    ledgers: Vec<(i64, Envelope, Vec<u8>)>,
    /// Segments that could not be read.
    unread: Vec<(DeviceId, u64)>,
    /// Of authors who were cut off: the words that lead from what is here to the last that counts, once all have come; and
    /// from where on that was asked.
    paths: BTreeMap<DeviceId, (Chain, Option<BTreeSet<Digest>>)>,
}

enum Verdict<T = ()> {
    Taken(T),
    Known,
    /// May be good once more has come.
    Later(String),
    Aside(String),
    /// It is no part of the document, and is kept where it belongs.
    Elsewhere,
}

impl Intake {
    const fn of(stream: Stream) -> Self {
        Self {
            stream,
            applied: 0,
            segments: 0,
            snapshot: false,
            kept: Vec::new(),
            verdicts: Vec::new(),
            ledgers: Vec::new(),
            unread: Vec::new(),
            paths: BTreeMap::new(),
        }
    }

    /// Whether these words of an author who was cut off lie between what is here and the last that counts. Until everything in
    /// between has come that cannot be told: whoever has the device can sign others in their places.
    fn leads_to_cut(&mut self, open: &Open, reading: &Reading<'_>, cut: &Cut, chain: Chain) -> Result<bool> {
        let known = self.chain(open, Kind::Segment, cut.device)?;
        let is_told = |(from, path): &(Chain, Option<BTreeSet<Digest>>)| path.is_some() || *from == known;
        if !self.paths.get(&cut.device).is_some_and(is_told) {
            self.paths.insert(cut.device, (known, path_to(open, reading, cut, known)?));
        }
        let path = self.paths.get(&cut.device).and_then(|(_, path)| path.as_ref());
        Ok(path.is_some_and(|path| path.contains(&chain.hash)))
    }

    /// Where an author's chain stands with what was just taken in.
    fn chain(&self, open: &Open, kind: Kind, author: DeviceId) -> Result<Chain> {
        let kept = self.kept.iter().filter(|(reach, k, _)| reach.device == author && *k == kind);
        match kept.max_by_key(|(reach, ..)| reach.chain.seq) {
            Some((reach, ..)) => Ok(reach.chain),
            None => keys::chain(open.vault.db(), self.stream, kind, author),
        }
    }
}

fn take_in(open: &Open, reading: &Reading<'_>, case: &mut Case, intake: &mut Intake, item: &Arrived) -> Result<Verdict> {
    let envelope = match Envelope::decode(&item.bytes) {
        Ok(envelope) => envelope,
        Err(error) => return Ok(Verdict::Aside(error.code().to_owned())),
    };
    if envelope.header.stream.is_ledger() && envelope.header.stream.case == reading.stream.case && envelope.header.kind == Kind::Segment {
        intake.ledgers.push((item.id, envelope, item.bytes.clone()));
        return Ok(Verdict::Elsewhere);
    }
    let opened = match open_envelope(&envelope, reading) {
        Ok(opened) => opened,
        Err(error) if error.may_heal() => return Ok(Verdict::Later(error.code().to_owned())),
        Err(error) => {
            if envelope.header.kind == Kind::Segment {
                intake.unread.push((envelope.header.device, envelope.header.seq));
            }
            return Ok(Verdict::Aside(error.code().to_owned()));
        }
    };
    match opened.kind {
        Kind::Segment => take_segment(open, reading, case, intake, &opened),
        Kind::Snapshot => take_snapshot(open, reading, case, intake, &opened),
        Kind::Seen | Kind::Heartbeat => Ok(Verdict::Aside("env.bad_context".to_owned())),
    }
}

/// A segment that came and is not taken in.
pub(crate) struct WaitingSegment {
    pub author: DeviceId,
    /// Its place as the header says it.
    pub seq: u64,
    /// The author's chain with it and the hash before it, when it can be read.
    pub place: Option<(Chain, Digest)>,
}

/// Segments of these authors that came and are not taken in.
pub(crate) fn segments_waiting(open: &Open, reading: &Reading<'_>, is_wanted: impl Fn(&DeviceId) -> bool) -> Result<Vec<WaitingSegment>> {
    let mut found = Vec::new();
    for id in inbox::ids(open.vault.db(), &[ItemKind::Segment], reading.stream.case)? {
        let envelope = inbox::load(open.vault.db(), id)?.and_then(|item| Envelope::decode(&item.bytes).ok());
        let is_meant = |envelope: &Envelope| envelope.header.stream == reading.stream && is_wanted(&envelope.header.device);
        if let Some(envelope) = envelope.filter(is_meant) {
            let place = place_of(&envelope, reading).ok();
            found.push(WaitingSegment { author: envelope.header.device, seq: envelope.header.seq, place });
        }
    }
    Ok(found)
}

/// The words of somebody who was cut off that follow what is known and end at the cut; nothing while one is missing.
fn path_to(open: &Open, reading: &Reading<'_>, cut: &Cut, known: Chain) -> Result<Option<BTreeSet<Digest>>> {
    let waiting = segments_waiting(open, reading, |device| *device == cut.device)?;
    let places = waiting.into_iter().filter_map(|segment| segment.place);
    let before: BTreeMap<_, _> = places.map(|(chain, prev)| ((chain.seq, chain.hash), prev)).collect();
    let (mut path, mut at) = (BTreeSet::new(), (cut.seq, cut.hash));
    while at.0 > known.seq {
        let Some(prev) = before.get(&at) else { return Ok(None) };
        path.insert(at.1);
        at = (at.0.saturating_sub(1), *prev);
    }
    Ok((at == (known.seq, known.hash)).then_some(path))
}

fn take_segment(open: &Open, reading: &Reading<'_>, case: &mut Case, intake: &mut Intake, opened: &Opened) -> Result<Verdict> {
    let known = intake.chain(open, Kind::Segment, opened.author.device)?;
    let cut = reading.case.and_then(|state| state.compartment(intake.stream.compartment)?.cut(&opened.author.device));
    if let Some(cut) = cut.filter(|_| opened.chain.seq > known.seq)
        && !intake.leads_to_cut(open, reading, cut, opened.chain)?
    {
        return Ok(Verdict::Later(OpenError::Uncut.code().to_owned()));
    }
    match follows(opened, known) {
        Ok(()) => {}
        Err(OpenError::ChainGap) => return Ok(Verdict::Later(OpenError::ChainGap.code().to_owned())),
        Err(_) => {
            let (device, chain) = (opened.author.device, opened.chain);
            let here = keys::statement_at(open.vault.db(), intake.stream, Kind::Segment, device, chain.seq)?;
            let held = case.has_change(opened.statement.last.as_bytes());
            if here == Some(chain.hash) || (here.is_none() && held) {
                return Ok(Verdict::Known);
            }
            if here.is_some() || chain.seq > known.seq || cut.is_some() {
                return Ok(Verdict::Aside(OpenError::Fork.code().to_owned()));
            }
            // A snapshot's author vouched for something in this place; what the document does not hold is taken in all the same.
        }
    }
    let received = match case.merge(opened) {
        Ok(received) => received,
        Err(error) => return Ok(Verdict::Aside(error.code().to_owned())),
    };
    if received.refused.iter().any(|refusal| refusal.code == inbox::PARKED_FULL) {
        return Ok(Verdict::Later(inbox::PARKED_FULL.to_owned()));
    }
    let reach = Reach { device: opened.author.device, chain: opened.chain, last: opened.statement.last };
    intake.kept.push((reach, Kind::Segment, opened.signed.clone()));
    intake.applied = intake.applied.saturating_add(received.applied);
    intake.segments = intake.segments.saturating_add(1);
    match received.refused.first() {
        None => Ok(Verdict::Taken(())),
        Some(refusal) => Ok(Verdict::Aside(refusal.code.to_owned())),
    }
}

fn take_snapshot(open: &Open, reading: &Reading<'_>, case: &mut Case, intake: &mut Intake, opened: &Opened) -> Result<Verdict> {
    let here = keys::statement_at(open.vault.db(), intake.stream, Kind::Snapshot, opened.author.device, opened.chain.seq)?;
    if here == Some(opened.chain.hash) {
        return Ok(Verdict::Known);
    }
    let Ok(body) = cbor::decode::<SnapshotBody>(&opened.body) else { return Ok(Verdict::Aside("env.bad_context".to_owned())) };
    let Some(state) = reading.case else { return Ok(Verdict::Aside("env.bad_context".to_owned())) };
    let mut proven = Vec::new();
    let mut ends = Ends::new();
    for reached in &body.reaches {
        let (reach, name) = match reached.verify(reading.org, state, intake.stream.compartment) {
            Ok(verified) => verified,
            Err(error) if error.may_heal() => return Ok(Verdict::Later(error.code().to_owned())),
            Err(error) => return Ok(Verdict::Aside(error.code().to_owned())),
        };
        let here = keys::statement_at(open.vault.db(), intake.stream, Kind::Segment, reach.device, reach.chain.seq)?;
        if here.is_some_and(|hash| hash != reach.chain.hash) {
            return Ok(Verdict::Aside(OpenError::Fork.code().to_owned()));
        }
        ends.insert(name, *reach.last.as_bytes());
        proven.push((reach, reached.signed.as_ref().map(|signed| signed.to_vec()).unwrap_or_default()));
    }
    let received = match case.adopt_snapshot(&body.document, &ends) {
        Ok(received) => received,
        Err(error) => return Ok(Verdict::Aside(error.code().to_owned())),
    };
    // What is sound of it stays, whatever is said of the rest.
    intake.applied = intake.applied.saturating_add(received.applied);
    if let Some(refusal) = received.refused.first() {
        return Ok(Verdict::Aside(refusal.code.to_owned()));
    }
    for (reach, signed) in proven {
        if reach.chain.seq > intake.chain(open, Kind::Segment, reach.device)?.seq {
            intake.kept.push((reach, Kind::Segment, signed));
        }
    }
    let reach = Reach { device: opened.author.device, chain: opened.chain, last: opened.statement.last };
    intake.kept.push((reach, Kind::Snapshot, opened.signed.clone()));
    intake.snapshot = true;
    Ok(Verdict::Taken(()))
}
