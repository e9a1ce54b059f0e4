//! Cleaning, comparing, carrying over; no letter is cut.

use proptest::prelude::*;

use super::*;

fn apply(text: &str, splices: &[Splice]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for s in splices {
        chars.splice(s.at..s.at + s.delete, s.insert.chars());
    }
    chars.into_iter().collect()
}

fn rewrite(old: &str, new: &str) -> String {
    apply(old, &Shift::none(old.chars().count()).carry(&diff(old, new)))
}

#[test]
fn a_family_is_replaced_whole_and_an_accent_stays_with_its_letter() {
    let hunks = diff("a👨‍👩‍👧b", "a👨‍👩‍👦b");
    assert_eq!(hunks, [Hunk { at: 1, delete: 5, insert: "👨‍👩‍👦".into() }]);
    let hunks = diff("cafe", "cafe\u{301}");
    assert_eq!(hunks, [Hunk { at: 0, delete: 4, insert: "cafe\u{301}".into() }]);
    let hunks = diff("🇩🇰", "🇩🇪");
    assert_eq!(hunks, [Hunk { at: 0, delete: 2, insert: "🇩🇪".into() }]);
}

#[test]
fn two_places_give_two_hunks() {
    let hunks = diff("Han kom kl. ni og gik igen.", "Hun kom kl. ni og blev igen.");
    assert_eq!(hunks.len(), 2);
    assert_eq!(hunks[0], Hunk { at: 0, delete: 3, insert: "Hun".into() });
    assert_eq!(hunks[1], Hunk { at: 18, delete: 3, insert: "blev".into() });
}

#[test]
fn a_word_is_replaced_whole_and_added_to_where_it_stands() {
    let one = |at, delete, insert: &str| vec![Hunk { at, delete, insert: insert.into() }];
    assert_eq!(diff("fredag.", "lørdag."), one(0, 6, "lørdag"));
    assert_eq!(diff("om fredag kl.", "om mandag kl."), one(3, 6, "mandag"));
    assert_eq!(diff("e\u{301}n æble", "e\u{301}t æble"), one(0, 3, "e\u{301}t"));
    assert_eq!(diff("bol", "bolig"), one(3, 0, "ig"));
    assert_eq!(diff("boligen", "bolig"), one(5, 2, ""));
    assert_eq!(diff("han gik", "han. gik"), one(3, 0, "."));
    assert_eq!(diff("han, gik", "han. gik"), one(3, 1, "."), "no word was touched");
}

#[test]
fn a_text_too_long_to_compare_is_replaced() {
    let old: String = (0..3000).map(|n| format!("a{n} ")).collect();
    let new: String = (0..3000).map(|n| format!("b{n} ")).collect();
    assert_eq!(diff(&old, &new).len(), 1);
    assert_eq!(rewrite(&old, &new), new);
}

#[test]
fn a_long_text_changed_at_both_ends_and_inside_keeps_what_lies_between() {
    let middle: String = (0..4_000).map(|n| format!("{n}. vi mødtes ved broen ")).collect();
    let old = format!("Først. {middle}Sidst.");
    let new = format!("I går: {}I dag.", old.replace(" 1999. vi", " 1999. de").replace("Sidst.", "Til sidst."));
    let hunks = diff(&old, &new);
    let (gone, come) = (hunks.iter().map(|h| h.delete).sum::<usize>(), hunks.iter().map(|h| h.insert.chars().count()).sum::<usize>());
    assert!(gone < 40 && come < 60, "{gone} letters go and {come} come: {hunks:?}");
    assert_eq!(rewrite(&old, &new), new);
}

#[test]
fn short_strings_lose_what_turns_and_controls() {
    assert_eq!(short(" a\u{202e}b\u{2066}\r\nc\u{7} ").unwrap(), "ab  c");
    assert_eq!(short("a\0"), Err(BadText::Nul));
    assert_eq!(short(&"æ".repeat(501)), Err(BadText::TooLong));
    assert_eq!(short(&"æ".repeat(500)).unwrap().chars().count(), 500);
    assert_eq!(long("a\r\nb\rc\n\u{2067}d", 100).unwrap(), "a\nb\nc\n\u{2067}d");
    assert_eq!(long("abc", 2), Err(BadText::TooLong));
}

#[test]
fn a_change_is_carried_over_what_came_meanwhile() {
    // base "abcdef", meanwhile "X" came after b and "de" went: "abXcf"
    let mut shift = Shift::none(6);
    shift.insert(2, 1);
    shift.delete(4, 2);
    let mine = [Hunk { at: 1, delete: 3, insert: "Q".into() }];
    assert_eq!(apply("abXcf", &shift.carry(&mine)), "aQXf");
}

fn letters() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(vec!["a", "å", "e\u{301}", " ", "\n", "ord", "👨‍👩‍👧", "مرحبا", "🇩🇰", "ø", "."]), 0..40)
        .prop_map(|v| v.concat())
}

proptest! {
    #[test]
    fn a_difference_leads_from_old_to_new(old in letters(), new in letters()) {
        prop_assert_eq!(rewrite(&old, &new), new);
    }

    #[test]
    fn long_lists_are_compared_as_well_as_short_ones(old in letters(), new in letters()) {
        let (old, new) = (tokens(&old), tokens(&new));
        let (table, search) = (common(&old, &new), common_of_long(&old, &new));
        prop_assert_eq!(table.len(), search.len());
        prop_assert!(search.iter().all(|(a, b)| old[*a] == new[*b]));
        prop_assert!(search.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1));
    }

    #[test]
    fn no_letter_is_cut(old in letters(), new in letters()) {
        let starts: Vec<usize> = old.grapheme_indices(true).map(|(i, _)| old[..i].chars().count()).chain([old.chars().count()]).collect();
        for hunk in diff(&old, &new) {
            prop_assert!(starts.contains(&hunk.at));
            prop_assert!(starts.contains(&(hunk.at + hunk.delete)));
        }
    }
}
