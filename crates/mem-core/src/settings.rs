//! The settings: every key with its default and meaning in one table, and the typed values.
//!
//! A key can stand in `settings.json` or in an environment variable of the same name; the environment wins.
//! Merging and reading files is the shells' work: here a lookup is handed in. A value that cannot be read
//! gives its default and a [`Problem`], never an error.
//!
//! Only `CLAUDE_MEM_OBSERVER` is consent to spend: `CLAUDE_MEM_PROVIDER` of the original system is deliberately unknown.

use crate::model::{MicroUsd, ModelId, ModelKind};

/// One setting, as the reference and `config list` show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its name in the file and in the environment.
    pub name: &'static str,
    /// Its default, as text.
    pub default: &'static str,
    /// What values it takes.
    pub shape: Shape,
    /// What it is for, one sentence.
    pub meaning: &'static str,
}

/// What values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A whole number from the first to the second.
    Number(u64, u64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Names or globs, separated by commas.
    List,
    /// Any text; may be empty.
    Text,
    /// A key or password: never shown.
    Secret,
    /// An amount in US dollars.
    Dollars,
    /// An amount in US dollars, or nothing.
    Price,
    /// Two amounts in US dollars, separated by a comma, or nothing.
    Prices,
}

/// All settings, in the order people meet them.
pub const KEYS: [Key; 37] = [
    Key {
        name: "CLAUDE_MEM_OBSERVER",
        default: "local",
        shape: Shape::OneOf(&["local", "claude", "anthropic", "openai", "openrouter", "gemini"]),
        meaning: "Who distils: local uses no model and costs nothing; a model is asked once per turn, within the ceilings.",
    },
    Key {
        name: "CLAUDE_MEM_MODEL",
        default: "",
        shape: Shape::Text,
        meaning: "Name of the model; empty for the cheap one of its maker.",
    },
    Key {
        name: "CLAUDE_MEM_MODE",
        default: "code",
        shape: Shape::Text,
        meaning: "What a model looks for and in which language: a mode, such as code, code--de, or a file in modes/.",
    },
    Key {
        name: "CLAUDE_MEM_DAY_USD",
        default: "1",
        shape: Shape::Dollars,
        meaning: "Most US dollars that models may cost in a day; work waits at the ceiling.",
    },
    Key {
        name: "CLAUDE_MEM_MONTH_USD",
        default: "10",
        shape: Shape::Dollars,
        meaning: "Most US dollars that models may cost in a month.",
    },
    Key {
        name: "CLAUDE_MEM_DAY_TOKENS",
        default: "500000",
        shape: Shape::Number(0, 1_000_000_000_000),
        meaning: "Most input tokens that models may read in a day.",
    },
    Key {
        name: "CLAUDE_MEM_MONTH_TOKENS",
        default: "5000000",
        shape: Shape::Number(0, 1_000_000_000_000),
        meaning: "Most input tokens that models may read in a month.",
    },
    Key {
        name: "CLAUDE_MEM_PRICE",
        default: "",
        shape: Shape::Prices,
        meaning: "Dollars per million tokens of input and of output, such as 1,5, for every model that distils; it overrides a price we know, and that of a service on this machine.",
    },
    Key {
        name: "CLAUDE_MEM_BATCH_TOKENS",
        default: "8000",
        shape: Shape::Number(1000, 200_000),
        meaning: "Most tokens of events in one request; a longer turn goes in parts.",
    },
    Key {
        name: "CLAUDE_MEM_MAX_CONCURRENT_AGENTS",
        default: "2",
        shape: Shape::Number(1, 10),
        meaning: "Most runs of a model at the same time.",
    },
    Key {
        name: "CLAUDE_CODE_PATH",
        default: "",
        shape: Shape::Text,
        meaning: "The claude program to use; empty to look on PATH and in the usual places.",
    },
    Key {
        name: "CLAUDE_MEM_OPENAI_BASE_URL",
        default: "",
        shape: Shape::Text,
        meaning: "Address of a compatible service, such as http://127.0.0.1:11434/v1; empty for OpenAI's own.",
    },
    Key {
        name: "CLAUDE_MEM_OPENAI_API_KEY",
        default: "",
        shape: Shape::Secret,
        meaning: "Key of that service; OPENAI_API_KEY otherwise.",
    },
    Key {
        name: "CLAUDE_MEM_OPENROUTER_BASE_URL",
        default: "",
        shape: Shape::Text,
        meaning: "Address of OpenRouter or of a gateway that stands for it; empty for its own.",
    },
    Key {
        name: "CLAUDE_MEM_OPENROUTER_API_KEY",
        default: "",
        shape: Shape::Secret,
        meaning: "Key for OpenRouter; OPENROUTER_API_KEY otherwise.",
    },
    Key {
        name: "CLAUDE_MEM_OPENROUTER_MODEL",
        default: "",
        shape: Shape::Text,
        meaning: "Model at OpenRouter, where CLAUDE_MEM_MODEL is empty.",
    },
    Key {
        name: "CLAUDE_MEM_GEMINI_API_KEY",
        default: "",
        shape: Shape::Secret,
        meaning: "Key for Gemini; GEMINI_API_KEY otherwise.",
    },
    Key {
        name: "CLAUDE_MEM_GEMINI_MODEL",
        default: "",
        shape: Shape::Text,
        meaning: "Model at Gemini, where CLAUDE_MEM_MODEL is empty.",
    },
    Key {
        name: "CLAUDE_MEM_GEMINI_BASE_URL",
        default: "",
        shape: Shape::Text,
        meaning: "Address of Gemini's compatible service; empty for Google's own.",
    },
    Key {
        name: "CLAUDE_MEM_ANTHROPIC_BASE_URL",
        default: "",
        shape: Shape::Text,
        meaning: "Address of the Anthropic API; empty for ANTHROPIC_BASE_URL or Anthropic's own.",
    },
    Key {
        name: "CLAUDE_MEM_ANTHROPIC_API_KEY",
        default: "",
        shape: Shape::Secret,
        meaning: "Key for the Anthropic API; ANTHROPIC_API_KEY otherwise.",
    },
    Key {
        name: "CLAUDE_MEM_EMBEDDING_BASE_URL",
        default: "",
        shape: Shape::Text,
        meaning: "Address of a compatible service that makes the vectors, such as http://127.0.0.1:11434/v1; empty for the installed model. All that is remembered and asked is sent there.",
    },
    Key {
        name: "CLAUDE_MEM_EMBEDDING_MODEL",
        default: "",
        shape: Shape::Text,
        meaning: "Name of the embedding model at that service.",
    },
    Key {
        name: "CLAUDE_MEM_EMBEDDING_API_KEY",
        default: "",
        shape: Shape::Secret,
        meaning: "Key of that service; for OpenAI's own, OPENAI_API_KEY otherwise.",
    },
    Key {
        name: "CLAUDE_MEM_EMBEDDING_PRICE",
        default: "",
        shape: Shape::Price,
        meaning: "Dollars per million tokens at that service; empty for the price we know, and nothing for a service on this machine.",
    },
    Key {
        name: "CLAUDE_MEM_CONTEXT_TOKENS",
        default: "1200",
        shape: Shape::Number(100, 2400),
        meaning: "Largest size of a brief, in estimated tokens (four characters of ASCII, or one other character).",
    },
    Key {
        name: "CLAUDE_MEM_CONTEXT_OBSERVATIONS",
        default: "50",
        shape: Shape::Number(1, 200),
        meaning: "Most observations in a brief.",
    },
    Key {
        name: "CLAUDE_MEM_CONTEXT_SESSION_COUNT",
        default: "10",
        shape: Shape::Number(1, 50),
        meaning: "Most summaries in a brief.",
    },
    Key {
        name: "CLAUDE_MEM_FIELD_LIMIT",
        default: "65536",
        shape: Shape::Number(1024, 67_108_864),
        meaning: "Bytes kept of any one field of an event, head and tail.",
    },
    Key {
        name: "CLAUDE_MEM_EVENT_DAYS",
        default: "180",
        shape: Shape::Number(1, 36_500),
        meaning: "Days raw events are kept; observations and summaries stay for ever.",
    },
    Key {
        name: "CLAUDE_MEM_EVENT_MEGABYTES",
        default: "2048",
        shape: Shape::Number(1, 1_048_576),
        meaning: "Megabytes of raw events kept, compressed; the oldest go first.",
    },
    Key {
        name: "CLAUDE_MEM_SKIP_TOOLS",
        default: "ListMcpResourcesTool,SlashCommand,Skill,TodoWrite,AskUserQuestion",
        shape: Shape::List,
        meaning: "Tools whose uses are not kept.",
    },
    Key {
        name: "CLAUDE_MEM_EXCLUDED_PROJECTS",
        default: "",
        shape: Shape::List,
        meaning: "Globs of directories (or their last names) that are neither captured nor briefed.",
    },
    Key {
        name: "CLAUDE_MEM_SKIP_PATHS",
        default: "",
        shape: Shape::List,
        meaning: "Globs of files whose contents are never kept, besides those known to hold secrets.",
    },
    Key {
        name: "CLAUDE_MEM_IDLE_MINUTES",
        default: "30",
        shape: Shape::Number(1, 10_080),
        meaning: "Minutes without work after which the daemon leaves.",
    },
    Key {
        name: "CLAUDE_MEM_QUIET_MINUTES",
        default: "10",
        shape: Shape::Number(1, 1440),
        meaning: "Minutes of silence after which an unfinished turn is distilled as it stands.",
    },
    Key {
        name: "CLAUDE_MEM_LOG_LEVEL",
        default: "INFO",
        shape: Shape::OneOf(&["DEBUG", "INFO", "WARN", "ERROR", "SILENT"]),
        meaning: "What the daemon writes into its log.",
    },
];

/// A value that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key.
    pub key: &'static str,
    /// What stood there.
    pub value: String,
    /// What would be right.
    pub wanted: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} is {:?}, which is not {}; its default is used", self.key, self.value, self.wanted)
    }
}

impl Key {
    /// The key of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name == name)
    }

    /// Whether `value` is of this key's shape; `Err` says what would be.
    ///
    /// # Errors
    /// What values the key takes, as words that follow "which is not".
    pub fn check(&self, value: &str) -> Result<(), String> {
        match self.shape {
            Shape::Number(low, high) => match value.trim().parse::<u64>() {
                Ok(number) if (low..=high).contains(&number) => Ok(()),
                _ => Err(format!("a whole number from {low} to {high}")),
            },
            Shape::OneOf(words) if words.iter().any(|word| word.eq_ignore_ascii_case(value.trim())) => Ok(()),
            Shape::OneOf(words) => Err(format!("one of {}", words.join(", "))),
            Shape::List | Shape::Text | Shape::Secret => Ok(()),
            Shape::Dollars if dollars(value).is_some() => Ok(()),
            Shape::Dollars => Err("an amount in dollars, such as 0.50".to_owned()),
            Shape::Price if value.trim().is_empty() || dollars(value).is_some() => Ok(()),
            Shape::Price => {
                Err("an amount in dollars per million tokens, such as 0.02, or nothing".to_owned())
            }
            Shape::Prices if value.trim().is_empty() || prices(value).is_some() => Ok(()),
            Shape::Prices => {
                Err("two amounts in dollars per million tokens, of input and of output, such as 1,5"
                    .to_owned())
            }
        }
    }

    /// The value as it may be shown.
    pub fn shown<'v>(&self, value: &'v str) -> &'v str {
        if self.shape == Shape::Secret && !value.is_empty() { HIDDEN } else { value }
    }
}

/// What stands where a secret would.
const HIDDEN: &str = "(set, not shown)";

/// A million dollars is no ceiling; beyond it is a slip of the keyboard.
const MOST_DOLLARS: f64 = 1e6;

fn dollars(text: &str) -> Option<MicroUsd> {
    let amount: f64 = text.trim().trim_start_matches('$').parse().ok()?;
    (amount.is_finite() && (0.0..=MOST_DOLLARS).contains(&amount)).then(|| MicroUsd::of_dollars(amount))
}

fn prices(text: &str) -> Option<[MicroUsd; 2]> {
    let (input, output) = text.split_once(',')?;
    Some([dollars(input)?, dollars(output)?])
}

/// A key or password. Never printed, not even for debugging.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "none" } else { HIDDEN })
    }
}

/// Who distils beside the local distiller, and within which bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObserverSettings {
    /// The model; none unless the user chose one. Its name may be empty where a kind has no default.
    pub model: Option<ModelId>,
    /// The claude program; empty to look for it.
    pub claude_path: String,
    /// The service's address; empty for its own.
    pub base_url: String,
    /// The service's key from the settings; empty to look elsewhere.
    pub key: Secret,
    /// The mode's id.
    pub mode: String,
    /// Most runs at the same time.
    pub pool: usize,
    /// Most tokens of events in one request.
    pub batch_tokens: u64,
    /// Most input tokens in a day and in a month.
    pub most_tokens: [u64; 2],
    /// Most money in a day and in a month.
    pub most_money: [MicroUsd; 2],
    /// Price of a million tokens of input and of output, where the user gives one.
    pub price: Option<[MicroUsd; 2]>,
}

impl ObserverSettings {
    fn read(value: &mut dyn FnMut(&str) -> String) -> Self {
        let chosen = value("CLAUDE_MEM_OBSERVER").to_ascii_lowercase();
        // every key is read, so that a value of the wrong shape is told whichever model is chosen
        let mut keys = |prefix: &str| {
            let base_url = value(&format!("CLAUDE_MEM_{prefix}_BASE_URL"));
            (
                base_url.trim_end_matches('/').to_owned(),
                Secret(value(&format!("CLAUDE_MEM_{prefix}_API_KEY"))),
            )
        };
        let [openai, or, gemini, anthropic] = ["OPENAI", "OPENROUTER", "GEMINI", "ANTHROPIC"].map(&mut keys);
        let (own, or_model, gemini_model) = (
            value("CLAUDE_MEM_MODEL"),
            value("CLAUDE_MEM_OPENROUTER_MODEL"),
            value("CLAUDE_MEM_GEMINI_MODEL"),
        );
        let kind = ModelKind::parse(&chosen);
        let ((base_url, key), second) = match kind {
            Some(ModelKind::OpenRouter) => (or, or_model),
            Some(ModelKind::OpenAi) | None => (openai, String::new()),
            Some(ModelKind::Gemini) => (gemini, gemini_model),
            Some(ModelKind::Anthropic) => (anthropic, String::new()),
            Some(ModelKind::Claude) => ((String::new(), Secret::default()), String::new()),
        };
        let model = kind.map(|kind| {
            let default = kind.default_model().to_owned();
            let name = [own, second, default].into_iter().find(|name| !name.is_empty()).unwrap_or_default();
            ModelId { kind, name }
        });
        let mut number = |name: &str| value(name).parse::<u64>().unwrap_or_default();
        let most_tokens = [number("CLAUDE_MEM_DAY_TOKENS"), number("CLAUDE_MEM_MONTH_TOKENS")];
        let (pool, batch_tokens) =
            (number("CLAUDE_MEM_MAX_CONCURRENT_AGENTS") as usize, number("CLAUDE_MEM_BATCH_TOKENS"));
        let mut money = |name: &str| dollars(&value(name)).unwrap_or_default();
        let most_money = [money("CLAUDE_MEM_DAY_USD"), money("CLAUDE_MEM_MONTH_USD")];
        Self {
            model,
            claude_path: value("CLAUDE_CODE_PATH"),
            base_url,
            key,
            mode: value("CLAUDE_MEM_MODE"),
            pool,
            batch_tokens,
            most_tokens,
            most_money,
            price: prices(&value("CLAUDE_MEM_PRICE")),
        }
    }
}

/// Where vectors come from beside the installed model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EmbeddingSettings {
    /// The service's address; empty for the installed model.
    pub base_url: String,
    /// The model's name there.
    pub model: String,
    /// The service's key from the settings; empty to look elsewhere.
    pub key: Secret,
    /// Price of a million tokens, where the user gives one.
    pub price: Option<MicroUsd>,
}

impl EmbeddingSettings {
    fn read(value: &mut dyn FnMut(&str) -> String) -> Self {
        Self {
            base_url: value("CLAUDE_MEM_EMBEDDING_BASE_URL").trim_end_matches('/').to_owned(),
            model: value("CLAUDE_MEM_EMBEDDING_MODEL"),
            key: Secret(value("CLAUDE_MEM_EMBEDDING_API_KEY")),
            price: dollars(&value("CLAUDE_MEM_EMBEDDING_PRICE")),
        }
    }

    /// Whether a service is to be asked.
    pub fn chosen(&self) -> bool {
        !self.base_url.is_empty()
    }
}

/// The typed settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Largest size of a brief, in estimated tokens.
    pub context_tokens: usize,
    /// Most observations in a brief.
    pub context_observations: usize,
    /// Most summaries in a brief.
    pub context_summaries: usize,
    /// Bytes kept of any one field.
    pub field_limit: usize,
    /// Days raw events are kept.
    pub event_days: u64,
    /// Bytes of raw events kept.
    pub event_bytes: u64,
    /// Tools whose uses are not kept.
    pub skip_tools: Vec<String>,
    /// Globs of directories that are not captured.
    pub excluded_projects: Vec<String>,
    /// Globs of files whose contents are never kept.
    pub skip_paths: Vec<String>,
    /// Minutes without work after which the daemon leaves.
    pub idle_minutes: u64,
    /// Minutes of silence after which an unfinished turn is distilled.
    pub quiet_minutes: u64,
    /// What goes into the log, in upper case.
    pub log_level: String,
    /// Who distils beside the local distiller.
    pub observer: ObserverSettings,
    /// Where vectors come from beside the installed model.
    pub embedding: EmbeddingSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self::read(&mut |_| None).0
    }
}

impl Settings {
    /// Reads every setting through `lookup`; what is absent or unusable has its default.
    pub fn read(lookup: &mut dyn FnMut(&str) -> Option<String>) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut value = |name: &str| -> String {
            let key = Key::find(name).expect("settings are read by names of the table");
            let Some(given) = lookup(name) else { return key.default.to_owned() };
            match key.check(&given) {
                Ok(()) => given.trim().to_owned(),
                Err(wanted) => {
                    problems.push(Problem { key: key.name, value: given, wanted });
                    key.default.to_owned()
                }
            }
        };
        let number = |text: String| text.parse::<u64>().unwrap_or_default();
        let list = |text: String| -> Vec<String> {
            text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
        };
        let settings = Self {
            context_tokens: number(value("CLAUDE_MEM_CONTEXT_TOKENS")) as usize,
            context_observations: number(value("CLAUDE_MEM_CONTEXT_OBSERVATIONS")) as usize,
            context_summaries: number(value("CLAUDE_MEM_CONTEXT_SESSION_COUNT")) as usize,
            field_limit: number(value("CLAUDE_MEM_FIELD_LIMIT")) as usize,
            event_days: number(value("CLAUDE_MEM_EVENT_DAYS")),
            event_bytes: number(value("CLAUDE_MEM_EVENT_MEGABYTES")) * 1024 * 1024,
            skip_tools: list(value("CLAUDE_MEM_SKIP_TOOLS")),
            excluded_projects: list(value("CLAUDE_MEM_EXCLUDED_PROJECTS")),
            skip_paths: list(value("CLAUDE_MEM_SKIP_PATHS")),
            idle_minutes: number(value("CLAUDE_MEM_IDLE_MINUTES")),
            quiet_minutes: number(value("CLAUDE_MEM_QUIET_MINUTES")),
            log_level: value("CLAUDE_MEM_LOG_LEVEL").to_ascii_uppercase(),
            observer: ObserverSettings::read(&mut value),
            embedding: EmbeddingSettings::read(&mut value),
        };
        (settings, problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_of_its_shape() {
        for key in KEYS {
            assert_eq!(key.check(key.default), Ok(()), "{}", key.name);
        }
    }

    #[test]
    fn a_bad_value_gives_the_default_and_a_problem() {
        let (settings, problems) =
            Settings::read(&mut |name| (name == "CLAUDE_MEM_CONTEXT_TOKENS").then(|| "lots".to_owned()));
        assert_eq!(settings, Settings::default());
        assert_eq!(
            problems[0].to_string(),
            "CLAUDE_MEM_CONTEXT_TOKENS is \"lots\", which is not a whole number from 100 to 2400; its default is used"
        );
    }

    fn observer(given: &[(&str, &str)]) -> ObserverSettings {
        let lookup =
            |name: &str| given.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let (settings, problems) = Settings::read(&mut { lookup });
        assert_eq!(problems, []);
        settings.observer
    }

    #[test]
    fn no_model_is_asked_until_one_is_chosen() {
        assert_eq!(observer(&[("CLAUDE_MEM_MODEL", "haiku"), ("CLAUDE_MEM_PROVIDER", "claude")]).model, None);
        let chosen = |given: &[(&str, &str)]| observer(given).model.map(|model| model.to_string());
        assert_eq!(chosen(&[("CLAUDE_MEM_OBSERVER", "claude")]).as_deref(), Some("claude/haiku"));
        let gemini = [("CLAUDE_MEM_OBSERVER", "Gemini"), ("CLAUDE_MEM_GEMINI_MODEL", "gemini-3")];
        assert_eq!(chosen(&gemini).as_deref(), Some("gemini/gemini-3"));
    }

    #[test]
    fn openrouter_is_a_kind_of_its_own_with_its_own_keys() {
        let observer = observer(&[
            ("CLAUDE_MEM_OBSERVER", "openrouter"),
            ("CLAUDE_MEM_OPENROUTER_API_KEY", "sk-or"),
            ("CLAUDE_MEM_OPENROUTER_BASE_URL", "https://gateway.example/v1/"),
            ("CLAUDE_MEM_OPENROUTER_MODEL", "vendor/small"),
            ("CLAUDE_MEM_OPENAI_API_KEY", "sk-other"),
        ]);
        assert_eq!(observer.model.unwrap().to_string(), "openrouter/vendor/small");
        assert_eq!(
            (observer.key.0.as_str(), observer.base_url.as_str()),
            ("sk-or", "https://gateway.example/v1")
        );
        assert!(!format!("{:?}", observer.key).contains("sk-or"));
    }

    #[test]
    fn ceilings_and_prices_are_read_in_dollars() {
        let observer = observer(&[("CLAUDE_MEM_DAY_USD", "0.25"), ("CLAUDE_MEM_PRICE", "0.1, $0.4")]);
        assert_eq!(observer.most_money, [MicroUsd(250_000), MicroUsd(10_000_000)]);
        assert_eq!(observer.most_tokens, [500_000, 5_000_000]);
        assert_eq!(observer.price, Some([MicroUsd(100_000), MicroUsd(400_000)]));
        for (name, bad) in
            [("CLAUDE_MEM_DAY_USD", "-1"), ("CLAUDE_MEM_DAY_USD", "inf"), ("CLAUDE_MEM_PRICE", "1")]
        {
            assert!(Key::find(name).unwrap().check(bad).is_err(), "{name} {bad}");
        }
    }

    #[test]
    fn no_endpoint_makes_vectors_until_its_address_is_set() {
        let embedding = |given: &[(&str, &str)]| {
            Settings::read(&mut |name| {
                given.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
            .0
            .embedding
        };
        assert!(
            !embedding(&[("CLAUDE_MEM_OBSERVER", "openai"), ("CLAUDE_MEM_EMBEDDING_MODEL", "m")]).chosen()
        );
        let set = embedding(&[
            ("CLAUDE_MEM_EMBEDDING_BASE_URL", "http://127.0.0.1:11434/v1/"),
            ("CLAUDE_MEM_EMBEDDING_PRICE", "0.02"),
        ]);
        assert_eq!((set.base_url.as_str(), set.price), ("http://127.0.0.1:11434/v1", Some(MicroUsd(20_000))));
        assert!(Key::find("CLAUDE_MEM_EMBEDDING_PRICE").unwrap().check("1,5").is_err());
    }

    #[test]
    fn the_original_provider_is_no_key_of_ours() {
        assert_eq!(Key::find("CLAUDE_MEM_PROVIDER"), None);
    }
}
