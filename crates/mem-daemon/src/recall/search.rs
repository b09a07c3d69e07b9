//! The search.

use mem_core::id::SessionId;
use mem_core::recall::DocId;
use mem_store::{HitId, Reader, StoreError};

use super::ask::{Answer, Ask, Hit};

/// Asks memory; keeps what is worth keeping from one question to the next.
#[derive(Debug, Default)]
pub struct Recall {}

impl Recall {
    /// The answer to a question.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn search(&mut self, store: &Reader, ask: &Ask) -> Result<Answer, StoreError> {
        let project = ask.filter.projects.first().copied();
        let hits: Vec<Hit> = store
            .search(&ask.text, project, ask.limit)?
            .into_iter()
            .map(|hit| Hit {
                id: match hit.id {
                    HitId::Observation(id) => DocId::Observation(id),
                    HitId::Summary(id) => DocId::Summary(id),
                    HitId::Prompt(id) => DocId::Prompt(id),
                },
                also: Vec::new(),
                of_type: None,
                title: hit.title,
                snippet: hit.snippet,
                at: hit.at,
                project: hit.project,
                session: SessionId(String::new()),
                branch: None,
                file: None,
                tokens: 0,
                score: hit.score,
                reasons: Vec::new(),
            })
            .collect();
        Ok(Answer { total: hits.len(), hits, ..Answer::default() })
    }
}
