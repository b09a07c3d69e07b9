//! The answer to a wish, as a document.

use mem_daemon::inbox;
use mem_daemon::recall::{Answer, Ask, Recall};
use mem_store::{Reader, StoreError};
use mem_wire::search::{Coverage, Found, Hit, How, Reason, VERSION, Window};

use super::among::Among;
use super::apart::Apart;
use super::unmet;
use super::wish::{Question, Wish};
use crate::commands::desk::{Desk, Names};
use crate::failure::Failure;

/// Most hits of one session, unless asked otherwise.
pub(crate) const PER_SESSION: usize = 3;

/// Searches for what is wished.
///
/// # Errors
/// [`Failure`] when a condition means nothing or the store cannot be read.
pub(crate) fn search(
    desk: &Desk,
    store: &Reader,
    recall: &mut Recall,
    wish: &Wish,
) -> Result<(Found, Among), Failure> {
    let Question { ask, among } = wish.resolve(desk, store)?;
    let answer = match &among {
        Among::Unknown(_) => Answer::default(),
        Among::All | Among::These(_) => asked(desk, store, recall, &ask)?,
    };
    let empty = answer.hits.is_empty() && answer.total == 0 && !matches!(among, Among::Unknown(_));
    let mut found = document(store, answer)?;
    // what nobody has read yet is not indexed either
    found.coverage.waiting += inbox::waiting(desk.home()).map_or(0, |frames| frames.len() as u64);
    found.query.clone_from(&wish.query);
    found.projects = among.names();
    if empty {
        found.unmet = unmet::sentences(store, &ask.filter, &among)?;
    }
    Ok((found, among))
}

/// Asks memory as it is at one moment; an index that turns out to be damaged is built anew, and asked again.
fn asked(desk: &Desk, store: &Reader, recall: &mut Recall, ask: &Ask) -> Result<Answer, StoreError> {
    let generation = store.index_state()?.generation;
    let mut search = || recall.search(store, ask);
    match search() {
        Err(StoreError::Index { .. }) => {
            desk.mend_index(generation)?;
            search()
        }
        answered => answered,
    }
}

/// The answer of a memory that has not begun.
pub(crate) fn nothing(wish: &Wish) -> Found {
    Found {
        version: VERSION,
        query: wish.query.clone(),
        projects: Vec::new(),
        how: How::default(),
        coverage: Coverage::default(),
        total: 0,
        unmet: Vec::new(),
        hits: Vec::new(),
    }
}

fn document(store: &Reader, answer: Answer) -> Result<Found, StoreError> {
    let (mut names, apart) = (Names::new(store), Apart::of(store)?);
    let mut hits = Vec::with_capacity(answer.hits.len());
    for hit in answer.hits {
        hits.push(Hit {
            id: hit.id.to_string(),
            also: hit.also.iter().map(ToString::to_string).collect(),
            kind: hit.id.kind().as_str().to_owned(),
            of_type: hit.of_type,
            title: hit.title,
            snippet: hit.snippet,
            at: hit.at.0,
            project: names.of(hit.project)?,
            place: apart.place(hit.project),
            session: hit.session.0,
            branch: hit.branch,
            file: hit.file,
            tokens: hit.tokens,
            score: hit.score,
            reasons: hit
                .reasons
                .into_iter()
                .map(|reason| Reason {
                    of: reason.of.to_owned(),
                    rank: reason.rank,
                    adds: reason.adds,
                    with: reason.with,
                })
                .collect(),
        });
    }
    let found = answer.how.in_window;
    let how = How {
        legs: answer.how.legs.into_iter().map(ToOwned::to_owned).collect(),
        words: answer.how.words,
        left_out: answer.how.left_out,
        corrected: answer.how.corrected,
        unknown: answer.how.unknown,
        too_short: answer.how.too_short,
        window: answer.how.window.map(|(said, from, until)| Window {
            said,
            from: from.0,
            until: until.0,
            found,
        }),
        bounded: answer.how.bounded,
    };
    let coverage = Coverage {
        passages: answer.coverage.passages,
        waiting: answer.coverage.waiting,
        rebuilding: answer.coverage.rebuilding,
    };
    let (query, projects, unmet) = (String::new(), Vec::new(), Vec::new());
    Ok(Found { version: VERSION, query, projects, how, coverage, total: answer.total, unmet, hits })
}
