//! Chance that comes out the same every time: what is filled is a matter of the seed alone.

/// A stream of numbers (SplitMix64), which is all the randomness a bench needs.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    /// The stream of a seed.
    pub(super) fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub(super) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.number() % end.max(1) as u64) as usize
    }

    /// A number from 0 to 1.
    pub(super) fn share(&mut self) -> f64 {
        (self.number() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// One of several.
    pub(super) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Places in a list by Zipf's law with its flat beginning (after Mandelbrot): rank `r` is as likely as `1 / (r + flat)`.
///
/// The few words that the law makes the most frequent are function words, which stand in the forms of sentences.
#[derive(Debug)]
pub(super) struct Zipf(Vec<f64>);

impl Zipf {
    /// The law over `count` places.
    pub(super) fn over(count: usize, flat: f64) -> Self {
        let mut sum = 0.0;
        let sums = (1..=count).map(|rank| {
            sum += 1.0 / (rank as f64 + flat);
            sum
        });
        Self(sums.collect())
    }

    /// A place.
    pub(super) fn place(&self, chance: &mut Chance) -> usize {
        let wanted = chance.share() * self.0.last().copied().unwrap_or_default();
        self.0.partition_point(|sum| *sum < wanted).min(self.0.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn early_places_are_likelier_by_their_rank() {
        let (zipf, mut chance) = (Zipf::over(1000, 0.0), Chance::of(1));
        let mut counts = [0_usize; 1000];
        (0..100_000).for_each(|_| counts[zipf.place(&mut chance)] += 1);
        let ratio = counts[0] as f64 / counts[9] as f64;
        assert!((8.0..12.0).contains(&ratio), "{ratio}");
        assert!(counts[500..].iter().sum::<usize>() > 5_000);
    }
}
