//! Arguments as they were given, however they are spelled.
//!
//! Models and scripts written for the original system send camelCase or snake_case, numbers as texts, lists with commas.
//! All of that is taken; names that nobody looks for are told of (`not_known`). What is asked for and cannot be read is an error that says what
//! would be right (`unread`), since a condition that is dropped makes a search wider than it was meant. Must not know what
//! an argument means.

use std::cell::RefCell;
use std::collections::HashSet;

use mem_core::recall::DocKind;
use mem_core::text::one_line;
use mem_daemon::recall::Order;
use serde_json::{Map, Value};

use super::unread::{self, unread};
use crate::failure::Failure;
use crate::recall::when;
use crate::recall::wish::Wish;

/// Hits unless told.
const USUAL: usize = 20;
/// Most hits.
const MOST: usize = 100;
/// Bytes of a query that are looked at; the search bounds its work by words anyway.
const QUERY: usize = 20_000;
/// A number from here on is a moment in milliseconds and no year: 1973.
const EPOCH_MS: i64 = 100_000_000_000;
/// Names of the begin and of the end of a stretch of time.
const BEGIN: [&str; 4] = ["datestart", "datefrom", "from", "since"];
const END: [&str; 4] = ["dateend", "dateto", "to", "until"];

/// Names that are told of those that are not known, and characters of each.
const TOLD: usize = 8;
const NAME: usize = 40;

/// The arguments of a call.
pub(super) struct Given {
    all: Vec<Argument>,
    /// The names that something was looked for under.
    sought: RefCell<HashSet<String>>,
}

/// One of them.
struct Argument {
    /// Its name without case, `_` and `-`.
    plain: String,
    /// Its name as it was spelled.
    name: String,
    value: Value,
}

impl Given {
    /// Arguments by their names; null is none.
    pub(super) fn new(arguments: Map<String, Value>) -> Self {
        let all = arguments
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| Argument { plain: plain(&name), name, value })
            .collect();
        Self { all, sought: RefCell::default() }
    }

    /// The arguments of any of these names, in the order of the names.
    fn every(&self, names: &[&str]) -> Vec<&Argument> {
        self.sought.borrow_mut().extend(names.iter().map(|name| (*name).to_owned()));
        names.iter().flat_map(|name| self.all.iter().filter(move |given| given.plain == *name)).collect()
    }

    /// What is said of the arguments that nobody looked for, once all were looked for that mean something.
    pub(super) fn not_known(&self) -> Option<String> {
        let sought = self.sought.borrow();
        let names: Vec<String> = self
            .all
            .iter()
            .filter(|given| !sought.contains(&given.plain))
            .map(|given| one_line(&given.name, NAME))
            .collect();
        let more = if names.len() > TOLD { ", …" } else { "" };
        let told: Vec<&str> = names.iter().take(TOLD).map(String::as_str).collect();
        (!told.is_empty()).then(|| format!("not known: {}{more}", told.join(", ")))
    }

    /// The argument of one of these names.
    ///
    /// # Errors
    /// [`Failure`] when several are given that differ.
    fn find(&self, names: &[&str]) -> Result<Option<&Argument>, Failure> {
        let given = self.every(names);
        let Some(first) = given.first().copied() else { return Ok(None) };
        match given.iter().find(|other| other.value != first.value) {
            Some(other) => Err(Failure::user(format!(
                "{} and {} are one argument and say different things: {} and {}",
                first.name,
                other.name,
                unread::shown(&first.value),
                unread::shown(&other.value)
            ))),
            None => Ok(Some(first)),
        }
    }

    /// A text; a blank one is none. Arrays are joined.
    ///
    /// # Errors
    /// [`Failure`] when it is no text.
    pub(super) fn text(&self, names: &[&str]) -> Result<Option<String>, Failure> {
        let Some(given) = self.find(names)? else { return Ok(None) };
        let words: Option<Vec<String>> = match &given.value {
            Value::Array(parts) => parts.iter().map(word).collect(),
            one => word(one).map(|word| vec![word]),
        };
        let text = words.ok_or_else(|| unread(&given.name, names[0], &given.value))?.join(" ");
        let text = text.trim();
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    /// A list, each once: an array, a text with commas, or an array written as text; that of several names is one list. An
    /// empty array is none.
    ///
    /// # Errors
    /// [`Failure`] when something in it is no text, or blank: it was to mean something.
    pub(super) fn list(&self, names: &[&str]) -> Result<Vec<String>, Failure> {
        self.listed(names).map(each_once)
    }

    /// The same as it was given, for who wants to count it before anything else is done with it.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub(super) fn listed(&self, names: &[&str]) -> Result<Vec<String>, Failure> {
        let mut all: Vec<String> = Vec::new();
        for given in self.every(names) {
            let unread = || unread(&given.name, names[0], &given.value);
            all.extend(match &given.value {
                Value::Array(parts) => words(parts).ok_or_else(unread)?,
                one => split(&word(one).ok_or_else(unread)?).ok_or_else(unread)?,
            });
        }
        Ok(all)
    }

    /// A whole number; a blank text is none.
    ///
    /// # Errors
    /// [`Failure`] when it is none.
    pub(super) fn number(&self, names: &[&str]) -> Result<Option<i64>, Failure> {
        let Some(given) = self.find(names)? else { return Ok(None) };
        let text = match &given.value {
            Value::Array(_) => None,
            one => word(one),
        };
        if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
            return Ok(None);
        }
        let number = text.and_then(|text| {
            let text = text.trim();
            let whole = text.parse::<f64>().ok().filter(|number| number.is_finite());
            text.parse().ok().or(whole.map(|number| number as i64))
        });
        number.map(Some).ok_or_else(|| unread(&given.name, names[0], &given.value))
    }

    fn bounded(&self, names: &[&str], usual: usize, low: usize, high: usize) -> Result<usize, Failure> {
        let number = self.number(names)?;
        Ok(number.map_or(usual, |number| usize::try_from(number).unwrap_or(0).clamp(low, high)))
    }

    /// How many, at least one.
    ///
    /// # Errors
    /// [`Failure`] when it is no number, or asks for none.
    pub(super) fn limit(&self, usual: usize, most: usize) -> Result<usize, Failure> {
        let names = ["limit", "maxresults"];
        if self.number(&names)?.is_some_and(|number| number < 1)
            && let Some(given) = self.find(&names)?
        {
            return Err(unread(&given.name, names[0], &given.value));
        }
        self.bounded(&names, usual, 1, most)
    }

    /// How many on one side.
    pub(super) fn depth(&self, names: &[&str], usual: usize, most: usize) -> Result<usize, Failure> {
        self.bounded(names, usual, 0, most)
    }

    fn flag(&self, names: &[&str]) -> Result<bool, Failure> {
        let Some(given) = self.find(names)? else { return Ok(false) };
        let said = match &given.value {
            Value::Bool(truth) => Some(truth.to_string()),
            other => word(other),
        };
        match said.map(|said| said.trim().to_lowercase()).as_deref() {
            Some("true" | "1" | "yes") => Ok(true),
            Some("false" | "0" | "no") => Ok(false),
            _ => Err(unread(&given.name, names[0], &given.value)),
        }
    }

    /// The begin and the end of a stretch of time, each as text: by their own names, or as `dateRange`, which holds both.
    ///
    /// # Errors
    /// [`Failure`] when one cannot be read, or is given twice and differs.
    fn stretch(&self) -> Result<(Option<String>, Option<String>), Failure> {
        let mut both = Vec::new();
        for (names, end) in [(BEGIN, false), (END, true)] {
            both.push(self.find(&names)?.map(|given| date(given, names[0], &given.value, end)).transpose()?);
        }
        let own: [Option<String>; 2] = both.try_into().expect("two of them");
        let Some(range) = self.find(&["daterange"])? else { return Ok(own.into()) };
        let mut within = self::range(range)?;
        for (within, own) in within.iter_mut().zip(own) {
            match (&within, own) {
                (_, None) => {}
                (None, own) => *within = own,
                (Some(one), Some(own)) if *one == own => {}
                (Some(one), Some(own)) => {
                    return Err(Failure::user(format!(
                        "{} says {one:?}, and beside it stands {own:?}",
                        range.name
                    ))
                    .hint("Give the begin and the end of a time once each."));
                }
            }
        }
        Ok(within.into())
    }

    /// The order that is wished.
    ///
    /// # Errors
    /// [`Failure`] when there is no such order.
    pub(super) fn order(&self) -> Result<Option<Order>, Failure> {
        let names = ["orderby", "order", "sort"];
        let Some(said) = self.text(&names)? else { return Ok(None) };
        match plain(&said).as_str() {
            "relevance" | "best" => Ok(Some(Order::Best)),
            "datedesc" | "newest" | "desc" => Ok(Some(Order::Newest)),
            "dateasc" | "oldest" | "asc" => Ok(Some(Order::Oldest)),
            _ => Err(unread("orderBy", names[0], &Value::String(said))),
        }
    }

    /// Names of projects, and whether all of them are meant.
    ///
    /// # Errors
    /// [`Failure`] when they are no names.
    pub(super) fn projects(&self) -> Result<(Vec<String>, bool), Failure> {
        let mut named = self.list(&["projects"])?;
        match self.find(&["project"])? {
            // a name may have a comma in it
            Some(Argument { value: Value::String(name), .. }) if !name.trim().is_empty() => {
                named.insert(0, name.trim().to_owned());
            }
            Some(_) => named.extend(self.list(&["project"])?),
            None => {}
        }
        let all = named.iter().any(|name| name == "*") || self.flag(&["all"])?;
        named.dedup();
        Ok((if all { Vec::new() } else { named }, all))
    }

    /// Names of agents; `claude` is the original system's name of Claude Code.
    ///
    /// # Errors
    /// [`Failure`] when they are no names.
    pub(super) fn agents(&self) -> Result<Vec<String>, Failure> {
        let mut agents = self.list(&["platformsource", "agent", "agents"])?;
        for agent in &mut agents {
            agent.make_ascii_lowercase();
            if agent == "claude" {
                "claude-code".clone_into(agent);
            }
        }
        Ok(agents)
    }

    /// The wish that a search comes to.
    ///
    /// # Errors
    /// [`Failure`] when something that is asked for cannot be read.
    pub(super) fn wish(&self) -> Result<Wish, Failure> {
        let (projects, all) = self.projects()?;
        let (from, to) = self.stretch()?;
        let (kinds, mut types) = self.kinds()?;
        types.extend(self.list(&["obstype", "obstypes", "types"])?);
        let query = self.text(&["query", "q"])?.unwrap_or_default();
        let query = mem_core::text::begin(&query, QUERY).to_owned();
        Ok(Wish {
            query,
            projects,
            all,
            kinds,
            types,
            concepts: self.list(&["concepts", "concept"])?,
            files: self.list(&["files", "file", "filepath", "filepaths", "path"])?,
            folders: self.flag(&["isfolder", "folder"])?,
            from,
            to,
            as_of: None,
            near: Vec::new(),
            sessions: self.list(&["session", "sessions", "sessionid"])?,
            not_sessions: self.list(&["notsession", "notsessions"])?,
            agents: self.agents()?,
            branches: self.list(&["branch", "branches"])?,
            worktrees: self.list(&["worktree", "worktrees"])?,
            order: self.order()?.unwrap_or_default(),
            limit: self.limit(USUAL, MOST)?,
            offset: self.bounded(&["offset"], 0, 0, usize::MAX)?,
            per_session: None,
            explain: false,
        })
    }

    /// `type` by its meanings: kinds of documents, and all else types of observations.
    fn kinds(&self) -> Result<(Vec<String>, Vec<String>), Failure> {
        let named = self.list(&["type", "kind", "kinds"])?;
        Ok(named.into_iter().partition(|name| DocKind::parse(&name.to_lowercase()).is_some()))
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

/// Without doubles, in the order in which each came first; however many there are.
pub(super) fn each_once(mut list: Vec<String>) -> Vec<String> {
    let mut met = HashSet::with_capacity(list.len());
    list.retain(|part| met.insert(part.clone()));
    list
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

/// What `dateRange` holds: `{start, end}`, also written as text.
fn range(range: &Argument) -> Result<[Option<String>; 2], Failure> {
    let unread = || unread(&range.name, "daterange", &range.value);
    let written: Option<Value> = range.value.as_str().and_then(|text| serde_json::from_str(text).ok());
    let Some(Value::Object(parts)) = written.as_ref().or(Some(&range.value)) else {
        return Err(unread());
    };
    let mut both = [None, None];
    for (name, value) in parts.iter().filter(|(_, value)| !value.is_null()) {
        let name = plain(name);
        let end = name == "end" || END.contains(&name.as_str());
        let known = end || name == "start" || BEGIN.contains(&name.as_str());
        let place = &mut both[usize::from(end)];
        if !known || place.is_some() {
            return Err(unread());
        }
        *place = Some(date(range, "daterange", value, end)?);
    }
    if both == [None, None] { Err(unread()) } else { Ok(both) }
}

/// One end of a stretch of time.
fn date(given: &Argument, names: &str, value: &Value, end: bool) -> Result<String, Failure> {
    let text = word(value).map(|text| dated(text.trim()));
    text.filter(|text| when::is_readable(text, end)).ok_or_else(|| unread(&given.name, names, &given.value))
}

/// A single value as text. A number is its digits; a truth, which is no name of anything, is none.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(match number.as_f64() {
            Some(whole) if !number.is_i64() && whole.fract() == 0.0 && whole.abs() < 1e15 => {
                format!("{whole:.0}")
            }
            _ => number.to_string(),
        }),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Each value as text; none when one of them is none, or blank.
fn words(parts: &[Value]) -> Option<Vec<String>> {
    let filled = |text: String| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    parts.iter().map(|part| word(part).and_then(filled)).collect()
}

/// The parts of a text; none when there is nothing in it.
fn split(text: &str) -> Option<Vec<String>> {
    if text.trim_start().starts_with('[')
        && let Ok(Value::Array(parts)) = serde_json::from_str(text)
    {
        return words(&parts);
    }
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let parts: Vec<String> = parts.map(ToOwned::to_owned).collect();
    (!parts.is_empty()).then_some(parts)
}
