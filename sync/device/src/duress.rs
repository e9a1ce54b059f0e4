//! A second secret for whoever is forced to open the app. It opens an invented vault, and the keys of the real one are gone before
//! that vault is shown.
//!
//! Nothing on the disk tells whether there is such a secret: its words lie in the slots that are random otherwise.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use minicbor::{Decode, Encode, bytes::ByteVec};
use seal::keyslot;
use wire::{cbor, signature::sha256};

use crate::{
    act::Called,
    attempts, enrol,
    error::{DeviceError, Result},
    host::{Dice, Host},
    session::{Device, Open, check_strength},
    vault::{
        files::{self, DATABASE, KEYSLOTS, TRIES},
        mark, meta, salt,
    },
};

mod story;

/// Where the invented vault is made.
const SIDE: &str = "side";
/// In there: the invented vault is whole, and its time has come.
const WHOLE: &str = "whole";
/// In there: of the real one nothing is left.
const GONE: &str = "gone";

/// What the second secret opens: all that is left of the real vault.
#[derive(Encode, Decode)]
struct Left {
    /// How the person is called who uses this device.
    #[n(0)]
    person: String,
    #[n(1)]
    server: String,
    /// The server's certificates (DER), as far as there is room for them.
    #[n(2)]
    certificates: Vec<ByteVec>,
    /// What this device tells the server when it next has a line ([`wire::duress`]).
    #[n(3)]
    notice: ByteVec,
}

impl Left {
    fn of(open: &Open) -> Result<Self> {
        let me = open.me()?;
        Ok(Self {
            person: Called::read(open)?.member_name(me.member),
            server: enrol::server_of(open)?,
            certificates: enrol::certificates_of(open)?,
            notice: open.keys.duress_notice(me.org).into(),
        })
    }

    /// As many bytes as there is room for: certificates go first, then the notice, which is of no use without them.
    fn encode(mut self) -> Vec<u8> {
        loop {
            let bytes = cbor::encode(&self);
            if bytes.len() <= keyslot::SECOND_LEN || self.certificates.is_empty() {
                return bytes;
            }
            self.certificates.clear();
            self.notice = Vec::new().into();
        }
    }
}

impl Device {
    /// Chooses the second secret, with the first once more. A second secret of before ends here.
    ///
    /// # Errors
    /// [`DeviceError::WeakSecret`] and [`DeviceError::NoKeystore`] as for the first; [`DeviceError::WrongSecret`] and
    /// [`DeviceError::Wait`] as for unlocking; [`DeviceError::Slot`] when both are the same; what the disk says.
    pub fn choose_duress(&self, secret: &[u8], second: &[u8]) -> Result<()> {
        self.put_second(secret, Some(second))
    }

    /// Forgets the second secret.
    ///
    /// # Errors
    /// As for [`Self::choose_duress`].
    pub fn forget_duress(&self, secret: &[u8]) -> Result<()> {
        self.put_second(secret, None)
    }

    /// Whether a second secret was chosen here and opens what it should.
    ///
    /// # Errors
    /// When locked, or the database fails.
    pub fn has_duress(&self) -> Result<bool> {
        let dir = self.dir();
        self.with(|open, _| {
            let known = meta::get(open.vault.db(), meta::SECOND)?;
            Ok(known.is_some_and(|known| fs::read(dir.join(KEYSLOTS)).is_ok_and(|file| known == *sha256(&[&file]).as_bytes())))
        })
    }

    fn put_second(&self, secret: &[u8], second: Option<&[u8]>) -> Result<()> {
        let mut state = self.hold();
        let words = {
            let open = state.as_ref().ok_or(DeviceError::Locked)?;
            open.may_act(self.host())?;
            second.map_or(Ok(()), |second| check_strength(second, self.takes_pin()))?;
            second.map(|_| Left::of(open).map(Left::encode)).transpose()?
        };
        let file = fs::read(self.dir().join(KEYSLOTS))?;
        self.try_secret(&file, None, secret, &mut state)?;
        // The try may have wrapped the keys again.
        let file = fs::read(self.dir().join(KEYSLOTS))?;
        let host = self.host();
        let share = attempts::ask(host, &keyslot::keystore_challenge(&file)?)?;
        let put = keyslot::with_second(&file, secret, &share, second.zip(words.as_deref()), &mut Dice(host))?;
        let open = state.as_ref().ok_or(DeviceError::Locked)?;
        files::write_durably(self.dir(), KEYSLOTS, &put)?;
        match second {
            Some(_) => meta::set(open.vault.db(), meta::SECOND, sha256(&[&put]).as_bytes()),
            None => meta::remove(open.vault.db(), meta::SECOND),
        }
    }
}

/// Whether this vault is an invented one.
pub(crate) fn is_invented(open: &Open) -> Result<bool> {
    Ok(meta::get(open.vault.db(), meta::INVENTED)?.is_some())
}

/// The second secret was given, and these are its words: an invented vault stands in the place of the real one, which nobody opens
/// again. Killed on the way nothing has happened, or the next start ends it.
///
/// # Errors
/// What the disk says, after everything was tried; the real vault is gone then as well.
pub(crate) fn give_way(dir: &Path, host: &Arc<dyn Host>, secret: &[u8], words: &[u8]) -> Result<()> {
    let left: Left = cbor::decode(words).map_err(|_| DeviceError::Damaged)?;
    let side = dir.join(SIDE);
    remove_all(&side)?;
    if build(&side, host, secret, &left).is_err() {
        // A full disk: what goes makes room, and it goes in any case.
        let wiped = attempts::wipe(dir, host.as_ref());
        remove_all(&side)?;
        build(&side, host, secret, &left)?;
        wiped?;
    }
    files::write_durably(&side, WHOLE, b"")?;
    settle(dir, host.as_ref())
}

/// Whether the real vault has to go, and the invented one to take its place.
pub(crate) fn is_due(dir: &Path) -> bool {
    dir.join(SIDE).join(WHOLE).exists()
}

/// Ends what was begun; nothing where nothing was.
///
/// # Errors
/// What the disk says.
pub(crate) fn settle(dir: &Path, host: &dyn Host) -> Result<()> {
    let side = dir.join(SIDE);
    if !side.exists() {
        return Ok(());
    }
    if !side.join(WHOLE).exists() {
        return remove_all(&side);
    }
    if !side.join(GONE).exists() {
        if dir.join(KEYSLOTS).exists() {
            attempts::wipe(dir, host)?;
        }
        files::write_durably(&side, GONE, b"")?;
    }
    let database = Path::new(DATABASE);
    // The keyslots come last: without them a folder has no vault.
    let salts = salt::files(&side).into_iter().filter_map(|file| file.file_name().map(PathBuf::from));
    let rest = [database.to_owned(), mark::file_of(database), PathBuf::from(TRIES), PathBuf::from(KEYSLOTS)];
    for name in salts.chain(rest) {
        if side.join(&name).exists() {
            fs::rename(side.join(&name), dir.join(&name))?;
        }
    }
    files::sync_dir(dir)?;
    remove_all(&side)
}

fn remove_all(side: &Path) -> Result<()> {
    match fs::remove_dir_all(side) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn build(side: &Path, host: &Arc<dyn Host>, secret: &[u8], left: &Left) -> Result<()> {
    let then = Arc::new(story::Then::new(Arc::clone(host)));
    let device = Device::new(side, Arc::clone(&then) as Arc<dyn Host>);
    device.create_vault(secret)?;
    let certificates = left.certificates.iter().map(|der| der.to_vec()).collect();
    story::tell(&device, &then, (&left.person, &left.server), certificates)?;
    device.with(|open, _| meta::set(open.vault.db(), meta::INVENTED, &left.notice))?;
    device.lock();
    Ok(())
}

#[cfg(test)]
mod tests;
