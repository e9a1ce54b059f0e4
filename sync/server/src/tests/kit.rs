//! People with keys, a server in a temporary file, and what they say to each other.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use data_encoding::BASE64URL_NOPAD;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use ring::{
    rand::{SecureRandom, SystemRandom},
    signature::{Ed25519KeyPair, KeyPair},
};
use tempfile::TempDir;
use wire::{
    cbor,
    envelope::{Compartment, Envelope, Header, Kind, Stream},
    id::{CaseId, DeviceId, Digest, IncarnationId, MemberId},
    log::{
        Act, CaseAct, CaseState, Cut, DeviceCard, Entry, EpochCard, Head, LogId, OrgAct, OrgState, RECEIVE_KEY_LEN, Role, Statement,
        VERSION, WrapRef, invitation_hash, members_hash,
    },
    message::{
        Admission, AnswerReader, Batch, FOUND_PATH, Founding, Frame, ItemHead, ItemKind, Piece, Push, REQUESTS_PATH, Refusal, Resume,
        SYNC_PATH, Wrap,
    },
    request::sign_request,
    signature::VerifyingKey,
};

use crate::{Config, Orgs, Request, Response, Server, log::sqlite::SqliteLog};

pub(crate) const NOW: i64 = 1_800_000_000_000;
pub(crate) const HOST: &str = "https://brobygger.example";

thread_local! {
    /// A seed and how often it was thrown, where a test wants the same dice every time.
    static KNOWN: std::cell::RefCell<Option<(&'static str, u64)>> = const { std::cell::RefCell::new(None) };
}

/// From here on the dice of this test fall alike every time.
pub(crate) fn known_dice(seed: &'static str) {
    KNOWN.set(Some((seed, 0)));
}

pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    KNOWN.with_borrow_mut(|known| match known {
        None => SystemRandom::new().fill(&mut bytes).unwrap(),
        Some((seed, thrown)) => {
            for chunk in bytes.chunks_mut(32) {
                *thrown += 1;
                chunk.copy_from_slice(&crate::sha256(format!("{seed} {thrown}").as_bytes())[..chunk.len()]);
            }
        }
    });
    bytes
}

/// A person's device.
pub(crate) struct Phone {
    pub(crate) member: MemberId,
    pub(crate) card: DeviceCard,
    sign: Ed25519KeyPair,
    request: Ed25519KeyPair,
}

fn pair() -> (Ed25519KeyPair, VerifyingKey) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&random::<32>()).unwrap();
    let public = VerifyingKey::from_bytes(pair.public_key().as_ref().try_into().unwrap());
    (pair, public)
}

/// A receive key that nobody can open with: well-formed, its X25519 part random.
fn receive_key() -> Vec<u8> {
    [[0; RECEIVE_KEY_LEN - 32].as_slice(), &random::<32>()].concat()
}

impl Phone {
    pub(crate) fn of(member: MemberId) -> Self {
        let ((sign, sign_public), (request, request_public)) = (pair(), pair());
        let receive = receive_key();
        let card = DeviceCard { device: DeviceId::from_bytes(random()), sign: sign_public, request: request_public, receive };
        Self { member, card, sign, request }
    }

    pub(crate) fn new() -> Self {
        Self::of(MemberId::from_bytes(random()))
    }

    pub(crate) fn id(&self) -> DeviceId {
        self.card.device
    }

    /// An Ed25519 signature under the sign key.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.sign.sign(message).as_ref().to_vec()
    }

    pub(crate) fn entry(&self, mut statement: Statement) -> Vec<u8> {
        statement.signer = self.id();
        Entry::sign(&statement, |bytes| self.sign.sign(bytes).as_ref().to_vec())
    }

    pub(crate) fn request(&self, method: Method, path: &str, body: Option<Vec<u8>>, now_ms: i64) -> Request {
        let target_uri = format!("{HOST}{path}");
        let signed = sign_request(&self.id(), method.as_str(), &target_uri, body.as_deref(), now_ms / 1000, |base| {
            self.request.sign(base).as_ref().to_vec()
        });
        let mut headers = HeaderMap::new();
        headers.insert("signature-input", HeaderValue::from_str(&signed.signature_input).unwrap());
        headers.insert("signature", HeaderValue::from_str(&signed.signature).unwrap());
        if let Some(digest) = signed.content_digest {
            headers.insert("content-digest", HeaderValue::from_str(&digest).unwrap());
        }
        Request { method, target_uri, headers, body: body.unwrap_or_default(), address: None }
    }
}

/// What an answer said.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) incarnation: Option<IncarnationId>,
    pub(crate) replies: Vec<Frame>,
    pub(crate) items: Vec<(ItemHead, Vec<u8>)>,
    pub(crate) cursor: Vec<u8>,
    pub(crate) ended: bool,
    /// An item that was cut: its head and what came of it.
    pub(crate) cut: Option<(ItemHead, Vec<u8>)>,
}

impl Answered {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let mut answered = Self::default();
        for piece in AnswerReader::default().feed(bytes).unwrap() {
            match piece {
                Piece::Frame(Frame::Hello { incarnation, .. }) => answered.incarnation = Some(incarnation),
                Piece::Frame(Frame::Item(head)) => answered.cut = Some((head, Vec::new())),
                Piece::Frame(Frame::Mark(cursor)) => answered.cursor = cursor,
                Piece::Frame(Frame::End) => answered.ended = true,
                Piece::Frame(reply) => answered.replies.push(reply),
                Piece::Bytes(bytes) => answered.cut.as_mut().unwrap().1.extend(bytes),
                Piece::ItemEnd => answered.items.extend(answered.cut.take()),
            }
        }
        answered
    }

    pub(crate) fn kinds(&self) -> Vec<ItemKind> {
        self.items.iter().map(|(head, _)| head.kind).collect()
    }

    pub(crate) fn ids(&self) -> Vec<Digest> {
        self.items.iter().map(|(head, _)| head.id).collect()
    }

    /// The code of the only reply, or "ack".
    pub(crate) fn verdict(&self) -> &str {
        match self.replies.as_slice() {
            [Frame::Ack { .. }] => "ack",
            [Frame::Refused { code, .. }] => code,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn acked(&self) -> (Digest, u64) {
        match self.replies.as_slice() {
            [Frame::Ack { id, position }] => (*id, *position),
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn refusal(response: Response) -> (StatusCode, Refusal) {
    let status = response.status;
    (status, cbor::decode(&response.into_bytes().unwrap()).unwrap())
}

/// A server, its organisation, and what a well-behaved client knows of both.
pub(crate) struct Field {
    pub(crate) dir: TempDir,
    pub(crate) server: Server,
    pub(crate) now: Arc<AtomicI64>,
    pub(crate) org: OrgState,
    pub(crate) cases: BTreeMap<CaseId, CaseState>,
    pub(crate) founder: Phone,
}

pub(crate) fn open(dir: &TempDir, now: &Arc<AtomicI64>, orgs: Orgs) -> Server {
    let clock = Arc::clone(now);
    let clock: crate::Clock = Arc::new(move || clock.load(Ordering::SeqCst));
    Server::open(Config { file: dir.path().join("store/log.db"), orgs, clock }).unwrap()
}

pub(crate) fn statement(log: LogId, org: Option<&OrgState>, head: Option<Head>, org_head: Option<Head>, act: Act) -> Statement {
    Statement {
        version: VERSION,
        org: org.map(OrgState::org),
        log,
        seq: head.map_or(0, |head| head.seq + 1),
        prev: head.map_or(Digest::ZERO, |head| head.hash),
        org_head,
        signer: DeviceId::from_bytes([0; 16]),
        claimed_ms: NOW,
        act,
        sealed: None,
    }
}

pub(crate) fn wrap(log: LogId, compartment: Compartment, epoch: u32, device: DeviceId, signer: DeviceId) -> Wrap {
    Wrap { log, compartment, epoch, device, bytes: random::<96>().to_vec(), signer }
}

pub(crate) fn refs(wraps: &[Wrap]) -> Vec<WrapRef> {
    let mut refs: Vec<_> = wraps.iter().map(|wrap| WrapRef { device: wrap.device, hash: wrap.hash() }).collect();
    refs.sort_unstable();
    refs
}

pub(crate) fn epoch(compartment: Compartment, number: u32, wraps: &[Wrap], cards: &[DeviceCard]) -> EpochCard {
    EpochCard {
        compartment,
        number,
        commit: random(),
        wraps: refs(wraps),
        members: members_hash(cards.iter()),
        back: (number > 1).then(|| random::<60>().to_vec()),
        cuts: None,
    }
}

/// The beginning of an organisation, and its log reduced.
pub(crate) fn founding(founder: &Phone) -> (Founding, OrgState) {
    let found = Act::Org(OrgAct::Found { member: founder.member, card: founder.card.clone() });
    let first = founder.entry(statement(LogId::Org, None, None, None, found));
    let mut org = OrgState::found(&Entry::decode(&first).unwrap()).unwrap();
    let wraps = vec![wrap(LogId::Org, Compartment::Directory, 1, founder.id(), founder.id())];
    let card = epoch(Compartment::Directory, 1, &wraps, std::slice::from_ref(&founder.card));
    let second = founder.entry(statement(LogId::Org, Some(&org), Some(org.head()), None, Act::Org(OrgAct::Epoch(card))));
    org.apply(&Entry::decode(&second).unwrap()).unwrap();
    let server = Act::Org(OrgAct::Server { url: HOST.to_owned(), certificates: Vec::new() });
    let third = founder.entry(statement(LogId::Org, Some(&org), Some(org.head()), None, server));
    org.apply(&Entry::decode(&third).unwrap()).unwrap();
    (Founding { entries: [first, second, third].map(Into::into).to_vec(), wraps }, org)
}

impl Field {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(NOW));
        let server = open(&dir, &now, Orgs::First);
        let founder = Phone::new();
        let (founding, org) = founding(&founder);
        let field = Self { dir, server, now, org, cases: BTreeMap::new(), founder };
        let response = field.send(&field.founder, Method::POST, FOUND_PATH, Some(cbor::encode(&founding)));
        assert_eq!(response.status, StatusCode::CREATED);
        let answered = Answered::read(&response.into_bytes().unwrap());
        assert_eq!(answered.replies.len(), 3);
        assert!(answered.ended);
        field
    }

    pub(crate) fn reopen(&mut self) {
        self.server = open(&self.dir, &self.now, Orgs::First);
    }

    pub(crate) fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.dir.path().join("store/log.db")
    }

    /// Bytes that the organisation takes up, as its quota counts them.
    pub(crate) fn fill(&self) -> u64 {
        let db = rusqlite::Connection::open(self.store()).unwrap();
        db.query_row("SELECT bytes FROM organisation", [], |row| row.get(0)).unwrap()
    }

    /// What recomputing the store finds wrong.
    pub(crate) fn problems(&self) -> Vec<crate::verify::Problem> {
        crate::verify::verify(&SqliteLog::open_existing(&self.store()).unwrap()).unwrap().problems
    }

    pub(crate) fn sleep(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
    }

    pub(crate) fn send(&self, phone: &Phone, method: Method, path: &str, body: Option<Vec<u8>>) -> Response {
        self.server.handle(&phone.request(method, path, body, self.now()))
    }

    pub(crate) fn push(&self, phone: &Phone, cursor: &[u8], items: Vec<Push>) -> Answered {
        self.resume(phone, cursor, None, items)
    }

    pub(crate) fn resume(&self, phone: &Phone, cursor: &[u8], resume: Option<Resume>, items: Vec<Push>) -> Answered {
        let batch = Batch { cursor: cursor.to_vec(), resume, items, plain: None };
        let response = self.send(phone, Method::POST, SYNC_PATH, Some(cbor::encode(&batch)));
        assert_eq!(response.status, StatusCode::OK);
        let answered = Answered::read(&response.into_bytes().unwrap());
        assert!(answered.ended && answered.cut.is_none());
        answered
    }

    /// One item from a device that has everything: only the verdict matters.
    pub(crate) fn verdict(&self, phone: &Phone, item: Push) -> String {
        self.push(phone, &[], vec![item]).verdict().to_owned()
    }

    pub(crate) fn pull(&self, phone: &Phone, cursor: &[u8]) -> Option<Answered> {
        let path = format!("{SYNC_PATH}?c={}", BASE64URL_NOPAD.encode(cursor));
        let response = self.send(phone, Method::GET, &path, None);
        let status = response.status;
        let bytes = response.into_bytes().unwrap();
        if status == StatusCode::NO_CONTENT {
            assert!(bytes.is_empty());
            return None;
        }
        assert_eq!(status, StatusCode::OK);
        Some(Answered::read(&bytes))
    }

    pub(crate) fn org_statement(&self, act: OrgAct) -> Statement {
        statement(LogId::Org, Some(&self.org), Some(self.org.head()), None, Act::Org(act))
    }

    /// Takes an entry of the organisation's log into what the client knows, once the server has it.
    pub(crate) fn learn_org(&mut self, bytes: &[u8]) {
        self.org.apply(&Entry::decode(bytes).unwrap()).unwrap();
    }

    pub(crate) fn invite(&mut self, member: MemberId, role: Role, expires_ms: i64) -> [u8; 16] {
        let token = random();
        let act = OrgAct::Invite { invitation: invitation_hash(&token), member, role, expires_ms };
        let entry = self.founder.entry(self.org_statement(act));
        assert_eq!(self.verdict(&self.founder, Push::Log { entry: entry.clone(), wraps: Vec::new() }), "ack");
        self.learn_org(&entry);
        token
    }

    pub(crate) fn ask(&self, phone: &Phone, token: [u8; 16]) -> Response {
        let body = cbor::encode(&Admission { token, card: phone.card.clone() });
        self.send(phone, Method::POST, REQUESTS_PATH, Some(body))
    }

    pub(crate) fn admission(&self, phone: &Phone, token: &[u8; 16]) -> (Vec<u8>, Vec<Wrap>) {
        let wraps = vec![wrap(LogId::Org, Compartment::Directory, 1, phone.id(), self.founder.id())];
        let act = OrgAct::AddDevice { invitation: invitation_hash(token), card: phone.card.clone(), wrap: *refs(&wraps).first().unwrap() };
        (self.founder.entry(self.org_statement(act)), wraps)
    }

    pub(crate) fn admit(&mut self, phone: &Phone, role: Role) {
        let token = self.invite(phone.member, role, NOW + 86_400_000);
        assert!(self.ask(phone, token).status.is_success());
        let (entry, wraps) = self.admission(phone, &token);
        assert_eq!(self.verdict(&self.founder, Push::Log { entry: entry.clone(), wraps }), "ack");
        self.learn_org(&entry);
    }

    pub(crate) fn join(&mut self, role: Role) -> Phone {
        let phone = Phone::new();
        self.admit(&phone, role);
        phone
    }

    pub(crate) fn genesis(&self, phone: &Phone, case: CaseId) -> (Vec<u8>, Vec<Wrap>) {
        let mut members: BTreeMap<MemberId, Role> =
            self.org.members().filter(|(_, state)| state.role.admits()).map(|(id, state)| (*id, state.role)).collect();
        members.insert(phone.member, self.org.role_of(&phone.member).unwrap());
        let cards: Vec<DeviceCard> =
            self.org.devices().filter(|(_, device)| members.contains_key(&device.member)).map(|(_, device)| device.card.clone()).collect();
        let log = LogId::Case(case);
        let wraps: Vec<Wrap> = cards.iter().map(|card| wrap(log, Compartment::Core, 1, card.device, phone.id())).collect();
        let act = CaseAct::Genesis { members: members.into_iter().collect(), epoch: epoch(Compartment::Core, 1, &wraps, &cards) };
        let statement = statement(log, Some(&self.org), None, Some(self.org.head()), Act::Case(act));
        (phone.entry(statement), wraps)
    }

    pub(crate) fn case(&mut self, phone: &Phone) -> CaseId {
        let case = CaseId::from_bytes(random());
        let (entry, wraps) = self.genesis(phone, case);
        assert_eq!(self.verdict(phone, Push::Log { entry: entry.clone(), wraps }), "ack");
        self.cases.insert(case, CaseState::found(&Entry::decode(&entry).unwrap(), &self.org).unwrap());
        case
    }

    pub(crate) fn founder_case(&mut self) -> CaseId {
        let case = CaseId::from_bytes(random());
        let (entry, wraps) = self.genesis(&self.founder, case);
        assert_eq!(self.verdict(&self.founder, Push::Log { entry: entry.clone(), wraps }), "ack");
        self.cases.insert(case, CaseState::found(&Entry::decode(&entry).unwrap(), &self.org).unwrap());
        case
    }

    pub(crate) fn case_statement(&self, case: CaseId, act: CaseAct) -> Statement {
        let head = self.cases.get(&case).map(CaseState::head);
        statement(LogId::Case(case), Some(&self.org), head, Some(self.org.head()), Act::Case(act))
    }

    pub(crate) fn grant_entry(&self, case: CaseId, phone: &Phone, until_ms: Option<i64>) -> (Vec<u8>, Vec<Wrap>) {
        let number = self.cases.get(&case).unwrap().epoch(Compartment::Core);
        let wraps: Vec<Wrap> = self
            .org
            .devices_of(phone.member)
            .map(|device| wrap(LogId::Case(case), Compartment::Core, number, device.card.device, self.founder.id()))
            .collect();
        let act = CaseAct::Grant {
            compartment: Compartment::Core,
            member: phone.member,
            role: self.org.role_of(&phone.member).unwrap(),
            until_ms,
            wraps: refs(&wraps),
        };
        (self.founder.entry(self.case_statement(case, act)), wraps)
    }

    pub(crate) fn learn_case(&mut self, case: CaseId, bytes: &[u8]) {
        let org = &self.org;
        self.cases.get_mut(&case).unwrap().apply(&Entry::decode(bytes).unwrap(), org).unwrap();
    }

    pub(crate) fn grant(&mut self, case: CaseId, phone: &Phone, until_ms: Option<i64>) {
        let (entry, wraps) = self.grant_entry(case, phone, until_ms);
        assert_eq!(self.verdict(&self.founder, Push::Log { entry: entry.clone(), wraps }), "ack");
        self.learn_case(case, &entry);
    }

    pub(crate) fn new_epoch(&mut self, case: CaseId) {
        self.new_epoch_after(case, Vec::new());
    }

    pub(crate) fn new_epoch_after(&mut self, case: CaseId, cuts: Vec<Cut>) {
        let state = self.cases.get(&case).unwrap();
        let cards: Vec<DeviceCard> = self
            .org
            .devices()
            .filter(|(_, device)| state.is_member(Compartment::Core, &device.member))
            .map(|(_, device)| device.card.clone())
            .collect();
        let number = state.epoch(Compartment::Core) + 1;
        let wraps: Vec<Wrap> =
            cards.iter().map(|card| wrap(LogId::Case(case), Compartment::Core, number, card.device, self.founder.id())).collect();
        let card = EpochCard { cuts: (!cuts.is_empty()).then_some(cuts), ..epoch(Compartment::Core, number, &wraps, &cards) };
        let entry = self.founder.entry(self.case_statement(case, CaseAct::Epoch(card)));
        assert_eq!(self.verdict(&self.founder, Push::Log { entry: entry.clone(), wraps }), "ack");
        self.learn_case(case, &entry);
    }
}

pub(crate) fn sealed(phone: &Phone, stream: Stream, kind: Kind, epoch: u32, seq: u64, len: usize) -> Vec<u8> {
    let header = Header { version: 1, kind, stream, epoch, device: phone.id(), seq, salt: random() };
    Envelope::new(header, random(), vec![7; len]).encode()
}

pub(crate) fn segment(phone: &Phone, stream: Stream, seq: u64, len: usize) -> Push {
    Push::Envelope(sealed(phone, stream, Kind::Segment, 1, seq, len))
}

pub(crate) fn snapshot(phone: &Phone, stream: Stream, seq: u64, len: usize, covers: &[(&Phone, u64)]) -> Push {
    let mut covers: Vec<(DeviceId, u64)> = covers.iter().map(|(phone, seq)| (phone.id(), *seq)).collect();
    covers.sort_unstable();
    Push::Snapshot { envelope: sealed(phone, stream, Kind::Snapshot, 1, seq, len), covers }
}
