//! `status --json`: health as outcomes.
//!
//! `received` is the sum of what became of events, by construction; `balanced` says whether the store's own count
//! of what it received agrees.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::search::Coverage;

/// The version of this document.
pub const VERSION: u32 = 1;

/// How it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// See [`VERSION`].
    pub version: u32,
    /// The program's version.
    pub program: String,
    /// Where everything is kept.
    pub data_dir: String,
    /// Whether `CLAUDE_MEM_EXCLUDED_PROJECTS` names the directory asked from, so that nothing is kept of it.
    pub excluded: bool,
    /// What became of events.
    pub events: Events,
    /// Secrets that were taken out before anything was stored, by kind.
    pub redacted: BTreeMap<String, u64>,
    /// What is remembered.
    pub memory: Memory,
    /// What a search looks through; absent where there is no index to look at.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub search: Option<Coverage>,
    /// The model that searches by meaning go by; absent where there is no store to look at.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub meaning: Option<Meaning>,
    /// When the newest event happened.
    pub last_event_at: Option<i64>,
    /// The daemon, which is optional.
    pub daemon: Daemon,
    /// The store.
    pub store: Store,
    /// Frames that were set aside, each with its reason.
    pub parked: Vec<Parked>,
    /// Events that hooks could not even write down.
    pub lost: Option<Lost>,
    /// Problems on record, the last of each kind; `status --clear` forgets them.
    pub faults: Vec<Fault>,
    /// Whether the agent's hooks run, as far as can be seen from this directory.
    pub hooks: Hooks,
    /// How the observer stands; absent when no model is chosen and nothing was ever asked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub observer: Option<Observer>,
    /// What is wrong, the gravest first; empty when all is well.
    pub problems: Vec<Problem>,
}

/// How it stands with searching by meaning.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Meaning {
    /// Whether an embedding model is installed. Whether it can be used, `problems` say.
    pub installed: bool,
    /// The model that embeds, once it did.
    pub model: Option<String>,
    /// Passages that have their vector of it.
    pub embedded: u64,
    /// Passages there are.
    pub passages: u64,
    /// Whether the vectors of a model before it are used until it has come as far.
    pub replaces: bool,
    /// The endpoint that makes the vectors in the place of an installed model; absent where none is set.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub endpoint: Option<MeaningEndpoint>,
}

/// An endpoint that makes vectors.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MeaningEndpoint {
    /// Its address, without a secret.
    pub address: String,
    /// The model's name there.
    pub model: String,
    /// Whether it is on this machine or in its own network; elsewhere what is remembered and asked leaves it.
    pub local: bool,
    /// How many numbers its vectors have, once it answered.
    pub dimension: Option<usize>,
}

/// How the observer stands. Money is in millionths of a US dollar.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Observer {
    /// The model that is chosen: `claude/haiku`.
    pub model: Option<String>,
    /// Requests made today, in the user's zone: of the chosen model, of all where none is.
    pub requests_today: u64,
    /// Input tokens of them that count for today.
    pub tokens_today: u64,
    /// Money of them that counts for today.
    pub micro_usd_today: u64,
    /// Batches that wait for a request.
    pub waiting: u64,
    /// Batches of which a request is out, or answered and not settled.
    pub busy: u64,
    /// Batches that were given up; the local distiller's memory stands.
    pub set_aside: Vec<SetAside>,
    /// How many batches were given up, also those that are not listed.
    pub set_aside_in_all: u64,
}

/// A batch that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// Its turn, as `show` takes it: `T4`.
    pub turn: String,
    /// The agent's id of its session.
    pub session: String,
    /// Why.
    pub why: String,
}

/// What became of events.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Events {
    /// All that arrived: the sum of `stored`, `filtered`, `pending` and `parked`.
    pub received: u64,
    /// Those in the store.
    pub stored: u64,
    /// Those left out, by the name of the rule.
    pub filtered: BTreeMap<String, u64>,
    /// Frames not read yet.
    pub pending: u64,
    /// Frames that could not be read.
    pub parked: u64,
    /// Batches of stored events that a model has yet to look at, whether they wait or are being asked about.
    pub waiting_for_model: u64,
    /// Whether the store's own count agrees with the sum.
    pub balanced: bool,
}

impl Events {
    /// The sum of everything that was filtered.
    pub fn filtered_in_all(&self) -> u64 {
        self.filtered.values().sum()
    }

    /// Sets `received` to the sum of the rest.
    #[must_use]
    pub fn summed(mut self) -> Self {
        self.received = self.stored + self.filtered_in_all() + self.pending + self.parked;
        self
    }
}

/// What is remembered, in rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Memory {
    /// Projects.
    pub projects: u64,
    /// Sessions.
    pub sessions: u64,
    /// Turns.
    pub turns: u64,
    /// Raw events still kept.
    pub events: u64,
    /// Observations.
    pub observations: u64,
    /// Summaries.
    pub summaries: u64,
}

/// The daemon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Daemon {
    /// How it stands with it.
    pub state: DaemonState,
    /// Its process.
    pub pid: Option<i32>,
    /// Its version.
    pub version: Option<String>,
    /// When it began.
    pub since: Option<i64>,
}

/// How it stands with the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DaemonState {
    /// It answers.
    Running,
    /// It holds its lock and does not answer.
    Hung,
    /// There is none, which is fine.
    Absent,
}

/// The store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    /// Its file.
    pub path: String,
    /// Whether it can be used.
    pub state: StoreState,
    /// Bytes on disk, with its log.
    pub bytes: u64,
    /// Its schema, where it could be read.
    pub schema: Option<u32>,
    /// Whether that is newer than this program writes, so that it is only read.
    pub newer: bool,
}

/// Whether the store can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StoreState {
    /// It can be read and written.
    Good,
    /// There is none yet.
    Missing,
    /// It is read as it stands, since nothing can be written here.
    ReadOnly,
    /// Written by a newer version; only read.
    Newer,
    /// It cannot be read.
    Unreadable,
}

/// A frame that was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// Its name.
    pub frame: String,
    /// Why nobody could read it.
    pub why: String,
}

/// Events that hooks could not write down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// How many, at least.
    pub count: u64,
    /// When the last one was lost.
    pub last_at: i64,
    /// What the system said.
    pub reason: String,
}

/// A problem on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What sort of problem, a short name.
    pub kind: String,
    /// What was said about it last.
    pub said: String,
    /// When it was first met since it was last forgotten.
    pub first_at: i64,
    /// When it was last met.
    pub at: i64,
    /// How often since then.
    pub count: u64,
}

/// Whether the agent's hooks run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Hooks {
    /// Whether our plugin is registered with the agent.
    pub installed: bool,
    /// Whether the agent has it switched on.
    pub enabled: bool,
    /// Whether events came while the agent was at work in this directory; absent when it never was.
    pub firing: Option<bool>,
    /// What keeps hooks from running, in words.
    pub obstacles: Vec<String>,
}

/// What is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn received_is_the_sum_of_the_rest() {
        let events = Events {
            stored: 30,
            filtered: BTreeMap::from([("duplicate".into(), 1), ("skip-tool".into(), 2)]),
            pending: 4,
            parked: 5,
            ..Events::default()
        };
        assert_eq!(events.summed().received, 42);
    }
}
