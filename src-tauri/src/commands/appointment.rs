//! Appointments: made, moved, answered for, taken away.

use device::{
    CaseId, Done, ItemId,
    casework::{Edit, MeetingKind},
};
use tauri::State;

use crate::{error::Answer, shell::Shell};

/// Agrees to meet at a time, Unix milliseconds.
#[tauri::command]
pub async fn add_appointment(
    shell: State<'_, Shell>,
    case: CaseId,
    kind: MeetingKind,
    at: i64,
    minutes: Option<u32>,
    label: Option<String>,
) -> Answer<Done> {
    shell.edit(move |device| device.add_appointment(case, kind, at, minutes, label)).await
}

/// Moves an appointment to another time, Unix milliseconds.
#[tauri::command]
pub async fn move_appointment(shell: State<'_, Shell>, case: CaseId, appointment: ItemId, at: i64) -> Answer<Done> {
    shell.edit(move |device| device.move_appointment(case, appointment, at)).await
}

/// Logs what came of an appointment: the contact as agreed, or why there was none.
#[tauri::command]
pub async fn settle_appointment(shell: State<'_, Shell>, case: CaseId, appointment: ItemId, kind: MeetingKind) -> Answer<Done> {
    shell.edit(move |device| device.settle_appointment(case, appointment, kind)).await
}

/// Takes an appointment away.
#[tauri::command]
pub async fn remove_appointment(shell: State<'_, Shell>, case: CaseId, appointment: ItemId) -> Answer<Done> {
    shell.edit(move |device| device.edit(case, Edit::RemoveAppointment { appointment })).await
}
