//! People and their phones.

use std::{
    collections::BTreeSet,
    fmt, fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering},
    },
};

use device::{
    AppVersion, CaseId, Cost, Courier, Device, DeviceError, DeviceId, Host, ItemId, MemberId, Role, SyncReport,
    casework::{Edit, Programme},
};
use jiff::tz::TimeZone;
use server::{Config, Orgs};
use tempfile::TempDir;

use crate::paper::{PaperRoad, Site, Weather, split_mix};
use crate::process::program;

/// 2026-11-22 09:00 in Copenhagen, Unix milliseconds.
pub const MORNING_MS: i64 = 1_795_334_400_000;
/// What opens every vault here.
pub const PASSPHRASE: &[u8] = b"tolv cykler under broen ved havnen";

/// A time that passes only when a story says so, and dice that fall alike every time.
struct PaperHost {
    now: Arc<AtomicI64>,
    ahead: AtomicI64,
    dice: AtomicU64,
    version: Mutex<Option<AppVersion>>,
    /// Every 32 random bytes it gave: seeds and keys are made of these.
    secrets: Mutex<Vec<Vec<u8>>>,
}

impl Host for PaperHost {
    fn now_ms(&self) -> i64 {
        self.now.load(Ordering::Relaxed) + self.ahead.load(Ordering::Relaxed)
    }

    fn fill_random(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let next = split_mix(self.dice.fetch_add(0x9E37_79B9, Ordering::Relaxed));
            chunk.copy_from_slice(&next.to_le_bytes()[..chunk.len()]);
        }
        if out.len() == 32 {
            self.secrets.lock().unwrap_or_else(PoisonError::into_inner).push(out.to_vec());
        }
    }

    fn time_zone(&self) -> TimeZone {
        TimeZone::get("Europe/Copenhagen").unwrap_or(TimeZone::UTC)
    }

    fn cost(&self) -> Cost {
        Cost::FLOOR
    }

    fn app_version(&self) -> AppVersion {
        let own = *self.version.lock().unwrap_or_else(PoisonError::into_inner);
        own.unwrap_or_else(|| device::SystemHost::default().app_version())
    }
}

/// One server and everybody who uses it.
pub struct World {
    dir: TempDir,
    pub site: Arc<Site>,
    now: Arc<AtomicI64>,
    /// How far ahead of everybody's the server's clock is, in milliseconds.
    server_ahead: Arc<AtomicI64>,
    clock: server::Clock,
    seed: u64,
    phones: AtomicU32,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "World({})", self.seed)
    }
}

/// A phone (or desktop) in somebody's hand.
pub struct Phone {
    pub name: String,
    pub device: Arc<Device>,
    pub road: Arc<PaperRoad>,
    courier: Courier,
    host: Arc<PaperHost>,
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.name)
    }
}

impl World {
    /// A new server and no people yet.
    pub fn new(seed: u64) -> Self {
        Self::at(quick_folder(), Arc::new(AtomicI64::new(MORNING_MS)), seed, AtomicU32::new(0))
    }

    /// A server on a copy of a store that was kept, at this time (Unix milliseconds), and no people yet.
    pub fn kept(store: &Path, now_ms: i64, seed: u64) -> Self {
        let dir = quick_folder();
        fs::create_dir_all(dir.path().join("server")).expect("a folder");
        fs::copy(store, dir.path().join("server/log.db")).expect("copied");
        Self::at(dir, Arc::new(AtomicI64::new(now_ms)), seed, AtomicU32::new(0))
    }

    fn at(dir: TempDir, now: Arc<AtomicI64>, seed: u64, phones: AtomicU32) -> Self {
        let (server_ahead, clock) = (Arc::new(AtomicI64::new(0)), Arc::clone(&now));
        let ahead = Arc::clone(&server_ahead);
        let clock: server::Clock = Arc::new(move || clock.load(Ordering::Relaxed) + ahead.load(Ordering::Relaxed));
        let config = Config { file: dir.path().join("server/log.db"), orgs: Orgs::First, clock: Arc::clone(&clock) };
        Self { dir, site: Arc::new(Site::new(config)), now, server_ahead, clock, seed, phones }
    }

    /// The file of the server's store.
    pub fn store(&self) -> PathBuf {
        self.server_dir().join("log.db")
    }

    /// Backs the server's store up while it runs.
    pub fn back_up(&self, name: &str) -> PathBuf {
        let to = self.dir.path().join(name);
        server::backup::take(&self.store(), &to, (self.clock)()).expect("a backup is taken");
        to
    }

    /// A second server on a copy of the store, which takes itself for the first.
    pub fn second_site(&self, name: &str) -> Arc<Site> {
        let file = self.dir.path().join(name).join("log.db");
        self.site.between(|| copy_folder(&self.server_dir(), &self.dir.path().join(name)));
        Arc::new(Site::new(Config { file, orgs: Orgs::First, clock: Arc::clone(&self.clock) }))
    }

    /// Sets the server's clock ahead (or, negative, behind) of everybody's.
    pub fn server_clock_ahead(&self, ms: i64) {
        self.server_ahead.store(ms, Ordering::Relaxed);
    }

    /// Recomputes everything that the server's logs say.
    pub fn verify_log(&self) {
        let mut command = std::process::Command::new(program("brobygger-server"));
        let found = command.args(["verify-log", "--db"]).arg(format!("sqlite:{}", self.store().display())).output().expect("runs");
        assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stdout));
    }

    /// How many requests wait for news at the server.
    pub fn waiting(&self) -> usize {
        self.site.server().waiting()
    }

    /// Stops the server, puts a backup in the place of its store, and starts it again.
    pub fn restore(&self, backup: &Path) {
        let allowed = server::backup::Allowed { replace: true, even_if_old: true };
        let put_back = || drop(server::backup::put_back(backup, &self.store(), allowed, (self.clock)()).expect("the backup is put back"));
        self.site.between(put_back);
    }

    /// The folder of the server.
    pub fn server_dir(&self) -> PathBuf {
        self.dir.path().join("server")
    }

    /// Lets time pass for everybody.
    pub fn pass(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::Relaxed);
    }

    /// A phone just out of its box.
    pub fn phone(&self, name: &str) -> Phone {
        let phone = self.empty_phone(name);
        phone.device.create_vault(PASSPHRASE).expect("a vault is made");
        phone
    }

    /// The same vault a second time, as when a folder is restored from a backup.
    pub fn copy_of(&self, phone: &Phone) -> Phone {
        let copy = self.empty_phone(&phone.name);
        phone.device.lock();
        fs::create_dir_all(copy.device.dir()).expect("a folder");
        for entry in fs::read_dir(phone.device.dir()).expect("a folder").flatten() {
            fs::copy(entry.path(), copy.device.dir().join(entry.file_name())).expect("copied");
        }
        phone.device.unlock(PASSPHRASE).expect("unlocks again");
        copy.device.unlock(PASSPHRASE).expect("the copy unlocks");
        copy
    }

    /// This world once more, with the same phones as they stand, in folders of its own. The phones given are locked.
    pub fn twin(&self, phones: &[Phone]) -> (Self, Vec<Phone>) {
        phones.iter().for_each(|phone| phone.device.lock());
        let dir = quick_folder();
        copy_folder(self.dir.path(), dir.path());
        let clock = AtomicI64::new(self.now.load(Ordering::Relaxed));
        let phones_made = AtomicU32::new(self.phones.load(Ordering::Relaxed));
        let twin = Self::at(dir, Arc::new(clock), self.seed, phones_made);
        let again = |phone: &Phone| {
            let name = phone.device.dir().file_name().expect("a folder of its own").to_owned();
            let dice = phone.host.dice.load(Ordering::Relaxed);
            let same = twin.phone_in(&phone.name, twin.dir.path().join(name), dice);
            same.device.unlock(PASSPHRASE).expect("the twin unlocks");
            same
        };
        let again = phones.iter().map(again).collect();
        (twin, again)
    }

    fn empty_phone(&self, name: &str) -> Phone {
        let number = self.phones.load(Ordering::Relaxed);
        self.phone_at(name, &self.dir.path().join(format!("phone-{number}")))
    }

    /// A phone whose folder is this one, still locked, whatever lies in it.
    pub fn phone_at(&self, name: &str, dir: &Path) -> Phone {
        let number = self.phones.fetch_add(1, Ordering::Relaxed);
        let seed = split_mix(self.seed ^ (u64::from(number) << 32));
        self.phone_in(name, dir.to_owned(), seed)
    }

    fn phone_in(&self, name: &str, dir: PathBuf, seed: u64) -> Phone {
        let host = Arc::new(PaperHost {
            now: Arc::clone(&self.now),
            ahead: AtomicI64::new(0),
            dice: AtomicU64::new(seed),
            version: Mutex::default(),
            secrets: Mutex::default(),
        });
        let device = Arc::new(Device::new(dir, Arc::clone(&host) as Arc<dyn Host>));
        let road = Arc::new(PaperRoad::new(Arc::clone(&self.site)));
        let courier = Courier::new(Arc::clone(&device), Arc::clone(&road) as Arc<dyn device::Road>);
        Phone { name: name.to_owned(), device, road, courier, host }
    }

    /// A coordinator who founds the organisation.
    pub fn founder(&self, name: &str) -> Phone {
        let phone = self.phone(name);
        phone.device.found_organisation("http://127.0.0.1:8787", Vec::new(), "Broen", name, "bordet").expect("founded");
        phone.sync();
        phone
    }

    /// Somebody invited, compared and approved by a sponsor.
    pub fn enrol(&self, sponsor: &Phone, name: &str, role: Role) -> Phone {
        self.enrol_on(sponsor, self.phone(name), role)
    }

    /// The same on a phone that has a vault and nothing in it yet.
    pub fn enrol_on(&self, sponsor: &Phone, phone: Phone, role: Role) -> Phone {
        let invited = sponsor.device.invite(&phone.name, role).expect("invited");
        sponsor.sync();
        let request = phone.device.join(&invited.invitation).expect("joined");
        assert!(phone.sync().waiting_for_approval);
        sponsor.block_on(sponsor.courier.approve(&request, "telefon", PASSPHRASE)).expect("approved");
        sponsor.sync();
        phone.sync();
        phone
    }

    /// Hanne, who coordinates, Åse and Emil, who are mentors, and a case that all three have.
    pub fn team(&self) -> (Vec<Phone>, CaseId) {
        let hanne = self.founder("Hanne");
        let aase = self.enrol(&hanne, "Åse", Role::Mentor);
        let emil = self.enrol(&hanne, "Emil", Role::Mentor);
        let case = aase.device.new_case("Falken", Programme::National, None).expect("a case");
        aase.sync();
        hanne.sync();
        hanne.device.assign(case, emil.member(), None).expect("assigned");
        hanne.sync();
        emil.sync();
        (vec![hanne, aase, emil], case)
    }
}

/// A folder in memory where this machine has one: nothing here outlives the process, so no disk has to keep it.
pub fn quick_folder() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).expect("a temporary folder")
}

/// Copies everything below a folder.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() { copy_folder(&entry.path(), &target) } else { fs::copy(entry.path(), target).map(drop).expect("copied") }
    }
}

impl Phone {
    /// Runs to the end what waits for the road.
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
    }

    /// Syncs, whatever comes of it.
    ///
    /// # Errors
    /// What the courier says.
    pub fn try_sync(&self) -> Result<SyncReport, DeviceError> {
        self.block_on(self.courier.sync())
    }

    /// Syncs in weather in which that must succeed.
    pub fn sync(&self) -> SyncReport {
        self.try_sync().unwrap_or_else(|error| panic!("{} syncs: {error}", self.name))
    }

    /// Changes the weather around this phone.
    pub fn weather(&self, weather: Weather) -> &Self {
        self.road.set(weather);
        self
    }

    /// Sets this phone's clock ahead (or, negative, behind) of everybody's.
    pub fn clock_ahead(&self, ms: i64) -> &Self {
        self.host.ahead.store(ms, Ordering::Relaxed);
        self
    }

    /// Puts another version of the app on this phone.
    pub fn app_version(&self, text: &str) -> &Self {
        let version = text.parse().expect("a version");
        *self.host.version.lock().unwrap_or_else(PoisonError::into_inner) = Some(version);
        self
    }

    /// Locks and unlocks, as after a restart.
    pub fn restart(&self) {
        self.device.lock();
        self.try_unlock().expect("unlocks again");
    }

    /// Unlocks with the passphrase that everybody here has.
    ///
    /// # Errors
    /// What the device says.
    pub fn try_unlock(&self) -> Result<(), DeviceError> {
        self.device.unlock(PASSPHRASE)
    }

    /// Writes a note.
    pub fn note(&self, case: CaseId, text: &str) -> ItemId {
        let (id, at_ms) = (self.device.new_item(), self.device.host().now_ms());
        self.device.edit(case, Edit::AddNote { id, text: text.to_owned(), at_ms }).expect("a note");
        id
    }

    /// What all notes of a case say here.
    pub fn texts(&self, case: CaseId) -> BTreeSet<String> {
        self.device.case_show(case).expect("the case is here").notes.values().map(|note| note.text.clone()).collect()
    }

    /// Every 32 random bytes that this device got: what its seeds and keys are made of.
    pub fn secrets(&self) -> Vec<Vec<u8>> {
        self.host.secrets.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// This device's id.
    pub fn id(&self) -> DeviceId {
        self.device.devices().expect("devices").into_iter().find(|row| row.this).expect("this one").id
    }

    /// The person's id.
    pub fn member(&self) -> MemberId {
        self.device.me().expect("admitted").member
    }

    /// The courier, for what only it can do.
    pub const fn courier(&self) -> &Courier {
        &self.courier
    }
}
