//! Everything that is stored, row by row, for the operator's commands.

use rusqlite::{Connection, Row, params};
use wire::{envelope::Compartment, id::DeviceId};

use super::{super::StoreError, SqliteLog, WATCHER, compartment_code, compartment_of};

/// An organisation as stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredOrg {
    pub(crate) num: i64,
    pub(crate) id: Vec<u8>,
    pub(crate) position: i64,
    pub(crate) state: Vec<u8>,
    pub(crate) created_ms: i64,
    /// Counted by the store as it went: envelopes, and bytes of all it keeps.
    pub(crate) counted: (i64, i64),
    /// The same, counted again.
    pub(crate) found: (i64, i64),
}

/// A case as stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredCase {
    pub(crate) num: i64,
    pub(crate) id: Vec<u8>,
    pub(crate) state: Vec<u8>,
    pub(crate) erased: bool,
}

/// A device as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredDevice {
    pub(crate) id: Vec<u8>,
    pub(crate) member: Vec<u8>,
    pub(crate) request_key: Vec<u8>,
    pub(crate) revoked: bool,
}

/// An entry as stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredEntry {
    pub(crate) seq: i64,
    pub(crate) position: i64,
    pub(crate) hash: Vec<u8>,
    pub(crate) bytes: Vec<u8>,
}

/// A wrap as stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredWrap {
    pub(crate) device: Vec<u8>,
    pub(crate) id: Vec<u8>,
    pub(crate) bytes: Vec<u8>,
}

/// An envelope as stored; its bytes only where they are asked for.
#[derive(Debug, Clone)]
pub(crate) struct StoredEnvelope {
    pub(crate) case_num: i64,
    pub(crate) compartment: i64,
    pub(crate) kind: i64,
    pub(crate) epoch: i64,
    pub(crate) device: Vec<u8>,
    pub(crate) seq: i64,
    pub(crate) position: i64,
    pub(crate) id: Vec<u8>,
    pub(crate) stored_ms: i64,
    pub(crate) len: i64,
    /// Position of the one that took its place, and its bytes away; 0 = none.
    pub(crate) replaced: i64,
    /// Whether what took its place is a snapshot of the same stream, which may be of another device.
    pub(crate) is_covered: bool,
}

/// What is stored beside the logs: what a revoked device handed in, or a notice of one that was opened under duress.
#[derive(Debug, Clone)]
pub(crate) struct StoredWord {
    pub(crate) device: Vec<u8>,
    pub(crate) position: i64,
    pub(crate) id: Vec<u8>,
    pub(crate) stored_ms: i64,
}

fn each<T>(
    db: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    take: &mut dyn FnMut(T) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = db.prepare(sql)?;
    let mut rows = statement.query(values)?;
    while let Some(row) = rows.next()? {
        take(read(row)?)?;
    }
    Ok(())
}

fn all<T>(
    db: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    let mut all = Vec::new();
    each(db, sql, values, read, &mut |row| {
        all.push(row);
        Ok(())
    })?;
    Ok(all)
}

impl SqliteLog {
    pub(crate) fn stored_orgs(&self) -> Result<Vec<StoredOrg>, StoreError> {
        let read = |row: &Row<'_>| {
            let (num, id, position) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let (counted, found) = ((row.get(5)?, row.get(6)?), (row.get(7)?, row.get(8)?));
            Ok(StoredOrg { num, id, position, state: row.get(3)?, created_ms: row.get(4)?, counted, found })
        };
        let sql = "SELECT num, id, position, state, created_ms, envelopes, bytes,
                (SELECT COUNT(*) FROM envelope e WHERE e.org = o.num),
                (SELECT COALESCE(SUM(length(bytes)), 0) FROM envelope e WHERE e.org = o.num)
                    + (SELECT COALESCE(SUM(length(bytes)), 0) FROM entry e WHERE e.org = o.num)
                    + (SELECT COALESCE(SUM(length(bytes)), 0) FROM wrap w WHERE w.org = o.num)
            FROM organisation o ORDER BY num";
        self.read(|db| all(db, sql, [], read))
    }

    pub(crate) fn stored_cases(&self, org: i64) -> Result<Vec<StoredCase>, StoreError> {
        let read = |row: &Row<'_>| Ok(StoredCase { num: row.get(0)?, id: row.get(1)?, state: row.get(2)?, erased: row.get(3)? });
        let sql = "SELECT num, id, state, erased > 0 FROM case_log WHERE org = ?1 ORDER BY num";
        self.read(|db| all(db, sql, [org], read))
    }

    pub(crate) fn each_entry(
        &self,
        org: i64,
        case: i64,
        take: &mut dyn FnMut(StoredEntry) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let read = |row: &Row<'_>| Ok(StoredEntry { seq: row.get(0)?, position: row.get(1)?, hash: row.get(2)?, bytes: row.get(3)? });
        let sql = "SELECT seq, position, hash, bytes FROM entry WHERE org = ?1 AND case_num = ?2 ORDER BY seq";
        self.read(|db| each(db, sql, params![org, case], read, take))
    }

    pub(crate) fn stored_wraps(&self, org: i64, case: i64, position: i64) -> Result<Vec<StoredWrap>, StoreError> {
        let read = |row: &Row<'_>| Ok(StoredWrap { device: row.get(0)?, id: row.get(1)?, bytes: row.get(2)? });
        let sql = "SELECT device, id, bytes FROM wrap WHERE org = ?1 AND case_num = ?2 AND position = ?3 ORDER BY num";
        self.read(|db| all(db, sql, params![org, case, position], read))
    }

    /// Envelopes in the order of their chains, or of their positions; with their bytes, one at a time.
    pub(crate) fn each_envelope(
        &self,
        org: i64,
        with_bytes: bool,
        take: &mut dyn FnMut(StoredEnvelope, Vec<u8>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let read = |row: &Row<'_>| {
            let envelope = StoredEnvelope {
                case_num: row.get(0)?,
                compartment: row.get(1)?,
                kind: row.get(2)?,
                epoch: row.get(3)?,
                device: row.get(4)?,
                seq: row.get(5)?,
                position: row.get(6)?,
                id: row.get(7)?,
                stored_ms: row.get(8)?,
                len: row.get(9)?,
                replaced: row.get(10)?,
                is_covered: row.get(11)?,
            };
            Ok((envelope, row.get(12)?))
        };
        let (bytes, order) = if with_bytes { ("bytes", "case_num, compartment, kind, device, seq") } else { ("x''", "position") };
        let sql = format!(
            "SELECT case_num, compartment, kind, epoch, device, seq, position, id, stored_ms, length(bytes), replaced,
                replaced > 0 AND EXISTS (SELECT 1 FROM envelope s WHERE s.org = envelope.org AND s.case_num = envelope.case_num
                    AND s.compartment = envelope.compartment AND s.kind = 2 AND s.position = envelope.replaced),
                {bytes}
             FROM envelope WHERE org = ?1 ORDER BY {order}"
        );
        self.read(|db| each(db, &sql, [org], read, &mut |(envelope, bytes)| take(envelope, bytes)))
    }

    /// How many rows take a position, how many positions are taken, and the last of them.
    pub(crate) fn stored_positions(&self, org: i64) -> Result<(i64, i64, i64), StoreError> {
        self.read(|db| {
            let sql = "SELECT COUNT(*), COUNT(DISTINCT position), COALESCE(MAX(position), 0) FROM (
                    SELECT position FROM entry WHERE org = ?1 UNION ALL SELECT position FROM envelope WHERE org = ?1
                    UNION ALL SELECT position FROM quarantine WHERE org = ?1
                    UNION ALL SELECT position FROM duress WHERE org = ?1)";
            Ok(db.query_row(sql, [org], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?)
        })
    }

    /// What revoked devices handed in, by position; with its bytes, one at a time.
    pub(crate) fn each_quarantined(
        &self,
        org: i64,
        take: &mut dyn FnMut(StoredWord, Vec<u8>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.each_word("quarantine", org, take)
    }

    /// Notices that a device was opened under duress, by position; with their bytes.
    pub(crate) fn each_notice(
        &self,
        org: i64,
        take: &mut dyn FnMut(StoredWord, Vec<u8>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.each_word("duress", org, take)
    }

    fn each_word(
        &self,
        table: &'static str,
        org: i64,
        take: &mut dyn FnMut(StoredWord, Vec<u8>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let read = |row: &Row<'_>| {
            let word = StoredWord { device: row.get(0)?, position: row.get(1)?, id: row.get(2)?, stored_ms: row.get(3)? };
            Ok((word, row.get(4)?))
        };
        let sql = format!("SELECT device, position, id, stored_ms, bytes FROM {table} WHERE org = ?1 ORDER BY position");
        self.read(|db| each(db, &sql, [org], read, &mut |(word, bytes)| take(word, bytes)))
    }

    /// The last segment of a device in a case, 0 when there is none.
    pub(crate) fn stored_segment_end(&self, org: i64, case: i64, compartment: Compartment, device: &DeviceId) -> Result<u64, StoreError> {
        self.read(|db| {
            let sql = "SELECT COALESCE(MAX(seq), 0) FROM envelope
                WHERE org = ?1 AND case_num = ?2 AND compartment = ?3 AND kind = 1 AND device = ?4";
            Ok(db.query_row(sql, params![org, case, compartment_code(compartment), device.as_bytes()], |row| row.get(0))?)
        })
    }

    /// The devices of an organisation that may sign.
    pub(crate) fn stored_devices(&self, org: i64) -> Result<Vec<StoredDevice>, StoreError> {
        let read =
            |row: &Row<'_>| Ok(StoredDevice { id: row.get(0)?, member: row.get(1)?, request_key: row.get(2)?, revoked: row.get(3)? });
        let sql = "SELECT id, member, request_key, revoked FROM device WHERE org = ?1 ORDER BY id";
        self.read(|db| all(db, sql, [org], read))
    }

    /// People who are told of a case's log without reading the case.
    pub(crate) fn stored_watchers(&self, case: i64) -> Result<Vec<Vec<u8>>, StoreError> {
        let sql = "SELECT member FROM membership WHERE case_num = ?1 AND compartment = ?2 ORDER BY member";
        self.read(|db| all(db, sql, params![case, WATCHER], |row| row.get(0)))
    }

    /// The members of a case: compartment, member, end of the grant (0 = none).
    pub(crate) fn stored_members(&self, case: i64) -> Result<Vec<(Compartment, Vec<u8>, i64)>, StoreError> {
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?));
        let sql = "SELECT compartment, member, until_ms FROM membership
            WHERE case_num = ?1 AND ended_position = 0 AND compartment <> ?2 ORDER BY compartment, member";
        let rows: Vec<(i64, Vec<u8>, i64)> = self.read(|db| all(db, sql, params![case, WATCHER], read))?;
        rows.into_iter().map(|(code, member, until)| Ok((compartment_of(code)?, member, until))).collect()
    }
}
