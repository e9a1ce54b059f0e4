//! Command lines that are understood, and those that are not.

use clap::{CommandFactory, error::ErrorKind};

use super::*;

fn parsed(line: &[&str]) -> Arguments {
    Arguments::try_parse_from([&["brobygger"], line].concat()).unwrap()
}

fn refused(line: &[&str]) -> ErrorKind {
    Arguments::try_parse_from([&["brobygger"], line].concat()).unwrap_err().kind()
}

#[test]
fn the_words_fit_together() {
    Arguments::command().debug_assert();
}

#[test]
fn a_meeting_is_read_with_its_defaults() {
    let arguments = parsed(&["meeting", "log", "Falken", "--kind", "prison_visit", "--json"]);
    assert!(arguments.json);
    let Command::Meeting(Meeting::Log(log)) = arguments.command else { panic!() };
    assert_eq!((log.kind, log.outcome, log.minutes), (MeetingKind::PrisonVisit, Outcome::TookPlace, None));
}

#[test]
fn a_note_takes_its_text_from_exactly_one_place() {
    let Command::Note(Note::Add { text, .. }) = parsed(&["note", "add", "Ø", "-"]).command else { panic!() };
    assert_eq!(text.input.as_deref(), Some("-"));
    parsed(&["note", "add", "Ø", "--file", "note.txt"]);
    assert_eq!(refused(&["note", "add", "Ø"]), ErrorKind::MissingRequiredArgument);
    assert_eq!(refused(&["note", "add", "Ø", "--text", "a", "-"]), ErrorKind::ArgumentConflict);
    assert_eq!(refused(&["note", "add", "Ø", "løs tekst"]), ErrorKind::InvalidValue);
}

#[test]
fn corrections_and_unknown_words_are_no_events() {
    assert_eq!(refused(&["case", "stage", "Ø", "corrected", "--on", "2026-01-01"]), ErrorKind::InvalidValue);
    assert_eq!(refused(&["invite", "--person", "A", "--role", "chef"]), ErrorKind::InvalidValue);
    assert_eq!(refused(&["join"]), ErrorKind::MissingRequiredArgument);
}

#[test]
fn the_passphrase_is_never_an_argument() {
    assert_eq!(refused(&["--passphrase", "hemmelig", "whoami"]), ErrorKind::UnknownArgument);
    assert_eq!(refused(&["--passphrase-file", "a", "--passphrase-fd", "3", "whoami"]), ErrorKind::ArgumentConflict);
    assert_eq!(refused(&["--cheap-kdf", "whoami"]), ErrorKind::UnknownArgument);
}

#[test]
fn global_words_may_stand_anywhere() {
    let arguments = parsed(&["whoami", "--data", "d", "--kdf", "floor", "--lang", "en"]);
    assert_eq!(arguments.install.data, Some(PathBuf::from("d")));
    assert_eq!(arguments.lang, Lang::En);
}
