//! The field: people with phones, a server, weather on the road, and a time of its own; on paper and in real processes.

pub mod caseload;
mod handset;
mod hostile;
pub mod long_note;
mod paper;
mod people;
pub mod process;
pub mod small_disk;
mod wire_weather;

pub use handset::Handset;
pub use hostile::Lie;
pub use paper::{PaperRoad, Site, Weather};
pub use people::{MORNING_MS, PASSPHRASE, Phone, World, copy_folder, quick_folder};
pub use wire_weather::{Proxy, Told, WireWeather};
