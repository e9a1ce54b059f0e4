//! Answers that nobody takes, and bodies that come in pieces.

use std::net::Ipv4Addr;

use super::*;
use crate::tests::kit::Field;

fn address() -> Option<IpAddr> {
    Some(IpAddr::V4(Ipv4Addr::from_bits(1)))
}

fn told(server: &Arc<Server>) -> Told {
    Told { server: Arc::clone(server), bytes: 0 }
}

#[tokio::test]
async fn who_takes_nothing_of_an_answer_holds_no_delivery_for_long_and_is_cut_off() {
    let Field { dir, server, .. } = Field::new();
    let (server, shares) = (Arc::new(server), Shares::new(4, 2));
    let endless = std::iter::repeat_with(|| Ok(Bytes::from_static(b"piece")));
    let delivery = shares.take(address(), 1).await.unwrap();
    // The other side keeps its connection, and gives no room to write in.
    let body = piecewise(endless, told(&server), Some(delivery), Duration::from_millis(50));
    assert_eq!(shares.free(), 3);
    let mut tries = 0;
    while shares.free() < 4 {
        tries += 1;
        assert!(tries < 1000, "it is still held");
        sleep(Duration::from_millis(10)).await;
    }
    let pieces: Vec<Result<Bytes, BoxError>> = body.collect().await;
    assert!(pieces.last().is_some_and(Result::is_err), "what was cut off does not look whole");
    drop(dir);
}

#[tokio::test]
async fn an_answer_that_is_taken_comes_whole_and_gives_its_share_back() {
    let Field { dir, server, .. } = Field::new();
    let (server, shares) = (Arc::new(server), Shares::new(4, 2));
    let pieces = (0..50_u8).map(|n| Ok(Bytes::from(vec![n])));
    let delivery = shares.take(address(), 1).await.unwrap();
    let body: Vec<_> = piecewise(pieces, told(&server), Some(delivery), Duration::from_secs(20)).map(Result::unwrap).collect().await;
    assert_eq!(body.concat(), (0..50).collect::<Vec<u8>>());
    let left = piecewise(
        std::iter::repeat_with(|| Ok(Bytes::new())),
        told(&server),
        Some(shares.take(address(), 1).await.unwrap()),
        Duration::from_secs(20),
    );
    drop(left);
    while shares.free() < 4 {
        sleep(Duration::from_millis(5)).await;
    }
    drop(dir);
}

#[test]
fn a_long_answer_is_told_in_pieces_that_stand_by_themselves() {
    let long: Vec<u8> = (0..PIECE * 2 + 5).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let pieces: Vec<Bytes> = in_pieces(Bytes::from(long.clone())).map(Result::unwrap).collect();
    assert_eq!(pieces.iter().map(Bytes::len).collect::<Vec<_>>(), [PIECE, PIECE, 5]);
    assert!(pieces.concat() == long && pieces.into_iter().all(|piece| piece.is_unique()));
}

#[tokio::test]
async fn a_body_takes_room_only_as_it_comes() {
    let (rooms, (sender, receiver)) = (Shares::new(1024, 1024), mpsc::channel::<Result<Bytes, BoxError>>(1));
    let rooms = Arc::new(rooms);
    let body =
        axum::body::Body::from_stream(stream::unfold(receiver, |mut receiver| async move { Some((receiver.recv().await?, receiver)) }));
    let counted = Arc::clone(&rooms);
    let reading = tokio::spawn(async move { gather(body, MAX_BODY, Duration::from_secs(20), &counted, address()).await });
    let mut free = Vec::new();
    for kib in [1, 63, 1, 100] {
        sender.send(Ok(Bytes::from(vec![0; kib * 1024]))).await.unwrap();
        // The next place is free once the piece before was taken.
        drop(sender.reserve().await.unwrap());
        for _ in 0..100 {
            sleep(Duration::from_millis(2)).await;
        }
        free.push(1024 - rooms.free());
    }
    drop(sender);
    let (whole, room) = reading.await.unwrap().unwrap();
    assert_eq!((free, whole.len(), room.size()), (vec![64, 64, 128, 192], 165 * 1024, 192));
    drop(room);
    assert_eq!(rooms.free(), 1024);
}
