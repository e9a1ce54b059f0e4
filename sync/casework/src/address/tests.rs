//! What stands in an address book does not depend on the order in which it came, and nobody's entry wins over another's.

use proptest::prelude::*;

use super::*;

fn id(n: u8) -> ItemId {
    ItemId::from_bytes([n; 16])
}

fn entry(n: u8, address: &str, protection: Protection, over: &[u8]) -> Entered<AddressEntry> {
    let entry = AddressEntry {
        id: id(n),
        address: address.to_owned(),
        protection,
        from: None,
        renew_by: None,
        over: over.iter().map(|n| id(*n)).collect(),
    };
    Entered { by: MemberId::from_bytes([n; 16]), at_ms: i64::from(n), entry: entry.checked().unwrap() }
}

#[test]
fn what_somebody_took_the_place_of_stands_no_more() {
    let book = AddressBook::of([
        entry(2, "Havnegade 1, Ærøskov", Protection::Special, &[1]),
        entry(1, "Skovvej 3, Ådal", Protection::Ordinary, &[]),
    ]);
    assert_eq!(book.address(), Some("Havnegade 1, Ærøskov"));
    assert_eq!((book.heads(), book.before().len(), book.is_disputed()), (vec![id(2)], 1, false));
}

#[test]
fn two_addresses_that_know_nothing_of_each_other_are_nobodys_to_choose() {
    let book = AddressBook::of([
        entry(1, "Skovvej 3, Ådal", Protection::Ordinary, &[]),
        entry(2, "Havnegade 1, Ærøskov", Protection::NameAndAddress, &[1]),
        entry(3, "Bakken 9, Mølleby", Protection::Ordinary, &[1]),
    ]);
    assert!(book.is_disputed());
    assert_eq!((book.address(), book.standing().len()), (None, 2));
    assert_eq!(book.protection(), Some(Protection::NameAndAddress), "the stricter stands meanwhile");
    let decided = AddressBook::of(book.standing().iter().chain(book.before()).cloned().chain([entry(
        4,
        "Bakken 9, Mølleby",
        Protection::Ordinary,
        &[2, 3],
    )]));
    assert_eq!((decided.address(), decided.protection()), (Some("Bakken 9, Mølleby"), Some(Protection::Ordinary)));
}

#[test]
fn the_same_address_twice_is_no_dispute_and_the_stricter_protection_and_the_earlier_day_stand() {
    let mut one = entry(1, "Skovvej 3, Ådal", Protection::Special, &[]);
    let mut two = entry(2, " Skovvej 3, Ådal ", Protection::NameAndAddress, &[]);
    (one.entry.renew_by, two.entry.renew_by) = (Some("2027-05-01".to_owned()), Some("2027-03-01".to_owned()));
    let book = AddressBook::of([one, two]);
    assert_eq!((book.address(), book.protection()), (Some("Skovvej 3, Ådal"), Some(Protection::Special)));
    assert_eq!(book.renew_by(), Some("2027-03-01"));
}

#[test]
fn an_entry_is_one_line_with_dates_that_are_dates() {
    let with = |address: &str, from: Option<&str>| {
        let from = from.map(str::to_owned);
        AddressEntry { id: id(1), address: address.to_owned(), protection: Protection::Ordinary, from, renew_by: None, over: Vec::new() }
            .checked()
            .map(|entry| entry.address)
            .map_err(|error| error.code())
    };
    assert_eq!(with("  Skovvej\n3 \u{202e}Ådal ", None).unwrap(), "Skovvej 3 Ådal");
    assert_eq!(with(" \n ", None), Err("address.missing"));
    assert_eq!(with("Skovvej\0", None), Err("case.text_nul"));
    assert_eq!(with(&"x".repeat(501), None), Err("case.text_too_long"));
    assert_eq!(with("Skovvej 3", Some("2027-02-29")), Err("case.bad_date"));
    assert_eq!(with("Skovvej 3", Some("2028-02-29")).unwrap(), "Skovvej 3");
}

#[test]
fn what_was_looked_for_and_let_in_comes_back_as_it_was_entered() {
    let released = AccessEntry::Released {
        id: id(2),
        member: MemberId::from_bytes([3; 16]),
        until_ms: Some(7),
        purpose: Purpose::Danger,
        alone: true,
    };
    for entry in [AccessEntry::Looked { id: id(1), purpose: Purpose::Visit }, released] {
        assert_eq!(AccessEntry::decode(&entry.encode()), Some(entry));
    }
    assert_eq!(AccessEntry::decode(&[]), None);
    assert_eq!(AddressEntry::decode(&entry(1, "x", Protection::Ordinary, &[]).entry.encode()[1..]), None);
}

proptest! {
    #[test]
    fn the_order_in_which_entries_come_and_how_often_changes_nothing(
        made in prop::collection::vec((prop::sample::select(vec!["Ådal", "Ærøskov"]), 0_usize..3, prop::collection::vec(0_u8..8, 0..3)), 1..8),
        order in any::<prop::sample::Index>(),
    ) {
        let all: Vec<_> = made
            .iter()
            .zip(0_u8..)
            .map(|((address, strict, over), n)| {
                // Nobody can have seen what was entered later.
                let over: Vec<u8> = over.iter().copied().filter(|other| *other < n).collect();
                entry(n, address, Protection::ALL[*strict], &over)
            })
            .collect();
        let book = AddressBook::of(all.clone());
        let mut turned = all.clone();
        turned.rotate_left(order.index(all.len()));
        turned.extend(all.iter().rev().cloned());
        prop_assert_eq!(&AddressBook::of(turned), &book);
        prop_assert!(!book.standing().is_empty());
        prop_assert_eq!(book.standing().len() + book.before().len(), all.len());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = (AddressEntry::decode(&bytes), AccessEntry::decode(&bytes));
    }
}
