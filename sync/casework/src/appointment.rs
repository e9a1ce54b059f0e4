//! Appointments: when somebody is to be met, and what came of it.
//!
//! What came of one is a contact that names it, so that nothing is said twice and taking the contact back opens it again.

use automerge::ObjId;
use wire::id::ItemId;

use crate::{
    Author, Case, Done, Edit, EditError,
    document::{Origin, Place, Reader, Reg, Stamp, Writer, ZONE},
    edit::{Touched, done, word},
    meeting::{MINUTES_LIMIT, MeetingKind, Outcome, Spoken},
    text, time,
};

/// What says of a thing without a place of its own that it is one of these.
const THING: &str = "thing";
const APPOINTMENT: &str = "appointment";
const LABEL: &str = "label";

/// After its end, for how long it is asked what came of an appointment; milliseconds.
pub const ASKED_FOR_MS: i64 = 6 * 60 * 60 * 1000;

/// One appointment as the document holds it.
#[derive(Debug, Clone)]
pub(crate) struct Appointment {
    pub id: ItemId,
    /// What kind of contact it is to be.
    pub kind: MeetingKind,
    /// When it is to begin, Unix milliseconds, as everybody said it.
    pub at: Reg<i64>,
    pub minutes: u32,
    /// A neutral word for the place.
    pub label: Option<String>,
    /// Where its time was said, as the name of a time zone.
    pub zone: Option<String>,
    pub removed: bool,
    pub origin: Origin,
}

impl Appointment {
    /// The time that applies: of several the earliest, so that nobody is waited for.
    pub fn at_ms(&self) -> i64 {
        self.at.values().copied().min().unwrap_or_default()
    }
}

/// What an appointment is made of, besides its time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Planned<'a> {
    pub kind: MeetingKind,
    pub minutes: u32,
    pub label: Option<&'a str>,
}

impl Reader<'_> {
    pub fn appointment(&self, id: ItemId, (object, stamp): (ObjId, Stamp)) -> Option<Appointment> {
        if self.text(&object, THING)? != APPOINTMENT {
            return None;
        }
        let at = self.at(&object);
        at.latest()?;
        Some(Appointment {
            id,
            kind: MeetingKind::from_word(&self.text(&object, "kind")?).unwrap_or(MeetingKind::Other),
            at,
            minutes: u32::try_from(self.int(&object, "minutes")?).ok()?,
            label: self.text(&object, LABEL),
            zone: self.zone(&object),
            removed: self.removed(&object),
            origin: self.origin(&object, stamp)?,
        })
    }

    /// One appointment; `None` for any other thing.
    fn one_appointment(&self, id: ItemId) -> Option<(ObjId, Appointment)> {
        let object = self.find(Place::Other, id)?;
        let stamp = self.stamp(&object)?;
        let appointment = self.appointment(id, (object.clone(), stamp))?;
        Some((object, appointment))
    }
}

impl Case {
    pub(crate) fn add_appointment(
        &mut self,
        id: ItemId,
        planned: Planned<'_>,
        spoken: &Spoken<'_>,
        by: &Author,
        now_ms: i64,
    ) -> Result<Done, EditError> {
        let Planned { kind, minutes, label } = planned;
        if minutes > MINUTES_LIMIT {
            return Err(EditError::BadMinutes);
        }
        spoken.checked()?;
        let label = label.map(text::short).transpose()?;
        self.is_new(Place::Other, id)?;
        self.change(by, now_ms, &format!("appointment.add {id} {kind}"), |w| {
            let fields = [
                (THING, word(APPOINTMENT)),
                ("kind", word(kind.word())),
                ("at", Some(spoken.at_ms.into())),
                (ZONE, spoken.zone.and_then(word)),
                ("minutes", Some(i64::from(minutes).into())),
                (LABEL, label.as_deref().and_then(word)),
            ];
            w.item(Place::Other, id, &fields).map(drop)
        })?;
        Ok(done(Some(id), Some(Edit::RemoveAppointment { appointment: id }), touched(id)))
    }

    pub(crate) fn move_appointment(
        &mut self,
        appointment: ItemId,
        spoken: &Spoken<'_>,
        by: &Author,
        now_ms: i64,
    ) -> Result<Done, EditError> {
        spoken.checked()?;
        let (object, before) = self.reader().one_appointment(appointment).ok_or(EditError::UnknownAppointment)?;
        let undo = Edit::MoveAppointment { appointment, at_ms: before.at_ms(), zone: before.zone.clone() };
        let changed = self.change(by, now_ms, &format!("appointment.move {appointment}"), |w: &mut Writer<'_, '_>| {
            w.put(&object, "at", spoken.at_ms)?;
            w.put(&object, ZONE, spoken.zone.unwrap_or_default())
        })?;
        Ok(done(Some(appointment), changed.then_some(undo), touched(appointment)))
    }

    /// Takes an appointment away, or puts it back.
    pub(crate) fn remove_appointment(&mut self, id: ItemId, removed: bool, by: &Author, now_ms: i64) -> Result<Done, EditError> {
        let (object, before) = self.reader().one_appointment(id).ok_or(EditError::UnknownAppointment)?;
        if before.removed == removed {
            return Ok(Done { id: Some(id), ..Done::default() });
        }
        let act = if removed { "remove" } else { "restore" };
        self.change(by, now_ms, &format!("appointment.{act} {id}"), |w| w.remove(&object, removed))?;
        let undo = match removed {
            true => Edit::RestoreAppointment { appointment: id },
            false => Edit::RemoveAppointment { appointment: id },
        };
        Ok(done(Some(id), Some(undo), touched(id)))
    }

    /// Logs what came of an appointment: the contact as it was agreed, or that there was none.
    pub(crate) fn settle_appointment(
        &mut self,
        appointment: ItemId,
        id: ItemId,
        (kind, outcome): (MeetingKind, Outcome),
        by: &Author,
        now_ms: i64,
    ) -> Result<Done, EditError> {
        let (_, planned) = self.reader().one_appointment(appointment).ok_or(EditError::UnknownAppointment)?;
        if self.reader().meetings().values().any(|m| !m.removed && m.appointment == Some(appointment)) {
            return Err(EditError::AppointmentSettled);
        }
        if outcome != Outcome::Not && planned.at_ms() > now_ms {
            return Err(EditError::FutureDate);
        }
        let (at_ms, zone) = (planned.at_ms(), planned.zone.as_deref());
        let minutes = if outcome == Outcome::Not { 0 } else { planned.minutes };
        let logged = Logged { kind, outcome, minutes, place: planned.label.as_deref(), appointment: Some(appointment) };
        let mut done = self.log_meeting(id, logged, &Spoken { at_ms, zone, said: None }, by, now_ms)?;
        done.touched.appointments.insert(appointment);
        Ok(done)
    }
}

/// What a contact is logged with, besides its time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Logged<'a> {
    pub kind: MeetingKind,
    pub outcome: Outcome,
    pub minutes: u32,
    pub place: Option<&'a str>,
    /// The appointment that it came of.
    pub appointment: Option<ItemId>,
}

fn touched(id: ItemId) -> Touched {
    Touched { appointments: [id].into(), ..Touched::default() }
}

/// The appointments about which nobody has said yet what came of them, the next first.
pub(crate) fn open(model: &crate::document::Model) -> Vec<&Appointment> {
    let settled: std::collections::BTreeSet<ItemId> =
        model.meetings.values().filter(|m| !m.removed).filter_map(|m| m.appointment).collect();
    let mut open: Vec<&Appointment> = model.appointments.values().filter(|a| !a.removed && !settled.contains(&a.id)).collect();
    open.sort_by_key(|a| (a.at_ms(), a.id));
    open
}

/// Whether it is asked now what came of an appointment: it has begun, and ended no longer than six hours ago.
pub fn is_asked(at_ms: i64, minutes: u32, now_ms: i64) -> bool {
    let end = at_ms.saturating_add(i64::from(minutes).saturating_mul(time::MINUTE_MS));
    at_ms <= now_ms && now_ms <= end.saturating_add(ASKED_FOR_MS)
}

#[cfg(test)]
mod tests;
