//! Words that stand in every text and say nothing about any.
//!
//! English with its question words; of German, French and Spanish the commonest, unless they mean something in English
//! (`die`, `war`, `bin`); of Chinese, Japanese and Korean what grammar is made of, in the pairs that the analysis makes.

/// Small letters, not stemmed, without apostrophes; sorted.
#[rustfmt::skip]
const STOPS: [&str; 640] = [
    "a", "aber", "about", "above", "actually", "after", "again", "against", "al", "algo", "all", "alle",
    "allem", "allen", "aller", "almost", "alone", "along", "alors", "already", "als", "also", "although",
    "always", "am", "among", "an", "and", "another", "ante", "antes", "any", "anybody", "anyone", "anything",
    "anyway", "aquí", "are", "aren", "arent", "around", "as", "at", "au", "auch", "aucun", "auf", "aunque",
    "aus", "aussi", "autre", "aux", "avait", "avant", "avec", "avoir", "away", "basically", "be", "became",
    "because", "been", "before", "bei", "beim", "being", "below", "beside", "besides", "between", "beyond",
    "bis", "both", "but", "by", "cada", "came", "can", "cannot", "cant", "casi", "ce", "ceci", "cela", "ces",
    "cet", "cette", "ceux", "chaque", "chez", "comme", "comment", "como", "con", "contra", "could", "couldn",
    "couldnt", "cual", "cuando", "cuál", "cuándo", "d", "da", "damit", "dann", "dans", "das", "dass", "de",
    "del", "dem", "denn", "depuis", "der", "des", "desde", "deux", "dich", "did", "didn", "didnt", "dies",
    "diese", "diesem", "diesen", "dieser", "dieses", "dir", "do", "doch", "does", "doesn", "doesnt", "doing",
    "don", "donc", "donde", "dont", "dort", "du", "durch", "during", "dónde", "each", "ein", "eine",
    "einem", "einen", "einer", "eines", "either", "el", "ella", "ellas", "elle", "elles", "ellos", "else", "en",
    "encore", "entre", "er", "es", "esa", "ese", "eso", "est", "esta", "este", "esto", "estos", "está", "están",
    "et", "etwas", "euch", "eux", "ever", "every", "everyone", "everything", "few", "for", "from", "further",
    "für", "gave", "gegen", "get", "gets", "getting", "go", "goes", "going", "gone", "got", "habe", "haben",
    "hace", "hacia", "had", "hadn", "hadnt", "has", "hasn", "hasnt", "hasta", "hatte", "hatten", "have",
    "haven", "havent", "having", "hay", "he", "hence", "her", "here", "heres", "hers", "herself", "him",
    "himself", "his", "how", "however", "hows", "i", "ich", "if", "ihm", "ihn", "ihr", "ihre", "il", "ils",
    "im", "immer", "in", "instead", "into", "is", "isn", "isnt", "ist", "it", "its", "itself", "ja", "je",
    "jede", "jeder", "jedes", "jetzt", "just", "kann", "kannst", "kein", "keine", "können", "la", "las", "le",
    "les", "let", "lets", "leur", "leurs", "ll", "lo", "los", "lui", "m", "made", "mais", "make", "makes",
    "many", "may", "maybe", "me", "mehr", "mein", "meine", "mes", "mi", "mich", "mientras", "might", "mit",
    "moi", "mon", "more", "most", "much", "muss", "must", "muy", "my", "myself", "más", "même", "nach", "nada",
    "ne", "near", "neither", "ni", "nicht", "nichts", "no", "nobody", "noch", "none", "nor", "nos", "nosotros",
    "not", "nothing", "notre", "nous", "now", "nur", "o", "ob", "oder", "of", "off", "often", "ohne", "on",
    "once", "one", "ones", "only", "ont", "onto", "or", "other", "others", "otra", "otro", "ought", "our",
    "ours", "ourselves", "out", "over", "own", "où", "par", "para", "parce", "pas", "per", "perhaps", "pero",
    "peu", "peut", "please", "poco", "por", "porque", "pourquoi", "qu", "quand", "que", "quel", "quelle",
    "quelles", "quels", "qui", "quien", "quite", "quién", "quoi", "qué", "rather", "re", "really", "s", "sa",
    "said", "same", "say", "says", "schon", "se", "sea", "see", "seem", "seemed", "seems", "seen", "según",
    "sehr", "sein", "seine", "seit", "ser", "ses", "shall", "she", "should", "shouldn", "shouldnt", "si",
    "sich", "sie", "since", "sind", "so", "sobre", "sollte", "some", "somebody", "someone", "something",
    "sometimes", "somewhere", "sont", "soy", "still", "su", "such", "sur", "sus", "sí", "t", "take", "también",
    "tan", "tanto", "tes", "than", "that", "thats", "the", "their", "theirs", "them", "themselves", "then",
    "there", "therefore", "theres", "these", "they", "thing", "things", "this", "those", "though", "through",
    "throughout", "thus", "tiene", "to", "todo", "todos", "together", "toi", "too", "tous", "tout", "toute",
    "toutes", "toward", "towards", "très", "tu", "um", "un", "una", "und", "under", "une", "unos", "uns",
    "unser", "unter", "until", "up", "upon", "us", "ve", "very", "viel", "vom", "von", "vor", "vos", "votre",
    "vous", "wann", "want", "wants", "warum", "was", "wasn", "wasnt", "way", "we", "wegen", "weil", "welche",
    "welchem", "welchen", "welcher", "welches", "well", "wenn", "went", "wer", "werde", "werden", "were",
    "weren", "werent", "what", "whatever", "whats", "when", "whenever", "whens", "where", "whereas", "wheres",
    "wherever", "whether", "which", "whichever", "while", "who", "whoever", "whole", "whom", "whose", "why",
    "whys", "wie", "wieder", "will", "wir", "wird", "with", "within", "without", "wo", "won", "wont", "worden",
    "would", "wouldn", "wouldnt", "wurde", "wurden", "y", "ya", "yes", "yet", "yo", "you", "your", "yours",
    "yourself", "yourselves", "zu", "zum", "zur", "zwischen", "él", "été", "être", "über", "いつ", "から", "こと",
    "この", "した", "して", "する", "その", "です", "では", "とは", "どう", "どこ", "どの", "なぜ", "には", "まし", "ます", "まで", "一个", "不",
    "与", "为什", "也", "了", "什么", "他", "他们", "你", "你们", "及", "吗", "呢", "和", "哪个", "哪里", "啊", "在", "如何", "就", "怎么",
    "我", "我们", "是", "有", "的", "这", "这个", "那", "那个", "都", "가", "과", "는", "도", "로", "를", "및", "에", "와", "은", "을",
    "의", "이",
];

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_for_the_search() {
        assert!(STOPS.is_sorted_by(|a, b| a < b));
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
}
