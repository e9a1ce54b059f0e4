//! The second secret opens an invented vault, and nothing of the real one is left.
#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

use casework::{Edit, Programme};
use seal::keyslot::Cost;
use tempfile::TempDir;

use super::*;
use crate::{SystemHost, stock::tests::founded};

const FIRST: &[u8] = b"tolv cykler under broen ved havnen";
const SECOND: &[u8] = b"en anden vej ind som man giver fra sig";
const CANARY: &str = "Han bor hos sin moster";

/// Hanne's device with a case and a note, and a second secret.
fn forced(dir: &Path) -> Device {
    let device = founded(dir);
    let case = device.new_case("Falken", Programme::National, None).unwrap();
    device.edit(case, Edit::AddNote { id: device.new_item(), text: CANARY.to_owned(), at_ms: 0 }).unwrap();
    device.choose_duress(FIRST, SECOND).unwrap();
    device
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn aliases(device: &Device) -> Vec<String> {
    let mut aliases: Vec<String> = device.cases().unwrap().into_iter().map(|row| row.alias).collect();
    aliases.sort();
    aliases
}

#[test]
fn the_second_secret_opens_a_diary_and_the_first_opens_nothing_any_more() {
    let dir = TempDir::new().unwrap();
    let device = forced(dir.path());
    assert!(device.has_duress().unwrap());
    let before = names(dir.path());
    device.lock();
    device.unlock(SECOND).unwrap();
    assert_eq!(aliases(&device), ["Gåholdet", "Ketty", "Lektiecaféen"]);
    assert_eq!(device.search(CANARY).unwrap().len(), 0);
    assert_eq!(names(dir.path()), before, "no file tells that there was another vault");
    assert!(!device.has_duress().unwrap());
    device.lock();
    assert_eq!(device.unlock(FIRST).unwrap_err().code(), "vault.wrong_secret");
    device.unlock(SECOND).unwrap();
    assert_eq!(aliases(&device), ["Gåholdet", "Ketty", "Lektiecaféen"], "it is a vault like any other");
}

#[test]
fn the_diary_was_written_over_weeks_is_sent_and_goes_on() {
    let dir = TempDir::new().unwrap();
    let device = forced(dir.path());
    device.lock();
    device.unlock(SECOND).unwrap();
    let now_ms = device.host().now_ms();
    let row = device.cases().unwrap().into_iter().find(|row| row.alias == "Ketty").unwrap();
    assert!(!row.waiting_for_server);
    let history = device.history(row.id).unwrap();
    assert!(history.len() > 9, "{}", history.len());
    let me = device.with(|open, _| open.me()).unwrap().member;
    assert!(history.iter().all(|entry| entry.at_ms < now_ms && entry.member == Some(me)));
    let weeks = (history[history.len() - 1].at_ms - history[0].at_ms) / (7 * 24 * 3600 * 1000);
    assert!((6..8).contains(&weeks), "{weeks}");
    let line = device.sync_line().unwrap();
    assert_eq!(line.waiting, 0, "everything was sent a while ago");
    device.edit(row.id, Edit::AddNote { id: device.new_item(), text: "I dag".to_owned(), at_ms: now_ms }).unwrap();
    assert_eq!(device.sync_line().unwrap().waiting, 1);
    assert_eq!(device.verify().unwrap().problems, Vec::<String>::new());
}

#[test]
fn a_second_secret_takes_the_first_to_choose_and_to_forget_and_is_not_the_first() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    assert_eq!(device.choose_duress(b"galt men langt nok til at blive taget", SECOND).unwrap_err().code(), "vault.wrong_secret");
    assert_eq!(device.choose_duress(FIRST, b"kort").unwrap_err().code(), "vault.weak_secret");
    assert_eq!(device.choose_duress(FIRST, FIRST).unwrap_err().code(), "duress.same");
    assert!(!device.has_duress().unwrap());
    device.choose_duress(FIRST, SECOND).unwrap();
    assert_eq!(device.forget_duress(SECOND).unwrap_err().code(), "vault.wrong_secret");
    assert!(device.has_duress().unwrap());
    device.forget_duress(FIRST).unwrap();
    assert!(!device.has_duress().unwrap());
    device.lock();
    assert_eq!(device.unlock(SECOND).unwrap_err().code(), "vault.wrong_secret");
    device.unlock(FIRST).unwrap();
    assert_eq!(device.choose_duress(FIRST, SECOND).map_err(|error| error.code()), Ok(()));
    device.lock();
    assert_eq!(device.choose_duress(FIRST, SECOND).unwrap_err().code(), "vault.locked");
}

#[test]
fn killed_on_the_way_either_nothing_has_happened_or_the_next_start_ends_it() {
    let dir = TempDir::new().unwrap();
    let device = forced(dir.path());
    device.lock();
    let host: Arc<dyn Host> = Arc::new(SystemHost::with_cost(Cost::FLOOR));
    let file = fs::read(dir.path().join(KEYSLOTS)).unwrap();
    let words = match keyslot::open_any(&file, SECOND, &attempts::ask(host.as_ref(), &[]).unwrap()).unwrap() {
        keyslot::Opened::Second(words) => words,
        keyslot::Opened::Master(_) => panic!("it opens the vault"),
    };
    let side = dir.path().join(SIDE);
    // Killed while the invented one was being made: the real one opens, and what was begun goes.
    build(&side, &host, SECOND, &cbor::decode(&words).unwrap()).unwrap();
    let device = Device::new(dir.path(), Arc::clone(&host));
    device.unlock(FIRST).unwrap();
    assert_eq!(aliases(&device), ["Falken"]);
    assert!(!side.exists());
    drop(device);
    // Killed when it was whole, and at each step from there.
    for steps in 0..4 {
        let copy = TempDir::new().unwrap();
        for name in names(dir.path()) {
            fs::copy(dir.path().join(&name), copy.path().join(&name)).unwrap();
        }
        let side = copy.path().join(SIDE);
        build(&side, &host, SECOND, &cbor::decode(&words).unwrap()).unwrap();
        fs::write(side.join(WHOLE), b"").unwrap();
        if steps > 0 {
            attempts::wipe(copy.path(), host.as_ref()).unwrap();
        }
        if steps > 1 {
            fs::write(side.join(GONE), b"").unwrap();
        }
        if steps > 2 {
            fs::rename(side.join(DATABASE), copy.path().join(DATABASE)).unwrap();
        }
        let device = Device::new(copy.path(), Arc::clone(&host));
        assert!(device.has_vault(), "{steps}");
        device.unlock(SECOND).unwrap();
        assert_eq!(aliases(&device), ["Gåholdet", "Ketty", "Lektiecaféen"], "{steps}");
        device.lock();
        assert_eq!(device.unlock(FIRST).unwrap_err().code(), "vault.wrong_secret", "{steps}");
        assert!(!side.exists());
    }
}

#[test]
fn where_the_certificates_do_not_fit_the_second_secret_still_opens_the_diary() {
    let left = |certificates: Vec<ByteVec>| Left {
        person: "Hanne".to_owned(),
        server: "https://broen.example".to_owned(),
        certificates,
        notice: vec![1; 150].into(),
    };
    let whole = left(vec![vec![2; 600].into()]).encode();
    let kept: Left = cbor::decode(&whole).unwrap();
    assert_eq!((kept.certificates.len(), kept.notice.len()), (1, 150));
    let short = left(vec![vec![2; 2000].into()]).encode();
    let kept: Left = cbor::decode(&short).unwrap();
    assert_eq!((kept.certificates.len(), kept.notice.len(), kept.person.as_str()), (0, 0, "Hanne"));
}
