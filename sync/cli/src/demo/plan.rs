//! What happens in the demo: everybody's acts over 26 weeks, worked out before anything is written. Same seed, same plan.

use std::collections::BTreeMap;

use device::casework::{Edit, Programme, TaskKind};
use jiff::{civil::Date, tz::TimeZone};

use super::{cast::CASES, clash, course, dice::Choices, host, talk, work};

/// Who is in tier S.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Person {
    /// K01 Hanne Østergård.
    Coordinator,
    /// M01 Åse Thorup Lindegaard.
    First,
    /// M10 Emil Sørensen.
    Second,
}

/// How a course goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// Out of prison since the agreement: seen every few days at first.
    Released,
    /// In prison, to be released soon.
    Inside,
    Screening,
    Active,
    /// With a pause on the way.
    Paused,
    /// Nobody has reached him for a while.
    Silent,
    /// Ends twice, differently.
    Ending,
    FollowUp,
}

/// One case of the cast.
#[derive(Debug, Clone, Copy)]
pub struct CastCase {
    pub key: &'static str,
    pub alias: &'static str,
    pub programme: Programme,
    pub birth_year: u16,
    pub opener: Person,
    pub mentors: &'static [Person],
    /// Days before the anchor on which it began.
    pub opened: i64,
    pub course: Course,
    pub offers: &'static [device::casework::OfferKind],
}

impl CastCase {
    /// Whoever does what only one person does.
    pub fn owner(&self) -> Person {
        self.mentors.first().copied().unwrap_or(Person::Coordinator)
    }
}

/// One act of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Unix milliseconds by that person's clock.
    pub at_ms: i64,
    pub by: Person,
    /// Place in the cast.
    pub case: usize,
    pub edit: Edit,
}

/// Everything that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// In the order of time.
    pub lines: Vec<Line>,
    /// Written by everybody before anybody syncs.
    pub clash: Vec<Line>,
}

/// Where lines are collected.
pub struct Draft {
    pub dice: Choices,
    pub anchor: Date,
    zone: TimeZone,
    pub lines: Vec<Line>,
}

impl Draft {
    /// A time of day so many days before the anchor, Unix milliseconds.
    pub fn at(&self, days_back: i64, hour: i8, minute: i8) -> i64 {
        self.zone.to_timestamp(self.day(days_back).at(hour, minute, 0, 0)).map_or(0, |at| at.as_millisecond())
    }

    /// The day so many days before the anchor.
    pub fn day(&self, days_back: i64) -> Date {
        self.anchor.checked_sub(jiff::Span::new().days(days_back.clamp(-3000, 3000))).unwrap_or(self.anchor)
    }

    /// Adds an act.
    pub fn add(&mut self, at_ms: i64, by: Person, case: usize, edit: Edit) {
        self.lines.push(Line { at_ms, by, case, edit });
    }
}

impl Plan {
    /// The plan of a seed, with everything before the anchor.
    pub fn new(seed: u64, anchor: Date) -> Self {
        let mut draft = Draft { dice: Choices::new(seed), anchor, zone: host::zone(), lines: Vec::new() };
        let mut talk = talk::Talk::new();
        for (at, case) in CASES.iter().enumerate() {
            course::plan(&mut draft, at, case);
            talk.plan(&mut draft, at, case);
            work::plan(&mut draft, at, case);
        }
        let clash = clash::plan(&mut draft);
        let mut lines = draft.lines;
        lines.sort_by_key(|line| line.at_ms);
        Self { lines, clash }
    }

    /// How many of what.
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        // Every new case begins with its inquiry.
        let mut counts = BTreeMap::from([("cases", CASES.len() as u64), ("stage_events", CASES.len() as u64)]);
        for line in self.lines.iter().chain(&self.clash) {
            let what = match &line.edit {
                Edit::StageEvent { .. } => "stage_events",
                Edit::LogMeeting { .. } => "meetings",
                Edit::AddNote { .. } => "notes",
                Edit::WriteNote { .. } => "rewrites",
                Edit::FinishNote { .. } => "finished_notes",
                Edit::SetOfferStatus { .. } => "offer_changes",
                Edit::AddStep { .. } => "steps",
                Edit::SetStepDone { .. } => "step_marks",
                Edit::AddTask { task: TaskKind::Promise, .. } => "promises",
                Edit::AddTask { .. } => "tasks",
                Edit::SetTaskDone { .. } => "task_marks",
                _ => "other",
            };
            let count = counts.entry(what).or_default();
            *count = count.saturating_add(1);
        }
        counts
    }
}

/// When something happened in a year, for what is rare then.
pub fn is_christmas(day: Date) -> bool {
    day.month() == 12 && (24..=26).contains(&day.day())
}

#[cfg(test)]
mod tests;
