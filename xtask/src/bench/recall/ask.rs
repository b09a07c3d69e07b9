//! Asks the real program the queries of a set, one process each, as a person in the project's directory would.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::load::{Loaded, session_number};
use super::metrics::Ranks;
use super::set::{Query, Session, Set};
use crate::bench::model;
use crate::bench::subject::Subject;

/// Sessions that are asked for; what stands lower counts as not found.
const LIMIT: &str = "50";

/// How a query was answered.
pub(super) struct Answered {
    /// Names of the sessions that were returned, in order, each with the best hit of it.
    pub(super) returned: Vec<(String, String)>,
    /// Where the gold ones stand.
    pub(super) ranks: Ranks,
    /// Whether meaning was a leg.
    pub(super) by_meaning: bool,
    /// From spawn to exit.
    pub(super) took: Duration,
}

/// Asks one query.
///
/// # Errors
/// What kept it from being answered.
pub(super) fn ask(subject: &Subject, set: &Set, loaded: &Loaded, query: &Query) -> Result<Answered, String> {
    let mut args: Vec<String> =
        ["search", "--json", "--limit", LIMIT, "--per-session", "1"].map(str::to_owned).to_vec();
    if let Some(before) = query.before {
        args.push(format!("--as-of={}", before.0));
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
    let hits = found["hits"].as_array().into_iter().flatten();
    let returned: Vec<(String, String)> =
        hits.map(|hit| name_of(set, query, hit)).collect::<Result<_, _>>()?;
    let names: Vec<&str> = returned.iter().map(|(session, _)| session.as_str()).collect();
    let ranks = Ranks::of(&names, &query.gold, &query.stale);
    Ok(Answered { returned, ranks, by_meaning: model::is_leg(&found), took })
}

/// The session of a hit by its name, and the hit's id and title.
///
/// # Errors
/// It is one that the query must not see: a figure with such a hit in it would mean nothing.
fn name_of(set: &Set, query: &Query, hit: &Value) -> Result<(String, String), String> {
    let said = |key: &str| hit[key].as_str().unwrap_or_default();
    let number = session_number(said("session"));
    let session = number.and_then(|number| set.sessions.get(number));
    let fits = |session: &&Session| {
        session.group == query.group && query.before.is_none_or(|before| session.ended_at < before)
    };
    match session.filter(fits) {
        Some(session) => Ok((session.name.clone(), format!("{} {}", said("id"), said("title")))),
        None => Err(format!("query {} found {} of session {}", query.id, said("id"), said("session"))),
    }
}
