//! Tasks and promises, and taking acts back.

use std::sync::Arc;

use device::{
    CaseId, Device, ItemId,
    casework::{Edit, TaskKind},
};
use serde_json::json;

use super::{find_case, find_item, open_case};
use crate::{arguments::Task, error::Result, say::Out};

/// Carries out a command about tasks.
pub fn run(device: &Arc<Device>, words: &Task, out: &Out) -> Result<bool> {
    let (case, edit) = match words {
        Task::Add { case, title, due, promise_to, owner } => {
            let task = if promise_to.is_some() { TaskKind::Promise } else { TaskKind::Task };
            let edit = Edit::AddTask {
                id: device.new_item(),
                title: title.clone(),
                due: due.clone(),
                owner: owner.clone(),
                task,
                promised_to: promise_to.clone(),
            };
            (find_case(device, case)?, edit)
        }
        Task::Done { case, task, on } => {
            let (case, task) = find(device, case, task)?;
            (case, Edit::SetTaskDone { task, done: true, on: on.clone() })
        }
        Task::Open { case, task } => {
            let (case, task) = find(device, case, task)?;
            (case, Edit::SetTaskDone { task, done: false, on: None })
        }
        Task::Due { case, task, due } => {
            let (case, task) = find(device, case, task)?;
            (case, Edit::SetTaskDue { task, due: due.clone() })
        }
    };
    let done = device.edit(case, edit)?;
    out.say(&json!({ "task": done.id, "undo": done.undo }), |_| done.id.clone());
    Ok(true)
}

/// Takes an act back.
pub fn undo(device: &Arc<Device>, token: &str, out: &Out) -> Result<bool> {
    device.undo(token)?;
    out.say(&json!({ "undone": token }), |lang| lang.pick("Taget tilbage.", "Taken back.").to_owned());
    Ok(true)
}

fn find(device: &Arc<Device>, case: &str, task: &str) -> Result<(CaseId, ItemId)> {
    let (case, show) = open_case(device, case)?;
    Ok((case, find_item(task, show.tasks.keys())?))
}
