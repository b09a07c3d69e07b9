//! A moment as an option or a filter gives it.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use mem_core::time::Timestamp;

use super::calendar::Calendar;
use super::window::window;

/// The moment that people write: `2026-11-01`, `2026-11`, `2026`, `2026-11-01T09:00`, RFC 3339, `7d`, `12h`, `30m`, `2w`,
/// milliseconds or seconds since the epoch (13 or 10 digits), and words: `yesterday`, `last week`.
///
/// A day, a month or a year is a stretch; `end` says which end of it is meant: the moment after its last, so that
/// "to 1 November" takes in that day.
pub fn moment(text: &str, now: Timestamp, zone: &TimeZone, end: bool) -> Option<Timestamp> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") {
        return Some(now);
    }
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Some(Timestamp(moment.as_millisecond()));
    }
    if is_last(text) {
        return Some(Timestamp(jiff::Timestamp::MAX.as_millisecond() - i64::from(!end)));
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() != 4 {
        return epoch(text);
    }
    if let Some(ms) = ago(text) {
        return Some(now.plus_ms(-ms));
    }
    let calendar = Calendar::new(now, zone)?;
    let stretch = match civil(text) {
        Some(Civil::Moment(local)) => {
            return Some(Timestamp(local.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond()));
        }
        Some(Civil::Day(day)) => calendar.day(day),
        Some(Civil::Month(first)) => calendar.month(first.year(), first.month()),
        Some(Civil::Year(year)) => calendar.year(year),
        None => {
            let window = window(text, now, zone).filter(|window| window.said == text)?;
            // "before March" has no begin that anybody meant
            return if end {
                Some(window.until)
            } else {
                Some(window.from).filter(|from| *from > Timestamp(0))
            };
        }
    }?;
    Some(if end { stretch.until } else { stretch.from })
}

/// Whether this is a moment or a day beyond the last that a calendar counts, at the end of the year 9999: by it people and
/// programs mean "for ever".
fn is_last(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("9999").filter(|rest| rest.is_ascii()) else { return false };
    // the same in a year that is counted
    let counted = format!("9998{rest}");
    let day = rest.get(..6).is_some_and(|day| matches!(day, "-12-30" | "-12-31"));
    let moment = counted.parse::<jiff::Timestamp>().is_ok();
    day && (moment || counted.parse::<DateTime>().is_ok() || counted.parse::<Date>().is_ok())
}

/// Milliseconds in 13 digits, seconds in 10: what clocks have shown since 2001.
fn epoch(digits: &str) -> Option<Timestamp> {
    match digits.len() {
        13 => digits.parse().ok().map(Timestamp),
        10 => Some(Timestamp(digits.parse::<i64>().ok()?.checked_mul(1000)?)),
        _ => None,
    }
}

/// Milliseconds of `7d` and the like.
fn ago(text: &str) -> Option<i64> {
    const UNITS: [(char, i64); 4] =
        [('m', 60_000), ('h', 3_600_000), ('d', 86_400_000), ('w', 7 * 86_400_000)];
    UNITS.iter().find_map(|(unit, ms)| {
        let digits = text.strip_suffix(*unit)?;
        digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| digits.parse::<i64>().ok()?.checked_mul(*ms))?
    })
}

enum Civil {
    Moment(DateTime),
    Day(Date),
    Month(Date),
    Year(i16),
}

fn civil(text: &str) -> Option<Civil> {
    match text.len() {
        4 => text.parse().ok().filter(|year| *year >= 1).map(Civil::Year),
        7 => format!("{text}-01").parse().ok().map(Civil::Month),
        // a date with a time parses as a date, too
        length if length <= "-009999-01-01".len() => text.parse().ok().map(Civil::Day),
        _ => text.parse().ok().map(Civil::Moment),
    }
}
