//! Who gets at the vault when many want it.
#![allow(clippy::disallowed_methods, reason = "tests pass the time")]

mod memory;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use casework::{Author, Edit, Programme};
use tempfile::TempDir;
use wire::id::{DeviceId, ItemId, MemberId};

use crate::{
    act::{Glass, store},
    stock::tests::founded,
    vault::commit,
};

#[test]
fn whoever_looks_gets_in_between_two_cases_that_are_being_taken_in() {
    const CASES: usize = 40;
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    let (is_begun, is_over) = (AtomicBool::new(false), AtomicBool::new(false));
    let looked = thread::scope(|scope| {
        let looker = scope.spawn(|| {
            while !is_begun.load(Ordering::Acquire) {
                thread::yield_now();
            }
            let mut times = 0;
            while !is_over.load(Ordering::Acquire) {
                device.cases().unwrap();
                times += 1;
            }
            times
        });
        for _ in 0..CASES {
            let taken_in = device.with(|_, _| {
                is_begun.store(true, Ordering::Release);
                let begun = Instant::now();
                while begun.elapsed() < Duration::from_millis(20) {
                    std::hint::spin_loop();
                }
                Ok(())
            });
            taken_in.unwrap();
        }
        is_over.store(true, Ordering::Release);
        looker.join().unwrap()
    });
    assert!(looked >= CASES / 2, "looked {looked} times while {CASES} cases were taken in");
}

#[test]
fn a_pin_that_everybody_tries_first_is_refused() {
    let strength = |pin: &str| super::check_strength(pin.as_bytes(), true).map_err(|error| error.code());
    for pin in [
        "123456", "234567", "345678", "654321", "987654", "012345", "567890", "098765", "111111", "121212", "123123", "112233", "332211",
        "123321", "159753", "101010", "12345678", "12121212", "12345", "",
    ] {
        assert_eq!(strength(pin), Err("vault.weak_secret".to_owned()), "{pin}");
    }
    for pin in ["271828", "314159", "124578", "135790", "112234", "1234561", "908070"] {
        assert_eq!(strength(pin), Ok(()), "{pin}");
    }
    assert_eq!(super::check_strength(b"271828", false).unwrap_err().code(), "vault.no_keystore");
}

#[test]
fn who_wrote_something_is_said_by_the_key_of_the_device_and_not_by_what_it_wrote() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    let case = device.new_case("Falken", Programme::National, None).unwrap();
    let note = ItemId::from_bytes([7; 16]);
    let another = Author { member: MemberId::from_bytes([1; 16]), device: DeviceId::from_bytes([2; 16]) };
    let me = device.with(|open, _| open.author()).unwrap();
    let told =
        |device: &crate::Device| device.with(|open, _| open.read_case(case, |case, _| Ok(case.show().notes[&note].origin.by))).unwrap();
    device
        .with(|open, host| {
            let mut document = open.take_case(case)?;
            document.edit(Edit::AddNote { id: note, text: "i en andens navn".to_owned(), at_ms: 0 }, &another, 0)?;
            let glass = Glass::new(open, host, case)?;
            let transaction = open.vault.write()?;
            store(&transaction, &mut document, 0, &glass)?;
            commit(transaction, "edit")?;
            open.put_back(document);
            Ok(())
        })
        .unwrap();
    assert_eq!(told(&device), me.member);
    device.lock();
    device.unlock(b"tolv cykler under broen ved havnen").unwrap();
    assert_eq!(told(&device), me.member);
}
