//! What a device can say of the others: when it last heard of them, and what they may read.

use device::{DeviceStanding, RevokeReason, Role, RosterDevice, SyncState};
use world::{Phone, World};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn row(of: &Phone, about: &Phone) -> RosterDevice {
    let roster = of.device.roster().expect("the roster");
    roster.devices.into_iter().find(|row| row.device == about.id()).expect("a row")
}

#[test]
fn a_device_that_wrote_nothing_for_a_week_stands_out_and_one_word_of_it_ends_that() {
    let world = World::new(1_701);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    aase.note(case, "Her er jeg.");
    aase.sync();
    hanne.sync();
    let heard = row(hanne, aase).heard_at.expect("a word came");
    world.pass(6 * DAY_MS);
    assert!(!row(hanne, aase).unheard && !row(hanne, emil).unheard);
    world.pass(DAY_MS);
    let (aases, emils) = (row(hanne, aase), row(hanne, emil));
    assert!(aases.unheard && emils.unheard && !row(hanne, hanne).unheard, "not the one that is asked");
    assert_eq!((aases.heard_at, emils.heard_at), (Some(heard), None), "of Emil nothing ever came, and he belongs for a week");
    aase.note(case, "Jeg er her stadig.");
    aase.sync();
    hanne.sync();
    let aases = row(hanne, aase);
    assert!(!aases.unheard && aases.heard_at.is_some_and(|at| at >= heard + 7 * DAY_MS));
}

#[test]
fn cases_are_counted_where_they_are_known_and_acts_are_open_to_those_who_may() {
    let world = World::new(1_702);
    let (people, _) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let birgit = world.enrol(hanne, "Birgit", Role::It);
    for phone in [hanne, aase, emil] {
        phone.sync();
    }
    birgit.sync();
    let seen = |of: &Phone, about: &Phone| {
        let row = row(of, about);
        (row.cases, row.may_revoke, row.may_see_sheet)
    };
    assert_eq!(
        (seen(hanne, aase), seen(hanne, &birgit), seen(hanne, hanne)),
        ((Some(1), true, true), (Some(0), true, true), (Some(1), false, true))
    );
    assert_eq!((seen(aase, emil), seen(aase, aase)), ((None, false, false), (Some(1), false, true)));
    assert_eq!(seen(&birgit, aase), (None, true, false), "who sees to the machines may cut one off, and reads nothing");
    for (phone, may) in [(hanne, true), (aase, false), (&birgit, false)] {
        assert_eq!(phone.device.roster().expect("the roster").may_admit, may, "{}", phone.name);
        let act = aase.id();
        let answered = phone.device.breach_sheet(act).is_ok();
        assert_eq!(answered, row(phone, aase).may_see_sheet, "{}: what the row says is what the act does", phone.name);
    }
}

#[test]
fn what_is_decided_without_a_way_to_the_server_is_told_as_decided_and_then_as_done() {
    let world = World::new(1_703);
    let (people, _) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    assert_eq!(row(hanne, emil).standing, DeviceStanding::Active);
    assert_eq!(hanne.device.sync_line().expect("the line").state, SyncState::AllSent);
    hanne.device.revoke(emil.id(), RevokeReason::Lost).expect("revoked");
    let sheet = hanne.device.sync_sheet().expect("the sheet");
    assert_eq!(
        (sheet.line.state, sheet.line.waiting, sheet.decided, sheet.items.len()),
        (SyncState::Waiting, 3, 3, 0),
        "not everything is sent"
    );
    let decided = row(hanne, emil);
    assert_eq!((decided.standing, decided.may_revoke, decided.cases), (DeviceStanding::Revoking, false, Some(1)));
    assert_eq!(hanne.device.breach_sheet(emil.id()).expect("the sheet").renewed, 0);
    hanne.sync();
    assert_eq!(hanne.device.sync_line().expect("the line").state, SyncState::AllSent);
    let done = row(hanne, emil);
    assert_eq!((done.standing, done.may_revoke, done.cases), (DeviceStanding::Revoked, false, Some(0)));
    assert_eq!(hanne.device.breach_sheet(emil.id()).expect("the sheet").renewed, 1);
    aase.sync();
    assert_eq!(row(aase, emil).standing, DeviceStanding::Revoked);
    let last = hanne.device.roster().expect("the roster").devices.pop().expect("three");
    assert_eq!(last.device, emil.id(), "those that do not belong any more come last");
}

#[test]
fn whoever_is_invited_is_awaited_until_they_come_or_the_day_is_over() {
    let world = World::new(1_704);
    let hanne = world.founder("Hanne");
    let awaited = || hanne.device.roster().expect("the roster").awaited.into_iter().map(|one| one.person).collect::<Vec<_>>();
    hanne.device.invite("Fatıma", Role::Mentor).expect("invited");
    assert!(awaited().is_empty(), "it has not reached the server");
    assert_eq!(hanne.device.pending().expect("pending").len(), 1);
    hanne.sync();
    assert_eq!(awaited(), ["Fatıma"]);
    world.enrol(&hanne, "Åse", Role::Mentor);
    assert_eq!(awaited(), ["Fatıma"], "Åse has come");
    world.pass(DAY_MS);
    assert!(awaited().is_empty());
}
