//! When the courier goes: at unlock, when asked, a little after an edit; it waits with the server for news while all is well,
//! and keeps the pauses that the rules of the road order while it is not.

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
/// How long the server may wait for news.
const WAIT: Duration = Duration::from_secs(25);
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
        let (mut courier, mut after) = (None, After::Nothing);
        loop {
            let due = match &courier {
                Some(courier) if device.is_unlocked() => self.due(courier, after).await,
                _ => self.due_without_road(after).await,
            };
            if let Due::Watched(ended) = due {
                after = ended;
                continue;
            }
            let round = self.begun.fetch_add(1, Ordering::SeqCst).wrapping_add(1);
            let mut code = None;
            if self.anew.swap(false, Ordering::SeqCst) || !device.is_unlocked() {
                courier = None;
            }
            if device.is_unlocked() {
                self.under_way.store(true, Ordering::Relaxed);
                tell(Changed { sync: true, ..Changed::default() });
                (after, code) = go(&mut courier, &device, due).await;
                self.under_way.store(false, Ordering::Relaxed);
                self.awaited.store(false, Ordering::Relaxed);
                tell(Changed { sync: true, ..Changed::default() });
            }
            self.finished.send_replace(Finished { round, code });
        }
    }

    async fn due_without_road(&self, after: After) -> Due {
        tokio::select! {
            () = self.asked.notified() => Due::Asked,
            () = self.quiet() => Due::Time,
            () = sleep(if after == After::Waiting { WAITING } else { IDLE }) => Due::Time,
        }
    }

    /// While all is well, waits with the server for news, unless something is written here. After a failure the pause that
    /// the rules of the road order is kept, whatever is written meanwhile: only a person who asks goes before its end.
    async fn due(&self, courier: &Courier, after: After) -> Due {
        if after == After::Failed {
            return tokio::select! {
                () = self.asked.notified() => Due::Asked,
                () = sleep(courier.pause().max(QUIET)) => Due::Time,
            };
        }
        if after == After::Waiting {
            return self.due_without_road(after).await;
        }
        tokio::select! {
            () = self.asked.notified() => Due::Asked,
            () = self.quiet() => Due::Time,
            ended = watch(courier) => Due::Watched(ended),
        }
    }

    /// Quiet after an edit; somebody who goes on writing is not waited for longer than [`LONGEST`].
    async fn quiet(&self) {
        self.edited.notified().await;
        let until_quiet = async { while timeout(QUIET, self.edited.notified()).await.is_ok() {} };
        let _ = timeout(LONGEST, until_quiet).await;
    }
}

/// Why something is done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    /// A person asked, or the vault was opened.
    Asked,
    /// Something was written, or a pause is over.
    Time,
    /// The server was waited with.
    Watched(After),
}

/// How the last thing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    Nothing,
    Done,
    /// This device is not admitted yet.
    Waiting,
    Failed,
}

/// Waits with the server for news, and then as long as the rules of the road say.
async fn watch(courier: &Courier) -> After {
    if courier.watch(WAIT).await.is_err() {
        return After::Failed;
    }
    sleep(courier.pause()).await;
    After::Done
}

/// One round: how it ended, and the code with which it failed. What the server refused is in the sheet.
async fn go(courier: &mut Option<Courier>, device: &Arc<Device>, due: Due) -> (After, Option<String>) {
    let begun = Instant::now();
    let ended = match sync(courier, device, due).await {
        Ok(None) => return (After::Nothing, None),
        Ok(Some(waits)) => {
            device.took("sync", begun.elapsed());
            (if waits { After::Waiting } else { After::Done }, None)
        }
        Err(error) => {
            device.count(&error.code());
            (After::Failed, Some(error.code()))
        }
    };
    device.write_tally_down();
    ended
}

/// Whether this device still waits to be admitted; nothing when there is no server to go to.
async fn sync(courier: &mut Option<Courier>, device: &Arc<Device>, due: Due) -> Result<Option<bool>, DeviceError> {
    if device.server()?.is_none() {
        return Ok(None);
    }
    if courier.is_none() {
        *courier = Some(Courier::over_http(Arc::clone(device))?);
    }
    let Some(courier) = courier else { return Ok(None) };
    let report = match due {
        Due::Asked => courier.sync().await?,
        Due::Time | Due::Watched(_) => courier.round().await?,
    };
    Ok(Some(report.waiting_for_approval))
}
