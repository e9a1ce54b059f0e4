//! The field: people with phones, a server, weather on the road, and a time of its own; on paper and in real processes.

pub mod caseload;
mod paper;
mod people;
pub mod process;

pub use paper::{PaperRoad, Weather};
pub use people::{Phone, World};
