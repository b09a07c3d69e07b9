//! Secrets known by the place they stand in: headers, addresses, key files, tokens of a certain build.
//!
//! Each function looks closer at one kind of anchor and adds what it finds. None may read farther than a
//! fixed distance, or again and again over the same text, whatever stands there.

use super::alphabet::{
    Alphabet, after_escape, begins_word, has_digit, is_redacted, looks_random, quote_at, skip_blanks,
};
use super::secrets::LONGEST_PROBE;
use super::spans::{Span, Spans, push};

/// Farthest a private key reaches, in bytes: an RSA key of 16384 bits takes 13 kB.
const LONGEST_KEY: usize = 16 * 1024;
/// Farthest an address reaches before its host.
const LONGEST_USERINFO: usize = 512;
/// Farthest a line of cookies is read; browsers allow 4 kB.
const LONGEST_COOKIES: usize = 4096;
/// Longest first part of a signed token; it names a method and a key.
const LONGEST_TOKEN_HEAD: usize = 2048;
/// How far back a command name is looked for.
const FARTHEST_COMMAND: usize = 512;

/// `scheme://user:password@host`: the password goes.
pub(super) fn connection_url(bytes: &[u8], start: usize, end: usize, spans: &mut Spans) {
    let limit = bytes.len().min(end + LONGEST_USERINFO);
    let stop = bytes[end..limit]
        .iter()
        .position(|byte| {
            byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\')
        })
        .map_or(limit, |len| end + len);
    let scheme = &bytes[Alphabet::Plain.run_back(bytes, start, 24)..start];
    let web =
        scheme.to_ascii_lowercase().ends_with(b"http") || scheme.to_ascii_lowercase().ends_with(b"https");
    // Passwords of databases are often written with a slash in them; paths of web pages often hold an @.
    let authority = if web {
        bytes[end..stop]
            .iter()
            .position(|byte| matches!(byte, b'/' | b'?' | b'#'))
            .map_or(stop, |len| end + len)
    } else {
        stop
    };
    let Some(at) = bytes[end..authority].iter().rposition(|byte| *byte == b'@').map(|len| end + len) else {
        return;
    };
    match bytes[end..at].iter().position(|byte| *byte == b':').map(|len| end + len + 1) {
        Some(from) => {
            let open = matches!(bytes.get(from), Some(b'$' | b'{' | b'<' | b'*' | b'%'))
                && !has_digit(&bytes[from..at]);
            if !open && !bytes[end..from].contains(&b'/') {
                push(spans, bytes, from, at, "url-password");
            }
        }
        None if web && at - end >= 16 && looks_random(&bytes[end..at]) => {
            push(spans, bytes, end, at, "url-password");
        }
        None => {}
    }
}

/// `Authorization: Bearer …`: what follows the scheme goes, or all of it where no scheme is named.
pub(super) fn authorization(bytes: &[u8], _start: usize, end: usize, spans: &mut Spans) {
    let mut at = end + quote_at(bytes, end).map_or(0, |(len, _)| len);
    if bytes.get(at) == Some(&b']') {
        at += 1;
    }
    at = skip_blanks(bytes, at);
    if !matches!(bytes.get(at), Some(b':' | b'=' | b',')) {
        return;
    }
    at = skip_blanks(bytes, at + 1);
    at += quote_at(bytes, at).map_or(0, |(len, _)| len);
    let word = Alphabet::Url.run(bytes, at);
    let scheme = bytes[at..word].to_ascii_lowercase();
    let known = matches!(
        scheme.as_slice(),
        b"bearer" | b"basic" | b"token" | b"apikey" | b"api-key" | b"digest" | b"negotiate"
    );
    let from = if known { skip_blanks(bytes, word) } else { at };
    let probe = bytes.len().min(from + LONGEST_PROBE);
    let mut to = Alphabet::Value.run(&bytes[..probe.max(from)], from);
    let value = &bytes[from..to];
    let secret = match (known, scheme.as_slice()) {
        (true, b"basic") => value.len() >= 8 || (value.len() >= 4 && has_digit(value)),
        (true, _) => value.len() >= 20 || (value.len() >= 4 && has_digit(value)),
        (false, _) => looks_random(value),
    };
    if secret {
        if to == probe {
            to = Alphabet::Value.run(bytes, to);
        }
        push(spans, bytes, from, to, "authorization");
    }
}

/// `Bearer …` wherever it stands: only what is long and holds digits, for people also write of bearers.
pub(super) fn bearer(bytes: &[u8], start: usize, end: usize, spans: &mut Spans) {
    if !begins_word(bytes, start) {
        return;
    }
    let from = skip_blanks(bytes, end);
    let to = Alphabet::Value.run(bytes, from);
    if to - from >= 12 && has_digit(&bytes[from..to]) {
        push(spans, bytes, from, to, "authorization");
    }
}

/// `Cookie: name=value; …` and `Set-Cookie:`: long values go, names and attributes stay.
pub(super) fn cookies(bytes: &[u8], _start: usize, end: usize, spans: &mut Spans) {
    let mut at = end + quote_at(bytes, end).map_or(0, |(len, _)| len);
    if bytes.get(at) != Some(&b':') {
        return;
    }
    at = skip_blanks(bytes, at + 1);
    at += quote_at(bytes, at).map_or(0, |(len, _)| len);
    loop {
        let name = Alphabet::Dotted.run(bytes, at);
        if name == at || bytes.get(name) != Some(&b'=') {
            return;
        }
        let to = Alphabet::Value.run(&bytes[..bytes.len().min(name + LONGEST_COOKIES)], name + 1);
        let attribute = ["path", "domain", "expires", "max-age", "samesite"]
            .iter()
            .any(|word| bytes[at..name].eq_ignore_ascii_case(word.as_bytes()));
        if !attribute && to - name > 8 && has_digit(&bytes[name + 1..to]) {
            push(spans, bytes, name + 1, to, "cookie");
        }
        let mut next = to;
        if is_redacted(bytes, next) {
            next += bytes[next..].iter().take(64).position(|byte| *byte == b']').map_or(0, |len| len + 1);
        }
        // `HttpOnly` and the like have no value; dates hold blanks and commas.
        while let Some(byte) = bytes.get(next) {
            match byte {
                _ if next > end + LONGEST_COOKIES => return,
                b';' => break,
                b'\n' | b'"' | b'\'' | b'\\' => return,
                _ => next += 1,
            }
        }
        if next >= bytes.len() || next > end + LONGEST_COOKIES {
            return;
        }
        at = skip_blanks(bytes, next + 1);
        let word = Alphabet::Dotted.run(bytes, at);
        if bytes.get(word) == Some(&b';') {
            at = skip_blanks(bytes, word + 1);
        }
    }
}

/// `curl -u user:password`: the password goes. Only where the command sends one: `docker run -u 1000:1000`.
pub(super) fn basic_user(bytes: &[u8], start: usize, end: usize, spans: &mut Spans) {
    if start > 0
        && !matches!(bytes[start - 1], b' ' | b'\t' | b'\n' | b'"' | b'\'')
        && !after_escape(bytes, start)
    {
        return;
    }
    let line = &bytes[start.saturating_sub(FARTHEST_COMMAND)..start];
    let line = &line[line.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)..];
    let asks = [&b"curl"[..], b"wget", b"http", b"xh "]
        .iter()
        .any(|name| line.windows(name.len()).any(|part| part == *name));
    if !asks {
        return;
    }
    let mut at = skip_blanks(bytes, end);
    if bytes.get(at) == Some(&b'=') {
        at += 1;
    }
    at += quote_at(bytes, at).map_or(0, |(len, _)| len);
    let to = argument_end(bytes, at);
    let Some(from) = bytes[at..to].iter().position(|byte| *byte == b':').map(|len| at + len + 1) else {
        return;
    };
    if !matches!(bytes.get(from), Some(b'$')) {
        push(spans, bytes, from, to, "basic-auth");
    }
}

/// The word after a flag that takes a password.
pub(super) fn flag_value(bytes: &[u8], _start: usize, end: usize, spans: &mut Spans) {
    let at = skip_blanks(bytes, end);
    let from = at + quote_at(bytes, at).map_or(0, |(len, _)| len);
    if bytes.get(from) != Some(&b'$') {
        push(spans, bytes, from, argument_end(bytes, from), "password");
    }
}

/// Where the argument of a command that begins at `from` ends: at a blank, a quote or an escape.
pub(super) fn argument_end(bytes: &[u8], from: usize) -> usize {
    let limit = bytes.len().min(from + 512);
    let mut at = from;
    while at < limit
        && !bytes[at].is_ascii_whitespace()
        && quote_at(bytes, at).is_none()
        && !starts_escape(bytes, at)
    {
        at += 1;
    }
    while at > from && at < bytes.len() && bytes[at] & 0xC0 == 0x80 {
        at -= 1;
    }
    at
}

/// Whether an escaped white space or quote stands at `at`, so that a word ends there.
pub(super) fn starts_escape(bytes: &[u8], at: usize) -> bool {
    bytes.get(at) == Some(&b'\\')
        && matches!(bytes.get(at + 1), Some(b'n' | b'r' | b't' | b'u' | b'"' | b'\'' | b'\\'))
}

/// `?sig=…` of a signed address.
pub(super) fn signature(bytes: &[u8], start: usize, end: usize, spans: &mut Spans) {
    let first = start == 0 || bytes[start - 1].is_ascii_whitespace();
    if first || matches!(bytes[start - 1], b'?' | b'&' | b';' | b'"' | b'\'') {
        let to = Alphabet::Value.run(bytes, end);
        let closed = bytes[..to].ends_with(b"%3D") || bytes[..to].ends_with(b"=");
        if to - end >= 40 || (to - end >= 20 && (!first || closed)) {
            push(spans, bytes, end, to, "signature");
        }
    }
}

/// `…&X-Amz-Signature=…` of a signed address of a store of files.
pub(super) fn long_signature(bytes: &[u8], _start: usize, end: usize, spans: &mut Spans) {
    let to = Alphabet::Hex.run(bytes, end);
    if to - end >= 20 {
        push(spans, bytes, end, to, "signature");
    }
}

/// `machine h login u password p` of a netrc file, on one line or several.
pub(super) fn netrc(bytes: &[u8], start: usize, end: usize, spans: &mut Spans) {
    if !begins_word(bytes, start) {
        return;
    }
    let limit = bytes.len().min(end + LONGEST_USERINFO);
    let blank = |at: usize| bytes[at].is_ascii_whitespace() || starts_escape(bytes, at);
    let mut at = end;
    let mut before: &[u8] = b"";
    // The host; login, account and password by name; a few words of air.
    for word in 0..10 {
        while at < limit && blank(at) {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        let to = argument_end(&bytes[..limit.max(at)], at);
        let known = word != 1 || matches!(&bytes[at..to], b"login" | b"password" | b"account");
        if to == at || !known || bytes[to - 1] == b',' {
            return; // prose
        }
        if before == b"password" {
            push(spans, bytes, at, to, "password");
            return;
        }
        before = &bytes[at..to];
        at = to;
    }
}

/// `host:5432:database:user:password` of a password file of PostgreSQL.
pub(super) fn pgpass(bytes: &[u8], start: usize, end: usize, spans: &mut Spans) {
    let field = |at: usize| {
        let to = Alphabet::Dotted.run(&bytes[..bytes.len().min(at + 64)], at);
        let to = if to == at && bytes.get(at) == Some(&b'*') { at + 1 } else { to };
        (to > at && bytes.get(to) == Some(&b':')).then_some(to + 1)
    };
    let host = start.checked_sub(1).is_some_and(|at| Alphabet::Dotted.has(bytes[at]) || bytes[at] == b'*');
    if host && let Some(from) = field(end).and_then(field) {
        push(spans, bytes, from, argument_end(bytes, from), "password");
    }
}

/// `$6$salt$hash` and its like: the hash of a password, which may be guessed from it.
pub(super) fn password_hash(bytes: &[u8], start: usize, end: usize, spans: &mut Spans) {
    let limit = bytes.len().min(end + LONGEST_USERINFO);
    let to = bytes[end..limit]
        .iter()
        .position(|byte| !(Alphabet::Block.has(*byte) || matches!(byte, b'.' | b'$' | b',' | b'-' | b'_')))
        .map_or(limit, |len| end + len);
    if to - end >= 24 && looks_random(&bytes[end..to]) {
        push(spans, bytes, start, to, "hash");
    }
}

/// `AAAA…:APA91b…`: a server key of Firebase.
pub(super) fn firebase(bytes: &[u8], start: usize, end: usize, spans: &mut Spans) {
    let from = Alphabet::Url.run_back(bytes, start, 64);
    let to = Alphabet::Url.run(bytes, end);
    if start - from >= 7 && to - end >= 60 {
        push(spans, bytes, from, to, "firebase");
    }
}

/// A private key block, from its first line to its last, or as far as it was cut off.
///
/// Code that only compares with the first line has no key behind it and is left alone.
pub(super) fn private_key(bytes: &[u8], start: usize, end: usize, spans: &mut Spans) {
    let label_limit = bytes.len().min(end + 48);
    let label_end = bytes[end..label_limit]
        .iter()
        .position(|byte| !(byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b' '))
        .map_or(label_limit, |len| end + len);
    let label = &bytes[end..label_end];
    if !contains(label, b"PRIVATE KEY") || !bytes[label_end..].starts_with(b"-----") {
        return;
    }
    let body = label_end + 5;
    let limit = bytes.len().min(body + LONGEST_KEY);
    if let Some(close) = find(&bytes[body..limit], b"-----END").map(|len| body + len) {
        let held = &bytes[body..close];
        if held.windows(LEAST_LINE).any(is_key_line) || is_stand_in(held) {
            let last = outer_end(bytes, body, close, limit);
            spans.push(Span { start, end: last, kind: "private-key" });
        }
        // A last line with no key before it: somebody compares with the two lines, or writes about them.
        return;
    }
    if let Some(last) = cut_off_end(bytes, body, limit, HEADERS) {
        spans.push(Span { start, end: last, kind: "private-key" });
    }
}

/// Where a key ends whose body begins at `body` and in which the first last line begins at `close`.
///
/// A key may have been put into another: then the other's lines go on after that last line, to one more.
fn outer_end(bytes: &[u8], body: usize, close: usize, limit: usize) -> usize {
    let mut last = last_line_end(bytes, close);
    let mut inside = bytes[body..close].windows(10).filter(|part| *part == b"-----BEGIN").count();
    while inside > 0 && last < limit {
        inside -= 1;
        let rest = &bytes[last..limit];
        let open = find(rest, b"-----BEGIN").unwrap_or(rest.len());
        match find(&rest[..open], b"-----END") {
            Some(len) if rest[..len].windows(LEAST_LINE).any(is_key_line) => {
                last = last_line_end(bytes, last + len);
            }
            // Only one of the two was whole, and what follows is none of it; or the other was cut off.
            Some(_) => break,
            None => return cut_off_end(bytes, last, limit.min(last + open), NEXT_LINE).unwrap_or(last),
        }
    }
    last
}

/// Where the last line of a key ends, which begins at `close` with `-----END`.
fn last_line_end(bytes: &[u8], close: usize) -> usize {
    let rest = close + 8;
    find(&bytes[rest..bytes.len().min(close + 64)], b"-----").map_or(rest, |len| rest + len + 5)
}

/// Least length of what is taken for a line of a key.
const LEAST_LINE: usize = 24;

/// Whether all of it may be a piece of a key: base64 and at least one capital, which paths seldom have.
fn is_key_line(line: &[u8]) -> bool {
    line.iter().all(|byte| Alphabet::Block.has(*byte)) && line.iter().any(u8::is_ascii_uppercase)
}

/// Whether one short word stands between the two lines, as in tests; prose and code have blanks there.
fn is_stand_in(held: &[u8]) -> bool {
    if matches!(held.first(), Some(b'"' | b'\'' | b'`')) {
        return false; // the first line is quoted by itself
    }
    let text = String::from_utf8_lossy(held).replace("\\n", "\n").replace("\\r", "\r");
    let text = text.trim_matches(|c: char| c.is_whitespace() || "\\\"'+,".contains(c));
    text.len() >= 4 && !text.contains([' ', '(', ')', '.', '…'])
}

/// Farthest the first line of a key stands from the line that announces it: the headers of an encrypted key.
const HEADERS: usize = 200;
/// The same for a key that goes on after another that was put into it: a quote, a tag, the end of a line.
const NEXT_LINE: usize = 24;

/// Where a key that has no last line ends: after the last of its base64 lines, of which the first stands no
/// farther than `reach` from `body`.
fn cut_off_end(bytes: &[u8], body: usize, limit: usize, mut reach: usize) -> Option<usize> {
    let mut last = None;
    let mut at = body;
    while at < limit {
        let run_end = Alphabet::Block.run(&bytes[..limit], at);
        if run_end == at {
            at += 1;
            reach -= 1;
            if reach == 0 {
                break;
            }
            continue;
        }
        if run_end - at >= LEAST_LINE && is_key_line(&bytes[at..run_end]) {
            last = Some(run_end);
            reach = 64;
        } else if last.is_some_and(|end| at - end <= 8) {
            last = Some(run_end); // the last, shorter line; what follows is no longer key
            break;
        } else {
            reach = reach.saturating_sub(run_end - at).max(1);
        }
        at = run_end;
    }
    last
}

/// The private half of a PuTTY key file.
pub(super) fn putty_lines(bytes: &[u8], start: usize, end: usize, spans: &mut Spans) {
    let limit = bytes.len().min(end + LONGEST_KEY);
    let last = find(&bytes[end..limit], b"Private-MAC")
        .map(|len| end + len)
        .or_else(|| cut_off_end(bytes, end, limit, HEADERS));
    if let Some(last) = last {
        spans.push(Span { start, end: last, kind: "private-key" });
    }
}

/// Three parts of base64 joined by dots, the first a JSON object: a signed token; five parts, an encrypted one.
pub(super) fn json_web_token(bytes: &[u8], start: usize, end: usize, spans: &mut Spans) {
    if !bytes[start..].starts_with(b"eyJ") {
        return;
    }
    let first = Alphabet::Url.run(&bytes[..bytes.len().min(end + LONGEST_TOKEN_HEAD)], end);
    if first - start < 12 || bytes.get(first) != Some(&b'.') {
        return;
    }
    let mut last = Alphabet::Url.run(bytes, first + 1);
    if last - first < 8 {
        return;
    }
    for _ in 0..3 {
        if bytes.get(last) != Some(&b'.') {
            break;
        }
        last = Alphabet::Url.run(bytes, last + 1);
    }
    spans.push(Span { start, end: last, kind: "jwt" });
}

/// `123456789:AA…`: the token of a Telegram bot.
pub(super) fn telegram_token(bytes: &[u8], start: usize, end: usize, spans: &mut Spans) {
    let from = bytes[start.saturating_sub(12)..start]
        .iter()
        .rposition(|byte| !byte.is_ascii_digit())
        .map_or(start.saturating_sub(12), |at| start.saturating_sub(12) + at + 1);
    let to = Alphabet::Url.run(bytes, end);
    if (7..=11).contains(&(start - from)) && (30..=40).contains(&(to - start - 1)) {
        spans.push(Span { start: from, end: to, kind: "telegram" });
    }
}

/// The token of a Discord bot: 23 to 28 characters, a dot, 6 or 7, a dot, 27 or more.
pub(super) fn discord_token(bytes: &[u8], _start: usize, end: usize, spans: &mut Spans) {
    let dot = if bytes.get(end + 6) == Some(&b'.') {
        end + 6
    } else if bytes.get(end + 7) == Some(&b'.') {
        end + 7
    } else {
        return;
    };
    let first = end - 1;
    let from = Alphabet::Url.run_back(bytes, first, 32);
    let to = Alphabet::Url.run(bytes, dot + 1);
    let shaped = (23..=30).contains(&(first - from))
        && Alphabet::Url.run(bytes, end) == dot
        && (27..=45).contains(&(to - dot - 1));
    if shaped && looks_random(&bytes[from..to]) {
        spans.push(Span { start: from, end: to, kind: "discord" });
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|part| part == wanted)
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    find(bytes, wanted).is_some()
}
