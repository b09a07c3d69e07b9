//! What an order to make memories anew means: which session, which model, and about what it will take.
//!
//! Pure but for the look at the store's list of sessions; whoever asks for it carries it out.

use mem_core::model::{MicroUsd, ModelId, ModelKind, Usage};
use mem_core::settings::ObserverSettings;
use mem_daemon::observer::Chosen;
use mem_logic::layers::Layers;
use mem_logic::spend::{self, PriceSource, Spent};
use mem_store::{Reader, SessionListing, Volume};
use mem_wire::observer::Turn;
use mem_wire::redistill::Estimate;

use crate::failure::Failure;

/// No limit, as the store counts it.
const ALL: usize = i64::MAX as usize;
/// Bytes of a payload that make a token, about; code and prose lie on either side of it.
const BYTES: u64 = 4;
/// Input tokens of a request besides its events, about: the instructions of a mode and a digest of the session.
const AROUND: u64 = 2500;
/// Output tokens of a reply, about: a summary and three or four observations.
const REPLY: u64 = 1200;

/// Who is to make the memories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// Our own rules.
    Local,
    /// A model; `named` says that the user asked for it here and did not leave it to the settings.
    Model { id: ModelId, named: bool },
}

impl Target {
    /// Reads what the user typed against what the settings choose.
    pub(super) fn of(given: Option<&str>, settings: &ObserverSettings) -> Result<Self, Failure> {
        let chosen = settings.model.as_ref();
        let Some(given) = given.map(str::trim) else {
            let id = chosen.cloned().ok_or_else(no_model)?;
            return if id.name.is_empty() {
                Err(no_name(id.kind))
            } else {
                Ok(Self::Model { id, named: false })
            };
        };
        if given == "local" {
            return Ok(Self::Local);
        }
        let id = match (ModelId::parse(given), ModelKind::parse(given), chosen) {
            (Some(id), ..) => id,
            (None, Some(kind), _) if kind.default_model().is_empty() => return Err(no_name(kind)),
            (None, Some(kind), _) => ModelId { kind, name: kind.default_model().to_owned() },
            (None, None, Some(chosen)) if !given.is_empty() && !given.ends_with('/') => {
                ModelId { kind: chosen.kind, name: given.to_owned() }
            }
            _ => {
                return Err(Failure::user(format!("{given:?} does not say what kind of model it is"))
                    .hint(format!("Write kind/name; kinds are {}, and local.", kinds())));
            }
        };
        Ok(Self::Model { id, named: true })
    }

    /// The name in output.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Local => "local".to_owned(),
            Self::Model { id, .. } => id.to_string(),
        }
    }
}

fn kinds() -> String {
    ModelKind::ALL.map(ModelKind::as_str).join(", ")
}

fn no_model() -> Failure {
    Failure::user("no model is chosen").hint(
        "`claude-mem observer` shows and chooses one; `--model kind/name` names one just for this, and `--model local` \
         has our own rules do it.",
    )
}

fn no_name(kind: ModelKind) -> Failure {
    Failure::user(format!("{} has no model that is taken by default", kind.as_str()))
        .hint(format!("Name one: `--model {}/NAME`, or set CLAUDE_MEM_MODEL.", kind.as_str()))
}

/// The session whose id begins with `text`.
pub(super) fn session(store: &Reader, text: &str) -> Result<SessionListing, Failure> {
    let mut found: Vec<SessionListing> =
        store.sessions(None, ALL)?.into_iter().filter(|row| row.session.0.starts_with(text)).collect();
    if let Some(at) = found.iter().position(|row| row.session.0 == text) {
        return Ok(found.swap_remove(at));
    }
    match (found.pop(), found.len()) {
        (Some(row), 0) if !text.is_empty() => Ok(row),
        (None, _) => Err(Failure::user(format!("no session has an id that begins with {text:?}"))
            .hint("`claude-mem sessions` lists them.")),
        (Some(_), others) => {
            Err(Failure::user(format!("{text:?} is the beginning of {} sessions' ids", others + 1))
                .hint("Give more of it; `claude-mem sessions` lists them."))
        }
    }
}

/// What an order will take: going by `turn` where that is an average, else at most about; nothing for our own rules.
pub(super) fn estimate(target: &Target, layers: &Layers, volume: &Volume, turn: &Turn) -> Estimate {
    let estimate = Estimate { turns: volume.turns, events: volume.events, ..Estimate::default() };
    let Target::Model { id, .. } = target else { return estimate };
    let Some(chosen) = Chosen::of(layers, Some(&id.to_string())) else { return estimate };
    let said = volume.bytes.div_ceil(BYTES);
    // one request a turn, and one more wherever a turn is longer than a request may be
    let requests = volume.turns + said / chosen.settings.batch_tokens.max(1);
    let (input, output) = match turn.requests {
        0 => (said + requests * AROUND, requests * REPLY),
        _ => (requests * turn.input_tokens, requests * turn.output_tokens),
    };
    let cached = if id.kind == ModelKind::Claude { input } else { 0 };
    let usage = Usage { input: input - cached, output, cache_write: cached, ..Usage::default() };
    let (money, source) = spend::price(id, &chosen.settings, chosen.local, usage);
    Estimate {
        requests,
        input,
        output,
        micro_usd: money.0,
        averaged: turn.requests,
        guessed: source == PriceSource::Guess,
        ..estimate
    }
}

/// What of an estimate has no room under the ceilings any more today, in words.
pub(super) fn beyond(estimate: &Estimate, settings: &ObserverSettings, today: Spent) -> Option<String> {
    let money = today.money.0.saturating_add(estimate.micro_usd);
    let tokens = today.tokens.saturating_add(estimate.input);
    let left = settings.most_money[0].0.saturating_sub(today.money.0);
    if estimate.micro_usd > 0 && money > settings.most_money[0].0 {
        return Some(format!(
            "The ceiling of the day leaves {}: what is beyond it waits for the days after.",
            MicroUsd(left)
        ));
    }
    (tokens > settings.most_tokens[0]).then(|| {
        format!(
            "The ceiling of the day leaves {} input tokens: what is beyond them waits for the days after.",
            super::tokens(settings.most_tokens[0].saturating_sub(today.tokens))
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mem_core::settings::Settings;

    fn chosen(text: &str) -> ObserverSettings {
        ObserverSettings { model: ModelId::parse(text), ..Settings::default().observer }
    }

    #[test]
    fn a_model_is_named_in_several_ways() {
        let none = Settings::default().observer;
        let named = |text: &str| Target::Model { id: ModelId::parse(text).unwrap(), named: true };
        for (given, settings, wanted) in [
            (Some("local"), &none, Target::Local),
            (Some("claude/sonnet"), &none, named("claude/sonnet")),
            (Some("claude"), &none, named("claude/haiku")),
            (Some("sonnet"), &chosen("claude/haiku"), named("claude/sonnet")),
            (Some("vendor/small:free"), &chosen("openai/x"), named("openai/vendor/small:free")),
            (Some("openai/qwen3:8b"), &chosen("claude/haiku"), named("openai/qwen3:8b")),
            (Some("openrouter/vendor/x"), &chosen("claude/haiku"), named("openrouter/vendor/x")),
            (Some("vendor/x"), &chosen("openrouter/vendor/y"), named("openrouter/vendor/x")),
        ] {
            assert_eq!(Target::of(given, settings).unwrap(), wanted, "{given:?}");
        }
        let left = Target::of(None, &chosen("claude/haiku")).unwrap();
        assert_eq!(left, Target::Model { id: ModelId::parse("claude/haiku").unwrap(), named: false });
    }

    #[test]
    fn a_model_that_is_not_told_is_asked_for() {
        let none = Settings::default().observer;
        let unnamed = ObserverSettings {
            model: Some(ModelId { kind: ModelKind::OpenAi, name: String::new() }),
            ..Settings::default().observer
        };
        let told: Vec<String> = [
            (None, &none),
            (Some("sonnet"), &none),
            (Some("openai"), &none),
            (Some("vendor/"), &chosen("openai/x")),
            (Some(""), &chosen("openai/x")),
            (None, &unnamed),
        ]
        .into_iter()
        .map(|(given, settings)| Target::of(given, settings).unwrap_err().to_string())
        .collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        error: no model is chosen
        hint: `claude-mem observer` shows and chooses one; `--model kind/name` names one just for this, and `--model local` has our own rules do it.
        error: "sonnet" does not say what kind of model it is
        hint: Write kind/name; kinds are claude, anthropic, openai, openrouter, gemini, and local.
        error: openai has no model that is taken by default
        hint: Name one: `--model openai/NAME`, or set CLAUDE_MEM_MODEL.
        error: "vendor/" does not say what kind of model it is
        hint: Write kind/name; kinds are claude, anthropic, openai, openrouter, gemini, and local.
        error: "" does not say what kind of model it is
        hint: Write kind/name; kinds are claude, anthropic, openai, openrouter, gemini, and local.
        error: openai has no model that is taken by default
        hint: Name one: `--model openai/NAME`, or set CLAUDE_MEM_MODEL.
        "#);
    }

    #[test]
    fn an_estimate_is_careful_and_local_costs_nothing() {
        let layers = mem_logic::layers::merge(Some(r#"{"CLAUDE_MEM_OBSERVER":"claude"}"#), &mut |_| None);
        let settings = &layers.settings.observer;
        let volume = Volume { turns: 10, events: 200, bytes: 400_000 };
        let target = Target::of(None, settings).unwrap();
        let none = Turn { input_tokens: 8000, output_tokens: 700, requests: 0 };
        let about = estimate(&target, &layers, &volume, &none);
        assert_eq!((about.requests, about.input, about.output), (22, 155_000, 26_400));
        assert_eq!(MicroUsd(about.micro_usd).to_string(), "$0.3258");
        let free = estimate(&Target::Local, &layers, &volume, &none);
        assert_eq!(free, Estimate { turns: 10, events: 200, ..Estimate::default() });
        let unknown = estimate(&Target::of(Some("openai/x"), settings).unwrap(), &layers, &volume, &none);
        assert!(unknown.guessed && unknown.micro_usd > about.micro_usd);
        let known = Turn { input_tokens: 3000, output_tokens: 500, requests: 40 };
        let averaged = estimate(&target, &layers, &volume, &known);
        assert_eq!((averaged.input, averaged.output, averaged.averaged), (66_000, 11_000, 40));
    }

    #[test]
    fn what_has_no_room_is_said() {
        let settings = chosen("claude/haiku");
        let about = Estimate { input: 100_000, micro_usd: 300_000, ..Estimate::default() };
        let spent = |tokens, micro| Spent { tokens, money: MicroUsd(micro) };
        assert_eq!(beyond(&about, &settings, spent(0, 700_000)), None);
        let told: Vec<String> = [spent(0, 700_001), spent(400_001, 0), spent(600_000, 2_000_000)]
            .into_iter()
            .filter_map(|spent| beyond(&about, &settings, spent))
            .collect();
        insta::assert_snapshot!(told.join("\n"), @"
        The ceiling of the day leaves $0.30: what is beyond it waits for the days after.
        The ceiling of the day leaves 99k input tokens: what is beyond them waits for the days after.
        The ceiling of the day leaves $0: what is beyond it waits for the days after.
        ");
    }
}
