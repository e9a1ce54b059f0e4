//! How much one device, one address and one organisation may ask of the server.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::Instant,
};

use wire::id::DeviceId;

/// Most keys a set of buckets holds; whoever does not fit shares one bucket with all others who do not.
const MAX_KEYS: usize = 16 * 1024;
const SECOND_US: u64 = 1_000_000;

/// How fast requests may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// In the long run, at least 1.
    pub per_second: u32,
    /// At once, after a quiet time; at least 1.
    pub burst: u32,
}

/// How much an organisation may keep here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Bytes of envelopes, entries and wraps. Entries of logs may go one tenth beyond, so that membership can always change.
    pub bytes: u64,
    pub envelopes: u64,
}

impl Default for Quota {
    fn default() -> Self {
        Self { bytes: 10 * 1024 * 1024 * 1024, envelopes: 5_000_000 }
    }
}

/// Token buckets by key, each kept as the time at which it will be full again (GCRA), in microseconds.
#[derive(Debug)]
struct Buckets<K> {
    pace: Pace,
    full_at: HashMap<K, u64>,
    crowd: u64,
}

impl<K: Hash + Eq> Buckets<K> {
    fn new(pace: Pace) -> Self {
        Self { pace, full_at: HashMap::new(), crowd: 0 }
    }

    /// Takes one token, or tells how many seconds to wait for one.
    fn take(&mut self, key: K, now_us: u64) -> Result<(), u32> {
        if self.full_at.len() >= MAX_KEYS && !self.full_at.contains_key(&key) {
            self.full_at.retain(|_, full_at| *full_at > now_us);
        }
        let full = self.full_at.len() >= MAX_KEYS;
        let full_at = match self.full_at.get_mut(&key) {
            Some(full_at) => full_at,
            None if full => &mut self.crowd,
            None => self.full_at.entry(key).or_insert(0),
        };
        let one = SECOND_US.checked_div(u64::from(self.pace.per_second)).unwrap_or(SECOND_US);
        let after = (*full_at).max(now_us).saturating_add(one);
        let over = after.saturating_sub(now_us).saturating_sub(one.saturating_mul(u64::from(self.pace.burst.max(1))));
        if over > 0 {
            return Err(u32::try_from(over.div_ceil(SECOND_US)).unwrap_or(u32::MAX));
        }
        *full_at = after;
        Ok(())
    }
}

/// The gate in front of everything that costs: by address, then by device at that address. What somebody claims before it
/// is proven counts only against the address it comes from, so nobody can use up another's tokens from elsewhere.
#[derive(Debug)]
pub struct Gate {
    begun: Instant,
    addresses: Mutex<Buckets<IpAddr>>,
    devices: Mutex<Buckets<(Option<IpAddr>, DeviceId)>>,
}

impl Gate {
    /// A gate with every bucket full.
    pub fn new(device: Pace, address: Pace) -> Self {
        Self { begun: Instant::now(), addresses: Mutex::new(Buckets::new(address)), devices: Mutex::new(Buckets::new(device)) }
    }

    /// Lets a request in.
    ///
    /// # Errors
    /// How many seconds to wait before the next one.
    pub fn pass(&self, address: Option<IpAddr>, device: Option<DeviceId>) -> Result<(), u32> {
        self.pass_at(address, device, u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    fn pass_at(&self, address: Option<IpAddr>, device: Option<DeviceId>, now_us: u64) -> Result<(), u32> {
        let address = address.map(network);
        if let Some(address) = address {
            self.addresses.lock().unwrap_or_else(PoisonError::into_inner).take(address, now_us)?;
        }
        match device {
            Some(device) => self.devices.lock().unwrap_or_else(PoisonError::into_inner).take((address, device), now_us),
            None => Ok(()),
        }
    }
}

/// One household has one IPv4 address, or 2^64 addresses of IPv6.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const PACE: Pace = Pace { per_second: 2, burst: 4 };

    fn address(n: u32) -> Option<IpAddr> {
        Some(IpAddr::V4(Ipv4Addr::from_bits(n)))
    }

    fn device(n: u8) -> Option<DeviceId> {
        Some(DeviceId::from_bytes([n; 16]))
    }

    #[test]
    fn a_burst_passes_and_then_the_pace_holds() {
        let mut buckets = Buckets::new(PACE);
        let passed = |buckets: &mut Buckets<u8>, now| (0..10).filter(|_| buckets.take(1, now).is_ok()).count();
        assert_eq!(passed(&mut buckets, 0), 4);
        assert_eq!(buckets.take(1, 0), Err(1));
        assert_eq!(passed(&mut buckets, SECOND_US), 2);
        assert_eq!(passed(&mut buckets, 60 * SECOND_US), 4);
        let slow = Pace { per_second: 1, burst: 1 };
        let mut buckets = Buckets::new(slow);
        assert_eq!((buckets.take(1, 0), buckets.take(1, SECOND_US / 2), buckets.take(1, SECOND_US)), (Ok(()), Err(1), Ok(())));
    }

    #[test]
    fn a_flood_from_one_device_stops_nobody_else() {
        let gate = Gate::new(PACE, Pace { per_second: 100, burst: 1000 });
        let many = |who, from| (0..50).filter(|_| gate.pass_at(from, who, 0).is_ok()).count();
        assert_eq!(many(device(1), address(1)), 4);
        assert_eq!(many(device(2), address(1)), 4);
        // Who claims to be the first device from elsewhere takes nothing away from it there.
        assert_eq!(many(device(1), address(2)), 4);
        assert_eq!(many(None, address(2)), 50);
    }

    #[test]
    fn one_network_is_one_address() {
        let gate = Gate::new(PACE, PACE);
        let v6 = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        let passed = (0..50).filter(|n| gate.pass_at(v6(&format!("2001:db8:1:2::{n:x}")), None, 0).is_ok()).count();
        assert_eq!(passed, 4);
        assert!(gate.pass_at(v6("2001:db8:1:3::1"), None, 0).is_ok());
        let mapped = (0..50).filter(|_| gate.pass_at(v6("::ffff:192.0.2.1"), None, 0).is_ok()).count();
        assert_eq!((mapped, gate.pass_at(v6("192.0.2.1"), None, 0)), (4, Err(1)));
    }

    #[test]
    fn the_buckets_are_bounded_and_strangers_share_one() {
        let mut buckets = Buckets::new(PACE);
        for key in 0..MAX_KEYS {
            assert!(buckets.take(key, 0).is_ok());
        }
        let crowd = (MAX_KEYS..MAX_KEYS + 100).filter(|key| buckets.take(*key, 0).is_ok()).count();
        assert_eq!((crowd, buckets.full_at.len()), (4, MAX_KEYS));
        assert!(buckets.take(0, 0).is_ok(), "who was there before has its own");
        assert!(buckets.take(MAX_KEYS, 10 * SECOND_US).is_ok());
        assert_eq!(buckets.full_at.len(), 1);
    }
}
