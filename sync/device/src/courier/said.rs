//! Answers that are read whole: refusals, and what is asked beside the feed.

use futures_util::StreamExt;
use wire::{cbor, message::Refusal};

use super::{BUSY, Ending};
use crate::{
    error::{DeviceError, Result},
    road::{Cut, RoadAnswer},
};

/// Most bytes of an answer that is read whole: a refusal, or who asked for admission.
pub(crate) const MOST_SAID: usize = 1024 * 1024;
/// Most bytes of what the server says about how far it reaches: some hundred for each case.
pub(super) const MOST_VECTORS: usize = 64 * 1024 * 1024;

/// The status and the whole body of an answer of at most so many bytes.
pub(crate) async fn whole_body(mut answer: RoadAnswer, most: usize) -> Result<(u16, Vec<u8>)> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.body.next().await {
        body.extend_from_slice(&chunk.map_err(|Cut| DeviceError::Offline)?);
        if body.len() > most {
            return Err(DeviceError::BadAnswer);
        }
    }
    Ok((answer.status, body))
}

/// What a refusal of the whole request means.
pub(super) fn refusal(body: &[u8]) -> DeviceError {
    match cbor::decode::<Refusal>(body) {
        Ok(refusal) => DeviceError::Refused { code: refusal.code },
        Err(_) => DeviceError::BadAnswer,
    }
}

/// How a request ended that was refused as a whole.
pub(super) fn ending_of(body: &[u8]) -> Ending {
    match cbor::decode::<Refusal>(body) {
        Ok(Refusal { code, server_ms, .. }) if code == "auth.clock" => Ending::WrongClock { server_ms },
        Ok(Refusal { code, wait_s: Some(wait_s), .. }) if code == BUSY => Ending::Busy { wait_s },
        Ok(Refusal { code, order, rotations, .. }) if code == "auth.revoked" => {
            let rotations = rotations.unwrap_or_default().into_iter().map(Into::into).collect();
            Ending::Revoked { order: order.map(Into::into), rotations }
        }
        Ok(Refusal { code, .. }) => Ending::Refused { code },
        Err(_) => Ending::Cut { progress: false },
    }
}
