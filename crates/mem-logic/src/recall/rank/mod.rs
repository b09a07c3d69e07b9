//! Ranking: which sessions are about what was asked, and which of their documents say it. Sums over postings, no text.
//!
//! A question is answered by a session more often than by a sentence, so sessions are ranked, and every document stands by
//! the score of its session and by how much of it is its own. Both come from the same postings: the sum over a session
//! (`sums`), and the best window of neighbouring documents in it (`windows`). Texts are only looked at for the few best:
//! words that stand side by side, and what else is said where the best windows are (`feedback`); the newer of two that are
//! about the same matter stands above the older (`overruled`). Must not read anything: arrays and postings are handed in.

mod feedback;
mod files;
mod overruled;
mod scope;
mod sums;
#[cfg(test)]
mod tests;
mod windows;

pub use feedback::{Said, expansions, number, pairs};
pub use files::shared_files;
pub use overruled::{AMONG as COMPARED, MAY_MOVE, Matter, newer_first, speaks_of_change};
pub use scope::{OfSession, Scope, Shelf};
pub use sums::{Postings, Sums, largest, sessions};
pub use windows::{Best, Matched, OfMiddle, best_window, most, worth};

/// The weights of the ranking. Set on the development sets; `docs/design/011-ranking.md` says what each brings.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// How much the length of a session counts against it (0–1).
    pub session_length: f32,
    /// How soon a word that comes again in a window adds nothing more (BM25's k1).
    pub saturation: f32,
    /// How much the length of a window counts against it (BM25's b).
    pub window_length: f32,
    /// Passages on each side that belong to a window, and what each counts of the one nearer to its middle.
    pub reach: usize,
    /// See `reach`.
    pub fall: f32,
    /// A word in an observation or a summary, which tell again what was said, beside one that was said.
    pub retold: f32,
    /// The best window in what is retold beside one in what was said.
    pub retold_window: f32,
    /// The sum of the session beside its best window.
    pub session: f32,
    /// The window round the first passage of a session.
    pub first: f32,
    /// A term of the identifier view beside a word.
    pub code: f32,
    /// Words of the question that stand side by side.
    pub pairs: f32,
    /// What else is said where the best passages are.
    pub feedback: f32,
    /// Passages that feedback is taken from, and words that are.
    pub feedback_from: (usize, usize),
    /// How near in meaning a session is: its nearest passage, above `unlike`.
    pub meaning: f32,
    /// How much of that is the mean of all its passages and not the nearest.
    pub breadth: f32,
    /// The likeness that texts have which have nothing to do with each other.
    pub unlike: f32,
    /// The likeness from which on a session is found that has no word of the question: what has nothing to do with anything
    /// comes to .29 in English, and what is no language to .39.
    pub alike: f32,
    /// How far a question is moved towards what the best passages say, and by how many of each leg.
    pub moved: f32,
    /// See `moved`.
    pub moved_by: usize,
    /// Files shared with the best sessions, in shares of the best score.
    pub files: f32,
    /// In the time that the question names.
    pub time: f32,
    /// New at the moment that is asked about.
    pub recent: f32,
    /// Newer sessions that halve it.
    pub recent_half: f32,
    /// Of the project of who asks.
    pub here: f32,
    /// About the files at hand.
    pub at_hand: f32,
}

impl Weights {
    /// The ones we ship.
    pub const SHIPPED: Self = Self {
        session_length: 0.8,
        saturation: 2.0,
        window_length: 0.65,
        reach: 2,
        fall: 0.75,
        retold: 0.5,
        retold_window: 0.9,
        session: 0.75,
        first: 0.2,
        code: 0.07,
        pairs: 0.18,
        feedback: 0.15,
        feedback_from: (10, 14),
        meaning: 0.55,
        breadth: 0.35,
        unlike: 0.1,
        alike: 0.4,
        moved: 0.5,
        moved_by: 6,
        files: 0.35,
        time: 1.0,
        recent: 1.7,
        recent_half: 8.0,
        here: 0.1,
        at_hand: 0.2,
    };

    /// Where meaning is a leg: it knows what a session is about better than its first words and its files do.
    pub const WITH_MEANING: Self = Self { first: 0.15, files: 0.3, ..Self::SHIPPED };
}
