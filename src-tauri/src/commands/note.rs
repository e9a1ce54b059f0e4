//! Reading and writing a note.

use device::{
    CaseId, Device, Done, ItemId,
    casework::{Base, Edit, NoteView},
};
use tauri::State;

use crate::{error::Answer, shell::Shell};

/// One note, with the passages that others wrote since it was last shown.
#[tauri::command]
pub async fn note_open(shell: State<'_, Shell>, case: CaseId, note: ItemId) -> Answer<NoteView> {
    let since = shell.last_shown(note);
    let view = shell.with(move |device| device.note(case, note, since.as_ref())).await?;
    Ok(shell.show(view))
}

/// Writes the whole text as it should be; without a note, a new one.
#[tauri::command]
pub async fn note_write(
    shell: State<'_, Shell>,
    case: CaseId,
    note: Option<ItemId>,
    text: String,
    base: Option<String>,
) -> Answer<NoteView> {
    let base = base.map(Base);
    let view = shell.edit(move |device| {
        let note = write(device, case, note, text, base.clone())?;
        device.note(case, note, base.as_ref())
    });
    Ok(shell.show(view.await?))
}

/// Says that a note is finished, or takes that back.
#[tauri::command]
pub async fn note_finish(shell: State<'_, Shell>, case: CaseId, note: ItemId, finished: bool) -> Answer<NoteView> {
    let since = shell.last_shown(note);
    let view = shell.edit(move |device| {
        device.edit(case, Edit::FinishNote { note, finished })?;
        device.note(case, note, since.as_ref())
    });
    Ok(shell.show(view.await?))
}

/// Takes a note away.
#[tauri::command]
pub async fn remove_note(shell: State<'_, Shell>, case: CaseId, note: ItemId) -> Answer<Done> {
    shell.edit(move |device| device.edit(case, Edit::RemoveNote { note })).await
}

fn write(device: &Device, case: CaseId, note: Option<ItemId>, text: String, base: Option<Base>) -> device::Result<ItemId> {
    let id = note.unwrap_or_else(|| device.new_item());
    let edit = match note {
        Some(note) => Edit::WriteNote { note, text, base },
        None => Edit::AddNote { id, text, at_ms: device.host().now_ms() },
    };
    device.edit(case, edit)?;
    Ok(id)
}
