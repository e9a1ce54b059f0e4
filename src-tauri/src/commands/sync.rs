//! What is sent and what waits.

use device::{Device, SyncLine, SyncSheet};
use tauri::State;

use crate::{error::Answer, shell::Shell};

/// One line about sync.
#[tauri::command]
pub async fn sync_line(shell: State<'_, Shell>) -> Answer<SyncLine> {
    Ok(shell.rounds().mark(shell.with(Device::sync_line).await?))
}

/// Everything about sync.
#[tauri::command]
pub async fn sync_sheet(shell: State<'_, Shell>) -> Answer<SyncSheet> {
    let sheet = shell.with(Device::sync_sheet).await?;
    Ok(SyncSheet { line: shell.rounds().mark(sheet.line), ..sheet })
}

/// Sends and fetches now; that there is no way to the server is no error.
#[tauri::command]
pub async fn sync_now(shell: State<'_, Shell>) -> Answer<SyncLine> {
    let _ = shell.rounds().ask_and_wait().await;
    Ok(shell.rounds().mark(shell.with(Device::sync_line).await?))
}
