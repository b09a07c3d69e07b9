//! The model itself: one program that is started when first asked, kept warm between requests, and buried properly.
//!
//! Must not decide when to end it or whether to ask again: whoever drives it holds its [`Rope`].

use std::ffi::OsString;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use mem_core::fault::{Fault, FaultKind};
use mem_core::model::{Answer, Ask};
use mem_core::time::Timestamp;
use serde_json::json;

use super::arguments::{FIXED, MOST_OUTPUT, arguments};
use super::find::Finder;
use super::stream::{Outcome, Stream, Turn};
use super::{fault, login};
use crate::child::{Launcher, Line, Start, Talk, code_of};
use crate::environment::{self, Variable};
use crate::model::{Ends, Model, Rope};
use crate::strays::{self, Entry, Process};

/// Characters of a conversation beyond which it is reset: it is sent again with every request, and all that matters of it
/// stands in the request anyway.
const MOST_CONVERSATION: usize = 40_000;
/// How long the program may take to forget a conversation; it takes 10 ms.
const CLEARING: Duration = Duration::from_secs(5);
/// A graceful end is over by then: 2 s, 5 s, and what the kernel needs.
const GRACE: Duration = Duration::from_secs(10);
/// An end at once is over by then; a second, and what a busy machine needs.
const CUT: Duration = Duration::from_secs(5);
/// The code of a program that was ended by SIGTERM.
const TERMINATED: i32 = 143;
/// The code of ours when the program could not be run.
const NOT_RUN: i32 = 127;
/// Where the program keeps a socket for other sessions of the user.
const SOCKETS: &str = "/tmp/cc-socks";

/// Everything a run of the program needs to know.
#[derive(Debug, Clone)]
pub struct Place {
    /// Starts children; its environment is the daemon's own, of which the program sees what may pass.
    pub launcher: Launcher,
    /// Finds the program.
    pub finder: Arc<Finder>,
    /// The user's word for the program, empty for none.
    pub setting: String,
    /// The model's name, as the program takes it.
    pub model: String,
    /// An empty directory of ours in which the program works; made where it is missing.
    pub folder: PathBuf,
    /// The register of runs.
    pub registry: PathBuf,
    /// The session it works for, for the register.
    pub session: String,
}

/// The program as a model.
#[derive(Debug)]
pub struct Claude {
    place: Place,
    live: Option<Live>,
    end: Arc<End>,
}

/// A program that runs.
#[derive(Debug)]
struct Live {
    talk: Talk,
    stream: Stream,
    run: String,
    config_dir: Option<PathBuf>,
    system: String,
    most_output: u32,
    /// Characters of the conversation so far.
    chars: usize,
}

/// What the rope holds.
#[derive(Debug, Default)]
struct End(Mutex<EndState>);

#[derive(Debug, Default)]
struct EndState {
    line: Option<Line>,
    /// Whether somebody pulled: nothing is started any more.
    pulled: bool,
}

impl Claude {
    /// A model that has not been started yet, and its rope.
    pub fn new(place: Place) -> (Self, Rope) {
        let end = Arc::new(End::default());
        (Self { place, live: None, end: Arc::clone(&end) }, Rope::to(end))
    }

    /// Starts the program, unless it runs as this request needs it, and makes room in its conversation. Gives whether it
    /// ran already.
    fn prepare(&mut self, ask: &Ask, heard: &dyn Fn()) -> Result<bool, Fault> {
        if let Some(live) = &self.live
            && !live.fits(ask)
        {
            self.bury(false);
        }
        if let Some(live) = &mut self.live
            && live.chars > 0
            && live.chars + ask.text.chars().count() > MOST_CONVERSATION
            && !live.clear(heard)
        {
            self.bury(false);
        }
        let warm = self.live.is_some();
        if !warm {
            self.live = Some(self.start(ask)?);
        }
        Ok(warm)
    }

    fn start(&self, ask: &Ask) -> Result<Live, Fault> {
        if self.end.state().pulled {
            return Err(Fault::free(FaultKind::Ended, "it was ended before it was asked"));
        }
        let place = &self.place;
        let setup = |what: &Path, why: std::io::Error| {
            Fault::free(FaultKind::Setup, format!("{} cannot be written ({why})", what.display()))
        };
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&place.folder)
            .map_err(|why| setup(&place.folder, why))?;
        let found = place.finder.find(&place.launcher, &place.setting, &place.folder)?;
        let run = uuid::Uuid::now_v7().to_string();
        let config_dir = config_dir(&place.launcher.environment);
        let login = config_dir.as_deref().map(login::read).transpose()?.unwrap_or_default();
        let file = login.write(&place.folder).map_err(|why| setup(&place.folder, why))?;
        let environment = variables(&place.launcher.environment, &login.vars, &run, ask.most_output);
        let start = Start {
            program: &found.program,
            args: &arguments(&place.model, &ask.system, file.as_deref()),
            dir: &place.folder,
            environment: &environment,
        };
        let talk = place
            .launcher
            .talk(&start)
            .map_err(|why| Fault::free(FaultKind::Setup, format!("no process can be started ({why})")))?;
        let keeper = i32::try_from(talk.line().keeper()).map(Process::now);
        let entry = keeper.map(|keeper| Entry {
            run: run.clone(),
            owner: Some(Process::own()),
            keeper,
            child: None,
            session: place.session.clone(),
            model: format!("claude/{}", place.model),
            since: now(),
        });
        // without it a later daemon could not end what a crash leaves; the keeper ends it all the same
        let _keeper_is_enough = entry.map(|entry| strays::register(&place.registry, &entry));
        let live = Live {
            stream: Stream::new(),
            run,
            config_dir,
            system: ask.system.clone(),
            most_output: ask.most_output,
            chars: 0,
            talk,
        };
        if !self.end.hold(live.talk.line().clone()) {
            self.clear_away(live, false);
            return Err(Fault::free(FaultKind::Ended, "it was ended before it was asked"));
        }
        Ok(live)
    }

    /// Sends the request to the program that runs, and buries it where it cannot be asked again.
    fn send(&mut self, ask: &Ask, heard: &dyn Fn()) -> Result<Answer, Fault> {
        let live = self.live.as_mut().expect("a program was started");
        live.chars += ask.text.chars().count();
        live.stream.begin(Turn::Ask);
        // one that is gone already says so by the end of its output
        let _seen_below = live.talk.line().say(&message(&ask.text));
        let answer = self.listen(heard);
        let live = self.live.as_ref().expect("it is buried below");
        let ended =
            matches!(&answer, Err(fault) if matches!(fault.kind, FaultKind::Ended | FaultKind::Misbehaved));
        if ended || live.stream.spoiled() || live.talk.line().wait(Duration::ZERO).is_some() {
            self.bury(false);
        }
        answer
    }

    /// Reads until the request is answered, or never will be.
    fn listen(&mut self, heard: &dyn Fn()) -> Result<Answer, Fault> {
        let live = self.live.as_mut().expect("a request was sent to a program that runs");
        let mut noted = live.stream.child();
        while let Some(piece) = live.talk.hear() {
            heard();
            let outcome = live.stream.take(&piece, now());
            if let (None, Some(child)) = (noted, live.stream.child()) {
                noted = Some(child);
                let _keeper_is_enough =
                    strays::note_child(&self.place.registry, &live.run, Process::now(child));
            }
            match outcome {
                None | Some(Outcome::Cleared) => {}
                Some(Outcome::Answer(answer)) => {
                    live.chars += answer.text.chars().count();
                    return Ok(answer);
                }
                Some(Outcome::Fault(fault)) => return Err(fault),
            }
        }
        Err(self.gone())
    }

    /// Why the output ended before an answer.
    fn gone(&mut self) -> Fault {
        let pulled = self.end.state().pulled;
        let live = self.live.as_ref().expect("a program that ended was there");
        let begun = live.stream.begun();
        let code = live.talk.line().wait_after_cut(CUT).and_then(code_of);
        let complaint = live.talk.complaint().map(|complaint| fault::one_line(&complaint));
        let said = match (complaint, code) {
            (Some(complaint), _) => format!("claude ended: {complaint}"),
            (None, Some(code)) => format!("claude ended with code {code}"),
            (None, None) => "claude closed its output".to_owned(),
        };
        let kind = match code {
            _ if pulled => FaultKind::Ended,
            Some(TERMINATED) => FaultKind::Ended,
            Some(NOT_RUN) => FaultKind::Setup,
            _ => FaultKind::Misbehaved,
        };
        // it says that it begins before it asks
        Fault { kind, said, retry_at: None, paid: begun }
    }

    /// Ends the program that runs, if any, and waits until it is gone.
    fn bury(&mut self, gracefully: bool) {
        if let Some(live) = self.live.take() {
            self.end.release();
            self.clear_away(live, gracefully);
        }
    }

    fn clear_away(&self, live: Live, gracefully: bool) {
        let line = live.talk.line().clone();
        let child = live.stream.child();
        if gracefully {
            line.let_go();
        } else {
            line.cut();
        }
        // from here on nobody reads: a program that still writes finds its output closed
        drop(live.talk);
        let mut end = if gracefully { line.wait(GRACE) } else { None };
        if end.is_none() {
            line.cut();
            end = line.wait_after_cut(CUT);
        }
        if end.is_none() {
            line.kill_keeper();
            let _the_kernel_holds_it = line.wait(CUT);
        }
        // a keeper that was killed could not see to what descends from it
        let swept = match end.and_then(|status| status.code()) {
            None => strays::sweep_run(&self.place.registry, &live.run),
            Some(_) => None,
        };
        if let Some(child) = child {
            remove_traces(live.config_dir.as_deref(), child);
        }
        // what the kernel holds is left to a later sweep
        if swept.is_none_or(|swept| swept.left == 0) {
            let _a_sweep_removes_it = strays::remove(&self.place.registry, &live.run);
        }
    }
}

impl Model for Claude {
    fn ask(&mut self, ask: &Ask, heard: &dyn Fn()) -> Result<Answer, Fault> {
        let warm = self.prepare(ask, heard)?;
        let answer = self.send(ask, heard);
        match &answer {
            // it left while it was idle, and has never seen the request
            Err(fault) if warm && self.live.is_none() && !fault.paid && !self.end.state().pulled => {
                self.prepare(ask, heard)?;
                self.send(ask, heard)
            }
            _ => answer,
        }
    }

    fn end(mut self: Box<Self>) {
        self.bury(true);
    }
}

impl Drop for Claude {
    fn drop(&mut self) {
        self.bury(false);
    }
}

impl Live {
    /// Whether it still runs, as this request needs it.
    fn fits(&self, ask: &Ask) -> bool {
        self.system == ask.system
            && self.most_output == ask.most_output
            && !self.stream.spoiled()
            && self.talk.line().wait(Duration::ZERO).is_none()
    }

    /// Makes the program forget its conversation; `false` when it did not.
    fn clear(&mut self, heard: &dyn Fn()) -> bool {
        let deadline = Instant::now() + CLEARING;
        self.stream.begin(Turn::Clear);
        if self.talk.line().say(&user_line("/clear")).is_err() {
            return false;
        }
        while Instant::now() < deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(piece) = self.talk.hear_within(left) else { return false };
            heard();
            match self.stream.take(&piece, now()) {
                Some(Outcome::Cleared) => {
                    self.chars = 0;
                    return true;
                }
                Some(_) => return false,
                None => {}
            }
        }
        false
    }
}

impl End {
    fn state(&self) -> MutexGuard<'_, EndState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ties a program that was just started; `false` where the rope was pulled meanwhile.
    fn hold(&self, line: Line) -> bool {
        let mut state = self.state();
        if !state.pulled {
            state.line = Some(line);
        }
        !state.pulled
    }

    fn release(&self) {
        self.state().line = None;
    }

    fn pull(&self) -> Option<Line> {
        let mut state = self.state();
        state.pulled = true;
        state.line.clone()
    }
}

impl Ends for End {
    fn cut(&self) {
        if let Some(line) = self.pull() {
            line.cut();
        }
    }

    fn let_go(&self) {
        if let Some(line) = self.pull() {
            line.let_go();
        }
    }
}

/// The environment of the program: what may pass of ours, then of the user's settings, then what we say.
fn variables(ours: &[Variable], login: &[Variable], run: &str, most_output: u32) -> Vec<Variable> {
    let mut vars = environment::for_model(ours);
    let fixed = FIXED.map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let own = [
        (environment::INTERNAL.into(), "1".into()),
        (environment::RUN.into(), run.into()),
        (MOST_OUTPUT.into(), most_output.to_string().into()),
    ];
    for (name, value) in login.iter().cloned().chain(fixed).chain(own) {
        vars.retain(|(known, _)| *known != name);
        vars.push((name, value));
    }
    vars
}

/// The user's folder of Claude Code.
fn config_dir(vars: &[Variable]) -> Option<PathBuf> {
    let named = environment::get(vars, "CLAUDE_CONFIG_DIR").map(PathBuf::from);
    named.or_else(|| environment::get(vars, "HOME").map(|home| Path::new(home).join(".claude")))
}

/// The line of a request.
fn message(text: &str) -> Vec<u8> {
    // a command of the program's begins with a slash, and no request of ours does
    if text.trim_start().starts_with('/') {
        return user_line(&format!("Text: {text}"));
    }
    user_line(text)
}

fn user_line(text: &str) -> Vec<u8> {
    json!({ "type": "user", "message": { "role": "user", "content": text } }).to_string().into_bytes()
}

/// What a program leaves that was killed: its place among the user's sessions, where a later session would see it.
fn remove_traces(config_dir: Option<&Path>, child: i32) {
    let sessions = config_dir.map(|dir| dir.join("sessions"));
    let of_session =
        sessions.iter().flat_map(|dir| ["json", "key"].map(|end| dir.join(format!("{child}.{end}"))));
    for path in of_session.chain([Path::new(SOCKETS).join(format!("{child}.sock"))]) {
        let _gone_already = std::fs::remove_file(path);
    }
}

/// The clock, in the only place of this model that reads it.
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_never_a_command() {
        assert_eq!(
            String::from_utf8(message("/clear")).unwrap(),
            r#"{"type":"user","message":{"role":"user","content":"Text: /clear"}}"#
        );
        assert!(String::from_utf8(message("  /x")).unwrap().contains("Text:"));
        assert!(!String::from_utf8(message("<turn>/x</turn>\n")).unwrap().contains("Text:"));
        assert!(!message("a\nb\0").contains(&b'\n'));
    }

    #[test]
    fn what_we_say_wins_over_settings_and_settings_over_the_environment() {
        let of = |pairs: &[(&str, &str)]| -> Vec<Variable> {
            pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
        };
        let ours = of(&[("ANTHROPIC_BASE_URL", "a"), ("CLAUDECODE", "1"), ("CLAUDE_MEM_RUN", "outer")]);
        let login = of(&[("ANTHROPIC_BASE_URL", "b")]);
        let vars = variables(&ours, &login, "inner", 500);
        let get = |name: &str| environment::get(&vars, name).and_then(|value| value.to_str());
        assert_eq!(get("ANTHROPIC_BASE_URL"), Some("b"));
        assert_eq!(get("CLAUDE_MEM_RUN"), Some("inner"));
        assert_eq!(get("CLAUDE_MEM_INTERNAL"), Some("1"));
        assert_eq!(get("CLAUDE_CODE_MAX_OUTPUT_TOKENS"), Some("500"));
        assert_eq!(get("CLAUDECODE"), None);
    }
}
