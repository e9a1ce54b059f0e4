//! A small organisation with known dice, and the golden files made from it: one for each format and version, kept for
//! ever. Today's code reads them, and with the same dice writes them again byte for byte.

#![expect(clippy::disallowed_methods, reason = "these tests read the golden files")]

use std::{convert::Infallible, fs, path::PathBuf};

use rand_core::{TryCryptoRng, TryRng};
use wire::{
    cbor,
    envelope::{Compartment, Envelope, Kind, Stream},
    id::{CaseId, Digest, IncarnationId, MemberId},
    log::{
        Act, CaseAct, CaseState, Cut, DeviceCard, Entry, Head, LogId, OrgAct, OrgState, RevokeReason, Role, Statement, VERSION,
        invitation_hash,
    },
    message::{AnswerReader, Batch, Frame, ItemHead, ItemKind, Piece, Push, Resume, SYNC_PATH, Wrap},
    request::{Claim, RequestHeaders},
    signature::sha256,
};
use zeroize::Zeroizing;

use crate::{
    DeviceKeys, EpochKey, Keychain,
    hazmat::random,
    keychain::wrap_refs,
    keyslot::{self, Cost, MasterKey},
    part::{Place, open_part, seal_part},
    sealed::{Chain, Draft, Reached, Reading, SnapshotBody, follows, open, seal},
    tries::Tries,
};

/// Dice that always fall alike: SHA-256(seed ‖ count) and so on, a fresh count for every 32 bytes.
pub struct Dice {
    seed: Vec<u8>,
    count: u64,
}

impl Dice {
    pub fn new(seed: &str) -> Self {
        Self { seed: seed.as_bytes().to_vec(), count: 0 }
    }
}

impl TryRng for Dice {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut out = [0; 4];
        self.try_fill_bytes(&mut out)?;
        Ok(u32::from_be_bytes(out))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut out = [0; 8];
        self.try_fill_bytes(&mut out)?;
        Ok(u64::from_be_bytes(out))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for chunk in out.chunks_mut(32) {
            let block = sha256(&[&self.seed, &self.count.to_be_bytes()]);
            chunk.copy_from_slice(&block.as_bytes()[..chunk.len()]);
            self.count += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for Dice {}

pub struct Person {
    pub member: MemberId,
    pub keys: DeviceKeys,
    token: [u8; 16],
}

/// Ida coordinates; Aisha and Bo are mentors. Aisha founds a case, Ida lets Bo in, and the key is renewed.
pub struct Field {
    pub dice: Dice,
    pub ida: Person,
    pub aisha: Person,
    pub bo: Person,
    pub org: OrgState,
    pub org_entries: Vec<Vec<u8>>,
    pub stream: Stream,
    pub case: CaseState,
    pub case_entries: Vec<Vec<u8>>,
    pub directory: Keychain,
    pub core: Keychain,
    pub wraps: Vec<Wrap>,
    case_id: CaseId,
    genesis_wraps: Vec<Wrap>,
    sealed_part: Vec<u8>,
}

const NAME: &[u8] = "Aisha Sørensen".as_bytes();
const URL: &str = "https://bro.example:8443";
const CERTIFICATE: [u8; 4] = [0x30, 0x82, 0x01, 0x00];
const CLAIMED_MS: i64 = 1_790_000_000_000;

impl Field {
    pub fn new(seed: &str) -> Self {
        let mut dice = Dice::new(seed);
        let mut person = || Person {
            member: MemberId::from_bytes(random(&mut dice)),
            keys: DeviceKeys::make(&mut dice).unwrap(),
            token: random(&mut dice),
        };
        let (ida, aisha, bo) = (person(), person(), person());
        let case_id = CaseId::from_bytes(random(&mut dice));
        let entry = ida.keys.sign_entry(&found(&ida));
        let org = OrgState::found(&Entry::decode(&entry).unwrap()).unwrap();
        let stream = Stream::core(case_id);
        let genesis = placeholder_case(&org, &ida, case_id, &mut dice);
        let mut field = Self {
            dice,
            ida,
            aisha,
            bo,
            org,
            org_entries: vec![entry],
            stream,
            case: genesis,
            case_entries: Vec::new(),
            directory: Keychain::new(Stream::DIRECTORY),
            core: Keychain::new(stream),
            wraps: Vec::new(),
            case_id,
            genesis_wraps: Vec::new(),
            sealed_part: Vec::new(),
        };
        field.grow();
        field.open_case();
        field
    }

    fn grow(&mut self) {
        let org = self.org.org();
        let (card, wraps) = self.directory.make_epoch(&org, 1, &[self.ida.keys.card()], &self.ida.keys, &mut self.dice).unwrap();
        self.wraps.extend(wraps);
        self.org_act(OrgAct::Epoch(card), None);
        self.org_act(OrgAct::Server { url: URL.to_owned(), certificates: vec![CERTIFICATE.to_vec().into()] }, None);
        for who in [0, 1] {
            let (member, token, card) = {
                let person = if who == 0 { &self.aisha } else { &self.bo };
                (person.member, person.token, person.keys.card().clone())
            };
            let seq = self.org.head().seq + 1;
            let sealed = (who == 0).then(|| {
                let place = Place { org, log: LogId::Org, seq };
                seal_part(&place, 1, self.directory.key(1).unwrap(), NAME, &mut self.dice).unwrap()
            });
            if let Some(sealed) = &sealed {
                self.sealed_part.clone_from(sealed);
            }
            let invitation = invitation_hash(&token);
            self.org_act(OrgAct::Invite { invitation, member, role: Role::Mentor, expires_ms: CLAIMED_MS + 86_400_000 }, sealed);
            let epoch = self.org.directory().unwrap().clone();
            let wraps = self.directory.wrap_to(&org, &epoch, &[&card], &self.ida.keys, &mut self.dice).unwrap();
            let wrap = wrap_refs(&wraps)[0];
            self.wraps.extend(wraps);
            self.org_act(OrgAct::AddDevice { invitation, card, wrap }, None);
        }
        let everyone = [self.ida.keys.card(), self.aisha.keys.card(), self.bo.keys.card()];
        let (card, wraps) = self.directory.make_epoch(&org, 2, &everyone, &self.ida.keys, &mut self.dice).unwrap();
        self.wraps.extend(wraps);
        self.org_act(OrgAct::Epoch(card), None);
    }

    fn open_case(&mut self) {
        let org = self.org.org();
        let (a, i, b) = (self.aisha.keys.card().clone(), self.ida.keys.card().clone(), self.bo.keys.card().clone());
        let (card, wraps) = self.core.make_epoch(&org, 1, &[&i, &a], &self.aisha.keys, &mut self.dice).unwrap();
        let mut members = vec![(self.ida.member, Role::Coordinator), (self.aisha.member, Role::Mentor)];
        members.sort_unstable();
        let genesis = self.case_statement(&self.aisha, None, CaseAct::Genesis { members, epoch: card.clone() });
        let entry = self.aisha.keys.sign_entry(&genesis);
        self.case = CaseState::found(&Entry::decode(&entry).unwrap(), &self.org).unwrap();
        self.case_entries.push(entry);
        self.genesis_wraps.clone_from(&wraps);
        self.wraps.extend(wraps);
        let wraps = self.core.wrap_to(&org, &card, &[&b], &self.ida.keys, &mut self.dice).unwrap();
        let until_ms = Some(CLAIMED_MS + 1_000_000);
        let grant = CaseAct::Grant {
            compartment: Compartment::Core,
            member: self.bo.member,
            role: Role::CoMentor,
            until_ms,
            wraps: wrap_refs(&wraps),
        };
        self.case_act(0, grant);
        self.wraps.extend(wraps);
        let (card, wraps) = self.core.make_epoch(&org, 2, &[&i, &a, &b], &self.aisha.keys, &mut self.dice).unwrap();
        self.case_act(1, CaseAct::Epoch(card));
        self.wraps.extend(wraps);
    }

    fn org_act(&mut self, act: OrgAct, sealed: Option<Vec<u8>>) {
        let head = self.org.head();
        let statement =
            Statement { org: Some(self.org.org()), seq: head.seq + 1, prev: head.hash, act: Act::Org(act), sealed, ..found(&self.ida) };
        let entry = self.ida.keys.sign_entry(&statement);
        self.org.apply(&Entry::decode(&entry).unwrap()).unwrap();
        self.org_entries.push(entry);
    }

    fn case_statement(&self, signer: &Person, head: Option<Head>, act: CaseAct) -> Statement {
        Statement {
            org: Some(self.org.org()),
            log: LogId::Case(self.case_id),
            seq: head.map_or(0, |head| head.seq + 1),
            prev: head.map_or(Digest::ZERO, |head| head.hash),
            org_head: Some(self.org.head()),
            act: Act::Case(act),
            ..found(signer)
        }
    }

    fn case_act(&mut self, who: u8, act: CaseAct) {
        let signer = if who == 0 { &self.ida } else { &self.aisha };
        let entry = signer.keys.sign_entry(&self.case_statement(signer, Some(self.case.head()), act));
        self.case.apply(&Entry::decode(&entry).unwrap(), &self.org).unwrap();
        self.case_entries.push(entry);
    }

    /// Bo's phone is lost: from here on it signs nothing more.
    pub fn lose_bo(&mut self) {
        self.org_act(OrgAct::Revoke { device: self.bo.keys.device(), reason: RevokeReason::Lost }, None);
    }

    /// The case gets a key that Bo's phone is not given, and Bo's words count up to here.
    pub fn cut_bo(&mut self, cut: Option<Cut>) {
        let cards = [self.ida.keys.card().clone(), self.aisha.keys.card().clone()];
        let (mut card, wraps) =
            self.core.make_epoch(&self.org.org(), 3, &[&cards[0], &cards[1]], &self.aisha.keys, &mut self.dice).unwrap();
        card.cuts = cut.map(|cut| vec![cut]);
        self.case_act(1, CaseAct::Epoch(card));
        self.wraps.extend(wraps);
    }

    /// What Aisha would write next.
    pub fn draft<'a>(&'a self, kind: Kind, body: &'a [u8]) -> Draft<'a> {
        Draft {
            org: self.org.org(),
            stream: self.stream,
            kind,
            epoch: 2,
            key: self.core.key(2).unwrap(),
            chain: Chain::START,
            claimed_ms: CLAIMED_MS,
            last: sha256(&[b"last change"]),
            count: 3,
            body,
        }
    }

    /// What a member of the case knows.
    pub fn reading(&self) -> Reading<'_> {
        Reading { stream: self.stream, keychain: &self.core, org: &self.org, case: Some(&self.case) }
    }
}

fn found(signer: &Person) -> Statement {
    Statement {
        version: VERSION,
        org: None,
        log: LogId::Org,
        seq: 0,
        prev: Digest::ZERO,
        org_head: None,
        signer: signer.keys.device(),
        claimed_ms: CLAIMED_MS,
        act: Act::Org(OrgAct::Found { member: signer.member, card: signer.keys.card().clone() }),
        sealed: None,
    }
}

/// A case of the coordinator alone, until the real one begins.
fn placeholder_case(org: &OrgState, ida: &Person, case: CaseId, dice: &mut Dice) -> CaseState {
    let (epoch, _) = Keychain::new(Stream::core(case)).make_epoch(&org.org(), 1, &[ida.keys.card()], &ida.keys, dice).unwrap();
    let statement = Statement {
        org: Some(org.org()),
        log: LogId::Case(case),
        org_head: Some(org.head()),
        act: Act::Case(CaseAct::Genesis { members: vec![(ida.member, Role::Coordinator)], epoch }),
        ..found(ida)
    };
    CaseState::found(&Entry::decode(&ida.keys.sign_entry(&statement)).unwrap(), org).unwrap()
}

pub const SEED: &str = "brobygger golden 1";
const BODY: &[u8] = "Tre ændringer, pakket sammen.".as_bytes();
const PASSPHRASE: &str = "bro sten vand lys hjem vej";
const KEYSTORE: [u8; 32] = [0x4b; 32];
const SECOND: &[u8] = b"en anden vej ind som man giver fra sig";
const CREATED_S: i64 = 1_790_000_000;

struct Golden {
    files: Vec<(&'static str, Vec<u8>)>,
    manifest: String,
}

impl Golden {
    fn says(&mut self, name: &str, bytes: &[u8]) {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.manifest.push_str(&format!("{name} = {hex}\n"));
    }

    /// What went into the files, for whoever derives them again.
    fn notes(&mut self, field: &Field, whole: &[u8], master: &MasterKey) {
        for (name, person) in [("ida", &field.ida), ("aisha", &field.aisha), ("bo", &field.bo)] {
            self.says(&format!("{name}.member"), person.member.as_bytes());
            self.says(&format!("{name}.keys"), &person.keys.to_secret_bytes());
            self.says(&format!("{name}.token"), &person.token);
            self.says(&format!("{name}.actor"), &person.keys.actor(&field.case_id));
        }
        self.says("case", field.case_id.as_bytes());
        for epoch in [1, 2] {
            self.says(&format!("directory.{epoch}"), field.directory.key(epoch).unwrap().to_secret_bytes().as_slice());
            self.says(&format!("core.{epoch}"), field.core.key(epoch).unwrap().to_secret_bytes().as_slice());
        }
        self.says("part.text", NAME);
        self.says("envelope.body", BODY);
        self.says("envelope.last", sha256(&[b"last change"]).as_bytes());
        self.says("snapshot.body", whole);
        self.says("keyslots.passphrase", PASSPHRASE.as_bytes());
        self.says("keyslots.keystore", &KEYSTORE);
        let challenge = keyslot::keystore_challenge(&self.files[6].1).unwrap();
        self.says("keyslots.challenge", &challenge);
        self.says("keyslots.database", master.database_key(&[]).unwrap().as_slice());
        self.says("server.url", URL.as_bytes());
        self.says("server.certificate", &CERTIFICATE);
        self.says("claimed_ms", &CLAIMED_MS.to_be_bytes());
        self.says("aisha.request_hash", field.aisha.keys.card().request_hash(&invitation_hash(&field.aisha.token)).as_bytes());
    }
}

fn snapshot_body(field: &Field, chain: Chain) -> Vec<u8> {
    let reaches = vec![Reached { device: field.aisha.keys.device(), chain, last: sha256(&[b"last change"]), signed: None }];
    cbor::encode(&SnapshotBody { reaches, card: b"card".to_vec(), document: b"document".to_vec() })
}

fn answer(field: &Field, envelope: &[u8], wrap: &Wrap) -> Vec<u8> {
    let item = |kind, position, case, bytes: &[u8], offset: usize| {
        let head = ItemHead { kind, position, case, id: sha256(&[bytes]), total: bytes.len() as u64, offset: offset as u64 };
        [Frame::Item(head).encode(), bytes[offset..].to_vec()].concat()
    };
    let case = Some(field.case_id);
    [
        Frame::Hello { incarnation: IncarnationId::from_bytes([0x11; 16]), server_ms: CLAIMED_MS }.encode(),
        Frame::Ack { id: sha256(&[envelope]), position: 12 }.encode(),
        Frame::Refused { id: sha256(&[b"another"]), code: "env.unknown_epoch".to_owned() }.encode(),
        item(ItemKind::OrgEntry, 1, None, &field.org_entries[1], 0),
        item(ItemKind::CaseEntry, 9, case, &field.case_entries[1], 0),
        item(ItemKind::Wrap, 10, case, &cbor::encode(wrap), 0),
        item(ItemKind::Segment, 12, case, envelope, 100),
        Frame::Mark(b"an opaque cursor".to_vec()).encode(),
        Frame::End.encode(),
    ]
    .concat()
}

fn golden() -> Golden {
    let field = Field::new(SEED);
    let mut dice = Dice { seed: b"brobygger golden 1, sealing".to_vec(), count: 0 };
    let sealed = seal(&field.draft(Kind::Segment, BODY), &field.aisha.keys, &mut dice).unwrap();
    let whole = snapshot_body(&field, sealed.chain);
    let snapshot = seal(&field.draft(Kind::Snapshot, &whole), &field.aisha.keys, &mut dice).unwrap();
    let wrap = field.wraps.iter().rfind(|wrap| wrap.device == field.bo.keys.device()).unwrap().clone();
    let master = MasterKey::make(&mut dice);
    let keystore = Zeroizing::new(KEYSTORE.to_vec());
    let prepared = keyslot::prepare_as(keyslot::Version::First, Cost::FLOOR, crate::hazmat::random, &mut dice).unwrap();
    let slots = keyslot::create(prepared, PASSPHRASE.as_bytes(), &keystore, &master, &mut dice).unwrap();
    let batch = cbor::encode(&Batch {
        cursor: b"an opaque cursor".to_vec(),
        resume: Some(Resume { id: sha256(&[&sealed.envelope.encode()]), offset: 100 }),
        items: vec![
            Push::Log { entry: field.case_entries[0].clone(), wraps: field.genesis_wraps.clone() },
            Push::Envelope(sealed.envelope.encode()),
            Push::Snapshot { envelope: snapshot.envelope.encode(), covers: vec![(field.aisha.keys.device(), 1)] },
        ],
        plain: None,
    });
    let uri = format!("{URL}{SYNC_PATH}");
    let post = field.aisha.keys.sign_request("POST", &uri, Some(&batch), CREATED_S);
    let get = field.aisha.keys.sign_request("GET", &format!("{uri}?c=abc"), None, CREATED_S);
    let request = |method: &str, uri: &str, headers: &RequestHeaders| {
        let digest = headers.content_digest.as_ref().map(|digest| format!("Content-Digest: {digest}\n")).unwrap_or_default();
        format!("{method} {uri}\nSignature-Input: {}\nSignature: {}\n{digest}", headers.signature_input, headers.signature).into_bytes()
    };
    let mut golden = Golden {
        files: vec![
            ("org-log-1.bin", field.org_entries.concat()),
            ("case-log-1.bin", field.case_entries.concat()),
            ("wrap-1.bin", cbor::encode(&wrap)),
            ("sealed-part-1.bin", field.sealed_part.clone()),
            ("envelope-1.bin", sealed.envelope.encode()),
            ("snapshot-1.bin", snapshot.envelope.encode()),
            ("keyslots-1.bin", slots),
            ("batch-1.bin", batch),
            ("answer-1.bin", answer(&field, &sealed.envelope.encode(), &wrap)),
            ("request-post-1.txt", request("POST", &uri, &post)),
            ("request-get-1.txt", request("GET", &format!("{uri}?c=abc"), &get)),
            ("org-state-1.bin", cbor::encode(&field.org)),
            ("case-state-1.bin", cbor::encode(&field.case)),
        ],
        manifest: "# What went into the golden files of version 1, in hex. Keys of nobody, for tests only.\n".to_owned(),
    };
    golden.notes(&field, &whole, &master);
    golden
}

/// Formats that came later: keyslots of version 2, and the count of tries, with and without a keystore.
fn golden_2() -> Golden {
    let mut dice = Dice { seed: b"brobygger golden 2".to_vec(), count: 0 };
    let master = MasterKey::make(&mut dice);
    let keystore = Zeroizing::new(KEYSTORE.to_vec());
    let slots =
        keyslot::create(keyslot::prepare(Cost::FLOOR, &mut dice).unwrap(), PASSPHRASE.as_bytes(), &keystore, &master, &mut dice).unwrap();
    let salt = keyslot::look(&slots).unwrap().salt;
    let tries = Tries { used: 7, serial: 258, at_ms: 1_795_334_400_000 };
    let Ok(proven) = tries.encode(&salt, |asked| Ok::<_, Infallible>(keyslot::software_keystore(&KEYSTORE, asked)));
    let Ok(bare) = tries.encode(&salt, |_| Ok::<_, Infallible>(Zeroizing::default()));
    let challenge = keyslot::keystore_challenge(&slots).unwrap();
    let mut golden = Golden {
        files: vec![("keyslots-2.bin", slots), ("tries-1.bin", proven), ("tries-bare-1.bin", bare)],
        manifest: "# What went into the golden files that came after the first, in hex. Keys of nobody, for tests only.\n".to_owned(),
    };
    golden.says("keyslots.passphrase", PASSPHRASE.as_bytes());
    golden.says("keyslots.keystore", &KEYSTORE);
    golden.says("keyslots.challenge", &challenge);
    golden.says("keyslots.database", master.database_key(&[]).unwrap().as_slice());
    golden.says("tries.keystore_key", &KEYSTORE);
    golden.says("tries.used", &[tries.used]);
    golden.says("tries.serial", &tries.serial.to_be_bytes());
    golden.says("tries.at_ms", &tries.at_ms.to_be_bytes());
    golden
}

/// A keyslot file in which a second secret keeps words that fill more than one slot.
fn golden_3() -> Golden {
    let mut dice = Dice { seed: b"brobygger golden 3".to_vec(), count: 0 };
    let master = MasterKey::make(&mut dice);
    let keystore = Zeroizing::new(KEYSTORE.to_vec());
    let prepared = keyslot::prepare(Cost::FLOOR, &mut dice).unwrap();
    let slots = keyslot::create(prepared, PASSPHRASE.as_bytes(), &keystore, &master, &mut dice).unwrap();
    let words: Vec<u8> = (0..700_u16).map(|n| n.to_be_bytes()[1]).collect();
    let both = keyslot::with_second(&slots, PASSPHRASE.as_bytes(), &keystore, Some((SECOND, &words)), &mut dice).unwrap();
    let mut golden = Golden {
        files: vec![("keyslots-second-2.bin", both)],
        manifest: "# What went into the golden file of a second secret, in hex. Keys of nobody, for tests only.\n".to_owned(),
    };
    golden.says("keyslots.passphrase", PASSPHRASE.as_bytes());
    golden.says("keyslots.keystore", &KEYSTORE);
    golden.says("keyslots.database", master.database_key(&[]).unwrap().as_slice());
    golden.says("second.passphrase", SECOND);
    golden.says("second.words", &words);
    golden
}

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden")
}

pub fn file(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap()
}

pub fn noted(name: &str) -> Vec<u8> {
    noted_in("manifest-1.txt", name)
}

fn noted_in(manifest: &str, name: &str) -> Vec<u8> {
    let manifest = String::from_utf8(file(manifest)).unwrap();
    let start = format!("{name} = ");
    crate::hazmat::tests::hex(manifest.lines().find_map(|line| line.strip_prefix(&start)).unwrap())
}

/// Only for a new format: a golden file once published is never written again.
#[test]
#[ignore = "writes the golden files"]
fn regenerate_golden() {
    fs::create_dir_all(folder()).unwrap();
    for (golden, manifest) in [(golden(), "manifest-1.txt"), (golden_2(), "manifest-2.txt"), (golden_3(), "manifest-3.txt")] {
        for (name, bytes) in &golden.files {
            fs::write(folder().join(name), bytes).unwrap();
        }
        fs::write(folder().join(manifest), golden.manifest).unwrap();
    }
}

#[test]
fn the_golden_files_are_written_again_byte_for_byte() {
    for (golden, manifest) in [(golden(), "manifest-1.txt"), (golden_2(), "manifest-2.txt"), (golden_3(), "manifest-3.txt")] {
        for (name, bytes) in &golden.files {
            assert!(file(name) == *bytes, "{name} would be written otherwise");
        }
        assert_eq!(String::from_utf8(file(manifest)).unwrap(), golden.manifest);
    }
}

/// The logs are files of entries one after another.
fn entries(name: &str) -> Vec<Entry> {
    let bytes = file(name);
    let (mut at, mut out) = (0, Vec::new());
    while at < bytes.len() {
        let mut decoder = minicbor::Decoder::new(&bytes[at..]);
        decoder.skip().unwrap();
        let end = at + decoder.position();
        out.push(Entry::decode(&bytes[at..end]).unwrap());
        at = end;
    }
    out
}

fn golden_states() -> (OrgState, CaseState) {
    let org_log = entries("org-log-1.bin");
    let mut org = OrgState::found(&org_log[0]).unwrap();
    for entry in &org_log[1..] {
        org.apply(entry).unwrap();
    }
    let case_log = entries("case-log-1.bin");
    let mut case = CaseState::found(&case_log[0], &org).unwrap();
    for entry in &case_log[1..] {
        case.apply(entry, &org).unwrap();
    }
    (org, case)
}

#[test]
fn the_golden_logs_reduce_to_the_golden_states() {
    let (org, case) = golden_states();
    assert_eq!(cbor::decode(&file("org-state-1.bin")), Ok(org));
    assert_eq!(cbor::decode(&file("case-state-1.bin")), Ok(case));
}

/// From the wrap alone to the oldest key, the envelope and the snapshot: what a newcomer's device does.
#[test]
fn the_golden_wrap_leads_to_the_golden_envelopes() {
    let (org, case) = golden_states();
    let bo = DeviceKeys::from_secret_bytes(&noted("bo.keys")).unwrap();
    let stream = Stream::core(case.case());
    let wrap: Wrap = cbor::decode(&file("wrap-1.bin")).unwrap();
    let mut keychain = Keychain::new(stream);
    keychain.receive(&org.org(), &wrap, &bo, &case.compartment(Compartment::Core).unwrap().epoch).unwrap();
    let cards: Vec<_> = entries("case-log-1.bin")
        .iter()
        .filter_map(|entry| match &entry.statement().act {
            Act::Case(CaseAct::Genesis { epoch, .. } | CaseAct::Epoch(epoch)) => Some(epoch.clone()),
            _ => None,
        })
        .collect();
    keychain.walk_back(&cards[1], &cards[0]).unwrap();
    for epoch in [1, 2] {
        assert_eq!(keychain.key(epoch).unwrap().to_secret_bytes().to_vec(), noted(&format!("core.{epoch}")));
    }
    let reading = Reading { stream, keychain: &keychain, org: &org, case: Some(&case) };
    let opened = open(&Envelope::decode(&file("envelope-1.bin")).unwrap(), &reading).unwrap();
    assert_eq!(opened.body, noted("envelope.body"));
    assert_eq!(opened.statement.last.as_bytes().to_vec(), noted("envelope.last"));
    assert_eq!(opened.actor().unwrap().to_vec(), noted("aisha.actor"));
    assert_eq!(follows(&opened, Chain::START), Ok(()));
    let snapshot = open(&Envelope::decode(&file("snapshot-1.bin")).unwrap(), &reading).unwrap();
    assert_eq!(snapshot.body, noted("snapshot.body"));
    let body: SnapshotBody = cbor::decode(&snapshot.body).unwrap();
    assert_eq!(body.reaches[0].chain, opened.chain);
}

#[test]
fn the_golden_part_opens_in_its_place() {
    let (org, _) = golden_states();
    let key = EpochKey::from_secret_bytes(noted("directory.1").try_into().unwrap());
    let place = Place { org: org.org(), log: LogId::Org, seq: 3 };
    assert_eq!(open_part(&place, 1, &key, &file("sealed-part-1.bin")).unwrap().to_vec(), noted("part.text"));
    assert_eq!(entries("org-log-1.bin")[3].statement().sealed, Some(file("sealed-part-1.bin")));
}

#[test]
fn the_golden_keyslots_open() {
    for version in [1, 2] {
        let noted = |name: &str| noted_in(&format!("manifest-{version}.txt"), name);
        let keystore = Zeroizing::new(noted("keyslots.keystore"));
        let master = keyslot::open(&file(&format!("keyslots-{version}.bin")), &noted("keyslots.passphrase"), &keystore).unwrap();
        assert_eq!(master.database_key(&[]).unwrap().to_vec(), noted("keyslots.database"));
    }
}

#[test]
fn the_golden_second_secret_opens_its_words_and_the_first_the_vault() {
    let noted = |name: &str| noted_in("manifest-3.txt", name);
    let (file, keystore) = (file("keyslots-second-2.bin"), Zeroizing::new(noted("keyslots.keystore")));
    let master = keyslot::open(&file, &noted("keyslots.passphrase"), &keystore).unwrap();
    assert_eq!(master.database_key(&[]).unwrap().to_vec(), noted("keyslots.database"));
    match keyslot::open_any(&file, &noted("second.passphrase"), &keystore).unwrap() {
        keyslot::Opened::Second(words) => assert_eq!(*words, noted("second.words")),
        keyslot::Opened::Master(_) => panic!("it opens the vault"),
    }
}

#[test]
fn the_golden_counts_of_tries_are_read() {
    let noted = |name: &str| noted_in("manifest-2.txt", name);
    let salt = keyslot::look(&file("keyslots-2.bin")).unwrap().salt;
    let number = |name: &str| <[u8; 8]>::try_from(noted(name)).unwrap();
    let tries = Tries {
        used: noted("tries.used")[0],
        serial: u64::from_be_bytes(number("tries.serial")),
        at_ms: i64::from_be_bytes(number("tries.at_ms")),
    };
    let keystore = |asked: &[u8]| Ok::<_, Infallible>(keyslot::software_keystore(&noted("tries.keystore_key"), asked));
    assert_eq!(Tries::decode(&file("tries-1.bin"), &salt, keystore), Ok(Some(tries)));
    assert_eq!(Tries::decode(&file("tries-bare-1.bin"), &salt, |_| Ok::<_, Infallible>(Zeroizing::default())), Ok(Some(tries)));
}

#[test]
fn the_golden_batch_and_answer_are_understood() {
    let bytes = file("batch-1.bin");
    let batch: Batch = cbor::decode(&bytes).unwrap();
    assert_eq!(cbor::encode(&batch), bytes);
    assert_eq!(batch.items.len(), 3);
    assert_eq!(batch.items[1].id(), sha256(&[&file("envelope-1.bin")]));
    let mut reader = AnswerReader::default();
    let pieces = reader.feed(&file("answer-1.bin")).unwrap();
    assert_eq!(pieces.last(), Some(&Piece::Frame(Frame::End)));
    assert!(pieces.contains(&Piece::Bytes(file("wrap-1.bin"))));
}

#[test]
fn the_golden_requests_are_believed() {
    let (org, _) = golden_states();
    for (name, body) in [("request-post-1.txt", Some(file("batch-1.bin"))), ("request-get-1.txt", None)] {
        let text = String::from_utf8(file(name)).unwrap();
        let (method, uri) = text.lines().next().unwrap().split_once(' ').unwrap();
        let header = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).map(str::to_owned);
        let headers = RequestHeaders {
            signature_input: header("Signature-Input: ").unwrap(),
            signature: header("Signature: ").unwrap(),
            content_digest: header("Content-Digest: "),
        };
        let claim = Claim::read(method, uri, body.as_deref(), &headers).unwrap();
        let card: &DeviceCard = &org.device(&claim.device).unwrap().card;
        assert_eq!(claim.verify(&card.request, CREATED_S), Ok(()));
    }
}
