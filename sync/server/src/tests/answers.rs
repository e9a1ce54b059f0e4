//! What an answer holds, in which order, and that a cut one goes on where it stopped.

use data_encoding::BASE64URL_NOPAD;
use http::Method;
use wire::{
    cbor,
    envelope::{Kind, Stream},
    id::{CaseId, Digest, IncarnationId},
    log::Role,
    message::{Batch, ItemHead, ItemKind, Push, Resume, SYNC_PATH},
};

use super::kit::{Answered, Field, NOW, Phone, refusal, sealed, segment, snapshot};
use crate::answer::Cursor;

fn keep(field: &Field, phone: &Phone, item: Push) -> Digest {
    field.push(phone, &[], vec![item]).acked().0
}

#[test]
fn nothing_new_is_no_content() {
    let mut field = Field::new();
    let mentor = field.join(Role::Mentor);
    let first = field.pull(&mentor, &[]).unwrap();
    assert!(first.ended);
    assert!(field.pull(&mentor, &first.cursor).is_none());
    let case = field.founder_case();
    keep(&field, &field.founder, segment(&field.founder, Stream::core(case), 1, 600));
    assert!(field.pull(&mentor, &first.cursor).is_none(), "of a case that is none of the mentor's");
    let posted = field.push(&mentor, &first.cursor, vec![]);
    assert!(posted.items.is_empty() && posted.ended && !posted.cursor.is_empty());
    field.reopen();
    assert!(field.pull(&mentor, &posted.cursor).is_none());
}

#[test]
fn logs_come_before_content_and_the_newest_touched_case_first() {
    let mut field = Field::new();
    let mentor = field.join(Role::Mentor);
    let (old, new) = (field.case(&mentor), field.case(&mentor));
    let expected_new = [1, 2].map(|seq| keep(&field, &mentor, segment(&mentor, Stream::core(new), seq, 600)));
    let seen = Push::Envelope(sealed(&mentor, Stream::core(new), Kind::Seen, 1, 1, 600));
    let seen = keep(&field, &mentor, seen);
    let expected_old = keep(&field, &mentor, segment(&mentor, Stream::core(old), 1, 600));
    let names = keep(&field, &mentor, segment(&mentor, Stream::DIRECTORY, 1, 600));
    let answered = field.pull(&field.founder, &[]).unwrap();
    use ItemKind::{CaseEntry, OrgEntry, Seen, Segment, Wrap};
    let kinds = [OrgEntry, OrgEntry, OrgEntry, OrgEntry, OrgEntry, Wrap, CaseEntry, Wrap, CaseEntry, Wrap];
    assert_eq!(answered.kinds(), [kinds.as_slice(), &[Segment; 4], &[Seen]].concat());
    assert_eq!(answered.ids().split_off(10), [vec![names, expected_old], expected_new.to_vec(), vec![seen]].concat());
    let positions: Vec<u64> = answered.items.iter().take(5).map(|(head, _)| head.position).collect();
    assert!(positions.is_sorted());
}

#[test]
fn what_a_device_wrote_is_not_echoed_but_log_entries_are() {
    let mut field = Field::new();
    let case = field.founder_case();
    keep(&field, &field.founder, segment(&field.founder, Stream::core(case), 1, 600));
    keep(&field, &field.founder, snapshot(&field.founder, Stream::core(case), 1, 600, &[(&field.founder, 1)]));
    keep(&field, &field.founder, Push::Envelope(sealed(&field.founder, Stream::core(case), Kind::Seen, 1, 1, 600)));
    let answered = field.pull(&field.founder, &[]).unwrap();
    use ItemKind::{CaseEntry, OrgEntry, Wrap};
    assert_eq!(answered.kinds(), [OrgEntry, OrgEntry, OrgEntry, Wrap, CaseEntry, Wrap]);
}

#[test]
fn a_grant_brings_the_whole_stream() {
    let mut field = Field::new();
    let (mentor, other) = (field.join(Role::Mentor), field.join(Role::CoMentor));
    let case = field.case(&mentor);
    let stream = Stream::core(case);
    let ids = [1, 2, 3].map(|seq| keep(&field, &mentor, segment(&mentor, stream, seq, 600)));
    let before = field.pull(&other, &[]).unwrap();
    assert!(!before.kinds().contains(&ItemKind::CaseEntry));
    field.grant(case, &other, None);
    let after = field.pull(&other, &before.cursor).unwrap();
    use ItemKind::{CaseEntry, Segment, Wrap};
    assert_eq!(after.kinds(), [CaseEntry, CaseEntry, Wrap, Segment, Segment, Segment]);
    assert_eq!(after.ids().split_off(3), ids);
    let more = keep(&field, &mentor, segment(&mentor, stream, 4, 600));
    assert_eq!(field.pull(&other, &after.cursor).unwrap().ids(), [more]);
}

#[test]
fn a_snapshot_is_sent_when_it_spares_bytes() {
    let mut field = Field::new();
    let (mentor, other) = (field.join(Role::Mentor), field.join(Role::Mentor));
    let case = field.case(&mentor);
    let stream = Stream::core(case);
    let start = field.pull(&field.founder, &[]).unwrap().cursor;
    for seq in 1..=5 {
        keep(&field, &mentor, segment(&mentor, stream, seq, 1000));
    }
    let near = field.pull(&field.founder, &start).unwrap().cursor;
    keep(&field, &mentor, segment(&mentor, stream, 6, 1000));
    let whole = keep(&field, &mentor, snapshot(&mentor, stream, 1, 3000, &[(&mentor, 6)]));
    let tail = keep(&field, &mentor, segment(&mentor, stream, 7, 1000));
    use ItemKind::{Segment, Snapshot};
    let far = field.pull(&field.founder, &start).unwrap();
    assert_eq!(far.ids(), [whole, tail]);
    assert_eq!(field.pull(&field.founder, &near).unwrap().kinds(), [Segment, Segment]);
    let newer = keep(&field, &mentor, snapshot(&mentor, stream, 2, 3000, &[(&mentor, 7)]));
    field.grant(case, &other, None);
    let granted = field.pull(&other, &[]).unwrap();
    assert_eq!(granted.kinds().last(), Some(&Snapshot));
    assert_eq!(granted.ids().last(), Some(&newer));
    assert!(!granted.ids().contains(&whole));
}

#[test]
fn a_cursor_from_elsewhere_begins_anew() {
    let mut field = Field::new();
    let mentor = field.join(Role::Mentor);
    let first = field.pull(&mentor, &[]).unwrap();
    let good: Cursor = cbor::decode(&first.cursor).unwrap();
    let other = Cursor { incarnation: IncarnationId::from_bytes([9; 16]), ..good };
    let ahead = Cursor { from: good.from + 1, ..good };
    let odd = Cursor { to: 1, ..good };
    for cursor in [cbor::encode(&other), cbor::encode(&ahead), cbor::encode(&odd), vec![1, 2, 3]] {
        assert_eq!(field.pull(&mentor, &cursor).unwrap(), first);
    }
}

/// A store in which one answer has every kind of item, for the second phone; the first wrote them.
fn rich_by() -> (Field, [Phone; 2], Vec<Stream>) {
    let mut field = Field::new();
    let (mentor, other) = (field.join(Role::Mentor), field.join(Role::Mentor));
    let cases: Vec<CaseId> = (0..3).map(|_| field.case(&mentor)).collect();
    for (at, case) in cases.iter().enumerate() {
        let stream = Stream::core(*case);
        for seq in 1..=3 {
            keep(&field, &mentor, segment(&mentor, stream, seq, 80));
        }
        if at > 0 {
            keep(&field, &mentor, snapshot(&mentor, stream, 1, 90, &[(&mentor, 2)]));
        }
        keep(&field, &mentor, Push::Envelope(sealed(&mentor, stream, Kind::Seen, 1, 1, 10)));
        field.grant(*case, &other, None);
    }
    keep(&field, &mentor, segment(&mentor, Stream::DIRECTORY, 1, 50));
    (field, [mentor, other], cases.into_iter().map(Stream::core).collect())
}

fn rich() -> (Field, Phone) {
    let (field, [_, phone], _) = rich_by();
    (field, phone)
}

fn raw(field: &Field, phone: &Phone, cursor: &[u8], resume: Option<Resume>) -> Vec<u8> {
    let offset = resume.map(|resume| format!("&o={}.{}", resume.id, resume.offset)).unwrap_or_default();
    let path = format!("{SYNC_PATH}?c={}{offset}", BASE64URL_NOPAD.encode(cursor));
    field.send(phone, Method::GET, &path, None).into_bytes().unwrap()
}

#[test]
fn an_answer_cut_at_any_byte_goes_on_to_the_same_items() {
    let (field, phone) = rich();
    let whole = raw(&field, &phone, &[], None);
    let expected = Answered::read(&whole);
    assert!(expected.items.len() > 20);
    for cut in (0..whole.len()).step_by(7).chain(whole.len() - 80..whole.len()) {
        let first = Answered::read(whole.get(..cut).unwrap());
        // A device trusts the last mark: items after it come again unless it resumes inside the next one.
        let kept = first.cut.clone().filter(|(_, bytes)| !bytes.is_empty());
        let resume = kept.as_ref().map(|(head, bytes)| Resume { id: head.id, offset: bytes.len() as u64 });
        field.sleep(1);
        let rest = Answered::read(&raw(&field, &phone, &first.cursor, resume));
        let mut items = first.items.clone();
        let mut later = rest.items.into_iter();
        if let Some((head, mut bytes)) = kept
            && let Some((resumed, more)) = later.next()
        {
            if resumed.id == head.id {
                assert_eq!(resumed.offset, bytes.len() as u64, "cut at {cut}");
                bytes.extend(more);
                items.push((head, bytes));
            } else {
                items.push((resumed, more));
            }
        }
        items.extend(later);
        // The item just before the last mark was told again at most once.
        let mut ids: Vec<Digest> = items.iter().map(|(head, _)| head.id).collect();
        ids.dedup();
        assert_eq!(ids, expected.ids(), "cut at {cut}");
        for (head, bytes) in &items {
            assert_eq!(wire::signature::sha256(&[bytes]), head.id);
        }
    }
}

#[test]
fn what_comes_in_while_an_answer_is_under_delivery_follows_in_the_next() {
    let (mut field, phone) = rich();
    let whole = Answered::read(&raw(&field, &phone, &[], None));
    let bytes = raw(&field, &phone, &[], None);
    let first = Answered::read(bytes.get(..bytes.len() / 2).unwrap());
    let case = field.founder_case();
    field.grant(case, &phone, None);
    let late = keep(&field, &field.founder, segment(&field.founder, Stream::core(case), 1, 600));
    field.reopen();
    let rest = field.pull(&phone, &first.cursor).unwrap();
    let mut ids = first.ids();
    ids.extend(rest.ids());
    ids.dedup();
    assert_eq!(ids.get(..whole.items.len()).unwrap(), whole.ids());
    assert_eq!(ids.last(), Some(&late));
    assert!(field.pull(&phone, &rest.cursor).is_none());
}

#[test]
fn a_devices_newer_snapshot_takes_the_place_and_the_bytes_of_its_older_one_and_of_nobody_elses() {
    let mut field = Field::new();
    let (mentor, other) = (field.join(Role::Mentor), field.join(Role::Mentor));
    let case = field.case(&mentor);
    let stream = Stream::core(case);
    for seq in 1..=3 {
        keep(&field, &mentor, segment(&mentor, stream, seq, 5000));
    }
    let seen = |seq| Push::Envelope(sealed(&mentor, stream, Kind::Seen, 1, seq, 400));
    keep(&field, &field.founder, snapshot(&field.founder, stream, 1, 5000, &[(&mentor, 1)]));
    keep(&field, &mentor, snapshot(&mentor, stream, 1, 5000, &[(&mentor, 1)]));
    keep(&field, &mentor, seen(1));
    let used = field.fill();
    for n in 2..=9 {
        keep(&field, &mentor, snapshot(&mentor, stream, n, 5000, &[(&mentor, 3)]));
        keep(&field, &mentor, seen(n));
    }
    assert_eq!(field.fill(), used, "nine of them take up no more than one");
    let known = keep(&field, &mentor, seen(9));
    field.grant(case, &other, None);
    let told = field.pull(&other, &[]).unwrap();
    assert_eq!(told.kinds().iter().filter(|kind| **kind == ItemKind::Snapshot).count(), 1);
    assert_eq!(told.kinds().iter().filter(|kind| **kind == ItemKind::Segment).count(), 0);
    let late = keep(&field, &mentor, seen(10));
    let news = field.pull(&other, &told.cursor).unwrap();
    assert_eq!(news.ids(), [late]);
    assert_ne!(known, late);
    assert_eq!(field.problems(), []);
}

#[test]
fn what_is_replaced_while_an_answer_is_under_delivery_loses_nothing_of_it() {
    const PARTS: usize = 40;
    for part in 0..=PARTS {
        let (field, [mentor, phone], streams) = rich_by();
        let bytes = raw(&field, &phone, &[], None);
        let expected = Answered::read(&bytes);
        let first = Answered::read(bytes.get(..bytes.len() * part / (PARTS + 1)).unwrap());
        let (mut snapshots, mut seen) = (Vec::new(), Vec::new());
        for (at, stream) in streams.into_iter().enumerate() {
            if at > 0 {
                // It covers no more than the one before, so every segment beside it is still to be told.
                let newer = keep(&field, &mentor, snapshot(&mentor, stream, 2, 200, &[(&mentor, 2)]));
                let of_this = |head: &&ItemHead| head.kind == ItemKind::Snapshot && head.case == stream.case;
                let older = expected.items.iter().map(|(head, _)| head).find(of_this).unwrap().id;
                snapshots.push([older, newer]);
            }
            seen.push(keep(&field, &mentor, Push::Envelope(sealed(&mentor, stream, Kind::Seen, 1, 2, 10))));
        }
        let mut ids = first.ids();
        let mut cursor = first.cursor;
        while let Some(more) = field.pull(&phone, &cursor) {
            ids.extend(more.ids());
            cursor = more.cursor;
        }
        let stays = |head: &&ItemHead| !matches!(head.kind, ItemKind::Snapshot | ItemKind::Seen);
        let wanted = expected.items.iter().map(|(head, _)| head).filter(stays).map(|head| head.id);
        for id in wanted.chain(seen) {
            assert!(ids.contains(&id), "cut after part {part} of {PARTS}: {id} was never told");
        }
        for either in snapshots {
            assert!(either.iter().any(|id| ids.contains(id)), "cut after part {part} of {PARTS}: no snapshot was told");
        }
    }
}

#[test]
fn many_items_are_told_page_by_page() {
    let mut field = Field::new();
    let mentor = field.join(Role::Mentor);
    let case = field.case(&mentor);
    let items: Vec<Push> = (1..=300).map(|seq| segment(&mentor, Stream::core(case), seq, 20)).collect();
    let expected: Vec<Digest> = items.iter().map(Push::id).collect();
    assert_eq!(field.push(&mentor, &[], items).replies.len(), 300);
    let mut answered = field.pull(&field.founder, &[]).unwrap();
    let skipped = answered.items.len() - 300;
    assert!(answered.ids().split_off(skipped) == expected);
    let cursor = Cursor {
        from: 0,
        to: 306,
        done: 150,
        made: NOW,
        plain: false,
        hollow: None,
        again: None,
        incarnation: answered.incarnation.take().unwrap(),
    };
    let rest = field.pull(&field.founder, &cbor::encode(&cursor)).unwrap();
    assert!(rest.ids() == answered.ids().split_off(150));
}

#[test]
fn a_grant_that_ends_while_an_answer_is_cut_gives_nothing_more() {
    let mut field = Field::new();
    let (mentor, substitute) = (field.join(Role::Mentor), field.join(Role::Substitute));
    let case = field.case(&mentor);
    field.grant(case, &substitute, Some(NOW + 1000));
    keep(&field, &mentor, segment(&mentor, Stream::core(case), 1, 600));
    let whole = raw(&field, &substitute, &[], None);
    assert_eq!(Answered::read(&whole).kinds().last(), Some(&ItemKind::Segment));
    let cut = Answered::read(whole.get(..whole.len() - 300).unwrap());
    field.sleep(1000);
    let rest = field.push(&substitute, &cut.cursor, vec![]);
    assert!(!rest.kinds().contains(&ItemKind::Segment));
    let batch = Batch { cursor: rest.cursor, ..Batch::default() };
    assert!(field.push(&substitute, &batch.cursor, vec![]).items.is_empty());
}

#[test]
fn a_store_that_fails_is_told_by_one_code_and_nothing_of_why_and_goes_on_when_it_is_mended() {
    let mut field = Field::new();
    let mentor = field.join(Role::Mentor);
    let case = field.case(&mentor);
    let file = rusqlite::Connection::open(field.store()).unwrap();
    file.execute_batch("ALTER TABLE envelope RENAME TO away").unwrap();
    let push = segment(&mentor, Stream::core(case), 1, 600);
    let body = cbor::encode(&Batch { items: vec![push.clone()], ..Batch::default() });
    let answer = field.send(&mentor, Method::POST, SYNC_PATH, Some(body));
    let (status, refusal) = refusal(answer);
    assert_eq!((status.as_u16(), refusal.code.as_str()), (500, "srv.internal"));
    assert_eq!((refusal.server_ms, refusal.wait_s, refusal.order), (0, None, None));
    file.execute_batch("ALTER TABLE away RENAME TO envelope").unwrap();
    assert_eq!(field.verdict(&mentor, push), "ack");
    assert_eq!(field.problems(), []);
}
