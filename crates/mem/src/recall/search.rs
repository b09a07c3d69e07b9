//! The answer to a wish, as a document.

use mem_daemon::recall::{Answer, Recall};
use mem_store::{Reader, StoreError};
use mem_wire::search::{Coverage, Found, Hit, How, Reason, VERSION, Window};

use super::wish::{Question, Wish};
use crate::commands::desk::{Desk, Names, Scope};
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
) -> Result<(Found, Scope), Failure> {
    let Question { ask, scope } = wish.resolve(desk, store)?;
    let answer = match &scope {
        Scope::Unknown(_) => Answer::default(),
        Scope::All | Scope::Project(..) => recall.search(store, &ask)?,
    };
    let projects = scope.name().map(ToOwned::to_owned).into_iter().collect();
    Ok((document(store, &wish.query, projects, answer)?, scope))
}

fn document(store: &Reader, query: &str, projects: Vec<String>, answer: Answer) -> Result<Found, StoreError> {
    let mut names = Names::new(store);
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
    let how = How {
        legs: answer.how.legs.into_iter().map(ToOwned::to_owned).collect(),
        words: answer.how.words,
        left_out: answer.how.left_out,
        corrected: answer.how.corrected,
        window: answer.how.window.map(|(said, from, until)| Window { said, from: from.0, until: until.0 }),
        bounded: answer.how.bounded,
    };
    let coverage = Coverage {
        passages: answer.coverage.passages,
        waiting: answer.coverage.waiting,
        rebuilding: answer.coverage.rebuilding,
    };
    Ok(Found {
        version: VERSION,
        query: query.to_owned(),
        projects,
        how,
        coverage,
        total: answer.total,
        hits,
    })
}
