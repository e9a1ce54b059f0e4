//! Finding words.

use device::SearchView;
use tauri::State;

use crate::{error::Answer, shell::Shell};

/// Where a text is found, by case.
#[tauri::command]
pub async fn search(shell: State<'_, Shell>, text: String) -> Answer<SearchView> {
    shell.with(move |device| device.find(&text)).await
}
