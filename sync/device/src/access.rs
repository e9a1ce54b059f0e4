//! Who looked at an address, as their devices said, and who was let in, as the log of the case proves.

use casework::{AccessEntry, Purpose};
use wire::{
    envelope::Compartment,
    id::{CaseId, MemberId},
    log::{Act, CaseAct, CaseState, Entry, LogId, Role},
};

use crate::{
    act::Called,
    compose::latest_now,
    error::{DeviceError, Result},
    ledger::{self, Said},
    session::{Device, Open},
    vault::logs,
};

/// Who looked, or was let in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct AccessRow {
    /// Unix milliseconds, as the person's device said.
    #[ts(type = "number")]
    pub at: i64,
    pub by: String,
    /// Absent where the log has a release of which nobody said what for.
    pub purpose: Option<Purpose>,
    /// Whom it was released to; absent when somebody looked.
    pub to: Option<String>,
    /// Until when, Unix milliseconds.
    #[ts(type = "number | null")]
    pub until: Option<i64>,
    /// Whether one person decided it, for a vital interest or because there was no second.
    pub alone: bool,
    /// Whether the log of the case has this release; until then it is asked for, or was taken back, or somebody only says so.
    pub granted: bool,
    /// Whether the server has it.
    pub sent: bool,
}

/// A release as the log has it.
struct Grant {
    at_ms: i64,
    by: MemberId,
    to: MemberId,
    until_ms: Option<i64>,
    alone: bool,
}

impl Device {
    /// Who looked at an address and who was let in, the newest first. What their devices said is beside what the log of the case proves: a
    /// release of which nobody said anything is there as well.
    ///
    /// # Errors
    /// [`DeviceError::NotAllowed`] unless this is the device of a coordinator or data protection officer who reads it.
    pub fn address_log(&self, case: CaseId) -> Result<Vec<AccessRow>> {
        self.with(|open, host| {
            let (me, now_ms, names) = (open.me()?, latest_now(open, host)?, Called::read(open)?);
            let state = logs::case(open.vault.db(), case)?;
            let reads = state.is_none_or(|state| ledger::reads(&state, Compartment::Access, me.member, now_ms));
            if !reads || !(me.role.admits() || me.role == Role::Dpo) {
                return Err(DeviceError::NotAllowed);
            }
            let account = ledger::read(open, case, Compartment::Access)?.unwrap_or_default();
            let mut grants = grants(open, case)?;
            let mut rows: Vec<AccessRow> = account.said.iter().rev().filter_map(|said| row(said, &mut grants, &names)).collect();
            rows.extend(grants.iter().map(|grant| unsaid(grant, &names)));
            rows.sort_by_key(|row| std::cmp::Reverse(row.at));
            Ok(rows)
        })
    }
}

/// Every release that the log of a case has, the first one first.
fn grants(open: &Open, case: CaseId) -> Result<Vec<Grant>> {
    let (org, mut state, mut found): (_, Option<CaseState>, _) = (open.org()?, None, Vec::new());
    for bytes in logs::entries(open.vault.db(), LogId::Case(case))? {
        let entry = Entry::decode(&bytes)?;
        let Some(known) = &mut state else {
            state = Some(CaseState::found(&entry, &org)?);
            continue;
        };
        let statement = entry.statement();
        if let Act::Case(CaseAct::Grant { compartment: Compartment::Address, member, role, until_ms, .. }) = &statement.act {
            let by = org.device(&statement.signer).map_or(*member, |device| device.member);
            let alone = !known.is_agreed(*member, *role, *until_ms);
            found.push(Grant { at_ms: statement.claimed_ms, by, to: *member, until_ms: *until_ms, alone });
        }
        known.apply(&entry, &org)?;
    }
    Ok(found)
}

/// What somebody's device said, beside the release in the log that it speaks of, which nothing else then speaks of.
fn row(said: &Said, grants: &mut Vec<Grant>, names: &Called) -> Option<AccessRow> {
    let (at, by, sent) = (said.at_ms, names.member_name(said.member), said.is_sent);
    Some(match AccessEntry::decode(&said.body)? {
        AccessEntry::Looked { purpose, .. } => {
            AccessRow { at, by, purpose: Some(purpose), to: None, until: None, alone: false, granted: false, sent }
        }
        AccessEntry::Released { member, until_ms, purpose, alone, .. } => {
            let place = grants.iter().position(|grant| grant.to == member && grant.until_ms == until_ms);
            let grant = place.map(|place| grants.remove(place));
            let (granted, alone) = (grant.is_some(), grant.map_or(alone, |grant| grant.alone));
            AccessRow { at, by, purpose: Some(purpose), to: Some(names.member_name(member)), until: until_ms, alone, granted, sent }
        }
    })
}

fn unsaid(grant: &Grant, names: &Called) -> AccessRow {
    AccessRow {
        at: grant.at_ms,
        by: names.member_name(grant.by),
        purpose: None,
        to: Some(names.member_name(grant.to)),
        until: grant.until_ms,
        alone: grant.alone,
        granted: true,
        sent: true,
    }
}
