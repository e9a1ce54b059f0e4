//! Stories of named people in a small world, and the laws of the house.

mod bad_input;
mod caseload;
mod cli;
mod convergence;
mod crash;
mod dataset;
mod desk;
mod disk;
mod golden_vault;
mod hours_and_names;
mod house;
mod leaving;
mod lost_phone;
mod mutants;
mod note_cases;
mod promises;
mod quarantine;
mod restore;
mod road;
mod scanner;
mod scenarios;
mod tries;
mod upgrade;
mod watch;
mod weather;
mod window;
