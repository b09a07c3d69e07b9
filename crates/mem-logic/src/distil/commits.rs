//! Commits and what else git and the forge were told: subject, hash, branch, pushes, tags, merges.
//!
//! The hash comes from the output of `git commit` or of a later `git log`, never from prose. A quiet commit
//! still has its subject, from `-m` or a here-document.

use std::sync::LazyLock;

use regex::Regex;

use super::commands::Call;
use super::shell::heredoc_in;
use super::words::{first_sentence, line};

/// A commit made in the turn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Commit {
    /// First line of its message.
    pub(super) subject: String,
    /// Short hash; empty when no output showed it.
    pub(super) hash: String,
    /// Branch; empty when no output showed it.
    pub(super) branch: String,
    /// First sentence of its message's body, which tends to say why; empty when there is none.
    pub(super) why: String,
    /// Whether it replaced the one before.
    pub(super) amends: bool,
}

impl Commit {
    /// `commit 3f2a91c`, or `committed` where the hash was not shown.
    pub(super) fn short(&self) -> String {
        if self.hash.is_empty() { "committed".to_owned() } else { format!("commit {}", self.hash) }
    }
}

static MADE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^\[([^\]\n]+?)(?: \(root-commit\))? ([0-9a-f]{7,40})\] (.+)$").expect("a valid pattern")
});
static MERGED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^(?:Merge made by |Fast-forward$|\[[^\]\n]+\] Merge )").expect("a valid pattern")
});
static LOGGED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^(?:commit )?([0-9a-f]{7,40})(?: \([^)\n]*\))? (.+)$").expect("a valid pattern")
});
static PUSHED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^\s+[*+ ]?\s*(?:[0-9a-f]+\.\.\.?[0-9a-f]+|\[new (?:branch|tag)\])\s+(\S+) -> (\S+)")
        .expect("a valid pattern")
});
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"https?://\S+/(?:pull|merge_requests|issues|releases)/\S+").expect("a valid pattern")
});

/// The commits of one command line. `calls` are its calls that ended well, `output` what it printed.
pub(super) fn commits_of(calls: &[&Call], output: &str) -> Vec<Commit> {
    let makers: Vec<&&Call> = calls
        .iter()
        .filter(|call| {
            matches!(
                call.key.as_str(),
                "git commit" | "git revert" | "git cherry-pick" | "git am" | "git merge"
            )
        })
        .collect();
    if makers.is_empty() {
        return Vec::new();
    }
    let amends = makers.iter().any(|call| call.part.words.iter().any(|word| word == "--amend"));
    let messages: Vec<(String, String)> = makers.iter().filter_map(|call| message_of(call)).collect();
    let why_of = |subject: &str| {
        let told = messages.iter().find(|(known, _)| known == subject);
        told.map_or(String::new(), |(_, why)| why.clone())
    };
    let shown: Vec<Commit> = MADE
        .captures_iter(output)
        .map(|found| Commit {
            subject: line(&found[3], 200),
            hash: short_hash(&found[2]),
            branch: if found[1].starts_with("detached") { String::new() } else { found[1].to_owned() },
            why: why_of(&line(&found[3], 200)),
            amends,
        })
        .collect();
    if !shown.is_empty() {
        return shown;
    }
    makers
        .iter()
        .filter(|call| call.key == "git commit")
        .filter(|call| !call.part.words.iter().any(|word| word == "--dry-run"))
        .filter_map(|call| {
            let (subject, why) = message_of(call)?;
            Some(Commit { subject, why, amends, ..Commit::default() })
        })
        .collect()
}

/// The first line of the message a `git commit` was given, and the first sentence of its body.
fn message_of(call: &Call) -> Option<(String, String)> {
    let words = &call.part.words;
    let bodies: Vec<&String> =
        words.windows(2).filter(|pair| pair[0] == "-m").skip(1).map(|pair| &pair[1]).collect();
    let text = words.iter().enumerate().find_map(|(at, word)| match word.as_str() {
        "-m" | "--message" | "-am" | "-qm" | "-sm" | "-qam" | "-aqm" => words.get(at + 1).cloned(),
        "-F" | "--file" if words.get(at + 1).is_some_and(|name| name == "-") => call.part.heredoc.clone(),
        other => other.strip_prefix("--message=").map(str::to_owned),
    })?;
    let text = if text.starts_with("$(") { heredoc_in(&text)? } else { text };
    let (subject, body) = text.trim_start().split_once('\n').unwrap_or((text.trim_start(), ""));
    let body = bodies.first().map_or(body, |body| body.as_str());
    // Lines of a body are wrapped; a paragraph is one text. Trailers are no reason.
    let paragraph: Vec<&str> = body
        .trim_start()
        .lines()
        .map(str::trim)
        .take_while(|text| !text.is_empty() && !trailer(text))
        .collect();
    let why = paragraph.join(" ");
    (!subject.trim().is_empty()).then(|| (line(subject, 200), line(first_sentence(&why), 200)))
}

fn trailer(text: &str) -> bool {
    text.split_once(": ").is_some_and(|(name, _)| name.ends_with("-by") || name.ends_with("-By"))
        || !text.is_ascii() && text.starts_with('\u{1f916}')
}

/// Whether the output itself shows that the call did its work, whatever the exit code of the line is about.
pub(super) fn shown_done(call: &Call, output: &str) -> bool {
    match call.key.as_str() {
        "git commit" => MADE.is_match(output) || logged(call, output),
        "git cherry-pick" => MADE.is_match(output),
        "git revert" => MADE.captures_iter(output).any(|found| found[3].starts_with("Revert ")),
        "git merge" => MERGED.is_match(output),
        "git push" => PUSHED.is_match(output),
        "gh pr" | "gh release" | "gh issue" | "glab mr" => ADDRESS.is_match(output),
        _ => false,
    }
}

/// Whether a log in the same output shows the subject that the commit was given.
fn logged(call: &Call, output: &str) -> bool {
    message_of(call).is_some_and(|(subject, _)| {
        !output.contains("nothing to commit")
            && !output.contains("no changes added to commit")
            && LOGGED.captures_iter(output).any(|found| found[2].trim() == subject)
    })
}

/// Gives commits without a hash the one that a later output shows next to their subject.
pub(super) fn find_hashes(commits: &mut [Commit], output: &str) {
    for commit in commits.iter_mut().filter(|commit| commit.hash.is_empty()) {
        if let Some(found) = LOGGED.captures_iter(output).find(|found| found[2].trim() == commit.subject) {
            commit.hash = short_hash(&found[1]);
        }
    }
}

fn short_hash(hash: &str) -> String {
    hash[..hash.len().min(9)].to_owned()
}

/// What else was told to git or a forge, in a few words: `pushed main`, `tagged v1.2`, `merged feature-x`.
pub(super) fn told(call: &Call, output: &str) -> Option<String> {
    let target = call.scope.first().map(|name| line(name, 60));
    match call.key.as_str() {
        "git push" if output.contains("Everything up-to-date") && !PUSHED.is_match(output) => None,
        "git push" => Some(match PUSHED.captures(output) {
            Some(found) => format!("pushed {}", &found[2]),
            None => match call.scope.get(1) {
                Some(branch) => format!("pushed {}", line(branch, 60)),
                None => "pushed".to_owned(),
            },
        }),
        "git tag" => Some(format!("tagged {}", target?)),
        "git merge" => Some(format!("merged {}", target?)),
        "git rebase" => Some(format!("rebased onto {}", target?)),
        "git revert" => Some(format!("reverted {}", target?)),
        "gh pr" | "gh release" | "gh issue" | "glab mr" => {
            let done = match call.scope.first().map(String::as_str) {
                Some("create") => "opened",
                Some("merge") => "merged",
                _ => "closed",
            };
            let what = call.key.split(' ').nth(1).unwrap_or_default();
            let address = ADDRESS.find(output).map_or("", |found| found.as_str());
            Some(format!("{done} {what} {address}").trim_end().to_owned())
        }
        _ => None,
    }
}

/// Files whose changes a git call threw away: the paths named, or all when none is.
pub(super) fn thrown_away(call: &Call) -> Option<Vec<String>> {
    let words = &call.part.words;
    let has = |flag: &str| words.iter().any(|word| word == flag);
    match call.key.as_str() {
        "git restore" if has("--staged") && !has("--worktree") => None,
        "git restore" => Some(call.scope.iter().filter(|path| *path != ".").cloned().collect()),
        "git checkout" if has("--") => {
            let paths = words.iter().skip_while(|word| *word != "--").skip(1);
            Some(paths.filter(|path| *path != ".").cloned().collect())
        }
        "git checkout" if call.scope == ["."] => Some(Vec::new()),
        "git reset" if has("--hard") => Some(Vec::new()),
        _ => None,
    }
}
