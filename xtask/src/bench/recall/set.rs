//! A set as it lies on disk: `sessions.jsonl` and `queries.jsonl`, each a JSON object a line.
//!
//! A session is `{group, session, at, ended_at?, files, turns: [{id, role, text}]}`, a query `{id, group, text, gold,
//! before, stale, category}`. Times are ISO 8601, or prose such as `1:56 pm on 8 May, 2023`, taken as UTC. Roles are `user`,
//! `assistant` and `commit`; in a set of conversations between people they are the speakers' names: whoever speaks
//! first in a session is taken for the user, since a session of an agent begins with a prompt and what is said before one
//! belongs to no turn; each text says who said it.

use std::path::Path;

use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use mem_core::time::Timestamp;
use serde_json::Value;

/// Time between the turns of a session of which only the begin is known.
const PACE_MS: i64 = 1000;

/// A set.
#[derive(Debug, Default)]
pub(super) struct Set {
    /// The last part of its folder.
    pub(super) name: String,
    /// Names of the groups; a query is about the sessions of its own.
    pub(super) groups: Vec<String>,
    /// The sessions, as they stand in the file.
    pub(super) sessions: Vec<Session>,
    /// The queries, as they stand in the file.
    pub(super) queries: Vec<Query>,
}

/// One session.
#[derive(Debug)]
pub(super) struct Session {
    /// Which group.
    pub(super) group: usize,
    /// Its name within the group.
    pub(super) name: String,
    /// When it began.
    pub(super) at: Timestamp,
    /// When it ended.
    pub(super) ended_at: Timestamp,
    /// Files that were changed in it, relative to the project.
    pub(super) files: Vec<String>,
    /// What was said, in order.
    pub(super) turns: Vec<Turn>,
}

/// One thing that was said, or done.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// By whom.
    pub(super) role: Role,
    /// What.
    pub(super) text: String,
}

/// What a turn is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Words of the user.
    Prompt,
    /// Words of the agent.
    Answer,
    /// A commit, by its message.
    Commit,
}

/// One query.
#[derive(Debug)]
pub(super) struct Query {
    /// Its id.
    pub(super) id: String,
    /// Which group.
    pub(super) group: usize,
    /// What is asked.
    pub(super) text: String,
    /// Names of the sessions that answer it.
    pub(super) gold: Vec<String>,
    /// Names of sessions that were overruled by those.
    pub(super) stale: Vec<String>,
    /// Only sessions that ended before this count.
    pub(super) before: Option<Timestamp>,
    /// Its category.
    pub(super) category: String,
}

impl Set {
    /// Reads a folder.
    ///
    /// # Errors
    /// Which file or line cannot be read, and why.
    pub(super) fn read(folder: &Path) -> Result<Self, String> {
        let name = folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let mut set = Self { name, ..Self::default() };
        for (place, line) in lines(&folder.join("sessions.jsonl"))? {
            let session = set.session(&line).map_err(|why| format!("{place}: {why}"))?;
            set.sessions.push(session);
        }
        for (place, line) in lines(&folder.join("queries.jsonl"))? {
            let query = set.query(&line).map_err(|why| format!("{place}: {why}"))?;
            set.queries.push(query);
        }
        if set.sessions.is_empty() || set.queries.is_empty() {
            return Err(format!("{} has no session or no query", folder.display()));
        }
        Ok(set)
    }

    fn group(&mut self, line: &Value) -> Result<usize, String> {
        let name = text(line, "group")?;
        Ok(self.groups.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.groups.push(name);
            self.groups.len() - 1
        }))
    }

    fn session(&mut self, line: &Value) -> Result<Session, String> {
        let group = self.group(line)?;
        let mut turns = Vec::new();
        let mut first: Option<String> = None;
        for turn in line["turns"].as_array().ok_or("`turns` is no list")? {
            let (role, said) = (text(turn, "role")?, text(turn, "text")?);
            let first = first.get_or_insert_with(|| role.clone());
            turns.push(match role.as_str() {
                "user" => Turn { role: Role::Prompt, text: said },
                "assistant" => Turn { role: Role::Answer, text: said },
                "commit" => Turn { role: Role::Commit, text: said },
                name => {
                    let role = if name == first { Role::Prompt } else { Role::Answer };
                    Turn { role, text: format!("{name}: {said}") }
                }
            });
        }
        let at = moment(&text(line, "at")?)?;
        let ended_at = match line["ended_at"].as_str() {
            Some(end) => moment(end)?.max(at),
            None => at.plus_ms(PACE_MS * (turns.len() as i64 + 1)),
        };
        Ok(Session { group, name: text(line, "session")?, at, ended_at, files: texts(line, "files"), turns })
    }

    fn query(&mut self, line: &Value) -> Result<Query, String> {
        let category = match &line["category"] {
            Value::String(name) => name.clone(),
            Value::Null => "none".to_owned(),
            other => other.to_string(),
        };
        Ok(Query {
            id: text(line, "id")?,
            group: self.group(line)?,
            text: text(line, "text")?,
            gold: texts(line, "gold"),
            stale: texts(line, "stale"),
            before: line["before"].as_str().map(moment).transpose()?,
            category,
        })
    }
}

impl Session {
    /// When each turn took place: spread evenly between begin and end.
    pub(super) fn times(&self) -> Vec<Timestamp> {
        let (span, parts) = (self.ended_at.since(self.at), self.turns.len() as i64 + 1);
        (1..parts).map(|turn| self.at.plus_ms(span * turn / parts)).collect()
    }
}

/// The lines of a file as JSON, each with the words that name its place.
fn lines(path: &Path) -> Result<Vec<(String, Value)>, String> {
    let whole = std::fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))?;
    let mut found = Vec::new();
    for (number, line) in whole.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let place = format!("{}, line {}", path.display(), number + 1);
        let value = serde_json::from_str(line).map_err(|why| format!("{place}: {why}"))?;
        found.push((place, value));
    }
    Ok(found)
}

fn text(line: &Value, key: &str) -> Result<String, String> {
    line[key].as_str().map(ToOwned::to_owned).ok_or_else(|| format!("`{key}` is no text"))
}

fn texts(line: &Value, key: &str) -> Vec<String> {
    let list = line[key].as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

/// A moment in either spelling.
fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(found) = text.parse::<jiff::Timestamp>() {
        return Ok(Timestamp(found.as_millisecond()));
    }
    BrokenDownTime::parse("%I:%M %p on %d %B, %Y", text)
        .and_then(|parts| parts.to_datetime()?.to_zoned(TimeZone::UTC))
        .map(|found| Timestamp(found.timestamp().as_millisecond()))
        .map_err(|why| format!("{text:?} is no moment: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_both_spellings() {
        let both = ["1:56 pm on 8 May, 2023", "2023-05-08T13:56:00Z"].map(|text| moment(text).unwrap());
        assert_eq!(both[0], both[1]);
        assert!(moment("yesterday").is_err());
    }

    #[test]
    fn the_first_speaker_of_a_session_is_the_user() {
        let mut set = Set::default();
        let mut roles = |line: &str| {
            let session = set.session(&serde_json::from_str(line).unwrap()).unwrap();
            session.turns.into_iter().map(|turn| (turn.role, turn.text)).collect::<Vec<_>>()
        };
        let one = r#"{"group":"g","session":"1","at":"2026-01-01T00:00:00Z","turns":[
            {"id":"1","role":"Ann","text":"hello"},{"id":"2","role":"Bo","text":"hi"}]}"#;
        let two = one.replace("Ann", "Cy").replace("\"Bo\"", "\"Ann\"");
        assert_eq!(roles(one), [(Role::Prompt, "Ann: hello".into()), (Role::Answer, "Bo: hi".into())]);
        assert_eq!(roles(&two), [(Role::Prompt, "Cy: hello".into()), (Role::Answer, "Ann: hi".into())]);
    }

    #[test]
    fn turns_lie_between_begin_and_end() {
        let line = r#"{"group":"g","session":"1","at":"1970-01-01T00:00:00Z","ended_at":"1970-01-01T00:00:09Z","turns":[
            {"role":"user","text":"a"},{"role":"assistant","text":"b"}]}"#;
        let mut set = Set::default();
        let mut session = set.session(&serde_json::from_str(line).unwrap()).unwrap();
        assert_eq!(session.times(), [Timestamp(3000), Timestamp(6000)]);
        session.ended_at = session.at;
        assert_eq!(session.times(), [Timestamp(0), Timestamp(0)]);
    }
}
