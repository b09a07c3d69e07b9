//! The same kinds of queries once more where an embedding model is installed and every passage has its vector.
//!
//! The model, the embedding of each question and the scan over all vectors are the program's own; the vectors are made up
//! (see `vectors`). What the daemon embeds meanwhile would be measured along, so that it has nothing to embed is checked
//! before and after.

use std::fmt::Write as _;
use std::time::Duration;

use mem_core::layout;
use mem_store::Store;
use serde_json::{Value, json};

use super::measured;
use super::queries::Kind;
use super::vectors::{self, Made};
use crate::bench::measure::{Row, ms};
use crate::bench::model;
use crate::bench::subject::{Subject, vm_mb, wait};

/// Rounds of a process that is started for each query, which reads all vectors each time: of a million that takes seconds.
const SPAWNED: usize = 12;
const SPAWNED_OF_MANY: usize = 4;
const MANY: u64 = 500_000;
/// Longest that the daemon may take to read the model and all vectors for the first time.
const FIRST: Duration = Duration::from_secs(60);
/// The daemon lets go of the model a minute after the last question.
const QUIET: Duration = Duration::from_secs(65);
/// What it gives back then at the least, in megabytes: most of the model.
const GIVEN_BACK: f64 = 12.0;

/// What was measured.
pub(super) struct Hybrid {
    /// Each kind of query, in a process that stays and a daemon that answers it.
    pub(super) warm: Vec<Row>,
    /// The same, spawn to exit without a daemon.
    pub(super) spawned: Vec<Row>,
    /// Kinds of which meaning is no leg: they are meant to the letter.
    by_letter: Vec<String>,
    made: Made,
    /// The daemon after the last question, and once it has let go of the model.
    busy: Memory,
    pub(super) idle: Memory,
}

/// What a process takes, in megabytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    /// All of it.
    pub(super) resident: f64,
    /// Of it, what is no file.
    anonymous: f64,
}

/// Measures it, beginning and ending without a daemon.
///
/// # Errors
/// A query failed, was answered by somebody else or without the model, or something was embedded meanwhile.
pub(super) fn measure(subject: &mut Subject, kinds: Vec<Kind>) -> Result<Hybrid, String> {
    model::lay(subject)?;
    let made = vectors::put(subject)?;
    eprintln!("{} vectors made up in {:.0} s", made.vectors, made.took.as_secs_f64());
    let pid = subject.start_daemon()?;
    let embedded = model::embedded(subject)?;
    let (hybrid, by_letter) = divided(subject, kinds)?;
    let warm = measured::warm(subject, &hybrid)?.rows;
    let busy = Memory::of(pid)?;
    eprintln!("asked with the model; in a minute the daemon lets go of it");
    let _nothing_to_wait_for = wait(QUIET, || false);
    let idle = Memory::of(pid)?;
    if busy.anonymous - idle.anonymous < GIVEN_BACK {
        return Err(format!("the daemon did not let go of the model: {busy:?}, then {idle:?}"));
    }
    subject.stop_daemon()?;
    subject.no_daemon()?;
    // this warms up, too
    for kind in &hybrid {
        if !is_hybrid(subject, kind, "process")? {
            return Err(format!("{} is answered without meaning where there is no daemon", kind.name));
        }
    }
    let rounds = if made.vectors < MANY { SPAWNED } else { SPAWNED_OF_MANY };
    let spawned = measured::spawned(subject, &hybrid, (0, rounds))?;
    let store = Store::open_read(&subject.data().join(layout::STORE)).map_err(|why| why.to_string())?;
    let (after, _) = model::kept(&store).map_err(|why| why.to_string())?;
    if [embedded.vectors, after] != [made.vectors; 2] {
        return Err(format!("of {} vectors there are {} and {after}", made.vectors, embedded.vectors));
    }
    Ok(Hybrid { warm, spawned, by_letter, made, busy, idle })
}

/// Kinds of which meaning is a leg, and the names of the others.
fn divided(subject: &Subject, kinds: Vec<Kind>) -> Result<(Vec<Kind>, Vec<String>), String> {
    let first = kinds.first().ok_or("nothing is asked")?;
    // the first question reads the model and all vectors, and whoever asks waits less long than that may take
    let mut last = Ok(false);
    let answers = wait(FIRST, || {
        last = is_hybrid(subject, first, "worker");
        matches!(last, Ok(true))
    });
    if !answers {
        return Err(format!("the daemon does not answer by meaning: {last:?}"));
    }
    let (mut hybrid, mut by_letter) = (Vec::new(), Vec::new());
    for kind in kinds {
        if is_hybrid(subject, &kind, "worker")? {
            hybrid.push(kind);
        } else {
            by_letter.push(kind.name);
        }
    }
    if hybrid.len() < 2 * by_letter.len() {
        return Err(format!("most queries are answered without meaning: {by_letter:?}"));
    }
    Ok((hybrid, by_letter))
}

/// Whether meaning is a leg of this kind.
///
/// # Errors
/// Another one answered than is meant.
fn is_hybrid(subject: &Subject, kind: &Kind, by: &str) -> Result<bool, String> {
    let options = kind.condition.options();
    let mut args = vec!["search", "--json", "--explain"];
    args.extend(options.iter().map(String::as_str));
    args.extend(["--", &kind.texts[0]]);
    let found = subject.document(&args)?;
    if found["answered_by"] != by {
        return Err(format!("{} is answered by {}, not the {by}", kind.name, found["answered_by"]));
    }
    Ok(model::is_leg(&found))
}

impl Memory {
    fn of(pid: u32) -> Result<Self, String> {
        Ok(Self { resident: vm_mb(pid, "VmRSS")?, anonymous: vm_mb(pid, "RssAnon")? })
    }

    fn json(self) -> Value {
        json!({ "resident_mb": self.resident, "anonymous_mb": self.anonymous })
    }
}

impl Hybrid {
    /// As it is written to files.
    pub(super) fn json(&self) -> Value {
        let rows = |rows: &[Row]| rows.iter().map(Row::json).collect::<Vec<_>>();
        json!({
            "vectors": self.made.vectors,
            "vectors_are": "made up",
            "vector_bytes": self.made.bytes,
            "put_s": self.made.took.as_secs_f64(),
            "warm": rows(&self.warm),
            "without_daemon": rows(&self.spawned),
            "by_letter": self.by_letter,
            "daemon": self.busy.json(),
            "daemon_idle": self.idle.json(),
        })
    }

    /// For people, beside what the same kinds take by words alone.
    pub(super) fn text(&self, warm: &[Row], spawned: &[Row]) -> String {
        let title = "words alone | with meaning";
        let width = self.warm.iter().map(|row| row.name.chars().count()).fold(title.len(), usize::max);
        let mut text = format!(
            "{} made-up vectors ({:.0} MB, put in {:.0} s); the model, the questions' embedding and the scan are real\n\
             {title:<width$}  {:^31}  {:^31}\n{:<width$}",
            self.made.vectors,
            self.made.bytes as f64 / 1e6,
            self.made.took.as_secs_f64(),
            "a process that stays, a daemon",
            "without a daemon, spawn to exit",
            "",
        );
        for _each in 0..2 {
            let _infallible = write!(text, "  {:>15}|{:>15}", "p50     p95 ms", "p50     p95 ms");
        }
        text.push('\n');
        for (hybrid, alone) in self.warm.iter().zip(&self.spawned) {
            let _infallible = write!(text, "{:<width$}", hybrid.name);
            for (with, of) in [(hybrid, warm), (alone, spawned)] {
                let without = of.iter().find(|row| row.name == with.name);
                let _infallible = write!(text, "  {}|{}", cell(without), cell(Some(with)));
            }
            text.push('\n');
        }
        let _infallible = write!(
            text,
            "without meaning, since meant to the letter: {}\n\
             the daemon after all of them {:.1} MB ({:.1} of it no file), once it has let go of the model {:.1} MB ({:.1})\n",
            self.by_letter.join(", "),
            self.busy.resident,
            self.busy.anonymous,
            self.idle.resident,
            self.idle.anonymous,
        );
        text
    }
}

fn cell(row: Option<&Row>) -> String {
    row.map_or_else(|| format!("{:>15}", "-"), |row| format!("{:>7.2} {:>7.2}", ms(row.p50), ms(row.p95)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, ms: u64) -> Row {
        let at = Duration::from_millis(ms);
        Row { name: name.to_owned(), p50: at, p95: 2 * at, p99: 3 * at, ratio: 1.0, limit: None }
    }

    #[test]
    fn a_kind_has_what_words_take_and_what_meaning_takes_in_one_line() {
        let idle = Memory { resident: 30.0, anonymous: 20.0 };
        let hybrid = Hybrid {
            warm: vec![row("ten words", 7), row("new", 8)],
            spawned: vec![row("ten words", 90), row("new", 91)],
            by_letter: vec!["a prefix".to_owned()],
            made: Made { vectors: 5, bytes: 6, took: Duration::from_secs(1) },
            busy: Memory { resident: 60.0, anonymous: 50.0 },
            idle,
        };
        // a kind that meaning has no part in comes first, so that places alone would pair the wrong ones
        let text = hybrid
            .text(&[row("a prefix", 1), row("ten words", 3)], &[row("a prefix", 2), row("ten words", 9)]);
        let line = |begin: &str| {
            let line = text.lines().find(|line| line.starts_with(begin)).unwrap();
            line[begin.len()..].split([' ', '|']).filter(|cell| !cell.is_empty()).collect::<Vec<_>>()
        };
        let expected = ["3.00", "6.00", "7.00", "14.00", "9.00", "18.00", "90.00", "180.00"];
        assert_eq!(line("ten words "), expected, "{text}");
        assert_eq!(line("new "), ["-", "8.00", "16.00", "-", "91.00", "182.00"], "{text}");
    }
}
