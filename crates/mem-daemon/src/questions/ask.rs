//! Whoever wants something found: the daemon is asked, where one lives that is this program and has this store, else the
//! search takes place in this process. Which of them it was changes nothing about the answer.

use std::io;
use std::time::{Duration, Instant};

use mem_store::{Reader, StoreError};
use mem_wire::exchange::{Answer, LONGEST_ANSWER, LONGEST_QUESTION, Reply};

use super::{line, shape};
use crate::home::Home;
use crate::meaning::{Asker, Endpoint};
use crate::presence;
use crate::recall::{Ask, Recall};

/// How long the daemon is waited for. A warm search takes some hundredths of a second, fifty at once half a second; whoever has
/// waited for longer is better off with a search of their own, which takes half a second of a processor among 100,000
/// passages where meaning is a leg, and as much for each that does the same.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);
/// A daemon that let a question wait in vain is not asked again for so long, or a process that stays would pay for it with
/// each search.
const SULK: Duration = Duration::from_secs(10);

/// Who answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The daemon.
    Daemon,
    /// This process.
    Here,
}

/// Searches for a caller; keeps what is worth keeping from one question to the next, which is nothing where the daemon
/// answers.
#[derive(Debug, Default)]
pub struct Searcher {
    recall: Option<Recall>,
    not_before: Option<Instant>,
}

impl Searcher {
    /// The answer to a question to `store`, which lies in `home`. `program` is our version; `endpoint` is asked for a service
    /// that embeds questions, where the search takes place here.
    ///
    /// # Errors
    /// As [`Recall::search`]: whatever keeps the daemon from answering is looked at again here.
    pub fn search(
        &mut self,
        home: &Home,
        program: &str,
        store: &Reader,
        ask: &Ask,
        endpoint: impl FnOnce() -> Option<Endpoint>,
    ) -> Result<(Answer, By), StoreError> {
        if let Some(answer) = self.there(home, program, store, ask) {
            self.recall = None;
            return Ok((answer, By::Daemon));
        }
        // vectors are not kept: this process may be here for one question
        let recall = match self.recall.take() {
            Some(kept) => self.recall.insert(kept),
            None => {
                let asker = Asker::here(endpoint(), store)?;
                self.recall.insert(Recall::with_meaning(home, false).asking(asker))
            }
        };
        let answer = recall.search(store, ask)?;
        Ok((shape::answer(answer), By::Here))
    }

    fn there(&mut self, home: &Home, program: &str, store: &Reader, ask: &Ask) -> Option<Answer> {
        let begun = Instant::now();
        if self.not_before.is_some_and(|then| begun < then) {
            return None;
        }
        self.not_before = None;
        let question = shape::question(ask, shape::store_of(store)?)?.line(program);
        if question.len() > LONGEST_QUESTION {
            return None;
        }
        match exchanged(home, begun + PATIENCE, question.as_bytes()) {
            Ok(line) => match Reply::read(&line, program) {
                Reply::Found(answer) => Some(*answer),
                Reply::Refused(_) => None,
            },
            Err(error) => {
                // one that is not there costs nothing to look for
                if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock) {
                    self.not_before = Some(Instant::now() + SULK);
                }
                None
            }
        }
    }
}

fn exchanged(home: &Home, deadline: Instant, question: &[u8]) -> io::Result<Vec<u8>> {
    let stream = presence::reach(home)?;
    line::write(&stream, deadline, question)?;
    line::read(&stream, deadline, |_| Some(LONGEST_ANSWER))
}
