//! The server: listens on loopback, one thread per connection, logs every request, answers from the script.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::json;

use super::http::Connection;
use super::reply::{error, events, message};
use super::script::Script;
use super::{Block, Gate, Reply, Request, chat};
use crate::wait::SOON;

/// How often a held answer looks whether the server is closing.
const GLANCE: Duration = Duration::from_millis(50);

/// The server; it ends with its value.
pub struct ModelApi {
    shared: Arc<Shared>,
    address: SocketAddr,
    listening: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    script: Mutex<Script>,
    requests: Mutex<Vec<Request>>,
    arrived: Condvar,
    connections: Mutex<Vec<TcpStream>>,
    serial: AtomicU64,
    closing: AtomicBool,
}

impl ModelApi {
    /// Listens on a free port of loopback.
    ///
    /// # Panics
    /// When there is none.
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let shared = Arc::new(Shared::default());
        let serving = Arc::clone(&shared);
        let listening = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if serving.closing.load(Ordering::SeqCst) {
                    break;
                }
                let serving = Arc::clone(&serving);
                std::thread::spawn(move || serving.serve(stream));
            }
        });
        Self { shared, address, listening: Some(listening) }
    }

    /// What the client is told as its base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers a prompt that holds `part` with these, one per request; the latest such line wins.
    pub fn on_prompt(&self, part: &str, replies: Vec<Reply>) {
        self.script().prompts.push((part.to_owned(), replies));
    }

    /// Answers whatever this gives something for; asked before the prompts.
    pub fn on_request(&self, rule: impl FnMut(&Request) -> Option<Reply> + Send + 'static) {
        self.script().rules.push(Box::new(rule));
    }

    /// Answers the next request with this, whatever it is; several are given in order.
    pub fn next(&self, reply: Reply) {
        self.script().once.push_back(reply);
    }

    /// Every request for a message so far, in order.
    pub fn requests(&self) -> Vec<Request> {
        self.log().clone()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.log().clear();
    }

    /// Waits for the first request that fits and gives it.
    ///
    /// # Panics
    /// When none comes soon, naming `what` was waited for.
    pub fn wait_for(&self, what: &str, fits: impl Fn(&Request) -> bool) -> Request {
        let mut log = self.log();
        let deadline = std::time::Instant::now() + SOON;
        loop {
            if let Some(request) = log.iter().find(|request| fits(request)) {
                return request.clone();
            }
            let left = deadline.saturating_duration_since(std::time::Instant::now());
            assert!(!left.is_zero(), "waited in vain for {what}; {} requests came", log.len());
            log = self.shared.arrived.wait_timeout(log, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Prompts that nothing in the script was meant for.
    pub fn unexpected(&self) -> Vec<String> {
        self.script().unexpected.clone()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.shared.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self) -> MutexGuard<'_, Vec<Request>> {
        self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ModelApi {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::SeqCst);
        let _woken = TcpStream::connect(self.address); // so that the listener looks up and sees that it is over
        for stream in self.shared.connections.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _closed_already = stream.shutdown(std::net::Shutdown::Both);
        }
        if let Some(listening) = self.listening.take() {
            let _ended = listening.join();
        }
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) {
        if let Ok(clone) = stream.try_clone() {
            self.connections.lock().unwrap_or_else(PoisonError::into_inner).push(clone);
        }
        let Ok(mut connection) = Connection::new(stream) else { return };
        while let Some(request) = connection.request() {
            if self.respond(&mut connection, request).is_err() {
                break; // the client has left, which is its right
            }
        }
        connection.cut();
    }

    fn respond(&self, connection: &mut Connection, request: Request) -> std::io::Result<()> {
        let path = request.path.split('?').next().unwrap_or_default();
        let read = request.body.to_string().len() / 4;
        let Some(shape) = Shape::at(path) else {
            return if path == "/v1/messages/count_tokens" {
                json_answer(connection, 200, "", &json!({ "input_tokens": read }))
            } else {
                json_answer(connection, 404, "", &error("not_found_error", path))
            };
        };
        let reply = self.script.lock().unwrap_or_else(PoisonError::into_inner).answer(&request);
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        self.arrived.notify_all();
        let serial = self.serial.fetch_add(1, Ordering::SeqCst) + 1;
        let model = request.body["model"].as_str().unwrap_or("claude").to_owned();
        let streams = shape == Shape::Messages && request.body["stream"] == true;
        let told = Told { shape, streams, model, serial, read };
        self.speak(connection, &told, String::new(), reply)
    }

    fn speak(
        &self,
        connection: &mut Connection,
        told: &Told,
        mut extra: String,
        reply: Reply,
    ) -> std::io::Result<()> {
        match reply {
            Reply::Message(blocks) if !told.streams => {
                json_answer(connection, 200, &extra, &told.whole(&blocks, false))
            }
            Reply::Cut(text) if !told.streams => {
                json_answer(connection, 200, &extra, &told.whole(&[Block::Text(text)], true))
            }
            Reply::Cut(text) => {
                let (head, tail) = told.halves(&[Block::Text(text)]);
                connection.begin(told.kind(), &extra)?;
                connection.piece(&head)?;
                connection.piece(&tail.replace("\"end_turn\"", "\"max_tokens\""))?;
                connection.end()
            }
            Reply::Message(blocks) => {
                let (head, tail) = told.halves(&blocks);
                connection.begin(told.kind(), &extra)?;
                connection.piece(&head)?;
                connection.piece(&tail)?;
                connection.end()
            }
            Reply::Status { code, kind, message, retry_after } => {
                if let Some(seconds) = retry_after {
                    extra.push_str(&format!("retry-after: {seconds}\r\n"));
                }
                json_answer(connection, code, &extra, &told.error(code, &kind, &message))
            }
            Reply::Raw { code, body } => json_answer(connection, code, &extra, &body),
            Reply::With(headers, then) => {
                extra.extend(headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")));
                self.speak(connection, told, extra, *then)
            }
            Reply::Drop => Err(std::io::ErrorKind::ConnectionAborted.into()),
            Reply::DropMidStream => {
                let (head, _) = told.halves(&[Block::Text("half of a sentence".to_owned())]);
                connection.begin(told.kind(), &extra)?;
                connection.piece(&head)?;
                Err(std::io::ErrorKind::ConnectionAborted.into())
            }
            Reply::Garbage => connection.answer(200, "text/html", &extra, b"<html>Bad gateway</html>"),
            Reply::Held(gate, then) => {
                self.wait_at(&gate);
                self.speak(connection, told, extra, *then)
            }
            Reply::Stalled(gate, blocks) => {
                let (head, tail) = told.halves(&blocks);
                connection.begin(told.kind(), &extra)?;
                connection.piece(&head)?;
                self.wait_at(&gate);
                connection.piece(&tail)?;
                connection.end()
            }
        }
    }

    fn wait_at(&self, gate: &Gate) {
        while !gate.wait(GLANCE) && !self.closing.load(Ordering::SeqCst) {}
    }
}

/// Which protocol a path belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Messages,
    Chat,
    Embeddings,
}

impl Shape {
    fn at(path: &str) -> Option<Self> {
        match path {
            "/v1/messages" => Some(Self::Messages),
            // OpenAI and most others, Google, OpenRouter
            "/v1/chat/completions" | "/v1beta/openai/chat/completions" | "/api/v1/chat/completions" => {
                Some(Self::Chat)
            }
            "/v1/embeddings" => Some(Self::Embeddings),
            _ => None,
        }
    }
}

/// What an answer repeats of its request.
struct Told {
    shape: Shape,
    streams: bool,
    model: String,
    serial: u64,
    read: usize,
}

impl Told {
    fn whole(&self, blocks: &[Block], cut: bool) -> serde_json::Value {
        match self.shape {
            Shape::Messages => message(blocks, &self.model, self.serial, self.read, cut),
            Shape::Chat | Shape::Embeddings => {
                chat::completion(blocks, &self.model, self.serial, self.read, cut)
            }
        }
    }

    /// A message in two pieces: events of a stream, or halves of a whole.
    fn halves(&self, blocks: &[Block]) -> (String, String) {
        if self.streams {
            return events(blocks, &self.model, self.serial, self.read);
        }
        let whole = self.whole(blocks, false).to_string();
        let mut middle = whole.len() / 2;
        while !whole.is_char_boundary(middle) {
            middle += 1;
        }
        (whole[..middle].to_owned(), whole[middle..].to_owned())
    }

    fn kind(&self) -> &'static str {
        if self.streams { "text/event-stream; charset=utf-8" } else { JSON }
    }

    fn error(&self, code: u16, kind: &str, message: &str) -> serde_json::Value {
        match self.shape {
            Shape::Messages => error(kind, message),
            Shape::Chat | Shape::Embeddings => chat::error(code, kind, message),
        }
    }
}

const JSON: &str = "application/json";

fn json_answer(
    connection: &mut Connection,
    code: u16,
    extra: &str,
    body: &serde_json::Value,
) -> std::io::Result<()> {
    connection.answer(code, JSON, extra, body.to_string().as_bytes())
}
