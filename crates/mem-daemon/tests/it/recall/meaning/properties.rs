//! Whatever is asked under whatever conditions: vectors that are kept and vectors that are read give one answer, and what a
//! filter lets through is what it should.

use std::collections::BTreeSet;

use mem_core::recall::{DocId, Filter};
use mem_daemon::recall::{Answer, Ask, Order, Recall};
use proptest::prelude::*;
use proptest::sample::select;

use super::library::Embedding;
use crate::recall::filters::{WORDS, all_of, conditions, documents, meets, told};
use crate::recall::shelf::{Shelf, ask};

/// Some of the words that are said, and what means something like them.
const ASKED: [&str; 12] = [
    "anchor",
    "candle",
    "falcon",
    "kettle",
    "a light of wax",
    "bird of prey",
    "ice in the mountains",
    "boil water for tea",
    "crossing a river",
    "glowing coals",
    "ships at the quay",
    "sea mammal",
];

fn questions() -> impl Strategy<Value = Ask> {
    let words = prop::collection::vec(select(&ASKED[..]), 0..4);
    (words, select(vec![Order::Best, Order::Newest, Order::Oldest]), 0..3_u8, any::<bool>()).prop_map(
        |(words, order, phrase, explain)| {
            let mut text = words.join(" ");
            if phrase == 0 {
                text.push_str(" \"anchor bridge\"");
            }
            Ask { order, explain, limit: 1000, ..ask(&text) }
        },
    )
}

/// The documents of an answer that hold a word of the question.
fn of_words(answer: &Answer, holding: &BTreeSet<DocId>) -> BTreeSet<DocId> {
    all_of(answer).intersection(holding).copied().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Which passage of a session is nearest depends on which are allowed, so what only meaning leads to is compared by
    /// sessions: one that is found under a condition, and not only as what is nearest, is found without it. What holds a word is found or not as without meaning.
    #[test]
    fn kept_and_read_are_one_answer_and_filters_hold(
        turns in prop::collection::vec(told(), 1..14),
        questions in prop::collection::vec((questions(), conditions()), 1..5),
        embedded in prop_oneof![Just(1000_usize), 0..30_usize],
    ) {
        let mut shelf = Shelf::new();
        shelf.install();
        let told = shelf.tell_all(&turns);
        shelf.index();
        Embedding::new().embed(&mut shelf.store, embedded);
        let documents = documents(&shelf, &told);
        let mut kept = Recall::with_meaning(&shelf.home(), true);
        let mut stored = Recall::with_meaning(&shelf.home(), false);
        for (question, conditions) in questions {
            let filter = conditions.filter(&turns, &told);
            let with = Ask { filter: filter.clone(), ..question.clone() };
            let found = kept.search(&shelf.store, &with).unwrap();
            prop_assert_eq!(&found, &stored.search(&shelf.store, &with).unwrap(), "kept and read");
            let all = kept.search(&shelf.store, &question).unwrap();
            prop_assert_eq!(&all, &stored.search(&shelf.store, &question).unwrap(), "kept and read, of everything");

            let meeting: BTreeSet<DocId> =
                documents.iter().filter(|one| meets(one, &filter, &documents)).map(|one| one.id).collect();
            let ids = all_of(&found);
            prop_assert!(ids.is_subset(&meeting), "{ids:?} within {meeting:?}");
            if question.text.contains('"') || question.text.is_empty() {
                continue;
            }
            let words: Vec<&str> = WORDS.into_iter().filter(|word| question.text.contains(*word)).collect();
            let holds = |text: &str| words.iter().any(|word| text.contains(word));
            let holding: BTreeSet<DocId> =
                documents.iter().filter(|one| holds(&one.text)).map(|one| one.id).collect();
            let wanted: BTreeSet<DocId> = holding.intersection(&meeting).copied().collect();
            // a list by time leaves out what fits far worse than the best; in the order of how well it fits it is all there
            prop_assert!(of_words(&found, &holding).is_subset(&wanted), "none but those that hold a word");
            let best = kept.search(&shelf.store, &Ask { order: Order::Best, ..with.clone() }).unwrap();
            prop_assert_eq!(of_words(&best, &holding), wanted, "each that holds a word");
            let sessions = |answer: &Answer| -> BTreeSet<String> {
                answer.hits.iter().map(|hit| hit.session.0.clone()).collect()
            };
            // a list by time leaves out what fits far worse than the best, which a condition may take away; and where a condition
            // takes away all that is near, what is nearest is shown as unsure
            let may_add = question.order != Order::Best || found.how.unsure;
            prop_assert!(may_add || sessions(&found).is_subset(&sessions(&all)), "a condition adds no session");
            prop_assert!(filter != Filter::default() || found == all, "no condition");
        }
    }
}
