//! What each act does to the document, and which act takes it back.

use automerge::{ObjId, ScalarValue};
use wire::id::ItemId;

use super::{Author, Done, Edit, EditError, Touched, write::first_part};
use crate::{
    Case,
    appointment::{Logged, Planned},
    conflict::{self, Field},
    document::{FROM_APPOINTMENT, Place, SAID, ZONE, optional_date},
    meeting::{MINUTES_LIMIT, Spoken},
    note::NOTE_LIMIT,
    offer::{OfferKind, OfferStatus},
    stage::Programme,
    task::{TaskKind, done_applies},
    text, time,
};

impl Case {
    /// Does one act and says how to take it back. On an error nothing has changed.
    pub fn edit(&mut self, edit: Edit, by: &Author, now_ms: i64) -> Result<Done, EditError> {
        match edit {
            Edit::SetProfile { alias, programme, birth_year } => self.set_profile(alias.as_deref(), programme, birth_year, by, now_ms),
            Edit::SetOfferStatus { offer, status } => self.set_offer_status(offer, status, by, now_ms),
            Edit::AddStep { offer, id, title, template, owner, due } => {
                let fields = [("template", template), ("owner", owner)];
                self.add_step(offer, id, &title, fields, due.as_deref(), by, now_ms)
            }
            Edit::SetStepDone { offer, step, done, on } => self.set_step_done(offer, step, done, on, by, now_ms),
            Edit::RemoveStep { offer, step } => self.remove(Thing::Step(offer), step, true, by, now_ms),
            Edit::RestoreStep { offer, step } => self.remove(Thing::Step(offer), step, false, by, now_ms),
            Edit::LogMeeting { id, meeting, at_ms, minutes, place, outcome, zone, said } => {
                let spoken = Spoken { at_ms, zone: zone.as_deref(), said: said.as_deref() };
                let logged = Logged { kind: meeting, outcome, minutes, place: place.as_deref(), appointment: None };
                self.log_meeting(id, logged, &spoken, by, now_ms)
            }
            Edit::SetMeetingAt { meeting, at_ms, zone, said } => {
                self.set_meeting_at(meeting, &Spoken { at_ms, zone: zone.as_deref(), said: said.as_deref() }, by, now_ms)
            }
            Edit::DeleteMeeting { meeting } => self.remove(Thing::Meeting, meeting, true, by, now_ms),
            Edit::RestoreMeeting { meeting } => self.remove(Thing::Meeting, meeting, false, by, now_ms),
            Edit::AddAppointment { id, meeting, at_ms, minutes, label, zone } => {
                let planned = Planned { kind: meeting, minutes, label: label.as_deref() };
                self.add_appointment(id, planned, &Spoken { at_ms, zone: zone.as_deref(), said: None }, by, now_ms)
            }
            Edit::MoveAppointment { appointment, at_ms, zone } => {
                self.move_appointment(appointment, &Spoken { at_ms, zone: zone.as_deref(), said: None }, by, now_ms)
            }
            Edit::RemoveAppointment { appointment } => self.remove_appointment(appointment, true, by, now_ms),
            Edit::RestoreAppointment { appointment } => self.remove_appointment(appointment, false, by, now_ms),
            Edit::SettleAppointment { appointment, id, meeting, outcome } => {
                self.settle_appointment(appointment, id, (meeting, outcome), by, now_ms)
            }
            Edit::AddNote { id, text, at_ms } => self.add_note(id, &text, at_ms, by, now_ms),
            Edit::WriteNote { note, text, base } => self.write_note(note, &text, base.as_ref(), by, now_ms),
            Edit::SpliceNote { note, at, delete, insert } => self.splice_note(note, at, delete, &insert, by, now_ms),
            Edit::FinishNote { note, finished } => self.finish_note(note, finished, by, now_ms),
            Edit::RemoveNote { note } => self.remove(Thing::Note, note, true, by, now_ms),
            Edit::RestoreNote { note } => self.remove(Thing::Note, note, false, by, now_ms),
            Edit::AddTask { id, title, due, owner, task, promised_to } => {
                self.add_task(id, &title, task, due.as_deref(), [("owner", owner), ("promised_to", promised_to)], by, now_ms)
            }
            Edit::SetTaskDone { task, done, on } => self.set_task_done(task, done, on, by, now_ms),
            Edit::SetTaskDue { task, due } => self.set_task_due(task, due.as_deref(), by, now_ms),
            Edit::RemoveTask { task } => self.remove(Thing::Task, task, true, by, now_ms),
            Edit::RestoreTask { task } => self.remove(Thing::Task, task, false, by, now_ms),
            Edit::StageEvent { id, event, on, reason, text, by: initiator } => {
                self.stage_event(id, event, &on, reason.as_deref(), text.as_deref(), initiator, by, now_ms)
            }
            Edit::StageCorrect { corrects } => self.stage_correct(corrects, by, now_ms),
            Edit::Resolve { conflict, keep } => self.resolve(&conflict, &keep, by, now_ms),
        }
    }

    fn set_profile(
        &mut self,
        alias: Option<&str>,
        programme: Option<Programme>,
        birth_year: Option<u16>,
        by: &Author,
        now_ms: i64,
    ) -> Result<Done, EditError> {
        let alias = alias.map(text::short).transpose()?;
        if birth_year.is_some_and(|year| year != 0 && !(1900..=2100).contains(&year)) {
            return Err(EditError::BadYear);
        }
        let before = self.reader().profile();
        let undo = Edit::SetProfile {
            alias: alias.is_some().then(|| before.alias.latest().cloned().unwrap_or_default()),
            programme: programme.map(|_| before.programme.latest().copied().unwrap_or(Programme::National)),
            birth_year: birth_year.map(|_| before.birth_year.latest().and_then(|y| u16::try_from(*y).ok()).unwrap_or(0)),
        };
        let changed = self.change(by, now_ms, "profile.set", |w| {
            if let Some(alias) = &alias {
                w.profile("alias", alias.as_str())?;
            }
            if let Some(programme) = programme {
                w.profile("programme", programme.word())?;
            }
            birth_year.map_or(Ok(()), |year| w.profile("birth_year", i64::from(year)))
        })?;
        Ok(done(None, changed.then_some(undo), Touched { profile: true, ..Touched::default() }))
    }

    fn set_offer_status(&mut self, offer: OfferKind, status: OfferStatus, by: &Author, now_ms: i64) -> Result<Done, EditError> {
        let before = self.reader().offer(offer);
        let from = before.applies();
        if from == status && !before.status.is_disputed() {
            return Ok(Done::default());
        }
        let id = self.next_event_id();
        let message = format!("offer.status - {offer} {from} {status}");
        self.change(by, now_ms, &message, |w| {
            w.offer_status(offer, status)?;
            let fields = [("offer", word(offer.word())), ("from", word(from.word())), ("to", word(status.word()))];
            w.item(Place::Events, id, &fields).map(drop)
        })?;
        let undo = Edit::SetOfferStatus { offer, status: from };
        Ok(done(Some(id), Some(undo), Touched { offers: [offer].into(), ..Touched::default() }))
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one act")]
    fn add_step(
        &mut self,
        offer: OfferKind,
        id: ItemId,
        title: &str,
        more: [(&str, Option<String>); 2],
        due: Option<&str>,
        by: &Author,
        now_ms: i64,
    ) -> Result<Done, EditError> {
        let [template, owner] = clean(more)?;
        let title = titled(title)?;
        let due = due.map(day).transpose()?;
        self.is_new(Place::Steps(offer), id)?;
        self.change(by, now_ms, &format!("step.add {id} {offer}"), |w| {
            let fields =
                [("title", word(&title)), template, owner, ("due", due.as_deref().and_then(word)), ("done", Some(optional_date(None)))];
            w.item(Place::Steps(offer), id, &fields).map(drop)
        })?;
        Ok(done(Some(id), Some(Edit::RemoveStep { offer, step: id }), Touched { offers: [offer].into(), ..Touched::default() }))
    }

    fn set_step_done(
        &mut self,
        offer: OfferKind,
        step: ItemId,
        is_done: bool,
        on: Option<String>,
        by: &Author,
        now_ms: i64,
    ) -> Result<Done, EditError> {
        let object = self.reader().find(Place::Steps(offer), step).ok_or(EditError::UnknownStep)?;
        let undo = self.done_before(&object, |done, on| Edit::SetStepDone { offer, step, done, on });
        let act = if is_done { "step.done" } else { "step.open" };
        let changed = self.set_done(&object, is_done, on, &format!("{act} {step} {offer}"), by, now_ms)?;
        Ok(done(Some(step), changed.then_some(undo), Touched { offers: [offer].into(), ..Touched::default() }))
    }

    fn set_task_done(&mut self, task: ItemId, is_done: bool, on: Option<String>, by: &Author, now_ms: i64) -> Result<Done, EditError> {
        let object = self.reader().find(Place::Tasks, task).ok_or(EditError::UnknownTask)?;
        let undo = self.done_before(&object, |done, on| Edit::SetTaskDone { task, done, on });
        let act = if is_done { "task.done" } else { "task.open" };
        let changed = self.set_done(&object, is_done, on, &format!("{act} {task}"), by, now_ms)?;
        Ok(done(Some(task), changed.then_some(undo), Touched { tasks: [task].into(), ..Touched::default() }))
    }

    fn done_before(&self, object: &ObjId, edit: impl Fn(bool, Option<String>) -> Edit) -> Edit {
        let before = self.reader().done(object);
        let on = done_applies(&before).map(str::to_owned);
        edit(on.is_some(), on)
    }

    fn set_done(
        &mut self,
        object: &ObjId,
        is_done: bool,
        on: Option<String>,
        message: &str,
        by: &Author,
        now_ms: i64,
    ) -> Result<bool, EditError> {
        let today = || time::day_of(now_ms, &jiff::tz::TimeZone::UTC).to_string();
        let on = is_done.then(|| on.unwrap_or_else(today));
        let on = on.as_deref().map(day).transpose()?;
        self.change(by, now_ms, message, |w| w.done(object, on.as_deref()))
    }

    fn set_task_due(&mut self, task: ItemId, due: Option<&str>, by: &Author, now_ms: i64) -> Result<Done, EditError> {
        let object = self.reader().find(Place::Tasks, task).ok_or(EditError::UnknownTask)?;
        let due = due.map(day).transpose()?;
        let before = self.reader().due(&object).values().flatten().min().cloned();
        let changed = self.change(by, now_ms, &format!("task.due {task}"), |w| w.due(&object, due.as_deref()))?;
        let undo = Edit::SetTaskDue { task, due: before };
        Ok(done(Some(task), changed.then_some(undo), Touched { tasks: [task].into(), ..Touched::default() }))
    }

    pub(crate) fn log_meeting(
        &mut self,
        id: ItemId,
        logged: Logged<'_>,
        spoken: &Spoken<'_>,
        by: &Author,
        now_ms: i64,
    ) -> Result<Done, EditError> {
        let Logged { kind, outcome, minutes, place, appointment } = logged;
        if minutes > MINUTES_LIMIT {
            return Err(EditError::BadMinutes);
        }
        let said = spoken.checked()?;
        let place = place.map(text::short).transpose()?;
        self.is_new(Place::Meetings, id)?;
        self.change(by, now_ms, &format!("meeting.log {id} {kind}"), |w| {
            let fields = [
                ("kind", word(kind.word())),
                ("at", Some(spoken.at_ms.into())),
                (ZONE, spoken.zone.and_then(word)),
                (SAID, said.as_deref().and_then(word)),
                ("minutes", Some(i64::from(minutes).into())),
                ("place", place.as_deref().and_then(word)),
                ("outcome", word(outcome.word())),
                (FROM_APPOINTMENT, appointment.and_then(|id| word(&id.to_string()))),
            ];
            w.item(Place::Meetings, id, &fields).map(drop)
        })?;
        Ok(done(Some(id), Some(Edit::DeleteMeeting { meeting: id }), Touched { meetings: [id].into(), ..Touched::default() }))
    }

    fn set_meeting_at(&mut self, meeting: ItemId, spoken: &Spoken<'_>, by: &Author, now_ms: i64) -> Result<Done, EditError> {
        let said = spoken.checked()?;
        let object = self.reader().find(Place::Meetings, meeting).ok_or(EditError::UnknownMeeting)?;
        let (at, zone, before) = (self.reader().at(&object), self.reader().zone(&object), self.reader().said(&object));
        let undo = at.latest().map(|at_ms| Edit::SetMeetingAt { meeting, at_ms: *at_ms, zone, said: before });
        let changed = self.change(by, now_ms, &format!("meeting.at {meeting}"), |w| w.spoken(&object, spoken, said.as_deref()))?;
        Ok(done(Some(meeting), undo.filter(|_| changed), Touched { meetings: [meeting].into(), ..Touched::default() }))
    }

    /// Keeps one of several times, where the contact was.
    fn keep_meeting_at(&mut self, meeting: ItemId, keep: &str, by: &Author, now_ms: i64) -> Result<Done, EditError> {
        let at_ms = keep.parse().map_err(|_| EditError::NotAChoice)?;
        let object = self.reader().find(Place::Meetings, meeting).ok_or(EditError::UnknownMeeting)?;
        let zone = self.reader().zone(&object);
        self.set_meeting_at(meeting, &Spoken { at_ms, zone: zone.as_deref(), said: None }, by, now_ms)
    }

    fn add_note(&mut self, id: ItemId, text: &str, at_ms: i64, by: &Author, now_ms: i64) -> Result<Done, EditError> {
        let text = text::long(text, NOTE_LIMIT)?;
        self.is_new(Place::Notes, id)?;
        let (first, rest) = first_part(&text);
        self.change(by, now_ms, &format!("note.add {id}"), |w| {
            let object = w.item(Place::Notes, id, &[("at", Some(at_ms.into()))])?;
            w.note_text(&object, first)
        })?;
        if !rest.is_empty() {
            let at = u64::try_from(first.chars().count()).map_err(|_| EditError::BadPosition)?;
            self.splice_note(id, at, 0, rest, by, now_ms)?;
        }
        Ok(done(Some(id), Some(Edit::RemoveNote { note: id }), Touched { notes: [id].into(), ..Touched::default() }))
    }

    fn finish_note(&mut self, note: ItemId, finished: bool, by: &Author, now_ms: i64) -> Result<Done, EditError> {
        let object = self.reader().find(Place::Notes, note).ok_or(EditError::UnknownNote)?;
        if self.reader().finished(&object) == finished {
            return Ok(Done { id: Some(note), ..Done::default() });
        }
        let act = if finished { "note.finish" } else { "note.reopen" };
        self.change(by, now_ms, &format!("{act} {note}"), |w| w.put(&object, "finished", finished))?;
        let undo = Edit::FinishNote { note, finished: !finished };
        Ok(done(Some(note), Some(undo), Touched { notes: [note].into(), ..Touched::default() }))
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one act")]
    fn add_task(
        &mut self,
        id: ItemId,
        title: &str,
        kind: TaskKind,
        due: Option<&str>,
        more: [(&str, Option<String>); 2],
        by: &Author,
        now_ms: i64,
    ) -> Result<Done, EditError> {
        let title = titled(title)?;
        let [owner, promised_to] = clean(more)?;
        let due = due.map(day).transpose()?;
        self.is_new(Place::Tasks, id)?;
        self.change(by, now_ms, &format!("task.add {id} {kind}"), |w| {
            let fields = [
                ("title", word(&title)),
                ("kind", word(kind.word())),
                owner,
                promised_to,
                ("due", Some(optional_date(due.as_deref()))),
                ("done", Some(optional_date(None))),
            ];
            w.item(Place::Tasks, id, &fields).map(drop)
        })?;
        Ok(done(Some(id), Some(Edit::RemoveTask { task: id }), Touched { tasks: [id].into(), ..Touched::default() }))
    }

    fn remove(&mut self, thing: Thing, id: ItemId, removed: bool, by: &Author, now_ms: i64) -> Result<Done, EditError> {
        let object = self.reader().find(thing.place(), id).ok_or_else(|| thing.unknown())?;
        let contested = matches!(thing, Thing::Note) && self.reader().contested(&object).is_some();
        if self.reader().removed(&object) == removed && !contested {
            return Ok(Done { id: Some(id), ..Done::default() });
        }
        let act = if removed { "remove" } else { "restore" };
        self.change(by, now_ms, &format!("{}.{act} {id}", thing.word()), |w| w.remove(&object, removed))?;
        Ok(done(Some(id), Some(thing.removal(id, !removed)), thing.touched(id)))
    }

    fn resolve(&mut self, conflict: &str, keep: &str, by: &Author, now_ms: i64) -> Result<Done, EditError> {
        let model = self.model();
        let found = conflict::conflicts(&model).into_iter().find(|c| c.id == conflict).ok_or(EditError::UnknownConflict)?;
        if !found.values.iter().any(|v| v.value == keep) {
            return Err(EditError::NotAChoice);
        }
        let given = || (!keep.is_empty()).then(|| keep.to_owned());
        match found.field {
            Field::Alias => self.set_profile(Some(keep), None, None, by, now_ms),
            Field::Programme => self.set_profile(None, Programme::from_word(keep), None, by, now_ms),
            Field::BirthYear => self.set_profile(None, None, Some(keep.parse().unwrap_or(0)), by, now_ms),
            Field::OfferStatus(offer) => {
                let status = OfferStatus::from_word(keep).ok_or(EditError::NotAChoice)?;
                self.set_offer_status(offer, status, by, now_ms)
            }
            Field::StepDone(offer, step) => self.set_step_done(offer, step, !keep.is_empty(), given(), by, now_ms),
            Field::TaskDone(task) => self.set_task_done(task, !keep.is_empty(), given(), by, now_ms),
            Field::TaskDue(task) => self.set_task_due(task, given().as_deref(), by, now_ms),
            Field::MeetingAt(meeting) => self.keep_meeting_at(meeting, keep, by, now_ms),
            Field::AppointmentAt(appointment) => {
                let at_ms = keep.parse().map_err(|_| EditError::NotAChoice)?;
                self.move_appointment(appointment, &Spoken { at_ms, zone: None, said: None }, by, now_ms)
            }
            Field::NoteRemoved(note) => self.remove(Thing::Note, note, keep == conflict::NOTE_REMOVED, by, now_ms),
            Field::Stage => self.keep_stage(keep, by, now_ms),
        }
    }

    pub(crate) fn is_new(&self, place: Place, id: ItemId) -> Result<(), EditError> {
        if self.reader().find(place, id).is_some() { Err(EditError::DuplicateId) } else { Ok(()) }
    }
}

/// Things that can be taken away and put back.
#[derive(Debug, Clone, Copy)]
enum Thing {
    Step(OfferKind),
    Meeting,
    Note,
    Task,
}

impl Thing {
    const fn place(self) -> Place {
        match self {
            Self::Step(offer) => Place::Steps(offer),
            Self::Meeting => Place::Meetings,
            Self::Note => Place::Notes,
            Self::Task => Place::Tasks,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Step(_) => "step",
            Self::Meeting => "meeting",
            Self::Note => "note",
            Self::Task => "task",
        }
    }

    const fn unknown(self) -> EditError {
        match self {
            Self::Step(_) => EditError::UnknownStep,
            Self::Meeting => EditError::UnknownMeeting,
            Self::Note => EditError::UnknownNote,
            Self::Task => EditError::UnknownTask,
        }
    }

    const fn removal(self, id: ItemId, removed: bool) -> Edit {
        match (self, removed) {
            (Self::Step(offer), true) => Edit::RemoveStep { offer, step: id },
            (Self::Step(offer), false) => Edit::RestoreStep { offer, step: id },
            (Self::Meeting, true) => Edit::DeleteMeeting { meeting: id },
            (Self::Meeting, false) => Edit::RestoreMeeting { meeting: id },
            (Self::Note, true) => Edit::RemoveNote { note: id },
            (Self::Note, false) => Edit::RestoreNote { note: id },
            (Self::Task, true) => Edit::RemoveTask { task: id },
            (Self::Task, false) => Edit::RestoreTask { task: id },
        }
    }

    fn touched(self, id: ItemId) -> Touched {
        let mut touched = Touched::default();
        match self {
            Self::Step(offer) => drop(touched.offers.insert(offer)),
            Self::Meeting => drop(touched.meetings.insert(id)),
            Self::Note => drop(touched.notes.insert(id)),
            Self::Task => drop(touched.tasks.insert(id)),
        }
        touched
    }
}

pub(crate) fn done(id: Option<ItemId>, undo: Option<Edit>, touched: Touched) -> Done {
    let touched = if undo.is_some() { touched } else { Touched::default() };
    Done { id, undo, touched }
}

pub(crate) fn word(text: &str) -> Option<ScalarValue> {
    (!text.is_empty()).then(|| text.into())
}

fn titled(title: &str) -> Result<String, EditError> {
    let title = text::short(title)?;
    if title.is_empty() { Err(EditError::TitleMissing) } else { Ok(title) }
}

fn day(text: &str) -> Result<String, EditError> {
    time::parse_day(text).map(|d| d.to_string()).ok_or(EditError::BadDate)
}

fn clean(fields: [(&str, Option<String>); 2]) -> Result<[(&str, Option<ScalarValue>); 2], EditError> {
    let [(first_key, first), (second_key, second)] = fields;
    let one = |value: Option<String>| value.as_deref().map(text::short).transpose().map(|v| v.as_deref().and_then(word));
    Ok([(first_key, one(first)?), (second_key, one(second)?)])
}
