//! The time that a text names in French or Spanish: `la semaine dernière`, `hace tres días`, `depuis lundi`.
//!
//! Both put the noun first and count back with a word in front, so they share the shapes; the words of one never go with
//! those of the other (`mes` is a month in Spanish and `my` in French). Only what is clearly a time is taken: a day or a month
//! alone, which may be somebody's name (`Julio`, `Domingo`) or a word of another language (`hier`), only where an article
//! stands in front or the text is in that language.

mod reading;
mod words;

pub(super) use reading::romance;
