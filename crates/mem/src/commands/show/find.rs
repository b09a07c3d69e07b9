//! Looks ids up and makes documents of what they lead to.

use jiff::tz::TimeZone;
use mem_core::observation::{CommitRecord, ObservationRecord, SummaryRecord};
use mem_core::recall::DocId;
use mem_logic::brief::{render_item, render_summary};
use mem_store::{EventRow, Reader, StoreError, TurnRow};
use mem_wire::memory::{Commit, Event, Item, Observation, Request, Session, Summary, Turn};

use super::super::desk::Names;
use super::super::sessions;
use super::ids::Id;
use super::{said, text};

/// What an id led to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found {
    /// Something, as a document and as people read it.
    One(Item, String),
    /// The beginning of several of these.
    Several(&'static str, Vec<String>),
    /// Nothing.
    Nothing,
}

/// Looks up what was typed: an id, else a commit's hash.
pub(super) fn typed(
    store: &Reader,
    given: &str,
    id: &Id,
    names: &mut Names<'_>,
) -> Result<Found, StoreError> {
    let found = find(store, id, names)?;
    if found != Found::Nothing {
        return Ok(found);
    }
    match store.commits_of_hash(given.trim())?.as_slice() {
        [] => Ok(Found::Nothing),
        [record] => commit(record, names),
        several => {
            let which = several.iter().map(|record| format!("{} {}", record.id, record.commit.hash));
            Ok(Found::Several("commits' hashes", which.collect()))
        }
    }
}

/// Looks one id up.
fn find(store: &Reader, id: &Id, names: &mut Names<'_>) -> Result<Found, StoreError> {
    match id {
        Id::Observation(id) => match store.observation(*id)? {
            Some(record) => observation(store, &record, names),
            None => Ok(Found::Nothing),
        },
        Id::Either(id, text) => match store.observation(*id)? {
            Some(record) => observation(store, &record, names),
            None => foreign(store, text, names),
        },
        Id::Summary(id) => match store.summary(*id)? {
            Some(record) => summary(store, &record, names),
            None => Ok(Found::Nothing),
        },
        Id::Commit(id) => match store.commit(*id)? {
            Some(record) => commit(&record, names),
            None => Ok(Found::Nothing),
        },
        Id::Event(id) => match store.event(*id)? {
            Some(row) => {
                let event = event(&row, names)?;
                let text = text::of_event(&event);
                Ok(Found::One(Item::Event(Box::new(event)), text))
            }
            None => Ok(Found::Nothing),
        },
        Id::Turn(id) => match store.turn(*id)? {
            Some(row) => {
                let turn = turn(store, &row, names)?;
                let commits = store.turn_commits(*id)?;
                let commits: Vec<&str> = commits.iter().map(|row| row.commit.subject.as_str()).collect();
                let text = text::of_turn(&turn, &commits);
                Ok(Found::One(Item::Turn(Box::new(turn)), text))
            }
            None => Ok(Found::Nothing),
        },
        Id::Foreign(text) => foreign(store, text, names),
    }
}

fn observation(
    store: &Reader,
    record: &ObservationRecord,
    names: &mut Names<'_>,
) -> Result<Found, StoreError> {
    let mut item = Observation::of(record, &names.of(record.project)?);
    item.ledger = request(store, DocId::Observation(record.id))?;
    let replaced = store.observations_replaced_by(record.id)?;
    item.supersedes = replaced.iter().map(ToString::to_string).collect();
    let origin = text::of_origin(item.ledger.as_ref(), None, &item.supersedes);
    let text = format!("{}{origin}", render_item(record, &TimeZone::system()));
    Ok(Found::One(Item::Observation(Box::new(item)), text))
}

fn summary(store: &Reader, record: &SummaryRecord, names: &mut Names<'_>) -> Result<Found, StoreError> {
    let mut item = Summary::of(record, &names.of(record.project)?);
    item.ledger = request(store, DocId::Summary(record.id))?;
    item.superseded_by = store.summary_replaced_by(record.id)?.map(|id| id.to_string());
    let replaced = store.summaries_replaced_by(record.id)?;
    item.supersedes = replaced.iter().map(ToString::to_string).collect();
    let origin = text::of_origin(item.ledger.as_ref(), item.superseded_by.as_deref(), &item.supersedes);
    let text = format!("{}{origin}", render_summary(record, &TimeZone::system()));
    Ok(Found::One(Item::Summary(Box::new(item)), text))
}

/// The request a memory was made with.
fn request(store: &Reader, id: DocId) -> Result<Option<Request>, StoreError> {
    let row = store.request_of(id)?;
    Ok(row.map(|row| Request {
        model: row.model,
        at: row.at.0,
        run: row.run,
        model_session: row.model_session,
        input: row.usage.all_input(),
        output: row.usage.output,
        micro_usd: row.money.0,
        priced: row.priced,
    }))
}

/// The document of an id that searches and timelines print.
pub(crate) fn document(store: &Reader, id: DocId, names: &mut Names<'_>) -> Result<Option<Item>, StoreError> {
    let id = match id {
        DocId::Observation(id) => Id::Observation(id),
        DocId::Summary(id) => Id::Summary(id),
        DocId::Prompt(id) => Id::Turn(id),
        DocId::Answer(id) => Id::Event(id),
        DocId::Commit(id) => Id::Commit(id),
    };
    Ok(match find(store, &id, names)? {
        Found::One(item, _text) => Some(item),
        Found::Several(..) | Found::Nothing => None,
    })
}

fn commit(record: &CommitRecord, names: &mut Names<'_>) -> Result<Found, StoreError> {
    let commit = Commit::of(record, &names.of(record.project)?);
    let text = text::of_commit(&commit);
    Ok(Found::One(Item::Commit(Box::new(commit)), text))
}

/// A session by its id or the beginning of it, else a memory by its UUID.
fn foreign(store: &Reader, text: &str, names: &mut Names<'_>) -> Result<Found, StoreError> {
    let begun = store.sessions_beginning(text)?;
    let row = match begun.as_slice() {
        [] => None,
        [(row, _)] => store.session(*row)?,
        several => {
            return Ok(Found::Several("sessions' ids", several.iter().map(|(_, id)| id.0.clone()).collect()));
        }
    };
    let Some(row) = row else {
        return match store.by_uuid(text)? {
            Some(DocId::Observation(id)) => find(store, &Id::Observation(id), names),
            Some(DocId::Summary(id)) => find(store, &Id::Summary(id), names),
            _ => Ok(Found::Nothing),
        };
    };
    let mut turn_list = Vec::new();
    for row in store.session_turns(row.id)? {
        turn_list.push(turn(store, &row, names)?);
    }
    let observations = store.session_observations(row.id)?;
    let session = Session {
        listing: sessions::document(&row, names)?,
        turn_list,
        observation_list: observations.iter().map(|record| record.id.to_string()).collect(),
    };
    let titles: Vec<&str> = observations.iter().map(|record| record.observation.title.as_str()).collect();
    let text = text::of_session(&session, &titles);
    Ok(Found::One(Item::Session(Box::new(session)), text))
}

fn turn(store: &Reader, row: &TurnRow, names: &mut Names<'_>) -> Result<Turn, StoreError> {
    let events = store.turn_events(row.id)?;
    let commits = store.turn_commits(row.id)?;
    Ok(Turn {
        id: format!("T{}", row.id.0),
        project: names.of(row.project)?,
        session: row.agent_session.0.clone(),
        ordinal: row.ordinal,
        prompt: row.prompt.clone(),
        started_at: row.started_at.0,
        last_at: row.last_at.0,
        closed_at: row.closed_at.map(|at| at.0),
        branch: row.branch.clone(),
        events: events.iter().map(|(id, _)| format!("E{}", id.0)).collect(),
        commits: commits.iter().map(|record| record.id.to_string()).collect(),
    })
}

fn event(row: &EventRow, names: &mut Names<'_>) -> Result<Event, StoreError> {
    let event = &row.event;
    Ok(Event {
        id: format!("E{}", row.id.0),
        project: names.of(row.spot.project)?,
        agent: event.agent.as_str().to_owned(),
        session: event.session.0.clone(),
        at: event.at.0,
        stored_at: row.stored_at.0,
        cwd: event.cwd.clone(),
        branch: row.spot.branch.clone(),
        worktree: row.spot.worktree.clone(),
        event: event.body.kind().to_owned(),
        tool: said::tool(&event.body),
        said: said::said(&event.body),
    })
}
