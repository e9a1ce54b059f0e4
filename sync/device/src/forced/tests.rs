//! What the server may answer whoever tells it, and what it may hand on that no device signed.

use std::sync::Mutex as Held;

use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream};
use wire::{
    duress::DuressNotice,
    id::{Digest, OrgId},
    message::ItemHead,
    signature::sha256,
};

use super::*;
use crate::{
    road::{Cut, RoadAnswer},
    stock::tests::founded,
};

/// A road on which this is answered, or nothing.
struct Scripted {
    answer: Option<(u16, Vec<u8>)>,
    asked: Held<Vec<RoadRequest>>,
}

impl Road for Scripted {
    fn go(&self, request: RoadRequest) -> BoxFuture<'_, std::result::Result<RoadAnswer, Cut>> {
        self.asked.lock().unwrap().push(request);
        let answer = self.answer.clone();
        async move {
            let (status, body) = answer.ok_or(Cut)?;
            Ok(RoadAnswer { status, body: stream::iter([Ok(body)]).boxed() })
        }
        .boxed()
    }
}

fn told(answer: Option<(u16, Vec<u8>)>) -> Told {
    let road = Scripted { answer, asked: Held::default() };
    let told = tell(&road, "https://bro.example/", b"notice").now_or_never().unwrap();
    let asked = road.asked.lock().unwrap();
    let [request] = asked.as_slice() else { panic!("one request") };
    assert_eq!((request.method, request.url.as_str()), ("POST", "https://bro.example/v1/duress"));
    assert_eq!((request.headers.len(), request.body.as_deref()), (0, Some(b"notice".as_slice())), "nothing of the device but the notice");
    told
}

fn refusal(code: &str) -> Vec<u8> {
    cbor::encode(&Refusal { code: code.to_owned(), server_ms: 0, wait_s: None, order: None, rotations: None })
}

#[test]
fn only_the_server_itself_says_that_it_will_not_have_it() {
    assert_eq!(told(Some((204, Vec::new()))), Told::Taken);
    for (status, code) in [(401, "auth.unknown_device"), (400, "req.malformed")] {
        assert_eq!(told(Some((status, refusal(code)))), Told::Refused { code: code.to_owned() });
    }
    for (status, body) in [
        (200, b"<html>Velkommen til togets net</html>".to_vec()),
        (401, b"<html>Log ind</html>".to_vec()),
        (404, refusal("req.not_found")),
        (429, refusal("enrol.too_many")),
        (503, refusal("server.busy")),
        (500, refusal("srv.internal")),
    ] {
        assert_eq!(told(Some((status, body))), Told::NoLine, "{status}");
    }
    assert_eq!(told(None), Told::NoLine);
}

#[test]
fn it_goes_to_no_server_in_the_clear() {
    let road = Scripted { answer: Some((204, Vec::new())), asked: Held::default() };
    let told = tell(&road, "http://bro.example", b"notice").now_or_never().unwrap();
    assert_eq!(told, Told::Refused { code: "net.insecure".to_owned() });
    assert!(road.asked.lock().unwrap().is_empty());
}

/// Puts these bytes into the inbox as if the server had sent them, and gives the codes that were said of what came.
fn came(device: &Device, bytes: &[u8]) -> Vec<(String, u64)> {
    device
        .with(|open, _| {
            let (total, id): (u64, Digest) = (bytes.len().try_into().unwrap(), sha256(&[bytes]));
            let head = ItemHead { kind: ItemKind::Duress, position: 1, case: None, id, total, offset: 0 };
            inbox::keep(open.vault.db(), &head, 0, bytes)?;
            digest_notices(open)?;
            inbox::set_aside_codes(open.vault.db())
        })
        .unwrap()
}

#[test]
fn what_no_device_signed_is_set_aside_with_its_code_and_revokes_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let device = founded(dir.path());
    let org = device.whoami().unwrap().fingerprint.parse::<OrgId>().unwrap();
    let this = device.whoami().unwrap().device;
    let forged = |org, device| DuressNotice { org, device }.sign(|_| vec![7; 64]);
    let stranger = DeviceId::from_bytes([9; 16]);
    for (bytes, code) in [
        (forged(org, this), "duress.bad_signature"),
        (forged(org, stranger), "duress.unknown_device"),
        (vec![0; 99], "duress.not_canonical"),
        (vec![0; 999], "duress.too_large"),
    ] {
        assert!(came(&device, &bytes).contains(&(code.to_owned(), 1)), "{code}");
    }
    assert_eq!(device.with(|open, _| forced(open)).unwrap(), []);
    assert!(device.with(|open, _| outbox::intents(open.vault.db())).unwrap().is_empty());
    assert!(device.devices().unwrap().iter().all(|row| !row.forced && row.state == "active"));
}

#[test]
fn the_device_in_hand_does_not_revoke_itself() {
    let dir = tempfile::tempdir().unwrap();
    let device = founded(dir.path());
    let notice = device.duress_notice().unwrap();
    assert!(notice.len() <= wire::duress::MAX_LEN);
    assert_eq!(notice, device.duress_notice().unwrap());
    assert_eq!(came(&device, &notice), []);
    assert_eq!(device.with(|open, _| forced(open)).unwrap(), []);
    assert!(device.with(|open, _| outbox::intents(open.vault.db())).unwrap().is_empty());
}
