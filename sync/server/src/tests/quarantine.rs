//! A revoked device is told who revoked it, and hands in what it had not sent: so much, so long, for those who may read it.

use http::{Method, StatusCode};
use wire::{
    cbor,
    id::DeviceId,
    log::{LogId, OrgAct, RevokeReason, Role},
    message::{ItemKind, Push, QUARANTINE_PATH, SYNC_PATH},
    quarantine::{Header, Item, MAX_BYTES, MAX_ITEMS, OPEN_MS, VERSION},
};

use super::kit::{Field, Phone, random, refusal};

/// A mentor whose device was revoked, and the entry that did it.
fn revoked(reason: RevokeReason) -> (Field, Phone, Vec<u8>) {
    let mut field = Field::new();
    let mentor = field.join(Role::Mentor);
    let entry = revoke(&mut field, &mentor, reason);
    (field, mentor, entry)
}

fn revoke(field: &mut Field, mentor: &Phone, reason: RevokeReason) -> Vec<u8> {
    let entry = field.founder.entry(field.org_statement(OrgAct::Revoke { device: mentor.id(), reason }));
    assert_eq!(field.verdict(&field.founder, Push::Log { entry: entry.clone(), wraps: Vec::new() }), "ack");
    field.learn_org(&entry);
    entry
}

fn item(field: &Field, from: &Phone, to: &[DeviceId], len: usize) -> Item {
    let mut recipients = to.to_vec();
    recipients.sort_unstable();
    let keys = recipients.iter().map(|_| random::<32>().to_vec().into()).collect();
    let header = Header { version: VERSION, org: field.org.org(), device: from.id(), recipients, salt: random() };
    Item { header, commit: random(), keys, ciphertext: vec![7; len] }
}

/// `taken`, or the code with which it was refused.
fn handed_in(field: &Field, phone: &Phone, item: &Item) -> String {
    let response = field.send(phone, Method::POST, QUARANTINE_PATH, Some(item.encode()));
    if response.status == StatusCode::NO_CONTENT { "taken".to_owned() } else { refusal(response).1.code }
}

#[test]
fn a_revoked_device_is_shown_the_entry_that_revoked_it_and_no_other_device_is() {
    let (field, mentor, entry) = revoked(RevokeReason::Lost);
    let (status, told) = refusal(field.send(&mentor, Method::GET, SYNC_PATH, None));
    assert_eq!((status, told.code.as_str()), (StatusCode::FORBIDDEN, "auth.revoked"));
    assert_eq!(told.order.map(Vec::from), Some(entry));
    // Whoever does not hold its request key is told nothing.
    let mut thief = Phone::of(mentor.member);
    thief.card.device = mentor.id();
    let (status, told) = refusal(field.send(&thief, Method::GET, SYNC_PATH, None));
    assert_eq!((status, told.code.as_str(), told.order), (StatusCode::UNAUTHORIZED, "auth.unknown_device", None));
}

#[test]
fn what_it_had_not_sent_reaches_the_coordinators_it_was_sealed_for_and_nobody_else() {
    let mut field = Field::new();
    let (mentor, other) = (field.join(Role::Mentor), field.join(Role::Mentor));
    revoke(&mut field, &mentor, RevokeReason::Lost);
    let item = item(&field, &mentor, &[field.founder.id(), other.id()], 900);
    assert_eq!(handed_in(&field, &mentor, &item), "taken");
    assert_eq!(handed_in(&field, &mentor, &item), "taken", "the answer was lost; it is there once");
    let fetched = field.pull(&field.founder, &[]).unwrap();
    let came: Vec<_> = fetched.items.iter().filter(|(head, _)| head.kind == ItemKind::Quarantine).collect();
    assert_eq!((came.len(), came[0].0.id, &came[0].1), (1, item.id(), &item.encode()));
    assert_eq!(field.pull(&field.founder, &fetched.cursor).map(|again| again.kinds()), None, "once is enough");
    // A mentor is no recipient, whatever the revoked device says.
    assert!(!field.pull(&other, &[]).unwrap().kinds().contains(&ItemKind::Quarantine));
    let (status, _) = refusal(field.send(&mentor, Method::GET, SYNC_PATH, None));
    assert_eq!(status, StatusCode::FORBIDDEN, "its author reads nothing back");
    assert!(field.problems().is_empty(), "{:?}", field.problems());
    let db = rusqlite::Connection::open(field.store()).unwrap();
    db.execute("UPDATE quarantine SET bytes = zeroblob(length(bytes))", []).unwrap();
    assert!(field.problems().iter().any(|problem| problem.code == "audit.quarantine"), "{:?}", field.problems());
}

#[test]
fn a_device_hands_in_its_own_words_only() {
    let (field, mentor, _) = revoked(RevokeReason::Lost);
    let to = [field.founder.id()];
    assert_eq!(handed_in(&field, &Phone::new(), &item(&field, &field.founder, &to, 9)), "auth.unknown_device");
    assert_eq!(handed_in(&field, &mentor, &item(&field, &field.founder, &to, 9)), "req.malformed");
    let mut elsewhere = item(&field, &mentor, &to, 9);
    elsewhere.header.org = wire::id::OrgId::from_bytes([0; 32]);
    assert_eq!(handed_in(&field, &mentor, &elsewhere), "req.malformed");
    assert_eq!(handed_in(&field, &mentor, &item(&field, &mentor, &[mentor.id()], 9)), "quarantine.unread");
}

#[test]
fn nothing_is_taken_of_a_compromised_device_nor_fourteen_days_after() {
    let (field, mentor, _) = revoked(RevokeReason::Compromised);
    assert_eq!(handed_in(&field, &mentor, &item(&field, &mentor, &[field.founder.id()], 9)), "quarantine.closed");
    let (field, mentor, _) = revoked(RevokeReason::Left);
    field.sleep(OPEN_MS);
    assert_eq!(handed_in(&field, &mentor, &item(&field, &mentor, &[field.founder.id()], 9)), "taken");
    field.sleep(1);
    assert_eq!(handed_in(&field, &mentor, &item(&field, &mentor, &[field.founder.id()], 9)), "quarantine.closed");
}

#[test]
fn so_many_items_and_bytes_and_no_more() {
    let (field, mentor, _) = revoked(RevokeReason::Lost);
    let hand_in = |len: usize| handed_in(&field, &mentor, &item(&field, &mentor, &[field.founder.id()], len));
    for _ in 0..MAX_ITEMS {
        assert_eq!(hand_in(9), "taken");
    }
    assert_eq!(hand_in(9), "quarantine.full");
    let (field, mentor, _) = revoked(RevokeReason::Lost);
    let hand_in = |len: usize| handed_in(&field, &mentor, &item(&field, &mentor, &[field.founder.id()], len));
    assert_eq!(hand_in(MAX_BYTES / 2), "taken");
    assert_eq!(hand_in(MAX_BYTES / 2), "quarantine.full");
    assert_eq!(hand_in(9), "taken");
}

#[test]
fn an_order_is_taken_from_whoever_may_give_it_as_far_as_the_device_knows() {
    let mut field = Field::new();
    let (mentor, other) = (field.join(Role::Mentor), field.join(Role::Mentor));
    // What came in between is not told to the device.
    let known = field.org.clone();
    field.join(Role::Mentor);
    let order = |by: &Phone, device: DeviceId, log: LogId| {
        let act = OrgAct::Revoke { device, reason: RevokeReason::Left };
        let statement = wire::log::Statement { signer: by.id(), log, ..field.org_statement(act) };
        wire::log::Entry::decode(&by.entry(statement)).unwrap()
    };
    let judged = |entry: &wire::log::Entry| known.order_to(&mentor.id(), entry).map_err(|error| error.code());
    assert_eq!(judged(&order(&field.founder, mentor.id(), LogId::Org)), Ok(RevokeReason::Left));
    assert_eq!(judged(&order(&mentor, mentor.id(), LogId::Org)), Ok(RevokeReason::Left), "its owner may");
    assert_eq!(judged(&order(&other, mentor.id(), LogId::Org)), Err("log.not_allowed"));
    assert_eq!(judged(&order(&field.founder, other.id(), LogId::Org)), Err("log.wrong_log"), "an order to another");
    assert_eq!(judged(&order(&Phone::new(), mentor.id(), LogId::Org)), Err("log.unknown_signer"));
    let mut forged = order(&field.founder, mentor.id(), LogId::Org).bytes().to_vec();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(judged(&wire::log::Entry::decode(&forged).unwrap()), Err("log.bad_signature"));
    let old = wire::log::Statement { seq: 1, ..field.org_statement(OrgAct::Revoke { device: mentor.id(), reason: RevokeReason::Left }) };
    let old = wire::log::Entry::decode(&field.founder.entry(old)).unwrap();
    assert_eq!(judged(&old), Err("log.conflict"), "of a place where the device knows something else");
    assert!(cbor::decode::<Item>(&[]).is_err());
}
