//! What may look different now, told to the window as the one event it hears.

use std::sync::Arc;

use device::{Changed, Device};
use tauri::{AppHandle, Emitter, Runtime};
use tokio::sync::broadcast::error::RecvError;

/// The name of the event.
pub const CHANGED: &str = "changed";

/// Passes on everything the device tells.
pub fn forward<R: Runtime>(app: AppHandle<R>, device: Arc<Device>) {
    let mut changes = device.changes();
    let tell = teller(app);
    tauri::async_runtime::spawn(async move {
        loop {
            match changes.recv().await {
                Ok(changed) => tell(changed),
                Err(RecvError::Lagged(_)) => tell(everything(&device)),
                Err(RecvError::Closed) => return,
            }
        }
    });
}

/// Tells the window.
pub fn teller<R: Runtime>(app: AppHandle<R>) -> impl Fn(Changed) + Send + Sync + 'static {
    // A window that is gone hears nothing, and needs nothing.
    move |changed| drop(app.emit(CHANGED, changed))
}

/// More changed than could be told one by one.
fn everything(device: &Device) -> Changed {
    let cases = device.cases().map(|rows| rows.into_iter().map(|row| row.id).collect()).unwrap_or_default();
    Changed { cases, sync: true, locked: !device.is_unlocked() }
}
