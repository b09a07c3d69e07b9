//! `bench embed`: what the embedding model takes, of the processor and of memory, and the scan over its vectors.
//!
//! The measuring is done by an example of the crate, optimised as what is shipped; this builds and calls it, and holds the
//! figures against what is promised. The reference of the ratios is the same pass in floats, in the same process.

use std::process::Command;

use serde_json::{Value, json};

use super::reference;
use super::subject::write;
use crate::house::{Outcome, cargo, must, root, show};

const USAGE: &str = "usage: cargo xtask bench embed [--json]";

/// Texts per CPU-second over those of the same pass in floats, with the best kernel, at the least.
const FASTER: f64 = 2.0;
/// Memory at the most while texts are embedded, in MB; and what may stay.
const PEAK_MB: f64 = 100.0;
const STAYS_MB: f64 = 12.0;
/// The nearest of 100,000 over one text of 12 tokens.
const SCAN: f64 = 3.0;

/// Measures it.
///
/// # Errors
/// What kept it from measuring, or which promise is broken.
pub(crate) fn run(args: &[&str]) -> Outcome {
    let json = match args {
        [] => false,
        ["--json"] => true,
        _ => return Err(USAGE.to_owned()),
    };
    crate::tools::model()?;
    must(&mut cargo(&["build", "--quiet", "--release", "--package", "mem-embed", "--example", "measure"]))?;
    let mut figures = Vec::new();
    for what in ["load", "speed", "memory", "scan"] {
        figures.extend(measured(what)?);
    }
    let report = json!({ "bench": "embed", "figures": figures });
    write(&reference::folder()?.join("embed.json"), format!("{report:#}\n").as_bytes())?;
    if json {
        println!("{report:#}");
    } else {
        print(&figures);
    }
    let broken = broken(&figures);
    if broken.is_empty() { Ok(()) } else { Err(broken.join("; ")) }
}

/// The lines of one part, each a JSON object.
fn measured(what: &str) -> Result<Vec<Value>, String> {
    let program = root().join("target").join(target()?).join("release/examples/measure");
    let mut command = Command::new(program);
    command.arg(mem_testkit::tools::model_folder()).arg(what);
    let output = command.output().map_err(|why| format!("{}: {why}", show(&command)))?;
    if !output.status.success() {
        return Err(format!("{}: {}", show(&command), String::from_utf8_lossy(&output.stderr)));
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().map(|line| serde_json::from_str(line).map_err(|why| format!("{line}: {why}"))).collect()
}

/// The machine that cargo builds for (see .cargo/config.toml).
fn target() -> Result<String, String> {
    let mut command = Command::new("rustc");
    command.args(["--print", "host-tuple"]);
    let output = command.output().map_err(|why| format!("{}: {why}", show(&command)))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn number(figure: &Value, name: &str) -> f64 {
    figure[name].as_f64().unwrap_or_default()
}

/// Those of a part, with what each is called.
fn of<'a>(figures: &'a [Value], part: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    figures.iter().filter_map(move |figure| Some((figure[part].as_str()?, figure)))
}

/// The texts per CPU-second of the float pass at this length.
fn floats(figures: &[Value], tokens: &Value) -> f64 {
    let mut found =
        of(figures, "speed").filter(|(name, figure)| *name == "f32" && figure["tokens"] == *tokens);
    found.next().map_or(f64::NAN, |(_, figure)| number(figure, "texts_per_cpu_second"))
}

fn print(figures: &[Value]) {
    for (name, figure) in of(figures, "load") {
        println!("load for {name}: {:.1} ms", number(figure, "p50_ms"));
    }
    println!("\n{:<16}{:>8}{:>10}{:>22}{:>8}", "embed", "tokens", "p50 ms", "texts per CPU-second", "ratio");
    for (name, figure) in of(figures, "speed") {
        let texts = number(figure, "texts_per_cpu_second");
        let ratio = texts / floats(figures, &figure["tokens"]);
        let tokens = &figure["tokens"];
        println!("{name:<16}{tokens:>8}{:>10.2}{texts:>22.1}{ratio:>8.2}", number(figure, "p50_ms"));
    }
    println!("\n{:<30}{:>8}{:>8}", "memory", "MB", "peak");
    for (name, figure) in of(figures, "memory") {
        println!("{name:<30}{:>8.1}{:>8.1}", number(figure, "rss_mb"), number(figure, "peak_mb"));
    }
    println!("\n{:<16}{:>10}{:>12}{:>10}", "scan", "vectors", "of", "p50 ms");
    for (name, figure) in of(figures, "scan") {
        let of = figure["of"].as_str().unwrap_or_default();
        println!("{name:<16}{:>10}{of:>12}{:>10.2}", figure["count"], number(figure, "p50_ms"));
    }
}

/// The promises that do not hold. The first kernel of each list is the best that the machine has.
fn broken(figures: &[Value]) -> Vec<String> {
    let mut broken = Vec::new();
    let best: Vec<&Value> = best_of(figures);
    for figure in &best {
        let ratio = number(figure, "texts_per_cpu_second") / floats(figures, &figure["tokens"]);
        if ratio < FASTER {
            broken
                .push(format!("{} tokens: {ratio:.2} times the float pass, not {FASTER}", figure["tokens"]));
        }
    }
    for (name, figure) in of(figures, "memory") {
        let (is, peak) = (number(figure, "rss_mb"), number(figure, "peak_mb"));
        if peak > PEAK_MB || name.starts_with("let go") && is > STAYS_MB {
            broken.push(format!("{name}: {is:.0} MB, {peak:.0} at the most"));
        }
    }
    let query =
        best.iter().find(|figure| figure["tokens"] == 12).map_or(f64::NAN, |figure| number(figure, "p50_ms"));
    let scan = of(figures, "scan").find(|(_, figure)| figure["count"] == 100_000 && figure["of"] == "all");
    let scan = scan.map_or(f64::NAN, |(_, figure)| number(figure, "p50_ms"));
    if (scan / query).is_nan() || scan / query > SCAN {
        broken
            .push(format!("100,000 vectors take {:.1} times a query's embedding, not {SCAN}", scan / query));
    }
    broken
}

/// The figures of the best kernel, at each length.
fn best_of(figures: &[Value]) -> Vec<&Value> {
    let best = of(figures, "speed").find(|(name, _)| *name != "f32").map(|(name, _)| name);
    of(figures, "speed").filter(|(name, _)| Some(*name) == best).map(|(_, figure)| figure).collect()
}
