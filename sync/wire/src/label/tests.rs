//! Labels keep uses apart: each once in the code, each once in the table of the formats, none the beginning of another.

#![expect(clippy::disallowed_methods, reason = "this test reads the sources and the documents")]

use std::{fs, path::Path};

use super::ALL;

fn sources(folder: &Path, into: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|ext| ext == "rs") && path.file_name().is_some_and(|name| name != "tests.rs") {
            into.push(fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn each_label_stands_once_in_the_code() {
    let mut code = Vec::new();
    for package in ["wire", "seal", "casework", "device", "server", "cli"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(package).join("src");
        if folder.is_dir() {
            sources(&folder, &mut code);
        }
    }
    let code = code.join("\n");
    for label in ALL {
        assert_eq!(code.matches(&format!("\"{label}\"")).count(), 1, "{label}");
    }
    assert_eq!(code.matches("\"brobygger/1/").count(), ALL.len(), "a label stands outside the list");
}

#[test]
fn each_label_stands_once_in_the_table_of_the_formats() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/FORMATS.md")).unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| `brobygger/1/")).collect();
    for label in ALL {
        let cell = format!("| `{label}` |");
        assert_eq!(rows.iter().filter(|row| row.starts_with(&cell)).count(), 1, "{label}");
    }
    assert_eq!(rows.len(), ALL.len(), "the table names a label that the code does not");
}

#[test]
fn no_label_begins_another() {
    for one in ALL {
        assert_eq!(ALL.iter().filter(|other| other.starts_with(one)).count(), 1, "{one}");
    }
}
