//! Appointments: made, moved, answered for.

use std::sync::Arc;

use device::{CaseId, Device, ItemId, casework::Edit};
use serde_json::json;

use super::{find_case, find_item, open_case};
use crate::{arguments::Appointment, error::Result, parse, say::Out};

/// Carries out a command about appointments.
pub fn run(device: &Arc<Device>, words: &Appointment, out: &Out) -> Result<bool> {
    let at = |text: &str| parse::time(text, device.host().now_ms(), &device.host().time_zone());
    let (name, done) = match words {
        Appointment::Add { case, kind, at: text, minutes, label } => {
            let (case, at_ms) = (find_case(device, case)?, at(text)?);
            ("appointment", device.add_appointment(case, *kind, at_ms, *minutes, label.clone())?)
        }
        Appointment::Move { case, appointment, at: text } => {
            let (case, appointment) = find(device, case, appointment)?;
            ("appointment", device.move_appointment(case, appointment, at(text)?)?)
        }
        Appointment::Settle { case, appointment, kind } => {
            let (case, show) = open_case(device, case)?;
            let appointment = find_item(appointment, show.appointments.keys())?;
            let agreed = show.appointments.get(&appointment).map(|agreed| agreed.kind);
            let kind = kind.or(agreed).unwrap_or(device::casework::MeetingKind::Other);
            ("meeting", device.settle_appointment(case, appointment, kind)?)
        }
        Appointment::Remove { case, appointment } => {
            let (case, appointment) = find(device, case, appointment)?;
            ("appointment", device.edit(case, Edit::RemoveAppointment { appointment })?)
        }
    };
    out.say(&json!({ name: done.id, "undo": done.undo }), |_| done.id.clone());
    Ok(true)
}

fn find(device: &Arc<Device>, case: &str, appointment: &str) -> Result<(CaseId, ItemId)> {
    let (case, show) = open_case(device, case)?;
    Ok((case, find_item(appointment, show.appointments.keys())?))
}
