//! Two versions of a sentence: when they are two, what each of them said, and when the question is over.

use crate::{
    Edit,
    testing::{Person, aisha, item, meet, mikkel, sofie},
};

fn places(p: &Person) -> Vec<(String, Vec<String>)> {
    let note = &p.shows().notes[&item(1)];
    let said = |both: &crate::show::BothShow| {
        let text: String = note.text.chars().skip(both.start as usize).take((both.end - both.start) as usize).collect();
        (text, both.versions.iter().map(|version| version.text.clone()).collect())
    };
    note.both.iter().map(said).collect()
}

/// People who have the same note.
fn with_note<const N: usize>(mut people: [Person; N], text: &str) -> [Person; N] {
    people[0].note(1, text);
    meet(&mut people);
    people
}

#[test]
fn two_who_rewrite_one_sentence_are_both_heard() {
    let mut people = with_note([aisha(), mikkel()], "Han kom. Nøglen får han fredag. Vi ses igen.");
    people[0].writes(1, "Han kom. Nøglen får han lørdag. Vi ses igen.", None);
    people[1].writes(1, "Han kom. Nøglen får han mandag. Vi ses igen.", None);
    meet(&mut people);
    for p in &people {
        let text = p.text(1);
        assert!(text.contains("lørdag") && text.contains("mandag"), "{text}");
        let found = places(p);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].0.starts_with("Nøglen får han ") && found[0].0.ends_with('.'), "{found:?}");
        assert_eq!(found[0].1, ["Nøglen får han lørdag.", "Nøglen får han mandag."]);
        let both = &p.shows().notes[&item(1)].both[0];
        assert_eq!(both.versions.iter().map(|v| v.member.unwrap()).collect::<Vec<_>>(), [people[0].by.member, people[1].by.member]);
    }
    assert_eq!(people[0].shows(), people[1].shows());
}

#[test]
fn different_words_of_one_sentence_are_two_versions_of_it() {
    let mut people = with_note([aisha(), mikkel()], "Han kom fredag klokken tolv. Så gik vi.");
    people[0].writes(1, "Han kom lørdag klokken tolv. Så gik vi.", None);
    people[1].writes(1, "Han kom fredag klokken tre. Så gik vi.", None);
    meet(&mut people);
    let found = places(&people[1]);
    assert_eq!(
        found,
        [(
            "Han kom lørdag klokken tre.".to_owned(),
            vec!["Han kom lørdag klokken tolv.".to_owned(), "Han kom fredag klokken tre.".to_owned()]
        )]
    );
}

#[test]
fn the_place_is_settled_by_whoever_writes_there_knowing_both_and_not_by_other_words() {
    let mut people = with_note([aisha(), mikkel()], "Han kom. Nøglen får han fredag. Vi ses igen.");
    people[0].writes(1, "Han kom. Nøglen får han lørdag. Vi ses igen.", None);
    people[1].writes(1, "Han kom. Nøglen får han mandag. Vi ses igen.", None);
    meet(&mut people);
    let merged = people[0].text(1);
    people[0].writes(1, &merged.replace("Han kom.", "Han kom til tiden.").replace("igen.", "igen. Torsdag."), None);
    meet(&mut people);
    let found = places(&people[1]);
    assert_eq!(found.len(), 1, "words elsewhere settle nothing: {found:?}");
    assert!(found[0].0.starts_with("Nøglen får han "), "and the place has moved with its sentence: {found:?}");
    let now = people[1].text(1);
    let settled = now.replace(&found[0].0, "Nøglen får han lørdag. Nøglen får han mandag.");
    people[1].writes(1, &settled, None);
    meet(&mut people);
    assert_eq!(places(&people[0]), []);
    assert_eq!(people[0].text(1), "Han kom til tiden. Nøglen får han lørdag. Nøglen får han mandag. Vi ses igen. Torsdag.");
}

#[test]
fn a_third_who_knew_of_neither_adds_a_third_version() {
    let mut people = with_note([aisha(), mikkel(), sofie()], "Nøglen får han fredag.");
    for (p, day) in people.iter_mut().zip(["lørdag", "mandag", "tirsdag"]) {
        p.writes(1, &format!("Nøglen får han {day}."), None);
    }
    meet(&mut people);
    for p in &people {
        let found = places(p);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].1, ["Nøglen får han lørdag.", "Nøglen får han mandag.", "Nøglen får han tirsdag."]);
    }
}

#[test]
fn what_one_writes_behind_or_before_a_sentence_is_no_second_version_of_it() {
    for (base, one, other) in [
        ("Vi mødtes.", "Vi mødtes. Han kom.", "Vi mødtes. Hun kom."),
        ("Vi mødtes.", "I går: Vi mødtes.", "Vi mødtes. Han lo."),
        ("Vi mødtes. Han lo.", "Vi mødtes ved broen. Han lo.", "Vi mødtes. Han lo meget."),
        ("", "En.", "To."),
        ("Om bolig\nOm gæld", "Om bolig\nnøgle\nOm gæld", "Om bolig\nOm gæld\nbank"),
    ] {
        let mut people = with_note([aisha(), mikkel()], base);
        people[0].writes(1, one, None);
        people[1].writes(1, other, None);
        meet(&mut people);
        assert_eq!(places(&people[0]), [], "{base} | {one} | {other} = {}", people[0].text(1));
    }
}

#[test]
fn a_sentence_that_was_not_brought_to_its_end_has_two_ends() {
    let mut people = with_note([aisha(), mikkel()], "Nøglen får han");
    people[0].writes(1, "Nøglen får han lørdag", None);
    people[1].writes(1, "Nøglen får han mandag", None);
    meet(&mut people);
    assert_eq!(places(&people[0])[0].1, ["Nøglen får han lørdag", "Nøglen får han mandag"]);
}

#[test]
fn who_has_read_the_other_writes_no_second_version() {
    let mut people = with_note([aisha(), mikkel()], "Nøglen får han fredag.");
    for round in 0..5 {
        let p = &mut people[round % 2];
        p.writes(1, &format!("Nøglen får han om {round} dage."), None);
        meet(&mut people);
    }
    assert_eq!(places(&people[0]), []);
}

#[test]
fn a_sentence_one_took_away_and_another_rewrote_is_told_with_both() {
    let mut people = with_note([aisha(), mikkel()], "Han kom. Nøglen får han fredag. Vi ses.");
    people[0].writes(1, "Han kom. Vi ses.", None);
    people[1].writes(1, "Han kom. Nøglen får han mandag. Vi ses.", None);
    meet(&mut people);
    let found = places(&people[0]);
    assert_eq!(found.len(), 1, "{found:?} in {}", people[0].text(1));
    assert!(found[0].1.contains(&"Nøglen får han mandag.".to_owned()), "{found:?}");
}

#[test]
fn many_small_writes_apart_are_one_encounter() {
    let mut people = with_note([aisha(), mikkel()], "Nøglen får han fredag. Og mere.");
    for n in 1..=10 {
        people[0].writes(1, &format!("Nøglen får han lørdag kl. {n}. Og mere."), None);
        people[1].writes(1, &format!("Nøglen får han mandag om {n} uger. Og mere."), None);
    }
    meet(&mut people);
    let found = places(&people[0]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].1, ["Nøglen får han lørdag kl. 10.", "Nøglen får han mandag om 10 uger."]);
}

#[test]
fn a_removed_and_restored_note_keeps_its_two_versions() {
    let mut people = with_note([aisha(), mikkel()], "Nøglen får han fredag.");
    people[0].writes(1, "Nøglen får han lørdag.", None);
    people[1].writes(1, "Nøglen får han mandag.", None);
    meet(&mut people);
    people[0].does(Edit::RemoveNote { note: item(1) });
    people[0].does(Edit::RestoreNote { note: item(1) });
    meet(&mut people);
    assert_eq!(places(&people[1]).len(), 1);
}
