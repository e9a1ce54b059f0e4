//! A device's keys come back from the vault, and each signs its own kind of thing.

#![expect(clippy::disallowed_methods, reason = "the golden notice is a file")]

use wire::{duress::SignedNotice, id::CaseId, request::Claim};

use super::{DeviceKeys, actor_of};
use crate::{
    KeyError,
    tests::{Dice, Field},
};

#[test]
fn keys_come_back_from_their_bytes() {
    let keys = DeviceKeys::make(&mut Dice::new("identity")).unwrap();
    let bytes = keys.to_secret_bytes();
    assert_eq!(bytes.len(), 112);
    let again = DeviceKeys::from_secret_bytes(&bytes).unwrap();
    assert_eq!(again.card(), keys.card());
    assert_eq!(again.to_secret_bytes(), bytes);
    for len in [0, 16, 111] {
        assert_eq!(DeviceKeys::from_secret_bytes(&bytes[..len]).err(), Some(KeyError::Broken));
    }
    assert_eq!(DeviceKeys::from_secret_bytes(&[0; 113]).err(), Some(KeyError::Broken));
}

#[test]
fn a_printed_device_shows_no_secret() {
    let keys = DeviceKeys::make(&mut Dice::new("identity")).unwrap();
    assert_eq!(format!("{keys:?}"), format!("DeviceKeys({})", keys.device()));
}

#[test]
fn requests_and_statements_have_keys_of_their_own() {
    let keys = DeviceKeys::make(&mut Dice::new("identity")).unwrap();
    let headers = keys.sign_request("GET", "https://example.org/", None, 5);
    let claim = Claim::read("GET", "https://example.org/", None, &headers).unwrap();
    assert_eq!(claim.device, keys.device());
    assert!(claim.verify(&keys.card().request, 5).is_ok());
    assert!(claim.verify(&keys.card().sign, 5).is_err());
    assert!(keys.card().sign.verify(b"content", &keys.sign_content(b"content")).is_ok());
}

#[test]
fn an_actor_belongs_to_one_device_in_one_case() {
    let mut dice = Dice::new("identity");
    let (one, two) = (DeviceKeys::make(&mut dice).unwrap(), DeviceKeys::make(&mut dice).unwrap());
    let (here, there) = (CaseId::from_bytes([1; 16]), CaseId::from_bytes([2; 16]));
    assert_eq!(one.actor(&here), actor_of(&one.card().sign, &here));
    assert_ne!(one.actor(&here), one.actor(&there));
    assert_ne!(one.actor(&here), two.actor(&here));
}

/// The golden notice: Aisha's, in the organisation of the golden logs.
fn golden_notice() -> Vec<u8> {
    let field = Field::new(crate::tests::SEED);
    field.aisha.keys.duress_notice(field.org.org())
}

#[test]
#[ignore = "writes the golden notice; only for a new format"]
fn regenerate_golden_notice() {
    std::fs::write(crate::tests::folder().join("duress-1.bin"), golden_notice()).unwrap();
}

#[test]
fn the_golden_notice_is_written_again_byte_for_byte_and_holds_under_the_sign_key_alone() {
    let bytes = crate::tests::file("duress-1.bin");
    assert!(bytes == golden_notice(), "it would be written otherwise");
    let (field, read) = (Field::new(crate::tests::SEED), SignedNotice::decode(&bytes).unwrap());
    let card = field.aisha.keys.card();
    let said = read.verify(&card.sign).unwrap();
    assert_eq!((said.org, said.device), (field.org.org(), card.device));
    assert!(read.verify(&card.request).is_err() && read.verify(&field.bo.keys.card().sign).is_err());
}
