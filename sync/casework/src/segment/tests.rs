//! Packing and unpacking, and where it stops.

use super::*;

#[test]
fn what_is_packed_is_unpacked() {
    for changes in [vec![], vec![vec![]], vec![vec![1, 2, 3], vec![4; 100_000], "æøå".as_bytes().to_vec()]] {
        let body = encode_segment(&changes).unwrap();
        assert_eq!(decode_segment(&body).unwrap(), changes);
    }
    let document = vec![7_u8; 1_000_000];
    let body = encode_snapshot(&document).unwrap();
    assert!(body.len() < 1_000);
    assert_eq!(decode_snapshot(&body).unwrap(), document);
}

#[test]
fn a_bomb_is_refused_at_its_limit() {
    let bomb = zstd::stream::encode_all(&vec![0_u8; SEGMENT_CAP + 10][..], 19).unwrap();
    assert!(bomb.len() < 10_000);
    assert_eq!(decode_segment(&bomb), Err(SegmentError::TooLarge));
    assert_eq!(encode_snapshot(&vec![0; SNAPSHOT_CAP + 1]), Err(SegmentError::TooLarge));
}

#[test]
fn nonsense_has_a_code() {
    assert_eq!(decode_segment(b"no").unwrap_err().code(), "crdt.bad_compression");
    assert_eq!(decode_segment(b"").unwrap_err().code(), "crdt.bad_compression");
    let text = zstd::stream::encode_all(&b"hello"[..], 3).unwrap();
    assert_eq!(decode_segment(&text).unwrap_err().code(), "crdt.bad_segment");
    let mut trailing = encode_segment(&[vec![1]]).unwrap();
    trailing.push(0);
    assert!(decode_segment(&trailing).is_err());
    let huge = zstd::stream::encode_all(&[0x9b_u8, 0, 0, 0, 1, 0, 0, 0, 0][..], 3).unwrap();
    assert_eq!(decode_segment(&huge), Err(SegmentError::TooLarge));
}
