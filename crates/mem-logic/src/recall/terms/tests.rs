//! What texts become, as tables and properties.

use proptest::prelude::*;

use super::*;

fn view(text: &str, view: View) -> String {
    let found: Vec<String> =
        terms(text).into_iter().filter(|term| term.view == view).map(|term| term.text).collect();
    found.join(" ")
}

fn check(table: &[(&str, &str)], of: View) {
    for (text, wanted) in table {
        assert_eq!(view(text, of), *wanted, "{text:?}");
    }
}

#[test]
fn words_of_language() {
    check(
        &[
            ("", ""),
            ("The quick brown foxes jumped.", "the quick brown fox jump"),
            ("Caching caches cached cache", "cach cach cach cach"),
            ("don't DON'T don’t can't", "dont dont dont cant"),
            ("user's users' we're I'll she'd I'm we've it’s", "user user we i she i we it"),
            ("O'Brien l'été d'accord rock'n'roll", "o brien l ete d accord rock n roll"),
            ("'quoted' (in brackets), [so]; \"too\"", "quot in bracket so too"),
            ("IDs and URLs, all APIs", "id and url all api"),
            ("42 1,000 x", "42 1 000 x"),
            ("Über die Prüfung größer GROẞ", "uber die prufung grosser gross"),
            ("Ærø Łódź Đorđe naïve café cafe", "aero lodz dord naiv cafe cafe"),
            ("ＦＵＬＬ　Ｗｉｄｔｈｓ １２", "full width 12"),
            ("cafe\u{301} u\u{308}ber", "cafe uber"),
            ("Ошибка СБОРКИ йод ёлка", "ошибка сборки иод елка"),
            ("Σίσυφος ΣΊΣΥΦΟΣ", "σισυφοσ σισυφοσ"),
            ("مَدْرَسَة שָׁלוֹם", "مدرسة שלום"),
            ("हिन्दी में", "हिन्दी में"),
            ("می\u{200c}خواهم soft\u{ad}ware", "میخواهم softwar"),
            ("😀 a👍b 👩\u{200d}👩\u{200d}👧 \0 nul\0nul", "a b nul nul"),
            ("end.\nBegin: now - then... what?! **bold** `tick` |---|", "end begin now then what bold tick"),
        ],
        View::Word,
    );
    for plain in [
        "The quick brown fox.",
        "Über die Prüfung",
        "don't",
        "42",
        "Ошибка",
        "**bold**",
        "GitHub and SQLite",
        "IDs",
    ] {
        assert_eq!(view(plain, View::Code), "", "{plain}");
    }
}

#[test]
fn scripts_without_spaces() {
    check(
        &[
            ("检索", "检索 索"),
            ("全文検索", "全文 文検 検索 索"),
            ("ファイルを読む", "ファ ァイ イル ルを を読 読む む"),
            ("ｶﾞｲﾄﾞ ガイド カ\u{3099}イト\u{3099}", "ガイ イド ド ガイ イド ド ガイ イド ド"),
            ("검색 기능", "검색 색 기능 능"),
            ("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", "한글 글"),
            ("中", "中"),
            ("使用foo函数。好", "使用 用 foo 函数 数 好"),
            ("時々 〇一 人・物", "時々 々 〇一 一 人 物"),
            ("ภาษา", "ภา าษ ษา า"),
            ("𠀀𠀁", "𠀀𠀁 𠀁"),
        ],
        View::Word,
    );
    assert_eq!(view("使用foo_bar函数", View::Code), "foo_bar foo bar");
}

#[test]
fn words_inside_compounds() {
    check(
        &[
            ("foo_bar", "foobar foo bar"),
            ("fooBar FooBar", "foobar foo bar foobar foo bar"),
            ("HTTPServer2", "httpserver2 http server2 server 2"),
            ("parseURLs", "parseurl pars url"),
            ("src/lex.rs:42", "src lex rs 42"),
            ("--flag-names", "flagnam flag name"),
            ("work-trees worktrees", "worktre work tree worktre"),
            ("a.b.c", "a b c"),
            ("E0308 error[E0308]", "e0308 error e0308"),
            ("v1.2.3", "v1 2 3"),
            ("3fa9c1b2", "3fa9c1b2"),
            ("utf-8 utf8 sha256", "utf8 utf 8 utf8 utf 8 sha256 sha 256"),
            ("GitHub JavaScript", "github javascript"),
            ("parseGitHubUrl", "parsegithuburl pars git hub url"),
            ("state-of-the-art", "state of the art"),
            ("https://example.com/a?b=c", "https exampl com a b c"),
            ("std::collections::HashMap", "std collect hashmap hash map"),
            ("__init__ _x", "init x"),
            ("foo_bar's", "foobar foo bar"),
            ("aGVsbG8gd29ybGQhIQxYzW", "agvsbg8gd29ybgqhiqxyzw"),
            ("größeÄndern", "grosseandern gross andern"),
        ],
        View::Word,
    );
}

#[test]
fn code() {
    check(
        &[
            ("a/b/c.rs", "a/b/c.rs b/c.rs c.rs c rs"),
            ("foo_bar", "foo_bar foo bar"),
            ("fooBar", "foobar foo bar"),
            ("HTTPServer2", "httpserver2 http server2 server"),
            ("src/lex.rs:42", "src/lex.rs:42 src/lex.rs src lex.rs lex rs 42"),
            ("(lex.rs:42:7),", "lex.rs:42:7 lex.rs lex rs 42"),
            ("/usr/lib/", "/usr/lib usr/lib usr lib"),
            ("./a/../bin", "a/../bin bin"),
            (
                "crates/mem-logic/x_y.rs",
                "crates/mem-logic/x_y.rs crates mem-logic/x_y.rs mem-logic mem logic x_y.rs x_y rs",
            ),
            ("--flag-x", "--flag-x flag-x flag"),
            ("-v", "-v v"),
            (".gitignore", ".gitignore gitignore"),
            ("@scope/pkg", "@scope/pkg scope/pkg scope pkg"),
            ("#12 S3", "#12 12 s3"),
            ("a.b.c", "a.b.c a.b"),
            ("self.my_store.get", "self.my_store.get self.my_store self my_store my store get"),
            ("E0308 error[E0308]", "e0308 e0308"),
            ("v1.2.3", "v1.2.3 v1 1.2.3"),
            ("3fa9c1b", "3fa9c1b"),
            ("C++ C# g++ i++", "c++ c# g++ i++"),
            ("std::io::Read", "std::io::read std io::read io read"),
            ("12:30 3.14 2026-03-05", "12:30 12 30 3.14 14 2026-03-05 2026 03 05"),
            ("+let --- ... :: __ a- x.", ""),
            (
                "docs/Über_Prüfung.md",
                "docs/uber_prufung.md docs uber_prufung.md uber_prufung uber prufung md",
            ),
            ("foo() { bar(); }", ""),
        ],
        View::Code,
    );
}

#[test]
fn places_are_those_of_the_source() {
    let text = "Die Größe von fooBar's don't 検索";
    let found: Vec<(&str, String)> =
        terms(text).into_iter().map(|term| (&text[term.start..term.end], term.text)).collect();
    for wanted in [
        ("Größe", "gross"),
        ("fooBar", "foobar"),
        ("Bar", "bar"),
        ("don't", "dont"),
        ("検索", "検索"),
        ("索", "索"),
    ] {
        assert!(found.contains(&(wanted.0, wanted.1.to_owned())), "{wanted:?} in {found:?}");
    }
}

#[test]
fn long_things_are_known_by_their_beginning() {
    let hex = "0123456789abcdef".repeat(8);
    assert_eq!(view(&hex, View::Word), hex[..64]);
    let deep = format!("/home/{}end.rs", "folder/".repeat(20));
    let code: Vec<Term> = terms(&deep).into_iter().filter(|term| term.view == View::Code).collect();
    assert!(code.iter().any(|term| term.text == "folder/end.rs"));
    assert!(code.iter().all(|term| term.text.len() <= 64));
}

#[test]
fn hostile_texts_stay_small() {
    const MB: usize = 1 << 20;
    for (piece, most) in [
        ("a", 2),
        ("a.", MB),
        ("aB", 2),
        ("/", 0),
        ("a/", MB),
        ("検", 2 * MB),
        ("\u{301}", 0),
        ("e\u{301}", 2),
        ("'", 0),
        ("a'", MB),
        ("_", 0),
        ("\0", 0),
        ("é", 2),
    ] {
        let text = piece.repeat(MB / piece.len());
        let found = terms(&text);
        assert!(found.len() <= most, "{piece:?} gives {}", found.len());
        assert!(found.iter().all(|term| term.text.len() <= 64));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_term_lies_in_its_text(text in r"([a-zA-Z0-9_./:#@+'’ -]|[äöüßÉñΣЖ検索ガﾞ한\u{301}\u{200d}😀ะ้½ﬁ\u{0}]|\PC){0,60}") {
        let found = terms(&text);
        let mut last = (0, std::cmp::Reverse(usize::MAX));
        for term in &found {
            prop_assert!(term.start < term.end && text.is_char_boundary(term.start) && text.is_char_boundary(term.end));
            prop_assert!(!term.text.is_empty() && term.text.len() <= 64 && !term.text.contains(char::is_whitespace));
            prop_assert!((term.start, std::cmp::Reverse(term.end)) >= last, "{found:?}");
            last = (term.start, std::cmp::Reverse(term.end));
        }
        prop_assert_eq!(&terms(&text), &found);
    }

    #[test]
    fn folding_twice_is_folding_once(text in r"(\PC|[ଡ଼\u{1bc9e}é\u{301}\u{93c} ]){0,30}") {
        let once = folded(&text);
        prop_assert_eq!(folded(&once), once);
    }

    #[test]
    fn a_stem_is_found_by_what_it_is(word in "[a-z]{1,20}") {
        // stemming may go on for a step or two, and then stands
        let mut text = word;
        for _ in 0..8 {
            let found = terms(&text);
            prop_assert_eq!(found.len(), 1);
            prop_assert_eq!((found[0].start, found[0].end), (0, text.len()));
            if found[0].text == text {
                return Ok(());
            }
            text.clone_from(&found[0].text);
        }
        prop_assert!(false, "never stands");
    }

    #[test]
    fn case_and_composition_make_no_difference(word in "[a-zäöüéñ]{2,12}") {
        use unicode_normalization::UnicodeNormalization;
        let plain: Vec<String> = terms(&word).into_iter().map(|term| term.text).collect();
        for other in [word.to_uppercase(), word.nfd().collect::<String>()] {
            let found: Vec<String> = terms(&other).into_iter().map(|term| term.text).collect();
            prop_assert_eq!(&found, &plain, "{}", other);
        }
    }

    #[test]
    fn any_letter_of_chinese_begins_a_term(text in "[一-龥]{1,20}") {
        let found = terms(&text);
        for c in text.chars() {
            prop_assert!(found.iter().any(|term| term.text.starts_with(c)));
        }
    }
}
