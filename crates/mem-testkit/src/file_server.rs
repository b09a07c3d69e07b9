//! A server of files on loopback that does to its clients what networks do: it cuts, stalls, lies and forgets.
//!
//! Real HTTP over real sockets, written by hand, since no server can be told to misbehave. What it does to the next
//! request for a file is said beforehand; without a word it serves the folder as a good server does, parts included.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// How often a stalled answer looks whether the server is closing.
const GLANCE: std::time::Duration = std::time::Duration::from_millis(20);

/// What is done to one request.
#[derive(Debug, Clone)]
pub enum Serve {
    /// The file, or the part of it that is asked for.
    Well,
    /// The same, until the connection ends after so many bytes.
    Cut(u64),
    /// The same, until nothing more comes after so many bytes, for as long as the client stays.
    Stall(u64),
    /// The whole file, whatever part is asked for.
    Whole,
    /// The whole file and so many bytes more, without a word of how many there are.
    More(usize),
    /// As many bytes as the file has, and none of them the file's.
    Garbage,
    /// A page of this text.
    Page(String),
    /// No file, but this status.
    Status(u16),
    /// A redirect to this address.
    To(String),
    /// These very bytes, from the first line on.
    Raw(Vec<u8>),
    /// Nothing at all, for as long as the client stays.
    Silence,
}

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The path.
    pub path: String,
    /// `Range`.
    pub range: Option<String>,
    /// `If-Range`.
    pub if_range: Option<String>,
}

/// The server; it ends with its value.
pub struct FileServer {
    shared: Arc<Shared>,
    address: SocketAddr,
    listening: Option<JoinHandle<()>>,
}

struct Shared {
    folder: PathBuf,
    etag: Mutex<Option<String>>,
    script: Mutex<BTreeMap<String, VecDeque<Serve>>>,
    asked: Mutex<Vec<Asked>>,
    closing: AtomicBool,
}

impl FileServer {
    /// Serves a folder on a free port of loopback.
    ///
    /// # Panics
    /// When there is none.
    pub fn start(folder: &Path) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let shared = Arc::new(Shared {
            folder: folder.to_path_buf(),
            etag: Mutex::default(),
            script: Mutex::default(),
            asked: Mutex::default(),
            closing: AtomicBool::new(false),
        });
        let serving = Arc::clone(&shared);
        let listening = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if serving.closing.load(Ordering::SeqCst) {
                    break;
                }
                let serving = Arc::clone(&serving);
                std::thread::spawn(move || {
                    let _client_has_left = serving.serve(&stream);
                    let _closed_already = stream.shutdown(Shutdown::Both);
                });
            }
        });
        Self { shared, address, listening: Some(listening) }
    }

    /// The address of the folder, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Does this to the next request for a file of that name; several are given in order.
    pub fn next(&self, name: &str, serve: Serve) {
        locked(&self.shared.script).entry(name.to_owned()).or_default().push_back(serve);
    }

    /// Names the version of every file from now on.
    pub fn tag(&self, etag: &str) {
        *locked(&self.shared.etag) = Some(etag.to_owned());
    }

    /// Every request so far, in order.
    pub fn asked(&self) -> Vec<Asked> {
        locked(&self.shared.asked).clone()
    }
}

impl Drop for FileServer {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::SeqCst);
        let _woken = TcpStream::connect(self.address); // so that the listener looks up and sees that it is over
        if let Some(listening) = self.listening.take() {
            let _ended = listening.join();
        }
    }
}

fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// One request of one connection.
    fn serve(&self, mut stream: &TcpStream) -> std::io::Result<()> {
        let Some(asked) = request(stream) else { return Ok(()) };
        locked(&self.asked).push(asked.clone());
        let path = asked.path.split('?').next().unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        let serve = locked(&self.script).get_mut(&name).and_then(VecDeque::pop_front).unwrap_or(Serve::Well);
        let Ok(file) = std::fs::read(self.folder.join(&name)) else {
            return plain(stream, "404 Not Found", "", b"");
        };
        match serve {
            Serve::Well => self.part(stream, &asked, &file, u64::MAX),
            Serve::Cut(after) => self.part(stream, &asked, &file, after),
            Serve::Stall(after) => {
                self.part(stream, &asked, &file, after)?;
                self.hold(stream)
            }
            Serve::Whole => plain(stream, "200 OK", &self.version(), &file),
            Serve::More(more) => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")?;
                stream.write_all(&file)?;
                stream.write_all(&vec![b'x'; more])
            }
            Serve::Garbage => plain(stream, "200 OK", "", &vec![b'x'; file.len()]),
            Serve::Page(text) => plain(stream, "200 OK", "content-type: text/html\r\n", text.as_bytes()),
            Serve::Status(code) => plain(stream, &format!("{code} As Told"), "", b"no"),
            Serve::To(address) => plain(stream, "302 Found", &format!("location: {address}\r\n"), b"there"),
            Serve::Raw(bytes) => stream.write_all(&bytes),
            Serve::Silence => self.hold(stream),
        }
    }

    /// The part that is asked for, of which only `most` bytes are sent.
    fn part(&self, mut stream: &TcpStream, asked: &Asked, file: &[u8], most: u64) -> std::io::Result<()> {
        let same = asked.if_range.is_none() || asked.if_range == *locked(&self.etag);
        let begin = asked
            .range
            .as_deref()
            .filter(|_| same)
            .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
        let size = file.len();
        let (status, extra, body) = match begin {
            Some(begin) if begin >= size => {
                let extra = format!("content-range: bytes */{size}\r\n");
                return plain(stream, "416 Range Not Satisfiable", &extra, b"");
            }
            Some(begin) => {
                let extra = format!("content-range: bytes {begin}-{}/{size}\r\n", size - 1);
                ("206 Partial Content", extra, &file[begin..])
            }
            None => ("200 OK", String::new(), file),
        };
        stream.write_all(head(status, &format!("{extra}{}", self.version()), body.len()).as_bytes())?;
        stream.write_all(&body[..body.len().min(usize::try_from(most).unwrap_or(usize::MAX))])
    }

    fn version(&self) -> String {
        locked(&self.etag).as_ref().map(|etag| format!("etag: {etag}\r\n")).unwrap_or_default()
    }

    /// Waits until the client has left, or this server ends.
    fn hold(&self, stream: &TcpStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(GLANCE))?;
        while !self.closing.load(Ordering::SeqCst) {
            match stream.peek(&mut [0]) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn request(stream: &TcpStream) -> Option<Asked> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let mut asked = Asked { path, range: None, if_range: None };
    for line in lines.take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':')?;
        let value = Some(value.trim().to_owned());
        match name.to_ascii_lowercase().as_str() {
            "range" => asked.range = value,
            "if-range" => asked.if_range = value,
            _ => {}
        }
    }
    Some(asked)
}

fn head(status: &str, extra: &str, length: usize) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{extra}connection: close\r\n\r\n")
}

fn plain(mut stream: &TcpStream, status: &str, extra: &str, body: &[u8]) -> std::io::Result<()> {
    stream.write_all(head(status, extra, body.len()).as_bytes())?;
    stream.write_all(body)
}
