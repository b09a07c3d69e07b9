//! Languages that are not glossed and are akin to those that are: Portuguese, Italian, Dutch, Swedish, Danish. Questions
//! in them have words of grammar of the ones that are, and dictionaries of these know many of the others.

use super::language::Language;

/// Words of their grammar that no language has that is glossed, or another one only; sorted.
#[rustfmt::skip]
const OTHERS: [&str; 112] = [
    "anche", "ao", "aos", "att", "até", "bij", "che", "chi", "com", "cosa", "cui", "dal", "dalla", "dat", "degli",
    "della", "dello", "depois", "deze", "di", "dit", "dove", "een", "ela", "ele", "eles", "em", "essa", "esse",
    "estou", "etter", "foi", "från", "för", "geen", "gli", "heeft", "het", "hoe", "hur", "hva", "hvad", "hvorfor",
    "ik", "ikke", "inte", "isso", "isto", "jag", "jeg", "já", "maar", "mais", "med", "meu", "minha", "muito", "na",
    "naar", "nao", "nas", "negli", "nel", "nella", "nello", "niet", "não", "nós", "och", "onde", "ook", "pela",
    "pelas", "pelo", "pelos", "perche", "perché", "più", "på", "qual", "quale", "quali", "quando", "quem", "questa",
    "questo", "seu", "skal", "som", "sono", "sua", "sulla", "são", "também", "tem", "tutti", "uit", "uma", "vad",
    "van", "varför", "você", "voor", "være", "waar", "waarom", "wat", "werd", "wij", "wordt", "zijn", "è",
];

/// Words of grammar of languages that are glossed that their neighbours have too; sorted.
#[rustfmt::skip]
const BOTH: [&str; 66] = [
    "algo", "alle", "alles", "als", "ante", "antes", "apenas", "aqui", "através", "bastante", "cada", "come",
    "como", "con", "conforme", "consigo", "contra", "del", "dem", "den", "der", "desde", "die", "durante", "entre",
    "era", "eras", "esta", "estamos", "estar", "estas", "este", "está", "fui", "hier", "hun", "ihr", "man", "menos",
    "nada", "nos", "para", "per", "poco", "por", "porque", "quanto", "que", "segundo", "ser", "sera", "será",
    "sido", "sobre", "tal", "tanto", "toda", "todas", "todo", "todos", "tra", "una", "vor", "vos", "was", "wie",
];

/// Whether a word is one of the grammar of a language that is not glossed.
pub(super) fn is_of_others(word: &str) -> bool {
    OTHERS.binary_search(&word).is_ok()
}

/// Whether a word of the grammar of a language that is glossed is one of a language that is not, too.
pub(super) fn is_of_both(word: &str) -> bool {
    BOTH.binary_search(&word).is_ok()
}

/// Whether a word has a Latin letter that the language has no use for, as Portuguese words have ã in what else might be Spanish.
/// Accents of their own, which some keyboards type, are no letters.
pub(super) fn has_letters_of_others(language: Language, word: &str) -> bool {
    let own = match language {
        // with those of words that came from French
        Language::German => "äöüßéèêàç",
        Language::French => "àâæçéèêëîïôœùûüÿ",
        Language::Spanish => "áéíóúüñªº",
        Language::Chinese => return false,
    };
    let is_latin = |c: char| c.is_alphabetic() && ('\u{80}'..'\u{250}').contains(&c);
    word.chars().any(|c| is_latin(c) && !own.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_for_the_search() {
        for words in [&OTHERS[..], &BOTH] {
            assert!(words.is_sorted_by(|a, b| a < b));
        }
    }
}
