//! Who may bring a device, what its keys must be, and how many an organisation may have.

use super::*;

/// What a device of Dana signs counts as Dana's second signature, so nobody else may make one, at either step.
#[test]
fn only_a_persons_own_device_brings_a_further_one_where_the_person_countersigns() {
    let mut world = World::new();
    let (dana, further) = (Device::new(8, 8), Device::new(8, 18));
    world.act(invite(80, dana.member, Role::Coordinator));
    world.act(invite(81, dana.member, Role::Coordinator));
    world.act(add(80, &dana));
    let second = Some(LogError::NeedsSecondPerson);
    assert_eq!(world.refused(&world.ida, invite(82, dana.member, Role::Coordinator)), second);
    assert_eq!(world.refused(&world.ida, add(81, &further)), second, "an invitation older than Dana");
    assert_eq!(world.refused(&dana, add(81, &further)), None, "Dana stands by it herself");
    let by_dana = dana.sign(&org_statement(&world.org, &dana, invite(82, dana.member, Role::Coordinator)));
    world.org.apply(&by_dana).unwrap();
    assert_eq!(world.refused(&world.ida, add(82, &further)), second, "Ida answers it with a device of hers");
    assert_eq!(world.refused(&dana, add(82, &further)), None);
    assert_eq!(world.refused(&world.ida, invite(83, world.ida.member, Role::Coordinator)), None, "her own");
    assert_eq!(world.refused(&dana, invite(83, world.aisha.member, Role::Mentor)), None, "a mentor countersigns nothing");
}

/// The same for those who countersign and coordinate nothing.
#[test]
fn a_programme_lead_or_officer_brings_a_further_device_by_their_own_hand_only() {
    for role in [Role::ProgrammeLead, Role::Dpo] {
        let mut world = World::new();
        let (dana, further) = (Device::new(8, 8), Device::new(8, 18));
        world.act(invite(80, dana.member, role));
        world.act(add(80, &dana));
        assert_eq!(world.refused(&world.ida, invite(81, dana.member, role)), Some(LogError::NeedsSecondPerson));
        let own = dana.sign(&org_statement(&world.org, &dana, invite(81, dana.member, role)));
        world.org.apply(&own).unwrap();
        assert_eq!(world.refused(&world.ida, add(81, &further)), Some(LogError::NeedsSecondPerson));
        assert_eq!(world.refused(&dana, add(81, &further)), None);
    }
}

/// One card that nothing can be wrapped to would make every later epoch impossible.
#[test]
fn a_receive_key_has_its_length_and_numbers_below_the_modulus() {
    assert!(is_receive_key(&receive(1)));
    for len in [0, 1151, 1152, 1184, 1215, 1217] {
        assert!(!is_receive_key(&vec![0; len]), "{len} bytes");
    }
    let with = |at: usize, number: u16| {
        let mut key = receive(0);
        let (byte, [low, high]) = (at / 2 * 3, number.to_le_bytes());
        if at.is_multiple_of(2) {
            (key[byte], key[byte + 1]) = (low, high);
        } else {
            (key[byte + 1], key[byte + 2]) = (low << 4, high << 4 | low >> 4);
        }
        is_receive_key(&key)
    };
    for at in 0..768 {
        assert!(with(at, 3328), "number {at}");
        assert!(!with(at, 3329) && !with(at, 4095), "number {at}");
    }
    let mut behind = receive(0);
    behind[1152..].fill(0xff);
    assert!(is_receive_key(&behind), "the seed and the X25519 key are any bytes");
}

/// A wrap that does not open must not stand in the way of one that does.
#[test]
fn another_wrap_takes_the_place_of_one_that_does_not_open() {
    let world = World::new();
    let mut case = world.case();
    let bad = WrapRef { device: world.bo.card.device, hash: Digest::ZERO };
    let grant =
        |wraps| CaseAct::Grant { compartment: Compartment::Core, member: world.bo.member, role: Role::Mentor, until_ms: None, wraps };
    let rewrap = |wrap| CaseAct::Rewrap { compartment: Compartment::Core, wrap };
    world.case_act(&mut case, &world.ida, grant(vec![bad]));
    assert_eq!(world.case_refused(&case, &world.aisha, rewrap(bad)), Some(LogError::Already), "the same again");
    assert_eq!(world.case_refused(&case, &world.sofie, rewrap(wrap(&world.bo))), Some(LogError::NotAllowed), "by one outside");
    world.case_act(&mut case, &world.aisha, rewrap(wrap(&world.bo)));
    assert_eq!(case.compartment(Compartment::Core).unwrap().wraps.get(&world.bo.card.device), Some(&wrap(&world.bo).hash));
    assert_eq!(world.case_refused(&case, &world.ida, rewrap(wrap(&world.bo))), Some(LogError::Already));
}

/// The next epoch has to name every active device.
#[test]
fn an_organisation_does_not_outgrow_its_own_epochs() {
    let mut world = World::founded();
    world.act(OrgAct::Epoch(epoch(Compartment::Directory, 1, &[&world.ida])));
    let numbered = |n: usize| {
        let [high, low] = u16::try_from(n).unwrap().to_be_bytes();
        let mut device = Device::new(90, 90);
        let key = |kind: u8| VerifyingKey::from_bytes([[kind; 30].as_slice(), &[high, low]].concat().try_into().unwrap());
        device.card.device = DeviceId::from_bytes([[9; 14].as_slice(), &[high, low]].concat().try_into().unwrap());
        (device.card.sign, device.card.request) = (key(9), key(8));
        device.card.receive[1184..1186].copy_from_slice(&[high, low]);
        (device, sha256(&[&[high, low]]))
    };
    for n in 1..=MAX_RECIPIENTS {
        let (device, invitation) = numbered(n);
        world.act(OrgAct::Invite { invitation, member: device.member, role: Role::Mentor, expires_ms: LATER });
        let admit = OrgAct::AddDevice { invitation, wrap: wrap(&device), card: device.card };
        if n == MAX_RECIPIENTS {
            assert_eq!(world.refused(&world.ida, admit), Some(LogError::WrongMembers), "the founder's device counts too");
            break;
        }
        world.act(admit);
    }
    let devices: Vec<DeviceCard> = world.org.devices().map(|(_, device)| device.card.clone()).collect();
    assert_eq!(devices.len(), MAX_RECIPIENTS);
    let all = EpochCard {
        wraps: devices.iter().map(|card| WrapRef { device: card.device, hash: Digest::ZERO }).collect(),
        members: members_hash(devices.iter()),
        ..epoch(Compartment::Directory, 2, &[])
    };
    assert_eq!(world.refused(&world.ida, OrgAct::Epoch(all)), None);
}
