//! Bytes that were changed at random: at every entrance, so many of them, without a panic, a hang or growth.
//!
//! `./test` gives each entrance 2,000, `./test --full` 500,000: `BROBYGGER_INPUTS` says how many.

use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::{
    HEAP, alone,
    entrances::{Entrance, Took, of_casework, of_seal, of_wire},
    field::Field,
    quiet,
};

/// How many each entrance gets when nobody says otherwise.
const INPUTS: u64 = 2_000;
/// Longest that one input may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most that one input may add to what is in use, in bytes; the longest seed has fewer than 8 KiB.
const MOST: usize = 64 * 1024 * 1024;
/// What may stay in use after all of them, in bytes.
const LEFT: usize = 16 * 1024;
/// Longest input.
const LONGEST: usize = 32 * 1024;

/// SplitMix64: quick dice that fall alike for the same seed.
struct Quick(u64);

impl Quick {
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { usize::try_from(self.next() % end as u64).unwrap() }
    }

    fn range(&mut self, len: usize) -> std::ops::Range<usize> {
        let from = self.below(len + 1);
        from..from + self.below((len - from).min(64) + 1)
    }
}

const BYTES: [u8; 16] = [0, 1, 0x17, 0x18, 0x1b, 0x1f, 0x40, 0x5b, 0x7f, 0x80, 0x82, 0x9b, 0x9f, 0xbb, 0xf6, 0xff];
/// Lengths at their ends, as two, four and eight bytes in either order, and as CBOR and Automerge write them.
const LENGTHS: [&[u8]; 10] = [
    &[0xff, 0xff],
    &[0, 0],
    &[0x40, 0],
    &[0xff, 0xff, 0xff, 0xff],
    &[0x7f, 0xff, 0xff, 0xff],
    &[0, 0x80, 0, 0],
    &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0x5b, 0, 0, 0, 1, 0, 0, 0, 0],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f],
];

/// One step away from the seed.
fn change(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], dice: &mut Quick) {
    let (at, len) = (dice.below(bytes.len()), bytes.len());
    match dice.below(10) {
        0 | 1 if len > 0 => bytes[at] ^= 1 << dice.below(8),
        2 if len > 0 => bytes[at] = BYTES[dice.below(BYTES.len())],
        3 if len > 0 => bytes[at] = bytes[at].wrapping_add(if dice.below(2) == 0 { 1 } else { 0xff }),
        4 => bytes.insert(at, BYTES[dice.below(BYTES.len())]),
        5 => drop(bytes.drain(dice.range(len))),
        6 => {
            let run = bytes[dice.range(len)].to_vec();
            for _ in 0..=dice.below(8) {
                bytes.splice(at..at, run.iter().copied());
            }
        }
        7 => {
            let other = &seeds[dice.below(seeds.len())];
            let piece = other[dice.range(other.len())].to_vec();
            let place = at..at + dice.below((len - at).min(piece.len()) + 1);
            bytes.splice(place, piece);
        }
        8 => bytes.truncate(at),
        _ => {
            let length = LENGTHS[dice.below(LENGTHS.len())];
            let end = (at + length.len()).min(len);
            bytes.splice(at..end, length.iter().copied());
        }
    }
    bytes.truncate(LONGEST);
}

fn mutated(seeds: &[Vec<u8>], dice: &mut Quick) -> Vec<u8> {
    let mut bytes = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(4) {
        change(&mut bytes, seeds, dice);
    }
    bytes
}

/// Says which input it was when a test falls over it.
struct Now {
    entrance: &'static str,
    number: Arc<AtomicU64>,
}

impl Drop for Now {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}, input {}", self.entrance, self.number.load(Ordering::Relaxed));
        }
    }
}

/// Ends the process when an input takes too long: nothing else ends a loop.
struct Watch {
    number: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    fn over(entrance: &'static str) -> Self {
        let (number, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (counted, ended) = (Arc::clone(&number), Arc::clone(&over));
        let thread = thread::spawn(move || {
            let mut last = u64::MAX;
            while !ended.load(Ordering::Relaxed) {
                let now = counted.load(Ordering::Relaxed);
                if now == last {
                    eprintln!("{entrance}: input {now} took longer than {PATIENCE:?}");
                    std::process::abort();
                }
                last = now;
                thread::park_timeout(PATIENCE);
            }
        });
        Self { number, over, thread: Some(thread) }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

fn inputs() -> u64 {
    std::env::var("BROBYGGER_INPUTS").map_or(INPUTS, |number| number.parse().expect("BROBYGGER_INPUTS is a number"))
}

/// What an entrance does with these bytes; whatever it takes for the one form of something is that form.
fn take(entrance: &Entrance<'_>, bytes: &[u8]) -> bool {
    match (entrance.take)(bytes) {
        Took::Refused => false,
        Took::Taken => true,
        Took::Canonical(again) => {
            assert_eq!(again, bytes, "{}: taken, and written otherwise", entrance.name);
            true
        }
    }
}

/// Puts so many through one entrance, and gives how many it took.
fn through(entrance: &Entrance<'_>, many: u64) -> u64 {
    for seed in &entrance.seeds {
        assert!(take(entrance, seed), "{}: the seed itself is refused", entrance.name);
    }
    let watch = Watch::over(entrance.name);
    let _now = Now { entrance: entrance.name, number: Arc::clone(&watch.number) };
    let mut dice = Quick(entrance.name.bytes().fold(0, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte))));
    let (mut taken, mut live) = (0, 0);
    for number in 0..many {
        // What is made once and kept is made by now.
        if number == many / 10 {
            live = HEAP.allocated();
        }
        watch.number.store(number, Ordering::Relaxed);
        let bytes = mutated(&entrance.seeds, &mut dice);
        let before = HEAP.allocated();
        HEAP.set_limit(before + MOST).unwrap();
        taken += u64::from(take(entrance, &bytes));
        HEAP.set_limit(usize::MAX).unwrap();
    }
    let left = HEAP.allocated().saturating_sub(live);
    assert!(left <= LEFT, "{}: {left} bytes stayed in use", entrance.name);
    taken
}

fn through_all(entrances: &[Entrance<'_>]) {
    let _alone = alone();
    quiet();
    let many = inputs();
    for entrance in entrances {
        let many = (many / entrance.one_in).max(20);
        println!("{}: {many} inputs, {} taken", entrance.name, through(entrance, many));
    }
}

#[test]
fn whatever_comes_over_the_wire_is_read_or_refused_without_panic_hang_or_growth() {
    through_all(&of_wire());
}

#[test]
fn whatever_comes_sealed_is_opened_or_refused_without_panic_hang_or_growth() {
    through_all(&of_seal(&Field::golden()));
}

#[test]
fn whatever_comes_as_a_change_or_a_document_is_taken_or_refused_without_panic_hang_or_growth() {
    through_all(&of_casework(&Field::golden()));
}

#[test]
fn an_entrance_that_panics_or_grows_or_takes_two_forms_of_one_thing_is_noticed() {
    let _alone = alone();
    let kept = RefCell::new(Vec::new());
    let grows = |bytes: &[u8]| {
        kept.borrow_mut().push(bytes.to_vec());
        Took::Taken
    };
    let panics = |bytes: &[u8]| if bytes.len() < 20 { panic!("too short for me") } else { Took::Taken };
    let two_forms = |bytes: &[u8]| Took::Canonical(bytes.iter().map(|byte| byte & 0x7f).collect());
    let sound = |bytes: &[u8]| Took::Canonical(bytes.to_vec());
    let falls = |take: &dyn Fn(&[u8]) -> Took| {
        let entrance = Entrance { name: "made to fall", seeds: vec![vec![7; 40]], one_in: 1, take: Box::new(take) };
        let fell = catch_unwind(AssertUnwindSafe(|| through(&entrance, 2_000))).is_err();
        HEAP.set_limit(usize::MAX).unwrap();
        fell
    };
    assert_eq!([falls(&grows), falls(&panics), falls(&two_forms), falls(&sound)], [true, true, true, false]);
}
