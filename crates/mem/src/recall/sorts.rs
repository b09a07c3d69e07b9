//! Kinds of documents and types of observations, which people and the original system name in one list.

use mem_core::recall::DocKind;
use mem_daemon::observer;
use mem_store::Reader;

use super::among::near;
use crate::commands::desk::Desk;
use crate::env;
use crate::failure::Failure;

/// The kinds and types of two lists, of which the second holds types only.
///
/// # Errors
/// [`Failure`] when a name is neither, and when both are asked for that no document has.
pub(super) fn resolve(
    desk: &Desk,
    store: &Reader,
    either: &[String],
    types: &[String],
) -> Result<(Vec<DocKind>, Vec<String>), Failure> {
    let mut kinds = Vec::new();
    let mut named: Vec<&String> = Vec::new();
    for name in either {
        match DocKind::parse(&name.to_lowercase()) {
            Some(kind) if kinds.contains(&kind) => {}
            Some(kind) => kinds.push(kind),
            None => named.push(name),
        }
    }
    named.extend(types);
    let types = if named.is_empty() { Vec::new() } else { known(desk, store, &named)? };
    if let Some(other) = kinds.iter().find(|kind| **kind != DocKind::Observation)
        && let Some(of_type) = types.first()
    {
        return Err(Failure::usage(format!(
            "a {} has no type, so none has the type {of_type}",
            other.as_str()
        ))
        .hint("Types are those of observations: ask for one or the other."));
    }
    Ok((kinds, types))
}

/// The kinds of that list alone.
///
/// # Errors
/// [`Failure`] when a name is not one.
pub(super) fn kinds(names: &[String]) -> Result<Vec<DocKind>, Failure> {
    names
        .iter()
        .map(|name| {
            DocKind::parse(&name.to_lowercase()).ok_or_else(|| {
                Failure::usage(format!("{name:?} is no kind of document"))
                    .hint(format!("Kinds are {}.", all_kinds()))
            })
        })
        .collect()
}

/// The types in the spelling of those who know them: the mode, or the store.
fn known(desk: &Desk, store: &Reader, named: &[&String]) -> Result<Vec<String>, Failure> {
    let folders = observer::mode_folders(desk.home(), env::modes_dir().as_deref());
    let (mode, _told_by_status) = observer::load_mode(&folders, &desk.layers().settings.observer.mode);
    let mut all = mode.kind_ids();
    let spelled = |all: &[String], name: &str| all.iter().find(|id| id.eq_ignore_ascii_case(name)).cloned();
    let mut types = Vec::new();
    for name in named {
        if spelled(&all, name).is_none() {
            all.extend(store.types()?); // of another mode, say
        }
        let Some(found) = spelled(&all, name) else {
            all.sort();
            all.dedup();
            let mut everything: Vec<&str> = all.iter().map(String::as_str).collect();
            let failure =
                Failure::usage(format!("{name:?} is neither a kind of document nor a type of observation"));
            everything.extend(DocKind::ALL.iter().map(|kind| kind.as_str()));
            let failure = match near(name, &everything).as_slice() {
                [] => failure,
                near => failure.hint(format!("Did you mean {}?", near.join(" or "))),
            };
            return Err(failure.hint(format!("Kinds are {}; types are {}.", all_kinds(), all.join(", "))));
        };
        if !types.contains(&found) {
            types.push(found);
        }
    }
    Ok(types)
}

fn all_kinds() -> String {
    DocKind::ALL.map(DocKind::as_str).join(", ")
}
