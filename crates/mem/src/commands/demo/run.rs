//! Plays the recording: progress, what was kept, what was made of it, what the next session is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mem_core::observation::ObservationRecord;
use mem_daemon::answer::{self, Fresh};
use mem_daemon::{inbox, presence, settings};
use mem_store::StoreError;
use serde_json::Value;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::super::call;
use super::super::print::{self, bold, by_name, count, faint};
use super::recording;
use super::stage::Stage;
use crate::failure::Failure;

/// How long the daemon gets to take everything in.
const TAKE_IN: Duration = Duration::from_secs(10);
/// How long a reader may take.
const READ: Duration = Duration::from_secs(5);
/// How often the inbox is looked at.
const GLANCE: Duration = Duration::from_millis(10);
/// Observations shown.
const SHOWN: usize = 20;

/// Runs the command.
pub(crate) fn run() -> Result<(), Failure> {
    let stopped = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // from here on a signal ends the demo at the next step, so that the stage is cleared
        signal_hook::flag::register(signal, Arc::clone(&stopped))?;
    }
    let stage = Stage::new("demo")?;
    let outcome = play(&stage, &stopped);
    drop(stage);
    outcome
}

fn play(stage: &Stage, stopped: &AtomicBool) -> Result<(), Failure> {
    let went_on = || {
        if stopped.load(Ordering::Relaxed) {
            return Err(Failure::user("the demo was stopped; nothing is left behind"));
        }
        Ok(())
    };
    print::text(&format!(
        "{}\n{}\n\n",
        bold("A recorded session of Claude Code, one hook call a line:"),
        faint(&format!("(in {}, which goes when we are done)", stage.root().display()))
    ))?;
    let steps = recording::steps(&stage.project());
    let began = Instant::now();
    for step in &steps {
        went_on()?;
        let _silent = stage.hook(&step.input)?;
        print::text(&format!("  {}", step.told))?;
    }
    let took = began.elapsed();
    take_in(stage, &went_on)?;

    let fresh = open(stage)?;
    print::text(&kept(&fresh, steps.len(), took)?)?;
    let observations = observations(stage, &fresh)?;
    drop(fresh); // the next session's hook wants the inbox
    print::text(&format!("\n{}\n\n", bold("What was made of it, with no model and no network:")))?;
    for record in observations {
        print::text(&made(&record))?;
    }
    went_on()?;
    print::text(&format!(
        "\n{}\n\n",
        bold("What the next session in that directory is told when it starts:")
    ))?;
    print::text(&brief(stage)?)?;
    print::text(&format!(
        "\n{}\n\n  {} install claude-code\n\n{}",
        bold("To have that for your own work:"),
        call::own_words(),
        "It shows what it will write, and asks. `claude-mem uninstall` takes everything back."
    ))
}

/// Waits until the daemon, which the first hook started, has taken everything in.
fn take_in(stage: &Stage, went_on: &dyn Fn() -> Result<(), Failure>) -> Result<(), Failure> {
    let deadline = Instant::now() + TAKE_IN;
    let home = stage.home();
    let mut lives = false;
    while Instant::now() < deadline {
        went_on()?;
        lives = lives || presence::lives_by(&home, Instant::now()).is_some();
        if lives && inbox::is_empty(&home) {
            return Ok(());
        }
        std::thread::park_timeout(GLANCE);
    }
    print::note("The worker is slow today; this process reads the events itself.");
    Ok(())
}

fn open(stage: &Stage) -> Result<Fresh, Failure> {
    let asker = stage.asker();
    let layers = settings::load(&asker.home, &mut |_| None);
    Ok(answer::catch_up(&asker, &layers, Instant::now() + READ)?)
}

fn kept(fresh: &Fresh, steps: usize, took: Duration) -> Result<String, Failure> {
    use mem_daemon::inbox::drain::{FILTERED, REDACTED, STORED};
    let tallies = fresh.store.tallies()?;
    let under = |prefix: &str| -> Vec<(String, u64)> {
        tallies.iter().filter_map(|(name, n)| Some((name.strip_prefix(prefix)?.to_owned(), *n))).collect()
    };
    let words = |counts: &[(String, u64)]| by_name(counts.iter().map(|(name, n)| (name, n)));
    let (filtered, redacted) = (under(FILTERED), under(REDACTED));
    let mut line = format!(
        "\n{}: {} stored",
        bold(&format!("{} in", count(steps as u64, "event", "events"))),
        tallies.get(STORED).copied().unwrap_or_default()
    );
    if !filtered.is_empty() {
        line.push_str(&format!(", filtered: {}", words(&filtered)));
    }
    if !redacted.is_empty() {
        line.push_str(&format!("; secrets taken out before anything was stored: {}", words(&redacted)));
    }
    line.push_str(&format!(". {:.1} ms a hook.", took.as_secs_f64() * 1000.0 / steps.max(1) as f64));
    Ok(line)
}

fn observations(stage: &Stage, fresh: &Fresh) -> Result<Vec<ObservationRecord>, StoreError> {
    let facts = mem_daemon::place::facts(&stage.project(), None);
    let Some(project) = fresh.store.project_by_keys(&facts)? else { return Ok(Vec::new()) };
    let mut found = fresh.store.observations(project, SHOWN)?;
    found.reverse();
    Ok(found)
}

fn made(record: &ObservationRecord) -> String {
    let said = &record.observation;
    let mut text = format!("  {} {}  {}", record.id, said.kind, bold(&print::tame(&said.title)));
    for fact in &said.facts {
        text.push_str(&format!("\n       - {}", print::tame(&mem_core::text::one_line(fact, 96))));
    }
    text
}

/// What the hook says at the start of the next session; rendered here where a slow machine makes it stay silent.
fn brief(stage: &Stage) -> Result<String, Failure> {
    let said = stage.hook(&recording::next_session(&stage.project()))?;
    let said: Value = serde_json::from_str(&said).unwrap_or_default();
    let text = said.pointer("/hookSpecificOutput/additionalContext").and_then(Value::as_str);
    let text = match text {
        Some(text) => text.to_owned(),
        None => answer::brief(&stage.asker(), &mut |_| None, None, Instant::now() + READ),
    };
    Ok(text.lines().map(|line| format!("  | {line}").trim_end().to_owned()).collect::<Vec<_>>().join("\n"))
}
