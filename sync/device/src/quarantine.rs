//! What a device that was cut off had written and not sent waits here until a coordinator has decided, thing by thing.

use std::collections::{BTreeMap, BTreeSet};

use casework::{Case, Edit, Salvage, SalvageKind, SalvageState, Salvaged, Touched};
use seal::{
    OpenError, actor_of,
    quarantine::{Contents, Word, open as open_item},
};
use wire::{
    envelope::Compartment,
    id::{CaseId, DeviceId, Digest, ItemId},
    log::RevokeReason,
    message::ItemKind,
    quarantine::Item,
    signature::sha256,
};

use crate::{
    act::{Called, Glass, awaits_own_words, note_unsent, store},
    digest::digest_before_looking,
    end,
    error::{DeviceError, Result},
    hand_in::{changes_in, empty},
    host::{Dice, Host},
    session::{Changed, Device, Open},
    vault::{
        commit, documents, inbox, logs,
        outbox::{self, Intent},
        projections,
        quarantine::{self, Kept},
    },
};

/// Said of an item whose words go back to something that is not here.
const INCOMPLETE: &str = "quarantine.incomplete";
/// Said of an item whose words are not what their author signed, or unsound.
const UNSOUND: &str = "quarantine.unsound";

/// What one device had not sent in one case.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct Quarantined {
    /// Names the item; goes back with the decision.
    pub id: String,
    pub device: DeviceId,
    /// What the device was called.
    pub device_name: String,
    /// Whose it was.
    pub person: String,
    pub case: CaseId,
    /// What the case is called; empty where it is not known here.
    pub alias: String,
    /// Unix milliseconds.
    #[ts(type = "number")]
    pub came_at: i64,
    /// In the order in which they would be taken over.
    pub things: Vec<Salvaged>,
    /// Things nobody has decided about.
    pub open: u32,
    /// Why not all of it can be shown: `quarantine.incomplete`, `quarantine.unsound`, `case.unknown`.
    pub code: Option<String>,
}

/// Opens what has come.
pub(crate) fn digest_quarantine(open: &mut Open, host: &dyn Host) -> Result<()> {
    let arrived = inbox::whole(open.vault.db(), &[ItemKind::Quarantine], None)?;
    let Ok(org) = open.org() else { return Ok(()) };
    for item in arrived {
        let opened = Item::decode(&item.bytes).map_err(|error| error.code()).and_then(|item| {
            let handed = open_item(&item, &org, &open.keys).map_err(|error| error.code())?;
            // Nothing is asked of a device that somebody else may have used.
            let reason = org.device(&handed.author.device).and_then(|device| device.reason);
            if reason == Some(RevokeReason::Compromised) {
                return Err(OpenError::RevokedAuthor.code());
            }
            Ok(handed)
        });
        match opened {
            // Of an erased case nothing is kept, wherever it comes from.
            Ok(handed) if end::is_erased(open, handed.case)? => inbox::remove(open.vault.db(), item.id)?,
            Ok(handed) => {
                let word = |word: seal::quarantine::Proven| Word { seq: word.seq, signed: word.signed.into(), body: word.body.into() };
                let contents = Contents { case: handed.case, words: handed.words.into_iter().map(word).collect() };
                let transaction = open.vault.write()?;
                quarantine::keep(&transaction, &item.item, handed.author.device, &contents, host.now_ms())?;
                inbox::remove(&transaction, item.id)?;
                commit(transaction, "digest_log")?;
            }
            Err(code) => inbox::set_aside(open.vault.db(), item.id, code)?,
        }
    }
    Ok(())
}

/// One item with the case it would change, if that is here.
struct Looked {
    kept: Kept,
    case: Option<Case>,
    things: Vec<Salvaged>,
    code: Option<&'static str>,
}

impl Device {
    /// Everything that devices which were cut off handed in, with what became of it; the oldest first.
    ///
    /// # Errors
    /// When locked, or the database fails.
    pub fn quarantine(&self) -> Result<Vec<Quarantined>> {
        self.with(|open, host| {
            let mut found = Vec::new();
            for kept in quarantine::all(open.vault.db())? {
                let looked = look(open, host, kept)?;
                found.push(view(open, &looked)?);
                if let Some(case) = looked.case {
                    open.put_back(case);
                }
            }
            Ok(found)
        })
    }

    /// Takes one thing over, or all that nobody has decided about, written anew in the name of whoever decides. Gives how many.
    ///
    /// # Errors
    /// [`DeviceError::NotAllowed`] unless this is a coordinator's device, [`DeviceError::UnknownItem`], or what the case's
    /// rules say; then nothing of this call was taken over.
    pub fn accept_quarantined(&self, item: &str, thing: Option<ItemId>) -> Result<u32> {
        self.decide(item, thing, true)
    }

    /// Does not take one thing over, or any that nobody has decided about. It stays where it is and can be taken over later.
    ///
    /// # Errors
    /// As [`Self::accept_quarantined`].
    pub fn reject_quarantined(&self, item: &str, thing: Option<ItemId>) -> Result<u32> {
        self.decide(item, thing, false)
    }

    fn decide(&self, item: &str, thing: Option<ItemId>, accept: bool) -> Result<u32> {
        let (case, count) = self.act(|open, host| {
            if !open.me()?.role.admits() {
                return Err(DeviceError::NotAllowed);
            }
            let id: Digest = item.parse().map_err(|_| DeviceError::UnknownItem)?;
            let kept = quarantine::one(open.vault.db(), &id)?.ok_or(DeviceError::UnknownItem)?;
            let looked = look(open, host, kept)?;
            let is_meant = |one: &&Salvaged| match thing {
                Some(key) => one.key == key && one.state != SalvageState::Accepted,
                None => one.state == SalvageState::Open,
            };
            let meant: Vec<Salvaged> = looked.things.iter().filter(is_meant).cloned().collect();
            if thing.is_some() && meant.is_empty() {
                return Err(DeviceError::UnknownItem);
            }
            let case = looked.kept.contents.case;
            if !meant.is_empty() {
                carry_out(open, host, looked, &meant, accept)?;
            }
            Ok((case, u32::try_from(meant.len()).unwrap_or(u32::MAX)))
        })?;
        self.tell(Changed { cases: vec![case], sync: true, locked: false });
        Ok(count)
    }
}

fn carry_out(open: &mut Open, host: &dyn Host, looked: Looked, meant: &[Salvaged], accept: bool) -> Result<()> {
    let (author, now_ms) = (open.author()?, host.now_ms());
    let Looked { kept, case, .. } = looked;
    let is_new = case.is_none();
    if is_new && !accept {
        return quarantine::set_rejected(open.vault.db(), &kept.item, true);
    }
    let mut case = match case {
        Some(case) if awaits_own_words(open, &case)? => return Err(DeviceError::Incomplete),
        Some(case) => case,
        None => empty(open, kept.contents.case)?,
    };
    let mut touched = Touched::default();
    for thing in meant {
        if accept {
            touched.add(case.accept(thing, &author, now_ms)?);
        } else {
            case.settle_salvaged(thing.key, false, &author, now_ms).map_err(DeviceError::from)?;
        }
    }
    let glass = Glass::new(open, host, case.id())?;
    let transaction = open.vault.write()?;
    store(&transaction, &mut case, now_ms, &glass)?;
    note_unsent(&transaction, &case, &touched)?;
    if is_new && logs::case(&transaction, case.id())?.is_none() {
        outbox::intend(&transaction, &Intent::Genesis { case: case.id() })?;
    }
    commit(transaction, "edit")?;
    open.put_back(case);
    Ok(())
}

fn look(open: &mut Open, host: &dyn Host, kept: Kept) -> Result<Looked> {
    let id = kept.contents.case;
    let author = open.org()?.device(&kept.device).map(|device| actor_of(&device.card.sign, &id));
    let words = words_with(open, &kept)?;
    let own: BTreeSet<&[u8]> = kept.contents.words.iter().map(|word| word.signed.as_slice()).collect();
    let (Some(author), Some(changes)) = (author, changes_in(words.iter())) else {
        return Ok(Looked { kept, case: None, things: Vec::new(), code: Some(UNSOUND) });
    };
    digest_before_looking(open, host, id)?;
    let mut fresh = || ItemId::from_bytes(Dice(host).roll());
    // A thing belongs to the item with the last word about it.
    let is_here = |thing: &Salvaged| words.get(thing.word).is_some_and(|word| own.contains(word.signed.as_slice()));
    let of_item = |things: Vec<Salvaged>| things.into_iter().filter(is_here).collect::<Vec<_>>();
    if documents::has(open.vault.db(), id)? {
        let case = match open.take_case(id) {
            // The others can be looked at all the same.
            Err(DeviceError::Document(error)) => return Ok(Looked { kept, case: None, things: Vec::new(), code: Some(error.code()) }),
            other => other?,
        };
        let salvage = case.salvage(author, &changes, &mut fresh);
        let code = code_of(&salvage);
        return Ok(Looked { things: of_item(salvage.things), kept, case: Some(case), code });
    }
    let me = open.me()?.member;
    if logs::case(open.vault.db(), id)?.is_some_and(|state| !state.is_member(Compartment::Core, &me)) {
        return Ok(Looked { kept, case: None, things: Vec::new(), code: Some("case.unknown") });
    }
    let salvage = empty(open, id)?.salvage(author, &changes, &mut fresh);
    let code = code_of(&salvage);
    let whole = whole_case(salvage.things, kept.rejected).filter(|thing| is_here(thing));
    Ok(Looked { kept, case: None, things: whole.into_iter().collect(), code })
}

/// The words of an item with those that its device handed in beside them, in the order in which they were written. Others in
/// the same places, or of another end of the chain, are looked at apart: their author was let in again meanwhile.
fn words_with(open: &Open, kept: &Kept) -> Result<Vec<Word>> {
    let mut words: BTreeMap<u64, Word> = kept.contents.words.iter().map(|word| (word.seq, word.clone())).collect();
    for other in quarantine::together(open.vault.db(), kept)? {
        let mut both = words.clone();
        both.extend(other.contents.words.iter().map(|word| (word.seq, word.clone())));
        let replaced = words.iter().any(|(seq, word)| both.get(seq) != Some(word));
        if !replaced && both.values().zip(both.values().skip(1)).all(|(one, next)| may_follow(one, next)) {
            words = both;
        }
    }
    Ok(words.into_values().collect())
}

/// Whether one of two words of a device may stand behind the other in one chain.
fn may_follow(one: &Word, next: &Word) -> bool {
    let is_next = one.seq.checked_add(1) == Some(next.seq);
    let prev = seal::sealed::read_statement(&next.signed).map(|statement| statement.prev);
    !is_next || prev == Some(sha256(&[&one.signed]))
}

const fn code_of(salvage: &Salvage) -> Option<&'static str> {
    match (salvage.received.parked, salvage.received.refused.is_empty()) {
        (_, false) => Some(UNSOUND),
        (0, true) => None,
        (_, true) => Some(INCOMPLETE),
    }
}

/// A case that was never sent is taken over whole: nothing in it can stand without it.
fn whole_case(things: Vec<Salvaged>, rejected: bool) -> Option<Salvaged> {
    let name = things.iter().find(|thing| thing.kind == SalvageKind::Profile)?;
    let (key, title, word, at) = (name.key, name.title.clone(), name.word, things.iter().filter_map(|thing| thing.at).max());
    let count = things.len().saturating_sub(1);
    let state = if rejected { SalvageState::Rejected } else { SalvageState::Open };
    let with = things.iter().map(|thing| thing.key).filter(|other| *other != key).collect();
    let edits: Vec<Edit> = things.into_iter().flat_map(|thing| thing.edits).collect();
    let (text, said) = (Some(count.to_string()), Vec::new());
    Some(Salvaged { key, kind: SalvageKind::Case, title, text, at, changes: false, said, state, word, edits, with })
}

fn view(open: &Open, looked: &Looked) -> Result<Quarantined> {
    let (names, org) = (Called::read(open)?, open.org()?);
    let Kept { item, device, came_ms, contents, .. } = &looked.kept;
    let person = org.device(device).map(|state| names.member_name(state.member)).unwrap_or_default();
    let alias = projections::row(open.vault.db(), contents.case)?.map(|row| row.alias);
    let of_whole = || looked.things.iter().find(|thing| thing.kind == SalvageKind::Case).map(|thing| thing.title.clone());
    let undecided = looked.things.iter().filter(|thing| thing.state == SalvageState::Open).count();
    Ok(Quarantined {
        id: item.to_string(),
        device: *device,
        device_name: names.device_name(*device),
        person,
        case: contents.case,
        alias: alias.or_else(of_whole).unwrap_or_default(),
        came_at: *came_ms,
        things: looked.things.clone(),
        open: u32::try_from(undecided).unwrap_or(u32::MAX),
        code: looked.code.map(str::to_owned),
    })
}
