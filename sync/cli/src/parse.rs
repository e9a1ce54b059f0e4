//! Words on the command line as what they mean: roles, kinds, days and times.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use device::{
    EraseBasis, RevokeReason, Role,
    casework::{Initiator, MeetingKind, OfferKind, OfferStatus, Outcome, Programme, Protection, Purpose, StageAct},
};
use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::{AmbiguousOffset, TimeZone},
};

use crate::error::{CliError, Result};

macro_rules! word_parser {
    ($name:ident, $of:ty) => {
        /// Reads one of its words.
        pub fn $name() -> impl TypedValueParser<Value = $of> {
            let words = PossibleValuesParser::new(<$of>::ALL.iter().map(|one| one.word()));
            words.try_map(|word| <$of>::from_word(&word).ok_or("unknown word"))
        }
    };
}

word_parser!(programme, Programme);
word_parser!(meeting_kind, MeetingKind);
word_parser!(outcome, Outcome);
word_parser!(offer, OfferKind);
word_parser!(offer_status, OfferStatus);
word_parser!(initiator, Initiator);
word_parser!(protection, Protection);
word_parser!(purpose, Purpose);

/// Reads an event; corrections have a command of their own.
pub fn stage_act() -> impl TypedValueParser<Value = StageAct> {
    let words = StageAct::ALL.iter().filter(|act| **act != StageAct::Corrected).map(|act| act.word());
    PossibleValuesParser::new(words).try_map(|word| StageAct::from_word(&word).ok_or("unknown word"))
}

const ROLES: [(&str, Role); 7] = [
    ("mentor", Role::Mentor),
    ("co_mentor", Role::CoMentor),
    ("substitute", Role::Substitute),
    ("coordinator", Role::Coordinator),
    ("programme_lead", Role::ProgrammeLead),
    ("dpo", Role::Dpo),
    ("it", Role::It),
];

const REASONS: [(&str, RevokeReason); 3] =
    [("lost", RevokeReason::Lost), ("left", RevokeReason::Left), ("compromised", RevokeReason::Compromised)];

const BASES: [(&str, EraseBasis); 3] =
    [("candidate", EraseBasis::Candidate), ("retention", EraseBasis::Retention), ("mistake", EraseBasis::Mistake)];

/// Reads one of these words.
fn one_of<T: Copy + Send + Sync + 'static>(table: &'static [(&'static str, T)]) -> impl TypedValueParser<Value = T> {
    let words = PossibleValuesParser::new(table.iter().map(|(word, _)| *word));
    words.try_map(|word| table.iter().find(|(known, _)| *known == word).map(|(_, of)| *of).ok_or("unknown word"))
}

/// Reads why a device is revoked.
pub fn revoke_reason() -> impl TypedValueParser<Value = RevokeReason> {
    one_of(&REASONS)
}

/// Reads why a case is erased.
pub fn erase_basis() -> impl TypedValueParser<Value = EraseBasis> {
    one_of(&BASES)
}

/// Reads a role.
pub fn role() -> impl TypedValueParser<Value = Role> {
    one_of(&ROLES)
}

/// The word for a role.
pub fn role_word(role: Role) -> &'static str {
    ROLES.iter().find(|(_, known)| *known == role).map_or("", |(word, _)| word)
}

/// Reads a day `yyyy-mm-dd`.
pub fn day(text: &str) -> std::result::Result<Date, String> {
    text.parse().map_err(|_| "a day is written yyyy-mm-dd".to_owned())
}

/// Unix milliseconds of `2026-11-22T14:30+01:00`, `2026-11-22T14:30`, `2026-11-22` (noon) or `14:30` (today).
///
/// # Errors
/// When it is none of them.
pub fn time(text: &str, now_ms: i64, zone: &TimeZone) -> Result<i64> {
    heard(text, now_ms, zone).map(|heard| heard.at_ms)
}

/// A time as somebody gave it.
pub struct Heard {
    /// Unix milliseconds.
    pub at_ms: i64,
    /// As it was said, `yyyy-mm-ddThh:mm`, where no clock showed it: then it is as much after the skipped hour began.
    pub said: Option<String>,
}

/// As [`time`], with what was said when no clock showed that.
///
/// # Errors
/// As [`time`].
pub fn heard(text: &str, now_ms: i64, zone: &TimeZone) -> Result<Heard> {
    if let Ok(exact) = text.parse::<Timestamp>() {
        return Ok(Heard { at_ms: exact.as_millisecond(), said: None });
    }
    let today = || Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone.clone()).date();
    let local = if !text.contains('-') {
        today().to_datetime(text.parse::<Time>().map_err(|_| CliError::BadTime)?)
    } else if text.len() == 10 {
        text.parse::<Date>().map_err(|_| CliError::BadTime)?.at(12, 0, 0, 0)
    } else {
        text.parse::<DateTime>().map_err(|_| CliError::BadTime)?
    };
    let skipped = matches!(zone.to_ambiguous_timestamp(local).offset(), AmbiguousOffset::Gap { .. });
    let said = skipped.then(|| local.strftime("%Y-%m-%dT%H:%M").to_string());
    Ok(Heard { at_ms: start(local, zone)?, said })
}

/// The end of a day: when the next one begins, Unix milliseconds.
///
/// # Errors
/// When no calendar has the next day.
pub fn end_of(day: Date, zone: &TimeZone) -> Result<i64> {
    start(day.tomorrow().map_err(|_| CliError::BadTime)?.at(0, 0, 0, 0), zone)
}

fn start(local: DateTime, zone: &TimeZone) -> Result<i64> {
    Ok(zone.to_timestamp(local).map_err(|_| CliError::BadTime)?.as_millisecond())
}

/// A time as a person reads it.
pub fn shown(at_ms: i64, zone: &TimeZone) -> String {
    Timestamp::from_millisecond(at_ms)
        .map_or_else(|_| "—".to_owned(), |at| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let zone = TimeZone::get("Europe/Copenhagen").unwrap();
        let now = "2026-11-22T11:00:00Z".parse::<Timestamp>().unwrap().as_millisecond();
        let at = |text: &str| time(text, now, &zone).map(|ms| shown(ms, &zone));
        assert_eq!(at("2026-11-20T14:30").unwrap(), "2026-11-20 14:30");
        assert_eq!(at("2026-11-20 14:30").unwrap(), "2026-11-20 14:30");
        assert_eq!(at("2026-11-20T14:30:00+00:00").unwrap(), "2026-11-20 15:30");
        assert_eq!(at("2026-11-20").unwrap(), "2026-11-20 12:00");
        assert_eq!(at("09:15").unwrap(), "2026-11-22 09:15");
        assert!(at("i går").is_err());
        assert_eq!(shown(end_of(day("2026-11-20").unwrap(), &zone).unwrap(), &zone), "2026-11-21 00:00");
    }

    #[test]
    fn every_role_has_its_word() {
        for (word, role) in ROLES {
            assert_eq!(serde_json::to_value(role).unwrap(), word);
            assert_eq!(role_word(role), word);
        }
    }
}
