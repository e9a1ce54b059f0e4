//! The gate: what is let in, what waits, what is refused, and that nothing else changes.

use std::path::Path;

use super::*;
use crate::{
    Edit, encode_segment, encode_snapshot,
    testing::{Person, aisha, item, meet, mikkel, sofie},
};

#[expect(clippy::disallowed_methods, reason = "this test reads the hostile vectors")]
fn vectors() -> BTreeMap<String, Vec<u8>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/automerge-hostile-vectors.txt");
    let text = std::fs::read_to_string(file).unwrap();
    let hex = |s: &str| (0..s.len()).step_by(2).map(|i| u8::from_str_radix(&s[i..i + 2], 16).unwrap()).collect();
    text.lines().filter_map(|l| l.split_once(' ')).map(|(name, bytes)| (name.to_owned(), hex(bytes.trim()))).collect()
}

fn codes(got: &Received) -> Vec<&'static str> {
    got.refused.iter().map(|r| r.code).collect()
}

fn hash(bytes: &[u8]) -> ChangeHash {
    Change::from_bytes(bytes.to_vec()).unwrap().hash()
}

#[test]
fn the_known_hostile_changes_are_refused_and_leave_the_case_as_it_was() {
    let all = vectors();
    assert_eq!(all.len(), 8);
    for (name, bytes) in &all {
        let mut p = aisha();
        p.note(1, "en");
        let before = p.shows();
        let got = p.case.receive([9; 16], std::slice::from_ref(bytes));
        assert_eq!(got.applied, 0, "{name}");
        assert_eq!(got.refused.len() + got.parked, 1, "{name}");
        assert_eq!(p.shows(), before, "{name}");
        p.writes(1, "to", None);
        let bytes = p.case.save();
        assert!(Case::load(p.case.id(), [1; 16], &bytes).is_ok(), "{name}");
    }
    let mut p = aisha();
    assert_eq!(codes(&p.case.receive([9; 16], &[all["rle_1e6"].clone(), all["rle_1e7"].clone()])), ["crdt.too_many_ops"; 2]);
}

#[test]
fn a_change_that_claims_a_run_too_long_is_refused_before_it_is_unpacked() {
    let all = vectors();
    assert_eq!(scan::change(&all["rle_1e7"]), Err("crdt.too_many_ops"));
    assert_eq!(scan::change(&all["panic_base"]), Ok(()));
    assert_eq!(scan::change(b""), Err("crdt.damaged"));
}

#[test]
fn every_honest_change_passes_its_measure() {
    let mut p = aisha();
    p.note(1, &"lang tekst æøå ".repeat(1_500));
    p.does(Edit::SetProfile { alias: Some("Falken".into()), programme: None, birth_year: Some(1990) });
    p.writes(1, "", None);
    for bytes in p.case.unsent(0).changes {
        assert_eq!(scan::change(&bytes), Ok(()));
    }
    assert!(scan::document(&p.case.snapshot_bytes()).is_ok());
    assert_eq!(scan::document(&p.case.save()), Err("crdt.compressed"));
}

#[test]
fn a_compressed_change_is_refused() {
    let mut p = aisha();
    p.note(1, &"a".repeat(1_000));
    let mut change = Change::from_bytes(p.case.unsent(0).changes.remove(0)).unwrap();
    let got = mikkel().case.receive([1; 16], &[change.bytes().into_owned()]);
    assert_eq!(codes(&got), ["crdt.compressed"]);
}

#[test]
fn a_key_longer_than_any_may_be_is_refused_before_it_is_unpacked() {
    let with_key_of = |length: usize| {
        let mut doc = Automerge::new().with_actor(ActorId::from([1; 16]));
        let mut transaction = doc.transaction();
        transaction.put(ROOT, "k".repeat(length), 1).unwrap();
        transaction.commit();
        doc.get_changes(&[]).remove(0).raw_bytes().to_vec()
    };
    assert_eq!([1_024, 1_025].map(|length| scan::change(&with_key_of(length))), [Ok(()), Err("crdt.long_key")]);
    let mut m = mikkel();
    let before = m.shows();
    assert_eq!(codes(&m.case.receive([1; 16], &[with_key_of(1_025)])), ["crdt.long_key"]);
    assert_eq!(m.shows(), before);
}

#[test]
fn what_comes_too_early_waits_and_is_applied_when_its_past_has_come() {
    let mut a = aisha();
    for n in 0..4 {
        a.note(n, "x");
    }
    let changes = a.case.unsent(0).changes;
    let mut m = mikkel();
    let got = m.case.receive([1; 16], &changes[1..]);
    assert_eq!((got.applied, got.parked), (0, 3));
    let kept = m.case.parked();
    let mut again = mikkel();
    assert_eq!(again.case.restore_parked(&kept).parked, 3);
    let got = again.case.receive([1; 16], &changes[..1]);
    assert_eq!((got.applied, got.parked), (4, 0));
    assert_eq!(again.shows(), a.shows());
    assert_eq!(again.case.receive([1; 16], &changes), Received::default());
}

#[test]
fn only_so_many_wait() {
    let mut a = aisha();
    a.note(0, "x");
    for n in 0..1_010 {
        a.writes(0, &format!("{n}"), None);
    }
    let changes = a.case.unsent(0).changes;
    let got = mikkel().case.receive([1; 16], &changes[1..]);
    assert_eq!(got.parked, PARKED_CHANGES);
    assert_eq!(codes(&got), ["crdt.parked_full"; 10]);
}

#[test]
fn a_change_under_another_name_is_refused() {
    let mut a = aisha();
    a.note(1, "x");
    let got = mikkel().case.receive([3; 16], &a.case.unsent(0).changes);
    assert_eq!(codes(&got), ["crdt.wrong_actor"]);
}

#[test]
fn two_different_changes_with_one_number_are_a_fork_and_what_builds_on_the_second_a_split() {
    let (mut one, mut two) = (aisha(), aisha());
    one.note(1, "en");
    two.note(2, "to");
    two.note(3, "tre");
    let mut m = mikkel();
    assert_eq!(one.gives(&mut m).applied, 1);
    let got = m.case.receive([1; 16], &two.case.unsent(0).changes);
    assert_eq!(codes(&got), ["crdt.fork_seq", "crdt.split"]);
    assert_eq!(m.shows(), one.shows());
    let got = m.case.receive([1; 16], &two.case.unsent(0).changes);
    assert_eq!(codes(&got), ["crdt.refused_before"; 2]);
}

#[test]
fn what_somebody_builds_on_a_refused_change_is_a_split() {
    let (mut one, mut two, mut s) = (aisha(), aisha(), sofie());
    one.note(1, "en");
    two.note(2, "to");
    two.gives(&mut s);
    s.note(4, "videre");
    let mut m = mikkel();
    one.gives(&mut m);
    assert_eq!(codes(&two.gives(&mut m)), Vec::<&str>::new(), "the number is known already, nothing is sent");
    m.case.receive([1; 16], &two.case.unsent(0).changes);
    assert_eq!(codes(&s.gives(&mut m)), ["crdt.split"]);
}

#[test]
fn a_flipped_bit_never_panics_and_never_changes_what_is_there() {
    let mut a = aisha();
    a.note(1, "æøå tekst");
    a.does(Edit::SpliceNote { note: item(1), at: 1, delete: 2, insert: "👨‍👩‍👧".into() });
    let changes = a.case.unsent(0).changes;
    let mut refused = 0;
    for (which, change) in changes.iter().enumerate() {
        for at in 0..change.len() {
            let mut m = mikkel();
            m.case.receive([1; 16], &changes[..which]);
            let mut bad = change.clone();
            bad[at] ^= 1 << (at % 8);
            let before = m.shows();
            let got = m.case.receive([1; 16], &[bad]);
            assert_eq!(got.applied, 0);
            refused += got.refused.len();
            assert_eq!(m.shows(), before);
        }
    }
    assert_eq!(refused, changes.iter().map(Vec::len).sum::<usize>());
}

/// The same, with a right checksum, so that what is inside is judged.
#[test]
fn a_forged_inside_is_refused_or_harmless() {
    let mut a = aisha();
    a.note(1, "æøå tekst");
    a.does(Edit::SpliceNote { note: item(1), at: 1, delete: 2, insert: "👨‍👩‍👧".into() });
    let changes = a.case.unsent(0).changes;
    for at in 10..changes[1].len() {
        for bit in [0, 3, 6] {
            let mut bad = changes[1].clone();
            bad[at] ^= 1 << bit;
            let Some(change) = guarded(|| Change::from_bytes(bad.clone()).ok()).flatten() else { continue };
            bad[4..8].copy_from_slice(&change.hash().as_ref()[..4]);
            let mut m = mikkel();
            m.case.receive([1; 16], &changes[..1]);
            let before = m.shows();
            let got = m.case.receive([1; 16], &[bad]);
            if got.applied == 0 {
                assert_eq!(m.shows(), before);
            }
            m.note(2, "videre");
            let saved = m.case.save();
            assert!(Case::load(m.case.id(), [2; 16], &saved).is_ok());
        }
    }
}

#[test]
fn what_is_taken_in_on_trust_ends_as_if_each_had_been_tried() {
    let (mut a, mut s) = (aisha(), sofie());
    a.note(1, "æøå tekst");
    a.does(Edit::SpliceNote { note: item(1), at: 1, delete: 2, insert: "👨‍👩‍👧".into() });
    s.note(3, "Sofies ord");
    let (changes, other) = (a.case.unsent(0).changes, s.case.unsent(0).changes);
    let takes = |case: &mut Case, bad: &[u8]| {
        case.receive([1; 16], &changes[..1]);
        case.receive([1; 16], &[bad.to_vec()]);
        case.receive([3; 16], &other);
    };
    let (mut proven, mut thrown_away) = (0, 0);
    for at in 10..changes[1].len() {
        for bit in 0..8 {
            let mut bad = changes[1].clone();
            bad[at] ^= 1 << bit;
            let Some(change) = guarded(|| Change::from_bytes(bad.clone()).ok()).flatten() else { continue };
            bad[4..8].copy_from_slice(&change.hash().as_ref()[..4]);
            let (mut tried, mut trusted) = (mikkel(), mikkel());
            takes(&mut tried.case, &bad);
            trusted.case.trust();
            takes(&mut trusted.case, &bad);
            if trusted.case.proves() {
                proven += 1;
                assert_eq!(trusted.shows(), tried.shows());
                assert_eq!(trusted.case.heads(), tried.case.heads());
                trusted.note(2, "videre");
                let saved = trusted.case.save();
                assert!(Case::load(trusted.case.id(), [2; 16], &saved).is_ok());
            } else {
                thrown_away += 1;
                assert_eq!(tried.shows().notes.len(), 2, "what is sound of it stays, once each is tried");
            }
        }
    }
    assert!(proven > 0 && thrown_away > 0, "{proven} {thrown_away}");
}

#[test]
fn a_snapshot_brings_what_is_missing_and_a_damaged_one_nothing() {
    let mut people = [aisha(), mikkel()];
    people[0].note(1, "en");
    people[1].note(2, "to");
    meet(&mut people);
    let body = encode_snapshot(&people[0].case.snapshot_bytes()).unwrap();
    let ends = people[0].case.ends();
    let mut s = sofie();
    s.note(3, "tre");
    let got = s.case.adopt_snapshot(&body, &ends).unwrap();
    assert_eq!((got.applied, got.refused.len()), (2, 0));
    assert_eq!(s.shows().notes.len(), 3);
    assert_eq!(s.case.adopt_snapshot(&body, &ends).unwrap().applied, 0);
    let raw = people[0].case.snapshot_bytes();
    for at in (0..raw.len()).step_by(7) {
        let mut bad = raw.clone();
        bad[at] ^= 0x10;
        let before = s.shows();
        let got = s.case.adopt_snapshot(&encode_snapshot(&bad).unwrap(), &ends).unwrap();
        assert_eq!((got.applied, got.refused.len()), (0, 1));
        assert_eq!(s.shows(), before);
    }
    assert!(s.case.adopt_snapshot(b"no", &ends).is_err());
}

fn whole(doc: &Automerge) -> Vec<u8> {
    encode_snapshot(&doc.save_nocompress()).unwrap()
}

#[test]
fn a_newcomer_judges_a_whole_document_as_it_judges_each_change_in_it() {
    let mut a = aisha();
    a.note(1, "en");
    let honest = a.case.doc.clone();
    let mut short_name = honest.clone().with_actor(ActorId::from(b"kort".as_slice()));
    let mut skeletons = honest.clone().with_actor(ActorId::from(document::SKELETON_ACTOR));
    for doc in [&mut short_name, &mut skeletons] {
        let mut tx = doc.transaction();
        tx.put(ROOT, "x", 1_i64).unwrap();
        tx.commit();
    }
    let mut empty = honest.clone().with_actor(ActorId::from([9; 16]));
    empty.empty_commit(automerge::transaction::CommitOptions::default());
    for (doc, applied, code) in [(short_name, 0, "crdt.unsigned"), (skeletons, 1, "crdt.wrong_actor"), (empty, 1, "crdt.too_many_ops")] {
        let (mut newcomer, mut other) = (sofie(), mikkel());
        other.note(2, "mit eget");
        for person in [&mut newcomer, &mut other] {
            let got = person.case.adopt_snapshot(&whole(&doc), &ends_of(&doc).unwrap_or_default()).unwrap();
            assert_eq!((got.applied, codes(&got)), (applied, vec![code]));
        }
    }
}

#[test]
fn whoever_makes_a_snapshot_puts_nothing_into_anybodys_mouth() {
    let mut people = [aisha(), mikkel()];
    people[0].note(1, "en");
    people[1].note(2, "to");
    meet(&mut people);
    let signed = people[0].case.ends();
    // Mikkel writes on in Aisha's name, and as somebody who does not exist.
    for name in [people[0].case.actor(), [9; 16]] {
        let mut doc = people[1].case.doc.clone().with_actor(ActorId::from(name));
        let mut tx = doc.transaction();
        tx.put(ROOT, "x", 1_i64).unwrap();
        tx.commit();
        for mut reader in [sofie(), aisha()] {
            let got = reader.case.adopt_snapshot(&whole(&doc), &signed).unwrap();
            assert_eq!((got.applied, codes(&got)), (0, vec!["crdt.unsigned"]));
        }
    }
    // Nor can he leave out what she signed.
    let mut before = aisha();
    before.note(1, "en");
    let got = sofie().case.adopt_snapshot(&whole(&before.case.doc), &signed).unwrap();
    assert_eq!((got.applied, codes(&got)), (0, vec!["crdt.unsigned"]));
}

#[test]
fn a_segment_carries_a_week_offline() {
    let mut a: Person = aisha();
    for n in 0..100 {
        a.note(n, "En dag med snak og kaffe.");
    }
    let unsent = a.case.unsent(0);
    assert_eq!((unsent.changes.len(), unsent.mark), (100, 100));
    assert_eq!(unsent.last.unwrap(), hash_bytes(&hash(unsent.changes.last().unwrap())));
    let body = encode_segment(&unsent.changes).unwrap();
    assert!(body.len() < unsent.changes.iter().map(Vec::len).sum::<usize>() / 2);
    let mut m = mikkel();
    assert_eq!(m.case.receive([1; 16], &decode_segment(&body).unwrap()).applied, 100);
    assert_eq!(m.case.unsent(0).changes.len(), 0);
    assert_eq!(a.case.unsent(100).changes.len(), 0);
    assert_eq!(a.case.unsent(99).changes.len(), 1);
}

/// A document's chunk taken apart far enough to add columns to its operations.
struct Rows<'a> {
    /// Actors and heads, then the table of the changes' columns.
    before: &'a [u8],
    columns: Vec<(u64, &'a [u8])>,
    changes: &'a [u8],
    /// Indexes of the heads.
    after: &'a [u8],
}

fn uleb(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let (byte, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return value;
        }
    }
}

fn put_uleb(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap());
}

impl<'a> Rows<'a> {
    fn of(chunk: &'a [u8]) -> Self {
        let mut rest = &chunk[9..];
        let length = uleb(&mut rest);
        assert_eq!(length, rest.len() as u64);
        let whole = rest;
        for _ in 0..uleb(&mut rest) {
            let length = usize::try_from(uleb(&mut rest)).unwrap();
            rest = &rest[length..];
        }
        let heads = usize::try_from(uleb(&mut rest)).unwrap();
        rest = &rest[heads * 32..];
        let table = |rest: &mut &[u8]| -> Vec<(u64, usize)> {
            (0..uleb(rest)).map(|_| (uleb(rest), usize::try_from(uleb(rest)).unwrap())).collect()
        };
        let changes: usize = table(&mut rest).iter().map(|(_, length)| length).sum();
        let before = &whole[..whole.len() - rest.len()];
        let specs = table(&mut rest);
        let (changes, mut rest) = rest.split_at(changes);
        let mut columns = Vec::new();
        for (spec, length) in specs {
            columns.push((spec, &rest[..length]));
            rest = &rest[length..];
        }
        Self { before, columns, changes, after: rest }
    }

    /// The same chunk, with an operation that no change holds said to delete what stands in this row.
    fn with_phantom(&self, row: u8, rows: u8) -> Vec<u8> {
        const SUCCESSORS: [u64; 3] = [0x80, 0x81, 0x83];
        let mut number = Vec::new();
        for (length, value) in [(row, 0), (1, 1), (rows - row - 1, 0)] {
            // A run of one is written as one single value.
            match length {
                0 => {}
                1 => number.extend([0x7f, value]),
                _ => number.extend([length, value]),
            }
        }
        let mut columns: Vec<(u64, Vec<u8>)> =
            self.columns.iter().filter(|(spec, _)| !SUCCESSORS.contains(spec)).map(|(spec, data)| (*spec, data.to_vec())).collect();
        columns.extend([(SUCCESSORS[0], number), (SUCCESSORS[1], vec![0x7f, 1]), (SUCCESSORS[2], vec![0x7f, 0xb8, 0x17])]);
        columns.sort();
        let mut body = self.before.to_vec();
        put_uleb(&mut body, columns.len() as u64);
        for (spec, data) in &columns {
            put_uleb(&mut body, *spec);
            put_uleb(&mut body, data.len() as u64);
        }
        body.extend_from_slice(self.changes);
        columns.iter().for_each(|(_, data)| body.extend_from_slice(data));
        body.extend_from_slice(self.after);
        let mut named = vec![0];
        put_uleb(&mut named, body.len() as u64);
        named.extend_from_slice(&body);
        [&[0x85, 0x6f, 0x4a, 0x83], &wire::signature::sha256(&[&named]).as_bytes()[..4], &named].concat()
    }
}

#[test]
fn rows_that_belong_to_no_signed_change_delete_nothing() {
    let mut a = aisha();
    a.note(1, "en");
    let honest = a.case.snapshot_bytes();
    let rows = Rows::of(&honest);
    let count = u8::try_from(a.case.doc.get_changes(&[]).iter().map(automerge::Change::len).sum::<usize>()).unwrap();
    let mut believed = 0;
    for row in 0..count {
        let forged = rows.with_phantom(row, count);
        let loads = guarded(|| Automerge::load_with_options(&forged, document::load_options()).ok()).flatten();
        believed += usize::from(loads.is_some_and(|doc| doc.get_heads() == a.case.doc.get_heads()));
        let mut newcomer = sofie();
        let got = newcomer.case.adopt_snapshot(&encode_snapshot(&forged).unwrap(), &a.case.ends()).unwrap();
        if got.refused.is_empty() {
            assert_eq!(newcomer.shows(), a.shows(), "row {row}");
        }
    }
    assert!(believed > 0, "none of them would have been believed, and this shows nothing");
}
