//! The blind log: it stores, orders and refuses what devices send, and can read nothing of it.
//!
//! [`Server::handle`] is the whole server without sockets; [`serve`] puts it behind HTTP.

#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects,
        clippy::panic
    )
)]

pub mod admit;
pub mod answer;
pub mod backup;
mod bells;
pub mod command;
pub mod crash;
mod harden;
mod inspect;
pub mod limits;
pub mod log;
pub mod metrics;
pub mod routes;
pub mod serve;
#[cfg(test)]
mod tests;
mod verify;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

pub use bells::{MAX_WAIT_S, Wait};
pub use harden::harden;
use log::{Log, StoreError, sqlite::SqliteLog};
pub use routes::{Body, Request, Response};

/// The time, in Unix milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Who may found an organisation here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Orgs {
    /// Only the first one.
    #[default]
    First,
    /// Anybody.
    Open,
}

/// What a server is opened with.
#[derive(Clone)]
pub struct Config {
    /// The SQLite file.
    pub file: PathBuf,
    pub orgs: Orgs,
    pub clock: Clock,
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config").field("file", &self.file).field("orgs", &self.orgs).finish_non_exhaustive()
    }
}

/// The server without sockets.
pub struct Server {
    log: Arc<dyn Log>,
    orgs: Orgs,
    clock: Clock,
    asks: Mutex<routes::enrol::Asks>,
    quota: limits::Quota,
    bells: bells::Bells,
    metrics: metrics::Metrics,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("log", &self.log).field("orgs", &self.orgs).finish_non_exhaustive()
    }
}

impl Server {
    /// Opens the store and puts the server before it.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be opened.
    pub fn open(config: Config) -> Result<Self, StoreError> {
        let log = SqliteLog::open(&config.file, (config.clock)())?;
        Ok(Self::with_log(Arc::new(log), config.orgs, config.clock))
    }

    /// Puts the server before a store that is open.
    pub fn with_log(log: Arc<dyn Log>, orgs: Orgs, clock: Clock) -> Self {
        let (quota, bells, metrics) = (limits::Quota::default(), bells::Bells::default(), metrics::Metrics::default());
        Self { log, orgs, clock, asks: Mutex::default(), quota, bells, metrics }
    }

    /// The same with another bound on what an organisation may keep.
    pub fn with_quota(self, quota: limits::Quota) -> Self {
        Self { quota, ..self }
    }

    /// What was counted so far, in the format that Prometheus reads.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn metrics_text(&self) -> Result<String, StoreError> {
        self.metrics.text(self.log.as_ref(), self.bells.waiting(), self.now_ms())
    }

    /// How many requests wait for news.
    pub fn waiting(&self) -> usize {
        self.bells.waiting()
    }

    /// Answers one request. Blocks while the store works; a streamed body works as it is read. A response with a
    /// [`Response::wait`] may be thrown away, and the request handled again when there is news.
    pub fn handle(&self, request: &Request) -> Response {
        routes::handle(self, request)
    }

    /// Tidies the store up before the process ends.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn close(&self) -> Result<(), StoreError> {
        self.log.close()
    }

    fn now_ms(&self) -> i64 {
        (self.clock)()
    }
}

/// The clock of this machine.
pub fn system_clock() -> Clock {
    Arc::new(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}

/// One line on standard error: a code and nothing about who or what.
pub(crate) fn note(code: &str) {
    use std::io::Write;
    // A closed standard error must not stop the server.
    let _ = writeln!(std::io::stderr(), "brobygger-server {code}");
}

/// The name of an item: SHA-256 of its bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    *wire::signature::sha256(&[bytes]).as_bytes()
}
