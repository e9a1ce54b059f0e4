//! Who may read, and proof of it.

pub mod sealed;
pub use sealed::Opened;
