//! Checks again everything this device holds: every signature, chain and wrap, and the database under them.

use std::collections::BTreeMap;

use wire::{
    envelope::{Compartment, Kind, Stream},
    id::Digest,
    log::{CaseState, Entry, LogId, OrgState},
};

use crate::{
    error::{DeviceError, Result},
    session::{Device, Open},
    vault::{documents, keys, logs},
};

/// What was checked, and what was wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Verified {
    pub org_entries: u64,
    pub case_entries: u64,
    pub cases: u64,
    pub statements: u64,
    /// Statements for which only a snapshot's author vouches.
    pub vouched: u64,
    pub epoch_keys: u64,
    /// Stable codes of what is wrong; empty when all is well.
    pub problems: Vec<String>,
}

impl Device {
    /// Checks again every signature, chain and key this device holds, and every page of the database.
    ///
    /// # Errors
    /// When locked or the database fails; what is merely wrong is listed in the answer.
    pub fn verify(&self) -> Result<Verified> {
        self.with(|open, _| {
            let mut found = Verified::default();
            if open.vault.check().is_err() {
                found.problems.push("vault.damaged".to_owned());
            }
            if open.org().is_ok() {
                let org = verify_org(open, &mut found)?;
                for case in logs::cases(open.vault.db())? {
                    verify_case(open, &org, case, &mut found)?;
                }
            }
            Ok(found)
        })
    }
}

fn verify_org(open: &Open, found: &mut Verified) -> Result<OrgState> {
    let mut state: Option<OrgState> = None;
    for bytes in logs::entries(open.vault.db(), LogId::Org)? {
        let entry = Entry::decode(&bytes)?;
        match &mut state {
            None => state = Some(OrgState::found(&entry)?),
            Some(state) => state.apply(&entry)?,
        }
        found.org_entries = found.org_entries.saturating_add(1);
    }
    let state = state.ok_or(DeviceError::Damaged)?;
    if *open.org()? != state {
        found.problems.push("log.state_differs".to_owned());
    }
    verify_keys(open, Stream::DIRECTORY, state.directory().map(|card| (card.number, card.commit)), found)?;
    Ok(state)
}

fn verify_case(open: &mut Open, org: &OrgState, case: wire::id::CaseId, found: &mut Verified) -> Result<()> {
    found.cases = found.cases.saturating_add(1);
    let mut state: Option<CaseState> = None;
    for bytes in logs::entries(open.vault.db(), LogId::Case(case))? {
        let entry = Entry::decode(&bytes)?;
        match &mut state {
            None => state = Some(CaseState::found(&entry, org)?),
            Some(state) => state.apply(&entry, org)?,
        }
        found.case_entries = found.case_entries.saturating_add(1);
    }
    if state != logs::case(open.vault.db(), case)? {
        found.problems.push("log.state_differs".to_owned());
    }
    let newest = state.as_ref().and_then(|state| state.compartment(Compartment::Core)).map(|core| (core.epoch.number, core.epoch.commit));
    verify_keys(open, Stream::core(case), newest, found)?;
    verify_statements(open, org, case, found)?;
    let reaches = keys::reaches(open.vault.db(), case)?;
    for cut in state.iter().filter_map(|state| state.compartment(Compartment::Core)?.cuts.as_ref()).flat_map(BTreeMap::values) {
        let beyond = reaches.iter().any(|reach| reach.device == cut.device && reach.chain.seq > cut.seq);
        let here = keys::statement_at(open.vault.db(), Stream::core(case), Kind::Segment, cut.device, cut.seq)?;
        if beyond || here.is_some_and(|hash| hash != cut.hash) {
            found.problems.push("env.fork".to_owned());
        }
    }
    if reaches.is_empty() && !documents::has(open.vault.db(), case)? {
        // Of a case that this person is out of, only the log is here.
        return Ok(());
    }
    let missing = open.read_case(case, |case, _| Ok(reaches.iter().filter(|reach| !case.has_change(reach.last.as_bytes())).count()))?;
    if missing > 0 {
        found.problems.push("crdt.missing_change".to_owned());
    }
    Ok(())
}

fn verify_keys(open: &Open, stream: Stream, newest: Option<(u32, [u8; 32])>, found: &mut Verified) -> Result<()> {
    let keychain = keys::keychain(open.vault.db(), stream)?;
    found.epoch_keys = found.epoch_keys.saturating_add(u64::try_from(keychain.keys().count()).unwrap_or(0));
    let Some((epoch, commit)) = newest else { return Ok(()) };
    if let Some(key) = keychain.key(epoch)
        && key.commit(&stream, epoch)? != commit
    {
        found.problems.push("epoch.bad_wrap".to_owned());
    }
    Ok(())
}

fn verify_statements(open: &Open, org: &OrgState, case: wire::id::CaseId, found: &mut Verified) -> Result<()> {
    let mut before: Option<(wire::id::DeviceId, Kind, u64, Digest)> = None;
    let all = keys::statements(open.vault.db(), case)?;
    // What a snapshot stood for did not come itself; the newest statement of each author in it covers all before it.
    let leaps = all.iter().any(|kept| kept.kind == Kind::Snapshot);
    for kept in all {
        let same_chain = before.filter(|(device, kind, ..)| *device == kept.device && *kind == kept.kind);
        before = Some((kept.device, kept.kind, kept.chain.seq, kept.chain.hash));
        if kept.signed.is_empty() {
            found.vouched = found.vouched.saturating_add(1);
            continue;
        }
        found.statements = found.statements.saturating_add(1);
        let Some(author) = org.device(&kept.device) else {
            found.problems.push("env.not_member".to_owned());
            continue;
        };
        let stream = Stream::core(case);
        let checked = seal::sealed::verify_statement(&kept.signed, &org.org(), stream, kept.kind, &author.card, kept.chain.seq);
        let statement = match checked {
            Ok(statement) => statement,
            Err(error) => {
                found.problems.push(error.code().to_owned());
                continue;
            }
        };
        let hash_holds = wire::signature::sha256(&[&kept.signed]) == kept.chain.hash && statement.last == kept.last;
        let follows = match same_chain {
            Some((_, _, seq, hash)) if seq.checked_add(1) == Some(kept.chain.seq) => statement.prev == hash,
            Some((_, _, seq, _)) => kept.kind == Kind::Snapshot || (leaps && kept.chain.seq > seq),
            None => kept.chain.seq > 1 || statement.prev == Digest::ZERO,
        };
        if !hash_holds || !follows {
            found.problems.push("env.chain_gap".to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
