//! What ids lead to, in full: for programs, which name many at once and mind a missing one least.

use mem_core::recall::DocId;
use mem_daemon::recall::Order;
use mem_store::{Reader, StoreError};
use mem_wire::memory::Item;

use super::among::Among;
use super::timeline::document_id;
use crate::commands::desk::{Desk, Names};
use crate::commands::show;
use crate::failure::Failure;

/// The documents of these ids (`12`, `#12`, `S3`, `T4`, `E5`, `C6`), each once, in the order that is asked for ([`Order::Best`]
/// is that of the ids), and the ids that lead nowhere, or out of the project that was named.
///
/// # Errors
/// [`Failure`] when the project is unknown or the store cannot be read.
pub(crate) fn observations(
    desk: &Desk,
    store: &Reader,
    ids: &[String],
    order: Order,
    limit: Option<usize>,
    project: Option<&str>,
) -> Result<(Vec<Item>, Vec<String>), Failure> {
    let among = match project {
        Some(name) => Among::of(desk, store, &[name.to_owned()], false)?,
        None => Among::All,
    };
    let (wanted, by_name) = (among.ids(), among.names());
    let is_meant = |id: DocId, name: &String| -> Result<bool, StoreError> {
        Ok(match store.in_timeline(id)? {
            Some(row) => wanted.is_empty() || wanted.contains(&row.project),
            // an event that is no document
            None => by_name.is_empty() || by_name.contains(name),
        })
    };
    let mut names = Names::new(store);
    let (mut met, mut missing) = (Vec::new(), Vec::new());
    let mut found: Vec<(i64, Item)> = Vec::new();
    for given in ids {
        let Some(id) = document_id(given) else {
            missing.push(given.clone());
            continue;
        };
        if met.contains(&id) {
            continue;
        }
        met.push(id);
        let item = show::document(store, id, &mut names)?;
        match item.and_then(dated) {
            Some((at, project, item)) if is_meant(id, &project)? => found.push((at, item)),
            _ => missing.push(given.clone()),
        }
    }
    match order {
        Order::Best => {}
        Order::Newest => found.sort_by_key(|(at, _)| std::cmp::Reverse(*at)),
        Order::Oldest => found.sort_by_key(|(at, _)| *at),
    }
    found.truncate(limit.unwrap_or(usize::MAX));
    Ok((found.into_iter().map(|(_, item)| item).collect(), missing))
}

/// With when it happened and the name of its project; none for a session, which no id here leads to.
fn dated(item: Item) -> Option<(i64, String, Item)> {
    let (at, project) = match &item {
        Item::Observation(item) => (item.at, &item.project),
        Item::Summary(item) => (item.at, &item.project),
        Item::Commit(item) => (item.at, &item.project),
        Item::Event(item) => (item.at, &item.project),
        Item::Turn(item) => (item.started_at, &item.project),
        Item::Session(_) => return None,
    };
    Some((at, project.clone(), item))
}
