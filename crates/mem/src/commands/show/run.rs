//! The command: everything that is found is shown, everything that is not is named.

use mem_wire::memory::{Shown, VERSION};

use super::super::desk::{Desk, Names};
use super::super::print;
use super::super::status::hooks;
use super::find::{self, Found};
use super::further::further;
use super::ids::Id;
use crate::cli::ShowArgs;
use crate::failure::Failure;

/// Ids that are named of what a beginning may mean.
const NAMED: usize = 5;

/// Runs the command.
pub(crate) fn run(desk: &Desk, args: &ShowArgs) -> Result<(), Failure> {
    let mut shown = Shown { version: VERSION, items: Vec::new(), missing: Vec::new() };
    let mut texts = Vec::new();
    let mut complaints = Vec::new();
    match desk.memory()? {
        None => {
            shown.missing.clone_from(&args.ids);
            if !desk.json {
                hooks::nothing_yet(desk);
            }
        }
        Some(fresh) => {
            let mut names = Names::new(&fresh.store);
            for given in &args.ids {
                let complaint = match Id::parse(given) {
                    None => format!("{given:?} is not an id"),
                    Some(id) => match find::typed(&fresh.store, given, &id, &mut names)? {
                        Found::One(item, text) => {
                            shown.items.push(item);
                            texts.push(text);
                            continue;
                        }
                        Found::Several(what, which) => several(given, what, &which),
                        Found::Nothing => format!("nothing has the id {given}"),
                    },
                };
                shown.missing.push(given.clone());
                complaints.push(complaint);
            }
        }
    }
    if desk.json {
        print::json(&shown)?;
    } else if !texts.is_empty() {
        print::text(&texts.join("\n\n"))?;
        if let Some(words) = further(&shown.items) {
            print::note(&words);
        }
    }
    if complaints.is_empty() {
        return Ok(());
    }
    Err(Failure::user(complaints.join("; ")).hint(
        "Ids look like #123 (observation), S7 (summary), T4 (turn), E5 (event), C6 (commit), a session's, or a commit's \
         hash; `claude-mem search` \
         and `claude-mem sessions` print them.",
    ))
}

/// What a beginning of several ids is told.
fn several(given: &str, what: &str, which: &[String]) -> String {
    let more = which.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let named = which.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    format!("{given} is the beginning of {} {what}: {named}{more}", which.len())
}
