//! Meetings and other contact.

use std::sync::Arc;

use device::{Device, casework::Edit};
use serde_json::json;

use super::{find_case, note::warn};
use crate::{arguments::Meeting, error::Result, parse, say::Out};

/// Carries out a command about meetings.
pub fn run(device: &Arc<Device>, words: &Meeting, out: &Out) -> Result<bool> {
    let Meeting::Log(words) = words;
    let case = find_case(device, &words.case)?;
    let host = device.host();
    let at_ms = words.at.as_deref().map_or(Ok(host.now_ms()), |at| parse::time(at, host.now_ms(), &host.time_zone()))?;
    let minutes = words.minutes.unwrap_or_else(|| words.kind.usual_minutes());
    let edit =
        Edit::LogMeeting { id: device.new_item(), meeting: words.kind, at_ms, minutes, place: words.place.clone(), outcome: words.outcome };
    let meeting = device.edit(case, edit)?;
    let mut answer = json!({ "meeting": meeting.id, "undo": meeting.undo });
    if let Some(text) = &words.note {
        warn(out);
        let note = device.edit(case, Edit::AddNote { id: device.new_item(), text: text.clone(), at_ms })?;
        if let Some(fields) = answer.as_object_mut() {
            fields.insert("note".to_owned(), note.id.into());
            fields.insert("note_undo".to_owned(), note.undo.into());
        }
    }
    out.say(&answer, |_| meeting.id.clone());
    Ok(true)
}
