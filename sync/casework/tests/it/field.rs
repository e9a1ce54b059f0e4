//! The small organisation of the golden files: what Ida's device knows, and what Bo's can seal.

use std::{convert::Infallible, fs, path::PathBuf};

use casework::{Author, Case, Edit};
use rand_core::{TryCryptoRng, TryRng};
use seal::{
    DeviceKeys, EpochKey, Keychain, Opened,
    sealed::{Chain, Draft, Reading, open, seal},
};
use wire::{
    cbor,
    envelope::{Envelope, Kind, Stream},
    id::{CaseId, DeviceId, Digest, ItemId, MemberId, OrgId},
    log::{CaseState, OrgState},
    signature::sha256,
};

/// Dice that fall alike for the same seed: SHA-256(seed ‖ count), 32 bytes a throw.
pub struct Dice {
    seed: String,
    count: u64,
}

impl Dice {
    pub fn new(seed: &str) -> Self {
        Self { seed: seed.to_owned(), count: 0 }
    }

    pub fn next(&mut self) -> u64 {
        let mut out = [0; 8];
        self.fill(&mut out);
        u64::from_be_bytes(out)
    }

    /// A number below `end`; 0 when there is none.
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { usize::try_from(self.next() % end as u64).unwrap() }
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        let mut out = vec![0; len];
        self.fill(&mut out);
        out
    }

    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            let block = sha256(&[self.seed.as_bytes(), &self.count.to_be_bytes()]);
            chunk.copy_from_slice(&block.as_bytes()[..chunk.len()]);
            self.count += 1;
        }
    }
}

impl TryRng for Dice {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::try_from(self.next() >> 32).unwrap())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next())
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.fill(out);
        Ok(())
    }
}

impl TryCryptoRng for Dice {}

pub fn file(name: &str) -> Vec<u8> {
    fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden").join(name)).unwrap()
}

pub fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// What the manifest of the golden files says of a name.
fn noted(name: &str) -> Vec<u8> {
    let text = String::from_utf8(file("manifest-1.txt")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = ")).unwrap().to_owned();
    hex(&line)
}

/// What Ida's device holds of the organisation and of Aisha's case, and Bo's keys: he is a member and wishes no good.
pub struct Field {
    pub org: OrgState,
    pub case: CaseState,
    pub core: Keychain,
    pub directory: Keychain,
    pub ida: DeviceKeys,
    pub bo: DeviceKeys,
    pub stream: Stream,
}

impl Field {
    pub fn golden() -> Self {
        let case: CaseState = cbor::decode(&file("case-state-1.bin")).unwrap();
        let stream = Stream::core(case.case());
        let keychain = |stream, name: &str| {
            let mut keychain = Keychain::new(stream);
            for epoch in [1, 2] {
                let key = noted(&format!("{name}.{epoch}")).try_into().unwrap();
                keychain.hold(epoch, EpochKey::from_secret_bytes(key));
            }
            keychain
        };
        let keys = |name: &str| DeviceKeys::from_secret_bytes(&noted(&format!("{name}.keys"))).unwrap();
        Self {
            org: cbor::decode(&file("org-state-1.bin")).unwrap(),
            core: keychain(stream, "core"),
            directory: keychain(Stream::DIRECTORY, "directory"),
            ida: keys("ida"),
            bo: keys("bo"),
            case,
            stream,
        }
    }

    pub const fn case_id(&self) -> CaseId {
        self.case.case()
    }

    pub const fn org_id(&self) -> OrgId {
        self.org.org()
    }

    pub fn reading(&self) -> Reading<'_> {
        Reading { stream: self.stream, keychain: &self.core, org: &self.org, case: Some(&self.case) }
    }

    /// A segment of Bo's as it travels.
    pub fn sealed(&self, body: &[u8], last: [u8; 32], count: u32) -> Envelope {
        let draft = Draft {
            org: self.org_id(),
            stream: self.stream,
            kind: Kind::Segment,
            epoch: 2,
            key: self.core.key(2).unwrap(),
            chain: Chain::START,
            claimed_ms: 0,
            last: Digest::from_bytes(last),
            count,
            body,
        };
        seal(&draft, &self.bo, &mut Dice::new("sealing")).unwrap().envelope
    }

    /// What Ida's device has in its hands when Bo's segment has come and was opened.
    pub fn opened(&self, body: &[u8], last: [u8; 32], count: u32) -> Opened {
        open(&self.sealed(body, last, count), &self.reading()).unwrap()
    }

    /// The case as Bo's device has it, with so many notes of his.
    pub fn of_bo(&self, notes: u16) -> Case {
        let mut case = Case::found(self.case_id(), self.bo.actor(&self.case_id())).unwrap();
        (0..notes).for_each(|n| note(&mut case, n, "Bos ord, æøå, en hel linje af dem."));
        case
    }

    /// The case as Ida's device has it: words of her own, and Bo's first note.
    pub fn of_ida(&self) -> Case {
        let mut case = Case::found(self.case_id(), self.ida.actor(&self.case_id())).unwrap();
        (100..110).for_each(|n| note(&mut case, n, "Idas ord"));
        let bo = self.of_bo(1);
        assert_eq!(case.receive(bo.actor(), &bo.unsent(0).changes).applied, 1);
        case
    }
}

pub fn note(case: &mut Case, n: u16, text: &str) {
    let mut id = [0x55; 16];
    id[..2].copy_from_slice(&n.to_be_bytes());
    let by = Author { member: MemberId::from_bytes([1; 16]), device: DeviceId::from_bytes([2; 16]) };
    case.edit(Edit::AddNote { id: ItemId::from_bytes(id), text: text.into(), at_ms: 5 }, &by, 1_700_000_000_000).unwrap();
}
