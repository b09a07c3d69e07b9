//! English words of grammar, words of grammar elsewhere that people who write English may write too, and what is English at all.
//!
//! Grammar is what the search stops in English (`terms`), and a few words that it looks for though most sentences have one.

use super::dictionary::Dictionary;
use super::language::Language;
use crate::recall::terms::is_english_stop;

/// Words that are searched for, as they say something, and stand in most English questions all the same; sorted.
const FREQUENT: [&str; 10] = ["back", "done", "down", "even", "give", "like", "need", "never", "use", "used"];

/// Words of grammar in German, French or Spanish that are words, names or signs of something where English is written;
/// sorted.
#[rustfmt::skip]
const SHARED: [&str; 64] = [
    "ante", "bin", "car", "certain", "comment", "con", "contra", "de", "del", "den", "der", "des", "die", "dir",
    "dos", "el", "en", "era", "eras", "es", "est", "et", "etc", "fin", "font", "ha", "hasta", "hat", "hay", "ins",
    "la", "las", "le", "lo", "los", "mag", "man", "mas", "mi", "mir", "mit", "non", "par", "per", "plus", "pour",
    "pro", "quasi", "rare", "sans", "sea", "ser", "si", "sin", "solo", "son", "sur", "tan", "todo", "ton", "un", "via",
    "von", "war",
];

/// Other English words, forms and names in code that are written as words of German, French or Spanish are; sorted. Most
/// are those of the dictionaries that stand in English documentation.
#[rustfmt::skip]
const ALIKE: [&str; 157] = [
    "accord", "alter", "alto", "amis", "art", "aspect", "auto", "bald", "bits", "boot", "brave", "brief", "bugs",
    "capable", "chance", "chat", "chef", "chose", "coherent", "coin", "coins", "come", "component", "consultation",
    "correspond", "cos", "court", "courts", "diff", "dir", "directive", "disco", "expiration", "fast", "favor",
    "fern", "fin", "fixes", "forme", "fort", "four", "fund", "fut", "gang", "gift", "grand", "grave", "gross", "gut",
    "handy", "hell", "hers", "incapable", "inconvenient", "indices", "info", "injure", "journal", "kind", "laid",
    "lame", "lang", "large", "last", "legs", "lent", "lib", "licence", "links", "lit", "locale", "location", "long",
    "lots", "mains", "matrices", "maximal", "media", "menu", "micro", "midi", "minimal", "mist", "mode", "modifier",
    "modulo", "net", "not", "note", "notion", "octet", "once", "organisation", "page", "pain", "pan", "patron",
    "payer", "pays", "performant", "pierre", "place", "point", "poisson", "precedent", "prime", "provenance", "prune",
    "pub", "qualification", "qualifier", "rand", "rang", "rat", "rate", "reconstruction", "ref", "regard", "regional",
    "resilient", "revocation", "robe", "rock", "rot", "sable", "sale", "sauce", "sent", "serif", "simplifier",
    "sonar", "string", "such", "suit", "suite", "suites", "table", "tag", "tan", "tape", "texture", "tier", "tiers",
    "tot", "tour", "trait", "traits", "util", "variant", "variants", "variation", "vent", "verifier", "verse",
    "visage", "voyage", "wand",
];

/// Whether a word, in small letters, is one of English grammar, with or without its apostrophe.
pub(super) fn is_grammar(word: &str) -> bool {
    is_english_stop(word) || FREQUENT.binary_search(&word).is_ok()
}

/// Whether a word that is no grammar is English too.
pub(super) fn is_alike(word: &str) -> bool {
    ALIKE.binary_search(&word).is_ok()
}

/// Whether a word of grammar may stand in English for something else.
pub(super) fn is_shared(word: &str) -> bool {
    SHARED.binary_search(&word).is_ok()
}

/// Whether `word`, in small letters, is English that stands in the dictionaries or a regular form of it. Many an English word does
/// not stand there.
pub fn is_english(word: &str) -> bool {
    // what they lead to is one table for all of them
    Dictionary::of(Language::German).is_led_to(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_for_the_search() {
        for words in [&FREQUENT[..], &SHARED, &ALIKE] {
            assert!(words.is_sorted_by(|a, b| a < b));
        }
    }
}
