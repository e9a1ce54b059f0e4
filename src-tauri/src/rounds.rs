//! When the courier goes: at unlock, when asked, a little after an edit, and else when the rules of the road say so.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use device::{Changed, Courier, Device, SyncLine, SyncState};
use tokio::{
    sync::{Notify, watch},
    time::{sleep, timeout},
};

const QUIET: Duration = Duration::from_millis(device::QUIET_MS.unsigned_abs());
const LONGEST: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_millis(device::IDLE_MS.unsigned_abs());

/// The courier's rounds, asked for from anywhere, walked by one task.
#[derive(Debug, Default)]
pub struct Rounds {
    asked: Notify,
    edited: Notify,
    /// Somebody waits for the round that is under way.
    awaited: AtomicBool,
    under_way: AtomicBool,
    finished: watch::Sender<u64>,
}

impl Rounds {
    /// Go now.
    pub fn ask(&self) {
        self.asked.notify_one();
    }

    /// Go now, and come back when the round is over, however it ended.
    pub async fn ask_and_wait(&self) {
        let mut finished = self.finished.subscribe();
        self.awaited.store(true, Ordering::Relaxed);
        self.ask();
        // The sender lives as long as these rounds.
        let _ = finished.changed().await;
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
            if device.is_unlocked() {
                self.under_way.store(true, Ordering::Relaxed);
                tell(Changed { sync: true, ..Changed::default() });
                pause = go(&mut courier, &device).await;
                self.under_way.store(false, Ordering::Relaxed);
                self.awaited.store(false, Ordering::Relaxed);
                tell(Changed { sync: true, ..Changed::default() });
            } else {
                courier = None;
            }
            self.finished.send_modify(|rounds| *rounds = rounds.wrapping_add(1));
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

/// One round, and how long to wait until the next. Being offline is no error; what the server refused is in the sheet.
async fn go(courier: &mut Option<Courier>, device: &Arc<Device>) -> Duration {
    if courier.is_none() {
        *courier = Courier::over_http(Arc::clone(device)).ok();
    }
    let Some(courier) = courier else { return IDLE };
    let _ = courier.sync().await;
    courier.pause().max(QUIET)
}
