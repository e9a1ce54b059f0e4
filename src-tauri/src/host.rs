//! The host on this platform: where the data lie, and which keystore there is.

use std::{path::PathBuf, sync::Arc};

use device::{Host, SystemHost};
use tauri::{Manager, Runtime};

/// Names a folder for the data instead of the platform's. A path is no secret.
pub const DATA: &str = "BROBYGGER_DATA";
/// A file that says: this folder holds synthetic data only.
pub const DEMO: &str = "demo";

/// The folder of this install.
///
/// # Errors
/// When the platform has no place for an app's data.
pub fn data_dir<R: Runtime>(manager: &impl Manager<R>) -> tauri::Result<PathBuf> {
    match std::env::var_os(DATA) {
        Some(dir) => Ok(dir.into()),
        // The platform's web view makes the folder above, readable by others.
        None => Ok(manager.path().app_data_dir()?.join("device")),
    }
}

/// Where this person finds what they saved.
pub fn downloads_dir<R: Runtime>(manager: &impl Manager<R>) -> Option<PathBuf> {
    manager.path().download_dir().or_else(|_| manager.path().document_dir()).ok()
}

/// This machine.
///
/// # Errors
/// When the demo's keystore cannot be read.
#[cfg(not(debug_assertions))]
pub fn host(_: &std::path::Path) -> std::io::Result<Arc<dyn Host>> {
    Ok(Arc::new(SystemHost::default()))
}

/// This machine; in a folder of the demo, with the software twin of a keystore.
///
/// # Errors
/// When the demo's keystore cannot be read.
#[cfg(debug_assertions)]
pub fn host(dir: &std::path::Path) -> std::io::Result<Arc<dyn Host>> {
    use device::{Cost, SoftwareKeystore};
    let keystore = dir.join("keystore");
    if !dir.join(DEMO).exists() || !keystore.exists() {
        return Ok(Arc::new(SystemHost::default()));
    }
    Ok(Arc::new(SystemHost::with_keystore(SoftwareKeystore::open(&keystore)?, Cost::PHONE)))
}
