//! Observed text cannot pose as ours: whatever reads as one of our tags, or as a block of a reply, is blunted.
//!
//! Only the opening bracket is changed (`<` to `‹`), so code and markup stay readable. Runs over a whole block at once,
//! after every cut and join, because a tag could be put together from the end of one field and the start of the next.

/// Tags of our frame and of the blocks within, of replies, and those by which hosts mark who speaks. Letters only, in
/// lower case; other signs within a tag's name do not count.
const NAMES: [&str; 25] = [
    "project",
    "part",
    "earlier",
    "userrequest",
    "happened",
    "steps",
    "ran",
    "changed",
    "fetched",
    "called",
    "failed",
    "rejected",
    "subagent",
    "added",
    "answer",
    "brokeoff",
    "observation",
    "summary",
    "skipsummary",
    "system",
    "systemreminder",
    "assistant",
    "human",
    "user",
    "instructions",
];

/// What the outer tag begins with, however it goes on.
const OUTER: &str = "observed";

/// Most characters looked at behind a bracket; longer than any of our tags with a blank between all letters.
const FAR: usize = 80;

/// `text` with the bracket of every such tag blunted. As many characters as before.
pub(super) fn neutral(text: &str) -> String {
    let mut kept = String::with_capacity(text.len() + 16);
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let bracket = matches!(c, '<' | '＜' | '﹤');
        // `Vec<Summary>`
        let code = before.is_alphanumeric() || matches!(before, '_' | ':');
        kept.push(if bracket && poses(&text[at + c.len_utf8()..], code) { '‹' } else { c });
        before = c;
    }
    kept
}

/// Whether what follows a bracket reads as a tag of ours; behind a name, `code`, only if it closes one.
fn poses(rest: &str, code: bool) -> bool {
    let is_gap = |c: char| c.is_whitespace() || matches!(c, '/' | '\\' | '!' | '?');
    let whole = rest;
    let rest = whole.trim_start_matches(is_gap);
    let closes = whole[..whole.len() - rest.len()].contains(['/', '\\']);
    let mut name = String::new();
    for c in rest.chars().take(FAR) {
        if c.is_alphanumeric() {
            name.extend(c.to_lowercase());
        } else if matches!(c, '>' | '<' | '＞' | '﹥' | '=' | '"' | '\'' | '/' | '(' | ')' | ';' | ',') {
            break;
        }
        if name.starts_with(OUTER) {
            return true;
        }
    }
    if code && !closes {
        return false;
    }
    let word: String =
        rest.chars().take(FAR).take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ':')).collect();
    let word: String = word.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    NAMES.contains(&word.as_str())
}
