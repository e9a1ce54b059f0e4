//! Who reads a case: given, taken out, handed over.

use device::{CaseId, MemberId, Reader};
use tauri::State;

use crate::{error::Answer, shell::Shell};

/// Who reads a case, and until when.
#[tauri::command]
pub async fn readers(shell: State<'_, Shell>, case: CaseId) -> Answer<Vec<Reader>> {
    shell.with(move |device| device.readers(case)).await
}

/// Lets a person read and write a case, until a time (Unix milliseconds) if there is one.
#[tauri::command]
pub async fn assign(shell: State<'_, Shell>, case: CaseId, member: MemberId, until: Option<i64>) -> Answer<()> {
    shell.edit(move |device| device.assign(case, member, until)).await
}

/// A person reads and writes a case no more.
#[tauri::command]
pub async fn unassign(shell: State<'_, Shell>, case: CaseId, member: MemberId) -> Answer<()> {
    shell.edit(move |device| device.unassign(case, member)).await
}

/// One person comes, the other goes, at once or after so many days in which both are there.
#[tauri::command]
pub async fn hand_over(shell: State<'_, Shell>, case: CaseId, from: MemberId, to: MemberId, overlap_days: u32) -> Answer<()> {
    shell.edit(move |device| device.hand_over(case, from, to, overlap_days)).await
}
