//! A command has one name in five places: the handler, the build script, the capability, the page, and its function.

use std::{collections::BTreeSet, fs, path::Path};

type Names = BTreeSet<String>;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> &'a str {
    text.split_once(begin).unwrap().1.split_once(end).unwrap().0
}

/// What stands between each pair of marks.
fn each(text: &str, begin: &str, end: &str) -> Names {
    text.split(begin).skip(1).map(|rest| rest.split_once(end).unwrap().0.to_owned()).collect()
}

fn handled() -> Names {
    let list = read("src/commands.rs");
    let list = between(&list, "answers! {", "}");
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(|name| name.rsplit("::").next().unwrap().to_owned()).collect()
}

#[test]
fn every_command_that_is_handled_has_a_permission() {
    let build = read("build.rs");
    assert_eq!(each(between(&build, "= &[", "];"), "    \"", "\""), handled());
}

#[test]
fn every_command_that_is_handled_may_be_called_and_no_other() {
    let capability: serde_json::Value = serde_json::from_str(&read("capabilities/default.json")).unwrap();
    let allowed = capability["permissions"].as_array().unwrap().iter().filter_map(|one| one.as_str().unwrap().strip_prefix("allow-"));
    assert_eq!(allowed.map(|name| name.replace('-', "_")).collect::<Names>(), handled());
}

#[test]
fn the_page_calls_every_command_that_is_handled_and_no_other() {
    let mut called = Names::new();
    for file in ["commands.ts", "tauri.ts", "preview.ts"] {
        let text = read(&format!("../ui/src/host/{file}"));
        called.extend(each(&text, "call(\"", "\""));
        called.extend(each(&text, "invoke(\"", "\""));
    }
    assert_eq!(called, handled());
}

#[test]
fn every_command_that_is_written_is_handled() {
    let mut written = Names::new();
    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        written.extend(each(&text, "#[tauri::command]\npub async fn ", "("));
        assert_eq!(text.matches("#[tauri::command]").count(), text.matches("#[tauri::command]\npub async fn ").count());
    }
    assert_eq!(written, handled());
}
