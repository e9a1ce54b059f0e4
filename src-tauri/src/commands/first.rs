//! The first run: a secret, and an organisation that is founded or joined.

use std::sync::Arc;

use device::{Device, DeviceError};
use tauri::State;
use zeroize::Zeroizing;

use crate::{
    error::{Answer, ErrorView},
    shell::Shell,
    state::AppState,
};

/// What a device is called until somebody names it.
const DEVICE: &str = if cfg!(any(target_os = "android", target_os = "ios")) { "telefon" } else { "computer" };

/// Six words for a secret.
#[tauri::command]
pub async fn propose_secret(shell: State<'_, Shell>) -> Answer<String> {
    shell.with(|device| Ok(device.propose_secret())).await
}

/// Makes the vault and a new organisation. That nothing answers at the address is found before anything is made; what
/// the server refuses is taken back, so that the person can try again.
#[tauri::command]
pub async fn create_organisation(
    shell: State<'_, Shell>,
    server: String,
    organisation: String,
    person: String,
    secret: String,
) -> Answer<AppState> {
    let (secret, server) = (Arc::new(Zeroizing::new(secret)), server.trim().to_owned());
    let known = Arc::clone(&secret);
    // A device that belongs somewhere asks nobody else whether they are there.
    shell.with(move |device| may_found(device, known.as_bytes())).await?;
    device::reach(&server).await?;
    shell.with(move |device| begin(device, secret.as_bytes())).await?;
    shell.with(move |device| found(device, &server, organisation.trim(), person.trim())).await?;
    shell.rounds().begin_anew();
    let failed = shell.rounds().ask_and_wait().await;
    let refused = shell.with(move |device| if_refused(device, failed)).await?;
    match refused {
        Some(code) => Err(ErrorView { code, wait_s: None, left: None }),
        None => shell.with(AppState::of).await,
    }
}

/// Makes the vault and asks to be admitted; from here on every round asks again.
#[tauri::command]
pub async fn join_organisation(shell: State<'_, Shell>, invitation: String, secret: String) -> Answer<AppState> {
    let secret = Zeroizing::new(secret);
    let asked = shell.with(move |device| {
        device::check_invitation(&invitation)?;
        begin(device, secret.as_bytes())?;
        device.join(&invitation)
    });
    asked.await?;
    shell.rounds().begin_anew();
    match shell.rounds().ask_and_wait().await {
        Some(code) => Err(ErrorView { code, wait_s: None, left: None }),
        None => shell.with(AppState::of).await,
    }
}

/// Opens the vault that an earlier try made, if one did, and sees that it belongs to nobody yet.
fn may_found(device: &Device, secret: &[u8]) -> device::Result<()> {
    if !device.has_vault() {
        return Ok(());
    }
    device.unlock(secret)?;
    let belongs = device.server()?.is_some() && device.founding_at()?.is_none();
    if belongs { Err(DeviceError::HasOrganisation) } else { Ok(()) }
}

/// An open vault: a new one, or one that an earlier try made.
fn begin(device: &Device, secret: &[u8]) -> device::Result<()> {
    if device.has_vault() { device.unlock(secret) } else { device.create_vault(secret) }
}

/// Founds the organisation, unless an earlier try did and the same server may have it.
fn found(device: &Device, server: &str, organisation: &str, person: &str) -> device::Result<()> {
    match device.founding_at()? {
        Some(there) if there == server => return Ok(()),
        Some(_) => device.withdraw_founding()?,
        None => {}
    }
    device.found_organisation(server, Vec::new(), organisation, person, DEVICE).map(drop)
}

/// The code with which a founding failed. One that the server would not have is taken back.
fn if_refused(device: &Device, failed: Option<String>) -> device::Result<Option<String>> {
    let Some(code) = failed.filter(|_| device.founding_at().is_ok_and(|there| there.is_some())) else { return Ok(None) };
    if code != DeviceError::Offline.code() {
        device.withdraw_founding()?;
    }
    Ok(Some(code))
}
