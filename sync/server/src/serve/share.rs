//! What is shared out among all who ask: so much in all, and no more than a part of it to one address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::{limits::network, routes::RequestError};

/// How long a request waits for its turn, or for room.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);

/// Waits for so many permits, but not for long.
pub(super) async fn permit(semaphore: &Arc<Semaphore>, many: u32) -> Result<OwnedSemaphorePermit, RequestError> {
    let permit = timeout(TURN_TIMEOUT, Arc::clone(semaphore).acquire_many_owned(many)).await;
    permit.map_err(|_| RequestError::Busy)?.map_err(|_| RequestError::Busy)
}

/// What there is to share.
#[derive(Debug)]
pub(super) struct Shares {
    all: Arc<Semaphore>,
    each: usize,
    /// Of those addresses that hold something.
    own: Mutex<HashMap<IpAddr, Weak<Semaphore>>>,
}

/// A share; given back when dropped.
#[derive(Debug, Default)]
pub(super) struct Share {
    of_all: Option<OwnedSemaphorePermit>,
    of_own: Option<OwnedSemaphorePermit>,
}

impl Shares {
    /// So much in all, and of it so much to one address.
    pub(super) fn new(all: usize, each: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), each, own: Mutex::default() }
    }

    /// Takes so much for an address; one that nobody names has no bound of its own.
    pub(super) async fn take(&self, address: Option<IpAddr>, many: u32) -> Result<Share, RequestError> {
        let of_own = match address {
            Some(address) => Some(permit(&self.of(address), many).await?),
            None => None,
        };
        Ok(Share { of_all: Some(permit(&self.all, many).await?), of_own })
    }

    fn of(&self, address: IpAddr) -> Arc<Semaphore> {
        let address = network(address);
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = own.get(&address).and_then(Weak::upgrade) {
            return known;
        }
        own.retain(|_, held| held.strong_count() > 0);
        let fresh = Arc::new(Semaphore::new(self.each));
        own.insert(address, Arc::downgrade(&fresh));
        fresh
    }

    #[cfg(test)]
    pub(super) fn free(&self) -> usize {
        self.all.available_permits()
    }
}

impl Share {
    /// How much it is.
    pub(super) fn size(&self) -> usize {
        self.of_all.as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
    }

    /// Adds another share of the same address.
    pub(super) fn add(&mut self, more: Self) {
        join(&mut self.of_all, more.of_all);
        join(&mut self.of_own, more.of_own);
    }
}

fn join(here: &mut Option<OwnedSemaphorePermit>, more: Option<OwnedSemaphorePermit>) {
    match (here.as_mut(), more) {
        (Some(here), Some(more)) => here.merge(more),
        (None, more) => *here = more,
        (Some(_), None) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn one_address_has_its_share_and_leaves_the_rest_to_the_others() {
        let (one, other) = (Some(IpAddr::V4(Ipv4Addr::from_bits(1))), Some(IpAddr::V4(Ipv4Addr::from_bits(2))));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let shares = Shares::new(10, 4);
            let mut held = shares.take(one, 3).await.unwrap();
            held.add(shares.take(one, 1).await.unwrap());
            assert_eq!((held.size(), shares.free()), (4, 6));
            assert!(shares.take(one, 1).now_or_never().is_none(), "its share is used up");
            let others = shares.take(other, 4).await.unwrap();
            assert!(shares.take(None, 2).now_or_never().is_some_and(|taken| taken.is_ok()));
            drop(held);
            let again = shares.take(one, 4).now_or_never().unwrap().unwrap();
            assert_eq!(shares.free(), 2);
            drop((again, others));
            assert_eq!(shares.free(), 10);
        });
    }
}
