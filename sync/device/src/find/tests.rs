//! Search: what is typed one way is found as it was written.

use casework::{Edit, Programme, TaskKind};
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use tempfile::TempDir;

use super::*;
use crate::stock::tests::founded;

fn noted(device: &Device, alias: &str, texts: &[&str]) -> CaseId {
    let case = device.new_case(alias, Programme::National, None).unwrap();
    for text in texts {
        device.edit(case, Edit::AddNote { id: device.new_item(), text: (*text).to_owned(), at_ms: 5 }).unwrap();
    }
    case
}

/// The text of each hit with what was hit in brackets, sorted.
fn shown(view: &SearchView) -> Vec<String> {
    let part = |part: &SearchPart| if part.hit { format!("[{}]", part.text) } else { part.text.clone() };
    let hits = view.groups.iter().flat_map(|group| &group.hits);
    let mut all: Vec<String> = hits.map(|hit| hit.parts.iter().map(part).collect()).collect();
    all.sort();
    all
}

#[test]
fn e41_each_spelling_of_oestergaard_finds_the_same() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    noted(&device, "Falken", &["Mødte Østergaard.", "Ringede til Oestergaard", "Østergård kom", "Østerga\u{30a}rd skrev", "Østerbro"]);
    let all = ["Mødte [Østergaard].", "Ringede til [Oestergaard]", "[Østergård] kom", "[Østerga\u{30a}rd] skrev"];
    for typed in ["oestergaard", "østergård", "Østergaard", "ØSTERGAARD", "ostergard"] {
        let view = device.find(typed).unwrap();
        let mut wanted = all.to_vec();
        wanted.sort_unstable();
        assert_eq!(shown(&view), wanted, "{typed}");
    }
    let mut also = device.find("oestergaard").unwrap().also;
    also.sort();
    // Two ways of writing å to a machine are one to people.
    assert_eq!(also, ["Østergaard", "Østergård"]);
}

#[test]
fn e41_sorensen_finds_soerensen_and_sörensen() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    noted(&device, "Falken", &["Hos Sørensen", "Hos Sörensen", "Hos Sorensen"]);
    let view = device.find("sorensen").unwrap();
    assert_eq!(shown(&view), ["Hos [Sorensen]", "Hos [Sörensen]", "Hos [Sørensen]"]);
    let mut also = view.also;
    also.sort();
    assert_eq!(also, ["Sörensen", "Sørensen"]);
}

#[test]
fn e41_arabic_is_found_without_its_marks() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    noted(&device, "م", &["قال مُحَمَّد نعم", "محمـد"]);
    let view = device.find("محمد").unwrap();
    assert_eq!(shown(&view), ["[محمـد]", "قال [مُحَمَّد] نعم"]);
}

#[test]
fn noegle_finds_nøgle_and_says_so() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    noted(&device, "Falken", &["Han fik nøglen, og nøglen passede", "en noegle"]);
    let view = device.find("noegle").unwrap();
    assert_eq!(shown(&view), ["Han fik [nøgle]n, og [nøgle]n passede", "en [noegle]"]);
    assert_eq!((view.also, view.more), (vec!["nøgle".to_owned()], false));
    assert!(device.find("nøgle").unwrap().also.contains(&"noegle".to_owned()));
    assert_eq!(device.find("fik").unwrap().also, Vec::<String>::new());
}

#[test]
fn hits_come_by_case_with_when_and_by_whom() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    let falken = noted(&device, "Falken", &["Broen"]);
    noted(&device, "Broens barn", &[]);
    let id = device.new_item();
    let task = Edit::AddTask { id, title: "Gå over broen".to_owned(), due: None, owner: None, task: TaskKind::Promise, promised_to: None };
    device.edit(falken, task).unwrap();
    let view = device.find("broen").unwrap();
    let group = view.groups.iter().find(|group| group.case == falken).unwrap();
    assert_eq!((view.groups.len(), group.alias.as_str(), group.hits.len()), (2, "Falken", 2));
    let note = group.hits.iter().find(|hit| hit.kind == "note").unwrap();
    assert_eq!((note.at, note.by.as_deref()), (Some(5), Some("Hanne")));
    assert!(group.hits.iter().any(|hit| hit.kind == "task" && hit.id == id.to_string()));
    let other = view.groups.iter().find(|group| group.case != falken).unwrap();
    assert_eq!((other.hits[0].kind.as_str(), &other.hits[0].id, other.hits[0].at), ("profile", &other.case.to_string(), None));
    for nothing in ["", "  ", "\"*", "')--", "xyzzy"] {
        assert_eq!(device.find(nothing).unwrap(), SearchView::default());
    }
}

#[test]
fn a_long_note_shows_the_words_around_the_hit_on_one_line() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    let text = format!("{} 👨‍👩‍👧‍👦\nden \u{202e}lille fugl\r\n{}", "ord ".repeat(500), "mere ".repeat(500));
    noted(&device, "Falken", &[&text]);
    let found = shown(&device.find("fugl").unwrap());
    assert!(found[0].starts_with("… ord ") && found[0].contains("👨‍👩‍👧‍👦 den lille [fugl]") && found[0].ends_with("mere …"), "{found:?}");
    assert!(found[0].chars().count() < 160 && !found[0].contains(['\n', '\r', '\u{202e}']));
}

#[test]
fn what_is_shown_of_any_text_is_what_it_says() {
    proptest::proptest!(|(text in "[a-zæøåÆØÅ éöñ\n.مَ👨‍👩🦊-]{0,200}", typed in "[a-zæøå]{1,3}")| {
        let wanted = fold::words(&typed);
        let marks = fold::marks(&text, &wanted);
        for mark in &marks {
            assert!(fold::folded(&text[mark.clone()]).starts_with(&wanted[0]), "{mark:?} of {text:?} for {typed:?}");
        }
        let found = fold::words(&text).iter().any(|word| word.starts_with(&wanted[0]));
        assert_eq!(found, !marks.is_empty());
        assert_eq!(parts(&text, &wanted).iter().any(|part| part.hit), found);
    });
}

#[test]
fn a_search_costs_as_many_statements_for_one_hit_as_for_fifty() {
    use std::sync::Mutex;
    static ASKED: Mutex<Vec<String>> = Mutex::new(Vec::new());
    fn listen(event: TraceEvent<'_>) {
        // What the index asks its own tables, such as how long each text is, is its own affair.
        if let TraceEvent::Stmt(_, sql) = event
            && !sql.starts_with("--")
        {
            ASKED.lock().unwrap().push(sql.to_owned());
        }
    }
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    noted(&device, "Falken", &["ugle"]);
    for alias in ["A", "B", "C"] {
        noted(&device, alias, &["fugl"; 20]);
    }
    device.with(|open, _| Ok(open.vault.db_mut().trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(listen))?)).unwrap();
    let search = |typed: &str| {
        ASKED.lock().unwrap().clear();
        let view = device.find(typed).unwrap();
        let hits: usize = view.groups.iter().map(|group| group.hits.len()).sum();
        (hits, view.more, ASKED.lock().unwrap().clone())
    };
    let (hits, more, asked) = search("ugle");
    assert_eq!((hits, more, asked.len()), (1, false, 2), "whether a row is of an older version, and the search: {asked:?}");
    let (hits, more, asked) = search("fugl");
    assert_eq!((hits, more, asked.len()), (50, true, 2), "{asked:?}");
}
