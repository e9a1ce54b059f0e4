//! Where a candidate lives: seen for a moment after the secret was given again, entered and released by coordinators.

use device::{
    AccessRow, AddressShow, AddressStanding, CaseId, MemberId, Releasing,
    casework::{Protection, Purpose},
};
use tauri::State;
use zeroize::Zeroizing;

use crate::{error::Answer, shell::Shell, state::SecretKind};

/// How things stand with a case's address; nothing of the address itself.
#[tauri::command]
pub async fn address_standing(shell: State<'_, Shell>, case: CaseId) -> Answer<AddressStanding> {
    shell.with(move |device| device.address_standing(case)).await
}

/// Opens the strongroom for a minute. A wrong secret counts like one at the lock.
#[tauri::command]
pub async fn open_strongroom(shell: State<'_, Shell>, _kind: SecretKind, secret: String) -> Answer<()> {
    let secret = Zeroizing::new(secret);
    shell.with(move |device| device.open_strongroom(secret.as_bytes())).await?;
    shell.rounds().ask();
    Ok(())
}

/// Shuts the strongroom.
#[tauri::command]
pub async fn close_strongroom(shell: State<'_, Shell>) -> Answer<()> {
    let closed = shell.with(|device| {
        device.close_strongroom();
        Ok(())
    });
    closed.await
}

/// Looks at an address; that somebody did is entered where those who watch over it read it.
#[tauri::command]
pub async fn look_at_address(shell: State<'_, Shell>, case: CaseId, purpose: Purpose) -> Answer<AddressShow> {
    shell.edit(move |device| device.look_at_address(case, purpose)).await
}

/// Enters an address over what stands, with the days from which it holds and on which its protection lapses (`YYYY-MM-DD`).
#[tauri::command]
pub async fn enter_address(
    shell: State<'_, Shell>,
    case: CaseId,
    address: String,
    protection: Protection,
    from: Option<String>,
    renew_by: Option<String>,
) -> Answer<()> {
    let address = Zeroizing::new(address);
    shell.edit(move |device| device.enter_address(case, address.trim(), protection, [from, renew_by])).await
}

/// Asks that an address is released to a person until a time (Unix milliseconds), or decides it `alone` for a vital interest.
#[tauri::command]
pub async fn release_address(
    shell: State<'_, Shell>,
    case: CaseId,
    member: MemberId,
    until: i64,
    purpose: Purpose,
    alone: bool,
) -> Answer<Releasing> {
    shell.edit(move |device| device.release_address(case, member, until, purpose, alone)).await
}

/// Agrees, as the second person, that an address is released to somebody until the time that was shown (Unix milliseconds).
#[tauri::command]
pub async fn approve_release(shell: State<'_, Shell>, case: CaseId, member: MemberId, until: Option<i64>) -> Answer<()> {
    shell.edit(move |device| device.approve_release(case, member, until)).await
}

/// Takes a release back.
#[tauri::command]
pub async fn take_back_address(shell: State<'_, Shell>, case: CaseId, member: MemberId) -> Answer<()> {
    shell.edit(move |device| device.take_back_address(case, member)).await
}

/// Who looked at an address, and who was let in, newest first.
#[tauri::command]
pub async fn address_log(shell: State<'_, Shell>, case: CaseId) -> Answer<Vec<AccessRow>> {
    shell.with(move |device| device.address_log(case)).await
}
