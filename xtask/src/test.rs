//! `cargo xtask test`: everything a fresh machine needs to run every test, in one command.
//!
//! A missing part is a failure and never a skip: a test that did not run says nothing.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::house::{Outcome, cargo, must, show};

/// Installs the tools, builds the workspace, runs its tests and sums them up.
///
/// # Errors
/// What is missing, what did not build, or how many tests failed.
pub(crate) fn run(filter: Option<&str>) -> Outcome {
    crate::tools::install()?;
    must(&mut cargo(&["build", "--workspace", "--all-targets"]))?;
    let mut args = vec!["test", "--workspace", "--no-fail-fast"];
    args.extend(filter);
    let mut command = cargo(&args);
    let shown = show(&command);
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|why| format!("{shown}: {why}"))?;
    let mut sum = Sum::default();
    let stdout = child.stdout.take().expect("its output was asked for");
    for line in BufReader::new(stdout).lines() {
        let line = line.map_err(|why| format!("{shown} cannot be read: {why}"))?;
        println!("{line}");
        sum.add(&line);
    }
    let status = child.wait().map_err(|why| format!("{shown}: {why}"))?;
    println!("{} passed, {} failed", sum.passed, sum.failed);
    if !status.success() {
        Err(format!("{shown} ended with {status}"))
    } else if sum.passed == 0 {
        Err(format!("{shown} ran no test: is the filter right?"))
    } else {
        Ok(())
    }
}

/// How many tests ended how, over all test binaries.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    passed: u64,
    failed: u64,
}

impl Sum {
    /// Adds a line such as `test result: ok. 12 passed; 0 failed; 0 ignored; …`.
    fn add(&mut self, line: &str) {
        let Some(counts) = line.strip_prefix("test result: ") else { return };
        let words: Vec<&str> = counts.split_whitespace().collect();
        for pair in words.windows(2) {
            let count = pair[0].parse::<u64>().unwrap_or(0);
            match pair[1].trim_end_matches(';') {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_summed() {
        let mut sum = Sum::default();
        sum.add(
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        );
        sum.add("test a::b ... ok");
        sum.add("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        assert_eq!(sum, Sum { passed: 15, failed: 2 });
    }
}
