//! Opening and locking, and the language of the page.

use tauri::State;
use zeroize::Zeroizing;

use crate::{
    error::Answer,
    shell::Shell,
    state::{AppState, Lang, SecretKind},
};

/// Whether there is a vault, whether it is open, and who this is.
#[tauri::command]
pub async fn app_state(shell: State<'_, Shell>) -> Answer<AppState> {
    shell.with(AppState::of).await
}

/// Opens the vault. To the vault a PIN and a passphrase are the same: bytes.
#[tauri::command]
pub async fn unlock(shell: State<'_, Shell>, _kind: SecretKind, secret: String) -> Answer<AppState> {
    let secret = Zeroizing::new(secret);
    shell.with(move |device| device.unlock(secret.as_bytes())).await?;
    shell.rounds().ask();
    shell.with(AppState::of).await
}

/// Closes the vault.
#[tauri::command]
pub async fn lock(shell: State<'_, Shell>) -> Answer<()> {
    let closed = shell.with(|device| {
        device.lock();
        Ok(())
    });
    closed.await
}

/// Remembers the language, also for the locked page.
#[tauri::command]
pub async fn set_lang(shell: State<'_, Shell>, lang: Lang) -> Answer<()> {
    shell.with(move |device| lang.choose(device.dir())).await
}
