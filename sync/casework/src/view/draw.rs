//! How the views are made from what the document says.

use std::cell::OnceCell;

use automerge::{ObjId, PatchAction, ReadDoc};
use wire::id::{DeviceId, ItemId, MemberId};

use super::*;
use crate::{
    Base, Case,
    appointment::{self, Appointment, is_asked},
    clock::Clocks,
    conflict::{Conflict, Field, conflicts},
    document::{Model, Origin, Place},
    edit::EditError,
    meeting::{Meeting, SILENT_DAYS, began_before},
    note::{self, Note},
    offer::Offer,
    show::{BothShow, Card, VersionShow, birth_year, card, texts},
    stage::{Pier, StageAct, StageEvent, standing},
    task::{Task, TaskKind, done_applies},
    time,
};

/// Letters of a note's first line that a list shows.
const FIRST_LINE: usize = 120;
/// Kinds that the form offers first.
const CHIPS: [MeetingKind; 6] = [
    MeetingKind::Meeting,
    MeetingKind::Phone,
    MeetingKind::Activity,
    MeetingKind::PrisonVisit,
    MeetingKind::Accompaniment,
    MeetingKind::Message,
];
/// Days for which an appointment stands on its case's screen while nobody says what came of it.
const UNSAID_DAYS: i64 = 30;
/// Letters whose author is looked up one by one in one passage; a longer one is taken whole.
const PASSAGE_LIMIT: usize = 5_000;

impl CaseRow {
    /// The row of a case of which nothing but its card has been read.
    pub fn of(id: wire::id::CaseId, card: Card, lens: &Lens<'_>) -> Self {
        let (days_since, silent) = silence(&card.stage, card.last_contact_at, lens);
        Self {
            id,
            alias: card.alias,
            stage: card.stage,
            pier: card.stage.pier(),
            piers: count(Pier::ALL.len()),
            days_since,
            last_contact_at: card.last_contact_at,
            silent,
            open_promises: card.open_promises,
            next_task: card.next_task,
            unfinished_notes: card.unfinished_notes,
            conflicts: card.conflicts,
            waiting_for_server: lens.waiting_for_server,
        }
    }
}

impl Case {
    /// What lists and search show of the case, read from the document once.
    pub fn listed(&self, lens: &Lens<'_>) -> Listed {
        let model = self.model();
        Listed {
            row: self.row_of(&model, lens),
            held: held(self.id(), &model, lens.now_ms),
            tasks: self.open_tasks_of(&model, lens),
            texts: texts(&model),
        }
    }

    /// The case as one row of a list.
    pub fn row(&self, lens: &Lens<'_>) -> CaseRow {
        self.row_of(&self.model(), lens)
    }

    fn row_of(&self, model: &Model, lens: &Lens<'_>) -> CaseRow {
        CaseRow::of(self.id(), card(model), lens)
    }

    /// The case on its own screen.
    pub fn view(&self, lens: &Lens<'_>) -> CaseView {
        let model = self.model();
        let card = card(&model);
        let (days_since, silent) = silence(&card.stage, card.last_contact_at, lens);
        let draw = Draw { case: self.id(), alias: &card.alias, lens };
        let found = conflicts(&model);
        CaseView {
            id: self.id(),
            programme: model.profile.programme.latest().copied().unwrap_or(Programme::National),
            birth_year: birth_year(&model),
            stage: card.stage,
            bridge: bridge(card.stage, &model),
            days_since,
            last_contact_at: card.last_contact_at,
            silent,
            next_task: first_task(&model).map(|t| draw.task(t)),
            offers: model.offers.iter().map(|(kind, offer)| draw.offer(*kind, offer, &found)).collect(),
            tasks: sorted_tasks(&model).into_iter().map(|t| draw.task(t)).collect(),
            appointments: appointments(self.id(), &model, lens.now_ms),
            timeline: draw.timeline(&model),
            conflicts: found.iter().map(|c| draw.conflict(c)).collect(),
            team: lens.team.to_vec(),
            waiting_for_server: lens.waiting_for_server,
            alias: card.alias,
        }
    }

    /// The tasks and promises that are not done, the next first.
    pub fn open_tasks(&self, lens: &Lens<'_>) -> Vec<TaskView> {
        self.open_tasks_of(&self.model(), lens)
    }

    fn open_tasks_of(&self, model: &Model, lens: &Lens<'_>) -> Vec<TaskView> {
        let alias = model.profile.alias.latest().map_or("", String::as_str);
        let draw = Draw { case: self.id(), alias, lens };
        sorted_tasks(model).into_iter().filter(|t| done_applies(&t.done).is_none()).map(|t| draw.task(t)).collect()
    }

    /// A note on its screen. `since` is the base with which the note was last shown here, if it was.
    /// Fails with `case.unknown_note`, or `case.unknown_base` when `since` was never a state of this case.
    pub fn note(&self, id: ItemId, since: Option<&Base>, lens: &Lens<'_>) -> Result<NoteView, EditError> {
        let reader = self.reader();
        let object = reader.find(Place::Notes, id).ok_or(EditError::UnknownNote)?;
        let stamp = reader.stamp(&object).ok_or(EditError::UnknownNote)?;
        let note = reader.note(id, (object, stamp)).ok_or(EditError::UnknownNote)?;
        let alias = reader.profile().alias.latest().cloned().unwrap_or_default();
        let draw = Draw { case: self.id(), alias: &alias, lens };
        let others = since.map(|base| self.others(&note, base, lens)).transpose()?.unwrap_or_default();
        Ok(NoteView {
            id,
            case: self.id(),
            base: self.base().0,
            at: note.at_ms,
            changed_at: note.changed_at(),
            by: draw.who(note.origin.by, note.origin.device),
            voices: draw.voices(&note),
            unfinished: !note.finished,
            dot: draw.note_dot(&note),
            others,
            both: draw.both(self.both_shown(&note, &Model { authors: reader.authors(), ..Model::default() }, &OnceCell::new())),
            text: note.text,
            alias,
        })
    }

    /// What the form for a new meeting proposes: that it has just ended, in the place where one last met.
    pub fn meeting_defaults(&self, now_ms: i64) -> MeetingDefaults {
        let meetings = self.reader().meetings();
        let last = meetings.values().filter(|m| !m.removed && m.place.is_some()).max_by_key(|m| (m.at_ms, m.id));
        let minutes = MeetingKind::Meeting.usual_minutes();
        MeetingDefaults {
            at: began_before(now_ms, minutes),
            minutes,
            place: last.and_then(|m| m.place.clone()),
            minutes_by_kind: CHIPS.iter().map(|kind| KindMinutes { kind: *kind, minutes: kind.usual_minutes() }).collect(),
        }
    }

    fn others(&self, note: &Note, since: &Base, lens: &Lens<'_>) -> Result<Vec<Passage>, EditError> {
        let heads = self.base_heads(since)?;
        let mut marks: Vec<(usize, usize)> = Vec::new();
        for patch in self.doc.diff_obj(&note.text_object, &heads, &self.doc.get_heads(), false)? {
            match patch.action {
                PatchAction::SpliceText { index, value, .. } => {
                    let length = value.make_string().chars().count();
                    push_marks(&mut marks, index, length);
                }
                PatchAction::DeleteSeq { index, length } => cut_marks(&mut marks, index, length),
                _ => {}
            }
        }
        marks.sort_unstable();
        Ok(marks.into_iter().flat_map(|(start, end)| self.passages(&note.text_object, start, end, lens)).collect())
    }

    /// One passage by author; what the person who looks wrote is left out.
    fn passages(&self, text: &ObjId, start: usize, end: usize, lens: &Lens<'_>) -> Vec<Passage> {
        let authors = self.reader().authors();
        let mut out: Vec<(Passage, Option<MemberId>)> = Vec::new();
        for at in start..end {
            let long = at.saturating_sub(start) >= PASSAGE_LIMIT;
            let stamp = if long { None } else { self.doc.get(text, at).ok().flatten().and_then(|(_, id)| self.reader().stamp(&id)) };
            let who = stamp.as_ref().and_then(|s| authors.get(&s.actor)).map(|w| w.0);
            match out.last_mut() {
                Some((last, member)) if long || *member == who => last.end = (at as u64).saturating_add(1),
                _ => {
                    let name = who.map_or_else(String::new, |m| lens.names.member(m));
                    let at_ms = stamp.map_or(0, |s| s.at_s.saturating_mul(1000));
                    out.push((Passage { start: at as u64, end: (at as u64).saturating_add(1), who: name, at: at_ms }, who));
                }
            }
        }
        out.into_iter().filter(|(_, who)| *who != Some(lens.me)).map(|(passage, _)| passage).collect()
    }
}

fn push_marks(marks: &mut Vec<(usize, usize)>, index: usize, length: usize) {
    let mut tail = Vec::new();
    for mark in marks.iter_mut() {
        if mark.0 >= index {
            *mark = (mark.0.saturating_add(length), mark.1.saturating_add(length));
        } else if mark.1 > index {
            tail.push((index.saturating_add(length), mark.1.saturating_add(length)));
            mark.1 = index;
        }
    }
    marks.append(&mut tail);
    marks.push((index, index.saturating_add(length)));
}

fn cut_marks(marks: &mut Vec<(usize, usize)>, index: usize, length: usize) {
    let end = index.saturating_add(length);
    let moved = |at: usize| if at >= end { at.saturating_sub(length) } else { at.min(index) };
    for mark in marks.iter_mut() {
        *mark = (moved(mark.0), moved(mark.1));
    }
    marks.retain(|(start, end)| start < end);
}

struct Draw<'a> {
    case: CaseId,
    alias: &'a str,
    lens: &'a Lens<'a>,
}

impl Draw<'_> {
    fn who(&self, member: MemberId, device: DeviceId) -> Who {
        Who { member, name: self.lens.names.member(member), device: self.lens.names.device(device) }
    }

    fn by(&self, origin: &Origin) -> Who {
        self.who(origin.by, origin.device)
    }

    fn dot(&self, origin: &Origin) -> Dot {
        (self.lens.dot)(origin.device, origin.stamp.seq)
    }

    fn task(&self, task: &Task) -> TaskView {
        let done_on = done_applies(&task.done).map(str::to_owned);
        TaskView {
            id: task.id,
            case: self.case,
            alias: self.alias.to_owned(),
            title: task.title.clone(),
            due: task.due_applies().map(str::to_owned),
            done: done_on.is_some(),
            done_on,
            kind: task.kind,
            promised_to: task.promised_to.clone(),
            owner: task.owner.clone(),
            by: Some(self.by(&task.origin)),
            dot: self.dot(&task.origin),
        }
    }

    fn offer(&self, kind: OfferKind, offer: &Offer, found: &[Conflict]) -> OfferView {
        let mut steps: Vec<_> = offer.steps.values().filter(|s| !s.removed).collect();
        steps.sort_by(|a, b| a.origin.stamp.cmp(&b.origin.stamp));
        let of_this = |field: &Field| match field {
            Field::OfferStatus(k) | Field::StepDone(k, _) => *k == kind,
            _ => false,
        };
        OfferView {
            kind,
            status: offer.applies(),
            steps: steps.into_iter().map(step_view).collect(),
            conflict: found.iter().any(|c| of_this(&c.field)),
        }
    }

    fn conflict(&self, conflict: &Conflict) -> ConflictView {
        ConflictView {
            id: conflict.id.clone(),
            case: self.case,
            field: conflict.field(),
            values: conflict.values.iter().map(|claim| value(claim.clone(), self.lens.names)).collect(),
        }
    }

    /// Newest first; what was written later first among entries of the same time. Where a clock is known to have been wrong, an
    /// entry stands where it belongs, with the time that was claimed.
    fn timeline(&self, model: &Model) -> Vec<TimelineEntry> {
        let corrected = standing(&model.stages).corrected;
        let mut entries: Vec<(i64, ItemId, TimelineEntry)> = Vec::new();
        for m in model.meetings.values().filter(|m| !m.removed) {
            entries.push((m.really_at(&model.clocks), m.id, TimelineEntry::Meeting(self.meeting(m, &model.clocks))));
        }
        for n in model.notes.values().filter(|n| !n.removed) {
            entries.push((model.clocks.set_right(n.at_ms, &n.origin.stamp), n.id, TimelineEntry::Note(self.note(n))));
        }
        for e in model.stages.values().filter(|e| e.act != StageAct::Corrected && !corrected.contains(&e.id)) {
            let at = time::day_span(&e.on).map_or(e.origin.at_ms, |(first, _)| time::start_of(first, self.lens.zone));
            entries.push((at, e.id, TimelineEntry::Stage(self.stage(e))));
        }
        for c in model.offer_changes.values() {
            let (offer, from, to, at) = (c.offer, c.from, c.to, c.origin.at_ms);
            let view = OfferChangeView { offer, from, to, at, by: self.by(&c.origin), dot: self.dot(&c.origin) };
            entries.push((model.clocks.set_right(at, &c.origin.stamp), c.id, TimelineEntry::Offer(view)));
        }
        entries.sort_by_key(|(at, id, _)| std::cmp::Reverse((*at, *id)));
        entries.into_iter().map(|(_, _, entry)| entry).collect()
    }

    fn meeting(&self, m: &Meeting, clocks: &Clocks) -> MeetingView {
        let clock_ahead = m.clock_off(clocks);
        let said_s = m.at.0.last().map_or(m.origin.stamp.at_s, |(_, stamp)| stamp.at_s);
        MeetingView {
            id: m.id,
            kind: m.kind,
            at: m.at_ms,
            minutes: m.minutes,
            place: m.place.clone(),
            outcome: m.outcome,
            zone: m.zone.clone(),
            said: m.said.clone(),
            by: self.by(&m.origin),
            dot: self.dot(&m.origin),
            clock_doubt: clock_ahead.is_some()
                || m.time_is_unknown()
                || (self.lens.clock_doubt)(m.origin.device, said_s.saturating_mul(1000)),
            clock_ahead,
            time_unknown: m.time_is_unknown(),
        }
    }

    fn note(&self, n: &Note) -> NoteSummary {
        NoteSummary {
            id: n.id,
            by: self.by(&n.origin),
            at: n.at_ms,
            changed_at: n.changed_at(),
            first_line: crate::text::plain_line(&note::first_line(&n.text, FIRST_LINE)),
            words: note::words(&n.text),
            unfinished: !n.finished,
            mine: n.origin.by == self.lens.me,
            voices: self.voices(n),
            dot: self.note_dot(n),
        }
    }

    fn voices(&self, n: &Note) -> Vec<String> {
        n.voices.keys().map(|member| self.lens.names.member(*member)).collect()
    }

    /// A note has come as far as the last words of its first author, which are most often the last at all.
    fn note_dot(&self, n: &Note) -> Dot {
        let own = n.voices.get(&n.origin.by).filter(|v| v.stamp.actor == n.origin.stamp.actor);
        (self.lens.dot)(n.origin.device, own.map_or(n.origin.stamp.seq, |v| v.stamp.seq))
    }

    fn both(&self, places: Vec<BothShow>) -> Vec<BothWrote> {
        let version = |said: VersionShow| BothVersion {
            text: said.text,
            who: said.member.map_or_else(String::new, |member| self.lens.names.member(member)),
            device: said.device.map_or_else(String::new, |device| self.lens.names.device(device)),
            at: said.at_ms,
        };
        let shown =
            |place: BothShow| BothWrote { start: place.start, end: place.end, versions: place.versions.into_iter().map(version).collect() };
        places.into_iter().map(shown).collect()
    }

    fn stage(&self, e: &StageEvent) -> StageEventView {
        StageEventView {
            id: e.id,
            event: e.act.word().to_owned(),
            stage: e.to,
            on: e.on.clone(),
            by: self.by(&e.origin),
            reason: e.reason.clone(),
            dot: self.dot(&e.origin),
        }
    }
}

fn step_view(step: &crate::offer::Step) -> StepView {
    let done_on = done_applies(&step.done).map(str::to_owned);
    StepView { id: step.id, title: step.title.clone(), owner: step.owner.clone(), due: step.due.clone(), done: done_on.is_some(), done_on }
}

fn bridge(stage: Stage, model: &Model) -> Vec<BridgePier> {
    let here = stage.pier();
    let corrected = standing(&model.stages).corrected;
    let day = |pier: &Pier| {
        let events = model.stages.values().filter(|event| !corrected.contains(&event.id) && Some(event.act) == pier.event());
        events.map(|event| event.on.clone()).max()
    };
    let mut out = Vec::new();
    for (pier, place) in Pier::ALL.iter().zip(1_u32..) {
        let state = match place.cmp(&here) {
            std::cmp::Ordering::Less => PierState::Done,
            std::cmp::Ordering::Equal => PierState::Now,
            std::cmp::Ordering::Greater => PierState::Ahead,
        };
        out.push(BridgePier { pier: *pier, state, on: day(pier).filter(|_| place <= here) });
    }
    out
}

/// The appointments that are still to come, or of which nobody has said yet what came of them.
fn appointments(case: CaseId, model: &Model, now_ms: i64) -> Vec<AppointmentView> {
    let alias = model.profile.alias.latest().map_or("", String::as_str);
    let seen = |a: &Appointment| AppointmentView {
        id: a.id,
        case,
        alias: alias.to_owned(),
        meeting: a.kind,
        at: a.at_ms(),
        minutes: a.minutes,
        label: a.label.clone(),
        two_times: a.at.is_disputed(),
        asked: is_asked(a.at_ms(), a.minutes, now_ms),
    };
    appointment::open(model)
        .into_iter()
        .map(seen)
        .filter(|a| a.at > now_ms.saturating_sub(UNSAID_DAYS.saturating_mul(time::DAY_MS)))
        .collect()
}

fn held(case: CaseId, model: &Model, now_ms: i64) -> Held {
    let held_conflict = |c: Conflict| HeldConflict { field: c.field(), id: c.id, values: c.values, applies: c.applies, rule: c.rule };
    Held {
        notes: count(model.notes.values().filter(|n| !n.removed).count()),
        meetings: count(model.meetings.values().filter(|m| !m.removed).count()),
        tasks: count(model.tasks.values().filter(|t| !t.removed).count()),
        appointments: appointments(case, model, now_ms),
        conflicts: conflicts(model).into_iter().map(held_conflict).collect(),
    }
}

/// Days since the last contact, and whether that is too long for a case that is still open.
fn silence(stage: &Stage, last: Option<i64>, lens: &Lens<'_>) -> (Option<i64>, bool) {
    let days = last.map(|at| time::days_between(at, lens.now_ms, lens.zone));
    let open = !matches!(stage, Stage::Closed | Stage::ScreeningEnded);
    (days, open && days.is_some_and(|d| d >= SILENT_DAYS))
}

fn open_tasks(model: &Model) -> impl Iterator<Item = &Task> {
    model.tasks.values().filter(|t| !t.removed && done_applies(&t.done).is_none())
}

fn first_task(model: &Model) -> Option<&Task> {
    open_tasks(model).min_by_key(|t| order(t))
}

/// The task that comes next, as lists show it.
pub(crate) fn next_task(model: &Model) -> Option<NextTask> {
    first_task(model).map(|t| NextTask { title: t.title.clone(), due: t.due_applies().map(str::to_owned) })
}

/// Promises that are not kept yet.
pub(crate) fn open_promises(model: &Model) -> u32 {
    count(open_tasks(model).filter(|t| t.kind == TaskKind::Promise).count())
}

/// Notes that nobody has called finished.
pub(crate) fn unfinished_notes(model: &Model) -> u32 {
    count(model.notes.values().filter(|n| !n.removed && !n.finished).count())
}

/// Open ones first; then by date, those without a date last.
fn sorted_tasks(model: &Model) -> Vec<&Task> {
    let mut all: Vec<&Task> = model.tasks.values().filter(|t| !t.removed).collect();
    all.sort_by_key(|t| (done_applies(&t.done).is_some(), order(t)));
    all
}

fn order(task: &Task) -> (bool, Option<String>, ItemId) {
    (task.due_applies().is_none(), task.due_applies().map(str::to_owned), task.id)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
