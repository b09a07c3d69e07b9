//! The bench from its arguments to its exit.

use std::path::{Path, PathBuf};

use super::ask::{self, Answered};
use super::load::{self, Loaded};
use super::report::{self, Round};
use super::set::{Query, Set};
use crate::bench::model::{self, Embedded};
use crate::bench::subject::Subject;
use crate::bench::{reference, subject};
use crate::house::Outcome;

const USAGE: &str = "usage: cargo xtask bench recall --set DIR [--model] [--json] [--split even|odd] [--misses FILE]

  --set DIR         a folder with sessions.jsonl and queries.jsonl
  --model           ask once more with the embedding model that the tests use, and put the figures side by side
  --json            print one JSON object instead of a table
  --split even|odd  only every second query, from the first or from the second on
  --misses FILE     write the queries that could be answered better, with the ranks of their gold sessions, as JSON
                    lines; with the model, where it is asked for";

/// What is wanted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    set: PathBuf,
    model: bool,
    json: bool,
    split: Option<Split>,
    misses: Option<PathBuf>,
}

/// A half of the queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Split {
    Even,
    Odd,
}

impl Split {
    fn name(self) -> &'static str {
        match self {
            Self::Even => "even",
            Self::Odd => "odd",
        }
    }
}

/// Measures it.
///
/// # Errors
/// What kept it from measuring.
pub(crate) fn run(args: &[&str]) -> Outcome {
    let wanted = wanted(args)?;
    let set = Set::read(&wanted.set)?;
    let mut subject = Subject::new("recall")?;
    let loaded = load::load(&mut subject, &set)?;
    let queries: Vec<&Query> = half(&set, wanted.split);
    let mut rounds = vec![round(&subject, &set, &loaded, &queries, None)?];
    if wanted.model {
        model::lay(&subject)?;
        let embedded = model::embedded(&subject)?;
        rounds.push(round(&subject, &set, &loaded, &queries, Some(embedded))?);
    }
    if let (Some(path), Some(last)) = (&wanted.misses, rounds.last()) {
        subject::write(path, report::misses(&last.answers).as_bytes())?;
    }
    let report = report::report(&set, wanted.split.map(Split::name), &loaded, &rounds);
    let file = reference::folder()?.join(format!("recall-{}.json", set.name));
    subject::write(&file, format!("{report:#}\n").as_bytes())?;
    if wanted.json {
        println!("{report:#}");
    } else {
        println!("{}", report::table(&set, &loaded, &rounds));
    }
    Ok(())
}

/// Asks all queries.
fn round<'q>(
    subject: &Subject,
    set: &Set,
    loaded: &Loaded,
    queries: &[&'q Query],
    embedded: Option<Embedded>,
) -> Result<Round<'q>, String> {
    let mut answers: Vec<(&Query, Answered)> = Vec::with_capacity(queries.len());
    for query in queries {
        answers.push((query, ask::ask(subject, set, loaded, query)?));
        if answers.len().is_multiple_of(100) {
            eprintln!("{} queries asked", answers.len());
        }
    }
    // figures of something else than what their column says would be worse than none
    let by_meaning = answers.iter().filter(|(_, answer)| answer.by_meaning).count();
    if (by_meaning > 0) != embedded.is_some() {
        return Err(format!("{by_meaning} of {} queries were answered by meaning", answers.len()));
    }
    Ok(Round { answers, sizes: load::sizes(subject)?, embedded })
}

fn half(set: &Set, split: Option<Split>) -> Vec<&Query> {
    let wanted = |at: usize| match split {
        None => true,
        Some(Split::Even) => at.is_multiple_of(2),
        Some(Split::Odd) => !at.is_multiple_of(2),
    };
    set.queries.iter().enumerate().filter(|(at, _)| wanted(*at)).map(|(_, query)| query).collect()
}

fn wanted(args: &[&str]) -> Result<Wanted, String> {
    let mut wanted = Wanted::default();
    let mut rest = args;
    while let [name, after @ ..] = rest {
        rest = after;
        let switch = match *name {
            "--json" => Some(&mut wanted.json),
            "--model" => Some(&mut wanted.model),
            _ => None,
        };
        if let Some(switch) = switch {
            *switch = true;
            continue;
        }
        let [value, after @ ..] = rest else { return Err(USAGE.to_owned()) };
        rest = after;
        match (*name, *value) {
            ("--set", folder) => wanted.set = Path::new(folder).to_path_buf(),
            ("--split", "even") => wanted.split = Some(Split::Even),
            ("--split", "odd") => wanted.split = Some(Split::Odd),
            ("--misses", file) => wanted.misses = Some(PathBuf::from(file)),
            _ => return Err(USAGE.to_owned()),
        }
    }
    if wanted.set.as_os_str().is_empty() { Err(USAGE.to_owned()) } else { Ok(wanted) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_in_any_order() {
        let found = wanted(&["--json", "--split", "odd", "--set", "sets/one"]).unwrap();
        let set = PathBuf::from("sets/one");
        let expected = Wanted { set: set.clone(), json: true, split: Some(Split::Odd), ..Wanted::default() };
        assert_eq!(found, expected);
        let found = wanted(&["--model", "--set", "sets/one"]).unwrap();
        assert_eq!(found, Wanted { set, model: true, ..Wanted::default() });
        for wrong in [
            &["--json"][..],
            &["--set"],
            &["--set", "x", "--split", "third"],
            &["--set", "x", "--fast"],
            &["--set", "x", "--model", "other"],
        ] {
            assert!(wanted(wrong).is_err(), "{wrong:?}");
        }
    }
}
