//! Events, commits, turns and sessions written for people; memories have one long form, in `mem-logic::brief`.

use mem_core::model::MicroUsd;
use mem_core::time::Timestamp;
use mem_wire::memory::{Commit, Event, Request, Session, Turn};
use serde_json::Value;

use super::super::ledger::tokens;
use super::super::print::{bold, faint, moment, tame};
use super::super::sessions::short;

/// A raw event; ends without a line end, like the others.
pub(super) fn of_event(event: &Event) -> String {
    let mut page = Page::titled(&event.id, &event.event, event.tool.as_deref().unwrap_or_default());
    page.margin(
        event.at,
        &[
            ("", Some(event.project.as_str())),
            ("on ", event.branch.as_deref()),
            ("worktree ", event.worktree.as_deref()),
            ("session ", Some(&short(&event.session))),
            ("in ", Some(event.cwd.as_str())),
        ],
    );
    page.gap();
    let field = |name: &str| event.said.get(name).and_then(Value::as_str).unwrap_or_default();
    let said_twice = |name: &str| name == "output" && field("error").contains(field("output").trim_end());
    for (name, value) in event.said.iter().filter(|(name, _)| !said_twice(name)) {
        match value {
            Value::String(text) if text.contains('\n') => {
                page.line(&faint(&format!("{name}:")));
                page.line(&tame(text.trim_end()));
            }
            Value::String(text) => page.named(name, text),
            other => page.named(name, &other.to_string()),
        }
    }
    page.end()
}

/// A commit.
pub(super) fn of_commit(commit: &Commit) -> String {
    let mut page = Page::titled(&commit.id, "commit", &tame(&commit.subject));
    page.margin(
        commit.at,
        &[
            ("", Some(commit.hash.as_str())),
            ("", Some(commit.project.as_str())),
            ("on ", commit.branch.as_deref()),
            ("session ", Some(&short(&commit.session))),
            ("in ", Some(commit.turn.as_str())),
            ("seen in ", Some(commit.event.as_str())),
        ],
    );
    page.paragraph(&commit.why);
    page.end()
}

/// One prompt, with the subjects of its commits in the order of their ids.
pub(super) fn of_turn(turn: &Turn, commits: &[&str]) -> String {
    let mut page =
        Page::titled(&turn.id, "turn", &format!("{} of session {}", turn.ordinal, short(&turn.session)));
    page.margin(
        turn.started_at,
        &[
            ("", Some(turn.project.as_str())),
            ("on ", turn.branch.as_deref()),
            ("", turn.closed_at.is_none().then_some("still open")),
        ],
    );
    page.paragraph(&turn.prompt);
    page.gap();
    for (id, subject) in turn.commits.iter().zip(commits) {
        page.line(&format!("{} {}", bold(id), tame(subject)));
    }
    page.named("Events", &turn.events.join(" "));
    page.end()
}

/// A session with its prompts and its observations, whose `titles` are in the order of their ids.
pub(super) fn of_session(session: &Session, titles: &[&str]) -> String {
    let listing = &session.listing;
    let mut page = Page::titled(&short(&listing.id), "session", &listing.id);
    page.margin(
        listing.started_at,
        &[
            ("to ", Some(moment(Timestamp(listing.last_at)).as_str())),
            ("", Some(listing.project.as_str())),
            ("in ", Some(listing.cwd.as_str())),
            ("ended: ", listing.end_reason.as_deref()),
        ],
    );
    for turn in &session.turn_list {
        page.gap();
        page.line(&format!("{} {}", bold(&turn.id), faint(&moment(Timestamp(turn.started_at)))));
        page.line(&tame(turn.prompt.trim_end()));
    }
    page.gap();
    for (id, title) in session.observation_list.iter().zip(titles) {
        page.line(&format!("{} {}", bold(id), tame(title)));
    }
    page.gap();
    page.named("Transcript", listing.transcript.as_deref().unwrap_or_default());
    page.end()
}

/// Where a memory comes from and what it stands in for, as lines below it; nothing for what our own rules made alone.
pub(super) fn of_origin(
    request: Option<&Request>,
    superseded_by: Option<&str>,
    supersedes: &[String],
) -> String {
    let mut lines = Vec::new();
    if let Some(request) = request {
        let session = request
            .model_session
            .as_deref()
            .map(|id| format!(", in its session {}", tame(id)))
            .unwrap_or_default();
        lines.push(format!(
            "Made by {} at {}, run {}{session}: {} input and {} output tokens, {} ({}).",
            tame(&request.model),
            moment(Timestamp(request.at)),
            tame(&request.run),
            tokens(request.input),
            tokens(request.output),
            MicroUsd(request.micro_usd),
            source(&request.priced)
        ));
    }
    if let Some(newer) = superseded_by {
        lines.push(format!("Superseded by {newer}."));
    }
    if !supersedes.is_empty() {
        lines.push(format!("Supersedes {}.", supersedes.join(", ")));
    }
    if lines.is_empty() { String::new() } else { format!("\n{}", lines.join("\n")) }
}

/// Where a price comes from, in words.
fn source(priced: &str) -> &str {
    match priced {
        "told" => "as the service said",
        "own" => "by CLAUDE_MEM_PRICE",
        "free" => "free",
        "table" => "by list price",
        _ => "estimated",
    }
}

/// A text in the making, which has no two empty lines in a row.
struct Page {
    text: String,
}

impl Page {
    fn titled(id: &str, kind: &str, title: &str) -> Self {
        Self { text: format!("{} {kind}  {}\n", bold(id), bold(title)).replace("\x1b[1m\x1b[0m", "") }
    }

    /// A line; nothing when there are no words.
    fn line(&mut self, words: &str) {
        if !words.is_empty() {
            self.text.push_str(words);
            self.text.push('\n');
        }
    }

    fn gap(&mut self) {
        if !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// When and where, on one faint line; parts without a value are left out.
    fn margin(&mut self, at: i64, parts: &[(&str, Option<&str>)]) {
        let mut words = vec![moment(Timestamp(at))];
        words.extend(parts.iter().filter_map(|(name, value)| {
            value.filter(|value| !value.is_empty()).map(|value| format!("{name}{value}"))
        }));
        self.line(&faint(&words.join(" · ")));
    }

    fn paragraph(&mut self, words: &str) {
        if !words.trim().is_empty() {
            self.gap();
            self.line(&tame(words.trim_end()));
        }
    }

    /// `Name: words`; nothing without words.
    fn named(&mut self, name: &str, words: &str) {
        if !words.is_empty() {
            self.line(&format!("{} {}", faint(&format!("{name}:")), tame(words.trim_end())));
        }
    }

    fn end(self) -> String {
        self.text.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('\x1b') {
            out.push_str(before);
            rest = after.split_once('m').map_or("", |(_, rest)| rest);
        }
        out + rest
    }

    #[test]
    fn a_memory_says_who_made_it_and_what_that_cost() {
        let request = Request {
            model: "claude/haiku".into(),
            at: i64::MAX,
            run: "0199-1".into(),
            model_session: Some("c0ffee".into()),
            input: 9400,
            output: 700,
            micro_usd: 12_500,
            priced: "told".into(),
        };
        insta::assert_snapshot!(of_origin(Some(&request), None, &["#1".into(), "#2".into()]), @"
        Made by claude/haiku at 9223372036854775807 ms, run 0199-1, in its session c0ffee: 9.4k input and 700 output tokens, $0.0125 (as the service said).
        Supersedes #1, #2.
        ");
        insta::assert_snapshot!(of_origin(None, Some("S4"), &[]), @"

        Superseded by S4.
        ");
        assert_eq!(of_origin(None, None, &[]), "");
    }

    #[test]
    fn a_commit_says_what_was_done_and_where() {
        let commit = Commit {
            id: "C6".into(),
            hash: "3f2a91c".into(),
            subject: "lexer: keep umlauts\u{1b}[2J".into(),
            why: "They vanished.".into(),
            project: "widgets".into(),
            session: "383770b4-367f".into(),
            turn: "T4".into(),
            event: "E5".into(),
            at: i64::MAX,
            branch: Some("main".into()),
        };
        insta::assert_snapshot!(plain(&of_commit(&commit)), @"
        C6 commit  lexer: keep umlauts�[2J
        9223372036854775807 ms · 3f2a91c · widgets · on main · session 383770b4 · in T4 · seen in E5

        They vanished.
        ");
    }

    #[test]
    fn an_event_shows_long_texts_on_lines_of_their_own() {
        let event = Event {
            id: "E5".into(),
            project: "widgets".into(),
            agent: "claude-code".into(),
            session: "383770b4-367f".into(),
            at: i64::MAX,
            stored_at: i64::MAX,
            cwd: "/w".into(),
            branch: None,
            worktree: None,
            event: "tool_used".into(),
            tool: Some("Bash".into()),
            said: serde_json::from_str(
                r#"{"command":"cargo test","exit_code":101,"output":"one\ntwo\u001b[2J\n"}"#,
            )
            .unwrap(),
        };
        insta::assert_snapshot!(plain(&of_event(&event)), @"
        E5 tool_used  Bash
        9223372036854775807 ms · widgets · session 383770b4 · in /w

        command: cargo test
        exit_code: 101
        output:
        one
        two�[2J
        ");
    }
}
