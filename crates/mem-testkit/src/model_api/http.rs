//! As much HTTP/1.1 as an API needs: requests read whole, answers written by hand.
//!
//! By hand, because tests need what no HTTP server offers: a connection that is dropped before or within an
//! answer, and an answer that stops in the middle.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};

use serde_json::Value;

use super::Request;

/// Largest body: a conversation of the client with whole files in it is well below.
const LARGEST: usize = 64 << 20;

/// One connection of the client.
pub(super) struct Connection {
    input: BufReader<TcpStream>,
    output: TcpStream,
}

impl Connection {
    /// Takes a connection over.
    pub(super) fn new(stream: TcpStream) -> std::io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { output: stream.try_clone()?, input: BufReader::new(stream) })
    }

    /// The next request; `None` when the client has left or does not speak HTTP.
    pub(super) fn request(&mut self) -> Option<Request> {
        let first = self.line().filter(|line| !line.is_empty())?;
        let mut words = first.split(' ');
        let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':')?;
            headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut request = Request { method, path, headers, body: Value::Null };
        if request.header("expect").is_some() {
            self.raw(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
        }
        let bytes =
            if request.header("transfer-encoding").is_some_and(|encoding| encoding.contains("chunked")) {
                self.chunks()?
            } else {
                let length =
                    request.header("content-length").map_or(Some(0), |length| length.parse().ok())?;
                self.bytes(length)?
            };
        request.body = serde_json::from_slice(&bytes).unwrap_or_default();
        Some(request)
    }

    /// Answers with a whole body.
    pub(super) fn answer(&mut self, code: u16, kind: &str, extra: &str, body: &[u8]) -> std::io::Result<()> {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {code} {}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n{extra}\r\n",
            reason(code)
        );
        self.raw(head.as_bytes())?;
        self.raw(body)
    }

    /// Begins an answer that comes in pieces.
    pub(super) fn begin(&mut self, kind: &str, extra: &str) -> std::io::Result<()> {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncache-control: no-cache\r\n{extra}\
             transfer-encoding: chunked\r\n\r\n"
        );
        self.raw(head.as_bytes())
    }

    /// One piece.
    pub(super) fn piece(&mut self, text: &str) -> std::io::Result<()> {
        self.raw(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes())
    }

    /// The end of the pieces.
    pub(super) fn end(&mut self) -> std::io::Result<()> {
        self.raw(b"0\r\n\r\n")
    }

    /// Cuts the connection.
    pub(super) fn cut(&mut self) {
        let _cut_already = self.output.shutdown(Shutdown::Both);
    }

    fn raw(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.output.write_all(bytes)?;
        self.output.flush()
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.input.read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
    }

    fn bytes(&mut self, length: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; (length <= LARGEST).then_some(length)?];
        self.input.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }

    fn chunks(&mut self) -> Option<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            let line = self.line()?;
            let length = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
            if length == 0 {
                while !self.line()?.is_empty() {}
                return Some(all);
            }
            all.extend(self.bytes(length)?);
            self.line()?;
        }
    }
}

fn reason(code: u16) -> &'static str {
    match code {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        529 => "Overloaded",
        _ => "Answer",
    }
}
