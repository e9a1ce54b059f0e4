//! The server as its devices meet it, without sockets.

mod answers;
mod enrolment;
pub(crate) mod kit;
mod operators;
mod pushes;
