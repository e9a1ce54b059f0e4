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
}

impl ErrorView {
    /// Something that no code describes.
    pub fn unknown() -> Self {
        Self { code: "app.unknown".to_owned(), wait_s: None }
    }
}

impl From<DeviceError> for ErrorView {
    fn from(error: DeviceError) -> Self {
        Self { code: error.code(), wait_s: None }
    }
}
