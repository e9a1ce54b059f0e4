//! Tries to open the vault: counted on the disk before the secret is looked at, made to wait, and at the tenth wrong one the
//! keys are destroyed.
//!
//! A promise against a thief only where a hardware keystore holds the other half: whoever can put back files can put back the count.

use std::{
    fs,
    io::{self, Write},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use seal::{
    keyslot::{self, Cost, KeystoreShare, Look, MasterKey},
    tries::{self, Tries},
};

use crate::{
    crash,
    error::{DeviceError, Result},
    host::{Dice, Host},
    vault::{
        crash_side::{AFTER, BEFORE},
        files::{self, DATABASE, KEYSLOTS, NEXT, TRIES},
        mark, opening, salt,
    },
};

#[cfg(test)]
mod tests;

/// Nobody is told how many tries are left before so few are.
const TOLD_FROM: u8 = 2;

/// How things stand with the next try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Seconds before it is allowed; 0 when it is.
    pub wait_s: u32,
    /// Tries that are left, once there are only two.
    pub left: Option<u8>,
}

/// The newest count this process has written: an older one on the disk was put back.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    newest: AtomicU64,
}

/// A try that was counted, or could not be because the disk takes nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Begun {
    tries: Tries,
    is_counted: bool,
}

impl Begun {
    /// Whether a wrong secret in it is one too many.
    pub const fn is_last(&self) -> bool {
        self.is_counted && self.tries.is_last()
    }

    /// Whether the count stands on the disk.
    pub const fn is_counted(&self) -> bool {
        self.is_counted
    }
}

impl Attempts {
    /// The count of a vault that is being made.
    ///
    /// # Errors
    /// What the disk or the keystore says.
    pub fn found(&self, dir: &Path, host: &dyn Host, salt: &[u8; 16]) -> Result<()> {
        self.write(dir, host, salt, Tries::default()).map(drop)
    }

    /// Counts a try before it is made.
    ///
    /// # Errors
    /// [`DeviceError::Wait`]; what the keystore says; and what the disk says, unless no keystore is here and the disk takes nothing at
    /// all: a passphrase can stand to be tried uncounted, and a full disk must not keep anybody from reading.
    pub fn begin(&self, dir: &Path, host: &dyn Host, slots: &Look) -> Result<Begun> {
        let now = host.now_ms();
        let found = self.read(dir, host, slots)?;
        let mut tries = found.unwrap_or_else(|| self.lost(now)).rebased(now);
        let may_go_uncounted = |error: DeviceError| match error {
            DeviceError::Full | DeviceError::ReadOnlyDisk if host.keystore().is_none() => Ok(None),
            error => Err(error),
        };
        if found != Some(tries) {
            // From here on the wait passes, whatever was there or the clock said before.
            match self.write(dir, host, &slots.salt, tries).map(Some).or_else(may_go_uncounted)? {
                Some(written) => tries = written,
                None => return Ok(Begun { tries, is_counted: false }),
            }
        }
        let standing = standing(&tries, now);
        if standing.wait_s > 0 {
            return Err(DeviceError::Wait(standing));
        }
        tries = tries.begin(now);
        crash::point("try", BEFORE);
        let written = self.write(dir, host, &slots.salt, tries).map(Some).or_else(may_go_uncounted)?;
        crash::point("try", AFTER);
        Ok(Begun { tries: written.unwrap_or(tries), is_counted: written.is_some() })
    }

    /// The secret was right: the count begins anew. Where that cannot be written, the next right secret does it.
    pub fn forgive(&self, dir: &Path, host: &dyn Host, slots: &Look, begun: Begun) {
        let _ = self.write(dir, host, &slots.salt, begun.tries.forgiven());
    }

    /// The vault is another one: what was counted for the one before says nothing of it.
    pub fn begin_anew(&self) {
        self.newest.store(0, Ordering::Relaxed);
    }

    /// What a wrong secret is told.
    pub fn refusal(host: &dyn Host, begun: Begun) -> DeviceError {
        DeviceError::WrongSecret(standing(&begun.tries, host.now_ms()))
    }

    /// How things stand; as for a new vault where that cannot be told.
    pub fn standing(&self, dir: &Path, host: &dyn Host) -> Standing {
        let now = host.now_ms();
        let slots = fs::read(dir.join(KEYSLOTS)).ok().and_then(|file| keyslot::look(&file).ok());
        let Some(slots) = slots else { return Standing::default() };
        let Ok(found) = self.read(dir, host, &slots) else { return Standing::default() };
        standing(&found.unwrap_or_else(|| self.lost(now)).rebased(now), now)
    }

    /// The count on the disk; nothing where there is none to go by.
    fn read(&self, dir: &Path, host: &dyn Host, slots: &Look) -> Result<Option<Tries>> {
        let file = match fs::read(dir.join(TRIES)) {
            Ok(file) => file,
            // Keyslots of before the count have none until the first try.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !slots.is_counted => return Ok(Some(Tries::default())),
            Err(_) => return Ok(None),
        };
        let tries = Tries::decode(&file, &slots.salt, |asked| ask(host, asked))?;
        Ok(tries.filter(|tries| tries.serial >= self.newest.load(Ordering::Relaxed)))
    }

    /// What stands where there is no count to go by.
    fn lost(&self, now_ms: i64) -> Tries {
        Tries::lost(self.newest.load(Ordering::Relaxed), now_ms)
    }

    fn write(&self, dir: &Path, host: &dyn Host, salt: &[u8; 16], tries: Tries) -> Result<Tries> {
        let tries = Tries { serial: tries.serial.saturating_add(1), ..tries };
        let bytes = tries.encode(salt, |asked| ask(host, asked))?;
        put(dir, &bytes)?;
        self.newest.store(tries.serial, Ordering::Relaxed);
        Ok(tries)
    }
}

fn standing(tries: &Tries, now_ms: i64) -> Standing {
    let wait_s = u32::try_from(tries.wait_ms(now_ms).div_ceil(1000)).unwrap_or(u32::MAX);
    let left = Some(tries.left()).filter(|left| *left <= TOLD_FROM);
    Standing { wait_s, left }
}

/// The keystore's word for these bytes; empty where there is none.
///
/// # Errors
/// What the keystore says.
pub(crate) fn ask(host: &dyn Host, bytes: &[u8]) -> Result<KeystoreShare> {
    match host.keystore() {
        Some(keystore) => Ok(keystore.authenticate(bytes)?),
        None => Ok(KeystoreShare::default()),
    }
}

/// In place where there is one: it has one length for ever, so a full disk takes it as well.
fn put(dir: &Path, bytes: &[u8]) -> Result<()> {
    let refused = |error: io::Error| if opening::forbids(&error) { DeviceError::ReadOnlyDisk } else { error.into() };
    match fs::OpenOptions::new().write(true).open(dir.join(TRIES)) {
        Ok(mut file) => {
            file.write_all(bytes).and_then(|()| file.set_len(tries::FILE_LEN as u64)).and_then(|()| file.sync_all()).map_err(refused)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => files::write_durably(dir, TRIES, bytes).map_err(|error| match error {
            DeviceError::File(error) => refused(error),
            error => error,
        }),
        Err(error) => Err(refused(error)),
    }
}

/// Wraps the master key anew where the file is of before the count, or costs less to guess at than this platform takes. The old file
/// stands until the new one is on the disk; where that does not go, the next unlock tries again.
pub(crate) fn rewrap(dir: &Path, host: &dyn Host, file: &[u8], slots: &Look, secret: &[u8], master: &MasterKey) -> Result<()> {
    let cost: Cost = slots.cost.or_harder(host.cost());
    if slots.is_counted && cost == slots.cost {
        return Ok(());
    }
    let share = ask(host, &keyslot::keystore_challenge(file)?)?;
    let new = keyslot::rewrap(file, cost, secret, &share, master, &mut Dice(host))?;
    crash::point("rewrap", BEFORE);
    files::write_durably(dir, KEYSLOTS, &new)?;
    crash::point("rewrap", AFTER);
    Ok(())
}

/// Wipes this device: the keyslots are overwritten by random bytes, and then everything that they opened is removed. Killed on the way
/// before the first, nothing has happened; after it, nobody can open what is left.
///
/// # Errors
/// What the disk says, after everything was tried.
pub(crate) fn wipe(dir: &Path, host: &dyn Host) -> Result<()> {
    crash::point("wipe", BEFORE);
    let emptied = empty(dir, host);
    crash::point("wipe", AFTER);
    let database = dir.join(DATABASE);
    let mut outcome = emptied;
    for file in files::kept_before(dir).into_iter().chain([dir.join(NEXT), database.clone()]) {
        outcome = outcome.and(files::remove_with_companions(&file));
    }
    for file in salt::files(dir) {
        outcome = outcome.and(files::shred(&file));
    }
    let beside = [mark::file_of(&database), dir.join(TRIES)].into_iter().chain([KEYSLOTS, TRIES].map(|name| files::unfinished(dir, name)));
    for file in beside {
        outcome = outcome.and(files::remove(&file));
    }
    // The keyslots go last: without them a folder has no vault.
    outcome.and_then(|()| files::remove(&dir.join(KEYSLOTS))).and_then(|()| files::sync_dir(dir))
}

fn empty(dir: &Path, host: &dyn Host) -> Result<()> {
    let keyslots = dir.join(KEYSLOTS);
    let emptied = keyslot::emptied(&fs::read(&keyslots)?, &mut Dice(host))?;
    let mut file = fs::OpenOptions::new().write(true).open(&keyslots)?;
    file.write_all(&emptied)?;
    Ok(file.sync_all()?)
}
