//! What a text costs, and a purse that is never overdrawn.

use mem_core::text::utf16_len;

/// Most UTF-16 units of a brief. Claude Code cuts hook output above 10,000 units; a little air stays for what
/// the host puts around it.
pub(super) const MOST_UNITS: usize = 9_800;

/// A rough estimate of a text's tokens: four ASCII characters make one, every other character is one of its own;
/// rounded up.
///
/// Four characters a token is the usual rule of thumb for English and code with byte-pair vocabularies; for
/// Chinese, Japanese, Cyrillic and symbols one token a character is on the high side. It is meant to err
/// upwards, not to be exact.
pub fn estimate_tokens(text: &str) -> usize {
    let (ascii, other) = text.chars().fold((0usize, 0usize), |(ascii, other), c| {
        if c.is_ascii() { (ascii + 1, other) } else { (ascii, other + 1) }
    });
    ascii.div_ceil(4) + other
}

/// What is left to spend, in tokens and UTF-16 units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Purse {
    tokens: usize,
    units: usize,
}

impl Purse {
    pub(super) fn new(tokens: usize) -> Self {
        Self { tokens, units: MOST_UNITS }
    }

    /// Pays for the lines, each with its line end, if there is enough for all of them.
    ///
    /// Each line is rounded up on its own, so that the sum is never less than the estimate of the whole text.
    pub(super) fn pay(&mut self, lines: &[&str]) -> bool {
        let tokens: usize = lines.iter().map(|line| estimate_tokens(line) + 1).sum();
        let units: usize = lines.iter().map(|line| utf16_len(line) + 1).sum();
        if tokens > self.tokens || units > self.units {
            return false;
        }
        self.tokens -= tokens;
        self.units -= units;
        true
    }
}
