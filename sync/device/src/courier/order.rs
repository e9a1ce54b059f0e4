//! The server says that this device was cut off, and shows who said so.

use wire::{log::RevokeReason, message::QUARANTINE_PATH};

use super::{
    Courier, SyncReport, length,
    said::{MOST_SAID, whole_body},
    signed,
};
use crate::{
    error::{DeviceError, Result},
    hand_in::{self, Of},
    session::Open,
};

/// How often what was written meanwhile is handed in too before the next sync is waited for.
const ROUNDS: u32 = 3;

impl Courier {
    /// Hands in what was not sent, unless somebody else may have used this device, and then empties it. An order that nobody
    /// signed who may give it changes nothing here, and no more does a line that is cut before everything was handed in.
    /// Gives what to say.
    ///
    /// # Errors
    /// What the disk says.
    pub(super) async fn obey(&self, order: Option<&[u8]>, rotations: &[Vec<u8>], report: &mut SyncReport) -> Result<DeviceError> {
        let refused = || DeviceError::Refused { code: "auth.revoked".to_owned() };
        let Some(entry) = order else { return Ok(refused()) };
        let Some(reason) = self.device.with(|open, _| Ok(hand_in::order(open, entry)))? else { return Ok(refused()) };
        // Whoever writes while it is under way is heard too, for a while.
        for _ in 0..ROUNDS {
            let handed = match reason {
                RevokeReason::Compromised => None,
                RevokeReason::Lost | RevokeReason::Left => Some(self.device.with(|open, host| {
                    let cases = hand_in::cases(open)?;
                    hand_in::items(open, host, &cases, rotations)
                })?),
            };
            for item in handed.iter().flat_map(|handed| &handed.items) {
                if self.hand_in(item.to_vec(), report).await?.is_none() {
                    return Ok(DeviceError::Offline);
                }
            }
            let is_all = |open: &Open| handed.as_ref().map_or(Ok(true), |handed| handed.is_still_all(open, Of::Everything));
            if self.device.wipe_if(DeviceError::WIPED, is_all)? {
                return Ok(DeviceError::Wiped);
            }
        }
        Ok(DeviceError::Offline)
    }

    /// Sends one item. Gives whether the server took it; nothing where it is to be asked again: only the server itself says that
    /// it takes no more, not whatever stands in front of it.
    pub(crate) async fn hand_in(&self, item: Vec<u8>, report: &mut SyncReport) -> Result<Option<bool>> {
        report.round_trips = report.round_trips.saturating_add(1);
        report.bytes_up = report.bytes_up.saturating_add(length(&item));
        let request = self.device.with(|open, host| signed(open, host.now_ms(), "POST", QUARANTINE_PATH, Some(item)))?;
        let Ok(answer) = self.go(request).await else { return Ok(None) };
        let Ok((status, body)) = whole_body(answer, MOST_SAID).await else { return Ok(None) };
        if status == 204 {
            report.sent = report.sent.saturating_add(1);
            return Ok(Some(true));
        }
        let refusal = wire::cbor::decode::<wire::message::Refusal>(&body).ok();
        Ok(refusal.filter(|refusal| refusal.code.starts_with("quarantine.")).map(|_| false))
    }
}
