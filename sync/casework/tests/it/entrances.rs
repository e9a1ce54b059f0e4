//! The one list of entrances for bytes of others, each with sound examples and with what the code does there first.
//!
//! Three more stand where the code is that reads them: the text of an invitation and of a REQUEST in `device`, the question behind
//! an address in `server`.

use std::str::FromStr;

use casework::{change_hash, decode_segment, decode_snapshot, encode_segment};
use minicbor::{Decode, Encode};
use seal::{
    keyslot,
    part::{Place, open_part},
    sealed::{SnapshotBody, open, read_statement},
};
use wire::{
    cbor,
    envelope::{Compartment, Envelope, Kind, Stream},
    id::{CaseId, DeviceId, Digest, EnvelopeId, IncarnationId, ItemId, MemberId, OrgId},
    log::{AppVersion, CaseState, DeviceCard, Entry, LogId, OrgState},
    message::{Admission, AnswerReader, Asked, Batch, ChainEnd, Founding, Frame, LogEnd, Piece, Refusal, Vectors, Wrap},
    request::{Claim, RequestHeaders},
    signature::Signed,
};

use crate::{
    chunk::name,
    field::{Field, file},
};

/// What came of some bytes.
pub enum Took {
    Refused,
    /// Taken, and of no one form.
    Taken,
    /// Taken, and written again.
    Canonical(Vec<u8>),
}

/// What the code does with some bytes first.
type Take<'a> = Box<dyn Fn(&[u8]) -> Took + 'a>;

/// A place where bytes of others come in.
pub struct Entrance<'a> {
    pub name: &'static str,
    /// Sound ones.
    pub seeds: Vec<Vec<u8>>,
    /// Of so many inputs it gets one: what is behind it takes a thousand times as long as reading does.
    pub one_in: u64,
    pub take: Take<'a>,
}

fn entrance<'a>(name: &'static str, seeds: Vec<Vec<u8>>, take: impl Fn(&[u8]) -> Took + 'a) -> Entrance<'a> {
    Entrance { name, seeds, one_in: 1, take: Box::new(take) }
}

/// A shape of CBOR with one encoding.
fn shape<T: Encode<()> + for<'b> Decode<'b, ()> + 'static>(name: &'static str, seeds: Vec<Vec<u8>>) -> Entrance<'static> {
    entrance(name, seeds, |bytes| cbor::decode::<T>(bytes).map_or(Took::Refused, |value| Took::Canonical(cbor::encode(&value))))
}

fn taken<T, E>(done: Result<T, E>) -> Took {
    done.map_or(Took::Refused, |_| Took::Taken)
}

/// A file of entries one after another.
fn entries(name: &str) -> Vec<Vec<u8>> {
    let bytes = file(name);
    let (mut rest, mut out) = (bytes.as_slice(), Vec::new());
    while !rest.is_empty() {
        let mut decoder = minicbor::Decoder::new(rest);
        decoder.skip().unwrap();
        let (entry, later) = rest.split_at(decoder.position());
        out.push(entry.to_vec());
        rest = later;
    }
    out
}

/// Every piece that an answer gives, fed as a line would bring it. No more comes out than went in.
fn answer(bytes: &[u8]) -> Took {
    let (mut reader, mut told, mut ended) = (AnswerReader::default(), 0, false);
    for chunk in bytes.chunks(bytes.len() % 300 + 1) {
        let Ok(pieces) = reader.feed(chunk) else { return Took::Refused };
        for piece in pieces {
            match piece {
                Piece::Bytes(bytes) => told += bytes.len(),
                Piece::Frame(frame) => {
                    told += frame.encode().len();
                    ended |= frame == Frame::End;
                }
                Piece::ItemEnd => {}
            }
        }
    }
    assert!(told <= bytes.len(), "more was told than came");
    if ended { Took::Taken } else { Took::Refused }
}

/// A request as text: method and address, then its headers, then an empty line and the body.
fn request(org: &OrgState, bytes: &[u8]) -> Took {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let (method, uri) = head.lines().next().and_then(|line| line.split_once(' ')).unwrap_or_default();
    let header = |key: &str| head.lines().find_map(|line| line.strip_prefix(key)).map(str::to_owned);
    let headers = RequestHeaders {
        signature_input: header("Signature-Input: ").unwrap_or_default(),
        signature: header("Signature: ").unwrap_or_default(),
        content_digest: header("Content-Digest: "),
    };
    let body = (method == "POST").then_some(body.as_bytes());
    let Ok(claim) = Claim::read(method, uri, body, &headers) else { return Took::Refused };
    let Some(device) = org.device(&claim.device) else { return Took::Refused };
    taken(claim.verify(&device.card.request, claim.created_s))
}

fn id<T: FromStr + ToString>(text: &str) -> Option<String> {
    text.parse::<T>().ok().map(|id| id.to_string())
}

fn text(bytes: &[u8]) -> Took {
    let Ok(text) = str::from_utf8(bytes) else { return Took::Refused };
    let ids = [id::<OrgId>(text), id::<CaseId>(text), id::<DeviceId>(text), id::<MemberId>(text), id::<ItemId>(text)];
    let ids = ids.into_iter().chain([id::<EnvelopeId>(text), id::<Digest>(text), id::<AppVersion>(text)]).flatten();
    for written in ids {
        assert!(written.len() <= text.len(), "{text} is no {written}");
    }
    if id::<DeviceId>(text).is_some() || id::<OrgId>(text).is_some() || id::<AppVersion>(text).is_some() {
        Took::Taken
    } else {
        Took::Refused
    }
}

pub fn of_wire() -> Vec<Entrance<'static>> {
    let org: OrgState = cbor::decode(&file("org-state-1.bin")).unwrap();
    let case: CaseState = cbor::decode(&file("case-state-1.bin")).unwrap();
    let founder = org.devices().next().unwrap().1.card.clone();
    let (digest, stream) = (org.head().hash, Stream::core(case.case()));
    let wrap: Wrap = cbor::decode(&file("wrap-1.bin")).unwrap();
    let founding =
        Founding { entries: entries("org-log-1.bin")[..3].iter().map(|entry| entry.clone().into()).collect(), wraps: vec![wrap] };
    let vectors = Vectors {
        incarnation: IncarnationId::from_bytes([3; 16]),
        logs: [LogId::Org, LogId::Case(case.case())].map(|log| LogEnd { log, length: 9, hash: digest }).to_vec(),
        chains: [Kind::Segment, Kind::Snapshot, Kind::Seen, Kind::Heartbeat]
            .map(|kind| ChainEnd { stream, kind, device: founder.device, seq: 4, id: digest })
            .to_vec(),
    };
    let refusal = |wait_s| {
        cbor::encode(&Refusal { code: "auth.clock".to_owned(), server_ms: 1_790_000_000_000, wait_s, order: None, rotations: None })
    };
    let envelopes = vec![file("envelope-1.bin"), file("snapshot-1.bin")];
    let logs = [entries("org-log-1.bin"), entries("case-log-1.bin")].concat();
    vec![
        entrance("envelope", envelopes, |bytes| {
            Envelope::decode(bytes).map_or(Took::Refused, |envelope| Took::Canonical(envelope.encode()))
        }),
        entrance("log entry", logs.clone(), |bytes| {
            Entry::decode(bytes).map_or(Took::Refused, |entry| Took::Canonical(entry.bytes().to_vec()))
        }),
        Entrance {
            one_in: 50,
            ..entrance("log entry, reduced", vec![logs[0].clone()], |bytes| {
                let Ok(entry) = Entry::decode(bytes) else { return Took::Refused };
                taken(OrgState::found(&entry))
            })
        },
        entrance("signed statement", logs, |bytes| taken(Signed::parse(bytes))),
        entrance("answer", vec![file("answer-1.bin")], answer),
        shape::<Frame>(
            "frame",
            vec![cbor::encode(&Frame::Mark(b"an opaque cursor".to_vec())), cbor::encode(&Frame::Ack { id: digest, position: 9 })],
        ),
        shape::<Batch>("batch", vec![file("batch-1.bin")]),
        shape::<Founding>("founding", vec![cbor::encode(&founding)]),
        shape::<Admission>("admission", vec![cbor::encode(&Admission { token: [7; 16], card: founder.clone() })]),
        shape::<Vec<Asked>>("list of those who asked", vec![cbor::encode(&vec![Asked { invitation: digest, card: founder.clone() }])]),
        shape::<DeviceCard>("device card", vec![cbor::encode(&founder)]),
        shape::<Wrap>("wrap", vec![file("wrap-1.bin")]),
        shape::<Vectors>("vectors", vec![cbor::encode(&vectors)]),
        shape::<Refusal>("refusal", vec![refusal(None), refusal(Some(30))]),
        entrance("request", vec![file("request-get-1.txt")], move |bytes| request(&org, bytes)),
        entrance("ids and versions", vec![founder.device.to_string().into(), case.case().to_string().into(), b"1.2.3".to_vec()], text),
    ]
}

pub fn of_seal(field: &Field) -> Vec<Entrance<'_>> {
    let opened = open(&Envelope::decode(&file("envelope-1.bin")).unwrap(), &field.reading()).unwrap();
    let snapshot = open(&Envelope::decode(&file("snapshot-1.bin")).unwrap(), &field.reading()).unwrap();
    let place = Place { org: field.org_id(), log: LogId::Org, seq: 3 };
    let epoch = field.case.compartment(Compartment::Core).unwrap().epoch.clone();
    vec![
        entrance("sealed envelope", vec![file("envelope-1.bin"), file("snapshot-1.bin")], |bytes| {
            let Ok(envelope) = Envelope::decode(bytes) else { return Took::Refused };
            taken(open(&envelope, &field.reading()))
        }),
        entrance("signed statement of an author", vec![opened.signed], |bytes| {
            read_statement(bytes).map_or(Took::Refused, |_| Took::Taken)
        }),
        shape::<SnapshotBody>("body of a snapshot", vec![snapshot.body]),
        entrance("sealed part of an entry", vec![file("sealed-part-1.bin")], move |bytes| {
            taken(open_part(&place, 1, field.directory.key(1).unwrap(), bytes))
        }),
        entrance("keyslots", vec![file("keyslots-1.bin")], |bytes| taken(keyslot::keystore_challenge(bytes))),
        Entrance {
            one_in: 50,
            ..entrance("wrap, opened", vec![file("wrap-1.bin")], move |bytes| {
                let Ok(wrap) = cbor::decode::<Wrap>(bytes) else { return Took::Refused };
                taken(field.core.clone().receive(&field.org_id(), &wrap, &field.bo, &epoch))
            })
        },
    ]
}

/// With the checksum that belongs to what stands behind it.
fn mended(bytes: &[u8]) -> Vec<u8> {
    let hash = name(bytes);
    bytes.iter().enumerate().map(|(at, byte)| if (4..8).contains(&at) { hash[at - 4] } else { *byte }).collect()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 1).unwrap()
}

pub fn of_casework(field: &Field) -> Vec<Entrance<'_>> {
    let bo = field.of_bo(3);
    let changes = bo.unsent(0).changes;
    let bodies = vec![encode_segment(&changes).unwrap(), encode_segment(&changes[..1]).unwrap()];
    let lists: Vec<Vec<u8>> = bodies.iter().map(|body| decode_snapshot(body).unwrap()).collect();
    let document = bo.snapshot_bytes();
    let actor = bo.actor();
    let ends = bo.ends();
    let chunk = |bytes: &[u8]| match change_hash(bytes) {
        Some(hash) => {
            assert_eq!(hash, name(bytes), "named otherwise than by its bytes");
            Took::Taken
        }
        None => Took::Refused,
    };
    vec![
        entrance("segment", bodies, |bytes| taken(decode_segment(bytes))),
        entrance("segment, unpacked", lists, |bytes| taken(decode_segment(&packed(bytes)))),
        entrance("change", changes.clone(), chunk),
        entrance("change with its checksum", changes.clone(), move |bytes| chunk(&mended(bytes))),
        Entrance {
            one_in: 50,
            ..entrance("change, let in", vec![changes[0].clone()], move |bytes| {
                let mut case = field.of_bo(0);
                if case.receive(actor, &[mended(bytes)]).applied == 0 { Took::Refused } else { Took::Taken }
            })
        },
        Entrance {
            one_in: 50,
            ..entrance("snapshot, let in", vec![document], move |bytes| {
                let got = field.of_bo(0).adopt_snapshot(&packed(&mended(bytes)), &ends);
                if got.is_ok_and(|got| got.applied > 0) { Took::Taken } else { Took::Refused }
            })
        },
    ]
}
