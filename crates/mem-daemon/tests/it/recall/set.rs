//! A small recall set of our own: invented sessions, and questions whose answer is known, with floors.
//!
//! `sessions.txt` and `questions.txt` say what their columns are. A question is answered by any document of its session.

use std::collections::BTreeMap;

use mem_core::id::SessionId;
use mem_core::observation::Observation;

use super::shelf::{Shelf, Turn, ask, turn};

const SESSIONS: &str = include_str!("sessions.txt");
const QUESTIONS: &str = include_str!("questions.txt");

/// The least that is reached, by category: hit@1 and hit@5 in hundredths. Synonyms await a model.
const FLOORS: [(&str, u32, u32); 10] = [
    ("words", 92, 100),
    ("identifiers", 93, 100),
    ("typos", 84, 89),
    ("forms", 87, 100),
    ("languages", 94, 100),
    ("synonyms", 69, 84),
    ("superseded", 57, 100),
    ("time", 75, 100),
    ("prompts", 75, 100),
    ("all", 91, 96),
];

/// Questions for which what was decided before stands above what holds, at most: the older one tells it in fewer words.
const UPSIDE_DOWN: usize = 2;

fn lines(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(" | ").collect())
}

fn session(line: &[&str]) -> Turn {
    let [key, project, days, prompt, answer, title, narrative, kind, files, commit] = line else {
        panic!("not a session: {line:?}")
    };
    let observation = Observation {
        kind: (*kind).to_owned(),
        title: (*title).to_owned(),
        narrative: (*narrative).to_owned(),
        files_modified: vec![(*files).to_owned()],
        ..Observation::default()
    };
    Turn {
        project: (*project).to_owned(),
        answer: (*answer).to_owned(),
        observations: vec![observation],
        summary: (*title).to_owned(),
        commits: vec![(*commit).to_owned()],
        ..turn(key, days.parse().unwrap(), prompt)
    }
}

#[derive(Default)]
struct Tally {
    asked: u32,
    first: u32,
    among_five: u32,
}

#[test]
fn the_set_is_found() {
    let mut shelf = Shelf::new();
    let told: Vec<Turn> = lines(SESSIONS).map(|line| session(&line)).collect();
    shelf.tell_all(&told);
    shelf.index();

    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut upside_down = Vec::new();
    for line in lines(QUESTIONS) {
        let [category, question, answers] = line[..] else { panic!("not a question: {line:?}") };
        let mut found: Vec<SessionId> = Vec::new();
        for hit in shelf.search(&ask(question)).hits {
            if !found.contains(&hit.session) {
                found.push(hit.session);
            }
        }
        let place = |key: &str| found.iter().position(|session| session.0 == key).unwrap_or(usize::MAX);
        let (wanted, stale) = answers.split_once(" !").map_or((answers, None), |(key, old)| (key, Some(old)));
        assert!(told.iter().any(|turn| turn.session == wanted), "no session {wanted}");
        let at = place(wanted);
        if at > 0 {
            let first = found.first().map_or("nothing", |session| &session.0);
            let at = if at == usize::MAX { "not there".to_owned() } else { format!("at {}", at + 1) };
            println!("{category}: {question:.60}: {wanted} is {at}, first is {first}");
        }
        if stale.is_some_and(|old| place(old) < at) {
            upside_down.push(question);
        }
        for of in [category, "all"] {
            let tally = tallies.entry(of).or_default();
            tally.asked += 1;
            tally.first += u32::from(at == 0);
            tally.among_five += u32::from(at < 5);
        }
    }
    println!("{:12} {:>5} {:>6} {:>6}", "category", "asked", "hit@1", "hit@5");
    let mut below = Vec::new();
    for (category, first, five) in FLOORS {
        let tally = &tallies[category];
        let share = |hits: u32| hits * 100 / tally.asked;
        let reached = (share(tally.first), share(tally.among_five));
        println!("{category:12} {:>5} {:>6} {:>6}", tally.asked, reached.0, reached.1);
        if reached.0 < first || reached.1 < five {
            below.push(category);
        }
    }
    assert_eq!(tallies.len(), FLOORS.len(), "a category without a floor");
    assert!(below.is_empty(), "below the floor: {below:?}");
    assert!(
        upside_down.len() <= UPSIDE_DOWN,
        "what was decided before stands above what holds: {upside_down:?}"
    );
}
