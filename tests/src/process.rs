//! Real processes: the command line and the server as people run them.

use std::{
    ffi::OsStr,
    fmt, fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;

/// What every device of these stories is opened with.
pub const PASSPHRASE: &str = "tolv cykler under broen ved havnen";

/// Where this build's programs are.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this test has a path");
    let folder = test.parent().and_then(Path::parent).expect("target/debug/deps/…");
    let file = folder.join(name);
    assert!(file.exists(), "{} is built with the workspace", file.display());
    file
}

/// A server in a process of its own.
pub struct ServerProcess {
    dir: PathBuf,
    child: Child,
    /// Like `127.0.0.1:40123`.
    pub address: String,
}

impl fmt::Debug for ServerProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerProcess({})", self.address)
    }
}

impl ServerProcess {
    /// Starts on any free port, with its log in `DIR/server.log`.
    pub fn start(dir: &Path) -> Self {
        Self::start_at(dir, "127.0.0.1:0", None)
    }

    /// Starts at an address; `crash` names a place where it is to abort.
    pub fn start_at(dir: &Path, address: &str, crash: Option<&str>) -> Self {
        Self::start_with(dir, address, crash, &[])
    }

    /// Starts behind TLS, with a certificate and key in PEM files.
    pub fn start_tls(dir: &Path, certificate: &Path, key: &Path) -> Self {
        let files = [OsStr::new("--tls-cert"), certificate.as_os_str(), OsStr::new("--tls-key"), key.as_os_str()];
        Self::start_with(dir, "127.0.0.1:0", None, &files)
    }

    fn start_with(dir: &Path, address: &str, crash: Option<&str>, more: &[&OsStr]) -> Self {
        fs::create_dir_all(dir).expect("a folder");
        let port_file = dir.join("port");
        let _ = fs::remove_file(&port_file);
        let log = fs::OpenOptions::new().create(true).append(true).open(dir.join("server.log")).expect("a log");
        let mut command = Command::new(program("brobygger-server"));
        command.args(["serve", "--db"]).arg(format!("sqlite:{}", dir.join("log.db").display()));
        command.args(["--listen", address, "--port-file"]).arg(&port_file).args(more);
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log);
        if let Some(place) = crash {
            command.env("BROBYGGER_CRASH_AT", place);
        }
        let child = command.spawn().expect("the server starts");
        let begun = Instant::now();
        let address = loop {
            match fs::read_to_string(&port_file) {
                Ok(text) if text.ends_with('\n') => break text.trim().to_owned(),
                _ if begun.elapsed() > Duration::from_secs(20) => panic!("the server did not say where it listens"),
                _ => sleep(Duration::from_millis(10)),
            }
        };
        Self { dir: dir.to_owned(), child, address }
    }

    /// The address as devices name it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it has said so far.
    pub fn said(&self) -> String {
        fs::read_to_string(self.dir.join("server.log")).expect("a log")
    }

    /// What the system lets it do, as `/proc` tells it.
    pub fn limits(&self) -> String {
        fs::read_to_string(format!("/proc/{}/limits", self.child.id())).expect("a process on Linux")
    }

    /// Whether it runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Stops it in order.
    pub fn stop(&mut self) {
        let told = Command::new("kill").arg(self.child.id().to_string()).status().expect("kill runs");
        assert!(told.success() && self.child.wait().expect("it ends").success(), "the server ends in order");
    }

    /// Runs one of the operator's commands on its store, whether it runs or not.
    pub fn operator(&self, arguments: &[&str]) -> std::process::Output {
        let mut command = Command::new(program("brobygger-server"));
        command.args(arguments.first()).arg("--db").arg(format!("sqlite:{}", self.dir.join("log.db").display()));
        command.args(arguments.get(1..).unwrap_or_default()).stdin(Stdio::null()).output().expect("runs")
    }

    /// Kills it without a word, and starts it again where it was.
    pub fn kill_and_restart(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        *self = Self::start_at(&self.dir.clone(), &self.address.clone(), None);
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How a command ended.
#[derive(Debug)]
pub struct Ran {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// The JSON it printed.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("JSON, not {self:?}"))
    }

    /// The code it failed with.
    pub fn code(&self) -> String {
        let error: Value = serde_json::from_str(&self.stderr).unwrap_or_else(|_| panic!("a JSON error, not {self:?}"));
        error["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// A device used through the command line.
#[derive(Debug, Clone)]
pub struct Shell {
    pub data: PathBuf,
    passphrase: PathBuf,
}

impl Shell {
    /// A device whose vault is to be in `DIR/data`.
    pub fn new(dir: &Path) -> Self {
        fs::create_dir_all(dir).expect("a folder");
        let passphrase = dir.join("passphrase");
        fs::write(&passphrase, PASSPHRASE).expect("written");
        Self { data: dir.join("data"), passphrase }
    }

    /// The command, ready to run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("brobygger"));
        command.arg("--data").arg(&self.data).arg("--passphrase-file").arg(&self.passphrase);
        command.args(["--json", "--kdf", "floor"]).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs it to the end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        finish(self.command(arguments).spawn().expect("the command starts"))
    }

    /// Runs it with a place where it is to abort.
    pub fn run_with_crash(&self, place: &str, arguments: &[&str]) -> Ran {
        finish(self.command(arguments).env("BROBYGGER_CRASH_AT", place).spawn().expect("the command starts"))
    }

    /// Runs it, which must succeed, and gives its JSON.
    pub fn ok(&self, arguments: &[&str]) -> Value {
        let ran = self.run(arguments);
        assert!(ran.status.success(), "{arguments:?}: {ran:?}");
        ran.json()
    }
}

/// Waits for a command and gathers what it said.
pub fn finish(mut child: Child) -> Ran {
    let (mut stdout, mut stderr) = (String::new(), String::new());
    let (mut out, mut err) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
    let reader = std::thread::spawn(move || {
        let _ = err.read_to_string(&mut stderr);
        stderr
    });
    let _ = out.read_to_string(&mut stdout);
    let stderr = reader.join().unwrap_or_default();
    let status = child.wait().expect("it ends");
    Ran { status, stdout, stderr }
}
