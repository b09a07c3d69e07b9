//! Holds what a model claims against what the events prove.
//!
//! Which files were changed is never a model's to say: only what an event shows is kept, in the event's spelling. From
//! there an observation gets its sources. Must not drop an observation: a claim without proof costs it the file only.

use std::collections::BTreeSet;

use mem_core::id::EventId;
use mem_core::observation::{Distilled, Observation};

use super::read::Reply;
use crate::proof::Proof;

/// What `reply` comes to, given `proof`. Slots are `p<part>:<n>`, counted from 1.
pub fn weigh(reply: Reply, proof: &Proof, part: u32) -> Distilled {
    let observations = reply.observations.into_iter().enumerate();
    Distilled {
        observations: observations
            .map(|(at, observation)| (format!("p{part}:{}", at + 1), weighed(observation, proof)))
            .collect(),
        summary: reply.summary,
        commits: Vec::new(),
    }
}

fn weighed(mut claimed: Observation, proof: &Proof) -> Observation {
    let named = || claimed.files_modified.iter().chain(&claimed.files_read);
    let modified = proven(named(), &proof.modified);
    let mut read = proven(named(), &proof.read);
    read.retain(|path| !modified.contains(path));

    let shown = |(path, _): &&(String, EventId)| modified.contains(path) || read.contains(path);
    let events = proof.modified.iter().chain(&proof.read).filter(shown).map(|(_, event)| *event);
    let mut sources: BTreeSet<EventId> = events.collect();
    if sources.is_empty() {
        sources = proof.sources.iter().copied().collect();
    }
    claimed.sources = sources.into_iter().collect();
    claimed.files_modified = modified;
    claimed.files_read = read;
    claimed
}

/// The proven files that are named, each once, in the order in which they are named.
fn proven<'n>(named: impl Iterator<Item = &'n String>, proof: &[(String, EventId)]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for path in named.filter_map(|name| meant(name, proof)) {
        if !found.iter().any(|known| known == path) {
            found.push(path.to_owned());
        }
    }
    found
}

/// The file of `proof` that `name` means: the equal one, else the one that it is the longer or shorter way to write.
/// A name that could mean several means none.
fn meant<'p>(name: &str, proof: &'p [(String, EventId)]) -> Option<&'p str> {
    let name = plain(name);
    let paths = || proof.iter().map(|(path, _)| path.as_str());
    if let Some(equal) = paths().find(|path| plain(path) == name) {
        return Some(equal);
    }
    // the name is longer, such as an absolute one: the longest path it ends in
    let longer = |path: &&str| {
        let path = plain(path);
        ends_in(&name, &path) && (is_absolute(&name) || path.contains('/'))
    };
    if let Some(shorter) = paths().filter(longer).max_by_key(|path| path.len()) {
        return Some(shorter);
    }
    let mut ending = paths().filter(|path| ends_in(&plain(path), &name));
    let first = ending.next()?;
    ending.all(|path| path == first).then_some(first)
}

/// A path for comparing: forward slashes, no `./` before it.
fn plain(path: &str) -> String {
    let path = path.replace('\\', "/");
    path.trim_start_matches("./").trim_end_matches('/').to_owned()
}

fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '~']) || path.as_bytes().get(1) == Some(&b':')
}

/// Whether `path` ends in `end`, at a slash.
fn ends_in(path: &str, end: &str) -> bool {
    !end.is_empty() && path.strip_suffix(end).is_some_and(|before| before.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof() -> Proof {
        let files = |files: &[(&str, i64)]| -> Vec<(String, EventId)> {
            files.iter().map(|(path, event)| ((*path).to_owned(), EventId(*event))).collect()
        };
        Proof {
            read: files(&[
                ("src/a.rs", 2),
                ("src/b.rs", 3),
                ("a/mod.rs", 4),
                ("b/mod.rs", 5),
                ("/etc/hosts", 6),
            ]),
            modified: files(&[("src/a.rs", 7), ("README.md", 8), ("src/a.rs", 9)]),
            sources: (1..=9).map(EventId).collect(),
        }
    }

    fn weigh_files(read: &[&str], modified: &[&str]) -> (Vec<String>, Vec<String>, Vec<i64>) {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let observation = Observation {
            files_read: owned(read),
            files_modified: owned(modified),
            ..Observation::default()
        };
        let weighed = weighed(observation, &proof());
        (weighed.files_read, weighed.files_modified, weighed.sources.iter().map(|event| event.0).collect())
    }

    #[test]
    fn only_what_events_show_counts() {
        let all: &[i64] = &[1, 2, 3, 4, 5, 6, 7, 8, 9];
        for (read, modified, wanted_read, wanted_modified, sources) in [
            (&[][..], &[][..], &[][..], &[][..], all),
            // read, then changed: changed, with every event that shows either
            (&["src/a.rs"], &[], &[], &["src/a.rs"], &[2, 7, 9]),
            (&[], &["./src/a.rs", "src\\a.rs"], &[], &["src/a.rs"], &[2, 7, 9]),
            // claimed as changed, proven as read only
            (&[], &["src/b.rs"], &["src/b.rs"], &[], &[3]),
            // proven not at all
            (&["src/c.rs"], &["src/d.rs", "none"], &[], &[], all),
            // longer and shorter ways to write a path
            (
                &["/home/dev/shop/src/b.rs"],
                &["/home/dev/shop/README.md"],
                &["src/b.rs"],
                &["README.md"],
                &[3, 8],
            ),
            (
                &["b.rs", "hosts"],
                &["shop/src/a.rs"],
                &["src/b.rs", "/etc/hosts"],
                &["src/a.rs"],
                &[2, 3, 6, 7, 9],
            ),
            (&["xsrc/b.rs", "rc/b.rs", "", "/"], &["docs/README.md"], &[], &[], all),
            // which of the two is not known
            (&["mod.rs"], &[], &[], &[], all),
            (&["b/mod.rs"], &[], &["b/mod.rs"], &[], &[5]),
        ] {
            let (got_read, got_modified, got_sources) = weigh_files(read, modified);
            assert_eq!(got_read, wanted_read, "read of {read:?} {modified:?}");
            assert_eq!(got_modified, wanted_modified, "modified of {read:?} {modified:?}");
            assert_eq!(got_sources, sources, "sources of {read:?} {modified:?}");
        }
    }

    #[test]
    fn slots_count_from_one_within_their_part() {
        let reply = Reply { observations: vec![Observation::default(); 2], ..Reply::default() };
        let distilled =
            weigh(reply, &Proof { sources: vec![EventId(5), EventId(2), EventId(5)], ..Proof::default() }, 3);
        let slots: Vec<&str> = distilled.observations.iter().map(|(slot, _)| slot.as_str()).collect();
        assert_eq!(slots, ["p3:1", "p3:2"]);
        assert_eq!(distilled.observations[0].1.sources, [EventId(2), EventId(5)]);
    }
}
