//! The strongroom: addresses open only after the secret was given again, and its door shuts by itself.

use std::fs;

use seal::{
    Strongroom,
    keyslot::{self, MasterKey},
};

use crate::{
    attempts,
    digest::digest_logs,
    error::{DeviceError, Result},
    host::{Dice, Host},
    session::{Changed, Device, Open},
    vault::{commit, files::KEYSLOTS, inbox, meta},
};

/// How long the door stays open after it was last needed, in milliseconds.
pub const OPEN_MS: i64 = 60 * 1000;

/// A strongroom whose door is open.
pub(crate) struct OpenRoom {
    room: Strongroom,
    /// Unix milliseconds.
    since_ms: i64,
    until_ms: i64,
}

/// Whether there is one, so that something can be put in.
pub(crate) fn is_made(open: &Open) -> Result<bool> {
    Ok(meta::get(open.vault.db(), meta::STRONGROOM)?.is_some())
}

/// The public key of the room, with which anything is put in.
pub(crate) fn public(open: &Open) -> Result<Option<Vec<u8>>> {
    meta::get(open.vault.db(), meta::STRONGROOM)
}

impl Open {
    /// The strongroom, while its door is open.
    pub fn strongroom(&self) -> Option<&Strongroom> {
        self.room.as_ref().map(|open| &open.room)
    }

    /// Shuts the door when its time is over; a clock that was set back shuts it too.
    pub fn shut_in_time(&mut self, now_ms: i64) {
        if self.room.as_ref().is_some_and(|open| !(open.since_ms..open.until_ms).contains(&now_ms)) {
            self.room = None;
        }
    }

    /// It is needed now: from here on it stays open for [`OPEN_MS`].
    ///
    /// # Errors
    /// [`DeviceError::AddressLocked`] when the door is shut.
    pub fn use_strongroom(&mut self, now_ms: i64) -> Result<()> {
        let open = self.room.as_mut().ok_or(DeviceError::AddressLocked)?;
        open.until_ms = now_ms.saturating_add(OPEN_MS);
        Ok(())
    }
}

impl Device {
    /// Opens the strongroom for a minute. The try counts like one to unlock; the tenth wrong one in a row destroys the keys of
    /// everything.
    ///
    /// # Errors
    /// [`DeviceError::Locked`]; [`DeviceError::WrongSecret`] and [`DeviceError::Wait`] as for unlocking; what the disk says.
    pub fn open_strongroom(&self, secret: &[u8]) -> Result<()> {
        let opened = self.open_room(secret);
        if opened.is_err() && !self.has_vault() {
            self.tell(Changed { locked: true, ..Changed::default() });
        }
        opened?;
        self.tell(Changed { sync: true, ..Changed::default() });
        Ok(())
    }

    fn open_room(&self, secret: &[u8]) -> Result<()> {
        let mut state = self.hold();
        let slots = match state.as_ref() {
            None => return Err(DeviceError::Locked),
            Some(open) => meta::get(open.vault.db(), meta::STRONGROOM_SLOTS)?,
        };
        let file = fs::read(self.dir().join(KEYSLOTS))?;
        let master = self.try_secret(&file, slots.as_deref(), secret, &mut state)?;
        let (open, host) = (state.as_mut().ok_or(DeviceError::Locked)?, self.host());
        let room = match slots {
            Some(_) => Strongroom::of(&master)?,
            None => make(open, host, secret)?,
        };
        let since_ms = host.now_ms();
        open.room = Some(OpenRoom { room, since_ms, until_ms: since_ms.saturating_add(OPEN_MS) });
        Ok(())
    }

    /// Shuts the strongroom.
    pub fn close_strongroom(&self) {
        if let Some(open) = self.hold().as_mut() {
            open.room = None;
        }
    }

    /// Whether the strongroom is open.
    pub fn is_strongroom_open(&self) -> bool {
        self.with(|open, _| Ok(open.strongroom().is_some())).unwrap_or(false)
    }
}

/// Makes the room of this device, with keyslots of its own for the same secret, and puts in what waits for it.
fn make(open: &mut Open, host: &dyn Host, secret: &[u8]) -> Result<Strongroom> {
    let mut dice = Dice(host);
    let prepared = keyslot::prepare(host.cost(), &mut dice)?;
    let share = attempts::ask(host, &prepared.challenge())?;
    let master = MasterKey::make(&mut dice);
    let slots = keyslot::create(prepared, secret, &share, &master, &mut dice)?;
    let room = Strongroom::of(&master)?;
    let transaction = open.vault.write()?;
    meta::set(&transaction, meta::STRONGROOM_SLOTS, &slots)?;
    meta::set(&transaction, meta::STRONGROOM, room.public())?;
    commit(transaction, "found")?;
    digest_logs(open, host)?;
    Ok(room)
}

/// At the unlock, while the secret is at hand: a coordinator, and whoever was sent a key that belongs into one, gets a strongroom.
pub(crate) fn make_when_needed(open: &mut Open, host: &dyn Host, secret: &[u8]) -> Result<()> {
    if open.may_sync().is_err() || is_made(open)? {
        return Ok(());
    }
    let coordinates = open.me().is_ok_and(|me| me.role.admits());
    if coordinates || inbox::has_wraps(open.vault.db())? {
        make(open, host, secret)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
