//! Who asks: HTTP Message Signatures (RFC 9421) with Ed25519, one narrow profile.
//!
//! Covered are `@method`, `@target-uri` and, where there is a body, `content-digest` (RFC 9530, SHA-256). `keyid` is the
//! device, `created` is in seconds. Pushes are idempotent, so a replay inside the window does no harm.

use data_encoding::BASE64;

use crate::{
    id::DeviceId,
    signature::{VerifyingKey, sha256},
};

/// How far `created` may be from the server's clock, in seconds.
pub const CLOCK_WINDOW_S: i64 = 300;
const NAME: &str = "bb";

/// The headers that authenticate a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHeaders {
    pub signature_input: String,
    pub signature: String,
    pub content_digest: Option<String>,
}

/// A request that claims to come from a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub device: DeviceId,
    /// Unix seconds.
    pub created_s: i64,
    base: String,
    signature: Vec<u8>,
}

/// Why a request is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    #[error("the request is not signed in the way this server reads")]
    Malformed,
    #[error("the body is not the one that was signed")]
    BadDigest,
    #[error("the signature does not hold")]
    BadSignature,
    #[error("the device's clock is too far from the server's")]
    Clock,
    #[error("no such device may ask this here")]
    UnknownDevice,
}

impl AuthError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "auth.malformed",
            Self::BadDigest => "auth.bad_digest",
            Self::BadSignature => "auth.bad_signature",
            Self::Clock => "auth.clock",
            Self::UnknownDevice => "auth.unknown_device",
        }
    }
}

/// The value of `Content-Digest` for a body.
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", BASE64.encode(sha256(&[body]).as_bytes()))
}

fn params(device: &DeviceId, created_s: i64, has_body: bool) -> String {
    let covered = if has_body { r#"("@method" "@target-uri" "content-digest")"# } else { r#"("@method" "@target-uri")"# };
    format!(r#"{covered};created={created_s};keyid="{device}";alg="ed25519""#)
}

fn signature_base(method: &str, target_uri: &str, digest: Option<&str>, params: &str) -> String {
    let digest = digest.map(|digest| format!("\"content-digest\": {digest}\n")).unwrap_or_default();
    format!("\"@method\": {method}\n\"@target-uri\": {target_uri}\n{digest}\"@signature-params\": {params}")
}

/// Makes the headers for a request; `sign` is given the signature base.
pub fn sign_request(
    device: &DeviceId,
    method: &str,
    target_uri: &str,
    body: Option<&[u8]>,
    created_s: i64,
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> RequestHeaders {
    let digest = body.map(content_digest);
    let params = params(device, created_s, body.is_some());
    let base = signature_base(method, target_uri, digest.as_deref(), &params);
    RequestHeaders {
        signature_input: format!("{NAME}={params}"),
        signature: format!("{NAME}=:{}:", BASE64.encode(&sign(base.as_bytes()))),
        content_digest: digest,
    }
}

impl Claim {
    /// Reads the headers of a request, and checks the digest against the body.
    ///
    /// # Errors
    /// [`AuthError::Malformed`] or [`AuthError::BadDigest`].
    pub fn read(method: &str, target_uri: &str, body: Option<&[u8]>, headers: &RequestHeaders) -> Result<Self, AuthError> {
        let input = headers.signature_input.strip_prefix("bb=").ok_or(AuthError::Malformed)?;
        let after = |key: &str| input.split_once(key).map(|(_, rest)| rest).ok_or(AuthError::Malformed);
        let created = after(";created=")?.split(';').next().unwrap_or_default();
        let created_s: i64 = created.parse().map_err(|_| AuthError::Malformed)?;
        let keyid = after(";keyid=\"")?.split('"').next().unwrap_or_default();
        let device: DeviceId = keyid.parse().map_err(|_| AuthError::Malformed)?;
        if input != params(&device, created_s, body.is_some()) {
            return Err(AuthError::Malformed);
        }
        let digest = body.map(content_digest);
        if headers.content_digest != digest {
            return Err(AuthError::BadDigest);
        }
        let encoded = headers.signature.strip_prefix("bb=:").and_then(|rest| rest.strip_suffix(':'));
        let signature = BASE64.decode(encoded.ok_or(AuthError::Malformed)?.as_bytes()).map_err(|_| AuthError::Malformed)?;
        let base = signature_base(method, target_uri, digest.as_deref(), input);
        Ok(Self { device, created_s, base, signature })
    }

    /// Checks signature, then clock. The order lets a server tell its time only to a device it knows.
    ///
    /// # Errors
    /// [`AuthError::BadSignature`] or [`AuthError::Clock`].
    pub fn verify(&self, key: &VerifyingKey, server_s: i64) -> Result<(), AuthError> {
        key.verify(self.base.as_bytes(), &self.signature).map_err(|_| AuthError::BadSignature)?;
        if self.created_s.saturating_sub(server_s).saturating_abs() > CLOCK_WINDOW_S { Err(AuthError::Clock) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
