//! English words of grammar, words of grammar elsewhere that people who write English may write too, and what is English at all.

use super::dictionary::Dictionary;
use super::language::Language;

/// Words that stand in most English sentences; sorted.
#[rustfmt::skip]
const GRAMMAR: [&str; 178] = [
    "a", "about", "after", "again", "against", "all", "also", "always", "am", "an", "and", "any", "anyone",
    "anything", "are", "arent", "as", "at", "back", "be", "because", "been", "before", "being", "below",
    "between", "both", "but", "by", "can", "cannot", "cant", "could", "couldnt", "did", "didnt", "do", "does",
    "doesnt", "doing", "done", "dont", "down", "during", "each", "either", "else", "even", "ever", "every",
    "everything", "few", "for", "from", "further", "get", "gets", "getting", "give", "go", "goes", "going",
    "got", "had", "hadnt", "has", "hasnt", "have", "havent", "having", "he", "her", "here", "him", "his", "how",
    "however", "i", "if", "in", "instead", "into", "is", "isnt", "it", "its", "just", "let", "lets", "like",
    "made", "make", "many", "may", "me", "might", "more", "most", "much", "must", "my", "need", "neither",
    "never", "no", "nor", "not", "nothing", "now", "of", "off", "on", "once", "one", "only", "onto", "or",
    "other", "our", "out", "over", "own", "please", "same", "shall", "she", "should", "shouldnt", "since", "so",
    "some", "someone", "something", "still", "such", "than", "that", "thats", "the", "their", "them", "then",
    "there", "these", "they", "this", "those", "to", "too", "under", "until", "up", "us", "use", "used", "very",
    "want", "was", "wasnt", "we", "were", "what", "whats", "when", "where", "which", "while", "who", "whose",
    "why", "will", "with", "without", "wont", "would", "wouldnt", "you", "your",
];

/// Words of grammar in German, French or Spanish that are words, names or signs of something where English is written;
/// sorted.
#[rustfmt::skip]
const SHARED: [&str; 59] = [
    "ante", "bin", "car", "comment", "con", "contra", "de", "del", "den", "der", "des", "die", "dir", "dos",
    "el", "en", "era", "eras", "es", "est", "et", "fin", "ha", "hasta", "hat", "hay", "ins", "la", "las", "le",
    "lo", "los", "mag", "man", "mas", "mi", "mir", "mit", "non", "par", "per", "plus", "pour", "pro", "quasi",
    "sans", "sea", "ser", "si", "sin", "solo", "son", "sur", "todo", "ton", "un", "via", "von", "war",
];

/// Other English words, forms and names in code that are written as words of German, French or Spanish are; sorted. Most
/// are those of the dictionaries that stand in English documentation.
#[rustfmt::skip]
const ALIKE: [&str; 138] = [
    "accord", "alter", "alto", "amis", "art", "aspect", "auto", "bald", "bits", "boot", "brave", "brief",
    "bugs", "capable", "chance", "chat", "chef", "chose", "coherent", "coin", "coins", "come", "consultation",
    "correspond", "court", "courts", "directive", "disco", "expiration", "fast", "fern", "fin", "forme", "fort",
    "four", "fund", "gang", "gift", "grand", "grave", "gross", "gut", "handy", "hell", "hers", "incapable",
    "inconvenient", "indices", "info", "injure", "journal", "kind", "laid", "lame", "lang", "large", "last",
    "legs", "lent", "licence", "links", "lit", "locale", "location", "long", "lots", "mains", "matrices",
    "maximal", "media", "micro", "midi", "minimal", "mist", "mode", "modifier", "modulo", "net", "not", "note",
    "notion", "octet", "once", "organisation", "page", "pain", "pan", "patron", "payer", "pays", "performant",
    "pierre", "place", "point", "poisson", "precedent", "prime", "provenance", "prune", "qualification",
    "qualifier", "rand", "rang", "rat", "rate", "reconstruction", "regard", "regional", "resilient",
    "revocation", "robe", "rock", "rot", "sable", "sale", "sauce", "sent", "simplifier", "sonar", "such",
    "suit", "suite", "suites", "table", "tag", "tape", "tier", "tiers", "tot", "tour", "util", "variation",
    "vent", "verifier", "verse", "visage", "voyage", "wand",
];

/// Whether a word, in small letters and without apostrophes, is one of English grammar.
pub(super) fn is_grammar(word: &str) -> bool {
    GRAMMAR.binary_search(&word).is_ok()
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
    Dictionary::of(Language::German).is_led_to(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_for_the_search() {
        for words in [&GRAMMAR[..], &SHARED, &ALIKE] {
            assert!(words.is_sorted_by(|a, b| a < b));
        }
    }
}
