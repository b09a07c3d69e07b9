//! How far an installation is, on stderr: one line that changes on a terminal, a few lines elsewhere.

use std::io::{self, IsTerminal, Write};

use mem_daemon::embedding_model::Step;

use super::super::print;

/// Percent between two words on a terminal, and elsewhere.
const OFTEN: u64 = 1;
const SELDOM: u64 = 25;
/// Bytes below which a file is there before anybody has read how far it is.
const LITTLE: u64 = 8_000_000;

/// Columns of a line that changes, so that a shorter one leaves nothing of a longer one.
const LINE: usize = 60;

/// Tells it.
pub(super) struct Progress {
    terminal: bool,
    told: u64,
    /// Whether a line on the terminal has no end yet.
    open: bool,
}

impl Progress {
    /// Nothing told yet.
    pub(super) fn new() -> Self {
        Self { terminal: io::stderr().is_terminal(), told: 0, open: false }
    }

    /// Tells a step, if it is worth a word.
    pub(super) fn tell(&mut self, step: Step<'_>) {
        if let Some(words) = self.words(step) {
            if self.terminal && matches!(step, Step::At { .. }) {
                let mut stderr = io::stderr().lock();
                let _nobody_listens = write!(stderr, "\r{words:<LINE$}").and_then(|()| stderr.flush());
                self.open = true;
            } else {
                self.end();
                print::note(&words);
            }
        }
    }

    /// Ends a line that has no end yet.
    pub(super) fn end(&mut self) {
        if std::mem::take(&mut self.open) {
            print::note("");
        }
    }

    fn words(&mut self, step: Step<'_>) -> Option<String> {
        match step {
            Step::Begun { name, at: 0, size } => {
                self.told = 0;
                Some(format!("{name}: {}", print::bytes(size)))
            }
            Step::Begun { name, at, size } => {
                self.told = percent(at, size);
                let (at, size) = (print::bytes(at), print::bytes(size));
                Some(format!("{name}: {size}, of which {at} are here already"))
            }
            Step::At { size, .. } if size < LITTLE => None,
            Step::At { name, at, size } => {
                let percent = percent(at, size);
                let step = if self.terminal { OFTEN } else { SELDOM };
                let before = std::mem::replace(&mut self.told, percent);
                // a server that begins anew goes back
                if percent / step == before / step {
                    return None;
                }
                Some(format!("{name}: {} of {} ({percent} %)", print::bytes(at), print::bytes(size)))
            }
            Step::Again(why) => Some(format!("{}; trying again.", print::tame(why))),
        }
    }
}

fn percent(at: u64, size: u64) -> u64 {
    at.saturating_mul(100) / size.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that is said of a file of 90 MB that comes in pieces of a MB, with a break after 40.
    fn told(terminal: bool) -> Vec<String> {
        let (name, size) = ("model.safetensors", 90_000_000);
        let mut progress = Progress { terminal, told: 0, open: false };
        let at = |million: u64| Step::At { name, at: million * 1_000_000, size };
        let mut steps = vec![Step::Begun { name, at: 0, size }];
        steps.extend((1..=40).map(at));
        steps.extend([Step::Again("the server broke off"), Step::Begun { name, at: 40_000_000, size }]);
        steps.extend((41..=90).map(at));
        steps.into_iter().filter_map(|step| progress.words(step)).collect()
    }

    #[test]
    fn it_is_told_now_and_then() {
        insta::assert_snapshot!(told(false).join("\n"), @"
        model.safetensors: 90.0 MB
        model.safetensors: 23.0 MB of 90.0 MB (25 %)
        the server broke off; trying again.
        model.safetensors: 90.0 MB, of which 40.0 MB are here already
        model.safetensors: 45.0 MB of 90.0 MB (50 %)
        model.safetensors: 68.0 MB of 90.0 MB (75 %)
        model.safetensors: 90.0 MB of 90.0 MB (100 %)
        ");
        assert_eq!(told(true).len(), 3 + 40 + 50);
    }

    #[test]
    fn what_begins_anew_is_told_from_there() {
        let (name, size) = ("model.safetensors", 90_000_000);
        let mut progress = Progress { terminal: false, told: 0, open: false };
        let mut words = |step| progress.words(step);
        assert!(words(Step::Begun { name, at: 60_000_000, size }).is_some());
        assert_eq!(
            words(Step::At { name, at: 65_536, size }).as_deref(),
            Some("model.safetensors: 65.5 kB of 90.0 MB (0 %)")
        );
        assert_eq!(words(Step::At { name, at: 131_072, size }), None);
        assert_eq!(words(Step::At { name: "tokenizer.json", at: 9, size: 9 }), None);
    }
}
