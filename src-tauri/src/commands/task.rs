//! Tasks and promises.

use device::{
    CaseId, Device, Done, ItemId,
    casework::{Edit, TaskKind},
};
use tauri::State;

use crate::{error::Answer, shell::Shell};

/// Adds a task, or something promised.
#[tauri::command]
pub async fn add_task(
    shell: State<'_, Shell>,
    case: CaseId,
    kind: TaskKind,
    title: String,
    due: Option<String>,
    owner: Option<String>,
    promised_to: Option<String>,
) -> Answer<Done> {
    let add = move |device: &Device| device.edit(case, Edit::AddTask { id: device.new_item(), title, due, owner, task: kind, promised_to });
    shell.edit(add).await
}

/// Ticks a task off, or not.
#[tauri::command]
pub async fn set_task_done(shell: State<'_, Shell>, case: CaseId, task: ItemId, done: bool) -> Answer<Done> {
    shell.edit(move |device| device.edit(case, Edit::SetTaskDone { task, done, on: device.day_done(done) })).await
}

/// Sets the day by which a task is to be done; none takes it away.
#[tauri::command]
pub async fn set_task_due(shell: State<'_, Shell>, case: CaseId, task: ItemId, due: Option<String>) -> Answer<Done> {
    shell.edit(move |device| device.edit(case, Edit::SetTaskDue { task, due })).await
}

/// Takes a task away.
#[tauri::command]
pub async fn remove_task(shell: State<'_, Shell>, case: CaseId, task: ItemId) -> Answer<Done> {
    shell.edit(move |device| device.edit(case, Edit::RemoveTask { task })).await
}
