//! `search`: what is remembered of this project, best first, and how much was looked through.

use mem_core::text::one_line;
use mem_core::time::Timestamp;
use mem_store::{HitId, Reader, StoreError};
use mem_wire::search::{Found, Hit, Searched, VERSION};

use super::desk::{self, Desk, Names, Scope};
use super::print;
use crate::cli::SearchArgs;
use crate::failure::Failure;

/// Characters of a title and of a snippet on one line.
const LINE: usize = 96;

/// Runs the command.
pub(crate) fn run(desk: &Desk, args: &SearchArgs) -> Result<(), Failure> {
    let query = args.query.join(" ");
    let mut found = Found {
        version: VERSION,
        query: query.clone(),
        project: None,
        searched: Searched::default(),
        hits: Vec::new(),
    };
    let Some(fresh) = desk.memory()? else {
        if desk.json {
            return print::json(&found);
        }
        desk::nothing_yet();
        return Ok(());
    };
    let store = &fresh.store;
    let scope = desk.scope(store, args.list.all)?;
    found.project = scope.name().map(ToOwned::to_owned);
    let hits = match &scope {
        Scope::All => store.search(&query, None, args.list.limit)?,
        Scope::Project(id, _) => store.search(&query, Some(*id), args.list.limit)?,
        Scope::Unknown(_) => Vec::new(),
    };
    found.searched = searched(store)?;
    let mut names = Names::new(store);
    for hit in hits {
        found.hits.push(Hit {
            id: typed(hit.id),
            kind: hit.id.kind().to_owned(),
            title: hit.title,
            snippet: hit.snippet,
            at: hit.at.0,
            project: names.of(hit.project)?,
            score: hit.score,
        });
    }
    if desk.json {
        return print::json(&found);
    }
    if !found.hits.is_empty() {
        print::text(&listed(&found))?;
    }
    for line in words(&found, &scope) {
        print::note(&line);
    }
    Ok(())
}

/// The id as people type it.
fn typed(id: HitId) -> String {
    match id {
        HitId::Observation(id) => id.to_string(),
        HitId::Summary(id) => id.to_string(),
        HitId::Prompt(id) => format!("T{}", id.0),
    }
}

/// The index spans all projects; a project is a condition inside the query.
fn searched(store: &Reader) -> Result<Searched, StoreError> {
    let counts = store.counts()?;
    let (observations, summaries, prompts) = (counts.observations, counts.summaries, counts.turns);
    Ok(Searched { passages: observations + summaries + prompts, observations, summaries, prompts })
}

fn listed(found: &Found) -> String {
    let mut text = String::new();
    for hit in &found.hits {
        let place = if found.project.is_none() { format!(" · {}", hit.project) } else { String::new() };
        let when = print::faint(&format!("{}{place}", print::moment(Timestamp(hit.at))));
        text.push_str(&format!(
            "{} {}  {when}\n",
            print::bold(&hit.id),
            print::tame(&one_line(&hit.title, LINE))
        ));
        if !hit.snippet.is_empty() {
            text.push_str(&format!("    {}\n", print::tame(&one_line(&hit.snippet, LINE))));
        }
    }
    text
}

/// What people are told about the answers.
fn words(found: &Found, scope: &Scope) -> Vec<String> {
    if let Scope::Unknown(name) = scope {
        return vec![
            format!("Nothing is remembered of {name} yet."),
            "`--all` searches every project.".to_owned(),
        ];
    }
    // the numbers are those of the index, which spans all projects
    let searched = format!(
        "{} in all searched ({}, {}, {})",
        print::count(found.searched.passages, "passage", "passages"),
        print::count(found.searched.observations, "observation", "observations"),
        print::count(found.searched.summaries, "summary", "summaries"),
        print::count(found.searched.prompts, "prompt", "prompts"),
    );
    if !found.hits.is_empty() {
        let only = scope.name().map(|name| format!(" for those of {name}")).unwrap_or_default();
        return vec![format!("{searched}{only}. `claude-mem show ID` prints one in full.")];
    }
    let place = scope.name().map(|name| format!(" in {name}")).unwrap_or_default();
    let mut words = vec![format!("Nothing found for {:?}{place}: {searched}.", found.query)];
    if !found.query.chars().any(char::is_alphanumeric) {
        words.push("There is no word in it to look for.".to_owned());
    } else if *scope != Scope::All {
        words.push("`--all` searches every project.".to_owned());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use mem_core::id::ProjectId;

    fn nothing(query: &str, searched: Searched) -> Found {
        Found { version: VERSION, query: query.into(), project: None, searched, hits: vec![] }
    }

    #[test]
    fn an_empty_answer_says_what_was_searched() {
        let scope = Scope::Project(ProjectId(1), "widgets".into());
        let searched = Searched { passages: 3, observations: 1, summaries: 2, prompts: 0 };
        insta::assert_snapshot!(words(&nothing("zebra", searched), &scope).join("\n"), @r#"
        Nothing found for "zebra" in widgets: 3 passages in all searched (1 observation, 2 summaries, 0 prompts).
        `--all` searches every project.
        "#);
        insta::assert_snapshot!(words(&nothing("?!", searched), &Scope::All).join("\n"), @r#"
        Nothing found for "?!": 3 passages in all searched (1 observation, 2 summaries, 0 prompts).
        There is no word in it to look for.
        "#);
    }
}
