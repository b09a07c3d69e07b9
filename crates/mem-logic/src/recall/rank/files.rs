//! Sessions that worked on the same files as the best ones are likelier to be meant.

use std::collections::BTreeMap;

/// The best sessions, whose files count.
const BEST: usize = 15;

/// How much each session shares its files with the best others: 1 for the one that does most. `ranked` has the score and
/// the files of each session, the best first.
pub fn shared_files(ranked: &[(f32, Vec<String>)]) -> Vec<f32> {
    // in an order of their own, or the last digit of a sum would be another each time
    let mut sessions_of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, (_, files)) in ranked.iter().enumerate() {
        for file in files {
            sessions_of.entry(file).or_default().push(at);
        }
    }
    let all = ranked.len() as f32;
    let telling = |sessions: &[usize]| (all / sessions.len() as f32).ln_1p();
    let mut lengths = vec![0.0_f32; ranked.len()];
    for sessions in sessions_of.values() {
        let weight = telling(sessions);
        for at in sessions {
            lengths[*at] += weight * weight;
        }
    }
    let largest = ranked.iter().map(|(score, _)| *score).fold(f32::EPSILON, f32::max);
    let mut shared = vec![0.0_f32; ranked.len()];
    for sessions in sessions_of.values() {
        let weight = telling(sessions);
        for best in sessions.iter().filter(|at| **at < BEST) {
            let standing = (ranked[*best].0 / largest).powi(2);
            for other in sessions.iter().filter(|other| *other != best) {
                let lengths = (lengths[*best] * lengths[*other]).sqrt().max(f32::EPSILON);
                shared[*other] += standing * weight * weight / lengths;
            }
        }
    }
    let most = shared.iter().copied().fold(0.0, f32::max);
    if most > 0.0 {
        for share in &mut shared {
            *share /= most;
        }
    }
    shared
}
