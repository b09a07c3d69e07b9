//! The nearest of many vectors, exactly: every one that the filter keeps is compared.
//!
//! Over one array in memory this takes as long as reading it, which no index beats that has to stay true while it is
//! written to (docs/design/013-embedding.md).

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::sync::atomic::{self, AtomicUsize};

use crate::flat::Flat;
use crate::native::{Kernel, dots};

/// Vectors that a word of a filter speaks for.
const BLOCK: usize = 64;
/// From so many kept ones in a block on it is quicker to compare all of them than to pick.
const MANY: u32 = 24;

/// Blocks that a thread takes at a time: some twenty microseconds.
const PORTION: usize = 16;

/// What of an array is not compared yet. Threads that share one each take the next portion of it, so that none waits long for
/// another, however late it came.
#[derive(Debug, Default)]
pub struct Portions(AtomicUsize);

impl Portions {
    /// The next blocks, of that many in all.
    fn take(&self, blocks: usize) -> Option<Range<usize>> {
        // nothing else is handed over by it
        let first = self.0.fetch_add(PORTION, atomic::Ordering::Relaxed);
        (first < blocks).then(|| first..blocks.min(first + PORTION))
    }
}

/// A vector that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Which, from 0.
    pub index: usize,
    /// How alike it is: for vectors of length 1, the cosine.
    pub similarity: f32,
}

impl Eq for Hit {}

impl Ord for Hit {
    /// The better is the smaller, so that the worst of a heap is on top; of equal ones the first is the better.
    fn cmp(&self, other: &Self) -> Ordering {
        other.similarity.total_cmp(&self.similarity).then(self.index.cmp(&other.index))
    }
}

impl PartialOrd for Hit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The `top` vectors nearest to the query among those whose bit in `keep` is set (all without it; none beyond its end).
///
/// The best first, and of equal ones the first. A vector of nothing is never found, nor one whose scale is no number.
///
/// # Panics
/// When the query is not as long as the vectors: those of another model are compared with nothing.
pub fn scan(query: (&[i8], f32), among: Flat<'_>, keep: Option<&[u64]>, top: usize) -> Vec<Hit> {
    scan_on(Kernel::best(), query, among, keep, top)
}

/// As [`scan`], but of the portions alone that nobody else takes. What all who took some found, sorted together, is what
/// [`scan`] finds and perhaps more.
///
/// # Panics
/// As [`scan`].
pub fn scan_part(
    query: (&[i8], f32),
    among: Flat<'_>,
    keep: Option<&[u64]>,
    top: usize,
    portions: &Portions,
) -> Vec<Hit> {
    part(Kernel::best(), query, among, keep, top, portions)
}

/// How alike the query is to each of the vectors, put into `alike`; 0 where either has no meaning.
///
/// # Panics
/// As [`scan`].
pub fn similarities(query: (&[i8], f32), among: Flat<'_>, alike: &mut Vec<f32>) {
    let (query, scale) = query;
    assert_eq!(query.len(), among.dim, "vectors of one model");
    let kernel = Kernel::best();
    let mut products = [0_i32; BLOCK];
    for (scales, values) in among.scales.chunks(BLOCK).zip(among.values.chunks(BLOCK * among.dim)) {
        let products = &mut products[..scales.len()];
        dots(kernel, query, values, products);
        alike.extend(scales.iter().zip(products).map(|(its, product)| {
            let has_meaning = scale.is_normal() && its.is_normal();
            if has_meaning { crate::vector::similarity(*product, scale, *its) } else { 0.0 }
        }));
    }
}

/// As [`scan`], with a kernel of one's choice.
///
/// # Panics
/// As [`scan`].
pub fn scan_on(
    kernel: Kernel,
    query: (&[i8], f32),
    among: Flat<'_>,
    keep: Option<&[u64]>,
    top: usize,
) -> Vec<Hit> {
    part(kernel, query, among, keep, top, &Portions::default())
}

fn part(
    kernel: Kernel,
    (query, scale): (&[i8], f32),
    among: Flat<'_>,
    keep: Option<&[u64]>,
    top: usize,
    portions: &Portions,
) -> Vec<Hit> {
    assert_eq!(query.len(), among.dim, "vectors of one model");
    if top == 0 || !scale.is_normal() {
        return Vec::new();
    }
    let mut best = Best { top, hits: BinaryHeap::with_capacity(top.min(among.len()) + 1) };
    let mut products = [0_i32; BLOCK];
    while let Some(portion) = portions.take(among.len().div_ceil(BLOCK)) {
        for block in portion {
            let first = block * BLOCK;
            let scales = &among.scales[first..among.len().min(first + BLOCK)];
            let all = u64::MAX >> (BLOCK - scales.len());
            let kept = all & keep.map_or(u64::MAX, |keep| keep.get(block).copied().unwrap_or(0));
            let values = &among.values[first * among.dim..][..scales.len() * among.dim];
            if kept.count_ones() >= MANY.min(scales.len() as u32) {
                dots(kernel, query, values, &mut products[..scales.len()]);
            } else {
                for at in bits(kept) {
                    dots(kernel, query, &values[at * among.dim..][..among.dim], &mut products[at..=at]);
                }
            }
            for at in bits(kept) {
                if scales[at].is_normal() {
                    let similarity = crate::vector::similarity(products[at], scale, scales[at]);
                    best.offer(Hit { index: first + at, similarity });
                }
            }
        }
    }
    best.hits.into_sorted_vec()
}

/// The places of the bits that are set.
fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = (word != 0).then(|| word.trailing_zeros() as usize);
        word &= word.wrapping_sub(1);
        at
    })
}

struct Best {
    top: usize,
    hits: BinaryHeap<Hit>,
}

impl Best {
    fn offer(&mut self, hit: Hit) {
        if self.hits.len() < self.top {
            self.hits.push(hit);
        } else if let Some(mut worst) = self.hits.peek_mut()
            && hit < *worst
        {
            *worst = hit;
        }
    }
}
