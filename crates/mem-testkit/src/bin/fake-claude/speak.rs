//! Its words: the lines of stream-json that the real program writes, as far as anybody listens.

use std::io::Write;

use serde_json::{Value, json};

use crate::script::Request;

/// Bytes of a flood.
const FLOOD: usize = 100 << 20;

/// The voice of one process.
pub(crate) struct Voice {
    session: String,
    serial: u32,
    total: f64,
}

impl Voice {
    pub(crate) fn new() -> Self {
        let mut voice = Self { session: String::new(), serial: 0, total: 0.0 };
        voice.renew();
        voice
    }

    /// A session nobody else has.
    fn renew(&mut self) {
        self.serial += 1;
        self.session = format!("{:08x}-0000-4000-8000-{:012x}", std::process::id(), self.serial);
    }

    pub(crate) fn init(&self) {
        say(&json!({
            "type": "system", "subtype": "init", "session_id": self.session, "tools": [], "mcp_servers": [],
            "model": "claude-haiku-4-5", "claude_code_version": "2.1.329",
        }));
    }

    pub(crate) fn clear(&mut self) {
        say(&json!({ "type": "conversation_reset", "session_id": self.session }));
        self.renew();
        self.total = 0.0;
        say(&json!({
            "type": "result", "subtype": "success", "is_error": false, "result": "", "num_turns": 0,
            "session_id": self.session, "total_cost_usd": 0,
        }));
    }

    pub(crate) fn answer(&mut self, text: &str, request: &Request) {
        say(&json!({
            "type": "assistant", "session_id": self.session,
            "message": { "id": format!("msg_{}", self.serial), "role": "assistant", "content": [{ "type": "text", "text": text }] },
        }));
        self.total += request.cost;
        let result = json!({
            "duration_ms": 12, "stop_reason": "end_turn", "session_id": self.session, "total_cost_usd": self.total,
            "usage": {
                "input_tokens": request.input, "output_tokens": request.output,
                "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0,
            },
            "terminal_reason": "completed", "is_error": false, "num_turns": 1, "subtype": "success",
            "api_error_status": null, "result": text, "type": "result",
        });
        if request.die_at.as_deref() != Some("mid-answer") {
            say(&result);
        }
    }

    /// An answer under the name of a session that is not its own.
    pub(crate) fn lie(&mut self, text: &str, request: &Request) {
        let own = std::mem::replace(&mut self.session, "00000000-1111-4222-8333-444444444444".to_owned());
        self.answer(text, request);
        self.session = own;
    }

    /// A result that is an error, as the real program words it.
    pub(crate) fn fail(&self, request: &Request) {
        let (status, kind, reason, text) = match request.class.as_str() {
            "auth" => (401, "authentication_error", "api_error", "Invalid API key · Fix external API key"),
            "login" => (0, "", "api_error", "Not logged in · Please run /login"),
            "rate" => (
                429,
                "rate_limit_error",
                "api_error",
                "API Error: Request rejected (429) · too many requests",
            ),
            "quota" => (429, "rate_limit_error", "api_error", "Claude AI usage limit reached|1893456000"),
            "credit" => (400, "invalid_request_error", "api_error", "Credit balance is too low"),
            "overload" => (529, "overloaded_error", "api_error", "API Error: 529 Overloaded."),
            "overflow" => (400, "invalid_request_error", "prompt_too_long", "Prompt is too long"),
            "refused" => {
                (404, "not_found_error", "api_error", "There's an issue with the selected model (x).")
            }
            _ => (0, "", "api_error", "API Error: Connection dropped (ECONNRESET)."),
        };
        let or_null = |known: bool, value: Value| if known { value } else { Value::Null };
        say(&json!({
            "type": "result", "subtype": "success", "is_error": true, "result": text, "session_id": self.session,
            "api_error_status": or_null(status > 0, json!(status)), "api_error_type": or_null(!kind.is_empty(), json!(kind)),
            "terminal_reason": reason, "total_cost_usd": self.total, "num_turns": 1,
        }));
    }

    pub(crate) fn half_a_line(&self) {
        write(format!(r#"{{"type":"result","session_id":"{}","resu"#, self.session).as_bytes());
    }

    /// A hundred megabytes, in lines of that many bytes or in one.
    pub(crate) fn flood(line: Option<usize>) {
        let mut piece = vec![b'x'; line.unwrap_or(64 * 1024)];
        if let (Some(_), Some(last)) = (line, piece.last_mut()) {
            *last = b'\n';
        }
        for _ in 0..FLOOD / piece.len() {
            write(&piece);
        }
    }

    pub(crate) fn complain(text: &str) {
        let _reader_left = writeln!(std::io::stderr(), "{text}");
    }
}

fn say(line: &Value) {
    write(format!("{line}\n").as_bytes());
}

fn write(bytes: &[u8]) {
    let mut stdout = std::io::stdout().lock();
    let _reader_left = stdout.write_all(bytes).and_then(|()| stdout.flush());
}
