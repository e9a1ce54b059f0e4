//! How organisations and devices come to be known.

use http::{Method, StatusCode};
use wire::{
    cbor,
    log::{MAX_PROPOSAL_MS, OrgAct, Policy, Role, Statement},
    message::{Admission, Asked, Batch, FOUND_PATH, Founding, Push, QUARANTINE_PATH, REQUESTS_PATH, SYNC_PATH, VECTORS_PATH},
};

use super::kit::{Answered, Field, NOW, Phone, founding, open, random, refusal};
use crate::{
    Orgs,
    routes::enrol::{ASKS_OF_ALL, ASKS_PER_MINUTE},
};

fn code(response: crate::Response) -> (u16, String) {
    let (status, refusal) = refusal(response);
    (status.as_u16(), refusal.code)
}

#[test]
fn an_organisation_is_founded_once_and_a_retry_is_told_the_same() {
    let field = Field::new();
    let other = Phone::new();
    let (second, _) = founding(&other);
    let body = cbor::encode(&second);
    let response = field.send(&other, Method::POST, FOUND_PATH, Some(body.clone()));
    assert_eq!(code(response), (403, "org.closed".to_owned()));
    let open = open(&field.dir, &field.now, Orgs::Open);
    let request = other.request(Method::POST, FOUND_PATH, Some(body), NOW);
    let first = open.handle(&request);
    assert_eq!(first.status, StatusCode::CREATED);
    let first = first.into_bytes().unwrap();
    assert_eq!(Answered::read(&first).replies.len(), 3);
    assert_eq!(field.server.handle(&request).into_bytes().unwrap(), first);
}

#[test]
fn an_unsound_founding_is_refused() {
    let field = Field::new();
    let server = open(&field.dir, &field.now, Orgs::Open);
    let of = |phone: &Phone, founding: &Founding| {
        code(server.handle(&phone.request(Method::POST, FOUND_PATH, Some(cbor::encode(founding)), NOW)))
    };
    let phone = Phone::new();
    let (sound, _) = founding(&phone);
    let without_directory = Founding { entries: sound.entries.iter().take(1).cloned().collect(), wraps: vec![] };
    assert_eq!(of(&phone, &without_directory), (409, "log.bad_epoch".to_owned()));
    let without_wraps = Founding { wraps: vec![], ..sound.clone() };
    assert_eq!(of(&phone, &without_wraps), (409, "log.bad_wrap".to_owned()));
    let more_wraps = Founding { wraps: [sound.wraps.clone(), sound.wraps.clone()].concat(), ..sound.clone() };
    assert_eq!(of(&phone, &more_wraps), (409, "log.bad_wrap".to_owned()));
    assert_eq!(of(&Phone::new(), &sound), (401, "auth.unknown_device".to_owned()));
    let empty = Founding { entries: vec![], wraps: vec![] };
    assert_eq!(of(&phone, &empty), (409, "log.wrong_log".to_owned()));
    let mut squatter = Phone::new();
    squatter.card.device = field.founder.id();
    let (taken, _) = founding(&squatter);
    assert_eq!(of(&squatter, &taken), (409, "log.already".to_owned()));
    let request = phone.request(Method::POST, FOUND_PATH, Some(cbor::encode(&sound)), NOW);
    assert_eq!(server.handle(&request).status, StatusCode::CREATED);
}

#[test]
fn a_device_asks_is_listed_is_admitted_and_can_ask_what_is_new() {
    let mut field = Field::new();
    let phone = Phone::new();
    let token = field.invite(phone.member, Role::Mentor, NOW + 1000);
    assert_eq!(field.ask(&phone, token).status, StatusCode::NO_CONTENT);
    assert_eq!(field.ask(&phone, token).status, StatusCode::NO_CONTENT);
    assert_eq!(code(field.ask(&Phone::new(), token)), (409, "enrol.already_asked".to_owned()));
    let asked: Vec<Asked> = cbor::decode(&field.send(&field.founder, Method::GET, REQUESTS_PATH, None).into_bytes().unwrap()).unwrap();
    assert_eq!(asked.iter().map(|asked| &asked.card).collect::<Vec<_>>(), [&phone.card]);
    let (entry, wraps) = field.admission(&phone, &token);
    assert_eq!(field.verdict(&field.founder, Push::Log { entry: entry.clone(), wraps }), "ack");
    field.learn_org(&entry);
    assert_eq!(field.ask(&phone, token).status, StatusCode::NO_CONTENT, "a retry after admission");
    let left = field.send(&field.founder, Method::GET, REQUESTS_PATH, None).into_bytes().unwrap();
    assert_eq!(cbor::decode::<Vec<Asked>>(&left).unwrap(), []);
    assert_eq!(code(field.send(&phone, Method::GET, REQUESTS_PATH, None)), (403, "auth.not_allowed".to_owned()));
    assert_eq!(field.pull(&phone, &[]).unwrap().items.len(), 6, "five entries and one wrap");
}

#[test]
fn who_has_asked_and_waits_is_given_nothing_but_the_word_that_nobody_knows_them() {
    let mut field = Field::new();
    let mentor = field.join(Role::Mentor);
    field.case(&mentor);
    let phone = Phone::new();
    let token = field.invite(phone.member, Role::Mentor, NOW + 1_000_000);
    assert_eq!(field.ask(&phone, token).status, StatusCode::NO_CONTENT);
    let stranger = Phone::new();
    let batch = cbor::encode(&Batch::default());
    for (method, path, body) in [
        (Method::GET, SYNC_PATH, None),
        (Method::POST, SYNC_PATH, Some(batch)),
        (Method::GET, VECTORS_PATH, None),
        (Method::GET, REQUESTS_PATH, None),
        (Method::POST, QUARANTINE_PATH, Some(vec![0; 600])),
    ] {
        let [waiting, unknown] = [&phone, &stranger].map(|who| field.send(who, method.clone(), path, body.clone()).into_bytes().unwrap());
        assert_eq!(waiting, unknown, "{path}: a stranger is told the same");
        assert_eq!(code(field.send(&phone, method, path, body)), (401, "auth.unknown_device".to_owned()), "{path}");
        assert!(waiting.len() < 64, "{path}: a code, and no byte of what is sealed");
    }
}

#[test]
fn tokens_that_open_nothing_are_all_alike() {
    let mut field = Field::new();
    let phone = Phone::new();
    let token = field.invite(phone.member, Role::Mentor, NOW + 1000);
    let never = field.ask(&phone, random()).into_bytes().unwrap();
    field.sleep(1001);
    let expired = field.ask(&phone, token);
    assert_eq!(expired.status, StatusCode::NOT_FOUND);
    assert_eq!(expired.into_bytes().unwrap(), never);
    let (entry, wraps) = field.admission(&phone, &token);
    assert_eq!(field.verdict(&field.founder, Push::Log { entry, wraps }), "log.bad_invitation", "the claimed time is not believed");
}

/// Asks from an address.
fn ask_from(field: &Field, phone: &Phone, token: [u8; 16], from: u32) -> crate::Response {
    let body = cbor::encode(&Admission { token, card: phone.card.clone() });
    let request = phone.request(Method::POST, REQUESTS_PATH, Some(body), field.now());
    field.server.handle(&crate::Request { address: Some(std::net::Ipv4Addr::from_bits(from).into()), ..request })
}

#[test]
fn too_many_who_ask_from_one_address_wait_a_minute_and_hold_up_nobody_elsewhere() {
    let mut field = Field::new();
    let phone = Phone::new();
    let token = field.invite(phone.member, Role::Mentor, NOW + 1_000_000);
    for _ in 0..ASKS_PER_MINUTE {
        ask_from(&field, &Phone::new(), random(), 1);
    }
    assert_eq!(code(ask_from(&field, &phone, token, 1)), (429, "enrol.too_many".to_owned()));
    assert_eq!(ask_from(&field, &phone, token, 2).status, StatusCode::NO_CONTENT);
    for n in 0..ASKS_OF_ALL {
        ask_from(&field, &Phone::new(), random(), 3 + n);
    }
    let late = Phone::new();
    let token = field.invite(late.member, Role::Mentor, NOW + 1_000_000);
    assert_eq!(code(ask_from(&field, &late, token, 0xffff)), (429, "enrol.too_many".to_owned()), "there is a bound for all together");
    field.sleep(60_000);
    assert_eq!(ask_from(&field, &late, token, 0xffff).status, StatusCode::NO_CONTENT);
}

#[test]
fn forty_people_who_wait_in_one_house_and_those_just_admitted_do_not_hold_each_other_up() {
    let mut field = Field::new();
    let mut people = Vec::new();
    for _ in 0..40 {
        let phone = Phone::new();
        let token = field.invite(phone.member, Role::Mentor, NOW + 1_000_000);
        people.push((phone, token));
    }
    // Each asks every quarter of a minute.
    for round in 0..6 {
        for (phone, token) in &people {
            assert_eq!(ask_from(&field, phone, *token, 1).status, StatusCode::NO_CONTENT, "round {round}");
        }
        if round == 2 {
            let (phone, token) = people.first().unwrap();
            let (entry, wraps) = field.admission(phone, token);
            assert_eq!(field.verdict(&field.founder, Push::Log { entry: entry.clone(), wraps }), "ack");
            field.learn_org(&entry);
        }
        field.sleep(1_000);
    }
}

/// A clock that is ahead makes no proposal that lives for years, and what has expired here is agreed to by nobody.
#[test]
fn a_policy_is_proposed_for_seven_days_by_this_clock_and_agreed_to_in_time() {
    let mut field = Field::new();
    let dana = field.join(Role::Dpo);
    let propose = |field: &Field, expires_ms: i64| {
        let what = Policy::MinVersion { version: "0.2.0".parse().unwrap() };
        let claimed_ms = expires_ms - MAX_PROPOSAL_MS;
        field.founder.entry(Statement { claimed_ms, ..field.org_statement(OrgAct::Propose { what, expires_ms }) })
    };
    let ahead = propose(&field, NOW + MAX_PROPOSAL_MS * 2);
    assert_eq!(field.verdict(&field.founder, Push::Log { entry: ahead, wraps: Vec::new() }), "log.bad_proposal");
    let sound = propose(&field, NOW + MAX_PROPOSAL_MS);
    assert_eq!(field.verdict(&field.founder, Push::Log { entry: sound.clone(), wraps: Vec::new() }), "ack");
    field.learn_org(&sound);
    let proposal = field.org.head().hash;
    let agree = |field: &Field, by: &Phone| {
        let entry = by.entry(Statement { claimed_ms: NOW, signer: by.id(), ..field.org_statement(OrgAct::Approve { proposal }) });
        field.verdict(by, Push::Log { entry, wraps: Vec::new() })
    };
    assert_eq!(agree(&field, &field.founder), "log.needs_second_person");
    field.sleep(MAX_PROPOSAL_MS + 1000);
    assert_eq!(agree(&field, &dana), "log.bad_proposal", "also by a device whose clock stands still");
}
