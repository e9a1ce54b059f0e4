//! How long it takes, and how many bytes, to cut off one of six devices that reads fifty cases: the revocation, a new key for each
//! case and for the directory, everybody's next sync, and the two wholes of each case that let the server forget what the lost device could read. `cargo run -p world --bin rekey`.
#![allow(clippy::print_stdout, reason = "it prints what it measured")]

use std::{
    hash::{DefaultHasher, Hasher},
    time::Instant,
};

use device::{
    CaseId, RevokeReason, Role,
    casework::{Edit, Programme},
};
use world::{Phone, World};

const CASES: usize = 50;
const RUNS: u64 = 5;

fn main() {
    let mut rows: Vec<[f64; 9]> = (0..RUNS).map(|run| one(20_261_123 + run)).collect();
    let names = [
        "the same work ms",
        "revoking s",
        "up KiB",
        "turns",
        "slowest other s",
        "others down KiB",
        "wholes, slowest s",
        "wholes up KiB",
        "wholes down KiB",
    ];
    for (column, name) in names.iter().enumerate() {
        rows.sort_by(|a, b| a[column].total_cmp(&b[column]));
        let (least, middle, most) = (rows[0][column], rows[rows.len() / 2][column], rows[rows.len() - 1][column]);
        println!("{name:18} {middle:10.2}   ({least:.2} to {most:.2})");
    }
}

/// The same piece of work beside each run: one hash over and over.
fn calibration_ms() -> f64 {
    let (begun, mut hasher) = (Instant::now(), DefaultHasher::new());
    for n in 0..3_000_000_u64 {
        hasher.write_u64(n);
    }
    assert_ne!(hasher.finish(), 0);
    begun.elapsed().as_secs_f64() * 1_000.0
}

fn settle(phones: &[&Phone]) {
    for _ in 0..3 {
        for phone in phones {
            phone.sync();
        }
    }
}

/// Two rounds more of everybody who is left: the slowest sync in seconds, and what all of them sent and fetched in KiB.
fn wholes<'a>(left: impl Iterator<Item = &'a Phone> + Clone) -> [f64; 3] {
    let (mut slowest_s, mut up, mut down) = (0.0_f64, 0, 0);
    for phone in left.clone().chain(left) {
        let begun = Instant::now();
        let report = phone.sync();
        slowest_s = slowest_s.max(begun.elapsed().as_secs_f64());
        up += report.bytes_up;
        down += report.bytes_down;
    }
    [slowest_s, up as f64 / 1024.0, down as f64 / 1024.0]
}

fn one(seed: u64) -> [f64; 9] {
    let same_ms = calibration_ms();
    let world = World::new(seed);
    let hanne = world.founder("Hanne");
    let others: Vec<Phone> =
        ["Åse", "Emil", "Mikkel", "Yasmin", "Tariq"].into_iter().map(|name| world.enrol(&hanne, name, Role::Mentor)).collect();
    let cases: Vec<CaseId> =
        (0..CASES).map(|n| hanne.device.new_case(&format!("Forløb {n}"), Programme::National, None).expect("a case")).collect();
    hanne.sync();
    for case in &cases {
        for other in &others {
            hanne.device.assign(*case, other.member(), None).expect("decided");
        }
    }
    let all: Vec<&Phone> = std::iter::once(&hanne).chain(&others).collect();
    settle(&all);
    for (n, case) in cases.iter().enumerate() {
        for phone in &all {
            let text = format!("{} skriver om møde {n}. Han kom til tiden og vil gerne videre.", phone.name);
            let edit = Edit::AddNote { id: phone.device.new_item(), text, at_ms: 0 };
            phone.device.edit(*case, edit).expect("a note");
        }
    }
    settle(&all);
    let [lost, rest @ ..] = others.as_slice() else { unreachable!("five") };
    hanne.device.revoke(lost.id(), RevokeReason::Lost).expect("decided");
    let begun = Instant::now();
    let report = hanne.sync();
    let took_s = begun.elapsed().as_secs_f64();
    let (mut slowest_s, mut down) = (0.0_f64, 0);
    for other in rest {
        let begun = Instant::now();
        down += other.sync().bytes_down;
        slowest_s = slowest_s.max(begun.elapsed().as_secs_f64());
    }
    let sheet = hanne.device.breach_sheet(lost.id()).expect("the sheet");
    assert_eq!((sheet.cases.len(), sheet.renewed), (CASES, u32::try_from(CASES).expect("fifty")), "every case has its new key");
    let wholes = wholes(std::iter::once(&hanne).chain(rest));
    let kib = |bytes: u64| bytes as f64 / 1024.0;
    let keys = [same_ms, took_s, kib(report.bytes_up), report.round_trips as f64, slowest_s, kib(down / rest.len() as u64)];
    let mut row = [0.0; 9];
    row[..6].copy_from_slice(&keys);
    row[6..].copy_from_slice(&wholes);
    row
}
