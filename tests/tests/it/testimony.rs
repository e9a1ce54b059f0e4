//! A signed history that somebody else can check. The checks are made by `tests/formats/signed_history.py`, on the files written here.

use std::{fs, path::PathBuf};

use device::{RevokeReason, Role, casework::Programme};
use tempfile::TempDir;
use world::{PASSPHRASE, Phone, World, process::Shell};

fn settle(phones: &[&Phone]) {
    for _ in 0..4 {
        for phone in phones {
            phone.sync();
        }
    }
}

#[test]
fn a_history_after_two_new_keys_holds_what_proves_it_and_is_written_for_the_check() {
    let world = World::new(441);
    let (people, case) = world.team();
    let [hanne, aase, emil] = people.as_slice() else { panic!("three") };
    let tariq = world.enrol(hanne, "Tariq", Role::Mentor);
    hanne.device.assign(case, tariq.member(), None).expect("decided");
    let all = [hanne, aase, emil, &tariq];
    settle(&all);
    for round in 0..2 {
        for phone in all {
            phone.note(case, &format!("{round}: {} skriver. Æblekage ved åen.", phone.name));
            phone.sync();
        }
    }
    settle(&all);
    hanne.device.unassign(case, tariq.member()).expect("taken out, the first new key");
    settle(&all);
    aase.note(case, "Mellem de to nøgler.");
    settle(&[aase, hanne, emil]);
    hanne.device.revoke(emil.id(), RevokeReason::Lost).expect("revoked, the second new key");
    settle(&[hanne, aase]);
    hanne.note(case, "Efter begge.");
    settle(&[hanne, aase]);
    aase.device
        .edit(case, device::casework::Edit::AddNote { id: aase.device.new_item(), text: "Ikke sendt.".to_owned(), at_ms: 0 })
        .expect("a note");

    assert_eq!(aase.device.signed_history(case, b"en anden").expect_err("the secret again").code(), "vault.wrong_secret");
    let history = aase.device.signed_history(case, PASSPHRASE).expect("a history");
    let has = |needle: &str| history.windows(needle.len()).any(|window| window == needle.as_bytes());
    assert!(has("brobygger signed history"));
    let unsent = aase.device.new_case("Uglen", Programme::National, None).expect("a case");
    assert_eq!(aase.device.signed_history(unsent, PASSPHRASE).expect_err("nothing is signed").code(), "case.incomplete");
    assert_eq!(emil.device.signed_history(unsent, PASSPHRASE).expect_err("not here").code(), "case.unknown");
    // Somebody who came later has fewer statements, and all of the words.
    let sara = world.enrol(hanne, "Sara", Role::Mentor);
    hanne.device.assign(case, sara.member(), None).expect("decided");
    settle(&[hanne, &sara]);
    let later = sara.device.signed_history(case, PASSPHRASE).expect("a history");
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(&dir).expect("a folder");
    fs::write(dir.join("signed-history.bin"), &history).expect("written");
    fs::write(dir.join("signed-history-of-a-newcomer.bin"), &later).expect("written");
}

#[test]
fn the_command_line_writes_it_into_a_new_file_for_its_owner_and_over_nothing() {
    let dir = TempDir::new().expect("a folder");
    let server = world::process::ServerProcess::start(dir.path());
    let aase = Shell::new(dir.path());
    aase.ok(&["org", "create", "--server", &server.url(), "--name", "Broen", "--person", "Hanne"]);
    let case = aase.ok(&["case", "new", "--alias", "Falken", "--programme", "national"]);
    let case = case["case"].as_str().expect("an id");
    aase.ok(&["sync"]);
    let file = dir.path().join("falken.history");
    let to = file.to_str().expect("a path");
    let told = aase.ok(&["history", case, "--signed", "--to", to]);
    let bytes = fs::read(&file).expect("written");
    assert_eq!(told["bytes"], bytes.len());
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).expect("there").permissions()) & 0o777, 0o600);
    assert_eq!(aase.run(&["history", case, "--signed", "--to", to]).code(), "cli.file");
    assert_eq!(fs::read(&file).expect("still there"), bytes);
    assert!(!aase.run(&["history", case, "--signed"]).status.success(), "where to has to be said");
}
