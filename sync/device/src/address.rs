//! Where a candidate lives: entered by coordinators, seen by whoever it was released to, for a time, with a purpose, and in the open for
//! those who watch over it. Everything here takes an open strongroom.

use casework::{AccessEntry, AddressBook, AddressEntry, Entered, Protection, Purpose};
use seal::OpenError;
use wire::{
    envelope::{Compartment, Stream},
    id::{CaseId, ItemId, MemberId},
    log::{CaseState, GrantState, LogError, MAX_PROPOSAL_MS, MAX_VITAL_MS, ProposalState, Proposed, Role},
};

use crate::{
    act::Called,
    compose::{SLACK_MS, latest_now, server_now},
    error::{DeviceError, Result},
    host::{Dice, Host},
    ledger::{self, Account},
    session::{Changed, Device, Me, Open},
    team::Reader,
    vault::{
        commit, documents, ledger as rows, logs,
        outbox::{self, Intent},
        projections,
    },
};

/// One version of an address, with who entered it and when.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct AddressVersion {
    pub address: String,
    pub protection: Protection,
    /// From when it holds: `YYYY-MM-DD`.
    pub from: Option<String>,
    /// When its protection lapses: `YYYY-MM-DD`.
    pub renew_by: Option<String>,
    pub by: String,
    /// Unix milliseconds.
    #[ts(type = "number")]
    pub at: i64,
    /// Whether the server has it.
    pub sent: bool,
}

/// What somebody sees who opened an address.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct AddressShow {
    /// The address, where nobody disagrees.
    pub address: Option<String>,
    /// The strictest that anybody entered.
    pub protection: Option<Protection>,
    pub renew_by: Option<String>,
    /// Whether people entered different addresses and nobody has decided, or it is not known yet whether something counts that was
    /// entered by somebody who was taken out: nobody else is shown it or let in meanwhile.
    pub disputed: bool,
    /// What stands: one version, or those that disagree. Only for those who enter addresses.
    pub standing: Vec<AddressVersion>,
    /// What stood before, oldest first. Only for those who enter addresses.
    pub before: Vec<AddressVersion>,
    /// When this person's time ends, Unix milliseconds.
    #[ts(type = "number | null")]
    pub until: Option<i64>,
    /// Who looks, and when (Unix milliseconds): it stands over what is shown.
    pub viewer: String,
    #[ts(type = "number")]
    pub at: i64,
    /// Codes of what came and does not count, with how often.
    #[ts(type = "Array<[string, number]>")]
    pub codes: Vec<(String, u64)>,
}

/// Somebody asked that an address is released, and nobody has agreed yet, or nobody has carried it out.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct ReleaseAsked {
    pub member: MemberId,
    pub name: String,
    /// When the person's time would end, Unix milliseconds.
    #[ts(type = "number | null")]
    pub until: Option<i64>,
    pub by: String,
    /// Whether it was asked by the person who uses this device, or is for them: then somebody else agrees.
    pub mine: bool,
    /// Whether two agree, and a coordinator opens the strongroom next.
    pub agreed: bool,
    /// When it is asked no more, Unix milliseconds.
    #[ts(type = "number")]
    pub expires: i64,
}

/// How things stand with a case's address, without opening it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct AddressStanding {
    pub case: CaseId,
    /// What the case is called; absent where it is not here.
    pub alias: Option<String>,
    /// Whether there ever was an address, here or on the server.
    pub is_kept: bool,
    /// Whether this person may see it now.
    pub may_see: bool,
    /// Whether this person enters it.
    pub may_enter: bool,
    /// When this person's time ends, Unix milliseconds.
    #[ts(type = "number | null")]
    pub until: Option<i64>,
    /// Everybody who may see it now.
    pub readers: Vec<Reader>,
    /// What was asked for and is not carried out.
    pub asked: Vec<ReleaseAsked>,
    /// Whether this person reads who looked.
    pub may_read_log: bool,
    /// Entries written here that are not sealed yet: they go with the next sync that finds the strongroom open.
    pub waiting: u32,
}

/// What became of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Releasing {
    /// It waits for a second person.
    Asked,
    /// It is decided, and true with the next sync.
    Decided,
}

impl Device {
    /// Enters an address over what stands, with from when it holds and when its protection lapses (`YYYY-MM-DD`). The first one makes
    /// the compartment with the next sync.
    ///
    /// # Errors
    /// [`DeviceError::AddressLocked`]; [`DeviceError::NotAllowed`] unless this is the device of a coordinator of the case who reads its
    /// addresses; [`DeviceError::Case`] when the address is none.
    pub fn enter_address(&self, case: CaseId, address: &str, protection: Protection, days: [Option<String>; 2]) -> Result<()> {
        self.act(|open, host| {
            open.use_strongroom(host.now_ms())?;
            let state = logs::case(open.vault.db(), case)?;
            if !may_enter(open, case, state.as_ref())? {
                return Err(DeviceError::NotAllowed);
            }
            let [from, renew_by] = days;
            let over = book(open, case)?.book.heads();
            let id = ItemId::from_bytes(Dice(host).roll());
            let entry = AddressEntry { id, address: address.to_owned(), protection, from, renew_by, over }.checked()?;
            let stream = Stream::of(case, Compartment::Address);
            let words = ledger::as_it_waits(open, host, stream, &zeroize::Zeroizing::new(entry.encode()))?;
            let transaction = open.vault.write()?;
            for compartment in Compartment::LEDGERS {
                if state.as_ref().is_none_or(|state| state.compartment(compartment).is_none()) {
                    outbox::intend_again(&transaction, &Intent::Open { case, compartment })?;
                }
            }
            rows::wait(&transaction, case, stream.compartment, host.now_ms(), &words)?;
            commit(transaction, "edit")
        })?;
        self.tell(Changed { cases: vec![case], sync: true, locked: false });
        Ok(())
    }

    /// Looks at an address. That somebody did, when and for what, is entered where the coordinators and the data protection officers
    /// read it.
    ///
    /// # Errors
    /// [`DeviceError::AddressLocked`]; [`DeviceError::NotReleased`] unless this person reads it now; [`DeviceError::AddressDisputed`]
    /// for whoever does not enter addresses, while nobody has decided; [`DeviceError::NoAddress`]; [`DeviceError::AddressAway`].
    pub fn look_at_address(&self, case: CaseId, purpose: Purpose) -> Result<AddressShow> {
        let shown = self.with(|open, host| {
            open.use_strongroom(host.now_ms())?;
            let (me, now_ms) = (open.me()?, latest_now(open, host)?);
            ledger::forget_lapsed(open, now_ms)?;
            let state = logs::case(open.vault.db(), case)?;
            let enters = may_enter(open, case, state.as_ref())?;
            if !enters && !state.as_ref().is_some_and(|state| ledger::reads(state, Compartment::Address, me.member, now_ms)) {
                return Err(DeviceError::NotReleased);
            }
            let key = state.as_ref().and_then(|state| state.compartment(Compartment::Address)).map(|part| part.epoch.clone());
            if let Some(epoch) = key
                && !ledger::has_key(open, Stream::of(case, Compartment::Address), &epoch)?
            {
                return Err(DeviceError::AddressAway);
            }
            let found = book(open, case)?;
            if found.book.standing().is_empty() {
                return Err(if found.account.codes.is_empty() { DeviceError::NoAddress } else { DeviceError::AddressAway });
            }
            if !enters && !found.is_settled() {
                return Err(DeviceError::AddressDisputed);
            }
            let looked = AccessEntry::Looked { id: ItemId::from_bytes(Dice(host).roll()), purpose };
            note_access(open, host, case, looked)?;
            shown(open, host, state.as_ref(), &found, enters)
        })?;
        self.tell(Changed { sync: true, ..Changed::default() });
        Ok(shown)
    }

    /// Asks that an address is released to a person of the case until a time (Unix milliseconds): another person agrees. For a vital
    /// interest (`alone`) one person decides, for two hours at most.
    ///
    /// # Errors
    /// [`DeviceError::AddressLocked`]; [`DeviceError::NotAllowed`] unless this is a coordinator's device that reads the address, or when
    /// it is to be longer than one person may; [`DeviceError::UnknownPerson`]; [`DeviceError::AddressDisputed`];
    /// [`DeviceError::NoAddress`].
    pub fn release_address(&self, case: CaseId, member: MemberId, until_ms: i64, purpose: Purpose, alone: bool) -> Result<Releasing> {
        let releasing = self.act(|open, host| {
            open.use_strongroom(host.now_ms())?;
            let (me, now_ms) = (open.me()?, server_now(open, host)?);
            let state = logs::case(open.vault.db(), case)?.ok_or(DeviceError::UnknownCase)?;
            if !me.role.admits() || !state.is_member(Compartment::Address, &me.member) {
                return Err(DeviceError::NotAllowed);
            }
            let role =
                open.org()?.role_of(&member).filter(|_| state.is_member(Compartment::Core, &member)).ok_or(DeviceError::UnknownPerson)?;
            let found = book(open, case)?;
            if !found.is_settled() {
                return Err(DeviceError::AddressDisputed);
            }
            if found.book.address().is_none() {
                return Err(DeviceError::NoAddress);
            }
            let is_short = until_ms <= now_ms.saturating_add(MAX_VITAL_MS).saturating_sub(SLACK_MS);
            if until_ms <= now_ms || (alone && !is_short) {
                return Err(DeviceError::NotAllowed);
            }
            let until_ms = Some(until_ms).filter(|_| !role.admits());
            let alone = alone || !open.org()?.has_second_person(u64::MAX);
            let expires_ms = now_ms.saturating_add(MAX_PROPOSAL_MS).saturating_sub(SLACK_MS);
            let intent = match alone {
                true => Intent::Grant { case, member, role, until_ms, compartment: Some(Compartment::Address) },
                false => Intent::Propose { case, what: Proposed::Release { member, role, until_ms }, expires_ms },
            };
            let id = ItemId::from_bytes(Dice(host).roll());
            note_access(open, host, case, AccessEntry::Released { id, member, until_ms, purpose, alone })?;
            outbox::intend_again(open.vault.db(), &intent)?;
            Ok(if alone { Releasing::Decided } else { Releasing::Asked })
        })?;
        self.tell(Changed { cases: vec![case], sync: true, locked: false });
        Ok(releasing)
    }

    /// Agrees, as the second person, that an address is released to somebody until this time (Unix milliseconds; none for whoever
    /// enters addresses), as it was shown. A coordinator who has the key carries it out: at once where that is this device and its
    /// strongroom is open.
    ///
    /// # Errors
    /// [`DeviceError::NotAllowed`] when exactly this is not asked, or this person may not agree to it.
    pub fn approve_release(&self, case: CaseId, member: MemberId, until_ms: Option<i64>) -> Result<()> {
        self.act(|open, host| {
            let (me, now_ms) = (open.me()?, server_now(open, host)?);
            let state = logs::case(open.vault.db(), case)?.ok_or(DeviceError::UnknownCase)?;
            let is_this = |known: &ProposalState| {
                let Proposed::Release { member: to, until_ms: until, .. } = known.what else { return false };
                let is_shown = (to, until) == (member, until_ms);
                is_shown && to != me.member && known.by != me.member && known.expires_ms >= now_ms
            };
            let found = state.proposals().find(|(_, known)| is_this(known)).map(|(hash, _)| *hash);
            let proposal = found.filter(|_| me.role.countersigns()).ok_or(DeviceError::NotAllowed)?;
            outbox::intend_again(open.vault.db(), &Intent::Approve { case, proposal })
        })?;
        self.tell(Changed { cases: vec![case], sync: true, locked: false });
        Ok(())
    }

    /// Takes a release back: with the next sync the person's devices forget the address, and its key is changed when a strongroom is
    /// next opened.
    ///
    /// # Errors
    /// [`DeviceError::NotAllowed`] unless this is a coordinator's device; [`DeviceError::UnknownPerson`] when it is not released to them;
    /// [`DeviceError::Log`] when nobody would be left who enters it.
    pub fn take_back_address(&self, case: CaseId, member: MemberId) -> Result<()> {
        self.act(|open, _| {
            let state = logs::case(open.vault.db(), case)?.ok_or(DeviceError::UnknownCase)?;
            if !open.me()?.role.admits() {
                return Err(DeviceError::NotAllowed);
            }
            let part = state.compartment(Compartment::Address).filter(|part| part.members.contains_key(&member));
            if !part.ok_or(DeviceError::UnknownPerson)?.is_admitted_without(&member) {
                return Err(LogError::LastCoordinator.into());
            }
            let compartment = Some(Compartment::Address);
            outbox::intend_again(open.vault.db(), &Intent::Remove { case, member, instead: None, compartment })
        })?;
        self.tell(Changed { cases: vec![case], sync: true, locked: false });
        Ok(())
    }

    /// How things stand with the address of a case; nothing of the address itself.
    ///
    /// # Errors
    /// When locked, or the database fails; [`DeviceError::UnknownCase`].
    pub fn address_standing(&self, case: CaseId) -> Result<AddressStanding> {
        self.with(|open, host| {
            let (me, now_ms, names) = (open.me()?, latest_now(open, host)?, Called::read(open)?);
            let state = logs::case(open.vault.db(), case)?;
            if state.is_none() && !documents::has(open.vault.db(), case)? {
                return Err(DeviceError::UnknownCase);
            }
            let waiting = rows::waiting(open.vault.db())?.into_iter().filter(|draft| draft.stream.case == Some(case));
            let waits: Vec<Compartment> = waiting.map(|draft| draft.stream.compartment).collect();
            let part = state.as_ref().and_then(|state| state.compartment(Compartment::Address));
            let reads = |compartment| state.as_ref().is_some_and(|state| ledger::reads(state, compartment, me.member, now_ms));
            let current =
                part.into_iter().flat_map(|part| &part.members).filter(|(_, grant)| grant.until_ms.is_none_or(|until| until > now_ms));
            let reader = |(member, grant): (&MemberId, &GrantState)| Reader {
                member: *member,
                name: names.member_name(*member),
                role: grant.role,
                until: grant.until_ms,
            };
            Ok(AddressStanding {
                case,
                alias: projections::row(open.vault.db(), case)?.map(|row| row.alias),
                is_kept: part.is_some() || waits.contains(&Compartment::Address),
                may_see: reads(Compartment::Address) || (part.is_none() && waits.contains(&Compartment::Address)),
                may_enter: may_enter(open, case, state.as_ref())?,
                until: part.and_then(|part| part.members.get(&me.member)).and_then(|grant| grant.until_ms),
                readers: current.map(reader).collect(),
                asked: state.as_ref().map(|state| asked(state, &names, me, now_ms)).unwrap_or_default(),
                may_read_log: reads(Compartment::Access) && (me.role.admits() || me.role == Role::Dpo),
                waiting: u32::try_from(waits.len()).unwrap_or(u32::MAX),
            })
        })
    }
}

/// What stands in the address book of a case, and how it was read.
struct Found {
    book: AddressBook,
    account: Account,
    /// Entries that the server does not have.
    unsent: Vec<ItemId>,
}

impl Found {
    /// Whether nobody disagrees, and it is known of all that came whether it counts: until somebody who was taken out is cut off, that
    /// is open of what they entered last.
    fn is_settled(&self) -> bool {
        !self.book.is_disputed() && !self.account.codes.contains_key(OpenError::Uncut.code())
    }
}

/// Reads an address book. Only what coordinators entered stands in it.
fn book(open: &mut Open, case: CaseId) -> Result<Found> {
    let account = ledger::read(open, case, Compartment::Address)?.ok_or(DeviceError::AddressLocked)?;
    let (org, mut entries, mut unsent) = (open.org()?, Vec::new(), Vec::new());
    for said in account.said.iter().filter(|said| org.role_of(&said.member).is_some_and(Role::admits)) {
        let Some(entry) = AddressEntry::decode(&said.body) else { continue };
        unsent.extend((!said.is_sent).then_some(entry.id));
        entries.push(Entered { by: said.member, at_ms: said.at_ms, entry });
    }
    Ok(Found { book: AddressBook::of(entries), account, unsent })
}

/// Whether this person enters addresses here: a coordinator who reads them, or of the case while there are none.
fn may_enter(open: &Open, case: CaseId, state: Option<&CaseState>) -> Result<bool> {
    let me = open.me()?;
    let is_in = match state {
        Some(state) if state.erased().is_some() => false,
        Some(state) if state.compartment(Compartment::Address).is_some() => state.is_member(Compartment::Address, &me.member),
        Some(state) => state.is_member(Compartment::Core, &me.member),
        None => documents::has(open.vault.db(), case)?,
    };
    Ok(me.role.admits() && is_in)
}

fn note_access(open: &mut Open, host: &dyn Host, case: CaseId, entry: AccessEntry) -> Result<()> {
    let now_ms = host.now_ms();
    let transaction = open.vault.write()?;
    rows::wait(&transaction, case, Compartment::Access, now_ms, &entry.encode())?;
    commit(transaction, "edit")
}

fn shown(open: &Open, host: &dyn Host, state: Option<&CaseState>, found: &Found, enters: bool) -> Result<AddressShow> {
    let (names, me) = (Called::read(open)?, open.me()?);
    let version = |one: &Entered<AddressEntry>| AddressVersion {
        address: one.entry.address.clone(),
        protection: one.entry.protection,
        from: one.entry.from.clone(),
        renew_by: one.entry.renew_by.clone(),
        by: names.member_name(one.by),
        at: one.at_ms,
        sent: !found.unsent.contains(&one.entry.id),
    };
    let versions = |all: &[Entered<AddressEntry>]| all.iter().filter(|_| enters).map(version).collect();
    let grant = state.and_then(|state| state.compartment(Compartment::Address)?.members.get(&me.member));
    Ok(AddressShow {
        address: found.book.address().map(str::to_owned),
        protection: found.book.protection(),
        renew_by: found.book.renew_by().map(str::to_owned),
        disputed: !found.is_settled(),
        standing: versions(found.book.standing()),
        before: versions(found.book.before()),
        until: grant.and_then(|grant| grant.until_ms),
        viewer: names.member_name(me.member),
        at: host.now_ms(),
        codes: found.account.codes.iter().map(|(code, n)| ((*code).to_owned(), *n)).collect(),
    })
}

fn asked(state: &CaseState, names: &Called, me: Me, now_ms: i64) -> Vec<ReleaseAsked> {
    let waiting = state.proposals().map(|(_, known)| (known, false));
    let agreed = state.agreed().map(|(_, known)| (known, true));
    let row = |(known, agreed): (&ProposalState, bool)| match known.what {
        Proposed::Release { member, until_ms, .. } if known.expires_ms >= now_ms => Some(ReleaseAsked {
            member,
            name: names.member_name(member),
            until: until_ms,
            by: names.member_name(known.by),
            mine: known.by == me.member || member == me.member,
            agreed,
            expires: known.expires_ms,
        }),
        _ => None,
    };
    waiting.chain(agreed).filter_map(row).collect()
}
