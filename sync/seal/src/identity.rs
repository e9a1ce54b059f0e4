//! A device's own keys: one to sign what it says, one to sign requests, one to receive keys with.

use std::fmt;

use rand_core::CryptoRng;
use wire::{
    duress::DuressNotice,
    id::{CaseId, DeviceId, OrgId},
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
    /// The receive key before, with the card of that time, until everything that was wrapped to it has been opened.
    retiring: Option<(Secret, DeviceCard)>,
}

/// A receive key that this device is going to take.
pub struct NextReceive {
    seed: Secret,
    public: Vec<u8>,
}

impl fmt::Debug for NextReceive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NextReceive")
    }
}

impl NextReceive {
    /// A new one.
    ///
    /// # Errors
    /// [`KeyError::Broken`] when a primitive refuses, which it does not for random bytes.
    pub fn make(rng: &mut impl CryptoRng) -> Result<Self, KeyError> {
        Self::from_seed(Secret::new(hazmat::random(rng)))
    }

    /// The same from what [`Self::to_secret_bytes`] gave.
    ///
    /// # Errors
    /// [`KeyError::Broken`] when the bytes are not that.
    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        Self::from_seed(bytes.try_into().map(Secret::new).map_err(|_| KeyError::Broken)?)
    }

    fn from_seed(seed: Secret) -> Result<Self, KeyError> {
        let public = hazmat::xwing_public(&seed).map_err(|_| KeyError::Broken)?;
        Ok(Self { seed, public })
    }

    /// For the encrypted vault: 32 bytes.
    pub fn to_secret_bytes(&self) -> Secret {
        self.seed.clone()
    }

    /// X-Wing public key, 1,216 bytes.
    pub fn public(&self) -> &[u8] {
        &self.public
    }
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
        let mut keys = Self::from_seeds(device, [part(16)?, part(48)?, part(80)?])?;
        match bytes.len() {
            112 => Ok(keys),
            144 => {
                let before = NextReceive::from_secret_bytes(part(112)?.as_slice())?;
                let card = DeviceCard { receive: before.public, ..keys.card.clone() };
                keys.retiring = Some((before.seed, card));
                Ok(keys)
            }
            _ => Err(KeyError::Broken),
        }
    }

    /// For the encrypted vault: id and three seeds, 112 bytes; and that of the receive key before, where it is still needed.
    pub fn to_secret_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(144));
        out.extend_from_slice(self.card.device.as_bytes());
        let before = self.retiring.iter().map(|(seed, _)| seed);
        for seed in [&self.sign, &self.request, &self.receive].into_iter().chain(before) {
            out.extend_from_slice(seed.as_slice());
        }
        out
    }

    /// The same device with another receive key; the one before opens what was wrapped to it until [`Self::retire`].
    pub fn take_receive(&mut self, next: NextReceive) {
        let card = DeviceCard { receive: next.public, ..self.card.clone() };
        let seed = std::mem::replace(&mut self.receive, next.seed);
        self.retiring = Some((seed, std::mem::replace(&mut self.card, card)));
    }

    /// Destroys the receive key before. False when there is none.
    pub fn retire(&mut self) -> bool {
        self.retiring.take().is_some()
    }

    /// Whether a receive key before is still here.
    pub const fn is_retiring(&self) -> bool {
        self.retiring.is_some()
    }

    fn from_seeds(device: DeviceId, [sign, request, receive]: [Secret; 3]) -> Result<Self, KeyError> {
        let public = |seed: &Secret| hazmat::ed25519_public(seed).map(VerifyingKey::from_bytes).map_err(|_| KeyError::Broken);
        let card = DeviceCard {
            device,
            sign: public(&sign)?,
            request: public(&request)?,
            receive: hazmat::xwing_public(&receive).map_err(|_| KeyError::Broken)?,
        };
        Ok(Self { sign, request, receive, card, retiring: None })
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

    /// The notice that this device was opened under duress, as it travels: made ahead of time, at most
    /// [`wire::duress::MAX_LEN`] bytes. Whoever holds it can have this device cut off, and nothing else.
    pub fn duress_notice(&self, org: OrgId) -> Vec<u8> {
        DuressNotice { org, device: self.device() }.sign(|message| hazmat::ed25519_sign(&self.sign, message))
    }

    /// This device's Automerge actor in a case.
    pub fn actor(&self, case: &CaseId) -> [u8; 16] {
        actor_of(&self.card.sign, case)
    }

    pub(crate) fn sign_content(&self, message: &[u8]) -> Vec<u8> {
        hazmat::ed25519_sign(&self.sign, message)
    }

    /// The receive keys, each with the card that names it.
    pub(crate) fn receivers(&self) -> impl Iterator<Item = (&Secret, &DeviceCard)> {
        std::iter::once((&self.receive, &self.card)).chain(self.retiring.iter().map(|(seed, card)| (seed, card)))
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
