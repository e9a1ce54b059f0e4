//! What each path costs in instructions, counted by valgrind: a count does not depend on what else the machine does.

use std::{fs, path::Path, process::Command};

/// Entries of the case that the paths are counted on.
const ENTRIES: &str = "40";
/// Another compiler, or other dice in a hash table, may cost a little more; another way of doing it costs more than this.
const SLACK_PERCENT: u64 = 25;

/// Four times as many: what is asked of it must not ask much more of a long case.
const MORE_ENTRIES: &str = "160";

fn written_down(name: &str) -> u64 {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("counts.txt");
    let text = fs::read_to_string(file).expect("counts.txt is there");
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).expect("a line for each path");
    line.trim().replace('_', "").parse().expect("a count")
}

/// Instructions of one run, without what prepares it.
fn counted(name: &str, entries: &str) -> u64 {
    // Two tests may count the same path at the same time.
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("callgrind.{name}.{entries}.{}", std::process::id()));
    let ran = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no", "--toggle-collect=hot::measured"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .args([env!("CARGO_BIN_EXE_hot-paths"), entries, name])
        .output()
        .expect("valgrind is installed: ./test does it");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let text = fs::read_to_string(&out).expect("callgrind wrote its file");
    fs::remove_file(&out).expect("removed");
    let count = text.lines().find_map(|line| line.strip_prefix("summary: ")).expect("a summary");
    count.trim().parse().expect("a count")
}

fn costs_no_more_than_written_down(name: &str) {
    let (most, now) = (written_down(name), counted(name, ENTRIES));
    println!("{name} {now}");
    assert!(now > 0, "hot::measured was not found in the program");
    assert!(
        now * 100 <= most * (100 + SLACK_PERCENT),
        "{name}: {now} instructions, {most} written down. Find out why; if it must be so, write it down in benches/hot/counts.txt and say why"
    );
}

#[test]
fn every_path_has_a_count_and_a_test() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("counts.txt")).expect("counts.txt is there");
    let mut counted: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split(' ').next()).collect();
    let mut paths: Vec<&str> = hot::PATHS.iter().map(|path| path.name).collect();
    let this = include_str!("counts.rs");
    for name in &paths {
        assert!(this.contains(&format!("costs_no_more_than_written_down(\"{name}\")")), "{name} has no test");
    }
    counted.sort_unstable();
    paths.sort_unstable();
    assert_eq!(counted, paths);
}

#[test]
fn writing_an_entry_costs_hardly_more_in_a_case_four_times_as_long() {
    let (short, long) = (counted("edit", ENTRIES), counted("edit", MORE_ENTRIES));
    println!("edit {short} {long}");
    assert!(long * 2 <= short * 3, "{short} instructions among {ENTRIES} entries, {long} among {MORE_ENTRIES}");
}

#[test]
fn writing_an_entry_into_a_case_stays_as_cheap_as_it_was() {
    costs_no_more_than_written_down("edit");
}

#[test]
fn sealing_an_entry_stays_as_cheap_as_it_was() {
    costs_no_more_than_written_down("seal");
}

#[test]
fn opening_an_envelope_stays_as_cheap_as_it_was() {
    costs_no_more_than_written_down("open");
}

#[test]
fn taking_in_an_entry_stays_as_cheap_as_it_was() {
    costs_no_more_than_written_down("merge");
}

#[test]
fn loading_a_case_stays_as_cheap_as_it_was() {
    costs_no_more_than_written_down("load");
}

#[test]
fn taking_lists_and_search_out_of_a_case_stays_as_cheap_as_it_was() {
    costs_no_more_than_written_down("project");
}

#[test]
fn a_new_device_takes_in_a_case_as_cheaply_as_it_did() {
    costs_no_more_than_written_down("adopt");
}

#[test]
fn keeping_an_entry_on_the_disk_stays_as_cheap_as_it_was() {
    costs_no_more_than_written_down("keep");
}

#[test]
fn searching_stays_as_cheap_as_it_was() {
    costs_no_more_than_written_down("search");
}
