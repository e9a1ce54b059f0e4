//! Tries are counted before they are made, wait, and end.
#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64},
};

use tempfile::TempDir;

use super::*;
use crate::{Device, Keystore, SystemHost};

const SECRET: &[u8] = b"tolv cykler under broen ved havnen";
const PIN: &[u8] = b"271828";
const WRONG: &[u8] = b"314159";
const BEGIN_MS: i64 = 1_795_334_400_000;

/// A machine whose clock and keystore a test holds.
struct Bench {
    now: AtomicI64,
    has_keystore: bool,
    keystore_is_gone: AtomicBool,
    cost: Cost,
}

impl Keystore for Bench {
    fn authenticate(&self, challenge: &[u8]) -> io::Result<KeystoreShare> {
        if self.keystore_is_gone.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::NotConnected.into());
        }
        Ok(keyslot::software_keystore(b"never leaves", challenge))
    }
}

impl Host for Bench {
    fn now_ms(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }

    fn fill_random(&self, out: &mut [u8]) {
        SystemHost::default().fill_random(out);
    }

    fn keystore(&self) -> Option<&dyn Keystore> {
        self.has_keystore.then_some(self as &dyn Keystore)
    }

    fn cost(&self) -> Cost {
        self.cost
    }
}

impl Bench {
    fn new(has_keystore: bool, cost: Cost) -> Arc<Self> {
        Arc::new(Self { now: AtomicI64::new(BEGIN_MS), has_keystore, keystore_is_gone: AtomicBool::new(false), cost })
    }

    fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1000, Ordering::Relaxed);
    }
}

struct Phone {
    dir: TempDir,
    bench: Arc<Bench>,
    device: Device,
}

impl Phone {
    fn locked(has_keystore: bool) -> Self {
        let dir = TempDir::new().unwrap();
        let bench = Bench::new(has_keystore, Cost::FLOOR);
        let device = Device::new(dir.path(), bench.clone());
        device.create_vault(if has_keystore { PIN } else { SECRET }).unwrap();
        device.lock();
        Self { dir, bench, device }
    }

    fn right(&self) -> Result<()> {
        self.device.unlock(if self.bench.has_keystore { PIN } else { SECRET })?;
        self.device.lock();
        Ok(())
    }

    fn wrong(&self) -> DeviceError {
        self.device.unlock(WRONG).unwrap_err()
    }

    /// So many wrong tries, each as soon as it is allowed.
    fn wrong_times(&self, times: usize) {
        for _ in 0..times {
            self.bench.pass(i64::from(self.device.standing().wait_s));
            assert_eq!(self.wrong().code(), "vault.wrong_secret");
        }
    }

    fn count(&self) -> Tries {
        let slots = keyslot::look(&fs::read(self.dir.path().join(KEYSLOTS)).unwrap()).unwrap();
        let file = fs::read(self.dir.path().join(TRIES)).unwrap();
        Tries::decode(&file, &slots.salt, |asked| ask(self.bench.as_ref(), asked)).unwrap().unwrap()
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(self.dir.path()).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

#[test]
fn four_wrong_tries_are_free_then_each_waits_longer_and_a_right_one_begins_the_count_anew() {
    for has_keystore in [true, false] {
        let phone = Phone::locked(has_keystore);
        assert_eq!(phone.count().used, 0);
        let mut seen = Vec::new();
        for _ in 0..9 {
            phone.bench.pass(i64::from(phone.device.standing().wait_s));
            let standing = phone.wrong().standing().unwrap();
            assert_eq!(standing, phone.device.standing());
            seen.push((standing.wait_s, standing.left));
        }
        assert_eq!(
            seen,
            [(0, None), (0, None), (0, None), (30, None), (60, None), (120, None), (240, None), (480, Some(2)), (900, Some(1))]
        );
        assert_eq!(phone.count().used, 9);
        phone.bench.pass(900);
        phone.right().unwrap();
        assert_eq!((phone.count().used, phone.count().at_ms), (0, 0));
        assert_eq!(phone.device.standing(), Standing::default());
    }
}

#[test]
fn while_it_waits_even_the_right_secret_is_not_tried_and_nothing_is_counted() {
    let phone = Phone::locked(true);
    phone.wrong_times(4);
    let before = fs::read(phone.dir.path().join(TRIES)).unwrap();
    for (passes, remains) in [(0, 30), (10, 20), (19, 1)] {
        phone.bench.pass(passes);
        for secret in [PIN, WRONG] {
            let error = phone.device.unlock(secret).unwrap_err();
            assert_eq!((error.code().as_str(), error.standing().unwrap().wait_s), ("vault.wait", remains));
            assert!(!error.is_permanent());
        }
    }
    assert_eq!(fs::read(phone.dir.path().join(TRIES)).unwrap(), before);
    phone.bench.pass(1);
    phone.right().unwrap();
}

#[test]
fn a_wait_survives_a_restart_and_a_clock_set_back_does_not_shorten_it() {
    let phone = Phone::locked(true);
    phone.wrong_times(6);
    phone.bench.pass(20);
    let again = Device::new(phone.dir.path(), phone.bench.clone());
    assert_eq!(again.standing().wait_s, 100);
    phone.bench.pass(-3600);
    assert_eq!(again.unlock(PIN).unwrap_err().standing().unwrap().wait_s, 120, "an hour back: all of it again, from now");
    phone.bench.pass(119);
    assert_eq!(again.unlock(PIN).unwrap_err().standing().unwrap().wait_s, 1, "and it passes");
    phone.bench.pass(1);
    again.unlock(PIN).unwrap();
}

#[test]
fn a_count_that_is_missing_unreadable_or_of_another_vault_leaves_one_try() {
    let other = Phone::locked(true);
    let foreign = fs::read(other.dir.path().join(TRIES)).unwrap();
    for has_keystore in [true, false] {
        let puts: [&dyn Fn(&Path); 4] = [
            &|file| fs::remove_file(file).unwrap(),
            &|file| fs::write(file, b"").unwrap(),
            &|file| {
                let mut bytes = fs::read(file).unwrap();
                bytes[22] ^= 1;
                fs::write(file, bytes).unwrap();
            },
            &|file| fs::write(file, &foreign).unwrap(),
        ];
        for put in puts {
            let phone = Phone::locked(has_keystore);
            put(&phone.dir.path().join(TRIES));
            assert_eq!(phone.device.standing(), Standing { wait_s: 900, left: Some(1) });
            assert_eq!(phone.right().unwrap_err().code(), "vault.wait");
            phone.bench.pass(600);
            assert_eq!(phone.right().unwrap_err().standing().unwrap().wait_s, 300, "the wait began when it was first found");
            phone.bench.pass(300);
            phone.right().unwrap();
            assert_eq!(phone.count().used, 0);
            put(&phone.dir.path().join(TRIES));
            assert_eq!(phone.wrong().code(), "vault.wait");
            phone.bench.pass(900);
            assert_eq!(phone.wrong().code(), "vault.wrong_secret");
            assert!(!phone.device.has_vault());
        }
    }
}

/// Elsewhere it cannot be told: a process that begins knows of no newer count.
#[test]
fn a_count_put_back_while_the_app_runs_leaves_one_try() {
    let phone = Phone::locked(true);
    let file = phone.dir.path().join(TRIES);
    let fresh = fs::read(&file).unwrap();
    phone.wrong_times(3);
    fs::write(&file, &fresh).unwrap();
    assert_eq!(phone.device.standing().left, Some(1));
    assert_eq!(phone.wrong().code(), "vault.wait");
    assert_eq!(phone.count().used, 9);
    fs::write(&file, &fresh).unwrap();
    let again = Device::new(phone.dir.path(), phone.bench.clone());
    assert_eq!(again.standing(), Standing::default());
}

#[test]
fn after_the_tenth_nothing_is_left_that_anybody_could_open_and_a_new_vault_can_be_made() {
    let phone = Phone::locked(true);
    phone.wrong_times(9);
    let slots = fs::read(phone.dir.path().join(KEYSLOTS)).unwrap();
    phone.bench.pass(900);
    let mut changes = phone.device.changes();
    let error = phone.wrong();
    assert_eq!((error.code().as_str(), error.standing()), ("vault.wrong_secret", Some(Standing::default())), "as after the first");
    assert!(changes.try_recv().unwrap().locked, "the page hears that it is another device now");
    assert_eq!(phone.names(), ["lock"]);
    assert!(!phone.device.has_vault());
    assert_eq!(phone.right().unwrap_err().code(), "vault.none");
    phone.device.create_vault(PIN).unwrap();
    phone.device.lock();
    phone.right().unwrap();
    assert_ne!(fs::read(phone.dir.path().join(KEYSLOTS)).unwrap(), slots);
}

#[test]
fn wrong_tries_at_an_open_device_end_it_too() {
    let phone = Phone::locked(true);
    phone.device.unlock(PIN).unwrap();
    phone.wrong_times(10);
    assert!(!phone.device.is_unlocked() && !phone.device.has_vault());
    assert_eq!(phone.names(), ["lock"]);
}

#[test]
fn a_try_that_never_ended_is_counted_and_only_an_answered_one_destroys() {
    let phone = Phone::locked(true);
    let slots = keyslot::look(&fs::read(phone.dir.path().join(KEYSLOTS)).unwrap()).unwrap();
    for used in 1..=12_u8 {
        phone.bench.pass(900);
        // As when the process dies between the count and the secret.
        phone.device.attempts().begin(phone.dir.path(), phone.bench.as_ref(), &slots).unwrap();
        assert_eq!(phone.count().used, used.min(10));
    }
    assert_eq!(phone.device.standing(), Standing { wait_s: 900, left: Some(1) });
    phone.bench.pass(900);
    phone.right().unwrap();
}

#[test]
fn a_keystore_that_does_not_answer_costs_no_try() {
    let phone = Phone::locked(true);
    phone.bench.keystore_is_gone.store(true, Ordering::Relaxed);
    for _ in 0..12 {
        assert_eq!(phone.right().unwrap_err().code(), "vault.file");
    }
    assert_eq!(phone.device.standing(), Standing::default());
    phone.bench.keystore_is_gone.store(false, Ordering::Relaxed);
    assert_eq!(phone.count().used, 0);
    phone.right().unwrap();
}

#[test]
fn keys_that_cost_less_to_guess_at_than_this_platform_takes_are_wrapped_again_at_a_right_secret() {
    let phone = Phone::locked(true);
    let look = || keyslot::look(&fs::read(phone.dir.path().join(KEYSLOTS)).unwrap()).unwrap();
    let before = look();
    let harder = Cost { memory_kib: 20 * 1024, passes: 2, lanes: 1 };
    let upgraded = Device::new(phone.dir.path(), Bench::new(true, harder));
    assert_eq!(upgraded.unlock(WRONG).unwrap_err().code(), "vault.wrong_secret");
    assert_eq!(look(), before, "only a right secret does it");
    upgraded.unlock(PIN).unwrap();
    upgraded.lock();
    assert_eq!((look().cost, look().salt), (harder, before.salt));
    phone.right().unwrap();
    assert_eq!(look().cost, harder, "and never down");
    assert_eq!(phone.count().used, 0, "the count holds for the new file too");
}
