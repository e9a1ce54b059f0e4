//! Stories of named people in a small world, and the laws of the house.

mod convergence;
mod road;
