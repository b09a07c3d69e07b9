//! Any text as something that is indexed and as something that is asked: terms, passages, queries, times, snippets.
#![no_main]

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use mem_core::time::Timestamp;
use mem_logic::recall::{View, Words, gloss, marked, moment, nearest, passages, query, terms, window};

fuzz_target!(|input: (String, i64)| {
    let (text, now) = (input.0, Timestamp(input.1));
    let held = terms(&text);
    let mut last = 0;
    for term in &held {
        assert!(last <= term.start && term.start < term.end && text.get(term.start..term.end).is_some());
        assert!(!term.text.is_empty() && term.text.len() <= 64 && !term.text.contains(char::is_whitespace));
        last = term.start;
    }
    let pieces = passages(&text);
    assert!(pieces.windows(2).all(|pair| pair[0].end <= pair[1].start && text[pair[0].end..pair[1].start].trim().is_empty()));
    let mut asked = query(&text, now, &TimeZone::UTC);
    for word in &asked.words {
        assert!(asked.cut || held.iter().any(|term| term.view == word.view && term.text == word.term));
    }
    if let Some(gloss) = gloss(&text) {
        assert!(!gloss.english.is_empty() && gloss.english.len() <= 2 << 10);
        assert!(gloss.words.iter().all(|word| text.contains(&word.written)));
        let typed = asked.words.len();
        asked.read_as(&gloss);
        assert!(asked.words[typed..].iter().all(|word| word.gloss_place.is_some()) && asked.words.len() <= 256);
    }
    for phrase in &asked.phrases {
        let _whether = phrase.stands_in(&held);
    }
    if let Some(found) = window(&text, now, &TimeZone::UTC) {
        assert!(found.from < found.until);
    }
    let _when = moment(&text, now, &TimeZone::UTC, true);
    let words: Vec<&str> = asked.words.iter().map(|word| word.term.as_str()).take(8).collect();
    let line = marked(&text, &Words::of(words.iter().copied()), 80);
    assert!(line.line.chars().count() <= 80 && line.marks.iter().all(|mark| line.line.get(mark.clone()).is_some()));
    let vocabulary = held.iter().filter(|term| term.view == View::Word).map(|term| term.text.as_str());
    let _meant = words.first().map(|word| nearest(word, vocabulary));
});
