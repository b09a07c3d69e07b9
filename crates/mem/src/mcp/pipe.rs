//! Messages from the client and to it, one line of JSON each.
//!
//! The SDK's own transport skips a line that is no JSON without a word, and the SDK answers `server/discover` as a server of
//! a later protocol would. Here a bad line gets its error, whatever we do not know is refused at once by its id, also
//! before `initialize`, and only what the SDK is to judge reaches it (docs/design/012-mcp.md). Threads do the blocking: one
//! reads, one writes, so a client that does not read cannot keep us from leaving.

use std::io::{self, BufRead, Write};
use std::sync::mpsc::{self, SyncSender};
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{ClientJsonRpcMessage, ClientRequest, ServerJsonRpcMessage};
use rmcp::transport::Transport;
use serde_json::{Value, json};
use tokio::sync::mpsc::{Receiver, Sender, UnboundedSender, channel};

/// Longest line that is read. A prompt pasted whole into a query is a few megabytes at most; what is longer is thrown
/// away as it comes, so that it costs no memory.
const LONGEST: usize = 32 * 1024 * 1024;
/// Lines read ahead; a client that sends more waits.
const AHEAD: usize = 16;
/// The requests that reach the SDK.
const KNOWN: [&str; 4] = ["initialize", "ping", "tools/list", "tools/call"];

/// Codes of JSON-RPC.
const PARSE: i32 = -32700;
const INVALID: i32 = -32600;
const UNKNOWN: i32 = -32601;
const PARAMS: i32 = -32602;

/// What the reader found.
enum Line {
    /// A line without its end.
    Whole(Vec<u8>),
    /// A line longer than [`LONGEST`].
    TooLong,
}

/// What the writer is to do.
enum Order {
    /// Write a line.
    Write(Vec<u8>),
    /// Say when everything before this is written.
    Tell(SyncSender<()>),
}

/// The way to the client.
#[derive(Clone)]
pub(super) struct Out(mpsc::Sender<Order>);

/// Both ways, for the SDK.
pub(super) struct Pipe {
    lines: Receiver<Line>,
    out: Out,
    begun: bool,
}

impl Out {
    /// Sends what is written to `sink` from now on; `ended` hears when nobody reads it any more.
    pub(super) fn open(sink: impl Write + Send + 'static, ended: UnboundedSender<()>) -> Self {
        let (orders, to_do) = mpsc::channel();
        std::thread::spawn(move || write_all(sink, &to_do, &ended));
        Self(orders)
    }

    fn send(&self, mut line: Vec<u8>) -> io::Result<()> {
        line.push(b'\n');
        self.0.send(Order::Write(line)).map_err(|_left| io::ErrorKind::BrokenPipe.into())
    }

    /// Waits until all is written, but no longer than `most`.
    pub(super) fn flush(&self, most: Duration) {
        let (tell, told) = mpsc::sync_channel(1);
        if self.0.send(Order::Tell(tell)).is_ok() {
            let _or_nobody_reads = told.recv_timeout(most);
        }
    }

    fn refuse(&self, id: &Value, code: i32, message: &str) {
        let refusal = json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } });
        let _nobody_listens = self.send(refusal.to_string().into_bytes());
    }
}

fn write_all(mut sink: impl Write, to_do: &mpsc::Receiver<Order>, ended: &UnboundedSender<()>) {
    while let Ok(order) = to_do.recv() {
        match order {
            Order::Write(line) => {
                if sink.write_all(&line).and_then(|()| sink.flush()).is_err() {
                    let _already_leaving = ended.send(());
                    return;
                }
            }
            Order::Tell(tell) => {
                let _no_longer_waiting = tell.try_send(());
            }
        }
    }
}

impl Pipe {
    /// Reads `source` from now on and answers through `out`.
    pub(super) fn open(source: impl BufRead + Send + 'static, out: Out) -> Self {
        let (found, lines) = channel(AHEAD);
        std::thread::spawn(move || read_all(source, &found));
        Self { lines, out, begun: false }
    }

    /// The message of a line, if the SDK is to see it; everything else is answered here or needs no answer.
    fn judge(&mut self, line: &[u8]) -> Option<ClientJsonRpcMessage> {
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
        if line.is_empty() {
            return None;
        }
        let message: Value = match serde_json::from_slice(line) {
            Ok(message) => message,
            Err(why) => {
                self.out.refuse(&Value::Null, PARSE, &format!("this line is no JSON: {why}"));
                return None;
            }
        };
        let Some(fields) = message.as_object() else {
            self.out.refuse(&Value::Null, INVALID, "a message is one JSON object; batches are not taken");
            return None;
        };
        let method = fields.get("method").and_then(Value::as_str).map(ToOwned::to_owned);
        match (method, fields.get("id").cloned()) {
            (Some(method), Some(id)) => self.request(&method, &id, message),
            // a notification: nobody waits for an answer, so what cannot be read is passed over
            (Some(_), None) => self.begun.then(|| serde_json::from_value(message).ok()).flatten(),
            // an answer to a question we never asked
            (None, _) if ["result", "error"].iter().any(|name| fields.contains_key(*name)) => None,
            (None, id) => {
                let id = id.filter(is_id).unwrap_or_default();
                self.out.refuse(&id, INVALID, "a request names its method");
                None
            }
        }
    }

    fn request(&mut self, method: &str, id: &Value, message: Value) -> Option<ClientJsonRpcMessage> {
        if !is_id(id) {
            self.out.refuse(&Value::Null, INVALID, "the id of a request is a text or a whole number");
            return None;
        }
        if !KNOWN.contains(&method) {
            self.out.refuse(id, UNKNOWN, &format!("method not found: {method}"));
            return None;
        }
        if !self.begun && method.starts_with("tools/") {
            self.out.refuse(id, UNKNOWN, &format!("method not found before initialize: {method}"));
            return None;
        }
        if message["jsonrpc"] != "2.0" {
            self.out.refuse(id, INVALID, "this is no request of JSON-RPC 2.0");
            return None;
        }
        match serde_json::from_value(message) {
            // what does not have the shape of its method becomes a custom request
            Ok(ClientJsonRpcMessage::Request(request))
                if !matches!(request.request, ClientRequest::CustomRequest(_)) =>
            {
                self.begun |= matches!(request.request, ClientRequest::InitializeRequest(_));
                Some(ClientJsonRpcMessage::Request(request))
            }
            _ => {
                self.out.refuse(id, PARAMS, &format!("the parameters of {method} cannot be read"));
                None
            }
        }
    }
}

/// Whether the protocol takes it for an id: a text or a whole number, which is sent back as it came.
fn is_id(id: &Value) -> bool {
    id.is_string() || id.is_i64()
}

impl Transport<RoleServer> for Pipe {
    type Error = io::Error;

    fn send(
        &mut self,
        item: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let sent = serde_json::to_vec(&item).map_err(Into::into).and_then(|line| self.out.send(line));
        std::future::ready(sent)
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            let found = match self.lines.recv().await? {
                Line::Whole(line) => self.judge(&line),
                Line::TooLong => {
                    let message = format!("a line longer than {} MB is not read", LONGEST / 1024 / 1024);
                    self.out.refuse(&Value::Null, INVALID, &message);
                    None
                }
            };
            if found.is_some() {
                return found;
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// Hands on every line until the source ends or nobody wants more; a last one without an end is a line too.
fn read_all(mut source: impl BufRead, found: &Sender<Line>) {
    let mut line = Vec::new();
    let mut too_long = false;
    loop {
        let part = match source.fill_buf() {
            Ok(part) => part,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => &[],
        };
        let end = part.iter().position(|byte| *byte == b'\n');
        let more = &part[..end.unwrap_or(part.len())];
        too_long |= line.len() + more.len() > LONGEST;
        if too_long {
            line = Vec::new();
        } else {
            line.extend_from_slice(more);
        }
        let (taken, over) = (end.map_or(part.len(), |end| end + 1), part.is_empty());
        source.consume(taken);
        if end.is_some() || over && (too_long || !line.is_empty()) {
            let whole = if std::mem::take(&mut too_long) {
                Line::TooLong
            } else {
                Line::Whole(std::mem::take(&mut line))
            };
            if found.blocking_send(whole).is_err() {
                return;
            }
        }
        if over {
            return;
        }
    }
}
