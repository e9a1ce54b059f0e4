//! What the page is told before anything else: whether there is a vault, whether it is open, and then who this is.

use std::{fs, path::Path};

use device::{Device, DeviceError, Result, Role, Standing, Whoami};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{host, private};

const LANG: &str = "lang";

/// Whether there is a vault, whether it is open, and whether its device was admitted. An open vault that belongs to
/// nobody yet is `fresh`: its first run goes on where it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Fresh,
    Locked,
    Waiting,
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
    /// Tries that are left before this device destroys its keys; left out until there are only two, and while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub left: Option<u8>,
    /// The language chosen on this device; left out when none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub lang: Option<Lang>,
    /// The REQUEST of a device that waits to be admitted (phase `waiting`), to be read aloud or shown to the sponsor.
    pub request: Option<String>,
    /// Seven words that say the same as the REQUEST; left out when there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub request_words: Vec<String>,
    /// A newer version made this vault, or the organisation asks for one: it can be read, not written.
    pub read_only: bool,
    /// This device is an older copy that was put back: nobody may write here; left out otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub restored: bool,
    /// Why there is nothing on this device any more, as a code (phase `fresh`); left out when there never was, or is again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(as = "Option<String>", optional)]
    pub ended: Option<&'static str>,
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
        let request = when_open(device.pending_request())?.flatten();
        let request_words = when_open(device.pending_words())?.unwrap_or_default();
        let phase = match (&who, &request) {
            (Some(_), _) => Phase::Unlocked,
            (None, Some(_)) => Phase::Waiting,
            (None, None) if device.has_vault() && !device.is_unlocked() => Phase::Locked,
            (None, None) => Phase::Fresh,
        };
        let why = device.read_only();
        let (read_only, restored) = (why.is_some(), why == Some("vault.restored"));
        let (me, lang) = (who.map(Me::from), Lang::chosen(device.dir()));
        let Standing { wait_s, left } = if phase == Phase::Locked { device.standing() } else { Standing::default() };
        let ended = if phase == Phase::Fresh { device.ended() } else { None };
        Ok(Self { phase, secret, synthetic, me, wait_s, left, lang, request, request_words, read_only, restored, ended })
    }
}

/// A locked vault tells nothing, and that is no error.
fn when_open<T>(said: Result<T>) -> Result<Option<T>> {
    match said {
        Ok(said) => Ok(Some(said)),
        Err(DeviceError::Locked) => Ok(None),
        Err(error) => Err(error),
    }
}

impl From<Whoami> for Me {
    fn from(who: Whoami) -> Self {
        Self { name: who.person, role: who.role, device: who.device_name }
    }
}

impl Lang {
    /// The language chosen on this device; none when none was.
    pub fn chosen(dir: &Path) -> Option<Self> {
        serde_json::from_str(&fs::read_to_string(dir.join(LANG)).ok()?).ok()
    }

    /// Keeps the choice beside the vault, where a locked app can read it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn choose(self, dir: &Path) -> Result<()> {
        let word = serde_json::to_string(&self).unwrap_or_default();
        private::write(dir, LANG, word.as_bytes())
    }
}
