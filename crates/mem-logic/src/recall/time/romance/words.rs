//! The words of time in French and Spanish, folded, as the reader folds what it reads.

use jiff::civil::Weekday;

use self::Tongue::{French, Spanish};
use super::super::calendar::Unit;

/// Whose words are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tongue {
    /// French.
    French,
    /// Spanish.
    Spanish,
}

/// Words between a preposition and its time.
pub(super) fn is_filler(tongue: Tongue, word: &str) -> bool {
    match tongue {
        French => ["le", "la", "les", "l", "du", "de", "ces", "debut", "fin", "mois"].contains(&word),
        Spanish => {
            ["el", "la", "los", "las", "de", "del", "principios", "finales", "mes", "ano"].contains(&word)
        }
    }
}

/// A month, and whether its name is one for sure: mars and mayo are other words as well.
pub(super) fn month(tongue: Tongue, word: &str) -> Option<(i8, bool)> {
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

/// A day of the week.
pub(super) fn weekday(tongue: Tongue, word: &str) -> Option<Weekday> {
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

/// A unit, alone or many of it.
pub(super) fn unit(tongue: Tongue, word: &str) -> Option<Unit> {
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
pub(super) fn number(tongue: Tongue, word: &str) -> Option<i64> {
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
    if ["quinze", "quince"].contains(&word) {
        return Some(15);
    }
    let said = WORDS[tongue as usize].iter().position(|words| words.contains(&word));
    if let Some(at) = said {
        return i64::try_from(at + 1).ok();
    }
    let digits = word.starts_with(|c: char| c.is_ascii_digit());
    digits.then(|| super::super::tables::number(word)).flatten()
}
