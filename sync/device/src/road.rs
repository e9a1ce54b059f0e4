//! The way to the server: one request in, one answer stream out.

use std::{fmt, time::Duration};

use crate::error::DeviceError;
use futures_util::{
    StreamExt, TryStreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use tokio::time::timeout;

/// What a server says that could take something in.
const READY: &[u8] = b"ready\n";

/// A request as it leaves the device.
#[derive(Debug, Clone)]
pub struct RoadRequest {
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<Vec<u8>>,
}

/// An answer as it arrives.
pub struct RoadAnswer {
    pub status: u16,
    pub body: BoxStream<'static, Result<Vec<u8>, Cut>>,
}

impl fmt::Debug for RoadAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RoadAnswer({})", self.status)
    }
}

/// The road ended before the answer did, or did not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no way to the server now")]
pub struct Cut;

/// A way to the server.
pub trait Road: Send + Sync {
    /// Sends one request and gives the answer as it comes.
    fn go(&self, request: RoadRequest) -> BoxFuture<'_, Result<RoadAnswer, Cut>>;
}

/// How long nothing may come before the road counts as cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a connection to stand.
    pub connect: Duration,
    /// Between one piece of an answer and the next. The answer's beginning may take longer by what the request's body
    /// needs on the slowest line there is.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), silence: Duration::from_secs(30) }
    }
}

/// The slowest line that is not taken for a dead one, in bytes a second: 32 kbit/s.
const SLOWEST_LINE: u64 = 4_000;

impl Patience {
    /// How long the beginning of an answer may take after a body of so many bytes.
    fn until_answer(self, body: usize) -> Duration {
        let on_the_way = u64::try_from(body).unwrap_or(u64::MAX).div_euclid(SLOWEST_LINE);
        self.silence.saturating_add(Duration::from_secs(on_the_way))
    }
}

/// HTTP over TLS 1.3, or plain on loopback.
pub struct HttpRoad {
    client: reqwest::Client,
    patience: Patience,
}

impl fmt::Debug for HttpRoad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpRoad")
    }
}

impl HttpRoad {
    /// A road on which the server may show only these certificates (DER); with none, those the system trusts.
    ///
    /// # Errors
    /// [`Cut`] when a certificate is not one.
    pub fn new(certificates: &[Vec<u8>]) -> Result<Self, Cut> {
        Self::with_patience(certificates, Patience::default())
    }

    /// The same with another patience.
    ///
    /// # Errors
    /// [`Cut`] when a certificate is not one.
    pub fn with_patience(certificates: &[Vec<u8>], patience: Patience) -> Result<Self, Cut> {
        // Only the first call takes effect; a second one finds the same provider installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // Over HTTP/2 a request that is given up leaves its connection standing: only a ping tells that nobody is there.
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(patience.connect)
            .http2_keep_alive_interval(patience.silence.div_f32(2.0))
            .http2_keep_alive_timeout(patience.connect)
            .http2_keep_alive_while_idle(true)
            .tls_version_min(reqwest::tls::Version::TLS_1_3);
        if !certificates.is_empty() {
            let roots: Result<Vec<_>, _> = certificates.iter().map(|der| reqwest::Certificate::from_der(der)).collect();
            builder = builder.tls_certs_only(roots.map_err(|_| Cut)?);
        }
        Ok(Self { client: builder.build().map_err(|_| Cut)?, patience })
    }
}

impl Road for HttpRoad {
    fn go(&self, request: RoadRequest) -> BoxFuture<'_, Result<RoadAnswer, Cut>> {
        Box::pin(async move {
            let method = if request.method == "POST" { reqwest::Method::POST } else { reqwest::Method::GET };
            let mut builder = self.client.request(method, &request.url);
            for (name, value) in &request.headers {
                builder = builder.header(*name, value);
            }
            let until_answer = self.patience.until_answer(request.body.as_ref().map_or(0, Vec::len));
            if let Some(body) = request.body {
                builder = builder.body(body);
            }
            let answer = timeout(until_answer, builder.send()).await.map_err(|_| Cut)?.map_err(|_| Cut)?;
            let status = answer.status().as_u16();
            let pieces = answer.bytes_stream().map_ok(|bytes| bytes.to_vec()).map_err(|_| Cut).boxed();
            Ok(RoadAnswer { status, body: watched(pieces, self.patience.silence) })
        })
    }
}

/// Asks whether there is a server of ours at this address that takes things in. Nothing of this device is told.
///
/// # Errors
/// `net.insecure`, [`DeviceError::Offline`], or [`DeviceError::BadAnswer`] when something else answers.
pub async fn reach(server: &str) -> Result<(), DeviceError> {
    if !is_allowed_url(server) {
        return Err(DeviceError::Refused { code: "net.insecure".to_owned() });
    }
    let url = format!("{}/readyz", server.trim_end_matches('/'));
    let road = HttpRoad::new(&[]).map_err(|Cut| DeviceError::Offline)?;
    let asked = road.go(RoadRequest { method: "GET", url, headers: Vec::new(), body: None });
    let mut answer = asked.await.map_err(|Cut| DeviceError::Offline)?;
    let mut said = Vec::new();
    while let Some(chunk) = answer.body.next().await {
        said.extend_from_slice(&chunk.map_err(|Cut| DeviceError::Offline)?);
        if said.len() > READY.len() {
            break;
        }
    }
    if answer.status == 200 && said == READY { Ok(()) } else { Err(DeviceError::BadAnswer) }
}

/// The same pieces; a silence that is too long ends them with a cut.
fn watched(pieces: BoxStream<'static, Result<Vec<u8>, Cut>>, silence: Duration) -> BoxStream<'static, Result<Vec<u8>, Cut>> {
    let next = move |pieces: Option<BoxStream<'static, Result<Vec<u8>, Cut>>>| async move {
        let mut pieces = pieces?;
        match timeout(silence, pieces.next()).await {
            Ok(piece) => piece.map(|piece| (piece, Some(pieces))),
            Err(_) => Some((Err(Cut), None)),
        }
    };
    stream::unfold(Some(pieces), next).boxed()
}

/// Whether a server may be spoken to in plain HTTP: on this machine only.
pub fn is_allowed_url(url: &str) -> bool {
    if url.starts_with("https://") {
        return true;
    }
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // What stands before an @ is no host, whatever it looks like.
    if authority.contains(['@', '\\']) {
        return false;
    }
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Patience, is_allowed_url};

    #[test]
    fn a_large_body_is_given_the_time_it_needs_on_a_slow_line() {
        let patience = Patience::default();
        assert_eq!(patience.until_answer(0), Duration::from_secs(30));
        assert_eq!(patience.until_answer(16 * 1024), Duration::from_secs(34));
        assert_eq!(patience.until_answer(1024 * 1024), Duration::from_secs(292));
    }

    #[test]
    fn plain_http_stays_on_this_machine_however_it_is_written() {
        for good in ["http://127.0.0.1:8787", "http://localhost/x", "http://[::1]:80", "https://bro.example"] {
            assert!(is_allowed_url(good), "{good}");
        }
        for bad in [
            "http://bro.example",
            "http://127.0.0.1:1@bro.example/",
            "http://127.0.0.1.bro.example",
            "http://localhost\\@bro.example",
            "ftp://127.0.0.1",
            "http://bro.example?127.0.0.1",
        ] {
            assert!(!is_allowed_url(bad), "{bad}");
        }
    }
}
