//! By whose vectors a search goes while the model changes: pure, but for looking it up.
//!
//! Vectors are of use only to who can embed a question in the same way. So the old model serves until the new one has
//! come as far, as long as the old one can still be asked; where it cannot, the new one serves with what it has.

use mem_store::{Reader, StoreError, VectorModel};

/// Where vectors come from, as the settings have it, and what can be asked there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sources {
    /// The fingerprint of the model that is to serve in the end; none while it is not known.
    pub chosen: Option<String>,
    /// The fingerprint of the model in the folder, where it can be used.
    pub installed: Option<String>,
}

/// A model whose vectors stand in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vectors {
    /// Its fingerprint.
    pub fingerprint: String,
    /// How many there are.
    pub vectors: u64,
    /// Whether every passage has its own.
    pub complete: bool,
}

/// The fingerprint with which questions are embedded; none where no vectors can be compared with any question.
pub fn serving<'v>(sources: &Sources, models: &'v [Vectors]) -> Option<&'v str> {
    let is = |model: &Vectors, whose: &Option<String>| whose.as_ref() == Some(&model.fingerprint);
    let can_be_asked = |model: &&Vectors| is(model, &sources.chosen) || is(model, &sources.installed);
    let usable = models.iter().filter(|model| model.vectors > 0).filter(can_be_asked);
    // of equal ones the chosen
    let best = usable.max_by_key(|model| {
        (is(model, &sources.chosen) && model.complete, model.vectors, is(model, &sources.chosen))
    });
    best.map(|model| model.fingerprint.as_str())
}

/// The same, looked up: the model whose vectors are to be compared, with questions that are embedded by it.
///
/// # Errors
/// [`StoreError`] when the store cannot be read.
pub fn serves(store: &Reader, sources: &Sources) -> Result<Option<VectorModel>, StoreError> {
    let models = store.vector_models()?;
    let alone = models.iter().filter(|model| model.vectors > 0).count() < 2;
    let mut known = Vec::with_capacity(models.len());
    for model in &models {
        // counted only where it decides
        let complete = alone || {
            let stretch = store.vector_stretch(model.id)?;
            stretch.embedded == stretch.passages
        };
        let (fingerprint, vectors) = (model.fingerprint.clone(), model.vectors);
        known.push(Vectors { fingerprint, vectors, complete });
    }
    let chosen = serving(sources, &known).map(str::to_owned);
    Ok(models.into_iter().find(|model| Some(&model.fingerprint) == chosen.as_ref()))
}

/// How many of so many passages have a vector that a question can be compared with, where there is a model and not all have
/// one. Asked by every search, so that nothing is counted for it: texts that stand in several passages have one vector.
///
/// # Errors
/// [`StoreError`] when the store cannot be read.
pub fn so_far(store: &Reader, sources: &Sources, passages: u64) -> Result<Option<u64>, StoreError> {
    // the model in the folder is the chosen one wherever there is no service, also where there is no such folder
    let is_made = sources.installed.is_some() || sources.chosen.as_deref() != Some(mem_embed::PUBLISHED);
    if !is_made {
        return Ok(None);
    }
    let mut most = 0;
    for model in store.vector_models()? {
        let fingerprint = Some(&model.fingerprint);
        if fingerprint == sources.chosen.as_ref() || fingerprint == sources.installed.as_ref() {
            if store.has_all_vectors(model.id)? && model.vectors > 0 {
                return Ok(None);
            }
            most = most.max(model.vectors);
        }
    }
    Ok((most < passages).then_some(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What it is about, the chosen, the installed, what vectors there are, and who serves.
    type Row = (&'static str, Option<&'static str>, Option<&'static str>, Vec<Vectors>, Option<&'static str>);

    fn of(name: &str, vectors: u64, complete: bool) -> Vectors {
        Vectors { fingerprint: name.to_owned(), vectors, complete }
    }

    #[test]
    fn the_old_one_serves_until_the_new_one_is_complete_if_it_can_be_asked() {
        let all = 100;
        let rows: [Row; 13] = [
            ("nothing", None, None, vec![], None),
            ("no vector yet", Some("e"), Some("f"), vec![of("e", 0, false)], None),
            ("the folder alone", Some("f"), Some("f"), vec![of("f", 7, false)], Some("f")),
            ("an endpoint alone", Some("e"), None, vec![of("e", 7, false)], Some("e")),
            ("it begins", Some("e"), Some("f"), vec![of("f", all, true), of("e", 1, false)], Some("f")),
            ("almost there", Some("e"), Some("f"), vec![of("f", all, true), of("e", 99, false)], Some("f")),
            ("there", Some("e"), Some("f"), vec![of("f", all, true), of("e", all, true)], Some("e")),
            // what was forgotten is swept later: the old one may have more than all
            ("there, and less", Some("e"), Some("f"), vec![of("f", all, true), of("e", 98, true)], Some("e")),
            (
                "the old is half",
                Some("e"),
                Some("f"),
                vec![of("f", 10, false), of("e", 11, false)],
                Some("e"),
            ),
            ("the old is gone", Some("e"), None, vec![of("f", all, true), of("e", 1, false)], Some("e")),
            ("back again", Some("f"), Some("f"), vec![of("e", all, true), of("f", 1, false)], Some("f")),
            ("nobody left to ask", None, None, vec![of("f", all, true)], None),
            ("an endpoint that never answered", None, Some("f"), vec![of("f", all, true)], Some("f")),
        ];
        for (what, chosen, installed, models, wanted) in rows {
            let sources =
                Sources { chosen: chosen.map(str::to_owned), installed: installed.map(str::to_owned) };
            assert_eq!(serving(&sources, &models), wanted, "{what}");
            let turned: Vec<Vectors> = models.iter().rev().cloned().collect();
            assert_eq!(serving(&sources, &turned), wanted, "{what}, in another order");
        }
    }
}
