//! Words that stand in every text and say nothing about any.
//!
//! English with its question words; of German, French and Spanish the commonest, unless they mean something in English
//! (`die`, `war`, `bin`); of Chinese, Japanese and Korean what grammar is made of, in the pairs that the analysis makes.
//! English stands apart: it is also what tells English questions from others, and what English for another word is held
//! against.

/// English with its question words. Small letters, not stemmed, without apostrophes; sorted.
#[rustfmt::skip]
const ENGLISH: [&str; 263] = [
    "a", "about", "above", "actually", "after", "again", "against", "all", "almost", "alone", "along", "already",
    "also", "although", "always", "am", "among", "an", "and", "another", "any", "anybody", "anyone", "anything",
    "anyway", "are", "arent", "around", "as", "at", "away", "basically", "be", "became", "because", "been",
    "before", "being", "below", "beside", "besides", "between", "beyond", "both", "but", "by", "came", "can",
    "cannot", "cant", "could", "couldnt", "did", "didnt", "do", "does", "doesnt", "doing", "dont", "during", "each",
    "either", "else", "ever", "every", "everyone", "everything", "few", "for", "from", "further", "gave", "get",
    "gets", "getting", "go", "goes", "going", "gone", "got", "had", "hadnt", "has", "hasnt", "have", "havent",
    "having", "he", "hence", "her", "here", "heres", "hers", "herself", "him", "himself", "his", "how", "however",
    "hows", "i", "if", "in", "instead", "into", "is", "isnt", "it", "its", "itself", "just", "let", "lets", "made",
    "make", "makes", "many", "may", "maybe", "me", "might", "more", "most", "much", "must", "my", "myself", "near",
    "neither", "no", "nobody", "none", "nor", "not", "nothing", "now", "of", "off", "often", "on", "once", "one",
    "ones", "only", "onto", "or", "other", "others", "ought", "our", "ours", "ourselves", "out", "over", "own",
    "per", "perhaps", "please", "quite", "rather", "really", "said", "same", "say", "says", "see", "seem", "seemed",
    "seems", "seen", "shall", "she", "should", "shouldnt", "since", "so", "some", "somebody", "someone",
    "something", "sometimes", "somewhere", "still", "such", "take", "than", "that", "thats", "the", "their",
    "theirs", "them", "themselves", "then", "there", "therefore", "theres", "these", "they", "thing", "things",
    "this", "those", "though", "through", "throughout", "thus", "to", "together", "too", "toward", "towards",
    "under", "until", "up", "upon", "us", "very", "want", "wants", "was", "wasnt", "way", "we", "well", "went",
    "were", "werent", "what", "whatever", "whats", "when", "whenever", "whens", "where", "whereas", "wheres",
    "wherever", "whether", "which", "whichever", "while", "who", "whoever", "whole", "whom", "whose", "why", "whys",
    "will", "with", "within", "without", "wont", "would", "wouldnt", "yes", "yet", "you", "your", "yours",
    "yourself", "yourselves",
];

/// Words of other languages, and what is left of English ones where an apostrophe is taken for an end; likewise, sorted.
#[rustfmt::skip]
const OTHERS: [&str; 377] = [
    "aber", "al", "algo", "alle", "allem", "allen", "aller", "alors", "als", "ante", "antes", "aquí", "aren", "au",
    "auch", "aucun", "auf", "aunque", "aus", "aussi", "autre", "aux", "avait", "avant", "avec", "avoir", "bei",
    "beim", "bis", "cada", "casi", "ce", "ceci", "cela", "ces", "cet", "cette", "ceux", "chaque", "chez", "comme",
    "comment", "como", "con", "contra", "couldn", "cual", "cuando", "cuál", "cuándo", "d", "da", "damit", "dann",
    "dans", "das", "dass", "de", "del", "dem", "denn", "depuis", "der", "des", "desde", "deux", "dich", "didn",
    "dies", "diese", "diesem", "diesen", "dieser", "dieses", "dir", "doch", "doesn", "don", "donc", "donde", "dort",
    "du", "durch", "dónde", "ein", "eine", "einem", "einen", "einer", "eines", "el", "ella", "ellas", "elle",
    "elles", "ellos", "en", "encore", "entre", "er", "es", "esa", "ese", "eso", "est", "esta", "este", "esto",
    "estos", "está", "están", "et", "etwas", "euch", "eux", "für", "gegen", "habe", "haben", "hace", "hacia",
    "hadn", "hasn", "hasta", "hatte", "hatten", "haven", "hay", "ich", "ihm", "ihn", "ihr", "ihre", "il", "ils",
    "im", "immer", "isn", "ist", "ja", "je", "jede", "jeder", "jedes", "jetzt", "kann", "kannst", "kein", "keine",
    "können", "la", "las", "le", "les", "leur", "leurs", "ll", "lo", "los", "lui", "m", "mais", "mehr", "mein",
    "meine", "mes", "mi", "mich", "mientras", "mit", "moi", "mon", "muss", "muy", "más", "même", "nach", "nada",
    "ne", "ni", "nicht", "nichts", "noch", "nos", "nosotros", "notre", "nous", "nur", "o", "ob", "oder", "ohne",
    "ont", "otra", "otro", "où", "par", "para", "parce", "pas", "pero", "peu", "peut", "poco", "por", "porque",
    "pourquoi", "qu", "quand", "que", "quel", "quelle", "quelles", "quels", "qui", "quien", "quién", "quoi", "qué",
    "re", "s", "sa", "schon", "se", "sea", "según", "sehr", "sein", "seine", "seit", "ser", "ses", "shouldn", "si",
    "sich", "sie", "sind", "sobre", "sollte", "sont", "soy", "su", "sur", "sus", "sí", "t", "también", "tan",
    "tanto", "tes", "tiene", "todo", "todos", "toi", "tous", "tout", "toute", "toutes", "très", "tu", "um", "un",
    "una", "und", "une", "unos", "uns", "unser", "unter", "ve", "viel", "vom", "von", "vor", "vos", "votre", "vous",
    "wann", "warum", "wasn", "wegen", "weil", "welche", "welchem", "welchen", "welcher", "welches", "wenn", "wer",
    "werde", "werden", "weren", "wie", "wieder", "wir", "wird", "wo", "won", "worden", "wouldn", "wurde", "wurden",
    "y", "ya", "yo", "zu", "zum", "zur", "zwischen", "él", "été", "être", "über", "いつ", "から", "こと", "この", "した",
    "して", "する", "その", "です", "では", "とは", "どう", "どこ", "どの", "なぜ", "には", "まし", "ます", "まで", "一个", "不", "与", "为什", "也",
    "了", "什么", "他", "他们", "你", "你们", "及", "吗", "呢", "和", "哪个", "哪里", "啊", "在", "如何", "就", "怎么", "我", "我们", "是", "有",
    "的", "这", "这个", "那", "那个", "都", "가", "과", "는", "도", "로", "를", "및", "에", "와", "은", "을", "의", "이",
];

/// All of them, sorted.
const STOPS: [&str; ENGLISH.len() + OTHERS.len()] = {
    let mut stops = [""; ENGLISH.len() + OTHERS.len()];
    let (mut english, mut others) = (0, 0);
    while english + others < stops.len() {
        let is_english = others == OTHERS.len()
            || english < ENGLISH.len() && is_before(ENGLISH[english].as_bytes(), OTHERS[others].as_bytes());
        stops[english + others] = if is_english { ENGLISH[english] } else { OTHERS[others] };
        if is_english {
            english += 1;
        } else {
            others += 1;
        }
    }
    stops
};

/// Whether a word stands before another one where they are sorted.
const fn is_before(word: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < word.len() && at < other.len() {
        if word[at] != other[at] {
            return word[at] < other[at];
        }
        at += 1;
    }
    word.len() < other.len()
}

/// Which shapes words of [`STOPS`] have.
static SHAPES: [bool; 1 << 14] = {
    let mut shapes = [false; 1 << 14];
    let mut at = 0;
    while at < STOPS.len() {
        shapes[shape(STOPS[at].as_bytes())] = true;
        at += 1;
    }
    shapes
};

/// Where in [`STOPS`] the words with each first byte begin, and where the last of them end.
static BEGUN: [u16; 257] = {
    let mut begun = [0; 257];
    let (mut at, mut first) = (0, 0);
    while first < 256 {
        while at < STOPS.len() && (STOPS[at].as_bytes()[0] as usize) <= first {
            at += 1;
        }
        first += 1;
        begun[first] = at as u16;
    }
    begun
};

/// The first and the last byte of a word, five bits of each, and its length up to 15.
const fn shape(word: &[u8]) -> usize {
    if word.is_empty() {
        return 0;
    }
    let length = if word.len() < 15 { word.len() } else { 15 };
    (word[0] as usize % 32) << 9 | (word[word.len() - 1] as usize % 32) << 4 | length
}

/// Whether `word` says nothing: in small letters, not stemmed. Names of programs and options that are words of grammar
/// elsewhere (`man`, `bin`) are none.
pub fn is_stop(word: &str) -> bool {
    if word.contains(['\'', '\u{2019}']) {
        return STOPS.binary_search(&word.replace(['\'', '\u{2019}'], "").as_str()).is_ok();
    }
    // most words of content are told by how they begin and end and how long they are
    let Some(first) = word.bytes().next() else { return false };
    let of_first = usize::from(BEGUN[usize::from(first)])..usize::from(BEGUN[usize::from(first) + 1]);
    SHAPES[shape(word.as_bytes())] && STOPS[of_first].binary_search(&word).is_ok()
}

/// Whether `word`, in small letters and not stemmed, says nothing in English, whatever it says elsewhere.
pub(in crate::recall) fn is_english_stop(word: &str) -> bool {
    ENGLISH.binary_search(&word.replace(['\'', '\u{2019}'], "").as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_for_the_search() {
        for words in [&ENGLISH[..], &OTHERS, &STOPS] {
            assert!(words.is_sorted_by(|a, b| a < b));
        }
    }

    #[test]
    fn grammar_is_stopped_and_content_is_not() {
        for word in STOPS {
            assert!(is_stop(word), "{word}");
        }
        for word in [
            "the", "what", "why", "how", "don't", "don’t", "dont", "und", "nicht", "für", "warum", "est",
            "que", "los", "的",
        ] {
            assert!(is_stop(word), "{word}");
        }
        for word in [
            "die", "war", "hat", "bin", "den", "man", "plus", "son", "sin", "car", "sans", "ton", "era",
            "fait", "new", "use", "fix", "error", "null", "test", "run", "The", "",
        ] {
            assert!(!is_stop(word), "{word}");
        }
    }

    #[test]
    fn what_says_nothing_elsewhere_may_be_a_word_in_english() {
        for word in ["comment", "sea", "dies", "contra", "todo", "ante"] {
            assert!(is_stop(word) && !is_english_stop(word), "{word}");
        }
        for word in ["the", "was", "also", "in", "will", "what", "don't"] {
            assert!(is_stop(word) && is_english_stop(word), "{word}");
        }
    }
}
