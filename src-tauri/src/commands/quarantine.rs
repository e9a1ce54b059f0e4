//! What devices that were cut off had not sent, to be decided about by a person.

use device::{Device, ItemId, Quarantined};
use tauri::State;

use crate::{error::Answer, shell::Shell};

/// Everything that was handed in, with what became of it.
#[tauri::command]
pub async fn quarantine(shell: State<'_, Shell>) -> Answer<Vec<Quarantined>> {
    shell.with(Device::quarantine).await
}

/// Takes one thing over, or all that nobody has decided about; gives how many.
#[tauri::command]
pub async fn accept_quarantined(shell: State<'_, Shell>, item: String, thing: Option<ItemId>) -> Answer<u32> {
    shell.edit(move |device| device.accept_quarantined(&item, thing)).await
}

/// Does not take one thing over, or any that nobody has decided about; gives how many.
#[tauri::command]
pub async fn reject_quarantined(shell: State<'_, Shell>, item: String, thing: Option<ItemId>) -> Answer<u32> {
    shell.edit(move |device| device.reject_quarantined(&item, thing)).await
}
