//! Signatures: published examples, one form of COSE_Sign1, keys that would vouch for anything.

use data_encoding::{BASE64, HEXLOWER};
use ring::signature::{Ed25519KeyPair, KeyPair};

use super::{BadSignature, Signed, VerifyingKey, sha256};
use crate::cbor::NotCanonical;

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.as_bytes()).unwrap()
}

fn key(text: &str) -> VerifyingKey {
    VerifyingKey::from_bytes(hex(text).try_into().unwrap())
}

fn pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

fn public(pair: &Ed25519KeyPair) -> VerifyingKey {
    VerifyingKey::from_bytes(pair.public_key().as_ref().try_into().unwrap())
}

fn signed() -> Vec<u8> {
    Signed::make(b"payload".to_vec(), b"context", |message| pair().sign(message).as_ref().to_vec())
}

#[test]
fn sha256_of_nothing_and_of_parts() {
    assert_eq!(HEXLOWER.encode(sha256(&[]).as_bytes()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(sha256(&[b"a", b"bc"]), sha256(&[b"abc"]));
}

#[test]
fn the_examples_of_rfc_8032_hold() {
    for (public, message, signature) in [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ] {
        assert_eq!(key(public).verify(&hex(message), &hex(signature)), Ok(()));
        assert_eq!(key(public).verify(b"other", &hex(signature)), Err(BadSignature));
    }
}

/// RFC 9421, appendix B.2.6: signature base, key and signature as printed there.
#[test]
fn the_ed25519_example_of_rfc_9421_holds() {
    let base = "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n\"@authority\": example.com\n\
        \"content-type\": application/json\n\"content-length\": 18\n\"@signature-params\": (\"date\" \"@method\" \"@path\" \
        \"@authority\" \"content-type\" \"content-length\");created=1618884473;keyid=\"test-key-ed25519\"";
    let key = BASE64.decode(b"JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=").unwrap();
    let key = VerifyingKey::from_bytes(key.try_into().unwrap());
    let signature = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==";
    let signature = BASE64.decode(signature.as_bytes()).unwrap();
    assert_eq!(key.verify(base.as_bytes(), &signature), Ok(()));
    assert_eq!(key.verify(base.replace("POST", "GET").as_bytes(), &signature), Err(BadSignature));
}

/// A point of small order verifies signatures that nobody made: for the neutral point, one signature for every message.
#[test]
fn keys_of_small_order_vouch_for_nothing() {
    let mut neutral_and_zero = [0; 64];
    neutral_and_zero[0] = 1;
    for order in [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ] {
        for message in 0..64_u8 {
            assert_eq!(key(order).verify(&[message], &neutral_and_zero), Err(BadSignature), "{order} vouches for {message}");
        }
    }
}

#[test]
fn a_signature_holds_for_its_payload_its_context_and_its_key() {
    let key = public(&pair());
    let signed = Signed::parse(&signed()).unwrap();
    assert_eq!(signed.payload(), b"payload");
    assert_eq!(signed.verify(&key, b"context"), Ok(()));
    assert_eq!(signed.verify(&key, b"another"), Err(BadSignature));
    assert_eq!(signed.verify(&VerifyingKey::from_bytes([1; 32]), b"context"), Err(BadSignature));
}

#[test]
fn the_signed_bytes_are_those_of_rfc_9052() {
    let mut message = Vec::new();
    Signed::make(b"payload".to_vec(), b"context", |bytes| {
        message = bytes.to_vec();
        vec![0; 64]
    });
    let structure = hex("846a5369676e61747572653143a1012747636f6e74657874477061796c6f6164");
    assert_eq!(message, structure);
    assert!(signed().starts_with(&hex("8443a10127a0477061796c6f61645840")));
}

#[test]
fn only_one_form_is_read() {
    let good = signed();
    for cut in 0..good.len() {
        assert!(Signed::parse(&good[..cut]).is_err());
    }
    let tail = &good[5..];
    let forms = [
        ("a tag", [&hex("d2"), good.as_slice()].concat()),
        ("another algorithm", [&hex("8443a10126"), tail].concat()),
        ("no algorithm", [&hex("8440"), tail].concat()),
        ("an empty map for it", [&hex("8441a0"), tail].concat()),
        ("a content type beside it", [&hex("8445a201270300"), tail].concat()),
        ("a longer integer", [&hex("8444a1013807"), tail].concat()),
        ("something unprotected", [&hex("8443a10127a10442aabb"), &good[6..]].concat()),
        ("no payload", [&hex("8443a10127a0f6"), &good[14..]].concat()),
        ("a trailing byte", [good.as_slice(), &[0]].concat()),
    ];
    for (why, bytes) in forms {
        assert_eq!(Signed::parse(&bytes).err(), Some(NotCanonical), "{why}");
    }
}

#[test]
fn a_flipped_bit_anywhere_is_refused() {
    let (good, key) = (signed(), public(&pair()));
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut other = good.clone();
            other[at] ^= 1 << bit;
            let holds = Signed::parse(&other).is_ok_and(|signed| signed.verify(&key, b"context").is_ok());
            assert!(!holds, "byte {at}, bit {bit}");
        }
    }
}
