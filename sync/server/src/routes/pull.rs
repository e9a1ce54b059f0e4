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
use crate::{
    MAX_WAIT_S, Server,
    answer::{Answer, Want},
    log::View,
};

pub(super) fn sync(server: &Server, request: &Request, query: &str) -> Result<Response, RequestError> {
    let device = device(server, request)?;
    let Asked { cursor, resume, wait_s, plain } = asked(query).ok_or(RequestError::Malformed)?;
    // What is appended while the store is looked at must be heard too.
    let wait = if wait_s > 0 { server.bells.listen(device.org, wait_s) } else { None };
    let want = Want { cursor: &cursor, resume, plain };
    let answer = Answer::begin(Arc::clone(&server.log), &device, &want, &[], server.now_ms())?;
    if answer.is_empty() {
        return Ok(Response { wait, ..Response::nothing() });
    }
    Ok(Response::answer(StatusCode::OK, answer))
}

/// Tells how far everything reaches that concerns the device.
pub(super) fn vectors(server: &Server, request: &Request) -> Result<Response, RequestError> {
    let device = device(server, request)?;
    let (to, made_ms) = (server.log.end(device.org)?, server.now_ms());
    let view = View { org: device.org, device: device.device, member: device.member, from: 0, to, made_ms, again: false };
    let logs = server.log.log_ends(&view)?;
    let vectors = Vectors { incarnation: server.log.incarnation(), logs, chains: server.log.chain_ends(&view)? };
    Ok(Response::whole(StatusCode::OK, CBOR, cbor::encode(&vectors)))
}

#[derive(Default)]
struct Asked {
    cursor: Vec<u8>,
    resume: Option<Resume>,
    /// How long the device would wait for news, in seconds.
    wait_s: u64,
    /// No snapshot may stand for segments.
    plain: bool,
}

/// Reads `c=<base64url cursor>[&o=<base32 id>.<offset>][&w=<seconds>][&p=1]`.
fn asked(query: &str) -> Option<Asked> {
    let mut asked = Asked::default();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        match part.split_once('=')? {
            ("c", value) => asked.cursor = BASE64URL_NOPAD.decode(value.as_bytes()).ok()?,
            ("o", value) => {
                let (id, offset) = value.split_once('.')?;
                asked.resume = Some(Resume { id: id.parse::<Digest>().ok()?, offset: offset.parse().ok()? });
            }
            ("w", value) => asked.wait_s = value.parse().ok().filter(|seconds| *seconds <= MAX_WAIT_S)?,
            ("p", "1") => asked.plain = true,
            _ => return None,
        }
    }
    Some(asked)
}

#[cfg(test)]
mod tests;
