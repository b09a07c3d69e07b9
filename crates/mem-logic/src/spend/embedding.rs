//! What vectors of a service cost: input only, at prices far below those of models that write.
//!
//! The same care as for those: an estimate before, the service's own count after, and the dearer price where we know none.

use mem_core::model::{Ask, MicroUsd};
use mem_core::settings::EmbeddingSettings;

use super::ceilings::Spent;
use super::price::PriceSource;

/// Millionths of a dollar per million tokens, as of late 2026, by a part of the model's name; the first that fits counts.
const ROWS: [(&str, u64); 8] = [
    ("text-embedding-3-small", 20_000),
    ("text-embedding-3-large", 130_000),
    ("text-embedding-ada-002", 100_000),
    ("gemini-embedding", 150_000),
    ("mistral-embed", 100_000),
    ("codestral-embed", 150_000),
    ("voyage-3-large", 180_000),
    ("voyage-code-3", 180_000),
];
/// For a model that is not in the table: above all that are.
const GUESS: u64 = 200_000;

/// What embedding these texts will take at most, by a careful estimate of their tokens.
pub fn embedding_estimate<'t>(
    settings: &EmbeddingSettings,
    local: bool,
    texts: impl IntoIterator<Item = &'t str>,
) -> Spent {
    let of = |text: &str| Ask { system: String::new(), text: text.to_owned(), most_output: 0 }.tokens();
    // the marks that a model puts around each text are tokens too
    let tokens = texts.into_iter().map(|text| of(text).saturating_add(2)).fold(0, u64::saturating_add);
    Spent { tokens, money: embedding_price(settings, local, tokens).0 }
}

/// The price of so many tokens, and where that comes from.
pub fn embedding_price(settings: &EmbeddingSettings, local: bool, tokens: u64) -> (MicroUsd, PriceSource) {
    let known = || ROWS.iter().find(|(part, _)| settings.model.to_ascii_lowercase().contains(part));
    let (price, source) = match (settings.price, local) {
        (Some(own), _) => (own.0, PriceSource::Own),
        (None, true) => (0, PriceSource::Free),
        (None, false) => match known() {
            Some((_, price)) => (*price, PriceSource::Table),
            None => (GUESS, PriceSource::Guess),
        },
    };
    let money = (u128::from(tokens) * u128::from(price)).div_ceil(1_000_000);
    (MicroUsd(u64::try_from(money).unwrap_or(u64::MAX)), source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(model: &str, price: Option<u64>) -> EmbeddingSettings {
        EmbeddingSettings {
            model: model.to_owned(),
            price: price.map(MicroUsd),
            ..EmbeddingSettings::default()
        }
    }

    #[test]
    fn the_surest_price_counts_and_what_is_local_is_free() {
        for (model, own, local, wanted) in [
            ("text-embedding-3-small", None, false, (20_000, PriceSource::Table)),
            ("openai/text-embedding-3-large", None, false, (130_000, PriceSource::Table)),
            ("nomic-embed-text", None, false, (200_000, PriceSource::Guess)),
            ("nomic-embed-text", None, true, (0, PriceSource::Free)),
            ("nomic-embed-text", Some(7), true, (7, PriceSource::Own)),
            ("text-embedding-3-small", Some(0), false, (0, PriceSource::Own)),
        ] {
            let (money, source) = embedding_price(&named(model, own), local, 1_000_000);
            assert_eq!((money.0, source), wanted, "{model}");
        }
        assert_eq!(embedding_price(&named("x", None), false, 1).0, MicroUsd(1), "rounded up");
        let _no_overflow = embedding_price(&named("x", Some(u64::MAX)), false, u64::MAX);
    }

    #[test]
    fn an_estimate_counts_every_text_and_is_never_nothing() {
        let spent = |texts: &[&str]| embedding_estimate(&named("x", None), false, texts.iter().copied());
        assert_eq!(spent(&[&"a".repeat(7000)]).tokens, 2002);
        assert_eq!(spent(&["", "é"]).tokens, 5);
        assert!(spent(&["", ""]).money.0 > 0);
    }
}
