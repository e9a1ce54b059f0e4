//! A tap on a TCP line: counts bytes and turns, and cuts every connection after so many bytes.

use std::{
    fmt,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

/// What went through since the last reset. Bytes are TCP payload, HTTP heads and all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    pub up: u64,
    pub down: u64,
    /// Times a device spoke after the server had, or first: dependent round trips.
    pub turns: u64,
    pub connections: u64,
    pub cuts: u64,
}

impl Counted {
    /// Both ways.
    pub const fn total(&self) -> u64 {
        self.up + self.down
    }
}

#[derive(Debug, Default)]
struct State {
    counted: Counted,
    /// After so many bytes both ways a connection ends; 0: never.
    cut: u64,
}

/// A listening tap in front of a server.
pub struct Tap {
    state: Arc<Mutex<State>>,
    address: String,
}

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tap({})", self.address)
    }
}

#[derive(Debug, Default)]
struct Line {
    bytes: u64,
    upwards: bool,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tap {
    /// A tap before the server at this address, like `127.0.0.1:40123`. Listens until the process ends.
    pub fn before(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let state = Arc::new(Mutex::new(State::default()));
        let (all, server) = (Arc::clone(&state), server.to_owned());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(upstream) = TcpStream::connect(&server) else { continue };
                held(&all).counted.connections += 1;
                let line = Arc::new(Mutex::new(Line::default()));
                let (Ok(c), Ok(u)) = (client.try_clone(), upstream.try_clone()) else { continue };
                let (state, shared) = (Arc::clone(&all), Arc::clone(&line));
                thread::spawn(move || carry(&c, &u, &state, &shared, true));
                let state = Arc::clone(&all);
                thread::spawn(move || carry(&upstream, &client, &state, &line, false));
            }
        });
        Self { state, address }
    }

    /// How devices reach it, like `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Cuts connections after so many bytes from now on; 0: never.
    pub fn cut_after(&self, bytes: u64) {
        held(&self.state).cut = bytes;
    }

    /// What went through, and begins to count anew.
    pub fn take(&self) -> Counted {
        std::mem::take(&mut held(&self.state).counted)
    }
}

fn carry(mut from: &TcpStream, mut to: &TcpStream, state: &Mutex<State>, line: &Mutex<Line>, up: bool) {
    let mut buffer = [0; 16 * 1024];
    loop {
        let n = match from.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(n) => n,
        };
        let (kept, ended) = count(n, state, line, up);
        if to.write_all(&buffer[..kept]).is_err() || ended {
            break;
        }
    }
    for end in [from, to] {
        let _ = end.shutdown(Shutdown::Both);
    }
}

/// Counts `n` bytes one way. Gives how many of them still pass, and whether the connection ends with them.
fn count(n: usize, state: &Mutex<State>, line: &Mutex<Line>, up: bool) -> (usize, bool) {
    let (mut state, mut line) = (held(state), held(line));
    let room = if state.cut == 0 { n as u64 } else { state.cut.saturating_sub(line.bytes) };
    let kept = room.min(n as u64);
    line.bytes += kept;
    let ended = state.cut > 0 && line.bytes >= state.cut;
    if up {
        state.counted.up += kept;
        state.counted.turns += u64::from(!line.upwards);
    } else {
        state.counted.down += kept;
    }
    line.upwards = up;
    state.counted.cuts += u64::from(ended && kept > 0);
    (usize::try_from(kept).unwrap_or(n), ended)
}
