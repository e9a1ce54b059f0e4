//! Compartments that a case gets when they are needed: who opens them, who is let in, for how long, and by how many.

use super::*;

const HOUR_MS: i64 = 60 * 60 * 1000;

fn grants(members: &[(&Device, Role)]) -> Vec<(MemberId, Role)> {
    let mut all: Vec<_> = members.iter().map(|(device, role)| (device.member, *role)).collect();
    all.sort_unstable();
    all
}

fn open(compartment: Compartment, members: &[(&Device, Role)]) -> CaseAct {
    let devices: Vec<&Device> = members.iter().map(|(device, _)| *device).collect();
    CaseAct::Open { members: grants(members), epoch: epoch(compartment, 1, &devices) }
}

fn let_in(compartment: Compartment, device: &Device, role: Role, until_ms: Option<i64>) -> CaseAct {
    CaseAct::Grant { compartment, member: device.member, role, until_ms, wraps: vec![wrap(device)] }
}

fn release(device: &Device, until_ms: i64) -> CaseAct {
    CaseAct::Propose {
        what: Proposed::Release { member: device.member, role: Role::Mentor, until_ms: Some(until_ms) },
        expires_ms: HOUR_MS,
    }
}

/// Ida coordinates, Dorte watches over data, Bo is a mentor with one device in the case, Aisha founded it with two.
struct Opened {
    world: World,
    dpo: Device,
    case: CaseState,
}

impl Opened {
    fn new() -> Self {
        let mut world = World::new();
        let dpo = Device::new(50, 50);
        world.act(invite(50, dpo.member, Role::Dpo));
        world.act(add(50, &dpo));
        let mut case = world.case();
        world.case_act(&mut case, &world.ida, world.grant(&world.bo, Role::Mentor));
        world.case_act(&mut case, &world.ida, open(Compartment::Address, &[(&world.ida, Role::Coordinator)]));
        Self { world, dpo, case }
    }

    fn refused(&self, signer: &Device, act: CaseAct) -> Option<LogError> {
        self.world.case_refused(&self.case, signer, act)
    }

    fn act(&mut self, signer: u8, act: CaseAct) -> Digest {
        let signer = [&self.world.ida, &self.dpo, &self.world.aisha][usize::from(signer)];
        let entry = signer.sign(&case_statement(&self.world.org, Some(&self.case), signer, act));
        self.case.apply(&entry, &self.world.org).unwrap();
        entry.hash()
    }
}

#[test]
fn a_ledger_is_opened_once_by_a_coordinator_for_exactly_its_readers() {
    let Opened { world, dpo, case } = Opened::new();
    let fresh = world.case();
    let ida = (&world.ida, Role::Coordinator);
    assert_eq!(world.case_refused(&fresh, &world.aisha, open(Compartment::Address, &[ida])), Some(LogError::NotAllowed), "a mentor");
    assert_eq!(world.case_refused(&fresh, &dpo, open(Compartment::Address, &[ida])), Some(LogError::NotAllowed));
    assert_eq!(world.case_refused(&case, &world.ida, open(Compartment::Address, &[ida])), Some(LogError::Already));
    for compartment in [Compartment::Core, Compartment::Directory] {
        assert!(world.case_refused(&fresh, &world.ida, open(compartment, &[ida])).is_some(), "{compartment:?}");
    }
    let more = [ida, (&world.bo, Role::Mentor)];
    assert_eq!(world.case_refused(&fresh, &world.ida, open(Compartment::Address, &more)), Some(LogError::WrongMembers));
    assert_eq!(
        world.case_refused(&fresh, &world.ida, open(Compartment::Access, &[ida])),
        Some(LogError::WrongMembers),
        "without the officer"
    );
    let both = [ida, (&dpo, Role::Dpo)];
    assert_eq!(world.case_refused(&fresh, &world.ida, open(Compartment::Access, &both)), None);
    let CaseAct::Open { members, epoch } = open(Compartment::Address, &[ida]) else { panic!("an opening") };
    let with = |epoch: EpochCard| CaseAct::Open { members: members.clone(), epoch };
    let table = [
        ("not the first", with(EpochCard { number: 2, ..epoch.clone() }), LogError::BadEpoch),
        ("after another", with(EpochCard { back: Some(vec![1]), ..epoch.clone() }), LogError::BadEpoch),
        ("for others", with(EpochCard { wraps: vec![wrap(&world.bo)], ..epoch.clone() }), LogError::WrongMembers),
        ("cutting somebody", with(EpochCard { cuts: Some(Vec::new()), ..epoch.clone() }), LogError::BadCut),
    ];
    for (why, act, error) in table {
        assert_eq!(world.case_refused(&fresh, &world.ida, act), Some(error), "{why}");
    }
}

#[test]
fn an_address_is_released_by_two_or_for_two_hours_or_while_nobody_else_could_sign() {
    let mut opened = Opened::new();
    let until = MAX_VITAL_MS + 2;
    let grant = |opened: &Opened, until| let_in(Compartment::Address, &opened.world.bo, Role::Mentor, until);
    assert_eq!(opened.refused(&opened.world.ida, grant(&opened, None)), Some(LogError::NotAllowed), "without an end");
    assert_eq!(opened.refused(&opened.world.ida, grant(&opened, Some(until))), Some(LogError::NeedsSecondPerson));
    assert_eq!(opened.refused(&opened.world.ida, grant(&opened, Some(MAX_VITAL_MS))), None, "for a vital interest");
    assert_eq!(opened.refused(&opened.world.aisha, grant(&opened, Some(MAX_VITAL_MS))), Some(LogError::NotAllowed));
    assert_eq!(opened.refused(&opened.world.aisha, release(&opened.world.bo, until)), Some(LogError::NotAllowed));
    let proposal = opened.act(0, release(&opened.world.bo, until));
    let approve = CaseAct::Approve { proposal };
    assert_eq!(opened.refused(&opened.world.ida, grant(&opened, Some(until))), Some(LogError::NeedsSecondPerson), "asked is not agreed");
    assert_eq!(opened.refused(&opened.world.ida, approve.clone()), Some(LogError::NeedsSecondPerson), "oneself is no second");
    opened.act(1, approve.clone());
    assert!(opened.case.erased().is_none() && opened.case.agreed().count() == 1);
    assert_eq!(opened.refused(&opened.dpo, approve), Some(LogError::BadProposal), "agreed once");
    assert_eq!(opened.refused(&opened.world.ida, grant(&opened, Some(until + 1))), Some(LogError::NeedsSecondPerson), "a longer one");
    assert_eq!(opened.refused(&opened.dpo, grant(&opened, Some(until))), Some(LogError::NotAllowed), "who has the key grants");
    let late = case_statement(&opened.world.org, Some(&opened.case), &opened.world.ida, grant(&opened, Some(until)));
    let late = opened.world.ida.sign(&Statement { claimed_ms: HOUR_MS + 1, ..late });
    assert_eq!(opened.case.clone().apply(&late, &opened.world.org).err(), None, "by then it is a release for two hours");
    let wrong = CaseAct::Grant {
        compartment: Compartment::Address,
        member: opened.world.bo.member,
        role: Role::Mentor,
        until_ms: Some(until),
        wraps: Vec::new(),
    };
    let before = opened.case.clone();
    let entry = opened.world.ida.sign(&case_statement(&opened.world.org, Some(&opened.case), &opened.world.ida, wrong));
    assert_eq!(opened.case.apply(&entry, &opened.world.org), Err(LogError::WrongMembers));
    assert_eq!(opened.case, before, "what is refused uses nothing up");
    let act = grant(&opened, Some(until));
    opened.act(0, act);
    assert!(opened.case.is_member(Compartment::Address, &opened.world.bo.member) && opened.case.agreed().count() == 0);
    let alone = World::new();
    let mut case = alone.case();
    alone.case_act(&mut case, &alone.ida, open(Compartment::Address, &[(&alone.ida, Role::Coordinator)]));
    let aisha = CaseAct::Grant {
        compartment: Compartment::Address,
        member: alone.aisha.member,
        role: Role::Mentor,
        until_ms: Some(HOUR_MS * 99),
        wraps: epoch(Compartment::Address, 1, &[&alone.aisha, &alone.tablet]).wraps,
    };
    assert_eq!(alone.case_refused(&case, &alone.ida, aisha), None, "nobody else could sign");
}

#[test]
fn nobody_agrees_to_what_is_for_themselves() {
    let mut opened = Opened::new();
    let what = Proposed::Release { member: opened.dpo.member, role: Role::Dpo, until_ms: Some(5) };
    let proposal = opened.act(0, CaseAct::Propose { what, expires_ms: HOUR_MS });
    assert_eq!(opened.refused(&opened.dpo, CaseAct::Approve { proposal }), Some(LogError::NeedsSecondPerson));
}

#[test]
fn only_who_reads_the_case_reads_its_address_and_no_longer_than_it() {
    let mut opened = Opened::new();
    let vital = Some(MAX_VITAL_MS);
    for (device, role) in [(&opened.dpo, Role::Dpo), (&opened.world.it, Role::It)] {
        assert_eq!(opened.refused(&opened.world.ida, let_in(Compartment::Address, device, role, vital)), Some(LogError::NotAllowed));
    }
    let not_in_it = opened.world.case();
    let mut without = not_in_it.clone();
    opened.world.case_act(&mut without, &opened.world.ida, open(Compartment::Address, &[(&opened.world.ida, Role::Coordinator)]));
    let bo = let_in(Compartment::Address, &opened.world.bo, Role::Mentor, vital);
    assert_eq!(opened.world.case_refused(&without, &opened.world.ida, bo.clone()), Some(LogError::NotAllowed), "not in the case");
    opened.act(0, bo);
    // His time in the case ends earlier from here on, and with it that.
    let member = opened.world.bo.member;
    let shorter = CaseAct::Grant { compartment: Compartment::Core, member, role: Role::Mentor, until_ms: Some(5), wraps: Vec::new() };
    opened.act(0, shorter);
    let until = |case: &CaseState| case.compartment(Compartment::Address).unwrap().members.get(&member).map(|grant| grant.until_ms);
    assert_eq!(until(&opened.case), Some(Some(5)));
    let longer = CaseAct::Grant { compartment: Compartment::Address, member, role: Role::Mentor, until_ms: Some(6), wraps: Vec::new() };
    assert_eq!(opened.refused(&opened.world.ida, longer), Some(LogError::NotAllowed), "not beyond the case");
    opened.act(0, CaseAct::Remove { compartment: Compartment::Core, member });
    assert_eq!(until(&opened.case), None, "who is out of the case is out of all of it");
    assert!(opened.case.is_stale(Compartment::Address, &opened.world.org), "and the key changes before anything is written");
}

#[test]
fn a_release_is_taken_back_without_leaving_the_case() {
    let mut opened = Opened::new();
    let bo = let_in(Compartment::Address, &opened.world.bo, Role::Mentor, Some(MAX_VITAL_MS));
    opened.act(0, bo);
    let member = opened.world.bo.member;
    opened.act(0, CaseAct::Remove { compartment: Compartment::Address, member });
    assert!(opened.case.is_member(Compartment::Core, &member) && !opened.case.is_stale(Compartment::Core, &opened.world.org));
    let ida = CaseAct::Remove { compartment: Compartment::Address, member: opened.world.ida.member };
    assert_eq!(opened.refused(&opened.world.ida, ida), Some(LogError::LastCoordinator));
}

#[test]
fn the_officers_see_who_looked_and_nothing_else() {
    let mut opened = Opened::new();
    let both = open(Compartment::Access, &[(&opened.world.ida, Role::Coordinator), (&opened.dpo, Role::Dpo)]);
    opened.act(0, both);
    let member = opened.dpo.member;
    assert!(opened.case.is_member(Compartment::Access, &member) && !opened.case.is_member(Compartment::Core, &member));
    let as_mentor = let_in(Compartment::Access, &opened.dpo, Role::Mentor, None);
    assert!(opened.refused(&opened.world.ida, as_mentor).is_some());
    let bo = let_in(Compartment::Access, &opened.world.bo, Role::Mentor, Some(5));
    assert_eq!(opened.refused(&opened.world.ida, bo), None, "whoever is in the case may be let in, to say that they looked");
    assert!(opened.case.watchers(&opened.world.org).is_empty(), "she reads the log as one who reads");
}

#[test]
fn who_was_let_in_for_a_time_makes_no_key_of_a_ledger() {
    let mut opened = Opened::new();
    let until_ms = 2 * HOUR_MS;
    let grant = let_in(Compartment::Address, &opened.world.bo, Role::Mentor, Some(until_ms));
    opened.act(0, grant);
    assert!(opened.case.is_member(Compartment::Address, &opened.world.bo.member));
    let both = [&opened.world.ida, &opened.world.bo];
    let next = CaseAct::Epoch(epoch(Compartment::Address, 2, &both));
    assert_eq!(opened.refused(&opened.world.bo, next.clone()), Some(LogError::NotAllowed), "nobody is shut out by a reader");
    assert_eq!(opened.refused(&opened.world.ida, next), None);
    let of_core = CaseAct::Epoch(epoch(Compartment::Core, 2, &[&opened.world.aisha, &opened.world.ida, &opened.world.bo]));
    assert_ne!(opened.refused(&opened.world.bo, of_core), Some(LogError::NotAllowed), "in the case itself whoever comes first may");
}

/// A coordinator brings in a device of Bo's that only they hold.
#[test]
fn a_release_is_for_the_devices_that_there_were_when_it_was_decided() {
    let mut opened = Opened::new();
    let until = MAX_VITAL_MS + 2;
    let proposal = opened.act(0, release(&opened.world.bo, until));
    opened.act(1, CaseAct::Approve { proposal });
    let second = Device { member: opened.world.bo.member, ..Device::new(3, 40) };
    opened.world.act(invite(40, second.member, Role::Mentor));
    opened.world.act(add(40, &second));
    let both = CaseAct::Grant {
        compartment: Compartment::Address,
        member: opened.world.bo.member,
        role: Role::Mentor,
        until_ms: Some(until),
        wraps: epoch(Compartment::Address, 1, &[&opened.world.bo, &second]).wraps,
    };
    assert_eq!(opened.refused(&opened.world.ida, both.clone()), Some(LogError::WrongMembers), "brought in after it was agreed to");
    let act = let_in(Compartment::Address, &opened.world.bo, Role::Mentor, Some(until));
    opened.act(0, act);
    let rewrap = CaseAct::Rewrap { compartment: Compartment::Address, wrap: wrap(&second) };
    assert_eq!(opened.refused(&opened.world.ida, rewrap), Some(LogError::NotAllowed), "nor is it given the key afterwards");
    assert!(opened.case.unwrapped(Compartment::Address, &opened.world.org).is_empty(), "nobody waits for one");
    assert!(!opened.case.is_stale(Compartment::Address, &opened.world.org));
    let next = |to: &[&Device]| EpochCard { back: Some(vec![1; 48]), ..epoch(Compartment::Address, 2, to) };
    let with = CaseAct::Epoch(next(&[&opened.world.ida, &opened.world.bo, &second]));
    assert_eq!(opened.refused(&opened.world.ida, with), Some(LogError::WrongMembers), "nor the next one");
    let without = CaseAct::Epoch(next(&[&opened.world.ida, &opened.world.bo]));
    assert_eq!(opened.refused(&opened.world.ida, without), None);
    // The case itself it reads, and once the address is released anew, that too.
    assert_eq!(opened.case.unwrapped(Compartment::Core, &opened.world.org).len(), 1);
    opened.act(0, CaseAct::Remove { compartment: Compartment::Address, member: second.member });
    let vital = |wraps: Vec<WrapRef>| CaseAct::Grant {
        compartment: Compartment::Address,
        member: second.member,
        role: Role::Mentor,
        until_ms: Some(MAX_VITAL_MS),
        wraps,
    };
    let CaseAct::Grant { wraps, .. } = both else { unreachable!() };
    assert_eq!(opened.refused(&opened.world.ida, vital(wraps)), None);
    let stored: CaseState = cbor::decode(&cbor::encode(&opened.case)).unwrap();
    assert_eq!(stored, opened.case);
}

#[test]
fn what_was_agreed_to_for_somebody_goes_when_they_are_taken_out_before_their_time_and_not_when_it_was_over() {
    let remove = |device: &Device| CaseAct::Remove { compartment: Compartment::Address, member: device.member };
    let agreed = || {
        let mut opened = Opened::new();
        let act = let_in(Compartment::Address, &opened.world.bo, Role::Mentor, Some(MAX_VITAL_MS));
        opened.act(0, act);
        let proposal = opened.act(0, release(&opened.world.bo, MAX_VITAL_MS * 9));
        opened.act(1, CaseAct::Approve { proposal });
        assert_eq!(opened.case.agreed().count(), 1);
        opened
    };
    let mut taken_back = agreed();
    let act = remove(&taken_back.world.bo);
    taken_back.act(0, act);
    assert_eq!(taken_back.case.agreed().count(), 0);
    let again = let_in(Compartment::Address, &taken_back.world.bo, Role::Mentor, Some(MAX_VITAL_MS * 9));
    assert_eq!(taken_back.refused(&taken_back.world.ida, again.clone()), Some(LogError::NeedsSecondPerson));
    let mut over = agreed();
    let late = Statement {
        claimed_ms: MAX_VITAL_MS,
        ..case_statement(&over.world.org, Some(&over.case), &over.world.ida, remove(&over.world.bo))
    };
    let entry = over.world.ida.sign(&late);
    over.case.apply(&entry, &over.world.org).unwrap();
    assert_eq!(over.case.agreed().count(), 1);
    let mut out = agreed();
    let act = CaseAct::Remove { compartment: Compartment::Core, member: out.world.bo.member };
    out.act(0, act);
    assert_eq!(out.case.agreed().count(), 0, "who is out of the case is out of it all");
}
