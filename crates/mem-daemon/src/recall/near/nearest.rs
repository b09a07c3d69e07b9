//! What lies near a question: the nearest of all vectors, and how near what is said at any place is.
//!
//! Vectors are kept in memory, or read from the store for each question; the answers are the same. Must not judge how much
//! nearness counts.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use mem_embed::{Flat, Hit, Portions, quantise, scan_part, similarities};
use mem_store::{Columns, Reader, StoreError, VectorModel};

use super::vectors::{Places, Vectors};
use crate::recall::allowed::Allowed;

/// Passages that are looked at for being the nearest.
const NEAREST: usize = 256;
/// How many times as many vectors as are wanted are read where they lie together.
const SPREAD: usize = 3;

/// A question that has its vector.
pub(super) struct Asked<'a> {
    pub(super) point: Point,
    pub(super) known: VectorModel,
    /// The vectors, where they are kept.
    pub(super) held: Option<(&'a Vectors, Flat<'a>)>,
}

impl<'a> Asked<'a> {
    /// The nearest of the vectors that are kept, among the portions that nobody else takes. Needs no store.
    pub(super) fn compared(&self, allowed: &Allowed, portions: &Portions) -> Vec<Hit> {
        let (query, bits) = (self.point.parts(), allowed.bits());
        self.held.map_or_else(Vec::new, |(_, flat)| scan_part(query, flat, bits, NEAREST, portions))
    }

    /// What is near, by what all who compared have found; nothing where none of what is allowed has a vector. Reads all vectors
    /// where they are not kept.
    pub(super) fn near(
        &self,
        found: Vec<Hit>,
        store: &'a Reader,
        columns: &Columns,
        allowed: &Allowed,
    ) -> Result<Option<Near<'a>>, StoreError> {
        let (among, mut nearest) = match self.held {
            Some((vectors, _)) => {
                let mut nearest = found.into_iter().map(|hit| (hit.index as u32, hit.similarity)).collect();
                keep_nearest(&mut nearest);
                (Among::Held(vectors), nearest)
            }
            None => Stored::read(store, columns, allowed, self.known.clone(), &self.point)?,
        };
        nearest.sort_unstable_by(|a, b| nearer(*a, *b));
        // what is gone leaves its vector in the array
        nearest.retain(|(place, _)| columns.doc[*place as usize] != 0);
        Ok((!nearest.is_empty()).then(|| Near { point: self.point.clone(), nearest, among }))
    }
}

/// A vector to compare with.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::recall) struct Point {
    pub(super) values: Vec<i8>,
    pub(super) scale: f32,
}

impl Point {
    fn parts(&self) -> (&[i8], f32) {
        (&self.values, self.scale)
    }
}

/// How near what passages say is to a question.
pub(in crate::recall) struct Near<'a> {
    point: Point,
    /// Places of passages, the nearest first, each with its likeness.
    nearest: Vec<(u32, f32)>,
    among: Among<'a>,
}

enum Among<'a> {
    Held(&'a Vectors),
    Stored(Stored<'a>),
}

impl Near<'_> {
    /// Places of the passages that are allowed and nearest to the question, the nearest first, each with its likeness.
    pub(in crate::recall) fn nearest(&self) -> &[(u32, f32)] {
        &self.nearest
    }

    /// The question moved towards what is said at some places: by `share` of the way to their mean, each weighed.
    pub(in crate::recall) fn towards(&self, places: &[(u32, f32)], share: f32) -> Result<Point, StoreError> {
        let mut sum: Vec<f32> =
            self.point.values.iter().map(|value| f32::from(*value) * self.point.scale).collect();
        let all: f32 = places.iter().map(|(_, weight)| weight).sum();
        for (place, weight) in places {
            self.among.at(*place, |values, scale| {
                let factor = share * weight / all * scale;
                for (number, value) in sum.iter_mut().zip(values) {
                    *number += factor * f32::from(*value);
                }
            })?;
        }
        let length = sum.iter().map(|number| number * number).sum::<f32>().sqrt();
        for number in &mut sum {
            *number /= length;
        }
        let mut point = Point { values: vec![0; sum.len()], scale: 0.0 };
        match quantise(&sum, &mut point.values) {
            Some(scale) => point.scale = scale,
            None => point = self.point.clone(),
        }
        Ok(point)
    }

    /// How like a point what is said at each of these places is, from -1 to 1; 0 where it has no vector.
    pub(in crate::recall) fn likenesses(
        &self,
        point: &Point,
        places: &[u32],
    ) -> Result<Vec<f32>, StoreError> {
        let mut alike = Vec::with_capacity(places.len());
        match &self.among {
            Among::Held(vectors) => {
                // places of a session lie close together, in no order: reading some too many in one go beats picking
                let lie = places.iter().min().zip(places.iter().max());
                let span = lie.map_or(0..0, |(first, last)| *first as usize..*last as usize + 1);
                let close = span.len() <= places.len().saturating_mul(SPREAD);
                match vectors.flat().and_then(|flat| flat.run(span.start, span.len())).filter(|_| close) {
                    Some(flat) => {
                        let mut all = Vec::with_capacity(span.len());
                        similarities(point.parts(), flat, &mut all);
                        alike.extend(places.iter().map(|place| all[*place as usize - span.start]));
                    }
                    None => {
                        for place in places {
                            let one = vectors.flat().and_then(|flat| flat.run(*place as usize, 1));
                            match one {
                                Some(flat) => similarities(point.parts(), flat, &mut alike),
                                None => alike.push(0.0),
                            }
                        }
                    }
                }
            }
            Among::Stored(stored) => {
                for place in places {
                    let before = alike.len();
                    stored.at(*place, |values, scale| {
                        let scales = [scale];
                        if let Some(flat) = Flat::new(values, &scales, point.values.len()) {
                            similarities(point.parts(), flat, &mut alike);
                        }
                    })?;
                    alike.resize(before + 1, 0.0);
                }
            }
        }
        Ok(alike)
    }
}

impl Among<'_> {
    /// Calls `each` with the vector at a place, if there is one.
    fn at(&self, place: u32, each: impl FnOnce(&[i8], f32)) -> Result<(), StoreError> {
        match self {
            Self::Held(vectors) => vectors.at(place as usize, each),
            Self::Stored(stored) => return stored.at(place, each),
        }
        Ok(())
    }
}

/// Vectors that are read when they are wanted.
struct Stored<'a> {
    store: &'a Reader,
    model: VectorModel,
    hashes: Vec<i64>,
    /// Those that were wanted before.
    read: RefCell<HashMap<u32, (Vec<i8>, f32)>>,
}

impl<'a> Stored<'a> {
    /// Compares all with a point, and keeps the nearest.
    fn read(
        store: &'a Reader,
        columns: &Columns,
        allowed: &Allowed,
        model: VectorModel,
        point: &Point,
    ) -> Result<(Among<'a>, Vec<(u32, f32)>), StoreError> {
        let places = Places::of(store)?;
        let mut near: Vec<(u32, f32)> = Vec::new();
        let (mut numbers, mut likeness) = (Vec::new(), Vec::new());
        store.read_vectors(&model, 0, |hash, scale, values| {
            let meant = |place: &usize| *place < columns.len() && allowed.holds(*place as i64 + 1);
            let mut meant = places.with(hash).filter(meant).peekable();
            if meant.peek().is_none() {
                return;
            }
            numbers.clear();
            numbers.extend(values.iter().map(|byte| byte.cast_signed()));
            let scales = [scale];
            let Some(flat) = Flat::new(&numbers, &scales, model.dimension) else { return };
            likeness.clear();
            similarities(point.parts(), flat, &mut likeness);
            near.extend(meant.map(|place| (place as u32, likeness[0])));
            if near.len() >= 16 * NEAREST {
                keep_nearest(&mut near);
            }
        })?;
        keep_nearest(&mut near);
        let hashes = places.hashes(columns.len());
        Ok((Among::Stored(Self { store, model, hashes, read: RefCell::default() }), near))
    }

    fn at(&self, place: u32, each: impl FnOnce(&[i8], f32)) -> Result<(), StoreError> {
        let mut read = self.read.borrow_mut();
        if let Entry::Vacant(new) = read.entry(place) {
            let mut found = (Vec::new(), 0.0);
            let hash = self.hashes.get(place as usize).copied().unwrap_or_default();
            self.store.vector_of(&self.model, hash, |scale, values| {
                found = (values.iter().map(|byte| byte.cast_signed()).collect(), scale);
            })?;
            new.insert(found);
        }
        if let Some((values, scale)) = read.get(&place).filter(|(values, _)| !values.is_empty()) {
            each(values, *scale);
        }
        Ok(())
    }
}

/// The nearest first; of equals the older, as the scan has it.
fn nearer((one, its): (u32, f32), (other, others): (u32, f32)) -> Ordering {
    others.total_cmp(&its).then(one.cmp(&other))
}

fn keep_nearest(near: &mut Vec<(u32, f32)>) {
    if near.len() > NEAREST {
        near.select_nth_unstable_by(NEAREST - 1, |a, b| nearer(*a, *b));
        near.truncate(NEAREST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_are_kept() {
        let mut near: Vec<(u32, f32)> = (0..2000).map(|at| (at, (at % 700) as f32)).collect();
        keep_nearest(&mut near);
        assert_eq!(near.len(), NEAREST);
        near.sort_unstable_by(|a, b| nearer(*a, *b));
        assert_eq!(near[..3], [(699, 699.0), (1399, 699.0), (698, 698.0)]);
    }
}
