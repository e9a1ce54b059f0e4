//! Only the coordinators open what was handed in, whole, and only as its author signed it.

#![expect(clippy::disallowed_methods, reason = "the golden item is a file")]

use super::*;
use crate::{
    OpenError,
    tests::{Dice, Field},
};

/// Aisha's words in her case, and Ida, who may read them.
fn handed(field: &Field, words: &[&[u8]]) -> Item {
    let contents = contents(field, words);
    close(&field.org.org(), &contents, &[field.ida.keys.card()], &field.aisha.keys, &mut Dice::new("close")).unwrap()
}

fn word(field: &Field, by: &DeviceKeys, chain: Chain, body: &[u8]) -> (Word, Chain) {
    let said = Said { claimed_ms: 0, last: Digest::ZERO, count: 1, body };
    sign_word(&field.org.org(), field.stream.case.unwrap(), chain, &said, by).unwrap()
}

fn contents(field: &Field, words: &[&[u8]]) -> Contents {
    let mut chain = Chain::START;
    let mut signed = Vec::new();
    for body in words {
        let (word, after) = word(field, &field.aisha.keys, chain, body);
        signed.push(word);
        chain = after;
    }
    Contents { case: field.stream.case.unwrap(), words: signed }
}

fn opened(field: &Field, item: &Item) -> Result<HandedIn, OpenError> {
    open(item, &field.org, &field.ida.keys)
}

#[test]
fn a_coordinator_reads_what_was_not_sent_and_whose_it_was() {
    let field = Field::new("quarantine");
    let item = Item::decode(&handed(&field, &[b"one", b"two"]).encode()).unwrap();
    let handed = opened(&field, &item).unwrap();
    assert_eq!(handed.author, *field.aisha.keys.card());
    assert_eq!(handed.actor(), field.aisha.keys.actor(&handed.case));
    assert_eq!(handed.words.iter().map(|word| word.body.as_slice()).collect::<Vec<_>>(), [b"one", b"two"]);
}

#[test]
fn nobody_else_opens_it_and_its_author_least_of_all() {
    let field = Field::new("quarantine");
    let item = handed(&field, &[b"one"]);
    for other in [&field.aisha.keys, &field.bo.keys] {
        assert_eq!(open(&item, &field.org, other).unwrap_err(), OpenError::NotMember);
    }
    // Named in the place of the true recipient, somebody still has no key to it.
    let mut renamed = item;
    renamed.header.recipients = vec![field.bo.keys.device()];
    assert_eq!(open(&renamed, &field.org, &field.bo.keys).unwrap_err(), OpenError::BadAead);
}

#[test]
fn each_changed_byte_is_noticed() {
    let field = Field::new("quarantine");
    let item = handed(&field, &[b"one"]);
    let refused = |change: &dyn Fn(&mut Item)| {
        let mut other = item.clone();
        change(&mut other);
        opened(&field, &other).unwrap_err()
    };
    assert_eq!(refused(&|item| item.header.salt[0] ^= 1), OpenError::BadCommit);
    assert_eq!(refused(&|item| item.commit[0] ^= 1), OpenError::BadCommit);
    assert_eq!(refused(&|item| item.ciphertext[0] ^= 1), OpenError::BadAead);
    assert_eq!(refused(&|item| item.keys[0][1150] ^= 1), OpenError::BadAead);
    assert_eq!(refused(&|item| item.header.org = wire::id::OrgId::from_bytes([0; 32])), OpenError::BadContext);
    assert_eq!(refused(&|item| item.header.device = field.bo.keys.device()), OpenError::BadAead, "nobody hands in another's words");
}

#[test]
fn words_that_their_author_did_not_sign_in_this_order_are_not_taken() {
    let field = Field::new("quarantine");
    let shut = |contents: &Contents| {
        close(&field.org.org(), contents, &[field.ida.keys.card()], &field.aisha.keys, &mut Dice::new("close")).unwrap()
    };
    let whole = contents(&field, &[b"one", b"two", b"three"]);
    let mut swapped = whole.clone();
    swapped.words.swap(1, 2);
    assert_eq!(opened(&field, &shut(&swapped)).unwrap_err(), OpenError::BadContext);
    let mut holed = whole.clone();
    holed.words.remove(1);
    assert_eq!(opened(&field, &shut(&holed)).unwrap_err(), OpenError::BadContext);
    let mut elsewhere = whole.clone();
    elsewhere.case = CaseId::from_bytes([0; 16]);
    assert_eq!(opened(&field, &shut(&elsewhere)).unwrap_err(), OpenError::BadSignature);
    let mut forged = whole;
    forged.words[0] = word(&field, &field.bo.keys, Chain::START, b"one").0;
    assert_eq!(opened(&field, &shut(&forged)).unwrap_err(), OpenError::BadSignature);
}

#[test]
fn what_no_server_takes_is_not_sealed() {
    let field = Field::new("quarantine");
    let contents = contents(&field, &[&vec![0; MAX_BYTES]]);
    let refused = close(&field.org.org(), &contents, &[field.ida.keys.card()], &field.aisha.keys, &mut Dice::new("close"));
    assert_eq!(refused.unwrap_err(), KeyError::TooLarge);
}

/// The golden item: what Aisha signed about the golden segment's body, for Ida and Bo.
fn golden() -> Vec<u8> {
    let field = Field::new(crate::tests::SEED);
    let mut to = [field.ida.keys.card(), field.bo.keys.card()];
    to.sort_by_key(|card| card.device);
    let body = crate::tests::noted("envelope.body");
    let (word, after) = word(&field, &field.aisha.keys, Chain::START, &body);
    let (next, _) = self::word(&field, &field.aisha.keys, after, b"");
    let contents = Contents { case: field.stream.case.unwrap(), words: vec![word, next] };
    close(&field.org.org(), &contents, &to, &field.aisha.keys, &mut Dice::new("brobygger golden 1, quarantine")).unwrap().encode()
}

#[test]
#[ignore = "writes the golden item; only for a new format"]
fn regenerate_golden_item() {
    std::fs::write(crate::tests::folder().join("quarantine-1.bin"), golden()).unwrap();
}

#[test]
fn the_golden_item_is_written_again_byte_for_byte_and_opens_for_both() {
    let bytes = crate::tests::file("quarantine-1.bin");
    assert!(bytes == golden(), "it would be written otherwise");
    let (field, item) = (Field::new(crate::tests::SEED), Item::decode(&bytes).unwrap());
    for keys in [&field.ida.keys, &field.bo.keys] {
        let handed = open(&item, &field.org, keys).unwrap();
        assert_eq!(
            handed.words.iter().map(|word| word.body.clone()).collect::<Vec<_>>(),
            [crate::tests::noted("envelope.body"), Vec::new()]
        );
    }
}
