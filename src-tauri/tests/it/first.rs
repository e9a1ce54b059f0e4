//! The first run over a real server: founding, joining, and everything that goes wrong before either is done.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use device::{Courier, Device, Role, SystemHost};
use serde_json::{Value, json};
use tauri::{Listener, async_runtime::block_on};

use crate::phone::{Phone, SECRET};

/// A server in a process of its own.
pub(crate) struct Server {
    dir: PathBuf,
    child: Child,
    address: String,
}

impl Server {
    pub fn start(dir: &Path) -> Self {
        Self::start_at(dir, "127.0.0.1:0")
    }

    fn start_at(dir: &Path, address: &str) -> Self {
        fs::create_dir_all(dir).unwrap();
        let port_file = dir.join("port");
        let _ = fs::remove_file(&port_file);
        let test = std::env::current_exe().unwrap();
        let program = test.parent().and_then(Path::parent).unwrap().join("brobygger-server");
        assert!(program.exists(), "{} is built with the workspace", program.display());
        let mut command = Command::new(program);
        command.args(["serve", "--db"]).arg(format!("sqlite:{}", dir.join("log.db").display()));
        command.args(["--listen", address, "--port-file"]).arg(&port_file);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        let address = loop {
            match fs::read_to_string(&port_file) {
                Ok(text) if text.ends_with('\n') => break text.trim().to_owned(),
                _ => assert!(begun.elapsed() < Duration::from_secs(60), "the server did not say where it listens"),
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        Self { dir: dir.to_owned(), child, address }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub fn start_again(&mut self) {
        *self = Self::start_at(&self.dir.clone(), &self.address.clone());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

pub(crate) fn founding(server: &str) -> Value {
    json!({ "server": server, "organisation": "Broen", "person": "Hanne", "secret": SECRET })
}

/// Hanne's own device without a face, for what only the command line can do yet.
fn sponsor(server: &Server, dir: &Path) -> (Arc<Device>, Courier) {
    let device = Arc::new(Device::new(dir.join("hanne"), Arc::new(SystemHost::with_cost(device::Cost::FLOOR))));
    device.create_vault(SECRET.as_bytes()).unwrap();
    device.found_organisation(&server.url(), Vec::new(), "Broen", "Hanne", "bordet").unwrap();
    let courier = Courier::over_http(Arc::clone(&device)).unwrap();
    block_on(courier.sync()).unwrap();
    (device, courier)
}

#[test]
fn six_words_are_proposed_that_the_vault_accepts() {
    let phone = Phone::new();
    let words = phone.ask("propose_secret").as_str().unwrap().to_owned();
    assert_eq!(words.split(' ').count(), 6);
    assert_ne!(phone.ask("propose_secret"), words.as_str());
    phone.with(|device| device.create_vault(words.as_bytes()).unwrap());
}

#[test]
fn hanne_founds_an_organisation_and_is_in() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("server"));
    let phone = Phone::new();
    let state = phone.get("create_organisation", founding(&format!(" {} ", server.url())));
    assert_eq!((&state["phase"], &state["me"]["name"], &state["me"]["role"]), (&json!("unlocked"), &json!("Hanne"), &json!("coordinator")));
    assert_eq!(phone.ask("sync_line")["state"], "all_sent");
    phone.get("new_case", json!({ "alias": "Falken", "programme": "ngo", "birthYear": null }));
    assert_eq!(phone.ask("sync_now")["state"], "all_sent");
    assert_eq!(phone.code("create_organisation", founding(&server.url())), "org.exists");
    // Nobody is asked whether they are there: the page of a device that belongs somewhere has one way out only.
    assert_eq!(phone.code("create_organisation", founding("http://127.0.0.1:9/listens")), "org.exists");
    assert_eq!(phone.ask("cases")[0]["waiting_for_server"], false);
}

#[test]
fn what_is_seen_to_be_wrong_makes_no_vault() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(&dir.path().join("server"));
    let phone = Phone::new();
    let weak = json!({ "server": server.url(), "organisation": "Broen", "person": "Hanne", "secret": "kort" });
    assert_eq!(phone.code("create_organisation", weak), "vault.weak_secret");
    assert_eq!(phone.code("create_organisation", founding("http://bro.example")), "net.insecure");
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap();
    let answers = std::thread::spawn(move || answer(other.accept().unwrap().0));
    assert_eq!(phone.code("create_organisation", founding(&format!("http://{address}"))), "net.bad_answer");
    answers.join().unwrap();
    server.stop();
    assert_eq!(phone.code("create_organisation", founding(&server.url())), "net.offline");
    assert_eq!(phone.code("join_organisation", json!({ "invitation": "bb1-x", "secret": SECRET })), "enrol.bad_invitation");
    assert_eq!(phone.ask("app_state")["phase"], "fresh");
    assert!(!phone.with(Device::has_vault));
    server.start_again();
    assert_eq!(phone.get("create_organisation", founding(&server.url()))["phase"], "unlocked");
}

/// Something that answers and is no server of ours.
fn answer(mut stream: TcpStream) {
    let mut asked = [0; 1024];
    assert!(stream.read(&mut asked).unwrap() > 0);
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello").unwrap();
}

#[test]
fn a_server_that_will_not_have_it_leaves_the_way_free_to_another() {
    let dir = tempfile::tempdir().unwrap();
    let (taken, free) = (Server::start(&dir.path().join("taken")), Server::start(&dir.path().join("free")));
    sponsor(&taken, dir.path());
    let phone = Phone::new();
    let code = phone.code("create_organisation", founding(&taken.url()));
    assert!(code.starts_with("auth.") || code.starts_with("org.") || code.starts_with("log."), "{code}");
    assert_eq!(phone.ask("app_state")["phase"], "fresh");
    let wrong = json!({ "server": free.url(), "organisation": "Broen", "person": "Hanne", "secret": "seks andre ord som ingen kan gætte" });
    assert_eq!(phone.code("create_organisation", wrong), "vault.wrong_secret");
    assert_eq!(phone.get("create_organisation", founding(&free.url()))["phase"], "unlocked");
    assert_eq!(phone.ask("about")["server"], free.url());
    assert_eq!(phone.ask("sync_line")["state"], "all_sent");
}

#[test]
fn aase_joins_waits_and_is_let_in() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(&dir.path().join("server"));
    let (hanne, courier) = sponsor(&server, dir.path());
    let invited = [hanne.invite("Åse", Role::Mentor).unwrap(), hanne.invite("Åse", Role::Mentor).unwrap()];
    block_on(courier.sync()).unwrap();
    let phone = Phone::new();
    let join = |n: usize| json!({ "invitation": format!("\n{} ", invited[n].invitation), "secret": SECRET });
    server.stop();
    assert_eq!(phone.code("join_organisation", join(0)), "net.offline");
    let begun = phone.ask("app_state");
    assert_eq!((&begun["phase"], &begun["me"]), (&json!("waiting"), &Value::Null));
    server.start_again();
    assert_eq!(phone.get("join_organisation", join(0))["request"], begun["request"]);
    let waiting = phone.get("join_organisation", join(1));
    assert_eq!(waiting["phase"], "waiting");
    assert_ne!(waiting["request"], begun["request"], "a second invitation is another request");
    // A restart changes nothing.
    phone.ask("lock");
    assert_eq!(phone.ask("app_state")["request"], Value::Null);
    assert_eq!(phone.get("unlock", json!({ "kind": "passphrase", "secret": SECRET }))["request"], waiting["request"]);
    let (told, heard) = mpsc::channel();
    phone.app.listen("changed", move |_| told.send(()).unwrap_or_default());
    block_on(courier.approve(waiting["request"].as_str().unwrap(), "Åses telefon", SECRET.as_bytes())).unwrap();
    block_on(courier.sync()).unwrap();
    // The page need not ask: the next of the rounds, which go while one waits, tells it.
    let begun = Instant::now();
    while phone.ask("app_state")["phase"] == "waiting" {
        assert!(begun.elapsed() < Duration::from_secs(90), "nobody let Åse in");
        let _ = heard.recv_timeout(Duration::from_secs(5));
    }
    let state = phone.ask("app_state");
    assert_eq!(
        (&state["phase"], &state["me"]["name"], &state["me"]["device"]),
        (&json!("unlocked"), &json!("Åse"), &json!("Åses telefon"))
    );
    assert_eq!(state["request"], Value::Null);
}
