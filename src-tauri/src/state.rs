//! What the page is told before anything else: whether there is a vault, whether it is open, and then who this is.

use std::{fs, path::Path};

use device::{Device, DeviceError, Result, Role, Whoami};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::host;

const LANG: &str = "lang";

/// Whether there is a vault, and whether it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Fresh,
    Locked,
    Unlocked,
}

/// What a vault is opened with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SecretKind {
    Pin,
    Passphrase,
}

/// The language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    Da,
    En,
}

/// Who uses this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Me {
    pub name: String,
    pub role: Role,
    pub device: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AppState {
    pub phase: Phase,
    /// Which way in this device offers first.
    pub secret: SecretKind,
    /// True in an organisation filled with synthetic data: the mark is never hidden.
    pub synthetic: bool,
    /// Null while locked: nothing about a person is known before unlock.
    #[ts(inline)]
    pub me: Option<Me>,
    /// Seconds before another try is allowed, 0 when none is needed.
    pub wait_s: u32,
    /// The language chosen on this device; left out when none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub lang: Option<Lang>,
}

impl AppState {
    /// What is to be told now.
    ///
    /// # Errors
    /// When the open vault cannot be read.
    pub fn of(device: &Device) -> Result<Self> {
        let who = match device.whoami() {
            Ok(who) => Some(who),
            Err(DeviceError::Locked | DeviceError::NoOrganisation) => None,
            Err(error) => return Err(error),
        };
        let synthetic = device.dir().join(host::DEMO).exists() || who.as_ref().is_some_and(|who| who.synthetic);
        let secret = if device.takes_pin() { SecretKind::Pin } else { SecretKind::Passphrase };
        Ok(Self { phase: phase(device), secret, synthetic, me: who.map(Me::from), wait_s: 0, lang: Lang::chosen(device.dir()) })
    }
}

fn phase(device: &Device) -> Phase {
    match (device.has_vault(), device.is_unlocked()) {
        (false, _) => Phase::Fresh,
        (true, false) => Phase::Locked,
        (true, true) => Phase::Unlocked,
    }
}

impl From<Whoami> for Me {
    fn from(who: Whoami) -> Self {
        Self { name: who.person, role: who.role, device: who.device_name }
    }
}

impl Lang {
    fn chosen(dir: &Path) -> Option<Self> {
        serde_json::from_str(&fs::read_to_string(dir.join(LANG)).ok()?).ok()
    }

    /// Keeps the choice beside the vault, where a locked app can read it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn choose(self, dir: &Path) -> Result<()> {
        let mut folder = fs::DirBuilder::new();
        folder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.create(dir)?;
        let word = serde_json::to_string(&self).unwrap_or_default();
        Ok(fs::write(dir.join(LANG), word)?)
    }
}
