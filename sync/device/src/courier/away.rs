//! The courier of an invented vault: it asks nobody for anything, and tells once what was to be told.

use super::{Courier, SyncReport};
use crate::{
    enrol,
    error::{DeviceError, Result},
    forced::{self, Told},
    vault::meta,
};

impl Courier {
    /// Tells the notice that the real vault left behind, if nobody has it yet, and says that there is no line.
    ///
    /// # Errors
    /// [`DeviceError::Offline`], always; what the disk says.
    pub(super) async fn keep_away(&self) -> Result<SyncReport> {
        let (notice, server) =
            self.device.with(|open, _| Ok((meta::get(open.vault.db(), meta::INVENTED)?.unwrap_or_default(), enrol::server_of(open)?)))?;
        if !notice.is_empty() && forced::tell(self.road.as_ref(), &server, &notice).await != Told::NoLine {
            self.device.with(|open, _| meta::set(open.vault.db(), meta::INVENTED, &[]))?;
        }
        Err(DeviceError::Offline)
    }
}
