//! Unlock and lock: between them the vault is open, outside them nothing is.

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use casework::{Author, Case};
use parking_lot::{FairMutex, FairMutexGuard};
use seal::{
    DeviceKeys, actor_of,
    keyslot::{self, KeystoreShare, MasterKey, Opened as Opening, SlotError},
};
use tokio::sync::broadcast;
use wire::{
    id::{CaseId, MemberId, OrgId},
    log::{OrgState, Role},
};

use crate::{
    attempts::{self, Attempts, Standing},
    duress,
    error::{DeviceError, RESTORED, Result},
    host::{Dice, Host},
    renew,
    strongroom::{self, OpenRoom},
    tally::Tallies,
    vault::{
        Vault, commit, documents,
        files::{self, DATABASE, ENDED, KEYSLOTS, LOCK},
        logs, mark, meta,
        opening::{self, Opened},
        salt,
    },
};

#[cfg(test)]
mod tests;

/// Documents kept in memory at once.
const CACHED_CASES: usize = 8;

/// One install: a folder, a platform, and, while unlocked, an open vault.
pub struct Device {
    dir: PathBuf,
    host: Arc<dyn Host>,
    /// Whoever waits longest is next: a list can be read between two cases that are being taken in.
    open: FairMutex<Option<Open>>,
    changed: broadcast::Sender<Changed>,
    tallies: Tallies,
    attempts: Attempts,
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Device")
    }
}

/// What may look different now.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, ts_rs::TS)]
pub struct Changed {
    pub cases: Vec<CaseId>,
    pub sync: bool,
    pub locked: bool,
}

/// An unlocked device.
pub(crate) struct Open {
    // Keys and words go first: sealing the closed file takes its time.
    pub keys: DeviceKeys,
    cases: BTreeMap<CaseId, Case>,
    pub vault: Vault,
    /// What the keys of the vault are made of.
    master: MasterKey,
    org: Option<Arc<OrgState>>,
    /// Why the vault itself takes nothing, if so.
    read_only: Option<&'static str>,
    /// The strongroom, while its door is open.
    pub(crate) room: Option<OpenRoom>,
    /// Databases of before the present schema, to be removed when it has proven itself.
    before: Vec<PathBuf>,
    // Dropped last: until the vault is closed nobody else may open it.
    _lock: Option<fs::File>,
}

/// Who uses this device, once its organisation has admitted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Me {
    pub org: OrgId,
    pub member: MemberId,
    pub role: Role,
}

impl Device {
    /// A device in this folder; nothing is opened or made yet.
    pub fn new(dir: impl Into<PathBuf>, host: Arc<dyn Host>) -> Self {
        let dir = dir.into();
        if duress::is_due(&dir)
            && let Ok(Some(_held)) = take_lock(&dir)
        {
            // What cannot be ended now is ended before the next unlock.
            let _ = duress::settle(&dir, host.as_ref());
        }
        Self {
            dir,
            host,
            open: FairMutex::new(None),
            changed: broadcast::Sender::new(256),
            tallies: Tallies::default(),
            attempts: Attempts::default(),
        }
    }

    /// Whether a vault is here.
    pub fn has_vault(&self) -> bool {
        self.dir.join(KEYSLOTS).exists()
    }

    /// Whether the vault is open.
    pub fn is_unlocked(&self) -> bool {
        self.open.lock().is_some()
    }

    /// Whether a short PIN can protect this device: only with a keystore.
    pub fn takes_pin(&self) -> bool {
        self.host.keystore().is_some()
    }

    /// How things stand with the next try to unlock.
    pub fn standing(&self) -> Standing {
        self.attempts.standing(&self.dir, self.host.as_ref())
    }

    /// The platform.
    pub fn host(&self) -> &dyn Host {
        self.host.as_ref()
    }

    /// The folder of this device.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Tells of everything that may look different, until dropped.
    pub fn changes(&self) -> broadcast::Receiver<Changed> {
        self.changed.subscribe()
    }

    pub(crate) const fn tallies(&self) -> &Tallies {
        &self.tallies
    }

    #[cfg(test)]
    pub(crate) const fn attempts(&self) -> &Attempts {
        &self.attempts
    }

    pub(crate) fn tell(&self, changed: Changed) {
        // Nobody listening is no fault.
        let _ = self.changed.send(changed);
    }

    /// Makes a vault and this device's keys, and leaves it unlocked.
    ///
    /// # Errors
    /// [`DeviceError::VaultExists`], [`DeviceError::WeakSecret`], [`DeviceError::NoKeystore`], or what the disk says.
    pub fn create_vault(&self, secret: &[u8]) -> Result<()> {
        check_strength(secret, self.takes_pin())?;
        let mut state = self.open.lock();
        if self.has_vault() {
            return Err(DeviceError::VaultExists);
        }
        make_private_dir(&self.dir)?;
        let lock = take_lock(&self.dir)?.ok_or(DeviceError::ReadOnlyDisk)?;
        // A database without keyslots is an unfinished beginning: nobody can hold anything in it.
        remove_unfinished(&self.dir)?;
        let mut dice = Dice(self.host.as_ref());
        let prepared = keyslot::prepare(self.host.cost(), &mut dice)?;
        let share = attempts::ask(self.host.as_ref(), &prepared.challenge())?;
        let master = MasterKey::make(&mut dice);
        let slots = keyslot::create(prepared, secret, &share, &master, &mut dice)?;
        let (_, key) = salt::make(&self.dir, &master, self.host.as_ref())?;
        let mut vault = Vault::create(&self.dir.join(DATABASE), &key)?;
        let keys = DeviceKeys::make(&mut dice)?;
        let transaction = vault.write()?;
        meta::set(&transaction, meta::DEVICE_KEYS, &keys.to_secret_bytes())?;
        commit(transaction, "found")?;
        self.attempts.found(&self.dir, self.host.as_ref(), &keyslot::look(&slots)?.salt)?;
        files::write_durably(&self.dir, KEYSLOTS, &slots)?;
        files::remove(&self.dir.join(ENDED))?;
        *state = Some(Open::new(vault, master, keys, Some(lock)));
        Ok(())
    }

    /// Opens the vault. When not everything is as it should be, but what is there can be read, it is opened for reading
    /// only: [`Self::read_only`] says why. The try is counted on the disk before anything is done with the secret, and a right
    /// secret takes the count back; the tenth wrong one in a row destroys the keys and all that they opened.
    ///
    /// # Errors
    /// [`DeviceError::WrongSecret`], also when it was the last try; [`DeviceError::Wait`], without the secret having been tried;
    /// [`DeviceError::InUse`], [`DeviceError::Damaged`], [`DeviceError::Newer`], or what the disk says.
    pub fn unlock(&self, secret: &[u8]) -> Result<()> {
        let opened = self.timed("unlock", || self.open_vault(secret));
        if opened.is_err() && !self.has_vault() {
            self.tell(Changed { locked: true, ..Changed::default() });
        }
        opened?;
        self.tell(Changed { sync: true, ..Changed::default() });
        Ok(())
    }

    fn open_vault(&self, secret: &[u8]) -> Result<()> {
        let mut state = self.open.lock();
        if !self.has_vault() && !duress::is_due(&self.dir) {
            return Err(DeviceError::NoVault);
        }
        // Whoever counts holds the folder, so that two programs never count one try.
        let lock = if state.is_some() { None } else { take_lock(&self.dir)? };
        if lock.is_some() {
            duress::settle(&self.dir, self.host.as_ref())?;
        }
        let file = fs::read(self.dir.join(KEYSLOTS)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => DeviceError::NoVault,
            _ => error.into(),
        })?;
        let master = match self.try_any((&file, None), secret, &mut state, |file, share| keyslot::open_any(file, secret, share))? {
            Opening::Master(master) => master,
            Opening::Second(words) => {
                *state = None;
                duress::give_way(&self.dir, &self.host, secret, &words)?;
                self.attempts.begin_anew();
                drop((lock, state));
                return self.open_vault(secret);
            }
        };
        if state.is_some() {
            return Ok(());
        }
        let is_writable = lock.is_some() && opening::is_writable(&self.dir);
        let lock = lock.map_or_else(|| take_lock_for_reading(&self.dir), |lock| Ok(Some(lock)))?;
        let Opened { vault, read_only, migrated } = opening::open(&self.dir, &master, is_writable)?;
        let keys = zeroize::Zeroizing::new(meta::get(vault.db(), meta::DEVICE_KEYS)?.ok_or(DeviceError::Damaged)?);
        let keys = DeviceKeys::from_secret_bytes(&keys)?;
        let org = logs::org(vault.db())?.map(Arc::new);
        // What was there before is kept until the new has been unlocked once more and has synced.
        let before = if migrated || read_only.is_some() { Vec::new() } else { files::kept_before(&self.dir) };
        let mut open = Open { org, read_only, before, ..Open::new(vault, master, keys, lock) };
        // Without one everything else goes on; the next unlock makes it.
        let _ = strongroom::make_when_needed(&mut open, self.host.as_ref(), secret);
        *state = Some(open);
        // What there was no room for is tried again.
        let _ = renew::renewed(&mut state, &self.dir, self.host.as_ref());
        if state.is_none() {
            return Err(DeviceError::Damaged);
        }
        Ok(())
    }

    /// Whether whoever holds the open device knows its secret; a try like one to unlock.
    ///
    /// # Errors
    /// [`DeviceError::Locked`]; [`DeviceError::WrongSecret`] and [`DeviceError::Wait`] as for unlocking; what the disk says.
    pub fn confirm(&self, secret: &[u8]) -> Result<()> {
        let confirmed = self.confirmed(secret);
        if confirmed.is_err() && !self.has_vault() {
            self.tell(Changed { locked: true, ..Changed::default() });
        }
        confirmed
    }

    fn confirmed(&self, secret: &[u8]) -> Result<()> {
        let mut state = self.open.lock();
        if state.is_none() {
            return Err(DeviceError::Locked);
        }
        let file = fs::read(self.dir.join(KEYSLOTS))?;
        self.try_secret(&file, None, secret, &mut state).map(drop)
    }

    /// One try, counted before it is made: at the keyslots of the vault, or at `others` that the same secret opens. The second secret
    /// is as wrong here as any other.
    pub(crate) fn try_secret(&self, file: &[u8], others: Option<&[u8]>, secret: &[u8], state: &mut Option<Open>) -> Result<MasterKey> {
        let open = |tried: &[u8], share: &KeystoreShare| keyslot::open(tried, secret, share).map(Opening::Master);
        match self.try_any((file, others), secret, state, open)? {
            Opening::Master(master) => Ok(master),
            Opening::Second(_) => Err(DeviceError::Damaged),
        }
    }

    fn try_any(
        &self,
        (file, others): (&[u8], Option<&[u8]>),
        secret: &[u8],
        state: &mut Option<Open>,
        open: impl FnOnce(&[u8], &KeystoreShare) -> std::result::Result<Opening, SlotError>,
    ) -> Result<Opening> {
        let host = self.host.as_ref();
        let slots = keyslot::look(file)?;
        let tried = others.unwrap_or(file);
        let share = attempts::ask(host, &keyslot::keystore_challenge(tried)?)?;
        let begun = self.attempts.begin(&self.dir, host, &slots)?;
        match open(tried, &share) {
            Ok(opened) => {
                if let Opening::Master(master) = &opened
                    && begun.is_counted()
                    && others.is_none()
                {
                    // What does not go now goes at the next unlock; the old keyslots open as well.
                    let _ = attempts::rewrap(&self.dir, host, file, &slots, secret, master);
                }
                self.attempts.forgive(&self.dir, host, &slots, begun);
                Ok(opened)
            }
            Err(SlotError::WrongSecret) if begun.is_last() => {
                *state = None;
                // What the disk refuses of it, the next wrong try does.
                let _ = attempts::wipe(&self.dir, host);
                Err(DeviceError::WrongSecret(self.standing()))
            }
            Err(SlotError::WrongSecret) => Err(Attempts::refusal(host, begun)),
            Err(error) => Err(error.into()),
        }
    }

    /// Why nothing can be written here now, as a stable code: `vault.newer`, `vault.damaged`, `vault.migration`,
    /// `vault.read_only_disk`, `vault.full` and `vault.restored` are about this device, `org.min_version` about this app. Nothing while
    /// locked, and nothing when all is well.
    pub fn read_only(&self) -> Option<&'static str> {
        self.with(|open, host| Ok(open.read_only(host))).ok().flatten()
    }

    /// Closes the vault and drops every key.
    pub fn lock(&self) {
        let mut state = self.open.lock();
        if let Some(open) = state.as_mut() {
            self.tallies.write_down(open);
        }
        *state = None;
        drop(state);
        self.tell(Changed { locked: true, ..Changed::default() });
    }

    /// The place of the open vault, held: nobody gets at it, and none is opened, before this is dropped.
    pub(crate) fn hold(&self) -> FairMutexGuard<'_, Option<Open>> {
        self.open.lock()
    }

    /// Does something with the open vault. After a panic in it the database is as its last commit, and nothing half-done
    /// is in memory, so the next one goes on.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Open, &dyn Host) -> Result<T>) -> Result<T> {
        let mut state = self.open.lock();
        let open = state.as_mut().ok_or(DeviceError::Locked)?;
        open.shut_in_time(self.host.now_ms());
        act(open, self.host.as_ref())
    }

    /// Does what a person wants with the open vault; refused while nothing may be written.
    pub(crate) fn act<T>(&self, act: impl FnOnce(&mut Open, &dyn Host) -> Result<T>) -> Result<T> {
        self.with(|open, host| {
            open.may_act(host)?;
            act(open, host)
        })
    }

    /// The vault of the present schema was opened again and has synced: what was there before it goes.
    pub(crate) fn settled(&self) {
        let kept = self.with(|open, _| Ok(std::mem::take(&mut open.before))).unwrap_or_default();
        for file in kept {
            // What cannot be removed now is tried again after the next unlock.
            let _ = files::shred(&file);
        }
    }
}

impl Open {
    /// The same device after something was done to its closed database; nothing when that does not open any more.
    pub fn reopened<T>(self, dir: &Path, work: impl FnOnce(&MasterKey) -> Result<T>) -> (Option<Self>, Result<T>) {
        let Self { vault, master, .. } = self;
        drop(vault);
        let done = work(&master);
        match opening::open(dir, &master, true) {
            Ok(Opened { vault, read_only, .. }) => (Some(Self { vault, master, read_only, before: Vec::new(), ..self }), done),
            Err(error) => (None, done.and_then(|_| Err(error))),
        }
    }

    fn new(vault: Vault, master: MasterKey, keys: DeviceKeys, lock: Option<fs::File>) -> Self {
        Self { vault, master, keys, cases: BTreeMap::new(), org: None, read_only: None, room: None, before: Vec::new(), _lock: lock }
    }

    /// Why nothing can be written, if so.
    pub fn read_only(&self, host: &dyn Host) -> Option<&'static str> {
        self.read_only.or_else(|| self.is_restored().then_some(RESTORED)).or_else(|| self.is_outdated(host).then_some("org.min_version"))
    }

    /// Whether this device is a copy of before, put back: another one of its name has written on.
    pub fn is_restored(&self) -> bool {
        // A database that does not answer says so at the next act.
        meta::get(self.vault.db(), meta::RESTORED).is_ok_and(|known| known.is_some())
    }

    /// Whether the organisation demands a newer app than this.
    pub fn is_outdated(&self, host: &dyn Host) -> bool {
        self.org.as_ref().and_then(|org| org.min_version()).is_some_and(|demanded| demanded > host.app_version())
    }

    /// Whether the vault takes what comes from the server.
    pub fn may_sync(&self) -> Result<()> {
        if self.read_only.is_some() { Err(DeviceError::ReadOnly) } else { Ok(()) }
    }

    /// Whether a person may write.
    pub fn may_act(&self, host: &dyn Host) -> Result<()> {
        self.may_sync()?;
        if self.is_restored() {
            return Err(DeviceError::Restored);
        }
        if self.is_outdated(host) { Err(DeviceError::Outdated) } else { Ok(()) }
    }

    /// The verified organisation.
    pub fn org(&self) -> Result<Arc<OrgState>> {
        self.org.clone().ok_or(DeviceError::NoOrganisation)
    }

    /// This device belongs to no organisation any more.
    pub fn leave_org(&mut self) {
        self.org = None;
    }

    /// The verified organisation changed.
    pub fn set_org(&mut self, org: OrgState) {
        self.org = Some(Arc::new(org));
        let cases = std::mem::take(&mut self.cases);
        self.cases = cases.into_iter().map(|(id, case)| (id, self.known(case))).collect();
    }

    /// Who uses this device.
    pub fn me(&self) -> Result<Me> {
        let org = self.org()?;
        let device = org.device(&self.keys.device()).ok_or(DeviceError::NoOrganisation)?;
        let role = org.role_of(&device.member).ok_or(DeviceError::NoOrganisation)?;
        Ok(Me { org: org.org(), member: device.member, role })
    }

    /// Who acts when this device is used.
    pub fn author(&self) -> Result<Author> {
        Ok(Author { member: self.me()?.member, device: self.keys.device() })
    }

    /// Takes a case's document out of memory or disk; [`Self::put_back`] returns it.
    pub fn take_case(&mut self, id: CaseId) -> Result<Case> {
        if let Some(case) = self.cases.remove(&id) {
            return Ok(case);
        }
        let stored = documents::load(self.vault.db(), id)?.ok_or(DeviceError::UnknownCase)?;
        let mut case = self.known(Case::load(id, self.keys.actor(&id), &stored.bytes)?);
        if !stored.parked.is_empty() {
            case.restore_parked(&crate::act::parked_from(&stored.parked));
        }
        Ok(case)
    }

    /// A document in which nothing is written yet.
    ///
    /// # Errors
    /// When the library refuses, which it does not.
    pub fn found_case(&self, id: CaseId) -> Result<Case> {
        Ok(self.known(Case::found(id, self.keys.actor(&id))?))
    }

    /// A case that knows who is who in it: each device by the key with which it signs, as the organisation's log has it.
    fn known(&self, mut case: Case) -> Case {
        let id = case.id();
        if let Some(org) = &self.org {
            case.know(org.devices().map(|(device, state)| (actor_of(&state.card.sign, &id), state.member, *device)));
        }
        case
    }

    /// Keeps a document in memory for the next act.
    pub fn put_back(&mut self, case: Case) {
        if self.cases.len() >= CACHED_CASES {
            self.cases.pop_first();
        }
        self.cases.insert(case.id(), case);
    }

    /// Reads a case's document.
    pub fn read_case<T>(&mut self, id: CaseId, read: impl FnOnce(&Case, &Self) -> Result<T>) -> Result<T> {
        let case = self.take_case(id)?;
        let answer = read(&case, self);
        self.put_back(case);
        answer
    }
}

/// A PIN of six digits or more with a keystore; otherwise a passphrase that is long enough to guess at for decades.
pub(crate) fn check_strength(secret: &[u8], has_keystore: bool) -> Result<()> {
    let text = std::str::from_utf8(secret).map_err(|_| DeviceError::WeakSecret)?;
    let distinct = text.chars().collect::<std::collections::BTreeSet<_>>().len();
    let is_pin = text.chars().all(|c| c.is_ascii_digit());
    if is_pin {
        let is_strong = text.len() >= 6 && distinct >= 3 && !is_first_guess(text.as_bytes());
        return match (has_keystore, is_strong) {
            (true, true) => Ok(()),
            (true, false) => Err(DeviceError::WeakSecret),
            (false, _) => Err(DeviceError::NoKeystore),
        };
    }
    if text.chars().count() >= 20 && distinct >= 8 { Ok(()) } else { Err(DeviceError::WeakSecret) }
}

/// PINs of six digits that everybody tries first and no rule below finds.
const FIRST_GUESSES: [&[u8]; 8] = [b"123321", b"159753", b"147258", b"258369", b"147852", b"142536", b"789456", b"102030"];

/// Whether a PIN is one of those that are tried first: digits in a row, a part said again, each digit twice in a row.
fn is_first_guess(pin: &[u8]) -> bool {
    let step = |pair: &[u8]| pair.last().zip(pair.first()).map(|(next, digit)| next.wrapping_sub(*digit));
    let is_row = |digits: &[u8]| {
        let mut steps = digits.windows(2).map(step);
        steps.next().is_some_and(|first| matches!(first, Some(1 | 255)) && steps.all(|next| next == first))
    };
    let is_said_again = (1..=3).any(|len| pin.len() > len && pin.iter().zip(pin.iter().skip(len)).all(|(one, again)| one == again));
    let halves: Vec<u8> = pin.iter().step_by(2).copied().collect();
    let is_doubled = pin.chunks(2).all(|pair| step(pair) == Some(0)) && is_row(&halves);
    // The row goes on from 9 to 0, as on the keys.
    let turned: Vec<u8> = pin.iter().map(|digit| if *digit == b'0' { b'9'.saturating_add(1) } else { *digit }).collect();
    is_row(pin) || is_row(&turned) || is_said_again || is_doubled || FIRST_GUESSES.contains(&pin)
}

fn make_private_dir(dir: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    Ok(builder.create(dir)?)
}

/// The lock of a folder; nothing where the disk forbids it to be made.
fn take_lock(dir: &Path) -> Result<Option<fs::File>> {
    match fs::File::create(dir.join(LOCK)) {
        Ok(file) => held(file).map(Some),
        Err(error) if opening::forbids(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The lock of a folder that takes nothing, if one was ever made there.
fn take_lock_for_reading(dir: &Path) -> Result<Option<fs::File>> {
    fs::File::open(dir.join(LOCK)).ok().map(held).transpose()
}

fn held(file: fs::File) -> Result<fs::File> {
    file.try_lock().map_err(|error| match error {
        fs::TryLockError::WouldBlock => DeviceError::InUse,
        fs::TryLockError::Error(error) => error.into(),
    })?;
    Ok(file)
}

fn remove_unfinished(dir: &Path) -> Result<()> {
    let database = dir.join(DATABASE);
    files::remove_with_companions(&database)?;
    files::remove(&mark::file_of(&database))?;
    salt::keep_only(dir, None)
}
