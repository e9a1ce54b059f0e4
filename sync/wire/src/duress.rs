//! A device was opened under duress: the word for it, signed by the device ahead of time, while its keys were there. By the
//! time it is sent they are destroyed, so the notice stands for itself and needs no signed request around it.

use minicbor::{Decode, Encode};

use crate::{
    cbor,
    id::{DeviceId, OrgId},
    label,
    signature::{BadSignature, Signed, VerifyingKey},
};

/// Longest notice that is read, in bytes. One has 126.
pub const MAX_LEN: usize = 160;

/// What a notice says: this device of this organisation is in somebody else's hands, and its keys are no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct DuressNotice {
    #[n(0)]
    pub org: OrgId,
    #[n(1)]
    pub device: DeviceId,
}

/// A notice whose signature is not yet checked.
#[derive(Debug, Clone)]
pub struct SignedNotice {
    notice: DuressNotice,
    signed: Signed,
}

/// Bytes that are no notice, or not from whom they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    #[error("the notice is longer than any may be")]
    TooLarge,
    #[error("the notice is not canonical")]
    NotCanonical,
    #[error("the notice is not signed by the device it speaks of")]
    BadSignature,
}

impl NoticeError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "duress.too_large",
            Self::NotCanonical => "duress.not_canonical",
            Self::BadSignature => "duress.bad_signature",
        }
    }
}

impl From<BadSignature> for NoticeError {
    fn from(_: BadSignature) -> Self {
        Self::BadSignature
    }
}

impl DuressNotice {
    /// Signs it with whatever `sign` does with the bytes it is given: an Ed25519 signature under the device's sign key. The
    /// result travels.
    pub fn sign(&self, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
        Signed::make(cbor::encode(self), label::DURESS.as_bytes(), sign)
    }
}

impl SignedNotice {
    /// Reads a notice: size and canonical form. Who signed it is for [`Self::verify`].
    ///
    /// # Errors
    /// [`NoticeError`] naming the first of these that fails.
    pub fn decode(bytes: &[u8]) -> Result<Self, NoticeError> {
        if bytes.len() > MAX_LEN {
            return Err(NoticeError::TooLarge);
        }
        let signed = Signed::parse(bytes).map_err(|_| NoticeError::NotCanonical)?;
        let notice = cbor::decode(signed.payload()).map_err(|_| NoticeError::NotCanonical)?;
        Ok(Self { notice, signed })
    }

    /// What it says of itself, not yet vouched for: tells whose key to verify it with.
    pub const fn claimed(&self) -> DuressNotice {
        self.notice
    }

    /// Gives what it says, when the device signed it whose sign key this is. Organisation and device are for the caller to
    /// compare: a key belongs to one device in one organisation.
    ///
    /// # Errors
    /// [`NoticeError::BadSignature`].
    pub fn verify(&self, sign_key: &VerifyingKey) -> Result<DuressNotice, NoticeError> {
        self.signed.verify(sign_key, label::DURESS.as_bytes())?;
        Ok(self.notice)
    }
}

#[cfg(test)]
mod tests;
