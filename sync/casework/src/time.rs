//! Days and milliseconds: the few sums on dates that the rules need.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

pub(crate) const MINUTE_MS: i64 = 60_000;
pub(crate) const DAY_MS: i64 = 86_400_000;

/// A full day `yyyy-mm-dd`.
pub(crate) fn parse_day(text: &str) -> Option<Date> {
    if text.len() != 10 || !text.is_ascii() {
        return None;
    }
    text.parse().ok().filter(|d: &Date| d.to_string() == text)
}

/// A minute `yyyy-mm-ddThh:mm` of no particular zone.
pub(crate) fn parse_minute(text: &str) -> Option<String> {
    let read: DateTime = text.parse().ok()?;
    let written = read.strftime("%Y-%m-%dT%H:%M").to_string();
    (written == text).then_some(written)
}

/// Whether a text has the form of a time zone's name; which zones there are is for whoever shows it to know.
pub(crate) fn is_zone_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte))
}

/// The first and the last day that a date, a month `yyyy-mm` or a year `yyyy` may mean.
pub(crate) fn day_span(text: &str) -> Option<(Date, Date)> {
    if !text.is_ascii() {
        return None;
    }
    match text.len() {
        10 => parse_day(text).map(|d| (d, d)),
        7 => parse_day(&format!("{text}-01")).map(|d| (d, d.last_of_month())),
        4 => parse_day(&format!("{text}-01-01")).map(|d| (d, d.last_of_year())),
        _ => None,
    }
}

/// Days since 1970-01-01.
pub(crate) fn day_number(day: Date) -> i64 {
    TimeZone::UTC.to_timestamp(day.into()).map_or(0, |t| t.as_millisecond().div_euclid(DAY_MS))
}

/// When a day begins in a zone, Unix milliseconds.
pub(crate) fn start_of(day: Date, zone: &TimeZone) -> i64 {
    zone.to_timestamp(day.into()).map_or(0, |t| t.as_millisecond())
}

/// The day it is in a zone; 1970-01-01 for a time that no calendar has.
pub(crate) fn day_of(ms: i64, zone: &TimeZone) -> Date {
    Timestamp::from_millisecond(ms).map_or(Date::constant(1970, 1, 1), |t| zone.to_datetime(t).date())
}

/// The latest day that it is anywhere on Earth.
pub(crate) fn latest_day(ms: i64) -> Date {
    day_of(ms.saturating_add(14 * 3_600_000), &TimeZone::UTC)
}

/// Whole calendar days from one time to another in a zone, never below 0.
pub(crate) fn days_between(from_ms: i64, to_ms: i64, zone: &TimeZone) -> i64 {
    day_number(day_of(to_ms, zone)).saturating_sub(day_number(day_of(from_ms, zone))).max(0)
}
