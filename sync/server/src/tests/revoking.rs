//! A device is revoked: nothing of it is taken any more, and nothing under a key that it has.

use http::{Method, StatusCode};
use wire::{
    envelope::{Compartment, Kind, Stream},
    id::{CaseId, DeviceId, Digest},
    log::{CaseAct, Cut, DeviceCard, EpochCard, LogError, LogId, OrgAct, RevokeReason, Role},
    message::{Frame, Push, SYNC_PATH, Wrap},
};

use super::kit::{Field, Phone, epoch, refusal, sealed, segment, wrap};
use crate::admit;

/// A founder, a mentor with two segments in the founder's case, and that case.
fn with_a_mentor() -> (Field, Phone, CaseId) {
    let mut field = Field::new();
    let mentor = field.join(Role::Mentor);
    let case = field.founder_case();
    field.grant(case, &mentor, None);
    for seq in [1, 2] {
        assert_eq!(field.verdict(&mentor, segment(&mentor, Stream::core(case), seq, 600)), "ack");
    }
    (field, mentor, case)
}

const fn revocation(device: DeviceId) -> OrgAct {
    OrgAct::Revoke { device, reason: RevokeReason::Lost }
}

fn revoke(field: &mut Field, phone: &Phone) {
    let entry = field.founder.entry(field.org_statement(revocation(phone.id())));
    assert_eq!(field.verdict(&field.founder, Push::Log { entry: entry.clone(), wraps: Vec::new() }), "ack");
    field.learn_org(&entry);
}

const fn cut(device: DeviceId, seq: u64, seen: u64) -> Cut {
    Cut { device, seq, hash: Digest::from_bytes([7; 32]), seen }
}

/// The next epoch of a log for the founder alone.
fn next(field: &Field, log: LogId, compartment: Compartment, cuts: Option<Vec<Cut>>) -> (EpochCard, Vec<Wrap>) {
    let cards: Vec<DeviceCard> = vec![field.founder.card.clone()];
    let wraps = vec![wrap(log, compartment, 2, field.founder.id(), field.founder.id())];
    (EpochCard { cuts, ..epoch(compartment, 2, &wraps, &cards) }, wraps)
}

fn case_epoch(field: &Field, case: CaseId, cuts: Option<Vec<Cut>>) -> Push {
    let (card, wraps) = next(field, LogId::Case(case), Compartment::Core, cuts);
    Push::Log { entry: field.founder.entry(field.case_statement(case, CaseAct::Epoch(card))), wraps }
}

#[test]
fn after_a_revocation_nothing_is_taken_from_the_device_or_under_a_key_that_it_has() {
    let (mut field, mentor, case) = with_a_mentor();
    revoke(&mut field, &mentor);
    let (status, refused) = refusal(field.send(&mentor, Method::GET, SYNC_PATH, None));
    assert_eq!((status, refused.code.as_str()), (StatusCode::FORBIDDEN, "auth.revoked"));
    let founder = &field.founder;
    assert_eq!(field.verdict(founder, segment(founder, Stream::core(case), 1, 600)), "env.stale_epoch");
    assert_eq!(field.verdict(founder, Push::Envelope(sealed(founder, Stream::DIRECTORY, Kind::Seen, 1, 1, 600))), "env.stale_epoch");
    let id = mentor.id();
    for cuts in [None, Some(vec![cut(id, 1, 1)]), Some(vec![cut(id, 3, 3)]), Some(vec![cut(field.founder.id(), 0, 0), cut(id, 2, 2)])] {
        assert_eq!(field.verdict(founder, case_epoch(&field, case, cuts.clone())), "log.bad_cut", "{cuts:?}");
    }
    assert_eq!(field.verdict(founder, case_epoch(&field, case, Some(vec![cut(id, 1, 2)]))), "ack", "the second one could not be read");
    assert_eq!(field.verdict(founder, Push::Envelope(sealed(founder, Stream::core(case), Kind::Segment, 2, 1, 600))), "ack");
    let (card, wraps) = next(&field, LogId::Org, Compartment::Directory, None);
    let entry = founder.entry(field.org_statement(OrgAct::Epoch(card)));
    assert_eq!(field.verdict(founder, Push::Log { entry, wraps }), "ack");
    assert_eq!(field.verdict(founder, Push::Envelope(sealed(founder, Stream::DIRECTORY, Kind::Seen, 2, 1, 600))), "ack");
    assert!(field.problems().is_empty(), "{:?}", field.problems());
    let later = "INSERT INTO envelope (org, case_num, compartment, kind, epoch, device, seq, position, id, stored_ms, bytes)
        SELECT org, case_num, compartment, kind, epoch, device, 3, 9999, randomblob(32), stored_ms, bytes FROM envelope WHERE device = ?1 AND seq = 2";
    let db = rusqlite::Connection::open(field.store()).unwrap();
    assert_eq!(db.execute(later, [mentor.id().as_bytes()]).unwrap(), 1);
    assert!(field.problems().iter().any(|problem| problem.code == "audit.cut"), "{:?}", field.problems());
}

#[test]
fn what_comes_behind_a_revocation_in_the_same_request_is_not_taken() {
    let (field, mentor, case) = with_a_mentor();
    let own = mentor.entry(wire::log::Statement { signer: mentor.id(), ..field.org_statement(revocation(mentor.id())) });
    let items = vec![Push::Log { entry: own, wraps: Vec::new() }, segment(&mentor, Stream::core(case), 3, 600)];
    let answered = field.push(&mentor, &[], items);
    let verdicts: Vec<&str> = answered
        .replies
        .iter()
        .filter_map(|frame| match frame {
            Frame::Ack { .. } => Some("ack"),
            Frame::Refused { code, .. } => Some(code.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(verdicts, ["ack", "env.revoked_author"]);
}

#[test]
fn while_a_store_heals_an_epoch_may_have_seen_more_than_is_here_and_never_less() {
    let (mut field, mentor, case) = with_a_mentor();
    let before = field.cases[&case].clone();
    revoke(&mut field, &mentor);
    let judged = |cuts: Option<Vec<Cut>>, ends: &[(DeviceId, u64)], is_healing| {
        let (card, _) = next(&field, LogId::Case(case), Compartment::Core, cuts);
        admit::cuts(&card, &before, &field.org, ends, is_healing).is_ok()
    };
    let (id, other) = (mentor.id(), DeviceId::from_bytes([1; 16]));
    for (seen, end, well, healing) in [(2, 2, true, true), (3, 2, false, true), (1, 2, false, false)] {
        let cuts = || Some(vec![cut(id, 1, seen)]);
        assert_eq!((judged(cuts(), &[(id, end)], false), judged(cuts(), &[(id, end)], true)), (well, healing), "{seen} of {end}");
    }
    assert!(judged(Some(vec![cut(id, 1, 2)]), &[], true), "its words were lost with the backup");
    assert!(!judged(None, &[(id, 2)], true) && !judged(Some(vec![cut(other, 1, 2)]), &[(id, 2)], true));
    assert_eq!(admit::Refused::from(LogError::BadCut).code(), "log.bad_cut");
}
