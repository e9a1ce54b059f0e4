//! The shell from outside: its contract with the page, what it allows, what it gives away, and a whole day of use.

mod bindings;
mod journey;
mod names;
mod neutral;
mod policy;
