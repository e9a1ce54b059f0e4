//! The words of the commands about addresses.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use device::casework::{Protection, Purpose};
use jiff::civil::Date;

use crate::parse;

#[derive(Debug, Subcommand)]
pub(crate) enum Address {
    /// Enter where the candidate lives; one line, never on the command line itself
    Set {
        case: String,
        #[command(flatten)]
        text: Line,
        #[arg(long, value_parser = parse::protection())]
        protection: Protection,
        /// From when it holds
        #[arg(long, value_name = "DATE", value_parser = parse::day)]
        from: Option<Date>,
        /// When its protection lapses
        #[arg(long, value_name = "DATE", value_parser = parse::day)]
        renew_by: Option<Date>,
    },
    /// Look at it; who looked, and why, is kept where coordinators and the data protection officer see it
    Show {
        case: String,
        #[arg(long = "for", value_name = "WHY", value_parser = parse::purpose())]
        purpose: Purpose,
    },
    /// Ask that a person of the case may see it until a time; another person agrees
    Release {
        case: String,
        /// Name or id
        person: String,
        /// Last day, or a time
        #[arg(long, value_name = "DATE|TIME")]
        until: String,
        #[arg(long = "for", value_name = "WHY", value_parser = parse::purpose())]
        purpose: Purpose,
        /// Life or health depends on it: you decide alone, for two hours at most
        #[arg(long)]
        vital: bool,
    },
    /// Agree, as the second person, that somebody may see it
    Agree { case: String, person: String },
    /// Somebody may see it no more
    TakeBack { case: String, person: String },
    /// Who may see it, and what was asked for; nothing of the address itself
    State { case: String },
    /// Who looked, and who was let in
    Log { case: String },
}

impl Address {
    /// Whether it takes an open strongroom.
    pub(crate) const fn opens_strongroom(&self) -> bool {
        matches!(self, Self::Set { .. } | Self::Show { .. } | Self::Release { .. })
    }
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Line {
    /// A file with the address
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// - for standard input
    #[arg(value_name = "-", value_parser = ["-"])]
    pub input: Option<String>,
}
