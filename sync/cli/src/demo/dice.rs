//! Choices that come out the same for the same seed. Keys are never made of these.

use device::ItemId;

/// SplitMix64.
#[derive(Debug, Clone)]
pub struct Choices(u64);

impl Choices {
    /// Choices of this seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 when there is none.
    pub fn below(&mut self, n: u64) -> u64 {
        self.next().checked_rem(n).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high.saturating_sub(low)).unwrap_or(0).saturating_add(1);
        low.saturating_add(i64::try_from(self.below(width)).unwrap_or(0))
    }

    /// True in so many of a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of these, or the type's own beginning when there are none.
    pub fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        let at = usize::try_from(self.below(u64::try_from(from.len()).unwrap_or(1))).unwrap_or(0);
        from.get(at).copied().unwrap_or_default()
    }

    /// A name for a thing, the same for the same seed.
    pub fn item(&mut self) -> ItemId {
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip([self.next(), self.next()].iter().flat_map(|n| n.to_le_bytes())) {
            *to = from;
        }
        ItemId::from_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_published_generator() {
        let mut choices = Choices::new(1_234_567);
        assert_eq!(choices.next(), 6_457_827_717_110_365_317);
        assert_eq!(choices.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn a_range_includes_both_ends() {
        let mut choices = Choices::new(1);
        let seen: std::collections::BTreeSet<i64> = (0..200).map(|_| choices.between(-1, 2)).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [-1, 0, 1, 2]);
    }
}
