//! Any text as a model's reply: reading it twice is the same, and weighing it claims no file that no event shows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mem_core::id::EventId;
use mem_core::model::Answer;
use mem_logic::outcome::outcome_of;
use mem_logic::proof::Proof;
use mem_logic::reply::{Grammar, read, weigh};

fuzz_target!(|text: String| {
    let kinds = ["bugfix", "change"].map(str::to_owned);
    let concepts = ["gotcha", "pattern"].map(str::to_owned);
    let grammar = Grammar { kinds: &kinds, concepts: &concepts };
    let reply = read(&text, &grammar);
    assert_eq!(reply, read(&text, &grammar));
    for seen in &reply.observations {
        assert!(!seen.title.is_empty() && kinds.contains(&seen.kind));
        assert!(seen.concepts.iter().all(|concept| concepts.contains(concept)));
    }
    let answer = Answer { text, ..Answer::default() };
    let _outcome = outcome_of(Ok(&answer), Some(&reply));

    let proof = Proof {
        read: vec![("src/a.rs".to_owned(), EventId(2))],
        modified: vec![("src/b.rs".to_owned(), EventId(3))],
        sources: vec![EventId(1), EventId(2), EventId(3)],
    };
    for (_, seen) in weigh(reply, &proof, 1).observations {
        assert!(!seen.sources.is_empty());
        assert!(seen.files_modified.iter().all(|path| path == "src/b.rs"));
        assert!(seen.files_read.iter().all(|path| path == "src/a.rs"));
    }
});
