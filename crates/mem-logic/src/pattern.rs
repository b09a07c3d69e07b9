//! Makes patterns, of which some match whatever the case of their letters.
//!
//! The library does that for `(?i)` with tables of all of Unicode's letters, which hold so many addresses that every start of
//! the program pays for them, the hook's too (docs/design/002-static-binary.md); so it is built without. Must know no
//! pattern.

use regex::Regex;

/// The pattern. With `(?i)` in front each of its letters stands for its small and its capital form; it may have groups, classes,
/// ranges of letters and escapes of one character then.
///
/// # Panics
/// When it is no pattern: all are written in this crate.
pub(crate) fn pattern(text: &str) -> Regex {
    let made = match text.strip_prefix("(?i)") {
        Some(text) => Regex::new(&both_cases(text)),
        None => Regex::new(text),
    };
    made.expect("a valid pattern")
}

fn both_cases(pattern: &str) -> String {
    let mut made = String::with_capacity(3 * pattern.len());
    let mut rest = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(c) = rest.next() {
        match c {
            '\\' => {
                made.push(c);
                made.extend(rest.next());
            }
            '(' if !in_class && rest.peek() == Some(&'?') => {
                made.push(c);
                for c in rest.by_ref() {
                    made.push(c);
                    if matches!(c, ':' | '>' | ')') {
                        break;
                    }
                }
            }
            '[' | ']' => {
                in_class = c == '[';
                made.push(c);
            }
            _ => match (cases(c), in_class) {
                (None, _) => made.push(c),
                (Some([small, capital]), false) => made.extend(['[', small, capital, ']']),
                (Some(both), true) => {
                    let mut behind = rest.clone();
                    let end = (behind.next() == Some('-')).then(|| cases(behind.next()?)).flatten();
                    match end {
                        Some(ends) => {
                            rest = behind;
                            made.extend(both.into_iter().zip(ends).flat_map(|(from, to)| [from, '-', to]));
                        }
                        None => made.extend(both),
                    }
                }
            },
        }
    }
    made
}

/// The small and the capital form of a letter that has one of each.
fn cases(c: char) -> Option<[char; 2]> {
    let (small, capital) = (only(c.to_lowercase())?, only(c.to_uppercase())?);
    (small != capital).then_some([small, capital])
}

fn only(mut forms: impl Iterator<Item = char>) -> Option<char> {
    forms.next().filter(|_| forms.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Programs built for tests have all of the library, so that none of them would tell.
    #[test]
    fn no_pattern_asks_for_what_the_library_is_built_without() {
        let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        let mut seen = 0;
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                if !text.contains("Regex") && !text.contains("pattern(") || path.ends_with("pattern.rs") {
                    continue;
                }
                seen += 1;
                assert!(!text.contains("\\p{") && !text.contains("\\P{"), "{}: a property", path.display());
                // `pattern` reads it in front of a pattern, and nothing else does
                for (at, _) in text.match_indices("(?i") {
                    let before = text[..at].trim_end_matches(['r', '"']).trim_end();
                    let is_read = !before.ends_with("Regex::new(") && text[at..].starts_with("(?i)");
                    assert!(is_read, "{}: {:.60}", path.display(), &text[at..]);
                }
            }
        }
        assert!(seen > 10, "{seen} files with patterns");
    }

    #[test]
    fn every_letter_stands_for_both_of_its_forms() {
        for (pattern, made) in [
            (r"^a1 Ü\b", r"^[aA]1 [üÜ]\b"),
            (r"(?:ab|\S.{0,60})", r"(?:[aA][bB]|\S.{0,60})"),
            (r"(?P<Name>x)", r"(?P<Name>[xX])"),
            (r"[0-9a-f_x.\w-]+[^k]", r"[0-9a-fA-F_xX.\w-]+[^kK]"),
            (r"\bß[:：]\(?", r"\bß[:：]\(?"),
        ] {
            assert_eq!(both_cases(pattern), made);
            assert!(Regex::new(made).is_ok(), "{made}");
        }
        let caseless = pattern("(?i)rückgängig|to-?dos?");
        assert!(caseless.is_match("RÜCKGÄNGIG") && caseless.is_match("ToDos"));
        assert!(!pattern("to-?dos?").is_match("ToDos"));
    }
}
