//! The disk's weather: full while something is saved, fetched, brought up or locked; and a disk that takes nothing.

use std::{collections::BTreeSet, fs, path::Path};

use device::{
    CaseId, DeviceError, Role,
    casework::{Edit, MeetingKind, Programme, TaskKind},
};
use world::{
    PASSPHRASE, Phone, Weather, World,
    process::Shell,
    small_disk::{SmallDisk, on_a_small_disk},
};

use crate::golden_vault::taken_out;

/// What of a full disk is left free, in bytes: the refusal comes at another step of an act each time.
const LEFT_FREE: [usize; 5] = [0, 8 * 1024, 40 * 1024, 120 * 1024, 300 * 1024];

fn note(phone: &Phone, text: &str) -> Edit {
    Edit::AddNote { id: phone.device.new_item(), text: text.to_owned(), at_ms: phone.device.host().now_ms() }
}

fn texts(phone: &Phone, case: CaseId) -> BTreeSet<String> {
    phone.device.case_show(case).expect("the case").notes.values().map(|note| note.text.clone()).collect()
}

/// The code of a disk that is full.
fn assert_full(disk: &SmallDisk, error: &DeviceError) {
    let code = error.code();
    if disk.is_mounted() {
        assert_eq!(code, "vault.full");
        assert!(!error.is_permanent(), "the same can go through later");
    } else {
        assert!(["vault.full", "vault.database", "vault.file"].contains(&code.as_str()), "{code}");
    }
}

/// A new phone in a folder of the small disk, in an organisation of its own.
fn alone(world: &World, dir: &Path) -> (Phone, CaseId) {
    let phone = world.phone_at("Åse", dir);
    phone.device.create_vault(PASSPHRASE).expect("a vault");
    phone.device.found_organisation("http://127.0.0.1:8787", Vec::new(), "Broen", "Åse", "telefon").expect("founded");
    let case = phone.device.new_case("Falken", Programme::National, None).expect("a case");
    (phone, case)
}

#[test]
fn e18_a_disk_full_while_saving_keeps_what_was_saved_and_takes_the_same_text_when_there_is_room() {
    on_a_small_disk("disk::e18_a_disk_full_while_saving_keeps_what_was_saved_and_takes_the_same_text_when_there_is_room", |disk| {
        for free in LEFT_FREE {
            let world = World::new(u64::try_from(free).expect("a number"));
            let dir = disk.folder(&format!("aase-{free}"));
            let (aase, case) = alone(&world, &dir);
            disk.fill_but(free);
            let mut kept = BTreeSet::new();
            let (refused, text) = loop {
                let text = format!("note {}: {}", kept.len(), "ordene bliver flere ".repeat(150));
                let act = note(&aase, &text);
                match aase.device.edit(case, act.clone()) {
                    Ok(_) => kept.insert(text),
                    Err(error) => {
                        assert_full(disk, &error);
                        break (act, text);
                    }
                };
                assert!(kept.len() < 2000, "the disk is full at last");
            };
            println!("{free} bytes free: {} notes were kept before the disk was full", kept.len());
            assert_eq!(texts(&aase, case), kept, "everything acknowledged is there, and nothing else");
            // Other acts at the same time are refused as calmly, or done; the lists and the search can be read.
            let task = Edit::AddTask {
                id: aase.device.new_item(),
                title: "Ring ".repeat(2000),
                due: None,
                owner: None,
                task: TaskKind::Promise,
                promised_to: None,
            };
            for outcome in [
                aase.device.edit(case, task).map(|_| ()),
                aase.device.log_meeting(case, MeetingKind::Meeting, None, None, Some("Havnen ".repeat(500))).map(|_| ()),
                aase.device.new_case(&"Ø".repeat(100), Programme::Ngo, None).map(|_| ()),
            ] {
                outcome.unwrap_or_else(|error| {
                    assert!(error.code() == "case.text_too_long" || !error.is_permanent() || !disk.is_mounted(), "{error:?}")
                });
            }
            assert!(!aase.device.cases().expect("lists").is_empty() && aase.device.today().is_ok());
            assert_eq!(aase.device.search("flere").expect("found").len(), kept.len().min(50));
            // Locking and unlocking costs nothing on a full disk.
            aase.restart();
            assert!([None, Some("vault.full")].contains(&aase.device.read_only()), "{:?}", aase.device.read_only());
            assert_eq!(texts(&aase, case), kept);
            disk.make_room();
            aase.restart();
            assert_eq!(aase.device.read_only(), None);
            aase.device.edit(case, refused).expect("the same act goes through when there is room");
            kept.insert(text);
            assert_eq!(texts(&aase, case), kept);
            assert_eq!(aase.device.verify().expect("verified").problems, Vec::<String>::new());
            aase.device.lock();
            fs::remove_dir_all(&dir).expect("tidied up");
        }
    });
}

#[test]
fn a_disk_that_is_full_while_a_sync_receives_loses_nothing_of_the_feed() {
    on_a_small_disk("disk::a_disk_that_is_full_while_a_sync_receives_loses_nothing_of_the_feed", |disk| {
        for free in LEFT_FREE {
            let world = World::new(100 + u64::try_from(free).expect("a number"));
            let hanne = world.founder("Hanne");
            let dir = disk.folder(&format!("aase-{free}"));
            let aase = world.phone_at("Åse", &dir);
            aase.device.create_vault(PASSPHRASE).expect("a vault");
            let aase = world.enrol_on(&hanne, aase, Role::Mentor);
            let case = hanne.device.new_case("Falken", Programme::National, None).expect("a case");
            hanne.device.assign(case, aase.member(), None).expect("assigned");
            hanne.sync();
            hanne.sync();
            aase.sync();
            // One transaction takes all of it in, which needs several times the room: five leave it some on this disk.
            for n in 0..5 {
                let mut words = String::new();
                for word in 0..9000_u32 {
                    words.push_str(&format!("{} ", word.wrapping_mul(2_654_435_761).wrapping_add(n)));
                }
                hanne.device.edit(case, note(&hanne, &words)).expect("written");
                hanne.sync();
            }
            disk.fill_but(free);
            let error = aase.try_sync().expect_err("there is no room for it");
            assert_full(disk, &error);
            let had = texts(&aase, case).len();
            assert_full(disk, &aase.try_sync().expect_err("nor the second time"));
            aase.restart();
            assert!(texts(&aase, case).len() >= had, "what was taken in stays");
            disk.make_room();
            aase.restart();
            aase.sync();
            assert_eq!(texts(&aase, case), texts(&hanne, case));
            assert_eq!(aase.device.verify().expect("verified").problems, Vec::<String>::new());
            aase.device.lock();
            fs::remove_dir_all(&dir).expect("tidied up");
        }
    });
}

#[test]
fn a_disk_that_is_full_during_an_update_leaves_the_old_vault_to_be_read() {
    on_a_small_disk("disk::a_disk_that_is_full_during_an_update_leaves_the_old_vault_to_be_read", |disk| {
        let mut refused = 0;
        for free in [0, 8 * 1024, 60 * 1024, 120 * 1024, 170 * 1024, 200 * 1024, 260 * 1024, 400 * 1024] {
            let world = World::new(5);
            let dir = disk.folder(&format!("aase-{free}"));
            let (aase, _) = taken_out(&world, 1, &dir);
            let before = fs::read(dir.join("vault.db")).expect("a vault");
            // The lock is a file as well, and there from the first day.
            fs::write(dir.join("lock"), "").expect("a lock");
            disk.fill_but(free);
            aase.try_unlock().expect("it opens in any case");
            match aase.device.read_only() {
                None => {}
                Some(why) => {
                    assert!(["vault.migration", "vault.full"].contains(&why), "{why}");
                    refused += 1;
                    assert_eq!(fs::read(dir.join("vault.db")).expect("a vault"), before, "byte for byte");
                    let case = aase.device.cases().expect("lists")[0].id;
                    assert_eq!(aase.device.edit(case, note(&aase, "nyt")).expect_err("refused").code(), "vault.read_only");
                    assert_eq!(aase.try_sync().expect_err("refused").code(), "vault.read_only");
                }
            }
            println!("{free} bytes free: {:?}", aase.device.read_only());
            assert_eq!(aase.device.cases().expect("lists").len(), 2);
            assert_eq!(aase.device.verify().expect("verified").problems, Vec::<String>::new());
            disk.make_room();
            aase.restart();
            assert_eq!(aase.device.read_only(), None, "with room it is brought up");
            let case = aase.device.cases().expect("lists")[0].id;
            aase.device.edit(case, note(&aase, "nyt")).expect("written");
            aase.device.lock();
            fs::remove_dir_all(&dir).expect("tidied up");
        }
        assert!(refused >= 3, "some had no room: {refused}");
    });
}

#[test]
fn a_vault_that_cannot_be_made_on_a_full_disk_is_made_when_there_is_room() {
    on_a_small_disk("disk::a_vault_that_cannot_be_made_on_a_full_disk_is_made_when_there_is_room", |disk| {
        let world = World::new(6);
        for free in [0, 4 * 1024, 16 * 1024, 64 * 1024, 256 * 1024] {
            let dir = disk.folder(&format!("aase-{free}"));
            let aase = world.phone_at("Åse", &dir);
            disk.fill_but(free);
            if let Err(error) = aase.device.create_vault(PASSPHRASE) {
                assert_full(disk, &error);
                assert!(!aase.device.has_vault() && !aase.device.is_unlocked(), "half a vault is none");
                disk.make_room();
                aase.device.create_vault(PASSPHRASE).expect("with room it is made");
            } else {
                assert!(free > 0, "a full disk takes no vault");
            }
            disk.make_room();
            aase.restart();
            aase.device.lock();
            fs::remove_dir_all(&dir).expect("tidied up");
        }
    });
}

#[test]
fn the_command_line_says_calmly_that_the_disk_is_full() {
    on_a_small_disk("disk::the_command_line_says_calmly_that_the_disk_is_full", |disk| {
        let dir = disk.folder("aase");
        let aase = Shell::new(&dir);
        aase.run(&["org", "create", "--server", "http://127.0.0.1:1", "--name", "Broen", "--person", "Åse"]);
        let case = aase.ok(&["case", "new", "--alias", "Falken", "--programme", "national"])["case"].as_str().expect("an id").to_owned();
        aase.ok(&["note", "add", &case, "--text", "før"]);
        let long = "ordene bliver flere ".repeat(4000);
        disk.fill_but(12 * 1024);
        let refused = aase.run(&["note", "add", &case, "--text", &long]);
        if disk.is_mounted() {
            assert_eq!(refused.code(), "vault.full");
            assert!(refused.stderr.contains("intet er gået tabt"), "{refused:?}");
        } else {
            assert!(!refused.status.success());
        }
        assert_eq!(aase.ok(&["case", "show", &case])["notes"].as_object().map(serde_json::Map::len), Some(1));
        disk.make_room();
        aase.ok(&["note", "add", &case, "--text", &long]);
        assert_eq!(aase.ok(&["doctor"])["problems"], serde_json::json!([]));
    });
}

#[test]
fn a_vault_that_can_only_be_read_still_brings_what_was_sealed_in_it_to_the_server() {
    let world = World::new(9);
    let (people, case) = world.team();
    let [hanne, aase, _] = people.as_slice() else { panic!("three people") };
    let file = aase.device.dir().join("vault.db");
    aase.device.edit(case, note(aase, "skrevet og forseglet")).expect("written");
    aase.weather(Weather::Offline);
    assert_eq!(aase.try_sync().expect_err("no road").code(), "net.offline");
    aase.device.lock();
    let older = fs::read(&file).expect("a vault");
    aase.try_unlock().expect("unlocks");
    aase.device.edit(case, note(aase, "skrevet senere")).expect("written");
    aase.device.lock();
    // An older file lies there now: nothing may be written in it, for its next change would be another's.
    fs::write(&file, &older).expect("put back");
    aase.try_unlock().expect("it can be read");
    assert_eq!(aase.device.read_only(), Some("vault.damaged"));
    let before = bytes_in(aase.device.dir());
    assert_eq!(aase.try_sync().expect_err("no road").code(), "net.offline");
    let trips = aase.road.trips();
    aase.weather(Weather::Clear);
    let report = aase.try_sync().expect("what is sealed goes out");
    assert_eq!((report.sent, report.pending, report.received), (1, 0, 0), "{report:?}");
    assert!(aase.road.trips() == trips + 1 && bytes_in(aase.device.dir()) == before, "here nothing is written");
    assert_eq!(aase.device.sync_sheet().expect("the sheet").line.waiting, 1, "nor said");
    assert_eq!(aase.try_sync().expect_err("nothing is left to bring").code(), "vault.read_only");
    assert_eq!(aase.road.trips(), trips + 1, "and nobody is asked for nothing");
    hanne.sync();
    assert_eq!(texts(hanne, case), ["skrevet og forseglet".to_owned()].into());
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
}

fn bytes_in(dir: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let mut all: Vec<_> = fs::read_dir(dir)
        .expect("a folder")
        .flatten()
        .map(|entry| (entry.file_name(), fs::read(entry.path()).expect("readable")))
        .collect();
    all.sort();
    all
}

#[test]
fn a_disk_that_takes_nothing_is_read_to_the_last_word_and_not_touched() {
    on_a_small_disk("disk::a_disk_that_takes_nothing_is_read_to_the_last_word_and_not_touched", |disk| {
        let world = World::new(8);
        let (closed, crashed, old) = (disk.folder("closed"), disk.folder("crashed"), disk.folder("old"));
        let (aase, case) = alone(&world, &closed);
        aase.device.edit(case, note(&aase, "det første")).expect("written");
        aase.restart();
        aase.device.edit(case, note(&aase, "det sidste")).expect("written");
        // As a crash leaves it: what was written last is in the log alone.
        copied(&closed, &crashed);
        aase.device.lock();
        taken_out(&world, 1, &old);
        let before = [bytes_in(&closed), bytes_in(&crashed), bytes_in(&old)];
        if !disk.set_read_only(true) {
            println!("this machine has no disk that takes nothing: a folder that takes nothing stands in for it");
            for dir in [&closed, &crashed, &old] {
                let mut rights = fs::metadata(dir).expect("a folder").permissions();
                rights.set_readonly(true);
                fs::set_permissions(dir, rights).expect("set");
            }
        }
        let takes_nothing = fs::write(closed.join("probe"), "x").is_err();
        println!("the disk takes nothing: {takes_nothing}");
        for (dir, what) in [(&closed, "closed"), (&crashed, "crashed"), (&old, "of schema 1")] {
            let phone = world.phone_at("Åse", dir);
            phone.try_unlock().expect("it can be read");
            if !takes_nothing {
                continue;
            }
            assert_eq!(phone.device.read_only(), Some("vault.read_only_disk"), "{what}");
            let case = phone.device.cases().expect("lists")[0].id;
            if what == "of schema 1" {
                assert_eq!(phone.device.cases().expect("lists").len(), 2);
            } else {
                assert_eq!(texts(&phone, case), ["det første", "det sidste"].map(str::to_owned).into(), "{what}");
            }
            assert!(phone.device.verify().expect("verified").problems.is_empty(), "{what}");
            assert_eq!(phone.device.edit(case, note(&phone, "nyt")).expect_err("refused").code(), "vault.read_only");
            assert_eq!(phone.try_sync().expect_err("refused").code(), "vault.read_only");
            let second = world.phone_at("Åse", dir);
            if what != "of schema 1" {
                assert_eq!(second.try_unlock().expect_err("one opener at a time").code(), "vault.in_use");
            }
            phone.device.lock();
        }
        if takes_nothing && disk.is_mounted() {
            let fresh = world.phone_at("Ny", &closed.join("ny"));
            assert_eq!(fresh.device.create_vault(PASSPHRASE).expect_err("refused").code(), "vault.read_only_disk");
            assert_eq!([bytes_in(&closed), bytes_in(&crashed), bytes_in(&old)], before, "nothing was touched");
            disk.set_read_only(false);
            for dir in [&closed, &crashed] {
                let phone = world.phone_at("Åse", dir);
                phone.try_unlock().expect("unlocks");
                assert_eq!(phone.device.read_only(), None);
                phone.device.edit(case, note(&phone, "nyt")).expect("written");
                assert_eq!(texts(&phone, case).len(), 3);
            }
        }
    });
}
