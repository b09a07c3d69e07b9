//! The project's own tools: `cargo xtask <verb>`.
//!
//! Owns what a person or the runner does with the project as a whole: hold the house rules, install what the
//! tests need and run them, do all that continuous integration does, measure. Must not hold product code, and
//! nothing shipped depends on it. Each verb is one file; this one only picks.
#![expect(clippy::print_stdout, reason = "these tools talk to the person who calls them")]
#![expect(clippy::print_stderr, reason = "these tools talk to the person who calls them")]

mod bench;
mod ci;
mod house;
mod test;
mod tidy;
mod tools;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <verb>

  tidy                    hold the house rules: layers, sizes, heads, names
  test [--only FILTER]    install what the tests need into target/tools, then run all of them
  ci                      what the runner runs: format, clippy, docs, tidy, test
  bench hook|drain|brief  measure, print a table, write target/bench/NAME.json
  bench recall --set DIR  how well queries with known answers are answered: [--model] and more, see it with no argument
  bench search            how long a search takes in a large store: --passages 10k|100k|1m|all [--model]
  bench embed             how long the embedding model takes, and how much memory";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["tidy"] => tidy::run(&house::root()),
        ["test"] => test::run(None),
        ["test", "--only", filter] => test::run(Some(filter)),
        ["ci"] => ci::run(),
        ["bench", name, rest @ ..] => bench::run(name, rest),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}
