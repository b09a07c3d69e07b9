//! What was measured, as one JSON object and as a table for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::ask::Answered;
use super::load::Loaded;
use super::metrics::{DEPTHS, Figures};
use super::set::{Query, Set};
use crate::bench::measure::{ms, percentile};

/// The tables of the index, with what waits for it.
const INDEX: [&str; 2] = ["passage", "index_"];

type Answers<'q> = [(&'q Query, Answered)];

/// All of it: the figures on top, the rest below them.
pub(super) fn report(set: &Set, split: Option<&str>, loaded: &Loaded, answers: &Answers<'_>) -> Value {
    let mut report = figures_document(&in_all(answers));
    let categories: Map<String, Value> = categories(answers)
        .into_iter()
        .map(|(name, figures)| (name.to_owned(), figures_document(&figures).into()))
        .collect();
    let taken = taken(answers);
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
            "store_bytes": loaded.store_bytes,
            "index_bytes": index_bytes(loaded),
            "tables": loaded.tables.iter().cloned().collect::<BTreeMap<String, u64>>(),
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
            "passages": loaded.passages,
            "events": loaded.events,
            "redacted": loaded.redacted,
        },
    });
    if let Value::Object(more) = more {
        report.extend(more);
    }
    Value::Object(report)
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

/// All of it for people.
pub(super) fn table(set: &Set, loaded: &Loaded, answers: &Answers<'_>) -> String {
    let mut rows = vec![("in all".to_owned(), in_all(answers))];
    rows.extend(categories(answers).into_iter().map(|(name, figures)| (format!("category {name}"), figures)));
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).max(set.name.len());
    let mut text = format!("{:<width$}  queries", set.name);
    for name in names() {
        let _infallible = write!(text, "  {name:>6}");
    }
    text.push_str("  final above stale\n");
    for (name, figures) in &rows {
        let _infallible = write!(text, "{name:<width$}  {:>7}", figures.queries);
        for value in values(figures) {
            let _infallible = write!(text, "  {value:>6.3}");
        }
        let won = figures.final_above_stale * figures.with_stale as f64;
        let of = figures.with_stale;
        let _infallible = if of == 0 { writeln!(text, "  -") } else { writeln!(text, "  {won:.0} of {of}") };
    }
    let taken = taken(answers);
    let at = |percent| ms(percentile(&taken, percent));
    let mb = |bytes: u64| bytes as f64 / 1e6;
    let _infallible = write!(
        text,
        "\nquery, spawn to exit   p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, longest {:.1} ms\n\
         taken in               {} frames drained in {:.1} s; distilled and indexed {:.1} s after the start\n\
         size                   {} passages; store {:.1} MB, of it index {:.1} MB",
        at(50),
        at(95),
        at(99),
        at(100),
        loaded.frames,
        loaded.drained.as_secs_f64(),
        loaded.ready.as_secs_f64(),
        loaded.passages,
        mb(loaded.store_bytes),
        mb(index_bytes(loaded)),
    );
    text
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
fn index_bytes(loaded: &Loaded) -> u64 {
    let of_index = |name: &str| INDEX.iter().any(|begin| name.starts_with(begin));
    loaded.tables.iter().filter(|(name, _)| of_index(name)).map(|(_, bytes)| bytes).sum()
}
