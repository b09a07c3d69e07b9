//! Places in descending order, each as its distance from the one before: mostly one byte, where the number takes four.

use std::iter::FusedIterator;

/// Bits of a byte that count; the highest says that another byte follows.
const BITS: u32 = 7;
const MORE: u8 = 1 << BITS;

/// Places, the highest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Descending {
    /// The distance of each from the one before; that of the first from the highest place there can be.
    distances: Vec<u8>,
    last: Option<u32>,
}

impl Descending {
    /// How many bytes they take.
    pub(super) fn bytes(&self) -> usize {
        self.distances.len()
    }

    /// Adds a place that lies below all others; any other place is not added.
    pub(super) fn push(&mut self, place: u32) {
        let before = self.last.unwrap_or(u32::MAX);
        let Some(mut distance) = before.checked_sub(place).filter(|distance| *distance > 0) else { return };
        while distance >= u32::from(MORE) {
            self.distances.push(distance as u8 | MORE);
            distance >>= BITS;
        }
        self.distances.push(distance as u8);
        self.last = Some(place);
    }

    /// Adds those of `older` that lie below a place.
    pub(super) fn append(&mut self, older: &Self, below: u32) {
        let mut places = older.iter();
        let Some(first) = places.find(|place| *place < below) else { return };
        self.push(first);
        // distances hold whatever stands in front of them
        self.distances.extend_from_slice(places.distances);
        self.last = older.last;
    }

    /// Them, the highest first.
    pub(super) fn iter(&self) -> Iter<'_> {
        Iter { distances: &self.distances, before: u32::MAX }
    }
}

/// See [`Descending::iter`].
#[derive(Debug)]
pub(super) struct Iter<'a> {
    distances: &'a [u8],
    before: u32,
}

impl Iterator for Iter<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let (first, mut rest) = self.distances.split_first()?;
        let mut distance = u32::from(first & !MORE);
        let (mut byte, mut shift) = (*first, BITS);
        while byte & MORE != 0 {
            let (next, behind) = rest.split_first()?;
            distance |= u32::from(next & !MORE) << shift;
            (byte, rest, shift) = (*next, behind, shift + BITS);
        }
        self.distances = rest;
        self.before -= distance;
        Some(self.before)
    }
}

impl FusedIterator for Iter<'_> {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(places: &[u32]) -> Descending {
        let mut kept = Descending::default();
        for place in places {
            kept.push(*place);
        }
        kept
    }

    #[test]
    fn most_take_a_byte() {
        let kept = of(&(0..1000).rev().map(|at| at * 100).collect::<Vec<_>>());
        assert_eq!((kept.iter().count(), kept.bytes()), (1000, 1004));
        assert_eq!(of(&[5, 5, 7, 4]).iter().collect::<Vec<_>>(), [5, 4], "only what lies below");
        assert_eq!(of(&[]).iter().next(), None);
    }

    proptest! {
        #[test]
        fn what_is_put_in_comes_out(places in prop::collection::btree_set(0..u32::MAX, 0..80)) {
            let places: Vec<u32> = places.into_iter().rev().collect();
            let kept = of(&places);
            prop_assert_eq!(kept.iter().collect::<Vec<_>>(), &places[..]);
        }

        #[test]
        fn older_ones_stand_behind(
            places in prop::collection::btree_set(0..4000_u32, 0..80), newer in prop::collection::btree_set(3000..9000_u32, 0..20),
            below in 0..4000_u32, more in prop::collection::btree_set(0..4000_u32, 0..9),
        ) {
            let older: Vec<u32> = places.into_iter().rev().collect();
            let newer: Vec<u32> = newer.into_iter().rev().filter(|place| *place >= below).collect();
            let mut kept = of(&newer);
            kept.append(&of(&older), below);
            let mut wanted = newer;
            wanted.extend(older.iter().filter(|place| **place < below));
            // and it can be added to as one that was put together place by place
            for place in more.into_iter().rev() {
                kept.push(place);
                if wanted.last().is_none_or(|last| place < *last) {
                    wanted.push(place);
                }
            }
            prop_assert_eq!(&kept, &of(&wanted));
            prop_assert_eq!(kept.iter().collect::<Vec<_>>(), wanted);
        }
    }
}
