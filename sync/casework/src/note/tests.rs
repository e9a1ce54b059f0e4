//! The first line of a note.

use super::*;

#[test]
fn the_first_line_skips_empty_ones_and_never_cuts_a_letter() {
    assert_eq!(first_line("\n \n  Mødet gik godt.\nMere", 80), "Mødet gik godt.");
    assert_eq!(first_line("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", 2), "👨‍👩‍👧👨‍👩‍👧");
    assert_eq!(first_line("", 80), "");
    assert_eq!(words("to ord\n og to"), 4);
}
