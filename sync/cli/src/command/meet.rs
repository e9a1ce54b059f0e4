//! Meetings and other contact.

use std::sync::Arc;

use device::{Device, casework::Edit};
use serde_json::json;

use super::{find_case, note::warn};
use crate::{
    arguments::Meeting,
    error::Result,
    parse::{self, Heard},
    say::Out,
};

/// Carries out a command about meetings.
pub fn run(device: &Arc<Device>, words: &Meeting, out: &Out) -> Result<bool> {
    let Meeting::Log(words) = words;
    let case = find_case(device, &words.case)?;
    let host = device.host();
    let zone = host.time_zone();
    let Heard { at_ms, said } =
        words.at.as_deref().map_or(Ok(Heard { at_ms: host.now_ms(), said: None }), |at| parse::heard(at, host.now_ms(), &zone))?;
    let minutes = words.minutes.unwrap_or_else(|| words.kind.usual_minutes());
    let edit = Edit::LogMeeting {
        id: device.new_item(),
        meeting: words.kind,
        at_ms,
        minutes,
        place: words.place.clone(),
        outcome: words.outcome,
        zone: zone.iana_name().map(str::to_owned),
        said: said.clone(),
    };
    let meeting = device.edit(case, edit)?;
    let mut answer = json!({ "meeting": meeting.id, "undo": meeting.undo });
    if let (Some(said), Some(fields)) = (said, answer.as_object_mut()) {
        fields.insert("said".to_owned(), said.into());
        fields.insert("at_ms".to_owned(), at_ms.into());
        out.hint(
            "Den time fandtes ikke den nat: klokken blev stillet frem. Mødet står en time senere, og det, du sagde, står ved siden af.",
            "That hour was skipped that night. The meeting stands an hour later, with what you said beside it.",
        );
    }
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
