//! A road on paper: requests reach the server's library, answers come back, and the weather decides how much of them.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use device::{Cut, Road, RoadAnswer, RoadRequest};
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream};
use http::{HeaderMap, HeaderValue, Method, header::HeaderName};
use server::Server;

/// What happens to what is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weather {
    #[default]
    Clear,
    /// Nothing leaves the phone.
    Offline,
    /// The request arrives, and of the answer only so many bytes come back.
    CutAfter(usize),
    /// Every request arrives twice; the second answer is the one that comes back.
    Twice,
    /// Everything happens now and then, by a seed.
    Changing(u64),
}

/// Where the server stands: now and then another one is put there.
pub(crate) type Seat = Arc<Mutex<Option<Server>>>;

/// A road to a server in the same process.
pub struct PaperRoad {
    server: Seat,
    weather: Mutex<Weather>,
    trips: AtomicU64,
    /// Trips after which the line goes, by their count.
    last: AtomicU64,
}

impl fmt::Debug for PaperRoad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PaperRoad")
    }
}

impl PaperRoad {
    /// A road to this server in clear weather.
    pub(crate) fn new(server: Seat) -> Self {
        Self { server, weather: Mutex::default(), trips: AtomicU64::new(0), last: AtomicU64::new(u64::MAX) }
    }

    /// Changes the weather.
    pub fn set(&self, weather: Weather) {
        *self.weather.lock().unwrap_or_else(PoisonError::into_inner) = weather;
        self.last.store(u64::MAX, Ordering::Relaxed);
    }

    /// Lets so many more requests through, and then none until the weather changes.
    pub fn go_down_after(&self, trips: u64) {
        self.last.store(self.trips() + trips, Ordering::Relaxed);
    }

    /// Requests that left the phone so far.
    pub fn trips(&self) -> u64 {
        self.trips.load(Ordering::Relaxed)
    }

    fn today(&self) -> Weather {
        let mut weather = self.weather.lock().unwrap_or_else(PoisonError::into_inner);
        let Weather::Changing(seed) = *weather else { return *weather };
        let next = split_mix(seed);
        *weather = Weather::Changing(next);
        match next % 6 {
            0 => Weather::Offline,
            1 => Weather::Twice,
            2 => Weather::CutAfter(usize::try_from(next >> 40).unwrap_or(0) % 3000),
            _ => Weather::Clear,
        }
    }

    async fn ask(&self, request: &RoadRequest) -> (u16, Vec<u8>) {
        let mut headers = HeaderMap::new();
        for (name, value) in &request.headers {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).expect("headers are plain text"));
        }
        let asked = server::Request {
            method: if request.method == "POST" { Method::POST } else { Method::GET },
            target_uri: request.url.clone(),
            headers,
            body: request.body.clone().unwrap_or_default(),
        };
        let begun = Instant::now();
        loop {
            let mut answer = self.handle(&asked);
            if let Some(wait) = answer.wait.take() {
                let left = wait.longest().saturating_sub(begun.elapsed());
                if tokio::time::timeout(left, wait.news()).await.is_ok() {
                    continue;
                }
            }
            let status = answer.status.as_u16();
            return (status, answer.into_bytes().expect("the store works"));
        }
    }

    fn handle(&self, asked: &server::Request) -> server::Response {
        let seat = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        seat.as_ref().expect("a server is there").handle(asked)
    }
}

/// The next number of a SplitMix64 sequence.
pub fn split_mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Road for PaperRoad {
    fn go(&self, request: RoadRequest) -> BoxFuture<'_, Result<RoadAnswer, Cut>> {
        async move {
            let trip = self.trips.fetch_add(1, Ordering::Relaxed);
            let weather = self.today();
            if weather == Weather::Offline || trip >= self.last.load(Ordering::Relaxed) {
                return Err(Cut);
            }
            if weather == Weather::Twice {
                self.ask(&request).await;
            }
            let (status, bytes) = self.ask(&request).await;
            let kept = if let Weather::CutAfter(n) = weather { n.min(bytes.len()) } else { bytes.len() };
            let is_cut = kept < bytes.len();
            let mut pieces: Vec<Result<Vec<u8>, Cut>> = bytes[..kept].chunks(1500).map(|piece| Ok(piece.to_vec())).collect();
            if is_cut {
                pieces.push(Err(Cut));
            }
            Ok(RoadAnswer { status, body: stream::iter(pieces).boxed() })
        }
        .boxed()
    }
}
