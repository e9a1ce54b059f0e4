//! What is kept and what is refused, each refusal by its code.

use http::{Method, StatusCode};
use wire::{
    cbor,
    envelope::{Compartment, Kind, Stream},
    id::{CaseId, MemberId},
    log::{CaseAct, EraseBasis, OrgAct, Role, invitation_hash},
    message::{Batch, Frame, MAX_BODY, Push, SYNC_PATH},
    request::AuthError,
};

use super::kit::{Answered, Field, HOST, NOW, Phone, random, refusal, sealed, segment, snapshot, wrap};
use crate::Request;

#[test]
fn a_known_item_is_acknowledged_again_at_its_position() {
    let mut field = Field::new();
    let case = field.founder_case();
    let item = segment(&field.founder, Stream::core(case), 1, 600);
    let first = field.push(&field.founder, &[], vec![item.clone()]).acked();
    let again = field.push(&field.founder, &[], vec![item.clone()]).acked();
    assert_eq!(first, again);
    assert_eq!(first.0, item.id());
    let entry = field.founder.entry(field.org_statement(OrgAct::Server { url: HOST.to_owned(), certificates: vec![] }));
    let entry = Push::Log { entry, wraps: vec![] };
    let first = field.push(&field.founder, &[], vec![entry.clone()]).acked();
    assert_eq!(first, field.push(&field.founder, &[], vec![entry]).acked());
}

#[test]
fn items_are_judged_one_by_one() {
    let mut field = Field::new();
    let case = field.founder_case();
    let stream = Stream::core(case);
    let items =
        vec![segment(&field.founder, stream, 1, 600), segment(&field.founder, stream, 3, 600), segment(&field.founder, stream, 2, 600)];
    let answered = field.push(&field.founder, &[], items);
    assert!(matches!(
        answered.replies.as_slice(),
        [Frame::Ack { .. }, Frame::Refused { code, .. }, Frame::Ack { .. }] if code == "env.seq_gap"
    ));
}

#[test]
fn envelopes_are_refused_by_code() {
    let mut field = Field::new();
    let mentor = field.join(Role::Mentor);
    let stranger = field.join(Role::Mentor);
    let case = field.case(&mentor);
    let stream = Stream::core(case);
    let nowhere = Stream::core(CaseId::from_bytes(random()));
    let refused = |phone: &Phone, item: Push| field.verdict(phone, item);
    assert_eq!(refused(&mentor, segment(&mentor, nowhere, 1, 600)), "case.unknown");
    assert_eq!(refused(&stranger, segment(&stranger, stream, 1, 600)), "env.not_member");
    assert_eq!(refused(&stranger, segment(&mentor, stream, 1, 600)), "env.not_author");
    assert_eq!(refused(&mentor, segment(&mentor, stream, 2, 600)), "env.seq_gap");
    assert_eq!(refused(&mentor, segment(&mentor, stream, u64::MAX, 600)), "env.seq_gap");
    let future = Push::Envelope(sealed(&mentor, stream, Kind::Segment, 2, 1, 600));
    assert_eq!(refused(&mentor, future), "env.stale_epoch");
    let in_disguise = Push::Envelope(sealed(&mentor, stream, Kind::Snapshot, 1, 1, 600));
    assert_eq!(refused(&mentor, in_disguise), "env.wrong_kind");
    let no_snapshot = Push::Snapshot { envelope: sealed(&mentor, stream, Kind::Segment, 1, 1, 600), covers: vec![] };
    assert_eq!(refused(&mentor, no_snapshot), "env.wrong_kind");
    assert_eq!(refused(&mentor, Push::Envelope(vec![0xff; 10])), "env.not_canonical");
    assert_eq!(refused(&mentor, snapshot(&mentor, stream, 1, 600, &[(&mentor, 1)])), "env.bad_covers");
    assert_eq!(refused(&mentor, segment(&mentor, Stream::DIRECTORY, 1, 600)), "ack");
    assert_eq!(refused(&mentor, Push::Envelope(sealed(&mentor, stream, Kind::Seen, 1, 1, 600))), "ack");
    assert_eq!(refused(&mentor, segment(&mentor, stream, 1, 8 * 1024 * 1024)), "env.too_large");
}

#[test]
fn a_new_epoch_refuses_the_old_but_still_knows_what_it_kept() {
    let mut field = Field::new();
    let case = field.founder_case();
    let stream = Stream::core(case);
    let kept = segment(&field.founder, stream, 1, 600);
    assert_eq!(field.verdict(&field.founder, kept.clone()), "ack");
    field.new_epoch(case);
    assert_eq!(field.verdict(&field.founder, kept.clone()), "ack");
    assert_eq!(field.verdict(&field.founder, segment(&field.founder, stream, 2, 600)), "env.stale_epoch");
    let sealed_again = Push::Envelope(sealed(&field.founder, stream, Kind::Segment, 2, 1, 600));
    let (id, _) = field.push(&field.founder, &[], vec![sealed_again]).acked();
    assert_eq!(id, kept.id(), "the stored id is told, not the one that was sent");
    let next = Push::Envelope(sealed(&field.founder, stream, Kind::Segment, 2, 2, 600));
    assert_eq!(field.verdict(&field.founder, next), "ack");
}

#[test]
fn a_grant_that_has_ended_gives_nothing_more() {
    let mut field = Field::new();
    let substitute = field.join(Role::Substitute);
    let case = field.founder_case();
    field.grant(case, &substitute, Some(NOW + 60_000));
    let stream = Stream::core(case);
    assert_eq!(field.verdict(&substitute, segment(&substitute, stream, 1, 600)), "ack");
    field.sleep(60_000);
    assert_eq!(field.verdict(&substitute, segment(&substitute, stream, 2, 600)), "env.not_member");
    let secret = segment(&field.founder, stream, 1, 600);
    assert_eq!(field.verdict(&field.founder, secret.clone()), "ack");
    assert!(!field.push(&substitute, &[], vec![]).ids().contains(&secret.id()));
}

#[test]
fn entries_are_refused_by_code() {
    let mut field = Field::new();
    let mentor = field.join(Role::Mentor);
    let case = field.case(&mentor);
    let refused = |phone: &Phone, entry: Vec<u8>, wraps| field.verdict(phone, Push::Log { entry, wraps });
    let invite =
        |role| OrgAct::Invite { invitation: invitation_hash(&random()), member: MemberId::from_bytes(random()), role, expires_ms: NOW };
    assert_eq!(refused(&mentor, mentor.entry(field.org_statement(invite(Role::Mentor))), vec![]), "log.not_allowed");
    assert_eq!(refused(&mentor, vec![1, 2, 3], vec![]), "log.not_canonical");
    let mut late = field.org_statement(invite(Role::Mentor));
    late.seq -= 1;
    assert_eq!(refused(&mentor, field.founder.entry(late), vec![]), "log.conflict");
    let (again, wraps) = field.genesis(&mentor, case);
    assert_eq!(refused(&mentor, again, wraps), "log.conflict");
    let unknown = field.case_statement(case, CaseAct::Rewrap { compartment: Compartment::Core, wrap: no_wrap(&mentor) });
    let mut unknown = unknown;
    unknown.log = wire::log::LogId::Case(CaseId::from_bytes(random()));
    assert_eq!(refused(&mentor, mentor.entry(unknown), vec![]), "case.unknown");
    let fresh = CaseId::from_bytes(random());
    let (entry, mut wraps) = field.genesis(&mentor, fresh);
    let extra = wrap(wire::log::LogId::Case(fresh), Compartment::Core, 1, mentor.id(), mentor.id());
    assert_eq!(refused(&mentor, entry.clone(), [wraps.clone(), vec![extra]].concat()), "log.bad_wrap");
    let last = wraps.pop().unwrap();
    assert_eq!(refused(&mentor, entry.clone(), wraps.clone()), "log.bad_wrap");
    let mut other = last.clone();
    other.bytes.push(0);
    assert_eq!(refused(&mentor, entry.clone(), [wraps.clone(), vec![other]].concat()), "log.bad_wrap");
    let mut foreign = last.clone();
    foreign.signer = field.founder.id();
    assert_eq!(refused(&mentor, entry.clone(), [wraps.clone(), vec![foreign]].concat()), "log.bad_wrap");
    assert_eq!(refused(&mentor, entry, [wraps, vec![last]].concat()), "ack");
}

#[test]
fn a_case_entry_names_the_current_head_of_the_organisation() {
    let mut field = Field::new();
    let mentor = field.join(Role::Mentor);
    let other = field.join(Role::Mentor);
    let case = field.case(&mentor);
    let (stale, wraps) = field.grant_entry(case, &other, None);
    field.invite(MemberId::from_bytes(random()), Role::Mentor, NOW);
    assert_eq!(field.verdict(&field.founder, Push::Log { entry: stale, wraps }), "log.org_head");
    field.grant(case, &other, None);
}

#[test]
fn who_is_not_known_learns_nothing() {
    let field = Field::new();
    let (status, unknown) = refusal(field.send(&Phone::new(), Method::GET, SYNC_PATH, None));
    assert_eq!((status, unknown.code.as_str()), (StatusCode::UNAUTHORIZED, AuthError::UnknownDevice.code()));
    let mut forged = Phone::new();
    forged.card.device = field.founder.id();
    let (status, bad_signature) = refusal(field.send(&forged, Method::GET, SYNC_PATH, None));
    assert_eq!((status, bad_signature), (StatusCode::UNAUTHORIZED, unknown));
    let late = field.founder.request(Method::GET, SYNC_PATH, None, NOW - 301_000);
    let (status, clock) = refusal(field.server.handle(&late));
    assert_eq!((status, clock.code.as_str(), clock.server_ms), (StatusCode::UNAUTHORIZED, "auth.clock", NOW));
    let mut other_body = field.founder.request(Method::POST, SYNC_PATH, Some(cbor::encode(&Batch::default())), NOW);
    other_body.body.push(0);
    assert_eq!(refusal(field.server.handle(&other_body)).1.code, "auth.bad_digest");
    let mut elsewhere = field.founder.request(Method::GET, SYNC_PATH, None, NOW);
    elsewhere.target_uri.push_str("?c=");
    assert_eq!(refusal(field.server.handle(&elsewhere)).1.code, "auth.unknown_device");
    let mut unsigned = field.founder.request(Method::GET, SYNC_PATH, None, NOW);
    unsigned.headers.clear();
    assert_eq!(refusal(field.server.handle(&unsigned)).1.code, "auth.malformed");
}

#[test]
fn whole_requests_are_refused_by_code() {
    let field = Field::new();
    let of = |request: Request| {
        let (status, refusal) = refusal(field.server.handle(&request));
        (status.as_u16(), refusal.code)
    };
    let post = |body| field.founder.request(Method::POST, SYNC_PATH, Some(body), NOW);
    assert_eq!(of(post(vec![0; MAX_BODY + 1])), (413, "req.too_large".to_owned()));
    assert_eq!(of(post(vec![0; 10])), (400, "req.malformed".to_owned()));
    let get = |path: &str| field.founder.request(Method::GET, path, None, NOW);
    assert_eq!(of(get("/v1/sync?c=!")), (400, "req.malformed".to_owned()));
    assert_eq!(of(get("/v1/sync?o=abc")), (400, "req.malformed".to_owned()));
    let neutral = field.server.handle(&get("/admin")).into_bytes().unwrap();
    let others = [get("/"), get("/v1/organisations"), field.founder.request(Method::DELETE, SYNC_PATH, Some(vec![]), NOW)];
    for request in others {
        let response = field.server.handle(&request);
        assert_eq!(response.status, StatusCode::NOT_FOUND);
        assert_eq!(response.into_bytes().unwrap(), neutral);
    }
}

#[test]
fn health_is_told_to_anybody() {
    let field = Field::new();
    for path in ["/healthz", "/readyz"] {
        let mut request = field.founder.request(Method::GET, path, None, NOW);
        request.headers.clear();
        assert_eq!(field.server.handle(&request).status, StatusCode::OK);
    }
}

#[test]
fn everything_is_there_after_a_restart() {
    let mut field = Field::new();
    let case = field.founder_case();
    let item = segment(&field.founder, Stream::core(case), 1, 600);
    let first: Answered = field.push(&field.founder, &[], vec![item.clone()]);
    field.reopen();
    let again = field.push(&field.founder, &[], vec![item]);
    assert_eq!(first, again);
}

fn no_wrap(phone: &Phone) -> wire::log::WrapRef {
    wire::log::WrapRef { device: phone.id(), hash: wire::id::Digest::ZERO }
}

#[test]
fn nothing_is_taken_into_a_case_that_was_erased() {
    let mut field = Field::new();
    let case = field.founder_case();
    let stream = Stream::core(case);
    assert_eq!(field.verdict(&field.founder, segment(&field.founder, stream, 1, 600)), "ack");
    let erase = field.founder.entry(field.case_statement(case, CaseAct::Erase { basis: EraseBasis::Candidate }));
    assert_eq!(field.verdict(&field.founder, Push::Log { entry: erase.clone(), wraps: vec![] }), "ack");
    field.learn_case(case, &erase);
    assert_eq!(field.verdict(&field.founder, segment(&field.founder, stream, 2, 600)), "env.erased");
    assert_eq!(field.verdict(&field.founder, snapshot(&field.founder, stream, 1, 600, &[])), "env.erased");
}

#[test]
fn an_entry_of_a_ledger_that_no_device_would_keep_is_not_taken() {
    let mut field = Field::new();
    let case = field.founder_case();
    let stream = Stream::of(case, Compartment::Access);
    let long = segment(&field.founder, stream, 1, wire::envelope::MAX_LEDGER_LEN);
    assert_eq!(field.verdict(&field.founder, long), "env.too_large");
    let core = segment(&field.founder, Stream::core(case), 1, wire::envelope::MAX_LEDGER_LEN);
    assert_eq!(field.verdict(&field.founder, core), "ack");
}
