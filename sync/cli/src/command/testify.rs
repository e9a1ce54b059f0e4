//! A history that somebody else can check: written into a file of its own.

use std::{fs, io::Write, path::Path};

use serde_json::json;

use super::find_case;
use crate::{
    error::{CliError, Result},
    install::InstallArgs,
    say::Out,
};

/// Writes the signed history of a case into a new file that only its owner reads.
pub(super) fn run(install: &InstallArgs, case: &str, to: &Path, out: &Out) -> Result<bool> {
    let (device, secret) = install.unlocked_with_secret(out)?;
    let case = find_case(&device, case)?;
    let bytes = device.signed_history(case, &secret)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(to).map_err(CliError::File)?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(CliError::File)?;
    out.say(&json!({ "case": case, "bytes": bytes.len(), "readable": true }), |lang| {
        lang.pick(
            "Skrevet. Filen kan læses af enhver, der har den: giv den kun til den, der skal se den, og slet den bagefter.",
            "Written. Whoever has the file can read it: give it only to who is to see it, and delete it afterwards.",
        )
        .to_owned()
    });
    Ok(true)
}
