//! Segments go when two people's snapshots hold what they said, and nobody misses a word by it.

use http::Method;
use wire::{
    cbor,
    envelope::{Compartment, Kind, Stream},
    id::{CaseId, Digest},
    log::{CaseAct, Cut, Role},
    message::{ItemKind, Push, SYNC_PATH},
};

use super::kit::{Answered, Field, Phone, sealed, segment, snapshot};

fn keep(field: &Field, phone: &Phone, item: Push) -> Digest {
    let answered = field.push(phone, &[], vec![item]);
    answered.acked().0
}

fn raw(field: &Field, query: &str) -> Vec<u8> {
    field.send(&field.founder, Method::GET, &format!("{SYNC_PATH}{query}"), None).into_bytes().unwrap()
}

/// Everything, as a device asks for it that wants no snapshot.
fn plain(field: &Field) -> Answered {
    Answered::read(&raw(field, "?c=&p=1"))
}

fn counted(told: &Answered, kind: ItemKind) -> usize {
    told.kinds().into_iter().filter(|found| *found == kind).count()
}

/// Bytes of segments and of snapshots that the store holds of a case.
fn held(field: &Field) -> (i64, i64) {
    let db = rusqlite::Connection::open(field.store()).unwrap();
    let sum =
        |kind: i64| db.query_row("SELECT COALESCE(SUM(length(bytes)), 0) FROM envelope WHERE kind = ?1", [kind], |row| row.get(0)).unwrap();
    (sum(1), sum(2))
}

/// A mentor, another one who is in the case too, and a case in which both wrote three segments.
fn written() -> (Field, [Phone; 2], CaseId) {
    let mut field = Field::new();
    let (mentor, other) = (field.join(Role::Mentor), field.join(Role::Mentor));
    let case = field.case(&mentor);
    field.grant(case, &other, None);
    for phone in [&mentor, &other] {
        for seq in 1..=3 {
            keep(&field, phone, segment(phone, Stream::core(case), seq, 5000));
        }
    }
    (field, [mentor, other], case)
}

#[test]
fn bytes_go_when_two_people_have_sent_the_whole_and_never_by_one_alone() {
    let (mut field, [mentor, other], case) = written();
    let stream = Stream::core(case);
    let before = held(&field);
    let used = field.fill();
    keep(&field, &mentor, snapshot(&mentor, stream, 1, 900, &[(&mentor, 3), (&other, 2)]));
    keep(&field, &mentor, snapshot(&mentor, stream, 2, 900, &[(&mentor, 3), (&other, 3)]));
    assert_eq!(held(&field).0, before.0, "one person's word takes nothing away");
    let second = Phone::of(mentor.member);
    field.admit(&second, Role::Mentor);
    keep(&field, &second, snapshot(&second, stream, 1, 900, &[(&mentor, 3), (&other, 3)]));
    assert_eq!(held(&field).0, before.0, "nor does that of the same person's other device");
    keep(&field, &other, snapshot(&other, stream, 1, 900, &[(&mentor, 2), (&other, 3)]));
    let (segments, snapshots) = held(&field);
    assert!((5000..5400).contains(&segments), "the mentor's third, which only one covers: {segments}");
    assert!((2700..3600).contains(&snapshots));
    assert!(field.fill() < used, "and the quota has room again");
    assert_eq!(field.problems(), []);
    field.reopen();
    let phone = field.join(Role::Substitute);
    field.grant(case, &phone, None);
    let told = field.pull(&phone, &[]).unwrap();
    assert_eq!(
        (counted(&told, ItemKind::Snapshot), counted(&told, ItemKind::Segment)),
        (1, 1),
        "the newest that holds everything gone, and what it does not hold"
    );
    assert_eq!(field.problems(), []);
}

#[test]
fn whoever_is_behind_is_given_the_whole_and_whoever_is_not_is_given_nothing() {
    let (field, [mentor, other], case) = written();
    let stream = Stream::core(case);
    let all = field.pull(&field.founder, &[]).unwrap();
    let behind = field.pull(&mentor, &[]).unwrap();
    let late = keep(&field, &other, segment(&other, stream, 4, 400));
    let news = field.pull(&field.founder, &all.cursor).unwrap();
    assert_eq!(news.ids(), [late]);
    keep(&field, &mentor, snapshot(&mentor, stream, 1, 9000, &[(&mentor, 3), (&other, 4)]));
    let whole = keep(&field, &field.founder, snapshot(&field.founder, stream, 1, 9000, &[(&mentor, 3), (&other, 4)]));
    assert_eq!(held(&field).0, 0);
    let told = field.pull(&other, &news.cursor);
    assert!(told.is_none_or(|told| counted(&told, ItemKind::Snapshot) <= 1), "at most the one that is new");
    let missed = field.pull(&mentor, &behind.cursor).unwrap();
    assert_eq!(missed.ids(), [whole], "one larger than what it spares, which is all there is of it");
    assert_eq!(field.problems(), []);
}

#[test]
fn a_snapshot_of_somebody_who_is_out_countersigns_nothing() {
    let (mut field, [mentor, other], case) = written();
    let stream = Stream::core(case);
    let covers = [(&mentor, 3), (&other, 3)];
    keep(&field, &other, snapshot(&other, stream, 1, 900, &covers));
    let remove = CaseAct::Remove { compartment: Compartment::Core, member: other.member };
    let entry = field.founder.entry(field.case_statement(case, remove));
    assert_eq!(field.verdict(&field.founder, Push::Log { entry: entry.clone(), wraps: Vec::new() }), "ack");
    field.learn_case(case, &entry);
    let cut = Cut { device: other.id(), seq: 3, hash: Digest::from_bytes([7; 32]), seen: 3 };
    field.new_epoch_after(case, vec![cut]);
    let in_epoch = |phone: &Phone, seq: u64| Push::Snapshot {
        envelope: sealed(phone, stream, Kind::Snapshot, 2, seq, 900),
        covers: {
            let mut covers = vec![(mentor.id(), 3), (other.id(), 3)];
            covers.sort_unstable();
            covers
        },
    };
    let before = held(&field).0;
    keep(&field, &mentor, in_epoch(&mentor, 1));
    assert_eq!(held(&field).0, before, "of whose time is over nobody takes a snapshot, so it stands for nothing");
    keep(&field, &field.founder, in_epoch(&field.founder, 1));
    assert_eq!(held(&field).0, 0);
    let db = rusqlite::Connection::open(field.store()).unwrap();
    let old: i64 = db
        .query_row("SELECT COALESCE(SUM(length(bytes)), 0) FROM envelope WHERE epoch = 1 AND case_num > 0", [], |row| row.get(0))
        .unwrap();
    assert_eq!(old, 0, "nothing is left under the key that who is out has");
    assert_eq!(field.problems(), []);
}

#[test]
fn a_newer_snapshot_that_covers_less_takes_nobodys_place() {
    let (field, [mentor, other], case) = written();
    let stream = Stream::core(case);
    keep(&field, &mentor, snapshot(&mentor, stream, 1, 900, &[(&mentor, 3), (&other, 3)]));
    keep(&field, &other, snapshot(&other, stream, 1, 900, &[(&mentor, 3), (&other, 3)]));
    let whole = keep(&field, &mentor, snapshot(&mentor, stream, 2, 900, &[(&mentor, 3), (&other, 3)]));
    keep(&field, &mentor, snapshot(&mentor, stream, 3, 900, &[(&mentor, 1)]));
    let told = field.pull(&field.founder, &[]).unwrap();
    let snapshots: Vec<Digest> = told.items.iter().filter(|(head, _)| head.kind == ItemKind::Snapshot).map(|(head, _)| head.id).collect();
    assert_eq!(snapshots, [whole], "the newest of those that hold everything");
    assert_eq!(field.problems(), []);
}

#[test]
fn whoever_wants_no_snapshot_is_given_each_that_holds_what_is_gone() {
    let (field, [mentor, other], case) = written();
    let stream = Stream::core(case);
    let covers = [(&mentor, 3), (&other, 2)];
    let first = keep(&field, &mentor, snapshot(&mentor, stream, 1, 900, &covers));
    let told = plain(&field);
    assert_eq!((counted(&told, ItemKind::Snapshot), counted(&told, ItemKind::Segment)), (0, 6));
    let second = keep(&field, &other, snapshot(&other, stream, 1, 900, &covers));
    let told = plain(&field);
    assert_eq!((counted(&told, ItemKind::Snapshot), counted(&told, ItemKind::Segment)), (2, 1));
    assert!([first, second].iter().all(|id| told.ids().contains(id)), "if the one is no good, the other may be");
}

#[test]
fn what_goes_while_an_answer_is_under_delivery_is_told_by_what_took_its_place() {
    const PARTS: usize = 30;
    for part in 0..=PARTS {
        let (field, [mentor, other], case) = written();
        let stream = Stream::core(case);
        let bytes = raw(&field, "?c=");
        let first = Answered::read(bytes.get(..bytes.len() * part / (PARTS + 1)).unwrap());
        let covers = [(&mentor, 3), (&other, 3)];
        let wholes = [&mentor, &other].map(|phone| keep(&field, phone, snapshot(phone, stream, 1, 900, &covers)));
        let late = keep(&field, &mentor, segment(&mentor, stream, 4, 300));
        let (mut ids, mut cursor) = (first.ids(), first.cursor);
        let mut rounds = 0;
        while let Some(more) = field.pull(&field.founder, &cursor) {
            ids.extend(more.ids());
            cursor = more.cursor;
            rounds += 1;
        }
        let expected = Answered::read(&bytes);
        let segments: Vec<Digest> =
            expected.items.iter().filter(|(head, _)| head.kind == ItemKind::Segment).map(|(head, _)| head.id).collect();
        assert_eq!(segments.len(), 6);
        let has_all = segments.iter().all(|id| ids.contains(id));
        let has_whole = wholes.iter().any(|id| ids.contains(id));
        assert!(
            has_all || has_whole,
            "cut after part {part} of {PARTS}: {} of 6 and no whole",
            segments.iter().filter(|id| ids.contains(id)).count()
        );
        assert!(ids.contains(&late) && rounds <= 3);
    }
}

#[test]
fn a_cursor_of_before_reads_on() {
    let (field, [_, other], _) = written();
    let told = field.pull(&other, &[]).unwrap();
    let cursor: crate::answer::Cursor = cbor::decode(&told.cursor).unwrap();
    assert_eq!((cursor.hollow, cursor.again), (None, None));
    let shorter = (cursor.incarnation, cursor.from, cursor.to, cursor.done, cursor.made, cursor.plain);
    assert!(field.pull(&other, &cbor::encode(&shorter)).is_none(), "and has nothing to be told");
}
