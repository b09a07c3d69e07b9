//! What typed texts ask for.

use jiff::tz::TimeZone;
use mem_core::time::Timestamp;
use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn ask(text: &str) -> Query {
    query(text, NOW, &TimeZone::UTC)
}

fn words(text: &str, view: View) -> String {
    let found: Vec<String> = ask(text)
        .words
        .iter()
        .filter(|asked| asked.view == view)
        .map(|asked| format!("{}{}", asked.term, if asked.stop { "-" } else { "" }))
        .collect();
    found.join(" ")
}

#[test]
fn words_once_each_in_their_order() {
    for (text, wanted) in [
        ("Why did the builds fail, and the build?", "whi- did- the- build fail and-"),
        ("cache AND (disk OR NOT full) NEAR/3 x^2", "cach and- disk or- not- full near- 3 x 2"),
        ("title:foo -bar +baz", "titl foo bar baz"),
        ("don't user's", "dont- user"),
        ("全文検索 の 索", "全文 文検 検索"),
        ("warum ist der Build rot", "warum- ist- der- build rot"),
        ("\"unbalanced quote", "unbalanc quot"),
        ("'; DROP TABLE x; --", "drop tabl x"),
        ("\0 ... \"\" ' * ( ) ^ : ; 😀", ""),
    ] {
        assert_eq!(words(text, View::Word), wanted, "{text:?}");
    }
    let twice = ask("Builds and BUILD");
    assert_eq!((twice.words[0].written.as_str(), twice.words[0].times), ("Builds", 2));
    assert_eq!(
        words("src/lex.rs:42 in fooBar", View::Code),
        "src/lex.rs:42 src/lex.rs src lex.rs lex rs 42 foobar foo bar"
    );
}

#[test]
fn what_was_to_be_left_out_is_known() {
    for (text, wanted) in [
        ("token -expired", &["-expired"][..]),
        ("-expired token -expired NOT old", &["-expired", "NOT"]),
        ("a AND NOT b", &["NOT"]),
        ("a AND (NOT größe) -Größe", &["NOT", "-Größe"]),
        ("cache NOT HTTP", &["NOT"]),
        ("not expired", &[]),
        ("what does NOT", &[]),
        ("NOT NULL constraint failed", &[]),
        ("CREATE TABLE IF NOT EXISTS users", &[]),
        ("\"token -expired NOT old\"", &[]),
        ("rm -rf build --force -j4 a-word - word -", &[]),
    ] {
        assert_eq!(ask(text).operators, wanted, "{text:?}");
    }
    let long = format!("{} -expired NOT old", "word ".repeat(200));
    assert_eq!(ask(&long).operators, [""; 0], "a pasted text asks for nothing to be left out");
    let many: Vec<String> = ('a'..='z').map(|letter| format!("-{letter}{letter}{letter}")).collect();
    assert_eq!(ask(&many.join(" ")).operators.len(), 16);
}

#[test]
fn quotes_are_phrases_where_they_are_balanced() {
    for (text, wanted) in [
        ("\"disk full\" error", &["disk full"][..]),
        ("“disk full” and „voll“", &["disk full", "voll"]),
        ("(\"a b\"), \"c d\".", &["a b", "c d"]),
        ("\"one \"two three\"", &["one \"two three"]),
        ("\"disk\nfull\"", &[]),
        ("say \"\" and \" \" and \"...\"", &[]),
        ("json {\"a\":\"b\"} 5\" x", &[]),
        ("\"open", &[]),
    ] {
        let found: Vec<String> = ask(text).phrases.into_iter().map(|phrase| phrase.written).collect();
        assert_eq!(found, wanted, "{text:?}");
    }
    assert_eq!(words("\"disk full\" error", View::Word), "disk full error");
}

#[test]
fn stars_and_lone_letters_are_prefixes() {
    let found = ask("config* of src/rec* and 検 or \"quoted te*\" **bold** *.rs");
    let prefixes: Vec<(View, &str)> =
        found.prefixes.iter().map(|prefix| (prefix.view, prefix.term.as_str())).collect();
    assert_eq!(prefixes, [(View::Word, "config"), (View::Code, "src/rec"), (View::Word, "検")]);
    let words: Vec<&str> = found.words.iter().map(|asked| asked.written.as_str()).collect();
    assert_eq!(words, ["of", "and", "or", "quoted", "te", "bold", ".rs", "rs", "rs"]);
}

#[test]
fn a_question_names_its_time_and_a_prompt_does_not() {
    assert_eq!(ask("what failed last week?").window.unwrap().said, "last week");
    assert_eq!(ask("the phrase \"last week\"").window, None);
    assert_eq!(ask(&format!("{} last week", "word ".repeat(100))).window, None);
}

#[test]
fn everything_is_bounded() {
    let many = (0..1000).map(|at| format!("w{at:04}x")).collect::<Vec<_>>().join(" ");
    let found = ask(&many);
    assert!(found.cut && found.words.len() == 256);
    let long = ask(&"word ".repeat(20_000));
    assert!(long.cut && long.words.len() == 1 && long.words[0].times < 4000);
    for piece in ["\"a b\" ", "ab* ", "\"", "*", "検 ", "(", "a\" \"b ", "- ", "\u{301}", "x*y ", "a.", "検"]
    {
        let found = ask(&piece.repeat(100_000 / piece.len()));
        assert!(
            found.words.len() <= 256 && found.phrases.len() <= 16 && found.prefixes.len() <= 16,
            "{piece:?}"
        );
    }
    assert!(!ask("short").cut);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn nothing_typed_is_an_error(text in r#"([a-zA-Z*"“”()^:/._-]|[ \n検索é\x00😀]|AND |NEAR|\PC){0,80}"#) {
        let found = ask(&text);
        let mut seen = std::collections::HashSet::new();
        for asked in &found.words {
            prop_assert!(asked.times > 0 && text.contains(&asked.written) && !asked.term.is_empty());
            prop_assert!(seen.insert((asked.view, asked.term.clone())), "{:?} twice", asked);
        }
        prop_assert!(found.phrases.iter().all(|phrase| !phrase.terms.is_empty()));
        prop_assert!(!found.cut || found.phrases.len() == 16 || found.prefixes.len() == 16);
    }

    #[test]
    fn a_text_meets_what_is_asked_in_its_own_words(text in "([a-zA-Z_/.]{1,10}|[検索全文]{1,4}|é{1,3}) ([a-z]{1,9}){0,6}") {
        let held = terms(&text);
        for asked in ask(&text).words {
            prop_assert!(held.iter().any(|term| term.view == asked.view && term.text == asked.term));
        }
    }
}

fn read(text: &str) -> Query {
    let mut query = ask(text);
    query.read_as(&gloss(text).unwrap());
    query
}

#[test]
fn english_of_a_gloss_is_asked_for_beside_what_was_typed() {
    let query = read("Warum war die Datenbank letzte Woche gesperrt?");
    let of = |typed: bool| {
        let words = query.words.iter().filter(|asked| asked.gloss_place.is_none() == typed && !asked.stop);
        words.map(|asked| asked.written.as_str()).collect::<Vec<_>>()
    };
    // of grammar nothing is left, and a time says when
    assert_eq!(of(true), ["Datenbank", "letzte", "Woche", "gesperrt"]);
    assert_eq!(of(false)[..2], ["database", "locked"]);
    assert!(!of(false).contains(&"week"), "{:?}", of(false));
    assert!(query.english.contains(&("datenbank".to_owned(), "databas".to_owned())), "{:?}", query.english);
    // what was typed in English is not asked for twice
    let query = read("warum ist der Server Cache beim Start leer");
    assert_eq!(query.words.iter().filter(|asked| asked.term == "server").count(), 1);
    // a long question does not bring as many words more
    let long =
        "Rechnung Kunde Datenbank Fehler Schriftart Sperre Schlüssel Speicher Anmeldung Zeitzone Drucker Fenster \
         Ordner Netzwerk Bildschirm Tastatur Kalender Vertrag Konto Abfrage Tabelle Farbe Bild Sprache ".repeat(2);
    let query = read(&format!("Warum ist die {long}"));
    assert_eq!(query.words.iter().filter(|asked| asked.gloss_place.is_some()).count(), 24);
}

#[test]
fn english_that_is_written_as_grammar_elsewhere_is_asked_for() {
    for (text, meant, grammar) in [
        // the verb of the question is written as the noun is in English
        ("Warum war die Datenbank im Krieg gesperrt?", "war", None),
        ("pourquoi le commentaire est dans la base de données", "comment", None),
        ("comment supprimer un commentaire dans le fichier", "comment", None),
        ("¿Por qué está la base de datos en el mar?", "sea", None),
        // what says nothing in English either is not
        ("Warum sagen wir, die Datenbank ist gesperrt?", "database", Some("say")),
    ] {
        let query = read(text);
        let of = |word: &str| {
            let of_it = |asked: &&Asked| asked.view == View::Word && asked.written == word;
            query.words.iter().filter(of_it).collect::<Vec<_>>()
        };
        let [asked] = of(meant)[..] else { panic!("{text}: {:?}", query.words) };
        assert!(asked.gloss_place.is_some() && !asked.stop, "{text}: {asked:?}");
        assert!(grammar.is_none_or(|word| of(word).is_empty()), "{text}: {:?}", query.words);
    }
    // what no other word means stays grammar
    let war = read("Warum war die Datenbank gesperrt?").words.into_iter().find(|asked| asked.term == "war");
    assert!(war.is_some_and(|asked| asked.stop && asked.gloss_place.is_none()));
}
