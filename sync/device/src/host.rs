//! What the platform gives a device: time, dice, a keystore, and how hard a passphrase may be to guess.

use std::{fmt, fs, io::Write, path::Path};

use jiff::tz::TimeZone;
use rand_core::{TryCryptoRng, TryRng};
use seal::keyslot::{Cost, KeystoreShare};
use wire::log::AppVersion;
use zeroize::Zeroizing;

/// A keystore's one act: authenticate a challenge under a key that never leaves it.
pub trait Keystore: Send + Sync {
    /// HMAC of the challenge, 32 bytes.
    ///
    /// # Errors
    /// When the keystore refuses or is gone.
    fn authenticate(&self, challenge: &[u8]) -> std::io::Result<KeystoreShare>;
}

/// The platform under a device.
pub trait Host: Send + Sync {
    /// Unix milliseconds by this device's own clock, right or wrong.
    fn now_ms(&self) -> i64;
    /// Fills with random bytes fit for keys.
    fn fill_random(&self, out: &mut [u8]);
    /// Where the person is.
    fn time_zone(&self) -> TimeZone {
        TimeZone::system()
    }
    /// The keystore, where there is one.
    fn keystore(&self) -> Option<&dyn Keystore> {
        None
    }
    /// How hard a passphrase is to guess here.
    fn cost(&self) -> Cost {
        Cost::DESKTOP
    }
    /// Which version of the app this is.
    fn app_version(&self) -> AppVersion {
        env!("CARGO_PKG_VERSION").parse().unwrap_or_default()
    }
}

/// A host as a source of randomness for everything pure.
pub(crate) struct Dice<'a>(pub &'a dyn Host);

impl fmt::Debug for Dice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dice")
    }
}

impl TryRng for Dice<'_> {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> std::result::Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.0.fill_random(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> std::result::Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.0.fill_random(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> std::result::Result<(), Self::Error> {
        self.0.fill_random(out);
        Ok(())
    }
}

impl TryCryptoRng for Dice<'_> {}

impl Dice<'_> {
    /// A random array, for ids.
    pub fn roll<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        self.0.fill_random(&mut out);
        out
    }
}

/// This machine: its clock, its random numbers, and no keystore unless one is given.
#[derive(Default)]
pub struct SystemHost {
    keystore: Option<SoftwareKeystore>,
    cost: Option<Cost>,
}

impl fmt::Debug for SystemHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SystemHost")
    }
}

impl SystemHost {
    /// This machine with the software twin of a keystore beside it. For the demo and for tests.
    pub const fn with_keystore(keystore: SoftwareKeystore, cost: Cost) -> Self {
        Self { keystore: Some(keystore), cost: Some(cost) }
    }

    /// This machine without a keystore and with another cost than a desktop's.
    pub const fn with_cost(cost: Cost) -> Self {
        Self { keystore: None, cost: Some(cost) }
    }
}

impl Host for SystemHost {
    fn now_ms(&self) -> i64 {
        jiff::Timestamp::now().as_millisecond()
    }

    fn fill_random(&self, out: &mut [u8]) {
        #[expect(clippy::expect_used, reason = "without the system's random numbers no key may ever be made")]
        getrandom::fill(out).expect("the system gives random numbers");
    }

    fn keystore(&self) -> Option<&dyn Keystore> {
        self.keystore.as_ref().map(|keystore| keystore as &dyn Keystore)
    }

    fn cost(&self) -> Cost {
        self.cost.unwrap_or(Cost::DESKTOP)
    }
}

/// A keystore that is only a file: it protects nothing, and stands in for a phone's in the demo and in tests.
pub struct SoftwareKeystore {
    key: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for SoftwareKeystore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SoftwareKeystore")
    }
}

impl SoftwareKeystore {
    /// Reads the key file, or makes one (0600).
    ///
    /// # Errors
    /// When the file can be neither read nor made.
    pub fn open(file: &Path) -> std::io::Result<Self> {
        if let Ok(key) = fs::read(file) {
            return Ok(Self { key: Zeroizing::new(key) });
        }
        let mut key = Zeroizing::new(vec![0; 32]);
        SystemHost::default().fill_random(&mut key);
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(file)?.write_all(&key)?;
        Ok(Self { key })
    }
}

impl Keystore for SoftwareKeystore {
    fn authenticate(&self, challenge: &[u8]) -> std::io::Result<KeystoreShare> {
        Ok(seal::keyslot::software_keystore(&self.key, challenge))
    }
}
