//! What was on a device that was cut off, for whoever has to judge how bad it is, without reading a single case.

use std::collections::BTreeMap;

use wire::{
    envelope::{Compartment, Kind, Stream},
    id::{CaseId, DeviceId},
    log::{Act, CaseAct, Entry, LogId, OrgAct, RevokeReason},
};

use crate::{
    act::Called,
    error::{DeviceError, Result},
    session::{Device, Open},
    vault::{keys, logs, projections},
};

/// Everything that is known of one device and what it could read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct BreachSheet {
    pub device: DeviceId,
    pub device_name: String,
    pub person: String,
    /// Absent while the device is active.
    pub reason: Option<RevokeReason>,
    /// When it was cut off, by the clock of whoever did it, Unix milliseconds.
    #[ts(type = "number | null")]
    pub revoked_at: Option<i64>,
    /// When the last of its words that came was written, by its own clock, Unix milliseconds.
    #[ts(type = "number | null")]
    pub last_word_at: Option<i64>,
    /// Whether names and the list of devices have a key that it does not have.
    pub directory_renewed: bool,
    /// Every case of this device's owner of which a key was ever made for the device, as far as it is known here.
    pub cases: Vec<BreachCase>,
    /// Cases whose newest key it does not have.
    pub renewed: u32,
}

/// One case a device could read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct BreachCase {
    pub case: CaseId,
    pub alias: String,
    /// Stable words: which parts of the case it had keys for.
    pub compartments: Vec<&'static str>,
    /// Since when, by the clock of whoever gave it the first key, Unix milliseconds.
    #[ts(type = "number")]
    pub since: i64,
    /// Whether the case has a key that it does not have.
    pub renewed: bool,
    /// Segments of its words that are here.
    #[ts(type = "number")]
    pub words: u64,
}

impl Device {
    /// What was on a device: which cases, which parts of them, since when; and how far the new keys have come.
    ///
    /// # Errors
    /// [`DeviceError::UnknownDevice`]; [`DeviceError::NotAllowed`] unless this is the device of a coordinator or of the
    /// same person.
    pub fn breach_sheet(&self, device: DeviceId) -> Result<BreachSheet> {
        self.with(|open, _| {
            let (org, me) = (open.org()?, open.me()?);
            let state = org.device(&device).ok_or(DeviceError::UnknownDevice)?;
            if !me.role.admits() && state.member != me.member {
                return Err(DeviceError::NotAllowed);
            }
            let names = Called::read(open)?;
            let (mut cases, mut last_word_at) = (Vec::new(), None);
            for case in logs::cases(open.vault.db())? {
                if let Some(row) = breach_case(open, case, device)? {
                    last_word_at = last_word_at.max(last_word(open, case, device)?);
                    cases.push(row);
                }
            }
            let renewed = cases.iter().filter(|case| case.renewed).count();
            Ok(BreachSheet {
                device,
                device_name: names.device_name(device),
                person: names.member_name(state.member),
                reason: state.reason,
                revoked_at: revoked_at(open, device)?,
                last_word_at,
                directory_renewed: state.revoked.is_some() && !org.is_directory_stale(),
                cases,
                renewed: u32::try_from(renewed).unwrap_or(u32::MAX),
            })
        })
    }
}

fn revoked_at(open: &Open, device: DeviceId) -> Result<Option<i64>> {
    for bytes in logs::entries(open.vault.db(), LogId::Org)? {
        let entry = Entry::decode(&bytes)?;
        if matches!(&entry.statement().act, Act::Org(OrgAct::Revoke { device: revoked, .. }) if *revoked == device) {
            return Ok(Some(entry.statement().claimed_ms));
        }
    }
    Ok(None)
}

fn breach_case(open: &Open, case: CaseId, device: DeviceId) -> Result<Option<BreachCase>> {
    let db = open.vault.db();
    let mut since: BTreeMap<Compartment, i64> = BTreeMap::new();
    for bytes in logs::entries(db, LogId::Case(case))? {
        let entry = Entry::decode(&bytes)?;
        let Act::Case(act) = &entry.statement().act else { continue };
        let (compartment, wraps) = match act {
            CaseAct::Genesis { epoch: card, .. } | CaseAct::Open { epoch: card, .. } | CaseAct::Epoch(card) => {
                (card.compartment, card.wraps.as_slice())
            }
            CaseAct::Grant { compartment, wraps, .. } => (*compartment, wraps.as_slice()),
            CaseAct::Rewrap { compartment, wrap } => (*compartment, std::slice::from_ref(wrap)),
            CaseAct::Remove { .. }
            | CaseAct::Hold { .. }
            | CaseAct::Propose { .. }
            | CaseAct::Approve { .. }
            | CaseAct::Erase { .. }
            | CaseAct::Receipt => continue,
        };
        if wraps.iter().any(|wrap| wrap.device == device) {
            since.entry(compartment).or_insert(entry.statement().claimed_ms);
        }
    }
    let (Some(first), Some(state)) = (since.values().min().copied(), logs::case(db, case)?) else { return Ok(None) };
    let renewed = since.keys().all(|part| state.compartment(*part).is_none_or(|part| !part.wraps.contains_key(&device)));
    Ok(Some(BreachCase {
        case,
        alias: projections::row(db, case)?.map(|row| row.alias).unwrap_or_default(),
        compartments: since.keys().map(|part| part.word()).collect(),
        since: first,
        renewed,
        words: keys::chain(db, Stream::core(case), Kind::Segment, device)?.seq,
    }))
}

/// When the newest of its words here was written.
fn last_word(open: &Open, case: CaseId, device: DeviceId) -> Result<Option<i64>> {
    let (db, stream) = (open.vault.db(), Stream::core(case));
    let seq = keys::chain(db, stream, Kind::Segment, device)?.seq;
    let signed = keys::signed_at(db, stream, Kind::Segment, device, seq)?;
    Ok(signed.and_then(|signed| seal::sealed::read_statement(&signed)).map(|statement| statement.claimed_ms))
}
