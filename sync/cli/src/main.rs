//! A device on the command line.

#![forbid(unsafe_code)]

use std::{alloc::System, process::ExitCode};

use clap::Parser;
use zeroizing_alloc::ZeroAlloc;

/// Whatever is given back is overwritten first.
#[global_allocator]
static MEMORY: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    device::harden();
    cli::run(cli::Arguments::parse())
}
