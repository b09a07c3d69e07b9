//! Foreign text made safe and short: no escapes, no control characters, nothing that looks like a tag.
//!
//! Prompts, tool output and web pages end up in memory and from there in a model's context. They are quoted as
//! material, so they must not be able to pose as markup of the host. Must not change meaning otherwise: code
//! such as `Vec<String>` stays as it is.

use mem_core::text::one_line;

/// Names that hosts use for blocks of their own; a tag of such a name is never left standing.
const HOST_TAGS: [&str; 14] = [
    "system",
    "user",
    "assistant",
    "human",
    "tool",
    "function",
    "instructions",
    "private",
    "observation",
    "summary",
    "thinking",
    "context",
    "example",
    "prompt",
];

/// One clean line of at most `chars` characters, with an ellipsis where it was cut.
pub(crate) fn line(text: &str, chars: usize) -> String {
    one_line(&clean(text), chars)
}

/// `text` without escape sequences, control and invisible characters, and with tag look-alikes turned into
/// `‹…›`. Line ends stay.
pub(crate) fn clean(text: &str) -> String {
    neutral_tags(&plain(text))
}

/// `text` without ANSI escapes, control characters and characters that show nothing or turn the direction of writing.
pub(crate) fn plain(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_escape(&mut chars),
            '\n' => kept.push('\n'),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => kept.push('\n'),
            '\t' => kept.push(' '),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {}
            '\u{e0000}'..='\u{e0fff}' => {}
            c if c.is_control() => {}
            c => kept.push(c),
        }
    }
    kept
}

/// The path as it is told: relative to the directory `top` when it lies below it, as it is otherwise.
pub(crate) fn told_path(top: &str, path: &str) -> String {
    let top = top.trim_end_matches(['/', '\\']).replace('\\', "/");
    let path = clean(path).replace('\\', "/").replace('\n', " ");
    match path.strip_prefix(&top) {
        Some(rest) if !top.is_empty() && rest.starts_with('/') => rest.trim_start_matches('/').to_owned(),
        _ => path.trim_start_matches("./").to_owned(),
    }
}

/// Whether a path as it is told is a scratch file outside the project.
pub(crate) fn is_scratch(told: &str) -> bool {
    ["/tmp/", "/var/tmp/", "/private/tmp/", "/dev/"].iter().any(|place| told.starts_with(place))
}

/// Skips what follows an ESC: a control sequence up to its final byte, an operating system command up to its
/// terminator, or one character.
fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.next() {
        Some('[') => {
            while let Some(&c) = chars.peek() {
                if c == '\n' {
                    return;
                }
                chars.next();
                if ('@'..='~').contains(&c) {
                    return;
                }
            }
        }
        Some(']') => {
            while let Some(&c) = chars.peek() {
                if c == '\n' {
                    return;
                }
                chars.next();
                if c == '\u{7}' || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                    return;
                }
            }
        }
        _ => {}
    }
}

/// Turns `<name …>` and `</name>` into `‹name …›`, except where it reads as code (`Vec<String>`).
fn neutral_tags(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut kept = String::with_capacity(text.len());
    let mut close_at = None;
    for (at, &c) in chars.iter().enumerate() {
        if c == '<' && reads_as_tag(&chars, at) {
            kept.push('‹');
            close_at = chars[at + 1..]
                .iter()
                .take(200)
                .position(|c| matches!(c, '>' | '<'))
                .map(|offset| at + 1 + offset)
                .filter(|end| chars[*end] == '>');
        } else if close_at == Some(at) {
            kept.push('›');
        } else {
            kept.push(c);
        }
    }
    kept
}

fn reads_as_tag(chars: &[char], at: usize) -> bool {
    let closing = chars.get(at + 1) == Some(&'/');
    let name: String = chars[at + 1 + usize::from(closing)..]
        .iter()
        .take(64)
        .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ':'))
        .collect();
    if !name.starts_with(|c: char| c.is_alphabetic()) {
        return false;
    }
    if closing || name.contains(['-', '_']) || HOST_TAGS.contains(&name.to_lowercase().as_str()) {
        return true;
    }
    let code = at > 0 && (chars[at - 1].is_alphanumeric() || matches!(chars[at - 1], '_' | ':'));
    !code
}

/// The first sentence of `text`, without what follows it. A line end closes a sentence; a dot does only
/// where it is no abbreviation, number or path.
pub(super) fn first_sentence(text: &str) -> &str {
    let text = text.trim();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        let end = at + c.len_utf8();
        match c {
            '\n' => return text[..at].trim_end(),
            '。' | '！' | '？' => return &text[..end],
            '!' | '?' if next.is_none_or(char::is_whitespace) => return &text[..end],
            '.' if next.is_none_or(char::is_whitespace) && !abbreviated(&text[..at]) => return &text[..end],
            _ => {}
        }
    }
    text
}

/// The sentences of `text` in order, as `first_sentence` ends them.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.trim();
    std::iter::from_fn(move || {
        let first = first_sentence(rest);
        rest = rest.get(first.len()..).unwrap_or("").trim_start();
        (!first.is_empty()).then_some(first)
    })
}

fn abbreviated(before: &str) -> bool {
    const SHORT: [&str; 14] =
        ["e.g", "i.e", "etc", "vs", "cf", "z.b", "bzw", "ca", "dr", "mr", "no", "nr", "incl", "approx"];
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("");
    word.is_empty() || SHORT.contains(&word.to_lowercase().as_str())
}

/// The text with its first letter in upper case, unless its first word looks like an identifier.
pub(super) fn capitalised(text: &str) -> String {
    let word = text.split_whitespace().next().unwrap_or("");
    if word.contains(['_', '.', '/', '(', '`', ':', '-']) || word.chars().skip(1).any(char::is_uppercase) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// Letters and digits in lower case, single blanks between words: for telling whether two texts say the same.
pub(crate) fn normal(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() {
            folded.extend(c.to_lowercase());
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// `1 file`, `3 files`.
pub(super) fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// Names in a row, at most `most`, the rest as a number.
pub(super) fn listed(names: &[String], most: usize) -> String {
    let shown = names.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Joins the parts that are not empty, leaving out later ones that would pass `chars`.
pub(super) fn joined(parts: &[String], separator: &str, chars: usize) -> String {
    let mut text = String::new();
    let mut used = 0;
    for part in parts.iter().filter(|part| !part.is_empty()) {
        let more = part.chars().count() + if text.is_empty() { 0 } else { separator.chars().count() };
        if text.is_empty() && more > chars {
            return one_line(part, chars);
        }
        if used + more > chars {
            continue;
        }
        if !text.is_empty() {
            text.push_str(separator);
        }
        text.push_str(part);
        used += more;
    }
    text
}
