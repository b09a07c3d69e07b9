//! Secrets known by the command they are given to: `mysql -p…`, `vault login …`, `echo … | gh auth login`.
//!
//! Reads words of one command, not shell grammar: quotes hold a word together, a pipe or a line end closes
//! the command. Must not read farther than one command of ordinary length.

use super::alphabet::{Alphabet, begins_word, quote_at, skip_blanks};
use super::headers::{argument_end, starts_escape};
use super::names::secret_name;
use super::spans::{Spans, push};

/// Farthest the words of a command are read, in bytes.
const LONGEST_COMMAND: usize = 512;
/// Least length of a password in a command; what is shorter is a number or a slip.
const LEAST_PASSWORD: usize = 4;

/// Where a command takes its secret.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// In the flag's own word: `-pX`.
    Attached(&'static str),
    /// In the word after the flag: `-a X`.
    After(&'static str),
    /// In any word, after these letters: `pass:X`.
    Within(&'static str),
    /// After the percent sign of the word after the flag: `-U user%X`.
    Percent(&'static str),
    /// In the first word that is no flag, if it is long enough for a key.
    First,
    /// In the word after a name that names a secret: `NAME X`.
    Named,
    /// In every `NAME=X`.
    Each,
}

use Place::{After, Attached, Each, First, Named, Percent, Within};

/// How commands begin, and where they take their secrets.
const COMMANDS: &[(&str, &[Place])] = &[
    ("mysql", &[Attached("-p")]),
    ("mariadb", &[Attached("-p")]),
    ("7z", &[Attached("-p")]),
    ("redis-cli", &[After("-a")]),
    ("docker login", &[After("-p"), After("--password")]),
    ("podman login", &[After("-p"), After("--password")]),
    ("az login", &[After("-p"), After("--password")]),
    ("zip -", &[After("-P"), After("P")]),
    ("zip ", &[After("-P")]),
    ("ldapsearch", &[After("-w")]),
    ("ldapmodify", &[After("-w")]),
    ("ldapadd", &[After("-w")]),
    ("openssl", &[Within("pass:"), After("-k")]),
    ("smbclient", &[Percent("-U")]),
    ("vault login", &[First]),
    ("config set ", &[Named]),
    ("configure set ", &[Named]),
    ("git config ", &[Named]),
    ("poetry config ", &[Named]),
    ("setx ", &[Named]),
    ("set -gx ", &[Named]),
    ("set -ux ", &[Named]),
    ("set -x ", &[Named]),
    ("secrets set ", &[Each]),
];

/// The anchors of all commands.
pub(super) fn anchors() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|(anchor, _)| *anchor)
}

/// How many anchors there are.
pub(super) const ANCHORS: usize = COMMANDS.len();

/// Looks at the words of the command that begins with anchor `which`.
pub(super) fn look(which: usize, bytes: &[u8], start: usize, end: usize, spans: &mut Spans) {
    let (anchor, places) = COMMANDS[which];
    // `unzip` takes its password as `zip` does.
    let unzip = anchor.starts_with("zip") && bytes[..start].ends_with(b"un");
    if !(begins_word(bytes, start) || unzip) {
        return;
    }
    // The rest of the command's own name: `mysqldump`.
    let mut at =
        if anchor.ends_with([' ', '-']) { end } else { Alphabet::Url.run(&bytes[..near(bytes, end)], end) };
    let limit = near(bytes, at);
    let mut before: &[u8] = b"";
    while let Some(word) = Word::read(bytes, at, limit) {
        for place in places {
            place.find(bytes, before, &word, spans);
        }
        // Only the first word that is no flag counts; what follows is none of ours.
        if matches!(places, [First]) && !word.text(bytes).starts_with(b"-") {
            return;
        }
        before = word.text(bytes);
        at = word.next;
    }
}

fn near(bytes: &[u8], at: usize) -> usize {
    bytes.len().min(at + LONGEST_COMMAND)
}

/// A word of a command, without its quotes.
#[derive(Debug, Clone, Copy)]
struct Word {
    from: usize,
    to: usize,
    /// Where the next one may begin.
    next: usize,
}

impl Word {
    /// The word at or after `at`; none where the command ends.
    fn read(bytes: &[u8], at: usize, limit: usize) -> Option<Self> {
        let at = skip_blanks(bytes, at);
        if at >= limit || matches!(bytes[at], b';' | b'|' | b'&' | b'\n' | b'\r') {
            return None;
        }
        if let Some((len, quote)) = quote_at(bytes, at) {
            let from = at + len;
            let close = (from..near(bytes, from))
                .find(|i| bytes[*i] == b'\n' || quote_at(bytes, *i) == Some((len, quote)))?;
            return (bytes[close] != b'\n').then_some(Self { from, to: close, next: close + len });
        }
        let mut to = argument_end(bytes, at);
        let next = to;
        while to > at && matches!(bytes[to - 1], b';' | b')' | b',') {
            to -= 1;
        }
        (next > at && !starts_escape(bytes, at)).then_some(Self { from: at, to, next })
    }

    fn text<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        &bytes[self.from..self.to]
    }
}

impl Place {
    /// Adds the secret, if `word`, which stands after `before`, is or holds it.
    fn find(self, bytes: &[u8], before: &[u8], word: &Word, spans: &mut Spans) {
        let text = word.text(bytes);
        match self {
            Attached(flag) if text == flag.as_bytes() => {
                // `-p'X'`: the quotes follow at once, and no blank stands inside.
                let Some(rest) =
                    quote_at(bytes, word.to).and_then(|_| Word::read(bytes, word.to, bytes.len()))
                else {
                    return;
                };
                if !rest.text(bytes).first().is_none_or(u8::is_ascii_whitespace) {
                    add(bytes, rest.from, rest.to, "password", spans);
                }
            }
            Attached(flag) if text.starts_with(flag.as_bytes()) => {
                let from = word.from + flag.len();
                let ports = bytes[from..word.to]
                    .iter()
                    .all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'));
                if !ports {
                    add(bytes, from, word.to, "password", spans);
                }
            }
            After(flag) if before == flag.as_bytes() && !text.starts_with(b"-") => {
                add(bytes, word.from, word.to, "password", spans);
            }
            Within(letters) if text.starts_with(letters.as_bytes()) => {
                add(bytes, word.from + letters.len(), word.to, "password", spans);
            }
            Percent(flag) if before == flag.as_bytes() => {
                if let Some(at) = text.iter().position(|byte| *byte == b'%') {
                    add(bytes, word.from + at + 1, word.to, "password", spans);
                }
            }
            First if text.len() >= 16 && !text.starts_with(b"-") && !text.contains(&b'=') => {
                add(bytes, word.from, word.to, "token", spans);
            }
            Named if !text.starts_with(b"--") => {
                let name = before.rsplit(|byte| matches!(byte, b':' | b'/')).next().unwrap_or(before);
                if let Some((kind, _)) = secret_name(name) {
                    add(bytes, word.from, word.to, kind, spans);
                }
            }
            Each => {
                if let Some(at) = text.iter().position(|byte| *byte == b'=') {
                    add(bytes, word.from + at + 1, word.to, "secret", spans);
                }
            }
            _ => {}
        }
    }
}

/// Adds what is long enough, no variable or placeholder, and no word about the flag itself, as prose has.
fn add(bytes: &[u8], from: usize, to: usize, kind: &'static str, spans: &mut Spans) {
    const PROSE: [&[u8]; 6] = [b"flag", b"flags", b"option", b"options", b"argument", b"password"];
    if PROSE.contains(&&bytes[from..to]) {
        return;
    }
    if to - from >= LEAST_PASSWORD && !matches!(bytes[from], b'$' | b'<' | b'{' | b'%' | b'*' | b'[') {
        push(spans, bytes, from, to, kind);
    }
}

/// `echo X | gh auth login --with-token`: the last word before the pipe goes.
pub(super) fn piped(bytes: &[u8], start: usize, _end: usize, spans: &mut Spans) {
    let lowest = start.saturating_sub(LONGEST_COMMAND);
    let Some(pipe) = bytes[lowest..start].iter().rposition(|byte| matches!(byte, b'|' | b'\n')) else {
        return;
    };
    let pipe = lowest + pipe;
    if bytes[pipe] != b'|' {
        return;
    }
    let from = bytes[lowest..pipe]
        .iter()
        .rposition(|byte| matches!(byte, b'|' | b';' | b'&' | b'\n'))
        .map_or(lowest, |at| lowest + at + 1);
    let Some(says) = [&b"echo "[..], b"printf "].iter().find_map(|say| {
        bytes[from..pipe].windows(say.len()).rposition(|part| part == *say).map(|at| from + at + say.len())
    }) else {
        return;
    };
    let mut at = says;
    while let Some(word) = Word::read(bytes, at, pipe) {
        let text = word.text(bytes);
        if text.len() >= 8 && !text.starts_with(b"-") && word.to <= pipe {
            add(bytes, word.from, word.to, "token", spans);
        }
        at = word.next;
    }
}
