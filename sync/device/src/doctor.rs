//! What lies in this device's folder, and whether it is as it should be.

use std::fs;

use seal::keyslot;

use crate::{
    error::Result,
    session::Device,
    vault::{SCHEMA, files},
};

/// A file of the folder.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Lying {
    pub name: String,
    pub bytes: u64,
}

/// What was found in the folder.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Checkup {
    /// The schema of the database; nothing when it is not open.
    pub schema: Option<i64>,
    /// The schema that this app writes.
    pub writes: i64,
    /// Why nothing can be written, as a stable code.
    pub read_only: Option<&'static str>,
    pub files: Vec<Lying>,
    /// Files of a change of schema that is not settled yet.
    pub leftovers: Vec<String>,
    /// Stable codes of what is wrong; empty when all is well.
    pub problems: Vec<String>,
}

impl Device {
    /// Looks through the folder: keyslots, what lies beside the database, and, while unlocked, every page of it.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn doctor(&self) -> Result<Checkup> {
        let mut found = Checkup {
            schema: None,
            writes: SCHEMA,
            read_only: self.read_only(),
            files: Vec::new(),
            leftovers: Vec::new(),
            problems: Vec::new(),
        };
        for entry in fs::read_dir(self.dir())? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if files::is_leftover(&name) {
                found.leftovers.push(name.clone());
            }
            found.files.push(Lying { name, bytes: entry.metadata()?.len() });
        }
        found.files.sort_by(|a, b| a.name.cmp(&b.name));
        found.leftovers.sort();
        match fs::read(self.dir().join(files::KEYSLOTS)) {
            Ok(slots) => found.problems.extend(keyslot::keystore_challenge(&slots).err().map(|error| error.code().to_owned())),
            Err(_) => found.problems.push("vault.none".to_owned()),
        }
        if self.is_unlocked() {
            let (schema, check) = self.with(|open, _| Ok((open.vault.schema(), open.vault.check())))?;
            found.schema = schema.ok();
            found.problems.extend(check.err().map(|error| error.code()));
        }
        found.problems.extend(found.read_only.map(str::to_owned));
        found.problems.sort();
        found.problems.dedup();
        Ok(found)
    }
}
