//! What whoever has the disks, or everything that passes, could read: no name, no word, and nothing that opens anything.

use std::{fs, path::Path};

use device::{RevokeReason, Role, casework::Programme};
use tempfile::TempDir;
use world::{
    PASSPHRASE, Phone, World,
    process::{PASSPHRASE as PASSPHRASE_TEXT, program},
};

use crate::{
    cli::{team, text},
    scanner::found_in,
};

/// Names that stand nowhere by chance: of people, a device, and a case.
const NAMES: [&str; 5] = [
    "Åse Thorup Lindegaard",
    "Hanne Østergård Vestbro",
    "Emil Kjærsgaard Nørrebo",
    "Den grønne tablet ved vinduet",
    "Falken fra Fælledparken",
];
const WRONG: &str = "en helt forkert adgangssætning ved Kalvebod";
const WORDS: &str = "Hans nye adresse er Prøvevej 4, anden til venstre";

/// Three people with names, a case with one, and words in it; everybody has everything.
fn office(world: &World) -> Vec<Phone> {
    let hanne = world.phone("Hanne");
    hanne.device.found_organisation("http://127.0.0.1:8787", Vec::new(), "Broen", NAMES[1], NAMES[3]).expect("founded");
    hanne.sync();
    let mentors = [NAMES[0], NAMES[2]].map(|name| world.enrol(&hanne, name, Role::Mentor));
    let [aase, emil] = mentors;
    let case = aase.device.new_case(NAMES[4], Programme::National, None).expect("a case");
    aase.note(case, WORDS);
    aase.sync();
    hanne.sync();
    hanne.device.assign(case, emil.member(), None).expect("assigned");
    let people = vec![hanne, aase, emil];
    for _ in 0..3 {
        for phone in &people {
            phone.sync();
        }
    }
    for phone in &people {
        let known = phone.device.people().expect("people");
        assert!(NAMES[..3].iter().all(|name| known.iter().any(|person| person.name == *name)), "{}", phone.name);
        assert!(phone.texts(case).contains(WORDS), "{}", phone.name);
    }
    people
}

/// Nothing of this lies below a folder in any form.
fn says_nothing(folder: &Path, of: &[&str], where_: &str) {
    for one in of {
        assert_eq!(found_in(folder, one), Vec::<String>::new(), "{one}: {where_}");
    }
}

#[test]
fn no_name_of_a_person_a_device_or_a_case_lies_on_any_disk() {
    let world = World::new(930);
    let people = office(&world);
    for phone in &people {
        says_nothing(phone.device.dir(), &NAMES, &format!("{}, open", phone.name));
        phone.device.lock();
        says_nothing(phone.device.dir(), &NAMES, &format!("{}, locked", phone.name));
    }
    says_nothing(&world.server_dir(), &NAMES, "the server");
}

#[test]
fn no_name_no_word_and_no_passphrase_is_in_anything_that_a_device_sends() {
    let world = World::new(931);
    let people = office(&world);
    let folder = TempDir::new().expect("a folder");
    let mut count = 0;
    for phone in &people {
        for request in phone.road.sent() {
            count += 1;
            let heads: String = request.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
            let head = format!("{} {}\n{heads}\n", request.method, request.url);
            let sent = [head.as_bytes(), request.body.as_deref().unwrap_or_default()].concat();
            fs::write(folder.path().join(count.to_string()), sent).expect("written");
        }
    }
    assert!(count > 20, "there was much to look at: {count}");
    let passphrase = String::from_utf8_lossy(PASSPHRASE).into_owned();
    let wanted: Vec<&str> = NAMES.iter().copied().chain([WORDS, passphrase.as_str()]).collect();
    says_nothing(folder.path(), &wanted, "what was sent");
    // The invitation is carried by hand; what is in it is in no request but that of the one who was invited.
    fs::write(folder.path().join("probe"), WORDS).expect("written");
    assert_eq!(found_in(folder.path(), WORDS), ["probe"], "it would have been found");
}

/// Seeds of signatures, receive keys and the keys of every epoch are 32 bytes that somebody's device threw.
#[test]
fn no_key_of_anybody_is_in_anything_that_any_device_sends_or_the_server_keeps() {
    let world = World::new(934);
    let people = office(&world);
    let lost = world.enrol(&people[0], "Sofie", Role::Mentor);
    people[0].device.revoke(lost.id(), RevokeReason::Lost).expect("revoked");
    for _ in 0..2 {
        for phone in &people {
            phone.sync();
        }
    }
    let keys: Vec<Vec<u8>> = people.iter().chain([&lost]).flat_map(Phone::secrets).collect();
    assert!(keys.len() >= 12, "devices, the directory twice, a case twice: {}", keys.len());
    let mut heard: Vec<Vec<u8>> = people.iter().chain([&lost]).flat_map(|phone| phone.road.sent()).filter_map(|sent| sent.body).collect();
    heard.extend(fs::read_dir(world.server_dir()).expect("a folder").flatten().filter_map(|entry| fs::read(entry.path()).ok()));
    assert!(heard.iter().map(Vec::len).sum::<usize>() > 50_000, "there was much to look at");
    let holds = |bytes: &[u8], key: &[u8]| bytes.windows(key.len()).any(|window| window == key);
    let found = |key: &&Vec<u8>| heard.iter().any(|bytes| holds(bytes, key));
    assert_eq!(keys.iter().filter(found).count(), 0);
    heard.push([b"before", keys[3].as_slice(), b"after"].concat());
    assert!(heard.last().is_some_and(|bytes| holds(bytes, &keys[3])), "it would have been found");
}

#[test]
fn unlocking_locking_and_giving_the_secret_again_ask_the_server_nothing() {
    let world = World::new(935);
    let people = office(&world);
    let hanne = &people[0];
    let before = hanne.road.sent().len();
    hanne.device.lock();
    assert_eq!(hanne.device.unlock(b"en helt anden hemmelighed").expect_err("wrong").code(), "vault.wrong_secret");
    hanne.try_unlock().expect("the right one");
    hanne.device.confirm(PASSPHRASE).expect("the same");
    hanne.device.open_strongroom(PASSPHRASE).expect("the same");
    hanne.restart();
    assert_eq!(hanne.road.sent().len(), before, "no secret, cost, salt or way back comes from anywhere but this device");
}

/// What a folder shows to whoever may not open it.
#[test]
fn a_locked_folder_has_the_same_files_for_one_case_and_for_twelve() {
    let files = |cases: usize| {
        let world = World::new(936);
        let phone = world.founder("Hanne");
        for n in 0..cases {
            let case = phone.device.new_case(&format!("Fugl {n}"), Programme::National, None).expect("a case");
            phone.note(case, WORDS);
        }
        phone.sync();
        phone.device.lock();
        let mut names: Vec<String> = fs::read_dir(phone.device.dir())
            .expect("a folder")
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(files(1), files(12));
}

/// What the programs say beside their answers, where the system shows how they were begun, and the server's log.
#[test]
fn no_secret_and_no_word_is_in_the_environment_the_arguments_the_log_or_an_error() {
    let dir = TempDir::new().expect("a folder");
    let (mut server, hanne, aase) = team(&dir);
    let case = text(&hanne.ok(&["case", "new", "--alias", NAMES[4], "--programme", "national"])["case"]);
    let words = dir.path().join("words");
    fs::write(&words, WORDS).expect("written");
    let words = words.to_str().expect("a path");
    hanne.ok(&["note", "add", &case, "--file", words]);
    hanne.ok(&["address", "set", &case, "--file", words, "--protection", "special"]);
    hanne.ok(&["sync", "--addresses"]);
    let invited = text(&hanne.ok(&["invite", "--person", NAMES[0], "--role", "mentor"])["invitation"]);
    let heard = dir.path().join("heard");
    fs::create_dir(&heard).expect("a folder");
    let keep = |name: &str, what: &[u8]| fs::write(heard.join(name), what).expect("written");

    let mut watching = hanne.command(&["sync", "--watch"]).spawn().expect("it runs");
    std::thread::sleep(std::time::Duration::from_millis(500));
    for part in ["environ", "cmdline"] {
        keep(part, &fs::read(format!("/proc/{}/{part}", watching.id())).expect("a process on Linux"));
    }
    watching.kill().and_then(|()| watching.wait()).expect("it ends");
    server.stop();
    let wrong = dir.path().join("wrong");
    fs::write(&wrong, WRONG).expect("written");
    let wrong = wrong.to_str().expect("a path");
    let refused: [&[&str]; 8] = [
        &["sync"],
        &["note", "add", "ingen", "--file", words],
        &["note", "edit", &case, "ingen", "--file", words],
        &["address", "show", &case, "--for", "visit"],
        &["address", "set", "ingen", "--file", words, "--protection", "special"],
        &["approve", "0000-0000"],
        &["duress", "choose", "--second-file", words],
        &["case", "show", "ingen"],
    ];
    let mut failed = 0;
    for (number, arguments) in refused.iter().enumerate() {
        for (who, shell) in [("hanne", &hanne), ("aase", &aase)] {
            let ran = shell.run(arguments);
            failed += u32::from(!ran.status.success());
            keep(&format!("{who}-{number}"), ran.stderr.as_bytes());
        }
    }
    let mut stranger = std::process::Command::new(program("brobygger"));
    stranger.arg("--data").arg(&hanne.data).args(["--passphrase-file", wrong, "--json", "today"]);
    let stranger = stranger.output().expect("it runs");
    assert!(String::from_utf8_lossy(&stranger.stderr).contains("vault.wrong_secret"), "{stranger:?}");
    keep("stranger", &[stranger.stdout, stranger.stderr].concat());
    assert!(failed > 12, "much was refused: {failed}");
    keep("server", fs::read(dir.path().join("server/server.log")).expect("a log").as_slice());
    let tried = [PASSPHRASE_TEXT, WRONG, WORDS, NAMES[4], NAMES[0], invited.as_str()];
    says_nothing(&heard, &tried, "what the programs say of themselves");
    keep("probe", WRONG.as_bytes());
    assert_eq!(found_in(&heard, WRONG), ["probe"], "it would have been found");
}
