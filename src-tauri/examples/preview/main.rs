//! The same page and the very same commands over a real device, for a browser on this machine, in development and in
//! tests. An example, so that no shipped build holds this door.

use std::{
    error::Error,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::Parser;
use tauri::{Manager, test::mock_builder};
use tokio::net::TcpListener;

mod door;
mod house;
mod page;
#[cfg(test)]
mod tests;

use door::Door;
use house::House;

/// Serves the page and its commands to a browser on this machine.
#[derive(Debug, Parser)]
struct Options {
    /// The folder of the device.
    #[arg(long)]
    data: PathBuf,
    /// The port; 0 takes any that is free.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Where to write the port.
    #[arg(long)]
    port_file: Option<PathBuf>,
    /// Where to write the address with its token, for the owner's eyes only.
    #[arg(long)]
    token_file: Option<PathBuf>,
    /// The folder of the built page.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/dist"))]
    ui: PathBuf,
}

fn main() -> ExitCode {
    device::harden();
    match tauri::async_runtime::block_on(serve(&Options::parse())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("preview: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: &Options) -> Result<(), Box<dyn Error>> {
    let app = mock_builder().invoke_handler(app::commands::handler()).build(app::context())?;
    app::init_at(&app, options.data.clone())?;
    let listener = TcpListener::bind(("127.0.0.1", options.port)).await?;
    let port = listener.local_addr()?.port();
    let (door, token) = Door::new(port)?;
    let address = format!("http://127.0.0.1:{port}/#t={token}");
    if let Some(file) = &options.token_file {
        write_private(file, &format!("{address}\n"))?;
    }
    if let Some(file) = &options.port_file {
        fs::write(file, format!("{port}\n"))?;
    }
    println!("{address}");
    let house = Arc::new(House::new(&app, door, options.ui.clone())?);
    house::open(listener, Arc::clone(&house), stopped()).await?;
    app.state::<app::Shell>().device().lock();
    for file in [&options.token_file, &options.port_file].into_iter().flatten() {
        fs::remove_file(file)?;
    }
    Ok(())
}

/// Whole or not at all, and never readable by others, not even for a moment.
fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    let beside = file.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    options.open(&beside)?.write_all(text.as_bytes())?;
    fs::rename(&beside, file)
}

/// Comes back when somebody asks this process to end.
async fn stopped() {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        return;
    }
    let _ = tokio::signal::ctrl_c().await;
}
