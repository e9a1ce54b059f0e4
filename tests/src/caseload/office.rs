//! Real devices for measuring: a vault on disk, the real road over HTTP, and a clock that can be held.

use std::{
    fmt, fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use device::{Cost, Courier, Cut, Device, DeviceError, Host, HttpRoad, Road, RoadAnswer, RoadRequest, Role, SyncReport, SystemHost};
use futures_util::future::BoxFuture;
use jiff::tz::TimeZone;

const PASSPHRASE: &[u8] = b"tolv cykler under broen ved havnen";

/// This machine, with a clock that can be held at the time of an act.
struct HeldHost {
    system: SystemHost,
    held_ms: AtomicI64,
    cost: Cost,
}

impl Host for HeldHost {
    fn now_ms(&self) -> i64 {
        match self.held_ms.load(Ordering::Relaxed) {
            0 => self.system.now_ms(),
            held => held,
        }
    }

    fn fill_random(&self, out: &mut [u8]) {
        self.system.fill_random(out);
    }

    fn time_zone(&self) -> TimeZone {
        TimeZone::get("Europe/Copenhagen").unwrap_or(TimeZone::UTC)
    }

    fn cost(&self) -> Cost {
        self.cost
    }
}

/// The real road, by way of a proxy: what is signed and said is what would go to the server itself.
pub struct Detour {
    road: HttpRoad,
    /// Like `http://127.0.0.1:19001`; none goes straight to the server.
    by_way_of: Option<String>,
    trips: AtomicU64,
}

impl fmt::Debug for Detour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Detour")
    }
}

impl Detour {
    /// A road through `by_way_of`, with a connection of its own.
    pub fn new(by_way_of: Option<&str>) -> Self {
        let road = HttpRoad::new(&[]).expect("no certificate is bad");
        Self { road, by_way_of: by_way_of.map(str::to_owned), trips: AtomicU64::new(0) }
    }

    /// Requests so far.
    pub fn trips(&self) -> u64 {
        self.trips.load(Ordering::Relaxed)
    }
}

impl Road for Detour {
    fn go(&self, mut request: RoadRequest) -> BoxFuture<'_, Result<RoadAnswer, Cut>> {
        self.trips.fetch_add(1, Ordering::Relaxed);
        if let Some(way) = &self.by_way_of {
            let (_, rest) = request.url.split_once("://").expect("an absolute address");
            let (host, path) = rest.split_once('/').expect("a path");
            request.headers.push(("host", host.to_owned()));
            request.url = format!("{way}/{path}");
        }
        self.road.go(request)
    }
}

/// A device that is measured, and its courier.
pub struct Desk {
    pub device: Arc<Device>,
    pub courier: Courier,
    pub road: Arc<Detour>,
    host: Arc<HeldHost>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk")
    }
}

impl Desk {
    fn at(dir: &Path, by_way_of: Option<&str>, cost: Cost) -> Self {
        let host = Arc::new(HeldHost { system: SystemHost::default(), held_ms: AtomicI64::new(0), cost });
        let device = Arc::new(Device::new(dir, Arc::clone(&host) as Arc<dyn Host>));
        let road = Arc::new(Detour::new(by_way_of));
        let courier = Courier::new(Arc::clone(&device), Arc::clone(&road) as Arc<dyn Road>);
        Self { device, courier, road, host }
    }

    /// A device just out of its box; there was none in this folder.
    pub fn unpack(dir: &Path, by_way_of: Option<&str>, cost: Cost) -> Self {
        let _ = fs::remove_dir_all(dir);
        let desk = Self::at(dir, by_way_of, cost);
        desk.device.create_vault(PASSPHRASE).expect("a vault is made");
        desk
    }

    /// The device in this folder, unlocked.
    pub fn unlock(dir: &Path, by_way_of: Option<&str>) -> Self {
        let desk = Self::at(dir, by_way_of, Cost::FLOOR);
        desk.device.unlock(PASSPHRASE).expect("the vault opens");
        desk
    }

    /// Does something at a time of its own.
    pub fn hold<T>(&self, at_ms: i64, act: impl FnOnce(&Device) -> T) -> T {
        self.host.held_ms.store(at_ms, Ordering::Relaxed);
        let done = act(&self.device);
        self.host.held_ms.store(0, Ordering::Relaxed);
        done
    }

    /// Syncs on a line that holds.
    pub async fn sync(&self) -> SyncReport {
        self.courier.sync().await.unwrap_or_else(|error| panic!("a sync on a good line: {error}"))
    }

    /// Founds the organisation there.
    pub async fn found(&self, server: &str) {
        self.device.found_organisation(server, Vec::new(), "Broen", "Hanne", "bordet").expect("founded");
        self.sync().await;
    }

    /// Lets another device in, which is then in step with the organisation's log.
    ///
    /// # Errors
    /// What either device says.
    pub async fn admit(&self, other: &Self, person: &str, role: Role) -> Result<(), DeviceError> {
        self.let_in(other, person, role).await?;
        other.sync().await;
        Ok(())
    }

    /// Lets another device in, which has asked and heard nothing yet.
    ///
    /// # Errors
    /// What either device says.
    pub async fn let_in(&self, other: &Self, person: &str, role: Role) -> Result<(), DeviceError> {
        let invited = self.device.invite(person, role)?;
        self.sync().await;
        let request = other.device.join(&invited.invitation)?;
        other.sync().await;
        self.courier.approve(&request, "telefon", PASSPHRASE).await?;
        self.sync().await;
        Ok(())
    }
}
