//! Recomputes what the stored logs and envelopes say, and compares it with what the server acts on.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use data_encoding::HEXLOWER;
use serde::Serialize;
use wire::{
    cbor,
    duress::SignedNotice,
    envelope::{Compartment, Envelope, Stream},
    id::{CaseId, Digest},
    log::{CaseState, Entry, GrantState, OrgState},
    message::Wrap,
    quarantine::Item,
    signature::sha256,
};

use crate::{
    admit::compartment_of,
    log::{
        StoreError,
        sqlite::{
            self, SqliteLog,
            audit::{StoredCase, StoredDevice, StoredEntry, StoredEnvelope, StoredOrg},
        },
    },
    routes::duress,
};

/// The kind of a segment as stored: only its chain leaves no place out.
const SEGMENT: i64 = 1;

/// What was looked at and what was wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    pub(crate) organisations: u64,
    pub(crate) cases: u64,
    pub(crate) entries: u64,
    pub(crate) wraps: u64,
    pub(crate) envelopes: u64,
    pub(crate) bytes: u64,
    pub(crate) problems: Vec<Problem>,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    /// Id of the organisation, case, entry or envelope.
    pub(crate) at: String,
}

impl Report {
    fn problem(&mut self, code: &'static str, at: &[u8]) {
        self.problems.push(Problem { code, at: HEXLOWER.encode(at) });
    }

    fn count(counter: &mut u64) {
        *counter = counter.saturating_add(1);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { organisations, cases, entries, wraps, envelopes, bytes, problems } = self;
        writeln!(f, "organisations {organisations}\ncases         {cases}\nentries       {entries}")?;
        writeln!(f, "wraps         {wraps}\nenvelopes     {envelopes}\nbytes         {bytes}")?;
        for problem in problems {
            writeln!(f, "{} {}", problem.code, problem.at)?;
        }
        writeln!(f, "{}", if problems.is_empty() { "all is as the logs say" } else { "NOT as the logs say" })
    }
}

/// Looks at everything.
pub(crate) fn verify(log: &SqliteLog) -> Result<Report, StoreError> {
    let mut report = Report::default();
    for org in log.stored_orgs()? {
        Report::count(&mut report.organisations);
        let (count, distinct, last) = log.stored_positions(org.num)?;
        if count != distinct || count != last || last != org.position {
            report.problem("audit.positions", &org.id);
        }
        if org.counted != org.found {
            report.problem("audit.counts", &org.id);
        }
        let Some(state) = org_log(log, &org, &mut report)? else { continue };
        device_rows(log, &org, &state, &mut report)?;
        let cases = log.stored_cases(org.num)?;
        for case in &cases {
            Report::count(&mut report.cases);
            case_log(log, &org, &state, case, &mut report)?;
        }
        envelopes(log, &org, &cases, &mut report)?;
        quarantine(log, &org, &state, &mut report)?;
        notices(log, &org, &state, &mut report)?;
    }
    Ok(report)
}

fn org_log(log: &SqliteLog, org: &StoredOrg, report: &mut Report) -> Result<Option<OrgState>, StoreError> {
    let mut state: Option<OrgState> = None;
    let mut broken = false;
    log.each_entry(org.num, 0, &mut |stored| {
        let Some(entry) = read_entry(&stored, report) else {
            broken = true;
            return Ok(());
        };
        let applied = match &mut state {
            None => OrgState::found(&entry).map(|first| state = Some(first)),
            Some(state) => state.apply(&entry),
        };
        if let Err(error) = applied {
            broken = true;
            report.problem(error.code(), &stored.hash);
        }
        let number = state.as_ref().and_then(OrgState::directory).map_or(0, |card| card.number);
        wraps(log, (org.num, 0, false), &stored, &entry, number, report)
    })?;
    let same = state.as_ref().is_some_and(|state| cbor::encode(state) == org.state && state.org().as_bytes() == &*org.id);
    if broken || !same {
        report.problem("audit.org_state", &org.id);
    }
    Ok(state)
}

fn case_log(log: &SqliteLog, org: &StoredOrg, org_state: &OrgState, case: &StoredCase, report: &mut Report) -> Result<(), StoreError> {
    let mut state: Option<CaseState> = None;
    let mut broken = false;
    log.each_entry(org.num, case.num, &mut |stored| {
        let Some(entry) = read_entry(&stored, report) else {
            broken = true;
            return Ok(());
        };
        let applied = match &mut state {
            None => CaseState::found(&entry, org_state).map(|first| state = Some(first)),
            Some(state) => state.apply(&entry, org_state),
        };
        if let Err(error) = applied {
            broken = true;
            report.problem(error.code(), &stored.hash);
        }
        let compartment = compartment_of(&entry).unwrap_or(Compartment::Core);
        let number = state.as_ref().map_or(0, |state| state.epoch(compartment));
        wraps(log, (org.num, case.num, case.erased), &stored, &entry, number, report)
    })?;
    let Some(state) = state.filter(|state| cbor::encode(state) == case.state && state.case().as_bytes() == &*case.id) else {
        report.problem("audit.case_state", &case.id);
        return Ok(());
    };
    if broken {
        report.problem("audit.case_state", &case.id);
    }
    let rows: BTreeSet<(Compartment, Vec<u8>, i64)> = log.stored_members(case.num)?.into_iter().collect();
    let members = state.compartments().flat_map(|(compartment, part)| part.members.iter().map(move |of| (compartment, of)));
    let until = |grant: &GrantState| grant.until_ms.map_or(0, |until| until.max(1));
    let said: BTreeSet<(Compartment, Vec<u8>, i64)> =
        members.map(|(compartment, (id, grant))| (compartment, id.as_bytes().to_vec(), until(grant))).collect();
    if rows != said {
        report.problem("audit.members", &case.id);
    }
    // Those who came into the organisation since may be missing, and some may read the case by now; nobody else may be there.
    let could_sign =
        |member: &Vec<u8>| org_state.members().any(|(id, known)| id.as_bytes() == member.as_slice() && known.role.countersigns());
    if !log.stored_watchers(case.num)?.iter().all(could_sign) {
        report.problem("audit.members", &case.id);
    }
    if state.erased().is_some() && !case.erased {
        report.problem("audit.erased", &case.id);
    }
    // Nothing was taken of a device after it was cut off.
    for (compartment, part) in state.compartments() {
        for cut in part.cuts.iter().flat_map(BTreeMap::values) {
            if log.stored_segment_end(org.num, case.num, compartment, &cut.device)? > cut.seen {
                report.problem("audit.cut", &case.id);
            }
        }
    }
    Ok(())
}

fn device_rows(log: &SqliteLog, org: &StoredOrg, state: &OrgState, report: &mut Report) -> Result<(), StoreError> {
    let said = state.devices().map(|(id, device)| StoredDevice {
        id: id.as_bytes().to_vec(),
        member: device.member.as_bytes().to_vec(),
        request_key: device.card.request.as_bytes().to_vec(),
        revoked: device.revoked.is_some(),
    });
    if !said.eq(log.stored_devices(org.num)?) {
        report.problem("audit.devices", &org.id);
    }
    Ok(())
}

fn read_entry(stored: &StoredEntry, report: &mut Report) -> Option<Entry> {
    Report::count(&mut report.entries);
    let entry = Entry::decode(&stored.bytes)
        .ok()
        .filter(|entry| entry.hash().as_bytes() == &*stored.hash && i64::try_from(entry.statement().seq) == Ok(stored.seq));
    if entry.is_none() {
        report.problem("audit.entry", &stored.hash);
    }
    entry
}

/// The wraps at an entry's position are exactly those it names.
fn wraps(
    log: &SqliteLog,
    (org, case, is_erased): (i64, i64, bool),
    stored: &StoredEntry,
    entry: &Entry,
    number: u32,
    report: &mut Report,
) -> Result<(), StoreError> {
    let mut beside = BTreeSet::new();
    let mut sound = true;
    for row in log.stored_wraps(org, case, stored.position)? {
        Report::count(&mut report.wraps);
        if is_erased {
            sound &= row.bytes.is_empty();
            continue;
        }
        let Ok(wrap) = cbor::decode::<Wrap>(&row.bytes) else {
            sound = false;
            continue;
        };
        sound &= sha256(&[&row.bytes]).as_bytes() == &*row.id
            && wrap.device.as_bytes() == &*row.device
            && wrap.log == entry.statement().log
            && wrap.signer == entry.statement().signer;
        beside.insert((wrap.compartment, wrap.epoch, wrap.device, wrap.hash()));
    }
    let named: BTreeSet<(Compartment, u32, _, Digest)> =
        entry.wraps(|_| number).into_iter().map(|(compartment, epoch, named)| (compartment, epoch, named.device, named.hash)).collect();
    if !sound || (beside != named && !is_erased) {
        report.problem("audit.wraps", &stored.hash);
    }
    Ok(())
}

fn envelopes(log: &SqliteLog, org: &StoredOrg, cases: &[StoredCase], report: &mut Report) -> Result<(), StoreError> {
    let mut last: Option<StoredEnvelope> = None;
    log.each_envelope(org.num, true, &mut |stored, bytes| {
        Report::count(&mut report.envelopes);
        report.bytes = report.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(0));
        let case = cases.iter().find(|case| case.num == stored.case_num);
        // Of what was replaced, only the row is left.
        let sound = match (stored.replaced, case.is_some_and(|case| case.erased)) {
            (_, true) => bytes.is_empty(),
            (0, false) => is_what_it_says(&stored, case, &bytes),
            (_, false) => bytes.is_empty() && (stored.kind != SEGMENT || stored.is_covered),
        };
        if !sound {
            report.problem("audit.envelope", &stored.id);
        }
        let same_chain = |before: &&StoredEnvelope| {
            (before.case_num, before.compartment, before.kind, &before.device)
                == (stored.case_num, stored.compartment, stored.kind, &stored.device)
        };
        let before = last.as_ref().filter(same_chain).map_or(0, |before| before.seq);
        let follows = if stored.kind == SEGMENT { Some(stored.seq) == before.checked_add(1) } else { stored.seq > before };
        if !follows {
            report.problem("audit.chain", &stored.id);
        }
        if let Some(alone) = last.as_ref().filter(|before| before.replaced != 0 && !before.is_covered && !same_chain(before)) {
            report.problem("audit.chain", &alone.id);
        }
        last = Some(stored);
        Ok(())
    })?;
    if let Some(alone) = last.filter(|last| last.replaced != 0 && !last.is_covered) {
        report.problem("audit.chain", &alone.id);
    }
    Ok(())
}

/// What was handed in is what it says, and of a device of the organisation.
fn quarantine(log: &SqliteLog, org: &StoredOrg, state: &OrgState, report: &mut Report) -> Result<(), StoreError> {
    log.each_quarantined(org.num, &mut |stored, bytes| {
        let item = Item::decode(&bytes).ok().filter(|item| item.id().as_bytes() == &*stored.id);
        let sound = item.is_some_and(|item| {
            let author = item.header.device;
            author.as_bytes() == &*stored.device && state.device(&author).is_some()
        });
        if !sound {
            report.problem("audit.quarantine", &stored.id);
        }
        Ok(())
    })
}

/// A notice is signed by the device that it has cut off.
fn notices(log: &SqliteLog, org: &StoredOrg, state: &OrgState, report: &mut Report) -> Result<(), StoreError> {
    log.each_notice(org.num, &mut |stored, bytes| {
        let sound = sha256(&[&bytes]).as_bytes() == &*stored.id
            && SignedNotice::decode(&bytes)
                .ok()
                .and_then(|notice| duress::proven(&notice, state))
                .is_some_and(|device| device.as_bytes() == &*stored.device);
        if !sound {
            report.problem("audit.duress", &stored.id);
        }
        Ok(())
    })
}

fn is_what_it_says(stored: &StoredEnvelope, case: Option<&StoredCase>, bytes: &[u8]) -> bool {
    let Ok(envelope) = Envelope::decode(bytes) else { return false };
    let stream = match (case, sqlite::compartment_of(stored.compartment)) {
        (None, _) => Stream::DIRECTORY,
        (Some(case), Ok(compartment)) => match CaseId::try_from(case.id.as_slice()) {
            Ok(id) => Stream::of(id, compartment),
            Err(_) => return false,
        },
        (Some(_), Err(_)) => return false,
    };
    let header = &envelope.header;
    let kind = match header.kind {
        wire::envelope::Kind::Segment => SEGMENT,
        wire::envelope::Kind::Snapshot => 2,
        wire::envelope::Kind::Seen => 3,
        wire::envelope::Kind::Heartbeat => 4,
    };
    envelope.id().as_bytes() == &*stored.id
        && case.is_none() == (stored.case_num == 0)
        && header.stream == stream
        && kind == stored.kind
        && i64::from(header.epoch) == stored.epoch
        && header.device.as_bytes() == &*stored.device
        && i64::try_from(header.seq) == Ok(stored.seq)
}
