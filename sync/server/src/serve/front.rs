//! One request after another: who may come in, whose turn it is, what is told, and who waits for news.

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{BoxError, Router, extract::State, response::IntoResponse, routing::get};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, StatusCode, header};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, mpsc, watch},
    time::{sleep, timeout},
};
use wire::message::MAX_BODY;

use super::{
    Limits, Serving, WRITE_TIMEOUT,
    share::{Share, Shares, permit},
};
use crate::{
    Body, Request, Response, Server,
    limits::Gate,
    note,
    routes::{self, RequestError},
};

/// Requests answered at once.
const MAX_REQUESTS: usize = 64;
/// Answers under delivery at once; a slow line holds one for minutes, and no turn.
const MAX_DELIVERIES: usize = 512;
/// Of these, to one address.
const DELIVERIES_EACH: usize = 32;
/// A longer answer is delivered in pieces of about so many bytes.
const PIECE: usize = 64 * 1024;
/// Request bodies held at once, in KiB.
const BODY_BUDGET_KIB: usize = 64 * 1024;
/// Of these, from one address: one of the largest.
const BODIES_EACH_KIB: usize = 16 * 1024;
/// How much room is taken at once while a body comes in, in KiB.
const BODY_STEP_KIB: usize = 64;
/// Bytes of a body for which a client may take a second.
const SLOWEST: u64 = 4 * 1024;

/// What every request shares.
#[derive(Debug)]
pub(super) struct Front {
    pub(super) server: Arc<Server>,
    pub(super) limits: Limits,
    pub(super) behind_proxy: bool,
    scheme: &'static str,
    gate: Gate,
    turns: Arc<Semaphore>,
    deliveries: Shares,
    bodies: Shares,
    /// Closed when the server stops.
    stopped: watch::Receiver<()>,
}

impl Front {
    pub(super) fn new(server: Arc<Server>, serving: &Serving, over_tls: bool, stopped: watch::Receiver<()>) -> Self {
        Self {
            server,
            limits: serving.limits,
            behind_proxy: serving.behind_proxy,
            scheme: if over_tls || serving.behind_proxy { "https" } else { "http" },
            gate: Gate::new(serving.limits.device, serving.limits.address),
            turns: Arc::new(Semaphore::new(MAX_REQUESTS)),
            deliveries: Shares::new(MAX_DELIVERIES, DELIVERIES_EACH),
            bodies: Shares::new(BODY_BUDGET_KIB, BODIES_EACH_KIB),
            stopped,
        }
    }

    /// Whom a request is counted against. Behind a proxy that is whom the proxy names; nobody, if it names nobody.
    fn address(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        if !self.behind_proxy {
            return Some(peer);
        }
        let named = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        named.rsplit(',').next()?.trim().parse().ok()
    }
}

/// Tells what was counted, until the process ends.
pub(super) async fn tell_metrics(listener: TcpListener, front: Arc<Front>) {
    let tell = |State(front): State<Arc<Front>>| async move {
        let server = Arc::clone(&front.server);
        let text = tokio::task::spawn_blocking(move || server.metrics_text()).await;
        match text {
            Ok(Ok(text)) => ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response(),
            _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    };
    let router: Router = Router::new().route("/metrics", get(tell)).with_state(front);
    // It waits out what the system refuses, and never ends by itself.
    let _ = axum::serve(listener, router).await;
}

pub(super) async fn answer(State((front, peer)): State<(Arc<Front>, IpAddr)>, request: axum::extract::Request) -> axum::response::Response {
    let begun = Instant::now();
    let route = routes::name(request.method(), request.uri().path(), request.uri().query().unwrap_or_default());
    let address = front.address(peer, request.headers());
    let answered = match admitted(&front, address, &request) {
        Ok(()) => answered(&front, address, request).await,
        Err(error) => Err(error),
    };
    let (response, delivery) = answered.unwrap_or_else(|error| {
        front.server.metrics.refused(error.code());
        (error.into_response(0), None)
    });
    front.server.metrics.answered(route, response.status.as_u16(), begun.elapsed());
    told(&front.server, response, delivery)
}

/// Before anything is read or checked that costs more than a look at the head.
fn admitted(front: &Front, address: Option<IpAddr>, request: &axum::extract::Request) -> Result<(), RequestError> {
    front.gate.pass(address, routes::claimed_device(request.headers())).map_err(RequestError::TooFast)
}

async fn answered(
    front: &Front,
    address: Option<IpAddr>,
    request: axum::extract::Request,
) -> Result<(Response, Option<Share>), RequestError> {
    let (request, room) = take(front, address, request).await?;
    let request = Arc::new(request);
    let begun = Instant::now();
    loop {
        let mut response = handled(front, Arc::clone(&request)).await?;
        if let Some(wait) = response.wait.take() {
            // Nothing is held meanwhile but the connection.
            let left = wait.longest().saturating_sub(begun.elapsed());
            let mut stopped = front.stopped.clone();
            let news = tokio::select! {
                () = wait.news() => true,
                () = sleep(left) => false,
                _ = stopped.changed() => false,
            };
            if news {
                continue;
            }
        }
        drop(room);
        let delivery = match response.body {
            Body::Whole(ref bytes) if bytes.len() <= PIECE => None,
            Body::Whole(_) | Body::Answer(_) => Some(front.deliveries.take(address, 1).await?),
        };
        return Ok((response, delivery));
    }
}

async fn handled(front: &Front, request: Arc<Request>) -> Result<Response, RequestError> {
    let turn = permit(&front.turns, 1).await?;
    let server = Arc::clone(&front.server);
    let work = tokio::task::spawn_blocking(move || {
        let response = server.handle(&request);
        drop(turn);
        response
    });
    work.await.map_err(|_| RequestError::Store(crate::log::StoreError::Corrupt("panic")))
}

async fn take(front: &Front, address: Option<IpAddr>, request: axum::extract::Request) -> Result<(Request, Share), RequestError> {
    let (parts, body) = request.into_parts();
    let length = content_length(&parts.headers)?;
    if length.is_some_and(|length| length > MAX_BODY) {
        return Err(RequestError::TooLarge);
    }
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| parts.uri.authority().map(http::uri::Authority::as_str)).ok_or(RequestError::Malformed)?;
    let path = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let target_uri = format!("{}://{host}{path}", front.scheme);
    let has_body = parts.method != http::Method::GET;
    let largest = if has_body { length.unwrap_or(MAX_BODY) } else { 0 };
    let (body, room) = gather(body, largest, front.limits.body, &front.bodies, address).await?;
    Ok((Request { method: parts.method, target_uri, headers: parts.headers, body, address }, room))
}

fn content_length(headers: &HeaderMap) -> Result<Option<usize>, RequestError> {
    let Some(value) = headers.get(header::CONTENT_LENGTH) else { return Ok(None) };
    let length: u64 = value.to_str().ok().and_then(|text| text.parse().ok()).ok_or(RequestError::Malformed)?;
    usize::try_from(length).map(Some).map_err(|_| RequestError::TooLarge)
}

/// Reads a body of at most `largest` bytes, from a client that keeps sending, and takes room for it as it comes. What is
/// still missing may be `patience` late: each byte earns the time that the slowest line needs for it, and no more.
async fn gather(
    body: axum::body::Body,
    largest: usize,
    patience: Duration,
    rooms: &Shares,
    address: Option<IpAddr>,
) -> Result<(Vec<u8>, Share), RequestError> {
    let mut pieces = body.into_data_stream();
    let (mut whole, mut room, mut left) = (Vec::new(), Share::default(), patience);
    loop {
        let asked = Instant::now();
        let piece: Bytes = match timeout(left, pieces.next()).await {
            Ok(None) => return Ok((whole, room)),
            Ok(Some(Ok(piece))) => piece,
            Ok(Some(Err(_))) | Err(_) => return Err(RequestError::Malformed),
        };
        left = left.saturating_sub(asked.elapsed()).saturating_add(earned(&piece)).min(patience);
        let long = whole.len().saturating_add(piece.len());
        if long > largest {
            return Err(RequestError::TooLarge);
        }
        let needed = long.div_ceil(1024);
        if room.size() < needed {
            let step = needed.next_multiple_of(BODY_STEP_KIB).min(largest.div_ceil(1024)).saturating_sub(room.size());
            room.add(rooms.take(address, u32::try_from(step).map_err(|_| RequestError::TooLarge)?).await?);
        }
        whole.extend_from_slice(&piece);
    }
}

/// How long the slowest line needs for a piece.
fn earned(piece: &Bytes) -> Duration {
    Duration::from_micros(length(piece).saturating_mul(1_000_000).div_euclid(SLOWEST))
}

/// The answer as it goes out; its share of the deliveries is kept until it is told.
fn told(server: &Arc<Server>, response: Response, delivery: Option<Share>) -> axum::response::Response {
    let Response { status, headers, body, .. } = response;
    let mut told = Told { server: Arc::clone(server), bytes: 0 };
    let body = match body {
        Body::Whole(bytes) if bytes.len() <= PIECE => {
            told.bytes = length(&bytes);
            axum::body::Body::from(bytes)
        }
        Body::Whole(bytes) => axum::body::Body::from_stream(piecewise(in_pieces(bytes), told, delivery, WRITE_TIMEOUT)),
        answer @ Body::Answer(_) => axum::body::Body::from_stream(piecewise(answer, told, delivery, WRITE_TIMEOUT)),
    };
    let mut answer = (status, body).into_response();
    answer.headers_mut().extend(headers);
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        answer.headers_mut().insert(header::CONNECTION, http::HeaderValue::from_static("close"));
    }
    answer
}

/// A long body piece by piece, each by itself: one that nobody takes keeps nothing of the others.
fn in_pieces(mut bytes: Bytes) -> impl Iterator<Item = Result<Bytes, crate::log::StoreError>> {
    std::iter::from_fn(move || {
        let piece = bytes.split_to(PIECE.min(bytes.len()));
        (!piece.is_empty()).then(|| Ok(Bytes::copy_from_slice(&piece)))
    })
}

/// A piece that is under way to whoever tells it; nothing after the last.
type Passed = Option<Result<Bytes, crate::log::StoreError>>;

/// The pieces of an answer as they are taken. Who takes none of them for too long is cut off, and holds nothing from then
/// on, whatever becomes of the connection: over HTTP/2 nothing may be written either, so nothing there would notice.
fn piecewise<A>(answer: A, told: Told, delivery: Option<Share>, patience: Duration) -> impl stream::Stream<Item = Result<Bytes, BoxError>>
where
    A: Iterator<Item = Result<Bytes, crate::log::StoreError>> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        pass_on(answer, told, sender, patience).await;
        drop(delivery);
    });
    stream::unfold(Some(receiver), |receiver: Option<mpsc::Receiver<Passed>>| async move {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(piece) => piece.map(|piece| (piece.map_err(BoxError::from), Some(receiver))),
            None => Some((Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()), None)),
        }
    })
}

async fn pass_on<A>(mut answer: A, mut told: Told, sender: mpsc::Sender<Passed>, patience: Duration)
where
    A: Iterator<Item = Result<Bytes, crate::log::StoreError>> + Send + 'static,
{
    while let Ok(Ok(place)) = timeout(patience, sender.reserve()).await {
        let next = tokio::task::spawn_blocking(move || (answer.next(), answer)).await;
        let Ok((piece, rest)) = next else { return };
        answer = rest;
        match &piece {
            Some(Ok(bytes)) => told.bytes = told.bytes.saturating_add(length(bytes)),
            Some(Err(error)) => note(error.code()),
            None => {
                drop(told);
                place.send(None);
                return;
            }
        }
        place.send(piece);
    }
}

fn length(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// Counts an answer when it is over, told to its end or not.
struct Told {
    server: Arc<Server>,
    bytes: u64,
}

impl Drop for Told {
    fn drop(&mut self) {
        self.server.metrics.told(self.bytes);
    }
}

#[cfg(test)]
mod tests;
