//! Single values: this device's keys, where it stands in the feed, what it tells about itself.

use rusqlite::{Connection, OptionalExtension};

use crate::error::Result;

/// Ids and seeds of the device's own keys.
pub const DEVICE_KEYS: &str = "device_keys";
/// The invitation this device answered, until it is admitted; CBOR.
pub const JOINING: &str = "joining";
/// The receive key this device is going to take, until the log has it.
pub const RECEIVE_NEXT: &str = "receive_next";
/// Keyslots of the strongroom, as in a file of their own.
pub const STRONGROOM_SLOTS: &str = "strongroom_slots";
/// X-Wing public key of the strongroom, 1,216 bytes.
pub const STRONGROOM: &str = "strongroom";
/// The organisation, once known: its 32-byte id.
pub const ORG: &str = "org";
/// Address of the server.
pub const SERVER: &str = "server";
/// Certificates the server may show; CBOR.
pub const CERTIFICATES: &str = "certificates";
/// The opaque cursor of the last answer.
pub const CURSOR: &str = "cursor";
/// The item that came whole when the mark behind it did not; CBOR.
pub const UNMARKED: &str = "unmarked";
/// What is being handed in, sealed, until it is; CBOR.
pub const HANDING: &str = "handing";
/// The server's incarnation.
pub const INCARNATION: &str = "incarnation";
/// The incarnation of the server with which what is here was last compared.
pub const COMPARED: &str = "compared";
/// Present once a coordinator's device has proven that this device had written more than what is here: it is a copy of before.
pub const RESTORED: &str = "restored";
/// Present when something was erased since the database got its key.
pub const RENEW: &str = "renew";
/// Milliseconds to add to this device's clock when signing requests.
pub const CLOCK_OFFSET: &str = "clock_offset";
/// Present while a case may hold a statement of this device's clock that an answer has not borne out.
pub const CLOCK_STATED: &str = "clock_stated";
/// Unix milliseconds of the last whole answer.
pub const LAST_FETCHED: &str = "last_fetched";
/// Unix milliseconds of the last acknowledgement.
pub const LAST_SENT: &str = "last_sent";
/// The founding entries, until the server has them; CBOR.
pub const FOUNDING: &str = "founding";
/// What is known of a server that was put back to an earlier state; CBOR. Absent while nothing is wrong.
pub const REPAIR: &str = "repair";
/// Present when everything is to be fetched once more without snapshots, because one that stood for segments was no good;
/// a number, [`WANTED`] or [`UNDER_WAY`].
pub const PLAIN: &str = "plain";
/// Not begun.
pub const WANTED: i64 = 0;
/// The cursor is that of it.
pub const UNDER_WAY: i64 = 1;
/// Since when something that came or was sent is wrong, and when that is asked for again; CBOR. Absent while nothing is.
pub const AGAIN: &str = "again";
/// The day, counted from 1970, on which everything was last fetched anew because the server lacked what it had acknowledged.
pub const DOUBTED: &str = "doubted";
/// Unix milliseconds of this device's last sign of life, or of when it could first have given one.
pub const HEARTBEAT: &str = "heartbeat";
/// What is remembered of others' signs of life; CBOR.
pub const HEARTBEATS: &str = "heartbeats";
/// The day, counted from 1970, on which what the server has had long enough was last forgotten.
pub const TIDIED: &str = "tidied";
/// Devices of which a notice proved that they were opened under duress, where this one may revoke them, sorted; CBOR.
pub const FORCED: &str = "forced";
/// Invitations by which nobody is let in here, because the words differed, the latest last; CBOR.
pub const REFUSED_REQUESTS: &str = "refused_requests";
/// Present in an organisation of synthetic data, for ever.
pub const SYNTHETIC: &str = "synthetic";
/// SHA-256 of the keyslot file in which a second secret was chosen.
pub const SECOND: &str = "second";
/// Present in an invented vault: the notice to the server, until it was told.
pub const INVENTED: &str = "invented";
/// How many commits this database holds.
pub const COMMITS: &str = "commits";
/// The oldest schema whose code can read this database.
pub const READABLE_BY: &str = "readable_by";

/// The value, if there is one.
///
/// # Errors
/// When the database fails.
pub fn get(db: &Connection, key: &str) -> Result<Option<Vec<u8>>> {
    Ok(db.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0)).optional()?)
}

/// Sets a value.
///
/// # Errors
/// When the database fails.
pub fn set(db: &Connection, key: &str, value: &[u8]) -> Result<()> {
    db.execute("INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value))?;
    Ok(())
}

/// Forgets a value.
///
/// # Errors
/// When the database fails.
pub fn remove(db: &Connection, key: &str) -> Result<()> {
    db.execute("DELETE FROM meta WHERE key = ?1", [key])?;
    Ok(())
}

/// A number, if there is one.
///
/// # Errors
/// When the database fails.
pub fn number(db: &Connection, key: &str) -> Result<Option<i64>> {
    Ok(get(db, key)?.and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes))
}

/// Sets a number.
///
/// # Errors
/// When the database fails.
pub fn set_number(db: &Connection, key: &str, value: i64) -> Result<()> {
    set(db, key, &value.to_be_bytes())
}
