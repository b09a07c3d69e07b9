//! Why there is nothing: the conditions that nothing in these projects meets, whatever else is asked.

use mem_core::recall::Filter;
use mem_core::text::one_line;
use mem_core::time::Timestamp;
use mem_logic::recall::tokens;
use mem_store::{Condition, Reader, Sought, StoreError};

use super::among::Among;
use crate::commands::print;

/// Characters of what was asked for that are said again.
const SAID: usize = 200;

/// A condition of a filter: its values, how the store is asked, and how its sentence begins.
type Part<'f> = (&'f [String], fn(&'f str) -> Condition<'f>, bool, &'static str);

/// A sentence for each condition none of whose values anything meets.
pub(super) fn sentences(store: &Reader, filter: &Filter, among: &Among) -> Result<Vec<String>, StoreError> {
    let parts: [Part<'_>; 6] = [
        (&filter.types, Condition::Type, true, "has the type"),
        (&filter.concepts, Condition::Concept, true, "has the concept"),
        (&filter.files, Condition::File, true, "names a file"),
        (&filter.folders, Condition::Folder, true, "names a file directly in"),
        (&filter.branches, Condition::Branch, false, "happened on a branch"),
        (&filter.worktrees, Condition::Worktree, false, "happened in a worktree"),
    ];
    let of = among.words().map(|names| format!(" of {names}")).unwrap_or_default();
    let mut told = Vec::new();
    for (values, condition, of_observations, does) in parts {
        let mut met = values.is_empty();
        for value in values {
            met = met || store.is_met(condition(value), &filter.projects)?;
        }
        if !met {
            let who = if of_observations { "No observation" } else { "Nothing" };
            told.push(format!("{who}{of} {does} {}.", one_line(&values.join(" or "), SAID)));
        }
    }
    if (filter.from.is_some() || filter.until.is_some()) && !has_time(store, filter)? {
        let stretch = match (filter.from, filter.until) {
            (Some(from), Some(until)) => {
                format!("from {} to before {}", print::moment(from), print::moment(until))
            }
            (Some(from), None) => format!("from {} on", print::moment(from)),
            (None, until) => format!("before {}", until.map(print::moment).unwrap_or_default()),
        };
        told.push(format!("Nothing{of} happened {stretch}."));
    }
    Ok(told)
}

/// A sentence for each file at hand that no memory names.
pub(super) fn at_hand(store: &Reader, files: &[String]) -> Result<Vec<String>, StoreError> {
    let mut told = Vec::new();
    for file in files {
        // by the index, as the search itself: the table of files has no order by the ends of paths
        let mark = tokens::file(file);
        if store.postings(Sought::Term(&mark), None, (0, i64::MAX), 1, |_| {})? == 0 {
            told.push(format!("No memory names {}.", one_line(file, SAID)));
        }
    }
    Ok(told)
}

/// Whether anything at all happened in the time that is asked for.
fn has_time(store: &Reader, filter: &Filter) -> Result<bool, StoreError> {
    let from = filter.from.unwrap_or(Timestamp(i64::MIN));
    let first = store.around(&filter.projects, &[], from, None, 0, 1)?;
    Ok(first.iter().any(|row| filter.until.is_none_or(|until| row.at < until)))
}
