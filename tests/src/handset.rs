//! Phones on real sockets: a device of its own in this process, a courier over HTTP, and the machine's clock, right or wrong.

use std::{
    fmt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use device::{Cost, Courier, Device, DeviceError, Host, HttpRoad, MemberId, Patience, Role, SyncReport, SystemHost};
use jiff::tz::TimeZone;
use tokio::runtime::Runtime;

const PASSPHRASE: &[u8] = b"tolv cykler under broen ved havnen";

/// This machine with a clock that a story may set wrong.
struct WallHost {
    machine: SystemHost,
    ahead: AtomicI64,
}

impl Host for WallHost {
    fn now_ms(&self) -> i64 {
        self.machine.now_ms() + self.ahead.load(Ordering::Relaxed)
    }

    fn fill_random(&self, out: &mut [u8]) {
        self.machine.fill_random(out);
    }

    fn time_zone(&self) -> TimeZone {
        TimeZone::get("Europe/Copenhagen").unwrap_or(TimeZone::UTC)
    }

    fn cost(&self) -> Cost {
        Cost::FLOOR
    }
}

/// A phone that speaks to a real server.
pub struct Handset {
    pub name: String,
    pub device: Arc<Device>,
    courier: Courier,
    host: Arc<WallHost>,
    runtime: Runtime,
    certificates: Vec<Vec<u8>>,
    patience: Patience,
}

impl fmt::Debug for Handset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handset({})", self.name)
    }
}

impl Handset {
    /// A phone just out of its box, its vault below a folder; it trusts these certificates (DER).
    pub fn new(dir: &Path, name: &str, certificates: &[Vec<u8>], patience: Patience) -> Self {
        let machine = SystemHost::with_cost(Cost::FLOOR);
        let host = Arc::new(WallHost { machine, ahead: AtomicI64::new(0) });
        let device = Arc::new(Device::new(dir.join(name), Arc::clone(&host) as Arc<dyn Host>));
        device.create_vault(PASSPHRASE).expect("a vault is made");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let courier = courier(&device, certificates, patience);
        Self { name: name.to_owned(), device, courier, host, runtime, certificates: certificates.to_vec(), patience }
    }

    /// Locks, unlocks and starts anew, with no connection left from before.
    pub fn restart(&mut self) {
        self.device.lock();
        self.device.unlock(PASSPHRASE).expect("unlocks again");
        self.courier = courier(&self.device, &self.certificates, self.patience);
    }

    /// Somebody invited, compared and approved by this coordinator.
    pub fn enrols(&self, phone: &Self, role: Role) {
        let invited = self.device.invite(&phone.name, role).expect("invited");
        self.sync();
        let request = phone.device.join(&invited.invitation).expect("joined");
        assert!(phone.sync().waiting_for_approval);
        self.runtime.block_on(self.courier.approve(&request, "telefon", PASSPHRASE)).expect("approved");
        self.sync();
        phone.sync();
    }

    /// Syncs, whatever comes of it.
    ///
    /// # Errors
    /// What the courier says.
    pub fn try_sync(&self) -> Result<SyncReport, DeviceError> {
        self.runtime.block_on(self.courier.sync())
    }

    /// Syncs where that must succeed.
    pub fn sync(&self) -> SyncReport {
        self.try_sync().unwrap_or_else(|error| panic!("{} syncs: {error}", self.name))
    }

    /// Syncs again and again, as a phone does in bad weather; gives how often. Real pauses are left out.
    pub fn sync_until_through(&self, most: usize) -> usize {
        for attempt in 1..=most {
            match self.try_sync() {
                Ok(report) if report.pending == 0 => return attempt,
                Ok(_) | Err(DeviceError::Offline) => std::thread::sleep(Duration::from_millis(5)),
                Err(error) => panic!("{} syncs: {error}", self.name),
            }
        }
        panic!("{} came through in none of {most} tries", self.name)
    }

    /// Sets this phone's clock ahead (or, negative, behind).
    pub fn clock_ahead(&self, ms: i64) -> &Self {
        self.host.ahead.store(ms, Ordering::Relaxed);
        self
    }

    /// The person's id.
    pub fn member(&self) -> MemberId {
        self.device.me().expect("admitted").member
    }
}

fn courier(device: &Arc<Device>, certificates: &[Vec<u8>], patience: Patience) -> Courier {
    let road = HttpRoad::with_patience(certificates, patience).expect("a road");
    Courier::new(Arc::clone(device), Arc::new(road))
}
