//! A Claude Code that misbehaves on purpose: the child that tests of the observer start in place of the real one.
//!
//! A test links it as `claude` into a folder of its world and writes `fake-claude.json` beside it ([`script`]); whatever
//! it is started with and told is appended to `fake-claude.log` there. It speaks as much of stream-json as the observer
//! hears. It must know nothing of our product, and must die of whatever its script does not forbid.

mod family;
mod script;
mod speak;

use std::io::{BufRead, Write};
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use script::{Die, Request, Script};
use speak::Voice;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(("--descend", manner)) = arguments.first().map(String::as_str).zip(arguments.get(1)) {
        family::descend(manner);
        return ExitCode::SUCCESS;
    }
    // the name it was called by, not the file that a link leads to: the script lies beside the link
    let program = std::env::args_os().next().unwrap_or_default();
    let folder = Path::new(&program).parent().unwrap_or(Path::new(".")).to_path_buf();
    let script = Script::read(&folder);
    if arguments.iter().any(|word| word == "--version") {
        let _reader_left = writeln!(std::io::stdout(), "{} (Claude Code)", script.version);
        return ExitCode::SUCCESS;
    }
    script::log(&folder, &json!({ "start": arguments, "pid": std::process::id(), "env": names() }));
    if script.ignore_term {
        family::ignore_term();
    }
    match live(&script, &folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(die) => die.now(),
    }
}

/// Reads requests until the input ends.
fn live(script: &Script, folder: &Path) -> Result<(), Die> {
    let mut voice = Voice::new();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let Ok(line) = serde_json::from_str::<Value>(&line) else { continue };
        let Some(text) = line["message"]["content"].as_str() else { continue };
        if text == "/clear" {
            script::log(folder, &json!({ "clear": true }));
            if !script.deaf_to_clear {
                voice.clear();
            }
            continue;
        }
        let at = script::requests_before(folder);
        script::log(folder, &json!({ "message": text }));
        answer(&mut voice, script.request(at), folder)?;
    }
    if script.ignore_eof {
        family::stay();
    }
    Ok(())
}

/// Answers one request, well or badly.
fn answer(voice: &mut Voice, request: &Request, folder: &Path) -> Result<(), Die> {
    if let Some(manner) = &request.grandchild {
        family::start(manner);
    }
    request.dies_at("before-init")?;
    voice.init();
    script::log(folder, &json!({ "begun": true }));
    request.dies_at("after-init")?;
    match request.mode.as_str() {
        "well" => voice.answer(&request.text, request),
        "stall" => family::stay(),
        "stall-mid" => {
            voice.half_a_line();
            family::stay();
        }
        "flood-line" => Voice::flood(None),
        "flood-lines" => Voice::flood(Some(64 * 1024)),
        "lie" => voice.lie(&request.text, request),
        "error" => voice.fail(request),
        "die" => {}
        other => {
            Voice::complain(&format!("the script has a mode nobody knows: {other}"));
            return Err(Die { code: 70, signal: None });
        }
    }
    if request.die_at.as_deref() == Some("mid-answer") {
        voice.half_a_line();
    }
    request.dies_at("mid-answer")?;
    request.dies_at("after-result")
}

/// The names of its variables and the values of those that say whose child it is.
fn names() -> Value {
    #[expect(clippy::disallowed_methods, reason = "what it was given is what a test asks about")]
    let all = std::env::vars();
    let value = |name: &str, value: String| if name.starts_with("CLAUDE") { json!(value) } else { json!("") };
    let shown: serde_json::Map<String, Value> = all
        .map(|(name, held)| {
            let held = value(&name, held);
            (name, held)
        })
        .collect();
    Value::Object(shown)
}
