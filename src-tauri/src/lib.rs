//! The shell: commands of a few lines, one event, and this platform. It decides nothing; `device` does.

use std::process::ExitCode;

use tauri::{Builder, Config, Context, Manager, RunEvent, Runtime};

pub mod about;
pub mod commands;
pub mod error;
pub mod events;
pub mod host;
pub mod picture;
mod private;
pub mod receipt;
pub mod report;
pub mod rounds;
pub mod settings;
pub mod shell;
pub mod state;

pub use shell::{Shell, init, init_at};

/// Opens the window and stays until it is closed.
pub fn run() -> ExitCode {
    device::harden();
    match builder::<tauri::Wry>(Builder::default()).build(context()) {
        Ok(app) => ExitCode::from(u8::try_from(app.run_return(at_exit)).unwrap_or(1)),
        Err(_) => {
            eprintln!("the window could not be opened");
            ExitCode::FAILURE
        }
    }
}

/// The app on any runtime: its commands and its beginning.
pub fn builder<R: Runtime>(builder: Builder<R>) -> Builder<R> {
    builder.invoke_handler(commands::handler()).setup(|app| Ok(init(app)?))
}

/// The configuration, the page and the permissions, as they were when this was built.
pub fn context<R: Runtime>() -> Context<R> {
    let mut context = tauri::generate_context!();
    let_a_driver_in(context.config_mut());
    context
}

/// A window without storage cannot be driven from outside. A test may drive a window that was built for tests.
fn let_a_driver_in(config: &mut Config) {
    if cfg!(debug_assertions) && std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some() {
        config.app.windows.iter_mut().for_each(|window| window.incognito = false);
    }
}

fn at_exit<R: Runtime>(app: &tauri::AppHandle<R>, event: RunEvent) {
    if let (RunEvent::Exit, Some(shell)) = (event, app.try_state::<Shell>()) {
        shell.device().lock();
    }
}
