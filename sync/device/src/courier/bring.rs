//! For a vault that can only be read: what was sealed in it before goes to the server all the same. It is offered byte for
//! byte, which does no harm twice, and of the answer nothing is kept.

use std::{collections::BTreeMap, sync::atomic::Ordering};

use futures_util::StreamExt;
use wire::{
    cbor,
    exchange::{IDLE_MS, SMALL_BATCH},
    id::Digest,
    message::{AnswerReader, Batch, Frame, Piece, SYNC_PATH},
};

use super::{
    Courier, Ending, MAX_REQUESTS, SyncReport, length,
    said::{MOST_SAID, ending_of, whole_body},
    signed_at,
};
use crate::{
    error::{DeviceError, Result},
    host::Host,
    repair::Repair,
    road::{Cut, RoadAnswer, RoadRequest},
    session::Open,
    vault::{meta, outbox},
};

impl Courier {
    /// Offers what waits until the server has spoken of all of it.
    pub(super) async fn bring(&self) -> Result<SyncReport> {
        let mut told = self.told.lock().await;
        let (mut report, mut offset) = (SyncReport::default(), None);
        for _ in 0..MAX_REQUESTS {
            let offered = self.device.with(|open, host| unreadable(offer(open, host, &told, offset)))?;
            let Some(request) = offered else { break };
            report.round_trips = report.round_trips.saturating_add(1);
            report.bytes_up = report.bytes_up.saturating_add(length(request.body.as_deref().unwrap_or_default()));
            let answer = self.go(request).await.map_err(|Cut| DeviceError::Offline)?;
            if answer.status != 200 {
                let (_, body) = whole_body(answer, MOST_SAID).await?;
                match ending_of(&body) {
                    Ending::WrongClock { server_ms } if offset.is_none() => {
                        offset = Some(server_ms.saturating_sub(self.device.host().now_ms()));
                        continue;
                    }
                    _ => break,
                }
            }
            let before = told.len();
            listen(answer, &mut told, &mut report).await?;
            if told.len() == before {
                break;
            }
        }
        let taken = told.values().filter(|is_there| **is_there).count();
        let waiting = self.device.with(|open, _| unreadable(outbox::count(open.vault.db())))?;
        report.pending = waiting.saturating_sub(u64::try_from(taken).unwrap_or(u64::MAX));
        self.wake_at.store(self.device.host().now_ms().saturating_add(IDLE_MS), Ordering::Relaxed);
        if report.sent > 0 { Ok(report) } else { Err(DeviceError::ReadOnly) }
    }
}

/// What of the vault cannot be read is no news: it was opened like that.
fn unreadable<T>(read: Result<T>) -> Result<T> {
    read.map_err(|error| if matches!(error, DeviceError::Locked) { error } else { DeviceError::ReadOnly })
}

/// The next request with what waits and was not spoken of; nothing when there is none, or the server does not know this
/// device yet.
fn offer(open: &Open, host: &dyn Host, told: &BTreeMap<Digest, bool>, offset: Option<i64>) -> Result<Option<RoadRequest>> {
    let db = open.vault.db();
    if open.me().is_err() || meta::get(db, meta::FOUNDING)?.is_some() {
        return Ok(None);
    }
    let held = Repair::read(db)?.held_cases();
    let items = outbox::waiting_but(db, SMALL_BATCH, &held, |id| told.contains_key(id))?;
    if items.is_empty() {
        return Ok(None);
    }
    let cursor = meta::get(db, meta::CURSOR)?.unwrap_or_default();
    let body = cbor::encode(&Batch { cursor, resume: None, items, plain: None });
    let offset = offset.map_or_else(|| Ok(meta::number(db, meta::CLOCK_OFFSET)?.unwrap_or(0)), Ok::<i64, DeviceError>)?;
    signed_at(open, host.now_ms().saturating_add(offset), "POST", SYNC_PATH, Some(body)).map(Some)
}

/// Hears what is said of the batch; what comes after that is left unread.
async fn listen(mut answer: RoadAnswer, told: &mut BTreeMap<Digest, bool>, report: &mut SyncReport) -> Result<()> {
    let mut reader = AnswerReader::default();
    while let Some(chunk) = answer.body.next().await {
        let chunk = chunk.map_err(|Cut| DeviceError::Offline)?;
        report.bytes_down = report.bytes_down.saturating_add(length(&chunk));
        for piece in reader.feed(&chunk).map_err(|_| DeviceError::BadAnswer)? {
            match piece {
                Piece::Frame(Frame::Hello { .. }) => {}
                Piece::Frame(Frame::Ack { id, .. }) => {
                    told.insert(id, true);
                    report.sent = report.sent.saturating_add(1);
                }
                Piece::Frame(Frame::Refused { id, .. }) => {
                    told.insert(id, false);
                    report.refused = report.refused.saturating_add(1);
                }
                _ => return Ok(()),
            }
        }
    }
    Ok(())
}
