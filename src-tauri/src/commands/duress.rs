//! A second secret for whoever is forced to open the app.

use device::Device;
use tauri::State;
use zeroize::Zeroizing;

use crate::{error::Answer, shell::Shell};

/// Whether there is one.
#[tauri::command]
pub async fn has_duress(shell: State<'_, Shell>) -> Answer<bool> {
    shell.with(Device::has_duress).await
}

/// Chooses it, with the first secret once more.
#[tauri::command]
pub async fn choose_duress(shell: State<'_, Shell>, secret: String, second: String) -> Answer<()> {
    let (secret, second) = (Zeroizing::new(secret), Zeroizing::new(second));
    shell.with(move |device| device.choose_duress(secret.as_bytes(), second.as_bytes())).await
}

/// Forgets it.
#[tauri::command]
pub async fn forget_duress(shell: State<'_, Shell>, secret: String) -> Answer<()> {
    let secret = Zeroizing::new(secret);
    shell.with(move |device| device.forget_duress(secret.as_bytes())).await
}
