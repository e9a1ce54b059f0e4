//! Errors as the page sees them: a code, never a sentence.

use device::DeviceError;
use serde::Serialize;
use ts_rs::TS;

/// What a command answers.
pub type Answer<T> = Result<T, ErrorView>;

/// Why a command did not do it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ErrorView {
    pub code: String,
    /// Seconds to wait, when the error says so.
    pub wait_s: Option<u32>,
    /// Tries that are left before this device destroys its keys; left out until there are only two.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub left: Option<u8>,
}

impl ErrorView {
    /// Something that no code describes.
    pub fn unknown() -> Self {
        Self { code: "app.unknown".to_owned(), wait_s: None, left: None }
    }
}

impl From<DeviceError> for ErrorView {
    fn from(error: DeviceError) -> Self {
        let standing = error.standing().unwrap_or_default();
        Self { code: error.code(), wait_s: Some(standing.wait_s).filter(|seconds| *seconds > 0), left: standing.left }
    }
}
