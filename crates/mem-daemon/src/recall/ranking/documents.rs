//! The documents of the ranked sessions.

use mem_core::recall::DocId;

use super::Ranking;
use super::candidate::Candidate;
use crate::recall::explain;
use crate::recall::hits::Ranked;

/// A document of a candidate.
struct Found {
    score: f32,
    /// Its share of what the best of its session says.
    share: f32,
    place: u32,
    /// Which candidate.
    of: usize,
}

impl Ranking<'_> {
    /// The documents of the ranked sessions. The best of a session stands by the session's score, the others by their
    /// share of what the best says.
    pub(super) fn documents(&self, candidates: &[Candidate]) -> Vec<Ranked> {
        let mut found: Vec<Found> = Vec::new();
        for (of, candidate) in candidates.iter().enumerate() {
            let shares = self.shares(candidate).into_iter();
            found.extend(shares.map(|(_, share, place)| Found {
                score: candidate.score * (0.3 + 0.7 * share),
                share,
                place,
                of,
            }));
        }
        found.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(b.place.cmp(&a.place)));
        let ranked = found.into_iter().filter_map(|Found { score, share, place, of }| {
            let (at, candidate) = (place as usize, &candidates[of]);
            let mut reasons = Vec::new();
            if self.ask.explain {
                reasons.clone_from(&candidate.reasons);
                reasons.push(explain::of_session(share, candidate.score, score));
            }
            Some(Ranked {
                doc: DocId::of_number(self.columns.doc[at])?,
                at: self.columns.at[at],
                session: candidate.session,
                turn: self.columns.turn[at],
                row: i64::from(place) + 1,
                score: f64::from(score),
                reasons,
            })
        });
        ranked.collect()
    }

    /// The numbers of a candidate's documents, each with its share of what the best says, and where it says it.
    pub(super) fn shares(&self, candidate: &Candidate) -> Vec<(i64, f32, u32)> {
        // a neighbour that holds no word itself is no hit
        let own = candidate.best.windows.iter().filter(|window| window.own > 0.0);
        let mut docs: Vec<(i64, f32, u32)> = own
            .map(|window| {
                let place = candidate.places[window.at];
                (self.columns.doc[place as usize], window.own + 0.25 * window.score, place)
            })
            .collect();
        // of each document its best place
        docs.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
        docs.dedup_by_key(|one| one.0);
        let largest = docs.iter().map(|(_, score, _)| *score).fold(f32::EPSILON, f32::max);
        for (_, score, _) in &mut docs {
            *score /= largest;
        }
        if let Some((at, adds)) = candidate.nearest.filter(|(_, adds)| *adds > 0.0) {
            // as much of the session's score as it brought, beside the best words
            let place = candidate.places[at];
            let (doc, share) = (self.columns.doc[place as usize], adds / candidate.window.max(adds));
            match docs.iter_mut().find(|(known, _, _)| *known == doc) {
                Some(known) => known.1 = known.1.max(share),
                None => docs.push((doc, share, place)),
            }
        }
        docs
    }
}
