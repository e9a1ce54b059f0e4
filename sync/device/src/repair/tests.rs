//! What is compared with a server that was put back, on one device.
#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

use std::path::Path;

use casework::{Edit, Programme};
use seal::keyslot::Cost;
use tempfile::TempDir;
use wire::{
    id::IncarnationId,
    log::AppVersion,
    message::{ChainEnd, ItemHead, ItemKind},
};

use super::*;
use crate::{Device, SystemHost, compose::compose, digest::digest_logs, stock::tests::founded, vault::inbox};

const SECRET: &[u8] = b"tolv cykler under broen ved havnen";

/// This machine with a version of the app that is long gone.
struct Outdated(SystemHost);

impl Host for Outdated {
    fn now_ms(&self) -> i64 {
        self.0.now_ms()
    }

    fn fill_random(&self, out: &mut [u8]) {
        self.0.fill_random(out);
    }

    fn time_zone(&self) -> jiff::tz::TimeZone {
        self.0.time_zone()
    }

    fn cost(&self) -> Cost {
        self.0.cost()
    }

    fn app_version(&self) -> AppVersion {
        "0.0.1".parse().unwrap()
    }
}

/// The entries that wait are taken in as if a server had told them.
pub(crate) fn told(device: &Device, case: Option<CaseId>) {
    let tell = |open: &mut Open, host: &dyn Host| {
        compose(open, host)?;
        let db = open.vault.db();
        for push in outbox::waiting(db, usize::MAX, &BTreeSet::new())? {
            let Push::Log { entry, .. } = &push else { continue };
            let kind = if case.is_some() { ItemKind::CaseEntry } else { ItemKind::OrgEntry };
            let total = u64::try_from(entry.len()).unwrap();
            inbox::keep(db, &ItemHead { kind, position: 1, case, id: push.id(), total, offset: 0 }, 0, entry)?;
            outbox::received(db, &push.id(), 1)?;
        }
        digest_logs(open, host).map(drop)
    };
    device.with(tell).unwrap();
}

/// A case with a segment for each of these notes, which wait to be sent.
fn sealed(device: &Device, alias: &str, notes: &[&str]) -> CaseId {
    let case = device.new_case(alias, Programme::National, None).unwrap();
    told(device, Some(case));
    for text in notes {
        device.edit(case, Edit::AddNote { id: device.new_item(), text: (*text).to_owned(), at_ms: 0 }).unwrap();
        device.with(|open, host| compose(open, host)).unwrap();
    }
    case
}

/// The server had taken everything, so long ago that nothing of it is kept.
fn long_ago(device: &Device, case: CaseId) {
    let forget = |open: &mut Open, _: &dyn Host| {
        let db = open.vault.db();
        documents::raise_acked(db, case, documents::progress(db, case)?.own)?;
        let ids: Vec<Digest> = outbox::waiting(db, usize::MAX, &BTreeSet::new())?.iter().map(Push::id).collect();
        ids.iter().try_for_each(|id| outbox::remove(db, id))
    };
    device.with(forget).unwrap();
}

/// A server that has the logs, and of each case so many of this device's segments.
fn server(open: &Open, incarnation: u8, segments: &[(CaseId, u64)]) -> Vectors {
    let end = |log, head: Head| LogEnd { log, length: head.seq + 1, hash: head.hash };
    let mut ends = vec![end(LogId::Org, open.org().unwrap().head())];
    let mut chains = Vec::new();
    for (case, seq) in segments {
        ends.push(end(LogId::Case(*case), logs::case(open.vault.db(), *case).unwrap().unwrap().head()));
        let (stream, device) = (Stream::core(*case), open.keys.device());
        chains.push(ChainEnd { stream, kind: Kind::Segment, device, seq: *seq, id: Digest::ZERO });
    }
    Vectors { incarnation: IncarnationId::from_bytes([incarnation; 16]), logs: ends, chains }
}

fn compared(device: &Device, incarnation: u8, segments: &[(CaseId, u64)]) -> Result<Vec<CaseId>> {
    device.with(|open, host| {
        let vectors = server(open, incarnation, segments);
        compare(open, host, &vectors)
    })
}

/// What waits, by its places in the chains.
fn waiting(device: &Device) -> Vec<(CaseId, u64)> {
    let read = |open: &mut Open, _: &dyn Host| outbox::waiting(open.vault.db(), usize::MAX, &BTreeSet::new());
    let place = |push: Push| match push {
        Push::Envelope(bytes) => Envelope::decode(&bytes).ok().and_then(|one| Some((one.header.stream.case?, one.header.seq))),
        _ => None,
    };
    device.with(read).unwrap().into_iter().filter_map(place).collect()
}

fn asks_again(device: &Device) -> bool {
    device
        .with(|open, host| {
            look_again(open, host.now_ms())?;
            Ok(Repair::read(open.vault.db())?.asks())
        })
        .unwrap()
}

fn refused_first(device: &Device) {
    let refuse = |open: &mut Open, _: &dyn Host| {
        let id = outbox::waiting(open.vault.db(), 1, &BTreeSet::new())?[0].id();
        outbox::set_aside(open.vault.db(), &id, "env.fork")
    };
    device.with(refuse).unwrap();
}

#[test]
fn what_one_server_would_not_have_is_offered_to_the_next_incarnation_of_it() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    let case = sealed(&device, "Falken", &["en", "to"]);
    let all = waiting(&device);
    assert!(all.len() >= 2, "{all:?}");
    refused_first(&device);
    assert_eq!(waiting(&device), all[1..], "the server would not have it");
    compared(&device, 2, &[(case, 0)]).unwrap();
    assert_eq!(waiting(&device), all, "and another one is asked");
    assert_eq!(device.with(|open, _| outbox::refusals(open.vault.db())).unwrap(), []);
    refused_first(&device);
    compared(&device, 2, &[(case, 0)]).unwrap();
    assert_eq!(waiting(&device), all[1..], "the same one is not asked twice");
}

#[test]
fn a_case_that_does_not_load_keeps_nobody_from_sending_the_others_again() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    let (falken, ravnen) = (sealed(&device, "Falken", &["en"]), sealed(&device, "Ravnen", &["to", "tre"]));
    for case in [falken, ravnen] {
        long_ago(&device, case);
    }
    damaged(&device, falken, dir.path());
    compared(&device, 2, &[(falken, 0), (ravnen, 0)]).unwrap();
    assert!(waiting(&device).iter().filter(|(case, _)| *case == ravnen).count() >= 2, "{:?}", waiting(&device));
    assert!(!device.with(|open, _| Ok(Repair::read(open.vault.db())?.asks())).unwrap(), "membership changes do not wait for it");
    assert!(asks_again(&device), "the next sync looks whether it can be read by then");
}

/// The document of a case does not load any more.
fn damaged(device: &Device, case: CaseId, dir: &Path) {
    let spoil = |open: &mut Open, _: &dyn Host| {
        let db = open.vault.db();
        db.execute("DELETE FROM document_tail WHERE case_id = ?1", [case.as_bytes().as_slice()])?;
        Ok(db.execute("UPDATE document SET base = x'00' WHERE case_id = ?1", [case.as_bytes().as_slice()])?)
    };
    device.with(spoil).unwrap();
    device.lock();
    device.unlock(SECRET).unwrap();
    assert!(dir.exists() && device.case(case).is_err());
}

#[test]
fn an_app_that_is_too_old_seals_nothing_anew_and_looks_again_when_it_is_newer() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    let case = sealed(&device, "Falken", &["en", "to"]);
    let all = waiting(&device);
    long_ago(&device, case);
    let version = SystemHost::default().app_version();
    device.with(|open, _| outbox::intend(open.vault.db(), &Intent::MinVersion { version })).unwrap();
    told(&device, None);
    let old = Outdated(SystemHost::with_cost(Cost::FLOOR));
    device
        .with(|open, _| {
            assert!(open.is_outdated(&old));
            let vectors = server(open, 2, &[(case, 0)]);
            compare(open, &old, &vectors)
        })
        .unwrap();
    assert_eq!(waiting(&device), [], "nothing is sealed");
    assert!(asks_again(&device));
    compared(&device, 2, &[(case, 0)]).unwrap();
    assert_eq!(waiting(&device), all);
    assert!(!asks_again(&device));
}

#[test]
fn what_the_server_lost_and_what_lists_say_of_it_change_together() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    let case = sealed(&device, "Falken", &["en", "to"]);
    device.with(|open, _| documents::raise_acked(open.vault.db(), case, documents::progress(open.vault.db(), case)?.own)).unwrap();
    let acked = || device.with(|open, _| Ok(documents::progress(open.vault.db(), case)?.acked)).unwrap();
    let before = acked();
    let sql = |sql: &str| device.with(|open, _| Ok(open.vault.db().execute_batch(sql)?)).unwrap();
    // As if the battery had died between the two.
    for act in ["INSERT", "UPDATE", "DELETE"] {
        sql(&format!("CREATE TEMP TRIGGER stop_{act} BEFORE {act} ON main.case_row BEGIN SELECT RAISE(ABORT, 'stop'); END"));
    }
    assert!(compared(&device, 2, &[(case, 0)]).is_err());
    assert_eq!(acked(), before, "neither was changed");
    for act in ["INSERT", "UPDATE", "DELETE"] {
        sql(&format!("DROP TRIGGER stop_{act}"));
    }
    assert_eq!((compared(&device, 2, &[(case, 0)]).unwrap(), acked()), (vec![case], 0));
}

#[test]
fn the_changes_of_a_chain_are_counted_once_for_all_its_places() {
    use std::sync::Mutex;

    use rusqlite::trace::{TraceEvent, TraceEventCodes};
    static ASKED: Mutex<Vec<String>> = Mutex::new(Vec::new());
    fn listen(event: TraceEvent<'_>) {
        if let TraceEvent::Stmt(_, sql) = event {
            ASKED.lock().unwrap().push(sql.to_owned());
        }
    }
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    let case = sealed(&device, "Falken", &["en", "to", "tre", "fire", "fem", "seks"]);
    let all = waiting(&device);
    long_ago(&device, case);
    device.with(|open, _| Ok(open.vault.db_mut().trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(listen))?)).unwrap();
    compared(&device, 2, &[(case, 0)]).unwrap();
    assert_eq!(waiting(&device), all);
    let asked = ASKED.lock().unwrap().clone();
    let whole_chains = asked.iter().filter(|sql| sql.contains("FROM statement") && !sql.contains("LIMIT 1") && !sql.contains("seq = ?4"));
    // Once for the sums, and once for how far others reach.
    assert!(whole_chains.clone().count() <= 2, "{:?}", whole_chains.collect::<Vec<_>>());
    let own = device.with(|open, _| keys::counts(open.vault.db(), case, open.keys.device())).unwrap();
    let progress = device.with(|open, _| documents::progress(open.vault.db(), case)).unwrap();
    assert_eq!((own.up_to(0), own.up_to(u64::MAX)), (0, progress.own));
    assert!(own.up_to(1) < own.up_to(2));
}
