//! The checks that are taken out one at a time: every patch still applies, and every test that must notice is there.
//!
//! That each is really noticed takes a build for each, and is asked by `tests/mutants/run`.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    house::{files, read, root},
    promises::rust_tests,
};

const FOLDER: &str = "tests/mutants/";

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
struct Mutant {
    patch: String,
    package: String,
    test: String,
}

/// The rows of the table, by what stands between backticks in the first cell and the last two.
fn rows(text: &str) -> Vec<Mutant> {
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`')).collect();
        let [patch, _, _, package, test] = cells.as_slice() else { panic!("five cells: {row}") };
        Mutant { patch: (*patch).to_owned(), package: (*package).to_owned(), test: (*test).to_owned() }
    })
    .collect()
}

/// The file in which the test stands, and what the test is called there: modules are folders and files.
fn place_of(mutant: &Mutant) -> (String, String) {
    let mut path: Vec<&str> = mutant.test.split("::").collect();
    let name = path.pop().unwrap_or_default().to_owned();
    let (package, kind) = mutant.package.split_once(' ').expect("a package and which of its tests");
    let folder = match (package, kind) {
        ("world", "--test it") => "tests/tests/it/".to_owned(),
        (_, "--lib") => format!("sync/{package}/src/"),
        (_, "--test it") => format!("sync/{package}/tests/it/"),
        _ => panic!("{} is run by nothing", mutant.package),
    };
    (format!("{folder}{}.rs", path.join("/")), name)
}

/// Why `patch` would not change this tree; nothing when it would.
fn fault(patch: &Path, tree: &Path) -> Option<String> {
    let has_git = tree.join(".git").exists();
    let output = if has_git {
        Command::new("git").args(["-c", "safe.directory=*", "apply", "--check"]).arg(patch).current_dir(tree).output()
    } else {
        Command::new("patch").args(["--dry-run", "--silent", "--batch", "--fuzz=0", "-p1", "-i"]).arg(patch).current_dir(tree).output()
    };
    let output = output.expect("git or patch runs");
    let said = [output.stdout, output.stderr].concat();
    (!output.status.success()).then(|| String::from_utf8_lossy(&said).into_owned())
}

/// The files that a patch changes.
fn changed(patch: &str) -> Vec<&str> {
    patch.lines().filter_map(|line| line.strip_prefix("+++ b/")).collect()
}

#[test]
fn every_patch_that_takes_a_check_out_still_applies_to_the_product() {
    let mutants = rows(&read(&format!("{FOLDER}README.md")));
    assert!(mutants.len() >= 10, "{} mutants", mutants.len());
    let tree = root().canonicalize().expect("the tree");
    for mutant in &mutants {
        let path = format!("{FOLDER}{}", mutant.patch);
        assert_eq!(fault(&tree.join(&path), &tree), None, "{}", mutant.patch);
        let text = read(&path);
        let changed = changed(&text);
        assert!(!changed.is_empty(), "{} changes nothing", mutant.patch);
        for file in changed {
            assert!(file.starts_with("sync/") && !file.contains("tests"), "{} changes {file}, which is no product", mutant.patch);
        }
    }
    let there: BTreeSet<String> = files().into_iter().filter(|path| path.starts_with(FOLDER) && path.ends_with(".patch")).collect();
    let listed: BTreeSet<String> = mutants.iter().map(|mutant| format!("{FOLDER}{}", mutant.patch)).collect();
    assert_eq!(there, listed, "each patch has one row, and each row one patch");
}

#[test]
fn every_test_that_must_notice_a_missing_check_exists() {
    for mutant in rows(&read(&format!("{FOLDER}README.md"))) {
        let (place, name) = place_of(&mutant);
        let mut tests = BTreeSet::new();
        rust_tests(&read(&place), &mut tests);
        assert!(tests.contains(&name), "{}: no test in {place} is called {name}", mutant.patch);
    }
}

#[test]
fn a_patch_that_no_longer_applies_is_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let tree = PathBuf::from(folder.path());
    std::fs::write(tree.join("code.rs"), "one\ntwo\nthree\n").expect("written");
    let patch = tree.join("x.patch");
    let text = |line: &str| format!("--- a/code.rs\n+++ b/code.rs\n@@ -1,3 +1,2 @@\n one\n-{line}\n three\n");
    std::fs::write(&patch, text("two")).expect("written");
    assert_eq!(fault(&patch, &tree), None);
    assert_eq!(changed(&text("two")), ["code.rs"]);
    std::fs::write(&patch, text("another")).expect("written");
    assert!(fault(&patch, &tree).is_some());
}
