//! A vector as it is kept: 384 numbers of eight bits and one scale.

use crate::math::{all_finite, largest_of, whole};
use crate::shape::DIM;

/// What a text means, as far as the model can tell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vector {
    /// The numbers, as multiples of the scale.
    pub values: [i8; DIM],
    /// What one of them stands for; zero for the vector of nothing.
    pub scale: f32,
}

impl Vector {
    /// The vector of a text without any word. It is similar to nothing, not even to itself.
    pub const NOTHING: Self = Self { values: [0; DIM], scale: 0.0 };

    /// A vector of numbers, rounded. Numbers that are none make nothing.
    pub fn of(numbers: &[f32; DIM]) -> Self {
        let mut vector = Self::NOTHING;
        vector.scale = quantise(numbers, &mut vector.values).unwrap_or(0.0);
        vector
    }

    /// Whether it is the vector of a text without any word.
    pub fn is_nothing(&self) -> bool {
        self.scale == 0.0
    }

    /// How alike two are: the cosine of the angle between them, as far as eight bits tell.
    pub fn similarity(&self, other: &Self) -> f32 {
        similarity(dot(&self.values, &other.values), self.scale, other.scale)
    }
}

/// Rounds numbers to eight bits, as multiples of the scale that is returned; `None` for numbers that are none.
///
/// # Panics
/// When there are not as many values as numbers.
pub fn quantise(numbers: &[f32], values: &mut [i8]) -> Option<f32> {
    assert_eq!(numbers.len(), values.len(), "a value for each number");
    let largest = largest_of(numbers, 0.0, f32::abs);
    let finite = all_finite(numbers);
    let factor = 127.0 / largest;
    if !finite || !factor.is_finite() {
        values.fill(0);
        return finite.then_some(0.0);
    }
    for (value, number) in values.iter_mut().zip(numbers) {
        *value = whole(number * factor) as i8;
    }
    Some(largest / 127.0)
}

/// The similarity that a product of eight-bit vectors stands for.
pub fn similarity(product: i32, one: f32, other: f32) -> f32 {
    product as f32 * one * other
}

fn dot(one: &[i8], other: &[i8]) -> i32 {
    one.iter().zip(other).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
}
