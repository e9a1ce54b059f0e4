//! A notice holds for one device of one organisation, under its own key, in one form.

use ring::signature::{Ed25519KeyPair, KeyPair};

use super::{DuressNotice, MAX_LEN, NoticeError, SignedNotice};
use crate::{
    cbor,
    id::{DeviceId, OrgId},
    label,
    signature::{Signed, VerifyingKey},
};

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn public(pair: &Ed25519KeyPair) -> VerifyingKey {
    VerifyingKey::from_bytes(pair.public_key().as_ref().try_into().unwrap())
}

const NOTICE: DuressNotice = DuressNotice { org: OrgId::from_bytes([1; 32]), device: DeviceId::from_bytes([2; 16]) };

fn signed() -> Vec<u8> {
    NOTICE.sign(|message| pair(7).sign(message).as_ref().to_vec())
}

/// What a reader with this key takes it for.
fn read(bytes: &[u8], key: &VerifyingKey) -> Result<DuressNotice, NoticeError> {
    SignedNotice::decode(bytes)?.verify(key)
}

#[test]
fn it_is_read_as_it_was_signed_and_leaves_room_beside_it() {
    let bytes = signed();
    assert_eq!(bytes.len(), 126);
    assert_eq!(SignedNotice::decode(&bytes).unwrap().claimed(), NOTICE);
    assert_eq!(read(&bytes, &public(&pair(7))), Ok(NOTICE));
    assert_eq!(signed(), bytes, "the same again is the same bytes");
}

#[test]
fn every_flipped_bit_is_refused() {
    let bytes = signed();
    for bit in 0..bytes.len() * 8 {
        let mut other = bytes.clone();
        other[bit / 8] ^= 1 << (bit % 8);
        assert!(read(&other, &public(&pair(7))).is_err(), "bit {bit}");
    }
}

#[test]
fn another_key_organisation_device_or_use_is_refused() {
    let key = public(&pair(7));
    assert_eq!(read(&signed(), &public(&pair(8))), Err(NoticeError::BadSignature));
    let sign = |notice: &DuressNotice, external: &[u8]| {
        Signed::make(cbor::encode(notice), external, |message| pair(7).sign(message).as_ref().to_vec())
    };
    assert_eq!(read(&sign(&NOTICE, label::DURESS.as_bytes()), &key), Ok(NOTICE));
    for external in [label::LOG, label::CONTENT, ""] {
        assert_eq!(read(&sign(&NOTICE, external.as_bytes()), &key), Err(NoticeError::BadSignature), "{external}");
    }
    // The signature of one notice under the words of another.
    for other in
        [DuressNotice { org: OrgId::from_bytes([3; 32]), ..NOTICE }, DuressNotice { device: DeviceId::from_bytes([3; 16]), ..NOTICE }]
    {
        let payload = cbor::encode(&NOTICE);
        let at = signed().windows(payload.len()).position(|window| window == payload).unwrap();
        let mut moved = signed();
        moved[at..at + payload.len()].copy_from_slice(&cbor::encode(&other));
        assert_eq!(SignedNotice::decode(&moved).unwrap().claimed(), other);
        assert_eq!(read(&moved, &key), Err(NoticeError::BadSignature));
    }
}

#[test]
fn only_the_one_form_is_read_and_nothing_long() {
    let key = public(&pair(7));
    let with = |payload: Vec<u8>| Signed::make(payload, label::DURESS.as_bytes(), |message| pair(7).sign(message).as_ref().to_vec());
    let payload = cbor::encode(&NOTICE);
    assert_eq!(read(&with([payload.as_slice(), &[0]].concat()), &key), Err(NoticeError::NotCanonical), "something behind it");
    // The same array with its length in a byte of its own.
    let long = [&[0x98, 0x02], &payload[1..]].concat();
    assert_eq!(read(&with(long), &key), Err(NoticeError::NotCanonical));
    let indefinite = [&[0x9f], &payload[1..], &[0xff]].concat();
    assert_eq!(read(&with(indefinite), &key), Err(NoticeError::NotCanonical));
    assert_eq!(read(&[&[0xd2], signed().as_slice()].concat(), &key), Err(NoticeError::NotCanonical), "tagged");
    assert_eq!(read(&[], &key), Err(NoticeError::NotCanonical));
    assert_eq!(read(&[0; MAX_LEN], &key), Err(NoticeError::NotCanonical));
    assert_eq!(read(&[0; MAX_LEN + 1], &key), Err(NoticeError::TooLarge));
    let codes = [NoticeError::TooLarge, NoticeError::NotCanonical, NoticeError::BadSignature].map(|error| error.code());
    assert_eq!(codes, ["duress.too_large", "duress.not_canonical", "duress.bad_signature"]);
}
