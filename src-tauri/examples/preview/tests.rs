//! The door refuses whatever was not sent by the page to this very address.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    sync::Arc,
};

use serde_json::Value;
use tauri::{App, test::MockRuntime};

use super::*;

struct Open {
    port: u16,
    token: String,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    ended: std::sync::mpsc::Receiver<()>,
    _app: App<MockRuntime>,
    _data: tempfile::TempDir,
}

impl Open {
    fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let ui = data.path().join("ui");
        fs::create_dir(&ui).unwrap();
        fs::write(ui.join("index.html"), "<html><head></head></html>").unwrap();
        fs::write(data.path().join("secret.txt"), "secret").unwrap();
        let app = mock_builder().invoke_handler(app::commands::handler()).build(app::context()).unwrap();
        app::init_at(&app, data.path().join("device")).unwrap();
        let listener = tauri::async_runtime::block_on(TcpListener::bind(("127.0.0.1", 0))).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (door, token) = Door::new(port).unwrap();
        let house = Arc::new(House::new(&app, door, ui).unwrap());
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (end, ended) = std::sync::mpsc::channel();
        tauri::async_runtime::spawn(async move {
            house::open(listener, house, async { drop(stopped.await) }).await.unwrap();
            end.send(()).unwrap();
        });
        Self { port, token, stop: Some(stop), ended, _app: app, _data: data }
    }

    fn connect(&self, line: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let own = format!("127.0.0.1:{}", self.port);
        let mut request =
            format!("{line} HTTP/1.1\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        if !headers.iter().any(|(name, _)| *name == "Host") {
            request.push_str(&format!("Host: {own}\r\n"));
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{request}\r\n{body}").as_bytes()).unwrap();
        stream
    }

    fn send(&self, line: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let mut answer = String::new();
        self.connect(line, headers, body).read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer)
    }

    fn enter(&self) -> String {
        let (status, answer) = self.send("POST /session", &[], &format!("{{\"token\":\"{}\"}}", self.token));
        assert_eq!(status, 200, "{answer}");
        let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        format!("Bearer {}", body["bearer"].as_str().unwrap())
    }
}

#[test]
fn the_page_comes_with_its_mark_and_a_strict_policy() {
    let open = Open::new();
    let (status, answer) = open.send("GET /", &[], "");
    assert_eq!(status, 200);
    assert!(answer.contains("<meta name=\"host\" content=\"preview\">"), "{answer}");
    let head = answer.to_lowercase();
    for wanted in
        ["default-src 'none'", "connect-src 'self'", "script-src 'self'", "frame-ancestors 'none'", "cache-control: no-store", "nosniff"]
    {
        assert!(head.contains(wanted), "{wanted} is missing in {head}");
    }
    for unwanted in ["unsafe", "access-control-allow", "ipc:"] {
        assert!(!head.contains(unwanted), "{unwanted} is in {head}");
    }
}

#[test]
fn another_host_is_refused() {
    let open = Open::new();
    for host in ["example.org", "127.0.0.1", "127.0.0.1:1", "localhost.example.org", "[::1]:80"] {
        assert_eq!(open.send("GET /", &[("Host", host)], "").0, 421, "{host}");
    }
    assert_eq!(open.send("GET /", &[("Host", &format!("localhost:{}", open.port))], "").0, 200);
}

#[test]
fn another_origin_is_refused_even_with_the_bearer() {
    let open = Open::new();
    let bearer = open.enter();
    let own = format!("http://127.0.0.1:{}", open.port);
    for origin in ["http://example.org", "null", "https://127.0.0.1", "http://127.0.0.1:1", &own.replace("http", "https")] {
        assert_eq!(open.send("POST /ipc/app_state", &[("Origin", origin), ("Authorization", &bearer)], "{}").0, 403, "{origin}");
    }
    assert_eq!(open.send("POST /ipc/app_state", &[("Sec-Fetch-Site", "cross-site"), ("Authorization", &bearer)], "{}").0, 403);
    assert_eq!(open.send("POST /ipc/app_state", &[("Origin", &own), ("Authorization", &bearer)], "{}").0, 200);
}

#[test]
fn without_the_bearer_nothing_is_answered() {
    let open = Open::new();
    open.enter();
    for headers in [
        &[][..],
        &[("Authorization", "Bearer ")],
        &[("Authorization", "Bearer AAAA")],
        &[("Authorization", &*format!("Bearer {}", open.token))],
    ] {
        assert_eq!(open.send("POST /ipc/app_state", headers, "{}").0, 401);
        assert_eq!(open.send("GET /events", headers, "").0, 401);
    }
}

#[test]
fn the_token_opens_once() {
    let open = Open::new();
    assert_eq!(open.send("POST /session", &[], "{\"token\":\"AAAA\"}").0, 401);
    assert_eq!(open.send("POST /session", &[], "{}").0, 401);
    open.enter();
    assert_eq!(open.send("POST /session", &[], &format!("{{\"token\":\"{}\"}}", open.token)).0, 401);
}

#[test]
fn only_files_of_the_page_are_served() {
    let open = Open::new();
    std::os::unix::fs::symlink(open._data.path().join("secret.txt"), open._data.path().join("ui/link.txt")).unwrap();
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "//etc/passwd",
        "/./index.html",
        "/link.txt",
        "/.hidden",
        "/nothing.js",
    ] {
        let (status, answer) = open.send(&format!("GET {path}"), &[], "");
        assert!(matches!(status, 400 | 404), "{path}: {status}");
        assert!(!answer.contains("secret\n") && !answer.ends_with("secret"), "{path}");
    }
}

#[test]
fn a_command_answers_and_an_unknown_one_does_not() {
    let open = Open::new();
    let bearer = open.enter();
    let headers = [("Authorization", &*bearer)];
    let (status, answer) = open.send("POST /ipc/app_state", &headers, "{}");
    assert_eq!(status, 200);
    assert!(answer.contains("\"phase\":\"fresh\""), "{answer}");
    let (status, answer) = open.send("POST /ipc/today", &headers, "{}");
    assert_eq!((status, answer.contains("vault.locked")), (400, true), "{answer}");
    assert_ne!(open.send("POST /ipc/nothing", &headers, "{}").0, 200);
    assert_eq!(open.send("POST /ipc/plugin:event|emit", &headers, "{}").0, 404);
}

#[test]
fn events_come_and_end_with_the_server() {
    let mut open = Open::new();
    let bearer = open.enter();
    let mut stream = open.connect("GET /events", &[("Authorization", &bearer)], "");
    let mut head = [0; 512];
    assert!(stream.read(&mut head).unwrap() > 0);
    assert_eq!(open.send("POST /ipc/lock", &[("Authorization", &bearer)], "{}").0, 200);
    let mut heard = String::new();
    while !heard.contains("\n\n") {
        let mut more = [0; 512];
        let n = stream.read(&mut more).unwrap();
        assert_ne!(n, 0);
        heard.push_str(&String::from_utf8_lossy(&more[..n]));
    }
    assert!(heard.contains("event: changed") && heard.contains("\"locked\":true"), "{heard}");
    open.stop.take().unwrap().send(()).unwrap();
    open.ended.recv_timeout(std::time::Duration::from_secs(10)).unwrap();
}

#[test]
#[cfg(unix)]
fn the_address_is_for_the_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file: &Path = &folder.path().join("address");
    fs::write(file, "old").unwrap();
    write_private(file, "new").unwrap();
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_to_string(file).unwrap(), "new");
}
