//! What the app is built from, with its licences: a list made from the very files that decide it.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use app::about::Licence;
use serde_json::Value;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/licences.json");
/// One platform for all, so that the list is the same wherever it is made.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";
/// Of what only builds the page, that which goes into it.
const IN_THE_PAGE: [&str; 3] = ["clsx", "esm-env", "svelte"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn json(text: &[u8]) -> Value {
    serde_json::from_slice(text).unwrap()
}

fn licence(name: &str, version: &str, licence: &str) -> Licence {
    Licence { name: name.to_owned(), version: version.to_owned(), licence: licence.to_owned() }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Everything that cargo knows of the app on [`PLATFORM`].
fn metadata() -> Value {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", PLATFORM];
    let output = Command::new(cargo).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    json(&output.stdout)
}

/// Every crate that is linked into the app, those of this workspace and those that only build or test aside.
fn crates(metadata: &Value) -> Vec<&Value> {
    let by_id: BTreeMap<&str, &Value> = metadata["packages"].as_array().unwrap().iter().map(|one| (text(&one["id"]), one)).collect();
    let nodes: BTreeMap<&str, &Value> =
        metadata["resolve"]["nodes"].as_array().unwrap().iter().map(|one| (text(&one["id"]), one)).collect();
    let mut todo: Vec<&str> = by_id.iter().filter(|(_, one)| one["name"] == "app").map(|(id, _)| *id).collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = todo.pop() {
        if seen.insert(id) {
            let linked = |one: &&Value| one["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null());
            todo.extend(nodes[id]["deps"].as_array().unwrap().iter().filter(linked).map(|one| text(&one["pkg"])));
        }
    }
    seen.into_iter().map(|id| by_id[id]).filter(|one| !one["source"].is_null()).collect()
}

/// Code in C that comes inside crates and has licences of its own; their versions name its versions.
fn in_c(metadata: &Value) -> Vec<Licence> {
    let version = |name: &str, inside: &str| {
        let one = metadata["packages"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
        let (_, rest) = text(&one["version"]).split_once(inside).unwrap();
        rest.split('-').next().unwrap().to_owned()
    };
    vec![
        licence("SQLite", &version("sqlcipher-src", "sqlite-"), "blessing"),
        licence("SQLCipher", &version("sqlcipher-src", "+sqlcipher-"), "BSD-3-Clause"),
        licence("LibTomCrypt", &version("sqlcipher-src", "libtomcrypt-"), "Unlicense"),
        licence("zstd", &version("zstd-sys", "+zstd."), "BSD-3-Clause"),
    ]
}

/// What goes into the page.
fn of_the_page() -> Vec<Licence> {
    let lock = json(&fs::read(root().join("ui/package-lock.json")).unwrap());
    let packages = lock["packages"].as_object().unwrap().iter().filter_map(|(path, one)| Some((path.strip_prefix("node_modules/")?, one)));
    let shipped = packages.filter(|(name, one)| one["dev"] != true || IN_THE_PAGE.contains(name));
    shipped.map(|(name, one)| licence(name, text(&one["version"]), text(&one["license"]))).collect()
}

/// Letters, pictures and words.
fn of_no_code() -> Vec<Licence> {
    let files = fs::read_dir(root().join("ui/src/style/fonts")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let fonts = files.filter_map(|file| Some(file.strip_prefix("OFL-")?.strip_suffix(".txt")?.to_owned()));
    let mut all: Vec<Licence> = fonts.map(|name| licence(&named(&name), "", "OFL-1.1")).collect();
    assert!(root().join("ui/src/parts/lucide-LICENSE.txt").exists() && root().join("sync/device/words/eff-large.txt").exists());
    all.push(licence("Lucide", "", "ISC"));
    all.push(licence("EFF long word list", "", "CC-BY-3.0-US"));
    all
}

/// `noto-sans` as people write it.
fn named(slug: &str) -> String {
    let words = slug.split('-').map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_list_of_licences_is_of_what_the_app_is_built_from() {
    let metadata = metadata();
    let crates = crates(&metadata);
    let mut all: Vec<Licence> =
        crates.iter().map(|one| licence(text(&one["name"]), text(&one["version"]), text(&one["license"]))).collect();
    all.extend(in_c(&metadata));
    all.extend(of_the_page());
    all.extend(of_no_code());
    all.sort_by_key(|one| (one.name.to_lowercase(), one.version.clone()));
    let unlicensed: Vec<&Licence> = all.iter().filter(|one| one.licence.is_empty()).collect();
    assert!(unlicensed.is_empty(), "without a licence nothing may be built in: {unlicensed:?}");
    let lines: Vec<String> = all.iter().map(|one| serde_json::to_string(one).unwrap()).collect();
    let made = format!("[\n{}\n]\n", lines.join(",\n"));
    if env::var_os("UPDATE_LICENCES").is_some() {
        fs::write(FILE, &made).unwrap();
    }
    assert!(fs::read_to_string(FILE).unwrap() == made, "src-tauri/licences.json is out of date; UPDATE_LICENCES=1 writes it anew");
}
