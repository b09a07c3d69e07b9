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
    /// Each session, by its row.
    pub of_session: Vec<OfSession>,
}

/// What is meant of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OfSession {
    /// Words in it; 0 where nothing of it is meant.
    pub words: u32,
    /// The place of its first passage.
    pub first: u32,
    /// The place of its last passage.
    pub last: u32,
}

impl Scope {
    /// Takes a passage in; they come in the order of their places.
    pub fn add(&mut self, place: u32, session: u32, words: u16) {
        let at = session as usize;
        if self.of_session.len() <= at {
            self.of_session.resize(at + 1, OfSession::default());
        }
        let words = u32::from(words.max(1));
        let of_session = &mut self.of_session[at];
        // a session is in as soon as it has a passage, also one without a word
        if of_session.words == 0 {
            self.sessions += 1;
            of_session.first = place;
        }
        of_session.last = place;
        of_session.words = of_session.words.saturating_add(words);
        self.passages += 1;
        self.words += u64::from(words);
    }

    /// What is meant of a session.
    pub fn of(&self, session: u32) -> OfSession {
        self.of_session.get(session as usize).copied().unwrap_or_default()
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
