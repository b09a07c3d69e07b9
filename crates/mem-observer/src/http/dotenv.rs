//! The `.env` file of the data directory: lines of `NAME=value`.
//!
//! The format the original system writes and people edit by hand: comments, an `export` before the name, values bare
//! or in quotes, any line ending. Never fails: a line that is none of this counts for nothing. Nothing is expanded.

/// The names and values, in order; what is empty is left out.
pub(super) fn parse(text: &str) -> Vec<(String, String)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().filter_map(line).filter(|(_, value)| !value.is_empty()).collect()
}

fn line(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let line = match line.strip_prefix("export") {
        Some(rest) if rest.starts_with([' ', '\t']) => rest.trim_start(),
        _ => line,
    };
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    let is_name = !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !name.starts_with(|first: char| first.is_ascii_digit());
    is_name.then(|| Some((name.to_owned(), self::value(value.trim())?)))?
}

/// `None` for a quote that is never closed: half a key is no key.
fn value(raw: &str) -> Option<String> {
    match raw.chars().next() {
        Some('\'') => raw[1..].split_once('\'').map(|(value, _)| value.to_owned()),
        Some('"') => quoted(&raw[1..]),
        _ => Some(bare(raw).to_owned()),
    }
}

/// Up to the closing quote; a backslash takes a quote or a backslash literally.
fn quoted(raw: &str) -> Option<String> {
    let mut value = String::new();
    let mut letters = raw.chars();
    loop {
        match letters.next()? {
            '"' => return Some(value),
            '\\' => match letters.next()? {
                escaped @ ('"' | '\\') => value.push(escaped),
                other => value.extend(['\\', other]),
            },
            letter => value.push(letter),
        }
    }
}

/// Up to a comment, which begins with `#` after a blank.
fn bare(raw: &str) -> &str {
    if raw.starts_with('#') {
        return "";
    }
    let comment = raw.match_indices('#').find(|(at, _)| raw[..*at].ends_with([' ', '\t']));
    comment.map_or(raw, |(at, _)| raw[..at].trim_end())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_read_as_people_write_them() {
        let text = "\u{feff}# claude-mem credentials\r\n\
            ANTHROPIC_API_KEY=sk-ant-1\r\n\
            export OPENAI_API_KEY = 'a # b'  # mine\n\
            \tGEMINI_API_KEY=\"q\\\"u\\\\o=\\n\"\n\
            OPENROUTER_API_KEY=sk-or#1 # the old one\n\
            exported=1\n\
            EMPTY=\n\
            COMMENT=# nothing\n\
            HALF='never closed\n\
            9LIVES=cat\n\
            two words=x\n\
            no line at all\n";
        let read = parse(text);
        let read: Vec<(&str, &str)> =
            read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            read,
            [
                ("ANTHROPIC_API_KEY", "sk-ant-1"),
                ("OPENAI_API_KEY", "a # b"),
                ("GEMINI_API_KEY", "q\"u\\o=\\n"),
                ("OPENROUTER_API_KEY", "sk-or#1"),
                ("exported", "1"),
            ]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC*|[A-Z=#'\"\\\\ \r\n\t]*") {
            for (name, value) in parse(&text) {
                prop_assert!(!name.is_empty() && !value.is_empty());
                prop_assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
            }
        }

        #[test]
        fn what_is_written_in_quotes_is_read_back(value in "[^\r\n\u{b}\u{c}\u{85}\u{2028}\u{2029}]+") {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
            prop_assert_eq!(parse(&format!("K=\"{escaped}\"\n")), vec![("K".to_owned(), value)]);
        }
    }
}
