//! Known answers: published vectors where the door is wide enough, own ones where it is not.

use super::*;

pub fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2));
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn array<const N: usize>(text: &str) -> [u8; N] {
    hex(text).try_into().unwrap()
}

/// RFC 8032, section 7.1, tests 1 to 3.
#[test]
fn ed25519_signs_as_published() {
    for (seed, public, message, signature) in [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ] {
        assert_eq!(ed25519_public(&array(seed)), Ok(array(public)));
        assert_eq!(ed25519_sign(&array(seed), &hex(message)), hex(signature));
    }
}

/// RFC 5869, appendix A.1 to A.3.
#[test]
fn hkdf_derives_as_published() {
    let one: Zeroizing<[u8; 42]> = hkdf(&hex("000102030405060708090a0b0c"), &[0x0b; 22], &[&hex("f0f1f2f3f4f5f6f7f8f9")]).unwrap();
    assert_eq!(one.to_vec(), hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"));
    let bytes = |range: std::ops::RangeInclusive<u8>| range.collect::<Vec<u8>>();
    let two: Zeroizing<[u8; 82]> = hkdf(&bytes(0x60..=0xaf), &bytes(0..=0x4f), &[&bytes(0xb0..=0xcf), &bytes(0xd0..=0xff)]).unwrap();
    assert_eq!(
        two.to_vec(),
        hex(
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
        )
    );
    let three: Zeroizing<[u8; 42]> = hkdf(&[], &[0x0b; 22], &[]).unwrap();
    assert_eq!(three.to_vec(), hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"));
}

/// RFC 9106, section 5.3. Its secret and associated data do not fit through our door, so it is asked of the crate.
#[test]
fn argon2id_is_the_published_function() {
    let mut params = argon2::ParamsBuilder::new();
    params.m_cost(32).t_cost(3).p_cost(4).output_len(32).data(argon2::AssociatedData::new(&[4; 12]).unwrap());
    let function = Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params.build().unwrap()).unwrap();
    let mut out = [0; 32];
    function.hash_password_into(&[1; 32], &[2; 16], &mut out).unwrap();
    assert_eq!(out.to_vec(), hex("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"));
}

/// Own vectors, made with the reference implementation (argon2-cffi 25.1.0).
#[test]
fn argon2id_agrees_with_the_reference_implementation() {
    let salt: [u8; 16] = array("000102030405060708090a0b0c0d0e0f");
    let key = argon2id(b"bro og vej over vandet", &salt, 19 * 1024, 2, 1).unwrap();
    assert_eq!(key.to_vec(), hex("41ce14c514e950fa237b9e7a19ac4753997cf802bfe5dea252fca4c615b5064f"));
    let key = argon2id("blåbærgrød".as_bytes(), b"saltsaltsaltsalt", 32, 3, 4).unwrap();
    assert_eq!(key.to_vec(), hex("bbcbe47ca5f253eacf22e99409641dd02cc2a797496b5c9fafaff47304e52069"));
}

/// The first vector of the X-Wing draft; the second implementation checks all of them, decapsulation too.
#[test]
fn an_x_wing_public_key_is_the_published_one() {
    let secret = array("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26");
    let public = xwing_public(&secret).unwrap();
    assert_eq!(public.len(), wire::log::RECEIVE_KEY_LEN);
    assert_eq!(wire::signature::sha256(&[&public]).as_bytes().to_vec(), hex(PUBLIC_SHA256));
    assert_eq!(public[..16], hex("e2236b35a8c24b39b10aa1323a96a919")[..]);
}

const PUBLIC_SHA256: &str = "2e816deebcd76c5c80d0cd2d174478871658e8e2ff42bc9d4a6e486372e856bb";

#[test]
fn hmac_is_that_of_rfc_4231() {
    assert_eq!(hmac(b"Jefe", b"what do ya want for nothing?"), hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
}

#[test]
fn a_seal_opens_with_its_key_and_data_only() {
    let sealed = seal_once(&[1; 32], b"data", b"text".to_vec().into()).unwrap();
    assert_eq!(sealed.len(), 4 + 16);
    assert_eq!(open_once(&[1; 32], b"data", &sealed).unwrap().as_slice(), b"text");
    assert!(open_once(&[2; 32], b"data", &sealed).is_err());
    assert!(open_once(&[1; 32], b"date", &sealed).is_err());
    for at in 0..sealed.len() {
        let mut other = sealed.clone();
        other[at] ^= 1;
        assert!(open_once(&[1; 32], b"data", &other).is_err());
        assert!(open_once(&[1; 32], b"data", &sealed[..at]).is_err());
    }
}

#[test]
fn what_is_put_together_in_secret_never_grows() {
    let mut out = secret_concat(&[b"one", b"", b"three"], 24);
    assert_eq!(out.as_slice(), b"onethree");
    let at = out.as_ptr();
    out.resize(32, 0);
    assert_eq!(out.as_ptr(), at);
    assert_eq!(secret_concat(&[], 0).as_slice(), b"");
}

/// The log takes exactly the receive keys that a wrap can be made to.
#[test]
fn what_the_log_takes_for_a_receive_key_can_be_wrapped_to() {
    let mut dice = crate::tests::Dice::new("receive");
    let key = xwing_public(&random(&mut dice)).unwrap();
    assert!(wire::log::is_receive_key(&key));
    for at in [0_usize, 1, 2, 3, 600, 767] {
        for number in [0_u16, 3328, 3329, 4095] {
            let mut other = key.clone();
            let (byte, [low, high]) = (at / 2 * 3, number.to_le_bytes());
            if at.is_multiple_of(2) {
                (other[byte], other[byte + 1]) = (low, other[byte + 1] & 0xf0 | high);
            } else {
                (other[byte + 1], other[byte + 2]) = (other[byte + 1] & 0x0f | low << 4, high << 4 | low >> 4);
            }
            assert_eq!(wire::log::is_receive_key(&other), number < 3329, "{number} at {at}");
            assert_eq!(hpke_seal(&other, b"", b"", b"", &mut dice).is_ok(), number < 3329, "{number} at {at}");
        }
    }
    assert!(!wire::log::is_receive_key(&key[..1215]));
}

#[test]
fn hpke_opens_for_the_recipient_with_the_same_words() {
    let mut dice = crate::tests::Dice::new("hpke");
    let secret = random(&mut dice);
    let to = xwing_public(&secret).unwrap();
    let sealed = hpke_seal(&to, b"info", b"data", b"text", &mut dice).unwrap();
    assert_eq!(sealed.len(), 1120 + 4 + 16);
    assert_eq!(hpke_open(&secret, b"info", b"data", &sealed).unwrap().as_slice(), b"text");
    assert!(hpke_open(&random(&mut dice), b"info", b"data", &sealed).is_err());
    assert!(hpke_open(&secret, b"inf", b"data", &sealed).is_err());
    assert!(hpke_open(&secret, b"info", b"date", &sealed).is_err());
    for at in (0..sealed.len()).step_by(37).chain(1120..sealed.len()) {
        let mut other = sealed.clone();
        other[at] ^= 1;
        assert!(hpke_open(&secret, b"info", b"data", &other).is_err(), "byte {at}");
    }
    for len in [0, 1, 1119, 1120, 1135, sealed.len() - 1] {
        assert!(hpke_open(&secret, b"info", b"data", &sealed[..len]).is_err(), "{len} bytes");
    }
    assert!(hpke_seal(&to[..1215], b"", b"", b"", &mut dice).is_err());
    assert!(hpke_seal(&[0xff; 1216], b"", b"", b"", &mut dice).is_err(), "numbers beyond the modulus");
}

/// Dice that fall as a published vector says, and not once more.
struct Said(Vec<u8>);

impl rand_core::TryRng for Said {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        unreachable!("only bytes are asked for")
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        unreachable!("only bytes are asked for")
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        let rest = self.0.split_off(out.len());
        out.copy_from_slice(&std::mem::replace(&mut self.0, rest));
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Said {}

fn published(file: &str) -> serde_json::Value {
    serde_json::from_str(file).unwrap()
}

fn field(vector: &serde_json::Value, name: &str) -> Vec<u8> {
    hex(vector[name].as_str().unwrap())
}

/// RFC 9180, appendix A.2.1, with the keys derived, both sides, every message and what is exported. Our own door uses X-Wing in the
/// place of X25519 and goes through the same functions, so the rest of HPKE is asked of the crate.
#[test]
fn hpke_is_the_published_one() {
    type X25519 = hpke::kem::X25519HkdfSha256;
    const EXPORTED: [(&[u8], &str); 3] = [
        (b"", "4bbd6243b8bb54cec311fac9df81841b6fd61f56538a775e7c80a9f40160606e"),
        (b"\0", "8c1df14732580e5501b00f82b10a1647b40713191b7c1240ac80e2b68808ba69"),
        (b"TestContext", "5acb09211139c43b3090489a9da433e8a30ee7188ba8b0a9a1ccf0c229283e53"),
    ];
    let vector = published(include_str!("../../../../tests/formats/rfc9180.json"));
    for who in ["E", "R"] {
        let (secret, public) = X25519::derive_keypair(&field(&vector, &format!("ikm{who}")));
        // The crate gives a secret with the bits already as X25519 will have them (RFC 7748, section 5).
        let mut expected = field(&vector, &format!("sk{who}m"));
        expected[0] &= 0xf8;
        expected[31] = expected[31] & 0x7f | 0x40;
        assert_eq!(secret.to_bytes().to_vec(), expected);
        assert_eq!(public.to_bytes().to_vec(), field(&vector, &format!("pk{who}m")));
    }
    let (secret, public) = X25519::derive_keypair(&field(&vector, "ikmR"));
    let (info, mut dice) = (field(&vector, "info"), Said(field(&vector, "ikmE")));
    let (enc, mut sender) =
        setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519>(&OpModeS::Base, &public, &info, &mut dice).unwrap();
    assert_eq!(enc.to_bytes().to_vec(), field(&vector, "enc"));
    assert_eq!(X25519::decap(&secret, None, &enc).unwrap().0.to_vec(), field(&vector, "shared_secret"));
    let mut receiver = setup_receiver::<ChaCha20Poly1305, HkdfSha256, X25519>(&OpModeR::Base, &secret, &enc, &info).unwrap();
    let messages = vector["encryptions"].as_array().unwrap();
    let mut checked = 0;
    for number in 0..=256 {
        let Some(message) = messages.iter().find(|message| message["seq"] == number) else {
            let between = sender.seal(b"", b"").unwrap();
            assert_eq!(receiver.open(&between, b"").unwrap(), b"");
            continue;
        };
        let (aad, ciphertext, text) = (field(message, "aad"), field(message, "ct"), field(&vector, "pt"));
        assert_eq!(sender.seal(&text, &aad).unwrap(), ciphertext, "message {number}");
        assert_eq!(receiver.open(&ciphertext, &aad).unwrap(), text, "message {number}");
        checked += 1;
    }
    assert_eq!(checked, messages.len());
    for (context, exported) in EXPORTED {
        let mut out = [0; 32];
        receiver.export(context, &mut out).unwrap();
        assert_eq!(out.to_vec(), hex(exported));
        sender.export(context, &mut out).unwrap();
        assert_eq!(out.to_vec(), hex(exported));
    }
}

/// Every vector of the X-Wing draft, appendix C: the public key, and the shared secret made and found again.
#[test]
fn x_wing_encapsulates_and_decapsulates_as_published() {
    let vectors = published(include_str!("../../../../tests/formats/xwing.json"));
    let vectors = vectors["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 3);
    for vector in vectors {
        let secret: [u8; 32] = field(vector, "sk").try_into().unwrap();
        let public = xwing_public(&secret).unwrap();
        assert_eq!(public, field(vector, "pk"));
        let to = <XWing as Kem>::PublicKey::from_bytes(&public).unwrap();
        let (shared, enc) = XWing::encap_with_rng(&to, None, &mut Said(field(vector, "eseed"))).unwrap();
        assert_eq!(enc.to_bytes().to_vec(), field(vector, "ct"));
        assert_eq!(shared.0.to_vec(), field(vector, "ss"));
        let secret = <XWing as Kem>::PrivateKey::from_bytes(&secret).unwrap();
        let enc = <XWing as Kem>::EncappedKey::from_bytes(&field(vector, "ct")).unwrap();
        assert_eq!(XWing::decap(&secret, None, &enc).unwrap().0.to_vec(), field(vector, "ss"));
    }
}
