//! Where two people said different things.

use device::{
    CaseId, Device, Done,
    casework::{ConflictCard, Edit},
};
use tauri::State;

use crate::{error::Answer, shell::Shell};

/// Every conflict of every case, the oldest first.
#[tauri::command]
pub async fn conflicts(shell: State<'_, Shell>) -> Answer<Vec<ConflictCard>> {
    shell.with(Device::conflicts).await
}

/// Chooses one of the values.
#[tauri::command]
pub async fn resolve(shell: State<'_, Shell>, case: CaseId, conflict: String, keep: String) -> Answer<Done> {
    shell.edit(move |device| device.edit(case, Edit::Resolve { conflict, keep })).await
}
