//! Vectors of one length, one after the other: the array that is scanned, and memory of its own for it.
//!
//! Reading all of it is what a scan takes. In pages of four kilobytes a third of that is looking up where they are, more
//! where the machine is virtual; so the system is asked for large ones. It may refuse, which costs time and nothing else.

use std::io;

use memmap2::{MmapMut, MmapOptions};

use crate::native::signed;
use crate::room::in_large_pages;

/// Most numbers that a vector may have, so that no product overflows.
pub const LARGEST_DIM: usize = 1 << 14;
/// Vectors that there is room for at the least. Room that nothing was written to takes no memory.
const LEAST: usize = 4096;

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

    /// Those of some places; `None` where not all are there.
    pub fn run(self, first: usize, count: usize) -> Option<Self> {
        let scales = self.scales.get(first..first.checked_add(count)?)?;
        Some(Self { values: &self.values[first * self.dim..][..count * self.dim], scales, dim: self.dim })
    }
}

/// A [`Flat`] that owns its vectors. A place of which the scale is 0 has none.
#[derive(Debug)]
pub struct FlatBuf {
    dim: usize,
    scales: Vec<f32>,
    /// Room for vectors; as many as there are scales count.
    values: Option<MmapMut>,
}

impl FlatBuf {
    /// For vectors of `dim` numbers; `None` where they may not be that long.
    pub fn of(dim: usize) -> Option<Self> {
        (1..=LARGEST_DIM).contains(&dim).then_some(Self { dim, scales: Vec::new(), values: None })
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.scales.is_empty()
    }

    /// The vectors.
    pub fn flat(&self) -> Flat<'_> {
        let values = self.values.as_deref().map_or(&[][..], |map| signed(&map[..self.len() * self.dim]));
        Flat { values, scales: &self.scales, dim: self.dim }
    }

    /// Makes it that many places: those that are new have no vector, those beyond are gone.
    ///
    /// # Errors
    /// There is no memory for them; then nothing changed.
    pub fn resize(&mut self, places: usize) -> io::Result<()> {
        let wanted = places.checked_mul(self.dim).ok_or(io::ErrorKind::OutOfMemory)?;
        if self.values.as_ref().map_or(0, |map| map.len()) < wanted {
            // twice as much, or every few thousand all of it would be copied; what is not written to is not there
            let room = wanted.checked_mul(2).ok_or(io::ErrorKind::OutOfMemory)?.max(LEAST * self.dim);
            let mut map = MmapOptions::new().len(room).no_reserve_swap().map_anon()?;
            in_large_pages(&map);
            let known = self.len() * self.dim;
            if let Some(values) = &self.values {
                map[..known].copy_from_slice(&values[..known]);
            }
            self.values = Some(map);
        }
        self.scales.resize(places, 0.0);
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
    pub fn get(&self, place: usize) -> Option<(&[i8], f32)> {
        let scale = *self.scales.get(place).filter(|scale| **scale != 0.0)?;
        Some((&self.flat().values[place * self.dim..][..self.dim], scale))
    }

    /// Puts a vector, its numbers as bytes, at a place; nothing where there is no such place, or it is of another length.
    pub fn set(&mut self, place: usize, scale: f32, values: &[u8]) {
        let (Some(known), Some(map)) = (self.scales.get_mut(place), &mut self.values) else { return };
        if values.len() == self.dim {
            *known = scale;
            map[place * self.dim..][..self.dim].copy_from_slice(values);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_stays_where_it_is_while_it_grows() {
        let mut vectors = FlatBuf::of(3).unwrap();
        assert!(vectors.is_empty() && vectors.flat().is_empty() && vectors.get(0).is_none());
        vectors.set(0, 1.0, &[1, 2, 3]);
        for places in [1, 5000, 20_000] {
            let before = vectors.len();
            vectors.resize(places).unwrap();
            assert!((before..places).all(|place| vectors.get(place).is_none()));
            vectors.set(places - 1, 0.5, &[255, 0, places as u8]);
        }
        vectors.set(7, 0.5, &[1, 2]);
        vectors.set(20_000, 0.5, &[1, 2, 3]);
        assert_eq!(vectors.get(0), Some((&[-1, 0, 1][..], 0.5)));
        assert_eq!(vectors.get(4999), Some((&[-1, 0, (5000_u32 as u8).cast_signed()][..], 0.5)));
        assert_eq!((vectors.get(7), vectors.flat().len()), (None, 20_000));
        let run = vectors.flat().run(4999, 2).unwrap();
        assert_eq!((run.values[0], run.scales), (-1, &[0.5, 0.0][..]));
        assert!(vectors.flat().run(19_999, 2).is_none() && vectors.flat().run(usize::MAX, 2).is_none());
    }

    #[test]
    fn what_was_taken_away_does_not_come_back() {
        let mut vectors = FlatBuf::of(2).unwrap();
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
        assert!(FlatBuf::of(0).is_none() && FlatBuf::of(LARGEST_DIM + 1).is_none());
        let mut vectors = FlatBuf::of(LARGEST_DIM).unwrap();
        vectors.resize(1).unwrap();
        assert!(
            vectors.resize(usize::MAX / 2).is_err() && vectors.resize(usize::MAX / LARGEST_DIM / 4).is_err()
        );
        assert_eq!(vectors.len(), 1, "nothing changed");
    }
}
