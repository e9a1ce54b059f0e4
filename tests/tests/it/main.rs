//! Stories of named people in a small world, and the laws of the house.

mod bad_input;
mod cli;
mod convergence;
mod crash;
mod golden_vault;
mod house;
mod promises;
mod road;
