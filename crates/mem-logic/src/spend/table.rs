//! The prices we know, by names of models.
//!
//! List prices of the makers as of late 2026, as far as known when this was written; they are estimates, not a bill.
//! Whoever knows better says so with `CLAUDE_MEM_PRICE`, and what a service tells wins over both.

/// What a million tokens cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prices {
    /// Input, in millionths of a dollar.
    pub(super) input: u64,
    /// Output, in millionths of a dollar.
    pub(super) output: u64,
    /// Input read from a cache, in percent of the price of input.
    pub(super) read: u64,
    /// Input written to a cache, in percent of the price of input.
    pub(super) written: u64,
}

/// Prices in thousandths of a dollar, of which all list prices are whole numbers.
const fn at(input: u64, output: u64, [read, written]: [u64; 2]) -> Prices {
    Prices { input: input * 1000, output: output * 1000, read, written }
}

/// What Anthropic takes for reading from a cache and for writing to one (five minutes), in percent of input.
pub(super) const ANTHROPIC: [u64; 2] = [10, 125];
/// Google's share for a read; a write costs what input costs.
pub(super) const GOOGLE: [u64; 2] = [25, 100];
/// Where a read is known to cost a tenth, a quarter or a half, and a write nothing more.
const TENTH: [u64; 2] = [10, 100];
const QUARTER: [u64; 2] = [25, 100];
const HALF: [u64; 2] = [50, 100];
/// Where we do not know: a cache that spares nothing.
pub(super) const FULL: [u64; 2] = [100, 100];

/// For a model that is not in the table: the price of a good one, and of a cache that only costs.
pub(super) const GUESS: Prices = at(3000, 15_000, [100, 125]);

/// Rows in the order in which they are tried: all its words have to be in the name, between borders such as `-`. A word
/// that ends in a number means that version: followed by a further short number it is another (`opus-4`, `opus-4-5`).
const ROWS: [(&[&str], Prices); 27] = [
    (&["3-5-haiku"], at(800, 4000, ANTHROPIC)),
    (&["haiku-3-5"], at(800, 4000, ANTHROPIC)),
    (&["haiku"], at(1000, 5000, ANTHROPIC)),
    (&["sonnet"], at(3000, 15_000, ANTHROPIC)),
    (&["3-opus"], at(15_000, 75_000, ANTHROPIC)),
    (&["opus-3"], at(15_000, 75_000, ANTHROPIC)),
    (&["opus-4"], at(15_000, 75_000, ANTHROPIC)),
    (&["opus-4-0"], at(15_000, 75_000, ANTHROPIC)),
    (&["opus-4-1"], at(15_000, 75_000, ANTHROPIC)),
    (&["opus"], at(5000, 25_000, ANTHROPIC)),
    (&["gemini", "flash-lite"], at(100, 400, GOOGLE)),
    (&["gemini-3", "flash"], at(500, 3000, GOOGLE)),
    (&["gemini", "flash"], at(300, 2500, GOOGLE)),
    (&["gemini-3", "pro"], at(2000, 12_000, GOOGLE)),
    (&["gemini-3-1", "pro"], at(2000, 12_000, GOOGLE)),
    (&["gemini", "pro"], at(1250, 10_000, GOOGLE)),
    (&["gpt-5-pro"], at(15_000, 120_000, FULL)),
    (&["gpt-5-mini"], at(250, 2000, TENTH)),
    (&["gpt-5-nano"], at(50, 400, TENTH)),
    (&["gpt-5"], at(1250, 10_000, TENTH)),
    (&["gpt-5-1"], at(1250, 10_000, TENTH)),
    (&["gpt-4-1-mini"], at(400, 1600, QUARTER)),
    (&["gpt-4-1-nano"], at(100, 400, QUARTER)),
    (&["gpt-4-1"], at(2000, 8000, QUARTER)),
    (&["gpt-4o-mini"], at(150, 600, HALF)),
    (&["gpt-4o"], at(2500, 10_000, HALF)),
    (&["deepseek"], at(300, 1200, FULL)),
];

/// The prices of the model of that name, if we know any.
pub(super) fn known(name: &str) -> Option<Prices> {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = name.chars().map(plain).collect();
    let row = ROWS.iter().find(|(words, _)| words.iter().all(|word| holds(&name, word)));
    row.map(|(_, prices)| *prices)
}

/// Whether `word` stands in `name`, as that version.
fn holds(name: &str, word: &str) -> bool {
    name.match_indices(word).any(|(at, _)| {
        let (before, after) = (&name[..at], &name[at + word.len()..]);
        let bordered = |text: &str, c: Option<char>| text.is_empty() || c == Some('-');
        let versioned = word.ends_with(|c: char| c.is_ascii_digit());
        let next = after.trim_start_matches('-').split('-').next().unwrap_or("");
        // dates have four digits and more
        let goes_on = (1..=2).contains(&next.len()) && next.bytes().all(|byte| byte.is_ascii_digit());
        bordered(before, before.chars().next_back())
            && bordered(after, after.chars().next())
            && !(versioned && goes_on)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_known_by_all_their_names() {
        for (name, dollars) in [
            ("haiku", Some((1.0, 5.0))),
            ("claude-haiku-4-5-20251001", Some((1.0, 5.0))),
            ("anthropic/claude-haiku-4.5", Some((1.0, 5.0))),
            ("claude-3-5-haiku-latest", Some((0.8, 4.0))),
            ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", Some((3.0, 15.0))),
            ("opus", Some((5.0, 25.0))),
            ("claude-opus-4-5", Some((5.0, 25.0))),
            ("claude-opus-4.6", Some((5.0, 25.0))),
            ("claude-opus-4-1-20250805", Some((15.0, 75.0))),
            ("claude-opus-4@20250514", Some((15.0, 75.0))),
            ("claude-3-opus-20240229", Some((15.0, 75.0))),
            ("gemini-flash-latest", Some((0.3, 2.5))),
            ("google/gemini-2.5-flash-lite", Some((0.1, 0.4))),
            ("gemini-3-flash-preview", Some((0.5, 3.0))),
            ("gemini-2.5-pro", Some((1.25, 10.0))),
            ("gpt-5", Some((1.25, 10.0))),
            ("gpt-5-2025-08-07", Some((1.25, 10.0))),
            ("openai/gpt-5-mini", Some((0.25, 2.0))),
            ("gpt-5.1-codex", Some((1.25, 10.0))),
            ("gpt-5.9", None),
            ("gpt-4.1", Some((2.0, 8.0))),
            ("gpt-4.1-nano-2025-04-14", Some((0.1, 0.4))),
            ("gpt-4-1106-preview", None),
            ("gpt-4o-mini", Some((0.15, 0.6))),
            ("gpt-4o-2024-08-06", Some((2.5, 10.0))),
            ("deepseek/deepseek-chat-v3", Some((0.3, 1.2))),
            ("qwen3:8b", None),
            ("opusculum", None),
            ("", None),
        ] {
            let got = known(name).map(|prices| (prices.input as f64 / 1e6, prices.output as f64 / 1e6));
            assert_eq!(got, dollars, "{name}");
        }
    }
}
