//! What the answers to a set of queries are worth. Pure.
//!
//! Ranks are those of sessions: the first session returned has rank 1. R@k is the share of the gold sessions among the
//! first k, hit@k whether any is, MRR the mean of one over the rank of the first; what was not returned has no rank. A
//! query without gold counts 1 in all of them. Final above stale is the share of the queries with an overruled session
//! in which every gold session was found and stands above every overruled one; without such queries it is 1.

/// The depths at which R and hit are taken.
pub(super) const DEPTHS: [usize; 3] = [1, 5, 10];

/// How one query was answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Ranks {
    /// Ranks of its gold sessions; `None` for one that was not returned.
    pub(super) gold: Vec<Option<usize>>,
    /// Ranks of the sessions that were overruled.
    pub(super) stale: Vec<Option<usize>>,
}

/// What the answers are worth.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Figures {
    /// How many queries there were.
    pub(super) queries: usize,
    /// R at each of [`DEPTHS`].
    pub(super) recall: [f64; 3],
    /// hit at each of [`DEPTHS`].
    pub(super) hit: [f64; 3],
    /// MRR.
    pub(super) mrr: f64,
    /// Share of the queries with overruled sessions in which the final ones stand above.
    pub(super) final_above_stale: f64,
    /// How many queries have overruled sessions.
    pub(super) with_stale: usize,
}

impl Ranks {
    /// The ranks of `gold` and `stale` in the sessions as they were returned, of which only the first of each counts.
    pub(super) fn of(returned: &[&str], gold: &[String], stale: &[String]) -> Self {
        let mut distinct: Vec<&str> = Vec::with_capacity(returned.len());
        for session in returned {
            if !distinct.contains(session) {
                distinct.push(session);
            }
        }
        let rank = |name: &String| distinct.iter().position(|session| session == name).map(|at| at + 1);
        Self { gold: gold.iter().map(rank).collect(), stale: stale.iter().map(rank).collect() }
    }

    /// Whether nothing is left to wish for: no other session stands above the gold ones.
    pub(super) fn is_perfect(&self) -> bool {
        self.gold.iter().all(|rank| rank.is_some_and(|rank| rank <= self.gold.len())) && self.is_final()
    }

    fn recall(&self, depth: usize) -> f64 {
        if self.gold.is_empty() {
            return 1.0;
        }
        let found = self.gold.iter().flatten().filter(|rank| **rank <= depth).count();
        found as f64 / self.gold.len() as f64
    }

    fn hit(&self, depth: usize) -> f64 {
        if self.gold.is_empty() || self.gold.iter().flatten().any(|rank| *rank <= depth) { 1.0 } else { 0.0 }
    }

    fn reciprocal(&self) -> f64 {
        if self.gold.is_empty() {
            return 1.0;
        }
        self.gold.iter().flatten().min().map_or(0.0, |rank| 1.0 / *rank as f64)
    }

    /// Whether every gold session was found and stands above every one that was overruled.
    fn is_final(&self) -> bool {
        let above = |gold: usize| self.stale.iter().flatten().all(|stale| gold < *stale);
        self.stale.is_empty() || self.gold.iter().all(|gold| gold.is_some_and(above))
    }
}

impl Figures {
    /// The figures of these queries; of none, all are 1, as there is nothing that was missed.
    pub(super) fn of<'r>(all: impl Iterator<Item = &'r Ranks> + Clone) -> Self {
        let mean = |value: &dyn Fn(&Ranks) -> f64| {
            let (count, sum) =
                all.clone().fold((0_usize, 0.0), |(count, sum), ranks| (count + 1, sum + value(ranks)));
            if count == 0 { 1.0 } else { sum / count as f64 }
        };
        let disputed = || all.clone().filter(|ranks| !ranks.stale.is_empty());
        let (with_stale, won) = (disputed().count(), disputed().filter(|ranks| ranks.is_final()).count());
        Self {
            queries: all.clone().count(),
            recall: DEPTHS.map(|depth| mean(&|ranks| ranks.recall(depth))),
            hit: DEPTHS.map(|depth| mean(&|ranks| ranks.hit(depth))),
            mrr: mean(&Ranks::reciprocal),
            final_above_stale: if with_stale == 0 { 1.0 } else { won as f64 / with_stale as f64 },
            with_stale,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranks(returned: &[&str], gold: &[&str], stale: &[&str]) -> Ranks {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        Ranks::of(returned, &owned(gold), &owned(stale))
    }

    #[test]
    fn ranks_count_distinct_sessions() {
        let found = ranks(&["a", "a", "b", "a", "c"], &["c", "z"], &["b"]);
        assert_eq!(found, Ranks { gold: vec![Some(3), None], stale: vec![Some(2)] });
    }

    #[test]
    fn figures_of_a_hand_made_example() {
        let returned = ["a", "b", "c", "d", "e", "f"];
        let all = [
            ranks(&returned, &["a"], &[]),      // at once
            ranks(&returned, &["b", "f"], &[]), // second and sixth
            ranks(&returned, &["z"], &[]),      // never
            ranks(&returned, &[], &[]),         // nothing to find
        ];
        let figures = Figures::of(all.iter());
        assert_eq!(figures.queries, 4);
        assert_eq!(format!("{:?}", figures.recall), "[0.5, 0.625, 0.75]");
        assert_eq!(format!("{:?}", figures.hit), "[0.5, 0.75, 0.75]");
        assert_eq!(format!("{}", figures.mrr), "0.625"); // (1 + 1/2 + 0 + 1) / 4
        assert_eq!((figures.with_stale, format!("{}", figures.final_above_stale)), (0, "1".to_owned()));
    }

    #[test]
    fn what_is_final_must_be_found_and_stand_above_all_that_was_overruled() {
        let returned = ["new", "other", "old"];
        let cases = [
            (ranks(&returned, &["new"], &["old"]), true),
            (ranks(&returned, &["new"], &["gone"]), true), // what was not returned stands below everything
            (ranks(&returned, &["new", "old"], &["other"]), false),
            (ranks(&returned, &["old"], &["new"]), false),
            (ranks(&returned, &["gone"], &["gone too"]), false),
        ];
        for (ranks, verdict) in &cases {
            assert_eq!(ranks.is_final(), *verdict, "{ranks:?}");
        }
        let figures = Figures::of(cases.iter().map(|(ranks, _)| ranks));
        assert_eq!((figures.with_stale, format!("{}", figures.final_above_stale)), (5, "0.4".to_owned()));
    }

    #[test]
    fn only_what_can_be_better_is_a_miss() {
        let returned = ["a", "b", "c"];
        assert!(ranks(&returned, &["b", "a"], &[]).is_perfect());
        assert!(!ranks(&returned, &["a", "c"], &[]).is_perfect());
        assert!(!ranks(&returned, &["a", "z"], &[]).is_perfect());
        assert!(ranks(&returned, &["a"], &["b"]).is_perfect());
        assert!(ranks(&returned, &[], &[]).is_perfect());
    }
}
