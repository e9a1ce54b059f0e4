//! What a sign of life says beside what is here.

use tempfile::TempDir;

use super::*;
use crate::{Device, stock::tests::founded};

/// What the face is told after a sign of life of this device itself, which coordinates, with this end of the organisation's log.
fn told(device: &Device, said: Head) -> Vec<(String, u64)> {
    let mut codes = Vec::new();
    device
        .with(|open, host| {
            let beat = Heartbeat { org: Some(said), cases: Vec::new() };
            let beats = BTreeMap::from([(open.keys.device(), beat)]);
            Heard { at_ms: 1, beats, ..Heard::default() }.write(open.vault.db())?;
            compare(open, host)?;
            codes = super::codes(open.vault.db())?;
            Ok(())
        })
        .unwrap();
    codes
}

#[test]
fn a_log_that_went_on_differently_for_a_coordinator_is_an_alarm_and_a_shorter_one_is_none() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    let mut ends = Vec::new();
    device
        .with(|open, _| {
            let head = open.org()?.head();
            for seq in 0..=head.seq {
                ends.push(Head { seq, hash: logs::hash_at(open.vault.db(), LogId::Org, seq)?.unwrap() });
            }
            Ok(())
        })
        .unwrap();
    for end in &ends {
        assert_eq!(told(&device, *end), [], "as here, or from before");
        let other = Head { hash: Digest::from_bytes([7; 32]), ..*end };
        assert_eq!(told(&device, other), [("log.fork".to_owned(), 1)]);
    }
    let longer = Head { seq: ends.len() as u64, hash: Digest::from_bytes([7; 32]) };
    assert_eq!(told(&device, longer), [(WITHHELD.to_owned(), 1)]);
    assert_eq!(told(&device, ends[0]), [], "it is over when it is over");
}
