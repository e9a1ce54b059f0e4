//! Whoever waits for news of an organisation is told when something was appended to it.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::log::OrgRow;

/// Most devices that wait at once; one more is answered at once, as if it had not asked to wait.
const MAX_WAITING: usize = 3072;
/// The longest that a device may ask to wait, in seconds.
pub const MAX_WAIT_S: u64 = 60;

/// One bell for each organisation of which somebody waits for news.
pub(crate) struct Bells {
    hung: Mutex<BTreeMap<OrgRow, watch::Sender<()>>>,
    places: Arc<Semaphore>,
}

impl Default for Bells {
    fn default() -> Self {
        Self { hung: Mutex::default(), places: Arc::new(Semaphore::new(MAX_WAITING)) }
    }
}

/// A request that has no answer yet and may wait for one.
pub struct Wait {
    bell: watch::Receiver<()>,
    longest: Duration,
    _place: OwnedSemaphorePermit,
}

impl fmt::Debug for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wait({:?})", self.longest)
    }
}

impl Wait {
    /// How long it may wait, counted from its beginning.
    pub const fn longest(&self) -> Duration {
        self.longest
    }

    /// Comes back when something was appended since this was made. Never, when nothing ever is.
    pub async fn news(mut self) {
        if self.bell.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Bells {
    /// Listens from now on; nothing when too many do.
    pub(crate) fn listen(&self, org: OrgRow, seconds: u64) -> Option<Wait> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        let mut hung = self.hung.lock().unwrap_or_else(PoisonError::into_inner);
        let bell = hung.entry(org).or_insert_with(|| watch::Sender::new(())).subscribe();
        Some(Wait { bell, longest: Duration::from_secs(seconds.min(MAX_WAIT_S)), _place: place })
    }

    /// Something was appended. A bell that nobody hears is taken down.
    pub(crate) fn ring(&self, org: OrgRow) {
        let mut hung = self.hung.lock().unwrap_or_else(PoisonError::into_inner);
        if hung.get(&org).is_some_and(|bell| bell.send(()).is_err()) {
            hung.remove(&org);
        }
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        MAX_WAITING.saturating_sub(self.places.available_permits())
    }
}
