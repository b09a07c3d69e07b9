//! Vectors of one length, one after the other, as they come from a store.

use crate::native::{Kernel, dots};
use crate::vector::similarity;

/// Most numbers that a vector may have, so that no product overflows.
pub const LARGEST_DIM: usize = 1 << 14;
/// Vectors that are compared at once.
const BLOCK: usize = 64;

/// Vectors of one length, one after the other, with a scale for each.
#[derive(Debug, Clone, Copy)]
pub struct Flat<'a> {
    pub(crate) values: &'a [i8],
    pub(crate) scales: &'a [f32],
    pub(crate) dim: usize,
}

impl<'a> Flat<'a> {
    /// Vectors of `dim` numbers; `None` where the lengths do not fit each other.
    pub fn new(values: &'a [i8], scales: &'a [f32], dim: usize) -> Option<Self> {
        let fits = (1..=LARGEST_DIM).contains(&dim) && scales.len().checked_mul(dim) == Some(values.len());
        fits.then_some(Self { values, scales, dim })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.scales.is_empty()
    }
}

/// How alike the query is to each of the vectors, put into `alike`; 0 where either has no meaning.
///
/// # Panics
/// When the query is not as long as the vectors: those of another model are compared with nothing.
pub fn similarities(query: (&[i8], f32), among: Flat<'_>, alike: &mut Vec<f32>) {
    let (query, scale) = query;
    assert_eq!(query.len(), among.dim, "vectors of one model");
    let kernel = Kernel::best();
    let mut products = [0_i32; BLOCK];
    for (scales, values) in among.scales.chunks(BLOCK).zip(among.values.chunks(BLOCK * among.dim)) {
        let products = &mut products[..scales.len()];
        dots(kernel, query, values, products);
        let each = scales.iter().zip(products);
        alike.extend(each.map(|(its, product)| meant(*product, scale, *its)));
    }
}

/// The similarity of two that both mean something.
pub(crate) fn meant(product: i32, one: f32, other: f32) -> f32 {
    if one.is_normal() && other.is_normal() { similarity(product, one, other) } else { 0.0 }
}
