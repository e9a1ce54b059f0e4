//! Today, the cases, one case, its tasks, and taking an act back.

use device::{
    CaseId, Device, Done, ItemId,
    casework::{CaseRow, CaseView, Edit, TodayView},
};
use tauri::State;

use crate::{error::Answer, shell::Shell};

/// What is on today.
#[tauri::command]
pub async fn today(shell: State<'_, Shell>) -> Answer<TodayView> {
    shell.with(Device::today).await
}

/// Every case.
#[tauri::command]
pub async fn cases(shell: State<'_, Shell>) -> Answer<Vec<CaseRow>> {
    shell.with(Device::cases).await
}

/// One case.
#[tauri::command]
pub async fn case_view(shell: State<'_, Shell>, id: CaseId) -> Answer<CaseView> {
    shell.with(move |device| device.case(id)).await
}

/// Ticks a task off, or not.
#[tauri::command]
pub async fn set_task_done(shell: State<'_, Shell>, case: CaseId, task: ItemId, done: bool) -> Answer<Done> {
    shell.edit(move |device| device.edit(case, Edit::SetTaskDone { task, done, on: None })).await
}

/// Takes an act back.
#[tauri::command]
pub async fn undo(shell: State<'_, Shell>, token: String) -> Answer<()> {
    shell.edit(move |device| device.undo(&token)).await
}
