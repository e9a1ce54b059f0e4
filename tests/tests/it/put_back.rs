//! A phone's folder is put back from a copy of before: the copy finds out, writes nothing more, and its words are handed in.

use device::{CaseId, RevokeReason, Role, casework::Programme};
use world::{Phone, Weather, World};

fn settle(phones: &[&Phone]) {
    for _ in 0..4 {
        for phone in phones {
            let _ = phone.try_sync();
        }
    }
}

/// Hanne and Åse in two cases, and Åse's phone as it was before she wrote a second note in the first.
fn put_back(world: &World) -> (Phone, Phone, [CaseId; 2]) {
    let hanne = world.founder("Hanne");
    let aase = world.enrol(&hanne, "Åse", Role::Mentor);
    let cases = ["Falken", "Uglen"].map(|alias| aase.device.new_case(alias, Programme::National, None).expect("a case"));
    for case in cases {
        aase.note(case, "Før kopien.");
    }
    settle(&[&aase, &hanne]);
    let copy = world.copy_of(&aase);
    aase.note(cases[0], "Efter kopien, sendt.");
    settle(&[&aase, &hanne]);
    aase.device.lock();
    (hanne, copy, cases)
}

#[test]
fn a_copy_that_was_put_back_writes_nothing_more_and_its_words_come_back_on_a_new_phone() {
    let world = World::new(431);
    let (hanne, copy, [falken, uglen]) = put_back(&world);
    copy.weather(Weather::Offline);
    copy.note(falken, "Skrevet på kopien uden net.");
    copy.weather(Weather::Clear);
    settle(&[&copy, &hanne, &copy]);
    assert_eq!(copy.device.read_only(), Some("vault.restored"));
    assert!(copy.texts(falken).contains("Skrevet på kopien uden net."), "it can be read");
    let refused = copy.device.new_case("Lærken", Programme::National, None).expect_err("nothing more is written");
    assert_eq!(refused.code(), "vault.restored");
    copy.restart();
    assert_eq!(copy.device.read_only(), Some("vault.restored"), "also after it was shut");
    assert!(!hanne.texts(falken).contains("Skrevet på kopien uden net."), "what would take another word's place is taken by nobody");
    hanne.device.revoke(copy.id(), RevokeReason::Lost).expect("revoked");
    settle(&[&hanne]);
    assert_eq!(copy.try_sync().expect_err("cut off").code(), "device.wiped");
    settle(&[&hanne]);
    let waiting = hanne.device.quarantine().expect("the list");
    let open: Vec<_> = waiting.iter().map(|item| (item.case, item.open, item.code.clone())).collect();
    assert_eq!(open, [(falken, 1, None)], "one thing, whole");
    assert_eq!(hanne.device.accept_quarantined(&waiting[0].id, None).expect("taken over"), 1);
    let aase = world.enrol_on(&hanne, world.phone("Åses nye"), Role::Mentor);
    for case in [falken, uglen] {
        hanne.device.assign(case, aase.member(), None).expect("decided");
    }
    settle(&[&hanne, &aase, &hanne]);
    let all: Vec<String> = ["Efter kopien, sendt.", "Før kopien.", "Skrevet på kopien uden net."].map(str::to_owned).to_vec();
    assert_eq!(aase.texts(falken).into_iter().collect::<Vec<_>>(), all);
    aase.note(uglen, "Og videre.");
    settle(&[&aase, &hanne]);
    assert_eq!(aase.texts(uglen), hanne.texts(uglen));
    for phone in [&hanne, &aase] {
        assert_eq!(phone.device.verify().expect("verified").problems, Vec::<String>::new(), "{}", phone.name);
        assert_eq!(phone.device.read_only(), None);
    }
    world.verify_log();
}

#[test]
fn a_copy_finds_out_before_it_has_written_anything() {
    let world = World::new(432);
    let (_hanne, copy, [_, uglen]) = put_back(&world);
    copy.sync();
    assert_eq!(copy.device.read_only(), Some("vault.restored"));
    assert_eq!(copy.texts(uglen).len(), 1, "and reads");
}

#[test]
fn whoever_was_out_of_a_case_and_is_back_is_no_copy() {
    let world = World::new(433);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    for round in 0..3 {
        emil.note(case, &format!("Runde {round}."));
        settle(&[emil, hanne, aase]);
    }
    hanne.device.unassign(case, emil.member()).expect("decided");
    settle(&[hanne, aase, emil]);
    hanne.device.assign(case, emil.member(), None).expect("decided");
    settle(&[hanne, emil, aase, hanne]);
    emil.note(case, "Tilbage.");
    settle(&[emil, hanne, aase, emil]);
    for phone in [hanne, aase, emil] {
        assert_eq!(phone.device.read_only(), None, "{}", phone.name);
        assert!(phone.texts(case).contains("Tilbage."));
    }
}
