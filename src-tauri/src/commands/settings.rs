//! How this person has the app on this device; also for the locked page.

use tauri::State;

use crate::{error::Answer, settings::Settings, shell::Shell};

/// The settings.
#[tauri::command]
pub async fn settings(shell: State<'_, Shell>) -> Answer<Settings> {
    shell.with(|device| Ok(Settings::of(device.dir()))).await
}

/// Keeps the settings; gives what was kept.
#[tauri::command]
pub async fn save_settings(shell: State<'_, Shell>, settings: Settings) -> Answer<Settings> {
    shell.with(move |device| settings.keep(device.dir())).await
}
