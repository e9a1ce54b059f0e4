//! Which install a command works on, and how its vault and its road are opened.

use std::{path::PathBuf, sync::Arc};

use device::{Cost, Courier, Device, DeviceError, Host, SoftwareKeystore, SystemHost};

use crate::{
    error::{CliError, Result},
    say::{Lang, Out},
    secret::{self, Secret},
};

/// What every command takes.
#[derive(Debug, Clone, clap::Args)]
pub struct InstallArgs {
    /// Folder of this install [default: ~/.local/share/brobygger]
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// File whose first line is the passphrase or PIN
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "passphrase_fd")]
    pub passphrase_file: Option<PathBuf>,
    /// Open file descriptor whose first line is the passphrase or PIN
    #[arg(long, global = true, value_name = "N")]
    pub passphrase_fd: Option<u32>,
    /// A file instead of a phone's keystore; it protects nothing: for the demo and for tests only
    #[arg(long, global = true, value_name = "FILE")]
    pub keystore: Option<PathBuf>,
    /// How hard the vault's passphrase is to guess, at least [default: desktop; with --keystore: phone]
    #[arg(long, global = true, value_enum, value_name = "COST")]
    pub kdf: Option<Kdf>,
}

/// The cost of guessing, for a vault that is made now or was made with less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kdf {
    /// The least the app opens; for tests
    Floor,
    Phone,
    Desktop,
}

impl Kdf {
    /// The parameters.
    pub const fn cost(self) -> Cost {
        match self {
            Self::Floor => Cost::FLOOR,
            Self::Phone => Cost::PHONE,
            Self::Desktop => Cost::DESKTOP,
        }
    }
}

impl InstallArgs {
    /// The folder.
    pub fn dir(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(default_dir)
    }

    /// This machine, with the keystore that was named.
    ///
    /// # Errors
    /// When the keystore file can be neither read nor made.
    pub fn host(&self) -> Result<SystemHost> {
        system_host(self.keystore.clone(), self.kdf)
    }

    fn locked(&self) -> Result<Device> {
        let host: Arc<dyn Host> = Arc::new(self.host()?);
        Ok(Device::new(self.dir(), host))
    }

    /// The device, unlocked.
    ///
    /// # Errors
    /// When there is no vault, or the passphrase does not open it.
    pub fn unlocked(&self, out: &Out) -> Result<Arc<Device>> {
        self.unlocked_with_secret(out).map(|(device, _)| device)
    }

    /// The device, unlocked, with its strongroom open: the same secret opens both, each with work of its own.
    ///
    /// # Errors
    /// As [`Self::unlocked`].
    pub fn unlocked_with_addresses(&self, out: &Out) -> Result<Arc<Device>> {
        let (device, secret) = self.unlocked_with_secret(out)?;
        device.open_strongroom(&secret)?;
        Ok(device)
    }

    /// The device, unlocked, with what unlocked it, for what takes it once more.
    ///
    /// # Errors
    /// As [`Self::unlocked`].
    pub fn unlocked_with_secret(&self, out: &Out) -> Result<(Arc<Device>, Secret)> {
        let device = self.locked()?;
        if !device.has_vault() {
            return Err(DeviceError::NoVault.into());
        }
        let secret = self.secret(false, out.lang)?;
        device.unlock(&secret)?;
        out.read_only(device.read_only());
        Ok((Arc::new(device), secret))
    }

    /// The device, unlocked or with the reason why it does not open.
    ///
    /// # Errors
    /// When there is no vault, or the passphrase is not the right one.
    pub fn unlocked_if_it_goes(&self, out: &Out) -> Result<(Device, Option<DeviceError>)> {
        let device = self.locked()?;
        if !device.has_vault() {
            return Err(DeviceError::NoVault.into());
        }
        match device.unlock(&self.secret(false, out.lang)?) {
            Err(error) if error.standing().is_some() => Err(error.into()),
            unlocked => Ok((device, unlocked.err())),
        }
    }

    /// A new vault. One that was made before and belongs to nobody yet is taken up again.
    ///
    /// # Errors
    /// When the passphrase is too weak, or does not open the vault that is there.
    pub fn fresh(&self, out: &Out) -> Result<Arc<Device>> {
        let device = self.locked()?;
        let secret = self.secret(!device.has_vault(), out.lang)?;
        if device.has_vault() {
            device.unlock(&secret)?;
        } else {
            device.create_vault(&secret)?;
        }
        Ok(Arc::new(device))
    }

    fn secret(&self, new: bool, lang: Lang) -> Result<Secret> {
        secret::read(self, new, lang)
    }
}

/// This machine, with or without a file for a keystore.
///
/// # Errors
/// When the keystore file can be neither read nor made.
pub fn system_host(keystore: Option<PathBuf>, kdf: Option<Kdf>) -> Result<SystemHost> {
    Ok(match keystore {
        Some(file) => {
            let keystore = SoftwareKeystore::open(&file).map_err(CliError::KeystoreFile)?;
            SystemHost::with_keystore(keystore, kdf.map_or(Cost::PHONE, Kdf::cost))
        }
        None => SystemHost::with_cost(kdf.map_or(Cost::DESKTOP, Kdf::cost)),
    })
}

/// A courier on HTTP, with the certificates this device keeps.
///
/// # Errors
/// When a kept certificate is none.
pub fn courier(device: &Arc<Device>) -> Result<Courier> {
    Ok(Courier::over_http(Arc::clone(device))?)
}

fn default_dir() -> PathBuf {
    let named = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = named("XDG_DATA_HOME").or_else(|| named("HOME").map(|home| home.join(".local/share")));
    base.unwrap_or_default().join("brobygger")
}
