//! A member who wishes no good: of what he can seal and send, what is refused takes no more than 64 MiB, all of it takes work in
//! proportion to its length, and the case can be read and written on.
//!
//! Everything goes through the real gate, in a child of this process that the parent gives ten seconds for each.

use std::{
    io::{BufRead, BufReader, Write, stdout},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use automerge::{ActorId, Automerge, ObjType, ROOT, transaction::Transactable};
use casework::{Case, encode_segment, encode_snapshot};
use seal::Opened;
use wire::{
    envelope::{Kind, Stream},
    id::CaseId,
    signature::sha256,
};

use crate::{
    HEAP, alone,
    chunk::{Chunk, framed, name, run, sleb, uleb},
    field::{Dice, Field, file, hex, note},
    quiet,
};

/// Most that what is refused may add to what is in use, in bytes.
const MOST: usize = 64 * 1024 * 1024;
/// Most that is ever asked for, given back or not: so much for each byte that came and each that the case holds…
const PER_BYTE: usize = 600;
/// …so much where it is let in, because Automerge takes some hundreds of bytes for each letter of a new text…
const PER_LETTER: usize = 2_500;
/// …and so much for nothing.
const FREE: usize = 4 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);
const WHAT: &str = "BROBYGGER_HOSTILE";

/// What is sent, and how many bytes it is once it is unpacked.
struct Parcel {
    name: String,
    sent: Sent,
    weight: usize,
    /// Nobody can say beforehand whether it is refused.
    may_be_sound: bool,
}

enum Sent {
    /// The body of a segment, with the name and the number of the changes that its author signs.
    Segment(Vec<u8>, [u8; 32], u32),
    Snapshot(Vec<u8>),
}

impl Parcel {
    const fn per_byte(&self) -> usize {
        if self.may_be_sound { PER_LETTER } else { PER_BYTE }
    }

    /// Most that it may add to what is in use, in bytes.
    fn most(&self) -> usize {
        MOST
    }
}

#[derive(Default)]
struct Parcels(Vec<Parcel>);

impl Parcels {
    fn changes(&mut self, name_of: &str, changes: &[Vec<u8>]) {
        let last = changes.last().map(|chunk| name(chunk)).unwrap_or_default();
        let sent = Sent::Segment(encode_segment(changes).unwrap(), last, u32::try_from(changes.len()).unwrap());
        self.put(name_of, sent, changes.iter().map(Vec::len).sum());
    }

    fn change(&mut self, name_of: &str, chunk: &Chunk) {
        self.changes(name_of, &[chunk.bytes()]);
    }

    fn body(&mut self, name_of: &str, body: Vec<u8>, weight: usize) {
        self.put(name_of, Sent::Segment(body, [7; 32], 1), weight);
    }

    fn snapshot(&mut self, name_of: &str, document: &[u8]) {
        self.put(name_of, Sent::Snapshot(encode_snapshot(document).unwrap()), document.len());
    }

    fn put(&mut self, name_of: &str, sent: Sent, weight: usize) {
        self.0.push(Parcel { name: name_of.to_owned(), sent, weight, may_be_sound: false });
    }
}

/// The published ones, as they are and as Bo's own.
fn published(field: &Field, into: &mut Parcels) {
    let text = String::from_utf8(file("automerge-hostile-vectors.txt")).unwrap();
    let own = field.bo.actor(&field.case_id());
    for (title, bytes) in text.lines().filter_map(|line| line.split_once(' ')) {
        let bytes = hex(bytes.trim());
        into.changes(title, std::slice::from_ref(&bytes));
        let as_own = Chunk { actor: own.to_vec(), ..Chunk::of(&bytes) };
        into.change(&format!("{title} as Bo's own"), &as_own);
    }
}

/// A header that says what is not so.
fn headers(honest: &Chunk, dice: &mut Dice, into: &mut Parcels) {
    for (title, seq) in [("no number", 0), ("a number twice", 1), ("a number left out", 9), ("the last number", u64::MAX)] {
        into.change(title, &Chunk { seq, ..honest.clone() });
    }
    let start = honest.start_op;
    for start_op in [0, 1, start - 1, start + 1, u64::from(u32::MAX) - 1, i64::MAX.cast_unsigned(), u64::MAX] {
        into.change(&format!("its operations begin at {start_op}"), &Chunk { start_op, ..honest.clone() });
    }
    for len in [0, 1, 15, 17, 4_000] {
        into.change(&format!("an author's name of {len} bytes"), &Chunk { actor: dice.bytes(len), ..honest.clone() });
    }
    into.change("another author", &Chunk { actor: dice.bytes(16), ..honest.clone() });
    into.change("the author of the first change", &Chunk { actor: b"brobygger/case/1".to_vec(), ..honest.clone() });
    let strange = |dice: &mut Dice, many: usize| -> Vec<[u8; 32]> { (0..many).map(|_| dice.bytes(32).try_into().unwrap()).collect() };
    for many in [0, 1, 1_000, 1_001, 50_000] {
        into.change(&format!("builds on {many} that nobody knows"), &Chunk { deps: strange(dice, many), ..honest.clone() });
    }
    into.change("builds on one thing 20,000 times", &Chunk { deps: vec![honest.deps[0]; 20_000], ..honest.clone() });
    into.change("names 100,000 others", &Chunk { others: vec![vec![1]; 100_000], ..honest.clone() });
    into.change("names one other of a megabyte", &Chunk { others: vec![vec![1; 1 << 20]], ..honest.clone() });
}

/// Columns that say more than they hold, or something else.
fn columns(honest: &Chunk, into: &mut Parcels) {
    const ALL: [u64; 12] = [0x01, 0x02, 0x11, 0x13, 0x15, 0x34, 0x42, 0x56, 0x70, 0x71, 0x73, 0x94];
    for spec in ALL {
        for times in [1_000_000, i64::from(u32::MAX), i64::MAX] {
            into.change(&format!("column {spec:#x} says one value {times} times"), &honest.with_column(spec, run(times, &[1])));
        }
        into.change(&format!("column {spec:#x} says so many values that follow"), &honest.with_column(spec, run(i64::MIN, &[1; 9])));
        into.change(&format!("column {spec:#x} says nothing for ever"), &honest.with_column(spec, run(0, &[0xff, 0xff, 0xff, 0xff, 0x7f])));
        into.change(&format!("column {spec:#x} ends in the middle"), &honest.with_column(spec, vec![0x80]));
        let mut compressed = honest.with_column(spec, vec![0x78, 0x9c, 3, 0]);
        compressed.columns.iter_mut().filter(|(there, _)| *there == spec).for_each(|(there, _)| *there |= 8);
        into.change(&format!("column {spec:#x} says to be deflated"), &compressed);
    }
    let mut great = Vec::new();
    uleb(&mut great, u64::MAX);
    into.change("one row has 2^64 predecessors", &honest.with_column(0x70, run(1, &great)));
    into.change("a value of 2^60 bytes", &honest.with_column(0x56, run(1, &great)));
    let mut words = Vec::new();
    sleb(&mut words, 16_000);
    uleb(&mut words, 1_024);
    words.extend([b'x'; 1_024]);
    into.change("one long key 16,000 times", &honest.with_column(0x15, words));
    let lengths: Vec<u64> = honest.columns.iter().map(|(_, data)| data.len() as u64).collect();
    for (title, at, length) in [("first", 0, u64::MAX), ("first by one", 0, lengths[0] + 1), ("last", lengths.len() - 1, 1 << 40)] {
        let mut lies = lengths.clone();
        lies[at] = length;
        into.changes(&format!("the length of the {title} column is a lie"), &[honest.bytes_with(&lies)]);
    }
    let mut many = honest.clone();
    many.columns = (0..50_000).map(|n| (n << 4 | 2, Vec::new())).collect();
    into.change("50,000 columns", &many);
    let mut twice = honest.clone();
    twice.columns.push(twice.columns[0].clone());
    into.change("a column twice", &twice);
    let mut backwards = honest.clone();
    backwards.columns.reverse();
    into.change("columns in another order", &backwards);
}

/// Chunks that are none, or not of the kind that a segment holds.
fn shapes(field: &Field, honest: &Chunk, into: &mut Parcels) {
    let bytes = honest.bytes();
    for len in [0, 3, 8, 9, 12, bytes.len() / 2, bytes.len() - 1] {
        into.changes(&format!("cut after {len} bytes"), &[bytes[..len].to_vec()]);
    }
    into.changes("two changes in the place of one", &[[bytes.clone(), bytes.clone()].concat()]);
    into.changes("a wrong checksum", &[[&bytes[..4], &[0; 4], &bytes[8..]].concat()]);
    let whole = field.of_bo(3);
    into.changes("a document in the place of a change", &[whole.snapshot_bytes()]);
    for kind in [0, 2, 3, 255] {
        into.change(&format!("a chunk that says to be of kind {kind}"), &Chunk { kind, ..honest.clone() });
    }
    let mut large = written(field, |tx| {
        let text = tx.put_object(ROOT, "x", ObjType::Text).unwrap();
        tx.splice_text(&text, 0, 0, &"a".repeat(300_000)).unwrap();
    });
    into.changes("deflated by Automerge", &[large.bytes().into_owned()]);
    into.changes("a text of 300,000 letters", &[large.raw_bytes().to_vec()]);
    into.changes("six changes of 60,000 letters each", &long_texts(field, 6).0);
    into.0.last_mut().unwrap().may_be_sound = true;
    into.changes("a deflated chunk of nothing but zeros", &[framed(2, &vec![0; 500_000])]);
}

/// So many changes by Bo, each of which writes 60,000 equal letters; and the document with them.
fn long_texts(field: &Field, times: usize) -> (Vec<Vec<u8>>, Vec<u8>) {
    let mut doc = Automerge::load(&field.of_bo(1).snapshot_bytes()).unwrap();
    doc.set_actor(ActorId::from(field.bo.actor(&field.case_id())));
    let mut changes = Vec::new();
    for n in 0..times {
        let mut tx = doc.transaction();
        let text = tx.put_object(ROOT, format!("x{n}"), ObjType::Text).unwrap();
        tx.splice_text(&text, 0, 0, &"a".repeat(60_000)).unwrap();
        tx.commit();
        changes.push(doc.get_last_local_change().unwrap().raw_bytes().to_vec());
    }
    (changes, doc.save_nocompress())
}

/// One change by Bo on top of what Ida's device has, made with Automerge itself.
fn written(field: &Field, write: impl FnOnce(&mut automerge::transaction::Transaction<'_>)) -> automerge::Change {
    let mut doc = Automerge::load(&field.of_bo(1).snapshot_bytes()).unwrap();
    let actor = ActorId::from(field.bo.actor(&field.case_id()));
    doc.set_actor(actor);
    let mut tx = doc.transaction();
    write(&mut tx);
    tx.commit();
    doc.get_last_local_change().unwrap()
}

/// Sound in form, and meant to make a case unusable: these may be let in, and must do no harm.
fn strange(field: &Field, into: &mut Parcels) {
    let nested = written(field, |tx| {
        let mut inside = ROOT;
        for _ in 0..2_000 {
            inside = tx.put_object(&inside, "i", ObjType::Map).unwrap();
        }
    });
    let counters = written(field, |tx| {
        tx.put(ROOT, "n", automerge::ScalarValue::counter(i64::MAX)).unwrap();
        tx.increment(ROOT, "n", i64::MAX).unwrap();
    });
    let shadow = written(field, |tx| {
        for key in ["v", "profile", "notes", "tasks", "stages", "authors"] {
            tx.delete(ROOT, key).unwrap();
        }
    });
    let other_types = written(field, |tx| {
        tx.put(ROOT, "notes", i64::MIN).unwrap();
        tx.put(ROOT, "profile", vec![0_u8; 100_000]).unwrap();
        tx.put_object(ROOT, "authors", ObjType::List).unwrap();
    });
    for (title, change) in [
        ("2,000 maps inside one another", nested),
        ("a counter that runs over", counters),
        ("all is deleted", shadow),
        ("all is something else", other_types),
    ] {
        into.changes(title, &[change.raw_bytes().to_vec()]);
        into.0.last_mut().unwrap().may_be_sound = true;
    }
}

/// Segments and snapshots that unpack to much, or to nothing that makes sense.
fn bodies(field: &Field, honest: &Chunk, dice: &mut Dice, into: &mut Parcels) {
    let packed = |bytes: &[u8]| zstd::bulk::compress(bytes, 1).unwrap();
    into.body("48 MiB of zeros in a few bytes", packed(&vec![0; 48 << 20]), 32 << 20);
    into.body(
        "30 MiB of zeros said to be one change",
        packed(&[&[0x81, 0x5a, 0x01, 0xe0, 0, 0], vec![0; 30 << 20].as_slice()].concat()),
        30 << 20,
    );
    into.body("a list of 2^64 changes", packed(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), 9);
    into.body(
        "a list of 100,000 changes of no bytes",
        packed(&[&[0x9a, 0, 1, 0x86, 0xa0], vec![0x40; 100_000].as_slice()].concat()),
        100_005,
    );
    into.body("a change of 2^64 bytes", packed(&[0x81, 0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), 10);
    into.body("not packed at all", dice.bytes(5_000), 5_000);
    let late: Vec<Vec<u8>> = (0..4_000)
        .map(|n| Chunk { seq: honest.seq + n, deps: vec![dice.bytes(32).try_into().unwrap()], ..honest.clone() }.bytes())
        .collect();
    into.changes("4,000 changes that wait for ever", &late);
    let mut chain = vec![Chunk { deps: vec![dice.bytes(32).try_into().unwrap()], ..honest.clone() }.bytes()];
    for n in 1..2_000 {
        let before = name(chain.last().unwrap());
        chain.push(Chunk { seq: honest.seq + n, deps: vec![before], ..honest.clone() }.bytes());
    }
    chain.reverse();
    into.changes("a chain of 2,000 that begins nowhere, backwards", &chain);
    let whole = field.of_bo(20);
    let document = whole.snapshot_bytes();
    into.snapshot("a snapshot that nobody signed for", &document);
    into.snapshot("a snapshot of a million letters that nobody signed for", &long_texts(field, 17).1);
    into.snapshot("a snapshot that is a change", &honest.bytes());
    into.snapshot("a deflated snapshot", &field.of_bo(20).save());
    into.snapshot("a snapshot cut in half", &document[..document.len() / 2]);
    into.snapshot("a snapshot of zeros", &framed(0, &vec![0; 1 << 20]));
    for at in 0..20 {
        let mut other = document[9..].to_vec();
        let place = dice.below(other.len());
        other[place] = [0xff, 0x7f, 0x80, 0x00][at % 4];
        into.snapshot(&format!("a snapshot with another byte at {place}"), &framed(0, &other[leb_len(&other)..]));
    }
}

/// How many bytes the number takes with which these begin.
fn leb_len(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1
}

/// The honest change with a few bytes of its inside changed at random, and the right checksum over them.
fn thrown(honest: &Chunk, dice: &mut Dice, into: &mut Parcels) {
    for n in 0..200 {
        let mut other = honest.clone();
        let at = dice.below(other.columns.len());
        let data = &mut other.columns[at].1;
        for _ in 0..=dice.below(3) {
            let place = dice.below(data.len());
            match (dice.below(3), data.is_empty()) {
                (0, false) => data[place] = dice.bytes(1)[0],
                (1, false) => drop(data.remove(place)),
                _ => data.insert(place, [0x00, 0x7f, 0x80, 0xff][dice.below(4)]),
            }
        }
        into.change(&format!("thrown {n}"), &other);
        into.0.last_mut().unwrap().may_be_sound = true;
    }
}

fn parcels(field: &Field) -> Vec<Parcel> {
    let mut dice = Dice::new("a member who wishes no good");
    let honest = Chunk::of(&field.of_bo(2).unsent(1).changes[0]);
    assert_eq!(honest.bytes(), field.of_bo(2).unsent(1).changes[0], "taken apart and put together");
    let mut all = Parcels::default();
    say("begins: making the first");
    published(field, &mut all);
    headers(&honest, &mut dice, &mut all);
    columns(&honest, &mut all);
    say("begins: making the large");
    shapes(field, &honest, &mut all);
    strange(field, &mut all);
    say("begins: making the bombs");
    bodies(field, &honest, &mut dice, &mut all);
    thrown(&honest, &mut dice, &mut all);
    all.0
}

/// Tells the parent, on a line of its own.
fn say(line: &str) {
    println!("\n{line}");
    stdout().flush().unwrap();
}

fn digest(case: &Case) -> [u8; 32] {
    *sha256(&[&case.snapshot_bytes()]).as_bytes()
}

/// Lets one in through the real gate, and looks at the case afterwards. Gives what was asked of the heap, in bytes.
fn judge(field: &Field, stored: &[u8], parcel: &Parcel) -> usize {
    let name_of = &parcel.name;
    let mut case = Case::load(field.case_id(), field.ida.actor(&field.case_id()), stored).unwrap();
    let (before, past) = (digest(&case), case.snapshot_bytes().len());
    let opened: Option<Opened> = match &parcel.sent {
        Sent::Segment(body, last, count) => Some(field.opened(body, *last, *count)),
        Sent::Snapshot(_) => None,
    };
    let ends = case.ends();
    let asked_before = HEAP.total_allocated();
    HEAP.set_limit(HEAP.allocated() + parcel.most()).unwrap();
    let received = match (&opened, &parcel.sent) {
        (Some(opened), _) => case.merge(opened),
        (None, Sent::Snapshot(body) | Sent::Segment(body, ..)) => case.adopt_snapshot(body, &ends),
    };
    HEAP.set_limit(usize::MAX).unwrap();
    let asked = HEAP.total_allocated() - asked_before;
    assert!(
        asked <= parcel.per_byte() * (parcel.weight + past) + FREE,
        "{name_of}: asked for {asked} bytes, for {} and a past of {past}",
        parcel.weight
    );
    let applied = received.as_ref().map_or(0, |got| got.applied);
    if applied == 0 {
        assert!(received.is_err() || received.is_ok_and(|got| got.parked + got.refused.len() > 0), "{name_of}: nothing was said");
        assert_eq!(digest(&case), before, "{name_of}");
    } else {
        assert!(parcel.may_be_sound, "{name_of} was let in");
    }
    let heads = case.heads();
    note(&mut case, 900, "Ida skriver videre");
    assert_ne!(case.heads(), heads, "{name_of}");
    let again = Case::load(case.id(), case.actor(), &case.save()).unwrap();
    assert_eq!((digest(&again), again.show()), (digest(&case), case.show()), "{name_of}");
    asked
}

/// What the child does: tells the name of each before it begins with it.
fn suffer(what: &str) {
    match what {
        "hang" => {
            say("begins: a hang");
            thread::sleep(Duration::from_secs(60));
        }
        "greed" => {
            say("begins: greed");
            HEAP.set_limit(HEAP.allocated() + MOST).unwrap();
            let too_much = std::hint::black_box(vec![1_u8; MOST + 1]);
            say(&format!("done: {}", too_much.len()));
        }
        _ => {
            quiet();
            let field = Field::golden();
            let stored = field.of_ida().save();
            for parcel in parcels(&field) {
                say(&format!("begins: {}", parcel.name));
                let asked = judge(&field, &stored, &parcel);
                say(&format!("done: {} for {asked} bytes", parcel.name));
            }
        }
    }
}

/// What became of a child.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// Went through all, so many.
    Well(usize),
    /// Died at this.
    Died(String),
    /// Said nothing for so long, at this.
    Hung(String),
}

fn watched(what: &str, patience: Duration) -> Fate {
    let own = thread::current().name().unwrap().to_owned();
    let mut child: Child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &own, "--nocapture"])
        .env(WHAT, what)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| tell.send(line)));
    let (mut at, mut well) = (String::new(), 0);
    loop {
        match told.recv_timeout(patience) {
            Ok(line) => {
                well += usize::from(line.starts_with("done: "));
                at = line.strip_prefix("begins: ").map_or(at, str::to_owned);
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                child.kill().unwrap();
                child.wait().unwrap();
                return Fate::Hung(at);
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                return if child.wait().unwrap().success() { Fate::Well(well) } else { Fate::Died(at) };
            }
        }
    }
}

#[test]
fn what_a_member_sends_to_hurt_takes_little_time_and_memory_and_leaves_the_case_as_it_was() {
    if let Ok(what) = std::env::var(WHAT) {
        return suffer(&what);
    }
    let _alone = alone();
    let fate = watched("everything", PATIENCE);
    assert!(matches!(fate, Fate::Well(many) if many >= 380), "{fate:?}");
}

#[test]
fn a_child_that_hangs_or_takes_too_much_is_noticed() {
    if let Ok(what) = std::env::var(WHAT) {
        return suffer(&what);
    }
    let _alone = alone();
    assert_eq!(watched("hang", Duration::from_secs(2)), Fate::Hung("a hang".to_owned()));
    assert_eq!(watched("greed", PATIENCE), Fate::Died("greed".to_owned()));
}

#[test]
fn a_segment_of_another_case_of_another_kind_or_under_a_statement_that_names_others_brings_nothing() {
    let _alone = alone();
    let field = Field::golden();
    let sent = field.of_bo(2).unsent(1);
    let (body, last) = (encode_segment(&sent.changes).unwrap(), sent.last.unwrap());
    let sound = || field.opened(&body, last, 1);
    let elsewhere = Stream::core(CaseId::from_bytes([0x77; 16]));
    let moved = |stream: Stream, kind: Kind| {
        let mut opened = sound();
        (opened.stream, opened.kind) = (stream, kind);
        opened
    };
    for (opened, code) in [
        (moved(elsewhere, Kind::Segment), "crdt.wrong_case"),
        (moved(Stream::DIRECTORY, Kind::Segment), "crdt.wrong_case"),
        (moved(field.stream, Kind::Snapshot), "crdt.wrong_kind"),
        (moved(field.stream, Kind::Seen), "crdt.wrong_kind"),
        (field.opened(&body, [7; 32], 1), "crdt.bad_statement"),
        (field.opened(&body, last, 2), "crdt.bad_statement"),
    ] {
        let mut case = field.of_ida();
        let before = digest(&case);
        let got = case.merge(&opened).unwrap();
        assert_eq!((got.applied, got.parked, got.refused.iter().map(|one| one.code).collect::<Vec<_>>()), (0, 0, vec![code]));
        assert_eq!(digest(&case), before, "{code}");
        assert_eq!(case.merge(&sound()).unwrap().applied, 1, "{code}: the same as it was sent is taken");
    }
}
