//! Whoever sees the phone from outside learns nothing: no title, name or message says what the app is for.

use std::{
    fs,
    path::{Path, PathBuf},
};

const TELLING: &[&str] = &[
    "exit",
    "bande",
    "gang",
    "mentor",
    "kandidat",
    "candidate",
    "politi",
    "police",
    "fængsel",
    "prison",
    "krimi",
    "crim",
    "forløb",
    "sag",
    "case",
    "afhop",
    "rocker",
    "kommune",
    "bro",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn tells_nothing(text: &str, place: &str) {
    let lower = text.to_lowercase();
    for word in TELLING {
        assert!(!lower.contains(word), "{place}: {text:?} tells {word:?}");
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { sources(&path, found) } else { found.push(path) }
    }
}

#[test]
fn names_and_titles_tell_nothing() {
    let config: serde_json::Value = serde_json::from_str(&fs::read_to_string(root().join("tauri.conf.json")).unwrap()).unwrap();
    tells_nothing(config["productName"].as_str().unwrap(), "productName");
    for window in config["app"]["windows"].as_array().unwrap() {
        tells_nothing(window["title"].as_str().unwrap(), "window title");
    }
    let page = fs::read_to_string(root().join("../ui/index.html")).unwrap();
    tells_nothing(page.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0, "page title");
    for described in ["shortDescription", "longDescription", "category", "copyright"] {
        tells_nothing(config["bundle"][described].as_str().unwrap_or_default(), described);
    }
}

#[test]
fn what_the_shell_says_outside_its_page_tells_nothing() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    assert!(files.len() > 8);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for line in
            text.lines().filter(|line| ["println!", "notif", ".title(", "set_title", "#[error("].iter().any(|mark| line.contains(mark)))
        {
            for said in line.split('"').skip(1).step_by(2) {
                tells_nothing(said, &file.display().to_string());
            }
        }
    }
}

#[test]
fn a_panic_says_where_and_not_what() {
    if std::env::var_os("APP_TEST_PANIC").is_some() {
        device::harden();
        panic!("the words of a person");
    }
    let this = std::env::current_exe().unwrap();
    let name = "neutral::a_panic_says_where_and_not_what";
    let out = std::process::Command::new(this).args([name, "--exact", "--nocapture"]).env("APP_TEST_PANIC", "1").output().unwrap();
    let said = [out.stdout, out.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(!out.status.success() && said.contains("stopped at ") && !said.contains("the words of a person"), "{said}");
}

#[test]
#[cfg(target_os = "linux")]
fn the_process_leaves_no_core() {
    if std::env::var_os("APP_TEST_CORE").is_some() {
        device::harden();
        let limits = fs::read_to_string("/proc/self/limits").unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
        assert_eq!(rustix::process::dumpable_behavior().unwrap(), rustix::process::DumpableBehavior::NotDumpable);
        return;
    }
    let this = std::env::current_exe().unwrap();
    let out = std::process::Command::new(this)
        .args(["neutral::the_process_leaves_no_core", "--exact"])
        .env("APP_TEST_CORE", "1")
        .output()
        .unwrap();
    assert!(out.status.success());
}
