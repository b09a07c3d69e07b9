//! Amounts as people read them: tokens in short numbers, money with a mark where it is an estimate.

use mem_core::model::MicroUsd;

/// A number of tokens: `950`, `3.1k`, `31k`, `1.2M`.
pub(crate) fn tokens(tokens: u64) -> String {
    let units = [(1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")];
    match units.into_iter().find(|(unit, _)| tokens >= *unit) {
        // whole numbers from ten on: nobody pays by the hundred tokens
        Some((unit, name)) if tokens >= 10 * unit => format!("{}{name}", tokens / unit),
        Some((unit, name)) => {
            let tenths = tokens * 10 / unit;
            let (whole, tenth) = (tenths / 10, tenths % 10);
            if tenth == 0 { format!("{whole}{name}") } else { format!("{whole}.{tenth}{name}") }
        }
        None => tokens.to_string(),
    }
}

/// An amount: `$0.04`; `~$0.04` where part of it is an estimate.
pub(crate) fn priced(money: MicroUsd, guessed: bool) -> String {
    let mark = if guessed { "~" } else { "" };
    format!("{mark}{money}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_in_short_numbers() {
        let shown = [0, 999, 1000, 3149, 9999, 10_000, 31_499, 500_000, 1_250_000, 5_000_000_000].map(tokens);
        assert_eq!(shown, ["0", "999", "1k", "3.1k", "9.9k", "10k", "31k", "500k", "1.2M", "5G"]);
    }

    #[test]
    fn an_estimate_is_marked() {
        assert_eq!(priced(MicroUsd(40_000), true), "~$0.04");
        assert_eq!(priced(MicroUsd(0), false), "$0");
    }
}
