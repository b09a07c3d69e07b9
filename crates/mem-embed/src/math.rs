//! The arithmetic between two products of matrices, written so that a compiler makes wide instructions of it.
//!
//! Everything is inlined into the pass, which is compiled once for each kind of machine (see `native/kernels.rs`); `M` says
//! whether that kind multiplies and adds in one step, since asking for it elsewhere would call a slow function.
#![expect(clippy::inline_always, reason = "only what is inlined is compiled for the machine at hand")]

use crate::native::Machine;
use crate::shape::EPSILON;

/// Numbers that are summed side by side.
const LANES: usize = 16;
/// Adding it to a number of less than 2²² and taking it away again rounds to a whole number.
const ROUNDS: f32 = 12_582_912.0;

/// `a * b + c`.
#[inline(always)]
pub(crate) fn fused<M: Machine>(a: f32, b: f32, c: f32) -> f32 {
    if M::FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// e to the power of `x`, to one part in ten million; nothing below -87.
#[inline(always)]
pub(crate) fn exp<M: Machine>(x: f32) -> f32 {
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 88.0 { 88.0 } else { x };
    let whole = fused::<M>(x, std::f32::consts::LOG2_E, ROUNDS);
    let power = f32::from_bits(whole.to_bits().wrapping_add(127) << 23);
    let whole = whole - ROUNDS;
    // ln 2 in two parts, the first of which is exact in few bits; then the polynomial of Cephes' expf
    let rest = fused::<M>(whole, 2.121_944_4e-4, fused::<M>(whole, -0.693_359_4, x));
    let mut sum = 1.987_569_2e-4;
    for factor in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        sum = fused::<M>(sum, rest, factor);
    }
    fused::<M>(sum, rest * rest, rest + 1.0) * power
}

/// BERT's activation, `x/2 · (1 + erf(x/√2))`, with the error function of Abramowitz and Stegun 7.1.26 (1.5e-7).
#[inline(always)]
pub(crate) fn gelu<M: Machine>(x: f32) -> f32 {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / fused::<M>(z, 0.327_591_1, 1.0);
    let mut sum = 1.061_405_4;
    for factor in [-1.453_152_1, 1.421_413_8, -0.284_496_72, 0.254_829_6] {
        sum = fused::<M>(sum, t, factor);
    }
    let tail = sum * t * exp::<M>(-z * z); // 1 - erf(z)
    let above = x - 0.5 * x * tail;
    let below = 0.5 * x * tail;
    if x < 0.0 { below } else { above }
}

/// [`gelu`] of every number.
#[inline(always)]
pub(crate) fn gelu_all<M: Machine>(numbers: &mut [f32]) {
    for number in numbers {
        *number = gelu::<M>(*number);
    }
}

/// The sum of `of` each number, in an order that lets sixteen go at once.
#[inline(always)]
fn sum_of(numbers: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let (groups, rest) = numbers.as_chunks::<LANES>();
    let mut lanes = [0.0_f32; LANES];
    for group in groups {
        for (lane, number) in lanes.iter_mut().zip(group) {
            *lane += of(*number);
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|number| of(*number)).sum::<f32>()
}

/// The largest of `of` each number; of nothing, `least`.
#[inline(always)]
pub(crate) fn largest_of(numbers: &[f32], least: f32, of: impl Fn(f32) -> f32) -> f32 {
    let (groups, rest) = numbers.as_chunks::<LANES>();
    let mut lanes = [least; LANES];
    for group in groups {
        for (lane, number) in lanes.iter_mut().zip(group) {
            let number = of(*number);
            *lane = if number > *lane { number } else { *lane };
        }
    }
    lanes.iter().copied().chain(rest.iter().map(|number| of(*number))).fold(least, f32::max)
}

/// Whether all are numbers; without stopping at the first that is none, which would make it one after the other.
#[inline(always)]
pub(crate) fn all_finite(numbers: &[f32]) -> bool {
    numbers.iter().fold(true, |all, number| all & number.is_finite())
}

/// Sum of squares.
#[inline(always)]
pub(crate) fn squares(numbers: &[f32]) -> f32 {
    sum_of(numbers, |number| number * number)
}

/// Makes mean 0 and variance 1, then scales and shifts each number by its own.
#[inline(always)]
pub(crate) fn norm<M: Machine>(row: &mut [f32], scales: &[f32], shifts: &[f32]) {
    let count = row.len() as f32;
    let mean = sum_of(row, |number| number) / count;
    let variance = sum_of(row, |number| (number - mean) * (number - mean)) / count;
    let factor = 1.0 / (variance + EPSILON).sqrt();
    for ((number, scale), shift) in row.iter_mut().zip(scales).zip(shifts) {
        *number = fused::<M>((*number - mean) * factor, *scale, *shift);
    }
}

/// Makes shares of scores: positive, their sum 1.
#[inline(always)]
pub(crate) fn softmax<M: Machine>(row: &mut [f32], factor: f32) {
    let largest = largest_of(row, f32::MIN, |number| number);
    for number in row.iter_mut() {
        *number = exp::<M>((*number - largest) * factor);
    }
    let share = 1.0 / sum_of(row, |number| number);
    for number in row {
        *number *= share;
    }
}

/// A row rounded to eight bits: a number is (value + zero) · scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Steps {
    pub(crate) scale: f32,
    pub(crate) zero: i32,
    /// The sum of the values.
    pub(crate) sum: i32,
}

/// Rounds a row to eight bits, the steps from its least to its largest number: rows lean to one side more often than
/// not, and what lies on the other would be steps for nothing.
#[inline(always)]
pub(crate) fn round(row: &[f32], values: &mut [i8]) -> Steps {
    let largest = largest_of(row, 0.0, |number| number);
    let least = -largest_of(row, 0.0, |number| -number);
    let scale = (largest - least) / 255.0;
    let factor = if scale > f32::MIN_POSITIVE { 1.0 / scale } else { 0.0 };
    let zero = whole(least * factor) + 128;
    let mut sum = 0_i32;
    for (value, number) in values.iter_mut().zip(row) {
        let step = whole(*number * factor).wrapping_sub(zero);
        let step = if step > 127 { 127 } else { step };
        *value = step as i8;
        sum = sum.wrapping_add(step);
    }
    Steps { scale, zero, sum }
}

/// The nearest whole number, of a small one.
#[inline(always)]
pub(crate) fn whole(number: f32) -> i32 {
    // the bits beside those of the constant are the whole number
    (number + ROUNDS).to_bits().wrapping_sub(ROUNDS.to_bits()) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::{Plain, Product, ROWS, Tile};

    struct Fused;

    impl Machine for Fused {
        const FUSED: bool = true;

        fn tile(left: [&[f32]; ROWS], right: &[f32], stride: usize, depth: usize) -> Tile {
            Plain::tile(left, right, stride, depth)
        }

        fn multiply(product: Product<'_>) {
            Plain::multiply(product);
        }
    }

    #[test]
    fn functions_are_as_exact_as_they_say() {
        for step in -3000..3000 {
            let x = step as f32 / 100.0;
            let close = |ours: f32, exact: f64, by: f64| (f64::from(ours) - exact).abs() <= by;
            let power = f64::from(x).exp();
            assert!(
                close(exp::<Plain>(x), power, power * 2e-7) && close(exp::<Fused>(x), power, power * 2e-7),
                "e^{x}"
            );
            assert!(close(gelu::<Plain>(x), f64::from(gelu::<Fused>(x)), 1e-6), "gelu {x}");
        }
        // from a table of the error function
        for (x, exact) in
            [(1.0_f32, 0.841_344_746), (-1.0, -0.158_655_254), (0.5, 0.345_731_23), (3.0, 2.995_950_3)]
        {
            assert!((f64::from(gelu::<Plain>(x)) - exact).abs() < 1e-6, "gelu {x}");
        }
        assert_eq!((exp::<Plain>(-1e9), exp::<Plain>(0.0)), (exp::<Plain>(-87.0), 1.0));
    }

    #[test]
    fn a_row_of_nothing_rounds_to_nothing() {
        let mut values = [1_i8; 20];
        let nothing = round(&[0.0; 20], &mut values);
        assert_eq!((nothing.scale, values), (0.0, [-128; 20]));
        let row = [2.54, -1.27, 0.0];
        let steps = round(&row, &mut values[..3]);
        assert_eq!(steps.sum, values[..3].iter().map(|value| i32::from(*value)).sum::<i32>());
        for (value, number) in values.iter().zip(row) {
            assert!(((i32::from(*value) + steps.zero) as f32 * steps.scale - number).abs() <= steps.scale);
        }
    }
}
