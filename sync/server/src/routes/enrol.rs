//! How an organisation begins here, and how a new device asks to be admitted.

use std::{collections::HashMap, net::IpAddr, sync::PoisonError};

use http::StatusCode;
use wire::{
    cbor,
    id::{DeviceId, OrgId},
    log::{Act, DeviceCard, Entry, LogError, OrgAct, OrgState, Role, invitation_hash, is_receive_key},
    message::{Admission, Founding, Frame, Wrap},
    request::AuthError,
};

use super::{CBOR, FRAMES, Request, RequestError, Response, claim, device, push, verify};
use crate::{
    Orgs, Server,
    admit::{self, Refused},
    limits::network,
    log::{Append, CaseRow, Kept, Purpose, StoreError, Verdict},
};

/// How many foundings and new requests for admission are looked at in one minute, of one address.
pub const ASKS_PER_MINUTE: u32 = 120;
/// And of all together.
pub const ASKS_OF_ALL: u32 = 1200;
/// Most entries a founding may have.
const MAX_FOUNDING: usize = 16;

/// How many have asked lately.
#[derive(Debug, Default)]
pub(crate) struct Asks {
    minute: i64,
    count: u32,
    /// At most as many as asked in this minute.
    of: HashMap<IpAddr, u32>,
}

impl Server {
    /// Counts one who is not known yet.
    pub(super) fn count_ask(&self, address: Option<IpAddr>) -> Result<(), RequestError> {
        let minute = self.now_ms().div_euclid(60_000);
        let mut asks = self.asks.lock().unwrap_or_else(PoisonError::into_inner);
        if asks.minute != minute {
            *asks = Asks { minute, ..Asks::default() };
        }
        if let Some(address) = address {
            let here = asks.of.entry(network(address)).or_insert(0);
            if *here >= ASKS_PER_MINUTE {
                return Err(RequestError::TooMany);
            }
            *here = here.saturating_add(1);
        }
        if asks.count >= ASKS_OF_ALL {
            return Err(RequestError::TooMany);
        }
        asks.count = asks.count.saturating_add(1);
        Ok(())
    }
}

pub(super) fn found(server: &Server, request: &Request) -> Result<Response, RequestError> {
    server.count_ask(request.address)?;
    let claim = claim(request)?;
    let founding: Founding = cbor::decode(&request.body).map_err(|_| RequestError::Malformed)?;
    if founding.entries.len() > MAX_FOUNDING {
        return Err(RequestError::TooLarge);
    }
    let entries = founding.entries.iter().map(|bytes| Entry::decode(bytes)).collect::<Result<Vec<_>, LogError>>();
    let entries = entries.map_err(Refused::from)?;
    let Some(Act::Org(OrgAct::Found { card, .. })) = entries.first().map(|entry| &entry.statement().act) else {
        return Err(Refused::from(LogError::WrongLog).into());
    };
    signed_by(server, &claim, card)?;
    let now_ms = server.now_ms();
    let verdict = server.log.append(Purpose::Found, &mut |tx| append_founding(tx, server.orgs, &entries, &founding.wraps, now_ms))?;
    let kept = match verdict {
        Verdict::Commit(kept) | Verdict::Known(kept) => kept,
        Verdict::Refuse(refused) => return Err(refused.into()),
    };
    let mut body = Frame::Hello { incarnation: server.log.incarnation(), server_ms: now_ms }.encode();
    for Kept { id, position } in kept {
        body.extend_from_slice(&Frame::Ack { id, position }.encode());
    }
    body.extend_from_slice(&Frame::End.encode());
    Ok(Response::whole(StatusCode::CREATED, FRAMES, body))
}

/// The request must be signed with the request key of the card it carries.
fn signed_by(server: &Server, claim: &wire::request::Claim, card: &DeviceCard) -> Result<(), RequestError> {
    if claim.device != card.device {
        return Err(AuthError::UnknownDevice.into());
    }
    verify(server, claim, &card.request)
}

fn append_founding(
    tx: &mut dyn Append,
    orgs: Orgs,
    entries: &[Entry],
    wraps: &[Wrap],
    now_ms: i64,
) -> Result<Verdict<Refused>, StoreError> {
    let id = entries.first().map(|entry| OrgId::from_bytes(*entry.hash().as_bytes()));
    if let Some(id) = id
        && let Some(known) = tx.find_org(&id)?
    {
        let kept: Vec<Option<Kept>> = entries.iter().map(|entry| tx.find_entry(known, &entry.hash())).collect::<Result<_, _>>()?;
        let all: Option<Vec<Kept>> = kept.into_iter().collect();
        return Ok(all.map_or(Verdict::Refuse(LogError::Conflict.into()), Verdict::Known));
    }
    if orgs == Orgs::First && tx.org_count()? > 0 {
        return Ok(Verdict::Refuse(Refused::Closed));
    }
    match admit::founding(entries, wraps) {
        Err(refused) => Ok(Verdict::Refuse(refused)),
        Ok(state) => keep_founding(tx, &state, entries, wraps, now_ms),
    }
}

fn keep_founding(
    tx: &mut dyn Append,
    state: &OrgState,
    entries: &[Entry],
    wraps: &[Wrap],
    now_ms: i64,
) -> Result<Verdict<Refused>, StoreError> {
    let org = tx.new_org(state, now_ms)?;
    if !push::keep_rows(tx, org, None, state, 1)? {
        return Ok(Verdict::Refuse(LogError::Already.into()));
    }
    let mut kept = Vec::with_capacity(entries.len());
    for entry in entries {
        let position = tx.next_position(org)?;
        // A later epoch of the directory names its own number, so a wrap lies beside exactly one entry.
        let named = entry.wraps(|_| 0);
        let beside = wraps.iter().filter(|wrap| named.iter().any(|(_, epoch, named)| *epoch == wrap.epoch && named.device == wrap.device));
        kept.push(push::keep_bytes(tx, org, CaseRow::NONE, entry, beside, position, now_ms)?);
    }
    Ok(Verdict::Commit(kept))
}

pub(super) fn ask(server: &Server, request: &Request) -> Result<Response, RequestError> {
    let claim = claim(request)?;
    let admission: Admission = cbor::decode(&request.body).map_err(|_| RequestError::Malformed)?;
    let card = &admission.card;
    if !is_receive_key(&card.receive) || card.sign == card.request {
        return Err(RequestError::Malformed);
    }
    signed_by(server, &claim, card)?;
    let (hash, card, now_ms) = (invitation_hash(&admission.token), cbor::encode(card), server.now_ms());
    // A device that waits asks again and again: it takes nobody's place, and nothing is written for it.
    if server.log.invitation(&hash)?.is_some_and(|known| known.card == card) {
        return Ok(Response::nothing());
    }
    let device: DeviceId = admission.card.device;
    let taken = server.log.device(&device)?;
    if taken.as_ref().is_none_or(|known| known.request_key != admission.card.request) {
        server.count_ask(request.address)?;
    }
    let taken = taken.is_some();
    let verdict = server.log.append(Purpose::Ask, &mut |tx| {
        let invitation = tx.invitation(&hash)?;
        if invitation.as_ref().is_some_and(|known| known.card == card) {
            return Ok(Verdict::Known(Vec::new()));
        }
        let Some(invitation) = invitation.filter(|found| !found.used && found.expires_ms >= now_ms) else {
            return Ok(Verdict::Refuse(Refused::NoInvitation));
        };
        if taken || !invitation.card.is_empty() {
            return Ok(Verdict::Refuse(Refused::AlreadyAsked));
        }
        tx.put_card(&hash, &card)?;
        Ok(Verdict::Commit(Vec::new()))
    })?;
    match verdict {
        Verdict::Refuse(refused) => Err(refused.into()),
        Verdict::Commit(_) | Verdict::Known(_) => Ok(Response::nothing()),
    }
}

pub(super) fn asked(server: &Server, request: &Request) -> Result<Response, RequestError> {
    let device = device(server, request)?;
    let org = server.log.org(device.org)?;
    if !org.role_of(&device.member).is_some_and(Role::countersigns) {
        return Err(RequestError::NotAllowed);
    }
    let asked = server.log.asked(device.org, server.now_ms())?;
    Ok(Response::whole(StatusCode::OK, CBOR, cbor::encode(&asked)))
}
