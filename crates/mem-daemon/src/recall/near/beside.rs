//! Meaning beside the words: a thread of its own embeds the question and compares it while the words are looked up.
//!
//! Who is done with the words helps to compare what is left. Must not read the store on that thread: a connection is one
//! thread's.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, Scope};

use mem_embed::{Hit, Portions};
use mem_store::{Columns, Reader, StoreError};

use super::nearest::{Asked, Near};
use super::question::Ready;
use crate::recall::allowed::Allowed;

/// What is done beside the words.
pub(in crate::recall) struct Beside<'a> {
    ready: Mutex<Option<Ready<'a>>>,
    /// The question as it was typed, and in English where it was typed in another language.
    question: (&'a str, Option<&'a str>),
    allowed: &'a Allowed,
    portions: Portions,
}

/// Where the thread tells what it has.
type Told<'a> = (Sender<Arc<Asked<'a>>>, Sender<Vec<Hit>>);

/// What the thread will tell: the question's vector, and what it found by it.
pub(in crate::recall) struct Awaited<'b, 'a> {
    beside: &'b Beside<'a>,
    asked: Receiver<Arc<Asked<'a>>>,
    found: Receiver<Vec<Hit>>,
}

impl<'a> Beside<'a> {
    pub(in crate::recall) fn of(
        ready: Ready<'a>,
        question: (&'a str, Option<&'a str>),
        allowed: &'a Allowed,
    ) -> Self {
        Self { ready: Mutex::new(Some(ready)), question, allowed, portions: Portions::default() }
    }

    /// Begins, on a thread of its own if there is one to be had.
    pub(in crate::recall) fn begin<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
    ) -> Awaited<'scope, 'a> {
        let (awaited, told) = self.awaited();
        if Builder::new().spawn_scoped(scope, || self.work(told)).is_ok() {
            return awaited;
        }
        let (awaited, told) = self.awaited();
        self.work(told);
        awaited
    }

    fn awaited(&self) -> (Awaited<'_, 'a>, Told<'a>) {
        let ((tell_asked, asked), (tell_found, found)) = (channel(), channel());
        (Awaited { beside: self, asked, found }, (tell_asked, tell_found))
    }

    /// Embeds and compares. A panic costs the meaning of this question and nothing else: nothing is told then.
    fn work(&self, (tell_asked, tell_found): Told<'a>) {
        let work = || {
            let ready = self.ready.lock().ok()?.take()?;
            let (text, glossed) = self.question;
            let asked = Arc::new(ready.ask(text, glossed)?);
            // who does not listen any more has met an error
            tell_asked.send(Arc::clone(&asked)).ok()?;
            tell_found.send(asked.compared(self.allowed, &self.portions)).ok()
        };
        let _whether_there_was_meaning = catch_unwind(AssertUnwindSafe(work));
    }
}

impl<'a> Awaited<'_, 'a> {
    /// What is near, once it is known; nothing where the question has no vector.
    pub(in crate::recall) fn near(
        self,
        store: &'a Reader,
        columns: &Columns,
    ) -> Result<Option<Near<'a>>, StoreError> {
        let Beside { allowed, portions, .. } = self.beside;
        let Ok(asked) = self.asked.recv() else { return Ok(None) };
        let mut found = asked.compared(allowed, portions);
        // what the other one took and did not tell nobody has compared
        let Ok(theirs) = self.found.recv() else { return Ok(None) };
        found.extend(theirs);
        asked.near(found, store, columns, allowed)
    }
}
