//! What the shell leaves in its process after lock. Each command runs as the page calls it; a child looks through itself.
#![cfg(target_os = "linux")]

#[path = "../../../sync/device/src/session/tests/memory/scan.rs"]
mod scan;

use std::{alloc::System, collections::BTreeMap, env, process::Command};

use scan::{looked_through, masked};
use serde_json::json;
use zeroizing_alloc::ZeroAlloc;

use crate::phone::{Phone, SECRET};

/// As in the app.
#[global_allocator]
static MEMORY: ZeroAlloc<System> = ZeroAlloc(System);

const CHILD: &str = "memory::the_child_that_looks_through_itself";
const ASKED: &str = "APP_TEST_MEMORY";

/// Words that stand nowhere else, never whole in this program.
fn words() -> String {
    format!("{}æ{}ø {}", "kvist", "rav", "-moler-".repeat(3))
}

fn tell(needles: &BTreeMap<String, Vec<u8>>, when: &str) {
    for (what, times) in looked_through(needles) {
        println!("\n{when}: {what}: {times}");
    }
}

#[test]
#[ignore = "a child of another test"]
fn the_child_that_looks_through_itself() {
    if env::var_os(ASKED).is_none() {
        return;
    }
    let needles = BTreeMap::from([("word".to_owned(), masked(words().as_bytes()))]);
    tell(&needles, "before");
    let (phone, case) = Phone::in_use();
    phone.get("lock", json!({}));
    phone.get("unlock", json!({ "kind": "passphrase", "secret": SECRET }));
    let note = phone.get("note_write", json!({ "case": case, "text": words() }));
    phone.get("note_open", json!({ "case": case, "note": note["id"] }));
    drop(note);
    phone.get("case_view", json!({ "id": case }));
    phone.get("search", json!({ "text": "kvist" }));
    tell(&needles, "open");
    phone.get("lock", json!({}));
    tell(&needles, "locked");
}

#[test]
fn after_lock_the_shell_has_no_word_left_in_memory() {
    let mut child = Command::new(env::current_exe().unwrap());
    let out = child.args(["--exact", CHILD, "--ignored", "--nocapture", "--test-threads=1"]).env(ASKED, "1").output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{said}{}", String::from_utf8_lossy(&out.stderr));
    let when = |when: &str| said.lines().filter(|line| line.starts_with(&format!("{when}: "))).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(when("before"), Vec::<String>::new());
    assert!(!when("open").is_empty(), "the search finds the words while it is open: {said}");
    assert_eq!(when("locked"), Vec::<String>::new());
}
