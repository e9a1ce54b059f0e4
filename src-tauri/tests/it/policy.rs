//! The page may do what is listed, and nothing else: its content policy, its capability, its window.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Value, json};

fn read(path: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()).unwrap()
}

#[test]
fn the_content_policy_denies_by_default() {
    let config = read("tauri.conf.json");
    let expected = json!({
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "font-src": "'self'",
        "img-src": "'self'",
        "connect-src": "ipc: http://ipc.localhost",
        "frame-src": "'none'",
        "form-action": "'none'",
        "base-uri": "'none'",
    });
    let security = &config["app"]["security"];
    assert_eq!(security["csp"], expected);
    assert_eq!(security["freezePrototype"], true);
    assert_eq!(security["capabilities"], json!(["default"]));
    let known = ["csp", "freezePrototype", "capabilities"];
    assert!(security.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())), "a new key in security needs a look");
}

#[test]
fn the_window_has_no_tools_no_global_and_no_storage() {
    let config = read("tauri.conf.json");
    assert_eq!(config["app"]["withGlobalTauri"], false);
    assert!(config["build"]["devUrl"].is_null());
    let windows = config["app"]["windows"].as_array().unwrap();
    assert_eq!(windows.len(), 1);
    for window in windows {
        assert_eq!(window["devtools"], false);
        assert_eq!(window["incognito"], true);
        assert_eq!(window["contentProtected"], true);
        assert!(window["url"].is_null());
        assert!(window["minWidth"].as_u64().unwrap() <= 360);
    }
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    assert!(!manifest.contains("devtools") && !manifest.contains("tauri-plugin"), "a new power of the window needs a look");
}

#[test]
fn the_only_capability_names_each_permission() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("capabilities");
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["default.json"]);
    let capability: BTreeMap<String, Value> = serde_json::from_value(read("capabilities/default.json")).unwrap();
    assert!(!capability.contains_key("remote"));
    assert_eq!(capability["local"], true);
    assert_eq!(capability["windows"], json!(["main"]));
    let core: Vec<&str> = capability["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().expect("a permission without scopes"))
        .filter(|name| !name.starts_with("allow-"))
        .collect();
    assert_eq!(core, ["core:event:allow-listen", "core:event:allow-unlisten"]);
}
