//! A signed history: everything that proves who wrote what in a case, in one file that needs no key of the case to be checked.

use std::collections::BTreeMap;

use minicbor::{Encode, bytes::ByteVec};
use wire::{
    cbor,
    envelope::{Kind, Stream},
    id::{CaseId, DeviceId, OrgId},
    log::LogId,
};

use crate::{
    act::Called,
    error::{DeviceError, Result},
    session::{Device, Open},
    vault::{documents, keys, logs},
};

/// What the file begins with.
const NAME: &str = "brobygger signed history";
const VERSION: u8 = 1;

/// What stands in the file; see "A signed history" in docs/FORMATS.md.
#[derive(Encode)]
struct SignedHistory {
    #[n(0)]
    name: &'static str,
    #[n(1)]
    version: u8,
    #[n(2)]
    org: OrgId,
    #[n(3)]
    case: CaseId,
    #[n(4)]
    org_log: Vec<ByteVec>,
    #[n(5)]
    case_log: Vec<ByteVec>,
    /// Each author's statements, by their places in the chain.
    #[n(6)]
    said: Vec<(DeviceId, Vec<(u64, ByteVec)>)>,
    /// Changes of the document, each after those it builds on.
    #[n(7)]
    changes: Vec<ByteVec>,
    /// What people and devices are called here: nobody signed that.
    #[n(8)]
    names: Vec<(ByteVec, String)>,
}

impl Device {
    /// Everything that proves who wrote what in the core of a case, with the words themselves: whoever has it reads them. What was not
    /// sealed yet is not in it.
    ///
    /// # Errors
    /// [`DeviceError::WrongSecret`] and [`DeviceError::Wait`] as for unlocking; [`DeviceError::UnknownCase`] for whoever does not have it;
    /// [`DeviceError::Incomplete`] while a statement is missing that proves what is here.
    pub fn signed_history(&self, case: CaseId, secret: &[u8]) -> Result<Vec<u8>> {
        self.confirm(secret)?;
        self.with(|open, _| history_of(open, case))
    }
}

fn history_of(open: &mut Open, case: CaseId) -> Result<Vec<u8>> {
    let org = open.org()?;
    let db = open.vault.db();
    if !documents::has(db, case)? {
        return Err(DeviceError::UnknownCase);
    }
    let entries = |log| Ok::<_, DeviceError>(logs::entries(db, log)?.into_iter().map(ByteVec::from).collect::<Vec<_>>());
    let (org_log, case_log) = (entries(LogId::Org)?, entries(LogId::Case(case))?);
    if case_log.is_empty() {
        // It was never sent, so nobody has signed anything of it.
        return Err(DeviceError::Incomplete);
    }
    let (mut said, mut ends) = (BTreeMap::<DeviceId, Vec<(u64, ByteVec)>>::new(), BTreeMap::new());
    for kept in keys::statements(db, case)?.into_iter().filter(|kept| kept.kind == Kind::Segment && !kept.signed.is_empty()) {
        said.entry(kept.device).or_default().push((kept.chain.seq, kept.signed.into()));
        ends.insert(kept.device, *kept.last.as_bytes());
    }
    for reach in keys::reaches(db, case)? {
        let newest = keys::signed_at(db, Stream::core(case), Kind::Segment, reach.device, reach.chain.seq)?;
        newest.ok_or(DeviceError::Incomplete)?;
    }
    let called = Called::read(open)?;
    let people = org.members().map(|(member, _)| (member.as_bytes().to_vec().into(), called.member_name(*member)));
    let devices = org.devices().map(|(device, _)| (device.as_bytes().to_vec().into(), called.device_name(*device)));
    let names = people.chain(devices).collect();
    let ends: Vec<[u8; 32]> = ends.into_values().collect();
    let changes = open.read_case(case, |case, _| Ok(case.changes_up_to(&ends)))?.ok_or(DeviceError::Incomplete)?;
    let changes = changes.into_iter().map(ByteVec::from).collect();
    let said = said.into_iter().collect();
    let whole = SignedHistory { name: NAME, version: VERSION, org: org.org(), case, org_log, case_log, said, changes, names };
    Ok(cbor::encode(&whole))
}
