//! What is ranked among: the arrays over all passages, and the sums over those that are meant.

use mem_core::recall::DocKind;

/// Arrays over the passages, one place each, in the order of the index.
#[derive(Debug, Clone, Copy)]
pub struct Shelf<'a> {
    /// The number of its document; 0 for a gap.
    pub doc: &'a [i64],
    /// The row of its session.
    pub session: &'a [u32],
    /// How many words it has.
    pub words: &'a [u16],
}

impl Shelf<'_> {
    /// Whether a passage tells again what was said elsewhere in its session: one of an observation or a summary.
    pub fn is_retold(&self, place: u32) -> bool {
        self.doc[place as usize] & 7 <= DocKind::Summary as i64
    }
}

/// How many passages and sessions there are among those that are meant, and how long they are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// Passages.
    pub passages: usize,
    /// Words in them.
    pub words: u64,
    /// Sessions with such a passage.
    pub sessions: usize,
    /// Words of each session, by its row.
    pub of_session: Vec<u32>,
}

impl Scope {
    /// Takes a passage in.
    pub fn add(&mut self, session: u32, words: u16) {
        let at = session as usize;
        if self.of_session.len() <= at {
            self.of_session.resize(at + 1, 0);
        }
        // a session is in as soon as it has a passage, also one without a word
        if self.of_session[at] == 0 {
            self.sessions += 1;
        }
        self.of_session[at] = self.of_session[at].saturating_add(u32::from(words.max(1)));
        self.passages += 1;
        self.words += u64::from(words.max(1));
    }

    /// Words of a passage on average.
    pub fn mean_passage(&self) -> f32 {
        (self.words as f32 / self.passages.max(1) as f32).max(1.0)
    }

    /// Words of a session on average.
    pub fn mean_session(&self) -> f32 {
        (self.words as f32 / self.sessions.max(1) as f32).max(1.0)
    }
}
