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
use server::{Config, Server};

use crate::hostile::{Liar, Lie};

/// What happens to what is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weather {
    #[default]
    Clear,
    /// Nothing leaves the phone.
    Offline,
    /// The request arrives and does its work; nothing comes back.
    Unanswered,
    /// The request arrives, and of the answer only so many bytes come back.
    CutAfter(usize),
    /// Every request arrives twice; the second answer is the one that comes back.
    Twice,
    /// Every request arrives twice, and of the second answer only so many bytes come back.
    TwiceCutAfter(usize),
    /// Behind every request the one before it arrives once more, as when a line kept it.
    Late,
    /// The answer comes a few bytes at a time.
    Drip,
    /// The server ends after so many bytes of its answer; another one, on the same store, takes the next request.
    Restart(usize),
    /// Everything happens now and then, by a seed.
    Changing(u64),
}

/// Where the server stands: it can end and be started again on the same store.
pub struct Site {
    config: Config,
    server: Mutex<Option<Arc<Server>>>,
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Site")
    }
}

impl Site {
    /// Starts a server.
    pub fn new(config: Config) -> Self {
        let server = Arc::new(Server::open(config.clone()).expect("the server opens"));
        Self { config, server: Mutex::new(Some(server)) }
    }

    /// The server that runs now.
    pub fn server(&self) -> Arc<Server> {
        self.seat().as_ref().map(Arc::clone).expect("a server is there")
    }

    /// Ends the server, with everything that it holds in memory only, and starts another.
    pub fn restart(&self) {
        let next = Arc::new(Server::open(self.config.clone()).expect("the server opens again"));
        *self.seat() = Some(next);
    }

    /// Ends the server in order, does something to its store, and starts it again.
    pub fn between(&self, work: impl FnOnce()) {
        let server = self.seat().take().expect("a server is there");
        server.close().expect("it ends in order");
        drop(server);
        work();
        self.restart();
    }

    fn seat(&self) -> std::sync::MutexGuard<'_, Option<Arc<Server>>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A road to a server in the same process.
pub struct PaperRoad {
    site: Mutex<Arc<Site>>,
    weather: Mutex<Weather>,
    liar: Mutex<Liar>,
    trips: AtomicU64,
    sent: Mutex<Vec<RoadRequest>>,
    /// Trips after which the line goes, by their count.
    last: AtomicU64,
}

impl fmt::Debug for PaperRoad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PaperRoad")
    }
}

impl PaperRoad {
    /// A road to the server that stands here, in clear weather.
    pub fn new(site: Arc<Site>) -> Self {
        Self {
            site: Mutex::new(site),
            weather: Mutex::default(),
            liar: Mutex::default(),
            trips: AtomicU64::new(0),
            sent: Mutex::default(),
            last: AtomicU64::new(u64::MAX),
        }
    }

    /// Leads to another server from here on, which the phone takes for its own.
    pub fn lead_to(&self, site: Arc<Site>) {
        *self.site.lock().unwrap_or_else(PoisonError::into_inner) = site;
    }

    /// What the server does with its answers from here on.
    pub fn lies(&self, lie: Lie) {
        self.liar.lock().unwrap_or_else(PoisonError::into_inner).take_up(lie);
    }

    /// The status and the bytes of the last answer that the server gave, before anything was done to it.
    pub fn last_answer(&self) -> Option<(u16, Vec<u8>)> {
        self.liar.lock().unwrap_or_else(PoisonError::into_inner).last()
    }

    fn site(&self) -> Arc<Site> {
        Arc::clone(&self.site.lock().unwrap_or_else(PoisonError::into_inner))
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

    /// The requests that left the phone so far, oldest first, whether they arrived or not.
    pub fn sent(&self) -> Vec<RoadRequest> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn today(&self) -> Weather {
        let mut weather = self.weather.lock().unwrap_or_else(PoisonError::into_inner);
        let Weather::Changing(seed) = *weather else { return *weather };
        let next = split_mix(seed);
        *weather = Weather::Changing(next);
        let bytes = usize::try_from(next >> 40).unwrap_or(0) % 3000;
        match next % 14 {
            0 => Weather::Offline,
            1 => Weather::Unanswered,
            2 | 3 => Weather::CutAfter(bytes),
            4 => Weather::Twice,
            5 => Weather::TwiceCutAfter(bytes),
            6 => Weather::Late,
            7 => Weather::Drip,
            8 => Weather::Restart(bytes),
            _ => Weather::Clear,
        }
    }

    /// Remembers a request and gives the one before it.
    fn remember(&self, request: &RoadRequest) -> Option<RoadRequest> {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let before = sent.last().cloned();
        sent.push(request.clone());
        before
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
            address: None,
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
            let told = (status, answer.into_bytes().expect("the store works"));
            return self.liar.lock().unwrap_or_else(PoisonError::into_inner).tells(request, told);
        }
    }

    fn handle(&self, asked: &server::Request) -> server::Response {
        self.site().server().handle(asked)
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
            let before = self.remember(&request);
            let trip = self.trips.fetch_add(1, Ordering::Relaxed);
            let weather = self.today();
            if weather == Weather::Offline || trip >= self.last.load(Ordering::Relaxed) {
                return Err(Cut);
            }
            if matches!(weather, Weather::Twice | Weather::TwiceCutAfter(_)) {
                self.ask(&request).await;
            }
            let (status, bytes) = self.ask(&request).await;
            let kept = match weather {
                Weather::Unanswered => return Err(Cut),
                Weather::CutAfter(n) | Weather::TwiceCutAfter(n) | Weather::Restart(n) => n.min(bytes.len()),
                _ => bytes.len(),
            };
            if let Some(before) = before.filter(|_| weather == Weather::Late) {
                self.ask(&before).await;
            }
            if matches!(weather, Weather::Restart(_)) {
                self.site().restart();
            }
            let is_cut = kept < bytes.len();
            let piece = if weather == Weather::Drip { 7 } else { 1500 };
            let mut pieces: Vec<Result<Vec<u8>, Cut>> = bytes[..kept].chunks(piece).map(|piece| Ok(piece.to_vec())).collect();
            if is_cut {
                pieces.push(Err(Cut));
            }
            Ok(RoadAnswer { status, body: stream::iter(pieces).boxed() })
        }
        .boxed()
    }
}
