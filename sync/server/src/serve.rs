//! The server behind sockets: HTTP with or without TLS, limits on slow and greedy clients, an orderly end.

mod io;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use axum::{Router, extract::State, response::IntoResponse};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, StatusCode, header};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use wire::message::MAX_BODY;

use crate::{Body, Request, Response, Server, note, routes::RequestError};

/// How long a client may take to say what it wants, and for a TLS handshake.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a body may stand still.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a client may leave an answer unread.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a request waits for its turn.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);
/// How long running requests are waited for at the end.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// Requests answered at once.
const MAX_REQUESTS: usize = 64;
/// Answers under delivery at once; a slow line holds one for minutes, and no turn.
const MAX_DELIVERIES: usize = 512;
/// Connections open at once.
const MAX_CONNECTIONS: usize = 4096;
/// Request bodies held at once, in KiB; one of the largest always fits.
const BODY_BUDGET_KIB: usize = 64 * 1024;
/// Largest head of a request, in bytes.
const MAX_HEAD: usize = 16 * 1024;

/// How to serve.
#[derive(Debug, Clone)]
pub struct Serving {
    pub listen: SocketAddr,
    /// Certificate chain and private key, PEM.
    pub tls: Option<(PathBuf, PathBuf)>,
    pub behind_proxy: bool,
    /// Where to write the bound address.
    pub port_file: Option<PathBuf>,
}

/// Why serving did not begin.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("without TLS this server listens on loopback only; give --tls-cert and --tls-key, or --behind-proxy")]
    NotLoopback,
    #[error("the address cannot be listened on")]
    Listen(#[source] std::io::Error),
    #[error("the bound address cannot be written to the port file")]
    PortFile(#[source] std::io::Error),
    #[error("the runtime does not start")]
    Runtime(#[source] std::io::Error),
    #[error("the certificate or key file cannot be read")]
    Pem(#[source] rustls::pki_types::pem::Error),
    #[error("the certificate and key are not usable")]
    Tls(#[source] rustls::Error),
    #[error(transparent)]
    Store(#[from] crate::log::StoreError),
}

impl ServeError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotLoopback => "srv.not_loopback",
            Self::Listen(_) => "srv.listen",
            Self::PortFile(_) => "srv.port_file",
            Self::Runtime(_) => "srv.runtime",
            Self::Pem(_) => "srv.pem",
            Self::Tls(_) => "srv.tls",
            Self::Store(error) => error.code(),
        }
    }
}

impl Serving {
    /// Whether this may be served so at all.
    ///
    /// # Errors
    /// [`ServeError::NotLoopback`] when clear text would leave the machine.
    pub fn check(&self) -> Result<(), ServeError> {
        let safe = self.tls.is_some() || self.behind_proxy || self.listen.ip().is_loopback();
        if safe { Ok(()) } else { Err(ServeError::NotLoopback) }
    }
}

/// What every request shares.
#[derive(Debug)]
struct Front {
    server: Arc<Server>,
    scheme: &'static str,
    turns: Arc<Semaphore>,
    deliveries: Arc<Semaphore>,
    bodies: Arc<Semaphore>,
}

/// Serves until SIGTERM or SIGINT, then finishes what runs.
///
/// # Errors
/// [`ServeError`] when it cannot begin.
pub fn run(server: Arc<Server>, serving: Serving) -> Result<(), ServeError> {
    serving.check()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(32)
        .enable_all()
        .build()
        .map_err(ServeError::Runtime)?;
    let done = runtime.block_on(listen(Arc::clone(&server), serving));
    runtime.shutdown_timeout(STOP_TIMEOUT);
    server.close()?;
    note("stop");
    done
}

async fn listen(server: Arc<Server>, serving: Serving) -> Result<(), ServeError> {
    let tls = serving.tls.as_ref().map(|(chain, key)| tls(chain, key)).transpose()?;
    let stop = stop_signal()?;
    let listener = TcpListener::bind(serving.listen).await.map_err(ServeError::Listen)?;
    let bound = listener.local_addr().map_err(ServeError::Listen)?;
    let front = Front {
        server,
        scheme: if tls.is_some() || serving.behind_proxy { "https" } else { "http" },
        turns: Arc::new(Semaphore::new(MAX_REQUESTS)),
        deliveries: Arc::new(Semaphore::new(MAX_DELIVERIES)),
        bodies: Arc::new(Semaphore::new(BODY_BUDGET_KIB)),
    };
    if let Some(file) = &serving.port_file {
        write_whole(file, &format!("{bound}\n")).map_err(ServeError::PortFile)?;
    }
    note("start");
    announce(&format!("listening on {}://{bound}\n", if tls.is_some() { "https" } else { "http" }));
    accept(listener, tls, Arc::new(front), stop).await;
    Ok(())
}

fn announce(line: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    // Whoever started the server may not be listening to it.
    let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
}

fn write_whole(file: &std::path::Path, text: &str) -> std::io::Result<()> {
    let mut name = file.as_os_str().to_owned();
    name.push(".new");
    let beside = PathBuf::from(name);
    std::fs::write(&beside, text)?;
    std::fs::rename(beside, file)
}

fn tls(chain: &std::path::Path, key: &std::path::Path) -> Result<TlsAcceptor, ServeError> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(chain).and_then(Iterator::collect).map_err(ServeError::Pem)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(ServeError::Pem)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(ServeError::Tls)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Listens for the signals at once, so that none is missed between start and first request.
fn stop_signal() -> Result<impl Future<Output = ()>, ServeError> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Runtime)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Runtime)?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, front: Arc<Front>, stop: impl Future<Output = ()>) {
    let router = Router::new().fallback(answer).with_state(Arc::clone(&front));
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    tokio::pin!(stop);
    loop {
        let place = Arc::clone(&places).acquire_owned();
        let next = async { (place.await, listener.accept().await) };
        let (place, accepted) = tokio::select! {
            next = next => next,
            () = &mut stop => break,
        };
        let (Ok(place), Ok((stream, _))) = (place, accepted) else {
            // Out of descriptors: wait for some to come back.
            note("srv.accept");
            tokio::time::sleep(Duration::from_millis(200)).await;
            continue;
        };
        let (router, tls, watcher) = (router.clone(), tls.clone(), graceful.watcher());
        tokio::spawn(async move {
            connection(stream, tls, router, watcher).await;
            drop(place);
        });
    }
    drop(listener);
    if timeout(STOP_TIMEOUT, graceful.shutdown()).await.is_err() {
        note("srv.stop_timeout");
    }
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, router: Router, watcher: hyper_util::server::graceful::Watcher) {
    // Small answers must not wait for acknowledgements of the answers before.
    let _ = stream.set_nodelay(true);
    let stream = io::Timed::new(stream, WRITE_TIMEOUT);
    let service = TowerToHyperService::new(router);
    let builder = builder();
    // How a connection ends is the client's business: nothing to tell anybody.
    let _ = match tls {
        None => watcher.watch(builder.serve_connection(TokioIo::new(stream), service).into_owned()).await,
        Some(tls) => {
            let Ok(Ok(stream)) = timeout(HEAD_TIMEOUT, tls.accept(stream)).await else { return };
            watcher.watch(builder.serve_connection(TokioIo::new(stream), service).into_owned()).await
        }
    };
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(128 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(BODY_TIMEOUT))
        .keep_alive_timeout(HEAD_TIMEOUT)
        .max_concurrent_streams(Some(8))
        .max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX))
        .max_send_buf_size(128 * 1024);
    builder
}

async fn answer(State(front): State<Arc<Front>>, request: axum::extract::Request) -> axum::response::Response {
    match answered(&front, request).await {
        Ok((response, delivery)) => told(response, delivery),
        Err(error) => told(refusal(error), None),
    }
}

async fn answered(front: &Front, request: axum::extract::Request) -> Result<(Response, Option<OwnedSemaphorePermit>), RequestError> {
    let (request, held) = take(front, request).await?;
    let server = Arc::clone(&front.server);
    let work = tokio::task::spawn_blocking(move || {
        let response = server.handle(&request);
        drop((request, held));
        response
    });
    let response = work.await.map_err(|_| RequestError::Store(crate::log::StoreError::Corrupt("panic")))?;
    let delivery = match response.body {
        Body::Whole(_) => None,
        Body::Answer(_) => Some(permit(&front.deliveries, 1).await?),
    };
    Ok((response, delivery))
}

async fn permit(semaphore: &Arc<Semaphore>, many: u32) -> Result<OwnedSemaphorePermit, RequestError> {
    let permit = timeout(TURN_TIMEOUT, Arc::clone(semaphore).acquire_many_owned(many)).await;
    permit.map_err(|_| RequestError::Busy)?.map_err(|_| RequestError::Busy)
}

fn refusal(error: RequestError) -> Response {
    error.into_response(0)
}

/// What a request holds while it runs.
struct Held {
    _turn: OwnedSemaphorePermit,
    _body: OwnedSemaphorePermit,
}

async fn take(front: &Front, request: axum::extract::Request) -> Result<(Request, Held), RequestError> {
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
    let body = gather(body, largest).await?;
    let turn = permit(&front.turns, 1).await?;
    Ok((Request { method: parts.method, target_uri, headers: parts.headers, body }, Held { _turn: turn, _body: room }))
}

fn content_length(headers: &HeaderMap) -> Result<Option<usize>, RequestError> {
    let Some(value) = headers.get(header::CONTENT_LENGTH) else { return Ok(None) };
    let length: u64 = value.to_str().ok().and_then(|text| text.parse().ok()).ok_or(RequestError::Malformed)?;
    usize::try_from(length).map(Some).map_err(|_| RequestError::TooLarge)
}

/// Reads a body of at most `largest` bytes, from a client that keeps sending.
async fn gather(body: axum::body::Body, largest: usize) -> Result<Vec<u8>, RequestError> {
    let mut pieces = body.into_data_stream();
    let mut whole = Vec::new();
    loop {
        let piece: Bytes = match timeout(BODY_TIMEOUT, pieces.next()).await {
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
fn told(response: Response, delivery: Option<OwnedSemaphorePermit>) -> axum::response::Response {
    let Response { status, headers, body } = response;
    let body = match body {
        Body::Whole(bytes) => axum::body::Body::from(bytes),
        answer @ Body::Answer(_) => axum::body::Body::from_stream(stream::unfold((answer, delivery), |(mut answer, delivery)| async {
            let next = tokio::task::spawn_blocking(move || (answer.next(), answer)).await;
            match next {
                Ok((None, _)) => None,
                Ok((Some(piece), answer)) => {
                    if let Err(error) = &piece {
                        note(error.code());
                    }
                    Some((piece, (answer, delivery)))
                }
                Err(_) => None,
            }
        })),
    };
    let mut answer = (status, body).into_response();
    answer.headers_mut().extend(headers);
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        answer.headers_mut().insert(header::CONNECTION, http::HeaderValue::from_static("close"));
    }
    answer
}
