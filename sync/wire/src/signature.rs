//! Hashes and the checking of signatures: public keys only.

use std::fmt;

use coset::{CborSerializable, CoseSign1, CoseSign1Builder, HeaderBuilder, RegisteredLabelWithPrivate, iana};

use crate::id::Digest;

/// SHA-256 of the parts, one after another.
pub fn sha256(parts: &[&[u8]]) -> Digest {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    Digest::from_bytes(out)
}

/// An Ed25519 public key (RFC 8032), 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VerifyingKey([u8; 32]);

/// A signature that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not hold")]
pub struct BadSignature;

impl VerifyingKey {
    /// The key with these bytes; a useless point only makes every signature fail.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes of the key.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Checks an Ed25519 signature over `message`.
    ///
    /// # Errors
    /// [`BadSignature`] when it does not hold.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, &self.0)
            .verify(message, signature)
            .map_err(|_| BadSignature)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl<C> minicbor::Encode<C> for VerifyingKey {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for VerifyingKey {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let bytes = d.bytes()?.try_into().map_err(minicbor::decode::Error::custom)?;
        Ok(Self(bytes))
    }
}

/// A COSE_Sign1 (RFC 9052) whose shape is ours and whose signature is not yet checked.
#[derive(Debug, Clone)]
pub struct Signed {
    sign1: CoseSign1,
}

impl Signed {
    /// Reads the one encoding we write: untagged, algorithm EdDSA alone in the protected header, nothing
    /// unprotected, payload inside.
    ///
    /// # Errors
    /// [`crate::cbor::NotCanonical`] for every other encoding.
    pub fn parse(bytes: &[u8]) -> Result<Self, crate::cbor::NotCanonical> {
        use crate::cbor::NotCanonical;
        let sign1 = CoseSign1::from_slice(bytes).map_err(|_| NotCanonical)?;
        let again = rebuilt(&sign1).to_vec().map_err(|_| NotCanonical)?;
        let eddsa = Some(RegisteredLabelWithPrivate::Assigned(iana::Algorithm::EdDSA));
        if again != bytes || sign1.protected.header.alg != eddsa || sign1.payload.is_none() {
            return Err(NotCanonical);
        }
        Ok(Self { sign1 })
    }

    /// The payload, not yet vouched for by anybody.
    pub fn payload(&self) -> &[u8] {
        self.sign1.payload.as_deref().unwrap_or_default()
    }

    /// Checks the signature over the payload and `external_aad`.
    ///
    /// # Errors
    /// [`BadSignature`] when it does not hold for this key and these data.
    pub fn verify(&self, key: &VerifyingKey, external_aad: &[u8]) -> Result<(), BadSignature> {
        self.sign1.verify_signature(external_aad, |signature, message| key.verify(message, signature))
    }

    /// Signs `payload` with whatever `sign` does with the bytes it is given.
    pub fn make(payload: Vec<u8>, external_aad: &[u8], sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let sign1 = CoseSign1Builder::new()
            .protected(HeaderBuilder::new().algorithm(iana::Algorithm::EdDSA).build())
            .payload(payload)
            .create_signature(external_aad, sign)
            .build();
        sign1.to_vec().unwrap_or_default()
    }
}

fn rebuilt(sign1: &CoseSign1) -> CoseSign1 {
    CoseSign1Builder::new()
        .protected(HeaderBuilder::new().algorithm(iana::Algorithm::EdDSA).build())
        .payload(sign1.payload.clone().unwrap_or_default())
        .signature(sign1.signature.clone())
        .build()
}
