//! Stage events: only what may follow, in the order of the calendar, and never taken out of the log.

use jiff::civil::Date;
use wire::id::ItemId;

use super::{
    Author, Done, Edit, EditError, Touched,
    act::{done, word},
};
use crate::{
    Case,
    document::Place,
    meeting,
    stage::{COMPLETE_CONTACT_DAYS, Initiator, REINSTATE_DAYS, Stage, StageAct, Standing, standing},
    text, time,
};

impl Case {
    #[expect(clippy::too_many_arguments, reason = "the parts of one act")]
    pub(super) fn stage_event(
        &mut self,
        id: ItemId,
        act: StageAct,
        on: &str,
        reason: Option<&str>,
        note: Option<&str>,
        initiator: Option<Initiator>,
        by: &Author,
        now_ms: i64,
    ) -> Result<Done, EditError> {
        let reason = reason.map(text::short).transpose()?.filter(|r| !r.is_empty());
        let note = note.map(text::short).transpose()?.filter(|t| !t.is_empty());
        self.is_new(Place::Stages, id)?;
        let now_stands = standing(&self.reader().stages());
        if now_stands.stage == Some(Stage::UnresolvedEnd) && act != StageAct::Voided {
            return Err(EditError::UnresolvedEnd);
        }
        let to = act.leads(now_stands.stage).ok_or(EditError::StageRefused)?;
        let (first, last) = self.check_dates(&now_stands, on, now_ms)?;
        if act.needs_reason() && reason.is_none() && initiator != Some(Initiator::Candidate) {
            return Err(EditError::ReasonMissing);
        }
        self.check_time_limits(act, &now_stands, (first, last), note.is_some())?;
        let after: Vec<String> = now_stands.last.iter().map(ToString::to_string).collect();
        self.change(by, now_ms, &format!("stage.event {id} {act}"), |w| {
            let fields = [
                ("act", word(act.word())),
                ("to", word(to.word())),
                ("on", word(on)),
                ("reason", reason.as_deref().and_then(word)),
                ("text", note.as_deref().and_then(word)),
                ("initiated_by", initiator.and_then(|i| word(i.word()))),
                ("after", word(&after.join(" "))),
            ];
            w.item(Place::Stages, id, &fields).map(drop)
        })?;
        Ok(done(Some(id), Some(Edit::StageCorrect { corrects: id }), Touched { stages: true, ..Touched::default() }))
    }

    /// The span that the date may mean, if it is neither in the future nor before what it follows.
    fn check_dates(&self, now_stands: &Standing, on: &str, now_ms: i64) -> Result<(Date, Date), EditError> {
        let (first, last) = time::day_span(on).ok_or(EditError::BadDate)?;
        if first > time::latest_day(now_ms) {
            return Err(EditError::FutureDate);
        }
        let before = self.last_days(now_stands).map(|(start, _)| start).max();
        if before.is_some_and(|start| last < start) {
            return Err(EditError::BeforePredecessor);
        }
        Ok((first, last))
    }

    fn last_days(&self, now_stands: &Standing) -> impl Iterator<Item = (Date, Date)> {
        let stages = self.reader().stages();
        let last = now_stands.last.clone();
        last.into_iter().filter_map(move |id| stages.get(&id).and_then(|e| time::day_span(&e.on)))
    }

    fn check_time_limits(
        &self,
        act: StageAct,
        now_stands: &Standing,
        (first, last): (Date, Date),
        explained: bool,
    ) -> Result<(), EditError> {
        if act == StageAct::Reinstated {
            let ended = self.last_days(now_stands).map(|(_, end)| time::day_number(end)).max().unwrap_or(0);
            if time::day_number(first).saturating_sub(ended) > REINSTATE_DAYS {
                return Err(EditError::TooLate);
            }
        }
        if act == StageAct::Completed && !explained {
            let contact = meeting::last_contact(self.reader().meetings().values(), &self.reader().clocks());
            let day = contact.map(|ms| time::day_number(time::day_of(ms, &jiff::tz::TimeZone::UTC)));
            if day.is_none_or(|day| time::day_number(last).saturating_sub(day) > COMPLETE_CONTACT_DAYS) {
                return Err(EditError::NoRecentContact);
            }
        }
        Ok(())
    }

    pub(super) fn stage_correct(&mut self, corrects: ItemId, by: &Author, now_ms: i64) -> Result<Done, EditError> {
        let stages = self.reader().stages();
        let target = stages.get(&corrects).ok_or(EditError::UnknownEvent)?;
        if standing(&stages).corrected.contains(&corrects) {
            return Ok(Done { id: Some(corrects), ..Done::default() });
        }
        let (to, on) = (target.to, target.on.clone());
        let id = self.next_event_id();
        self.change(by, now_ms, &format!("stage.correct {corrects}"), |w| {
            let fields = [
                ("act", word(StageAct::Corrected.word())),
                ("to", word(to.word())),
                ("on", word(&on)),
                ("corrects", word(&corrects.to_string())),
            ];
            w.item(Place::Stages, id, &fields).map(drop)
        })?;
        Ok(done(Some(id), Some(Edit::StageCorrect { corrects: id }), Touched { stages: true, ..Touched::default() }))
    }

    /// Keeps one of the last events and takes back the others.
    pub(super) fn keep_stage(&mut self, keep: &str, by: &Author, now_ms: i64) -> Result<Done, EditError> {
        let stages = self.reader().stages();
        let others: Vec<ItemId> =
            standing(&stages).last.into_iter().filter(|id| stages.get(id).is_some_and(|e| e.to.word() != keep)).collect();
        let mut out = Done::default();
        for id in others {
            out = self.stage_correct(id, by, now_ms)?;
        }
        Ok(out)
    }
}
