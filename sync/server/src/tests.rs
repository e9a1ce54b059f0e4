//! The server as its devices meet it, without sockets.

mod answers;
mod care;
mod compaction;
mod duress;
mod enrolment;
pub(crate) mod kit;
mod migrations;
mod operators;
mod pushes;
mod quarantine;
mod revoking;
