//! What whoever has the disks, or everything that passes, could read: no name, no word, and nothing that opens anything.

use std::{fs, path::Path};

use device::{Role, casework::Programme};
use tempfile::TempDir;
use world::{PASSPHRASE, Phone, World};

use crate::scanner::found_in;

/// Names that stand nowhere by chance: of people, a device, and a case.
const NAMES: [&str; 5] = [
    "Åse Thorup Lindegaard",
    "Hanne Østergård Vestbro",
    "Emil Kjærsgaard Nørrebo",
    "Den grønne tablet ved vinduet",
    "Falken fra Fælledparken",
];
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
        people.iter().for_each(|phone| drop(phone.sync()));
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
