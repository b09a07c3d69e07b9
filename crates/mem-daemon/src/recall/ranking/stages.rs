//! The stages of the ranking, in their order, and what they work on.

use std::cell::RefCell;
use std::collections::HashMap;

use mem_logic::recall::Query;
use mem_logic::recall::rank::{Said, Shelf, Sums, Weights, largest};
use mem_store::{Columns, Reader, StoreError};

use super::candidate::{number_reasons, order};
use super::meaning::trust;
use crate::recall::allowed::Allowed;
use crate::recall::ask::{Ask, How};
use crate::recall::gather::{Among, Gathered};
use crate::recall::hits::Ranked;
use crate::recall::near::Near;

/// Sessions that are looked at closely.
const CANDIDATES: usize = 72;
/// Fewest words of a question about which the best texts can tell more than it says itself.
const TELLING: usize = 2;

/// What ranking works on.
pub(in crate::recall) struct Ranking<'a> {
    pub(in crate::recall) store: &'a Reader,
    pub(in crate::recall) among: &'a Among<'a>,
    /// What is said at places that were looked at.
    pub(in crate::recall) looked_at: RefCell<HashMap<u32, Said>>,
    /// Files of sessions that were looked at.
    pub(in crate::recall) files: RefCell<HashMap<u32, Vec<String>>>,
    pub(in crate::recall) columns: &'a Columns,
    pub(in crate::recall) shelf: Shelf<'a>,
    pub(in crate::recall) allowed: &'a Allowed,
    pub(in crate::recall) weights: &'a Weights,
    /// Those that count once meaning has joined the words.
    pub(in crate::recall) with_meaning: &'a Weights,
    pub(in crate::recall) query: &'a Query,
    pub(in crate::recall) ask: &'a Ask,
}

/// Documents, the best first. `near` is waited for once the words have said what they can: a vector takes as long to make and
/// to compare.
pub(in crate::recall) fn rank<'a>(
    on: &mut Ranking<'_>,
    gathered: &Gathered,
    [words, codes]: &mut [Sums; 2],
    near: impl FnOnce() -> Result<Option<Near<'a>>, StoreError>,
    how: &mut How,
) -> Result<Vec<Ranked>, StoreError> {
    let worth = [on.worth(&gathered.words, words), on.worth(&gathered.codes, codes)];
    // identifiers find sessions too that share no word with the question
    let sessions: Vec<u32> =
        largest(words, codes, CANDIDATES).into_iter().map(|(session, _)| session).collect();
    let mut candidates = on.candidates(&sessions);
    on.add_postings(&mut candidates, gathered, &worth, words);
    order(&mut candidates);
    let tells = gathered.words.wanted.len() >= TELLING;
    let fed_back = tells && !candidates.is_empty();
    if fed_back {
        let texts = on.texts(&candidates)?;
        on.add_pairs(&mut candidates, gathered, &texts);
    }
    let fed_back = fed_back && on.add_feedback(&mut candidates, codes)?;
    if tells {
        on.read_ahead(&mut candidates)?;
    }
    let near = near()?;
    if let Some(near) = &near {
        on.weights = on.with_meaning;
        let trust = trust(gathered);
        let mut meant = on.meant(near, &sessions, trust);
        if candidates.is_empty() && meant.is_empty() {
            meant = on.nearest(near);
            how.unsure = !meant.is_empty();
        }
        on.add_postings(&mut meant, gathered, &worth, words);
        candidates.append(&mut meant);
        on.add_meaning(&mut candidates, near, trust)?;
    }
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    how.legs.extend(["sessions", "passages"]);
    let beside = [
        (!gathered.codes.postings.is_empty(), "identifiers"),
        (fed_back, "feedback"),
        (near.is_some(), "meaning"),
    ];
    how.legs.extend(beside.into_iter().filter(|(is_there, _)| *is_there).map(|(_, leg)| leg));
    order(&mut candidates);
    if tells {
        on.add_shared_files(&mut candidates)?;
    }
    on.add_priors(&mut candidates)?;
    order(&mut candidates);
    if tells {
        on.put_newer_first(&mut candidates)?;
    }
    if on.ask.explain {
        number_reasons(&mut candidates);
    }
    Ok(on.documents(&candidates))
}
