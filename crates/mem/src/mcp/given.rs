//! Arguments as they were given, however they are spelled.
//!
//! Models and scripts written for the original system send camelCase or snake_case, numbers as texts, lists with commas.
//! All of that is taken; what nobody asks for is ignored. Must not know what an argument means.

use mem_core::recall::DocKind;
use mem_daemon::recall::Order;
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::recall::search::PER_SESSION;
use crate::recall::wish::Wish;

/// Hits unless told.
const USUAL: usize = 20;
/// Most hits.
const MOST: usize = 100;
/// Characters of a query that are looked at; the search bounds its work by words anyway.
const QUERY: usize = 20_000;
/// A number from here on is a moment in milliseconds and no year: 1973.
const EPOCH_MS: i64 = 100_000_000_000;

/// The arguments of a call.
pub(super) struct Given {
    by_name: Map<String, Value>,
}

impl Given {
    /// Arguments by their names, without case, `_` and `-`; the first of two spellings counts.
    pub(super) fn new(arguments: Map<String, Value>) -> Self {
        let mut by_name = Map::new();
        for (name, value) in arguments {
            if !value.is_null() {
                by_name.entry(plain(&name)).or_insert(value);
            }
        }
        Self { by_name }
    }

    fn find(&self, names: &[&str]) -> Option<&Value> {
        names.iter().find_map(|name| self.by_name.get(*name))
    }

    /// A text that is not empty; arrays are joined.
    pub(super) fn text(&self, names: &[&str]) -> Option<String> {
        let text = match self.find(names)? {
            Value::Array(parts) => parts.iter().filter_map(word).collect::<Vec<_>>().join(" "),
            one => word(one)?,
        };
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// A list: an array, a text with commas, or an array written as text.
    pub(super) fn list(&self, names: &[&str]) -> Vec<String> {
        let parts = match self.find(names) {
            None => Vec::new(),
            Some(Value::Array(parts)) => parts.iter().filter_map(word).collect(),
            Some(one) => split(&word(one).unwrap_or_default()),
        };
        parts.iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
    }

    /// A whole number.
    ///
    /// # Errors
    /// [`Failure`] when it is none.
    pub(super) fn number(&self, names: &[&str]) -> Result<Option<i64>, Failure> {
        let Some(text) = self.text(names) else { return Ok(None) };
        let whole = text.parse::<f64>().ok().filter(|number| number.is_finite());
        let number = text.parse().ok().or(whole.map(|number| number as i64));
        number.map(Some).ok_or_else(|| {
            Failure::user(format!("{} is no number: {:?}", names[0], mem_core::text::one_line(&text, 40)))
        })
    }

    fn bounded(&self, names: &[&str], usual: usize, low: usize, high: usize) -> Result<usize, Failure> {
        let number = self.number(names)?;
        Ok(number.map_or(usual, |number| usize::try_from(number).unwrap_or(0).clamp(low, high)))
    }

    /// How many, at least one.
    pub(super) fn limit(&self, usual: usize, most: usize) -> Result<usize, Failure> {
        self.bounded(&["limit", "maxresults"], usual, 1, most)
    }

    /// How many on one side.
    pub(super) fn depth(&self, names: &[&str], usual: usize, most: usize) -> Result<usize, Failure> {
        self.bounded(names, usual, 0, most)
    }

    fn flag(&self, names: &[&str]) -> bool {
        let said = self.find(names).and_then(word).unwrap_or_default();
        ["true", "1", "yes"].contains(&said.to_lowercase().as_str())
    }

    /// A date or moment as text; milliseconds become a moment in RFC 3339.
    fn moment(&self, names: &[&str]) -> Option<String> {
        self.text(names).map(|text| dated(&text))
    }

    /// The order that is wished.
    ///
    /// # Errors
    /// [`Failure`] when there is no such order.
    pub(super) fn order(&self) -> Result<Option<Order>, Failure> {
        let Some(said) = self.text(&["orderby", "order", "sort"]) else { return Ok(None) };
        match plain(&said).as_str() {
            "relevance" | "best" => Ok(Some(Order::Best)),
            "datedesc" | "newest" | "desc" => Ok(Some(Order::Newest)),
            "dateasc" | "oldest" | "asc" => Ok(Some(Order::Oldest)),
            _ => Err(Failure::user(format!(
                "there is no order {:?}: say relevance, date_desc or date_asc",
                mem_core::text::one_line(&said, 40)
            ))),
        }
    }

    /// Names of projects, and whether all of them are meant.
    pub(super) fn projects(&self) -> (Vec<String>, bool) {
        let named = match self.find(&["project"]) {
            // a name may have a comma in it
            Some(Value::String(name)) if !name.trim().is_empty() => vec![name.trim().to_owned()],
            _ => self.list(&["projects", "project"]),
        };
        let all =
            named.iter().any(|name| name == "*") || self.text(&["all"]).is_some_and(|all| all == "true");
        (if all { Vec::new() } else { named }, all)
    }

    /// Names of agents; `claude` is the original system's name of Claude Code.
    pub(super) fn agents(&self) -> Vec<String> {
        let mut agents = self.list(&["platformsource", "agent", "agents"]);
        for agent in &mut agents {
            agent.make_ascii_lowercase();
            if agent == "claude" {
                "claude-code".clone_into(agent);
            }
        }
        agents
    }

    /// The wish that a search comes to.
    ///
    /// # Errors
    /// [`Failure`] when a number or an order is none.
    pub(super) fn wish(&self) -> Result<Wish, Failure> {
        let (projects, all) = self.projects();
        let (kinds, mut types) = self.kinds();
        types.extend(self.list(&["obstype", "obstypes", "types"]));
        let mut query = self.text(&["query", "q"]).unwrap_or_default();
        mem_core::text::bound(&mut query, QUERY);
        Ok(Wish {
            query,
            projects,
            all,
            kinds,
            types,
            concepts: self.list(&["concepts", "concept"]),
            files: self.list(&["files", "file", "filepath", "filepaths", "path"]),
            folders: self.flag(&["isfolder", "folder"]),
            from: self.moment(&["datestart", "datefrom", "from", "since"]),
            to: self.moment(&["dateend", "dateto", "to", "until"]),
            as_of: None,
            near: Vec::new(),
            sessions: self.list(&["session", "sessions", "sessionid"]),
            not_sessions: self.list(&["notsession", "notsessions"]),
            agents: self.agents(),
            branches: self.list(&["branch", "branches"]),
            worktrees: self.list(&["worktree", "worktrees"]),
            order: self.order()?.unwrap_or_default(),
            limit: self.limit(USUAL, MOST)?,
            offset: self.bounded(&["offset"], 0, 0, usize::MAX)?,
            per_session: PER_SESSION,
            explain: false,
        })
    }

    /// `type` by its meanings: kinds of documents, and all else types of observations.
    fn kinds(&self) -> (Vec<String>, Vec<String>) {
        let named = self.list(&["type", "kind", "kinds"]);
        named.into_iter().partition(|name| DocKind::parse(&name.to_lowercase()).is_some())
    }
}

/// Whether anything was wished for beyond "anything".
pub(super) fn asks_for_something(wish: &Wish) -> bool {
    let lists = [
        &wish.projects,
        &wish.kinds,
        &wish.types,
        &wish.concepts,
        &wish.files,
        &wish.sessions,
        &wish.not_sessions,
        &wish.agents,
        &wish.branches,
        &wish.worktrees,
    ];
    !wish.query.trim().is_empty()
        || wish.from.is_some()
        || wish.to.is_some()
        || lists.iter().any(|list| !list.is_empty())
}

/// A date as it was written; a large number, which is milliseconds, as a moment.
pub(super) fn dated(text: &str) -> String {
    let epoch = text.parse::<i64>().ok().filter(|ms| *ms >= EPOCH_MS);
    let moment = epoch.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    moment.map_or_else(|| text.to_owned(), |moment| moment.to_string())
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

/// A single value as text.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn split(text: &str) -> Vec<String> {
    if text.trim_start().starts_with('[')
        && let Ok(Value::Array(parts)) = serde_json::from_str(text)
    {
        return parts.iter().filter_map(word).collect();
    }
    text.split(',').map(ToOwned::to_owned).collect()
}
