//! The app in a window that nobody sees, called as its page calls it.

use app::Shell;
use device::{Device, casework::Programme};
use serde_json::{Value, json};
use tauri::{
    App, Manager, WebviewWindow,
    ipc::{CallbackFn, InvokeBody},
    test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder},
    webview::InvokeRequest,
};

pub(crate) const SECRET: &str = "seks ord som ingen andre kan gætte";
const NOWHERE: &str = "http://127.0.0.1:9";

pub(crate) struct Phone {
    pub app: App<MockRuntime>,
    window: WebviewWindow<MockRuntime>,
    pub data: tempfile::TempDir,
}

/// As the app does when it ends: SQLCipher takes itself down with the process, under the feet of any thread still in a vault.
impl Drop for Phone {
    fn drop(&mut self) {
        self.with(Device::lock);
    }
}

impl Phone {
    pub fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let app = mock_builder().invoke_handler(app::commands::handler()).build(app::context()).unwrap();
        app::init_at(&app, data.path().to_owned()).unwrap();
        let window = tauri::WebviewWindowBuilder::new(&app, "main", tauri::WebviewUrl::default()).build().unwrap();
        Self { app, window, data }
    }

    /// With a vault, an organisation, and one case; gives the case.
    pub fn in_use() -> (Self, String) {
        let phone = Self::new();
        let case = phone.with(|device| {
            device.create_vault(SECRET.as_bytes()).unwrap();
            device.found_organisation(NOWHERE, Vec::new(), "Prøveforeningen", "Signe", "Signes telefon").unwrap();
            device.new_case("Falken", Programme::Ngo, None).unwrap().to_string()
        });
        (phone, case)
    }

    /// Does something with the device behind the commands.
    pub fn with<T>(&self, act: impl FnOnce(&Device) -> T) -> T {
        act(self.app.state::<Shell>().device())
    }

    /// A command that takes nothing.
    pub fn ask(&self, command: &str) -> Value {
        self.get(command, json!({}))
    }

    pub fn from(&self, url: &str, command: &str, arguments: Value) -> Result<Value, Value> {
        let request = InvokeRequest {
            cmd: command.to_owned(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: url.parse().unwrap(),
            body: InvokeBody::Json(arguments),
            headers: Default::default(),
            invoke_key: INVOKE_KEY.to_owned(),
        };
        get_ipc_response(&self.window, request).map(|body| body.deserialize().unwrap())
    }

    pub fn call(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        self.from(if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" }, command, arguments)
    }

    pub fn get(&self, command: &str, arguments: Value) -> Value {
        self.call(command, arguments).unwrap()
    }

    pub fn code(&self, command: &str, arguments: Value) -> String {
        self.call(command, arguments).unwrap_err()["code"].as_str().unwrap().to_owned()
    }
}
