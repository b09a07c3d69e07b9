//! The time that a text names: last week, in March, since Monday, 3 days ago; in German too. Those of French and
//! Spanish are `romance`'s, those of languages without spaces `unspaced`'s.
//!
//! Only what is clearly a time is taken, and the first of it. What it gives is a wish, not a condition.

use jiff::tz::TimeZone;
use mem_core::time::Timestamp;

use super::calendar::{Calendar, Stretch, Unit};
use super::dates::{Read, asks_for_short, date};
use super::reader::Reader;
use super::romance::romance;
use super::tables::{day, is_filler, is_last, is_next, is_preposition, is_this, number, unit, weekday, year};
use super::unspaced::unspaced;

/// A stretch of time, and the words for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The words, as written.
    pub said: String,
    /// Its begin.
    pub from: Timestamp,
    /// Its end, which is not in it.
    pub until: Timestamp,
}

impl Window {
    /// Whether `written` is what names the time, or a word of it.
    pub fn names(&self, written: &str) -> bool {
        let (said, written) = (self.said.to_lowercase(), written.to_lowercase());
        // in scripts without spaces words are pairs of letters
        let part_of = |word: &str| !word.is_ascii() && word.contains(&written);
        said == written
            || said.split(|c: char| !c.is_alphanumeric()).any(|word| word == written || part_of(word))
    }
}

/// The time that `text` names.
pub fn window(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Window> {
    let calendar = Calendar::new(now, zone)?;
    let reader = Reader::new(text);
    let spaced = (0..reader.len()).find_map(|at| {
        let (stretch, took) =
            expression(&reader, at, &calendar).or_else(|| romance(&reader, at, &calendar))?;
        let (_, rest) = reader.rest(at)?;
        let start = text.len() - rest.len();
        Some((start, start + reader.said(at, at + took).len(), stretch.known()?))
    });
    // the first of both
    let found = [spaced, unspaced(text, &calendar)].into_iter().flatten().min_by_key(|(start, ..)| *start);
    let (start, end, Stretch { from, until }) = found?;
    Some(Window { said: text[start..end].to_owned(), from, until })
}

/// A time with what stands in front of it.
fn expression(reader: &Reader, at: usize, calendar: &Calendar) -> Read {
    let word = reader.word(at);
    let since = |from: Timestamp| Stretch { from, until: calendar.now }.known();
    match word {
        "vor" => german_ago(reader, at, calendar)
            .or_else(|| bound(reader, at, calendar, |found| Stretch::before(found.from))),
        "since" | "seit" | "ab" => bound(reader, at, calendar, |found| since(found.from)),
        "after" | "nach" => bound(reader, at, calendar, |found| since(found.until)),
        "before" => bound(reader, at, calendar, |found| Stretch::before(found.from)),
        "until" | "till" | "bis" => bound(reader, at, calendar, |found| Stretch::before(found.until)),
        "between" | "zwischen" => pair(reader, at, calendar, &["and", "und"]),
        "from" | "von" | "vom" => pair(reader, at, calendar, &["to", "until", "till", "bis", "zum"])
            .or_else(|| bound(reader, at, calendar, Some)),
        _ if is_preposition(word) => bound(reader, at, calendar, Some),
        _ => time(reader, at, calendar, false),
    }
}

/// A time behind the word at `at`, and what that word makes of it.
fn bound(reader: &Reader, at: usize, calendar: &Calendar, make: impl Fn(Stretch) -> Option<Stretch>) -> Read {
    let fillers = fillers(reader, at + 1);
    if reader.next(at + 1 + fillers).is_empty() {
        return None;
    }
    let (found, took) = time(reader, at + 1 + fillers, calendar, true)?;
    Some((make(found)?, 1 + fillers + took))
}

fn fillers(reader: &Reader, at: usize) -> usize {
    (0..3).take_while(|more| is_filler(reader.next(at + more))).count()
}

/// Two times and the word between them: the first behind the word at `at`.
fn pair(reader: &Reader, at: usize, calendar: &Calendar, middle: &[&str]) -> Read {
    let (first, took) = match bound(reader, at, calendar, Some) {
        Some((first, took)) => (First::Stretch(first), took),
        None => {
            let fillers = fillers(reader, at + 1);
            (First::Day(day(reader.next(at + 1 + fillers))?), 2 + fillers)
        }
    };
    let between = at + took;
    if !middle.contains(&reader.next(between)) {
        return None;
    }
    let (last, more) = bound(reader, between, calendar, Some)?;
    Some((first.to(last, calendar)?, took + more))
}

/// The first of two times.
pub(super) enum First {
    /// One that says enough by itself.
    Stretch(Stretch),
    /// A day of the month of the other one.
    Day(i64),
}

impl First {
    /// From here to the end of another time. A month or a year behind that one is meant of a year before.
    pub(super) fn to(self, last: Stretch, calendar: &Calendar) -> Option<Stretch> {
        const A_MONTH_MS: i64 = 27 * 86_400_000;
        let mut first = match self {
            Self::Day(day) => return calendar.since_day(i8::try_from(day).ok()?, last),
            Self::Stretch(first) => first,
        };
        let is_long = first.until.since(first.from) > A_MONTH_MS;
        for _ in 0..YEARS {
            if !is_long || first.from < last.until {
                break;
            }
            first = calendar.a_year_earlier(first)?;
        }
        Stretch { from: first.from, until: last.until }.known()
    }
}

/// Years that a first time is set back at most.
const YEARS: usize = 50;

/// A time on its own; `sure` says that the word in front of it asks for one.
fn time(reader: &Reader, at: usize, calendar: &Calendar, sure: bool) -> Read {
    if at > 0 && is_next(reader.word(at - 1)) {
        return None;
    }
    named(reader, at, calendar)
        .or_else(|| relative(reader, at, calendar))
        .or_else(|| ago(reader, at, calendar))
        .or_else(|| {
            let (day, known) = weekday(reader.word(at))?;
            let asked = sure && asks_for_short(reader, at) && !matches!(reader.word(at - 1), "in" | "im");
            let dated = date(reader, at + 1, calendar, false).filter(|_| !reader.next(at + 1).is_empty());
            if let Some((stretch, took)) = dated.filter(|_| known || asked) {
                return Some((stretch, 1 + took));
            }
            if known || asked { Some((calendar.weekday(day, true)?, 1)) } else { None }
        })
        .or_else(|| date(reader, at, calendar, sure))
        .or_else(|| {
            let year = year(reader.word(at))
                .filter(|year| (OLDEST..=calendar.today.year().saturating_add(1)).contains(year))?;
            if sure && asks_for_year(reader, at) { Some((calendar.year(year)?, 1)) } else { None }
        })
}

/// Years before are numbers of something: nobody kept memories of an agent then.
pub(super) const OLDEST: i16 = 2001;

fn asks_for_year(reader: &Reader, at: usize) -> bool {
    let before = reader.word(at.saturating_sub(1));
    !matches!(before, "of" | "by" | "about" | "around" | "um" | "on" | "am" | "the")
}

/// Days with a name.
fn named(reader: &Reader, at: usize, calendar: &Calendar) -> Read {
    let (back, took) = match reader.word(at) {
        "today" | "heute" | "tonight" => (0, 1),
        "yesterday" | "gestern" => (1, 1),
        "vorgestern" => (2, 1),
        "day" if (1..3).map(|more| reader.next(at + more)).eq(["before", "yesterday"]) => (2, 3),
        _ => return None,
    };
    Some((calendar.day_from_today(-back)?, took))
}

/// `this week`, `last month`, `last Monday`, `last 3 days`, `past week`.
fn relative(reader: &Reader, at: usize, calendar: &Calendar) -> Read {
    let (word, next) = (reader.word(at), reader.next(at + 1));
    if is_this(word) {
        return match (unit(next), next) {
            (Some((Unit::Hour | Unit::Day, _) | (_, true)), _) => None,
            (Some((unit, _)), _) => Some((calendar.unit(unit, 0)?, 2)),
            (_, "morning" | "afternoon" | "evening") => Some((calendar.day_from_today(0)?, 2)),
            _ => None,
        };
    }
    let past = word == "past";
    if !past && !is_last(word) {
        return None;
    }
    let count = if next == "few" { Some(FEW) } else { number(next) };
    if let (Some(count), Some((unit, _))) = (count, unit(reader.next(at + 2))) {
        return Some((calendar.last(unit, count)?, 3));
    }
    match (unit(next), weekday(next), super::tables::month(next), next) {
        (Some((Unit::Day, false)), ..) => None,
        (Some((Unit::Hour, false)), ..) => Some((calendar.last(Unit::Hour, 1)?, 2)),
        (Some((unit, true)), ..) => Some((calendar.last(unit, FEW)?, 2)),
        (Some((unit, false)), ..) if past => Some((calendar.last(unit, 1)?, 2)),
        (Some((unit, false)), ..) => Some((calendar.unit(unit, 1)?, 2)),
        (_, Some((day, _)), ..) => Some((calendar.weekday(day, false)?, 2)),
        (_, _, Some((month, _)), _) => Some((calendar.last_month(month, false)?, 2)),
        (.., "night" | "nacht") => Some((calendar.day_from_today(-1)?, 2)),
        (.., "weekend" | "wochenende") => Some((calendar.last_weekend()?, 2)),
        _ => None,
    }
}

/// As many as people mean by a few, at most.
pub(super) const FEW: i64 = 6;

/// `3 days ago`, `a couple of weeks ago`.
fn ago(reader: &Reader, at: usize, calendar: &Calendar) -> Read {
    let (count, took) = match (reader.word(at), reader.next(at + 1), reader.next(at + 2)) {
        ("a", "couple", "of") => (Some(2), 3),
        ("a", "few", _) => (None, 2),
        ("few", ..) => (None, 1),
        (word, ..) => (Some(number(word)?), 1),
    };
    let (unit, _) = unit(reader.next(at + took))?;
    if reader.next(at + took + 1) != "ago" {
        return None;
    }
    Some((back(calendar, unit, count)?, took + 2))
}

/// `vor 3 Tagen`, `vor einer Woche`.
fn german_ago(reader: &Reader, at: usize, calendar: &Calendar) -> Read {
    let (count, took) = match (reader.next(at + 1), reader.next(at + 2)) {
        ("ein", "paar") => (None, 3),
        ("einigen" | "wenigen", _) => (None, 2),
        (word, _) => (Some(number(word)?), 2),
    };
    Some((back(calendar, unit(reader.next(at + took))?.0, count)?, took + 1))
}

/// So many units ago; without a count, two to a few.
pub(super) fn back(calendar: &Calendar, unit: Unit, count: Option<i64>) -> Option<Stretch> {
    match count {
        Some(count) => calendar.ago(unit, count),
        None => Stretch { from: calendar.ago(unit, FEW)?.from, until: calendar.ago(unit, 2)?.until }.known(),
    }
}
