//! Every attack of docs/ATTACKS.md names tests that exist, or says why none does; no adversary and no code is left out.

use std::collections::BTreeSet;

use crate::{
    house::{files, read},
    promises::existing,
};

/// Codes that no row needs, and why.
const NO_ROW: [(&str, &str); 5] = [
    ("crdt.edit", "an act of one's own that the document did not take"),
    ("crdt.not_made", "an act of one's own that came to nothing"),
    ("duress.same", "a second secret that a person chose is the first"),
    ("duress.too_long", "what a second secret has to keep does not fit"),
    ("quarantine.unknown", "a person names an item that is not there"),
];
/// First words of the codes by which what came from elsewhere is refused.
const ROOMS: [&str; 9] = ["auth", "crdt", "duress", "enrol", "env", "epoch", "log", "quarantine", "req"];
/// Texts that look like codes and are files.
const NO_CODES: [&str; 2] = ["log.db", "log.sqlite"];
/// What a row says that no test shows.
const REASONS: [&str; 4] = ["only a phone can show it", "not built", "no test yet", "nothing is claimed"];

/// A row of one of the tables.
#[derive(Debug, PartialEq, Eq)]
struct Attack {
    /// Its first cell.
    id: String,
    /// What stands between backticks in its last cell.
    tests: Vec<String>,
    /// Its last cell.
    said: String,
}

fn between_backticks(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The rows of every table, without their heads.
fn rows(text: &str) -> Vec<Attack> {
    let lines: Vec<&str> = text.lines().collect();
    let is_row = |at: usize| lines.get(at).is_some_and(|line| line.starts_with('|'));
    let is_head = |at: usize| lines.get(at).is_some_and(|line| line.starts_with("|---"));
    let found = (0..lines.len()).filter(|at| is_row(*at) && !is_head(*at) && !is_head(at + 1));
    found
        .map(|at| {
            let cells: Vec<&str> = lines[at].trim_matches('|').split(" | ").map(str::trim).collect();
            let [id, _, said] = cells.as_slice() else { panic!("three cells: {}", lines[at]) };
            Attack { id: (*id).to_owned(), tests: between_backticks(said), said: (*said).to_owned() }
        })
        .collect()
}

/// What is wrong with the table.
fn faults(attacks: &[Attack], existing: &BTreeSet<String>, codes: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    for adversary in (1..=14).map(|number| format!("T{number}-")) {
        if !attacks.iter().any(|attack| attack.id.starts_with(&adversary)) {
            faults.push(format!("{adversary} has no row"));
        }
    }
    // A code may be given at a device and at the server; a number stands once.
    let ids: Vec<&str> = attacks.iter().map(|attack| attack.id.as_str()).filter(|id| !id.contains('`')).collect();
    let twice = ids.iter().enumerate().filter(|(at, id)| ids[..*at].contains(id));
    faults.extend(twice.map(|(_, id)| format!("{id} stands twice")));
    for attack in attacks {
        let gone = attack.tests.iter().filter(|test| !existing.contains(*test));
        faults.extend(gone.map(|test| format!("{}: no test is called {test}", attack.id)));
        let said = attack.said.to_lowercase();
        if attack.tests.is_empty() && !REASONS.iter().any(|reason| said.contains(reason)) {
            faults.push(format!("{} has no test and no reason", attack.id));
        }
    }
    let told: BTreeSet<String> = attacks.iter().flat_map(|attack| between_backticks(&attack.id)).collect();
    let excused = |code: &str| NO_ROW.iter().any(|(known, _)| *known == code);
    faults.extend(codes.iter().filter(|code| !told.contains(*code) && !excused(code)).map(|code| format!("{code} has no row")));
    faults
}

fn is_code(text: &str) -> bool {
    let is_plain = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    text.split_once('.').is_some_and(|(room, word)| is_plain(room) && is_plain(word))
}

/// The codes by which devices and the server refuse, wherever one is written in the product.
fn codes() -> BTreeSet<String> {
    let is_product =
        |path: &String| path.starts_with("sync/") && path.contains("/src/") && path.ends_with(".rs") && !path.contains("tests");
    let is_wanted =
        |part: &str| is_code(part) && !NO_CODES.contains(&part) && ROOMS.iter().any(|room| part.starts_with(&format!("{room}.")));
    let told_to_people = |path: &String| path.starts_with("sync/cli/");
    let sources = files().into_iter().filter(|path| is_product(path) && !told_to_people(path)).map(|path| read(&path));
    sources.flat_map(|text| text.split('"').filter(|part| is_wanted(part)).map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn every_attack_has_a_test_that_exists_or_says_why_none_does() {
    let attacks = rows(&read("docs/ATTACKS.md"));
    assert!(attacks.len() > 240, "the tables were found: {}", attacks.len());
    let codes = codes();
    assert!(codes.len() > 60, "the codes were found: {}", codes.len());
    assert_eq!(faults(&attacks, &existing(), &codes), Vec::<String>::new());
}

#[test]
fn every_code_that_needs_no_row_is_a_code() {
    let all = codes();
    let unknown: Vec<&str> = NO_ROW.iter().map(|(code, _)| *code).filter(|code| !all.contains(*code)).collect();
    assert_eq!(unknown, Vec::<&str>::new());
}

#[test]
fn an_attack_without_a_test_a_lost_adversary_and_a_forgotten_code_are_noticed() {
    let rest: String = (3..=14).map(|n| format!("| T{n}-1 | x | Not built. |\n")).collect();
    let table = format!(
        "| id | tries | tests |\n|---|---|---|\n| T1-1 | a | `real`, `gone` |\n| T1-2 | b | nobody knows |\n{rest}| `env.one`, the place | c | `real` |\n"
    );
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let found = faults(&rows(&table), &set(&["real"]), &set(&["env.one", "log.two", "crdt.edit"]));
    assert_eq!(found, ["T2- has no row", "T1-1: no test is called gone", "T1-2 has no test and no reason", "log.two has no row"]);
    let said_twice = format!("{table}| T1-1 | again | `real` |\n");
    assert!(faults(&rows(&said_twice), &set(&["real"]), &set(&[])).contains(&"T1-1 stands twice".to_owned()));
}
