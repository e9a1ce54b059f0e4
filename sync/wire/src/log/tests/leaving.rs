//! A person leaves a compartment, and perhaps comes back.

use super::*;

/// The time that every entry about a case claims here.
const NOW_MS: i64 = 1;
const HOUR_MS: i64 = 3_600_000;

impl World {
    /// Aisha's case, in which Bo is until a time, if there is one.
    fn case_with_bo(&self, until_ms: Option<i64>) -> CaseState {
        let mut case = self.case();
        self.case_act(&mut case, &self.ida, grant_to_bo(self, until_ms));
        case
    }

    fn epoch_without_bo(&self, number: u32, cuts: Option<Vec<Cut>>) -> CaseAct {
        CaseAct::Epoch(EpochCard { cuts, ..epoch(Compartment::Core, number, &[&self.ida, &self.aisha, &self.tablet]) })
    }
}

fn grant_to_bo(world: &World, until_ms: Option<i64>) -> CaseAct {
    let (compartment, member) = (Compartment::Core, world.bo.member);
    CaseAct::Grant { compartment, member, role: Role::Mentor, until_ms, wraps: vec![wrap(&world.bo)] }
}

fn out(member: MemberId) -> CaseAct {
    CaseAct::Remove { compartment: Compartment::Core, member }
}

fn cut(device: &Device, seq: u64) -> Cut {
    Cut { device: device.card.device, seq, hash: Digest::from_bytes([9; 32]), seen: seq }
}

#[test]
fn a_coordinator_takes_anybody_out_and_any_reader_whose_time_is_over() {
    let world = World::new();
    let case = world.case_with_bo(None);
    assert_eq!(world.case_refused(&case, &world.ida, out(world.bo.member)), None);
    for may_not in [&world.aisha, &world.bo, &world.sofie] {
        assert_eq!(world.case_refused(&case, may_not, out(world.bo.member)), Some(LogError::NotAllowed));
    }
    assert_eq!(world.case_refused(&case, &world.ida, out(world.sofie.member)), Some(LogError::Already), "she was never in");
    assert_eq!(world.case_refused(&case, &world.ida, out(world.ida.member)), Some(LogError::LastCoordinator));
    let over = world.case_with_bo(Some(NOW_MS));
    assert_eq!(world.case_refused(&over, &world.aisha, out(world.bo.member)), None);
    assert_eq!(world.case_refused(&over, &world.sofie, out(world.bo.member)), Some(LogError::NotAllowed), "she reads nothing here");
    let not_over = world.case_with_bo(Some(NOW_MS + HOUR_MS));
    assert_eq!(world.case_refused(&not_over, &world.aisha, out(world.bo.member)), Some(LogError::NotAllowed));
}

#[test]
fn a_case_that_somebody_left_is_stale_until_an_epoch_leaves_them_out_and_says_how_far_they_count() {
    let world = World::new();
    let mut case = world.case_with_bo(None);
    assert!(!case.is_stale(Compartment::Core, &world.org));
    world.case_act(&mut case, &world.ida, out(world.bo.member));
    assert!(case.is_stale(Compartment::Core, &world.org) && !case.is_member(Compartment::Core, &world.bo.member));
    let with_bo = CaseAct::Epoch(epoch(Compartment::Core, 2, &[&world.ida, &world.aisha, &world.tablet, &world.bo]));
    assert_eq!(world.case_refused(&case, &world.aisha, with_bo), Some(LogError::WrongMembers));
    assert_eq!(world.case_refused(&case, &world.bo, world.epoch_without_bo(2, None)), Some(LogError::NotAllowed));
    let cut_aisha = world.epoch_without_bo(2, Some(vec![cut(&world.aisha, 1)]));
    assert_eq!(world.case_refused(&case, &world.ida, cut_aisha), Some(LogError::BadCut), "who is in is not cut");
    world.case_act(&mut case, &world.aisha, world.epoch_without_bo(2, Some(vec![cut(&world.bo, 3)])));
    assert!(!case.is_stale(Compartment::Core, &world.org));
    assert_eq!(case.compartment(Compartment::Core).and_then(|core| core.cut(&world.bo.card.device)).map(|cut| cut.seq), Some(3));
}

#[test]
fn who_comes_back_goes_on_where_the_cut_was_and_a_revoked_device_does_not() {
    let mut world = World::new();
    let mut case = world.case_with_bo(None);
    world.case_act(&mut case, &world.ida, out(world.bo.member));
    world.case_act(&mut case, &world.ida, world.epoch_without_bo(2, Some(vec![cut(&world.bo, 3)])));
    world.case_act(&mut case, &world.ida, grant_to_bo(&world, None));
    let core = case.compartment(Compartment::Core).unwrap();
    assert!(core.members.contains_key(&world.bo.member) && core.cut(&world.bo.card.device).is_none());
    world.case_act(&mut case, &world.ida, out(world.bo.member));
    world.case_act(&mut case, &world.ida, world.epoch_without_bo(3, Some(vec![cut(&world.bo, 5)])));
    world.act(OrgAct::Revoke { device: world.bo.card.device, reason: RevokeReason::Lost });
    let grant =
        CaseAct::Grant { compartment: Compartment::Core, member: world.bo.member, role: Role::Mentor, until_ms: None, wraps: vec![] };
    world.case_act(&mut case, &world.ida, grant);
    assert!(case.compartment(Compartment::Core).unwrap().cut(&world.bo.card.device).is_some());
}

#[test]
fn for_whoever_is_in_a_grant_changes_the_role_or_the_end_and_wraps_nothing() {
    let world = World::new();
    let mut case = world.case_with_bo(None);
    assert_eq!(world.case_refused(&case, &world.ida, grant_to_bo(&world, None)), Some(LogError::Already));
    assert_eq!(world.case_refused(&case, &world.ida, grant_to_bo(&world, Some(7))), Some(LogError::WrongMembers));
    let until =
        CaseAct::Grant { compartment: Compartment::Core, member: world.bo.member, role: Role::Mentor, until_ms: Some(7), wraps: vec![] };
    world.case_act(&mut case, &world.ida, until);
    let core = case.compartment(Compartment::Core).unwrap();
    assert_eq!(core.members[&world.bo.member].until_ms, Some(7));
    assert!(core.wraps.contains_key(&world.bo.card.device), "the key stays");
}
