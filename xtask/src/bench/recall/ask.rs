//! Asks the real program the queries of a set, one process each, as a person in the project's directory would.

use std::time::{Duration, Instant};

use mem_core::time::Timestamp;
use serde_json::Value;

use super::load::{Loaded, session_id, session_number};
use super::metrics::Ranks;
use super::set::{Query, Set};
use crate::bench::subject::Subject;

/// Sessions that are asked for; what stands lower counts as not found.
const LIMIT: &str = "50";

/// How a query was answered.
pub(super) struct Answered {
    /// Names of the sessions that were returned, in order, each with the best hit of it.
    pub(super) returned: Vec<(String, String)>,
    /// Where the gold ones stand.
    pub(super) ranks: Ranks,
    /// From spawn to exit; none where there was nothing to ask, as no session had ended.
    pub(super) took: Option<Duration>,
}

impl Answered {
    /// A query that there is nothing for.
    fn nothing(query: &Query) -> Self {
        let ranks = Ranks::of(&[], &query.gold, &query.stale);
        Self { returned: Vec::new(), ranks, took: None }
    }
}

/// Asks one query.
///
/// # Errors
/// What kept it from being answered.
pub(super) fn ask(subject: &Subject, set: &Set, loaded: &Loaded, query: &Query) -> Result<Answered, String> {
    let mut args: Vec<String> =
        ["search", "--json", "--limit", LIMIT, "--per-session", "1"].map(str::to_owned).to_vec();
    if let Some(before) = query.before {
        let over = over_by(set, query.group, before);
        if over.is_empty() {
            return Ok(Answered::nothing(query));
        }
        args.extend(over.into_iter().map(|session| format!("--session={}", session_id(session))));
    }
    args.extend(["--".to_owned(), query.text.clone()]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut command = subject.command(&args);
    command.current_dir(&loaded.places[query.group]);
    let start = Instant::now();
    let output = command.output().map_err(|why| why.to_string())?;
    let took = start.elapsed();
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(format!("query {} ended with {}: {}", query.id, output.status, words.trim()));
    }
    let found: Value = serde_json::from_slice(&output.stdout)
        .map_err(|why| format!("the answer to query {} is no JSON: {why}", query.id))?;
    let waiting = found["coverage"]["waiting"].as_u64().unwrap_or_default();
    if waiting > 0 {
        return Err(format!("query {} did not see {waiting} documents that are not indexed", query.id));
    }
    let returned: Vec<(String, String)> =
        found["hits"].as_array().into_iter().flatten().filter_map(|hit| name_of(set, query, hit)).collect();
    let names: Vec<&str> = returned.iter().map(|(session, _)| session.as_str()).collect();
    let ranks = Ranks::of(&names, &query.gold, &query.stale);
    Ok(Answered { returned, ranks, took: Some(took) })
}

/// The sessions of a group that had ended before a moment: all that a query of that moment may find.
fn over_by(set: &Set, group: usize, before: Timestamp) -> Vec<usize> {
    let sessions = set.sessions.iter().enumerate();
    sessions
        .filter(|(_, session)| session.group == group && session.ended_at < before)
        .map(|(number, _)| number)
        .collect()
}

/// The session of a hit by its name, and the hit's id and title. A hit of another group would be a fault of the filter,
/// and stands as what it is: a session that is not gold.
fn name_of(set: &Set, query: &Query, hit: &Value) -> Option<(String, String)> {
    let session = set.sessions.get(session_number(hit["session"].as_str()?)?)?;
    let elsewhere = if session.group == query.group { "" } else { "elsewhere:" };
    let said = |key: &str| hit[key].as_str().unwrap_or_default();
    Some((format!("{elsewhere}{}", session.name), format!("{} {}", said("id"), said("title"))))
}
