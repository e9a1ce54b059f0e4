//! A window of the app on an invisible screen, driven through WebKitWebDriver as a person would use it.

use std::{
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::time::sleep;
use world::process::{Shell, program};

/// How W3C WebDriver names an element in its answers.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the app may leave something behind: a home of its own.
pub struct Home {
    pub dir: PathBuf,
    data: PathBuf,
}

impl Home {
    /// A home beside the device's data.
    pub fn new(dir: &Path, shell: &Shell) -> Self {
        for place in PLACES {
            fs::create_dir_all(dir.join(place)).expect("a folder");
        }
        Self { dir: dir.to_owned(), data: shell.data.clone() }
    }
}

/// Folders of a home: what a desktop keeps for an app, the web view's stores among it.
const PLACES: [&str; 5] = [".local/share", ".cache", ".config", "tmp", "run"];

/// An invisible screen with a driver on it.
pub struct Driver {
    screen: Child,
    base: String,
    http: Client,
    data: PathBuf,
}

impl Driver {
    /// Starts both.
    pub async fn start(home: &Home) -> Self {
        for tool in ["xvfb-run", "WebKitWebDriver"] {
            assert!(on_path(tool), "{tool} is missing: Debian's packages xvfb, xauth and webkit2gtk-driver have it; ./test installs them");
        }
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let mut command = Command::new("xvfb-run");
        command.args(["-a", "-s", "-screen 0 1600x1000x24", "WebKitWebDriver", "--host=127.0.0.1", &format!("--port={port}")]);
        for (name, place) in [
            ("XDG_DATA_HOME", ".local/share"),
            ("XDG_CACHE_HOME", ".cache"),
            ("XDG_CONFIG_HOME", ".config"),
            ("TMPDIR", "tmp"),
            ("XDG_RUNTIME_DIR", "run"),
        ] {
            command.env(name, home.dir.join(place));
        }
        command.env("HOME", &home.dir).env("BROBYGGER_DATA", &home.data).env("TAURI_WEBVIEW_AUTOMATION", "true");
        command.env_remove("DBUS_SESSION_BUS_ADDRESS").env("NO_AT_BRIDGE", "1").env("GIO_USE_VFS", "local");
        let log = fs::File::create(home.dir.join("driver.log")).expect("a log");
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log);
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let screen = command.spawn().expect("the screen starts");
        // The client asks for a provider of cryptography even where none is needed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
        let driver = Self { screen, base: format!("http://127.0.0.1:{port}"), http, data: home.data.clone() };
        let begun = Instant::now();
        while driver.http.get(format!("{}/status", driver.base)).send().await.is_err() {
            assert!(begun.elapsed() < PATIENCE, "the driver does not answer");
            sleep(Duration::from_millis(50)).await;
        }
        driver
    }

    /// Opens the app's window, of this inner size.
    pub async fn open(&self, width: u32, height: u32) -> Window<'_> {
        let wanted =
            json!({"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": {"binary": program("brobygger-app"), "args": []}}}});
        let answer = self.ask(Method::POST, "/session", Some(wanted)).await.expect("a session");
        let window = Window { driver: self, path: format!("/session/{}", answer["sessionId"].as_str().expect("its name")) };
        window.post("/window/rect", json!({"x": 0, "y": 0, "width": width, "height": height})).await;
        window
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, Value> {
        let request = self.http.request(method, format!("{}{path}", self.base)).header("content-type", "application/json");
        let request = if let Some(body) = body { request.body(body.to_string()) } else { request };
        let answer = request.send().await.map_err(|error| json!({"error": "no answer", "message": error.to_string()}))?;
        let fine = answer.status().is_success();
        let text = answer.text().await.unwrap_or_default();
        let value = serde_json::from_str::<Value>(&text).unwrap_or_default()["value"].clone();
        if fine { Ok(value) } else { Err(value) }
    }

    /// Kills the app without a word, as a battery that dies.
    pub fn kill_the_app(&self) {
        let running = self.running();
        assert_eq!(running.len(), 1, "one app runs on this device");
        for number in running {
            assert!(Command::new("kill").args(["-9", &number]).status().is_ok_and(|done| done.success()));
        }
    }

    /// Numbers of the app's processes on this device.
    fn running(&self) -> Vec<String> {
        let app = program("brobygger-app");
        let wanted = [b"BROBYGGER_DATA=", self.data.as_os_str().as_encoded_bytes()].concat();
        let ours = |process: &fs::DirEntry| {
            fs::read_link(process.path().join("exe")).is_ok_and(|exe| exe == app)
                && fs::read(process.path().join("environ")).is_ok_and(|all| all.split(|byte| *byte == 0).any(|one| one == wanted))
        };
        let processes = fs::read_dir("/proc").expect("processes").flatten().filter(ours);
        processes.map(|process| process.file_name().to_string_lossy().into_owned()).collect()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let group = format!("-{}", self.screen.id());
        let _ = Command::new("kill").args(["-TERM", "--", &group]).status();
        std::thread::sleep(Duration::from_millis(300));
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.screen.wait();
    }
}

/// Whether a thread of the process still runs, and so its files may be open.
fn is_alive(number: &str) -> bool {
    let threads = fs::read_dir(format!("/proc/{number}/task")).into_iter().flatten().flatten();
    threads.map(|thread| fs::read_to_string(thread.path().join("stat")).unwrap_or_default()).any(|stat| {
        let state = stat.rsplit_once(") ").map(|(_, state)| state.to_owned());
        state.is_some_and(|state| !state.starts_with(['Z', 'X']))
    })
}

fn on_path(tool: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(tool).exists()))
}

/// One window of the app.
pub struct Window<'d> {
    driver: &'d Driver,
    path: String,
}

impl Window<'_> {
    async fn post(&self, what: &str, body: Value) -> Value {
        self.try_post(what, body).await.unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    async fn try_post(&self, what: &str, body: Value) -> Result<Value, Value> {
        self.driver.ask(Method::POST, &format!("{}{what}", self.path), Some(body)).await
    }

    async fn get(&self, what: &str) -> Value {
        self.driver.ask(Method::GET, &format!("{}{what}", self.path), None).await.unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// Runs this in the page and gives what it returns.
    pub async fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({"script": script, "args": []})).await
    }

    /// The same for a script that calls back when it is done.
    pub async fn run_to_end(&self, script: &str) -> Value {
        self.post("/execute/async", json!({"script": script, "args": []})).await
    }

    /// The element that this selects, as soon as it is there.
    pub async fn wait_for(&self, css: &str) -> String {
        let begun = Instant::now();
        loop {
            if let Ok(found) = self.try_post("/element", json!({"using": "css selector", "value": css})).await {
                return found[ELEMENT].as_str().expect("an element").to_owned();
            }
            if begun.elapsed() > PATIENCE {
                panic!("{css} does not come; the page says: {}", self.text().await);
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the page says this.
    pub async fn wait_to_read(&self, words: &str) {
        let begun = Instant::now();
        loop {
            let text = self.text().await;
            if text.contains(words) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "“{words}” does not come; the page says: {text}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Presses what this selects.
    pub async fn press(&self, css: &str) {
        let begun = Instant::now();
        loop {
            let element = self.wait_for(css).await;
            match self.try_post(&format!("/element/{element}/click"), json!({})).await {
                Ok(_) => return,
                // It was drawn again, or something passes over it.
                Err(error) => assert!(begun.elapsed() < PATIENCE, "{css}: {error}"),
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Types into what this selects.
    pub async fn type_into(&self, css: &str, words: &str) {
        let element = self.wait_for(css).await;
        self.post(&format!("/element/{element}/value"), json!({"text": words})).await;
    }

    /// Every word and every field's content of the page.
    pub async fn text(&self) -> String {
        let all = self.run("return document.documentElement.textContent + [...document.querySelectorAll('input, textarea')].map((f) => f.value).join(' ')").await;
        all.as_str().unwrap_or_default().to_owned()
    }

    /// The window's title, as the page's document has it.
    pub async fn title(&self) -> String {
        self.get("/title").await.as_str().unwrap_or_default().to_owned()
    }

    /// Closes the window and with it the app.
    pub async fn close(self) {
        let running = self.driver.running();
        let _ = self.driver.ask(Method::DELETE, &self.path, None).await;
        let begun = Instant::now();
        while running.iter().any(|number| is_alive(number)) {
            assert!(begun.elapsed() < PATIENCE, "the app does not end");
            sleep(Duration::from_millis(20)).await;
        }
    }
}
