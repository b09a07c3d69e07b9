//! When the thread that works lets go of what it keeps: once in every time of quiet. Time is handed in.

use std::time::{Duration, Instant};

/// After so much quiet; what embeds and what searches let go of their models after as long.
const AWAKE_FOR: Duration = Duration::from_secs(60);

/// How long there has been nothing to do, and whether what was kept is let go of already.
#[derive(Debug)]
pub(crate) struct Quiet {
    since: Instant,
    has_let_go: bool,
}

impl Quiet {
    /// There was something to do a moment ago.
    pub(crate) fn new(now: Instant) -> Self {
        Self { since: now, has_let_go: false }
    }

    /// There was something to do.
    pub(crate) fn ends(&mut self, now: Instant) {
        *self = Self::new(now);
    }

    /// Whether now is the time to let go; it is so once.
    pub(crate) fn is_time(&mut self, now: Instant) -> bool {
        let is_time = self.left(now).is_some_and(|left| left.is_zero());
        self.has_let_go |= is_time;
        is_time
    }

    /// How long until then; nothing once it was.
    pub(crate) fn left(&self, now: Instant) -> Option<Duration> {
        (!self.has_let_go).then(|| AWAKE_FOR.saturating_sub(now.saturating_duration_since(self.since)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_let_go_of_once_in_every_time_of_quiet() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut quiet = Quiet::new(start);
        assert!(!quiet.is_time(at(59)));
        assert_eq!(quiet.left(at(59)), Some(Duration::from_secs(1)));
        assert!(quiet.is_time(at(60)));
        assert!(!quiet.is_time(at(61)), "it was already");
        assert_eq!(quiet.left(at(1000)), None, "and nobody wakes for it again");
        quiet.ends(at(1000));
        assert!(!quiet.is_time(at(1059)));
        assert!(quiet.is_time(at(1500)), "late is as good");
        quiet.ends(at(1501));
        quiet.ends(at(1540));
        assert_eq!(quiet.left(at(1561)), Some(Duration::from_secs(39)), "from the last work on");
    }
}
