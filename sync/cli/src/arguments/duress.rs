//! The words of the commands about the second secret.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum Duress {
    /// Choose a second passphrase that opens an invented diary and destroys everything here without a sign
    Choose {
        /// File whose first line is the second passphrase [default: asked for twice]
        #[arg(long, value_name = "FILE")]
        second_file: Option<PathBuf>,
    },
    /// Forget the second passphrase
    Forget,
    /// Whether there is one
    State,
}
