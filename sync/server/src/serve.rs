//! The server behind sockets: HTTP with or without TLS, limits on slow and greedy clients, an orderly end.

mod front;
mod io;
mod share;

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::Router;
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
    sync::{Semaphore, watch},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

use crate::{
    Server,
    limits::{Pace, network},
    note,
};
use front::Front;

/// How long a client may leave an answer unread.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);
/// How long running requests are waited for at the end.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
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
    pub limits: Limits,
    /// Where to tell what was counted.
    pub metrics: Option<SocketAddr>,
    /// That address may be seen from other machines.
    pub metrics_anywhere: bool,
}

/// How much and how slowly clients may ask.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Requests of one device from one address.
    pub device: Pace,
    /// Requests from one address; behind a proxy, the address that the proxy names last in `X-Forwarded-For`.
    pub address: Pace,
    /// Connections open at once.
    pub connections: usize,
    /// Of these, from one address; behind a proxy all come from it.
    pub connections_each: usize,
    /// How long a client may take to say what it wants, for a TLS handshake, and between two requests.
    pub head: Duration,
    /// How long a body may stand still, or be late: each 4 KiB of it earn a second, and no more than this is saved up.
    pub body: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            device: Pace { per_second: 20, burst: 200 },
            address: Pace { per_second: 200, burst: 2000 },
            connections: 4096,
            connections_each: 512,
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
        }
    }
}

/// Why serving did not begin.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("without TLS this server listens on loopback only; give --tls-cert and --tls-key, or --behind-proxy")]
    NotLoopback,
    #[error("what was counted is told on loopback only; --metrics-anywhere says that nobody else can reach that address")]
    MetricsNotLoopback,
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
            Self::MetricsNotLoopback => "srv.metrics_not_loopback",
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
        let inside = self.metrics_anywhere || self.metrics.is_none_or(|address| address.ip().is_loopback());
        match (safe, inside) {
            (false, _) => Err(ServeError::NotLoopback),
            (_, false) => Err(ServeError::MetricsNotLoopback),
            _ => Ok(()),
        }
    }
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
    let counted = match serving.metrics {
        Some(address) => Some(TcpListener::bind(address).await.map_err(ServeError::Listen)?),
        None => None,
    };
    let (stopping, stopped) = watch::channel(());
    let front = Arc::new(Front::new(server, &serving, tls.is_some(), stopped));
    let mut told = None;
    if let Some(counted) = counted {
        let address = counted.local_addr().map_err(ServeError::Listen)?;
        told = Some(address);
        tokio::spawn(front::tell_metrics(counted, Arc::clone(&front)));
    }
    if let Some(file) = &serving.port_file {
        write_whole(file, &format!("{bound}\n")).map_err(ServeError::PortFile)?;
    }
    note("start");
    announce(&format!("listening on {}://{bound}\n", if tls.is_some() { "https" } else { "http" }));
    if let Some(told) = told {
        announce(&format!("metrics on http://{told}/metrics\n"));
    }
    accept(listener, tls, front, stop, stopping).await;
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

/// How many connections each address holds open.
#[derive(Debug, Clone)]
struct Seats {
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
    each: usize,
}

/// A seat; given back when dropped.
struct Seat(Seats, IpAddr);

impl Seats {
    fn take(&self, address: IpAddr) -> Option<Seat> {
        let address = network(address);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let here = taken.entry(address).or_insert(0);
        if *here >= self.each {
            return None;
        }
        *here = here.saturating_add(1);
        Some(Seat(self.clone(), address))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(here) = taken.get_mut(&self.1) {
            *here = here.saturating_sub(1);
            if *here == 0 {
                taken.remove(&self.1);
            }
        }
    }
}

async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    front: Arc<Front>,
    stop: impl Future<Output = ()>,
    stopping: watch::Sender<()>,
) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(front.limits.connections));
    let seats = Seats { taken: Arc::default(), each: front.limits.connections_each };
    tokio::pin!(stop);
    loop {
        let place = Arc::clone(&places).acquire_owned();
        let next = async { (place.await, listener.accept().await) };
        let (place, accepted) = tokio::select! {
            next = next => next,
            () = &mut stop => break,
        };
        let (Ok(place), Ok((stream, peer))) = (place, accepted) else {
            // Out of descriptors: wait for some to come back.
            note("srv.accept");
            tokio::time::sleep(Duration::from_millis(200)).await;
            continue;
        };
        // Whoever holds too many already is hung up on; the proxy in front has its own bounds.
        let seat = if front.behind_proxy { None } else { seats.take(peer.ip()) };
        if seat.is_none() && !front.behind_proxy {
            continue;
        }
        let router = Router::new().fallback(front::answer).with_state((Arc::clone(&front), peer.ip()));
        let (tls, watcher, front) = (tls.clone(), graceful.watcher(), Arc::clone(&front));
        tokio::spawn(async move {
            front.server.metrics.connections.inc();
            connection(stream, tls, router, watcher, &front.limits).await;
            front.server.metrics.connections.dec();
            drop((place, seat));
        });
    }
    drop((listener, stopping));
    if timeout(STOP_TIMEOUT, graceful.shutdown()).await.is_err() {
        note("srv.stop_timeout");
    }
}

async fn connection(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
    limits: &Limits,
) {
    // Small answers must not wait for acknowledgements of the answers before.
    let _ = stream.set_nodelay(true);
    let stream = io::Timed::new(stream, WRITE_TIMEOUT);
    let service = TowerToHyperService::new(router);
    let builder = builder(limits);
    // How a connection ends is the client's business: nothing to tell anybody.
    let _ = match tls {
        None => {
            let stream = TokioIo::new(io::Prompt::new(stream, limits.head));
            watcher.watch(builder.serve_connection(stream, service).into_owned()).await
        }
        Some(tls) => {
            let Ok(Ok(stream)) = timeout(limits.head, tls.accept(stream)).await else { return };
            let stream = TokioIo::new(io::Prompt::new(stream, limits.head));
            watcher.watch(builder.serve_connection(stream, service).into_owned()).await
        }
    };
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(128 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(limits.body))
        .keep_alive_timeout(limits.head)
        .max_concurrent_streams(Some(8))
        .max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX))
        .max_send_buf_size(128 * 1024);
    builder
}
