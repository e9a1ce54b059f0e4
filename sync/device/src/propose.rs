//! A secret that people can keep in their heads: six words, drawn by dice from a list that people have read.

use wire::id::Digest;

use crate::{
    host::Host,
    session::{Device, check_strength},
};

/// The EFF's long list; see `words/README.md`.
const LIST: &str = include_str!("../words/eff-large.txt");
const WORDS: usize = 6;
/// How many stand for a hash: about 90 bits of it.
const SPOKEN: usize = 7;

impl Device {
    /// Six words for a passphrase, each as likely as every other: 77 bits.
    pub fn propose_secret(&self) -> String {
        let words: Vec<&str> = LIST.lines().collect();
        loop {
            let drawn: Vec<&str> = (0..WORDS).filter_map(|_| words.get(draw(self.host(), words.len())).copied()).collect();
            let secret = drawn.join(" ");
            // Six very short words, or six with few different letters, are drawn again.
            if check_strength(secret.as_bytes(), false).is_ok() {
                return secret;
            }
        }
    }
}

/// What somebody read aloud, as it was written down: seven words of the list, apart by spaces, in capitals or not; none where it is
/// something else, so that a slip of the pen is no attempt.
pub(crate) fn spoken(text: &str) -> Option<Vec<String>> {
    let said: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    (said.len() == SPOKEN && said.iter().all(|word| LIST.lines().any(|known| known == word))).then_some(said)
}

/// Seven words that stand for a hash, about 90 bits of it, as people compare them by eye or read them aloud.
pub(crate) fn words_of(hash: &Digest) -> Vec<String> {
    let words: Vec<&str> = LIST.lines().collect();
    let count = u128::try_from(words.len()).unwrap_or(1);
    let mut rest = hash.as_bytes().iter().take(size_of::<u128>()).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let mut said = Vec::with_capacity(SPOKEN);
    for _ in 0..SPOKEN {
        let at = usize::try_from(rest.checked_rem(count).unwrap_or(0)).unwrap_or(0);
        rest = rest.checked_div(count).unwrap_or(0);
        said.extend(words.get(at).map(|word| (*word).to_owned()));
    }
    said
}

/// A number below `below`, each as likely as every other: what would favour the small ones is thrown again.
fn draw(host: &dyn Host, below: usize) -> usize {
    let below = u32::try_from(below).unwrap_or(1).max(1);
    let fair = u32::MAX.saturating_sub(u32::MAX.checked_rem(below).unwrap_or(0));
    loop {
        let mut bytes = [0; 4];
        host.fill_random(&mut bytes);
        let thrown = u32::from_le_bytes(bytes);
        if thrown < fair {
            return usize::try_from(thrown.checked_rem(below).unwrap_or(0)).unwrap_or(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        sync::atomic::{AtomicU32, Ordering},
    };

    use super::*;

    /// Throws what it is told, in order, and then counts on.
    struct Loaded(AtomicU32);

    impl Host for Loaded {
        fn now_ms(&self) -> i64 {
            0
        }

        fn fill_random(&self, out: &mut [u8]) {
            out.copy_from_slice(&self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes());
        }
    }

    #[test]
    fn the_list_is_the_effs() {
        let words: BTreeSet<&str> = LIST.lines().collect();
        assert_eq!((words.len(), LIST.lines().count()), (7776, 7776));
        assert_eq!((LIST.lines().next(), LIST.lines().last()), (Some("abacus"), Some("zoom")));
        assert!(words.iter().all(|word| word.len() >= 3 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
    }

    #[test]
    fn a_throw_that_would_favour_some_words_is_thrown_again() {
        // The last 4 of 2^32 throws have no full round of 7776 words left: 2^32 - 4 would be word 0 once more than others.
        let fair = u32::MAX - u32::MAX % 7776;
        assert_eq!(fair % 7776, 0);
        assert_eq!(draw(&Loaded(AtomicU32::new(fair - 1)), 7776), 7775);
        assert_eq!(draw(&Loaded(AtomicU32::new(fair)), 7776), 0);
        assert_eq!(draw(&Loaded(AtomicU32::new(u32::MAX)), 7776), 0);
    }

    #[test]
    fn a_hash_is_always_the_same_seven_words_and_another_hash_is_seven_others() {
        let hash = |first: u8| {
            let mut bytes = [7; 32];
            bytes[0] = first;
            Digest::from_bytes(bytes)
        };
        let said = words_of(&hash(1));
        assert_eq!((said.len(), &said), (7, &words_of(&hash(1))));
        let all: BTreeSet<Vec<String>> = (0..=255).map(|first| words_of(&hash(first))).collect();
        assert_eq!(all.len(), 256);
        assert_eq!(words_of(&Digest::from_bytes([0; 32])), ["abacus"; 7]);
    }

    #[test]
    fn seven_words_of_the_list_are_what_somebody_said_and_nothing_else_is() {
        let said = words_of(&Digest::from_bytes([9; 32]));
        let shouted = format!("  {} ", said.join("\n").to_uppercase());
        assert_eq!(spoken(&shouted), Some(said.clone()));
        assert_eq!(spoken(&said[1..].join(" ")), None, "six");
        assert_eq!(spoken(&format!("{} zoom", said.join(" "))), None, "eight");
        assert_eq!(spoken(&said.join(" ").replacen(&said[3], "abakus", 1)), None, "no such word");
        assert_eq!(spoken(""), None);
    }

    #[test]
    fn every_proposal_is_accepted_and_none_comes_twice() {
        let dir = tempfile::TempDir::new().unwrap();
        let device = Device::new(dir.path(), std::sync::Arc::new(crate::SystemHost::default()));
        let proposed: BTreeSet<String> = (0..2000).map(|_| device.propose_secret()).collect();
        assert_eq!(proposed.len(), 2000);
        assert!(proposed.iter().all(|secret| secret.split(' ').count() == 6 && check_strength(secret.as_bytes(), false).is_ok()));
    }
}
