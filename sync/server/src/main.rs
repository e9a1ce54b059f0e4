//! The coordinator server's command line.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    server::harden();
    server::command::run(server::command::Arguments::parse())
}
