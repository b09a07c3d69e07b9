//! The forward pass of one text: six layers of attention and feed-forward over its tokens, then their mean.
//!
//! Texts go one by one: side by side they are no faster here, and a text then costs what it is long.
#![expect(clippy::inline_always, reason = "only what is inlined is compiled for the machine at hand")]

use crate::math::{Steps, fused, gelu_all, norm, round, softmax, squares};
use crate::native::{LANES, Machine, Product, ROWS};
use crate::room::Room;
use crate::shape::{DIM, HEAD, LONGEST, WIDE};
use crate::weights::{Body, Matrix, Norm, Weights};

/// Numbers of a token's queries, keys and values.
const QKV: usize = 3 * DIM;
/// The attention's scores are divided by the root of a head's numbers.
const SCORES: f32 = 0.176_776_7;
const _: () = assert!(HEAD == LANES, "a head goes through a tile at once");

/// Room for a pass. It grows to what the longest text so far took, four megabytes at most.
#[derive(Debug)]
pub(crate) struct Scratch {
    /// A row for each token: what goes from layer to layer.
    state: Vec<f32>,
    /// What is added to it.
    change: Vec<f32>,
    /// Queries, keys and values; later the wide part.
    broad: Vec<f32>,
    /// What came of attention.
    attended: Vec<f32>,
    /// Keys of a head, turned on their side.
    keys: Vec<f32>,
    /// Scores of a few tokens.
    scores: Vec<f32>,
    rounded: Rounded,
    /// The mean over the tokens, of length 1.
    pub(crate) mean: [f32; DIM],
}

/// Rows rounded to eight bits.
#[derive(Debug, Default)]
struct Rounded {
    values: Vec<i8>,
    steps: Vec<Steps>,
    wide: Vec<i16>,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self {
            state: Vec::new(),
            change: Vec::new(),
            broad: Vec::new(),
            attended: Vec::new(),
            keys: Vec::new(),
            scores: Vec::new(),
            rounded: Rounded::default(),
            mean: [0.0; DIM],
        }
    }

    fn fit(&mut self, count: usize) {
        let padded = count.next_multiple_of(LANES);
        for (buffer, len) in [
            (&mut self.state, count * DIM),
            (&mut self.change, count * DIM),
            (&mut self.attended, count * DIM),
            (&mut self.broad, count * WIDE),
            (&mut self.keys, padded * HEAD),
            (&mut self.scores, padded * ROWS),
        ] {
            buffer.resize(len, 0.0);
        }
    }
}

/// Computes the vector of a text's tokens into `scratch.mean`.
#[inline(always)]
pub(crate) fn run<M: Machine>(weights: &Weights, scratch: &mut Scratch, ids: &[u32]) {
    let ids = &ids[..ids.len().min(LONGEST)];
    let count = ids.len();
    scratch.fit(count);
    let Scratch { state, change, broad, attended, keys, scores, rounded, mean } = scratch;
    let room = &weights.room;
    begin::<M>(weights, state, ids);
    for layer in &weights.layers {
        let [to_qkv, to_change, to_wide, back] = &layer.matrices;
        let qkv = &mut broad[..count * QKV];
        linear::<M>(room, to_qkv, state, rounded, qkv);
        attend::<M>(qkv, attended, keys, scores);
        linear::<M>(room, to_change, attended, rounded, change);
        add_and_norm::<M>(&layer.norms[0], state, change);
        linear::<M>(room, to_wide, state, rounded, broad);
        gelu_all::<M>(broad);
        linear::<M>(room, back, broad, rounded, change);
        add_and_norm::<M>(&layer.norms[1], state, change);
    }
    end(state, mean);
}

/// Each token's word and place.
#[inline(always)]
fn begin<M: Machine>(weights: &Weights, state: &mut [f32], ids: &[u32]) {
    let places = weights.places.chunks_exact(DIM);
    for ((row, place), id) in state.chunks_exact_mut(DIM).zip(places).zip(ids) {
        let id = *id as usize;
        match &weights.words.body {
            Body::Packed(part, _) => {
                let word = &weights.room.get(*part)[id * DIM..][..DIM];
                let scale = weights.words.scales[id];
                for ((number, place), bits) in row.iter_mut().zip(place).zip(word) {
                    *number = fused::<M>(f32::from(bits.cast_signed()), scale, *place);
                }
            }
            Body::Floats(floats) => {
                for ((number, place), word) in row.iter_mut().zip(place).zip(&floats[id * DIM..][..DIM]) {
                    *number = place + word;
                }
            }
        }
        norm::<M>(row, &weights.norm.scales, &weights.norm.shifts);
    }
}

/// Every row times a matrix.
#[inline(always)]
fn linear<M: Machine>(room: &Room, matrix: &Matrix, rows: &[f32], rounded: &mut Rounded, out: &mut [f32]) {
    match &matrix.body {
        Body::Packed(part, _) => {
            rounded.values.resize(rows.len(), 0);
            rounded.steps.clear();
            for (row, values) in
                rows.chunks_exact(matrix.depth).zip(rounded.values.chunks_exact_mut(matrix.depth))
            {
                rounded.steps.push(round(row, values));
            }
            M::multiply(Product {
                rows: &rounded.values,
                steps: &rounded.steps,
                depth: matrix.depth,
                weights: room.get(*part),
                sums: &matrix.sums,
                scales: &matrix.scales,
                shifts: &matrix.shifts,
                out,
                wide: &mut rounded.wide,
            });
        }
        Body::Floats(floats) => multiply_floats::<M>(matrix, floats, rows, out),
    }
}

#[inline(always)]
fn multiply_floats<M: Machine>(matrix: &Matrix, floats: &[f32], rows: &[f32], out: &mut [f32]) {
    let (depth, outputs) = (matrix.depth, matrix.shifts.len());
    let count = rows.len() / depth;
    for (block, columns) in floats.chunks_exact(depth * LANES).enumerate() {
        for first in (0..count).step_by(ROWS) {
            let sums = M::tile(rows_from(rows, depth, 0, depth, first), columns, LANES, depth);
            for (row, sums) in (first..count).zip(&sums) {
                let at = block * LANES;
                let out = &mut out[row * outputs + at..][..LANES];
                for ((out, sum), shift) in out.iter_mut().zip(sums).zip(&matrix.shifts[at..]) {
                    *out = sum + shift;
                }
            }
        }
    }
}

/// Parts of [`ROWS`] rows from `first` on; beyond the last, the last again.
#[inline(always)]
fn rows_from(rows: &[f32], width: usize, begin: usize, len: usize, first: usize) -> [&[f32]; ROWS] {
    let last = rows.len() / width - 1;
    let mut found: [&[f32]; ROWS] = [&[]; ROWS];
    for (at, found) in found.iter_mut().enumerate() {
        *found = &rows[(first + at).min(last) * width + begin..][..len];
    }
    found
}

/// Lets every token look at every other, head by head.
#[inline(always)]
fn attend<M: Machine>(qkv: &[f32], attended: &mut [f32], keys: &mut [f32], scores: &mut [f32]) {
    let count = qkv.len() / QKV;
    let padded = count.next_multiple_of(LANES);
    for head in (0..DIM).step_by(HEAD) {
        for (token, row) in qkv.chunks_exact(QKV).enumerate() {
            for (at, number) in row[DIM + head..][..HEAD].iter().enumerate() {
                keys[at * padded + token] = *number;
            }
        }
        for first in (0..count).step_by(ROWS) {
            let queries = rows_from(qkv, QKV, head, HEAD, first);
            for to in (0..padded).step_by(LANES) {
                let sums = M::tile(queries, &keys[to..], padded, HEAD);
                for (row, sums) in scores.chunks_exact_mut(padded).zip(&sums) {
                    row[to..][..LANES].copy_from_slice(sums);
                }
            }
            for row in scores.chunks_exact_mut(padded) {
                row[count..].fill(f32::MIN); // no tokens, so no share
                softmax::<M>(row, SCORES);
            }
            let shares = rows_from(scores, padded, 0, padded, 0);
            let sums = M::tile(shares, &qkv[2 * DIM + head..], QKV, count);
            for (row, sums) in (first..count).zip(&sums) {
                attended[row * DIM + head..][..LANES].copy_from_slice(sums);
            }
        }
    }
}

#[inline(always)]
fn add_and_norm<M: Machine>(by: &Norm, state: &mut [f32], change: &[f32]) {
    for (row, change) in state.chunks_exact_mut(DIM).zip(change.chunks_exact(DIM)) {
        for (number, change) in row.iter_mut().zip(change) {
            *number += change;
        }
        norm::<M>(row, &by.scales, &by.shifts);
    }
}

/// The mean of the rows, of length 1.
#[inline(always)]
fn end(state: &[f32], mean: &mut [f32; DIM]) {
    mean.fill(0.0);
    for row in state.chunks_exact(DIM) {
        for (sum, number) in mean.iter_mut().zip(row) {
            *sum += number;
        }
    }
    let length = squares(mean).sqrt();
    for number in mean {
        *number /= length;
    }
}
