//! What holds for everybody's app takes two persons, once there are two.

use super::*;

const NOW: i64 = 5_000;

fn demand(version: &str) -> Policy {
    Policy::MinVersion { version: version.parse().unwrap() }
}

fn elsewhere() -> Policy {
    Policy::Server { url: "https://elsewhere.example".to_owned(), certificates: vec![vec![9].into()] }
}

fn propose(what: Policy) -> OrgAct {
    OrgAct::Propose { what, expires_ms: NOW + MAX_PROPOSAL_MS }
}

/// Ida, and Dana, a data protection officer; and the hash of what Ida proposed.
fn proposed(what: Policy) -> (World, Device, Digest) {
    let mut world = World::new();
    let dana = Device::new(8, 8);
    world.act(invite(80, dana.member, Role::Dpo));
    world.act(add(80, &dana));
    world.act(propose(what));
    let hash = world.org.head().hash;
    (world, dana, hash)
}

#[test]
fn a_policy_takes_two_persons_once_there_are_two() {
    let (mut world, dana, hash) = proposed(elsewhere());
    let before = world.org.server().map(|(url, _)| url.to_owned());
    for alone in [
        OrgAct::Server { url: "https://elsewhere.example".to_owned(), certificates: Vec::new() },
        OrgAct::MinVersion { version: "0.2.0".parse().unwrap() },
        OrgAct::Approve { proposal: hash },
    ] {
        assert_eq!(world.refused(&world.ida, alone), Some(LogError::NeedsSecondPerson));
    }
    assert_eq!(world.org.server().map(|(url, _)| url.to_owned()), before, "a proposal changes nothing");
    for stranger in [&world.aisha, &world.sofie, &world.it] {
        assert_eq!(world.refused(stranger, OrgAct::Approve { proposal: hash }), Some(LogError::NotAllowed));
        assert_eq!(world.refused(stranger, propose(demand("0.2.0"))), Some(LogError::NotAllowed));
    }
    let entry = dana.sign(&org_statement(&world.org, &dana, OrgAct::Approve { proposal: hash }));
    world.org.apply(&entry).unwrap();
    assert_eq!(world.org.server(), Some(("https://elsewhere.example", &[vec![9].into()][..])));
    assert_eq!(world.org.proposals().count(), 0);
    let stored: OrgState = cbor::decode(&cbor::encode(&world.org)).unwrap();
    assert_eq!(stored, world.org);
    assert_eq!(world.refused(&dana, OrgAct::Approve { proposal: hash }), Some(LogError::BadProposal), "once");
}

#[test]
fn of_a_policy_nothing_is_agreed_to_that_is_unknown_expired_too_long_lived_or_of_somebody_gone() {
    let (mut world, dana, hash) = proposed(demand("0.2.0"));
    let unknown = OrgAct::Approve { proposal: Digest::from_bytes([7; 32]) };
    assert_eq!(world.refused(&dana, unknown), Some(LogError::BadProposal));
    let late = Statement { claimed_ms: NOW + MAX_PROPOSAL_MS + 1, ..org_statement(&world.org, &dana, OrgAct::Approve { proposal: hash }) };
    assert_eq!(world.refused_statement(&dana, &late), Some(LogError::BadProposal));
    for expires_ms in [i64::MIN, NOW, NOW + MAX_PROPOSAL_MS + 1, i64::MAX] {
        let endless = OrgAct::Propose { what: demand("0.3.0"), expires_ms };
        assert_eq!(world.refused(&world.ida, endless), Some(LogError::BadProposal), "{expires_ms}");
    }
    assert_eq!(world.refused(&world.ida, propose(demand("0.2.0"))), Some(LogError::Already));
    // A third person, so that Ida's device can be taken away and two are left.
    let eve = Device::new(9, 9);
    world.act(invite(81, eve.member, Role::Coordinator));
    let entry = dana.sign(&org_statement(&world.org, &dana, add(81, &eve)));
    world.org.apply(&entry).unwrap();
    let revoke = OrgAct::Revoke { device: world.ida.card.device, reason: RevokeReason::Left };
    let entry = eve.sign(&org_statement(&world.org, &eve, revoke));
    world.org.apply(&entry).unwrap();
    assert_eq!(world.refused(&dana, OrgAct::Approve { proposal: hash }), Some(LogError::BadProposal));
}

#[test]
fn what_waits_is_one_of_a_kind_for_each_person_and_the_oldest_app_still_only_rises() {
    let (mut world, dana, first) = proposed(demand("0.2.0"));
    world.act(propose(demand("0.3.0")));
    let second = world.org.head().hash;
    assert_eq!(world.org.proposals().map(|(hash, _)| *hash).collect::<Vec<_>>(), [second], "the later one takes the place of the earlier");
    world.act(propose(elsewhere()));
    assert_eq!(world.org.proposals().count(), 2, "another kind waits beside it");
    assert_eq!(world.refused(&dana, OrgAct::Approve { proposal: first }), Some(LogError::BadProposal));
    let own = dana.sign(&org_statement(&world.org, &dana, propose(demand("0.4.0"))));
    world.org.apply(&own).unwrap();
    world.act(OrgAct::Approve { proposal: own.hash() });
    assert_eq!(world.org.min_version(), "0.4.0".parse().ok());
    assert_eq!(world.refused(&dana, OrgAct::Approve { proposal: second }), Some(LogError::Already), "it is lower by now");
    assert_eq!(world.refused(&world.ida, propose(demand("0.4.0"))), Some(LogError::Already));
}
