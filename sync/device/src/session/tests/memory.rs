//! What is left in a process's memory after lock: a child unlocks, writes, locks, and looks through itself. What it looks for is
//! kept under a mask, so that the search finds nothing of its own.
#![cfg(target_os = "linux")]

mod scan;

use std::{
    alloc::System,
    collections::BTreeMap,
    env, fs,
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    thread,
};

use casework::{Edit, Programme, Protection, Purpose};
use scan::{looked_through, masked};
use seal::keyslot::{self, Cost};
use tempfile::TempDir;
use zeroizing_alloc::ZeroAlloc;

use crate::{
    Device, Host, SystemHost,
    attempts::ask,
    vault::{files::KEYSLOTS, opening},
};

/// As in every program that ships.
#[global_allocator]
static MEMORY: ZeroAlloc<System> = ZeroAlloc(System);

const PLACE: &str = "BROBYGGER_TEST_FOLDER";
const CHILD: &str = "session::tests::memory::the_child_that_looks_through_itself";

/// A machine that keeps, under the mask, every 32 random bytes it gave: seeds and keys are made of these.
struct Remembering(Mutex<Vec<Vec<u8>>>);

impl Host for Remembering {
    fn now_ms(&self) -> i64 {
        1_795_334_400_000
    }

    fn fill_random(&self, out: &mut [u8]) {
        SystemHost::default().fill_random(out);
        if out.len() == 32 {
            self.0.lock().unwrap().push(masked(out));
        }
    }

    fn cost(&self) -> Cost {
        Cost::FLOOR
    }
}

/// Words that stand nowhere else, never whole in this program.
fn canary() -> String {
    format!("{}æ{}ø {}", "kvist", "rav", "-moler-".repeat(3))
}

/// An address that stands nowhere else, never whole in this program.
fn address() -> String {
    format!("{}stien {}, {}", "Rørdrum", 3, "Lyngholm-".repeat(3))
}

fn passphrase() -> String {
    ["tolv", "cykler", "under", "broen", "ved", "havnen"].join("·")
}

fn tell(needles: &BTreeMap<String, Vec<u8>>, when: &str) {
    for (what, times) in looked_through(needles) {
        println!("{when}: {what}: {times}");
    }
}

#[test]
#[ignore = "a child of another test"]
fn the_child_that_looks_through_itself() {
    let Some(dir) = env::var_os(PLACE) else { return };
    let dir = Path::new(&dir);
    let file = fs::read(dir.join("needles")).unwrap();
    let needles: BTreeMap<String, Vec<u8>> = file
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (name, hex) = std::str::from_utf8(line).unwrap().split_once(' ').unwrap();
            (name.to_owned(), data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap())
        })
        .collect();
    let plain: Vec<Vec<u8>> = needles.values().map(|needle| masked(needle)).collect();
    tell(&needles, "in plain sight");
    drop(plain);
    tell(&needles, "given back");
    let device = Arc::new(Device::new(dir.join("device"), Arc::new(SystemHost::with_cost(Cost::FLOOR))));
    // As in the app: the device works on threads that come and go.
    let on_a_thread = |act: fn(&Device)| {
        let device = Arc::clone(&device);
        thread::spawn(move || act(&device)).join().unwrap();
    };
    on_a_thread(|device| device.unlock(&zeroize::Zeroizing::new(passphrase().into_bytes())).unwrap());
    on_a_thread(|device| {
        let case = device.cases().unwrap()[0].id;
        device.edit(case, Edit::AddNote { id: device.new_item(), text: canary(), at_ms: 0 }).unwrap();
        device.case_show(case).unwrap();
        assert_eq!(device.find("kvist").unwrap().groups.len(), 1);
    });
    tell(&needles, "open");
    on_a_thread(|device| {
        let case = device.cases().unwrap()[0].id;
        device.open_strongroom(&zeroize::Zeroizing::new(passphrase().into_bytes())).unwrap();
        device.enter_address(case, &address(), Protection::Special, [None, None]).unwrap();
        let seen = device.look_at_address(case, Purpose::Check).unwrap();
        assert_eq!(seen.address.map(|seen| seen == address()), Some(true));
        device.close_strongroom();
    });
    tell(&needles, "shut");
    on_a_thread(Device::lock);
    tell(&needles, "locked");
}

#[test]
fn after_lock_no_key_no_passphrase_and_no_word_is_left_in_memory() {
    let dir = TempDir::new().unwrap();
    let host = Arc::new(Remembering(Mutex::default()));
    let device = Device::new(dir.path().join("device"), Arc::clone(&host) as Arc<dyn Host>);
    device.create_vault(passphrase().as_bytes()).unwrap();
    device.found_organisation("http://127.0.0.1:1", Vec::new(), "Broen", "Hanne", "bordet").unwrap();
    device.new_case("Falken", Programme::National, None).unwrap();
    let before_the_room = host.0.lock().unwrap().len();
    device.open_strongroom(passphrase().as_bytes()).unwrap();
    device.lock();
    let file = fs::read(dir.path().join("device").join(KEYSLOTS)).unwrap();
    let share = ask(host.as_ref(), b"").unwrap();
    let master = keyslot::open(&file, passphrase().as_bytes(), &share).unwrap();
    let database = *opening::key(device.dir(), &master).unwrap().1;
    drop(master);
    let mut needles = vec![
        ("passphrase".to_owned(), masked(passphrase().as_bytes())),
        ("word".to_owned(), masked(canary().as_bytes())),
        ("address".to_owned(), masked(address().as_bytes())),
        ("database_key".to_owned(), masked(&database[..32])),
        ("database_key_text".to_owned(), masked(data_encoding::HEXLOWER.encode(&database).as_bytes())),
    ];
    let given = host.0.lock().unwrap();
    assert!(given.len() > before_the_room, "the strongroom has a key of its own");
    let name = |n: usize| if n < before_the_room { format!("random_{n}") } else { format!("strongroom_{n}") };
    needles.extend(given.iter().enumerate().map(|(n, bytes)| (name(n), bytes.clone())));
    let lines: Vec<String> = needles.iter().map(|(name, bytes)| format!("{name} {}", data_encoding::HEXLOWER.encode(bytes))).collect();
    fs::write(dir.path().join("needles"), lines.join("\n")).unwrap();
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", CHILD, "--ignored", "--nocapture", "--test-threads=1"])
        .env(PLACE, dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{said}{}", String::from_utf8_lossy(&child.stderr));
    println!("{said}");
    let when = |when: &str| {
        said.lines().filter_map(|line| line.split_once(&format!("{when}: "))).map(|(_, what)| what.to_owned()).collect::<Vec<_>>()
    };
    for (name, _) in &needles {
        assert!(when("in plain sight").iter().any(|what| what.starts_with(&format!("{name} in"))), "the search can find {name}: {said}");
    }
    assert_eq!(when("given back"), Vec::<String>::new(), "what is given back is overwritten");
    for what in ["word", "random_"] {
        assert!(when("open").iter().any(|line| line.starts_with(what)), "{what} is there while it is open: {said}");
    }
    let of_the_room = |line: &String| line.starts_with("address") || line.starts_with("strongroom_");
    assert_eq!(when("shut").into_iter().filter(of_the_room).collect::<Vec<_>>(), Vec::<String>::new(), "nothing behind the door");
    assert_eq!(when("locked"), Vec::<String>::new());
}
