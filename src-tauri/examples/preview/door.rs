//! Who may come in: a browser that was sent to this very address, with the token that opens one session.

use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, StatusCode, header};
use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;

/// The length of a secret in bytes.
const SECRET: usize = 32;

type Secret = [u8; SECRET];

/// The door of one server.
pub struct Door {
    port: u16,
    /// Gone once it was used.
    token: Mutex<Option<Secret>>,
    bearer: Secret,
}

impl Door {
    /// A door on this port, and the token that opens it once.
    pub fn new(port: u16) -> Result<(Self, String), getrandom::Error> {
        let (mut token, mut bearer) = ([0; SECRET], [0; SECRET]);
        getrandom::fill(&mut token)?;
        getrandom::fill(&mut bearer)?;
        Ok((Self { port, token: Mutex::new(Some(token)), bearer }, BASE64URL_NOPAD.encode(&token)))
    }

    /// Refuses what was meant for another host, and what another page sent.
    pub fn is_for_us(&self, headers: &HeaderMap) -> Result<(), StatusCode> {
        let own = [format!("127.0.0.1:{}", self.port), format!("localhost:{}", self.port)];
        let one = |name| {
            let mut values = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default());
            (values.next(), values.next().is_some())
        };
        match one(header::HOST) {
            (Some(host), false) if own.iter().any(|own| own == host) => {}
            _ => return Err(StatusCode::MISDIRECTED_REQUEST),
        }
        match one(header::ORIGIN) {
            (None, _) => {}
            (Some(origin), false) if own.iter().any(|own| origin.strip_prefix("http://") == Some(own)) => {}
            _ => return Err(StatusCode::FORBIDDEN),
        }
        let site = headers.get("sec-fetch-site").map(|site| site.as_bytes());
        if matches!(site, None | Some(b"same-origin" | b"none")) { Ok(()) } else { Err(StatusCode::FORBIDDEN) }
    }

    /// The bearer of a session, for the token; only the first time.
    pub fn enter(&self, token: &str) -> Option<String> {
        let mut kept = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_same(kept.as_ref()?, token) {
            return None;
        }
        *kept = None;
        Some(BASE64URL_NOPAD.encode(&self.bearer))
    }

    /// Whether a request belongs to the session.
    pub fn knows(&self, headers: &HeaderMap) -> bool {
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        bearer.is_some_and(|bearer| is_same(&self.bearer, bearer))
    }
}

/// Compares in a time that tells nothing of the secret.
fn is_same(secret: &Secret, text: &str) -> bool {
    BASE64URL_NOPAD.decode(text.as_bytes()).is_ok_and(|bytes| bytes.ct_eq(secret).into())
}
