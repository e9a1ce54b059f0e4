//! Salts: what of the database's key lies nowhere but in a small file beside it, so that a key can be destroyed while the secret
//! and the keyslots stay as they are.
//!
//! There is one, `vault.salt-N`; while the key is being changed there are two, and the database says which is right. A vault of
//! before salts has none until its first change of key.

use std::{fs, path::Path, path::PathBuf};

use rand_core::Rng as _;
use seal::keyslot::MasterKey;
use zeroize::Zeroizing;

use super::files;
use crate::{
    error::Result,
    host::{Dice, Host},
};

const SALT: &str = "vault.salt-";
const MAGIC: &[u8; 8] = b"BBSALT\0\x01";
const LEN: usize = 32;

/// A raw key of the database, and the number of the salt it is made with; none in a vault of before salts.
pub type Key = (Option<u64>, Zeroizing<[u8; 48]>);

fn named(number: u64) -> String {
    format!("{SALT}{number}")
}

/// The numbers of the salts here, the newest first.
fn numbers(dir: &Path) -> Vec<u64> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut found: Vec<u64> = entries
        .filter_map(|entry| {
            let name = entry.file_name();
            let number = name.to_str()?.strip_prefix(SALT)?;
            number.parse().ok().filter(|parsed: &u64| parsed.to_string() == number)
        })
        .collect();
    found.sort_unstable_by(|one, other| other.cmp(one));
    found
}

/// Every file of a salt here, also one that was not finished.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(SALT))).map(|entry| entry.path()).collect()
}

/// Every key that the database here may have, the newest first.
///
/// # Errors
/// What the disk says.
pub fn keys(dir: &Path, master: &MasterKey) -> Result<Vec<Key>> {
    let mut keys = Vec::new();
    for number in numbers(dir) {
        let bytes = Zeroizing::new(fs::read(dir.join(named(number)))?);
        // What is no salt opens nothing; another may.
        if let Some(salt) = bytes.strip_prefix(MAGIC.as_slice()).filter(|salt| salt.len() == LEN) {
            keys.push((Some(number), master.database_key(salt)?));
        }
    }
    keys.push((None, master.database_key(&[])?));
    Ok(keys)
}

/// Makes a salt beside those that are here, and gives the key that it makes. It lasts before this returns.
///
/// # Errors
/// What the disk says.
pub fn make(dir: &Path, master: &MasterKey, host: &dyn Host) -> Result<Key> {
    let number = numbers(dir).first().map_or(1, |newest| newest.saturating_add(1));
    // The whole length is taken at once: a buffer that grew would leave the salt behind.
    let mut file = Zeroizing::new(vec![0; MAGIC.len().saturating_add(LEN)]);
    let (magic, salt) = file.split_at_mut(MAGIC.len());
    magic.copy_from_slice(MAGIC);
    Dice(host).fill_bytes(salt);
    let key = master.database_key(salt)?;
    files::write_durably(dir, &named(number), &file)?;
    Ok((Some(number), key))
}

/// Destroys every salt but this one, and with them the keys that they made.
///
/// # Errors
/// What the disk says.
pub fn keep_only(dir: &Path, number: Option<u64>) -> Result<()> {
    let kept = number.map(|number| dir.join(named(number)));
    let others: Vec<PathBuf> = files(dir).into_iter().filter(|file| Some(file) != kept.as_ref()).collect();
    if others.is_empty() {
        return Ok(());
    }
    others.iter().try_for_each(|file| files::shred(file))?;
    files::sync_dir(dir)
}
