//! A device hands in what it can send no more: one that was revoked, which can do nothing else, or one of a person who was
//! removed from a case.

use wire::{
    id::DeviceId,
    log::RevokeReason,
    quarantine::{Item, MAX_BYTES, MAX_ITEMS, OPEN_MS},
};

use super::{Request, RequestError, Response, claim, verify};
use crate::{
    Server,
    admit::Refused,
    log::{Append, DeviceRow, Kept, NewQuarantined, Purpose, StoreError, Verdict},
};

/// Keeps one item for those of the recipients it names who may read it. In which case it was written, only they can tell.
pub(super) fn hand_in(server: &Server, request: &Request) -> Result<Response, RequestError> {
    let claim = claim(request)?;
    let device = server.log.device(&claim.device)?.ok_or(wire::request::AuthError::UnknownDevice)?;
    verify(server, &claim, &device.request_key)?;
    let item = Item::decode(&request.body).map_err(|_| RequestError::Malformed)?;
    let org = server.log.org(device.org)?;
    if item.header.device != device.device || item.header.org != org.org() {
        return Err(RequestError::Malformed);
    }
    let now_ms = server.now_ms();
    if let Some(order) = server.log.revocation(&device.device)? {
        let reason = org.device(&device.device).and_then(|state| state.reason);
        if reason == Some(RevokeReason::Compromised) || device.forced || now_ms > order.stored_ms.saturating_add(OPEN_MS) {
            return Err(Refused::QuarantineClosed.into());
        }
    } else if device.forced {
        return Err(RequestError::Revoked(None));
    }
    let can_read = |recipient: &DeviceId| {
        let state = org.active(recipient, u64::MAX);
        state.is_some_and(|state| org.role_of(&state.member).is_some_and(wire::log::Role::admits))
    };
    let recipients: Vec<DeviceId> = item.header.recipients.iter().copied().filter(can_read).collect();
    if recipients.is_empty() {
        return Err(Refused::QuarantineUnread.into());
    }
    let verdict = server.log.append(Purpose::Push, &mut |tx| keep(tx, &device, &item, (&request.body, &recipients), now_ms))?;
    match verdict {
        Verdict::Refuse(refused) => Err(refused.into()),
        Verdict::Known(_) => Ok(Response::nothing()),
        Verdict::Commit(_) => {
            server.metrics.took("quarantine", request.body.len());
            server.bells.ring(device.org);
            Ok(Response::nothing())
        }
    }
}

fn keep(
    tx: &mut dyn Append,
    device: &DeviceRow,
    item: &Item,
    (bytes, recipients): (&[u8], &[DeviceId]),
    now_ms: i64,
) -> Result<Verdict<Refused>, StoreError> {
    let id = item.id();
    if let Some(kept) = tx.find_quarantined(device.org, &id)? {
        return Ok(Verdict::Known(vec![kept]));
    }
    // Of a device that is still in use this is a rate; a revoked one has no more time than that.
    let (items, held) = tx.quarantined_of(&device.device, now_ms.saturating_sub(OPEN_MS))?;
    if items >= MAX_ITEMS || held.saturating_add(bytes.len()) > MAX_BYTES {
        return Ok(Verdict::Refuse(Refused::QuarantineFull));
    }
    let position = tx.next_position(device.org)?;
    tx.put_quarantined(&NewQuarantined { org: device.org, device: device.device, position, id, now_ms, bytes, recipients })?;
    Ok(Verdict::Commit(vec![Kept { id, position }]))
}
