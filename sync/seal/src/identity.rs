//! A device's own keys: one to sign what it says, one to sign requests, one to receive keys with.

use std::fmt;

use rand_core::CryptoRng;
use wire::{
    id::{CaseId, DeviceId},
    label,
    log::{DeviceCard, Entry, Statement},
    request::{RequestHeaders, sign_request},
    signature::{VerifyingKey, sha256},
};
use zeroize::Zeroizing;

use crate::{
    hazmat::{self, Secret},
    keychain::KeyError,
};

/// The secret half of a device. Made on the device, never exported except into its own encrypted vault.
pub struct DeviceKeys {
    sign: Secret,
    request: Secret,
    receive: Secret,
    card: DeviceCard,
}

impl fmt::Debug for DeviceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceKeys({})", self.card.device)
    }
}

impl DeviceKeys {
    /// New keys and a new name for a new install.
    ///
    /// # Errors
    /// [`KeyError::Broken`] when a primitive refuses, which it does not for random bytes.
    pub fn make(rng: &mut impl CryptoRng) -> Result<Self, KeyError> {
        let device = DeviceId::from_bytes(hazmat::random(rng));
        let mut seed = || Secret::new(hazmat::random(rng));
        Self::from_seeds(device, [seed(), seed(), seed()])
    }

    /// The same keys from what [`Self::to_secret_bytes`] gave.
    ///
    /// # Errors
    /// [`KeyError::Broken`] when the bytes are not that.
    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let part =
            |n: usize| bytes.get(n..n.saturating_add(32)).and_then(|part| part.try_into().map(Secret::new).ok()).ok_or(KeyError::Broken);
        let device = bytes.get(..16).and_then(|id| DeviceId::try_from(id).ok()).ok_or(KeyError::Broken)?;
        if bytes.len() != 112 {
            return Err(KeyError::Broken);
        }
        Self::from_seeds(device, [part(16)?, part(48)?, part(80)?])
    }

    /// For the encrypted vault: id and three seeds, 112 bytes.
    pub fn to_secret_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(112));
        out.extend_from_slice(self.card.device.as_bytes());
        for seed in [&self.sign, &self.request, &self.receive] {
            out.extend_from_slice(seed.as_slice());
        }
        out
    }

    fn from_seeds(device: DeviceId, [sign, request, receive]: [Secret; 3]) -> Result<Self, KeyError> {
        let public = |seed: &Secret| hazmat::ed25519_public(seed).map(VerifyingKey::from_bytes).map_err(|_| KeyError::Broken);
        let card = DeviceCard {
            device,
            sign: public(&sign)?,
            request: public(&request)?,
            receive: hazmat::xwing_public(&receive).map_err(|_| KeyError::Broken)?,
        };
        Ok(Self { sign, request, receive, card })
    }

    /// The public half.
    pub const fn card(&self) -> &DeviceCard {
        &self.card
    }

    /// The device's name.
    pub const fn device(&self) -> DeviceId {
        self.card.device
    }

    /// Signs a log statement; the result is the entry as it travels.
    pub fn sign_entry(&self, statement: &Statement) -> Vec<u8> {
        Entry::sign(statement, |message| hazmat::ed25519_sign(&self.sign, message))
    }

    /// Signs a request. `created_s` follows the server's clock, in Unix seconds.
    pub fn sign_request(&self, method: &str, target_uri: &str, body: Option<&[u8]>, created_s: i64) -> RequestHeaders {
        sign_request(&self.card.device, method, target_uri, body, created_s, |base| hazmat::ed25519_sign(&self.request, base))
    }

    /// This device's Automerge actor in a case.
    pub fn actor(&self, case: &CaseId) -> [u8; 16] {
        actor_of(&self.card.sign, case)
    }

    pub(crate) fn sign_content(&self, message: &[u8]) -> Vec<u8> {
        hazmat::ed25519_sign(&self.sign, message)
    }

    pub(crate) const fn receive_secret(&self) -> &Secret {
        &self.receive
    }
}

/// The Automerge actor of a device in a case: the first 16 bytes of SHA-256(label ‖ sign key ‖ case).
pub fn actor_of(sign: &VerifyingKey, case: &CaseId) -> [u8; 16] {
    let hash = sha256(&[label::ACTOR.as_bytes(), sign.as_bytes(), case.as_bytes()]);
    let mut actor = [0; 16];
    for (to, from) in actor.iter_mut().zip(hash.as_bytes()) {
        *to = *from;
    }
    actor
}

#[cfg(test)]
mod tests;
