//! Logging a meeting, and taking one away.

use device::{
    CaseId, Done, ItemId,
    casework::{Edit, MeetingDefaults, MeetingKind},
};
use tauri::State;

use crate::{error::Answer, shell::Shell};

/// What the form proposes.
#[tauri::command]
pub async fn meeting_defaults(shell: State<'_, Shell>, id: CaseId) -> Answer<MeetingDefaults> {
    shell.with(move |device| device.meeting_defaults(id)).await
}

/// Logs a meeting; the device fills in what was not said.
#[tauri::command]
pub async fn log_meeting(
    shell: State<'_, Shell>,
    id: CaseId,
    kind: MeetingKind,
    at: Option<i64>,
    minutes: Option<u32>,
    place: Option<String>,
) -> Answer<Done> {
    shell.edit(move |device| device.log_meeting(id, kind, at, minutes, place)).await
}

/// Sets when a meeting was, Unix milliseconds, where its time is unknown.
#[tauri::command]
pub async fn set_meeting_at(shell: State<'_, Shell>, case: CaseId, meeting: ItemId, at: i64) -> Answer<Done> {
    shell.edit(move |device| device.set_meeting_at(case, meeting, at)).await
}

/// Takes a meeting away.
#[tauri::command]
pub async fn remove_meeting(shell: State<'_, Shell>, case: CaseId, meeting: ItemId) -> Answer<Done> {
    shell.edit(move |device| device.edit(case, Edit::DeleteMeeting { meeting })).await
}
