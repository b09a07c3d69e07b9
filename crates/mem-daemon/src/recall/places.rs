//! Where terms stand, kept from one question to the next.
//!
//! A posting costs a hundred times more to read than to keep, and questions of one project ask for the same words again.
//! What is kept holds as long as the index grows: rows in sealed blocks keep their passage or become gaps, and what lies
//! behind them is read again. Must not judge what is meant: filters apply to what comes from here.

use std::collections::HashMap;

use mem_store::{Columns, Reader, Sought, StoreError};

use super::descending::Descending;

/// Bytes of places that are kept for each row of the index, of all terms together: as many as the columns take.
const KEPT: usize = 32;
/// Bytes that are kept of a small index, and terms of which places are kept.
const LEAST: usize = 1 << 18;
const TERMS: usize = 1 << 13;

/// Places of terms.
#[derive(Debug, Default)]
pub(super) struct Places {
    generation: u64,
    of_term: HashMap<String, OfTerm>,
    /// Bytes of all of them.
    held: usize,
    /// Counts what was asked, to tell what was not asked for longest.
    asked: u64,
}

/// What was read of one term.
#[derive(Debug)]
struct OfTerm {
    /// The newest first.
    places: Descending,
    /// The state of the index in which its newest places were read, and the last row that was sealed then.
    state: (u64, u64),
    sealed: i64,
    /// The oldest row down to which all was read.
    down_to: i64,
    asked: u64,
}

impl Places {
    /// Calls `each` for the rows from `oldest` on where a term stands, and `beside` too, the newest first, at most `limit`;
    /// how many there were.
    pub(super) fn read(
        &mut self,
        store: &Reader,
        columns: &Columns,
        (token, beside): (&str, Option<&str>),
        (oldest, limit): (i64, usize),
        mut each: impl FnMut(i64),
    ) -> Result<usize, StoreError> {
        self.begin(columns);
        // no term has a space
        let name = beside.map_or_else(|| token.to_owned(), |beside| format!("{token} {beside}"));
        let of_term = self.of_term.entry(name).or_insert_with(|| OfTerm::nothing(columns));
        of_term.asked = self.asked;
        let before = of_term.places.bytes();
        of_term.renew(store, columns, (token, beside))?;
        let mut count = 0;
        for place in of_term.places.iter() {
            let row = i64::from(place) + 1;
            if row < oldest || count == limit {
                break;
            }
            // a gap, where something was removed since
            if columns.doc[place as usize] != 0 {
                each(row);
                count += 1;
            }
        }
        if count < limit && of_term.down_to > oldest {
            let wanted = limit - count;
            let (mut last, mut more) = (oldest, Vec::new());
            let older = (oldest, of_term.down_to - 1);
            let found = store.postings(Sought::Term(token), beside, older, wanted, |row| {
                more.push((row - 1) as u32);
                last = row;
                each(row);
            })?;
            // only once all of it was read: half of it would be read again
            for place in more {
                of_term.places.push(place);
            }
            of_term.down_to = if found < wanted { oldest } else { last };
            count += found;
        }
        self.held = (self.held + of_term.places.bytes()).saturating_sub(before);
        Ok(count)
    }

    fn begin(&mut self, columns: &Columns) {
        let (generation, _) = columns.state();
        if self.generation != generation {
            *self = Self { generation, ..Self::default() };
        }
        self.asked += 1;
        if self.held > LEAST.max(KEPT * columns.len()) || self.of_term.len() > TERMS {
            self.forget();
        }
    }

    /// Forgets the half that was not asked for longest.
    fn forget(&mut self) {
        let mut asked: Vec<u64> = self.of_term.values().map(|of_term| of_term.asked).collect();
        asked.sort_unstable();
        let middle = asked[asked.len() / 2];
        self.of_term.retain(|_, of_term| of_term.asked > middle);
        self.held = self.of_term.values().map(|of_term| of_term.places.bytes()).sum();
    }
}

impl OfTerm {
    fn nothing(columns: &Columns) -> Self {
        let all = columns.len() as i64;
        let sealed = columns.sealed() as i64;
        Self { places: Descending::default(), state: columns.state(), sealed, down_to: all + 1, asked: 0 }
    }

    /// Reads what came since; rows that were not sealed may have gone or be others.
    fn renew(
        &mut self,
        store: &Reader,
        columns: &Columns,
        (token, beside): (&str, Option<&str>),
    ) -> Result<(), StoreError> {
        if self.state != columns.state() {
            let mut places = Descending::default();
            let newer = (self.sealed.max(self.down_to - 1) + 1, i64::MAX);
            store.postings(Sought::Term(token), beside, newer, usize::MAX, |row| {
                places.push((row - 1) as u32);
            })?;
            // row n stands at n - 1
            places.append(&self.places, self.sealed as u32);
            (self.places, self.state) = (places, columns.state());
        }
        self.sealed = columns.sealed() as i64;
        Ok(())
    }
}
