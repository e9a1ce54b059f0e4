//! What an operator may count: requests, bytes, refusals, how full and how well backed up. No ids, no addresses, no names.

use std::{fmt, time::Duration};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

use crate::log::{Log, StoreError};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    route: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Code {
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct What {
    kind: &'static str,
}

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    requests: Family<Asked, Counter>,
    seconds: Family<Route, Histogram, fn() -> Histogram>,
    appended: Family<What, Counter>,
    appended_bytes: Family<What, Counter>,
    answer_bytes: Histogram,
    refusals: Family<Code, Counter>,
    /// Connections open now.
    pub(crate) connections: Gauge,
    waiting: Gauge,
    store_bytes: Gauge,
    backup_age: Gauge<f64, std::sync::atomic::AtomicU64>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

/// From a millisecond to over a minute.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 4.0, 9))
}

impl Default for Metrics {
    fn default() -> Self {
        let seconds: Family<Route, Histogram, fn() -> Histogram> = Family::new_with_constructor(seconds);
        let mut metrics = Self {
            registry: Registry::with_prefix("brobygger"),
            requests: Family::default(),
            seconds,
            appended: Family::default(),
            appended_bytes: Family::default(),
            // From 64 bytes to 64 MiB.
            answer_bytes: Histogram::new(exponential_buckets(64.0, 4.0, 11)),
            refusals: Family::default(),
            connections: Gauge::default(),
            waiting: Gauge::default(),
            store_bytes: Gauge::default(),
            backup_age: Gauge::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let r = &mut self.registry;
        r.register("requests", "Requests answered, by route and status", self.requests.clone());
        r.register_with_unit(
            "request_duration",
            "Time from the whole request to the head of its answer",
            Unit::Seconds,
            self.seconds.clone(),
        );
        r.register("appended_items", "Entries and envelopes taken", self.appended.clone());
        r.register_with_unit("appended", "What they hold, with the wraps of entries", Unit::Bytes, self.appended_bytes.clone());
        r.register_with_unit("answer", "Length of answers", Unit::Bytes, self.answer_bytes.clone());
        r.register("refusals", "Requests and items refused, by code", self.refusals.clone());
        r.register("connections", "Connections open now", self.connections.clone());
        r.register("waiting", "Requests that wait for news now", self.waiting.clone());
        r.register_with_unit("store", "Size of the store on disk", Unit::Bytes, self.store_bytes.clone());
        r.register_with_unit("backup_age", "Age of the newest backup; NaN while there is none", Unit::Seconds, self.backup_age.clone());
    }

    pub(crate) fn answered(&self, route: &'static str, status: u16, took: Duration) {
        self.requests.get_or_create(&Asked { route, status }).inc();
        self.seconds.get_or_create(&Route { route }).observe(took.as_secs_f64());
    }

    pub(crate) fn refused(&self, code: &'static str) {
        self.refusals.get_or_create(&Code { code }).inc();
    }

    pub(crate) fn took(&self, kind: &'static str, bytes: usize) {
        let kind = What { kind };
        self.appended.get_or_create(&kind).inc();
        self.appended_bytes.get_or_create(&kind).inc_by(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    #[expect(clippy::cast_precision_loss, reason = "a histogram counts in floats")]
    pub(crate) fn told(&self, bytes: u64) {
        self.answer_bytes.observe(bytes as f64);
    }

    /// All of it as text, in the format that Prometheus reads.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not say how large it is.
    #[expect(clippy::cast_precision_loss, reason = "an age in seconds is a float in this format")]
    pub(crate) fn text(&self, log: &dyn Log, waiting: usize, now_ms: i64) -> Result<String, StoreError> {
        let care = log.care()?;
        self.waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
        self.store_bytes.set(i64::try_from(care.bytes).unwrap_or(i64::MAX));
        let age = care.backup_ms.map(|at| now_ms.saturating_sub(at).max(0) as f64 / 1000.0);
        self.backup_age.set(age.unwrap_or(f64::NAN));
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        Ok(text)
    }
}
