//! Typing errors: the word that was meant.

use std::cmp::Ordering;

/// Letters of a word from which on two errors are forgiven; below [`SHORT`] none is.
const LONG: usize = 8;
/// Letters of a word from which on one error is forgiven: of shorter words too many are neighbours.
const SHORT: usize = 5;
/// Letters of the shortest word that may be meant: a shorter one would have one letter in four more than it should.
const LEAST: usize = 4;
/// Letters of the longest word that is looked at.
const MOST: usize = 32;
/// Words that are as near as each other: which is meant is for the caller to see.
const FEW: usize = 8;

/// The words of `among` that `word` may have been meant to be: those with the fewest errors, by alphabet, the first eight.
/// None where nothing is near, for short words, for words with digits, and where `word` itself is among them.
///
/// A swap of neighbours is one error, as a wrong, a missing and a superfluous letter are. The first letter is right or
/// swapped with the second: who types begins with what is meant. In words of fewer than eight letters a letter may be
/// swapped, missing or doubled and nothing else: one that is replaced or added makes as many other words as errors, as
/// `apple` and `apply` are.
pub fn nearest<'a>(word: &str, among: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut near: Vec<&str> = Vec::new();
    let letters: Vec<char> = word.chars().collect();
    if !(SHORT..=MOST).contains(&letters.len()) || !letters.iter().all(|c| c.is_alphabetic()) {
        return near;
    }
    let mut most = if letters.len() >= LONG { 2 } else { 1 };
    let set = letter_set(word);
    let mut other: Vec<char> = Vec::with_capacity(MOST);
    for candidate in among {
        if !begins_as(&letters, candidate) {
            continue;
        }
        // a letter is one to four bytes
        if candidate.len() + most < letters.len() || candidate.len() > 4 * (letters.len() + most) {
            continue;
        }
        // an error takes one letter away and brings one in, at most: this settles nearly all without a table
        let others = letter_set(candidate);
        if (set & !others).count_ones() as usize > most || (others & !set).count_ones() as usize > most {
            continue;
        }
        other.clear();
        other.extend(candidate.chars());
        let Some(errors) = distance(&letters, &other, most) else { continue };
        if errors == 0 {
            return Vec::new();
        }
        if can_be_meant(candidate) && (letters.len() >= LONG || is_slip(&letters, &other)) {
            if errors < most {
                near.clear();
                most = errors;
            }
            near.push(candidate);
        }
    }
    near.sort_unstable();
    near.dedup();
    near.truncate(FEW);
    near
}

/// Whether a word may be what a misspelt one was meant to be: letters, neither too few nor more than anyone types.
pub fn can_be_meant(word: &str) -> bool {
    (LEAST..=MOST).contains(&word.chars().count()) && word.chars().all(char::is_alphabetic)
}

/// Whether the first letter stands as typed, or the first two were swapped.
fn begins_as(typed: &[char], candidate: &str) -> bool {
    let mut letters = candidate.chars();
    let first = letters.next();
    first == typed.first().copied()
        || first == typed.get(1).copied() && letters.next() == typed.first().copied()
}

/// Whether what is typed is one error away from what was meant by fingers that slipped: two neighbours swapped, a letter
/// missing, or one typed twice.
fn is_slip(typed: &[char], meant: &[char]) -> bool {
    let at = typed.iter().zip(meant).take_while(|(a, b)| a == b).count();
    match typed.len().cmp(&meant.len()) {
        Ordering::Less => true,
        Ordering::Equal => typed.get(at) == meant.get(at + 1) && typed.get(at + 1) == meant.get(at),
        Ordering::Greater => at > 0 && typed[at] == typed[at - 1],
    }
}

/// Which letters a word has, in 64 bits; some share one.
fn letter_set(word: &str) -> u64 {
    if word.is_ascii() {
        return word.bytes().fold(0, |set, byte| set | 1 << (byte % 64));
    }
    word.chars().fold(0, |set, c| set | 1 << (u32::from(c) % 64))
}

/// Errors between two words, when they are no more than `most`.
fn distance(a: &[char], b: &[char], most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    // three rows of the table: a swap looks two back
    let mut rows = [[0; MOST + 3]; 3];
    for (at, cell) in rows[0].iter_mut().enumerate() {
        *cell = at;
    }
    for i in 1..=a.len() {
        let [first, second, third] = &mut rows;
        let (before, last, row) = match i % 3 {
            0 => (second, third, first),
            1 => (third, first, second),
            _ => (first, second, third),
        };
        row[0] = i;
        let mut least = i;
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut cost = (last[j - 1] + same).min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(before[j - 2] + 1);
            }
            row[j] = cost;
            least = least.min(cost);
        }
        // a swap may still save one error, from the row before
        if least > most + 1 {
            return None;
        }
    }
    Some(rows[a.len() % 3][b.len()]).filter(|errors| *errors <= most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VOCABULARY: [&str; 12] = [
        "migration",
        "migrations",
        "catch",
        "cache",
        "cached",
        "daemon",
        "demon",
        "authentication",
        "größe",
        "e0308",
        "the",
        "индекс",
    ];

    fn meant(word: &str) -> String {
        nearest(word, VOCABULARY.into_iter()).join(" ")
    }

    #[test]
    fn words_that_were_meant() {
        for (word, wanted) in [
            ("migratoin", "migration"),
            ("migratiion", "migration"),
            ("migrtaoin", "migration"),
            ("mgrtin", ""),
            ("caceh", "cache"),
            ("cacth", "catch"),
            ("cach", ""),
            ("cachhe", "cache"),
            ("catche", ""),
            ("dameon", "daemon"),
            ("adcehe", ""),
            ("acche", "cache"),
            ("demmons", ""),
            ("demonn", "demon"),
            ("demons", ""),
            ("autentifcatoin", ""),
            ("authentcaton", "authentication"),
            ("grösse", ""),
            ("gröse", ""),
            ("grße", ""),
            ("grßöe", "größe"),
            ("nigration", ""),
            ("imgration", "migration"),
            ("mugration", "migration"),
            ("индкс", "индекс"),
            ("teh", ""),
            ("e0309", ""),
            ("e030", ""),
            ("cache", ""),
            ("zzzzzz", ""),
            ("", ""),
        ] {
            assert_eq!(meant(word), wanted, "{word:?}");
        }
        assert_eq!(meant(&"a".repeat(100_000)), "");
    }

    #[test]
    fn a_word_of_its_own_is_not_taken_for_another() {
        let vocabulary =
            ["apply", "killed", "one", "run", "test", "plane", "table", "tests", "rest", "planned"];
        for word in ["apple", "billed", "zone", "grün", "grun", "best", "planet", "stable", "bests", "places"]
        {
            assert_eq!(nearest(word, vocabulary.into_iter()), [""; 0], "{word}");
        }
    }

    /// The same by the book: the whole table.
    fn plain(a: &[char], b: &[char]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                    let swapped = if swap { table[i - 2][j - 2] + 1 } else { usize::MAX };
                    (table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]))
                        .min(table[i - 1][j] + 1)
                        .min(table[i][j - 1] + 1)
                        .min(swapped)
                };
            }
        }
        table[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn the_short_cut_counts_as_the_table(a in "[a-c]{0,10}", b in "[a-c]{0,10}", most in 0_usize..4) {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            let errors = plain(&a, &b);
            prop_assert_eq!(distance(&a, &b, most), (errors <= most).then_some(errors));
        }
    }
}
