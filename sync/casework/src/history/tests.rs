//! Who did what, in the order in which they knew of each other.

use super::*;
use crate::{
    Edit, OfferKind, OfferStatus,
    testing::{aisha, item, meet, mikkel},
};

#[test]
fn the_history_says_who_did_what_in_causal_order() {
    let mut people = [aisha(), mikkel()];
    people[0].note(1, "en");
    for n in 0..5 {
        people[0].writes(1, &"x".repeat(n + 1), None);
    }
    meet(&mut people);
    people[1].does(Edit::SetOfferStatus { offer: OfferKind::Therapy, status: OfferStatus::Need });
    meet(&mut people);
    let history = people[0].case.history();
    assert_eq!(history, people[1].case.history());
    let acts: Vec<_> = history.iter().map(|e| (e.act.as_str(), e.member, e.changes)).collect();
    let (a, m) = (Some(people[0].by.member), Some(people[1].by.member));
    assert_eq!(acts, [("note.add", a, 1), ("note.write", a, 5), ("offer.status", m, 1)]);
    assert_eq!(history[0].item, Some(item(1)));
    assert_eq!(history[2].detail, "therapy not_assessed need");
}

#[test]
fn a_foreign_message_says_nothing() {
    assert_eq!(parse("<b>hej</b> Falken").0, "unknown");
    assert_eq!(parse("note.add - Falken bor her").2, "bor her");
    assert_eq!(parse(""), ("unknown".to_owned(), None, String::new()));
}
