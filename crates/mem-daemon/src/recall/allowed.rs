//! Which rows of the index meet a filter: a set over all of them, made once and asked by every leg.

use std::collections::VecDeque;
use std::sync::Arc;

use mem_core::recall::{DocKind, Filter};
use mem_logic::recall::rank::Scope;
use mem_logic::recall::tokens;
use mem_store::{Columns, Reader, Sought, StoreError};

/// A set of rows, or all of them.
#[derive(Debug, Clone)]
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
struct Whole {
    state: (u64, u64),
    scope: Arc<Scope>,
}

impl Whole {
    fn of(&mut self, columns: &Columns) -> Arc<Scope> {
        if self.state != columns.state() {
            let mut scope = Scope::default();
            for at in (0..columns.len()).filter(|at| columns.doc[*at] != 0) {
                scope.add(at as u32, columns.session[at], columns.words[at]);
            }
            (self.state, self.scope) = (columns.state(), Arc::new(scope));
        }
        Arc::clone(&self.scope)
    }
}

/// The rows of the filters that were asked with last: who asks again mostly asks with the same, such as a project.
#[derive(Debug, Default)]
pub(super) struct Kept {
    whole: Whole,
    state: (u64, u64),
    last: VecDeque<(Filter, Arc<Allowed>)>,
}

/// Filters of which the rows are kept.
const KEPT: usize = 4;

impl Kept {
    /// The rows that meet a filter.
    pub(super) fn of(
        &mut self,
        store: &Reader,
        columns: &Columns,
        filter: &Filter,
    ) -> Result<Arc<Allowed>, StoreError> {
        if self.state != columns.state() {
            self.last.clear();
            self.state = columns.state();
        }
        if let Some(at) = self.last.iter().position(|(known, _)| known == filter) {
            let known = self.last.remove(at);
            self.last.extend(known);
        } else {
            let allowed = Arc::new(Allowed::of(store, columns, &mut self.whole, filter)?);
            self.last.push_back((filter.clone(), allowed));
        }
        if self.last.len() > KEPT {
            self.last.pop_front();
        }
        let (_, newest) = self.last.back().expect("one was put there");
        Ok(Arc::clone(newest))
    }
}

/// Largest share of all rows for which a project's mark is looked for beside each term.
const BESIDE: f64 = 0.05;

impl Allowed {
    /// Whether a row is meant.
    pub(super) fn holds(&self, row: i64) -> bool {
        let Some(bits) = &self.bits else { return true };
        let at = (row - 1) as usize;
        bits.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    /// A bit for each row, from the first on; none when every row is meant.
    pub(super) fn bits(&self) -> Option<&[u64]> {
        self.bits.as_deref()
    }

    /// Leaves only those of `rows`, which may be in any order.
    pub(super) fn keep_only(&mut self, columns: &Columns, rows: Vec<i64>) {
        let mut kept = rows;
        kept.retain(|row| self.holds(*row));
        kept.sort_unstable();
        let mut bits = vec![0_u64; columns.len().div_ceil(64)];
        let mut scope = Scope::default();
        for row in &kept {
            let at = (*row - 1) as usize;
            bits[at / 64] |= 1 << (at % 64);
            scope.add(at as u32, columns.session[at], columns.words[at]);
        }
        let (first, last) = (kept.first(), kept.last());
        self.rows = (first.copied().unwrap_or(0), last.copied().unwrap_or(0));
        (self.bits, self.scope) = (Some(bits), Arc::new(scope));
    }

    /// The rows, the newest first.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = i64> + '_ {
        (self.rows.0..=self.rows.1).rev().filter(|row| self.holds(*row))
    }

    /// The rows that meet a filter.
    fn of(store: &Reader, columns: &Columns, whole: &mut Whole, filter: &Filter) -> Result<Self, StoreError> {
        let all = columns.len() as i64;
        if *filter == Filter::default() {
            return Ok(Self { bits: None, rows: (1, all), scope: whole.of(columns), beside: None });
        }
        let bits = bits(store, columns, filter)?;
        let (mut first, mut last, mut scope) = (all + 1, 0, Scope::default());
        for (word, from) in bits.iter().zip((0..).step_by(64)) {
            let mut left = *word;
            while left != 0 {
                let at = from + left.trailing_zeros() as usize;
                left &= left - 1;
                first = first.min(at as i64 + 1);
                last = at as i64 + 1;
                scope.add(at as u32, columns.session[at], columns.words[at]);
            }
        }
        let few = (scope.passages as f64) < columns.len() as f64 * BESIDE;
        let beside = match filter.projects.as_slice() {
            [one] if few => Some(tokens::project(*one)),
            _ => None,
        };
        Ok(Self { bits: Some(bits), rows: (first.min(last), last), scope: Arc::new(scope), beside })
    }
}

/// A bit for each row, set where it meets the filter. One condition at a time, so that each runs through one array.
fn bits(store: &Reader, columns: &Columns, filter: &Filter) -> Result<Vec<u64>, StoreError> {
    let mut bits = vec![u64::MAX; columns.len().div_ceil(64)];
    let kinds = kinds(filter);
    narrow(&mut bits, &columns.doc, |doc| doc != 0 && kinds >> (doc & 7) & 1 == 1);
    match filter.projects.as_slice() {
        [] => {}
        [one] => narrow(&mut bits, &columns.project, |project| i64::from(project) == one.0),
        many => {
            let set = Set::of(many.iter().map(|id| small(id.0)));
            narrow(&mut bits, &columns.project, |project| set.holds(project));
        }
    }
    if !filter.sessions.is_empty() {
        let set = Set::of(filter.sessions.iter().map(|id| small(id.0)));
        narrow(&mut bits, &columns.session, |session| set.holds(session));
    }
    if !filter.not_sessions.is_empty() {
        let set = Set::of(filter.not_sessions.iter().map(|id| small(id.0)));
        narrow(&mut bits, &columns.session, |session| !set.holds(session));
    }
    if filter.from.is_some() || filter.until.is_some() {
        let from = filter.from.map_or(i64::MIN, |at| at.0);
        let until = filter.until.map_or(i64::MAX, |at| at.0);
        narrow(&mut bits, &columns.at, |at| at >= from && at < until);
    }
    if let Some(labels) = store.labels(filter)? {
        let set = Set::of(labels.into_iter());
        narrow(&mut bits, &columns.label, |label| set.holds(label));
    }
    let files = filter.files.iter().map(|path| tokens::file(path));
    let folders = filter.folders.iter().map(|path| tokens::folder(path));
    if let Some(rows) = rows_with(store, columns, files.chain(folders))? {
        // an observation names its files itself; what else was said in its turn is about them too
        let turns = rows.iter().map(|at| columns.turn[*at]).filter(|turn| *turn != 0);
        let turns = Set::of(turns);
        let named = observations(columns, &rows);
        let rows = columns.doc.iter().zip(&columns.turn);
        narrow_by(&mut bits, rows, |(doc, turn)| {
            if is_observation(*doc) { named.holds(small(*doc >> 3)) } else { turns.holds(*turn) }
        });
    }
    if let Some(rows) = rows_with(store, columns, filter.concepts.iter().map(|name| tokens::concept(name)))? {
        let named = observations(columns, &rows);
        narrow(&mut bits, &columns.doc, |doc| is_observation(doc) && named.holds(small(doc >> 3)));
    }
    Ok(bits)
}

/// Leaves the bits of rows whose value meets a condition.
fn narrow<T: Copy>(bits: &mut [u64], column: &[T], meets: impl Fn(T) -> bool) {
    narrow_by(bits, column.iter(), |value| meets(*value));
}

fn narrow_by<V>(bits: &mut [u64], mut values: impl Iterator<Item = V>, meets: impl Fn(V) -> bool) {
    for word in bits {
        let mut met = 0;
        for (at, value) in values.by_ref().take(64).enumerate() {
            met |= u64::from(meets(value)) << at;
        }
        *word &= met;
    }
}

fn is_observation(doc: i64) -> bool {
    doc & 7 == DocKind::Observation as i64
}

/// The observations that stand at these places.
fn observations(columns: &Columns, places: &[usize]) -> Set {
    Set::of(
        places
            .iter()
            .map(|at| columns.doc[*at])
            .filter(|doc| is_observation(*doc))
            .map(|doc| small(doc >> 3)),
    )
}

/// A number of a row as sets hold it.
fn small(row: i64) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
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

    fn holds(&self, number: u32) -> bool {
        self.0.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }
}
