//! Edge cases of notes: a very long one that two people write, and one that is being dictated when the phone dies.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    thread::sleep,
    time::Duration,
};

use device::{
    Cost, Device, SystemHost,
    casework::{Edit, Programme},
};
use tempfile::TempDir;
use world::{
    PASSPHRASE,
    long_note::{DAYS, LENGTH, LongNote, paragraphs},
};

#[test]
fn e16_a_note_of_200_000_characters_written_by_two_at_both_ends_for_nine_days_loses_nothing() {
    let story = LongNote::written(16);
    assert_eq!(story.read(&story.hanne).chars().count(), LENGTH);
    let statements = |phone: &world::Phone| phone.device.verify().expect("verified").statements;
    let before = [statements(&story.hanne), statements(&story.aase)];
    story.apart();
    let (sent, merged, back) = (story.send(), story.merge(), story.merge_back());

    let text = story.read(&story.hanne);
    assert_eq!(text, story.read(&story.aase));
    assert!(text.contains(&story.text), "the long middle is as it was");
    let mut added = 0;
    for day in 0..DAYS {
        for who in ["Hanne", "Åse"] {
            for paragraph in paragraphs(who, day) {
                assert_eq!(text.matches(paragraph.trim()).count(), 1, "{paragraph}");
                added += paragraph.chars().count();
            }
        }
    }
    assert_eq!(text.chars().count(), LENGTH + added, "and nothing else came in");

    // Nine days are one envelope each way, beside Hanne's sign of life, and what travels is what was written, not the note.
    assert_eq!((sent.sent, merged.sent, merged.received, back.received), (1, 2, 1, 2));
    assert_eq!([sent.round_trips, merged.round_trips, back.round_trips], [1, 1, 1]);
    for report in [&sent, &merged, &back] {
        assert!(report.bytes_up + report.bytes_down < 16 * 1024, "{report:?}");
    }
    assert_eq!([statements(&story.hanne), statements(&story.aase)], before.map(|n| n + 2), "one statement of each");
    for phone in [&story.hanne, &story.aase] {
        assert_eq!(phone.device.verify().expect("verified").problems, Vec::<String>::new());
        assert!(phone.device.case(story.case).expect("the case").conflicts.is_empty());
    }
}

const DICTATES: &str = "BROBYGGER_DICTATES";
const TEST: &str = "note_cases::e17_killed_while_dictating_at_most_a_second_of_text_is_lost";
/// Words a person says between two pauses: less than a second of speech.
const A_BREATH: usize = 3;

fn unlocked(dir: &Path) -> Device {
    let device = Device::new(dir, Arc::new(SystemHost::with_cost(Cost::FLOOR)));
    device.unlock(PASSPHRASE).expect("unlocks");
    device
}

fn words(n: usize) -> String {
    (0..n).map(|n| format!("ord{n}")).collect::<Vec<_>>().join(" ")
}

/// The phone that will be killed: writes at every pause what was said so far, and says when the vault has it.
fn dictate(told: &str) {
    let (case, rest) = told.split_once(':').expect("a case");
    let (note, dir) = rest.split_once(':').expect("a note");
    let (case, note) = (case.parse().expect("an id"), note.parse().expect("an id"));
    let device = unlocked(Path::new(dir));
    let mut out = std::io::stdout();
    for said in (0..).step_by(A_BREATH).skip(1) {
        device.edit(case, Edit::WriteNote { note, text: words(said), base: None }).expect("written");
        writeln!(out, "kept {said}").and_then(|()| out.flush()).expect("said");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn e17_killed_while_dictating_at_most_a_second_of_text_is_lost() {
    if let Ok(told) = env::var(DICTATES) {
        return dictate(&told);
    }
    let dir = TempDir::new().expect("a folder");
    let device = Device::new(dir.path(), Arc::new(SystemHost::with_cost(Cost::FLOOR)));
    device.create_vault(PASSPHRASE).expect("a vault");
    device.found_organisation("http://127.0.0.1:1", Vec::new(), "Broen", "Åse", "telefon").expect("founded");
    let case = device.new_case("Falken", Programme::National, None).expect("a case");
    device.lock();
    for breaths in [1_u64, 4, 9, 15, 22] {
        device.unlock(PASSPHRASE).expect("unlocks");
        let note = device.new_item();
        device.edit(case, Edit::AddNote { id: note, text: String::new(), at_ms: device.host().now_ms() }).expect("begun");
        device.lock();
        let mut phone = Command::new(env::current_exe().expect("a path"))
            .args(["--exact", TEST, "--nocapture"])
            .env(DICTATES, format!("{case}:{note}:{}", dir.path().display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        let mut lines = BufReader::new(phone.stdout.take().expect("piped")).lines().map(|line| line.expect("text"));
        let kept_in = |line: String| line.split("kept ").nth(1).and_then(|n| n.trim().parse::<usize>().ok());
        let mut kept = lines.by_ref().filter_map(kept_in).nth(usize::try_from(breaths).expect("a number")).expect("it dictates");
        sleep(Duration::from_millis(breaths * 7 % 31));
        phone.kill().expect("killed");
        phone.wait().expect("dead");
        // What it had still said before it died was kept as well.
        kept = lines.filter_map(kept_in).last().unwrap_or(kept);
        let text = unlocked(dir.path()).note(case, note, None).expect("the note").text;
        let said = text.split_whitespace().count();
        assert_eq!(text, words(said), "what is there is what was said, from its beginning");
        assert!((kept..=kept + A_BREATH).contains(&said), "{said} words of the {kept} that were kept");
    }
    let device = unlocked(dir.path());
    assert_eq!(device.verify().expect("verified").problems, Vec::<String>::new());
}
