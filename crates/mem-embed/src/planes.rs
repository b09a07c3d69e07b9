//! Many vectors of one length in memory of their own, as they are scanned: the high four bits of all numbers apart from the low
//! four.
//!
//! Reading all of it is what a scan takes. The high bits say how alike two vectors are to within a bound, which is proof enough
//! for all but a few that others are nearer: their low bits are not read, and the scan takes half as long. In pages of four
//! kilobytes a third of it would be looking up where they are, so the system is asked for large ones; it may refuse, which costs
//! time and nothing else.

use std::io;

use memmap2::{MmapMut, MmapOptions};

use crate::flat::{LARGEST_DIM, meant};
use crate::native::{Kernel, halves};
use crate::room::in_large_pages;

/// Vectors that there is room for at the least. Room that nothing was written to takes no memory.
const LEAST: usize = 4096;
/// Vectors that are compared at once.
const BLOCK: usize = 64;
/// What is added to high bits, so that they are from 0 to 15, and what they stand for.
const LIFT: i32 = 8;
const STEP: i32 = 16;
/// The middle of what low bits can be.
const MIDDLE: f32 = 7.5;

/// Vectors of one length by places. A place of which the scale is 0 has none.
#[derive(Debug)]
pub struct Planes {
    dim: usize,
    /// Bytes of a vector in each plane: two numbers a byte, the second half of them in the high four bits.
    half: usize,
    scales: Vec<f32>,
    /// How far low bits are from their middle: the length of what the high bits do not say.
    rests: Vec<f32>,
    /// Both planes, the high bits first; none as long as there is no place.
    maps: Option<[MmapMut; 2]>,
}

/// A question that is compared with vectors.
pub(crate) struct Asked {
    /// Its numbers, and a nought where a vector's last byte is half empty.
    values: Vec<i8>,
    pub(crate) scale: f32,
    sum: i32,
    length: f32,
}

impl Planes {
    /// For vectors of `dim` numbers; `None` where they may not be that long.
    pub fn of(dim: usize) -> Option<Self> {
        let half = dim.div_ceil(2);
        (1..=LARGEST_DIM).contains(&dim).then_some(Self {
            dim,
            half,
            scales: Vec::new(),
            rests: Vec::new(),
            maps: None,
        })
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.scales.is_empty()
    }

    /// Makes it that many places: those that are new have no vector, those beyond are gone.
    ///
    /// # Errors
    /// There is no memory for them; then nothing changed.
    pub fn resize(&mut self, places: usize) -> io::Result<()> {
        let wanted = places.checked_mul(self.half).ok_or(io::ErrorKind::OutOfMemory)?;
        if self.maps.as_ref().map_or(0, |[high, _]| high.len()) < wanted {
            // twice as much, or every few thousand all of it would be copied; what is not written to is not there
            let room = wanted.checked_mul(2).ok_or(io::ErrorKind::OutOfMemory)?.max(LEAST * self.half);
            let mut grown = [plane(room)?, plane(room)?];
            let known = self.len() * self.half;
            for (old, new) in self.maps.iter().flatten().zip(&mut grown) {
                new[..known].copy_from_slice(&old[..known]);
            }
            self.maps = Some(grown);
        }
        self.scales.resize(places, 0.0);
        self.rests.resize(places, 0.0);
        Ok(())
    }

    /// Takes the vector away of each place that `is_gone`.
    pub fn clear(&mut self, is_gone: impl Fn(usize) -> bool) {
        for (place, scale) in self.scales.iter_mut().enumerate() {
            if is_gone(place) {
                *scale = 0.0;
            }
        }
    }

    /// The vector at a place, if there is one.
    pub fn get(&self, place: usize) -> Option<(Vec<i8>, f32)> {
        let scale = *self.scales.get(place).filter(|scale| **scale != 0.0)?;
        let [high, low] =
            self.maps.as_ref()?.each_ref().map(|plane| &plane[place * self.half..][..self.half]);
        let number = |at: usize| {
            let (byte, shift) = (at % self.half, if at < self.half { 0 } else { 4 });
            let [high, low] = [high[byte], low[byte]].map(|both| i32::from(both >> shift & 15));
            ((high - LIFT) * STEP + low) as i8
        };
        Some(((0..self.dim).map(number).collect(), scale))
    }

    /// Puts a vector, its numbers as bytes, at a place; nothing where there is no such place, or it is of another length.
    pub fn set(&mut self, place: usize, scale: f32, values: &[u8]) {
        let (Some(known), Some(planes)) = (self.scales.get_mut(place), &mut self.maps) else { return };
        if values.len() != self.dim {
            return;
        }
        *known = scale;
        let [high, low] = planes.each_mut().map(|plane| &mut plane[place * self.half..][..self.half]);
        let mut rest = 0.0;
        for at in 0..self.half {
            let (one, other) = (values[at], values.get(at + self.half).copied());
            let lifted = |byte: u8| (byte >> 4) ^ LIFT as u8;
            high[at] = lifted(one) | other.map_or(0, lifted) << 4;
            low[at] = (one & 15) | (other.unwrap_or(0) & 15) << 4;
            for byte in [Some(one), other].into_iter().flatten() {
                rest += (f32::from(byte & 15) - MIDDLE).powi(2);
            }
        }
        self.rests[place] = rest.sqrt();
    }

    /// How alike the query is to each of `count` vectors from a place on, put into `alike`; 0 where either has no meaning.
    /// Nothing is put where not all of these places are there.
    ///
    /// # Panics
    /// When the query is not as long as the vectors: those of another model are compared with nothing.
    pub fn similarities(
        &self,
        query: (&[i8], f32),
        first: usize,
        count: usize,
        alike: &mut Vec<f32>,
    ) -> Option<()> {
        let asked = self.asked(query);
        let kernel = Kernel::best();
        let end = first.checked_add(count).filter(|end| *end <= self.len())?;
        for begin in (first..end).step_by(BLOCK) {
            let places = begin..end.min(begin + BLOCK);
            let mut products = [0_i32; BLOCK];
            let products = &mut products[..places.len()];
            self.rough(kernel, &asked, begin, products);
            for (place, product) in places.zip(products) {
                let exact = self.exact(kernel, &asked, place, *product);
                alike.push(meant(exact, asked.scale, self.scales[place]));
            }
        }
        Some(())
    }

    pub(crate) fn asked(&self, (query, scale): (&[i8], f32)) -> Asked {
        assert_eq!(query.len(), self.dim, "vectors of one model");
        let mut values = query.to_vec();
        values.resize(2 * self.half, 0);
        let sum = query.iter().map(|value| i32::from(*value)).sum();
        let square = query.iter().map(|value| i32::from(*value).pow(2)).sum::<i32>();
        Asked { values, scale, sum, length: (square as f32).sqrt() }
    }

    pub(crate) fn scale(&self, place: usize) -> f32 {
        self.scales[place]
    }

    /// The products with the high bits of vectors from a place on.
    pub(crate) fn rough(&self, kernel: Kernel, asked: &Asked, first: usize, products: &mut [i32]) {
        self.products(kernel, asked, 0, first, products);
        for product in products {
            *product = (*product - LIFT * asked.sum) * STEP;
        }
    }

    /// The product with the vector at a place, of which that with its high bits is known.
    pub(crate) fn exact(&self, kernel: Kernel, asked: &Asked, place: usize, rough: i32) -> i32 {
        let mut low = [0];
        self.products(kernel, asked, 1, place, &mut low);
        rough + low[0]
    }

    /// The most that a vector can be alike of which the product with its high bits is known.
    pub(crate) fn most(&self, asked: &Asked, place: usize, rough: i32) -> f32 {
        let factor = asked.scale * self.scales[place];
        let middle = (rough as f32 + MIDDLE * asked.sum as f32) * factor;
        let around = asked.length * self.rests[place] * factor.abs();
        // and what is lost by rounding
        middle + around + (middle.abs() + around) * 1e-5
    }

    fn products(&self, kernel: Kernel, asked: &Asked, plane: usize, first: usize, products: &mut [i32]) {
        let Some(planes) = &self.maps else { return };
        let bytes = &planes[plane][first * self.half..][..products.len() * self.half];
        halves(kernel, &asked.values, bytes, products);
    }
}

/// Room for a plane.
fn plane(bytes: usize) -> io::Result<MmapMut> {
    let map = MmapOptions::new().len(bytes).no_reserve_swap().map_anon()?;
    in_large_pages(&map);
    Ok(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_stays_where_it_is_while_it_grows() {
        let mut vectors = Planes::of(3).unwrap();
        assert!(vectors.is_empty() && vectors.get(0).is_none());
        vectors.set(0, 1.0, &[1, 2, 3]);
        for places in [1, 5000, 20_000] {
            let before = vectors.len();
            vectors.resize(places).unwrap();
            assert!((before..places).all(|place| vectors.get(place).is_none()));
            vectors.set(places - 1, 0.5, &[255, 128, places as u8]);
        }
        vectors.set(7, 0.5, &[1, 2]);
        vectors.set(20_000, 0.5, &[1, 2, 3]);
        assert_eq!(vectors.get(0), Some((vec![-1, -128, 1], 0.5)));
        assert_eq!(vectors.get(4999), Some((vec![-1, -128, (5000_u32 as u8).cast_signed()], 0.5)));
        assert_eq!((vectors.get(7), vectors.len()), (None, 20_000));
        let mut alike = Vec::new();
        assert!(vectors.similarities((&[1, 0, 0], 1.0), 4999, 2, &mut alike).is_some());
        assert_eq!(alike, [-0.5, 0.0]);
        for (first, count) in [(19_999, 2), (usize::MAX, 2)] {
            assert!(vectors.similarities((&[1, 0, 0], 1.0), first, count, &mut alike).is_none());
        }
    }

    #[test]
    fn what_was_taken_away_does_not_come_back() {
        let mut vectors = Planes::of(2).unwrap();
        vectors.resize(3).unwrap();
        for place in 0..3 {
            vectors.set(place, 1.0, &[place as u8; 2]);
        }
        vectors.clear(|place| place == 1);
        vectors.resize(2).unwrap();
        vectors.resize(3).unwrap();
        let there: Vec<bool> = (0..3).map(|place| vectors.get(place).is_some()).collect();
        assert_eq!(there, [true, false, false]);
    }

    #[test]
    fn more_than_there_is_is_refused() {
        assert!(Planes::of(0).is_none() && Planes::of(LARGEST_DIM + 1).is_none());
        let mut vectors = Planes::of(LARGEST_DIM).unwrap();
        vectors.resize(1).unwrap();
        assert!(
            vectors.resize(usize::MAX / 2).is_err() && vectors.resize(usize::MAX / LARGEST_DIM / 4).is_err()
        );
        assert_eq!(vectors.len(), 1, "nothing changed");
    }
}
