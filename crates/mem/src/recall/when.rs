//! Dates and moments as people write them, and the stretch of time between two of them.

use jiff::tz::TimeZone;
use mem_core::time::Timestamp;
use mem_daemon::inbox::drain;
use mem_logic::recall::moment;

use crate::failure::Failure;

/// One moment: a date is its begin.
///
/// # Errors
/// [`Failure`] when it cannot be read.
pub(super) fn at(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, Failure> {
    moment(text, now, zone, false).ok_or_else(|| unreadable(text))
}

/// Whether a text can be read as the begin of a stretch, or as its end.
pub(crate) fn is_readable(text: &str, end: bool) -> bool {
    moment(text, drain::now(), &TimeZone::system(), end).is_some()
}

/// The stretch from one moment to another.
///
/// # Errors
/// [`Failure`] when one cannot be read, or the end is not after the begin.
pub(super) fn stretch(
    from: Option<&str>,
    to: Option<&str>,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<(Option<Timestamp>, Option<Timestamp>), Failure> {
    let read = |text: Option<&str>, end| {
        text.map(|text| moment(text, now, zone, end).ok_or_else(|| unreadable(text))).transpose()
    };
    let (begin, end) = (read(from, false)?, read(to, true)?);
    if let (Some(begin), Some(end), Some(from), Some(to)) = (begin, end, from, to)
        && begin >= end
    {
        return Err(Failure::usage(format!("the time is reversed: from {from} is not before to {to}"))
            .hint(format!("Turned round: from {to} to {from}.")));
    }
    Ok((begin, end))
}

fn unreadable(text: &str) -> Failure {
    Failure::usage(format!("{text:?} is no date and no moment")).hint(
        "Write a date (2026-11-01, today, yesterday), a time ago (7d, 12h, 2w), a moment in RFC 3339, or one in \
         milliseconds since 1970.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_dates_in_the_users_zone() {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        let at = |text: &str| Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        let now = at("2026-11-21T12:00:00Z");
        for (text, begin, end) in [
            ("2026-11-01", "2026-10-31T23:00:00Z", "2026-11-01T23:00:00Z"),
            ("today", "2026-11-20T23:00:00Z", "2026-11-21T23:00:00Z"),
            ("yesterday", "2026-11-19T23:00:00Z", "2026-11-20T23:00:00Z"),
            ("2026-11-01T09:30", "2026-11-01T08:30:00Z", "2026-11-01T08:30:00Z"),
            ("2026-11-01 09:30:00Z", "2026-11-01T09:30:00Z", "2026-11-01T09:30:00Z"),
            ("7d", "2026-11-14T12:00:00Z", "2026-11-14T12:00:00Z"),
            ("1763700000000", "2025-11-21T04:40:00Z", "2025-11-21T04:40:00Z"),
            ("1763700000", "2025-11-21T04:40:00Z", "2025-11-21T04:40:00Z"),
        ] {
            assert_eq!(moment(text, now, &zone, false), Some(at(begin)), "{text}");
            assert_eq!(moment(text, now, &zone, true), Some(at(end)), "{text}");
        }
        for text in ["", "soon", "7", "7y", "2026-13-01", "-3d", "9223372036854775807w", "parser"] {
            assert_eq!(moment(text, now, &zone, false), None, "{text}");
        }
    }

    #[test]
    fn a_stretch_has_its_begin_before_its_end() {
        let now = Timestamp(1_763_700_000_000);
        let stretch = |from, to| stretch(from, to, now, &TimeZone::UTC);
        let day = 86_400_000;
        let (from, until) = stretch(Some("2025-11-20"), Some("2025-11-20")).unwrap();
        assert_eq!(until.unwrap().since(from.unwrap()), day);
        assert_eq!(stretch(None, None).unwrap(), (None, None));
        assert!(stretch(Some("9999-12-31"), Some("9999-12-31")).is_ok(), "for ever is no mistake");
        insta::assert_snapshot!(stretch(Some("2026-01-02"), Some("2026-01-01")).unwrap_err(), @"
        error: the time is reversed: from 2026-01-02 is not before to 2026-01-01
        hint: Turned round: from 2026-01-01 to 2026-01-02.
        ");
        insta::assert_snapshot!(stretch(Some("soon"), None).unwrap_err(), @r#"
        error: "soon" is no date and no moment
        hint: Write a date (2026-11-01, today, yesterday), a time ago (7d, 12h, 2w), a moment in RFC 3339, or one in milliseconds since 1970.
        "#);
    }
}
