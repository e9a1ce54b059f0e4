//! The client that `benches/run` starts: real devices for the peers' protocol.

fn main() {
    world::caseload::client::run(&world::caseload::client::Words::read(std::env::args().skip(1)));
}
