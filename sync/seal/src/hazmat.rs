//! Secret-key primitives. With `wire::signature` the only lines that name ring; nothing outside this crate sees them.

use argon2::{Algorithm, Argon2, Params, Version};
use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256, kem::XWing, setup_receiver,
    setup_sender_with_rng,
};
use rand_core::CryptoRng;
use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey},
    hkdf,
    signature::{Ed25519KeyPair, KeyPair},
};
use zeroize::Zeroizing;

/// Something a primitive would not do: a wrong length, a key that does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

/// 32 secret bytes, wiped when dropped.
pub type Secret = Zeroizing<[u8; 32]>;

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-SHA256 (RFC 5869).
pub fn hkdf<const N: usize>(salt: &[u8], secret: &[u8], info: &[&[u8]]) -> Result<Zeroizing<[u8; N]>, Refused> {
    let mut out = Zeroizing::new([0; N]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(secret)
        .expand(info, Length(N))
        .and_then(|okm| okm.fill(out.as_mut_slice()))
        .map_err(|_| Refused)?;
    Ok(out)
}

/// HMAC-SHA256 (RFC 2104), 32 bytes.
pub fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key), message).as_ref().to_vec()
}

/// Length of the tag that [`seal_once`] puts behind its text.
pub const TAG_LEN: usize = 16;

/// ChaCha20-Poly1305 under a key that is used once, so the nonce is zero. The text is sealed where it lies; room for
/// the tag saves a copy, and a copy made for want of it holds only what is sealed already.
pub fn seal_once(key: &[u8; 32], aad: &[u8], mut plaintext: Zeroizing<Vec<u8>>) -> Result<Vec<u8>, Refused> {
    let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).map_err(|_| Refused)?);
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    key.seal_in_place_append_tag(nonce, Aad::from(aad), &mut *plaintext).map_err(|_| Refused)?;
    Ok(std::mem::take(&mut *plaintext))
}

/// Opens what [`seal_once`] made.
pub fn open_once(key: &[u8; 32], aad: &[u8], ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).map_err(|_| Refused)?);
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    let len = key.open_in_place(nonce, Aad::from(aad), &mut buffer).map_err(|_| Refused)?.len();
    buffer.truncate(len);
    Ok(buffer)
}

/// The Ed25519 public key of a seed.
pub fn ed25519_public(seed: &[u8; 32]) -> Result<[u8; 32], Refused> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| Refused)?;
    pair.public_key().as_ref().try_into().map_err(|_| Refused)
}

/// An Ed25519 signature; empty only for a seed that ring would not take, which no seed is.
pub fn ed25519_sign(seed: &[u8; 32], message: &[u8]) -> Vec<u8> {
    Ed25519KeyPair::from_seed_unchecked(seed).map(|pair| pair.sign(message).as_ref().to_vec()).unwrap_or_default()
}

/// The X-Wing public key of a 32-byte secret key.
pub fn xwing_public(secret: &[u8; 32]) -> Result<Vec<u8>, Refused> {
    let secret = <XWing as Kem>::PrivateKey::from_bytes(secret).map_err(|_| Refused)?;
    Ok(XWing::sk_to_pk(&secret).to_bytes().to_vec())
}

/// HPKE base mode, X-Wing, HKDF-SHA256, ChaCha20-Poly1305: `enc ‖ ciphertext`.
pub fn hpke_seal(to: &[u8], info: &[u8], aad: &[u8], plaintext: &[u8], rng: &mut impl CryptoRng) -> Result<Vec<u8>, Refused> {
    let to = <XWing as Kem>::PublicKey::from_bytes(to).map_err(|_| Refused)?;
    let (enc, mut context) =
        setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, XWing>(&OpModeS::Base, &to, info, rng).map_err(|_| Refused)?;
    let ciphertext = context.seal(plaintext, aad).map_err(|_| Refused)?;
    let mut out = enc.to_bytes().to_vec();
    out.extend_from_slice(&ciphertext);
    Ok(out)
}

/// Opens what [`hpke_seal`] made.
pub fn hpke_open(secret: &[u8; 32], info: &[u8], aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let secret = <XWing as Kem>::PrivateKey::from_bytes(secret).map_err(|_| Refused)?;
    let (enc, ciphertext) = sealed.split_at_checked(<XWing as Kem>::EncappedKey::size()).ok_or(Refused)?;
    let enc = <XWing as Kem>::EncappedKey::from_bytes(enc).map_err(|_| Refused)?;
    let mut context = setup_receiver::<ChaCha20Poly1305, HkdfSha256, XWing>(&OpModeR::Base, &secret, &enc, info).map_err(|_| Refused)?;
    context.open(ciphertext, aad).map(Zeroizing::new).map_err(|_| Refused)
}

/// Argon2id (RFC 9106), version 0x13.
pub fn argon2id(passphrase: &[u8], salt: &[u8; 16], memory_kib: u32, passes: u32, lanes: u32) -> Result<Secret, Refused> {
    let params = Params::new(memory_kib, passes, lanes, Some(32)).map_err(|_| Refused)?;
    let mut out = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase, salt, out.as_mut_slice())
        .map_err(|_| Refused)?;
    Ok(out)
}

/// The parts one after another in a buffer that never grows, so that no copy is left behind. `room` is kept free.
pub fn secret_concat(parts: &[&[u8]], room: usize) -> Zeroizing<Vec<u8>> {
    let len = parts.iter().fold(room, |sum, part| sum.saturating_add(part.len()));
    let mut out = Zeroizing::new(Vec::with_capacity(len));
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// Fresh random bytes.
pub fn random<const N: usize>(rng: &mut impl CryptoRng) -> [u8; N] {
    let mut out = [0; N];
    rng.fill_bytes(&mut out);
    out
}

#[cfg(test)]
pub(crate) mod tests;
