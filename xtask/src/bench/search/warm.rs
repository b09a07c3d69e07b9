//! A process that is asked again and again: `claude-mem mcp`, one JSON-RPC message a line.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use mem_agents::claude_code::install::{MCP_SERVER, PLUGIN_NAME};
use serde_json::{Value, json};

use crate::bench::subject::{Subject, vm_mb};

/// The process; it is killed when it goes.
pub(super) struct Warm {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    asked: u64,
    instructions: String,
    /// From the spawn to its answer to the greeting.
    pub(super) began_in: Duration,
}

impl Warm {
    /// Starts it and greets it.
    ///
    /// # Errors
    /// It does not answer.
    pub(super) fn start(subject: &Subject) -> Result<Self, String> {
        let mut command = subject.command(&["mcp"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let start = Instant::now();
        let mut child = command.spawn().map_err(|why| why.to_string())?;
        let questions = child.stdin.take().ok_or("no stdin")?;
        let answers = BufReader::new(child.stdout.take().ok_or("no stdout")?);
        let mut warm = Self {
            child,
            questions,
            answers,
            asked: 0,
            instructions: String::new(),
            began_in: Duration::ZERO,
        };
        let greeting = warm.call(
            "initialize",
            &json!({
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": { "name": "bench", "version": "1" },
            }),
        )?;
        warm.began_in = start.elapsed();
        greeting["instructions"].as_str().unwrap_or_default().clone_into(&mut warm.instructions);
        warm.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))?;
        Ok(warm)
    }

    /// Searches; how long it took from the first byte of the question to the last of the answer.
    ///
    /// # Errors
    /// It does not answer, or says that something failed.
    pub(super) fn search(&mut self, arguments: &Value) -> Result<Duration, String> {
        let start = Instant::now();
        let answer = self.call("tools/call", &json!({ "name": "search", "arguments": arguments }))?;
        let took = start.elapsed();
        if answer["isError"].as_bool() == Some(true) {
            return Err(format!("the search failed: {answer}"));
        }
        Ok(took)
    }

    /// What its instructions and the tools that are loaded at once cost each session, in tokens: a quarter of the bytes, in
    /// the shape in which Claude Code sends them.
    ///
    /// # Errors
    /// It does not answer.
    pub(super) fn tokens(&mut self) -> Result<usize, String> {
        let listed = self.call("tools/list", &json!({}))?;
        let tools = listed["tools"].as_array().into_iter().flatten();
        let loaded = tools.filter(|tool| tool["_meta"]["anthropic/alwaysLoad"] == true).map(|tool| {
            let name = tool["name"].as_str().unwrap_or_default();
            let name = format!("mcp__plugin_{PLUGIN_NAME}_{MCP_SERVER}__{name}");
            json!({ "name": name, "description": tool["description"], "input_schema": tool["inputSchema"] })
        });
        let bytes: usize = loaded.map(|tool| tool.to_string().len()).sum();
        Ok((bytes + self.instructions.len()).div_ceil(4))
    }

    /// What it takes of memory now, in megabytes.
    ///
    /// # Errors
    /// It is gone.
    pub(super) fn resident_mb(&self) -> Result<f64, String> {
        vm_mb(self.child.id(), "VmRSS")
    }

    fn call(&mut self, method: &str, params: &Value) -> Result<Value, String> {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))?;
        loop {
            let mut line = String::new();
            if self.answers.read_line(&mut line).map_err(|why| why.to_string())? == 0 {
                return Err(format!("claude-mem mcp left without an answer to {method}"));
            }
            let mut message: Value = serde_json::from_str(&line).map_err(|why| format!("{why}: {line}"))?;
            if message["id"] == id {
                let failed = &message["error"];
                let refused = format!("{method} was refused: {failed}");
                return if failed.is_null() { Ok(message["result"].take()) } else { Err(refused) };
            }
        }
    }

    fn send(&mut self, message: &Value) -> Result<(), String> {
        let line = format!("{message}\n");
        self.questions
            .write_all(line.as_bytes())
            .and_then(|()| self.questions.flush())
            .map_err(|why| why.to_string())
    }
}

impl Drop for Warm {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}
