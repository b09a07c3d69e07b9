//! Where the members of a JSON object stand in its text.
//!
//! Only for text that has been parsed already: what a real parser accepted is walked here to learn the places.

/// A range of bytes, end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// First byte.
    pub(super) start: usize,
    /// Byte after the last.
    pub(super) end: usize,
}

impl Span {
    /// The text of this range.
    pub(super) fn of(self, text: &str) -> &str {
        &text[self.start..self.end]
    }
}

/// One member of an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    /// The key, with its quotes.
    pub(super) key: Span,
    /// The value.
    pub(super) value: Span,
}

/// An object: its span from brace to brace, and its members in their order.
#[derive(Debug)]
pub(super) struct Object {
    /// From the opening to after the closing brace.
    pub(super) span: Span,
    /// Its members.
    pub(super) members: Vec<Member>,
}

/// The object that begins at `at`, white space before it allowed; `None` when no object begins there.
pub(super) fn object(text: &str, at: usize) -> Option<Object> {
    let bytes = text.as_bytes();
    let start = skip_space(bytes, at);
    if bytes.get(start) != Some(&b'{') {
        return None;
    }
    let mut members = Vec::new();
    let mut at = skip_space(bytes, start + 1);
    while bytes.get(at) == Some(&b'"') {
        let key = Span { start: at, end: string_end(bytes, at)? };
        let colon = skip_space(bytes, key.end);
        let value_start = skip_space(bytes, colon + 1);
        let value = Span { start: value_start, end: value_end(bytes, value_start)? };
        members.push(Member { key, value });
        at = skip_space(bytes, value.end);
        if bytes.get(at) != Some(&b',') {
            break;
        }
        at = skip_space(bytes, at + 1);
    }
    (bytes.get(at) == Some(&b'}')).then_some(Object { span: Span { start, end: at + 1 }, members })
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn value_end(bytes: &[u8], start: usize) -> Option<usize> {
    match bytes.get(start)? {
        b'"' => string_end(bytes, start),
        b'{' | b'[' => {
            let mut depth = 0_usize;
            let mut at = start;
            loop {
                match bytes.get(at)? {
                    b'"' => {
                        at = string_end(bytes, at)?;
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
        }
        _ => {
            let len = bytes[start..].iter().take_while(|byte| !b",]} \t\r\n".contains(byte)).count();
            (len > 0).then_some(start + len)
        }
    }
}
