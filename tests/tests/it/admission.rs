//! Letting somebody in who is far away: seven words by telephone, and one try.

use device::{Request, Role};
use world::{
    PASSPHRASE, Phone, World,
    process::{ServerProcess, Shell},
};

fn asked(hanne: &Phone) -> Vec<Request> {
    hanne.block_on(hanne.courier().requests()).expect("asked")
}

fn spoken(hanne: &Phone, person: &str, words: &str) -> Result<(), String> {
    hanne.block_on(hanne.courier().approve_spoken(person, words, "telefon", PASSPHRASE)).map_err(|error| error.code())
}

fn waiting(world: &World, hanne: &Phone, name: &str) -> Phone {
    let phone = world.phone(name);
    let invited = hanne.device.invite(name, Role::Mentor).expect("invited");
    hanne.sync();
    phone.device.join(&invited.invitation).expect("joined");
    assert!(phone.sync().waiting_for_approval);
    phone
}

#[test]
fn who_is_far_away_is_let_in_by_seven_words_read_aloud() {
    let world = World::new(440);
    let hanne = world.founder("Hanne");
    let aase = waiting(&world, &hanne, "Åse");
    let emil = waiting(&world, &hanne, "Emil");
    let read_aloud = aase.device.pending_words().expect("words");
    assert_eq!(read_aloud.len(), 7);
    let heard = read_aloud.join("  ").to_uppercase();
    assert_eq!(spoken(&hanne, "Åse", &read_aloud[..6].join(" ")), Err("enrol.not_words".to_owned()), "a slip of the pen is no try");
    assert_eq!(spoken(&hanne, "Åse", &heard.replacen(&read_aloud[0].to_uppercase(), "ikke-et-ord", 1)), Err("enrol.not_words".to_owned()));
    assert_eq!(spoken(&hanne, "Sofie", &heard), Err("enrol.no_such_request".to_owned()), "nobody of that name waits");
    spoken(&hanne, "Åse", &heard).expect("let in");
    hanne.sync();
    aase.sync();
    assert_eq!(aase.device.whoami().expect("admitted").role, Role::Mentor);
    assert!(emil.sync().waiting_for_approval, "nobody else came in with her");
}

#[test]
fn other_words_than_those_shown_are_the_one_try_and_a_new_invitation_begins_anew() {
    let world = World::new(441);
    let hanne = world.founder("Hanne");
    let aase = waiting(&world, &hanne, "Åse");
    let thief = world.phone("Tyv");
    let others = {
        let invited = hanne.device.invite("Tyv", Role::Mentor).expect("invited");
        thief.device.join(&invited.invitation).expect("joined");
        thief.device.pending_words().expect("words").join(" ")
    };
    let right = aase.device.pending_words().expect("words").join(" ");
    let request = aase.device.pending_request().expect("a request").expect("one");
    assert_eq!(spoken(&hanne, "Åse", &others), Err("enrol.words_differ".to_owned()));
    assert_eq!(asked(&hanne).iter().filter(|one| one.person == "Åse").count(), 0, "it is not offered again");
    assert_eq!(spoken(&hanne, "Åse", &right), Err("enrol.no_such_request".to_owned()), "there is one try, also with the right words");
    let typed = hanne.block_on(hanne.courier().approve(&request, "telefon", PASSPHRASE)).expect_err("refused");
    assert_eq!(typed.code(), "enrol.words_differ", "nor by the whole request");
    hanne.sync();
    assert!(aase.sync().waiting_for_approval);
    let invited = hanne.device.invite("Åse", Role::Mentor).expect("invited");
    hanne.sync();
    aase.device.join(&invited.invitation).expect("joined");
    assert!(aase.sync().waiting_for_approval);
    let words = aase.device.pending_words().expect("words").join(" ");
    assert_ne!(words, right, "another invitation has other words");
    spoken(&hanne, "Åse", &words).expect("let in");
    hanne.sync();
    aase.sync();
    assert_eq!(aase.device.whoami().expect("admitted").role, Role::Mentor);
}

#[test]
fn who_says_that_the_words_differ_lets_nobody_in_by_that_invitation_any_more() {
    let world = World::new(442);
    let hanne = world.founder("Hanne");
    let aase = waiting(&world, &hanne, "Åse");
    let shown = asked(&hanne);
    let request = &shown.first().expect("one").id;
    hanne.block_on(hanne.courier().refuse(request)).expect("refused");
    hanne.restart();
    assert_eq!(asked(&hanne).len(), 0);
    assert_eq!(hanne.block_on(hanne.courier().approve(request, "telefon", PASSPHRASE)).expect_err("no").code(), "enrol.words_differ");
    assert_eq!(hanne.block_on(hanne.courier().refuse("AAAA-BBBB")).expect_err("nobody's").code(), "enrol.no_such_request");
    assert!(aase.sync().waiting_for_approval);
}

#[test]
fn the_command_line_takes_the_words_and_says_what_became_of_them() {
    let dir = tempfile::TempDir::new().expect("a folder");
    let server = ServerProcess::start(&dir.path().join("server"));
    let hanne = Shell::new(&dir.path().join("hanne"));
    hanne.ok(&["org", "create", "--server", &server.url(), "--name", "Broen", "--person", "Hanne"]);
    let invitation = hanne.ok(&["invite", "--person", "Åse", "--role", "mentor"])["invitation"].as_str().expect("text").to_owned();
    let aase = Shell::new(&dir.path().join("aase"));
    aase.ok(&["join", &invitation]);
    let shown = hanne.ok(&["requests"]);
    let words: Vec<&str> = shown["requests"][0]["words"].as_array().expect("words").iter().filter_map(|word| word.as_str()).collect();
    assert_eq!(hanne.run(&["approve", "--sas", "Åse", "--words", "kun tre ord"]).code(), "enrol.not_words");
    assert_eq!(hanne.run(&["approve", "--sas", "Åse"]).status.code(), Some(2), "wrong usage");
    assert_eq!(hanne.ok(&["approve", "--sas", "Åse", "--words", &words.join(" ")])["approved"], "Åse");
    aase.ok(&["sync"]);
    assert_eq!(aase.ok(&["whoami"])["person"], "Åse");
}
