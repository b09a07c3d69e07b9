//! `sessions`: the agent's sessions, newest first.

use mem_core::text::one_line;
use mem_core::time::Timestamp;
use mem_store::{SessionListing, StoreError};
use mem_wire::sessions::{Session, Sessions, VERSION};

use super::desk::{Desk, Names, Scope};
use super::print;
use super::status::hooks;
use crate::cli::ListArgs;
use crate::failure::Failure;

/// Characters of a session's id that tell it from all others.
pub(super) const ID_SHOWN: usize = 8;
/// Characters of a prompt in a list.
const PROMPT_SHOWN: usize = 60;

/// Runs the command.
pub(crate) fn run(desk: &Desk, args: &ListArgs) -> Result<(), Failure> {
    let Some(fresh) = desk.memory()? else {
        if desk.json {
            return print::json(&Sessions { version: VERSION, project: None, sessions: Vec::new() });
        }
        hooks::nothing_yet(desk);
        return Ok(());
    };
    let scope = desk.scope(&fresh.store, args.all)?;
    let rows = match &scope {
        Scope::All => fresh.store.sessions(None, args.limit)?,
        Scope::Project(id, _) => fresh.store.sessions(Some(*id), args.limit)?,
        Scope::Unknown(_) => Vec::new(),
    };
    let mut names = Names::new(&fresh.store);
    let sessions = rows.iter().map(|row| document(row, &mut names)).collect::<Result<Vec<_>, _>>()?;
    if desk.json {
        return print::json(&Sessions {
            version: VERSION,
            project: scope.name().map(ToOwned::to_owned),
            sessions,
        });
    }
    if sessions.is_empty() {
        print::note(&format!("No sessions of {} yet.", scope.words()));
        if !args.all {
            print::note("`claude-mem sessions --all` lists those of all projects.");
        }
        return Ok(());
    }
    print::text(&listed(&sessions, args.all))
}

/// The document of a listing.
pub(super) fn document(row: &SessionListing, names: &mut Names<'_>) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.session.0.clone(),
        agent: row.agent.as_str().to_owned(),
        project: names.of(row.project)?,
        cwd: row.cwd.clone(),
        transcript: row.transcript.clone(),
        started_at: row.started_at.0,
        last_at: row.last_at.0,
        ended_at: row.ended_at.map(|at| at.0),
        end_reason: row.end_reason.clone(),
        turns: row.turns,
        events: row.events,
        observations: row.observations,
        first_prompt: row.first_prompt.clone(),
    })
}

/// The beginning of a session's id.
pub(super) fn short(id: &str) -> String {
    id.chars().take(ID_SHOWN).collect()
}

fn listed(sessions: &[Session], all: bool) -> String {
    let rows = sessions.iter().map(|session| {
        let mut row = vec![
            short(&session.id),
            print::moment(Timestamp(session.last_at)),
            session.turns.to_string(),
            session.events.to_string(),
            session.observations.to_string(),
        ];
        if all {
            row.push(session.project.clone());
        }
        row.push(
            session
                .first_prompt
                .as_deref()
                .map(|prompt| print::tame(&one_line(prompt, PROMPT_SHOWN)))
                .unwrap_or_default(),
        );
        row
    });
    let mut headings = vec!["SESSION", "LAST", "TURNS", "EVENTS", "OBSERVATIONS"];
    if all {
        headings.push("PROJECT");
    }
    headings.push("BEGAN WITH");
    print::table(&headings, rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_for_people() {
        let session = Session {
            id: "383770b4-367f-4ad8-96fb-6f6bacf6d8c7".into(),
            agent: "claude-code".into(),
            project: "widgets".into(),
            cwd: "/w".into(),
            transcript: None,
            started_at: 0,
            last_at: 0,
            ended_at: None,
            end_reason: None,
            turns: 2,
            events: 31,
            observations: 4,
            first_prompt: Some(
                "fix the\nparser of headers, which panics on an empty line at the end of input".into(),
            ),
        };
        let listed = listed(&[session], true);
        let (head, row) = listed.split_once('\n').unwrap();
        assert_eq!(
            head.split_whitespace().collect::<Vec<_>>(),
            ["SESSION", "LAST", "TURNS", "EVENTS", "OBSERVATIONS", "PROJECT", "BEGAN", "WITH"]
        );
        assert!(row.starts_with("383770b4  1970-01-01") || row.starts_with("383770b4  1969-12-31"), "{row}");
        assert!(row.ends_with("widgets  fix the parser of headers, which panics on an empty line…"), "{row}");
    }
}
