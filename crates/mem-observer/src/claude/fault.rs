//! What the program says went wrong, classified: the one place where its words are weighed.
//!
//! The status of the API decides where it is known; 2.1.197 leaves the type out and some failures have no status at all
//! ("Not logged in", a lost connection), so words decide where they have to.

use mem_core::fault::{Fault, FaultKind};
use mem_core::time::Timestamp;

use super::reset;

/// Most characters of its words that are kept.
const MOST_SAID: usize = 300;

/// A result that is an error.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Failure {
    /// The status the API answered with.
    pub(super) status: Option<u64>,
    /// The API's type of error, or the result's own.
    pub(super) kind: String,
    /// Why the turn ended.
    pub(super) reason: String,
    /// What it says to its user.
    pub(super) text: String,
    /// Whether money was spent on it all the same.
    pub(super) spent: bool,
    /// A limit that it said was reached.
    pub(super) limit: Option<Limit>,
}

/// A limit of the user's plan that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit {
    /// When it ends, where that was said.
    pub(super) until: Option<Timestamp>,
}

/// The fault of a failure. `now` is needed for times of day.
pub(super) fn of(failure: &Failure, now: Timestamp) -> Fault {
    let kind = kind_of(failure);
    let said = one_line(&failure.text);
    // what the API refused with a status was not charged; a connection that was lost in between may have been
    let unclear = failure.status.is_none() && matches!(kind, FaultKind::Transport | FaultKind::Ended);
    let fault =
        Fault { kind, said, retry_at: None, paid: failure.spent || unclear && !never_arrived(failure) };
    match kind {
        FaultKind::Quota => fault
            .until(failure.limit.and_then(|limit| limit.until).or_else(|| reset::moment(&failure.text, now))),
        _ => fault,
    }
}

fn kind_of(failure: &Failure) -> FaultKind {
    let text = failure.text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let status = failure.status;
    if failure.reason == "prompt_too_long" || status == Some(413) || says(&["prompt is too long"]) {
        FaultKind::Overflow
    } else if failure.limit.is_some() || speaks_of_quota(&text) && status.is_none_or(|code| code < 500) {
        FaultKind::Quota
    } else if matches!(status, Some(401 | 403)) || status.is_none() && says(&LOGIN) {
        FaultKind::Auth
    } else if status == Some(429) || failure.kind == "rate_limit_error" {
        FaultKind::Rate
    } else if matches!(status, Some(408 | 409)) {
        FaultKind::Transport
    } else if matches!(status, Some(400..=499)) || says(&["issue with the selected model"]) {
        FaultKind::Refused
    } else if failure.reason.starts_with("aborted") {
        FaultKind::Ended
    } else {
        FaultKind::Transport
    }
}

/// What is said without a login, also by versions that give no status.
const LOGIN: [&str; 5] =
    ["not logged in", "invalid api key", "please run /login", "oauth token", "failed to authenticate"];

fn speaks_of_quota(text: &str) -> bool {
    // "rate limit" and "limit 200000" are no quota
    let text = text.replace("rate limit", "");
    let words = [
        "usage limit",
        "credit balance",
        "quota",
        "hit your limit",
        "limit reached",
        "spend limit",
        "out of extra usage",
    ];
    words.iter().any(|word| text.contains(word))
}

/// Whether it says that nobody was reached at all.
fn never_arrived(failure: &Failure) -> bool {
    ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ConnectionRefused"]
        .iter()
        .any(|word| failure.text.contains(word))
}

/// One line of it, without keys, short enough to show.
pub(super) fn one_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no reason was given");
    let words = line.split(' ').map(|word| if word.starts_with("sk-") { "sk-…" } else { word });
    let line = words.collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST_SAID) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_one_kind() {
        // status, reason, text as captured, kind, perhaps paid
        let table = [
            (Some(401), "api_error", "Invalid API key · Fix external API key", FaultKind::Auth, false),
            (
                Some(403),
                "api_error",
                "Failed to authenticate. API Error: 403 forbidden",
                FaultKind::Auth,
                false,
            ),
            (None, "api_error", "Not logged in · Please run /login", FaultKind::Auth, false),
            (None, "completed", "OAuth token has expired · Please run /login", FaultKind::Auth, false),
            (
                Some(429),
                "api_error",
                "API Error: Request rejected (429) · This request would exceed your rate limit",
                FaultKind::Rate,
                false,
            ),
            (Some(429), "completed", "Claude AI usage limit reached|1767225600", FaultKind::Quota, false),
            (Some(429), "api_error", "You've hit your limit · resets 3pm (UTC)", FaultKind::Quota, false),
            (Some(400), "api_error", "Credit balance is too low", FaultKind::Quota, false),
            (Some(529), "api_error", "API Error: 529 Overloaded.", FaultKind::Transport, false),
            (Some(500), "api_error", "API Error: 500 quota service broken", FaultKind::Transport, false),
            (
                None,
                "api_error",
                "API Error: Connection dropped (ECONNRESET). Check the gateway",
                FaultKind::Transport,
                true,
            ),
            (
                None,
                "completed",
                "API Error: Unable to connect to API (ECONNREFUSED)",
                FaultKind::Transport,
                false,
            ),
            (
                None,
                "api_error",
                "API Error: Stream ended without receiving any events",
                FaultKind::Transport,
                true,
            ),
            (
                Some(400),
                "prompt_too_long",
                "Prompt is too long · the request is ~210000 tokens",
                FaultKind::Overflow,
                false,
            ),
            (Some(413), "image_error", "Request too large (max 32MB).", FaultKind::Overflow, false),
            (
                Some(404),
                "api_error",
                "There's an issue with the selected model (x). It may not exist",
                FaultKind::Refused,
                false,
            ),
            (Some(400), "api_error", "API Error: 400 max_tokens: too large", FaultKind::Refused, false),
            (None, "aborted_streaming", "", FaultKind::Ended, true),
        ];
        for (status, reason, text, kind, paid) in table {
            let failure = Failure { status, reason: reason.into(), text: text.into(), ..Failure::default() };
            let fault = of(&failure, Timestamp(0));
            assert_eq!((fault.kind, fault.paid), (kind, paid), "{text}");
        }
    }

    #[test]
    fn a_quota_ends_when_it_says() {
        let text = |text: &str| Failure { status: Some(429), text: text.into(), ..Failure::default() };
        let fault = of(&text("Claude AI usage limit reached|1767225600"), Timestamp(0));
        assert_eq!(fault.retry_at, Some(Timestamp(1_767_225_600_000)));
        let told =
            Failure { limit: Some(Limit { until: Some(Timestamp(5)) }), ..text("Request rejected (429)") };
        assert_eq!(
            of(&told, Timestamp(0)),
            Fault::free(FaultKind::Quota, "Request rejected (429)").until(Some(Timestamp(5)))
        );
    }

    #[test]
    fn what_is_said_is_one_short_line_without_keys() {
        assert_eq!(one_line("\n bad key sk-ant-123 used\nmore"), "bad key sk-… used");
        assert_eq!(one_line(&"é".repeat(400)).chars().count(), 301);
    }
}
