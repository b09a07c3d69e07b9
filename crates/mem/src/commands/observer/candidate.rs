//! What a choice of observer means with the settings there are: which model, at which price.
//!
//! One setting names the model of whichever observer is chosen, and the original system writes its own default there.
//! So a name that plainly belongs to another maker is not carried over to a new choice.

use mem_core::model::{MicroUsd, ModelKind, Usage};
use mem_core::settings::{ObserverSettings, Settings};
use mem_logic::layers::Layers;
use mem_logic::spend::{PriceSource, price};
use mem_wire::observer::{Choice, Turn};

/// The settings that a choice is made of.
pub(super) const OBSERVER: &str = "CLAUDE_MEM_OBSERVER";
pub(super) const MODEL: &str = "CLAUDE_MEM_MODEL";

/// Everything that can be chosen, the free one first.
pub(super) const OBSERVERS: [&str; 6] = ["local", "claude", "anthropic", "openai", "openrouter", "gemini"];

/// What Claude Code takes for a model besides whole names.
const ALIASES: [&str; 4] = ["haiku", "sonnet", "opus", "default"];

/// A choice, worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// The value of [`OBSERVER`].
    pub(super) observer: String,
    /// The settings as they would be.
    pub(super) settings: ObserverSettings,
    /// What [`MODEL`] has to be set to for that, where it is something else.
    pub(super) write_model: Option<String>,
    /// The setting of the address, and what it has to be set to for that.
    pub(super) write_url: Option<(&'static str, String)>,
}

/// The setting of the address of `observer`'s service; none where Claude Code or nobody is asked.
pub(super) fn url_setting(observer: &str) -> Option<&'static str> {
    match observer {
        "anthropic" => Some("CLAUDE_MEM_ANTHROPIC_BASE_URL"),
        "openai" => Some("CLAUDE_MEM_OPENAI_BASE_URL"),
        "openrouter" => Some("CLAUDE_MEM_OPENROUTER_BASE_URL"),
        "gemini" => Some("CLAUDE_MEM_GEMINI_BASE_URL"),
        _ => None,
    }
}

impl Candidate {
    /// The choice of `observer`, with `model` and the address `url` where the user names them.
    pub(super) fn new(layers: &Layers, observer: &str, model: Option<&str>, url: Option<&str>) -> Self {
        let value = |name: &str| {
            let origin = layers.origins.iter().find(|origin| origin.key == name);
            origin.map(|origin| origin.value.clone()).unwrap_or_default()
        };
        let (current, set) = (value(OBSERVER), value(MODEL));
        let keeps = set.is_empty() || current.eq_ignore_ascii_case(observer) || fits(observer, &set);
        let write_model = match model {
            Some(model) => Some(model.trim().to_owned()),
            None if keeps || observer == "local" => None,
            None => Some(of_its_own(observer, &value)),
        };
        let write_url = url_setting(observer).zip(url.map(|url| url.trim().to_owned()));
        let (settings, _problems) = Settings::read(&mut |name| match (name, &write_model, &write_url) {
            (OBSERVER, ..) => Some(observer.to_owned()),
            (MODEL, Some(model), _) => Some(model.clone()),
            (name, _, Some((key, url))) if name == *key => Some(url.clone()),
            _ => Some(value(name)),
        });
        let write_model = write_model.filter(|model| *model != set);
        let write_url = write_url.filter(|(key, url)| *url != value(key));
        Self { observer: observer.to_owned(), settings: settings.observer, write_model, write_url }
    }

    /// The model's name; none where there is none or the user has to name one.
    pub(super) fn model(&self) -> Option<&str> {
        self.settings.model.as_ref().map(|model| model.name.as_str()).filter(|name| !name.is_empty())
    }

    /// What a turn costs; `local` says that the model is on this machine or in its network.
    pub(super) fn choice(&self, turn: &Turn, local: bool) -> Choice {
        let model = self.settings.model.as_ref().filter(|model| !model.name.is_empty());
        let priced = model.map(|model| {
            let (input, output) = (turn.input_tokens, turn.output_tokens);
            // Claude Code writes to a cache whatever it sends, and that is dearer
            let usage = match model.kind {
                ModelKind::Claude => Usage { cache_write: input, output, ..Usage::default() },
                _ => Usage { input, output, ..Usage::default() },
            };
            price(model, &self.settings, local, usage)
        });
        Choice {
            observer: self.observer.clone(),
            model: self.model().map(str::to_owned),
            turn_micro_usd: priced.map(|(money, _)| money.0),
            priced: priced.map(|(_, source)| PriceSource::as_str(source).to_owned()),
            turns_a_day: priced.map(|(money, _)| self.turns_a_day(turn, money)),
        }
    }

    fn turns_a_day(&self, turn: &Turn, money: MicroUsd) -> u64 {
        let by_tokens = self.settings.most_tokens[0].checked_div(turn.input_tokens);
        let by_money = self.settings.most_money[0].0.checked_div(money.0);
        by_tokens.into_iter().chain(by_money).min().unwrap_or(u64::MAX)
    }
}

/// Whether a name may be that of a model there; only what is plainly another's is not.
fn fits(observer: &str, model: &str) -> bool {
    let model = model.to_ascii_lowercase();
    let alias = ALIASES.contains(&model.as_str());
    let anthropics = model.starts_with("claude-");
    let googles = model.starts_with("gemini");
    match observer {
        "claude" => alias || anthropics,
        "anthropic" => anthropics,
        "gemini" => googles,
        "openrouter" => model.contains('/'),
        _ => !alias && !anthropics && !googles && !model.starts_with('$'),
    }
}

/// The model that is asked there unless the user names one; empty where the user has to.
fn of_its_own(observer: &str, value: &dyn Fn(&str) -> String) -> String {
    let second = match observer {
        "openrouter" => value("CLAUDE_MEM_OPENROUTER_MODEL"),
        "gemini" => value("CLAUDE_MEM_GEMINI_MODEL"),
        _ => String::new(),
    };
    if !second.is_empty() {
        return second;
    }
    ModelKind::parse(observer).map(|kind| kind.default_model().to_owned()).unwrap_or_default()
}
