//! What may be spent in a day and in a month.

use std::fmt;

use jiff::tz::TimeZone;
use mem_core::model::MicroUsd;
use mem_core::settings::ObserverSettings;
use mem_core::time::Timestamp;

use super::days::{next_day, next_month};

/// What was spent, or will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// Input tokens, those from a cache included: what the ceilings of tokens count.
    pub tokens: u64,
    /// Money, as told or estimated.
    pub money: MicroUsd,
}

/// A ceiling that stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ceiling {
    /// Input tokens of a day.
    DayTokens,
    /// Input tokens of a month.
    MonthTokens,
    /// Money of a day.
    DayMoney,
    /// Money of a month.
    MonthMoney,
}

impl Ceiling {
    /// All of them, those first that stand in the way for longer.
    pub const ALL: [Self; 4] = [Self::MonthMoney, Self::MonthTokens, Self::DayMoney, Self::DayTokens];

    /// The name in the store and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DayTokens => "day-tokens",
            Self::MonthTokens => "month-tokens",
            Self::DayMoney => "day-money",
            Self::MonthMoney => "month-money",
        }
    }

    /// The setting that raises it.
    pub fn key(self) -> &'static str {
        match self {
            Self::DayTokens => "CLAUDE_MEM_DAY_TOKENS",
            Self::MonthTokens => "CLAUDE_MEM_MONTH_TOKENS",
            Self::DayMoney => "CLAUDE_MEM_DAY_USD",
            Self::MonthMoney => "CLAUDE_MEM_MONTH_USD",
        }
    }

    /// When it begins anew: the next day or month after `now`.
    pub fn lifts_at(self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        match self {
            Self::DayTokens | Self::DayMoney => next_day(now, zone),
            Self::MonthTokens | Self::MonthMoney => next_month(now, zone),
        }
    }
}

/// In words that stand in "since … is reached".
impl fmt::Display for Ceiling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DayTokens => "the ceiling of tokens for a day",
            Self::MonthTokens => "the ceiling of tokens for a month",
            Self::DayMoney => "the ceiling of money for a day",
            Self::MonthMoney => "the ceiling of money for a month",
        })
    }
}

/// Whether `next` may be spent after what was `spent` this day and this month.
///
/// A ceiling of nothing lets only pass what costs nothing.
///
/// # Errors
/// The ceiling it would pass; of several the one that stands longest.
pub fn allowed(spent: [Spent; 2], settings: &ObserverSettings, next: Spent) -> Result<(), Ceiling> {
    let [day, month] = spent;
    let tokens = |spent: Spent| spent.tokens.saturating_add(next.tokens);
    let money = |spent: Spent| MicroUsd(spent.money.0.saturating_add(next.money.0));
    let passed = |ceiling: &Ceiling| match ceiling {
        Ceiling::DayTokens => tokens(day) > settings.most_tokens[0],
        Ceiling::MonthTokens => tokens(month) > settings.most_tokens[1],
        // what is free needs no room: somebody else's spending does not stop it
        Ceiling::DayMoney => next.money.0 > 0 && money(day) > settings.most_money[0],
        Ceiling::MonthMoney => next.money.0 > 0 && money(month) > settings.most_money[1],
    };
    Ceiling::ALL.into_iter().find(|ceiling| passed(ceiling)).map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use mem_core::settings::Settings;

    use super::*;

    fn spent(tokens: u64, money: u64) -> Spent {
        Spent { tokens, money: MicroUsd(money) }
    }

    #[test]
    fn a_ceiling_may_be_reached_and_not_passed() {
        let settings = ObserverSettings {
            most_tokens: [100, 1000],
            most_money: [MicroUsd(10), MicroUsd(50)],
            ..Settings::default().observer
        };
        for (day, month, next, wanted) in [
            (spent(0, 0), spent(0, 0), spent(100, 10), Ok(())),
            (spent(0, 0), spent(0, 0), spent(101, 10), Err(Ceiling::DayTokens)),
            (spent(50, 5), spent(50, 5), spent(50, 6), Err(Ceiling::DayMoney)),
            (spent(0, 0), spent(950, 0), spent(51, 1), Err(Ceiling::MonthTokens)),
            (spent(0, 0), spent(0, 45), spent(1, 6), Err(Ceiling::MonthMoney)),
            // of several the one that stands longest
            (spent(100, 10), spent(1000, 50), spent(1, 1), Err(Ceiling::MonthMoney)),
            // what is free goes on when the money is spent
            (spent(0, 99), spent(0, 99), spent(1, 0), Ok(())),
            (spent(u64::MAX, 0), spent(0, 0), spent(1, 0), Err(Ceiling::DayTokens)),
        ] {
            assert_eq!(allowed([day, month], &settings, next), wanted, "{day:?} {month:?} {next:?}");
        }
    }

    #[test]
    fn every_ceiling_names_its_setting() {
        for ceiling in Ceiling::ALL {
            assert!(mem_core::settings::Key::find(ceiling.key()).is_some(), "{}", ceiling.as_str());
        }
        assert_eq!(Ceiling::DayMoney.to_string(), "the ceiling of money for a day");
    }
}
