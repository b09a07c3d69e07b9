//! Which language a question is in. When in doubt it is English: what is wrongly glossed finds less than what is not.

use super::compound::Letters;
use super::dictionary::Dictionary;
use super::language::{Language, is_han, plainly};
use super::pieces::Piece;
use super::{english, latin, neighbours};

/// Letters of the shortest word that speaks for a language on its own: of shorter ones many stand for something in any.
const TELLING: usize = 3;
/// Letters of a word of content without which nothing but words of content speaks for a language. Of fewer many are short
/// for something or names of programs elsewhere, such as `auto` and `kern`.
const LONG: usize = 5;

/// The language in Latin letters that the words of a question are in, if it is surely one of them.
pub(super) fn of_latin(pieces: &[Piece<'_>]) -> Option<Language> {
    let mut words: Vec<String> =
        pieces.iter().filter(|piece| piece.is_word).map(|piece| piece.text.to_lowercase()).collect();
    words.sort_unstable();
    words.dedup();
    let is_english = |word: &&String| english::is_grammar(word);
    // most English questions are told by that, without a dictionary
    if words.is_empty() || words.iter().filter(is_english).count() * 2 >= words.len() {
        return None;
    }
    let spoken = |language: Language| {
        // stems take longer to be made than all else, and nothing tells where no word stands as it is
        let at_sight = Evidence::of(language, &words, false);
        if at_sight.grammar == 0 && !at_sight.is_sure {
            return None;
        }
        Some((Evidence::of(language, &words, true), language)).filter(|(evidence, _)| evidence.tells())
    };
    let mut found: Vec<(Evidence, Language)> = Language::LATIN.into_iter().filter_map(spoken).collect();
    found.sort_by_key(|(evidence, _)| std::cmp::Reverse(evidence.worth()));
    match found.as_slice() {
        [(_, only)] => Some(*only),
        [(first, language), (second, _), ..] if first.worth() > second.worth() => Some(*language),
        _ => None,
    }
}

/// What speaks for a language, and against it: numbers of different words.
#[derive(Debug, Default)]
struct Evidence {
    /// Words of its grammar that stand for nothing in English.
    grammar: usize,
    /// Those of them that languages akin to it do not have.
    own: usize,
    /// Words of its grammar that are short, or stand for something in English.
    weak: usize,
    /// Other words of it that are not English.
    content: usize,
    /// Whether one of these is long, and stands in the dictionary as it is written or has letters that English lacks.
    is_sure: bool,
    /// Words of English grammar.
    english: usize,
    /// Words of the grammar of languages that are not glossed, and words with letters that this one lacks.
    others: usize,
    /// Words that are neither.
    unknown: usize,
}

impl Evidence {
    /// What `words` say; of forms that do not stand in the dictionary only where these are looked up too.
    fn of(language: Language, words: &[String], looks_up: bool) -> Self {
        let mut evidence = Self::default();
        let mut letters = looks_up.then(Letters::default);
        for word in words {
            evidence.weigh(language, word, letters.as_mut());
        }
        evidence
    }

    fn weigh(&mut self, language: Language, word: &str, mut letters: Option<&mut Letters>) {
        let dictionary = Dictionary::of(language);
        let whole = dictionary.form(word).is_some();
        let is_english = english::is_grammar(word);
        let parts: Vec<&str> =
            if whole || is_english { vec![word] } else { word.split(['\'', '’', '-']).collect() };
        for part in parts {
            let plain = plainly(part);
            let is_grammar = dictionary.form(part).is_some_and(|entry| entry.is_grammar);
            match (is_grammar, english::is_grammar(part)) {
                // it speaks for both
                (true, true) => {}
                (true, false) if part.chars().count() < TELLING || english::is_shared(&plain) => {
                    self.weak += 1;
                }
                (true, false) => {
                    self.grammar += 1;
                    self.own += usize::from(!neighbours::is_of_both(part));
                }
                (false, true) => self.english += 1,
                (false, false)
                    if neighbours::is_of_others(part)
                        || neighbours::has_letters_of_others(language, part) =>
                {
                    self.others += 1;
                }
                (false, false) => self.weigh_content(language, part, letters.as_deref_mut()),
            }
        }
    }

    /// `letters` are there where forms that do not stand in the dictionary are looked up too.
    fn weigh_content(&mut self, language: Language, word: &str, letters: Option<&mut Letters>) {
        let looks_up = letters.is_some();
        let dictionary = Dictionary::of(language);
        let plain = plainly(word);
        let length = word.chars().count();
        let is_english = || english::is_alike(&plain) || dictionary.is_led_to(&plain);
        // many an English word has a stem or parts that another language has too
        let stands = dictionary.form(word).or_else(|| dictionary.form(&plain)).is_some();
        let is_led_to = || letters.is_some_and(|letters| latin::look_up(language, word, letters).is_some());
        if !stands && !is_led_to() {
            // what is left of `l'` and `d'` is not missing
            self.unknown += usize::from(looks_up && length >= TELLING && !is_english());
            // a letter that English lacks is worth a closer look
            self.is_sure |= !looks_up && !word.is_ascii();
        } else if !is_english() {
            self.content += 1;
            self.is_sure |= length >= LONG && (stands || !word.is_ascii());
        }
    }

    /// Whether it is surely this language.
    fn tells(&self) -> bool {
        let beside = self.weak + self.content;
        // any word of a language akin to it makes it doubtful
        if self.own < 2 * self.others {
            return false;
        }
        match self.grammar {
            0 => {
                let most = if self.weak >= 2 { beside } else { beside / 3 };
                self.is_sure && beside >= 2 && self.unknown <= most && self.english == 0
            }
            1 => self.english == 0 && beside >= 1 && self.unknown <= 1 + beside,
            more => more > self.english,
        }
    }

    /// How much speaks for it.
    fn worth(&self) -> usize {
        2 * self.grammar + self.weak + self.content
    }
}

/// Whether a text is Chinese: Chinese signs more than words in other letters, and none that is Japanese or Korean only.
pub(super) fn is_chinese(text: &str) -> bool {
    let (mut signs, mut words, mut in_word) = (0, 0, false);
    for c in text.chars() {
        if is_other_unspaced(c) {
            return false;
        }
        let is_sign = is_han(c);
        let is_letter = c.is_alphanumeric() && !is_sign;
        signs += usize::from(is_sign);
        words += usize::from(is_letter && !in_word);
        in_word = is_letter || in_word && "_-./:'’".contains(c);
    }
    signs >= 2 && signs > words
}

/// Whether `c` is a letter of Japanese or Korean.
fn is_other_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x3041..=0x30fa | 0x30fc..=0x30ff | 0x1100..=0x11ff | 0xac00..=0xd7ff | 0xff66..=0xff9f)
}
