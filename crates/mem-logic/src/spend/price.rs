//! What a request cost, and what one will cost at most.

use mem_core::model::{Ask, MicroUsd, ModelId, ModelKind, Usage};
use mem_core::settings::ObserverSettings;

use super::ceilings::Spent;
use super::table::{ANTHROPIC, FULL, GOOGLE, GUESS, Prices, known};

/// Where an amount of money comes from, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PriceSource {
    /// The service said what it took (`Answer::cost`); never from [`price`].
    Told,
    /// The user's own prices.
    Own,
    /// It costs nothing: a service on this machine, or a model that is given away.
    Free,
    /// Our table, an estimate as of late 2026.
    Table,
    /// A model that is not in our table, taken for a dear one.
    Guess,
}

impl PriceSource {
    /// All of them, the surest first.
    pub const ALL: [Self; 5] = [Self::Told, Self::Own, Self::Free, Self::Table, Self::Guess];

    /// The name in the store and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Own => "own",
            Self::Free => "free",
            Self::Table => "table",
            Self::Guess => "guess",
        }
    }

    /// The source of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }
}

/// What `usage` costs with `model`. `local_service` says that the service runs on this machine.
pub fn price(
    model: &ModelId,
    settings: &ObserverSettings,
    local_service: bool,
    usage: Usage,
) -> (MicroUsd, PriceSource) {
    let (prices, source) = prices(model, settings, local_service);
    (cost(prices, usage), source)
}

/// Tokens the claude program adds around a request with our arguments: about 1300 characters were measured.
const AROUND: u64 = 400;

/// What `ask` will take at most: its input as dear as input can be, and all the output it may have.
///
/// Careful, as a ceiling must hold; what comes is usually less. A run that is kept warm reads its conversation again:
/// that is the caller's to add.
pub fn estimate(model: &ModelId, settings: &ObserverSettings, local_service: bool, ask: &Ask) -> Spent {
    let (prices, _source) = prices(model, settings, local_service);
    let around = if model.kind == ModelKind::Claude { AROUND } else { 0 };
    let tokens = ask.tokens().saturating_add(around);
    // the claude program writes all that it sends to a cache, which costs no less than plain input
    let (input, cache_write) = if model.kind == ModelKind::Claude { (0, tokens) } else { (tokens, 0) };
    let usage = Usage { input, cache_write, output: ask.most_output.into(), cache_read: 0 };
    Spent { tokens, money: cost(prices, usage) }
}

fn prices(model: &ModelId, settings: &ObserverSettings, local_service: bool) -> (Prices, PriceSource) {
    if let Some([input, output]) = settings.price {
        let [read, written] = match model.kind {
            ModelKind::Claude | ModelKind::Anthropic => ANTHROPIC,
            ModelKind::Gemini => GOOGLE,
            ModelKind::OpenAi | ModelKind::OpenRouter => FULL,
        };
        return (Prices { input: input.0, output: output.0, read, written }, PriceSource::Own);
    }
    if local_service || model.name.ends_with(":free") {
        return (Prices { input: 0, output: 0, read: 100, written: 100 }, PriceSource::Free);
    }
    match known(&model.name) {
        Some(prices) => (prices, PriceSource::Table),
        None => (GUESS, PriceSource::Guess),
    }
}

/// The money for `usage`, rounded up to a millionth.
fn cost(prices: Prices, usage: Usage) -> MicroUsd {
    let of = |tokens: u64, price: u64, percent: u64| {
        u128::from(tokens).saturating_mul(u128::from(price)).saturating_mul(u128::from(percent))
    };
    let parts = [
        of(usage.input, prices.input, 100),
        of(usage.output, prices.output, 100),
        of(usage.cache_read, prices.input, prices.read),
        of(usage.cache_write, prices.input, prices.written),
    ];
    let sum = parts.into_iter().fold(0u128, u128::saturating_add);
    // per million tokens, and percent
    MicroUsd(u64::try_from(sum.div_ceil(100_000_000)).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use mem_core::settings::Settings;
    use proptest::prelude::*;

    use super::*;

    fn model(text: &str) -> ModelId {
        ModelId::parse(text).unwrap()
    }

    fn settings() -> ObserverSettings {
        Settings::default().observer
    }

    #[test]
    fn the_surest_price_counts() {
        let usage = Usage { input: 1_000_000, output: 100_000, ..Usage::default() };
        let own = ObserverSettings { price: Some([MicroUsd(2_000_000), MicroUsd(0)]), ..settings() };
        for (name, settings, local, wanted) in [
            ("anthropic/claude-haiku-4-5", settings(), false, (MicroUsd(1_500_000), PriceSource::Table)),
            ("openai/xiaomi/mimo-v2-flash:free", settings(), false, (MicroUsd(0), PriceSource::Free)),
            ("openai/qwen3:8b", settings(), true, (MicroUsd(0), PriceSource::Free)),
            ("openai/qwen3:8b", settings(), false, (MicroUsd(4_500_000), PriceSource::Guess)),
            ("openai/qwen3:8b", own.clone(), true, (MicroUsd(2_000_000), PriceSource::Own)),
            ("claude/opus", own, false, (MicroUsd(2_000_000), PriceSource::Own)),
        ] {
            assert_eq!(price(&model(name), &settings, local, usage), wanted, "{name}");
        }
    }

    #[test]
    fn caches_have_their_own_price() {
        let usage = Usage { cache_read: 1_000_000, cache_write: 1_000_000, ..Usage::default() };
        for (name, wanted) in [
            ("claude/haiku", 100_000 + 1_250_000),
            ("gemini/gemini-flash-latest", 75_000 + 300_000),
            ("openai/unheard-of", 3_000_000 + 3_750_000),
        ] {
            assert_eq!(price(&model(name), &settings(), false, usage).0, MicroUsd(wanted), "{name}");
        }
        // the sum that the claude program itself made of these tokens
        let turn = Usage { cache_write: 1082, output: 98, ..Usage::default() };
        assert_eq!(price(&model("claude/claude-sonnet-4-5"), &settings(), false, turn).0, MicroUsd(5528));
    }

    #[test]
    fn an_estimate_takes_the_dearest_course() {
        let ask = Ask { system: "s".repeat(3500), text: "t".repeat(31_500), most_output: 4000 };
        let spent = |name: &str| estimate(&model(name), &settings(), false, &ask);
        assert_eq!(
            spent("anthropic/claude-haiku-4-5"),
            Spent { tokens: 10_000, money: MicroUsd(10_000 + 20_000) }
        );
        assert_eq!(spent("claude/haiku"), Spent { tokens: 10_400, money: MicroUsd(13_000 + 20_000) });
        assert_eq!(estimate(&model("openai/x"), &settings(), true, &ask).money, MicroUsd(0));
    }

    proptest! {
        #[test]
        fn no_amount_overflows(input: u64, output: u64, read: u64, write: u64, name in "[a-z0-9:.-]{1,20}") {
            let usage = Usage { input, output, cache_read: read, cache_write: write };
            let model = ModelId { kind: ModelKind::OpenAi, name };
            let (all, _source) = price(&model, &settings(), false, usage);
            let (part, _source) = price(&model, &settings(), false, Usage { input: 0, ..usage });
            prop_assert!(part <= all);
        }

        #[test]
        fn an_estimate_covers_whatever_the_answer_takes(chars in 0usize..5000, most_output in 0u32..9000, share in 0u64..=100) {
            let ask = Ask { system: String::new(), text: "x".repeat(chars), most_output };
            for name in ["claude/haiku", "gemini/gemini-2.5-pro", "openai/gpt-5"] {
                let model = model(name);
                let spent = estimate(&model, &settings(), false, &ask);
                let cached = spent.tokens * share / 100;
                let usage = Usage { input: spent.tokens - cached, cache_read: cached, output: most_output.into(), cache_write: 0 };
                prop_assert!(price(&model, &settings(), false, usage).0 <= spent.money);
            }
        }
    }
}
