//! Days and months by number and name: `2026-03-05`, `5 May`, `March 2026`, `5.3.2026`.

use super::calendar::{Calendar, Stretch, civil};
use super::reader::Reader;
use super::tables::{day, month, year};

/// What is read and how many words it took.
pub(super) type Read = Option<(Stretch, usize)>;

/// The date that begins with the word at `at`; `sure` says that a time must come here.
pub(super) fn date(reader: &Reader, at: usize, calendar: &Calendar, sure: bool) -> Read {
    iso(reader, at, calendar)
        .or_else(|| dotted(reader, at, calendar))
        .or_else(|| day_first(reader, at, calendar))
        .or_else(|| month_first(reader, at, calendar, sure))
}

/// `2026-03-05`, `2026-03`. A part of a longer name is none.
fn iso(reader: &Reader, at: usize, calendar: &Calendar) -> Read {
    let (before, rest) = reader.rest(at)?;
    if before.is_some_and(|c| c.is_alphanumeric() || "-_/.:".contains(c)) {
        return None;
    }
    let bytes = rest.as_bytes();
    let digits = |from: usize, count: usize| -> Option<i64> {
        let part = bytes.get(from..from + count).filter(|part| part.iter().all(u8::is_ascii_digit))?;
        Some(part.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    };
    let free =
        |at: usize| rest[at..].chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '-' && c != '_');
    let (year, month) = (digits(0, 4)?, digits(5, 2)?);
    if bytes[4] != b'-' {
        return None;
    }
    if bytes.get(7) == Some(&b'-') {
        let date = civil(year, month, digits(8, 2)?)?;
        // a time of day may follow; the day is what is meant
        let ends = rest.is_char_boundary(10) && (free(10) || bytes[10] == b'T');
        return if ends { Some((calendar.day(date)?, reader.behind(at, 10) - at)) } else { None };
    }
    let first = civil(year, month, 1)?;
    let ends = rest.is_char_boundary(7) && free(7);
    if ends { Some((calendar.month(first.year(), first.month())?, reader.behind(at, 7) - at)) } else { None }
}

/// `5.3.2026`, as in German.
fn dotted(reader: &Reader, at: usize, calendar: &Calendar) -> Read {
    let (before, rest) = reader.rest(at)?;
    let number = day(reader.word(at))?;
    let month: i64 = reader.word(at + 1).parse().ok()?;
    let year = year(reader.word(at + 2))?;
    let written = reader.said(at, at + 3);
    let tight = written.bytes().filter(|byte| !byte.is_ascii_digit()).eq(*b"..");
    let mut behind = rest[written.len()..].chars();
    let goes_on = behind.next() == Some('.') && behind.next().is_some_and(char::is_alphanumeric);
    if !tight || goes_on || before.is_some_and(|c| !c.is_whitespace() && c != '(') {
        return None;
    }
    Some((calendar.day(civil(i64::from(year), month, number)?)?, 3))
}

/// `5 May`, `5. Mai 2026`, `5th of May`.
fn day_first(reader: &Reader, at: usize, calendar: &Calendar) -> Read {
    let number = day(reader.word(at))?;
    let of = usize::from(reader.next(at + 1) == "of");
    let (month, _) = month(reader.next(at + 1 + of))?;
    of_year(reader, at + 2 + of, calendar, month, number).map(|(stretch, took)| (stretch, 2 + of + took))
}

/// `May 5`, `May 5th, 2026`, `March 2026`, `March`.
fn month_first(reader: &Reader, at: usize, calendar: &Calendar, sure: bool) -> Read {
    let (month, named) = month(reader.word(at))?;
    if let Some(year) = year(reader.next(at + 1)) {
        return Some((calendar.month(year, month)?, 2));
    }
    if let Some(number) = day(reader.next(at + 1)) {
        let found = of_year(reader, at + 2, calendar, month, number);
        return found.map(|(stretch, took)| (stretch, 2 + took));
    }
    let short =
        reader.word(at).len() == 3 && !matches!(reader.word(at), "may" | "mai") || reader.word(at) == "sept";
    if named || sure && (!short || asks_for_short(reader, at)) {
        Some((calendar.last_month(month, true)?, 1))
    } else {
        None
    }
}

/// Whether the word in front makes a time of a short form: `in dec` is one, `from dec to hex` is not.
pub(super) fn asks_for_short(reader: &Reader, at: usize) -> bool {
    let before = reader.word(at.saturating_sub(1));
    let asks = [
        "in", "im", "on", "am", "since", "seit", "ab", "before", "vor", "after", "nach", "until", "till",
        "bis", "between",
    ];
    asks.contains(&before)
        || ["and", "und", "during", "early", "mid", "late", "anfang", "mitte", "ende"].contains(&before)
}

/// A day of a month, of the year that may follow.
fn of_year(reader: &Reader, at: usize, calendar: &Calendar, month: i8, number: i64) -> Read {
    match year(reader.next(at)) {
        Some(year) => Some((calendar.day(civil(i64::from(year), i64::from(month), number)?)?, 1)),
        None => Some((calendar.last_date(month, i8::try_from(number).ok()?)?, 0)),
    }
}
