//! Every code that any crate of the workspace can give has its sentences in both languages.

use std::{collections::BTreeSet, fs, path::Path};

use super::*;

/// First words of codes.
const ROOMS: [&str; 22] = [
    "vault",
    "auth",
    "log",
    "env",
    "epoch",
    "case",
    "crdt",
    "net",
    "org",
    "enrol",
    "role",
    "people",
    "undo",
    "demo",
    "key",
    "req",
    "cli",
    "store",
    "server",
    "quarantine",
    "duress",
    "device",
];
/// Texts that look like codes and are none: files, and words of the case log.
const NO_CODES: [&str; 3] = ["vault.db", "log.db", "log.sqlite"];

fn codes_in(dir: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
        let name = entry.file_name().unwrap().to_string_lossy().into_owned();
        if entry.is_dir() && name != "tests" {
            codes_in(&entry, found);
        } else if name.ends_with(".rs") && !matches!(name.as_str(), "tests.rs" | "testing.rs" | "sentences.rs") {
            let text = fs::read_to_string(&entry).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            found.extend(text.split('"').filter(|part| is_code(part)).map(str::to_owned));
        }
    }
}

fn is_code(text: &str) -> bool {
    let plain = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    text.split_once('.').is_some_and(|(room, word)| ROOMS.contains(&room) && plain(word)) && !NO_CODES.contains(&text)
}

#[test]
fn every_code_has_its_sentences() {
    let sync = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut codes = BTreeSet::new();
    for krate in ["wire", "seal", "casework", "device", "server", "cli"] {
        codes_in(&sync.join(krate).join("src"), &mut codes);
    }
    assert!(codes.len() > 100, "the codes were found: {}", codes.len());
    let missing: Vec<&String> = codes.iter().filter(|code| known(code).is_none()).collect();
    assert!(missing.is_empty(), "codes without sentences: {missing:?}");
}

#[test]
fn no_sentence_is_empty_and_no_code_stands_twice() {
    let mut seen = BTreeSet::new();
    for Sentence(codes, texts) in [HERE, PEOPLE, CASE, ROAD, DOUBT].into_iter().flatten() {
        assert!(texts.iter().all(|text| text.ends_with('.')), "{codes:?}");
        for code in *codes {
            assert!(seen.insert(code), "{code} stands twice");
        }
    }
}

#[test]
fn an_unknown_code_is_said_as_it_is() {
    assert_eq!(of("venus.mars", Lang::En).0, "It did not work (venus.mars).");
    assert!(of("venus.mars", Lang::Da).0.contains("venus.mars"));
}

#[test]
fn a_wait_is_said_in_seconds_then_minutes_and_what_is_left_only_at_the_end() {
    let told = |wait_s, left| [Lang::Da, Lang::En].map(|lang| of_tries(Standing { wait_s, left }, lang));
    assert_eq!(told(0, None), ["", ""]);
    assert_eq!(told(1, None), ["Næste forsøg om 1 sekund.", "The next try in 1 second."]);
    assert_eq!(told(59, None), ["Næste forsøg om 59 sekunder.", "The next try in 59 seconds."]);
    assert_eq!(told(60, None), ["Næste forsøg om 1 minut.", "The next try in 1 minute."]);
    assert_eq!(told(61, None), ["Næste forsøg om 2 minutter.", "The next try in 2 minutes."]);
    for text in told(480, Some(2)).iter().chain(&told(900, Some(1))) {
        assert!(text.contains("slettes") || text.contains("erased"), "{text}");
    }
    assert_ne!(told(480, Some(2)), told(480, Some(1)));
}
