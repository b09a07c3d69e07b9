//! Text to ids, against the original tokeniser.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use mem_embed::{LONGEST, Tokens};
use proptest::prelude::*;

/// The published tokeniser.
fn tokens() -> Tokens {
    let path = mem_testkit::tools::model().join("tokenizer.json");
    Tokens::read(&path, &std::fs::read(&path).unwrap()).unwrap()
}

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn hostile_texts_become_the_ids_of_the_original() {
    let tokens = tokens();
    let mut count = 0;
    for line in fixture("tokens.jsonl").lines() {
        let (text, ids): (String, Vec<u32>) = serde_json::from_str(line).unwrap();
        assert_eq!(tokens.of(&text), ids, "{text:?}");
        count += 1;
    }
    assert!(count > 500, "{count} texts");
}

#[test]
fn every_code_point_becomes_the_ids_of_the_original() {
    let tokens = tokens();
    let (mut ours, mut last) = (String::new(), Vec::new());
    for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
        let ids = tokens.of(&format!("a{c}b"));
        let ids = ids[1..ids.len() - 1].to_vec();
        if ids != last {
            let shown: Vec<String> = ids.iter().map(u32::to_string).collect();
            writeln!(ours, "{:x} {}", u32::from(c), shown.join(" ")).unwrap();
            last = ids;
        }
    }
    let original = fixture("chars.txt");
    let differ = original.lines().zip(ours.lines()).find(|(one, other)| one != other);
    assert_eq!(differ, None, "the original's and ours");
    assert_eq!(original.lines().count(), ours.lines().count());
}

/// What takes long for a text of its length, beside one that does not: a ratio, since seconds belong to a machine.
#[test]
fn a_megabyte_without_a_space_is_read_in_one_go() {
    let tokens = tokens();
    let took = |text: &str| {
        let start = Instant::now();
        let ids = tokens.of(text);
        assert!((3..=LONGEST).contains(&ids.len()) || text.is_empty(), "{} ids", ids.len());
        start.elapsed()
    };
    for unit in ["x", "e\u{301}", "\u{1112}\u{1161}\u{11ab}", "\u{93f}", "[CLS", "a\u{302e}\u{1d165}"] {
        let (small, large) = (unit.repeat(20_000), unit.repeat(320_000));
        let best = |text: &str| (0..5).map(|_| took(text)).min().unwrap();
        let most = best(&small) * 16 * 6 + Duration::from_millis(5);
        assert!(best(&large) < most, "{unit:?} sixteen times as long");
    }
    assert_eq!(tokens.of(&"x".repeat(1 << 20)), tokens.of(&"y".repeat(101)), "one unknown word");
    assert_eq!(tokens.of(&"\u{301}".repeat(1 << 20)), tokens.of(""), "accents of nothing");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn ids_are_of_the_vocabulary_and_few(text in any::<String>(), times in 1_usize..40) {
        let tokens = shared();
        let ids = tokens.of(&text.repeat(times));
        prop_assert!((2..=LONGEST).contains(&ids.len()));
        prop_assert!(ids.iter().all(|id| *id < 30_522));
        prop_assert_eq!((ids[0], ids[ids.len() - 1]), (101, 102));
    }

    #[test]
    fn capitals_and_space_around_change_nothing(text in "[a-zA-Z0-9 .,éÀüß-]{0,60}") {
        let tokens = shared();
        let plain = tokens.of(&text);
        prop_assert_eq!(&plain, &tokens.of(&text.to_lowercase()));
        let padded = format!(" \n{text}\t ");
        prop_assert_eq!(&plain, &tokens.of(&padded));
    }
}

fn shared() -> &'static Tokens {
    static TOKENS: std::sync::OnceLock<Tokens> = std::sync::OnceLock::new();
    TOKENS.get_or_init(tokens)
}
