//! The field, in memory: people with phones, a server without sockets, weather on the road, and a time of its own.

mod paper;
mod people;

pub use paper::{PaperRoad, Weather};
pub use people::{Phone, World};
