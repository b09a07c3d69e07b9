//! Where a day and a month begin, in the user's zone: a ceiling of a day is one of the user's days.

use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use mem_core::time::Timestamp;

/// The start of the day that `now` lies in; `now` itself where the calendar ends.
pub fn day_start(now: Timestamp, zone: &TimeZone) -> Timestamp {
    moment(now, zone, |local| local.start_of_day())
}

/// The start of the month that `now` lies in; `now` itself where the calendar ends.
pub fn month_start(now: Timestamp, zone: &TimeZone) -> Timestamp {
    moment(now, zone, |local| local.first_of_month()?.start_of_day())
}

/// The start of the day after; `now` itself where the calendar ends.
pub fn next_day(now: Timestamp, zone: &TimeZone) -> Timestamp {
    moment(now, zone, |local| local.start_of_day()?.checked_add(1.day())?.start_of_day())
}

/// The start of the month after; `now` itself where the calendar ends.
pub fn next_month(now: Timestamp, zone: &TimeZone) -> Timestamp {
    moment(now, zone, |local| local.first_of_month()?.checked_add(1.month())?.start_of_day())
}

fn moment(now: Timestamp, zone: &TimeZone, find: impl Fn(&Zoned) -> Result<Zoned, jiff::Error>) -> Timestamp {
    let local = jiff::Timestamp::from_millisecond(now.0).map(|moment| moment.to_zoned(zone.clone()));
    let found = local.and_then(|local| find(&local));
    found.map_or(now, |found| Timestamp(found.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn days_and_months_are_the_users() {
        let tokyo = TimeZone::fixed(jiff::tz::offset(9));
        let now = at("2026-11-30T16:30:00Z"); // half past one on the first of December there
        assert_eq!(day_start(now, &tokyo), at("2026-11-30T15:00:00Z"));
        assert_eq!(month_start(now, &tokyo), at("2026-11-30T15:00:00Z"));
        assert_eq!(next_day(now, &tokyo), at("2026-12-01T15:00:00Z"));
        assert_eq!(next_month(now, &tokyo), at("2026-12-31T15:00:00Z"));
        assert_eq!(day_start(now, &TimeZone::UTC), at("2026-11-30T00:00:00Z"));
        assert_eq!(month_start(now, &TimeZone::UTC), at("2026-11-01T00:00:00Z"));
        assert_eq!(day_start(day_start(now, &tokyo), &tokyo), day_start(now, &tokyo));
    }

    #[test]
    fn a_day_of_another_length_is_one_day() {
        // clocks go forward at two in the morning of the last Sunday of March
        let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let now = at("2026-03-29T10:00:00Z");
        assert_eq!(day_start(now, &berlin), at("2026-03-28T23:00:00Z"));
        assert_eq!(next_day(now, &berlin), at("2026-03-29T22:00:00Z"));
    }

    #[test]
    fn the_ends_of_time_are_no_trouble() {
        for now in [Timestamp(i64::MIN), Timestamp(i64::MAX)] {
            assert_eq!((day_start(now, &TimeZone::UTC), next_month(now, &TimeZone::UTC)), (now, now));
        }
        assert_eq!(day_start(Timestamp(0), &TimeZone::UTC), Timestamp(0));
    }
}
