//! Stories of named people in a small world, and the laws of the house.

mod bad_input;
mod cli;
mod convergence;
mod crash;
mod disk;
mod golden_vault;
mod house;
mod note_cases;
mod promises;
mod road;
mod upgrade;
