//! One request after another: who may come in, whose turn it is, what is told, and who waits for news.

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, extract::State, response::IntoResponse, routing::get};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, StatusCode, header};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{sleep, timeout},
};
use wire::message::MAX_BODY;

use super::{Limits, Serving};
use crate::{
    Body, Request, Response, Server,
    limits::Gate,
    note,
    routes::{self, RequestError},
};

/// How long a request waits for its turn.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);
/// Requests answered at once.
const MAX_REQUESTS: usize = 64;
/// Answers under delivery at once; a slow line holds one for minutes, and no turn.
const MAX_DELIVERIES: usize = 512;
/// Request bodies held at once, in KiB; one of the largest always fits.
const BODY_BUDGET_KIB: usize = 64 * 1024;
/// Bytes of a body for which a client may take a second, once it has used up its patience.
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
    deliveries: Arc<Semaphore>,
    bodies: Arc<Semaphore>,
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
            deliveries: Arc::new(Semaphore::new(MAX_DELIVERIES)),
            bodies: Arc::new(Semaphore::new(BODY_BUDGET_KIB)),
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
    if axum::serve(listener, router).await.is_err() {
        note("srv.metrics");
    }
}

pub(super) async fn answer(State((front, peer)): State<(Arc<Front>, IpAddr)>, request: axum::extract::Request) -> axum::response::Response {
    let begun = Instant::now();
    let route = routes::name(request.method(), request.uri().path(), request.uri().query().unwrap_or_default());
    let answered = match admitted(&front, peer, &request) {
        Ok(()) => answered(&front, request).await,
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
fn admitted(front: &Front, peer: IpAddr, request: &axum::extract::Request) -> Result<(), RequestError> {
    let address = front.address(peer, request.headers());
    front.gate.pass(address, routes::claimed_device(request.headers())).map_err(RequestError::TooFast)
}

async fn answered(front: &Front, request: axum::extract::Request) -> Result<(Response, Option<OwnedSemaphorePermit>), RequestError> {
    let (request, body) = take(front, request).await?;
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
        drop(body);
        let delivery = match response.body {
            Body::Whole(_) => None,
            Body::Answer(_) => Some(permit(&front.deliveries, 1).await?),
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

async fn permit(semaphore: &Arc<Semaphore>, many: u32) -> Result<OwnedSemaphorePermit, RequestError> {
    let permit = timeout(TURN_TIMEOUT, Arc::clone(semaphore).acquire_many_owned(many)).await;
    permit.map_err(|_| RequestError::Busy)?.map_err(|_| RequestError::Busy)
}

async fn take(front: &Front, request: axum::extract::Request) -> Result<(Request, OwnedSemaphorePermit), RequestError> {
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
    let kib = u32::try_from(largest.div_ceil(1024)).map_err(|_| RequestError::TooLarge)?;
    let room = permit(&front.bodies, kib).await?;
    let slowest = Duration::from_secs(u64::try_from(largest).unwrap_or(u64::MAX) / SLOWEST);
    let whole = gather(body, largest, front.limits.body);
    let body = timeout(front.limits.body.saturating_add(slowest), whole).await.map_err(|_| RequestError::Malformed)??;
    Ok((Request { method: parts.method, target_uri, headers: parts.headers, body }, room))
}

fn content_length(headers: &HeaderMap) -> Result<Option<usize>, RequestError> {
    let Some(value) = headers.get(header::CONTENT_LENGTH) else { return Ok(None) };
    let length: u64 = value.to_str().ok().and_then(|text| text.parse().ok()).ok_or(RequestError::Malformed)?;
    usize::try_from(length).map(Some).map_err(|_| RequestError::TooLarge)
}

/// Reads a body of at most `largest` bytes, from a client that keeps sending.
async fn gather(body: axum::body::Body, largest: usize, patience: Duration) -> Result<Vec<u8>, RequestError> {
    let mut pieces = body.into_data_stream();
    let mut whole = Vec::new();
    loop {
        let piece: Bytes = match timeout(patience, pieces.next()).await {
            Ok(None) => return Ok(whole),
            Ok(Some(Ok(piece))) => piece,
            Ok(Some(Err(_))) | Err(_) => return Err(RequestError::Malformed),
        };
        if whole.len().saturating_add(piece.len()) > largest {
            return Err(RequestError::TooLarge);
        }
        whole.extend_from_slice(&piece);
    }
}

/// The answer as it goes out; a permit is kept until it is told.
fn told(server: &Arc<Server>, response: Response, delivery: Option<OwnedSemaphorePermit>) -> axum::response::Response {
    let Response { status, headers, body, .. } = response;
    let body = match body {
        Body::Whole(bytes) => {
            server.metrics.told(length(&bytes));
            axum::body::Body::from(bytes)
        }
        answer @ Body::Answer(_) => axum::body::Body::from_stream(piecewise(Arc::clone(server), answer, delivery)),
    };
    let mut answer = (status, body).into_response();
    answer.headers_mut().extend(headers);
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        answer.headers_mut().insert(header::CONNECTION, http::HeaderValue::from_static("close"));
    }
    answer
}

fn piecewise(
    server: Arc<Server>,
    answer: Body,
    delivery: Option<OwnedSemaphorePermit>,
) -> impl stream::Stream<Item = Result<Bytes, crate::log::StoreError>> {
    let begin = (answer, Told { server, bytes: 0 }, delivery);
    stream::unfold(begin, |(mut answer, mut told, delivery)| async {
        let (piece, answer) = tokio::task::spawn_blocking(move || (answer.next(), answer)).await.ok()?;
        match piece.as_ref()? {
            Ok(bytes) => told.bytes = told.bytes.saturating_add(length(bytes)),
            Err(error) => note(error.code()),
        }
        Some((piece?, (answer, told, delivery)))
    })
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
