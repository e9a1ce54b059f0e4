//! The server as a process: sockets, TLS, signals, crashes.

mod limits;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use ring::signature::{Ed25519KeyPair, KeyPair};
use wire::{
    cbor,
    envelope::Compartment,
    id::{DeviceId, Digest, MemberId},
    log::{Act, DeviceCard, Entry, EpochCard, LogId, OrgAct, OrgState, Statement, WrapRef, members_hash},
    message::{AnswerReader, FOUND_PATH, Founding, Frame, Piece, SYNC_PATH, Wrap},
    request::sign_request,
    signature::VerifyingKey,
};

const SERVER: &str = env!("CARGO_BIN_EXE_brobygger-server");

struct Running {
    child: Child,
    address: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(SERVER);
    command.args(arguments.first()).arg("--db").arg(format!("sqlite:{}", dir.join("store/log.db").display()));
    command.args(arguments.get(1..).unwrap_or_default());
    command.stdin(Stdio::null());
    command
}

fn output(dir: &Path, arguments: &[&str]) -> Output {
    command(dir, arguments).output().unwrap()
}

fn serve(dir: &Path, more: &[&str], crash_at: Option<&str>) -> Running {
    let port_file = dir.join("port");
    let _ = std::fs::remove_file(&port_file);
    let mut command = command(dir, &["serve", "--listen", "127.0.0.1:0"]);
    command.arg("--port-file").arg(&port_file).args(more).stdout(Stdio::piped()).stderr(Stdio::null());
    if let Some(point) = crash_at {
        command.env("BROBYGGER_CRASH_AT", point);
    }
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = std::fs::read_to_string(&port_file).unwrap().trim().to_owned();
    assert!(line.starts_with("listening on http") && line.trim().ends_with(&address), "{line}");
    Running { child, address }
}

/// Sends bytes and reads until the other side closes.
fn exchange(mut stream: impl Read + Write, request: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    let _ = stream.write_all(request).and_then(|()| stream.flush());
    let _ = stream.read_to_end(&mut answer);
    answer
}

fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").into_bytes()
}

struct Phone {
    sign: Ed25519KeyPair,
    request: Ed25519KeyPair,
    card: DeviceCard,
}

fn phone() -> Phone {
    let seeds = [[1; 32], [2; 32]].map(|seed| Ed25519KeyPair::from_seed_unchecked(&seed).unwrap());
    let [sign, request] = seeds;
    let public = |pair: &Ed25519KeyPair| VerifyingKey::from_bytes(pair.public_key().as_ref().try_into().unwrap());
    let card = DeviceCard { device: DeviceId::from_bytes([3; 16]), sign: public(&sign), request: public(&request), receive: vec![4; 1216] };
    Phone { sign, request, card }
}

impl Phone {
    fn founding(&self) -> Vec<u8> {
        let device = self.card.device;
        let sign = |statement: &Statement| Entry::sign(statement, |bytes| self.sign.sign(bytes).as_ref().to_vec());
        let found = Act::Org(OrgAct::Found { member: MemberId::from_bytes([5; 16]), card: self.card.clone() });
        let mut statement = Statement {
            version: 1,
            org: None,
            log: LogId::Org,
            seq: 0,
            prev: Digest::ZERO,
            org_head: None,
            signer: device,
            claimed_ms: 0,
            act: found,
            sealed: None,
        };
        let first = sign(&statement);
        let org = OrgState::found(&Entry::decode(&first).unwrap()).unwrap();
        let (log, compartment) = (LogId::Org, Compartment::Directory);
        let wrap = Wrap { log, compartment, epoch: 1, device, bytes: vec![6; 64], signer: device };
        let epoch = EpochCard {
            compartment,
            number: 1,
            commit: [7; 32],
            wraps: vec![WrapRef { device, hash: wrap.hash() }],
            members: members_hash(std::iter::once(&self.card)),
            back: None,
            cuts: None,
        };
        statement = Statement { org: Some(org.org()), seq: 1, prev: org.head().hash, act: Act::Org(OrgAct::Epoch(epoch)), ..statement };
        let founding = Founding { entries: vec![first.into(), sign(&statement).into()], wraps: vec![wrap] };
        cbor::encode(&founding)
    }

    fn request(&self, scheme: &str, address: &str, method: &str, path: &str, body: Option<&[u8]>) -> Vec<u8> {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let uri = format!("{scheme}://{address}{path}");
        let sign = |base: &[u8]| self.request.sign(base).as_ref().to_vec();
        let headers = sign_request(&self.card.device, method, &uri, body, now as i64, sign);
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nsignature-input: {}\r\nsignature: {}\r\n",
            headers.signature_input, headers.signature
        );
        if let (Some(digest), Some(body)) = (headers.content_digest, body) {
            head.push_str(&format!("content-digest: {digest}\r\ncontent-length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        [head.as_bytes(), body.unwrap_or_default()].concat()
    }
}

/// The body of an answer that came in chunks.
fn unchunked(answer: &[u8]) -> Vec<u8> {
    let start = answer.windows(4).position(|at| at == b"\r\n\r\n").unwrap() + 4;
    let mut rest = answer.get(start..).unwrap();
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|at| at == b"\r\n").unwrap();
        let len = usize::from_str_radix(std::str::from_utf8(rest.get(..line).unwrap()).unwrap(), 16).unwrap();
        if len == 0 {
            return body;
        }
        body.extend_from_slice(rest.get(line + 2..line + 2 + len).unwrap());
        rest = rest.get(line + 2 + len + 2..).unwrap();
    }
}

#[test]
fn serves_verifies_inspects_and_stops_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let mut running = serve(dir.path(), &[], None);
    let (phone, address) = (phone(), running.address.clone());
    assert!(text(&exchange(connect(&address), &get("/healthz"))).starts_with("HTTP/1.1 200"));
    assert!(text(&exchange(connect(&address), &get("/readyz"))).starts_with("HTTP/1.1 200"));
    assert!(text(&exchange(connect(&address), &get("/"))).starts_with("HTTP/1.1 404"));
    let body = phone.founding();
    let found = phone.request("http", &address, "POST", FOUND_PATH, Some(&body));
    assert!(text(&exchange(connect(&address), &found)).starts_with("HTTP/1.1 201"));
    let answer = exchange(connect(&address), &phone.request("http", &address, "GET", SYNC_PATH, None));
    assert!(text(&answer).starts_with("HTTP/1.1 200"));
    let pieces = AnswerReader::default().feed(&unchunked(&answer)).unwrap();
    assert_eq!(pieces.last(), Some(&Piece::Frame(Frame::End)));
    // A connection that is idle, and one that has said half of what it wants, do not hold the server up for long.
    let _idle = connect(&address);
    let mut half = connect(&address);
    half.write_all(b"GET / HT").unwrap();
    let began = Instant::now();
    assert!(Command::new("kill").arg(running.child.id().to_string()).status().unwrap().success());
    assert_eq!(running.child.wait().unwrap().code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(8));
    let verified = output(dir.path(), &["verify-log"]);
    assert!(verified.status.success(), "{}", text(&verified.stdout));
    let inspected = output(dir.path(), &["inspect", "--json"]);
    let stored: serde_json::Value = serde_json::from_slice(&inspected.stdout).unwrap();
    assert_eq!(stored.pointer("/organisations/0/position"), Some(&2.into()));
    assert!(output(dir.path(), &["migrate"]).status.success());
    let spoil = rusqlite::Connection::open(dir.path().join("store/log.db")).unwrap();
    spoil.execute_batch("DELETE FROM wrap").unwrap();
    let verified = output(dir.path(), &["verify-log"]);
    assert_eq!(verified.status.code(), Some(1));
    assert!(text(&verified.stdout).contains("audit.wraps"));
}

#[test]
fn a_body_that_is_too_large_is_refused_before_it_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let running = serve(dir.path(), &[], None);
    let head = "POST /v1/sync HTTP/1.1\r\nhost: x\r\ncontent-length: 16777217\r\n\r\n";
    let answer = text(&exchange(connect(&running.address), head.as_bytes()));
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("req.too_large"), "{answer}");
}

#[test]
fn clear_text_stays_on_the_machine() {
    let dir = tempfile::tempdir().unwrap();
    let refused = output(dir.path(), &["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("loopback"));
    assert!(!dir.path().join("store").exists());
}

#[test]
fn behind_a_proxy_the_signed_uri_is_https() {
    let dir = tempfile::tempdir().unwrap();
    let running = serve(dir.path(), &["--behind-proxy"], None);
    let (phone, address) = (phone(), running.address.clone());
    let body = phone.founding();
    let clear = phone.request("http", &address, "POST", FOUND_PATH, Some(&body));
    assert!(text(&exchange(connect(&address), &clear)).starts_with("HTTP/1.1 401"));
    let proxied = phone.request("https", "sync.example", "POST", FOUND_PATH, Some(&body));
    assert!(text(&exchange(connect(&address), &proxied)).starts_with("HTTP/1.1 201"));
}

#[test]
fn tls_is_1_3_with_the_given_certificate() {
    let dir = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let more = ["--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    let running = serve(dir.path(), &more, None);
    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let session = rustls::ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let stream = rustls::StreamOwned::new(session, connect(&running.address));
    let (phone, body) = (phone(), phone().founding());
    let found = phone.request("https", "localhost", "POST", FOUND_PATH, Some(&body));
    assert!(text(&exchange(stream, &found)).starts_with("HTTP/1.1 201"));
    assert!(exchange(connect(&running.address), &get("/healthz")).iter().all(|byte| *byte != b'H'));
}

/// The first words of a client that knows TLS 1.2 and nothing newer.
fn hello_of_tls_1_2() -> Vec<u8> {
    let sized = |body: &[u8]| [&u16::try_from(body.len()).unwrap().to_be_bytes(), body].concat();
    let extension = |kind: u16, body: &[u8]| [&kind.to_be_bytes()[..], &sized(body)].concat();
    let name = sized(&[&[0][..], &sized(b"localhost")].concat());
    let extensions = [
        extension(0, &name),
        extension(10, &sized(&[0, 29, 0, 23, 0, 24])),
        extension(11, &[1, 0]),
        extension(13, &sized(&[4, 3, 8, 4, 4, 1, 5, 3, 8, 5])),
        extension(23, &[]),
    ]
    .concat();
    let suites = sized(&[0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9, 0xcc, 0xa8]);
    let body = [&[3, 3][..], &[9; 32], &[0], &suites, &[1, 0], &sized(&extensions)].concat();
    let handshake = [&[1, 0][..], &sized(&body)].concat();
    [&[22, 3, 1][..], &sized(&handshake)].concat()
}

#[test]
fn a_client_that_offers_tls_1_2_alone_is_told_the_version_is_too_old_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let running = serve(dir.path(), &["--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()], None);
    let answer = exchange(connect(&running.address), &hello_of_tls_1_2());
    // One alert, fatal, of version: no hello, no certificate.
    assert_eq!((answer.len(), answer[0], &answer[3..]), (7, 21, &[0, 2, 2, 70][..]), "{answer:?}");
}

#[test]
fn faults_of_what_the_server_was_told_to_use_have_codes_and_no_store_is_spoilt() {
    let dir = tempfile::tempdir().unwrap();
    let made = |name: &str| {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let (cert, key) = (dir.path().join(format!("{name}.pem")), dir.path().join(format!("{name}.key")));
        std::fs::write(&cert, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        (cert.display().to_string(), key.display().to_string())
    };
    let ((cert, _), (_, other_key)) = (made("one"), made("other"));
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = holder.local_addr().unwrap().to_string();
    let no_folder = dir.path().join("not-there/port").display().to_string();
    let any = "127.0.0.1:0";
    for (arguments, code) in [
        (vec!["serve", "--listen", "0.0.0.0:0"], "srv.not_loopback"),
        (vec!["serve", "--listen", any, "--metrics", "0.0.0.0:0"], "srv.metrics_not_loopback"),
        (vec!["serve", "--listen", &taken], "srv.listen"),
        (vec!["serve", "--listen", any, "--port-file", &no_folder], "srv.port_file"),
        (vec!["serve", "--listen", any, "--tls-cert", &no_folder, "--tls-key", &other_key], "srv.pem"),
        (vec!["serve", "--listen", any, "--tls-cert", &cert, "--tls-key", &other_key], "srv.tls"),
    ] {
        let done = output(dir.path(), &arguments);
        assert!(!done.status.success() && text(&done.stderr).contains(code), "{code}: {done:?}");
    }
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    if let Ok(full) = full {
        let done = command(dir.path(), &["verify-log"]).stdout(full).output().unwrap();
        assert!(!done.status.success() && text(&done.stderr).contains("srv.output"), "{done:?}");
    }
    assert!(output(dir.path(), &["verify-log"]).status.success());
}

#[test]
fn a_crash_around_a_commit_loses_nothing_that_was_acknowledged() {
    for point in ["found.before_commit", "found.after_commit", "answer.before_acks", "answer.after_acks"] {
        let dir = tempfile::tempdir().unwrap();
        let (phone, body) = (phone(), phone().founding());
        let mut running = serve(dir.path(), &[], Some(point));
        let address = running.address.clone();
        exchange(connect(&address), &phone.request("http", &address, "POST", FOUND_PATH, Some(&body)));
        if point.starts_with("answer") {
            let batch = cbor::encode(&wire::message::Batch::default());
            exchange(connect(&address), &phone.request("http", &address, "POST", SYNC_PATH, Some(&batch)));
        }
        assert!(!running.child.wait().unwrap().success(), "{point}");
        assert!(server::crash::POINTS.contains(&point));
        let running = serve(dir.path(), &[], None);
        let address = running.address.clone();
        let found = phone.request("http", &address, "POST", FOUND_PATH, Some(&body));
        assert!(text(&exchange(connect(&address), &found)).starts_with("HTTP/1.1 201"), "{point}");
        assert!(output(dir.path(), &["verify-log"]).status.success(), "{point}");
    }
}

/// A server whose words on standard error are heard, with so few descriptors.
fn heard(dir: &Path, descriptors: u32) -> (Running, BufReader<std::process::ChildStderr>) {
    let port_file = dir.join("port");
    let made = command(dir, &["serve", "--listen", "127.0.0.1:0"]);
    let mut narrow = Command::new("sh");
    narrow.args(["-c", &format!("ulimit -n {descriptors}; exec \"$@\""), "sh"]).arg(made.get_program()).args(made.get_args());
    narrow.arg("--port-file").arg(&port_file).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = narrow.spawn().unwrap();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    let address = std::fs::read_to_string(&port_file).unwrap().trim().to_owned();
    let said = BufReader::new(child.stderr.take().unwrap());
    (Running { child, address }, said)
}

/// Whoever opens more connections than there are descriptors is waited out, and the server says so by one code.
#[test]
fn a_server_without_descriptors_says_so_waits_and_answers_again() {
    let dir = tempfile::tempdir().unwrap();
    let (running, mut said) = heard(dir.path(), 48);
    let many: Vec<TcpStream> = (0..64).map(|_| connect(&running.address)).collect();
    let mut words = String::new();
    while !words.contains("srv.accept") {
        assert!(said.read_line(&mut words).unwrap() > 0, "it went on: {words}");
    }
    drop(many);
    assert!(text(&exchange(connect(&running.address), &get("/healthz"))).starts_with("HTTP/1.1 200"));
}

#[test]
fn whoever_never_finishes_holds_no_server_that_is_told_to_stop() {
    let dir = tempfile::tempdir().unwrap();
    let (mut running, mut said) = heard(dir.path(), 256);
    let mut slow = connect(&running.address);
    slow.write_all(b"POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf").unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert!(Command::new("kill").arg(running.child.id().to_string()).status().unwrap().success());
    let began = Instant::now();
    assert_eq!(running.child.wait().unwrap().code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(9));
    let mut words = String::new();
    said.read_to_string(&mut words).unwrap();
    assert!(words.contains("srv.stop_timeout"), "{words}");
    drop(slow);
}

/// However few descriptors the machine has left, a start ends by itself, and what there was in the store serves again.
#[test]
fn a_machine_that_lets_nothing_begin_is_told_by_code_and_spoils_no_store() {
    let dir = tempfile::tempdir().unwrap();
    drop(heard(dir.path(), 256));
    let mut codes = std::collections::BTreeSet::new();
    for descriptors in 5..12 {
        let made = command(dir.path(), &["serve", "--listen", "127.0.0.1:0"]);
        let mut narrow = Command::new("sh");
        narrow.args(["-c", &format!("ulimit -n {descriptors}; exec \"$@\""), "sh"]).arg(made.get_program()).args(made.get_args());
        let ended = narrow.output().unwrap();
        assert!(!ended.status.success() && ended.stdout.is_empty(), "{descriptors}: {ended:?}");
        codes.extend(
            text(&ended.stderr)
                .split_whitespace()
                .filter(|word| word.starts_with("srv."))
                .map(|code| code.trim_end_matches(':').to_owned()),
        );
    }
    assert!(codes.contains("srv.runtime"), "{codes:?}");
    let (running, _) = heard(dir.path(), 256);
    assert!(text(&exchange(connect(&running.address), &get("/healthz"))).starts_with("HTTP/1.1 200"));
}
