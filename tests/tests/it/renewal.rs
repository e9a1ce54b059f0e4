//! The key of a device's database is changed: killed on the way the vault opens with the one or the other.

use std::{collections::BTreeSet, fs};

use serde_json::Value;
use tempfile::TempDir;
use world::{World, process::Shell};

use crate::golden_vault::taken_out;

fn names(shell: &Shell) -> BTreeSet<String> {
    fs::read_dir(&shell.data).expect("a folder").flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn what_it_holds(shell: &Shell) -> Vec<Value> {
    assert_eq!(shell.ok(&["verify"])["problems"], serde_json::json!([]));
    assert_eq!(shell.ok(&["status"])["read_only"], Value::Null);
    let rows = shell.ok(&["case", "list"]);
    let ids = rows["cases"].as_array().expect("rows").iter().filter_map(|row| row["id"].as_str());
    ids.map(|id| shell.ok(&["case", "show", id])).collect()
}

/// A phone that lived with the app since its first version, on which a case was erased just now.
fn just_erased(dir: &TempDir) -> Shell {
    let aase = Shell::new(dir.path());
    fs::create_dir_all(&aase.data).expect("a folder");
    taken_out(&World::new(41), 4, &aase.data);
    let before = what_it_holds(&aase).len();
    let case = aase.ok(&["case", "new", "--alias", "Lærken", "--programme", "national"]);
    aase.ok(&["case", "erase", case["case"].as_str().expect("an id"), "--basis", "mistake"]);
    assert!(before > 0);
    aase
}

#[test]
fn killed_anywhere_while_its_key_is_changed_a_vault_opens_and_the_key_before_is_gone_in_the_end() {
    let whole = {
        let dir = TempDir::new().expect("a folder");
        let aase = just_erased(&dir);
        assert!(!names(&aase).iter().any(|name| name.starts_with("vault.salt")), "a vault of before salts");
        let whole = what_it_holds(&aase);
        assert!(names(&aase).contains("vault.salt-1"));
        whole
    };
    let places = device::crash::RENEWAL.iter().flat_map(|stage| ["before", "after"].map(|side| format!("{stage}.{side}")));
    for place in places {
        let dir = TempDir::new().expect("a folder");
        let aase = just_erased(&dir);
        assert!(!aase.run_with_crash(&place, &["case", "list"]).status.success(), "{place} is passed");
        assert_eq!(what_it_holds(&aase), whole, "{place}");
        let left = names(&aase);
        let salts: Vec<&String> = left.iter().filter(|name| name.starts_with("vault.salt")).collect();
        assert_eq!(salts.len(), 1, "{place}: {left:?}");
        assert!(
            left.contains("vault.db") && !left.iter().any(|name| name.starts_with("vault.db.") && name != "vault.db.mark"),
            "{place}: {left:?}"
        );
    }
}
