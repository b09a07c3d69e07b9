//! What the best texts add: words that stand side by side in them as in the question, and words they share beside it.

use std::collections::HashMap;

use super::super::{Term, is_stop, words};

/// The words of the texts that one question looks at, by numbers: they are compared far more often than read.
#[derive(Debug, Default)]
pub struct Lexicon {
    numbers: HashMap<String, u32>,
    words: Vec<String>,
}

impl Lexicon {
    /// The number of a word, from 0 without a gap; a new one gets the next.
    pub fn number(&mut self, word: &str) -> u32 {
        if let Some(known) = self.numbers.get(word) {
            return *known;
        }
        let number = self.words.len() as u32;
        self.numbers.insert(word.to_owned(), number);
        self.words.push(word.to_owned());
        number
    }

    /// The number of a word that was met.
    pub fn known(&self, word: &str) -> Option<u32> {
        self.numbers.get(word).copied()
    }

    /// The word by its number, which this lexicon gave.
    pub fn word(&self, number: u32) -> &str {
        &self.words[number as usize]
    }

    /// How many words were met.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

/// The words of a text, in order, without those that say nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// Terms of the word view, by their numbers.
    pub words: Vec<u32>,
}

impl Said {
    /// What a text says.
    pub fn of(text: &str, lexicon: &mut Lexicon) -> Self {
        let mut written = String::new();
        let says = |term: &&Term| {
            let as_written = &text[term.start..term.end];
            written.clear();
            if as_written.is_ascii() {
                written.push_str(as_written);
                written.make_ascii_lowercase();
            } else {
                written.extend(as_written.chars().flat_map(char::to_lowercase));
            }
            !is_stop(&written)
        };
        Self { words: words(text).iter().filter(says).map(|term| lexicon.number(&term.text)).collect() }
    }
}

/// Which pairs of neighbouring words of the question stand side by side in a text: in their order with at most one word
/// between them, or turned round. Places of the first word of each pair.
pub fn pairs(asked: &[u32], said: &Said) -> Vec<usize> {
    let mut places: HashMap<u32, Vec<usize>> = HashMap::new();
    for (at, word) in said.words.iter().enumerate().filter(|(_, word)| asked.contains(word)) {
        places.entry(*word).or_default().push(at);
    }
    let stand = |one: &u32, other: &u32| {
        let (Some(ones), Some(others)) = (places.get(one), places.get(other)) else {
            return false;
        };
        one != other
            && ones.iter().any(|at| {
                let near = |other: &&usize| {
                    **other > *at && **other - *at <= 2 || *at > **other && *at - **other <= 1
                };
                others.iter().find(near).is_some()
            })
    };
    asked.windows(2).enumerate().filter(|(_, pair)| stand(&pair[0], &pair[1])).map(|(at, _)| at).collect()
}

/// Words that the best texts share beside the question, with how much each is theirs: candidates, the strongest first, at
/// most `count`. Every text comes with its score.
pub fn expansions(
    best: &[(f32, Said)],
    asked: &[u32],
    count: usize,
    lexicon: &Lexicon,
) -> Vec<(String, f32)> {
    let mut strength = vec![0.0_f32; lexicon.len()];
    for (score, said) in best {
        let share = score / said.words.len().max(1) as f32;
        for word in &said.words {
            strength[*word as usize] += share;
        }
    }
    let telling = |word: &u32| !asked.contains(word) && lexicon.word(*word).chars().nth(1).is_some();
    let mut all: Vec<(&str, f32)> = (0..lexicon.len() as u32)
        .filter(|word| strength[*word as usize] > 0.0 && telling(word))
        .map(|word| (lexicon.word(word), strength[word as usize]))
        .collect();
    let by = |a: &(&str, f32), b: &(&str, f32)| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0));
    all.sort_unstable_by(by);
    all.truncate(count);
    all.into_iter().map(|(word, strength)| (word.to_owned(), strength)).collect()
}
