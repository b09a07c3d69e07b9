//! Typing errors: the word that was meant.

/// Letters of a word from which on two errors are forgiven; below [`SHORT`] none is.
const LONG: usize = 8;
/// Letters of a word from which on one error is forgiven: of shorter words too many are neighbours.
const SHORT: usize = 4;
/// Letters of the longest word that is looked at.
const MOST: usize = 32;

/// The word of `among` that `word` was meant to be: the nearest, of those the most frequent, of those the first by
/// alphabet. None where nothing is near, for short words, for words with digits, and where `word` itself is among them.
///
/// A swap of neighbours is one error, as a wrong, a missing and a superfluous letter are.
pub fn closest<'a>(word: &str, among: impl Iterator<Item = (&'a str, u64)>) -> Option<&'a str> {
    let letters: Vec<char> = word.chars().collect();
    if !(SHORT..=MOST).contains(&letters.len()) || !letters.iter().all(|c| c.is_alphabetic()) {
        return None;
    }
    let most = if letters.len() >= LONG { 2 } else { 1 };
    let set = letter_set(word);
    let mut best: Option<(usize, u64, &str)> = None;
    let mut other: Vec<char> = Vec::with_capacity(MOST);
    for (candidate, times) in among {
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
        let allowed = best.map_or(most, |(errors, ..)| errors);
        let Some(errors) = distance(&letters, &other, allowed) else { continue };
        if errors == 0 {
            return None;
        }
        let better = best.is_none_or(|(least, most, first)| {
            (errors, u64::MAX - times, candidate) < (least, u64::MAX - most, first)
        });
        if better && candidate.chars().all(char::is_alphabetic) {
            best = Some((errors, times, candidate));
        }
    }
    best.map(|(.., candidate)| candidate)
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

    const VOCABULARY: [(&str, u64); 12] = [
        ("migration", 50),
        ("migrations", 3),
        ("cache", 90),
        ("cached", 10),
        ("catch", 95),
        ("daemon", 20),
        ("demon", 1),
        ("authentication", 7),
        ("größe", 4),
        ("e0308", 9),
        ("the", 999),
        ("индекс", 2),
    ];

    fn meant(word: &str) -> Option<&'static str> {
        closest(word, VOCABULARY.into_iter())
    }

    #[test]
    fn words_that_were_meant() {
        for (word, wanted) in [
            ("migratoin", Some("migration")),
            ("migratiion", Some("migration")),
            ("migrtaoin", Some("migration")),
            ("mgrtin", None),
            ("caceh", Some("cache")),
            ("cacth", Some("catch")),
            ("cach", Some("catch")),
            ("dameon", Some("daemon")),
            ("demons", Some("demon")),
            ("autentifcatoin", None),
            ("authentcaton", Some("authentication")),
            ("grösse", None),
            ("gröse", Some("größe")),
            ("индкс", Some("индекс")),
            ("teh", None),
            ("e0309", None),
            ("e030", None),
            ("cache", None),
            ("zzzzzz", None),
            ("", None),
        ] {
            assert_eq!(meant(word), wanted, "{word:?}");
        }
        assert_eq!(meant(&"a".repeat(100_000)), None);
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
