//! Weather on real sockets: a TCP proxy on this machine that delays, holds up, cuts, falls silent, repeats and drips.
//!
//! A proxy above TCP cannot lose a segment: TCP hides the loss, and a program sees only that bytes come later, and everything
//! behind them as well. So a lost segment is played as what TCP makes of it: its 1460 bytes wait for a retransmission, twice as
//! long when that is lost too. The dice are seeded.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    runtime::Runtime,
    sync::{Notify, mpsc},
    time::{Instant, sleep_until, timeout},
};

use crate::paper::split_mix;

/// What a TCP segment carries on a usual line, in bytes.
const SEGMENT: usize = 1460;
/// Longest wait for a segment that is lost again and again, in doublings.
const MOST_DOUBLINGS: u32 = 6;

/// What happens to what is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WireWeather {
    #[default]
    Clear,
    /// Every connection ends at once.
    Offline,
    /// Everything arrives so much later, each way.
    Latency(Duration),
    /// So many segments of a hundred are lost and sent again after so long.
    Loss { percent: u64, resent_after: Duration },
    /// Each connection ends after so many bytes, both directions counted.
    CutEvery(u64),
    /// From so many bytes on, nothing more passes on every so-manieth connection; it stays open.
    HalfOpen { after: u64, every: u64 },
    /// Every request goes to the server a second time, on a connection of its own; that answer is dropped.
    Duplicates,
    /// Answers come in pieces of so many bytes, one after every such time.
    Drip { bytes: usize, every: Duration },
    /// The first answer that comes so far stops there until [`Proxy::go_on`]; then the weather is clear.
    HoldAnswer(u64),
}

/// What has happened on a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    pub connections: u64,
    /// Bytes that reached the server.
    pub up: u64,
    /// Bytes that reached a device.
    pub down: u64,
    /// Connections cut by the weather.
    pub cut: u64,
    /// Connections that fell silent.
    pub silent: u64,
    /// Segments sent again.
    pub resent: u64,
    /// Requests sent a second time.
    pub repeated: u64,
}

#[derive(Default)]
struct Counts {
    connections: AtomicU64,
    up: AtomicU64,
    down: AtomicU64,
    cut: AtomicU64,
    silent: AtomicU64,
    resent: AtomicU64,
    repeated: AtomicU64,
}

struct Shared {
    server: Mutex<SocketAddr>,
    weather: Mutex<WireWeather>,
    dice: AtomicU64,
    counts: Counts,
    held: Notify,
    go_on: Notify,
}

/// A road to a server with weather on it.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    runtime: Runtime,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({})", self.address)
    }
}

impl Proxy {
    /// A proxy on any free port before a server (like `127.0.0.1:40123`), in clear weather.
    pub fn before(server: &str, seed: u64) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
        let shared = Arc::new(Shared {
            server: Mutex::new(server.parse().expect("an address")),
            weather: Mutex::default(),
            dice: AtomicU64::new(seed),
            counts: Counts::default(),
            held: Notify::new(),
            go_on: Notify::new(),
        });
        let address = listener.local_addr().expect("an address");
        let all = Arc::clone(&shared);
        runtime.spawn(async move {
            while let Ok((device, _)) = listener.accept().await {
                tokio::spawn(connection(Arc::clone(&all), device));
            }
        });
        Self { address, shared, runtime }
    }

    /// The address as devices name it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The port under a host name, as devices name it behind TLS.
    pub fn tls_url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Changes the weather.
    pub fn set(&self, weather: WireWeather) {
        *lock(&self.shared.weather) = weather;
    }

    /// What has happened so far.
    pub fn told(&self) -> Told {
        let counts = &self.shared.counts;
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Told {
            connections: read(&counts.connections),
            up: read(&counts.up),
            down: read(&counts.down),
            cut: read(&counts.cut),
            silent: read(&counts.silent),
            resent: read(&counts.resent),
            repeated: read(&counts.repeated),
        }
    }

    /// Waits until an answer is held by [`WireWeather::HoldAnswer`]; false when none is within ten seconds.
    pub fn is_held(&self) -> bool {
        self.runtime.block_on(async { timeout(Duration::from_secs(10), self.shared.held.notified()).await }).is_ok()
    }

    /// Lets go of the answer that is held.
    pub fn go_on(&self) {
        self.shared.go_on.notify_one();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn one(count: &AtomicU64) -> u64 {
    count.fetch_add(1, Ordering::Relaxed)
}

impl Shared {
    fn weather(&self) -> WireWeather {
        *lock(&self.weather)
    }

    /// A number below a hundred.
    fn roll(&self) -> u64 {
        split_mix(self.dice.fetch_add(0x9E37_79B9, Ordering::Relaxed)) % 100
    }

    /// How much later than it could a segment arrives.
    fn delay(&self, way: Way, bytes: usize) -> Duration {
        match self.weather() {
            WireWeather::Latency(each_way) => each_way,
            WireWeather::Loss { percent, resent_after } => {
                let mut late = Duration::ZERO;
                for doubling in 0..MOST_DOUBLINGS {
                    if self.roll() >= percent {
                        break;
                    }
                    one(&self.counts.resent);
                    late += resent_after * 2_u32.pow(doubling);
                }
                late
            }
            WireWeather::Drip { bytes: piece, every } if way == Way::Down => {
                every * u32::try_from(bytes.div_ceil(piece.max(1))).unwrap_or(u32::MAX)
            }
            _ => Duration::ZERO,
        }
    }

    /// The most bytes that are taken off the wire at once.
    fn piece(&self, way: Way) -> usize {
        match self.weather() {
            WireWeather::Drip { bytes, .. } if way == Way::Down => bytes.clamp(1, SEGMENT),
            _ => SEGMENT,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

/// One connection through the proxy.
struct Line {
    shared: Arc<Shared>,
    /// From 1.
    number: u64,
    passed: AtomicU64,
    answered: AtomicU64,
    is_cut: AtomicBool,
}

/// How the carrying of one direction ended.
enum End {
    /// The side that sent has closed.
    Closed,
    /// The weather has cut the connection, or a side is gone.
    Cut,
}

async fn connection(shared: Arc<Shared>, device: TcpStream) {
    let number = one(&shared.counts.connections) + 1;
    let address = *lock(&shared.server);
    if shared.weather() == WireWeather::Offline {
        return;
    }
    let Ok(server) = TcpStream::connect(address).await else { return };
    let _ = (device.set_nodelay(true), server.set_nodelay(true));
    let line = Line { shared, number, passed: AtomicU64::new(0), answered: AtomicU64::new(0), is_cut: AtomicBool::new(false) };
    let ((from_device, to_device), (from_server, to_server)) = (device.into_split(), server.into_split());
    let (up, down) = (line.carry(Way::Up, from_device, to_server), line.carry(Way::Down, from_server, to_device));
    tokio::pin!(up, down);
    // A side that closes its half lets the other finish; a cut ends both.
    tokio::select! {
        end = &mut up => if matches!(end, End::Closed) { down.await; },
        end = &mut down => if matches!(end, End::Closed) { up.await; },
    }
}

impl Line {
    async fn carry(&self, way: Way, from: OwnedReadHalf, to: OwnedWriteHalf) -> End {
        let (late, arriving) = mpsc::channel(256);
        let (_, end) = tokio::join!(self.take(way, from, late), self.deliver(way, arriving, to));
        end
    }

    /// Takes bytes off the wire and says when each piece may arrive: never before the one before it.
    async fn take(&self, way: Way, mut from: OwnedReadHalf, late: mpsc::Sender<(Instant, Vec<u8>)>) {
        let mut last = Instant::now();
        let mut requests = Requests::default();
        loop {
            let mut piece = vec![0; self.shared.piece(way)];
            let Ok(n @ 1..) = from.read(&mut piece).await else { return };
            piece.truncate(n);
            if way == Way::Up && self.shared.weather() == WireWeather::Duplicates {
                for request in requests.feed(&piece) {
                    tokio::spawn(repeat(Arc::clone(&self.shared), request));
                }
            }
            let is_drip = matches!(self.shared.weather(), WireWeather::Drip { .. });
            let from_then = if is_drip { last.max(Instant::now()) } else { Instant::now() };
            last = last.max(from_then + self.shared.delay(way, n));
            if late.send((last, piece)).await.is_err() {
                return;
            }
        }
    }

    async fn deliver(&self, way: Way, mut arriving: mpsc::Receiver<(Instant, Vec<u8>)>, mut to: OwnedWriteHalf) -> End {
        while let Some((due, piece)) = arriving.recv().await {
            sleep_until(due).await;
            let Some(piece) = self.passes(way, piece).await else { return End::Cut };
            if to.write_all(&piece).await.is_err() {
                return End::Cut;
            }
            let count = if way == Way::Up { &self.shared.counts.up } else { &self.shared.counts.down };
            count.fetch_add(length(&piece), Ordering::Relaxed);
            if self.is_used_up() {
                if !self.is_cut.swap(true, Ordering::Relaxed) {
                    one(&self.shared.counts.cut);
                }
                return End::Cut;
            }
        }
        let _ = to.shutdown().await;
        End::Closed
    }

    /// What of a piece passes; nothing, when the connection ends here. A connection that fell silent never comes back.
    async fn passes(&self, way: Way, mut piece: Vec<u8>) -> Option<Vec<u8>> {
        let before = self.passed.fetch_add(length(&piece), Ordering::Relaxed);
        let answered = if way == Way::Down { self.answered.fetch_add(length(&piece), Ordering::Relaxed) } else { 0 };
        match self.shared.weather() {
            WireWeather::Offline => return None,
            WireWeather::CutEvery(limit) => piece.truncate(usize::try_from(limit.saturating_sub(before)).unwrap_or(usize::MAX)),
            WireWeather::HalfOpen { after, every } if before >= after && self.number.is_multiple_of(every) => {
                one(&self.shared.counts.silent);
                std::future::pending::<()>().await;
            }
            WireWeather::HoldAnswer(at) if way == Way::Down && answered.saturating_add(length(&piece)) > at => {
                *lock(&self.shared.weather) = WireWeather::Clear;
                self.shared.held.notify_one();
                self.shared.go_on.notified().await;
            }
            _ => {}
        }
        Some(piece)
    }

    fn is_used_up(&self) -> bool {
        matches!(self.shared.weather(), WireWeather::CutEvery(limit) if self.passed.load(Ordering::Relaxed) >= limit)
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// Sends a request once more and drops what comes back.
async fn repeat(shared: Arc<Shared>, request: Vec<u8>) {
    let address = *lock(&shared.server);
    let Ok(mut server) = TcpStream::connect(address).await else { return };
    if server.write_all(&request).await.is_ok() {
        one(&shared.counts.repeated);
        let mut answer = [0; SEGMENT];
        while let Ok(Ok(1..)) = timeout(Duration::from_millis(500), server.read(&mut answer)).await {}
    }
}

/// Whole HTTP/1.1 requests in a stream of bytes; bodies have a length, as those of devices do.
#[derive(Default)]
struct Requests {
    bytes: Vec<u8>,
}

impl Requests {
    fn feed(&mut self, piece: &[u8]) -> Vec<Vec<u8>> {
        self.bytes.extend_from_slice(piece);
        let mut whole = Vec::new();
        while let Some(end) = self.end_of_first() {
            let rest = self.bytes.split_off(end);
            whole.push(std::mem::replace(&mut self.bytes, rest));
        }
        whole
    }

    fn end_of_first(&self) -> Option<usize> {
        let head = self.bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let text = String::from_utf8_lossy(&self.bytes[..head]).to_lowercase();
        let body = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok()).unwrap_or(0);
        (self.bytes.len() >= head + body).then_some(head + body)
    }
}

#[cfg(test)]
mod tests {
    use super::Requests;

    #[test]
    fn requests_are_found_wherever_the_stream_is_split() {
        let one = b"POST /v1/sync HTTP/1.1\r\nhost: x\r\nContent-Length: 5\r\n\r\nhello".to_vec();
        let other = b"GET /v1/sync?c= HTTP/1.1\r\nhost: x\r\n\r\n".to_vec();
        let stream = [one.clone(), other.clone(), one.clone()].concat();
        for size in 1..stream.len() {
            let mut requests = Requests::default();
            let found: Vec<Vec<u8>> = stream.chunks(size).flat_map(|piece| requests.feed(piece)).collect();
            assert_eq!(found, [one.clone(), other.clone(), one.clone()], "{size}");
        }
    }
}
