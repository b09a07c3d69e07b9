//! Properties of reading: any text survives, nothing is invented, nothing outgrows its size, no length is paid twice.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use mem_core::observation::{Observation, Summary};
use proptest::prelude::*;

use super::shown::{code, read_as_code, recorded};
use crate::reply::{Grammar, Reply, read};

/// All fields of what was taken that hold words of the model's own.
fn said(reply: &Reply) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::new();
    for seen in &reply.observations {
        all.extend([seen.title.as_str(), &seen.subtitle, &seen.narrative]);
        let lists = [&seen.facts, &seen.files_read, &seen.files_modified];
        all.extend(lists.into_iter().flatten().map(String::as_str));
    }
    if let Some(summary) = &reply.summary {
        all.extend(fields(summary).map(|(_, text)| text));
    }
    all.retain(|text| !text.is_empty());
    all
}

fn fields(summary: &Summary) -> [(&'static str, &str); 6] {
    [
        ("request", &summary.request),
        ("investigated", &summary.investigated),
        ("learned", &summary.learned),
        ("completed", &summary.completed),
        ("next_steps", &summary.next_steps),
        ("notes", &summary.notes),
    ]
}

/// `reply` as a model that follows the grammar would have written it.
fn written(reply: &Reply) -> String {
    let tag = |name: &str, value: &str| {
        let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        format!("<{name}>{value}</{name}>\n")
    };
    let mut text = String::new();
    for seen in &reply.observations {
        let Observation { kind, title, subtitle, narrative, .. } = seen;
        let lines = [("type", kind), ("title", title), ("subtitle", subtitle), ("narrative", narrative)];
        let lists = [
            ("facts", "fact", &seen.facts),
            ("concepts", "concept", &seen.concepts),
            ("files_read", "file", &seen.files_read),
            ("files_modified", "file", &seen.files_modified),
        ];
        text.push_str("<observation>\n");
        text.extend(lines.map(|(name, value)| tag(name, value)));
        for (list, item, values) in lists {
            let items: String = values.iter().map(|value| tag(item, value)).collect();
            write!(text, "<{list}>\n{items}</{list}>\n").unwrap();
        }
        text.push_str("</observation>\n");
    }
    if let Some(summary) = &reply.summary {
        let fields: String = fields(summary).iter().map(|(name, value)| tag(name, value)).collect();
        write!(text, "<summary>\n{fields}</summary>\n").unwrap();
    }
    text
}

#[test]
fn every_recorded_reply_has_its_test() {
    let tests = concat!(include_str!("whole.rs"), include_str!("broken.rs"));
    for (name, _) in recorded() {
        assert!(tests.contains(&format!("shown(\"{name}\")")), "{name}.txt is held by no test");
    }
    assert!(recorded().len() >= 20);
}

#[test]
fn what_was_taken_is_taken_again_when_it_is_written_in_the_grammar() {
    for (name, text) in recorded() {
        let once = read_as_code(&text);
        let again = read_as_code(&written(&once));
        assert_eq!((&again.observations, &again.summary), (&once.observations, &once.summary), "{name}");
        assert_eq!(again.defects, [], "{name}");
    }
}

#[test]
fn a_reply_cut_anywhere_gives_a_part_of_the_whole() {
    for name in ["good", "summary-first", "entities", "types-and-concepts", "attributes", "fenced"] {
        let (_, text) = recorded().into_iter().find(|(known, _)| known == name).unwrap();
        let whole = read_as_code(&text);
        let mut before = 0;
        for (at, _) in text.char_indices() {
            let part = read_as_code(&text[..at]);
            for field in said(&part) {
                assert!(said(&whole).contains(&field), "{name} cut at {at} says {field:?}");
            }
            // what was complete stays taken, however much more there is
            assert!(part.observations.len() >= before, "{name} cut at {at} lost an observation");
            before = part.observations.len();
        }
    }
}

#[test]
fn a_stray_end_of_thoughts_costs_no_reply() {
    let reply = read_as_code("<observation><type>change</type><title>T</title></observation></think>");
    assert_eq!(reply.observations.len(), 1);
}

#[test]
fn sizes_are_held() {
    let list = |item: &str, count: usize| -> String {
        let items = (0..count).map(|n| format!("<{item}>{n} {}</{item}>", "x".repeat(700)));
        items.collect::<Vec<_>>().concat()
    };
    let block = format!(
        "<observation><type>change</type><title>{0}</title><subtitle>{0}</subtitle><narrative>{0}</narrative><facts>{1}</facts>\
         <files_read>{2}</files_read></observation>",
        "word ".repeat(2000),
        list("fact", 30),
        list("file", 60),
    );
    let reply = read_as_code(&format!(
        "{}<summary><request>{}</request></summary>",
        block.repeat(30),
        "é ".repeat(3000)
    ));
    assert_eq!(reply.observations.len(), 20);
    let seen = &reply.observations[0];
    let chars = |text: &str| text.chars().count();
    assert!(chars(&seen.title) <= 200 && chars(&seen.subtitle) <= 300 && chars(&seen.narrative) <= 4000);
    assert_eq!((seen.facts.len(), seen.files_read.len()), (12, 40));
    assert!(seen.facts.iter().all(|fact| chars(fact) <= 600));
    assert!(chars(&reply.summary.as_ref().unwrap().request) <= 2000);
    let told: Vec<String> = reply.defects.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    fact too long
    narrative too long
    request too long
    subtitle too long
    title too long
    too many facts
    too many files_read
    too many observations
    ");
}

#[test]
fn a_hostile_megabyte_takes_as_long_as_an_honest_one() {
    let started = Instant::now();
    for piece in [
        "<observation>",
        "</observation>",
        "<observation><title>",
        "<title>",
        "<title><narrative>",
        "<observation><observation></title>",
        "<facts><fact>",
        "<observation><facts><fact>",
        "<concept>a</concept>",
        "<![CDATA[",
        "<!--",
        "<!--<![CDATA[-->",
        "<title a=\"",
        "<title a='\">",
        "<skip_summary reason='",
        "<skip_summary>",
        "<think>",
        "</think>",
        "<",
        "&",
        "&#",
        "`<title>`",
        "```\n",
    ] {
        for (before, after) in [("", ""), ("<observation><title>T</title>", "</observation>")] {
            let text = format!("{before}{}{after}", piece.repeat((1 << 20) / piece.len()));
            let reply = read_as_code(&text);
            assert!(reply.observations.len() <= 20 && reply.defects.len() <= 40, "{piece}");
        }
    }
    // a pass backwards at each tag would take hours
    assert!(started.elapsed() < Duration::from_secs(120), "{:?}", started.elapsed());
}

/// Texts that come near to the grammar: its tags in any order, words, and what is read in a way of its own.
fn nearly() -> impl Strategy<Value = String> {
    let tags = [
        "<observation>",
        "</observation>",
        "<observation>",
        "</observation>",
        "<summary>",
        "</summary>",
        "<title>",
        "</title>",
        "<title>",
        "</title>",
        "<narrative>",
        "</narrative>",
        "<facts>",
        "</facts>",
        "<fact>",
        "</fact>",
        "<concepts>",
        "<concept>",
        "</concept>",
        "<files_read>",
        "<file>",
        "</file>",
        "<request>",
        "</request>",
        "<learned>",
        "</learned>",
        "<type>bugfix</type>",
        "<type>odd</type>",
        "<skip_summary/>",
        "<Title >",
        "<subtitle x='1'>",
        "<fact/>",
        "<think>",
        "</think>",
    ];
    let words =
        ["alpha", "beta gamma", " ", "\n", "`", "<b>", "Vec<String>", "src/a.rs", "x: y", "```\n", "<"];
    let piece = prop_oneof![prop::sample::select(tags.to_vec()), prop::sample::select(words.to_vec())];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_survives_and_reads_the_same_again(text in "(?s)[\\PC\n\t<>&;\u{0}\u{1b}]{0,300}", near in nearly()) {
        for text in [&text, &near, &format!("{near}{text}"), &format!("<![CDATA[{near}]]>{text}<!--{near}-->")] {
            let reply = read_as_code(text);
            prop_assert_eq!(&reply, &read_as_code(text));
            for field in said(&reply) {
                prop_assert!(!field.chars().any(|c| c.is_control() && c != '\n'), "{:?}", field);
            }
            let [kinds, concepts] = code();
            for seen in &reply.observations {
                prop_assert!(kinds.contains(&seen.kind) && seen.concepts.iter().all(|it| concepts.contains(it)));
                prop_assert!(!seen.title.is_empty() && seen.sources.is_empty());
            }
            let _any = read(text, &Grammar { kinds: &[], concepts: &[] });
        }
    }

    #[test]
    fn nothing_is_invented(text in nearly(), cut in 0usize..400) {
        let cut = mem_core::text::floor_boundary(&text, cut);
        for text in [text.as_str(), &text[..cut]] {
            for field in said(&read_as_code(text)) {
                for word in field.replace('‹', "<").replace('›', ">").split_whitespace() {
                    let word = word.trim_end_matches('…'); // where it was cut
                    prop_assert!(text.contains(word), "{:?} is not in {:?}", word, text);
                }
            }
        }
    }

    #[test]
    fn what_is_near_the_grammar_can_be_written_in_it(text in nearly()) {
        let once = read_as_code(&text);
        let again = read_as_code(&written(&once));
        prop_assert_eq!((&again.observations, &again.summary), (&once.observations, &once.summary));
    }
}
