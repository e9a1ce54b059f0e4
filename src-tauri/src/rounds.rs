//! When the courier goes: at unlock, when asked, a little after an edit, and every minute while the vault is open.

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
        let mut courier = None;
        loop {
            self.due().await;
            if device.is_unlocked() {
                self.under_way.store(true, Ordering::Relaxed);
                tell(Changed { sync: true, ..Changed::default() });
                go(&mut courier, &device).await;
                self.under_way.store(false, Ordering::Relaxed);
                self.awaited.store(false, Ordering::Relaxed);
                tell(Changed { sync: true, ..Changed::default() });
            } else {
                courier = None;
            }
            self.finished.send_modify(|rounds| *rounds = rounds.wrapping_add(1));
        }
    }

    async fn due(&self) {
        tokio::select! {
            () = self.asked.notified() => {}
            () = self.quiet() => {}
            () = sleep(IDLE) => {}
        }
    }

    async fn quiet(&self) {
        self.edited.notified().await;
        while timeout(QUIET, self.edited.notified()).await.is_ok() {}
    }
}

/// One round. Being offline is no error, and what the server refused is in the sheet.
async fn go(courier: &mut Option<Courier>, device: &Arc<Device>) {
    if courier.is_none() {
        *courier = Courier::over_http(Arc::clone(device)).ok();
    }
    if let Some(courier) = courier {
        let _ = courier.sync().await;
    }
}
