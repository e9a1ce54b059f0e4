//! Who may give a second signature comes in by two persons.

use device::Role;
use world::{PASSPHRASE, World};

#[test]
fn a_third_person_who_may_sign_is_invited_by_one_and_admitted_by_another_who_compared_the_request() {
    let world = World::new(420);
    let hanne = world.founder("Hanne");
    let dorte = world.enrol(&hanne, "Dorte", Role::Dpo);
    let jens = world.phone("Jens");
    let invited = hanne.device.invite("Jens", Role::Coordinator).expect("invited");
    hanne.sync();
    dorte.sync();
    let request = jens.device.join(&invited.invitation).expect("joined");
    assert!(jens.sync().waiting_for_approval);
    assert_eq!(dorte.device.roster().expect("the roster").awaited.len(), 1, "she is told that somebody is awaited");
    let alone = hanne.block_on(hanne.courier().approve(&request, "bord", PASSPHRASE)).expect_err("who invited is not the other");
    assert_eq!(alone.code(), "log.needs_second_person");
    let another = dorte.block_on(dorte.courier().approve("0000-0000", "bord", PASSPHRASE)).expect_err("not what he shows");
    assert_eq!(another.code(), "enrol.no_such_request");
    dorte.block_on(dorte.courier().approve(&request, "bord", PASSPHRASE)).expect("admitted");
    for phone in [&dorte, &jens, &hanne] {
        phone.sync();
    }
    assert_eq!(jens.device.whoami().expect("admitted").role, Role::Coordinator);
    assert_eq!(hanne.device.people().expect("people").len(), 3);
    // A mentor takes no second person, and Dorte lets in nobody else.
    let aase = world.phone("Åse");
    let invited = jens.device.invite("Åse", Role::Mentor).expect("invited");
    for phone in [&jens, &dorte, &hanne] {
        phone.sync();
    }
    let request = aase.device.join(&invited.invitation).expect("joined");
    assert!(aase.sync().waiting_for_approval);
    assert_eq!(dorte.block_on(dorte.courier().approve(&request, "telefon", PASSPHRASE)).expect_err("not hers").code(), "role.not_allowed");
    hanne.block_on(hanne.courier().approve(&request, "telefon", PASSPHRASE)).expect("admitted");
    hanne.sync();
    aase.sync();
    assert_eq!(aase.device.whoami().expect("admitted").role, Role::Mentor);
}

#[test]
fn an_officer_brings_in_a_further_device_of_her_own_and_nobody_elses() {
    let world = World::new(421);
    let hanne = world.founder("Hanne");
    let dorte = world.enrol(&hanne, "Dorte", Role::Dpo);
    let tablet = world.phone("Dortes tablet");
    let refused = dorte.device.invite("Jens", Role::Dpo).expect_err("only her own");
    assert_eq!(refused.code(), "role.not_allowed");
    let invited = dorte.device.invite(&dorte.member().to_string(), Role::Dpo).expect("invited");
    dorte.sync();
    let request = tablet.device.join(&invited.invitation).expect("joined");
    assert!(tablet.sync().waiting_for_approval);
    dorte.block_on(dorte.courier().approve(&request, "tablet", PASSPHRASE)).expect("admitted");
    dorte.sync();
    tablet.sync();
    assert_eq!(tablet.member(), dorte.member());
}

#[test]
fn who_takes_an_open_device_out_of_a_hand_lets_nobody_in() {
    let world = World::new(41);
    let hanne = world.founder("Hanne");
    let thief = world.phone("Tyv");
    let invited = hanne.device.invite("Tyv", Role::Mentor).expect("an open device invites");
    hanne.sync();
    let request = thief.device.join(&invited.invitation).expect("joined");
    assert!(thief.sync().waiting_for_approval);
    let guess = |secret: &[u8]| hanne.block_on(hanne.courier().approve(&request, "telefon", secret)).expect_err("refused").code();
    assert_eq!(guess(b"noget andet end hendes kode her"), "vault.wrong_secret");
    hanne.sync();
    assert!(thief.sync().waiting_for_approval, "nobody was let in");
    assert_eq!(hanne.device.roster().expect("the roster").devices.len(), 1);
    assert_eq!(hanne.device.standing().left, None, "one try is gone, as at the lock");
    hanne.device.lock();
    assert_eq!(guess(PASSPHRASE), "vault.locked");
}

#[test]
fn what_holds_for_everybodys_app_one_proposes_and_another_agrees_with_their_secret() {
    let world = World::new(422);
    let hanne = world.founder("Hanne");
    let aase = world.enrol(&hanne, "Åse", Role::Mentor);
    let dorte = world.enrol(&hanne, "Dorte", Role::Dpo);
    for phone in [&hanne, &dorte, &aase] {
        phone.app_version("0.4.0");
    }
    let alone = hanne.device.demand_version("0.4.0".parse().expect("a version")).expect("proposed");
    assert!(!alone, "two could sign");
    for phone in [&hanne, &dorte, &aase] {
        phone.sync();
    }
    aase.app_version("0.3.9");
    assert_eq!(aase.device.read_only(), None, "a proposal changes nothing");
    let asked = dorte.device.policies_asked().expect("asked");
    assert_eq!(asked.iter().map(|one| (one.by.as_str(), one.may_agree)).collect::<Vec<_>>(), [("Hanne", true)]);
    let others = [&hanne, &aase].map(|phone| phone.device.policies_asked().expect("asked").first().map(|one| one.may_agree));
    assert_eq!(others, [Some(false); 2], "who proposed it, and a mentor");
    let id = asked.first().expect("one").id;
    assert_eq!(hanne.device.agree_to_policy(id, PASSPHRASE).expect_err("her own").code(), "role.not_allowed");
    assert_eq!(aase.device.agree_to_policy(id, PASSPHRASE).expect_err("a mentor").code(), "role.not_allowed");
    assert_eq!(dorte.device.agree_to_policy(id, b"en helt anden hemmelighed").expect_err("not hers").code(), "vault.wrong_secret");
    dorte.app_version("0.3.9");
    assert_eq!(dorte.device.agree_to_policy(id, PASSPHRASE).expect_err("her own app is older").code(), "org.version_ahead");
    dorte.app_version("0.4.0").device.agree_to_policy(id, PASSPHRASE).expect("agreed");
    for phone in [&dorte, &aase, &hanne] {
        phone.sync();
    }
    assert_eq!(aase.device.read_only(), Some("org.min_version"));
    assert_eq!(hanne.device.policies_asked().expect("asked"), []);
    for phone in [&hanne, &dorte] {
        assert_eq!(phone.device.verify().expect("verified").problems, Vec::<String>::new(), "{}", phone.name);
    }
}

#[test]
fn a_proposal_that_nobody_agrees_to_ends_after_seven_days() {
    let world = World::new(423);
    let hanne = world.founder("Hanne");
    let dorte = world.enrol(&hanne, "Dorte", Role::Dpo);
    for phone in [&hanne, &dorte] {
        phone.app_version("0.4.0");
    }
    hanne.device.demand_version("0.4.0".parse().expect("a version")).expect("proposed");
    hanne.sync();
    dorte.sync();
    let id = dorte.device.policies_asked().expect("asked").first().expect("one").id;
    world.pass((7 * 24 + 1) * 60 * 60 * 1000);
    assert_eq!(dorte.device.policies_asked().expect("asked"), []);
    assert_eq!(dorte.device.agree_to_policy(id, PASSPHRASE).expect_err("over").code(), "role.not_allowed");
}
