//! The field: people with phones, a server, weather on the road, and a time of its own; on paper and in real processes.

mod paper;
mod people;
pub mod process;

pub use paper::{PaperRoad, Site, Weather};
pub use people::{MORNING_MS, Phone, World, copy_folder};
