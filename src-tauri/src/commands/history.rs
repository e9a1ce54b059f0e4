//! Who did what.

use device::{CaseId, casework::HistoryView};
use tauri::State;

use crate::{error::Answer, shell::Shell};

/// Every act in a case, the newest first.
#[tauri::command]
pub async fn history(shell: State<'_, Shell>, case: CaseId) -> Answer<Vec<HistoryView>> {
    shell.with(move |device| device.history_view(case)).await
}
