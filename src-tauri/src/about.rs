//! What this device holds, and what the app is.

use std::path::Path;

use device::{Device, Role};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Everything this app is built from. Made by `UPDATE_LICENCES=1 cargo test -p app licences`.
const LICENCES: &str = include_str!("../licences.json");
const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Storage {
    /// Bytes of the vault and what lies beside it.
    #[ts(type = "number")]
    pub used: u64,
    /// Bytes that are free where the vault lies; null when the platform does not say.
    #[ts(type = "number | null")]
    pub free: Option<u64>,
    #[ts(type = "number")]
    pub cases: u64,
    #[ts(type = "number")]
    pub notes: u64,
    #[ts(type = "number")]
    pub meetings: u64,
    #[ts(type = "number")]
    pub tasks: u64,
}

impl Storage {
    /// What the device holds now.
    ///
    /// # Errors
    /// When locked, or the vault cannot be read.
    pub fn of(device: &Device) -> device::Result<Self> {
        let stock = device.stock()?;
        let (cases, notes, meetings, tasks) = (stock.cases, stock.notes, stock.meetings, stock.tasks);
        Ok(Self { used: stock.bytes, free: free(device.dir()), cases, notes, meetings, tasks })
    }
}

/// Bytes that this person may still write where a folder lies.
#[cfg(unix)]
fn free(dir: &Path) -> Option<u64> {
    let what = rustix::fs::statvfs(dir).ok()?;
    what.f_bavail.checked_mul(what.f_frsize)
}

/// Bytes that this person may still write where a folder lies.
#[cfg(not(unix))]
fn free(_: &Path) -> Option<u64> {
    None
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Licence {
    pub name: String,
    pub version: String,
    pub licence: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct About {
    pub version: String,
    pub organisation: String,
    /// Of the organisation's root, in groups of four.
    pub fingerprint: String,
    pub person: String,
    pub role: Role,
    pub device: String,
    /// Of this device's keys, in groups of four.
    pub device_fingerprint: String,
    pub server: String,
    pub licences: Vec<Licence>,
}

impl About {
    /// What this app is, and whose.
    ///
    /// # Errors
    /// When locked, or before this device belongs to an organisation.
    pub fn of(device: &Device) -> device::Result<Self> {
        let who = device.whoami()?;
        Ok(Self {
            version: VERSION.to_owned(),
            organisation: who.organisation,
            fingerprint: in_fours(&who.fingerprint),
            person: who.person,
            role: who.role,
            device: who.device_name,
            device_fingerprint: in_fours(&device.fingerprint()?),
            server: device.server()?.unwrap_or_default(),
            licences: serde_json::from_str(LICENCES).unwrap_or_default(),
        })
    }
}

/// Groups of four letters, as people read them to each other.
fn in_fours(text: &str) -> String {
    let groups: Vec<String> = text.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_in_fours() {
        assert_eq!(in_fours("abcdefghij"), "abcd efgh ij");
    }

    #[test]
    fn the_list_of_licences_can_be_read() {
        let licences: Vec<Licence> = serde_json::from_str(LICENCES).unwrap();
        assert!(licences.len() > 100 && licences.iter().all(|one| !one.name.is_empty() && !one.licence.is_empty()));
    }
}
