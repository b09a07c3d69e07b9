//! The command: all checks, one after the other, and what they found.

use mem_wire::doctor::{Check, Checkup, Outcome, VERSION};

use super::super::desk::Desk;
use super::super::print::{self, bold, yellow};
use super::{checks, model, round_trip};
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn run(desk: &Desk) -> Result<(), Failure> {
    let mut found = Checkup { version: VERSION, well: true, checks: Vec::new() };
    let mut failures = 0;
    let steps: [&dyn Fn() -> Check; 8] = [
        &|| checks::data_dir(desk),
        &|| checks::store(desk),
        &|| checks::index(desk),
        &|| checks::meaning(desk),
        &|| checks::hooks(desk),
        &|| checks::the_worker(desk),
        &round_trip::round_trip,
        &|| model::model(desk),
    ];
    for step in steps {
        let check = step();
        if check.outcome == Outcome::Failed {
            failures += 1;
        }
        if !desk.json {
            print::text(&line(&check))?;
        }
        found.checks.push(check);
    }
    found.well = failures == 0;
    if desk.json {
        print::json(&found)?;
    }
    if found.well {
        return Ok(());
    }
    Err(Failure::environment(format!("{failures} of {} checks failed", found.checks.len())))
}

/// A check as people read it.
fn line(check: &Check) -> String {
    let word = match check.outcome {
        Outcome::Ok => bold("ok     "),
        Outcome::Skipped => "skipped".to_owned(),
        Outcome::Failed => yellow("failed "),
    };
    let mut line = format!("{word}  {:<14}  {}.", check.name, check.found);
    if let Some(remedy) = &check.remedy {
        line.push_str(&format!("\n{:27}{remedy}.", ""));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::super::checks::{failed, ok, skipped};
    use super::*;

    #[test]
    fn every_outcome_has_its_line() {
        let lines: Vec<String> = [
            ok("store", "sound"),
            skipped("model", "none is chosen"),
            failed("worker", "it does not answer", "Run `claude-mem worker restart`"),
        ]
        .iter()
        .map(line)
        .collect();
        let plain = ["\x1b[1m", "\x1b[33m", "\x1b[0m"]
            .iter()
            .fold(lines.join("\n"), |text, code| text.replace(code, ""));
        insta::assert_snapshot!(plain, @"
        ok       store           sound.
        skipped  model           none is chosen.
        failed   worker          it does not answer.
                                   Run `claude-mem worker restart`.
        ");
    }
}
