//! What was measured, as one JSON object and as a table for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::ask::Answered;
use super::load::{Loaded, Sizes};
use super::metrics::{DEPTHS, Figures};
use super::set::{Query, Set};
use crate::bench::measure::{ms, percentile};
use crate::bench::model::Embedded;

/// The tables of the index, with what waits for it.
const INDEX: [&str; 2] = ["passage", "index_"];

type Answers<'q> = [(&'q Query, Answered)];

/// All queries asked once.
pub(super) struct Round<'q> {
    /// The queries with their answers.
    pub(super) answers: Vec<(&'q Query, Answered)>,
    /// What was in the store then.
    pub(super) sizes: Sizes,
    /// What embedding came to, where they were asked with the model.
    pub(super) embedded: Option<Embedded>,
}

/// All of it: the figures of the last round on top, the rest below them, and of the round before it the same as `without`.
pub(super) fn report(set: &Set, split: Option<&str>, loaded: &Loaded, rounds: &[Round<'_>]) -> Value {
    let [before @ .., last] = rounds else { return Value::Null };
    let mut report = of_round(set, split, loaded, last);
    if let Some(embedded) = &last.embedded {
        report.insert("by_meaning".to_owned(), by_meaning(last).into());
        report.insert("embedded".to_owned(), embedded.json());
    }
    if let [without] = before {
        report.insert("without".to_owned(), of_round(set, split, loaded, without).into());
    }
    Value::Object(report)
}

fn of_round(set: &Set, split: Option<&str>, loaded: &Loaded, round: &Round<'_>) -> Map<String, Value> {
    let mut report = figures_document(&in_all(&round.answers));
    let categories: Map<String, Value> = categories(&round.answers)
        .into_iter()
        .map(|(name, figures)| (name.to_owned(), figures_document(&figures).into()))
        .collect();
    let taken = taken(&round.answers);
    let turns: usize = set.sessions.iter().map(|session| session.turns.len()).sum();
    let more = json!({
        "set": set.name,
        "split": split,
        "categories": categories,
        "latency_ms": {
            "p50": ms(percentile(&taken, 50)),
            "p95": ms(percentile(&taken, 95)),
            "p99": ms(percentile(&taken, 99)),
            "max": ms(percentile(&taken, 100)),
        },
        "size": {
            "store_bytes": round.sizes.store_bytes,
            "index_bytes": index_bytes(&round.sizes),
            "tables": round.sizes.tables.iter().cloned().collect::<BTreeMap<String, u64>>(),
        },
        "time_s": {
            "drained": loaded.drained.as_secs_f64(),
            "ready": loaded.ready.as_secs_f64(),
        },
        "loaded": {
            "groups": set.groups.len(),
            "sessions": set.sessions.len(),
            "turns": turns,
            "frames": loaded.frames,
            "passages": round.sizes.passages,
            "events": loaded.events,
            "redacted": loaded.redacted,
        },
    });
    if let Value::Object(more) = more {
        report.extend(more);
    }
    report
}

/// The queries that could be answered better, a JSON object a line.
pub(super) fn misses(answers: &Answers<'_>) -> String {
    let mut text = String::new();
    for (query, answer) in answers.iter().filter(|(_, answer)| !answer.ranks.is_perfect()) {
        let ranked = |names: &[String], ranks: &[Option<usize>]| -> Map<String, Value> {
            names.iter().zip(ranks).map(|(name, rank)| (name.clone(), json!(rank))).collect()
        };
        let first: Vec<Value> =
            answer.returned.iter().take(10).map(|(session, hit)| json!([session, hit])).collect();
        let line = json!({
            "id": query.id,
            "category": query.category,
            "text": query.text,
            "gold": ranked(&query.gold, &answer.ranks.gold),
            "stale": ranked(&query.stale, &answer.ranks.stale),
            "returned": answer.returned.len(),
            "first": first,
        });
        let _infallible = writeln!(text, "{line}");
    }
    text
}

/// All of it for people; of two rounds both figures in each place.
pub(super) fn table(set: &Set, loaded: &Loaded, rounds: &[Round<'_>]) -> String {
    let rows = rows(rounds);
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).max(set.name.len());
    let cell = 6 * rounds.len();
    let mut text = format!("{:<width$}  queries", set.name);
    for name in names() {
        let _infallible = write!(text, "  {name:>cell$}");
    }
    text.push_str("  final above stale\n");
    for (name, of_rounds) in &rows {
        let queries = of_rounds.first().map_or(0, |figures| figures.queries);
        let _infallible = write!(text, "{name:<width$}  {queries:>7}");
        let values: Vec<Vec<f64>> = of_rounds.iter().map(values).collect();
        for at in 0..names().len() {
            text.push_str("  ");
            for values in &values {
                let _infallible = write!(text, "{:>6.3}", values[at]);
            }
        }
        let _infallible = writeln!(text, "  {}", final_above_stale(of_rounds));
    }
    if rounds.len() > 1 {
        text.push_str("\nof each two figures the first is without the model, the second with it\n");
    }
    for round in rounds {
        text.push_str(&below(round));
    }
    let _infallible = write!(
        text,
        "\ntaken in               {} frames drained in {:.1} s; distilled and indexed {:.1} s after the start",
        loaded.frames,
        loaded.drained.as_secs_f64(),
        loaded.ready.as_secs_f64(),
    );
    text
}

/// A row for all queries and one for each category, each with the figures of every round.
fn rows(rounds: &[Round<'_>]) -> Vec<(String, Vec<Figures>)> {
    let mut rows = vec![("in all".to_owned(), Vec::new())];
    for (number, round) in rounds.iter().enumerate() {
        rows[0].1.push(in_all(&round.answers));
        // every round asks the same queries, so their categories are the same
        for (at, (name, figures)) in categories(&round.answers).into_iter().enumerate() {
            if number == 0 {
                rows.push((format!("category {name}"), Vec::new()));
            }
            rows[at + 1].1.push(figures);
        }
    }
    rows
}

fn final_above_stale(of_rounds: &[Figures]) -> String {
    let of = of_rounds.first().map_or(0, |figures| figures.with_stale);
    if of == 0 {
        return "-".to_owned();
    }
    let won = of_rounds.iter().map(|figures| figures.final_above_stale * figures.with_stale as f64);
    let won: Vec<String> = won.map(|won| format!("{won:.0}")).collect();
    format!("{} of {of}", won.join(", "))
}

/// What a round says below the table.
fn below(round: &Round<'_>) -> String {
    let taken = taken(&round.answers);
    let at = |percent| ms(percentile(&taken, percent));
    let mb = |bytes: u64| bytes as f64 / 1e6;
    let mut text = String::new();
    if let Some(embedded) = &round.embedded {
        let took = embedded.took.as_secs_f64();
        let _infallible = write!(
            text,
            "\nwith the model         {} passages embedded in {took:.1} s: {} vectors ({:.0} a second), {:.1} MB\n\
             meaning was a leg      of {} of {} queries",
            embedded.passages,
            embedded.vectors,
            embedded.vectors as f64 / took,
            mb(embedded.bytes),
            by_meaning(round),
            round.answers.len(),
        );
    }
    let _infallible = write!(
        text,
        "\nquery, spawn to exit   p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, longest {:.1} ms\n\
         size                   {} passages; store {:.1} MB, of it index {:.1} MB",
        at(50),
        at(95),
        at(99),
        at(100),
        round.sizes.passages,
        mb(round.sizes.store_bytes),
        mb(index_bytes(&round.sizes)),
    );
    text
}

fn by_meaning(round: &Round<'_>) -> usize {
    round.answers.iter().filter(|(_, answer)| answer.by_meaning).count()
}

fn in_all(answers: &Answers<'_>) -> Figures {
    Figures::of(answers.iter().map(|(_, answer)| &answer.ranks))
}

fn categories<'q>(answers: &Answers<'q>) -> BTreeMap<&'q str, Figures> {
    let names: BTreeSet<&str> = answers.iter().map(|(query, _)| query.category.as_str()).collect();
    let of = |name: &str| {
        Figures::of(
            answers.iter().filter(|(query, _)| query.category == name).map(|(_, answer)| &answer.ranks),
        )
    };
    names.into_iter().map(|name| (name, of(name))).collect()
}

/// The names of [`values`].
fn names() -> Vec<String> {
    let of = |word: &str| DEPTHS.map(|depth| format!("{word}@{depth}"));
    of("R").into_iter().chain(of("hit")).chain(["MRR".to_owned()]).collect()
}

fn values(figures: &Figures) -> Vec<f64> {
    figures.recall.into_iter().chain(figures.hit).chain([figures.mrr]).collect()
}

fn figures_document(figures: &Figures) -> Map<String, Value> {
    let mut document: Map<String, Value> =
        names().into_iter().zip(values(figures).into_iter().map(Value::from)).collect();
    document.insert("final_above_stale".to_owned(), figures.final_above_stale.into());
    document.insert("queries_with_stale".to_owned(), figures.with_stale.into());
    document.insert("queries".to_owned(), figures.queries.into());
    document
}

fn taken(answers: &Answers<'_>) -> Vec<Duration> {
    let mut taken: Vec<Duration> = answers.iter().map(|(_, answer)| answer.took).collect();
    taken.sort_unstable();
    taken
}

/// Bytes of the tables of the index.
fn index_bytes(sizes: &Sizes) -> u64 {
    let of_index = |name: &str| INDEX.iter().any(|begin| name.starts_with(begin));
    sizes.tables.iter().filter(|(name, _)| of_index(name)).map(|(_, bytes)| bytes).sum()
}

#[cfg(test)]
mod tests {
    use super::super::metrics::Ranks;
    use super::*;

    /// Two queries, of which the second finds its session in this place, or not at all.
    fn round(queries: &[Query], place: Option<usize>, embedded: Option<Embedded>) -> Round<'_> {
        let by_meaning = embedded.is_some();
        let answered = |place| Answered {
            returned: Vec::new(),
            ranks: Ranks { gold: vec![place], stale: Vec::new() },
            by_meaning,
            took: Duration::from_millis(1),
        };
        let answers = queries.iter().zip([Some(1), place]).map(|(query, place)| (query, answered(place)));
        Round {
            answers: answers.collect(),
            sizes: Sizes { passages: 9, store_bytes: 1, tables: Vec::new() },
            embedded,
        }
    }

    #[test]
    fn both_rounds_stand_side_by_side() {
        let query = |category: &str| Query {
            id: String::new(),
            group: 0,
            text: String::new(),
            gold: vec!["one".to_owned()],
            stale: Vec::new(),
            before: None,
            category: category.to_owned(),
        };
        let queries = [query("a"), query("b")];
        let embedded = Embedded { passages: 9, vectors: 8, bytes: 7, took: Duration::from_secs(2) };
        let rounds = [round(&queries, None, None), round(&queries, Some(2), Some(embedded))];
        let loaded = Loaded {
            places: Vec::new(),
            frames: 1,
            drained: Duration::ZERO,
            ready: Duration::ZERO,
            events: Value::Null,
            redacted: Value::Null,
        };
        let set = Set { name: "set".to_owned(), ..Set::default() };
        let table = table(&set, &loaded, &rounds);
        let cells = |row: usize| table.lines().nth(row).unwrap().split_whitespace().collect::<Vec<_>>();
        assert_eq!(cells(1)[..7], ["in", "all", "2", "0.500", "0.500", "0.500", "1.000"], "{table}");
        assert_eq!(cells(3)[..7], ["category", "b", "1", "0.000", "0.000", "0.000", "1.000"], "{table}");
        assert!(table.contains("8 vectors (4 a second)"), "{table}");

        let document = report(&set, None, &loaded, &rounds);
        assert_eq!((&document["R@5"], &document["without"]["R@5"]), (&json!(1.0), &json!(0.5)));
        assert_eq!((&document["embedded"]["vectors"], &document["by_meaning"]), (&json!(8), &json!(2)));
        let before = report(&set, None, &loaded, &rounds[..1]);
        assert_eq!(before, document["without"]);
    }
}
