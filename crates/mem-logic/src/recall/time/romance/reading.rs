//! Reads a time in one of the two languages, with what stands in front of it and behind it.

use mem_core::time::Timestamp;

use super::super::calendar::{Calendar, Stretch, Unit, civil};
use super::super::dates::{Read, date};
use super::super::reader::Reader;
use super::super::tables::{day, year};
use super::super::window::{FEW, First, OLDEST, back};
use super::words::Tongue::{self, French, Spanish};
use super::words::{is_filler, month, number, unit, weekday};
use crate::recall::gloss::Language;

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
pub(in crate::recall::time) fn romance(reader: &Reader, at: usize, calendar: &Calendar) -> Read {
    [French, Spanish].into_iter().find_map(|tongue| {
        let on = Reading { tongue, reader, calendar };
        // `antes de ayer` is a day, and not what was before one
        on.named(at, false).or_else(|| match bound_of(tongue, reader.word(at)) {
            None => on.time(at, false),
            Some(kind) => on.bounded(at, kind),
        })
    })
}

/// What the word makes of a time that follows it.
fn bound_of(tongue: Tongue, word: &str) -> Option<Bound> {
    Some(match (tongue, word) {
        (French, "en" | "au" | "du" | "de" | "debut" | "fin" | "pendant" | "durant" | "courant")
        | (Spanish, "en" | "de" | "del" | "durante") => Bound::Within,
        (French, "depuis") | (Spanish, "desde") => Bound::Since,
        (French, "apres") | (Spanish, "despues" | "tras") => Bound::After,
        (French, "avant") | (Spanish, "antes") => Bound::Before,
        (French, "jusqu") | (Spanish, "hasta") => Bound::Until,
        (French | Spanish, "entre") => Bound::Between,
        _ => return None,
    })
}

/// A text that is read in one of the two.
struct Reading<'a> {
    tongue: Tongue,
    reader: &'a Reader<'a>,
    calendar: &'a Calendar<'a>,
}

impl Reading<'_> {
    /// A time behind a word that bounds it.
    fn bounded(&self, at: usize, kind: Bound) -> Read {
        let since = |from: Timestamp| Stretch { from, until: self.calendar.now }.known();
        let (and, to): (&[&str], &[&str]) = match self.tongue {
            French => (&["et"], &["au", "a", "jusqu"]),
            Spanish => (&["y", "e"], &["a", "al", "hasta"]),
        };
        match kind {
            Bound::Between => self.pair(at, and),
            Bound::Within => self.pair(at, to).or_else(|| self.bound(at, Some)),
            Bound::Since => self
                .pair(at, to)
                .or_else(|| self.since_count(at))
                .or_else(|| self.bound(at, |found| since(found.from))),
            Bound::After => self.bound(at, |found| since(found.until)),
            Bound::Before => self.bound(at, |found| Stretch::before(found.from)),
            Bound::Until => self.bound(at, |found| Stretch::before(found.until)),
        }
    }

    /// A time behind the word at `at`, and what that word makes of it.
    fn bound(&self, at: usize, make: impl Fn(Stretch) -> Option<Stretch>) -> Read {
        let begin = self.behind(at);
        if self.reader.next(begin).is_empty() {
            return None;
        }
        // what is of something may be of somebody
        let sure = !["de", "del", "du", "au"].contains(&self.reader.word(at)) || self.is_spoken();
        let (found, took) = self.time(begin, sure)?;
        Some((make(found)?, begin - at + took))
    }

    /// Where what the word at `at` bounds begins.
    fn behind(&self, at: usize) -> usize {
        // `jusqu'à` is one word in two
        let elided = self.reader.word(at) == "jusqu" && ["a", "au", "en"].contains(&self.reader.word(at + 1));
        let begin = at + 1 + usize::from(elided);
        begin + (0..3).take_while(|more| is_filler(self.tongue, self.reader.next(begin + more))).count()
    }

    /// Two times and the word between them: the first behind the word at `at`.
    fn pair(&self, at: usize, middle: &[&str]) -> Read {
        let (first, took) = match self.bound(at, Some) {
            Some((first, took)) => (First::Stretch(first), took),
            None => {
                let begin = self.behind(at);
                (First::Day(day(self.reader.next(begin))?), begin - at + 1)
            }
        };
        let between = at + took;
        if !middle.contains(&self.reader.next(between)) {
            return None;
        }
        let (last, more) = self.bound(between, Some)?;
        Some((first.to(last, self.calendar)?, took + more))
    }

    /// `depuis 3 jours`.
    fn since_count(&self, at: usize) -> Read {
        let word = self.reader.next(at + 1);
        let count = if word == "quelques" { FEW } else { number(self.tongue, word)? };
        Some((self.calendar.last(unit(self.tongue, self.reader.next(at + 2))?, count)?, 3))
    }

    /// A time on its own; `sure` says that the word in front of it asks for one.
    fn time(&self, at: usize, sure: bool) -> Read {
        let Self { tongue, reader, calendar } = *self;
        let is_to_come = match tongue {
            French => ["prochain", "prochaine"].contains(&reader.next(at + 1)),
            Spanish => {
                at > 0 && ["proximo", "proxima"].contains(&reader.word(at - 1))
                    || [reader.next(at + 1), reader.next(at + 2)] == ["que", "viene"]
            }
        };
        if is_to_come {
            return None;
        }
        self.named(at, sure)
            .or_else(|| self.this(at))
            .or_else(|| self.last(at))
            .or_else(|| self.last_so_many(at))
            .or_else(|| self.ago(at))
            .or_else(|| {
                let day = weekday(tongue, reader.word(at))?;
                let dated = self
                    .day_of_month(at + 1)
                    .filter(|_| !reader.next(at + 1).is_empty())
                    .map(|(stretch, took)| (stretch, 1 + took));
                let alone = || Some((calendar.weekday(day, true)?, 1));
                dated.or_else(|| alone().filter(|_| sure || self.is_introduced(at)))
            })
            .or_else(|| self.day_of_month(at))
            .or_else(|| self.month(at, sure))
            .or_else(|| self.year(at).filter(|_| sure))
            // days in digits are the same everywhere
            .or_else(|| {
                let in_digits = sure && !reader.word(at).starts_with(char::is_alphabetic);
                date(reader, at, calendar, false).filter(|_| in_digits)
            })
    }

    /// Days with a name.
    fn named(&self, at: usize, sure: bool) -> Read {
        let reader = self.reader;
        let known = || sure || self.is_introduced(at);
        let (back, took) = match (self.tongue, reader.word(at), reader.word(at + 1)) {
            (French, "aujourd", "hui") => (0, 2),
            (French, "avant", "hier") => (2, 2),
            (French, "hier", "soir" | "matin") => (1, 1),
            // in German it means here
            (French, "hier", _) if self.is_spoken() || self.is_elided(at) => (1, 1),
            (Spanish, "antes", "de") if reader.word(at + 2) == "ayer" => (2, 3),
            (Spanish, "anteayer" | "antier", _) => (2, 1),
            (Spanish, "anoche", _) => (1, 1),
            (Spanish, "ayer", _) if known() => (1, 1),
            (Spanish, "hoy", _) if known() => (0, 1),
            _ => return None,
        };
        Some((self.calendar.day_from_today(-back)?, took))
    }

    /// `mars 2026`, `marzo de 2026`, `junio del año pasado`, and a month on its own.
    fn month(&self, at: usize, sure: bool) -> Read {
        let Self { tongue, reader, calendar } = *self;
        let (month, named) = month(tongue, reader.word(at))?;
        if let Some((year, more)) = self.of_year(at + 1) {
            return Some((calendar.month(year, month)?, 1 + more));
        }
        (sure || named && self.is_introduced(at))
            .then(|| calendar.last_month(month, true))
            .flatten()
            .map(|found| (found, 1))
    }

    /// `en 2025`, `el año 2025`.
    fn year(&self, at: usize) -> Read {
        let before = self.reader.word(at.checked_sub(1)?);
        let asks = ["en", "depuis", "desde", "hasta", "avant", "annee", "ano"].contains(&before);
        let most = self.calendar.today.year().saturating_add(1);
        let year = year(self.reader.word(at)).filter(|year| asks && (OLDEST..=most).contains(year))?;
        Some((self.calendar.year(year)?, 1))
    }

    /// `cette semaine`, `este mes`, `ce matin`.
    fn this(&self, at: usize) -> Read {
        let Self { tongue, reader, calendar } = *self;
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

    /// `semaine dernière`, `lunes pasado`, `pasado lunes`, `mars dernier`, `fin de semana pasado`.
    fn last(&self, at: usize) -> Read {
        let Self { tongue, reader, calendar } = *self;
        let (noun, is_first) = match (tongue, reader.word(at)) {
            (Spanish, "pasado" | "pasada") => (reader.next(at + 1), false),
            (_, word) => (word, true),
        };
        let took = match (tongue, noun) {
            _ if !is_first => 1,
            // `week-end` is one word in two
            (French, "week") if reader.word(at + 1) == "end" => 2,
            (Spanish, "fin") if [reader.next(at + 1), reader.next(at + 2)] == ["de", "semana"] => 3,
            _ => 1,
        };
        let is_last = match tongue {
            French => ["dernier", "derniere", "passe", "passee", "precedent", "precedente"],
            Spanish => ["pasado", "pasada", "anterior", "ultimo", "ultima", "previo"],
        };
        if is_first && !is_last.contains(&reader.next(at + took)) {
            return None;
        }
        let stretch = match (tongue, noun) {
            _ if took > 1 => calendar.last_weekend(),
            (French, "weekend") | (Spanish, "finde") => calendar.last_weekend(),
            (French, "nuit") | (Spanish, "noche") => calendar.day_from_today(-1),
            _ => match (unit(tongue, noun), weekday(tongue, noun), month(tongue, noun)) {
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
    fn last_so_many(&self, at: usize) -> Read {
        let Self { tongue, reader, calendar } = *self;
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
    fn ago(&self, at: usize) -> Read {
        let Self { tongue, reader, calendar } = *self;
        let mut here = match (tongue, reader.word(at)) {
            (French, "il") if [reader.next(at + 1), reader.next(at + 2)] == ["y", "a"] => at + 3,
            (Spanish, "hace") => at + 1,
            _ => return None,
        };
        let count = match (tongue, reader.next(here), reader.next(here + 1), reader.next(here + 2)) {
            (French, "quelques", ..)
            | (Spanish, "unos" | "unas" | "algunos" | "algunas" | "pocos" | "varios" | "varias", ..) => None,
            (Spanish, "un", "par", "de") => {
                here += 2;
                Some(2)
            }
            (_, word, ..) => Some(number(tongue, word)?),
        };
        Some((back(calendar, unit(tongue, reader.next(here + 1))?, count)?, here + 2 - at))
    }

    /// `5 mars`, `1er mars 2026`, `5 de marzo de 2026`.
    fn day_of_month(&self, at: usize) -> Read {
        let Self { tongue, reader, calendar } = *self;
        let word = reader.word(at);
        // the end of a version or an address is no day
        if reader.rest(at)?.0.is_some_and(|c| !c.is_whitespace() && c != '(') {
            return None;
        }
        let number: i8 = match (tongue, word) {
            (French, "1er") | (Spanish, "primero" | "1o" | "1º") => 1,
            _ => word.parse().ok().filter(|day| (1..=31).contains(day))?,
        };
        let of = usize::from(tongue == Spanish && reader.next(at + 1) == "de");
        let (month, _) = month(tongue, reader.next(at + 1 + of))?;
        let took = 2 + of;
        match self.of_year(at + took) {
            Some((year, more)) => {
                let day = civil(i64::from(year), i64::from(month), i64::from(number))?;
                Some((calendar.day(day)?, took + more))
            }
            None => Some((calendar.last_date(month, number)?, took)),
        }
    }

    /// A year behind a month, and how many words it took.
    fn of_year(&self, at: usize) -> Option<(i16, usize)> {
        let Self { tongue, reader, calendar } = *self;
        let words: [&str; 4] = std::array::from_fn(|more| reader.word(at + more));
        let last = calendar.today.year().checked_sub(1)?;
        match (tongue, words) {
            (French, ["de", "l", "annee", "derniere" | "passee"]) => return Some((last, 4)),
            (French, ["de", "l", "an", "dernier" | "passe"]) => return Some((last, 4)),
            (Spanish, ["del", "ano", "pasado", _]) => return Some((last, 3)),
            _ => {}
        }
        let of = usize::from(tongue == Spanish && ["de", "del"].contains(&reader.next(at)));
        Some((year(reader.next(at + of))?, 1 + of))
    }

    /// Whether a name of a day or a month is one of time: an article stands in front of it, the text is in its language, or it is all
    /// of the text and nobody's name.
    fn is_introduced(&self, at: usize) -> bool {
        const NAMES: [&str; 4] = ["abril", "avril", "domingo", "julio"];
        const ARTICLES: [[&str; 4]; 2] = [["le", "les", "ce", "un"], ["el", "los", "este", "un"]];
        let before = at.checked_sub(1).map(|before| self.reader.word(before));
        before.is_some_and(|word| ARTICLES[self.tongue as usize].contains(&word))
            || self.reader.len() == 1 && !NAMES.contains(&self.reader.word(at))
            || self.is_spoken()
    }

    /// Whether `d'` stands in front.
    fn is_elided(&self, at: usize) -> bool {
        let said = at.checked_sub(1).map_or("", |before| self.reader.said(before, at + 1));
        said.starts_with("d'") || said.starts_with("d’")
    }

    /// Whether the text is in this language, as far as it can be told.
    fn is_spoken(&self) -> bool {
        let language = match self.tongue {
            French => Language::French,
            Spanish => Language::Spanish,
        };
        self.reader.language() == Some(language)
    }
}
