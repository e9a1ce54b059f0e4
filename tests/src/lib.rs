//! The field: people with phones, a server, weather on the road, and a time of its own; on paper and in real processes.

pub mod long_note;
mod paper;
mod people;
pub mod process;
pub mod small_disk;

pub use paper::{PaperRoad, Weather};
pub use people::{MORNING_MS, PASSPHRASE, Phone, World};
