//! What all commands share: the device, the courier's rounds, and which words of a note were shown last.

use std::{
    collections::BTreeMap,
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use device::{
    Courier, Device, ItemId,
    casework::{Base, NoteView},
};
use tauri::{Manager, Runtime};

use crate::{
    error::{Answer, ErrorView},
    events, host,
    rounds::Rounds,
};

/// The device behind the commands.
pub struct Shell {
    device: Arc<Device>,
    rounds: Arc<Rounds>,
    shown: Mutex<BTreeMap<ItemId, Base>>,
    /// Where what a person saves goes; none where the platform has no such place.
    downloads: Option<PathBuf>,
}

impl fmt::Debug for Shell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shell")
    }
}

/// Why the app could not begin.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    #[error("the platform has no place for data")]
    Place(#[from] tauri::Error),
    #[error("the keystore cannot be read")]
    Keystore(#[from] std::io::Error),
}

/// Begins in the platform's folder.
///
/// # Errors
/// [`InitError`].
pub fn init<R: Runtime>(manager: &impl Manager<R>) -> Result<(), InitError> {
    begin(manager, host::data_dir(manager)?, host::downloads_dir(manager))
}

/// Begins in this folder, which is also where what a person saves goes.
///
/// # Errors
/// [`InitError`].
pub fn init_at<R: Runtime>(manager: &impl Manager<R>, dir: PathBuf) -> Result<(), InitError> {
    let saved = dir.join("saved");
    begin(manager, dir, Some(saved))
}

/// The device, its changes as events, its courier on the way.
fn begin<R: Runtime>(manager: &impl Manager<R>, dir: PathBuf, downloads: Option<PathBuf>) -> Result<(), InitError> {
    let host = host::host(&dir)?;
    let shell = Shell { device: Arc::new(Device::new(dir, host)), rounds: Arc::default(), shown: Mutex::default(), downloads };
    let app = manager.app_handle();
    events::forward(app.clone(), Arc::clone(&shell.device));
    tauri::async_runtime::spawn(Arc::clone(&shell.rounds).walk(Arc::clone(&shell.device), events::teller(app.clone())));
    app.manage(shell);
    Ok(())
}

impl Shell {
    /// The device.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The courier's rounds.
    pub fn rounds(&self) -> &Rounds {
        &self.rounds
    }

    /// Where what a person saves goes.
    ///
    /// # Errors
    /// When the platform has no such place.
    pub fn downloads(&self) -> device::Result<PathBuf> {
        self.downloads.clone().ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound).into())
    }

    /// Does something with the device on a thread that may wait for the disk.
    ///
    /// # Errors
    /// What the device says.
    pub async fn with<T: Send + 'static>(&self, act: impl FnOnce(&Device) -> device::Result<T> + Send + 'static) -> Answer<T> {
        let device = Arc::clone(&self.device);
        let done = tauri::async_runtime::spawn_blocking(move || act(&device).inspect_err(|error| device.count(&error.code()))).await;
        Ok(done.map_err(|_| ErrorView::unknown())??)
    }

    /// The same for what changes something; the courier goes a little later.
    ///
    /// # Errors
    /// What the device says.
    pub async fn edit<T: Send + 'static>(&self, act: impl FnOnce(&Device) -> device::Result<T> + Send + 'static) -> Answer<T> {
        let done = self.with(act).await?;
        self.rounds.edited();
        Ok(done)
    }

    /// A courier of its own for a question that somebody waits for, beside the rounds.
    ///
    /// # Errors
    /// What the device says; that it belongs nowhere.
    pub async fn courier(&self) -> Answer<Courier> {
        let device = Arc::clone(&self.device);
        self.with(move |_| Courier::over_http(device)).await
    }

    /// What a note was when it was last shown.
    pub fn last_shown(&self, note: ItemId) -> Option<Base> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).get(&note).cloned()
    }

    /// This is what is shown now.
    pub fn show(&self, view: NoteView) -> NoteView {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).insert(view.id, Base(view.base.clone()));
        view
    }
}
