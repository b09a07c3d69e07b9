//! Ceilings that no turn fits under: what would wait for ever, said before it does.

use mem_core::model::MicroUsd;
use mem_core::settings::ObserverSettings;
use mem_logic::spend::{Ceiling, Spent};

use super::super::print;

/// What stands in the way of even one turn that takes `turn`, a sentence each.
pub(crate) fn too_low(settings: &ObserverSettings, turn: Spent) -> Vec<String> {
    let [day_tokens, month_tokens] = settings.most_tokens;
    let [day_money, month_money] = settings.most_money;
    let rows = [
        (Ceiling::DayTokens, day_tokens, turn.tokens),
        (Ceiling::MonthTokens, month_tokens, turn.tokens),
        (Ceiling::DayMoney, day_money.0, turn.money.0),
        (Ceiling::MonthMoney, month_money.0, turn.money.0),
    ];
    let low = rows.into_iter().filter(|(_, most, takes)| most < takes);
    low.map(|(ceiling, most, takes)| {
        let (most_said, takes_said) = match ceiling {
            Ceiling::DayTokens | Ceiling::MonthTokens => {
                (print::grouped(most), format!("{} input tokens", print::grouped(takes)))
            }
            Ceiling::DayMoney | Ceiling::MonthMoney => {
                (MicroUsd(most).to_string(), MicroUsd(takes).to_string())
            }
        };
        let key = ceiling.key();
        if most == 0 {
            format!("{key} is 0, so all work waits until it is raised.")
        } else {
            format!(
                "{key} is {most_said}, and one turn takes about {takes_said}: all work waits until it is raised."
            )
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mem_core::settings::Settings;

    #[test]
    fn what_would_wait_for_ever_is_said() {
        let settings = ObserverSettings {
            most_tokens: [5000, 500_000],
            most_money: [MicroUsd(0), MicroUsd(9000)],
            ..Settings::default().observer
        };
        let told = |tokens, money| too_low(&settings, Spent { tokens, money: MicroUsd(money) }).join("\n");
        insta::assert_snapshot!(told(8000, 14_000), @"
        CLAUDE_MEM_DAY_TOKENS is 5,000, and one turn takes about 8,000 input tokens: all work waits until it is raised.
        CLAUDE_MEM_DAY_USD is 0, so all work waits until it is raised.
        CLAUDE_MEM_MONTH_USD is $0.009, and one turn takes about $0.014: all work waits until it is raised.
        ");
        assert_eq!(told(5000, 0), "", "what is free fits under no money");
    }
}
