//! The vault: one SQLCipher database that holds everything this device knows.

use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use mark::Sealer;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, config::DbConfig};
use zeroize::Zeroizing;

use crate::error::{DeviceError, Result};

pub mod documents;
pub mod files;
pub mod forget;
pub mod inbox;
pub mod keys;
pub mod ledger;
pub mod logs;
pub mod mark;
pub mod meta;
pub mod migrate;
pub mod opening;
pub mod outbox;
pub mod projections;
pub mod quarantine;
pub mod salt;
#[cfg(test)]
mod tests;

/// The version of the schema this code reads and writes.
pub const SCHEMA: i64 = 5;
/// A newer schema may say that this code can read it; one this much newer is not even asked.
const NEWEST_READABLE: i64 = SCHEMA + 9;

/// An open database. What is declared last is dropped last: the seal is put on the closed file.
pub struct Vault {
    db: Connection,
    _sealer: Option<Sealer>,
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
        files::make_private(file)?;
        let db = connect(file, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let schema = include_str!("vault/schema.sql");
        db.execute_batch(&format!("BEGIN IMMEDIATE; {schema} PRAGMA user_version = {SCHEMA}; COMMIT;"))?;
        Ok(Self { db, _sealer: Some(Sealer(file.to_owned())) })
    }

    /// Opens an existing database of the present schema, for reading and writing.
    ///
    /// # Errors
    /// [`DeviceError::Damaged`] when key and file do not fit or a page is torn, or when it has another schema.
    pub fn open(file: &Path, key: &[u8; 48]) -> Result<Self> {
        mark::unseal(file)?;
        let db = connect(file, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let vault = Self { db, _sealer: Some(Sealer(file.to_owned())) };
        if vault.schema()? == SCHEMA { Ok(vault) } else { Err(DeviceError::Damaged) }
    }

    /// Opens an existing database of any schema for reading. Nothing on the disk changes by it, not even the log that a
    /// crash left; what is in that log is read.
    ///
    /// # Errors
    /// [`DeviceError::Damaged`] when key and file do not fit or a page is torn.
    pub fn look(file: &Path, key: &[u8; 48]) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(looked_at(file), flags)?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        unlock(&db, key)?;
        db.execute_batch(
            "PRAGMA locking_mode = EXCLUSIVE;
             PRAGMA cipher_memory_security = ON;
             PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -16000;",
        )?;
        let vault = Self { db, _sealer: None };
        vault.schema()?;
        Ok(vault)
    }

    /// The schema this database has.
    ///
    /// # Errors
    /// [`DeviceError::Damaged`] when key and file do not fit or the first page is torn.
    pub fn schema(&self) -> Result<i64> {
        Ok(self.db.query_row("PRAGMA user_version", [], |row| row.get(0))?)
    }

    /// Whether this code can read what a newer version wrote.
    ///
    /// # Errors
    /// When the database fails.
    pub fn is_readable(&self) -> Result<bool> {
        let readable_by = meta::number(&self.db, meta::READABLE_BY)?;
        Ok(self.schema()? <= NEWEST_READABLE && readable_by.is_some_and(|oldest| oldest <= SCHEMA))
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

    /// Checks every page and index.
    ///
    /// # Errors
    /// [`DeviceError::Damaged`] when anything is wrong.
    pub fn check(&self) -> Result<()> {
        check(&self.db)
    }
}

/// Opens a database that this process alone uses: the folder's lock says so, and with it nothing needs shared memory,
/// which a full disk would refuse.
fn connect(file: &Path, key: &[u8; 48], flags: OpenFlags) -> Result<Connection> {
    let db = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(Duration::from_secs(2))?;
    unlock(&db, key)?;
    db.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE;
         PRAGMA cipher_memory_security = ON;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA foreign_keys = ON;
         PRAGMA cache_size = -16000;",
    )?;
    Ok(db)
}

fn unlock(db: &Connection, key: &[u8; 48]) -> Result<()> {
    db.execute_batch("PRAGMA cipher_log_level = NONE;")?;
    let mut pragma = Zeroizing::new(String::with_capacity(128));
    pragma.push_str("PRAGMA key = \"");
    pragma.push_str(&key_text(key));
    pragma.push_str("\";");
    Ok(db.execute_batch(&pragma)?)
}

/// A raw key as SQLCipher takes it.
fn key_text(key: &[u8; 48]) -> Zeroizing<String> {
    // The whole length is taken at once: a buffer that grew would leave the key behind.
    let mut text = Zeroizing::new(String::with_capacity(99));
    text.push_str("x'");
    for byte in key {
        use fmt::Write as _;
        // Writing to a String cannot fail; a failure would only make the key wrong and the next statement refuse.
        let _ = write!(text, "{byte:02x}");
    }
    text.push('\'');
    text
}

/// How SQLite opens a database to look at it only. With a log beside it the log is read, into memory and without locks, which
/// the folder's own lock stands in for; without one the file is taken as it is.
fn looked_at(file: &Path) -> String {
    const PLAIN: &[u8] = b"/._-:";
    let mut uri = String::from("file:");
    for byte in file.as_os_str().as_encoded_bytes() {
        use fmt::Write as _;
        let byte = if cfg!(windows) && *byte == b'\\' { b'/' } else { *byte };
        if byte.is_ascii_alphanumeric() || PLAIN.contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    let lockless = if cfg!(windows) { "win32-none" } else { "unix-none" };
    uri.push_str("?mode=ro&");
    uri.push_str(&if files::has_wal(file) { format!("vfs={lockless}") } else { "immutable=1".to_owned() });
    uri
}

/// Checks every page and index of a database.
fn check(db: &Connection) -> Result<()> {
    let verdict: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    let bad_pages = db.query_row("PRAGMA cipher_integrity_check", [], |row| row.get::<_, String>(0));
    if verdict == "ok" && matches!(bad_pages, Err(rusqlite::Error::QueryReturnedNoRows)) { Ok(()) } else { Err(DeviceError::Damaged) }
}

/// Commits and marks it, with a place to be killed on each side in crash tests.
pub(crate) fn commit(transaction: Transaction<'_>, what: &'static str) -> Result<()> {
    let file = transaction.path().map(PathBuf::from);
    let commits = mark::count(&transaction)?;
    crate::crash::point(what, crash_side::BEFORE);
    transaction.commit()?;
    crate::crash::point(what, crash_side::AFTER);
    if let Some(file) = file {
        mark::acknowledge(&file, commits);
    }
    Ok(())
}

pub(crate) mod crash_side {
    pub const BEFORE: &str = "before";
    pub const AFTER: &str = "after";
}
