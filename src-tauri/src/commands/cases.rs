//! Today, the cases, one case, a new one, and taking an act back.

use device::{
    CaseId, Device,
    casework::{CaseRow, CaseView, Programme, TodayView},
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

/// A new case; gives its id.
#[tauri::command]
pub async fn new_case(shell: State<'_, Shell>, alias: String, programme: Programme, birth_year: Option<u16>) -> Answer<CaseId> {
    shell.edit(move |device| device.new_case(&alias, programme, birth_year)).await
}

/// Takes an act back.
#[tauri::command]
pub async fn undo(shell: State<'_, Shell>, token: String) -> Answer<()> {
    shell.edit(move |device| device.undo(&token)).await
}
