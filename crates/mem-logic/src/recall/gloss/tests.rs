//! What questions become, as tables and properties. None of them is a question that the effect is measured with.

use proptest::prelude::*;

use super::*;

fn english(text: &str) -> Option<String> {
    gloss(text).map(|gloss| format!("{}: {}", gloss.language.name(), gloss.english))
}

fn check(table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter(|(text, wanted)| english(text).as_deref() != Some(*wanted))
        .map(|(text, wanted)| format!("{text}\n  wanted {wanted}\n  became {:?}", english(text)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn german() {
    check(&[
        ("Warum ist die Datenbank gesperrt?", "German: why database locked"),
        ("WARUM IST DIE DATENBANK GESPERRT", "German: why database locked"),
        ("Datenbank Sperre", "German: database lock"),
        // letters that a keyboard lacks
        ("welcher Schluessel gehoert zum Konto", "German: which key belong account"),
        // verbs: a participle, one with a particle apart, one with it behind
        ("wer hat den Server neu gestartet", "German: who server new start"),
        ("Weshalb stürzt der Dienst beim Start ab?", "German: why crash service start"),
        ("Anmeldung schlägt fehl nach dem Update", "German: login fail after Update"),
        ("wer hört auf dem Server", "German: who hear server"),
        ("wie wurde das Speicherleck gefunden", "German: how memory leak find"),
        // words made of others, loan words among them
        ("Wo ist der Serverfehler?", "German: where server error"),
        // what is named stays
        (
            "warum ruft foo_bar den Parser in src/lex.rs:42 auf",
            "German: why call foo_bar Parser src/lex.rs:42",
        ),
        ("wo steht \"die rote Liste\"", "German: where stand die rote Liste"),
        // some of it is English
        ("warum ist der Build on CI failed", "German: why Build on CI failed"),
    ]);
}

#[test]
fn french() {
    check(&[
        ("pourquoi la base de données est verrouillée ?", "French: why database lock"),
        ("où est stocké le mot de passe de l'utilisateur", "French: where stock password user"),
        ("qui a supprimé la clé d’accès", "French: who delete key access"),
        ("quelle erreur a-t-il corrigée", "French: which error fix"),
    ]);
}

#[test]
fn spanish() {
    check(&[
        ("¿Dónde se guarda la contraseña?", "Spanish: where save password"),
        ("cómo se arregló la fuga de memoria", "Spanish: how fix leak memory"),
        ("donde se guarda la contrasena", "Spanish: where save password"),
        // a word that Portuguese has and Spanish has not, such as a name
        (
            "¿Por qué la cuenta de Ele está bloqueada desde ayer?",
            "Spanish: why account Ele lock since yesterday",
        ),
    ]);
}

#[test]
fn chinese() {
    check(&[
        ("为什么数据库被锁定了？", "Chinese: why database lock"),
        ("refresh_token 为什么失效", "Chinese: refresh_token why invalid"),
    ]);
}

#[test]
fn what_is_not_surely_another_language_stays() {
    for text in [
        "",
        "?!",
        "why is the database locked",
        "die in the war",
        "The bin folder had a hat on the man page",
        "todo list",
        "plus sans pour comment",
        "son of a table",
        "gift wrapping order",
        "lexer umlaut panic",
        "DER certificate",
        "de-DE locale en es",
        "LA TEX EN ES",
        "error[E0308]: mismatched types",
        "cannot find value `x` in this scope",
        "TypeError: undefined is not a function",
        "thread 'main' panicked at src/main.rs:12:5",
        "src/lexer.rs parse_url --no-verify #12",
        "Meaning { installed, model, embedded, passages, endpoint }",
        "mod caller;",
        "SELECT * FROM users WHERE id = 1",
        // names of things that are grammar or words elsewhere
        "font lib",
        "font dir",
        "font variant",
        "font diff",
        "open sans font",
        "font sans serif",
        "certain trait bounds",
        "mutex trait etc",
        "file, filename, etc",
        "sin cos tan",
        "pub fut lexer",
        "net: Fixes memory leak",
        "what does \"warum ist die Datenbank gesperrt\" mean",
        "where does 设置 come from",
        // one word alone may be a name
        "Rechnung",
        // languages that share words with those that are glossed
        "perché il database è bloccato",
        "waarom is de database vergrendeld",
        "varför är databasen låst",
        "データベースがロックされた理由",
        "데이터베이스가 잠긴 이유",
        "почему заблокирована база",
        "Por que não funciona o login",
        "não consigo entrar na conta",
        "por que o banco de dados não está disponível para o servidor",
        "como resolver o erro de conexão com a base de dados",
        "onde está o ficheiro de configuração",
        "o padrão da função não é válido para esta sessão",
        "%s: nie udało się załadować",
        "perché non funziona la base dati con il server",
        "東京都庁",
        "認証失敗",
        "為",
        "设",
    ] {
        assert_eq!(english(text), None, "{text}");
    }
}

#[test]
fn words_that_are_looked_for_are_known_with_what_they_were_typed_as() {
    let gloss = gloss("Warum ist die Fehlermeldung falsch?").unwrap();
    let found: Vec<(usize, &str, &str)> = gloss.english_words().filter(|(place, ..)| *place == 0).collect();
    assert_eq!(found, [(0, "Fehlermeldung", "error message"), (0, "falsch", "wrong")]);
    assert_eq!(gloss.of_grammar().collect::<Vec<_>>(), ["Warum", "ist", "die"]);
}

#[test]
fn the_work_is_bounded() {
    for piece in [
        "warum ist die Datenbank gesperrt ",
        "数据库",
        "Donaudampfschifffahrtsgesellschaft",
        "l'",
        "a-",
        "\"die ",
        "'",
    ] {
        let text = piece.repeat((1 << 20) / piece.len());
        let length = gloss(&text).map_or(0, |gloss| gloss.english.len());
        assert!(length <= 2 << 10, "{piece}: {length}");
    }
    // of a word of forty letters many times as many may be made, and a name may be as long as all that is read
    for rest in [format!("{} ", "abo".repeat(13)).repeat(60), "é/".repeat(2 << 10)] {
        let gloss = gloss(&format!("warum ist die Datenbank gesperrt {rest}")).unwrap();
        let length = gloss.english.len();
        assert!((2000..=2 << 10).contains(&length), "{length}");
        assert!(gloss.english.starts_with("why database locked ") && !gloss.english.ends_with(' '));
    }
}

#[test]
fn only_the_first_letters_are_taken_apart_and_only_the_first_bytes_read() {
    let compound = "datenbankverbindungsfehlermeldung";
    let gloss = gloss(&format!("warum ist die {}", format!("{compound} ").repeat(50))).unwrap();
    let of = |is: fn(&Glossed) -> bool| gloss.words.iter().filter(|word| is(word)).count();
    assert_eq!(of(|word| word.english.len() > 1), 400 / compound.len());
    assert!(gloss.english.ends_with(compound), "{}", gloss.english);
    // what stands behind the first 4 kB does not tell the language
    let read = |times: usize| english(&("数据库为什么被锁定".repeat(times) + "ロック"));
    assert_eq!((read(1), read(300).is_some()), (None, true));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_read(text in r"((warum|ist|die|Daten|bank|pourquoi|l'|l’|été|por|qué|está|años|数据|库|为什么|カ|foo_bar|ab|zu|ge)[ .,?'\u{301}-]?|\PC){0,40}", long in "(abo|fehler|konto){1,13}", times in 0_usize..60) {
        // what is long may come to more than is taken of it
        let text = text + &format!(" {long}").repeat(times);
        let Some(gloss) = gloss(&text) else { return Ok(()) };
        prop_assert!(!gloss.english.trim().is_empty());
        prop_assert!(gloss.english.len() <= 2 << 10);
        for word in &gloss.words {
            prop_assert!(text.contains(&word.written));
        }
        prop_assert_eq!(super::gloss(&text), Some(gloss));
    }

    #[test]
    fn english_is_left_alone(words in prop::collection::vec(prop::sample::select(&ENGLISH[..]), 1..12)) {
        prop_assert_eq!(gloss(&words.join(" ")), None);
    }

    #[test]
    fn identifiers_are_left_alone(words in prop::collection::vec("[a-z]{1,8}(_[a-z]{1,8}|[A-Z][a-z]{1,8}|[0-9]{1,3}|/[a-z]{1,8}\\.[a-z]{2})", 1..12)) {
        prop_assert_eq!(gloss(&words.join(" ")), None);
    }
}

/// Words of English questions about work with software, of which some are words elsewhere too.
const ENGLISH: [&str; 64] = [
    "the", "why", "what", "did", "we", "how", "is", "was", "does", "when", "which", "of", "for", "with", "a",
    "database", "lock", "table", "index", "error", "crash", "server", "request", "token", "login", "page",
    "button", "table", "image", "file", "folder", "path", "test", "build", "release", "branch", "merge",
    "list", "tag", "note", "gift", "hut", "war", "die", "man", "bin", "son", "car", "pour", "main", "point",
    "place", "chose", "sale", "come", "rate", "tour", "fund", "rang", "art", "hell", "fast", "also", "chef",
];
