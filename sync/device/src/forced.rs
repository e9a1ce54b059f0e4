//! A device was opened under duress: it said so itself, ahead of time, in a notice that the server passes on. Whoever may
//! revoke that device believes the device's signature and nobody else's word, and cuts it off.

use wire::{
    cbor,
    duress::{NoticeError, SignedNotice},
    id::DeviceId,
    log::{LogError, OrgState, RevokeReason},
    message::{DURESS_PATH, ItemKind, Refusal},
};

use crate::{
    courier::{MOST_SAID, whole_body},
    error::{DeviceError, Result},
    revoke,
    road::{Road, RoadRequest, is_allowed_url},
    session::{Device, Me, Open},
    vault::{
        commit, inbox, meta,
        outbox::{self, Intent},
    },
};

/// Said of a notice of a device that the log here does not have.
const UNKNOWN: &str = "duress.unknown_device";

/// What came of telling the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The server has it, now or since before.
    Taken,
    /// The server will not have it, with this code; the same again would be refused again.
    Refused { code: String },
    /// Nobody who could take it has answered, or not now. To be told again later.
    NoLine,
}

/// Brings a notice to the server at this address. It takes no keys and no vault: by then there are none.
pub async fn tell(road: &dyn Road, server: &str, notice: &[u8]) -> Told {
    if !is_allowed_url(server) {
        return Told::Refused { code: "net.insecure".to_owned() };
    }
    let url = format!("{}{DURESS_PATH}", server.trim_end_matches('/'));
    let request = RoadRequest { method: "POST", url, headers: Vec::new(), body: Some(notice.to_vec()) };
    let Ok(answer) = road.go(request).await else { return Told::NoLine };
    let Ok((status, body)) = whole_body(answer, MOST_SAID).await else { return Told::NoLine };
    match (status, cbor::decode::<Refusal>(&body)) {
        (204, _) => Told::Taken,
        // Only the server itself says that it will not have it, not whatever stands in front of it.
        (400 | 401, Ok(Refusal { code, .. })) => Told::Refused { code },
        _ => Told::NoLine,
    }
}

impl Device {
    /// The notice that this device was opened under duress, signed now for a time when its keys are gone: at most
    /// [`wire::duress::MAX_LEN`] bytes, the same each time. Whoever holds it can have this device cut off.
    ///
    /// # Errors
    /// [`DeviceError::NoOrganisation`], or when locked.
    pub fn duress_notice(&self) -> Result<Vec<u8>> {
        self.with(|open, _| {
            let me = open.me()?;
            Ok(open.keys.duress_notice(me.org))
        })
    }
}

/// Takes in the notices that have come, and has revoked what they speak of.
pub(crate) fn digest_notices(open: &mut Open) -> Result<()> {
    let (Ok(org), Ok(me)) = (open.org(), open.me()) else { return Ok(()) };
    for item in inbox::whole(open.vault.db(), &[ItemKind::Duress], None)? {
        match proven(&org, &item.bytes) {
            Ok(device) => {
                let mut known = forced(open)?;
                let transaction = open.vault.write()?;
                if may_revoke(me, &org, open.keys.device(), device)
                    && let Err(place) = known.binary_search(&device)
                {
                    known.insert(place, device);
                    meta::set(&transaction, meta::FORCED, &cbor::encode(&known))?;
                }
                inbox::remove(&transaction, item.id)?;
                commit(transaction, "digest_log")?;
            }
            Err(code) => inbox::set_aside(open.vault.db(), item.id, code)?,
        }
    }
    revoke_forced(open, &org)
}

/// The devices that are known here to have been opened under duress, sorted.
pub(crate) fn forced(open: &Open) -> Result<Vec<DeviceId>> {
    let kept = meta::get(open.vault.db(), meta::FORCED)?;
    kept.map_or_else(|| Ok(Vec::new()), |kept| cbor::decode(&kept).map_err(|_| DeviceError::Damaged))
}

/// The device of this organisation that signed a notice about itself, or why there is none.
fn proven(org: &OrgState, bytes: &[u8]) -> std::result::Result<DeviceId, &'static str> {
    let notice = SignedNotice::decode(bytes).map_err(|error| error.code())?;
    let state = org.device(&notice.claimed().device).ok_or(UNKNOWN)?;
    let said = notice.verify(&state.card.sign).map_err(|error| error.code())?;
    if said.org == org.org() { Ok(said.device) } else { Err(NoticeError::BadSignature.code()) }
}

/// The device in hand does not revoke itself on the server's word.
fn may_revoke(me: Me, org: &OrgState, this: DeviceId, device: DeviceId) -> bool {
    device != this && org.device(&device).is_some_and(|state| revoke::may(&me, state))
}

/// Decides once, for each of these devices that still belongs, what a person would decide. Where it cannot be decided yet,
/// because nobody who admits would be left, it is looked at again whenever something has come.
fn revoke_forced(open: &mut Open, org: &OrgState) -> Result<()> {
    let mut active = forced(open)?;
    active.retain(|device| org.device(device).is_some_and(|state| state.revoked.is_none()));
    if active.is_empty() {
        return Ok(());
    }
    let intended = outbox::intents(open.vault.db())?;
    let is_decided =
        |device: &DeviceId| intended.iter().any(|one| matches!(&one.what, Intent::Revoke { device: meant, .. } if meant == device));
    for device in active.iter().filter(|device| !is_decided(device)) {
        match revoke::decide(open, *device, RevokeReason::Compromised) {
            Ok(()) | Err(DeviceError::Log(LogError::LastCoordinator | LogError::Already)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
