//! Stories of named people in a small world, and the laws of the house.

mod bad_input;
mod cli;
mod convergence;
mod crash;
mod house;
mod promises;
mod restore;
mod road;
mod watch;
