//! Measures the crate as it is shipped, for `cargo xtask bench embed`: `measure FOLDER load|speed|memory|scan`.
//!
//! Prints one line of JSON per figure. Each part is a process of its own, so that none finds the memory of another. Time is
//! that of the processor, since texts are embedded beside other work.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::path::Path as Folder;

use mem_embed::{DIM, Flat, Kernel, Model, Vector, scan_on};
use serde_json::json;

/// Words of one token each.
const WORDS: [&str; 10] =
    ["the", "parser", "of", "index", "lock", "failed", "after", "time", "because", "server"];
/// Tokens of the texts, and how often each is embedded.
const TEXTS: [(usize, usize); 3] = [(12, 60), (60, 40), (250, 16)];

/// What goes wrong, as it is printed.
type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, what] = args.as_slice() else { return Err("measure FOLDER load|speed|memory|scan".into()) };
    let folder = Folder::new(folder);
    match what.as_str() {
        "load" => load(folder),
        "speed" => speed(folder),
        "memory" => memory(folder),
        "scan" => scan(),
        _ => Err(format!("there is no {what}").into()),
    }
}

fn load(folder: &Folder) -> Result<(), Failure> {
    let mut took = Vec::new();
    for _ in 0..9 {
        let start = cpu_ms();
        let model = Model::load(folder)?;
        took.push(cpu_ms() - start);
        drop(model);
    }
    println!("{}", json!({ "load": format!("{:?}", Kernel::best()), "p50_ms": median(took) }));
    Ok(())
}

/// Every way to compute a text, turn by turn.
fn speed(folder: &Folder) -> Result<(), Failure> {
    let best = Kernel::best();
    let mut models = vec![("f32".to_owned(), Model::load_exact(folder, best)?)];
    for kernel in Kernel::ALL.into_iter().filter(|kernel| kernel.is_here()) {
        models.push((format!("int8 {kernel:?}"), Model::load_on(folder, kernel)?));
    }
    for (tokens, times) in TEXTS {
        let texts: Vec<String> = (0..times).map(|at| text(tokens, at)).collect();
        let mut took = vec![Vec::new(); models.len()];
        for (round, text) in texts.iter().enumerate() {
            for ((_, model), took) in models.iter_mut().zip(&mut took) {
                let start = cpu_ms();
                let vector = model.embed_one(text);
                let ms = cpu_ms() - start;
                if vector.is_nothing() {
                    return Err("a text became nothing".into());
                }
                if round >= times / 8 {
                    took.push(ms);
                }
            }
        }
        for ((name, _), took) in models.iter().zip(took) {
            let mean = took.iter().sum::<f64>() / took.len() as f64;
            let figures = json!({
                "speed": name, "tokens": tokens, "p50_ms": median(took), "texts_per_cpu_second": 1e3 / mean,
            });
            println!("{figures}");
        }
    }
    Ok(())
}

fn memory(folder: &Folder) -> Result<(), Failure> {
    let stage = |name: &str| -> Result<(), Failure> {
        println!("{}", json!({ "memory": name, "rss_mb": status("VmRSS")?, "peak_mb": status("VmHWM")? }));
        Ok(())
    };
    stage("before")?;
    let mut model = Model::load(folder)?;
    stage("loaded")?;
    model.embed_one(&text(12, 0));
    stage("a query of 12 tokens")?;
    let texts: Vec<String> = (0..16).map(|at| text(250, at)).collect();
    model.embed(&texts);
    stage("16 texts of 250 tokens")?;
    model.embed_one(&"x".repeat(1 << 20));
    stage("a megabyte without a space")?;
    drop(model);
    stage("let go")?;
    for _ in 0..5 {
        Model::load(folder)?.embed(&texts);
    }
    stage("let go for the sixth time")
}

/// The nearest ten of many, all of them and a tenth of them.
fn scan() -> Result<(), Failure> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for count in [10_000, 100_000, 1_000_000_usize] {
        let values: Vec<i8> = (0..count * DIM).map(|_| next() as i8).collect();
        let scales = vec![0.001; count];
        let among = Flat::new(&values, &scales, DIM).ok_or("the lengths do not fit")?;
        let tenth: Vec<u64> = (0..count.div_ceil(64)).map(|_| next() & next() & next()).collect();
        let query = Vector { values: std::array::from_fn(|_| next() as i8), scale: 0.001 };
        for kernel in Kernel::ALL.into_iter().filter(|kernel| kernel.is_here()) {
            for (name, keep) in [("all", None), ("an eighth", Some(tenth.as_slice()))] {
                let mut took = Vec::new();
                for _ in 0..15 {
                    let start = cpu_ms();
                    let found = scan_on(kernel, (&query.values, query.scale), among, keep, 10);
                    took.push(cpu_ms() - start);
                    if found.len() != 10 {
                        return Err("not found".into());
                    }
                }
                let figures = json!({ "scan": format!("{kernel:?}"), "count": count, "of": name, "p50_ms": median(took) });
                println!("{figures}");
            }
        }
    }
    Ok(())
}

/// A text of that many tokens, another one for each number.
fn text(tokens: usize, number: usize) -> String {
    let words: Vec<&str> = (2..tokens).map(|at| WORDS[(at * (number + 3) + number) % WORDS.len()]).collect();
    words.join(" ")
}

fn median(mut took: Vec<f64>) -> f64 {
    took.sort_by(f64::total_cmp);
    took.get(took.len() / 2).copied().unwrap_or_default()
}

/// What this thread took of the processor so far.
fn cpu_ms() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// A line of this process's status, in MB.
fn status(name: &str) -> Result<f64, Failure> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line")?;
    Ok(line.trim_start_matches(':').split_whitespace().next().ok_or("no figure")?.parse::<f64>()? / 1024.0)
}
