//! What is near in meaning, whatever its words: beside what the words found, and where they found nothing.

use mem_store::StoreError;

use super::Ranking;
use super::candidate::{Candidate, best_windows};
use crate::recall::gather::Gathered;
use crate::recall::near::Near;

/// Sessions that are looked at for being near in meaning alone.
const MEANT: usize = 16;
/// From which likeness on a session may be meant where nothing else speaks for one: nothing that lies in memory is alike to a question
/// about something else by more than .29 (docs/design/011-ranking.md).
const LEAST_ALIKE: f32 = 0.32;
/// How many there are at most where no word stands anywhere.
const UNSURE: usize = 3;
/// The share of a question's words from which on those that stand somewhere count in full, and how many of them always do.
const STANDING: f32 = 2.0 / 3.0;
const MANY: usize = 8;

/// How far the words of a question that stand somewhere are to be trusted beside meaning: the fewer of all they are, the likelier
/// they stand there by chance, in a text about something else. An identifier stands nowhere by chance.
pub(super) fn trust(gathered: &Gathered) -> f32 {
    let stand = gathered.words.wanted.len();
    let all = stand + gathered.unknown.len() + gathered.elsewhere.len();
    if all == 0 || stand >= MANY || !gathered.codes.postings.is_empty() {
        return 1.0;
    }
    (stand as f32 / all as f32 / STANDING).min(1.0).powi(3)
}

impl Ranking<'_> {
    /// Sessions beside those that the words `found` in which something is said that is near in meaning; the less the words are to be
    /// trusted, the less near it has to be.
    pub(super) fn meant(&self, near: &Near<'_>, found: &[u32], trust: f32) -> Vec<Candidate> {
        let alike = self.weights.alike;
        let least = if found.is_empty() { alike } else { LEAST_ALIKE + (alike - LEAST_ALIKE) * trust };
        self.as_alike(near, found, (least, MEANT))
    }

    /// Sessions that are nearest in meaning, where none is near.
    pub(super) fn nearest(&self, near: &Near<'_>) -> Vec<Candidate> {
        self.as_alike(near, &[], (LEAST_ALIKE, UNSURE))
    }

    fn as_alike(&self, near: &Near<'_>, found: &[u32], (least, most): (f32, usize)) -> Vec<Candidate> {
        let mut sessions: Vec<u32> = Vec::new();
        for (place, likeness) in near.nearest() {
            let session = self.columns.session[*place as usize];
            if *likeness < least || sessions.len() == most {
                break;
            }
            if !found.contains(&session) && !sessions.contains(&session) {
                sessions.push(session);
            }
        }
        self.candidates(&sessions)
    }

    /// How near in meaning what each candidate says is, beside what its words came to in so far as they are to be trusted. Where
    /// the words found none, it says where to look.
    pub(super) fn add_meaning(
        &self,
        candidates: &mut [Candidate],
        near: &Near<'_>,
        trust: f32,
    ) -> Result<(), StoreError> {
        let weights = self.weights;
        let mut said = best_windows(candidates, weights.moved_by);
        for (_, weight) in &mut said {
            *weight *= trust;
        }
        said.extend(near.nearest().iter().take(weights.moved_by));
        let point = near.towards(&said, weights.moved)?;
        for candidate in candidates {
            candidate.weigh_beginning(weights.first);
            candidate.weigh_all(trust);
            let alike = near.likenesses(&point, &candidate.places)?;
            let mut nearest = (0, f32::MIN);
            for (at, likeness) in alike.iter().enumerate() {
                if *likeness > nearest.1 {
                    nearest = (at, *likeness);
                }
            }
            let mean = alike.iter().sum::<f32>() / alike.len() as f32;
            let likeness = nearest.1 + weights.breadth * (mean - nearest.1);
            let share = ((likeness - weights.unlike) / (1.0 - weights.unlike)).max(0.0);
            let with = if self.ask.explain { format!("{likeness:.2} alike") } else { String::new() };
            candidate.add("meaning", weights.meaning * share, with);
            if candidate.best.windows.is_empty() {
                candidate.best.middle = nearest.0;
            }
            candidate.nearest = Some((nearest.0, weights.meaning * share));
        }
        Ok(())
    }
}
