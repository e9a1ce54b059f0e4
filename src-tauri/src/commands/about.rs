//! What this device holds, and what the app is.

use tauri::State;

use crate::{
    about::{About, Storage},
    error::Answer,
    shell::Shell,
};

/// How much this device holds.
#[tauri::command]
pub async fn storage(shell: State<'_, Shell>) -> Answer<Storage> {
    shell.with(Storage::of).await
}

/// Which app, organisation, person and device this is.
#[tauri::command]
pub async fn about(shell: State<'_, Shell>) -> Answer<About> {
    shell.with(About::of).await
}
