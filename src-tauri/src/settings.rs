//! How this person has the app on this device. Kept beside the vault, so that the locked page can read it.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::private;

const FILE: &str = "settings";
/// Most bytes of the file that are read.
const MOST: u64 = 4096;
const SHORTEST_S: u32 = 15;
const LONGEST_S: u32 = 300;
/// Sizes of text, in percent.
const TEXTS: [u32; 4] = [100, 125, 150, 200];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Hand {
    Right,
    Left,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Contrast {
    Normal,
    More,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    System,
    Light,
    Dark,
}

/// Kept beside the vault, so that the locked page can read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Settings {
    /// Seconds without a sign of life before the app locks: 15 to 300.
    pub lock_after_s: u32,
    /// Percent: 100, 125, 150 or 200.
    pub text: u32,
    pub hand: Hand,
    pub contrast: Contrast,
    pub theme: Theme,
    /// Whether single letters are shortcuts on a desktop.
    pub single_keys: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { lock_after_s: 60, text: 100, hand: Hand::Right, contrast: Contrast::Normal, theme: Theme::System, single_keys: true }
    }
}

impl Settings {
    /// As they were kept; what cannot be read is as it was at the beginning.
    pub fn of(dir: &Path) -> Self {
        let file = dir.join(FILE);
        let is_small = fs::metadata(&file).is_ok_and(|what| what.is_file() && what.len() <= MOST);
        let kept = is_small.then(|| fs::read(&file).ok()).flatten();
        kept.and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok()).unwrap_or_default().bounded()
    }

    /// Keeps them, within their bounds. Gives what was kept.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn keep(self, dir: &Path) -> device::Result<Self> {
        let bounded = self.bounded();
        private::write(dir, FILE, &serde_json::to_vec(&bounded).unwrap_or_default())?;
        Ok(bounded)
    }

    fn bounded(self) -> Self {
        let text = TEXTS.into_iter().min_by_key(|size| size.abs_diff(self.text)).unwrap_or(100);
        Self { lock_after_s: self.lock_after_s.clamp(SHORTEST_S, LONGEST_S), text, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_out_of_bounds_come_back_inside() {
        for (asked, kept) in [((0, 0), (15, 100)), ((15, 110), (15, 100)), ((301, 138), (300, 150)), ((u32::MAX, u32::MAX), (300, 200))] {
            let settings = Settings { lock_after_s: asked.0, text: asked.1, ..Settings::default() }.bounded();
            assert_eq!((settings.lock_after_s, settings.text), kept);
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_counts_as_none() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Settings::of(dir.path()), Settings::default());
        let kept = Settings { theme: Theme::Dark, text: 150, ..Settings::default() }.keep(dir.path()).unwrap();
        assert_eq!(Settings::of(dir.path()), kept);
        for bad in [&b"{"[..], b"", b"[]", b"{\"text\":-1}", b"\xff", &[b' '; 5000]] {
            fs::write(dir.path().join(FILE), bad).unwrap();
            assert_eq!(Settings::of(dir.path()), Settings::default());
        }
    }

    #[test]
    #[cfg(unix)]
    fn the_file_is_for_the_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        Settings::default().keep(dir.path()).unwrap();
        Settings::default().keep(dir.path()).unwrap();
        assert_eq!(fs::metadata(dir.path().join(FILE)).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
