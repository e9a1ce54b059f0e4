//! The shell from outside: its contract with the page, what it allows, what it gives away, and a whole day of use.

mod bindings;
mod first;
mod further;
mod journey;
mod licences;
mod memory;
mod names;
mod neutral;
mod people;
mod phone;
mod policy;
