//! Every numbered promise of docs/PROMISES.md is proven by tests that exist.

use std::collections::BTreeSet;

use crate::house::{files, read};

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
struct Promise {
    id: String,
    tests: Vec<String>,
}

/// The rows whose first cell begins so; test names stand between backticks in the last cell.
fn rows(text: &str, with: &str) -> Vec<Promise> {
    let opening = format!("| {with}-");
    let rows = text.lines().filter(|line| line.starts_with(&opening));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [id, _, tests] = cells.as_slice() else { panic!("three cells: {row}") };
        let tests = tests.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        Promise { id: (*id).to_owned(), tests }
    })
    .collect()
}

/// Functions marked as tests.
pub(crate) fn rust_tests(text: &str, into: &mut BTreeSet<String>) {
    let mut marked = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[") {
            marked |= line.contains("test]") || line.contains("test(");
        } else if let Some((_, rest)) = line.split_once("fn ").filter(|_| marked) {
            into.extend(rest.split(['(', '<']).next().map(str::to_owned));
            marked = false;
        } else if !line.starts_with("//") {
            marked = false;
        }
    }
}

/// Titles given to `it` and `test`, and the stories that a spec exports.
fn script_tests(text: &str, into: &mut BTreeSet<String>) {
    for opening in ["it(\"", "it('", "test(\"", "test('"] {
        let quote = opening.chars().next_back().unwrap_or('"');
        for (at, _) in text.match_indices(opening) {
            let title = text.get(at + opening.len()..).and_then(|rest| rest.split(quote).next());
            into.extend(title.map(str::to_owned));
        }
    }
    for exported in text.lines().filter_map(|line| line.strip_prefix("export ")) {
        if let Some((_, rest)) = exported.split_once("function ") {
            into.extend(rest.split('(').next().map(str::to_owned));
        }
    }
}

pub(crate) fn existing() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for path in files() {
        if path.ends_with(".rs") {
            rust_tests(&read(&path), &mut found);
        } else if path.ends_with(".test.ts") || path.ends_with(".spec.mjs") || path.ends_with(".spec.ts") {
            script_tests(&read(&path), &mut found);
        }
    }
    found
}

/// What is wrong with the promises.
fn faults(promises: &[Promise], existing: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, promise) in promises.iter().enumerate() {
        let expected = format!("P-{:02}", at + 1);
        if promise.id != expected {
            faults.push(format!("{} stands where {expected} should", promise.id));
        }
        if promise.tests.is_empty() {
            faults.push(format!("{} has no test", promise.id));
        }
    }
    faults.extend(missing(promises, existing));
    faults
}

/// Tests that are named and do not exist.
fn missing(rows: &[Promise], existing: &BTreeSet<String>) -> Vec<String> {
    let named = rows.iter().flat_map(|row| row.tests.iter().map(move |test| (&row.id, test)));
    named.filter(|(_, test)| !existing.contains(*test)).map(|(id, test)| format!("{id}: no test is called {test}")).collect()
}

#[test]
fn what_the_rules_of_the_screens_name_exists() {
    let rules = rows(&read("docs/PROMISES.md"), "R");
    assert!(rules.len() >= 20, "the table was not found");
    assert_eq!(missing(&rules, &existing()), Vec::<String>::new());
}

#[test]
fn every_promise_is_proven_by_tests_that_exist() {
    let promises = rows(&read("docs/PROMISES.md"), "P");
    assert!(!promises.is_empty(), "the table was not found");
    assert_eq!(faults(&promises, &existing()), Vec::<String>::new());
}

#[test]
fn an_unproven_promise_is_noticed() {
    let table = "| id | promise | proven by |\n|---|---|---|\n| P-01 | x | `real`, `at most 3, at once` |\n| P-02 | y | `gone` |\n| P-04 | z | later |\n";
    let existing = BTreeSet::from(["real".to_owned(), "at most 3, at once".to_owned()]);
    let found = faults(&rows(table, "P"), &existing);
    assert_eq!(found, ["P-04 stands where P-03 should", "P-04 has no test", "P-02: no test is called gone"]);
}

#[test]
fn tests_are_found_by_how_they_are_written() {
    let mut found = BTreeSet::new();
    rust_tests(
        "#[test]\n#[ignore = \"x\"]\n// why\nfn one() {}\nfn helper() {}\n#[tokio::test]\nasync fn two() {}\n#[cfg(unix)]\nfn three() {}\n",
        &mut found,
    );
    script_tests("  it(\"four, and more\", () => {\nexport async function five(page) {\nfunction six() {", &mut found);
    let names: Vec<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(names, ["five", "four, and more", "one", "two"]);
}
