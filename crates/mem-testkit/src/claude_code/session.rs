//! A running client that takes prompt after prompt over stream-json.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::run::{kill_group, show};
use crate::{leftovers, wait};

/// How long one turn may take.
const TURN: Duration = Duration::from_secs(90);

/// How long the client may take to leave.
const LEAVE: Duration = Duration::from_secs(20);

/// A running client; whatever is left of it is killed with its value.
pub struct Session {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<Value>,
    seen: Vec<Value>,
    controls: u32,
    shown: String,
}

impl Session {
    pub(super) fn start(mut command: Command) -> Self {
        let shown = show(&command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn().unwrap_or_else(|why| panic!("{shown} could not be started: {why}"));
        let (sender, lines) = channel();
        let stdout = child.stdout.take().expect("its output was asked for");
        let stderr = child.stderr.take().expect("its errors were asked for");
        let errors = sender.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let value = serde_json::from_str(&line)
                    .unwrap_or_else(|_| json!({ "type": "no json", "line": line }));
                if sender.send(value).is_err() {
                    break;
                }
            }
        });
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if errors.send(json!({ "type": "stderr", "line": line })).is_err() {
                    break;
                }
            }
        });
        let stdin = child.stdin.take();
        Self { child, stdin, lines, seen: Vec::new(), controls: 0, shown }
    }

    /// Sends a prompt or a slash command and waits for its result.
    ///
    /// # Panics
    /// When none comes.
    #[track_caller]
    pub fn ask(&mut self, text: &str) -> Value {
        self.send(text);
        self.result()
    }

    /// Sends a prompt or a slash command.
    ///
    /// # Panics
    /// When the client does not listen.
    #[track_caller]
    pub fn send(&mut self, text: &str) {
        self.line(&json!({ "type": "user", "message": { "role": "user", "content": text } }));
    }

    /// Interrupts the turn, as Esc does, and waits until the client has understood.
    ///
    /// # Panics
    /// When it does not answer.
    #[track_caller]
    pub fn interrupt(&mut self) {
        self.controls += 1;
        let id = format!("control-{}", self.controls);
        self.line(
            &json!({ "type": "control_request", "request_id": id, "request": { "subtype": "interrupt" } }),
        );
        self.until("the answer to the interrupt", |line| line["response"]["request_id"] == id.as_str());
    }

    /// Waits for the end of the turn.
    ///
    /// # Panics
    /// When it does not come.
    #[track_caller]
    pub fn result(&mut self) -> Value {
        self.until("a result", |line| line["type"] == "result")
    }

    /// Waits for the first line that fits.
    ///
    /// # Panics
    /// When it does not come within the time of a turn, or the client leaves.
    #[track_caller]
    pub fn until(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + TURN;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if fits(&line) {
                        return line;
                    }
                }
                Err(why) => {
                    let gone = why == RecvTimeoutError::Disconnected;
                    panic!(
                        "{} {what}: {}\n{}",
                        if gone { "the client left before" } else { "no" },
                        self.shown,
                        self.tail()
                    );
                }
            }
        }
    }

    /// The id of the session: that of the last line which names one.
    ///
    /// # Panics
    /// Before the first turn.
    pub fn id(&self) -> String {
        let id = self.seen.iter().rev().find_map(|line| line["session_id"].as_str());
        id.expect("a session has an id once it has said something").to_owned()
    }

    /// Every line it has printed so far, read by one of the waits.
    pub fn seen(&self) -> &[Value] {
        &self.seen
    }

    /// The client's process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Closes its input, waits until it leaves and gives its exit code.
    ///
    /// # Panics
    /// When it stays.
    #[track_caller]
    pub fn close(mut self) -> Option<i32> {
        self.stdin = None;
        let status = wait::within(LEAVE, || self.child.try_wait().expect("a child can be waited for"));
        let Some(status) = status else { panic!("the client stays: {}\n{}", self.shown, self.tail()) };
        status.code()
    }

    /// Ends the client alone, as `kill -9` does: what it started lives on.
    ///
    /// # Panics
    /// When it stays.
    pub fn kill(mut self) {
        leftovers::kill(self.child.id());
        let _status = self.child.wait().expect("a child can be waited for");
    }

    #[track_caller]
    fn line(&mut self, value: &Value) {
        let stdin = self.stdin.as_mut().expect("its input is open until it is closed");
        let written = stdin.write_all(format!("{value}\n").as_bytes()).and_then(|()| stdin.flush());
        assert!(written.is_ok(), "the client does not listen: {}\n{}", self.shown, self.tail());
    }

    fn tail(&self) -> String {
        let lines: Vec<String> = self.seen.iter().rev().take(12).map(|line| line.to_string()).collect();
        let clip = |line: &String| line.chars().take(600).collect::<String>();
        lines.iter().rev().map(clip).collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            kill_group(self.child.id());
            let _status = self.child.wait(); // it was killed just now
        }
    }
}
