//! Epoch keys: opened by whom they are for, bound to what the log commits to, walked back without a hole.

use wire::{
    cbor,
    envelope::{Compartment, Stream},
    id::{CaseId, OrgId},
    log::{DeviceCard, EpochCard, LogId},
    message::Wrap,
};

use super::{EpochKey, KeyError, Keychain, binding, wrap_refs, wrapped_text};
use crate::{DeviceKeys, tests::Dice};

const ORG: OrgId = OrgId::from_bytes([1; 32]);
const STREAM: Stream = Stream::core(CaseId::from_bytes([2; 16]));

struct Three {
    dice: Dice,
    a: DeviceKeys,
    b: DeviceKeys,
    chain: Keychain,
    cards: Vec<EpochCard>,
    wraps: Vec<Vec<Wrap>>,
}

/// Three epochs made by A for A and B.
fn three() -> Three {
    let mut dice = Dice::new("keychain");
    let (a, b) = (DeviceKeys::make(&mut dice).unwrap(), DeviceKeys::make(&mut dice).unwrap());
    let mut chain = Keychain::new(STREAM);
    let (mut cards, mut wraps) = (Vec::new(), Vec::new());
    for number in 1..=3 {
        let (card, made) = chain.make_epoch(&ORG, number, &[a.card(), b.card()], &a, &mut dice).unwrap();
        cards.push(card);
        wraps.push(made);
    }
    Three { dice, a, b, chain, cards, wraps }
}

fn wrap_for<'w>(wraps: &'w [Wrap], device: &DeviceKeys) -> &'w Wrap {
    wraps.iter().find(|wrap| wrap.device == device.device()).unwrap()
}

fn same(one: Option<&EpochKey>, two: Option<&EpochKey>) -> bool {
    one.zip(two).is_some_and(|(one, two)| one.to_secret_bytes() == two.to_secret_bytes())
}

#[test]
fn a_wrap_opens_for_its_device() {
    let world = three();
    let mut theirs = Keychain::new(STREAM);
    theirs.receive(&ORG, wrap_for(&world.wraps[1], &world.b), &world.b, &world.cards[1]).unwrap();
    assert!(same(theirs.key(2), world.chain.key(2)));
    assert_eq!(theirs.keys().count(), 1);
    assert_eq!(wrap_for(&world.wraps[1], &world.b).bytes.len(), 1120 + 37 + 16);
    assert_eq!(world.cards[1].wraps, wrap_refs(&world.wraps[1]));
    assert!(world.cards[1].wraps.is_sorted());
}

#[test]
fn a_wrap_opens_for_no_other_device_epoch_commitment_or_place() {
    let world = three();
    let good = wrap_for(&world.wraps[1], &world.b).clone();
    let card = &world.cards[1];
    let refused = |org: &OrgId, wrap: &Wrap, me: &DeviceKeys, card: &EpochCard, stream: Stream| {
        let mut chain = Keychain::new(stream);
        let outcome = chain.receive(org, wrap, me, card);
        assert_eq!(outcome.is_err(), chain.keys().next().is_none(), "a refused wrap leaves nothing");
        outcome.err()
    };
    let bad = Some(KeyError::BadWrap);
    assert_eq!(refused(&ORG, &good, &world.b, card, STREAM), None);
    assert_eq!(refused(&ORG, &good, &world.a, card, STREAM), bad, "another device");
    assert_eq!(refused(&ORG, &Wrap { device: world.a.device(), ..good.clone() }, &world.a, card, STREAM), bad, "readdressed");
    assert_eq!(refused(&ORG, &Wrap { epoch: 3, ..good.clone() }, &world.b, card, STREAM), bad, "another epoch");
    assert_eq!(refused(&ORG, &Wrap { epoch: 3, ..good.clone() }, &world.b, &world.cards[2], STREAM), bad, "called another epoch");
    assert_eq!(refused(&ORG, &good, &world.b, &EpochCard { commit: [0; 32], ..card.clone() }, STREAM), bad, "another commitment");
    assert_eq!(refused(&ORG, &good, &world.b, &EpochCard { number: 3, ..card.clone() }, STREAM), bad, "another number");
    assert_eq!(refused(&OrgId::from_bytes([9; 32]), &good, &world.b, card, STREAM), bad, "another organisation");
    assert_eq!(refused(&ORG, &Wrap { log: LogId::Org, ..good.clone() }, &world.b, card, STREAM), bad, "another log");
    assert_eq!(refused(&ORG, &Wrap { signer: world.b.device(), ..good.clone() }, &world.b, card, STREAM), bad, "another signer");
    assert_eq!(
        refused(&ORG, &Wrap { compartment: Compartment::Directory, ..good.clone() }, &world.b, card, STREAM),
        bad,
        "another compartment"
    );
    assert_eq!(refused(&ORG, &good, &world.b, card, Stream::core(CaseId::from_bytes([3; 16]))), bad, "another case");
    for at in (0..good.bytes.len()).step_by(53) {
        let mut bytes = good.bytes.clone();
        bytes[at] ^= 1;
        assert_eq!(refused(&ORG, &Wrap { bytes, ..good.clone() }, &world.b, card, STREAM), bad, "byte {at}");
    }
    assert_eq!(refused(&ORG, &Wrap { bytes: Vec::new(), ..good }, &world.b, card, STREAM), bad, "nothing");
}

/// A member who wraps another key than the one committed to is found out by the commitment.
#[test]
fn a_wrapped_key_must_be_the_one_committed_to() {
    let mut world = three();
    let mut liar = Keychain::new(STREAM);
    liar.hold(2, EpochKey::make(&mut world.dice));
    let card = &world.cards[1];
    let honest = liar.wrap_to(&ORG, card, &[world.b.card()], &world.a, &mut world.dice);
    assert_eq!(honest.err(), Some(KeyError::Hole), "nobody wraps by mistake what the log does not name");
    assert!(liar.true_key(card).is_none() && world.chain.true_key(card).is_some());
    let (info, aad) =
        binding(&ORG, LogId::Case(CaseId::from_bytes([2; 16])), &[(Compartment::Core, 2, card.commit)], world.b.card(), &world.a.device());
    let text = wrapped_text(Compartment::Core, liar.key(2).unwrap());
    let bytes = crate::hazmat::hpke_seal(&world.b.card().receive, &info, &aad, &text, &mut world.dice).unwrap();
    let wrap = Wrap { bytes, ..wrap_for(&world.wraps[1], &world.b).clone() };
    let mut chain = Keychain::new(STREAM);
    assert_eq!(chain.receive(&ORG, &wrap, &world.b, card), Err(KeyError::BadWrap));
}

/// The text of a wrap has one form; the right key in another is refused.
#[test]
fn a_wrapped_key_stands_in_one_form() {
    let mut world = three();
    let card = &world.cards[1];
    let key = world.chain.key(2).unwrap().clone();
    let text = wrapped_text(Compartment::Core, &key);
    let decoded: [(Compartment, minicbor::bytes::ByteArray<32>); 1] = cbor::decode(&text).unwrap();
    assert_eq!((decoded[0].0, *decoded[0].1), (Compartment::Core, *key.0));
    assert_eq!(text.capacity(), text.len());
    let mut received = |text: &[u8]| {
        let to = world.b.card();
        let (info, aad) =
            binding(&ORG, LogId::Case(CaseId::from_bytes([2; 16])), &[(Compartment::Core, 2, card.commit)], to, &world.a.device());
        let bytes = crate::hazmat::hpke_seal(&to.receive, &info, &aad, text, &mut world.dice).unwrap();
        let wrap = Wrap { bytes, ..wrap_for(&world.wraps[1], &world.b).clone() };
        Keychain::new(STREAM).receive(&ORG, &wrap, &world.b, card)
    };
    assert_eq!(received(&text), Ok(()));
    assert_eq!(received(&wrapped_text(Compartment::Directory, &key)), Err(KeyError::BadWrap), "for another compartment");
    assert_eq!(received(&[[0].as_slice(), &text].concat()), Err(KeyError::BadWrap), "something before it");
    assert_eq!(received(key.0.as_slice()), Err(KeyError::BadWrap), "the key alone");
    assert_eq!(received(&text[..36]), Err(KeyError::BadWrap), "cut");
    assert_eq!(received(b""), Err(KeyError::BadWrap), "nothing");
}

#[test]
fn back_links_walk_through_the_epochs() {
    let world = three();
    let mut theirs = Keychain::new(STREAM);
    theirs.receive(&ORG, wrap_for(&world.wraps[2], &world.b), &world.b, &world.cards[2]).unwrap();
    theirs.walk_back(&world.cards[2], &world.cards[1]).unwrap();
    theirs.walk_back(&world.cards[1], &world.cards[0]).unwrap();
    for epoch in 1..=3 {
        assert!(same(theirs.key(epoch), world.chain.key(epoch)), "epoch {epoch}");
    }
    assert!(world.cards[0].back.is_none());
    assert_eq!(world.cards[1].back.as_ref().map(Vec::len), Some(48));
}

#[test]
fn a_hole_in_the_chain_is_an_error() {
    let world = three();
    let fresh = || {
        let mut chain = Keychain::new(STREAM);
        chain.hold(3, world.chain.key(3).unwrap().clone());
        chain
    };
    let hole = Err(KeyError::Hole);
    let card = &world.cards[2];
    assert_eq!(Keychain::new(STREAM).walk_back(card, &world.cards[1]), hole, "no key to begin from");
    assert_eq!(fresh().walk_back(card, &world.cards[0]), hole, "an epoch left out");
    assert_eq!(fresh().walk_back(&EpochCard { back: None, ..card.clone() }, &world.cards[1]), hole, "no link");
    let mut chain = fresh();
    assert_eq!(chain.walk_back(card, &EpochCard { commit: [0; 32], ..world.cards[1].clone() }), hole, "another commitment");
    assert!(chain.key(2).is_none());
    let mut link = card.back.clone().unwrap();
    link[0] ^= 1;
    assert_eq!(fresh().walk_back(&EpochCard { back: Some(link), ..card.clone() }, &world.cards[1]), hole, "a damaged link");
    assert_eq!(fresh().walk_back(&EpochCard { back: Some(Vec::new()), ..card.clone() }, &world.cards[1]), hole, "an empty link");
    assert_eq!(
        fresh().walk_back(&EpochCard { back: world.cards[1].back.clone(), ..card.clone() }, &world.cards[1]),
        hole,
        "another's link"
    );
}

#[test]
fn an_epoch_without_the_key_before_is_not_made() {
    let mut world = three();
    let outcome = Keychain::new(STREAM).make_epoch(&ORG, 2, &[world.a.card()], &world.a, &mut world.dice);
    assert_eq!(outcome.err(), Some(KeyError::Hole));
    let nothing = Keychain::new(STREAM).wrap_to(&ORG, &world.cards[1], &[world.a.card()], &world.a, &mut world.dice);
    assert_eq!(nothing.err(), Some(KeyError::Hole));
}

/// An epoch that fails half-way leaves the keys as they were.
#[test]
fn an_epoch_that_fails_changes_no_key() {
    let mut world = three();
    let before = world.chain.key(3).cloned();
    let bad = DeviceCard { receive: vec![0xff; 1216], ..world.b.card().clone() };
    for number in [3, 4] {
        let outcome = world.chain.make_epoch(&ORG, number, &[world.a.card(), &bad], &world.a, &mut world.dice);
        assert_eq!(outcome.err(), Some(KeyError::Broken));
    }
    assert!(same(world.chain.key(3), before.as_ref()));
    assert!(world.chain.key(4).is_none());
}

#[test]
fn commitments_differ_by_key_stream_and_epoch() {
    let mut dice = Dice::new("commit");
    let (one, two) = (EpochKey::make(&mut dice), EpochKey::make(&mut dice));
    let commit = one.commit(&STREAM, 1).unwrap();
    assert_ne!(two.commit(&STREAM, 1).unwrap(), commit);
    assert_ne!(one.commit(&STREAM, 2).unwrap(), commit);
    assert_ne!(one.commit(&Stream::DIRECTORY, 1).unwrap(), commit);
    assert_eq!(format!("{one:?}"), "EpochKey");
    let codes = [KeyError::Broken, KeyError::BadWrap, KeyError::Hole, KeyError::TooLarge].map(|error| error.code());
    assert_eq!(codes, ["key.broken", "epoch.bad_wrap", "epoch.hole", "env.too_large"]);
}
