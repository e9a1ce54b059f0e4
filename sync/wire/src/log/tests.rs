//! The reduction of the logs: what is accepted, what is refused and as what.

mod devices;
mod end;
mod leaving;
mod ledger;
mod policy;
mod revoking;
mod second;

use ring::signature::{Ed25519KeyPair, KeyPair};

use super::*;
use crate::{cbor, id::MemberId, signature::VerifyingKey};

const CASE: CaseId = CaseId::from_bytes([0xca; 16]);
const LATER: i64 = 9_000;

/// A receive key of nobody: well-formed, and another for each number.
fn receive(n: u8) -> Vec<u8> {
    let mut key = vec![0; RECEIVE_KEY_LEN];
    key[RECEIVE_KEY_LEN - 1] = n;
    key
}

struct Device {
    member: MemberId,
    card: DeviceCard,
    seed: [u8; 32],
}

impl Device {
    fn new(member: u8, n: u8) -> Self {
        let public = |seed: [u8; 32]| {
            let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
            VerifyingKey::from_bytes(pair.public_key().as_ref().try_into().unwrap())
        };
        let card = DeviceCard {
            device: DeviceId::from_bytes([n; 16]),
            sign: public([n; 32]),
            request: public([n + 100; 32]),
            receive: receive(n),
        };
        Self { member: MemberId::from_bytes([member; 16]), card, seed: [n; 32] }
    }

    fn sign(&self, statement: &Statement) -> Entry {
        let pair = Ed25519KeyPair::from_seed_unchecked(&self.seed).unwrap();
        Entry::decode(&Entry::sign(statement, |message| pair.sign(message).as_ref().to_vec())).unwrap()
    }
}

fn wrap(device: &Device) -> WrapRef {
    WrapRef { device: device.card.device, hash: sha256(&[b"wrap", device.card.device.as_bytes()]) }
}

fn epoch(compartment: Compartment, number: u32, to: &[&Device]) -> EpochCard {
    let mut to = to.to_vec();
    to.sort_by_key(|device| device.card.device);
    EpochCard {
        compartment,
        number,
        commit: [7; 32],
        wraps: to.iter().map(|device| wrap(device)).collect(),
        members: members_hash(to.iter().map(|device| &device.card)),
        back: (number > 1).then(|| vec![1; 48]),
        cuts: None,
    }
}

fn found_statement(device: &Device) -> Statement {
    Statement {
        version: VERSION,
        org: None,
        log: LogId::Org,
        seq: 0,
        prev: Digest::ZERO,
        org_head: None,
        signer: device.card.device,
        claimed_ms: 1,
        act: Act::Org(OrgAct::Found { member: device.member, card: device.card.clone() }),
        sealed: None,
    }
}

fn org_statement(org: &OrgState, signer: &Device, act: OrgAct) -> Statement {
    let head = org.head();
    Statement { org: Some(org.org()), seq: head.seq + 1, prev: head.hash, act: Act::Org(act), claimed_ms: 5_000, ..found_statement(signer) }
}

fn case_statement(org: &OrgState, case: Option<&CaseState>, signer: &Device, act: CaseAct) -> Statement {
    Statement {
        org: Some(org.org()),
        log: LogId::Case(CASE),
        seq: case.map_or(0, |case| case.head().seq + 1),
        prev: case.map_or(Digest::ZERO, |case| case.head().hash),
        org_head: Some(org.head()),
        act: Act::Case(act),
        ..found_statement(signer)
    }
}

fn token(n: u8) -> Digest {
    invitation_hash(&[n; 16])
}

fn invite(n: u8, member: MemberId, role: Role) -> OrgAct {
    OrgAct::Invite { invitation: token(n), member, role, expires_ms: LATER }
}

fn add(n: u8, device: &Device) -> OrgAct {
    OrgAct::AddDevice { invitation: token(n), card: device.card.clone(), wrap: wrap(device) }
}

/// A coordinator, two mentors, a substitute and somebody from IT, each with one device but the first mentor, who has two.
struct World {
    org: OrgState,
    entries: Vec<Entry>,
    ida: Device,
    aisha: Device,
    tablet: Device,
    bo: Device,
    sofie: Device,
    it: Device,
}

impl World {
    fn founded() -> Self {
        let ida = Device::new(1, 1);
        let entry = ida.sign(&found_statement(&ida));
        let org = OrgState::found(&entry).unwrap();
        Self {
            org,
            entries: vec![entry],
            ida,
            aisha: Device::new(2, 2),
            tablet: Device::new(2, 3),
            bo: Device::new(3, 4),
            sofie: Device::new(4, 5),
            it: Device::new(5, 6),
        }
    }

    fn new() -> Self {
        let mut world = Self::founded();
        world.act(OrgAct::Epoch(epoch(Compartment::Directory, 1, &[&world.ida])));
        world.act(OrgAct::Server { url: "https://example.org".to_owned(), certificates: vec![vec![1, 2, 3].into()] });
        for (n, role) in [(2, Role::Mentor), (3, Role::Mentor), (4, Role::Mentor), (5, Role::Substitute), (6, Role::It)] {
            let device = match n {
                2 => &world.aisha,
                3 => &world.tablet,
                4 => &world.bo,
                5 => &world.sofie,
                _ => &world.it,
            };
            let (invite, add) = (invite(n, device.member, role), add(n, device));
            world.act(invite);
            world.act(add);
        }
        world
    }

    fn act(&mut self, act: OrgAct) {
        let entry = self.ida.sign(&org_statement(&self.org, &self.ida, act));
        self.org.apply(&entry).unwrap();
        self.entries.push(entry);
    }

    fn refused(&self, signer: &Device, act: OrgAct) -> Option<LogError> {
        self.refused_statement(signer, &org_statement(&self.org, signer, act))
    }

    fn refused_statement(&self, signer: &Device, statement: &Statement) -> Option<LogError> {
        let mut after = self.org.clone();
        let error = after.apply(&signer.sign(statement)).err();
        assert_eq!(after == self.org, error.is_some(), "a refused entry changes nothing, an accepted one does");
        error
    }

    fn genesis(&self) -> CaseAct {
        let mut members = vec![(self.ida.member, Role::Coordinator), (self.aisha.member, Role::Mentor)];
        members.sort_unstable();
        CaseAct::Genesis { members, epoch: epoch(Compartment::Core, 1, &[&self.ida, &self.aisha, &self.tablet]) }
    }

    fn case(&self) -> CaseState {
        CaseState::found(&self.aisha.sign(&case_statement(&self.org, None, &self.aisha, self.genesis())), &self.org).unwrap()
    }

    fn grant(&self, device: &Device, role: Role) -> CaseAct {
        CaseAct::Grant { compartment: Compartment::Core, member: device.member, role, until_ms: None, wraps: vec![wrap(device)] }
    }

    fn found_case(&self, signer: &Device, act: CaseAct) -> Result<CaseState, LogError> {
        CaseState::found(&signer.sign(&case_statement(&self.org, None, signer, act)), &self.org)
    }

    fn case_refused(&self, case: &CaseState, signer: &Device, act: CaseAct) -> Option<LogError> {
        self.case_refused_statement(case, signer, &case_statement(&self.org, Some(case), signer, act))
    }

    fn case_refused_statement(&self, case: &CaseState, signer: &Device, statement: &Statement) -> Option<LogError> {
        let mut after = case.clone();
        let error = after.apply(&signer.sign(statement), &self.org).err();
        assert_eq!(after == *case, error.is_some(), "a refused entry changes nothing, an accepted one does");
        error
    }

    fn case_act(&self, case: &mut CaseState, signer: &Device, act: CaseAct) {
        case.apply(&signer.sign(&case_statement(&self.org, Some(case), signer, act)), &self.org).unwrap();
    }
}

#[test]
fn an_organisation_grows() {
    let world = World::new();
    assert_eq!(world.org.org().as_bytes(), world.entries[0].hash().as_bytes());
    assert_eq!(world.org.head(), Head { seq: 12, hash: world.entries[12].hash() });
    assert_eq!(world.org.role_of(&world.ida.member), Some(Role::Coordinator));
    assert_eq!(world.org.role_of(&world.it.member), Some(Role::It));
    assert_eq!(world.org.members().count(), 5);
    assert_eq!(world.org.devices().count(), 6);
    assert_eq!(world.org.devices_of(world.aisha.member).count(), 2);
    assert_eq!(world.org.server(), Some(("https://example.org", [vec![1, 2, 3].into()].as_slice())));
    assert!(world.org.invitations().all(|(_, invitation)| invitation.used));
    assert_eq!(world.org.directory().map(|card| card.number), Some(1));
    for entry in &world.entries {
        assert!(world.org.contains(Head { seq: entry.statement().seq, hash: entry.hash() }));
    }
    assert!(!world.org.contains(Head { seq: 13, hash: Digest::ZERO }));
    assert!(!world.org.contains(Head { seq: u64::MAX, hash: Digest::ZERO }));
    assert!(!world.org.contains(Head { seq: 1, hash: world.entries[0].hash() }));
}

#[test]
fn a_device_is_active_from_the_entry_after_its_own() {
    let world = World::new();
    let since = world.org.device(&world.aisha.card.device).unwrap().since;
    assert_eq!(since, 4);
    assert!(world.org.active(&world.aisha.card.device, since).is_none());
    assert!(world.org.active(&world.aisha.card.device, since + 1).is_some());
    assert_eq!(world.org.devices_at(1).count(), 1);
    assert_eq!(world.org.devices_at(since + 1).count(), 2);
}

#[test]
fn what_is_no_entry_is_named() {
    let ida = Device::new(1, 1);
    let good = ida.sign(&found_statement(&ida));
    assert_eq!(Entry::decode(good.bytes()).unwrap().statement(), good.statement());
    assert_eq!(Entry::decode(&vec![0; MAX_ENTRY + 1]).err(), Some(LogError::TooLarge));
    assert_eq!(Entry::decode(&[]).err(), Some(LogError::NotCanonical));
    assert_eq!(Entry::decode(&[good.bytes(), &[0]].concat()).err(), Some(LogError::NotCanonical));
    let make = |payload: Vec<u8>| Entry::decode(&Signed::make(payload, label::LOG.as_bytes(), |_| vec![0; 64])).err();
    for version in [0, 2, u16::MAX] {
        assert_eq!(make(cbor::encode(&Statement { version, ..found_statement(&ida) })), Some(LogError::UnknownVersion));
    }
    assert_eq!(make(cbor::encode(&(2_u16, "another shape"))), Some(LogError::UnknownVersion));
    let payload = cbor::encode(&found_statement(&ida));
    assert_eq!(make(payload.clone()), None);
    assert_eq!(make([payload.as_slice(), &[0]].concat()), Some(LogError::NotCanonical));
    assert_eq!(make(payload[..payload.len() - 1].to_vec()), Some(LogError::NotCanonical));
    let mut long = vec![payload[0], 0x18];
    long.extend(&payload[1..]);
    assert_eq!(make(long), Some(LogError::NotCanonical), "an integer in two bytes");
    let unknown_act = |group: u8, index: u8| {
        let mut bytes = cbor::encode(&(1_u16, None::<u8>, LogId::Org, 0_u64, Digest::ZERO, None::<u8>, ida.card.device, 1_i64));
        bytes[0] += 1;
        bytes.extend([0x82, group, 0x81, 0x82, index, 0x80]);
        make(bytes)
    };
    for (group, index) in [(0, 5), (0, 23), (1, 4), (2, 0)] {
        assert_eq!(unknown_act(group, index), Some(LogError::NotCanonical), "act {group}.{index}");
    }
}

#[test]
fn a_foundation_is_refused() {
    let (ida, bo) = (Device::new(1, 1), Device::new(2, 2));
    let good = found_statement(&ida);
    let card = |card: DeviceCard| Act::Org(OrgAct::Found { member: ida.member, card });
    let org = OrgId::from_bytes([1; 32]);
    let head = Head { seq: 0, hash: Digest::ZERO };
    let table = [
        ("a name before it has one", Statement { org: Some(org), ..good.clone() }, LogError::WrongLog),
        ("a case's log", Statement { log: LogId::Case(CASE), ..good.clone() }, LogError::WrongLog),
        ("another head", Statement { org_head: Some(head), ..good.clone() }, LogError::WrongLog),
        ("another signer", Statement { signer: bo.card.device, ..good.clone() }, LogError::WrongLog),
        ("another act", Statement { act: Act::Org(invite(1, ida.member, Role::Mentor)), ..good.clone() }, LogError::WrongLog),
        (
            "a short receive key",
            Statement { act: card(DeviceCard { receive: vec![1; 1215], ..ida.card.clone() }), ..good.clone() },
            LogError::BadCard,
        ),
        (
            "a receive key that is none",
            Statement { act: card(DeviceCard { receive: vec![0xff; RECEIVE_KEY_LEN], ..ida.card.clone() }), ..good.clone() },
            LogError::BadCard,
        ),
        (
            "one key for two uses",
            Statement { act: card(DeviceCard { request: ida.card.sign, ..ida.card.clone() }), ..good.clone() },
            LogError::Already,
        ),
        ("a later place", Statement { seq: 1, ..good.clone() }, LogError::Conflict),
        ("something before it", Statement { prev: Digest::from_bytes([1; 32]), ..good.clone() }, LogError::Conflict),
        (
            "another's key",
            Statement { act: card(DeviceCard { sign: bo.card.sign, ..ida.card.clone() }), ..good.clone() },
            LogError::BadSignature,
        ),
    ];
    assert!(OrgState::found(&ida.sign(&good)).is_ok());
    for (why, statement, error) in table {
        assert_eq!(OrgState::found(&ida.sign(&statement)).err(), Some(error), "{why}");
    }
}

#[test]
fn an_entry_of_the_organisation_is_refused_for_its_place_or_signer() {
    let world = World::new();
    let good = org_statement(&world.org, &world.ida, invite(50, world.bo.member, Role::Mentor));
    let stranger = Device::new(9, 9);
    let head = Head { seq: 0, hash: world.entries[0].hash() };
    let table = [
        ("another organisation", Statement { org: Some(OrgId::from_bytes([1; 32])), ..good.clone() }, LogError::WrongLog),
        ("no organisation", Statement { org: None, ..good.clone() }, LogError::WrongLog),
        ("a case's log", Statement { log: LogId::Case(CASE), ..good.clone() }, LogError::WrongLog),
        ("a head", Statement { org_head: Some(head), ..good.clone() }, LogError::WrongLog),
        ("an act on a case", Statement { act: Act::Case(world.genesis()), ..good.clone() }, LogError::WrongLog),
        ("an entry missing", Statement { seq: good.seq + 1, ..good.clone() }, LogError::Conflict),
        ("a place taken", Statement { seq: good.seq - 1, ..good.clone() }, LogError::Conflict),
        ("another before it", Statement { prev: world.entries[0].hash(), ..good.clone() }, LogError::Conflict),
        ("an unknown signer", Statement { signer: stranger.card.device, ..good.clone() }, LogError::UnknownSigner),
        ("another's name", Statement { signer: world.aisha.card.device, ..good.clone() }, LogError::BadSignature),
        ("a second foundation", Statement { act: found_statement(&world.ida).act, ..good.clone() }, LogError::Already),
    ];
    assert_eq!(world.refused_statement(&world.ida, &good), None);
    for (why, statement, error) in table {
        assert_eq!(world.refused_statement(&world.ida, &statement), Some(error), "{why}");
    }
    for signer in [&world.aisha, &world.sofie, &world.it] {
        let acts = [
            invite(50, world.bo.member, Role::Mentor),
            OrgAct::Server { url: "https://thief.example".to_owned(), certificates: Vec::new() },
            OrgAct::Epoch(epoch(Compartment::Directory, 2, &[signer])),
        ];
        for act in acts {
            assert_eq!(world.refused(signer, act), Some(LogError::NotAllowed));
        }
    }
}

#[test]
fn a_directory_epoch_is_refused() {
    let world = World::new();
    let everyone = [&world.ida, &world.aisha, &world.tablet, &world.bo, &world.sofie, &world.it];
    let good = epoch(Compartment::Directory, 2, &everyone);
    let mut unsorted = good.clone();
    unsorted.wraps.swap(0, 1);
    let mut twice = good.clone();
    twice.wraps.insert(0, good.wraps[0]);
    let table = [
        ("another compartment", EpochCard { compartment: Compartment::Core, ..good.clone() }, LogError::BadEpoch),
        ("the same number", EpochCard { number: 1, ..good.clone() }, LogError::BadEpoch),
        ("a number left out", EpochCard { number: 3, ..good.clone() }, LogError::BadEpoch),
        ("no back link", EpochCard { back: None, ..good.clone() }, LogError::BadEpoch),
        ("somebody missing", epoch(Compartment::Directory, 2, &everyone[1..]), LogError::WrongMembers),
        ("a stranger", epoch(Compartment::Directory, 2, &[everyone.as_slice(), &[&Device::new(9, 9)]].concat()), LogError::WrongMembers),
        ("nobody", epoch(Compartment::Directory, 2, &[]), LogError::WrongMembers),
        ("not sorted", unsorted, LogError::WrongMembers),
        ("one twice", twice, LogError::WrongMembers),
        ("another hash of members", EpochCard { members: Digest::ZERO, ..good.clone() }, LogError::WrongMembers),
    ];
    assert_eq!(world.refused(&world.ida, OrgAct::Epoch(good)), None);
    for (why, card, error) in table {
        assert_eq!(world.refused(&world.ida, OrgAct::Epoch(card)), Some(error), "{why}");
    }
    let first = World::founded();
    let with_back = EpochCard { back: Some(vec![1]), ..epoch(Compartment::Directory, 1, &[&first.ida]) };
    assert_eq!(first.refused(&first.ida, OrgAct::Epoch(with_back)), Some(LogError::BadEpoch));
}

#[test]
fn the_oldest_app_that_may_write_is_only_ever_raised() {
    let mut world = World::new();
    assert_eq!(world.org.min_version(), None);
    let demand = |text: &str| OrgAct::MinVersion { version: text.parse().unwrap() };
    assert_eq!(world.refused(&world.aisha, demand("0.2.0")), Some(LogError::NotAllowed));
    world.act(demand("0.2.0"));
    for lower in ["0.2.0", "0.1.9"] {
        assert_eq!(world.refused(&world.ida, demand(lower)), Some(LogError::Already), "{lower}");
    }
    world.act(demand("0.10.0"));
    assert_eq!(world.org.min_version(), "0.10.0".parse().ok());
    let stored: OrgState = cbor::decode(&cbor::encode(&world.org)).unwrap();
    assert_eq!(stored, world.org);
}

#[test]
fn an_invitation_is_refused() {
    let mut world = World::new();
    let new = MemberId::from_bytes([77; 16]);
    assert_eq!(world.refused(&world.ida, invite(2, new, Role::Mentor)), Some(LogError::Already), "the same token");
    assert_eq!(world.refused(&world.ida, invite(50, world.aisha.member, Role::Coordinator)), Some(LogError::NotAllowed), "another role");
    assert_eq!(world.refused(&world.ida, invite(50, world.aisha.member, Role::Mentor)), None, "one more device");
    for role in [Role::Coordinator, Role::ProgrammeLead, Role::Dpo] {
        assert_eq!(world.refused(&world.ida, invite(50, new, role)), None, "the first is alone");
    }
    let dana = Device::new(8, 8);
    world.act(invite(60, dana.member, Role::Dpo));
    world.act(add(60, &dana));
    for role in [Role::Coordinator, Role::ProgrammeLead, Role::Dpo] {
        assert_eq!(world.refused(&world.ida, invite(61, new, role)), None, "the other person is asked at the admission");
        assert_eq!(world.refused(&dana, invite(61, new, role)), Some(LogError::NotAllowed), "only a coordinator invites");
    }
    assert_eq!(world.refused(&world.ida, invite(61, dana.member, Role::Dpo)), Some(LogError::NeedsSecondPerson), "not by her own hand");
    assert_eq!(world.refused(&dana, invite(61, dana.member, Role::Dpo)), None, "a further device of her own");
    assert_eq!(world.refused(&world.aisha, invite(61, world.aisha.member, Role::Mentor)), Some(LogError::NotAllowed), "not a mentor");
    assert_eq!(world.refused(&world.ida, invite(61, new, Role::Mentor)), None);
}

#[test]
fn an_admission_is_refused() {
    let mut world = World::new();
    let (new, member) = (Device::new(7, 7), MemberId::from_bytes([7; 16]));
    world.act(invite(70, member, Role::Mentor));
    assert_eq!(world.refused(&world.ida, add(70, &new)), None);
    assert_eq!(world.refused(&world.ida, add(71, &new)), Some(LogError::BadInvitation), "unknown");
    assert_eq!(world.refused(&world.ida, add(2, &new)), Some(LogError::BadInvitation), "used");
    let at = |claimed_ms| {
        let statement = Statement { claimed_ms, ..org_statement(&world.org, &world.ida, add(70, &new)) };
        world.refused_statement(&world.ida, &statement)
    };
    assert_eq!(at(LATER), None, "the last moment");
    assert_eq!(at(LATER + 1), Some(LogError::BadInvitation), "expired");
    let with = |card: DeviceCard| OrgAct::AddDevice { invitation: token(70), wrap: WrapRef { device: card.device, ..wrap(&new) }, card };
    let (mine, theirs) = (&new.card, &world.aisha.card);
    let table = [
        ("a short receive key", DeviceCard { receive: vec![7; 1215], ..mine.clone() }, LogError::BadCard),
        ("a long receive key", DeviceCard { receive: vec![7; 1217], ..mine.clone() }, LogError::BadCard),
        ("a receive key that is none", DeviceCard { receive: vec![0xff; RECEIVE_KEY_LEN], ..mine.clone() }, LogError::BadCard),
        ("a name taken", DeviceCard { device: theirs.device, ..mine.clone() }, LogError::Already),
        ("a sign key taken", DeviceCard { sign: theirs.sign, ..mine.clone() }, LogError::Already),
        ("a request key taken", DeviceCard { request: theirs.request, ..mine.clone() }, LogError::Already),
        ("a sign key that signs requests elsewhere", DeviceCard { sign: theirs.request, ..mine.clone() }, LogError::Already),
        ("a request key that signs elsewhere", DeviceCard { request: theirs.sign, ..mine.clone() }, LogError::Already),
        ("a receive key taken", DeviceCard { receive: theirs.receive.clone(), ..mine.clone() }, LogError::Already),
        ("one key for two uses", DeviceCard { request: mine.sign, ..mine.clone() }, LogError::Already),
    ];
    for (why, card, error) in table {
        assert_eq!(world.refused(&world.ida, with(card)), Some(error), "{why}");
    }
    let for_another = OrgAct::AddDevice { invitation: token(70), card: mine.clone(), wrap: wrap(&world.aisha) };
    assert_eq!(world.refused(&world.ida, for_another), Some(LogError::WrongMembers));
    world.act(add(70, &new));
    assert_eq!(world.refused(&world.ida, add(70, &Device::new(7, 17))), Some(LogError::BadInvitation), "used once");
    let early = World::founded();
    let mut org = early.org.clone();
    org.apply(&early.ida.sign(&org_statement(&org, &early.ida, invite(1, member, Role::Mentor)))).unwrap();
    let entry = early.ida.sign(&org_statement(&org, &early.ida, add(1, &new)));
    assert_eq!(org.apply(&entry), Err(LogError::WrongMembers), "before the directory has a key");
}

#[test]
fn a_case_begins_with_its_founder_and_the_coordinators() {
    let world = World::new();
    let case = world.case();
    assert_eq!(case.case(), CASE);
    assert_eq!(case.head().seq, 0);
    assert_eq!(case.epoch(Compartment::Core), 1);
    assert_eq!(case.epoch(Compartment::Directory), 0);
    assert!(case.is_member(Compartment::Core, &world.aisha.member) && case.is_member(Compartment::Core, &world.ida.member));
    assert!(!case.is_member(Compartment::Core, &world.bo.member) && !case.is_member(Compartment::Directory, &world.ida.member));
    assert_eq!(case.members().len(), 2);
    assert!(case.unwrapped(Compartment::Core, &world.org).is_empty());
    let alone =
        CaseAct::Genesis { members: vec![(world.ida.member, Role::Coordinator)], epoch: epoch(Compartment::Core, 1, &[&world.ida]) };
    assert!(world.found_case(&world.ida, alone).is_ok(), "a coordinator alone");
}

#[test]
fn a_genesis_is_refused() {
    let world = World::new();
    let (ida, aisha, bo) = (world.ida.member, world.aisha.member, world.bo.member);
    let devices = [&world.ida, &world.aisha, &world.tablet];
    let with_members = |members: Vec<(MemberId, Role)>| CaseAct::Genesis { members, epoch: epoch(Compartment::Core, 1, &devices) };
    let with_epoch = |epoch: EpochCard| CaseAct::Genesis { members: vec![(ida, Role::Coordinator), (aisha, Role::Mentor)], epoch };
    let good = epoch(Compartment::Core, 1, &devices);
    let table = [
        ("no coordinator", with_members(vec![(aisha, Role::Mentor)]), LogError::WrongMembers),
        ("no founder", with_members(vec![(ida, Role::Coordinator)]), LogError::WrongMembers),
        ("a friend", with_members(vec![(ida, Role::Coordinator), (aisha, Role::Mentor), (bo, Role::Mentor)]), LogError::WrongMembers),
        ("another role", with_members(vec![(ida, Role::Coordinator), (aisha, Role::Coordinator)]), LogError::WrongMembers),
        ("not sorted", with_members(vec![(aisha, Role::Mentor), (ida, Role::Coordinator)]), LogError::WrongMembers),
        (
            "one twice",
            with_members(vec![(ida, Role::Coordinator), (ida, Role::Coordinator), (aisha, Role::Mentor)]),
            LogError::WrongMembers,
        ),
        ("nobody", with_members(Vec::new()), LogError::WrongMembers),
        ("another compartment", with_epoch(EpochCard { compartment: Compartment::Directory, ..good.clone() }), LogError::BadEpoch),
        ("a later epoch", with_epoch(EpochCard { number: 2, ..good.clone() }), LogError::BadEpoch),
        ("a back link", with_epoch(EpochCard { back: Some(vec![1]), ..good.clone() }), LogError::BadEpoch),
        ("a device without wrap", with_epoch(epoch(Compartment::Core, 1, &devices[..2])), LogError::WrongMembers),
        (
            "a stranger's wrap",
            with_epoch(epoch(Compartment::Core, 1, &[devices.as_slice(), &[&world.bo]].concat())),
            LogError::WrongMembers,
        ),
        ("another hash of members", with_epoch(EpochCard { members: Digest::ZERO, ..good }), LogError::WrongMembers),
        ("another act", world.grant(&world.bo, Role::Mentor), LogError::WrongLog),
    ];
    for (why, act, error) in table {
        assert_eq!(world.found_case(&world.aisha, act).err(), Some(error), "{why}");
    }
    let founded_by = |device: &Device, role| {
        let mut members = vec![(ida, Role::Coordinator), (device.member, role)];
        members.sort_unstable();
        world.found_case(device, CaseAct::Genesis { members, epoch: epoch(Compartment::Core, 1, &[&world.ida, device]) }).err()
    };
    assert_eq!(founded_by(&world.bo, Role::Mentor), None);
    assert_eq!(founded_by(&world.sofie, Role::Substitute), Some(LogError::NotAllowed));
    assert_eq!(founded_by(&world.it, Role::It), Some(LogError::NotAllowed));
    assert_eq!(founded_by(&Device::new(9, 9), Role::Mentor), Some(LogError::UnknownSigner));
}

#[test]
fn an_entry_of_a_case_is_refused_for_its_place_head_or_signer() {
    let world = World::new();
    let mut case = world.case();
    let good = case_statement(&world.org, Some(&case), &world.ida, world.grant(&world.bo, Role::Mentor));
    let head_at = |seq: u64| Some(Head { seq, hash: world.entries[usize::try_from(seq).unwrap()].hash() });
    let table = [
        ("another organisation", Statement { org: Some(OrgId::from_bytes([1; 32])), ..good.clone() }, LogError::WrongLog),
        ("no organisation", Statement { org: None, ..good.clone() }, LogError::WrongLog),
        ("another case", Statement { log: LogId::Case(CaseId::from_bytes([1; 16])), ..good.clone() }, LogError::WrongLog),
        ("the organisation's log", Statement { log: LogId::Org, ..good.clone() }, LogError::WrongLog),
        (
            "an act on the organisation",
            Statement { act: Act::Org(invite(90, world.bo.member, Role::Mentor)), ..good.clone() },
            LogError::WrongLog,
        ),
        ("an entry missing", Statement { seq: 2, ..good.clone() }, LogError::Conflict),
        ("another before it", Statement { prev: Digest::ZERO, ..good.clone() }, LogError::Conflict),
        ("no head", Statement { org_head: None, ..good.clone() }, LogError::OrgHead),
        ("an unknown head", Statement { org_head: Some(Head { seq: 12, hash: Digest::ZERO }), ..good.clone() }, LogError::OrgHead),
        ("a head to come", Statement { org_head: Some(Head { seq: 13, hash: Digest::ZERO }), ..good.clone() }, LogError::OrgHead),
        (
            "the last head there can be",
            Statement { org_head: Some(Head { seq: u64::MAX, hash: Digest::ZERO }), ..good.clone() },
            LogError::OrgHead,
        ),
        ("an older head", Statement { org_head: head_at(11), ..good.clone() }, LogError::OrgHead),
        ("an unknown signer", Statement { signer: DeviceId::from_bytes([99; 16]), ..good.clone() }, LogError::UnknownSigner),
        ("another's name", Statement { signer: world.tablet.card.device, ..good.clone() }, LogError::BadSignature),
        ("a second genesis", Statement { act: Act::Case(world.genesis()), ..good.clone() }, LogError::Already),
    ];
    assert_eq!(world.case_refused_statement(&case, &world.ida, &good), None);
    for (why, statement, error) in table {
        assert_eq!(world.case_refused_statement(&case, &world.ida, &statement), Some(error), "{why}");
    }
    world.case_act(&mut case, &world.ida, world.grant(&world.bo, Role::Mentor));
    assert_eq!(case.head().seq, 1);
    let old = Statement { org_head: head_at(3), ..case_statement(&world.org, None, &world.aisha, world.genesis()) };
    assert_eq!(CaseState::found(&world.aisha.sign(&old), &world.org).err(), Some(LogError::UnknownSigner), "not admitted there yet");
}

#[test]
fn a_grant_is_refused() {
    let world = World::new();
    let case = world.case();
    let grant = |device: &Device, role, wraps| CaseAct::Grant {
        compartment: Compartment::Core,
        member: device.member,
        role,
        until_ms: Some(1),
        wraps,
    };
    let bo = &world.bo;
    assert_eq!(world.case_refused(&case, &world.ida, grant(bo, Role::Mentor, vec![wrap(bo)])), None);
    assert_eq!(world.case_refused(&case, &world.ida, grant(bo, Role::Substitute, vec![wrap(bo)])), None);
    let table = [
        ("by a mentor", &world.aisha, grant(bo, Role::Mentor, vec![wrap(bo)]), LogError::NotAllowed),
        ("by one outside", bo, grant(bo, Role::Mentor, vec![wrap(bo)]), LogError::NotAllowed),
        (
            "with wraps, to one who has the key",
            &world.ida,
            grant(&world.aisha, Role::Mentor, vec![wrap(&world.aisha), wrap(&world.tablet)]),
            LogError::WrongMembers,
        ),
        ("to a stranger", &world.ida, grant(&Device::new(9, 9), Role::Mentor, Vec::new()), LogError::NotAllowed),
        ("as one who reads no cases", &world.ida, grant(&world.it, Role::It, vec![wrap(&world.it)]), LogError::NotAllowed),
        ("to one who reads no cases, as a mentor", &world.ida, grant(&world.it, Role::Mentor, vec![wrap(&world.it)]), LogError::NotAllowed),
        ("as more than the person is", &world.ida, grant(bo, Role::Coordinator, vec![wrap(bo)]), LogError::NotAllowed),
        ("without wraps", &world.ida, grant(bo, Role::Mentor, Vec::new()), LogError::WrongMembers),
        ("with another's wrap", &world.ida, grant(bo, Role::Mentor, vec![wrap(&world.sofie)]), LogError::WrongMembers),
        ("with a wrap too many", &world.ida, grant(bo, Role::Mentor, vec![wrap(bo), wrap(&world.sofie)]), LogError::WrongMembers),
    ];
    for (why, signer, act, error) in table {
        assert_eq!(world.case_refused(&case, signer, act), Some(error), "{why}");
    }
    let elsewhere = CaseAct::Grant {
        compartment: Compartment::Directory,
        member: bo.member,
        role: Role::Mentor,
        until_ms: None,
        wraps: vec![wrap(bo)],
    };
    assert_eq!(world.case_refused(&case, &world.ida, elsewhere), Some(LogError::BadEpoch));
}

/// Two readers, one with more of the organisation's log than the other, must judge an entry alike.
#[test]
fn a_grant_is_judged_by_the_head_it_names() {
    let mut world = World::new();
    let case = world.case();
    let zoe = Device::new(7, 7);
    let grant =
        CaseAct::Grant { compartment: Compartment::Core, member: zoe.member, role: Role::Mentor, until_ms: None, wraps: Vec::new() };
    let entry = world.ida.sign(&case_statement(&world.org, Some(&case), &world.ida, grant));
    let early = case.clone().apply(&entry, &world.org);
    world.act(invite(70, zoe.member, Role::Mentor));
    world.act(add(70, &zoe));
    let late = case.clone().apply(&entry, &world.org);
    assert_eq!((early, late), (Err(LogError::NotAllowed), Err(LogError::NotAllowed)));
}

#[test]
fn an_epoch_of_a_case_is_refused() {
    let world = World::new();
    let mut case = world.case();
    let devices = [&world.ida, &world.aisha, &world.tablet];
    let good = epoch(Compartment::Core, 2, &devices);
    let table = [
        ("another compartment", EpochCard { compartment: Compartment::Directory, ..good.clone() }, LogError::BadEpoch),
        ("the same number", EpochCard { number: 1, ..good.clone() }, LogError::BadEpoch),
        ("a number left out", EpochCard { number: 3, ..good.clone() }, LogError::BadEpoch),
        ("the last number", EpochCard { number: u32::MAX, ..good.clone() }, LogError::BadEpoch),
        ("no back link", EpochCard { back: None, ..good.clone() }, LogError::BadEpoch),
        ("somebody missing", epoch(Compartment::Core, 2, &devices[1..]), LogError::WrongMembers),
        ("a stranger", epoch(Compartment::Core, 2, &[devices.as_slice(), &[&world.bo]].concat()), LogError::WrongMembers),
        ("another hash of members", EpochCard { members: Digest::ZERO, ..good.clone() }, LogError::WrongMembers),
    ];
    for (why, card, error) in table {
        assert_eq!(world.case_refused(&case, &world.aisha, CaseAct::Epoch(card)), Some(error), "{why}");
    }
    assert_eq!(world.case_refused(&case, &world.bo, CaseAct::Epoch(good.clone())), Some(LogError::NotAllowed), "by one outside");
    world.case_act(&mut case, &world.aisha, CaseAct::Epoch(good));
    assert_eq!(case.epoch(Compartment::Core), 2, "any member may sign an epoch");
    world.case_act(&mut case, &world.ida, world.grant(&world.bo, Role::Mentor));
    let without_bo = epoch(Compartment::Core, 3, &devices);
    assert_eq!(world.case_refused(&case, &world.ida, CaseAct::Epoch(without_bo)), Some(LogError::WrongMembers));
    world.case_act(&mut case, &world.bo, CaseAct::Epoch(epoch(Compartment::Core, 3, &[devices.as_slice(), &[&world.bo]].concat())));
}

#[test]
fn a_later_device_gets_the_key_by_a_rewrap() {
    let mut world = World::new();
    let mut case = world.case();
    let phone = Device::new(2, 12);
    let rewrap = |device: &Device| CaseAct::Rewrap { compartment: Compartment::Core, wrap: wrap(device) };
    assert_eq!(world.case_refused(&case, &world.ida, rewrap(&phone)), Some(LogError::WrongMembers), "not a device yet");
    world.act(invite(20, phone.member, Role::Mentor));
    world.act(add(20, &phone));
    assert_eq!(case.unwrapped(Compartment::Core, &world.org), [&phone.card]);
    assert_eq!(world.case_refused(&case, &world.bo, rewrap(&phone)), Some(LogError::NotAllowed), "by one outside");
    assert_eq!(world.case_refused(&case, &world.ida, rewrap(&world.bo)), Some(LogError::NotAllowed), "for one outside");
    assert_eq!(world.case_refused(&case, &world.ida, rewrap(&world.tablet)), Some(LogError::Already));
    let elsewhere = CaseAct::Rewrap { compartment: Compartment::Directory, wrap: wrap(&phone) };
    assert_eq!(world.case_refused(&case, &world.ida, elsewhere), Some(LogError::BadEpoch));
    world.case_act(&mut case, &world.aisha, rewrap(&phone));
    assert!(case.unwrapped(Compartment::Core, &world.org).is_empty());
    assert_eq!(case.compartment(Compartment::Core).unwrap().wraps.len(), 4);
    let all = [&world.ida, &world.aisha, &world.tablet, &phone];
    world.case_act(&mut case, &phone, CaseAct::Epoch(epoch(Compartment::Core, 2, &all)));
}

#[test]
fn an_entry_names_the_wraps_beside_it() {
    let world = World::new();
    let case = world.case();
    let named = |signer: &Device, statement: &Statement| {
        signer.sign(statement).wraps(|compartment| if compartment == Compartment::Core { 4 } else { 9 })
    };
    let genesis = named(&world.aisha, &case_statement(&world.org, None, &world.aisha, world.genesis()));
    assert_eq!(
        genesis.iter().map(|(c, n, w)| (*c, *n, w.device)).collect::<Vec<_>>(),
        [
            (Compartment::Core, 1, world.ida.card.device),
            (Compartment::Core, 1, world.aisha.card.device),
            (Compartment::Core, 1, world.tablet.card.device),
        ]
    );
    let grant = named(&world.ida, &case_statement(&world.org, Some(&case), &world.ida, world.grant(&world.bo, Role::Mentor)));
    assert_eq!(grant, [(Compartment::Core, 4, wrap(&world.bo))]);
    let admission = named(&world.ida, &org_statement(&world.org, &world.ida, add(1, &world.bo)));
    assert_eq!(admission, [(Compartment::Directory, 9, wrap(&world.bo))]);
    let rewrap = CaseAct::Rewrap { compartment: Compartment::Core, wrap: wrap(&world.bo) };
    assert_eq!(named(&world.ida, &case_statement(&world.org, Some(&case), &world.ida, rewrap)), [(Compartment::Core, 4, wrap(&world.bo))]);
    assert_eq!(named(&world.ida, &found_statement(&world.ida)), []);
    assert_eq!(named(&world.ida, &org_statement(&world.org, &world.ida, invite(1, world.bo.member, Role::Mentor))), []);
}

/// One side goes through its store after every entry and the other does not; both end in the same bytes.
#[test]
fn states_come_back_from_their_store_and_both_banks_reduce_alike() {
    let world = World::new();
    let mut stored = cbor::encode(&OrgState::found(&world.entries[0]).unwrap());
    for entry in &world.entries[1..] {
        let mut state: OrgState = cbor::decode(&stored).unwrap();
        state.apply(&Entry::decode(entry.bytes()).unwrap()).unwrap();
        stored = cbor::encode(&state);
    }
    assert_eq!(stored, cbor::encode(&world.org));
    assert_eq!(cbor::decode(&stored), Ok(world.org.clone()));
    let mut case = world.case();
    let mut kept: CaseState = cbor::decode(&cbor::encode(&case)).unwrap();
    let mentor = world.ida.sign(&case_statement(&world.org, Some(&case), &world.ida, world.grant(&world.bo, Role::Mentor)));
    case.apply(&mentor, &world.org).unwrap();
    kept.apply(&mentor, &cbor::decode(&stored).unwrap()).unwrap();
    assert_eq!(cbor::encode(&kept), cbor::encode(&case));
    assert_eq!(cbor::decode(&cbor::encode(&case)), Ok(case));
}

#[test]
fn every_flipped_bit_of_an_entry_is_refused() {
    let world = World::new();
    let good = world.ida.sign(&org_statement(&world.org, &world.ida, invite(50, world.bo.member, Role::Mentor)));
    for at in 0..good.bytes().len() {
        for bit in 0..8 {
            let mut bytes = good.bytes().to_vec();
            bytes[at] ^= 1 << bit;
            let accepted = Entry::decode(&bytes).is_ok_and(|entry| world.org.clone().apply(&entry).is_ok());
            assert!(!accepted, "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn what_the_sponsor_compares_covers_every_key_and_the_invitation() {
    let card = Device::new(1, 1).card;
    let hash = card.request_hash(&token(1));
    let others = [
        DeviceCard { device: DeviceId::from_bytes([9; 16]), ..card.clone() },
        DeviceCard { sign: VerifyingKey::from_bytes([9; 32]), ..card.clone() },
        DeviceCard { request: VerifyingKey::from_bytes([9; 32]), ..card.clone() },
        DeviceCard { receive: receive(9), ..card.clone() },
    ];
    assert!(others.iter().all(|other| other.request_hash(&token(1)) != hash));
    assert_ne!(card.request_hash(&token(2)), hash);
}

#[test]
fn the_hash_of_recipients_knows_no_order() {
    let (a, b) = (Device::new(1, 1), Device::new(2, 2));
    assert_eq!(members_hash([&a.card, &b.card].into_iter()), members_hash([&b.card, &a.card].into_iter()));
    assert_ne!(members_hash([&a.card].into_iter()), members_hash([&a.card, &b.card].into_iter()));
    let rekeyed = DeviceCard { receive: receive(9), ..a.card.clone() };
    assert_ne!(members_hash([&a.card].into_iter()), members_hash([&rekeyed].into_iter()));
}

#[test]
fn codes_are_stable_and_each_is_reached_above() {
    let source = concat!(include_str!("tests.rs"), include_str!("tests/revoking.rs"));
    for (error, code) in [
        (LogError::TooLarge, "log.too_large"),
        (LogError::NotCanonical, "log.not_canonical"),
        (LogError::UnknownVersion, "log.unknown_version"),
        (LogError::WrongLog, "log.wrong_log"),
        (LogError::Conflict, "log.conflict"),
        (LogError::BadSignature, "log.bad_signature"),
        (LogError::UnknownSigner, "log.unknown_signer"),
        (LogError::NotAllowed, "log.not_allowed"),
        (LogError::NeedsSecondPerson, "log.needs_second_person"),
        (LogError::OrgHead, "log.org_head"),
        (LogError::WrongMembers, "log.wrong_members"),
        (LogError::BadEpoch, "log.bad_epoch"),
        (LogError::BadInvitation, "log.bad_invitation"),
        (LogError::BadCard, "log.bad_card"),
        (LogError::Already, "log.already"),
        (LogError::StaleEpoch, "log.stale_epoch"),
        (LogError::LastCoordinator, "log.last_coordinator"),
        (LogError::BadCut, "log.bad_cut"),
    ] {
        assert_eq!(error.code(), code);
        assert!(source.matches(&format!("LogError::{error:?}")).count() > 1, "{error:?}");
    }
}
