//! What a person may save and send when something went wrong: versions, counts, codes and times. It is written from
//! numbers and from words of this program only, and shown in full before it is saved.

use std::{fmt::Write as _, fs, io, path::Path};

use device::{CodeCount, Device, Facts, Inside, Tally, utc_day};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{private, state::Lang};

/// Most bytes of a report that are saved.
const MOST: usize = 64 * 1024;
/// Longest name of a saved report, without its ending.
const LONGEST_NAME: usize = 40;
/// Reports of the same name that may lie beside each other.
const MOST_OF_A_NAME: u32 = 99;

/// What a person may save and send when something went wrong: shown in full before it is saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Report {
    /// A neutral file name.
    pub name: String,
    pub text: String,
}

/// Every word of a report.
struct Words {
    name: &'static str,
    title: &'static str,
    said: &'static str,
    system: [&'static str; 4],
    inside: [&'static str; 6],
    locked: &'static str,
    aside: &'static str,
    refused: &'static str,
    codes: &'static str,
    times: &'static str,
    none: &'static str,
}

const DA: Words = Words {
    name: "rapport",
    title: "Fejlrapport",
    said: "Her står ingen ord fra noter, ingen navne og ingen adresser. Appen sender den aldrig selv.",
    system: ["App", "Skema", "SQLite", "System"],
    inside: ["Forløb", "Noter", "Møder", "Opgaver", "Venter på at blive sendt", "Kommet og ikke læst ind"],
    locked: "Appen er låst. Resten står der først, når den er låst op.",
    aside: "Sat til side",
    refused: "Afvist af serveren",
    codes: "Koder (hvor tit, sidste dag)",
    times: "Tider i millisekunder (hvor tit, i snit, længst)",
    none: "ingen",
};

const EN: Words = Words {
    name: "report",
    title: "Error report",
    said: "It holds no words from notes, no names and no addresses. The app never sends it by itself.",
    system: ["App", "Schema", "SQLite", "System"],
    inside: ["People", "Notes", "Meetings", "Tasks", "Waiting to be sent", "Received and not read in"],
    locked: "The app is locked. The rest is there once it is unlocked.",
    aside: "Set aside",
    refused: "Refused by the server",
    codes: "Codes (how often, last day)",
    times: "Times in milliseconds (how often, on average, longest)",
    none: "none",
};

impl Report {
    /// A report of now, in the language of the page.
    ///
    /// # Errors
    /// When the vault or its folder cannot be read.
    pub fn of(device: &Device) -> device::Result<Self> {
        let words = if Lang::chosen(device.dir()) == Some(Lang::En) { &EN } else { &DA };
        let today = device.day_done(true).unwrap_or_default();
        Ok(Self { name: format!("{}-{today}.txt", words.name), text: text(words, &device.facts()?) })
    }

    /// Saves a report in a folder, under its name or, where that is taken, one that follows it. Gives its place.
    ///
    /// # Errors
    /// `vault.file` when it is too long for a report, or what the disk says.
    pub fn save(&self, dir: &Path) -> device::Result<String> {
        if self.text.len() > MOST {
            return Err(io::Error::from(io::ErrorKind::InvalidInput).into());
        }
        fs::create_dir_all(dir)?;
        let stem = neutral(&self.name);
        for number in 1..=MOST_OF_A_NAME {
            let name = if number == 1 { format!("{stem}.txt") } else { format!("{stem}-{number}.txt") };
            match private::put(&dir.join(&name), self.text.as_bytes()) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
                Ok(()) => return Ok(dir.join(name).display().to_string()),
            }
        }
        Err(io::Error::from(io::ErrorKind::AlreadyExists).into())
    }
}

/// A name that says nothing and leads nowhere: small letters, digits and dashes.
fn neutral(name: &str) -> String {
    let stem = name.strip_suffix(".txt").unwrap_or(name).to_ascii_lowercase();
    let plain: String = stem.chars().filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-').take(LONGEST_NAME).collect();
    if plain.is_empty() { DA.name.to_owned() } else { plain }
}

fn text(words: &Words, facts: &Facts) -> String {
    let mut out = format!("{}\n{}\n\n", words.title, words.said);
    let system = [env!("CARGO_PKG_VERSION").to_owned(), facts.schema.to_string(), facts.sqlite.clone(), std::env::consts::OS.to_owned()];
    for (word, value) in words.system.iter().zip(system) {
        line(&mut out, &format!("{word}: {value}"));
    }
    match &facts.inside {
        Some(inside) => counts(&mut out, words, inside),
        None => line(&mut out, &format!("\n{}", words.locked)),
    }
    let (codes, times): (Vec<&Tally>, Vec<&Tally>) = facts.tally.iter().partition(|one| one.code.contains('.'));
    let code = |one: &&Tally| format!("{} {} {}", one.code, one.count, utc_day(one.last_ms));
    list(&mut out, words, words.codes, codes.iter().map(code).collect());
    let time = |one: &&Tally| format!("{} {} {} {}", one.code, one.count, one.total_ms.checked_div(one.count).unwrap_or(0), one.worst_ms);
    list(&mut out, words, words.times, times.iter().map(time).collect());
    out
}

fn counts(out: &mut String, words: &Words, inside: &Inside) {
    let stock = &inside.stock;
    let numbers = [stock.cases, stock.notes, stock.meetings, stock.tasks, inside.outbox, inside.inbox];
    out.push('\n');
    for (word, number) in words.inside.iter().zip(numbers) {
        line(out, &format!("{word}: {number}"));
    }
    let coded = |counts: &[CodeCount]| counts.iter().map(|one| format!("{} {}", one.code, one.count)).collect();
    list(out, words, words.aside, coded(&inside.aside));
    list(out, words, words.refused, coded(&inside.refused));
}

fn list(out: &mut String, words: &Words, title: &str, lines: Vec<String>) {
    line(out, &format!("\n{title}"));
    if lines.is_empty() {
        line(out, words.none);
    }
    lines.iter().for_each(|text| line(out, text));
}

fn line(out: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere() {
        for (asked, given) in [
            ("rapport-2026-11-22.txt", "rapport-2026-11-22"),
            ("../../.ssh/config", "sshconfig"),
            ("C:\\Windows\\x.exe", "cwindowsxexe"),
            ("Falken Ø.txt", "falken"),
            ("", "rapport"),
            ("/", "rapport"),
        ] {
            assert_eq!(neutral(asked), given);
        }
        assert_eq!(neutral(&"a".repeat(1000)).len(), 40);
    }

    #[test]
    fn a_report_is_saved_as_it_was_shown_and_never_over_another() {
        let dir = tempfile::tempdir().unwrap();
        let one = Report { name: "r.txt".to_owned(), text: "en\n".to_owned() };
        let other = Report { text: "to\n".to_owned(), ..one.clone() };
        let places = [one.save(dir.path()).unwrap(), other.save(dir.path()).unwrap()];
        assert!(places[0].ends_with("r.txt") && places[1].ends_with("r-2.txt"));
        assert_eq!([fs::read_to_string(&places[0]).unwrap(), fs::read_to_string(&places[1]).unwrap()], ["en\n", "to\n"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&places[0]).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let long = Report { text: "a".repeat(MOST + 1), ..one };
        assert_eq!(long.save(dir.path()).unwrap_err().code(), "vault.file");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}
