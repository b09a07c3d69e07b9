//! Which rows of the index meet a filter: a set over all of them, made once and asked by every leg.

use std::collections::HashSet;
use std::sync::Arc;

use mem_core::recall::{DocKind, Filter};
use mem_logic::recall::rank::Scope;
use mem_logic::recall::tokens;
use mem_store::{Columns, Reader, Sought, StoreError};

/// A set of rows, or all of them.
#[derive(Debug)]
pub(super) struct Allowed {
    /// A bit for each row; none when every row is meant.
    bits: Option<Vec<u64>>,
    /// The first and the last row that may be meant.
    pub(super) rows: (i64, i64),
    /// How many passages and words of which sessions are in it.
    pub(super) scope: Arc<Scope>,
    /// A mark that all of them have, where looking for it beside a term is quicker than sorting rows out afterwards.
    pub(super) beside: Option<String>,
}

/// The sums over all rows, kept as long as nothing changes.
#[derive(Debug, Default)]
pub(super) struct Whole {
    state: (u64, u64),
    scope: Arc<Scope>,
}

impl Whole {
    fn of(&mut self, columns: &Columns) -> Arc<Scope> {
        if self.state != columns.state() {
            let mut scope = Scope::default();
            for at in (0..columns.len()).filter(|at| columns.doc[*at] != 0) {
                scope.add(columns.session[at], columns.words[at]);
            }
            (self.state, self.scope) = (columns.state(), Arc::new(scope));
        }
        Arc::clone(&self.scope)
    }
}

/// Largest share of all rows for which a project's mark is looked for beside each term.
const BESIDE: f64 = 0.2;

impl Allowed {
    /// Whether a row is meant.
    pub(super) fn holds(&self, row: i64) -> bool {
        let Some(bits) = &self.bits else { return true };
        let at = (row - 1) as usize;
        bits.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    /// Leaves only those of `rows`.
    pub(super) fn keep_only(&mut self, columns: &Columns, rows: &HashSet<i64>) {
        let kept: Vec<i64> = rows.iter().copied().filter(|row| self.holds(*row)).collect();
        let mut bits = vec![0_u64; columns.len().div_ceil(64)];
        let mut scope = Scope::default();
        for row in &kept {
            let at = (*row - 1) as usize;
            bits[at / 64] |= 1 << (at % 64);
            scope.add(columns.session[at], columns.words[at]);
        }
        let (first, last) = (kept.iter().min(), kept.iter().max());
        self.rows = (first.copied().unwrap_or(0), last.copied().unwrap_or(0));
        (self.bits, self.scope) = (Some(bits), Arc::new(scope));
    }

    /// The rows, the newest first.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = i64> + '_ {
        (self.rows.0..=self.rows.1).rev().filter(|row| self.holds(*row))
    }

    /// The rows that meet a filter.
    pub(super) fn of(
        store: &Reader,
        columns: &Columns,
        whole: &mut Whole,
        filter: &Filter,
    ) -> Result<Self, StoreError> {
        let all = columns.len() as i64;
        if *filter == Filter::default() {
            return Ok(Self { bits: None, rows: (1, all), scope: whole.of(columns), beside: None });
        }
        let marked = Marked::of(store, columns, filter)?;
        let labels = store.labels(filter)?.map(|ids| Set::of(ids.into_iter()));
        let projects = Set::wanted(filter.projects.iter().map(|id| id.0));
        let sessions = Set::wanted(filter.sessions.iter().map(|id| id.0));
        let not = Set::of(filter.not_sessions.iter().map(|id| u32::try_from(id.0).unwrap_or(u32::MAX)));
        let kinds = kinds(filter);
        let (from, until) = (filter.from.map(|at| at.0), filter.until.map(|at| at.0));
        let meets = |at: usize| {
            kinds >> (columns.doc[at] & 7) & 1 == 1
                && projects.as_ref().is_none_or(|set| set.holds(columns.project[at]))
                && sessions.as_ref().is_none_or(|set| set.holds(columns.session[at]))
                && !not.holds(columns.session[at])
                && labels.as_ref().is_none_or(|set| set.holds(columns.label[at]))
                && from.is_none_or(|from| columns.at[at] >= from)
                && until.is_none_or(|until| columns.at[at] < until)
                && marked.holds(columns, at)
        };
        let mut bits = vec![0_u64; columns.len().div_ceil(64)];
        let (mut first, mut last, mut scope) = (all + 1, 0, Scope::default());
        for at in (0..columns.len()).filter(|at| columns.doc[*at] != 0 && meets(*at)) {
            bits[at / 64] |= 1 << (at % 64);
            first = first.min(at as i64 + 1);
            last = at as i64 + 1;
            scope.add(columns.session[at], columns.words[at]);
        }
        let few = (scope.passages as f64) < columns.len() as f64 * BESIDE;
        let beside = match filter.projects.as_slice() {
            [one] if few => Some(tokens::project(*one)),
            _ => None,
        };
        Ok(Self { bits: Some(bits), rows: (first.min(last), last), scope: Arc::new(scope), beside })
    }
}

/// The kinds of documents that a filter lets through, a bit for each.
fn kinds(filter: &Filter) -> u8 {
    let of = |kinds: &[DocKind]| kinds.iter().fold(0_u8, |bits, kind| bits | 1 << *kind as u8);
    let wanted = if filter.kinds.is_empty() { u8::MAX } else { of(&filter.kinds) };
    // a type or a concept is something only observations have
    if filter.types.is_empty() && filter.concepts.is_empty() {
        wanted
    } else {
        wanted & of(&[DocKind::Observation])
    }
}

/// What conditions on files and concepts come to, which the index knows by marks.
struct Marked {
    /// Observations that name one of the files, and their turns; none when there is no such condition.
    files: Option<(HashSet<i64>, Set)>,
    /// Observations with one of the concepts; none when there is no such condition.
    concepts: Option<HashSet<i64>>,
}

impl Marked {
    fn of(store: &Reader, columns: &Columns, filter: &Filter) -> Result<Self, StoreError> {
        let files = filter.files.iter().map(|path| tokens::file(path));
        let folders = filter.folders.iter().map(|path| tokens::folder(path));
        let files = rows_with(store, columns, files.chain(folders))?.map(|rows| {
            let turns = rows.iter().map(|at| columns.turn[*at]).filter(|turn| *turn != 0);
            (rows.iter().map(|at| columns.doc[*at]).collect(), Set::of(turns))
        });
        let concepts = rows_with(store, columns, filter.concepts.iter().map(|name| tokens::concept(name)))?
            .map(|rows| rows.into_iter().map(|at| columns.doc[at]).collect());
        Ok(Self { files, concepts })
    }

    fn holds(&self, columns: &Columns, at: usize) -> bool {
        let doc = columns.doc[at];
        let of_file = |(docs, turns): &(HashSet<i64>, Set)| {
            // an observation names its files itself; what else was said in its turn is about them too
            docs.contains(&doc) || doc & 7 != DocKind::Observation as i64 && turns.holds(columns.turn[at])
        };
        self.files.as_ref().is_none_or(of_file)
            && self.concepts.as_ref().is_none_or(|docs| docs.contains(&doc))
    }
}

/// The places in the arrays of rows with any of the marks; none where there is no mark to look for.
fn rows_with(
    store: &Reader,
    columns: &Columns,
    marks: impl Iterator<Item = String>,
) -> Result<Option<Vec<usize>>, StoreError> {
    let marks: Vec<String> = marks.collect();
    if marks.is_empty() {
        return Ok(None);
    }
    let mut rows = Vec::new();
    for mark in marks {
        store.postings(Sought::Term(&mark), None, (1, columns.len() as i64), columns.len(), |row| {
            rows.push((row - 1) as usize);
        })?;
    }
    Ok(Some(rows))
}

/// A set of small numbers.
#[derive(Debug, Default)]
struct Set(Vec<u64>);

impl Set {
    fn of(numbers: impl Iterator<Item = u32>) -> Self {
        let mut set = Self::default();
        for number in numbers {
            let at = number as usize / 64;
            // a number that no table reaches means nothing
            if at > u32::MAX as usize / 4096 {
                continue;
            }
            if set.0.len() <= at {
                set.0.resize(at + 1, 0);
            }
            set.0[at] |= 1 << (number % 64);
        }
        set
    }

    /// The set of what is wanted; none when nothing is, which is no condition.
    fn wanted(rows: impl Iterator<Item = i64>) -> Option<Self> {
        let mut rows = rows.map(|row| u32::try_from(row).unwrap_or(u32::MAX)).peekable();
        rows.peek()?;
        Some(Self::of(rows))
    }

    fn holds(&self, number: u32) -> bool {
        self.0.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }
}
