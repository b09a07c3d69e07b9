//! A large file whose size is known beforehand, read from an address over the user's road, from where an earlier attempt
//! ended.
//!
//! Here and not with whoever keeps the file, since this crate alone goes out and proxies and certificates are judged once.
//! No key is ever sent, so redirects are followed, each over a road of its own, but never from encryption to none. No more
//! is read than the file has. Must not touch the disk, repeat itself, or judge the bytes: that is done by their checksum.

use std::io::{self, ErrorKind, Read};
use std::time::Duration;

use ureq::http::{HeaderMap, Request, Response, Uri, header};
use ureq::{Body, Error};

use super::keys::Keys;
use super::road::{blocked, over, plain, road};

/// For the name and for the connection, each.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest silence of a server, before its answer and within it.
const SILENCE: Duration = Duration::from_secs(30);
/// Most hosts that are gone to after the first; the publisher takes two.
const REDIRECTS: usize = 5;
/// Bytes read at once.
const AT_ONCE: usize = 64 * 1024;

/// Why a file was not read to its end. The words are fragments with the host in them.
#[derive(Debug)]
pub enum FetchError {
    /// The address, the proxy or the certificates cannot be used; the remedy follows a colon.
    Setup(String),
    /// Nothing came, or it ended in the middle. What came is sound as far as anybody knows, and can be gone on with.
    Broke(String),
    /// The server does not give the file away.
    Refused(String),
    /// What is sent cannot be the file.
    Wrong(String),
    /// Whoever was handed the bytes could not take them.
    Taken(io::Error),
}

/// A file at an address.
#[derive(Debug)]
pub struct Remote<'k> {
    url: String,
    size: u64,
    keys: &'k Keys,
    silence: Duration,
    /// What the server called the version that was begun, where it said so.
    etag: Option<String>,
}

impl<'k> Remote<'k> {
    /// The file of `size` bytes at `url`; proxies and certificates are those that `keys` name.
    pub fn new(url: String, size: u64, keys: &'k Keys) -> Self {
        Self { url, size, keys, silence: SILENCE, etag: None }
    }

    #[cfg(test)]
    pub(super) fn patient_for(mut self, silence: Duration) -> Self {
        self.silence = silence;
        self
    }

    /// Reads the file from its byte `begun` on and hands each piece with its place to `take`. A server that cannot
    /// begin there, or has another version by now, begins at 0.
    ///
    /// # Errors
    /// When not all of it came; or more.
    pub fn read(
        &mut self,
        begun: u64,
        take: &mut dyn FnMut(u64, &[u8]) -> io::Result<()>,
    ) -> Result<(), FetchError> {
        let (mut host, mut answer) = self.open(begun)?;
        if answer.status() == 416 && begun > 0 {
            (host, answer) = self.open(0)?;
        }
        let mut at = self.begins(&host, begun, &answer)?;
        self.etag = strong(answer.headers());
        let mut body = answer.body_mut().as_reader();
        let mut piece = vec![0; AT_ONCE];
        loop {
            match body.read(&mut piece) {
                Ok(0) if at < self.size => return Err(FetchError::Broke(self.after(&host, at))),
                Ok(0) => return Ok(()),
                Ok(read) if read as u64 > self.size - at => {
                    let said = format!("{host} sends more than the {} bytes that the file has", self.size);
                    return Err(FetchError::Wrong(said));
                }
                Ok(read) => {
                    take(at, &piece[..read]).map_err(FetchError::Taken)?;
                    at += read as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // all is there, and whatever was to follow is of no use
                Err(_) if at == self.size => return Ok(()),
                Err(error) => return Err(FetchError::Broke(self.stopped(&host, at, error))),
            }
        }
    }

    /// Asks for the file, wherever it is by now: the host that answered, and its answer.
    fn open(&self, begun: u64) -> Result<(String, Response<Body>), FetchError> {
        let mut uri = address(&self.url)?;
        for _ in 0..=REDIRECTS {
            let host = uri.authority().map(|authority| authority.as_str().to_owned()).unwrap_or_default();
            let road = road(&uri, self.keys, CONNECT).map_err(|fault| FetchError::Setup(fault.said))?;
            let by = road.by;
            let agent = road
                .config
                .timeout_recv_response(Some(self.silence))
                .timeout_per_read(Some(self.silence))
                .build()
                .new_agent();
            let mut request = Request::get(&uri).header(header::ACCEPT_ENCODING, "identity");
            if begun > 0 {
                request = request.header(header::RANGE, format!("bytes={begun}-"));
                if let Some(etag) = &self.etag {
                    request = request.header(header::IF_RANGE, etag);
                }
            }
            let answer = match request.body(()) {
                Ok(request) => agent.run(request),
                Err(error) => Err(Error::Http(error)),
            };
            let answer = answer.map_err(|error| FetchError::Broke(self.silent(&host, by, &error)))?;
            let Some(next) = location(&answer) else { return Ok((host, answer)) };
            let next = join(&uri, &next).ok_or_else(|| {
                FetchError::Refused(format!("{host} sends us on to what is no address of http or https"))
            })?;
            if uri.scheme_str() == Some("https") && next.scheme_str() != Some("https") {
                return Err(FetchError::Refused(format!(
                    "{host} sends us on to an address without encryption"
                )));
            }
            uri = next;
        }
        Err(FetchError::Refused(format!("{} sends us on and on", self.url)))
    }

    /// Where the bytes of an answer begin.
    fn begins(&self, host: &str, begun: u64, answer: &Response<Body>) -> Result<u64, FetchError> {
        let headers = answer.headers();
        let other =
            |is: u64| FetchError::Wrong(format!("what {host} has there has {is} bytes, not {}", self.size));
        match answer.status().as_u16() {
            200 => match text(headers, header::CONTENT_LENGTH).and_then(|length| length.parse().ok()) {
                Some(length) if length != self.size => Err(other(length)),
                _ => Ok(0),
            },
            206 => {
                let (from, of) = text(headers, header::CONTENT_RANGE).and_then(range).ok_or_else(|| {
                    FetchError::Wrong(format!("{host} does not say which part of the file it sends"))
                })?;
                match of {
                    Some(is) if is != self.size => Err(other(is)),
                    _ if from == begun => Ok(begun),
                    _ => Err(FetchError::Wrong(format!("{host} sends another part than was asked for"))),
                }
            }
            404 | 410 => Err(FetchError::Refused(format!(
                "{host} has no such file (it answered {})",
                answer.status().as_u16()
            ))),
            status => Err(FetchError::Refused(format!("{host} answered {status} instead of the file"))),
        }
    }

    fn silent(&self, host: &str, by: Option<&str>, error: &Error) -> String {
        match error {
            Error::Timeout(ureq::Timeout::RecvResponse | ureq::Timeout::PerRead) => {
                format!("{host} did not answer within {:?}{}", self.silence, over(by))
            }
            Error::Protocol(why) => format!("{host} does not speak HTTP: {why}"),
            other => blocked(host, by, other),
        }
    }

    fn stopped(&self, host: &str, at: u64, error: io::Error) -> String {
        match Error::from(error) {
            Error::Timeout(_) => {
                format!("{host} sent nothing for {:?}, after {at} of {} bytes", self.silence, self.size)
            }
            Error::Io(why) if why.kind() != ErrorKind::UnexpectedEof => {
                format!("{}: {}", self.after(host, at), plain(&why))
            }
            _ => self.after(host, at),
        }
    }

    fn after(&self, host: &str, at: u64) -> String {
        format!("{host} broke off after {at} of {} bytes", self.size)
    }
}

/// An address that can be gone to.
fn address(url: &str) -> Result<Uri, FetchError> {
    let uri = url.parse::<Uri>().ok().filter(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    });
    let Some(uri) = uri else {
        return Err(FetchError::Setup(format!("{url} is no address of http or https: name one")));
    };
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        let said = "the address has a login in it, which is not sent: take it out";
        return Err(FetchError::Setup(said.to_owned()));
    }
    Ok(uri)
}

/// Where a redirect leads; `None` for every other answer.
fn location(answer: &Response<Body>) -> Option<String> {
    let leads = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    leads.then(|| text(answer.headers(), header::LOCATION).unwrap_or_default().to_owned())
}

/// An address as a page at `from` names it; `None` where it is none that can be gone to.
pub(super) fn join(from: &Uri, to: &str) -> Option<Uri> {
    let to = to.split('#').next().unwrap_or_default();
    let (scheme, authority) = (from.scheme_str()?, from.authority()?);
    let whole = if to.is_empty() {
        return None;
    } else if to.starts_with("//") {
        format!("{scheme}:{to}")
    } else if to.starts_with('/') {
        format!("{scheme}://{authority}{to}")
    } else if to.split(['/', '?']).next().is_some_and(|first| first.contains(':')) {
        to.to_owned()
    } else {
        let folder = from.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{scheme}://{authority}{folder}/{to}")
    };
    address(&whole).ok()
}

/// Where a part begins and how much there is in all, of `bytes 100-199/200`.
pub(super) fn range(text: &str) -> Option<(u64, Option<u64>)> {
    let (part, of) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (from, _) = part.split_once('-')?;
    Some((from.trim().parse().ok()?, of.trim().parse().ok()))
}

/// The name of a version that may be gone on with; a weak one says only that it means the same.
fn strong(headers: &HeaderMap) -> Option<String> {
    text(headers, header::ETAG).filter(|etag| etag.starts_with('"')).map(str::to_owned)
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
