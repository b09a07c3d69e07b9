//! How the program is started: without tools, settings, hooks or a conversation to keep.
//!
//! Each word was measured with 2.1.197 and 2.1.329 against a scripted service. Must not hold a secret: other users of the
//! machine see arguments.

use std::ffi::OsString;
use std::path::Path;

/// Variables that make the program quiet, frugal and ours.
pub(super) const FIXED: [(&str, &str); 9] = [
    // a path after an `@` anywhere in an event would put that file into the request
    ("CLAUDE_CODE_DISABLE_ATTACHMENTS", "1"),
    // it would ask ten times, paying each time; when to ask again is judged elsewhere
    ("CLAUDE_CODE_MAX_RETRIES", "0"),
    // the same for a stream that broke off: it would ask once more, unstreamed
    ("CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK", "1"),
    ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
    ("CLAUDE_CODE_DISABLE_AUTO_MEMORY", "1"),
    ("DISABLE_AUTOUPDATER", "1"),
    ("DISABLE_TELEMETRY", "1"),
    ("DISABLE_ERROR_REPORTING", "1"),
    // the conversation is reset by us, long before
    ("DISABLE_COMPACT", "1"),
];

/// The variable that bounds an answer, in tokens.
pub(super) const MOST_OUTPUT: &str = "CLAUDE_CODE_MAX_OUTPUT_TOKENS";

/// The arguments. `login` is a file with what of the user's settings a login needs.
pub fn arguments(model: &str, system: &str, login: Option<&Path>) -> Vec<OsString> {
    let mut words: Vec<OsString> = [
        "-p",
        "--input-format",
        "stream-json",
        "--output-format",
        "stream-json",
        "--verbose",
        // so that a long answer is heard while it is written, and a limit of output before the program asks for more
        "--include-partial-messages",
        "--model",
        model,
        // nothing after the sign: none of them
        "--tools=",
        "--setting-sources=",
        "--strict-mcp-config",
        "--no-session-persistence",
        "--thinking",
        "disabled",
        "--system-prompt",
        system,
    ]
    .map(OsString::from)
    .into();
    if let Some(login) = login {
        words.extend(["--settings".into(), login.as_os_str().to_owned()]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_words_stay_what_they_are() {
        let words = arguments("haiku", "", None);
        assert_eq!(words.last(), Some(&OsString::new()));
        assert!(words.contains(&"--tools=".into()) && words.contains(&"--setting-sources=".into()));
        assert!(!words.contains(&"--settings".into()));
    }

    #[test]
    fn a_login_is_a_file_and_no_argument() {
        let words = arguments("haiku", "s", Some(Path::new("/d/login.json")));
        assert_eq!(words[words.len() - 2..], [OsString::from("--settings"), "/d/login.json".into()]);
    }
}
