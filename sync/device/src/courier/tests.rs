//! The courier against servers that no server of ours is, answer by answer.
#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

use std::sync::Mutex as Held;

use casework::Programme;
use futures_util::{FutureExt, future::BoxFuture, stream};
use tempfile::TempDir;
use wire::{
    envelope::{Kind, Stream},
    id::{DeviceId, IncarnationId},
    log::LogId,
    message::{ChainEnd, ItemHead, ItemKind, LogEnd},
};

use super::*;
use crate::stock::tests::founded;

type Answering = Box<dyn Fn(&RoadRequest) -> (u16, Vec<u8>) + Send + Sync>;

/// A road on which this is answered, whatever is asked.
struct Scripted {
    answer: Held<Answering>,
    asked: Held<Vec<String>>,
}

impl Road for Scripted {
    fn go(&self, request: RoadRequest) -> BoxFuture<'_, std::result::Result<RoadAnswer, Cut>> {
        self.asked.lock().unwrap().push(format!("{} {}", request.method, request.url));
        let (status, body) = if request.url.ends_with(FOUND_PATH) { (201, Vec::new()) } else { self.answer.lock().unwrap()(&request) };
        async move { Ok(RoadAnswer { status, body: stream::iter([Ok(body)]).boxed() }) }.boxed()
    }
}

impl Scripted {
    fn says(&self, answer: impl Fn(&RoadRequest) -> (u16, Vec<u8>) + Send + Sync + 'static) {
        *self.answer.lock().unwrap() = Box::new(answer);
    }
}

fn on_a_scripted_road(dir: &TempDir) -> (Arc<Device>, Arc<Scripted>, Courier) {
    let device = Arc::new(founded(dir.path()));
    let road = Arc::new(Scripted { answer: Held::new(Box::new(|_| (204, Vec::new()))), asked: Held::default() });
    let courier = Courier::new(Arc::clone(&device), Arc::clone(&road) as Arc<dyn Road>);
    (device, road, courier)
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn incarnation() -> IncarnationId {
    IncarnationId::from_bytes([1; 16])
}

/// An answer with these replies, content of a case that nobody knows, and where the cursor goes after it.
fn content(replies: &[Frame], fills: &[u8], bytes: usize, cursor: &[u8]) -> Vec<u8> {
    let mut answer = Frame::Hello { incarnation: incarnation(), server_ms: 0 }.encode();
    answer.extend(replies.iter().flat_map(Frame::encode));
    for fill in fills {
        let item = vec![*fill; bytes];
        let (case, total) = (Some(CaseId::from_bytes([7; 16])), length(&item));
        answer
            .extend(Frame::Item(ItemHead { kind: ItemKind::Segment, position: 1, case, id: item_name(&item), total, offset: 0 }).encode());
        answer.extend(item);
    }
    answer.extend(Frame::Mark(cursor.to_vec()).encode());
    answer.extend(Frame::End.encode());
    answer
}

#[test]
fn a_server_that_sends_what_nobody_can_read_is_heard_only_until_there_is_enough_of_it() {
    let dir = TempDir::new().unwrap();
    let (device, road, courier) = on_a_scripted_road(&dir);
    let courier = Courier { most_kept: 10_000, ..courier };
    let kept = || device.with(|open, _| Ok((inbox::backlog(open.vault.db())?, meta::get(open.vault.db(), meta::CURSOR)?))).unwrap();
    road.says(|_| (200, content(&[], &[1, 2], 8_000, b"one")));
    assert_eq!(run(courier.sync()).unwrap().received, 2);
    assert_eq!(kept(), (16_000, Some(b"one".to_vec())));
    road.says(|_| (200, content(&[], &[3, 4], 8_000, b"two")));
    for _ in 0..3 {
        assert_eq!(run(courier.sync()).unwrap_err().code(), "env.backlog");
        assert_eq!(kept(), (16_000, Some(b"one".to_vec())), "no more is kept, and the cursor stays");
    }
    // What is written here goes out all the same.
    device.new_case("Falken", Programme::National, None).unwrap();
    road.says(|request| {
        let sent = request.body.as_deref().map(|body| cbor::decode::<Batch>(body).unwrap().items).unwrap_or_default();
        let acks: Vec<Frame> = sent.iter().map(|push| Frame::Ack { id: push.id(), position: 9 }).collect();
        (200, content(&acks, &[5], 8_000, b"three"))
    });
    assert_eq!(run(courier.sync()).unwrap_err().code(), "env.backlog");
    assert_eq!(device.with(|open, _| outbox::count(open.vault.db())).unwrap(), 0);
    assert_eq!(kept(), (16_000, Some(b"one".to_vec())));
    // Once there is room, it goes on where it stood.
    device.with(|open, _| Ok(open.vault.db().execute_batch("DELETE FROM inbox")?)).unwrap();
    road.says(|_| (200, content(&[], &[3], 8_000, b"two")));
    assert_eq!(run(courier.sync()).unwrap().received, 1);
    assert_eq!(kept(), (8_000, Some(b"two".to_vec())));
}

#[test]
fn how_far_a_server_with_thousands_of_cases_reaches_is_read_to_the_end() {
    let dir = TempDir::new().unwrap();
    let (device, road, courier) = on_a_scripted_road(&dir);
    let org = device
        .with(|open, _| {
            repair::met(open.vault.db(), true)?;
            Ok(open.org()?.head())
        })
        .unwrap();
    road.says(move |request| {
        if !request.url.ends_with(VECTORS_PATH) {
            return (204, Vec::new());
        }
        let chain = |n: u32| {
            let case = CaseId::from_bytes(wire::signature::sha256(&[&n.to_be_bytes()]).as_bytes()[..16].try_into().unwrap());
            let device = DeviceId::from_bytes([3; 16]);
            ChainEnd { stream: Stream::core(case), kind: Kind::Segment, device, seq: 1, id: Digest::ZERO }
        };
        let logs = vec![LogEnd { log: LogId::Org, length: org.seq + 1, hash: org.hash }];
        let body = cbor::encode(&Vectors { incarnation: incarnation(), logs, chains: (0..20_000).map(chain).collect() });
        assert!(body.len() > MOST_SAID);
        (200, body)
    });
    run(courier.sync()).unwrap();
    assert!(!device.with(|open, _| Ok(Repair::read(open.vault.db())?.asks())).unwrap(), "it is not asked for ever");
    let asked = road.asked.lock().unwrap();
    assert_eq!(asked.iter().filter(|one| one.ends_with(VECTORS_PATH)).count(), 1, "{asked:?}");
}
