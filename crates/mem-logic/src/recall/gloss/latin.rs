//! What a word of German, French or Spanish is in English: as it stands in the dictionary, by its stem, as a form of a
//! verb, by its parts.

use std::borrow::Cow;

use super::compound::{Letters, compound};
use super::dictionary::{Dictionary, Found};
use super::language::{Language, plainly};
use crate::recall::terms::folded;

/// What a word is in English; nothing for one that the language's dictionary does not lead to. A compound takes of the
/// `letters` that there are for a question.
pub(super) fn look_up(language: Language, word: &str, letters: &mut Letters) -> Option<Found> {
    let dictionary = Dictionary::of(language);
    let small = word.to_lowercase();
    let plain = plainly(&small);
    let declined = || {
        let bare = endings(language).iter().filter_map(|ending| small.strip_suffix(ending));
        bare.filter(|bare| bare.chars().count() >= 3)
            .find_map(|bare| dictionary.form(bare).filter(|entry| !entry.is_grammar))
    };
    let stemmed = || {
        dictionary.stemmed(&dictionary.stem(&small)).or_else(|| dictionary.stemmed(&dictionary.stem(&plain)))
    };
    let entry =
        dictionary.form(&small).or_else(|| dictionary.form(&plain)).or_else(declined).or_else(stemmed);
    if let Some(entry) = entry {
        return Some(entry.into());
    }
    if language != Language::German {
        return None;
    }
    let spelt = respelt(&plain);
    if let Some(spelt) = &spelt
        && let Some(entry) = dictionary.form(spelt).or_else(|| dictionary.stemmed(&dictionary.stem(spelt)))
    {
        return Some(entry.into());
    }
    let plain = spelt.as_deref().unwrap_or(&plain);
    let verb = infinitives(plain).into_iter().find_map(|verb| dictionary.form(&verb));
    verb.map(Found::from).or_else(|| compound(dictionary, plain, letters))
}

/// Endings of numbers, cases and genders, the shortest first. A word without one is surer than one with the same stem,
/// which may be another word: `großer` is a form of `groß`, and has the stem of `Größe`.
fn endings(language: Language) -> &'static [&'static str] {
    match language {
        Language::German => &["n", "e", "s", "en", "er", "es", "em"],
        Language::French => &["s", "x", "e", "es"],
        Language::Spanish => &["s", "es"],
        Language::Chinese => &[],
    }
}

/// What a German verb is with a particle in front that stands behind it: `stürzt … ab` is `abstürzen`. One that may be a
/// preposition belongs to the verb where it `ends` the clause only: who `hört auf` a port does not `aufhören`.
pub(super) fn with_particle(verb: &str, particle: &str, ends: bool) -> Option<Found> {
    const PREPOSITIONS: [&str; 11] =
        ["an", "auf", "aus", "durch", "mit", "nach", "uber", "um", "unter", "vor", "zu"];
    let particle = folded(&particle.to_lowercase());
    let is_one = PARTICLES.contains(&particle.as_str());
    if !is_one || !ends && PREPOSITIONS.contains(&particle.as_str()) {
        return None;
    }
    let dictionary = Dictionary::of(Language::German);
    let plain = folded(&verb.to_lowercase());
    let plain = respelt(&plain).unwrap_or(plain);
    let whole =
        [plain.clone()].into_iter().chain(infinitives(&plain)).map(|verb| format!("{particle}{verb}"));
    whole.into_iter().find_map(|verb| dictionary.form(&verb)).map(Found::from)
}

/// A word with `ae`, `oe`, `ue` for letters that a keyboard lacks, as it is when they are folded.
fn respelt(plain: &str) -> Option<String> {
    let spelt = plain.replace("ae", "a").replace("oe", "o").replace("ue", "u");
    (spelt != plain).then_some(spelt)
}

/// What stands before a German verb and leaves it.
const PARTICLES: [&str; 30] = [
    "fehl", "bereit", "statt", "zusammen", "zuruck", "wieder", "weiter", "herunter", "hinunter", "hinzu",
    "durch", "unter", "fest", "frei", "nach", "uber", "fort", "auf", "aus", "ein", "mit", "vor", "weg",
    "los", "ab", "an", "um", "zu", "her", "hin",
];

/// Endings of persons, of the past, of participles and of what is declined; the stemmer leaves most of them.
const ENDINGS: [&str; 16] = [
    "testen", "tetest", "teten", "endes", "ende", "ender", "test", "tet", "ten", "tes", "ter", "tem", "te",
    "st", "et", "t",
];

/// The infinitives that a form of a German verb, folded, may be of.
fn infinitives(plain: &str) -> Vec<String> {
    let mut found = Vec::new();
    let stems = ENDINGS.iter().filter_map(|ending| plain.strip_suffix(ending));
    for stem in stems.chain(plain.strip_suffix('e')).filter(|stem| stem.len() >= 3) {
        for stem in without_inset(stem) {
            found.extend(["en", "n"].map(|ending| format!("{stem}{ending}")));
        }
    }
    // abzuspeichern
    found.extend(without_inset(plain).skip(1).map(Cow::into_owned));
    found
}

/// The stem as it is, and without `ge` of a participle or `zu` of an infinitive, in front or behind a particle.
fn without_inset(stem: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let bare = stem.strip_prefix("ge").filter(|rest| rest.len() >= 3).map(Cow::Borrowed);
    let behind = PARTICLES.iter().filter_map(|particle| {
        let rest = stem.strip_prefix(particle)?;
        let rest = rest.strip_prefix("ge").or_else(|| rest.strip_prefix("zu"))?;
        (rest.len() >= 3).then(|| Cow::Owned(format!("{particle}{rest}")))
    });
    [Cow::Borrowed(stem)].into_iter().chain(bare).chain(behind)
}
