//! What crosses the water: ids, envelopes, the membership logs, requests and answers, and the device's rules of the
//! road. Everything here is pure; the clock and the dice are arguments. Server and devices share it.

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

pub mod cbor;
pub mod duress;
pub mod envelope;
pub mod exchange;
pub mod id;
pub mod label;
pub mod log;
pub mod message;
pub mod quarantine;
pub mod request;
pub mod signature;
