//! When the courier goes: at unlock, when asked, a little after an edit, and else when the rules of the road say so.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use device::{Changed, Courier, Device, DeviceError, SyncLine, SyncState};
use tokio::{
    sync::{Notify, watch},
    time::{sleep, timeout},
};

const QUIET: Duration = Duration::from_millis(device::QUIET_MS.unsigned_abs());
const LONGEST: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_millis(device::IDLE_MS.unsigned_abs());
/// Between two questions whether this device was admitted: a person waits.
const WAITING: Duration = Duration::from_secs(15);

/// The courier's rounds, asked for from anywhere, walked by one task.
#[derive(Debug, Default)]
pub struct Rounds {
    asked: Notify,
    edited: Notify,
    /// Somebody waits for the round that is under way.
    awaited: AtomicBool,
    under_way: AtomicBool,
    /// The server, or whom to trust there, is another than before.
    anew: AtomicBool,
    begun: AtomicU64,
    finished: watch::Sender<Finished>,
}

/// A round that is over, by its number, and the code with which it failed.
#[derive(Debug, Clone, Default)]
struct Finished {
    round: u64,
    code: Option<String>,
}

impl Rounds {
    /// Go now.
    pub fn ask(&self) {
        self.asked.notify_one();
    }

    /// Begin anew with another server.
    pub fn begin_anew(&self) {
        self.anew.store(true, Ordering::SeqCst);
    }

    /// Go now, and come back when a round that begins from here on is over; gives the code with which it failed.
    pub async fn ask_and_wait(&self) -> Option<String> {
        let before = self.begun.load(Ordering::SeqCst);
        let mut finished = self.finished.subscribe();
        self.awaited.store(true, Ordering::Relaxed);
        self.ask();
        // The sender lives as long as these rounds.
        let last = finished.wait_for(|finished| finished.round > before).await.ok()?;
        last.code.clone()
    }

    /// Something was written: go when it has been quiet for a while.
    pub fn edited(&self) {
        self.edited.notify_one();
    }

    /// The line, with what only the rounds know: that something is being sent right now.
    pub fn mark(&self, mut line: SyncLine) -> SyncLine {
        let for_somebody = line.waiting > 0 || self.awaited.load(Ordering::Relaxed);
        if self.under_way.load(Ordering::Relaxed) && for_somebody {
            line.state = SyncState::Sending;
        }
        line
    }

    /// Walks for as long as the app runs.
    pub async fn walk(self: Arc<Self>, device: Arc<Device>, tell: impl Fn(Changed) + Send + Sync + 'static) {
        let (mut courier, mut pause) = (None, IDLE);
        loop {
            self.due(pause).await;
            let round = self.begun.fetch_add(1, Ordering::SeqCst).wrapping_add(1);
            let mut code = None;
            if self.anew.swap(false, Ordering::SeqCst) || !device.is_unlocked() {
                courier = None;
            }
            if device.is_unlocked() {
                self.under_way.store(true, Ordering::Relaxed);
                tell(Changed { sync: true, ..Changed::default() });
                (pause, code) = go(&mut courier, &device).await;
                self.under_way.store(false, Ordering::Relaxed);
                self.awaited.store(false, Ordering::Relaxed);
                tell(Changed { sync: true, ..Changed::default() });
            }
            self.finished.send_replace(Finished { round, code });
        }
    }

    async fn due(&self, pause: Duration) {
        tokio::select! {
            () = self.asked.notified() => {}
            () = self.quiet() => {}
            () = sleep(pause) => {}
        }
    }

    /// Quiet after an edit; somebody who goes on writing is not waited for longer than [`LONGEST`].
    async fn quiet(&self) {
        self.edited.notified().await;
        let until_quiet = async { while timeout(QUIET, self.edited.notified()).await.is_ok() {} };
        let _ = timeout(LONGEST, until_quiet).await;
    }
}

/// One round: how long to wait until the next, and the code with which it failed. What the server refused is in the sheet.
async fn go(courier: &mut Option<Courier>, device: &Arc<Device>) -> (Duration, Option<String>) {
    let begun = Instant::now();
    let ended = sync(courier, device).await;
    let ended = match ended {
        Ok(None) => return (IDLE, None),
        Ok(Some(waiting)) => {
            device.took("sync", begun.elapsed());
            Ok(waiting)
        }
        Err(error) => {
            device.count(&error.code());
            Err(error)
        }
    };
    device.write_tally_down();
    let pause = courier.as_ref().map_or(IDLE, Courier::pause).max(QUIET);
    match ended {
        Ok(true) => (WAITING, None),
        Ok(false) => (pause, None),
        Err(error) => (pause, Some(error.code())),
    }
}

/// Whether this device still waits to be admitted; nothing when there is no server to go to.
async fn sync(courier: &mut Option<Courier>, device: &Arc<Device>) -> Result<Option<bool>, DeviceError> {
    if device.server()?.is_none() {
        return Ok(None);
    }
    if courier.is_none() {
        *courier = Some(Courier::over_http(Arc::clone(device))?);
    }
    let Some(courier) = courier else { return Ok(None) };
    Ok(Some(courier.sync().await?.waiting_for_approval))
}
