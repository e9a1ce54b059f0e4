//! Versions of the app, as an organisation demands them.

use std::{fmt, str::FromStr};

use minicbor::{Decode, Encode};

/// A version of the app: newer ones are greater.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, serde::Serialize, serde::Deserialize, ts_rs::TS,
)]
pub struct AppVersion {
    #[n(0)]
    pub major: u16,
    #[n(1)]
    pub minor: u16,
    #[n(2)]
    pub patch: u16,
}

impl fmt::Display for AppVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The text is not three numbers with points between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a version: three numbers with points between them")]
pub struct NoVersion;

impl FromStr for AppVersion {
    type Err = NoVersion;

    /// Reads `1.2.3`. What follows a `-` or `+` names a build and no version.
    fn from_str(text: &str) -> Result<Self, NoVersion> {
        let plain = text.split(['-', '+']).next().unwrap_or_default();
        let numbers: Vec<u16> = plain.split('.').map(|part| part.parse().map_err(|_| NoVersion)).collect::<Result<_, _>>()?;
        let [major, minor, patch] = numbers.as_slice() else { return Err(NoVersion) };
        Ok(Self { major: *major, minor: *minor, patch: *patch })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_put_in_order() {
        let read = |text: &str| text.parse::<AppVersion>();
        assert_eq!(read("0.10.2"), Ok(AppVersion { major: 0, minor: 10, patch: 2 }));
        assert_eq!(read("1.2.3-beta+7").map(|version| version.to_string()), Ok("1.2.3".to_owned()));
        let at = |text: &str| read(text).unwrap();
        assert!(at("0.9.9") < at("0.10.0") && at("0.10.0") < at("1.0.0"));
        for bad in ["", "1", "1.2", "1.2.3.4", "1.2.x", "1..3", "1.2.70000", "-1.2.3"] {
            assert_eq!(read(bad), Err(NoVersion), "{bad}");
        }
    }
}
