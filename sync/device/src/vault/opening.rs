//! How a vault is opened: for everything when all is well, for reading when something is not.

use std::{fs, io, path::Path};

use rusqlite::Connection;
use seal::keyslot::MasterKey;

use super::{
    SCHEMA, Vault, files, mark,
    migrate::migrate,
    salt::{self, Key},
};
use crate::error::{DeviceError, Result};

/// Why a vault is open for reading only: stable codes.
const NEWER: &str = "vault.newer";
const DAMAGED: &str = "vault.damaged";
const MIGRATION: &str = "vault.migration";
const READ_ONLY_DISK: &str = "vault.read_only_disk";
const FULL: &str = "vault.full";

/// A vault that was opened.
#[derive(Debug)]
pub struct Opened {
    pub vault: Vault,
    /// Why nothing can be written, if so.
    pub read_only: Option<&'static str>,
    /// It was brought to the present schema just now.
    pub migrated: bool,
}

impl Opened {
    const fn for_reading(vault: Vault, why: &'static str) -> Self {
        Self { vault, read_only: Some(why), migrated: false }
    }
}

/// Opens the vault in this folder, which nobody else has open.
///
/// # Errors
/// [`DeviceError::Damaged`] when nothing of it can be read; [`DeviceError::Newer`] when a newer version wrote it and does
/// not say that this one can read it.
pub fn open(dir: &Path, master: &MasterKey, is_writable: bool) -> Result<Opened> {
    if is_writable {
        files::settle(dir)?;
    }
    let file = files::current(dir);
    if !file.exists() {
        return Err(DeviceError::Damaged);
    }
    let ((number, key), seen) = look(&file, salt::keys(dir, master)?)?;
    let schema = seen.schema()?;
    if schema > SCHEMA {
        return if seen.is_readable()? { Ok(Opened::for_reading(seen, NEWER)) } else { Err(DeviceError::Newer) };
    }
    if schema < 1 {
        return Err(DeviceError::Damaged);
    }
    let is_sound = mark::is_sound(&file, seen.db())?;
    if !is_sound || !is_writable {
        return readable(seen, if is_sound { READ_ONLY_DISK } else { DAMAGED });
    }
    drop(seen);
    let migrated = schema < SCHEMA;
    if migrated && migrate(dir, &key, &key).is_err() {
        // After a failure between the two renames the old one is found under its other name.
        files::settle(dir)?;
        return readable(Vault::look(&files::current(dir), &key)?, MIGRATION);
    }
    match Vault::open(&file, &key) {
        Ok(vault) => {
            // What cannot be removed now goes at the next unlock.
            let _ = salt::keep_only(dir, number);
            Ok(Opened { vault, read_only: None, migrated })
        }
        Err(DeviceError::Full) => readable(Vault::look(&file, &key)?, FULL),
        Err(error) => Err(error),
    }
}

/// The key that the database in this folder has, which is closed.
///
/// # Errors
/// [`DeviceError::Damaged`] when none opens it; what the disk says.
pub fn key(dir: &Path, master: &MasterKey) -> Result<Key> {
    look(&files::current(dir), salt::keys(dir, master)?).map(|(key, _)| key)
}

/// Looks at a database under whichever of these keys opens it.
fn look(file: &Path, keys: Vec<Key>) -> Result<(Key, Vault)> {
    let mut error = DeviceError::Damaged;
    for (at, (number, key)) in keys.into_iter().enumerate() {
        match Vault::look(file, &key) {
            Ok(vault) => return Ok(((number, key), vault)),
            Err(refused) if at == 0 => error = refused,
            Err(_) => {}
        }
    }
    Err(error)
}

/// Whether this folder and its database can be written by whoever runs this.
pub fn is_writable(dir: &Path) -> bool {
    let may_write = |file: &Path| match fs::OpenOptions::new().read(true).write(true).open(file) {
        Err(error) => !forbids(&error),
        Ok(_) => true,
    };
    may_write(&dir.join(files::DATABASE))
}

/// Whether the disk takes nothing from whoever runs this.
pub fn forbids(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied)
}

/// A vault to be read, of this schema or an older one.
fn readable(vault: Vault, why: &'static str) -> Result<Opened> {
    if vault.schema()? < SCHEMA {
        stand_in(vault.db())?;
    }
    Ok(Opened::for_reading(vault, why))
}

/// Puts views and empty tables that last as long as the connection in the place of what an older schema does not have,
/// so that what reads the present schema can read it.
fn stand_in(db: &Connection) -> Result<()> {
    let fresh = Connection::open_in_memory()?;
    fresh.execute_batch(include_str!("schema.sql"))?;
    let mut tables = fresh.prepare(
        "SELECT name, sql FROM sqlite_schema
          WHERE name IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table') AND sql IS NOT NULL",
    )?;
    let tables = tables.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    for table in tables {
        let (name, sql) = table?;
        let here = columns(db, &name)?;
        let Some(rest) = sql.strip_prefix("CREATE TABLE") else { continue };
        if here.is_empty() {
            db.execute_batch(&format!("CREATE TEMP TABLE{rest}"))?;
            continue;
        }
        let wanted = columns(&fresh, &name)?;
        let shown = wanted.iter().map(|(column, default)| match here.iter().any(|(known, _)| known == column) {
            true => format!("\"{column}\""),
            false => format!("{default} AS \"{column}\""),
        });
        if wanted.iter().any(|(column, _)| here.iter().all(|(known, _)| known != column)) {
            db.execute_batch(&format!(
                "CREATE TEMP VIEW \"{name}\" AS SELECT {} FROM main.\"{name}\";",
                shown.collect::<Vec<_>>().join(", ")
            ))?;
        }
    }
    Ok(())
}

/// The columns of a table, each with what it is when nothing is said.
fn columns(db: &Connection, table: &str) -> Result<Vec<(String, String)>> {
    let mut statement = db.prepare("SELECT name, coalesce(dflt_value, 'NULL') FROM pragma_table_info(?1, 'main')")?;
    let rows = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
