//! Tasks and promises: what somebody is to do, and by when.

use wire::id::ItemId;

use crate::{
    document::{Origin, Reg},
    time,
    word::words,
};

words! {
    /// Something to do, or something promised to a person.
    TaskKind {
        Task = "task",
        Promise = "promise",
    }
}

/// Due dates further apart than this are put before a person.
pub const DUE_APART_DAYS: i64 = 7;

/// One task as the document holds it.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub id: ItemId,
    pub title: String,
    pub kind: TaskKind,
    pub promised_to: Option<String>,
    pub owner: Option<String>,
    /// `None` inside means: no date.
    pub due: Reg<Option<String>>,
    /// The day it was done, `None` inside means: not done.
    pub done: Reg<Option<String>>,
    pub removed: bool,
    pub origin: Origin,
}

impl Task {
    /// The date that applies: of several, the earliest.
    pub fn due_applies(&self) -> Option<&str> {
        self.due.values().flatten().min().map(String::as_str)
    }

    /// True when people gave it dates so far apart, or a date and none, that one of them must choose.
    pub fn due_disputed(&self) -> bool {
        if !self.due.is_disputed() {
            return false;
        }
        let days: Vec<i64> = self.due.values().flatten().filter_map(|d| time::parse_day(d)).map(time::day_number).collect();
        match (days.iter().min(), days.iter().max()) {
            (Some(first), Some(last)) if days.len() == self.due.values().count() => last.saturating_sub(*first) > DUE_APART_DAYS,
            _ => true,
        }
    }
}

/// Whether something is done: while people disagree, `done` stays visible with its day.
pub(crate) fn done_applies(done: &Reg<Option<String>>) -> Option<&str> {
    done.values().flatten().min().map(String::as_str)
}

/// True when one says done and another says not done.
pub(crate) fn done_disputed(done: &Reg<Option<String>>) -> bool {
    done.values().any(Option::is_some) && done.values().any(Option::is_none)
}
