//! Envelopes: one form, one version, sizes that tell little.

use super::{Compartment, Envelope, EnvelopeError, Header, Kind, MAX_LEN, MIN_PADDED, Stream, padded_len, padded_to};
use crate::{
    cbor,
    id::{CaseId, DeviceId},
    signature::sha256,
};

fn header() -> Header {
    Header {
        version: 1,
        kind: Kind::Segment,
        stream: Stream::core(CaseId::from_bytes([1; 16])),
        epoch: 1,
        device: DeviceId::from_bytes([2; 16]),
        seq: 1,
        salt: [3; 16],
    }
}

fn envelope(header: Header) -> Envelope {
    Envelope::new(header, [4; 32], vec![5; 528])
}

#[test]
fn an_envelope_comes_back_and_is_named_by_its_bytes() {
    for kind in [Kind::Segment, Kind::Snapshot, Kind::Seen, Kind::Heartbeat] {
        for stream in [Stream::DIRECTORY, Stream::core(CaseId::from_bytes([9; 16]))] {
            let sent = envelope(Header { kind, stream, ..header() });
            let bytes = sent.encode();
            let read = Envelope::decode(&bytes).unwrap();
            assert_eq!(read, sent);
            assert_eq!(read.id().as_bytes(), sha256(&[&bytes]).as_bytes());
        }
    }
}

#[test]
fn the_first_failing_check_is_named() {
    let soundness = [
        Header { seq: 0, ..header() },
        Header { epoch: 0, ..header() },
        Header { stream: Stream { case: None, compartment: Compartment::Core }, ..header() },
        Header { stream: Stream { case: Some(CaseId::from_bytes([1; 16])), compartment: Compartment::Directory }, ..header() },
    ];
    for header in soundness {
        assert_eq!(Envelope::decode(&envelope(header).encode()), Err(EnvelopeError::NotCanonical));
    }
    for version in [0, 2, 23, 24, u16::MAX] {
        let bytes = envelope(Header { version, ..header() }).encode();
        assert_eq!(Envelope::decode(&bytes), Err(EnvelopeError::UnknownVersion), "version {version}");
    }
    assert_eq!(Envelope::decode(&vec![0xff; MAX_LEN + 1]), Err(EnvelopeError::TooLarge));
    assert_eq!(Envelope::decode(&[]), Err(EnvelopeError::NotCanonical));
    let future = cbor::encode(&((2_u16, "something else"), "and more"));
    assert_eq!(Envelope::decode(&future), Err(EnvelopeError::UnknownVersion), "a later version need not have this shape");
    assert_eq!(EnvelopeError::TooLarge.code(), "env.too_large");
    assert_eq!(EnvelopeError::NotCanonical.code(), "env.not_canonical");
    assert_eq!(EnvelopeError::UnknownVersion.code(), "env.unknown_version");
}

#[test]
fn an_envelope_at_the_limit_is_read_and_one_byte_more_is_not() {
    let overhead = envelope(header()).encode().len() - 528 + 2;
    let exact = Envelope::new(header(), [4; 32], vec![0; MAX_LEN - overhead]).encode();
    assert_eq!(exact.len(), MAX_LEN);
    assert!(Envelope::decode(&exact).is_ok());
    let over = Envelope::new(header(), [4; 32], vec![0; MAX_LEN - overhead + 1]).encode();
    assert_eq!(Envelope::decode(&over), Err(EnvelopeError::TooLarge));
}

#[test]
fn no_other_bytes_are_the_same_envelope() {
    let bytes = envelope(header()).encode();
    for cut in 0..bytes.len() {
        assert!(Envelope::decode(&bytes[..cut]).is_err(), "cut at {cut}");
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut other = bytes.clone();
            other[at] ^= 1 << bit;
            if let Ok(read) = Envelope::decode(&other) {
                assert_eq!(read.encode(), other);
                assert_ne!(read.id(), envelope(header()).id());
            }
        }
    }
    let mut long = bytes;
    long.push(0);
    assert_eq!(Envelope::decode(&long), Err(EnvelopeError::NotCanonical));
}

#[test]
fn padding_is_padmé_above_a_floor() {
    for (len, padded) in [
        (0, 512),
        (1, 512),
        (511, 512),
        (512, 512),
        (513, 544),
        (544, 544),
        (545, 576),
        (1000, 1024),
        (1024, 1024),
        (1025, 1088),
        (5_000, 5_120),
        (10_000, 10_240),
        (65_536, 65_536),
        (65_537, 67_584),
        (1_000_000, 1_015_808),
        (1_048_577, 1_081_344),
    ] {
        assert_eq!(padded_len(len), padded, "{len}");
    }
}

#[test]
fn padding_grows_with_the_content_and_costs_at_most_twelve_per_cent() {
    let mut before = MIN_PADDED;
    for len in (0..70_000).chain((70_000..9_000_000).step_by(997)) {
        let padded = padded_len(len);
        assert!(padded >= len && padded >= before, "{len}");
        assert_eq!(padded_len(padded), padded, "{len}");
        assert!(len <= MIN_PADDED || (padded - len) * 100 <= 12 * len, "{len} becomes {padded}");
        before = padded;
    }
    assert_eq!([0, 128, 129, 136, 137, 512, 513].map(|len| padded_to(len, 128)), [128, 128, 144, 144, 144, 512, 544], "another floor");
    let lengths: std::collections::BTreeSet<usize> = (0..1 << 20).map(padded_len).collect();
    assert!(lengths.len() < 400, "{} lengths up to a mebibyte", lengths.len());
}

#[test]
fn streams_of_a_case_and_of_the_organisation_differ() {
    assert_ne!(Stream::DIRECTORY, Stream::core(CaseId::from_bytes([0; 16])));
    assert_ne!(cbor::encode(&Stream::DIRECTORY), cbor::encode(&Stream::core(CaseId::from_bytes([0; 16]))));
}
