//! Who may read, and proof of it: identities, epoch keys, wraps, sealing and opening, keyslots.
//!
//! The wide doors are [`sealed::seal`] and [`sealed::open`]; primitives stand in `hazmat` and are used nowhere else.
//! Nothing here reads a clock or throws dice: both are arguments.

#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects,
        clippy::panic
    )
)]

mod hazmat;
pub mod identity;
pub mod keychain;
pub mod keyslot;
pub mod part;
pub mod quarantine;
pub mod sealed;
pub mod strongroom;
#[cfg(test)]
mod tests;
pub mod tries;

pub use identity::{DeviceKeys, NextReceive, actor_of};
pub use keychain::{EpochKey, KeyError, Keychain};
pub use sealed::{OpenError, Opened};
pub use strongroom::Strongroom;
