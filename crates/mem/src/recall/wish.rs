//! What someone wishes to know, still in the words they used, and the question it comes to.

use jiff::tz::TimeZone;
use mem_core::event::Agent;
use mem_core::id::SessionRow;
use mem_core::recall::Filter;
use mem_daemon::inbox::drain;
use mem_daemon::recall::{Ask, Order, has_words};
use mem_store::Reader;

use super::among::Among;
use super::search::PER_SESSION;
use super::{sorts, when};
use crate::commands::desk::{Desk, Scope};
use crate::failure::Failure;

/// A wish: conditions as they were typed, each list of alternatives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Wish {
    /// What to look for.
    pub(crate) query: String,
    /// Projects, by name, key or directory; none for the one of this directory.
    pub(crate) projects: Vec<String>,
    /// Every project.
    pub(crate) all: bool,
    /// Kinds of documents or types of observations, in one list, as the original system has them.
    pub(crate) kinds: Vec<String>,
    /// Types of observations.
    pub(crate) types: Vec<String>,
    /// Concepts.
    pub(crate) concepts: Vec<String>,
    /// Files, or folders.
    pub(crate) files: Vec<String>,
    /// Whether `files` are folders, of which direct children count.
    pub(crate) folders: bool,
    /// Not before: a date, a moment, or `7d`.
    pub(crate) from: Option<String>,
    /// Until: a date that is included, a moment, or `7d`.
    pub(crate) to: Option<String>,
    /// The moment to answer as of; none for now.
    pub(crate) as_of: Option<String>,
    /// Files at hand.
    pub(crate) near: Vec<String>,
    /// Sessions, by the beginning of their ids.
    pub(crate) sessions: Vec<String>,
    /// Sessions that are left out, in the same way.
    pub(crate) not_sessions: Vec<String>,
    /// Agents.
    pub(crate) agents: Vec<String>,
    /// Branches.
    pub(crate) branches: Vec<String>,
    /// Linked worktrees.
    pub(crate) worktrees: Vec<String>,
    /// In which order.
    pub(crate) order: Order,
    /// Most hits.
    pub(crate) limit: usize,
    /// Hits that are passed over.
    pub(crate) offset: usize,
    /// Most hits of one session; 0 is no limit, none the usual one.
    pub(crate) per_session: Option<usize>,
    /// Whether hits say why they stand where they do.
    pub(crate) explain: bool,
}

/// The question that a wish comes to, with the projects it is about.
#[derive(Debug)]
pub(crate) struct Question {
    /// What memory is asked.
    pub(crate) ask: Ask,
    /// The projects, for words about them.
    pub(crate) among: Among,
}

impl Wish {
    /// Looks up what the words mean.
    ///
    /// # Errors
    /// [`Failure`] with a remedy when nothing is asked, or a word means nothing: an unknown project, an unreadable date, a
    /// reversed stretch of time.
    pub(crate) fn resolve(&self, desk: &Desk, store: &Reader) -> Result<Question, Failure> {
        self.check()?;
        let (now, zone) = (drain::now(), TimeZone::system());
        let as_of = self.as_of.as_deref().map(|text| when::at(text, now, &zone)).transpose()?;
        // who asks as of a moment means its "last week"
        let now = as_of.unwrap_or(now);
        let among = Among::of(desk, store, &self.projects, self.all)?;
        let here = match desk.scope(store, false)? {
            Scope::Project(id, _) => Some(id),
            Scope::All | Scope::Unknown(_) => None,
        };
        let (kinds, types) = sorts::resolve(desk, store, &self.kinds, &self.types)?;
        let (from, until) = when::stretch(self.from.as_deref(), self.to.as_deref(), now, &zone)?;
        let top =
            if self.files.is_empty() && self.near.is_empty() { String::new() } else { desk.facts().top };
        let paths: Vec<String> =
            self.files.iter().map(|path| as_remembered(path, &top)).collect::<Result<_, _>>()?;
        let near = self.near.iter().map(|path| as_remembered(path, &top)).collect::<Result<_, _>>()?;
        let (files, folders) = if self.folders { (Vec::new(), paths) } else { (paths, Vec::new()) };
        let filter = Filter {
            projects: among.ids(),
            sessions: sessions(store, &self.sessions)?,
            not_sessions: sessions(store, &self.not_sessions)?,
            agents: self.agents.iter().map(|name| agent(name)).collect::<Result<_, _>>()?,
            worktrees: self.worktrees.clone(),
            branches: self.branches.clone(),
            kinds,
            types,
            concepts: self.concepts.clone(),
            files,
            folders,
            from,
            until,
        };
        let text = self.query.trim().to_owned();
        // a list of what happened has all of it
        let usual = || if has_words(&text, now, &zone) { PER_SESSION } else { 0 };
        let per_session = self.per_session.unwrap_or_else(usual);
        let ask = Ask {
            text,
            filter,
            here,
            files: near,
            as_of,
            order: self.order,
            limit: self.limit,
            offset: self.offset,
            per_session,
            explain: self.explain,
            now,
            zone,
        };
        Ok(Question { ask, among })
    }

    /// Whether there is something to ask, as far as that can be seen without a memory.
    ///
    /// # Errors
    /// [`Failure`] when there is neither a word nor a condition, or a condition without a value.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let lists: [(&str, &[String]); 10] = [
            ("project", &self.projects),
            ("type", &self.kinds),
            ("type", &self.types),
            ("concept", &self.concepts),
            (if self.folders { "folder" } else { "file" }, &self.files),
            ("session", &self.sessions),
            ("session to leave out", &self.not_sessions),
            ("agent", &self.agents),
            ("branch", &self.branches),
            ("worktree", &self.worktrees),
        ];
        let blank = |list: &[String]| list.iter().any(|value| value.trim().is_empty());
        if let Some((name, _)) = lists.iter().find(|(_, list)| blank(list)) {
            return Err(Failure::usage(format!("a {name} without a name means nothing"))
                .hint("Leave the condition out, or say what it asks for."));
        }
        let conditions = lists.iter().any(|(_, list)| !list.is_empty());
        if !self.query.trim().is_empty() || conditions || self.from.is_some() || self.to.is_some() {
            return Ok(());
        }
        Err(Failure::usage("there is nothing to look for: neither a word nor a condition")
            .hint("With words: `claude-mem search parser panics on empty input`.")
            .hint(
                "With conditions alone it lists the newest: `claude-mem search --type decision --from 7d`.",
            ))
    }
}

/// A path as memories name files: without what leads to the project, and without marks of a folder at either end.
fn as_remembered(path: &str, top: &str) -> Result<String, Failure> {
    let path = path.trim();
    let inside = path.strip_prefix(top).filter(|rest| !top.is_empty() && rest.starts_with('/'));
    let mut plain = inside.map_or(path, |rest| rest.trim_start_matches('/'));
    while let Some(rest) = plain.strip_prefix("./") {
        plain = rest.trim_start_matches('/');
    }
    let end = plain.trim_end_matches('/');
    if end.is_empty() || end == "." {
        return Err(Failure::usage(format!("{path:?} names no file and no folder within a project"))
            .hint("Write it as memories do: src/parser.rs, parser.rs, src."));
    }
    Ok(end.to_owned())
}

/// The sessions of these beginnings.
fn sessions(store: &Reader, named: &[String]) -> Result<Vec<SessionRow>, Failure> {
    let mut rows = Vec::new();
    for text in named {
        let found = store.sessions_beginning(text)?;
        let list = "`claude-mem sessions --all` lists them.";
        match found.as_slice() {
            [] => {
                return Err(
                    Failure::usage(format!("no session has an id that begins with {text:?}")).hint(list)
                );
            }
            [(row, _)] => rows.push(*row),
            // two agents may have given one id
            [(_, first), rest @ ..] if rest.iter().all(|(_, id)| id == first) => {
                rows.extend(found.iter().map(|(row, _)| *row));
            }
            several => {
                let number = several.len();
                return Err(Failure::usage(format!("{text:?} is the beginning of {number} sessions' ids"))
                    .hint(format!("Give more of it; {list}")));
            }
        }
    }
    Ok(rows)
}

fn agent(name: &str) -> Result<Agent, Failure> {
    let plain = name.trim().to_lowercase().replace('_', "-");
    // the original system's name of it
    let plain = if plain == "claude" { Agent::ClaudeCode.as_str() } else { &plain };
    Agent::parse(plain).ok_or_else(|| {
        Failure::usage(format!("no agent is called {name:?}"))
            .hint(format!("Memory knows {}.", Agent::ClaudeCode.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_for_nothing_is_refused_with_examples() {
        insta::assert_snapshot!(Wish::default().check().unwrap_err(), @"
        error: there is nothing to look for: neither a word nor a condition
        hint: With words: `claude-mem search parser panics on empty input`.
        hint: With conditions alone it lists the newest: `claude-mem search --type decision --from 7d`.
        ");
        let all = Wish { all: true, query: " \t ".into(), ..Wish::default() };
        assert!(all.check().is_err(), "everything is no condition");
        for wish in [
            Wish { query: "?".into(), ..Wish::default() },
            Wish { kinds: vec!["prompts".into()], ..Wish::default() },
            Wish { to: Some("7d".into()), ..Wish::default() },
            Wish { projects: vec!["widgets".into()], ..Wish::default() },
        ] {
            wish.check().unwrap();
        }
        let blank = Wish { query: "parser".into(), files: vec![" ".into()], ..Wish::default() };
        assert!(blank.check().unwrap_err().to_string().contains("a file without a name"));
    }

    #[test]
    fn paths_are_asked_for_as_they_are_remembered() {
        for (typed, wanted) in [
            ("src/x.rs", "src/x.rs"),
            ("./src/x.rs", "src/x.rs"),
            (".//src/", "src"),
            ("/w/widgets/src/x.rs", "src/x.rs"),
            ("/w/widgets2/x.rs", "/w/widgets2/x.rs"),
            ("../x.rs", "../x.rs"),
            ("..", ".."),
        ] {
            assert_eq!(as_remembered(typed, "/w/widgets").unwrap(), wanted, "{typed}");
        }
        for typed in [".", "./", "/", "/w/widgets/"] {
            assert!(as_remembered(typed, "/w/widgets").is_err(), "{typed}");
        }
    }

    #[test]
    fn agents_have_their_names() {
        for name in ["claude-code", "Claude_Code", "claude"] {
            assert_eq!(agent(name).unwrap(), Agent::ClaudeCode);
        }
        assert!(agent("copilot").unwrap_err().to_string().contains("claude-code"));
    }
}
