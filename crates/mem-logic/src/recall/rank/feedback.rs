//! What the best texts add: words that stand side by side in them as in the question, and words they share beside it.

use std::collections::HashMap;

use super::super::{Term, View, is_stop};

/// The words of a text, in order, without those that say nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// Terms of the word view.
    pub words: Vec<String>,
}

impl Said {
    /// What a text says.
    pub fn of(text: &str, terms: Vec<Term>) -> Self {
        let words = terms
            .into_iter()
            .filter(|term| term.view == View::Word && !is_stop(&text[term.start..term.end].to_lowercase()))
            .map(|term| term.text)
            .collect();
        Self { words }
    }
}

/// Which pairs of neighbouring words of the question stand side by side in a text: in their order with at most one word
/// between them, or turned round. Places of the first word of each pair.
pub fn pairs(asked: &[String], said: &Said) -> Vec<usize> {
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, word) in said.words.iter().enumerate() {
        places.entry(word).or_default().push(at);
    }
    let stand = |one: &String, other: &String| {
        let (Some(ones), Some(others)) = (places.get(one.as_str()), places.get(other.as_str())) else {
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
pub fn expansions(best: &[(f32, Said)], asked: &[String], count: usize) -> Vec<(String, f32)> {
    let mut strength: HashMap<&str, f32> = HashMap::new();
    for (score, said) in best {
        let share = score / said.words.len().max(1) as f32;
        for word in &said.words {
            if word.chars().nth(1).is_some() {
                *strength.entry(word).or_default() += share;
            }
        }
    }
    let mut all: Vec<(String, f32)> = strength
        .into_iter()
        .filter(|(word, _)| !asked.iter().any(|asked| asked == word))
        .map(|(word, strength)| (word.to_owned(), strength))
        .collect();
    all.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    all.truncate(count);
    all
}
