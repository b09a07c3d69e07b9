//! Measures several candidates against each other: interleaved, warmed up, in percentiles and ratios.
//!
//! Interleaving (every candidate once per round) spreads whatever the machine does meanwhile over all of them,
//! so their ratios hold although their seconds may not.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::reference;

/// One thing to measure.
pub(crate) struct Candidate<'a> {
    /// What the table calls it.
    pub(crate) name: String,
    /// Does it once and says how long it took.
    pub(crate) once: Once<'a>,
    /// Most it may be: times the reference (the first candidate), at the median.
    pub(crate) limit: Option<f64>,
}

/// Does something once and says how long it took.
pub(crate) type Once<'a> = Box<dyn FnMut() -> Result<Duration, String> + 'a>;

/// What was measured of one candidate.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// What the table calls it.
    pub(crate) name: String,
    /// Half of the runs were at most this long.
    pub(crate) p50: Duration,
    /// 95 of 100.
    pub(crate) p95: Duration,
    /// 99 of 100.
    pub(crate) p99: Duration,
    /// Its median over the median of the first candidate.
    pub(crate) ratio: f64,
    /// Largest ratio that keeps the promise.
    pub(crate) limit: Option<f64>,
}

/// Runs every candidate `rounds` times, turn by turn, after `warm_up` rounds that do not count.
///
/// The first candidate is the reference of the ratios.
///
/// # Errors
/// What a candidate said.
pub(crate) fn interleaved(
    mut candidates: Vec<Candidate<'_>>,
    warm_up: usize,
    rounds: usize,
) -> Result<Vec<Row>, String> {
    let mut taken: Vec<Vec<Duration>> = vec![Vec::with_capacity(rounds); candidates.len()];
    for round in 0..warm_up + rounds {
        for (candidate, taken) in candidates.iter_mut().zip(&mut taken) {
            let took = (candidate.once)().map_err(|why| format!("{}: {why}", candidate.name))?;
            if round >= warm_up {
                taken.push(took);
            }
        }
    }
    let mut rows: Vec<Row> = Vec::with_capacity(candidates.len());
    for (candidate, mut taken) in candidates.into_iter().zip(taken) {
        taken.sort_unstable();
        let p50 = percentile(&taken, 50);
        let reference = rows.first().map_or(p50, |first: &Row| first.p50);
        rows.push(Row {
            name: candidate.name,
            p50,
            p95: percentile(&taken, 95),
            p99: percentile(&taken, 99),
            ratio: p50.as_secs_f64() / reference.as_secs_f64().max(1e-9),
            limit: candidate.limit,
        });
    }
    Ok(rows)
}

/// Starts `command`, gives it `stdin`, waits for its end; from before the start to after the end.
///
/// # Errors
/// It did not start, or did not end well.
pub(crate) fn spawn_to_exit(command: &mut Command, stdin: &[u8]) -> Result<Duration, String> {
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn().map_err(|why| why.to_string())?;
    let mut pipe = child.stdin.take().expect("its input was asked for");
    let written = pipe.write_all(stdin); // a program may leave without reading: its exit code tells
    drop(pipe);
    let status = child.wait().map_err(|why| why.to_string())?;
    let took = start.elapsed();
    match (status.success(), written) {
        (true, _) => Ok(took),
        (false, Ok(())) => Err(format!("ended with {status}")),
        (false, Err(why)) => Err(format!("ended with {status}, its input broke: {why}")),
    }
}

/// The value that `percent` of the sorted durations do not exceed (nearest rank).
pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

/// The rows as a table for people.
pub(crate) fn table(title: &str, rows: &[Row]) -> String {
    let width =
        rows.iter().map(|row| row.name.chars().count()).chain([title.chars().count()]).max().unwrap_or(0);
    let mut text = String::new();
    let _infallible = writeln!(
        text,
        "{title:<width$}  {:>9}  {:>9}  {:>9}  {:>6}  {:>6}",
        "p50 ms", "p95 ms", "p99 ms", "ratio", "limit"
    );
    for row in rows {
        let limit = row.limit.map_or_else(String::new, |limit| format!("{limit:.2}"));
        let verdict = if row.broken() { "  over" } else { "" };
        let _infallible = writeln!(
            text,
            "{:<width$}  {:>9.3}  {:>9.3}  {:>9.3}  {:>6.2}  {limit:>6}{verdict}",
            row.name,
            ms(row.p50),
            ms(row.p95),
            ms(row.p99),
            row.ratio
        );
    }
    text
}

/// Prints the table and writes the rows to `target/bench/NAME.json`.
///
/// # Errors
/// What could not be written, or which rows are over their limit.
pub(crate) fn report(name: &str, title: &str, rows: &[Row]) -> Result<(), String> {
    println!("{}", table(title, rows));
    let path = reference::folder()?.join(format!("{name}.json"));
    let text =
        json!({ "bench": name, "title": title, "rows": rows.iter().map(Row::json).collect::<Vec<_>>() });
    std::fs::write(&path, format!("{text:#}\n"))
        .map_err(|why| format!("{} cannot be written: {why}", path.display()))?;
    let over: Vec<&str> = rows.iter().filter(|row| row.broken()).map(|row| row.name.as_str()).collect();
    if over.is_empty() { Ok(()) } else { Err(format!("over the limit: {}", over.join(", "))) }
}

impl Row {
    fn broken(&self) -> bool {
        self.limit.is_some_and(|limit| self.ratio > limit)
    }

    /// The row as it is written to files.
    pub(crate) fn json(&self) -> Value {
        json!({
            "name": self.name,
            "p50_ms": ms(self.p50),
            "p95_ms": ms(self.p95),
            "p99_ms": ms(self.p99),
            "ratio": self.ratio,
            "limit": self.limit,
        })
    }
}

/// A duration in milliseconds.
pub(crate) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let sorted: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        let at = |percent| percentile(&sorted, percent).as_millis();
        assert_eq!((at(50), at(95), at(99), at(100)), (50, 95, 99, 100));
        assert_eq!(percentile(&sorted[..1], 99).as_millis(), 1);
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }

    #[test]
    fn ratios_are_to_the_first_candidate() {
        let fixed = |name: &str, ms: u64, limit| Candidate {
            name: name.to_owned(),
            once: Box::new(move || Ok(Duration::from_millis(ms))),
            limit,
        };
        let candidates =
            vec![fixed("cheapest", 2, None), fixed("ours", 3, Some(2.0)), fixed("slow", 5, Some(2.0))];
        let rows = interleaved(candidates, 1, 5).expect("fixed durations do not fail");
        let ratios: Vec<f64> = rows.iter().map(|row| row.ratio).collect();
        assert_eq!(format!("{ratios:?}"), "[1.0, 1.5, 2.5]");
        assert_eq!(rows.iter().map(Row::broken).collect::<Vec<_>>(), [false, false, true]);
        assert!(table("hook", &rows).lines().nth(3).is_some_and(|line| line.ends_with("over")));
    }
}
