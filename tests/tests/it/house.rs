//! The laws of the house: who may name whom, what may not be linked, how long a file may be, how it begins.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Every arrow between our packages. A new one, or a tenth package, needs a written decision.
const ARROWS: [(&str, &[&str]); 9] = [
    ("app", &["device"]),
    ("casework", &["seal", "wire"]),
    ("cli", &["device"]),
    ("device", &["casework", "seal", "wire"]),
    ("hot", &["casework", "device", "seal", "wire", "world"]),
    ("seal", &["wire"]),
    ("server", &["wire"]),
    ("wire", &[]),
    ("world", &["device", "server"]),
];

/// Crates that carry a claim of the architecture: who may depend on them, and whose tests may.
const GUARDED: [(&str, &[&str], &[&str]); 7] = [
    ("argon2", &["seal"], &[]),
    ("automerge", &["casework"], &[]),
    ("hpke", &["seal"], &[]),
    ("reqwest", &["device"], &["world"]),
    ("ring", &["seal", "wire"], &["server"]),
    ("rusqlite", &["device", "server"], &["server", "world"]),
    ("tauri", &["app"], &["app"]),
];

/// The only files, tests aside, that name the primitives of ring.
const PRIMITIVES: [&str; 2] = ["sync/seal/src/hazmat.rs", "sync/wire/src/signature.rs"];

const LONGEST_RUST: usize = 800;
const LONGEST_SVELTE: usize = 300;
const NOT_OURS: [&str; 9] = [".git", ".demo", "__pycache__", "dist", "gen", "node_modules", "out", "target", "test-results"];

type Arrows = BTreeMap<String, BTreeSet<String>>;

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file of the project by its path from the root, made and fetched things aside.
pub(crate) fn files() -> Vec<String> {
    fn walk(folder: &Path, prefix: &str, into: &mut Vec<String>) {
        let mut entries: Vec<_> = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")).collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            if entry.file_type().expect("a type").is_dir() {
                if !NOT_OURS.contains(&name.as_str()) {
                    walk(&entry.path(), &format!("{path}/"), into);
                }
            } else {
                into.push(path);
            }
        }
    }
    let mut all = Vec::new();
    walk(&root(), "", &mut all);
    all
}

pub(crate) fn read(path: &str) -> String {
    String::from_utf8_lossy(&fs::read(root().join(path)).expect("a file that can be read")).into_owned()
}

fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}

fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs")
}

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let output = Command::new(cargo).args(arguments).current_dir(root()).output().expect("cargo runs");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo writes UTF-8")
}

fn metadata() -> Value {
    serde_json::from_str(&cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"])).expect("cargo writes JSON")
}

/// What each package depends on, in the ordinary way or only for its tests.
fn dependencies(metadata: &Value, for_tests: bool) -> Arrows {
    let mut found = Arrows::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let named = found.entry(package["name"].as_str().expect("a name").to_owned()).or_default();
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            if (dependency["kind"] == "dev") == for_tests {
                named.insert(dependency["name"].as_str().expect("a name").to_owned());
            }
        }
    }
    found
}

/// Only the arrows between our own packages.
fn ours(all: &Arrows) -> Arrows {
    let own = |names: &BTreeSet<String>| names.iter().filter(|name| all.contains_key(*name)).cloned().collect();
    all.iter().map(|(package, names)| (package.clone(), own(names))).collect()
}

/// The arrows as the law has them.
fn lawful() -> Arrows {
    ARROWS.iter().map(|(from, to)| ((*from).to_owned(), to.iter().map(|name| (*name).to_owned()).collect())).collect()
}

/// What is there and may not be, and what should be there and is not.
fn differences(found: &Arrows) -> Vec<String> {
    let pairs = |arrows: &Arrows| -> BTreeSet<(String, String)> {
        let all = arrows.iter().flat_map(|(from, to)| to.iter().map(move |to| (from.clone(), to.clone())));
        all.chain(arrows.keys().map(|package| (package.clone(), String::new()))).collect()
    };
    let (found, law) = (pairs(found), pairs(&lawful()));
    let line = |sign: char, (from, to): &(String, String)| format!("{sign} {from} → {to}");
    let more = found.difference(&law).map(|pair| line('+', pair));
    let less = law.difference(&found).map(|pair| line('-', pair));
    more.chain(less).collect()
}

#[test]
fn the_arrows_are_these_and_no_others() {
    let metadata = metadata();
    assert_eq!(differences(&ours(&dependencies(&metadata, false))), Vec::<String>::new());
    let in_tests = ours(&dependencies(&metadata, true));
    assert!(in_tests.values().all(BTreeSet::is_empty), "tests and examples add no arrow: {in_tests:?}");
}

#[test]
fn an_arrow_too_many_or_too_few_is_noticed() {
    assert_eq!(differences(&lawful()), Vec::<String>::new());
    let mut more = lawful();
    more.entry("server".to_owned()).or_default().insert("casework".to_owned());
    assert_eq!(differences(&more), ["+ server → casework"]);
    let mut less = lawful();
    less.entry("cli".to_owned()).or_default().clear();
    assert_eq!(differences(&less), ["- cli → device"]);
    let mut tenth = lawful();
    tenth.insert("common".to_owned(), BTreeSet::new());
    assert_eq!(differences(&tenth), ["+ common → "]);
}

#[test]
fn the_server_cannot_link_what_opens_an_envelope() {
    let tree = cargo(&["tree", "-p", "server", "-e", "normal", "--offline", "--locked", "--prefix", "none"]);
    let linked: BTreeSet<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(linked.contains("wire") && linked.contains("rusqlite"), "the tree was not understood");
    for absent in ["automerge", "seal", "casework", "device", "hpke", "argon2"] {
        assert!(!linked.contains(absent), "the server links {absent}");
    }
}

#[test]
fn guarded_crates_are_named_by_their_guards_only() {
    let metadata = metadata();
    let (ordinary, in_tests) = (dependencies(&metadata, false), dependencies(&metadata, true));
    let who = |arrows: &Arrows, wanted: &str| -> Vec<String> {
        arrows.iter().filter(|(_, names)| names.contains(wanted)).map(|(package, _)| package.clone()).collect()
    };
    for (crate_name, guards, testers) in GUARDED {
        assert_eq!(who(&ordinary, crate_name), guards, "{crate_name}");
        for package in who(&in_tests, crate_name) {
            assert!(testers.contains(&package.as_str()), "{crate_name} in the tests of {package}");
        }
    }
}

/// Whether the text uses a crate by its name, and not a module that some other crate calls so.
fn names_crate(text: &str, name: &str) -> bool {
    text.match_indices(&format!("{name}::")).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':')
    })
}

#[test]
fn primitives_stand_in_two_files() {
    assert!(names_crate("use ring::hkdf;", "ring") && !names_crate("rustls::crypto::ring::x", "ring") && !names_crate("string::x", "ring"));
    let named: Vec<String> = files()
        .into_iter()
        .filter(|path| path.starts_with("sync/") && is_rust(path) && !is_test(path) && names_crate(&read(path), "ring"))
        .collect();
    assert_eq!(named, PRIMITIVES);
}

#[test]
fn no_module_hides_in_a_mod_rs() {
    let found: Vec<String> = files().into_iter().filter(|path| path.ends_with("/mod.rs")).collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn files_are_short_enough_to_be_read() {
    let lines = |path: &str| {
        let text = read(path);
        let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        code.lines().count()
    };
    let too_long = |path: &String| {
        let most = if is_rust(path) && !is_test(path) {
            LONGEST_RUST
        } else if path.ends_with(".svelte") {
            LONGEST_SVELTE
        } else {
            return false;
        };
        lines(path) > most
    };
    let found: Vec<String> = files().into_iter().filter(too_long).collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn every_rust_file_says_what_it_is() {
    let found: Vec<String> = files().into_iter().filter(|path| is_rust(path) && !read(path).starts_with("//! ")).collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_project_stands_alone() {
    let outside = concat!("..", "/shared");
    let found: Vec<String> =
        files().into_iter().filter(|path| !["start", "test"].contains(&path.as_str()) && read(path).contains(outside)).collect();
    assert_eq!(found, Vec::<String>::new());
}
