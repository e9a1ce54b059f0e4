//! A device was opened under duress: a notice says so that the device signed while it had its keys. Whoever brings it signs
//! nothing: the keys are gone by then, and the notice stands for itself.

use wire::{duress::SignedNotice, id::DeviceId, log::OrgState, request::AuthError, signature::sha256};

use super::{Request, RequestError, Response};
use crate::{
    Server,
    admit::Refused,
    log::{Append, DeviceRow, Kept, NewNotice, Purpose, StoreError, Verdict},
};

/// Keeps a notice and cuts its device off. Whoever brings none that holds is told nothing, and counted.
pub(super) fn tell(server: &Server, request: &Request) -> Result<Response, RequestError> {
    let notice = SignedNotice::decode(&request.body).map_err(|_| RequestError::Malformed)?;
    let Some(device) = known(server, &notice)? else {
        server.count_ask(request.address)?;
        return Err(AuthError::UnknownDevice.into());
    };
    let now_ms = server.now_ms();
    let verdict = server.log.append(Purpose::Push, &mut |tx| keep(tx, &device, &request.body, now_ms))?;
    match verdict {
        Verdict::Refuse(refused) => Err(refused.into()),
        Verdict::Known(_) => Ok(Response::nothing()),
        Verdict::Commit(_) => {
            server.metrics.took("duress", request.body.len());
            server.bells.ring(device.org);
            Ok(Response::nothing())
        }
    }
}

fn known(server: &Server, notice: &SignedNotice) -> Result<Option<DeviceRow>, StoreError> {
    let Some(device) = server.log.device(&notice.claimed().device)? else { return Ok(None) };
    let org = server.log.org(device.org)?;
    Ok(proven(notice, &org).map(|_| device))
}

/// The device of which a notice speaks, when it is one of this organisation and signed the notice.
pub(crate) fn proven(notice: &SignedNotice, org: &OrgState) -> Option<DeviceId> {
    let state = org.device(&notice.claimed().device)?;
    let said = notice.verify(&state.card.sign).ok()?;
    (said.org == org.org()).then_some(said.device)
}

fn keep(tx: &mut dyn Append, device: &DeviceRow, bytes: &[u8], now_ms: i64) -> Result<Verdict<Refused>, StoreError> {
    if let Some(kept) = tx.find_notice(&device.device)? {
        return Ok(Verdict::Known(vec![kept]));
    }
    let (position, id) = (tx.next_position(device.org)?, sha256(&[bytes]));
    tx.put_notice(&NewNotice { org: device.org, device: device.device, position, id, now_ms, bytes })?;
    Ok(Verdict::Commit(vec![Kept { id, position }]))
}
