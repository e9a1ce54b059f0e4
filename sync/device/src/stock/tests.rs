//! Lists over all cases: what they say, and that no document is read for them.
#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

use std::{path::Path, sync::Arc};

use casework::{Edit, MeetingKind, Programme, TaskKind};
use seal::keyslot::Cost;
use tempfile::TempDir;
use wire::id::CaseId;

use crate::{Device, SystemHost};

const SECRET: &[u8] = b"tolv cykler under broen ved havnen";

pub(crate) fn founded(dir: &Path) -> Device {
    let device = Device::new(dir, Arc::new(SystemHost::with_cost(Cost::FLOOR)));
    device.create_vault(SECRET).unwrap();
    device.found_organisation("http://127.0.0.1:1", Vec::new(), "Broen", "Hanne", "bordet").unwrap();
    device
}

fn case(device: &Device, alias: &str) -> CaseId {
    device.new_case(alias, Programme::National, None).unwrap()
}

fn task(device: &Device, case: CaseId, title: &str) -> String {
    let edit =
        Edit::AddTask { id: device.new_item(), title: title.to_owned(), due: None, owner: None, task: TaskKind::Task, promised_to: None };
    device.edit(case, edit).unwrap().id
}

#[test]
fn what_is_held_is_counted_without_what_was_taken_away() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    let (falken, oe) = (case(&device, "Falken"), case(&device, "Ø"));
    for text in ["en", "", "tre"] {
        device.edit(falken, Edit::AddNote { id: device.new_item(), text: text.to_owned(), at_ms: 0 }).unwrap();
    }
    device.log_meeting(oe, MeetingKind::Phone, None, None, None).unwrap();
    let gone = task(&device, oe, "Ring");
    task(&device, oe, "Skriv");
    device.edit(oe, Edit::RemoveTask { task: gone.parse().unwrap() }).unwrap();
    let stock = device.stock().unwrap();
    assert_eq!((stock.cases, stock.notes, stock.meetings, stock.tasks), (2, 3, 1, 1));
    assert!(stock.bytes > 10_000);
    device.lock();
    assert_eq!(device.stock().unwrap_err().code(), "vault.locked");
}

#[test]
fn a_row_of_an_older_version_is_brought_up_once_and_then_no_document_is_read() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    let falken = case(&device, "Falken");
    device.edit(falken, Edit::AddNote { id: device.new_item(), text: "nøglen".to_owned(), at_ms: 7 }).unwrap();
    let sql = |sql: &str| device.with(|open, _| Ok(open.vault.db().execute_batch(sql)?)).unwrap();
    sql("UPDATE case_row SET row = json_remove(row, '$.held'); UPDATE search_item SET at = NULL, author = NULL;");
    assert_eq!(device.stock().unwrap().notes, 1);
    let found = device.find("nøglen").unwrap();
    assert_eq!((found.groups[0].hits[0].at, found.groups[0].hits[0].by.as_deref()), (Some(7), Some("Hanne")));
    // A document that cannot be read would be noticed from here on.
    sql("UPDATE document SET base = x'00'; DELETE FROM document_tail;");
    device.lock();
    device.unlock(SECRET).unwrap();
    assert_eq!(device.case(falken).unwrap_err().code(), "crdt.damaged");
    assert_eq!(device.stock().unwrap().notes, 1);
    assert_eq!(device.find("nøglen").unwrap().groups.len(), 1);
    assert_eq!(device.conflicts().unwrap(), []);
}

#[test]
fn an_act_that_changes_nothing_gives_nothing_to_take_back() {
    let dir = TempDir::new().unwrap();
    let device = founded(dir.path());
    let falken = case(&device, "Falken");
    let task = task(&device, falken, "Ring").parse().unwrap();
    let done = device.edit(falken, Edit::SetTaskDone { task, done: true, on: Some("2023-01-02".to_owned()) }).unwrap();
    assert_eq!(done.undo.len(), 26);
    let again = device.edit(falken, Edit::SetTaskDone { task, done: true, on: Some("2023-01-02".to_owned()) }).unwrap();
    assert_eq!((again.id, again.undo.as_str()), (task.to_string(), ""));
    assert_eq!(device.undo("").unwrap_err().code(), "undo.gone");
}

#[test]
fn the_usual_steps_come_with_their_offers_in_both_languages() {
    let dir = TempDir::new().unwrap();
    let device = Device::new(dir.path(), Arc::new(SystemHost::default()));
    let steps = device.step_templates().unwrap();
    assert_eq!((steps[0].offer.word(), steps[0].key.as_str()), ("relocation", "need_and_threat"));
    assert!(steps.len() >= 54 && steps.iter().all(|step| !step.da.is_empty() && !step.en.is_empty()));
}
