//! What has come, what it is said to be, and how much of it is kept.

use wire::{
    id::CaseId,
    message::{ItemHead, ItemKind},
    signature::sha256,
};

use super::*;

fn inbox() -> Connection {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(include_str!("../schema.sql")).unwrap();
    db
}

fn head(kind: ItemKind, case: Option<CaseId>, bytes: &[u8]) -> ItemHead {
    ItemHead { kind, position: 1, case, id: sha256(&[bytes]), total: u64::try_from(bytes.len()).unwrap(), offset: 0 }
}

fn case(n: u8) -> Option<CaseId> {
    Some(CaseId::from_bytes([n; 16]))
}

#[test]
fn an_item_that_came_under_a_wrong_kind_and_case_is_taken_for_what_it_is_when_it_comes_again() {
    let db = inbox();
    let bytes = b"a segment";
    let wrong = ItemHead { total: 9, ..head(ItemKind::Seen, case(9), bytes) };
    keep(&db, &wrong, 0, bytes).unwrap();
    let id = ids(&db, &[ItemKind::Seen], None).unwrap()[0];
    set_aside(&db, id, "env.bad_context").unwrap();
    keep(&db, &head(ItemKind::Segment, case(1), bytes), 0, bytes).unwrap();
    let found = whole(&db, &[ItemKind::Segment], case(1)).unwrap();
    assert_eq!(found.iter().map(|one| (one.case, one.bytes.as_slice())).collect::<Vec<_>>(), [(case(1), bytes.as_slice())]);
    assert_eq!((set_aside_codes(&db).unwrap(), cases(&db).unwrap()), (vec![], vec![case(1).unwrap()]));
    // The same for one that comes in two parts, of which the first was called something else.
    let long = b"a longer segment";
    keep(&db, &head(ItemKind::Seen, None, long), 0, &long[..5]).unwrap();
    keep(&db, &ItemHead { offset: 5, ..head(ItemKind::Segment, case(2), long) }, 5, &long[5..]).unwrap();
    assert_eq!(whole(&db, &[ItemKind::Segment], case(2)).unwrap()[0].bytes, long);
}

#[test]
fn of_what_can_never_become_good_only_the_code_is_kept() {
    let db = inbox();
    for (n, code) in [(1, "env.bad_signature"), (2, "env.unknown_epoch"), (3, "env.bad_hash")] {
        let bytes = vec![n; 1000];
        keep(&db, &head(ItemKind::Segment, case(1), &bytes), 0, &bytes).unwrap();
        match code {
            "env.bad_hash" => set_aside_item(&db, &sha256(&[&bytes]), code).unwrap(),
            _ => set_aside(&db, i64::from(n), code).unwrap(),
        }
    }
    let kept: u64 = db.query_row("SELECT sum(length(bytes)) FROM inbox", [], |row| row.get(0)).unwrap();
    assert_eq!((kept, backlog(&db).unwrap()), (1000, 1000), "what may become good is kept whole");
    assert_eq!(ids(&db, &[ItemKind::Segment], case(1)).unwrap(), [2]);
    assert_eq!(set_aside_codes(&db).unwrap().len(), 3);
    // What is cut short is found in spite of them, and gone on with.
    let cut = [7; 100];
    keep(&db, &head(ItemKind::Segment, case(1), &cut), 0, &cut[..40]).unwrap();
    keep(&db, &head(ItemKind::Segment, case(1), &[8; 10]), 0, &[8; 10]).unwrap();
    set_aside(&db, 5, "env.bad_signature").unwrap();
    assert_eq!(partial(&db).unwrap(), Some(Resume { id: sha256(&[&cut]), offset: 40 }));
    assert_eq!(backlog(&db).unwrap(), 1040);
}

#[test]
fn items_are_loaded_one_at_a_time() {
    let db = inbox();
    for n in 1..=3_u8 {
        keep(&db, &head(ItemKind::Snapshot, case(n % 2), &[n; 10]), 0, &[n; 10]).unwrap();
    }
    let odd = ids(&db, &[ItemKind::Segment, ItemKind::Snapshot], case(1)).unwrap();
    assert_eq!(odd, [1, 3]);
    assert_eq!(load(&db, 3).unwrap().map(|one| (one.id, one.item, one.bytes)), Some((3, sha256(&[&[3; 10]]), vec![3; 10])));
    assert!(load(&db, 4).unwrap().is_none());
}
