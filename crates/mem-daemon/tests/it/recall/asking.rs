//! What is typed: phrases, beginnings, typing errors, words of time, moments, signs; and very common words.

use mem_core::recall::{DocId, DocKind, Filter};
use mem_core::time::Timestamp;
use mem_daemon::recall::{Ask, Order};

use super::shelf::{DAY, NOW, Shelf, Told, Turn, ask, ids, observation, turn};

fn shelf(prompts: &[(i64, &str)]) -> (Shelf, Vec<DocId>) {
    let mut shelf = Shelf::new();
    let turns: Vec<Turn> =
        prompts.iter().enumerate().map(|(at, (days, said))| turn(&format!("s{at}"), *days, said)).collect();
    let told = shelf.tell_all(&turns);
    shelf.index();
    (shelf, told.iter().map(Told::prompt).collect())
}

#[test]
fn a_phrase_is_found_as_it_stands() {
    let (shelf, docs) = shelf(&[
        (3, "the disk full message"),
        (2, "a full disk"),
        (1, "call readConfig twice"),
        (1, "read the last config"),
    ]);
    assert_eq!(shelf.found("\"disk full\""), [docs[0]]);
    assert_eq!(shelf.found("\"read config\""), [docs[2]], "a compound holds its parts in a row");
    assert_eq!(shelf.found("disk full").len(), 2);
    // one that stands nowhere is looked for by its words
    assert_eq!(shelf.found("\"full config\"").len(), 4);
}

#[test]
fn a_phrase_is_found_however_old_it_is() {
    let said: Vec<String> =
        (0..40)
            .map(|at| {
                if at % 13 == 0 { format!("note {at}: a disk full") } else { format!("note {at}: full disk") }
            })
            .collect();
    let prompts: Vec<(i64, &str)> = said.iter().zip(0..).map(|(said, at)| (50 - at, said.as_str())).collect();
    let (shelf, docs) = shelf(&prompts);
    let mut found = shelf.found("\"disk full\"");
    found.sort();
    // the newest eighth is read from its end, the rest from its begin
    assert_eq!(found, [docs[0], docs[13], docs[26], docs[39]]);
}

#[test]
fn pages_of_a_list_by_time_follow_each_other() {
    let said: Vec<String> = (0..140)
        .map(|at| format!("the {} parser failed {}", ["lexer", "slow"][at % 2], "again ".repeat(at % 7)))
        .collect();
    let prompts: Vec<(i64, &str)> =
        said.iter().zip(0..).map(|(said, at)| (150 - at, said.as_str())).collect();
    let (shelf, _) = shelf(&prompts);
    let page = |order, limit, offset| {
        let answer = shelf.search(&Ask { order, limit, offset, ..ask("lexer parser failed") });
        (ids(&answer), answer.total)
    };
    for order in [Order::Newest, Order::Oldest] {
        let (all, total) = page(order, 500, 0);
        assert_eq!(all.len(), total);
        let mut paged = Vec::new();
        while paged.len() < total {
            let (ids, of) = page(order, 13, paged.len());
            assert_eq!((of, ids.is_empty()), (total, false), "{order:?}");
            paged.extend(ids);
        }
        assert_eq!(paged, all, "{order:?}");
    }
}

#[test]
fn a_word_that_stands_where_the_conditions_are_not_met_is_no_unknown_word() {
    let (shelf, docs) = shelf(&[(30, "the lexer starves"), (1, "the parser starves")]);
    let late = Filter { from: Some(Timestamp(NOW.0 - 5 * DAY)), ..Filter::default() };
    let answer = shelf.search(&Ask { filter: late, ..ask("lexer starves zebra") });
    assert_eq!(ids(&answer), [docs[1]]);
    assert_eq!(
        (&answer.how.elsewhere, &answer.how.unknown),
        (&vec!["lexer".to_owned()], &vec!["zebra".to_owned()])
    );
    assert_eq!(shelf.search(&ask("lexer")).how.elsewhere, Vec::<String>::new());
}

#[test]
fn a_word_whose_english_stands_where_the_conditions_are_not_met_is_no_unknown_word() {
    let (shelf, docs) = shelf(&[(30, "the database stays closed"), (1, "the door stays locked")]);
    let late = Filter { from: Some(Timestamp(NOW.0 - 5 * DAY)), ..Filter::default() };
    let answer =
        shelf.search(&Ask { filter: late, ..ask("Warum ist die Datenbank auf dem Flughafen gesperrt?") });
    assert_eq!(ids(&answer), [docs[1]]);
    assert_eq!(
        (&answer.how.elsewhere, &answer.how.unknown),
        (&vec!["Datenbank".to_owned()], &vec!["Flughafen".to_owned()])
    );
}

#[test]
fn a_word_that_is_found_as_an_identifier_or_in_pieces_is_no_unknown_word() {
    let (shelf, docs) = shelf(&[(30, "see src/db/get_many.rs"), (1, "the parser starves")]);
    let answer = shelf.search(&ask("get_many"));
    assert_eq!(ids(&answer), [docs[0]]);
    assert_eq!((&answer.how.words[..], &answer.how.unknown[..]), (&["get_many".to_owned()][..], &[][..]));
    let answer = shelf.search(&ask("parserStarves"));
    assert_eq!((ids(&answer), &answer.how.unknown[..]), (vec![docs[1]], &[][..]));
    let answer = shelf.search(&ask("zebra_parser"));
    assert_eq!(answer.how.unknown, ["zebra"], "the piece that stands nowhere is said");
    let late = Filter { from: Some(Timestamp(NOW.0 - 5 * DAY)), ..Filter::default() };
    let how = shelf.search(&Ask { filter: late, ..ask("get_many") }).how;
    assert_eq!((&how.elsewhere[..], &how.unknown[..]), (&["get_many".to_owned()][..], &[][..]));
}

#[test]
fn words_that_name_a_time_are_not_looked_for() {
    let (shelf, docs) = shelf(&[(40, "the week of the last release"), (3, "the parser starves")]);
    let answer = shelf.search(&ask("parser last week"));
    assert_eq!(ids(&answer), [docs[1]]);
    assert_eq!(answer.how.words, ["parser"]);
}

#[test]
fn a_beginning_finds_what_begins_so() {
    let (shelf, docs) = shelf(&[(3, "configuration of the parser"), (2, "configure it"), (1, "confetti")]);
    let mut found = shelf.found("config*");
    found.sort();
    assert_eq!(found, docs[..2]);
    assert_eq!(shelf.found("zzz*"), []);
}

#[test]
fn a_typing_error_is_told() {
    let (shelf, docs) = shelf(&[(3, "the watchdog starves"), (1, "nothing of the kind")]);
    let answer = shelf.search(&ask("watchdgo"));
    assert_eq!(ids(&answer), [docs[0]]);
    assert_eq!(answer.how.corrected.len(), 1);
    assert_eq!(answer.how.corrected[0].0, "watchdgo");
    for (typed, why) in [("wstchdog", "the second letter"), ("awtchdog", "the first two swapped")] {
        assert_eq!(ids(&shelf.search(&ask(typed))), [docs[0]], "{why}");
    }
    // of a long text nobody expects it
    let long: Vec<String> = ('a'..='z').map(|letter| letter.to_string().repeat(5)).collect();
    assert_eq!(shelf.search(&ask(&format!("starves {} watchdgo", long.join(" ")))).how.corrected, []);
    let answer = shelf.search(&ask("watchdog"));
    assert_eq!(answer.how.corrected, []);
}

#[test]
fn a_word_of_its_own_is_not_corrected() {
    let (shelf, _) =
        shelf(&[(3, "apply the one test in production"), (2, "the run was killed"), (1, "tables")]);
    for text in ["apple", "billed", "zone", "grün", "best", "stables", "protection"] {
        let how = shelf.search(&ask(text)).how;
        assert_eq!((&how.corrected[..], &how.unknown[..]), (&[][..], &[text.to_owned()][..]), "{text}");
    }
}

#[test]
fn words_of_time_lift_and_alone_list() {
    let (shelf, docs) = shelf(&[(30, "umlauts vanish"), (10, "umlauts vanish"), (0, "umlauts vanish")]);
    let answer = shelf.search(&ask("umlauts last week"));
    assert_eq!(answer.hits.len(), 3, "a time in a question is no condition");
    assert_eq!(answer.hits[0].id, docs[1]);
    assert_eq!(answer.how.in_window, 1);
    assert_eq!(shelf.search(&ask("umlauts 3 months ago")).how.in_window, 0, "nothing is of that time");
    let (said, from, until) = answer.how.window.clone().unwrap();
    assert_eq!(said, "last week");
    assert!(from.0 <= NOW.0 - 10 * DAY && NOW.0 - 10 * DAY < until.0);
    let answer = shelf.search(&ask("last week"));
    assert_eq!(ids(&answer), [docs[1]], "alone it is one");
    assert_eq!(answer.how.legs, ["conditions"]);
}

#[test]
fn words_of_time_without_spaces_lift_and_alone_list() {
    let (shelf, docs) = shelf(&[(30, "umlauts vanish"), (10, "umlauts vanish"), (0, "umlauts vanish")]);
    for week in ["上个星期", "上周", "先週", "지난주"] {
        let answer = shelf.search(&ask(&format!("umlauts {week}")));
        assert_eq!((answer.hits.len(), answer.hits[0].id, answer.how.in_window), (3, docs[1], 1), "{week}");
        assert_eq!(ids(&shelf.search(&ask(week))), [docs[1]], "{week}");
    }
}

#[test]
fn a_star_after_one_letter_is_told_and_a_field_before_a_word_is_passed_over() {
    let (shelf, docs) = shelf(&[(10, "the watchdog barks"), (5, "umlauts vanish")]);
    for text in ["w*", "umlauts w*", "title:w*", "w* w*"] {
        assert_eq!(shelf.search(&ask(text)).how.too_short, ["w*"], "{text}");
    }
    assert_eq!(shelf.search(&ask("umlauts watch*")).how.too_short, [""; 0]);
    for text in ["title:watchd*", "title:watch*", "watch*"] {
        let answer = shelf.search(&ask(text));
        assert_eq!(ids(&answer), [docs[0]], "{text}: {:?}", answer.how);
    }
}

#[test]
fn what_was_to_be_left_out_is_told() {
    let (shelf, docs) = shelf(&[(10, "an expired token"), (5, "a token")]);
    let answer = shelf.search(&ask("token -expired"));
    assert_eq!((answer.hits.len(), &answer.how.operators[..]), (2, &["-expired".to_owned()][..]));
    assert_eq!(answer.hits[0].id, docs[0]);
    assert_eq!(shelf.search(&ask("token NOT expired")).how.operators, ["NOT"]);
    assert_eq!(shelf.search(&ask("token not expired")).how.operators, [""; 0]);
}

#[test]
fn a_hit_says_its_share_of_the_session_and_words_as_they_are_written() {
    let told = [
        (9, "the watchdog starves while confirmations are running"),
        (8, "watchdog barks at confirmations, starves running retries"),
        (7, "nothing of the kind"),
        (6, "a watchdog that starves delivers no confirmations"),
    ];
    let mut shelf = Shelf::new();
    let mut turns: Vec<Turn> =
        told.iter().map(|(days, said)| turn(&format!("s{days}"), *days, said)).collect();
    turns.push(turn("s9", 9, "a watchdog was mentioned"));
    shelf.tell_all(&turns);
    shelf.index();
    let answer = shelf.search(&Ask { explain: true, ..ask("watchdog starves") });
    let shares: Vec<&str> = answer
        .hits
        .iter()
        .map(|hit| hit.reasons.iter().find(|reason| reason.of == "share").unwrap().with.as_str())
        .collect();
    let best = "says it best in its session";
    assert_eq!(shares.iter().filter(|share| **share == best).count(), 3, "{shares:?}");
    assert!(
        shares.iter().any(|share| share.contains(" % of what the best of its session does")),
        "{shares:?}"
    );
    for hit in &answer.hits {
        let sum: f64 = hit.reasons.iter().map(|reason| reason.adds).sum();
        assert!((sum - hit.score).abs() < 1e-4, "{hit:#?}");
    }
    let words: Vec<&str> = answer
        .hits
        .iter()
        .flat_map(|hit| &hit.reasons)
        .filter(|reason| reason.of == "feedback" || reason.of == "side by side")
        .flat_map(|reason| reason.with.split([' ', ',']))
        .collect();
    assert!(words.contains(&"confirmations") && words.contains(&"starves"), "{words:?}");
    assert!(!words.contains(&"confirm") && !words.contains(&"starv"), "{words:?}");
}

#[test]
fn as_of_a_moment_later_sessions_are_not_there_yet() {
    let (shelf, docs) = shelf(&[(30, "umlauts one"), (20, "umlauts two"), (10, "umlauts three")]);
    let as_of = |days: i64, text: &str| {
        let mut found = ids(&shelf.search(&Ask { as_of: Some(Timestamp(NOW.0 - days * DAY)), ..ask(text) }));
        found.sort();
        found
    };
    for text in ["umlauts", ""] {
        assert_eq!(as_of(15, text), docs[..2], "{text:?}");
        assert_eq!(as_of(40, text), [], "{text:?}");
        assert_eq!(as_of(0, text), docs, "{text:?}");
    }
    // not even its own moment: it had not ended before it
    assert_eq!(as_of(20, "umlauts"), docs[..1]);
}

#[test]
fn whatever_is_typed_is_no_error() {
    let (shelf, docs) = shelf(&[(1, "umlauts NOT vanish"), (2, "d'accord \"quoted\"")]);
    for text in [" ", "\u{3000}\n"] {
        assert_eq!(shelf.found(text).len(), 2, "{text:?} is no word");
    }
    for text in ["...", "\0", "\"\"", "😀", "* ( ) ^ :", "\"; --"] {
        assert_eq!(shelf.found(text), [], "{text:?}");
    }
    for text in ["umlauts AND OR NOT NEAR(", "\"umlauts", "umlauts\0vanish", "title:umlauts^2", "(umlauts"] {
        assert_eq!(shelf.found(text).first(), Some(&docs[0]), "{text:?}");
    }
    let long = "umlauts sind überall und immer ".repeat(3500);
    assert!(long.len() > 100_000);
    assert_eq!(shelf.found(&long), [docs[0]]);
}

#[test]
fn nothing_indexed_and_nothing_found_are_told_apart() {
    let mut shelf = Shelf::new();
    shelf.tell(&turn("a", 1, "umlauts"));
    let answer = shelf.search(&ask("umlauts"));
    assert_eq!((answer.hits.len(), answer.coverage.passages, answer.coverage.rebuilding), (0, 0, true));
    shelf.index();
    let answer = shelf.search(&ask("absent"));
    assert_eq!((answer.hits.len(), answer.coverage.passages), (0, 1));
    assert_eq!((answer.coverage.waiting, answer.coverage.rebuilding), (0, false));
    shelf.tell(&turn("b", 0, "more"));
    assert_eq!(shelf.search(&ask("absent")).coverage.waiting, 1);
}

#[test]
fn a_word_that_is_everywhere_ranks_sensibly_alone_and_its_work_is_bounded() {
    const PASSAGES: usize = 3000;
    let filler: Vec<String> = (0..200).map(|at| format!("filler{}", at % 40)).collect();
    let mut turns: Vec<Turn> = (0..PASSAGES)
        .map(|at| {
            let mut words = filler.clone();
            words.insert(at % 150, "render".to_owned());
            turn(&format!("s{at}"), 1 + at as i64 % 300, &words.join(" "))
        })
        .collect();
    let meant = [7_usize, 1503, 2992];
    for at in meant {
        turns[at].prompt = "Render twice: why does it render again".to_owned();
    }
    let mut shelf = Shelf::new();
    let told = shelf.tell_all(&turns);
    shelf.index();
    let answer = shelf.search(&Ask { limit: 10, ..ask("render") });
    assert!(answer.coverage.passages >= PASSAGES as u64);
    let mut first = ids(&answer)[..3].to_vec();
    first.sort();
    assert_eq!(first, meant.map(|at| told[at].prompt()));
    assert_eq!(answer.hits.len(), 10);
    assert!(answer.total < PASSAGES, "only some sessions are looked at closely: {}", answer.total);
}

#[test]
fn a_time_is_listed_where_the_words_beside_it_stand_nowhere() {
    let (shelf, docs) = shelf(&[(2, "umlauts vanish"), (1, "the lexer is mended")]);
    for text in ["was habe ich gestern gemacht", "昨天做了什么", "zyzzyva yesterday"] {
        let answer = shelf.search(&ask(text));
        assert_eq!(ids(&answer), [docs[1]], "{text}");
        assert_eq!(answer.how.legs, ["conditions"]);
        assert!(answer.how.window.is_some());
    }
    assert_eq!(shelf.found("umlauts yesterday"), [docs[0]], "a word that is there is what is asked for");
    let answer = shelf.search(&ask("昨天做了什么"));
    assert_eq!(answer.how.unknown, [""; 0], "pairs of letters and words of time are no words one typed");
}

#[test]
fn a_word_that_stands_nowhere_is_the_beginning_of_another_before_it_is_an_error() {
    let (shelf, docs) = shelf(&[(2, "we chose PostgreSQL"), (1, "the poster is red")]);
    let answer = shelf.search(&ask("postgres"));
    assert_eq!(ids(&answer), [docs[0]]);
    assert_eq!(answer.how.corrected, [("postgres".to_owned(), "postgres*".to_owned())]);
}

#[test]
fn errors_are_looked_for_in_words_as_they_are_written() {
    let (shelf, docs) = shelf(&[(2, "the limiter drops connections")]);
    for typed in ["limter", "limtier", "lmiter", "conneciton", "connetcions"] {
        assert_eq!(shelf.found(typed), docs, "{typed}");
    }
    // with another first letter it is as often another word: zone is not one, nor billed killed
    for typed in ["pimiter", "xlimiter", "imiter"] {
        assert_eq!(shelf.found(typed), [], "{typed}");
    }
}

#[test]
fn a_hit_is_the_same_whatever_the_limit() {
    let mut shelf = Shelf::new();
    let turns: Vec<Turn> = (0..20)
        .map(|at| Turn {
            observations: vec![observation(&format!("Limiter {at} mended"), "the limiter leaks")],
            answer: "I mended the limiter".to_owned(),
            commits: vec![format!("limiter: mend {at}")],
            ..turn(&format!("s{at}"), at, "the limiter leaks")
        })
        .collect();
    shelf.tell_all(&turns);
    shelf.index();
    for order in [Order::Best, Order::Newest] {
        let all = shelf.search(&Ask { order, ..ask("limiter") });
        let ids_of_all = ids(&all);
        if order == Order::Newest {
            let answers = ids_of_all.iter().filter(|id| id.kind() == DocKind::Answer).count();
            assert_eq!(answers, 0, "in a list the prompt speaks for its answer: {ids_of_all:?}");
        }
        for limit in [1, 3, 7] {
            let few = shelf.search(&Ask { order, limit, ..ask("limiter") });
            assert_eq!(ids(&few), ids_of_all[..limit], "{order:?} {limit}");
            assert_eq!(few.total, all.total);
            let next = shelf.search(&Ask { order, limit, offset: limit, ..ask("limiter") });
            assert_eq!(ids(&next), ids_of_all[limit..2 * limit], "{order:?} {limit}");
        }
    }
}

#[test]
fn a_question_in_another_language_finds_english_and_says_as_what_it_was_read() {
    let (shelf, docs) = shelf(&[
        (9, "the database stays locked after a crash"),
        (5, "a hat and a war, for the man"),
        (1, "the cashier may not open the drawer"),
    ]);
    for (text, english, language) in [
        ("Warum ist die Datenbank gesperrt?", "why database locked", "German"),
        ("¿Por qué está bloqueada la base de datos?", "why lock database", "Spanish"),
        ("pourquoi la base de données est verrouillée", "why database lock", "French"),
        ("数据库为什么被锁定", "database why lock", "Chinese"),
    ] {
        let answer = shelf.search(&Ask { explain: true, ..ask(text) });
        assert_eq!(ids(&answer), [docs[0]], "{text}");
        assert_eq!(answer.how.gloss, Some((language, english.to_owned())));
        // what was typed stands nowhere, and that is no news
        assert_eq!((&answer.how.unknown[..], &answer.how.corrected[..]), (&[][..], &[][..]), "{text}");
        let with: Vec<&str> = answer.hits[0].reasons.iter().map(|reason| reason.with.as_str()).collect();
        assert!(with.iter().any(|with| with.contains("database")), "{text}: {with:?}");
    }
    // words of its grammar are not the English words that they are written as
    let answer = shelf.search(&ask("hat der Mann die Kasse geöffnet, und war das man?"));
    assert!(!answer.how.words.iter().any(|word| ["hat", "war"].contains(&word.as_str())), "{:?}", answer.how);
}

#[test]
fn english_is_looked_for_though_grammar_of_the_question_is_written_so() {
    let (shelf, docs) = shelf(&[(9, "how the war ended"), (5, "the drawer is open"), (1, "a comment on it")]);
    for (text, meant) in
        [("Warum war der Krieg vorbei?", 0), ("pourquoi un commentaire est dans le texte", 2)]
    {
        assert_eq!(shelf.found(text), [docs[meant]], "{text}");
    }
}

#[test]
fn what_is_unknown_in_both_languages_is_told_as_it_was_typed() {
    let (shelf, docs) = shelf(&[(9, "the database stays locked"), (5, "rechner und tastaturen")]);
    let answer = shelf.search(&ask("Warum ist die Datenbank auf dem Flughafen gesperrt?"));
    assert_eq!(ids(&answer), [docs[0]]);
    assert_eq!(
        (&answer.how.unknown[..], &answer.how.corrected[..]),
        (&["Flughafen".to_owned()][..], &[][..])
    );
    // what is remembered in the language of the question is found as before
    let answer = shelf.search(&ask("Was war mit den Tastaturen?"));
    assert_eq!(ids(&answer), [docs[1]]);
}

#[test]
fn what_is_english_is_not_glossed() {
    let (shelf, _) = shelf(&[(9, "the database stays locked after a crash")]);
    for text in [
        "why is the database locked",
        "database lock",
        "crash*",
        "\"warum ist die\" database",
        "",
        "Datenbank",
    ] {
        assert_eq!(shelf.search(&ask(text)).how.gloss, None, "{text}");
    }
}
