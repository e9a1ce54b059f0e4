//! The vault: one SQLCipher database that holds everything this device knows.

use std::{fmt, path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use zeroize::Zeroizing;

use crate::error::{DeviceError, Result};

pub mod documents;
pub mod inbox;
pub mod keys;
pub mod logs;
pub mod meta;
pub mod outbox;
pub mod projections;
#[cfg(test)]
mod tests;

/// The version of the schema this code reads and writes.
pub const SCHEMA: i64 = 1;

/// An open database.
pub struct Vault {
    db: Connection,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// Makes a new database under this raw key (32 bytes key, 16 bytes salt).
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(file: &Path, key: &[u8; 48]) -> Result<Self> {
        let vault = Self::connect(file, key, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        let schema = include_str!("vault/schema.sql");
        vault.db.execute_batch(&format!("BEGIN IMMEDIATE; {schema} PRAGMA user_version = {SCHEMA}; COMMIT;"))?;
        Ok(vault)
    }

    /// Opens an existing database.
    ///
    /// # Errors
    /// [`DeviceError::Damaged`] when key and file do not fit or a page is torn; [`DeviceError::Newer`] when a newer
    /// version wrote it.
    pub fn open(file: &Path, key: &[u8; 48]) -> Result<Self> {
        let vault = Self::connect(file, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let version: i64 = vault.db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        match version {
            SCHEMA => Ok(vault),
            newer if newer > SCHEMA => Err(DeviceError::Newer),
            _ => Err(DeviceError::Damaged),
        }
    }

    fn connect(file: &Path, key: &[u8; 48], flags: OpenFlags) -> Result<Self> {
        let db = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        db.busy_timeout(Duration::from_secs(2))?;
        db.execute_batch("PRAGMA cipher_log_level = NONE;")?;
        let mut pragma = Zeroizing::new(String::with_capacity(128));
        pragma.push_str("PRAGMA key = \"x'");
        for byte in key {
            use fmt::Write as _;
            // Writing to a String cannot fail; a failure would only make the key wrong and the next statement refuse.
            let _ = write!(pragma, "{byte:02x}");
        }
        pragma.push_str("'\";");
        db.execute_batch(&pragma)?;
        db.execute_batch(
            "PRAGMA cipher_memory_security = OFF;
             PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA secure_delete = ON;
             PRAGMA temp_store = MEMORY;
             PRAGMA foreign_keys = ON;
             PRAGMA cache_size = -16000;",
        )?;
        Ok(Self { db })
    }

    /// The connection, for reading.
    pub const fn db(&self) -> &Connection {
        &self.db
    }

    /// The connection, to listen in on it.
    #[cfg(test)]
    pub const fn db_mut(&mut self) -> &mut Connection {
        &mut self.db
    }

    /// Begins a transaction that will write.
    ///
    /// # Errors
    /// When another program holds the database.
    pub fn write(&mut self) -> Result<Transaction<'_>> {
        Ok(self.db.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    /// Whether the database takes nothing: its file is opened for reading, or this connection is told not to write.
    ///
    /// # Errors
    /// When the database fails.
    pub fn is_read_only(&self) -> Result<bool> {
        let told: i64 = self.db.query_row("PRAGMA query_only", [], |row| row.get(0))?;
        Ok(told != 0 || self.db.is_readonly("main")?)
    }

    /// Checks every page and index.
    ///
    /// # Errors
    /// [`DeviceError::Damaged`] when anything is wrong.
    pub fn check(&self) -> Result<()> {
        let verdict: String = self.db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        let bad_pages = self.db.query_row("PRAGMA cipher_integrity_check", [], |row| row.get::<_, String>(0));
        if verdict == "ok" && matches!(bad_pages, Err(rusqlite::Error::QueryReturnedNoRows)) { Ok(()) } else { Err(DeviceError::Damaged) }
    }
}

/// Commits, with a place to be killed on each side in crash tests.
pub(crate) fn commit(transaction: Transaction<'_>, what: &'static str) -> Result<()> {
    crate::crash::point(what, crash_side::BEFORE);
    transaction.commit()?;
    crate::crash::point(what, crash_side::AFTER);
    Ok(())
}

mod crash_side {
    pub const BEFORE: &str = "before";
    pub const AFTER: &str = "after";
}
