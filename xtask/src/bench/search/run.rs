//! The bench from its arguments to its exit.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::fill::{self, Indexed};
use super::hybrid::{self, Hybrid};
use super::measured::Stayed;
use super::text::Writer;
use super::{adding, measured, queries};
use crate::bench::measure::{Row, ms, percentile, table};
use crate::bench::reference;
use crate::bench::subject::{self, Subject};
use crate::house::Outcome;

const USAGE: &str = "usage: cargo xtask bench search [--passages 10k|100k|1m|all] [--model] [--json]

  --passages N  how many passages the store holds; 100k unless told
  --model       ask once more with the embedding model that the tests use, and vectors that are made up
  --json        print one JSON object instead of tables";

/// A size by its name.
type Named = (&'static str, usize);
/// The sizes there are.
const SIZES: [Named; 3] = [("10k", 10_000), ("100k", 100_000), ("1m", 1_000_000)];
/// Times slower without a daemon than with a process that stays, at the most.
const WITHOUT: f64 = 3.0;
/// Longest that adding one may take, in milliseconds.
const ADDING_MS: f64 = 5.0;
/// What the daemon may take with 10,000 vectors once it has let go of the model, in megabytes.
const IDLE_MB: f64 = 40.0;
/// What is over its aim by this much is no matter of the machine. Memory never is.
const STOP: f64 = 2.0;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wanted {
    sizes: Vec<Named>,
    model: bool,
    json: bool,
}

/// Something measured against what is aimed at.
struct Aim {
    of: String,
    most: f64,
    is: f64,
    /// `ms` or `MB`.
    unit: &'static str,
}

/// Measures it.
///
/// # Errors
/// What kept it from measuring, or what takes more than twice as long or more memory than aimed at.
pub(crate) fn run(args: &[&str]) -> Outcome {
    let Wanted { sizes, model, json } = wanted(args)?;
    let mut documents = Vec::new();
    let mut over = Vec::new();
    for (name, passages) in sizes {
        let run = measure(name, passages, model)?;
        if !json {
            println!("{}", run.text);
        }
        documents.push(run.document);
        over.extend(run.aims.iter().filter_map(|aim| Some(format!("{name}: {}", aim.missed()?))));
    }
    let report = json!({ "bench": "search", "runs": documents });
    subject::write(&reference::folder()?.join("search.json"), format!("{report:#}\n").as_bytes())?;
    if json {
        println!("{report:#}");
    }
    if over.is_empty() { Ok(()) } else { Err(over.join("; ")) }
}

fn wanted(args: &[&str]) -> Result<Wanted, String> {
    let mut wanted = Wanted { sizes: vec![SIZES[1]], model: false, json: false };
    let mut rest = args;
    while let [name, after @ ..] = rest {
        rest = after;
        match (*name, after) {
            ("--json", _) => wanted.json = true,
            ("--model", _) => wanted.model = true,
            ("--passages", ["all", after @ ..]) => (wanted.sizes, rest) = (SIZES.to_vec(), after),
            ("--passages", [size, after @ ..]) => {
                let known = SIZES.iter().find(|(name, _)| name == size);
                (wanted.sizes, rest) = (vec![*known.ok_or(USAGE)?], after);
            }
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(wanted)
}

/// What was measured at one size.
struct Run {
    text: String,
    document: Value,
    aims: Vec<Aim>,
}

fn measure(name: &str, passages: usize, model: bool) -> Result<Run, String> {
    let mut subject = Subject::new(&format!("search-{name}"))?;
    subject.no_daemon()?;
    let writer = Writer::of(3);
    let start = Instant::now();
    let samples = fill::fill(&subject, &writer, passages)?;
    let filled = start.elapsed();
    eprintln!("{name}: filled in {:.0} s", filled.as_secs_f64());
    let indexed = fill::index(&mut subject)?;
    eprintln!("{name}: {} passages indexed in {:.0} s", indexed.passages, indexed.took.as_secs_f64());
    let kinds = queries::kinds(&writer, &samples);
    let [begun, cold] = measured::cold(&mut subject, &kinds[2])?;
    let stayed = measured::warm(&subject, &kinds)?;
    eprintln!("{name}: asked a process that stays");
    let until_found = adding::until_found(&subject)?;
    subject.stop_daemon()?;
    subject.no_daemon()?;
    let alone = measured::warm(&subject, &kinds)?;
    let spawned = measured::spawned(&subject, &kinds, measured::SPAWNED)?;
    eprintln!("{name}: asked without a daemon");
    let added = adding::work(&subject, &writer)?;

    let hybrid = if model { Some(hybrid::measure(&mut subject, kinds)?) } else { None };

    let mut aims = aims(passages, &stayed.rows, &spawned, &added);
    aims.extend(hybrid.iter().flat_map(|hybrid| aims_of_hybrid(passages, hybrid)));
    let size = size(&indexed);
    let times = [
        ("start to greeting of a process that stays", &begun),
        ("its first query, of a new daemon", &cold),
        ("adding one observation", &added),
        ("from a frame until it is found", &until_found),
    ];
    let mut text = text(name, &indexed, &size, [&stayed, &alone], &spawned, &times);
    if let Some(hybrid) = &hybrid {
        text.push_str(&format!("\n{}", hybrid.text(&stayed.rows, &spawned)));
    }
    text.push_str(&verdicts(&aims));
    let rows = |rows: &[Row]| rows.iter().map(Row::json).collect::<Vec<_>>();
    let document = json!({
        "size": name,
        "passages": indexed.passages,
        "fill_s": filled.as_secs_f64(),
        "index": {
            "took_s": indexed.took.as_secs_f64(),
            "passages_per_s": indexed.passages as f64 / indexed.took.as_secs_f64(),
            "bytes": size.index,
            "store_bytes": indexed.store_bytes,
            "daemon_peak_mb": indexed.peak_mb,
        },
        "process_mb": stayed.resident_mb,
        "daemon_mb": stayed.daemon_mb,
        "process_without_daemon_mb": alone.resident_mb,
        "session_tokens": stayed.tokens,
        "warm": rows(&stayed.rows),
        "warm_without_daemon": rows(&alone.rows),
        "without_daemon": rows(&spawned),
        "start": summary(&begun),
        "first_query_after_start": summary(&cold),
        "adding_one": summary(&added),
        "frame_until_found": summary(&until_found),
        "hybrid": hybrid.as_ref().map(Hybrid::json),
        "aims": aims.iter().map(Aim::json).collect::<Vec<_>>(),
    });
    Ok(Run { text, document, aims })
}

fn summary(sorted: &[Duration]) -> Value {
    let at = |percent| ms(percentile(sorted, percent));
    json!({ "p50_ms": at(50), "p95_ms": at(95), "p99_ms": at(99) })
}

/// The slowest kind of query counts.
fn aims(passages: usize, warm: &[Row], spawned: &[Row], added: &[Duration]) -> Vec<Aim> {
    let aim = if passages > 100_000 { 50.0 } else { 10.0 };
    let adding =
        Aim { of: "adding one (p95)".to_owned(), most: ADDING_MS, is: ms(percentile(added, 95)), unit: "ms" };
    let searching = [slowest("warm", warm, aim), slowest("without a daemon", spawned, WITHOUT * aim)];
    searching.into_iter().flatten().chain([adding]).collect()
}

/// Those where a model is installed.
fn aims_of_hybrid(passages: usize, hybrid: &Hybrid) -> Vec<Aim> {
    let most = if passages > 100_000 { 60.0 } else { 10.0 };
    let mut aims: Vec<Aim> = slowest("warm, with meaning", &hybrid.warm, most).into_iter().collect();
    if passages <= 10_000 {
        let of = "the idle daemon with vectors".to_owned();
        aims.push(Aim { of, most: IDLE_MB, is: hybrid.idle.resident, unit: "MB" });
    }
    aims
}

fn slowest(of: &str, rows: &[Row], most: f64) -> Option<Aim> {
    let row = rows.iter().max_by_key(|row| row.p95)?;
    Some(Aim { of: format!("{of}: {} (p95)", row.name), most, is: ms(row.p95), unit: "ms" })
}

impl Aim {
    /// What is said where it was missed whatever the machine.
    fn missed(&self) -> Option<String> {
        let Self { of, most, is, unit } = self;
        let stop = if *unit == "MB" { *most } else { STOP * most };
        (*is > stop).then(|| format!("{of} takes {is:.1} {unit}, more than {stop} (aim {most})"))
    }

    fn json(&self) -> Value {
        let unit = self.unit.to_lowercase();
        let (aim, is) = (format!("aim_{unit}"), format!("is_{unit}"));
        json!({ "of": self.of, aim: self.most, is: self.is })
    }
}

/// Bytes.
struct Size {
    index: u64,
    store: u64,
}

fn size(indexed: &Indexed) -> Size {
    let of_index = |name: &str| name.starts_with("passage") || name.starts_with("index_");
    let index = indexed.tables.iter().filter(|(name, _)| of_index(name)).map(|(_, bytes)| bytes).sum();
    Size { index, store: indexed.store_bytes }
}

fn text(
    name: &str,
    indexed: &Indexed,
    size: &Size,
    [stayed, alone]: [&Stayed; 2],
    spawned: &[Row],
    times: &[(&str, &Vec<Duration>)],
) -> String {
    let mb = |bytes: u64| bytes as f64 / 1e6;
    let seconds = indexed.took.as_secs_f64();
    let mut text = format!(
        "{name}: {} passages indexed in {seconds:.0} s ({:.0} a second), daemon at most {:.0} MB\n\
         store {:.0} MB, of it index {:.0} MB\n\
         a process that stays takes {:.0} MB and the daemon that answers it {:.0} MB; without one it takes {:.0} MB\n\
         its instructions and loaded tools cost each session {} tokens (aim 500)\n\n{}\n{}\n{}\n",
        indexed.passages,
        indexed.passages as f64 / seconds,
        indexed.peak_mb,
        mb(size.store),
        mb(size.index),
        stayed.resident_mb,
        stayed.daemon_mb,
        alone.resident_mb,
        stayed.tokens,
        table("a process that stays, and a daemon", &stayed.rows),
        table("a process that stays, alone", &alone.rows),
        table("without a daemon, spawn to exit", spawned),
    );
    for (of, taken) in times {
        let at = |percent| ms(percentile(taken, percent));
        text.push_str(&format!(
            "{of:<42} p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms\n",
            at(50),
            at(95),
            at(99)
        ));
    }
    text
}

fn verdicts(aims: &[Aim]) -> String {
    let mut text = "\n".to_owned();
    for Aim { of, most, is, unit } in aims {
        let verdict = if is > most { "over" } else { "kept" };
        text.push_str(&format!("{verdict}  {of}: {is:.1} {unit}, aim {most:.0} {unit}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_from_the_arguments() {
        let plain = Wanted { sizes: vec![SIZES[1]], model: false, json: false };
        assert_eq!(wanted(&[]).unwrap(), plain);
        let sizes = vec![SIZES[2]];
        let found = wanted(&["--json", "--passages", "1m"]).unwrap();
        assert_eq!(found, Wanted { sizes, json: true, ..plain.clone() });
        assert_eq!(wanted(&["--passages", "all"]).unwrap().sizes.len(), 3);
        assert_eq!(wanted(&["--model"]).unwrap(), Wanted { model: true, ..plain });
        assert!(wanted(&["--model", "other"]).is_err());
        assert!(wanted(&["--passages", "many"]).is_err());
        assert!(wanted(&["--passages"]).is_err());
    }

    #[test]
    fn a_busy_machine_excuses_time_and_no_memory() {
        let aim = |unit, is| Aim { of: "it".to_owned(), most: 40.0, is, unit };
        assert_eq!(aim("ms", 79.0).missed(), None);
        assert!(aim("ms", 81.0).missed().is_some());
        assert_eq!(aim("MB", 40.0).missed(), None);
        assert_eq!(aim("MB", 41.0).missed().as_deref(), Some("it takes 41.0 MB, more than 40 (aim 40)"));
    }
}
