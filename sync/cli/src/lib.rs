//! A device without a face: every command opens the vault, calls one thing of `device`, and says what came of it.
//!
//! No rule of casework, keys or sync is decided here: what may be done is what the device does.

#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects,
        clippy::panic
    )
)]

mod arguments;
mod command;
mod demo;
mod error;
mod install;
mod labels;
mod parse;
mod say;
mod secret;
mod sentences;

use std::process::ExitCode;

pub use arguments::Arguments;
use error::CliError;
use say::Out;

/// Does what was asked, and says what came of it.
pub fn run(arguments: Arguments) -> ExitCode {
    let out = Out::new(arguments.json, arguments.lang);
    match carry_out(&arguments, &out) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            out.error(&error);
            ExitCode::FAILURE
        }
    }
}

fn carry_out(arguments: &Arguments, out: &Out) -> Result<bool, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(CliError::Runtime)?;
    runtime.block_on(command::run(arguments, out))
}
