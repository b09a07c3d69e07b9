//! What each tool does: the arguments become a wish, `recall` answers it, `layout` and `rows` write it down.
//!
//! Each call looks at the memory as it is now, after what waits was drained, and lays nothing out for someone who only
//! looks. Must not write texts of its own but those that say why there is no answer.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mem_core::project::KeyKind;
use mem_daemon::answer;
use mem_daemon::asker::Asker;
use mem_daemon::questions::Searcher;
use mem_daemon::recall::Order;
use mem_store::Reader;
use serde_json::{Map, Value};

use super::given::{self, Given};
use super::server::Reply;
use super::{layout, rows};
use crate::commands::desk::{self, Desk};
use crate::failure::Failure;
use crate::recall::among::Among;
use crate::recall::observations;
use crate::recall::search;
use crate::recall::timeline::{self, AROUND, Around, Asked};

/// Most items on each side.
const DEEPEST: usize = 100;
/// Most observations of one call; their size bounds them, too.
const MOST_ROWS: usize = 200;
/// Most ids that are looked up by one call.
const MOST_IDS: usize = 1_000;
/// How long a brief may take; a model waits longer than a hook.
const PATIENCE: Duration = Duration::from_secs(2);

/// Does a call.
pub(super) fn call(
    tool: &str,
    desk: &Desk,
    searcher: &Mutex<Searcher>,
    arguments: Map<String, Value>,
) -> Reply {
    let given = Given::new(arguments);
    let done = match tool {
        "search" => find(desk, searcher, &given),
        "timeline" => around(desk, searcher, &given),
        "get_observations" => fetch(desk, &given),
        _ => begin(desk, &given),
    };
    match done {
        Ok(mut reply) => {
            // a condition that was dropped makes an answer wider than it was meant
            reply.texts.extend(given.not_known());
            reply
        }
        Err(failure) => Reply::failed(failure.to_string()),
    }
}

/// What is kept from one question to the next; only held while it is asked, so that calls wait for the memory side by side.
fn held(searcher: &Mutex<Searcher>) -> MutexGuard<'_, Searcher> {
    searcher.lock().unwrap_or_else(PoisonError::into_inner)
}

const NOTHING_YET: &str = "Nothing is remembered yet on this machine, so there is nothing to look through.";

fn find(desk: &Desk, searcher: &Mutex<Searcher>, given: &Given) -> Result<Reply, Failure> {
    let wish = given.wish()?;
    if !given::asks_for_something(&wish) {
        return Ok(Reply::failed(
            "Nothing was asked for. Give a query, or a filter (type, obs_type, concepts, files, dateStart, dateEnd, \
             the name of a project, …), which lists the newest.",
        ));
    }
    let Some(fresh) = desk.memory_to_search()? else {
        return Ok(Reply::text(format!("{}\n\n{NOTHING_YET}", layout::nothing(&wish.query))));
    };
    let (found, among) = search::search(desk, &fresh.store, &mut held(searcher), &wish)?;
    desk.keep(fresh);
    Ok(Reply::text(layout::found(&found, unknown(&among), &wish, &jiff::tz::TimeZone::system())))
}

fn around(desk: &Desk, searcher: &Mutex<Searcher>, given: &Given) -> Result<Reply, Failure> {
    let anchor =
        given.text(&["anchor", "id", "anchorid"])?.map(|anchor| Asked::Anchor(given::dated(&anchor)));
    let words = given.text(&["query", "q"])?.map(Asked::Words);
    let (projects, all) = given.projects()?;
    let kinds = given.list(&["type", "kind", "kinds"])?;
    let before = given.depth(&["depthbefore", "before"], AROUND, DEEPEST)?;
    let after = given.depth(&["depthafter", "after"], AROUND, DEEPEST)?;
    let (Some(asked), None) = (anchor.clone().or(words.clone()), anchor.and(words)) else {
        return Ok(Reply::failed("Give either an anchor (an id such as 12 or S3, or a moment) or a query."));
    };
    let around = Around { asked, projects, all, kinds, before, after };
    let Some(fresh) = desk.memory_to_search()? else { return Ok(Reply::text(NOTHING_YET)) };
    let (line, among) = timeline::timeline(desk, &fresh.store, &mut held(searcher), &around)?;
    desk.keep(fresh);
    Ok(Reply::text(layout::timeline(&line, unknown(&among), &jiff::tz::TimeZone::system())))
}

/// The name of a project of which nothing is remembered.
fn unknown(among: &Among) -> Option<&str> {
    match among {
        Among::Unknown(name) => Some(name),
        Among::All | Among::These(_) => None,
    }
}

fn fetch(desk: &Desk, given: &Given) -> Result<Reply, Failure> {
    let ids = given.listed(&["ids", "id"])?;
    let limit = given.limit(MOST_ROWS, MOST_ROWS)?;
    let order = given.order()?.unwrap_or(Order::Best);
    let (projects, _) = given.projects()?;
    if ids.is_empty() {
        return Ok(Reply::failed("Give ids, as search and timeline list them: 12, #12, S3."));
    }
    if ids.len() > MOST_IDS {
        return Ok(Reply::failed(format!(
            "At most {MOST_IDS} ids are looked up at once; {} were given.",
            ids.len()
        )));
    }
    let ids = given::each_once(ids);
    if projects.len() > 1 {
        return Ok(Reply::failed(format!(
            "One project at most; {} were given: {}. Without one, ids of all projects are read.",
            projects.len(),
            projects.join(", ")
        )));
    }
    let project = projects.into_iter().next();
    let Some(fresh) = desk.memory_to_search()? else { return Ok(Reply::text(NOTHING_YET)) };
    let (found, missing) =
        observations::observations(desk, &fresh.store, &ids, order, Some(limit), project.as_deref())?;
    desk.keep(fresh);
    let only = project.map(|name| format!(" in {name}")).unwrap_or_default();
    Ok(rows::reply(&found, &missing, &only))
}

/// What a session that starts here, or in other projects, is told.
fn begin(desk: &Desk, given: &Given) -> Result<Reply, Failure> {
    let (named, _) = given.projects()?;
    let mut texts = Vec::new();
    if named.is_empty() {
        texts.push(brief_of(desk, &desk.asker));
    } else {
        let Some(fresh) = desk.memory_to_search()? else { return Ok(Reply::text(NOTHING_YET)) };
        let askers = askers_of(desk, &fresh.store, &named)?;
        drop(fresh); // it holds the inbox, which a brief drains
        texts.extend(askers.iter().map(|asker| brief_of(desk, asker)));
    }
    texts.retain(|text| !text.is_empty());
    if texts.is_empty() {
        let why = if desk.is_excluded() {
            desk::EXCLUDED
        } else if desk.has_begun() {
            "A session that starts here is told nothing: nothing is remembered of this place."
        } else {
            NOTHING_YET
        };
        return Ok(Reply::text(why));
    }
    Ok(Reply::text(texts.join("\n\n")))
}

fn brief_of(desk: &Desk, asker: &Asker) -> String {
    if !desk.has_begun() {
        return String::new();
    }
    answer::brief(asker, &mut |name| desk.theirs.setting(name), None, Instant::now() + PATIENCE)
}

/// Someone who asks from where each of the projects lies.
fn askers_of(desk: &Desk, store: &Reader, named: &[String]) -> Result<Vec<Asker>, Failure> {
    let here = Among::of(desk, store, &[], false)?;
    let mut askers = Vec::new();
    for id in Among::of(desk, store, named, false)?.ids() {
        let mut asker = desk.asker.clone();
        let Some(row) = store.project(id)? else { continue };
        let key = |kind: KeyKind| row.keys.iter().find(|key| key.kind == kind).map(|key| key.value.clone());
        match (key(KeyKind::Override), key(KeyKind::Path), key(KeyKind::GitDir)) {
            _ if here.ids().contains(&id) => {}
            (Some(over), _, _) => asker.over = Some(over),
            (None, Some(path), _) => (asker.cwd, asker.over) = (path.into(), None),
            (None, None, Some(git)) => {
                let top = git.strip_suffix("/.git").unwrap_or(&git).to_owned();
                (asker.cwd, asker.over) = (top.into(), None);
            }
            (None, None, None) => {
                return Err(Failure::user(format!("nobody knows where the project {:?} lies", row.name)));
            }
        }
        askers.push(asker);
    }
    Ok(askers)
}
