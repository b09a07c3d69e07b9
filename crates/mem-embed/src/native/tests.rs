//! Every kernel that this machine has, against the plain loops.

use proptest::prelude::*;

#[cfg(target_arch = "x86_64")]
use super::kernels::{Avx2, Vnni};
use super::*;
use crate::math::Steps;
use crate::math::round;

/// The product by a kernel, with weights packed for it.
fn product(kernel: Kernel, rows: &[f32], depth: usize, weights: &[i8]) -> Vec<f32> {
    let (count, outputs) = (rows.len() / depth, weights.len() / depth);
    let mut values = vec![0; rows.len()];
    let each = rows.chunks(depth).zip(values.chunks_mut(depth));
    // scales of 1, so that the whole numbers come out as they are
    let steps: Vec<Steps> = each.map(|(row, values)| Steps { scale: 1.0, ..round(row, values) }).collect();
    let mut packed = vec![0; weights.len()];
    for (output, row) in weights.chunks(depth).enumerate() {
        kernel.layout().put(row, output, &mut packed);
    }
    let sums: Vec<i32> =
        weights.chunks(depth).map(|row| row.iter().map(|weight| i32::from(*weight)).sum()).collect();
    let mut out = vec![f32::NAN; count * outputs];
    let product = Product {
        rows: &values,
        steps: &steps,
        depth,
        weights: &packed,
        sums: &sums,
        scales: &vec![1.0; outputs],
        shifts: &vec![0.0; outputs],
        out: &mut out,
        wide: &mut Vec::new(),
    };
    on(kernel, product);
    out
}

fn on(kernel: Kernel, product: Product<'_>) {
    match kernel {
        #[cfg(target_arch = "x86_64")]
        Kernel::Vnni => Vnni::multiply(product),
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx2 => Avx2::multiply(product),
        _ => Plain::multiply(product),
    }
}

fn tile_on(kernel: Kernel, left: [&[f32]; ROWS], right: &[f32], stride: usize, depth: usize) -> Tile {
    match kernel {
        #[cfg(target_arch = "x86_64")]
        Kernel::Vnni => Vnni::tile(left, right, stride, depth),
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx2 => Avx2::tile(left, right, stride, depth),
        _ => Plain::tile(left, right, stride, depth),
    }
}

fn here() -> impl Iterator<Item = Kernel> {
    Kernel::ALL.into_iter().filter(|kernel| kernel.is_here())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn products_are_those_of_the_plain_loop_to_the_bit(
        count in 0_usize..14,
        groups in 1_usize..40,
        blocks in 1_usize..3,
        seed in any::<u64>(),
    ) {
        let (depth, outputs) = (groups * 4, blocks * 64);
        let mut state = seed | 1;
        let mut next = || { state ^= state << 13; state ^= state >> 7; state ^= state << 17; state };
        let rows: Vec<f32> = (0..count * depth).map(|_| (next() % 2001) as f32 / 100.0 - 5.0).collect();
        // the extremes often, as sums of them are the largest
        let weights: Vec<i8> = (0..outputs * depth)
            .map(|_| match next() % 4 { 0 => i8::MAX, 1 => -i8::MAX, 2 => i8::MIN, _ => next() as i8 })
            .collect();
        let plain = product(Kernel::Plain, &rows, depth, &weights);
        prop_assert!(plain.iter().all(|number| number.is_finite()));
        for kernel in here() {
            prop_assert_eq!(&product(kernel, &rows, depth, &weights), &plain, "{:?}", kernel);
        }
    }

    #[test]
    fn tiles_are_those_of_the_plain_loop(depth in 1_usize..80, wider in 0_usize..9, seed in any::<u64>()) {
        let stride = LANES + wider;
        let mut state = seed | 1;
        let mut next = || { state ^= state << 13; state ^= state >> 7; state ^= state << 17; (state % 201) as f32 / 100.0 - 1.0 };
        let right: Vec<f32> = (0..depth * stride).map(|_| next()).collect();
        let left: Vec<Vec<f32>> = (0..ROWS).map(|_| (0..depth).map(|_| next()).collect()).collect();
        let left: [&[f32]; ROWS] = std::array::from_fn(|row| left[row].as_slice());
        let plain = tile_on(Kernel::Plain, left, &right, stride, depth);
        for kernel in here() {
            let tile = tile_on(kernel, left, &right, stride, depth);
            for (one, other) in tile.iter().flatten().zip(plain.iter().flatten()) {
                prop_assert!((one - other).abs() < 1e-4, "{:?}: {} {}", kernel, one, other);
            }
        }
    }
}

#[test]
fn the_best_kernel_is_one_of_this_machine() {
    assert!(Kernel::best().is_here() && Kernel::Plain.is_here());
}

#[test]
#[should_panic(expected = "a line for each number")]
fn what_is_too_short_is_never_read() {
    tile_on(Kernel::best(), [&[1.0; 8]; ROWS], &[0.0; 7 * LANES], LANES, 8);
}
