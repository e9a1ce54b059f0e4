//! An envelope with one more meeting in it: sealed, opened, and taken in by a device that has the case.

use std::rc::Rc;

use casework::{Author, Case, Edit, encode_segment};
use getrandom::SysRng;
use rand_core::UnwrapErr;
use seal::{
    DeviceKeys, EpochKey, Keychain,
    sealed::{self, Chain, Draft, Reading},
};
use wire::{
    envelope::{Compartment, Envelope, Kind, Stream},
    id::{Digest, MemberId},
    log::{Act, CaseAct, CaseState, Entry, LogId, OrgAct, OrgState, Role, Statement, VERSION},
};

use crate::{
    Scene,
    history::{self, CASE},
};

const EPOCH: u32 = 1;
const IDA: MemberId = MemberId::from_bytes([3; 16]);

/// Ida's organisation, her case and its key.
struct Office {
    keys: DeviceKeys,
    org: OrgState,
    case: CaseState,
    keychain: Keychain,
}

impl Office {
    fn open() -> Self {
        let mut dice = UnwrapErr(SysRng);
        let keys = DeviceKeys::make(&mut dice).expect("keys");
        let found = Statement {
            version: VERSION,
            org: None,
            log: LogId::Org,
            seq: 0,
            prev: Digest::ZERO,
            org_head: None,
            signer: keys.device(),
            claimed_ms: history::at_ms(0),
            act: Act::Org(OrgAct::Found { member: IDA, card: keys.card().clone() }),
            sealed: None,
        };
        let entry = |statement: &Statement| Entry::decode(&keys.sign_entry(statement)).expect("an entry");
        let org = OrgState::found(&entry(&found)).expect("an organisation");
        let mut keychain = Keychain::new(Stream::core(CASE));
        let (epoch, _) = keychain.make_epoch(&org.org(), EPOCH, &[keys.card()], &keys, &mut dice).expect("an epoch");
        let genesis = Statement {
            org: Some(org.org()),
            log: LogId::Case(CASE),
            org_head: Some(org.head()),
            act: Act::Case(CaseAct::Genesis { members: vec![(IDA, Role::Coordinator)], epoch }),
            ..found
        };
        let case = CaseState::found(&entry(&genesis), &org).expect("a case");
        Self { keys, org, case, keychain }
    }

    fn key(&self) -> &EpochKey {
        self.keychain.key(EPOCH).expect("a key")
    }

    fn reading(&self) -> Reading<'_> {
        Reading { stream: Stream::core(CASE), keychain: &self.keychain, org: &self.org, case: Some(&self.case) }
    }

    fn seal(&self, letter: &Letter) -> Envelope {
        let draft = Draft {
            org: self.org.org(),
            stream: Stream { case: Some(CASE), compartment: Compartment::Core },
            kind: Kind::Segment,
            epoch: EPOCH,
            key: self.key(),
            chain: Chain::START,
            claimed_ms: history::at_ms(0),
            last: letter.last,
            count: letter.count,
            body: &letter.body,
        };
        sealed::seal(&draft, &self.keys, &mut UnwrapErr(SysRng)).expect("sealed").envelope
    }
}

/// What travels: Ida's next entry after so many that everybody has.
#[derive(Clone)]
struct Letter {
    body: Vec<u8>,
    last: Digest,
    count: u32,
}

impl Letter {
    fn after(case: &[u8], keys: &DeviceKeys, next: Edit) -> Self {
        let mut desk = Case::load(CASE, keys.actor(&CASE), case).expect("the case loads");
        let ida = Author { member: IDA, device: keys.device() };
        desk.edit(next, &ida, history::at_ms(0)).expect("an entry");
        let news = desk.unsent(0);
        Self {
            body: encode_segment(&news.changes).expect("it packs"),
            last: Digest::from_bytes(news.last.expect("a change")),
            count: u32::try_from(news.changes.len()).expect("few"),
        }
    }
}

/// An office, what its members have of the case, and the next entry.
fn laid_out(entries: usize) -> (Office, Vec<u8>, Letter) {
    let office = Office::open();
    let case = history::written(entries).save();
    let letter = Letter::after(&case, &office.keys, history::entry(entries.next_multiple_of(5)));
    (office, case, letter)
}

/// An entry is packed, signed and sealed.
pub fn seal(entries: usize) -> Scene {
    let (office, _, letter) = laid_out(entries);
    let office = Rc::new(office);
    Box::new(move || {
        let (office, letter) = (Rc::clone(&office), letter.clone());
        Box::new(move || Box::new(office.seal(&letter)))
    })
}

/// An envelope is opened and its author's signature checked.
pub fn open(entries: usize) -> Scene {
    let (office, _, letter) = laid_out(entries);
    let envelope = office.seal(&letter);
    let office = Rc::new(office);
    Box::new(move || {
        let (office, envelope) = (Rc::clone(&office), envelope.clone());
        Box::new(move || Box::new(sealed::open(&envelope, &office.reading()).expect("opened")))
    })
}

/// An opened envelope's changes go into the document.
pub fn merge(entries: usize) -> Scene {
    let (office, bytes, letter) = laid_out(entries);
    let envelope = office.seal(&letter);
    Box::new(move || {
        let mut case = Case::load(CASE, [9; 16], &bytes).expect("the case loads");
        let opened = sealed::open(&envelope, &office.reading()).expect("opened");
        Box::new(move || {
            let received = case.merge(&opened).expect("it unpacks");
            assert!(received.applied > 0 && received.refused.is_empty(), "{received:?}");
            Box::new((case, opened))
        })
    })
}
