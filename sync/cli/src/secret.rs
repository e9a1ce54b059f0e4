//! Where the passphrase comes from: a file, a descriptor or a person at a terminal; never the arguments or the environment.

use std::{
    fs::File,
    io::{IsTerminal, Read},
    path::Path,
};

use zeroize::Zeroizing;

use crate::{
    error::{CliError, Result},
    install::InstallArgs,
    say::Lang,
};

/// Most bytes of a passphrase that are read.
const MOST: u64 = 4096;

/// A passphrase or PIN, wiped when dropped.
pub type Secret = Zeroizing<Vec<u8>>;

/// Reads the passphrase; a new one is asked for twice.
///
/// # Errors
/// When it cannot be read, or nobody is there to ask.
pub fn read(args: &InstallArgs, new: bool, lang: Lang) -> Result<Secret> {
    if let Some(file) = &args.passphrase_file {
        return from_file(file);
    }
    if let Some(number) = args.passphrase_fd {
        return from_file(Path::new(&format!("/dev/fd/{number}")));
    }
    if !std::io::stdin().is_terminal() {
        return Err(CliError::NoSecret);
    }
    let prompt = lang.pick("Adgangssætning: ", "Passphrase: ");
    if new { ask_twice(prompt, lang) } else { ask(prompt) }
}

/// Asks a person at a terminal for a new secret, twice.
///
/// # Errors
/// When both differ, or nobody is there to ask.
pub fn ask_twice(prompt: &str, lang: Lang) -> Result<Secret> {
    if !std::io::stdin().is_terminal() {
        return Err(CliError::NoSecret);
    }
    let first = ask(prompt)?;
    if first != ask(lang.pick("Igen: ", "Again: "))? {
        return Err(CliError::SecretsDiffer);
    }
    Ok(first)
}

/// The first line of a file.
///
/// # Errors
/// When it cannot be read.
pub fn from_file(file: &Path) -> Result<Secret> {
    let mut bytes = Zeroizing::new(Vec::new());
    File::open(file).and_then(|file| file.take(MOST).read_to_end(&mut bytes)).map_err(CliError::SecretFile)?;
    if let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
        bytes.truncate(end);
    }
    Ok(bytes)
}

fn ask(prompt: &str) -> Result<Secret> {
    let text = Zeroizing::new(rpassword::prompt_password(prompt).map_err(CliError::SecretFile)?);
    Ok(Zeroizing::new(text.as_bytes().to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_line_counts() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secret");
        std::fs::write(&file, "en lang adgangssætning\r\nmere\n").unwrap();
        assert_eq!(from_file(&file).unwrap().as_slice(), "en lang adgangssætning".as_bytes());
        assert!(from_file(&dir.path().join("none")).is_err());
    }
}
