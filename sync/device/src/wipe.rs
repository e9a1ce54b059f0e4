//! The end of everything on this device: keys first, so that whatever is left cannot be read.

use std::fs;

use crate::{
    attempts,
    error::{DeviceError, Result},
    session::{Changed, Device, Open},
    vault::files::{self, ENDED},
};

/// Codes of why a device was emptied, that may stand in the file.
const WHYS: [&str; 1] = [DeviceError::WIPED];

impl Device {
    /// Unless `still` says no: closes the vault and destroys it: the keyslots are overwritten before anything else, then all files of the vault go.
    /// What the disk may keep of them cannot be read without the slots. `why` is kept, so that a person can be told.
    ///
    /// # Errors
    /// What the disk says; the keyslots are gone all the same unless it was they that could not be overwritten.
    pub(crate) fn wipe_if(&self, why: &'static str, still: impl FnOnce(&Open) -> Result<bool>) -> Result<bool> {
        let mut state = self.hold();
        if let Some(open) = state.as_ref()
            && !still(open)?
        {
            return Ok(false);
        }
        *state = None;
        let dir = self.dir();
        attempts::wipe(dir, self.host())?;
        files::write_durably(dir, ENDED, why.as_bytes())?;
        drop(state);
        self.tell(Changed { locked: true, ..Changed::default() });
        Ok(true)
    }

    /// Why there is nothing on this device any more, as a stable code, until a new vault is made.
    pub fn ended(&self) -> Option<&'static str> {
        let told = fs::read(self.dir().join(ENDED)).ok()?;
        WHYS.into_iter().find(|why| why.as_bytes() == told)
    }
}
