//! Who may give a second signature comes in by two persons.

use super::*;

/// Invitations written while the first coordinator was alone do not outlive that time.
#[test]
fn a_store_of_old_invitations_does_not_replace_the_second_person() {
    let mut world = World::new();
    let (dana, eve) = (Device::new(8, 8), Device::new(9, 9));
    world.act(invite(80, dana.member, Role::Coordinator));
    world.act(invite(81, eve.member, Role::Coordinator));
    world.act(add(80, &dana));
    assert_eq!(world.refused(&world.ida, add(81, &eve)), Some(LogError::NeedsSecondPerson));
}

/// One invites, the other sees the card that answers, and admits it.
#[test]
fn who_may_give_a_second_signature_comes_in_by_two_persons() {
    let mut world = World::new();
    let (dana, eve, fay) = (Device::new(8, 8), Device::new(9, 9), Device::new(12, 12));
    world.act(invite(80, dana.member, Role::Dpo));
    world.act(add(80, &dana));
    world.act(invite(81, eve.member, Role::Coordinator));
    world.act(invite(82, fay.member, Role::Mentor));
    assert_eq!(world.refused(&world.ida, add(81, &eve)), Some(LogError::NeedsSecondPerson), "who invited is not the other");
    assert_eq!(world.refused(&world.aisha, add(81, &eve)), Some(LogError::NotAllowed), "a mentor signs for nobody");
    assert_eq!(world.refused(&world.it, add(81, &eve)), Some(LogError::NotAllowed));
    assert_eq!(world.refused(&dana, add(82, &fay)), Some(LogError::NotAllowed), "a mentor takes no second person");
    assert_eq!(world.refused(&dana, add(81, &eve)), None);
    let mut gone = world.org.clone();
    let entry = dana.sign(&org_statement(&gone, &dana, add(81, &eve)));
    gone.apply(&entry).unwrap();
    assert_eq!(gone.role_of(&eve.member), Some(Role::Coordinator));
    // She brings in the next, with Ida; and who invited and has gone counts no more.
    let act = |org: &mut OrgState, by: &Device, act: OrgAct| org.apply(&by.sign(&org_statement(org, by, act)));
    act(&mut gone, &eve, invite(83, MemberId::from_bytes([13; 16]), Role::ProgrammeLead)).unwrap();
    let lead = Device::new(13, 13);
    let mut without_eve = gone.clone();
    act(&mut without_eve, &world.ida, OrgAct::Revoke { device: eve.card.device, reason: RevokeReason::Left }).unwrap();
    let next = epoch(Compartment::Directory, 2, &[&world.ida, &world.aisha, &world.tablet, &world.bo, &world.sofie, &world.it, &dana]);
    act(&mut without_eve, &world.ida, OrgAct::Epoch(EpochCard { back: Some(vec![1]), ..next })).unwrap();
    assert_eq!(act(&mut without_eve, &world.ida, add(83, &lead)), Err(LogError::NeedsSecondPerson));
    assert_eq!(act(&mut gone, &world.ida, add(83, &lead)), Ok(()));
}
