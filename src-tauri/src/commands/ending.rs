//! The end of a case: held, proposed to be erased, erased, and how far that is. The device judges who may.

use device::{CaseId, Ending, EraseBasis, Erasing};
use tauri::State;
use zeroize::Zeroizing;

use crate::{error::Answer, shell::Shell};

/// Cases that are held, proposed to be erased, or erased, with the receipts of those.
#[tauri::command]
pub async fn endings(shell: State<'_, Shell>) -> Answer<Vec<Ending>> {
    shell.with(|device| device.endings()).await
}

/// Holds a case, so that nobody erases it, or lets it go.
#[tauri::command]
pub async fn hold_case(shell: State<'_, Shell>, case: CaseId, on: bool) -> Answer<()> {
    shell.edit(move |device| device.hold_case(case, on)).await
}

/// Erases a case everywhere, or proposes it where a second person has to agree; takes the secret again, since nobody brings it back.
#[tauri::command]
pub async fn erase_case(shell: State<'_, Shell>, case: CaseId, basis: EraseBasis, secret: String) -> Answer<Erasing> {
    let secret = Zeroizing::new(secret);
    shell
        .edit(move |device| {
            device.confirm(secret.as_bytes())?;
            device.erase(case, basis)
        })
        .await
}

/// Agrees, as the second person and with the secret again, that a case is erased.
#[tauri::command]
pub async fn approve_erasure(shell: State<'_, Shell>, case: CaseId, secret: String) -> Answer<()> {
    let secret = Zeroizing::new(secret);
    shell
        .edit(move |device| {
            device.confirm(secret.as_bytes())?;
            device.approve_erasure(case)
        })
        .await
}
