//! A client that speaks line by line and waits for each answer, with a deadline.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use mem_testkit::{TestEnv, wait};
use serde_json::{Value, json};

/// The version of the protocol that Claude Code 2.1.329 asks for.
pub(crate) const PROTOCOL: &str = "2025-11-25";

/// Our server, and the pipes to it.
pub(crate) struct Client {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    asked: i64,
}

impl Client {
    /// Starts the server in the project and says nothing yet.
    pub(crate) fn start(env: &TestEnv) -> Self {
        let mut command = env.command(env.program());
        command.arg("mcp");
        Self::of(command)
    }

    /// The same with a command of one's own.
    pub(crate) fn of(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("our program can be started");
        let output = BufReader::new(child.stdout.take().expect("its output was asked for"));
        let (found, lines) = channel();
        std::thread::spawn(move || {
            output.lines().map_while(Result::ok).try_for_each(|line| found.send(line))
        });
        let input = child.stdin.take();
        Self { child, input, lines, asked: 0 }
    }

    /// Starts the server and shakes hands.
    pub(crate) fn begun(env: &TestEnv) -> Self {
        let mut client = Self::start(env);
        client.begin();
        client
    }

    /// Shakes hands; what the server says about itself.
    pub(crate) fn begin(&mut self) -> Value {
        let params = json!({
            "protocolVersion": PROTOCOL, "capabilities": { "roots": { "listChanged": true } },
            "clientInfo": { "name": "claude-code", "version": "2.1.329" },
        });
        let said = self.ask("initialize", params);
        self.tell(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        said["result"].clone()
    }

    /// Sends one message.
    pub(crate) fn tell(&mut self, message: &Value) {
        self.send(message.to_string().as_bytes());
    }

    /// Sends one line.
    pub(crate) fn send(&mut self, line: &[u8]) {
        let input = self.input.as_mut().expect("its input is open");
        input.write_all(line).and_then(|()| input.write_all(b"\n")).expect("it reads");
    }

    /// The next line, which must be JSON.
    #[track_caller]
    pub(crate) fn next(&self) -> Value {
        let line = self.lines.recv_timeout(wait::SOON).expect("it answers soon");
        serde_json::from_str(&line).unwrap_or_else(|why| panic!("{why}: {line}"))
    }

    /// Asks and waits for the answer to just that.
    #[track_caller]
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.tell(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        let answer = self.next();
        assert_eq!(answer["id"], id, "{answer:#}");
        answer
    }

    /// Calls a tool; its texts and whether it says that it failed.
    #[track_caller]
    pub(crate) fn call(&mut self, tool: &str, arguments: Value) -> (String, bool) {
        let answer = self.ask("tools/call", json!({ "name": tool, "arguments": arguments }));
        let result = &answer["result"];
        let blocks = result["content"].as_array().unwrap_or_else(|| panic!("no result: {answer:#}"));
        let texts: Vec<&str> = blocks.iter().filter_map(|block| block["text"].as_str()).collect();
        (texts.join("\n---\n"), result["isError"] == true)
    }

    /// Calls a tool that must not fail.
    #[track_caller]
    pub(crate) fn told(&mut self, tool: &str, arguments: Value) -> String {
        let (text, failed) = self.call(tool, arguments);
        assert!(!failed, "{text}");
        text
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).expect("it is there");
    }

    /// Stops reading what it says: its output is closed with the next line that nobody wants.
    pub(crate) fn turn_away(&mut self) {
        self.lines = channel().1;
    }

    /// Says the same again and again, with the input open, until it has left.
    #[track_caller]
    pub(crate) fn pester(&mut self, line: &[u8]) -> (Option<i32>, String) {
        let mut input = self.input.take().expect("its input is open");
        wait::until("the server to leave", || {
            let _may_be_gone = input.write_all(line).and_then(|()| input.write_all(b"\n"));
            self.child.try_wait().expect("it can be waited for")
        });
        let (code, _, complaints) = self.gone();
        (code, complaints)
    }

    /// Says nothing more.
    pub(crate) fn hang_up(&mut self) {
        self.input = None;
    }

    /// Waits until it has left: its exit code, what it said that nobody heard, what it complained about.
    #[track_caller]
    pub(crate) fn gone(&mut self) -> (Option<i32>, Vec<String>, String) {
        let ended =
            wait::until("the server to leave", || self.child.try_wait().expect("it can be waited for"));
        let mut complaints = String::new();
        self.child.stderr.take().expect("once").read_to_string(&mut complaints).expect("words are text");
        (ended.code(), self.lines.iter().collect(), complaints)
    }

    /// Hangs up and checks that it leaves well and quietly.
    #[track_caller]
    pub(crate) fn leave(mut self) {
        self.hang_up();
        assert_eq!(self.gone(), (Some(0), Vec::new(), String::new()));
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _mostly_gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
