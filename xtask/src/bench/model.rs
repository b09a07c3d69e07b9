//! The embedding model in a subject's data directory, and how far the daemon has come with it.
//!
//! It is the model that the tests install. It is linked and not copied: it is only ever read.

use std::time::{Duration, Instant};

use mem_core::layout;
use mem_daemon::home::Home;
use mem_daemon::meaning::{self, Standing};
use mem_embed::{NAME, PUBLISHED};
use mem_store::{Reader, Store, StoreError};
use serde_json::{Value, json};

use super::subject::{Subject, wait};
use crate::house::Outcome;

/// The leg of a search that goes by vectors.
const LEG: &str = "meaning";
/// Longest that nothing may become embedded while something is left.
const STALLED: Duration = Duration::from_secs(60);

/// What embedding all passages came to.
pub(crate) struct Embedded {
    /// Passages that have their vector.
    pub(crate) passages: u64,
    /// Vectors: texts that are said twice have one.
    pub(crate) vectors: u64,
    /// Bytes of the table of vectors, with what finds them.
    pub(crate) bytes: u64,
    /// From the nudge until all was embedded.
    pub(crate) took: Duration,
}

/// Puts the model where the daemon looks for it.
///
/// # Errors
/// It cannot be had, or put there.
pub(crate) fn lay(subject: &Subject) -> Outcome {
    crate::tools::model()?;
    let models = subject.data().join(layout::MODELS);
    std::fs::create_dir_all(&models)
        .and_then(|()| std::os::unix::fs::symlink(mem_testkit::tools::model_folder(), models.join(NAME)))
        .map_err(|why| format!("{}: {why}", models.display()))
}

/// Has the daemon look at the folder of the model, and waits until every passage has its vector.
///
/// # Errors
/// It does not embed, or the store cannot be read.
pub(crate) fn embedded(subject: &Subject) -> Result<Embedded, String> {
    let said = |why: StoreError| why.to_string();
    let home = Home::new(subject.data());
    let store = Store::open_read(&home.store()).map_err(said)?;
    let start = Instant::now();
    let nudge = std::os::unix::net::UnixDatagram::unbound().map_err(|why| why.to_string())?;
    nudge.send_to(b"", subject.data().join(layout::NUDGE_SOCKET)).map_err(|why| why.to_string())?;
    let (mut before, mut moved, mut told) = (0, Instant::now(), Instant::now());
    let stretch = loop {
        let Standing { model, stretch, .. } = meaning::standing(&home, &store, None).map_err(said)?;
        // until the daemon has read the model, vectors that are there already say nothing about what it will do
        if model.is_some() && stretch.embedded == stretch.passages {
            break stretch;
        }
        if stretch.embedded > before {
            (before, moved) = (stretch.embedded, Instant::now());
        }
        if moved.elapsed() > STALLED {
            let status = subject.document(&["status", "--json"])?;
            return Err(format!("{stretch:?}, and nothing more in a minute: {}", status["problems"]));
        }
        if told.elapsed() > Duration::from_secs(10) {
            told = Instant::now();
            eprintln!("{} of {} passages are embedded", stretch.embedded, stretch.passages);
        }
        let _nothing_to_wait_for = wait(Duration::from_millis(100), || false);
    };
    let took = start.elapsed();
    let (vectors, bytes) = kept(&store).map_err(said)?;
    eprintln!("{} passages embedded in {:.1} s", stretch.passages, took.as_secs_f64());
    Ok(Embedded { passages: stretch.passages, vectors, bytes, took })
}

/// Vectors of the model, and the bytes of their table.
///
/// # Errors
/// The store cannot be read.
pub(crate) fn kept(store: &Reader) -> Result<(u64, u64), StoreError> {
    let vectors = store.known_vector_model(PUBLISHED)?.map_or(0, |model| model.vectors);
    let bytes = store.table_sizes()?.into_iter().find(|(name, _)| name == "vectors");
    Ok((vectors, bytes.map_or(0, |(_, bytes)| bytes)))
}

/// Whether meaning was a leg of a search, by what `search --json` printed.
pub(crate) fn is_leg(found: &Value) -> bool {
    found["how"]["legs"].as_array().is_some_and(|legs| legs.iter().any(|leg| leg == LEG))
}

impl Embedded {
    /// As it is written to files.
    pub(crate) fn json(&self) -> Value {
        json!({
            "passages": self.passages,
            "vectors": self.vectors,
            "bytes": self.bytes,
            "took_s": self.took.as_secs_f64(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_says_whether_it_went_by_meaning() {
        assert!(is_leg(&json!({ "how": { "legs": ["sessions", "meaning"] } })));
        assert!(!is_leg(&json!({ "how": { "legs": ["sessions", "passages"] } })));
        assert!(!is_leg(&json!({})));
    }
}
