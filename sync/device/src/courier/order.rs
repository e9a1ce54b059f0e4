//! The server says that this device was cut off, and shows who said so.

use wire::{log::RevokeReason, message::QUARANTINE_PATH};

use super::{
    Courier, SyncReport, length,
    said::{MOST_SAID, whole_body},
    signed,
};
use crate::{
    error::{DeviceError, Result},
    hand_in,
};

impl Courier {
    /// Hands in what was not sent, unless somebody else may have used this device, and then empties it. An order that nobody
    /// signed who may give it changes nothing here, and no more does a line that is cut before everything was handed in.
    /// Gives what to say.
    ///
    /// # Errors
    /// What the disk says.
    pub(super) async fn obey(&self, order: Option<&[u8]>, report: &mut SyncReport) -> Result<DeviceError> {
        let refused = || DeviceError::Refused { code: "auth.revoked".to_owned() };
        let Some(entry) = order else { return Ok(refused()) };
        let Some(reason) = self.device.with(|open, _| Ok(hand_in::order(open, entry)))? else { return Ok(refused()) };
        if reason != RevokeReason::Compromised {
            let items = self.device.with(|open, host| {
                let cases = hand_in::cases(open)?;
                hand_in::items(open, host, &cases)
            })?;
            for item in items.items {
                if self.hand_in(QUARANTINE_PATH, item, report).await?.is_none() {
                    return Ok(DeviceError::Offline);
                }
            }
        }
        self.device.wipe(DeviceError::WIPED)?;
        Ok(DeviceError::Wiped)
    }

    /// Sends one item that the server may or may not take. Gives what it said; nothing where it is to be asked again.
    pub(crate) async fn hand_in(&self, path: &'static str, item: Vec<u8>, report: &mut SyncReport) -> Result<Option<u16>> {
        report.round_trips = report.round_trips.saturating_add(1);
        report.bytes_up = report.bytes_up.saturating_add(length(&item));
        let request = self.device.with(|open, host| signed(open, host.now_ms(), "POST", path, Some(item)))?;
        let Ok(answer) = self.road.go(request).await else { return Ok(None) };
        let Ok((status, _)) = whole_body(answer, MOST_SAID).await else { return Ok(None) };
        // A server that has too much to do, or that failed, is asked again with the next sync.
        if matches!(status, 429 | 500 | 503) {
            return Ok(None);
        }
        report.sent = report.sent.saturating_add(u64::from(status < 300));
        Ok(Some(status))
    }
}
