//! The time that a text names in French or Spanish: `la semaine dernière`, `hace tres días`, `depuis lundi`.
//!
//! Both put the noun first and count back with a word in front, so they share the shapes; the words of one never go with
//! those of the other (`mes` is a month in Spanish and `my` in French). Only what is clearly a time is taken.

use jiff::civil::Weekday;
use mem_core::time::Timestamp;

use super::calendar::{Calendar, Stretch, Unit, civil};
use super::dates::{Read, date};
use super::reader::Reader;
use super::tables::year;
use super::window::{FEW, back};

/// Whose words are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tongue {
    French,
    Spanish,
}
use Tongue::{French, Spanish};

/// What a word in front of a time makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Within,
    Since,
    After,
    Before,
    Until,
    Between,
}

/// A time with what stands in front of it.
pub(super) fn romance(reader: &Reader, at: usize, calendar: &Calendar) -> Read {
    [French, Spanish].into_iter().find_map(|tongue| {
        let Some(kind) = bound_of(tongue, reader, at) else {
            return time(tongue, reader, at, calendar, false);
        };
        match kind {
            Bound::Between => pair(tongue, reader, at, calendar, &["et", "y", "e"]),
            Bound::Within => pair(tongue, reader, at, calendar, &["au", "a", "al", "hasta"])
                .or_else(|| bound(tongue, reader, at, calendar, Some)),
            Bound::Since => pair(tongue, reader, at, calendar, &["au", "a", "hasta"])
                .or_else(|| since_count(tongue, reader, at, calendar))
                .or_else(|| {
                    let since = |from: Timestamp| Stretch { from, until: calendar.now }.known();
                    bound(tongue, reader, at, calendar, |found| since(found.from))
                }),
            Bound::After => bound(tongue, reader, at, calendar, |found| {
                Stretch { from: found.until, until: calendar.now }.known()
            }),
            Bound::Before => bound(tongue, reader, at, calendar, |found| Stretch::before(found.from)),
            Bound::Until => bound(tongue, reader, at, calendar, |found| Stretch::before(found.until)),
        }
    })
}

/// The word at `at`, when a time may follow it.
fn bound_of(tongue: Tongue, reader: &Reader, at: usize) -> Option<Bound> {
    Some(match (tongue, reader.word(at)) {
        // `avant-hier` is a day
        (French, "avant") if reader.next(at + 1).is_empty() => return None,
        (French, "en" | "au" | "du" | "de" | "debut" | "fin" | "pendant" | "courant")
        | (Spanish, "en" | "de" | "del" | "durante") => Bound::Within,
        (French, "depuis") | (Spanish, "desde") => Bound::Since,
        (French, "apres") | (Spanish, "despues" | "tras") => Bound::After,
        (French, "avant") | (Spanish, "antes") => Bound::Before,
        (French, "jusqu") | (Spanish, "hasta") => Bound::Until,
        (French | Spanish, "entre") => Bound::Between,
        _ => return None,
    })
}

/// A time behind the word at `at`, and what that word makes of it.
fn bound(
    tongue: Tongue,
    reader: &Reader,
    at: usize,
    calendar: &Calendar,
    make: impl Fn(Stretch) -> Option<Stretch>,
) -> Read {
    // `jusqu'à` is one word in two
    let elided = usize::from(reader.word(at) == "jusqu" && reader.word(at + 1).starts_with('a'));
    let begin = at + 1 + elided;
    let fillers = (0..3).take_while(|more| is_filler(tongue, reader.next(begin + more))).count();
    if reader.next(begin + fillers).is_empty() {
        return None;
    }
    let (found, took) = time(tongue, reader, begin + fillers, calendar, true)?;
    Some((make(found)?, 1 + elided + fillers + took))
}

/// Two times and the word between them: the first behind the word at `at`.
fn pair(tongue: Tongue, reader: &Reader, at: usize, calendar: &Calendar, middle: &[&str]) -> Read {
    let (first, took) = bound(tongue, reader, at, calendar, Some)?;
    let between = at + took;
    if !middle.contains(&reader.next(between)) {
        return None;
    }
    let (last, more) = bound(tongue, reader, between, calendar, Some)?;
    Some((Stretch { from: first.from, until: last.until }.known()?, took + more))
}

/// `depuis 3 jours`.
fn since_count(tongue: Tongue, reader: &Reader, at: usize, calendar: &Calendar) -> Read {
    let count = number(tongue, reader.next(at + 1))?;
    Some((calendar.last(unit(tongue, reader.next(at + 2))?, count)?, 3))
}

/// A time on its own; `sure` says that the word in front of it asks for one.
fn time(tongue: Tongue, reader: &Reader, at: usize, calendar: &Calendar, sure: bool) -> Read {
    named(tongue, reader, at, calendar)
        .or_else(|| this(tongue, reader, at, calendar))
        .or_else(|| last(tongue, reader, at, calendar))
        .or_else(|| last_so_many(tongue, reader, at, calendar))
        .or_else(|| ago(tongue, reader, at, calendar))
        .or_else(|| Some((calendar.weekday(weekday(tongue, reader.word(at))?, true)?, 1)))
        .or_else(|| day_of_month(tongue, reader, at, calendar))
        .or_else(|| month_alone(tongue, reader, at, calendar, sure))
        // days in digits are the same everywhere
        .or_else(|| {
            date(reader, at, calendar, false)
                .filter(|_| sure && !reader.word(at).starts_with(char::is_alphabetic))
        })
}

/// Days with a name.
fn named(tongue: Tongue, reader: &Reader, at: usize, calendar: &Calendar) -> Read {
    let (back, took) = match (tongue, reader.word(at), reader.word(at + 1)) {
        (French, "aujourd", "hui") => (0, 2),
        (French, "avant", "hier") => (2, 2),
        // in German it means here
        (French, "hier", _) if is_french(reader) => (1, 1),
        (Spanish, "hoy", _) => (0, 1),
        (Spanish, "ayer" | "anoche", _) => (1, 1),
        (Spanish, "anteayer" | "antier", _) => (2, 1),
        _ => return None,
    };
    Some((calendar.day_from_today(-back)?, took))
}

/// Whether other words of the text are French ones that no German text has.
fn is_french(reader: &Reader) -> bool {
    const FRENCH: [&str; 24] = [
        "au", "aux", "avec", "avons", "c", "dans", "depuis", "est", "ete", "etait", "fait", "j", "la", "le",
        "les", "nous", "ont", "pour", "pourquoi", "qu", "que", "quel", "quoi", "sur",
    ];
    (0..reader.len()).any(|at| FRENCH.contains(&reader.word(at)))
}

/// `cette semaine`, `este mes`, `ce matin`.
fn this(tongue: Tongue, reader: &Reader, at: usize, calendar: &Calendar) -> Read {
    match (tongue, reader.word(at)) {
        (French, "ce" | "cet" | "cette") | (Spanish, "este" | "esta") => {}
        _ => return None,
    }
    match (tongue, reader.next(at + 1)) {
        (French, "matin" | "midi" | "soir" | "apres") | (Spanish, "manana" | "tarde" | "noche") => {
            // `cet après-midi`
            let halves = usize::from(reader.next(at + 1) == "apres");
            let whole = halves == 0 || reader.word(at + 2) == "midi";
            whole.then(|| calendar.day_from_today(0)).flatten().map(|day| (day, 2 + halves))
        }
        (_, word) => match unit(tongue, word)? {
            Unit::Hour | Unit::Day => None,
            unit => Some((calendar.unit(unit, 0)?, 2)),
        },
    }
}

/// `semaine dernière`, `lunes pasado`, `mars dernier`, `fin de semana pasado`.
fn last(tongue: Tongue, reader: &Reader, at: usize, calendar: &Calendar) -> Read {
    let word = reader.word(at);
    let took = match (tongue, word) {
        // `week-end` is one word in two
        (French, "week") if reader.word(at + 1) == "end" => 2,
        (Spanish, "fin") if [reader.next(at + 1), reader.next(at + 2)] == ["de", "semana"] => 3,
        _ => 1,
    };
    let is_last = match tongue {
        French => ["dernier", "derniere", "passe", "passee", "precedent", "precedente"],
        Spanish => ["pasado", "pasada", "anterior", "ultimo", "ultima", "previo"],
    };
    if !is_last.contains(&reader.next(at + took)) {
        return None;
    }
    let stretch = match (tongue, word) {
        _ if took > 1 => calendar.last_weekend(),
        (French, "weekend") | (Spanish, "finde") => calendar.last_weekend(),
        (French, "nuit") | (Spanish, "noche") => calendar.day_from_today(-1),
        _ => match (unit(tongue, word), weekday(tongue, word), month(tongue, word)) {
            (Some(Unit::Hour | Unit::Day), ..) => None,
            (Some(unit), ..) => calendar.unit(unit, 1),
            (_, Some(day), _) => calendar.weekday(day, false),
            (.., Some((month, _))) => calendar.last_month(month, false),
            _ => None,
        },
    };
    Some((stretch?, took + 1))
}

/// `3 derniers jours`, `dernières semaines`, `últimos 3 días`, `última semana`.
fn last_so_many(tongue: Tongue, reader: &Reader, at: usize, calendar: &Calendar) -> Read {
    let (is_one, is_many): ([&str; 2], [&str; 4]) = match tongue {
        French => (["dernier", "derniere"], ["derniers", "dernieres", "passes", "passees"]),
        Spanish => (["ultimo", "ultima"], ["ultimos", "ultimas", "pasados", "pasadas"]),
    };
    let before = number(tongue, reader.word(at)).filter(|_| is_many.contains(&reader.next(at + 1)));
    let at_last = at + usize::from(before.is_some());
    let word = reader.word(at_last);
    let many = is_many.contains(&word);
    if !many && !is_one.contains(&word) {
        return None;
    }
    let after = number(tongue, reader.next(at_last + 1)).filter(|_| many && before.is_none());
    let at_unit = at_last + 1 + usize::from(after.is_some());
    let unit = unit(tongue, reader.next(at_unit))?;
    let count = match before.or(after) {
        Some(count) => count,
        None if many => FEW,
        None if unit == Unit::Day => return None,
        None => 1,
    };
    Some((calendar.last(unit, count)?, at_unit + 1 - at))
}

/// `il y a 3 jours`, `hace una semana`, `hace un par de meses`.
fn ago(tongue: Tongue, reader: &Reader, at: usize, calendar: &Calendar) -> Read {
    let mut here = match (tongue, reader.word(at)) {
        (French, "il") if [reader.next(at + 1), reader.next(at + 2)] == ["y", "a"] => at + 3,
        (Spanish, "hace") => at + 1,
        _ => return None,
    };
    let count = match (tongue, reader.next(here), reader.next(here + 1), reader.next(here + 2)) {
        (French, "quelques", ..) | (Spanish, "unos" | "unas" | "algunos" | "algunas" | "pocos", ..) => None,
        (Spanish, "un", "par", "de") => {
            here += 2;
            Some(2)
        }
        (_, word, ..) => Some(number(tongue, word)?),
    };
    Some((back(calendar, unit(tongue, reader.next(here + 1))?, count)?, here + 2 - at))
}

/// `5 mars`, `1er mars 2026`, `5 de marzo de 2026`.
fn day_of_month(tongue: Tongue, reader: &Reader, at: usize, calendar: &Calendar) -> Read {
    let word = reader.word(at);
    let number: i8 = match (tongue, word) {
        (French, "1er") | (Spanish, "primero") => 1,
        _ => word.parse().ok().filter(|day| (1..=31).contains(day))?,
    };
    let of = usize::from(tongue == Spanish && reader.next(at + 1) == "de");
    let (month, _) = month(tongue, reader.next(at + 1 + of))?;
    let took = 2 + of;
    match of_year(tongue, reader, at + took) {
        Some((year, more)) => {
            let day = civil(i64::from(year), i64::from(month), i64::from(number))?;
            Some((calendar.day(day)?, took + more))
        }
        None => Some((calendar.last_date(month, number)?, took)),
    }
}

/// `mars 2026`, `marzo de 2026`, and a month on its own.
fn month_alone(tongue: Tongue, reader: &Reader, at: usize, calendar: &Calendar, sure: bool) -> Read {
    let (month, named) = month(tongue, reader.word(at))?;
    match of_year(tongue, reader, at + 1) {
        Some((year, more)) => Some((calendar.month(year, month)?, 1 + more)),
        None if named || sure => Some((calendar.last_month(month, true)?, 1)),
        None => None,
    }
}

/// A year behind a month, and how many words it took.
fn of_year(tongue: Tongue, reader: &Reader, at: usize) -> Option<(i16, usize)> {
    let of = usize::from(tongue == Spanish && ["de", "del"].contains(&reader.next(at)));
    Some((year(reader.next(at + of))?, 1 + of))
}

/// Words between a preposition and its time.
fn is_filler(tongue: Tongue, word: &str) -> bool {
    match tongue {
        French => ["le", "la", "les", "l", "du", "de", "ces", "debut", "fin", "mois"].contains(&word),
        Spanish => ["el", "la", "los", "las", "de", "del", "principios", "finales", "mes"].contains(&word),
    }
}

/// A month, and whether its name is one for sure: mars and mayo are other words as well.
fn month(tongue: Tongue, word: &str) -> Option<(i8, bool)> {
    Some(match (tongue, word) {
        (French, "janvier") | (Spanish, "enero") => (1, true),
        (French, "fevrier") | (Spanish, "febrero") => (2, true),
        (French, "mars") => (3, false),
        (Spanish, "marzo") => (3, true),
        (French, "avril") | (Spanish, "abril") => (4, true),
        (French, "mai") | (Spanish, "mayo") => (5, false),
        (French, "juin") | (Spanish, "junio") => (6, true),
        (French, "juillet") | (Spanish, "julio") => (7, true),
        (French, "aout") | (Spanish, "agosto") => (8, true),
        (French, "septembre") | (Spanish, "septiembre" | "setiembre") => (9, true),
        (French, "octobre") | (Spanish, "octubre") => (10, true),
        (French, "novembre") | (Spanish, "noviembre") => (11, true),
        (French, "decembre") | (Spanish, "diciembre") => (12, true),
        _ => return None,
    })
}

fn weekday(tongue: Tongue, word: &str) -> Option<Weekday> {
    Some(match (tongue, word) {
        (French, "lundi") | (Spanish, "lunes") => Weekday::Monday,
        (French, "mardi") | (Spanish, "martes") => Weekday::Tuesday,
        (French, "mercredi") | (Spanish, "miercoles") => Weekday::Wednesday,
        (French, "jeudi") | (Spanish, "jueves") => Weekday::Thursday,
        (French, "vendredi") | (Spanish, "viernes") => Weekday::Friday,
        (French, "samedi") | (Spanish, "sabado") => Weekday::Saturday,
        (French, "dimanche") | (Spanish, "domingo") => Weekday::Sunday,
        _ => return None,
    })
}

fn unit(tongue: Tongue, word: &str) -> Option<Unit> {
    Some(match (tongue, word) {
        (French, "heure" | "heures") | (Spanish, "hora" | "horas") => Unit::Hour,
        (French, "jour" | "jours") | (Spanish, "dia" | "dias") => Unit::Day,
        (French, "semaine" | "semaines") | (Spanish, "semana" | "semanas") => Unit::Week,
        (French, "mois") | (Spanish, "mes" | "meses") => Unit::Month,
        (French, "an" | "ans" | "annee" | "annees") | (Spanish, "ano" | "anos") => Unit::Year,
        _ => return None,
    })
}

/// A number in digits or words, up to what somebody would say.
fn number(tongue: Tongue, word: &str) -> Option<i64> {
    const WORDS: [[&[&str]; 12]; 2] = [
        [
            &["un", "une"],
            &["deux"],
            &["trois"],
            &["quatre"],
            &["cinq"],
            &["six"],
            &["sept"],
            &["huit"],
            &["neuf"],
            &["dix"],
            &["onze"],
            &["douze"],
        ],
        [
            &["un", "una", "uno"],
            &["dos"],
            &["tres"],
            &["cuatro"],
            &["cinco"],
            &["seis"],
            &["siete"],
            &["ocho"],
            &["nueve"],
            &["diez"],
            &["once"],
            &["doce"],
        ],
    ];
    let said = WORDS[tongue as usize].iter().position(|words| words.contains(&word));
    if let Some(at) = said {
        return i64::try_from(at + 1).ok();
    }
    let digits = word.starts_with(|c: char| c.is_ascii_digit());
    digits.then(|| super::tables::number(word)).flatten()
}
