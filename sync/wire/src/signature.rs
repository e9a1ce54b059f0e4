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
        if self.has_small_order() {
            return Err(BadSignature);
        }
        ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, &self.0).verify(message, signature).map_err(|_| BadSignature)
    }

    /// RFC 8032 does not ask for this, and without it a point of small order vouches for what nobody signed.
    fn has_small_order(&self) -> bool {
        let mut y = self.0;
        if let Some(last) = y.last_mut() {
            *last &= 0x7f;
        }
        SMALL_ORDER.contains(&y)
    }
}

/// Every encoding of the y of a point of order 1, 2, 4 or 8, little-endian, without the sign of x.
const SMALL_ORDER: [[u8; 32]; 7] = [
    little(0, 0, 0),
    little(1, 0, 0),
    little(0xec, 0xff, 0x7f),
    little(0xed, 0xff, 0x7f),
    little(0xee, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
        0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
        0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

const fn little(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut out = [middle; 32];
    out[0] = first;
    out[31] = last;
    out
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl<C> minicbor::Encode<C> for VerifyingKey {
    fn encode<W: minicbor::encode::Write>(&self, e: &mut minicbor::Encoder<W>, _: &mut C) -> Result<(), minicbor::encode::Error<W::Error>> {
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

#[cfg(test)]
mod tests;
