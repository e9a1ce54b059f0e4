//! Which request goes where, who asks, and what a refusal of a whole request looks like.

pub mod duress;
pub mod enrol;
pub mod health;
pub mod pull;
pub mod push;
pub mod quarantine;

use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use wire::{
    cbor,
    id::DeviceId,
    message::{DURESS_PATH, FOUND_PATH, MAX_BODY, QUARANTINE_PATH, REQUESTS_PATH, Refusal, SYNC_PATH, VECTORS_PATH},
    request::{AuthError, Claim, RequestHeaders},
    signature::VerifyingKey,
};

use crate::{
    Server, Wait,
    admit::Refused,
    answer::Answer,
    log::{DeviceRow, Revocation, StoreError},
    note,
};

/// A request as it came, its body whole.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    /// The absolute URI that the device signed.
    pub target_uri: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// Where it comes from, as far as that is known.
    pub address: Option<IpAddr>,
}

/// What is answered.
#[derive(Debug)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Body,
    /// The code, when the whole request is refused.
    pub code: Option<&'static str>,
    /// There is nothing new, and the device would rather wait for something.
    pub wait: Option<Wait>,
}

/// A body, whole or told piece by piece.
#[derive(Debug)]
pub enum Body {
    Whole(Bytes),
    Answer(Box<Answer>),
}

impl Iterator for Body {
    type Item = Result<Bytes, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Whole(bytes) if bytes.is_empty() => None,
            Self::Whole(bytes) => Some(Ok(std::mem::take(bytes))),
            Self::Answer(answer) => answer.next(),
        }
    }
}

impl Response {
    /// The body, gathered.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails half-way.
    pub fn into_bytes(self) -> Result<Vec<u8>, StoreError> {
        let mut all = Vec::new();
        for piece in self.body {
            all.extend_from_slice(&piece?);
        }
        Ok(all)
    }

    pub(crate) fn whole(status: StatusCode, kind: &'static str, body: Vec<u8>) -> Self {
        Self { status, headers: headers(kind), body: Body::Whole(body.into()), code: None, wait: None }
    }

    pub(crate) fn answer(status: StatusCode, answer: Answer) -> Self {
        Self { status, headers: headers(FRAMES), body: Body::Answer(Box::new(answer)), code: None, wait: None }
    }

    pub(crate) fn nothing() -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Self { status: StatusCode::NO_CONTENT, headers, body: Body::Whole(Bytes::new()), code: None, wait: None }
    }
}

/// When to come back to a server that is busy, in seconds.
const BUSY_S: u32 = 5;
const CBOR: &str = "application/cbor";
const FRAMES: &str = "application/octet-stream";

fn headers(kind: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers
}

/// Why a whole request is refused.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    #[error("nothing is there")]
    NotFound,
    #[error("the request is not of the form this server reads")]
    Malformed,
    #[error("the request is longer than any may be")]
    TooLarge,
    #[error("the server is busy")]
    Busy,
    #[error("requests come too fast; the next may come in {0} s")]
    TooFast(u32),
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// With the entry that revoked it; without one as long as only a notice has cut it off.
    #[error("the device is revoked")]
    Revoked(Option<Revocation>),
    #[error("the device may not ask this")]
    NotAllowed,
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("too many have asked in the last minute")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RequestError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "req.not_found",
            Self::Malformed => "req.malformed",
            Self::TooLarge => "req.too_large",
            Self::Busy | Self::TooFast(_) => "server.busy",
            // Whoever is not known is not told what was wrong.
            Self::Auth(AuthError::BadSignature) => AuthError::UnknownDevice.code(),
            Self::Auth(error) => error.code(),
            Self::Revoked(_) => "auth.revoked",
            Self::NotAllowed => "auth.not_allowed",
            Self::Refused(refused) => refused.code(),
            Self::TooMany => "enrol.too_many",
            Self::Store(_) => "srv.internal",
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::Refused(Refused::NoInvitation) => StatusCode::NOT_FOUND,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Auth(_) => StatusCode::UNAUTHORIZED,
            Self::Revoked(_) | Self::NotAllowed | Self::Refused(Refused::Closed) => StatusCode::FORBIDDEN,
            Self::Refused(_) => StatusCode::CONFLICT,
            Self::TooMany | Self::TooFast(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The answer. Only a device that is known is told the server's time.
    pub(crate) fn into_response(self, now_ms: i64) -> Response {
        if let Self::Store(error) = &self {
            note(error.code());
        }
        let server_ms = if matches!(self, Self::Auth(AuthError::Clock)) { now_ms } else { 0 };
        let wait_s = match self {
            Self::Busy => Some(BUSY_S),
            Self::TooFast(seconds) => Some(seconds),
            _ => None,
        };
        let (status, code) = (self.status(), self.code());
        let revoked = if let Self::Revoked(revoked) = self { revoked } else { None };
        let (order, rotations) = revoked.map(|revoked| (revoked.entry.into(), revoked.rotations)).unzip();
        let rotations = rotations.filter(|list| !list.is_empty()).map(|list| list.into_iter().map(Into::into).collect());
        let refusal = Refusal { code: code.to_owned(), server_ms, wait_s, order, rotations };
        let mut response = Response::whole(status, CBOR, cbor::encode(&refusal));
        if let Some(seconds) = wait_s {
            response.headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        Response { code: Some(code), ..response }
    }
}

pub(crate) fn handle(server: &Server, request: &Request) -> Response {
    route(server, request).unwrap_or_else(|error| {
        server.metrics.refused(error.code());
        error.into_response(server.now_ms())
    })
}

fn route(server: &Server, request: &Request) -> Result<Response, RequestError> {
    if request.body.len() > MAX_BODY {
        return Err(RequestError::TooLarge);
    }
    let uri: Uri = request.target_uri.parse().map_err(|_| RequestError::Malformed)?;
    match (&request.method, uri.path()) {
        (&Method::POST, SYNC_PATH) => push::sync(server, request),
        (&Method::GET, SYNC_PATH) => pull::sync(server, request, uri.query().unwrap_or_default()),
        (&Method::POST, FOUND_PATH) => enrol::found(server, request),
        (&Method::POST, REQUESTS_PATH) => enrol::ask(server, request),
        (&Method::GET, REQUESTS_PATH) => enrol::asked(server, request),
        (&Method::GET, VECTORS_PATH) => pull::vectors(server, request),
        (&Method::POST, QUARANTINE_PATH) => quarantine::hand_in(server, request),
        (&Method::POST, DURESS_PATH) => duress::tell(server, request),
        (&Method::GET, "/healthz") => Ok(health::alive()),
        (&Method::GET, "/readyz") => Ok(health::ready(server)),
        _ => Err(RequestError::NotFound),
    }
}

/// What a request is for, as it is counted.
pub(crate) fn name(method: &Method, path: &str, query: &str) -> &'static str {
    match (method, path) {
        (&Method::POST, SYNC_PATH) => "push",
        (&Method::GET, SYNC_PATH) if query.split('&').any(|part| part.starts_with("w=")) => "wait",
        (&Method::GET, SYNC_PATH) => "pull",
        (&Method::POST, FOUND_PATH) => "found",
        (&Method::POST, REQUESTS_PATH) => "ask",
        (&Method::GET, REQUESTS_PATH) => "asked",
        (&Method::GET, VECTORS_PATH) => "vectors",
        (&Method::POST, QUARANTINE_PATH) => "quarantine",
        (&Method::POST, DURESS_PATH) => "duress",
        (&Method::GET, "/healthz" | "/readyz") => "health",
        _ => "other",
    }
}

/// The device that signed, as far as that can be told before anything is checked.
pub(crate) fn claimed_device(headers: &HeaderMap) -> Option<DeviceId> {
    let input = headers.get("signature-input")?.to_str().ok()?;
    input.split_once(";keyid=\"")?.1.split('"').next()?.parse().ok()
}

/// Reads who a request claims to come from. A POST has a body even when it is empty; a GET has none.
fn claim(request: &Request) -> Result<Claim, RequestError> {
    let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let headers = RequestHeaders {
        signature_input: header("signature-input").ok_or(AuthError::Malformed)?,
        signature: header("signature").ok_or(AuthError::Malformed)?,
        content_digest: header("content-digest"),
    };
    let body = (request.method != Method::GET).then_some(request.body.as_slice());
    if body.is_none() && !request.body.is_empty() {
        return Err(RequestError::Malformed);
    }
    Ok(Claim::read(request.method.as_str(), &request.target_uri, body, &headers)?)
}

/// The device that asks, proven, if it may ask at all.
fn device(server: &Server, request: &Request) -> Result<DeviceRow, RequestError> {
    let claim = claim(request)?;
    let device = server.log.device(&claim.device)?.ok_or(AuthError::UnknownDevice)?;
    verify(server, &claim, &device.request_key)?;
    if device.is_cut_off() {
        // Only the device itself gets here, and only to be told why.
        return Err(RequestError::Revoked(server.log.revocation(&device.device)?));
    }
    Ok(device)
}

fn verify(server: &Server, claim: &Claim, key: &VerifyingKey) -> Result<(), RequestError> {
    Ok(claim.verify(key, server.now_ms().div_euclid(1000))?)
}
