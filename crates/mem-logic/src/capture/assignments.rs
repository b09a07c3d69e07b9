//! Secrets known by the name they are given: `DB_PASSWORD=…`, `"apiKey": "…"`, `--token …`, `<secret>…</secret>`.
//!
//! The name stays, the value goes. Code speaks of tokens and passwords all day, so the less a name and its
//! writing say, the more the value must look like a secret: an upper-case name with `=` is believed at once,
//! a small-letter name only before a quoted literal or before something nobody would type.
//! Must not guess from the value alone.

use super::alphabet::{
    Alphabet, after_escape, has_digit, is_redacted, looks_like_key, looks_random, quote_at, skip_blanks,
};
use super::headers::starts_escape;
use super::names::secret_name;
use super::secrets::LONGEST_PROBE;
use super::spans::{Spans, push};

/// Longest name, in bytes to either side of the word that makes it secret.
const LONGEST_NAME: usize = 64;
/// Longest tail of an escape that letters and digits make: `u001b`.
const LONGEST_TAIL: usize = 5;

/// Looks at the name around an anchor and at what is assigned to it.
pub(super) fn look(bytes: &[u8], start: usize, end: usize, spans: &mut Spans) {
    let mut from = Alphabet::Url.run_back(bytes, start, LONGEST_NAME);
    let flag = bytes[from..start].starts_with(b"--");
    // The n of an escaped line end and the tail of a colour code are no part of the name.
    if let Some(tail) = (1..=LONGEST_TAIL).find(|len| from + len <= start && after_escape(bytes, from + len))
    {
        from += tail;
    }
    let to = Alphabet::Url.run(&bytes[..bytes.len().min(end + LONGEST_NAME)], end);
    let quoted = quote_at(bytes, to).is_some();
    let Some((how, value)) = operator(bytes, from, to, quoted, flag) else { return };
    // Only now, with something assigned, is it worth taking the name apart.
    let Some((kind, strong)) = secret_name(&bytes[from..to]) else { return };
    let upper = !bytes[start..end].iter().any(u8::is_ascii_lowercase);
    if upper && bytes[from..to].ends_with(b"PWD") && matches!(&bytes[from..to], b"PWD" | b"OLDPWD") {
        return;
    }
    let name = Name { text: &bytes[from..to], kind, strong, upper, quoted };
    let value = Value::read(bytes, block_line(bytes, value, how).unwrap_or(value), how);
    if !is_trivial(value.text, &name) && value.is_secret_of(&name) {
        let end = value.end(bytes, spans);
        push(spans, bytes, value.start, end, kind);
    }
}

/// Looks at a value at `at` that belongs to a name which stands elsewhere.
pub(super) fn assigned(bytes: &[u8], name: &[u8], at: usize, spans: &mut Spans) {
    let Some((kind, strong)) = secret_name(name) else { return };
    let upper = !name.iter().any(u8::is_ascii_lowercase);
    let name = Name { text: name, kind, strong, upper, quoted: true };
    let value = Value::read(bytes, at, How::Colon);
    if !is_trivial(value.text, &name) && value.is_secret_of(&name) {
        let end = value.end(bytes, spans);
        push(spans, bytes, value.start, end, kind);
    }
}

struct Name<'a> {
    text: &'a [u8],
    kind: &'static str,
    /// Whether the word hardly ever names anything but a secret.
    strong: bool,
    upper: bool,
    quoted: bool,
}

/// How a value is given to its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// `NAME=value`, no blanks.
    Tight,
    /// `name = value`, `name := value`, `name => value`.
    Loose,
    /// `name: value`.
    Colon,
    /// `?name=value` and `&name=value` of an address or a form.
    Query,
    /// `;name=value` of a connection string.
    Listed,
    /// `--name value`.
    Flag,
    /// `<name>value</name>`.
    Element,
    /// `define("NAME", value)`, `setenv("NAME", value)`.
    Call,
}

/// What ends a value: two values that share it and overlap end at the same place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stops {
    quote: Option<(usize, u8)>,
    how: How,
}

/// What is assigned, and where the value begins.
fn operator(bytes: &[u8], from: usize, to: usize, quoted: bool, flag: bool) -> Option<(How, usize)> {
    let mut at = to + quote_at(bytes, to).map_or(0, |(len, _)| len);
    if bytes.get(at) == Some(&b']') {
        at += 1;
    }
    let op = skip_blanks(bytes, at);
    let before = from.checked_sub(1).map(|at| bytes[at]);
    let next = bytes.get(op + 1).copied();
    match *bytes.get(op)? {
        b':' if next == Some(b':') => None,
        b':' if next == Some(b'=') => Some((How::Loose, op + 2)),
        b':' => Some(annotated(bytes, op + 1).map_or((How::Colon, op + 1), |value| (How::Loose, value))),
        b'=' if matches!(next, Some(b'=' | b'~')) => None,
        b'=' if next == Some(b'>') => Some((How::Loose, op + 2)),
        b'=' => Some(match before {
            Some(b'?' | b'&') => (How::Query, op + 1),
            Some(b';') => (How::Listed, op + 1),
            _ if flag || (op == to && !bytes.get(op + 1)?.is_ascii_whitespace()) => (How::Tight, op + 1),
            _ => (How::Loose, op + 1),
        }),
        b'?' if next == Some(b'=') => Some((How::Loose, op + 2)),
        b'>' if op == to && before == Some(b'<') => Some((How::Element, op + 1)),
        b',' if quoted && is_naming_call(bytes, from) => Some((How::Call, op + 1)),
        _ if op > to && flag => Some((How::Flag, op)),
        _ if op > to && !quoted && bytes[..from].ends_with(b"ENV ") => Some((How::Tight, op)),
        _ => None,
    }
}

/// Where the value begins after a type: `: &'static str = "…"`.
fn annotated(bytes: &[u8], from: usize) -> Option<usize> {
    let at = skip_blanks(bytes, from);
    if quote_at(bytes, at).is_some() {
        return None;
    }
    let limit = bytes.len().min(at + 64);
    for i in at..limit {
        match bytes[i] {
            b'=' => {
                let value = skip_blanks(bytes, i + 1);
                return (i > at && bytes[i - 1] == b' ' && quote_at(bytes, value).is_some()).then_some(value);
            }
            byte if byte.is_ascii_alphanumeric() => {}
            b'_' | b'&' | b'\'' | b'<' | b'>' | b'[' | b']' | b':' | b'|' | b' ' | b';' | b'.' => {}
            _ => return None,
        }
    }
    None
}

/// Where the next line begins, if this one only says that the value stands there: `|` and `>-` of YAML.
fn block_line(bytes: &[u8], from: usize, how: How) -> Option<usize> {
    let bar = skip_blanks(bytes, from);
    if how != How::Colon || !matches!(bytes.get(bar), Some(b'|' | b'>')) {
        return None;
    }
    let end = bar + 1 + usize::from(matches!(bytes.get(bar + 1), Some(b'-' | b'+')));
    [&b"\n"[..], b"\r\n", b"\\n"]
        .iter()
        .find(|line_end| bytes[end..].starts_with(line_end))
        .map(|line_end| end + line_end.len())
}

fn is_naming_call(bytes: &[u8], from: usize) -> bool {
    let before = &bytes[from.saturating_sub(16)..from];
    let Some(open) = before.iter().rposition(|byte| *byte == b'(') else { return false };
    let call = before[..open].to_ascii_lowercase();
    before.len() - open <= 5
        && (call.ends_with(b"define") || call.ends_with(b"env") || call.ends_with(b"set"))
}

struct Value<'a> {
    text: &'a [u8],
    start: usize,
    /// Its quote and how many bytes that takes, where it has one.
    quote: Option<(usize, u8)>,
    how: How,
    /// What follows it.
    next: Option<u8>,
    /// Whether ` =` follows, so that this is a type.
    is_followed_by_assignment: bool,
}

impl<'a> Value<'a> {
    fn read(bytes: &'a [u8], at: usize, how: How) -> Self {
        let mut at = skip_blanks(bytes, at);
        if matches!(bytes.get(at), Some(b'b' | b'r' | b'f' | b'u' | b'@' | b'&'))
            && quote_at(bytes, at + 1).is_some()
        {
            at += 1;
        }
        let quote = quote_at(bytes, at).filter(|_| how != How::Element);
        let mut start = at + quote.map_or(0, |(len, _)| len);
        if let Some((1, which)) = quote
            && bytes[start..].starts_with(&[which, which])
        {
            start += 2; // three quotes, as in Python
        }
        let mut value = Self { text: &[], start, quote, how, next: None, is_followed_by_assignment: false };
        let end = value.end_within(bytes, bytes.len().min(start + LONGEST_PROBE));
        value.text = &bytes[start..end];
        value.next = bytes.get(end).copied();
        value.is_followed_by_assignment = quote.is_none() && bytes[end..].starts_with(b" = ");
        value
    }

    /// Where it really ends; the text may have been read only in part.
    fn end(&self, bytes: &[u8], spans: &mut Spans) -> usize {
        // A cut on a character border takes up to three bytes more.
        if self.text.len() + 4 <= LONGEST_PROBE {
            return self.start + self.text.len();
        }
        let stops = Stops { quote: self.quote, how: self.how };
        spans.long_end(stops, self.start, || self.end_within(bytes, bytes.len()))
    }

    fn end_within(&self, bytes: &[u8], limit: usize) -> usize {
        let end = match self.quote {
            Some(quote) => quoted_end(bytes, self.start, limit, quote),
            None => unquoted_end(bytes, self.start, limit, self.how),
        };
        on_border(bytes, self.start, end)
    }

    /// Whether this value under this name is believed to be a secret.
    fn is_secret_of(&self, name: &Name) -> bool {
        let text = self.text;
        let blanks = text.split(|byte| *byte == b' ').count() - 1;
        if name.kind == "connection-string" {
            // An address with a password in it loses only that, by its own rule.
            let address = text.windows(3).any(|part| part == b"://");
            return self.quoted_or_tight()
                && text.len() >= 8
                && (!address || (text.contains(&b'@') && !holds_password(text)));
        }
        if text.windows(3).any(|part| part == b"://") || is_path(text) {
            return false;
        }
        if name.kind == "auth" && !looks_random(text) {
            return false; // mostly the name of a method: `AUTH=CRAM-MD5`
        }
        if self.quote.is_some() {
            return match (name.upper, name.quoted) {
                (true, _) => {
                    blanks <= 6 && (name.strong || has_digit(text) || (blanks == 0 && text.len() >= 8))
                }
                (false, _) if blanks > 0 => {
                    name.kind == "passphrase" || (name.strong && blanks <= 2 && has_digit(text))
                }
                (false, true) => name.strong || has_digit(text) || text.len() >= 20,
                (false, false) if name.kind == "key" => text.len() >= 8,
                (false, false) => name.strong || (text.len() >= 8 && has_digit(text)) || looks_random(text),
            };
        }
        if is_code(text) {
            return false;
        }
        let random = || looks_random(text) || looks_like_key(text);
        let number = text.iter().all(u8::is_ascii_digit);
        match self.how {
            How::Element => blanks == 0 && (name.strong || has_digit(text)),
            How::Query => text.len() >= 8 || name.strong,
            How::Listed => name.strong || random(),
            How::Flag => (self.is_odd() || changes_case(text)) && (name.strong || text.len() >= 8),
            How::Call => false,
            How::Colon if self.is_followed_by_assignment => false, // `pub const TOKEN: Type2 = …`
            _ if number => name.upper && name.strong,
            // Few keys are words; constants named `…_KEY` often are.
            How::Tight if matches!(name.kind, "key" | "session") && text.len() < 12 => {
                name.upper && has_digit(text)
            }
            How::Tight if name.upper => true,
            How::Tight => {
                (name.strong && (has_digit(text) || matches!(self.next, Some(b';' | b'&')))) || random()
            }
            How::Loose | How::Colon if name.upper => self.is_odd(),
            How::Colon => (name.strong && has_digit(text) && self.ends_line()) || random(),
            How::Loose => {
                (name.strong && has_digit(text) && self.ends_line() && !text.contains(&b'_')) || random()
            }
        }
    }

    fn quoted_or_tight(&self) -> bool {
        self.quote.is_some() || matches!(self.how, How::Tight)
    }

    /// Whether it holds anything a plain word does not.
    fn is_odd(&self) -> bool {
        self.text.iter().any(|byte| {
            byte.is_ascii_digit()
                || matches!(byte, b'!' | b'@' | b'#' | b'%' | b'^' | b'*' | b'+' | b'/' | b'=' | b'~' | b'?')
        })
    }

    fn ends_line(&self) -> bool {
        matches!(self.next, None | Some(b'\n' | b'\r' | b'"' | b'\'' | b'\\')) && self.text.len() >= 6
    }
}

fn quoted_end(bytes: &[u8], from: usize, limit: usize, (len, quote): (usize, u8)) -> usize {
    let mut at = from;
    while at < limit {
        match quote_at(bytes, at) {
            Some((found, which)) if which == quote && found == len => return at,
            // A quote that is less escaped than the one that opened belongs to the text around it.
            Some((found, b'"')) if found < len => return at,
            Some((found, _)) => at += found,
            None if bytes[at] == b'\n' => return at,
            None => at += 1,
        }
    }
    limit
}

fn unquoted_end(bytes: &[u8], from: usize, limit: usize, how: How) -> usize {
    let mut at = from;
    while at < limit {
        let stops = match bytes[at] {
            byte if byte.is_ascii_whitespace() => true,
            b'<' | 0x1b => true,
            b'&' => how != How::Tight || bytes.get(at + 1) == Some(&b'&') || is_pair(bytes, at + 1),
            b';' if is_pair(bytes, at + 1) => true,
            b';' | b',' | b')' | b'}' | b']' | b'|' => how != How::Tight || is_word_end(bytes, at + 1),
            b'#' => how == How::Query,
            b'"' | b'\'' | b'`' => true,
            b'\\' => starts_escape(bytes, at),
            _ => false,
        };
        if stops {
            return at;
        }
        at += 1;
    }
    limit
}

/// Whether a word ends before `at`: the text ends there, or a blank or a quote follows.
fn is_word_end(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|byte| byte.is_ascii_whitespace())
        || quote_at(bytes, at).is_some()
        || starts_escape(bytes, at)
}

/// Whether `name=` stands at `at`, as in a form or a connection string; such names may hold blanks.
fn is_pair(bytes: &[u8], at: usize) -> bool {
    let rest = &bytes[at.min(bytes.len())..bytes.len().min(at + LONGEST_NAME)];
    let name =
        rest.iter().position(|byte| !(Alphabet::Url.has(*byte) || *byte == b' ')).unwrap_or(rest.len());
    name > 0 && rest.get(name) == Some(&b'=')
}

/// The last character border at or before `at`, not before `from`.
fn on_border(bytes: &[u8], from: usize, mut at: usize) -> usize {
    while at > from && at < bytes.len() && bytes[at] & 0xC0 == 0x80 {
        at -= 1;
    }
    at.max(from)
}

/// Values that give nothing away: empty, variables, templates, placeholders, words of schemas, small numbers.
fn is_trivial(text: &[u8], name: &Name) -> bool {
    const WORDS: [&str; 36] = [
        "true",
        "false",
        "null",
        "none",
        "nil",
        "undefined",
        "string",
        "text",
        "number",
        "integer",
        "object",
        "boolean",
        "bool",
        "bytes",
        "unknown",
        "required",
        "optional",
        "hidden",
        "secret",
        "secrets",
        "password",
        "passwd",
        "token",
        "bearer",
        "basic",
        "auth",
        "default",
        "empty",
        "redacted",
        "removed",
        "masked",
        "todo",
        "inherit",
        "write",
        "read",
        "str",
    ];
    let Some(first) = text.first() else { return true };
    let second = text.get(1).copied().unwrap_or(0);
    text.len() < 4
        || is_redacted(text, 0)
        || (*first == b'$' && (second.is_ascii_alphabetic() || matches!(second, b'{' | b'(' | b'_' | b'$')))
        || (*first == b'%' && (second == b'(' || second == b's' || text.ends_with(b"%")))
        || *first == b'<'
        || (*first == b'{' && text.ends_with(b"}"))
        || text.starts_with(b"{{")
        || text.starts_with(b"#{")
        || text.starts_with(b"[withheld")
        || text
            .iter()
            .all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.' | b'-' | b'_' | b'#' | b'?' | b' '))
        || text.starts_with("•".as_bytes())
        || text.starts_with("…".as_bytes())
        || (text.starts_with(b"0x") && text.len() <= 18)
        || (text.len() < 6 && text.iter().all(u8::is_ascii_digit))
        || text.to_ascii_lowercase().starts_with(b"your")
        || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word.as_bytes()))
        || same_letters(text, name.text)
}

/// Whether value and name are the same word, written in another way: `apiKey: "api_key"`.
fn same_letters(value: &[u8], name: &[u8]) -> bool {
    let letters = |text: &[u8]| -> Vec<u8> {
        text.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
    };
    value.len() <= LONGEST_NAME && letters(value) == letters(name)
}

/// Calls, indexing and paths of names: `get_token()`, `os.environ[`, `config.secret`, `Type::new`.
fn is_code(text: &[u8]) -> bool {
    if !text.first().is_some_and(|byte| {
        byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'&' | b'*' | b'(' | b'[' | b'{')
    }) {
        return false;
    }
    if matches!(text[0], b'(' | b'[' | b'{' | b'&') {
        return true;
    }
    let name = text
        .iter()
        .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'!' | b'?')));
    match name {
        Some(at) if matches!(text[at], b'(' | b'[' | b'{' | b'<') => true,
        Some(_) => false,
        None if text.windows(2).any(|part| part == b"::" || part == b"?.") => true,
        None => text.contains(&b'.') && !has_digit(text),
    }
}

/// Whether capitals and small letters alternate more often than words make them.
fn changes_case(text: &[u8]) -> bool {
    let changes = text.windows(2).filter(|pair| pair[0].is_ascii_uppercase() != pair[1].is_ascii_uppercase());
    text.len() >= 10 && changes.count() >= 5
}

fn is_path(text: &[u8]) -> bool {
    (text.starts_with(b"/") || text.starts_with(b"./") || text.starts_with(b"../") || text.starts_with(b"~/"))
        && !looks_random(text)
        && text[1..].contains(&b'/')
}

/// Whether an address carries a password, which its own rule takes out.
fn holds_password(text: &[u8]) -> bool {
    let Some(scheme) = text.windows(3).position(|part| part == b"://") else { return false };
    let rest = &text[scheme + 3..];
    rest.iter().rposition(|byte| *byte == b'@').is_some_and(|at| rest[..at].contains(&b':'))
}
