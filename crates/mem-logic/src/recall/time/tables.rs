//! The words of time, in English and German; folded, as the reader folds what it reads.

use jiff::civil::Weekday;

use super::calendar::Unit;

/// A month, and whether its name is one for sure: may, march and the short forms are other words as well.
pub(super) fn month(word: &str) -> Option<(i8, bool)> {
    let (month, sure) = match word {
        "january" | "januar" | "janner" => (1, true),
        "february" | "februar" => (2, true),
        "marz" | "maerz" => (3, true),
        "april" => (4, true),
        "june" | "juni" => (6, true),
        "july" | "juli" => (7, true),
        "august" => (8, true),
        "september" => (9, true),
        "october" | "oktober" => (10, true),
        "november" => (11, true),
        "december" | "dezember" => (12, true),
        "jan" => (1, false),
        "feb" => (2, false),
        "march" | "mar" => (3, false),
        "apr" => (4, false),
        "may" | "mai" => (5, false),
        "jun" => (6, false),
        "jul" => (7, false),
        "aug" => (8, false),
        "sep" | "sept" => (9, false),
        "oct" | "okt" => (10, false),
        "nov" => (11, false),
        "dec" | "dez" => (12, false),
        _ => return None,
    };
    Some((month, sure))
}

/// A day of the week, and whether its name is one for sure.
pub(super) fn weekday(word: &str) -> Option<(Weekday, bool)> {
    let (day, sure) = match word {
        "monday" | "montag" => (Weekday::Monday, true),
        "tuesday" | "dienstag" => (Weekday::Tuesday, true),
        "wednesday" | "mittwoch" => (Weekday::Wednesday, true),
        "thursday" | "donnerstag" => (Weekday::Thursday, true),
        "friday" | "freitag" => (Weekday::Friday, true),
        "saturday" | "samstag" | "sonnabend" => (Weekday::Saturday, true),
        "sunday" | "sonntag" => (Weekday::Sunday, true),
        "mon" => (Weekday::Monday, false),
        "tue" | "tues" => (Weekday::Tuesday, false),
        "wed" => (Weekday::Wednesday, false),
        "thu" | "thur" | "thurs" => (Weekday::Thursday, false),
        "fri" => (Weekday::Friday, false),
        "sat" => (Weekday::Saturday, false),
        "sun" => (Weekday::Sunday, false),
        _ => return None,
    };
    Some((day, sure))
}

/// A unit, and whether it is in the plural.
pub(super) fn unit(word: &str) -> Option<(Unit, bool)> {
    Some(match word {
        "hour" | "stunde" => (Unit::Hour, false),
        "hours" | "stunden" => (Unit::Hour, true),
        "day" | "tag" => (Unit::Day, false),
        "days" | "tage" | "tagen" => (Unit::Day, true),
        "week" | "woche" => (Unit::Week, false),
        "weeks" | "wochen" => (Unit::Week, true),
        "month" | "monat" => (Unit::Month, false),
        "months" | "monate" | "monaten" => (Unit::Month, true),
        "year" | "jahr" => (Unit::Year, false),
        "years" | "jahre" | "jahren" => (Unit::Year, true),
        _ => return None,
    })
}

/// A number in digits or words, up to what somebody would say.
pub(super) fn number(word: &str) -> Option<i64> {
    const MOST: i64 = 10_000;
    Some(match word {
        "a" | "an" | "one" | "ein" | "eine" | "einem" | "einer" => 1,
        "two" | "zwei" => 2,
        "three" | "drei" => 3,
        "four" | "vier" => 4,
        "five" | "funf" | "fuenf" => 5,
        "six" | "sechs" => 6,
        "seven" | "sieben" => 7,
        "eight" | "acht" => 8,
        "nine" | "neun" => 9,
        "ten" | "zehn" => 10,
        "eleven" | "elf" => 11,
        "twelve" | "zwolf" | "zwoelf" => 12,
        _ => return word.parse().ok().filter(|number| (1..=MOST).contains(number)),
    })
}

/// The day of a month: `5`, `5th`.
pub(super) fn day(word: &str) -> Option<i64> {
    let bare = ["st", "nd", "rd", "th"].into_iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
    let digits = !bare.is_empty() && bare.len() <= 2 && bare.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| bare.parse().ok()).flatten().filter(|day| (1..=31).contains(day))
}

/// A year: four digits.
pub(super) fn year(word: &str) -> Option<i16> {
    let digits = word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| word.parse().ok()).flatten().filter(|year| super::calendar::is_year(*year))
}

/// The one before.
pub(super) fn is_last(word: &str) -> bool {
    let german =
        |stem: &str| word.strip_prefix(stem).is_some_and(|end| ["e", "er", "en", "es", "em"].contains(&end));
    matches!(word, "last" | "previous") || german("letzt") || german("vorig") || german("vergangen")
}

/// The one to come, of which nothing is remembered.
pub(super) fn is_next(word: &str) -> bool {
    matches!(word, "next" | "coming" | "upcoming")
        || word.starts_with("nachste")
        || word.starts_with("kommende")
}

/// This one.
pub(super) fn is_this(word: &str) -> bool {
    matches!(word, "this" | "diese" | "dieser" | "diesen" | "diesem" | "dieses")
}

/// Words in front of a time that only a time follows, or nearly: after them a name in doubt is one.
pub(super) fn is_preposition(word: &str) -> bool {
    matches!(
        word,
        "in" | "im"
            | "on"
            | "am"
            | "during"
            | "from"
            | "of"
            | "vom"
            | "von"
            | "around"
            | "about"
            | "um"
            | "by"
    )
}

/// Words between a preposition and its time.
pub(super) fn is_filler(word: &str) -> bool {
    matches!(
        word,
        "the"
            | "der"
            | "den"
            | "dem"
            | "die"
            | "das"
            | "early"
            | "mid"
            | "late"
            | "anfang"
            | "mitte"
            | "ende"
            | "jahr"
            | "year"
    )
}
