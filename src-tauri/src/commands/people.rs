//! People and devices: who belongs, letting somebody in, cutting a device off, and what is known of it then.

use device::{BreachSheet, Device, DeviceId, Digest, Invited, Pending, PolicyAsked, Request, RevokeReason, Role, Roster};
use tauri::State;
use zeroize::Zeroizing;

use crate::{
    error::Answer,
    picture::{self, Picture},
    receipt,
    report::Report,
    shell::Shell,
};

/// Everybody, and every device there is or was.
#[tauri::command]
pub async fn people(shell: State<'_, Shell>) -> Answer<Roster> {
    shell.with(Device::roster).await
}

/// What was decided here about who belongs and has not reached the server.
#[tauri::command]
pub async fn pending(shell: State<'_, Shell>) -> Answer<Vec<Pending>> {
    shell.with(Device::pending).await
}

/// Invites a person by a name, or by their id somebody who is here already; goes to the server now.
#[tauri::command]
pub async fn invite(shell: State<'_, Shell>, person: String, role: Role) -> Answer<Invited> {
    let invited = shell.with(move |device| device.invite(person.trim(), role)).await?;
    shell.rounds().ask();
    Ok(invited)
}

/// Those who asked to be let in and wait; asks the server.
#[tauri::command]
pub async fn requests(shell: State<'_, Shell>) -> Answer<Vec<Request>> {
    Ok(shell.courier().await?.requests().await?)
}

/// Lets in the device whose REQUEST a person has compared, with the secret once more, and comes back when the server was asked to.
#[tauri::command]
pub async fn approve(shell: State<'_, Shell>, request: String, device_name: String, secret: String) -> Answer<()> {
    let secret = Zeroizing::new(secret);
    shell.courier().await?.approve(&request, device_name.trim(), secret.as_bytes()).await?;
    let _ = shell.rounds().ask_and_wait().await;
    Ok(())
}

/// The device that shows this REQUEST shows other words: nobody is let in by its invitation here.
#[tauri::command]
pub async fn refuse_request(shell: State<'_, Shell>, request: String) -> Answer<()> {
    Ok(shell.courier().await?.refuse(&request).await?)
}

/// What somebody asked for everybody, and a second person has to agree to.
#[tauri::command]
pub async fn policies_asked(shell: State<'_, Shell>) -> Answer<Vec<PolicyAsked>> {
    shell.with(Device::policies_asked).await
}

/// Agrees to it, with the secret once more; goes to the server now.
#[tauri::command]
pub async fn agree_to_policy(shell: State<'_, Shell>, id: Digest, secret: String) -> Answer<()> {
    let secret = Zeroizing::new(secret);
    shell.with(move |device| device.agree_to_policy(id, secret.as_bytes())).await?;
    shell.rounds().ask();
    Ok(())
}

/// Cuts a device off; goes to the server now.
#[tauri::command]
pub async fn revoke(shell: State<'_, Shell>, device: DeviceId, reason: RevokeReason) -> Answer<()> {
    shell.with(move |here| here.revoke(device, reason)).await?;
    shell.rounds().ask();
    Ok(())
}

/// What was on a device, and how far the new keys have come.
#[tauri::command]
pub async fn breach_sheet(shell: State<'_, Shell>, device: DeviceId) -> Answer<BreachSheet> {
    shell.with(move |here| here.breach_sheet(device)).await
}

/// The same as a text to be saved, under a name that names nobody.
#[tauri::command]
pub async fn receipt(shell: State<'_, Shell>, device: DeviceId) -> Answer<Report> {
    shell.with(move |here| receipt::of(here, device)).await
}

/// A text as a picture that a camera reads; nothing where it is too long for one.
#[tauri::command]
pub async fn picture(text: String) -> Answer<Option<Picture>> {
    Ok(picture::of(&text))
}
