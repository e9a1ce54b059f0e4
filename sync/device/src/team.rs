//! Who may read a case: decided here, true once the case's log has it.

use wire::{
    envelope::Compartment,
    id::{CaseId, DeviceId, Digest, MemberId},
    log::{LogError, Proposed, Role},
};

use crate::{
    act::Called,
    error::{DeviceError, Result},
    session::{Changed, Device, Me, Open},
    vault::{
        commit, documents, logs,
        outbox::{self, Intent},
        projections,
    },
};

/// One day, in milliseconds.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A change of who belongs, that was decided here and is in no log yet.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct Pending {
    /// `invite`, `admit`, `revoke`, `require`, `found`, `grant`, `remove`, `key`, `hold`, `let_go`, `propose_erasure`,
    /// `approve_erasure`, `erase`, `receipt`, `receive_key`; about an address `open_address`, `propose_release`, `approve_release`,
    /// `release`, `take_back`.
    pub what: &'static str,
    /// The case it is about; absent for the organisation.
    pub case: Option<CaseId>,
    /// What the case is called.
    pub alias: Option<String>,
    /// Whom it concerns.
    pub person: Option<String>,
    /// The code with which it was refused, when it will not come true.
    pub refused: Option<String>,
}

/// Somebody who reads a case.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct Reader {
    pub member: MemberId,
    pub name: String,
    pub role: Role,
    /// When it ends by itself, Unix milliseconds.
    #[ts(type = "number | null")]
    pub until: Option<i64>,
}

impl Device {
    /// Lets a person read and write a case, until a time (Unix milliseconds) if there is one; for whoever may already, only
    /// that time is new. Becomes true with the next sync.
    ///
    /// # Errors
    /// [`DeviceError::NotAllowed`] unless this is a coordinator's device; [`DeviceError::UnknownPerson`].
    pub fn assign(&self, case: CaseId, member: MemberId, until_ms: Option<i64>) -> Result<()> {
        self.decide_team(case, |open, _| Ok(vec![grant(open, case, member, until_ms)?]))
    }

    /// From the next sync on a person reads and writes a case no more: it gets a new key, their devices forget it, and what
    /// they had not sent is put into quarantine.
    ///
    /// # Errors
    /// [`DeviceError::NotAllowed`] unless this is a coordinator's device; [`DeviceError::UnknownPerson`] when the person does
    /// not read the case; [`DeviceError::Log`] when nobody who grants would be left.
    pub fn unassign(&self, case: CaseId, member: MemberId) -> Result<()> {
        self.decide_team(case, |open, _| {
            readable_without(open, case, member)?;
            Ok(vec![
                Intent::Remove { case, member, instead: None, compartment: None },
                Intent::Rotate { case: Some(case), compartment: None },
            ])
        })
    }

    /// Hands a case over: one person comes in at once, the other goes, at once or after so many days in which both are there.
    ///
    /// # Errors
    /// As [`Self::assign`] and [`Self::unassign`].
    pub fn hand_over(&self, case: CaseId, from: MemberId, to: MemberId, overlap_days: u32) -> Result<()> {
        let now_ms = self.host().now_ms();
        self.decide_team(case, |open, _| {
            readable_without(open, case, from)?;
            let comes = grant(open, case, to, None)?;
            if overlap_days == 0 {
                let goes = Intent::Remove { case, member: from, instead: Some(to), compartment: None };
                return Ok(vec![comes, goes, Intent::Rotate { case: Some(case), compartment: None }]);
            }
            let end_ms = now_ms.saturating_add(i64::from(overlap_days).saturating_mul(DAY_MS));
            Ok(vec![comes, grant(open, case, from, Some(end_ms))?])
        })
    }

    /// Who reads a case, and until when.
    ///
    /// # Errors
    /// [`DeviceError::UnknownCase`].
    pub fn readers(&self, case: CaseId) -> Result<Vec<Reader>> {
        self.with(|open, _| {
            let names = Called::read(open)?;
            let Some(state) = logs::case(open.vault.db(), case)? else {
                let here = documents::has(open.vault.db(), case)?;
                return if here { Ok(Vec::new()) } else { Err(DeviceError::UnknownCase) };
            };
            let members = state.compartment(Compartment::Core).into_iter().flat_map(|core| &core.members);
            let reader = |(member, grant): (&MemberId, &wire::log::GrantState)| Reader {
                member: *member,
                name: names.member_name(*member),
                role: grant.role,
                until: grant.until_ms,
            };
            Ok(members.map(reader).collect())
        })
    }

    /// What was decided here about who belongs and is in no log yet, in the order in which it was decided.
    ///
    /// # Errors
    /// When locked, or the database fails.
    pub fn pending(&self) -> Result<Vec<Pending>> {
        self.with(|open, _| {
            let (names, db) = (Called::read(open)?, open.vault.db());
            let mut found = Vec::new();
            for intended in outbox::intents(db)? {
                let (what, case, person) = told(open, &names, intended.what);
                let alias = case.map(|case| projections::row(db, case)).transpose()?.flatten().map(|row| row.alias);
                found.push(Pending { what, case, alias, person, refused: intended.refused });
            }
            Ok(found)
        })
    }

    fn decide_team(&self, case: CaseId, decide: impl FnOnce(&Open, &Me) -> Result<Vec<Intent>>) -> Result<()> {
        self.act(|open, _| {
            let me = open.me()?;
            if !me.role.admits() {
                return Err(DeviceError::NotAllowed);
            }
            if !documents::has(open.vault.db(), case)? {
                return Err(DeviceError::UnknownCase);
            }
            let intents = decide(open, &me)?;
            let transaction = open.vault.write()?;
            for intent in intents {
                outbox::intend_again(&transaction, &intent)?;
            }
            commit(transaction, "edit")
        })?;
        self.tell(Changed { cases: vec![case], sync: true, locked: false });
        Ok(())
    }
}

fn grant(open: &Open, case: CaseId, member: MemberId, until_ms: Option<i64>) -> Result<Intent> {
    let role = open.org()?.role_of(&member).ok_or(DeviceError::UnknownPerson)?;
    Ok(Intent::Grant { case, member, role, until_ms, compartment: None })
}

/// Whether somebody who grants is left in the case when this person goes.
fn readable_without(open: &Open, case: CaseId, member: MemberId) -> Result<()> {
    let state = logs::case(open.vault.db(), case)?.ok_or(DeviceError::UnknownCase)?;
    let core = state.compartment(Compartment::Core).filter(|core| core.members.contains_key(&member)).ok_or(DeviceError::UnknownPerson)?;
    let org = open.org()?;
    let holds_key = |device: &DeviceId| {
        let owner = org.active(device, u64::MAX).map(|state| state.member).filter(|owner| *owner != member);
        owner.and_then(|owner| core.members.get(&owner)).is_some_and(|grant| grant.role.admits())
    };
    // Whoever stays must hold the key, or nobody would ever make the next one.
    if core.is_admitted_without(&member) && core.wraps.keys().any(holds_key) { Ok(()) } else { Err(LogError::LastCoordinator.into()) }
}

/// What an entry of a case's log proposed.
fn proposed(open: &Open, case: CaseId, proposal: &Digest) -> Option<Proposed> {
    let state = logs::case(open.vault.db(), case).ok()??;
    state.proposals().find(|(hash, _)| *hash == proposal).map(|(_, known)| known.what)
}

fn told(open: &Open, names: &Called, what: Intent) -> (&'static str, Option<CaseId>, Option<String>) {
    let named = |member: MemberId| Some(names.member_name(member));
    let owner = |device| open.org().ok().and_then(|org| org.device(&device).map(|state| state.member)).and_then(named);
    match what {
        Intent::Invite { name, .. } => ("invite", None, Some(name)),
        Intent::AddDevice { name, .. } => ("admit", None, Some(name)),
        Intent::MinVersion { .. } => ("require", None, None),
        Intent::Agree { .. } => ("agree", None, None),
        Intent::Revoke { device, .. } => ("revoke", None, owner(device)),
        Intent::Genesis { case } => ("found", Some(case), None),
        Intent::Grant { case, member, compartment: Some(Compartment::Address), .. } => ("release", Some(case), named(member)),
        Intent::Remove { case, member, compartment: Some(Compartment::Address), .. } => ("take_back", Some(case), named(member)),
        Intent::Grant { case, member, .. } => ("grant", Some(case), named(member)),
        Intent::Remove { case, member, .. } => ("remove", Some(case), named(member)),
        Intent::Rewrap { case, device, .. } => ("key", Some(case), owner(device)),
        Intent::Rotate { case, .. } => ("key", case, None),
        Intent::Open { case, .. } => ("open_address", Some(case), None),
        Intent::Hold { case, on } => (if on { "hold" } else { "let_go" }, Some(case), None),
        Intent::Propose { case, what: Proposed::Release { member, .. }, .. } => ("propose_release", Some(case), named(member)),
        Intent::Propose { case, .. } => ("propose_erasure", Some(case), None),
        Intent::Approve { case, proposal } => match proposed(open, case, &proposal) {
            Some(Proposed::Release { member, .. }) => ("approve_release", Some(case), named(member)),
            _ => ("approve_erasure", Some(case), None),
        },
        Intent::Erase { case, .. } => ("erase", Some(case), None),
        Intent::Receipt { case } => ("receipt", Some(case), None),
        Intent::RotateKey => ("receive_key", None, None),
    }
}
