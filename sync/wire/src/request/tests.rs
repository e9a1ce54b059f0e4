//! Signed requests: the exact bytes, and every covered part tampered with.

use ring::signature::{Ed25519KeyPair, KeyPair};

use super::{AuthError, CLOCK_WINDOW_S, Claim, RequestHeaders, content_digest, sign_request};
use crate::{id::DeviceId, signature::VerifyingKey};

const URI: &str = "https://example.org/v1/sync?c=abc";
const NOW: i64 = 1_700_000_000;

fn pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap()
}

fn key() -> VerifyingKey {
    VerifyingKey::from_bytes(pair().public_key().as_ref().try_into().unwrap())
}

fn device() -> DeviceId {
    DeviceId::from_bytes([0xd1; 16])
}

fn headers(method: &str, uri: &str, body: Option<&[u8]>) -> RequestHeaders {
    sign_request(&device(), method, uri, body, NOW, |base| pair().sign(base).as_ref().to_vec())
}

fn judged(method: &str, uri: &str, body: Option<&[u8]>, headers: &RequestHeaders) -> Result<(), AuthError> {
    Claim::read(method, uri, body, headers)?.verify(&key(), NOW)
}

#[test]
fn the_signed_bytes_are_these() {
    let mut base = Vec::new();
    let with_body = sign_request(&device(), "POST", URI, Some(b"{\"hello\": \"world\"}\n"), NOW, |bytes| {
        base = bytes.to_vec();
        vec![0; 64]
    });
    let params = "(\"@method\" \"@target-uri\" \"content-digest\");created=1700000000;keyid=\"2hi5duor2hi5duor2hi5duor2e\";alg=\"ed25519\"";
    // The digest is the example of RFC 9530, appendix B.1.
    let digest = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
    let wanted = format!("\"@method\": POST\n\"@target-uri\": {URI}\n\"content-digest\": {digest}\n\"@signature-params\": {params}");
    assert_eq!(String::from_utf8(base).unwrap(), wanted);
    assert_eq!(with_body.signature_input, format!("bb={params}"));
    assert_eq!(with_body.content_digest.as_deref(), Some(digest));
    assert!(with_body.signature.starts_with("bb=:") && with_body.signature.ends_with(':'));

    let mut base = Vec::new();
    let without = sign_request(&device(), "GET", URI, None, NOW, |bytes| {
        base = bytes.to_vec();
        vec![0; 64]
    });
    let params = "(\"@method\" \"@target-uri\");created=1700000000;keyid=\"2hi5duor2hi5duor2hi5duor2e\";alg=\"ed25519\"";
    assert_eq!(String::from_utf8(base).unwrap(), format!("\"@method\": GET\n\"@target-uri\": {URI}\n\"@signature-params\": {params}"));
    assert_eq!(without.content_digest, None);
}

#[test]
fn the_empty_digest_is_that_of_rfc_9530() {
    assert_eq!(content_digest(b""), "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
}

#[test]
fn a_signed_request_is_believed() {
    assert_eq!(judged("GET", URI, None, &headers("GET", URI, None)), Ok(()));
    assert_eq!(judged("POST", URI, Some(b""), &headers("POST", URI, Some(b""))), Ok(()));
    let claim = Claim::read("POST", URI, Some(b"x"), &headers("POST", URI, Some(b"x"))).unwrap();
    assert_eq!((claim.device, claim.created_s), (device(), NOW));
}

#[test]
fn every_covered_part_is_covered() {
    let good = headers("POST", URI, Some(b"body"));
    assert_eq!(judged("PUT", URI, Some(b"body"), &good), Err(AuthError::BadSignature));
    assert_eq!(judged("POST", "https://example.org/v1/sync?c=abd", Some(b"body"), &good), Err(AuthError::BadSignature));
    assert_eq!(judged("POST", "https://other.example/v1/sync?c=abc", Some(b"body"), &good), Err(AuthError::BadSignature));
    assert_eq!(judged("POST", URI, Some(b"bodz"), &good), Err(AuthError::BadDigest));
    assert_eq!(judged("POST", URI, None, &good), Err(AuthError::Malformed));
    let changed = |from: &str, to: &str| {
        let input = good.signature_input.replacen(from, to, 1);
        assert_ne!(input, good.signature_input, "{from}");
        judged("POST", URI, Some(b"body"), &RequestHeaders { signature_input: input, ..good.clone() })
    };
    assert_eq!(changed("created=1700000000", "created=1700000001"), Err(AuthError::BadSignature));
    assert_eq!(changed("keyid=\"2hi5", "keyid=\"3hi5"), Err(AuthError::BadSignature));
    for (from, to) in [
        ("bb=", "sig="),
        ("bb=", ""),
        (" \"content-digest\"", ""),
        ("\"@method\" ", ""),
        ("\"@method\" \"@target-uri\"", "\"@target-uri\" \"@method\""),
        ("ed25519", "hmac-sha256"),
        (";alg=\"ed25519\"", ""),
        ("created=1700000000", "created=+1700000000"),
        ("created=1700000000", "created=01700000000"),
        ("created=1700000000", "created="),
        ("created=1700000000", "created=99999999999999999999"),
        (";created=", ";expires=1;created="),
        ("\"2hi5duor", "\"2HI5DUOR"),
        ("\"2hi5duor", "\"2hi5duo"),
        (";keyid=\"2hi5duor2hi5duor2hi5duor2e\"", ""),
        ("2e\"", "2f\""),
    ] {
        assert_eq!(changed(from, to), Err(AuthError::Malformed), "{from} to {to}");
    }
    let other_digest = RequestHeaders { content_digest: Some(content_digest(b"else")), ..good.clone() };
    assert_eq!(judged("POST", URI, Some(b"body"), &other_digest), Err(AuthError::BadDigest));
    assert_eq!(judged("POST", URI, Some(b"else"), &other_digest), Err(AuthError::BadSignature));
    let no_digest = RequestHeaders { content_digest: None, ..good.clone() };
    assert_eq!(judged("POST", URI, Some(b"body"), &no_digest), Err(AuthError::BadDigest));
    let stray_digest = RequestHeaders { content_digest: Some(content_digest(b"")), ..headers("GET", URI, None) };
    assert_eq!(judged("GET", URI, None, &stray_digest), Err(AuthError::BadDigest));
}

#[test]
fn a_line_cannot_be_smuggled_into_what_is_signed() {
    let signed = headers("GET", "https://example.org/a\n\"x\": y", None);
    assert_eq!(judged("GET", "https://example.org/a", None, &signed), Err(AuthError::BadSignature));
}

#[test]
fn a_signature_has_one_form() {
    let good = headers("GET", URI, None);
    let with = |signature: String| judged("GET", URI, None, &RequestHeaders { signature, ..good.clone() });
    let inner = good.signature.trim_start_matches("bb=:").trim_end_matches(':').to_owned();
    for signature in [
        String::new(),
        "bb=:".to_owned(),
        inner.clone(),
        format!("sig=:{inner}:"),
        format!("bb=:{inner}"),
        format!("bb=:{}:", inner.trim_end_matches('=')),
        format!("bb=: {inner}:"),
        format!("bb=:{inner}:, bb=:{inner}:"),
    ] {
        assert_eq!(with(signature.clone()), Err(AuthError::Malformed), "{signature}");
    }
    assert_eq!(with("bb=::".to_owned()), Err(AuthError::BadSignature));
    for at in 0..86 {
        let mut other = inner.clone().into_bytes();
        other[at] = if other[at] == b'A' { b'B' } else { b'A' };
        let outcome = with(format!("bb=:{}:", String::from_utf8(other).unwrap()));
        assert!(matches!(outcome, Err(AuthError::BadSignature | AuthError::Malformed)), "character {at}");
    }
}

#[test]
fn the_clock_may_be_five_minutes_off() {
    let claim = Claim::read("GET", URI, None, &headers("GET", URI, None)).unwrap();
    for (server, outcome) in [
        (NOW, Ok(())),
        (NOW + CLOCK_WINDOW_S, Ok(())),
        (NOW - CLOCK_WINDOW_S, Ok(())),
        (NOW + CLOCK_WINDOW_S + 1, Err(AuthError::Clock)),
        (NOW - CLOCK_WINDOW_S - 1, Err(AuthError::Clock)),
        (i64::MIN, Err(AuthError::Clock)),
        (i64::MAX, Err(AuthError::Clock)),
    ] {
        assert_eq!(claim.verify(&key(), server), outcome, "{server}");
    }
    let stranger = VerifyingKey::from_bytes([1; 32]);
    assert_eq!(claim.verify(&stranger, i64::MAX), Err(AuthError::BadSignature), "only a known device is told the time");
}

#[test]
fn codes_are_stable() {
    let codes = [AuthError::Malformed, AuthError::BadDigest, AuthError::BadSignature, AuthError::Clock, AuthError::UnknownDevice];
    let codes = codes.map(|error| error.code());
    assert_eq!(codes, ["auth.malformed", "auth.bad_digest", "auth.bad_signature", "auth.clock", "auth.unknown_device"]);
}

proptest::proptest! {
    #[test]
    fn headers_of_any_kind_are_judged_without_panic(input in ".{0,80}", signature in ".{0,40}", digest in proptest::option::of(".{0,40}")) {
        let headers = RequestHeaders { signature_input: format!("bb={input}"), signature: format!("bb=:{signature}:"), content_digest: digest };
        proptest::prop_assert!(judged("GET", URI, None, &headers).is_err());
    }
}
