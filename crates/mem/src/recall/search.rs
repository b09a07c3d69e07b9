//! The answer to a wish, as a document.

use mem_core::id::ProjectId;
use mem_daemon::inbox;
use mem_daemon::questions::{By, Searcher};
use mem_daemon::recall::Ask;
use mem_store::{Reader, StoreError};
use mem_wire::exchange::Answer;
use mem_wire::search::{Coverage, Found, Hit, How, VERSION};

use super::among::Among;
use super::apart::Apart;
use super::unmet;
use super::wish::{Question, Wish};
use crate::commands::desk::{self, Desk, Names};
use crate::commands::worker;
use crate::failure::Failure;

/// Most hits of one session, unless asked otherwise: where there are words, which one session may be full of.
pub(crate) const PER_SESSION: usize = 3;

/// Searches for what is wished.
///
/// # Errors
/// [`Failure`] when a condition means nothing or the store cannot be read.
pub(crate) fn search(
    desk: &Desk,
    store: &Reader,
    searcher: &mut Searcher,
    wish: &Wish,
) -> Result<(Found, Among), Failure> {
    let Question { ask, among } = wish.resolve(desk, store)?;
    let (answer, by) = match &among {
        Among::Unknown(_) => (Answer::default(), By::Here),
        Among::All | Among::These(_) => asked(desk, store, searcher, &ask)?,
    };
    let empty = answer.hits.is_empty() && answer.total == 0 && !matches!(among, Among::Unknown(_));
    let mut found = document(store, answer)?;
    // what nobody has read yet is not indexed either
    found.coverage.waiting += inbox::waiting(desk.home()).map_or(0, |frames| frames.len() as u64);
    found.query.clone_from(&wish.query);
    found.projects = among.names();
    found.answered_by = wish.explain.then(|| by_whom(by).to_owned());
    if empty {
        found.unmet = unmet::sentences(store, &ask.filter, &among)?;
    }
    if found.coverage.passages > 0 && !found.coverage.rebuilding {
        // a file at hand is no condition: it may be of no use whatever was found
        found.unmet.extend(unmet::at_hand(store, &ask.files)?);
    }
    Ok((found, among))
}

/// Asks memory as it is at one moment; an index that turns out to be damaged is built anew, and asked again.
fn asked(
    desk: &Desk,
    store: &Reader,
    searcher: &mut Searcher,
    ask: &Ask,
) -> Result<(Answer, By), StoreError> {
    let generation = store.index_state()?.generation;
    let mut search = || searcher.search(desk.home(), desk::VERSION, store, ask, || worker::endpoint(desk));
    match search() {
        Err(StoreError::Index { .. }) => {
            desk.mend_index(generation).map_err(beyond_mending)?;
            search()
        }
        answered => answered,
    }
}

/// An index that cannot even be begun anew does not mend itself: what it is built in is damaged.
fn beyond_mending(error: StoreError) -> StoreError {
    match error {
        StoreError::Index { path, source } => StoreError::Corrupt { path, source },
        other => other,
    }
}

/// Who answered, as documents say it.
fn by_whom(by: By) -> &'static str {
    match by {
        By::Daemon => "worker",
        By::Here => "process",
    }
}

/// The answer of a memory that has not begun.
pub(crate) fn nothing(wish: &Wish) -> Found {
    Found {
        version: VERSION,
        query: wish.query.clone(),
        projects: Vec::new(),
        answered_by: None,
        how: How::default(),
        coverage: Coverage::default(),
        total: 0,
        held_back: None,
        unmet: Vec::new(),
        hits: Vec::new(),
    }
}

fn document(store: &Reader, answer: Answer) -> Result<Found, StoreError> {
    let (mut names, apart) = (Names::new(store), Apart::of(store)?);
    let Answer { how, coverage, total, held_back, hits: answered } = answer;
    let mut hits = Vec::with_capacity(answered.len());
    for hit in answered {
        let project = ProjectId(hit.project);
        hits.push(Hit {
            id: hit.id.to_string(),
            also: hit.also.iter().map(ToString::to_string).collect(),
            kind: hit.id.kind().as_str().to_owned(),
            of_type: hit.of_type,
            title: hit.title,
            snippet: hit.snippet,
            at: hit.at,
            project: names.of(project)?,
            place: apart.place(project),
            session: hit.session,
            branch: hit.branch,
            file: hit.file,
            tokens: hit.tokens,
            score: hit.score,
            reasons: hit.reasons,
        });
    }
    let (query, projects, unmet) = (String::new(), Vec::new(), Vec::new());
    Ok(Found {
        version: VERSION,
        query,
        projects,
        answered_by: None,
        how,
        coverage,
        total,
        held_back: (held_back > 0).then_some(held_back),
        unmet,
        hits,
    })
}
