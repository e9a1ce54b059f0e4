//! What somebody wrote on a device that was cut off and could not send any more: shown thing by thing, and taken over by a
//! person who stands for it, or not. The words of the one who wrote them are never merged; what is taken over is written anew.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Change, ChangeHash};
use serde::Serialize;
use ts_rs::TS;
use wire::{id::ItemId, label, signature::sha256};

use crate::{
    Author, Base, Case, Edit, EditError, Received,
    appointment::{self, Appointment},
    document::{Model, Place},
    edit::Touched,
    meeting::Meeting,
    note::{self, Note},
    offer::{OfferKind, Step},
    stage::StageEvent,
    task::{Task, done_applies},
    text::plain_line,
    word::words,
};

/// Letters of a note's first line by which it is called.
const FIRST_WORDS: usize = 80;
const SALVAGED: &str = "salvaged";
const ACCEPTED: &str = "accepted";

words! {
    /// What kind of thing was written.
    SalvageKind {
        Note = "note",
        Meeting = "meeting",
        Task = "task",
        Appointment = "appointment",
        Offer = "offer",
        Step = "step",
        Stage = "stage",
        Profile = "profile",
        /// A whole case that was never sent.
        Case = "case",
    }
}

words! {
    /// Whether somebody has decided about it.
    SalvageState {
        Open = "open",
        Accepted = "accepted",
        Rejected = "rejected",
    }
}

words! {
    /// What would be done if a thing were taken over, beyond what its title, text and time say.
    SalvageAct {
        Finished = "finished",
        Unfinished = "unfinished",
        Removed = "removed",
        Restored = "restored",
        Moved = "moved",
        Minutes = "minutes",
        Place = "place",
        Owner = "owner",
        PromisedTo = "promised_to",
        Due = "due",
        Done = "done",
        Undone = "undone",
        Reason = "reason",
        Text = "text",
        By = "by",
        Corrected = "corrected",
        Programme = "programme",
        BirthYear = "birth_year",
    }
}

/// One more thing that would be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SalvageSaid {
    pub act: SalvageAct,
    /// A name, a day, a stable word; absent where the act says it all.
    pub value: Option<String>,
}

/// One thing that was written and not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Salvaged {
    /// The same on every device; another when its author went on writing.
    pub key: ItemId,
    pub kind: SalvageKind,
    /// A title, the first words of a note, the kind of a meeting, an offer; stable words where it has no name of its own.
    pub title: String,
    /// The whole text of a note; a stable word that says more for other things.
    pub text: Option<String>,
    /// When it was written, or took place, as its author said; Unix milliseconds.
    #[ts(type = "number | null")]
    pub at: Option<i64>,
    /// Whether it changes something that is here already.
    pub changes: bool,
    /// What else would be done.
    pub said: Vec<SalvageSaid>,
    pub state: SalvageState,
    /// Which of the words given brought the last of it.
    #[serde(skip)]
    #[ts(skip)]
    pub word: usize,
    /// What would be done if it were taken over; new things under ids of their own.
    #[serde(skip)]
    #[ts(skip)]
    pub edits: Vec<Edit>,
    /// Keys of other things that are decided with it.
    #[serde(skip)]
    #[ts(skip)]
    pub with: Vec<ItemId>,
}

/// What the changes of one author would bring.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Salvage {
    pub things: Vec<Salvaged>,
    /// What came of the changes in a copy: some may wait for what is not here yet, or be unsound.
    pub received: Received,
}

impl Case {
    /// What these words of one author, whose name in this case is `author`, would bring; each word is a list of changes. This
    /// case stays as it is. `fresh` gives ids for things that are not here.
    ///
    /// Where the author has written other changes in their places since, having been let in again, the words are looked at as
    /// they were written: what would be done is the same, and what others wrote since stays.
    pub fn salvage(&self, author: [u8; 16], words: &[Vec<Vec<u8>>], fresh: &mut dyn FnMut() -> ItemId) -> Salvage {
        let now = self.tried(self.doc.clone(), author, words, None, fresh);
        if now.received.refused.is_empty() {
            return now;
        }
        let Some((doc, base)) = self.as_it_was(words) else { return now };
        let then = self.tried(doc, author, words, Some(base), fresh);
        if then.received.refused.len() < now.received.refused.len() { then } else { now }
    }

    /// The document as whoever wrote these words saw it before, and its name.
    fn as_it_was(&self, words: &[Vec<Vec<u8>>]) -> Option<(automerge::Automerge, Base)> {
        let changes: Vec<Change> = words.iter().flatten().map(|bytes| crate::receive::read(bytes).ok()).collect::<Option<_>>()?;
        let own: BTreeSet<ChangeHash> = changes.iter().map(Change::hash).collect();
        let before: BTreeSet<ChangeHash> =
            changes.iter().flat_map(|change| change.deps().iter().copied()).filter(|hash| !own.contains(hash)).collect();
        if !before.iter().all(|hash| self.index.contains(hash)) {
            return None;
        }
        let heads: Vec<ChangeHash> = before.into_iter().collect();
        let doc = crate::guarded(|| self.doc.fork_at(&heads).ok()).flatten()?;
        let base = Base(doc.get_heads().iter().map(ToString::to_string).collect::<Vec<_>>().join("."));
        Some((doc, base))
    }

    fn tried(
        &self,
        doc: automerge::Automerge,
        author: [u8; 16],
        words: &[Vec<Vec<u8>>],
        base: Option<Base>,
        fresh: &mut dyn FnMut() -> ItemId,
    ) -> Salvage {
        let mut copy = Self::with(self.id, self.actor, doc);
        copy.proven.clone_from(&self.proven);
        let (before, settled) = (copy.model(), self.settled());
        let (mut received, mut marks) = (Received::default(), Marks::new());
        let mut known = Vec::new();
        for (word, changes) in words.iter().enumerate() {
            let taken = copy.receive(author, changes);
            received.applied = received.applied.saturating_add(taken.applied);
            received.refused.extend(taken.refused);
            received.parked = taken.parked;
            let Some(last) = changes.last().and_then(|change| crate::change_hash(change)) else { continue };
            let mut no_id = || ItemId::from_bytes([0; 16]);
            let finding = Finding { author, base: None, settled: &settled, marks: &Marks::new(), fresh: &mut no_id, things: Vec::new() };
            let found = finding.all(&before, &copy.model());
            for thing in &found {
                if !known.contains(thing) {
                    marks.insert(thing.key, (word, last));
                }
            }
            known = found;
        }
        let finding = Finding { author, base, settled: &settled, marks: &marks, fresh, things: Vec::new() };
        Salvage { things: finding.all(&before, &copy.model()), received }
    }

    /// Takes a salvaged thing over, in this person's name.
    ///
    /// # Errors
    /// What the rules say of one of its acts. What was done before that stays done; the caller does not keep it.
    pub fn accept(&mut self, thing: &Salvaged, by: &Author, now_ms: i64) -> Result<Touched, EditError> {
        let mut touched = Touched::default();
        for edit in &thing.edits {
            touched.add(self.edit(edit.clone(), by, now_ms)?.touched);
        }
        for key in std::iter::once(thing.key).chain(thing.with.iter().copied()) {
            self.settle_salvaged(key, true, by, now_ms)?;
        }
        Ok(touched)
    }

    /// Says whether a salvaged thing was taken over, so that nobody is asked about it again. It stays where it was handed in.
    ///
    /// # Errors
    /// [`EditError::Document`].
    pub fn settle_salvaged(&mut self, key: ItemId, is_accepted: bool, by: &Author, now_ms: i64) -> Result<(), EditError> {
        let act = if is_accepted { "salvage.accept" } else { "salvage.reject" };
        let id = self.next_event_id();
        self.change(by, now_ms, &format!("{act} {key}"), |w| {
            let fields = [(SALVAGED, Some(key.to_string().into())), (ACCEPTED, Some(is_accepted.into()))];
            w.item(Place::Events, id, &fields).map(drop)
        })?;
        Ok(())
    }

    /// What was decided of salvaged things; where two people decided, what one of them took over is taken over.
    pub fn settled(&self) -> BTreeMap<ItemId, bool> {
        let mut out = BTreeMap::new();
        for (key, is_accepted) in self.reader().salvaged() {
            let decided = out.entry(key).or_insert(false);
            *decided |= is_accepted;
        }
        out
    }
}

impl crate::document::Reader<'_> {
    fn salvaged(&self) -> impl Iterator<Item = (ItemId, bool)> {
        let read = |object: &automerge::ObjId| Some((self.text(object, SALVAGED)?.parse().ok()?, self.flag(object, ACCEPTED)));
        self.each(Place::Events, read).into_iter()
    }
}

/// Which word last brought something of a thing, and the hash of that word's last change, by the thing's key without it.
type Marks = BTreeMap<ItemId, (usize, [u8; 32])>;

struct Finding<'a> {
    author: [u8; 16],
    /// What the author saw, where that is not what is here now.
    base: Option<Base>,
    settled: &'a BTreeMap<ItemId, bool>,
    marks: &'a Marks,
    fresh: &'a mut dyn FnMut() -> ItemId,
    things: Vec<Salvaged>,
}

impl Finding<'_> {
    fn all(mut self, before: &Model, after: &Model) -> Vec<Salvaged> {
        self.profile(before, after);
        for kind in OfferKind::ALL {
            self.offer(*kind, before, after);
        }
        for meeting in after.meetings.values() {
            self.meeting(before.meetings.get(&meeting.id), meeting, before, after);
        }
        for appointment in after.appointments.values() {
            self.appointment(before.appointments.get(&appointment.id), appointment);
        }
        // A stage may ask for a contact, so it comes after those.
        let mut stages: Vec<&StageEvent> = after.stages.values().filter(|event| !before.stages.contains_key(&event.id)).collect();
        stages.sort_by(|a, b| a.origin.stamp.cmp(&b.origin.stamp));
        let ids: BTreeMap<ItemId, ItemId> = stages.iter().map(|event| (event.id, (self.fresh)())).collect();
        stages.into_iter().for_each(|event| self.stage(event, &ids));
        for note in after.notes.values() {
            self.note(before.notes.get(&note.id), note);
        }
        for task in after.tasks.values() {
            self.task(before.tasks.get(&task.id), task);
        }
        self.things
    }

    fn push(&mut self, kind: SalvageKind, subject: &str, is_new: bool, edits: Vec<Edit>, say: (String, Option<String>, Option<i64>)) {
        if edits.is_empty() {
            return;
        }
        let mut key = self.key(kind, subject, &[]);
        let mark = self.marks.get(&key).copied();
        if let Some((_, last)) = &mark {
            key = self.key(kind, subject, last);
        }
        let state = match self.settled.get(&key) {
            None => SalvageState::Open,
            Some(true) => SalvageState::Accepted,
            Some(false) => SalvageState::Rejected,
        };
        let (title, text, at) = say;
        let said = edits.iter().flat_map(said).collect();
        let word = mark.map_or(0, |(word, _)| word);
        self.things.push(Salvaged { key, kind, title, text, at, changes: !is_new, said, state, word, edits, with: Vec::new() });
    }

    fn key(&self, kind: SalvageKind, subject: &str, last: &[u8]) -> ItemId {
        let hash = sha256(&[label::WORDS.as_bytes(), b"salvage", &self.author, kind.word().as_bytes(), b" ", subject.as_bytes(), last]);
        let mut key = [0; 16];
        for (to, from) in key.iter_mut().zip(hash.as_bytes()) {
            *to = *from;
        }
        ItemId::from_bytes(key)
    }

    fn profile(&mut self, before: &Model, after: &Model) {
        let (was, is) = (&before.profile, &after.profile);
        let differs = |a: Option<&String>, b: Option<&String>| if a == b { None } else { b.cloned() };
        let alias = differs(was.alias.latest(), is.alias.latest());
        let programme = is.programme.latest().copied().filter(|now| was.programme.latest() != Some(now));
        let birth_year =
            is.birth_year.latest().filter(|now| was.birth_year.latest() != Some(now)).and_then(|year| u16::try_from(*year).ok());
        if alias.is_some() || programme.is_some() || birth_year.is_some() {
            let title = is.alias.latest().cloned().unwrap_or_default();
            let edits = vec![Edit::SetProfile { alias, programme, birth_year }];
            self.push(SalvageKind::Profile, "", was.alias.latest().is_none(), edits, (title, None, None));
        }
    }

    fn stage(&mut self, event: &StageEvent, ids: &BTreeMap<ItemId, ItemId>) {
        let new = |id: ItemId| ids.get(&id).copied().unwrap_or(id);
        let id = new(event.id);
        let edit = match event.corrects {
            Some(corrects) => Edit::StageCorrect { corrects: new(corrects) },
            None => Edit::StageEvent {
                id,
                event: event.act,
                on: event.on.clone(),
                reason: event.reason.clone(),
                text: event.text.clone(),
                by: event.initiated_by,
            },
        };
        let say = (event.act.word().to_owned(), Some(event.on.clone()), Some(event.origin.at_ms));
        self.push(SalvageKind::Stage, &event.id.to_string(), true, vec![edit], say);
    }

    fn offer(&mut self, kind: OfferKind, before: &Model, after: &Model) {
        let (Some(was), Some(is)) = (before.offers.get(&kind), after.offers.get(&kind)) else { return };
        let status = is.status.latest().copied();
        if let Some(status) = status.filter(|now| was.status.latest() != Some(now)) {
            let edits = vec![Edit::SetOfferStatus { offer: kind, status }];
            let say = (kind.word().to_owned(), Some(status.word().to_owned()), None);
            self.push(SalvageKind::Offer, kind.word(), false, edits, say);
        }
        for step in is.steps.values() {
            self.step(kind, was.steps.get(&step.id), step);
        }
    }

    fn step(&mut self, offer: OfferKind, was: Option<&Step>, is: &Step) {
        let on = |step: &Step| done_applies(&step.done).map(str::to_owned);
        let id = if was.is_some() { is.id } else { (self.fresh)() };
        let mut edits = Vec::new();
        if was.is_none() && !is.removed {
            let (title, template, owner, due) = (is.title.clone(), is.template.clone(), is.owner.clone(), is.due.clone());
            edits.push(Edit::AddStep { offer, id, title, template, owner, due });
        }
        if (was.is_some() || !is.removed) && was.map_or_else(|| on(is).is_some(), |was| on(was) != on(is)) {
            edits.push(Edit::SetStepDone { offer, step: id, done: on(is).is_some(), on: on(is) });
        }
        if was.is_some_and(|was| was.removed != is.removed) {
            edits.push(if is.removed { Edit::RemoveStep { offer, step: id } } else { Edit::RestoreStep { offer, step: id } });
        }
        // Of what is here already the name is shown that stands here: only the edits are taken over.
        let say = (was.unwrap_or(is).title.clone(), Some(offer.word().to_owned()), None);
        self.push(SalvageKind::Step, &is.id.to_string(), was.is_none(), edits, say);
    }

    fn meeting(&mut self, was: Option<&Meeting>, is: &Meeting, before: &Model, after: &Model) {
        let at_ms = is.really_at(&after.clocks);
        let agreed = is.appointment.filter(|id| appointment::open(before).iter().any(|open| open.id == *id));
        let mut edits = Vec::new();
        match (was, agreed) {
            (None, _) if is.removed => {}
            (None, Some(appointment)) => {
                let (id, meeting, outcome) = ((self.fresh)(), is.kind, is.outcome);
                edits.push(Edit::SettleAppointment { appointment, id, meeting, outcome });
            }
            (None, None) => edits.push(Edit::LogMeeting {
                id: (self.fresh)(),
                meeting: is.kind,
                at_ms,
                minutes: is.minutes,
                place: is.place.clone(),
                outcome: is.outcome,
                zone: is.zone.clone(),
                said: is.said.clone(),
            }),
            (Some(was), _) => {
                if was.at.latest() != is.at.latest() {
                    edits.push(Edit::SetMeetingAt { meeting: is.id, at_ms, zone: is.zone.clone(), said: is.said.clone() });
                }
                match (was.removed, is.removed) {
                    (false, true) => edits.push(Edit::DeleteMeeting { meeting: is.id }),
                    (true, false) => edits.push(Edit::RestoreMeeting { meeting: is.id }),
                    _ => {}
                }
            }
        }
        let named = was.unwrap_or(is);
        let say = (named.kind.word().to_owned(), Some(named.outcome.word().to_owned()), Some(at_ms));
        self.push(SalvageKind::Meeting, &is.id.to_string(), was.is_none(), edits, say);
    }

    fn appointment(&mut self, was: Option<&Appointment>, is: &Appointment) {
        let at_ms = is.at_ms();
        let mut edits = Vec::new();
        match was {
            None if is.removed => {}
            None => edits.push(Edit::AddAppointment {
                id: (self.fresh)(),
                meeting: is.kind,
                at_ms,
                minutes: is.minutes,
                label: is.label.clone(),
                zone: is.zone.clone(),
            }),
            Some(was) => {
                if was.at_ms() != at_ms {
                    edits.push(Edit::MoveAppointment { appointment: is.id, at_ms, zone: is.zone.clone() });
                }
                match (was.removed, is.removed) {
                    (false, true) => edits.push(Edit::RemoveAppointment { appointment: is.id }),
                    (true, false) => edits.push(Edit::RestoreAppointment { appointment: is.id }),
                    _ => {}
                }
            }
        }
        let say = (was.unwrap_or(is).kind.word().to_owned(), is.label.clone(), Some(at_ms));
        self.push(SalvageKind::Appointment, &is.id.to_string(), was.is_none(), edits, say);
    }

    fn note(&mut self, was: Option<&Note>, is: &Note) {
        let id = if was.is_some() { is.id } else { (self.fresh)() };
        let mut edits = Vec::new();
        match was {
            None if is.removed => {}
            None => edits.push(Edit::AddNote { id, text: is.text.clone(), at_ms: is.at_ms }),
            Some(was) if was.text != is.text => edits.push(Edit::WriteNote { note: id, text: is.text.clone(), base: self.base.clone() }),
            Some(_) => {}
        }
        if (was.is_some() || !is.removed) && was.is_some_and(|was| was.finished) != is.finished {
            edits.push(Edit::FinishNote { note: id, finished: is.finished });
        }
        match was.map(|was| (was.removed, is.removed)) {
            Some((false, true)) => edits.push(Edit::RemoveNote { note: id }),
            Some((true, false)) => edits.push(Edit::RestoreNote { note: id }),
            _ => {}
        }
        let say = (plain_line(&note::first_line(&is.text, FIRST_WORDS)), Some(is.text.clone()), Some(is.at_ms));
        self.push(SalvageKind::Note, &is.id.to_string(), was.is_none(), edits, say);
    }

    fn task(&mut self, was: Option<&Task>, is: &Task) {
        let id = if was.is_some() { is.id } else { (self.fresh)() };
        let (due, on) = (|task: &Task| task.due_applies().map(str::to_owned), |task: &Task| done_applies(&task.done).map(str::to_owned));
        let mut edits = Vec::new();
        match was {
            None if is.removed => {}
            None => edits.push(Edit::AddTask {
                id,
                title: is.title.clone(),
                due: due(is),
                owner: is.owner.clone(),
                task: is.kind,
                promised_to: is.promised_to.clone(),
            }),
            Some(was) if due(was) != due(is) => edits.push(Edit::SetTaskDue { task: id, due: due(is) }),
            Some(_) => {}
        }
        if (was.is_some() || !is.removed) && was.and_then(&on) != on(is) {
            edits.push(Edit::SetTaskDone { task: id, done: on(is).is_some(), on: on(is) });
        }
        match was.map(|was| (was.removed, is.removed)) {
            Some((false, true)) => edits.push(Edit::RemoveTask { task: id }),
            Some((true, false)) => edits.push(Edit::RestoreTask { task: id }),
            _ => {}
        }
        self.push(
            SalvageKind::Task,
            &is.id.to_string(),
            was.is_none(),
            edits,
            (was.unwrap_or(is).title.clone(), due(is), Some(is.origin.at_ms)),
        );
    }
}

/// What an act does beyond what a thing's title, text and time say.
fn said(edit: &Edit) -> Vec<SalvageSaid> {
    use SalvageAct as A;
    let one = |act: SalvageAct, value: Option<String>| vec![SalvageSaid { act, value }];
    let given = |all: &[(SalvageAct, &Option<String>)]| {
        let given = all.iter().filter(|(_, value)| value.is_some());
        given.map(|(act, value)| SalvageSaid { act: *act, value: (*value).clone() }).collect::<Vec<_>>()
    };
    match edit {
        Edit::SetProfile { programme, birth_year, .. } => {
            let programme = programme.map(|programme| programme.word().to_owned());
            given(&[(A::Programme, &programme), (A::BirthYear, &birth_year.map(|year| year.to_string()))])
        }
        Edit::AddStep { owner, due, .. } => given(&[(A::Owner, owner), (A::Due, due)]),
        Edit::AddTask { owner, due, promised_to, .. } => given(&[(A::Owner, owner), (A::Due, due), (A::PromisedTo, promised_to)]),
        Edit::LogMeeting { minutes, place, .. } => given(&[(A::Minutes, &Some(minutes.to_string())), (A::Place, place)]),
        Edit::AddAppointment { minutes, label, .. } => given(&[(A::Minutes, &Some(minutes.to_string())), (A::Place, label)]),
        Edit::SetMeetingAt { .. } | Edit::MoveAppointment { .. } => one(A::Moved, None),
        Edit::StageEvent { reason, text, by, .. } => {
            given(&[(A::Reason, reason), (A::Text, text), (A::By, &by.map(|by| by.word().to_owned()))])
        }
        Edit::StageCorrect { .. } => one(A::Corrected, None),
        Edit::SetStepDone { done: true, on, .. } | Edit::SetTaskDone { done: true, on, .. } => one(A::Done, on.clone()),
        Edit::SetStepDone { .. } | Edit::SetTaskDone { .. } => one(A::Undone, None),
        Edit::SetTaskDue { due, .. } => one(A::Due, due.clone()),
        Edit::FinishNote { finished: true, .. } => one(A::Finished, None),
        Edit::FinishNote { .. } => one(A::Unfinished, None),
        Edit::RemoveAppointment { .. }
        | Edit::RemoveStep { .. }
        | Edit::RemoveNote { .. }
        | Edit::RemoveTask { .. }
        | Edit::DeleteMeeting { .. } => one(A::Removed, None),
        Edit::RestoreAppointment { .. }
        | Edit::RestoreStep { .. }
        | Edit::RestoreNote { .. }
        | Edit::RestoreTask { .. }
        | Edit::RestoreMeeting { .. } => one(A::Restored, None),
        Edit::SettleAppointment { .. }
        | Edit::SetOfferStatus { .. }
        | Edit::AddNote { .. }
        | Edit::WriteNote { .. }
        | Edit::SpliceNote { .. }
        | Edit::Resolve { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
