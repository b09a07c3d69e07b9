//! What the best texts add: words that stand side by side in them as in the question, and words they share beside it.

use std::collections::HashMap;

use super::super::{Term, View, is_stop};

/// The number by which a term of the word view is compared: FNV-1a in 32 bits of its text. The index keeps them, so another way
/// to number is another version of the analysis. Two words of one number (among 50,000 words one is to be expected in three
/// indexes) pass for one word here; where they stand is looked up by the words themselves.
pub fn number(word: &str) -> u32 {
    word.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The words of a text, in order, without those that say nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// Terms of the word view, by their [`number`].
    pub words: Vec<u32>,
}

impl Said {
    /// What a text says, of which these are the terms.
    pub fn of(text: &str, terms: &[Term]) -> Self {
        let mut written = String::new();
        let mut says = |term: &&Term| {
            let as_written = &text[term.start..term.end];
            written.clear();
            if as_written.is_ascii() {
                written.push_str(as_written);
                written.make_ascii_lowercase();
            } else {
                written.extend(as_written.chars().flat_map(char::to_lowercase));
            }
            term.view == View::Word && !is_stop(&written)
        };
        Self { words: terms.iter().filter(|term| says(term)).map(|term| number(&term.text)).collect() }
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

/// Words that the best texts share beside the question, with how much each is theirs, the strongest first. Every text comes
/// with its score.
pub fn expansions(best: &[(f32, Said)], asked: &[u32]) -> Vec<(u32, f32)> {
    let mut strength = HashMap::<u32, f32>::new();
    for (score, said) in best {
        let share = score / said.words.len().max(1) as f32;
        for word in &said.words {
            *strength.entry(*word).or_default() += share;
        }
    }
    let mut all: Vec<(u32, f32)> = strength.into_iter().filter(|(word, _)| !asked.contains(word)).collect();
    all.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all
}
