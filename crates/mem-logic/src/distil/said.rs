//! What the agent said at the end of a turn: its closing words, and what it named as remaining.
//!
//! The agent's words are claims, not evidence; they are only ever quoted, and marked as the agent's.

use std::sync::LazyLock;

use regex::Regex;

use super::words::{clean, line, sentences};
use crate::pattern::pattern;

static REMAINING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?:next steps?|to-?dos?|remaining(?: (?:work|steps|issues|tasks))?|still (?:open|missing|to do)|not (?:yet )?done|follow[- ]?ups?|open (?:points?|questions?|issues?|items?)|known (?:issues|limitations)|nächste schritte|noch offen|offene? punkte?|prochaines étapes|próximos pasos|下一步|后续|待办|未完成|次のステップ|残り)\b?[^:：\n]{0,30}(?:[:：](.*))?$",
    )
});

/// The same in words that only their colon makes a heading.
static OPEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?:next|open|remaining|still (?:missing|open|to do)|missing|left to do|offen|als nächstes|ouvert|abierto|pendiente)[*_]{0,2}\s*[:：][*_]{0,2}\s*(\S.*)$",
    )
});

/// The first meaningful paragraph of what was said, without markdown, one line of at most `chars` characters.
pub(super) fn closing_words(said: &str, chars: usize) -> String {
    let text = without_code(&clean(said));
    let mut short = String::new();
    for paragraph in text.split("\n\n") {
        let heading_only = paragraph.trim().starts_with('#') && !paragraph.trim().contains('\n');
        let plain = unmarked(paragraph);
        if plain.is_empty() || heading_only {
            continue;
        }
        if names_remaining(&plain) && !short.is_empty() {
            break;
        }
        if meaningful(&plain) {
            return line(&plain, chars);
        }
        if short.is_empty() {
            short = plain;
        }
    }
    line(&short, chars)
}

/// All that was said but headings, code, tables and what it names as remaining, in one line of at most `chars`
/// characters: for an answer whose point need not stand in its first paragraph.
pub(super) fn whole_words(said: &str, chars: usize) -> String {
    let text = without_code(&clean(said));
    let mut kept = Vec::new();
    for paragraph in text.split("\n\n") {
        let lines: Vec<&str> = paragraph.lines().filter(|line| !line.trim_start().starts_with('|')).collect();
        let plain = unmarked(&lines.join("\n"));
        if !kept.is_empty() && (names_remaining(&plain) || paragraph.lines().any(names_remaining)) {
            break;
        }
        if !plain.is_empty() {
            kept.push(plain);
        }
    }
    line(&kept.join(" "), chars)
}

fn names_remaining(text: &str) -> bool {
    REMAINING.is_match(text) || OPEN.is_match(text)
}

/// Long enough to say something; scripts without blanks say more with fewer characters.
fn meaningful(text: &str) -> bool {
    let dense = text.chars().filter(|c| ('\u{2e80}'..='\u{d7ff}').contains(c)).count();
    text.chars().count() + dense * 2 >= 24
}

/// Everything that was said but code blocks.
fn without_code(text: &str) -> String {
    let mut inside = false;
    let kept = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    });
    kept.map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// A paragraph without headings, list marks and emphasis, its lines joined by blanks.
fn unmarked(paragraph: &str) -> String {
    let lines = paragraph.lines().filter(|line| !line.trim_start().starts_with('#')).map(|line| {
        let line = line.trim();
        let item = line.trim_start_matches(['-', '*', '•', '>']).trim_start();
        if item.is_empty() { line } else { item }
    });
    lines
        .collect::<Vec<_>>()
        .join(" ")
        .replace("**", "")
        .replace("__", "")
        .trim()
        .trim_matches('-')
        .trim()
        .to_owned()
}

/// What the agent itself named as remaining, at most four items.
pub(super) fn remaining(said: &str) -> Vec<String> {
    let text = without_code(&clean(said));
    let mut items: Vec<String> = Vec::new();
    let mut collecting = false;
    for raw in text.lines() {
        let trimmed = raw.trim();
        if let Some(found) = REMAINING.captures(trimmed).or_else(|| OPEN.captures(trimmed)) {
            collecting = true;
            let inline = found.get(1).map_or(String::new(), |rest| unmarked(rest.as_str()));
            if !inline.is_empty() {
                items.push(line(&inline, 140));
            }
            continue;
        }
        let within = sentences(trimmed).skip(1).filter_map(|sentence| {
            let found = OPEN.captures(sentence).or_else(|| REMAINING.captures(sentence))?;
            Some(line(&unmarked(found.get(1)?.as_str()), 140))
        });
        let before = items.len();
        items.extend(within.filter(|item| !item.is_empty()));
        if !collecting || trimmed.is_empty() || items.len() > before {
            continue;
        }
        let item = trimmed.trim_start_matches(|c: char| c.is_ascii_digit());
        let listed = item.starts_with(['-', '*', '•', '.', ')', '、']);
        if !listed {
            collecting = false;
            continue;
        }
        let item =
            unmarked(item.trim_start_matches(['-', '*', '•', '.', ')', '、', ' ']).trim_start_matches("[ ]"));
        if !item.is_empty() {
            items.push(line(&item, 140));
        }
    }
    items.truncate(4);
    items
}
