//! Every prefix of the log that a crash can leave.

use std::fs;

use tempfile::TempDir;

use super::{SECRET, copied, founded, key, master, note, texts};
use crate::vault::{Vault, mark, opening};

const HEADER: usize = 32;
const FRAME: usize = 24 + 4096;

#[test]
fn every_prefix_of_the_log_opens_to_a_state_that_holds_all_it_acknowledged() {
    let dir = TempDir::new().unwrap();
    let (device, case) = founded(dir.path());
    device.lock();
    device.unlock(SECRET).unwrap();
    let (database, log) = (dir.path().join("vault.db"), dir.path().join("vault.db-wal"));
    let before = fs::read(&database).unwrap();
    let mut acknowledged = Vec::new();
    for n in 0..5 {
        let text = format!("note {n}");
        note(&device, case, &text).unwrap();
        acknowledged.push((usize::try_from(fs::metadata(&log).unwrap().len()).unwrap(), text));
    }
    let crashed = copied(dir.path());
    assert_eq!(fs::read(crashed.path().join("vault.db")).unwrap(), before, "all of it is in the log alone");
    let whole = fs::read(crashed.path().join("vault.db-wal")).unwrap();
    assert_eq!(acknowledged.last().map(|(length, _)| *length), Some(whole.len()), "the log only grew");
    assert_eq!((whole.len() - HEADER) % FRAME, 0, "it consists of frames");
    let key = key(crashed.path());
    let mark = mark::file_of(&crashed.path().join("vault.db"));
    let marked = fs::read(&mark).unwrap();
    let frames = (whole.len() - HEADER) / FRAME;
    let inside = (0..frames).flat_map(|frame| [0, 1, 24, 2000].map(|more| HEADER + frame * FRAME + more));
    let mut opened = 0;
    for length in (0..HEADER).step_by(5).chain(inside).chain([whole.len()]) {
        fs::write(crashed.path().join("vault.db-wal"), &whole[..length]).unwrap();
        let due: Vec<&String> = acknowledged.iter().filter(|(at, _)| *at <= length).map(|(_, text)| text).collect();
        fs::remove_file(&mark).unwrap();
        let told = texts(&Vault::look(&crashed.path().join("vault.db"), &key).unwrap(), case).unwrap();
        assert!(due.iter().all(|text| told.contains(text)), "{length} bytes of the log: {due:?} in {told:?}");
        assert!(told.len() <= due.len() + 1, "and at most what was being written");
        fs::write(&mark, &marked).unwrap();
        let is_whole = told.len() == acknowledged.len();
        let seen = opening::open(crashed.path(), &master(crashed.path()), true).unwrap();
        assert_eq!(seen.read_only, (!is_whole).then_some("vault.damaged"), "{length} bytes: what is missing is noticed");
        if is_whole {
            break;
        }
        // Opened for writing, as where no mark was ever made: what is there is there, and another act goes on from it.
        if (length.max(HEADER) - HEADER).is_multiple_of(FRAME * 8) {
            let copy = copied(crashed.path());
            fs::remove_file(mark::file_of(&copy.path().join("vault.db"))).unwrap();
            let open = opening::open(copy.path(), &master(copy.path()), true).unwrap();
            assert_eq!(open.read_only, None);
            assert_eq!(texts(&open.vault, case).unwrap(), told);
            open.vault.check().unwrap();
        }
        opened += 1;
    }
    assert!(opened > frames * 3, "{opened} prefixes of {frames} frames");
}
