//! The script and the log, both beside the program.
//!
//! ```json
//! {"version": "2.1.329", "ignore_eof": false, "ignore_term": false, "deaf_to_clear": false,
//!  "requests": [{"mode": "well", "text": "<observation>…"}, {"mode": "error", "class": "auth"}],
//!  "else": {"mode": "well", "text": "…"}}
//! ```
//! Requests are counted over all its processes, by the log. A request has a `mode` (`well`, `prose`, `half`, `nothing`,
//! `stall`, `stall-mid`, `flood-line`, `flood-lines`, `lie`, `error` with `class`, `die`), and may have `text`, `input`,
//! `output` and `cost` of the answer, `die_at` (`before-init`, `after-init`, `mid-answer`, `after-result`) with `code`,
//! `signal` and `complaint`, and a `grandchild` (words of `deaf`, `session`, `orphan`, joined by commas).

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use rustix::process::{Pid, Signal, getpid, kill_process};
use serde_json::Value;

const SCRIPT: &str = "fake-claude.json";
const LOG: &str = "fake-claude.log";

/// What it answers where the script has nothing to say.
const FINE: &str = "<observation>\n<type>discovery</type>\n<title>The fake spoke</title>\n<narrative>It was asked and answered.</narrative>\n</observation>\n<summary>\n<request>Speak</request>\n<completed>It spoke.</completed>\n</summary>";
const PROSE: &str = "I looked at what you sent me and everything seems to be in order.";
const HALF: &str =
    "<observation>\n<type>discovery</type>\n<title>Cut off</title>\n<narrative>It was cut in the mid";

/// The script.
pub(crate) struct Script {
    pub(crate) version: String,
    pub(crate) ignore_eof: bool,
    pub(crate) ignore_term: bool,
    pub(crate) deaf_to_clear: bool,
    requests: Vec<Request>,
    rest: Request,
}

/// How one request is answered.
pub(crate) struct Request {
    pub(crate) mode: String,
    pub(crate) text: String,
    pub(crate) class: String,
    pub(crate) input: u64,
    pub(crate) output: u64,
    pub(crate) cost: f64,
    pub(crate) die_at: Option<String>,
    pub(crate) grandchild: Option<String>,
    complaint: Option<String>,
    end: Die,
}

/// How it ends before its time.
#[derive(Clone, Copy)]
pub(crate) struct Die {
    pub(crate) code: u8,
    pub(crate) signal: Option<i32>,
}

impl Script {
    pub(crate) fn read(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join(SCRIPT)).unwrap_or_else(|_| "{}".to_owned());
        let value: Value = serde_json::from_str(&text).expect("the script is JSON");
        let flag = |name: &str| value[name] == true;
        Self {
            version: value["version"].as_str().unwrap_or("2.1.329").to_owned(),
            ignore_eof: flag("ignore_eof"),
            ignore_term: flag("ignore_term"),
            deaf_to_clear: flag("deaf_to_clear"),
            requests: value["requests"].as_array().into_iter().flatten().map(Request::of).collect(),
            rest: Request::of(&value["else"]),
        }
    }

    pub(crate) fn request(&self, at: usize) -> &Request {
        self.requests.get(at).unwrap_or(&self.rest)
    }
}

impl Request {
    fn of(value: &Value) -> Self {
        let word = |name: &str| value[name].as_str().map(str::to_owned);
        let mode = word("mode").unwrap_or_else(|| "well".to_owned());
        let (mode, fine) = match mode.as_str() {
            "prose" => ("well".to_owned(), PROSE),
            "half" => ("well".to_owned(), HALF),
            "nothing" => ("well".to_owned(), ""),
            _ => (mode, FINE),
        };
        let number = |name: &str, otherwise: u64| value[name].as_u64().unwrap_or(otherwise);
        Self {
            mode,
            text: word("text").unwrap_or_else(|| fine.to_owned()),
            class: word("class").unwrap_or_default(),
            input: number("input", 1000),
            output: number("output", 100),
            cost: value["cost"].as_f64().unwrap_or(0.0015),
            die_at: word("die_at"),
            grandchild: word("grandchild"),
            complaint: word("complaint"),
            end: Die {
                code: u8::try_from(number("code", 1)).unwrap_or(1),
                signal: value["signal"].as_i64().and_then(|signal| i32::try_from(signal).ok()),
            },
        }
    }

    /// Ends the program where the script says so.
    pub(crate) fn dies_at(&self, here: &str) -> Result<(), Die> {
        if self.die_at.as_deref() != Some(here) {
            return Ok(());
        }
        if let Some(complaint) = &self.complaint {
            let _reader_left = writeln!(std::io::stderr(), "{complaint}");
        }
        Err(self.end)
    }
}

impl Die {
    pub(crate) fn now(self) -> ExitCode {
        if let Some(signal) = self.signal.and_then(Signal::from_named_raw) {
            let own: Pid = getpid();
            let _it_ends_us = kill_process(own, signal);
            crate::family::stay();
        }
        ExitCode::from(self.code)
    }
}

/// Appends one line to the log, in one write.
pub(crate) fn log(folder: &Path, line: &Value) {
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join(LOG))
        .expect("the log lies beside the program");
    file.write_all(format!("{line}\n").as_bytes()).expect("the log can be written");
}

/// How many requests were logged so far.
pub(crate) fn requests_before(folder: &Path) -> usize {
    let text = std::fs::read_to_string(folder.join(LOG)).unwrap_or_default();
    text.lines().filter(|line| line.starts_with("{\"message\"")).count()
}
