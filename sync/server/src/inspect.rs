//! What is stored, as a table: ids, numbers, sizes and times, because there is nothing else to print.

use std::{collections::BTreeMap, fmt};

use data_encoding::BASE32_NOPAD;
use serde::Serialize;
use wire::{
    cbor,
    envelope::Compartment,
    log::{CaseState, OrgState, Role},
};

use crate::log::{
    Log, StoreError,
    sqlite::{
        SqliteLog,
        audit::{StoredOrg, StoredWord},
    },
};

/// Everything that is stored.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Stored {
    incarnation: String,
    organisations: Vec<Organisation>,
}

#[derive(Debug, Clone, Serialize)]
struct Organisation {
    id: String,
    created_ms: i64,
    position: i64,
    entries: usize,
    invitations: usize,
    members: Vec<Member>,
    devices: Vec<Device>,
    cases: Vec<Case>,
    envelopes: Vec<Envelope>,
    quarantine: Vec<Word>,
    duress: Vec<Word>,
}

/// What a revoked device handed in, or a notice that one was opened under duress.
#[derive(Debug, Clone, Serialize)]
struct Word {
    position: i64,
    device: String,
    bytes: usize,
    stored_ms: i64,
}

#[derive(Debug, Clone, Serialize)]
struct Member {
    id: String,
    role: Role,
}

#[derive(Debug, Clone, Serialize)]
struct Device {
    id: String,
    member: String,
    revoked: bool,
}

#[derive(Debug, Clone, Serialize)]
struct Case {
    id: String,
    entries: u64,
    epoch: u32,
    members: Vec<String>,
    envelopes: u64,
    bytes: i64,
}

#[derive(Debug, Clone, Serialize)]
struct Envelope {
    position: i64,
    /// Absent: the directory.
    case: Option<String>,
    kind: &'static str,
    device: String,
    seq: i64,
    epoch: i64,
    bytes: i64,
    stored_ms: i64,
}

/// Gathers everything, bytes of envelopes excepted.
pub(crate) fn inspect(log: &SqliteLog) -> Result<Stored, StoreError> {
    let organisations = log.stored_orgs()?.iter().map(|org| organisation(log, org)).collect::<Result<_, _>>()?;
    Ok(Stored { incarnation: log.incarnation().to_string(), organisations })
}

fn organisation(log: &SqliteLog, org: &StoredOrg) -> Result<Organisation, StoreError> {
    let state: OrgState = cbor::decode(&org.state).map_err(|_| StoreError::Corrupt("state"))?;
    let mut cases = BTreeMap::new();
    for case in log.stored_cases(org.num)? {
        let state: CaseState = cbor::decode(&case.state).map_err(|_| StoreError::Corrupt("state"))?;
        let row = Case {
            id: text(&case.id),
            entries: state.head().seq.saturating_add(1),
            epoch: state.epoch(Compartment::Core),
            members: state.members().iter().map(ToString::to_string).collect(),
            envelopes: 0,
            bytes: 0,
        };
        cases.insert(case.num, row);
    }
    let mut envelopes = Vec::new();
    log.each_envelope(org.num, false, &mut |stored, _| {
        if let Some(case) = cases.get_mut(&stored.case_num) {
            case.envelopes = case.envelopes.saturating_add(1);
            case.bytes = case.bytes.saturating_add(stored.len);
        }
        envelopes.push(Envelope {
            position: stored.position,
            case: cases.get(&stored.case_num).map(|case| case.id.clone()),
            kind: match stored.kind {
                1 => "segment",
                2 => "snapshot",
                3 => "seen",
                _ => "heartbeat",
            },
            device: text(&stored.device),
            seq: stored.seq,
            epoch: stored.epoch,
            bytes: stored.len,
            stored_ms: stored.stored_ms,
        });
        Ok(())
    })?;
    let (quarantine, duress) = words(log, org.num)?;
    Ok(Organisation {
        id: text(&org.id),
        created_ms: org.created_ms,
        position: org.position,
        entries: usize::try_from(state.head().seq).unwrap_or(usize::MAX).saturating_add(1),
        invitations: state.invitations().count(),
        members: state.members().map(|(id, member)| Member { id: id.to_string(), role: member.role }).collect(),
        devices: state
            .devices()
            .map(|(id, device)| Device { id: id.to_string(), member: device.member.to_string(), revoked: device.revoked.is_some() })
            .collect(),
        cases: cases.into_values().collect(),
        envelopes,
        quarantine,
        duress,
    })
}

/// What revoked devices handed in, and notices of those that were opened under duress.
fn words(log: &SqliteLog, org: i64) -> Result<(Vec<Word>, Vec<Word>), StoreError> {
    let word = |stored: StoredWord, bytes: Vec<u8>| {
        let (device, bytes) = (text(&stored.device), bytes.len());
        Word { position: stored.position, device, bytes, stored_ms: stored.stored_ms }
    };
    let (mut quarantine, mut duress) = (Vec::new(), Vec::new());
    log.each_quarantined(org, &mut |stored, bytes| {
        quarantine.push(word(stored, bytes));
        Ok(())
    })?;
    log.each_notice(org, &mut |stored, bytes| {
        duress.push(word(stored, bytes));
        Ok(())
    })?;
    Ok((quarantine, duress))
}

fn text(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(bytes).to_lowercase()
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "incarnation {}", self.incarnation)?;
        self.organisations.iter().try_for_each(|organisation| write!(f, "\n{organisation}"))
    }
}

impl fmt::Display for Organisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "organisation {}", self.id)?;
        writeln!(f, "  created_ms {}  position {}", self.created_ms, self.position)?;
        writeln!(f, "  log entries {}  invitations {}", self.entries, self.invitations)?;
        for Member { id, role } in &self.members {
            writeln!(f, "  member {id}  {role:?}")?;
        }
        for Device { id, member, revoked } in &self.devices {
            writeln!(f, "  device {id}  of {member}  {}", if *revoked { "revoked" } else { "active" })?;
        }
        for case in &self.cases {
            let Case { id, entries, epoch, members, envelopes, bytes } = case;
            writeln!(f, "  case {id}  entries {entries}  epoch {epoch}  envelopes {envelopes}  bytes {bytes}")?;
            members.iter().try_for_each(|member| writeln!(f, "    member {member}"))?;
        }
        if !self.envelopes.is_empty() {
            let (case, device) = ("case", "device");
            writeln!(f, "  position  kind      epoch    seq      bytes      stored_ms  {case:<26}  {device}")?;
        }
        for envelope in &self.envelopes {
            let Envelope { position, case, kind, device, seq, epoch, bytes, stored_ms } = envelope;
            let case = case.as_deref().unwrap_or("directory");
            writeln!(f, "  {position:>8}  {kind:<8}  {epoch:>5}  {seq:>5}  {bytes:>9}  {stored_ms:>13}  {case:<26}  {device}")?;
        }
        for (what, words) in [("quarantine", &self.quarantine), ("duress    ", &self.duress)] {
            for Word { position, device, bytes, stored_ms } in words {
                writeln!(f, "  {position:>8}  {what}  bytes {bytes}  stored_ms {stored_ms}  from {device}")?;
            }
        }
        Ok(())
    }
}
