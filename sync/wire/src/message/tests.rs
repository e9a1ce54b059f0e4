//! Answers in chunks of any size, answers by an enemy, and the bodies of requests.

use proptest::prelude::*;

use super::{
    Admission, AnswerReader, Asked, BadAnswer, Batch, ChainEnd, Founding, Frame, ItemHead, ItemKind, LogEnd, MAX_FRAME, Piece, Push,
    Refusal, Resume, Vectors, Wrap,
};
use crate::{
    cbor,
    envelope::{Compartment, Kind, MAX_LEN, Stream},
    id::{CaseId, DeviceId, Digest, IncarnationId},
    log::{DeviceCard, LogId, RECEIVE_KEY_LEN},
    signature::{VerifyingKey, sha256},
};

fn digest(n: u8) -> Digest {
    Digest::from_bytes([n; 32])
}

fn head(total: u64, offset: u64) -> ItemHead {
    ItemHead { kind: ItemKind::Segment, position: 7, case: Some(CaseId::from_bytes([1; 16])), id: digest(2), total, offset }
}

fn item(kind: ItemKind, bytes: &[u8], offset: usize) -> Vec<u8> {
    let head = ItemHead { kind, total: bytes.len() as u64, offset: offset as u64, ..head(0, 0) };
    [Frame::Item(head).encode(), bytes[offset..].to_vec()].concat()
}

fn answer() -> Vec<u8> {
    [
        Frame::Hello { incarnation: IncarnationId::from_bytes([3; 16]), server_ms: 1_700_000_000_000 }.encode(),
        Frame::Ack { id: digest(4), position: 300 }.encode(),
        Frame::Refused { id: digest(5), code: "env.unknown_epoch".to_owned() }.encode(),
        item(ItemKind::OrgEntry, b"entry", 0),
        item(ItemKind::Wrap, b"", 0),
        item(ItemKind::Snapshot, &[9; 1000], 600),
        item(ItemKind::Seen, b"all of it", 9),
        Frame::Mark(b"cursor".to_vec()).encode(),
        Frame::End.encode(),
    ]
    .concat()
}

/// Neighbouring bytes put together, so that cuts inside an item do not show.
fn joined(pieces: impl IntoIterator<Item = Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (out.last_mut(), piece) {
            (Some(Piece::Bytes(before)), Piece::Bytes(more)) => before.extend(more),
            (_, piece) => out.push(piece),
        }
    }
    out
}

fn fed(chunks: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Result<Vec<Piece>, BadAnswer> {
    let mut reader = AnswerReader::default();
    let mut pieces = Vec::new();
    for chunk in chunks {
        pieces.extend(reader.feed(chunk.as_ref())?);
    }
    Ok(joined(pieces))
}

#[test]
fn an_answer_is_told_piece_by_piece() {
    let pieces = fed([answer()]).unwrap();
    let expected =
        ["Hello", "Ack", "Refused", "Item", "5 bytes", "end", "Item", "end", "Item", "400 bytes", "end", "Item", "end", "Mark", "End"];
    let told: Vec<String> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Frame(frame) => format!("{frame:?}").split([' ', '(', '{']).next().unwrap().to_owned(),
            Piece::Bytes(bytes) => format!("{} bytes", bytes.len()),
            Piece::ItemEnd => "end".to_owned(),
        })
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn every_chunk_size_tells_the_same() {
    let (whole, all) = (fed([answer()]).unwrap(), answer());
    for size in 1..=all.len() {
        assert_eq!(fed(all.chunks(size)).unwrap(), whole, "chunks of {size}");
    }
}

#[test]
fn an_empty_item_ends_though_nothing_follows() {
    let frame = Frame::Item(head(0, 0)).encode();
    let mut reader = AnswerReader::default();
    assert_eq!(reader.feed(&frame), Ok(vec![Piece::Frame(Frame::Item(head(0, 0))), Piece::ItemEnd]));
    assert_eq!(reader.feed(&[]), Ok(vec![]));
}

#[test]
fn an_item_longer_than_any_may_be_is_refused() {
    let max = MAX_LEN as u64;
    for (total, offset, fine) in [
        (max, 0, true),
        (max, max, true),
        (max + 1, 0, false),
        (max + 1, max + 1, false),
        (u64::MAX, 0, false),
        (u64::MAX, u64::MAX, false),
        (5, 6, false),
        (0, u64::MAX, false),
    ] {
        let outcome = AnswerReader::default().feed(&Frame::Item(head(total, offset)).encode());
        assert_eq!(outcome.is_ok(), fine, "{total} from {offset}");
    }
}

#[test]
fn frames_that_no_server_of_ours_would_write_are_refused() {
    let end = cbor::encode(&Frame::End);
    for (why, bytes) in [
        ("an empty frame", vec![0, 0]),
        ("an unknown frame", vec![0, 3, 0x82, 0x06, 0x80]),
        ("a frame with more behind it", [&[0, 4], end.as_slice(), &[0]].concat()),
        ("a frame with a longer integer", vec![0, 4, 0x82, 0x18, 0x05, 0x80]),
        ("text", b"HTTP/1.1 200 OK and so on, for as long as the first two letters ask".repeat(400)),
    ] {
        assert_eq!(AnswerReader::default().feed(&bytes), Err(BadAnswer), "{why}");
    }
}

#[test]
fn a_frame_at_its_longest_is_held_back_and_read() {
    let cursor = vec![7; MAX_FRAME - 6];
    let frame = Frame::Mark(cursor.clone()).encode();
    assert_eq!(frame.len(), MAX_FRAME + 2);
    assert_eq!(fed(frame.chunks(1000)).unwrap(), [Piece::Frame(Frame::Mark(cursor))]);
}

/// Before: a length that did not fit was written as another, and what followed was read as frames.
#[test]
fn a_frame_too_long_is_not_written_and_not_waited_for() {
    for len in [MAX_FRAME - 5, 65_530, 65_536, 200_000] {
        assert_eq!(Frame::Mark(vec![7; len]).encode(), [], "a cursor of {len} bytes");
        assert_eq!(Frame::Refused { id: digest(1), code: "x".repeat(len) }.encode(), [], "a code of {len} bytes");
    }
    for len in [MAX_FRAME + 1, 65_535] {
        let announced = u16::try_from(len).unwrap().to_be_bytes();
        assert_eq!(AnswerReader::default().feed(&announced), Err(BadAnswer), "{len} bytes");
    }
    let longest = u16::try_from(MAX_FRAME).unwrap().to_be_bytes();
    assert_eq!(AnswerReader::default().feed(&longest), Ok(Vec::new()));
}

#[test]
fn what_is_pushed_is_acknowledged_by_its_hash() {
    let log = Push::Log { entry: b"entry".to_vec(), wraps: Vec::new() };
    assert_eq!(log.id(), sha256(&[b"entry"]));
    assert_eq!(Push::Envelope(b"envelope".to_vec()).id(), sha256(&[b"envelope"]));
    assert_eq!(Push::Snapshot { envelope: b"whole".to_vec(), covers: vec![(DeviceId::from_bytes([1; 16]), 2)] }.id(), sha256(&[b"whole"]));
}

#[test]
fn bodies_come_back() {
    let card = DeviceCard {
        device: DeviceId::from_bytes([1; 16]),
        sign: VerifyingKey::from_bytes([2; 32]),
        request: VerifyingKey::from_bytes([3; 32]),
        receive: vec![4; RECEIVE_KEY_LEN],
    };
    let wrap = Wrap {
        log: LogId::Case(CaseId::from_bytes([5; 16])),
        compartment: Compartment::Core,
        epoch: 6,
        device: card.device,
        bytes: vec![7; 1168],
        signer: card.device,
    };
    assert_eq!(wrap.hash(), sha256(&[&wrap.bytes]));
    let batch = Batch {
        cursor: b"cursor".to_vec(),
        resume: Some(Resume { id: digest(8), offset: 9 }),
        items: vec![
            Push::Log { entry: vec![1], wraps: vec![wrap.clone(), Wrap { log: LogId::Org, ..wrap.clone() }] },
            Push::Envelope(vec![2]),
            Push::Snapshot { envelope: vec![3], covers: vec![(card.device, 4)] },
        ],
        plain: Some(true),
    };
    assert_eq!(cbor::decode(&cbor::encode(&batch)), Ok(batch));
    assert_eq!(cbor::decode(&cbor::encode(&Batch::default())), Ok(Batch::default()));
    let founding = Founding { entries: vec![vec![1].into()], wraps: vec![wrap] };
    assert_eq!(cbor::decode(&cbor::encode(&founding)), Ok(founding));
    let admission = Admission { token: [6; 16], card: card.clone() };
    assert_eq!(cbor::decode(&cbor::encode(&admission)), Ok(admission));
    let asked = vec![Asked { invitation: digest(1), card }];
    assert_eq!(cbor::decode(&cbor::encode(&asked)), Ok(asked));
    let (case, device) = (CaseId::from_bytes([4; 16]), DeviceId::from_bytes([7; 16]));
    let vectors = Vectors {
        incarnation: IncarnationId::from_bytes([1; 16]),
        logs: vec![LogEnd { log: LogId::Org, length: 3, hash: digest(2) }, LogEnd { log: LogId::Case(case), length: 1, hash: digest(3) }],
        chains: vec![ChainEnd { stream: Stream::core(case), kind: Kind::Segment, device, seq: 5, id: digest(6) }],
    };
    assert_eq!(cbor::decode(&cbor::encode(&vectors)), Ok(vectors));
    let refusal = Refusal { code: "server.busy".to_owned(), server_ms: -1, wait_s: Some(7), order: None, rotations: None };
    assert_eq!(cbor::decode(&cbor::encode(&refusal)), Ok(refusal));
}

prop_compose! {
    fn any_head()(kind in 0..6_u8, position in any::<u64>(), case in proptest::option::of(any::<[u8; 16]>()), id in any::<[u8; 32]>(), total in 0..2000_u64, skip in 0..2000_u64) -> ItemHead {
        let kind = [ItemKind::OrgEntry, ItemKind::CaseEntry, ItemKind::Wrap, ItemKind::Segment, ItemKind::Snapshot, ItemKind::Seen][usize::from(kind)];
        ItemHead { kind, position, case: case.map(CaseId::from_bytes), id: Digest::from_bytes(id), total, offset: skip.min(total) }
    }
}

fn any_part() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        (any::<[u8; 16]>(), any::<i64>()).prop_map(|(id, server_ms)| Frame::Hello {
            incarnation: IncarnationId::from_bytes(id),
            server_ms
        }
        .encode()),
        (any::<[u8; 32]>(), any::<u64>()).prop_map(|(id, position)| Frame::Ack { id: Digest::from_bytes(id), position }.encode()),
        (any::<[u8; 32]>(), "[a-z.]{0,30}").prop_map(|(id, code)| Frame::Refused { id: Digest::from_bytes(id), code }.encode()),
        proptest::collection::vec(any::<u8>(), 0..200).prop_map(|cursor| Frame::Mark(cursor).encode()),
        Just(Frame::End.encode()),
        any_head().prop_map(|head| {
            let bytes = vec![0xab; usize::try_from(head.total - head.offset).unwrap()];
            [Frame::Item(head).encode(), bytes].concat()
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn cuts_anywhere_change_nothing(parts in proptest::collection::vec(any_part(), 0..8), sizes in proptest::collection::vec(0..50_usize, 1..20)) {
        let all = parts.concat();
        let whole = fed([&all]).unwrap();
        let (mut rest, mut chunks) = (all.as_slice(), Vec::new());
        for size in sizes.iter().cycle().take(all.len() + 20) {
            let (now, later) = rest.split_at((*size).min(rest.len()));
            chunks.push(now);
            rest = later;
        }
        chunks.push(rest);
        prop_assert_eq!(fed(chunks).unwrap(), whole);
    }

    #[test]
    fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300), size in 1..40_usize) {
        let _ = fed(bytes.chunks(size));
    }

    #[test]
    fn a_damaged_answer_never_panics(at in 0..2000_usize, with in any::<u8>(), size in 1..700_usize) {
        let mut bytes = answer();
        let at = at % bytes.len();
        bytes[at] = with;
        let _ = fed(bytes.chunks(size));
    }

    #[test]
    fn garbage_for_a_body_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = cbor::decode::<Batch>(&bytes);
        let _ = cbor::decode::<Founding>(&bytes);
        let _ = cbor::decode::<Admission>(&bytes);
        let _ = cbor::decode::<Refusal>(&bytes);
        let _ = cbor::decode::<Vectors>(&bytes);
        let _ = crate::log::Entry::decode(&bytes);
        let _ = crate::envelope::Envelope::decode(&bytes);
    }
}
