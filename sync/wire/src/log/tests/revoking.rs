//! A device is cut off, and everything gets new keys.

use super::*;

const fn revoke(device: DeviceId) -> OrgAct {
    OrgAct::Revoke { device, reason: RevokeReason::Lost }
}

fn cut(device: &Device, seq: u64) -> Cut {
    Cut { device: device.card.device, seq, hash: Digest::from_bytes([9; 32]), seen: seq }
}

impl World {
    /// Aisha's tablet is lost; the directory has its new key.
    fn without_the_tablet() -> Self {
        let mut world = Self::new();
        world.act(revoke(world.tablet.card.device));
        world.act(OrgAct::Epoch(epoch(Compartment::Directory, 2, &[&world.ida, &world.aisha, &world.bo, &world.sofie, &world.it])));
        world
    }

    fn next_epoch(&self, cuts: Option<Vec<Cut>>) -> CaseAct {
        CaseAct::Epoch(EpochCard { cuts, ..epoch(Compartment::Core, 2, &[&self.ida, &self.aisha]) })
    }
}

#[test]
fn whoever_coordinates_sees_to_machines_or_owns_it_revokes_a_device_and_nobody_else() {
    let world = World::new();
    let tablet = world.tablet.card.device;
    for may in [&world.ida, &world.it, &world.aisha, &world.tablet] {
        assert_eq!(world.refused(may, revoke(tablet)), None);
    }
    for may_not in [&world.bo, &world.sofie] {
        assert_eq!(world.refused(may_not, revoke(tablet)), Some(LogError::NotAllowed));
    }
    assert_eq!(world.refused(&world.it, invite(9, MemberId::from_bytes([9; 16]), Role::Mentor)), Some(LogError::NotAllowed));
    assert_eq!(world.refused(&world.ida, revoke(DeviceId::from_bytes([99; 16]))), Some(LogError::WrongMembers));
    assert_eq!(world.refused(&world.ida, revoke(world.ida.card.device)), Some(LogError::LastCoordinator));
    assert_eq!(world.refused(&world.it, revoke(world.ida.card.device)), Some(LogError::LastCoordinator), "not by others either");
}

#[test]
fn a_revoked_device_signs_nothing_from_the_next_entry_on() {
    let mut world = World::new();
    let before = world.org.head().seq;
    world.act(revoke(world.tablet.card.device));
    let tablet = world.tablet.card.device;
    assert!(world.org.active(&tablet, before + 1).is_some() && world.org.active(&tablet, before + 2).is_none());
    assert_eq!(world.org.device(&tablet).and_then(|state| state.reason), Some(RevokeReason::Lost));
    assert_eq!(world.refused(&world.tablet, revoke(world.aisha.card.device)), Some(LogError::UnknownSigner));
    assert_eq!(world.refused(&world.ida, revoke(tablet)), Some(LogError::Already));
    let mut case = world.case_before_the_loss();
    assert_eq!(world.case_refused(&case, &world.tablet, world.next_epoch(None)), Some(LogError::UnknownSigner));
    world.case_act(&mut case, &world.aisha, world.next_epoch(None));
}

impl World {
    /// Aisha's case, founded while she had the tablet.
    fn case_before_the_loss(&self) -> CaseState {
        let early = Self::new();
        CaseState::found(&early.aisha.sign(&case_statement(&early.org, None, &early.aisha, early.genesis())), &self.org).unwrap()
    }
}

#[test]
fn nobody_new_is_told_the_directorys_old_key() {
    let mut world = World::new();
    assert!(!world.org.is_directory_stale());
    world.act(revoke(world.tablet.card.device));
    assert!(world.org.is_directory_stale());
    let newcomer = Device::new(9, 9);
    assert_eq!(world.refused(&world.ida, invite(9, newcomer.member, Role::Mentor)), Some(LogError::StaleEpoch));
    assert_eq!(world.refused(&world.ida, add(9, &newcomer)), Some(LogError::StaleEpoch));
    let with_it = epoch(Compartment::Directory, 2, &[&world.ida, &world.aisha, &world.tablet, &world.bo, &world.sofie, &world.it]);
    assert_eq!(world.refused(&world.ida, OrgAct::Epoch(with_it)), Some(LogError::WrongMembers), "the tablet gets no key");
    let card = epoch(Compartment::Directory, 2, &[&world.ida, &world.aisha, &world.bo, &world.sofie, &world.it]);
    let with_cuts = EpochCard { cuts: Some(vec![cut(&world.tablet, 1)]), ..card.clone() };
    assert_eq!(world.refused(&world.ida, OrgAct::Epoch(with_cuts)), Some(LogError::BadCut));
    world.act(OrgAct::Epoch(card));
    assert!(!world.org.is_directory_stale());
    world.act(invite(9, newcomer.member, Role::Mentor));
}

#[test]
fn a_case_is_stale_until_an_epoch_leaves_the_lost_device_out() {
    let world = World::without_the_tablet();
    let mut case = world.case_before_the_loss();
    assert!(case.is_stale(Compartment::Core, &world.org));
    let with_it = CaseAct::Epoch(epoch(Compartment::Core, 2, &[&world.ida, &world.aisha, &world.tablet]));
    assert_eq!(world.case_refused(&case, &world.aisha, with_it), Some(LogError::WrongMembers));
    world.case_act(&mut case, &world.aisha, world.next_epoch(Some(vec![cut(&world.tablet, 7)])));
    assert!(!case.is_stale(Compartment::Core, &world.org));
    let core = case.compartment(Compartment::Core).unwrap();
    assert_eq!(core.cut(&world.tablet.card.device).map(|cut| cut.seq), Some(7));
    assert_eq!(core.cut(&world.aisha.card.device), None);
    let again: CaseState = cbor::decode(&cbor::encode(&case)).unwrap();
    assert_eq!(again, case);
}

#[test]
fn only_a_device_that_may_write_no_more_is_cut_and_only_once() {
    let world = World::without_the_tablet();
    let mut case = world.case_before_the_loss();
    let (lost, stranger) = (cut(&world.tablet, 7), Device::new(9, 99));
    for (why, cuts) in [
        ("somebody who may write", vec![cut(&world.aisha, 1)]),
        ("also somebody who may write", vec![cut(&world.aisha, 1), lost]),
        ("no such device", vec![cut(&stranger, 1)]),
        ("none", Vec::new()),
        ("twice", vec![lost, lost]),
        ("somebody who is no member, and not revoked", vec![lost, cut(&world.bo, 1)]),
        ("further than it reaches", vec![Cut { seen: 6, ..lost }]),
    ] {
        assert_eq!(world.case_refused(&case, &world.aisha, world.next_epoch(Some(cuts))), Some(LogError::BadCut), "{why}");
    }
    assert_eq!(
        world.case_refused(&case, &world.aisha, world.next_epoch(Some(vec![Cut { seen: 9, ..lost }]))),
        None,
        "what nobody can read"
    );
    world.case_act(&mut case, &world.aisha, world.next_epoch(Some(vec![lost])));
    let third = EpochCard { cuts: Some(vec![cut(&world.tablet, 9)]), ..epoch(Compartment::Core, 3, &[&world.ida, &world.aisha]) };
    assert_eq!(world.case_refused(&case, &world.aisha, CaseAct::Epoch(third)), Some(LogError::BadCut), "further, the second time");
}

#[test]
fn a_case_is_born_without_cuts() {
    let world = World::new();
    let CaseAct::Genesis { members, epoch } = world.genesis() else { unreachable!() };
    let act = CaseAct::Genesis { members, epoch: EpochCard { cuts: Some(vec![cut(&world.bo, 1)]), ..epoch } };
    assert_eq!(world.found_case(&world.aisha, act).err(), Some(LogError::BadCut));
}
