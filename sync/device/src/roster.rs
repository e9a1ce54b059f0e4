//! Who belongs and with which devices, as far as this device can know: what was heard of each, what it may read, and which
//! acts are open to whoever looks.

use std::collections::BTreeMap;

use wire::{
    id::{DeviceId, MemberId},
    log::{DeviceState, Entry, InvitationState, LogId, OrgState, Role},
};

use crate::{
    act::Called,
    error::Result,
    forced::forced,
    host::Host,
    session::{Device, Me, Open},
    vault::{
        keys, logs,
        outbox::{self, Intent},
        projections,
    },
};

/// After so long without a word of a device its line says so, in milliseconds: seven days.
const UNHEARD_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Whether a device belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum DeviceStanding {
    Active,
    /// Its end was decided here and is in no log yet.
    Revoking,
    Revoked,
}

/// One device and its owner.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct RosterDevice {
    pub device: DeviceId,
    pub name: String,
    pub member: MemberId,
    /// Whose it is.
    pub person: String,
    pub role: Role,
    /// The device that is asked.
    pub this: bool,
    pub standing: DeviceStanding,
    /// Its owner was made to open it, as the device itself said; known to whoever may revoke it.
    pub forced: bool,
    /// When the newest of its words here was written, by its own clock, Unix milliseconds; absent while none came.
    #[ts(type = "number | null")]
    pub heard_at: Option<i64>,
    /// Nothing came of it for a week, though it belongs for longer.
    pub unheard: bool,
    /// Cases of which it has the newest key; absent where this device cannot know, being neither a coordinator's nor one of
    /// the same person.
    pub cases: Option<u32>,
    pub may_revoke: bool,
    /// Whether [`Device::breach_sheet`] answers.
    pub may_see_sheet: bool,
}

/// Somebody who was invited and has not come yet.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct Awaited {
    pub person: String,
    pub role: Role,
    /// When the invitation ends, Unix milliseconds.
    #[ts(type = "number")]
    pub expires: i64,
    /// Whether whoever asks may compare the request that answers it, and let that device in.
    pub may_let_in: bool,
}

/// Everybody, and every device there is or was.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct Roster {
    /// Those that belong before those that do not; then by person and name.
    pub devices: Vec<RosterDevice>,
    /// Invitations that are in the log, are good still, and were not used.
    pub awaited: Vec<Awaited>,
    /// Whether this is a device of somebody who may invite, let in, assign and decide about quarantine.
    pub may_admit: bool,
}

impl Device {
    /// Everybody, and every device there is or was.
    ///
    /// # Errors
    /// [`crate::DeviceError::NoOrganisation`], or the database fails.
    pub fn roster(&self) -> Result<Roster> {
        self.with(|open, host| {
            let (org, me, names) = (open.org()?, open.me()?, Called::read(open)?);
            let seen = Seen::of(open, host)?;
            let row = |(id, state): (&DeviceId, &DeviceState)| seen.row(&org, &me, &names, *id, state);
            let mut devices: Vec<RosterDevice> = org.devices().filter_map(row).collect();
            devices.sort_by_cached_key(|row| {
                (row.standing == DeviceStanding::Revoked, row.person.to_lowercase(), row.name.to_lowercase(), row.device)
            });
            let awaited = awaited(open, &org, &me, host.now_ms())?;
            Ok(Roster { devices, awaited, may_admit: me.role.admits() })
        })
    }
}

/// Invitations that are open and concern this person: all for whoever admits, and those that take another person for whoever may be it.
fn awaited(open: &Open, org: &OrgState, me: &Me, now_ms: i64) -> Result<Vec<Awaited>> {
    let mut found = Vec::new();
    let concerns = |one: &InvitationState| me.role.admits() || (me.role.countersigns() && one.by.is_some());
    for (_, invitation) in org.invitations().filter(|(_, one)| !one.used && one.expires_ms > now_ms && concerns(one)) {
        let person = projections::name(open.vault.db(), invitation.member.as_bytes())?.unwrap_or_default();
        // Who invited somebody who may sign as a second person is not the one who admits them.
        let may_let_in = invitation.by.is_none_or(|by| by != me.member);
        found.push(Awaited { person, role: invitation.role, expires: invitation.expires_ms, may_let_in });
    }
    found.sort_by(|a, b| (a.expires, &a.person).cmp(&(b.expires, &b.person)));
    Ok(found)
}

/// What is known here of all devices, gathered in one go.
struct Seen {
    this: DeviceId,
    now_ms: i64,
    heard: BTreeMap<DeviceId, i64>,
    /// When the entries of the organisation's log were signed, by their place.
    signed: BTreeMap<u64, i64>,
    cases: BTreeMap<DeviceId, u32>,
    revoking: Vec<DeviceId>,
    forced: Vec<DeviceId>,
}

impl Seen {
    fn of(open: &Open, host: &dyn Host) -> Result<Self> {
        let db = open.vault.db();
        let (mut heard, mut signed) = (keys::newest_words(db)?, BTreeMap::new());
        for bytes in logs::entries(db, LogId::Org)? {
            let entry = Entry::decode(&bytes)?;
            let statement = entry.statement();
            signed.insert(statement.seq, statement.claimed_ms);
            let last = heard.entry(statement.signer).or_insert(statement.claimed_ms);
            *last = (*last).max(statement.claimed_ms);
        }
        let mut cases: BTreeMap<DeviceId, u32> = BTreeMap::new();
        for case in logs::cases(db)? {
            for device in logs::case(db, case)?.map(|state| state.readable_to()).unwrap_or_default() {
                let count = cases.entry(device).or_default();
                *count = count.saturating_add(1);
            }
        }
        let intended = outbox::intents(db)?.into_iter().filter(|one| one.refused.is_none());
        let revoking = intended.filter_map(|one| if let Intent::Revoke { device, .. } = one.what { Some(device) } else { None }).collect();
        Ok(Self { this: open.keys.device(), now_ms: host.now_ms(), heard, signed, cases, revoking, forced: forced(open)? })
    }

    fn row(&self, org: &OrgState, me: &Me, names: &Called, device: DeviceId, state: &DeviceState) -> Option<RosterDevice> {
        let role = org.role_of(&state.member)?;
        let (is_own, this) = (state.member == me.member, device == self.this);
        let standing = match state.revoked {
            Some(_) => DeviceStanding::Revoked,
            None if self.revoking.contains(&device) => DeviceStanding::Revoking,
            None => DeviceStanding::Active,
        };
        let (heard_at, since) = (self.heard.get(&device).copied(), self.signed.get(&state.since).copied());
        let unheard = heard_at.or(since).is_some_and(|at| self.now_ms.saturating_sub(at) >= UNHEARD_MS);
        let may_see_sheet = me.role.admits() || is_own;
        Some(RosterDevice {
            device,
            name: names.device_name(device),
            member: state.member,
            person: names.member_name(state.member),
            role,
            this,
            standing,
            forced: self.forced.contains(&device),
            heard_at,
            unheard: unheard && !this && standing == DeviceStanding::Active,
            cases: may_see_sheet.then(|| self.cases.get(&device).copied().unwrap_or_default()),
            may_revoke: standing == DeviceStanding::Active && !this && (me.role.revokes() || is_own),
            may_see_sheet,
        })
    }
}
