//! A device with nothing to send asks what is new.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use http::StatusCode;
use wire::{
    cbor,
    id::Digest,
    message::{Resume, Vectors},
};

use super::{CBOR, Request, RequestError, Response, device};
use crate::{Server, answer::Answer, log::View};

pub(super) fn sync(server: &Server, request: &Request, query: &str) -> Result<Response, RequestError> {
    let device = device(server, request)?;
    let (cursor, resume) = asked(query).ok_or(RequestError::Malformed)?;
    let answer = Answer::begin(Arc::clone(&server.log), &device, &cursor, resume, &[], server.now_ms())?;
    Ok(if answer.is_empty() { Response::nothing() } else { Response::answer(StatusCode::OK, answer) })
}

/// Tells how far everything reaches that concerns the device.
pub(super) fn vectors(server: &Server, request: &Request) -> Result<Response, RequestError> {
    let device = device(server, request)?;
    let (to, made_ms) = (server.log.end(device.org)?, server.now_ms());
    let view = View { org: device.org, device: device.device, member: device.member, from: 0, to, made_ms };
    let logs = server.log.log_ends(&view)?;
    let vectors = Vectors { incarnation: server.log.incarnation(), logs, chains: server.log.chain_ends(&view)? };
    Ok(Response::whole(StatusCode::OK, CBOR, cbor::encode(&vectors)))
}

/// Reads `c=<base64url cursor>[&o=<base32 id>.<offset>]`.
fn asked(query: &str) -> Option<(Vec<u8>, Option<Resume>)> {
    let (mut cursor, mut resume) = (Vec::new(), None);
    for part in query.split('&').filter(|part| !part.is_empty()) {
        match part.split_once('=')? {
            ("c", value) => cursor = BASE64URL_NOPAD.decode(value.as_bytes()).ok()?,
            ("o", value) => {
                let (id, offset) = value.split_once('.')?;
                resume = Some(Resume { id: id.parse::<Digest>().ok()?, offset: offset.parse().ok()? });
            }
            _ => return None,
        }
    }
    Some((cursor, resume))
}
