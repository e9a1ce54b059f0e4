//! A device on the command line.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    device::harden();
    cli::run(cli::Arguments::parse())
}
