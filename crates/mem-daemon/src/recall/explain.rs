//! What `--explain` says that ranking does not need: words as people write them, and a document's share of its session.

use mem_logic::recall::{View, terms};
use mem_store::{Reader, StoreError};

use super::ask::Reason;
use super::gather::Wanted;

/// Writes words, of which the index holds stems, as they stand at the first of these places that has them.
pub(super) fn write_out(store: &Reader, places: &[u32], wanted: &mut [Wanted]) -> Result<(), StoreError> {
    let mut left: Vec<&mut Wanted> = wanted.iter_mut().collect();
    for place in places {
        if left.is_empty() {
            break;
        }
        let Some(text) = store.passage_text(i64::from(*place) + 1)? else { continue };
        let found = terms(&text);
        left.retain_mut(|one| {
            let here = found.iter().find(|term| term.view == View::Word && term.text == one.token);
            if let Some(term) = here {
                one.written = text[term.start..term.end].to_lowercase();
            }
            here.is_none()
        });
    }
    Ok(())
}

/// What a document has of its session's score: all of it where it says best what was asked.
pub(super) fn of_session(share: f32, of: f32, own: f32) -> Reason {
    let with = if share >= 1.0 {
        "says it best in its session".to_owned()
    } else {
        format!("says {:.0} % of what the best of its session does", share * 100.0)
    };
    Reason { of: "share", rank: None, adds: f64::from(own - of), with }
}
