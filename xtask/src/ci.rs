//! `cargo xtask ci`: what the runner runs, in the order in which mistakes are cheapest to find.

use std::time::Instant;

use crate::house::{self, Outcome, cargo, must};

/// One thing that must end well.
type Step = fn() -> Outcome;

/// Runs every step, stops at the first that fails, and prints how long each took.
///
/// # Errors
/// The step that failed.
pub(crate) fn run() -> Outcome {
    let steps: [(&str, Step); 5] = [
        ("format", || must(&mut cargo(&["fmt", "--all", "--check"]))),
        ("tidy", || crate::tidy::run(&house::root())),
        ("clippy", || {
            must(&mut cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]))
        }),
        ("docs", || {
            let mut command =
                cargo(&["doc", "--quiet", "--workspace", "--no-deps", "--document-private-items"]);
            must(command.env("RUSTDOCFLAGS", "-D warnings"))
        }),
        ("test", || crate::test::run(None)),
    ];
    let mut times = Vec::new();
    for (name, step) in steps {
        println!("── {name}");
        let start = Instant::now();
        step().map_err(|why| format!("{name}: {why}"))?;
        times.push((name, start.elapsed()));
    }
    println!("── all steps passed");
    for (name, took) in times {
        println!("{name:>8} {:7.1} s", took.as_secs_f64());
    }
    Ok(())
}
