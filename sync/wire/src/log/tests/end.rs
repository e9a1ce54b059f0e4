//! The end of a case: held, proposed, agreed to, erased, receipted; and receive keys that change.

use super::*;

const WEEK_MS: i64 = MAX_PROPOSAL_MS;

fn erase(basis: EraseBasis) -> CaseAct {
    CaseAct::Erase { basis }
}

fn propose(expires_ms: i64) -> CaseAct {
    CaseAct::Propose { what: Proposed::Erase { basis: EraseBasis::Retention }, expires_ms }
}

fn rotate(n: u8) -> OrgAct {
    OrgAct::RotateKey { receive: receive(n) }
}

impl World {
    /// Takes an entry of this signer into the organisation's log.
    fn act_of(&mut self, signer: u8, act: OrgAct) -> Result<(), LogError> {
        let device = [&self.ida, &self.aisha, &self.bo, &self.it][usize::from(signer)];
        let entry = device.sign(&org_statement(&self.org, device, act));
        let done = self.org.apply(&entry);
        if done.is_ok() {
            self.entries.push(entry);
        }
        done
    }

    /// A data protection officer, who comes in by Ida alone because nobody else could sign yet.
    fn with_dpo(&mut self) -> Device {
        let dpo = Device::new(50, 50);
        self.act(invite(50, dpo.member, Role::Dpo));
        self.act(add(50, &dpo));
        dpo
    }
}

#[test]
fn one_signature_erases_on_the_candidates_decision_and_while_nobody_else_could_sign() {
    let mut world = World::new();
    let case = world.case();
    for may_not in [&world.aisha, &world.bo, &world.it] {
        assert_eq!(world.case_refused(&case, may_not, erase(EraseBasis::Candidate)), Some(LogError::NotAllowed));
    }
    for basis in [EraseBasis::Candidate, EraseBasis::Retention, EraseBasis::Mistake] {
        assert_eq!(world.case_refused(&case, &world.ida, erase(basis)), None, "nobody else could sign");
    }
    world.with_dpo();
    assert_eq!(world.case_refused(&case, &world.ida, erase(EraseBasis::Candidate)), None);
    for basis in [EraseBasis::Retention, EraseBasis::Mistake] {
        assert_eq!(world.case_refused(&case, &world.ida, erase(basis)), Some(LogError::NeedsSecondPerson));
    }
}

#[test]
fn two_persons_are_two_and_both_may_and_it_is_not_too_late() {
    let mut world = World::new();
    let dpo = world.with_dpo();
    let mut case = world.case();
    for (expires_ms, refused) in [(WEEK_MS + 1, None), (WEEK_MS + 2, Some(LogError::BadProposal)), (1, Some(LogError::BadProposal))] {
        assert_eq!(world.case_refused(&case, &world.ida, propose(expires_ms)), refused, "{expires_ms}");
    }
    assert_eq!(world.case_refused(&case, &world.aisha, propose(WEEK_MS)), Some(LogError::NotAllowed));
    assert!(case.watchers(&world.org).is_empty());
    let entry = world.ida.sign(&case_statement(&world.org, Some(&case), &world.ida, propose(WEEK_MS)));
    case.apply(&entry, &world.org).unwrap();
    assert_eq!(case.watchers(&world.org), [dpo.member].into(), "who could agree is told");
    let approve = CaseAct::Approve { proposal: entry.hash() };
    assert_eq!(world.case_refused(&case, &world.ida, approve.clone()), Some(LogError::NeedsSecondPerson));
    assert_eq!(world.case_refused(&case, &world.aisha, approve.clone()), Some(LogError::NotAllowed));
    assert_eq!(world.case_refused(&case, &dpo, CaseAct::Approve { proposal: Digest::ZERO }), Some(LogError::BadProposal));
    assert_eq!(world.case_refused(&case, &world.ida, propose(WEEK_MS)), Some(LogError::Already));
    let late = Statement { claimed_ms: WEEK_MS + 1, ..case_statement(&world.org, Some(&case), &dpo, approve.clone()) };
    assert_eq!(case.clone().apply(&dpo.sign(&late), &world.org), Err(LogError::BadProposal));
    let mut held = case.clone();
    world.case_act(&mut held, &dpo, CaseAct::Hold { on: true });
    assert_eq!(world.case_refused(&held, &dpo, approve.clone()), Some(LogError::Held));
    world.case_act(&mut case, &dpo, approve);
    let erased = case.erased().unwrap();
    assert_eq!(erased.owed, [&world.ida, &world.aisha, &world.tablet].map(|device| device.card.device).into());
    assert_eq!((erased.basis, case.proposals().count()), (EraseBasis::Retention, 0));
}

#[test]
fn who_proposed_and_has_no_device_any_more_does_not_count() {
    let mut world = World::new();
    let dpo = world.with_dpo();
    let mut case = world.case();
    let entry = dpo.sign(&case_statement(&world.org, Some(&case), &dpo, propose(WEEK_MS)));
    case.apply(&entry, &world.org).unwrap();
    world.act(OrgAct::Revoke { device: dpo.card.device, reason: RevokeReason::Left });
    let approve = CaseAct::Approve { proposal: entry.hash() };
    assert_eq!(world.case_refused(&case, &world.ida, approve), Some(LogError::BadProposal));
}

#[test]
fn a_held_case_is_erased_by_nobody() {
    let mut world = World::new();
    let dpo = world.with_dpo();
    let mut case = world.case();
    for may_not in [&world.aisha, &world.bo, &world.it] {
        assert_eq!(world.case_refused(&case, may_not, CaseAct::Hold { on: true }), Some(LogError::NotAllowed));
    }
    assert_eq!(world.case_refused(&case, &world.ida, CaseAct::Hold { on: false }), Some(LogError::Already));
    world.case_act(&mut case, &world.ida, CaseAct::Hold { on: true });
    assert_eq!(world.case_refused(&case, &dpo, CaseAct::Hold { on: true }), Some(LogError::Already));
    assert_eq!(world.case_refused(&case, &world.ida, erase(EraseBasis::Candidate)), Some(LogError::Held));
    assert_eq!(world.case_refused(&case, &world.ida, propose(WEEK_MS)), Some(LogError::Held));
    world.case_act(&mut case, &dpo, CaseAct::Hold { on: false });
    assert_eq!(world.case_refused(&case, &world.ida, erase(EraseBasis::Candidate)), None);
}

#[test]
fn after_an_erasure_only_receipts_come_each_once_from_devices_that_changed_their_receive_key() {
    let mut world = World::new();
    let mut case = world.case();
    let open = case.clone();
    world.act_of(1, rotate(61)).unwrap();
    world.case_act(&mut case, &world.ida, erase(EraseBasis::Candidate));
    let epoch = CaseAct::Epoch(epoch(Compartment::Core, 2, &[&world.ida, &world.aisha, &world.tablet]));
    for act in [epoch, CaseAct::Hold { on: true }, erase(EraseBasis::Candidate), propose(WEEK_MS)] {
        assert_eq!(world.case_refused(&case, &world.ida, act), Some(LogError::Erased));
    }
    assert_eq!(world.case_refused(&case, &world.aisha, CaseAct::Receipt), Some(LogError::NotAllowed), "her key changed before");
    world.act_of(1, rotate(62)).unwrap();
    assert_eq!(world.case_refused(&case, &world.bo, CaseAct::Receipt), Some(LogError::NotAllowed), "he never could read it");
    assert_eq!(world.case_refused(&case, &world.ida, CaseAct::Receipt), Some(LogError::NotAllowed), "hers did not change");
    world.case_act(&mut case, &world.aisha, CaseAct::Receipt);
    assert_eq!(world.case_refused(&case, &world.aisha, CaseAct::Receipt), Some(LogError::Already));
    let erased = case.erased().unwrap();
    assert_eq!(erased.receipts.keys().copied().collect::<Vec<_>>(), [world.aisha.card.device]);
    assert_eq!(erased.owed, [&world.ida, &world.tablet].map(|device| device.card.device).into());
    assert_eq!(world.case_refused(&open, &world.ida, CaseAct::Receipt), Some(LogError::NotAllowed), "nothing was erased");
}

#[test]
fn a_device_changes_its_own_receive_key_and_what_was_decided_before_stays_true() {
    let mut world = World::new();
    let genesis = world.aisha.sign(&case_statement(&world.org, None, &world.aisha, world.genesis()));
    let mut case = CaseState::found(&genesis, &world.org).unwrap();
    let before = world.aisha.card.receive.clone();
    let at = world.org.head().seq + 1;
    assert_eq!(world.act_of(1, OrgAct::RotateKey { receive: vec![0xff; RECEIVE_KEY_LEN] }), Err(LogError::BadCard));
    assert_eq!(world.act_of(1, OrgAct::RotateKey { receive: before.clone() }), Err(LogError::Already));
    assert_eq!(world.act_of(1, OrgAct::RotateKey { receive: world.bo.card.receive.clone() }), Err(LogError::Already));
    world.act_of(1, rotate(63)).unwrap();
    assert_eq!(world.act_of(2, OrgAct::RotateKey { receive: before }), Err(LogError::Already), "nobody takes one that was used");
    let state = world.org.device(&world.aisha.card.device).unwrap();
    assert_eq!(state.card.receive, receive(63));
    assert_eq!(state.receive_hash_at(at), world.aisha.card.receive_hash());
    assert_eq!(state.receive_hash_at(at + 1), sha256(&[&receive(63)]));
    assert!(state.rotated_between(at, at + 1) && !state.rotated_between(at + 1, u64::MAX));
    let old = CaseAct::Epoch(epoch(Compartment::Core, 2, &[&world.ida, &world.aisha, &world.tablet]));
    assert_eq!(world.case_refused(&case, &world.ida, old), Some(LogError::WrongMembers), "wrapped to the key before");
    let now = Device { card: DeviceCard { receive: receive(63), ..world.aisha.card.clone() }, ..Device::new(2, 2) };
    let new = CaseAct::Epoch(epoch(Compartment::Core, 2, &[&world.ida, &now, &world.tablet]));
    world.case_act(&mut case, &world.ida, new);
    assert!(CaseState::found(&genesis, &world.org).is_ok(), "an entry from before is judged by the keys of that time");
    world.act(OrgAct::Revoke { device: world.bo.card.device, reason: RevokeReason::Lost });
    assert_eq!(world.act_of(2, rotate(64)), Err(LogError::UnknownSigner), "a revoked device changes nothing");
}
