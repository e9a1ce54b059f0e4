//! The workload `caseload` on real devices: each of its acts as ordinary edits, its history written by two people, and
//! a client that speaks the protocol of `benches/peers`.

pub mod act;
pub mod client;
pub mod history;
pub mod office;
pub mod tap;
