//! How an answer is said: one JSON document, or a few aligned lines in a person's language.

use std::io::{IsTerminal, Write};

use serde_json::{Value, json};

use crate::{error::CliError, sentences};

/// The language of what people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Lang {
    Da,
    En,
}

impl Lang {
    /// The one of two texts in this language.
    pub const fn pick<'a>(self, da: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Da => da,
            Self::En => en,
        }
    }
}

/// Where answers go.
#[derive(Debug)]
pub struct Out {
    json: bool,
    pub lang: Lang,
}

impl Out {
    /// Answers in JSON, or in words.
    pub const fn new(json: bool, lang: Lang) -> Self {
        Self { json, lang }
    }

    /// Whether a program reads this.
    pub const fn is_json(&self) -> bool {
        self.json
    }

    /// Says an answer.
    pub fn say(&self, answer: &Value, human: impl FnOnce(Lang) -> String) {
        let text = if self.json { answer.to_string() } else { harmless(human(self.lang).trim_end_matches('\n')) };
        // Whoever stopped reading has no use for it.
        let _ = writeln!(std::io::stdout(), "{text}");
    }

    /// Says something beside the answer, to a person only.
    pub fn hint(&self, da: &str, en: &str) {
        if !self.json {
            let _ = writeln!(std::io::stderr(), "{}", harmless(self.lang.pick(da, en)));
        }
    }

    /// Says why nothing can be written, to a person.
    pub fn read_only(&self, why: Option<&str>) {
        let Some(code) = why else { return };
        let told = |lang| {
            let (message, mend) = sentences::of(code, lang);
            format!("{message} {mend} ({code})")
        };
        self.hint(&told(Lang::Da), &told(Lang::En));
    }

    /// A line that replaces itself, on a terminal only.
    pub fn progress(&self, done: usize, of: usize, what: &str) {
        if !self.json && std::io::stderr().is_terminal() {
            let width = 30_usize;
            let full = done.saturating_mul(width).checked_div(of).unwrap_or(width).min(width);
            let bar = format!("{}{}", "█".repeat(full), "░".repeat(width.saturating_sub(full)));
            let end = if done >= of { "\n" } else { "" };
            let _ = write!(std::io::stderr(), "\r{bar} {done}/{of} {what}\u{1b}[K{end}");
        }
    }

    /// Says why nothing, or not all, was done.
    pub fn error(&self, error: &CliError) {
        let code = error.code();
        let (message, mend) = sentences::of(&code, self.lang);
        let standing = error.standing();
        let text = if self.json {
            let mut said = json!({ "code": code, "message": message, "mend": mend });
            if let (Some(standing), Some(said)) = (standing, said.as_object_mut()) {
                said.insert("wait_s".to_owned(), json!(standing.wait_s));
                said.insert("left".to_owned(), json!(standing.left));
            }
            json!({ "error": said }).to_string()
        } else {
            let tries = standing.map(|standing| sentences::of_tries(standing, self.lang)).filter(|text| !text.is_empty());
            let tries = tries.map(|text| format!("{text}\n")).unwrap_or_default();
            format!("{message}\n{mend}\n{tries}({code})")
        };
        let _ = writeln!(std::io::stderr(), "{text}");
    }
}

/// Text of others on a terminal: nothing in it may act on the terminal or turn the direction of what follows.
pub fn harmless(text: &str) -> String {
    let acts = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if acts(c) { '\u{fffd}' } else { c }).collect()
}

/// Rows with their columns under each other.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let pad = width.saturating_sub(cell.chars().count());
            line.push_str(cell);
            line.push_str(&" ".repeat(pad.saturating_add(2)));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other() {
        let rows = vec![vec!["Ø".to_owned(), "x".to_owned()], vec!["Falken".to_owned(), "y".to_owned()]];
        assert_eq!(table(&rows), "Ø       x\nFalken  y\n");
    }

    #[test]
    fn text_of_others_cannot_drive_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\u{202e}c\nd"), "a\u{fffd}[2Jb\u{fffd}c\nd");
    }
}
