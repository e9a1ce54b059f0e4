//! A device was opened under duress: a notice that it signed ahead of time cuts it off, whoever may revoke it is told, and
//! nobody else learns or loses anything.

use http::{HeaderMap, Method, StatusCode};
use wire::{
    duress::DuressNotice,
    envelope::Stream,
    id::{DeviceId, OrgId},
    log::{OrgAct, RevokeReason, Role},
    message::{DURESS_PATH, FOUND_PATH, ItemKind, Push, QUARANTINE_PATH, REQUESTS_PATH, SYNC_PATH, VECTORS_PATH},
    quarantine::{Header, Item, VERSION},
};

use super::kit::{Answered, Field, HOST, Phone, open, random, refusal, segment};
use crate::{Orgs, Request, Response, Server, inspect, log::sqlite::SqliteLog, routes::enrol::ASKS_PER_MINUTE};

fn notice(field: &Field, phone: &Phone) -> Vec<u8> {
    signed(field.org.org(), phone.id(), phone)
}

fn signed(org: OrgId, device: DeviceId, by: &Phone) -> Vec<u8> {
    DuressNotice { org, device }.sign(|message| by.sign(message))
}

fn tell_from(field: &Field, body: Vec<u8>, place: u8) -> Response {
    let address = Some([10, 0, 0, place].into());
    field.server.handle(&Request {
        method: Method::POST,
        target_uri: format!("{HOST}{DURESS_PATH}"),
        headers: HeaderMap::new(),
        body,
        address,
    })
}

/// `taken`, or the status and code with which it was refused.
fn told(field: &Field, body: Vec<u8>) -> (u16, String) {
    said(tell_from(field, body, 1))
}

fn said(response: Response) -> (u16, String) {
    if response.status == StatusCode::NO_CONTENT {
        return (204, "taken".to_owned());
    }
    let (status, refusal) = refusal(response);
    assert_eq!((refusal.order, refusal.server_ms), (None, 0));
    (status.as_u16(), refusal.code)
}

fn taken() -> (u16, String) {
    (204, "taken".to_owned())
}

fn stranger() -> (u16, String) {
    (401, "auth.unknown_device".to_owned())
}

fn notices(answered: Option<&Answered>) -> Vec<Vec<u8>> {
    let items = answered.map(|answered| answered.items.as_slice()).unwrap_or_default();
    items.iter().filter(|(head, _)| head.kind == ItemKind::Duress).map(|(_, bytes)| bytes.clone()).collect()
}

#[test]
fn strangers_and_forgers_are_told_what_strangers_are_told_and_nothing_is_kept() {
    let mut field = Field::new();
    let mentor = field.join(Role::Mentor);
    let (org, thief) = (field.org.org(), Phone::of(mentor.member));
    assert_eq!(told(&field, notice(&field, &Phone::new())), stranger());
    assert_eq!(told(&field, signed(org, mentor.id(), &thief)), stranger(), "of a device that is known, under another key");
    assert_eq!(told(&field, signed(org, mentor.id(), &field.founder)), stranger(), "nobody speaks for another, whatever the role");
    assert_eq!(told(&field, signed(OrgId::from_bytes([0; 32]), mentor.id(), &mentor)), stranger(), "of another organisation");
    let mut changed = notice(&field, &mentor);
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(told(&field, changed), stranger());
    for body in [Vec::new(), vec![0x84; 128], vec![0; 5000]] {
        assert_eq!(told(&field, body), (400, "req.malformed".to_owned()));
    }
    assert!(field.pull(&mentor, &[]).is_some(), "it is in use as before");
    assert_eq!(notices(field.pull(&field.founder, &[]).as_ref()), Vec::<Vec<u8>>::new());
    assert!(field.problems().is_empty());
}

#[test]
fn it_is_kept_once_and_its_device_is_refused_everything_from_then_on() {
    let mut field = Field::new();
    let mentor = field.join(Role::Mentor);
    let case = field.case(&mentor);
    assert_eq!(field.verdict(&mentor, segment(&mentor, Stream::core(case), 1, 600)), "ack");
    let before = field.pull(&field.founder, &[]).unwrap();
    for _ in 0..3 {
        assert_eq!(told(&field, notice(&field, &mentor)), taken());
    }
    let after = field.pull(&field.founder, &before.cursor).unwrap();
    assert_eq!(notices(Some(&after)), [notice(&field, &mentor)], "three times told, once kept");
    assert_eq!(after.items.len(), 1);
    assert_eq!(field.pull(&field.founder, &after.cursor), None, "with nothing new a sync is one turn and no content");
    let batch =
        wire::cbor::encode(&wire::message::Batch { items: vec![segment(&mentor, Stream::core(case), 2, 600)], ..Default::default() });
    let header =
        Header { version: VERSION, org: field.org.org(), device: mentor.id(), recipients: vec![field.founder.id()], salt: random() };
    let item = Item { header, commit: random(), keys: vec![random::<32>().to_vec().into()], ciphertext: vec![7; 9] };
    for (method, path, body) in [
        (Method::GET, SYNC_PATH, None),
        (Method::POST, SYNC_PATH, Some(batch)),
        (Method::GET, REQUESTS_PATH, None),
        (Method::GET, VECTORS_PATH, None),
        (Method::POST, QUARANTINE_PATH, Some(item.encode())),
    ] {
        let (status, refused) = refusal(field.send(&mentor, method, path, body));
        assert_eq!((status, refused.code.as_str()), (StatusCode::FORBIDDEN, "auth.revoked"), "{path}");
        assert_eq!((refused.order, refused.rotations), (None, None), "nobody has ordered anything yet");
    }
    assert_ne!(field.send(&mentor, Method::POST, FOUND_PATH, Some(Vec::new())).status, StatusCode::CREATED);
    assert!(field.problems().is_empty(), "{:?}", field.problems());
    field.reopen();
    assert_eq!(field.send(&mentor, Method::GET, SYNC_PATH, None).status, StatusCode::FORBIDDEN, "also after the server began anew");
}

#[test]
fn who_may_revoke_the_device_is_told_and_nobody_else_and_nobody_else_is_stopped() {
    let mut field = Field::new();
    let (mentor, other) = (field.join(Role::Mentor), field.join(Role::Mentor));
    let (it, lead) = (field.join(Role::It), field.join(Role::ProgrammeLead));
    let own = Phone::of(mentor.member);
    field.admit(&own, Role::Mentor);
    let case = field.case(&mentor);
    field.grant(case, &other, None);
    assert_eq!(told(&field, notice(&field, &mentor)), taken());
    for (phone, is_told) in [(&field.founder, true), (&it, true), (&own, true), (&other, false), (&lead, false)] {
        let told = notices(field.pull(phone, &[]).as_ref());
        assert_eq!(told.len(), usize::from(is_told), "{:?}", field.org.role_of(&phone.member));
    }
    // Nobody can make new keys before the revocation is in the log: until then others write on as before.
    assert_eq!(field.verdict(&other, segment(&other, Stream::core(case), 1, 600)), "ack");
    assert_eq!(field.verdict(&own, segment(&own, Stream::core(case), 1, 600)), "ack");
    // A coordinator's device that comes later is told too.
    let desk = Phone::of(field.founder.member);
    field.admit(&desk, Role::Coordinator);
    assert_eq!(notices(field.pull(&desk, &[]).as_ref()).len(), 1);
}

#[test]
fn once_it_is_revoked_the_log_speaks_and_the_notice_stays_for_whoever_asks_why() {
    let mut field = Field::new();
    let (mentor, it) = (field.join(Role::Mentor), field.join(Role::It));
    assert_eq!(told(&field, notice(&field, &mentor)), taken());
    let act = OrgAct::Revoke { device: mentor.id(), reason: RevokeReason::Compromised };
    let entry = field.founder.entry(field.org_statement(act));
    assert_eq!(field.verdict(&field.founder, Push::Log { entry: entry.clone(), wraps: Vec::new() }), "ack");
    field.learn_org(&entry);
    let (status, refused) = refusal(field.send(&mentor, Method::GET, SYNC_PATH, None));
    assert_eq!((status, refused.code.as_str(), refused.order.map(Vec::from)), (StatusCode::FORBIDDEN, "auth.revoked", Some(entry)));
    assert_eq!(told(&field, notice(&field, &mentor)), taken(), "who did not hear the answer asks again");
    assert_eq!(notices(field.pull(&it, &[]).as_ref()).len(), 1);
    assert!(field.problems().is_empty(), "{:?}", field.problems());
}

#[test]
fn strangers_are_counted_and_a_true_notice_takes_nobodys_turn_and_waits_for_none() {
    let mut field = Field::new();
    let mentor = field.join(Role::Mentor);
    for _ in 0..ASKS_PER_MINUTE {
        assert_eq!(said(tell_from(&field, notice(&field, &Phone::new()), 9)), stranger());
    }
    assert_eq!(said(tell_from(&field, notice(&field, &Phone::new()), 9)), (429, "enrol.too_many".to_owned()));
    let thief = Phone::of(mentor.member);
    let forged = signed(field.org.org(), mentor.id(), &thief);
    assert_eq!(said(tell_from(&field, forged, 9)), (429, "enrol.too_many".to_owned()), "and so is who forges");
    assert_eq!(said(tell_from(&field, notice(&field, &mentor), 9)), taken());
}

#[test]
fn the_operator_sees_that_a_notice_is_there_and_one_that_was_changed_or_put_there_is_found() {
    let mut field = Field::new();
    let mentor = field.join(Role::Mentor);
    assert_eq!(told(&field, notice(&field, &mentor)), taken());
    let stored = inspect::inspect(&SqliteLog::open_existing(&field.store()).unwrap()).unwrap();
    let line = stored.to_string().lines().find(|line| line.contains("duress")).unwrap().to_owned();
    assert!(line.contains(&mentor.id().to_string()), "{line}");
    let json = serde_json::to_value(&stored).unwrap();
    assert_eq!(json.pointer("/organisations/0/duress/0/device"), Some(&mentor.id().to_string().into()));
    let db = rusqlite::Connection::open(field.store()).unwrap();
    db.execute("UPDATE duress SET device = ?1", [field.founder.id().as_bytes()]).unwrap();
    assert!(field.problems().iter().any(|problem| problem.code == "audit.duress"), "{:?}", field.problems());
    db.execute("UPDATE duress SET device = ?1, bytes = zeroblob(128)", [mentor.id().as_bytes()]).unwrap();
    assert!(field.problems().iter().any(|problem| problem.code == "audit.duress"), "{:?}", field.problems());
    db.execute("DELETE FROM duress", []).unwrap();
    assert!(field.problems().iter().any(|problem| problem.code == "audit.positions"), "{:?}", field.problems());
}

/// A server that has nothing to do with the store, while that is put back.
fn away(field: &Field) -> Server {
    open(&tempfile::tempdir().unwrap(), &field.now, Orgs::First)
}

#[test]
fn a_backup_from_before_does_not_know_it_and_takes_it_when_it_is_told_again() {
    let mut field = Field::new();
    let mentor = field.join(Role::Mentor);
    let (before, after) = (field.dir.path().join("before.db"), field.dir.path().join("after.db"));
    crate::backup::take(&field.store(), &before, field.now()).unwrap();
    assert_eq!(told(&field, notice(&field, &mentor)), taken());
    crate::backup::take(&field.store(), &after, field.now()).unwrap();
    let allowed = crate::backup::Allowed { replace: true, even_if_old: false };
    for (backup, status) in [(&before, StatusCode::OK), (&after, StatusCode::FORBIDDEN)] {
        field.server = away(&field);
        crate::backup::put_back(backup, &field.store(), allowed, field.now()).unwrap();
        field.reopen();
        assert_eq!(field.send(&mentor, Method::GET, SYNC_PATH, None).status, status);
    }
    field.server = away(&field);
    crate::backup::put_back(&before, &field.store(), allowed, field.now()).unwrap();
    field.reopen();
    assert_eq!(told(&field, notice(&field, &mentor)), taken());
    assert_eq!(field.send(&mentor, Method::GET, SYNC_PATH, None).status, StatusCode::FORBIDDEN);
    assert_eq!(notices(field.pull(&field.founder, &[]).as_ref()).len(), 1);
}
