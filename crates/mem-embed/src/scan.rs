//! The nearest of many vectors, exactly: every one that the filter keeps is compared, the low bits of its numbers only where
//! the high ones leave it open whether it is among them.
//!
//! Over one array in memory this takes as long as reading it, which no index beats that has to stay true while it is
//! written to (docs/design/013-embedding.md).

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::native::Kernel;
use crate::planes::Planes;

/// Vectors that a word of a filter speaks for.
const BLOCK: usize = 64;
/// From so many kept ones in a block on it is quicker to compare all of them than to pick.
const MANY: u32 = 24;

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
pub fn scan(query: (&[i8], f32), among: &Planes, keep: Option<&[u64]>, top: usize) -> Vec<Hit> {
    scan_on(Kernel::best(), query, among, keep, top)
}

/// As [`scan`], with a kernel of one's choice.
///
/// # Panics
/// As [`scan`].
pub fn scan_on(
    kernel: Kernel,
    query: (&[i8], f32),
    among: &Planes,
    keep: Option<&[u64]>,
    top: usize,
) -> Vec<Hit> {
    let asked = among.asked(query);
    let mut best = Best { top, hits: BinaryHeap::with_capacity(top.min(among.len()) + 1) };
    if top == 0 || !asked.scale.is_normal() {
        return Vec::new();
    }
    let mut products = [0_i32; BLOCK];
    for first in (0..among.len()).step_by(BLOCK) {
        let count = BLOCK.min(among.len() - first);
        let all = u64::MAX >> (BLOCK - count);
        let kept = all & keep.map_or(u64::MAX, |keep| keep.get(first / BLOCK).copied().unwrap_or(0));
        if kept.count_ones() >= MANY.min(count as u32) {
            among.rough(kernel, &asked, first, &mut products[..count]);
        } else {
            for at in bits(kept) {
                among.rough(kernel, &asked, first + at, &mut products[at..=at]);
            }
        }
        for at in bits(kept) {
            let (place, rough) = (first + at, products[at]);
            let scale = among.scale(place);
            if !scale.is_normal() || best.beats(among.most(&asked, place, rough)) {
                continue;
            }
            let product = among.exact(kernel, &asked, place, rough);
            best.offer(Hit {
                index: place,
                similarity: crate::vector::similarity(product, asked.scale, scale),
            });
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
    /// Whether all that are kept are more alike than that.
    fn beats(&self, similarity: f32) -> bool {
        self.hits.len() == self.top && self.hits.peek().is_some_and(|worst| similarity < worst.similarity)
    }

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
