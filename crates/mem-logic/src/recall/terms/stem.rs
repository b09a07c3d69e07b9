//! The English stem of a word, remembered: most words of a text were stemmed a moment ago.

use rust_stemmers::{Algorithm, Stemmer};

/// Entries of the memory; a power of two. 64 kB a thread, which holds what a project usually talks about.
const ENTRIES: usize = 8192;
/// Bytes of a word that is remembered: what fits one number, so that a look-up is one comparison.
const MOST: usize = 16;

thread_local! {
    static MEMORY: std::cell::RefCell<Vec<Entry>> = const { std::cell::RefCell::new(Vec::new()) };
}

#[derive(Clone, Copy)]
struct Entry {
    word: u128,
    stem: [u8; MOST],
}

/// The stem of a word of small ASCII letters; any other word is its own.
pub fn stem(word: &str) -> String {
    let mut text = word.to_owned();
    shorten(&mut text);
    text
}

/// Puts the stem in place of a word of small ASCII letters; leaves any other.
pub(super) fn shorten(word: &mut String) {
    // the shortest word with an ending
    if word.len() < 3 || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return;
    }
    if word.len() > MOST {
        let stemmed = Stemmer::create(Algorithm::English).stem(word).into_owned();
        *word = stemmed;
        return;
    }
    let mut bytes = [0; MOST];
    bytes[..word.len()].copy_from_slice(word.as_bytes());
    let key = u128::from_le_bytes(bytes);
    MEMORY.with_borrow_mut(|memory| {
        if memory.is_empty() {
            memory.resize(ENTRIES, Entry { word: 0, stem: [0; MOST] });
        }
        let entry = &mut memory[slot(key)];
        if entry.word != key {
            *entry = Entry { word: key, stem: stemmed(word) };
        }
        let kept = entry.stem.iter().position(|byte| *byte == 0).unwrap_or(MOST);
        if entry.stem[..kept] != word.as_bytes()[..kept] {
            word.clear();
            word.extend(entry.stem[..kept].iter().map(|byte| char::from(*byte)));
        }
        word.truncate(kept);
    });
}

/// A stem is never longer than its word: what an ending leaves grows by an `e` at most.
fn stemmed(word: &str) -> [u8; MOST] {
    let stem = Stemmer::create(Algorithm::English).stem(word);
    let mut bytes = [0; MOST];
    let kept = stem.len().min(MOST);
    bytes[..kept].copy_from_slice(&stem.as_bytes()[..kept]);
    bytes
}

/// Both halves, mixed by multiplication with an odd number of many bits (that of the golden ratio).
fn slot(key: u128) -> usize {
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    let mixed = ((key as u64).wrapping_mul(MIX) ^ (key >> 64) as u64).wrapping_mul(MIX);
    (mixed >> (64 - ENTRIES.trailing_zeros())) as usize
}
