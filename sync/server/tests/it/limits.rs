//! Slow and greedy clients on real sockets, waiting for news, what is counted, and backups of a server that runs.

use super::*;

/// A server with an organisation in it, and the one device of it.
fn founded(dir: &Path, more: &[&str]) -> (Running, Phone) {
    let running = serve(dir, more, None);
    let phone = phone();
    let found = phone.request("http", &running.address, "POST", FOUND_PATH, Some(&phone.founding()));
    assert!(text(&exchange(connect(&running.address), &found)).starts_with("HTTP/1.1 201"));
    (running, phone)
}

fn status(answer: &[u8]) -> String {
    text(answer).chars().skip("HTTP/1.1 ".len()).take(3).collect()
}

fn alive(address: &str) {
    assert_eq!(status(&exchange(connect(address), &get("/healthz"))), "200");
}

/// The cursor at the end of everything.
fn end_of_all(phone: &Phone, address: &str) -> String {
    let answer = exchange(connect(address), &phone.request("http", address, "GET", SYNC_PATH, None));
    let pieces = AnswerReader::default().feed(&unchunked(&answer)).unwrap();
    let cursor = pieces.into_iter().rev().find_map(|piece| if let Piece::Frame(Frame::Mark(cursor)) = piece { Some(cursor) } else { None });
    data_encoding::BASE64URL_NOPAD.encode(&cursor.unwrap())
}

#[test]
fn a_head_that_never_ends_is_hung_up_on_and_holds_nobody_up() {
    let dir = tempfile::tempdir().unwrap();
    let running = serve(dir.path(), &["--head-seconds", "1"], None);
    let mut slow: Vec<TcpStream> = (0..20).map(|_| connect(&running.address)).collect();
    let mut hung_up = 0;
    for letter in b"GET /v1/sync HTTP/1.1\r\nhost: x\r\nx-slow: ".iter().chain(std::iter::repeat_n(&b'a', 60)) {
        slow.retain_mut(|stream| {
            let sent = stream.write_all(&[*letter]).is_ok();
            hung_up += usize::from(!sent);
            sent
        });
        std::thread::sleep(Duration::from_millis(30));
        if slow.is_empty() {
            break;
        }
        alive(&running.address);
    }
    assert_eq!(hung_up, 20, "one byte now and then does not buy more time");
    let mut idle = connect(&running.address);
    assert_eq!(idle.read(&mut [0; 16]).unwrap(), 0, "who says nothing at all is hung up on too");
    let mut kept = connect(&running.address);
    kept.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = kept.read_to_end(&mut answer);
    assert_eq!(status(&answer), "200", "and who stays idle after an answer");
}

#[test]
fn a_body_that_drips_is_given_up_and_holds_nobody_up() {
    let dir = tempfile::tempdir().unwrap();
    let running = serve(dir.path(), &["--body-seconds", "1"], None);
    let head = b"POST /v1/sync HTTP/1.1\r\nhost: x\r\ncontent-length: 4000\r\n\r\n";
    let mut still = connect(&running.address);
    still.write_all(head).unwrap();
    let mut dripping = connect(&running.address);
    dripping.write_all(head).unwrap();
    let drip = std::thread::spawn(move || {
        let mut reader = dripping.try_clone().unwrap();
        let dripped = std::thread::spawn(move || {
            (0..400)
                .take_while(|_| {
                    std::thread::sleep(Duration::from_millis(20));
                    dripping.write_all(b"x").is_ok()
                })
                .count()
        });
        let mut answer = [0; 12];
        reader.read_exact(&mut answer).unwrap();
        drop(reader);
        (status(&answer), dripped.join().unwrap())
    });
    alive(&running.address);
    let mut answer = [0; 12];
    still.read_exact(&mut answer).unwrap();
    assert_eq!(status(&answer), "400");
    let (given_up, _) = drip.join().unwrap();
    assert_eq!(given_up, "400", "a byte now and then is not enough either");
}

#[test]
fn large_bodies_that_hardly_come_take_no_room_from_others() {
    let dir = tempfile::tempdir().unwrap();
    let running = serve(dir.path(), &[], None);
    let head = b"POST /v1/sync HTTP/1.1\r\nhost: x\r\ncontent-length: 16777216\r\n\r\nx";
    let mut slow: Vec<TcpStream> = (0..6).map(|_| connect(&running.address)).collect();
    for stream in &mut slow {
        stream.write_all(head).unwrap();
    }
    // Each of them is being read by now.
    std::thread::sleep(Duration::from_millis(300));
    let phone = phone();
    let found = phone.request("http", &running.address, "POST", FOUND_PATH, Some(&phone.founding()));
    assert_eq!(status(&exchange(connect(&running.address), &found)), "201");
    drop(slow);
}

#[test]
fn a_large_body_that_came_fast_and_then_drips_is_given_up_as_soon_as_one_that_drips_from_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let running = serve(dir.path(), &["--body-seconds", "1"], None);
    let head = b"POST /v1/sync HTTP/1.1\r\nhost: x\r\ncontent-length: 16777216\r\n\r\n";
    for at_once in [0, 1024 * 1024] {
        let mut stream = connect(&running.address);
        stream.write_all(head).unwrap();
        stream.write_all(&vec![b'x'; at_once]).unwrap();
        let mut reader = stream.try_clone().unwrap();
        let drip = std::thread::spawn(move || {
            while stream.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        let mut answer = [0; 12];
        reader.read_exact(&mut answer).unwrap();
        assert_eq!(status(&answer), "400", "{at_once} at once");
        drop(reader);
        drip.join().unwrap();
    }
}

#[test]
fn a_flood_from_one_device_is_told_to_wait_and_stops_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let (running, phone) = founded(dir.path(), &["--device-rate", "1", "--device-burst", "5"]);
    let address = &running.address;
    let answers: Vec<String> =
        (0..12).map(|_| text(&exchange(connect(address), &phone.request("http", address, "GET", SYNC_PATH, None)))).collect();
    let refused: Vec<&String> = answers.iter().filter(|answer| answer.starts_with("HTTP/1.1 429")).collect();
    assert!(refused.len() >= 5 && answers.len() - refused.len() >= 4, "{}", refused.len());
    assert!(refused.iter().all(|answer| answer.contains("server.busy") && answer.to_lowercase().contains("retry-after: 1")));
    // Another device, though it is not known here, is not what is refused for its haste.
    let mut other = super::phone();
    other.card.device = DeviceId::from_bytes([9; 16]);
    let answer = text(&exchange(connect(address), &other.request("http", address, "GET", SYNC_PATH, None)));
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    alive(address);
}

#[test]
fn one_address_holds_no_more_connections_than_its_share() {
    let dir = tempfile::tempdir().unwrap();
    let running = serve(dir.path(), &["--max-connections-each", "3"], None);
    let mut held: Vec<TcpStream> = (0..3).map(|_| connect(&running.address)).collect();
    for stream in &mut held {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        stream.read_exact(&mut [0; 12]).unwrap();
    }
    let mut fourth = connect(&running.address);
    assert!(matches!(fourth.read(&mut [0; 1]), Ok(0) | Err(_)), "it is hung up on");
    held.pop();
    let came_back = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        status(&exchange(connect(&running.address), &get("/healthz"))) == "200"
    });
    assert!(came_back, "a seat that was given back is taken again");
}

#[test]
fn who_waits_for_news_is_answered_when_there_is_some_and_when_the_server_stops() {
    let dir = tempfile::tempdir().unwrap();
    let (mut running, phone) = founded(dir.path(), &[]);
    let address = running.address.clone();
    let cursor = end_of_all(&phone, &address);
    let path = format!("{SYNC_PATH}?c={cursor}&w=60");
    let mut waiting = connect(&address);
    waiting.write_all(&phone.request("http", &address, "GET", &path, None)).unwrap();
    waiting.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    assert!(waiting.read(&mut [0; 1]).is_err(), "nothing is said while there is nothing to say");
    waiting.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    assert!(Command::new("kill").arg(running.child.id().to_string()).status().unwrap().success());
    let mut answer = Vec::new();
    waiting.read_to_end(&mut answer).unwrap();
    assert_eq!(status(&answer), "204");
    assert_eq!(running.child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_is_counted_is_told_on_an_address_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let refused = output(dir.path(), &["serve", "--metrics", "0.0.0.0:0"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("srv.metrics_not_loopback"));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let counted = free.local_addr().unwrap().to_string();
    drop(free);
    let (running, phone) = founded(dir.path(), &["--metrics", &counted]);
    let address = &running.address;
    for _ in 0..3 {
        exchange(connect(address), &phone.request("http", address, "GET", SYNC_PATH, None));
    }
    exchange(connect(address), &get("/wp-login.php"));
    let told = text(&exchange(connect(&counted), &get("/metrics")));
    for part in [
        "brobygger_requests_total{route=\"found\",status=\"201\"} 1",
        "brobygger_requests_total{route=\"pull\",status=\"200\"} 3",
        "brobygger_requests_total{route=\"other\",status=\"404\"} 1",
        "brobygger_refusals_total{code=\"req.not_found\"} 1",
        "brobygger_answer_bytes_count",
        "brobygger_store_bytes",
        "# EOF",
    ] {
        assert!(told.contains(part), "{part} in\n{told}");
    }
    let device = phone.card.device.to_string();
    assert!(!told.contains(&device) && !told.contains("wp-login") && !told.contains("127.0.0.1"));
    assert_eq!(status(&exchange(connect(address), &get("/metrics"))), "404", "not where devices come");
    assert_eq!(status(&exchange(connect(&counted), &get("/v1/sync"))), "404", "and devices not there");
}

#[test]
fn a_running_server_is_backed_up_and_put_back_once_it_has_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let (running, phone) = founded(dir.path(), &[]);
    let to = dir.path().join("nat.backup");
    let to = to.to_str().unwrap();
    let taken = output(dir.path(), &["backup", "--to", to, "--json"]);
    let said: serde_json::Value = serde_json::from_slice(&taken.stdout).unwrap();
    assert_eq!((said["entries"].as_u64(), said["problems"].as_array().map(Vec::len)), (Some(2), Some(0)), "{said}");
    let again = output(dir.path(), &["backup", "--to", to]);
    assert!(again.status.code() == Some(1) && text(&again.stderr).contains("srv.exists"));
    let refused = output(dir.path(), &["restore", "--from", to]);
    assert!(refused.status.code() == Some(1) && text(&refused.stderr).contains("srv.store_exists"));
    let refused = output(dir.path(), &["restore", "--from", to, "--replace"]);
    assert!(refused.status.code() == Some(1) && text(&refused.stderr).contains("srv.in_use"), "{}", text(&refused.stderr));
    alive(&running.address);
    drop(running);
    let restored = output(dir.path(), &["restore", "--from", to, "--replace"]);
    assert!(restored.status.success() && text(&restored.stdout).contains("devices will offer again"), "{}", text(&restored.stderr));
    assert!(output(dir.path(), &["verify-log"]).status.success());
    let running = serve(dir.path(), &[], None);
    let address = &running.address;
    let answer = exchange(connect(address), &phone.request("http", address, "GET", SYNC_PATH, None));
    assert_eq!(status(&answer), "200");
}
