//! Meetings and other contact.

use std::sync::Arc;

use device::{
    Device,
    casework::{Edit, began_before},
};
use serde_json::{Value, json};

use super::{find_case, find_item, note::warn, open_case};
use crate::{
    arguments::{Meeting, MeetingLog},
    error::Result,
    parse::{self, Heard},
    say::Out,
};

/// Carries out a command about meetings.
pub fn run(device: &Arc<Device>, words: &Meeting, out: &Out) -> Result<bool> {
    match words {
        Meeting::Log(words) => log(device, words, out),
        Meeting::Time { case, meeting, at } => time(device, case, meeting, at, out),
    }
}

fn log(device: &Arc<Device>, words: &MeetingLog, out: &Out) -> Result<bool> {
    let case = find_case(device, &words.case)?;
    let host = device.host();
    let zone = host.time_zone();
    let minutes = words.minutes.unwrap_or_else(|| words.kind.usual_minutes());
    let Heard { at_ms, said } = match words.at.as_deref() {
        Some(at) => parse::heard(at, host.now_ms(), &zone)?,
        None => Heard { at_ms: began_before(host.now_ms(), minutes), said: None },
    };
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
    skipped(&mut answer, &Heard { at_ms, said }, out);
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

/// Says when a meeting was. What stood there before is in the history, and the answer takes it back.
fn time(device: &Arc<Device>, case: &str, meeting: &str, at: &str, out: &Out) -> Result<bool> {
    let (case, show) = open_case(device, case)?;
    let meeting = find_item(meeting, show.meetings.keys())?;
    let zone = device.host().time_zone();
    let heard = parse::heard(at, device.host().now_ms(), &zone)?;
    let edit = Edit::SetMeetingAt { meeting, at_ms: heard.at_ms, zone: zone.iana_name().map(str::to_owned), said: heard.said.clone() };
    let done = device.edit(case, edit)?;
    let mut answer = json!({ "meeting": meeting, "at_ms": heard.at_ms, "undo": done.undo });
    skipped(&mut answer, &heard, out);
    out.say(&answer, |_| parse::shown(heard.at_ms, &zone));
    Ok(true)
}

/// Adds what was said of an hour that no clock showed.
fn skipped(answer: &mut Value, heard: &Heard, out: &Out) {
    let (Some(said), Some(fields)) = (&heard.said, answer.as_object_mut()) else { return };
    fields.insert("said".to_owned(), said.clone().into());
    fields.insert("at_ms".to_owned(), heard.at_ms.into());
    out.hint(
        "Den time fandtes ikke den nat: klokken blev stillet frem. Mødet står en time senere, og det, du sagde, står ved siden af.",
        "That hour was skipped that night. The meeting stands an hour later, with what you said beside it.",
    );
}
