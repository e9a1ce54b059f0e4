//! One value has one encoding; every other is refused.

use minicbor::{Decode, Encode};

use super::{NotCanonical, decode, encode};

#[derive(Debug, PartialEq, Eq, Encode, Decode)]
struct Row {
    #[n(0)]
    number: u64,
    #[cbor(n(1), with = "minicbor::bytes")]
    bytes: Vec<u8>,
    #[n(2)]
    text: Option<String>,
}

fn row(number: u64) -> Row {
    Row { number, bytes: vec![1, 2], text: Some("æ".to_owned()) }
}

#[test]
fn the_one_encoding_is_read() {
    for (number, hex) in [
        (0, "830042010262c3a6"),
        (23, "831742010262c3a6"),
        (24, "83181842010262c3a6"),
        (256, "8319010042010262c3a6"),
        (65536, "831a0001000042010262c3a6"),
        (u64::MAX, "831bffffffffffffffff42010262c3a6"),
    ] {
        let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
        assert_eq!(encode(&row(number)), bytes);
        assert_eq!(decode(&bytes), Ok(row(number)));
    }
}

#[test]
fn a_last_field_that_is_absent_is_left_out_and_one_in_the_middle_is_null() {
    let bytes = encode(&Row { text: None, ..row(1) });
    assert_eq!(data_encoding::HEXLOWER.encode(&bytes), "8201420102");
    assert_eq!(decode(&bytes), Ok(Row { text: None, ..row(1) }));
    assert_eq!(decode::<Row>(&data_encoding::HEXLOWER.decode(b"8301420102f6").unwrap()), Err(NotCanonical));
}

#[test]
fn every_other_encoding_is_refused() {
    for (why, hex) in [
        ("nothing", ""),
        ("cut short", "8301420102"),
        ("a trailing byte", "830142010262c3a600"),
        ("a second value", "830142010262c3a6830142010262c3a6"),
        ("an integer in two bytes", "83180142010262c3a6"),
        ("an integer in three bytes", "8319000142010262c3a6"),
        ("an integer in five bytes", "831a0000000142010262c3a6"),
        ("an integer in nine bytes", "831b000000000000000142010262c3a6"),
        ("a negative integer", "832042010262c3a6"),
        ("a float", "83f93c0042010262c3a6"),
        ("a tag", "83c10142010262c3a6"),
        ("an array length in two bytes", "98030142010262c3a6"),
        ("an array without length", "9f0142010262c3a6ff"),
        ("bytes without length", "83015f420102ff62c3a6"),
        ("bytes in pieces", "83015f41014102ff62c3a6"),
        ("a byte length in two bytes", "8301580201 0262c3a6"),
        ("text without length", "83014201027f62c3a6ff"),
        ("text that is not UTF-8", "830142010262c328"),
        ("text for bytes", "8301620102 62c3a6"),
        ("one element too many", "840142010262c3a600"),
        ("a map", "a3000101420102026 2c3a6"),
        ("undefined for absent", "8301420102f7"),
        ("a length beyond the input", "83015affffffff01"),
        ("an array of a length beyond the input", "9bffffffffffffffff01"),
        ("a reserved length", "831c42010262c3a6"),
    ] {
        let bytes = data_encoding::HEXLOWER.decode(hex.replace(' ', "").as_bytes()).unwrap();
        assert_eq!(decode::<Row>(&bytes), Err(NotCanonical), "{why}");
    }
}

#[test]
fn maps_are_sorted_and_without_twins() {
    type Map = std::collections::BTreeMap<u8, u8>;
    let sorted = [0xa2, 1, 1, 2, 2];
    assert_eq!(decode::<Map>(&sorted), Ok(Map::from([(1, 1), (2, 2)])));
    assert_eq!(decode::<Map>(&[0xa2, 2, 2, 1, 1]), Err(NotCanonical));
    assert_eq!(decode::<Map>(&[0xa2, 1, 1, 1, 1]), Err(NotCanonical));
}

proptest::proptest! {
    #[test]
    fn what_is_read_is_what_would_be_written(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..64)) {
        if let Ok(row) = decode::<Row>(&bytes) {
            proptest::prop_assert_eq!(encode(&row), bytes);
        }
    }
}
