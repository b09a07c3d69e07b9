//! The languages, and how their words are made alike before they are looked up.
//!
//! The tables are made with this same file (`build.rs`): what is looked for is made alike as what is found was.

use rust_stemmers::{Algorithm, Stemmer};

use crate::recall::terms::folded;

/// A language that questions are glossed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Chinese.
    Chinese,
}

impl Language {
    /// Those that are written in Latin letters.
    pub(crate) const LATIN: [Self; 3] = [Self::German, Self::French, Self::Spanish];

    /// Its English name.
    pub fn name(self) -> &'static str {
        match self {
            Self::German => "German",
            Self::French => "French",
            Self::Spanish => "Spanish",
            Self::Chinese => "Chinese",
        }
    }

    /// The stem of a word in small letters, folded.
    pub(crate) fn stem(self, word: &str) -> String {
        let algorithm = match self {
            Self::German => Algorithm::German,
            Self::French => Algorithm::French,
            Self::Spanish => Algorithm::Spanish,
            Self::Chinese => return word.to_owned(),
        };
        folded(&Stemmer::create(algorithm).stem(word))
    }
}

/// `word` folded, its spaces kept.
pub(crate) fn plainly(word: &str) -> String {
    word.split(' ').map(folded).collect::<Vec<_>>().join(" ")
}

/// Whether `c` is a sign of Chinese writing.
pub(crate) fn is_han(c: char) -> bool {
    matches!(u32::from(c), 0x3007 | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}
