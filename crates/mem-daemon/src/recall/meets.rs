//! Whether a document meets a filter, seen from the document: for one that stands in the place of another, which was the
//! one that was found.

use mem_core::recall::{DocKind, Filter};
use mem_store::Document;

/// Whether a document meets a filter. A file is met by what the document itself names.
pub(super) fn meets(filter: &Filter, document: &Document) -> bool {
    let any = |wanted: &[String], found: Option<&String>| {
        wanted.is_empty() || found.is_some_and(|found| wanted.contains(found))
    };
    let of_observations = !filter.types.is_empty() || !filter.concepts.is_empty();
    (filter.projects.is_empty() || filter.projects.contains(&document.project))
        && (filter.sessions.is_empty() || filter.sessions.contains(&document.session))
        && !filter.not_sessions.contains(&document.session)
        && (filter.agents.is_empty() || filter.agents.iter().any(|agent| agent.as_str() == document.agent))
        && any(&filter.branches, document.branch.as_ref())
        && any(&filter.worktrees, document.worktree.as_ref())
        && (filter.kinds.is_empty() || filter.kinds.contains(&document.id.kind()))
        && (!of_observations || document.id.kind() == DocKind::Observation)
        && any(&filter.types, document.of_type.as_ref())
        && (filter.concepts.is_empty() || document.concepts.iter().any(|one| filter.concepts.contains(one)))
        && filter.from.is_none_or(|from| document.at >= from)
        && filter.until.is_none_or(|until| document.at < until)
        && names_one(filter, document)
}

fn names_one(filter: &Filter, document: &Document) -> bool {
    if filter.files.is_empty() && filter.folders.is_empty() {
        return true;
    }
    // without regard to case, as the index has it
    let ends = |path: &str, end: &str| {
        let (path, end) = (path.to_lowercase(), end.trim_matches('/').to_lowercase());
        path.trim_start_matches('/') == end || path.ends_with(&format!("/{end}"))
    };
    document.files.iter().any(|path| {
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        filter.files.iter().any(|file| ends(path, file))
            || filter.folders.iter().any(|folder| ends(parent, folder))
    })
}
