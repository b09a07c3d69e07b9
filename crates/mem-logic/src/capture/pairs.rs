//! Secrets whose name stands in a field of its own: `{"name": "API_KEY", "value": "…"}`, in either order, and
//! the like in YAML, XML and HCL.
//!
//! Finds name and value; `assignments` judges the two as if one were assigned to the other. Must not read
//! beyond the object the value stands in, nor farther than a fixed distance.

use super::alphabet::{Alphabet, quote_at, skip_blanks};
use super::assignments::assigned;
use super::spans::Spans;

/// Farthest name and value may stand apart, in bytes.
const FARTHEST: usize = 160;

/// What the field of a name is called.
const NAMES: [&[u8]; 3] = [b"name", b"key", b"variable"];

/// Looks at a field called `value` or `default`, and for the name it belongs to.
pub(super) fn look(bytes: &[u8], start: usize, end: usize, spans: &mut Spans) {
    let Some(at) = field(bytes, start, end) else { return };
    let lowest = start.saturating_sub(FARTHEST);
    let highest = bytes.len().min(at + FARTHEST);
    let before = (lowest..start)
        .rev()
        .take_while(|at| !matches!(bytes[*at], b'}' | b'>'))
        .find_map(|at| name_at(bytes, at));
    let after = || {
        (at..highest)
            .take_while(|at| !matches!(bytes[*at], b'}' | b'>' | b'{'))
            .find_map(|at| name_at(bytes, at))
    };
    if let Some(name) = before.or_else(after) {
        assigned(bytes, name, at, spans);
    }
}

/// Where the value of the field begins whose name stands from `start` to `end`.
fn field(bytes: &[u8], start: usize, end: usize) -> Option<usize> {
    if start > 0
        && (bytes[start - 1].is_ascii_alphanumeric() || matches!(bytes[start - 1], b'_' | b'-' | b'.'))
    {
        return None;
    }
    let at = skip_blanks(bytes, end + quote_at(bytes, end).map_or(0, |(len, _)| len));
    matches!(bytes.get(at), Some(b':' | b'=')).then(|| skip_blanks(bytes, at + 1))
}

/// What the field is set to that begins at `at` and is one of a name.
fn name_at(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let word = NAMES
        .iter()
        .find(|word| bytes.get(at..at + word.len()).is_some_and(|there| there.eq_ignore_ascii_case(word)))?;
    let end = at + word.len();
    // `variable "db_password" {` of HCL has no sign between.
    let hcl = *word == b"variable" && bytes.get(end) == Some(&b' ');
    let from = if hcl { skip_blanks(bytes, end) } else { field(bytes, at, end)? };
    let from = from + quote_at(bytes, from).map_or(0, |(len, _)| len);
    let to = Alphabet::Url.run(&bytes[..bytes.len().min(from + 64)], from);
    (to > from).then(|| &bytes[from..to])
}
