//! The store on SQLite: one file, one writer, readers beside it.

mod append;
pub(crate) mod audit;
mod compact;
pub(crate) mod copies;
pub(crate) mod erased;
mod mark;
mod read;

use std::{
    fs::{DirBuilder, OpenOptions},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use wire::{
    id::{DeviceId, Digest, IncarnationId},
    log::OrgState,
    message::{Asked, ChainEnd, LogEnd},
};

use super::{
    Care, DeviceRow, InvitationRow, Item, ItemRef, Log, OrgRow, Purpose, Revocation, Section, StoreError, StreamRow, Tail, Verdict, View,
    Work,
};
use crate::{admit::Refused, crash};

/// Every migration, in order; `user_version` counts those that have run.
const MIGRATIONS: [&str; 7] = [
    include_str!("../../migrations/sqlite/0001_log.sql"),
    include_str!("../../migrations/sqlite/0002_care.sql"),
    include_str!("../../migrations/sqlite/0003_replaced.sql"),
    include_str!("../../migrations/sqlite/0004_quarantine.sql"),
    include_str!("../../migrations/sqlite/0005_removed.sql"),
    include_str!("../../migrations/sqlite/0006_erased.sql"),
    include_str!("../../migrations/sqlite/0007_duress.sql"),
];
/// The version of a store on which all of them have run.
const VERSION: i64 = MIGRATIONS.len() as i64;
/// How long a statement waits for another process that holds the file.
const BUSY: Duration = Duration::from_secs(5);
/// Readers kept open between requests.
const IDLE_READERS: usize = 4;

/// A store in one SQLite file.
#[derive(Debug)]
pub struct SqliteLog {
    path: PathBuf,
    incarnation: IncarnationId,
    mark: mark::Mark,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl SqliteLog {
    /// Opens the store, making and migrating the file as needed. A new file is readable by its owner alone.
    ///
    /// # Errors
    /// [`StoreError`] when the file cannot be used, or was made by a newer version.
    pub fn open(path: &Path, now_ms: i64) -> Result<Self, StoreError> {
        make_file(path).map_err(StoreError::File)?;
        let mut writer = connect(path)?;
        keep_before(path, &writer)?;
        migrate(&mut writer, now_ms)?;
        erased::note(&erased::list_of(path), &erased::stored(&writer)?)?;
        Self::opened(path, writer)
    }

    fn opened(path: &Path, writer: Connection) -> Result<Self, StoreError> {
        let (incarnation, mark) = (incarnation(&writer)?, mark::Mark::check(path, &writer)?);
        Ok(Self { path: path.to_owned(), incarnation, mark, writer: Mutex::new(writer), readers: Mutex::default() })
    }

    /// Opens an existing store without changing anything in it.
    ///
    /// # Errors
    /// [`StoreError`] when there is none, or it is of another version.
    pub fn open_existing(path: &Path) -> Result<Self, StoreError> {
        std::fs::metadata(path).map_err(StoreError::File)?;
        let writer = connect(path)?;
        is_of_this_version(&writer)?;
        Self::opened(path, writer)
    }

    /// Lends a connection that only reads.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = lock(&self.readers).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect_reader(&self.path)?,
        };
        let done = work(&connection);
        let mut readers = lock(&self.readers);
        if readers.len() < IDLE_READERS {
            readers.push(connection);
        }
        done
    }
}

impl Log for SqliteLog {
    fn incarnation(&self) -> IncarnationId {
        self.incarnation
    }

    fn ready(&self) -> Result<(), StoreError> {
        let mut writer = lock(&self.writer);
        let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute("UPDATE store SET created_ms = created_ms WHERE id = 1", [])?;
        Ok(tx.rollback()?)
    }

    fn append(&self, purpose: Purpose, work: &mut Work<'_>) -> Result<Verdict<Refused>, StoreError> {
        let (before, after) = match purpose {
            Purpose::Push => ("push.before_commit", "push.after_commit"),
            Purpose::Found => ("found.before_commit", "found.after_commit"),
            Purpose::Ask => ("request.before_commit", "request.after_commit"),
        };
        let mut writer = lock(&self.writer);
        let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut appending = append::Appending { tx: &tx, erased: false };
        let verdict = work(&mut appending)?;
        let erased = appending.erased;
        if matches!(verdict, Verdict::Commit(_)) {
            crash::point(before);
            tx.commit()?;
            crash::point(after);
            self.mark.moved(&writer);
            if erased {
                erased::note(&erased::list_of(&self.path), &erased::stored(&writer)?)?;
                // What was taken away lies in the log file until that is folded in.
                writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            }
        } else {
            tx.rollback()?;
        }
        Ok(verdict)
    }

    fn device(&self, device: &DeviceId) -> Result<Option<DeviceRow>, StoreError> {
        self.read(|db| read::device(db, device))
    }

    fn revocation(&self, device: &DeviceId) -> Result<Option<Revocation>, StoreError> {
        self.read(|db| read::revocation(db, device))
    }

    fn org(&self, org: OrgRow) -> Result<OrgState, StoreError> {
        self.read(|db| read::org(db, org))
    }

    fn end(&self, org: OrgRow) -> Result<u64, StoreError> {
        self.read(|db| read::end(db, org))
    }

    fn asked(&self, org: OrgRow, now_ms: i64) -> Result<Vec<Asked>, StoreError> {
        self.read(|db| read::asked(db, org, now_ms))
    }

    fn invitation(&self, hash: &Digest) -> Result<Option<InvitationRow>, StoreError> {
        self.read(|db| read::invitation(db, hash))
    }

    fn lapsed(&self, view: &View, now_ms: i64) -> Result<bool, StoreError> {
        self.read(|db| read::lapsed(db, view, now_ms))
    }

    fn streams(&self, view: &View) -> Result<Vec<StreamRow>, StoreError> {
        self.read(|db| read::streams(db, view))
    }

    fn tail(&self, view: &View, stream: &StreamRow) -> Result<Tail, StoreError> {
        self.read(|db| read::tail(db, view, stream))
    }

    fn wholes(&self, view: &View, stream: &StreamRow) -> Result<Vec<ItemRef>, StoreError> {
        self.read(|db| read::wholes(db, view, stream))
    }

    fn count(&self, view: &View, section: &Section) -> Result<u64, StoreError> {
        self.read(|db| read::count(db, view, section))
    }

    fn page(&self, view: &View, section: &Section, limit: u32, offset: u64) -> Result<Vec<ItemRef>, StoreError> {
        self.read(|db| read::page(db, view, section, limit, offset))
    }

    fn item(&self, item: ItemRef) -> Result<Item, StoreError> {
        self.read(|db| read::item(db, item))
    }

    fn log_ends(&self, view: &View) -> Result<Vec<LogEnd>, StoreError> {
        self.read(|db| read::log_ends(db, view))
    }

    fn chain_ends(&self, view: &View) -> Result<Vec<ChainEnd>, StoreError> {
        self.read(|db| read::chain_ends(db, view))
    }

    fn care(&self) -> Result<Care, StoreError> {
        let mut bytes = 0_u64;
        for ending in ["", "-wal"] {
            bytes = bytes.saturating_add(std::fs::metadata(copies::beside(&self.path, ending)).map_or(0, |file| file.len()));
        }
        let sql = "SELECT nullif(backup_ms, 0) FROM store WHERE id = 1";
        let backup_ms = self.read(|db| Ok(db.query_row(sql, [], |row| row.get(0))?))?;
        Ok(Care { bytes, backup_ms })
    }

    fn close(&self) -> Result<(), StoreError> {
        lock(&self.readers).clear();
        let writer = lock(&self.writer);
        self.mark.write(&writer);
        writer.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
        Ok(())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(Box::new(error))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn make_file(path: &Path) -> std::io::Result<()> {
    let mut folder = DirBuilder::new();
    let mut file = OpenOptions::new();
    folder.recursive(true);
    file.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        folder.mode(0o700);
        file.mode(0o600);
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        folder.create(parent)?;
    }
    file.open(path).map(drop)
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;",
    )?;
    Ok(connection)
}

fn connect_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;")?;
    Ok(connection)
}

fn version(db: &Connection) -> Result<i64, StoreError> {
    Ok(db.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Before a store is brought to a newer form, it is copied as it is: who goes back to the older program goes back to that.
fn keep_before(path: &Path, db: &Connection) -> Result<(), StoreError> {
    let done = version(db)?;
    if !(1..VERSION).contains(&done) {
        return Ok(());
    }
    let name = format!(".before-{VERSION}");
    // Who went back once and comes again finds the first copy still there.
    let again = (1..100).map(|n| copies::beside(path, &format!("{name}.{n}")));
    let kept = std::iter::once(copies::beside(path, &name)).chain(again).find(|kept| !kept.exists());
    let kept = kept.ok_or_else(|| StoreError::File(std::io::ErrorKind::AlreadyExists.into()))?;
    let unfinished = copies::beside(&kept, ".unfinished");
    copies::copy(path, &unfinished)?;
    copies::settle(&unfinished)?;
    copies::name(&unfinished, &kept)
}

fn is_of_this_version(db: &Connection) -> Result<(), StoreError> {
    match version(db)?.cmp(&VERSION) {
        std::cmp::Ordering::Less => Err(StoreError::Older),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(StoreError::Newer),
    }
}

fn migrate(db: &mut Connection, now_ms: i64) -> Result<(), StoreError> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = usize::try_from(version(&tx)?).map_err(|_| StoreError::Corrupt("user_version"))?;
    if done > MIGRATIONS.len() {
        return Err(StoreError::Newer);
    }
    for migration in MIGRATIONS.iter().skip(done) {
        tx.execute_batch(migration)?;
    }
    tx.execute("INSERT INTO store (id, incarnation, created_ms) VALUES (1, randomblob(16), ?1) ON CONFLICT (id) DO NOTHING", [now_ms])?;
    tx.pragma_update(None, "user_version", VERSION)?;
    Ok(tx.commit()?)
}

fn incarnation(db: &Connection) -> Result<IncarnationId, StoreError> {
    let bytes: Vec<u8> = db.query_row("SELECT incarnation FROM store WHERE id = 1", [], |row| row.get(0))?;
    IncarnationId::try_from(bytes.as_slice()).map_err(|_| StoreError::Corrupt("incarnation"))
}

/// A number as SQLite keeps it.
fn int(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::Corrupt("a number out of range"))
}

/// A number as SQLite gave it.
fn uint(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::Corrupt("a negative number"))
}

/// A kind or compartment as SQLite keeps it: the number it has in CBOR.
const fn compartment_code(compartment: wire::envelope::Compartment) -> i64 {
    match compartment {
        wire::envelope::Compartment::Directory => 0,
        wire::envelope::Compartment::Core => 1,
        wire::envelope::Compartment::Address => 2,
        wire::envelope::Compartment::Access => 3,
    }
}

/// What stands for a compartment with a person who is told of a case's log, and reads nothing of the case.
const WATCHER: i64 = 255;

pub(crate) fn compartment_of(code: i64) -> Result<wire::envelope::Compartment, StoreError> {
    match code {
        0 => Ok(wire::envelope::Compartment::Directory),
        1 => Ok(wire::envelope::Compartment::Core),
        2 => Ok(wire::envelope::Compartment::Address),
        3 => Ok(wire::envelope::Compartment::Access),
        _ => Err(StoreError::Corrupt("compartment")),
    }
}

const fn kind_code(kind: wire::envelope::Kind) -> i64 {
    match kind {
        wire::envelope::Kind::Segment => 1,
        wire::envelope::Kind::Snapshot => 2,
        wire::envelope::Kind::Seen => 3,
        wire::envelope::Kind::Heartbeat => 4,
    }
}

fn kind_of(code: i64) -> Result<wire::envelope::Kind, StoreError> {
    match code {
        1 => Ok(wire::envelope::Kind::Segment),
        2 => Ok(wire::envelope::Kind::Snapshot),
        3 => Ok(wire::envelope::Kind::Seen),
        4 => Ok(wire::envelope::Kind::Heartbeat),
        _ => Err(StoreError::Corrupt("kind")),
    }
}

fn id<T: for<'b> TryFrom<&'b [u8]>>(bytes: &[u8]) -> Result<T, StoreError> {
    T::try_from(bytes).map_err(|_| StoreError::Corrupt("id"))
}

fn state<T: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()>>(bytes: &[u8]) -> Result<T, StoreError> {
    wire::cbor::decode(bytes).map_err(|_| StoreError::Corrupt("state"))
}
