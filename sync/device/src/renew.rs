//! After something was erased the database gets another key, and the one before is destroyed: what a disk still holds of overwritten
//! pages then opens with nothing that is left.

use std::path::Path;

use rusqlite::Connection;

use crate::{
    end,
    error::{DeviceError, Result},
    host::Host,
    session::{Changed, Device, Open},
    vault::{crash_side, files, meta, migrate::migrate, opening, salt},
};

/// From here on the database's key may open what was to be gone.
///
/// # Errors
/// When the database fails.
pub(crate) fn demand(db: &Connection) -> Result<()> {
    meta::set(db, meta::RENEW, &[])
}

/// Whether the key of this database is to be changed and was not yet.
///
/// # Errors
/// When the database fails.
pub(crate) fn is_demanded(db: &Connection) -> Result<bool> {
    Ok(meta::get(db, meta::RENEW)?.is_some())
}

impl Device {
    /// Gives the database another key where that is demanded. What stands in the way leaves it under the one it has; it is then tried
    /// again after the next answer of the server and at the next unlock, and no receipt is given before.
    ///
    /// # Errors
    /// [`DeviceError::Locked`] when it could not be opened again.
    pub(crate) fn renew(&self) -> Result<()> {
        let mut state = self.hold();
        let renewed = renewed(&mut state, self.dir(), self.host());
        let is_open = state.is_some();
        drop(state);
        if !is_open {
            self.tell(Changed { locked: true, ..Changed::default() });
            return Err(DeviceError::Locked);
        }
        // A full disk must keep nobody from syncing.
        let _ = renewed;
        Ok(())
    }
}

/// Changes the key where that is demanded, once the receive key before is gone too.
///
/// # Errors
/// What stood in the way; the old key then stays. Nothing is in `state` when the database does not open any more.
pub(crate) fn renewed(state: &mut Option<Open>, dir: &Path, host: &dyn Host) -> Result<()> {
    let Some(open) = state.as_ref() else { return Ok(()) };
    if open.may_sync().is_err() || !is_demanded(open.vault.db())? || end::is_rotating(open)? {
        return Ok(());
    }
    // Databases of before a schema are under the same key.
    shred_kept(dir)?;
    let Some(open) = state.take() else { return Ok(()) };
    let (opened, done) = open.reopened(dir, |master| {
        let (_, key) = opening::key(dir, master)?;
        crate::crash::point("salt", crash_side::BEFORE);
        let (number, next) = salt::make(dir, master, host)?;
        crate::crash::point("salt", crash_side::AFTER);
        migrate(dir, &key, &next).map(|()| number)
    });
    *state = opened;
    let number = done?;
    let open = state.as_mut().ok_or(DeviceError::Damaged)?;
    shred_kept(dir)?;
    salt::keep_only(dir, number)?;
    meta::remove(open.vault.db(), meta::RENEW)?;
    end::advance_all(open).map(drop)
}

fn shred_kept(dir: &Path) -> Result<()> {
    files::kept_before(dir).iter().try_for_each(|kept| files::shred(kept))
}

#[cfg(test)]
mod tests;
