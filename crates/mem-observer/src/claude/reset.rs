//! The moment at which a limit ends, read from the words in which it is announced.

use jiff::Zoned;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use mem_core::time::Timestamp;

/// Names of months as they are announced, in order.
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The moment in words such as `limit reached|1767225600`, `resets 3pm (Europe/Berlin)` or `resets Nov 24, 3:30pm (UTC)`;
/// `None` without a zone, since a wrong guess would be worse than asking again.
pub(super) fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    after_bar(text).or_else(|| time_of_day(text, now))
}

/// Seconds or milliseconds since 1970, after a bar.
fn after_bar(text: &str) -> Option<Timestamp> {
    let digits: String = text.split_once('|')?.1.chars().take_while(char::is_ascii_digit).collect();
    of_epoch(digits.parse().ok()?)
}

/// Seconds or milliseconds since 1970, told apart by their size: the first thirteen-digit second is far away.
pub(super) fn of_epoch(number: i64) -> Option<Timestamp> {
    match number {
        1_000_000_000..1_000_000_000_000 => Some(Timestamp(number * 1000)),
        1_000_000_000_000..10_000_000_000_000 => Some(Timestamp(number)),
        _ => None,
    }
}

fn time_of_day(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.to_ascii_lowercase();
    let words = text.split_once("resets ")?.1;
    let zone = words.split_once('(')?.1.split_once(')')?.0;
    let zone = TimeZone::get(zone).ok()?;
    let now = jiff::Timestamp::from_millisecond(now.0).ok()?.to_zoned(zone.clone());
    let words: Vec<&str> =
        words.split_once('(')?.0.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let time = words.iter().find_map(|word| clock(word))?;
    let at = |date: Date| date.to_datetime(time).to_zoned(zone.clone()).ok();
    let found = match words.iter().position(|word| month(word).is_some()) {
        Some(place) => {
            let day = words.get(place + 1)?.parse().ok()?;
            let this_year = at(Date::new(now.year(), month(words[place])?, day).ok()?)?;
            // a day that has passed long ago is one of next year
            if this_year.timestamp() < now.timestamp() {
                at(Date::new(now.year() + 1, month(words[place])?, day).ok()?)?
            } else {
                this_year
            }
        }
        None => {
            let today = at(now.date())?;
            if today.timestamp() < now.timestamp() { at(now.date().tomorrow().ok()?)? } else { today }
        }
    };
    Some(of_zoned(&found))
}

fn of_zoned(time: &Zoned) -> Timestamp {
    Timestamp(time.timestamp().as_millisecond())
}

fn month(word: &str) -> Option<i8> {
    let at = MONTHS.iter().position(|month| word.starts_with(month))?;
    i8::try_from(at + 1).ok()
}

/// `3pm`, `3:30pm`, `12am`.
fn clock(word: &str) -> Option<Time> {
    let (digits, evening) = match (word.strip_suffix("am"), word.strip_suffix("pm")) {
        (Some(digits), None) => (digits, 0),
        (None, Some(digits)) => (digits, 12),
        _ => return None,
    };
    let (hour, minute) = digits.split_once(':').unwrap_or((digits, "0"));
    let hour: i8 = hour.parse().ok().filter(|hour| (1..=12).contains(hour))?;
    Time::new(hour % 12 + evening, minute.parse().ok()?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_limit_is_read_from_words() {
        let now = "2026-11-20T17:00:00Z".parse::<jiff::Timestamp>().unwrap();
        let table = [
            ("usage limit reached|1767225600", Some("2026-01-01T00:00:00Z")),
            ("hit your limit · resets 6pm (UTC)", Some("2026-11-20T18:00:00Z")),
            ("hit your limit · resets 3pm (UTC)", Some("2026-11-21T15:00:00Z")),
            ("limit reached ∙ resets 12:30am (UTC)", Some("2026-11-21T00:30:00Z")),
            ("weekly limit · resets Nov 24, 3pm (UTC)", Some("2026-11-24T15:00:00Z")),
            ("weekly limit · resets Jan 2 at 3pm (UTC)", Some("2027-01-02T15:00:00Z")),
            ("hit your limit · resets 3pm", None),
            ("hit your limit · resets 3pm (Nowhere/Land)", None),
            ("hit your limit · resets soon (UTC)", None),
            ("overloaded|x", None),
        ];
        for (text, wanted) in table {
            let found = moment(text, Timestamp(now.as_millisecond()));
            let wanted = wanted.map(|at| Timestamp(at.parse::<jiff::Timestamp>().unwrap().as_millisecond()));
            assert_eq!(found, wanted, "{text}");
        }
    }
}
