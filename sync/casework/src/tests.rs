//! A case as a whole: saved and loaded, damaged, searched, and any mix of acts and exchanges.

use proptest::prelude::*;
use wire::id::CaseId;

use super::*;
use crate::testing::{CASE, Person, aisha, item, meet, mikkel, sofie};

#[test]
fn a_case_is_loaded_from_what_was_saved_and_appended() {
    let mut p = aisha();
    p.note(1, "en");
    let mut stored = p.case.save();
    assert!(p.case.incremental().is_empty());
    p.writes(1, "en to", None);
    stored.extend(p.case.incremental());
    let mut m = mikkel();
    m.note(2, "hej");
    m.gives(&mut p);
    stored.extend(p.case.incremental());
    let loaded = Case::load(CaseId::from_bytes(CASE), [1; 16], &stored).unwrap();
    assert_eq!(loaded.show(), p.shows());
    assert_eq!(loaded.history(), p.case.history());
    assert_eq!(loaded.own_seq(), 2);
    assert_eq!(loaded.ends().get(&[2; 16]).copied(), m.case.unsent(0).last);
    assert_eq!(loaded.card().alias, "");
}

#[test]
fn damaged_bytes_give_a_code_and_never_a_panic() {
    let mut p = aisha();
    p.note(1, "æøå");
    let mut stored = p.case.save();
    p.writes(1, "æøå 2", None);
    stored.extend(p.case.incremental());
    let load = |bytes: &[u8]| Case::load(CaseId::from_bytes(CASE), [1; 16], bytes);
    assert!(load(&stored).is_ok());
    for bytes in [&b""[..], b"nonsense", &stored[..stored.len() / 2], &stored[..stored.len() - 1]] {
        assert_eq!(load(bytes).unwrap_err().code(), "crdt.damaged");
    }
    for at in 0..stored.len() {
        let mut bad = stored.clone();
        bad[at] ^= 1;
        assert!(load(&bad).is_err(), "byte {at}");
    }
    let other = automerge::AutoCommit::new().save();
    assert_eq!(load(&other).unwrap_err(), CaseError::Damaged);
}

#[test]
fn search_finds_notes_tasks_and_places_but_nothing_removed() {
    let mut p = aisha();
    p.note(1, "Kaffe");
    p.note(2, "Væk");
    p.does(Edit::RemoveNote { note: item(2) });
    p.does(Edit::AddTask { id: item(3), title: "Ring".into(), due: None, owner: None, task: TaskKind::Task, promised_to: None });
    let texts = p.case.search_texts();
    assert_eq!(texts.iter().map(|t| t.text.as_str()).collect::<Vec<_>>(), ["Kaffe", "Ring"]);
    assert_eq!(texts[0].kind, SearchKind::Note);
}

#[derive(Debug, Clone)]
enum Act {
    Edit(usize, u8, u8, String),
    Give(usize, usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let text = proptest::collection::vec(proptest::sample::select(vec!["a", "ø", "👨‍👩‍👧", "e\u{301}", "مر", " ", "\n", "ord"]), 0..6)
        .prop_map(|v| v.concat());
    let edit = (0..3_usize, 0..15_u8, any::<u8>(), text).prop_map(|(who, kind, pick, text)| Act::Edit(who, kind, pick, text));
    let give = (0..3_usize, 0..3_usize).prop_map(|(from, to)| Act::Give(from, to));
    proptest::collection::vec(prop_oneof![3 => edit, 1 => give], 1..40)
}

fn edit_of(kind: u8, pick: u8, text: String, fresh: u16) -> Edit {
    let offer = OfferKind::ALL[pick as usize % 3];
    let old = item(u16::from(pick % 6));
    let day = format!("2023-{:02}-{:02}", pick % 9 + 1, pick % 28 + 1);
    match kind {
        0 => Edit::AddNote { id: item(fresh), text, at_ms: 1 },
        1 | 2 => Edit::WriteNote { note: old, text, base: None },
        3 => Edit::SpliceNote { note: old, at: u64::from(pick % 4), delete: u64::from(pick % 2), insert: text },
        4 => Edit::SetOfferStatus { offer, status: OfferStatus::ALL[pick as usize % 10] },
        5 => Edit::AddStep { offer, id: item(fresh), title: format!("t{text}"), template: None, owner: None, due: None },
        6 => Edit::SetStepDone { offer, step: old, done: pick.is_multiple_of(2), on: Some(day) },
        7 => Edit::AddTask {
            id: item(fresh),
            title: format!("t{text}"),
            due: Some(day),
            owner: None,
            task: TaskKind::Task,
            promised_to: None,
        },
        8 => Edit::SetTaskDue { task: old, due: Some(day) },
        9 => Edit::SetTaskDone { task: old, done: pick.is_multiple_of(2), on: Some(day) },
        10 => Edit::StageEvent {
            id: item(fresh),
            event: StageAct::ALL[pick as usize % 16],
            on: "2023-05".into(),
            reason: Some("other".into()),
            text: Some("x".into()),
            by: None,
        },
        11 => Edit::SetProfile {
            alias: Some(text),
            programme: Some(Programme::ALL[pick as usize % 4]),
            birth_year: Some(1980 + u16::from(pick % 9)),
        },
        12 => Edit::RemoveNote { note: old },
        13 => Edit::LogMeeting {
            id: item(fresh),
            meeting: MeetingKind::ALL[pick as usize % 20],
            at_ms: i64::from(pick),
            minutes: 5,
            place: Some(text),
            outcome: Outcome::TookPlace,
            zone: None,
            said: None,
        },
        _ => Edit::StageCorrect { corrects: old },
    }
}

fn run(acts: Vec<Act>) -> [Person; 3] {
    let mut people = [aisha(), mikkel(), sofie()];
    for (n, act) in acts.into_iter().enumerate() {
        match act {
            Act::Edit(who, kind, pick, text) => {
                let fresh = if n < 6 { n } else { n + 100 * (who + 1) };
                let before = people[who].case.heads();
                if people[who].tries(edit_of(kind, pick, text, fresh as u16)).is_err() {
                    assert_eq!(people[who].case.heads(), before);
                }
            }
            Act::Give(from, to) if from != to => {
                let changes = people[from].case.unsent(people[to].case.seq_of([from as u8 + 1; 16])).changes;
                let got = people[to].case.receive([from as u8 + 1; 16], &changes);
                assert_eq!(got.refused, []);
            }
            Act::Give(..) => {}
        }
    }
    meet(&mut people);
    people
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn however_acts_and_exchanges_mix_all_end_with_the_same_case(acts in acts()) {
        let people = run(acts);
        let [a, m, s] = &people;
        prop_assert_eq!(a.shows(), m.shows());
        prop_assert_eq!(a.shows(), s.shows());
        prop_assert_eq!(a.case.conflicts(), s.case.conflicts());
        prop_assert_eq!(a.case.history(), m.case.history());
        prop_assert_eq!(a.case.history(), s.case.history());
        let bytes = a.case.snapshot_bytes();
        let loaded = Case::load(a.case.id(), [1; 16], &bytes).unwrap();
        prop_assert_eq!(loaded.show(), a.shows());
        prop_assert_eq!(serde_json::to_string(&loaded.show()).unwrap(), serde_json::to_string(&s.shows()).unwrap());
    }
}
