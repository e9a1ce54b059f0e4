//! Notes: written, rewritten, read, finished.

use std::{
    io::{IsTerminal, Read},
    sync::Arc,
};

use device::{
    Device,
    casework::{Base, Edit, NoteView},
};
use serde_json::json;

use super::{find_case, find_item, open_case};
use crate::{
    arguments::{Note, Text},
    error::{CliError, Result},
    parse,
    say::{Lang, Out},
};

/// Most bytes that are read as a note.
const MOST: u64 = 8 * 1024 * 1024;

/// Carries out a command about notes.
pub fn run(device: &Arc<Device>, words: &Note, out: &Out) -> Result<bool> {
    match words {
        Note::Add { case, text, at } => {
            let case = find_case(device, case)?;
            let host = device.host();
            let at_ms = at.as_deref().map_or(Ok(host.now_ms()), |at| parse::time(at, host.now_ms(), &host.time_zone()))?;
            let done = device.edit(case, Edit::AddNote { id: device.new_item(), text: read(text, out)?, at_ms })?;
            out.say(&json!({ "note": done.id, "undo": done.undo }), |_| done.id.clone());
        }
        Note::Edit { case, note, text, base } => {
            let (case, show) = open_case(device, case)?;
            let note = find_item(note, show.notes.keys())?;
            let edit = Edit::WriteNote { note, text: read(text, out)?, base: base.clone().map(Base) };
            let done = device.edit(case, edit)?;
            out.say(&json!({ "note": note, "undo": done.undo }), |_| note.to_string());
        }
        Note::Show { case, note } => {
            let (case, show) = open_case(device, case)?;
            let note = device.note(case, find_item(note, show.notes.keys())?, None)?;
            let value = serde_json::to_value(&note).unwrap_or_default();
            let when = parse::shown(note.at, &device.host().time_zone());
            out.say(&value, |lang| format!("{when}  {}\n\n{}{}", note.voices.join(", "), note.text, versions(&note, lang)));
        }
        Note::Finish { case, note } => {
            let (case, show) = open_case(device, case)?;
            let note = find_item(note, show.notes.keys())?;
            let done = device.edit(case, Edit::FinishNote { note, finished: true })?;
            out.say(&json!({ "note": note, "undo": done.undo }), |_| note.to_string());
        }
    }
    Ok(true)
}

/// The sentences that several rewrote without knowing of each other, as each of them meant them.
fn versions(note: &NoteView, lang: Lang) -> String {
    let mut text = String::new();
    for both in &note.both {
        text.push_str(&format!("\n\n{}", lang.pick("Skrevet på flere måder:", "Written in several ways:")));
        for version in &both.versions {
            text.push_str(&format!("\n  {}: {}", version.who, version.text));
        }
    }
    text
}

/// The text, from wherever it was said to be.
fn read(words: &Text, out: &Out) -> Result<String> {
    if let Some(text) = &words.text {
        warn(out);
        return Ok(text.clone());
    }
    read_from(words.file.as_deref())
}

/// The text of a file, or of standard input.
///
/// # Errors
/// When it cannot be read, or is no text.
pub fn read_from(file: Option<&std::path::Path>) -> Result<String> {
    let mut bytes = Vec::new();
    match file {
        Some(file) => std::fs::File::open(file).and_then(|file| file.take(MOST).read_to_end(&mut bytes)),
        None => std::io::stdin().take(MOST).read_to_end(&mut bytes),
    }
    .map_err(CliError::File)?;
    String::from_utf8(bytes).map_err(|_| CliError::NotText)
}

/// Words about people do not belong in a shell's history.
pub fn warn(out: &Out) {
    if std::io::stderr().is_terminal() {
        out.hint(
            "Teksten står nu i skallens historik. Brug hellere --file eller -.",
            "The text is now in the shell's history. Better use --file or -.",
        );
    }
}
