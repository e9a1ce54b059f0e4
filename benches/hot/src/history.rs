//! A case of two people's entries, and what is done with its document alone.

use casework::{Author, Case, Edit, Ends, MeetingKind, Outcome, TaskKind, encode_snapshot};
use wire::id::{CaseId, DeviceId, ItemId, MemberId};

use crate::Scene;

pub const CASE: CaseId = CaseId::from_bytes([7; 16]);
/// 2026-01-01, Unix milliseconds.
const BEGIN_MS: i64 = 1_767_225_600_000;
const HOUR_MS: i64 = 3_600_000;

/// Two people's names in the case.
const ACTORS: [[u8; 16]; 2] = [[1; 16], [2; 16]];
const READER: [u8; 16] = [9; 16];

fn author(n: usize) -> Author {
    let id = u8::try_from(n).unwrap_or(u8::MAX);
    Author { member: MemberId::from_bytes([id; 16]), device: DeviceId::from_bytes([id + 100; 16]) }
}

fn item(n: usize) -> ItemId {
    let mut bytes = [0x55; 16];
    for (to, from) in bytes.iter_mut().zip(n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes()) {
        *to = from;
    }
    ItemId::from_bytes(bytes)
}

const WORDS: [&str; 16] =
    ["bolig", "og", "gæld", "ved", "broen", "talte", "om", "søsteren", "i", "Ærøskov", "næste", "uge", "vi", "fodbold", "længe", "mødtes"];

/// A text of about so many letters; no two are alike.
pub fn text(seed: usize, letters: usize) -> String {
    let mut dice = seed as u64 + 1;
    let mut out = String::new();
    while out.len() < letters {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        out.push_str(WORDS[(dice >> 60) as usize]);
        out.push_str(if (dice >> 40).is_multiple_of(11) { ". " } else { " " });
    }
    out.trim_end().to_owned()
}

/// The n-th thing that somebody writes: meetings, notes, tasks, and changes to notes.
pub fn entry(n: usize) -> Edit {
    let at_ms = at_ms(n);
    match n % 5 {
        0 | 3 => Edit::LogMeeting {
            id: item(n),
            meeting: MeetingKind::Meeting,
            at_ms,
            minutes: 60,
            place: Some(WORDS[n % 16].to_owned()),
            outcome: Outcome::TookPlace,
            zone: None,
            said: None,
        },
        1 => Edit::AddNote { id: item(n), text: text(n, 600), at_ms },
        2 => Edit::SpliceNote { note: item(n - 1), at: 40, delete: 3, insert: text(n, 30) },
        _ => Edit::AddTask { id: item(n), title: text(n, 40), due: None, owner: None, task: TaskKind::Task, promised_to: None },
    }
}

pub fn at_ms(n: usize) -> i64 {
    BEGIN_MS + HOUR_MS * i64::try_from(n).unwrap_or(0)
}

/// So many entries by two people who each know what the other wrote before, as a third device has them.
pub fn written(entries: usize) -> Case {
    let mut desks = ACTORS.map(|actor| Case::found(CASE, actor).expect("a case"));
    let mut reader = Case::found(CASE, READER).expect("a case");
    desks.iter_mut().for_each(Case::trust);
    reader.trust();
    let mut told = [0; 2];
    // Five entries belong together: whoever wrote the note also changes it.
    for (turn, first) in (0..entries).step_by(5).enumerate() {
        let who = turn % 2;
        for n in first..entries.min(first + 5) {
            desks[who].edit(entry(n), &author(who), at_ms(n)).expect("an entry");
        }
        let news = desks[who].unsent(told[who]);
        told[who] = news.mark;
        for case in [&mut desks[1 - who], &mut reader] {
            let received = case.receive(ACTORS[who], &news.changes);
            assert!(received.refused.is_empty(), "{received:?}");
        }
    }
    assert!(reader.proves(), "what two people wrote is sound");
    reader
}

fn loaded(bytes: &[u8]) -> Case {
    Case::load(CASE, READER, bytes).expect("the case loads")
}

/// One meeting more is written down.
pub fn edit(entries: usize) -> Scene {
    let bytes = written(entries).save();
    Box::new(move || {
        let mut case = loaded(&bytes);
        let next = entry(entries.next_multiple_of(5));
        Box::new(move || {
            let done = case.edit(next, &author(2), at_ms(entries)).expect("an entry");
            Box::new((case, done))
        })
    })
}

/// A case is opened that was not in memory.
pub fn load(entries: usize) -> Scene {
    let bytes = written(entries).save();
    Box::new(move || {
        let bytes = bytes.clone();
        Box::new(move || Box::new(loaded(&bytes)))
    })
}

/// Everything that lists, screens and the search take out of a document.
pub fn project(entries: usize) -> Scene {
    let bytes = written(entries).save();
    Box::new(move || {
        let case = loaded(&bytes);
        Box::new(move || {
            let seen = (case.show(), case.search_texts());
            Box::new((case, seen))
        })
    })
}

/// A new device takes in a case that it has nothing of.
pub fn adopt(entries: usize) -> Scene {
    let case = written(entries);
    let ends: Ends = case.ends();
    let body = encode_snapshot(&case.snapshot_bytes()).expect("it packs");
    Box::new(move || {
        let mut new = Case::found(CASE, READER).expect("a case");
        let (body, ends) = (body.clone(), ends.clone());
        Box::new(move || {
            let received = new.adopt_snapshot(&body, &ends).expect("it unpacks");
            assert!(received.refused.is_empty() && received.applied > 0, "{received:?}");
            Box::new(new)
        })
    })
}
