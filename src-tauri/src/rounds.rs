//! When the courier goes: at unlock, when asked, a little after an edit; it waits with the server for news while all is well,
//! and keeps the pauses that the rules of the road order while it is not.

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
/// How long the server may wait for news.
const WAIT: Duration = Duration::from_secs(25);

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
        let (mut courier, mut after) = (None, After::Nothing);
        loop {
            let due = match &courier {
                Some(courier) if device.is_unlocked() => self.due(courier, after).await,
                _ => self.due_without_road().await,
            };
            match due {
                Due::Watched(ended) => after = ended,
                due if device.is_unlocked() => {
                    self.under_way.store(true, Ordering::Relaxed);
                    tell(Changed { sync: true, ..Changed::default() });
                    after = go(&mut courier, &device, due).await;
                    self.under_way.store(false, Ordering::Relaxed);
                    self.awaited.store(false, Ordering::Relaxed);
                    tell(Changed { sync: true, ..Changed::default() });
                    self.finished.send_modify(|rounds| *rounds = rounds.wrapping_add(1));
                }
                _ => {
                    courier = None;
                    self.finished.send_modify(|rounds| *rounds = rounds.wrapping_add(1));
                }
            }
        }
    }

    async fn due_without_road(&self) -> Due {
        tokio::select! {
            () = self.asked.notified() => Due::Asked,
            () = self.quiet() => Due::Time,
            () = sleep(IDLE) => Due::Time,
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
    Failed,
}

impl After {
    fn of(ended: &device::Result<device::SyncReport>) -> Self {
        if ended.is_ok() { Self::Done } else { Self::Failed }
    }
}

/// Waits with the server for news, and then as long as the rules of the road say.
async fn watch(courier: &Courier) -> After {
    let ended = courier.watch(WAIT).await;
    if ended.is_ok() {
        sleep(courier.pause()).await;
    }
    After::of(&ended)
}

/// One round. Being offline is no error; what the server refused is in the sheet.
async fn go(courier: &mut Option<Courier>, device: &Arc<Device>, due: Due) -> After {
    if courier.is_none() {
        *courier = Courier::over_http(Arc::clone(device)).ok();
    }
    let Some(courier) = courier else { return After::Nothing };
    After::of(&match due {
        Due::Asked => courier.sync().await,
        Due::Time | Due::Watched(_) => courier.round().await,
    })
}
