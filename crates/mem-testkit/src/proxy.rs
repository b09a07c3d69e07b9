//! A small HTTP proxy on loopback: tunnels, and requests whose whole address stands in their first line.
//!
//! Whatever host is asked for, it leads to one address that the test chose, so that a test can see what would have
//! gone out to the world. Keeps the first line and the headers of every request.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// The proxy; it takes no more connections when its value ends.
pub struct Proxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    closing: Arc<std::sync::atomic::AtomicBool>,
}

impl Proxy {
    /// Listens on a free port of loopback and leads everything to `target`, an address such as `127.0.0.1:4000`.
    ///
    /// # Panics
    /// When there is no free port.
    pub fn start(target: &str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let (heads, closing) = (Arc::default(), Arc::default());
        let proxy = Self { address, heads: Arc::clone(&heads), closing: Arc::clone(&closing) };
        let target = target.to_owned();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if closing.load(std::sync::atomic::Ordering::SeqCst) {
                    break;
                }
                let (heads, target) = (Arc::clone(&heads), target.clone());
                std::thread::spawn(move || serve(client, &target, &heads));
            }
        });
        proxy
    }

    /// What the client is told.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// First line and headers of every request so far, in order.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.closing.store(true, std::sync::atomic::Ordering::SeqCst);
        let _woken = TcpStream::connect(self.address); // so that the listener looks up and sees that it is over
    }
}

/// Leads one client on; gives up silently when either side has left, which is their right.
fn serve(client: TcpStream, target: &str, heads: &Mutex<Vec<String>>) -> Option<()> {
    let mut client = BufReader::new(client);
    let mut head = String::new();
    loop {
        let start = head.len();
        client.read_line(&mut head).ok().filter(|read| *read > 0)?;
        if head[start..].trim().is_empty() {
            break;
        }
    }
    heads.lock().unwrap_or_else(PoisonError::into_inner).push(head.clone());
    let mut server = TcpStream::connect(target).ok()?;
    if head.starts_with("CONNECT ") {
        client.get_mut().write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").ok()?;
    } else {
        let (first, rest) = head.split_once("\r\n")?;
        let (method, rest_of_line) = first.split_once(' ')?;
        let (whole, version) = rest_of_line.rsplit_once(' ')?;
        let path = whole.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]))?;
        server.write_all(format!("{method} {path} {version}\r\n{rest}").as_bytes()).ok()?;
    }
    let (mut back, mut to_client) = (server.try_clone().ok()?, client.get_ref().try_clone().ok()?);
    let returning = std::thread::spawn(move || {
        let _either_side_left = std::io::copy(&mut back, &mut to_client);
        let _left_already = to_client.shutdown(std::net::Shutdown::Write);
    });
    let _either_side_left = std::io::copy(&mut client, &mut server);
    let _left_already = server.shutdown(std::net::Shutdown::Write);
    returning.join().ok()
}
