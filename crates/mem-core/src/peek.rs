//! Reads a few top-level strings of a JSON object without parsing it, for the hook path.
//!
//! The hook must know which event it holds and where it happened before it may load anything. This scanner
//! walks the bytes once, stops as soon as all wanted keys are found, allocates only what it returns, and never
//! fails: what it cannot read it does not report. It must not be used where a real parser may be loaded.

/// The values of `keys` among the top-level members of `json` that are strings, in the order of `keys`.
///
/// Values come unescaped. The first occurrence of a key wins.
pub fn top_level_strings<const N: usize>(json: &[u8], keys: [&str; N]) -> [Option<String>; N] {
    let mut found: [Option<String>; N] = [const { None }; N];
    let mut missing = N;
    let mut at = skip_space(json, 0);
    if json.get(at) != Some(&b'{') {
        return found;
    }
    at += 1;
    while missing > 0 {
        at = skip_space(json, at);
        let Some((key, after_key)) = string_at(json, at) else { break };
        at = skip_space(json, after_key);
        if json.get(at) != Some(&b':') {
            break;
        }
        at = skip_space(json, at + 1);
        let wanted = keys.iter().position(|wanted| wanted.as_bytes() == key);
        match (string_at(json, at), wanted) {
            (Some((value, after)), Some(slot)) if found[slot].is_none() => {
                found[slot] = unescape(value);
                missing -= 1;
                at = after;
            }
            (Some((_, after)), _) => at = after,
            (None, _) => match skip_value(json, at) {
                Some(after) => at = after,
                None => break,
            },
        }
        at = skip_space(json, at);
        if json.get(at) != Some(&b',') {
            break;
        }
        at += 1;
    }
    found
}

fn skip_space(json: &[u8], mut at: usize) -> usize {
    while matches!(json.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// The raw inside of the string that begins at `at`, and the place after its closing quote.
fn string_at(json: &[u8], at: usize) -> Option<(&[u8], usize)> {
    if json.get(at) != Some(&b'"') {
        return None;
    }
    let start = at + 1;
    let mut at = start;
    loop {
        match json.get(at)? {
            b'"' => return Some((&json[start..at], at + 1)),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The place after a value that is no string: a number, a word, or a nested object or array.
fn skip_value(json: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0usize;
    loop {
        match json.get(at)? {
            b'"' => at = string_at(json, at)?.1,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' if depth == 0 => return Some(at),
            b'}' | b']' => {
                depth -= 1;
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            b',' if depth == 0 => return Some(at),
            _ => at += 1,
        }
    }
}

fn unescape(raw: &[u8]) -> Option<String> {
    let raw = std::str::from_utf8(raw).ok()?;
    if !raw.contains('\\') {
        return Some(raw.to_owned());
    }
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match chars.next()? {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'u' => text.push(unicode_escape(&mut chars)?),
            other => text.push(other),
        }
    }
    Some(text)
}

fn unicode_escape(chars: &mut std::str::Chars<'_>) -> Option<char> {
    let high = four_digits(chars)?;
    if !(0xd800..0xdc00).contains(&high) {
        return Some(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    let mut rest = chars.clone();
    if (rest.next(), rest.next()) != (Some('\\'), Some('u')) {
        return Some(char::REPLACEMENT_CHARACTER);
    }
    match four_digits(&mut rest)? {
        low @ 0xdc00..0xe000 => {
            *chars = rest;
            char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
        }
        _ => Some(char::REPLACEMENT_CHARACTER),
    }
}

fn four_digits(chars: &mut std::str::Chars<'_>) -> Option<u32> {
    let mut unit = 0;
    for _ in 0..4 {
        unit = unit * 16 + chars.next()?.to_digit(16)?;
    }
    Some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_only_the_top_level() {
        let json = br#" {"tool_input":{"hook_event_name":"Stop"}, "cwd": "/a\u00e9\"b", "n": [1,{"x":"}"}], "hook_event_name":"SessionStart"}"#;
        let [event, cwd, none] = top_level_strings(json, ["hook_event_name", "cwd", "source"]);
        assert_eq!(event.as_deref(), Some("SessionStart"));
        assert_eq!(cwd.as_deref(), Some("/aé\"b"));
        assert_eq!(none, None);
    }

    #[test]
    fn surrogate_pairs_join() {
        let [value] = top_level_strings(br#"{"a":"\ud83d\ude00"}"#, ["a"]);
        assert_eq!(value.as_deref(), Some("😀"));
    }

    #[test]
    fn a_cut_object_gives_what_came() {
        let [event, cwd] =
            top_level_strings(br#"{"hook_event_name":"Stop","cwd":"/wo"#, ["hook_event_name", "cwd"]);
        assert_eq!(event.as_deref(), Some("Stop"));
        assert_eq!(cwd, None);
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _found = top_level_strings(&bytes, ["a", "hook_event_name"]);
        }

        #[test]
        fn never_panics_on_near_json(text in r#"[{}\[\]",:\\ua0-9 d]{0,120}"#) {
            let _found = top_level_strings(text.as_bytes(), ["a", "hook_event_name"]);
        }
    }
}
