//! One request to an address and back, over the user's road.
//!
//! Knows whether a request can have been paid for: only when the last byte of it was handed to the connection. A
//! connection serves one request, since requests are minutes apart and one that had died in between could not be told
//! from one that broke. Redirects are not followed, as the key would go along. Nothing is said with a secret in it.

use std::io::{ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mem_core::fault::{Fault, FaultKind};
use mem_core::settings::Secret;
use ureq::http::{HeaderValue, Request, Uri};
use ureq::{Agent, Body, Error, SendBody};

use super::endpoint::Whom;
use super::keys::Keys;
use super::road::{blocked, over, plain, road};
use super::whole::Braces;
use crate::model::Ends;

/// Largest answer that is read: thousands of times what is asked for.
const LARGEST: usize = 16 * 1024 * 1024;

/// How long to wait.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For the name and for the connection, each.
    pub(super) connect: Duration,
    /// For all of it.
    pub(super) whole: Duration,
}

impl Patience {
    /// What a person's model gets: four minutes of silence are taken for its death.
    pub(super) const USUAL: Self =
        Self { connect: Duration::from_secs(10), whole: Duration::from_secs(4 * 60) };
}

/// A client for one endpoint.
#[derive(Debug)]
pub(super) struct Client {
    agent: Agent,
    whom: Whom,
    headers: Vec<(&'static str, HeaderValue)>,
    /// The proxy's variable, where one leads there.
    proxy: Option<&'static str>,
    patience: Patience,
    cut: Arc<Cut>,
}

/// What came back, whatever it says.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Response {
    /// The value of a header, named in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Cuts the connections of a client from another thread.
#[derive(Debug)]
struct Cut {
    agent: Agent,
    done: AtomicBool,
}

impl Ends for Cut {
    fn cut(&self) {
        self.done.store(true, Ordering::SeqCst);
        self.agent.clone().shutdown();
    }

    fn let_go(&self) {} // nothing runs between requests
}

impl Client {
    pub(super) fn new(whom: Whom, keys: &Keys, patience: Patience) -> Result<Self, Fault> {
        let setup = |said: String| Fault::free(FaultKind::Setup, said);
        let uri: Uri = whom.url.parse().map_err(|_| setup(format!("{} is no address", whom.url)))?;
        let road = road(&uri, keys, patience.connect)?;
        let agent = road.config.timeout_global(Some(patience.whole)).build().new_agent();
        let header = |(name, value): &(&'static str, Secret)| {
            let mut value = HeaderValue::try_from(&value.0)
                .map_err(|_| setup("the key has characters that no key has: set it anew".to_owned()))?;
            value.set_sensitive(true);
            Ok((*name, value))
        };
        Ok(Self {
            cut: Arc::new(Cut { agent: agent.clone(), done: AtomicBool::new(false) }),
            agent,
            headers: whom.headers.iter().map(header).collect::<Result<_, _>>()?,
            whom,
            proxy: road.by,
            patience,
        })
    }

    /// Who is asked.
    pub(super) fn whom(&self) -> &Whom {
        &self.whom
    }

    /// What ends a request of this client from another thread.
    pub(super) fn ends(&self) -> Arc<dyn Ends> {
        Arc::clone(&self.cut) as Arc<dyn Ends>
    }

    /// Sends a body of JSON and reads what comes back.
    ///
    /// # Errors
    /// When nothing whole came back, or too much.
    pub(super) fn post(&self, body: &[u8], heard: &dyn Fn()) -> Result<Response, Fault> {
        let mut outgoing = Outgoing { rest: body };
        let request = self
            .headers
            .iter()
            .fold(Request::post(&self.whom.url), |request, (name, value)| request.header(*name, value))
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .header("content-length", body.len())
            .body(SendBody::from_reader(&mut outgoing));
        let answer = match request {
            Ok(request) => self.agent.run(request),
            Err(error) => Err(Error::Http(error)),
        };
        let answer = answer.map_err(|error| self.failed(&error, outgoing.rest.is_empty()))?;
        heard();
        let (head, mut body) = answer.into_parts();
        let status = head.status.as_u16();
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers =
            head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let body = match read(&mut body, heard) {
            Ok(Some(body)) => body,
            Ok(None) => {
                let said = format!("{} answered with more than {} MB", self.whom.host, LARGEST >> 20);
                return Err(Fault::perhaps_paid(FaultKind::Misbehaved, said));
            }
            // a refusal is one by its status alone
            Err(_) if status >= 300 => Vec::new(),
            Err(error) => return Err(self.failed(&Error::from(error), true)),
        };
        Ok(Response { status, headers, body })
    }

    /// The fault of a request that got no answer; `sent` when all of it had been handed over.
    fn failed(&self, error: &Error, sent: bool) -> Fault {
        let host = &self.whom.host;
        let fault = |kind: FaultKind, said: String| {
            if sent { Fault::perhaps_paid(kind, said) } else { Fault::free(kind, said) }
        };
        if self.cut.done.load(Ordering::SeqCst) {
            return fault(FaultKind::Ended, "the request was ended".to_owned());
        }
        match error {
            Error::ConnectProxyFailed(why) if why.contains("407") => {
                fault(FaultKind::Setup, blocked(host, self.proxy, error))
            }
            Error::Timeout(_) if sent => {
                fault(FaultKind::Transport, format!("{host} did not answer within {:?}", self.patience.whole))
            }
            Error::Protocol(why) => {
                fault(FaultKind::Misbehaved, format!("{host} does not speak HTTP: {why}"))
            }
            Error::LargeResponseHeader(..) => {
                fault(FaultKind::Misbehaved, format!("{host} answered with a flood of headers"))
            }
            Error::Io(why) if sent && why.kind() != ErrorKind::InvalidData => {
                fault(FaultKind::Transport, format!("{host} broke off{}: {}", over(self.proxy), plain(why)))
            }
            other => fault(FaultKind::Transport, blocked(host, self.proxy, other)),
        }
    }
}

/// The body, and how much of it was handed over.
struct Outgoing<'b> {
    rest: &'b [u8],
}

impl Read for Outgoing<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.rest.read(into)
    }
}

/// The whole answer, which ends with its JSON if it is JSON, whatever follows; `None` when it is too large.
fn read(body: &mut Body, heard: &dyn Fn()) -> std::io::Result<Option<Vec<u8>>> {
    let mut reader = body.as_reader();
    let (mut all, mut piece) = (Vec::new(), [0; 16 * 1024]);
    let mut braces = Braces::default();
    loop {
        match reader.read(&mut piece) {
            Ok(0) => return Ok(Some(all)),
            Ok(read) if all.len() + read > LARGEST => return Ok(None),
            Ok(read) => {
                let end = braces.close_in(&piece[..read]);
                all.extend_from_slice(&piece[..end.unwrap_or(read)]);
                if end.is_some() {
                    heard();
                    return Ok(Some(all));
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        heard();
    }
}
