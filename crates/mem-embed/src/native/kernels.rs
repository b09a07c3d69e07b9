//! The kernels of each kind of machine: products of eight-bit matrices, of a vector with many, and which kind this is.
//!
//! The only file of the crate with `unsafe`: the instructions need it to be promised that the machine has them, and loads that the
//! memory is there. So each kernel is taken only behind its own detection, and first asserts the lengths of all it reads
//! and writes. Products are exact whole numbers, so that each must agree with the plain loop to the bit.
#![expect(unsafe_code, reason = "instructions that not every machine has; nowhere else in the crate")]
#![expect(clippy::inline_always, reason = "what is inlined is compiled for the machine at hand")]

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    _mm_add_epi32, _mm_cvtsi128_si32, _mm_loadu_si128, _mm_shuffle_epi32, _mm256_add_epi32,
    _mm256_castsi256_si128, _mm256_cvtepi8_epi16, _mm256_cvtepi32_ps, _mm256_extracti128_si256,
    _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_mul_ps,
    _mm256_mullo_epi32, _mm256_set1_epi32, _mm256_set1_ps, _mm256_setzero_ps, _mm256_setzero_si256,
    _mm256_storeu_ps, _mm512_add_epi32, _mm512_cvtepi32_ps, _mm512_dpbusd_epi32, _mm512_fmadd_ps,
    _mm512_loadu_ps, _mm512_loadu_si512, _mm512_maskz_loadu_epi8, _mm512_mul_ps, _mm512_mullo_epi32,
    _mm512_reduce_add_epi32, _mm512_set1_epi8, _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_ps,
    _mm512_setzero_si512, _mm512_storeu_ps, _mm512_sub_epi32, _mm512_xor_si512,
};

use crate::math::{Steps, fused};
use crate::pack::Layout;
use crate::pass::{self, Scratch};
use crate::weights::Weights;

/// A kind of machine, by what it multiplies with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kernel {
    /// AVX-512 with VNNI: four products a lane and step.
    Vnni,
    /// AVX2 with FMA.
    Avx2,
    /// ARM's dot product.
    Dot,
    /// Whatever the compiler may assume of every machine of its kind.
    Plain,
}

impl Kernel {
    /// Every kernel, the best first.
    pub const ALL: [Self; 4] = [Self::Vnni, Self::Avx2, Self::Dot, Self::Plain];

    /// The best that this machine has.
    pub fn best() -> Self {
        Self::ALL.into_iter().find(|kernel| kernel.is_here()).unwrap_or(Self::Plain)
    }

    /// Whether this machine has it.
    pub fn is_here(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Vnni => {
                Self::Avx2.is_here()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vnni")
            }
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "aarch64")]
            Self::Dot => std::arch::is_aarch64_feature_detected!("dotprod"),
            Self::Plain => true,
            _ => false,
        }
    }

    /// How it wants the weights.
    pub(crate) fn layout(self) -> Layout {
        match self {
            Self::Vnni => Layout { outputs: 64, inputs: 4, flip: 0x80 },
            Self::Avx2 => Layout { outputs: 16, inputs: 2, flip: 0 },
            Self::Dot | Self::Plain => Layout::PLAIN,
        }
    }
}

/// Rows of eight-bit numbers times a matrix, to rows of numbers.
#[derive(Debug)]
pub(crate) struct Product<'a> {
    /// The rows, each of `depth` numbers.
    pub(crate) rows: &'a [i8],
    /// How each row was rounded.
    pub(crate) steps: &'a [Steps],
    /// Numbers in a row.
    pub(crate) depth: usize,
    /// The weights as the kernel's [`Layout`] has them.
    pub(crate) weights: &'a [u8],
    /// The sum of each output's weights.
    pub(crate) sums: &'a [i32],
    /// What a weight of each output stands for.
    pub(crate) scales: &'a [f32],
    /// What is added to each output.
    pub(crate) shifts: &'a [f32],
    /// Rows of outputs.
    pub(crate) out: &'a mut [f32],
    /// Room to widen the rows in.
    pub(crate) wide: &'a mut Vec<i16>,
}

impl Product<'_> {
    fn count(&self) -> usize {
        self.steps.len()
    }

    fn outputs(&self) -> usize {
        self.scales.len()
    }

    /// What the kernels take for granted.
    fn check(&self, layout: Layout) {
        let (count, outputs) = (self.count(), self.outputs());
        assert!(self.rows.len() == count * self.depth, "rows as they were announced");
        assert!(self.weights.len() == outputs * self.depth, "weights as they were announced");
        assert!(
            self.shifts.len() == outputs && self.sums.len() == outputs,
            "shifts and sums for every output"
        );
        assert!(self.out.len() == count * outputs, "room for every output");
        assert!(
            outputs.is_multiple_of(layout.outputs) && self.depth.is_multiple_of(layout.inputs),
            "whole blocks"
        );
    }
}

/// Rows that go through a tile together.
pub(crate) const ROWS: usize = 6;
/// Columns that go through a tile side by side.
pub(crate) const LANES: usize = 32;
/// What comes out of a tile.
pub(crate) type Tile = [[f32; LANES]; ROWS];

/// What the pass is compiled for.
pub(crate) trait Machine {
    /// Whether it multiplies and adds in one step.
    const FUSED: bool;

    /// Some rows, of which the first `depth` numbers count, times [`LANES`] columns: `right` holds a line of columns for
    /// each number of a row, `stride` apart.
    fn tile(left: [&[f32]; ROWS], right: &[f32], stride: usize, depth: usize) -> Tile;

    /// The product.
    fn multiply(product: Product<'_>);
}

/// Computes the vector of a text's tokens with the kernel its weights were packed for.
pub(crate) fn run(weights: &Weights, scratch: &mut Scratch, ids: &[u32]) {
    assert!(weights.kernel.is_here(), "weights are packed for this machine");
    match weights.kernel {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the machine has what the function is compiled for; it was asked a line above.
        Kernel::Vnni => unsafe { run_vnni(weights, scratch, ids) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Kernel::Avx2 => unsafe { run_avx2(weights, scratch, ids) },
        #[cfg(target_arch = "aarch64")]
        // SAFETY: as above.
        Kernel::Dot => unsafe { run_dot(weights, scratch, ids) },
        _ => pass::run::<Plain>(weights, scratch, ids),
    }
}

/// The products of `query` with each of the vectors in `vectors`, which follow each other.
pub(crate) fn dots(kernel: Kernel, query: &[i8], vectors: &[i8], out: &mut [i32]) {
    assert!(vectors.len() == query.len() * out.len(), "vectors of the query's length");
    match kernel {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the machine has what the function is compiled for.
        Kernel::Vnni if kernel.is_here() => unsafe { dots_vnni(query, vectors, out) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Kernel::Avx2 if kernel.is_here() => unsafe { dots_avx2(query, vectors, out) },
        #[cfg(target_arch = "aarch64")]
        // SAFETY: as above.
        Kernel::Dot if kernel.is_here() => unsafe { dots_dot(query, vectors, out) },
        _ => dots_plain(query, vectors, out),
    }
}

/// Bytes as numbers with a sign.
pub(crate) fn signed(bytes: &[u8]) -> &[i8] {
    // SAFETY: both have the same size, alignment and any bits; the length is that of the bytes, which stay borrowed.
    unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len()) }
}

/// What the tiles take for granted.
#[inline(always)]
fn check_tile(left: &[&[f32]; ROWS], right: &[f32], stride: usize, depth: usize) {
    assert!(left.iter().all(|row| row.len() >= depth), "rows of the depth");
    assert!(depth > 0 && right.len() >= (depth - 1) * stride + LANES, "a line for each number");
}

/// Numbers that the plain loop takes at once.
const GROUP: usize = 16;

/// Any machine.
#[derive(Debug)]
pub(crate) struct Plain;

impl Machine for Plain {
    const FUSED: bool = cfg!(target_arch = "aarch64");

    #[inline(always)]
    fn tile(left: [&[f32]; ROWS], right: &[f32], stride: usize, depth: usize) -> Tile {
        check_tile(&left, right, stride, depth);
        left.map(|row| {
            let mut sums = [0.0_f32; LANES];
            for (factor, line) in row[..depth].iter().zip(right.chunks(stride)) {
                for (sum, number) in sums.iter_mut().zip(&line[..LANES]) {
                    *sum = fused::<Self>(*factor, *number, *sum);
                }
            }
            sums
        })
    }

    #[inline(always)]
    fn multiply(product: Product<'_>) {
        product.check(Layout::PLAIN);
        let (depth, outputs) = (product.depth, product.outputs());
        let rows =
            product.rows.chunks_exact(depth).zip(product.steps).zip(product.out.chunks_exact_mut(outputs));
        for ((row, steps), out) in rows {
            for (at, out) in out.iter_mut().enumerate() {
                let sum = dot(row, &product.weights[at * depth..][..depth], u8::cast_signed);
                let sum = sum + steps.zero * product.sums[at];
                *out = sum as f32 * (steps.scale * product.scales[at]) + product.shifts[at];
            }
        }
    }
}

/// The product of two rows, exactly.
#[inline(always)]
fn dot<T: Copy>(one: &[i8], other: &[T], signed: impl Fn(T) -> i8 + Copy) -> i32 {
    if cfg!(target_arch = "aarch64") {
        // the form of which `sdot` is made
        let products = one.iter().zip(other).map(|(a, b)| i32::from(*a) * i32::from(signed(*b)));
        return products.fold(0, i32::wrapping_add);
    }
    // a group at a time, in sixteen bits: of single numbers the compiler makes nothing wide here
    let ((groups, rest), (other_groups, other_rest)) = (one.as_chunks::<GROUP>(), other.as_chunks::<GROUP>());
    let mut sums = [0_i32; GROUP];
    for (a, b) in groups.iter().zip(other_groups) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum = sum.wrapping_add(i32::from(i16::from(*a).wrapping_mul(i16::from(signed(*b)))));
        }
    }
    let rest = rest.iter().zip(other_rest).map(|(a, b)| i32::from(*a) * i32::from(signed(*b)));
    sums.into_iter().chain(rest).fold(0, i32::wrapping_add)
}

#[inline(always)]
fn dots_plain(query: &[i8], vectors: &[i8], out: &mut [i32]) {
    for (out, vector) in out.iter_mut().zip(vectors.chunks_exact(query.len())) {
        *out = dot(query, vector, |number| number);
    }
}

// ── ARM: the plain loops, of which the compiler makes `sdot` where it may ──

#[cfg(target_arch = "aarch64")]
#[target_feature(enable = "neon,dotprod")]
fn run_dot(weights: &Weights, scratch: &mut Scratch, ids: &[u32]) {
    pass::run::<Plain>(weights, scratch, ids);
}

#[cfg(target_arch = "aarch64")]
#[target_feature(enable = "neon,dotprod")]
fn dots_dot(query: &[i8], vectors: &[i8], out: &mut [i32]) {
    dots_plain(query, vectors, out);
}

// ── AVX-512 with VNNI ──

/// AVX-512 with VNNI.
#[cfg(target_arch = "x86_64")]
#[derive(Debug)]
pub(super) struct Vnni;

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")]
fn run_vnni(weights: &Weights, scratch: &mut Scratch, ids: &[u32]) {
    pass::run::<Vnni>(weights, scratch, ids);
}

#[cfg(target_arch = "x86_64")]
impl Machine for Vnni {
    const FUSED: bool = true;

    #[inline(always)]
    fn tile(left: [&[f32]; ROWS], right: &[f32], stride: usize, depth: usize) -> Tile {
        check_tile(&left, right, stride, depth);
        let mut out = [[0.0; LANES]; ROWS];
        // SAFETY: only `run_vnni`, which is entered behind the detection, is compiled with this machine; the lengths were
        // checked.
        unsafe { vnni_floats(left.map(<[f32]>::as_ptr), right.as_ptr(), stride, depth, &mut out) };
        out
    }

    #[inline(always)]
    fn multiply(mut product: Product<'_>) {
        product.check(Kernel::Vnni.layout());
        let count = product.count();
        for output in (0..product.outputs()).step_by(64) {
            let mut row = 0;
            // SAFETY: only `run_vnni`, which is entered behind the detection, is compiled with this machine; the lengths
            // were checked above and the rows below are within `count`.
            unsafe {
                while row + 6 <= count {
                    vnni_tile::<6>(&mut product, row, output);
                    row += 6;
                }
                match count - row {
                    5 => vnni_tile::<5>(&mut product, row, output),
                    4 => vnni_tile::<4>(&mut product, row, output),
                    3 => vnni_tile::<3>(&mut product, row, output),
                    2 => vnni_tile::<2>(&mut product, row, output),
                    1 => vnni_tile::<1>(&mut product, row, output),
                    _ => {}
                }
            }
        }
    }
}

/// `R` rows times 64 outputs. The weights are flipped to be without a sign, as the instruction wants one side; what
/// that adds to a sum is 128 times the sum of the row.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vnni")]
#[inline]
unsafe fn vnni_tile<const R: usize>(product: &mut Product<'_>, row: usize, output: usize) {
    let (depth, outputs) = (product.depth, product.outputs());
    let mut sums = [[_mm512_setzero_si512(); 4]; R];
    // SAFETY: `check` holds for the product, `row + R` is within its rows and `output + 64` within its outputs.
    unsafe {
        let weights = product.weights.as_ptr().add(output * depth);
        let rows = product.rows.as_ptr().add(row * depth);
        for step in 0..depth / 4 {
            let at = weights.add(step * 256);
            let lines = [
                _mm512_loadu_si512(at.cast()),
                _mm512_loadu_si512(at.add(64).cast()),
                _mm512_loadu_si512(at.add(128).cast()),
                _mm512_loadu_si512(at.add(192).cast()),
            ];
            for (r, sums) in sums.iter_mut().enumerate() {
                let four = _mm512_set1_epi32(rows.add(r * depth + step * 4).cast::<i32>().read_unaligned());
                for (sum, line) in sums.iter_mut().zip(lines) {
                    *sum = _mm512_dpbusd_epi32(*sum, line, four);
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            let steps = *product.steps.get_unchecked(row + r);
            let added = _mm512_set1_epi32(128 * steps.sum);
            let zero = _mm512_set1_epi32(steps.zero);
            let row_scale = _mm512_set1_ps(steps.scale);
            for (c, sum) in sums.iter().enumerate() {
                let at = output + c * 16;
                let of_zero =
                    _mm512_mullo_epi32(zero, _mm512_loadu_si512(product.sums.as_ptr().add(at).cast()));
                let exact = _mm512_cvtepi32_ps(_mm512_add_epi32(_mm512_sub_epi32(*sum, added), of_zero));
                let scale = _mm512_mul_ps(row_scale, _mm512_loadu_ps(product.scales.as_ptr().add(at)));
                let shift = _mm512_loadu_ps(product.shifts.as_ptr().add(at));
                let out = product.out.as_mut_ptr().add((row + r) * outputs + at);
                _mm512_storeu_ps(out, _mm512_fmadd_ps(exact, scale, shift));
            }
        }
    }
}

/// The tile of floats, in twelve registers.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
#[inline]
unsafe fn vnni_floats(
    left: [*const f32; ROWS],
    right: *const f32,
    stride: usize,
    depth: usize,
    out: &mut Tile,
) {
    let mut sums = [[_mm512_setzero_ps(); 2]; ROWS];
    // SAFETY: `check_tile` holds for what the pointers were made of, and a tile has 32 columns.
    unsafe {
        for at in 0..depth {
            let line = right.add(at * stride);
            let lines = [_mm512_loadu_ps(line), _mm512_loadu_ps(line.add(16))];
            for (sums, row) in sums.iter_mut().zip(left) {
                let factor = _mm512_set1_ps(*row.add(at));
                for (sum, line) in sums.iter_mut().zip(lines) {
                    *sum = _mm512_fmadd_ps(factor, line, *sum);
                }
            }
        }
        for (out, sums) in out.iter_mut().zip(sums) {
            for (c, sum) in sums.into_iter().enumerate() {
                _mm512_storeu_ps(out.as_mut_ptr().add(c * 16), sum);
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn dots_vnni(query: &[i8], vectors: &[i8], out: &mut [i32]) {
    let dim = query.len();
    let flip = _mm512_set1_epi8(i8::MIN);
    let added = 128 * query.iter().map(|number| i32::from(*number)).sum::<i32>();
    let (whole, rest) = (dim / 64 * 64, dim % 64);
    let mask = (1_u64 << rest) - 1;
    for (out, vector) in out.iter_mut().zip(vectors.chunks_exact(dim)) {
        let mut sums = [_mm512_setzero_si512(); 2];
        // SAFETY: both slices have `dim` bytes; the last load is masked to those that are left.
        unsafe {
            for at in (0..whole).step_by(64) {
                let line = _mm512_xor_si512(_mm512_loadu_si512(vector.as_ptr().add(at).cast()), flip);
                let asked = _mm512_loadu_si512(query.as_ptr().add(at).cast());
                sums[at / 64 % 2] = _mm512_dpbusd_epi32(sums[at / 64 % 2], line, asked);
            }
            if rest > 0 {
                let line = _mm512_maskz_loadu_epi8(mask, vector.as_ptr().add(whole));
                let asked = _mm512_maskz_loadu_epi8(mask, query.as_ptr().add(whole));
                sums[0] = _mm512_dpbusd_epi32(sums[0], _mm512_xor_si512(line, flip), asked);
            }
        }
        *out = _mm512_reduce_add_epi32(_mm512_add_epi32(sums[0], sums[1])) - added;
    }
}

// ── AVX2 ──

/// AVX2 with FMA.
#[cfg(target_arch = "x86_64")]
#[derive(Debug)]
pub(super) struct Avx2;

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_avx2(weights: &Weights, scratch: &mut Scratch, ids: &[u32]) {
    pass::run::<Avx2>(weights, scratch, ids);
}

#[cfg(target_arch = "x86_64")]
impl Machine for Avx2 {
    const FUSED: bool = true;

    #[inline(always)]
    fn tile(left: [&[f32]; ROWS], right: &[f32], stride: usize, depth: usize) -> Tile {
        check_tile(&left, right, stride, depth);
        let mut out = [[0.0; LANES]; ROWS];
        // SAFETY: only `run_avx2`, which is entered behind the detection, is compiled with this machine; the lengths were
        // checked.
        unsafe { avx2_floats(left.map(<[f32]>::as_ptr), right.as_ptr(), stride, depth, &mut out) };
        out
    }

    #[inline(always)]
    fn multiply(mut product: Product<'_>) {
        product.check(Kernel::Avx2.layout());
        let count = product.count();
        product.wide.clear();
        product.wide.extend(product.rows.iter().map(|number| i16::from(*number)));
        for output in (0..product.outputs()).step_by(16) {
            let mut row = 0;
            // SAFETY: only `run_avx2`, which is entered behind the detection, is compiled with this machine; the lengths
            // were checked above, `wide` is as long as the rows, and the rows below are within `count`.
            unsafe {
                while row + 6 <= count {
                    avx2_tile::<6>(&mut product, row, output);
                    row += 6;
                }
                match count - row {
                    5 => avx2_tile::<5>(&mut product, row, output),
                    4 => avx2_tile::<4>(&mut product, row, output),
                    3 => avx2_tile::<3>(&mut product, row, output),
                    2 => avx2_tile::<2>(&mut product, row, output),
                    1 => avx2_tile::<1>(&mut product, row, output),
                    _ => {}
                }
            }
        }
    }
}

/// `R` rows times 16 outputs, two inputs a step, in sixteen bits, where nothing can overflow.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
#[inline]
unsafe fn avx2_tile<const R: usize>(product: &mut Product<'_>, row: usize, output: usize) {
    let (depth, outputs) = (product.depth, product.outputs());
    let mut sums = [[_mm256_setzero_si256(); 2]; R];
    // SAFETY: `check` holds for the product, `row + R` is within its rows and `output + 16` within its outputs.
    unsafe {
        let weights = product.weights.as_ptr().add(output * depth);
        let rows = product.wide.as_ptr().add(row * depth);
        for step in 0..depth / 2 {
            let at = weights.add(step * 32);
            let lines = [
                _mm256_cvtepi8_epi16(_mm_loadu_si128(at.cast())),
                _mm256_cvtepi8_epi16(_mm_loadu_si128(at.add(16).cast())),
            ];
            for (r, sums) in sums.iter_mut().enumerate() {
                let two = _mm256_set1_epi32(rows.add(r * depth + step * 2).cast::<i32>().read_unaligned());
                for (sum, line) in sums.iter_mut().zip(lines) {
                    *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(line, two));
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            let steps = *product.steps.get_unchecked(row + r);
            let zero = _mm256_set1_epi32(steps.zero);
            let row_scale = _mm256_set1_ps(steps.scale);
            for (c, sum) in sums.iter().enumerate() {
                let at = output + c * 8;
                let scale = _mm256_mul_ps(row_scale, _mm256_loadu_ps(product.scales.as_ptr().add(at)));
                let shift = _mm256_loadu_ps(product.shifts.as_ptr().add(at));
                let out = product.out.as_mut_ptr().add((row + r) * outputs + at);
                let of_zero =
                    _mm256_mullo_epi32(zero, _mm256_loadu_si256(product.sums.as_ptr().add(at).cast()));
                let exact = _mm256_cvtepi32_ps(_mm256_add_epi32(*sum, of_zero));
                _mm256_storeu_ps(out, _mm256_fmadd_ps(exact, scale, shift));
            }
        }
    }
}

/// The tile of floats, half of its columns at a time.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
#[inline]
unsafe fn avx2_floats(
    left: [*const f32; ROWS],
    right: *const f32,
    stride: usize,
    depth: usize,
    out: &mut Tile,
) {
    for half in [0, 16] {
        let mut sums = [[_mm256_setzero_ps(); 2]; ROWS];
        // SAFETY: `check_tile` holds for what the pointers were made of, and a tile has 32 columns.
        unsafe {
            for at in 0..depth {
                let line = right.add(at * stride + half);
                let lines = [_mm256_loadu_ps(line), _mm256_loadu_ps(line.add(8))];
                for (sums, row) in sums.iter_mut().zip(left) {
                    let factor = _mm256_set1_ps(*row.add(at));
                    for (sum, line) in sums.iter_mut().zip(lines) {
                        *sum = _mm256_fmadd_ps(factor, line, *sum);
                    }
                }
            }
            for (out, sums) in out.iter_mut().zip(sums) {
                for (c, sum) in sums.into_iter().enumerate() {
                    _mm256_storeu_ps(out.as_mut_ptr().add(half + c * 8), sum);
                }
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn dots_avx2(query: &[i8], vectors: &[i8], out: &mut [i32]) {
    let dim = query.len();
    let whole = dim / 16 * 16;
    for (out, vector) in out.iter_mut().zip(vectors.chunks_exact(dim)) {
        let mut sums = [_mm256_setzero_si256(); 2];
        for at in (0..whole).step_by(16) {
            // SAFETY: both slices have `dim` bytes, and `at + 16` is within.
            let (a, b) = unsafe {
                (
                    _mm_loadu_si128(query.as_ptr().add(at).cast()),
                    _mm_loadu_si128(vector.as_ptr().add(at).cast()),
                )
            };
            let products = _mm256_madd_epi16(_mm256_cvtepi8_epi16(a), _mm256_cvtepi8_epi16(b));
            sums[at / 16 % 2] = _mm256_add_epi32(sums[at / 16 % 2], products);
        }
        let sum = _mm256_add_epi32(sums[0], sums[1]);
        let sum = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
        let sum = _mm_add_epi32(sum, _mm_shuffle_epi32::<0b00_00_11_10>(sum));
        let sum = _mm_add_epi32(sum, _mm_shuffle_epi32::<0b00_00_00_01>(sum));
        let mut rest = [0_i32];
        if whole < dim {
            dots_plain(&query[whole..], &vector[whole..], &mut rest);
        }
        *out = _mm_cvtsi128_si32(sum) + rest[0];
    }
}
