//! A vocabulary: a thousand roots of everyday technical English, inflected to a few thousand words, and made-up names.
//!
//! Each kind of word has an order of its own, from the most to the least frequent, that only chance has a hand in.

use super::chance::{Chance, Zipf};

const VERBS: &str = include_str!("verbs.txt");
const NOUNS: &str = include_str!("nouns.txt");
const ADJECTIVES: &str = include_str!("adjectives.txt");
/// Made-up names, which are the long tail of a real vocabulary.
const NAMES: usize = 30_000;
/// How flat the frequencies begin, so that the commonest words stand in as many passages as those of real sessions do: see
/// the test beside [`Writer`](super::text::Writer).
const FLAT: f64 = 14.0;

/// Words of one kind, the most frequent first.
#[derive(Debug)]
pub(super) struct Words {
    all: Vec<String>,
    zipf: Zipf,
}

impl Words {
    fn shuffled(mut all: Vec<String>, chance: &mut Chance) -> Self {
        for at in (1..all.len()).rev() {
            all.swap(at, chance.below(at + 1));
        }
        Self { zipf: Zipf::over(all.len(), FLAT), all }
    }

    /// A word, by its frequency.
    pub(super) fn one(&self, chance: &mut Chance) -> &str {
        &self.all[self.zipf.place(chance)]
    }

    /// The word at a rank, from 0.
    pub(super) fn at(&self, rank: usize) -> &str {
        &self.all[rank % self.all.len()]
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }
}

/// All words there are.
#[derive(Debug)]
pub(super) struct Vocabulary {
    /// `parser`, `cache`, …
    pub(super) nouns: Words,
    /// `parse`, `reload`, …
    pub(super) verbs: Words,
    /// `stale`, `careful`, …
    pub(super) adjectives: Words,
    /// `Korvani`, …
    pub(super) names: Words,
}

impl Vocabulary {
    /// The vocabulary of a seed.
    pub(super) fn of(seed: u64) -> Self {
        let mut chance = Chance::of(seed);
        let roots = |list: &str| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let mut verbs = roots(VERBS);
        let again: Vec<String> =
            verbs.iter().filter(|verb| !verb.starts_with("re")).map(|verb| format!("re{verb}")).collect();
        // what is done again is rarer than what is done
        let often = verbs.len();
        verbs.extend(again.into_iter().take(often / 2));
        let names = (0..NAMES).map(|_| name(&mut chance)).collect();
        Self {
            nouns: Words::shuffled(roots(NOUNS), &mut chance),
            verbs: Words::shuffled(verbs, &mut chance),
            adjectives: Words::shuffled(roots(ADJECTIVES), &mut chance),
            names: Words::shuffled(names, &mut chance),
        }
    }
}

fn name(chance: &mut Chance) -> String {
    const BEGINS: [&str; 20] = [
        "B", "K", "T", "M", "N", "R", "S", "V", "L", "D", "Br", "Kr", "Tr", "St", "Pl", "F", "G", "H", "J",
        "Z",
    ];
    const MIDDLES: [&str; 16] =
        ["a", "e", "i", "o", "u", "ar", "el", "in", "or", "un", "ai", "av", "eth", "ol", "im", "os"];
    const ENDS: [&str; 16] =
        ["da", "ki", "n", "ra", "ro", "sen", "ta", "v", "vin", "lo", "mi", "x", "dor", "ster", "la", "ne"];
    let mut name = BEGINS[chance.below(BEGINS.len())].to_owned();
    for _syllable in 0..=chance.below(3) {
        name.push_str(MIDDLES[chance.below(MIDDLES.len())]);
        name.push_str(ENDS[chance.below(ENDS.len())]);
    }
    name
}

/// A form of a verb: `s`, `ed` or `ing`.
pub(super) fn inflected(verb: &str, ending: &str) -> String {
    if ending == "s" {
        return plural(verb);
    }
    match verb.strip_suffix('e') {
        Some(stem) if !verb.ends_with("ee") => format!("{stem}{ending}"),
        _ => match verb.strip_suffix('y') {
            Some(stem) if ending == "ed" => format!("{stem}ied"),
            _ => format!("{verb}{ending}"),
        },
    }
}

/// Several of a noun.
pub(super) fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => format!("{stem}ies"),
        _ if noun.ends_with(['s', 'x']) || noun.ends_with("ch") || noun.ends_with("sh") => {
            format!("{noun}es")
        }
        _ => format!("{noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vocabulary_is_the_same_for_a_seed_and_large_enough() {
        let [one, same] = [Vocabulary::of(7), Vocabulary::of(7)];
        assert_eq!(one.nouns.at(0), same.nouns.at(0));
        assert_eq!(one.names.at(29_999), same.names.at(29_999));
        // three forms of each verb, two of each noun
        assert!(one.verbs.len() * 3 + one.nouns.len() * 2 + one.adjectives.len() > 2_500);
    }

    #[test]
    fn forms_are_spelled_as_in_english() {
        let forms = [("parse", "ed"), ("retry", "ed"), ("cache", "ing"), ("free", "ing"), ("flush", "s")];
        let made = forms.map(|(verb, ending)| inflected(verb, ending));
        assert_eq!(made, ["parsed", "retried", "caching", "freeing", "flushes"]);
        assert_eq!(["query", "array", "index"].map(plural), ["queries", "arrays", "indexes"]);
    }
}
