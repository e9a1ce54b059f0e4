//! Who gets at the vault when many want it.
#![allow(clippy::disallowed_methods, reason = "tests pass the time")]

mod memory;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::stock::tests::founded;

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
